//! Malformed and hostile requests, written by hand: each is refused as expected, and nothing
//! changes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use worksmith_contract::check_response;
use worksmith_tests::ADMIN;

use crate::world::{EXPIRED, REVOKED, World, as_admin, raw};

mod queries;
mod values;

/// One request and the answer that it must get.
pub struct Case {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
    status: u16,
    kind: &'static str,
    field: &'static str,
}

/// The `kind` of the answer to an unknown path, which has none.
const NO_ROUTE: &str = "";

impl Case {
    fn of(method: &'static str, path: impl Into<String>, status: u16, kind: &'static str) -> Self {
        let headers = vec![
            ("authorization", ADMIN.as_bytes().to_vec()),
            ("content-type", b"application/json".to_vec()),
        ];
        Self { method, path: path.into(), headers, body: Vec::new(), status, kind, field: "" }
    }

    fn post(op: &str, body: impl Into<Vec<u8>>, kind: &'static str) -> Self {
        Self { body: body.into(), ..Self::of("POST", format!("/{op}"), 400, kind) }
    }

    fn get(path: &str, kind: &'static str, field: &'static str) -> Self {
        Self { field, ..Self::of("GET", format!("/{path}"), 400, kind) }
    }

    fn unrouted(method: &'static str, path: &str) -> Self {
        Self::of(method, path, 404, NO_ROUTE)
    }

    fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn judge(&self, status: u16, bytes: &[u8]) -> Result<(), String> {
        let body: Value = serde_json::from_slice(bytes).map_err(|_| "no JSON".to_owned())?;
        if self.kind == NO_ROUTE {
            let wanted = (404, json!({"message": "route not found"}));
            return if (status, &body) == (wanted.0, &wanted.1) {
                Ok(())
            } else {
                Err(body.to_string())
            };
        }
        let seen = (status, body["type"].as_str(), body["field_name"].as_str().unwrap_or_default());
        if seen != (self.status, Some(self.kind), self.field) {
            return Err(format!("{status} {body}"));
        }
        let op = self.path.trim_start_matches('/').split('?').next().unwrap_or_default();
        // Statuses that the contract does not describe at all.
        if worksmith_contract::operation(op).is_some() && !matches!(status, 405 | 412) {
            let found = check_response(op, status, &body);
            if !found.is_empty() {
                return Err(format!("{body}: {found:?}"));
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn each_hostile_request_gets_its_refusal_and_changes_nothing() {
    let world = World::start().await;
    let cursors = cursors(&world).await;
    let before = world.digest();
    let groups = [
        bodies(),
        sizes(),
        tokens(),
        headers(),
        media_types(),
        methods(),
        routes(),
        queries::of_gets(),
        queries::of_posts(),
        cursors,
        file_names(),
        values::cases(&world),
    ];
    let (mut sent, mut wrong) = (0, Vec::new());
    for case in groups.iter().flatten() {
        let headers: Vec<_> = case.headers.iter().map(|(n, v)| (*n, v.as_slice())).collect();
        let answer = raw(&world.server, case.method, &case.path, &headers, case.body.clone()).await;
        sent += 1;
        if let Err(seen) = case.judge(answer.status.as_u16(), &answer.bytes) {
            let body = String::from_utf8_lossy(&case.body[..case.body.len().min(120)]);
            let Case { method, path, status, kind, field, .. } = case;
            wrong.push(format!(
                "{method} {path:.120} {body}: wants {status} {kind} {field}, got {seen}"
            ));
        }
    }
    println!("{sent} requests by hand");
    assert!(wrong.is_empty(), "{} of {sent}: {wrong:#?}", wrong.len());
    assert!(sent >= 200, "only {sent} requests");
    assert_eq!(world.digest(), before);
}

/// Bodies that are not JSON, or not the JSON of a request.
fn bodies() -> Vec<Case> {
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let mut broken: Vec<Vec<u8>> = [
        "{",
        "}",
        "[",
        "]",
        "nul",
        "tru",
        "{\"id\"}",
        "{\"id\":}",
        "{'id':'ISS-1'}",
        "{id:1}",
        "{\"id\":\"ISS-1\",}",
        "{,}",
        "{\"id\":\"ISS-1\"} x",
        "{\"id\":\"ISS-1\"}{}",
        "\u{feff}{}",
        "{\"id\":\"ISS-1\"",
        "{\"id\":\"ISS-1}",
        "{\"id\":\"a\nb\"}",
        "{\"id\":\"\\x41\"}",
        "{\"id\":\"\\ud800\"}",
        "{\"id\":\"\\udc00\\ud800\"}",
        "{\"id\":\"\\u12\"}",
        "{\"id\":1e400}",
        "{\"id\":-1e400}",
        "{\"id\":01}",
        "{\"id\":.5}",
        "{\"id\":1.}",
        "{\"id\":+1}",
        "{\"id\":NaN}",
        "{\"id\":Infinity}",
        "{\"id\":0x10}",
        "{\"id\":-}",
        "{\"id\":\"ISS-1\" /* a remark */}",
        "{\"id\":\"ISS-1\"}//",
        "<work/>",
        "id=ISS-1",
        "\0",
        "{\"id\":\"ISS-1\",\"title\":\"a\0b\"}",
        "{\"id\":\"ISS-1\",\"id\":\"ISS-1\"}",
        "{\"id\":\"ISS-1\",\"title\":\"a\",\"title\":\"b\"}",
        "{\"id\":\"ISS-1\",\"stage\":{\"name\":\"triage\",\"name\":\"backlog\"}}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    broken.extend([
        b"{\"id\":\"ISS-1\xff\"}".to_vec(),
        b"{\"id\":\"\xc0\x80\"}".to_vec(),
        b"{\"id\":\"\xed\xa0\x80\"}".to_vec(),
        b"{\"id\":\"ISS-1\xe2\x82\"}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
        b"\x1f\x8b\x08\0\0\0\0\0".to_vec(),
        deep("[", "]").into_bytes(),
        "[".repeat(100_000).into_bytes(),
        deep("{\"a\":", "}").into_bytes(),
        format!("{{\"id\":\"ISS-1\",\"title\":{}}}", deep("[", "]")).into_bytes(),
        format!("{{\"id\":\"ISS-1\",\"custom_fields\":{}}}", deep("{\"a\":", "1}")).into_bytes(),
    ]);
    let broken = broken.into_iter().map(|body| Case::post("works.update", body, "parse_error"));
    let others = ["null", "true", "5", "\"ISS-1\"", "[]", "[{\"id\":\"ISS-1\"}]", "1e300"]
        .map(|body| Case::post("works.update", body, "unexpected_json_type"));
    broken.chain(others).collect()
}

fn sizes() -> Vec<Case> {
    const MEGABYTES: usize = 10 * 1024 * 1024;
    let too_large =
        |body: Vec<u8>| Case::post("works.update", body, "request_entity_too_large").status(413);
    let title = format!("{{\"id\":\"ISS-1\",\"title\":\"{}\"}}", "x".repeat(MEGABYTES));
    let announced = || Case::post("works.update", "{}", "request_entity_too_large").status(413);
    vec![
        too_large(title.into_bytes()),
        too_large(vec![b' '; MEGABYTES]),
        too_large(vec![0; MEGABYTES]),
        too_large(b"[".repeat(MEGABYTES)),
        announced().header("content-length", "10485760"),
        announced().header("content-length", "18446744073709551615"),
    ]
}

fn tokens() -> Vec<Case> {
    let unauthenticated: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b" ".to_vec(),
        b"Bearer".to_vec(),
        b"Bearer ".to_vec(),
        b"Basic YTpi".to_vec(),
        b"wrong".to_vec(),
        b"Bearer wrong".to_vec(),
        b"bearer bearer test-admin-token".to_vec(),
        b"test-admin-toke".to_vec(),
        b"test-admin-token2".to_vec(),
        b"TEST-ADMIN-TOKEN".to_vec(),
        b"test-admin-token,test-admin-token".to_vec(),
        b"' OR '1'='1".to_vec(),
        b"\xff\xfe".to_vec(),
        "ключ".as_bytes().to_vec(),
        vec![b'x'; 100_000],
        b"Token test-admin-token".to_vec(),
        b"Bearer\ttest-admin-token".to_vec(),
        b"%74est-admin-token".to_vec(),
        b"null".to_vec(),
        b"undefined".to_vec(),
    ];
    let case = |token: Vec<u8>, kind| {
        Case::post("works.delete", "{\"id\":\"ISS-1\"}", kind)
            .status(401)
            .header("authorization", token)
    };
    let mut cases: Vec<_> =
        unauthenticated.into_iter().map(|token| case(token, "unauthenticated")).collect();
    for (token, kind) in [(EXPIRED, "token_expired"), (REVOKED, "token_revoked")] {
        cases.push(case(token.as_bytes().to_vec(), kind));
        cases.push(case(format!("Bearer {token}").into_bytes(), kind));
    }
    let mut without = case(Vec::new(), "unauthenticated");
    without.headers.retain(|(name, _)| *name != "authorization");
    cases.push(without);
    // The caller is checked before the request.
    cases.push(Case { body: b"{".to_vec(), ..case(b"wrong".to_vec(), "unauthenticated") });
    cases
}

fn headers() -> Vec<Case> {
    let version = |value: &str| {
        Case::post("works.get", "{\"id\":\"ISS-1\"}", "invalid_api_version")
            .header("x-devrev-version", value)
    };
    let write = |name, value: &[u8]| {
        Case::post("works.update", "{\"id\":\"ISS-1\",\"title\":\"x\"}", "bad_request")
            .header(name, value)
    };
    let stale = |value: &str| {
        let case = write("if-match", value.as_bytes()).status(412);
        Case { kind: "precondition_failed", ..case }
    };
    let mut cases: Vec<_> =
        ["", "2022-10-21", "2022-10-20 ", "v1", "latest", "2022-10-20,2022-10-20"]
            .iter()
            .filter(|value| value.trim() != "2022-10-20")
            .map(|value| version(value))
            .collect();
    cases.push(version(&"9".repeat(10_000)));
    for value in ["x", "", "1.0", "0x1", "18446744073709551616", "'1'", "W/\"1\""] {
        cases.push(write("if-match", value.as_bytes()));
    }
    cases.extend([stale("999"), stale("\"999\""), stale("0")]);
    cases.push(write("idempotency-key", b""));
    cases.push(write("idempotency-key", &[b'k'; 256]));
    cases.push(write("idempotency-key", b"\xff\xfe"));
    cases.push(write("if-match", b"\xff\xfe"));
    let twice = |name, case: Case| Case {
        headers: [case.headers.clone(), vec![(name, b"2".to_vec())]].concat(),
        ..case
    };
    cases.push(twice("if-match", write("if-match", b"1")));
    cases.push(twice("idempotency-key", write("idempotency-key", b"1")));
    cases
}

fn media_types() -> Vec<Case> {
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "application",
        "json",
        "*/*",
        "",
        ";",
        "application/json2",
        "text/html; application/json",
        "application/octet-stream",
    ]
    .map(|value| {
        Case::post("works.get", "{\"id\":\"ISS-1\"}", "invalid_content_type")
            .header("content-type", value)
    })
    .into_iter()
    .collect()
}

fn methods() -> Vec<Case> {
    let wrong = |method, op: &str| Case::of(method, format!("/{op}"), 405, "method_not_allowed");
    let mut cases: Vec<_> = ["works.create", "works.update", "works.delete", "tags.create"]
        .into_iter()
        .map(|op| wrong("GET", op))
        .collect();
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "post"] {
        cases.push(wrong(method, "works.get"));
        cases.push(wrong(method, "internal/works.update"));
    }
    cases
}

