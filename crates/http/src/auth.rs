//! Authentication: the `Authorization` header, with or without `Bearer`, or the session of a
//! browser.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use worksmith_kernel::{OpCtx, Renewal, Result};
use worksmith_wire::{ApiError, ErrorType};

use crate::app::App;

/// The longest `Authorization` header, in bytes; tokens of this server are much shorter.
const LONGEST: usize = 4096;

/// The token of the caller.
pub(crate) struct Credential<'a>(Cow<'a, str>);

impl<'a> From<&'a str> for Credential<'a> {
    fn from(token: &'a str) -> Self {
        Self(token.into())
    }
}

impl<'a> Credential<'a> {
    /// The token that a request was sent with.
    pub(crate) fn of(app: &App, method: &Method, headers: &'a HeaderMap) -> Result<Self> {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if header.is_some_and(|text| text.len() > LONGEST) {
            let message = format!("the Authorization header has more than {LONGEST} bytes");
            return Err(ApiError::new(ErrorType::Unauthenticated, message).into());
        }
        let token = header.map(|text| strip_scheme(text).trim()).filter(|token| !token.is_empty());
        if let Some(token) = token {
            return Ok(token.into());
        }
        let session = app.inner.sessions.token(method, headers)?;
        session.map(|token| Self(token.into())).ok_or_else(|| {
            let message = "the Authorization header with a token is missing";
            ApiError::new(ErrorType::Unauthenticated, message).into()
        })
    }

    /// The context of the caller.
    pub(crate) async fn authenticate(&self, app: &App) -> Result<OpCtx> {
        worksmith_org::auth::authenticate(&app.inner.environment, &app.inner.engine, &self.0).await
    }
}

/// Authenticates the caller of an answer that goes on for long.
pub(crate) struct Caller {
    app: App,
    credential: Credential<'static>,
}

impl Caller {
    /// The caller with this token.
    pub(crate) fn new(app: &App, credential: Credential<'_>) -> Self {
        let credential = Credential(credential.0.into_owned().into());
        Self { app: app.clone(), credential }
    }
}

impl Renewal for Caller {
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<OpCtx>> + Send + '_>> {
        Box::pin(self.credential.authenticate(&self.app))
    }
}

/// The official TypeScript SDK and the official MCP server send the token without a scheme.
fn strip_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => text,
    }
}
