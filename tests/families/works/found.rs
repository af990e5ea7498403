//! Filtering and sorting works by custom fields.

use serde_json::{Value, json};
use worksmith_tests::Server;

fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "field_type": kind, "is_filterable": true})
}

/// Issues with custom fields of every filterable type, and one with none.
async fn server() -> Server {
    let server = Server::start().await;
    let product = json!({"type": "product", "name": "Shop", "owned_by": ["DEVU-1"]});
    server.call("parts.create", product).await.ok();
    let mut size = field("size", "uenum");
    size["allowed_values"] = json!([
        {"id": 1, "label": "S", "ordinal": 1}, {"id": 2, "label": "L", "ordinal": 2},
    ]);
    let mut team = field("team", "enum");
    team["allowed_values"] = json!(["red", "blue"]);
    let mut words = field("words", "array");
    words["base_type"] = "tokens".into();
    let mut owner = field("owner", "id");
    owner["id_type"] = json!(["dev_user"]);
    let mut secret = field("secret", "tokens");
    secret["is_filterable"] = false.into();
    let fragment = json!({
        "type": "tenant_fragment", "leaf_type": "issue", "description": "What issues cost",
        "fields": [
            field("cost", "int"), field("share", "double"), field("paid", "bool"),
            field("code", "tokens"), field("day", "date"), field("at", "timestamp"),
            size, team, words, owner, secret,
        ],
    });
    server.call("schemas.custom.set", fragment).await.ok();
    for fields in [
        json!({
            "tnt__cost": 5, "tnt__share": 0.5, "tnt__paid": true, "tnt__code": "alpha",
            "tnt__day": "2026-01-01", "tnt__at": "2026-01-01T12:00:00Z", "tnt__size": 1,
            "tnt__team": "red", "tnt__words": ["a", "b"], "tnt__owner": "DEVU-1",
            "tnt__secret": "x",
        }),
        json!({
            "tnt__cost": 40, "tnt__share": -2.5, "tnt__paid": false, "tnt__code": "beta",
            "tnt__day": "2025-12-01", "tnt__at": "2025-12-01T12:00:00+02:00", "tnt__size": 2,
            "tnt__team": "blue", "tnt__words": ["b", "c"],
        }),
        json!({}),
    ] {
        let issue = json!({
            "type": "issue", "title": "An issue", "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"], "custom_fields": fields,
            "custom_schema_spec": {"tenant_fragment": true},
        });
        server.call("works.create", issue).await.ok();
    }
    server
}

