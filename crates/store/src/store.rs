//! The store: where transactions begin and batches end.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use worksmith_kernel::{Error, OpCtx, RawRow, Registry, Resource, Result, Stored, Table, Value};
use worksmith_wire::{Id, Kind, Numbering};

use crate::batch::{Batch, Memory};
use crate::cache::{Cache, Moment, Tables};
use crate::dialect::Dialect;
use crate::plan::Costs;
use crate::sqlite::{Progress, Sqlite, SqliteError, SqliteSnapshot};
use crate::tx::Tx;

/// What a table without numbers is taken to have.
const ROWS_UNKNOWN: u64 = 100_000;

/// A database, and what it keeps in memory.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    backend: Backend,
    pub(crate) registry: Registry,
    pub(crate) cache: Arc<Cache>,
    pub(crate) costs: Costs,
    counters: Mutex<HashMap<(String, Kind), Arc<AtomicU64>>>,
    /// Those who lost a race run again one at a time, so that each of them gets on.
    pub(crate) second_try: tokio::sync::Mutex<()>,
}

enum Backend {
    Sqlite(Arc<Sqlite>),
}

impl Store {
    /// Opens the database of a data dir, and makes it if it is not there.
    ///
    /// A database of an older layout is rebuilt first, of which `progress` hears.
    pub fn open_sqlite(
        dir: &Path,
        registry: Registry,
        progress: Progress<'_>,
    ) -> Result<Self, SqliteError> {
        let cache = Arc::new(Cache::new(&registry));
        let backend =
            Backend::Sqlite(Arc::new(Sqlite::open(dir, &registry, Arc::clone(&cache), progress)?));
        let (counters, second_try) = (Mutex::default(), tokio::sync::Mutex::default());
        let costs = Costs::default();
        let inner = Inner { backend, registry, cache, costs, counters, second_try };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Derives everything anew that is derived from documents, on a database that nobody uses.
    /// What is wrong with it, as `worksmith check` tells, is right afterwards, as far as the
    /// documents can be read.
    pub fn rebuild_sqlite(
        dir: &Path,
        registry: &Registry,
        progress: Progress<'_>,
    ) -> Result<(), SqliteError> {
        Sqlite::rebuild(dir, registry, progress)
    }

    /// Reckons with other costs of finding a page; before the store is cloned.
    #[must_use]
    pub fn with_costs(mut self, costs: Costs) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.costs = costs;
        }
        self
    }

    /// Opens a transaction. There is no other way to the data of an org.
    pub fn begin(&self, cx: &OpCtx) -> Tx {
        Tx::new(Arc::clone(&self.inner), cx.clone())
    }

    /// What [`Store::remember`] was given for a key, as long as nothing that it was read from has
    /// changed.
    pub fn recall<T: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<T>> {
        self.inner.cache.fact(key, Tables::default())
    }

    /// Keeps what was read after `moment` from the tables of `kinds`, and from nothing else.
    pub fn remember<T: Send + Sync + 'static>(
        &self,
        key: &str,
        fact: Arc<T>,
        kinds: &[Kind],
        moment: Moment,
    ) {
        self.inner.cache.put_fact(key, fact, kinds, moment);
    }

    /// The present moment.
    pub fn moment(&self) -> Moment {
        self.inner.cache.changes.now()
    }

    /// Finds the object that has a name in whichever org: how a token leads to its org.
    pub async fn locate(&self, space: &str, name: &str) -> Result<Option<(String, Id)>> {
        self.inner.snapshot()?.find_name(None, space, name).await
    }

    /// Reads one object of a named org before there is a context: for authentication.
    pub async fn peek<R: Resource>(&self, org: &str, id: &Id) -> Result<Option<Stored<R>>> {
        let row = self.inner.snapshot()?.get(R::TABLE, org, id).await?;
        row.map(|row| row.read::<R>()).transpose()
    }

    /// Whether the database answers, and takes writes.
    pub async fn is_ready(&self) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) if sqlite.writer.is_alive() => {}
            Backend::Sqlite(_) => return Err(Error::unavailable("the writer has stopped")),
        }
        self.inner.snapshot()?.counter("", Kind::DevOrg).await.map(|_| ())
    }
}

