//! Ping.

use serde_json::json;
use worksmith_tests::Server;

#[tokio::test]
async fn a_ping_tells_the_time_to_whoever_has_a_token() {
    let server = Server::start().await;
    let answer = server.call("ping", json!({})).await.ok();
    assert!(answer["timestamp"].as_str().is_some_and(|at| at.starts_with("2026-01-01T12:00:00.")));
    server.get("ping", "devrev_partition=dvrv-us-1").await.ok();
    server.call_as("nobody", "ping", json!({})).await.error(401, "unauthenticated");
}

#[tokio::test]
async fn the_org_is_read_by_both_methods() {
    let server = Server::start().await;
    let org = server.call("dev-orgs.get", json!({})).await.ok();
    assert_eq!(server.get("dev-orgs.get", "").await.ok(), org);
    assert_eq!(org["dev_org"]["display_name"], "Example");
    let id = org["dev_org"]["id"].as_str().expect("an id");
    let own = org["dev_org"]["display_id"].as_str().expect("a display id");
    assert_eq!(id.rsplit('/').next(), own.strip_prefix("DEV-"));
}
