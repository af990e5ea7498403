//! Metric definitions.

use serde_json::{Value, json};
use worksmith_kernel::Actor;
use worksmith_org::dev_orgs::DevOrg;
use worksmith_org::sys_users::SysUser;
use worksmith_sla::metric_definitions::{MetricDefinition, StockMetric};
use worksmith_tests::{ADMIN, Server};
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_wire::{Id, Kind};

async fn make(server: &Server, name: &str, applies_to: Value) -> Value {
    let request = json!({"name": name, "applies_to": applies_to});
    server.call("metric-definitions.create", request).await.ok()["metric_definition"].clone()
}

/// The names that a list shows.
async fn names(server: &Server, request: Value) -> Vec<String> {
    let mut request = request;
    request["sort_by"] = json!(["name:asc"]);
    let page = server.call("metric-definitions.list", request).await.ok();
    let metrics = page["metric_definitions"].as_array().expect("metrics");
    metrics.iter().map(|metric| metric["name"].as_str().expect("a name").to_owned()).collect()
}

fn first_user() -> FirstUser {
    FirstUser {
        email: "eve@example.org".to_owned(),
        display_name: "Eve".to_owned(),
        org_name: "Old".to_owned(),
    }
}

#[tokio::test]
async fn a_metric_is_made_read_listed_changed_and_deleted() {
    let server = Server::start().await;
    let request = json!({
        "name": "Time to fix",
        "description": "until the fix is out",
        "applies_to": ["ticket", "issue", "ticket"],
    });
    let made = server.call("metric-definitions.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("metric-definitions.get", "id=METRIC-6").await.ok(), made);
    assert_eq!(server.get("metric-definitions.get", "name=Time%20to%20fix").await.ok(), made);

    let change = json!({
        "id": "METRIC-6", "name": "Fixing", "description": "", "status": "inactive",
    });
    let changed = server.call("metric-definitions.update", change).await;
    assert_eq!(changed.status, 200);
    let changed = changed.ok()["metric_definition"].clone();
    assert_eq!(changed["name"], "Fixing");
    assert_eq!(changed["description"], "");
    assert_eq!(changed["status"], "inactive");
    assert_eq!(changed["applies_to"], json!(["ticket", "issue"]));
    let custom = json!({"status": "inactive", "include_custom_metrics": true});
    let listed = server.call("metric-definitions.list", custom).await.ok();
    assert_eq!(listed, json!({"metric_definitions": [changed]}));

    let gone = server.call("metric-definitions.delete", json!({"id": "METRIC-6"})).await;
    assert_eq!((gone.status.as_u16(), gone.body), (204, Value::Null));
    let id = json!({"id": "METRIC-6"});
    server.call("metric-definitions.get", id.clone()).await.error(404, "not_found");
    server.call("metric-definitions.delete", id.clone()).await.error(404, "not_found");
    server.call("metric-definitions.update", id).await.error(404, "not_found");
    let name = json!({"name": "Fixing"});
    server.call("metric-definitions.get", name).await.error(404, "not_found");
}

#[tokio::test]
async fn every_org_has_the_stock_metrics() {
    let server = Server::start().await;
    let listed = json!({"sort_by": ["name:asc"]});
    let listed = server.call("metric-definitions.list", listed).await.ok();
    insta::assert_json_snapshot!(listed);
}

#[tokio::test]
async fn a_start_makes_the_stock_metrics_that_are_missing() {
    let server = Server::start().await;
    let Server { engine, environment, .. } = &server;
    // An org that is older than metrics.
    let cx = environment.context("OLDORG", Actor::system());
    let mut tx = engine.begin(&cx);
    tx.insert(Kind::SysUser, SysUser::new("Worksmith Bot")).await.unwrap();
    let org = DevOrg { display_name: "Old".to_owned(), slug: "old".to_owned() };
    tx.insert_with_id(Id::new(Kind::DevOrg, "OLDORG"), org).await.unwrap();
    tx.finish().await.unwrap();

    for _ in 0..2 {
        let started = bootstrap::create_org(engine, environment, "old", &first_user(), None).await;
        assert!(!started.unwrap().is_new);
        let mut tx = engine.begin(&cx);
        let mut stock = Vec::new();
        for number in 1..=6 {
            let id = Id::numbered(Kind::MetricDefinition, number);
            let found = tx.find::<MetricDefinition>(&id).await.unwrap();
            stock.extend(
                found.map(|stored| (stored.doc.name, stored.doc.stock, stored.meta.revision)),
            );
        }
        let expected = [
            ("First response time", StockMetric::FirstResponse),
            ("Next response time", StockMetric::NextResponse),
            ("Resolution time", StockMetric::Resolution),
            ("Issue resolution time", StockMetric::Resolution),
            ("Acknowledge time", StockMetric::Acknowledge),
        ];
        let expected = expected.map(|(name, rule)| (name.to_owned(), Some(rule), 1));
        assert_eq!(stock, expected);
    }
}

#[tokio::test]
async fn a_list_hides_custom_metrics_unless_asked_for_them() {
    let server = Server::start().await;
    make(&server, "A", json!(["incident"])).await;
    make(&server, "B", json!(["ticket"])).await;
    server
        .call("metric-definitions.update", json!({"id": "METRIC-7", "status": "inactive"}))
        .await
        .ok();
    let stock = [
        "Acknowledge time",
        "First response time",
        "Issue resolution time",
        "Next response time",
        "Resolution time",
    ];
    assert_eq!(names(&server, json!({})).await, stock);
    assert_eq!(names(&server, json!({"include_custom_metrics": false})).await, stock);
    let all = names(&server, json!({"include_custom_metrics": true})).await;
    assert_eq!(all, [&["A"], &stock[..1], &["B"], &stock[1..]].concat());

    for (filter, expected) in [
        (
            json!({"applies_to_type": ["incident"]}),
            vec!["A", "Acknowledge time", "Resolution time"],
        ),
        (json!({"applies_to_type": "issue"}), vec!["Issue resolution time"]),
        (
            json!({"applies_to_type": ["issue", "incident"], "status": ["active"]}),
            vec!["A", "Acknowledge time", "Issue resolution time", "Resolution time"],
        ),
        (json!({"status": ["inactive"]}), vec!["B"]),
        (json!({"status": ["inactive"], "include_custom_metrics": null}), vec![]),
        (json!({"type": ["value"]}), vec![]),
    ] {
        let mut filter = filter;
        let request = filter.as_object_mut().unwrap();
        request.entry("include_custom_metrics").or_insert(true.into());
        assert_eq!(names(&server, filter.clone()).await, expected, "{filter}");
    }
    assert_eq!(names(&server, json!({"type": ["time", "value"]})).await, stock);
    let first = json!({"limit": 2, "sort_by": ["name:desc"]});
    let first = server.call("metric-definitions.list", first).await.ok();
    assert_eq!(first["metric_definitions"][1]["name"], "Next response time");
    assert!(first["next_cursor"].is_string());
    let odd = json!({"sort_by": ["status:asc"]});
    server.call("metric-definitions.list", odd).await.error(400, "invalid_field");
    let odd = json!({"applies_to_type": ["task"]});
    server.call("metric-definitions.list", odd).await.error(400, "invalid_enum_value");
}

#[tokio::test]
async fn names_are_unique_and_of_1_to_64_characters() {
    let server = Server::start().await;
    make(&server, "Fixing", json!(["issue"])).await;
    for name in ["Fixing", "Resolution time"] {
        let request = json!({"name": name, "applies_to": ["issue"]});
        server.call("metric-definitions.create", request).await.error(409, "conflict");
    }
    make(&server, &"x".repeat(64), json!(["issue"])).await;
    let request = json!({"id": "METRIC-6", "name": "Resolution time"});
    server.call("metric-definitions.update", request).await.error(409, "conflict");
    for name in [String::new(), "x".repeat(65)] {
        let request = json!({"name": name, "applies_to": ["issue"]});
        let refused = server.call("metric-definitions.create", request).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "name");
        let request = json!({"id": "METRIC-6", "name": name});
        let refused = server.call("metric-definitions.update", request).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "name");
    }
}

