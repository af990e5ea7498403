//! Cascades: changes of one object that any number of others have to follow, such as the deletion
//! of a tag that is on twenty thousand works. The transaction that makes such a change writes a
//! [`Cascade`] and leaves the others alone. From then on every reader sees them as they are going
//! to be:
//!
//! - a row that is read is rewritten as the cascades of its org require, or is not there any more
//!   ([`Tx::settled`]);
//! - the conditions and orders of lists take account of them ([`Tx::settled_query`]).
//!
//! Meanwhile the server rewrites the rows in the database, a few in a transaction
//! ([`Tx::settle_some`]), and deletes the cascade when none is left. Everything about it is in the
//! database, so a server that dies leaves nothing half done.

use std::borrow::Cow;
use std::sync::Arc;

use compact_str::format_compact;
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use worksmith_kernel::erased::{By, Cond, Counted, Group, Query, Sort};
use worksmith_kernel::{
    ColumnType, Error, Expander, Family, Keeps, OpCtx, RawRow, Resource, Result, Rewrite, Stored,
    Table, Value,
};
use worksmith_store::{Moment, RefPlace, Snapshot, sources};
use worksmith_wire::{Id, Kind};

use super::pending::After;
use super::{AnyChange, Inner, Tx};

/// A change that others have to follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cascade {
    /// The object that the others refer to.
    pub subject: Id,
    /// What becomes of these references.
    pub rewrite: Rewrite,
}

/// Cascades are shown nowhere.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unseen {}

impl Resource for Cascade {
    const TABLE_NAME: &'static str = "cascades";
    const KINDS: &'static [Kind] = &[Kind::Cascade];
    const ONE: &'static str = "cascade";
    const MANY: &'static str = "cascades";
    const KEEPS: Keeps = Keeps::All;
    type Object = Unseen;
    type Summary = Unseen;

    fn visibility(_: &OpCtx) -> Option<worksmith_kernel::Cond<Self>> {
        Some(worksmith_kernel::Cond::never())
    }

    fn object(_: &Stored<Self>, _: &Expander) -> Unseen {
        Unseen {}
    }

    fn summary(_: &Stored<Self>, _: &Expander) -> Unseen {
        Unseen {}
    }
}

/// The cascades of an org as they are remembered, the oldest first.
pub(crate) type Cascades = Arc<Vec<Cascade>>;

/// How far a cascade has got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The last reference that was rewritten.
    after: RefPlace,
    /// How many objects were rewritten so far.
    pub rewritten: u64,
}

impl Tx {
    /// Lets every object that refers to `subject` follow a change: at once for readers, and bit by
    /// bit in the database.
    pub async fn cascade(&mut self, subject: &Id, rewrite: Rewrite) -> Result<()> {
        let cascade = Cascade { subject: subject.clone(), rewrite };
        let mut all = self.cascades().await?;
        Arc::make_mut(&mut all).push(cascade.clone());
        self.cascades = Some(all);
        self.insert(Kind::Cascade, cascade).await.map(drop)
    }

    /// The unfinished cascades of the org.
    pub(crate) async fn cascades(&mut self) -> Result<Cascades> {
        if let Some(cascades) = &self.cascades {
            return Ok(Arc::clone(cascades));
        }
        let (inner, org) = (Arc::clone(&self.inner), self.cx.org.org.clone());
        self.snapshot()?;
        let at = self.moment.unwrap_or_default();
        let cascades = Box::pin(inner.cascades(self.snapshot()?, &org, at)).await?;
        self.cascades = Some(Arc::clone(&cascades));
        Ok(cascades)
    }

    /// A row that was read, as the cascades change it; `None` if they delete it. The stored row is
    /// remembered: a change of the object starts from it.
    pub(crate) async fn settled(
        &mut self,
        table: &'static Table,
        row: Arc<RawRow>,
    ) -> Result<Option<Arc<RawRow>>> {
        let cascades = self.cascades().await?;
        let Some(family) = self.inner.store.registry().family(table.kinds[0]) else {
            return Ok(Some(row));
        };
        let left = match settled(family, &cascades, &row)? {
            Settled::AsStored => return Ok(Some(row)),
            Settled::Rewritten(row) => Some(Arc::new(row)),
            Settled::Gone => None,
        };
        let id = row.meta.id.clone();
        self.unsettled.insert(id.clone());
        self.read.insert(id, row);
        Ok(left)
    }

