//! A transaction: reads one snapshot, sees its own writes, and hands over one batch at the end.
//!
//! - `references.rs` checks what a document refers to and which names it claims,
//!   `following.rs` runs the followers of a change, and `cascades.rs` lets any number of objects
//!   follow one.
//! - `lists.rs` finds the objects that match a query, `merged.rs` makes pages of several lists, and
//!   `sight.rs` says who sees an object.
//! - `pending.rs` holds what has changed so far, `difference.rs` says what that is, and `commit.rs`
//!   hands it over. `lanes.rs` has the turns of those who lost a race.
//! - `answer.rs` and `stream.rs` render answers, `expand.rs` the summaries in them.
//! - `deliveries.rs` has what webhooks were told.
//! - `search/` finds objects by their words.
//! - `feed/` tells what has changed, and reconstructs earlier states of objects from that.

mod answer;
mod cascades;
mod commit;
mod deliveries;
mod difference;
mod expand;
mod feed;
mod followers;
mod following;
mod lanes;
mod lists;
mod merged;
mod pending;
mod references;
mod search;
mod sight;
mod stream;

use std::collections::HashMap;
use std::sync::Arc;

use compact_str::format_compact;
use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use worksmith_kernel::{
    Derived, Error, Meta, OpCtx, RawRow, Reference, Resource, Result, Stored, Table,
};
use worksmith_store::{Assert, Event, Moment, Snapshot, Source, Store, sources};
use worksmith_wire::{ApiError, Id, Kind, Numbering, Series, Timestamp};

pub use self::answer::{One, PageOf};
use self::cascades::Cascades;
pub use self::cascades::{Cascade, Position};
pub(crate) use self::cascades::{Settled, settled};
pub use self::feed::{
    Announced, AsOf, Change, Feed, FeedPage, Happened, Heard, Listener, OwnChange, Past, Start,
    Stretch, Wants,
};
pub(crate) use self::feed::{Replaced, Streams};
pub use self::followers::{AnyChange, Changed, Followers, Refs};
pub(crate) use self::lanes::Lanes;
pub use self::merged::{BY_CREATION, Listed, Lists, MergedPage};
use self::pending::{After, Pending, raw};
pub use self::search::{FoundObject, FoundPage, FoundPart, Search, SearchOrder, SearchPage};
use crate::cache::Cache;

/// Who created and last changed an object, and when, if that is not the caller now: for importers.
#[derive(Clone, Debug)]
pub struct Authorship {
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: Id,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Who last changed it.
    pub modified_by: Id,
}

/// What all transactions share.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) followers: Followers,
    pub(crate) cache: Cache,
    pub(crate) lanes: Lanes,
    pub(crate) streams: Streams,
}

/// A transaction in the org of its context.
pub struct Tx {
    pub(crate) inner: Arc<Inner>,
    pub(crate) cx: OpCtx,
    pub(crate) snapshot: Option<Snapshot>,
    /// When the transaction began. Whatever it knows is no older.
    pub(crate) begun: Moment,
    /// When the one object that the answer shows was read, if it came from memory.
    pub(crate) shown_at: Option<Moment>,
    /// The moment of the snapshot.
    pub(crate) moment: Option<Moment>,
    /// The rows that were read, as they are in the snapshot.
    pub(crate) read: FxHashMap<Id, Arc<RawRow>>,
    /// Those of them that cascades change.
    pub(crate) unsettled: FxHashSet<Id>,
    /// The cascades of the org, once they were read.
    pub(crate) cascades: Option<Cascades>,
    /// Those of them that were taken from memory instead of being read.
    pub(crate) assumed: Vec<(&'static Table, Id)>,
    /// The instant as of which answers show objects, if that is not the present.
    pub(crate) past: Option<Timestamp>,
    /// What lists showed instead of what has changed since then.
    pub(crate) replaced: Option<Arc<Replaced>>,
    /// Whether answers tell what objects were, so that what they embed is not hidden because it is
    /// deleted by now.
    pub(crate) has_history: bool,
    /// Whether rows may be taken from memory: whatever is written asserts that they are current.
    pub(crate) may_assume: bool,
    pub(crate) pending: IndexMap<Id, Pending>,
    /// Who holds the names of each space that this transaction claims; `None` for those it gives
    /// up.
    names: HashMap<&'static str, HashMap<String, Option<Id>>>,
    pub(crate) asserts: Vec<Assert>,
    /// The revision of the object in the answer, if it shows a single one.
    pub(crate) revision: Option<u64>,
    /// Whether the answer must not be stored anywhere.
    pub(crate) is_secret: bool,
    pub(crate) numbers: Vec<(Series, u64)>,
    /// Numbers that an earlier attempt of the same operation got and did not use.
    pub(crate) spare: Vec<(Series, u64)>,
    /// Numbers that callers chose themselves.
    pub(crate) reserved: Vec<(Series, u64)>,
}

impl Tx {
    pub(crate) fn new(inner: Arc<Inner>, cx: OpCtx) -> Self {
        let begun = inner.cache.changes.now();
        Self {
            inner,
            cx,
            snapshot: None,
            begun,
            shown_at: None,
            moment: None,
            read: FxHashMap::default(),
            unsettled: FxHashSet::default(),
            cascades: None,
            assumed: Vec::new(),
            past: None,
            replaced: None,
            has_history: false,
            may_assume: false,
            pending: IndexMap::new(),
            names: HashMap::new(),
            asserts: Vec::new(),
            revision: None,
            is_secret: false,
            numbers: Vec::new(),
            spare: Vec::new(),
            reserved: Vec::new(),
        }
    }