fn routes() -> Vec<Case> {
    let mut cases: Vec<_> = [
        "//works.get",
        "/works.get/",
        "/../works.get",
        "/./works.get",
        "/%2e%2e/works.get",
        "/..%2fworks.get",
        "/works.get/..",
        "/works%2eget",
        "/%77orks.get",
        "/WORKS.GET",
        "/works",
        "/works.",
        "/.get",
        "/works..get",
        "/works.get%00",
        "/works.get%20",
        "/works.get;x=1",
        "/works.get%0d%0aX-A:%20b",
        "/internal",
        "/internal/",
        "/internal//works.get",
        "/internal/internal/works.get",
        "/internal/api/gateway/works.get",
        "/api/gateway",
        "/api/gateway/",
        "/api/gateway/internal/",
        "/api/gateway/api/gateway/works.get",
        "/api/works.get",
        "/internal/../works.get",
        "/Internal/works.get",
        "/v1/works.get",
        "/works/get",
        "/works.nothing",
        "/nothing.get",
        "/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/worksmith.db",
        "/artifacts.create",
        "/search.query",
        "/webhooks.test",
        "/%ff",
        "/%",
        "/works.get%",
        "/healthz/",
        "/internal/healthz",
        "/openapi.json/..",
        "/download",
        "/download/x",
        "/download/a/b/c/d",
        "/upload",
    ]
    .into_iter()
    .flat_map(|path| [Case::unrouted("POST", path), Case::unrouted("GET", path)])
    .collect();
    cases.push(Case::unrouted("DELETE", "/works/ISS-1"));
    cases.push(Case::unrouted("POST", &format!("/{}", "a".repeat(8_000))));
    cases
}

