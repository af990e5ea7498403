//! Reactions to comments.

use serde_json::{Value, json};

use crate::timeline_entries::Talk;

fn emojis(entry: &Value) -> Vec<(&str, u64, bool)> {
    let reactions = entry["reactions"].as_array().map(Vec::as_slice).unwrap_or_default();
    reactions
        .iter()
        .map(|one| {
            let emoji = one["emoji"].as_str().expect("an emoji");
            let total = one["total_users"].as_u64().expect("a number");
            (emoji, total, one["reacted"].as_bool().expect("a flag"))
        })
        .collect()
}

#[tokio::test]
async fn people_react_once_and_take_it_back() {
    let talk = Talk::new().await;
    let (_, bob) = talk.member("bob").await;
    let entry = talk.comment("ISS-1", json!({"body": "Done?"})).await;
    let id = &entry["id"];
    let react = async |token: &str, emoji: &str, action: &str| {
        let request = json!({"object": id, "emoji": emoji, "action": action});
        let done = talk.server.call_as(token, "reactions.update", request).await;
        assert_eq!((done.status.as_u16(), done.body), (200, json!({})));
    };
    let admin = worksmith_tests::ADMIN;
    react(admin, "joy", "add").await;
    react(admin, "1F602", "add").await;
    react(&bob, "😂", "add").await;
    react(&bob, "+1", "add").await;
    react(admin, "heart", "remove").await;
    let shown = talk.get(id).await;
    assert_eq!(emojis(&shown), [("1f602", 2, true), ("1f44d", 1, false)]);
    for member in ["body", "modified_date", "modified_by", "created_date"] {
        assert_eq!(shown[member], entry[member], "{member}");
    }
    let seen = talk.server.call_as(&bob, "timeline-entries.get", json!({"id": id})).await.ok();
    assert_eq!(emojis(&seen["timeline_entry"]), [("1f602", 2, true), ("1f44d", 1, true)]);
    let listed = talk.list(&json!("ISS-1"), json!({})).await;
    assert_eq!(listed, [shown]);

    let reactors = talk.call("reactions.list", json!({"object": id, "emoji": "joy"})).await;
    insta::assert_json_snapshot!(reactors);
    let query = |id: &Value| {
        let id = id.as_str().expect("an id").replace(':', "%3A").replace('/', "%2F");
        format!("object={id}&emoji=%2B1")
    };
    let thumbs = talk.server.get("reactions.list", &query(id)).await.ok();
    assert_eq!(thumbs["reactors"].as_array().map(Vec::len), Some(1));
    let hearts = talk.call("reactions.list", json!({"object": id, "emoji": "heart"})).await;
    assert_eq!(hearts, json!({"reactors": []}));

    react(admin, "1f602", "remove").await;
    react(admin, "joy", "remove").await;
    assert_eq!(emojis(&talk.get(id).await), [("1f602", 1, false), ("1f44d", 1, false)]);
    react(&bob, "joy", "remove").await;
    assert_eq!(emojis(&talk.get(id).await), [("1f44d", 1, false)]);
}

