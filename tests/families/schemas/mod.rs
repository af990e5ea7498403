//! Schemas: fragments, and reading them.

mod read;
mod refused;
mod set;

use serde_json::{Value, json};
use worksmith_tests::Server;

/// Sets a fragment, and returns its id.
pub(super) async fn set(server: &Server, request: Value) -> String {
    let answer = server.call("schemas.custom.set", request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.ok()["id"].as_str().expect("an id").to_owned()
}

/// A tenant fragment of issues with these fields.
pub(super) fn tenant(fields: &Value) -> Value {
    json!({
        "type": "tenant_fragment", "leaf_type": "issue", "description": "All issues",
        "fields": fields,
    })
}

/// A fragment of a subtype of issues with these fields.
pub(super) fn subtype(name: &str, fields: &Value) -> Value {
    json!({
        "type": "custom_type_fragment", "leaf_type": "issue", "description": "Some issues",
        "subtype": name, "fields": fields,
    })
}

/// The request with other members.
pub(super) fn with(mut request: Value, members: Value) -> Value {
    for (name, value) in members.as_object().expect("members") {
        request[name] = value.clone();
    }
    request
}
