//! Texts of notifications that programs send.

use serde_json::{Value, json};

use crate::timeline_entries::Talk;

/// A template with the inputs `build` and `minutes`.
pub(super) fn template(name: &str) -> Value {
    json!({
        "type": "notification_content_template", "name": name,
        "defaults": [{"title": "{build} failed", "body": "After {minutes} min: {unknown}"}],
        "input_fields_schema": [
            {"name": "build", "field_type": "text", "is_required": true},
            {"name": "minutes", "field_type": "int"},
        ],
    })
}

#[tokio::test]
async fn templates_are_made_read_and_listed() {
    let talk = Talk::new().await;
    let made = talk.server.call("content-template.create", template("builds")).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    let id = &made["content_template"]["id"];
    let got = talk.call("content-template.get", json!({"id": id})).await;
    assert_eq!(got, made);
    let (bob, bobs) = talk.member("bob").await;
    let other = talk.server.call_as(&bobs, "content-template.create", template("builds")).await;
    let other = other.ok()["content_template"].clone();
    for (request, expected) in [
        (json!({}), vec![&other, &made["content_template"]]),
        (json!({"sort_by": ["created_date:asc"], "limit": 1}), vec![&made["content_template"]]),
        (json!({"created_by": [bob]}), vec![&other]),
        (json!({"name": ["x"]}), vec![]),
        (json!({"type": ["notification_content_template"], "name": ["builds"]}), {
            vec![&other, &made["content_template"]]
        }),
    ] {
        let listed = talk.call("content-template.list", request.clone()).await;
        assert_eq!(listed["content_template"], json!(expected), "{request}");
    }
}

#[tokio::test]
async fn bad_templates_are_refused_by_name() {
    let talk = Talk::new().await;
    talk.call("content-template.create", template("builds")).await;
    let taken = talk.server.call("content-template.create", template("builds")).await;
    taken.error(409, "conflict");
    let content = json!({"title": "x", "body": "y"});
    for (member, value, kind, field) in [
        ("type", Value::Null, "unexpected_json_type", "type"),
        ("type", json!("survey"), "invalid_enum_value", "type"),
        ("name", json!(""), "value_not_permitted", "name"),
        ("defaults", json!([]), "value_not_permitted", "defaults"),
        ("defaults", json!([content, content]), "value_not_permitted", "defaults"),
        ("defaults", json!([{"title": "x"}]), "missing_required_field", "body"),
        (
            "input_fields_schema",
            json!([{"name": "a", "field_type": "text"}, {"name": "a", "field_type": "int"}]),
            "value_not_permitted",
            "input_fields_schema",
        ),
    ] {
        let mut request = template("other");
        request[member] = value;
        let refused = talk.server.call("content-template.create", request.clone()).await;
        let status = refused.status;
        let seen = (refused.body["type"].clone(), refused.body["field_name"].clone());
        assert_eq!((status.as_u16(), seen), (400, (json!(kind), json!(field))), "{request}");
    }
    let nowhere = json!({"id": "don:core:dvrv-us-1:devo/x:content_template/x"});
    talk.server.call("content-template.get", nowhere).await.error(404, "not_found");
}
