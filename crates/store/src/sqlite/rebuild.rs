//! Bringing the tables up to date: only those that changed, and of them only what changed. The same
//! code derives everything again from the documents, which repairs a database whose derived rows
//! are wrong; that is one transaction. An upgrade is many, each of which records how far it is
//! (`layout/upgrade.rs`), with only a few rows in memory at a time.
//!
//! A table whose columns change is copied, row by row, to one beside it, which takes its place at
//! the end. Until then nobody sees the copy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use worksmith_kernel::{Error, Family, RawRow, Registry, Result, Value};

use super::apply::{Bound, write};
use super::checkpoint::bring_in;
use super::read_error;
use super::reader::{ask, raw_row};
use super::sync::log_of;
use crate::batch::{RefEntry, Row};
use crate::layout::shape::{self, Change, Derive, Found, NOTED, REFS_NEXT};
use crate::layout::statements::{insert_name, insert_prop, insert_ref, insert_row, text_of};
use crate::layout::upgrade::{self, DOCUMENTS, Note, Plan, Stepped, Task, Walk};
use crate::layout::{Dialect, UpgradePart, Upgrades, Upgrading, ddl, row_columns, tallies};
use crate::texts::Apart;

/// How many rows are in memory at a time.
const ROWS: usize = 250;
/// A log that is longer than this is brought into the database after a step.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// Starts that work on one upgrade need not be told apart: the data dir is locked.
const ATTEMPT: &str = "";

/// Why the tables could not be brought up to date.
pub(super) enum Fault {
    /// A fault of the database.
    Database(rusqlite::Error),
    /// A fault in a document, or of the database while reading it.
    Store(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Database(cause)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// The database that is brought up to date.
pub(super) struct Rebuild<'a> {
    pub(super) connection: &'a Connection,
    pub(super) path: &'a Path,
    pub(super) registry: &'a Registry,
    /// The layout that it gets.
    pub(super) version: i64,
}

impl Rebuild<'_> {
    /// Brings the tables up to date, or goes on where an earlier start was interrupted.
    pub(super) fn bring_up(&self, progress: Upgrades<'_>) -> Result<(), Fault> {
        Work { on: self, is_one: false }.run(progress)
    }

    /// Derives everything again, whether it changed or not, completely or not at all.
    pub(super) fn derive_all(&self, progress: Upgrades<'_>) -> Result<(), Fault> {
        let work = Work { on: self, is_one: true };
        in_one(self.connection, || work.run(progress))
    }
}

/// Runs something in a transaction.
fn in_one<T>(connection: &Connection, run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = run().and_then(|done| {
        connection.execute_batch("COMMIT")?;
        Ok(done)
    });
    if done.is_err() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    done
}

struct Work<'a> {
    on: &'a Rebuild<'a>,
    /// Whether all of it is one transaction, which is open. Then everything is derived again.
    is_one: bool,
}

