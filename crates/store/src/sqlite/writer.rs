//! The one writer: takes all waiting batches, gives each a savepoint and an error of its own, and
//! commits them together, so that one flush to the disk serves all.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;
use worksmith_kernel::{Error, Result};

use super::apply::apply;
use super::read_error;
use crate::batch::Batch;

/// So many batches at most share one commit: it bounds how long the first one waits.
const BATCHES_MAX: usize = 512;

struct Job {
    batch: Batch,
    done: oneshot::Sender<Result<()>>,
}

/// The thread that writes.
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&connection, &waiting))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Applies a batch, and returns when it is on the disk.
    pub(crate) async fn apply(&self, batch: Batch) -> Result<()> {
        let (done, answer) = oneshot::channel();
        let gone = || Error::unavailable("the writer has stopped");
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { batch, done }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // What is left to do is done before the process goes on to end.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, waiting: &Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(BATCHES_MAX - 1));
        commit_together(connection, jobs);
    }
    // Leaves no log behind when the server stops in an orderly way.
    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

fn commit_together(connection: &Connection, jobs: Vec<Job>) {
    if let Err(cause) = execute(connection, "BEGIN IMMEDIATE") {
        return refuse(jobs, &cause);
    }
    let mut applied = Vec::with_capacity(jobs.len());
    let mut jobs = jobs.into_iter();
    while let Some(job) = jobs.next() {
        match within_savepoint(connection, &job.batch) {
            Ok(()) => applied.push(job),
            // A full disk may end the whole transaction, and with it what came before; what
            // comes after must not commit on its own.
            Err(error) if connection.is_autocommit() => {
                let cause = format!("the transaction was rolled back: {error:?}");
                for job in applied.into_iter().chain([job]).chain(jobs) {
                    let _ = job.done.send(Err(Error::unavailable(&cause)));
                }
                return;
            }
            // Nobody waits any more when the client went away.
            Err(error) => drop(job.done.send(Err(error))),
        }
    }
    match execute(connection, "COMMIT") {
        Ok(()) => {
            for job in applied {
                let _ = job.done.send(Ok(()));
            }
        }
        Err(cause) => {
            let _ = execute(connection, "ROLLBACK");
            refuse(applied, &cause);
        }
    }
}

fn within_savepoint(connection: &Connection, batch: &Batch) -> Result<()> {
    let step = |sql| execute(connection, sql).map_err(|cause| read_error(&cause));
    step("SAVEPOINT batch")?;
    let applied = apply(connection, batch);
    if applied.is_err() {
        if connection.is_autocommit() {
            return applied;
        }
        step("ROLLBACK TO batch")?;
    }
    step("RELEASE batch")?;
    applied
}

fn refuse(jobs: Vec<Job>, cause: &rusqlite::Error) {
    for job in jobs {
        let _ = job.done.send(Err(read_error(cause)));
    }
}
