//! Stock fields whose values an org extends and relabels, and the calls of the official MCP server.

use serde_json::{Value, json};

use super::World;
use crate::schemas::{set, subtype, tenant, with};

/// A tenant fragment of a leaf type that overrides the values of a field.
fn values(leaf_type: &str, field: &str, values: Value) -> Value {
    with(
        tenant(&json!([])),
        json!({
            "leaf_type": leaf_type,
            "stock_field_overrides": [{"name": field, "uenum_values": values}],
        }),
    )
}

#[tokio::test]
async fn a_priority_of_the_orgs_own_has_no_old_spelling() {
    let world = World::new().await;
    let before = world.work("issue", json!({"priority": "p0"})).await;
    assert_eq!(before["priority_v2"], json!({"id": 1, "label": "P0", "ordinal": 1}));
    let own = json!([
        {"id": 1, "label": "Drop everything", "ordinal": 1},
        {"id": 5, "label": "Some year", "ordinal": 9}, {"id": 6, "label": "Fire", "ordinal": 0},
    ]);
    set(&world.server, values("issue", "priority_v2", own)).await;
    // Existing works keep the value's name, and show the new label.
    let now = world.get("ISS-1").await;
    assert_eq!(now["priority"], "p0");
    assert_eq!(now["priority_v2"], json!({"id": 1, "label": "Drop everything", "ordinal": 1}));
    let late = world.work("issue", json!({"priority_v2": 5})).await;
    assert_eq!(late["priority_v2"], json!({"id": 5, "label": "Some year", "ordinal": 9}));
    assert!(late.get("priority").is_none());
    let fire = world.work("issue", json!({"priority": "p3", "priority_v2": 6})).await;
    assert_eq!(fire["priority_v2"]["label"], "Fire");
    for wrong in [0, 7, -1] {
        let body = json!({"id": "ISS-1", "priority_v2": wrong});
        let error = world.refused("works.update", body, 400, "value_not_permitted").await;
        assert_eq!(error["field_name"], "priority_v2");
        assert_eq!(error["allowed_values"], json!(["6", "1", "2", "3", "4", "5"]));
    }
    let listed = async |request: Value| {
        let listed = world.call("works.list", request).await;
        let works = listed["works"].as_array().expect("works").clone();
        works.iter().map(|work| work["display_id"].clone()).collect::<Vec<_>>()
    };
    let sorted = json!({"sort_by": ["priority_v2.ordinal:asc"]});
    assert_eq!(listed(sorted).await, ["ISS-3", "ISS-1", "ISS-2"]);
    assert_eq!(listed(json!({"issue": {"priority_v2": [5, 6]}})).await, ["ISS-3", "ISS-2"]);
    assert_eq!(listed(json!({"issue": {"priority": "p0"}})).await, ["ISS-1"]);
    let whole = world.call("works.list", json!({"issue": {"priority_v2": 5}})).await;
    assert_eq!(whole["works"][0], late);
    // A deprecated value stays where it is.
    let own = json!([
        {"id": 5, "label": "Some year", "ordinal": 9, "is_deprecated": true},
        {"id": 6, "label": "Fire", "ordinal": 0},
    ]);
    set(&world.server, values("issue", "priority_v2", own)).await;
    world.update("ISS-2", json!({"title": "Still so", "priority_v2": 5})).await;
    let body = json!({"id": "ISS-1", "priority_v2": 5});
    world.refused("works.update", body, 400, "value_not_permitted").await;
    let back = world.update("ISS-2", json!({"priority": "p2"})).await;
    assert_eq!((&back["priority"], &back["priority_v2"]["id"]), (&json!("p2"), &json!(3)));
}

#[tokio::test]
async fn the_values_of_a_subtype_are_for_its_works_only() {
    let world = World::new().await;
    let own = json!([{"id": 7, "label": "Later", "ordinal": 7}]);
    let over = json!({"stock_field_overrides": [{"name": "priority_v2", "uenum_values": own}]});
    set(&world.server, with(subtype("bug", &json!([])), over)).await;
    let members = json!({"priority_v2": 7, "custom_schema_spec": {"subtype": "bug"}});
    let bug = world.work("issue", members).await;
    assert_eq!(bug["priority_v2"]["label"], "Later");
    world.work("issue", json!({})).await;
    let body = json!({"id": "ISS-2", "priority_v2": 7});
    let error = world.refused("works.update", body, 400, "value_not_permitted").await;
    assert_eq!(error["field_name"], "priority_v2");
    // A work can leave its subtype only if its value exists without that.
    let mut drop = json!({"id": "ISS-1", "custom_schema_spec": {"drop": {"subtype": true}}});
    world.refused("works.update", drop.clone(), 400, "value_not_permitted").await;
    drop["priority_v2"] = json!(2);
    assert_eq!(world.call("works.update", drop).await["work"]["priority"], "p1");
}

