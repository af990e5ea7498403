//! What a server does besides answering calls. Of several servers on one database, only one does
//! each thing at a time: the work that follows from events is claimed, and periodic work is leased,
//! so that any server may die.

use std::time::Duration;

use worksmith_engine::Engine;
use worksmith_kernel::Result;
use worksmith_org::{Environment, artifacts};
use worksmith_sla::sla_trackers;
use worksmith_store::{Files, Lease};
use worksmith_talk::timeline_entries;
use worksmith_tracker::webhooks::Hooks;
use worksmith_tracker::{cascades, tracking};

/// How often to look for unread events, and for cascades.
const READ_EVERY: Duration = Duration::from_secs(1);
/// How often to look for trackers that are due: a warning or a missed target is noted at most this
/// much later.
const NOTE_EVERY: Duration = Duration::from_millis(500);
/// How often files are swept if others may add some.
const SWEEP_REMOTE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How often files are swept if only a failure leaves any.
const SWEEP_LOCAL_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// How often comments are deleted that have expired. Nobody sees them meanwhile.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// How long one server has a sweep to itself, in milliseconds.
const SWEEP_LEASE_MS: i64 = 5 * 60_000;

/// Starts all of it.
pub(crate) fn start(engine: &Engine, environment: &Environment, files: &Files, hooks: Hooks) {
    tokio::spawn(read(engine.clone(), environment.clone(), files.clone()));
    tokio::spawn(note(engine.clone(), environment.clone()));
    tokio::spawn(work_off(engine.clone(), environment.clone()));
    tokio::spawn(sweep(engine.clone(), environment.clone(), files.clone()));
    tokio::spawn(expire(engine.clone(), environment.clone()));
    tokio::spawn(hooks.run());
}

/// Does what follows from events.
async fn read(engine: Engine, environment: Environment, files: Files) {
    loop {
        match artifacts::clear(&engine, &environment, &files).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "deleted the files of versions that are gone"),
            Err(cause) => tracing::warn!(?cause, "can't delete the files of versions"),
        }
        match tracking::revisit(&engine, &environment).await {
            Ok(0) => {}
            Ok(works) => tracing::info!(works, "read the clocks of works anew"),
            Err(cause) => tracing::warn!(?cause, "can't read the clocks of works anew"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Rewrites what deletions, merges and moves have left to rewrite.
async fn work_off(engine: Engine, environment: Environment) {
    let holder = environment.opaque(20);
    loop {
        match cascades::work_off(&engine, &environment, &holder).await {
            Ok(0) => {}
            Ok(objects) => tracing::info!(objects, "rewrote what refers to changed objects"),
            Err(cause) => tracing::warn!(?cause, "can't rewrite what refers to changed objects"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Notes warnings and missed targets of SLAs when they fall due.
async fn note(engine: Engine, environment: Environment) {
    loop {
        match sla_trackers::note_due(&engine, &environment).await {
            Ok(0) => {}
            Ok(trackers) => tracing::debug!(trackers, "noted what fell due"),
            Err(cause) => tracing::warn!(?cause, "can't note what has fallen due"),
        }
        tokio::time::sleep(NOTE_EVERY).await;
    }
}

/// Makes versions of files that went directly to the bucket without the client confirming that, and
/// deletes incomplete ones. What can't be deleted does no harm, so nobody waits for it.
async fn sweep(engine: Engine, environment: Environment, files: Files) {
    let holder = environment.opaque(20);
    let every = if files.is_remote() { SWEEP_REMOTE_EVERY } else { SWEEP_LOCAL_EVERY };
    loop {
        match sweep_once(&engine, &environment, &files, &holder).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "swept up files that nothing names"),
            Err(cause) => tracing::warn!(?cause, "can't sweep up files that nothing names"),
        }
        tokio::time::sleep(every).await;
    }
}

/// Sweeps, unless another server does.
async fn sweep_once(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    holder: &str,
) -> Result<u64> {
    // No other server sweeps files in a folder of this machine.
    if !files.is_remote() {
        return artifacts::sweep(engine, environment, files).await;
    }
    if !is_alone(engine, environment, "sweep", holder).await? {
        return Ok(0);
    }
    let swept = artifacts::sweep(engine, environment, files).await;
    engine.store().release("sweep", holder).await?;
    swept
}

/// Deletes comments that have expired.
async fn expire(engine: Engine, environment: Environment) {
    let holder = environment.opaque(20);
    loop {
        match expire_once(&engine, &environment, &holder).await {
            Ok(0) => {}
            Ok(entries) => tracing::debug!(entries, "deleted comments that have expired"),
            Err(cause) => tracing::warn!(?cause, "can't delete comments that have expired"),
        }
        tokio::time::sleep(EXPIRE_EVERY).await;
    }
}

/// Does that, unless another server does.
async fn expire_once(engine: &Engine, environment: &Environment, holder: &str) -> Result<u64> {
    if !engine.store().is_shared() {
        return timeline_entries::expire(engine, environment).await;
    }
    if !is_alone(engine, environment, "expire", holder).await? {
        return Ok(0);
    }
    let deleted = timeline_entries::expire(engine, environment).await;
    engine.store().release("expire", holder).await?;
    deleted
}

/// Whether this server has some work to itself for a while.
async fn is_alone(
    engine: &Engine,
    environment: &Environment,
    name: &str,
    holder: &str,
) -> Result<bool> {
    let now = environment.clock.now();
    engine.store().lease(&Lease { name, holder, now, until: now.plus_ms(SWEEP_LEASE_MS) }).await
}
