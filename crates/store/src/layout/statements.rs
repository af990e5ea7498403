//! What a batch writes: rows that are inserted, updated and deleted. They are described once, and
//! each database renders its statements from that: one for each row, or one for all rows of a
//! shape.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use worksmith_kernel::{ColumnType, Meta, Prop, Table, Value};
use worksmith_wire::Id;

use crate::batch::{Batch, Change, ChangeOp, RefEntry, Row, StoredAnswer, Tally, Verb};
use crate::texts::{Apart, TEXTS};

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum What {
    /// The row is deleted.
    Delete,
    /// The row is updated.
    Update,
    /// The row is inserted.
    Insert,
    /// The row is inserted, or its last column is set to this value.
    Put,
    /// The row is inserted, or its last column is raised to at least this value.
    Raise,
    /// The row is inserted, or this value is added to its last column.
    Add,
}

type Named = (&'static str, ColumnType);

/// Rows of one table that are written in the same way, by the same columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(crate) what: What,
    pub(crate) table: Cow<'static, str>,
    /// The columns that are set.
    pub(crate) set: Vec<Named>,
    /// The columns that identify the rows.
    pub(crate) by: Cow<'static, [Named]>,
}

/// A row that is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Write {
    /// How it is written, and where.
    pub(crate) shape: Shape,
    /// The values of the columns that are set, then of those that identify the row.
    pub(crate) values: Vec<Value>,
    /// Whether the batch is stale if the row does not exist.
    pub(crate) must_be: bool,
}

impl Write {
    /// The same into a table of the same columns.
    pub(crate) fn into_table(mut self, table: impl Into<Cow<'static, str>>) -> Self {
        self.shape.table = table.into();
        self
    }
}

use ColumnType::{Integer, Text};

const ORG: Named = ("org", Text);
const ID: Named = ("id", Text);
const REV: Named = ("rev", Integer);
const OBJECT: &[Named] = &[ORG, ID];
const OBJECT_AT: &[Named] = &[ORG, ID, REV];
const REF: [Named; 7] = [
    ORG,
    ("to_id", Text),
    ("field", Text),
    ("made_at", Integer),
    ("number", Integer),
    ("from_id", Text),
    ("carried", Text),
];
const TEXT: [Named; 3] = [ORG, ID, ("text", Text)];
const NAME: [Named; 4] = [("space", Text), ("name", Text), ORG, ID];
const PROP: [Named; 8] = [
    ORG,
    ("kept_in", Text),
    ("path", Text),
    ("found_by", Text),
    ("made_at", Integer),
    ("number", Integer),
    ("of_id", Text),
    ("is_least", Integer),
];
const EVENT: [Named; 9] = [
    ORG,
    ("at", Integer),
    ("actor", Text),
    ("request_id", Text),
    ("kind", Text),
    ID,
    ("verb", Text),
    REV,
    ("old", Text),
];
const SEQ: Named = ("seq", Integer);
const UNREAD: [Named; 5] = [("reader", Text), ORG, ID, ("claimed_until", Integer), SEQ];
const MEMORY: [Named; 8] = [
    ORG,
    ("actor", Text),
    ("key", Text),
    ("request", Text),
    ("status", Integer),
    ("body", Text),
    ("revision", Integer),
    ("expires_at", Integer),
];
const TOMBSTONE: [Named; 4] = [ORG, ID, ("deleted_at", Integer), ("summary", Text)];
const TALLY: [Named; 6] =
    [ORG, ("kept_in", Text), ("field", Text), ("kind", Text), ("value", Text), ("number", Integer)];
const COUNTER: [Named; 3] = [ORG, ("kind", Text), ("value", Integer)];
/// The columns that every update of a document sets.
const CHANGED: [Named; 5] =
    [REV, ("modified_at", Integer), ("modified_by", Text), ("doc_version", Integer), ("doc", Text)];
/// The columns that every table of documents has.
const META: [Named; 11] = [
    ORG,
    ID,
    ("kind", Text),
    SEQ,
    REV,
    ("created_at", Integer),
    ("created_by", Text),
    ("modified_at", Integer),
    ("modified_by", Text),
    ("doc_version", Integer),
    ("doc", Text),
];

