//! Applying one batch: first what must hold, then what changes.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, params, params_from_iter};
use worksmith_kernel::{Error, Meta, Result, Table, Value};
use worksmith_wire::Id;

use super::read_error;
use crate::batch::{Assert, Batch, Change, ChangeOp, Memory, Row, Verb};
use crate::ddl::META_COLUMNS;

/// A value on its way into a statement.
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

fn execute(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<usize> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).map_err(
        |cause| match cause.sqlite_error_code() {
            // Only names, ids and idempotency keys are unique: somebody was faster.
            Some(ErrorCode::ConstraintViolation) => Error::Stale,
            _ => read_error(&cause),
        },
    )
}

pub(super) fn apply(connection: &Connection, batch: &Batch) -> Result<()> {
    for assert in &batch.asserts {
        if !holds(connection, &batch.org, assert)? {
            return Err(Error::Stale);
        }
    }
    // Names that one object gives up may be claimed by another in the same batch.
    for change in &batch.changes {
        for (space, name) in &change.names_removed {
            let sql = "DELETE FROM names WHERE space = ?1 AND name = ?2 AND org = ?3";
            execute(connection, sql, params![space, name, batch.org])?;
        }
    }
    for change in &batch.changes {
        change_object(connection, &batch.org, batch, change)?;
        change_derived(connection, &batch.org, change)?;
        record_event(connection, batch, change)?;
    }
    for (kind, value) in &batch.counters {
        let sql = "INSERT INTO counters (org, kind, value) VALUES (?1, ?2, ?3)
                   ON CONFLICT (org, kind) DO UPDATE SET value = max(value, excluded.value)";
        execute(connection, sql, params![batch.org, kind.noun(), value])?;
    }
    batch.memory.as_ref().map_or(Ok(()), |memory| remember(connection, batch, memory))
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

fn change_object(connection: &Connection, org: &str, batch: &Batch, change: &Change) -> Result<()> {
    let table = change.table;
    let id = change.meta.id.to_string();
    match &change.op {
        ChangeOp::Insert(row) => insert_row(connection, org, table, &change.meta, row)?,
        ChangeOp::Update { row, changed } => {
            let kept: Vec<_> = table.kept().collect();
            let columns = changed
                .iter()
                .fold(String::new(), |columns, place| columns + ", " + kept[*place].name + " = ?");
            let sql = format!(
                "UPDATE {} SET rev = ?, modified_at = ?, modified_by = ?, doc_version = ?, \
                 doc = ?{columns} WHERE org = ? AND id = ? AND rev = ?",
                table.name,
            );
            let meta = &change.meta;
            let mut values: Vec<Value> = vec![
                meta.revision.into(),
                meta.modified_at.into(),
                (&meta.modified_by).into(),
                i64::from(row.doc_version).into(),
                row.doc.as_str().into(),
            ];
            values.extend(changed.iter().map(|place| row.columns[*place].clone()));
            values.extend([org.into(), id.into(), (meta.revision - 1).into()]);
            let changed = execute(connection, &sql, params_from_iter(values.iter().map(Bound)))?;
            if changed != 1 {
                return Err(Error::Stale);
            }
        }
        ChangeOp::Delete { revision, summary } => {
            let sql = format!("DELETE FROM {} WHERE org = ?1 AND id = ?2 AND rev = ?3", table.name);
            if execute(connection, &sql, params![org, id, revision])? != 1 {
                return Err(Error::Stale);
            }
            let sql =
                "INSERT INTO tombstones (org, id, deleted_at, summary) VALUES (?1, ?2, ?3, ?4)";
            execute(connection, sql, params![org, id, batch.at.0, summary])?;
        }
    }
    Ok(())
}

/// Adds the row of a document.
pub(super) fn insert_row(
    connection: &Connection,
    org: &str,
    table: &Table,
    meta: &Meta,
    row: &Row,
) -> Result<()> {
    let names = META_COLUMNS.iter().copied().chain(table.kept().map(|column| column.name));
    let names: Vec<_> = names.collect();
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, names.join(", "));
    let values = row_values(org, meta, row);
    execute(connection, &sql, params_from_iter(values.iter().map(Bound))).map(|_| ())
}

/// Adds a reference.
pub(super) fn insert_ref(
    connection: &Connection,
    org: &str,
    from: &str,
    field: &str,
    to: &Id,
) -> Result<()> {
    let sql = "INSERT INTO refs (org, to_id, field, from_id) VALUES (?1, ?2, ?3, ?4)";
    execute(connection, sql, params![org, to.to_string(), field, from]).map(|_| ())
}

/// Adds a name; stale when another has it.
pub(super) fn insert_name(
    connection: &Connection,
    org: &str,
    id: &str,
    space: &str,
    name: &str,
) -> Result<()> {
    let sql = "INSERT INTO names (space, name, org, id) VALUES (?1, ?2, ?3, ?4)";
    execute(connection, sql, params![space, name, org, id]).map(|_| ())
}

/// The values of a row in the order of the columns.
fn row_values(org: &str, meta: &Meta, row: &Row) -> Vec<Value> {
    let mut values = vec![
        org.into(),
        (&meta.id).into(),
        meta.id.kind().noun().into(),
        meta.id.seq().into(),
        meta.revision.into(),
        meta.created_at.into(),
        (&meta.created_by).into(),
        meta.modified_at.into(),
        (&meta.modified_by).into(),
        i64::from(row.doc_version).into(),
        row.doc.as_str().into(),
    ];
    values.extend(row.columns.iter().cloned());
    values
}

fn change_derived(connection: &Connection, org: &str, change: &Change) -> Result<()> {
    let from = change.meta.id.to_string();
    for (field, to) in &change.refs_removed {
        let sql = "DELETE FROM refs WHERE org = ?1 AND to_id = ?2 AND field = ?3 AND from_id = ?4";
        execute(connection, sql, params![org, to.to_string(), field, from])?;
    }
    for (field, to) in &change.refs_added {
        insert_ref(connection, org, &from, field, to)?;
    }
    for (space, name) in &change.names_added {
        insert_name(connection, org, &from, space, name)?;
    }
    Ok(())
}

fn record_event(connection: &Connection, batch: &Batch, change: &Change) -> Result<()> {
    let verb = match change.op {
        ChangeOp::Insert(_) => Verb::Created,
        ChangeOp::Update { .. } => Verb::Updated,
        ChangeOp::Delete { .. } => Verb::Deleted,
    };
    let sql = "INSERT INTO events (org, at, actor, request_id, kind, id, verb, rev, old)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let id = &change.meta.id;
    let values = params![
        batch.org,
        batch.at.0,
        batch.actor.to_string(),
        batch.request_id,
        id.kind().noun(),
        id.to_string(),
        verb.as_str(),
        change.meta.revision,
        change.old,
    ];
    execute(connection, sql, values).map(|_| ())
}

fn remember(connection: &Connection, batch: &Batch, memory: &Memory) -> Result<()> {
    let sql = "DELETE FROM idempotency WHERE expires_at <= ?1";
    execute(connection, sql, params![batch.at.0])?;
    let sql = "INSERT INTO idempotency
               (org, actor, key, request, status, body, revision, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![
        batch.org,
        batch.actor.to_string(),
        memory.key,
        memory.request,
        memory.status,
        memory.body,
        memory.revision,
        memory.expires_at.0,
    ];
    execute(connection, sql, values).map(|_| ())
}
