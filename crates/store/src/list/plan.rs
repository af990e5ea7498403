//! How a page of a list is found. Three ways stay fast in a large table.
//!
//! - **Gather**: take the rows that an index has for the most selective condition, look at each,
//!   and sort those that match. The cost depends on how many rows the condition leaves. It is small
//!   if the index has all that is asked for.
//! - **Walk**: go along the index of the order and stop when the page is full. Where the index has
//!   digests, or the dates that the conditions are about, rows that don't match are skipped unread.
//!   The cost depends on how far apart the matches lie: the fewer they are, the longer the way.
//! - **References**: go along the references to an object, if the order is that of creation. They
//!   carry what tells whether most conditions hold.
//!
//! The number of rows decides between the first two, counted up to the point where gathering costs
//! more. A walk may still be unlucky, because the matches lie far from its start. So it has a
//! budget, and when that is used up, the choice is made again as if the walk had to go to the end.
//!
//! Orders that no index has (several keys, rare columns) gather by the most selective condition,
//! however many rows it leaves, or read all rows.

use worksmith_kernel::erased::{By, Cond, Counted, Group, Query};
use worksmith_kernel::{Error, Keys, Result, Table, Value};
use worksmith_wire::Id;

use super::groups::{Entry, GroupCount};
use super::masks::Masks;
use super::references::References;
use super::select::{self, PageSelect, Source};
use super::tallies::{self, Tallied};
use super::walk::Road;
use crate::layout::{Dialect, Sql, ddl};
use crate::snapshot::Snapshot;

/// What finding a page costs, by which the store chooses how to find it.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// Up to this many rows are gathered, whatever a walk would cost.
    pub few: u64,
    /// How many digests can be looked at in the time that it takes to gather one row.
    pub digests_a_row: u64,
    /// The budget of a walk: how many digests it may look at for each row of the largest gathering.
    /// Where the walk has no digests to look at, the budget is smaller to the same extent as an
    /// entry costs more.
    pub patience: u64,
    /// How many times as large the budget is where the entries alone decide what matches: then a
    /// walk reads no row in vain, while those that would be gathered lie all over the table.
    pub longer: u64,
}

impl Default for Costs {
    fn default() -> Self {
        Self { few: 200, digests_a_row: 20, patience: 20, longer: 8 }
    }
}

/// How many digests can be looked at in the time that a walk takes for one row that its entry can't
/// rule out: each such row is a random access.
const DIGESTS_AN_UNMASKED_ROW: u64 = 80;

impl Costs {
    /// The number of rows up to which gathering is cheaper than a walk for `limit` rows. With `n`
    /// matches among `rows`, a walk looks at `limit * rows / n` entries, each of which costs as
    /// much as `entry` digests. The costs are equal when `n` is the square root of `limit * rows *
    /// entry / digests_a_row`.
    fn gather_max(&self, limit: u64, rows: u64, entry: u64) -> u64 {
        let walk = limit.saturating_mul(rows).saturating_mul(entry);
        (walk / self.digests_a_row.max(1)).isqrt().max(self.few)
    }
}

/// A way into a table: its sources include all rows that match.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way<'q> {
    /// Empty if nothing can match.
    pub(crate) sources: Vec<Source<'q>>,
    /// The index of the condition that holds for exactly the rows of the sources.
    pub(crate) decided: Option<usize>,
}

impl Way<'_> {
    /// How many objects it names, if it consists of their ids.
    fn named(&self) -> Option<u64> {
        let count = |source: &Source<'_>| match source {
            Source::Ids(ids) => Some(ids.len() as u64),
            _ => None,
        };
        self.sources.iter().map(count).sum()
    }
}

/// The ways that a conjunction of conditions offers: one for each condition that an index serves.
fn ways<'q>(table: &Table, conds: &'q [Cond]) -> Vec<Way<'q>> {
    let mut ways = Vec::new();
    for (at, cond) in conds.iter().enumerate() {
        let nested = match cond {
            Cond::All(conds) => ways_of_all(table, conds),
            cond => way(table, cond).into_iter().collect(),
        };
        let is_leaf = !matches!(cond, Cond::All(_) | Cond::Any(_));
        let decided = is_leaf.then_some(at);
        ways.extend(nested.into_iter().map(|sources| Way { sources, decided }));
    }
    ways
}

