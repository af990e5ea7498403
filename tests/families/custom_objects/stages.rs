//! The stages that custom objects go through.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{campaign, fragment, make, merge};

/// A server whose campaigns go from `planned` to `running` to `over`; `lost` is deprecated. Also
/// returns the ids of those stages.
async fn with_stages() -> (Server, Vec<Value>) {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for (name, state, ordinal) in [
        ("planned", "open", 9_000),
        ("running", "in_progress", 9_100),
        ("over", "closed", 9_200),
        ("lost", "closed", 9_300),
    ] {
        let stage = json!({"name": name, "state": state, "ordinal": ordinal});
        let made = server.call("stages.custom.create", stage).await.ok();
        ids.push(made["custom_stage"]["id"].clone());
    }
    let to = |at: usize| json!([{"target_stage_id": ids[at]}]);
    let diagram = json!({
        "leaf_type": "campaign",
        "is_custom_leaf_type": true,
        "name": "campaigns",
        "stages": [
            {"stage_id": ids[0], "is_start": true, "transitions": to(1)},
            {"stage_id": ids[1], "transitions": to(2)},
            {"stage_id": ids[2]},
            {"stage_id": ids[3], "is_deprecated": true},
        ],
    });
    let diagram = server.call("stage-diagrams.create", diagram).await.ok();
    let diagram = &diagram["stage_diagram"]["id"];
    fragment(
        &server,
        json!({"leaf_type": "campaign", "id_prefix": "CMP", "fields": [],
            "stage_diagram": diagram}),
    )
    .await;
    (server, ids)
}

fn name(object: &Value) -> &Value {
    &object["stage"]["stage"]["name"]
}

async fn move_to(server: &Server, id: &Value, stage: &Value) -> Value {
    let request = json!({"id": id, "stage": stage});
    server.call("custom-objects.update", request).await.ok()["custom_object"].clone()
}

#[tokio::test]
async fn a_new_object_begins_in_the_start_stage_and_moves_along_the_diagram() {
    let (server, stages) = with_stages().await;
    let made = make(&server, json!({})).await;
    assert_eq!(
        made["stage"],
        json!({
            "name": "planned",
            "display_name": "Planned",
            "ordinal": 9_000,
            "stage": {"id": stages[0], "name": "planned", "display_name": "Planned"},
            "state": made["stage"]["state"],
        })
    );
    assert_eq!(made["stage"]["state"]["name"], "open");
    let running = move_to(&server, &made["id"], &stages[1]).await;
    assert_eq!(*name(&running), "running");
    let over = move_to(&server, &made["id"], &stages[2]).await;
    assert_eq!(*name(&over), "over");
    assert_eq!(move_to(&server, &made["id"], &stages[2]).await, over);
}

#[tokio::test]
async fn a_move_that_the_diagram_does_not_have_is_refused() {
    let (server, stages) = with_stages().await;
    let made = make(&server, json!({})).await;
    let id = &made["id"];
    let mut request = json!({"id": id, "stage": stages[2]});
    let refused = server.call("custom-objects.update", request.clone()).await;
    assert_eq!(refused.error(400, "bad_request")["allowed_values"], json!(["running"]));
    request["stage_validation_options"] = json!(["allow_invalid_transition"]);
    let moved = server.call("custom-objects.update", request).await.ok();
    assert_eq!(*name(&moved["custom_object"]), "over");

    let options = json!(["allow_invalid_transition"]);
    let lost = json!({"id": id, "stage": stages[3], "stage_validation_options": options});
    server.call("custom-objects.update", lost).await.error(400, "bad_request");
    let foreign = json!({"id": id, "stage": "STAGE-1", "stage_validation_options": options});
    let refused = server.call("custom-objects.update", foreign).await;
    assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "stage");
    let named = json!({"id": id, "stage": {"name": "over"}});
    let refused = server.call("custom-objects.update", named).await;
    assert_eq!(refused.error(400, "unexpected_json_type")["field_name"], "stage");
    let got = server.call("custom-objects.get", json!({"id": id})).await.ok();
    assert_eq!(*name(&got["custom_object"]), "over");
}

