//! Bad requests.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{inbox, list};
use crate::timeline_entries::Talk;

#[tokio::test]
async fn bad_requests_are_refused_by_name() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "x"})).await;
    let told = inbox(&talk, ADMIN).await;
    let id = &told[0]["id"];
    let many: Vec<_> = (0..101).map(|_| id.clone()).collect();
    let past = "2025-12-31T00:00:00Z";
    for (body, kind, field) in [
        (json!({"state": "done"}), "missing_required_field", "ids"),
        (json!({"ids": [], "state": "done"}), "value_not_permitted", "ids"),
        (json!({"ids": many, "state": "done"}), "value_not_permitted", "ids"),
        (json!({"ids": ["ISS-1"], "state": "done"}), "unexpected_id_type", "ids"),
        (json!({"ids": [id]}), "missing_required_field", "state"),
        (json!({"ids": [id], "state": "gone"}), "invalid_enum_value", "state"),
        (json!({"ids": [id], "state": "later"}), "missing_required_field", "remind_at"),
        (
            json!({"ids": [id], "state": "later", "remind_at": past}),
            "value_not_permitted",
            "remind_at",
        ),
        (
            json!({"ids": [id], "state": "done", "remind_at": "2030-01-01T00:00:00Z"}),
            "value_not_permitted",
            "remind_at",
        ),
    ] {
        let refused = talk.server.call("notifications.update", body.clone()).await;
        assert_eq!(refused.error(400, kind)["field_name"], field, "{body}");
    }
    for (body, kind, field) in [
        (json!({"states": ["new"]}), "invalid_enum_value", "states"),
        (json!({"event_types": ["x"]}), "invalid_enum_value", "event_types"),
        (json!({"parents": ["TAG-1"]}), "unexpected_id_type", "parents"),
        (json!({"receiver": "DEVU-1"}), "invalid_field", "receiver"),
    ] {
        for op in ["notifications.list", "notifications.count"] {
            let refused = talk.server.call(op, body.clone()).await;
            assert_eq!(refused.error(400, kind)["field_name"], field, "{op} {body}");
        }
    }
    let cursor = json!({"cursor": "x"});
    let refused = talk.server.call("notifications.list", cursor).await;
    assert_eq!(refused.error(400, "invalid_field")["field_name"], "cursor");
    assert_eq!(list(&talk, ADMIN, json!({})).await, told);
}

#[tokio::test]
async fn nothing_is_half_applied() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "x"})).await;
    let told = inbox(&talk, ADMIN).await;
    let nowhere = told[0]["id"].as_str().expect("an id").rsplit_once('/').expect("a slash").0;
    let ids: [Value; 2] = [told[0]["id"].clone(), json!(format!("{nowhere}/nowhere1"))];
    let refused = json!({"ids": ids, "state": "done"});
    talk.server.call("notifications.update", refused).await.error(404, "not_found");
    assert_eq!(list(&talk, ADMIN, json!({})).await, told);
}
