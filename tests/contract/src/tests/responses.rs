//! Answers, right and wrong.

use serde_json::{Value, json};

use super::{only, places};
use crate::{Fault, Tier, check_object, check_response, check_response_as};

fn user() -> Value {
    json!({
        "type": "dev_user",
        "id": "don:identity:dvrv-us-1:devo/1:devu/3",
        "display_id": "DEVU-3",
        "display_name": "Ana",
        "email": "ana@example.org",
        "state": "active",
    })
}

/// A full issue, with everything that the contract has and the list of extras allows.
fn issue() -> Value {
    json!({"work": {
        "type": "issue",
        "id": "don:core:dvrv-us-1:devo/1:issue/17",
        "display_id": "ISS-17",
        "title": "Cache eviction stalls",
        "owned_by": [user()],
        "created_by": user(),
        "created_date": "2025-03-09T10:26:00.000Z",
        "modified_date": "2025-03-09T10:26:00.120Z",
        "applies_to_part": {
            "type": "product", "id": "don:core:dvrv-us-1:devo/1:product/1", "name": "Shop",
            "owned_by": [user()],
        },
        "stage": {
            "name": "in_review", "display_name": "In Review", "ordinal": 3100, "notes": "soon",
            "stage": {"id": "don:core:x:custom_stage/9", "display_name": "In Review"},
            "state": {"id": "don:core:x:custom_state/2", "name": "in_progress", "is_final": false},
        },
        "state": "in_progress",
        "state_display_name": "In Progress",
        "priority": "p1",
        "priority_v2": {"id": 2, "label": "P1", "ordinal": 2, "value": null},
        "tags": [{"tag": {"id": "don:core:x:tag/4", "name": "db"}, "value": "b"}],
        "custom_fields": {"tnt__cost": 12, "tnt__gone": null, "tnt__deep": {"a": [null]}},
        "estimated_effort": 1.5,
        "actual_close_date": "2025-03-10T10:26:00Z",
    }})
}

/// What is found when the value behind `pointer` becomes `value`.
fn with(pointer: &str, value: Value) -> Vec<crate::Violation> {
    let mut body = issue();
    *body.pointer_mut(pointer).unwrap() = value;
    check_response("works.get", 200, &body)
}

/// What is found when `member` is added to (or, when null, taken from) the object at `pointer`.
fn changed(pointer: &str, member: &str, value: Option<Value>) -> Vec<crate::Violation> {
    let mut body = issue();
    let object = body.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap();
    match value {
        Some(value) => object.insert(member.to_owned(), value),
        None => object.remove(member),
    };
    check_response("works.get", 200, &body)
}

#[test]
fn a_right_answer_passes() {
    assert_eq!(check_response("works.get", 200, &issue()), []);
    assert_eq!(check_response_as(Tier::Beta, "works.get", 200, &issue()), []);
    let list = json!({"works": [issue()["work"]], "next_cursor": "c"});
    assert_eq!(check_response("works.list", 200, &list), []);
    assert_eq!(check_response("works.delete", 200, &json!({})), []);
    assert_eq!(check_object("issue", &json!({"id": "x", "title": "t", "owned_by": []})), []);
}

#[test]
fn types() {
    only(&with("/work/title", json!(1)), "/work/title", Fault::Type);
    only(&with("/work/owned_by", json!({})), "/work/owned_by", Fault::Type);
    only(&with("/work/tags", json!([1])), "/work/tags/0", Fault::Type);
    only(&with("/work", json!([])), "/work", Fault::Type);
    only(&with("/work/custom_fields", json!("x")), "/work/custom_fields", Fault::Type);
    let pointer = "/work/stage/state/is_final";
    only(&with(pointer, json!("false")), pointer, Fault::Type);
    only(&check_response("works.get", 200, &json!("work")), "", Fault::Type);
}

#[test]
fn demands() {
    only(&changed("/work", "title", None), "/work", Fault::Missing);
    only(&changed("/work", "type", None), "/work", Fault::Missing);
    only(&changed("/work/owned_by/0", "id", None), "/work/owned_by/0", Fault::Missing);
    only(&changed("/work/priority_v2", "ordinal", None), "/work/priority_v2", Fault::Missing);
    only(&check_response("works.get", 200, &json!({})), "", Fault::Missing);
    only(&check_response("works.get", 200, &Value::Null), "", Fault::Null);
}

#[test]
fn demands_of_the_beta_contract_bind_where_asked() {
    let body = json!({"account": {"id": "don:x", "display_name": "Acme", "owned_by": []}});
    assert_eq!(check_response("accounts.create", 201, &body), []);
    only(&check_response_as(Tier::Beta, "accounts.create", 201, &body), "", Fault::Missing);
    // The operation itself is beta, and so are its demands.
    only(&check_response("articles.count", 200, &json!({})), "", Fault::Missing);
}

#[test]
fn unknown_members() {
    only(&changed("/work", "colour", Some(json!(1))), "/work/colour", Fault::Unknown);
    only(&changed("", "works", Some(json!([]))), "/works", Fault::Unknown);
    let found = changed("/work", "severity", Some(json!("high")));
    only(&found, "/work/severity", Fault::Unknown);
    let found = changed("/work/owned_by/0", "rev_org", Some(json!({})));
    only(&found, "/work/owned_by/0/rev_org", Fault::Unknown);
    only(&check_response("works.delete", 200, &json!({"id": "x"})), "/id", Fault::Unknown);
    only(&changed("/work", "a/b~", Some(json!(1))), "/work/a~1b~0", Fault::Unknown);
}

