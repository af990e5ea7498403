//! Counting by the numbers that the store keeps: no object is looked at.

use worksmith_kernel::erased::{By, Cond, Group};
use worksmith_kernel::{ColumnType, Table, Value};

use crate::batch::Tally;
use crate::layout::Sql;

const SUM: &str = "SELECT CAST(coalesce(sum(number), 0) AS BIGINT) FROM tallies";

/// The statement for the number of the objects that refer to nothing by a field.
pub(crate) fn without(table: &Table, org: &str, field: &str) -> Sql {
    let mut sql = Sql::new(SUM);
    of_field(&mut sql, table, org, field);
    sql.push(" AND value = ''");
    sql
}

/// Pushes the selection of the objects to which others ever referred by a field.
pub(crate) fn targets(sql: &mut Sql, table: &Table, org: &str, field: &str) {
    sql.push("SELECT DISTINCT substr(value, 2) AS target FROM tallies");
    of_field(sql, table, org, field);
    sql.push(" AND value <> ''");
}

fn of_field(sql: &mut Sql, table: &Table, org: &str, field: &str) {
    sql.push(" WHERE org = ").bind(org).push(" AND kept_in = ").bind(table.name);
    sql.push(" AND field = ").bind(field);
}

/// The kept numbers of one field, of certain kinds and values.
pub(crate) struct Tallied<'a> {
    table: &'static Table,
    /// The column or the reference field; empty for all objects.
    field: &'static str,
    conds: &'a [Cond],
}

impl<'a> Tallied<'a> {
    /// The numbers of the objects that meet conditions, if these are about kinds and about one
    /// field.
    pub(crate) fn matching(table: &'static Table, conds: &'a [Cond]) -> Option<Self> {
        let mut field = "";
        for cond in conds {
            field = match cond {
                Cond::OneOf("kind", _) => field,
                Cond::OneOf(name, _) if field.is_empty() || field == *name => *name,
                // Those who refer to two objects would be counted twice.
                Cond::RefersTo(name, ids) if field.is_empty() && ids.len() == 1 => *name,
                _ => return None,
            };
        }
        let is_kept = table.tallied.contains(&field) || field.is_empty();
        (is_kept && !table.tallied.is_empty()).then_some(Self { table, field, conds })
    }

    /// The numbers for each value of what objects are grouped by, if the conditions are about kinds
    /// and about the same column.
    pub(crate) fn grouped(
        table: &'static Table,
        conds: &'a [Cond],
        groups: &[Group],
    ) -> Option<Self> {
        let field = match groups {
            [Group::Column(By::Column(column))] => *column,
            [Group::Refs { field, becomes, .. }] if becomes.is_empty() => *field,
            _ => return None,
        };
        let is_told = |cond: &Cond| match cond {
            Cond::OneOf("kind", _) => true,
            Cond::OneOf(name, _) => *name == field,
            _ => false,
        };
        let is_told = table.tallied.contains(&field) && conds.iter().all(is_told);
        is_told.then_some(Self { table, field, conds })
    }

    /// Whether the numbers include the objects without a value.
    pub(crate) fn tells_of_empty(&self) -> bool {
        let is_asked = |cond: &Cond| matches!(cond, Cond::OneOf(name, _) if *name == self.field);
        self.column().is_none() || self.conds.iter().any(is_asked)
    }

    /// The statement for the number of all of them.
    pub(crate) fn sum(&self, org: &str) -> Sql {
        let mut sql = Sql::new(SUM);
        self.which(&mut sql, org);
        sql
    }

    /// The statement for the number of each value.
    pub(crate) fn sums(&self, org: &str) -> Sql {
        let mut sql = Sql::new("SELECT value, CAST(sum(number) AS BIGINT) FROM tallies");
        self.which(&mut sql, org);
        sql.push(" GROUP BY value HAVING sum(number) <> 0");
        sql
    }

    fn which(&self, sql: &mut Sql, org: &str) {
        of_field(sql, self.table, org, self.field);
        for cond in self.conds {
            let (column, wanted): (_, Vec<Value>) = match cond {
                Cond::OneOf("kind", nouns) => {
                    ("kind", nouns.iter().filter(|noun| **noun != Value::Null).cloned().collect())
                }
                Cond::OneOf(_, values) => ("value", spelled(values.iter().cloned())),
                Cond::RefersTo(_, ids) => ("value", spelled(ids.iter().map(Value::from))),
                _ => ("value", Vec::new()),
            };
            if wanted.is_empty() {
                sql.push(" AND FALSE");
            } else {
                sql.push(&format!(" AND {column} IN ")).tuple(wanted);
            }
        }
    }

    fn column(&self) -> Option<ColumnType> {
        self.table.columns.iter().find(|column| column.name == self.field).map(|own| own.kind)
    }

    /// The value of a row.
    pub(crate) fn value(&self, kept: &Value) -> Value {
        let Value::Text(text) = kept else { return Value::Null };
        match (text.strip_prefix('='), self.column()) {
            (None, _) => Value::Null,
            (Some(value), Some(ColumnType::Integer)) => value.parse::<i64>().ok().into(),
            (Some(value), _) => value.into(),
        }
    }
}

fn spelled(values: impl Iterator<Item = Value>) -> Vec<Value> {
    values.filter_map(|value| Tally::spelled(&value)).map(Value::from).collect()
}
