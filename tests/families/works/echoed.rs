//! What an update does not change is not checked again, whatever the rules are now.

use serde_json::{Value, json};

use super::World;
use crate::schemas::{set, subtype, tenant, with};

/// Fields with a value each, members of the field that add a rule against that value, and another
/// value that the rule forbids.
fn narrowed() -> Vec<(Value, Value, Value, Value)> {
    let one = |name: &str, of: &str| json!({"name": name, "field_type": of});
    let many = |name: &str, of: &str| json!({"name": name, "field_type": "array", "base_type": of});
    let choice = |field: Value| with(field, json!({"allowed_values": ["a", "b", "c"]}));
    let numbers = |is_deprecated: bool| {
        json!({"allowed_values": [
            {"id": 1, "label": "Low", "ordinal": 10, "is_deprecated": is_deprecated},
            {"id": 2, "label": "High", "ordinal": 20, "is_deprecated": is_deprecated},
            {"id": 3, "label": "Top", "ordinal": 30},
        ]})
    };
    let numbered = |field: Value| with(field, numbers(false));
    let b_only = || json!({"allowed_values": ["b"]});
    vec![
        (one("int", "int"), json!(6), json!({"gt": 10}), json!(7)),
        (one("tokens", "tokens"), json!("abc"), json!({"max_len": 2}), json!("abd")),
        (one("text", "text"), json!("abc"), json!({"pattern": "^[0-9]+$"}), json!("abd")),
        (one("rich", "rich_text"), json!("abc"), json!({"contains": "x"}), json!("abd")),
        (choice(one("enum", "enum")), json!("a"), b_only(), json!("c")),
        (numbered(one("uenum", "uenum")), json!(1), numbers(true), json!(2)),
        (one("id", "id"), json!("DEVU-1"), json!({"id_type": ["issue"]}), json!("PROD-1")),
        (
            one("date", "date"),
            json!("2024-02-29"),
            json!({"is_immutable": true}),
            json!("2024-02-28"),
        ),
        (
            one("time", "timestamp"),
            json!("2026-02-01T12:00:00+02:00"),
            json!({"is_immutable": true}),
            json!("2026-02-01T12:00:00Z"),
        ),
        (one("bool", "bool"), json!(true), json!({"is_immutable": true}), json!(false)),
        (one("double", "double"), json!(1.5), json!({"is_immutable": true}), json!(2)),
        (one("struct", "struct"), json!({"a": 1}), json!({"is_immutable": true}), json!({})),
        (one("json", "json_value"), json!([1]), json!({"is_immutable": true}), json!([])),
        (one("empty", "text"), json!(""), json!({"is_required": true}), json!(null)),
        (many("ints", "int"), json!([1, 20]), json!({"gte": 10}), json!([20, 2])),
        (many("short", "int"), json!([1, 2, 3]), json!({"max_items": 2}), json!([1, 2, 4])),
        (choice(many("enums", "enum")), json!(["a", "b"]), b_only(), json!(["b", "c"])),
        (numbered(many("uenums", "uenum")), json!([1, 3]), numbers(true), json!([3, 2])),
        (
            many("ids", "id"),
            json!(["DEVU-1", "PROD-1"]),
            json!({"id_type": ["issue"]}),
            json!(["DEVU-1", "SYSU-1"]),
        ),
    ]
}

