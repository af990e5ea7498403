//! What each table keeps, as the database records it, and what is to be done if this version keeps
//! something else: as little as possible.
//!
//! The table `shapes` has a row for each table of documents, which is written in the transaction
//! that creates or changes that table. A table without such a row was created by a version that
//! recorded nothing, so everything about it is derived again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worksmith_kernel::{Error, Family, Registry, Result, Table, TableColumn, Value};

use super::Dialect;
use super::ddl::{self, META_COLUMNS};

/// The version of the derivation that is the store's own: the bits of digests, the texts of custom
/// fields, the rows of references and names. Raise it with any change of these; everything of every
/// family is then derived again at the next start.
const DERIVATION: u32 = 1;

/// Reads what is recorded.
pub(crate) const NOTED: &str = "SELECT name, shape FROM shapes ORDER BY name";

/// What a table keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    /// The declarations of the columns besides the meta and the document.
    columns: Vec<String>,
    /// The terms of the digest.
    digest: Vec<String>,
    /// The statement that creates each index, by its name.
    indexes: BTreeMap<String, String>,
    /// The versions of the derivation: the store's, and the family's.
    derived: [u32; 2],
    /// What references carry; empty if that is nothing. It is missing where they carried nothing,
    /// in the layout before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carried: Option<String>,
    /// The member of documents that rows of their own may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    long: Option<String>,
    /// What it is tallied by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tallied: Vec<String>,
}

impl Shape {
    fn of(family: &Family) -> Self {
        let table = family.table;
        let indexes = ddl::indexes(table).map(|index| index.name);
        Self {
            columns: table.stored_columns().map(ddl::declared).collect(),
            digest: table.digest.iter().map(ToString::to_string).collect(),
            indexes: indexes.zip(ddl::create_indexes(table)).collect(),
            derived: [DERIVATION, family.derived_version],
            carried: Some(table.carried.unwrap_or_default().to_owned()),
            long: table.long.map(ToOwned::to_owned),
            tallied: table.tallied.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What this version records for each table, by its name, in order.
pub(crate) fn wanted(registry: &Registry) -> Result<Vec<(String, String)>> {
    let note = |family: &Family| {
        let shape = serde_json::to_string(&Shape::of(family));
        Ok((family.table.name.to_owned(), shape.map_err(Error::internal)?))
    };
    let mut notes = registry.families().iter().map(note).collect::<Result<Vec<_>>>()?;
    notes.sort();
    Ok(notes)
}

/// The statements that record the shapes of this version in place of others, with their values.
pub(crate) fn note(registry: &Registry) -> Result<Vec<(&'static str, Vec<Value>)>> {
    let mut writes = vec![("DELETE FROM shapes", Vec::new())];
    for (name, shape) in wanted(registry)? {
        let values = vec![name.into(), shape.into()];
        writes.push(("INSERT INTO shapes (name, shape) VALUES ($1, $2)", values));
    }
    Ok(writes)
}

/// What is recorded of a table while derived rows of it change, instead of what was; `None` if that
/// is nothing. Every version derives the table again then, and still knows whether it can read it.
fn marked(noted: Option<&str>) -> Result<Option<String>> {
    let noted: Option<Shape> = noted.and_then(|noted| serde_json::from_str(noted).ok());
    let Some(long) = noted.and_then(|noted| noted.long) else { return Ok(None) };
    let shape = Shape { long: Some(long), ..Shape::default() };
    serde_json::to_string(&shape).map(Some).map_err(Error::internal)
}

/// The statement that has every version derive a table again, with its values.
pub(crate) fn mark(table: &Table, noted: Option<&str>) -> Result<(&'static str, Vec<Value>)> {
    let name = table.name.into();
    Ok(match marked(noted)? {
        Some(shape) => ("UPDATE shapes SET shape = $1 WHERE name = $2", vec![shape.into(), name]),
        None => ("DELETE FROM shapes WHERE name = $1", vec![name]),
    })
}

/// A table as it is in the database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Its columns in order, each with the name of its type; empty if there is no such table.
    pub(crate) columns: Vec<(String, String)>,
    /// The names of its indexes.
    pub(crate) indexes: Vec<String>,
    /// What is recorded of it.
    pub(crate) noted: Option<String>,
}

/// How much is derived again from a family's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Derive {
    Nothing,
    /// The columns of its table.
    Columns,
    /// The columns, and the references, names and values of custom fields, too.
    Everything,
}

/// What is to be done with a table.
pub(crate) struct Change<'a> {
    pub(crate) family: &'a Family,
    /// Whether the table does not exist yet.
    pub(crate) is_new: bool,
    /// Whether it is known to have no rows, so that there is nothing to derive from.
    pub(crate) is_empty: bool,
    /// What is derived again.
    pub(crate) derive: Derive,
    /// The columns to be added.
    pub(crate) gained: Vec<TableColumn>,
    /// The columns to be removed. A column whose type changes is removed and added.
    pub(crate) lost: Vec<String>,
    /// Whether it is tallied anew.
    pub(crate) is_tallied_anew: bool,
    /// Whether the remaining columns are complete, and in the order of a new table.
    pub(crate) is_in_order: bool,
    /// Whether the digest has other terms.
    is_retermed: bool,
    /// The indexes to be dropped, some of which are then created differently.
    pub(crate) obsolete: Vec<String>,
    /// The member that documents have apart and that this version does not look for there.
    unread: Option<String>,
}

