//! Most changes concern nobody but who makes them. This finds out which these are, for many changes
//! at once and from what is read anyway, before more is read of the others.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json};
use worksmith_engine::Tx;
use worksmith_kernel::{Error, Result, Stored};
use worksmith_store::{Event, Verb};
use worksmith_wire::Id;
use worksmith_wire::common::WorkId;
use worksmith_work::works::Work;

use super::news;
use crate::people::is_person;
use crate::subscribers::{self, Subscription};

/// Members of works whose change concerns others than those who have to do with the work.
const DIRECTED: [&str; 2] = ["body", "owned_by"];

/// What is known of the works in a stretch of the log.
pub(super) struct Ahead {
    /// The works of which it is stored who follows them or does not want to.
    subscribed: FxHashSet<Id>,
}

impl Ahead {
    /// Reads the works that these changes are of.
    pub(super) async fn read(tx: &mut Tx, events: &[&Event]) -> Result<Self> {
        let mut works: Vec<Id> = Vec::new();
        let mut known = FxHashSet::default();
        for id in events.iter().map(|event| &event.id) {
            if WorkId::KINDS.contains(&id.kind()) && known.insert(id) {
                works.push(id.clone());
            }
        }
        tx.read_ahead::<Work>(&works).await?;
        let subscriptions: Vec<Id> = works.iter().map(subscribers::id_of).collect();
        let found = tx.read_ahead::<Subscription>(&subscriptions).await?;
        let subscribed = works.into_iter().zip(&subscriptions);
        let subscribed = subscribed.filter(|(_, subscription)| found.contains(subscription));
        Ok(Self { subscribed: subscribed.map(|(work, _)| work).collect() })
    }

    /// Whether a change may concern anybody but who has made it.
    pub(super) async fn concerns_others(&self, tx: &mut Tx, event: &Event) -> Result<bool> {
        if !WorkId::KINDS.contains(&event.id.kind()) {
            return Ok(true);
        }
        let old = event.old.as_deref().map(serde_json::from_str::<Map<String, Json>>);
        let old = old.transpose().map_err(Error::internal)?.unwrap_or_default();
        let Some(work) = tx.find::<Work>(&event.id).await? else { return Ok(false) };
        if event.verb == Verb::Created {
            // What it was when it was made is not known if it has changed since.
            let is_as_made = work.meta.revision == 1;
            let has_mentions = || !news::addressed(&work.doc.body, &tx.cx().org).is_empty();
            return Ok(!is_as_made || has_others(&work, &event.actor) || has_mentions());
        }
        Ok(DIRECTED.iter().any(|member| old.contains_key(*member))
            || self.subscribed.contains(&event.id)
            || has_others(&work, &event.actor))
    }
}

/// Whether anybody else has to do with a work.
fn has_others(work: &Stored<Work>, actor: &Id) -> bool {
    let people = std::iter::once(&work.meta.created_by);
    let mut people = people.chain(&work.doc.reported_by).chain(&work.doc.owned_by);
    people.any(|id| id != actor && is_person(id))
}
