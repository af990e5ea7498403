//! Rendered answers are cached: a change shows at once, wherever the object is embedded.

use serde_json::{Value, json};
use worksmith_tests::Server;

async fn get(server: &Server) -> Value {
    server.call("works.get", json!({ "id": "ISS-1" })).await.ok()["work"].take()
}

/// A server with a work that refers to as much as possible, read twice, so that its answer is
/// cached.
async fn server() -> Server {
    let server = Server::start().await;
    let part = json!({ "type": "product", "name": "Engine", "owned_by": ["DEVU-1"] });
    server.call("parts.create", part).await.ok();
    let tag = server.call("tags.create", json!({ "name": "red" })).await.ok();
    let work = json!({
        "type": "issue", "title": "Old", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
        "tags": [{ "id": tag["tag"]["id"] }],
    });
    server.call("works.create", work).await.ok();
    assert_eq!(get(&server).await, get(&server).await);
    server
}

#[tokio::test]
async fn a_change_of_the_work_itself_shows() {
    let server = server().await;
    let update = json!({ "id": "ISS-1", "title": "New" });
    let answer = server.call("works.update", update).await;
    assert_eq!(answer.headers["x-worksmith-revision"], "2");
    assert_eq!(answer.ok()["work"]["title"], "New");
    let answer = server.call("works.get", json!({ "id": "ISS-1" })).await;
    assert_eq!(answer.headers["x-worksmith-revision"], "2");
    assert_eq!(answer.ok()["work"]["title"], "New");
    let list = server.call("works.list", json!({})).await.ok();
    assert_eq!(list["works"][0]["title"], "New");
}

#[tokio::test]
async fn a_change_of_whatever_it_embeds_shows_in_get_list_and_export() {
    let server = server().await;
    let changes = [
        ("dev-users.update", json!({ "id": "DEVU-1", "display_name": "Countess" })),
        ("parts.update", json!({ "id": "PROD-1", "name": "Mill" })),
        ("tags.update", json!({ "id": "TAG-1", "name": "blue" })),
    ];
    for (op, change) in changes {
        server.call(op, change).await.ok();
    }
    let list = server.call("works.list", json!({})).await.ok()["works"][0].take();
    let export = server.call("works.export", json!({})).await.ok()["works"][0].take();
    for work in [get(&server).await, list, export] {
        assert_eq!(work["owned_by"][0]["display_name"], "Countess");
        assert_eq!(work["created_by"]["display_name"], "Countess");
        assert_eq!(work["applies_to_part"]["name"], "Mill");
        assert_eq!(work["tags"][0]["tag"]["name"], "blue");
    }
}

#[tokio::test]
async fn a_refused_change_shows_nowhere() {
    let server = server().await;
    let update = json!({ "id": "ISS-1", "title": "New", "owned_by": { "set": ["DEVU-77"] } });
    server.call("works.update", update).await.error(400, "invalid_id");
    assert_eq!(get(&server).await["title"], "Old");
}

#[tokio::test]
async fn a_deleted_work_is_gone_and_a_tag_that_is_deleted_is_taken_off() {
    let server = server().await;
    server.call("tags.delete", json!({ "id": "TAG-1" })).await.ok();
    assert_eq!(get(&server).await["tags"], Value::Null);
    server.call("works.delete", json!({ "id": "ISS-1" })).await.ok();
    server.call("works.get", json!({ "id": "ISS-1" })).await.error(404, "not_found");
}

#[tokio::test]
async fn an_export_of_many_parts_is_one_body_in_order() {
    let server = server().await;
    for n in 2..=250 {
        let work = json!({
            "type": "issue", "title": format!("{n:03}"), "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"],
        });
        server.call("works.create", work).await.ok();
    }
    let wanted = json!({ "first": 240, "sort_by": ["title:desc"] });
    let export = server.call("works.export", wanted.clone()).await.ok();
    let titles: Vec<_> = export["works"].as_array().unwrap().iter().map(|w| &w["title"]).collect();
    let expected: Vec<Value> = std::iter::once(json!("Old"))
        .chain((12..=250).rev().map(|n| json!(format!("{n:03}"))))
        .collect();
    assert_eq!(titles, expected.iter().collect::<Vec<_>>());
    let none = json!({ "type": ["task"] });
    assert_eq!(server.call("works.export", none).await.ok(), json!({ "works": [] }));
}
