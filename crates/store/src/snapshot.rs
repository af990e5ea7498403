//! Reading one state of the database, of either kind. Slow paths are boxed, so that the futures of
//! operations stay small.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;
use worksmith_kernel::{RawRow, Result, Table, Value};
use worksmith_wire::{Id, Series};

use crate::batch::Memory;
use crate::dialect::Dialect;
use crate::postgres::PostgresSnapshot;
use crate::select::Sql;
use crate::sqlite::SqliteSnapshot;

/// Reading more rows than this takes longer than other calls should wait.
const MANY: u64 = 1_000;

/// One state of the database.
pub(crate) enum Snapshot {
    Sqlite(SqliteSnapshot),
    Postgres(PostgresSnapshot),
}

impl Snapshot {
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
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
            Self::Postgres(snapshot) => Box::pin(snapshot.get(table, org, id)).await,
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
            Self::Postgres(snapshot) => Box::pin(snapshot.get_many(table, org, ids)).await,
        }
    }

    pub(crate) async fn refs_to(&mut self, org: &str, id: &Id) -> Result<Vec<(String, Id)>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.refs_to(org, id),
            Self::Postgres(snapshot) => Box::pin(snapshot.refs_to(org, id)).await,
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
            Self::Postgres(snapshot) => Box::pin(snapshot.find_name(org, space, name)).await,
        }
    }

    pub(crate) async fn tombstone(&mut self, org: &str, id: &Id) -> Result<Option<String>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.tombstone(org, id),
            Self::Postgres(snapshot) => Box::pin(snapshot.tombstone(org, id)).await,
        }
    }

    pub(crate) async fn counter(&mut self, org: &str, series: &Series) -> Result<u64> {
        match self {
            Self::Sqlite(snapshot) => snapshot.counter(org, series),
            Self::Postgres(snapshot) => Box::pin(snapshot.counter(org, series)).await,
        }
    }

    /// Fixes the state as it is now, and allows reading all of it to take any length of time.
    pub(crate) async fn hold(&mut self) -> Result<()> {
        // The first statement decides which state is read.
        let sql = match self {
            Self::Sqlite(_) => "SELECT count(*) FROM counters",
            Self::Postgres(_) => {
                "SELECT set_config('statement_timeout', '0', true),
                 set_config('idle_in_transaction_session_timeout', '0', true)"
            }
        };
        self.ask(sql, &[]).await.map(drop)
    }

    /// The rows of one of the store's own statements, whose parameters are `$1`, `$2`, .. in order.
    pub(crate) async fn ask(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.ask(sql, values),
            Self::Postgres(snapshot) => Box::pin(snapshot.ask(sql, values)).await,
        }
    }

    /// The same for a statement that reads about this many rows. If they are many, other calls go
    /// on meanwhile, although SQLite runs it on the calling thread.
    pub(crate) async fn ask_among(&mut self, sql: &Sql, rows: u64) -> Result<Vec<Vec<Value>>> {
        match self {
            Self::Sqlite(snapshot) if rows > MANY => aside(|| snapshot.ask(&sql.text, &sql.values)),
            _ => self.ask(&sql.text, &sql.values).await,
        }
    }

    /// The same, or `None` if the statement has read about `entries` entries of an index before it
    /// was done.
    pub(crate) async fn ask_within(
        &mut self,
        sql: &str,
        values: &[Value],
        entries: u64,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.ask_within(sql, values, entries),
            // There, the statement itself contains the budget.
            Self::Postgres(snapshot) => Box::pin(snapshot.ask(sql, values)).await.map(Some),
        }
    }

    /// What the database finds wrong with its own file.
    pub(crate) fn integrity(&mut self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(snapshot) => snapshot.integrity(),
            // It has no such check that every user may run.
            Self::Postgres(_) => Ok(Vec::new()),
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
            Self::Postgres(snapshot) => Box::pin(snapshot.memory(org, actor, key)).await,
        }
    }
}

/// Runs slow work where it does not hold up the other tasks of this thread, if there are other
/// threads.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(work),
        _ => work(),
    }
}
