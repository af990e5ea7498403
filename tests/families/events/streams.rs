//! The feed as a stream of server-sent events.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, Request, StatusCode};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use worksmith_tests::{ADMIN, Server, Setup};

use super::{end, member, product, read, started, told, work};

/// How long a test waits for an event before it gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// An open stream.
pub(super) struct Stream {
    body: BodyDataStream,
    text: String,
    pub(super) headers: HeaderMap,
}

impl Stream {
    pub(super) async fn open(
        server: &Server,
        token: &str,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Self {
        let mut request = Request::builder()
            .uri(format!("/events.stream?{query}"))
            .header("authorization", token)
            .header("accept-encoding", "gzip");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = server.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        let (parts, body) = response.into_parts();
        Self { body: body.into_data_stream(), text: String::new(), headers: parts.headers }
    }

    /// The lines of the next frame; `None` at the end of the stream.
    pub(super) async fn frame(&mut self) -> Option<Vec<String>> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let lines = frame.lines().map(str::to_owned).collect();
                self.text = rest.to_owned();
                return Some(lines);
            }
            let chunk = tokio::time::timeout(LIMIT, self.body.next()).await.expect("a frame");
            let Some(chunk) = chunk else {
                assert_eq!(self.text, "", "a frame is cut");
                return None;
            };
            self.text += std::str::from_utf8(&chunk.expect("bytes")).expect("a text");
        }
    }

    /// The next event; `None` at the end of the stream.
    pub(super) async fn event(&mut self) -> Option<Value> {
        // A stream that has lost an event goes on beating.
        tokio::time::timeout(LIMIT, self.event_at_last()).await.expect("an event in time")
    }

    async fn event_at_last(&mut self) -> Option<Value> {
        loop {
            let frame = self.frame().await?;
            let of = |field: &str| {
                let mut lines = frame.iter().filter_map(|line| line.strip_prefix(field));
                let value = lines.next().map(|value| value.trim_start().to_owned());
                assert_eq!(lines.next(), None, "{frame:?}");
                value
            };
            let Some(data) = of("data:") else { continue };
            let event: Value = serde_json::from_str(&data).expect("JSON");
            assert_eq!(of("id:").as_deref(), event["cursor"].as_str());
            return Some(event);
        }
    }

    /// The next events.
    pub(super) async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::with_capacity(count);
        while events.len() < count {
            events.push(self.event().await.expect("an event"));
        }
        events
    }
}

#[tokio::test]
async fn a_stream_tells_what_the_list_tells() {
    let server = started().await;
    let mut now = Stream::open(&server, ADMIN, "", &[]).await;
    assert_eq!(now.headers["content-type"], "text/event-stream");
    assert_eq!(now.headers["cache-control"], "no-cache");
    assert!(!now.headers.contains_key("content-encoding"));
    let first = now.frame().await.expect("a beginning");
    let cursor = end(&server).await;
    assert_eq!(first, ["retry: 2000".to_owned(), format!("id: {cursor}")]);
    let mut all = Stream::open(&server, ADMIN, "from=beginning", &[]).await;
    work(&server, "issue", json!({"body": "two\nlines\r\n\n"})).await;
    server.call("works.update", json!({"id": "ISS-1", "title": "T"})).await.ok();
    server.call("works.delete", json!({"id": "ISS-1"})).await.ok();
    let listed = read(&server, None).await;
    assert_eq!(all.events(listed.len()).await, listed);
    let last = now.events(3).await;
    assert_eq!(last, listed[listed.len() - 3..]);
    let kinds: Vec<_> = last.iter().map(told).collect();
    assert_eq!(kinds, [("created", "ISS-1", 1), ("updated", "ISS-1", 2), ("deleted", "ISS-1", 2)]);
}

#[tokio::test]
async fn a_stream_goes_on_where_the_last_one_was_lost() {
    let server = started().await;
    let begin = end(&server).await;
    for name in ["a", "b", "c", "d"] {
        server.call("tags.create", json!({"name": name})).await.ok();
    }
    let query = format!("cursor={begin}");
    let mut stream = Stream::open(&server, ADMIN, &query, &[]).await;
    let two = stream.events(2).await;
    drop(stream);
    let last = two[1]["cursor"].as_str().expect("a cursor");
    // A browser repeats its query, and says where it was.
    for query in [&query, "from=beginning", ""] {
        let mut again = Stream::open(&server, ADMIN, query, &[("last-event-id", last)]).await;
        let names = again.events(2).await;
        let names: Vec<_> = names.iter().map(|event| &event["new"]["name"]).collect();
        assert_eq!(names, ["c", "d"], "{query}");
    }
    let mut limited = Stream::open(&server, ADMIN, &format!("{query}&limit=3"), &[]).await;
    assert_eq!(limited.events(3).await[..2], two);
    assert_eq!(limited.event().await, None);
    // What is filtered is still to come for other streams.
    let query = format!("cursor={begin}&object=TAG-3&limit=1");
    let mut one = Stream::open(&server, ADMIN, &query, &[]).await;
    assert_eq!(told(&one.event().await.expect("an event")), ("created", "TAG-3", 1));
}

