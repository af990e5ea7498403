//! The web UI's pages and sessions. The tests hold with and without the UI in the program.

use serde_json::json;
use worksmith_tests::{ADMIN, Server};

use crate::world::{Raw, raw};

type Header<'a> = (&'a str, &'a [u8]);

const JSON: Header = ("content-type", b"application/json");
const OWN: Header = ("sec-fetch-site", b"same-origin");

async fn sign_in(server: &Server, body: &serde_json::Value) -> Raw {
    raw(server, "POST", "/session", &[JSON, OWN], body.to_string()).await
}

/// The cookie of an answer, as a browser sends it back.
fn cookie(answer: &Raw) -> Vec<u8> {
    let set = answer.header("set-cookie");
    set.split(';').next().expect("a cookie").as_bytes().to_vec()
}

#[tokio::test]
async fn a_token_begins_a_session_that_acts_for_its_user() {
    let server = Server::start().await;
    let begun = sign_in(&server, &json!({ "token": ADMIN })).await;
    assert_eq!((begun.status.as_u16(), &*begun.bytes), (204, &b""[..]));
    let set = begun.header("set-cookie");
    for part in ["; Path=/; ", "; HttpOnly; ", "SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    assert_eq!(begun.header("cache-control"), "no-store");

    let held = cookie(&begun);
    let with = [JSON, OWN, ("cookie", &held)];
    let own = raw(&server, "POST", "/dev-users.self", &with, "{}".to_owned()).await;
    assert_eq!(own.json(), server.call("dev-users.self", json!({})).await.ok());

    let ended = raw(&server, "POST", "/session/end", &with, "{}".to_owned()).await;
    assert_eq!(ended.status, 204);
    assert!(ended.header("set-cookie").contains("=; Path=/; Max-Age=0"));
}

#[tokio::test]
async fn a_session_counts_only_for_posts_of_json_from_pages_of_the_server() {
    let server = Server::start().await;
    let held = cookie(&sign_in(&server, &json!({ "token": ADMIN })).await);
    let held = ("cookie", &*held);
    let text = ("content-type", &b"text/plain"[..]);
    let (site, none) = (("sec-fetch-site", &b"same-site"[..]), ("sec-fetch-site", &b"none"[..]));
    for (method, headers) in [
        ("GET", &[OWN, held][..]),
        ("POST", &[JSON, held]),
        ("POST", &[JSON, site, held]),
        ("POST", &[JSON, none, held]),
        ("POST", &[text, OWN, held]),
        ("POST", &[JSON, ("origin", b"https://evil.example"), ("host", b"x.example"), held]),
    ] {
        let answer = raw(&server, method, "/dev-users.self", headers, String::new()).await;
        let seen = (answer.status.as_u16(), answer.json()["type"].clone());
        assert_eq!(seen, (401, json!("unauthenticated")), "{method} {headers:?}");
    }
    // The header needs none of this, and comes first.
    let token = ("authorization", ADMIN.as_bytes());
    let answer = raw(&server, "GET", "/dev-users.self", &[token, site, held], String::new()).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn what_is_no_token_begins_no_session() {
    let server = Server::start().await;
    for (body, status, kind) in [
        (json!({ "token": "wrong" }), 401, "unauthenticated"),
        (json!({ "code": "wrong" }), 401, "unauthenticated"),
        (json!({ "token": ADMIN, "code": "x" }), 400, "bad_request"),
        (json!({ "token": 1 }), 400, "bad_request"),
    ] {
        let answer = sign_in(&server, &body).await;
        let seen = (answer.status.as_u16(), answer.json()["type"].clone());
        assert_eq!(seen, (status, json!(kind)), "{body}");
        assert_eq!(answer.header("set-cookie"), "", "{body}");
    }
    let body = json!({ "token": ADMIN }).to_string();
    let foreign = raw(&server, "POST", "/session", &[JSON], body).await;
    assert_eq!(foreign.status, 401);
}

#[tokio::test]
async fn a_page_learns_whether_there_is_a_session() {
    let server = Server::start().await;
    let held = cookie(&sign_in(&server, &json!({ "token": ADMIN })).await);
    for (cookie, is_held) in [(&b"other=1"[..], false), (&*held, true)] {
        let with = [JSON, OWN, ("cookie", cookie)];
        let answer = raw(&server, "POST", "/session", &with, "{}".to_owned()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json(), json!({ "is_held": is_held }));
        assert_eq!(answer.header("set-cookie"), "");
    }
    let foreign = raw(&server, "POST", "/session", &[JSON], "{}".to_owned()).await;
    assert_eq!(foreign.status, 401);
}

#[tokio::test]
async fn a_session_ends_with_its_token() {
    let server = Server::start().await;
    let request = json!({ "requested_token_type":
        "urn:devrev:params:oauth:token-type:pat", "token_hint": "browser" });
    let made = server.call("auth-tokens.create", request).await.ok();
    let held = cookie(&sign_in(&server, &json!({ "token": made["access_token"] })).await);
    let with = [JSON, OWN, ("cookie", &*held)];
    let own = raw(&server, "POST", "/auth-tokens.self.delete", &with, "{}".to_owned()).await;
    assert_eq!(own.status, 200, "{}", own.json());
    let after = raw(&server, "POST", "/dev-users.self", &with, "{}".to_owned()).await;
    assert_eq!(after.json()["type"], "token_revoked");
}

#[tokio::test]
async fn a_browser_that_opens_an_address_gets_the_page_or_is_told_how_to_build_it() {
    let server = Server::start().await;
    let html = ("accept", &b"text/html,application/xhtml+xml,*/*;q=0.8"[..]);
    let root = raw(&server, "GET", "/", &[html], String::new()).await;
    assert_eq!(root.status, 200);
    assert_eq!(root.header("content-type"), "text/html; charset=utf-8");
    let policy = root.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(policy.ends_with("require-trusted-types-for 'script'; trusted-types 'none'"));
    assert_eq!(root.header("x-content-type-options"), "nosniff");

    let has_pages = worksmith_web::page().is_some();
    let work = raw(&server, "GET", "/ISS-1", &[html], String::new()).await;
    assert_eq!(work.status.as_u16(), if has_pages { 200 } else { 404 });
    assert_eq!(work.bytes == root.bytes, has_pages);
    // Programs are told as before that there is nothing.
    let program = raw(&server, "GET", "/ISS-1", &[("accept", b"*/*")], String::new()).await;
    assert_eq!(
        (program.status.as_u16(), program.json()),
        (404, json!({"message": "route not found"}))
    );
    let nothing = raw(&server, "GET", "/assets/nothing.js", &[], String::new()).await;
    assert_eq!(nothing.status, 404);
    if has_pages {
        let known = ("if-none-match", root.header("etag").as_bytes().to_vec());
        let same = raw(&server, "GET", "/", &[(known.0, &known.1)], String::new()).await;
        assert_eq!((same.status.as_u16(), &*same.bytes), (304, &b""[..]));
        assert_eq!(same.header("cache-control"), "no-cache");
    }
}