#[tokio::test]
async fn a_custom_value_that_stays_is_taken_whatever_the_schema_says_by_now() {
    let world = World::new().await;
    let fields: Vec<Value> = narrowed().into_iter().map(|(field, ..)| field).collect();
    set(&world.server, subtype("bug", &json!(fields))).await;
    let name = |field: &Value| format!("ctype__{}", field["name"].as_str().expect("a name"));
    let values: serde_json::Map<_, _> =
        narrowed().into_iter().map(|(field, value, ..)| (name(&field), value)).collect();
    let members = json!({"custom_schema_spec": {"subtype": "bug"}, "custom_fields": values});
    let issue = world.work("issue", members).await;
    let fields: Vec<Value> =
        narrowed().into_iter().map(|(field, _, rule, _)| with(field, rule)).collect();
    set(&world.server, subtype("bug", &json!(fields))).await;

    // As answers show them, as requests give them, and with the newest schema named.
    let shown = world.get("ISS-1").await["custom_fields"].clone();
    for custom_fields in [shown, json!(values)] {
        for spec in [json!({}), json!({"subtype": "bug"})] {
            let members = json!({"custom_fields": custom_fields, "custom_schema_spec": spec});
            let same = world.update("ISS-1", members).await;
            assert_eq!(same["custom_fields"], issue["custom_fields"]);
        }
    }
    let kind = "customization_validation_error";
    for (field, _, _, wrong) in narrowed() {
        let body = json!({"id": "ISS-1", "custom_fields": {name(&field): wrong}});
        let error = world.refused("works.update", body, 400, kind).await;
        assert_eq!(error["field_name"], name(&field), "{error}");
    }
    // For a list, this holds for each element.
    let fewer = json!({"ctype__enums": ["a"], "ctype__uenums": [1], "ctype__ints": [20, 1]});
    let fewer = world.update("ISS-1", json!({"custom_fields": fewer})).await;
    assert_eq!(fewer["custom_fields"]["ctype__enums"], json!(["a"]));
    assert_eq!(fewer["custom_fields"]["ctype__ints"], json!([20, 1]));
}

#[tokio::test]
async fn members_of_a_composite_that_stay_are_taken_though_another_changes() {
    let world = World::new().await;
    let schema = |kinds: Value, more: Value| {
        let mut fields = vec![
            json!({"name": "city", "field_type": "text"}),
            json!({"name": "kind", "field_type": "enum", "allowed_values": kinds}),
        ];
        fields.extend(more.as_array().cloned().unwrap_or_default());
        let places = json!([
            {"name": "place", "field_type": "composite", "composite_type": "place"},
            {"name": "places", "field_type": "array", "base_type": "composite",
             "composite_type": "place"},
        ]);
        let composites = json!([{"name": "place", "fields": fields}]);
        with(subtype("bug", &places), json!({"composite_schemas": composites}))
    };
    set(&world.server, schema(json!(["home", "work"]), json!([]))).await;
    let place = |city: &str, kind: &str| json!({"city": city, "kind": kind});
    let values = json!({
        "ctype__place": place("Rome", "home"),
        "ctype__places": [place("Oslo", "home"), place("Bonn", "work")],
    });
    let members = json!({"custom_schema_spec": {"subtype": "bug"}, "custom_fields": values});
    world.work("issue", members).await;
    let needed = json!([{"name": "zip", "field_type": "int", "is_required": true}]);
    set(&world.server, schema(json!(["work"]), needed)).await;
    let same = world.update("ISS-1", json!({"custom_fields": values})).await;
    assert_eq!(same["custom_fields"], values);
    let moved = json!({
        "ctype__place": {"city": "Pisa", "kind": "home", "zip": 1},
        "ctype__places": [{"city": "Bergen", "kind": "home", "zip": 2}, place("Bonn", "work")],
    });
    let moved_work = world.update("ISS-1", json!({"custom_fields": moved})).await;
    assert_eq!(moved_work["custom_fields"], moved);
    for wrong in [place("Rom", "home"), json!({"city": "Pisa", "kind": "work"})] {
        let body = json!({"id": "ISS-1", "custom_fields": {"ctype__place": wrong}});
        world.refused("works.update", body, 400, "customization_validation_error").await;
    }
}