    /// A query rewritten for the stored rows, according to the cascades and earlier merges.
    pub(crate) async fn settled_query<'q>(
        &mut self,
        table: &'static Table,
        query: &'q Query,
    ) -> Result<Cow<'q, Query>> {
        let mut query = Cow::Borrowed(query);
        let mut merged = Vec::new();
        for id in mergeable(&query.conds, |kind| self.can_merge(kind)) {
            let primary = self.primary(&id).await?;
            if primary != id {
                merged.push((id, primary));
            }
        }
        let cascades = self.cascades().await?;
        let family = self.inner.store.registry().family(table.kinds[0]);
        let cascades = self.heeded(&cascades, table);
        if merged.is_empty() && cascades.is_empty() {
            return Ok(query);
        }
        let settling = Settling { table, merged: &merged, cascades: &cascades };
        let Query { conds, sort } = query.to_mut();
        for cond in &mut *conds {
            *cond = settling.cond(std::mem::replace(cond, Cond::never()));
        }
        conds.extend(family.into_iter().flat_map(|family| settling.are_there(family.goes_with)));
        for sort in sort {
            settling.sort(sort);
        }
        Ok(query)
    }

    /// The cascades that the objects of a table follow.
    fn heeded<'c>(&self, cascades: &'c [Cascade], table: &Table) -> Vec<&'c Cascade> {
        let family = self.inner.store.registry().family(table.kinds[0]);
        let heeds = |cascade: &&Cascade| family.is_some_and(|f| f.heeds(&cascade.rewrite));
        cascades.iter().filter(heeds).collect()
    }

    /// Groups rewritten for the stored rows, according to the cascades.
    pub(crate) async fn settled_groups(
        &mut self,
        table: &'static Table,
        groups: Vec<Group>,
    ) -> Result<SettledGroups> {
        let cascades = self.cascades().await?;
        let cascades = self.heeded(&cascades, table);
        let settling = Settling { table, merged: &[], cascades: &cascades };
        let groups = groups.into_iter().map(|group| settling.group(group)).collect();
        Ok(SettledGroups { groups, becomes: settling.becomes() })
    }

    /// Rewrites some of the objects that refer to the subject of a cascade, beginning after a
    /// position. Returns the next position, or `None` when there are no more.
    pub async fn settle_some(
        &mut self,
        cascade: &Stored<Cascade>,
        position: &Position,
        limit: usize,
    ) -> Result<Option<Position>> {
        let org = self.cx.org.org.clone();
        let mut rewritten = position.rewritten;
        if cascade.doc.rewrite == Rewrite::Delete {
            let deleted = self.delete_some(&cascade.doc.subject, limit).await?;
            let next = Position { after: position.after.clone(), rewritten: rewritten + deleted };
            return Ok((deleted > 0).then_some(next));
        }
        let of = (org.as_str(), &cascade.doc.subject);
        let refs = self.snapshot()?.refs_after(of, &position.after, limit).await?;
        let mut last = None;
        for (place, from) in refs {
            rewritten += u64::from(self.settle(&from).await?);
            last = Some(place);
        }
        Ok(last.map(|after| Position { after, rewritten }))
    }

    /// Deletes some of the objects that go with a deleted one, and returns how many. Those that are
    /// left come first in the next call.
    async fn delete_some(&mut self, subject: &Id, limit: usize) -> Result<u64> {
        let org = self.cx.org.org.clone();
        let families = self.inner.store.registry().families();
        let fields: Vec<_> = families.iter().flat_map(|f| f.goes_with).copied().collect();
        let mut deleted = 0;
        for field in fields {
            let going = self.snapshot()?.refs_by((org.as_str(), subject), field, limit).await?;
            for id in going {
                deleted += u64::from(self.settle(&id).await?);
            }
            if deleted > 0 {
                break;
            }
        }
        Ok(deleted)
    }

    /// Writes an object as the cascades change it, if it is stored differently. `modified_at` and
    /// `modified_by` stay as they are: nobody has changed the object itself.
    async fn settle(&mut self, id: &Id) -> Result<bool> {
        let Some(family) = self.inner.store.registry().family(id.kind()).copied() else {
            return Ok(false);
        };
        let row = self.row(family.table, id).await?;
        if self.changes(id) || !self.unsettled.contains(id) {
            return Ok(false);
        }
        let Some(stored) = self.read.get(id).map(Arc::clone) else { return Ok(false) };
        let Some(row) = row else {
            self.delete_any(family, stored).await?;
            return Ok(true);
        };
        let mut settled = Arc::unwrap_or_clone(row);
        settled.meta.revision += 1;
        let change = AnyChange {
            before: Some((family.read)(&stored)?),
            after: Some((family.read)(&settled)?),
        };
        let before = (Arc::clone(&stored), (family.derive)(&stored)?);
        let after = After::Row(Arc::new(settled.clone()), (family.derive)(&settled)?);
        self.put(id.clone(), family.table, Some(before), after);
        self.follow(id.kind(), &change).await?;
        Ok(true)
    }

    /// Deletes an object of a family whose type is not known here.
    async fn delete_any(&mut self, family: Family, row: Arc<RawRow>) -> Result<()> {
        let id = row.meta.id.clone();
        let stored = (family.read)(&row)?;
        let mut needs = Vec::new();
        (family.summary_refs)(stored.as_ref(), &mut needs);
        let x = self.expand(needs).await?;
        let summary = (family.summary)(stored.as_ref(), &x)?.get().to_owned();
        let derived = (family.derive)(&row)?;
        self.put(id.clone(), family.table, Some((row, derived)), After::Deleted { summary });
        let change = AnyChange { before: Some(stored), after: None };
        self.follow(id.kind(), &change).await
    }
}

