//! Requests that are no good.

use serde_json::{Value, json};

use super::World;

#[tokio::test]
async fn a_bad_request_is_told_which_field_is_wrong() {
    let world = World::new().await;
    world.works("issue", 2).await;
    let own = json!({"name": "blocks", "forward_name": "a", "backward_name": "b",
        "source_types": [{"leaf_type": "issue"}], "target_types": [{"leaf_type": "issue"}]});
    world.call("link-types.custom.create", own).await;
    let made = world.link("is_dependent_on", "ISS-1", "ISS-2").await;
    let create = |change: Value| {
        let body = json!({"link_type": "is_related_to", "source": "ISS-1", "target": "ISS-2"});
        changed(body, change)
    };
    let replace = |change: Value| {
        let body = json!({"id": made["id"], "link_type": "is_dependent_on", "source": "ISS-1",
            "target": "ISS-2"});
        changed(body, change)
    };
    let list = |change: Value| changed(json!({"object": "ISS-1"}), change);
    let id = |value: Value| json!({"id": value});
    for (op, body, kind, field) in [
        ("create", create(json!({"link_type": null})), "missing_required_field", "link_type"),
        ("create", create(json!({"source": null})), "missing_required_field", "source"),
        ("create", create(json!({"target": null})), "missing_required_field", "target"),
        ("create", create(json!({"link_type": "is_friend_of"})), "invalid_enum_value", "link_type"),
        ("create", create(json!({"link_type": 7})), "unexpected_json_type", "link_type"),
        ("create", create(json!({"source": "nobody"})), "invalid_id", "source"),
        ("create", create(json!({"target": {"id": "ISS-2"}})), "unexpected_json_type", "target"),
        ("create", create(json!({"target": "TAG-1"})), "unexpected_id_type", "target"),
        ("create", create(json!({"source": "SVCACC-1"})), "unexpected_id_type", "source"),
        ("create", create(json!({"target": "ISS-9"})), "invalid_id", "target"),
        ("create", create(json!({"source": "ISS-9"})), "invalid_id", "source"),
        (
            "create",
            create(json!({"link_type": "custom_link"})),
            "missing_required_field",
            "custom_link_type",
        ),
        (
            "create",
            create(json!({"custom_link_type": "LINKTYPE-1"})),
            "invalid_field",
            "custom_link_type",
        ),
        (
            "create",
            create(json!({"link_type": "custom_link", "custom_link_type": "LINKTYPE-9"})),
            "invalid_id",
            "custom_link_type",
        ),
        (
            "create",
            create(json!({"link_type": "custom_link", "custom_link_type": "ISS-1"})),
            "unexpected_id_type",
            "custom_link_type",
        ),
        ("create", create(json!({"note": "x"})), "invalid_field", "note"),
        ("get", json!({}), "missing_required_field", "id"),
        ("get", id(json!("ISS-1")), "unexpected_id_type", "id"),
        ("get", id(json!("x")), "invalid_id", "id"),
        ("delete", json!({}), "missing_required_field", "id"),
        ("delete", id(json!(["x", "y"])), "unexpected_json_type", "id"),
        ("list", json!({}), "missing_required_field", "object"),
        ("list", list(json!({"object": "TAG-1"})), "unexpected_id_type", "object"),
        ("list", list(json!({"direction": "both"})), "invalid_enum_value", "direction"),
        ("list", list(json!({"link_type": ["x"]})), "invalid_enum_value", "link_type"),
        ("list", list(json!({"types": ["x"]})), "invalid_enum_value", "types"),
        ("list", list(json!({"object_types": ["tag"]})), "invalid_enum_value", "object_types"),
        ("list", list(json!({"custom_link_type": ["x"]})), "invalid_id", "custom_link_type"),
        ("list", list(json!({"sort_by": ["id:asc"]})), "invalid_field", "sort_by"),
        ("list", list(json!({"mode": "sideways"})), "invalid_enum_value", "mode"),
        ("create", create(json!({"source": 7})), "unexpected_json_type", "source"),
        ("create", create(json!({"source": "TAG-1"})), "unexpected_id_type", "source"),
        ("create", create(json!({"target": "x"})), "invalid_id", "target"),
        (
            "create",
            create(json!({"link_type": "custom_link", "custom_link_type": 7})),
            "unexpected_json_type",
            "custom_link_type",
        ),
        ("get", id(json!(7)), "unexpected_json_type", "id"),
        ("get", json!({"id": made["id"], "note": "x"}), "invalid_field", "note"),
        ("delete", id(json!("ISS-1")), "unexpected_id_type", "id"),
        ("delete", id(json!("x")), "invalid_id", "id"),
        ("delete", json!({"id": made["id"], "note": "x"}), "invalid_field", "note"),
        ("list", list(json!({"object": 7})), "unexpected_json_type", "object"),
        ("list", list(json!({"object": "x"})), "invalid_id", "object"),
        ("list", list(json!({"direction": 7})), "unexpected_json_type", "direction"),
        ("list", list(json!({"link_type": [7]})), "unexpected_json_type", "link_type"),
        ("list", list(json!({"object_types": [7]})), "unexpected_json_type", "object_types"),
        ("list", list(json!({"custom_link_type": ["ISS-1"]})), "unexpected_id_type", {
            "custom_link_type"
        }),
        ("list", list(json!({"limit": "x"})), "unexpected_json_type", "limit"),
        ("list", list(json!({"cursor": 7})), "unexpected_json_type", "cursor"),
        ("list", list(json!({"cursor": "x"})), "invalid_field", "cursor"),
        ("list", list(json!({"cursor": "e30"})), "invalid_field", "cursor"),
        ("list", list(json!({"note": "x"})), "invalid_field", "note"),
        ("replace", replace(json!({"id": "ISS-1"})), "unexpected_id_type", "id"),
        ("replace", replace(json!({"id": 7})), "unexpected_json_type", "id"),
        ("replace", replace(json!({"link_type": "x"})), "invalid_enum_value", "link_type"),
        ("replace", replace(json!({"link_type": 7})), "unexpected_json_type", "link_type"),
        (
            "replace",
            replace(json!({"link_type": "is_related_to"})),
            "value_not_permitted",
            "link_type",
        ),
        ("replace", replace(json!({"source": "x"})), "invalid_id", "source"),
        ("replace", replace(json!({"source": "TAG-1"})), "unexpected_id_type", "source"),
        ("replace", replace(json!({"target": 7})), "unexpected_json_type", "target"),
        ("replace", replace(json!({"target": "TAG-1"})), "unexpected_id_type", "target"),
        ("replace", replace(json!({"id": null})), "missing_required_field", "id"),
        ("replace", replace(json!({"link_type": null})), "missing_required_field", "link_type"),
        ("replace", replace(json!({"source": null})), "missing_required_field", "source"),
        ("replace", replace(json!({"target": null})), "missing_required_field", "target"),
        ("replace", replace(json!({"target": "ISS-9"})), "invalid_id", "target"),
        ("replace", replace(json!({"custom_link_type": "x"})), "invalid_field", "custom_link_type"),
    ] {
        let answer = world.server.call(&format!("links.{op}"), body.clone()).await;
        let error = answer.error(400, kind);
        assert_eq!(error["field_name"], field, "{op} {body}");
    }
    assert_eq!(world.of("ISS-1").await, ["ISS-1 is_dependent_on ISS-2"]);
}

fn changed(mut body: Value, change: Value) -> Value {
    for (member, value) in change.as_object().into_iter().flatten() {
        // Null stands for an absent member.
        if value.is_null() {
            body.as_object_mut().expect("a request").remove(member);
        } else {
            body[member] = value.clone();
        }
    }
    body
}

#[tokio::test]
async fn ids_of_no_link_are_not_found() {
    let world = World::new().await;
    world.part("capability", Some("PROD-1")).await;
    for local in [
        "Ab12Cd34",
        "partofcapability1x",
        "partofcapability9",
        "partofproduct1",
        "partofcapability01",
        "developed1withproduct1",
        "developedwithproduct1",
    ] {
        let org = world.call("dev-users.self", json!({})).await;
        let don = org["dev_user"]["id"].as_str().expect("an id").replace("identity", "core");
        let (head, _) = don.rsplit_once(':').expect("a DON");
        let id = json!({"id": format!("{head}:link/{local}")});
        world.server.call("links.get", id.clone()).await.error(404, "not_found");
        world.server.call("links.delete", id).await.error(404, "not_found");
    }
}
