//! Deleting the bytes of deleted versions. This is a reader of the log, so it works whichever
//! server deletes the version, and even if that server dies.

use serde::Deserialize;
use worksmith_engine::Engine;
use worksmith_kernel::{Error, Reader, Result};
use worksmith_store::{Event, Files};
use worksmith_wire::Kind;

use crate::artifacts::{Artifact, Version};
use crate::environment::Environment;

/// Reads every change of an artifact.
pub(super) const READER: Reader = Reader { name: "files", kinds: &[Kind::Artifact] };
/// How many events are claimed at a time.
const EVENTS: usize = 50;
/// How long a claim lasts, in milliseconds. If the server dies, the others take over after that.
const CLAIM_MS: i64 = 60_000;

/// What an event contains of a document that has changed.
#[derive(Deserialize)]
struct Before {
    #[serde(default)]
    versions: Option<Vec<Version>>,
}

/// Deletes the bytes of versions that any server has deleted since the last call. Returns how many
/// versions there were.
pub async fn clear(engine: &Engine, environment: &Environment, files: &Files) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let now = environment.clock.now();
        let until = now.plus_ms(CLAIM_MS);
        let events = engine.store().claim(READER.name, EVENTS, now, until).await?;
        if events.is_empty() {
            return Ok(deleted);
        }
        for event in events {
            let keys = given_up(engine, &event).await?;
            // A backup that began before they were deleted may name them. The claim expires, and
            // then they are looked at again.
            if !keys.is_empty() && engine.store().files_are_held(environment.clock.now()).await? {
                return Ok(deleted);
            }
            for key in keys {
                files.delete(&key).await?;
                deleted += 1;
            }
            engine.store().have_read(READER.name, &event).await?;
        }
    }
}

/// The keys of the versions that the artifact had before the event and no longer has.
async fn given_up(engine: &Engine, event: &Event) -> Result<Vec<String>> {
    let Some(old) = &event.old else { return Ok(Vec::new()) };
    let before: Before = serde_json::from_str(old).map_err(Error::internal)?;
    let Some(before) = before.versions else { return Ok(Vec::new()) };
    let stored = engine.peek::<Artifact>(&event.org, &event.id).await?;
    let left = stored.map(|stored| stored.doc.versions).unwrap_or_default();
    let keys = before.into_iter().map(|version| version.key);
    Ok(keys.filter(|key| left.iter().all(|version| version.key != *key)).collect())
}
