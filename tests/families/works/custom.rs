//! Custom fields of works: what they accept, what they refuse, and what becomes of them when their
//! schema changes.

use serde_json::{Value, json};

use super::World;
use super::custom_fields::{forty, wrong_values};
use crate::schemas::{set, subtype, tenant, with};

/// The members of a work that refer to the subtype `bug`.
fn bug(fields: &Value) -> Value {
    json!({"custom_schema_spec": {"subtype": "bug"}, "custom_fields": fields})
}

fn spec(spec: &Value, fields: &Value) -> Value {
    json!({"custom_schema_spec": spec, "custom_fields": fields})
}

#[tokio::test]
async fn a_subtype_of_forty_fields_takes_a_value_of_each_type() {
    let world = World::new().await;
    let (fields, composites, values) = forty();
    assert_eq!(fields.as_array().map(Vec::len), Some(40));
    let request = with(subtype("bug", &fields), json!({"composite_schemas": composites}));
    set(&world.server, request).await;
    world.work("ticket", json!({})).await;
    let issue = world.work("issue", bug(&values)).await;
    let shown = issue["custom_fields"].as_object().expect("custom fields");
    assert_eq!(shown.len(), 40);
    insta::assert_json_snapshot!(shown);
    assert_eq!(issue["subtype"], "bug");
    assert_eq!(world.get("ISS-1").await, issue);
    // What was read can be written.
    let again = world.update("ISS-1", json!({"custom_fields": shown})).await;
    assert_eq!(again, issue);
}

#[tokio::test]
async fn every_wrong_value_is_refused_by_field_and_rule() {
    let world = World::new().await;
    let (fields, composites, values) = forty();
    let request = with(subtype("bug", &fields), json!({"composite_schemas": composites}));
    set(&world.server, request).await;
    world.work("ticket", json!({})).await;
    let issue = world.work("issue", bug(&values)).await;
    let wrong = wrong_values();
    assert!(wrong.len() >= 60, "{}", wrong.len());
    for (name, value, rule) in wrong {
        let name = format!("ctype__{name}");
        let mut members = bug(&json!({}));
        members["custom_fields"][&name] = value.clone();
        let body = with(json!({"id": "ISS-1"}), members.clone());
        let kind = "customization_validation_error";
        let changed = world.refused("works.update", body, 400, kind).await;
        assert_eq!(
            (&changed["field_name"], &changed["subtype"]),
            (&json!(name), &json!(rule)),
            "{name}: {value}: {changed}"
        );
        assert!(changed["reason"].is_string() && changed["message"].is_string());
        if rule == "field_immutable" {
            continue;
        }
        let mut whole = values.clone();
        whole[&name] = value;
        let whole = bug(&whole);
        let body = with(
            json!({
                "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
            }),
            whole,
        );
        let made = world.refused("works.create", body, 400, kind).await;
        assert_eq!((&made["field_name"], &made["subtype"]), (&json!(name), &json!(rule)), "{name}");
    }
    assert_eq!(world.get("ISS-1").await, issue, "nothing was changed");
    let reference = json!({"ctype__issue": "ISS-99"});
    let body = with(json!({"id": "ISS-1"}), bug(&reference));
    let error = world.refused("works.update", body, 400, "invalid_id").await;
    assert_eq!(error["field_name"], "ctype__issue");
}

