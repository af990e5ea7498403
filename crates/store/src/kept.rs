//! Everything that is kept, table by table, for those who read or copy all of it: in the order of
//! the keys, in pages, the same whichever database it is.

use std::fmt::Write as _;

use worksmith_kernel::{ColumnType, Registry, Result, Value};

use crate::dialect::Dialect;
use crate::snapshot::Snapshot;
use crate::statements::{COUNTER, EVENT, MEMORY, META, NAME, Named, REF, SEQ, TOMBSTONE};

/// So many rows are in memory at once.
pub(crate) const PAGE: usize = 1_000;
/// So many of those that may be long.
const PAGE_OF_DOCUMENTS: usize = 250;

/// A table that is kept.
pub(crate) struct Kept {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its columns, those of the key first.
    pub(crate) columns: Vec<Named>,
    /// How many of them make the key.
    pub(crate) key: usize,
    /// How many columns are no derived ones.
    pub(crate) own: usize,
    /// Whether all of it can be derived from other tables.
    pub(crate) is_derived: bool,
}

impl Kept {
    fn of(name: &'static str, columns: &[Named], key: usize) -> Self {
        let own = columns.len();
        Self { name, columns: columns.to_vec(), key, own, is_derived: false }
    }

    fn derived(self) -> Self {
        Self { is_derived: true, ..self }
    }

    /// Whether it is the log, whose rows are numbered otherwise in each database.
    pub(crate) fn is_log(&self) -> bool {
        self.name == "events"
    }

    /// So many rows at once.
    pub(crate) fn page(&self) -> usize {
        let is_long = self.columns.iter().any(|(name, _)| matches!(*name, "doc" | "old"));
        if is_long { PAGE_OF_DOCUMENTS } else { PAGE }
    }

    /// The key before all others.
    pub(crate) fn beginning(&self) -> Vec<Value> {
        let least = |(_, kind): &Named| match kind {
            ColumnType::Text => Value::from(""),
            ColumnType::Integer | ColumnType::Real => Value::Integer(i64::MIN),
        };
        self.columns[..self.key].iter().map(least).collect()
    }

    /// The rows after a key.
    pub(crate) async fn rows(
        &self,
        snapshot: &mut Snapshot,
        after: &[Value],
    ) -> Result<Vec<Vec<Value>>> {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        let mut sql = format!("SELECT {} FROM {} WHERE ", names.join(", "), self.name);
        // There the log has an index of its numbers alone, which are those of all orgs.
        let of_all = self.is_log() && snapshot.dialect() == Dialect::Sqlite;
        let (key, after) =
            if of_all { (&names[1..2], &after[1..]) } else { (&names[..self.key], after) };
        let marks: Vec<_> = (1..=key.len()).map(|at| format!("${at}")).collect();
        let key = key.join(", ");
        let _ =
            write!(sql, "({key}) > ({}) ORDER BY {key} LIMIT {}", marks.join(", "), self.page());
        snapshot.ask(&sql, after).await
    }

    /// The key of a row.
    pub(crate) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        row[..self.key].to_vec()
    }
}

/// Every table whose rows are worth keeping: not what is made anew by itself.
pub(crate) fn tables(registry: &Registry) -> Vec<Kept> {
    let mut tables = Vec::new();
    for family in registry.families() {
        let mut columns = META.to_vec();
        columns.extend(family.table.kept().map(|column| (column.name, column.kind)));
        let own = META.len();
        tables.push(Kept { own, ..Kept::of(family.table.name, &columns, 2) });
    }
    tables.push(Kept::of("refs", &REF, 4).derived());
    tables.push(Kept::of("names", &NAME, 3).derived());
    tables.push(Kept::of("counters", &COUNTER, 2));
    tables.push(Kept::of("tombstones", &TOMBSTONE, 2));
    tables.push(Kept::of("idempotency", &MEMORY, 3));
    let mut log = vec![EVENT[0], SEQ];
    log.extend_from_slice(&EVENT[1..]);
    tables.push(Kept::of("events", &log, 2));
    tables
}
