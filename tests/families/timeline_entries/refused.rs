//! What timelines refuse, and that nothing is half done then.

use serde_json::{Value, json};

use super::{Talk, on};

/// A member or more of a request, the type of the error, and the field that it names.
type Bad = (Value, &'static str, Option<&'static str>);

fn long(length: usize) -> String {
    "x".repeat(length)
}

fn bad_creations() -> Vec<Bad> {
    let kit = json!({"body": {}});
    let widget = "don:core:dvrv-us-1:devo/h7fWBz:snap_widget/w1";
    let many = |count: usize| (1..=count).map(|n| format!("ARTIFACT-{n}")).collect::<Vec<_>>();
    vec![
        (json!({"type": null}), "unexpected_json_type", Some("type")),
        (json!({"type": "timeline_change_event"}), "invalid_enum_value", Some("type")),
        (json!({"object": null}), "unexpected_json_type", Some("object")),
        (json!({"object": "nothing"}), "invalid_id", Some("object")),
        (json!({"object": 7}), "unexpected_json_type", Some("object")),
        (json!({"object": "TAG-1"}), "unexpected_id_type", Some("object")),
        (json!({"object": "DEVU-1"}), "unexpected_id_type", Some("object")),
        (json!({"body": null}), "missing_required_field", Some("body")),
        (json!({"body": ""}), "missing_required_field", Some("body")),
        (json!({"body": 7}), "unexpected_json_type", Some("body")),
        (json!({"body": "a\u{0}b"}), "value_not_permitted", Some("body")),
        (json!({"body": long(65_537)}), "value_not_permitted", Some("body")),
        (json!({"body_type": "html"}), "invalid_enum_value", Some("body_type")),
        (json!({"body_type": "snap_kit"}), "missing_required_field", Some("snap_kit_body")),
        (json!({"body_type": "snap_widget"}), "missing_required_field", Some("snap_widget_body")),
        (json!({"body_type": "data", "body": null}), "missing_required_field", Some("body")),
        (json!({"body_type": "text", "snap_kit_body": kit}), "value_not_permitted", {
            Some("body_type")
        }),
        (json!({"snap_kit_body": "x"}), "unexpected_json_type", Some("snap_kit_body")),
        (json!({"snap_kit_body": {"body": []}}), "unexpected_json_type", Some("body")),
        (json!({"snap_kit_body": {"snaps": []}}), "invalid_field", Some("snaps")),
        (json!({"snap_widget_body": [widget]}), "invalid_id", Some("snap_widget_body")),
        (json!({"snap_widget_body": vec![widget; 51]}), "value_not_permitted", {
            Some("snap_widget_body")
        }),
        (json!({"snap_widget_body": [widget], "body_type": "text"}), "value_not_permitted", {
            Some("body_type")
        }),
        (json!({"snap_widget_body": [widget], "snap_kit_body": kit}), "value_not_permitted", {
            Some("body_type")
        }),
        (json!({"snap_widget_body": ["ISS-1"]}), "unexpected_id_type", Some("snap_widget_body")),
        (json!({"link_previews": ["x"]}), "invalid_id", Some("link_previews")),
        (json!({"visibility": "secret"}), "invalid_enum_value", Some("visibility")),
        (json!({"private_to": ["DEVU-1"]}), "value_not_permitted", Some("private_to")),
        (json!({"private_to": ["DEVU-9"], "visibility": "private"}), "invalid_id", {
            Some("private_to")
        }),
        (json!({"private_to": ["GROUP-1"], "visibility": "private"}), "unexpected_id_type", {
            Some("private_to")
        }),
        (json!({"labels": [""]}), "value_not_permitted", Some("labels")),
        (json!({"labels": [long(65)]}), "value_not_permitted", Some("labels")),
        (json!({"labels": vec!["x"; 17]}), "value_not_permitted", Some("labels")),
        (json!({"collections": ["chats"]}), "invalid_enum_value", Some("collections")),
        (json!({"external_ref": ""}), "value_not_permitted", Some("external_ref")),
        (json!({"external_ref": long(513)}), "value_not_permitted", Some("external_ref")),
        (json!({"expires_at": "soon"}), "invalid_field", Some("expires_at")),
        (json!({"expires_at": "2026-01-01T12:00:30Z"}), "value_not_permitted", {
            Some("expires_at")
        }),
        (json!({"artifacts": ["ARTIFACT-9"]}), "invalid_id", Some("artifacts")),
        (json!({"artifacts": ["TAG-1"]}), "unexpected_id_type", Some("artifacts")),
        (json!({"artifacts": many(51)}), "value_not_permitted", Some("artifacts")),
        (json!({"panels": ["events"]}), "invalid_field", Some("panels")),
        (json!({"no_such_member": 1}), "invalid_field", Some("no_such_member")),
    ]
}

