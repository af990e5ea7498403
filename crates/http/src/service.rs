//! The pages for administrators.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

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

/// The OpenAPI document, generated from the table of operations.
pub(crate) async fn openapi(State(app): State<App>) -> Response {
    let document = || crate::openapi::document(&app.inner.table).to_string();
    let text = app.inner.openapi.get_or_init(document).clone();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}
