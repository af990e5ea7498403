//! Walking along the index of an order: the statements for that.

use worksmith_kernel::erased::{By, Cond};
use worksmith_kernel::{Has, Value};

use super::masks::Masks;
use super::select::{PageSelect, condition, conditions, having, head, nullable, range};
use crate::layout::ddl::{self, DIGEST, Index};
use crate::layout::{Dialect, Sql};

/// What a walk goes along.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Road {
    /// An index of the table.
    Index(Index),
    /// The values of a custom field; then this index, for the rows without a value.
    Prop(String, Index),
}

impl Road {
    /// Whether the entries alone tell of many rows that they don't match: by their digests, if the
    /// conditions ask something of those, or because they have a column that a condition is about.
    pub(crate) fn rules_out(&self, masks: Option<&Masks>, conds: &[Cond]) -> bool {
        let Self::Index(index) = self else { return false };
        (masks.is_some() && index.has_digest()) || covered(index, conds).next().is_some()
    }

    /// Whether the entries alone tell what matches.
    pub(crate) fn decides(&self, conds: &[Cond]) -> bool {
        matches!(self, Self::Index(index) if covered(index, conds).count() == conds.len())
    }

    /// Whether a walk skips nothing: all rows are asked for, or a range of its own order.
    pub(crate) fn is_of_all(&self, conds: &[Cond]) -> bool {
        conds.iter().all(|cond| match (self, cond) {
            (Self::Index(index), Cond::Range(name, ..)) => *name == index.column,
            _ => false,
        })
    }
}

/// A part of an order that is contiguous in an index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    /// Whether it consists of the rows without a value.
    of_empty: bool,
    /// The part of the key beyond which it begins.
    beyond: Option<Vec<Value>>,
}

