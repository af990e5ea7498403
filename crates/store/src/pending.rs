//! What a transaction has changed so far, and how it becomes a change of the batch.

use serde_json::{Map, Value as Json};
use worksmith_kernel::{Derived, Error, RawRow, Resource, Result, Stored, Table};

use crate::batch::{Change, ChangeOp, Row};

/// An object that this transaction changes.
pub(crate) struct Pending {
    pub(crate) table: &'static Table,
    /// How it was before, `None` when it is new.
    pub(crate) before: Option<(RawRow, Derived)>,
    pub(crate) after: After,
}

pub(crate) enum After {
    Row(RawRow, Derived),
    Deleted { summary: String },
}

impl Pending {
    pub(crate) fn into_change(self) -> Result<Option<Change>> {
        let Self { table, before, after } = self;
        let (old_row, old) = before.unzip();
        let old = old.unwrap_or_default();
        // Changed, and changed back.
        if matches!((&after, &old_row), (After::Row(row, _), Some(old_row)) if row == old_row) {
            return Ok(None);
        }
        let (meta, op, new, old_doc) = match (after, old_row) {
            (After::Row(row, derived), old_row) => {
                let RawRow { meta, doc_version, doc } = row;
                let old_doc =
                    old_row.as_ref().map(|old| changed_members(&old.doc, &doc)).transpose()?;
                let row = Row { doc_version, doc, columns: derived.kept(table, &meta) };
                let op = match old_row {
                    None => ChangeOp::Insert(row),
                    Some(_) => ChangeOp::Update(row),
                };
                (meta, op, derived, old_doc)
            }
            (After::Deleted { summary }, Some(old_row)) => {
                let revision = old_row.meta.revision;
                let op = ChangeOp::Delete { revision, summary };
                (old_row.meta, op, Derived::default(), Some(old_row.doc))
            }
            // Made and deleted in one transaction: it never was.
            (After::Deleted { .. }, None) => return Ok(None),
        };
        let minus = |a: &Derived, b: &Derived| -> Vec<_> {
            a.refs.iter().filter(|r| !b.refs.contains(r)).cloned().collect()
        };
        let names_minus = |a: &Derived, b: &Derived| -> Vec<_> {
            let gone = a.names.iter().filter(|name| !b.names.contains(name));
            gone.map(|(space, _, name)| (*space, name.clone())).collect()
        };
        Ok(Some(Change {
            table,
            meta,
            op,
            refs_added: minus(&new, &old),
            refs_removed: minus(&old, &new),
            names_added: names_minus(&new, &old),
            names_removed: names_minus(&old, &new),
            old: old_doc,
        }))
    }
}

pub(crate) fn raw<R: Resource>(stored: &Stored<R>) -> Result<RawRow> {
    let doc = serde_json::to_string(&stored.doc).map_err(Error::internal)?;
    Ok(RawRow { meta: stored.meta.clone(), doc_version: R::DOC_VERSION, doc })
}

/// The members of `old` that `new` has otherwise; null for those that `old` has not.
fn changed_members(old: &str, new: &str) -> Result<String> {
    let read = |doc: &str| serde_json::from_str::<Map<String, Json>>(doc).map_err(Error::internal);
    let (mut old, new) = (read(old)?, read(new)?);
    let mut changed = Map::new();
    for (member, value) in &new {
        match old.remove(member) {
            Some(before) if before == *value => {}
            before => drop(changed.insert(member.clone(), before.unwrap_or(Json::Null))),
        }
    }
    changed.extend(old);
    serde_json::to_string(&changed).map_err(Error::internal)
}
