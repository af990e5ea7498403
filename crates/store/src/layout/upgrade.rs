//! Upgrades in steps: what there is to do, in which order, and what the database records of it, so
//! that a start which was killed continues near where it stopped.
//!
//! Each step is a transaction, and writes into the table `upgrade` how far the work is. Until the
//! tasks say otherwise, nothing changes that other versions read. From [`Task::Mark`] on, derived
//! rows are changed in place; the tables that this concerns are marked in `shapes` then, so any
//! version that opens the database derives them again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use worksmith_kernel::{Error, Family, Registry, Result, Table, Value};

use super::shape::{self, Change, Derive, REFS_NEXT};
use super::{Dialect, ddl};
use crate::texts::{MARK, TEXTS};

/// How many documents a step reads. Their references and index entries are many more rows.
pub(crate) const DOCUMENTS: usize = 1_000;
/// How many rows of a derived table a step looks at.
pub(crate) const ENTRIES: usize = 5_000;

/// Creates the table with the note of an upgrade. It exists as long as one is under way. `attempt`
/// is the start that works on it.
pub(crate) const CREATE: &str = "CREATE TABLE upgrade (note TEXT NOT NULL, attempt TEXT NOT NULL)";
/// Ends the upgrade.
pub(crate) const DROP: &str = "DROP TABLE IF EXISTS upgrade";
/// Records that an upgrade has begun.
pub(crate) const BEGIN: &str = "INSERT INTO upgrade (note, attempt) VALUES ($1, $2)";
/// Records how far it is.
pub(crate) const ADVANCE: &str = "UPDATE upgrade SET note = $1 WHERE attempt = $2 RETURNING 1";
/// Takes over from an attempt that was killed.
pub(crate) const TAKE_OVER: &str = "UPDATE upgrade SET attempt = $1 RETURNING note";

/// Which part of an upgrade is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradePart {
    /// Rows are read and derived from, or taken over.
    Rows,
    /// Indexes are built.
    Indexes,
}

/// How far the upgrade of a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upgrading<'a> {
    /// What is counted.
    pub part: UpgradePart,
    /// The table that is being worked on.
    pub table: &'a str,
    /// How many rows or indexes are done, by earlier starts, too.
    pub done: u64,
    /// How many there are in all.
    pub all: u64,
    /// How many of them an earlier start had done that was interrupted.
    pub earlier: u64,
}

/// Called after each step of an upgrade.
pub type Upgrades<'a> = &'a mut (dyn FnMut(Upgrading<'_>) + Send);

/// Which rows of the derived tables are deleted before they are derived again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Forgets {
    Nothing,
    /// Those of the tables that are derived as a whole.
    Some,
    All,
}

/// What is done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    derive: Derive,
    /// Whether it changes what other versions read, before the end.
    is_seen: bool,
}

/// What an upgrade does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    tables: BTreeMap<String, Planned>,
    forgets: Forgets,
    /// Whether references are taken over from the layout before.
    takes_refs: bool,
    /// Whether objects are tallied anew.
    tallies: bool,
}

/// What is derived again from a table's documents, with what the database makes of it.
fn derive(dialect: Dialect, change: &Change<'_>) -> Derive {
    match (dialect, change.derive) {
        // The table is copied, even if there is nothing in it.
        (Dialect::Sqlite, Derive::Everything) if change.is_empty => Derive::Columns,
        (Dialect::Sqlite, Derive::Nothing) if !change.is_in_order || !change.lost.is_empty() => {
            Derive::Columns
        }
        (Dialect::Postgres, _) if change.is_empty && !change.is_seen(dialect) => Derive::Nothing,
        (_, derive) => derive,
    }
}

impl Plan {
    pub(crate) fn of(dialect: Dialect, changes: &[Change<'_>], takes_refs: bool) -> Self {
        let planned = |change: &Change<'_>| {
            let is_seen = change.is_seen(dialect);
            let is_planned = !change.is_new && (derive(dialect, change) != Derive::Nothing);
            let planned = Planned { derive: derive(dialect, change), is_seen };
            is_planned.then(|| (change.family.table.name.to_owned(), planned))
        };
        let is_whole = |change: &Change<'_>| change.derive == Derive::Everything;
        let with_rows = || changes.iter().filter(|change| !change.is_empty);
        let forgets = if with_rows().all(is_whole) && changes.iter().any(is_whole) {
            Forgets::All
        } else if with_rows().any(is_whole) {
            Forgets::Some
        } else {
            Forgets::Nothing
        };
        let tallies = with_rows().any(|change| change.is_tallied_anew);
        Self { tables: changes.iter().filter_map(planned).collect(), forgets, takes_refs, tallies }
    }

