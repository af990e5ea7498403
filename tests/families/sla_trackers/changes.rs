//! The effects of changes of works, promises and assignments on clocks.

use serde_json::{Value, json};
use worksmith_org::dev_orgs::SLUG;

use super::{HOUR_MS, get, go, issue, metric, publish, resolution, server, update};

#[tokio::test]
async fn a_whole_work_with_its_tracker() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    let made = issue(&server, "Slow").await;
    insta::assert_json_snapshot!(made["sla_summary"]);
    insta::assert_json_snapshot!(made["sla_tracker"]);
    let tracker = json!({"id": made["sla_tracker"]["id"]});
    let got = server.call("sla-trackers.get", tracker).await.ok();
    assert_eq!(got["sla_tracker"], made["sla_summary"]["sla_tracker"]);
}

#[tokio::test]
async fn without_an_sla_there_is_no_tracker() {
    let server = server().await;
    let made = issue(&server, "Slow").await;
    assert_eq!((made.get("sla_summary"), made.get("sla_tracker")), (None, None));
    let listed = server.call("sla-trackers.list", json!({})).await.ok();
    assert_eq!(listed, json!({"sla_trackers": []}));
}

#[tokio::test]
async fn a_read_tells_the_truth_though_nothing_was_noted_or_written() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    issue(&server, "Slow").await;
    let stage = |work: &Value| work["sla_summary"]["stage"].clone();
    assert_eq!(stage(&get(&server, "ISS-1").await), "running");
    server.clock.advance_ms(50 * 60_000);
    assert_eq!(stage(&get(&server, "ISS-1").await), "warning");
    server.clock.advance_ms(11 * 60_000);
    let late = get(&server, "ISS-1").await;
    assert_eq!(stage(&late), "breached");
    assert_eq!(metric(&late)["breached_at"], metric(&late)["target_time"]);
    assert_eq!(server.note_due().await, 1);
    assert_eq!(server.note_due().await, 0, "what is noted is not due any more");
    assert_eq!(metric(&get(&server, "ISS-1").await), metric(&late));
}

#[tokio::test]
async fn an_update_that_changes_nothing_changes_no_clock() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    let made = issue(&server, "Slow").await;
    server.clock.advance_ms(HOUR_MS / 2);
    let same = update(&server, json!({"id": "ISS-1", "title": "Slow"})).await;
    assert_eq!(same["sla_summary"], made["sla_summary"]);
    let renamed = update(&server, json!({"id": "ISS-1", "title": "Slower"})).await;
    assert_eq!(renamed["sla_summary"], made["sla_summary"]);
    let moved = go(&server, "ISS-1", "in_development").await;
    assert_eq!(metric(&moved), metric(&made), "a stage that counts like the one before");
}

#[tokio::test]
async fn nothing_is_lost_when_another_policy_begins_to_hold() {
    let server = server().await;
    let urgent = json!({"stage_name": ["prioritized"]});
    let policies =
        json!([resolution("Urgent", urgent, 60, 45), resolution("All", json!({}), 600, 500)]);
    publish(&server, "internal", "issue", policies).await;
    let made = issue(&server, "Slow").await;
    server.clock.advance_ms(HOUR_MS / 2);
    let urgent = go(&server, "ISS-1", "prioritized").await;
    let hours = |work: &Value| {
        let time = |value: &Value| -> jiff::Timestamp {
            value.as_str().expect("a time").parse().expect("a time")
        };
        let target = time(&metric(work)["target_time"]).as_second();
        (target - time(&made["created_date"]).as_second()) as f64 / 3600.0
    };
    assert_eq!((hours(&made).round(), hours(&urgent).round()), (10.0, 1.0));
    // A promise that begins to apply too late is missed at once, and stays missed.
    go(&server, "ISS-1", "backlog").await;
    server.clock.advance_ms(HOUR_MS);
    let late = go(&server, "ISS-1", "prioritized").await;
    assert_eq!(metric(&late)["stage"], "breached");
    assert_ne!(metric(&late)["breached_at"], metric(&late)["target_time"]);
    let back = go(&server, "ISS-1", "backlog").await;
    assert_eq!(metric(&back)["stage"], "running");
    assert_eq!(metric(&back)["status"], "miss");
}

