//! The statements that read lists.
//!
//! SQLite is told which index to use. PostgreSQL chooses by itself, so each statement for it is
//! built of parts that leave no choice: the inner part enters by one index, and the other
//! conditions on the rows are checked outside it, behind a fence that the planner does not see
//! through.

use worksmith_kernel::erased::{By, Cond, Query, Sort};
use worksmith_kernel::{Has, Keys, Table, Value, line};
use worksmith_wire::{Direction, Id};

use super::masks::Masks;
use super::{Edge, PageQuery};
use crate::layout::{Dialect, Sql, ddl};

/// A page of a list, as it is requested from a database.
pub(crate) struct PageSelect<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) table: &'static Table,
    pub(crate) org: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) beside: Option<&'a Edge>,
    pub(crate) backwards: bool,
    pub(crate) limit: u64,
}

impl<'a> PageSelect<'a> {
    pub(crate) const fn new(dialect: Dialect, page: &PageQuery<'a>) -> Self {
        let PageQuery { table, org, query, beside, backwards, limit } = *page;
        Self { dialect, table, org, query, beside, backwards, limit }
    }
}

/// Where candidate rows come from: an index, and what is looked up in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source<'q> {
    /// A condition on one column, which has an index.
    Column(String, &'q Cond),
    /// The objects with one of these ids.
    Ids(&'q [Value]),
    /// The objects of one kind, whose ids share a prefix.
    Kind(&'q str),
    /// The objects that refer to one of these ids by this field.
    Refs(&'static str, &'q [Id]),
    /// The objects with such a value of this custom field.
    Prop(&'q str, &'q Has),
}

impl Source<'_> {
    /// The number of rows, counted up to `max`. References from other tables are included.
    pub(crate) fn count(
        &self,
        dialect: Dialect,
        table: &'static Table,
        org: &str,
        max: u64,
    ) -> Sql {
        let mut sql = Sql::new("SELECT count(*) FROM (");
        match self {
            Self::Refs(field, ids) => {
                sql.push("SELECT 1 FROM refs");
                referring(&mut sql, org, field, ids);
            }
            Self::Prop(path, has) => {
                sql.push("SELECT 1 FROM props");
                having(&mut sql, table, org, path, has);
            }
            _ => self.rows(dialect, &mut sql, "1", table, org),
        }
        sql.push(" LIMIT ").bind(i64::try_from(max).unwrap_or(i64::MAX)).push(") AS counted");
        sql
    }

    fn rows(&self, dialect: Dialect, sql: &mut Sql, what: &str, table: &'static Table, org: &str) {
        let name = table.name;
        match self {
            Self::Column(index, cond) => {
                let by = dialect.by_index(index);
                sql.push(&format!("SELECT {what} FROM {name}{by} WHERE org = "));
                sql.bind(org).push(" AND ");
                condition(sql, table, cond);
            }
            Self::Ids(ids) => {
                sql.push(&format!("SELECT {what} FROM {name} WHERE org = ")).bind(org);
                sql.push(" AND id IN ").tuple(ids.iter().filter(|id| **id != Value::Null).cloned());
            }
            Self::Kind(noun) => {
                sql.push(&format!("SELECT {what} FROM {name} WHERE org = ")).bind(org);
                sql.push(" AND ");
                of_kinds(sql, "id", [*noun]);
            }
            Self::Prop(path, has) if dialect == Dialect::Postgres => {
                sql.push("SELECT of_id FROM props");
                having(sql, table, org, path, has);
            }
            Self::Prop(path, has) => {
                sql.push(&format!("SELECT {name}.{what} FROM props CROSS JOIN {name}"));
                sql.push(&format!(" ON {name}.org = props.org AND {name}.id = props.of_id"));
                having(sql, table, org, path, has);
            }
            // References from other tables have no row in this one.
            Self::Refs(field, ids) if dialect == Dialect::Postgres => {
                sql.push("SELECT from_id FROM refs");
                referring(sql, org, field, ids);
            }
            Self::Refs(field, ids) => {
                sql.push(&format!("SELECT {name}.{what} FROM refs CROSS JOIN {name}"));
                sql.push(&referrers(table));
                referring(sql, org, field, ids);
            }
        }
    }
}

/// How references are joined to the objects that refer.
pub(crate) fn referrers(table: &Table) -> String {
    format!(" ON {0}.org = refs.org AND {0}.id = refs.from_id", table.name)
}

pub(crate) fn referring(sql: &mut Sql, org: &str, field: &str, ids: &[Id]) {
    sql.push(" WHERE refs.org = ").bind(org);
    sql.push(" AND refs.to_id IN ").tuple(ids.iter().map(Value::from));
    sql.push(" AND refs.field = ").bind(field);
}

/// Pushes the condition that a column has the ids of objects of some kinds.
pub(crate) fn of_kinds<'n>(sql: &mut Sql, column: &str, nouns: impl IntoIterator<Item = &'n str>) {
    let mut nouns = nouns.into_iter().peekable();
    if nouns.peek().is_none() {
        sql.push("FALSE");
        return;
    }
    sql.push("(").separated(" OR ", nouns, |sql, noun| {
        // A zero sorts right after a slash.
        sql.push(&format!("({column} >= ")).bind(format!("{noun}/"));
        sql.push(&format!(" AND {column} < ")).bind(format!("{noun}0")).push(")");
    });
    sql.push(")");
}

