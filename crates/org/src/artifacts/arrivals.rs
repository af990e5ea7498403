//! Uploads that go directly to the bucket. The form that `artifacts.prepare` hands out puts the
//! file under a key that belongs to the awaited upload. The next one to look there makes it a
//! version: the client itself, which the bucket redirects to this server after the upload, the next
//! call about the artifact, or the sweep.
//!
//! The form stays valid for a while after that, and may overwrite the file. So the version names a
//! copy, under a key that no form can write to.

use futures_util::StreamExt;
use worksmith_engine::Engine;
use worksmith_kernel::{Error, OpCtx, Result};
use worksmith_store::Files;
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use crate::artifacts::addresses::{AwaitedUpload, no_upload, uploaded};
use crate::artifacts::{Artifact, Upload, Version};
use crate::environment::Environment;
use crate::secrets::hash;

/// The folder of the keys to which forms write. They have four parts, and those of versions have
/// three, so they can't collide.
const FOLDER: &str = "uploads";

/// The key at which the bytes of an awaited upload arrive.
pub(super) fn key(org: &str, id: &Id, hash: &str) -> String {
    format!("{FOLDER}/{org}/{}/{hash}", id.local())
}

/// The artifact and the hash of the ticket to which a key belongs.
fn of_key(key: &str) -> Option<(&str, Id, &str)> {
    let parts: Vec<&str> = key.split('/').collect();
    let [FOLDER, org, number, hash] = parts.as_slice() else { return None };
    Some((org, Id::numbered(Kind::Artifact, number.parse().ok()?), hash))
}

/// Where the bucket redirects a client after an upload.
pub(super) fn redirect(cx: &OpCtx, id: &Id, ticket: &str) -> String {
    format!("{}/uploaded/{}/{}/{ticket}", cx.base_url, cx.org.org, id.local())
}

/// Makes versions of what has arrived for an artifact so far, if the artifact exists. Call this
/// before anything that looks at its versions.
pub async fn adopt(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    (org, id): (&str, &Id),
    now: Timestamp,
) -> Result<()> {
    if !files.is_remote() {
        return Ok(());
    }
    let Some(stored) = engine.peek::<Artifact>(org, id).await? else { return Ok(()) };
    // If anything arrived for older uploads, the sweep has made versions of it.
    for upload in stored.doc.uploads.iter().filter(|upload| upload.may_still_come(now)) {
        adopt_one(engine, environment, files, (org, id), upload).await?;
    }
    Ok(())
}

async fn adopt_one(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    (org, id): (&str, &Id),
    upload: &Upload,
) -> Result<()> {
    let arrived = key(org, id, &upload.hash);
    // This is checked first because it is cheap, and usually nothing is there.
    let Some(etag) = files.etag(&arrived).await? else { return Ok(()) };
    let mut awaited = AwaitedUpload::of(environment, org, id, upload);
    awaited.etag = Some(etag);
    let Some(size) = files.copy(&arrived, &awaited.key).await? else { return Ok(()) };
    match uploaded(engine, &awaited, size).await {
        // If it can't be deleted now, the sweep will do it; the version exists.
        Ok(_) => drop(files.delete(&arrived).await),
        // Another call was faster, and its copy is the version.
        Err(Error::Api(_)) => files.delete(&awaited.key).await?,
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Tells a client that was redirected here after its upload which version the bytes have become. It
/// may ask again and gets the same answer. But a form can be used only once, although the bucket
/// doesn't know that: what it writes after that is refused and deleted.
pub async fn confirm(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    (org, number): (&str, u64),
    ticket: &str,
) -> Result<String> {
    let id = Id::numbered(Kind::Artifact, number);
    adopt(engine, environment, files, (org, &id), environment.clock.now()).await?;
    let hash = hash(ticket);
    let stored = engine.peek::<Artifact>(org, &id).await?.ok_or_else(no_upload)?;
    let is_of_it = |version: &&Version| version.ticket.as_ref() == Some(&hash);
    let Some(version) = stored.doc.versions.iter().find(is_of_it) else {
        stored.doc.upload(&hash).ok_or_else(no_upload)?;
        return Err(ApiError::not_found("no file has arrived yet").into());
    };
    let arrived = key(org, &id, &hash);
    let etag = files.etag(&arrived).await?;
    // Bytes with the same tag are those of the version; the original is about to be deleted.
    if etag.is_none() || etag == version.etag {
        return Ok(version.version.clone());
    }
    files.delete(&arrived).await?;
    Err(no_upload())
}

/// Makes versions of everything that has arrived, and deletes what no artifact waits for and what
/// was written before an instant. Returns how many objects it deleted; there are never many.
pub(super) async fn sweep(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    before: Timestamp,
) -> Result<u64> {
    let (mut deleted, mut done) = (0, Ok(()));
    let mut keys = files.keys(Some(FOLDER));
    while let Some(key) = keys.next().await {
        let (key, written_at) = key?;
        let Some((org, id, hash)) = of_key(&key) else { continue };
        let stored = engine.peek::<Artifact>(org, &id).await?;
        let upload = stored.as_ref().and_then(|stored| stored.doc.upload(hash));
        match upload {
            // If one fails, the others are still adopted.
            Some(upload) => {
                let adopted = adopt_one(engine, environment, files, (org, &id), upload).await;
                done = done.and(adopted);
            }
            None if written_at < before => {
                files.delete(&key).await?;
                deleted += 1;
            }
            None => {}
        }
    }
    done.map(|()| deleted)
}