#[tokio::test]
async fn sentiments_and_forecasts_of_the_orgs_own_are_shown_and_checked() {
    let world = World::new().await;
    let own = json!([{"id": 9, "label": "Speechless", "ordinal": 6}]);
    set(&world.server, values("ticket", "sentiment", own)).await;
    let own = json!([{"id": 7, "label": "Signed", "ordinal": 7}]);
    set(&world.server, values("opportunity", "forecast_category_v2", own)).await;
    world.work("ticket", json!({})).await;
    let ticket = world.update("TKT-1", json!({"sentiment": 9})).await;
    assert_eq!(ticket["sentiment"], json!({"id": 9, "label": "Speechless", "ordinal": 6}));
    let body = json!({"id": "TKT-1", "sentiment": 6});
    let error = world.refused("works.update", body, 400, "value_not_permitted").await;
    assert_eq!(error["field_name"], "sentiment");
    let (account, _) = world.customer("Acme").await;
    let deal = json!({
        "type": "opportunity", "title": "Deal", "owned_by": [], "account": account,
        "forecast_category_v2": 7,
    });
    let deal = world.call("works.create", deal).await["work"].clone();
    assert_eq!(deal["forecast_category_v2"], json!({"id": 7, "label": "Signed", "ordinal": 7}));
    assert!(deal.get("forecast_category").is_none());
    let body = json!({"id": "OPP-1", "forecast_category_v2": 8});
    let error = world.refused("works.update", body, 400, "value_not_permitted").await;
    assert_eq!(error["field_name"], "forecast_category_v2");
    let found = json!({"opportunity": {"forecast_category_v2": 7}});
    assert_eq!(world.call("works.list", found).await["works"][0]["display_id"], "OPP-1");
}

#[tokio::test]
async fn the_official_mcp_server_changes_subtype_and_stage() {
    let world = World::new().await;
    let server = &world.server;
    let diagram = json!({
        "leaf_type": "issue", "name": "bugs",
        "stages": [
            {"stage_id": "STAGE-1", "is_start": true,
             "transitions": [{"target_stage_id": "STAGE-32"}]},
            {"stage_id": "STAGE-32"},
        ],
    });
    server.call("stage-diagrams.create", diagram).await.ok();
    set(server, with(subtype("bug", &json!([])), json!({"stage_diagram": "DIAGRAM-8"}))).await;
    world.work("issue", json!({})).await;
    let subtypes = server.call("schemas.subtypes.list", json!({"leaf_type": "issue"})).await.ok();
    let subtype = &subtypes["subtypes"][0]["value"];
    let spec = json!({
        "tenant_fragment": true, "validate_required_fields": true, "subtype": subtype,
    });
    let work =
        world.update("ISS-1", json!({"modified_by": ["DEVU-1"], "custom_schema_spec": spec})).await;
    let schema = json!({
        "leaf_type": work["type"], "custom_schema_spec": {"subtype": work["subtype"]},
    });
    let schema = server.call("schemas.aggregated.get", schema).await.ok()["schema"].clone();
    let diagram = json!({"id": schema["stage_diagram_id"]["id"]});
    let diagram = server.call("stage-diagrams.get", diagram).await.ok()["stage_diagram"].clone();
    let stages = diagram["stages"].as_array().expect("stages");
    let here = stages.iter().find(|node| node["stage"]["id"] == work["stage"]["stage"]["id"]);
    let target = &here.expect("a stage")["transitions"][0]["target_stage"]["name"];
    let work = world.update("ISS-1", json!({"stage": {"name": target}})).await;
    assert_eq!(work["stage"]["name"], "completed");
    let drop = json!({
        "drop": {"subtype": true}, "tenant_fragment": true, "validate_required_fields": true,
    });
    let work = world.update("ISS-1", json!({"custom_schema_spec": drop})).await;
    assert!(work.get("subtype").is_none());
}
