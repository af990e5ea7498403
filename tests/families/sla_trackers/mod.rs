//! SLA trackers: how the promises of SLAs stand.

mod changes;
mod hours;
mod lists;
mod metrics;
mod responses;
mod year;

use serde_json::{Value, json};
use worksmith_tests::Server;

/// An hour, in milliseconds.
const HOUR_MS: i64 = 60 * 60 * 1000;

/// A server with a product.
async fn server() -> Server {
    let server = Server::start().await;
    let product = json!({"type": "product", "name": "Shop", "owned_by": ["DEVU-1"]});
    server.call("parts.create", product).await.ok();
    server
}

/// Publishes an SLA with these policies, and returns its id.
async fn publish(server: &Server, kind: &str, applies_to: &str, policies: Value) -> String {
    let sla = json!({
        "name": format!("{kind} for {applies_to}"), "sla_type": kind, "applies_to": [applies_to],
        "policies": policies,
    });
    let made = server.call("slas.create", sla).await.ok();
    let id = made["sla"]["id"].as_str().expect("an id").to_owned();
    let published = json!({"id": id, "status": "published"});
    server.call("slas.transition", published).await.ok();
    id
}

/// A policy for issues: the minutes for resolving them, and until the warning.
fn resolution(name: &str, selector: Value, target: i64, warning: i64) -> Value {
    let mut issue = json!({"applies_to": "issue"});
    if !selector.as_object().expect("members").is_empty() {
        issue["issue_selector"] = selector;
    }
    let metric = json!({"metric": "METRIC-4", "target": target, "warning_target": warning});
    json!({"name": name, "selector": issue, "metrics": [metric]})
}

async fn issue(server: &Server, title: &str) -> Value {
    let issue = json!({
        "type": "issue", "title": title, "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    server.call("works.create", issue).await.ok()["work"].clone()
}

/// A work as it is now.
async fn get(server: &Server, id: &str) -> Value {
    server.call("works.get", json!({"id": id})).await.ok()["work"].clone()
}

async fn update(server: &Server, change: Value) -> Value {
    server.call("works.update", change).await.ok()["work"].clone()
}

async fn go(server: &Server, id: &str, stage: &str) -> Value {
    update(server, json!({"id": id, "stage": {"name": stage}})).await
}

/// The only metric of a work.
fn metric(work: &Value) -> &Value {
    let all = work["sla_summary"]["sla_tracker"]["metric_target_summaries"].as_array();
    let all = all.unwrap_or_else(|| panic!("metrics of {work:#}"));
    assert_eq!(all.len(), 1, "{all:#?}");
    &all[0]
}
