//! What customers see of works, and what they create.

use serde_json::{Value, json};

use super::{World, ids};

fn ticket(members: Value) -> Value {
    let whole = json!({
        "type": "ticket", "title": "Help", "applies_to_part": "PROD-1", "owned_by": [],
    });
    super::with(whole, members)
}

#[tokio::test]
async fn a_customer_makes_tickets_of_its_own_workspace_and_sees_those() {
    let world = World::new().await;
    let eve = world.server.session("eve", "eu").await;
    let max = world.server.session("max", "eu").await;
    let zoe = world.server.session("zoe", "us").await;
    let server = &world.server;

    let made = server.call_as(&eve, "works.create", ticket(json!({}))).await.ok();
    assert_eq!(made["work"]["reported_by"][0]["type"], "rev_user");
    // The part's owners own what a customer creates.
    assert_eq!(ids(&made["work"]["owned_by"]), ["DEVU-1"]);
    let workspace = made["work"]["rev_org"]["id"].clone();
    world.work("ticket", json!({"rev_org": workspace, "visibility": 1})).await;
    world.work("ticket", json!({"rev_org": workspace, "visibility": 3})).await;
    world.work("ticket", json!({})).await;
    world.work("issue", json!({})).await;

    for (token, seen) in [(&eve, vec!["TKT-1"]), (&max, vec!["TKT-1"]), (&zoe, vec![])] {
        let list = server.call_as(token, "works.list", json!({})).await.ok();
        assert_eq!(ids(&list["works"]), seen);
        let count = server.call_as(token, "works.count", json!({})).await.ok();
        assert_eq!(count["count"], seen.len());
        let named = json!({"ids": ["TKT-1", "TKT-2", "TKT-3", "TKT-4", "ISS-1"]});
        let list = server.call_as(token, "works.list", named.clone()).await.ok();
        assert_eq!(ids(&list["works"]), seen);
        for groups in ["type", "stage", "owned_by", "tags", "created_date:day"] {
            let body = super::with(named.clone(), json!({"group_by": [groups]}));
            let count = server.call_as(token, "works.count", body).await.ok();
            let counts: Vec<_> = count["groups"].as_array().expect("groups").iter().collect();
            let expected: Vec<_> = seen.iter().map(|_| json!(1)).collect();
            assert_eq!(counts.iter().map(|of| of["count"].clone()).collect::<Vec<_>>(), expected);
        }
        for work in ["TKT-1", "TKT-2", "TKT-3", "TKT-4", "ISS-1"] {
            let status = server.call_as(token, "works.get", json!({"id": work})).await.status;
            let expected = if seen.contains(&work) { 200 } else { 404 };
            assert_eq!(status, expected, "{work}");
        }
    }
}

#[tokio::test]
async fn a_customer_needs_no_more_than_a_title_and_a_body() {
    let world = World::new().await;
    world.call("parts.create", json!({"type": "product", "name": "Newer"})).await;
    let eve = world.server.session("eve", "eu").await;
    let server = &world.server;
    let bare = json!({"type": "ticket", "title": "Help", "body": "It is on fire."});
    let made = server.call_as(&eve, "works.create", bare.clone()).await.ok();
    insta::assert_json_snapshot!(made["work"], {
        ".**.id" => "[id]", ".**.display_id" => "[id]",
    });
    assert_eq!(made["work"]["applies_to_part"]["display_id"], "PROD-1", "the oldest product");
    assert_eq!(ids(&made["work"]["owned_by"]), ["DEVU-1"], "its owner");

    // If none of the part's owners can act, the server's bot owns it.
    let bob = world.user("bob").await;
    world.call("parts.update", json!({"id": "PROD-1", "owned_by": [bob]})).await;
    world.call("dev-users.activate", json!({"id": bob})).await;
    world.call("dev-users.deactivate", json!({"id": bob})).await;
    let made = server.call_as(&eve, "works.create", bare.clone()).await.ok();
    assert_eq!(ids(&made["work"]["owned_by"]), ["SYSU-1"]);

    for part in ["PROD-1", "PROD-2"] {
        world.call("parts.delete", json!({"id": part})).await;
    }
    let error = server.call_as(&eve, "works.create", bare).await;
    let error = error.error(400, "missing_required_field");
    assert_eq!(error["field_name"], "applies_to_part");
    assert_eq!(world.call("works.count", json!({})).await["count"], 2);
}

#[tokio::test]
async fn a_customer_makes_nothing_for_others_and_changes_nothing() {
    let world = World::new().await;
    let eve = world.server.session("eve", "eu").await;
    let (other, other_workspace) = world.customer("Bolt").await;
    let server = &world.server;
    for members in [
        json!({"account": other}),
        json!({"rev_org": other_workspace, "account": other}),
        json!({"reported_by": ["DEVU-1"]}),
        json!({"visibility": 1}),
    ] {
        let answer = server.call_as(&eve, "works.create", ticket(members.clone())).await;
        assert!(matches!(answer.status.as_u16(), 400 | 403), "{members}: {}", answer.body);
    }
    let issue = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    server.call_as(&eve, "works.create", issue).await.error(403, "forbidden");
    assert_eq!(world.call("works.count", json!({})).await["count"], 0);
    server.call_as(&eve, "works.create", ticket(json!({}))).await.ok();
    for op in ["works.update", "works.delete"] {
        server.call_as(&eve, op, json!({"id": "TKT-1"})).await.error(403, "forbidden");
    }
}
