//! Reading a snapshot.

use std::sync::Arc;

use rusqlite::types::{Type, Value as Sql, ValueRef};
use rusqlite::{
    CachedStatement, Connection, ErrorCode, OptionalExtension, Row, params, params_from_iter,
};
use worksmith_kernel::{Error, Meta, RawRow, Result, Table, Value};
use worksmith_wire::{Id, Series, Timestamp};

use super::apply::Bound;
use super::{Sqlite, read_error};
use crate::batch::StoredAnswer;
use crate::entries::{EntryHit, Looking};
use crate::layout::{ROW_COLUMNS, row_by_id};
use crate::texts::whole;

/// What it costs to skip an entry of an index, in steps of SQLite's virtual machine.
const STEPS_AN_ENTRY: u64 = 10;
/// How many times a budget of steps is checked until it is used up.
const PORTIONS: u64 = 16;

/// One state of the database, kept while a transaction decides.
pub(crate) struct SqliteSnapshot {
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    /// Where the connection goes when the snapshot ends, if others may use it.
    home: Option<Arc<Sqlite>>,
}

impl Drop for SqliteSnapshot {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // A connection that can't end its transaction is not used again.
        if connection.prepare_cached("COMMIT").and_then(|mut end| end.execute([])).is_ok()
            && let Some(home) = &self.home
        {
            home.take_back(connection);
        }
    }
}

impl SqliteSnapshot {
    pub(super) fn begin(connection: Connection, home: Option<Arc<Sqlite>>) -> Result<Self> {
        connection
            .prepare_cached("BEGIN DEFERRED")
            .and_then(|mut begin| begin.execute([]))
            .map_err(|cause| read_error(&cause))?;
        Ok(Self { connection: Some(connection), home })
    }

    fn connection(&self) -> Result<&Connection> {
        self.connection.as_ref().ok_or_else(|| Error::internal("no snapshot"))
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>> {
        self.connection()?.prepare_cached(sql).map_err(|cause| read_error(&cause))
    }

    pub(crate) fn get(&self, table: &Table, org: &str, id: &Id) -> Result<Option<RawRow>> {
        row_of(&mut self.prepare(&row_by_id(table))?, table, org, id)
    }

    /// The rows of many ids, in no particular order.
    pub(crate) fn get_many(&self, table: &Table, org: &str, ids: &[&Id]) -> Result<Vec<RawRow>> {
        let mut statement = self.prepare(&row_by_id(table))?;
        ids.iter().filter_map(|id| row_of(&mut statement, table, org, id).transpose()).collect()
    }

    /// The references to an object: the field and the id of each referrer.
    pub(crate) fn refs_to(&self, org: &str, id: &Id) -> Result<Vec<(String, Id)>> {
        let mut statement =
            self.prepare("SELECT field, from_id FROM refs WHERE org = ?1 AND to_id = ?2")?;
        let mut rows =
            statement.query(params![org, id.to_string()]).map_err(|cause| read_error(&cause))?;
        let mut refs = Vec::new();
        while let Some(row) = rows.next().map_err(|cause| read_error(&cause))? {
            let field: String = row.get(0).map_err(|cause| read_error(&cause))?;
            refs.push((field, stored_id(row, 1)?));
        }
        Ok(refs)
    }

    /// The object that has a name, and its org; if `org` is `None`, in any org.
    pub(crate) fn find_name(
        &self,
        org: Option<&str>,
        space: &str,
        name: &str,
    ) -> Result<Option<(String, Id)>> {
        let mut statement = self.prepare(
            "SELECT org, id FROM names WHERE space = ?1 AND name = ?2 AND (?3 IS NULL OR org = ?3)",
        )?;
        let row = statement.query_row(params![space, name, org], |row| {
            Ok((row.get::<_, String>(0), stored_id(row, 1)))
        });
        match row.optional().map_err(|cause| read_error(&cause))? {
            None => Ok(None),
            Some((org, id)) => Ok(Some((org.map_err(|cause| read_error(&cause))?, id?))),
        }
    }

    /// The last summary of a deleted object.
    pub(crate) fn tombstone(&self, org: &str, id: &Id) -> Result<Option<String>> {
        let mut statement =
            self.prepare("SELECT summary FROM tombstones WHERE org = ?1 AND id = ?2")?;
        let summary = statement.query_row(params![org, id.to_string()], |row| row.get(0));
        summary.optional().map_err(|cause| read_error(&cause))
    }

    /// The highest number given out in a series.
    pub(crate) fn counter(&self, org: &str, series: &Series) -> Result<u64> {
        let mut statement =
            self.prepare("SELECT value FROM counters WHERE org = ?1 AND kind = ?2")?;
        let value = statement.query_row(params![org, series.to_string()], |row| row.get(0));
        Ok(value.optional().map_err(|cause| read_error(&cause))?.unwrap_or(0))
    }

    /// The rows of a statement, whose parameters are `$1`, `$2`, .. in the order of their use.
    pub(crate) fn ask(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        ask(self.connection()?, sql, values)
    }

    /// The same, or `None` if the statement has read about `entries` entries of an index before it
    /// was done.
    pub(crate) fn ask_within(
        &mut self,
        sql: &str,
        values: &[Value],
        entries: u64,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        // Preparing a statement counts, too, so it is done beforehand.
        drop(self.prepare(sql)?);
        // The database continues to count from where the statement's last run ended, so the first
        // call comes early. With many small portions, that is a small error.
        let steps = entries.saturating_mul(STEPS_AN_ENTRY) / PORTIONS;
        let mut portions = 0;
        let is_over = move || {
            portions += 1;
            portions > PORTIONS
        };
        self.watch(i32::try_from(steps).unwrap_or(i32::MAX).max(1), Some(is_over))?;
        let found = self.prepare(sql).map(|mut statement| rows(&mut statement, values));
        self.watch(0, None::<fn() -> bool>)?;
        match found? {
            Ok(found) => Ok(Some(found)),
            Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Ok(None)
            }
            Err(cause) => Err(read_error(&cause)),
        }
    }

