//! Reading a request: the media type, the size, the JSON; or the query of a GET.

use axum::body::{Body, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use serde_json::{Map, Value};
use worksmith_kernel::{Request, Result};
use worksmith_wire::{ApiError, ErrorType, from_query};

use crate::json::Json;

/// Reads the whole body, up to `max` bytes.
pub(crate) async fn read(body: Body, headers: &HeaderMap, max: usize) -> Result<Bytes> {
    let announced = headers
        .get(axum::http::header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max as u64) {
        return Err(too_large(max).into());
    }
    to_bytes(body, max).await.map_err(|cause| {
        // The reader ends with an error both when the limit is passed and when the client
        // goes away; the latter hears no answer anyway.
        tracing::debug!(%cause, "body not read");
        too_large(max).into()
    })
}

fn too_large(max: usize) -> ApiError {
    let message = format!("the body is larger than {max} bytes");
    ApiError::new(ErrorType::RequestEntityTooLarge, message).with("max_bytes", max)
}

/// The body of a POST as a request; an empty body is an empty object (SEMANTICS 0.4).
pub(crate) fn from_post(headers: &HeaderMap, bytes: &[u8]) -> Result<Request> {
    if bytes.is_empty() {
        return Ok(Request { members: Value::Object(Map::new()), query: false });
    }
    check_media_type(headers)?;
    let Json(members) = serde_json::from_slice(bytes).map_err(|cause| {
        ApiError::new(ErrorType::ParseError, format!("the body is not JSON: {cause}"))
    })?;
    Ok(Request { members, query: false })
}

fn check_media_type(headers: &HeaderMap) -> Result<()> {
    let value = headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
    let media_type = value.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = format!("the body must be application/json, not {value:?}");
    Err(ApiError::new(ErrorType::InvalidContentType, message).with("value", value).into())
}

/// The query of a GET as a request.
pub(crate) fn from_get(query: Option<&str>) -> Result<Request> {
    let raw = query.unwrap_or_default();
    if percent_decoded_is_broken(raw) {
        let message = "the query is not UTF-8";
        return Err(ApiError::new(ErrorType::ParseError, message).into());
    }
    let pairs = form_urlencoded::parse(raw.as_bytes()).into_owned();
    Ok(Request { members: Value::Object(from_query(pairs)?), query: true })
}

/// Whether the bytes of a query are no UTF-8, which decoding would paper over.
fn percent_decoded_is_broken(raw: &str) -> bool {
    form_urlencoded::parse(raw.as_bytes())
        .any(|(name, value)| name.contains('\u{fffd}') || value.contains('\u{fffd}'))
        && !raw.to_ascii_uppercase().contains("%EF%BF%BD")
}