async fn found(server: &Server, request: Value) -> Vec<String> {
    let listed = server.call("works.list", request).await.ok();
    let works = listed["works"].as_array().expect("works");
    works.iter().map(|work| work["display_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_custom_field_is_filtered_by_its_values() {
    let server = server().await;
    for (name, values, wanted) in [
        ("tnt__cost", json!([5]), vec!["ISS-1"]),
        ("tnt__cost", json!([5.0, 40]), vec![]),
        ("tnt__cost", json!([40, 5, 6]), vec!["ISS-2", "ISS-1"]),
        ("tnt__cost", json!(40), vec!["ISS-2"]),
        ("tnt__share", json!([-2.5]), vec!["ISS-2"]),
        ("tnt__paid", json!([false]), vec!["ISS-2"]),
        ("tnt__code", json!(["alpha", "gamma"]), vec!["ISS-1"]),
        ("tnt__day", json!(["2025-12-01"]), vec!["ISS-2"]),
        ("tnt__at", json!(["2025-12-01T10:00:00Z"]), vec!["ISS-2"]),
        ("tnt__size", json!([2]), vec!["ISS-2"]),
        ("tnt__team", json!(["red"]), vec!["ISS-1"]),
        ("tnt__words", json!(["b"]), vec!["ISS-2", "ISS-1"]),
        ("tnt__words", json!(["a", "x"]), vec!["ISS-1"]),
        ("tnt__owner", json!(["DEVU-1"]), vec!["ISS-1"]),
        ("tnt__cost", json!([null]), vec!["ISS-3"]),
        ("tnt__cost", json!([null, 5]), vec!["ISS-3", "ISS-1"]),
        ("tnt__cost", json!([]), vec!["ISS-3", "ISS-2", "ISS-1"]),
    ] {
        let filter = json!({"type": ["issue"], "custom_fields": {name: values}});
        if values == json!([5.0, 40]) {
            // Whole numbers are integers in JSON.
            server.call("works.list", filter).await.error(400, "invalid_field");
            continue;
        }
        assert_eq!(found(&server, filter.clone()).await, wanted, "{filter}");
        let counted = server.call("works.count", filter).await.ok();
        assert_eq!(counted["count"], wanted.len(), "{name}");
    }
    let both = json!({"type": ["issue"], "custom_fields": {"tnt__words": "b", "tnt__paid": true}});
    assert_eq!(found(&server, both).await, ["ISS-1"]);
}

#[tokio::test]
async fn a_custom_field_is_sorted_by_and_works_without_a_value_come_last() {
    let server = server().await;
    for (key, wanted) in [
        ("custom_fields.tnt__cost:asc", ["ISS-1", "ISS-2", "ISS-3"]),
        ("custom_fields.tnt__cost:desc", ["ISS-2", "ISS-1", "ISS-3"]),
        ("custom_fields.tnt__share:asc", ["ISS-2", "ISS-1", "ISS-3"]),
        ("custom_fields.tnt__day:desc", ["ISS-1", "ISS-2", "ISS-3"]),
        ("custom_fields.tnt__size.ordinal:desc", ["ISS-2", "ISS-1", "ISS-3"]),
    ] {
        let mut request = json!({"type": ["issue"], "sort_by": [key], "limit": 2});
        let mut listed = found(&server, request.clone()).await;
        let page = server.call("works.list", request.clone()).await.ok();
        request["cursor"] = page["next_cursor"].clone();
        listed.extend(found(&server, request).await);
        assert_eq!(listed, wanted, "{key}");
    }
}

#[tokio::test]
async fn values_that_change_are_found_as_they_are_now() {
    let server = server().await;
    let spec = json!({"tenant_fragment": true});
    let cost = |cost: Value| json!({"tnt__cost": cost});
    for (value, wanted) in [(json!(7), vec!["ISS-1"]), (Value::Null, vec![])] {
        let change = json!({
            "id": "ISS-1", "custom_fields": cost(value), "custom_schema_spec": spec,
        });
        server.call("works.update", change).await.ok();
        let seven = json!({"type": ["issue"], "custom_fields": cost(json!([7]))});
        assert_eq!(found(&server, seven).await, wanted);
        let five = json!({"type": ["issue"], "custom_fields": cost(json!([5]))});
        assert!(found(&server, five).await.is_empty());
    }
    server.call("works.delete", json!({"id": "ISS-2"})).await.ok();
    let forty = json!({"type": ["issue"], "custom_fields": cost(json!([40]))});
    assert!(found(&server, forty).await.is_empty());
}

#[tokio::test]
async fn what_can_not_be_found_by_is_named() {
    let server = server().await;
    for (name, value) in [
        ("tnt__secret", json!(["x"])),
        ("tnt__cost", json!(["five"])),
        ("tnt__paid", json!([1])),
        ("tnt__at", json!(["noon"])),
        ("tnt__owner", json!(["nobody"])),
    ] {
        let filter = json!({"type": ["issue"], "custom_fields": {name: value}});
        let error = server.call("works.list", filter).await.error(400, "invalid_field");
        assert_eq!(error["field_name"], name);
    }
    for name in ["tnt__nothing", "cost"] {
        let filter = json!({"type": ["issue"], "custom_fields": {name: [1]}});
        let refused = server.call("works.list", filter).await;
        let error = refused.error(400, "customization_validation_error");
        let said = (&error["field_name"], &error["subtype"]);
        assert_eq!(said, (&json!(name), &json!("field_not_in_schema")));
    }
    for key in ["custom_fields.tnt__secret:asc", "custom_fields.tnt__nothing:asc"] {
        let sorted = json!({"type": ["issue"], "sort_by": [key]});
        let error = server.call("works.list", sorted).await.error(400, "invalid_field");
        assert_eq!(error["field_name"], "sort_by");
    }
    // The field is one of issues.
    let tickets = json!({"type": ["ticket"], "custom_fields": {"tnt__cost": [5]}});
    server.call("works.list", tickets).await.error(400, "customization_validation_error");
}
