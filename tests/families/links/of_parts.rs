//! What parts belong to, and the parts that issues are developed with, as links.

use serde_json::{Value, json};

use super::{World, brief};

async fn link_of(world: &World, part: &str) -> Value {
    let request = json!({"object": part, "direction": "is_source", "link_type": ["is_part_of"]});
    world.call("links.list", request).await["links"][0].clone()
}

#[tokio::test]
async fn a_part_is_linked_with_its_parent() {
    let world = World::new().await;
    let part = world.part("capability", Some("PROD-1")).await;
    let link = link_of(&world, &part).await;
    let got = world.call("parts.get", json!({"id": part})).await["part"].clone();
    let product = world.call("parts.get", json!({"id": "PROD-1"})).await["part"].clone();
    let summary = |part: &Value| {
        json!({"type": part["type"], "id": part["id"], "display_id": part["display_id"],
            "name": part["name"], "owned_by": part["owned_by"]})
    };
    let expected = json!({
        "id": link["id"],
        "created_by": got["created_by"],
        "created_date": got["created_date"],
        "modified_by": got["modified_by"],
        "modified_date": got["modified_date"],
        "link_type": "is_part_of",
        "source": summary(&got),
        "target": summary(&product),
    });
    assert_eq!(link, expected);
    let read = world.call("links.get", json!({"id": link["id"]})).await;
    assert_eq!(read, json!({"link": link}));
    assert_eq!(world.of("PROD-1").await, ["CAPL-1 is_part_of PROD-1"]);
}

#[tokio::test]
async fn a_part_is_moved_by_replacing_its_link() {
    let world = World::new().await;
    let capability = world.part("capability", Some("PROD-1")).await;
    let other = world.part("capability", Some("PROD-1")).await;
    let feature = world.part("feature", Some(&capability)).await;
    let inner = world.part("feature", Some(&feature)).await;
    let link = link_of(&world, &feature).await;
    let to = |source: &str, target: &str| {
        let id = &link["id"];
        json!({"id": id, "link_type": "is_part_of", "source": source, "target": target})
    };
    let server = &world.server;
    let moved = server.call("links.replace", to(&feature, &other)).await;
    assert_eq!(moved.status, 201);
    assert_eq!(brief(&moved.body["link"]), "FEAT-1 is_part_of CAPL-2");
    assert_eq!(moved.body["link"]["id"], link["id"]);
    assert_eq!(world.of(&capability).await, ["CAPL-1 is_part_of PROD-1"]);
    let below = json!({"parent_part": {"parts": [other]}, "sort_by": ["name:asc"]});
    let below = world.call("parts.list", below).await;
    assert_eq!(below["parts"].as_array().map(Vec::len), Some(2));

    let round = server.call("links.replace", to(&feature, &inner)).await;
    World::refused(round, "FEAT-2 is below FEAT-1, so FEAT-1 can't belong to it");
    let kind = server.call("links.replace", to(&feature, "PROD-1")).await;
    World::refused(kind, "no link is_part_of goes from feature to product");
    let stays = server.call("links.replace", to(&inner, &other)).await;
    World::refused(stays, "the link is that of FEAT-1, which stays");
    let error = server.call("links.replace", to(&feature, "CAPL-9")).await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "target");
    let unlinked = server.call("links.delete", json!({"id": link["id"]})).await;
    World::refused(unlinked, "FEAT-1 must belong to a part");
    assert_eq!(brief(&link_of(&world, &feature).await), "FEAT-1 is_part_of CAPL-2");
}

