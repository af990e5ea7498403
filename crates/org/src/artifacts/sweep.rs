//! Deleting bytes that no document names, which a crash leaves after the bytes are written and
//! before the document is.

use futures_util::StreamExt;
use worksmith_engine::Engine;
use worksmith_kernel::Result;
use worksmith_store::Files;
use worksmith_wire::{Id, Kind, Timestamp};

use crate::artifacts::{Artifact, GRACE_MS, arrivals};
use crate::environment::Environment;

/// How often a store across a network is swept, in milliseconds. It takes a call for each thousand
/// files, and finds something only after a crash.
const EVERY_MS: i64 = 24 * 60 * 60 * 1000;
/// The note that says when any server last did that. It is kept beside the files, where all servers
/// that share them see it.
const NOTE: &str = "swept-at";

/// Makes versions of uploads that went directly to the bucket, and deletes every object under
/// `files` that is older than a day and that no version names. Returns how many it deleted. It is
/// safe while this server and others receive uploads. Run it at the start, and every few minutes.
pub async fn sweep(engine: &Engine, environment: &Environment, files: &Files) -> Result<u64> {
    let now = environment.clock.now();
    let before = now.plus_ms(-GRACE_MS);
    if !files.is_remote() {
        files.remove_unfinished(before).await?;
        return orphans(engine, environment, files, before).await;
    }
    let mut deleted = arrivals::sweep(engine, environment, files, before).await?;
    if is_due(files, now).await? {
        files.write_note(NOTE, now.0.to_string()).await?;
        deleted += orphans(engine, environment, files, before).await?;
    }
    Ok(deleted)
}

async fn is_due(files: &Files, now: Timestamp) -> Result<bool> {
    let swept_at = files.read_note(NOTE).await?.and_then(|text| text.trim().parse().ok());
    Ok(swept_at.is_none_or(|at| Timestamp(at).plus_ms(EVERY_MS) <= now))
}

async fn orphans(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    before: Timestamp,
) -> Result<u64> {
    let mut deleted = 0;
    let mut keys = files.keys(None);
    while let Some(key) = keys.next().await {
        let (key, written_at) = key?;
        if written_at < before && !is_named(engine, &key).await? {
            // A running backup may name what was deleted since it began.
            if engine.store().files_are_held(environment.clock.now()).await? {
                return Ok(deleted);
            }
            files.delete(&key).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

/// Whether a version of an artifact has its bytes under the key. A key that has another form than
/// those of versions belongs to somebody else, and stays.
async fn is_named(engine: &Engine, key: &str) -> Result<bool> {
    let parts: Vec<&str> = key.split('/').collect();
    let [org, number, _] = parts.as_slice() else { return Ok(true) };
    let Ok(number) = number.parse() else { return Ok(true) };
    let stored = engine.peek::<Artifact>(org, &Id::numbered(Kind::Artifact, number)).await?;
    let versions = stored.map(|stored| stored.doc.versions).unwrap_or_default();
    Ok(versions.iter().any(|version| version.key == key))
}
