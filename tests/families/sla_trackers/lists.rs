//! Finding works and trackers by the state of their clocks.

use serde_json::{Value, json};

use super::{go, issue, publish, resolution, server};

fn ids(list: &Value, member: &str) -> Vec<String> {
    let all = list[member].as_array().unwrap_or_else(|| panic!("{member} of {list}"));
    all.iter().map(|each| each["display_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn filters_are_true_at_the_instant_of_the_call() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    let age = |minutes: i64| server.clock.advance_ms(minutes * 60_000);
    issue(&server, "ISS-1 is late").await;
    age(20);
    issue(&server, "ISS-2 is nearly late").await;
    issue(&server, "ISS-3 is done").await;
    go(&server, "ISS-3", "completed").await;
    age(30);
    issue(&server, "ISS-4 is new").await;
    age(20);
    for (stage, wanted, trackers) in [
        ("breached", "ISS-1", "SLATRACKER-1"),
        ("warning", "ISS-2", "SLATRACKER-2"),
        ("completed", "ISS-3", "SLATRACKER-3"),
        ("running", "ISS-4", "SLATRACKER-4"),
    ] {
        let filter = json!({"issue": {"sla_summary": {"stage": [stage]}}});
        let listed = server.call("works.list", filter.clone()).await.ok();
        assert_eq!(ids(&listed, "works"), [wanted], "{stage}");
        assert_eq!(server.call("works.count", filter.clone()).await.ok()["count"], 1);
        assert_eq!(ids(&server.call("works.export", filter).await.ok(), "works"), [wanted]);
        let listed = server.call("sla-trackers.list", json!({"stage": [stage]})).await.ok();
        assert_eq!(ids(&listed, "sla_trackers"), [trackers], "{stage}");
    }
    for (status, wanted) in [
        ("miss", vec!["SLATRACKER-1"]),
        ("hit", vec!["SLATRACKER-3"]),
        ("in_progress", vec!["SLATRACKER-4", "SLATRACKER-2"]),
    ] {
        let listed = server.call("sla-trackers.list", json!({"status": [status]})).await.ok();
        assert_eq!(ids(&listed, "sla_trackers"), wanted, "{status}");
    }
    let query = "type=issue&issue.sla_summary.stage=breached,warning";
    assert_eq!(ids(&server.get("works.list", query).await.ok(), "works"), ["ISS-2", "ISS-1"]);
}

#[tokio::test]
async fn works_are_found_and_sorted_by_their_next_target() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    for title in ["one", "two", "three"] {
        issue(&server, title).await;
        server.clock.advance_ms(10 * 60_000);
    }
    go(&server, "ISS-3", "completed").await;
    let sorted = json!({"type": ["issue"], "sort_by": ["sla_summary.target_time:desc"]});
    let sorted = server.call("works.list", sorted).await.ok();
    assert_eq!(ids(&sorted, "works"), ["ISS-2", "ISS-1", "ISS-3"], "without a target comes last");
    let next = json!({"type": "preset", "preset_type": "next_n_days", "days": 1});
    let next = json!({"issue": {"sla_summary": {"target_time": next}}});
    let found = server.call("works.list", next).await.ok();
    assert_eq!(ids(&found, "works"), ["ISS-2", "ISS-1"]);
    let until = json!({"type": "range", "before": "2026-01-01T13:05:00Z"});
    let until = json!({"type": ["issue"], "issue": {"sla_summary": {"target_time": until}}});
    assert_eq!(ids(&server.call("works.list", until).await.ok(), "works"), ["ISS-1"]);
}

#[tokio::test]
async fn pages_by_target_end_with_the_works_that_have_none_in_both_directions() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    for title in ["one", "two", "three", "four", "five"] {
        issue(&server, title).await;
        server.clock.advance_ms(10 * 60_000);
    }
    for done in ["ISS-1", "ISS-4"] {
        go(&server, done, "completed").await;
    }
    for (direction, wanted) in [
        ("asc", ["ISS-2", "ISS-3", "ISS-5", "ISS-1", "ISS-4"]),
        ("desc", ["ISS-5", "ISS-3", "ISS-2", "ISS-4", "ISS-1"]),
    ] {
        let sort = json!([format!("sla_summary.target_time:{direction}")]);
        for limit in 1..=5 {
            for (mode, onward) in [("after", "next_cursor"), ("before", "prev_cursor")] {
                let mut seen: Vec<String> = Vec::new();
                let mut query = json!({"sort_by": sort, "limit": limit, "mode": mode});
                loop {
                    let page = server.call("works.list", query.clone()).await.ok();
                    let found = ids(&page, "works");
                    seen = if mode == "after" {
                        [seen, found].concat()
                    } else {
                        [found, seen].concat()
                    };
                    let Some(cursor) = page.get(onward) else { break };
                    query["cursor"] = cursor.clone();
                }
                assert_eq!(seen, wanted, "{direction} {limit} {mode}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_stage_is_named() {
    let server = server().await;
    let wrong = json!({"stage": ["late"]});
    let error = server.call("sla-trackers.list", wrong).await.error(400, "invalid_enum_value");
    assert_eq!((&error["field_name"], &error["value"]), (&json!("stage"), &json!("late")));
}
