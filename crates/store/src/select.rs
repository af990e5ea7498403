//! The statements that lists are read with, in the words of SQLite.

use worksmith_kernel::{ColumnType, Cond, Query, Sort, Table, Value, line};
use worksmith_wire::{Direction, Id};

use crate::ddl::{self, Index};
use crate::masks::Masks;

/// A page of a list, as the database is asked for it.
pub(crate) struct PageSelect<'a> {
    pub(crate) table: &'static Table,
    pub(crate) org: &'a str,
    pub(crate) query: &'a Query,
    /// The edge beside which the page lies.
    pub(crate) beside: Option<&'a Edge>,
    /// True for what comes before the key, or for the end of the list.
    pub(crate) backwards: bool,
    pub(crate) limit: u64,
}

/// Where a page begins or ends.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The sort key.
    pub(crate) key: Vec<Value>,
    /// Whether an object with this very key lies beyond the edge.
    pub(crate) through: bool,
}

impl Edge {
    /// Whether the columns of an order can have these values. A client may send any.
    pub(crate) fn fits(&self, table: &Table, order: &[Sort]) -> bool {
        let fits = |(sort, value): (&Sort, &Value)| {
            let promoted = table.columns.iter().find(|column| column.name == sort.column);
            let kind = match (promoted, sort.column) {
                (Some(column), _) => column.kind,
                (None, "seq" | "created_at" | "modified_at") => ColumnType::Integer,
                (None, _) => ColumnType::Text,
            };
            match (value, kind) {
                (Value::Null, _) => promoted.is_some(),
                (Value::Text(text), ColumnType::Text) => !text.contains('\0'),
                (Value::Integer(_), ColumnType::Integer) | (Value::Real(_), ColumnType::Real) => {
                    true
                }
                _ => false,
            }
        };
        self.key.len() == order.len() && order.iter().zip(&self.key).all(fits)
    }
}

/// The columns that a row is read from, in order.
pub(crate) const ROW_COLUMNS: [&str; 8] =
    ["id", "rev", "created_at", "created_by", "modified_at", "modified_by", "doc_version", "doc"];

/// A statement, and the values of its parameters in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.push("?")
    }

    /// Values between parentheses.
    fn tuple(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        self.push("(");
        self.separated(", ", values, |sql, value| {
            sql.bind(value);
        });
        self.push(")")
    }

    pub(crate) fn separated<T>(
        &mut self,
        separator: &str,
        items: impl IntoIterator<Item = T>,
        mut one: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.push(separator);
            }
            one(self, item);
        }
        self
    }
}

/// Where the rows come from that may match: an index, and what it is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source<'q> {
    /// A condition on one column, which has an index.
    Column(String, &'q Cond),
    /// The objects with one of these ids.
    Ids(&'q [Value]),
    /// The objects of one kind, whose ids begin alike.
    Kind(&'q str),
    /// The objects that refer to one of these by this field.
    Refs(&'static str, &'q [Id]),
}

impl Source<'_> {
    /// How many rows there are, counted up to `max`. References from other tables count too.
    pub(crate) fn count(&self, table: &'static Table, org: &str, max: u64) -> Sql {
        let mut sql = Sql::new("SELECT count(*) FROM (");
        match self {
            Self::Refs(field, ids) => {
                sql.push("SELECT 1 FROM refs");
                referring(&mut sql, org, field, ids);
            }
            _ => self.rows(&mut sql, "1", table, org),
        }
        sql.push(" LIMIT ").bind(i64::try_from(max).unwrap_or(i64::MAX)).push(")");
        sql
    }

    fn rows(&self, sql: &mut Sql, what: &str, table: &'static Table, org: &str) {
        let name = table.name;
        match self {
            Self::Column(index, cond) => {
                sql.push(&format!("SELECT {what} FROM {name} INDEXED BY {index} WHERE org = "));
                sql.bind(org).push(" AND ");
                condition(sql, table, cond);
            }
            Self::Ids(ids) => {
                sql.push(&format!("SELECT {what} FROM {name} WHERE org = ")).bind(org);
                sql.push(" AND id IN ").tuple(ids.iter().filter(|id| **id != Value::Null).cloned());
            }
            Self::Kind(noun) => {
                sql.push(&format!("SELECT {what} FROM {name} WHERE org = ")).bind(org);
                // A slash is followed by a zero.
                sql.push(" AND id >= ").bind(format!("{noun}/"));
                sql.push(" AND id < ").bind(format!("{noun}0"));
            }
            Self::Refs(field, ids) => {
                sql.push(&format!("SELECT {name}.{what} FROM refs CROSS JOIN {name}"));
                sql.push(&referrers(table));
                referring(sql, org, field, ids);
            }
        }
    }
}

/// How references are joined to those who refer.
fn referrers(table: &Table) -> String {
    format!(" ON {0}.org = refs.org AND {0}.id = refs.from_id", table.name)
}

fn referring(sql: &mut Sql, org: &str, field: &str, ids: &[Id]) {
    sql.push(" WHERE refs.org = ").bind(org);
    sql.push(" AND refs.to_id IN ").tuple(ids.iter().map(Value::from));
    sql.push(" AND refs.field = ").bind(field);
}

/// A part of an order that an index has in one piece.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    /// Whether it is that of the rows without a value.
    of_empty: bool,
    /// The part of the key that it begins beyond.
    beyond: Option<Vec<Value>>,
}