impl Shape {
    /// The statement for one row, whose parameters are the values in order.
    pub(crate) fn of_one(&self) -> String {
        let Self { what, table, set, by } = self;
        let mut sql = String::with_capacity(64 + 24 * (set.len() + by.len()));
        let equal = |sql: &mut String, from: usize, columns: &[Named], between: &str| {
            for (at, (name, _)) in columns.iter().enumerate() {
                let between = if at == 0 { "" } else { between };
                let _ = write!(sql, "{between}{name} = ${}", from + at + 1);
            }
        };
        match what {
            What::Delete => {
                let _ = write!(sql, "DELETE FROM {table} WHERE ");
                equal(&mut sql, set.len(), by, " AND ");
            }
            What::Update => {
                let _ = write!(sql, "UPDATE {table} SET ");
                equal(&mut sql, 0, set, ", ");
                sql.push_str(" WHERE ");
                equal(&mut sql, set.len(), by, " AND ");
            }
            What::Insert | What::Put | What::Raise | What::Add => {
                let _ = write!(sql, "INSERT INTO {table} ({}) VALUES (", names(set));
                for at in 1..=set.len() {
                    let _ = write!(sql, "{}${at}", if at == 1 { "" } else { ", " });
                }
                sql.push(')');
                sql += &self.otherwise();
            }
        }
        sql
    }

    /// The statement for many rows, whose parameters are an array for each value.
    pub(crate) fn of_many(&self) -> String {
        let Self { what, table, set, by } = self;
        let all = set.iter().chain(by.iter()).enumerate();
        let arrays = all.map(|(at, (_, kind))| format!("${}::{}[]", at + 1, type_name(*kind)));
        let arrays = arrays.collect::<Vec<_>>().join(", ");
        if matches!(what, What::Insert | What::Put | What::Raise | What::Add) {
            let (names, otherwise) = (names(set), self.otherwise());
            let insert = format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})");
            return insert + &otherwise;
        }
        let (mut columns, mut sets, mut found) = (Vec::new(), Vec::new(), Vec::new());
        for (name, _) in set {
            columns.push(format!("new_{name}"));
            sets.push(format!("{name} = new_{name}"));
        }
        for (name, _) in by.iter() {
            columns.push(format!("by_{name}"));
            found.push(format!("{table}.{name} = by_{name}"));
        }
        let rows = format!("unnest({arrays}) AS rows({})", columns.join(", "));
        let found = found.join(" AND ");
        match what {
            What::Delete => format!("DELETE FROM {table} USING {rows} WHERE {found}"),
            _ => format!("UPDATE {table} SET {} FROM {rows} WHERE {found}", sets.join(", ")),
        }
    }

    /// The columns in the order of the values.
    pub(crate) fn columns(&self) -> impl Iterator<Item = ColumnType> {
        self.set.iter().chain(self.by.iter()).map(|(_, kind)| *kind)
    }

    /// What happens instead if the row is there already.
    fn otherwise(&self) -> String {
        let (what, table) = (self.what, &self.table);
        let Some(((last, _), keys)) = self.set.split_last().filter(|_| what != What::Insert) else {
            return String::new();
        };
        let mut sql = format!(" ON CONFLICT ({}) DO UPDATE SET {last} = ", names(keys));
        let _ = match what {
            What::Add => write!(sql, "{table}.{last} + excluded.{last}"),
            What::Put => write!(sql, "excluded.{last}"),
            _ => write!(sql, "excluded.{last} WHERE {table}.{last} < excluded.{last}"),
        };
        sql
    }
}

fn names(columns: &[Named]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The name of the type, which both databases know.
const fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Integer => "BIGINT",
        ColumnType::Real => "DOUBLE PRECISION",
        ColumnType::Text => "TEXT",
    }
}

fn insert(table: &'static str, set: impl Into<Vec<Named>>, values: Vec<Value>) -> Write {
    let (table, by) = (table.into(), Cow::Borrowed(&[][..]));
    let shape = Shape { what: What::Insert, table, set: set.into(), by };
    Write { shape, values, must_be: false }
}

fn delete(table: &'static str, by: impl Into<Cow<'static, [Named]>>, values: Vec<Value>) -> Write {
    let shape = Shape { what: What::Delete, table: table.into(), set: Vec::new(), by: by.into() };
    Write { shape, values, must_be: false }
}

