//! Which links customers see: those of which they may see both ends.

use serde_json::{Value, json};

use super::World;

async fn ticket(world: &World, token: &str) -> String {
    let body = json!({"type": "ticket", "title": "Help", "body": ""});
    super::id(&world.server.call_as(token, "works.create", body).await.ok()["work"])
}

#[tokio::test]
async fn a_customer_sees_a_link_if_it_sees_both_ends() {
    let world = World::new().await;
    let eve = world.server.session("eve", "eu").await;
    let zoe = world.server.session("zoe", "us").await;
    let mut tickets = Vec::new();
    for token in [&eve, &eve, &eve, &zoe] {
        tickets.push(ticket(&world, token).await);
    }
    world.works("issue", 6).await;
    let mut hidden = Vec::new();
    for n in 1..=6 {
        hidden.push(world.link("is_dependent_on", "TKT-1", &format!("ISS-{n}")).await);
    }
    let shown = world.link("is_related_to", "TKT-1", "TKT-2").await;
    hidden.push(world.link("is_related_to", "TKT-1", "TKT-4").await);
    world.link("is_related_to", "TKT-3", "TKT-1").await;
    hidden.push(world.link("developed_with", "ISS-1", "PROD-1").await);

    let server = &world.server;
    let list =
        async |token: &str, request: Value| server.call_as(token, "links.list", request).await.ok();
    let brief = |page: &Value| -> Vec<String> {
        page["links"].as_array().expect("links").iter().map(super::brief).collect()
    };
    let expected = ["TKT-3 is_related_to TKT-1", "TKT-1 is_related_to TKT-2"];
    assert_eq!(brief(&list(&eve, json!({"object": "TKT-1"})).await), expected);
    // Nothing betrays the others: no short page, and no cursor to an empty one.
    let first = list(&eve, json!({"object": "TKT-1", "limit": 1})).await;
    assert_eq!(brief(&first), expected[..1]);
    let next = json!({"object": "TKT-1", "limit": 1, "cursor": first["next_cursor"]});
    let next = list(&eve, next).await;
    assert_eq!(brief(&next), expected[1..]);
    assert_eq!(next["next_cursor"], Value::Null);
    let last = list(&eve, json!({"object": "TKT-1", "limit": 1, "mode": "before"})).await;
    assert_eq!(brief(&last), expected[1..]);
    for object in ["TKT-4", "ISS-1", "PROD-1", "TKT-9"] {
        assert_eq!(list(&eve, json!({"object": object})).await, json!({"links": []}));
    }
    assert_eq!(list(&zoe, json!({"object": "TKT-4"})).await, json!({"links": []}));

    let get = async |token: &str, link: &Value| {
        server.call_as(token, "links.get", json!({"id": link["id"]})).await
    };
    assert_eq!(get(&eve, &shown).await.ok()["link"]["id"], shown["id"]);
    get(&zoe, &shown).await.error(404, "not_found");
    for link in &hidden {
        get(&eve, link).await.error(404, "not_found");
        get(&zoe, link).await.error(404, "not_found");
    }
    let body = json!({"link_type": "is_related_to", "source": "TKT-2", "target": "TKT-3"});
    server.call_as(&eve, "links.create", body).await.error(403, "forbidden");
    let body = json!({"id": shown["id"]});
    server.call_as(&eve, "links.delete", body).await.error(403, "forbidden");
}
