//! How custom objects are numbered and named.

use serde_json::{Value, json};

use super::{fragment, make, merge, with_campaigns};

#[tokio::test]
async fn the_objects_of_each_leaf_type_are_numbered_from_one() {
    let server = with_campaigns().await;
    fragment(&server, json!({"leaf_type": "big_deal", "id_prefix": "DEAL", "fields": []})).await;
    let mut ids = Vec::new();
    for leaf_type in ["campaign", "campaign", "big_deal", "campaign", "big_deal"] {
        let made = make(&server, json!({"leaf_type": leaf_type})).await;
        let don = made["id"].as_str().expect("an id");
        let tail = don.split(":custom_object/").nth(1).expect("a custom object").to_owned();
        ids.push((tail, made["display_id"].clone()));
    }
    let expected = [
        ("campaign/1", "C-CMP-1"),
        ("campaign/2", "C-CMP-2"),
        ("big_deal/1", "C-DEAL-1"),
        ("campaign/3", "C-CMP-3"),
        ("big_deal/2", "C-DEAL-2"),
    ];
    assert_eq!(ids, expected.map(|(don, display)| (don.to_owned(), json!(display))));
}

#[tokio::test]
async fn both_spellings_name_an_object_everywhere() {
    let server = with_campaigns().await;
    let made = make(&server, json!({"title": "Spring"})).await;
    for spelling in [&made["id"], &json!("C-CMP-1"), &json!("c-cmp-1")] {
        let name = json!({"id": spelling});
        let got = server.call("custom-objects.get", name).await.ok();
        assert_eq!(got["custom_object"], made, "{spelling}");
        let same = json!({"id": spelling, "title": "Spring"});
        let same = server.call("custom-objects.update", same).await.ok();
        assert_eq!(same["custom_object"], made, "{spelling}");
    }
    assert_eq!(server.get("custom-objects.get", "id=C-CMP-1").await.ok()["custom_object"], made);
    server.call("custom-objects.delete", json!({"id": "C-CMP-1"})).await.ok();
    let gone = server.call("custom-objects.get", json!({"id": "C-CMP-1"})).await;
    gone.error(404, "not_found");
}

#[tokio::test]
async fn a_name_of_nothing_is_not_found() {
    let server = with_campaigns().await;
    make(&server, json!({})).await;
    let don = |tail: &str| format!("don:core:dvrv-us-1:devo/none:custom_object/{tail}");
    for id in ["C-CMP-2", "C-XYZ-1", &don("campaign/1"), &don("x/y/z")] {
        for op in ["get", "update", "delete"] {
            let op = format!("custom-objects.{op}");
            server.call(&op, json!({"id": id})).await.error(404, "not_found");
        }
    }
    let absent = server.call("custom-objects.get", json!({"id": "C-XYZ-1"})).await;
    let absent = absent.error(404, "not_found");
    assert_eq!(absent["message"], "there is no custom object C-XYZ-1");
    for id in ["C-CMP", "C-1", "CMP-1", "C-CMP-01"] {
        let refused = server.call("custom-objects.get", json!({"id": id})).await;
        assert_eq!(refused.error(400, "invalid_id")["field_name"], "id", "{id}");
    }
    // Other members recognise what it is.
    let refused = server.call("tags.get", json!({"id": "C-CMP-1"})).await;
    refused.error(400, "unexpected_id_type");
}

#[tokio::test]
async fn a_custom_field_can_name_a_custom_object() {
    let server = with_campaigns().await;
    let id_type = json!(["custom_object.campaign"]);
    let fields = json!([
        {"name": "parent", "field_type": "id", "id_type": id_type, "is_filterable": true},
        {"name": "others", "field_type": "array", "base_type": "id", "id_type": id_type},
    ]);
    fragment(&server, json!({"leaf_type": "wave", "id_prefix": "WAV", "fields": fields})).await;
    let first = make(&server, json!({})).await;
    let second = make(&server, json!({})).await;
    let wave = |fields: Value| json!({"leaf_type": "wave", "custom_fields": fields});
    let values = json!({"tnt__parent": "C-CMP-1", "tnt__others": [first["id"], "c-cmp-2"]});
    let made = make(&server, wave(values)).await;
    let expected = json!({"tnt__parent": first["id"], "tnt__others": [first["id"], second["id"]]});
    assert_eq!(made["custom_fields"], expected);

    for (value, kind, subtype) in [
        ("C-CMP-9", "invalid_id", Value::Null),
        ("C-XYZ-1", "customization_validation_error", json!("id_type_not_allowed")),
        ("C-WAV-1", "customization_validation_error", json!("id_type_not_allowed")),
        ("ISS-1", "customization_validation_error", json!("id_type_not_allowed")),
        ("x", "customization_validation_error", json!("id_parse_error")),
    ] {
        let mut request = json!({"custom_schema_spec": {"tenant_fragment": true}});
        merge(&mut request, &wave(json!({"tnt__parent": value})));
        let refused = server.call("custom-objects.create", request).await.error(400, kind);
        assert_eq!(refused["field_name"], "tnt__parent", "{value}");
        assert_eq!(refused["subtype"], subtype, "{value}");
    }
}