fn ways_of_all<'q>(table: &Table, conds: &'q [Cond]) -> Vec<Vec<Source<'q>>> {
    ways(table, conds).into_iter().map(|way| way.sources).collect()
}

/// How much the sources of a condition leave, roughly: nothing, some rows, or those of a kind.
fn leaves(sources: &Vec<Source<'_>>) -> u8 {
    let is_kind = |source: &Source<'_>| matches!(source, Source::Kind(_));
    u8::from(!sources.is_empty()) + u8::from(sources.iter().any(is_kind))
}

/// The sources of one condition; for alternatives, those of each.
fn way<'q>(table: &Table, cond: &'q Cond) -> Option<Vec<Source<'q>>> {
    let index = |name: &str| ddl::indexes(table).find(|i| i.column == name).map(|i| i.name);
    let source = match cond {
        Cond::All(conds) => return ways_of_all(table, conds).into_iter().min_by_key(leaves),
        Cond::Any(conds) => {
            let each: Option<Vec<_>> = conds.iter().map(|cond| way(table, cond)).collect();
            return each.map(|each| each.concat());
        }
        Cond::OneOf(_, values) if values.iter().all(|value| *value == Value::Null) => {
            return Some(Vec::new());
        }
        Cond::RefersTo(_, ids) if ids.is_empty() => return Some(Vec::new()),
        Cond::Prop(path, has) => match has.keys() {
            Keys::OneOf(keys) if keys.is_empty() => return Some(Vec::new()),
            Keys::None => return None,
            _ => Source::Prop(path, has),
        },
        Cond::OneOf("id", ids) => Source::Ids(ids),
        Cond::OneOf("kind", kinds) => match kinds.as_slice() {
            [Value::Text(noun)] => Source::Kind(noun),
            _ => return None,
        },
        Cond::OneOf(name, _) | Cond::Range(name, ..) => Source::Column(index(name)?, cond),
        Cond::RefersTo(field, ids) => Source::Refs(field, ids),
        Cond::Not(_) | Cond::IsNull(_) | Cond::HasLine(..) => return None,
    };
    Some(vec![source])
}

/// A row of a page without its document.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: Id,
    /// Its revision; `None` if that was not read.
    pub revision: Option<u64>,
    /// Its sort key.
    pub key: Vec<Value>,
}

impl Snapshot {
    /// The rows of a page. `rows` is roughly how many the table has in this org.
    pub(crate) async fn page(
        &mut self,
        select: &PageSelect<'_>,
        rows: u64,
        costs: &Costs,
    ) -> Result<Vec<Hit>> {
        let ways = ways(select.table, &select.query.conds);
        if ways.iter().any(|way| way.sources.is_empty()) {
            return Ok(Vec::new());
        }
        let Some(road) = select.along() else {
            let way = self.cheapest(select.table, select.org, &ways, u64::MAX).await?;
            if let Some((count, way)) = way {
                return self.gather(select, way, count).await;
            }
            let sql = select.read();
            tracing::debug!(plan = "read", sql = sql.text);
            return hits(self.ask_among(&sql, rows).await?);
        };
        if road.is_of_all(&select.query.conds) {
            return self.whole_walk(select, &road, None).await;
        }
        let masks = Masks::of(select.table, &select.query.conds);
        let is_fast = road.rules_out(masks.as_ref(), &select.query.conds);
        let entry = if is_fast { 1 } else { DIGESTS_AN_UNMASKED_ROW };
        let gather_max = costs.gather_max(select.limit, rows, entry);
        // Where an index has all that is asked for, gathering costs as little as a walk, always.
        let covered = ways.iter().find(|way| select.is_covered(&way.sources));
        if let Some(way) = covered {
            let max = gather_max.saturating_mul(costs.patience);
            let ways = std::slice::from_ref(way);
            if let Some((count, way)) = self.cheapest(select.table, select.org, ways, max).await? {
                return self.gather(select, way, count).await;
            }
        }
        let way = self.cheapest(select.table, select.org, &ways, gather_max).await?;
        if let Some((count, way)) = way {
            let Some(along) = select.references_of(way) else {
                return self.gather(select, way, count).await;
            };
            let page = self.walk_references(select, &along, None).await?;
            return page.ok_or_else(|| Error::internal("a walk without a budget used it up"));
        }
        if let Some(along) = select.references() {
            let entry = if along.suffice(select) { 1 } else { DIGESTS_AN_UNMASKED_ROW };
            let patience = gather_max.saturating_mul(costs.patience) / entry;
            if let Some(page) = self.walk_references(select, &along, Some(patience)).await? {
                return Ok(page);
            }
        }
        let longer = if road.decides(&select.query.conds) { costs.longer } else { 1 };
        let patience = gather_max.saturating_mul(costs.patience * longer) / entry;
        let patience = (!ways.is_empty() && patience < rows).then_some(patience);
        if let Some(page) = self.walk(select, &road, masks.as_ref(), patience).await? {
            return Ok(page);
        }
        let whole = rows.saturating_mul(entry) / costs.digests_a_row.max(1);
        let way = self.cheapest(select.table, select.org, &ways, whole).await?;
        if let Some((count, way)) = way {
            return self.gather(select, way, count).await;
        }
        self.whole_walk(select, &road, masks.as_ref()).await
    }

