//! axum glue: from the table of operations to routes, and from errors to bodies.
//!
//! The way of a request: [`router`] routes everything that is not a service page to `call.rs`,
//! which finds the operation, authenticates (`auth.rs`), counts the call (`limit.rs`), reads body
//! or query (`body.rs`), lets the engine run the operation, and writes the answer or the error
//! (`error.rs`). A browser that opens an address gets the web UI (`pages.rs`), and signs in for a
//! session (`session.rs`). The bytes of artifacts have addresses of their own, without a token
//! (`files.rs`), and so have the links in mail (`unsubscribe.rs`). [`serve`] binds the router to a
//! port, with or without [`tls`].

mod app;
mod auth;
mod body;
mod call;
mod error;
mod files;
mod json;
mod limit;
#[cfg(feature = "openapi")]
pub mod openapi;
mod pages;
mod record;
mod request_id;
pub mod serve;
mod service;
mod session;
pub mod tls;
mod unsubscribe;

pub use app::{App, Limits};
use axum::Router;
use axum::handler::Handler as _;
use axum::routing::{any, get};
pub use limit::RateLimit;
pub use record::ACCESS;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

/// Answers shorter than this, in bytes, are not worth compressing.
const COMPRESS_FROM: u64 = 1024;

/// The router for everything that the server answers.
pub fn router(app: App) -> Router {
    // What is compressed is held back until there is more of it.
    let is_worthwhile = SizeAbove::new(COMPRESS_FROM).and(NotForContentType::SSE);
    let compression = CompressionLayer::new().gzip(true).compress_when(is_worthwhile);
    // A panic in one call ends only that call.
    let panics = CatchPanicLayer::custom(error::panicked);
    Router::new()
        .route("/healthz", get(service::alive))
        .route("/readyz", get(service::ready))
        .route("/metrics", get(service::metrics))
        .route("/openapi.json", get(service::openapi))
        .route(worksmith_inbox::unsubscribe::PATH, any(unsubscribe::page))
        .layer(compression.clone())
        // Files are sent as they are: their length and ranges are those of the stored bytes.
        .merge(files::routes(app.inner.limits.upload_bytes_max))
        .merge(pages::routes())
        .layer(panics)
        // What a router adds to all its routes, each call pays with several boxes; a handler has it
        // for nothing.
        .fallback(call::call.layer(compression).layer(panics))
        .with_state(app)
}
