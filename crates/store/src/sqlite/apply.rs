//! Applying batches, within a transaction of the writer.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params, params_from_iter};
use rustc_hash::{FxHashMap, FxHashSet};
use worksmith_kernel::{Error, Result, Table, Value};
use worksmith_wire::Id;

use super::read_error;
use crate::batch::{Assert, Batch, Change};
use crate::changes::{Changes, Source};
use crate::layout::statements::{FORGET, Shape, Write, writes};

/// A value to be bound to a statement.
pub(super) struct Bound<'a>(pub(super) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Real(real) => ValueRef::Real(*real),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Why a batch was not applied.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: Error,
    /// Whether it had written something by then.
    pub(super) wrote: bool,
}

/// Applies batches within the writer's transactions.
pub(super) struct Applier<'a> {
    pub(super) connection: &'a Connection,
    pub(super) changes: &'a Changes,
    /// The statement for one row of each shape.
    texts: FxHashMap<Shape, String>,
    /// The number of the next event, once it is known in the open transaction.
    next: Option<u64>,
    /// The rows that the open transaction has changed.
    changed: FxHashSet<Source>,
}

impl<'a> Applier<'a> {
    pub(super) fn new(connection: &'a Connection, changes: &'a Changes) -> Self {
        let (texts, changed) = (FxHashMap::default(), FxHashSet::default());
        Self { connection, changes, texts, next: None, changed }
    }

    /// Forgets what belonged to an earlier transaction.
    pub(super) fn begins(&mut self) {
        self.next = None;
        self.changed.clear();
    }

    /// Applies one batch: first its conditions, then its changes.
    pub(super) fn apply(&mut self, batch: &Batch) -> Result<(), Refusal> {
        let clean = |error| Refusal { error, wrote: false };
        for assert in &batch.asserts {
            if !self.holds(batch, assert).map_err(clean)? {
                return Err(clean(Error::Stale));
            }
        }
        let first = self.next_event().map_err(clean)?;
        let mut wrote = false;
        if batch.answer.is_some() {
            let values = [batch.org.as_str().into(), batch.at.into()];
            run(self.connection, FORGET, &values).map_err(clean)?;
            wrote = true;
        }
        for write in writes(batch, first) {
            let Write { shape, values, must_be } = write;
            let text = self.texts.entry(shape).or_insert_with_key(Shape::of_one);
            let refused = |error| Refusal { error, wrote };
            let changed = run(self.connection, text, &values).map_err(refused)?;
            if changed == 0 && must_be {
                return Err(refused(Error::Stale));
            }
            wrote = true;
        }
        self.next = Some(first + batch.changes.len() as u64);
        let row = |change: &Change| self.changes.row(&batch.org, &change.meta.id);
        self.changed.extend(batch.changes.iter().map(row));
        Ok(())
    }

    fn next_event(&mut self) -> Result<u64> {
        if let Some(next) = self.next {
            return Ok(next);
        }
        self.connection
            .prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM events")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|cause| read_error(&cause))
    }

    fn holds(&self, batch: &Batch, assert: &Assert) -> Result<bool> {
        let org = batch.org.as_str();
        let ask = |sql: &str, id: &Id| -> Result<Option<u64>> {
            let failed = |cause: rusqlite::Error| read_error(&cause);
            let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
            let row = statement.query_row(params![org, id.to_string()], |row| row.get(0));
            row.optional().map_err(failed)
        };
        // Whoever relies on a row has read it since the batch's moment. It need not be looked up if
        // nobody has written it since, which this thread knows best.
        let is_untouched = |id: &Id| {
            let row = self.changes.row(org, id);
            self.changes.is_row_since(row, batch.since) && !self.changed.contains(&row)
        };
        let revision_of = |table: &Table, id: &Id| {
            ask(&format!("SELECT rev FROM {} WHERE org = ?1 AND id = ?2", table.name), id)
        };
        Ok(match assert {
            Assert::Exists(_, id) | Assert::Revision(_, id, _) if is_untouched(id) => true,
            Assert::Exists(table, id) => revision_of(table, id)?.is_some(),
            Assert::Revision(table, id, revision) => revision_of(table, id)? == Some(*revision),
            Assert::RefsBy(field, id, count) => {
                let sql = "SELECT count(*) FROM refs WHERE org = ?1 AND to_id = ?2 AND field = ?3";
                let values = params![org, id.to_string(), field];
                let counted = self.connection.prepare_cached(sql).and_then(|mut statement| {
                    statement.query_row(values, |row| row.get::<_, u64>(0))
                });
                counted.map_err(|cause| read_error(&cause))? == *count
            }
        })
    }
}

/// Writes one row; stale if it must exist and does not.
pub(super) fn write(connection: &Connection, write: &Write) -> Result<()> {
    let Write { shape, values, must_be } = write;
    match run(connection, &shape.of_one(), values)? {
        0 if *must_be => Err(Error::Stale),
        _ => Ok(()),
    }
}

fn run(connection: &Connection, sql: &str, values: &[Value]) -> Result<usize> {
    let changed = connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params_from_iter(values.iter().map(Bound))));
    changed.map_err(|cause| match cause.sqlite_error_code() {
        // Only names, ids and idempotency keys are unique: another call was faster.
        Some(ErrorCode::ConstraintViolation) => Error::Stale,
        _ => read_error(&cause),
    })
}
