//! Everything that is kept and can't be derived from anything else, listed once for those that read
//! all of it: exports, moves and comparisons. They read it a page at a time, in one order, which is
//! the same for either database.
//!
//! This leaves out what the documents say anyway (promoted columns, references, names), and what
//! passes by itself, such as the leases of servers. Documents are whole, with the texts that they
//! have apart.

pub(crate) mod compare;
pub(crate) mod export;
pub(crate) mod state;

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use worksmith_kernel::{Error, Family, Registry, Result, Value};

use crate::layout::Dialect;
use crate::layout::ddl::META_COLUMNS;
use crate::snapshot::Snapshot;
use crate::texts::{put_together, with_text};

/// The approximate size of a page in bytes of text, however long its rows are ..
const PAGE_BYTES: usize = 4 << 20;
/// .. and its largest number of rows, and that of the first page.
const PAGE_ROWS: usize = 2000;
const FIRST_ROWS: usize = 100;

pub(crate) const EVENTS: &str = "events";
pub(crate) const COUNTERS: &str = "counters";

/// How an export shows a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As a member of this name.
    As(&'static str),
    /// As a member of this name whose value is the JSON that the column holds.
    Json(&'static str),
    /// Not at all: another column says the same.
    Not,
}

/// A column, and how an export shows it.
pub(crate) type Column = (&'static str, Shown);

/// One of the tables that are kept.
pub(crate) struct Part {
    pub(crate) table: &'static str,
    /// The family whose documents it holds.
    pub(crate) family: Option<Family>,
    /// Its columns; the first is the org.
    pub(crate) columns: Vec<Column>,
    /// The indexes of the columns that identify a row within an org, and that order the rows.
    pub(crate) key: &'static [usize],
}

/// The number of an event belongs to the database, not to what is kept: SQLite numbers the events
/// of all orgs together, PostgreSQL those of each org.
const NUMBER: Column = ("seq", Shown::Not);

const COUNTER_COLUMNS: [Column; 3] =
    [("org", Shown::As("org")), ("kind", Shown::As("kind")), ("value", Shown::As("value"))];

const TOMBSTONE_COLUMNS: [Column; 4] = [
    ("org", Shown::As("org")),
    ("id", Shown::As("id")),
    ("deleted_at", Shown::As("deleted_at")),
    ("summary", Shown::Json("summary")),
];

const ANSWER_COLUMNS: [Column; 8] = [
    ("org", Shown::As("org")),
    ("actor", Shown::As("actor")),
    ("key", Shown::As("key")),
    ("request", Shown::As("request")),
    ("status", Shown::As("status")),
    ("body", Shown::As("body")),
    ("revision", Shown::As("revision")),
    ("expires_at", Shown::As("expires_at")),
];

const EVENT_COLUMNS: [Column; 10] = [
    ("org", Shown::As("org")),
    NUMBER,
    ("at", Shown::As("at")),
    ("actor", Shown::As("actor")),
    ("request_id", Shown::As("request_id")),
    ("kind", Shown::As("kind")),
    ("id", Shown::As("id")),
    ("verb", Shown::As("verb")),
    ("rev", Shown::As("revision")),
    ("old", Shown::Json("old")),
];

const DELIVERY_COLUMNS: [Column; 13] = [
    ("org", Shown::As("org")),
    ("webhook", Shown::As("webhook")),
    ("id", Shown::As("id")),
    ("number", Shown::As("number")),
    ("object", Shown::As("object")),
    ("type", Shown::As("type")),
    ("made_at", Shown::As("made_at")),
    ("due_at", Shown::As("due_at")),
    ("status", Shown::As("status")),
    ("tries", Shown::As("tries")),
    ("touched_at", Shown::As("touched_at")),
    ("attempts", Shown::Json("attempts")),
    ("payload", Shown::Json("payload")),
];

const PLACE_COLUMNS: [Column; 4] = [
    ("org", Shown::As("org")),
    ("reader", Shown::As("reader")),
    ("place", Shown::As("place")),
    ("number", Shown::As("number")),
];

/// Every table that is kept, in the order in which they are read.
pub(crate) fn parts(registry: &Registry) -> Vec<Part> {
    let mut parts: Vec<Part> = registry.families().iter().map(documents).collect();
    // The order must not depend on where a family is registered.
    parts.sort_by_key(|part| part.table);
    let other = |table, columns: &[Column], key| Part {
        table,
        family: None,
        columns: columns.to_vec(),
        key,
    };
    parts.push(other(COUNTERS, &COUNTER_COLUMNS, &[1]));
    parts.push(other("tombstones", &TOMBSTONE_COLUMNS, &[1]));
    parts.push(other("idempotency", &ANSWER_COLUMNS, &[1, 2]));
    parts.push(other("deliveries", &DELIVERY_COLUMNS, &[1, 2]));
    parts.push(other("delivery_places", &PLACE_COLUMNS, &[1]));
    parts.push(other(EVENTS, &EVENT_COLUMNS, &[1]));
    parts
}

fn documents(family: &Family) -> Part {
    let shown = |name| match name {
        // The id says both.
        "kind" | "seq" => Shown::Not,
        "rev" => Shown::As("revision"),
        "doc" => Shown::Json("doc"),
        name => Shown::As(name),
    };
    let columns = META_COLUMNS.iter().map(|&name| (name, shown(name))).collect();
    Part { table: family.table.name, family: Some(*family), columns, key: &[1] }
}

impl Part {
    /// The names of its columns.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    /// Whether its rows are identified by their order alone.
    pub(crate) fn is_log(&self) -> bool {
        self.table == EVENTS
    }

    /// The key that lies before every row of an org.
    fn beginning(&self) -> Vec<Value> {
        if self.is_log() { vec![0_i64.into()] } else { vec!["".into(); self.key.len()] }
    }

    /// The part of a row that identifies it.
    pub(crate) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().filter_map(|place| row.get(*place).cloned()).collect()
    }

    /// The columns that are content, with their values.
    pub(crate) fn content<'a>(
        &'a self,
        row: &'a [Value],
    ) -> impl Iterator<Item = (&'static str, &'a Value)> {
        let columns = self.columns.iter().zip(row);
        columns
            .filter(|(column, _)| !self.is_log() || **column != NUMBER)
            .map(|((name, _), value)| (*name, value))
    }

    /// The hash of a row's content.
    pub(crate) fn hash(&self, row: &[Value]) -> Hash {
        let mut hash = Sha256::new();
        self.content(row).for_each(|(_, value)| feed(&mut hash, value));
        hash.finalize().into()
    }

    /// Its rows of an org, from after a key on.
    pub(crate) fn pages<'a>(&'a self, org: &'a str, after: Option<Vec<Value>>) -> Pages<'a> {
        let after = after.unwrap_or_else(|| self.beginning());
        Pages { part: self, org, after, rows: FIRST_ROWS, rows_max: PAGE_ROWS, is_over: false }
    }
}

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// Feeds a value to a hash, such that no other value gives the same bytes.
pub(crate) fn feed(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update([0]),
        Value::Integer(integer) => {
            hash.update([1]);
            hash.update(integer.to_le_bytes());
        }
        Value::Real(real) => {
            hash.update([2]);
            hash.update(real.to_bits().to_le_bytes());
        }
        Value::Text(text) => {
            hash.update([3]);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
    }
}