#[tokio::test]
async fn an_sla_that_is_published_begins_to_hold_for_what_is_open_with_all_its_past() {
    let server = server().await;
    issue(&server, "Open").await;
    issue(&server, "Done").await;
    go(&server, "ISS-2", "completed").await;
    server.clock.advance_ms(HOUR_MS);
    go(&server, "ISS-1", "in_development").await;
    server.clock.advance_ms(HOUR_MS);
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 180, 120)])).await;
    server.work().await;
    let open = get(&server, "ISS-1").await;
    assert_eq!(metric(&open)["stage"], "warning");
    assert_eq!(open["modified_by"]["display_id"], "DEVU-1", "nobody has changed the issue");
    let tracker = &open["sla_summary"]["sla_tracker"];
    assert_eq!(tracker["created_by"]["display_id"], "SYSU-1", "the server made it");
    assert_eq!(get(&server, "ISS-2").await.get("sla_tracker"), None);
    // Another SLA applies to new objects; tracked ones keep theirs.
    publish(&server, "internal", "issue", json!([resolution("New", json!({}), 10, 5)])).await;
    server.work().await;
    assert_eq!(metric(&get(&server, "ISS-1").await), metric(&open));
    assert_eq!(
        issue(&server, "Later").await["sla_summary"]["sla_tracker"]["sla"]["display_id"],
        "SLA-2"
    );
}

#[tokio::test]
async fn every_change_of_a_tracker_is_an_event_and_none_without_a_change() {
    let server = server().await;
    publish(&server, "internal", "issue", json!([resolution("All", json!({}), 60, 45)])).await;
    issue(&server, "Slow").await;
    server.clock.advance_ms(2 * HOUR_MS);
    server.note_due().await;
    go(&server, "ISS-1", "completed").await;
    server.call("works.delete", json!({"id": "ISS-1"})).await.ok();
    server.call("sla-trackers.get", json!({"id": "SLATRACKER-1"})).await.error(404, "not_found");
    let org = server.engine.store().orgs(SLUG).await.expect("orgs");
    let events = server.engine.store().events_after(&org[0], 0, 10_000).await.expect("events");
    let of_tracker = events.iter().filter(|event| event.id.kind().noun() == "sla_tracker");
    let verbs: Vec<_> = of_tracker.map(|event| format!("{:?}", event.verb)).collect();
    assert_eq!(verbs, ["Created", "Updated", "Updated", "Deleted"]);
}

#[tokio::test]
async fn a_tag_that_is_deleted_takes_its_policy_along() {
    let server = server().await;
    server.call("tags.create", json!({"name": "urgent"})).await.ok();
    let policies = json!([
        resolution("Urgent", json!({"tags": ["TAG-1"]}), 60, 45),
        resolution("All", json!({}), 600, 500),
    ]);
    publish(&server, "internal", "issue", policies).await;
    let policy =
        |work: &Value| work["sla_summary"]["sla_tracker"]["applied_policy"]["name"].clone();
    let made = issue(&server, "Slow").await;
    let late = policy(&made);
    let tagged = json!({"id": "ISS-1", "tags": {"set": [{"id": "TAG-1"}]}});
    let tagged = update(&server, tagged).await;
    assert_ne!(metric(&tagged)["target_time"], metric(&made)["target_time"]);
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    server.work().await;
    let left = get(&server, "ISS-1").await;
    assert_eq!(left.get("tags"), None);
    assert_eq!(metric(&left)["target_time"], metric(&made)["target_time"]);
    assert_eq!(policy(&left), late);
    assert_eq!(left["modified_date"], tagged["modified_date"], "nobody has changed the work");
}
