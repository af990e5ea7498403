//! Walking along the references to an object: those that refer to it are there in the order of
//! their creation, each with what its table has the references carry.

use worksmith_kernel::Value;
use worksmith_kernel::erased::{By, Cond};
use worksmith_wire::Id;

use super::plan::Way;
use super::select::{PageSelect, Source, conditions, head, of_kinds, referrers, referring};
use crate::layout::{Dialect, Sql};

/// The references to one object by one field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct References<'q> {
    field: &'static str,
    to: &'q [Id],
}

/// The columns that identify a reference among them, in the order of the key.
const KEYS: [&str; 3] = ["made_at", "number", "from_id"];

impl<'q> References<'q> {
    fn of(field: &'static str, to: &'q [Id]) -> Option<Self> {
        (to.len() == 1).then_some(Self { field, to })
    }

    /// Whether they ensure that a condition holds, or show whether it does.
    fn decide(&self, select: &PageSelect<'_>, cond: &Cond) -> bool {
        match cond {
            Cond::RefersTo(field, ids) => *field == self.field && *ids == self.to,
            Cond::OneOf("kind", _) => true,
            Cond::OneOf(name, _) => select.table.carried == Some(*name),
            _ => false,
        }
    }

    /// Whether they have everything that the page needs, so that no row is read. The rows of other
    /// servers may change without this one knowing, so there the revisions are read as well.
    pub(crate) fn suffice(&self, select: &PageSelect<'_>) -> bool {
        select.dialect == Dialect::Sqlite
            && select.query.conds.iter().all(|cond| self.decide(select, cond))
    }
}

impl<'a> PageSelect<'a> {
    /// The references that have the rows in this order and ensure one of the conditions.
    pub(crate) fn references(&self) -> Option<References<'a>> {
        let mut conds = self.query.conds.iter().filter(|_| self.is_by_creation());
        conds.find_map(|cond| match cond {
            Cond::RefersTo(field, ids) => References::of(field, ids),
            _ => None,
        })
    }

    /// The references that a way consists of, if they have the rows in this order.
    pub(crate) fn references_of<'w>(&self, way: &Way<'w>) -> Option<References<'w>> {
        match way.sources.as_slice() {
            [Source::Refs(field, ids)] if self.is_by_creation() => References::of(field, ids),
            _ => None,
        }
    }

    fn is_by_creation(&self) -> bool {
        let order = self.query.total_order();
        let by: Vec<_> = order.iter().map(|sort| &sort.by).collect();
        matches!(by.as_slice(), [By::Column("created_at"), By::Column("seq"), By::Column("id")])
            && order.iter().all(|sort| sort.direction == order[0].direction)
    }

    /// Walks along references. With a budget, PostgreSQL reads at most that many; SQLite is stopped
    /// from outside.
    pub(crate) fn walk_references(&self, along: &References<'_>, budget: Option<u64>) -> Sql {
        let mut sql = match self.dialect {
            Dialect::Sqlite if along.suffice(self) => {
                let mut sql = Sql::new("SELECT from_id, NULL, ");
                sql.push(&KEYS.join(", ")).push(" FROM refs");
                self.entries(&mut sql, along);
                self.shown(&mut sql, "");
                sql
            }
            Dialect::Sqlite => {
                let order = self.query.total_order();
                let mut sql = head(&order, self.table, "refs CROSS JOIN ", None);
                sql.push(self.table.name).push(&referrers(self.table));
                self.entries(&mut sql, along);
                self.shown(&mut sql, "");
                sql
            }
            Dialect::Postgres => self.fenced_entries(along, budget),
        };
        if !along.suffice(self) {
            for cond in self.query.conds.iter().filter(|cond| !along.decide(self, cond)) {
                conditions(&mut sql, self.table, std::slice::from_ref(cond), None);
            }
        }
        self.in_order(
            &mut sql,
            if self.dialect == Dialect::Postgres { "walked_" } else { "refs." },
        );
        sql.push(" LIMIT ").bind(self.limit);
        sql
    }

    /// The condition for the references that are read.
    fn entries(&self, sql: &mut Sql, along: &References<'_>) {
        referring(sql, self.org, along.field, along.to);
        if let Some(edge) = self.beside {
            let keys = KEYS.map(|key| format!("refs.{key}")).join(", ");
            let operator = self.beyond_is(self.is_up(&self.query.total_order()[0]));
            sql.push(&format!(" AND ({keys}) {operator} ")).tuple(edge.key.iter().cloned());
        }
    }

    /// The conditions that the references themselves show to hold. Objects of other tables may
    /// refer by the same field. The columns have names that begin with `prefix`.
    fn shown(&self, sql: &mut Sql, prefix: &str) {
        let conds = &self.query.conds;
        let is_asked = |noun: &str| {
            conds.iter().all(|cond| match cond {
                Cond::OneOf("kind", nouns) => nouns.contains(&noun.into()),
                _ => true,
            })
        };
        let nouns = self.table.kinds.iter().map(|kind| kind.noun());
        let nouns: Vec<_> = nouns.filter(|noun| is_asked(noun)).collect();
        sql.push(" AND ");
        of_kinds(sql, &format!("{prefix}from_id"), nouns);
        for cond in conds {
            let Cond::OneOf(name, values) = cond else { continue };
            if self.table.carried == Some(*name) {
                let values: Vec<_> =
                    values.iter().filter(|v| **v != Value::Null).cloned().collect();
                if values.is_empty() {
                    sql.push(" AND FALSE");
                } else {
                    sql.push(&format!(" AND {prefix}carried IN ")).tuple(values);
                }
            }
        }
    }

    fn in_order(&self, sql: &mut Sql, prefix: &str) {
        let direction = if self.is_up(&self.query.total_order()[0]) { "ASC" } else { "DESC" };
        sql.push(" ORDER BY ").separated(", ", KEYS, |sql, key| {
            sql.push(&format!("{prefix}{key} {direction}"));
        });
    }

    /// First the references alone; then, beyond a fence, the rows.
    fn fenced_entries(&self, along: &References<'_>, budget: Option<u64>) -> Sql {
        let table = self.table.name;
        let mut sql = head(&self.query.total_order(), self.table, "(SELECT ", None);
        sql.separated(", ", KEYS.iter().chain(&["carried"]), |sql, key| {
            sql.push(&format!("{key} AS walked_{key}"));
        });
        sql.push(" FROM refs");
        self.entries(&mut sql, along);
        // Those that are ruled out must count for the budget.
        if budget.is_none() {
            self.shown(&mut sql, "");
        }
        self.in_order(&mut sql, "");
        match budget {
            Some(entries) => sql.push(" LIMIT ").bind(entries),
            None => sql.push(" OFFSET 0"),
        };
        sql.push(&format!(") AS walked JOIN {table} ON {table}.org = ")).bind(self.org);
        sql.push(&format!(" AND {table}.id = walked_from_id WHERE TRUE"));
        if budget.is_some() {
            self.shown(&mut sql, "walked_");
        }
        sql
    }
}
