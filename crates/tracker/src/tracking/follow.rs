//! Updating the tracker of a work in the transaction that changes the work, so that every later
//! read sees both.

use std::sync::Arc;

use worksmith_engine::{Changed, Tx};
use worksmith_fields::stages::{CustomStage, CustomState};
use worksmith_kernel::{Query, Result, Stored};
use worksmith_sla::metric_definitions::{MetricDefinition, StockMetric};
use worksmith_sla::schedules::{self, OrgSchedule};
use worksmith_sla::sla_trackers::clock::{Signal, What};
use worksmith_sla::sla_trackers::settle::{Calendars, Promised};
use worksmith_sla::sla_trackers::{SlaTracker, Terms};
use worksmith_sla::slas::{self, Policy, Sla};
use worksmith_wire::{Id, Kind, Timestamp};
use worksmith_work::works::{Variant, Work};

use super::{history, subject};

/// A bound for queries: more metrics, stages or states than any org has.
const ALL: usize = 10_000;
/// Stages in which it is the customer's turn (BEHAVIOUR 16.4).
const WAITING: [&str; 3] = ["awaiting_customer_response", "waiting_on_user", "hold"];

/// The properties of a stage that clocks and policies need.
#[derive(Clone, Debug)]
pub(super) struct StageFacts {
    pub(super) id: Id,
    pub(super) name: String,
    is_final: bool,
}

impl StageFacts {
    fn signal(&self) -> What {
        let is_waiting = WAITING.contains(&self.name.as_str());
        What::Stage { stage: self.id.clone(), is_final: self.is_final, is_waiting }
    }
}

/// All stages, with the properties that clocks and policies need.
pub(super) async fn stages(tx: &mut Tx) -> Result<Arc<Vec<StageFacts>>> {
    const KEY: &str = "sla_trackers.stages";
    if let Some(stages) = tx.recall(KEY) {
        return Ok(stages);
    }
    let states = tx.first::<CustomState>(&Query::new(), ALL).await?;
    let is_final = |id: &Id| states.iter().any(|state| state.id() == id && state.doc.is_final);
    let stages = tx.first::<CustomStage>(&Query::new(), ALL).await?.into_iter();
    let facts = stages.map(|stage| StageFacts {
        id: stage.meta.id,
        is_final: is_final(&stage.doc.state),
        name: stage.doc.name,
    });
    let facts: Arc<Vec<_>> = Arc::new(facts.collect());
    tx.remember(KEY, Arc::clone(&facts), &[Kind::CustomStage, Kind::CustomState]);
    Ok(facts)
}

/// Whether works of a type are tracked.
const fn is_tracked(kind: Kind) -> bool {
    matches!(kind, Kind::Issue | Kind::Ticket)
}

/// Updates the clocks of a work when it changes, whoever changes it.
pub(super) async fn follow(tx: &mut Tx, changed: Changed<Work>) -> Result<()> {
    match (changed.before, changed.after) {
        (None, Some(after)) => created(tx, after.id()).await,
        (Some(before), Some(after)) => update(tx, &before, &after).await,
        (Some(before), None) => deleted(tx, &before.doc).await,
        (None, None) => Ok(()),
    }
}

/// Starts the clocks of a new work.
async fn created(tx: &mut Tx, id: &Id) -> Result<()> {
    if !is_tracked(id.kind()) || !slas::any_published(tx).await? {
        return Ok(());
    }
    let Some(stored) = tx.find::<Work>(id).await? else { return Ok(()) };
    let mut work = stored.doc.clone();
    let signals = made(tx, &work, stored.meta.created_at).await?;
    track(tx, id, &mut work, Heard { signals, ..Heard::default() }).await?;
    keep(tx, stored, work).await
}

/// Updates the clocks of a work after a change of it.
async fn update(tx: &mut Tx, before: &Stored<Work>, after: &Stored<Work>) -> Result<()> {
    let id = after.id();
    let is_known = after.doc.sla.is_some();
    if !is_tracked(id.kind()) || (!is_known && !slas::any_published(tx).await?) {
        return Ok(());
    }
    let (at, revision) = (tx.cx().now, after.meta.revision);
    let what = difference(&stages(tx).await?, &before.doc, &after.doc);
    let signals: Vec<_> = what.into_iter().map(|what| Signal { at, revision, what }).collect();
    if signals.is_empty() && is_same_subject(&before.doc, &after.doc) {
        return Ok(());
    }
    let Some(stored) = tx.find::<Work>(id).await? else { return Ok(()) };
    let signals = missed(tx, before).await?.into_iter().chain(signals).collect();
    let may_change_sla = customer(&before.doc) != customer(&stored.doc);
    let mut work = stored.doc.clone();
    track(tx, id, &mut work, Heard { signals, may_change_sla, ..Heard::default() }).await?;
    keep(tx, stored, work).await
}

