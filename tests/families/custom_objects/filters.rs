//! Which objects a list shows: prefix expressions, and sorting.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{fragment, make, with_campaigns};

/// A server with four campaigns that differ in every field.
async fn filled() -> Server {
    let server = with_campaigns().await;
    for (title, key, fields) in [
        ("a", "k1", json!({"budget": 100, "rate": 0.5, "region": "north", "is_paid": true})),
        (
            "b",
            "k2",
            json!({"budget": 500, "rate": 1.5, "region": "south", "is_paid": false,
            "channels": ["mail", "radio"], "launch": "2026-03-01",
            "checked_at": "2026-03-01T10:00:00+02:00", "lead": "DEVU-1"}),
        ),
        (
            "c",
            "k3",
            json!({"budget": 900, "rate": 2, "channels": ["mail"],
            "launch": "2026-05-01", "checked_at": "2026-05-01T08:00:00Z"}),
        ),
        ("d", "k4", json!({})),
    ] {
        let fields: serde_json::Map<_, _> = fields
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (format!("tnt__{name}"), value.clone()))
            .collect();
        make(&server, json!({"title": title, "unique_key": key, "custom_fields": fields})).await;
        server.clock.advance_ms(1_000);
    }
    // An object of another leaf type is never among them.
    fragment(&server, json!({"leaf_type": "journey", "id_prefix": "JRN", "fields": []})).await;
    make(&server, json!({"leaf_type": "journey", "title": "a"})).await;
    server
}

fn titles(page: &Value) -> String {
    let objects = page["result"].as_array().expect("a result");
    objects.iter().map(|object| object["title"].as_str().expect("a title")).collect()
}

/// The titles of the objects that meet a filter, by `filter`, by `filters`, and by counting.
async fn found(server: &Server, filter: &Value) -> String {
    let mut request = json!({"leaf_type": "campaign", "filter": filter, "sort_by": ["title:asc"]});
    let one = titles(&server.call("custom-objects.list", request.clone()).await.ok());
    request["filters"] = json!([request["filter"].take()]);
    request.as_object_mut().expect("a request").remove("filter");
    let many = titles(&server.call("custom-objects.list", request.clone()).await.ok());
    assert_eq!(one, many, "{filter}");
    let count = json!({"leaf_type": "campaign", "filters": [filter]});
    let count = server.call("custom-objects.count", count).await.ok();
    assert_eq!(count, json!({"count": one.len()}), "{filter}");
    one
}

