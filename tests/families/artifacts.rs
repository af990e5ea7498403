//! Artifacts: preparing, uploading by a form, locating and downloading them. These tests are
//! compiled twice, for files in a folder, and for files in a bucket that clients can't reach: they
//! see no difference.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use worksmith_http::Limits;
use worksmith_org::artifacts::sweep;
use worksmith_tests::s3::S3;
use worksmith_tests::{ADMIN, Redirects, Server, Setup, http_client};

const BASE: &str = "http://worksmith.test";
const MINUTE_MS: i64 = 60 * 1000;
const YEAR_MS: i64 = 365 * 24 * 60 * MINUTE_MS;

/// A server, and the bucket of its files, if it has one.
struct Bed {
    server: Server,
    _bucket: Option<S3>,
}

impl std::ops::Deref for Bed {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

async fn start() -> Bed {
    start_with(Limits::default()).await
}

async fn start_with(limits: Limits) -> Bed {
    let bucket = if module_path!().ends_with("s3") { Some(S3::start().await) } else { None };
    let files = match &bucket {
        Some(bucket) => Some(bucket.files().await.through_server()),
        None => None,
    };
    let server = Server::start_as(Setup { limits, files, ..Setup::default() }).await;
    Bed { server, _bucket: bucket }
}

/// The answer of an address of files.
pub(crate) struct Raw {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
}

impl Raw {
    fn error(&self, status: u16, kind: &str) -> Value {
        let body: Value = serde_json::from_slice(&self.bytes).expect("a JSON body");
        assert_eq!((self.status.as_u16(), body["type"].as_str()), (status, Some(kind)), "{body}");
        assert!(self.headers.contains_key("x-request-id"));
        body
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// Sends a request to an address of files, without a token.
async fn send(
    server: &Server,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Raw {
    let path = url.strip_prefix(BASE).expect("an address of this server");
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).expect("a request");
    let response = server.router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    Raw { status: parts.status, headers: parts.headers, bytes }
}

const BOUNDARY: &str = "----xyz";

/// The form of an upload: the prepared fields, one without a meaning, and the file.
fn form(prepared: &Value, bytes: &[u8]) -> Vec<u8> {
    let mut form = Vec::new();
    let mut field = |name: &str, value: &str| {
        let text = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        form.extend_from_slice(text.as_bytes());
    };
    for pair in prepared["form_data"].as_array().expect("fields") {
        field(pair["key"].as_str().expect("a key"), pair["value"].as_str().expect("a value"));
    }
    field("x-extra", "ignored");
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"../../etc/passwd\"\r\nContent-Type: text/html\r\n\r\n"
    );
    form.extend_from_slice(head.as_bytes());
    form.extend_from_slice(bytes);
    form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    form
}

async fn post(server: &Server, url: &str, form: Vec<u8>) -> Raw {
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    send(server, Method::POST, url, &[("content-type", &media_type)], form).await
}

pub(crate) async fn upload(server: &Server, prepared: &Value, bytes: &[u8]) -> Raw {
    let url = prepared["url"].as_str().expect("an address");
    post(server, url, form(prepared, bytes)).await
}

pub(crate) async fn prepare(server: &Server, name: &str, media_type: &str) -> Value {
    let request = json!({"file_name": name, "file_type": media_type});
    server.call("artifacts.prepare", request).await.ok()
}

async fn locate(server: &Server, request: Value) -> String {
    let located = server.call("artifacts.locate", request).await.ok();
    located["url"].as_str().expect("an address").to_owned()
}

async fn download(server: &Server, request: Value) -> Raw {
    let url = locate(server, request).await;
    send(server, Method::GET, &url, &[], Body::empty()).await
}

/// The key of every file that is stored.
async fn kept(server: &Server) -> Vec<String> {
    server.work().await;
    let keys = server.files.keys(None).map(|key| key.expect("a key").0);
    // The only other object is a note of the sweep.
    keys.filter(|key| std::future::ready(key.contains('/'))).collect().await
}

/// Wherever the files are, the bodies are the same.
fn assert_snapshot(name: &str, body: &Value) {
    insta::with_settings!({prepend_module_to_snapshot => false}, {
        insta::assert_json_snapshot!(format!("families__artifacts__{name}"), body);
    });
}

#[tokio::test]
async fn a_file_is_prepared_uploaded_read_and_downloaded() {
    let server = start().await;
    let answer = server
        .call(
            "artifacts.prepare",
            json!({
                "file_name": "trace.log", "file_type": "text/plain", "configuration_set": "work",
            }),
        )
        .await;
    assert_eq!(answer.status, 200);
    let prepared = answer.ok();
    assert_snapshot("prepared", &prepared);

    let before = server.call("artifacts.get", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_snapshot("awaited", &before);
    let sent = upload(&server, &prepared, b"line one\n").await;
    assert_eq!((sent.status, sent.bytes.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(sent.header("x-amz-version-id"), "1");
    let after = server.call("artifacts.get", json!({"id": prepared["id"]})).await.ok();
    assert_snapshot("uploaded", &after);
    assert_eq!(server.get("artifacts.get", "id=ARTIFACT-1").await.ok(), after);

    let got = download(&server, json!({"id": "ARTIFACT-1"})).await;
    assert_eq!((got.status, &got.bytes[..]), (StatusCode::OK, &b"line one\n"[..]));
    assert_eq!(got.header("content-length"), "9");
    assert_eq!(got.header("content-type"), "text/plain");
    assert_eq!(
        got.header("content-disposition"),
        "inline; filename=\"trace.log\"; filename*=UTF-8''trace.log"
    );
}

#[tokio::test]
async fn large_files_and_empty_ones_come_back_whole() {
    let server = start().await;
    let large: Vec<u8> = (0..11_000_003_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    for (number, bytes) in [large.as_slice(), b""].into_iter().enumerate() {
        let prepared = prepare(&server, "a.bin", "application/octet-stream").await;
        assert_eq!(upload(&server, &prepared, bytes).await.status, 204);
        let id = format!("ARTIFACT-{}", number + 1);
        let artifact = server.call("artifacts.get", json!({"id": id})).await.ok();
        assert_eq!(artifact["artifact"]["file"]["size"], bytes.len());
        let got = download(&server, json!({"id": id})).await;
        assert!(got.bytes == bytes, "the same bytes come back");
    }
}

#[tokio::test]
async fn an_upload_address_is_good_once_and_for_a_quarter_of_an_hour() {
    let server = start().await;
    let once = prepare(&server, "once.txt", "text/plain").await;
    assert_eq!(upload(&server, &once, b"first").await.status, 204);
    upload(&server, &once, b"second").await.error(404, "not_found");
    assert_eq!(&download(&server, json!({"id": "ARTIFACT-1"})).await.bytes[..], b"first");

    let late = prepare(&server, "late.txt", "text/plain").await;
    server.clock.advance_ms(15 * MINUTE_MS);
    upload(&server, &late, b"x").await.error(403, "forbidden");
    let unknown = json!({"url": format!("{BASE}/upload/nobody"), "form_data": []});
    upload(&server, &unknown, b"x").await.error(404, "not_found");
    let url = late["url"].as_str().expect("an address");
    let got = send(&server, Method::GET, url, &[], Body::empty()).await;
    got.error(405, "method_not_allowed");
    assert_eq!(got.header("allow"), "POST");
    assert_eq!(kept(&server).await.len(), 1);
}

#[tokio::test]
async fn of_two_uploads_at_once_one_is_whole() {
    let server = start().await;
    let prepared = prepare(&server, "race.txt", "text/plain").await;
    let (one, other) =
        tokio::join!(upload(&server, &prepared, b"one"), upload(&server, &prepared, b"other"));
    let statuses = [one.status.as_u16(), other.status.as_u16()];
    assert!(statuses == [204, 404] || statuses == [404, 204], "{statuses:?}");
    let wanted: &[u8] = if one.status == 204 { b"one" } else { b"other" };
    assert_eq!(&download(&server, json!({"id": "ARTIFACT-1"})).await.bytes[..], wanted);
    assert_eq!(kept(&server).await.len(), 1);
}

#[tokio::test]
async fn a_broken_upload_leaves_nothing_and_may_be_tried_again() {
    let limits = Limits { upload_bytes_max: 1000, ..Limits::default() };
    let server = start_with(limits).await;
    let prepared = prepare(&server, "a.txt", "text/plain").await;
    let url = prepared["url"].as_str().expect("an address");

    let large = upload(&server, &prepared, &[b'x'; 1001]).await;
    assert_eq!(large.error(413, "request_entity_too_large")["max_bytes"], 1000);
    let huge = upload(&server, &prepared, &vec![b'x'; 2_000_000]).await;
    huge.error(413, "request_entity_too_large");
    let mut cut = form(&prepared, b"some bytes");
    cut.truncate(cut.len() - 20);
    post(&server, url, cut).await.error(400, "parse_error");
    let no_file = format!("--{BOUNDARY}--\r\n").into_bytes();
    let missing = post(&server, url, no_file).await.error(400, "missing_required_field");
    assert_eq!(missing["field_name"], "file");
    let json = [("content-type", "application/json")];
    send(&server, Method::POST, url, &json, "{}").await.error(400, "invalid_content_type");

    let artifact = server.call("artifacts.get", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_eq!(artifact["artifact"]["file"], json!({"name": "a.txt", "type": "text/plain"}));
    assert_eq!(kept(&server).await, Vec::<String>::new());
    assert_eq!(upload(&server, &prepared, &[b'x'; 1000]).await.status, 204);
}

#[tokio::test]
async fn locate_answers_before_the_bytes_are_there() {
    let server = start().await;
    let prepared = prepare(&server, "a.txt", "text/plain").await;
    let located = server.call("artifacts.locate", json!({"id": "ARTIFACT-1"})).await.ok();
    let url = located["url"].as_str().expect("an address");
    let early = send(&server, Method::GET, url, &[], Body::empty()).await;
    early.error(404, "not_found");
    upload(&server, &prepared, b"now").await;
    let got = send(&server, Method::GET, url, &[], Body::empty()).await;
    assert_eq!(&got.bytes[..], b"now");
}

#[tokio::test]
async fn a_download_address_ends_and_cannot_be_altered() {
    let server = start().await;
    for name in ["a.txt", "b.txt"] {
        let prepared = prepare(&server, name, "text/plain").await;
        upload(&server, &prepared, b"secret").await;
    }
    let url = locate(&server, json!({"id": "ARTIFACT-1"})).await;
    let (path, query) = url.split_once('?').expect("a query");
    for altered in [
        url[..url.len() - 6].to_owned(),
        path.to_owned(),
        url.replace("/1/1?", "/2/1?"),
        url.replace("/1/1?", "/1/2?"),
        url.replace("/1/1?", "/999/1?"),
        url.replace("/1/1?", "/x/1?"),
        url.replace("expires=1", "expires=2"),
        format!("{BASE}/download/other/1/1?{query}"),
        format!("{url}%00"),
    ] {
        let got = send(&server, Method::GET, &altered, &[], Body::empty()).await;
        got.error(403, "forbidden");
    }
    let head = send(&server, Method::HEAD, &url, &[], Body::empty()).await;
    assert_eq!((head.status, head.bytes.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("content-length"), "6");
    let post = send(&server, Method::POST, &url, &[], Body::empty()).await;
    post.error(405, "method_not_allowed");

    server.clock.advance_ms(14 * MINUTE_MS);
    assert_eq!(send(&server, Method::GET, &url, &[], Body::empty()).await.status, 200);
    server.clock.advance_ms(MINUTE_MS);
    let late = send(&server, Method::GET, &url, &[], Body::empty()).await;
    late.error(403, "forbidden");
}

#[tokio::test]
async fn a_part_of_a_file_can_be_fetched() {
    let server = start().await;
    let prepared = prepare(&server, "a.txt", "text/plain").await;
    upload(&server, &prepared, b"0123456789").await;
    let url = locate(&server, json!({"id": "ARTIFACT-1"})).await;
    let range = |range: &'static str| {
        let url = url.clone();
        let server = &server;
        async move { send(server, Method::GET, &url, &[("range", range)], Body::empty()).await }
    };
    let middle = range("bytes=2-4").await;
    assert_eq!((middle.status.as_u16(), &middle.bytes[..]), (206, &b"234"[..]));
    assert_eq!(middle.header("content-range"), "bytes 2-4/10");
    assert_eq!(middle.header("content-length"), "3");
    let end = range("bytes=-2").await;
    assert_eq!((end.status.as_u16(), &end.bytes[..]), (206, &b"89"[..]));
    let beyond = range("bytes=10-").await;
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, "bytes */10"));
}

#[tokio::test]
async fn a_hostile_file_is_never_a_page_of_this_server() {
    let server = start().await;
    for (number, (name, media_type, how)) in [
        ("x.html", "text/html", "attachment"),
        ("x.svg", "image/svg+xml", "attachment"),
        ("x.xhtml", "application/xhtml+xml; charset=utf-8", "attachment"),
        ("x.pdf", "application/pdf", "attachment"),
        ("x.png", "image/png", "inline"),
        ("Größe \"–\".txt", "Text/Plain; charset=utf-8", "inline"),
    ]
    .into_iter()
    .enumerate()
    {
        let prepared = prepare(&server, name, media_type).await;
        upload(&server, &prepared, b"<script>alert(1)</script>").await;
        let id = format!("ARTIFACT-{}", number + 1);
        let got = download(&server, json!({"id": id})).await;
        assert_eq!(got.header("content-type"), media_type);
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert_eq!(got.header("content-security-policy"), "sandbox; default-src 'none'");
        assert!(got.header("content-disposition").starts_with(how), "{name}");
    }
}

#[tokio::test]
async fn a_type_that_is_no_media_type_is_kept_and_served_as_bytes() {
    let server = start().await;
    let longest = format!("text/{}", "x".repeat(250));
    for (number, file_type) in [
        "default",
        "pdf",
        "PNG",
        "/",
        "text/",
        "a b/c",
        "text/html\r\nx: y",
        "text/plain\r\n;a=b",
        "ü/x",
        "text/p;é",
        " ",
        "\u{7f}",
        "devrev/rt",
        &longest,
    ]
    .into_iter()
    .enumerate()
    {
        let prepared = prepare(&server, "a.png", file_type).await;
        assert_eq!(upload(&server, &prepared, b"bytes").await.header("x-amz-version-id"), "1");
        let id = format!("ARTIFACT-{}", number + 1);
        let artifact = server.call("artifacts.get", json!({"id": id})).await.ok();
        assert_eq!(artifact["file_type"], file_type);
        let file = json!({"type": file_type, "name": "a.png", "size": 5});
        assert_eq!(artifact["artifact"]["file"], file);
        let got = download(&server, json!({"id": id})).await;
        assert_eq!((got.status, &got.bytes[..]), (StatusCode::OK, &b"bytes"[..]), "{file_type:?}");
        let is_one = file_type == "devrev/rt" || file_type == longest;
        let served = if is_one { file_type } else { "application/octet-stream" };
        assert_eq!(got.header("content-type"), served, "{file_type:?}");
        assert!(got.header("content-disposition").starts_with("attachment"), "{file_type:?}");
    }
}

#[tokio::test]
async fn names_and_types_that_are_none_are_refused() {
    let server = start().await;
    let long = "x".repeat(256);
    for name in ["", ".", "..", "../../etc/passwd", "a/b", "a\\b", "a\u{0}b", "a\r\nb: c", &long] {
        let answer = server.call("artifacts.prepare", json!({"file_name": name})).await;
        assert_eq!(answer.error(400, "value_not_permitted")["field_name"], "file_name", "{name:?}");
    }
    for file_type in ["text\0", &long] {
        let request = json!({"file_name": "a", "file_type": file_type});
        let error = server.call("artifacts.prepare", request).await;
        let error = error.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], "file_type", "{file_type:?}");
    }
    let missing = server.call("artifacts.prepare", json!({"file_type": "text/plain"})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "file_name");
    let request = json!({"file_name": "a", "configuration_set": "x"});
    server.call("artifacts.prepare", request).await.error(400, "invalid_enum_value");
    assert_eq!(server.call("artifacts.list", json!({})).await.ok(), json!({"artifacts": []}));

    let plain = server.call("artifacts.prepare", json!({"file_name": "PATH_TO_ARTIFACT"})).await;
    let id = plain.ok()["id"].clone();
    let artifact = server.call("artifacts.get", json!({"id": id})).await.ok();
    assert_eq!(artifact["file_type"], "application/octet-stream");
}

#[tokio::test]
async fn versions_follow_each_other_and_are_deleted_for_good() {
    let server = start().await;
    let prepared = prepare(&server, "v.txt", "text/plain").await;
    upload(&server, &prepared, b"old").await;
    let next = server.call("artifacts.versions.prepare", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_eq!(next["id"], prepared["id"]);
    upload(&server, &next, b"brand new").await;

    let now = server.call("artifacts.get", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_eq!((&now["file_size"], &now["version"]["version"]), (&json!(9), &json!("2")));
    let past = json!({"id": "ARTIFACT-1", "version": "1"});
    let old = server.call("artifacts.get", past.clone()).await.ok();
    assert_eq!((&old["artifact"]["file"]["size"], &old["file_size"]), (&json!(3), &json!(3)));
    assert_eq!(server.get("artifacts.get", "id=ARTIFACT-1&version=1").await.ok(), old);
    assert_eq!(&download(&server, past.clone()).await.bytes[..], b"old");
    assert_eq!(kept(&server).await.len(), 2);

    let url = locate(&server, past.clone()).await;
    let gone = server.call("artifacts.versions.delete", past.clone()).await;
    assert_eq!((gone.status.as_u16(), gone.ok()), (200, json!({})));
    assert_eq!(kept(&server).await.len(), 1);
    for op in ["artifacts.get", "artifacts.locate", "artifacts.versions.delete"] {
        server.call(op, past.clone()).await.error(404, "not_found");
    }
    let got = send(&server, Method::GET, &url, &[], Body::empty()).await;
    got.error(404, "not_found");
    assert_eq!(&download(&server, json!({"id": "ARTIFACT-1"})).await.bytes[..], b"brand new");

    server.call("artifacts.versions.delete", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_eq!(kept(&server).await, Vec::<String>::new());
    let bare = server.call("artifacts.get", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_eq!(bare["artifact"]["file"], json!({"name": "v.txt", "type": "text/plain"}));
    let again = json!({"id": "ARTIFACT-1"});
    server.call("artifacts.versions.delete", again).await.error(404, "not_found");
    let next = server.call("artifacts.versions.prepare", json!({"id": "ARTIFACT-1"})).await.ok();
    upload(&server, &next, b"third").await;
    let third = server.call("artifacts.get", json!({"id": "ARTIFACT-1"})).await.ok();
    assert_eq!(third["version"]["version"], "3");
}

#[tokio::test]
async fn bytes_that_a_backup_may_name_stay_until_it_is_done() {
    let server = start().await;
    let hold = async |holder| {
        server.engine.store().hold_files(holder, &server.environment.clock).await.expect("a hold")
    };
    for (name, ends_by_itself) in [("ARTIFACT-1", false), ("ARTIFACT-2", true)] {
        let prepared = prepare(&server, "v.txt", "text/plain").await;
        upload(&server, &prepared, b"old").await;
        let held = hold(name).await;
        let other = hold("another backup").await;
        server.call("artifacts.versions.delete", json!({"id": name})).await.ok();
        assert_eq!(kept(&server).await.len(), 1, "{name}");
        other.release().await;
        assert_eq!(kept(&server).await.len(), 1, "{name}");
        if ends_by_itself {
            drop(held);
        } else {
            held.release().await;
        }
        server.clock.advance_ms(61_000);
        assert_eq!(kept(&server).await, Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_refused_delete_keeps_the_bytes() {
    let server = start().await;
    let prepared = prepare(&server, "v.txt", "text/plain").await;
    upload(&server, &prepared, b"old").await;
    let headers =
        [("authorization", ADMIN), ("content-type", "application/json"), ("if-match", "77")];
    let body = json!({"id": "ARTIFACT-1"}).to_string();
    let refused = server.send(Method::POST, "artifacts.versions.delete", &headers, body).await;
    refused.error(412, "precondition_failed");
    assert_eq!(&download(&server, json!({"id": "ARTIFACT-1"})).await.bytes[..], b"old");
}

#[tokio::test]
async fn an_artifact_that_nobody_has_is_not_found() {
    let server = start().await;
    for op in [
        "artifacts.get",
        "artifacts.locate",
        "artifacts.versions.prepare",
        "artifacts.versions.delete",
    ] {
        server.call(op, json!({"id": "ARTIFACT-9"})).await.error(404, "not_found");
        server.call(op, json!({"id": "x"})).await.error(400, "invalid_id");
        server.call(op, json!({"id": "TAG-1"})).await.error(400, "unexpected_id_type");
        server.call(op, json!({})).await.error(400, "missing_required_field");
    }
}

#[tokio::test]
async fn bytes_that_nothing_names_are_swept_up() {
    let server = start().await;
    let prepared = prepare(&server, "a.txt", "text/plain").await;
    upload(&server, &prepared, b"named").await;
    let named = kept(&server).await;
    let (folder, _) = named[0].rsplit_once('/').expect("a folder");
    let orphan = server.files.write(&format!("{folder}/orphan")).await.expect("an upload");
    orphan.finish().await.expect("an orphan");
    let unfinished = server.dir.path().join("artifacts").join(folder).join("cut#1");
    if !server.files.is_remote() {
        std::fs::write(&unfinished, b"left by a crash").expect("a file");
    }
    let sweep = || sweep(&server.engine, &server.environment, &server.files);

    // The files have dates of the machine's clock, but the test's clock decides how old they are:
    // all are young at first.
    server.clock.advance_ms(-100 * YEAR_MS);
    assert_eq!(sweep().await.expect("a sweep"), 0);
    assert_eq!((kept(&server).await.len(), unfinished.exists()), (2, !server.files.is_remote()));
    server.clock.advance_ms(200 * YEAR_MS);
    assert_eq!(sweep().await.expect("a sweep"), 1);
    assert_eq!((kept(&server).await, unfinished.exists()), (named, false));
}

#[tokio::test]
async fn every_version_address_and_list_is_read_by_its_get_twin() {
    let server = start().await;
    let prepared = prepare(&server, "a.txt", "text/plain").await;
    upload(&server, &prepared, b"x").await;
    let listed = server.call("artifacts.list", json!({})).await.ok();
    let artifact = server.get("artifacts.get", "id=artifact-1&version=1").await.ok();
    assert_eq!(listed, json!({"artifacts": [artifact["artifact"]]}));
    assert_eq!(server.get("artifacts.list", "").await.ok(), listed);
    let none = server.get("artifacts.list", "parent_id=ISS-7").await.ok();
    assert_eq!(none, json!({"artifacts": []}));
    server.get("artifacts.locate", "id=ARTIFACT-1&version=1").await.ok();
    let missing = server.get("artifacts.locate", "id=ARTIFACT-1&version=2").await;
    missing.error(404, "not_found");
    let wrong = server.get("artifacts.list", "parent_id=TAG-7").await;
    wrong.error(400, "unexpected_id_type");
}

/// As a client does it across a network, where the answer may arrive before the body is sent.
#[tokio::test]
async fn an_http_client_uploads_and_downloads() {
    let limits = Limits { upload_bytes_max: 3_000_000, ..Limits::default() };
    let server = start_with(limits).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = http_client(Redirects::Follow);
    let send = async |prepared: &Value, bytes: Vec<u8>| {
        let url = prepared["url"].as_str().expect("an address").replace(BASE, &address);
        let part = reqwest::multipart::Part::bytes(bytes).file_name("9f?x=y");
        let form = reqwest::multipart::Form::new().text("key", "1").part("file", part);
        client.post(url).multipart(form).send().await.expect("an answer").status().as_u16()
    };
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let prepared = prepare(&server, "a.txt", "text/plain").await;
    let mut larger = bytes.clone();
    larger.push(0);
    assert_eq!(send(&prepared, larger).await, 413);
    assert_eq!(send(&prepared, bytes.clone()).await, 204);
    assert_eq!(send(&prepared, bytes.clone()).await, 404);
    let url = locate(&server, json!({"id": "ARTIFACT-1"})).await.replace(BASE, &address);
    let request = client.get(url).header("accept-encoding", "gzip");
    let got = request.send().await.expect("an answer");
    assert_eq!(got.headers()["content-length"], "3000000");
    assert!(got.bytes().await.expect("a body") == bytes, "the same bytes come back");
}