/// Cursors that are invalid, or come from another query, or are made by hand.
async fn cursors(world: &World) -> Vec<Case> {
    let list = async |op: &str, request: Value| -> String {
        let (_, page) = as_admin(&world.server, op, &request).await;
        page["next_cursor"].as_str().unwrap_or_else(|| panic!("no cursor: {page}")).to_owned()
    };
    let good = list("works.list", json!({"limit": 1})).await;
    let of_tags = list("tags.list", json!({"limit": 1})).await;
    let filtered = list("works.list", json!({"limit": 1, "owned_by": ["DEVU-1"]})).await;
    let json = URL_SAFE_NO_PAD.decode(&good).expect("base64");
    let text = String::from_utf8(json).expect("text");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let remade = |change: &dyn Fn(&mut Value)| {
        let mut cursor = value.clone();
        change(&mut cursor);
        URL_SAFE_NO_PAD.encode(cursor.to_string())
    };
    let tampered = [
        String::new(),
        "x".into(),
        "=".into(),
        "null".into(),
        "🦀".into(),
        "../..".into(),
        "' OR 1=1 --".into(),
        "A".repeat(100_000),
        format!("{good}A"),
        good[1..].to_owned(),
        format!("{good}=="),
        good.to_uppercase(),
        of_tags,
        filtered,
        URL_SAFE_NO_PAD.encode("{}"),
        URL_SAFE_NO_PAD.encode("[]"),
        URL_SAFE_NO_PAD.encode("null"),
        URL_SAFE_NO_PAD.encode(b"\xff\xfe"),
        URL_SAFE_NO_PAD.encode("[".repeat(10_000)),
        URL_SAFE_NO_PAD.encode(text.replace("\"v\":1", "\"v\":2")),
        URL_SAFE_NO_PAD.encode(text.replace("\"v\":1", "\"v\":1e400")),
        URL_SAFE_NO_PAD.encode(text.replace("\"v\":1", "\"v\":-1")),
        remade(&|cursor| cursor["q"] = json!("another")),
        remade(&|cursor| cursor["q"] = json!(null)),
        remade(&|cursor| cursor["k"] = json!([])),
        remade(&|cursor| cursor["k"] = json!(vec!["x"; 40])),
        remade(&|cursor| cursor["k"] = json!({"a": 1})),
        remade(&|cursor| cursor["k"] = json!("x")),
    ];
    let mut cases: Vec<_> = tampered
        .into_iter()
        .map(|cursor| {
            let body = json!({"limit": 1, "cursor": cursor}).to_string();
            Case { field: "cursor", ..Case::post("works.list", body, "invalid_field") }
        })
        .collect();
    for wrong in [json!(5), json!({}), json!(["a", "b"]), json!(true)] {
        let body = json!({"cursor": wrong}).to_string();
        cases.push(Case {
            field: "cursor",
            ..Case::post("works.list", body, "unexpected_json_type")
        });
    }
    cases
}

