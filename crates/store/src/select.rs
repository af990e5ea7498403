//! The SQL of lists, built once for every backend.

use sea_query::{
    Cond as SqlCond, Expr, ExprTrait, LikeExpr, NullOrdering, Order, Query as Sql, SelectStatement,
};
use worksmith_kernel::{Cond, Query, Sort, Table, Value, line};
use worksmith_wire::{Direction, Id};

/// A page of a list, as the database is asked for it.
pub(crate) struct PageSelect<'a> {
    pub(crate) table: &'static Table,
    pub(crate) org: &'a str,
    pub(crate) query: &'a Query,
    /// The key beside which the page lies.
    pub(crate) beside: Option<&'a [Value]>,
    /// True for what comes before the key, or for the end of the list.
    pub(crate) backwards: bool,
    pub(crate) limit: u64,
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
        if let Some(key) = self.beside {
            select.cond_where(beyond(&order, key, self.backwards));
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
        Cond::OneOf(name, values) if values.is_empty() => {
            let _ = name;
            SqlCond::all().add(Expr::cust("1 = 0"))
        }
        Cond::OneOf(name, values) => {
            SqlCond::all().add(column(name).is_in(values.iter().map(bind)))
        }
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

/// What lies beyond a key in the given direction: for each prefix of the order, equal so far and
/// then beyond. Empty values lie after all others.
fn beyond(order: &[Sort], key: &[Value], backwards: bool) -> SqlCond {
    let mut any = SqlCond::any();
    for (at, (sort, value)) in order.iter().zip(key).enumerate() {
        let column = || Expr::col(sort.column);
        let Some(step) = step(sort, value, backwards) else { continue };
        let mut all = SqlCond::all();
        for (sort, value) in order.iter().zip(key).take(at) {
            all = all.add(match value {
                Value::Null => Expr::col(sort.column).is_null(),
                value => Expr::col(sort.column).eq(bind(value)),
            });
        }
        any = any.add(all.add(step(column())));
    }
    any
}

type Step = Box<dyn Fn(Expr) -> SqlCond>;

/// How a column goes beyond a value; `None` when nothing does.
fn step(sort: &Sort, value: &Value, backwards: bool) -> Option<Step> {
    let upwards = (sort.direction == Direction::Asc) != backwards;
    let bound = bind(value);
    match (value, backwards) {
        (Value::Null, false) => None,
        (Value::Null, true) => Some(Box::new(|column| SqlCond::all().add(column.is_not_null()))),
        (_, false) => Some(Box::new(move |column| {
            let past = compare(column.clone(), upwards, bound.clone());
            SqlCond::any().add(past).add(column.is_null())
        })),
        (_, true) => Some(Box::new(move |column| {
            SqlCond::all().add(compare(column, upwards, bound.clone()))
        })),
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
