//! Cursors: which are refused, and that the others survive a move.

use serde_json::{Value, json};
use worksmith_test_postgres::shared;
use worksmith_tests::{ADMIN, Server};
use worksmith_tracker::bootstrap::{self, FirstUser};

use super::{end, read, started};

const STRANGER: &str = "test-token-of-another-org";

/// A second org on a server.
pub(super) async fn second_org(server: &Server) {
    let first = FirstUser {
        email: "eve@elsewhere.example".to_owned(),
        display_name: "Eve".to_owned(),
        org_name: "Elsewhere".to_owned(),
    };
    let Server { engine, environment, .. } = server;
    let made = bootstrap::create_org(engine, environment, "elsewhere", &first, Some(STRANGER));
    made.await.expect("a second org");
}

async fn tag(server: &Server, token: &str, name: &str) {
    server.call_as(token, "tags.create", json!({"name": name})).await.ok();
}

#[tokio::test]
async fn cursors_of_nothing_are_refused_and_say_why() {
    let server = started().await;
    second_org(&server).await;
    let good = end(&server).await;
    let theirs = server.call_as(STRANGER, "events.list", json!({"from": "now"})).await.ok();
    // The same org on another server, which is ahead.
    let ahead = started().await;
    second_org(&ahead).await;
    tag(&ahead, ADMIN, "a").await;
    let longer = format!("{good}AAAA");
    let page = server.call("tags.list", json!({"limit": 1})).await.ok();
    assert_eq!(page["tags"], json!([]));
    for (cursor, why) in [
        ("", "is not one of this feed"),
        ("x", "is not one of this feed"),
        ("e30", "is not one of this feed"),
        (&good[..28], "is not one of this feed"),
        (&longer, "is not one of this feed"),
        (theirs["next_cursor"].as_str().expect("a cursor"), "belongs to the feed of another org"),
        (&end(&ahead).await, "names a change that is not in the log"),
    ] {
        for op in ["events.list", "events.stream"] {
            let refused = server.call(op, json!({"cursor": cursor})).await;
            let refused = refused.error(400, "invalid_field");
            assert_eq!(refused["field_name"], "cursor");
            let message = refused["message"].as_str().expect("a message");
            assert!(message.contains(why), "{op} {cursor}: {message}");
        }
    }
    let unusual = json!({"cursor": 5});
    server.call("events.list", unusual).await.error(400, "unexpected_json_type");
}

#[tokio::test]
async fn bad_requests_for_events_are_refused_by_name() {
    let server = started().await;
    let good = end(&server).await;
    for (request, kind, field) in [
        (json!({"cursor": 7}), "unexpected_json_type", "cursor"),
        (json!({"cursor": "x"}), "invalid_field", "cursor"),
        (json!({"from": "yesterday"}), "invalid_enum_value", "from"),
        (json!({"from": 7}), "unexpected_json_type", "from"),
        (json!({"from": "now", "cursor": good}), "invalid_field", "from"),
        (json!({"limit": "x"}), "unexpected_json_type", "limit"),
        (json!({"limit": 1.5}), "value_not_permitted", "limit"),
        (json!({"object": 7}), "unexpected_json_type", "object"),
        (json!({"object": "x"}), "invalid_id", "object"),
        (json!({"object_types": ["work"]}), "invalid_enum_value", "object_types"),
        (json!({"object_types": ["token"]}), "invalid_enum_value", "object_types"),
        (json!({"object_types": [7]}), "unexpected_json_type", "object_types"),
        (json!({"no_such_member": 1}), "invalid_field", "no_such_member"),
    ] {
        for op in ["events.list", "events.stream"] {
            let refused = server.call(op, request.clone()).await;
            let refused = refused.error(400, kind);
            assert_eq!(refused["field_name"], field, "{op} {request}");
        }
    }
    for limit in [0, -1] {
        let refused = server.call("events.stream", json!({"limit": limit})).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "limit");
    }
    assert_eq!(end(&server).await, good);
}

/// Of two orgs, whose events one database numbers together and another one apart.
#[tokio::test]
async fn cursors_survive_a_move_to_another_database() {
    let elsewhere = [None, shared().map(worksmith_test_postgres::Server::database)];
    for database in elsewhere {
        let server = started().await;
        tag(&server, ADMIN, "a").await;
        second_org(&server).await;
        for name in ["b", "c", "d"] {
            tag(&server, STRANGER, name).await;
            tag(&server, ADMIN, name).await;
        }
        let all = read(&server, None).await;
        let cursors: Vec<String> = all
            .iter()
            .map(|event| event["cursor"].as_str().expect("a cursor").to_owned())
            .collect();
        let server = server.moved(database).await;
        let moved = read(&server, None).await;
        let plain = |events: &[Value]| -> Vec<Value> {
            let without = |mut event: Value| {
                event.as_object_mut().expect("an event").remove("cursor");
                event
            };
            events.iter().cloned().map(without).collect()
        };
        assert_eq!(plain(&moved), plain(&all));
        for (at, cursor) in cursors.iter().enumerate() {
            let rest = read(&server, Some(cursor)).await;
            assert_eq!(plain(&rest), plain(&all[at + 1..]), "{cursor}");
        }
        // The next changes follow.
        tag(&server, ADMIN, "e").await;
        let next = read(&server, cursors.last().map(String::as_str)).await;
        assert_eq!((next.len(), &next[0]["new"]["name"]), (1, &json!("e")));
    }
}
