//! Copying everything from one database to another, and comparing both.
//!
//! Rows are copied as they are, in pages; each page is written together with a note of how far the
//! copying is, so that it goes on there when it was cut off. As long as there is such a note the
//! target is unfinished, and serves nobody.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};
use worksmith_kernel::{Error, Result, Value};

use crate::export::{count, log_of, orgs};
use crate::kept::{Kept, tables};
use crate::snapshot::Snapshot;
use crate::sqlite::Progress;
use crate::statements::{Write, delete_note, insert_into, insert_note};
use crate::store::Store;

/// So many differences of a table are named.
const DIFFERENCES_MAX: usize = 5;
/// The name of the note that says where the data comes from.
const SOURCE: &str = "source";

/// Why nothing is copied.
#[derive(Debug)]
pub enum CopyError {
    /// The target has data already.
    NotEmpty,
    /// The target holds what was begun to be copied from elsewhere.
    OfAnother(String),
    /// A fault of a database.
    Fault(Error),
}

impl From<Error> for CopyError {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// How a table of two databases compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Its name.
    pub table: &'static str,
    /// How many rows each has.
    pub rows: [u64; 2],
    /// The hash of the hashes of all rows of each, in order.
    pub hashes: [String; 2],
    /// The keys of the first rows that differ, or that one of them lacks.
    pub differences: Vec<String>,
}

impl Compared {
    /// Whether both are the same.
    pub fn is_same(&self) -> bool {
        self.rows[0] == self.rows[1] && self.hashes[0] == self.hashes[1]
    }
}

impl Store {
    /// Whether what is here was begun to be copied from elsewhere, and is not complete.
    pub async fn is_unfinished(&self) -> Result<bool> {
        Ok(count(&mut self.inner.snapshot()?, "copying").await? > 0)
    }

    /// Copies everything to an empty store, or goes on where an earlier copying from the same
    /// `source` was cut off. Nobody may write to either meanwhile.
    pub async fn copy_to(
        &self,
        target: &Self,
        source: &str,
        progress: Progress<'_>,
    ) -> Result<(), CopyError> {
        let mut snapshot = self.inner.snapshot()?;
        let tables = tables(&self.inner.registry);
        let mut notes = begin(target, source, &tables).await?;
        let (mut done, mut all) = (0, 0);
        for table in &tables {
            all += count(&mut snapshot, table.name).await?;
            done += count(&mut target.inner.snapshot()?, table.name).await?;
        }
        progress(done, all);
        for table in &tables {
            let mut numbers = Numbers::of(target, table).await?;
            let mut after = match notes.remove(table.name) {
                Some(note) => serde_json::from_str(&note).map_err(Error::internal)?,
                None => table.beginning(),
            };
            loop {
                let rows = table.rows(&mut snapshot, &after).await?;
                let Some(last) = rows.last() else { break };
                after = table.key_of(last);
                done += rows.len() as u64;
                let note = serde_json::to_string(&after).map_err(Error::internal)?;
                let mut writes = vec![delete_note(table.name), insert_note(table.name, &note)];
                writes.extend(rows.into_iter().map(|row| numbers.renumbered(table, row)));
                target.inner.put(writes).await?;
                progress(done, all);
            }
        }
        let names: Vec<_> = tables.iter().map(|table| table.name).collect();
        target.inner.end_copying(&names).await?;
        target.inner.change("DELETE FROM copying", &[]).await?;
        Ok(())
    }

    /// Compares everything with what another store has.
    pub async fn compare(&self, other: &Self, progress: Progress<'_>) -> Result<Vec<Compared>> {
        let mut sides = [self.inner.snapshot()?, other.inner.snapshot()?];
        let tables = tables(&self.inner.registry);
        let (mut done, mut all) = (0, 0);
        for table in &tables {
            all += count(&mut sides[0], table.name).await?;
        }
        let mut found = Vec::new();
        for table in &tables {
            let mut comparing = Comparing::new(table);
            if table.is_log() {
                for org in orgs(&mut sides[0]).await?.into_iter().flatten() {
                    comparing.log(&mut sides, &org).await?;
                }
                // What belongs to no org that is known here.
                for (at, side) in sides.iter_mut().enumerate() {
                    comparing.rows[at] = count(side, table.name).await?;
                }
            } else {
                comparing.table(&mut sides).await?;
            }
            let compared = comparing.end();
            done += compared.rows[0];
            progress(done.min(all), all);
            found.push(compared);
        }
        Ok(found)
    }
}

/// Sees to it that a target can be copied to. Gives the notes of an earlier copying.
async fn begin(
    target: &Store,
    source: &str,
    tables: &[Kept],
) -> Result<HashMap<String, String>, CopyError> {
    let mut snapshot = target.inner.snapshot()?;
    let mut notes = HashMap::new();
    for row in snapshot.ask("SELECT name, note FROM copying", &[]).await? {
        if let [Value::Text(name), Value::Text(note)] = row.as_slice() {
            notes.insert(name.clone(), note.clone());
        }
    }
    match notes.remove(SOURCE) {
        Some(known) if known == source => return Ok(notes),
        Some(known) => return Err(CopyError::OfAnother(known)),
        None => {}
    }
    for table in tables {
        if count(&mut snapshot, table.name).await? > 0 {
            return Err(CopyError::NotEmpty);
        }
    }
    drop(snapshot);
    target.inner.put(vec![insert_note(SOURCE, source)]).await?;
    Ok(notes)
}

