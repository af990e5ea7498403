//! Deleting the bytes of versions that are gone: a reader of the log, so that they go whichever
//! server deletes the version, and whichever dies meanwhile.

use serde::Deserialize;
use worksmith_kernel::{Error, Reader, Result};
use worksmith_store::{Event, Files, Store};
use worksmith_wire::Kind;

use crate::artifacts::{Artifact, Version};
use crate::auth::Environment;

/// Hears of every change of an artifact.
pub(super) const READER: Reader = Reader { name: "files", kinds: &[Kind::Artifact] };
/// So many events are claimed at once.
const EVENTS: usize = 50;
/// So long they are this server's. One that dies leaves them to the others after that.
const CLAIM_MS: i64 = 60_000;

/// What an event keeps of a document that has changed.
#[derive(Deserialize)]
struct Before {
    #[serde(default)]
    versions: Option<Vec<Version>>,
}

/// Deletes the bytes of versions that were deleted since it was called last, by whichever server,
/// and tells how many there were.
pub async fn clear(store: &Store, environment: &Environment, files: &Files) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let now = environment.clock.now();
        let until = now.plus_ms(CLAIM_MS);
        let events = store.claim(READER.name, EVENTS, now, until).await?;
        if events.is_empty() {
            return Ok(deleted);
        }
        for event in events {
            let keys = given_up(store, &event).await?;
            // A backup may name them that began before they were given up. The claim ends by
            // itself, and then they are looked at again.
            if !keys.is_empty() && store.files_are_held(environment.clock.now()).await? {
                return Ok(deleted);
            }
            for key in keys {
                files.delete(&key).await?;
                deleted += 1;
            }
            store.have_read(READER.name, &event).await?;
        }
    }
}

/// The keys of the versions that the artifact had before the event and has no more.
async fn given_up(store: &Store, event: &Event) -> Result<Vec<String>> {
    let Some(old) = &event.old else { return Ok(Vec::new()) };
    let before: Before = serde_json::from_str(old).map_err(Error::internal)?;
    let Some(before) = before.versions else { return Ok(Vec::new()) };
    let stored = store.peek::<Artifact>(&event.org, &event.id).await?;
    let left = stored.map(|stored| stored.doc.versions).unwrap_or_default();
    let keys = before.into_iter().map(|version| version.key);
    Ok(keys.filter(|key| left.iter().all(|version| version.key != *key)).collect())
}
