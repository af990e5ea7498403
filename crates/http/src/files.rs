//! Uploads and downloads of the bytes of artifacts, at addresses that need no token. A form with
//! the file is posted to the address of `artifacts.prepare`, and `artifacts.locate` returns the
//! address of a download. If the bytes are in a bucket that clients reach, the form is posted
//! there, and the bucket redirects the client here afterwards; downloads are redirected to the
//! bucket.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use worksmith_kernel::{Error, Result};
use worksmith_org::artifacts::{self, AwaitedUpload, Download, DownloadAddress};
use worksmith_store::{Shown, Writing};
use worksmith_wire::artifacts::media_type;
use worksmith_wire::{ApiError, ErrorType, Id, Kind, Timestamp};

use crate::app::{App, Inner};
use crate::error;
use crate::record::{self, ACCESS};
use crate::request_id::{REQUEST_ID, request_id};

/// How much a form may contain besides the file, in bytes.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// The field that holds the file.
const FILE: &str = "file";

/// The header in which a bucket names the version that an upload has created.
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

/// Media types that a browser may show, since it executes nothing in them. PDF is not among them
/// because browsers refuse to show one in a sandbox.
const INERT: [&str; 7] =
    ["audio/mpeg", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain", "video/mp4"];

pub(crate) fn routes(upload_bytes_max: usize) -> Router<App> {
    let form_max = upload_bytes_max.saturating_add(FORM_BYTES_MAX);
    Router::new()
        .route("/upload/{ticket}", post(upload).fallback(only_post))
        .route("/uploaded/{org}/{artifact}/{ticket}", get(uploaded).fallback(only_get))
        .route("/download/{org}/{artifact}/{version}", get(download).fallback(only_get))
        .layer(DefaultBodyLimit::max(form_max))
}

/// Deletes bytes that no document names any more. The sweep finds whatever remains.
pub(crate) async fn delete(app: &App, keys: &[String]) {
    for key in keys {
        if let Err(cause) = app.inner.files.delete(key).await {
            tracing::warn!(key, ?cause, "bytes were not deleted");
        }
    }
}

async fn only_post(State(app): State<App>, request: Request) -> Response {
    let request_id = request_id(&app, request.headers());
    finish("upload", Ok(wrong_method("POST")), &request_id)
}

async fn only_get(State(app): State<App>, request: Request) -> Response {
    let request_id = request_id(&app, request.headers());
    finish("download", Ok(wrong_method("GET, HEAD")), &request_id)
}

fn wrong_method(allowed: &'static str) -> Response {
    let message = format!("this address takes {allowed}");
    let mut response = error::body(&ApiError::new(ErrorType::MethodNotAllowed, message));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

async fn upload(State(app): State<App>, request: Request) -> Response {
    let request_id = request_id(&app, request.headers());
    let answer = receive(&app, request, &request_id).await;
    finish("upload", answer, &request_id)
}

async fn uploaded(State(app): State<App>, request: Request) -> Response {
    let request_id = request_id(&app, request.headers());
    let answer = confirm(&app, request.uri()).await;
    finish("uploaded", answer, &request_id)
}

async fn download(State(app): State<App>, request: Request) -> Response {
    let request_id = request_id(&app, request.headers());
    let (head, _) = request.into_parts();
    let answer = send(&app, &head).await;
    finish("download", answer, &request_id)
}

/// The addresses appear neither in the log nor in the metrics, because they are temporary secrets.
pub(crate) fn finish(
    operation: &'static str,
    answer: Result<Response>,
    request_id: &str,
) -> Response {
    let mut response = answer.unwrap_or_else(|failure| error::response(failure, request_id));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    record::answers(operation, status).increment(1);
    tracing::info!(target: ACCESS, request_id, operation, status);
    response
}

async fn receive(app: &App, request: Request, request_id: &str) -> Result<Response> {
    let ticket = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let environment = &app.inner.environment;
    let mut awaited = artifacts::awaited_upload(&app.inner.engine, environment, &ticket).await?;
    awaited.cx.request_id = request_id.into();
    let max = app.inner.limits.upload_bytes_max;
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > max.saturating_add(FORM_BYTES_MAX)) {
        return Err(too_large(max).into());
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|cause| {
        let message = format!("an upload is a multipart/form-data form: {}", cause.body_text());
        ApiError::new(ErrorType::InvalidContentType, message)
    })?;
    // Fields before the file are ignored; what comes after it is not read.
    while let Some(field) = form.next_field().await.map_err(|cause| broken(&cause, max))? {
        if field.name() == Some(FILE) {
            let version = keep(app, &awaited, field).await?;
            return Ok(arrived(&version));
        }
    }
    Err(ApiError::missing(FILE).into())
}

/// The answer to an upload. It names the version as a bucket does, because clients read it there.
fn arrived(version: &str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    put(&mut response, &VERSION_ID, version);
    response
}

/// Stores the bytes of a file, and returns their version.
async fn keep(app: &App, awaited: &AwaitedUpload, mut file: Field<'_>) -> Result<String> {
    let mut writing = app.inner.files.write(&awaited.key).await?;
    if let Err(failure) = copy(&mut file, &mut writing, app.inner.limits.upload_bytes_max).await {
        writing.abort().await;
        return Err(failure);
    }
    let size = writing.finish().await?;
    // The bytes are on the disk from here on, so the document may name them.
    let done = artifacts::uploaded(&app.inner.engine, awaited, size).await;
    // Only a refusal proves that the document does not name them; the sweep finds the rest.
    if matches!(done, Err(Error::Api(_))) {
        delete(app, std::slice::from_ref(&awaited.key)).await;
    }
    done
}

async fn copy(file: &mut Field<'_>, writing: &mut Writing, max: usize) -> Result<()> {
    while let Some(bytes) = file.chunk().await.map_err(|cause| broken(&cause, max))? {
        if writing.size().saturating_add(bytes.len() as u64) > max as u64 {
            return Err(too_large(max).into());
        }
        writing.push(bytes).await?;
    }
    Ok(())
}

fn broken(cause: &MultipartError, max: usize) -> ApiError {
    if cause.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(max);
    }
    ApiError::new(ErrorType::ParseError, format!("the form can't be read: {}", cause.body_text()))
}

