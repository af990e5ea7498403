//! What people set for their own use.

use serde_json::{Value, json};

use crate::timeline_entries::Talk;

async fn get(talk: &Talk, token: &str, request: Value) -> Value {
    let got = talk.server.call_as(token, "preferences.get", request).await.ok();
    assert_eq!(got["preference"], got["preferences"]);
    got["preference"].clone()
}

#[tokio::test]
async fn preferences_are_there_before_anything_is_set() {
    let talk = Talk::new().await;
    let request = json!({"type": "user_preferences", "object": "DEVU-1", "language_code": "en"});
    let got = talk.call("preferences.get", request).await;
    insta::assert_json_snapshot!(got);
    assert_eq!(talk.call("preferences.get", json!({})).await, got);
}

#[tokio::test]
async fn what_is_set_stays_and_the_rest_is_as_it_was() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let request = json!({
        "type": "user_preferences", "object": bob,
        "general_preferences": {"availability": {"manual_away": true}, "preferred_locale": "de"},
        "notification_preferences": {"update": "none", "comment": "inbox"},
        "ui_preferences": {"theme": "dark", "columns": ["title", {"name": "stage", "width": 80}]},
    });
    let updated = talk.server.call_as(&bobs, "preferences.update", request).await.ok();
    insta::assert_json_snapshot!(updated);
    assert_eq!(get(&talk, &bobs, json!({})).await, updated["preferences"]);

    let more = json!({
        "general_preferences": {"preferred_locale": ""},
        "notification_preferences": {"email": false, "update": "email"},
    });
    talk.server.call_as(&bobs, "preferences.update", more).await.ok();
    let preferences = get(&talk, &bobs, json!({})).await;
    let general = json!({"availability": {"manual_away": true}});
    assert_eq!(preferences["general_preferences"], general);
    let notifications = json!({
        "alert": "email", "assignment": "email", "comment": "inbox", "email": false,
        "mention": "email", "reminder": "email", "update": "email",
    });
    assert_eq!(preferences["notification_preferences"], notifications);
    assert_eq!(preferences["ui_preferences"], updated["preference"]["ui_preferences"]);

    let cleared = json!({"ui_preferences": null});
    let cleared = talk.server.call_as(&bobs, "preferences.update", cleared).await.ok();
    assert_eq!(cleared["preference"].get("ui_preferences"), None);
    // Nobody else's are touched.
    let own = get(&talk, worksmith_tests::ADMIN, json!({})).await;
    assert_eq!(own["general_preferences"], json!({}));
}

#[tokio::test]
async fn preferences_are_for_their_user_and_admins() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (cyn, _) = talk.member("cyn").await;
    let (kim, kims) = talk.customer("kim", "eu").await;
    let (lou, _) = talk.customer("lou", "eu").await;
    let by_admin = json!({"object": bob, "notification_preferences": {"email": false}});
    talk.call("preferences.update", by_admin).await;
    let own = get(&talk, &bobs, json!({"object": bob})).await;
    assert_eq!(own["notification_preferences"]["email"], false);
    let by_customer = json!({"object": kim, "notification_preferences": {"comment": "none"}});
    let done = talk.server.call_as(&kims, "preferences.update", by_customer).await.ok();
    assert_eq!(done["preference"]["notification_preferences"]["comment"], "none");
    for (token, object, status, kind) in [
        (&bobs, &cyn, 403, "forbidden"),
        (&bobs, &kim, 403, "forbidden"),
        // Customers see no other people.
        (&kims, &bob, 404, "not_found"),
        (&kims, &lou, 404, "not_found"),
    ] {
        for op in ["preferences.get", "preferences.update"] {
            let refused = talk.server.call_as(token, op, json!({"object": object})).await;
            refused.error(status, kind);
        }
    }
}

#[tokio::test]
async fn bad_preferences_are_refused_by_name() {
    let talk = Talk::new().await;
    for (member, value, kind, field) in [
        ("type", json!("org_preferences"), "invalid_enum_value", "type"),
        ("object", json!("ISS-1"), "unexpected_id_type", "object"),
        ("object", json!("SYSU-1"), "unexpected_id_type", "object"),
        ("language_code", json!(1), "unexpected_json_type", "language_code"),
        ("notification_preferences", json!({"mention": "pigeon"}), "invalid_enum_value", "mention"),
        ("notification_preferences", json!({"sms": true}), "invalid_field", "sms"),
        (
            "general_preferences",
            json!({"availability": {"manual_away": "yes"}}),
            "unexpected_json_type",
            "manual_away",
        ),
        ("ui_preferences", json!([]), "unexpected_json_type", "ui_preferences"),
        (
            "ui_preferences",
            json!({"x": "y".repeat(70_000)}),
            "value_not_permitted",
            "ui_preferences",
        ),
    ] {
        let refused = talk.server.call("preferences.update", json!({member: value})).await;
        assert_eq!(refused.error(400, kind)["field_name"], field);
    }
    for op in ["preferences.get", "preferences.update"] {
        let gone = talk.server.call(op, json!({"object": "DEVU-99"})).await;
        gone.error(404, "not_found");
    }
    let unset = talk.call("preferences.get", json!({})).await;
    assert_eq!(unset["preference"].get("modified_date"), None);
}