/// Everything that a batch writes besides [`tallies`], with its first event numbered `first`. An
/// update sets only the columns that change: naming a column makes SQLite rewrite all of its
/// indexes.
pub(crate) fn writes(batch: &Batch, first: u64) -> Vec<Write> {
    let org = batch.org.as_str();
    let mut writes = Vec::new();
    // A name that one object gives up may be claimed by another in the same batch.
    for change in &batch.changes {
        for (space, name) in &change.names_removed {
            let values = vec![(*space).into(), name.as_str().into(), org.into()];
            writes.push(delete("names", &NAME[..3], values));
        }
    }
    for (change, seq) in batch.changes.iter().zip(first..) {
        object(&mut writes, batch, change);
        derived(&mut writes, org, change);
        writes.push(event(batch, change, seq));
        let unread = |reader: &&'static str| {
            let id = Value::from(&change.meta.id);
            let values = vec![(*reader).into(), org.into(), id, 0_i64.into(), seq.into()];
            insert("unread", UNREAD, values)
        };
        writes.extend(change.readers.iter().map(unread));
    }
    for (series, value) in &batch.counters {
        let values = vec![org.into(), series.to_string().into(), (*value).into()];
        let mut raise = insert("counters", COUNTER, values);
        raise.shape.what = What::Raise;
        writes.push(raise);
    }
    writes.extend(batch.answer.as_ref().map(|answer| remember(batch, answer)));
    writes
}

/// What batches add up to in the kept numbers of objects, all by one statement. They are written
/// once for all batches of a transaction, since many change the same numbers.
pub(crate) fn tallies<'a>(batches: impl IntoIterator<Item = &'a Batch>) -> Vec<Write> {
    let mut sums: BTreeMap<[&str; 5], i64> = BTreeMap::new();
    for batch in batches {
        for change in &batch.changes {
            let (table, kind) = (change.table.name, change.meta.id.kind().noun());
            for (tallies, one) in [(&change.tallies_added, 1), (&change.tallies_removed, -1)] {
                for Tally { field, value } in tallies {
                    *sums.entry([&batch.org, table, field, kind, value]).or_default() += one;
                }
            }
        }
    }
    let added = |(keys, sum): ([&str; 5], i64)| {
        let values = keys.into_iter().map(Value::from).chain([sum.into()]);
        let mut add = insert("tallies", TALLY, values.collect());
        add.shape.what = What::Add;
        add
    };
    sums.into_iter().filter(|(_, sum)| *sum != 0).map(added).collect()
}

/// A statement of a batch as a database runs it for one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its text, with the parameters `$1`, `$2`, .. in order.
    pub sql: String,
    /// The values of the parameters.
    pub values: Vec<Value>,
    /// The types of the parameters.
    pub types: Vec<ColumnType>,
}

/// The statements that write a batch whose first event is numbered `first`: for measuring what a
/// database needs for them by itself.
pub fn written(batch: &Batch, first: u64) -> Vec<Written> {
    let statement = |Write { shape, values, .. }: Write| Written {
        sql: shape.of_one(),
        values,
        types: shape.columns().collect(),
    };
    writes(batch, first).into_iter().chain(tallies([batch])).map(statement).collect()
}

fn object(writes: &mut Vec<Write>, batch: &Batch, change: &Change) {
    let (org, table, meta) = (batch.org.as_str(), change.table, &change.meta);
    match &change.op {
        ChangeOp::Insert(row) => {
            writes.push(insert_row(org, table, meta, row));
            writes.extend(text_of(org, &meta.id, row));
        }
        ChangeOp::Update { row, changed } => {
            writes.push(update_row(org, table, meta, row, changed));
            writes.extend(text_of(org, &meta.id, row));
        }
        ChangeOp::Delete { revision, summary, has_text } => {
            let id = Value::from(&meta.id);
            let values = vec![org.into(), id.clone(), (*revision).into()];
            let gone = delete(table.name, OBJECT_AT, values);
            writes.push(Write { must_be: true, ..gone });
            writes.extend(has_text.then(|| forget_text(org, &meta.id)));
            let values = vec![org.into(), id, batch.at.into(), summary.as_str().into()];
            writes.push(insert("tombstones", TOMBSTONE, values));
        }
    }
}