impl Inner {
    /// The unfinished cascades of an org, in a snapshot that was opened after a moment.
    pub(crate) async fn cascades(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        at: Moment,
    ) -> Result<Cascades> {
        if self.store.registry().family(Kind::Cascade).is_none() {
            return Ok(Cascades::default());
        }
        let key = format_compact!("{org}:store.cascades");
        if let Some(known) = self.cache.fact(&key, &[]) {
            return Ok(known);
        }
        let docs = snapshot.documents(Cascade::TABLE, org).await?;
        let read = |doc: String| serde_json::from_str(&doc).map_err(Error::internal);
        let cascades: Cascades = Arc::new(docs.into_iter().map(read).collect::<Result<_>>()?);
        let read_from = sources([self.cache.changes.table(org, Kind::Cascade)]);
        self.cache.put_fact(&key, Arc::clone(&cascades), read_from, at);
        Ok(cascades)
    }
}

/// How cascades leave a row.
pub(crate) enum Settled {
    /// As it is stored.
    AsStored,
    /// With another document.
    Rewritten(RawRow),
    /// It is deleted.
    Gone,
}

impl Settled {
    /// The row as it is left, of the one that is stored; `None` if it is deleted.
    pub(crate) fn of<'a>(&'a self, row: &'a RawRow) -> Option<&'a RawRow> {
        match self {
            Self::AsStored => Some(row),
            Self::Rewritten(row) => Some(row),
            Self::Gone => None,
        }
    }
}

/// A row as cascades change it.
pub(crate) fn settled(family: &Family, cascades: &[Cascade], row: &RawRow) -> Result<Settled> {
    let mut settled: Option<RawRow> = None;
    for Cascade { subject, rewrite } in cascades.iter().filter(|c| family.heeds(&c.rewrite)) {
        let present = settled.as_ref().unwrap_or(row);
        // An id stands in a document as a text of its own.
        if !present.doc.contains(&format!("\"{subject}\"")) {
            continue;
        }
        if *rewrite == Rewrite::Delete {
            let refs = (family.derive)(present)?.refs;
            if refs.iter().any(|(field, id)| id == subject && family.goes_with.contains(field)) {
                return Ok(Settled::Gone);
            }
        } else {
            let rewritten = (family.rewrite)(present, subject, rewrite)?;
            settled = Some(rewritten);
        }
    }
    // A text that merely happens to spell the id stays.
    let changed = settled.filter(|settled| settled.doc != row.doc);
    Ok(changed.map_or(Settled::AsStored, Settled::Rewritten))
}

/// Groups as they are counted in rows that unfinished cascades have not rewritten yet.
pub(crate) struct SettledGroups {
    pub(crate) groups: Vec<Group>,
    /// What the subjects of cascades become: another object, or none.
    becomes: Vec<(Id, Option<Id>)>,
}

