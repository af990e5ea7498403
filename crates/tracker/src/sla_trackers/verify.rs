//! Whether every tracker is what the log of events tells: read anew from what happened to its
//! object, under the terms that it has.

use worksmith_kernel::{Actor, Query, Result, Stored};
use worksmith_store::{Store, Tx};

use super::clock::What;
use super::doc::{Clock, SlaTracker};
use super::settle::{Calendars, Promised};
use super::{follow, history};
use crate::auth::Environment;
use crate::dev_orgs::SLUG;
use crate::works::Work;

/// So many trackers are in memory at once.
const PAGE: usize = 250;

/// Compares every tracker with the log, and says in a sentence each what is wrong.
pub async fn check(store: &Store, environment: &Environment) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for org in store.orgs(SLUG).await? {
        let cx = environment.context(&org, Actor::system());
        let mut place = None;
        loop {
            let mut tx = store.begin(&cx);
            let (found, next) = tx.first_after::<SlaTracker>(&Query::new(), place, PAGE).await?;
            for tracker in found {
                let name = tracker.id().display_id().unwrap_or_default();
                let wrong = verify(&mut tx, &tracker).await?;
                findings.extend(wrong.map(|wrong| format!("{name} of org {org}: {wrong}")));
            }
            place = match next {
                Some(next) => Some(next),
                None => break,
            };
        }
    }
    Ok(findings)
}

async fn verify(tx: &mut Tx, stored: &Stored<SlaTracker>) -> Result<Option<String>> {
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
    let promised = promised(&stored.doc);
    let calendars: Calendars = follow::calendars(tx, &promised, &stored.doc).await?;
    let now = tx.cx().now;
    told.settle(&promised, &calendars, now, &tx.cx().actor.id.clone());
    let mut noted = stored.doc.clone();
    noted.note(now);
    let wrong = noted.clocks.iter().find(|clock| {
        let told = told.clocks.iter().find(|told| told.metric == clock.metric);
        told.is_none_or(|told| !agree(clock, told))
    });
    Ok(wrong.map(|clock| format!("the clock of {} stands otherwise", clock.metric)))
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

/// Whether two clocks stand alike. When a target was missed depends on the terms of that time,
/// which the log of the object does not tell; what is missed under the terms of now was missed.
fn agree(kept: &Clock, told: &Clock) -> bool {
    let of = |clock: &Clock| {
        let Clock { cycle, phase, elapsed_ms, target_time, warning_time, completed_at, .. } =
            *clock;
        (cycle, phase, elapsed_ms, target_time, warning_time, completed_at)
    };
    of(kept) == of(told) && (kept.is_missed || !told.is_missed)
}