fn bad_updates() -> Vec<Bad> {
    let many = |count: usize| (1..=count).map(|n| format!("ARTIFACT-{n}")).collect::<Vec<_>>();
    vec![
        (json!({"id": null}), "unexpected_json_type", Some("id")),
        (json!({"id": "ISS-1"}), "unexpected_id_type", Some("id")),
        (json!({"type": "timeline_change_event"}), "invalid_enum_value", Some("type")),
        (json!({"body": null}), "unexpected_json_type", Some("body")),
        (json!({"body": ""}), "missing_required_field", Some("body")),
        (json!({"body": long(65_537)}), "value_not_permitted", Some("body")),
        (json!({"body_type": "snap_kit"}), "missing_required_field", Some("snap_kit_body")),
        (json!({"body_type": "snap_widget"}), "missing_required_field", Some("snap_widget_body")),
        (json!({"body_type": "text", "snap_kit_body": {"body": {}}}), "value_not_permitted", {
            Some("body_type")
        }),
        (json!({"visibility": "internal"}), "invalid_field", Some("visibility")),
        (json!({"object": "PROD-1"}), "invalid_field", Some("object")),
        (json!({"labels": ["x"]}), "invalid_field", Some("labels")),
        (json!({"external_ref": ""}), "value_not_permitted", Some("external_ref")),
        (json!({"external_ref": long(513)}), "value_not_permitted", Some("external_ref")),
        (json!({"artifacts": {"add": many(11)}}), "value_not_permitted", Some("artifacts")),
        (json!({"artifacts": {"remove": many(11)}}), "value_not_permitted", Some("artifacts")),
        (json!({"artifacts": {"set": many(51)}}), "value_not_permitted", Some("artifacts")),
        (json!({"artifacts": {"set": [], "add": ["ARTIFACT-1"]}}), "bad_request", None),
        (json!({"artifacts": {"add": ["ARTIFACT-9"]}}), "invalid_id", Some("artifacts")),
        (json!({"artifacts": {"put": []}}), "invalid_field", Some("put")),
        (json!({"link_previews": {"add": ["ISS-1"]}}), "unexpected_id_type", Some("link_previews")),
    ]
}

fn bad_gets() -> Vec<Bad> {
    vec![
        (json!({"id": null}), "unexpected_json_type", Some("id")),
        (json!({"id": 7}), "unexpected_json_type", Some("id")),
        (json!({"id": "x"}), "invalid_id", Some("id")),
        (json!({"id": ""}), "invalid_id", Some("id")),
        (json!({"id": "ISS-1"}), "unexpected_id_type", Some("id")),
        (json!({"external_ref": ""}), "value_not_permitted", Some("external_ref")),
        (json!({"external_ref": long(513)}), "value_not_permitted", Some("external_ref")),
        (json!({"external_ref": 7}), "unexpected_json_type", Some("external_ref")),
        (json!({"no_such_member": 1}), "invalid_field", Some("no_such_member")),
    ]
}

fn bad_deletions() -> Vec<Bad> {
    vec![
        (json!({"id": null}), "unexpected_json_type", Some("id")),
        (json!({"id": ["x"]}), "unexpected_json_type", Some("id")),
        (json!({"id": "x"}), "invalid_id", Some("id")),
        (json!({"id": "ISS-1"}), "unexpected_id_type", Some("id")),
        (json!({"external_ref": "x"}), "invalid_field", Some("external_ref")),
    ]
}

