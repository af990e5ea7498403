//! Creating fragments and new versions of them.

use serde_json::json;
use worksmith_tests::Server;
use worksmith_tracker::bootstrap::{self, FirstUser};

use super::{set, subtype, tenant, with};

#[tokio::test]
async fn a_tenant_fragment_is_made_and_read() {
    let server = Server::start().await;
    let fields = json!([
        {"name": "cost", "field_type": "int", "gte": 0, "is_filterable": true, "is_required": true,
         "ui": {"display_name": "Cost", "unit": "EUR", "is_sortable": true}},
        {"name": "impact", "field_type": "uenum", "default_value": 1, "allowed_values": [
            {"id": 1, "label": "Low", "ordinal": 1},
            {"id": 2, "label": "High", "ordinal": 2, "tooltip": "It hurts"},
        ]},
    ]);
    let request = with(
        tenant(&fields),
        json!({
            "conditions": [{
                "expression": "priority == 'p0'",
                "effects": [{"fields": ["custom_fields.cost"], "require": true}],
            }],
            "stock_field_overrides": [{"name": "target_close_date", "is_required": true}],
        }),
    );
    let id = set(&server, request).await;
    assert_eq!(id, "don:core:dvrv-us-1:devo/Ab3x:tenant_fragment/1".replace("Ab3x", org(&id)));
    let read = server.call("schemas.custom.get", json!({"id": id})).await.ok();
    insta::assert_json_snapshot!(read, {".fragment.id" => "[id]"});
    let listed = server.call("schemas.custom.list", json!({})).await.ok();
    assert_eq!(listed, json!({"result": [read["fragment"]]}));
}

fn org(id: &str) -> &str {
    id.split("devo/").nth(1).and_then(|rest| rest.split(':').next()).expect("an org")
}

#[tokio::test]
async fn every_set_makes_a_version_chained_to_the_one_before() {
    let server = Server::start().await;
    let field = |name: &str| json!({"name": name, "field_type": "text"});
    let first = set(&server, subtype("bug", &json!([field("a"), field("b")]))).await;
    let second = set(&server, subtype("bug", &json!([field("a"), field("b"), field("c")]))).await;
    let third = with(subtype("bug", &json!([field("a")])), json!({"deleted_fields": ["b", "c"]}));
    let third = set(&server, third).await;
    let get = async |id: &str| {
        let answer = server.call("schemas.custom.get", json!({"id": id})).await.ok();
        answer["fragment"].clone()
    };
    let [one, two, three] = [get(&first).await, get(&second).await, get(&third).await];
    assert_eq!(one["new_fragment_ref"], json!({"type": "custom_type_fragment", "id": second}));
    assert!(one.get("old_fragment_ref").is_none());
    assert_eq!(two["old_fragment_ref"]["id"], first);
    assert_eq!(two["new_fragment_ref"]["id"], third);
    assert_eq!(three["old_fragment_ref"]["id"], second);
    assert!(three.get("new_fragment_ref").is_none());
    assert_eq!(one["fields"], json!([field("a"), field("b")]), "a version never changes");
    let listed = server.call("schemas.custom.list", json!({})).await.ok();
    assert_eq!(listed["result"], json!([three]), "only the newest is listed");

    // A deleted field can come back only as what it was.
    let other = json!([field("a"), {"name": "b", "field_type": "int"}]);
    let error = server.call("schemas.custom.set", subtype("bug", &other)).await;
    let error = error.error(400, "value_not_permitted");
    assert_eq!(error["detail"], "fields.b.field_type");
    set(&server, subtype("bug", &json!([field("a"), field("b")]))).await;
}

