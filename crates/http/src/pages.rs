//! The web UI: its page at every address that a browser opens, its files, and how browsers sign in
//! and out. What the UI shows, it gets by calls of the API like every other client.

use std::io::Read as _;

use axum::body::Body;
use axum::extract::{Path, Request as HttpRequest, State};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use worksmith_kernel::{Error, Result};
use worksmith_web::File;
use worksmith_wire::{ApiError, ErrorType};

use crate::app::App;
use crate::auth::Credential;
use crate::request_id::request_id;
use crate::session::check_origin;
use crate::{body, error, files};

/// What the pages may do: run and show what this server has sent, and call it. No text becomes
/// markup or code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";
/// What `/` says in a program without UI.
const WITHOUT: &str = "<!doctype html><html lang=\"en\"><title>Worksmith</title>\
    <h1>Worksmith serves its API here</h1>\
    <p>This program was built without the web UI. To have it, run <code>make web</code> (it needs \
    Node.js 20) in the source folder, and build the program again.</p>\
    <p><a href=\"/openapi.json\">The description of the API</a></p></html>\n";
/// The members by which a session begins.
const TOKEN: &str = "token";
const CODE: &str = "code";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/assets/{*path}", get(asset))
        .route("/session", post(begin))
        .route("/session/end", post(end))
}

/// The page, if a browser opens an address. Which view it shows is decided there.
pub(crate) fn page(parts: &Parts) -> Option<Response> {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return None;
    }
    let is_root = parts.uri.path() == "/";
    match worksmith_web::page() {
        Some(file) if is_root || wants_page(&parts.headers) => {
            Some(send(file, &parts.headers, "no-cache"))
        }
        None if is_root => Some(guarded(axum::response::Html(WITHOUT).into_response())),
        _ => None,
    }
}

/// Programs that call the API don't ask for HTML; browsers that open an address do.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|kind| kind.trim().starts_with("text/html"))
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match worksmith_web::file(&format!("assets/{path}")) {
        // Its name changes with its contents.
        Some(file) => send(file, &headers, "public, max-age=31536000, immutable"),
        None => error::route_not_found(),
    }
}

fn send(file: &'static File, headers: &HeaderMap, caching: &'static str) -> Response {
    let tag = format!("\"{}\"", file.tag);
    let has = |name, wanted: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|line| line.split(',')).any(|each| {
            each.split(';')
                .next()
                .is_some_and(|each| each.trim().trim_start_matches("W/") == wanted)
        })
    };
    let mut response = if has(IF_NONE_MATCH, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if has(ACCEPT_ENCODING, "gzip") {
        ([(CONTENT_ENCODING, "gzip")], file.packed).into_response()
    } else {
        let mut bytes = Vec::new();
        match GzDecoder::new(file.packed).read_to_end(&mut bytes) {
            Ok(_) => Body::from(bytes).into_response(),
            Err(cause) => return error::response(Error::internal(cause), file.path),
        }
    };
    let set = response.headers_mut();
    set.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type()));
    set.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    set.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        set.insert(ETAG, tag);
    }
    guarded(response)
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

async fn begin(State(app): State<App>, request: HttpRequest) -> Response {
    let request_id = request_id(&app, request.headers());
    let answer = sign_in(&app, request).await;
    files::finish("session", answer, &request_id)
}

/// Begins a session with a token, or with a code that stands for one. Without either it tells
/// whether the browser sent a session along, which its page cannot see.
async fn sign_in(app: &App, request: HttpRequest) -> Result<Response> {
    let (parts, body) = request.into_parts();
    check_origin(&parts.headers)?;
    let bytes = body::read(body, &parts.headers, app.inner.limits.body_bytes_max).await?;
    let members = body::from_post(&parts.headers, &bytes, "")?.members;
    let given = members.as_object().into_iter().flatten().collect::<Vec<_>>();
    let token = match given.as_slice() {
        [(name, Value::String(token))] if *name == TOKEN => token.clone(),
        [(name, Value::String(code))] if *name == CODE => {
            app.inner.sessions.redeem(code).ok_or_else(|| {
                let message = "the code was used before, or is of an earlier start of the server";
                ApiError::new(ErrorType::Unauthenticated, message).with("field_name", CODE)
            })?
        }
        [] => {
            let held = app.inner.sessions.token(&parts.method, &parts.headers)?;
            let answer = Json(json!({ "is_held": held.is_some() }));
            return Ok(([(CACHE_CONTROL, "no-store")], answer).into_response());
        }
        _ => {
            let message = "a session begins with one text, which is the token or a code";
            return Err(ApiError::bad_request(message).into());
        }
    };
    Credential::from(token.as_str()).authenticate(app).await?;
    Ok(with_cookie(app.inner.sessions.begin(&token)?))
}

async fn end(State(app): State<App>, request: HttpRequest) -> Response {
    let request_id = request_id(&app, request.headers());
    let answer = sign_out(&app, request.headers());
    files::finish("session-end", answer, &request_id)
}

fn sign_out(app: &App, headers: &HeaderMap) -> Result<Response> {
    check_origin(headers)?;
    Ok(with_cookie(app.inner.sessions.end()?))
}

fn with_cookie(cookie: HeaderValue) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