fn update_row(org: &str, table: &'static Table, meta: &Meta, row: &Row, named: &[usize]) -> Write {
    let kept: Vec<_> = table.stored_columns().map(|column| (column.name, column.kind)).collect();
    let mut set = CHANGED.to_vec();
    set.extend(named.iter().map(|place| kept[*place]));
    let mut values: Vec<Value> = vec![
        meta.revision.into(),
        meta.modified_at.into(),
        (&meta.modified_by).into(),
        i64::from(row.doc_version).into(),
        row.apart.kept(&row.doc).into(),
    ];
    values.extend(named.iter().map(|place| row.columns[*place].clone()));
    values.extend([org.into(), (&meta.id).into(), (meta.revision - 1).into()]);
    let shape = Shape { what: What::Update, table: table.name.into(), set, by: OBJECT_AT.into() };
    Write { shape, values, must_be: true }
}

/// Inserts the row of a document.
pub(crate) fn insert_row(org: &str, table: &'static Table, meta: &Meta, row: &Row) -> Write {
    let mut set = META.to_vec();
    set.extend(table.stored_columns().map(|column| (column.name, column.kind)));
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
        row.apart.kept(&row.doc).into(),
    ];
    values.extend(row.columns.iter().cloned());
    insert(table.name, set, values)
}

/// What becomes of the long text of a row, if anything is written.
pub(crate) fn text_of(org: &str, id: &Id, row: &Row) -> Option<Write> {
    match &row.apart {
        Apart::Text { at, is_new: true } => {
            let mut put = insert(TEXTS, TEXT, text_row(org, id, &row.doc[at.clone()]));
            put.shape.what = What::Put;
            Some(put)
        }
        Apart::Nothing { forget: true } => Some(forget_text(org, id)),
        Apart::Text { is_new: false, .. } | Apart::Nothing { forget: false } => None,
    }
}

fn forget_text(org: &str, id: &Id) -> Write {
    delete(TEXTS, OBJECT, vec![org.into(), id.into()])
}

/// The columns of long texts.
pub(crate) fn text_columns() -> Vec<&'static str> {
    TEXT.iter().map(|(name, _)| *name).collect()
}

/// A long text, as a row of these columns.
pub(crate) fn text_row(org: &str, id: &Id, text: &str) -> Vec<Value> {
    vec![org.into(), id.into(), text.into()]
}

/// Sets the columns beside the document of a row.
pub(crate) fn set_columns(
    org: &str,
    table: &'static Table,
    meta: &Meta,
    columns: Vec<Value>,
) -> Write {
    let mut set = vec![("kind", Text), SEQ];
    set.extend(table.stored_columns().map(|column| (column.name, column.kind)));
    let mut values: Vec<Value> = vec![meta.id.kind().noun().into(), meta.id.seq().into()];
    values.extend(columns);
    values.extend([org.into(), (&meta.id).into()]);
    let shape = Shape { what: What::Update, table: table.name.into(), set, by: OBJECT.into() };
    Write { shape, values, must_be: true }
}

/// Inserts a reference of an object.
pub(crate) fn insert_ref(org: &str, from: &Meta, entry: &RefEntry) -> Write {
    insert("refs", REF, ref_row(org, from, entry))
}

/// The columns of references.
pub(crate) fn ref_columns() -> Vec<&'static str> {
    REF.iter().map(|(name, _)| *name).collect()
}

/// A reference of an object, as a row of these columns.
pub(crate) fn ref_row(org: &str, from: &Meta, entry: &RefEntry) -> Vec<Value> {
    vec![
        org.into(),
        (&entry.to).into(),
        entry.field.into(),
        from.created_at.into(),
        from.id.seq().into(),
        (&from.id).into(),
        entry.carried.as_str().into(),
    ]
}

/// Inserts a name; stale if another object has it.
pub(crate) fn insert_name(org: &str, id: &Id, space: &str, name: &str) -> Write {
    insert("names", NAME, vec![space.into(), name.into(), org.into(), id.into()])
}

/// Inserts a value of a custom field.
pub(crate) fn insert_prop(org: &str, table: &'static Table, meta: &Meta, prop: &Prop) -> Write {
    insert("props", PROP, prop_row(org, table, meta, prop))
}

/// The columns of values of custom fields.
pub(crate) fn prop_columns() -> Vec<&'static str> {
    PROP.iter().map(|(name, _)| *name).collect()
}

/// A value of a custom field, as a row of these columns.
pub(crate) fn prop_row(org: &str, table: &Table, meta: &Meta, prop: &Prop) -> Vec<Value> {
    vec![
        org.into(),
        table.name.into(),
        prop.path.as_str().into(),
        prop.key.as_str().into(),
        meta.created_at.into(),
        meta.id.seq().into(),
        (&meta.id).into(),
        prop.is_least.into(),
    ]
}

