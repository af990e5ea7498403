//! The SQL of lists, built once for every backend.

use sea_query::{
    Cond as SqlCond, Expr, ExprTrait, LikeExpr, NullOrdering, Order, Query as Sql, SelectStatement,
};
use worksmith_kernel::{ColumnType, Cond, Query, Sort, Table, Value, line};
use worksmith_wire::{Direction, Id};

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

/// The columns that a row is read from, in order; the sort key follows them.
pub(crate) const ROW_COLUMNS: [&str; 8] =
    ["id", "rev", "created_at", "created_by", "modified_at", "modified_by", "doc_version", "doc"];

impl PageSelect<'_> {
    pub(crate) fn build(&self) -> SelectStatement {
        let order = self.query.total_order();
        let mut select = Sql::select();
        select.columns(ROW_COLUMNS).from(self.table.name);
        for key in &order {
            select.column(key.column);
        }
        select.cond_where(conditions(self.table, self.org, self.query));
        if let Some(edge) = self.beside {
            select.cond_where(beyond(self.table, &order, edge, self.backwards));
        }
        for key in &order {
            let ascending = (key.direction == Direction::Asc) != self.backwards;
            let direction = if ascending { Order::Asc } else { Order::Desc };
            if nullable(self.table, key.column) {
                // Objects without a value come last, so first when read backwards.
                let nulls = if self.backwards { NullOrdering::First } else { NullOrdering::Last };
                select.order_by_with_nulls(key.column, direction, nulls);
            } else {
                select.order_by(key.column, direction);
            }
        }
        select.limit(self.limit);
        select
    }
}

/// How many objects match.
pub(crate) fn count(table: &'static Table, org: &str, query: &Query) -> SelectStatement {
    let mut select = Sql::select();
    select.expr(Expr::cust("count(*)")).from(table.name);
    select.cond_where(conditions(table, org, query));
    select
}

fn conditions(table: &'static Table, org: &str, query: &Query) -> SqlCond {
    let all = SqlCond::all().add(Expr::col((table.name, "org")).eq(org));
    query.conds.iter().fold(all, |all, cond| all.add(condition(table, cond)))
}

/// Whether a column may be empty: those that families declare may.
fn nullable(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|c| c.name == column)
}

fn condition(table: &'static Table, cond: &Cond) -> SqlCond {
    let column = |name: &'static str| Expr::col((table.name, name));
    match cond {
        // An empty list of conditions has to be spelt out: the builder would drop it.
        Cond::All(conds) if conds.is_empty() => SqlCond::all().add(Expr::cust("1 = 1")),
        Cond::Any(conds) if conds.is_empty() => SqlCond::all().add(Expr::cust("1 = 0")),
        Cond::All(conds) => {
            conds.iter().fold(SqlCond::all(), |all, cond| all.add(condition(table, cond)))
        }
        Cond::Any(conds) => {
            conds.iter().fold(SqlCond::any(), |any, cond| any.add(condition(table, cond)))
        }
        Cond::Not(cond) => condition(table, cond).not(),
        // An empty value makes a comparison neither true nor false, and so its opposite: with
        // this, every condition is one of the two.
        Cond::OneOf(name, values) => SqlCond::all()
            .add(column(name).is_not_null())
            .add(column(name).is_in(values.iter().filter(|v| **v != Value::Null).map(bind))),
        Cond::Range(name, from, to) => {
            let mut range = SqlCond::all().add(column(name).is_not_null());
            if let Some(from) = from {
                range = range.add(column(name).gte(bind(from)));
            }
            if let Some(to) = to {
                range = range.add(column(name).lte(bind(to)));
            }
            range
        }
        Cond::IsNull(name) => SqlCond::all().add(column(name).is_null()),
        Cond::HasLine(_, texts) if texts.is_empty() => SqlCond::all().add(Expr::cust("1 = 0")),
        Cond::HasLine(name, texts) => texts.iter().fold(SqlCond::any(), |any, text| {
            any.add(column(name).like(LikeExpr::new(containing(&line(text))).escape('\\')))
        }),
        Cond::RefersTo(field, ids) => SqlCond::all().add(refers_to(table, field, ids)),
    }
}

/// The pattern of texts that contain a text.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

fn refers_to(table: &'static Table, field: &'static str, ids: &[Id]) -> Expr {
    let mut found = Sql::select();
    found
        .expr(Expr::cust("1"))
        .from("refs")
        .and_where(Expr::col(("refs", "org")).equals((table.name, "org")))
        .and_where(Expr::col(("refs", "to_id")).is_in(ids.iter().map(Id::to_string)))
        .and_where(Expr::col(("refs", "field")).eq(field))
        .and_where(Expr::col(("refs", "from_id")).equals((table.name, "id")));
    Expr::exists(found)
}

/// What lies beyond an edge in the given direction: for each prefix of the order, equal so far and
/// then beyond. Empty values lie after all others.
fn beyond(table: &Table, order: &[Sort], edge: &Edge, backwards: bool) -> SqlCond {
    let equal = |keys: usize| {
        order.iter().zip(&edge.key).take(keys).fold(SqlCond::all(), |all, (sort, value)| {
            all.add(match value {
                Value::Null => Expr::col(sort.column).is_null(),
                value => Expr::col(sort.column).eq(bind(value)),
            })
        })
    };
    let mut any = SqlCond::any();
    for (at, (sort, value)) in order.iter().zip(&edge.key).enumerate() {
        let nulls = nullable(table, sort.column);
        if let Some(step) = step(sort, value, backwards, nulls) {
            any = any.add(equal(at).add(step));
        }
    }
    if edge.through {
        any = any.add(equal(order.len()));
    }
    // What follows from all the cases, said once more so that an index can be entered here.
    match (order.first(), edge.key.first()) {
        (Some(sort), Some(value))
            if *value != Value::Null && (backwards || !nullable(table, sort.column)) =>
        {
            let column = Expr::col(sort.column);
            let bound = bind(value);
            let from = if is_up(sort, backwards) { column.gte(bound) } else { column.lte(bound) };
            SqlCond::all().add(from).add(any)
        }
        _ => any,
    }
}

fn is_up(sort: &Sort, backwards: bool) -> bool {
    (sort.direction == Direction::Asc) != backwards
}

/// How a column goes beyond a value; `None` when nothing does.
fn step(sort: &Sort, value: &Value, backwards: bool, nulls: bool) -> Option<SqlCond> {
    let column = || Expr::col(sort.column);
    let past = || compare(column(), is_up(sort, backwards), bind(value));
    match (value, backwards) {
        (Value::Null, false) => None,
        (Value::Null, true) => Some(SqlCond::all().add(column().is_not_null())),
        (_, false) if nulls => Some(SqlCond::any().add(past()).add(column().is_null())),
        _ => Some(SqlCond::all().add(past())),
    }
}

fn compare(column: Expr, upwards: bool, bound: sea_query::Value) -> Expr {
    if upwards { column.gt(bound) } else { column.lt(bound) }
}

fn bind(value: &Value) -> sea_query::Value {
    match value {
        Value::Null => sea_query::Value::BigInt(None),
        Value::Integer(integer) => (*integer).into(),
        Value::Real(real) => (*real).into(),
        Value::Text(text) => text.as_str().into(),
    }
}
