//! Rate limits and the limit of the body, over real connections.

use serde_json::json;
use tempfile::TempDir;
use worksmith_tests::process::{Running, TOKEN};

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn the_quota_is_told_and_kept() {
    let dir = TempDir::new().unwrap();
    let arguments = ["--rate-limit", "3", "--rate-window-s", "1000", "--rate-limit-loopback"];
    let server = Running::serve(dir.path(), &arguments);
    let mut resets = Vec::new();
    for (op, status, remaining) in
        [("dev-users.self", 200, "2"), ("tags.get", 400, "1"), ("tags.list", 200, "0")]
    {
        let (seen, head, _) = server.call(op, &json!({}));
        assert_eq!(seen, status, "{op}");
        assert_eq!(header(&head, "x-ratelimit-limit"), Some("3"));
        assert_eq!(header(&head, "x-ratelimit-remaining"), Some(remaining));
        resets.push(header(&head, "x-ratelimit-reset").unwrap().to_owned());
    }
    let (status, head, body) = server.call("dev-users.self", &json!({}));
    assert_eq!((status, &body["type"]), (429, &json!("too_many_requests")));
    let wait: i64 = header(&head, "retry-after").unwrap().parse().unwrap();
    assert_eq!(body["retry_after"], wait);
    assert!((990..=1000).contains(&wait), "{wait}");
    assert_eq!(header(&head, "x-ratelimit-remaining"), Some("0"));
    resets.push(header(&head, "x-ratelimit-reset").unwrap().to_owned());
    resets.dedup();
    assert_eq!(resets.len(), 1, "{resets:?}");
}

#[test]
fn clients_on_this_machine_are_not_limited_by_default() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &["--rate-limit", "1"]);
    for _ in 0..3 {
        let (status, head, _) = server.call("dev-users.self", &json!({}));
        assert_eq!((status, header(&head, "x-ratelimit-limit")), (200, None));
    }
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &["--body-bytes-max", "100"]);
    let (status, _, body) = server.call("tags.create", &json!({ "name": "x".repeat(200) }));
    assert_eq!((status, &body["type"]), (413, &json!("request_entity_too_large")));
}

#[test]
fn the_quota_comes_after_the_token_and_before_the_media_type() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &["--rate-limit", "1", "--rate-limit-loopback"]);
    let ask = |token: &str| {
        server.exchange(&format!(
            "POST /tags.list HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\n\
             Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"
        ))
    };
    let (head, body) = ask(TOKEN);
    assert!(body.contains("invalid_content_type"), "{body}");
    assert_eq!(header(&head, "x-ratelimit-remaining"), Some("0"));
    assert!(ask(TOKEN).1.contains("too_many_requests"));
    let (head, body) = ask("nobody");
    assert!(body.contains("unauthenticated"), "{body}");
    assert_eq!(header(&head, "x-ratelimit-limit"), None);
}
