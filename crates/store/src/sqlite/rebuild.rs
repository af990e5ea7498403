//! Bringing the tables up to date: only those that changed, and of them only what changed. The same
//! code derives everything again from the documents, which repairs a database whose derived rows
//! are wrong. All of it happens in one transaction, with only a few rows in memory at a time.

use std::collections::BTreeMap;

use rusqlite::{Connection, params, params_from_iter};
use worksmith_kernel::{Error, Family, RawRow, Registry, Result};

use super::apply::{Bound, write};
use super::read_error;
use super::reader::raw_row;
use crate::batch::{RefEntry, Row};
use crate::layout::shape::{self, Change, Derive, Found, NOTED, REFS_BEFORE};
use crate::layout::statements::{insert_name, insert_prop, insert_ref, insert_row, text_of};
use crate::layout::{Dialect, Progress, ddl, row_columns, tallies};
use crate::texts::Apart;

/// How many rows are in memory at a time.
const ROWS: usize = 250;

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

/// Brings the tables up to date, and sets the layout to `version`. With `anew`, everything is
/// derived again, whether it changed or not.
pub(super) fn bring_up(
    connection: &Connection,
    registry: &Registry,
    version: i64,
    anew: bool,
    progress: Progress<'_>,
) -> Result<(), Fault> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = everything(connection, registry, anew, progress).and_then(|()| {
        let end = format!("PRAGMA user_version = {version}; COMMIT");
        Ok(connection.execute_batch(&end)?)
    });
    if done.is_err() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    done
}

fn everything(
    connection: &Connection,
    registry: &Registry,
    anew: bool,
    progress: Progress<'_>,
) -> Result<(), Fault> {
    let refs_before = set_refs_aside(connection)?;
    for sql in ddl::statements_of(Dialect::Sqlite, &[]) {
        connection.execute_batch(&sql)?;
    }
    let noted = noted(connection)?;
    let mut changes = Vec::new();
    for family in registry.families() {
        let found = found(connection, family.table.name, &noted)?;
        let change = Change::of(Dialect::Sqlite, family, &found);
        changes.push(if anew { change.anew() } else { change });
    }
    shape::have_readable_texts(&changes)?;
    for sql in shape::forget(&changes) {
        connection.execute_batch(&sql)?;
    }
    let mut all = refs_before.unwrap_or(0);
    for change in &changes {
        all += begin(connection, change)?;
    }
    let mut done = 0;
    for change in &changes {
        let mut progressed = |rows| {
            done += rows;
            progress(done, all);
        };
        if is_made_anew(change) {
            copy(connection, change, &mut progressed)?;
        }
        let rows = if !is_made_anew(change) && change.reindexed() > 0 {
            count(connection, change)?
        } else {
            0
        };
        let table = change.family.table;
        for (index, sql) in ddl::indexes(table).zip(ddl::create_indexes(table)) {
            connection.execute_batch(&sql)?;
            if rows > 0 && change.obsolete.contains(&index.name) {
                progressed(rows);
            }
        }
        if refs_before.is_some() && change.derive != Derive::Everything && !change.is_new {
            progressed(connection.execute(&shape::take_over_refs(table), [])? as u64);
        }
    }
    if refs_before.is_some() {
        connection.execute_batch(&format!("DROP TABLE {REFS_BEFORE}"))?;
    }
    for change in changes.iter().filter(|change| change.is_tallied_anew) {
        for sql in tallies::refill(change.family.table) {
            connection.execute_batch(&sql)?;
        }
    }
    if shape::wanted(registry)?.into_iter().collect::<BTreeMap<_, _>>() != noted {
        for (sql, values) in shape::note(registry)? {
            connection.execute(sql, params_from_iter(values.iter().map(Bound)))?;
        }
    }
    Ok(())
}

