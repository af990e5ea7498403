//! Snap widgets, and comments that show them.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use crate::artifacts::prepare;
use crate::timeline_entries::{Talk, on};

/// An email with every member.
async fn email(talk: &Talk) -> Value {
    for name in ["mail.eml", "logo.png"] {
        prepare(&talk.server, name, "text/plain").await;
    }
    let person = |address: &str| json!({"address": address});
    json!({
        "type": "email_preview", "name": "Re: slow", "namespace": "email_preview",
        "status": "draft",
        "from": [{"address": "ada@example.org", "name": "Ada", "user": "DEVU-1"}],
        "to": [person("a@example.org"), person("b@example.org")], "cc": [person("c@example.org")],
        "bcc": [person("d@example.org")], "reply_to": [person("e@example.org")],
        "subject": "Re: slow", "html_body": "<b>Still slow</b>", "text_body": "Still slow",
        "message_id": "<2@example.org>", "in_reply_to": "<1@example.org>",
        "references": ["<0@example.org>", "<1@example.org>"], "is_spam": false,
        "inlines": [{"artifact": "ARTIFACT-2", "content_id": "logo"}],
        "raw_email_artifact": "ARTIFACT-1", "sent_timestamp": "2026-01-01T11:00:00+01:00",
    })
}

async fn widget(talk: &Talk, request: Value) -> Value {
    let made = talk.server.call("snap-widgets.create", request).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.ok()["snap_widget"].clone()
}

#[tokio::test]
async fn a_comment_shows_its_widgets_as_a_whole() {
    let talk = Talk::new().await;
    let email = email(&talk).await;
    let first = widget(&talk, email).await;
    insta::assert_json_snapshot!(first, {".id" => "[id]"});
    let plain = widget(&talk, json!({"type": "email_preview", "name": "Mail"})).await;
    assert_eq!(plain["status"], "published");
    for list in ["bcc", "cc", "from", "inlines", "references", "reply_to", "to"] {
        assert_eq!(plain[list], json!([]), "{list}");
    }

    let ids = [&first["id"], &plain["id"], &first["id"]];
    let entry = talk.comment("ISS-1", json!({"snap_widget_body": ids, "body": "Mail!"})).await;
    assert_eq!(entry["body_type"], "snap_widget");
    assert_eq!(entry["snap_widget_body"], json!([first, plain]));
    assert_eq!(talk.get(&entry["id"]).await, entry);
    let (_, bob) = talk.member("bob").await;
    let list = json!({"object": "ISS-1"});
    let page = talk.server.call_as(&bob, "timeline-entries.list", list).await.ok();
    assert_eq!(page["timeline_entries"], json!([entry]));

    // Another type of body takes their place.
    let update = async |members: Value| {
        let mut request = members;
        request["id"] = entry["id"].clone();
        talk.call("timeline-entries.update", request).await["timeline_entry"].clone()
    };
    let same = update(json!({"body_type": "snap_widget", "body": "Mails!"})).await;
    assert_eq!(same["snap_widget_body"], entry["snap_widget_body"]);
    let text = update(json!({"body_type": "text"})).await;
    assert_eq!((&text["body"], text.get("snap_widget_body")), (&json!("Mails!"), None));
    let kit = talk.comment("ISS-1", json!({"snap_widget_body": [plain["id"]]})).await;
    let request = json!({"id": kit["id"], "snap_kit_body": {"body": {"snaps": []}}});
    let kit = talk.call("timeline-entries.update", request).await["timeline_entry"].clone();
    assert_eq!((&kit["body_type"], kit.get("snap_widget_body")), (&json!("snap_kit"), None));
}

#[tokio::test]
async fn customers_see_widgets_in_comments_and_make_none() {
    let talk = Talk::new().await;
    let (_, ana) = talk.customer("ana", "eu").await;
    let ticket = talk.ticket_of(&ana).await;
    let made = widget(&talk, json!({"type": "email_preview", "name": "Mail"})).await;
    let entry = talk.comment(&ticket, json!({"snap_widget_body": made["id"]})).await;
    let get = json!({"id": entry["id"]});
    let seen = talk.server.call_as(&ana, "timeline-entries.get", get).await.ok();
    assert_eq!(seen["timeline_entry"]["snap_widget_body"], json!([made]));
    let request = json!({"type": "email_preview", "name": "Mail"});
    let refused = talk.server.call_as(&ana, "snap-widgets.create", request).await;
    refused.error(403, "forbidden");
}

