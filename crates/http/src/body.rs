//! Reading a request: its media type, size, JSON and query.

use axum::body::{Body, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use serde_json::{Map, Value};
use worksmith_engine::Request;
use worksmith_kernel::Result;
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
        // The reader fails both when the limit is exceeded and when the client goes away; in the
        // latter case nobody gets the answer anyway.
        tracing::debug!(%cause, "body not read");
        too_large(max).into()
    })
}

fn too_large(max: usize) -> ApiError {
    let message = format!("the body is larger than {max} bytes");
    ApiError::new(ErrorType::RequestEntityTooLarge, message).with("max_bytes", max)
}

/// The body and the query of a POST as a request; an empty body is an empty object (BEHAVIOUR 1.3).
pub(crate) fn from_post(headers: &HeaderMap, bytes: &[u8], query: &str) -> Result<Request> {
    if bytes.is_empty() {
        return from_get(query);
    }
    check_media_type(headers)?;
    let Json(members) = serde_json::from_slice(bytes).map_err(|cause| {
        ApiError::new(ErrorType::ParseError, format!("the body is not JSON: {cause}"))
    })?;
    with_query(members, query)
}

/// A body without a media type counts as JSON: programs that write requests by hand forget to set
/// it.
fn check_media_type(headers: &HeaderMap) -> Result<()> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let value = value.to_str().unwrap_or("?");
    let media_type = value.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = format!("the body must be application/json, not {value:?}");
    Err(ApiError::new(ErrorType::InvalidContentType, message).with("value", value).into())
}

/// The query of a GET as a request.
pub(crate) fn from_get(query: &str) -> Result<Request> {
    with_query(Value::Object(Map::new()), query)
}

/// Adds the query's members to those of the body. A body that is not an object is refused by the
/// operation.
fn with_query(mut members: Value, query: &str) -> Result<Request> {
    let mut named = Vec::new();
    if let Some(object) = members.as_object_mut() {
        for (name, value) in from_query(query)? {
            if object.contains_key(&name) {
                let message = format!("{name} is in the query and in the body; send it in one");
                return Err(ApiError::invalid_field(&name, message).into());
            }
            named.push(name.clone());
            object.insert(name, value);
        }
    }
    Ok(Request { members, query: named })
}
