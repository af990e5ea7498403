//! From ids to summaries: the ids of a whole page are collected, the objects of each kind are read
//! at once, and each object is rendered once. The store does the reading; this holds the result.

use std::any::Any;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use worksmith_wire::common::{AtomBase, AtomSummary, UserSummary};
use worksmith_wire::{Embedded, Id, OrgName, Timestamp};

use crate::row::{Meta, Stored};

/// An object that others embed.
#[derive(Clone)]
pub struct Entry {
    /// The `Stored` document; absent if the object was deleted.
    pub stored: Option<Arc<dyn Any + Send + Sync>>,
    /// Its summary.
    pub summary: Arc<RawValue>,
}

/// The summaries that are available for one answer.
#[derive(Clone)]
pub struct Expander {
    org: OrgName,
    now: Timestamp,
    entries: FxHashMap<Id, Entry>,
}

impl Expander {
    /// An expander without any summaries.
    pub fn new(org: OrgName, now: Timestamp) -> Self {
        Self { org, now, entries: FxHashMap::default() }
    }

    /// The instant of the call.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Makes a summary available.
    pub fn put(&mut self, id: Id, entry: Entry) {
        self.entries.insert(id, entry);
    }

    /// The org of the answer.
    pub const fn org(&self) -> &OrgName {
        &self.org
    }

    /// The DON of an id.
    pub fn don(&self, id: &Id) -> String {
        id.don(&self.org)
    }

    /// The summary of an object; `None` if nothing is known of it any more.
    pub fn embed<T>(&self, id: &Id) -> Option<Embedded<T>> {
        self.entries.get(id).map(|entry| Embedded::new(Arc::clone(&entry.summary)))
    }

    /// The summary of an object that may be absent.
    pub fn embed_opt<T>(&self, id: Option<&Id>) -> Option<Embedded<T>> {
        id.and_then(|id| self.embed(id))
    }

    /// The summaries of many objects, in their order.
    pub fn embed_all<'a, T>(&self, ids: impl IntoIterator<Item = &'a Id>) -> Vec<Embedded<T>> {
        ids.into_iter().filter_map(|id| self.embed(id)).collect()
    }

    /// The document of which there is a summary; `None` if the object was deleted.
    pub fn doc<R: 'static>(&self, id: &Id) -> Option<&Stored<R>> {
        self.entries.get(id)?.stored.as_ref()?.downcast_ref()
    }

    /// The members that all objects share: ids, dates and authors.
    pub fn base(&self, meta: &Meta) -> AtomBase {
        AtomBase {
            id: self.don(&meta.id),
            display_id: meta.id.display_id(),
            created_by: self.embed::<UserSummary>(&meta.created_by),
            created_date: Some(meta.created_at.into()),
            modified_by: self.embed::<UserSummary>(&meta.modified_by),
            modified_date: Some(meta.modified_at.into()),
        }
    }

    /// The members that all summaries share: the ids.
    pub fn atom(&self, id: &Id) -> AtomSummary {
        AtomSummary { id: self.don(id), display_id: id.display_id() }
    }
}
