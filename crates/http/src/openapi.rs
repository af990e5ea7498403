//! The OpenAPI document, made from the table of operations.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use worksmith_kernel::{Op, OpTable};
use worksmith_store::Tx;
use worksmith_wire::{ApiError, ErrorType};

/// The document.
pub(crate) fn document(table: &OpTable<Tx>) -> Value {
    let settings = SchemaSettings::openapi3();
    let mut generator = settings.into_generator();
    let error = generator.subschema_for::<ApiError>();
    let mut paths = Map::new();
    for op in table.iter() {
        paths.insert(format!("/{}", op.name), path(op, &mut generator));
    }
    let mut schemas = generator.take_definitions(true);
    schemas.values_mut().for_each(drop_null);
    paths.values_mut().for_each(drop_null);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Worksmith",
            "description": "A self-hosted work tracker that speaks DevRev's REST API.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "error": {
                    "description": "What went wrong.",
                    "content": { "application/json": { "schema": error } },
                },
            },
        },
    })
}

fn path(op: &Op<Tx>, generator: &mut SchemaGenerator) -> Value {
    let request = (op.request_schema)(generator);
    let response = (op.response_schema)(generator);
    let family = op.name.rsplit_once('.').map_or(op.name, |(family, _)| family);
    let mut responses = Map::new();
    let content = json!({ "application/json": { "schema": response } });
    let success = json!({ "description": "Success.", "content": content });
    responses.insert(op.status.to_string(), success);
    let mut statuses: Vec<u16> = ErrorType::ALL.iter().map(|kind| kind.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let error = json!({ "$ref": "#/components/responses/error" });
        responses.insert(status.to_string(), error);
    }
    let call = |id: &str| json!({ "operationId": id, "tags": [family], "responses": responses });
    let mut post = call(op.name);
    let content = json!({ "application/json": { "schema": request } });
    post["requestBody"] = json!({ "required": true, "content": content });
    let mut path = json!({ "post": post });
    if op.get {
        let mut get = call(&format!("{}-get", op.name));
        get["description"] =
            "The members of the POST body as query parameters; dots address nested ones.".into();
        path["get"] = get;
    }
    path
}

/// Absent members are left out of every answer, so an optional member is never null.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(drop_null),
        Value::Object(members) => {
            let nullable = members.get("anyOf").and_then(Value::as_array).and_then(|any| {
                let is_null = |schema: &Value| schema.get("type") == Some(&"null".into());
                match any.as_slice() {
                    [schema, null] if is_null(null) && members.len() == 1 => Some(schema.clone()),
                    _ => None,
                }
            });
            if let Some(Value::Object(schema)) = nullable {
                *members = schema;
            }
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [kind] = types.as_slice() {
                    let kind = kind.clone();
                    members.insert("type".to_owned(), kind);
                }
            }
            members.values_mut().for_each(drop_null);
        }
        _ => {}
    }
}
