//! Parts.

use serde_json::{Value, json};
use worksmith_tests::Server;

/// A part with the given members, owned by the admin.
async fn part(server: &Server, members: Value) -> Value {
    let mut request = json!({"name": "a part", "owned_by": ["DEVU-1"]});
    for (name, value) in members.as_object().expect("members") {
        request[name] = value.clone();
    }
    server.call("parts.create", request).await.ok()["part"].take()
}

/// PROD-1 > CAPL-1 > FEAT-1 > FEAT-2, and ENH-1 under PROD-1, and PROD-2 > CAPL-2.
async fn tree(server: &Server) {
    part(server, json!({"type": "product", "name": "root"})).await;
    part(server, json!({"type": "capability", "name": "c", "parent_part": ["PROD-1"]})).await;
    part(server, json!({"type": "feature", "name": "f", "parent_part": ["CAPL-1"]})).await;
    part(server, json!({"type": "feature", "name": "ff", "parent_part": ["FEAT-1"]})).await;
    part(server, json!({"type": "enhancement", "name": "e", "parent_part": "PROD-1"})).await;
    part(server, json!({"type": "product", "name": "other"})).await;
    part(server, json!({"type": "capability", "name": "oc", "parent_part": ["PROD-2"]})).await;
}

/// The names in a list, in its order.
async fn names(server: &Server, request: Value) -> Vec<String> {
    let page = server.call("parts.list", request).await.ok();
    let parts = page["parts"].as_array().expect("parts");
    parts.iter().map(|part| part["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn a_part_is_made_read_changed_and_deleted() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "core", "allowed_values": ["v"]})).await.ok();
    let made = server
        .call(
            "parts.create",
            json!({
                "type": "product", "name": "Rocket", "description": "It flies",
                "owned_by": ["DEVU-1", "devu-1"], "tags": [{"id": "TAG-1", "value": "v"}],
            }),
        )
        .await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("parts.get", "id=PROD-1").await.ok(), made);

    let changed = server
        .call("parts.update", json!({"id": "PROD-1", "name": "Boat", "tags": {"set": []}}))
        .await
        .ok();
    let mut expected = made.clone();
    expected["part"]["name"] = "Boat".into();
    expected["part"]["modified_date"] = changed["part"]["modified_date"].clone();
    expected["part"].as_object_mut().expect("a part").remove("tags");
    assert_eq!(changed, expected);
    assert_ne!(changed["part"]["modified_date"], made["part"]["modified_date"]);

    assert_eq!(server.call("parts.delete", json!({"id": "PROD-1"})).await.ok(), json!({}));
    server.call("parts.get", json!({"id": "PROD-1"})).await.error(404, "not_found");
    server.call("parts.update", json!({"id": "PROD-1"})).await.error(404, "not_found");
    server.call("parts.delete", json!({"id": "PROD-1"})).await.error(404, "not_found");
}

#[tokio::test]
async fn an_update_without_effect_changes_nothing() {
    let server = Server::start().await;
    let made = part(&server, json!({"type": "product"})).await;
    for body in [
        json!({"id": "PROD-1"}),
        json!({"id": "PROD-1", "type": "product", "name": "a part", "owned_by": ["DEVU-1"]}),
        json!({"id": "PROD-1", "owned_by": {}, "tags": {}}),
    ] {
        assert_eq!(server.call("parts.update", body).await.ok()["part"], made);
    }
}

#[tokio::test]
async fn owners_are_the_caller_when_none_is_named_and_never_nobody() {
    let server = Server::start().await;
    let made = part(&server, json!({"type": "product", "owned_by": []})).await;
    assert_eq!(made["owned_by"][0]["display_id"], "DEVU-1");
    // The vendor's Python client omits them.
    let bare = server.call("parts.create", json!({"type": "product", "name": "x"})).await.ok();
    insta::assert_json_snapshot!(bare);

    for owners in [json!({"set": []}), json!([])] {
        let body = json!({"id": "PROD-1", "name": "lost", "owned_by": owners});
        let error = server.call("parts.update", body).await.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], "owned_by");
    }
    let body = json!({"id": "PROD-1", "name": "lost", "owned_by": ["SYSU-1", "DEVU-9"]});
    let error = server.call("parts.update", body).await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "owned_by");
    server
        .call("parts.update", json!({"id": "PROD-1", "owned_by": ["TAG-1"]}))
        .await
        .error(400, "unexpected_id_type");
    assert_eq!(server.get("parts.get", "id=PROD-1").await.ok()["part"], made);

    // The MCP server sends a bare array.
    let body = json!({"id": "PROD-1", "owned_by": ["SYSU-1", "DEVU-1"]});
    let changed = server.call("parts.update", body).await.ok();
    assert_eq!(changed["part"]["owned_by"][0]["display_id"], "SYSU-1");
    assert_eq!(changed["part"]["owned_by"][1]["display_id"], "DEVU-1");
}

