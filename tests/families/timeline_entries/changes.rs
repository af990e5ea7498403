//! The history of an object, as its timeline tells it.

use serde_json::{Value, json};

use super::Talk;

impl Talk {
    /// The changes of an object, oldest first.
    async fn changes(&self, object: &str) -> Vec<Value> {
        self.list(&json!(object), json!({"collections": ["events"], "limit": 100})).await
    }

    async fn update(&self, members: Value) -> Value {
        let mut request = members;
        request["id"] = json!("ISS-1");
        self.call("works.update", request).await["work"].clone()
    }
}

/// A change in short: the fields with their old and new values.
fn deltas(entry: &Value) -> Vec<(&str, Value, Value)> {
    let deltas = entry["event"]["updated"]["field_deltas"].as_array().expect("deltas");
    let value = |delta: &Value, member: &str| {
        let value = &delta[member];
        let plain = value.get("value").or_else(|| value.get("values"));
        plain.unwrap_or(value).clone()
    };
    deltas
        .iter()
        .map(|delta| {
            let name = delta["name"].as_str().expect("a name");
            (name, value(delta, "old_value"), value(delta, "new_value"))
        })
        .collect()
}

#[tokio::test]
async fn the_whole_history_of_a_work_is_in_its_timeline() {
    let talk = Talk::new().await;
    let (member, _) = talk.member("bob").await;
    talk.update(json!({"title": "Slower", "body": "Much slower."})).await;
    talk.update(json!({"stage": {"name": "in_development"}})).await;
    talk.update(json!({"owned_by": [member], "priority": "p0"})).await;
    talk.update(json!({"title": "Slowest", "body": ""})).await;
    talk.update(json!({"title": "Slowest"})).await;
    let changes = talk.changes("ISS-1").await;
    assert_eq!(changes.len(), 5);
    insta::assert_json_snapshot!(&changes[..3]);
    let (none, dev) = (Value::Null, |number: u32| {
        json!([format!("don:identity:dvrv-us-1:devo/h7fWBz:devu/{number}")])
    });
    assert_eq!(
        deltas(&changes[1]),
        [("body", none.clone(), json!("Much slower.")), ("title", json!("Slow"), json!("Slower")),]
    );
    let owners = deltas(&changes[3]);
    assert_eq!(owners[0], ("owned_by", dev(1), dev(2)));
    assert_eq!(owners[1], ("priority", json!("p2"), json!("p0")));
    assert_eq!(
        deltas(&changes[4]),
        [("title", json!("Slower"), json!("Slowest")), ("body", json!("Much slower."), none),]
    );
    for change in &changes {
        assert_eq!(talk.get(&change["id"]).await, *change);
        assert_eq!(change["visibility"], "internal");
    }
}

#[tokio::test]
async fn a_stage_is_read_in_both_ways() {
    let talk = Talk::new().await;
    talk.update(json!({"stage": {"name": "in_development"}})).await;
    let changes = talk.changes("ISS-1").await;
    let updated = &changes[1]["event"]["updated"];
    assert_eq!(updated["object_type"], "issue");
    let deltas = updated["field_deltas"].as_array().expect("deltas");
    let stage = deltas.iter().find(|delta| delta["name"] == "stage").expect("a stage");
    for (member, name) in [("old_value", "triage"), ("new_value", "in_development")] {
        let value = &stage[member];
        assert_eq!((&value["type"], &value["name"]), (&json!("stage"), &json!(name)));
        assert_eq!(value["fields"]["name"]["value"], name);
    }
}

#[tokio::test]
async fn a_page_of_a_long_history_knows_the_values_that_came_after() {
    let talk = Talk::new().await;
    for number in 0..230 {
        talk.update(json!({"body": format!("{number}")})).await;
    }
    talk.update(json!({"title": "Slowest"})).await;
    let page = async |members: Value| {
        let mut members = members;
        members["collections"] = json!("events");
        talk.list(&json!("ISS-1"), members).await
    };
    let first = page(json!({"limit": 3})).await;
    assert_eq!(deltas(&first[1]), [("body", Value::Null, json!("0"))]);
    assert_eq!(deltas(&first[2]), [("body", json!("0"), json!("1"))]);
    let last = page(json!({"limit": 2, "mode": "before"})).await;
    assert_eq!(deltas(&last[0]), [("body", json!("228"), json!("229"))]);
    assert_eq!(deltas(&last[1]), [("title", json!("Slow"), json!("Slowest"))]);
    let one = json!(first[2]["id"].as_str().expect("an id").replace("event/3", "event/231"));
    assert_eq!(deltas(&talk.get(&one).await), [("body", json!("228"), json!("229"))]);
}

#[tokio::test]
async fn custom_fields_tags_and_parts_are_told_by_name() {
    let talk = Talk::new().await;
    talk.call("tags.create", json!({"name": "core", "allowed_values": ["v"]})).await;
    let fragment = json!({
        "type": "tenant_fragment", "leaf_type": "issue", "description": "All issues",
        "fields": [{"name": "cost", "field_type": "int"}],
    });
    talk.call("schemas.custom.set", fragment).await;
    let set = json!({
        "custom_fields": {"tnt__cost": 7}, "custom_schema_spec": {"tenant_fragment": true},
        "tags": {"set": [{"id": "TAG-1", "value": "v"}]},
        "target_close_date": "2026-02-01T00:00:00Z",
    });
    talk.update(set).await;
    talk.update(json!({"custom_fields": {"tnt__cost": 8}, "tags": {"set": []}})).await;
    let changes = talk.changes("ISS-1").await;
    let named = |entry: &Value, name: &str| {
        let found = deltas(entry).into_iter().find(|(each, ..)| *each == name);
        found.map(|(_, old, new)| (old, new))
    };
    let cost = "custom_fields.tnt__cost";
    assert_eq!(named(&changes[1], cost), Some((Value::Null, json!(7))));
    assert_eq!(named(&changes[2], cost), Some((json!(7), json!(8))));
    let tag = "don:core:dvrv-us-1:devo/h7fWBz:tag/1";
    let tags = json!([{"name": "core", "tag_id": tag, "value": "v"}]);
    assert_eq!(named(&changes[1], "tags"), Some((Value::Null, tags.clone())));
    assert_eq!(named(&changes[2], "tags"), Some((tags, Value::Null)));
    let due = json!("2026-02-01T00:00:00.000Z");
    assert_eq!(named(&changes[1], "target_close_date"), Some((Value::Null, due)));

    talk.call("parts.update", json!({"id": "PROD-1", "name": "Post"})).await;
    let part = talk.changes("PROD-1").await;
    assert_eq!(deltas(&part[1]), [("name", json!("Mail"), json!("Post"))]);
}

#[tokio::test]
async fn what_answers_do_not_show_is_no_entry() {
    let talk = Talk::new().await;
    let file = crate::artifacts::prepare(&talk.server, "a", "text/plain").await;
    talk.update(json!({"artifacts": {"set": [file["id"]]}})).await;
    let (name, token) = talk.customer("ana", "eu").await;
    talk.call("rev-users.update", json!({"id": name, "display_name": "Ana"})).await;
    talk.server.call_as(&token, "ping", json!({})).await.ok();
    for (object, expected) in [("ISS-1", vec!["artifacts"]), (&*name, vec!["display_name"])] {
        let changes = talk.changes(object).await;
        let names: Vec<_> = changes[1..].iter().flat_map(deltas).map(|delta| delta.0).collect();
        assert_eq!(names, expected, "{object}");
    }
}