    async fn whole_walk(
        &mut self,
        select: &PageSelect<'_>,
        road: &Road,
        masks: Option<&Masks>,
    ) -> Result<Vec<Hit>> {
        let page = self.walk(select, road, masks, None).await?;
        page.ok_or_else(|| Error::internal("a walk without a budget used it up"))
    }

    /// How many rows match. `rows` is roughly how many the table has in this org.
    pub(crate) async fn count(
        &mut self,
        table: &'static Table,
        org: &str,
        query: &Query,
        rows: u64,
        costs: &Costs,
    ) -> Result<u64> {
        let ways = ways(table, &query.conds);
        if ways.iter().any(|way| way.sources.is_empty()) {
            return Ok(0);
        }
        if let Some(tallied) = Tallied::matching(table, &query.conds) {
            let sql = tallied.sum(org);
            return number(&self.ask(&sql.text, &sql.values).await?);
        }
        if let ([Way { sources, decided: Some(_) }], [_]) = (&*ways, &*query.conds)
            && let [source @ (Source::Column(..) | Source::Kind(_))] = sources.as_slice()
        {
            let sql = source.count(self.dialect(), table, org, u64::MAX);
            return number(&self.ask_among(&sql, rows).await?);
        }
        let gather_max = (rows / costs.digests_a_row.max(1)).max(costs.few);
        let way = self.cheapest(table, org, &ways, gather_max).await?;
        let (sql, among) = if let Some((count, Way { sources, decided })) = way {
            let dialect = self.dialect();
            let head = Sql::new("SELECT count(*)");
            let sql =
                select::matching_gathered(head, dialect, table, org, query, sources, *decided);
            (sql, count)
        } else {
            let (masks, head) = (Masks::of(table, &query.conds), Sql::new("SELECT count(*)"));
            let dialect = self.dialect();
            (select::matching_all(head, dialect, table, org, query, masks.as_ref()), rows)
        };
        number(&self.ask_among(&sql, among).await?)
    }