#[tokio::test]
async fn every_type_but_products_needs_one_parent_of_the_right_kind() {
    let server = Server::start().await;
    tree(&server).await;
    let create = |kind: &str, parent: Value| {
        let owners = json!([]);
        json!({"type": kind, "name": "x", "owned_by": owners, "parent_part": parent})
    };
    for kind in ["capability", "feature", "enhancement"] {
        for parent in [json!([]), json!(null)] {
            let answer = server.call("parts.create", create(kind, parent)).await;
            let error = answer.error(400, "missing_required_field");
            assert_eq!(error["field_name"], "parent_part");
        }
        let answer = server.call("parts.create", create(kind, json!(["PROD-1", "PROD-2"]))).await;
        let error = answer.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], "parent_part");
    }
    for (kind, parent, allowed) in [
        ("feature", "PROD-1", json!(["capability", "feature"])),
        ("feature", "ENH-1", json!(["capability", "feature"])),
        ("capability", "CAPL-1", json!(["product"])),
        ("capability", "FEAT-1", json!(["product"])),
    ] {
        let answer = server.call("parts.create", create(kind, json!([parent]))).await;
        let error = answer.error(400, "unexpected_id_type");
        assert_eq!(
            (&error["field_name"], &error["allowed_types"]),
            (&"parent_part".into(), &allowed)
        );
    }
    server
        .call("parts.create", create("enhancement", json!(["ISS-1"])))
        .await
        .error(400, "unexpected_id_type");
    let error = server.call("parts.create", create("feature", json!(["FEAT-9"]))).await;
    assert_eq!(error.error(400, "invalid_id")["field_name"], "parent_part");
    let error = server.call("parts.create", create("product", json!(["PROD-1"]))).await;
    assert_eq!(error.error(400, "invalid_field")["field_name"], "parent_part");

    for parent in ["PROD-1", "CAPL-1", "FEAT-2", "ENH-1"] {
        server.call("parts.create", create("enhancement", json!([parent]))).await.ok();
        server.call("parts.create", create("runnable", json!([parent]))).await.ok();
    }
    server.call("parts.create", create("linkable", json!([]))).await.ok();
}

#[tokio::test]
async fn a_member_of_another_type_is_unknown() {
    let server = Server::start().await;
    tree(&server).await;
    let url = "https://example.org/repo";
    for (kind, member, value) in [
        ("product", "target_close_date", json!("2031-01-01T00:00:00Z")),
        ("product", "code_repo_url", json!(url)),
        ("product", "colour", json!("red")),
    ] {
        let body = json!({"type": kind, "name": "x", "owned_by": [], member: value});
        let error = server.call("parts.create", body).await.error(400, "invalid_field");
        assert_eq!(error["field_name"], member);
    }
    for (id, member, value) in [
        ("PROD-1", "target_close_date", json!(null)),
        ("FEAT-1", "release_notes", json!("new")),
        ("ENH-1", "code_repo_paths", json!("src")),
        ("ENH-1", "parent_part", json!(["PROD-2"])),
    ] {
        let body = json!({"id": id, "name": "changed", member: value});
        let error = server.call("parts.update", body).await.error(400, "invalid_field");
        assert_eq!(error["field_name"], member);
    }
    let body = json!({"id": "FEAT-1", "type": "product", "name": "changed"});
    let error = server.call("parts.update", body).await.error(400, "value_not_permitted");
    assert_eq!(
        (&error["field_name"], &error["allowed_values"]),
        (&"type".into(), &json!(["feature"]))
    );
    assert!(names(&server, json!({"name": ["changed"]})).await.is_empty());

    let body =
        json!({"type": "runnable", "code_repo_url": url, "code_inferred_surface_area": "api"});
    let made = part(&server, body).await;
    assert_eq!(made["code_inferred_surface_area"], json!(["api"]));
    let body = json!({"id": made["id"], "code_repo_paths": "src"});
    let changed = server.call("parts.update", body).await.ok();
    assert_eq!(
        (&changed["part"]["code_repo_url"], &changed["part"]["code_repo_paths"]),
        (&json!(url), &json!("src"))
    );
}