/// Applies a manual action on a metric to the clocks of a work. If the work has no tracker, one is
/// created, so that metrics without a promise can be measured, too.
pub(super) async fn act(tx: &mut Tx, work: Stored<Work>, signal: Signal) -> Result<()> {
    let mut signals = missed(tx, &work).await?;
    signals.push(Signal { revision: work.meta.revision, ..signal });
    let mut doc = work.doc.clone();
    let heard = Heard { signals, must_track: true, ..Heard::default() };
    track(tx, work.id(), &mut doc, heard).await?;
    keep(tx, work, doc).await
}

/// Recalculates the clocks of a work to which nothing happened, because promises, the customer's
/// SLA or a schedule have changed. A work that is closed and was never tracked is left alone.
pub(super) async fn revisit(tx: &mut Tx, id: &Id, may_change_sla: bool) -> Result<()> {
    let Some(work) = tx.find::<Work>(id).await? else { return Ok(()) };
    if work.doc.sla.is_none() && work.doc.actual_close_date.is_some() {
        return Ok(());
    }
    let signals = missed(tx, &work).await?;
    let mut doc = work.doc.clone();
    let heard = Heard { signals, may_change_sla, ..Heard::default() };
    track(tx, id, &mut doc, heard).await?;
    keep(tx, work, doc).await
}

/// What happened to a work before it had any clocks.
async fn missed(tx: &mut Tx, work: &Stored<Work>) -> Result<Vec<Signal>> {
    if work.doc.sla.is_some() { Ok(Vec::new()) } else { history::of(tx, work).await }
}

/// Stores the state of its tracker on a work. Nothing else about the work changes, so
/// `modified_date` and `modified_by` stay as they are.
async fn keep(tx: &mut Tx, work: Stored<Work>, doc: Work) -> Result<()> {
    let modified = (work.meta.modified_at, work.meta.modified_by.clone());
    Box::pin(tx.update_as(work, doc, Some(modified))).await.map(drop)
}

/// Writes a tracker that an operation has changed, and its state on its work.
pub(super) async fn store(
    tx: &mut Tx,
    work: Stored<Work>,
    old: Stored<SlaTracker>,
    tracker: SlaTracker,
) -> Result<Stored<SlaTracker>> {
    let tracker = tx.update(old, tracker).await?;
    let sla = Some(tracker.doc.on_work(tracker.id()));
    let doc = Work { sla, ..work.doc.clone() };
    keep(tx, work, doc).await?;
    Ok(tracker)
}

/// Deletes the tracker of a work that is deleted.
async fn deleted(tx: &mut Tx, work: &Work) -> Result<()> {
    let Some(sla) = &work.sla else { return Ok(()) };
    match tx.find::<SlaTracker>(&sla.tracker).await? {
        Some(tracker) => tx.delete(tracker).await,
        None => Ok(()),
    }
}

/// The signals of a new work.
pub(super) async fn made(tx: &mut Tx, work: &Work, at: Timestamp) -> Result<Vec<Signal>> {
    let stages = stages(tx).await?;
    let entered = stages.iter().find(|stage| stage.id == work.stage).map(StageFacts::signal);
    let asked = needs_response(work).then_some(What::Asked);
    let what = entered.into_iter().chain(asked);
    Ok(what.map(|what| Signal { at, revision: 1, what }).collect())
}

/// The signals of a change of a work.
pub(super) fn difference(stages: &[StageFacts], old: &Work, new: &Work) -> Vec<What> {
    let moved = (old.stage != new.stage)
        .then(|| stages.iter().find(|stage| stage.id == new.stage).map(StageFacts::signal));
    let response = match (needs_response(old), needs_response(new)) {
        (false, true) => Some(What::Asked),
        (true, false) => Some(What::Answered),
        _ => None,
    };
    response.into_iter().chain(moved.flatten()).collect()
}

/// Whether the customer is waiting for an answer. As long as there are no timelines, this flag of a
/// ticket stands for questions and answers.
const fn needs_response(work: &Work) -> bool {
    matches!(&work.variant, Variant::Ticket(ticket) if matches!(ticket.needs_response, Some(true)))
}

const fn customer(work: &Work) -> Option<&Id> {
    match &work.variant {
        Variant::Ticket(ticket) => ticket.rev_org.as_ref(),
        _ => None,
    }
}

/// Whether nothing has changed that selectors depend on.
fn is_same_subject(old: &Work, new: &Work) -> bool {
    // First, everything that selectors don't depend on is made equal.
    let mut other = old.clone();
    other.title.clone_from(&new.title);
    other.body.clone_from(&new.body);
    other.artifacts.clone_from(&new.artifacts);
    other.reported_by.clone_from(&new.reported_by);
    other.target_close_date = new.target_close_date;
    other.staged_info.clone_from(&new.staged_info);
    other.sla.clone_from(&new.sla);
    other == *new
}

/// The input of a tracker.
#[derive(Default)]
struct Heard {
    signals: Vec<Signal>,
    /// Whether another SLA may apply from now on.
    may_change_sla: bool,
    /// Whether a tracker is needed even if nothing is promised.
    must_track: bool,
}

