//! What each table keeps, as the database notes it, and what is to be done when this version keeps
//! something else: as little as possible.
//!
//! The table `shapes` has a row for each table of documents. It is written in the transaction that
//! makes the table so. A table that is there without such a row was made by a version that noted
//! nothing, so everything of it is derived anew.

use std::collections::BTreeMap;

use crate::store::Registry;
use serde::{Deserialize, Serialize};
use worksmith_kernel::{Column, Family, Result, Value};

use crate::ddl::{self, META_COLUMNS};
use crate::dialect::Dialect;

/// How the store derives what is not a family's own: the bits of digests, the texts of custom
/// fields, the rows of references and names. Raise it with any change of these, and everything of
/// every family is derived anew at the next start.
const DERIVATION: u32 = 1;

/// Reads what is noted.
pub(crate) const NOTED: &str = "SELECT name, shape FROM shapes ORDER BY name";

/// What a table keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    /// The columns besides the meta and the document, as they are declared.
    columns: Vec<String>,
    /// The terms of the digest.
    digest: Vec<String>,
    /// The statement that makes each index, by its name.
    indexes: BTreeMap<String, String>,
    /// How everything is derived: the version of the store, and that of the family.
    derived: [u32; 2],
}

impl Shape {
    fn of(family: &Family) -> Self {
        let table = family.table;
        let indexes = ddl::indexes(table).map(|index| index.name);
        Self {
            columns: table.kept().map(ddl::declared).collect(),
            digest: table.digest.iter().map(ToString::to_string).collect(),
            indexes: indexes.zip(ddl::create_indexes(table)).collect(),
            derived: [DERIVATION, family.derived_version],
        }
    }
}

/// The note of each table of this version, by its name, in order.
pub(crate) fn wanted(registry: &Registry) -> Result<Vec<(String, String)>> {
    let note = |family: &Family| {
        let shape = serde_json::to_string(&Shape::of(family));
        Ok((family.table.name.to_owned(), shape.map_err(worksmith_kernel::Error::internal)?))
    };
    let mut notes = registry.families().iter().map(note).collect::<Result<Vec<_>>>()?;
    notes.sort();
    Ok(notes)
}

/// The statements that note the shapes of this version instead of others, with their values.
pub(crate) fn note(registry: &Registry) -> Result<Vec<(&'static str, Vec<Value>)>> {
    let mut writes = vec![("DELETE FROM shapes", Vec::new())];
    for (name, shape) in wanted(registry)? {
        let values = vec![name.into(), shape.into()];
        writes.push(("INSERT INTO shapes (name, shape) VALUES ($1, $2)", values));
    }
    Ok(writes)
}

/// What is known of a table as it is in the database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Its columns in order, each with the name of its type; none of a table that is not there.
    pub(crate) columns: Vec<(String, String)>,
    /// The names of its indexes.
    pub(crate) indexes: Vec<String>,
    /// What is noted of it.
    pub(crate) noted: Option<String>,
}

/// How much of what a family's documents say is derived anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Derive {
    /// Nothing.
    Nothing,
    /// The columns of its table.
    Columns,
    /// Its references, names and values of custom fields too.
    Everything,
}

/// What is to be done with a table.
pub(crate) struct Change<'a> {
    /// Its family.
    pub(crate) family: &'a Family,
    /// Whether it is not there yet.
    pub(crate) is_new: bool,
    /// What is derived anew.
    pub(crate) derive: Derive,
    /// The columns that come.
    pub(crate) gained: Vec<Column>,
    /// The columns that go. One whose type changes goes and comes.
    pub(crate) lost: Vec<String>,
    /// Whether the columns that stay are in the order in which new tables have them, and all there.
    pub(crate) is_in_order: bool,
    /// The indexes that go, some of them to be made otherwise.
    pub(crate) obsolete: Vec<String>,
}

impl<'a> Change<'a> {
    /// What makes a table as it was found one of this version.
    pub(crate) fn of(dialect: Dialect, family: &'a Family, found: &Found) -> Self {
        let (table, wanted) = (family.table, Shape::of(family));
        let noted = found.noted.as_deref().and_then(|noted| serde_json::from_str(noted).ok());
        let noted: Option<Shape> = noted;
        let has = |column: &Column| {
            let kind = dialect.type_name(column.kind);
            found.columns.iter().any(|(name, found)| name == column.name && found == kind)
        };
        let is_new = found.columns.is_empty();
        let gained: Vec<_> = table.kept().filter(|column| !is_new && !has(column)).collect();
        let stays = |name: &str| {
            META_COLUMNS.contains(&name)
                || table.kept().any(|column| column.name == name && has(&column))
        };
        let names = found.columns.iter().map(|(name, _)| name.as_str());
        let (stay, lost): (Vec<_>, Vec<_>) = names.partition(|name| stays(name));
        let derive = match &noted {
            _ if is_new => Derive::Nothing,
            Some(noted) if noted.derived == wanted.derived => {
                let is_same = gained.is_empty() && noted.digest == wanted.digest;
                if is_same { Derive::Nothing } else { Derive::Columns }
            }
            _ => Derive::Everything,
        };
        let is_obsolete = |name: &&String| {
            let statement = noted.as_ref().and_then(|noted| noted.indexes.get(*name));
            is_ours(table.name, name)
                && (statement.is_none() || statement != wanted.indexes.get(*name))
        };
        Self {
            family,
            is_new,
            derive,
            is_in_order: is_new || stay == in_order(family),
            lost: lost.into_iter().map(ToOwned::to_owned).collect(),
            obsolete: found.indexes.iter().filter(is_obsolete).cloned().collect(),
            gained,
        }
    }

    /// The same, with everything derived anew.
    pub(crate) fn anew(self) -> Self {
        Self { derive: Derive::Everything, ..self }
    }
}

/// The columns of a table in the order in which it is made.
fn in_order(family: &Family) -> Vec<&'static str> {
    let (doc, meta) = META_COLUMNS.split_last().map_or(("", &[][..]), |(doc, meta)| (*doc, meta));
    let kept = family.table.kept().map(|column| column.name);
    meta.iter().copied().chain(kept).chain([doc]).collect()
}

/// Whether an index is one that a version made. Whoever runs the database may have added others.
fn is_ours(table: &str, index: &str) -> bool {
    let rest = index.strip_prefix(table);
    rest.is_some_and(|rest| rest.starts_with("_by_") || rest.starts_with("_of_"))
}

/// The statements that take away what is derived anew besides columns: everything, when that is
/// so of every family, or what the documents of some say.
pub(crate) fn forget(changes: &[Change<'_>]) -> Vec<String> {
    let is_anew = |change: &&Change<'_>| change.derive == Derive::Everything;
    if changes.iter().all(|change| is_anew(&change)) {
        return ["refs", "names", "props"].map(|table| format!("DELETE FROM {table}")).into();
    }
    let mut statements = Vec::new();
    for table in changes.iter().filter(is_anew).map(|change| change.family.table) {
        for kind in table.kinds {
            // An id is the noun of its kind, a slash, and more; behind the slash comes the zero.
            let noun = kind.noun();
            for (derived, id) in [("refs", "from_id"), ("names", "id")] {
                statements.push(format!(
                    "DELETE FROM {derived} WHERE {id} >= '{noun}/' AND {id} < '{noun}0'"
                ));
            }
        }
        statements.push(format!("DELETE FROM props WHERE kept_in = '{}'", table.name));
    }
    statements
}
