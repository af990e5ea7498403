//! The pages for administrators.

use std::io::Read as _;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use worksmith_kernel::Error;

use crate::app::App;
use crate::error;

/// Says that the process is alive.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Says whether the store answers.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    match app.inner.engine.store().is_ready().await {
        Ok(()) => "ok\n".into_response(),
        Err(failure) => error::response(failure, "readyz"),
    }
}

/// The metrics in Prometheus' format.
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    match &app.inner.metrics {
        Some(handle) => {
            for (cache, asked, held) in app.inner.engine.cache_use() {
                metrics::counter!("worksmith_cache_asked_total", "cache" => cache).absolute(asked);
                metrics::counter!("worksmith_cache_held_total", "cache" => cache).absolute(held);
            }
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
            (kind, handle.render()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The OpenAPI document, compressed.
static OPENAPI: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// The OpenAPI document.
pub(crate) async fn openapi() -> Response {
    let mut text = String::new();
    match GzDecoder::new(OPENAPI).read_to_string(&mut text) {
        Ok(_) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(cause) => error::response(Error::internal(cause), "openapi"),
    }
}
