//! How the store handles documents without knowing their type.

use std::any::Any;
use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};
use worksmith_wire::Id;

use crate::context::OpCtx;
use crate::derive::Derived;
use crate::error::{Error, Result};
use crate::expand::Expander;
use crate::references::{Keeps, Rewrite};
use crate::resource::Resource;
use crate::row::{RawRow, Stored, Table};
use crate::search::{Needs, SearchEntry, Searched};

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
    /// Collects everything that it embeds.
    pub embedded: fn(&dyn Any, &mut Vec<Id>),
    /// Renders the object as an answer shows it.
    pub object: fn(&dyn Any, &Expander) -> Result<String>,
    /// The same for one caller, who sees these of the objects of `adapts_to`.
    pub object_for: fn(&dyn Any, &Expander, &OpCtx, &[Id]) -> Result<String>,
    /// Whether a caller is shown the object differently: the objects on which that depends.
    pub adapts_to: fn(&dyn Any, &OpCtx) -> Option<Vec<Id>>,
    /// Whether some members of the org are shown the object differently than others.
    pub varies: fn(&dyn Any) -> bool,
    /// Whether a caller sees all objects of the family, as far as its own rule goes.
    pub sees_all: fn(&OpCtx) -> bool,
    /// Whether a caller may see an object, as far as the family's own rule goes.
    pub sees: fn(&dyn Any, &OpCtx) -> Result<bool>,
    /// The fields of references to objects that a caller has to see, too.
    pub seen_with: &'static [&'static str],
    /// Collects these references, by their fields.
    pub above: fn(&dyn Any, &mut Vec<(&'static str, Id)>),
    /// Renders the summary.
    pub summary: fn(&dyn Any, &Expander) -> Result<Arc<RawValue>>,
    /// Derives columns, references, names and props from a row, to check or rebuild them.
    pub derive: fn(&RawRow) -> Result<Derived>,
    /// Rewrites the references to an object in a row.
    pub rewrite: fn(&RawRow, &Id, &Rewrite) -> Result<RawRow>,
    /// Which references are never rewritten.
    pub keeps: Keeps,
    /// The fields of references without whose targets its objects are nothing.
    pub goes_with: &'static [&'static str],
    /// Whether an object can be merged into another.
    pub can_merge: bool,
    /// What is known of the search in the family; `None` if its objects are not found.
    pub searched: fn() -> Option<Searched>,
    /// What the index of the search has of an object; `None` if nothing.
    pub entry: fn(&dyn Any) -> Result<Option<SearchEntry>>,
    /// What must hold of the entries of the objects that a caller sees, as far as entries say.
    pub seen_needs: fn(&OpCtx) -> Option<Needs>,
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

fn stored<R: Resource>(any: &dyn Any) -> Result<&Stored<R>> {
    any.downcast_ref().ok_or_else(|| Error::internal("a document of another type"))
}

/// The ids of everything that an answer with this object embeds.
pub fn embedded_ids<R: Resource>(stored: &Stored<R>) -> Vec<Id> {
    let mut ids = vec![stored.meta.created_by.clone(), stored.meta.modified_by.clone()];
    stored.doc.refs(&mut |_, id| ids.push(id.clone()));
    R::summary_refs(stored, &mut |id| ids.push(id.clone()));
    stored.doc.object_refs(&mut |id| ids.push(id.clone()));
    ids
}

/// The objects that a caller has to see to see this one, by the fields that refer to them.
pub fn above<R: Resource>(stored: &Stored<R>) -> Vec<(&'static str, Id)> {
    let mut ids = Vec::new();
    if !R::SEEN_WITH.is_empty() {
        stored.doc.refs(&mut |field, id| {
            if R::SEEN_WITH.contains(&field) {
                ids.push((field, id.clone()));
            }
        });
    }
    ids
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
            embedded: |any, ids| {
                if let Ok(stored) = stored::<R>(any) {
                    ids.extend(embedded_ids(stored));
                }
            },
            object: |any, x| {
                serde_json::to_string(&R::object(stored::<R>(any)?, x)).map_err(Error::internal)
            },
            object_for: |any, x, cx, seen| {
                let stored = stored::<R>(any)?;
                let mut object = R::object(stored, x);
                R::adapt(&mut object, stored, cx, seen);
                serde_json::to_string(&object).map_err(Error::internal)
            },
            adapts_to: |any, cx| R::adapts_to(stored::<R>(any).ok()?, cx),
            varies: |any| stored::<R>(any).is_ok_and(|stored| stored.doc.varies()),
            sees_all: |cx| R::visibility(cx).is_none(),
            sees: |any, cx| match R::visibility(cx) {
                None => Ok(true),
                Some(cond) => cond.holds(stored::<R>(any)?),
            },
            seen_with: R::SEEN_WITH,
            above: |any, ids| {
                if let Ok(stored) = stored::<R>(any) {
                    ids.extend(above(stored));
                }
            },
            summary: |any, x| {
                let summary = R::summary(stored::<R>(any)?, x);
                to_raw_value(&summary).map(Arc::from).map_err(Error::internal)
            },
            derive: |row| Ok(Derived::of(&row.read::<R>()?.doc)),
            rewrite: crate::rewrite::rewrite::<R>,
            keeps: R::KEEPS,
            goes_with: R::GOES_WITH,
            can_merge: R::MERGED_INTO.is_some(),
            searched: || R::SEARCH.map(|search| search.erased()),
            entry: |any| {
                let stored = stored::<R>(any)?;
                Ok(R::SEARCH.and_then(|search| SearchEntry::of(&search, stored)))
            },
            seen_needs: |cx| {
                let searched = R::SEARCH?.erased();
                let keys: Vec<_> = searched.facets.iter().map(|(key, ..)| *key).collect();
                Needs::implied(&R::visibility(cx)?.erased, &keys)
            },
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

    /// Whether a caller sees all of its objects, wherever they are.
    pub fn is_open_to(&self, cx: &OpCtx) -> bool {
        self.seen_with.is_empty() && !cx.actor.is_customer() && (self.sees_all)(cx)
    }

    /// Whether a caller may see an object, as far as its own rule goes. Customers see nothing of a
    /// family that has no rule for them.
    pub fn lets_see(&self, stored: &dyn Any, cx: &OpCtx) -> Result<bool> {
        if (self.sees_all)(cx) {
            return Ok(!self.seen_with.is_empty() || !cx.actor.is_customer());
        }
        (self.sees)(stored, cx)
    }

    /// Whether a rewriting of references concerns its objects.
    pub fn heeds(&self, what: &Rewrite) -> bool {
        match what {
            Rewrite::Delete => !self.goes_with.is_empty(),
            other => !self.keeps.ignores(other),
        }
    }
}
