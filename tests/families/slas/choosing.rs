//! Which SLA applies to an object.

use serde_json::{Map, Value, json};
use worksmith_sla::slas::{Subject, sla_for};
use worksmith_tests::{ADMIN, Server};
use worksmith_wire::metric_definitions::AppliesTo;
use worksmith_wire::{Id, Kind};

use super::{customer, make, policy, publish, published};

/// The customer of an object.
struct Customer {
    account: Id,
    rev_org: Id,
}

fn named(display_id: &str, kind: Kind) -> Id {
    let (_, local) = display_id.split_once('-').expect("a display id");
    Id::new(kind, local)
}

async fn make_customer(server: &Server, name: &str) -> Customer {
    let (account, rev_org) = customer(server, name).await;
    Customer { account: named(&account, Kind::Account), rev_org: named(&rev_org, Kind::RevOrg) }
}

/// The SLA that applies to an object of a customer.
async fn chosen(server: &Server, applies_to: AppliesTo, customer: Option<&Customer>) -> Value {
    let cx = worksmith_org::auth::authenticate(&server.environment, &server.engine, ADMIN)
        .await
        .expect("a context");
    let mut tx = server.engine.begin(&cx);
    let fields = Map::new();
    let subject = Subject {
        applies_to,
        owners: &[],
        parts: None,
        tags: Vec::new(),
        priority: None,
        severity: None,
        groups: None,
        rev_org: customer.map(|customer| &customer.rev_org),
        account: customer.map(|customer| &customer.account),
        stage_name: "queued",
        subtype: None,
        source_channel: None,
        ticket_source_channel: None,
        custom_fields: &fields,
    };
    let found = sla_for(&mut tx, &subject).await.expect("an answer");
    found.map_or(Value::Null, |sla| sla.doc.name.clone().into())
}

async fn assign(server: &Server, sla: Option<&str>, customer: &Customer) {
    let workspace = customer.rev_org.display_id();
    let mut request = json!({"rev_orgs": [workspace]});
    if let Some(sla) = sla {
        request["id"] = json!(sla);
    }
    let answer = server.call("slas.assign", request).await.ok();
    assert_eq!(answer["results"][0].get("error"), None);
}

async fn archive(server: &Server, sla: &str) {
    server.call("slas.transition", json!({"id": sla, "status": "archived"})).await.ok();
}

fn internal(name: &str, of: &str) -> Value {
    json!({"name": name, "sla_type": "internal", "applies_to": [of]})
}

#[tokio::test]
async fn without_a_published_sla_none_counts() {
    let server = Server::start().await;
    let acme = make_customer(&server, "Acme").await;
    for _ in 0..2 {
        for applies_to in AppliesTo::ALL {
            assert_eq!(chosen(&server, *applies_to, Some(&acme)).await, Value::Null);
            assert_eq!(chosen(&server, *applies_to, None).await, Value::Null);
        }
        make(&server, json!({"name": "Draft"})).await;
        make(&server, internal("Ours", "issue")).await;
    }
}

#[tokio::test]
async fn the_first_external_sla_without_selector_is_for_all_customers() {
    let server = Server::start().await;
    let acme = make_customer(&server, "Acme").await;
    let none = json!({"name": "None", "account_selector": {"display_name": ["Nobody"]}});
    published(&server, none).await;
    let late = make(&server, json!({"name": "Made first"})).await;
    let first = published(&server, json!({"name": "Published first"})).await;
    let of = AppliesTo::Ticket;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Published first");
    assert_eq!(chosen(&server, of, None).await, "Published first");
    publish(&server, &late).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Made first");
    archive(&server, &late).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Published first");
    archive(&server, &first).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, Value::Null);
}

#[tokio::test]
async fn an_assigned_sla_comes_first_and_only_while_it_is_published() {
    let server = Server::start().await;
    let acme = make_customer(&server, "Acme").await;
    let other = make_customer(&server, "Other").await;
    published(&server, json!({"name": "All"})).await;
    let selecting = json!({"name": "Acme's", "account_selector": {"display_name": ["Acme"]}});
    published(&server, selecting).await;
    let gold = make(&server, json!({"name": "Gold"})).await;
    let of = AppliesTo::Ticket;
    assign(&server, Some(&gold), &acme).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Acme's");
    publish(&server, &gold).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Gold");
    assert_eq!(chosen(&server, of, Some(&other)).await, "All");
    assign(&server, None, &acme).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Acme's");
    assign(&server, Some(&gold), &acme).await;
    archive(&server, &gold).await;
    assert_eq!(chosen(&server, of, Some(&acme)).await, "Acme's");
}

