//! rusqlite: a thread writes, and tasks read where they run.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::Result;
use crate::data::{ACTOR, Job, ORG};
use crate::measure::Store;
use crate::sqlite::{INSERT, JOBS_MAX, SELECT, UPDATE};

type Waiting = (Job, oneshot::Sender<Result<()>>);

#[derive(Clone)]
pub(crate) struct Rusqlite {
    jobs: Sender<Waiting>,
    path: PathBuf,
    readers: Arc<Mutex<Vec<Connection>>>,
}

impl Rusqlite {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (jobs, waiting) = channel();
        let writer = connect(path)?;
        std::thread::spawn(move || write_all(&writer, &waiting));
        Ok(Self { jobs, path: path.to_owned(), readers: Arc::default() })
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;
         PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

fn write_all(connection: &Connection, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(JOBS_MAX - 1));
        if let Err(cause) = commit_together(connection, &mut jobs) {
            for (_, done) in jobs {
                let _ = done.send(Err(cause.to_string().into()));
            }
        }
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn commit_together(connection: &Connection, jobs: &mut Vec<Waiting>) -> Result<()> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut results = Vec::with_capacity(jobs.len());
    for (job, _) in &*jobs {
        execute(connection, "SAVEPOINT batch")?;
        let result = apply(connection, job);
        if result.is_err() {
            execute(connection, "ROLLBACK TO batch")?;
        }
        execute(connection, "RELEASE batch")?;
        results.push(result);
    }
    execute(connection, "COMMIT")?;
    for ((_, done), result) in jobs.drain(..).zip(results) {
        let _ = done.send(result);
    }
    Ok(())
}

fn apply(connection: &Connection, job: &Job) -> Result<()> {
    let Job { id, revision, at, doc, old } = job;
    let changed = connection.prepare_cached(UPDATE)?.execute(params![
        ORG,
        id,
        revision,
        revision + 1,
        at,
        doc
    ])?;
    if changed != 1 {
        return Err("stale".into());
    }
    connection.prepare_cached(INSERT)?.execute(params![ORG, at, ACTOR, id, revision + 1, old])?;
    Ok(())
}

impl Store for Rusqlite {
    async fn write(&self, job: Job) -> Result<()> {
        let (done, answer) = oneshot::channel();
        self.jobs.send((job, done)).map_err(|_| "the writer has gone")?;
        answer.await?
    }

    async fn read(&self, id: String) -> Result<String> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let doc =
            connection.prepare_cached(SELECT)?.query_row(params![ORG, id], |row| row.get(0))?;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        // The others get their turn, as they do if a driver waits.
        tokio::task::yield_now().await;
        Ok(doc)
    }
}