    /// Has `stop` asked every `steps` steps whether to end the statement.
    fn watch<F>(&mut self, steps: i32, stop: Option<F>) -> Result<()>
    where
        F: FnMut() -> bool + Send + 'static,
    {
        let connection = self.connection.as_mut().ok_or_else(|| Error::internal("no snapshot"))?;
        connection.progress_handler(steps, stop).map_err(|cause| read_error(&cause))
    }

    /// The entries of the search index that are looked for; none in a copy.
    pub(crate) fn find(&self, looking: &Looking<'_>) -> Result<Vec<EntryHit>> {
        self.home.as_ref().map_or_else(|| Ok(Vec::new()), |home| home.find(looking))
    }

    /// What the database finds wrong with its file.
    pub(crate) fn integrity(&self) -> Result<Vec<String>> {
        let lines = self.ask("PRAGMA integrity_check", &[])?.into_iter().flatten();
        let lines = lines.filter(|line| *line != Value::Text("ok".to_owned()));
        Ok(lines
            .map(|line| if let Value::Text(line) = line { line } else { format!("{line:?}") })
            .collect())
    }

    /// The answer kept under an idempotency key.
    pub(crate) fn stored_answer(
        &self,
        org: &str,
        actor: &Id,
        key: &str,
    ) -> Result<Option<StoredAnswer>> {
        let mut statement = self.prepare(
            "SELECT request, status, body, revision, expires_at FROM idempotency
             WHERE org = ?1 AND actor = ?2 AND key = ?3",
        )?;
        let answer = statement.query_row(params![org, actor.to_string(), key], |row| {
            Ok(StoredAnswer {
                key: key.to_owned(),
                request: row.get(0)?,
                status: row.get(1)?,
                // Earlier versions stored it as a blob.
                body: String::from_utf8_lossy(row.get_ref(2)?.as_bytes()?).into_owned(),
                revision: row.get(3)?,
                expires_at: Timestamp(row.get(4)?),
            })
        });
        answer.optional().map_err(|cause| read_error(&cause))
    }
}

/// The row that a statement, which is that of [`row_by_id`], finds for an object.
fn row_of(
    statement: &mut CachedStatement<'_>,
    table: &Table,
    org: &str,
    id: &Id,
) -> Result<Option<RawRow>> {
    let read = |row: &Row<'_>| Ok(raw_row(table, row));
    let row = statement.query_row(params![org, id.to_string()], read);
    row.optional().map_err(|cause| read_error(&cause))?.transpose()
}

/// The rows of a statement.
pub(super) fn ask(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
    let statement = connection.prepare_cached(sql);
    let rows = statement.and_then(|mut statement| rows(&mut statement, values));
    rows.map_err(|cause| read_error(&cause))
}

fn rows(
    statement: &mut CachedStatement<'_>,
    values: &[Value],
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values.iter().map(Bound)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((0..columns).map(|at| value(row, at)).collect::<rusqlite::Result<_>>()?);
    }
    Ok(found)
}

/// Reads a row whose columns are those of [`row_columns`](crate::layout::row_columns).
pub(super) fn raw_row(table: &Table, row: &Row<'_>) -> Result<RawRow> {
    let id = stored_id(row, 0)?;
    let created_by = stored_id(row, 3)?;
    let modified_by = stored_id(row, 5)?;
    let read = || -> rusqlite::Result<RawRow> {
        let text =
            if table.long.is_some() { row.get_ref(ROW_COLUMNS.len())? } else { ValueRef::Null };
        let (doc, long) = whole(table, row.get_ref(7)?.as_str()?, text.as_str_or_null()?);
        Ok(RawRow {
            meta: Meta {
                id,
                revision: row.get(1)?,
                created_at: Timestamp(row.get(2)?),
                created_by,
                modified_at: Timestamp(row.get(4)?),
                modified_by,
            },
            doc_version: row.get(6)?,
            doc,
            long,
        })
    };
    read().map_err(|cause| read_error(&cause))
}

fn stored_id(row: &Row<'_>, at: usize) -> Result<Id> {
    let text = row.get_ref(at).map_err(|cause| read_error(&cause))?;
    let text = text.as_str().map_err(Error::internal)?;
    text.parse().map_err(|_| Error::Internal(format!("{text:?} is no stored id")))
}

fn value(row: &Row<'_>, at: usize) -> rusqlite::Result<Value> {
    Ok(match row.get(at)? {
        Sql::Null => Value::Null,
        Sql::Integer(integer) => Value::Integer(integer),
        Sql::Real(real) => Value::Real(real),
        Sql::Text(text) => Value::Text(text),
        Sql::Blob(_) => {
            return Err(rusqlite::Error::InvalidColumnType(at, String::new(), Type::Blob));
        }
    })
}
