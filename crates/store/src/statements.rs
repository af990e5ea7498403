//! What a batch writes, statement by statement, in words that both databases understand.

use std::borrow::Cow;

use worksmith_kernel::{Meta, Table, Value};
use worksmith_wire::Id;

use crate::batch::{Batch, Change, ChangeOp, Memory, Row, Verb};
use crate::ddl::META_COLUMNS;

/// A statement that writes, and the values of its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Write {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
    /// Whether the batch is stale unless the statement changes exactly one row.
    pub(crate) is_of_one: bool,
}

impl Write {
    fn new(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values, is_of_one: false }
    }

    fn of_one(self) -> Self {
        Self { is_of_one: true, ..self }
    }
}

/// How a database wants its changes told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Only the columns that change are named: the database writes the indexes of all that are.
    /// Events number themselves.
    Sparse,
    /// All columns are named, so that few statements have to be prepared: the database itself sees
    /// which change. Events are numbered from this one on.
    Whole(u64),
}

/// Everything that a batch writes, in order.
pub(crate) fn writes(batch: &Batch, style: Style) -> Vec<Write> {
    let org = batch.org.as_str();
    let mut writes = Vec::new();
    // Names that one object gives up may be claimed by another in the same batch.
    for change in &batch.changes {
        for (space, name) in &change.names_removed {
            let sql = "DELETE FROM names WHERE space = $1 AND name = $2 AND org = $3";
            let values = vec![(*space).into(), name.as_str().into(), org.into()];
            writes.push(Write::new(sql, values));
        }
    }
    for (change, place) in batch.changes.iter().zip(0..) {
        object(&mut writes, batch, change, style);
        derived(&mut writes, org, change);
        let seq = match style {
            Style::Sparse => None,
            Style::Whole(first) => Some(first + place),
        };
        writes.push(event(batch, change, seq));
        writes.extend(change.readers.iter().map(|reader| unread(org, change, reader, seq)));
    }
    for (kind, value) in &batch.counters {
        let sql = "INSERT INTO counters (org, kind, value) VALUES ($1, $2, $3)
                   ON CONFLICT (org, kind) DO UPDATE SET value = excluded.value
                   WHERE counters.value < excluded.value";
        let values = vec![org.into(), kind.noun().into(), (*value).into()];
        writes.push(Write::new(sql, values));
    }
    if let Some(memory) = &batch.memory {
        remember(&mut writes, batch, memory);
    }
    writes
}

fn object(writes: &mut Vec<Write>, batch: &Batch, change: &Change, style: Style) {
    let (org, table, meta) = (batch.org.as_str(), change.table, &change.meta);
    match &change.op {
        ChangeOp::Insert(row) => writes.push(insert_row(org, table, meta, row)),
        ChangeOp::Update { row, changed } => {
            let all: Vec<usize> = (0..row.columns.len()).collect();
            let named = if style == Style::Sparse { changed } else { &all };
            writes.push(update_row(org, table, meta, row, named));
        }
        ChangeOp::Delete { revision, summary } => {
            let sql = format!("DELETE FROM {} WHERE org = $1 AND id = $2 AND rev = $3", table.name);
            let id = Value::from(&meta.id);
            let values = vec![org.into(), id.clone(), (*revision).into()];
            writes.push(Write::new(sql, values).of_one());
            let sql =
                "INSERT INTO tombstones (org, id, deleted_at, summary) VALUES ($1, $2, $3, $4)";
            let values = vec![org.into(), id, batch.at.into(), summary.as_str().into()];
            writes.push(Write::new(sql, values));
        }
    }
}

/// The parameters of a statement, by which it grows.
fn marks(from: usize, count: usize) -> impl Iterator<Item = String> {
    (from..from + count).map(|at| format!("${at}"))
}

fn update_row(org: &str, table: &Table, meta: &Meta, row: &Row, named: &[usize]) -> Write {
    let kept: Vec<_> = table.kept().collect();
    let columns = ["rev", "modified_at", "modified_by", "doc_version", "doc"];
    let columns = columns.into_iter().chain(named.iter().map(|place| kept[*place].name));
    let sets =
        columns.zip(marks(1, named.len() + 5)).map(|(name, mark)| format!("{name} = {mark}"));
    let sets = sets.collect::<Vec<_>>().join(", ");
    let at = named.len() + 6;
    let sql = format!(
        "UPDATE {} SET {sets} WHERE org = ${at} AND id = ${} AND rev = ${}",
        table.name,
        at + 1,
        at + 2
    );
    let mut values: Vec<Value> = vec![
        meta.revision.into(),
        meta.modified_at.into(),
        (&meta.modified_by).into(),
        i64::from(row.doc_version).into(),
        row.doc.as_str().into(),
    ];
    values.extend(named.iter().map(|place| row.columns[*place].clone()));
    values.extend([org.into(), (&meta.id).into(), (meta.revision - 1).into()]);
    Write::new(sql, values).of_one()
}

