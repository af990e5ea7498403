//! Following what other servers write to the same database.
//!
//! What is kept in memory is valid as long as nothing that it was read from has changed. To know
//! that, each call asks once, when it begins, for the events of its org since the last one that is
//! known here. So it sees every write that any server acknowledged before the call began. Calls
//! that wait at the same time share a query, which is sent after all of them have begun.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Error as Fault, Row};
use worksmith_kernel::{Error, Result};
use worksmith_wire::Id;

use super::reader::{get, stored_id};
use super::session::{Pool, Pooled, Session, pipelined, take};
use super::{CONNECTIONS_MAX, failed, is_lost};
use crate::batch::Batch;
use crate::rows::Rows;

/// With more events than this since the last query, everything kept in memory is discarded.
const EVENTS_MAX: usize = 2_000;

const EVENTS: &str = "SELECT seq, id FROM events WHERE org = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const LAST: &str = "SELECT seq FROM logs WHERE org = $1";

/// A call that waits to be up to date with an org.
struct Ask {
    org: String,
    done: oneshot::Sender<Result<()>>,
}

/// For each org, the number of the last event up to which everything has been noted.
#[derive(Default)]
struct Seen(Mutex<HashMap<String, i64>>);

impl Seen {
    fn of(&self, org: &str) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(org).copied()
    }

    /// Records that everything up to `last` has been noted, if everything up to `from` was before.
    fn advance(&self, org: &str, from: i64, last: i64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = seen.get_mut(org).filter(|known| from <= **known) {
            *known = last.max(*known);
        }
    }

    fn begin(&self, org: &str, last: i64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(org.to_owned(), last);
    }

    fn forget(&self, org: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(org);
    }
}

/// Asks what other servers have written.
pub(super) struct Follower {
    asks: mpsc::UnboundedSender<Ask>,
    seen: Arc<Seen>,
    rows: Arc<Rows>,
}

impl Follower {
    pub(super) fn start(pool: Pool, rows: Arc<Rows>) -> Self {
        let (asks, asked) = mpsc::unbounded_channel();
        let seen = Arc::new(Seen::default());
        let following = Following { pool, seen: Arc::clone(&seen), rows: Arc::clone(&rows) };
        tokio::spawn(following.run(asked));
        Self { asks, seen, rows }
    }

    /// Returns once everything written to an org before this call is noted.
    pub(super) async fn catch_up(&self, org: &str) -> Result<()> {
        let (done, answer) = oneshot::channel();
        let gone = || Error::unavailable("nobody follows the database");
        self.asks.send(Ask { org: org.to_owned(), done }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Notes what this server itself has written: the events after `from`, up to `last`.
    pub(super) fn wrote<'a>(
        &self,
        org: &str,
        from: i64,
        last: i64,
        batches: impl Iterator<Item = &'a Batch> + Clone,
    ) {
        let at = self.rows.changes.committed(batches.clone());
        batches.cloned().for_each(|batch| self.rows.keep(batch, at));
        self.seen.advance(org, from, last);
    }

    /// Forgets how far an org was followed; the next query starts afresh.
    pub(super) fn forget(&self, org: &str) {
        self.rows.changes.everything();
        self.seen.forget(org);
    }
}

struct Following {
    pool: Pool,
    seen: Arc<Seen>,
    rows: Arc<Rows>,
}

impl Following {
    async fn run(self, mut asked: mpsc::UnboundedReceiver<Ask>) {
        let mut session = None;
        while let Some(first) = asked.recv().await {
            let mut round: HashMap<String, Vec<oneshot::Sender<Result<()>>>> = HashMap::new();
            round.entry(first.org).or_default().push(first.done);
            while let Ok(Ask { org, done }) = asked.try_recv() {
                round.entry(org).or_default().push(done);
            }
            let orgs: Vec<&str> = round.keys().map(String::as_str).collect();
            let outcome = self.look_tried(&mut session, &orgs).await;
            for done in round.into_values().flatten() {
                let _ = done.send(match &outcome {
                    Ok(()) => Ok(()),
                    Err(Error::Internal(cause)) => Err(Error::Internal(cause.clone())),
                    Err(other) => Err(Error::unavailable(format!("{other:?}"))),
                });
            }
        }
    }

    /// Looks for new events in some orgs. If the connection was lost meanwhile, another one is
    /// taken, until one works.
    async fn look_tried(&self, session: &mut Option<Pooled>, orgs: &[&str]) -> Result<()> {
        let mut tries = 0;
        loop {
            let open = match session {
                Some(open) => open,
                None => session.insert(take(&self.pool).await?),
            };
            tries += 1;
            match self.look(open, orgs).await {
                Ok(outcome) => return outcome,
                Err(cause) => {
                    *session = None;
                    if !is_lost(&cause) || tries > CONNECTIONS_MAX {
                        return Err(failed(&cause));
                    }
                }
            }
        }
    }

    async fn look(&self, session: &Session, orgs: &[&str]) -> Result<Result<()>, Fault> {
        let statement = session.prepare(EVENTS).await?;
        let last = session.prepare(LAST).await?;
        let max = i64::try_from(EVENTS_MAX).unwrap_or(i64::MAX);
        let asked = orgs.iter().map(|org| {
            let (statement, last, client) = (&statement, &last, &session.client);
            async move {
                match self.seen.of(org) {
                    Some(seen) => {
                        let rows = client.query(statement, &[org, &seen, &max]).await;
                        (*org, Some(seen), rows)
                    }
                    None => (*org, None, client.query(last, &[org]).await),
                }
            }
        });
        for (org, seen, rows) in pipelined(asked.collect()).await {
            let rows = rows?;
            let noted = match seen {
                Some(seen) if rows.len() < EVENTS_MAX => self.note(org, seen, &rows),
                Some(_) => self.begin(org, &session.client.query(&last, &[&org]).await?),
                None => self.begin(org, &rows),
            };
            if noted.is_err() {
                return Ok(noted);
            }
        }
        Ok(Ok(()))
    }

    /// Notes the events after `seen`.
    fn note(&self, org: &str, seen: i64, rows: &[Row]) -> Result<()> {
        let Some(last) = rows.last() else { return Ok(()) };
        let ids: Vec<Id> = rows.iter().map(|row| stored_id(row, 1)).collect::<Result<_>>()?;
        self.rows.changes.note(ids.iter().map(|id| (org, id)));
        self.seen.advance(org, seen, get(last, 0)?);
        Ok(())
    }

    /// Begins to follow an org at its last event. What is kept in memory may be older.
    fn begin(&self, org: &str, rows: &[Row]) -> Result<()> {
        let last = rows.first().map_or(Ok(0), |row| get(row, 0))?;
        self.rows.changes.everything();
        self.seen.begin(org, last);
        Ok(())
    }
}