#[tokio::test]
async fn a_request_names_the_schema_of_its_fields() {
    let world = World::new().await;
    let kind = "customization_validation_error";
    set(&world.server, tenant(&json!([{"name": "cost", "field_type": "int"}]))).await;
    set(&world.server, subtype("bug", &json!([{"name": "rca", "field_type": "text"}]))).await;
    let app = json!({
        "type": "app_fragment", "leaf_type": "issue", "description": "", "app": "jira",
        "fields": [{"name": "key", "field_type": "tokens"}],
    });
    set(&world.server, app).await;
    world.work("issue", json!({})).await;
    for (members, rule, field) in [
        (json!({"custom_fields": {"tnt__cost": 1}}), "field_not_in_schema", "tnt__cost"),
        (
            spec(&json!({"subtype": "bug"}), &json!({"tnt__cost": 1})),
            "field_not_in_schema",
            "tnt__cost",
        ),
        (
            spec(&json!({"tenant_fragment": true}), &json!({"ctype__rca": "x"})),
            "field_not_in_schema",
            "ctype__rca",
        ),
        (
            spec(&json!({"tenant_fragment": true}), &json!({"cost": 1})),
            "field_not_in_schema",
            "cost",
        ),
        (json!({"custom_schema_spec": {"subtype": "none"}}), "fragment_not_found", "subtype"),
        (json!({"custom_schema_spec": {"apps": ["none"]}}), "fragment_not_found", "apps"),
    ] {
        let body = with(json!({"id": "ISS-1"}), members);
        let error = world.refused("works.update", body, 400, kind).await;
        assert_eq!((&error["subtype"], &error["field_name"]), (&json!(rule), &json!(field)));
    }
    let all = json!({"tenant_fragment": true, "subtype": "bug", "apps": ["jira"]});
    let fields = json!({"tnt__cost": 1, "ctype__rca": "x", "jira__key": "K"});
    let issue = world.update("ISS-1", spec(&all, &fields)).await;
    assert_eq!(issue["custom_fields"], fields);
    assert_eq!(issue["custom_schema_fragments"].as_array().map(Vec::len), Some(3));
    assert_eq!(issue["stock_schema_fragment"], "don:core:dvrv-us-1:stock_sf/1");
    // Existing values need not be repeated, and null clears a value.
    let issue = world.update("ISS-1", json!({"custom_fields": {"tnt__cost": null}})).await;
    assert_eq!(issue["custom_fields"], json!({"ctype__rca": "x", "jira__key": "K"}));
    // Apps and subtypes are removed together with their fields.
    let drop = json!({"custom_schema_spec": {"drop": {"apps": ["jira"], "subtype": true}}});
    let issue = world.update("ISS-1", drop).await;
    assert!(issue.get("custom_fields").is_none() && issue.get("subtype").is_none());
    assert_eq!(issue["custom_schema_fragments"].as_array().map(Vec::len), Some(1));
    for (drop, field) in [
        (json!({"subtype": "bug", "drop": {"subtype": true}}), "subtype"),
        (json!({"apps": ["jira"], "drop": {"apps": ["jira"]}}), "apps"),
    ] {
        let body = json!({"id": "ISS-1", "custom_schema_spec": drop});
        let error = world.refused("works.update", body, 400, "invalid_field").await;
        assert_eq!(error["field_name"], field);
    }
}

#[tokio::test]
async fn a_subtype_without_a_fragment_is_refused_and_a_tenant_fragment_may_be_absent() {
    let world = World::new().await;
    let issue = world.work("issue", json!({"custom_schema_spec": {"tenant_fragment": true}})).await;
    assert!(issue.get("custom_schema_fragments").is_none());
    let members = json!({"id": "ISS-1", "custom_schema_spec": {"subtype": "x"}});
    let error = world.refused("works.update", members, 400, "customization_validation_error").await;
    assert_eq!(error["subtype"], "fragment_not_found");
    assert_eq!(error["detail"], "custom_schema_spec.subtype");
}

#[tokio::test]
async fn reading_upgrades_and_stale_fragments_are_refused() {
    let world = World::new().await;
    let field = |name: &str| json!({"name": name, "field_type": "text"});
    let old = set(&world.server, tenant(&json!([field("a"), field("b")]))).await;
    let issue = world
        .work(
            "issue",
            json!({
                "custom_schema_fragments": [old],
                "custom_fields": {"tnt__a": "1", "tnt__b": "2"},
            }),
        )
        .await;
    assert_eq!(issue["custom_schema_fragments"], json!([old]));
    let newer = with(tenant(&json!([field("a"), field("c")])), json!({"deleted_fields": ["b"]}));
    let new = set(&world.server, newer).await;
    let read = world.get("ISS-1").await;
    assert_eq!(read["custom_fields"], json!({"tnt__a": "1"}));
    assert_eq!(read["custom_schema_fragments"], json!([new]));
    assert_eq!(read["modified_date"], issue["modified_date"], "reading changes nothing");

    let stale = json!({"id": "ISS-1", "custom_schema_fragments": [old]});
    world.refused("works.update", stale, 400, "stale_schema_fragments").await;
    let dropped = json!({"id": "ISS-1", "custom_fields": {"tnt__b": "3"}});
    let error = world.refused("works.update", dropped, 400, "customization_validation_error").await;
    assert_eq!(
        (&error["subtype"], &error["field_name"]),
        (&json!("field_dropped"), &json!("tnt__b"))
    );
    let updated = world.update("ISS-1", json!({"custom_fields": {"tnt__c": "3"}})).await;
    assert_eq!(updated["custom_fields"], json!({"tnt__a": "1", "tnt__c": "3"}));
    for (id, kind) in [
        ("don:core:dvrv-us-1:devo/zz:tenant_fragment/1", "customization_validation_error"),
        ("DEVU-1", "unexpected_id_type"),
        ("x", "invalid_id"),
    ] {
        let body = json!({"id": "ISS-1", "custom_schema_fragments": [id]});
        world.refused("works.update", body, 400, kind).await;
    }
}