/// Brings the tracker of a work up to date; creates one if a promise begins to apply.
async fn track(tx: &mut Tx, id: &Id, work: &mut Work, heard: Heard) -> Result<()> {
    let old = match &work.sla {
        Some(sla) => tx.find::<SlaTracker>(&sla.tracker).await?,
        None => None,
    };
    let known = old.as_ref().and_then(|tracker| tracker.doc.sla.clone());
    let sla = match known.filter(|_| !heard.may_change_sla) {
        Some(sla) => tx.find::<Sla>(&sla).await?.map(Arc::new),
        None => subject::sla_for(tx, id, work).await?,
    };
    let policy = match &sla {
        Some(sla) => subject::policy_for(tx, sla, id, work).await?,
        None => None,
    };
    if old.is_none() && policy.is_none() && !heard.must_track {
        return Ok(());
    }
    let mut doc = old.as_ref().map_or_else(|| SlaTracker::of(id), |old| old.doc.clone());
    let now = tx.cx().now;
    // What fell due before this instant did so under the previous promises.
    doc.note(now);
    heard.signals.into_iter().for_each(|signal| doc.hear(signal));
    doc.sla = sla.as_ref().map(|sla| sla.id().clone());
    doc.policy = policy.as_ref().map(|policy| policy.name.clone());
    settle(tx, &mut doc, policy.as_ref(), now).await?;
    let tracker = match old {
        Some(old) => tx.update(old, doc).await?,
        None => tx.insert(Kind::SlaTracker, doc).await?,
    };
    work.sla = Some(tracker.doc.on_work(tracker.id()));
    Ok(())
}

/// Settles a tracker under a policy, with its rules and hours.
pub(super) async fn settle(
    tx: &mut Tx,
    doc: &mut SlaTracker,
    policy: Option<&Policy>,
    now: Timestamp,
) -> Result<()> {
    let rules = rules(tx).await?;
    let rule = |metric: &Id| rules.iter().find(|(id, _)| id == metric).and_then(|(_, rule)| *rule);
    let mut promised = Vec::new();
    for target in policy.into_iter().flat_map(|policy| &policy.metrics) {
        let version = match &target.org_schedule {
            Some(id) => version(tx, doc, id).await?,
            None => None,
        };
        let terms = Terms {
            target: target.target.into(),
            warning_target: target.warning_target.map(Into::into),
            org_schedule: target.org_schedule.clone(),
            org_schedule_version: version,
        };
        let metric = target.metric.clone();
        promised.push(Promised { rule: rule(&metric), metric, terms: Some(terms) });
    }
    for metric in doc.acted() {
        if promised.iter().all(|each| each.metric != *metric) {
            let metric = metric.clone();
            promised.push(Promised { rule: rule(&metric), metric, terms: None });
        }
    }
    let calendars = calendars(tx, &promised, doc).await?;
    let by = tx.cx().actor.id.clone();
    doc.settle(&promised, &calendars, now, &by);
    Ok(())
}

/// The version of a schedule when it began to apply to an object.
async fn version(tx: &mut Tx, doc: &SlaTracker, schedule: &Id) -> Result<Option<i64>> {
    let mut known = doc.clocks.iter().filter_map(|clock| clock.terms.as_ref());
    if let Some(terms) = known.find(|terms| terms.org_schedule.as_ref() == Some(schedule)) {
        return Ok(terms.org_schedule_version);
    }
    Ok(tx.find::<OrgSchedule>(schedule).await?.map(|schedule| schedule.doc.version_number))
}

/// The hours of the schedules within which promised time counts, now and in closed cycles.
pub(super) async fn calendars(
    tx: &mut Tx,
    promised: &[Promised],
    doc: &SlaTracker,
) -> Result<Calendars> {
    let mut calendars = Calendars::new();
    let closed = doc.clocks.iter().filter_map(|clock| clock.terms.as_ref());
    let terms = promised.iter().filter_map(|promised| promised.terms.as_ref()).chain(closed);
    for schedule in terms.filter_map(|terms| terms.org_schedule.as_ref()) {
        if !calendars.contains_key(schedule)
            && let Some(calendar) = schedules::calendar(tx, schedule).await?
        {
            calendars.insert(schedule.clone(), calendar);
        }
    }
    Ok(calendars)
}

/// The rule of each metric.
async fn rules(tx: &mut Tx) -> Result<Arc<Vec<(Id, Option<StockMetric>)>>> {
    const KEY: &str = "sla_trackers.rules";
    if let Some(rules) = tx.recall(KEY) {
        return Ok(rules);
    }
    let metrics = tx.first::<MetricDefinition>(&Query::new(), ALL).await?;
    let rules = metrics.into_iter().map(|metric| (metric.meta.id, metric.doc.stock));
    let rules: Arc<Vec<_>> = Arc::new(rules.collect());
    tx.remember(KEY, Arc::clone(&rules), &[Kind::MetricDefinition]);
    Ok(rules)
}