impl PageSelect<'_> {
    /// The index that has the rows in this order, if there is one.
    pub(crate) fn along(&self) -> Option<Index> {
        let order = self.query.total_order();
        let [first, seq, id] = order.as_slice() else { return None };
        let is_plain = (seq.column, id.column) == ("seq", "id")
            && first.direction == seq.direction
            && seq.direction == id.direction;
        ddl::indexes(self.table).find(|index| is_plain && index.column == first.column)
    }

    /// The parts of an order that [`Self::along`] has, one after the other in the direction of
    /// reading: rows without a value come last, so first when read backwards.
    pub(crate) fn sections(&self, index: &Index) -> Vec<Section> {
        let section = |of_empty, beyond| Section { of_empty, beyond };
        let key = self.beside.map(|edge| edge.key.clone());
        let is_empty = key.as_ref().map(|key| key.first() == Some(&Value::Null));
        match (is_empty, self.backwards) {
            _ if !nullable(self.table, index.column) => vec![section(false, key)],
            (None, false) => vec![section(false, None), section(true, None)],
            (None, true) => vec![section(true, None), section(false, None)],
            (Some(false), false) => vec![section(false, key), section(true, None)],
            (Some(false), true) => vec![section(false, key)],
            (Some(true), backwards) => {
                let empty = section(true, key.map(|key| key[1..].to_vec()));
                let rest = backwards.then(|| section(false, None));
                [empty].into_iter().chain(rest).collect()
            }
        }
    }

    /// Walks along an index through one section, passing what the digests rule out.
    pub(crate) fn walk(
        &self,
        index: &Index,
        section: &Section,
        masks: Option<&Masks>,
        limit: u64,
    ) -> Sql {
        let order = self.query.total_order();
        let up = self.is_up(&order[0]);
        let column = index.column;
        let mut sql = head(&order, self.table.name);
        // The rows without a value are in no index that leaves them out.
        if index.of_all || !section.of_empty {
            sql.push(" INDEXED BY ").push(&index.name);
        }
        sql.push(" WHERE org = ").bind(self.org);
        let keys: Vec<&str> = if section.of_empty {
            sql.push(&format!(" AND {column} IS NULL"));
            vec!["seq", "id"]
        } else {
            if nullable(self.table, column) {
                sql.push(&format!(" AND {column} IS NOT NULL"));
            }
            vec![column, "seq", "id"]
        };
        if let Some(key) = &section.beyond {
            let through = self.beside.is_some_and(|edge| edge.through);
            let operator = match (up, through) {
                (true, false) => ">",
                (true, true) => ">=",
                (false, false) => "<",
                (false, true) => "<=",
            };
            sql.push(&format!(" AND ({}) {operator} ", keys.join(", "))).tuple(key.iter().cloned());
        }
        if let (Some(masks), true) = (masks, index.with_digest) {
            masks.push(&mut sql);
        }
        conditions(&mut sql, self.table, &self.query.conds, None);
        let direction = if up { "ASC" } else { "DESC" };
        let keys = keys.iter().map(|key| format!("{key} {direction}"));
        sql.push(" ORDER BY ").push(&keys.collect::<Vec<_>>().join(", "));
        sql.push(" LIMIT ").bind(limit);
        sql
    }

    /// Takes the rows of some sources, and sorts those that match. `decided` is the condition that
    /// the sources themselves see to.
    pub(crate) fn gather(&self, sources: &[Source<'_>], decided: Option<usize>) -> Sql {
        let order = self.query.total_order();
        let mut sql = match sources {
            // The references come first, then those who refer.
            [Source::Refs(_, [_])] => head(&order, "refs"),
            _ => head(&order, self.table.name),
        };
        match sources {
            [Source::Column(index, cond)] => {
                sql.push(" INDEXED BY ").push(index).push(" WHERE org = ").bind(self.org);
                sql.push(" AND ");
                condition(&mut sql, self.table, cond);
            }
            // Each object refers to another by a field once.
            [Source::Refs(field, ids @ [_])] => {
                sql.push(" CROSS JOIN ").push(self.table.name).push(&referrers(self.table));
                referring(&mut sql, self.org, field, ids);
            }
            _ => {
                sql.push(" NOT INDEXED WHERE org = ").bind(self.org);
                within(&mut sql, self.table, self.org, sources);
            }
        }
        conditions(&mut sql, self.table, &self.query.conds, decided);
        self.sort(sql, &order)
    }

    /// Reads all rows, and sorts those that match.
    pub(crate) fn read(&self) -> Sql {
        let order = self.query.total_order();
        let mut sql = head(&order, self.table.name);
        sql.push(" WHERE org = ").bind(self.org);
        conditions(&mut sql, self.table, &self.query.conds, None);
        self.sort(sql, &order)
    }

    fn sort(&self, mut sql: Sql, order: &[Sort]) -> Sql {
        if let Some(edge) = self.beside {
            sql.push(" AND ");
            self.beyond(&mut sql, order, edge);
        }
        sql.push(" ORDER BY ").separated(", ", order, |sql, key| {
            let direction = if self.is_up(key) { "ASC" } else { "DESC" };
            // Objects without a value come last, so first when read backwards.
            let nulls = if self.backwards { "FIRST" } else { "LAST" };
            sql.push(&format!("{} {direction} NULLS {nulls}", key.column));
        });
        sql.push(" LIMIT ").bind(self.limit);
        sql
    }

    /// What lies beyond an edge: for each prefix of the order, equal so far and then beyond. Empty
    /// values lie after all others.
    fn beyond(&self, sql: &mut Sql, order: &[Sort], edge: &Edge) {
        let keys: Vec<_> = order.iter().zip(&edge.key).collect();
        let equal = |sql: &mut Sql, keys: &[(&Sort, &Value)]| {
            for (sort, value) in keys {
                match value {
                    Value::Null => sql.push(&format!("{} IS NULL AND ", sort.column)),
                    value => sql
                        .push(&format!("{} = ", sort.column))
                        .bind((*value).clone())
                        .push(" AND "),
                };
            }
        };
        sql.push("(");
        for (at, (sort, value)) in keys.iter().enumerate() {
            sql.push("(");
            equal(sql, &keys[..at]);
            self.step(sql, sort, value);
            sql.push(") OR ");
        }
        sql.push("(");
        equal(sql, if edge.through { &keys } else { &[] });
        sql.push(if edge.through { "1" } else { "0" }).push("))");
    }

    /// How a column goes beyond a value.
    fn step(&self, sql: &mut Sql, sort: &Sort, value: &Value) {
        let column = sort.column;
        let operator = if self.is_up(sort) { ">" } else { "<" };
        match (value, self.backwards) {
            (Value::Null, false) => sql.push("0"),
            (Value::Null, true) => sql.push(column).push(" IS NOT NULL"),
            (value, backwards) => {
                sql.push(&format!("({column} {operator} ")).bind(value.clone());
                if !backwards && nullable(self.table, column) {
                    sql.push(&format!(" OR {column} IS NULL"));
                }
                sql.push(")")
            }
        };
    }

    fn is_up(&self, sort: &Sort) -> bool {
        (sort.direction == Direction::Asc) != self.backwards
    }
}

