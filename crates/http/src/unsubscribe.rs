//! The page behind the links in mail by which people get no more of it. It needs no token: the link
//! is signed. Opening it does nothing, because programs that look for evil open links, too; its
//! buttons do. A mail client that offers to unsubscribe with one click posts to the link itself
//! (RFC 8058).

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use worksmith_inbox::unsubscribe::{self, Offer, Scope};
use worksmith_kernel::Result;

use crate::app::App;
use crate::error;
use crate::request_id::request_id;

/// How long a form may be, in bytes.
const FORM_BYTES_MAX: usize = 4 * 1024;
/// The field of the form that says which button it was, and its value if that was for everything.
const SCOPE: &str = "scope";
const EVERYTHING: &str = "everything";

/// What the page may do: nothing but send its form here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Answers whatever is asked of the page.
pub(crate) async fn page(State(app): State<App>, request: Request) -> Response {
    let request_id = request_id(&app, request.headers());
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    let token = token.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let answer = match parts.method {
        Method::GET | Method::HEAD => offer(&app, &token).await,
        Method::POST => accept(&app, &token, body).await,
        _ => {
            let allowed = [(header::ALLOW, "GET, HEAD, POST")];
            return (StatusCode::METHOD_NOT_ALLOWED, allowed).into_response();
        }
    };
    answer.unwrap_or_else(|failure| error::response(failure, &request_id))
}

async fn offer(app: &App, token: &str) -> Result<Response> {
    let (engine, environment) = (&app.inner.engine, &app.inner.environment);
    let Some(Offer { person, work }) = unsubscribe::offer(engine, environment, token).await? else {
        return Ok(unknown());
    };
    let (title, button) = match work.as_deref().map(escaped) {
        Some(work) => {
            let button = format!(
                "<button name=\"{SCOPE}\" value=\"work\">No more mail about {work}</button> "
            );
            (format!("Mail about {work}"), button)
        }
        None => ("Mail".to_owned(), String::new()),
    };
    let body = format!(
        "<h1>{title}</h1><p>It goes to {}.</p><form method=\"post\">{button}<button \
         name=\"{SCOPE}\" value=\"{EVERYTHING}\">No more mail at all</button></form>",
        escaped(&person)
    );
    Ok(shown(StatusCode::OK, &body))
}

async fn accept(app: &App, token: &str, body: Body) -> Result<Response> {
    let Ok(form) = axum::body::to_bytes(body, FORM_BYTES_MAX).await else {
        return Ok(shown(StatusCode::PAYLOAD_TOO_LARGE, "<h1>This is too much</h1>"));
    };
    let is_everything =
        form_urlencoded::parse(&form).any(|(name, value)| name == SCOPE && value == EVERYTHING);
    let scope = if is_everything { Scope::Everything } else { Scope::Work };
    let (engine, environment) = (&app.inner.engine, &app.inner.environment);
    Ok(match unsubscribe::accept(engine, environment, token, scope).await? {
        Some(Offer { work, .. }) => {
            let about = work.filter(|_| !is_everything).map(|work| format!(" about {work}"));
            let what = about.unwrap_or_default();
            let body = format!(
                "<h1>Done</h1><p>You get no more mail{}. The inbox still has what is meant for \
                 you.</p>",
                escaped(&what)
            );
            shown(StatusCode::OK, &body)
        }
        None => unknown(),
    })
}

fn unknown() -> Response {
    let body = "<h1>This link leads nowhere</h1><p>It is not whole, or not from this server.</p>";
    shown(StatusCode::NOT_FOUND, body)
}

fn shown(status: StatusCode, body: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Mail</title><style>body{{font:1rem/1.5 \
         system-ui;margin:3rem auto;max-width:36rem;padding:0 1rem}}button{{font:inherit;\
         padding:.5rem 1rem;margin:0 .5rem .5rem 0}}</style></head><body>{body}</body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, page).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
