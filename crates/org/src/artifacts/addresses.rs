//! The addresses of uploads and downloads, which need no token: an upload is authorised by a ticket
//! that is valid once, a download by a signature. Both expire.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Error, FormTerms, OpCtx, Result, SignedForm};
use worksmith_wire::artifacts::{FormData, LocateResponse, PrepareResponse};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use crate::artifacts::{Artifact, UPLOAD, Upload, Version, arrivals};
use crate::environment::Environment;
use crate::secrets::hash;

/// How long an address is valid, in milliseconds.
const GOOD_FOR_MS: i64 = 15 * 60 * 1000;
/// An upload that loses this many races in a row gives up with a temporary fault.
const TRIES_MAX: usize = 50;

/// A new ticket, and what is kept of it.
pub(super) fn ticket(cx: &OpCtx) -> (String, Upload) {
    let ticket = cx.opaque(43);
    let upload = Upload {
        hash: hash(&ticket),
        expires_at: cx.now.plus_ms(GOOD_FOR_MS),
        prepared_by: cx.actor.id.clone(),
    };
    (ticket, upload)
}

/// Where to upload an artifact with a ticket: to this server, or directly to the bucket.
pub(super) fn upload_to(cx: &OpCtx, id: &Id, ticket: &str) -> Result<PrepareResponse> {
    let form = match &cx.forms {
        // The ticket is sufficient; the field is for clients that expect one.
        None => SignedForm {
            url: format!("{}/upload/{ticket}", cx.base_url),
            fields: vec![("key".to_owned(), id.local().to_owned())],
        },
        Some(forms) => forms.sign(FormTerms {
            key: &arrivals::key(&cx.org.org, id, &hash(ticket)),
            signed_at: cx.now,
            expires_at: cx.now.plus_ms(GOOD_FOR_MS),
            redirect: &arrivals::redirect(cx, id, ticket),
        })?,
    };
    let fields = form.fields.into_iter().map(|(key, value)| FormData { key, value });
    Ok(PrepareResponse { id: cx.don(id), url: form.url, form_data: fields.collect() })
}

/// Where to download a version of an artifact.
pub(super) fn download_from(
    cx: &OpCtx,
    id: &Id,
    artifact: &Artifact,
    version: &str,
) -> Result<LocateResponse> {
    let expires_at = cx.now.plus_ms(GOOD_FOR_MS);
    let org = &cx.org.org;
    let message = message(org, id, version, expires_at);
    let signature = URL_SAFE_NO_PAD.encode(signer(artifact, &message)?.finalize().into_bytes());
    let url = format!(
        "{}/download/{org}/{}/{version}?expires={}&signature={signature}",
        cx.base_url,
        id.local(),
        expires_at.0
    );
    Ok(LocateResponse { url, expires_at: expires_at.into() })
}

fn message(org: &str, id: &Id, version: &str, expires_at: Timestamp) -> String {
    format!("{org}\n{id}\n{version}\n{}", expires_at.0)
}

/// Each artifact has a key of its own in its document, so that a backup is self-contained, and all
/// servers on a database use the same one.
fn signer(artifact: &Artifact, message: &str) -> Result<Hmac<Sha256>> {
    let signer = Hmac::<Sha256>::new_from_slice(artifact.secret.as_bytes());
    Ok(signer.map_err(Error::internal)?.chain_update(message))
}

/// An upload that may begin.
pub struct AwaitedUpload {
    /// The context of the user who requested the address.
    pub cx: OpCtx,
    /// The key under which its bytes are stored. No other upload has it, so simultaneous uploads
    /// don't mix.
    pub key: String,
    /// The entity tag of the object that a form wrote, if the bytes are a copy of that.
    pub(super) etag: Option<String>,
    id: Id,
    hash: String,
}

/// The upload that a ticket authorises.
pub async fn awaited_upload(
    engine: &Engine,
    environment: &Environment,
    ticket: &str,
) -> Result<AwaitedUpload> {
    let hash = hash(ticket);
    let Some((org, id)) = engine.store().locate(UPLOAD, &hash).await? else {
        return Err(no_upload());
    };
    let Some(stored) = engine.peek::<Artifact>(&org, &id).await? else { return Err(no_upload()) };
    let upload = stored.doc.upload(&hash).ok_or_else(no_upload)?;
    let awaited = AwaitedUpload::of(environment, &org, &id, upload);
    still_good(upload.expires_at, awaited.cx.now)?;
    Ok(awaited)
}

