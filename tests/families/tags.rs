//! Tags.

use serde_json::json;
use worksmith_tests::Server;

#[tokio::test]
async fn a_tag_is_made_read_listed_changed_and_deleted() {
    let server = Server::start().await;
    let made = server
        .call("tags.create", json!({"name": "backend", "style_new": {"color": "#1d76db"}}))
        .await;
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["x-worksmith-revision"], "1");
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("tags.get", "id=TAG-1").await.ok(), made);

    let changed = server
        .call("tags.update", json!({"id": "TAG-1", "allowed_values": {"set": ["a", "b", "a"]}}))
        .await
        .ok();
    assert_eq!(changed["tag"]["allowed_values"], json!(["a", "b"]));
    let listed = server.call("tags.list", json!({"name": "backend"})).await.ok();
    assert_eq!(listed, json!({"tags": [changed["tag"]]}));

    assert_eq!(server.call("tags.delete", json!({"id": "tag-1"})).await.ok(), json!({}));
    server.call("tags.get", json!({"id": "TAG-1"})).await.error(404, "not_found");
    server.call("tags.delete", json!({"id": "TAG-1"})).await.error(404, "not_found");
}

#[tokio::test]
async fn what_bears_a_tag_shows_its_name_and_colour_as_they_are_now() {
    let server = Server::start().await;
    let style = json!({"color": "#1d76db"});
    server.call("tags.create", json!({"name": "backend", "style_new": style})).await.ok();
    let tags = json!([{"id": "TAG-1"}]);
    let made = json!({"display_name": "Acme", "tags": tags});
    let made = server.call("accounts.create", made).await.ok()["account"].clone();
    let tag = &made["tags"][0]["tag"];
    assert_eq!((&tag["name"], &tag["style_new"]), (&json!("backend"), &style));
    let other = json!({"color": "#d93f0b"});
    server.call("tags.update", json!({"id": "TAG-1", "style_new": other})).await.ok();
    let shown = server.call("accounts.get", json!({"id": made["id"]})).await.ok();
    assert_eq!(shown["account"]["tags"][0]["tag"]["style_new"], other);
}

#[tokio::test]
async fn the_name_of_a_tag_is_unique() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "x"})).await.ok();
    let clash = server.call("tags.create", json!({"name": "x"})).await.error(409, "conflict");
    assert_eq!(clash["message"], "name \"x\" is taken by TAG-1");
    let free = server.call("tags.create", json!({"name": "y"})).await.ok();
    assert_eq!(free["tag"]["display_id"], "TAG-2");
    server.call("tags.update", json!({"id": "TAG-2", "name": "x"})).await.error(409, "conflict");
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    server.call("tags.update", json!({"id": "TAG-2", "name": "x"})).await.ok();
}

#[tokio::test]
async fn pages_lead_in_both_directions() {
    let server = Server::start().await;
    for n in 0..7 {
        server.call("tags.create", json!({"name": format!("t{n}")})).await.ok();
    }
    let names = |page: &serde_json::Value| -> Vec<String> {
        let tags = page["tags"].as_array().expect("tags");
        tags.iter().map(|tag| tag["name"].as_str().expect("a name").to_owned()).collect()
    };
    let query = json!({"sort_by": ["name:asc"], "limit": 3});
    let with = |cursor: &serde_json::Value, mode: &str| {
        let mut query = query.clone();
        query["cursor"] = cursor.clone();
        query["mode"] = mode.into();
        query
    };
    let first = server.call("tags.list", query.clone()).await.ok();
    assert_eq!(names(&first), ["t0", "t1", "t2"]);
    assert!(first.get("prev_cursor").is_none());
    let second = server.call("tags.list", with(&first["next_cursor"], "after")).await.ok();
    assert_eq!(names(&second), ["t3", "t4", "t5"]);
    let third = server.call("tags.list", with(&second["next_cursor"], "after")).await.ok();
    assert_eq!(names(&third), ["t6"]);
    assert!(third.get("next_cursor").is_none());
    let back = server.call("tags.list", with(&third["prev_cursor"], "before")).await.ok();
    assert_eq!(back, second);
    let last =
        server.call("tags.list", json!({"sort_by": ["name:asc"], "limit": 3, "mode": "before"}));
    assert_eq!(names(&last.await.ok()), ["t4", "t5", "t6"]);

    let other = json!({"sort_by": ["name:desc"], "limit": 3, "cursor": first["next_cursor"]});
    server.call("tags.list", other).await.error(400, "invalid_field");
}
