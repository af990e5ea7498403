//! Makes the OpenAPI document from the table of operations. The program is built without this: it
//! serves the committed `openapi.json`. `cargo run -p worksmith-tests --bin openapi -- --write`
//! writes that, and a test tells when it is stale.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use worksmith_engine::{Op, OpTable};
use worksmith_wire::{ApiError, ErrorType};

const DESCRIPTION: &str = "A self-hosted work tracker that speaks DevRev's REST API. The members \
    of a POST may be in its body, or as parameters in its query.";

/// The document.
pub fn document(table: &OpTable) -> Value {
    // OpenAPI 3.1 takes JSON Schema as it is. The schemas of answers describe what serde writes;
    // requests provide their own.
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let error = generator.subschema_for::<ApiError>();
    let mut paths = Map::new();
    let mut answered = BTreeSet::new();
    for op in table.iter() {
        let path = path(op, &mut generator);
        names_of(&path["post"]["responses"], &mut answered);
        paths.insert(format!("/{}", op.name), path);
    }
    let mut schemas = generator.take_definitions(true);
    drop_nulls_of_answers(&mut schemas, answered);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Worksmith",
            "description": DESCRIPTION,
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

fn path(op: &Op, generator: &mut SchemaGenerator) -> Value {
    let request = (op.request_schema)(generator);
    let response = (op.response_schema)(generator);
    let family = op.name.rsplit_once('.').map_or(op.name, |(family, _)| family);
    let mut responses = Map::new();
    let media_type = if op.streams { "text/event-stream" } else { "application/json" };
    let content = json!({ media_type: { "schema": response } });
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
        get["parameters"] = parameters(&request, generator);
        path["get"] = get;
    }
    path
}

/// How deep the members of requests may nest as parameters; it ends types that contain themselves.
const DEPTH_MAX: usize = 4;

/// The members of a request as the parameters of a query.
fn parameters(request: &Schema, generator: &SchemaGenerator) -> Value {
    let mut found = Vec::new();
    add_parameters(request.as_value(), "", true, generator, &mut found);
    found.into()
}

fn add_parameters(
    schema: &Value,
    prefix: &str,
    must_be: bool,
    generator: &SchemaGenerator,
    found: &mut Vec<Value>,
) {
    let schema = resolve(schema, generator);
    let required = schema["required"].as_array();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let must_be = must_be && required.is_some_and(|names| names.contains(&json!(name)));
        let name = format!("{prefix}{name}");
        let resolved = resolve(member, generator);
        // Of a list of objects, a query can contain the members of one.
        let object = if resolved["items"].is_null() { resolved } else { &resolved["items"] };
        let is_nested = resolve(object, generator)["properties"].is_object();
        if is_nested && name.split('.').count() < DEPTH_MAX {
            add_parameters(object, &format!("{name}."), must_be, generator, found);
        } else {
            // Elements are separated by commas.
            found.push(json!({
                "name": name, "in": "query", "required": must_be, "schema": member,
                "style": "form", "explode": false,
            }));
        }
    }
}

/// The schema that a reference leads to.
fn resolve<'a>(schema: &'a Value, generator: &'a SchemaGenerator) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).unwrap_or(schema)
}

/// The names of the schemas that a schema refers to.
fn names_of(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| names_of(item, names)),
        Value::Object(members) => {
            let path = members.get("$ref").and_then(Value::as_str);
            names.extend(path.and_then(|path| path.strip_prefix(COMPONENTS)).map(str::to_owned));
            members.values().for_each(|member| names_of(member, names));
        }
        _ => {}
    }
}

/// Where the named schemas are.
const COMPONENTS: &str = "#/components/schemas/";

/// In requests null has a meaning; in answers, whose schemas these names lead to, it does not
/// occur.
fn drop_nulls_of_answers(schemas: &mut Map<String, Value>, mut names: BTreeSet<String>) {
    let mut seen = BTreeSet::new();
    while let Some(name) = names.pop_first() {
        if let Some(schema) = schemas.get_mut(&name)
            && seen.insert(name)
        {
            names_of(schema, &mut names);
            drop_null(schema);
        }
    }
}

/// Absent members are left out of every answer, so an optional member is never null.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(drop_null),
        Value::Object(members) => {
            let present = members.get("anyOf").and_then(Value::as_array).and_then(|any| {
                let is_null = |schema: &Value| schema.get("type") == Some(&"null".into());
                match any.as_slice() {
                    [Value::Object(schema), null] if is_null(null) => Some(schema.clone()),
                    _ => None,
                }
            });
            if let Some(schema) = present {
                // Annotations of the member itself, such as its description, stay.
                members.remove("anyOf");
                for (keyword, value) in schema {
                    members.entry(keyword).or_insert(value);
                }
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
