//! What a transaction has changed so far, and how it becomes a change of the batch.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use worksmith_kernel::{
    DOC_VERSION, Derived, Error, LongText, Meta, RawRow, Registry, Resource, Result, Stored, Table,
    Value,
};
use worksmith_store::{Apart, Change, ChangeOp, Event, RefEntry, Row, Tally};
use worksmith_wire::{Id, Timestamp};

use super::difference::changed_members;

/// An object that this transaction changes.
pub(crate) struct Pending {
    pub(crate) table: &'static Table,
    /// How it was before, or `None` if it is new.
    pub(crate) before: Option<(Arc<RawRow>, Derived)>,
    pub(crate) after: After,
}

/// The authors and dates of an object after a change, where they are not those of the change: the
/// member [`Event::META`] of the event.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct OtherMeta {
    /// Of a new object, when and by whom it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<(Timestamp, Id)>,
    /// When and by whom it was last changed.
    pub(crate) modified: (Timestamp, Id),
}

pub(crate) enum After {
    Row(Arc<RawRow>, Derived),
    Deleted { summary: String },
}

impl After {
    const fn derived(&self) -> Option<&Derived> {
        match self {
            Self::Row(_, derived) => Some(derived),
            Self::Deleted { .. } => None,
        }
    }
}

impl Pending {
    /// The change of the batch, which happens at an instant by a user.
    pub(crate) fn into_change(
        self,
        registry: &Registry,
        (at, by): (Timestamp, &Id),
    ) -> Result<Option<Change>> {
        let Self { table, before, after } = self;
        let (old_row, old) = before.unzip();
        let [tallies_added, tallies_removed] =
            Tally::differences(table, old.as_ref(), after.derived());
        let old: Derived = old.unwrap_or_default();
        // It was changed, and changed back.
        if matches!((&after, &old_row), (After::Row(row, _), Some(old_row)) if row == old_row) {
            return Ok(None);
        }
        let (meta, op, new, old_doc) = match (after, old_row) {
            (After::Row(row, derived), old_row) => {
                let RawRow { meta, doc_version, doc, .. } = Arc::unwrap_or_clone(row);
                let other = other_meta(&meta, old_row.is_none(), (at, by))?;
                let more = other.as_deref().map(|other| (Event::META, other));
                let old_doc = match &old_row {
                    Some(old) => Some(changed_members(&old.doc, &doc, more)?),
                    None if more.is_some() => Some(changed_members("{}", "{}", more)?),
                    None => None,
                };
                let apart = Apart::of(table, old_row.as_deref(), &doc);
                let columns = derived.stored_values(table, &meta);
                let row = Row { doc_version, doc, apart, columns };
                let op = match old_row {
                    None => ChangeOp::Insert(row),
                    Some(old_row) => {
                        let before = old.stored_values(table, &old_row.meta);
                        ChangeOp::Update { changed: differing(&row.columns, &before), row }
                    }
                };
                (meta, op, derived, old_doc)
            }
            (After::Deleted { summary }, Some(old_row)) => {
                let revision = old_row.meta.revision;
                let has_text = Apart::may_be(table, &old_row);
                let op = ChangeOp::Delete { revision, summary, has_text };
                let RawRow { meta, doc, .. } = Arc::unwrap_or_clone(old_row);
                (meta, op, Derived::default(), Some(doc))
            }
            // It was created and deleted in one transaction, so it never existed.
            (After::Deleted { .. }, None) => return Ok(None),
        };
        let (new_refs, old_refs) = (RefEntry::all_of(table, &new), RefEntry::all_of(table, &old));
        let readers = registry.readers_of(meta.id.kind()).collect();
        Ok(Some(Change {
            table,
            readers,
            meta,
            op,
            refs_added: minus(&new_refs, &old_refs),
            refs_removed: minus(&old_refs, &new_refs),
            names_added: names(minus(&new.names, &old.names)),
            names_removed: names(minus(&old.names, &new.names)),
            props_added: minus(&new.props, &old.props),
            props_removed: minus(&old.props, &new.props),
            tallies_added,
            tallies_removed,
            old: old_doc,
        }))
    }
}

/// The places of the values that differ.
fn differing(new: &[Value], old: &[Value]) -> Vec<usize> {
    let both = new.iter().zip(old).enumerate();
    both.filter(|(_, (new, old))| new != old).map(|(place, _)| place).collect()
}

fn minus<T: Clone + PartialEq>(all: &[T], but: &[T]) -> Vec<T> {
    all.iter().filter(|one| !but.contains(one)).cloned().collect()
}

/// The names as batches have them: space and name.
fn names(derived: Vec<(&'static str, &'static str, String)>) -> Vec<(&'static str, String)> {
    derived.into_iter().map(|(space, _, name)| (space, name)).collect()
}

/// What the event of a change has to say of the authors and dates that the object has after it: all
/// that is not the same as of the change itself.
fn other_meta(meta: &Meta, is_new: bool, (at, by): (Timestamp, &Id)) -> Result<Option<String>> {
    let Meta { created_at, created_by, modified_at, modified_by, .. } = meta;
    let is_own = *modified_at == at
        && modified_by == by
        && (!is_new || (*created_at == at && created_by == by));
    if is_own {
        return Ok(None);
    }
    let created = is_new.then_some((*created_at, created_by.clone()));
    let other = OtherMeta { created, modified: (*modified_at, modified_by.clone()) };
    serde_json::to_string(&other).map(Some).map_err(Error::internal)
}

pub(crate) fn raw<R: Resource>(stored: &Stored<R>) -> Result<RawRow> {
    let doc = serde_json::to_string(&stored.doc).map_err(Error::internal)?;
    let (meta, long) = (stored.meta.clone(), LongText::Unknown);
    Ok(RawRow { meta, doc_version: DOC_VERSION, doc, long })
}