#[tokio::test]
async fn a_condition_binds_what_changes_and_not_what_stays() {
    let world = World::new().await;
    let fields = json!([
        {"name": "kind", "field_type": "enum", "allowed_values": ["crash", "typo"]},
        {"name": "sizes", "field_type": "array", "base_type": "text"},
    ]);
    set(&world.server, tenant(&fields)).await;
    let values = json!({"tnt__kind": "typo", "tnt__sizes": ["l", "m"]});
    let members = json!({"custom_schema_spec": {"tenant_fragment": true}, "custom_fields": values});
    world.work("issue", members).await;
    let conditions = json!({"conditions": [{
        "expression": "custom_fields.kind == 'typo'",
        "effects": [{"fields": ["custom_fields.sizes"], "allowed_values": ["s"]}],
    }]});
    set(&world.server, with(tenant(&fields), conditions)).await;
    let same = world.update("ISS-1", json!({"custom_fields": values})).await;
    assert_eq!(same["custom_fields"], values);
    let fewer = json!({"tnt__sizes": ["m", "s"]});
    world.update("ISS-1", json!({"custom_fields": fewer})).await;
    let body = json!({"id": "ISS-1", "custom_fields": {"tnt__sizes": ["m", "l"]}});
    let error = world.refused("works.update", body, 400, "customization_validation_error").await;
    assert_eq!(error["field_name"], "tnt__sizes");
}

#[tokio::test]
async fn a_stage_that_has_left_its_diagram_can_be_sent_back() {
    let world = World::new().await;
    let task = json!({
        "type": "task", "title": "Call", "owned_by": [], "stage": {"name": "in_development"},
    });
    let task = world.call("works.create", task).await["work"].clone();
    let diagrams = world.call("stage-diagrams.list", json!({"limit": 100})).await;
    let of_tasks = diagrams["result"].as_array().expect("diagrams").iter();
    let mut of_tasks = of_tasks.filter(|diagram| diagram["name"] == "task_transitions");
    let diagram = of_tasks.next_back().expect("the diagram of tasks").clone();
    let open = world.call("stages.custom.list", json!({"name": ["open", "resolved"]})).await;
    let stages: Vec<Value> = open["result"]
        .as_array()
        .expect("stages")
        .iter()
        .map(|stage| json!({"stage_id": stage["id"], "is_start": stage["name"] == "open"}))
        .collect();
    let body = json!({"id": diagram["id"], "stages": stages});
    world.call("stage-diagrams.update", body).await;
    let stage = &task["stage"]["stage"]["id"];
    for stage in [json!({"name": "in_development"}), json!({"stage": stage})] {
        assert_eq!(world.update("TASK-1", json!({"stage": stage})).await, task);
    }
    let body = json!({"id": "TASK-1", "stage": {"name": "triage"}});
    world.refused("works.update", body, 400, "value_not_permitted").await;
}

#[tokio::test]
async fn what_is_gone_can_be_sent_back() {
    let world = World::new().await;
    let group = world.call("groups.create", json!({"name": "Support"})).await["group"].clone();
    let capability = json!({
        "type": "capability", "name": "Old", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
    });
    let part = world.call("parts.create", capability).await["part"].clone();
    let (account, _) = world.customer("Acme").await;
    let workspace = json!({"account": account, "display_name": "Acme EU"});
    let workspace = world.call("rev-orgs.create", workspace).await["rev_org"]["id"].clone();
    let members = json!({
        "applies_to_part": part["id"], "group": group["id"], "rev_org": workspace,
    });
    let ticket = world.work("ticket", members.clone()).await;
    world.call("parts.delete", json!({"id": part["id"]})).await;
    world.call("rev-orgs.delete", json!({"id": workspace})).await;
    world.call("accounts.delete", json!({"id": account})).await;
    let before = world.get("TKT-1").await;
    assert_eq!(before["modified_date"], ticket["modified_date"]);
    let mut members = members;
    members["account"] = before["account"]["id"].clone();
    assert_eq!(world.update("TKT-1", members.clone()).await, before);
    members["title"] = json!("Another title");
    assert_eq!(world.update("TKT-1", members).await["title"], "Another title");
}