impl Inner {
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.snapshot().map(Snapshot::Sqlite),
        }
    }

    pub(crate) async fn apply(&self, batch: Batch) -> Result<()> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.apply(batch).await,
        }
    }

    /// The next number of a kind. It is the transaction's to keep: numbers are never reused, and
    /// those of transactions that fail leave gaps.
    pub(crate) async fn next_number(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        kind: Kind,
    ) -> Result<u64> {
        let counter = self.counter(snapshot, org, kind).await?;
        Ok(counter.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// About how many rows a table has in an org, which is not counted anywhere: as many numbers
    /// as were given out.
    pub(crate) async fn rows_about(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        table: &Table,
    ) -> Result<u64> {
        let mut rows = 0;
        for kind in table.kinds {
            rows += match kind.facts().numbering {
                Numbering::Sequence => {
                    self.counter(snapshot, org, *kind).await?.load(Ordering::Relaxed)
                }
                _ => ROWS_UNKNOWN,
            };
        }
        Ok(rows)
    }

    /// Sees to it that a number which a caller took is not given out.
    pub(crate) async fn skip_number(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        kind: Kind,
        number: u64,
    ) -> Result<()> {
        let counter = self.counter(snapshot, org, kind).await?;
        counter.fetch_max(number, Ordering::Relaxed);
        Ok(())
    }

    async fn counter(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        kind: Kind,
    ) -> Result<Arc<AtomicU64>> {
        let key = (org.to_owned(), kind);
        let known = {
            let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            counters.get(&key).map(Arc::clone)
        };
        if let Some(counter) = known {
            return Ok(counter);
        }
        let last = snapshot.counter(org, kind).await?;
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(counters.entry(key).or_insert_with(|| Arc::new(AtomicU64::new(last)))))
    }
}

/// One state of the database.
pub(crate) enum Snapshot {
    Sqlite(SqliteSnapshot),
}

/// The embedded database answers on the spot; these are async for the backends that do not.
#[expect(clippy::unused_async, reason = "a backend across a network answers later")]
impl Snapshot {
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    pub(crate) async fn get(
        &mut self,
        table: &Table,
        org: &str,
        id: &Id,
    ) -> Result<Option<RawRow>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.get(table, org, id),
        }
    }

    pub(crate) async fn get_many(
        &mut self,
        table: &Table,
        org: &str,
        ids: &[&Id],
    ) -> Result<Vec<RawRow>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.get_many(table, org, ids),
        }
    }

    pub(crate) async fn refs_to(&mut self, org: &str, id: &Id) -> Result<Vec<(String, Id)>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.refs_to(org, id),
        }
    }

    pub(crate) async fn find_name(
        &mut self,
        org: Option<&str>,
        space: &str,
        name: &str,
    ) -> Result<Option<(String, Id)>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.find_name(org, space, name),
        }
    }

    pub(crate) async fn tombstone(&mut self, org: &str, id: &Id) -> Result<Option<String>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.tombstone(org, id),
        }
    }

    pub(crate) async fn counter(&mut self, org: &str, kind: Kind) -> Result<u64> {
        match self {
            Self::Sqlite(snapshot) => snapshot.counter(org, kind),
        }
    }

    /// The rows of a statement of the store's own, whose parameters are `$1`, `$2`, .. in order.
    pub(crate) async fn ask(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.ask(sql, values),
        }
    }

    /// The same, or `None` when the statement has looked at about so many entries of an index
    /// before it was done.
    pub(crate) async fn ask_within(
        &mut self,
        sql: &str,
        values: &[Value],
        entries: u64,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.ask_within(sql, values, entries),
        }
    }

    /// What the database finds wrong with its own file.
    pub(crate) async fn integrity(&mut self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.integrity(),
        }
    }

    pub(crate) async fn memory(
        &mut self,
        org: &str,
        actor: &Id,
        key: &str,
    ) -> Result<Option<Memory>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.memory(org, actor, key),
        }
    }
}