#[tokio::test]
async fn a_fragment_goes_out_of_use_in_both_spellings() {
    let server = Server::start().await;
    for (name, member) in [("old", "is_deprecated"), ("older", "deprecated")] {
        let request = with(subtype(name, &json!([])), json!({ member: true }));
        let id = set(&server, request).await;
        let read = server.call("schemas.custom.get", json!({"id": id})).await.ok();
        assert_eq!(read["fragment"]["is_deprecated"], true);
        assert_eq!(read["fragment"]["deprecated"], true);
    }
    set(&server, subtype("bug", &json!([]))).await;
    let names = async |request| {
        let listed = server.call("schemas.custom.list", request).await.ok();
        let listed = listed["result"].as_array().expect("a list").clone();
        listed.iter().map(|each| each["subtype"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(json!({})).await, ["bug"]);
    assert_eq!(names(json!({"is_deprecated": true})).await, ["older", "old"]);
    assert_eq!(names(json!({"deprecated": true})).await, ["older", "old"]);
    let subtypes = server.call("schemas.subtypes.list", json!({"leaf_type": "issue"})).await.ok();
    assert_eq!(subtypes["subtypes"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_leaf_type_of_the_orgs_own_comes_with_its_tenant_fragment() {
    let server = Server::start().await;
    let campaign = json!({
        "type": "tenant_fragment", "leaf_type": "campaign", "is_custom_leaf_type": true,
        "description": "What marketing does", "id_prefix": "CAMP",
        "leaf_type_display_name": "Campaign",
        "fields": [{"name": "budget", "field_type": "double"}],
    });
    let id = set(&server, campaign.clone()).await;
    let read = server.call("schemas.custom.get", json!({"id": id})).await.ok();
    let fragment = &read["fragment"];
    assert_eq!(fragment["id_prefix"], "CAMP");
    assert_eq!(fragment["leaf_type_display_name"], "Campaign");
    assert_eq!(fragment["is_custom_leaf_type"], true);
    // A bare list shows fragments of stock leaf types only.
    let bare = server.call("schemas.custom.list", json!({})).await.ok();
    assert_eq!(bare, json!({"result": []}));
    let listed = server.call("schemas.custom.list", json!({"is_custom_leaf_type": true})).await;
    assert_eq!(listed.ok()["result"], json!([fragment]));

    let child = json!({
        "type": "custom_type_fragment", "leaf_type": "campaign", "is_custom_leaf_type": true,
        "description": "Mail", "subtype": "mail", "fields": [],
    });
    set(&server, child).await;
    // Later versions keep the prefix, named or not.
    let mut again = campaign.clone();
    again.as_object_mut().expect("an object").remove("id_prefix");
    let id = set(&server, again).await;
    let read = server.call("schemas.custom.get", json!({"id": id})).await.ok();
    assert_eq!(read["fragment"]["id_prefix"], "CAMP");
    let other = with(campaign.clone(), json!({"id_prefix": "OTHER"}));
    let error = server.call("schemas.custom.set", other).await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "id_prefix");
    let taken = with(campaign, json!({"leaf_type": "contest"}));
    server.call("schemas.custom.set", taken).await.error(409, "conflict");
}

#[tokio::test]
async fn the_diagram_of_a_fragment_travels_as_an_id_and_is_shown_as_a_summary() {
    let server = Server::start().await;
    let diagram = json!({
        "leaf_type": "issue", "name": "bugs",
        "stages": [{"stage_id": "STAGE-1", "is_start": true}, {"stage_id": "STAGE-30"}],
    });
    server.call("stage-diagrams.create", diagram).await.ok();
    for member in ["stage_diagram", "stage_diagram_id"] {
        let request = with(subtype("bug", &json!([])), json!({ member: "DIAGRAM-8" }));
        let id = set(&server, request).await;
        let read = server.call("schemas.custom.get", json!({"id": id})).await.ok();
        let shown = &read["fragment"]["stage_diagram"];
        assert_eq!((&shown["display_id"], &shown["name"]), (&json!("DIAGRAM-8"), &json!("bugs")));
    }
    for (value, kind, field) in [
        ("DIAGRAM-99", "invalid_id", "stage_diagram"),
        ("DIAGRAM-2", "value_not_permitted", "stage_diagram"),
        ("STAGE-1", "unexpected_id_type", "stage_diagram"),
    ] {
        let request = with(subtype("bug", &json!([])), json!({"stage_diagram": value}));
        let error = server.call("schemas.custom.set", request).await.error(400, kind);
        assert_eq!(error["field_name"], field);
    }
    let request = with(tenant(&json!([])), json!({"stage_diagram": "DIAGRAM-8"}));
    let error = server.call("schemas.custom.set", request).await.error(400, "invalid_field");
    assert_eq!(error["field_name"], "stage_diagram");
}

#[tokio::test]
async fn a_leaf_type_of_the_orgs_own_has_the_stages_that_its_fragment_names() {
    let server = Server::start().await;
    let own = json!({"leaf_type": "campaign", "is_custom_leaf_type": true});
    let diagram = json!({
        "name": "campaigns", "stages": [{"stage_id": "STAGE-1", "is_start": true}],
    });
    server.call("stage-diagrams.create", with(diagram, own.clone())).await.ok();
    let members = json!({"id_prefix": "CAMP", "stage_diagram": "DIAGRAM-8"});
    let id = set(&server, with(with(tenant(&json!([])), own.clone()), members)).await;
    let read = server.call("schemas.custom.get", json!({"id": id})).await.ok();
    assert_eq!(read["fragment"]["stage_diagram"]["display_id"], "DIAGRAM-8");
    let schema = server.call("schemas.aggregated.get", own).await.ok()["schema"].clone();
    assert_eq!(schema["stage_diagram_id"]["display_id"], "DIAGRAM-8");
}

#[tokio::test]
async fn another_start_of_the_server_makes_no_stock_fragment_twice() {
    let server = Server::start().await;
    let listed = server.call("schemas.stock.list", json!({})).await.ok();
    let first = FirstUser {
        email: "ada@example.org".to_owned(),
        display_name: "Ada".to_owned(),
        org_name: "Org".to_owned(),
    };
    let started = bootstrap::start(&server.engine, &server.environment, &first, None).await;
    assert!(!started.expect("a start").is_new);
    assert_eq!(server.call("schemas.stock.list", json!({})).await.ok(), listed);
}

#[tokio::test]
async fn two_sets_at_once_make_two_versions_of_one_chain() {
    let server = Server::start().await;
    let request = |name: &str| tenant(&json!([{"name": name, "field_type": "int"}]));
    let (one, two) = tokio::join!(
        server.call("schemas.custom.set", request("a")),
        server.call("schemas.custom.set", request("a")),
    );
    let (one, two) = (one.ok()["id"].clone(), two.ok()["id"].clone());
    assert_ne!(one, two);
    let listed = server.call("schemas.custom.list", json!({})).await.ok();
    assert_eq!(listed["result"].as_array().map(Vec::len), Some(1));
    assert!(listed["result"][0]["old_fragment_ref"].is_object());
}

#[tokio::test]
async fn overrides_add_values_and_only_strengthen() {
    let server = Server::start().await;
    let urgent = json!({"id": 5, "label": "P4", "ordinal": 5});
    let top = |ordinal: i64| json!({"id": 1, "label": "Top", "ordinal": ordinal});
    let over = |over: serde_json::Value| {
        with(tenant(&json!([])), json!({"stock_field_overrides": [over]}))
    };
    set(&server, over(json!({"name": "priority_v2", "uenum_values": [urgent]}))).await;
    for (value, field) in [
        // Values that objects may have stay.
        (json!({"name": "priority_v2", "uenum_values": [top(1)]}), "uenum_values"),
        (json!({"name": "priority_v2"}), "uenum_values"),
        // The order of existing values stays.
        (json!({"name": "priority_v2", "uenum_values": [urgent, top(9)]}), "ordinal"),
        (json!({"name": "title", "is_required": false}), "is_required"),
        (json!({"name": "severity_v2"}), "name"),
        (json!({"name": "sprint", "uenum_values": [urgent]}), "uenum_values"),
    ] {
        let error = server.call("schemas.custom.set", over(value.clone())).await;
        let error = error.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], field, "{value}: {error}");
    }
    // A subtype adds to what applies to all, and revokes nothing.
    let both = json!([
        {"name": "priority_v2", "uenum_values": [urgent]},
        {"name": "target_close_date", "is_required": true, "ui": {"is_hidden": true}},
    ]);
    set(&server, with(tenant(&json!([])), json!({"stock_field_overrides": both}))).await;
    for (weaker, field) in [
        (json!({"name": "target_close_date", "is_required": false}), "is_required"),
        (json!({"name": "target_close_date", "ui": {"is_hidden": false}}), "is_hidden"),
    ] {
        let request = with(subtype("bug", &json!([])), json!({"stock_field_overrides": [weaker]}));
        let error = server.call("schemas.custom.set", request).await;
        assert_eq!(error.error(400, "value_not_permitted")["field_name"], field);
    }
}

#[tokio::test]
async fn only_admins_make_fragments() {
    let server = Server::start().await;
    let token = crate::stages::member(&server).await;
    let request = tenant(&json!([]));
    server.call_as(token, "schemas.custom.set", request).await.error(403, "forbidden");
    server.call_as(token, "schemas.custom.list", json!({})).await.ok();
}
