//! Stage diagrams.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{column, new_stage};

type Names = &'static [&'static str];
type Stock = (&'static str, Names, Names, Names);

/// The stock stages: leaf type, start stage first; open, in progress, closed.
const STOCK: [Stock; 7] = [
    (
        "issue",
        &["triage", "backlog", "prioritized"],
        &["in_development", "in_review", "in_testing", "in_deployment"],
        &["completed", "wont_fix", "duplicate"],
    ),
    (
        "ticket",
        &["queued"],
        &[
            "work_in_progress",
            "awaiting_product_assist",
            "awaiting_development",
            "in_development",
            "awaiting_customer_response",
        ],
        &["resolved", "canceled", "accepted"],
    ),
    ("task", &["open"], &["in_development"], &["resolved"]),
    (
        "opportunity",
        &["qualification"],
        &["validation", "negotiation", "contract", "stalled"],
        &["closed_won", "closed_lost"],
    ),
    (
        "conversation",
        &["new"],
        &["needs_response", "waiting_on_user", "hold", "suspended"],
        &["resolved", "archived"],
    ),
    (
        "enhancement",
        &["ideation", "prioritized"],
        &["ux_design", "in_development", "in_testing", "limited_availability"],
        &["general_availability", "deprioritized", "wont_do", "deprecated"],
    ),
    (
        "incident",
        &["triage"],
        &["acknowledged", "fixing", "mitigated"],
        &["resolved", "duplicate", "canceled"],
    ),
];

#[tokio::test]
async fn every_kind_with_stages_has_a_stock_diagram_in_which_each_leads_to_every_other() {
    let server = Server::start().await;
    let stages = server.call("stages.custom.list", json!({"limit": 100})).await.ok();
    let state_of = |name: &Value| {
        let stages = stages["result"].as_array().unwrap();
        let mut found = stages.iter().filter(|stage| stage["name"] == *name);
        let state = found.next().expect("a stage")["state"]["name"].clone();
        assert!(found.next().is_none(), "{name} is there twice");
        state
    };
    for (leaf_type, open, in_progress, closed) in STOCK {
        let answer = server.get("stage-diagrams.get", &format!("leaf_type={leaf_type}")).await.ok();
        let diagram = &answer["stage_diagram"];
        assert_eq!(diagram["name"], format!("{leaf_type}_transitions"));
        assert_eq!(diagram["leaf_type"], leaf_type);
        assert_eq!(diagram["is_default"], true);
        assert_eq!(diagram["is_custom_leaf_type"], false);
        let nodes = diagram["stages"].as_array().unwrap();
        let names: Vec<_> = nodes.iter().map(|node| &node["stage"]["name"]).collect();
        assert_eq!(names, [open, in_progress, closed].concat());
        for (at, node) in nodes.iter().enumerate() {
            assert_eq!(node["is_start"], at == 0);
            assert_eq!(node["is_deprecated"], false);
            let name = &node["stage"]["name"];
            let targets: Vec<_> = node["transitions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|transition| &transition["target_stage"]["name"])
                .collect();
            let others: Vec<_> = names.iter().copied().filter(|other| *other != name).collect();
            assert_eq!(targets, others);
            let state = [(open, "open"), (in_progress, "in_progress"), (closed, "closed")]
                .into_iter()
                .find(|(names, _)| names.iter().any(|known| name == known));
            assert_eq!(state_of(name), state.unwrap().1, "{name}");
        }
        let id = json!({"id": diagram["id"]});
        assert_eq!(server.call("stage-diagrams.get", id).await.ok(), answer);
    }
}

#[tokio::test]
async fn stock_stages_have_the_ordinals_and_names_that_are_known() {
    let server = Server::start().await;
    for (name, ordinal, display_name) in [
        ("triage", 500, "Triage"),
        ("queued", 700, "Queued"),
        ("backlog", 1000, "Backlog"),
        ("awaiting_product_assist", 3250, "Awaiting Product Assist"),
        ("prioritized", 3600, "Prioritized"),
        ("resolved", 6000, "Resolved"),
        ("completed", 8000, "Completed"),
        ("in_review", 4500, "In Review"),
        ("wont_fix", 8100, "Won't Fix"),
        ("ux_design", 3800, "UX Design"),
    ] {
        let found = server.call("stages.custom.list", json!({"name": [name]})).await.ok();
        assert_eq!(column(&found, "ordinal"), [ordinal]);
        assert_eq!(column(&found, "display_name"), [display_name]);
    }
}

/// Three stages and a diagram of them: first → second ⇄ third, the last move hidden.
async fn defined(server: &Server, extra: Value) -> Value {
    for (name, state) in [("Found", "open"), ("Fixed", "in_progress"), ("Shipped", "closed")] {
        new_stage(server, name, state).await;
    }
    let mut request = json!({
        "leaf_type": "issue",
        "name": "bug_transitions",
        "stages": [
            {"stage_id": "STAGE-43", "is_start": true, "transitions": [
                {"target_stage_id": "STAGE-44"}, {"target_stage_id": "STAGE-44"},
            ]},
            {"stage_id": "STAGE-44", "transitions": [
                {"target_stage_id": "STAGE-45", "ui": {"is_hidden": true}},
            ]},
            {"stage_id": "STAGE-45", "is_deprecated": true, "transitions": [
                {"target_stage_id": "STAGE-44", "ui": {"is_hidden": false}},
            ]},
        ],
    });
    for (member, value) in extra.as_object().unwrap() {
        request[member] = value.clone();
    }
    let made = server.call("stage-diagrams.create", request).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.ok()
}

#[tokio::test]
async fn a_diagram_is_made_read_listed_and_changed() {
    let server = Server::start().await;
    // The vendor's guide sends a subtype, which has no effect.
    let made = defined(&server, json!({"subtype": "bug"})).await;
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("stage-diagrams.get", "id=DIAGRAM-8").await.ok(), made);
    let stock = server.call("stage-diagrams.get", json!({"leaf_type": "issue"})).await.ok();
    assert_eq!(stock["stage_diagram"]["display_id"], "DIAGRAM-1");

    let patch = json!({
        "id": "DIAGRAM-8", "name": "renamed",
        "stages": [{"stage_id": "STAGE-45", "is_start": true}],
    });
    let changed = server.call("stage-diagrams.update", patch).await.ok();
    let diagram = &changed["stage_diagram"];
    assert_eq!(diagram["name"], "renamed");
    assert_eq!(diagram["stages"].as_array().unwrap().len(), 1);
    assert_eq!(diagram["stages"][0]["stage"]["name"], "Shipped");
    assert_eq!(diagram["stages"][0]["is_deprecated"], false);
    assert_eq!(diagram["stages"][0]["transitions"], json!([]));
    let listed = server.get("stage-diagrams.list", "name=renamed,nobody&leaf_type=issue").await;
    assert_eq!(listed.ok(), json!({"result": [diagram]}));
    let query = json!({"leaf_type": ["ticket", "issue"], "sort_by": ["name:asc"]});
    let listed = server.call("stage-diagrams.list", query).await.ok();
    assert_eq!(column(&listed, "name"), ["issue_transitions", "renamed", "ticket_transitions"]);
}

#[tokio::test]
async fn a_leaf_type_has_one_default_diagram() {
    let server = Server::start().await;
    let start = json!([{"stage_id": "STAGE-1", "is_start": true}]);
    let with = |leaf_type: &str, is_custom: bool| {
        json!({
            "leaf_type": leaf_type, "name": "d", "stages": start, "is_default": true,
            "is_custom_leaf_type": is_custom,
        })
    };
    let clash = server.call("stage-diagrams.create", with("issue", false)).await;
    assert_eq!(
        clash.error(409, "conflict")["message"],
        "DIAGRAM-1 is the default diagram of issue; to change it, replace its stages with \
         stage-diagrams.update"
    );
    server.call("stage-diagrams.create", with("campaign", true)).await.ok();
    server.call("stage-diagrams.create", with("campaign", true)).await.error(409, "conflict");
    // A leaf type of custom objects may have the name of a stock one.
    server.call("stage-diagrams.create", with("issue", true)).await.ok();
}

#[tokio::test]
async fn leaf_types_of_custom_objects_need_the_flag() {
    let server = Server::start().await;
    let base = json!({
        "leaf_type": "campaign", "name": "c", "is_default": true,
        "stages": [{"stage_id": "STAGE-1", "is_start": true}],
    });
    let refused = server.call("stage-diagrams.create", base.clone()).await;
    assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "leaf_type");
    let mut custom = base;
    custom["is_custom_leaf_type"] = true.into();
    let made = server.call("stage-diagrams.create", custom).await.ok();

    server.get("stage-diagrams.get", "leaf_type=campaign").await.error(404, "not_found");
    let found = server.get("stage-diagrams.get", "leaf_type=campaign&is_custom_leaf_type=true");
    assert_eq!(found.await.ok(), made);
    let none = server.call("stage-diagrams.list", json!({"leaf_type": "campaign"})).await.ok();
    assert_eq!(none, json!({"result": []}));
    for query in [
        json!({"leaf_type": "campaign", "is_custom_leaf_type": true}),
        json!({"is_custom_leaf_type": true}),
        json!({"name": "c"}),
    ] {
        let listed = server.call("stage-diagrams.list", query).await.ok();
        assert_eq!(listed, json!({"result": [made["stage_diagram"]]}));
    }
    let all = server.call("stage-diagrams.list", json!({})).await.ok();
    assert_eq!(column(&all, "id").len(), 8);
    let stock = json!({"is_custom_leaf_type": false});
    assert_eq!(column(&server.call("stage-diagrams.list", stock).await.ok(), "id").len(), 7);
}

