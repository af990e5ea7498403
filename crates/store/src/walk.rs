//! Walking along the index of an order: the statements that do it.

use worksmith_kernel::{Cond, Value};

use crate::ddl::{self, Index};
use crate::dialect::Dialect;
use crate::masks::Masks;
use crate::select::{PageSelect, Sql, condition, conditions, head, nullable};

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

    /// Walks along an index through one section, passing what the digests rule out. With a budget,
    /// PostgreSQL looks at no more than so many entries; SQLite is stopped from outside.
    pub(crate) fn walk(
        &self,
        index: &Index,
        section: &Section,
        masks: Option<&Masks>,
        limit: u64,
        budget: Option<u64>,
    ) -> Sql {
        let order = self.query.total_order();
        let along = Along { select: self, index, section, is_up: self.is_up(&order[0]) };
        let masks = masks.filter(|_| index.with_digest);
        let mut sql = match self.dialect {
            Dialect::Sqlite => {
                let mut sql = head(&order, self.table.name);
                along.entries(&mut sql);
                if let Some(masks) = masks {
                    masks.push(&mut sql, ["digest_1", "digest_2"]);
                }
                sql
            }
            Dialect::Postgres => along.fenced(head(&order, "("), masks, budget),
        };
        conditions(&mut sql, self.table, &self.query.conds, None);
        along.order(&mut sql, if self.dialect == Dialect::Postgres { "walked_" } else { "" });
        sql.push(" LIMIT ").bind(limit);
        sql
    }
}

/// One section of an index, in one direction.
struct Along<'a> {
    select: &'a PageSelect<'a>,
    index: &'a Index,
    section: &'a Section,
    is_up: bool,
}

impl Along<'_> {
    /// The columns that tell the entries of the section apart, in the order of the index.
    fn keys(&self) -> &[&'static str] {
        let keys = &self.index.keys;
        if self.section.of_empty { &keys[1..] } else { keys }
    }

    /// From which entries of the index rows are taken.
    fn entries(&self, sql: &mut Sql) {
        let select = self.select;
        let PageSelect { dialect, table, org, beside, .. } = select;
        let column = self.index.column;
        // The rows without a value are in no index that leaves them out.
        if self.index.of_all || !self.section.of_empty {
            sql.push(&dialect.by_index(&self.index.name));
        }
        sql.push(" WHERE org = ").bind(*org);
        if self.section.of_empty {
            sql.push(&format!(" AND {column} IS NULL"));
        } else if nullable(table, column) {
            sql.push(&format!(" AND {column} IS NOT NULL"));
        }
        if let Some(key) = &self.section.beyond {
            let through = beside.is_some_and(|edge| edge.through);
            let operator = match (self.is_up, through) {
                (true, false) => ">",
                (true, true) => ">=",
                (false, false) => "<",
                (false, true) => "<=",
            };
            sql.push(&format!(" AND ({}) {operator} ", self.keys().join(", ")));
            sql.tuple(key.iter().cloned());
        }
        // Where the order is by what a range is about, the walk keeps to the range.
        let conds = select.query.conds.iter();
        for cond in conds.filter(|cond| matches!(cond, Cond::Range(name, ..) if *name == column)) {
            sql.push(" AND ");
            condition(sql, select.table, cond);
        }
    }

    /// The order of the entries, by columns whose names begin with `prefix`.
    fn order(&self, sql: &mut Sql, prefix: &str) {
        let direction = if self.is_up { "ASC" } else { "DESC" };
        sql.push(" ORDER BY ").separated(", ", self.keys(), |sql, key| {
            sql.push(&format!("{prefix}{key} {direction}"));
        });
    }

    /// The entries alone, which the index has all of; then, beyond a fence, their rows.
    fn fenced(&self, mut sql: Sql, masks: Option<&Masks>, budget: Option<u64>) -> Sql {
        let digest: &[&str] = if self.index.with_digest { &["digest_1", "digest_2"] } else { &[] };
        sql.push("SELECT ").separated(", ", self.keys().iter().chain(digest), |sql, column| {
            sql.push(&format!("{column} AS walked_{column}"));
        });
        let table = self.select.table.name;
        sql.push(&format!(" FROM {table}"));
        self.entries(&mut sql);
        // Entries that the digests rule out are to count for the budget.
        if let (Some(masks), None) = (masks, budget) {
            masks.push(&mut sql, ["digest_1", "digest_2"]);
        }
        self.order(&mut sql, "");
        match budget {
            Some(entries) => sql.push(" LIMIT ").bind(entries),
            None => sql.push(" OFFSET 0"),
        };
        sql.push(&format!(") AS walked JOIN {table} ON {table}.org = ")).bind(self.select.org);
        sql.push(&format!(" AND {table}.id = walked_id WHERE TRUE"));
        if let (Some(masks), Some(_)) = (masks, budget) {
            masks.push(&mut sql, ["walked_digest_1", "walked_digest_2"]);
        }
        sql
    }
}
