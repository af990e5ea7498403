//! From an error of the kernel to what the client sees. Statuses are decided nowhere else.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use worksmith_kernel::Error;
use worksmith_wire::{ApiError, ErrorType};

/// How long a client should wait after a temporary fault, in seconds.
const RETRY_AFTER_S: u64 = 1;

/// The answer to a request that failed. `request_id` leads from the answer to the log.
pub(crate) fn response(error: Error, request_id: &str) -> Response {
    match error {
        Error::Api(error) => body(&error),
        Error::Unavailable(cause) => {
            tracing::warn!(request_id, cause, "unavailable");
            let message = "the server can't do this now; try again shortly";
            let mut response = body(&ApiError::new(ErrorType::ServiceUnavailable, message));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
            response
        }
        Error::Stale => internal("a lost race reached the edge", request_id),
        Error::Internal(cause) => internal(&cause, request_id),
    }
}

fn internal(cause: &str, request_id: &str) -> Response {
    tracing::error!(request_id, cause, "internal error");
    let message = "the server failed; its log says more under the reference";
    body(&ApiError::new(ErrorType::InternalError, message).with("reference_id", request_id))
}

/// The answer to a call that panicked.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub(crate) fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
    internal(text.unwrap_or("a panic"), "panic")
}

/// An error as an HTTP response.
pub(crate) fn body(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.kind.status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(error)).into_response()
}

/// The answer to an unknown path; the only error without a `type`.
pub(crate) fn route_not_found() -> Response {
    let body = axum::Json(serde_json::json!({ "message": "route not found" }));
    (StatusCode::NOT_FOUND, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_internal_error_that_says_nothing_of_its_cause() {
        let response = panicked(Box::new("the secret cause"));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("\"type\":\"internal_error\""), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}