#[tokio::test]
async fn diagrams_that_contradict_themselves_are_refused_whole() {
    let server = Server::start().await;
    defined(&server, json!({})).await;
    let start = json!({"stage_id": "STAGE-43", "is_start": true});
    let to = |target: &str| json!([{"target_stage_id": target}]);
    for (stages, kind, field) in [
        (json!([]), "value_not_permitted", "stages"),
        (json!([{"stage_id": "STAGE-43"}]), "value_not_permitted", "stages"),
        (
            json!([start, {"stage_id": "STAGE-44", "is_start": true}]),
            "value_not_permitted",
            "stages",
        ),
        (json!([start, {"stage_id": "STAGE-43"}]), "value_not_permitted", "stages"),
        (
            json!([{"stage_id": "STAGE-43", "is_start": true, "is_deprecated": true}]),
            "value_not_permitted",
            "stages",
        ),
        (
            json!([start, {"stage_id": "STAGE-44", "transitions": to("STAGE-45")}]),
            "value_not_permitted",
            "target_stage_id",
        ),
        (json!([start, {"stage_id": "STAGE-999"}]), "invalid_id", "stage_id"),
        (json!([start, {"stage_id": "STATE-1"}]), "unexpected_id_type", "stage_id"),
        (json!([start, {}]), "missing_required_field", "stage_id"),
        (json!([start, {"stage_id": "STAGE-44", "x": 1}]), "invalid_field", "x"),
    ] {
        let create = json!({"leaf_type": "issue", "name": "bad", "stages": stages});
        let refused = server.call("stage-diagrams.create", create).await.error(400, kind);
        assert_eq!(refused["field_name"], field, "{stages}");
        let update = json!({"id": "DIAGRAM-8", "name": "bad", "stages": stages});
        let refused = server.call("stage-diagrams.update", update).await.error(400, kind);
        assert_eq!(refused["field_name"], field, "{stages}");
    }
    let bad = server.call("stage-diagrams.list", json!({"name": ["bad"]})).await.ok();
    assert_eq!(bad, json!({"result": []}));
}