#[tokio::test]
async fn a_request_that_says_too_little_or_too_much_is_refused() {
    let server = Server::start().await;
    for (request, kind, field) in [
        (json!({"applies_to": ["issue"]}), "missing_required_field", "name"),
        (json!({"name": "A"}), "missing_required_field", "applies_to"),
        (json!({"name": "A", "applies_to": []}), "value_not_permitted", "applies_to"),
        (json!({"name": "A", "applies_to": ["task"]}), "invalid_enum_value", "applies_to"),
        (
            json!({"name": "A", "applies_to": ["issue"], "description": "x".repeat(1025)}),
            "value_not_permitted",
            "description",
        ),
        (json!({"name": "A", "applies_to": ["issue"], "type": "value"}), "invalid_field", "type"),
    ] {
        let refused = server.call("metric-definitions.create", request).await;
        assert_eq!(refused.error(400, kind)["field_name"], field);
    }
    let nothing = server.call("metric-definitions.get", json!({})).await;
    assert_eq!(nothing.error(400, "missing_required_field")["field_name"], "id");
    let both = json!({"id": "METRIC-1", "name": "Resolution time"});
    server.call("metric-definitions.get", both).await.error(400, "bad_request");
    let other = json!({"id": "TAG-1"});
    server.call("metric-definitions.get", other).await.error(400, "unexpected_id_type");
}

