//! What happened to a work, from the log of events: for a promise that begins to hold when the
//! work has been there for a while.

use serde_json::{Map, Value};
use worksmith_kernel::{Error, Result, Stored};
use worksmith_store::Tx;

use super::clock::Signal;
use super::follow::{difference, made, stages};
use crate::works::Work;

/// Everything that clocks would have heard of a work until its present revision, oldest first.
pub(super) async fn of(tx: &mut Tx, stored: &Stored<Work>) -> Result<Vec<Signal>> {
    let events = tx.events_of(stored.id()).await?;
    let stages = stages(tx).await?;
    let mut later = stored.doc.clone();
    let mut signals = Vec::new();
    for event in events.iter().rev() {
        // An event keeps what the members that changed were before it.
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
            // Null stands for a member that was not there.
            match value {
                Value::Null => drop(members.remove(&name)),
                value => drop(members.insert(name, value)),
            }
        }
    }
    serde_json::from_value(document).map_err(Error::internal)
}