impl PageSelect<'_> {
    /// The index that has the rows in this order, if there is one.
    pub(crate) fn along(&self) -> Option<Road> {
        let order = self.query.total_order();
        if order.iter().any(|sort| sort.direction != order[0].direction) {
            return None;
        }
        let by: Vec<_> = order.iter().map(|sort| &sort.by).collect();
        let index = |name: &str| ddl::indexes(self.table).find(|index| index.column == name);
        match by.as_slice() {
            [By::Column(first), By::Column("seq"), By::Column("id")] => {
                index(first).map(Road::Index)
            }
            [By::Prop(path), By::Column("created_at"), By::Column("seq"), By::Column("id")] => {
                Some(Road::Prop(path.clone(), index("created_at")?))
            }
            _ => None,
        }
    }

    /// The sections of the order along a road, one after the other in the direction of reading:
    /// rows without a value come last, so they are first when reading backwards.
    pub(crate) fn sections(&self, road: &Road) -> Vec<Section> {
        let section = |of_empty, beyond| Section { of_empty, beyond };
        let key = self.beside.map(|edge| edge.key.clone());
        let is_empty = key.as_ref().map(|key| key.first() == Some(&Value::Null));
        let may_be_empty = match road {
            Road::Index(index) => nullable(self.table, index.column),
            Road::Prop(path, _) => !self.query.conds.iter().any(
                |cond| matches!(cond, Cond::Prop(asked, has) if asked == path && *has != Has::None),
            ),
        };
        match (is_empty, self.backwards) {
            // All other rows come before a cursor at a row without a value.
            (Some(true), backwards) if !may_be_empty => {
                backwards.then(|| section(false, None)).into_iter().collect()
            }
            _ if !may_be_empty => vec![section(false, key)],
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

    /// Walks along a road through one section, skipping what the digests rule out. With a budget,
    /// PostgreSQL reads at most that many entries; SQLite is stopped from outside.
    pub(crate) fn walk(
        &self,
        road: &Road,
        section: &Section,
        masks: Option<&Masks>,
        limit: u64,
        budget: Option<u64>,
    ) -> Sql {
        match road {
            Road::Index(index) => self.walk_index(index, section, None, masks, limit, budget),
            Road::Prop(path, _) if !section.of_empty => {
                self.walk_prop(path, section, limit, budget)
            }
            Road::Prop(path, rest) => {
                let without = Cond::Prop(path.clone(), Has::None);
                let section = Section { of_empty: false, ..section.clone() };
                self.walk_index(rest, &section, Some(&without), masks, limit, budget)
            }
        }
    }

    /// Whether a section has entries beyond a budget: one of them, if so. PostgreSQL does not say
    /// whether a walk has ended with the budget or with the section.
    pub(crate) fn beyond_budget(&self, road: &Road, section: &Section, budget: u64) -> Sql {
        let is_up = self.is_up(&self.query.total_order()[0]);
        let (index, section) = match road {
            Road::Index(index) => (index, section.clone()),
            Road::Prop(path, _) if !section.of_empty => {
                let mut sql = Sql::new("SELECT 1 FROM props");
                self.prop_entries(&mut sql, path, section, is_up);
                sql.push(" LIMIT 1 OFFSET ").bind(budget);
                return sql;
            }
            Road::Prop(_, rest) => (rest, Section { of_empty: false, ..section.clone() }),
        };
        let along = Along { select: self, index, section: &section, is_up };
        let mut sql = Sql::new(format!("SELECT 1 FROM {}", self.table.name));
        along.entries(&mut sql);
        along.order(&mut sql, "");
        sql.push(" LIMIT 1 OFFSET ").bind(budget);
        sql
    }

    fn walk_index(
        &self,
        index: &Index,
        section: &Section,
        cond: Option<&Cond>,
        masks: Option<&Masks>,
        limit: u64,
        budget: Option<u64>,
    ) -> Sql {
        let order = self.query.total_order();
        let along = Along { select: self, index, section, is_up: self.is_up(&order[0]) };
        let masks = masks.filter(|_| index.has_digest());
        let mut sql = match self.dialect {
            Dialect::Sqlite => {
                let mut sql = head(&order, self.table, self.table.name, None);
                along.entries(&mut sql);
                if let Some(masks) = masks {
                    masks.push(&mut sql, DIGEST);
                }
                // SQLite tests what the index covers before it reads a row.
                sql
            }
            Dialect::Postgres => along.fenced(head(&order, self.table, "(", None), masks, budget),
        };
        conditions(&mut sql, self.table, &self.query.conds, None);
        conditions(&mut sql, self.table, cond.map_or(&[], std::slice::from_ref), None);
        along.order(&mut sql, if self.dialect == Dialect::Postgres { "walked_" } else { "" });
        sql.push(" LIMIT ").bind(limit);
        sql
    }

    /// Walks along the values of a custom field, using the smallest one of each object.
    fn walk_prop(&self, path: &str, section: &Section, limit: u64, budget: Option<u64>) -> Sql {
        let order = self.query.total_order();
        let is_up = self.is_up(&order[0]);
        let table = self.table.name;
        let is_fenced = self.dialect == Dialect::Postgres;
        let mut sql = if is_fenced {
            let mut sql = head(&order, self.table, "(SELECT ", Some("walked_found_by"));
            sql.separated(", ", PROP_KEYS, |sql, key| {
                sql.push(&format!("{key} AS walked_{key}"));
            });
            sql.push(" FROM props");
            sql
        } else {
            let mut sql = head(&order, self.table, "props", Some("props.found_by"));
            sql.push(&format!(" CROSS JOIN {table}"));
            sql.push(&format!(" ON {table}.org = props.org AND {table}.id = props.of_id"));
            sql
        };
        if is_fenced {
            self.prop_entries(&mut sql, path, section, is_up);
            match budget {
                Some(entries) => sql.push(" LIMIT ").bind(entries),
                None => sql.push(" OFFSET 0"),
            };
            sql.push(&format!(") AS walked JOIN {table} ON {table}.org = ")).bind(self.org);
            sql.push(&format!(" AND {table}.id = walked_of_id WHERE TRUE"));
        } else {
            self.prop_values(&mut sql, path, section, is_up);
        }
        conditions(&mut sql, self.table, &self.query.conds, None);
        prop_order(&mut sql, if is_fenced { "walked_" } else { "props." }, is_up);
        sql.push(" LIMIT ").bind(limit);
        sql
    }

    /// The condition for the values of a custom field that are read.
    fn prop_values(&self, sql: &mut Sql, path: &str, section: &Section, is_up: bool) {
        having(sql, self.table, self.org, path, &Has::Any);
        sql.push(" AND props.is_least = 1");
        if let Some(key) = &section.beyond {
            sql.push(" AND (").separated(", ", PROP_KEYS, |sql, key| {
                sql.push(&format!("props.{key}"));
            });
            sql.push(&format!(") {} ", self.beyond_is(is_up))).tuple(key.iter().cloned());
        }
    }

    /// The same, in their order.
    fn prop_entries(&self, sql: &mut Sql, path: &str, section: &Section, is_up: bool) {
        self.prop_values(sql, path, section, is_up);
        prop_order(sql, "", is_up);
    }

    /// The operator that compares keys beyond the edge with that of the edge.
    pub(crate) fn beyond_is(&self, is_up: bool) -> &'static str {
        match (is_up, self.beside.is_some_and(|edge| edge.through)) {
            (true, false) => ">",
            (true, true) => ">=",
            (false, false) => "<",
            (false, true) => "<=",
        }
    }
}

