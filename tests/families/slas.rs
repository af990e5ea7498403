//! SLAs.

mod choosing;
mod policies;

use serde_json::{Value, json};
use worksmith_tests::Server;

/// Creates an SLA, and returns its display id.
async fn make(server: &Server, request: Value) -> String {
    let made = server.call("slas.create", request).await.ok();
    made["sla"]["display_id"].as_str().expect("an id").to_owned()
}

async fn publish(server: &Server, id: &str) {
    server.call("slas.transition", json!({"id": id, "status": "published"})).await.ok();
}

/// Creates an SLA and publishes it.
async fn published(server: &Server, request: Value) -> String {
    let id = make(server, request).await;
    publish(server, &id).await;
    id
}

async fn status(server: &Server, id: &str) -> Value {
    server.call("slas.get", json!({"id": id})).await.ok()["sla"]["status"].clone()
}

/// Creates an account, and returns its id and that of its workspace.
async fn customer(server: &Server, name: &str) -> (String, String) {
    let made = server.call("accounts.create", json!({"display_name": name})).await.ok();
    let id = |object: &Value| object["display_id"].as_str().expect("an id").to_owned();
    (id(&made["account"]), id(&made["default_rev_org"]))
}

/// A policy for objects of a type, with one target.
fn policy(applies_to: &str, metric: &str) -> Value {
    json!({
        "name": format!("{applies_to} policy"),
        "selector": {"applies_to": applies_to},
        "metrics": [{"metric": metric, "target": 60}],
    })
}

