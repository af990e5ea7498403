//! What applies to every call, whatever it does: paths, methods, headers, the order of the checks,
//! the bodies of errors.

use serde_json::{Value, json};
use worksmith_http::Limits;
use worksmith_kernel::Cursor;
use worksmith_tests::{ADMIN, Server};

use crate::world::{CUSTOMER, Raw, World, raw};

const JSON: (&str, &[u8]) = ("content-type", b"application/json");
const TOKEN: (&str, &[u8]) = ("authorization", ADMIN.as_bytes());

async fn post(server: &Server, op: &str, body: &str) -> Raw {
    raw(server, "POST", &format!("/{op}"), &[TOKEN, JSON], body.to_owned()).await
}

fn error(answer: &Raw) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json");
    (answer.status.as_u16(), answer.json()["type"].as_str().unwrap_or_default().to_owned())
}

fn is(answer: &Raw, status: u16, kind: &str) {
    assert_eq!(error(answer), (status, kind.to_owned()), "{}", answer.json());
}

/// Each request below has every mistake of the following ones, and one more.
#[tokio::test]
async fn checks_come_in_their_order() {
    let world = World::start().await;
    let server = &world.server;
    let customer = ("authorization", CUSTOMER.as_bytes());
    let (wrong, text) = (("authorization", &b"wrong"[..]), ("content-type", &b"text/plain"[..]));
    let version = ("x-devrev-version", &b"1"[..]);
    let answer = raw(server, "PUT", "/works.nothing", &[wrong, version, text], "{").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (404, json!({"message": "route not found"}))
    );
    is(
        &raw(server, "PUT", "/works.update", &[wrong, version, text], "{").await,
        405,
        "method_not_allowed",
    );
    is(
        &raw(server, "POST", "/works.update", &[wrong, version, text], "{").await,
        401,
        "unauthenticated",
    );
    is(
        &raw(server, "POST", "/works.update", &[TOKEN, version, text], "{").await,
        400,
        "invalid_api_version",
    );
    is(
        &raw(server, "POST", "/works.update", &[TOKEN, text], "{").await,
        400,
        "invalid_content_type",
    );
    is(&raw(server, "POST", "/works.update", &[TOKEN, JSON], "{").await, 400, "parse_error");
    let shape = r#"{"id": "ISS-99", "title": 5, "x": 1}"#;
    is(&post(server, "works.update", shape).await, 400, "invalid_field");
    let shape = r#"{"id": "ISS-99", "title": 5}"#;
    is(&post(server, "works.update", shape).await, 400, "unexpected_json_type");
    let ids = r#"{"id": "ISS-99", "applies_to_part": "PROD-99", "stage": {"name": "none"}}"#;
    is(&post(server, "works.update", ids).await, 404, "not_found");
    // Permission is checked before the body.
    is(&raw(server, "POST", "/works.update", &[customer, JSON], shape).await, 403, "forbidden");
}

/// Prefixes of paths that clients of the hosted service use.
const PREFIXES: [&str; 3] = ["internal/", "api/gateway/internal/", "api/gateway/"];

#[tokio::test]
async fn every_operation_is_served_under_the_prefixes_of_the_hosted_service_too() {
    let world = World::start().await;
    for op in worksmith_tracker::table().iter().filter(|op| op.get) {
        let request = world.request(op.name).expect("a request").to_string();
        let plain = post(&world.server, op.name, &request).await;
        assert_eq!(plain.status, 200, "{}", op.name);
        for prefix in PREFIXES {
            let internal = post(&world.server, &format!("{prefix}{}", op.name), &request).await;
            assert_eq!(internal.status, 200, "{prefix}{}", op.name);
            // The answers of these depend on the time.
            if !matches!(op.name, "artifacts.locate" | "ping" | "sla-trackers.explain") {
                // A stream is no JSON.
                let of = |answer: &Raw| if op.streams { Value::Null } else { answer.json() };
                assert_eq!(of(&internal), of(&plain), "{prefix}{}", op.name);
                let types = [&internal, &plain].map(|answer| answer.header("content-type"));
                assert_eq!(types[0], types[1], "{prefix}{}", op.name);
            }
        }
    }
    for op in worksmith_tracker::table().iter().filter(|op| !op.get) {
        let request = r#"{"no_such_member": 1}"#;
        let plain = post(&world.server, op.name, request).await;
        assert_eq!(plain.status, 400, "{}", op.name);
        for prefix in PREFIXES {
            let internal = post(&world.server, &format!("{prefix}{}", op.name), request).await;
            assert_eq!(internal.json(), plain.json(), "{prefix}{}", op.name);
        }
    }
}

