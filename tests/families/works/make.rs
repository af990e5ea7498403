//! Creating, reading and deleting works.

use serde_json::json;

use super::{World, ids};

#[tokio::test]
async fn a_bare_issue_has_the_defaults() {
    let world = World::new().await;
    let issue = world.work("issue", json!({"body": ""})).await;
    insta::assert_json_snapshot!(issue);
    assert_eq!(world.get("ISS-1").await, issue);
    assert_eq!(world.server.get("works.get", "id=ISS-1").await.ok()["work"], issue);
}

#[tokio::test]
async fn an_issue_takes_every_field() {
    let world = World::new().await;
    let bob = world.user("bob").await;
    let tag = world.tag("area", &["smtp", "imap"]).await;
    let sprint = world.sprint("Sprint 1", "active").await;
    let file = world.artifact().await;
    let issue = world
        .work(
            "issue",
            json!({
                "body": "# Why", "owned_by": ["DEVU-1", bob, "DEVU-1"], "reported_by": bob,
                "artifacts": [file], "tags": [{"id": tag, "value": "smtp"}],
                "stage": {"name": "In Review"}, "priority": "p3", "priority_v2": 1,
                "target_close_date": "2026-02-01T10:00:00.5+02:00",
                "target_start_date": "2026-01-20T00:00:00Z", "external_ref": "https://x.test/1",
                "developed_with": ["PROD-1"], "sprint": sprint["id"],
                "custom_schema_spec": {"tenant_fragment": true}, "custom_fields": {},
            }),
        )
        .await;
    insta::assert_json_snapshot!(issue);
    assert_eq!(world.get("ISS-1").await, issue);
}

#[tokio::test]
async fn a_ticket_takes_every_field_and_the_account_of_its_workspace() {
    let world = World::new().await;
    let (account, workspace) = world.customer("Acme").await;
    let group = world.call("groups.create", json!({"name": "Support"})).await["group"].clone();
    let ticket = world
        .work(
            "ticket",
            json!({
                "owned_by": [], "rev_org": workspace, "severity": "high", "group": group["id"],
                "channels": ["email", "slack"], "is_spam": false, "needs_response": true,
                "source_channel": "a letter", "visibility": 1,
            }),
        )
        .await;
    assert_eq!(ticket["account"]["display_id"], account);
    insta::assert_json_snapshot!(ticket, {
        ".account.id" => "[id]", ".account.display_id" => "[id]",
        ".rev_org.id" => "[id]", ".rev_org.display_id" => "[id]",
    });
}

#[tokio::test]
async fn a_ticket_needs_no_owners_and_is_then_the_callers() {
    let world = World::new().await;
    let bare = json!({"type": "ticket", "title": "I have a question", "applies_to_part": "PROD-1"});
    let ticket = world.call("works.create", bare.clone()).await["work"].clone();
    insta::assert_json_snapshot!(ticket);
    let mut about_nothing = bare;
    about_nothing.as_object_mut().expect("members").remove("applies_to_part");
    let error = world.refused("works.create", about_nothing, 400, "missing_required_field").await;
    assert_eq!(error["field_name"], "applies_to_part");
    for kind in ["task", "opportunity"] {
        let body = json!({"type": kind, "title": "T", "account": "ACC-1"});
        let body = if kind == "task" { json!({"type": kind, "title": "T"}) } else { body };
        let error = world.refused("works.create", body, 400, "missing_required_field").await;
        assert_eq!(error["field_name"], "owned_by");
    }
}