#[tokio::test]
async fn an_enhancement_has_dates_that_null_clears_and_release_notes() {
    let server = Server::start().await;
    part(&server, json!({"type": "product"})).await;
    let made = part(
        &server,
        json!({
            "type": "enhancement", "parent_part": "PROD-1",
            "target_start_date": "2031-01-01T02:00:00+02:00",
            "target_close_date": "2031-02-01T00:00:00Z",
        }),
    )
    .await;
    assert_eq!(made["target_start_date"], "2031-01-01T00:00:00.000Z");
    let body = json!({
        "id": "ENH-1", "type": "enhancement", "target_start_date": null, "release_notes": "Faster",
    });
    let changed = server.call("parts.update", body).await.ok()["part"].take();
    assert!(changed.get("target_start_date").is_none());
    assert_eq!(changed["target_close_date"], "2031-02-01T00:00:00.000Z");
    assert_eq!(changed["release_notes"], "Faster");

    for (member, value, error) in [
        ("release_notes", json!("x".repeat(32_769)), "value_not_permitted"),
        ("release_notes", json!(null), "unexpected_json_type"),
        ("name", json!(null), "unexpected_json_type"),
        ("name", json!(""), "value_not_permitted"),
        ("target_close_date", json!("soon"), "invalid_field"),
    ] {
        let body = json!({"id": "ENH-1", member: value});
        assert_eq!(server.call("parts.update", body).await.error(400, error)["field_name"], member);
    }
    assert_eq!(server.get("parts.get", "id=ENH-1").await.ok()["part"], changed);
}

#[tokio::test]
async fn a_list_finds_what_lies_below_a_part() {
    let server = Server::start().await;
    tree(&server).await;
    let below = async |parent_part: Value| {
        names(&server, json!({"parent_part": parent_part, "sort_by": ["name:asc"]})).await
    };
    assert_eq!(below(json!({"parts": ["PROD-1"]})).await, ["c", "e", "f", "ff"]);
    assert_eq!(below(json!({"parts": "PROD-1", "level": 1})).await, ["c", "e"]);
    assert_eq!(below(json!({"parts": ["PROD-1"], "level": 2})).await, ["c", "e", "f"]);
    assert_eq!(below(json!({"parts": ["FEAT-1", "PROD-2"]})).await, ["ff", "oc"]);
    // A named part is left out, even if it is below another named one.
    assert_eq!(below(json!({"parts": ["PROD-1", "FEAT-1"]})).await, ["c", "e", "ff"]);
    assert!(below(json!({"parts": ["ENH-1"]})).await.is_empty());
    assert!(below(json!({"parts": ["PROD-77"]})).await.is_empty());
    let twin = server.get("parts.list", "parent_part.parts=PROD-1&parent_part.level=1").await.ok();
    assert_eq!(twin["parts"].as_array().map(Vec::len), Some(2));

    let refused =
        server.call("parts.list", json!({"parent_part": {"parts": ["PROD-1"], "level": 0}}));
    assert_eq!(refused.await.error(400, "value_not_permitted")["field_name"], "level");
    let refused = server.call("parts.list", json!({"parent_part": {"parts": []}})).await;
    assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "parts");
    let refused = server.call("parts.list", json!({"parent_part": ["PROD-1"]})).await;
    assert_eq!(refused.error(400, "unexpected_json_type")["field_name"], "parent_part");
}

