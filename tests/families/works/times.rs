//! Times from the first representable year to the last one, with any number of digits.

use serde_json::{Value, json};

use super::World;

const FIRST: &str = "0000-01-01T00:00:00.000Z";
const LAST: &str = "9999-12-31T23:59:59.999Z";
/// How clients say "never ends".
const NEVER: &str = "9999-12-31T23:59:59Z";

async fn world() -> World {
    let world = World::new().await;
    let field =
        |name: &str, kind: &str| json!({"name": name, "field_type": kind, "is_filterable": true});
    let fields = json!([field("day", "date"), field("at", "timestamp")]);
    let fragment = json!({"type": "tenant_fragment", "leaf_type": "issue",
        "description": "Times", "fields": fields});
    world.call("schemas.custom.set", fragment).await;
    world
}

async fn found(world: &World, request: Value) -> Vec<String> {
    let listed = world.call("works.list", request).await;
    let works = listed["works"].as_array().expect("works");
    works.iter().map(|work| work["display_id"].as_str().expect("an id").to_owned()).collect()
}

async fn got(world: &World, query: &str) -> usize {
    let page = world.server.get("works.list", query).await.ok();
    page["works"].as_array().expect("works").len()
}

#[tokio::test]
async fn a_member_takes_every_time_that_can_be_written() {
    let world = world().await;
    world.work("issue", json!({})).await;
    for (text, shown) in [
        (NEVER, "9999-12-31T23:59:59.000Z"),
        (LAST, LAST),
        ("9999-12-31T23:59:59.999999999999999999Z", LAST),
        ("9999-12-31T23:59:59-23:59", LAST),
        ("0000-01-01T00:00:00Z", FIRST),
        ("0000-01-01T00:00:00+14:00", FIRST),
        ("2026-01-01t12:00:00.1239999999999z", "2026-01-01T12:00:00.123Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
    ] {
        let changed = world.update("ISS-1", json!({"target_close_date": text})).await;
        assert_eq!(changed["target_close_date"], shown, "{text}");
        assert_eq!(world.get("ISS-1").await, changed);
    }
    for text in ["10000-01-01T00:00:00Z", "-000001-01-01T00:00:00Z", "9999-12-32T00:00:00Z"] {
        let body = json!({"id": "ISS-1", "target_close_date": text});
        let refused = world.refused("works.update", body, 400, "invalid_field").await;
        assert_eq!(refused["field_name"], "target_close_date", "{text}");
    }
}

#[tokio::test]
async fn a_filter_of_dates_reaches_from_the_first_instant_to_the_last() {
    let world = world().await;
    for at in [FIRST, "2026-01-01T00:00:00Z", LAST] {
        world.work("issue", json!({"target_close_date": at})).await;
    }
    for (after, before, ids) in [
        (FIRST, LAST, vec!["ISS-3", "ISS-2", "ISS-1"]),
        (FIRST, NEVER, vec!["ISS-2", "ISS-1"]),
        (
            "0000-01-01T00:00:00.0009Z",
            "2026-01-01T00:00:00.000999999999999Z",
            vec!["ISS-2", "ISS-1"],
        ),
        (LAST, "9999-12-31T23:59:59.999-12:00", vec!["ISS-3"]),
    ] {
        let range = json!({"type": "range", "after": after, "before": before});
        let request = json!({"target_close_date": range});
        assert_eq!(found(&world, request).await, ids, "{after} {before}");
        let query = format!("target_close_date.after={after}&target_close_date.before={before}");
        assert_eq!(got(&world, &query).await, ids.len(), "{query}");
    }
    assert_eq!(got(&world, &format!("created_date.before={NEVER}")).await, 3);
    // An unencoded plus sign belongs to the offset, or is the space before the time.
    let query = "target_close_date.after=2026-01-01+02:00:00+02:00";
    assert_eq!(got(&world, query).await, 2);
    for preset in ["last_n_days", "next_n_days"] {
        let span = json!({"type": "preset", "preset_type": preset, "days": u32::MAX});
        let found = found(&world, json!({"target_close_date": span})).await;
        assert_eq!(
            found,
            if preset == "last_n_days" { ["ISS-2", "ISS-1"].to_vec() } else { vec!["ISS-3"] }
        );
    }
}

#[tokio::test]
async fn custom_dates_and_times_take_them_too() {
    let world = world().await;
    for (day, at, shown) in [
        ("9999-12-31", NEVER, "9999-12-31T23:59:59.000Z"),
        ("0000-01-01", "0000-01-01T00:00:00.0000000001Z", FIRST),
        ("2026-01-01", "2026-01-01T00:00:00.99999999999Z", "2026-01-01T00:00:00.999Z"),
    ] {
        let fields = json!({"tnt__day": day, "tnt__at": at});
        let spec = json!({"tenant_fragment": true});
        let made = json!({"custom_fields": fields, "custom_schema_spec": spec});
        let made = world.work("issue", made).await;
        assert_eq!(made["custom_fields"], json!({"tnt__day": day, "tnt__at": shown}));
        for (name, value) in [("tnt__day", day), ("tnt__at", at)] {
            let filter = json!({"type": ["issue"], "custom_fields": {name: value}});
            let ids = found(&world, filter).await;
            assert_eq!(ids, [made["display_id"].as_str().expect("an id")], "{name} {value}");
            assert_eq!(got(&world, &format!("type=issue&custom_fields.{name}={value}")).await, 1);
        }
    }
    for (order, ids) in
        [("asc", ["ISS-2", "ISS-3", "ISS-1"]), ("desc", ["ISS-1", "ISS-3", "ISS-2"])]
    {
        for name in ["tnt__day", "tnt__at"] {
            let key = format!("custom_fields.{name}:{order}");
            assert_eq!(found(&world, json!({"type": "issue", "sort_by": [key]})).await, ids);
        }
    }
}