impl SettledGroups {
    /// The groups as they are going to be. A column has one value in each row, so groups whose
    /// values become the same are added up; references were taken account of when they were
    /// counted.
    pub(crate) fn settle(&self, counted: Vec<Counted>) -> Vec<Counted> {
        if self.becomes.is_empty() {
            return counted;
        }
        let mut settled: Vec<Counted> = Vec::with_capacity(counted.len());
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        for (mut values, count) in counted {
            for (group, value) in self.groups.iter().zip(&mut values) {
                if let (Group::Column(by), Some(id)) = (group, id_of(value))
                    && !matches!(by, By::Column(column) if ACTORS.contains(column))
                    && let Some((_, to)) = self.becomes.iter().find(|(from, _)| *from == id)
                {
                    *value = to.as_ref().into();
                }
            }
            let place = *places.entry(format!("{values:?}")).or_insert(settled.len());
            match settled.get_mut(place) {
                Some((_, sum)) => *sum += count,
                None => settled.push((values, count)),
            }
        }
        settled
    }
}

/// The columns that say who did something, which merges do not change.
const ACTORS: [&str; 3] = ["id", "created_by", "modified_by"];

/// The ids in conditions of kinds that can be merged.
fn mergeable(conds: &[Cond], can_merge: impl Fn(Kind) -> bool + Copy) -> Vec<Id> {
    let mut ids = Vec::new();
    for cond in conds {
        match cond {
            Cond::All(conds) | Cond::Any(conds) => ids.extend(mergeable(conds, can_merge)),
            Cond::Not(cond) => ids.extend(mergeable(std::slice::from_ref(cond), can_merge)),
            Cond::RefersTo(_, objects) => ids.extend(objects.iter().cloned()),
            Cond::OneOf(column, values) if !ACTORS.contains(column) => {
                ids.extend(values.iter().filter_map(id_of));
            }
            _ => {}
        }
    }
    ids.retain(|id| can_merge(id.kind()));
    ids
}

fn id_of(value: &Value) -> Option<Id> {
    match value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Translates queries into the terms of rows that unfinished cascades have not rewritten yet.
struct Settling<'a> {
    table: &'static Table,
    /// Objects that were merged away, and their primary objects.
    merged: &'a [(Id, Id)],
    cascades: &'a [&'a Cascade],
}