fn file_names() -> Vec<Case> {
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\windows",
        "C:\\a",
        "a/b",
        "a\0b",
        "a\nb",
        "a\r\nX-Evil: 1",
        "a\u{7f}",
        "\u{85}",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(["a".repeat(256), "ä".repeat(300)])
    .map(|name| {
        let body = json!({"file_name": name}).to_string();
        Case { field: "file_name", ..Case::post("artifacts.prepare", body, "value_not_permitted") }
    })
    .collect()
}

/// A well-formed cursor with keys that this server did not write must neither reveal more nor cause
/// a failure.
#[tokio::test]
async fn keys_made_by_hand_do_no_harm() {
    let world = World::start().await;
    let (_, page) = as_admin(&world.server, "works.list", &json!({"limit": 1})).await;
    let good = page["next_cursor"].as_str().expect("a cursor");
    let bytes = URL_SAFE_NO_PAD.decode(good).expect("base64");
    let cursor: Value = serde_json::from_slice(&bytes).expect("JSON");
    let keys = cursor["k"].as_array().expect("keys").len();
    for key in [
        json!(null),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(-1),
        json!("x"),
        json!("' OR 1=1 --"),
        json!({"Int": 5}),
        json!([[[]]]),
        json!(true),
    ] {
        let mut made = cursor.clone();
        made["k"] = Value::Array(vec![key.clone(); keys]);
        let text = URL_SAFE_NO_PAD.encode(made.to_string());
        let request = json!({"limit": 1, "cursor": text});
        let (status, body) = as_admin(&world.server, "works.list", &request).await;
        assert!(status == 200 || status == 400, "{key}: {status} {body}");
    }
}

/// Text that looks like SQL is text like any other.
#[tokio::test]
async fn texts_that_look_like_sql_are_texts() {
    let world = World::start().await;
    let before = world.digest();
    for text in ["' OR '1'='1", "\"; DROP TABLE works; --", "%", "_", "*", "?1", ":a", "\\", "$1"] {
        for (op, request, member) in [
            ("tags.list", json!({"name": [text]}), "tags"),
            ("works.list", json!({"external_ref": [text]}), "works"),
            ("works.list", json!({"stage": {"name": [text]}}), "works"),
            ("accounts.list", json!({"display_name": [text]}), "accounts"),
            ("rev-users.list", json!({"email": [text]}), "rev_users"),
        ] {
            let (status, body) = as_admin(&world.server, op, &request).await;
            assert_eq!((status, &body[member]), (200, &json!([])), "{op} {request}: {body}");
        }
    }
    assert_eq!(world.digest(), before);
    let name = "Robert'); DROP TABLE tags;--";
    let (status, made) = as_admin(&world.server, "tags.create", &json!({"name": name})).await;
    assert_eq!((status, made["tag"]["name"].as_str()), (201, Some(name)));
    let (_, found) = as_admin(&world.server, "tags.list", &json!({"name": [name]})).await;
    assert_eq!(found["tags"].as_array().map(Vec::len), Some(1));
}
