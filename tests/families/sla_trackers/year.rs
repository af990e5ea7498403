//! A year of a ticket's life.

use serde_json::json;

use super::{HOUR_MS, get, go, publish, server, update};

const DAY_MS: i64 = 24 * HOUR_MS;

/// Half a minute, so that the milliseconds that each call takes don't matter.
const MOMENT_MS: i64 = 30_000;

#[tokio::test]
async fn a_year_of_a_tickets_life() {
    let server = server().await;
    let pass = |ms: i64| server.clock.advance_ms(ms);

    // January: the customer is promised a first answer within an hour, and a solution within ten
    // days, not counting those when it is the customer's turn.
    let metrics = json!([
        {"metric": "METRIC-1", "target": 60, "warning_target": 45},
        {"metric": "METRIC-3", "target": 10 * 24 * 60, "warning_target": 8 * 24 * 60},
    ]);
    let policy = json!({"name": "All", "selector": {"applies_to": "ticket"}, "metrics": metrics});
    publish(&server, "external", "ticket", json!([policy])).await;
    let ticket = json!({
        "type": "ticket", "title": "The shop is slow", "applies_to_part": "PROD-1",
        "owned_by": ["DEVU-1"], "needs_response": true,
    });
    let made = server.call("works.create", ticket).await.ok()["work"].clone();
    let id = made["display_id"].as_str().expect("an id").to_owned();
    let standing = |work: &serde_json::Value| {
        let summary = &work["sla_summary"];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let tracker = &summary["sla_tracker"];
        [
            text(&summary["closest_to_breach_metric"]),
            text(&summary["stage"]),
            text(&tracker["status"]),
        ]
    };
    assert_eq!(standing(&made), ["First response time", "running", "in_progress"]);

    // After three quarters of an hour the team is warned, and answers in time.
    pass(45 * 60_000);
    assert_eq!(
        standing(&get(&server, &id).await),
        ["First response time", "warning", "in_progress"]
    );
    let answered = update(&server, json!({"id": id, "needs_response": false})).await;
    assert_eq!(standing(&answered), ["Resolution time", "running", "in_progress"]);
    let first = &answered["sla_summary"]["sla_tracker"]["metric_target_summaries"][0];
    assert_eq!((&first["stage"], &first["status"]), (&json!("completed"), &json!("hit")));
    assert_eq!(first["completed_in"], 45);

    // On the third day, the customer is asked something, and takes until April to reply.
    pass(2 * DAY_MS);
    let asked = go(&server, &id, "awaiting_customer_response").await;
    assert_eq!(standing(&asked), ["Resolution time", "paused", "in_progress"]);
    let left = asked["sla_summary"]["remaining_time"].clone();
    assert_eq!(left, 10 * 24 * 60 - 2 * 24 * 60 - 45 - 1);
    pass(90 * DAY_MS);
    assert_eq!(get(&server, &id).await["sla_summary"]["remaining_time"], left);
    assert_eq!(server.note_due().await, 0, "what is paused never falls due");

    // April: work goes on, the warning is due on the ninth day, and it is done before the tenth is
    // over.
    go(&server, &id, "work_in_progress").await;
    pass(6 * DAY_MS);
    assert_eq!(standing(&get(&server, &id).await), ["Resolution time", "warning", "in_progress"]);
    pass(DAY_MS);
    let solved = go(&server, &id, "resolved").await;
    assert_eq!(standing(&solved), ["Resolution time", "completed", "hit"]);

    // July: it is reopened. The time that it took so far counts, so less than a day is left.
    pass(90 * DAY_MS);
    let back = go(&server, &id, "work_in_progress").await;
    assert_eq!(standing(&back), ["Resolution time", "warning", "in_progress"]);
    pass(DAY_MS - 45 * 60_000 - MOMENT_MS);
    assert_eq!(standing(&get(&server, &id).await), ["Resolution time", "warning", "in_progress"]);
    pass(2 * MOMENT_MS);
    let late = get(&server, &id).await;
    assert_eq!(standing(&late), ["Resolution time", "breached", "miss"]);
    assert_eq!(server.note_due().await, 1, "the missed target");

    // December: it is finally done. What was missed stays missed, and every minute can be
    // explained.
    pass(150 * DAY_MS);
    let done = go(&server, &id, "resolved").await;
    assert_eq!(standing(&done), ["Resolution time", "completed", "miss"]);
    let resolution = &done["sla_summary"]["sla_tracker"]["metric_target_summaries"][1];
    let tracker = json!({"id": done["sla_tracker"]["id"]});
    let explained = server.call("sla-trackers.explain", tracker).await.ok();
    let explained = &explained["explanation"]["metrics"][1];
    let told = explained["elapsed_seconds"].as_f64().expect("seconds");
    assert_eq!(json!(told.floor()), json!(resolution["completed_in_seconds"].as_f64()));
    assert_eq!(explained["spans"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        explained["spans"][0]["stopped_by"]["rule"],
        "entered stage awaiting_customer_response, where the customer has the next word"
    );
}