#[tokio::test]
async fn another_beginning_than_the_start_stage_needs_the_option() {
    let (server, stages) = with_stages().await;
    let mut request = campaign(&json!({"stage": stages[1]}));
    server.call("custom-objects.create", request.clone()).await.error(400, "bad_request");
    request["stage_validation_options"] = json!(["allow_non_start"]);
    let made = server.call("custom-objects.create", request.clone()).await.ok();
    assert_eq!(*name(&made["custom_object"]), "running");
    request["stage"] = stages[3].clone();
    server.call("custom-objects.create", request.clone()).await.error(400, "bad_request");
    request["stage"] = json!("STAGE-1");
    let refused = server.call("custom-objects.create", request).await;
    assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "stage");
}

#[tokio::test]
async fn a_stage_can_be_taken_away_and_given_again() {
    let (server, stages) = with_stages().await;
    let made = make(&server, json!({})).await;
    let without = move_to(&server, &made["id"], &Value::Null).await;
    assert_eq!(without.get("stage"), None);
    let again = move_to(&server, &made["id"], &stages[0]).await;
    assert_eq!(*name(&again), "planned");
}

#[tokio::test]
async fn a_subtype_with_other_stages_brings_its_objects_to_their_start() {
    let (server, stages) = with_stages().await;
    let mut ids = Vec::new();
    for node in [
        json!([{"stage_id": stages[3], "is_start": true}]),
        json!([{"stage_id": stages[2], "is_start": true}, {"stage_id": stages[0]}]),
    ] {
        let name = format!("diagram {}", ids.len());
        let diagram = json!({"leaf_type": "campaign", "is_custom_leaf_type": true, "name": name,
            "stages": node});
        let made = server.call("stage-diagrams.create", diagram).await.ok();
        ids.push(made["stage_diagram"]["id"].clone());
    }
    for (subtype, diagram) in ["email", "radio"].into_iter().zip(ids) {
        let subtype = json!({"type": "custom_type_fragment", "subtype": subtype,
            "leaf_type": "campaign", "is_custom_leaf_type": true, "description": "", "fields": [],
            "stage_diagram": diagram});
        server.call("schemas.custom.set", subtype).await.ok();
    }
    let made = make(&server, json!({})).await;
    let turn = async |subtype: &str| {
        let request = json!({"id": made["id"], "custom_schema_spec": {"subtype": subtype}});
        server.call("custom-objects.update", request).await.ok()["custom_object"].clone()
    };
    let radio = turn("radio").await;
    assert_eq!((&radio["subtype"], name(&radio)), (&json!("radio"), &json!("planned")));
    let email = turn("email").await;
    assert_eq!((&email["subtype"], name(&email)), (&json!("email"), &json!("lost")));
    assert_eq!(*name(&turn("radio").await), "over");
}

#[tokio::test]
async fn objects_are_found_by_their_stage_and_sorted_by_its_place_in_the_order() {
    let (server, stages) = with_stages().await;
    for (title, stage) in [("a", &stages[2]), ("b", &stages[0]), ("c", &stages[1])] {
        let options = json!(["allow_non_start"]);
        make(&server, json!({"title": title, "stage": stage, "stage_validation_options": options}))
            .await;
    }
    let titles = async |with: Value| {
        let mut request = json!({"leaf_type": "campaign"});
        merge(&mut request, &with);
        let listed = server.call("custom-objects.list", request).await.ok();
        let objects = listed["result"].as_array().expect("a result").clone();
        objects.iter().map(|object| object["title"].as_str().expect("a title")).collect::<String>()
    };
    assert_eq!(titles(json!({"filter": ["eq", "$stage", stages[1]]})).await, "c");
    assert_eq!(titles(json!({"filter": ["in", "$stage", [stages[0], stages[2]]]})).await, "ba");
    assert_eq!(titles(json!({"sort_by": ["stage:asc"]})).await, "bca");
    assert_eq!(titles(json!({"sort_by": ["stage:desc"]})).await, "acb");

    let before = server.call("custom-objects.get", json!({"id": "C-CMP-2"})).await.ok();
    server.clock.advance_ms(1_000);
    let last = json!({"id": stages[0], "ordinal": 9_999});
    server.call("stages.custom.update", last).await.ok();
    assert_eq!(titles(json!({"sort_by": ["stage:asc"]})).await, "cab");
    let after = server.call("custom-objects.get", json!({"id": "C-CMP-2"})).await.ok();
    let date = |object: &Value| object["custom_object"]["modified_date"].clone();
    assert_eq!(date(&after), date(&before));
}
