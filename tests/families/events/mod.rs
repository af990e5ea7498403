//! The event feed, and what is reconstructed from it: objects as they were, and works led back.

mod as_of;
mod cursors;
mod random;
mod revert;
mod streams;
mod talk;
mod visibility;

use serde_json::{Value, json};
use worksmith_tests::{ADMIN, Server};

/// The feed from a cursor to its present end, page by page: the events, and the cursor at the end.
pub(super) async fn read_as(
    server: &Server,
    token: &str,
    filter: Value,
    mut cursor: Option<String>,
) -> (Vec<Value>, String) {
    let mut events = Vec::new();
    loop {
        let mut request = filter.clone();
        if let Some(cursor) = &cursor {
            request["cursor"] = cursor.as_str().into();
        }
        let page = server.call_as(token, "events.list", request).await.ok();
        events.extend(page["events"].as_array().expect("events").iter().cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if page["has_more"] == false {
            return (events, cursor.expect("a cursor"));
        }
    }
}

/// All events of the first org since a cursor.
pub(super) async fn read(server: &Server, cursor: Option<&str>) -> Vec<Value> {
    read_as(server, ADMIN, json!({}), cursor.map(str::to_owned)).await.0
}

/// The cursor at the present end of the feed.
pub(super) async fn end(server: &Server) -> String {
    let page = server.call("events.list", json!({"from": "now"})).await.ok();
    assert_eq!((&page["events"], &page["has_more"]), (&json!([]), &json!(false)));
    page["next_cursor"].as_str().expect("a cursor").to_owned()
}

/// The type of an event, and the display id and the revision of its object.
pub(super) fn told(event: &Value) -> (&str, &str, u64) {
    (
        event["type"].as_str().expect("a type"),
        event["object"]["display_id"].as_str().expect("a display id"),
        event["revision"].as_u64().expect("a revision"),
    )
}

/// A token of a further dev user.
pub(super) async fn member(server: &Server, name: &str) -> String {
    let user = json!({"email": format!("{name}@example.org"), "state": "shadow"});
    let user = server.call("dev-users.create", user).await.ok()["dev_user"]["id"].clone();
    server.call("dev-users.activate", json!({"id": user})).await.ok();
    let kind = "urn:devrev:params:oauth:token-type:pat:act-as";
    let request = json!({"requested_token_type": kind, "act_as": user});
    let token = server.call("auth-tokens.create", request).await.ok();
    token["access_token"].as_str().expect("a token").to_owned()
}

/// Creates a work with the required members, and `members`.
pub(super) async fn work(server: &Server, kind: &str, members: Value) -> Value {
    let mut body = json!({
        "type": kind, "title": format!("A {kind}"), "applies_to_part": "PROD-1",
        "owned_by": ["DEVU-1"],
    });
    body.as_object_mut().expect("an object").extend(members.as_object().expect("one").clone());
    server.call("works.create", body).await.ok()["work"].clone()
}

/// A server with a product.
pub(super) async fn started() -> Server {
    let server = Server::start().await;
    product(&server).await;
    server
}

pub(super) async fn product(server: &Server) {
    let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
    server.call("parts.create", product).await.ok();
}

#[tokio::test]
async fn every_change_is_told_in_order_with_both_sides_of_it() {
    let server = started().await;
    let begin = end(&server).await;
    let made = server.call("tags.create", json!({"name": "a"})).await.ok();
    let color = json!({"color": "#1d76db"});
    let request = json!({"id": "TAG-1", "name": "b", "style_new": color});
    let changed = server.call("tags.update", request).await.ok();
    // What changes nothing is no change.
    server.call("tags.update", json!({"id": "TAG-1", "name": "b"})).await.ok();
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    let events = read(&server, Some(&begin)).await;
    let all: Vec<_> = events.iter().map(told).collect();
    assert_eq!(all, [("created", "TAG-1", 1), ("updated", "TAG-1", 2), ("deleted", "TAG-1", 2)]);
    assert_eq!(events[0]["new"], made["tag"]);
    assert!(events[0].get("old").is_none());
    assert_eq!(events[0]["actor"]["display_id"], "DEVU-1");
    assert_eq!(events[0]["date"], made["tag"]["created_date"]);
    assert_eq!(events[0]["object_type"], "tag");
    assert_eq!(events[0]["summary"]["name"], "a");
    let (old, new) = (&made["tag"], &changed["tag"]);
    assert_eq!(
        events[1]["old"],
        json!({"name": "a", "modified_date": old["modified_date"]}),
        "{old}"
    );
    let expected = json!({"name": "b", "style_new": color, "modified_date": new["modified_date"]});
    assert_eq!(events[1]["new"], expected);
    assert_eq!((&events[2]["old"], events[2].get("new")), (new, None));
    // Later pages begin where earlier ones ended, whatever their length.
    let mut cursor = begin;
    for event in &events {
        let request = json!({"cursor": cursor, "limit": 1});
        let page = server.call("events.list", request).await.ok();
        assert_eq!(page["events"], json!([event]));
        assert_eq!(page["next_cursor"], event["cursor"]);
        cursor = event["cursor"].as_str().expect("a cursor").to_owned();
    }
    let rest = server.call("events.list", json!({"cursor": cursor})).await.ok();
    assert_eq!((&rest["events"], &rest["has_more"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn objects_and_types_are_filtered() {
    let server = started().await;
    let begin = end(&server).await;
    let tag = server.call("tags.create", json!({"name": "a"})).await.ok()["tag"].clone();
    work(&server, "issue", json!({"tags": [{"id": "TAG-1"}]})).await;
    work(&server, "ticket", json!({})).await;
    server.call("works.update", json!({"id": "ISS-1", "title": "T"})).await.ok();
    server.call("works.update", json!({"id": "TKT-1", "title": "T"})).await.ok();
    let issue = [("created", "ISS-1", 1), ("updated", "ISS-1", 2)];
    let ticket = [("created", "TKT-1", 1), ("updated", "TKT-1", 2)];
    for (filter, wanted) in [
        (json!({"object_types": ["issue"]}), issue.to_vec()),
        (json!({"object_types": "issue"}), issue.to_vec()),
        (json!({"object_types": ["tag"]}), vec![("created", "TAG-1", 1)]),
        (json!({"object": tag["id"]}), vec![("created", "TAG-1", 1)]),
        (json!({"object": "TKT-1"}), ticket.to_vec()),
        (json!({"object": "TKT-1", "limit": 1}), ticket.to_vec()),
        (json!({"object": "TKT-1", "object_types": ["issue"]}), vec![]),
        (json!({"object": "ISS-9"}), vec![]),
    ] {
        let (events, end) = read_as(&server, ADMIN, filter.clone(), Some(begin.clone())).await;
        assert_eq!(events.iter().map(told).collect::<Vec<_>>(), wanted, "{filter}");
        // The cursor is a position in the whole feed, whatever was filtered.
        assert_eq!(read(&server, Some(&end)).await, Vec::<Value>::new(), "{filter}");
    }
    let got = server.get("events.list", "object_types=issue,tag&limit=100").await.ok();
    assert_eq!(got["events"].as_array().map(Vec::len), Some(3));
    for (request, kind, field) in [
        (json!({"object_types": ["no-such"]}), "invalid_enum_value", "object_types"),
        // Tokens are told of to nobody.
        (json!({"object_types": ["token"]}), "invalid_enum_value", "object_types"),
        (json!({"object": "x"}), "invalid_id", "object"),
        (json!({"from": "then"}), "invalid_enum_value", "from"),
        (json!({"from": "now", "cursor": begin}), "invalid_field", "from"),
    ] {
        for op in ["events.list", "events.stream"] {
            let refused = server.call(op, request.clone()).await.error(400, kind);
            assert_eq!(refused["field_name"], field, "{op} {request}");
        }
    }
}

#[tokio::test]
async fn secrets_are_told_to_nobody() {
    let server = started().await;
    let token = member(&server, "ben").await;
    let told: Vec<Value> = read(&server, None).await;
    assert!(told.len() > 10);
    let text = Value::from(told).to_string();
    for secret in [ADMIN, &token, "sha256", "token_hash", "\"hash\""] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(!text.contains(":token/"), "{text}");
}
