//! Counting objects by what they have, where the kept numbers don't tell: the statements for that.
//!
//! - **By days**: the entries of the index of a date are counted from one day to the next, and no
//!   row is read.
//! - **By references**: those to each object are counted by what they carry, and no row is read.
//! - **By rows**: the rows that match are found as those of a plain count, and their columns are
//!   read. References and custom fields are in tables of their own: what the matching objects have
//!   there is joined to them.

use worksmith_kernel::erased::{By, Cond, Group, Query, Sort};
use worksmith_kernel::{Table, Value};
use worksmith_wire::{Direction, Id, Kind};

use super::masks::Masks;
use super::plan::Way;
use super::select::{self, key, nullable, of_kinds};
use super::tallies;
use crate::layout::{Dialect, Sql, ddl};

/// The milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A count of groups, as it is requested from a database.
pub(crate) struct GroupCount<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) table: &'static Table,
    pub(crate) org: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) groups: &'a [Group],
}

/// How the matching rows are found.
pub(crate) enum Entry<'a> {
    /// They are among those of a way.
    Gathered(&'a Way<'a>),
    /// All rows are looked at, except for those that the masks rule out.
    All(Option<&'a Masks>),
}

impl GroupCount<'_> {
    /// The statement for days along the index of their column, if the conditions are about kinds
    /// and about spans of that column. It leaves out the objects without a value; also returned is
    /// whether there are none of them among those that match.
    pub(crate) fn by_days(&self) -> Option<(Sql, bool)> {
        let [Group::Day(column)] = self.groups else { return None };
        let index = ddl::indexes(self.table).find(|index| index.column == *column)?;
        let (mut kinds, mut from, mut to) = (Vec::new(), i64::MIN, i64::MAX);
        let mut is_all = !nullable(self.table, column);
        for cond in &self.query.conds {
            match cond {
                Cond::OneOf("kind", nouns) => kinds.push(nouns.as_slice()),
                Cond::Range(name, start, end) if name == column => {
                    from = from.max(bound(start.as_ref(), i64::MIN)?);
                    to = to.min(bound(end.as_ref(), i64::MAX)?);
                    is_all |= start.is_some() || end.is_some();
                }
                _ => return None,
            }
        }
        let by = self.dialect.by_index(&index.name);
        Some((Days { count: self, column, by, kinds, from, to }.statement(), is_all))
    }

    /// The statement that counts references by what they lead to and carry, if the groups and the
    /// conditions are about nothing else; and their field. It leaves out the objects that refer to
    /// nothing by this field, and may give groups of no objects.
    pub(crate) fn by_references(&self) -> Option<(&'static str, Sql)> {
        let GroupCount { table, org, .. } = *self;
        let carried = table.carried?;
        let mut fields = Vec::new();
        for group in self.groups {
            match group {
                Group::Refs { field, becomes, .. } if becomes.is_empty() => fields.push(*field),
                Group::Column(By::Column(column)) if *column == carried => {}
                _ => return None,
            }
        }
        let [field] = fields[..] else { return None };
        let mut nouns: Vec<_> = table.kinds.iter().map(|kind| kind.noun()).collect();
        let mut carry = Vec::new();
        for cond in &self.query.conds {
            match cond {
                Cond::OneOf("kind", asked) => {
                    nouns.retain(|own| asked.iter().any(|asked| noun(asked) == Some(*own)));
                }
                Cond::OneOf(name, values) if *name == carried => carry.push(values),
                _ => return None,
            }
        }
        if !table.tallied.contains(&field) {
            return None;
        }
        let mut sql = Sql::new("WITH targets AS (");
        tallies::targets(&mut sql, table, org, field);
        sql.push(") SELECT ");
        let is_alone = self.groups.len() == 1;
        if is_alone {
            // Each target is one range of the key. Grouping would sort all of them together.
            sql.push("target, (SELECT count(*) FROM refs");
        } else {
            sql.separated(", ", self.groups, |sql, group| match group {
                Group::Refs { .. } => drop(sql.push("target")),
                _ => drop(sql.push("nullif(refs.carried, '')")),
            });
            sql.push(", count(*) FROM targets CROSS JOIN refs");
        }
        sql.push(" WHERE refs.org = ").bind(org).push(" AND refs.to_id = target");
        sql.push(" AND refs.field = ").bind(field).push(" AND ");
        of_kinds(&mut sql, "refs.from_id", nouns);
        for values in carry {
            sql.push(" AND refs.carried IN ").tuple(values.iter().cloned());
        }
        if is_alone {
            sql.push(") FROM targets");
            return Some((field, sql));
        }
        Some((field, self.grouped(sql)))
    }

    /// The statement for any groups.
    pub(crate) fn by_rows(&self, entry: &Entry<'_>) -> Sql {
        if self.groups.iter().all(|group| held(group).is_none()) {
            let mut head = Sql::new("SELECT ");
            for group in self.groups {
                self.value(&mut head, group);
                head.push(", ");
            }
            head.push("count(*)");
            return self.grouped(self.matching(head, entry));
        }
        let mut head = Sql::new("WITH matched AS MATERIALIZED (SELECT id AS matched_id");
        for (at, group) in self.groups.iter().enumerate().filter(|(_, of)| held(of).is_none()) {
            head.push(", ");
            self.value(&mut head, group);
            head.push(&format!(" AS group_{at}"));
        }
        let mut sql = self.matching(head, entry);
        sql.push(")");
        let helds = || self.groups.iter().enumerate().filter_map(|(at, of)| Some((at, held(of)?)));
        for (at, held) in helds() {
            sql.push(&format!(", held_{at} AS MATERIALIZED ("));
            self.held(&mut sql, &held);
            sql.push(")");
        }
        sql.push(" SELECT ");
        for (at, group) in self.groups.iter().enumerate() {
            match held(group) {
                Some(_) => sql.push(&format!("held_{at}.value, ")),
                None => sql.push(&format!("group_{at}, ")),
            };
        }
        sql.push("count(*) FROM matched");
        for (at, _) in helds() {
            sql.push(&format!(" LEFT JOIN held_{at} ON held_{at}.holder = matched_id"));
        }
        self.grouped(sql)
    }

    fn grouped(&self, mut sql: Sql) -> Sql {
        let places: Vec<_> = (1..=self.groups.len()).map(|place| place.to_string()).collect();
        sql.push(&format!(" GROUP BY {}", places.join(", ")));
        sql
    }

    fn matching(&self, head: Sql, entry: &Entry<'_>) -> Sql {
        match entry {
            Entry::Gathered(Way { sources, decided }) => select::matching_gathered(
                head,
                self.dialect,
                self.table,
                self.org,
                self.query,
                sources,
                *decided,
            ),
            Entry::All(masks) => {
                select::matching_all(head, self.dialect, self.table, self.org, self.query, *masks)
            }
        }
    }

    /// Pushes the value of a row by which it is grouped.
    fn value(&self, sql: &mut Sql, group: &Group) {
        match group {
            Group::Column(by) => {
                key(sql, self.table, &Sort { by: by.clone(), direction: Direction::Asc });
            }
            Group::Day(column) => drop(sql.push(&day(column))),
            Group::Refs { .. } | Group::Prop(_) => {}
        }
    }

    /// What the matching objects have in another table: the object, and a value.
    fn held(&self, sql: &mut Sql, held: &Held<'_>) {
        match held {
            Held::Prop(path) => {
                sql.push("SELECT of_id AS holder, found_by AS value FROM props WHERE org = ");
                sql.bind(self.org).push(" AND kept_in = ").bind(self.table.name);
                sql.push(" AND path = ").bind(*path);
                sql.push(" AND of_id IN (SELECT matched_id FROM matched)");
            }
            Held::Refs { field, kinds, becomes: [] } => {
                self.referring(sql, field, kinds, "from_id AS holder, to_id AS value");
            }
            Held::Refs { field, kinds, becomes } => {
                // Two references may come to count as the same one.
                sql.push("SELECT DISTINCT from_id AS holder, ");
                becoming(sql, becomes);
                sql.push(" AS value FROM (");
                self.referring(sql, field, kinds, "from_id, to_id");
                sql.push(") AS referring");
                let gone: Vec<_> = becomes.iter().filter(|(_, to)| to.is_none()).collect();
                if !gone.is_empty() {
                    sql.push(" WHERE to_id NOT IN ");
                    sql.tuple(gone.iter().map(|(from, _)| Value::from(from)));
                }
            }
        }
    }

    /// Selects from the references of the matching objects by a field, to objects of some kinds.
    fn referring(&self, sql: &mut Sql, field: &str, kinds: &[Kind], what: &str) {
        sql.separated(" UNION ALL ", kinds, |sql, kind| {
            sql.push(&format!("SELECT {what} FROM refs WHERE org = ")).bind(self.org);
            sql.push(" AND ");
            of_kinds(sql, "to_id", [kind.noun()]);
            sql.push(" AND field = ").bind(field);
            sql.push(" AND from_id IN (SELECT matched_id FROM matched)");
        });
    }
}

