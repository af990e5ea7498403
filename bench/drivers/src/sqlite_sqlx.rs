//! sqlx on SQLite: a task writes on a connection of its own, and a pool reads.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, query, query_scalar};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::Result;
use crate::data::{ACTOR, Job, ORG};
use crate::measure::Store;
use crate::sqlite::{INSERT, JOBS_MAX, SELECT, UPDATE};

/// All statements of a job in one: sqlx hands them to its thread together, and binds the values to
/// the marks in their order. A row is returned if the update found its row.
const JOINED: &str = "SAVEPOINT batch;
    UPDATE works SET rev = ?, modified_at = ?, doc = ? WHERE org = ? AND id = ? AND rev = ?;
    INSERT INTO events (org, at, actor, id, rev, old)
        SELECT ?, ?, ?, ?, ?, ? WHERE changes() = 1 RETURNING seq;
    RELEASE batch";

type Waiting = (Job, oneshot::Sender<Result<()>>);

#[derive(Clone)]
pub(crate) struct Sqlx {
    jobs: UnboundedSender<Waiting>,
    readers: SqlitePool,
}

impl Sqlx {
    /// Opens a database with `readers` connections for reading; `joined` hands over all statements
    /// of a job at once.
    pub(crate) async fn open(path: &Path, readers: u32, joined: bool) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(false)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "MEMORY")
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let (jobs, waiting) = unbounded_channel();
        let writer = options.connect().await?;
        tokio::spawn(write_all(writer, waiting, joined));
        let pool = SqlitePoolOptions::new().max_connections(readers).test_before_acquire(false);
        Ok(Self { jobs, readers: pool.connect_with(options).await? })
    }
}

async fn write_all(
    mut connection: SqliteConnection,
    mut waiting: UnboundedReceiver<Waiting>,
    joined: bool,
) {
    let mut jobs = Vec::new();
    while waiting.recv_many(&mut jobs, JOBS_MAX).await > 0 {
        if let Err(cause) = commit_together(&mut connection, &mut jobs, joined).await {
            for (_, done) in jobs.drain(..) {
                let _ = done.send(Err(cause.to_string().into()));
            }
        }
    }
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    query(sql).execute(connection).await?;
    Ok(())
}

async fn commit_together(
    connection: &mut SqliteConnection,
    jobs: &mut Vec<Waiting>,
    joined: bool,
) -> Result<()> {
    execute(connection, "BEGIN IMMEDIATE").await?;
    let mut results = Vec::with_capacity(jobs.len());
    for (job, _) in &*jobs {
        results.push(if joined {
            apply_joined(connection, job).await
        } else {
            within_savepoint(connection, job).await?
        });
    }
    execute(connection, "COMMIT").await?;
    for ((_, done), result) in jobs.drain(..).zip(results) {
        let _ = done.send(result);
    }
    Ok(())
}

/// An error leaves the savepoint open, which is acceptable in a program that only measures: it
/// ends.
async fn apply_joined(connection: &mut SqliteConnection, job: &Job) -> Result<()> {
    let next = job.revision + 1;
    let all = query(JOINED).bind(next).bind(job.at).bind(&job.doc);
    let all = all.bind(ORG).bind(&job.id).bind(job.revision);
    let all = all.bind(ORG).bind(job.at).bind(ACTOR).bind(&job.id).bind(next).bind(&job.old);
    if all.fetch_all(connection).await?.len() == 1 { Ok(()) } else { Err("stale".into()) }
}

async fn within_savepoint(connection: &mut SqliteConnection, job: &Job) -> Result<Result<()>> {
    execute(connection, "SAVEPOINT batch").await?;
    let result = apply(connection, job).await;
    if result.is_err() {
        execute(connection, "ROLLBACK TO batch").await?;
    }
    execute(connection, "RELEASE batch").await?;
    Ok(result)
}

async fn apply(connection: &mut SqliteConnection, job: &Job) -> Result<()> {
    let update = query(UPDATE)
        .bind(ORG)
        .bind(&job.id)
        .bind(job.revision)
        .bind(job.revision + 1)
        .bind(job.at)
        .bind(&job.doc);
    if update.execute(&mut *connection).await?.rows_affected() != 1 {
        return Err("stale".into());
    }
    let insert = query(INSERT)
        .bind(ORG)
        .bind(job.at)
        .bind(ACTOR)
        .bind(&job.id)
        .bind(job.revision + 1)
        .bind(&job.old);
    insert.execute(connection).await?;
    Ok(())
}

impl Store for Sqlx {
    async fn write(&self, job: Job) -> Result<()> {
        let (done, answer) = oneshot::channel();
        self.jobs.send((job, done)).map_err(|_| "the writer has gone")?;
        answer.await?
    }

    async fn read(&self, id: String) -> Result<String> {
        Ok(query_scalar(SELECT).bind(ORG).bind(id).fetch_one(&self.readers).await?)
    }
}