/// The values of a custom field that objects of a table have and that meet a condition.
pub(crate) fn having(sql: &mut Sql, table: &Table, org: &str, path: &str, has: &Has) {
    sql.push(" WHERE props.org = ").bind(org);
    sql.push(" AND props.kept_in = ").bind(table.name);
    sql.push(" AND props.path = ").bind(path);
    allowed(sql, has);
}

/// The condition on a value of a custom field. The value must exist.
fn allowed(sql: &mut Sql, has: &Has) {
    match has.keys() {
        Keys::OneOf(keys) => {
            sql.push(" AND props.found_by IN ").tuple(keys.into_iter().map(Value::from));
        }
        Keys::Between(from, to) => {
            sql.push(" AND props.found_by >= ").bind(from);
            sql.push(" AND props.found_by <= ").bind(to);
        }
        Keys::Any | Keys::None => {}
    }
}

impl PageSelect<'_> {
    /// Whether the index of a way has all columns that the conditions and the order are about.
    pub(crate) fn is_covered(&self, sources: &[Source<'_>]) -> bool {
        let [Source::Column(name, _)] = sources else { return false };
        let Some(index) = ddl::indexes(self.table).find(|index| index.name == *name) else {
            return false;
        };
        let has = |name: &str| index.keys.contains(&name) || index.covers.contains(&name);
        let sorts = |sort: &Sort| matches!(&sort.by, By::Column(name) if has(name));
        let asks = |cond: &Cond| matches!(cond, Cond::Range(name, ..) if has(name));
        self.query.total_order().iter().all(sorts) && self.query.conds.iter().all(asks)
    }

    /// Sorts entries of an index that has all that is asked for, and reads the rows of the page.
    fn gather_covered(&self, index: &str) -> Sql {
        let (order, name) = (self.query.total_order(), self.table.name);
        let (any, begin, what, end) = fence(self.dialect);
        let mut sql = head(&order, self.table, name, None);
        sql.push(any).push(" WHERE org = ").bind(self.org).push(begin);
        let by = self.dialect.by_index(index);
        sql.push(&format!("SELECT {what} FROM {name}{by} WHERE org = ")).bind(self.org);
        conditions(&mut sql, self.table, &self.query.conds, None);
        let mut sql = self.sort(sql, &order);
        sql.push(end);
        self.sort(sql, &order)
    }

    /// Takes the rows of some sources, and sorts those that match. `decided` is the condition that
    /// the sources already ensure.
    pub(crate) fn gather(&self, sources: &[Source<'_>], decided: Option<usize>) -> Sql {
        if let [Source::Column(index, _)] = sources
            && self.is_covered(sources)
        {
            return self.gather_covered(index);
        }
        let order = self.query.total_order();
        if self.dialect == Dialect::Postgres {
            let mut sql = head(&order, self.table, self.table.name, None);
            sql.push(" WHERE org = ").bind(self.org);
            within(self.dialect, &mut sql, self.table, self.org, sources);
            conditions(&mut sql, self.table, &self.query.conds, decided);
            return self.sort(sql, &order);
        }
        let mut sql = match sources {
            // The references come first, then the referring objects.
            [Source::Refs(_, [_])] => head(&order, self.table, "refs", None),
            _ => head(&order, self.table, self.table.name, None),
        };
        match sources {
            [Source::Column(index, cond)] => {
                sql.push(" INDEXED BY ").push(index).push(" WHERE org = ").bind(self.org);
                sql.push(" AND ");
                condition(&mut sql, self.table, cond);
            }
            // An object refers to another one by a field at most once.
            [Source::Refs(field, ids @ [_])] => {
                sql.push(" CROSS JOIN ").push(self.table.name).push(&referrers(self.table));
                referring(&mut sql, self.org, field, ids);
            }
            _ => {
                sql.push(" NOT INDEXED WHERE org = ").bind(self.org);
                within(self.dialect, &mut sql, self.table, self.org, sources);
            }
        }
        conditions(&mut sql, self.table, &self.query.conds, decided);
        self.sort(sql, &order)
    }

    /// Reads all rows, and sorts those that match.
    pub(crate) fn read(&self) -> Sql {
        let order = self.query.total_order();
        let mut sql = head(&order, self.table, self.table.name, None);
        sql.push(" WHERE org = ").bind(self.org);
        conditions(&mut sql, self.table, &self.query.conds, None);
        self.sort(sql, &order)
    }

    fn sort(&self, mut sql: Sql, order: &[Sort]) -> Sql {
        if let Some(edge) = self.beside {
            sql.push(" AND ");
            self.beyond(&mut sql, order, edge);
        }
        sql.push(" ORDER BY ").separated(", ", order.iter().enumerate(), |sql, (at, key)| {
            let direction = if self.is_up(key) { "ASC" } else { "DESC" };
            // Objects without a value come last, so they are first when reading backwards.
            let nulls = if self.backwards { "FIRST" } else { "LAST" };
            match &key.by {
                By::Column(column) => sql.push(column),
                By::Overlaid { .. } | By::Prop(_) => sql.push(&format!("sorted_{at}")),
            };
            sql.push(&format!(" {direction} NULLS {nulls}"));
        });
        sql.push(" LIMIT ").bind(self.limit);
        sql
    }

    /// What lies beyond an edge: for each prefix of the order, equal so far and then beyond. Empty
    /// values sort after all others.
    fn beyond(&self, sql: &mut Sql, order: &[Sort], edge: &Edge) {
        let keys: Vec<_> = order.iter().zip(&edge.key).collect();
        let equal = |sql: &mut Sql, keys: &[(&Sort, &Value)]| {
            for (sort, value) in keys {
                key(sql, self.table, sort);
                match value {
                    Value::Null => sql.push(" IS NULL AND "),
                    value => sql.push(" = ").bind((*value).clone()).push(" AND "),
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
        sql.push(if edge.through { "TRUE" } else { "FALSE" }).push("))");
    }

    /// The condition that a column lies beyond a value.
    fn step(&self, sql: &mut Sql, sort: &Sort, value: &Value) {
        let operator = if self.is_up(sort) { " > " } else { " < " };
        let may_be_empty = match sort.by {
            By::Column(column) => nullable(self.table, column),
            By::Overlaid { .. } | By::Prop(_) => true,
        };
        if (value, self.backwards) == (&Value::Null, false) {
            sql.push("FALSE");
            return;
        }
        sql.push("(");
        key(sql, self.table, sort);
        if *value == Value::Null {
            sql.push(" IS NOT NULL");
        } else {
            sql.push(operator).bind(value.clone());
            if !self.backwards && may_be_empty {
                sql.push(" OR ");
                key(sql, self.table, sort);
                sql.push(" IS NULL");
            }
        }
        sql.push(")");
    }

    pub(crate) fn is_up(&self, sort: &Sort) -> bool {
        (sort.direction == Direction::Asc) != self.backwards
    }
}

/// The beginning of every statement that finds a page. The values of the custom field that it walks
/// along are in the column `walked`.
pub(crate) fn head(order: &[Sort], table: &Table, from: &str, walked: Option<&str>) -> Sql {
    let mut sql = Sql::new("SELECT id, rev");
    for (at, sort) in order.iter().enumerate() {
        sql.push(", ");
        match (walked, &sort.by) {
            (Some(walked), By::Prop(_)) => drop(sql.push(walked)),
            _ => key(&mut sql, table, sort),
        }
        if let By::Overlaid { .. } | By::Prop(_) = sort.by {
            sql.push(&format!(" AS sorted_{at}"));
        }
    }
    sql.push(" FROM ").push(from);
    sql
}

/// Pushes the sort key of a row.
pub(crate) fn key(sql: &mut Sql, table: &Table, sort: &Sort) {
    match &sort.by {
        By::Column(column) => drop(sql.push(column)),
        By::Overlaid { column, by, values } => {
            sql.push("CASE ").push(by);
            for (is, value) in values {
                sql.push(" WHEN ").bind(is.clone()).push(" THEN ").bind(value.clone());
            }
            sql.push(" ELSE ").push(column).push(" END");
        }
        By::Prop(path) => {
            sql.push("(SELECT min(props.found_by) FROM props");
            own_props(sql, table, path);
            sql.push(")");
        }
    }
}

/// The values of a custom field that a row's object has.
fn own_props(sql: &mut Sql, table: &Table, path: &str) {
    sql.push(&format!(" WHERE props.org = {0}.org AND props.of_id = {0}.id", table.name));
    sql.push(" AND props.path = ").bind(path);
}

/// Completes a statement that begins with what is selected: the rows of some sources that match.
pub(crate) fn matching_gathered(
    mut sql: Sql,
    dialect: Dialect,
    table: &'static Table,
    org: &str,
    query: &Query,
    sources: &[Source<'_>],
    decided: Option<usize>,
) -> Sql {
    let any = if dialect == Dialect::Sqlite { " NOT INDEXED" } else { "" };
    sql.push(&format!(" FROM {}{any} WHERE org = ", table.name)).bind(org);
    within(dialect, &mut sql, table, org, sources);
    conditions(&mut sql, table, &query.conds, decided);
    sql
}

/// How many rows that match refer to each of some objects by a field, of those that any refer to.
pub(crate) fn count_referrers(
    dialect: Dialect,
    table: &'static Table,
    org: &str,
    query: &Query,
    (field, ids): (&str, &[Id]),
) -> Sql {
    let mut sql = Sql::new("SELECT refs.to_id, count(*) FROM refs");
    // SQLite begins with what is on the left.
    sql.push(if dialect == Dialect::Sqlite { " CROSS JOIN " } else { " JOIN " });
    sql.push(table.name).push(&referrers(table));
    referring(&mut sql, org, field, ids);
    conditions(&mut sql, table, &query.conds, None);
    sql.push(" GROUP BY refs.to_id");
    sql
}

/// The same for all rows that match, skipping those that the digests rule out.
pub(crate) fn matching_all(
    mut sql: Sql,
    dialect: Dialect,
    table: &'static Table,
    org: &str,
    query: &Query,
    masks: Option<&Masks>,
) -> Sql {
    sql.push(&format!(" FROM {}", table.name));
    let index = ddl::indexes(table).find(ddl::Index::has_digest);
    let masked = masks.zip(index);
    match (dialect, masked) {
        (Dialect::Postgres, Some((masks, _))) => {
            sql.push(&format!(", (SELECT id AS masked_id FROM {} WHERE org = ", table.name));
            sql.bind(org);
            masks.push(&mut sql, ["digest_1", "digest_2"]);
            sql.push(" OFFSET 0) AS masked WHERE id = masked_id AND org = ").bind(org);
        }
        (Dialect::Sqlite, Some((masks, index))) => {
            sql.push(&dialect.by_index(&index.name)).push(" WHERE org = ").bind(org);
            masks.push(&mut sql, ["digest_1", "digest_2"]);
        }
        (_, None) => drop(sql.push(" WHERE org = ").bind(org)),
    }
    conditions(&mut sql, table, &query.conds, None);
    sql
}

/// What has rows found by a part of a statement: which index not to take for it, and what stands
/// before that part, what it selects, and what stands behind it.
const fn fence(dialect: Dialect) -> (&'static str, &'static str, &'static str, &'static str) {
    match dialect {
        Dialect::Sqlite => (" NOT INDEXED", " AND rowid IN (", "rowid", ")"),
        // With an array that is built first, only the primary key can serve the rest.
        Dialect::Postgres => ("", " AND id = ANY(ARRAY(", "id", "))"),
    }
}

fn within(
    dialect: Dialect,
    sql: &mut Sql,
    table: &'static Table,
    org: &str,
    sources: &[Source<'_>],
) {
    let (_, begin, what, end) = fence(dialect);
    sql.push(begin);
    sql.separated(" UNION ALL ", sources, |sql, source| {
        source.rows(dialect, sql, what, table, org);
    });
    sql.push(end);
}

pub(crate) fn conditions(
    sql: &mut Sql,
    table: &'static Table,
    conds: &[Cond],
    decided: Option<usize>,
) {
    for (_, cond) in conds.iter().enumerate().filter(|(at, _)| Some(*at) != decided) {
        sql.push(" AND ");
        condition(sql, table, cond);
    }
}

/// Whether a column may be empty, which is so for those that families declare.
pub(crate) fn nullable(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|c| c.name == column)
}

/// Pushes one condition. A comparison with an empty value is neither true nor false, and neither is
/// its negation. `IS NOT NULL` makes every condition one of the two.
pub(crate) fn condition(sql: &mut Sql, table: &'static Table, cond: &Cond) {
    match cond {
        Cond::All(conds) if conds.is_empty() => drop(sql.push("TRUE")),
        Cond::Any(conds) if conds.is_empty() => drop(sql.push("FALSE")),
        Cond::All(conds) => joined(sql, table, " AND ", conds),
        Cond::Any(conds) => joined(sql, table, " OR ", conds),
        Cond::Not(cond) => {
            sql.push("NOT ");
            condition(sql, table, cond);
        }
        Cond::OneOf(name, values) => {
            let values: Vec<_> = values.iter().filter(|v| **v != Value::Null).cloned().collect();
            if values.is_empty() {
                sql.push("FALSE");
                return;
            }
            sql.push(&format!("({name} IS NOT NULL AND {name} IN ")).tuple(values).push(")");
        }
        Cond::Range(name, from, to) => range(sql, name, [from, to]),
        Cond::IsNull(name) => drop(sql.push(&format!("({name} IS NULL)"))),
        Cond::HasLine(_, texts) if texts.is_empty() => drop(sql.push("FALSE")),
        Cond::HasLine(name, texts) => {
            sql.push(&format!("({name} IS NOT NULL AND ("));
            sql.separated(" OR ", texts, |sql, text| {
                sql.push(&format!("{name} LIKE ")).bind(containing(&line(text)));
                sql.push(" ESCAPE '\\'");
            });
            sql.push("))");
        }
        Cond::Prop(path, has) => match has.keys() {
            Keys::OneOf(keys) if keys.is_empty() => drop(sql.push("FALSE")),
            keys => {
                sql.push("((SELECT 1 FROM props");
                own_props(sql, table, path);
                allowed(sql, has);
                let is_none = if keys == Keys::None { "" } else { "NOT " };
                sql.push(&format!(" LIMIT 1) IS {is_none}NULL)"));
            }
        },
        Cond::RefersTo(_, ids) if ids.is_empty() => drop(sql.push("FALSE")),
        // A look-up for each row. As EXISTS, it could become a join that begins with the
        // references.
        Cond::RefersTo(field, ids) => {
            sql.push("((SELECT 1 FROM refs WHERE refs.org = ");
            let own = "{0}.org AND refs.made_at = {0}.created_at AND refs.number = {0}.seq";
            sql.push(&own.replace("{0}", table.name));
            sql.push(&format!(" AND refs.from_id = {}.id", table.name));
            sql.push(" AND refs.to_id IN ").tuple(ids.iter().map(Value::from));
            sql.push(" AND refs.field = ").bind(*field).push(" LIMIT 1) IS NOT NULL)");
        }
    }
}

/// Pushes the condition that a column has a value between two bounds, each of which may be absent.
pub(crate) fn range(sql: &mut Sql, column: &str, [from, to]: [&Option<Value>; 2]) {
    sql.push(&format!("({column} IS NOT NULL"));
    for (operator, bound) in [(">=", from), ("<=", to)] {
        if let Some(bound) = bound {
            sql.push(&format!(" AND {column} {operator} ")).bind(bound.clone());
        }
    }
    sql.push(")");
}

fn joined(sql: &mut Sql, table: &'static Table, separator: &str, conds: &[Cond]) {
    sql.push("(").separated(separator, conds, |sql, cond| condition(sql, table, cond)).push(")");
}

/// The LIKE pattern for texts that contain a text.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