/// How every statement that finds a page begins.
fn head(order: &[Sort], from: &str) -> Sql {
    let keys: String = order.iter().fold(String::new(), |keys, key| keys + ", " + key.column);
    Sql::new(format!("SELECT id, rev{keys} FROM {from}"))
}

/// How many rows of some sources match.
pub(crate) fn count_gathered(
    table: &'static Table,
    org: &str,
    query: &Query,
    sources: &[Source<'_>],
    decided: Option<usize>,
) -> Sql {
    let mut sql = Sql::new(format!("SELECT count(*) FROM {} NOT INDEXED", table.name));
    sql.push(" WHERE org = ").bind(org);
    within(&mut sql, table, org, sources);
    conditions(&mut sql, table, &query.conds, decided);
    sql
}

/// How many rows match, passing what the digests rule out.
pub(crate) fn count_all(
    table: &'static Table,
    org: &str,
    query: &Query,
    masks: Option<&Masks>,
) -> Sql {
    let mut sql = Sql::new(format!("SELECT count(*) FROM {}", table.name));
    let index = ddl::indexes(table).find(|index| index.with_digest);
    if let (Some(index), Some(_)) = (index, masks) {
        sql.push(" INDEXED BY ").push(&index.name);
    }
    sql.push(" WHERE org = ").bind(org);
    if let Some(masks) = masks {
        masks.push(&mut sql);
    }
    conditions(&mut sql, table, &query.conds, None);
    sql
}

fn within(sql: &mut Sql, table: &'static Table, org: &str, sources: &[Source<'_>]) {
    sql.push(" AND rowid IN (");
    sql.separated(" UNION ALL ", sources, |sql, source| source.rows(sql, "rowid", table, org));
    sql.push(")");
}