impl Work<'_> {
    fn run(&self, progress: Upgrades<'_>) -> Result<(), Fault> {
        let note = if self.is_one { None } else { self.resumed()? };
        let earlier = note.as_ref().map_or(0, |note| note.done);
        let begun = match note {
            Some(note) => Some(note),
            None => self.transaction(|| self.begin())?,
        };
        if let Some(note) = begun {
            self.go_through(note, earlier, progress)?;
        }
        self.sweep()?;
        self.index(progress)?;
        let is_there = tables(self.on.connection)?.contains("upgrade");
        if is_there {
            self.transaction(|| Ok(self.on.connection.execute_batch(upgrade::DROP)?))?;
        }
        Ok(())
    }

    /// Runs a step, which is a transaction unless everything is one.
    fn transaction<T>(&self, run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        if self.is_one {
            return run();
        }
        let done = in_one(self.on.connection, run)?;
        let length = std::fs::metadata(log_of(self.on.path)).map_or(0, |log| log.len());
        if length > LOG_BYTES_MAX {
            bring_in(self.on.connection)?;
        }
        Ok(done)
    }

    /// The note of an earlier start, if its work can be continued.
    fn resumed(&self) -> Result<Option<Note>, Fault> {
        let connection = self.on.connection;
        if !tables(connection)?.contains("upgrade") {
            return Ok(None);
        }
        let sql = "SELECT note FROM upgrade";
        let text: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
        let wanted = upgrade::wanted(Dialect::Sqlite, self.on.registry)?;
        let state = state(connection)?;
        Ok(text.and_then(|text| Note::read(&text, &wanted, &state)))
    }

    /// Does what takes no time, and records what does. Returns the note if there is any such thing.
    fn begin(&self) -> Result<Option<Note>, Fault> {
        let (connection, registry) = (self.on.connection, self.on.registry);
        let is_given_up = tables(connection)?.contains("upgrade");
        self.drop_leftovers()?;
        let takes_refs = are_refs_of_before(connection)?;
        for sql in ddl::statements_of(Dialect::Sqlite, &[]) {
            connection.execute_batch(&sql)?;
        }
        let changes = self.changes()?;
        shape::have_readable_texts(&changes)?;
        if is_given_up {
            // It moved texts apart from copies of documents.
            for change in changes.iter().filter(|change| !change.is_new) {
                if let Some(sql) = upgrade::forget_unmarked(change.family.table) {
                    connection.execute_batch(&sql)?;
                }
            }
        }
        let plan = Plan::of(Dialect::Sqlite, &changes, takes_refs);
        for change in changes.iter().filter(|change| change.is_new) {
            let table = change.family.table;
            connection.execute_batch(&ddl::create_table(table))?;
            for sql in ddl::create_indexes(table) {
                connection.execute_batch(&sql)?;
            }
        }
        if plan.is_empty() {
            self.settle(&changes)?;
            return Ok(None);
        }
        if takes_refs {
            connection.execute_batch(&ddl::create_refs_as(Dialect::Sqlite, REFS_NEXT))?;
        }
        for table in changes.iter().map(|change| change.family.table) {
            if plan.derive(table) != Derive::Nothing {
                connection.execute_batch(&ddl::create_table_as(table, &next(table.name)))?;
            }
        }
        let mut all = 0;
        for table in plan.tasks(registry, self.is_one).iter().filter_map(Task::table) {
            let sql = format!("SELECT count(*) FROM {table}");
            all += connection.query_row(&sql, [], |row| row.get::<_, u64>(0))?;
        }
        let wanted = upgrade::wanted(Dialect::Sqlite, registry)?;
        let note = Note::begin(wanted, state(connection)?, plan, all);
        connection.execute_batch(upgrade::CREATE)?;
        ask(connection, upgrade::BEGIN, &[note.text()?, ATTEMPT.into()])?;
        Ok(Some(note))
    }

    /// What turns the tables as they are into those of this version.
    fn changes(&self) -> Result<Vec<Change<'_>>, Fault> {
        let noted = noted(self.on.connection)?;
        let change = |family| {
            let found = found(self.on.connection, family, &noted)?;
            let change = Change::of(Dialect::Sqlite, family, &found);
            let mut change = if self.is_one { change.anew() } else { change };
            if change.reads_rows() {
                let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", family.table.name);
                change.is_empty = self.on.connection.query_row(&sql, [], |row| row.get(0))?;
            }
            Ok(change)
        };
        self.on.registry.families().iter().map(change).collect()
    }

    /// Drops what is obsolete, tallies anew, and records the shapes of this version.
    fn settle(&self, changes: &[Change<'_>]) -> Result<(), Fault> {
        let connection = self.on.connection;
        for index in changes.iter().flat_map(|change| &change.obsolete) {
            connection.execute_batch(&format!("DROP INDEX IF EXISTS {index}"))?;
        }
        for change in changes.iter().filter(|change| change.is_tallied_anew) {
            for sql in tallies::refill(change.family.table) {
                connection.execute_batch(&sql)?;
            }
        }
        let wanted = shape::wanted(self.on.registry)?.into_iter().collect::<BTreeMap<_, _>>();
        if wanted != noted(connection)? {
            for (sql, values) in shape::note(self.on.registry)? {
                connection.execute(sql, params_from_iter(values.iter().map(Bound)))?;
            }
        }
        self.set_version()
    }

    fn set_version(&self) -> Result<(), Fault> {
        let (connection, wanted) = (self.on.connection, self.on.version);
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version != wanted {
            connection.execute_batch(&format!("PRAGMA user_version = {wanted}"))?;
        }
        Ok(())
    }

    /// Goes through the tasks from where the note says.
    fn go_through(
        &self,
        mut note: Note,
        earlier: u64,
        progress: Upgrades<'_>,
    ) -> Result<(), Fault> {
        let tasks = note.plan.tasks(self.on.registry, self.is_one);
        if earlier > 0 {
            progress(note.told(note.table(&tasks), earlier));
        }
        while let Some(task) = tasks.get(note.task) {
            let before = note.done;
            note = self.transaction(|| {
                let mut next = note.stepped(self.step(&note, *task)?);
                if matches!(task, Task::Mark | Task::Swap) {
                    next.state = state(self.on.connection)?;
                }
                ask(self.on.connection, upgrade::ADVANCE, &[next.text()?, ATTEMPT.into()])?;
                Ok(next)
            })?;
            if let Some(table) = task.table().filter(|_| note.done > before) {
                progress(note.told(table, earlier));
            }
        }
        Ok(())
    }

    fn step(&self, note: &Note, task: Task<'_>) -> Result<Stepped, Fault> {
        match task {
            Task::Check(family) => {
                self.documents(family, &note.after, |_, row| (family.derive)(row).map(drop))
            }
            Task::Mark => self.mark(&note.plan),
            Task::Forget(walk) => self.walk(walk, &note.after, |_| {
                vec![note.plan.forget(walk, self.on.registry, &note.after)]
            }),
            Task::Derive(family) => self
                .documents(family, &note.after, |org, row| self.put(&note.plan, family, org, row)),
            Task::TakeOver(walk) => self.walk(walk, &note.after, |page| {
                note.plan.take_over(walk, self.on.registry, &note.after, page)
            }),
            Task::Swap => self.swap(&note.plan),
        }
    }

    /// Has other versions derive again what changes from now on.
    fn mark(&self, plan: &Plan) -> Result<Stepped, Fault> {
        let (connection, noted) = (self.on.connection, noted(self.on.connection)?);
        let tables = self.on.registry.families().iter().map(|family| family.table);
        for table in tables.filter(|table| plan.is_seen(table)) {
            let (sql, values) = shape::mark(table, noted.get(table.name).map(String::as_str))?;
            connection.execute(sql, params_from_iter(values.iter().map(Bound)))?;
        }
        for table in plan.emptied() {
            connection.execute_batch(&format!("DELETE FROM {table}"))?;
        }
        // Versions that know nothing of shapes must not open it any more.
        self.set_version()?;
        Ok((0, None))
    }

    /// Runs statements on the rows between two keys of a derived table.
    fn walk(
        &self,
        walk: &Walk,
        after: &[Value],
        statements: impl FnOnce(&[Vec<Value>]) -> Vec<String>,
    ) -> Result<Stepped, Fault> {
        let page = ask(self.on.connection, &walk.page(after), after)?;
        let Some(last) = page.last().map(|row| walk.key_of(row)) else { return Ok((0, None)) };
        let values = [after, &last].concat();
        for sql in statements(&page) {
            ask(self.on.connection, &sql, &values)?;
        }
        Ok((page.len() as u64, Some(last)))
    }

    /// Visits the next documents of a table, each with its org.
    fn documents(
        &self,
        family: &Family,
        after: &[Value],
        visit: impl Fn(&str, &RawRow) -> Result<()>,
    ) -> Result<Stepped, Fault> {
        let mut last = match after {
            [Value::Integer(last)] => *last,
            _ => i64::MIN,
        };
        let mut count = 0;
        while count < DOCUMENTS {
            let rows = rows_after(self.on.connection, family, last)?;
            let Some((place, ..)) = rows.last() else { break };
            last = *place;
            for (_, org, row) in &rows {
                visit(org, row)?;
            }
            count += rows.len();
        }
        Ok((count as u64, (count > 0).then(|| vec![last.into()])))
    }

    /// Writes a document beside its table, and what is derived from it.
    fn put(&self, plan: &Plan, family: &Family, org: &str, raw: &RawRow) -> Result<()> {
        let (connection, id) = (self.on.connection, &raw.meta.id);
        let derived = (family.derive)(raw)?;
        let columns = derived.stored_values(family.table, &raw.meta);
        let apart = Apart::of(family.table, Some(raw), &raw.doc);
        let row = Row { doc_version: raw.doc_version, doc: raw.doc.clone(), apart, columns };
        if let Some(text) = text_of(org, id, &row) {
            write(connection, &text)?;
        }
        let copy = insert_row(org, family.table, &raw.meta, &row);
        write(connection, &copy.into_table(next(family.table.name)))?;
        if plan.derive(family.table) != Derive::Everything {
            return Ok(());
        }
        for entry in RefEntry::all_of(family.table, &derived) {
            write(connection, &insert_ref(org, &raw.meta, &entry).into_table(plan.refs()))?;
        }
        for prop in &derived.props {
            write(connection, &insert_prop(org, family.table, &raw.meta, prop))?;
        }
        for (space, _, name) in &derived.names {
            write(connection, &insert_name(org, id, space, name)).map_err(|error| match error {
                Error::Stale => Error::Internal(format!("{id} has the name {name:?} of another")),
                other => other,
            })?;
        }
        Ok(())
    }

    /// Puts the copies in the place of the tables.
    fn swap(&self, plan: &Plan) -> Result<Stepped, Fault> {
        let connection = self.on.connection;
        let changes = self.changes()?;
        let swap = |name: &str| {
            connection.execute_batch(&format!(
                "ALTER TABLE {name} RENAME TO {}; ALTER TABLE {} RENAME TO {name}",
                gone(name),
                next(name)
            ))
        };
        for table in changes.iter().map(|change| change.family.table) {
            if plan.derive(table) != Derive::Nothing {
                // The new table needs the names of its indexes.
                for index in ddl::indexes(table).map(|index| index.name) {
                    connection.execute_batch(&format!("DROP INDEX IF EXISTS {index}"))?;
                }
                swap(table.name)?;
            }
        }
        if plan.takes_refs() {
            swap("refs")?;
        }
        self.settle(&changes)?;
        Ok((0, None))
    }

    /// Drops tables that were replaced.
    fn sweep(&self) -> Result<(), Fault> {
        let tables = tables(self.on.connection)?;
        for name in self.changing().map(gone).filter(|name| tables.contains(name)) {
            let drop = format!("DROP TABLE {name}");
            self.transaction(|| Ok(self.on.connection.execute_batch(&drop)?))?;
        }
        Ok(())
    }

    /// Drops what an upgrade left that can't be continued.
    fn drop_leftovers(&self) -> Result<(), Fault> {
        let (connection, tables) = (self.on.connection, tables(self.on.connection)?);
        let left = self.changing().flat_map(|name| [next(name), gone(name)]);
        for name in left.filter(|name| tables.contains(name)) {
            connection.execute_batch(&format!("DROP TABLE {name}"))?;
        }
        Ok(connection.execute_batch(upgrade::DROP)?)
    }

    /// The tables that may be copied.
    fn changing(&self) -> impl Iterator<Item = &'static str> {
        let families = self.on.registry.families().iter();
        families.map(|family| family.table.name).chain(["refs"])
    }

    /// Builds the indexes that are missing.
    fn index(&self, progress: Upgrades<'_>) -> Result<(), Fault> {
        let noted = BTreeMap::new();
        let mut missing = Vec::new();
        for family in self.on.registry.families() {
            let found = found(self.on.connection, family, &noted)?;
            let indexes = ddl::indexes(family.table).zip(ddl::create_indexes(family.table));
            let lacking = indexes.filter(|(index, _)| !found.indexes.contains(&index.name));
            missing.extend(lacking.map(|(_, sql)| (family.table.name, sql)));
        }
        let all = missing.len() as u64;
        for ((table, sql), done) in missing.iter().zip(1..) {
            self.transaction(|| Ok(self.on.connection.execute_batch(sql)?))?;
            progress(Upgrading { part: UpgradePart::Indexes, table, done, all, earlier: 0 });
        }
        Ok(())
    }
}

