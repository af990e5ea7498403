//! Applying one batch: first its conditions, then its changes.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, params, params_from_iter};
use worksmith_kernel::{Error, Result, Table, Value};
use worksmith_wire::Id;

use super::read_error;
use crate::batch::{Assert, Batch};
use crate::layout::statements::{FORGET, Write, writes};

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

pub(super) fn write(connection: &Connection, write: &Write) -> Result<()> {
    let Write { shape, values, must_be } = write;
    match run(connection, &shape.of_one(), values)? {
        1 => Ok(()),
        _ if !must_be => Ok(()),
        _ => Err(Error::Stale),
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

pub(super) fn apply(connection: &Connection, batch: &Batch) -> Result<()> {
    for assert in &batch.asserts {
        if !holds(connection, &batch.org, assert)? {
            return Err(Error::Stale);
        }
    }
    if batch.answer.is_some() {
        run(connection, FORGET, &[batch.org.as_str().into(), batch.at.into()])?;
    }
    let next = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM events")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(|cause| read_error(&cause))?;
    writes(batch, next).iter().try_for_each(|each| write(connection, each))
}

fn holds(connection: &Connection, org: &str, assert: &Assert) -> Result<bool> {
    let ask = |sql: &str, id: &Id| -> Result<Option<u64>> {
        let mut statement = connection.prepare_cached(sql).map_err(|c| read_error(&c))?;
        let mut rows = statement.query(params![org, id.to_string()]).map_err(|c| read_error(&c))?;
        let row = rows.next().map_err(|c| read_error(&c))?;
        row.map(|row| row.get(0)).transpose().map_err(|c| read_error(&c))
    };
    let revision_of = |table: &Table, id: &Id| {
        ask(&format!("SELECT rev FROM {} WHERE org = ?1 AND id = ?2", table.name), id)
    };
    Ok(match assert {
        Assert::Exists(table, id) => revision_of(table, id)?.is_some(),
        Assert::Revision(table, id, revision) => revision_of(table, id)? == Some(*revision),
        Assert::RefsTo(id, count) => {
            ask("SELECT count(*) FROM refs WHERE org = ?1 AND to_id = ?2", id)? == Some(*count)
        }
    })
}