#[tokio::test]
async fn those_who_reacted_are_listed_in_pages() {
    let talk = Talk::new().await;
    let entry = talk.comment("ISS-1", json!({"body": "Lunch?"})).await;
    let mut people = Vec::new();
    for name in ["ann", "ben", "cyn", "dan", "eve"] {
        let (id, token) = talk.member(name).await;
        let request = json!({"object": entry["id"], "emoji": "pizza", "action": "add"});
        talk.server.call_as(&token, "reactions.update", request).await.ok();
        people.push((id, token));
    }
    let page = async |cursor: Option<&Value>| {
        let mut request = json!({"object": entry["id"], "emoji": "pizza", "limit": 2});
        if let Some(cursor) = cursor {
            request["cursor"] = cursor.clone();
        }
        talk.server.call("reactions.list", request).await
    };
    let ids = |page: &Value| -> Vec<Value> {
        let reactors = page["reactors"].as_array().expect("reactors");
        reactors.iter().map(|one| one["display_id"].clone()).collect()
    };
    let first = page(None).await.ok();
    assert_eq!(ids(&first), [people[0].0.as_str(), &people[1].0]);
    let second = page(first.get("next_cursor")).await.ok();
    assert_eq!(ids(&second), [people[2].0.as_str(), &people[3].0]);
    let third = page(second.get("next_cursor")).await.ok();
    assert_eq!((ids(&third), third.get("next_cursor")), (vec![json!(people[4].0)], None));
    // The last one of the first page goes away in between.
    let gone = json!({"object": entry["id"], "emoji": "pizza", "action": "remove"});
    talk.server.call_as(&people[1].1, "reactions.update", gone).await.ok();
    let second = page(first.get("next_cursor")).await.ok();
    assert_eq!(ids(&second), [people[2].0.as_str(), &people[3].0]);

    for cursor in [json!("x"), json!("e30")] {
        let refused = page(Some(&cursor)).await;
        assert_eq!(refused.error(400, "invalid_field")["field_name"], "cursor");
    }
    let other = json!({"object": entry["id"], "emoji": "joy", "cursor": first["next_cursor"]});
    talk.server.call("reactions.list", other).await.error(400, "invalid_field");
}

#[tokio::test]
async fn bad_reactions_are_refused_by_name() {
    let talk = Talk::new().await;
    let entry = talk.comment("ISS-1", json!({"body": "x"})).await;
    let whole = json!({"object": entry["id"], "emoji": "joy", "action": "add"});
    for (member, value, kind) in [
        ("object", Value::Null, "unexpected_json_type"),
        ("object", json!("ISS-1"), "unexpected_id_type"),
        ("object", json!("x"), "invalid_id"),
        ("emoji", Value::Null, "unexpected_json_type"),
        ("emoji", json!(""), "value_not_permitted"),
        ("emoji", json!("no_such_emoji"), "value_not_permitted"),
        ("emoji", json!("110000"), "value_not_permitted"),
        ("emoji", json!("x".repeat(70_000)), "value_not_permitted"),
        ("emoji", json!(7), "unexpected_json_type"),
        ("action", Value::Null, "unexpected_json_type"),
        ("action", json!("toggle"), "invalid_enum_value"),
        ("limit", json!(1), "invalid_field"),
    ] {
        let mut request = whole.clone();
        request[member] = value.clone();
        let refused = talk.server.call("reactions.update", request).await;
        assert_eq!(refused.error(400, kind)["field_name"], member, "{value}");
    }
    let whole_list = json!({"object": entry["id"], "emoji": "joy"});
    for (member, value, kind) in [
        ("object", Value::Null, "unexpected_json_type"),
        ("object", json!("ISS-1"), "unexpected_id_type"),
        ("object", json!("x"), "invalid_id"),
        ("object", json!(7), "unexpected_json_type"),
        ("emoji", Value::Null, "unexpected_json_type"),
        ("emoji", json!(""), "value_not_permitted"),
        ("emoji", json!("no_such_emoji"), "value_not_permitted"),
        ("emoji", json!("joy\njoystick"), "value_not_permitted"),
        ("emoji", json!(7), "unexpected_json_type"),
        ("limit", json!("many"), "unexpected_json_type"),
        ("cursor", json!(7), "unexpected_json_type"),
        ("cursor", json!("x"), "invalid_field"),
        ("action", json!("add"), "invalid_field"),
        ("mode", json!("before"), "invalid_field"),
    ] {
        let mut request = whole_list.clone();
        request[member] = value.clone();
        let refused = talk.server.call("reactions.list", request).await;
        assert_eq!(refused.error(400, kind)["field_name"], member, "{member} {value}");
    }
    assert_eq!(talk.get(&entry["id"]).await, entry);
    talk.call("timeline-entries.delete", json!({"id": entry["id"]})).await;
    talk.server.call("reactions.update", whole).await.error(404, "not_found");
}