fn too_large(max: usize) -> ApiError {
    let message = format!("the file is larger than {max} bytes");
    ApiError::new(ErrorType::RequestEntityTooLarge, message).with("max_bytes", max)
}

/// The end of a path: org, number and something about the artifact.
fn parts(uri: &Uri) -> (&str, u64, &str) {
    let mut path = uri.path().rsplit('/');
    let last = path.next().unwrap_or_default();
    let number = path.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    (path.next().unwrap_or_default(), number, last)
}

/// Receives a client that has uploaded to the bucket and was redirected here.
async fn confirm(app: &App, uri: &Uri) -> Result<Response> {
    let (org, number, ticket) = parts(uri);
    let Inner { engine, environment, files, .. } = app.inner.as_ref();
    let version = artifacts::confirm(engine, environment, files, (org, number), ticket).await?;
    let mut response = arrived(&version);
    // After the redirect, the origin of a web page is `null`. It learns nothing but the version.
    put(&mut response, &header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    put(&mut response, &header::ACCESS_CONTROL_EXPOSE_HEADERS, VERSION_ID.as_str());
    Ok(response)
}

async fn send(app: &App, head: &Head) -> Result<Response> {
    let query = head.uri.query().unwrap_or_default();
    let (mut expires_at, mut signature) = (Timestamp(0), String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "expires" => expires_at = Timestamp(value.parse().unwrap_or_default()),
            "signature" => signature = value.into_owned(),
            _ => {}
        }
    }
    let (org, number, version) = parts(&head.uri);
    let signature = signature.as_str();
    let address = DownloadAddress { org, number, version, expires_at, signature };
    let Inner { engine, environment, files, .. } = app.inner.as_ref();
    let file = match artifacts::download(engine, environment, address).await {
        // The address may be older than the file, and the file may have gone directly to the
        // bucket.
        Err(Error::Api(error)) if error.kind == ErrorType::NotFound => {
            let id = Id::numbered(Kind::Artifact, number);
            let now = environment.clock.now();
            artifacts::adopt(engine, environment, files, (org, &id), now).await?;
            artifacts::download(engine, environment, address).await?
        }
        found => found?,
    };
    match elsewhere(app, &head.method, &file).await? {
        Some(response) => Ok(response),
        None => bytes(app, &head.headers, &file).await,
    }
}

