//! Files in a bucket that clients access directly, by forms and addresses that we sign and a
//! foreign server verifies.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use worksmith_http::{App, Limits};
use worksmith_org::artifacts::sweep;
use worksmith_tests::s3::{BUCKET, PREFIX, S3};
use worksmith_tests::{Redirects, Server, Setup, http_client};

const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A server with a port, so that clients can be redirected to it, and a bucket.
struct Bed {
    server: Server,
    bucket: S3,
    base: String,
}

impl Bed {
    async fn start() -> Self {
        let bucket = S3::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let limits = Limits { upload_bytes_max: 1000, ..Limits::default() };
        let files = Some(bucket.files().await);
        let setup = Setup { limits, files, base_url: base.clone(), ..Setup::default() };
        let server = Server::start_as(setup).await;
        server.clock.set_by_the_machine();
        let router = server.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { server, bucket, base }
    }

    async fn prepare(&self, name: &str, media_type: &str) -> Value {
        let request = json!({"file_name": name, "file_type": media_type});
        self.server.call("artifacts.prepare", request).await.ok()
    }

    async fn get(&self, id: &str) -> Value {
        self.server.call("artifacts.get", json!({"id": id})).await.ok()
    }

    async fn locate(&self, request: Value) -> String {
        let located = self.server.call("artifacts.locate", request).await.ok();
        located["url"].as_str().expect("an address").to_owned()
    }

    async fn sweep(&self) -> u64 {
        let Server { engine, environment, files, .. } = &self.server;
        sweep(engine, environment, files).await.expect("a sweep")
    }

    /// The key of every file that is stored.
    async fn kept(&self) -> Vec<String> {
        self.server.work().await;
        let keys = self.server.files.keys(None).map(|key| key.expect("a key").0);
        keys.filter(|key| std::future::ready(key.contains('/'))).collect().await
    }

    /// How many files wait to become a version.
    async fn arrived(&self) -> usize {
        self.kept().await.iter().filter(|key| key.starts_with("uploads/")).count()
    }
}

/// The fields of a form, one of them altered.
fn altered(prepared: &Value, name: &str, value: &str) -> Value {
    let mut prepared = prepared.clone();
    let fields = prepared["form_data"].as_array_mut().expect("fields");
    let field = fields.iter_mut().find(|field| field["key"] == name).expect("the field");
    field["value"] = json!(value);
    prepared
}

fn field<'a>(prepared: &'a Value, name: &str) -> &'a str {
    let fields = prepared["form_data"].as_array().expect("fields");
    let field = fields.iter().find(|field| field["key"] == name).expect("the field");
    field["value"].as_str().expect("a text")
}

async fn post(prepared: &Value, bytes: &[u8], redirects: Redirects) -> Response {
    let mut form = Form::new();
    for pair in prepared["form_data"].as_array().expect("fields") {
        let text = |name: &str| pair[name].as_str().expect("a text").to_owned();
        form = form.text(text("key"), text("value"));
    }
    let form = form.part("file", Part::bytes(bytes.to_vec()).file_name("../x.html"));
    let url = prepared["url"].as_str().expect("an address");
    let client = http_client(redirects);
    client.post(url).multipart(form).send().await.expect("an answer")
}

/// As most clients do it: they follow redirects.
async fn upload(prepared: &Value, bytes: &[u8]) -> u16 {
    post(prepared, bytes, Redirects::Follow).await.status().as_u16()
}

/// As clients do it that look only at the first answer.
async fn upload_and_leave(prepared: &Value, bytes: &[u8]) {
    assert_eq!(post(prepared, bytes, Redirects::Show).await.status(), 303);
}

async fn send(method: Method, url: &str, redirects: Redirects, range: Option<&str>) -> Response {
    let request = http_client(redirects).request(method, url);
    let request = match range {
        Some(range) => request.header("range", range),
        None => request,
    };
    request.send().await.expect("an answer")
}

