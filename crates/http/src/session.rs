//! Sessions of browsers: a cookie that holds the token, and codes that sign in once.
//!
//! The cookie is the token itself, so a session ends with its token, on every server, and nothing
//! has to be kept. Scripts can't read it, and other sites can't send it. What they could still
//! cause is refused: only POSTs of JSON count that a page of this server sends
//! (docs/decisions/030-the-web-ui.md).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use worksmith_org::Environment;
use worksmith_wire::{ApiError, ErrorType};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How long a browser keeps the cookie, in seconds: the longest that browsers permit is 400 days.
const MAX_AGE_S: u32 = 400 * 24 * 60 * 60;
/// The length of a code.
const CODE: usize = 32;

/// What the server knows of sessions.
pub(crate) struct Sessions {
    cookie: String,
    is_secure: bool,
    /// The tokens that codes stand for.
    codes: Mutex<HashMap<String, String>>,
}

impl Sessions {
    /// Sessions of a server with this address.
    pub(crate) fn new(base_url: &str) -> Self {
        let (scheme, rest) = base_url.split_once("://").unwrap_or(("http", base_url));
        let authority = rest.split('/').next().unwrap_or(rest);
        // Browsers keep one set of cookies for all ports of a host, where several servers may be.
        let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
        let port = if port.bytes().all(|byte| byte.is_ascii_digit()) { port } else { "" };
        let is_secure = scheme.eq_ignore_ascii_case("https");
        let prefix = if is_secure { "__Host-" } else { "" };
        let cookie = format!("{prefix}worksmith{port}");
        Self { cookie, is_secure, codes: Mutex::default() }
    }

    /// The token of a call without `Authorization`, from its cookie.
    pub(crate) fn token(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Option<String>, ApiError> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|each| {
            let (name, value) = each.split_once('=')?;
            Some((name.trim(), value.trim()))
        });
        let Some((_, value)) = pairs.find(|(name, _)| *name == self.cookie) else {
            return Ok(None);
        };
        let token = percent_decode_str(value).decode_utf8_lossy().into_owned();
        if token.is_empty() {
            return Ok(None);
        }
        if *method != Method::POST {
            return Err(refusal("a session only counts for POST"));
        }
        check_origin(headers)?;
        Ok(Some(token))
    }

    /// The cookie that begins a session.
    pub(crate) fn begin(&self, token: &str) -> Result<HeaderValue, ApiError> {
        self.set(&utf8_percent_encode(token, NON_ALPHANUMERIC).to_string(), MAX_AGE_S)
    }

    /// The cookie that ends one.
    pub(crate) fn end(&self) -> Result<HeaderValue, ApiError> {
        self.set("", 0)
    }

    fn set(&self, value: &str, max_age_s: u32) -> Result<HeaderValue, ApiError> {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}",
            self.cookie
        );
        HeaderValue::try_from(text).map_err(|_| ApiError::bad_request("the token is no text"))
    }

    /// A code that signs in once with the token, for as long as the server runs.
    pub(crate) fn code(&self, environment: &Environment, token: &str) -> String {
        let code = environment.opaque(CODE);
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.insert(code.clone(), token.to_owned());
        code
    }

    /// The token that a code stands for, which it does no longer.
    pub(crate) fn redeem(&self, code: &str) -> Option<String> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(code)
    }
}

/// Whether a page of this server sent the request, as JSON. Browsers tell where a request comes
/// from; over plain HTTP they leave it at `Origin`.
pub(crate) fn check_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_own = if let Some(site) = text(&FETCH_SITE) {
        site == "same-origin"
    } else {
        let host = text(&ORIGIN).and_then(|origin| origin.split_once("://"));
        host.is_some_and(|(_, host)| text(&HOST) == Some(host))
    };
    if !is_own {
        return Err(refusal("a session only counts for pages of this server"));
    }
    let media_type = text(&CONTENT_TYPE).and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json")) {
        return Err(refusal("a session only counts for bodies that say they are application/json"));
    }
    Ok(())
}

fn refusal(message: &str) -> ApiError {
    ApiError::new(ErrorType::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_token_comes_back_from_its_cookie_as_it_was() {
        for (base_url, prefix) in [
            ("http://127.0.0.1:8080", "worksmith8080="),
            ("https://tracker.example.org", "__Host-worksmith="),
        ] {
            let sessions = Sessions::new(base_url);
            let cookie = sessions.begin("a b;c=\"é\"").unwrap();
            let text = cookie.to_str().unwrap();
            assert!(text.starts_with(prefix), "{text}");
            assert_eq!(text.ends_with("; Secure"), base_url.starts_with("https"), "{text}");
            let mut sent = headers(&[
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/json; charset=utf-8"),
            ]);
            let pair = format!("other=1; {}", text.split(';').next().unwrap());
            sent.insert(COOKIE, HeaderValue::try_from(pair).unwrap());
            let token = sessions.token(&Method::POST, &sent).unwrap();
            assert_eq!(token.as_deref(), Some("a b;c=\"é\""));
            assert!(sessions.token(&Method::GET, &sent).is_err());
        }
    }

    #[test]
    fn only_pages_of_this_server_may_use_a_session() {
        let json = ("content-type", "application/json");
        let host = ("host", "a.example:8080");
        for (good, case) in [
            (true, &[("sec-fetch-site", "same-origin"), json][..]),
            (false, &[("sec-fetch-site", "same-site"), json]),
            (false, &[("sec-fetch-site", "none"), json]),
            (false, &[("sec-fetch-site", "same-origin"), ("content-type", "text/plain")]),
            (false, &[("sec-fetch-site", "same-origin")]),
            (true, &[("origin", "http://a.example:8080"), host, json]),
            (false, &[("origin", "http://a.example:8081"), host, json]),
            (false, &[("origin", "null"), host, json]),
            (false, &[host, json]),
        ] {
            assert_eq!(check_origin(&headers(case)).is_ok(), good, "{case:?}");
        }
    }
}
