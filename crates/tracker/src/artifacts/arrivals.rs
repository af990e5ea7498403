//! Uploads that go past the server, to where the bytes are kept. The form that
//! `artifacts.prepare` hands out puts the file under a key that belongs to the awaited upload;
//! whoever looks there next makes a version of what has arrived: the client itself, who is sent to
//! an address of ours after the upload, the next call about the artifact, or the sweep.
//!
//! The form stays good for a while after that, and what it writes may change until then. So the
//! version names a copy, under a key that no form can write to.

use futures_util::StreamExt;
use worksmith_kernel::{Error, OpCtx, Result};
use worksmith_store::{Files, Store};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use crate::artifacts::addresses::{AwaitedUpload, no_upload, uploaded};
use crate::artifacts::{Artifact, Upload, Version};
use crate::auth::Environment;
use crate::auth_tokens::hash;

/// The folder of the keys to which forms write. They have four parts, and those of versions have
/// three, so that they can't meet.
const FOLDER: &str = "uploads";

/// Where the bytes of an awaited upload arrive.
pub(super) fn key(org: &str, id: &Id, hash: &str) -> String {
    format!("{FOLDER}/{org}/{}/{hash}", id.local())
}

/// The artifact and the hash of the ticket to which a key belongs.
fn of_key(key: &str) -> Option<(&str, Id, &str)> {
    let parts: Vec<&str> = key.split('/').collect();
    let [FOLDER, org, number, hash] = parts.as_slice() else { return None };
    Some((org, Id::numbered(Kind::Artifact, number.parse().ok()?), hash))
}

/// Where a client is sent after an upload that went past the server.
pub(super) fn redirect(cx: &OpCtx, id: &Id, ticket: &str) -> String {
    format!("{}/uploaded/{}/{}/{ticket}", cx.base_url, cx.org.org, id.local())
}

/// Makes versions of what has arrived for an artifact until now, if it is there. To be called
/// before anything that looks at its versions.
pub async fn adopt(
    store: &Store,
    environment: &Environment,
    files: &Files,
    (org, id): (&str, &Id),
    now: Timestamp,
) -> Result<()> {
    if !files.is_remote() {
        return Ok(());
    }
    let Some(stored) = store.peek::<Artifact>(org, id).await? else { return Ok(()) };
    // Of those who waited longer the sweep has made versions, if anything came.
    for upload in stored.doc.uploads.iter().filter(|upload| upload.may_still_come(now)) {
        adopt_one(store, environment, files, (org, id), upload).await?;
    }
    Ok(())
}

async fn adopt_one(
    store: &Store,
    environment: &Environment,
    files: &Files,
    (org, id): (&str, &Id),
    upload: &Upload,
) -> Result<()> {
    let arrived = key(org, id, &upload.hash);
    // Asked first, since that is cheap, and most often nothing is there.
    let Some(etag) = files.etag(&arrived).await? else { return Ok(()) };
    let mut awaited = AwaitedUpload::of(environment, org, id, upload);
    awaited.etag = Some(etag);
    let Some(size) = files.copy(&arrived, &awaited.key).await? else { return Ok(()) };
    match uploaded(store, &awaited, size).await {
        // What can't be deleted now is the sweep's; the version is there.
        Ok(_) => drop(files.delete(&arrived).await),
        // Another was quicker, and its copy is the version.
        Err(Error::Api(_)) => files.delete(&awaited.key).await?,
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Tells a client that was sent here after its upload which version the bytes are by now. It
/// may ask again: the answer stays the same. But a form that was used once is used up, though the
/// bucket can't know: what it wrote after that is refused and deleted.
pub async fn confirm(
    store: &Store,
    environment: &Environment,
    files: &Files,
    (org, number): (&str, u64),
    ticket: &str,
) -> Result<String> {
    let id = Id::numbered(Kind::Artifact, number);
    adopt(store, environment, files, (org, &id), environment.clock.now()).await?;
    let hash = hash(ticket);
    let stored = store.peek::<Artifact>(org, &id).await?.ok_or_else(no_upload)?;
    let is_of_it = |version: &&Version| version.ticket.as_ref() == Some(&hash);
    let Some(version) = stored.doc.versions.iter().find(is_of_it) else {
        stored.doc.upload(&hash).ok_or_else(no_upload)?;
        return Err(ApiError::not_found("no file has arrived yet").into());
    };
    let arrived = key(org, &id, &hash);
    let etag = files.etag(&arrived).await?;
    // Bytes with the same tag are those of the version, which are about to be deleted there.
    if etag.is_none() || etag == version.etag {
        return Ok(version.version.clone());
    }
    files.delete(&arrived).await?;
    Err(no_upload())
}

/// Makes versions of everything that has arrived, deletes what no artifact waits for and what came
/// before an instant, and tells how much it deleted. There are only few such objects at a time.
pub(super) async fn sweep(
    store: &Store,
    environment: &Environment,
    files: &Files,
    before: Timestamp,
) -> Result<u64> {
    let (mut deleted, mut done) = (0, Ok(()));
    let mut keys = files.keys(Some(FOLDER));
    while let Some(key) = keys.next().await {
        let (key, written_at) = key?;
        let Some((org, id, hash)) = of_key(&key) else { continue };
        let stored = store.peek::<Artifact>(org, &id).await?;
        let upload = stored.as_ref().and_then(|stored| stored.doc.upload(hash));
        match upload {
            // One that fails does not keep the others from being adopted.
            Some(upload) => {
                let adopted = adopt_one(store, environment, files, (org, &id), upload).await;
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