/// The rows of a part in an org, a page at a time.
pub(crate) struct Pages<'a> {
    part: &'a Part,
    org: &'a str,
    after: Vec<Value>,
    /// How many rows the next page has.
    rows: usize,
    rows_max: usize,
    is_over: bool,
}

impl Pages<'_> {
    /// Limits the pages to `rows_max` rows.
    pub(crate) fn of(self, rows_max: usize) -> Self {
        Self { rows: self.rows.min(rows_max), rows_max, ..self }
    }

    /// Reads the next page, which is empty after the last one.
    pub(crate) async fn next(&mut self, snapshot: &mut Snapshot) -> Result<Vec<Vec<Value>>> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let sql = self.sql(snapshot.dialect());
        let mut values = vec![Value::from(self.org)];
        values.extend(self.after.iter().cloned());
        values.push((self.rows as u64).into());
        let mut rows = snapshot.ask(&sql, &values).await?;
        self.put_together(&mut rows)?;
        // Gives others their turn; the task may also be cancelled here.
        tokio::task::yield_now().await;
        self.is_over = rows.len() < self.rows;
        if let Some(last) = rows.last() {
            self.after = self.part.key_of(last);
            let bytes: usize = rows.iter().flatten().map(bytes).sum();
            self.rows = (PAGE_BYTES / (bytes / rows.len()).max(1)).clamp(1, self.rows_max);
        }
        Ok(rows)
    }

    /// Puts documents together with the texts that they have apart.
    fn put_together(&self, rows: &mut [Vec<Value>]) -> Result<()> {
        let Some(table) = self.part.family.map(|family| family.table) else { return Ok(()) };
        let doc = self.part.columns.len() - 1;
        for row in rows {
            let (_, is_missing) = put_together(table, row, doc);
            if is_missing {
                let what = export::describe(self.part, row);
                return Err(Error::Internal(format!("the long text of {what} is missing")));
            }
        }
        Ok(())
    }

    fn sql(&self, dialect: Dialect) -> String {
        let names = self.part.names();
        let (table, columns) = (self.part.table, names.join(", "));
        let columns = match &self.part.family {
            Some(family) => with_text(columns, family.table, table),
            None => columns,
        };
        let key: Vec<_> = self.part.key.iter().map(|place| names[*place]).collect();
        let key = key.join(", ");
        let marks: Vec<_> = (2..2 + self.part.key.len()).map(|at| format!("${at}")).collect();
        let in_order = if self.part.is_log() { dialect.by_number() } else { "" };
        format!(
            "SELECT {columns} FROM {table}{in_order} WHERE org = $1 AND ({key}) > ({})
             ORDER BY {key} LIMIT ${}",
            marks.join(", "),
            2 + marks.len()
        )
    }
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => 8,
    }
}

/// Every org that has any rows.
pub(crate) async fn orgs(snapshot: &mut Snapshot, parts: &[Part]) -> Result<Vec<String>> {
    let mut orgs = BTreeSet::new();
    for part in parts {
        let sql = format!("SELECT org FROM {} WHERE org > $1 ORDER BY org LIMIT 1", part.table);
        let mut after = Value::from("");
        while let Some(row) = snapshot.ask(&sql, &[after]).await?.pop() {
            after = row.into_iter().next().unwrap_or(Value::Null);
            match &after {
                Value::Text(org) => drop(orgs.insert(org.clone())),
                _ => break,
            }
        }
    }
    Ok(orgs.into_iter().collect())
}

/// How many rows a part has.
pub(crate) async fn count(snapshot: &mut Snapshot, part: &Part) -> Result<u64> {
    let rows = snapshot.ask(&format!("SELECT count(*) FROM {}", part.table), &[]).await?;
    match rows.first().map(Vec::as_slice) {
        Some([Value::Integer(count)]) => Ok(count.unsigned_abs()),
        _ => Ok(0),
    }
}
