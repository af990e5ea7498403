//! The only writer: it takes all waiting batches and writes them to the log in one commit.
//! `sync.rs` flushes the log and answers, so that one flush serves all of them, and of several
//! commits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::{Connection, params_from_iter};
use tokio::sync::oneshot;
use worksmith_kernel::{Error, Result, Value};

use super::apply::{Applier, Bound, Refusal};
use super::checkpoint::Log;
use super::read_error;
use super::reader::ask;
use super::sync::{Durable, Rowed, Syncer, Written};
use crate::batch::Batch;
use crate::changes::Changes;
use crate::layout::statements::{Write, tallies};

/// The most batches that share one commit. It bounds how long the first one waits.
const BATCHES_MAX: usize = 512;

/// A batch that waits to be written.
pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) done: oneshot::Sender<Result<()>>,
}

/// A statement that is a transaction of its own.
struct Change {
    sql: String,
    values: Vec<Value>,
    done: oneshot::Sender<Result<Vec<Vec<Value>>>>,
}

enum Work {
    Batch(Box<Job>),
    Change(Change),
}

impl Work {
    fn refuse(self, fault: &str) {
        let error = Error::unavailable(fault);
        // The receiver is gone if the client went away.
        match self {
            Self::Batch(job) => drop(job.done.send(Err(error))),
            Self::Change(change) => drop(change.done.send(Err(error))),
        }
    }
}

/// The thread that writes.
pub(crate) struct Writer {
    works: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, writing: Writing) -> std::io::Result<Self> {
        let (works, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writing.run(&connection, &waiting))?;
        Ok(Self { works: Some(works), thread: Some(thread) })
    }

    /// Applies a batch, and returns when it is on the disk.
    pub(crate) async fn apply(&self, batch: Batch) -> Result<()> {
        let (done, answer) = oneshot::channel();
        self.hand_over(Work::Batch(Box::new(Job { batch, done })))?;
        answer.await.map_err(|_| gone())?
    }

    /// Runs a statement that changes rows, and returns the rows that it yields when they are on the
    /// disk.
    pub(crate) async fn change(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        let (done, answer) = oneshot::channel();
        let (sql, values) = (sql.to_owned(), values.to_vec());
        self.hand_over(Work::Change(Change { sql, values, done }))?;
        answer.await.map_err(|_| gone())?
    }

    fn hand_over(&self, work: Work) -> Result<()> {
        self.works.as_ref().ok_or_else(gone)?.send(work).map_err(|_| gone())
    }

    /// Whether the thread still accepts batches.
    pub(crate) fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.works.take());
        if let Some(thread) = self.thread.take() {
            // The remaining jobs are finished before the process ends.
            let _ = thread.join();
        }
    }
}

fn gone() -> Error {
    Error::unavailable("the writer has stopped")
}

/// What the thread works with.
pub(super) struct Writing {
    pub(super) changes: Arc<Changes>,
    pub(super) log: Arc<Log>,
    pub(super) durable: Arc<Durable>,
    pub(super) syncer: Syncer,
}

impl Writing {
    fn run(self, connection: &Connection, waiting: &Receiver<Work>) {
        let mut applier = Applier::new(connection, &self.changes);
        while let Ok(first) = waiting.recv() {
            let begin = Instant::now();
            let works = std::iter::once(first).chain(waiting.try_iter().take(BATCHES_MAX - 1));
            if let Some(fault) = self.durable.fault() {
                works.for_each(|work| work.refuse(&fault));
                continue;
            }
            let mut jobs = VecDeque::new();
            for work in works {
                match work {
                    Work::Batch(job) => jobs.push_back(*job),
                    Work::Change(change) => self.change(connection, change),
                }
            }
            while !jobs.is_empty() {
                if let Some(jobs) = commit_together(&mut applier, &mut jobs, &self.durable) {
                    let commit = self.changes.committed(jobs.iter().map(|job| &job.batch));
                    self.syncer.hand_over(Written { commit, jobs, rowed: None });
                }
                self.log.committed(connection);
            }
            self.changes.wrote_for(begin.elapsed());
        }
        drop(applier);
        let Self { log, syncer, .. } = self;
        // Whatever is in the log is answered first.
        drop(syncer);
        log.finish(connection);
    }