/// Sets the references aside if they are in the layout before, and returns how many they are.
fn set_refs_aside(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT count(*), coalesce(sum(name = 'carried'), 0) FROM pragma_table_info('refs')";
    let (columns, carried): (u64, u64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if columns == 0 || carried > 0 {
        return Ok(None);
    }
    connection.execute_batch(&format!("ALTER TABLE refs RENAME TO {REFS_BEFORE}"))?;
    let count = format!("SELECT count(*) FROM {REFS_BEFORE}");
    connection.query_row(&count, [], |row| row.get(0)).map(Some)
}

/// Whether the table is copied: the document must remain the last column.
fn is_made_anew(change: &Change<'_>) -> bool {
    !change.is_new && (change.derive != Derive::Nothing || !change.is_in_order)
}

/// What is recorded of each table.
fn noted(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(NOTED)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn found(
    connection: &Connection,
    table: &str,
    noted: &BTreeMap<String, String>,
) -> rusqlite::Result<Found> {
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

/// Creates a table if it is new; removes what is obsolete; sets a table aside that is to be copied,
/// and creates an empty one in its place. Returns how many rows are to be copied, or how many
/// entries its changed indexes will have.
fn begin(connection: &Connection, change: &Change<'_>) -> rusqlite::Result<u64> {
    let (table, name) = (change.family.table, change.family.table.name);
    for index in &change.obsolete {
        connection.execute_batch(&format!("DROP INDEX {index}"))?;
    }
    if !is_made_anew(change) {
        for column in &change.lost {
            connection.execute_batch(&format!("ALTER TABLE {name} DROP COLUMN {column}"))?;
        }
        connection.execute_batch(&ddl::create_table(table))?;
        return match change.reindexed() {
            0 => Ok(0),
            indexes => Ok(indexes * count(connection, change)?),
        };
    }
    // The new table needs the names of its indexes.
    for index in ddl::indexes(table).map(|index| index.name) {
        connection.execute_batch(&format!("DROP INDEX IF EXISTS {index}"))?;
    }
    let rows = count(connection, change)?;
    connection.execute_batch(&format!("ALTER TABLE {name} RENAME TO {name}_aside"))?;
    connection.execute_batch(&ddl::create_table(table))?;
    Ok(rows)
}

fn count(connection: &Connection, change: &Change<'_>) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM {}", change.family.table.name);
    connection.query_row(&sql, [], |row| row.get(0))
}

/// Copies the rows that were set aside, with what is derived from their documents.
fn copy(
    connection: &Connection,
    change: &Change<'_>,
    copied: &mut dyn FnMut(u64),
) -> Result<(), Fault> {
    let mut after = 0;
    loop {
        let rows = aside(connection, change.family, after)?;
        let Some((last, ..)) = rows.last() else { break };
        after = *last;
        for (_, org, row) in &rows {
            put(connection, change, org, row)?;
        }
        copied(rows.len() as u64);
    }
    let drop = format!("DROP TABLE {}_aside", change.family.table.name);
    Ok(connection.execute_batch(&drop)?)
}

/// The next rows that were set aside: the position of each, its org, and the row itself.
fn aside(
    connection: &Connection,
    family: &Family,
    after: i64,
) -> Result<Vec<(i64, String, RawRow)>> {
    let (table, name) = (family.table, format!("{}_aside", family.table.name));
    let columns = row_columns(table, &name);
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

fn put(connection: &Connection, change: &Change<'_>, org: &str, raw: &RawRow) -> Result<()> {
    let (family, id) = (change.family, &raw.meta.id);
    let derived = (family.derive)(raw)?;
    let columns = derived.stored_values(family.table, &raw.meta);
    let apart = Apart::of(family.table, Some(raw), &raw.doc);
    let row = Row { doc_version: raw.doc_version, doc: raw.doc.clone(), apart, columns };
    write(connection, &insert_row(org, family.table, &raw.meta, &row))?;
    if let Some(text) = text_of(org, id, &row) {
        write(connection, &text)?;
    }
    if change.derive != Derive::Everything {
        return Ok(());
    }
    for entry in RefEntry::all_of(family.table, &derived) {
        write(connection, &insert_ref(org, &raw.meta, &entry))?;
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
