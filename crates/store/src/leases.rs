//! Leases: which of several servers does what needs to be done once, for a while.
//!
//! A lease ends by itself, so that the server that holds it may die. The clocks of servers differ,
//! and a server may stand still and go on when its lease is over: what is done under a lease must
//! do no harm when it is done twice.

use std::time::Duration;

use worksmith_kernel::{Result, Value};
use worksmith_wire::Timestamp;

use crate::store::Store;

/// Whoever waits for a lease asks so often.
const REST: Duration = Duration::from_millis(50);

/// A time for which something is one holder's.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// What it is for.
    pub name: &'a str,
    /// Who asks for it: a text that nobody else has.
    pub holder: &'a str,
    /// The present instant.
    pub now: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

impl Store {
    /// Takes a lease that nobody holds, or holds on to one's own. False when another has it.
    pub async fn lease(&self, lease: &Lease<'_>) -> Result<bool> {
        let sql = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                   WHERE leases.until <= $4 OR leases.holder = excluded.holder RETURNING name";
        let Lease { name, holder, now, until } = *lease;
        let values: [Value; 4] = [name.into(), holder.into(), until.into(), now.into()];
        Ok(!self.inner.change(sql, &values).await?.is_empty())
    }

    /// Lets those who hold a lease get on.
    pub async fn rest(&self) {
        tokio::time::sleep(REST).await;
    }

    /// Gives a lease back before its end.
    pub async fn release(&self, name: &str, holder: &str) -> Result<()> {
        let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        self.inner.change(sql, &[name.into(), holder.into()]).await.map(drop)
    }
}
