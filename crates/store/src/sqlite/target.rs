//! A database that a move fills. Until the move is finished, it has a layout that no server opens.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};
use worksmith_kernel::{Error, Result};

use super::apply::Bound;
use super::reader::SqliteSnapshot;
use super::{
    FILE, READER_CACHE_KIB, SCHEMA_VERSION, SqliteError, WRITER_CACHE_KIB, connect, layout, lock,
    open_error, read_error,
};
use crate::layout::{Rows, Statement, UNFINISHED};

/// Transactions that a power cut takes back are repeated by the next run, so nothing waits for the
/// disk before the end. The log is copied into the database from time to time, and the sorting for
/// an index uses the disk.
const SETTINGS: &str = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16384;
                        PRAGMA temp_store = FILE;";

/// A SQLite database that is being filled.
pub(crate) struct SqliteTarget {
    path: PathBuf,
    connection: Connection,
    _lock: File,
}

impl SqliteTarget {
    pub(crate) fn open(dir: &Path) -> Result<Self, SqliteError> {
        let lock = lock(dir)?;
        let path = dir.join(FILE);
        let failed = |cause: rusqlite::Error| open_error(&path, &cause);
        let connection = connect(&path, WRITER_CACHE_KIB).map_err(failed)?;
        connection.execute_batch(SETTINGS).map_err(failed)?;
        match layout(&connection, &path) {
            Ok(_) | Err(SqliteError::Unfinished(_)) => Ok(Self { path, connection, _lock: lock }),
            Err(error) => Err(error),
        }
    }

    /// The names of the tables that exist.
    pub(crate) fn tables(&self) -> Result<Vec<String>> {
        let sql = "SELECT name FROM sqlite_schema
                   WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let names = self.connection.prepare(sql).and_then(|mut statement| {
            let names = statement.query_map([], |row| row.get(0))?;
            names.collect::<rusqlite::Result<Vec<String>>>()
        });
        names.map_err(|cause| read_error(&cause))
    }

    /// Whether the tables are those that this program expects.
    pub(crate) fn is_current(&self) -> bool {
        layout(&self.connection, &self.path).is_ok_and(|version| version == SCHEMA_VERSION)
    }

    pub(crate) fn snapshot(&self) -> Result<SqliteSnapshot> {
        let connection = connect(&self.path, READER_CACHE_KIB);
        SqliteSnapshot::begin(connection.map_err(|cause| read_error(&cause))?, None)
    }

    /// Creates tables, and writes the first notes.
    pub(crate) fn begin(&self, tables: &[String], notes: &[Statement]) -> Result<()> {
        self.transaction(|| {
            self.run(&tables.join(";\n"))?;
            self.run(&format!("PRAGMA user_version = {UNFINISHED}"))?;
            notes.iter().try_for_each(|each| self.write(each))
        })
    }

    /// Adds rows, and runs statements, in one transaction.
    pub(crate) fn add(&self, rows: &[Rows], writes: &[Statement]) -> Result<()> {
        self.transaction(|| {
            rows.iter().try_for_each(|rows| self.insert(rows))?;
            writes.iter().try_for_each(|each| self.write(each))
        })
    }

    fn write(&self, Statement { sql, values }: &Statement) -> Result<()> {
        let values = rusqlite::params_from_iter(values.iter().map(Bound));
        let done = self.connection.execute(sql, values);
        done.map(drop).map_err(|cause| read_error(&cause))
    }

    fn insert(&self, Rows { table, columns, rows }: &Rows) -> Result<()> {
        let marks: Vec<_> = (1..=columns.len()).map(|at| format!("${at}")).collect();
        let (names, marks) = (columns.join(", "), marks.join(", "));
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({marks})");
        let failed = |cause: rusqlite::Error| match cause.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => {
                Error::Internal(format!("two objects claim the same: {cause}"))
            }
            _ => read_error(&cause),
        };
        let mut statement = self.connection.prepare_cached(&sql).map_err(failed)?;
        for row in rows {
            statement.execute(rusqlite::params_from_iter(row.iter().map(Bound))).map_err(failed)?;
        }
        Ok(())
    }

    /// Runs the last statement, and sets the layout that servers open.
    pub(crate) fn finish(&self, sql: &str) -> Result<()> {
        // This commit puts everything before it on the disk, too.
        self.run("PRAGMA synchronous = FULL")?;
        self.transaction(|| {
            self.run(sql)?;
            self.run(&format!("PRAGMA user_version = {SCHEMA_VERSION}"))
        })?;
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|cause| read_error(&cause))
    }

    fn transaction(&self, run: impl FnOnce() -> Result<()>) -> Result<()> {
        self.run("BEGIN IMMEDIATE")?;
        let done = run().and_then(|()| self.run("COMMIT"));
        if done.is_err() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        done
    }
}