#[tokio::test]
async fn the_reads_and_nothing_else_answer_get() {
    let world = World::start().await;
    for op in worksmith_tracker::table().iter() {
        if let Some(contract) = worksmith_contract::operation(op.name) {
            let theirs = contract.methods.contains(&worksmith_contract::Method::Get);
            assert_eq!(op.get, theirs, "{}", op.name);
        }
        for path in [format!("/{}", op.name), format!("/internal/{}", op.name)] {
            let got = raw(&world.server, "GET", &path, &[TOKEN], "").await;
            let put = raw(&world.server, "PUT", &path, &[TOKEN], "").await;
            is(&put, 405, "method_not_allowed");
            let allowed = if op.get { "GET, POST" } else { "POST" };
            assert_eq!(put.header("allow"), allowed);
            if op.get {
                assert_ne!(got.status, 405, "{}", op.name);
            } else {
                is(&got, 405, "method_not_allowed");
                assert_eq!(got.header("allow"), "POST");
                let message = got.json()["message"].clone();
                assert_eq!(message, format!("{} takes POST, not GET", op.name));
            }
        }
    }
}

#[tokio::test]
async fn a_get_and_its_post_answer_the_same() {
    let world = World::start().await;
    for (path, op, body) in [
        ("works.get?id=ISS-1", "works.get", json!({"id": "ISS-1"})),
        (
            "works.list?limit=2&type=issue,ticket",
            "works.list",
            json!({"limit": 2, "type": ["issue", "ticket"]}),
        ),
        ("works.count?owned_by=%22DEVU-1%22", "works.count", json!({"owned_by": ["DEVU-1"]})),
        ("tags.list?name=core", "tags.list", json!({"name": ["core"]})),
    ] {
        let got = raw(&world.server, "GET", &format!("/{path}"), &[TOKEN], "").await.json();
        let posted = post(&world.server, op, &body.to_string()).await.json();
        let without = |mut page: Value| {
            // A cursor is bound to the request that made it, in its own spelling.
            page.as_object_mut().expect("an object").remove("next_cursor");
            page
        };
        assert_eq!(without(got), without(posted), "{path}");
    }
}

#[tokio::test]
async fn the_token_comes_with_or_without_its_scheme() {
    let server = Server::start().await;
    for token in [
        ADMIN.to_owned(),
        format!("Bearer {ADMIN}"),
        format!("bearer {ADMIN}"),
        format!("BEARER  {ADMIN} "),
    ] {
        let headers = [("authorization", token.as_bytes())];
        let answer = raw(&server, "POST", "/dev-users.self", &headers, "").await;
        assert_eq!(answer.status, 200, "{token}");
    }
}