#[tokio::test]
async fn what_a_diagram_belongs_to_never_changes() {
    let server = Server::start().await;
    for (member, value) in [
        ("is_default", json!(false)),
        ("leaf_type", json!("ticket")),
        ("is_custom_leaf_type", json!(true)),
    ] {
        let mut patch = json!({"id": "DIAGRAM-1", "name": "x"});
        patch[member] = value;
        let refused = server.call("stage-diagrams.update", patch).await.error(400, "invalid_field");
        assert_eq!(refused["field_name"], member);
    }
    let diagram = server.call("stage-diagrams.get", json!({"id": "DIAGRAM-1"})).await.ok();
    assert_eq!(diagram["stage_diagram"]["name"], "issue_transitions");
}

#[tokio::test]
async fn what_is_no_diagram_is_not_found() {
    let server = Server::start().await;
    let missing = server.call("stage-diagrams.get", json!({})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "id");
    server.call("stage-diagrams.get", json!({"id": "DIAGRAM-9"})).await.error(404, "not_found");
    let absent = json!({"leaf_type": "tag"});
    server.call("stage-diagrams.get", absent).await.error(404, "not_found");
    let absent = json!({"id": "DIAGRAM-9", "name": "x"});
    server.call("stage-diagrams.update", absent).await.error(404, "not_found");
    // If both are given, the leaf type counts.
    let both = json!({"id": "DIAGRAM-9", "leaf_type": "task"});
    let found = server.call("stage-diagrams.get", both).await.ok();
    assert_eq!(found["stage_diagram"]["leaf_type"], "task");
}