async fn download(url: &str) -> (u16, Vec<u8>) {
    let response = send(Method::GET, url, Redirects::Follow, None).await;
    (response.status().as_u16(), response.bytes().await.expect("a body").to_vec())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn a_file_goes_to_the_bucket_and_comes_from_it() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("trace.log", "text/plain").await;
    assert_eq!(prepared["url"], format!("http://{}/{BUCKET}", bed.bucket.address));
    let names: Vec<_> = prepared["form_data"].as_array().expect("fields").iter().collect();
    let names: Vec<_> = names.into_iter().map(|field| field["key"].as_str().unwrap()).collect();
    let signed = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "policy"];
    let expected = [&["key", "success_action_redirect"], &signed[..], &["x-amz-signature"]];
    assert_eq!(names, expected.concat());
    assert!(field(&prepared, "key").starts_with(&format!("{PREFIX}/uploads/")));
    let before = bed.get("ARTIFACT-1").await;
    assert_eq!(before["artifact"]["file"], json!({"name": "trace.log", "type": "text/plain"}));

    assert_eq!(upload(&prepared, b"0123456789").await, 204);
    assert_eq!((bed.arrived().await, bed.kept().await.len()), (0, 1));
    let after = bed.get("ARTIFACT-1").await;
    assert_eq!((&after["file_size"], &after["version"]["version"]), (&json!(10), &json!("1")));
    assert_eq!(after["version"]["modified_by"], after["artifact"]["created_by"]);

    let url = bed.locate(json!({"id": "ARTIFACT-1"})).await;
    assert!(url.starts_with(&format!("{}/download/", bed.base)), "{url}");
    let sent = send(Method::GET, &url, Redirects::Show, None).await;
    assert_eq!(sent.status(), 307);
    assert_eq!(header(&sent, "cache-control"), "no-store");
    assert_eq!(header(&sent, "referrer-policy"), "no-referrer");
    let there = header(&sent, "location");
    assert!(there.starts_with(&format!("http://{}/{BUCKET}/{PREFIX}/", bed.bucket.address)));
    assert!(!sent.headers().contains_key("content-disposition"));

    let got = send(Method::GET, &url, Redirects::Follow, None).await;
    assert_eq!((got.status().as_u16(), header(&got, "content-type")), (200, "text/plain"));
    let disposition = "inline; filename=\"trace.log\"; filename*=UTF-8''trace.log";
    assert_eq!(header(&got, "content-disposition"), disposition);
    assert_eq!(&got.bytes().await.expect("a body")[..], b"0123456789");
    let some = send(Method::GET, &url, Redirects::Follow, Some("bytes=2-4")).await;
    assert_eq!((some.status().as_u16(), header(&some, "content-range")), (206, "bytes 2-4/10"));
    assert_eq!(&some.bytes().await.expect("a body")[..], b"234");
    let head = send(Method::HEAD, &url, Redirects::Follow, None).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "10"));
    // The bucket verifies what we signed: the file is served as we said, or not at all.
    let lie = there.replace("inline", "attachment");
    assert_eq!(send(Method::GET, &lie, Redirects::Show, None).await.status(), 403);
}

#[tokio::test]
async fn a_client_that_follows_the_bucket_is_told_its_version() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.png", "PNG").await;
    let sent = post(&prepared, b"first", Redirects::Follow).await;
    assert_eq!((sent.status().as_u16(), header(&sent, "x-amz-version-id")), (204, "1"));
    let again = bed.server.call("artifacts.versions.prepare", json!({"id": "ARTIFACT-1"})).await;
    let sent = post(&again.ok(), b"second", Redirects::Follow).await;
    assert_eq!((sent.status().as_u16(), header(&sent, "x-amz-version-id")), (204, "2"));

    assert_eq!(bed.get("ARTIFACT-1").await["file_type"], "PNG");
    let url = bed.locate(json!({"id": "ARTIFACT-1"})).await;
    let got = send(Method::GET, &url, Redirects::Follow, None).await;
    assert_eq!(header(&got, "content-type"), "application/octet-stream");
    assert!(header(&got, "content-disposition").starts_with("attachment"));
    assert_eq!(&got.bytes().await.expect("a body")[..], b"second");
}