impl Settling<'_> {
    fn cond(&self, cond: Cond) -> Cond {
        let all = |conds: Vec<Cond>| conds.into_iter().map(|cond| self.cond(cond)).collect();
        match cond {
            Cond::All(conds) => Cond::All(all(conds)),
            Cond::Any(conds) => Cond::Any(all(conds)),
            Cond::Not(cond) => Cond::Not(Box::new(self.cond(*cond))),
            Cond::RefersTo(field, ids) => Cond::RefersTo(field, self.ids(ids)),
            Cond::OneOf(column, values) if !ACTORS.contains(&column) => {
                self.beside(column, Cond::OneOf(column, self.values(values)))
            }
            Cond::IsNull(column) => self.beside(column, self.is_null(column)),
            Cond::Range(column, ..) => self.beside(column, cond),
            other => other,
        }
    }

    /// The ids under which rows are stored that belong to the requested ids.
    fn ids(&self, mut ids: Vec<Id>) -> Vec<Id> {
        for id in &mut ids {
            if let Some((_, primary)) = self.merged.iter().find(|(from, _)| from == id) {
                id.clone_from(primary);
            }
        }
        // The last merge first: its target may itself be the source of an earlier one.
        for Cascade { subject, rewrite } in self.cascades.iter().rev() {
            match rewrite {
                Rewrite::Drop => ids.retain(|id| id != subject),
                Rewrite::Lead(to) if ids.contains(to) => ids.push(subject.clone()),
                Rewrite::Lead(_) | Rewrite::Beside { .. } | Rewrite::Delete => {}
            }
        }
        ids
    }

    /// The conditions that objects have not gone with deleted ones, which these fields refer to.
    fn are_there(&self, fields: &[&'static str]) -> Vec<Cond> {
        let gone = self.cascades.iter().filter(|cascade| cascade.rewrite == Rewrite::Delete);
        let gone: Vec<Id> = gone.map(|cascade| cascade.subject.clone()).collect();
        if gone.is_empty() {
            return Vec::new();
        }
        let refers = fields.iter().map(|field| Cond::RefersTo(field, gone.clone()));
        refers.map(|refers| Cond::Not(Box::new(refers))).collect()
    }

    fn values(&self, values: Vec<Value>) -> Vec<Value> {
        let (mut ids, mut others) = (Vec::new(), Vec::new());
        for value in values {
            match id_of(&value) {
                Some(id) => ids.push(id),
                None => others.push(value),
            }
        }
        others.extend(self.ids(ids).iter().map(Value::from));
        others
    }

    /// A reference to a deleted object counts as empty.
    fn is_null(&self, column: &'static str) -> Cond {
        let gone = self.cascades.iter().filter(|cascade| cascade.rewrite == Rewrite::Drop);
        let gone: Vec<Value> = gone.map(|cascade| Value::from(&cascade.subject)).collect();
        let mut texts = self.table.columns.iter().filter(|own| own.kind == ColumnType::Text);
        if gone.is_empty() || texts.all(|own| own.name != column) {
            return Cond::IsNull(column);
        }
        Cond::Any(vec![Cond::IsNull(column), Cond::OneOf(column, gone)])
    }

    /// A condition on a column whose value follows from another column in some rows.
    fn beside(&self, column: &'static str, asked: Cond) -> Cond {
        let overlays = self.overlays(column);
        if overlays.is_empty() {
            return asked;
        }
        let mut cond = asked.clone();
        for (by, subject, value) in overlays {
            let is = Cond::OneOf(by, vec![subject]);
            cond = if matches(&asked, &value) {
                Cond::Any(vec![cond, is])
            } else {
                Cond::All(vec![cond, Cond::Not(Box::new(is))])
            };
        }
        cond
    }

    /// For each cascade: the column that decides, its value, and the value of `column` in such
    /// rows.
    fn overlays(&self, column: &'static str) -> Vec<(&'static str, Value, Value)> {
        let own = |name: &str| self.table.columns.iter().map(|c| c.name).find(|own| *own == name);
        let overlays = self.cascades.iter().filter_map(|Cascade { subject, rewrite }| {
            let Rewrite::Beside { field, member, value } = rewrite else { return None };
            (member == column).then_some(())?;
            Some((own(field)?, subject.into(), serde_json::from_value(value.clone()).ok()?))
        });
        overlays.collect()
    }

    /// What the subjects of the cascades become in the end.
    fn becomes(&self) -> Vec<(Id, Option<Id>)> {
        let mut becomes: Vec<(Id, Option<Id>)> = Vec::new();
        for Cascade { subject, rewrite } in self.cascades {
            let to = match rewrite {
                Rewrite::Drop => None,
                Rewrite::Lead(to) => Some(to),
                // What goes with a deleted object meets no condition any more.
                Rewrite::Beside { .. } | Rewrite::Delete => continue,
            };
            for (_, earlier) in becomes.iter_mut().filter(|(_, to)| to.as_ref() == Some(subject)) {
                *earlier = to.cloned();
            }
            becomes.push((subject.clone(), to.cloned()));
        }
        becomes
    }

    fn group(&self, group: Group) -> Group {
        match group {
            Group::Column(By::Column(column)) => Group::Column(self.overlaid(column)),
            Group::Refs { field, kinds, .. } => {
                let mut becomes = self.becomes();
                becomes.retain(|(from, _)| kinds.contains(&from.kind()));
                Group::Refs { field, kinds, becomes }
            }
            other => other,
        }
    }

    /// A column, in rows of which some are going to have another value.
    fn overlaid(&self, column: &'static str) -> By {
        let overlays = self.overlays(column);
        // The latest cascade wins.
        let values = overlays.iter().rev().map(|(_, is, value)| (is.clone(), value.clone()));
        match overlays.first() {
            Some((by, ..)) => By::Overlaid { column, by, values: values.collect() },
            None => By::Column(column),
        }
    }

    fn sort(&self, sort: &mut Sort) {
        if let By::Column(column) = sort.by {
            sort.by = self.overlaid(column);
        }
    }
}

/// Whether a condition on one column holds for a value.
fn matches(cond: &Cond, value: &Value) -> bool {
    match cond {
        Cond::All(conds) => conds.iter().all(|cond| matches(cond, value)),
        Cond::Any(conds) => conds.iter().any(|cond| matches(cond, value)),
        Cond::OneOf(_, values) => values.contains(value),
        Cond::IsNull(_) => *value == Value::Null,
        Cond::Range(_, from, to) => value.lies_within(from.as_ref(), to.as_ref()),
        _ => false,
    }
}
