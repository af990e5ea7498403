//! Reading schemas other than single fragments.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{set, subtype, tenant, with};

#[tokio::test]
async fn stock_fragments_tell_the_fields_of_each_leaf_type() {
    let server = Server::start().await;
    let issue = server.call("schemas.stock.get", json!({"leaf_type": "issue"})).await.ok();
    insta::assert_json_snapshot!(issue);
    assert_eq!(issue["fragment"]["id"], "don:core:dvrv-us-1:stock_sf/1");
    let by_id = json!({"id": "don:core:dvrv-us-1:stock_sf/1"});
    assert_eq!(server.call("schemas.stock.get", by_id).await.ok(), issue);
    assert_eq!(server.get("schemas.stock.get", "leaf_type=issue").await.ok(), issue);
    server.call("schemas.stock.get", json!({"leaf_type": "dream"})).await.error(404, "not_found");
    let gone = json!({"id": "don:core:dvrv-us-1:stock_sf/99"});
    server.call("schemas.stock.get", gone).await.error(404, "not_found");
    let error = server.call("schemas.stock.get", json!({})).await;
    assert_eq!(error.error(400, "missing_required_field")["field_name"], "leaf_type");
}

#[tokio::test]
async fn stock_fragments_are_listed_by_leaf_type_and_by_preset() {
    let server = Server::start().await;
    let leaves = async |request: Value| {
        let listed = server.call("schemas.stock.list", request).await.ok();
        let listed = listed["result"].as_array().expect("a list").clone();
        listed.iter().map(|each| each["leaf_type"].clone()).collect::<Vec<_>>()
    };
    let all = leaves(json!({"sort_by": ["leaf_type:asc"]})).await;
    let fields = leaves(json!({"filter_preset": "customizable_types_preset"})).await;
    assert_eq!((all.len(), fields.len()), (19, 16));
    assert!(all.contains(&json!("tag")) && !fields.contains(&json!("tag")));
    assert_eq!(leaves(json!({"filter_preset": "no_preset"})).await.len(), 19);
    assert_eq!(leaves(json!({"leaf_type": "task"})).await, ["task"]);
    let pruned = json!({"leaf_type": ["task"], "prune": ["fields", "composite_schemas"]});
    let pruned = server.call("schemas.stock.list", pruned).await.ok();
    assert_eq!(pruned["result"][0]["fields"], json!([]));
}

#[tokio::test]
async fn fragments_are_filtered_and_pruned() {
    let server = Server::start().await;
    let field = json!([{"name": "f", "field_type": "int"}]);
    set(&server, tenant(&field)).await;
    set(&server, subtype("bug", &field)).await;
    set(&server, with(subtype("deal", &field), json!({"leaf_type": "opportunity"}))).await;
    let app = json!({
        "type": "app_fragment", "leaf_type": "issue", "description": "An app", "app": "jira",
        "app_display_name": "Jira", "fields": field,
    });
    set(&server, app).await;
    let count = async |request: Value| {
        let listed = server.call("schemas.custom.list", request).await.ok();
        listed["result"].as_array().expect("a list").len()
    };
    assert_eq!(count(json!({})).await, 4);
    assert_eq!(count(json!({"leaf_type": "issue"})).await, 3);
    assert_eq!(count(json!({"types": ["tenant_fragment", "app_fragment"]})).await, 2);
    assert_eq!(count(json!({"subtype": ["bug", "deal"]})).await, 2);
    assert_eq!(count(json!({"app": "jira"})).await, 1);
    assert_eq!(count(json!({"is_custom_leaf_type": true})).await, 0);
    let pruned = server.call("schemas.custom.list", json!({"prune": "fields"})).await.ok();
    for fragment in pruned["result"].as_array().expect("a list") {
        assert!(fragment.get("fields").is_none());
    }
    server
        .call("schemas.custom.list", json!({"prune": "ui"}))
        .await
        .error(400, "invalid_enum_value");
    let gone = json!({"id": "don:core:dvrv-us-1:devo/zz:tenant_fragment/1"});
    server.call("schemas.custom.get", gone).await.error(404, "not_found");
}

