//! Leases: they decide which of several servers does what must be done by one at a time.
//!
//! A lease expires by itself, so the server that holds it may die. The clocks of servers differ,
//! and a server may be suspended and go on when its lease has expired: what is done under a lease
//! must do no harm if it is done twice.

use std::time::Duration;

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