#[tokio::test]
async fn a_hostile_file_is_not_shown_by_the_bucket_either() {
    let bed = Bed::start().await;
    for (number, (name, media_type, how)) in [
        ("x.html", "text/html", "attachment"),
        ("x.svg", "image/svg+xml", "attachment"),
        ("Größe \"–\" 100%+&=.pdf", "application/pdf", "attachment"),
        ("x.png", "image/png", "inline"),
        ("x.txt", "Text/Plain; charset=utf-8", "inline"),
    ]
    .into_iter()
    .enumerate()
    {
        let prepared = bed.prepare(name, media_type).await;
        assert_eq!(upload(&prepared, b"<script>alert(1)</script>").await, 204);
        let url = bed.locate(json!({"id": format!("ARTIFACT-{}", number + 1)})).await;
        let got = send(Method::GET, &url, Redirects::Follow, None).await;
        assert_eq!((got.status().as_u16(), header(&got, "content-type")), (200, media_type));
        assert!(header(&got, "content-disposition").starts_with(how), "{name}");
    }
}

#[tokio::test]
async fn an_upload_that_nobody_tells_of_is_found_by_the_next_call() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    upload_and_leave(&prepared, b"read").await;
    assert_eq!(bed.arrived().await, 1);
    let found = bed.server.get("artifacts.get", "id=ARTIFACT-1").await.ok();
    assert_eq!((&found["file_size"], bed.arrived().await), (&json!(4), 0));

    bed.prepare("b.txt", "text/plain").await;
    let early = bed.locate(json!({"id": "ARTIFACT-2"})).await;
    assert_eq!(download(&early).await.0, 404);
    let next = json!({"id": "ARTIFACT-2"});
    let next = bed.server.call("artifacts.versions.prepare", next).await.ok();
    upload_and_leave(&next, b"by its address").await;
    assert_eq!(download(&early).await, (200, b"by its address".to_vec()));

    // A file that has arrived becomes a version before it could be voided or deleted by mistake.
    let prepared = bed.prepare("c.txt", "text/plain").await;
    upload_and_leave(&prepared, b"first").await;
    for _ in 0..11 {
        let id = json!({"id": prepared["id"]});
        bed.server.call("artifacts.versions.prepare", id).await.ok();
    }
    assert_eq!(bed.get("ARTIFACT-3").await["file_size"], 5);
    let prepared = bed.prepare("d.txt", "text/plain").await;
    upload_and_leave(&prepared, b"unwanted").await;
    let id = json!({"id": prepared["id"]});
    bed.server.call("artifacts.versions.delete", id).await.ok();
    assert_eq!(bed.get("ARTIFACT-4").await.get("version"), None);
    assert_eq!((bed.arrived().await, bed.kept().await.len()), (0, 3));
}

#[tokio::test]
async fn the_sweep_finds_what_arrived_and_deletes_what_nobody_waits_for() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    upload_and_leave(&prepared, b"found").await;
    // Long after the form has expired, as after a night without a server.
    bed.server.clock.advance_ms(3 * DAY_MS);
    assert_eq!((bed.sweep().await, bed.arrived().await), (0, 0));
    let found = bed.get("ARTIFACT-1").await;
    assert_eq!((&found["file_size"], &found["version"]["version"]), (&json!(5), &json!("1")));

    // The form is used up, but the bucket accepts it nonetheless.
    upload_and_leave(&prepared, b"again").await;
    let orphan = bed.kept().await[0].clone() + "x";
    bed.server.files.write(&orphan).await.unwrap().finish().await.unwrap();
    bed.server.clock.advance_ms(-3 * DAY_MS);
    assert_eq!((bed.sweep().await, bed.kept().await.len()), (0, 3), "both are young");
    bed.server.clock.advance_ms(3 * DAY_MS + DAY_MS / 2);
    assert_eq!((bed.sweep().await, bed.arrived().await), (1, 0));
    assert_eq!(bed.kept().await.len(), 2, "the bucket was looked through half a day ago");
    bed.server.clock.advance_ms(DAY_MS / 2);
    assert_eq!((bed.sweep().await, bed.kept().await.len()), (1, 1));
    let url = bed.locate(json!({"id": "ARTIFACT-1"})).await;
    assert_eq!(download(&url).await, (200, b"found".to_vec()));
}