#[tokio::test]
async fn fields_that_every_object_has_are_compared() {
    let server = filled().await;
    let listed = server.call("custom-objects.list", json!({"leaf_type": "campaign"})).await.ok();
    assert_eq!(titles(&listed), "dcba");
    let second = server.call("custom-objects.get", json!({"id": "C-CMP-2"})).await.ok();
    let at = &second["custom_object"]["created_date"];
    let me = &second["custom_object"]["created_by"]["id"];
    for (filter, expected) in [
        (json!(["eq", "$title", "b"]), "b"),
        (json!(["ne", "$title", "b"]), "acd"),
        (json!(["lt", "$title", "b"]), "a"),
        (json!(["lte", "$title", "b"]), "ab"),
        (json!(["gt", "$title", "b"]), "cd"),
        (json!(["gte", "$title", "b"]), "bcd"),
        (json!(["in", "$title", ["d", "b", "x"]]), "bd"),
        (json!(["in", "$title", []]), ""),
        (json!(["eq", "$unique_key", "k3"]), "c"),
        (json!(["eq", "$stage", null]), "abcd"),
        (json!(["ne", "$stage", null]), ""),
        (json!(["eq", "$stage", "STAGE-1"]), ""),
        (json!(["eq", "$subtype", null]), "abcd"),
        (json!(["eq", "$created_by", me]), "abcd"),
        (json!(["eq", "$modified_by", "DEVU-9"]), ""),
        (json!(["eq", "$created_date", at]), "b"),
        (json!(["gt", "$created_date", at]), "cd"),
        (json!(["lte", "$modified_date", at]), "ab"),
        (json!(["and", ["gt", "$title", "a"], ["lt", "$title", "d"]]), "bc"),
        (json!(["or", ["eq", "$title", "a"], ["eq", "$title", "d"]]), "ad"),
        (json!(["not", ["or", ["eq", "$title", "a"], ["eq", "$title", "d"]]]), "bc"),
        (json!(["and"]), "abcd"),
        (json!(["or"]), ""),
    ] {
        assert_eq!(found(&server, &filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn custom_fields_are_compared_by_what_their_values_are() {
    let server = filled().await;
    let field = |name: &str| format!("$custom_fields.tnt__{name}");
    for (operator, name, value, expected) in [
        ("eq", "budget", json!(500), "b"),
        ("ne", "budget", json!(500), "acd"),
        ("lt", "budget", json!(500), "a"),
        ("lte", "budget", json!(500), "ab"),
        ("gt", "budget", json!(500), "c"),
        ("gte", "budget", json!(500), "bc"),
        ("in", "budget", json!([100, 900]), "ac"),
        ("in", "budget", json!([100, null]), "ad"),
        ("eq", "budget", Value::Null, "d"),
        ("ne", "budget", Value::Null, "abc"),
        ("eq", "rate", json!(2.0), "c"),
        ("gt", "rate", json!(1), "bc"),
        ("eq", "region", json!("south"), "b"),
        ("eq", "is_paid", json!(true), "a"),
        ("ne", "is_paid", json!(true), "bcd"),
        ("contains", "channels", json!("mail"), "bc"),
        ("contains", "channels", json!("radio"), "b"),
        ("eq", "channels", Value::Null, "ad"),
        ("gte", "launch", json!("2026-03-02"), "c"),
        ("eq", "checked_at", json!("2026-03-01T08:00:00Z"), "b"),
        ("lt", "checked_at", json!("2026-05-01T10:00:00+02:00"), "b"),
        ("eq", "lead", json!("DEVU-1"), "b"),
        ("eq", "lead", json!("DEVU-9"), ""),
    ] {
        let filter = json!([operator, field(name), value]);
        assert_eq!(found(&server, &filter).await, expected, "{filter}");
    }
    let both = json!([
        "and",
        ["gt", field("budget"), 100],
        ["not", ["contains", field("channels"), "radio"]]
    ]);
    assert_eq!(found(&server, &both).await, "c");
}

#[tokio::test]
async fn several_filters_all_hold_and_a_change_is_seen_at_once() {
    let server = filled().await;
    let request = json!({
        "leaf_type": "campaign",
        "filter": ["gte", "$title", "b"],
        "filters": [["lte", "$title", "c"], ["ne", "$title", "c"]],
    });
    assert_eq!(titles(&server.call("custom-objects.list", request).await.ok()), "b");
    let change = json!({"id": "C-CMP-1", "custom_fields": {"tnt__budget": 501}});
    server.call("custom-objects.update", change).await.ok();
    let rich = json!(["gt", "$custom_fields.tnt__budget", 500]);
    assert_eq!(found(&server, &rich).await, "ac");
    server.call("custom-objects.delete", json!({"id": "C-CMP-3"})).await.ok();
    assert_eq!(found(&server, &rich).await, "a");
}

#[tokio::test]
async fn in_a_query_filters_are_json_texts() {
    let server = filled().await;
    for (query, expected) in [
        (r#"filter=["eq","$custom_fields.tnt__budget",500]"#, "b"),
        (r#"filters=[["gte","$title","b"],["lt","$title","d"]]"#, "cb"),
        (r#"filters=["eq","$title","a"]"#, "a"),
    ] {
        let query = query.replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        let query = format!("leaf_type=campaign&{query}");
        let listed = server.get("custom-objects.list", &query).await.ok();
        assert_eq!(titles(&listed), expected, "{query}");
    }
    let broken = "leaf_type=campaign&filter=%5B%22eq%22";
    let refused = server.get("custom-objects.list", broken).await.error(400, "invalid_field");
    assert_eq!(refused["field_name"], "filter");
    let counted = "leaf_type=campaign&filters=%5B%22eq%22,%22$title%22,%22a%22%5D";
    let counted = server.get("custom-objects.count", counted).await.ok();
    assert_eq!(counted, json!({"count": 1}));
}

#[tokio::test]
async fn a_comparison_that_can_not_be_made_is_refused_at_its_place() {
    let server = filled().await;
    let field = |name: &str| format!("$custom_fields.tnt__{name}");
    for (filter, place, reason) in [
        (json!(["eq", "$descripton", "a"]), "filter[1]", "can't filter by \"descripton\""),
        (json!(["eq", "$description", "a"]), "filter[1]", "can't filter by \"description\""),
        (
            json!(["eq", field("size"), 1]),
            "filter[1]",
            "custom_fields.tnt__size is not in the schema",
        ),
        (
            json!(["eq", field("notes"), "a"]),
            "filter[1]",
            "custom_fields.tnt__notes is not is_filterable in the schema",
        ),
        (
            json!(["eq", field("budget"), "a"]),
            "filter[2]",
            "custom_fields.tnt__budget takes an integer, not string",
        ),
        (
            json!(["eq", field("budget"), 0.5]),
            "filter[2]",
            "custom_fields.tnt__budget takes an integer, not number",
        ),
        (
            json!(["eq", field("is_paid"), 1]),
            "filter[2]",
            "custom_fields.tnt__is_paid takes a bool, not number",
        ),
        (json!(["eq", "$title", 1]), "filter[2]", "title takes a string, not number"),
        (
            json!(["eq", "$created_date", "now"]),
            "filter[2]",
            "created_date takes RFC 3339 times, not \"now\"",
        ),
        (json!(["eq", "$created_by", "me"]), "filter[2]", "created_by takes ids, not \"me\""),
        (json!(["gt", "$stage", "STAGE-1"]), "filter[1]", "stage has no order"),
        (
            json!(["lt", field("is_paid"), true]),
            "filter[1]",
            "custom_fields.tnt__is_paid has no order",
        ),
        (
            json!(["lt", field("channels"), "a"]),
            "filter[1]",
            "custom_fields.tnt__channels has no order",
        ),
        (json!(["contains", "$title", "a"]), "filter[1]", "title is no list"),
        (json!(["lt", "$title", null]), "filter[2]", "null is only for eq, ne and in"),
        (
            json!(["and", ["eq", "$title", "a"], ["eq", "$x", 1]]),
            "filter[2][1]",
            "can't filter by \"x\"",
        ),
        (json!(["like", "$title", "a"]), "filter[0]", "there is no operator \"like\""),
    ] {
        let request = json!({"leaf_type": "campaign", "filter": filter});
        let refused = server.call("custom-objects.list", request).await;
        let refused = refused.error(400, "invalid_field");
        assert_eq!((&refused["field_name"], &refused["detail"]), (&json!("filter"), &json!(place)));
        let message = refused["message"].as_str().expect("a message");
        assert!(message.starts_with(&format!("{place}: {reason}")), "{message}");
    }
    let request = json!({"leaf_type": "campaign", "filters": [["eq", "$x", 1]]});
    let refused = server.call("custom-objects.count", request).await.error(400, "invalid_field");
    assert_eq!(refused["detail"], "filters[0][1]");
    let request = json!({"leaf_type": "campaign", "filter": "x"});
    let refused = server.call("custom-objects.list", request).await;
    assert_eq!(refused.error(400, "unexpected_json_type")["field_name"], "filter");
    let request = json!({"leaf_type": "campaign", "filter": ["and"]});
    server.call("custom-objects.count", request).await.error(400, "invalid_field");
}

#[tokio::test]
async fn lists_are_sorted_by_stock_and_by_custom_fields_and_pages_lead_on() {
    let server = filled().await;
    for (sort_by, expected) in [
        ("title:desc", "dcba"),
        ("unique_key:asc", "abcd"),
        ("created_date:asc", "abcd"),
        ("custom_fields.tnt__budget:asc", "abcd"),
        ("custom_fields.tnt__budget:desc", "cbad"),
        ("custom_fields.tnt__region:desc", "badc"),
        ("custom_fields.tnt__launch:asc", "bcad"),
    ] {
        let mut request = json!({"leaf_type": "campaign", "sort_by": sort_by, "limit": 3});
        let first = server.call("custom-objects.list", request.clone()).await.ok();
        request["cursor"] = first["next_cursor"].clone();
        let rest = server.call("custom-objects.list", request).await.ok();
        let mut shown = titles(&first) + &titles(&rest);
        // Objects without a value come last, in an order that does not matter here.
        if sort_by.contains("launch") {
            shown = format!("{}ad", &shown[..2]);
        }
        assert_eq!(shown, expected, "{sort_by}");
    }
    for sort_by in ["description:asc", "custom_fields.tnt__notes:asc", "custom_fields.x:asc"] {
        let request = json!({"leaf_type": "campaign", "sort_by": sort_by});
        let refused = server.call("custom-objects.list", request).await;
        assert_eq!(refused.error(400, "invalid_field")["field_name"], "sort_by");
    }
}

#[tokio::test]
async fn objects_are_found_by_the_custom_objects_that_they_name() {
    let server = with_campaigns().await;
    let parent = json!({"name": "parent", "field_type": "id", "is_filterable": true,
        "id_type": ["custom_object.campaign"]});
    fragment(&server, json!({"leaf_type": "wave", "id_prefix": "WAV", "fields": [parent]})).await;
    let campaign = make(&server, json!({})).await;
    let wave = json!({"leaf_type": "wave", "title": "w", "custom_fields":
        {"tnt__parent": "C-CMP-1"}});
    make(&server, wave).await;
    for (value, expected) in
        [(&campaign["id"], "w"), (&json!("C-CMP-1"), "w"), (&json!("C-CMP-2"), "")]
    {
        let filter = json!(["eq", "$custom_fields.tnt__parent", value]);
        let request = json!({"leaf_type": "wave", "filter": filter});
        let listed = server.call("custom-objects.list", request).await.ok();
        assert_eq!(titles(&listed), expected, "{value}");
    }
}