    fn change(&self, connection: &Connection, change: Change) {
        let Change { sql, values, done } = change;
        self.durable.begins(self.changes.next());
        let rows = ask(connection, &sql, &values);
        let commit = self.changes.committed(std::iter::empty());
        self.syncer.hand_over(Written {
            commit,
            jobs: Vec::new(),
            rowed: Some(Rowed { rows, done }),
        });
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// Commits the jobs, or those before the first one that made the database roll back everything.
/// Returns those that are committed, and answers those that are refused; `None` if nothing was to
/// be committed.
fn commit_together(
    applier: &mut Applier<'_>,
    jobs: &mut VecDeque<Job>,
    durable: &Durable,
) -> Option<Vec<Job>> {
    let connection = applier.connection;
    let mut applied = Vec::with_capacity(jobs.len());
    let is_open = apply_all(applier, jobs, &mut applied) || {
        // One of them failed after it had written something. With savepoints, it alone is undone.
        let _ = execute(connection, "ROLLBACK");
        applied.drain(..).rev().for_each(|job| jobs.push_front(job));
        apply_each(applier, jobs, &mut applied)
    };
    if !is_open {
        return None;
    }
    if applied.is_empty() {
        let _ = execute(connection, "ROLLBACK");
        return None;
    }
    let committed = tally(connection, &applied).and_then(|()| {
        durable.begins(applier.changes.next());
        execute(connection, "COMMIT")
    });
    if let Err(cause) = committed {
        durable.fail_if_unsynced(&cause);
        let _ = execute(connection, "ROLLBACK");
        refuse(applied.drain(..), &cause);
    }
    Some(applied)
}

/// Writes what the jobs of a transaction add up to in the kept numbers of objects.
fn tally(connection: &Connection, applied: &[Job]) -> rusqlite::Result<()> {
    let writes = tallies(applied.iter().map(|job| &job.batch));
    let Some(Write { shape, .. }) = writes.first() else { return Ok(()) };
    let mut statement = connection.prepare_cached(&shape.of_one())?;
    for Write { values, .. } in &writes {
        statement.execute(params_from_iter(values.iter().map(Bound)))?;
    }
    Ok(())
}

/// Applies all jobs in one transaction. Returns false if it has to be rolled back, because a job
/// failed after it had written something; that job is still among `jobs`.
fn apply_all(applier: &mut Applier<'_>, jobs: &mut VecDeque<Job>, applied: &mut Vec<Job>) -> bool {
    if let Err(cause) = begin(applier) {
        refuse(jobs.drain(..), &cause);
        return true;
    }
    while let Some(job) = jobs.pop_front() {
        match applier.apply(&job.batch) {
            Ok(()) => applied.push(job),
            // A full disk, for one, makes the database roll back everything.
            Err(Refusal { error, wrote: false }) if !applier.connection.is_autocommit() => {
                let _ = job.done.send(Err(error));
            }
            Err(_) => {
                jobs.push_front(job);
                return false;
            }
        }
    }
    true
}

fn begin(applier: &mut Applier<'_>) -> rusqlite::Result<()> {
    applier.begins();
    execute(applier.connection, "BEGIN IMMEDIATE")
}

/// Applies the jobs in one transaction, each within a savepoint. Returns false if the database has
/// rolled it back; then the jobs that were not tried yet are still among `jobs`.
fn apply_each(applier: &mut Applier<'_>, jobs: &mut VecDeque<Job>, applied: &mut Vec<Job>) -> bool {
    let connection = applier.connection;
    if let Err(cause) = begin(applier) {
        refuse(jobs.drain(..), &cause);
        return false;
    }
    while let Some(job) = jobs.pop_front() {
        match within_savepoint(applier, &job.batch) {
            Ok(()) => applied.push(job),
            Err(error) => drop(job.done.send(Err(error))),
        }
        // A full disk, for one, ends the whole transaction, with everything that was applied in it.
        if connection.is_autocommit() {
            for job in applied.drain(..) {
                let gone = Error::unavailable("the database took the transaction back");
                let _ = job.done.send(Err(gone));
            }
            return false;
        }
    }
    true
}

fn within_savepoint(applier: &mut Applier<'_>, batch: &Batch) -> Result<()> {
    let connection = applier.connection;
    let step = |sql| execute(connection, sql).map_err(|cause| read_error(&cause));
    step("SAVEPOINT batch")?;
    let applied = applier.apply(batch).map_err(|refusal| refusal.error);
    if connection.is_autocommit() {
        return applied;
    }
    if applied.is_err() {
        step("ROLLBACK TO batch")?;
    }
    step("RELEASE batch")?;
    applied
}

fn refuse(jobs: impl Iterator<Item = Job>, cause: &rusqlite::Error) {
    for job in jobs {
        let _ = job.done.send(Err(read_error(cause)));
    }
}

#[cfg(test)]
mod tests {
    use worksmith_kernel::{Meta, Registry, Table};
    use worksmith_wire::{Id, Kind, Timestamp};

    use super::*;
    use crate::batch::{Change, ChangeOp, Row};
    use crate::moment::Moment;
    use crate::texts::Apart;

    static TABLE: Table = Table {
        name: "things",
        kinds: &[Kind::Issue],
        columns: &[],
        filters: &[],
        whole: &[],
        sorts: &[],
        digest: &[],
        carried: None,
        long: None,
        tallied: &[],
    };

    fn made(number: u64, bytes: usize) -> (Job, oneshot::Receiver<Result<()>>) {
        let (id, by, at) =
            (Id::numbered(Kind::Issue, number), Id::numbered(Kind::SysUser, 1), Timestamp(1));
        let meta = Meta {
            id,
            revision: 1,
            created_at: at,
            created_by: by.clone(),
            modified_at: at,
            modified_by: by.clone(),
        };
        let (doc, columns) = ("x".repeat(bytes), Vec::new());
        let row = Row { doc_version: 1, apart: Apart::of(&TABLE, None, &doc), doc, columns };
        let change = Change {
            table: &TABLE,
            meta,
            op: ChangeOp::Insert(row),
            refs_added: Vec::new(),
            refs_removed: Vec::new(),
            names_added: Vec::new(),
            names_removed: Vec::new(),
            props_added: Vec::new(),
            props_removed: Vec::new(),
            tallies_added: Vec::new(),
            tallies_removed: Vec::new(),
            old: None,
            readers: Vec::new(),
        };
        let batch = Batch {
            org: "home".to_owned(),
            since: Moment::default(),
            at,
            actor: by,
            request_id: String::new(),
            asserts: Vec::new(),
            changes: vec![change],
            counters: Vec::new(),
            answer: None,
        };
        let (done, answer) = oneshot::channel();
        (Job { batch, done }, answer)
    }

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        let family = crate::layout::ddl::statements_of(crate::layout::Dialect::Sqlite, &[&TABLE]);
        connection.execute_batch(&family.join(";")).unwrap();
        connection
    }

    fn play(connection: &Connection, jobs: Vec<(Job, oneshot::Receiver<Result<()>>)>) -> Vec<bool> {
        let (mut jobs, answers): (VecDeque<_>, Vec<_>) = jobs.into_iter().unzip();
        let (changes, durable) = (Changes::new(&Registry::default()), Durable::default());
        let mut applier = Applier::new(connection, &changes);
        while !jobs.is_empty() {
            for job in commit_together(&mut applier, &mut jobs, &durable).into_iter().flatten() {
                job.done.send(Ok(())).unwrap();
            }
        }
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap().is_ok()).collect()
    }

    fn count(connection: &Connection) -> usize {
        connection.query_row("SELECT count(*) FROM things", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_refused_batch_harms_none_of_those_it_is_committed_with() {
        let connection = database();
        let told = play(&connection, vec![made(1, 1), made(1, 1), made(2, 1)]);
        assert_eq!((told, count(&connection)), (vec![true, false, true], 2));
    }

    #[test]
    fn on_a_full_disk_exactly_those_that_are_told_so_are_written() {
        let connection = database();
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        connection.execute_batch(&format!("PRAGMA max_page_count = {}", pages + 10)).unwrap();
        let jobs = vec![made(1, 100), made(2, 1_000_000), made(3, 100), made(4, 100)];
        let told = play(&connection, jobs);
        let written = told.iter().filter(|told| **told).count();
        assert_eq!(written, count(&connection), "{told:?}");
        assert!(connection.is_autocommit() && !told[1] && told[3], "{told:?}");
    }
}
