//! From ids to summaries: the ids of a whole page are collected, the objects of each kind are read
//! at once, and each object is rendered once. The store does the reading; this holds the result.

use std::any::Any;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::value::{RawValue, to_raw_value};
use worksmith_wire::common::{AtomBase, AtomSummary, UserSummary};
use worksmith_wire::{Embedded, Id, OrgName, Timestamp};

use crate::error::{Error, Result};
use crate::props::{self, Prop};
use crate::resource::{Meta, RawRow, Resource, Stored};
use crate::rewrite::{Keeps, Rewrite};
use crate::table::Table;

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
    pub fn doc<R: Resource>(&self, id: &Id) -> Option<&Stored<R>> {
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

/// How the store handles the documents of one table without knowing their type.
#[derive(Clone, Copy)]
pub struct Family {
    /// Where they are kept.
    pub table: &'static Table,
    /// The member that holds one object in an answer.
    pub one: &'static str,
    /// The version of the derivation from its documents.
    pub derived_version: u32,
    /// Reads a row into a `Stored` document.
    pub read: fn(&RawRow) -> Result<Arc<dyn Any + Send + Sync>>,
    /// Collects the objects that its summary needs.
    pub summary_refs: fn(&dyn Any, &mut Vec<Id>),
    /// Renders the summary.
    pub summary: fn(&dyn Any, &Expander) -> Result<Arc<RawValue>>,
    /// Derives columns, references, names and props from a row, to check or rebuild them.
    pub derive: fn(&RawRow) -> Result<Derived>,
    /// Rewrites the references to an object in a row.
    pub rewrite: fn(&RawRow, &Id, &Rewrite) -> Result<RawRow>,
    /// Which references are never rewritten.
    pub keeps: Keeps,
    /// Whether an object can be merged into another.
    pub can_merge: bool,
    /// What a new reference to a `Stored` document has to know of it.
    pub standing: fn(&dyn Any) -> Result<Standing>,
}

/// What a new reference to an object has to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its revision.
    pub revision: u64,
    /// The object that it was merged into.
    pub merged_into: Option<Id>,
    /// Why nothing can be assigned to it, if nothing can: `is deactivated`.
    pub unassignable: Option<&'static str>,
}

/// What the store keeps beside a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derived {
    /// The values of the promoted columns.
    pub columns: Vec<crate::Value>,
    /// What the document refers to.
    pub refs: Vec<(&'static str, Id)>,
    /// The names it claims: space, field, name.
    pub names: Vec<(&'static str, &'static str, String)>,
    /// The values of its custom fields, sorted.
    pub props: Vec<Prop>,
}

impl Derived {
    /// Derives from a document.
    pub fn of<R: Resource>(doc: &R) -> Self {
        let (columns, props) = (doc.columns(), props::of(doc));
        let mut derived = Self { columns, props, ..Self::default() };
        doc.refs(&mut |field, id| {
            if !derived.refs.iter().any(|(f, i)| *f == field && i == id) {
                derived.refs.push((field, id.clone()));
            }
        });
        doc.names(&mut |space, field, name| {
            if !derived.names.iter().any(|(s, _, n)| *s == space && n == name) {
                derived.names.push((space, field, name.to_owned()));
            }
        });
        derived
    }
}

fn stored<R: Resource>(any: &dyn Any) -> Result<&Stored<R>> {
    any.downcast_ref().ok_or_else(|| Error::internal("a document of another type"))
}

impl Family {
    /// The family of a resource.
    pub fn of<R: Resource>() -> Self {
        Self {
            table: R::TABLE,
            one: R::ONE,
            derived_version: R::DERIVED_VERSION,
            read: |row| Ok(Arc::new(row.read::<R>()?)),
            summary_refs: |any, ids| {
                if let Ok(stored) = stored::<R>(any) {
                    R::summary_refs(stored, &mut |id| ids.push(id.clone()));
                }
            },
            summary: |any, x| {
                let summary = R::summary(stored::<R>(any)?, x);
                to_raw_value(&summary).map(Arc::from).map_err(Error::internal)
            },
            derive: |row| Ok(Derived::of(&row.read::<R>()?.doc)),
            rewrite: crate::rewrite::rewrite::<R>,
            keeps: R::KEEPS,
            can_merge: R::MERGED_INTO.is_some(),
            standing: |any| {
                let stored = stored::<R>(any)?;
                Ok(Standing {
                    revision: stored.meta.revision,
                    merged_into: R::MERGED_INTO.and_then(|into| into(&stored.doc)).cloned(),
                    unassignable: stored.doc.unassignable(),
                })
            },
        }
    }
}