#[tokio::test]
async fn a_runnable_comes_below_a_part_and_out_again() {
    let world = World::new().await;
    let made = json!({"type": "runnable", "name": "r", "owned_by": ["DEVU-1"]});
    world.call("parts.create", made).await;
    assert_eq!(world.of("RUN-1").await, Vec::<String>::new());
    let link = world.link("is_part_of", "RUN-1", "PROD-1").await;
    assert_eq!(link, link_of(&world, "RUN-1").await);
    world.try_link("is_part_of", "RUN-1", "PROD-1").await.error(409, "conflict");
    let other = world.part("product", None).await;
    let second = world.try_link("is_part_of", "RUN-1", &other).await;
    World::refused(second, "RUN-1 belongs to PROD-1; links.replace moves it");
    world.call("links.delete", json!({"id": link["id"]})).await;
    world.server.call("links.get", json!({"id": link["id"]})).await.error(404, "not_found");
    world.server.call("links.delete", json!({"id": link["id"]})).await.error(404, "not_found");
    assert_eq!(world.of("PROD-1").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_issue_is_linked_with_the_parts_that_it_is_developed_with() {
    let world = World::new().await;
    let mut parts = Vec::new();
    for _ in 0..9 {
        parts.push(world.part("capability", Some("PROD-1")).await);
    }
    let issue = world.work_with("issue", json!({"developed_with": [parts[0]]})).await;
    assert_eq!(world.of(&issue).await, ["ISS-1 developed_with CAPL-1"]);
    let link = world.link("developed_with", &issue, &parts[1]).await;
    let read = world.call("links.get", json!({"id": link["id"]})).await;
    assert_eq!(read, json!({"link": link}));
    let work = world.call("works.get", json!({"id": issue})).await["work"].clone();
    let named: Vec<_> =
        work["developed_with"].as_array().expect("parts").iter().map(super::id).collect();
    assert_eq!(named, parts[..2]);
    assert_eq!(link["created_date"], work["created_date"]);
    let of_part = json!({"object": parts[1], "object_types": ["issue"]});
    assert_eq!(world.listed(of_part).await, ["ISS-1 developed_with CAPL-2"]);

    let server = &world.server;
    let again = world.try_link("developed_with", &issue, &parts[1]).await;
    again.error(409, "conflict");
    let to = json!({"id": link["id"], "link_type": "developed_with", "source": issue,
        "target": parts[2]});
    let moved = server.call("links.replace", to.clone()).await.ok();
    assert_eq!(brief(&moved["link"]), "ISS-1 developed_with CAPL-3");
    server.call("links.replace", to).await.error(404, "not_found");
    for part in &parts[3..] {
        world.link("developed_with", &issue, part).await;
    }
    let ninth = world.try_link("developed_with", &issue, &parts[1]).await;
    let error = ninth.error(400, "value_not_permitted");
    assert_eq!((&error["field_name"], &error["reason"]), (&json!("target"), &json!("max_items 8")));
    world.call("links.delete", json!({"id": moved["link"]["id"]})).await;
    server.call("links.delete", json!({"id": moved["link"]["id"]})).await.error(404, "not_found");
    let left = world.listed(json!({"object": issue, "limit": 100})).await;
    assert_eq!(left.len(), 7);
    assert!(!left.contains(&"ISS-1 developed_with CAPL-3".to_owned()));
}

#[tokio::test]
async fn a_part_is_made_together_with_links() {
    let world = World::new().await;
    world.work("issue").await;
    let capability = world.part("capability", Some("PROD-1")).await;
    let body = json!({
        "type": "feature", "name": "f", "owned_by": ["DEVU-1"],
        "links": [
            {"link_type": "is_part_of", "target": capability},
            {"link_type": "imports", "target": "PROD-1"},
            {"link_type": "developed_with", "source": "ISS-1"},
        ],
    });
    let made = world.server.call("parts.create", body).await;
    assert_eq!(made.status, 201);
    let mut links = world.of("FEAT-1").await;
    links.sort();
    let expected =
        ["FEAT-1 imports PROD-1", "FEAT-1 is_part_of CAPL-1", "ISS-1 developed_with FEAT-1"];
    assert_eq!(links, expected);

    let refused = async |links: Value, kind: &str| {
        let body = json!({"type": "feature", "name": "g", "owned_by": ["DEVU-1"],
            "parent_part": [capability], "links": links});
        world.server.call("parts.create", body).await.error(400, kind)
    };
    let both = json!([{"link_type": "imports", "source": "PROD-1", "target": "PROD-1"}]);
    refused(both, "bad_request").await;
    refused(json!([{"link_type": "imports"}]), "bad_request").await;
    refused(json!([{"target": "PROD-1"}]), "missing_required_field").await;
    refused(json!([{"link_type": "serves", "target": "PROD-1"}]), "bad_request").await;
    refused(json!([{"link_type": "is_part_of", "target": "FEAT-1"}]), "bad_request").await;
    refused(json!([{"link_type": "imports", "target": "PROD-9"}]), "invalid_id").await;
    refused(json!([{"link_type": "developed_with", "source": "ISS-9"}]), "invalid_id").await;
    let named = json!([{"link_type": "is_part_of", "target": capability}]);
    let body = json!({"type": "feature", "name": "g", "parent_part": [capability], "links": named});
    world.call("parts.create", body).await;
    // Nothing of the refused ones is left.
    let left = world.call("parts.list", json!({"name": ["g"]})).await;
    assert_eq!(left["parts"].as_array().map(Vec::len), Some(1));
}
