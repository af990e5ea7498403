//! Authentication: the `Authorization` header, with or without `Bearer`.

use std::future::Future;
use std::pin::Pin;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use worksmith_kernel::{OpCtx, Renewal, Result};
use worksmith_wire::{ApiError, ErrorType};

use crate::app::App;

/// The longest `Authorization` header, in bytes; tokens of this server are much shorter.
const LONGEST: usize = 4096;

/// The context of the caller.
pub(crate) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<OpCtx> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if header.is_some_and(|text| text.len() > LONGEST) {
        let message = format!("the Authorization header has more than {LONGEST} bytes");
        return Err(ApiError::new(ErrorType::Unauthenticated, message).into());
    }
    let token = header.map(|text| strip_scheme(text).trim()).filter(|token| !token.is_empty());
    let Some(token) = token else {
        let message = "the Authorization header with a token is missing";
        return Err(ApiError::new(ErrorType::Unauthenticated, message).into());
    };
    worksmith_org::auth::authenticate(&app.inner.environment, &app.inner.engine, token).await
}

/// Authenticates the caller of an answer that goes on for long.
pub(crate) struct Caller {
    app: App,
    headers: HeaderMap,
}

impl Caller {
    /// The caller with these headers.
    pub(crate) fn new(app: &App, headers: &HeaderMap) -> Self {
        // Nothing else is needed of them.
        let mut kept = HeaderMap::with_capacity(1);
        if let Some(header) = headers.get(AUTHORIZATION) {
            kept.insert(AUTHORIZATION, header.clone());
        }
        Self { app: app.clone(), headers: kept }
    }
}

impl Renewal for Caller {
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<OpCtx>> + Send + '_>> {
        Box::pin(authenticate(&self.app, &self.headers))
    }
}

/// The official TypeScript SDK and the official MCP server send the token without a scheme.
fn strip_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => text,
    }
}
