//! Requests, right and wrong.

use serde_json::json;

use super::{only, places};
use crate::{Fault, check_request};

#[test]
fn a_right_request_passes() {
    let update = json!({
        "id": "ISS-17", "type": "issue", "title": "t", "owned_by": {"set": ["DEVU-3"]},
        "stage": {"name": "in_review"}, "priority_v2": 2, "target_close_date": null,
        "sprint": null, "tags": {"set": [{"id": "TAG-4"}, {"id": "TAG-9", "value": "b"}]},
        "artifacts": {"add": ["ARTIFACT-12"]}, "custom_schema_spec": {"tenant_fragment": true},
        "custom_fields": {"tnt__cost": null},
    });
    assert_eq!(check_request("works.update", &update), []);
    assert_eq!(check_request("works.update", &json!({"id": "ISS-17"})), []);
    let dated = json!({"id": "ISS-17", "target_close_date": "2025-03-09T10:26:00+01:00"});
    assert_eq!(check_request("works.update", &dated), []);
    assert_eq!(check_request("dev-orgs.get", &json!({})), []);
    let filter = json!({"leaf_type": "deal", "filter": ["eq", "$custom_fields.tnt__x", null]});
    assert_eq!(check_request("custom-objects.list", &filter), []);
}

#[test]
fn wrong_requests() {
    let update = |body| check_request("works.update", &body);
    only(&update(json!({})), "", Fault::Missing);
    only(&update(json!({"id": "ISS-1", "title": null})), "/title", Fault::Null);
    only(&update(json!({"id": "ISS-1", "title": ""})), "/title", Fault::Limit);
    only(&update(json!({"id": "ISS-1", "title": "é".repeat(257)})), "/title", Fault::Limit);
    assert_eq!(update(json!({"id": "ISS-1", "title": "é".repeat(256)})), []);
    only(&update(json!({"id": "ISS-1", "owned_by": ["DEVU-1"]})), "/owned_by", Fault::Type);
    only(&update(json!({"id": "ISS-1", "modified_by": []})), "/modified_by", Fault::Unknown);
    let many = vec!["ARTIFACT-1"; 51];
    let found = update(json!({"id": "ISS-1", "artifacts": {"add": many}}));
    only(&found, "/artifacts/add", Fault::Limit);
    let found = update(json!({"id": "ISS-1", "stage": {"name": 1}}));
    only(&found, "/stage/name", Fault::Type);
    only(&check_request("works.invent", &json!({})), "", Fault::Operation);
}

#[test]
fn a_member_of_another_variant_is_unknown() {
    let update = |body| check_request("works.update", &body);
    let found = update(json!({"id": "TKT-1", "type": "ticket", "sprint": null}));
    only(&found, "/sprint", Fault::Unknown);
    // Without the type only the common members are known.
    only(&update(json!({"id": "ISS-1", "priority": "p1"})), "/priority", Fault::Unknown);
    only(&update(json!({"id": "ISS-1", "type": "none"})), "/type", Fault::Enum);
}

#[test]
fn a_union_without_its_tag_lacks_the_tag_only() {
    let body = json!({
        "title": "t", "owned_by": [], "applies_to_part": "PROD-1", "severity": "high",
    });
    only(&check_request("works.create", &body), "", Fault::Missing);
}

#[test]
fn extras_are_for_answers_alone() {
    let body = json!({"id": "TKT-1", "type": "ticket", "channels": {"set": ["other"]}});
    only(&check_request("works.update", &body), "/channels/set/0", Fault::Enum);
}

#[test]
fn numbers_in_range() {
    let hybrid = |body| check_request("search.hybrid", &body);
    let body = json!({"query": "q", "namespace": "issue", "limit": 51, "semantic_weight": 2});
    let found = hybrid(body);
    let limit = ("/limit".to_owned(), Fault::Limit);
    let weight = ("/semantic_weight".to_owned(), Fault::Limit);
    assert_eq!(places(&found), [limit, weight]);
    let body = json!({"query": "q", "namespace": "issue", "limit": -1});
    only(&hybrid(body), "/limit", Fault::Limit);
}
