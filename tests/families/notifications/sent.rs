//! What programs tell people of.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{inbox, lines, list};
use crate::content_template::template;
use crate::timeline_entries::Talk;

/// The id of a template with the inputs `build` and `minutes`.
async fn made(talk: &Talk) -> Value {
    let made = talk.call("content-template.create", template("builds")).await;
    made["content_template"]["id"].clone()
}

fn to(receiver: &str, template: &Value) -> Value {
    json!({
        "type": "generic_notification", "receiver": receiver, "event_type": "alert",
        "metadata": [{"content_template": template, "inputs": {"build": "B7", "minutes": 12}}],
    })
}

async fn send(talk: &Talk, all: Value) {
    let sent = talk.call("notifications.send", json!({"notifications": all})).await;
    assert_eq!(sent, json!({"success": true}));
}

#[tokio::test]
async fn a_program_tells_people_of_something() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let template = made(&talk).await;
    let mut about = to(&bob, &template);
    about["parent"] = json!("ISS-1");
    about["priority"] = json!("high");
    about["timestamp"] = json!("2026-01-01T11:00:00Z");
    let click = |target: Value| json!({"type": "clickable_action", "clickable_action": target});
    about["metadata"][0]["action"] = click(json!({"type": "object", "object": "PROD-1"}));
    let mut plain = to(&bob, &template);
    let url = json!({"type": "url", "url": "https://ci.example.org/7"});
    plain["metadata"][0]["action"] = click(url);
    plain["metadata"][0]["inputs"] = json!({"build": "B8"});
    send(&talk, json!([about, plain, to("DEVU-1", &template)])).await;
    insta::assert_json_snapshot!(inbox(&talk, &bobs).await);
    assert_eq!(list(&talk, ADMIN, json!({})).await.len(), 1);
}

#[tokio::test]
async fn what_goes_by_one_name_is_told_together() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let template = made(&talk).await;
    let named = |event_id: &str| {
        let mut one = to(&bob, &template);
        one["event_id"] = json!(event_id);
        one["parent"] = json!("ISS-1");
        one
    };
    send(&talk, json!([named("a"), named("b"), named("a")])).await;
    talk.comment("ISS-1", json!({"body": bob})).await;
    let told = lines(&inbox(&talk, &bobs).await);
    let text = "alert Ada After 12 min: {unknown}";
    let mut expected = [
        format!("ISS-1 unread mention: mention Ada {bob}"),
        format!("ISS-1 unread alert: {text}, {text}"),
        format!("ISS-1 unread alert: {text}"),
    ];
    expected.sort_unstable();
    let mut told = told;
    told.sort_unstable();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn nobody_is_sent_what_they_may_not_see_or_do_not_want() {
    let talk = Talk::new().await;
    let (kim, kims) = talk.customer("kim", "eu").await;
    let template = made(&talk).await;
    let mut hidden = to(&kim, &template);
    hidden["parent"] = json!("ISS-1");
    let mut leads = to(&kim, &template);
    let target = json!({"type": "object", "object": "ISS-1"});
    let click = json!({"type": "clickable_action", "clickable_action": target});
    leads["metadata"][0]["action"] = click;
    for one in [hidden, leads] {
        let request = json!({"notifications": [to(&kim, &template), one]});
        let refused = talk.server.call("notifications.send", request).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "receiver");
    }
    // Nothing is half applied.
    assert_eq!(list(&talk, &kims, json!({})).await.len(), 0);
    let unwanted = json!({"notification_preferences": {"alert": "none"}});
    talk.server.call_as(&kims, "preferences.update", unwanted).await.ok();
    send(&talk, json!([to(&kim, &template)])).await;
    assert_eq!(list(&talk, &kims, json!({})).await.len(), 0);
    let mut reminder = to(&kim, &template);
    reminder["event_type"] = json!("reminder");
    send(&talk, json!([reminder])).await;
    let told = lines(&list(&talk, &kims, json!({})).await);
    assert_eq!(told, ["- unread reminder: reminder Ada After 12 min: {unknown}"]);
    let own = json!({"notifications": [to(&kim, &template)]});
    let refused = talk.server.call_as(&kims, "notifications.send", own).await;
    refused.error(403, "forbidden");
}

#[tokio::test]
async fn bad_notifications_are_refused_by_name() {
    let talk = Talk::new().await;
    let template = made(&talk).await;
    let metadata = |members: Value| {
        let mut one = json!({"content_template": template, "inputs": {"build": "x"}});
        one.as_object_mut().expect("members").extend(members.as_object().cloned().expect("more"));
        json!([one])
    };
    let action = |target: Value| metadata(json!({"action": {"clickable_action": target}}));
    for (member, value, kind, field) in [
        ("type", json!("mail"), "invalid_enum_value", "type"),
        ("receiver", json!("SYSU-1"), "unexpected_id_type", "receiver"),
        ("receiver", json!("DEVU-99"), "invalid_id", "receiver"),
        ("parent", json!("ISS-99"), "invalid_id", "parent"),
        ("parent", json!("TAG-1"), "unexpected_id_type", "parent"),
        ("event_type", json!("gossip"), "invalid_enum_value", "event_type"),
        ("priority", json!("p0"), "invalid_enum_value", "priority"),
        ("metadata", json!([]), "value_not_permitted", "metadata"),
        ("metadata", json!([{"inputs": {}}]), "missing_required_field", "content_template"),
        ("metadata", metadata(json!({"inputs": {}})), "value_not_permitted", "inputs"),
        ("metadata", metadata(json!({"inputs": {"build": []}})), "value_not_permitted", "inputs"),
        (
            "metadata",
            metadata(json!({"inputs": {"build": "x", "other": 1}})),
            "value_not_permitted",
            "inputs",
        ),
        ("metadata", action(json!({"type": "url"})), "missing_required_field", "url"),
        ("metadata", action(json!({"url": "javascript:x"})), "value_not_permitted", "url"),
        ("metadata", action(json!({"object": "ISS-99"})), "invalid_id", "object"),
    ] {
        let mut one = to("DEVU-1", &template);
        one[member] = value;
        let request = json!({"notifications": [one]});
        let refused = talk.server.call("notifications.send", request.clone()).await;
        let seen = (refused.body["type"].clone(), refused.body["field_name"].clone());
        assert_eq!(
            (refused.status.as_u16(), seen),
            (400, (json!(kind), json!(field))),
            "{request}"
        );
    }
    for all in [json!([]), json!(vec![to("DEVU-1", &template); 11])] {
        let refused = talk.server.call("notifications.send", json!({"notifications": all})).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "notifications");
    }
    assert_eq!(inbox(&talk, ADMIN).await.len(), 0);
}