#[tokio::test]
async fn deprecated_values_and_subtypes_stay_where_they_are() {
    let world = World::new().await;
    let choice = |deprecated: bool| {
        json!([{"name": "impact", "field_type": "uenum", "allowed_values": [
            {"id": 1, "label": "Low", "ordinal": 10, "is_deprecated": deprecated},
            {"id": 2, "label": "High", "ordinal": 20},
        ]}])
    };
    set(&world.server, subtype("bug", &choice(false))).await;
    world.work("issue", bug(&json!({"ctype__impact": 1}))).await;
    set(&world.server, subtype("bug", &choice(true))).await;
    let issue = world.update("ISS-1", bug(&json!({"ctype__impact": 1}))).await;
    assert_eq!(issue["custom_fields"], json!({"ctype__impact": {"id": 1, "ordinal": 10}}));
    world.work("issue", bug(&json!({"ctype__impact": 2}))).await;
    let body = with(json!({"id": "ISS-2"}), bug(&json!({"ctype__impact": 1})));
    let error = world.refused("works.update", body, 400, "customization_validation_error").await;
    assert_eq!(error["subtype"], "enum_out_of_range");

    set(&world.server, with(subtype("bug", &choice(true)), json!({"is_deprecated": true}))).await;
    world.update("ISS-2", bug(&json!({"ctype__impact": 2}))).await;
    world.work("issue", json!({})).await;
    let body = with(json!({"id": "ISS-3"}), bug(&json!({})));
    let error = world.refused("works.update", body, 400, "customization_validation_error").await;
    assert_eq!(error["subtype"], "fragment_not_found");
}

#[tokio::test]
async fn required_fields_bind_when_they_are_named_or_the_request_says_so() {
    let world = World::new().await;
    let fields = json!([
        {"name": "rca", "field_type": "text", "is_required": true},
        {"name": "level", "field_type": "int", "is_required": true, "default_value": 3},
    ]);
    let over =
        json!({"stock_field_overrides": [{"name": "target_close_date", "is_required": true}]});
    set(&world.server, with(subtype("bug", &fields), over)).await;
    // Without the option, only what the request names is checked.
    let issue = world.work("issue", bug(&json!({}))).await;
    assert_eq!(issue["custom_fields"], json!({"ctype__level": 3}), "a default is filled in");
    let kind = "customization_validation_error";
    let strict = json!({"subtype": "bug", "validate_required_fields": true});
    for (spec_given, fields, date, field) in [
        (&json!({"subtype": "bug"}), json!({"ctype__level": null}), false, "ctype__level"),
        (&json!({"subtype": "bug"}), json!({"ctype__rca": ""}), false, "ctype__rca"),
        (&strict, json!({}), true, "ctype__rca"),
        (&strict, json!({"ctype__rca": "x"}), false, "target_close_date"),
    ] {
        let mut body = with(json!({"id": "ISS-1"}), spec(spec_given, &fields));
        if date {
            body["target_close_date"] = json!("2026-02-01T00:00:00Z");
        }
        let error = world.refused("works.update", body, 400, kind).await;
        assert_eq!(
            (&error["subtype"], &error["field_name"]),
            (&json!("field_required"), &json!(field))
        );
    }
    let members = with(
        spec(&strict, &json!({"ctype__rca": "x"})),
        json!({"target_close_date": "2026-02-01T00:00:00Z"}),
    );
    world.update("ISS-1", members).await;
}

