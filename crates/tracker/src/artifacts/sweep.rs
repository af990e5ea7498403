//! Deleting bytes that no document names: what a crash leaves between the bytes and the document.

use futures_util::StreamExt;
use worksmith_kernel::Result;
use worksmith_store::{Files, Store};
use worksmith_wire::{Id, Kind};

use crate::artifacts::Artifact;
use crate::auth::Environment;

/// An upload may take so long from its first byte until its document names it.
const GRACE_MS: i64 = 24 * 60 * 60 * 1000;

/// Deletes every object under `files` that is older than a day and that no version names, and
/// tells how many there were. Safe beside uploads; to be run at a start, or now and then.
pub async fn sweep(store: &Store, environment: &Environment, files: &Files) -> Result<u64> {
    let before = environment.clock.now().plus_ms(-GRACE_MS);
    files.remove_unfinished(before).await?;
    let mut deleted = 0;
    let mut keys = files.keys();
    while let Some(key) = keys.next().await {
        let (key, written_at) = key?;
        if written_at < before && !is_named(store, &key).await? {
            files.delete(&key).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

/// Whether a version of an artifact has its bytes under the key. Whatever has another form than
/// the keys of uploads is somebody else's, and stays.
async fn is_named(store: &Store, key: &str) -> Result<bool> {
    let parts: Vec<&str> = key.split('/').collect();
    let [org, number, _] = parts.as_slice() else { return Ok(true) };
    let Ok(number) = number.parse() else { return Ok(true) };
    let stored = store.peek::<Artifact>(org, &Id::numbered(Kind::Artifact, number)).await?;
    let versions = stored.map(|stored| stored.doc.versions).unwrap_or_default();
    Ok(versions.iter().any(|version| version.key == key))
}
