//! What happened to a work, from the log of events: for promises that begin to apply to a work that
//! already exists.

use serde_json::{Map, Value};
use worksmith_engine::Tx;
use worksmith_kernel::{Error, Result, Stored};
use worksmith_sla::sla_trackers::clock::Signal;
use worksmith_store::Event;
use worksmith_work::works::Work;

use super::follow::{difference, made, stages};

/// All signals of a work until its present revision, oldest first.
pub(super) async fn of(tx: &mut Tx, stored: &Stored<Work>) -> Result<Vec<Signal>> {
    let events = tx.events_of(stored.id()).await?;
    let stages = stages(tx).await?;
    let mut later = stored.doc.clone();
    let mut signals = Vec::new();
    for event in events.iter().rev() {
        // An event contains the previous values of the members that changed.
        let Some(old) = &event.old else { continue };
        let earlier = before(&later, old)?;
        let what = difference(&stages, &earlier, &later);
        let signal = |what| Signal { at: event.at, revision: event.revision, what };
        signals.extend(what.into_iter().rev().map(signal));
        later = earlier;
    }
    signals.extend(made(tx, &later, stored.meta.created_at).await?.into_iter().rev());
    signals.reverse();
    Ok(signals)
}

/// A document as it was before some of its members changed.
fn before(later: &Work, old: &str) -> Result<Work> {
    let old: Map<String, Value> = serde_json::from_str(old).map_err(Error::internal)?;
    let mut document = serde_json::to_value(later).map_err(Error::internal)?;
    if let Value::Object(members) = &mut document {
        for (name, value) in old {
            // Null stands for a member that did not exist.
            match value {
                _ if name == Event::META => {}
                Value::Null => drop(members.remove(&name)),
                value => drop(members.insert(name, value)),
            }
        }
    }
    serde_json::from_str(&document.to_string()).map_err(Error::internal)
}