#[tokio::test]
async fn a_list_honours_every_filter() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "core"})).await.ok();
    tree(&server).await;
    let body = json!({
        "id": "FEAT-1", "tags": {"set": ["TAG-1"]}, "owned_by": ["SYSU-1"],
    });
    server.call("parts.update", body).await.ok();
    let at = "2031-02-01T00:00:00Z";
    server.call("parts.update", json!({"id": "ENH-1", "target_close_date": at})).await.ok();
    let found = async |request: Value| names(&server, request).await;

    assert_eq!(found(json!({"type": "enhancement"})).await, ["e"]);
    assert_eq!(found(json!({"type": ["product", "enhancement"]})).await, ["other", "e", "root"]);
    assert_eq!(found(json!({"name": ["f", "ff"]})).await, ["ff", "f"]);
    assert_eq!(found(json!({"tags": ["TAG-1"]})).await, ["f"]);
    assert_eq!(found(json!({"owned_by": ["SYSU-1"]})).await, ["f"]);
    assert_eq!(found(json!({"created_by": ["DEVU-1"], "name": "c"})).await, ["c"]);
    assert!(found(json!({"created_by": ["SYSU-1"]})).await.is_empty());
    assert!(found(json!({"modified_by": ["DEVU-7"]})).await.is_empty());
    assert!(found(json!({"subtype": ["bug"]})).await.is_empty());
    let preset = json!({"type": "preset", "preset_type": "last_n_days", "days": 1});
    assert_eq!(found(json!({"created_date_v2": preset, "name": "c"})).await, ["c"]);
    let past = json!({"type": "range", "before": "2025-01-01T00:00:00Z"});
    assert!(found(json!({"modified_date_v2": past})).await.is_empty());

    let exactly = json!({"after": at, "before": at});
    let typed = json!({"type": "range", "after": at, "before": at});
    let block = |name: &str, value: &Value| json!({"enhancement": {name: value}});
    assert_eq!(found(block("target_close_date", &exactly)).await, ["e"]);
    assert_eq!(found(block("target_close_date_v2", &typed)).await, ["e"]);
    assert!(found(block("target_start_date", &exactly)).await.is_empty());
    assert!(found(block("actual_close_date", &exactly)).await.is_empty());
    assert!(found(block("tickets", &json!(["TKT-1"]))).await.is_empty());
    assert!(found(block("opportunities", &json!(["OPP-1"]))).await.is_empty());
    assert!(found(block("rev_score_tier", &json!(["high"]))).await.is_empty());
    // The block applies only to enhancements.
    let both = json!({"type": ["feature", "enhancement"], "enhancement": {"accounts": ["ACC-x1"]}});
    assert_eq!(found(both).await, ["ff", "f"]);

    let refused = server.call("parts.list", json!({"custom_fields": {"tnt__x": [1]}})).await;
    refused.error(400, "customization_validation_error");
    server.call("parts.list", json!({"type": "issue"})).await.error(400, "invalid_enum_value");
    server.call("parts.list", json!({"sort_by": ["colour:asc"]})).await.error(400, "invalid_field");
}

#[tokio::test]
async fn a_part_with_parts_below_it_stays() {
    let server = Server::start().await;
    tree(&server).await;
    for id in ["PROD-1", "CAPL-1", "FEAT-1"] {
        server.call("parts.delete", json!({"id": id})).await.error(400, "bad_request");
        server.call("parts.get", json!({"id": id})).await.ok();
    }
    for id in ["FEAT-2", "FEAT-1", "CAPL-1", "ENH-1", "PROD-1"] {
        server.call("parts.delete", json!({"id": id})).await.ok();
    }
    assert_eq!(names(&server, json!({"sort_by": ["name:asc"]})).await, ["oc", "other"]);
}

#[tokio::test]
async fn a_parent_and_its_child_to_be_never_miss_each_other() {
    let server = Server::start().await;
    for _ in 0..20 {
        let root = part(&server, json!({"type": "product"})).await;
        let child = json!({
            "type": "capability", "name": "x", "owned_by": [], "parent_part": [root["id"]],
        });
        let (made, deleted) = tokio::join!(
            server.call("parts.create", child),
            server.call("parts.delete", json!({"id": root["id"]})),
        );
        match made.status.as_u16() {
            201 => drop(deleted.error(400, "bad_request")),
            _ => {
                made.error(400, "invalid_id");
                deleted.ok();
            }
        }
    }
}

