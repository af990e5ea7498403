//! The pages for administrators.

use std::io::{self, Read as _};
use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
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

/// The OpenAPI document, unpacked when it is first requested.
static OPENAPI: LazyLock<io::Result<Bytes>> = LazyLock::new(|| {
    let packed: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));
    let mut text = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut text)?;
    Ok(text.into())
});

/// The OpenAPI document.
pub(crate) async fn openapi() -> Response {
    match &*OPENAPI {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response(),
        Err(cause) => error::response(Error::internal(cause), "openapi"),
    }
}