#[tokio::test]
async fn an_sla_selects_accounts_as_a_list_of_accounts_does() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "vip"})).await.ok();
    let request = json!({
        "display_name": "Acme", "tier": "gold", "websites": ["https://acme.example"],
        "external_refs": ["crm-1"], "owned_by": ["DEVU-1"], "tags": [{"id": "TAG-1"}],
    });
    let made = server.call("accounts.create", request).await.ok();
    let text = |object: &Value| object["display_id"].as_str().expect("an id").to_owned();
    let acme = Customer {
        account: named(&text(&made["account"]), Kind::Account),
        rev_org: named(&text(&made["default_rev_org"]), Kind::RevOrg),
    };
    let other = make_customer(&server, "Other").await;
    for (selector, selects) in [
        (json!({"display_name": ["Acme", "x"]}), true),
        (json!({"display_name": ["acme"]}), false),
        (json!({"tier": ["gold"]}), true),
        (json!({"tier": ["silver"]}), false),
        (json!({"tier": ["gold"], "display_name": ["x"]}), false),
        (json!({"websites": ["https://acme.example"]}), true),
        (json!({"websites": ["https://x.example"]}), false),
        (json!({"external_refs": ["crm-1"]}), true),
        (json!({"external_refs": ["crm-2"]}), false),
        (json!({"created_by": ["DEVU-1"], "owned_by": ["DEVU-1"], "tags": ["TAG-1"]}), true),
        (json!({"created_by": ["SYSU-1"]}), false),
        (json!({"created_date": {"after": "2020-01-01T00:00:00Z"}, "tier": ["gold"]}), true),
        (json!({"created_date": {"before": "2020-01-01T00:00:00Z"}}), false),
        (json!({"stage": ["STAGE-1"]}), false),
    ] {
        let request = json!({"name": "Selected", "account_selector": selector});
        let sla = published(&server, request).await;
        let expected = if selects { json!("Selected") } else { Value::Null };
        assert_eq!(chosen(&server, AppliesTo::Ticket, Some(&acme)).await, expected, "{selector}");
        let for_other = chosen(&server, AppliesTo::Ticket, Some(&other)).await;
        let both = selector == json!({"created_by": ["DEVU-1"]});
        assert_eq!(for_other == "Selected", both, "{selector}");
        assert_eq!(chosen(&server, AppliesTo::Ticket, None).await, Value::Null, "{selector}");
        archive(&server, &sla).await;
    }
}

#[tokio::test]
async fn an_sla_counts_for_its_types_of_object() {
    let server = Server::start().await;
    let acme = make_customer(&server, "Acme").await;
    let gold = json!({"name": "Gold", "applies_to": ["conversation"]});
    let gold = published(&server, gold).await;
    assign(&server, Some(&gold), &acme).await;
    let all = json!({"name": "All", "applies_to": ["conversation", "issue", "ticket"],
        "policies": [policy("issue", "METRIC-4")]});
    published(&server, all).await;
    assert_eq!(chosen(&server, AppliesTo::Conversation, Some(&acme)).await, "Gold");
    assert_eq!(chosen(&server, AppliesTo::Ticket, Some(&acme)).await, "All");
    assert_eq!(chosen(&server, AppliesTo::Incident, Some(&acme)).await, Value::Null);
    // Issues are never promised to customers.
    assert_eq!(chosen(&server, AppliesTo::Issue, Some(&acme)).await, Value::Null);
}

#[tokio::test]
async fn the_internal_sla_is_for_issues_and_for_what_no_customer_is_promised() {
    let server = Server::start().await;
    let acme = make_customer(&server, "Acme").await;
    published(&server, internal("Issues", "issue")).await;
    assert_eq!(chosen(&server, AppliesTo::Issue, None).await, "Issues");
    assert_eq!(chosen(&server, AppliesTo::Ticket, Some(&acme)).await, Value::Null);
    published(&server, internal("Tickets", "ticket")).await;
    assert_eq!(chosen(&server, AppliesTo::Issue, None).await, Value::Null);
    assert_eq!(chosen(&server, AppliesTo::Ticket, Some(&acme)).await, "Tickets");
    let gold = json!({"name": "Gold", "account_selector": {"display_name": ["Acme"]}});
    published(&server, gold).await;
    assert_eq!(chosen(&server, AppliesTo::Ticket, Some(&acme)).await, "Gold");
    assert_eq!(chosen(&server, AppliesTo::Ticket, None).await, "Tickets");
}
