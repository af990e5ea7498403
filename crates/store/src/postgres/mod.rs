//! The backend for more than one server: PostgreSQL, or an engine that speaks its protocol. It
//! contains only connections, the binding of values, the classes of faults, and what follows from
//! there being several servers. It shares its statements with SQLite.

mod address;
mod bulk;
mod facts;
mod follow;
mod layout;
mod reader;
mod rebuild;
mod search;
mod session;
mod target;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{PoolError, Timeouts};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error as Fault, Row};
use worksmith_kernel::{Error, Registry, Result, Value};
use worksmith_wire::Series;

use self::address::Address;
pub(crate) use self::address::hidden;
use self::follow::Follower;
pub(crate) use self::reader::PostgresSnapshot;
use self::reader::number;
use self::session::{Manager, Pool, Pooled, Purpose, take, values};
pub(crate) use self::target::PostgresTarget;
use self::writer::Waiting;
use crate::layout::Upgrades;
use crate::rows::Rows;

/// Why a PostgreSQL database can't be used. Each reason ends the start with its sentence.
#[derive(Debug)]
pub enum PostgresError {
    /// The URL can't be parsed: the URL without its password, and why.
    Address(String, String),
    /// A newer version of this program created it; the number is its layout.
    Newer(i64),
    /// A move into it is not finished.
    Unfinished,
    /// Anything else, such as a server that can't be reached.
    Database(String),
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(url, cause) => write!(
                f,
                "the database {url} can't be read as a URL ({cause}); write it as in \
                 postgres://user@host:5432/database"
            ),
            Self::Newer(version) => write!(
                f,
                "the database was made by a newer worksmith (layout {version}, this one knows \
                 {}); run that version",
                layout::VERSION
            ),
            Self::Unfinished => write!(f, "the database {}", crate::layout::UNFINISHED_SAID),
            Self::Database(cause) => write!(f, "the database can't be used: {cause}"),
        }
    }
}

impl std::error::Error for PostgresError {}

impl From<Fault> for PostgresError {
    fn from(cause: Fault) -> Self {
        Self::Database(describe(&cause))
    }
}

/// How many connections read, by default.
pub const CONNECTIONS: usize = 16;
/// How many connections write: one for each org that is being written to.
const WRITERS: usize = 4;
/// How many connections serve everything else: following, and giving out numbers.
const OTHERS: usize = 4;
/// How many connections are tried for a statement that can be repeated. All connections of the pool
/// may have been cut at once, without anybody having noticed yet.
const CONNECTIONS_MAX: usize = 20;
/// How long a call waits for a connection.
const WAIT: Duration = Duration::from_secs(5);

/// A database that other servers may use, too.
pub(crate) struct Postgres {
    readers: Pool,
    writers: Pool,
    others: Pool,
    waiting: Waiting,
    follower: Follower,
}

impl Postgres {
    pub(crate) async fn open(
        url: &str,
        connections: usize,
        registry: &Registry,
        rows: Arc<Rows>,
        progress: Upgrades<'_>,
    ) -> Result<Self, PostgresError> {
        let address = Address::parse(url)?;
        let pool = |size, purpose| pool(&address, size, purpose);
        let readers = pool(connections, Purpose::Durable)?;
        let writers = pool(WRITERS, Purpose::Durable)?;
        let others = pool(OTHERS, Purpose::Numbers)?;
        let session = opened(&address, &writers).await?;
        layout::migrate(&session, &writers, registry, progress).await?;
        drop(session);
        let follower = Follower::start(others.clone(), rows);
        Ok(Self { readers, writers, others, waiting: Waiting::default(), follower })
    }

    /// Derives everything again.
    pub(crate) async fn rebuild(
        url: &str,
        registry: &Registry,
        progress: Upgrades<'_>,
    ) -> Result<(), PostgresError> {
        let address = Address::parse(url)?;
        let pool = pool(&address, 1, Purpose::Durable)?;
        let session = opened(&address, &pool).await?;
        layout::derive_all(&session, registry, progress).await
    }

    /// A snapshot of the state at its first statement.
    pub(crate) fn snapshot(&self) -> PostgresSnapshot {
        PostgresSnapshot::new(self.readers.clone())
    }

    /// Returns once everything that any server wrote to the org before this call is noted.
    pub(crate) async fn catch_up(&self, org: &str) -> Result<()> {
        self.follower.catch_up(org).await
    }