#[tokio::test]
async fn conditions_bind_who_touches_what_they_are_about() {
    let world = World::new().await;
    let server = &world.server;
    let stage = server
        .call(
            "works.create",
            json!({
                "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
                "stage": {"name": "completed"},
            }),
        )
        .await
        .ok()["work"]["stage"]["stage"]["id"]
        .clone();
    let stage = stage.as_str().expect("an id");
    let effects = |members: Value| json!([with(json!({"fields": ["custom_fields.rca"]}), members)]);
    let request = with(
        tenant(&json!([
            {"name": "rca", "field_type": "array", "base_type": "text"},
            {"name": "kind", "field_type": "enum", "allowed_values": ["crash", "typo"]},
            {"name": "size", "field_type": "enum", "allowed_values": ["s", "m", "l"]},
        ])),
        json!({"conditions": [
            {"expression": format!("stage == '{stage}'"),
             "effects": effects(json!({"require": true}))},
            {"expression": "custom_fields.kind != '' && priority == 'p0'",
             "effects": [{"fields": ["custom_fields.kind"], "immutable": true}]},
            {"expression": "custom_fields.kind == 'typo'", "effects": [
                {"fields": ["custom_fields.size"], "allowed_values": ["s"]},
                {"fields": ["priority"], "allowed_values": ["p3"]},
            ]},
        ]}),
    );
    set(server, request).await;
    world.work("issue", json!({"custom_schema_spec": {"tenant_fragment": true}})).await;
    let kind = "customization_validation_error";
    let refused = async |members: Value| {
        let error =
            world.refused("works.update", with(json!({"id": "ISS-2"}), members), 400, kind).await;
        (error["subtype"].clone(), error["field_name"].clone())
    };
    let fields = |fields: Value| json!({ "custom_fields": fields });
    let close = json!({"stage": {"name": "completed"}});
    assert_eq!(refused(close.clone()).await, (json!("field_required"), json!("tnt__rca")));
    let closed = with(close, fields(json!({"tnt__rca": ["a fuse"]})));
    world.update("ISS-2", closed).await;
    // Clearing the field affects the condition; another change does not.
    let clear = fields(json!({"tnt__rca": []}));
    assert_eq!(refused(clear).await, (json!("field_required"), json!("tnt__rca")));
    world.update("ISS-2", json!({"title": "Another title"})).await;

    let typo = fields(json!({"tnt__kind": "typo", "tnt__size": "l"}));
    assert_eq!(refused(typo).await, (json!("enum_out_of_range"), json!("tnt__size")));
    let typo = with(fields(json!({"tnt__kind": "typo"})), json!({"priority": "p1"}));
    assert_eq!(refused(typo).await, (json!("enum_out_of_range"), json!("priority")));
    let crash = with(fields(json!({"tnt__kind": "crash"})), json!({"priority": "p0"}));
    world.update("ISS-2", crash).await;
    let typo = fields(json!({"tnt__kind": "typo"}));
    assert_eq!(refused(typo).await, (json!("field_immutable"), json!("tnt__kind")));
}

#[tokio::test]
async fn a_change_of_subtype_drops_fields_and_moves_to_the_new_stages() {
    let world = World::new().await;
    let server = &world.server;
    let diagram = json!({
        "leaf_type": "issue", "name": "questions",
        "stages": [
            {"stage_id": "STAGE-5", "is_start": true,
             "transitions": [{"target_stage_id": "STAGE-32"}]},
            {"stage_id": "STAGE-30"}, {"stage_id": "STAGE-32"},
        ],
    });
    server.call("stage-diagrams.create", diagram).await.ok();
    let field = |name: &str, of: &str| json!({"name": name, "field_type": of});
    let fields = json!([field("both", "text"), field("gone", "text"), field("other", "text")]);
    set(server, subtype("bug", &fields)).await;
    let fields = json!([
        field("both", "text"), field("other", "int"),
        {"name": "new", "field_type": "bool", "default_value": true},
    ]);
    let question = with(subtype("question", &fields), json!({"stage_diagram": "DIAGRAM-8"}));
    let question = set(server, question).await;
    let values = json!({"ctype__both": "1", "ctype__gone": "2", "ctype__other": "3"});
    let issue = world.work("issue", bug(&values)).await;
    assert_eq!(issue["stage"]["name"], "triage");

    let preview = json!({"leaf_type": "issue", "new_subtype": "question", "object": "ISS-1"});
    let preview = server.call("schemas.subtypes.prepare-update", preview).await.ok();
    let start = server.call("stages.custom.get", json!({"id": "STAGE-5"})).await.ok();
    assert_eq!(
        preview,
        json!({
            "added_fields": [
                {"name": "ctype__other"}, {"name": "ctype__new", "default_value": true},
            ],
            "dropped_fields": [
                {"name": "ctype__gone", "conflict_type": "absent_in_new",
                 "message": "ctype__gone is no field of the new subtype"},
                {"name": "ctype__other", "conflict_type": "incompatible_type",
                 "message": "ctype__other has other values in the new subtype"},
            ],
            "new_custom_schema_fragments": [question],
            "new_start_stage": start["custom_stage"]["id"],
        })
    );
    assert_eq!(world.get("ISS-1").await, issue, "a preview changes nothing");

    let change = json!({
        "custom_schema_spec": {
            "subtype": "question", "tenant_fragment": true, "validate_required_fields": true,
        },
    });
    let issue = world.update("ISS-1", change).await;
    assert_eq!(issue["custom_fields"], json!({"ctype__both": "1", "ctype__new": true}));
    assert_eq!(issue["stage"]["name"], "open");
    // Moves follow the diagram of the subtype.
    let body = json!({"id": "ISS-1", "stage": {"stage": "STAGE-30"}});
    let error = world.refused("works.update", body, 400, "bad_request").await;
    assert_eq!(
        error,
        json!({
            "type": "bad_request",
            "message": "the diagram \"questions\" has no move from STAGE-5 to STAGE-30; \
                        stage_validation_options allow_invalid_transition moves all the same",
            "allowed_values": ["completed"],
        })
    );
    let body = json!({"id": "ISS-1", "stage": {"name": "triage"}});
    let error = world.refused("works.update", body, 400, "value_not_permitted").await;
    assert_eq!(error["allowed_values"], json!(["open", "resolved", "completed"]));
    let issue = world.update("ISS-1", json!({"stage": {"name": "completed"}})).await;
    assert_eq!(issue["stage"]["name"], "completed");
    // Without a subtype, the stages are those of the leaf type again.
    let drop = json!({"custom_schema_spec": {"drop": {"subtype": true}}});
    let issue = world.update("ISS-1", drop).await;
    assert_eq!(issue["stage"]["name"], "completed");
    assert!(issue.get("subtype").is_none());
}