/// The numbers of events in a target: there they count from one, in each org or over all.
struct Numbers {
    is_of_all: bool,
    last: HashMap<String, i64>,
}

impl Numbers {
    async fn of(target: &Store, table: &Kept) -> Result<Self> {
        let is_of_all = target.inner.dialect() == crate::dialect::Dialect::Sqlite;
        let mut last = HashMap::new();
        if table.is_log() {
            let sql = if is_of_all {
                "SELECT '', coalesce(max(seq), 0) FROM events"
            } else {
                "SELECT org, max(seq) FROM events GROUP BY org"
            };
            for row in target.inner.snapshot()?.ask(sql, &[]).await? {
                if let [Value::Text(org), Value::Integer(seq)] = row.as_slice() {
                    last.insert(org.clone(), *seq);
                }
            }
        }
        Ok(Self { is_of_all, last })
    }

    fn renumbered(&mut self, table: &Kept, mut row: Vec<Value>) -> Write {
        if let (true, [Value::Text(org), seq, ..]) = (table.is_log(), row.as_mut_slice()) {
            let of = if self.is_of_all { String::new() } else { org.clone() };
            let last = self.last.entry(of).or_default();
            *last += 1;
            *seq = Value::Integer(*last);
        }
        insert_into(table.name, table.columns.clone(), row)
    }
}

/// A comparison of one table on both sides.
struct Comparing<'a> {
    table: &'a Kept,
    rows: [u64; 2],
    hashes: [Sha256; 2],
    differences: Vec<String>,
}

/// Rows by their keys, as texts that can be ordered and shown.
type Keyed = BTreeMap<String, Vec<u8>>;

impl<'a> Comparing<'a> {
    fn new(table: &'a Kept) -> Self {
        let hashes = [Sha256::new(), Sha256::new()];
        Self { table, rows: [0; 2], hashes, differences: Vec::new() }
    }

    async fn table(&mut self, sides: &mut [Snapshot; 2]) -> Result<()> {
        let mut after = [self.table.beginning(), self.table.beginning()];
        let mut waiting = [Keyed::new(), Keyed::new()];
        let mut is_over = [false; 2];
        while !(is_over[0] && is_over[1]) {
            for at in 0..2 {
                let rows = self.table.rows(&mut sides[at], &after[at]).await?;
                is_over[at] = rows.is_empty();
                let Some(last) = rows.last() else { continue };
                after[at] = self.table.key_of(last);
                for row in rows {
                    let key = shown(&row[..self.table.key]);
                    let hash = self.take(at, &row)?;
                    waiting[at].insert(key, hash);
                }
            }
            self.meet(&mut waiting);
        }
        self.end_of(waiting);
        Ok(())
    }

    /// The log of one org: its events are compared one after the other.
    async fn log(&mut self, sides: &mut [Snapshot; 2], org: &str) -> Result<()> {
        let mut after = [self.table.beginning(), self.table.beginning()];
        let mut place = 0_u64;
        loop {
            let mut pages = [Vec::new(), Vec::new()];
            for (at, page) in pages.iter_mut().enumerate() {
                *page = log_of(self.table, &mut sides[at], org, &after[at]).await?;
                if let Some(last) = page.last() {
                    after[at] = self.table.key_of(last);
                }
            }
            let count = pages[0].len().max(pages[1].len());
            if count == 0 {
                return Ok(());
            }
            for each in 0..count {
                place += 1;
                let mut hashes = [None, None];
                for at in 0..2 {
                    let Some(row) = pages[at].get_mut(each) else { continue };
                    // Its number is another one in each database.
                    row.remove(1);
                    hashes[at] = Some(self.take(at, row)?);
                }
                if hashes[0] != hashes[1] {
                    self.differ(format!("event {place} of org {org}"));
                }
            }
        }
    }

    /// Counts a row, and hashes it.
    fn take(&mut self, at: usize, row: &[Value]) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(row).map_err(Error::internal)?;
        let hash = Sha256::digest(&text).to_vec();
        self.rows[at] += 1;
        self.hashes[at].update(&hash);
        Ok(hash)
    }

    /// Takes out what both have.
    fn meet(&mut self, waiting: &mut [Keyed; 2]) {
        let [one, two] = waiting;
        one.retain(|key, hash| match two.remove(key) {
            None => true,
            Some(other) => {
                if other != *hash {
                    self.differ(format!("{key} differs"));
                }
                false
            }
        });
    }

    /// What only one side has.
    fn end_of(&mut self, [one, two]: [Keyed; 2]) {
        for key in one.into_keys() {
            self.differ(format!("{key} is missing in the target"));
        }
        for key in two.into_keys() {
            self.differ(format!("{key} is in the target alone"));
        }
    }

    fn differ(&mut self, what: String) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(what);
        }
    }

    fn end(self) -> Compared {
        let Self { table, rows, hashes, differences } = self;
        let hashes = hashes.map(|hash| hex::encode(&hash.finalize()[..8]));
        Compared { table: table.name, rows, hashes, differences }
    }
}

fn shown(key: &[Value]) -> String {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(integer) => integer.to_string(),
        other => format!("{other:?}"),
    };
    key.iter().map(text).collect::<Vec<_>>().join(" ")
}