impl<'a> Change<'a> {
    /// What turns a table as it was found into one of this version.
    pub(crate) fn of(dialect: Dialect, family: &'a Family, found: &Found) -> Self {
        let (table, wanted) = (family.table, Shape::of(family));
        let noted = found.noted.as_deref().and_then(|noted| serde_json::from_str(noted).ok());
        let noted: Option<Shape> = noted;
        let has = |column: &TableColumn| {
            let kind = dialect.type_name(column.kind);
            found.columns.iter().any(|(name, found)| name == column.name && found == kind)
        };
        let is_new = found.columns.is_empty();
        let gained: Vec<_> =
            table.stored_columns().filter(|column| !is_new && !has(column)).collect();
        let stays = |name: &str| {
            META_COLUMNS.contains(&name)
                || table.stored_columns().any(|column| column.name == name && has(&column))
        };
        let names = found.columns.iter().map(|(name, _)| name.as_str());
        let (stay, lost): (Vec<_>, Vec<_>) = names.partition(|name| stays(name));
        let stored = || table.stored_columns();
        let derive = match &noted {
            _ if is_new => Derive::Nothing,
            Some(noted)
                if noted.derived == wanted.derived
                    && noted.carried.as_ref().is_none_or(|_| noted.carried == wanted.carried) =>
            {
                // An upgrade that was given up may have left a column behind. Only what is
                // recorded has values in all rows.
                let is_fresh = |column: &TableColumn| {
                    !has(column) || !noted.columns.contains(&ddl::declared(*column))
                };
                if stored().any(|column| table.carried == Some(column.name) && is_fresh(&column)) {
                    Derive::Everything
                } else if noted.digest != wanted.digest || stored().any(|column| is_fresh(&column))
                {
                    Derive::Columns
                } else {
                    Derive::Nothing
                }
            }
            _ => Derive::Everything,
        };
        let is_retermed = noted.as_ref().is_none_or(|noted| noted.digest != wanted.digest);
        let unread = noted.as_ref().and_then(|noted| noted.long.clone());
        let is_obsolete = |name: &&String| {
            let statement = noted.as_ref().and_then(|noted| noted.indexes.get(*name));
            is_ours(table.name, name)
                && (statement.is_none() || statement != wanted.indexes.get(*name))
        };
        let is_tallied = noted.as_ref().is_some_and(|noted| noted.tallied == wanted.tallied);
        Self {
            family,
            is_new,
            is_empty: is_new,
            derive,
            is_tallied_anew: !is_tallied || derive != Derive::Nothing,
            is_in_order: is_new || stay == in_order(family),
            is_retermed,
            lost: lost.into_iter().map(ToOwned::to_owned).collect(),
            obsolete: found.indexes.iter().filter(is_obsolete).cloned().collect(),
            gained,
            unread: unread.filter(|long| wanted.long.as_ref() != Some(long)),
        }
    }