#[tokio::test]
async fn what_a_change_of_subtype_would_do_is_told_for_new_objects_and_refused_for_nonsense() {
    let world = World::new().await;
    let server = &world.server;
    set(server, subtype("bug", &json!([{"name": "rca", "field_type": "text"}]))).await;
    let request = json!({"leaf_type": "issue", "new_subtype": "bug"});
    let preview = server.call("schemas.subtypes.prepare-update", request).await.ok();
    assert_eq!(preview["added_fields"], json!([{"name": "ctype__rca"}]));
    assert!(preview["new_start_stage"].is_string());
    let world_issue = world.work("issue", bug(&json!({"ctype__rca": "x"}))).await;
    let request = json!({"leaf_type": "issue", "object": world_issue["id"]});
    let preview = server.call("schemas.subtypes.prepare-update", request).await.ok();
    assert_eq!(preview["dropped_fields"][0]["conflict_type"], "absent_in_new");
    assert_eq!(preview["new_custom_schema_fragments"], json!([]));
    assert!(preview.get("new_start_stage").is_none());
    for (request, status, kind, field) in [
        (json!({}), 400, "missing_required_field", json!("leaf_type")),
        (json!({"leaf_type": "dream"}), 400, "value_not_permitted", json!("leaf_type")),
        (
            json!({"leaf_type": "issue", "new_subtype": "x"}),
            400,
            "customization_validation_error",
            json!("new_subtype"),
        ),
        (
            json!({"leaf_type": "ticket", "object": "ISS-1"}),
            400,
            "value_not_permitted",
            json!("object"),
        ),
        (json!({"leaf_type": "issue", "object": "ISS-9"}), 404, "not_found", Value::Null),
    ] {
        let error = server.call("schemas.subtypes.prepare-update", request).await;
        assert_eq!(error.error(status, kind)["field_name"], field);
    }
}

#[tokio::test]
async fn works_are_found_by_subtype() {
    let world = World::new().await;
    for leaf_type in ["issue", "ticket"] {
        for name in ["bug", "question"] {
            let request = with(subtype(name, &json!([])), json!({"leaf_type": leaf_type}));
            set(&world.server, request).await;
            let members = json!({"title": name, "custom_schema_spec": {"subtype": name}});
            world.work(leaf_type, members).await;
        }
        world.work(leaf_type, json!({"title": "none"})).await;
    }
    let found = async |filter: Value| {
        let listed = world.call("works.list", filter).await;
        let works = listed["works"].as_array().expect("works").clone();
        works.iter().map(|work| work["display_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(found(json!({"issue": {"subtype": "bug"}})).await, ["ISS-1"]);
    assert_eq!(
        found(json!({"ticket": {"subtype": ["bug", "question"]}})).await,
        ["TKT-2", "TKT-1"]
    );
    assert_eq!(found(json!({"issue": {"subtype": ["lost"]}})).await, [Value::Null; 0]);
    let count = json!({"type": ["issue"], "issue": {"subtype": "question"}});
    assert_eq!(world.call("works.count", count).await["count"], 1);
}