/// Adds the row of a document.
pub(crate) fn insert_row(org: &str, table: &Table, meta: &Meta, row: &Row) -> Write {
    let names = META_COLUMNS.iter().copied().chain(table.kept().map(|column| column.name));
    let names: Vec<_> = names.collect();
    let marks = marks(1, names.len()).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, names.join(", "));
    let mut values: Vec<Value> = vec![
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
    Write::new(sql, values)
}

/// Gives a row the columns beside its document.
pub(crate) fn set_columns(org: &str, table: &Table, meta: &Meta, columns: Vec<Value>) -> Write {
    let names = ["kind", "seq"].into_iter().chain(table.kept().map(|column| column.name));
    let sets =
        names.zip(marks(1, columns.len() + 2)).map(|(name, mark)| format!("{name} = {mark}"));
    let sets = sets.collect::<Vec<_>>().join(", ");
    let at = columns.len() + 3;
    let sql = format!("UPDATE {} SET {sets} WHERE org = ${at} AND id = ${}", table.name, at + 1);
    let mut values: Vec<Value> = vec![meta.id.kind().noun().into(), meta.id.seq().into()];
    values.extend(columns);
    values.extend([org.into(), (&meta.id).into()]);
    Write::new(sql, values)
}

/// Adds a reference.
pub(crate) fn insert_ref(org: &str, from: &Id, field: &str, to: &Id) -> Write {
    let sql = "INSERT INTO refs (org, to_id, field, from_id) VALUES ($1, $2, $3, $4)";
    Write::new(sql, vec![org.into(), to.into(), field.into(), from.into()])
}

/// Adds a name; stale when another has it.
pub(crate) fn insert_name(org: &str, id: &Id, space: &str, name: &str) -> Write {
    let sql = "INSERT INTO names (space, name, org, id) VALUES ($1, $2, $3, $4)";
    Write::new(sql, vec![space.into(), name.into(), org.into(), id.into()])
}

fn derived(writes: &mut Vec<Write>, org: &str, change: &Change) {
    let from = &change.meta.id;
    for (field, to) in &change.refs_removed {
        let sql = "DELETE FROM refs WHERE org = $1 AND to_id = $2 AND field = $3 AND from_id = $4";
        let values = vec![org.into(), to.into(), (*field).into(), from.into()];
        writes.push(Write::new(sql, values));
    }
    writes.extend(change.refs_added.iter().map(|(field, to)| insert_ref(org, from, field, to)));
    writes.extend(change.names_added.iter().map(|(s, name)| insert_name(org, from, s, name)));
}

fn event(batch: &Batch, change: &Change, seq: Option<u64>) -> Write {
    let verb = match change.op {
        ChangeOp::Insert(_) => Verb::Created,
        ChangeOp::Update { .. } => Verb::Updated,
        ChangeOp::Delete { .. } => Verb::Deleted,
    };
    let sql = match seq {
        None => {
            "INSERT INTO events (org, at, actor, request_id, kind, id, verb, rev, old)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        }
        Some(_) => {
            "INSERT INTO events (org, at, actor, request_id, kind, id, verb, rev, old, seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        }
    };
    let id = &change.meta.id;
    let mut values: Vec<Value> = vec![
        batch.org.as_str().into(),
        batch.at.into(),
        (&batch.actor).into(),
        batch.request_id.as_str().into(),
        id.kind().noun().into(),
        id.into(),
        verb.as_str().into(),
        change.meta.revision.into(),
        change.old.as_deref().into(),
    ];
    values.extend(seq.map(Value::from));
    Write::new(sql, values)
}

/// Notes that a reader of the log has not read the event that was written last.
fn unread(org: &str, change: &Change, reader: &str, seq: Option<u64>) -> Write {
    let mut values: Vec<Value> = vec![reader.into(), org.into(), (&change.meta.id).into()];
    let seq_sql = match seq {
        None => "(SELECT max(seq) FROM events)",
        Some(seq) => {
            values.push(seq.into());
            "$4"
        }
    };
    let sql = format!(
        "INSERT INTO unread (reader, org, id, seq, claimed_until) VALUES ($1, $2, $3, {seq_sql}, 0)"
    );
    Write::new(sql, values)
}

fn remember(writes: &mut Vec<Write>, batch: &Batch, memory: &Memory) {
    let sql = "DELETE FROM idempotency WHERE expires_at <= $1";
    writes.push(Write::new(sql, vec![batch.at.into()]));
    let sql = "INSERT INTO idempotency
               (org, actor, key, request, status, body, revision, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = vec![
        batch.org.as_str().into(),
        (&batch.actor).into(),
        memory.key.as_str().into(),
        memory.request.as_str().into(),
        i64::from(memory.status).into(),
        memory.body.as_str().into(),
        memory.revision.into(),
        memory.expires_at.into(),
    ];
    writes.push(Write::new(sql, values));
}