#[tokio::test]
async fn an_sla_is_made_and_read() {
    let server = Server::start().await;
    let request = json!({
        "name": "Gold",
        "description": "for those who pay",
        "sla_type": "external",
        "applies_to": ["ticket", "conversation", "ticket"],
        "account_selector": {"tier": ["gold"], "created_date": {"after": "2024-01-01T00:00:00Z"}},
        "evaluation_period": "quarterly",
        "policies": [policy("ticket", "METRIC-3"), policy("conversation", "METRIC-1")],
    });
    let made = server.call("slas.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("slas.get", "id=SLA-1").await.ok(), made);
    assert_eq!(server.call("slas.get", json!({"id": made["sla"]["id"]})).await.ok(), made);
    assert_eq!(server.call("slas.list", json!({})).await.ok(), json!({"slas": [made["sla"]]}));
    server.call("slas.get", json!({"id": "SLA-2"})).await.error(404, "not_found");
}

#[tokio::test]
async fn a_name_is_enough_for_an_sla() {
    let server = Server::start().await;
    // The Python SDK sends a time for the whole SLA.
    let request = json!({"name": "Plain", "target_time": 30});
    let made = server.call("slas.create", request).await.ok()["sla"].clone();
    assert_eq!(made["status"], "draft");
    assert_eq!(made["sla_type"], "external");
    assert_eq!(made["applies_to"], json!(["conversation", "incident", "issue", "ticket"]));
    assert_eq!(made["policies"], json!([]));
    for absent in ["description", "account_filter", "evaluation_period"] {
        assert_eq!(made.get(absent), None, "{absent}");
    }
    let request = json!({"name": "Plain", "account_selector": {}});
    let made = server.call("slas.create", request).await.ok()["sla"].clone();
    assert_eq!(made.get("account_filter"), None);
}

#[tokio::test]
async fn a_request_that_says_too_little_or_nonsense_is_refused() {
    let server = Server::start().await;
    for (request, kind, field) in [
        (json!({}), "missing_required_field", "name"),
        (json!({"name": ""}), "value_not_permitted", "name"),
        (json!({"name": "A", "sla_type": "secret"}), "invalid_enum_value", "sla_type"),
        (json!({"name": "A", "applies_to": ["task"]}), "invalid_enum_value", "applies_to"),
        (
            json!({"name": "A", "evaluation_period": "daily"}),
            "invalid_enum_value",
            "evaluation_period",
        ),
        (json!({"name": "A", "account_selector": {"size": 3}}), "invalid_field", "size"),
        (
            json!({"name": "A", "account_selector": {"created_by": ["TAG-1"]}}),
            "unexpected_id_type",
            "created_by",
        ),
        (json!({"name": "A", "status": "published"}), "invalid_field", "status"),
        (json!({"name": "A", "sla_type": "internal"}), "missing_required_field", "applies_to"),
        (
            json!({"name": "A", "sla_type": "internal", "applies_to": ["issue", "ticket"]}),
            "value_not_permitted",
            "applies_to",
        ),
        (
            json!({"name": "A", "sla_type": "internal", "applies_to": ["issue"],
                "account_selector": {"tier": ["gold"]}}),
            "invalid_field",
            "account_selector",
        ),
    ] {
        let refused = server.call("slas.create", request.clone()).await.error(400, kind);
        assert_eq!(refused["field_name"], field, "{request}");
    }
    let internal = json!({"name": "A", "sla_type": "internal", "applies_to": ["issue"]});
    make(&server, internal).await;
    let change = json!({"id": "SLA-1", "account_selector": {"tier": ["gold"]}});
    let refused = server.call("slas.update", change).await.error(400, "invalid_field");
    assert_eq!(refused["field_name"], "account_selector");
}

#[tokio::test]
async fn a_draft_can_be_changed() {
    let server = Server::start().await;
    let request = json!({
        "name": "Gold",
        "policies": [policy("ticket", "METRIC-3"), policy("conversation", "METRIC-1")],
    });
    let made = server.call("slas.create", request).await.ok()["sla"].clone();
    let change = json!({
        "id": "SLA-1",
        "name": "Silver",
        "description": "for the others",
        "evaluation_period": "weekly",
        "account_selector": {"tier": ["silver"]},
    });
    let changed = server.call("slas.update", change).await;
    assert_eq!(changed.status, 201);
    let changed = changed.ok()["sla"].clone();
    assert_eq!(changed["name"], "Silver");
    assert_eq!(changed["description"], "for the others");
    assert_eq!(changed["evaluation_period"], "weekly");
    assert_eq!(changed["account_filter"], json!({"tier": ["silver"]}));
    assert_eq!(changed["policies"], made["policies"]);

    // The policies are replaced as a whole.
    let change = json!({"id": "SLA-1", "policies": [policy("incident", "METRIC-5")]});
    let changed = server.call("slas.update", change).await.ok()["sla"].clone();
    assert_eq!(changed["policies"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["policies"][0]["name"], "incident policy");
    assert_eq!(changed["name"], "Silver");
    let change = json!({"id": "SLA-1", "policies": [], "account_selector": {}});
    let changed = server.call("slas.update", change).await.ok()["sla"].clone();
    assert_eq!(changed["policies"], json!([]));
    assert_eq!(changed.get("account_filter"), None);
    assert_eq!(changed["status"], "draft");

    for (change, status, kind) in [
        (json!({"id": "SLA-2", "name": "x"}), 404, "not_found"),
        (json!({"name": "x"}), 400, "missing_required_field"),
        (json!({"id": "SLA-1", "name": null}), 400, "unexpected_json_type"),
        (json!({"id": "SLA-1", "applies_to": ["ticket"]}), 400, "invalid_field"),
    ] {
        server.call("slas.update", change).await.error(status, kind);
    }
}

#[tokio::test]
async fn an_sla_is_published_and_archived_in_that_order_and_then_stays_as_it_is() {
    let server = Server::start().await;
    make(&server, json!({"name": "Gold"})).await;
    let refuse = async |to: &str, message: &str| {
        let request = json!({"id": "SLA-1", "status": to});
        let refused = server.call("slas.transition", request).await.error(400, "bad_request");
        assert_eq!((&refused["message"], &refused["detail"]), (&json!(message), &json!("status")));
    };
    let refuse_change = async |message: &str| {
        let request = json!({"id": "SLA-1", "name": "Silver"});
        let refused = server.call("slas.update", request).await.error(400, "bad_request");
        assert_eq!(refused["message"], message);
    };
    refuse("draft", "an SLA can't go from draft to draft").await;
    refuse("archived", "an SLA can't go from draft to archived").await;

    let request = json!({"id": "SLA-1", "status": "published"});
    let published = server.call("slas.transition", request).await;
    assert_eq!(published.status, 200);
    assert_eq!(published.ok()["sla"]["status"], "published");
    refuse("draft", "an SLA can't go from published to draft").await;
    refuse("published", "an SLA can't go from published to published").await;
    refuse_change("the SLA is published; only a draft can be changed").await;

    let request = json!({"id": "SLA-1", "status": "archived"});
    let archived = server.call("slas.transition", request).await.ok();
    assert_eq!(archived["sla"]["status"], "archived");
    for to in ["draft", "published", "archived"] {
        refuse(to, &format!("an SLA can't go from archived to {to}")).await;
    }
    refuse_change("the SLA is archived; only a draft can be changed").await;

    let request = json!({"id": "SLA-1", "status": "gone"});
    server.call("slas.transition", request).await.error(400, "invalid_enum_value");
    let request = json!({"id": "SLA-1"});
    server.call("slas.transition", request).await.error(400, "missing_required_field");
    let request = json!({"id": "SLA-2", "status": "published"});
    server.call("slas.transition", request).await.error(404, "not_found");
}

#[tokio::test]
async fn one_internal_sla_is_published_at_a_time() {
    let server = Server::start().await;
    let internal =
        |name: &str, of: &str| json!({"name": name, "sla_type": "internal", "applies_to": [of]});
    let first = published(&server, internal("First", "issue")).await;
    let external = published(&server, json!({"name": "Gold"})).await;
    let draft = make(&server, internal("Draft", "issue")).await;
    let second = published(&server, internal("Second", "ticket")).await;
    assert_eq!(status(&server, &first).await, "archived");
    assert_eq!(status(&server, &second).await, "published");
    assert_eq!(status(&server, &draft).await, "draft");
    assert_eq!(status(&server, &external).await, "published");
    // Once it is archived, another one can be published.
    server.call("slas.transition", json!({"id": second, "status": "archived"})).await.ok();
    publish(&server, &draft).await;
    assert_eq!(status(&server, &draft).await, "published");
    // External ones don't affect each other.
    let other = published(&server, json!({"name": "Silver"})).await;
    assert_eq!(status(&server, &external).await, "published");
    assert_eq!(status(&server, &other).await, "published");
}

#[tokio::test]
async fn of_internal_slas_that_are_published_at_once_one_stays() {
    let server = Server::start().await;
    for name in ["a", "b", "c", "d"] {
        let request = json!({"name": name, "sla_type": "internal", "applies_to": ["issue"]});
        make(&server, request).await;
    }
    let publish =
        |id: &'static str| server.call("slas.transition", json!({"id": id, "status": "published"}));
    let (a, b, c, d) =
        tokio::join!(publish("SLA-1"), publish("SLA-2"), publish("SLA-3"), publish("SLA-4"));
    for answer in [a, b, c, d] {
        assert_eq!(answer.ok()["sla"]["status"], "published");
    }
    let listed = server.call("slas.list", json!({"status": "published"})).await.ok();
    assert_eq!(listed["slas"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn lists_filter_and_sort() {
    let server = Server::start().await;
    published(&server, json!({"name": "B", "applies_to": ["ticket", "conversation"]})).await;
    make(&server, json!({"name": "C", "applies_to": ["ticket"]})).await;
    let internal = json!({"name": "A", "sla_type": "internal", "applies_to": ["issue"]});
    published(&server, internal).await;
    make(&server, json!({"name": "D"})).await;
    for (filter, expected) in [
        (json!({}), vec!["A", "B", "C", "D"]),
        (json!({"applies_to": ["issue"]}), vec!["A", "D"]),
        (json!({"applies_to": "ticket"}), vec!["B", "C", "D"]),
        (json!({"applies_to": ["issue", "conversation"]}), vec!["A", "B", "D"]),
        (
            json!({"applies_to": ["issue", "conversation"], "applies_to_op": "any"}),
            vec!["A", "B", "D"],
        ),
        (json!({"applies_to": ["issue", "conversation"], "applies_to_op": "all"}), vec!["D"]),
        (json!({"applies_to": ["ticket", "conversation"], "applies_to_op": "all"}), vec!["B", "D"]),
        (json!({"applies_to_op": "all"}), vec!["A", "B", "C", "D"]),
        (json!({"sla_type": ["internal"]}), vec!["A"]),
        (json!({"sla_type": ["external", "internal"]}), vec!["A", "B", "C", "D"]),
        (json!({"status": ["draft"]}), vec!["C", "D"]),
        (json!({"status": ["published", "archived"]}), vec!["A", "B"]),
        (json!({"status": "published", "sla_type": "external"}), vec!["B"]),
    ] {
        let mut request = filter.clone();
        request["sort_by"] = json!(["name:asc"]);
        let page = server.call("slas.list", request).await.ok();
        let names: Vec<_> =
            page["slas"].as_array().expect("SLAs").iter().map(|sla| &sla["name"]).collect();
        assert_eq!(names, expected, "{filter}");
    }
    let page = json!({"sort_by": ["name:desc"], "limit": 3});
    let page = server.call("slas.list", page).await.ok();
    assert_eq!(page["slas"][0]["name"], "D");
    let next = json!({"sort_by": ["name:desc"], "limit": 3, "cursor": page["next_cursor"]});
    let next = server.call("slas.list", next).await.ok();
    assert_eq!(next["slas"][0]["name"], "A");
    let query = "applies_to=ticket,conversation&applies_to_op=all&sort_by=%22name:asc%22";
    let page = server.get("slas.list", query).await.ok();
    assert_eq!(page["slas"][0]["name"], "B");
    let odd = json!({"applies_to_op": "none"});
    server.call("slas.list", odd).await.error(400, "invalid_enum_value");
    let odd = json!({"sort_by": ["status:asc"]});
    server.call("slas.list", odd).await.error(400, "invalid_field");
}

#[tokio::test]
async fn an_sla_is_assigned_to_workspaces_and_taken_from_them() {
    let server = Server::start().await;
    let sla = published(&server, json!({"name": "Gold"})).await;
    let (_, acme) = customer(&server, "Acme").await;
    let (_, other) = customer(&server, "Other").await;
    let before = server.call("rev-orgs.get", json!({"id": acme})).await.ok();
    for id in [Some(&sla), None] {
        let mut request = json!({"rev_orgs": [acme, "REV-nowhere", other, acme]});
        if let Some(id) = id {
            request["id"] = json!(id);
        }
        let answer = server.call("slas.assign", request).await;
        assert_eq!(answer.status, 200);
        let answer = answer.ok();
        let don = before["rev_org"]["id"].as_str().expect("an id");
        let nowhere = format!("{}nowhere", don.strip_suffix(&acme[4..]).expect("a DON"));
        let other_don = server.call("rev-orgs.get", json!({"id": other})).await.ok();
        let expected = json!({"results": [
            {"rev_org": {
                "id": don, "display_id": acme, "display_name": "Acme",
            }},
            {
                "rev_org": {"id": nowhere, "display_id": "REV-nowhere"},
                "error": {
                    "type": "not_found",
                    "message": "there is no workspace REV-nowhere",
                    "status": 404,
                },
            },
            {"rev_org": {
                "id": other_don["rev_org"]["id"], "display_id": other,
                "display_name": "Other",
            }},
        ]});
        assert_eq!(answer, expected);
    }
    // What the workspace shows stays the same.
    let mut after = server.call("rev-orgs.get", json!({"id": acme})).await.ok();
    after["rev_org"]["modified_date"] = before["rev_org"]["modified_date"].clone();
    assert_eq!(after, before);
    let none = server.call("slas.assign", json!({"rev_orgs": []})).await.ok();
    assert_eq!(none, json!({"results": []}));
}

#[tokio::test]
async fn only_an_external_sla_that_is_not_archived_can_be_assigned() {
    let server = Server::start().await;
    let (account, acme) = customer(&server, "Acme").await;
    let internal = json!({"name": "Ours", "sla_type": "internal", "applies_to": ["issue"]});
    let internal = make(&server, internal).await;
    let archived = published(&server, json!({"name": "Old"})).await;
    server.call("slas.transition", json!({"id": archived, "status": "archived"})).await.ok();
    let draft = make(&server, json!({"name": "New"})).await;
    let request = |id: &str| json!({"id": id, "rev_orgs": [acme]});
    for (id, message) in
        [(&internal, "an internal SLA is for no workspace"), (&archived, "the SLA is archived")]
    {
        let refused = server.call("slas.assign", request(id)).await.error(400, "bad_request");
        assert_eq!((&refused["message"], &refused["detail"]), (&json!(message), &json!("id")));
    }
    server.call("slas.assign", request(&draft)).await.ok();
    server.call("slas.assign", request("SLA-99")).await.error(404, "not_found");
    let refused = server.call("slas.assign", json!({"id": draft})).await;
    assert_eq!(refused.error(400, "missing_required_field")["field_name"], "rev_orgs");
    let refused = server.call("slas.assign", json!({"id": draft, "rev_orgs": [account]})).await;
    assert_eq!(refused.error(400, "unexpected_id_type")["field_name"], "rev_orgs");
}
