//! What a server does beside answering calls. Of several servers on one database one does each
//! thing at a time: what follows from events is claimed, and what is to be done now and then is
//! leased, so that any of them may die.

use std::time::Duration;

use worksmith_kernel::Result;
use worksmith_store::{Files, Lease, Store};
use worksmith_tracker::auth::Environment;
use worksmith_tracker::{artifacts, cascades, sla_trackers};

/// How often it is looked for events that were not read, and for cascades.
const READ_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for trackers whose time has come: a warning or a missed target is noted
/// at most so much later.
const NOTE_EVERY: Duration = Duration::from_millis(500);
/// How often files are swept up where others may bring some.
const SWEEP_REMOTE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How often where only a failure leaves any.
const SWEEP_LOCAL_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// So long one server has the sweeping to itself.
const SWEEP_LEASE_MS: i64 = 5 * 60_000;

/// Begins all of it.
pub(crate) fn start(store: &Store, environment: &Environment, files: &Files) {
    tokio::spawn(read(store.clone(), environment.clone(), files.clone()));
    tokio::spawn(note(store.clone(), environment.clone()));
    tokio::spawn(work_off(store.clone(), environment.clone()));
    tokio::spawn(sweep(store.clone(), environment.clone(), files.clone()));
}

/// Does what follows from events.
async fn read(store: Store, environment: Environment, files: Files) {
    loop {
        match artifacts::clear(&store, &environment, &files).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "deleted the files of versions that are gone"),
            Err(cause) => tracing::warn!(?cause, "can't delete the files of versions"),
        }
        match sla_trackers::revisit(&store, &environment).await {
            Ok(0) => {}
            Ok(works) => tracing::info!(works, "read the clocks of works anew"),
            Err(cause) => tracing::warn!(?cause, "can't read the clocks of works anew"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Rewrites what deletions, merges and moves have left to be rewritten.
async fn work_off(store: Store, environment: Environment) {
    let holder = environment.opaque(20);
    loop {
        match cascades::work_off(&store, &environment, &holder).await {
            Ok(0) => {}
            Ok(objects) => tracing::info!(objects, "rewrote what refers to changed objects"),
            Err(cause) => tracing::warn!(?cause, "can't rewrite what refers to changed objects"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Notes warnings and missed targets of SLAs when their time has come.
async fn note(store: Store, environment: Environment) {
    loop {
        match sla_trackers::note_due(&store, &environment).await {
            Ok(0) => {}
            Ok(trackers) => tracing::debug!(trackers, "noted what fell due"),
            Err(cause) => tracing::warn!(?cause, "can't note what has fallen due"),
        }
        tokio::time::sleep(NOTE_EVERY).await;
    }
}

/// Makes versions of the files that came past the server and were not told of, and deletes those
/// that were left half done. What can't be deleted does no harm, so nobody waits for it.
async fn sweep(store: Store, environment: Environment, files: Files) {
    let holder = environment.opaque(20);
    let every = if files.is_remote() { SWEEP_REMOTE_EVERY } else { SWEEP_LOCAL_EVERY };
    loop {
        match sweep_once(&store, &environment, &files, &holder).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "swept up files that nothing names"),
            Err(cause) => tracing::warn!(?cause, "can't sweep up files that nothing names"),
        }
        tokio::time::sleep(every).await;
    }
}

/// Sweeps, unless another server does.
async fn sweep_once(
    store: &Store,
    environment: &Environment,
    files: &Files,
    holder: &str,
) -> Result<u64> {
    let (name, now) = ("sweep", environment.clock.now());
    // Files in a folder of this machine are nobody else's to sweep.
    if !files.is_remote() {
        return artifacts::sweep(store, environment, files).await;
    }
    let lease = Lease { name, holder, now, until: now.plus_ms(SWEEP_LEASE_MS) };
    if !store.lease(&lease).await? {
        return Ok(0);
    }
    let swept = artifacts::sweep(store, environment, files).await;
    store.release(name, holder).await?;
    swept
}