    /// Whether it matters if the table has rows.
    pub(crate) fn reads_rows(&self) -> bool {
        !self.is_new && (self.derive != Derive::Nothing || self.is_tallied_anew)
    }

    /// The columns of which another version has values of another type.
    pub(crate) fn replaced(&self) -> impl Iterator<Item = TableColumn> {
        let is_lost = |column: &&TableColumn| self.lost.iter().any(|lost| lost == column.name);
        self.gained.iter().filter(is_lost).copied()
    }

    /// Whether deriving changes what other versions read. `SQLite` copies the table aside.
    pub(crate) fn is_seen(&self, dialect: Dialect) -> bool {
        let is_in_place = dialect == Dialect::Postgres;
        match self.derive {
            _ if self.is_empty => is_in_place && self.replaced().next().is_some(),
            Derive::Everything => true,
            Derive::Columns => {
                is_in_place && (self.is_retermed || self.replaced().next().is_some())
            }
            Derive::Nothing => false,
        }
    }

    /// The same, with everything derived again.
    pub(crate) fn anew(self) -> Self {
        let derive = if self.is_new { Derive::Nothing } else { Derive::Everything };
        Self { derive, is_tallied_anew: true, ..self }
    }
}

/// Refuses documents whose long texts another version has apart and this one would not find.
pub(crate) fn have_readable_texts(changes: &[Change<'_>]) -> Result<()> {
    for Change { family, unread, .. } in changes {
        if let Some(member) = unread {
            let table = family.table.name;
            return Err(Error::Internal(format!(
                "another version keeps the {member} of {table} apart from them, and this one does \
                 not; run that version"
            )));
        }
    }
    Ok(())
}

/// The columns of a table in the order in which it is created.
fn in_order(family: &Family) -> Vec<&'static str> {
    let (doc, meta) = META_COLUMNS.split_last().map_or(("", &[][..]), |(doc, meta)| (*doc, meta));
    let kept = family.table.stored_columns().map(|column| column.name);
    meta.iter().copied().chain(kept).chain([doc]).collect()
}

/// Whether an index was created by some version. Administrators may have added others.
fn is_ours(table: &str, index: &str) -> bool {
    let rest = index.strip_prefix(table);
    rest.is_some_and(|rest| rest.starts_with("_by_") || rest.starts_with("_of_"))
}

/// Where the references are put together if their table has the layout before.
pub(crate) const REFS_NEXT: &str = "refs_next";

/// The condition by which a column has the id of an object of a table.
pub(crate) fn is_of(table: &Table, column: &str) -> String {
    let own = table.kinds.iter().map(|kind| ddl::of_noun(column, kind.noun()));
    own.collect::<Vec<_>>().join(" OR ")
}

/// The statement that takes over references of a table's objects from the layout before, in which
/// they carried nothing and were in no order.
pub(crate) fn take_over_refs(table: &Table, which: &str) -> String {
    let name = table.name;
    let carried =
        table.carried.map_or("''".to_owned(), |column| format!("coalesce({name}.{column}, '')"));
    let own = is_of(table, "before.from_id");
    format!(
        "INSERT INTO {REFS_NEXT} (org, to_id, field, made_at, number, from_id, carried)
         SELECT before.org, before.to_id, before.field, {name}.created_at, {name}.seq,
         before.from_id, {carried} FROM refs AS before
         JOIN {name} ON {name}.org = before.org AND {name}.id = before.from_id
         WHERE {which} AND ({own})"
    )
}
