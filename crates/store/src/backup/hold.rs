//! Holding back the deletion of files while a backup copies those that its state names. It is a
//! lease, so that all servers know, and so that it ends by itself when the backup is killed.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use worksmith_kernel::{Clock, Result};
use worksmith_wire::Timestamp;

use crate::leases::Lease;
use crate::store::Store;

/// What the names of these leases begin with. There may be several backups at once.
const PREFIX: &str = "backup ";
/// Whatever begins so lies between `PREFIX` and this.
const BEHIND: &str = "backup!";
/// When a backup is killed, files are held for so long at most.
const LEASE_MS: i64 = 60_000;
/// So often it is said that the backup goes on.
const RENEW_EVERY: Duration = Duration::from_secs(15);

/// As long as this is there, no server deletes the files of versions that were there before.
pub struct Hold {
    store: Store,
    name: String,
    holder: String,
    renewing: JoinHandle<()>,
}

impl Store {
    /// Begins to hold files back, in the name of a holder that nobody else has. What a snapshot
    /// names that is taken after this stays until [`Hold::release`].
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

    /// Whether files are held back. To be asked after it is decided that a file is named no more,
    /// and before it is deleted: then a backup that is not seen here begins later, and does not
    /// name the file either.
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
    /// Lets deletions go on. One that is dropped lets them go on a little later.
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