/// The name of a table while it is put together.
fn next(table: &str) -> String {
    format!("{table}_next")
}

/// The name of a table that was replaced, until it is dropped.
fn gone(table: &str) -> String {
    format!("{table}_gone")
}

/// The names of all tables.
fn tables(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement =
        connection.prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

/// Whether the references are in the layout before, in which they carried nothing.
fn are_refs_of_before(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) > 0 AND coalesce(sum(name = 'carried'), 0) = 0
               FROM pragma_table_info('refs')";
    connection.query_row(sql, [], |row| row.get(0))
}

/// What nobody else may change during an upgrade, as a hash: the layout, the shapes, and the log of
/// events.
fn state(connection: &Connection) -> Result<String, Fault> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let last = "SELECT coalesce(max(seq), 0) FROM events";
    let last: i64 = connection.query_row(last, [], |row| row.get(0))?;
    let noted = noted(connection)?.into_iter().flat_map(<[String; 2]>::from);
    Ok(upgrade::hashed(&[vec![version.to_string(), last.to_string()], noted.collect()]))
}

/// What is recorded of each table.
fn noted(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(NOTED)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn found(
    connection: &Connection,
    family: &Family,
    noted: &BTreeMap<String, String>,
) -> rusqlite::Result<Found> {
    let table = family.table.name;
    let mut columns = connection.prepare_cached("SELECT name, type FROM pragma_table_info(?1)")?;
    let columns = columns.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut indexes = connection.prepare_cached(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
    )?;
    let indexes = indexes.query_map([table], |row| row.get(0))?;
    Ok(Found {
        columns: columns.collect::<rusqlite::Result<_>>()?,
        indexes: indexes.collect::<rusqlite::Result<_>>()?,
        noted: noted.get(table).cloned(),
    })
}

/// The next rows of a table: the position of each, its org, and the row itself.
fn rows_after(
    connection: &Connection,
    family: &Family,
    after: i64,
) -> Result<Vec<(i64, String, RawRow)>> {
    let (table, name) = (family.table, family.table.name);
    let columns = row_columns(table, name);
    let sql = format!(
        "SELECT {columns}, rowid, org FROM {name} WHERE rowid > ?1 ORDER BY rowid LIMIT {ROWS}"
    );
    let failed = |cause: rusqlite::Error| read_error(&cause);
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut rows = statement.query(params![after]).map_err(failed)?;
    let mut found = Vec::with_capacity(ROWS);
    while let Some(row) = rows.next().map_err(failed)? {
        let (place, org) = (row.get("rowid").map_err(failed)?, row.get("org").map_err(failed)?);
        found.push((place, org, raw_row(table, row)?));
    }
    Ok(found)
}