fn conditions(sql: &mut Sql, table: &'static Table, conds: &[Cond], decided: Option<usize>) {
    for (_, cond) in conds.iter().enumerate().filter(|(at, _)| Some(*at) != decided) {
        sql.push(" AND ");
        condition(sql, table, cond);
    }
}

/// Whether a column may be empty: those that families declare may.
fn nullable(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|c| c.name == column)
}

/// One condition. An empty value makes a comparison neither true nor false, and so its opposite:
/// with `IS NOT NULL` every condition is one of the two.
fn condition(sql: &mut Sql, table: &'static Table, cond: &Cond) {
    match cond {
        Cond::All(conds) if conds.is_empty() => drop(sql.push("1")),
        Cond::Any(conds) if conds.is_empty() => drop(sql.push("0")),
        Cond::All(conds) => joined(sql, table, " AND ", conds),
        Cond::Any(conds) => joined(sql, table, " OR ", conds),
        Cond::Not(cond) => {
            sql.push("NOT ");
            condition(sql, table, cond);
        }
        Cond::OneOf(name, values) => {
            let values: Vec<_> = values.iter().filter(|v| **v != Value::Null).cloned().collect();
            sql.push(&format!("({name} IS NOT NULL AND {name} IN ")).tuple(values).push(")");
        }
        Cond::Range(name, from, to) => {
            sql.push(&format!("({name} IS NOT NULL"));
            for (operator, bound) in [(">=", from), ("<=", to)] {
                if let Some(bound) = bound {
                    sql.push(&format!(" AND {name} {operator} ")).bind(bound.clone());
                }
            }
            sql.push(")");
        }
        Cond::IsNull(name) => drop(sql.push(&format!("({name} IS NULL)"))),
        Cond::HasLine(_, texts) if texts.is_empty() => drop(sql.push("0")),
        Cond::HasLine(name, texts) => {
            sql.push(&format!("({name} IS NOT NULL AND ("));
            sql.separated(" OR ", texts, |sql, text| {
                sql.push(&format!("{name} LIKE ")).bind(containing(&line(text)));
                sql.push(" ESCAPE '\\'");
            });
            sql.push("))");
        }
        Cond::RefersTo(field, ids) => {
            sql.push("EXISTS (SELECT 1 FROM refs WHERE refs.org = ");
            sql.push(&format!("{0}.org AND refs.from_id = {0}.id", table.name));
            sql.push(" AND refs.to_id IN ").tuple(ids.iter().map(Value::from));
            sql.push(" AND refs.field = ").bind(*field).push(")");
        }
    }
}

fn joined(sql: &mut Sql, table: &'static Table, separator: &str, conds: &[Cond]) {
    sql.push("(").separated(separator, conds, |sql, cond| condition(sql, table, cond)).push(")");
}

/// The pattern of texts that contain a text.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
