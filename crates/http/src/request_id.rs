//! The id of a request, which its answer and the log repeat.

use axum::http::{HeaderMap, HeaderName};

use crate::app::App;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id, in bytes.
const BYTES_MAX: usize = 255;

/// The id that the client gave the request, or a new one.
pub(crate) fn request_id(app: &App, headers: &HeaderMap) -> String {
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if !id.is_empty() && id.len() <= BYTES_MAX => id.to_owned(),
        _ => app.inner.environment.request_id(),
    }
}