    /// How many rows match in each group. `rows` is roughly how many the table has in this org.
    pub(crate) async fn count_by(
        &mut self,
        (table, org): (&'static Table, &str),
        (query, groups): (&Query, &[Group]),
        rows: u64,
        costs: &Costs,
    ) -> Result<Vec<Counted>> {
        let ways = ways(table, &query.conds);
        if ways.iter().any(|way| way.sources.is_empty()) {
            return Ok(Vec::new());
        }
        if let [Group::Column(By::Column("kind"))] = groups {
            return self.count_kinds((table, org), query, rows, costs).await;
        }
        let count = GroupCount { dialect: self.dialect(), table, org, query, groups };
        let keys = groups.len();
        let told = if let Some(tallied) = Tallied::grouped(table, &query.conds, groups) {
            let sql = tallied.sums(org);
            tracing::debug!(plan = "tallies", sql = sql.text);
            let mut told = counted(self.ask(&sql.text, &sql.values).await?, keys)?;
            told.iter_mut().flat_map(|(values, _)| values).for_each(|value| {
                *value = tallied.value(value);
            });
            Some((told, tallied.tells_of_empty()))
        } else if let Some((sql, is_all)) = count.by_days() {
            tracing::debug!(plan = "days", sql = sql.text);
            Some((counted(self.ask_among(&sql, rows).await?, keys)?, is_all))
        } else {
            None
        };
        if let Some((mut told, is_all)) = told {
            if !is_all {
                // The rest has no value.
                let all = self.count(table, org, query, rows, costs).await?;
                let rest = all.saturating_sub(told.iter().map(|(_, count)| count).sum());
                told.extend((rest > 0).then(|| (vec![Value::Null], rest)));
            }
            return Ok(told);
        }
        let gather_max = (rows / costs.digests_a_row.max(1)).max(costs.few);
        let way = self.cheapest(table, org, &ways, gather_max).await?;
        if way.is_none()
            && let Some((field, sql)) = count.by_references()
            && self.has_all(table, org, field).await?
        {
            tracing::debug!(plan = "references", sql = sql.text);
            let mut found = counted(self.ask_among(&sql, rows).await?, keys)?;
            found.retain(|(_, count)| *count > 0);
            return Ok(found);
        }
        let masks = Masks::of(table, &query.conds);
        let (entry, among) = match way {
            Some((count, way)) => (Entry::Gathered(way), count),
            None => (Entry::All(masks.as_ref()), rows),
        };
        let sql = count.by_rows(&entry);
        tracing::debug!(plan = "groups", rows = among, sql = sql.text);
        counted(self.ask_among(&sql, among).await?, keys)
    }

    /// Whether all objects refer to something by a field.
    async fn has_all(&mut self, table: &Table, org: &str, field: &str) -> Result<bool> {
        let sql = tallies::without(table, org, field);
        Ok(number(&self.ask(&sql.text, &sql.values).await?)? == 0)
    }

    /// How many rows match of each kind: kinds are ranges of ids.
    async fn count_kinds(
        &mut self,
        (table, org): (&'static Table, &str),
        query: &Query,
        rows: u64,
        costs: &Costs,
    ) -> Result<Vec<Counted>> {
        let mut found = Vec::new();
        for kind in table.kinds {
            let mut query = query.clone();
            query.conds.push(Cond::is("kind", kind.noun()));
            let count = self.count(table, org, &query, rows, costs).await?;
            if count > 0 {
                found.push((vec![kind.noun().into()], count));
            }
        }
        Ok(found)
    }

    /// How many of the rows that match refer to each of some objects by a field; those that none
    /// refer to are left out.
    pub async fn count_referrers(
        &mut self,
        (table, org): (&'static Table, &str),
        query: &Query,
        (field, ids): (&'static str, &[Id]),
    ) -> Result<Vec<(Id, u64)>> {
        let referring = Source::Refs(field, ids).count(self.dialect(), table, org, u64::MAX);
        let rows = number(&self.ask(&referring.text, &referring.values).await?)?;
        if rows == 0 {
            return Ok(Vec::new());
        }
        let sql = select::count_referrers(self.dialect(), table, org, query, (field, ids));
        let counted = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
            Ok([Value::Text(id), Value::Integer(count)]) => {
                let id = id.parse().map_err(|_| Error::internal("a reference to no object"))?;
                Ok((id, count.unsigned_abs()))
            }
            _ => Err(Error::internal("a count can't be read")),
        };
        self.ask_among(&sql, rows).await?.into_iter().map(counted).collect()
    }

    /// The way with the fewest rows, if it has at most `max`, and their number.
    async fn cheapest<'w, 'q>(
        &mut self,
        table: &'static Table,
        org: &str,
        ways: &'w [Way<'q>],
        mut max: u64,
    ) -> Result<Option<(u64, &'w Way<'q>)>> {
        let mut best = None;
        for way in ways {
            let mut count = 0;
            for source in &way.sources {
                let rest = (max - count).saturating_add(1);
                let sql = source.count(self.dialect(), table, org, rest);
                count += number(&self.ask(&sql.text, &sql.values).await?)?;
                if count > max {
                    break;
                }
            }
            if count <= max {
                best = Some((count, way));
                match count.checked_sub(1) {
                    Some(fewer) => max = fewer,
                    None => break,
                }
            }
        }
        // Objects that are named are read by their ids, however many they are.
        Ok(best.or_else(|| ways.iter().find_map(|way| Some((way.named()?, way)))))
    }

    async fn gather(
        &mut self,
        select: &PageSelect<'_>,
        way: &Way<'_>,
        count: u64,
    ) -> Result<Vec<Hit>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let sql = select.gather(&way.sources, way.decided);
        tracing::debug!(plan = "gather", rows = count, sql = sql.text);
        hits(self.ask_among(&sql, count).await?)
    }

    /// The page, or `None` if the budget of index entries was used up before it was full.
    async fn walk(
        &mut self,
        select: &PageSelect<'_>,
        road: &Road,
        masks: Option<&Masks>,
        patience: Option<u64>,
    ) -> Result<Option<Vec<Hit>>> {
        let mut page = Vec::new();
        for section in select.sections(road) {
            let missing = select.limit - page.len() as u64;
            if missing == 0 {
                break;
            }
            let sql = select.walk(road, &section, masks, missing, patience);
            tracing::debug!(plan = "walk", patience, sql = sql.text);
            let budget = patience.filter(|_| self.dialect() == Dialect::Postgres);
            let beyond = budget.map(|budget| select.beyond_budget(road, &section, budget));
            let rows = self.within(&sql, patience, missing, beyond).await?;
            let Some(rows) = rows else { return Ok(None) };
            page.extend(hits(rows)?);
        }
        Ok(Some(page))
    }

    /// The same along references.
    async fn walk_references(
        &mut self,
        select: &PageSelect<'_>,
        along: &References<'_>,
        patience: Option<u64>,
    ) -> Result<Option<Vec<Hit>>> {
        let sql = select.walk_references(along, patience);
        tracing::debug!(plan = "references", patience, sql = sql.text);
        self.within(&sql, patience, select.limit, None).await?.map(hits).transpose()
    }

    /// The rows of a walk, `limit` at most, or `None` if its budget was used up before. PostgreSQL
    /// is asked whether it was by the statement `beyond`; without one, it is taken to be so.
    async fn within(
        &mut self,
        sql: &Sql,
        patience: Option<u64>,
        limit: u64,
        beyond: Option<Sql>,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        match (patience, self.dialect()) {
            (Some(entries), Dialect::Sqlite) => {
                self.ask_within(&sql.text, &sql.values, entries).await
            }
            (Some(_), Dialect::Postgres) => {
                let rows = self.ask(&sql.text, &sql.values).await?;
                let is_over = match beyond {
                    _ if rows.len() as u64 >= limit => true,
                    Some(beyond) => self.ask(&beyond.text, &beyond.values).await?.is_empty(),
                    None => false,
                };
                Ok(Some(rows).filter(|_| is_over))
            }
            (None, _) => self.ask(&sql.text, &sql.values).await.map(Some),
        }
    }
}

fn number(rows: &[Vec<Value>]) -> Result<u64> {
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Integer(count)) => Ok(count.unsigned_abs()),
        other => Err(Error::Internal(format!("{other:?} is no number"))),
    }
}

