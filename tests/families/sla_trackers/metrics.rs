//! Single metrics: driving, showing, explaining and removing them.

use serde_json::{Value, json};

use super::{HOUR_MS, get, go, issue, metric, publish, resolution, server};

/// A metric of the org's own, for issues.
async fn own_metric(server: &worksmith_tests::Server) {
    let own = json!({"name": "Review time", "applies_to": ["issue"]});
    let made = server.call("metric-definitions.create", own).await.ok();
    assert_eq!(made["metric_definition"]["display_id"], "METRIC-6");
}

async fn act(server: &worksmith_tests::Server, action: &str, at: &str) {
    let action = json!({
        "action": action, "metric": "METRIC-6", "object": "ISS-1", "event_date": at,
    });
    assert_eq!(server.call("metric-action.execute", action).await.ok(), json!({}));
}

async fn tracker(server: &worksmith_tests::Server) -> Value {
    let named = json!({"metric": "METRIC-6", "object": "ISS-1"});
    server.call("metric-trackers.get", named).await.ok()["metric_tracker"].clone()
}

#[tokio::test]
async fn a_metric_of_ones_own_is_driven_from_outside() {
    let server = server().await;
    own_metric(&server).await;
    issue(&server, "Slow").await;
    server.clock.advance_ms(6 * HOUR_MS);
    let named = json!({"metric": "METRIC-6", "object": "ISS-1"});
    server.call("metric-trackers.get", named).await.error(404, "not_found");
    act(&server, "resume", "2026-01-01T12:30:00Z").await;
    act(&server, "start", "2026-01-01T13:00:00Z").await;
    act(&server, "start", "2026-01-01T13:10:00Z").await;
    let running = tracker(&server).await;
    assert_eq!(running["status"], "running");
    assert_eq!(running["last_started_at"], "2026-01-01T13:00:00.000Z");
    act(&server, "pause", "2026-01-01T14:00:00Z").await;
    let paused = tracker(&server).await;
    assert_eq!((&paused["status"], &paused["time_consumed"]), (&json!("paused"), &json!(60)));
    act(&server, "resume", "2026-01-01T15:00:00Z").await;
    act(&server, "complete", "2026-01-01T15:30:00Z").await;
    insta::assert_json_snapshot!(tracker(&server).await);
    // The calls are out of order, but not their times.
    act(&server, "pause", "2026-01-01T13:30:00Z").await;
    assert_eq!(tracker(&server).await["time_consumed"], 60);
    act(&server, "restart", "2026-01-01T16:00:00Z").await;
    let again = tracker(&server).await;
    assert_eq!((&again["status"], &again["time_consumed"]), (&json!("running"), &json!(0)));
    let work = get(&server, "ISS-1").await;
    assert_eq!(work["sla_summary"].get("stage"), None, "nothing is promised of it");
}

#[tokio::test]
async fn a_wrong_action_is_refused_and_named() {
    let server = server().await;
    own_metric(&server).await;
    issue(&server, "Slow").await;
    let action = json!({
        "action": "start", "metric": "METRIC-6", "object": "ISS-1",
        "event_date": "2026-01-01T12:00:00Z",
    });
    for (member, value, kind) in [
        ("action", json!("stop"), "invalid_enum_value"),
        ("metric", json!("METRIC-99"), "invalid_id"),
        ("metric", json!("METRIC-3"), "value_not_permitted"),
        ("metric", json!("ISS-1"), "unexpected_id_type"),
        ("event_date", json!("2027-01-01T12:00:00Z"), "value_not_permitted"),
        ("event_date", json!("soon"), "invalid_field"),
    ] {
        let mut wrong = action.clone();
        wrong[member] = value;
        let error = server.call("metric-action.execute", wrong).await.error(400, kind);
        assert_eq!(error["field_name"], member);
    }
    let mut nowhere = action;
    nowhere["object"] = "ISS-9".into();
    server.call("metric-action.execute", nowhere).await.error(404, "not_found");
}

#[tokio::test]
async fn a_metric_that_is_taken_off_stays_off() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    issue(&server, "Slow").await;
    let remove = json!({"metric": "METRIC-4", "object": "ISS-1"});
    let once = server.call("sla-trackers.remove-metric", remove.clone()).await.ok();
    let tracker = &once["sla_tracker"];
    assert_eq!(tracker["metric_target_summaries"], json!([]));
    let removed = &tracker["removed_sla_metric_history"];
    assert_eq!(removed[0]["metric_definition"]["name"], "Issue resolution time");
    assert_eq!(removed[0]["removed_by"]["display_id"], "DEVU-1");
    let twice = server.call("sla-trackers.remove-metric", remove).await.ok();
    assert_eq!(twice, once, "doing it again does nothing");
    go(&server, "ISS-1", "in_development").await;
    let work = get(&server, "ISS-1").await;
    assert_eq!(work.get("sla_summary"), None, "{work:#}");
    assert_eq!(server.note_due().await, 0);
    let none = json!({"metric": "METRIC-4", "object": "ISS-2"});
    server.call("sla-trackers.remove-metric", none).await.error(404, "not_found");
}

#[tokio::test]
async fn every_interval_is_explained() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 600, 450)])).await;
    issue(&server, "Slow").await;
    server.clock.advance_ms(HOUR_MS);
    go(&server, "ISS-1", "completed").await;
    server.clock.advance_ms(HOUR_MS);
    go(&server, "ISS-1", "in_development").await;
    server.clock.advance_ms(HOUR_MS);
    let explained = server.call("sla-trackers.explain", json!({"id": "SLATRACKER-1"})).await.ok();
    insta::assert_json_snapshot!(explained);
    let spans = explained["explanation"]["metrics"][0]["spans"].as_array().expect("spans");
    let intervals = spans.iter().flat_map(|span| span["intervals"].as_array().expect("intervals"));
    let sum: f64 = intervals.map(|each| each["seconds"].as_f64().expect("seconds")).sum();
    let elapsed = explained["explanation"]["metrics"][0]["elapsed_seconds"].as_f64();
    assert!((sum - elapsed.expect("seconds")).abs() < 1e-6);
    let work = get(&server, "ISS-1").await;
    assert_eq!(metric(&work)["stage"], "running");
}