#[tokio::test]
async fn a_filtered_stream_goes_on_with_what_it_wants() {
    let server = started().await;
    work(&server, "issue", json!({})).await;
    let mut tags = Stream::open(&server, ADMIN, "object_types=tag", &[]).await;
    let mut issue = Stream::open(&server, ADMIN, "object=ISS-1", &[]).await;
    tags.frame().await.expect("a beginning");
    issue.frame().await.expect("a beginning");
    for round in 1..4 {
        server.call("tags.create", json!({"name": format!("t{round}")})).await.ok();
        let title = json!({"id": "ISS-1", "title": format!("{round}")});
        server.call("works.update", title).await.ok();
        let tag = format!("TAG-{round}");
        assert_eq!(told(&tags.event().await.expect("one")), ("created", tag.as_str(), 1));
        let one = issue.event().await.expect("one");
        assert_eq!(told(&one), ("updated", "ISS-1", round + 1));
    }
}

#[tokio::test]
async fn a_silent_stream_beats() {
    let beat = Duration::from_millis(20);
    let server = Server::start_as(Setup { beat, ..Setup::default() }).await;
    product(&server).await;
    let mut stream = Stream::open(&server, ADMIN, "object_types=tag", &[]).await;
    stream.frame().await.expect("a beginning");
    let cursor = end(&server).await;
    let beats = [": beat".to_owned(), format!("id: {cursor}")];
    for _ in 0..3 {
        assert_eq!(stream.frame().await.expect("a beat"), beats);
    }
    // A beat tells how far the feed has come, whatever is filtered.
    work(&server, "issue", json!({})).await;
    let cursor = end(&server).await;
    let beats = [": beat".to_owned(), format!("id: {cursor}")];
    while stream.frame().await.expect("a beat") != beats {}
    server.call("tags.create", json!({"name": "a"})).await.ok();
    assert_eq!(told(&stream.event().await.expect("an event")), ("created", "TAG-1", 1));
}

#[tokio::test]
async fn a_stream_ends_with_the_token() {
    let server = started().await;
    let token = member(&server, "ben").await;
    let mut revoked = Stream::open(&server, &token, "", &[]).await;
    revoked.frame().await.expect("a beginning");
    server.call("tags.create", json!({"name": "a"})).await.ok();
    assert_eq!(told(&revoked.event().await.expect("an event")), ("created", "TAG-1", 1));
    server.call_as(&token, "auth-tokens.delete", json!({})).await.ok();
    server.call("tags.create", json!({"name": "b"})).await.ok();
    while let Some(event) = revoked.event().await {
        assert_ne!(event["object_type"], "tag", "{event}");
    }
    let token = member(&server, "cid").await;
    let mut deactivated = Stream::open(&server, &token, "", &[]).await;
    deactivated.frame().await.expect("a beginning");
    server.call("dev-users.deactivate", json!({"id": "DEVU-3"})).await.ok();
    assert_eq!(deactivated.event().await, None);
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let server = started().await;
    let mut silent = Stream::open(&server, ADMIN, "", &[]).await;
    silent.frame().await.expect("a beginning");
    let mut behind = Stream::open(&server, ADMIN, "from=beginning", &[]).await;
    behind.frame().await.expect("a beginning");
    server.engine.end_streams();
    assert_eq!(silent.event().await, None);
    assert_eq!(behind.event().await, None);
    let mut late = Stream::open(&server, ADMIN, "", &[]).await;
    assert_eq!(late.event().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_stream_begins_is_told_at_once() {
    let server = started().await;
    work(&server, "issue", json!({})).await;
    for round in 0..50 {
        // Nobody else listens: each begins with the first look at the log for all streams.
        let mut stream = Stream::open(&server, ADMIN, "", &[]).await;
        stream.frame().await.expect("a beginning");
        let title = json!({"id": "ISS-1", "title": format!("{round}")});
        let (event, answer) = tokio::join!(stream.event(), server.call("works.update", title));
        answer.ok();
        assert_eq!(event.expect("an event")["new"]["title"], format!("{round}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_misses_nothing_and_holds_up_nobody() {
    // Each is a batch of its own, and a hub rests between two.
    const CHANGES: usize = 40;
    let server = started().await;
    work(&server, "issue", json!({})).await;
    let begin = end(&server).await;
    let mut slow = Stream::open(&server, ADMIN, "", &[]).await;
    slow.frame().await.expect("a beginning");
    let mut quick = Stream::open(&server, ADMIN, "", &[]).await;
    quick.frame().await.expect("a beginning");
    for change in 0..CHANGES {
        let title = json!({"id": "ISS-1", "title": format!("{change}")});
        server.call("works.update", title).await.ok();
        let event = quick.event().await.expect("an event");
        assert_eq!(event["new"]["title"], format!("{change}"));
    }
    // Meanwhile the slow one has asked for nothing.
    let titles = slow.events(CHANGES).await;
    for (change, event) in titles.iter().enumerate() {
        assert_eq!(event["new"]["title"], format!("{change}"));
    }
    assert_eq!(titles, read(&server, Some(&begin)).await);
}
