//! Teams and queues.

use serde_json::{Value, json};
use worksmith_tests::Server;

async fn with_people(names: &[&str]) -> Server {
    let server = Server::start().await;
    for name in names {
        let request = json!({"email": format!("{name}@example.org"), "state": "shadow"});
        server.call("dev-users.create", request).await.ok();
    }
    server
}

async fn add(server: &Server, group: &str, member: &str) -> Value {
    let request = json!({"group": group, "member": member});
    server.call("groups.members.add", request).await.ok()
}

async fn member_ids(server: &Server, group: &str) -> Vec<String> {
    let listed = server.call("groups.members.list", json!({"group": group})).await.ok();
    let members = listed["members"].as_array().expect("members").iter();
    members.map(|m| m["member"]["display_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_group_is_made_read_and_changed() {
    let server = with_people(&["bob"]).await;
    let request = json!({"name": "Support", "description": "Tier 1", "owner": "DEVU-2"});
    let made = server.call("groups.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("groups.get", "id=GROUP-1").await.ok(), made);

    let changed = json!({"id": "GROUP-1", "name": "Help", "owner": null});
    let changed = server.call("groups.update", changed).await.ok();
    assert_eq!(changed["group"]["name"], "Help");
    assert_eq!(changed["group"]["description"], "Tier 1");
    assert!(changed["group"].get("owner").is_none());
    let wrong = json!({"id": "GROUP-1", "description": null});
    server.call("groups.update", wrong).await.error(400, "unexpected_json_type");
    assert_eq!(server.get("groups.get", "id=GROUP-1").await.ok(), changed);
    server.call("groups.get", json!({"id": "GROUP-9"})).await.error(404, "not_found");
}

#[tokio::test]
async fn the_name_of_a_group_is_unique() {
    let server = Server::start().await;
    server.call("groups.create", json!({"name": "a"})).await.ok();
    let taken = json!({
        "type": "value_not_permitted", "field_name": "name",
        "message": "name \"a\" is taken by GROUP-1",
    });
    // Clients look for the existing group only if the answer is 400.
    let clash = server.call("groups.create", json!({"name": "a"})).await;
    assert_eq!(clash.error(400, "value_not_permitted"), taken);
    server.call("groups.create", json!({"name": "b"})).await.ok();
    let clash = json!({"id": "GROUP-2", "name": "a"});
    let clash = server.call("groups.update", clash).await;
    assert_eq!(clash.error(400, "value_not_permitted"), taken);
    server.call("groups.update", json!({"id": "GROUP-2", "name": "b"})).await.ok();
}

#[tokio::test]
async fn members_come_and_go_and_are_counted() {
    let server = with_people(&["bob", "eve"]).await;
    for name in ["team", "inner"] {
        server.call("groups.create", json!({"name": name})).await.ok();
    }
    for member in ["DEVU-2", "DEVU-1", "DEVU-2", "GROUP-2"] {
        assert_eq!(add(&server, "GROUP-1", member).await, json!({}));
    }
    let listed = server.get("groups.members.list", "group=GROUP-1&limit=100").await.ok();
    insta::assert_json_snapshot!(listed);
    let count = server.get("groups.members.count", "group=GROUP-1").await.ok();
    assert_eq!(count, json!({"count": 3, "has_more": false}));

    for member in ["DEVU-2", "GROUP-2", "GROUP-2", "DEVU-3"] {
        let request = json!({"group": "GROUP-1", "member": member});
        assert_eq!(server.call("groups.members.remove", request).await.ok(), json!({}));
    }
    assert_eq!(member_ids(&server, "GROUP-1").await, ["DEVU-1"]);
    assert!(member_ids(&server, "GROUP-2").await.is_empty());
}

#[tokio::test]
async fn members_are_paged() {
    let server = with_people(&["a", "b", "c", "d"]).await;
    server.call("groups.create", json!({"name": "team"})).await.ok();
    for n in 1..=5 {
        add(&server, "GROUP-1", &format!("DEVU-{n}")).await;
    }
    let all = member_ids(&server, "GROUP-1").await;
    let mut seen = Vec::new();
    let mut request = json!({"group": "GROUP-1", "limit": 2});
    loop {
        let page = server.call("groups.members.list", request.clone()).await.ok();
        let members = page["members"].as_array().expect("members").iter();
        seen.extend(members.map(|m| m["member"]["display_id"].as_str().expect("id").to_owned()));
        match page.get("next_cursor") {
            Some(cursor) => request["cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn members_of_the_wrong_kind_are_refused() {
    let server = with_people(&["bob"]).await;
    server.call("groups.create", json!({"name": "staff"})).await.ok();
    server.call("groups.create", json!({"name": "fans", "member_type": "rev_user"})).await.ok();
    for (group, member) in [("GROUP-1", "REVU-1"), ("GROUP-1", "PROD-1"), ("GROUP-2", "DEVU-2")] {
        let request = json!({"group": group, "member": member});
        let error = server.call("groups.members.add", request).await;
        assert_eq!(error.error(400, "unexpected_id_type")["field_name"], "member");
    }
    let nested = json!({"group": "GROUP-1", "member": "GROUP-2"});
    server.call("groups.members.add", nested).await.error(400, "value_not_permitted");
    let absent = json!({"group": "GROUP-1", "member": "DEVU-9"});
    server.call("groups.members.add", absent).await.error(400, "invalid_id");
    let rev_org = json!({"group": "GROUP-1", "member": "DEVU-2", "member_rev_org": "REV-x"});
    server.call("groups.members.add", rev_org).await.error(400, "missing_dependency");
    let nowhere = json!({"group": "GROUP-9", "member": "DEVU-2"});
    server.call("groups.members.add", nowhere).await.error(404, "not_found");
    assert!(member_ids(&server, "GROUP-1").await.is_empty());
}

#[tokio::test]
async fn no_group_is_in_itself() {
    let server = Server::start().await;
    for name in ["a", "b", "c"] {
        server.call("groups.create", json!({"name": name})).await.ok();
    }
    add(&server, "GROUP-1", "GROUP-2").await;
    add(&server, "GROUP-2", "GROUP-3").await;
    for (group, member) in [("GROUP-1", "GROUP-1"), ("GROUP-3", "GROUP-1"), ("GROUP-3", "GROUP-2")]
    {
        let request = json!({"group": group, "member": member});
        let error = server.call("groups.members.add", request).await;
        assert_eq!(error.status, 400);
        assert_eq!(error.body["type"], "group_hierarchy_circular_dependency");
    }
    add(&server, "GROUP-1", "GROUP-3").await;
}

#[tokio::test]
async fn a_dynamic_group_keeps_its_expression_and_takes_no_members_by_hand() {
    let server = Server::start().await;
    let expression = json!({"type": "not", "expression": {"type": "primitive"}});
    let info = json!({"membership_expression": expression});
    let by_hand = json!({"name": "x", "dynamic_group_info": info});
    server.call("groups.create", by_hand).await.error(400, "missing_dependency");
    let made = json!({"name": "x", "type": "dynamic", "dynamic_group_info": info});
    let made = server.call("groups.create", made).await.ok();
    assert_eq!(made["group"]["type"], "dynamic");
    assert_eq!(made["group"]["dynamic_group_info"], info);
    let request = json!({"group": "GROUP-1", "member": "DEVU-1"});
    server.call("groups.members.add", request).await.error(400, "bad_request");

    let other = json!({"membership_expression":
        {"type": "and", "expressions":
            [{"type": "primitive"}, {"type": "or", "expressions": []}]}});
    let request = json!({"id": "GROUP-1", "dynamic_group_info": other});
    let changed = server.call("groups.update", request).await.ok();
    assert_eq!(changed["group"]["dynamic_group_info"], other);
    for (broken, kind) in [
        (json!({"type": "xor"}), "invalid_enum_value"),
        (json!({"type": "and"}), "missing_required_field"),
        (json!({"type": "and", "expressions": {}}), "unexpected_json_type"),
        (json!({"type": "not", "expression": {"type": "not"}}), "missing_required_field"),
    ] {
        let info = json!({"membership_expression": broken});
        let request = json!({"id": "GROUP-1", "dynamic_group_info": info});
        server.call("groups.update", request).await.error(400, kind);
    }
    assert_eq!(server.get("groups.get", "id=GROUP-1").await.ok(), changed);
}

#[tokio::test]
async fn groups_are_found_by_every_filter() {
    let server = with_people(&["bob"]).await;
    server.call("groups.create", json!({"name": "a"})).await.ok();
    server.call("groups.create", json!({"name": "b", "member_type": "rev_user"})).await.ok();
    server.call("groups.create", json!({"name": "c", "type": "dynamic"})).await.ok();
    for (query, names) in [
        (json!({}), vec!["c", "b", "a"]),
        (json!({"sort_by": ["name:asc"]}), vec!["a", "b", "c"]),
        (json!({"name": ["a", "c"]}), vec!["c", "a"]),
        (json!({"member_type": "rev_user"}), vec!["b"]),
        (json!({"group_type": ["static"]}), vec!["b", "a"]),
        (json!({"is_default": false, "limit": 1}), vec!["c"]),
        (json!({"is_default": true}), vec![]),
        (json!({"created_by": ["DEVU-1"]}), vec!["c", "b", "a"]),
        (json!({"created_by": ["DEVU-2"]}), vec![]),
        (json!({"ingestion_source": ["scim"]}), vec![]),
        (json!({"sync_metadata": {"origin_system": ["jira"]}}), vec![]),
        (json!({"sync_metadata": {}}), vec!["c", "b", "a"]),
    ] {
        let found = server.call("groups.list", query.clone()).await.ok();
        let groups = found["groups"].as_array().expect("groups").iter();
        let found: Vec<_> = groups.map(|group| group["name"].as_str().expect("a name")).collect();
        assert_eq!(found, names, "{query}");
    }
    server.call("groups.list", json!({"sort_by": ["owner:asc"]})).await.error(400, "invalid_field");
}