/// Redirects the client to where the bytes are. The address that clients get leads here. So it can
/// be given out before the bytes exist, is valid for one version whatever becomes of it, and is
/// made without asking the store. The address in the bucket expires together with it.
async fn elsewhere(app: &App, method: &Method, file: &Download) -> Result<Option<Response>> {
    let shown = Shown {
        key: &file.key,
        is_head: *method == Method::HEAD,
        media_type: media_type(&file.file_type),
        disposition: &disposition(file),
    };
    let good_for = u64::try_from(file.good_for_ms).unwrap_or_default();
    // Addresses are valid for whole seconds.
    let good_for = Duration::from_secs(good_for.div_ceil(1000));
    let Some(url) = app.inner.files.address(shown, good_for).await? else { return Ok(None) };
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    put(&mut response, &header::LOCATION, &url);
    put(&mut response, &header::CACHE_CONTROL, "no-store");
    put(&mut response, &header::REFERRER_POLICY, "no-referrer");
    Ok(Some(response))
}

async fn bytes(app: &App, headers: &HeaderMap, file: &Download) -> Result<Response> {
    let size = file.size;
    let wanted = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let range = match wanted.map_or(Wanted::All, |text| Wanted::read(text, size)) {
        Wanted::All => None,
        Wanted::Some(from, to) => Some(from..to),
        Wanted::None => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    let bytes = app.inner.files.read(&file.key, range.clone()).await?;
    let mut response = Body::from_stream(bytes).into_response();
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        put(&mut response, &header::CONTENT_RANGE, &text);
    }
    put(&mut response, &header::CONTENT_LENGTH, &length.to_string());
    describe(&mut response, file);
    Ok(response)
}

/// Whatever a file claims to be, a browser receives it as bytes and not as a page of this server.
fn describe(response: &mut Response, file: &Download) {
    put(response, &header::CONTENT_TYPE, media_type(&file.file_type));
    put(response, &header::CONTENT_DISPOSITION, &disposition(file));
    put(response, &header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
    put(response, &header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(response, &header::REFERRER_POLICY, "no-referrer");
    put(response, &header::CACHE_CONTROL, "private");
    put(response, &header::ACCEPT_RANGES, "bytes");
}

/// Whether a browser shows a file or saves it, and under which name.
fn disposition(file: &Download) -> String {
    let essence = media_type(&file.file_type).split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let how = if INERT.contains(&essence.as_str()) { "inline" } else { "attachment" };
    format!("{how}; {}", disposition_name(&file.file_name))
}

fn put(response: &mut Response, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A file name in `Content-Disposition`: in ASCII for old clients, and as it is (RFC 6266, 5987).
fn disposition_name(name: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let plain = |c: char| if matches!(c, ' '..='~') && !"\"\\%".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 15].map(|digit| char::from(HEX[usize::from(digit)])));
        }
    }
    format!("filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

/// Which bytes a `Range` header requests.
#[derive(Debug, PartialEq)]
enum Wanted {
    /// All of them. A header that can't be read counts as this (RFC 9110, 14.2), and so does one
    /// with several ranges.
    All,
    /// From the first number up to, and excluding, the second.
    Some(u64, u64),
    /// A range that does not exist.
    None,
}

impl Wanted {
    fn read(text: &str, size: u64) -> Self {
        let Some((first, last)) = text.strip_prefix("bytes=").and_then(|set| set.split_once('-'))
        else {
            return Self::All;
        };
        let (from, to) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
            (Ok(first), Ok(last)) if last < first => return Self::All,
            (Ok(first), Ok(last)) => (first, last.saturating_add(1).min(size)),
            (Ok(first), Err(_)) if last.trim().is_empty() => (first, size),
            (Err(_), Ok(last)) if first.trim().is_empty() => (size.saturating_sub(last), size),
            _ => return Self::All,
        };
        if from < to { Self::Some(from, to) } else { Self::None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, disposition_name};

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (text, wanted) in [
            ("bytes=0-0", Wanted::Some(0, 1)),
            ("bytes=2-", Wanted::Some(2, 10)),
            ("bytes=2-99", Wanted::Some(2, 10)),
            ("bytes=-3", Wanted::Some(7, 10)),
            ("bytes=-99", Wanted::Some(0, 10)),
            ("bytes=10-", Wanted::None),
            ("bytes=-0", Wanted::None),
            ("bytes=5-2", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("lines=0-1", Wanted::All),
            ("bytes=x", Wanted::All),
            ("bytes=0-18446744073709551615", Wanted::Some(0, 10)),
        ] {
            assert_eq!(Wanted::read(text, 10), wanted, "{text}");
        }
        assert_eq!(Wanted::read("bytes=0-", 0), Wanted::None);
    }

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        assert_eq!(
            disposition_name("Größe \"1\";\\ 100%.txt"),
            "filename=\"Gr__e _1_;_ 100_.txt\"; \
             filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22%3B%5C%20100%25.txt"
        );
    }
}
