//! Writing: the batches of an org that wait are written together, in one transaction, so that one
//! flush to the disk serves all of them. A writer locks the row of the org's log until it commits.
//! So the writers of all servers take turns there, and events are numbered in the order of the
//! commits, without gaps.
//!
//! A transaction takes two round trips, however many batches it has: one to lock the org and ask
//! what must be known, and one to write everything and commit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio_postgres::Error as Fault;
use tokio_postgres::types::ToSql;
use worksmith_kernel::{Error, Result};

use super::bulk::Bulk;
use super::facts::{Facts, Questions};
use super::session::{Session, pipelined, take};
use super::{Postgres, failed, is_conflict, is_lost};
use crate::batch::Batch;
use crate::layout::statements::{FORGET, tallies, writes};

/// The most batches that share one transaction. It bounds how long the org is locked.
const BATCHES_MAX: usize = 128;
/// How often a transaction is tried that conflicts with another one, or whose connection was lost
/// before anything was decided.
const TRIES_MAX: usize = 5;
/// How often, and how far apart, the database is asked for the outcome of a commit during which the
/// connection was lost.
const SETTLE_TRIES: usize = 50;
const SETTLE_EVERY: Duration = Duration::from_millis(100);

/// A batch that waits to be written.
struct Job {
    batch: Batch,
    done: oneshot::Sender<Result<()>>,
}

/// The waiting batches, by org. An org has an entry as long as a task writes to it.
#[derive(Default)]
pub(super) struct Waiting(Mutex<HashMap<String, VecDeque<Job>>>);

/// Why a group of batches was not written.
enum Failure {
    /// Nothing was written; a later attempt may succeed.
    Again(Fault),
    /// Nothing was written.
    Refused(Error),
    /// One of the statements failed.
    Statement(Fault),
    /// The connection was lost during the commit. The number of the first event tells whether the
    /// commit took place.
    Unknown(i64),
}

impl Postgres {
    /// Writes a batch, and returns when it is on the disk.
    pub(crate) async fn apply(self: &Arc<Self>, batch: Batch) -> Result<()> {
        let (done, answer) = oneshot::channel();
        let org = batch.org.clone();
        let is_first = {
            let mut waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_first = !waiting.contains_key(&org);
            waiting.entry(org.clone()).or_default().push_back(Job { batch, done });
            is_first
        };
        if is_first {
            tokio::spawn(write_all(Arc::clone(self), org));
        }
        answer.await.map_err(|_| Error::unavailable("the writer has stopped"))?
    }
}

/// Writes the batches of an org until none is waiting.
async fn write_all(home: Arc<Postgres>, org: String) {
    let turn = Turn { home: &home, org: &org };
    while let Some(jobs) = turn.next() {
        write_together(&home, &org, jobs).await;
    }
}

/// The turn of a task to write to an org.
struct Turn<'a> {
    home: &'a Postgres,
    org: &'a str,
}

impl Turn<'_> {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, VecDeque<Job>>> {
        self.home.waiting.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next jobs. If there are none, the turn is over.
    fn next(&self) -> Option<Vec<Job>> {
        let mut waiting = self.waiting();
        let queue = waiting.get_mut(self.org)?;
        let count = queue.len().min(BATCHES_MAX);
        if count == 0 {
            waiting.remove(self.org);
            return None;
        }
        Some(queue.drain(..count).collect())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // If the task panics, the org is left to the next one, and the waiting calls get an error.
        if std::thread::panicking() {
            self.waiting().remove(self.org);
        }
    }
}

/// Writes the jobs, and sends each its outcome.
async fn write_together(home: &Arc<Postgres>, org: &str, jobs: Vec<Job>) {
    let (batches, waiting): (Vec<_>, Vec<_>) =
        jobs.into_iter().map(|job| (job.batch, job.done)).unzip();
    let outcomes = match write_tried(home, org, &batches).await {
        Ok(outcomes) => outcomes,
        // One of them must not spoil it for the others.
        Err(_) if batches.len() > 1 => {
            let mut outcomes = Vec::with_capacity(batches.len());
            for batch in &batches {
                let one = write_tried(home, org, std::slice::from_ref(batch)).await;
                outcomes.push(one.map_or_else(Err, |mut one| one.pop().unwrap_or(Ok(()))));
            }
            outcomes
        }
        Err(error) => vec![Err(error)],
    };
    for (done, outcome) in waiting.into_iter().zip(outcomes) {
        // The receiver is gone if the client went away.
        let _ = done.send(outcome);
    }
}

