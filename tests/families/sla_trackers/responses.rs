//! First and next responses of tickets.

use serde_json::{Value, json};

use super::{HOUR_MS, go, publish, server, update};

/// Publishes an SLA that promises a first response in one hour and a next one in four, and creates
/// a ticket whose customer is waiting for an answer.
async fn asked(server: &worksmith_tests::Server) -> Value {
    let metrics = json!([
        {"metric": "METRIC-1", "target": 60, "warning_target": 30},
        {"metric": "METRIC-2", "target": 240, "warning_target": 120},
    ]);
    let selector = json!({"applies_to": "ticket"});
    let policies = json!([{"name": "All", "selector": selector, "metrics": metrics}]);
    let sla = publish(server, "external", "ticket", policies).await;
    let account = server.call("accounts.create", json!({"display_name": "Acme"})).await.ok();
    let workspace = account["default_rev_org"]["id"].clone();
    let assign = json!({"id": sla, "rev_orgs": [workspace]});
    server.call("slas.assign", assign).await.ok();
    let ticket = json!({
        "type": "ticket", "title": "Help", "applies_to_part": "PROD-1", "rev_org": workspace,
        "needs_response": true,
    });
    server.call("works.create", ticket).await.ok()["work"].clone()
}

/// The metrics that have started, by name, with their stages.
fn stages(work: &Value) -> Vec<(String, String)> {
    let all = work["sla_summary"]["sla_tracker"]["metric_target_summaries"].as_array();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    all.unwrap_or_else(|| panic!("metrics of {work:#}"))
        .iter()
        .map(|metric| (text(&metric["metric_definition"]["name"]), text(&metric["stage"])))
        .collect()
}

fn are(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, stage)| ((*name).to_owned(), (*stage).to_owned())).collect()
}

const FIRST: &str = "First response time";
const NEXT: &str = "Next response time";

#[tokio::test]
async fn the_next_response_begins_after_the_first() {
    let server = server().await;
    let made = asked(&server).await;
    assert_eq!(stages(&made), are(&[(FIRST, "running")]));
    insta::assert_json_snapshot!(made["sla_summary"], {
        ".sla_tracker.sla.accounts" => "[accounts]",
    });
    server.clock.advance_ms(HOUR_MS / 4);
    let answered = update(&server, json!({"id": "TKT-1", "needs_response": false})).await;
    assert_eq!(stages(&answered), are(&[(FIRST, "completed")]));
    server.clock.advance_ms(HOUR_MS / 4);
    let again = update(&server, json!({"id": "TKT-1", "needs_response": true})).await;
    assert_eq!(stages(&again), are(&[(FIRST, "completed"), (NEXT, "running")]));
    let answered = update(&server, json!({"id": "TKT-1", "needs_response": false})).await;
    assert_eq!(stages(&answered), are(&[(FIRST, "completed"), (NEXT, "completed")]));
}

#[tokio::test]
async fn what_is_done_without_an_answer_and_asked_again_waits_for_the_next_response() {
    let server = server().await;
    asked(&server).await;
    let closed = go(&server, "TKT-1", "resolved").await;
    assert_eq!(stages(&closed), are(&[(FIRST, "completed")]));
    update(&server, json!({"id": "TKT-1", "needs_response": false})).await;
    let again = update(&server, json!({"id": "TKT-1", "needs_response": true})).await;
    assert_eq!(stages(&again), are(&[(FIRST, "completed"), (NEXT, "running")]));
}