    /// Whether there is nothing to be done in steps.
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty() && !self.takes_refs && !self.tallies
    }

    /// What is derived again from the documents of a table.
    pub(crate) fn derive(&self, table: &Table) -> Derive {
        self.tables.get(table.name).map_or(Derive::Nothing, |planned| planned.derive)
    }

    /// Whether other versions can tell before the end that the table is being worked on.
    pub(crate) fn is_seen(&self, table: &Table) -> bool {
        self.tables.get(table.name).is_some_and(|planned| planned.is_seen)
    }

    pub(crate) const fn takes_refs(&self) -> bool {
        self.takes_refs
    }

    /// The table that references are written to.
    pub(crate) const fn refs(&self) -> &'static str {
        if self.takes_refs { REFS_NEXT } else { "refs" }
    }

    /// The tables that are emptied at once.
    pub(crate) fn emptied(&self) -> Vec<&'static str> {
        if self.forgets != Forgets::All {
            return Vec::new();
        }
        self.walks().iter().map(|walk| walk.table).collect()
    }

    /// The derived tables whose rows change in place.
    fn walks(&self) -> &'static [Walk] {
        if self.takes_refs { &DERIVED[1..] } else { DERIVED }
    }

    /// What is to be done, in order. If all of it is one transaction, documents that can't be read
    /// need not be looked for beforehand.
    pub(crate) fn tasks<'a>(&self, registry: &'a Registry, is_one: bool) -> Vec<Task<'a>> {
        let families = registry.families().iter();
        let seen = families.clone().filter(|family| self.is_seen(family.table));
        let mut tasks = Vec::new();
        if !is_one {
            tasks.extend(seen.clone().map(Task::Check));
        }
        if seen.count() > 0 {
            tasks.push(Task::Mark);
        }
        if self.forgets == Forgets::Some {
            tasks.extend(self.walks().iter().map(Task::Forget));
        }
        let derived = families.filter(|family| self.derive(family.table) != Derive::Nothing);
        tasks.extend(derived.map(Task::Derive));
        if self.takes_refs && self.forgets != Forgets::All {
            tasks.push(Task::TakeOver(&REFS_BEFORE));
        }
        tasks.push(Task::Swap);
        tasks
    }

    /// The statement that deletes the rows between two keys of a derived table that are derived
    /// again.
    pub(crate) fn forget(&self, walk: &Walk, registry: &Registry, after: &[Value]) -> String {
        let tables = registry.families().iter().map(|family| family.table);
        let whole = tables.filter(|table| self.derive(table) == Derive::Everything);
        let own = whole.map(|table| shape::is_of(table, walk.id)).collect::<Vec<_>>();
        let (between, own) = (walk.between("", after), own.join(" OR "));
        format!("DELETE FROM {} WHERE {between} AND ({own})", walk.table)
    }

    /// The statements that take over the references between two keys of the layout before; `page`
    /// has their keys.
    pub(crate) fn take_over(
        &self,
        walk: &Walk,
        registry: &Registry,
        after: &[Value],
        page: &[Vec<Value>],
    ) -> Vec<String> {
        let nouns = page.iter().filter_map(|row| match row.last() {
            Some(Value::Text(id)) => id.split_once('/').map(|(noun, _)| noun),
            _ => None,
        });
        let nouns: std::collections::BTreeSet<_> = nouns.collect();
        let is_there = |table: &&Table| table.kinds.iter().any(|k| nouns.contains(k.noun()));
        let tables = registry.families().iter().map(|family| family.table).filter(is_there);
        let kept = tables.filter(|table| self.derive(table) != Derive::Everything);
        kept.map(|table| shape::take_over_refs(table, &walk.between("before.", after))).collect()
    }
}

