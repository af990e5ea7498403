//! Authentication: the `Authorization` header, with or without `Bearer`.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use worksmith_kernel::{OpCtx, Result};
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

/// The official TypeScript SDK and the official MCP server send the token without a scheme.
fn strip_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => text,
    }
}