#[tokio::test]
async fn one_upload_is_one_version_whoever_finds_it() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    upload_and_leave(&prepared, b"once").await;
    let other = App::new(
        bed.server.engine.clone(),
        worksmith_tracker::table(),
        bed.server.environment.clone(),
        Limits::default(),
        bed.bucket.files().await,
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let other_base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, worksmith_http::router(other)).await });
    let redirect = field(&prepared, "success_action_redirect");
    let elsewhere = redirect.replace(&bed.base, &other_base);
    let confirm =
        async |url: &str| send(Method::GET, url, Redirects::Show, None).await.status().as_u16();
    let (a, b, c, d, _) = tokio::join!(
        confirm(redirect),
        confirm(&elsewhere),
        confirm(redirect),
        bed.get("ARTIFACT-1"),
        bed.sweep(),
    );
    assert_eq!([a, b, c], [204; 3], "{d}");
    assert_eq!(confirm(redirect).await, 204);
    let found = bed.get("ARTIFACT-1").await;
    assert_eq!(found["version"]["version"], "1");
    assert_eq!(bed.kept().await.len(), 1);
    let url = bed.locate(json!({"id": "ARTIFACT-1"})).await;
    assert_eq!(download(&url).await, (200, b"once".to_vec()));
}

#[tokio::test]
async fn a_form_is_good_once_and_for_a_quarter_of_an_hour() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    let redirect = field(&prepared, "success_action_redirect");
    let confirm = async |url: &str| {
        let response = send(Method::GET, url, Redirects::Show, None).await;
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["type"].clone())
    };
    assert_eq!(confirm(redirect).await, (404, json!("not_found")), "nothing arrived");
    assert_eq!(upload(&prepared, b"first").await, 204);
    assert_eq!(upload(&prepared, b"second").await, 404);
    assert_eq!(bed.kept().await.len(), 1);
    let url = bed.locate(json!({"id": "ARTIFACT-1"})).await;
    assert_eq!(download(&url).await, (200, b"first".to_vec()));

    let (path, ticket) = redirect.rsplit_once('/').expect("a ticket");
    let other = redirect.replace("/1/", "/2/");
    for wrong in [format!("{path}/{}", &ticket[1..]), other, redirect.replace("/1/", "/x/")] {
        assert_eq!(confirm(&wrong).await, (404, json!("not_found")), "{wrong}");
    }
    let wrong = send(Method::POST, redirect, Redirects::Show, None).await;
    assert_eq!((wrong.status().as_u16(), header(&wrong, "allow")), (405, "GET, HEAD"));

    bed.server.clock.advance_ms(-16 * MINUTE_MS);
    let late = bed.prepare("late.txt", "text/plain").await;
    bed.server.clock.advance_ms(16 * MINUTE_MS);
    assert_eq!(upload(&late, b"late").await, 403);
    assert_eq!((bed.sweep().await, bed.kept().await.len()), (0, 1));
}