/// A part of an upgrade. It may take many steps.
#[derive(Clone, Copy)]
pub(crate) enum Task<'a> {
    /// Everything is derived from a table's documents, and nothing is written: a document that
    /// this version can't read must be found while other versions still can use the database.
    Check(&'a Family),
    /// Has every version derive the tables again that change from now on. Empties what can be
    /// emptied at once.
    Mark,
    /// Derived rows are deleted that will be derived again.
    Forget(&'static Walk),
    /// Columns, or everything, of a table are derived.
    Derive(&'a Family),
    /// References are taken over from the layout before.
    TakeOver(&'static Walk),
    /// What was put together takes its place, objects are tallied anew, and the shapes of this
    /// version are recorded: all at once, since other versions may tally by something else.
    Swap,
}

impl Task<'_> {
    /// The table whose rows are counted.
    pub(crate) fn table(&self) -> Option<&'static str> {
        match self {
            Self::Check(family) | Self::Derive(family) => Some(family.table.name),
            Self::Forget(walk) | Self::TakeOver(walk) => Some(walk.table),
            Self::Mark | Self::Swap => None,
        }
    }
}

/// A derived table that is walked along its key.
#[derive(Debug)]
pub(crate) struct Walk {
    table: &'static str,
    key: &'static [&'static str],
    /// The column with the id of the object that a row belongs to.
    id: &'static str,
}

/// The derived tables; the references come first.
const DERIVED: &[Walk] = &[
    Walk {
        table: "refs",
        key: &["org", "to_id", "field", "made_at", "number", "from_id", "carried"],
        id: "from_id",
    },
    Walk { table: "names", key: &["space", "name", "org"], id: "id" },
    Walk {
        table: "props",
        key: &["org", "kept_in", "path", "found_by", "made_at", "number", "of_id", "is_least"],
        id: "of_id",
    },
];
/// The references in the layout before.
const REFS_BEFORE: Walk =
    Walk { table: "refs", key: &["org", "to_id", "field", "from_id"], id: "from_id" };

impl Walk {
    /// Reads the next keys after one, which are its values; with no values, the first keys. Each
    /// row ends with the id of an object.
    pub(crate) fn page(&self, after: &[Value]) -> String {
        let (table, keys, id) = (self.table, self.key.join(", "), self.id);
        let from = if after.is_empty() {
            String::new()
        } else {
            format!(" WHERE ({keys}) > ({})", marks(1, self.key.len()))
        };
        format!("SELECT {keys}, {id} FROM {table}{from} ORDER BY {keys} LIMIT {ENTRIES}")
    }

    /// The key of a row of such a page.
    pub(crate) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        row.iter().take(self.key.len()).cloned().collect()
    }

    /// The condition for rows after a key, up to another one. The parameters are the values of the
    /// first key, if it has any, and of the other.
    fn between(&self, prefix: &str, after: &[Value]) -> String {
        let keys: Vec<_> = self.key.iter().map(|column| format!("{prefix}{column}")).collect();
        let (keys, count) = (keys.join(", "), self.key.len());
        if after.is_empty() {
            return format!("({keys}) <= ({})", marks(1, count));
        }
        let (low, high) = (marks(1, count), marks(count + 1, count));
        format!("({keys}) > ({low}) AND ({keys}) <= ({high})")
    }
}

/// The statement that deletes the texts of which no document of a table has the mark.
pub(crate) fn forget_unmarked(table: &Table) -> Option<String> {
    table.long?;
    let (name, own) = (table.name, shape::is_of(table, "id"));
    Some(format!(
        "DELETE FROM {TEXTS} WHERE ({own}) AND NOT EXISTS (SELECT 1 FROM {name}
         WHERE {name}.org = {TEXTS}.org AND {name}.id = {TEXTS}.id AND instr(doc, '{MARK}') > 0)"
    ))
}

/// The marks of parameters.
fn marks(first: usize, count: usize) -> String {
    let marks: Vec<_> = (first..first + count).map(|at| format!("${at}")).collect();
    marks.join(", ")
}

/// What the database records of an upgrade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// What it leads to.
    wanted: String,
    /// What nobody else may have changed in the meantime.
    pub(crate) state: String,
    pub(crate) plan: Plan,
    /// The index of the present task.
    pub(crate) task: usize,
    /// The key of the last row that it is done with; empty at its beginning.
    pub(crate) after: Vec<Value>,
    /// How many rows all tasks have gone through, and how many there are.
    pub(crate) done: u64,
    pub(crate) all: u64,
}

