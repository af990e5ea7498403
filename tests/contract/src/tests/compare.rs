//! Descriptions of our own, right and wrong.

use serde_json::{Value, json};

use crate::{Difference, Gap, compare_openapi};

/// A description of `reactions.update`, a small operation, as our generator would write it.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {"/reactions.update": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/ReactionsUpdateRequest",
            }}}},
            "responses": {"200": {"content": {"application/json": {"schema": {
                "type": "object",
            }}}}},
        }}, "/internal/reactions.update": {}},
        "components": {"schemas": {
            "ReactionsUpdateRequest": {
                "type": "object",
                "properties": {
                    "object": {"type": "string"},
                    "emoji": {"type": "string"},
                    "action": {"$ref": "#/components/schemas/Action"},
                },
                "required": ["object", "emoji", "action"],
            },
            "Action": {"oneOf": [
                {"type": "string", "const": "add"},
                {"type": "string", "const": "remove"},
            ]},
        }},
    })
}

fn found(change: impl FnOnce(&mut Value)) -> Vec<(Gap, String)> {
    let mut document = document();
    change(&mut document);
    let gap = |each: Difference| (each.gap, each.at);
    compare_openapi(&document).into_iter().map(gap).collect()
}

fn request(document: &mut Value) -> &mut Value {
    &mut document["components"]["schemas"]["ReactionsUpdateRequest"]
}

fn at(gap: Gap, place: &str) -> Vec<(Gap, String)> {
    vec![(gap, place.to_owned())]
}

#[test]
fn the_same_contract_has_no_difference() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn members() {
    let gone = found(|all| {
        request(all)["properties"].as_object_mut().unwrap().remove("emoji");
    });
    assert_eq!(gone, at(Gap::Missing, "reactions-update-request.emoji"));
    let new = found(|all| request(all)["properties"]["colour"] = json!({"type": "string"}));
    assert_eq!(new, at(Gap::Unknown, "reactions-update-request.colour"));
    let other = found(|all| request(all)["properties"]["emoji"] = json!({"type": "integer"}));
    assert_eq!(other, at(Gap::Type, "reactions-update-request.emoji"));
    let lax = found(|all| request(all)["required"] = json!(["object", "action"]));
    assert_eq!(lax, at(Gap::Required, "reactions-update-request.emoji"));
}

#[test]
fn values() {
    let short = found(|all| all["components"]["schemas"]["Action"] = json!({"enum": ["add"]}));
    assert_eq!(short.len(), 1);
    assert_eq!(short[0].0, Gap::Values);
    let open = found(|all| all["components"]["schemas"]["Action"] = json!({"type": "string"}));
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].0, Gap::Values);
    let long = json!({"type": "string", "enum": ["add", "remove", "swap"]});
    let long = found(|all| all["components"]["schemas"]["Action"] = long);
    assert_eq!(long.len(), 1);
}

#[test]
fn operations() {
    let status = found(|all| {
        let answers = &mut all["paths"]["/reactions.update"]["post"]["responses"];
        *answers = json!({"201": answers["200"]});
    });
    assert_eq!(status, at(Gap::Operation, "reactions.update"));
    let odd = found(|all| all["paths"]["/works.invent"] = json!({"post": {}}));
    assert_eq!(odd, at(Gap::Operation, "works.invent"));
    let get = found(|all| all["paths"]["/reactions.update"]["get"] = json!({}));
    assert_eq!(get, at(Gap::Operation, "reactions.update"));
    let bare = found(|all| {
        all["paths"]["/reactions.update"]["post"]["requestBody"] = json!({});
    });
    assert_eq!(bare, at(Gap::Missing, "reactions-update-request"));
}

#[test]
fn query_parameters() {
    let id = |name: &str| json!({"get": {"parameters": [{"name": name}]}, "post": {}});
    let right = found(|all| all["paths"] = json!({"/works.get": id("id")}));
    assert!(right.iter().all(|each| !each.1.contains('?')));
    let wrong = found(|all| all["paths"] = json!({"/works.get": id("work")}));
    assert!(wrong.contains(&(Gap::Missing, "works.get?id".to_owned())));
    assert!(wrong.contains(&(Gap::Unknown, "works.get?work".to_owned())));
}

/// A work's update with one shape per kind of work, as a tagged union in our spelling.
fn union(issue: &Value) -> Value {
    let tag = |value: &str| json!({"type": "string", "const": value});
    let mut document = document();
    document["paths"] = json!({"/works.update": {"post": {"requestBody": {"content": {
        "application/json": {"schema": {
            "type": "object",
            "properties": {"id": {"type": "string"}},
            "required": ["id"],
            "oneOf": [
                {"properties": {"type": tag("issue"), "sprint": issue}, "required": ["type"]},
                {"properties": {"type": tag("ticket"), "severity": {"type": "string"}}},
            ],
        }},
    }}}}});
    document
}

#[test]
fn variants_are_compared_one_by_one() {
    let right = json!({"type": ["string", "null"]});
    let all = compare_openapi(&union(&right));
    let about = |name: &str| {
        let name = format!("works-update-request.{name}");
        all.iter().filter(|each| each.at == name).map(|each| each.gap).collect::<Vec<_>>()
    };
    assert_eq!(about("sprint"), []);
    assert_eq!(about("type"), []);
    assert_eq!(about("title"), [Gap::Missing]);
    let stiff = compare_openapi(&union(&json!({"type": "string"})));
    let null = stiff.iter().find(|each| each.gap == Gap::Null).unwrap();
    assert_eq!(null.at, "works-update-request.sprint");
    assert_eq!(null.side, "request");

    let mut misplaced = union(&right);
    let schema = "/paths/~1works.update/post/requestBody/content/application~1json/schema";
    let schema = misplaced.pointer_mut(schema).unwrap();
    schema["oneOf"][0]["properties"]["severity"] = json!({"type": "string"});
    let all = compare_openapi(&misplaced);
    let odd = all.iter().find(|each| each.gap == Gap::Unknown).unwrap();
    assert_eq!(odd.at, "works-update-request.severity");
}

#[test]
fn answers() {
    let answer = |account: Value| {
        json!({"paths": {"/accounts.merge": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": {"content": {"application/json": {"schema": account}}}},
        }}}})
    };
    let of = |properties: Value| {
        let all = compare_openapi(&answer(json!({"type": "object", "properties": properties})));
        all.into_iter().filter(|each| each.side == "response").collect::<Vec<_>>()
    };
    // An answer that the list of extras allows is not a difference.
    assert_eq!(of(json!({"account": {}})), []);
    assert_eq!(of(json!({"winner": {}}))[0].gap, Gap::Unknown);
}

#[test]
fn what_every_shape_demands_is_demanded() {
    let shapes = |second: Value| {
        let shape = |required: Value| json!({"type": "object", "required": required});
        found(|all| {
            request(all)["required"] = json!([]);
            request(all)["anyOf"] = json!([shape(json!(["object", "emoji", "action"]))]);
            let shapes = request(all)["anyOf"].as_array_mut().unwrap();
            shapes.push(shape(second));
        })
    };
    assert_eq!(shapes(json!(["action", "emoji", "object"])), []);
    let place = "reactions-update-request.emoji";
    assert_eq!(shapes(json!(["action", "object"])), at(Gap::Required, place));
}
