//! The store: where transactions begin and batches end.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use worksmith_kernel::{Error, Family, Name, OpCtx, Resource, Result, Stored, Table, Value};
use worksmith_wire::{Id, Kind, Numbering, Series};

use crate::batch::Batch;
use crate::cache::{Cache, Moment, Tally, sources};
use crate::cascades;
use crate::dialect::Dialect;
use crate::plan::Costs;
use crate::postgres::{Postgres, PostgresError};
use crate::snapshot::Snapshot;
use crate::sqlite::{Progress, Sqlite, SqliteError};
use crate::tx::Tx;

/// The assumed number of rows of a table without numbers.
const ROWS_UNKNOWN: u64 = 100_000;

/// After this many commits, the approximate number of rows is read again.
const COUNT_HOLDS: u64 = 500;

/// Every kind of object, and what follows from its changes.
pub type Registry = worksmith_kernel::Registry<Tx>;

/// A database, and what is kept in memory of it.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    backend: Backend,
    pub(crate) registry: Registry,
    pub(crate) cache: Arc<Cache>,
    pub(crate) costs: Costs,
    /// The last number given out of each series, if nobody else gives them out.
    counters: Mutex<HashMap<(String, Series), Arc<AtomicU64>>>,
    /// Roughly how many rows each kind has, if others give out numbers, too.
    counts: Mutex<HashMap<(String, Series), Count>>,
    /// Calls that lost a race run again one at a time, so that each of them succeeds.
    pub(crate) second_try: tokio::sync::Mutex<()>,
}

enum Backend {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

/// Roughly how many rows a kind has, and when that was read.
type Count = (u64, Moment);

impl Store {
    /// Opens the database of a data dir, and creates it if needed.
    ///
    /// A database of an older version is brought up to date first; `progress` is told of that.
    pub fn open_sqlite(
        dir: &Path,
        registry: Registry,
        progress: Progress<'_>,
    ) -> Result<Self, SqliteError> {
        let cache = Arc::new(Cache::new(&registry));
        let sqlite = Sqlite::open(dir, &registry, Arc::clone(&cache), progress)?;
        Ok(Self::of(Backend::Sqlite(Arc::new(sqlite)), registry, cache))
    }

    /// Opens a PostgreSQL database by its URL, and creates its tables if needed. Other servers may
    /// use it at the same time. Reading takes up to `connections` connections. A database of an
    /// older version is brought up to date first; `progress` is told of that.
    pub async fn open_postgres(
        url: &str,
        connections: usize,
        registry: Registry,
        progress: Progress<'_>,
    ) -> Result<Self, PostgresError> {
        let cache = Arc::new(Cache::new(&registry));
        let opened = Postgres::open(url, connections, &registry, Arc::clone(&cache), progress);
        let postgres = opened.await?;
        Ok(Self::of(Backend::Postgres(Arc::new(postgres)), registry, cache))
    }

    fn of(backend: Backend, registry: Registry, cache: Arc<Cache>) -> Self {
        let (counters, counts) = (Mutex::default(), Mutex::default());
        let (costs, second_try) = (Costs::default(), tokio::sync::Mutex::default());
        let inner = Inner { backend, registry, cache, costs, counters, counts, second_try };
        Self { inner: Arc::new(inner) }
    }

    /// Derives everything again that is derived from documents, in a database that nobody uses.
    /// Afterwards the faults that `worksmith check` reports are repaired, as far as the documents
    /// can be read.
    pub fn rebuild_sqlite(
        dir: &Path,
        registry: &Registry,
        progress: Progress<'_>,
    ) -> Result<(), SqliteError> {
        Sqlite::rebuild(dir, registry, progress)
    }

    /// The same for a PostgreSQL database. Servers that use it wait meanwhile.
    pub async fn rebuild_postgres(
        url: &str,
        registry: &Registry,
        progress: Progress<'_>,
    ) -> Result<(), PostgresError> {
        Postgres::rebuild(url, registry, progress).await
    }

    /// Sets the assumed costs of finding a page. Call this before the store is cloned.
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

    /// What [`Store::remember`] was given for a key, unless something that it was read from has
    /// changed.
    pub fn recall<T: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<T>> {
        self.inner.cache.fact(key, &[])
    }

    /// Keeps what was read after `moment` from these objects of an org, and from nothing else.
    pub fn remember<T: Send + Sync + 'static>(
        &self,
        key: &str,
        fact: Arc<T>,
        (org, ids): (&str, &[&Id]),
        moment: Moment,
    ) {
        let changes = &self.inner.cache.changes;
        let read = sources(ids.iter().map(|id| changes.row(org, id)));
        self.inner.cache.put_fact(key, fact, read, moment);
    }

    /// How often objects and summaries were looked up in the cache, and how often they were found:
    /// the name of each, and the two numbers.
    pub fn cache_use(&self) -> [(&'static str, u64, u64); 2] {
        let cache = &self.inner.cache;
        let of = |tally: &Tally| {
            (tally.asked.load(Ordering::Relaxed), tally.held.load(Ordering::Relaxed))
        };
        let (objects, summaries) = (of(&cache.objects_tally), of(&cache.summaries_tally));
        [("objects", objects.0, objects.1), ("summaries", summaries.0, summaries.1)]
    }

    /// The present moment.
    pub fn moment(&self) -> Moment {
        self.inner.cache.changes.now()
    }

    /// Finds the object that has a name in any org: how a token leads to its org.
    pub async fn locate<R>(&self, names: Name<R>, name: &str) -> Result<Option<(String, Id)>> {
        self.inner.snapshot()?.find_name(None, names.space(), name).await
    }

    /// The orgs that have names of a kind: where the server's own workers have work to do.
    pub async fn orgs<R>(&self, names: Name<R>) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT org FROM names WHERE space = $1";
        self.orgs_of(sql, &[names.space().into()]).await
    }

