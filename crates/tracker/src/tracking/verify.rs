//! Checking that trackers agree with the log of events of their objects and with the promises that
//! apply, and that there is a tracker wherever a promise applies.
//!
//! A tracked object keeps its SLA, even a superseded one, so the check determines only the policy
//! of a tracker, not its SLA. Changes of SLAs, workspaces and schedules are followed up by a reader
//! of the log: differences that unread events explain are not faults.

use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Column, Cond, Query, Resource, Result, Stored, Value};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_sla::sla_trackers::clock::What;
use worksmith_sla::sla_trackers::settle::{Calendars, Promised};
use worksmith_sla::sla_trackers::{Clock, SlaTracker};
use worksmith_sla::slas::{self, Policy, Sla};
use worksmith_wire::{Id, Kind};
use worksmith_work::works::{self, Variant, Work};

use super::revisit::READER;
use super::{follow, history, subject};

/// How many trackers, or works, are in memory at a time.
const PAGE: usize = 250;

/// The result of a check.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong, in a sentence each.
    pub faults: Vec<String>,
    /// How many changes of SLAs, workspaces and schedules a server has yet to follow up.
    pub waiting: u64,
}

/// Compares every tracker with the log and with the promises that apply, and finds works that lack
/// one.
pub async fn check(engine: &Engine, environment: &Environment) -> Result<Findings> {
    let mut findings = Findings::default();
    for org in engine.store().orgs(SLUG).await? {
        findings.waiting += engine.store().unread(READER.name, &org).await?;
        Org { engine, environment, org: &org, faults: &mut findings.faults }.check().await?;
    }
    Ok(findings)
}

/// An org that is being checked.
struct Org<'a> {
    engine: &'a Engine,
    environment: &'a Environment,
    org: &'a str,
    faults: &'a mut Vec<String>,
}