    /// Gives out a number that is never given out again. It need not be on the disk before what is
    /// written with it, so nobody waits for that.
    pub(crate) async fn next_number(&self, org: &str, series: &Series) -> Result<u64> {
        let sql = "INSERT INTO counters (org, kind, value) VALUES ($1, $2, 1)
                   ON CONFLICT (org, kind) DO UPDATE SET value = counters.value + 1
                   RETURNING value";
        let rows = ask(&self.others, sql, &[org.into(), series.to_string().into()]).await?;
        number(rows.first().ok_or_else(|| Error::internal("no number"))?, 0)
    }

    /// Makes sure that a number is not given out.
    pub(crate) async fn skip_number(&self, org: &str, series: &Series, number: u64) -> Result<()> {
        let sql = "INSERT INTO counters (org, kind, value) VALUES ($1, $2, $3)
                   ON CONFLICT (org, kind) DO UPDATE SET value = excluded.value
                   WHERE counters.value < excluded.value";
        let asked = [org.into(), series.to_string().into(), number.into()];
        ask(&self.others, sql, &asked).await.map(drop)
    }

    /// Runs a statement in a transaction of its own, and returns the rows that it changes. The
    /// statement must tolerate being run twice, since it is repeated when a connection is lost.
    pub(crate) async fn change(&self, sql: &str, asked: &[Value]) -> Result<Vec<Vec<Value>>> {
        values(&ask(&self.writers, sql, asked).await?)
    }
}

/// The rows of a statement outside of any transaction. If the connection was lost, it is asked
/// again on another one.
async fn ask(pool: &Pool, sql: &str, asked: &[Value]) -> Result<Vec<Row>> {
    for _ in 1..CONNECTIONS_MAX {
        match take(pool).await?.ask(sql, asked).await {
            Err(cause) if is_lost(&cause) => {}
            answer => return answer.map_err(|cause| failed(&cause)),
        }
    }
    let answer = take(pool).await?.ask(sql, asked).await;
    answer.map_err(|cause| failed(&cause))
}

/// The first connection, which shows what is wrong with the address.
async fn opened(address: &Address, pool: &Pool) -> Result<Pooled, PostgresError> {
    let at = |cause: String| PostgresError::Database(format!("{} {cause}", address.shown));
    pool.get().await.map_err(|cause| match cause {
        PoolError::Backend(cause) => at(describe(&cause)),
        other => at(other.to_string()),
    })
}

fn pool(address: &Address, size: usize, purpose: Purpose) -> Result<Pool, PostgresError> {
    let timeouts = Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
    Pool::builder(Manager(address.clone(), purpose))
        .max_size(size)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|cause| PostgresError::Database(cause.to_string()))
}

/// The message of the driver or the database.
fn describe(cause: &Fault) -> String {
    match cause.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => match std::error::Error::source(cause) {
            Some(source) => format!("{cause}: {source}"),
            None => cause.to_string(),
        },
    }
}

/// Whether the connection is gone, or the server is about to be.
fn is_lost(cause: &Fault) -> bool {
    match cause.code() {
        None => cause.is_closed() || std::error::Error::source(cause).is_some(),
        Some(code) => {
            code.code().starts_with("08")
                || matches!(
                    *code,
                    SqlState::ADMIN_SHUTDOWN
                        | SqlState::CRASH_SHUTDOWN
                        | SqlState::CANNOT_CONNECT_NOW
                        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
                )
        }
    }
}

/// Whether another transaction was in the way, so that a later attempt may succeed.
fn is_conflict(cause: &Fault) -> bool {
    cause.code().is_some_and(|code| {
        matches!(*code, SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)
    })
}

/// A fault of the database is temporary or internal, never the client's mistake.
fn failed(cause: &Fault) -> Error {
    if is_lost(cause) || is_conflict(cause) {
        return Error::unavailable(describe(cause));
    }
    let Some(code) = cause.code() else { return Error::internal(describe(cause)) };
    // Only names, ids and idempotency keys are unique: another call was faster.
    if *code == SqlState::UNIQUE_VIOLATION {
        return Error::Stale;
    }
    // No connection left, a full disk, a standby, a timeout: classes of the SQL standard.
    let passing = ["53", "57", "58", "25006", "55P03", "28"];
    if passing.iter().any(|class| code.code().starts_with(class)) {
        return Error::unavailable(describe(cause));
    }
    Error::internal(describe(cause))
}