    /// The orgs that a statement returns.
    pub(crate) async fn orgs_of(&self, sql: &str, values: &[Value]) -> Result<Vec<String>> {
        let rows = self.inner.snapshot()?.ask(sql, values).await?;
        let org = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(org)) => Ok(org),
            _ => Err(Error::internal("an org can't be read")),
        };
        rows.into_iter().map(org).collect()
    }

    /// Reads one object of a given org before there is a context: for authentication.
    pub async fn peek<R: Resource>(&self, org: &str, id: &Id) -> Result<Option<Stored<R>>> {
        let at = self.moment();
        let mut snapshot = self.inner.snapshot()?;
        let Some(row) = snapshot.get(R::TABLE, org, id).await? else { return Ok(None) };
        let cascades = self.inner.cascades(&mut snapshot, org, at).await?;
        let settled = cascades::settled(&Family::of::<R>(), &cascades, &row)?;
        settled.unwrap_or(row).read::<R>().map(Some)
    }

    /// Returns once everything that any server wrote to an org before is known here. Each call
    /// begins with this, since others may write to the database, too.
    pub async fn catch_up(&self, org: &str) -> Result<()> {
        match &self.inner.backend {
            // Nobody else writes to it.
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(postgres) => Box::pin(postgres.catch_up(org)).await,
        }
    }

    /// Whether other servers may use the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.backend, Backend::Postgres(_))
    }

    /// The database of a data dir, if it is that.
    pub(crate) fn sqlite(&self) -> Option<&Sqlite> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => Some(sqlite),
            Backend::Postgres(_) => None,
        }
    }

    /// Whether the database answers and accepts writes.
    pub async fn is_ready(&self) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) if !sqlite.writer.is_alive() => {
                return Err(Error::unavailable("the writer has stopped"));
            }
            Backend::Sqlite(_) | Backend::Postgres(_) => {}
        }
        self.inner.snapshot()?.counter("", &Kind::DevOrg.into()).await.map(|_| ())
    }
}

impl Inner {
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.snapshot().map(Snapshot::Sqlite),
            Backend::Postgres(postgres) => Ok(Snapshot::Postgres(postgres.snapshot())),
        }
    }

    pub(crate) async fn apply(&self, batch: Batch) -> Result<()> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.apply(batch).await,
            Backend::Postgres(postgres) => Box::pin(postgres.apply(batch)).await,
        }
    }

    /// Runs a statement in a transaction of its own, and returns the rows that it changes. It is
    /// for what belongs to no object: no event records such a change.
    pub(crate) async fn change(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.change(sql, values).await,
            Backend::Postgres(postgres) => Box::pin(postgres.change(sql, values)).await,
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match &self.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether rows that were read are kept in memory.
    pub(crate) const fn keeps_rows(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Whether numbers reach the disk only with what is written with them.
    pub(crate) const fn numbers_come_with_batches(&self) -> bool {
        matches!(self.backend, Backend::Sqlite(_))
    }

    /// The next number of a series. It belongs to the transaction: numbers are never reused, and
    /// those of transactions that fail leave gaps.
    pub(crate) async fn next_number(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        series: &Series,
    ) -> Result<u64> {
        if let Backend::Postgres(postgres) = &self.backend {
            return Box::pin(postgres.next_number(org, series)).await;
        }
        let counter = self.counter(snapshot, org, series).await?;
        Ok(counter.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Roughly how many rows a table has in an org. It is not counted, but taken from how many
    /// numbers were given out.
    pub(crate) async fn rows_about(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        table: &Table,
    ) -> Result<u64> {
        let mut rows = 0;
        for kind in table.kinds {
            rows += match kind.facts().numbering {
                Numbering::Sequence => self.numbers_about(snapshot, org, &(*kind).into()).await?,
                _ => ROWS_UNKNOWN,
            };
        }
        Ok(rows)
    }

    /// Makes sure that a number which a caller chose is not given out.
    pub(crate) async fn skip_number(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        series: &Series,
        number: u64,
    ) -> Result<()> {
        if let Backend::Postgres(postgres) = &self.backend {
            return Box::pin(postgres.skip_number(org, series, number)).await;
        }
        let counter = self.counter(snapshot, org, series).await?;
        counter.fetch_max(number, Ordering::Relaxed);
        Ok(())
    }

    /// Roughly how many numbers of a series were given out.
    async fn numbers_about(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        series: &Series,
    ) -> Result<u64> {
        if matches!(self.backend, Backend::Sqlite(_)) {
            return Ok(self.counter(snapshot, org, series).await?.load(Ordering::Relaxed));
        }
        let (key, now) = ((org.to_owned(), series.clone()), self.cache.changes.now());
        let known = {
            let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.get(&key).copied()
        };
        if let Some((count, _)) = known.filter(|(_, at)| now.since(*at) < COUNT_HOLDS) {
            return Ok(count);
        }
        let count = snapshot.counter(org, series).await?;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.insert(key, (count, now));
        Ok(count)
    }

    async fn counter(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        series: &Series,
    ) -> Result<Arc<AtomicU64>> {
        let key = (org.to_owned(), series.clone());
        let known = {
            let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            counters.get(&key).map(Arc::clone)
        };
        if let Some(counter) = known {
            return Ok(counter);
        }
        let last = snapshot.counter(org, series).await?;
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(counters.entry(key).or_insert_with(|| Arc::new(AtomicU64::new(last)))))
    }
}
