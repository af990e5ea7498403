//! Finding the objects that match a query.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use worksmith_kernel::erased::{self, Counted};
use worksmith_kernel::{
    Error, Group, Query, RawRow, Reference, Resource, Result, Stored, Table, Value,
};
use worksmith_store::{Edge, Hit, PageQuery};
use worksmith_wire::Id;

use super::{Listed, Tx};

impl Tx {
    /// A page of a list in the stored state, without the documents, and whether there are more; of
    /// the state of earlier, if this transaction shows that.
    pub(crate) async fn places<R: Resource>(
        &mut self,
        query: &Query<R>,
        beside: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Hit>, bool)> {
        match self.replaced.clone() {
            None => self.present_places(query, beside, backwards, limit).await,
            Some(replaced) => {
                Box::pin(self.past_places(query, beside, backwards, limit, &replaced)).await
            }
        }
    }

    pub(crate) async fn present_places<R: Resource>(
        &mut self,
        query: &Query<R>,
        beside: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Hit>, bool)> {
        let org = self.cx.org.org.clone();
        let inner = Arc::clone(&self.inner);
        let query = &*Box::pin(self.settled_query(R::TABLE, query.erased())).await?;
        let page = PageQuery {
            table: R::TABLE,
            org: &org,
            query,
            beside,
            backwards,
            limit: limit as u64 + 1,
        };
        let mut found = inner.store.page(self.snapshot()?, &page).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        if backwards {
            found.reverse();
        }
        Ok((found, more))
    }

    /// The objects at places that this transaction has found.
    pub(crate) async fn at_places<R: Resource>(&mut self, found: &[Hit]) -> Result<Vec<Stored<R>>> {
        let org = self.cx.org.org.clone();
        let ids: Vec<&Id> = found.iter().map(|place| &place.id).collect();
        let rows = self.snapshot()?.get_many(R::TABLE, &org, &ids).await?;
        let mut rows: FxHashMap<Id, RawRow> =
            rows.into_iter().map(|row| (row.meta.id.clone(), row)).collect();
        let mut objects = Vec::with_capacity(found.len());
        for id in ids {
            if let Some(replaced) = &self.replaced
                && let Some(row) = replaced.row(id)
            {
                objects.push(row.read::<R>()?);
                continue;
            }
            let row = rows.remove(id);
            let row =
                row.ok_or_else(|| Error::internal("a row is in an index and nowhere else"))?;
            // What a cascade deletes matches no query.
            if let Some(row) = self.settled(R::TABLE, Arc::new(row)).await? {
                objects.push(row.read::<R>()?);
            }
        }
        Ok(objects)
    }

    /// Reads objects at once that [`Tx::find`] is about to be asked for. Returns which are there.
    pub async fn read_ahead<R: Resource>(&mut self, ids: &[Id]) -> Result<FxHashSet<Id>> {
        let unread: Vec<&Id> =
            ids.iter().filter(|id| !self.read.contains_key(id) && !self.changes(id)).collect();
        if !unread.is_empty() {
            let org = self.cx.org.org.clone();
            for row in self.snapshot()?.get_many(R::TABLE, &org, &unread).await? {
                self.read.insert(row.meta.id.clone(), Arc::new(row));
            }
        }
        let is_there = |id: &&Id| self.read.contains_key(id) || self.changes(id);
        Ok(ids.iter().filter(is_there).cloned().collect())
    }

    /// The first objects of a query, visible to the caller or not, in the stored state.
    pub async fn first<R: Resource>(
        &mut self,
        query: &Query<R>,
        limit: usize,
    ) -> Result<Vec<Stored<R>>> {
        let (found, _) = self.places::<R>(query, None, false, limit).await?;
        self.at_places(&found).await
    }

    /// The first objects of a query after a place in its order, visible to the caller or not, in
    /// the stored state; and the place of the last of them if there are more.
    pub async fn first_after<R: Resource>(
        &mut self,
        query: &Query<R>,
        place: Option<Vec<Value>>,
        limit: usize,
    ) -> Result<(Vec<Stored<R>>, Option<Vec<Value>>)> {
        let beside = place.map(|key| Edge { key, through: false });
        let (found, more) = self.places::<R>(query, beside.as_ref(), false, limit).await?;
        let last = found.last().filter(|_| more).map(|place| place.key.clone());
        Ok((self.at_places(&found).await?, last))
    }