    /// The context of the call.
    pub const fn cx(&self) -> &OpCtx {
        &self.cx
    }

    pub(crate) fn org(&self) -> &str {
        &self.cx.org.org
    }

    pub(crate) fn snapshot(&mut self) -> Result<&mut Snapshot> {
        if self.snapshot.is_none() {
            self.moment = Some(self.inner.cache.changes.now());
            self.snapshot = Some(self.inner.store.snapshot()?);
        }
        self.snapshot.as_mut().ok_or_else(|| Error::internal("no snapshot"))
    }

    pub(crate) fn table_of(&self, kind: Kind) -> Option<&'static Table> {
        self.inner.store.registry().family(kind).map(|family| family.table)
    }

    /// Whether this transaction changes an object.
    pub(crate) fn changes(&self, id: &Id) -> bool {
        self.pending.contains_key(id)
    }

    /// What was remembered in this org under a key, unless something that it was read from has
    /// changed, here or elsewhere. All values under a key are of one type.
    pub fn recall<T: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<T>> {
        let key = format_compact!("{}:{key}", self.org());
        self.inner.cache.fact(&key, &self.changed_rows())
    }

    /// Remembers what this transaction has read from the tables of `kinds`, and from no others.
    pub fn remember<T: Send + Sync + 'static>(&self, key: &str, fact: Arc<T>, kinds: &[Kind]) {
        let key = format_compact!("{}:{key}", self.org());
        let changes = &self.inner.cache.changes;
        let read = sources(kinds.iter().map(|kind| changes.table(self.org(), *kind)));
        if let Some(at) = self.moment.filter(|_| !self.changes_any(&read)) {
            self.inner.cache.put_fact(&key, fact, read, at);
        }
    }

    /// What this transaction changes: rows, and their tables.
    pub(crate) fn changed_rows(&self) -> Vec<Source> {
        let changes = &self.inner.cache.changes;
        let of = |id: &Id| [changes.row(self.org(), id), changes.table(self.org(), id.kind())];
        self.pending.keys().flat_map(of).collect()
    }

    /// Whether this transaction changes any of these sources, which are sorted.
    pub(crate) fn changes_any(&self, sources: &[Source]) -> bool {
        self.changed_rows().iter().any(|source| sources.binary_search(source).is_ok())
    }

    /// The row of an object, as this transaction leaves it.
    pub(crate) async fn row(
        &mut self,
        table: &'static Table,
        id: &Id,
    ) -> Result<Option<Arc<RawRow>>> {
        match self.pending.get(id).map(|pending| &pending.after) {
            Some(After::Row(row, _)) => return Ok(Some(Arc::clone(row))),
            Some(After::Deleted { .. }) => return Ok(None),
            None => {}
        }
        match self.stored_row(table, id).await? {
            Some(row) => self.settled(table, row).await,
            None => Ok(None),
        }
    }

    /// The row of an object, as it is in the snapshot.
    async fn stored_row(&mut self, table: &'static Table, id: &Id) -> Result<Option<Arc<RawRow>>> {
        if let Some(row) = self.read.get(id) {
            return Ok(Some(Arc::clone(row)));
        }
        let org = self.cx.org.org.clone();
        // What has changed since the snapshot would not fit the rows that are read from it. What
        // changes before a later snapshot is found out when the batch asserts the assumed rows.
        if self.may_assume
            && let Some((row, at)) = self.inner.store.cached_row(&org, id)
            && self.moment.is_none_or(|moment| at <= moment)
        {
            self.assumed.push((table, id.clone()));
            self.read.insert(id.clone(), Arc::clone(&row));
            return Ok(Some(row));
        }
        let Some(row) = self.snapshot()?.get(table, &org, id).await? else { return Ok(None) };
        let row = Arc::new(row);
        self.read.insert(id.clone(), Arc::clone(&row));
        if let Some(at) = self.moment {
            self.inner.store.cache_row(&org, Arc::clone(&row), at);
        }
        Ok(Some(row))
    }

    /// An object of this org, whether the caller may see it or not.
    pub async fn find<R: Resource>(&mut self, id: &Id) -> Result<Option<Stored<R>>> {
        if !R::TABLE.kinds.contains(&id.kind()) {
            return Ok(None);
        }
        let row = self.row(R::TABLE, id).await?;
        row.map(|row| row.read::<R>()).transpose()
    }

    /// Whether an object of any kind exists, whether the caller may see it or not.
    pub async fn is_there(&mut self, id: &Id) -> Result<bool> {
        match self.table_of(id.kind()) {
            Some(table) => Ok(self.row(table, id).await?.is_some()),
            None => Ok(false),
        }
    }

    /// The references to an object in the stored state: the field and the id of each referrer.
    pub async fn refs_to(&mut self, id: &Id) -> Result<Vec<(String, Id)>> {
        let org = self.cx.org.org.clone();
        self.snapshot()?.refs_to(&org, id).await
    }

    /// The events of an object in the stored state, oldest first.
    pub async fn events_of(&mut self, id: &Id) -> Result<Vec<Event>> {
        let org = self.cx.org.org.clone();
        self.snapshot()?.events_of(&org, id).await
    }

    /// The objects of a family that refer to another one by a field, in the order of their
    /// creation; `None` if there are more than `max`. The transaction relies on exactly these
    /// referring to it, each as it was read, until it is written. Like lists, this shows the stored
    /// state.
    pub async fn rely_on_referrers<R: Resource>(
        &mut self,
        by: Reference<R>,
        to: &Id,
        max: usize,
    ) -> Result<Option<Vec<Stored<R>>>> {
        let org = self.cx.org.org.clone();
        let ids = self.snapshot()?.refs_by((org.as_str(), to), by.field(), max + 1).await?;
        if ids.len() > max {
            return Ok(None);
        }
        self.asserts.push(Assert::RefsBy(by.field(), to.clone(), ids.len() as u64));
        let mut referrers = Vec::with_capacity(ids.len());
        for id in ids {
            referrers.extend(self.find::<R>(&id).await?);
            // One that a cascade deletes counts as well, as long as it is stored.
            if let Some(row) = self.read.get(&id).filter(|_| !self.changes(&id)) {
                let revision = row.meta.revision;
                self.asserts.push(Assert::Revision(R::TABLE, id, revision));
            }
        }
        Ok(Some(referrers))
    }

    /// Relies on an object staying as it was read. A change of the object implies that.
    pub fn rely_on<R: Resource>(&mut self, stored: &Stored<R>) {
        if self.changes(stored.id()) {
            return;
        }
        let assert = Assert::Revision(R::TABLE, stored.id().clone(), stored.meta.revision);
        self.asserts.push(assert);
    }

    /// Creates an object. Its references must exist and its names must be free.
    pub async fn insert<R: Resource>(
        &mut self,
        series: impl Into<Series>,
        doc: R,
    ) -> Result<Stored<R>> {
        self.insert_as(series, doc, None).await
    }

    /// Creates an object on behalf of another author, at another time.
    pub async fn insert_as<R: Resource>(
        &mut self,
        series: impl Into<Series>,
        doc: R,
        authorship: Option<Authorship>,
    ) -> Result<Stored<R>> {
        let (doc, derived) = Box::pin(self.checked(None, doc)).await?;
        let series = series.into();
        let kind = series.kind();
        let id = match kind.facts().numbering {
            Numbering::Opaque => Id::new(kind, self.cx.opaque(8)),
            Numbering::Sequence | Numbering::OfLeafType => {
                let number = self.number(series.clone()).await?;
                series.id(number)
            }
            Numbering::Within(_) | Numbering::OfObject => {
                return Err(Error::internal("a nested id is the caller's to make"));
            }
        };
        self.insert_checked(id, doc, derived, authorship).await
    }

    /// Creates an object with an id that the caller chose, which must never have been used before.
    pub async fn insert_with_id<R: Resource>(&mut self, id: Id, doc: R) -> Result<Stored<R>> {
        let (doc, derived) = Box::pin(self.checked(None, doc)).await?;
        let org = self.cx.org.org.clone();
        let is_used = self.changes(&id)
            || self.row(R::TABLE, &id).await?.is_some()
            || self.snapshot()?.tombstone(&org, &id).await?.is_some();
        if is_used {
            let name = self.cx.name(&id);
            return Err(ApiError::conflict(format!("the id {name} is taken")).into());
        }
        if let Some(series) = id.series() {
            let number = id.seq().unsigned_abs();
            let inner = Arc::clone(&self.inner);
            inner.store.skip_number(self.snapshot()?, &org, &series, number).await?;
            self.reserved.push((series, number));
        }
        self.insert_checked(id, doc, derived, None).await
    }

    /// Creates an object that is part of another one, on behalf of another author if there is one.
    pub async fn insert_of<R: Resource>(
        &mut self,
        object: &Id,
        kind: Kind,
        doc: R,
        authorship: Option<Authorship>,
    ) -> Result<Stored<R>> {
        let (doc, derived) = Box::pin(self.checked(None, doc)).await?;
        let number = self.number(kind).await?;
        self.insert_checked(Id::of_object(kind, object, number), doc, derived, authorship).await
    }

    async fn insert_checked<R: Resource>(
        &mut self,
        id: Id,
        doc: R,
        derived: Derived,
        authorship: Option<Authorship>,
    ) -> Result<Stored<R>> {
        let by = authorship.unwrap_or_else(|| Authorship {
            created_at: self.cx.now,
            created_by: self.cx.actor.id.clone(),
            modified_at: self.cx.now,
            modified_by: self.cx.actor.id.clone(),
        });
        let meta = Meta {
            id: id.clone(),
            revision: 1,
            created_at: by.created_at,
            created_by: by.created_by,
            modified_at: by.modified_at,
            modified_by: by.modified_by,
        };
        let stored = Stored { meta, doc };
        let row = Arc::new(raw(&stored)?);
        self.put(id, R::TABLE, None, After::Row(Arc::clone(&row), derived));
        self.followed(None, &row, stored).await
    }

    /// The next number of a series. It is kept if this attempt of the operation has to be repeated.
    pub async fn number(&mut self, series: impl Into<Series>) -> Result<u64> {
        let series = series.into();
        let spare = self.spare.iter().position(|(spare, _)| *spare == series);
        let number = if let Some(at) = spare {
            self.spare.remove(at).1
        } else {
            let org = self.cx.org.org.clone();
            let inner = Arc::clone(&self.inner);
            inner.store.next_number(self.snapshot()?, &org, &series).await?
        };
        self.numbers.push((series, number));
        Ok(number)
    }

    /// Changes an object. If the document is the same as before, nothing happens.
    pub async fn update<R: Resource>(&mut self, old: Stored<R>, doc: R) -> Result<Stored<R>> {
        self.update_as(old, doc, None).await
    }

    /// Changes an object on behalf of another author, at another time.
    pub async fn update_as<R: Resource>(
        &mut self,
        old: Stored<R>,
        doc: R,
        modified: Option<(Timestamp, Id)>,
    ) -> Result<Stored<R>> {
        self.is_current(&old)?;
        if old.doc == doc {
            return Ok(old);
        }
        let known = self.is_unsettled(old.id()).then(|| Derived::of(&old.doc));
        let (row_before, before, old_derived) = self.before(old)?;
        let id = before.id().clone();
        // The caller did not name what a cascade leads to.
        let known = known.as_ref().unwrap_or(&old_derived);
        let (doc, derived) = Box::pin(self.checked(Some((&id, known)), doc)).await?;
        let (modified_at, modified_by) =
            modified.unwrap_or_else(|| (self.cx.now, self.cx.actor.id.clone()));
        let mut meta = before.meta.clone();
        (meta.modified_at, meta.modified_by) = (modified_at, modified_by);
        let mut stored = Stored { meta, doc };
        match self.pending.get(&id).map(|pending| &pending.before) {
            // The changes of one transaction count as one, and as none if they cancel out.
            Some(Some((first, _))) => match first.read::<R>()? {
                first if first.doc == stored.doc => stored = first,
                first => stored.meta.revision = first.meta.revision + 1,
            },
            Some(None) => {}
            None => stored.meta.revision += 1,
        }
        let row = Arc::new(raw(&stored)?);
        let after = After::Row(Arc::clone(&row), derived);
        self.put(id, R::TABLE, Some((row_before, old_derived)), after);
        self.followed(Some(before), &row, stored).await
    }

    /// Keeps the answer from being stored: it is not replayed for its idempotency key.
    pub fn keep_secret(&mut self) {
        self.is_secret = true;
    }

    /// Deletes an object. Objects that refer to it keep showing its last summary.
    pub async fn delete<R: Resource>(&mut self, stored: Stored<R>) -> Result<()> {
        self.is_current(&stored)?;
        let id = stored.id().clone();
        let x = self.expand(vec![id.clone()]).await?;
        let summary = x.embed::<()>(&id).map(|summary| summary.rendered().get().to_owned());
        let summary = summary.ok_or_else(|| Error::internal("an object without a summary"))?;
        let (row, before, derived) = self.before(stored)?;
        self.put(id.clone(), R::TABLE, Some((row, derived)), After::Deleted { summary });
        let change = AnyChange { before: Some(Arc::new(before)), after: None };
        self.follow(id.kind(), &change).await
    }

    /// The row of an object as it was read.
    pub(crate) fn raw_before<R: Resource>(&self, old: &Stored<R>) -> Result<Arc<RawRow>> {
        match self.read.get(old.id()) {
            Some(row) if row.meta.revision == old.meta.revision => Ok(Arc::clone(row)),
            _ => raw(old).map(Arc::new),
        }
    }

    /// Refuses a stale copy of an object that this transaction has already changed: a change of it
    /// would lose the first one.
    fn is_current<R: Resource>(&self, stored: &Stored<R>) -> Result<()> {
        let is_current = match self.pending.get(stored.id()).map(|pending| &pending.after) {
            None => true,
            Some(After::Row(row, _)) => row.read::<R>()? == *stored,
            Some(After::Deleted { .. }) => false,
        };
        let outdated = || format!("{} is changed through an outdated copy", stored.id());
        if is_current { Ok(()) } else { Err(Error::Internal(outdated())) }
    }

    /// Records what becomes of an object; `before` counts only for its first change.
    pub(crate) fn put(
        &mut self,
        id: Id,
        table: &'static Table,
        before: Option<(Arc<RawRow>, Derived)>,
        after: After,
    ) {
        let known = self.pending.get(&id);
        let had = match known.map(|pending| &pending.after) {
            Some(After::Row(_, derived)) => Some(derived),
            Some(After::Deleted { .. }) => None,
            None => before.as_ref().map(|(_, derived)| derived),
        };
        for (space, _, name) in had.into_iter().flat_map(|derived| &derived.names) {
            self.names.entry(space).or_default().insert(name.clone(), None);
        }
        if let After::Row(_, derived) = &after {
            for (space, _, name) in &derived.names {
                let names = self.names.entry(space).or_default();
                names.insert(name.clone(), Some(id.clone()));
            }
        }
        match self.pending.get_mut(&id) {
            Some(pending) => pending.after = after,
            None => drop(self.pending.insert(id, Pending { table, before, after })),
        }
    }

    /// The summary of an object that this transaction deletes.
    pub(crate) fn deleted_summary(&self, id: &Id) -> Option<&str> {
        match self.pending.get(id).map(|pending| &pending.after) {
            Some(After::Deleted { summary }) => Some(summary),
            _ => None,
        }
    }
}
