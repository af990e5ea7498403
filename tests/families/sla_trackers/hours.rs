//! Clocks that count business hours.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{HOUR_MS, get, go, issue, metric, publish, server};

/// Publishes a schedule of Monday to Friday, 09:00 to 17:00 in Berlin, and an SLA of three of these
/// hours. It is Thursday, 13:00 there.
async fn promise(server: &Server, fragments: Value) {
    let days = (1..=5).map(|day| json!({"from": day * 1440 + 540, "to": day * 1440 + 1020}));
    let week = json!({"period_name": "Office hours", "intervals": days.collect::<Vec<_>>()});
    let schedule = json!({
        "name": "Office", "timezone": "Europe/Berlin", "default_weekly_org_schedule": week,
        "org_schedule_fragments": fragments,
    });
    server.call("org-schedules.create", schedule).await.ok();
    transition(server, "org-schedules", "SCHEDULE-1").await;
    let target = json!({
        "metric": "METRIC-4", "target": 180, "warning_target": 120,
        "org_schedule_id": "SCHEDULE-1",
    });
    let policy = json!({"name": "All", "selector": {"applies_to": "issue"}, "metrics": [target]});
    publish(server, "internal", "issue", json!([policy])).await;
}

async fn transition(server: &Server, family: &str, id: &str) {
    let published = json!({"id": id, "status": "published"});
    server.call(&format!("{family}.transition"), published).await.ok();
}

async fn fragment(server: &Server, from: &str, to: &str, off: &[&str]) {
    let off: Vec<_> = off
        .iter()
        .map(|day| json!({"from": day, "name": "Holiday", "is_excluded": true}))
        .collect();
    let fragment = json!({"name": from, "from": from, "to": to, "intervals": off});
    let made = server.call("org-schedule-fragments.create", fragment).await.ok();
    let id = made["org_schedule_fragment"]["id"].as_str().expect("an id");
    transition(server, "org-schedule-fragments", id).await;
}

#[tokio::test]
async fn a_clock_stands_outside_of_its_schedule_and_answers_say_so() {
    let server = server().await;
    promise(&server, json!([])).await;
    issue(&server, "Slow").await;
    server.clock.advance_ms(3 * HOUR_MS + HOUR_MS / 2);
    let evening = get(&server, "ISS-1").await;
    let metric_of = |work: &Value| metric(work).clone();
    assert_eq!(metric_of(&evening)["is_out_of_schedule"], false);
    assert_eq!(metric_of(&evening)["stage"], "breached", "three hours have passed by 16:00");
    let second = issue(&server, "Late in the day").await;
    let due = metric_of(&second)["target_time"].as_str().expect("a time").to_owned();
    assert!(due.starts_with("2026-01-02T10:30:00"), "half an hour today, the rest tomorrow: {due}");
    assert_eq!(metric_of(&second)["next_schedule_transition"], "2026-01-01T16:00:00.000Z");
    server.clock.advance_ms(HOUR_MS);
    let night = metric_of(&get(&server, "ISS-2").await);
    assert_eq!((&night["is_out_of_schedule"], &night["stage"]), (&json!(true), &json!("running")));
    assert_eq!(night["next_schedule_transition"], "2026-01-02T08:00:00.000Z");
    assert_eq!(night["org_schedule"]["name"], "Office");
    assert_eq!(night["org_schedule_version"], 2, "made, and published");
    // The night between is not counted.
    server.clock.advance_ms(16 * HOUR_MS);
    let done = metric_of(&go(&server, "ISS-2", "completed").await);
    assert_eq!((&done["completed_in"], &done["status"]), (&json!(60), &json!("hit")));
    assert_eq!(done.get("is_out_of_schedule"), None);
}

#[tokio::test]
async fn a_schedule_that_goes_on_moves_what_is_open_and_leaves_what_is_closed() {
    let server = server().await;
    fragment(&server, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", &[]).await;
    promise(&server, json!([{"id": "FRAGMENT-1"}])).await;
    server.clock.advance_ms(2 * HOUR_MS);
    issue(&server, "Open").await;
    issue(&server, "Done").await;
    go(&server, "ISS-2", "completed").await;
    let open = get(&server, "ISS-1").await;
    assert_eq!(metric(&open).get("target_time"), None, "the schedule ends before");
    let done = metric(&get(&server, "ISS-2").await).clone();
    fragment(&server, "2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z", &["2026-01-02T00:00:00Z"])
        .await;
    let extend = json!({"id": "SCHEDULE-1", "org_schedule_fragment_id": "FRAGMENT-2"});
    server.call("org-schedules.set-future", extend).await.ok();
    server.work().await;
    let moved = get(&server, "ISS-1").await;
    let due = metric(&moved)["target_time"].as_str().expect("a time").to_owned();
    assert!(due.starts_with("2026-01-05T09:00:00"), "two hours, then after a holiday: {due}");
    let mut still = metric(&get(&server, "ISS-2").await).clone();
    still["org_schedule"] = done["org_schedule"].clone();
    assert_eq!(still, done);
}

#[tokio::test]
async fn a_schedule_that_is_not_published_is_refused_and_named() {
    let server = server().await;
    let schedule = json!({"name": "Draft", "timezone": "UTC"});
    server.call("org-schedules.create", schedule).await.ok();
    let target = json!({"metric": "METRIC-4", "target": 180, "org_schedule_id": "SCHEDULE-1"});
    let policy = json!({"name": "All", "selector": {"applies_to": "issue"}, "metrics": [target]});
    let sla = json!({
        "name": "X", "sla_type": "internal", "applies_to": ["issue"], "policies": [policy],
    });
    let error = server.call("slas.create", sla).await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "org_schedule_id");
}