impl AwaitedUpload {
    pub(super) fn of(environment: &Environment, org: &str, id: &Id, upload: &Upload) -> Self {
        let actor = Actor {
            id: upload.prepared_by.clone(),
            is_admin: false,
            rev_org: None,
            account: None,
            scopes: Vec::new(),
            token: None,
        };
        let cx = environment.context(org, actor);
        let key = format!("{org}/{}/{}", id.local(), cx.opaque(22));
        Self { cx, key, etag: None, id: id.clone(), hash: upload.hash.clone() }
    }
}

pub(super) fn no_upload() -> Error {
    let message = "no upload is awaited here; an address from artifacts.prepare is good once";
    ApiError::not_found(message).into()
}

fn still_good(expires_at: Timestamp, now: Timestamp) -> Result<()> {
    if now < expires_at {
        return Ok(());
    }
    Err(ApiError::forbidden(format!("the address was good until {expires_at}")).into())
}

/// Makes the bytes of an upload, which are stored under its key, a version of its artifact. Returns
/// the name of the version. If this fails, no document names the bytes.
pub async fn uploaded(engine: &Engine, upload: &AwaitedUpload, size: u64) -> Result<String> {
    for _ in 0..TRIES_MAX {
        let mut tx = engine.begin(&upload.cx);
        let version = add_version(&mut tx, upload, size).await?;
        match tx.finish().await {
            Err(Error::Stale) => {}
            done => return done.map(|()| version),
        }
    }
    Err(Error::unavailable(format!("an upload lost {TRIES_MAX} races")))
}

async fn add_version(tx: &mut Tx, upload: &AwaitedUpload, size: u64) -> Result<String> {
    let stored = tx.find::<Artifact>(&upload.id).await?.ok_or_else(no_upload)?;
    let mut doc = stored.doc.clone();
    // Another upload with the same ticket may have been faster.
    doc.upload(&upload.hash).ok_or_else(no_upload)?;
    doc.uploads.retain(|awaited| awaited.hash != upload.hash);
    doc.versions_made += 1;
    let version = doc.versions_made.to_string();
    doc.versions.push(Version {
        version: version.clone(),
        key: upload.key.clone(),
        size: i64::try_from(size).map_err(Error::internal)?,
        uploaded_at: tx.cx().now,
        uploaded_by: tx.cx().actor.id.clone(),
        ticket: Some(upload.hash.clone()),
        etag: upload.etag.clone(),
    });
    tx.update(stored, doc).await?;
    Ok(version)
}

/// What the address of a download contains.
#[derive(Clone, Copy, Debug)]
pub struct DownloadAddress<'a> {
    /// The org.
    pub org: &'a str,
    /// The number of the artifact.
    pub number: u64,
    /// The version.
    pub version: &'a str,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The signature of all of these.
    pub signature: &'a str,
}

/// A file that may be downloaded.
#[derive(Clone, Debug)]
pub struct Download {
    /// Where the bytes are.
    pub key: String,
    /// How many bytes there are.
    pub size: u64,
    /// The name of the file.
    pub file_name: String,
    /// The type of the file according to the client.
    pub file_type: String,
    /// How long the address is still valid, in milliseconds.
    pub good_for_ms: i64,
}

/// The file at a download address.
pub async fn download(
    engine: &Engine,
    environment: &Environment,
    address: DownloadAddress<'_>,
) -> Result<Download> {
    let DownloadAddress { org, number, version, expires_at, signature } = address;
    let id = Id::numbered(Kind::Artifact, number);
    let stored = engine.peek::<Artifact>(org, &id).await?.ok_or_else(not_signed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| not_signed())?;
    let signer = signer(&stored.doc, &message(org, &id, version, expires_at))?;
    signer.verify_slice(&signature).map_err(|_| not_signed())?;
    let now = environment.clock.now();
    still_good(expires_at, now)?;
    let Some(found) = stored.doc.version(Some(version)) else {
        let message = format!("version {version} of the file was not uploaded, or was deleted");
        return Err(ApiError::not_found(message).into());
    };
    Ok(Download {
        key: found.key.clone(),
        size: u64::try_from(found.size).map_err(Error::internal)?,
        file_name: stored.doc.file_name.clone(),
        file_type: stored.doc.file_type.clone(),
        good_for_ms: expires_at.0 - now.0,
    })
}

fn not_signed() -> Error {
    let message = "the address is not one that artifacts.locate gave out";
    ApiError::forbidden(message).into()
}