#[tokio::test]
async fn tasks_and_opportunities_take_every_field() {
    let world = World::new().await;
    let (account, _) = world.customer("Acme").await;
    let contact = json!({"email": "eve@acme.example", "display_name": "Eve"});
    let contact = world.call("rev-users.create", contact).await["rev_user"].clone();
    let task = json!({
        "type": "task", "title": "Call", "owned_by": [], "embedded": true, "priority": "p1",
        "start_date": "2026-03-01T00:00:00Z",
    });
    let task = world.call("works.create", task).await;
    insta::assert_json_snapshot!("task", task["work"]);
    let deal = json!({
        "type": "opportunity", "title": "Deal", "owned_by": ["DEVU-1"], "account": account,
        "contacts": [contact["id"]], "amount": 1200.5, "customer_budget": 1500,
        "probability": 0.25, "value": {"amount": "1200.50", "currency": "EUR"},
        "annual_contract_value": {"amount": "400", "currency": "USD"},
        "forecast_category": "commit", "forecast_category_v2": 3, "priority": "p0",
    });
    let deal = world.call("works.create", deal).await;
    insta::assert_json_snapshot!("opportunity", deal["work"], {
        ".account.id" => "[id]", ".account.display_id" => "[id]",
    });
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named_and_nothing_is_made() {
    let world = World::new().await;
    let whole = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    for (member, value, status, kind, field) in [
        ("type", json!("bug"), 400, "invalid_enum_value", "type"),
        ("title", json!(""), 400, "value_not_permitted", "title"),
        ("title", json!("x".repeat(257)), 400, "value_not_permitted", "title"),
        ("title", json!(7), 400, "unexpected_json_type", "title"),
        ("title", json!(null), 400, "unexpected_json_type", "title"),
        ("body", json!("x".repeat(65_537)), 400, "value_not_permitted", "body"),
        ("body", json!("a\u{0}b"), 400, "value_not_permitted", "body"),
        ("applies_to_part", json!("DEVU-1"), 400, "unexpected_id_type", "applies_to_part"),
        ("applies_to_part", json!("PROD-9"), 400, "invalid_id", "applies_to_part"),
        ("owned_by", json!(["nobody"]), 400, "invalid_id", "owned_by"),
        ("owned_by", json!(["DEVU-77"]), 400, "invalid_id", "owned_by"),
        ("priority", json!("urgent"), 400, "invalid_enum_value", "priority"),
        ("priority_v2", json!(9), 400, "value_not_permitted", "priority_v2"),
        ("severity", json!("high"), 400, "invalid_field", "severity"),
        ("titel", json!("x"), 400, "invalid_field", "titel"),
        ("target_close_date", json!("soon"), 400, "invalid_field", "target_close_date"),
        ("stage", json!({"name": "queued"}), 400, "value_not_permitted", "name"),
        ("tags", json!([{"id": "TAG-5"}]), 400, "invalid_id", "tags"),
        ("tags", json!([{"value": "x"}]), 400, "missing_required_field", "id"),
        ("external_ref", json!(""), 400, "value_not_permitted", "external_ref"),
        ("developed_with", json!(vec!["PROD-1"; 9]), 400, "value_not_permitted", "developed_with"),
        (
            "custom_fields",
            json!({"tnt__cost": 1}),
            400,
            "customization_validation_error",
            "tnt__cost",
        ),
    ] {
        let mut body = whole.clone();
        body[member] = value;
        let error = world.refused("works.create", body, status, kind).await;
        assert_eq!(error["field_name"], field, "{member}: {error}");
    }
    for member in ["type", "title", "applies_to_part", "owned_by"] {
        let mut body = whole.clone();
        body.as_object_mut().expect("an object").remove(member);
        let error = world.refused("works.create", body, 400, "missing_required_field").await;
        assert_eq!(error["field_name"], member);
    }
    assert_eq!(world.call("works.count", json!({})).await["count"], 0);
    assert_eq!(world.work("issue", json!({})).await["display_id"], "ISS-1");
}

#[tokio::test]
async fn an_external_reference_is_unique_within_its_type_and_free_again_after_deletion() {
    let world = World::new().await;
    world.work("issue", json!({"external_ref": "crm-1"})).await;
    world.work("ticket", json!({"external_ref": "crm-1"})).await;
    let body = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": [],
        "external_ref": "crm-1",
    });
    let error = world.refused("works.create", body.clone(), 409, "conflict").await;
    assert_eq!(error["message"], "external_ref \"crm-1\" is taken by ISS-1");
    assert_eq!(error["detail"], "external_ref");
    world.call("works.delete", json!({"id": "ISS-1"})).await;
    assert_eq!(world.call("works.create", body).await["work"]["display_id"], "ISS-2");
}

#[tokio::test]
async fn a_deleted_work_is_gone_from_every_read_and_its_number_is_not_reused() {
    let world = World::new().await;
    world.work("issue", json!({})).await;
    let body = json!({"id": "ISS-1"});
    assert_eq!(world.call("works.delete", body.clone()).await, json!({}));
    for op in ["works.get", "works.delete", "works.update"] {
        world.refused(op, body.clone(), 404, "not_found").await;
    }
    assert_eq!(ids(&world.call("works.list", json!({})).await["works"]).len(), 0);
    assert_eq!(world.work("issue", json!({})).await["display_id"], "ISS-2");
}

#[tokio::test]
async fn a_deleted_referent_keeps_its_last_summary() {
    let world = World::new().await;
    let feature = json!({
        "type": "capability", "name": "Old", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
    });
    let part = world.call("parts.create", feature).await["part"].clone();
    world.work("issue", json!({"applies_to_part": part["id"]})).await;
    world.call("parts.delete", json!({"id": part["id"]})).await;
    let issue = world.get("ISS-1").await;
    assert_eq!(issue["applies_to_part"]["name"], "Old");
    let renamed = world.update("ISS-1", json!({"title": "Still fine"})).await;
    assert_eq!(renamed["applies_to_part"]["name"], "Old");
}
