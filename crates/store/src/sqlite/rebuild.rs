//! Making everything that is derived from the documents anew: the tables with their columns and
//! indexes, the references, the names, the values of custom fields. It brings a database of an
//! older layout to the present one, and mends one whose derived rows are wrong. All of it happens,
//! or nothing; in memory are only a few rows at a time.

use crate::store::Registry;
use rusqlite::{Connection, params};
use worksmith_kernel::{Error, Family, RawRow, Result};

use super::apply::write;
use super::read_error;
use super::reader::raw_row;
use crate::batch::Row;
use crate::ddl;
use crate::dialect::Dialect;
use crate::select::ROW_COLUMNS;
use crate::statements::{insert_name, insert_prop, insert_ref, insert_row};

/// So many rows are in memory at once.
const ROWS: usize = 250;

/// Told how many of how many documents are done.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

/// Makes everything derived anew, and calls the layout `version`.
pub(super) fn rebuild(
    connection: &Connection,
    registry: &Registry,
    version: i64,
    progress: Progress<'_>,
) -> Result<()> {
    run(connection, "BEGIN IMMEDIATE")?;
    let done = everything(connection, registry, progress)
        .and_then(|()| run(connection, &format!("PRAGMA user_version = {version}; COMMIT")));
    if done.is_err() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    done
}

/// Whether a table lacks a column that this version keeps.
pub(super) fn lacks_columns(
    connection: &Connection,
    registry: &Registry,
) -> rusqlite::Result<bool> {
    let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    for family in registry.families() {
        let has = columns.query_map([family.table.name], |row| row.get(0))?;
        if !ddl::lacking(family.table, &has.collect::<rusqlite::Result<Vec<_>>>()?).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn run(connection: &Connection, sql: &str) -> Result<()> {
    connection.execute_batch(sql).map_err(|cause| read_error(&cause))
}

fn everything(connection: &Connection, registry: &Registry, progress: Progress<'_>) -> Result<()> {
    for sql in ddl::statements_of(Dialect::Sqlite, &[]) {
        run(connection, &sql)?;
    }
    run(connection, "DELETE FROM refs; DELETE FROM names; DELETE FROM props")?;
    let mut all = 0;
    for family in registry.families() {
        all += set_aside(connection, family)?;
    }
    let mut done = 0;
    for family in registry.families() {
        let mut after = 0;
        loop {
            let rows = aside(connection, family, after)?;
            let Some((last, ..)) = rows.last() else { break };
            after = *last;
            for (_, org, row) in &rows {
                put(connection, family, org, row)?;
            }
            done += rows.len() as u64;
            progress(done, all);
        }
        run(connection, &format!("DROP TABLE {}_aside", family.table.name))?;
        for sql in ddl::create_indexes(family.table) {
            run(connection, &sql)?;
        }
    }
    Ok(())
}

/// Puts a table aside and makes an empty one in its place. Tells how many rows wait.
fn set_aside(connection: &Connection, family: &Family) -> Result<u64> {
    let name = family.table.name;
    run(connection, &ddl::create_table(family.table))?;
    let indexes = {
        let sql = "SELECT name FROM sqlite_schema
                   WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL";
        let names = connection.prepare(sql).and_then(|mut statement| {
            let names = statement.query_map([name], |row| row.get::<_, String>(0))?;
            names.collect::<rusqlite::Result<Vec<_>>>()
        });
        names.map_err(|cause| read_error(&cause))?
    };
    for index in indexes {
        run(connection, &format!("DROP INDEX {index}"))?;
    }
    run(connection, &format!("ALTER TABLE {name} RENAME TO {name}_aside"))?;
    run(connection, &ddl::create_table(family.table))?;
    let count = format!("SELECT count(*) FROM {name}_aside");
    connection.query_row(&count, [], |row| row.get(0)).map_err(|cause| read_error(&cause))
}

/// The next rows that were put aside: the place of each, its org, and itself.
fn aside(
    connection: &Connection,
    family: &Family,
    after: i64,
) -> Result<Vec<(i64, String, RawRow)>> {
    let sql = format!(
        "SELECT {}, rowid, org FROM {}_aside WHERE rowid > ?1 ORDER BY rowid LIMIT {ROWS}",
        ROW_COLUMNS.join(", "),
        family.table.name
    );
    let failed = |cause: rusqlite::Error| read_error(&cause);
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut rows = statement.query(params![after]).map_err(failed)?;
    let mut found = Vec::with_capacity(ROWS);
    while let Some(row) = rows.next().map_err(failed)? {
        let (place, org) = (ROW_COLUMNS.len(), ROW_COLUMNS.len() + 1);
        found.push((row.get(place).map_err(failed)?, row.get(org).map_err(failed)?, raw_row(row)?));
    }
    Ok(found)
}

fn put(connection: &Connection, family: &Family, org: &str, raw: &RawRow) -> Result<()> {
    let derived = (family.derive)(raw)?;
    let columns = derived.kept(family.table, &raw.meta);
    let row = Row { doc_version: raw.doc_version, doc: raw.doc.clone(), columns };
    write(connection, &insert_row(org, family.table, &raw.meta, &row))?;
    let id = &raw.meta.id;
    for (field, to) in &derived.refs {
        write(connection, &insert_ref(org, id, field, to))?;
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