#[tokio::test]
async fn an_empty_body_is_an_empty_request() {
    let server = Server::start().await;
    for headers in [&[TOKEN, JSON][..], &[TOKEN][..]] {
        let answer = raw(&server, "POST", "/dev-users.self", headers, "").await;
        assert_eq!(answer.status, 200);
    }
    is(&post(&server, "works.get", "").await, 400, "missing_required_field");
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/json;x=y"] {
        let headers = [TOKEN, ("content-type", kind.as_bytes())];
        let answer = raw(&server, "POST", "/dev-users.self", &headers, "{}").await;
        assert_eq!(answer.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_body_of_which_nothing_is_said_is_json() {
    let server = Server::start().await;
    let made = raw(&server, "POST", "/tags.create", &[TOKEN], r#"{"name": "core"}"#).await;
    assert_eq!((made.status.as_u16(), &made.json()["tag"]["name"]), (201, &json!("core")));
    let broken = raw(&server, "POST", "/tags.create", &[TOKEN], "name=core").await;
    is(&broken, 400, "parse_error");
    for kind in ["", "text/plain", "application/x-www-form-urlencoded"] {
        let headers = [TOKEN, ("content-type", kind.as_bytes())];
        let wrong = raw(&server, "POST", "/tags.create", &headers, r#"{"name": "x"}"#).await;
        is(&wrong, 400, "invalid_content_type");
        assert_eq!(wrong.json()["value"], kind);
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_say_that_they_can_read_it() {
    let server = Server::start().await;
    let gzip = ("accept-encoding", &b"gzip"[..]);
    let headers = [TOKEN, JSON, gzip];
    let long = raw(&server, "POST", "/stage-diagrams.list", &headers, "{}").await;
    assert_eq!(long.header("content-encoding"), "gzip");
    assert_eq!(long.bytes[..2], [0x1f, 0x8b]);
    assert!(long.header("vary").to_lowercase().contains("accept-encoding"));
    let plain = raw(&server, "POST", "/stage-diagrams.list", &headers[..2], "{}").await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.json()["result"].is_array() && long.bytes.len() < plain.bytes.len() / 2);
    let short = raw(&server, "POST", "/works.count", &headers, "{}").await;
    assert_eq!(short.header("content-encoding"), "");
}

#[tokio::test]
async fn the_id_of_a_request_is_echoed_or_made() {
    let server = Server::start().await;
    let id = async |given: Option<&[u8]>, path: &str| -> String {
        let mut headers = vec![TOKEN, JSON];
        headers.extend(given.map(|given| ("x-request-id", given)));
        raw(&server, "POST", path, &headers, "{}").await.header("x-request-id").to_owned()
    };
    for path in ["/dev-users.self", "/works.get", "/nothing"] {
        assert_eq!(id(Some(b"abc-1"), path).await, "abc-1");
        let (first, second) = (id(None, path).await, id(None, path).await);
        assert!(first.len() == 20 && first != second, "{first} {second}");
        for unusable in [&b""[..], &[b'x'; 256], b"\xff"] {
            let made = id(Some(unusable), path).await;
            assert_eq!(made.len(), 20, "{made}");
        }
    }
}

#[tokio::test]
async fn error_bodies_are_whole() {
    let server = Server::start().await;
    for (op, body, status, wanted) in [
        (
            "works.get",
            "{}",
            400,
            json!({"type": "missing_required_field",
            "message": "id is required", "field_name": "id"}),
        ),
        (
            "works.get",
            r#"{"id": 5}"#,
            400,
            json!({"type": "unexpected_json_type",
            "message": "id must be a string, not number", "field_name": "id",
            "actual": "number", "expected": "string"}),
        ),
        (
            "works.list",
            r#"{"mode": "up"}"#,
            400,
            json!({"type": "invalid_enum_value",
            "message": "mode: \"up\" is not one of after, before", "field_name": "mode",
            "value": "up", "allowed_values": ["after", "before"]}),
        ),
        (
            "works.get",
            r#"{"id": "x"}"#,
            400,
            json!({"type": "invalid_id",
            "message": "id: \"x\" is not an id", "field_name": "id"}),
        ),
        (
            "tags.get",
            r#"{"id": "ISS-1"}"#,
            400,
            json!({"type": "unexpected_id_type",
            "message": "id takes the id of tag", "field_name": "id", "value": "ISS-1",
            "allowed_types": ["tag"]}),
        ),
        (
            "works.get",
            r#"{"id": "ISS-1", "a": 1}"#,
            400,
            json!({"type": "invalid_field",
            "message": "a is not a field of this request", "field_name": "a"}),
        ),
        (
            "works.list",
            r#"{"stage": {"a": 1}}"#,
            400,
            json!({"type": "invalid_field",
            "message": "stage.a is not a field of this request", "field_name": "a",
            "detail": "stage.a"}),
        ),
        (
            "works.get",
            "[]",
            400,
            json!({"type": "unexpected_json_type",
            "message": "the request must be an object", "field_name": "",
            "actual": "array", "expected": "object"}),
        ),
    ] {
        let answer = post(&server, op, body).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (status, wanted), "{op} {body}");
    }
    let put = raw(&server, "PUT", "/works.get", &[TOKEN], "").await;
    let wanted = json!({"type": "method_not_allowed",
        "message": "works.get takes GET, POST, not PUT"});
    assert_eq!((put.status.as_u16(), put.json()), (405, wanted));
}

#[tokio::test]
async fn the_version_and_the_beta_header_are_known() {
    let server = Server::start().await;
    for header in [
        ("x-devrev-version", &b"2022-10-20"[..]),
        ("x-devrev-scope", b"beta"),
        ("x-devrev-scope", b"anything"),
        ("x-devrev-client-platform", b"Typescript-SDK"),
    ] {
        let with = raw(&server, "POST", "/dev-users.self", &[TOKEN, JSON, header], "{}").await;
        let without = raw(&server, "POST", "/dev-users.self", &[TOKEN, JSON], "{}").await;
        assert_eq!((with.status.as_u16(), with.json()), (200, without.json()), "{header:?}");
    }
    let version = ("x-devrev-version", &b"2020-01-01"[..]);
    let answer = raw(&server, "POST", "/dev-users.self", &[TOKEN, JSON, version], "{}").await;
    let wanted = json!({"type": "invalid_api_version", "value": "2020-01-01",
        "message": "the only version of the API is 2022-10-20"});
    assert_eq!((answer.status.as_u16(), answer.json()), (400, wanted));
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let limits = Limits { body_bytes_max: 1000, ..Limits::default() };
    let server = Server::start_with(limits).await;
    let body = |length: usize| format!("{{}}{}", " ".repeat(length - 2));
    assert_eq!(post(&server, "dev-users.self", &body(1000)).await.status, 200);
    let over = post(&server, "dev-users.self", &body(1001)).await;
    let wanted = json!({"type": "request_entity_too_large", "max_bytes": 1000,
        "message": "the body is larger than 1000 bytes"});
    assert_eq!((over.status.as_u16(), over.json()), (413, wanted));
}

#[tokio::test]
async fn the_pages_for_those_who_run_the_server_need_no_token() {
    let server = Server::start().await;
    for page in ["/healthz", "/readyz"] {
        let answer = raw(&server, "GET", page, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, &b"ok\n"[..]));
    }
    // A server without metrics has no page for them.
    assert_eq!(raw(&server, "GET", "/metrics", &[], "").await.status, 404);
    let openapi = raw(&server, "GET", "/openapi.json", &[], "").await;
    assert_eq!(openapi.header("content-type"), "application/json");
    let document = openapi.json();
    assert_eq!(document["openapi"], "3.1.0");
    for op in worksmith_tracker::table().iter() {
        let path = &document["paths"][format!("/{}", op.name)];
        assert!(path["post"].is_object(), "{}", op.name);
        assert_eq!(path["get"].is_object(), op.get, "{}", op.name);
    }
}

#[tokio::test]
async fn an_unknown_path_is_told_whoever_asks() {
    let server = Server::start().await;
    for (method, path) in [("GET", "/nothing"), ("POST", "/works.nothing"), ("PUT", "/health")] {
        let answer = raw(&server, method, path, &[], "").await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.bytes, br#"{"message":"route not found"}"#);
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

/// Whether the request of an operation has a cursor, according to the description of the API.
fn has_cursor(description: &Value, op: &str) -> bool {
    let body = format!("/paths/~1{op}/post/requestBody/content/application~1json/schema/$ref");
    let schema = description.pointer(&body).and_then(Value::as_str).expect("a schema");
    let cursor = format!("{}/properties/cursor", schema.trim_start_matches('#'));
    description.pointer(&cursor).is_some()
}

#[tokio::test]
async fn the_cursors_of_every_operation_are_bound_to_its_request() {
    let world = World::start().await;
    let description = raw(&world.server, "GET", "/openapi.json", &[], "").await.json();
    let table = worksmith_tracker::table();
    let mut paged = Vec::new();
    // Those of the feed are positions in the log, whatever is filtered.
    let bound = table.iter().filter(|op| !op.name.starts_with("events."));
    for op in bound.filter(|op| has_cursor(&description, op.name)) {
        let ask = async |cursor: String| {
            let mut request = world.request(op.name).expect("a request");
            request["cursor"] = cursor.into();
            post(&world.server, op.name, &request.to_string()).await
        };
        // Some always show everything, and look at no cursor.
        if ask("x".to_owned()).await.status == 200 {
            continue;
        }
        paged.push(op.name);
        for keys in 1..5 {
            // A cursor that would fit if that of no request did.
            let key = vec![worksmith_kernel::Value::Null; keys];
            let answer = ask(Cursor::new("", key).encode()).await;
            is(&answer, 400, "invalid_field");
            let message = answer.json()["message"].to_string();
            assert!(message.contains("belongs to another query"), "{}: {message}", op.name);
        }
    }
    assert!(paged.contains(&"works.list") && paged.len() > 20, "{paged:?}");
}