#[test]
fn extras_are_allowed_and_typed() {
    assert_eq!(changed("/work", "state", Some(json!("open"))), []);
    only(&changed("/work", "state", Some(json!(1))), "/work/state", Fault::Type);
    // An issue may not have the additional members of a ticket.
    let v2 = json!({"id": 1, "label": "High", "ordinal": 1});
    only(&changed("/work", "severity_v2", Some(v2.clone())), "/work/severity_v2", Fault::Unknown);
    let ticket = json!({"work": {
        "type": "ticket", "id": "don:x", "title": "t", "owned_by": [], "severity_v2": v2,
        "channels": ["other"], "is_archived": true,
    }});
    assert_eq!(check_response("works.get", 200, &ticket), []);
    let task = json!({"work": {
        "type": "task", "id": "don:x", "title": "t", "owned_by": [], "priority": "p9",
    }});
    only(&check_response("works.get", 200, &task), "/work/priority", Fault::Enum);
}

#[test]
fn enumerations_and_unions() {
    only(&with("/work/priority", json!("p7")), "/work/priority", Fault::Enum);
    let pointer = "/work/owned_by/0/state";
    only(&with(pointer, json!("asleep")), pointer, Fault::Enum);
    let found = with("/work/applies_to_part/type", json!("galaxy"));
    assert!(places(&found).contains(&("/work/applies_to_part/type".to_owned(), Fault::Enum)));
    assert_eq!(with("/work/applies_to_part/type", json!("runnable")), []);
}

#[test]
fn formats_and_limits() {
    let pointer = "/work/created_date";
    only(&with(pointer, json!("yesterday")), pointer, Fault::Format);
    only(&with(pointer, json!("2025-02-30T10:26:00Z")), pointer, Fault::Format);
    only(&with(pointer, json!("2025-03-09T10:26:00+01:00")), pointer, Fault::Format);
    only(&with("/work/id", json!("")), "/work/id", Fault::Format);
    let pointer = "/work/stage/ordinal";
    only(&with(pointer, json!(1.5)), pointer, Fault::Format);
    only(&with(pointer, json!(1_i64 << 40)), pointer, Fault::Format);
    let hook = |secret: &str| {
        let hook = json!({"id": "x", "url": "u", "secret": secret, "status": "active"});
        check_response("webhooks.get", 200, &json!({"webhook": hook}))
    };
    assert_eq!(hook("c2VjcmV0"), []);
    only(&hook("no secret"), "/webhook/secret", Fault::Format);
}

#[test]
fn nulls() {
    only(&with("/work/title", Value::Null), "/work/title", Fault::Null);
    only(&with("/work/tags/0", Value::Null), "/work/tags/0", Fault::Null);
    only(&with("/work/custom_fields", Value::Null), "/work/custom_fields", Fault::Null);
    only(&with("/work/priority_v2/label", Value::Null), "/work/priority_v2/label", Fault::Null);
    let free = json!({"response": {"id": "x", "response": {"answer": [null]}}});
    let free = json!({"survey_responses": [free["response"]]});
    let found = check_response("surveys.responses.list", 200, &free);
    only(&found, "/survey_responses/0/response/answer/0", Fault::Null);
}

#[test]
fn statuses_and_operations() {
    only(&check_response("works.get", 201, &issue()), "", Fault::Status);
    only(&check_response("works.create", 200, &issue()), "", Fault::Status);
    only(&check_response("works.invent", 200, &issue()), "", Fault::Operation);
    assert_eq!(check_response("metric-definitions.delete", 204, &Value::Null), []);
    assert_eq!(check_response("auth-tokens.delete", 200, &json!({})), []);
    let found = check_response("auth-tokens.delete", 200, &json!({"a": 1}));
    only(&found, "", Fault::Unknown);
}

#[test]
fn errors() {
    let check = |status, body| check_response("works.update", status, &body);
    let field = json!({"type": "invalid_field", "message": "no", "field_name": "x"});
    assert_eq!(check(400, field.clone()), []);
    only(&check(404, field), "/type", Fault::Enum);
    let short = json!({"type": "invalid_field", "message": "no"});
    only(&check(400, short), "", Fault::Missing);
    only(&check(404, json!({"type": "not_found"})), "", Fault::Missing);
    only(&check(404, json!({"message": "no"})), "", Fault::Missing);
    only(&check(404, json!("no")), "", Fault::Type);
    only(&check(418, json!({"type": "tea", "message": "no"})), "", Fault::Status);
    let odd = json!({"type": "not_found", "message": "no", "sql": "select"});
    only(&check(404, odd), "/sql", Fault::Unknown);
    let null = json!({"type": "not_found", "message": "no", "detail": null});
    only(&check(404, null), "/detail", Fault::Null);
    let late = json!({"type": "too_many_requests", "message": "no", "retry_after": "9"});
    only(&check(429, late), "/retry_after", Fault::Type);
    let custom = json!({
        "type": "customization_validation_error", "message": "no", "subtype": "odd",
    });
    only(&check(400, custom), "/subtype", Fault::Enum);
}

#[test]
fn errors_beyond_the_contract() {
    let check = |status, body| check_response("groups.members.add", status, &body);
    let deep = json!({
        "type": "group_hierarchy_depth_exceeded", "message": "no",
        "actual_depth": 5, "max_depth": 4,
    });
    assert_eq!(check(400, deep), []);
    let deep = json!({"type": "group_hierarchy_depth_exceeded", "message": "no"});
    assert_eq!(check(400, deep).len(), 2);
    assert_eq!(check(412, json!({"type": "stale", "message": "no"})), []);
    only(&check(412, json!({"message": "no"})), "", Fault::Missing);
    assert_eq!(
        check(
            413,
            json!({
                "type": "request_entity_too_large", "message": "no", "max_bytes": 10,
            })
        ),
        []
    );
}