#[tokio::test]
async fn stock_metrics_can_neither_be_renamed_nor_deleted() {
    let server = Server::start().await;
    let rename = json!({"id": "METRIC-1", "name": "Mine"});
    let refused = server.call("metric-definitions.update", rename).await;
    let refused = refused.error(400, "value_not_permitted");
    assert_eq!(refused["field_name"], "name");
    assert_eq!(
        refused["message"],
        "\"First response time\" comes with every org and keeps its name"
    );
    let refused = server.call("metric-definitions.delete", json!({"id": "METRIC-1"})).await;
    refused.error(400, "bad_request");
    let change = json!({
        "id": "METRIC-1", "name": "First response time", "description": "soon",
        "status": "inactive",
    });
    let changed = server.call("metric-definitions.update", change).await.ok();
    assert_eq!(changed["metric_definition"]["status"], "inactive");
    assert_eq!(changed["metric_definition"]["description"], "soon");
}

#[tokio::test]
async fn a_metric_that_an_sla_promises_stays_until_the_sla_is_archived() {
    let server = Server::start().await;
    make(&server, "Fixing", json!(["ticket"])).await;
    let policies = json!([{
        "name": "all",
        "selector": {"applies_to": "ticket"},
        "metrics": [{"metric": "METRIC-6", "target": 60}],
    }]);
    let request = json!({"name": "Gold", "policies": policies});
    server.call("slas.create", request).await.ok();
    let id = json!({"id": "METRIC-6"});
    for status in ["published", "archived"] {
        let refused = server.call("metric-definitions.delete", id.clone()).await;
        let message = "the SLA \"Gold\" promises \"Fixing\"";
        assert_eq!(refused.error(400, "bad_request")["message"], message);
        server.call("slas.transition", json!({"id": "SLA-1", "status": status})).await.ok();
    }
    let gone = server.call("metric-definitions.delete", id).await;
    assert_eq!(gone.status, 204);
    // The archived SLA still shows what it promised.
    let sla = server.call("slas.get", json!({"id": "SLA-1"})).await.ok();
    let metric = &sla["sla"]["policies"][0]["metrics"][0]["metric"];
    assert_eq!((&metric["display_id"], &metric["name"]), (&json!("METRIC-6"), &json!("Fixing")));
}

#[tokio::test]
async fn deleting_a_metric_is_repeated_safely() {
    let server = Server::start().await;
    make(&server, "Fixing", json!(["ticket"])).await;
    let headers =
        [("authorization", ADMIN), ("content-type", "application/json"), ("idempotency-key", "k")];
    for _ in 0..2 {
        let body = json!({"id": "METRIC-6"}).to_string();
        let path = "metric-definitions.delete";
        let gone = server.send(axum::http::Method::POST, path, &headers, body).await;
        assert_eq!((gone.status.as_u16(), gone.body), (204, Value::Null));
    }
}