/// What a step has done: how many rows, and the key of the last one; without a key, the task ends.
pub(crate) type Stepped = (u64, Option<Vec<Value>>);

impl Note {
    pub(crate) fn begin(wanted: String, state: String, plan: Plan, all: u64) -> Self {
        Self { wanted, state, plan, task: 0, after: Vec::new(), done: 0, all }
    }

    /// The note in the database, if it leads to what is wanted, and nobody changed anything since.
    pub(crate) fn read(text: &str, wanted: &str, state: &str) -> Option<Self> {
        let note: Self = serde_json::from_str(text).ok()?;
        (note.wanted == wanted && note.state == state).then_some(note)
    }

    pub(crate) fn text(&self) -> Result<Value> {
        serde_json::to_string(self).map(Value::from).map_err(Error::internal)
    }

    /// The note after a step.
    pub(crate) fn stepped(&self, (rows, after): Stepped) -> Self {
        let task = if after.is_some() { self.task } else { self.task + 1 };
        // Rows may have been added since they were counted, by a version that writes.
        let done = (self.done + rows).min(self.all);
        Self { task, after: after.unwrap_or_default(), done, ..self.clone() }
    }

    /// The table that is at hand, or the next one.
    pub(crate) fn table(&self, tasks: &[Task<'_>]) -> &'static str {
        let table = tasks.iter().skip(self.task).find_map(Task::table);
        table.or_else(|| tasks.iter().rev().find_map(Task::table)).unwrap_or_default()
    }

    /// What is told of it.
    pub(crate) const fn told<'a>(&self, table: &'a str, earlier: u64) -> Upgrading<'a> {
        let (done, all) = (self.done, self.all);
        Upgrading { part: UpgradePart::Rows, table, done, all, earlier }
    }
}

/// What an upgrade leads to, as a hash.
pub(crate) fn wanted(dialect: Dialect, registry: &Registry) -> Result<String> {
    let statements = ddl::statements(dialect, registry);
    Ok(hashed(&[statements, shape::wanted(registry)?.into_iter().map(|(_, s)| s).collect()]))
}

/// A hash of texts that are grouped.
pub(crate) fn hashed(groups: &[Vec<String>]) -> String {
    let mut hash = Sha256::new();
    for group in groups {
        hash.update(group.len().to_le_bytes());
        for text in group {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        }
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_goes_from_key_to_key() {
        let walk = &DERIVED[1];
        assert_eq!(
            walk.page(&[]),
            "SELECT space, name, org, id FROM names ORDER BY space, name, org LIMIT 5000"
        );
        let after: Vec<Value> = vec!["a".into(), "b".into(), "c".into()];
        assert_eq!(
            walk.page(&after),
            "SELECT space, name, org, id FROM names WHERE (space, name, org) > ($1, $2, $3) \
             ORDER BY space, name, org LIMIT 5000"
        );
        assert_eq!(walk.between("", &[]), "(space, name, org) <= ($1, $2, $3)");
        assert_eq!(
            walk.between("n.", &after),
            "(n.space, n.name, n.org) > ($1, $2, $3) AND (n.space, n.name, n.org) <= ($4, $5, $6)"
        );
    }

    #[test]
    fn a_note_is_valid_only_for_what_it_was_made_for() {
        let (tables, forgets) = (BTreeMap::new(), Forgets::Nothing);
        let plan = Plan { tables, forgets, takes_refs: true, tallies: false };
        let begun = Note::begin("w".to_owned(), "s".to_owned(), plan, 10);
        let note = begun.stepped((4, Some(vec![7_i64.into(), "x".into()])));
        assert_eq!((note.task, note.done), (0, 4));
        let Value::Text(text) = note.text().unwrap() else { panic!("a text") };
        assert_eq!(Note::read(&text, "w", "s"), Some(note.clone()));
        assert_eq!(Note::read(&text, "w", "t"), None);
        assert_eq!(Note::read(&text, "v", "s"), None);
        let ended = note.stepped((9, None));
        assert_eq!((ended.task, ended.done, ended.after), (1, 10, Vec::new()));
    }
}
