//! The policies of an SLA: what is allowed, and how they are shown.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{customer, make, policy};

/// Creates what selectors refer to: TAG-1, GROUP-1 and PROD-1.
async fn filled() -> Server {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "vip"})).await.ok();
    let group = json!({"name": "Support", "description": "us", "type": "static"});
    server.call("groups.create", group).await.ok();
    let part = json!({"type": "product", "name": "Rocket", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    server
}

/// Asserts that an SLA with these policies is refused, and returns the error.
async fn refused(server: &Server, policies: Value, kind: &str) -> Value {
    let request = json!({"name": "Gold", "policies": policies});
    server.call("slas.create", request).await.error(400, kind)
}

/// A policy for tickets with these targets.
fn targets(metrics: Value) -> Value {
    json!([{"name": "all", "selector": {"applies_to": "ticket"}, "metrics": metrics}])
}

#[tokio::test]
async fn a_policy_shows_all_that_it_was_given() {
    let server = filled().await;
    let (_, workspace) = customer(&server, "Acme").await;
    let request = json!({
        "name": "Everything",
        "policies": [
            {
                "name": "tickets",
                "selector": {
                    "applies_to": "ticket",
                    "custom_fields": {"tnt__tier": "gold", "tnt__spare": null},
                    "groups": ["GROUP-1"],
                    "owners": ["DEVU-1", "SYSU-1", "DEVU-1"],
                    "parts": ["PROD-1"],
                    "severity": ["blocker", "high"],
                    "subtype": ["bug"],
                    "tags": ["TAG-1"],
                    "ticket_source_channel": ["email"],
                },
                "metrics": [
                    {
                        "metric": "METRIC-1",
                        "target": 480,
                        "warning_target": 360,
                        "performance": 99.5,
                    },
                    {"metric": "METRIC-3", "target": 1, "performance": 100},
                ],
            },
            {
                "name": "conversations",
                "selector": {
                    "applies_to": "conversation",
                    "priority": ["p0", "p2"],
                    "source_channel": ["plug"],
                },
            },
            {
                "name": "issues",
                "selector": {
                    "applies_to": "issue",
                    "issue_selector": {
                        "custom_fields": {"tnt__cost": 7},
                        "owners": ["DEVU-1"],
                        "parts": ["PROD-1"],
                        "rev_orgs": [workspace],
                        "stage_name": ["triage"],
                        "subtype": ["bug"],
                        "tags": ["TAG-1"],
                    },
                },
                "metrics": [{"metric": "METRIC-4", "target": 60}],
            },
        ],
    });
    let made = server.call("slas.create", request).await.ok();
    insta::assert_json_snapshot!(made["sla"]["policies"], {
        "[2].selector.issue_selector.rev_orgs" => insta::dynamic_redaction(move |shown, _| {
            let shown = serde_json::to_value(&shown).expect("JSON");
            assert_eq!(shown[0]["display_id"], workspace);
            assert_eq!(shown[0]["display_name"], "Acme");
            "Acme"
        }),
    });
    assert_eq!(server.call("slas.get", json!({"id": "SLA-1"})).await.ok(), made);
}

#[tokio::test]
async fn the_names_of_policies_are_unique_in_an_sla() {
    let server = Server::start().await;
    let twice = json!([policy("ticket", "METRIC-1"), policy("ticket", "METRIC-2")]);
    let error = refused(&server, twice.clone(), "value_not_permitted").await;
    assert_eq!((&error["field_name"], &error["detail"]), (&json!("name"), &json!("policies.name")));
    let once = json!([policy("ticket", "METRIC-1")]);
    make(&server, json!({"name": "Gold", "policies": once})).await;
    make(&server, json!({"name": "Silver", "policies": once})).await;
    let change = json!({"id": "SLA-1", "policies": twice});
    server.call("slas.update", change).await.error(400, "value_not_permitted");
    let mut unnamed = once;
    unnamed[0]["name"] = json!("");
    refused(&server, unnamed, "value_not_permitted").await;
}

#[tokio::test]
async fn a_policy_is_for_a_type_that_the_sla_is_for() {
    let server = Server::start().await;
    let request = |of: &str| {
        let policies = [policy(of, "METRIC-3")];
        json!({"name": "Gold", "applies_to": ["ticket", "incident"], "policies": policies})
    };
    make(&server, request("ticket")).await;
    let refused = server.call("slas.create", request("conversation")).await;
    let refused = refused.error(400, "value_not_permitted");
    assert_eq!(refused["detail"], "policies.selector.applies_to");
    assert_eq!(refused["allowed_values"], json!(["ticket", "incident"]));
    let change = json!({"id": "SLA-1", "policies": [policy("issue", "METRIC-4")]});
    let refused = server.call("slas.update", change).await.error(400, "value_not_permitted");
    assert_eq!(refused["field_name"], "applies_to");
    let internal = json!({"name": "Ours", "sla_type": "internal", "applies_to": ["issue"],
        "policies": [policy("ticket", "METRIC-3")]});
    let refused = server.call("slas.create", internal).await.error(400, "value_not_permitted");
    assert_eq!(refused["allowed_values"], json!(["issue"]));
}

#[tokio::test]
async fn selectors_of_one_type_are_refused_for_another() {
    let server = Server::start().await;
    for (member, value, of) in [
        ("priority", json!(["p0"]), "conversation"),
        ("source_channel", json!(["plug"]), "conversation"),
        ("severity", json!(["high"]), "ticket"),
        ("ticket_source_channel", json!(["email"]), "ticket"),
        ("issue_selector", json!({"subtype": ["bug"]}), "issue"),
    ] {
        for applies_to in ["conversation", "incident", "issue", "ticket"] {
            let selector = json!({"applies_to": applies_to, member: value});
            let policies = json!([{"name": "a", "selector": selector}]);
            if applies_to == of {
                make(&server, json!({"name": "Gold", "policies": policies})).await;
                continue;
            }
            let error = refused(&server, policies, "invalid_field").await;
            assert_eq!(error["detail"], format!("policies.selector.{member}"));
            let message = format!("{member} chooses a {of}, and the policy is for a {applies_to}");
            assert_eq!(error["message"], message);
        }
    }
}

#[tokio::test]
async fn a_selector_names_what_is_there_by_ids_of_the_right_kind() {
    let server = filled().await;
    for (member, missing) in
        [("groups", "GROUP-9"), ("owners", "DEVU-9"), ("parts", "PROD-9"), ("tags", "TAG-9")]
    {
        for (id, kind) in [(missing, "invalid_id"), ("ISS-1", "unexpected_id_type")] {
            let selector = json!({"applies_to": "ticket", member: [id]});
            let policies = json!([{"name": "a", "selector": selector}]);
            assert_eq!(refused(&server, policies, kind).await["field_name"], member);
        }
    }
    for (member, missing) in
        [("owners", "DEVU-9"), ("parts", "PROD-9"), ("tags", "TAG-9"), ("rev_orgs", "REV-9")]
    {
        for (id, kind) in [(missing, "invalid_id"), ("ISS-1", "unexpected_id_type")] {
            let selector = json!({"applies_to": "issue", "issue_selector": {member: [id]}});
            let policies = json!([{"name": "a", "selector": selector}]);
            assert_eq!(refused(&server, policies, kind).await["field_name"], member);
        }
    }
    for (selector, kind, field) in [
        (json!({}), "missing_required_field", "applies_to"),
        (json!({"applies_to": "task"}), "invalid_enum_value", "applies_to"),
        (json!({"applies_to": "ticket", "severity": ["bad"]}), "invalid_enum_value", "severity"),
        (
            json!({"applies_to": "conversation", "priority": ["p3"]}),
            "invalid_enum_value",
            "priority",
        ),
        (
            json!({"applies_to": "ticket", "custom_fields": []}),
            "unexpected_json_type",
            "custom_fields",
        ),
        (json!({"applies_to": "ticket", "stage": ["x"]}), "invalid_field", "stage"),
    ] {
        let error = refused(&server, json!([{"name": "a", "selector": selector}]), kind).await;
        assert_eq!(error["field_name"], field);
    }
    let error = refused(&server, json!([{"name": "a"}]), "missing_required_field").await;
    assert_eq!(error["field_name"], "selector");
}

#[tokio::test]
async fn the_numbers_of_a_target_make_sense() {
    let server = Server::start().await;
    for (numbers, field) in [
        (json!({"target": 0}), "target"),
        (json!({"target": -5}), "target"),
        (json!({"target": 60, "warning_target": 60}), "warning_target"),
        (json!({"target": 60, "warning_target": 61}), "warning_target"),
        (json!({"target": 60, "warning_target": 0}), "warning_target"),
        (json!({"target": 60, "performance": 0}), "performance"),
        (json!({"target": 60, "performance": -1.5}), "performance"),
        (json!({"target": 60, "performance": 100.1}), "performance"),
        (json!({"target": 2_147_483_648_i64}), "target"),
        (json!({"target": 1.5}), "target"),
    ] {
        let mut target = numbers.clone();
        target["metric"] = json!("METRIC-1");
        let error = refused(&server, targets(json!([target])), "value_not_permitted").await;
        assert_eq!(error["detail"], format!("policies.metrics.{field}"), "{numbers}");
    }
    let longest =
        json!([{"metric": "METRIC-1", "target": i32::MAX, "warning_target": i32::MAX - 1}]);
    make(&server, json!({"name": "Gold", "policies": targets(longest)})).await;
    for (target, field) in
        [(json!({"target": 1}), "metric"), (json!({"metric": "METRIC-1"}), "target")]
    {
        let error = refused(&server, targets(json!([target])), "missing_required_field").await;
        assert_eq!(error["field_name"], field);
    }
}

#[tokio::test]
async fn a_metric_is_there_in_use_fitting_and_promised_once() {
    let server = Server::start().await;
    let custom = json!({"name": "Fixing", "applies_to": ["ticket"]});
    server.call("metric-definitions.create", custom).await.ok();
    let target = |metric: &str| json!({"metric": metric, "target": 60});
    for (metrics, kind, message) in [
        (json!([target("METRIC-9")]), "invalid_id", "there is no metric METRIC-9"),
        (
            json!([target("METRIC-4")]),
            "value_not_permitted",
            "\"Issue resolution time\" can't be measured on a ticket",
        ),
        (
            json!([target("METRIC-6"), target("METRIC-1"), target("METRIC-6")]),
            "value_not_permitted",
            "\"Fixing\" is in the policy twice",
        ),
    ] {
        let error = refused(&server, targets(metrics), kind).await;
        assert_eq!(error["detail"], "policies.metrics.metric");
        assert_eq!(error["message"], message);
    }
    let other = targets(json!([target("TAG-1")]));
    refused(&server, other, "unexpected_id_type").await;

    // An inactive metric can't be added to an SLA, but stays in those that have it.
    let used = json!({"name": "Old", "policies": targets(json!([target("METRIC-6")]))});
    make(&server, used).await;
    let off = json!({"id": "METRIC-6", "status": "inactive"});
    server.call("metric-definitions.update", off).await.ok();
    let error = refused(&server, targets(json!([target("METRIC-6")])), "value_not_permitted").await;
    assert_eq!(error["message"], "\"Fixing\" is inactive");
    let same = json!({"id": "SLA-1", "policies": targets(json!([target("METRIC-6")]))});
    server.call("slas.update", same).await.ok();
    let mut change = targets(json!([target("METRIC-6")]));
    change[0]["name"] = json!("another policy");
    let change = json!({"id": "SLA-1", "policies": change});
    server.call("slas.update", change).await.error(400, "value_not_permitted");
    server.call("slas.update", json!({"id": "SLA-1", "name": "Older"})).await.ok();
    let on = json!({"id": "METRIC-6", "status": "active"});
    server.call("metric-definitions.update", on).await.ok();
    let again = json!({"name": "New", "policies": targets(json!([target("METRIC-6")]))});
    make(&server, again).await;
}

#[tokio::test]
async fn a_schedule_is_there() {
    let server = Server::start().await;
    for (schedule, kind) in [("SCHEDULE-9", "invalid_id"), ("TAG-1", "unexpected_id_type")] {
        let target = json!({"metric": "METRIC-1", "target": 60, "org_schedule_id": schedule});
        let error = refused(&server, targets(json!([target])), kind).await;
        assert_eq!(error["field_name"], "org_schedule_id");
    }
}

#[tokio::test]
async fn a_tag_that_is_deleted_stays_in_the_selectors_that_ask_for_it() {
    let server = filled().await;
    let selector = json!({"applies_to": "ticket", "tags": ["TAG-1"]});
    let policies = json!([{"name": "vip", "selector": selector}]);
    make(&server, json!({"name": "Gold", "policies": policies})).await;
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    // Without it, the policy would select every ticket.
    let sla = server.call("slas.get", json!({"id": "SLA-1"})).await.ok();
    assert_eq!(sla["sla"]["policies"][0]["selector"]["tags"][0]["name"], "vip");
    server.call("slas.update", json!({"id": "SLA-1", "name": "Silver"})).await.ok();
}