/// The ranges of columns that an index has besides its keys.
fn covered<'a>(
    index: &'a Index,
    conds: &'a [Cond],
) -> impl Iterator<Item = (&'static str, [&'a Option<Value>; 2])> {
    conds.iter().filter_map(|cond| match cond {
        Cond::Range(name, from, to) if index.covers.contains(name) => Some((*name, [from, to])),
        _ => None,
    })
}

/// The columns that identify a value of a custom field, in the order of their key.
const PROP_KEYS: [&str; 4] = ["found_by", "made_at", "number", "of_id"];

/// The order of the values of a custom field, by columns whose names begin with `prefix`.
fn prop_order(sql: &mut Sql, prefix: &str, is_up: bool) {
    let direction = if is_up { "ASC" } else { "DESC" };
    sql.push(" ORDER BY ").separated(", ", PROP_KEYS, |sql, key| {
        sql.push(&format!("{prefix}{key} {direction}"));
    });
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

    /// The condition for the entries of the index that are read.
    fn entries(&self, sql: &mut Sql) {
        let select = self.select;
        let PageSelect { dialect, table, org, .. } = select;
        let column = self.index.column;
        // Rows without a value are missing from an index that leaves them out.
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
            let operator = select.beyond_is(self.is_up);
            sql.push(&format!(" AND ({}) {operator} ", self.keys().join(", ")));
            sql.tuple(key.iter().cloned());
        }
        // If a range is about the column of the order, the walk keeps to the range.
        let conds = select.query.conds.iter();
        for cond in conds.filter(|cond| matches!(cond, Cond::Range(name, ..) if *name == column)) {
            sql.push(" AND ");
            condition(sql, select.table, cond);
        }
    }

    /// The order of the entries, by columns whose names begin with `prefix`. It has all columns,
    /// although the first one is empty in all rows of a section without values: PostgreSQL
    /// recognizes the order of its index by them.
    fn order(&self, sql: &mut Sql, prefix: &str) {
        let direction = if self.is_up { "ASC" } else { "DESC" };
        sql.push(" ORDER BY ").separated(", ", self.index.keys, |sql, key| {
            sql.push(&format!("{prefix}{key} {direction}"));
        });
    }

    /// First the entries alone, for which the index suffices; then, beyond a fence, their rows.
    fn fenced(&self, mut sql: Sql, masks: Option<&Masks>, budget: Option<u64>) -> Sql {
        let columns = self.index.keys.iter().chain(&self.index.covers);
        sql.push("SELECT ").separated(", ", columns, |sql, column| {
            sql.push(&format!("{column} AS walked_{column}"));
        });
        let table = self.select.table.name;
        sql.push(&format!(" FROM {table}"));
        self.entries(&mut sql);
        // Entries that are ruled out must count for the budget.
        if budget.is_none() {
            self.ruled_out(&mut sql, masks, "");
        }
        self.order(&mut sql, "");
        match budget {
            Some(entries) => sql.push(" LIMIT ").bind(entries),
            None => sql.push(" OFFSET 0"),
        };
        sql.push(&format!(") AS walked JOIN {table} ON {table}.org = ")).bind(self.select.org);
        sql.push(&format!(" AND {table}.id = walked_id WHERE TRUE"));
        if budget.is_some() {
            self.ruled_out(&mut sql, masks, "walked_");
        }
        sql
    }

    /// What the entries alone must meet, whose columns have names that begin with `prefix`.
    fn ruled_out(&self, sql: &mut Sql, masks: Option<&Masks>, prefix: &str) {
        let name = |column: &str| format!("{prefix}{column}");
        if let Some(masks) = masks {
            let [one, other] = DIGEST.map(name);
            masks.push(sql, [&one, &other]);
        }
        for (column, bounds) in covered(self.index, &self.select.query.conds) {
            sql.push(" AND ");
            range(sql, &name(column), bounds);
        }
    }
}