#[tokio::test]
async fn the_bucket_takes_only_what_the_form_says() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    assert_eq!(upload(&prepared, &[b'x'; 1001]).await, 400, "too large");
    let key = field(&prepared, "key");
    assert_eq!(upload(&altered(&prepared, "key", &format!("{key}x")), b"x").await, 400);
    let evil = altered(&prepared, "success_action_redirect", "http://evil.example/");
    assert_eq!(upload(&evil, b"x").await, 400);
    let policy = STANDARD.decode(field(&prepared, "policy")).expect("base64");
    let policy = String::from_utf8(policy).expect("a text");
    let wider = STANDARD.encode(
        policy.replace("\"content-length-range\",0,1000", "\"content-length-range\",0,9000"),
    );
    assert_ne!(wider, field(&prepared, "policy"));
    assert_eq!(upload(&altered(&prepared, "policy", &wider), &[b'x'; 1001]).await, 403);
    assert_eq!(upload(&altered(&prepared, "x-amz-signature", &"0".repeat(64)), b"x").await, 403);
    assert_eq!(bed.kept().await, Vec::<String>::new());
    assert_eq!(bed.get("ARTIFACT-1").await.get("version"), None);
    assert_eq!(upload(&prepared, &[b'x'; 1000]).await, 204);

    let empty = bed.prepare("b.txt", "text/plain").await;
    assert_eq!(upload(&empty, b"").await, 204);
    assert_eq!(bed.get("ARTIFACT-2").await["file_size"], 0);
    let url = bed.locate(json!({"id": "ARTIFACT-2"})).await;
    assert_eq!(download(&url).await, (200, Vec::new()));
}

#[tokio::test]
async fn a_deleted_version_is_gone_from_the_bucket() {
    let bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    assert_eq!(upload(&prepared, b"old").await, 204);
    let id = json!({"id": "ARTIFACT-1"});
    let next = bed.server.call("artifacts.versions.prepare", id.clone()).await.ok();
    assert_eq!(upload(&next, b"new").await, 204);
    let past = json!({"id": "ARTIFACT-1", "version": "1"});
    let url = bed.locate(past.clone()).await;
    assert_eq!(download(&url).await, (200, b"old".to_vec()));
    bed.server.call("artifacts.versions.delete", past).await.ok();
    assert_eq!(bed.kept().await.len(), 1);
    assert_eq!(download(&url).await.0, 404);
    assert_eq!(download(&bed.locate(id).await).await, (200, b"new".to_vec()));
}

#[tokio::test]
async fn a_bucket_that_is_down_is_a_passing_fault() {
    let mut bed = Bed::start().await;
    let prepared = bed.prepare("a.txt", "text/plain").await;
    upload_and_leave(&prepared, b"patient").await;
    bed.bucket.stop().await;
    // Operations that need the bucket fail; the others work.
    for op in ["artifacts.get", "artifacts.locate", "artifacts.versions.prepare"] {
        let answer = bed.server.call(op, json!({"id": "ARTIFACT-1"})).await;
        assert_eq!(answer.headers["retry-after"], "1");
        answer.error(503, "service_unavailable");
    }
    let redirect = field(&prepared, "success_action_redirect");
    let waits = send(Method::GET, redirect, Redirects::Show, None).await;
    assert_eq!((waits.status().as_u16(), header(&waits, "retry-after")), (503, "1"));
    bed.prepare("b.txt", "text/plain").await;
    bed.server.call("artifacts.list", json!({})).await.ok();

    bed.bucket.start_again().await;
    let found = bed.get("ARTIFACT-1").await;
    assert_eq!((&found["file_size"], bed.arrived().await), (&json!(7), 0));
    let url = bed.locate(json!({"id": "ARTIFACT-1"})).await;
    assert_eq!(download(&url).await, (200, b"patient".to_vec()));
}

#[tokio::test]
async fn a_bucket_that_is_down_stops_what_goes_through_the_server() {
    let mut bucket = S3::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let files = Some(bucket.files().await.through_server());
    let server = Server::start_as(Setup { files, base_url, ..Setup::default() }).await;
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let request = json!({"file_name": "a.txt", "file_type": "text/plain"});
    let prepared = server.call("artifacts.prepare", request).await.ok();
    bucket.stop().await;
    let refused = post(&prepared, b"patient", Redirects::Show).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (503, "1"));
    bucket.start_again().await;
    assert_eq!(upload(&prepared, b"patient").await, 204);
    let located = server.call("artifacts.locate", json!({"id": "ARTIFACT-1"})).await.ok();
    let url = located["url"].as_str().expect("an address");
    assert_eq!(download(url).await, (200, b"patient".to_vec()));
    bucket.stop().await;
    assert_eq!(download(url).await.0, 503);
    bucket.start_again().await;
    assert_eq!(download(url).await, (200, b"patient".to_vec()));
}