/// A bound of a span of times; `None` if it is no time.
const fn bound(value: Option<&Value>, open: i64) -> Option<i64> {
    match value {
        None => Some(open),
        Some(Value::Integer(at)) => Some(*at),
        Some(_) => None,
    }
}

/// A count by days along an index.
struct Days<'a> {
    count: &'a GroupCount<'a>,
    column: &'static str,
    /// The words by which the index is chosen.
    by: String,
    kinds: Vec<&'a [Value]>,
    from: i64,
    to: i64,
}

impl Days<'_> {
    /// From one day that has entries to the next, and for each a count of its entries: grouping by
    /// an expression would sort them all. Each part has one lower and one upper bound, because
    /// SQLite seeks by one of each and reads on to where the others hold.
    fn statement(&self) -> Sql {
        let column = self.column;
        let mut sql = Sql::new("WITH RECURSIVE days(day) AS (");
        self.first(&mut sql, |sql| {
            sql.bind(self.from);
        });
        sql.push(" UNION ALL SELECT (");
        self.first(&mut sql, |sql| {
            sql.push(&format!("(day + 1) * {DAY_MS}"));
        });
        sql.push(") FROM days WHERE day IS NOT NULL) SELECT day, (SELECT count(*)");
        self.entries(&mut sql);
        sql.push(&format!(" AND {column} >= CASE WHEN day * {DAY_MS} < ")).bind(self.from);
        sql.push(" THEN ").bind(self.from).push(&format!(" ELSE day * {DAY_MS} END"));
        sql.push(&format!(" AND {column} <= CASE WHEN (day + 1) * {DAY_MS} > ")).bind(self.to);
        sql.push(" THEN ").bind(self.to).push(&format!(" ELSE (day + 1) * {DAY_MS} - 1 END"));
        sql.push(") FROM days WHERE day IS NOT NULL");
        sql
    }

    /// The day of the first entry from a time on.
    fn first(&self, sql: &mut Sql, from: impl FnOnce(&mut Sql)) {
        let column = self.column;
        sql.push(&format!("SELECT {} FROM (SELECT min({column}) AS earliest", day("earliest")));
        self.entries(sql);
        sql.push(&format!(" AND {column} >= "));
        from(sql);
        sql.push(&format!(" AND {column} <= ")).bind(self.to).push(") AS found");
    }

    /// The entries of the index, of objects of the kinds.
    fn entries(&self, sql: &mut Sql) {
        let GroupCount { table, org, .. } = self.count;
        sql.push(&format!(" FROM {}{} WHERE org = ", table.name, self.by)).bind(*org);
        if nullable(table, self.column) {
            sql.push(&format!(" AND {} IS NOT NULL", self.column));
        }
        for nouns in &self.kinds {
            sql.push(" AND ");
            of_kinds(sql, "id", nouns.iter().filter_map(noun));
        }
    }
}

