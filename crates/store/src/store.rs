//! The store: reads states of the database, and applies batches to it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use worksmith_kernel::erased::{Counted, Group, Query};
use worksmith_kernel::{Error, Name, RawRow, Registry, Result, Table, Value};
use worksmith_wire::{Id, Kind, Numbering, Series};

use crate::batch::Batch;
use crate::changes::Changes;
use crate::entries::{Indexing, Standing, Writing};
use crate::layout::{Dialect, Upgrades};
use crate::list::{Costs, Hit, PageQuery, PageSelect};
use crate::moment::Moment;
use crate::postgres::{Postgres, PostgresError};
use crate::rows::Rows;
use crate::snapshot::{Snapshot, aside};
use crate::sqlite::{Sqlite, SqliteError};

/// The assumed number of rows of a table without numbers.
const ROWS_UNKNOWN: u64 = 100_000;

/// After this many commits, the approximate number of rows is read again.
const COUNT_HOLDS: u64 = 500;

/// A database, and what is kept in memory of it.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    backend: Backend,
    pub(crate) registry: Registry,
    pub(crate) changes: Arc<Changes>,
    rows: Arc<Rows>,
    costs: Costs,
    /// The last number given out of each series, if nobody else gives them out.
    counters: Mutex<HashMap<(String, Series), Arc<AtomicU64>>>,
    /// Roughly how many rows each kind has, if others give out numbers, too.
    counts: Mutex<HashMap<(String, Series), Count>>,
    pub(crate) indexing: Indexing,
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
    /// A database of an older version is brought up to date first, in steps; `progress` is told of
    /// each. A start that is interrupted is continued by the next one.
    pub fn open_sqlite(
        dir: &Path,
        registry: Registry,
        progress: Upgrades<'_>,
    ) -> Result<Self, SqliteError> {
        let rows = Arc::new(Rows::new(Arc::new(Changes::new(&registry))));
        let sqlite = Sqlite::open(dir, &registry, Arc::clone(&rows), progress)?;
        Ok(Self::of(Backend::Sqlite(Arc::new(sqlite)), registry, rows))
    }

    /// Opens a PostgreSQL database by its URL, and creates its tables if needed. Other servers may
    /// use it at the same time. Reading takes up to `connections` connections. A database of an
    /// older version is brought up to date first; `progress` is told of that.
    pub async fn open_postgres(
        url: &str,
        connections: usize,
        registry: Registry,
        progress: Upgrades<'_>,
    ) -> Result<Self, PostgresError> {
        let rows = Arc::new(Rows::new(Arc::new(Changes::new(&registry))));
        let opened = Postgres::open(url, connections, &registry, Arc::clone(&rows), progress);
        let postgres = opened.await?;
        Ok(Self::of(Backend::Postgres(Arc::new(postgres)), registry, rows))
    }

    fn of(backend: Backend, registry: Registry, rows: Arc<Rows>) -> Self {
        let (counters, counts, costs) = (Mutex::default(), Mutex::default(), Costs::default());
        let changes = Arc::clone(&rows.changes);
        let indexing = Indexing::default();
        let inner = Inner { backend, registry, changes, rows, costs, counters, counts, indexing };
        Self { inner: Arc::new(inner) }
    }

    /// Derives everything again that is derived from documents, in a database that nobody uses.
    /// Afterwards the faults that `worksmith check` reports are repaired, as far as the documents
    /// can be read.
    pub fn rebuild_sqlite(
        dir: &Path,
        registry: &Registry,
        progress: Upgrades<'_>,
    ) -> Result<(), SqliteError> {
        Sqlite::rebuild(dir, registry, progress)
    }

    /// The same for a PostgreSQL database. Servers that use it wait meanwhile.
    pub async fn rebuild_postgres(
        url: &str,
        registry: &Registry,
        progress: Upgrades<'_>,
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

    /// Every kind of object.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// When everything last changed.
    pub fn changes(&self) -> &Arc<Changes> {
        &self.inner.changes
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

    /// The orgs that have objects in a table.
    pub async fn orgs_with(&self, table: &Table) -> Result<Vec<String>> {
        self.orgs_of(&format!("SELECT DISTINCT org FROM {}", table.name), &[]).await
    }

    /// All orgs.
    pub async fn all_orgs(&self) -> Result<Vec<String>> {
        self.orgs_of("SELECT DISTINCT org FROM counters", &[]).await
    }

    /// The orgs that a statement returns.
    async fn orgs_of(&self, sql: &str, values: &[Value]) -> Result<Vec<String>> {
        let rows = self.inner.snapshot()?.ask(sql, values).await?;
        let org = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(org)) => Ok(org),
            _ => Err(Error::internal("an org can't be read")),
        };
        rows.into_iter().map(org).collect()
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
            Backend::Sqlite(sqlite) => {
                if let Some(fault) = sqlite.durable.fault() {
                    return Err(Error::unavailable(fault));
                }
            }
            Backend::Postgres(_) => {}
        }
        self.inner.snapshot()?.counter("", &Kind::DevOrg.into()).await.map(|_| ())
    }

    /// The present state of the database.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.inner.snapshot()
    }

    /// Applies a batch, completely or not at all, and returns when it is on the disk.
    pub async fn apply(&self, batch: Batch) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.apply(batch).await,
            Backend::Postgres(postgres) => Box::pin(postgres.apply(batch)).await,
        }
    }

    /// The objects of a page, without their documents.
    pub async fn page(&self, snapshot: &mut Snapshot, page: &PageQuery<'_>) -> Result<Vec<Hit>> {
        let rows = self.rows_about(snapshot, page.org, page.table).await?;
        let select = PageSelect::new(snapshot.dialect(), page);
        snapshot.page(&select, rows, &self.inner.costs).await
    }

    /// How many objects match a query.
    pub async fn count(
        &self,
        snapshot: &mut Snapshot,
        (table, org): (&'static Table, &str),
        query: &Query,
    ) -> Result<u64> {
        let rows = self.rows_about(snapshot, org, table).await?;
        snapshot.count(table, org, query, rows, &self.inner.costs).await
    }

    /// How many objects match a query in each group.
    pub async fn count_by(
        &self,
        snapshot: &mut Snapshot,
        (table, org): (&'static Table, &str),
        query: &Query,
        groups: &[Group],
    ) -> Result<Vec<Counted>> {
        let rows = self.rows_about(snapshot, org, table).await?;
        snapshot.count_by((table, org), (query, groups), rows, &self.inner.costs).await
    }

    /// Returns once everything that was read is on the disk, so that a power cut can't take back
    /// what somebody was told. `read` is the moment at which all of it was read; `None` if that is
    /// now.
    pub async fn until_durable(&self, read: Option<Moment>) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.durable.until(read).await,
            // It shows nothing before it is flushed.
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Whether everything that a snapshot may show is noted in [`Self::changes`].
    pub fn has_noted_all(&self) -> bool {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.durable.is_noted(self.inner.changes.now()),
            // Others may write to it at any moment.
            Backend::Postgres(_) => false,
        }
    }

    /// The row of an object that is kept in memory, unless a change since is known here, and since
    /// when it is so. It may have been changed elsewhere.
    pub fn cached_row(&self, org: &str, id: &Id) -> Option<(Arc<RawRow>, Moment)> {
        self.inner.rows.get(org, id)
    }

    /// Keeps a row that was read from a snapshot which was opened after a moment.
    pub fn cache_row(&self, org: &str, row: Arc<RawRow>, at: Moment) {
        self.inner.rows.put(org, row, at);
    }

    /// Whether numbers reach the disk only with what is written with them.
    pub fn numbers_come_with_batches(&self) -> bool {
        matches!(self.inner.backend, Backend::Sqlite(_))
    }

    /// The next number of a series. It belongs to the transaction: numbers are never reused, and
    /// those of transactions that fail leave gaps.
    pub async fn next_number(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        series: &Series,
    ) -> Result<u64> {
        if let Backend::Postgres(postgres) = &self.inner.backend {
            return Box::pin(postgres.next_number(org, series)).await;
        }
        let counter = self.inner.counter(snapshot, org, series).await?;
        Ok(counter.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Roughly how many rows a table has in an org. It is not counted, but taken from how many
    /// numbers were given out.
    async fn rows_about(&self, snapshot: &mut Snapshot, org: &str, table: &Table) -> Result<u64> {
        let mut rows = 0;
        for kind in table.kinds {
            rows += match kind.facts().numbering {
                Numbering::Sequence | Numbering::OfObject => {
                    self.inner.numbers_about(snapshot, org, &(*kind).into()).await?
                }
                _ => ROWS_UNKNOWN,
            };
        }
        Ok(rows)
    }

    /// Makes sure that a number which a caller chose is not given out.
    pub async fn skip_number(
        &self,
        snapshot: &mut Snapshot,
        org: &str,
        series: &Series,
        number: u64,
    ) -> Result<()> {
        if let Backend::Postgres(postgres) = &self.inner.backend {
            return Box::pin(postgres.skip_number(org, series, number)).await;
        }
        let counter = self.inner.counter(snapshot, org, series).await?;
        counter.fetch_max(number, Ordering::Relaxed);
        Ok(())
    }
}

impl Inner {
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.snapshot().map(Into::into),
            Backend::Postgres(postgres) => Ok(postgres.snapshot().into()),
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

    /// How far the search index of an org is; `None` if there is none.
    pub(crate) async fn search_standing(&self, org: &str) -> Result<Option<Standing>> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.search_standing(org),
            Backend::Postgres(postgres) => Box::pin(postgres.search_standing(org)).await,
        }
    }

    /// Deletes the search index of an org.
    pub(crate) async fn forget_search(&self, org: &str) -> Result<()> {
        match &self.backend {
            Backend::Sqlite(sqlite) => aside(|| sqlite.forget_search(org)),
            Backend::Postgres(postgres) => Box::pin(postgres.forget_search(org)).await,
        }
    }

    /// Writes to the search index of an org; `false` if it was not as far as expected.
    pub(crate) async fn write_search(&self, org: &str, writing: &Writing) -> Result<bool> {
        match &self.backend {
            Backend::Sqlite(sqlite) => aside(|| sqlite.write_search(org, writing)),
            Backend::Postgres(postgres) => Box::pin(postgres.write_search(org, writing)).await,
        }
    }

    /// How many entries the search indexes have, and how many bytes.
    pub(crate) async fn search_size(&self) -> Result<(u64, u64)> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.search_size(),
            Backend::Postgres(postgres) => Box::pin(postgres.search_size()).await,
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match &self.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
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
        let (key, now) = ((org.to_owned(), series.clone()), self.changes.now());
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