#[tokio::test]
async fn the_files_of_a_widget_belong_to_it() {
    let talk = Talk::new().await;
    let email = email(&talk).await;
    let made = widget(&talk, email).await;
    let taken = on("ISS-1", json!({"artifacts": ["ARTIFACT-2"]}));
    let taken = talk.server.call_as(ADMIN, "timeline-entries.create", taken).await;
    let taken = taken.error(400, "artifact_already_attached_to_a_parent");
    assert_eq!(taken["existing_parent"], made["id"]);
}

#[tokio::test]
async fn bad_widgets_are_refused_by_name() {
    let talk = Talk::new().await;
    let long = |length: usize| json!("x".repeat(length));
    let person = |member: &str, value: Value| {
        let mut person = json!({"address": "a@example.org"});
        person[member] = value;
        json!([person])
    };
    let whole = json!({"type": "email_preview", "name": "Mail"});
    for (member, value, kind, field) in [
        ("type", Value::Null, "unexpected_json_type", "type"),
        ("type", json!("poll"), "invalid_enum_value", "type"),
        ("name", Value::Null, "unexpected_json_type", "name"),
        ("name", json!(""), "value_not_permitted", "name"),
        ("name", long(257), "value_not_permitted", "name"),
        ("namespace", json!("mail"), "invalid_enum_value", "namespace"),
        ("status", json!("sent"), "invalid_enum_value", "status"),
        ("bcc", json!(7), "unexpected_json_type", "bcc"),
        ("cc", json!([{"name": "x"}]), "missing_required_field", "address"),
        ("from", person("address", json!("")), "value_not_permitted", "address"),
        ("from", person("address", long(513)), "value_not_permitted", "address"),
        ("reply_to", person("name", long(257)), "value_not_permitted", "name"),
        ("to", person("user", json!("ISS-1")), "unexpected_id_type", "user"),
        ("to", person("user", json!("DEVU-9")), "invalid_id", "user"),
        ("to", person("phone", json!("1")), "invalid_field", "phone"),
        ("to", json!(vec![json!({"address": "a"}); 101]), "value_not_permitted", "to"),
        ("html_body", long(65_537), "value_not_permitted", "html_body"),
        ("text_body", long(65_537), "value_not_permitted", "text_body"),
        ("subject", long(1_025), "value_not_permitted", "subject"),
        ("message_id", long(1_025), "value_not_permitted", "message_id"),
        ("in_reply_to", long(1_025), "value_not_permitted", "in_reply_to"),
        ("references", json!([""]), "value_not_permitted", "references"),
        ("references", json!(vec!["x"; 101]), "value_not_permitted", "references"),
        ("inlines", json!([{"content_id": ""}]), "value_not_permitted", "content_id"),
        ("inlines", json!([{"artifact": "ARTIFACT-9"}]), "invalid_id", "artifact"),
        ("inlines", json!(vec![json!({}); 51]), "value_not_permitted", "inlines"),
        ("is_spam", json!("no"), "unexpected_json_type", "is_spam"),
        ("raw_email_artifact", json!("TAG-1"), "unexpected_id_type", "raw_email_artifact"),
        ("raw_email_artifact", json!("ARTIFACT-9"), "invalid_id", "raw_email_artifact"),
        ("sent_timestamp", json!("soon"), "invalid_field", "sent_timestamp"),
        ("interactions", json!([]), "invalid_field", "interactions"),
        ("shared_with", json!([]), "invalid_field", "shared_with"),
    ] {
        let mut request = whole.clone();
        request[member] = value.clone();
        let refused = talk.server.call("snap-widgets.create", request).await;
        let refused = refused.error(400, kind);
        let shown: String = value.to_string().chars().take(80).collect();
        assert_eq!(refused["field_name"], field, "{member} {shown}");
    }
}