/// Groups, each with its values and its number.
fn counted(rows: Vec<Vec<Value>>, keys: usize) -> Result<Vec<Counted>> {
    let group = |mut row: Vec<Value>| match row.pop() {
        Some(Value::Integer(count)) if row.len() == keys => Ok((row, count.unsigned_abs())),
        other => Err(Error::Internal(format!("{other:?} is no number of a group"))),
    };
    rows.into_iter().map(group).collect()
}

fn hits(rows: Vec<Vec<Value>>) -> Result<Vec<Hit>> {
    let hit = |row: Vec<Value>| {
        let mut values = row.into_iter();
        let (id, revision) = match (values.next(), values.next()) {
            (Some(Value::Text(id)), Some(Value::Integer(revision))) => {
                (id, Some(revision.unsigned_abs()))
            }
            (Some(Value::Text(id)), Some(Value::Null)) => (id, None),
            other => return Err(Error::Internal(format!("{other:?} is no row of a page"))),
        };
        let id = id.parse().map_err(|_| Error::internal("no stored id"))?;
        Ok(Hit { id, revision, key: values.collect() })
    };
    rows.into_iter().map(hit).collect()
}

#[cfg(test)]
mod tests {
    use worksmith_kernel::{ColumnType, TableColumn};
    use worksmith_wire::Kind;

