//! Custom objects: records of leaf types that the org defined.

mod filters;
mod ids;
mod stages;
mod writes;

use serde_json::{Value, json};
use worksmith_tests::Server;

/// A server with the leaf type `campaign` of the prefix `CMP`.
async fn with_campaigns() -> Server {
    let server = Server::start().await;
    let fields = json!([
        {"name": "budget", "field_type": "int", "gte": 0, "is_filterable": true},
        {"name": "rate", "field_type": "double", "is_filterable": true},
        {"name": "region", "field_type": "enum", "allowed_values": ["north", "south"],
            "is_filterable": true},
        {"name": "channels", "field_type": "array", "base_type": "tokens",
            "is_filterable": true},
        {"name": "is_paid", "field_type": "bool", "is_filterable": true},
        {"name": "launch", "field_type": "date", "is_filterable": true},
        {"name": "checked_at", "field_type": "timestamp", "is_filterable": true},
        {"name": "lead", "field_type": "id", "id_type": ["dev_user"], "is_filterable": true},
        {"name": "notes", "field_type": "text"},
    ]);
    fragment(&server, json!({"leaf_type": "campaign", "id_prefix": "CMP", "fields": fields})).await;
    server
}

/// Creates a tenant fragment of a leaf type of the org's own.
async fn fragment(server: &Server, with: Value) {
    let mut request = json!({"type": "tenant_fragment", "is_custom_leaf_type": true,
        "description": "for tests"});
    merge(&mut request, &with);
    server.call("schemas.custom.set", request).await.ok();
}

/// Copies the members of an object into another.
fn merge(request: &mut Value, with: &Value) {
    for (member, value) in with.as_object().into_iter().flatten() {
        request[member] = value.clone();
    }
}

/// The request that creates a campaign, with the given differences.
fn campaign(with: &Value) -> Value {
    let mut request =
        json!({"leaf_type": "campaign", "custom_schema_spec": {"tenant_fragment": true}});
    merge(&mut request, with);
    request
}

async fn make(server: &Server, with: Value) -> Value {
    let made = server.call("custom-objects.create", campaign(&with)).await;
    assert_eq!(made.status, 201);
    made.ok()["custom_object"].clone()
}