#[tokio::test]
async fn a_deleted_tag_leaves_the_parts_that_had_it() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "core"})).await.ok();
    let made = part(&server, json!({"type": "product", "tags": ["TAG-1"]})).await;
    assert_eq!(made["tags"][0]["tag"]["name"], "core");
    let body = json!({"id": "PROD-1", "tags": {"set": [{"id": "TAG-9"}]}});
    let error = server.call("parts.update", body).await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "tags");
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    let left = server.get("parts.get", "id=PROD-1").await.ok();
    assert!(left["part"].get("tags").is_none());
}

/// The id of a stage of the default diagram of a leaf type.
async fn stage(server: &Server, leaf_type: &str, name: &str) -> Value {
    let diagram = server.call("stage-diagrams.get", json!({"leaf_type": leaf_type})).await.ok();
    let nodes = diagram["stage_diagram"]["stages"].as_array().expect("stages");
    let node = nodes.iter().find(|node| node["stage"]["name"] == name).expect("the stage");
    node["stage"]["id"].clone()
}

#[tokio::test]
async fn an_enhancement_goes_through_stages_that_date_it() {
    let server = Server::start().await;
    part(&server, json!({"type": "product"})).await;
    let made = part(&server, json!({"type": "enhancement", "parent_part": ["PROD-1"]})).await;
    insta::assert_json_snapshot!(made);
    assert_eq!(made["stage_v2"]["stage"]["name"], "ideation");
    assert_eq!(made["state_v2"], "open");

    let to = async |name: &str| {
        let stage = stage(&server, "enhancement", name).await;
        let body = json!({"id": "ENH-1", "type": "enhancement", "stage_v2": stage});
        server.call("parts.update", body).await.ok()["part"].take()
    };
    let begun = to("in_development").await;
    assert_eq!(begun["stage_v2"]["stage"]["name"], "in_development");
    assert_eq!(begun["state_v2"], "in_progress");
    assert_eq!(begun["actual_start_date"], begun["modified_date"]);
    assert!(begun.get("actual_close_date").is_none());
    assert_eq!(to("in_development").await, begun);
    let done = to("general_availability").await;
    assert_eq!(done["actual_start_date"], begun["actual_start_date"]);
    assert_eq!(done["actual_close_date"], done["modified_date"]);
    assert_eq!(done["state_v2"], "closed");

    let foreign = stage(&server, "issue", "triage").await;
    for stage in [foreign, json!("STAGE-9999")] {
        let body = json!({"id": "ENH-1", "name": "Not this", "stage_v2": stage});
        let error = server.call("parts.update", body).await.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], "stage_v2");
    }
    let body = json!({"id": "PROD-1", "stage_v2": "STAGE-1"});
    assert_eq!(
        server.call("parts.update", body).await.error(400, "invalid_field")["field_name"],
        "stage_v2"
    );
    assert_eq!(server.get("parts.get", "id=ENH-1").await.ok()["part"], done);

    let reopened = to("ideation").await;
    assert!(reopened.get("actual_start_date").is_none());
    assert!(reopened.get("actual_close_date").is_none());
}

#[tokio::test]
async fn an_enhancement_may_begin_in_any_stage_and_is_found_by_it() {
    let server = Server::start().await;
    part(&server, json!({"type": "product"})).await;
    let testing = stage(&server, "enhancement", "in_testing").await;
    let made = part(
        &server,
        json!({
            "type": "enhancement", "name": "late", "parent_part": ["PROD-1"], "stage_v2": testing,
            "stage_validation_options": ["allow_non_start"],
        }),
    )
    .await;
    assert_eq!(made["actual_start_date"], made["created_date"]);
    part(&server, json!({"type": "enhancement", "name": "early", "parent_part": ["PROD-1"]})).await;

    let found = async |filter: Value| names(&server, json!({"enhancement": filter})).await;
    assert_eq!(found(json!({"stage_v2": [testing]})).await, ["late"]);
    assert_eq!(found(json!({"state_v2": ["in_progress"]})).await, ["late"]);
    assert_eq!(found(json!({"state_v2": ["open", "in_progress"]})).await, ["early", "late"]);
    assert!(found(json!({"state_v2": ["closed"]})).await.is_empty());
    assert!(found(json!({"state_v2": ["asleep"]})).await.is_empty());
    assert!(found(json!({"stage_v2": ["STAGE-9999"]})).await.is_empty());
    let on = json!({"after": made["created_date"], "before": made["created_date"]});
    assert_eq!(found(json!({"actual_start_date": on})).await, ["late"]);
    let sorted = json!({"type": "enhancement", "sort_by": ["actual_start_date:asc"]});
    assert_eq!(names(&server, sorted).await, ["late", "early"]);
}