/// Writes the batches of an org together, and returns the outcome of each. The error is that of a
/// statement; a fault that concerns all of them is returned for each.
async fn write_tried(
    home: &Arc<Postgres>,
    org: &str,
    batches: &[Batch],
) -> Result<Vec<Result<()>>> {
    let all = |error: &Error| {
        let each = || match error {
            Error::Stale => Error::Stale,
            Error::Unavailable(cause) => Error::Unavailable(cause.clone()),
            other => Error::internal(format!("{other:?}")),
        };
        batches.iter().map(|_| Err(each())).collect()
    };
    let mut failure = None;
    for _ in 0..TRIES_MAX {
        match Group::write(home, org, batches).await {
            Ok(outcomes) => return Ok(outcomes),
            Err(Failure::Again(cause)) => failure = Some(failed(&cause)),
            Err(Failure::Refused(error)) => return Ok(all(&error)),
            Err(Failure::Statement(cause)) => return Err(failed(&cause)),
            Err(Failure::Unknown(first)) => match settle(home, org, batches, first).await {
                // If nothing was written, it is decided again which batches are allowed.
                Ok(Some(outcomes)) => return Ok(outcomes),
                Ok(None) => {}
                Err(error) => return Ok(all(&error)),
            },
        }
    }
    Ok(all(&failure.unwrap_or_else(|| Error::unavailable("the database does not settle"))))
}

/// Finds out what became of a commit during which the connection was lost: waits until nobody has
/// the org locked, and looks for the events. `None` if nothing was written.
async fn settle(
    home: &Arc<Postgres>,
    org: &str,
    batches: &[Batch],
    first: i64,
) -> Result<Option<Vec<Result<()>>>> {
    let mut failure = Error::unavailable("the database does not answer");
    for _ in 0..SETTLE_TRIES {
        match written(home, org, first).await {
            Ok(events) => {
                let outcome = |batch: &Batch| match batch.changes.first() {
                    // The events show which batches were allowed.
                    Some(change) => {
                        let id = change.meta.id.to_string();
                        let revision = i64::try_from(change.meta.revision).unwrap_or(0);
                        let is_there = events.iter().any(|event| {
                            *event == (batch.request_id.clone(), id.clone(), revision, batch.at.0)
                        });
                        if is_there { Ok(()) } else { Err(Error::Stale) }
                    }
                    // It only kept an answer, and the next attempt will find that if it is there.
                    None => Err(Error::Stale),
                };
                let outcomes: Vec<_> = batches.iter().map(outcome).collect();
                let is_any = outcomes.iter().any(Result::is_ok);
                if is_any {
                    home.follower.forget(org);
                }
                return Ok(is_any.then_some(outcomes));
            }
            Err(error) => failure = error,
        }
        tokio::time::sleep(SETTLE_EVERY).await;
    }
    Err(failure)
}

type Told = (String, String, i64, i64);

/// The events of an org from a number on, read once nobody else writes to it.
async fn written(home: &Arc<Postgres>, org: &str, first: i64) -> Result<Vec<Told>> {
    let session = take(&home.writers).await?;
    let ask = async {
        // Waits for the end of the transaction that has the row locked, in case the database has
        // not noticed yet that its client is gone.
        session.ask(HOLD, &[org.into()]).await?;
        let sql = "SELECT request_id, id, rev, at FROM events WHERE org = $1 AND seq >= $2
                   ORDER BY seq LIMIT 10000";
        session.ask(sql, &[org.into(), first.into()]).await
    };
    let rows = ask.await.map_err(|cause| failed(&cause))?;
    let told = |row: &tokio_postgres::Row| -> Result<Told, Fault> {
        Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
    };
    rows.iter().map(|row| told(row).map_err(Error::internal)).collect()
}

/// Locks an org, and reads the number of its last event.
const HOLD: &str = "SELECT seq FROM logs WHERE org = $1 FOR UPDATE";

/// Sets the number of an org's last event.
const MOVE: &str = "UPDATE logs SET seq = $2 WHERE org = $1";

/// Batches that are written in one transaction.
struct Group<'a> {
    session: &'a Session,
    org: &'a str,
}