    /// The objects of a query beyond a place in its order, visible to the caller or not, in the
    /// stored state, as entries of one of several lists; see
    /// [`Lists::beyond`](super::Lists::beyond).
    pub async fn beyond<R: Resource>(
        &mut self,
        query: &Query<R>,
        place: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Listed<Stored<R>>>, bool)> {
        let (found, more) = self.places::<R>(query, place, backwards, limit).await?;
        let objects = self.at_places::<R>(&found).await?;
        let listed = |(place, entry): (Hit, Stored<R>)| Listed {
            key: place.key,
            at: entry.meta.created_at,
            entry,
        };
        Ok((found.into_iter().zip(objects).map(listed).collect(), more))
    }

    /// How many objects match in the stored state, visible to the caller or not.
    pub async fn count<R: Resource>(&mut self, query: &Query<R>) -> Result<u64> {
        let org = self.cx.org.org.clone();
        let inner = Arc::clone(&self.inner);
        let query = &*Box::pin(self.settled_query(R::TABLE, query.erased())).await?;
        inner.store.count(self.snapshot()?, (R::TABLE, &org), query).await
    }

    /// How many objects match in the stored state, visible to the caller or not, for each
    /// combination of what they are grouped by.
    pub async fn count_by<R: Resource>(
        &mut self,
        query: &Query<R>,
        groups: &[Group<R>],
    ) -> Result<Vec<Counted>> {
        let org = self.cx.org.org.clone();
        let inner = Arc::clone(&self.inner);
        let query = &*Box::pin(self.settled_query(R::TABLE, query.erased())).await?;
        let groups = groups.iter().map(|group| group.erased().clone()).collect();
        let settling = self.settled_groups(R::TABLE, groups).await?;
        let snapshot = self.snapshot()?;
        let counted = inner.store.count_by(snapshot, (R::TABLE, &org), query, &settling.groups);
        Ok(settling.settle(counted.await?))
    }

    /// How many objects that match refer by a field to each of these, in the stored state, visible
    /// to the caller or not; those that none refer to are left out. An object refers to one other
    /// by the field.
    pub async fn count_referrers<R: Resource>(
        &mut self,
        query: &Query<R>,
        by: Reference<R>,
        to: &[Id],
    ) -> Result<FxHashMap<Id, u64>> {
        self.count_referrers_of(R::TABLE, query.erased(), (by.field(), to)).await
    }

    async fn count_referrers_of(
        &mut self,
        table: &'static Table,
        query: &erased::Query,
        (field, to): (&'static str, &[Id]),
    ) -> Result<FxHashMap<Id, u64>> {
        // Under which ids each is referred to, while a cascade is being worked off.
        let (mut stored, mut asked) = (Vec::new(), Vec::new());
        for id in to {
            let conds = vec![erased::Cond::RefersTo(field, vec![id.clone()])];
            let of_one = erased::Query { conds, sort: Vec::new() };
            let settled = Box::pin(self.settled_query(table, &of_one)).await?;
            for cond in &settled.conds {
                if let erased::Cond::RefersTo(_, ids) = cond {
                    stored.extend(ids.iter().cloned());
                    asked.extend(ids.iter().map(|stored| (stored.clone(), id)));
                }
            }
        }
        if stored.is_empty() {
            return Ok(FxHashMap::default());
        }
        let org = self.cx.org.org.clone();
        let query = &*Box::pin(self.settled_query(table, query)).await?;
        let counts =
            self.snapshot()?.count_referrers((table, &org), query, (field, &stored)).await?;
        let mut totals = FxHashMap::default();
        for (id, count) in counts {
            for (_, asked) in asked.iter().filter(|(stored, _)| *stored == id) {
                *totals.entry((*asked).clone()).or_default() += count;
            }
        }
        Ok(totals)
    }
}