#[tokio::test]
async fn the_orgs_own_diagram_restricts_the_moves_of_enhancements() {
    let server = Server::start().await;
    part(&server, json!({"type": "product"})).await;
    part(&server, json!({"type": "enhancement", "parent_part": ["PROD-1"]})).await;
    let ideation = stage(&server, "enhancement", "ideation").await;
    let testing = stage(&server, "enhancement", "in_testing").await;
    let done = stage(&server, "enhancement", "general_availability").await;
    let diagram = server.call("stage-diagrams.get", json!({"leaf_type": "enhancement"})).await.ok();
    let body = json!({
        "id": diagram["stage_diagram"]["id"],
        "stages": [
            {
                "stage_id": ideation, "is_start": true,
                "transitions": [{"target_stage_id": testing}],
            },
            {"stage_id": testing},
            {"stage_id": done},
        ],
    });
    server.call("stage-diagrams.update", body).await.ok();

    let body = json!({"id": "ENH-1", "stage_v2": done});
    let refused = server.call("parts.update", body).await.error(400, "bad_request");
    assert_eq!(refused["allowed_values"], json!(["in_testing"]));
    let read = server.get("parts.get", "id=ENH-1").await.ok();
    assert_eq!(read["part"]["stage_v2"]["stage"]["id"], ideation);
    server.call("parts.update", json!({"id": "ENH-1", "stage_v2": testing})).await.ok();
    let options = json!(["allow_invalid_transition"]);
    let body = json!({"id": "ENH-1", "stage_v2": done, "stage_validation_options": options});
    server.call("parts.update", body).await.ok();

    let body = json!({
        "type": "enhancement", "name": "x", "owned_by": [], "parent_part": ["PROD-1"],
        "stage_v2": testing,
    });
    server.call("parts.create", body.clone()).await.error(400, "bad_request");
    let mut body = body;
    body["stage_validation_options"] = json!(["allow_non_start"]);
    server.call("parts.create", body).await.ok();
}

#[tokio::test]
async fn an_artifact_belongs_to_one_part() {
    let server = Server::start().await;
    for name in ["plan.md", "notes.md"] {
        server.call("artifacts.prepare", json!({"file_name": name})).await.ok();
    }
    let made = part(&server, json!({"type": "product", "artifacts": ["ARTIFACT-1"]})).await;
    assert_eq!(made["artifacts"][0]["file"]["name"], "plan.md");
    let body = json!({
        "type": "product", "name": "thief", "owned_by": [], "artifacts": ["ARTIFACT-1"],
    });
    let error = server.call("parts.create", body).await;
    let error = error.error(400, "artifact_already_attached_to_a_parent");
    assert_eq!(error["existing_parent"], made["id"]);
    assert!(names(&server, json!({"name": "thief"})).await.is_empty());
    let body = json!({"id": "PROD-1", "name": "x", "artifacts": {"set": ["ARTIFACT-9"]}});
    let error = server.call("parts.update", body).await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "artifacts");
    let many: Vec<_> = (1..=51).map(|number| format!("ARTIFACT-{number}")).collect();
    let body = json!({"id": "PROD-1", "name": "x", "artifacts": {"set": many}});
    server.call("parts.update", body).await.error(400, "value_not_permitted");
    assert_eq!(server.get("parts.get", "id=PROD-1").await.ok()["part"], made);

    let body = json!({"id": "PROD-1", "artifacts": {"set": ["ARTIFACT-2", "ARTIFACT-1"]}});
    let changed = server.call("parts.update", body).await.ok();
    assert_eq!(changed["part"]["artifacts"][0]["display_id"], "ARTIFACT-2");
    let body = json!({"id": "PROD-1", "artifacts": {"set": []}});
    let changed = server.call("parts.update", body).await.ok();
    assert!(changed["part"].get("artifacts").is_none());
    let listed = server.call("artifacts.list", json!({"parent_id": "PROD-1"})).await.ok();
    assert_eq!(listed["artifacts"], json!([]));
}