    use super::*;

    static TABLE: Table = Table {
        name: "works",
        kinds: &[Kind::Issue],
        columns: &[
            TableColumn::new("stage", ColumnType::Text),
            TableColumn::new("title", ColumnType::Text),
        ],
        filters: &["stage"],
        whole: &[],
        sorts: &[],
        digest: &["stage"],
        carried: None,
        long: None,
        tallied: &[],
    };

    #[test]
    fn gathering_is_chosen_up_to_the_number_at_which_a_walk_costs_the_same() {
        let costs = Costs::default();
        assert_eq!(costs.gather_max(50, 1_000, 1), 200, "never less than a few");
        assert_eq!(costs.gather_max(50, 1_000_000, 1), 1_581);
        assert_eq!(costs.gather_max(50, 1_000_000, 80), 14_142, "a walk without digests is dearer");
        assert_eq!(costs.gather_max(u64::MAX, u64::MAX, 80), 960_383_883);
    }

    #[test]
    fn every_condition_that_an_index_serves_is_a_way() {
        let tag = Cond::RefersTo("tags", vec![Id::numbered(Kind::Tag, 1)]);
        let stage = Cond::is("stage", "a");
        let conds = [
            Cond::is("title", "t"),
            stage.clone(),
            tag.clone(),
            Cond::All(vec![Cond::IsNull("title"), Cond::is("kind", "issue")]),
            Cond::Any(vec![tag.clone(), Cond::All(vec![stage.clone(), Cond::is("title", "t")])]),
            Cond::Any(vec![tag.clone(), Cond::is("title", "t")]),
            Cond::Any(vec![Cond::All(vec![Cond::is("kind", "issue"), stage.clone()])]),
            Cond::Not(Box::new(stage.clone())),
        ];
        let refs = || match &tag {
            Cond::RefersTo(field, ids) => Source::Refs(field, ids),
            _ => unreachable!(),
        };
        let staged = || Source::Column("works_of_stage".to_owned(), &stage);
        let expected = [
            Way { sources: vec![staged()], decided: Some(1) },
            Way { sources: vec![refs()], decided: Some(2) },
            Way { sources: vec![Source::Kind("issue")], decided: None },
            Way { sources: vec![refs(), staged()], decided: None },
            Way { sources: vec![staged()], decided: None },
        ];
        assert_eq!(ways(&TABLE, &conds), expected);
    }

    #[test]
    fn what_nothing_can_match_has_no_sources() {
        for cond in [
            Cond::never(),
            Cond::is("title", None::<i64>),
            Cond::RefersTo("tags", Vec::new()),
            Cond::All(vec![Cond::is("title", "t"), Cond::never()]),
        ] {
            let conds = [Cond::is("title", "t"), cond];
            let found = ways(&TABLE, &conds);
            assert!(found.iter().any(|way| way.sources.is_empty()), "{conds:?}: {found:?}");
        }
        let empty_beside_another = [Cond::Any(vec![Cond::never(), Cond::is("stage", "a")])];
        assert_eq!(ways(&TABLE, &empty_beside_another)[0].sources.len(), 1);
    }
}
