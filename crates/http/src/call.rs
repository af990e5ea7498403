//! One call of the API, from its path to its answer.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use worksmith_engine::{Access, Op, Outcome, Request, Rest};
use worksmith_kernel::{OpCtx, Result};
use worksmith_wire::{ApiError, ErrorType};

use crate::app::App;
use crate::auth::{Caller, Credential};
use crate::limit::Standing;
use crate::record::ACCESS;
use crate::request_id::{REQUEST_ID, request_id};
use crate::{body, error, pages};

const REVISION: HeaderName = HeaderName::from_static("x-worksmith-revision");
/// Asks for the revisions of listed objects.
const REVISIONS: &str = "x-worksmith-revisions";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// What a client sends that lost a stream of events: the id of the last one it got.
const LAST_EVENT_ID: &str = "last-event-id";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const API_VERSION: &str = "x-devrev-version";
const SCOPE: &str = "x-devrev-scope";
/// The only version of the API.
const VERSION: &str = "2022-10-20";
/// The longest idempotency key, in bytes.
const KEY_BYTES_MAX: usize = 255;

/// Answers a call.
pub(crate) async fn call(State(app): State<App>, request: HttpRequest) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let request_id = request_id(&app, &parts.headers);
    let name = operation_name(parts.uri.path());
    let op = app.inner.table.get(name);
    let mut response = match op {
        None => pages::page(&parts).unwrap_or_else(error::route_not_found),
        Some(op) if !is_served(op, &parts.method) => method_not_allowed(op, &parts.method),
        Some(op) => {
            let incoming = Incoming { op, parts: &parts, request_id: &request_id };
            incoming.admit(&app, body).await
        }
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (elapsed, status) = (started.elapsed(), response.status().as_u16());
    app.inner.measures.record(op.map(|op| op.name), status, elapsed);
    let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let method = &parts.method;
    tracing::info!(target: ACCESS, request_id, %method, operation = name, status, elapsed_us);
    response
}

/// `/works.update`, `/internal/works.update` and `/api/gateway/internal/works.update` are the same
/// call: the hosted service has these prefixes, and real clients use them.
fn operation_name(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_prefix("api/gateway/").unwrap_or(path);
    path.strip_prefix("internal/").unwrap_or(path)
}

fn is_served(op: &Op, method: &Method) -> bool {
    *method == Method::POST || (op.get && *method == Method::GET)
}

fn method_not_allowed(op: &Op, method: &Method) -> Response {
    let allowed = if op.get { "GET, POST" } else { "POST" };
    let message = format!("{} takes {allowed}, not {method}", op.name);
    let mut response = error::body(&ApiError::new(ErrorType::MethodNotAllowed, message));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// A body that is rendered while it is sent. If that fails, the connection is cut, so that nobody
/// takes the part for the whole.
fn long(first: Vec<u8>, rest: Rest) -> Body {
    let first = (!first.is_empty()).then(|| Ok(Bytes::from(first)));
    let first = futures_util::stream::iter(first);
    let rest = rest.map_err(|cause| {
        tracing::error!(?cause, "a long answer ends in the middle");
        "the answer could not be finished"
    });
    Body::from_stream(first.chain(rest))
}

struct Incoming<'a> {
    op: &'a Op,
    parts: &'a axum::http::request::Parts,
    request_id: &'a str,
}