#[tokio::test]
async fn an_aggregated_schema_puts_all_fragments_together() {
    let server = Server::start().await;
    let shared = tenant(&json!([{"name": "cost", "field_type": "int"}]));
    let over = json!({"stock_field_overrides": [
        {"name": "priority_v2", "uenum_values": [
            {"id": 1, "label": "Now", "ordinal": 1}, {"id": 5, "label": "P4", "ordinal": 5},
        ]},
        {"name": "sprint", "is_required": true},
    ]});
    let tenant_id = set(&server, with(shared, over)).await;
    let bug = with(
        subtype(
            "bug",
            &json!([{
                "name": "place", "field_type": "composite", "composite_type": "address",
            }]),
        ),
        json!({
            "subtype_display_name": "Bug",
            "composite_schemas": [
                {"name": "address", "fields": [{"name": "city", "field_type": "text"}]},
            ],
            "conditions": [{
                "expression": "priority == 'p0'",
                "effects": [{"fields": ["custom_fields.place"], "require": true}],
            }],
        }),
    );
    let bug_id = set(&server, bug).await;
    let request = json!({"leaf_type": "issue", "custom_schema_spec": {"subtype": "bug"}});
    let whole = server.call("schemas.aggregated.get", request).await.ok();
    let mut schema = whole["schema"].clone();
    let stock = schema["stock_fields"].take();
    insta::assert_json_snapshot!(schema, {".stage_diagram_id.id" => "[id]"});
    let find = |name: &str| {
        stock.as_array().expect("fields").iter().find(|field| field["name"] == name).cloned()
    };
    let priority = find("priority_v2").expect("a field");
    let labels: Vec<_> = priority["allowed_values"]
        .as_array()
        .expect("values")
        .iter()
        .map(|v| &v["label"])
        .collect();
    assert_eq!(labels, ["Now", "P1", "P2", "P3", "P4"]);
    assert_eq!(find("sprint").expect("a field")["is_required"], true);
    let ids = json!({"custom_schema_fragments": [bug_id, tenant_id]});
    let by_ids = server.call("schemas.aggregated.get", ids).await.ok();
    assert_eq!(by_ids["schema"]["subtype"], "bug");
    assert_eq!(by_ids["schema"]["custom_fields"].as_array().map(Vec::len), Some(2));
    let plain = server.get("schemas.aggregated.get", "leaf_type=issue").await.ok();
    assert_eq!(plain["schema"]["custom_fields"][0]["name"], "tnt__cost");
    assert!(plain["schema"].get("subtype").is_none());
}

#[tokio::test]
async fn an_aggregated_schema_always_tells_the_stages_of_what_has_some() {
    let server = Server::start().await;
    for leaf_type in ["issue", "ticket", "enhancement"] {
        let request = json!({"leaf_type": leaf_type});
        let schema = server.call("schemas.aggregated.get", request).await.ok()["schema"].clone();
        let diagram = schema["stage_diagram_id"]["id"].as_str().expect("a diagram").to_owned();
        let diagram = server.call("stage-diagrams.get", json!({"id": diagram})).await.ok();
        assert_eq!(diagram["stage_diagram"]["leaf_type"], leaf_type);
    }
    let diagram = json!({
        "leaf_type": "issue", "name": "bugs", "stages": [{"stage_id": "STAGE-1", "is_start": true}],
    });
    server.call("stage-diagrams.create", diagram).await.ok();
    set(&server, with(subtype("bug", &json!([])), json!({"stage_diagram": "DIAGRAM-8"}))).await;
    let request = json!({"leaf_type": "issue", "custom_schema_spec": {"subtype": "bug"}});
    let schema = server.call("schemas.aggregated.get", request).await.ok()["schema"].clone();
    assert_eq!(schema["stage_diagram_id"]["display_id"], "DIAGRAM-8");
}

#[tokio::test]
async fn an_aggregated_schema_of_nothing_is_empty_and_of_nonsense_refused() {
    let server = Server::start().await;
    let empty = json!({"schema": {
        "custom_composite_schemas": [], "custom_fields": [], "stock_composite_schemas": [],
        "stock_fields": [],
    }});
    set(
        &server,
        json!({
            "type": "tenant_fragment", "leaf_type": "campaign", "is_custom_leaf_type": true,
            "description": "", "id_prefix": "CAMP", "fields": [{"name": "x", "field_type": "int"}],
        }),
    )
    .await;
    // A leaf type of the org's own is only found with the flag.
    let request = json!({"leaf_type": "campaign"});
    assert_eq!(server.call("schemas.aggregated.get", request).await.ok(), empty);
    let request = json!({"leaf_type": "campaign", "is_custom_leaf_type": true});
    let schema = server.call("schemas.aggregated.get", request).await.ok()["schema"].clone();
    assert_eq!(schema["custom_fields"][0]["name"], "tnt__x");
    assert!(schema.get("stage_diagram_id").is_none());
    let spec = |spec: Value| json!({"leaf_type": "issue", "custom_schema_spec": spec});
    for (request, kind, field) in [
        (json!({}), "missing_required_field", "leaf_type"),
        (spec(json!({"tenant_fragment": true})), "invalid_field", "tenant_fragment"),
        (spec(json!({"subtype": "x"})), "customization_validation_error", "subtype"),
        (spec(json!({"apps": ["x"]})), "customization_validation_error", "apps"),
    ] {
        let error = server.call("schemas.aggregated.get", request).await.error(400, kind);
        assert_eq!(error["field_name"], field);
    }
}

#[tokio::test]
async fn subtypes_are_listed_by_leaf_type() {
    let server = Server::start().await;
    let named = json!({"subtype_display_name": "Bug"});
    let bug = set(&server, with(subtype("bug", &json!([])), named)).await;
    let other = json!({"leaf_type": "ticket"});
    let question = set(&server, with(subtype("question", &json!([])), other)).await;
    let list = async |request: Value| {
        server.call("schemas.subtypes.list", request).await.ok()["subtypes"].clone()
    };
    let bug = json!({
        "value": "bug", "leaf_type": "issue", "fragment_id": bug, "display_name": "Bug",
    });
    let question = json!({"value": "question", "leaf_type": "ticket", "fragment_id": question});
    assert_eq!(list(json!({"leaf_type": "issue"})).await, json!([bug]));
    assert_eq!(list(json!({"leaf_types": ["ticket", "issue"]})).await, json!([question, bug]));
    assert_eq!(list(json!({"leaf_type": "task"})).await, json!([]));
    assert_eq!(list(json!({})).await, json!([]));
}
