//! Members with values that no request may have.

use serde_json::{Value, json};

use super::Case;
use crate::world::World;

/// The requests, each with the expected answer.
pub fn cases(world: &World) -> Vec<Case> {
    let mut list = of_works(world);
    list.extend(of_lists());
    list.extend(of_others(world));
    list.into_iter()
        .map(|(op, request, kind, field)| {
            let status = if kind == "not_found" { 404 } else { 400 };
            let status = if kind == "conflict" { 409 } else { status };
            Case { field, ..Case::post(op, request.to_string(), kind).status(status) }
        })
        .collect()
}

type Row = (&'static str, Value, &'static str, &'static str);

fn of_works(world: &World) -> Vec<Row> {
    let org = &world.org;
    let update = |member: &'static str, value: Value, kind: &'static str| -> Row {
        let mut request = json!({"id": "ISS-1"});
        request[member] = value;
        ("works.update", request, kind, member)
    };
    let get = |id: &str, kind: &'static str, field: &'static str| -> Row {
        ("works.get", json!({"id": id}), kind, field)
    };
    let create = |member: &'static str, value: Value, kind: &'static str| -> Row {
        let mut request = world.work("issue");
        request[member] = value;
        ("works.create", request, kind, member)
    };
    let huge = "99999999999999999999";
    vec![
        get("ISS-999", "not_found", ""),
        get("ISS-0", "invalid_id", "id"),
        get("ISS-01", "invalid_id", "id"),
        get("ISS--1", "invalid_id", "id"),
        get("ISS-1.0", "invalid_id", "id"),
        get("ISS-１", "invalid_id", "id"),
        get(" ISS-1", "invalid_id", "id"),
        get("ISS-1 ", "invalid_id", "id"),
        get("ISS-1/../TKT-1", "invalid_id", "id"),
        get(&format!("ISS-{huge}"), "invalid_id", "id"),
        get(&"I".repeat(100_000), "invalid_id", "id"),
        get("TAG-1", "unexpected_id_type", "id"),
        get("DEVU-1", "unexpected_id_type", "id"),
        get("don:core:dvrv-us-1:devo/nowhere:issue/1", "not_found", ""),
        get(&format!("don:core:dvrv-eu-9:devo/{org}:issue/1"), "not_found", ""),
        get(&format!("don:identity:dvrv-us-1:devo/{org}:issue/1"), "not_found", ""),
        get(&format!("don:core:dvrv-us-1:devo/{org}:tag/1"), "unexpected_id_type", "id"),
        get(&format!("don:core:dvrv-us-1:devo/{org}:issue/"), "invalid_id", "id"),
        get(&format!("don:core:dvrv-us-1:devo/{org}:issue"), "invalid_id", "id"),
        get(&format!("don:core:dvrv-us-1:devo/{org}:nothing/1"), "invalid_id", "id"),
        get(&format!("don:core:dvrv-us-1:devo/{org}:issue/{huge}"), "not_found", ""),
        get(&format!("don:core:dvrv-us-1:devo/{org}:issue/1'--"), "not_found", ""),
        get("don:", "invalid_id", "id"),
        get("don:core", "invalid_id", "id"),
        get("don:::::", "invalid_id", "id"),
        get("ISS-1\0", "value_not_permitted", "id"),
        update("title", json!(""), "value_not_permitted"),
        update("title", json!("x".repeat(257)), "value_not_permitted"),
        update("title", json!("🦀".repeat(257)), "value_not_permitted"),
        update("title", json!("a\0b"), "value_not_permitted"),
        update("title", json!(null), "unexpected_json_type"),
        update("title", json!(["a", "b"]), "unexpected_json_type"),
        update("title", json!({"set": "a"}), "unexpected_json_type"),
        update("body", json!("x".repeat(65_537)), "value_not_permitted"),
        update("body", json!(1e300), "unexpected_json_type"),
        update("priority", json!("p9"), "invalid_enum_value"),
        update("priority", json!("P0"), "invalid_enum_value"),
        update("priority", json!(0), "unexpected_json_type"),
        update("priority_v2", json!(u64::MAX), "value_not_permitted"),
        update("priority_v2", json!(-1), "value_not_permitted"),
        update("priority_v2", json!(1.5), "value_not_permitted"),
        update("owned_by", json!({"set": []}), "value_not_permitted"),
        update("owned_by", json!({"set": ["DEVU-999"]}), "invalid_id"),
        update("owned_by", json!({"set": ["ISS-1"]}), "unexpected_id_type"),
        update("owned_by", json!({"set": [[]]}), "unexpected_json_type"),
        update("applies_to_part", json!("PROD-999"), "invalid_id"),
        update("applies_to_part", json!("TAG-1"), "unexpected_id_type"),
        update("applies_to_part", json!(null), "unexpected_json_type"),
        update("sprint", json!("VISTA-1"), "unexpected_id_type"),
        update("target_close_date", json!("tomorrow"), "invalid_field"),
        update("target_close_date", json!("2026-13-01T00:00:00Z"), "invalid_field"),
        update("target_close_date", json!("2026-02-30T00:00:00Z"), "invalid_field"),
        update("target_close_date", json!("999999-01-01T00:00:00Z"), "invalid_field"),
        update("target_close_date", json!(1_700_000_000), "unexpected_json_type"),
        create("external_ref", json!(""), "value_not_permitted"),
        create("external_ref", json!("x".repeat(513)), "value_not_permitted"),
        update("developed_with", json!({"set": vec!["PROD-1"; 9]}), "value_not_permitted"),
        update("severity", json!("high"), "invalid_field"),
        update("__proto__", json!({"admin": true}), "invalid_field"),
        update("constructor", json!(1), "invalid_field"),
        update("created_by", json!("DEVU-2"), "invalid_field"),
        update("display_id", json!("ISS-2"), "invalid_field"),
        update("rev", json!(9), "invalid_field"),
        update("id ", json!("ISS-1"), "invalid_field"),
        update("Title", json!("x"), "invalid_field"),
        update("", json!("x"), "invalid_field"),
        ("works.update", json!({"id": "ISS-1", "type": "ticket"}), "value_not_permitted", "type"),
        (
            "works.update",
            json!({"id": "ISS-1", "stage": {"name": "no such"}}),
            "value_not_permitted",
            "name",
        ),
        (
            "works.update",
            json!({"id": "ISS-1", "stage": {"nothing": 1}}),
            "invalid_field",
            "nothing",
        ),
        (
            "works.update",
            json!({"id": "ISS-1", "tags": {"set": [{"id": "TAG-999"}]}}),
            "invalid_id",
            "tags",
        ),
        (
            "works.update",
            json!({"id": "ISS-1", "tags": {"set": [{"id": "TAG-1", "value": "no"}]}}),
            "value_not_permitted",
            "value",
        ),
        ("works.update", json!({"id": "ISS-1", "tags": {"set": [], "add": []}}), "bad_request", ""),
        ("works.update", json!({"id": "ISS-999", "title": "x"}), "not_found", ""),
        create("type", json!("bug"), "invalid_enum_value"),
        create("type", json!(null), "missing_required_field"),
        create("title", json!(5), "unexpected_json_type"),
        create("owned_by", json!("nobody"), "invalid_id"),
        create("applies_to_part", json!("CAPL-999"), "invalid_id"),
        create("reported_by", json!(["TAG-1"]), "unexpected_id_type"),
        create("artifacts", json!(vec!["ARTIFACT-1"; 51]), "value_not_permitted"),
        create("artifacts", json!(["ARTIFACT-999"]), "invalid_id"),
        create("amount", json!(1), "invalid_field"),
        ("works.delete", json!({"id": "OPP-999"}), "not_found", ""),
        ("works.delete", json!({"id": ["ISS-1", "TKT-1"]}), "unexpected_json_type", "id"),
        ("works.delete", json!({"id": {"$ne": null}}), "unexpected_json_type", "id"),
    ]
}

fn of_lists() -> Vec<Row> {
    let list = |request: Value, kind: &'static str, field: &'static str| -> Row {
        ("works.list", request, kind, field)
    };
    vec![
        list(json!({"limit": "10"}), "unexpected_json_type", "limit"),
        list(json!({"limit": 1.5}), "value_not_permitted", "limit"),
        list(json!({"limit": 1_180_591_620_717_411_303_424.0}), "value_not_permitted", "limit"),
        list(json!({"limit": u64::MAX}), "value_not_permitted", "limit"),
        list(json!({"mode": "backwards"}), "invalid_enum_value", "mode"),
        list(json!({"sort_by": ["title"]}), "invalid_field", "sort_by"),
        list(json!({"sort_by": ["-title"]}), "invalid_field", "sort_by"),
        list(json!({"sort_by": ["title:up"]}), "invalid_field", "sort_by"),
        list(json!({"sort_by": [":asc"]}), "invalid_field", "sort_by"),
        list(json!({"sort_by": ["id; DROP TABLE works:asc"]}), "invalid_field", "sort_by"),
        list(json!({"sort_by": ["doc:asc"]}), "invalid_field", "sort_by"),
        list(json!({"sort_by": [{"field": "title"}]}), "unexpected_json_type", "sort_by"),
        list(json!({"type": ["issue", "epic"]}), "invalid_enum_value", "type"),
        list(json!({"type": {"$in": ["issue"]}}), "unexpected_json_type", "type"),
        list(json!({"owned_by": ["TAG-1"]}), "unexpected_id_type", "owned_by"),
        list(json!({"owned_by": ["ISS-1 OR 1=1"]}), "invalid_id", "owned_by"),
        list(json!({"created_date": {"type": "never"}}), "invalid_enum_value", "type"),
        list(json!({"created_date": {"type": "range", "after": "x"}}), "invalid_field", "after"),
        list(
            json!({"created_date": {"type": "preset", "preset_type": "last_n_days", "days": -1}}),
            "value_not_permitted",
            "days",
        ),
        list(
            json!({"created_date": "2026-01-01T00:00:00Z"}),
            "unexpected_json_type",
            "created_date",
        ),
        list(json!({"external_refs": ["x"]}), "invalid_field", "external_refs"),
        list(json!({"subtype": ["x"]}), "invalid_field", "subtype"),
        list(json!({"issue": {"severity": ["high"]}}), "invalid_field", "severity"),
        list(json!({"issue": {"priority": ["p9"]}}), "invalid_enum_value", "priority"),
        list(json!({"where": "1=1"}), "invalid_field", "where"),
        ("works.count", json!({"limit": 1}), "invalid_field", "limit"),
        ("works.export", json!({"first": "all"}), "unexpected_json_type", "first"),
        ("tags.list", json!({"name": [5]}), "unexpected_json_type", "name"),
        ("tags.list", json!({"name": ["a\0"]}), "value_not_permitted", "name"),
        ("parts.list", json!({"parent_part": {"parts": ["ISS-1"]}}), "unexpected_id_type", "parts"),
    ]
}

fn of_others(world: &World) -> Vec<Row> {
    vec![
        ("tags.create", json!({}), "missing_required_field", "name"),
        ("tags.create", json!({"name": "core"}), "conflict", ""),
        ("tags.create", json!({"name": "x", "name ": "y"}), "invalid_field", "name "),
        ("tags.create", json!({"name": {"en": "x"}}), "unexpected_json_type", "name"),
        ("tags.get", json!({"id": "TAG-999"}), "not_found", ""),
        ("tags.update", json!({"id": "TAG-2", "name": null}), "unexpected_json_type", "name"),
        ("tags.update", json!({"id": "TAG-2", "name": "core"}), "conflict", ""),
        (
            "parts.create",
            json!({"type": "capability", "name": "x"}),
            "missing_required_field",
            "parent_part",
        ),
        (
            "parts.create",
            json!({"type": "feature", "name": "x", "owned_by": ["DEVU-1"],
                "parent_part": ["FEAT-9"]}),
            "invalid_id",
            "parent_part",
        ),
        (
            "parts.create",
            json!({"type": "module", "name": "x", "owned_by": ["DEVU-1"]}),
            "invalid_enum_value",
            "type",
        ),
        ("parts.get", json!({"id": "CAPL-999"}), "not_found", ""),
        ("accounts.get", json!({"id": "ACC-doesnotexist"}), "not_found", ""),
        ("accounts.get", json!({"id": "ACC-../../x"}), "invalid_id", "id"),
        ("accounts.create", json!({"display_name": ""}), "value_not_permitted", "display_name"),
        (
            "accounts.merge",
            json!({"primary_account": world.account}),
            "missing_required_field",
            "secondary_account",
        ),
        (
            "rev-orgs.create",
            json!({"account": "REV-x", "display_name": "x"}),
            "unexpected_id_type",
            "account",
        ),
        ("rev-orgs.get", json!({}), "missing_required_field", "id"),
        ("rev-users.create", json!({"rev_org": "REV-nothing"}), "invalid_id", "rev_org"),
        ("rev-users.get", json!({"id": "REVU-999"}), "not_found", ""),
        ("dev-users.get", json!({"id": "REVU-1"}), "unexpected_id_type", "id"),
        (
            "dev-users.create",
            json!({"email": "x", "state": "shadow"}),
            "value_not_permitted",
            "email",
        ),
        (
            "groups.members.add",
            json!({"group": "GROUP-1", "member": "TAG-1"}),
            "unexpected_id_type",
            "member",
        ),
        ("groups.get", json!({"id": "GROUP-999"}), "not_found", ""),
        ("vistas.get", json!({"id": "VISTA-999"}), "not_found", ""),
        ("vistas.groups.get", json!({"id": "VISTA-1"}), "unexpected_id_type", "id"),
        ("artifacts.get", json!({"id": "ARTIFACT-999"}), "not_found", ""),
        ("artifacts.locate", json!({"id": "../../etc/passwd"}), "invalid_id", "id"),
        ("artifacts.get", json!({"id": "ARTIFACT-1", "version": "../1"}), "not_found", ""),
        ("auth-tokens.create", json!({"expires_in": -1}), "value_not_permitted", "expires_in"),
        (
            "auth-tokens.create",
            json!({"requested_token_type": "root"}),
            "invalid_enum_value",
            "requested_token_type",
        ),
        ("auth-tokens.get", json!({"token_id": "x"}), "invalid_id", "token_id"),
        ("service-accounts.get", json!({"id": "DEVU-1"}), "unexpected_id_type", "id"),
        ("dev-orgs.get", json!({"id": 1}), "invalid_field", "id"),
        ("stages.custom.get", json!({"id": "STATE-1"}), "unexpected_id_type", "id"),
        ("ping", json!({"x": 1}), "invalid_field", "x"),
    ]
}