fn noun(value: &Value) -> Option<&str> {
    match value {
        Value::Text(noun) => Some(noun),
        _ => None,
    }
}

/// What is kept in another table.
enum Held<'a> {
    Refs { field: &'static str, kinds: &'static [Kind], becomes: &'a [(Id, Option<Id>)] },
    Prop(&'a str),
}

fn held(group: &Group) -> Option<Held<'_>> {
    match group {
        Group::Refs { field, kinds, becomes } => Some(Held::Refs { field, kinds, becomes }),
        Group::Prop(path) => Some(Held::Prop(path)),
        Group::Column(_) | Group::Day(_) => None,
    }
}

/// Pushes what the object of a reference counts as.
fn becoming(sql: &mut Sql, becomes: &[(Id, Option<Id>)]) {
    let led: Vec<_> = becomes.iter().filter_map(|(from, to)| Some((from, to.as_ref()?))).collect();
    if led.is_empty() {
        sql.push("to_id");
        return;
    }
    sql.push("CASE to_id");
    for (from, to) in led {
        sql.push(" WHEN ").bind(from).push(" THEN ").bind(to);
    }
    sql.push(" ELSE to_id END");
}

/// The day of a time. Division of integers rounds towards zero, but days before 1970 count down.
fn day(time: &str) -> String {
    format!("(({time} - (({time} % {DAY_MS} + {DAY_MS}) % {DAY_MS})) / {DAY_MS})")
}