fn derived(writes: &mut Vec<Write>, org: &str, change: &Change) {
    let (table, meta) = (change.table, &change.meta);
    for prop in &change.props_removed {
        writes.push(delete("props", &PROP[..], prop_row(org, table, meta, prop)));
    }
    writes.extend(change.props_added.iter().map(|prop| insert_prop(org, table, meta, prop)));
    let from = &change.meta.id;
    for entry in &change.refs_removed {
        writes.push(delete("refs", &REF[..], ref_row(org, meta, entry)));
    }
    writes.extend(change.refs_added.iter().map(|entry| insert_ref(org, meta, entry)));
    writes.extend(change.names_added.iter().map(|(s, name)| insert_name(org, from, s, name)));
}

fn event(batch: &Batch, change: &Change, seq: u64) -> Write {
    let verb = match change.op {
        ChangeOp::Insert(_) => Verb::Created,
        ChangeOp::Update { .. } => Verb::Updated,
        ChangeOp::Delete { .. } => Verb::Deleted,
    };
    let id = &change.meta.id;
    let values: Vec<Value> = vec![
        batch.org.as_str().into(),
        batch.at.into(),
        (&batch.actor).into(),
        batch.request_id.as_str().into(),
        id.kind().noun().into(),
        id.into(),
        verb.as_str().into(),
        change.meta.revision.into(),
        change.old.as_deref().into(),
        seq.into(),
    ];
    let mut set = EVENT.to_vec();
    set.push(SEQ);
    insert("events", set, values)
}

fn remember(batch: &Batch, answer: &StoredAnswer) -> Write {
    let values = vec![
        batch.org.as_str().into(),
        (&batch.actor).into(),
        answer.key.as_str().into(),
        answer.request.as_str().into(),
        i64::from(answer.status).into(),
        answer.body.as_str().into(),
        answer.revision.into(),
        answer.expires_at.into(),
    ];
    insert("idempotency", MEMORY, values)
}

/// Deletes the expired answers of an org. A batch that keeps an answer begins with this.
pub(crate) const FORGET: &str = "DELETE FROM idempotency WHERE org = $1 AND expires_at <= $2";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_rendered_for_one_row_and_for_many() {
        let set = vec![("title", Text), ("rank", Integer)];
        let update = Shape { what: What::Update, table: "t".into(), set, by: OBJECT.into() };
        assert_eq!(
            update.of_one(),
            "UPDATE t SET title = $1, rank = $2 WHERE org = $3 AND id = $4"
        );
        assert_eq!(
            update.of_many(),
            "UPDATE t SET title = new_title, rank = new_rank FROM \
             unnest($1::TEXT[], $2::BIGINT[], $3::TEXT[], $4::TEXT[]) AS \
             rows(new_title, new_rank, by_org, by_id) WHERE t.org = by_org AND t.id = by_id"
        );
        let gone = delete("t", OBJECT, Vec::new()).shape;
        assert_eq!(gone.of_one(), "DELETE FROM t WHERE org = $1 AND id = $2");
        assert_eq!(
            gone.of_many(),
            "DELETE FROM t USING unnest($1::TEXT[], $2::TEXT[]) AS rows(by_org, by_id) \
             WHERE t.org = by_org AND t.id = by_id"
        );
        let mut made = insert("t", COUNTER, Vec::new()).shape;
        assert_eq!(made.of_one(), "INSERT INTO t (org, kind, value) VALUES ($1, $2, $3)");
        made.what = What::Raise;
        assert_eq!(
            made.of_many(),
            "INSERT INTO t (org, kind, value) SELECT * FROM \
             unnest($1::TEXT[], $2::TEXT[], $3::BIGINT[]) ON CONFLICT (org, kind) DO UPDATE SET \
             value = excluded.value WHERE t.value < excluded.value"
        );
        made.what = What::Put;
        assert_eq!(
            made.of_one(),
            "INSERT INTO t (org, kind, value) VALUES ($1, $2, $3) ON CONFLICT (org, kind) \
             DO UPDATE SET value = excluded.value"
        );
        made.what = What::Add;
        assert_eq!(
            made.of_one(),
            "INSERT INTO t (org, kind, value) VALUES ($1, $2, $3) \
             ON CONFLICT (org, kind) DO UPDATE SET value = t.value + excluded.value"
        );
    }
}