impl Group<'_> {
    async fn write(
        home: &Arc<Postgres>,
        org: &str,
        batches: &[Batch],
    ) -> Result<Vec<Result<()>>, Failure> {
        let session = take(&home.writers).await.map_err(Failure::Refused)?;
        let group = Group { session: &session, org };
        let outcome = group.run(home, batches).await;
        if outcome.is_err() {
            // Its transaction may still be open.
            drop(deadpool::managed::Object::take(session));
        }
        outcome
    }

    async fn run(
        &self,
        home: &Arc<Postgres>,
        batches: &[Batch],
    ) -> Result<Vec<Result<()>>, Failure> {
        let questions = Questions::of(batches.iter());
        let (last, facts) = self.hold(&questions).await.map_err(before)?;
        let mut facts = facts.map_err(Failure::Refused)?;
        let (mut all, mut seq) = (Vec::new(), last);
        let (mut forgets, mut at) = (false, 0);
        let mut outcomes = Vec::with_capacity(batches.len());
        for batch in batches {
            if !facts.allow(batch) {
                outcomes.push(Err(Error::Stale));
                continue;
            }
            facts.change(batch);
            all.extend(writes(batch, u64::try_from(seq + 1).unwrap_or(1)));
            seq += i64::try_from(batch.changes.len()).unwrap_or(0);
            forgets |= batch.answer.is_some();
            at = batch.at.0.max(at);
            outcomes.push(Ok(()));
        }
        let allowed = || {
            let each = batches.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
            each.map(|(batch, _)| batch)
        };
        all.extend(tallies(allowed()));
        let forget = forgets.then_some(at);
        self.commit(Bulk::of(all), forget, last, seq).await?;
        home.follower.wrote(self.org, last, seq, allowed());
        Ok(outcomes)
    }

    /// Begins, locks the org, and asks what must be known after that, all in one round trip.
    async fn hold(&self, questions: &Questions) -> Result<(i64, Result<Facts>), Fault> {
        let hold = self.session.prepare(HOLD).await?;
        let asks = questions.prepare(self.session).await?;
        let client = &self.session.client;
        let org: [&(dyn ToSql + Sync); 1] = [&self.org];
        let begun = async { client.batch_execute("BEGIN").await.map(|()| Vec::new()) };
        let mut requests = vec![begun.boxed(), client.query(&hold, &org).boxed()];
        requests.extend(questions.requests(self.session, self.org, &asks));
        let mut answers = pipelined(requests).await.into_iter();
        answers.next().transpose()?;
        let held = answers.next().transpose()?.unwrap_or_default();
        if let Some(row) = held.first() {
            let facts = questions.facts(answers.collect::<Result<_, _>>()?);
            return Ok((row.try_get(0)?, facts));
        }
        // This is the first write to the org, and the questions were asked before it was locked.
        let sql = "INSERT INTO logs (org, seq) VALUES ($1, 0) ON CONFLICT (org) DO NOTHING";
        client.execute(sql, &org).await?;
        let last = client.query_one(&hold, &org).await?.try_get(0)?;
        let answers = pipelined(questions.requests(self.session, self.org, &asks)).await;
        Ok((last, questions.facts(answers.into_iter().collect::<Result<_, _>>()?)))
    }

    /// Writes everything and commits it, in one round trip. Kept answers that expired by `forget`
    /// are deleted.
    async fn commit(
        &self,
        bulk: Bulk,
        forget: Option<i64>,
        last: i64,
        seq: i64,
    ) -> Result<(), Failure> {
        let client = &self.session.client;
        let prepared = bulk.prepare(self.session).await.map_err(before)?;
        let mut requests: Vec<BoxFuture<'_, Result<u64, Fault>>> = Vec::new();
        let forgetting = self.session.prepare(FORGET).await.map_err(before)?;
        if let Some(at) = forget {
            let org = self.org;
            let forget = async move { client.execute(&forgetting, &[&org, &at]).await };
            requests.push(forget.boxed());
        }
        let first = requests.len();
        requests.extend(bulk.requests(self.session, &prepared));
        let bulk_end = requests.len();
        let moved = self.session.prepare(MOVE).await.map_err(before)?;
        // A batch that changes no object, such as one that only keeps an answer, has no events.
        if seq != last {
            let org = self.org;
            let moving = async move { client.execute(&moved, &[&org, &seq]).await };
            requests.push(moving.boxed());
        }
        requests.push(async { client.batch_execute("COMMIT").await.map(|()| 1) }.boxed());
        // A commit after a failed statement rolls back, and reports success.
        let mut changed = Vec::with_capacity(requests.len());
        for answer in pipelined(requests).await {
            changed.push(answer.map_err(|cause| {
                if is_lost(&cause) {
                    Failure::Unknown(last + 1)
                } else if is_conflict(&cause) {
                    Failure::Again(cause)
                } else {
                    Failure::Statement(cause)
                }
            })?);
        }
        match bulk.fault(&changed[first..bulk_end]) {
            None => Ok(()),
            Some(fault) => Err(Failure::Refused(Error::Internal(fault))),
        }
    }
}

/// Classifies a fault before anything was written.
fn before(cause: Fault) -> Failure {
    if is_lost(&cause) || is_conflict(&cause) {
        return Failure::Again(cause);
    }
    Failure::Refused(failed(&cause))
}
