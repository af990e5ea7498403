//! Leases: they decide which of several servers does what must be done by one at a time.
//!
//! A lease expires by itself, so the server that holds it may die. The clocks of servers differ,
//! and a server may be suspended and go on when its lease has expired: what is done under a lease
//! must do no harm if it is done twice.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use worksmith_kernel::{Result, Value};
use worksmith_wire::Timestamp;

use crate::store::Store;

/// How often a lease is asked for while waiting for it.
const REST: Duration = Duration::from_millis(50);

/// The right to do something, for one holder and a limited time.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// What it is for.
    pub name: &'a str,
    /// Who asks for it: a unique text.
    pub holder: &'a str,
    /// The present instant.
    pub now: Timestamp,
    /// When it expires.
    pub until: Timestamp,
}

impl Store {
    /// Takes a lease that nobody holds, or extends one that the holder has. False if another has
    /// it.
    pub async fn lease(&self, lease: &Lease<'_>) -> Result<bool> {
        let sql = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                   WHERE leases.until <= $4 OR leases.holder = excluded.holder RETURNING name";
        let Lease { name, holder, now, until } = *lease;
        let values: [Value; 4] = [name.into(), holder.into(), until.into(), now.into()];
        Ok(!self.inner.change(sql, &values).await?.is_empty())
    }

    /// Waits a little for the holders of leases to get on.
    pub async fn rest(&self) {
        tokio::time::sleep(REST).await;
    }

    /// Gives a lease back before it expires.
    pub async fn release(&self, name: &str, holder: &str) -> Result<()> {
        let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        self.inner.change(sql, &[name.into(), holder.into()]).await.map(drop)
    }
}

/// Something that of several servers one does at a time: the one that holds a lease on it, and
/// renews that in time. Of a database that nobody else uses, it is always this server's turn.
#[derive(Debug)]
pub struct Turn {
    name: String,
    holder: String,
    length: Duration,
    begun: Instant,
    /// Until when it is held, in milliseconds since the beginning: by the clock of the process,
    /// which nobody sets.
    held_until: AtomicU64,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// That of another server.
    ByAnother,
    /// This server's from now on. Another may have gone on meanwhile.
    Anew,
    /// This server's, as before.
    Still,
}

impl Held {
    /// Whether it is this server's turn.
    pub fn is_ours(self) -> bool {
        self != Self::ByAnother
    }
}

impl Turn {
    /// The turn of what has a name. `holder` tells servers apart; `length` is how long after the
    /// death of a server another one goes on.
    pub fn new(name: impl Into<String>, holder: impl Into<String>, length: Duration) -> Self {
        let (name, holder, begun) = (name.into(), holder.into(), Instant::now());
        Self { name, holder, length, begun, held_until: AtomicU64::new(0) }
    }

    /// Takes the turn if nobody has it, or keeps it. Ask this before each piece of work.
    pub async fn take(&self, store: &Store, now: Timestamp) -> Result<Held> {
        if !store.is_shared() {
            return Ok(Held::Still);
        }
        let (length, asked) = (ms(self.length), self.elapsed());
        if self.held_until.load(Ordering::Relaxed) > asked + length * 2 / 3 {
            return Ok(Held::Still);
        }
        let until = now.plus_ms(i64::try_from(length).unwrap_or(i64::MAX));
        let lease = Lease { name: &self.name, holder: &self.holder, now, until };
        let is_ours = store.lease(&lease).await?;
        // It counts from when it was asked for.
        let held_until = if is_ours { asked + length } else { 0 };
        let before = self.held_until.swap(held_until, Ordering::Relaxed);
        Ok(match is_ours {
            false => Held::ByAnother,
            true if before <= asked => Held::Anew,
            true => Held::Still,
        })
    }

    /// Whether the turn lasts for that long, whatever other servers do.
    pub fn lasts(&self, store: &Store, more: Duration) -> bool {
        !store.is_shared() || self.held_until.load(Ordering::Relaxed) > self.elapsed() + ms(more)
    }

    /// Lets another server have the turn at once.
    pub async fn give_back(&self, store: &Store) -> Result<()> {
        match self.held_until.swap(0, Ordering::Relaxed) {
            0 => Ok(()),
            _ => store.release(&self.name, &self.holder).await,
        }
    }

    fn elapsed(&self) -> u64 {
        ms(self.begun.elapsed())
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
