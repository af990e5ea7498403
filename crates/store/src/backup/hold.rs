//! Holding back the deletion of files while a backup copies those that its state names. The hold is
//! a lease, so that all servers know of it, and so that it ends by itself if the backup is killed.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use worksmith_kernel::{Clock, Result};
use worksmith_wire::Timestamp;

use crate::leases::Lease;
use crate::store::Store;

/// The prefix of these leases' names. Several backups may run at once.
const PREFIX: &str = "backup ";
/// Every name with the prefix sorts between `PREFIX` and this.
const BEHIND: &str = "backup!";
/// How long files stay held after a backup is killed.
const LEASE_MS: i64 = 60_000;
/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(15);

/// As long as this exists, no server deletes files of versions that were there before.
pub struct Hold {
    store: Store,
    name: String,
    holder: String,
    renewing: JoinHandle<()>,
}

impl Store {
    /// Begins to hold files back in the name of a holder, which must be unique. What a later
    /// snapshot names stays until [`Hold::release`].
    pub async fn hold_files(&self, holder: &str, clock: &Arc<dyn Clock>) -> Result<Hold> {
        let (name, now) = (format!("{PREFIX}{holder}"), clock.now());
        let sql = "DELETE FROM leases WHERE name >= $1 AND name < $2 AND until <= $3";
        self.inner.change(sql, &[PREFIX.into(), BEHIND.into(), now.into()]).await?;
        self.lease(&Lease { name: &name, holder, now, until: now.plus_ms(LEASE_MS) }).await?;
        let (store, holder) = (self.clone(), holder.to_owned());
        let renewing =
            tokio::spawn(renew(self.clone(), name.clone(), holder.clone(), clock.clone()));
        Ok(Hold { store, name, holder, renewing })
    }

    /// Whether files are held back. Ask this after deciding that a file is no longer named and
    /// before deleting it: a backup that is not seen here then begins later, and does not name the
    /// file either.
    pub async fn files_are_held(&self, now: Timestamp) -> Result<bool> {
        let sql = "SELECT name FROM leases WHERE name >= $1 AND name < $2 AND until > $3 LIMIT 1";
        let values = [PREFIX.into(), BEHIND.into(), now.into()];
        Ok(!self.inner.snapshot()?.ask(sql, &values).await?.is_empty())
    }
}

async fn renew(store: Store, name: String, holder: String, clock: Arc<dyn Clock>) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let now = clock.now();
        let lease = Lease { name: &name, holder: &holder, now, until: now.plus_ms(LEASE_MS) };
        if let Err(cause) = store.lease(&lease).await {
            tracing::warn!(?cause, "the hold on files can't be renewed");
        }
    }
}

impl Hold {
    /// Lets deletions go on. If the hold is dropped instead, they go on a little later.
    pub async fn release(self) {
        self.renewing.abort();
        if let Err(cause) = self.store.release(&self.name, &self.holder).await {
            tracing::warn!(?cause, "the hold on files ends by itself in a minute");
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}
