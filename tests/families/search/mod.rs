//! Searching: what is found, in which order, by whom, and how soon.

mod follows;
mod issues;
mod language;
mod results;
mod visibility;

use serde_json::{Value, json};
use worksmith_tests::{ADMIN, Server};

/// A server with a product.
async fn started() -> Server {
    let server = Server::start().await;
    let product = json!({"type": "product", "name": "Buoys", "owned_by": ["DEVU-1"]});
    server.call("parts.create", product).await.ok();
    server
}

/// Creates a work with the required members, and `members`; its display id.
async fn work(server: &Server, kind: &str, members: Value) -> String {
    let mut body = json!({
        "type": kind, "title": format!("A {kind}"), "applies_to_part": "PROD-1",
        "owned_by": ["DEVU-1"],
    });
    body.as_object_mut().expect("an object").extend(members.as_object().expect("one").clone());
    let work = server.call("works.create", body).await.ok()["work"].clone();
    work["display_id"].as_str().expect("a display id").to_owned()
}

/// Writes a comment.
async fn comment(server: &Server, object: &str, body: &str) {
    let entry = json!({"type": "timeline_comment", "object": object, "body": body});
    server.call("timeline-entries.create", entry).await.ok();
}

/// The results of a query, as somebody sees them.
async fn results_as(server: &Server, token: &str, query: &str) -> Vec<Value> {
    let found = server.call_as(token, "search.core", json!({"query": query})).await.ok();
    found["results"].as_array().expect("results").clone()
}

/// The display ids of the results of a query, as somebody sees them; names of what has none.
async fn found_as(server: &Server, token: &str, query: &str) -> Vec<String> {
    let name = |result: &Value| {
        let summary = &result[result["type"].as_str().expect("a type")];
        summary["display_id"].as_str().expect("a display id").to_owned()
    };
    results_as(server, token, query).await.iter().map(name).collect()
}

/// The same for the admin.
async fn found(server: &Server, query: &str) -> Vec<String> {
    found_as(server, ADMIN, query).await
}