impl Org<'_> {
    async fn check(mut self) -> Result<()> {
        let mut place = None;
        loop {
            let (mut tx, found, next) = self.page::<SlaTracker>(&Query::new(), place).await?;
            for tracker in found {
                let wrong = self.tracker(&mut tx, &tracker).await?;
                self.note(tracker.id(), wrong);
            }
            place = match next {
                Some(next) => Some(next),
                None => break,
            };
        }
        let mut untracked = Query::new();
        let kinds = [Kind::Issue, Kind::Ticket].map(Kind::noun);
        untracked.with(Cond::one_of(Column::KIND, kinds));
        untracked.with(Cond::is_null(works::SLA_PHASE)).with(Cond::is_null(works::ACTUAL_CLOSE));
        let mut place = None;
        loop {
            let (mut tx, found, next) = self.page::<Work>(&untracked, place).await?;
            if !slas::any_published(&mut tx).await? {
                return Ok(());
            }
            // The others were checked together with their trackers.
            for work in found.into_iter().filter(|work| work.doc.sla.is_none()) {
                let wrong = self.untracked(&mut tx, &work).await?;
                self.note(work.id(), wrong);
            }
            place = match next {
                Some(next) => Some(next),
                None => return Ok(()),
            };
        }
    }

    async fn page<R: Resource>(
        &self,
        query: &Query<R>,
        place: Option<Vec<Value>>,
    ) -> Result<(Tx, Vec<Stored<R>>, Option<Vec<Value>>)> {
        let cx = self.environment.context(self.org, Actor::system());
        let mut tx = self.engine.begin(&cx);
        let (found, next) = tx.first_after::<R>(query, place, PAGE).await?;
        Ok((tx, found, next))
    }

    fn note(&mut self, id: &Id, wrong: Option<String>) {
        let name = id.display_id().unwrap_or_default();
        self.faults.extend(wrong.map(|wrong| format!("{name} of org {}: {wrong}", self.org)));
    }

    /// What is wrong with a tracker.
    async fn tracker(&self, tx: &mut Tx, stored: &Stored<SlaTracker>) -> Result<Option<String>> {
        let Some(work) = tx.find::<Work>(&stored.doc.applies_to).await? else {
            return Ok(Some(format!("{} is not there", stored.doc.applies_to)));
        };
        if work.doc.sla.as_ref() != Some(&stored.doc.on_work(stored.id())) {
            return Ok(Some(format!("{} says otherwise how it stands", work.id())));
        }
        let mut told = SlaTracker::of(work.id());
        history::of(tx, &work).await?.into_iter().for_each(|signal| told.hear(signal));
        let by_hand = stored.doc.signals.iter().filter(|signal| is_by_hand(&signal.what));
        by_hand.for_each(|signal| told.hear(signal.clone()));
        if told.signals != stored.doc.signals {
            return Ok(Some(format!("it has not heard what happened to {}", work.id())));
        }
        if let Some(wrong) = self.promise(tx, stored, &work).await? {
            return Ok(Some(wrong));
        }
        let promised = promised(&stored.doc);
        let calendars: Calendars = follow::calendars(tx, &promised, &stored.doc).await?;
        let now = tx.cx().now;
        told.settle(&promised, &calendars, now, &tx.cx().actor.id.clone());
        let mut noted = stored.doc.clone();
        noted.note(now);
        for clock in &noted.clocks {
            let told = told.clocks.iter().find(|told| told.metric == clock.metric);
            if told.is_none_or(|told| !agree(clock, told)) && !self.may_move(clock).await? {
                return Ok(Some(format!("the clock of {} stands otherwise", clock.metric)));
            }
        }
        Ok(None)
    }

    /// What is wrong with the promises of a tracker.
    async fn promise(
        &self,
        tx: &mut Tx,
        stored: &Stored<SlaTracker>,
        work: &Stored<Work>,
    ) -> Result<Option<String>> {
        let sla = match &stored.doc.sla {
            Some(sla) => tx.find::<Sla>(sla).await?,
            // It was driven manually before anything was promised.
            None => return self.untracked(tx, work).await,
        };
        let policy = match &sla {
            Some(sla) => subject::policy_for(tx, sla, work.id(), &work.doc).await?,
            None => None,
        };
        let chosen = policy.as_ref().map(|policy| policy.name.clone());
        if chosen != stored.doc.policy {
            let said = |policy: &Option<String>| {
                policy.as_ref().map_or_else(|| "no policy".to_owned(), |name| format!("{name:?}"))
            };
            let (chosen, kept) = (said(&chosen), said(&stored.doc.policy));
            return Ok(Some(format!("{} falls under {chosen}, not {kept}", work.id())));
        }
        // Recalculating the clocks under the policy must change no promise.
        let mut settled = stored.doc.clone();
        let now = tx.cx().now;
        follow::settle(tx, &mut settled, policy.as_ref(), now).await?;
        let other = differing(&stored.doc.clocks, &settled.clocks);
        Ok(other.map(|metric| {
            format!("what it promises of {metric} is not what the policy of {} says", work.id())
        }))
    }

    /// What is wrong with a work without a promise.
    async fn untracked(&self, tx: &mut Tx, work: &Stored<Work>) -> Result<Option<String>> {
        // Works that were closed before a promise began to apply are left alone.
        if work.doc.actual_close_date.is_some() {
            return Ok(None);
        }
        let Some(sla) = subject::sla_for(tx, work.id(), &work.doc).await? else { return Ok(None) };
        let policy = subject::policy_for(tx, &sla, work.id(), &work.doc).await?;
        let Some(Policy { name, .. }) = policy else { return Ok(None) };
        if self.may_be_promised(tx, work).await? {
            return Ok(None);
        }
        let sla = sla.id();
        Ok(Some(format!("nothing is promised of it, though {name:?} of {sla} holds for it")))
    }

    /// Whether the target of a clock has yet to be moved because its schedule has changed.
    async fn may_move(&self, clock: &Clock) -> Result<bool> {
        let schedule = clock.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref());
        match schedule {
            Some(id) => Ok(self.engine.store().unread_of(READER.name, self.org, id).await? > 0),
            None => Ok(false),
        }
    }

    /// Whether it may be right that a promise which applies now has not begun: because a change was
    /// not followed up yet, or because an account has changed, which is never followed up.
    async fn may_be_promised(&self, tx: &mut Tx, work: &Stored<Work>) -> Result<bool> {
        if self.engine.store().unread_of_kind(READER.name, self.org, Kind::Sla).await? > 0 {
            return Ok(true);
        }
        let Variant::Ticket(ticket) = &work.doc.variant else { return Ok(false) };
        if let Some(workspace) = &ticket.rev_org
            && self.engine.store().unread_of(READER.name, self.org, workspace).await? > 0
        {
            return Ok(true);
        }
        Ok(ticket.account.is_some() && slas::any_selects_accounts(tx).await?)
    }
}

const fn is_by_hand(what: &What) -> bool {
    matches!(what, What::Acted { .. })
}

fn promised(tracker: &SlaTracker) -> Vec<Promised> {
    let of = |clock: &Clock| Promised {
        metric: clock.metric.clone(),
        rule: clock.rule,
        terms: clock.terms.clone(),
    };
    tracker.clocks.iter().map(of).collect()
}

/// The first metric for which two lists of clocks promise something different.
fn differing<'a>(kept: &'a [Clock], settled: &'a [Clock]) -> Option<&'a Id> {
    let differs = |one: &Clock, others: &[Clock]| {
        let other = others.iter().find(|other| other.metric == one.metric);
        other.is_none_or(|other| other.terms != one.terms)
    };
    let of_kept = kept.iter().find(|clock| differs(clock, settled));
    of_kept.or_else(|| settled.iter().find(|clock| differs(clock, kept))).map(|clock| &clock.metric)
}

/// Whether two clocks agree. When a target was missed depends on the terms at that time, which the
/// log of the object does not contain. But what is missed under the present terms must have been
/// missed.
fn agree(kept: &Clock, told: &Clock) -> bool {
    let of = |clock: &Clock| {
        let Clock { cycle, phase, elapsed_ms, target_time, warning_time, completed_at, .. } =
            *clock;
        (cycle, phase, elapsed_ms, target_time, warning_time, completed_at)
    };
    of(kept) == of(told) && (kept.is_missed || !told.is_missed)
}