impl Incoming<'_> {
    /// Answers if the caller is authenticated and within its quota, and reports the quota.
    async fn admit(&self, app: &App, body: Body) -> Response {
        let (credential, cx) = match self.authenticate(app).await {
            Ok(caller) => caller,
            Err(failure) => return error::response(failure, self.request_id),
        };
        let standing = app.inner.limiter.admit(&cx, self.parts);
        let answer = match standing.map_or(Ok(()), Standing::check) {
            Ok(()) => self.answer(app, credential, cx, body).await,
            Err(refusal) => Err(refusal.into()),
        };
        let mut response =
            answer.unwrap_or_else(|failure| error::response(failure, self.request_id));
        if let Some(standing) = standing {
            standing.tell(response.headers_mut());
        }
        response
    }

    async fn authenticate(&self, app: &App) -> Result<(Credential<'_>, OpCtx)> {
        let credential = Credential::of(app, &self.parts.method, &self.parts.headers)?;
        let cx = credential.authenticate(app).await?;
        Ok((credential, cx))
    }

    /// The checks are made in the order of BEHAVIOUR 1.8: the caller, its quota, the media type,
    /// the JSON, and then those of the operation.
    async fn answer(
        &self,
        app: &App,
        credential: Credential<'_>,
        mut cx: OpCtx,
        body: Body,
    ) -> Result<Response> {
        cx.request_id = self.request_id.into();
        self.check_version()?;
        let scopes = self.parts.headers.get_all(SCOPE);
        cx.wants_beta = scopes.iter().any(|scope| scope.as_bytes().eq_ignore_ascii_case(b"beta"));
        let query = self.parts.uri.query().unwrap_or_default();
        let (mut request, bytes) = if self.parts.method == Method::GET {
            (body::from_get(query)?, Bytes::new())
        } else {
            let max = app.inner.limits.body_bytes_max;
            let bytes = body::read(body, &self.parts.headers, max).await?;
            (body::from_post(&self.parts.headers, &bytes, query)?, bytes)
        };
        self.preconditions(&mut cx, &bytes)?;
        cx.tells_revisions = self.asks_for_revisions()?;
        if self.op.streams {
            self.resume(&mut request)?;
            cx.renewal = Some(Arc::new(Caller::new(app, credential)));
        }
        let outcome = app.inner.engine.execute(self.op, &cx, &request).await?;
        let mut response = Self::respond(outcome);
        if self.op.streams {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        Ok(response)
    }

    /// The text of a header. One that is illegible or given twice is an error and does not count as
    /// absent, since it sets the conditions of the call.
    fn header(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self.parts.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => match value.to_str() {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(ApiError::bad_request(format!("{name} is no text")).into()),
            },
            (Some(_), Some(_)) => {
                Err(ApiError::bad_request(format!("{name} is given twice")).into())
            }
        }
    }

    /// Continues a stream where the client lost it. A browser repeats the query of its first
    /// request, so the header takes precedence.
    fn resume(&self, request: &mut Request) -> Result<()> {
        if let Some(id) = self.header(LAST_EVENT_ID)?
            && let Some(members) = request.members.as_object_mut()
        {
            request.query.retain(|name| name != "cursor" && name != "from");
            members.remove("from");
            members.insert("cursor".to_owned(), id.into());
        }
        Ok(())
    }

    fn check_version(&self) -> Result<()> {
        match self.header(API_VERSION)? {
            None | Some(VERSION) => Ok(()),
            Some(other) => {
                let message = format!("the only version of the API is {VERSION}");
                let error = ApiError::new(ErrorType::InvalidApiVersion, message);
                Err(error.with("value", other).into())
            }
        }
    }

    fn asks_for_revisions(&self) -> Result<bool> {
        match self.header(REVISIONS)? {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::bad_request("X-Worksmith-Revisions is true or false").into()),
        }
    }

    fn preconditions(&self, cx: &mut OpCtx, body: &[u8]) -> Result<()> {
        if self.op.access == Access::Read {
            return Ok(());
        }
        if let Some(wanted) = self.header(header::IF_MATCH.as_str())? {
            let revision = wanted.trim().trim_matches('"').parse().map_err(|_| {
                ApiError::bad_request("If-Match takes a revision, as X-Worksmith-Revision tells it")
            })?;
            cx.preconditions.revision = Some(revision);
        }
        if let Some(key) = self.header(IDEMPOTENCY_KEY)? {
            if key.is_empty() || key.len() > KEY_BYTES_MAX {
                let message = format!("Idempotency-Key is 1 to {KEY_BYTES_MAX} bytes long");
                return Err(ApiError::bad_request(message).into());
            }
            let mut hash = Sha256::new();
            hash.update(self.op.name);
            hash.update([0]);
            hash.update(body);
            if let Some(query) = self.parts.uri.query().filter(|query| !query.is_empty()) {
                hash.update([0]);
                hash.update(query);
            }
            let request = hex::encode(hash.finalize());
            cx.preconditions.idempotency = Some((key.to_owned(), request));
        }
        Ok(())
    }

    fn respond(outcome: Outcome) -> Response {
        let Outcome { reply, revision, replayed } = outcome;
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
        let json = HeaderValue::from_static("application/json");
        let mut response = if status == StatusCode::NO_CONTENT {
            status.into_response()
        } else {
            let body = match reply.rest {
                None => Body::from(reply.body),
                Some(rest) => long(reply.body, rest),
            };
            (status, [(header::CONTENT_TYPE, json)], body).into_response()
        };
        let headers = response.headers_mut();
        if let Some(revision) = revision {
            headers.insert(REVISION, HeaderValue::from(revision));
        }
        if replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}