fn bad_lists() -> Vec<Bad> {
    vec![
        (json!({"object": null}), "unexpected_json_type", Some("object")),
        (json!({"object": "TAG-1"}), "unexpected_id_type", Some("object")),
        (json!({"collections": ["x"]}), "invalid_enum_value", Some("collections")),
        (json!({"panels": ["x"]}), "invalid_enum_value", Some("panels")),
        (json!({"visibility": ["x"]}), "invalid_enum_value", Some("visibility")),
        (json!({"labels": [""]}), "value_not_permitted", Some("labels")),
        (json!({"created_date": {"after": "x"}}), "invalid_field", Some("after")),
        (json!({"created_date": {"type": "range"}}), "invalid_field", Some("type")),
        (json!({"mode": "sideways"}), "invalid_enum_value", Some("mode")),
        (json!({"limit": "x"}), "unexpected_json_type", Some("limit")),
        (json!({"sort_by": ["created_date:desc"]}), "invalid_field", Some("sort_by")),
    ]
}

fn with(mut request: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().expect("members") {
        request[name] = value.clone();
    }
    request
}

#[tokio::test]
async fn bad_requests_are_refused_by_name_and_change_nothing() {
    let talk = Talk::new().await;
    let entry = talk.comment("ISS-1", json!({"body": "as it was", "external_ref": "x"})).await;
    let create = on("ISS-1", json!({"body": "new"}));
    let update = json!({"id": entry["id"], "type": "timeline_comment"});
    let list = json!({"object": "ISS-1"});
    let mut wrong = Vec::new();
    for (op, request, table) in [
        ("timeline-entries.create", create, bad_creations()),
        ("timeline-entries.update", update, bad_updates()),
        ("timeline-entries.get", json!({"id": entry["id"]}), bad_gets()),
        ("timeline-entries.list", list, bad_lists()),
        ("timeline-entries.delete", json!({"id": entry["id"]}), bad_deletions()),
    ] {
        for (members, kind, field) in table {
            let request = with(request.clone(), &members);
            let shown: String = request.to_string().chars().take(300).collect();
            let answer = talk.server.call(op, request).await;
            let seen = (answer.status.as_u16(), &answer.body["type"], &answer.body["field_name"]);
            if seen != (400, &json!(kind), &json!(field)) {
                wrong.push(format!("{op} {shown}: {}, and not {kind} {field:?}", answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(talk.list(&json!("ISS-1"), json!({})).await, [entry]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let talk = Talk::new().await;
    talk.comment("ISS-1", json!({"body": "x"})).await;
    let head = "don:core:dvrv-us-1:devo";
    for tail in [
        "h7fWBz:issue/1:comment/9",
        "h7fWBz:issue/2:comment/1",
        "h7fWBz:issue/1:comment/x",
        "h7fWBz:issue/1:timeline_change_event/9",
        "h7fWBz:issue/1:timeline_change_event/0",
        "h7fWBz:issue/2:timeline_change_event/1",
        "h7fWBz:issue/1:comment/1:timeline_change_event/1",
        "h7fWBz:tag/1:timeline_change_event/1",
        "other:issue/1:comment/1",
    ] {
        let id = format!("{head}/{tail}");
        let request = json!({"id": id});
        talk.server.call("timeline-entries.get", request).await.error(404, "not_found");
    }
    for object in ["ISS-2", "TKT-1", "C-CMP-1", "ACC-nobody", "GROUP-7"] {
        let list = json!({"object": object});
        talk.server.call("timeline-entries.list", list).await.error(404, "not_found");
        let comment = on(object, json!({"body": "x"}));
        talk.server.call("timeline-entries.create", comment).await.error(404, "not_found");
    }
    let change = format!("{head}/h7fWBz:issue/1:timeline_change_event/1");
    for op in ["timeline-entries.update", "timeline-entries.delete"] {
        let refused = talk.server.call(op, json!({"id": change})).await;
        assert_eq!(refused.error(400, "unexpected_id_type")["field_name"], "id");
    }
    let long = format!("{head}/h7fWBz:issue/1{}", ":comment/1".repeat(20_000));
    let request = json!({"id": long});
    talk.server.call("timeline-entries.get", request).await.error(404, "not_found");
}
