//! What other families use of stages.

use std::sync::Arc;

use serde_json::{Value, json};
use worksmith_engine::Tx;
use worksmith_fields::stages::{
    StageDiagram, check_entry, check_move, dates_after_move, diagram_for, named, stages_in_states,
    stages_named, start_stage, state_of,
};
use worksmith_kernel::{Error, Result, Stored};
use worksmith_tests::Server;
use worksmith_wire::{Id, Kind, Timestamp};

use super::{context, new_stage};

async fn begin(server: &Server) -> Tx {
    server.engine.begin(&context(server).await)
}

/// The error of a client's mistake, as JSON.
fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Value {
    match result {
        Err(Error::Api(error)) => serde_json::to_value(error).unwrap(),
        other => panic!("not refused: {other:?}"),
    }
}

async fn stage(tx: &mut Tx, name: &str) -> Id {
    stages_named(tx, &[name.to_owned()]).await.unwrap().remove(0)
}

/// The diagram of tasks: open → in_development → resolved, and canceled, which is deprecated.
async fn restricted(server: &Server) -> (Tx, Arc<Stored<StageDiagram>>) {
    let mut tx = begin(server).await;
    let mut ids = Vec::new();
    for name in ["open", "in_development", "resolved", "canceled"] {
        ids.push(stage(&mut tx, name).await.display_id().unwrap());
    }
    drop(tx);
    let to = |at: usize| json!([{"target_stage_id": ids[at]}]);
    let stages = json!([
        {"stage_id": ids[0], "is_start": true, "transitions": to(1)},
        {"stage_id": ids[1], "transitions": to(2)},
        {"stage_id": ids[2], "transitions": to(3)},
        {"stage_id": ids[3], "is_deprecated": true, "transitions": to(0)},
    ]);
    let diagram = server.call("stage-diagrams.get", json!({"leaf_type": "task"})).await.ok();
    let update = json!({"id": diagram["stage_diagram"]["id"], "stages": stages});
    server.call("stage-diagrams.update", update).await.ok();
    let mut tx = begin(server).await;
    let diagram = diagram_for(&mut tx, "task").await.unwrap();
    (tx, diagram)
}

#[tokio::test]
async fn a_stage_is_named_exactly_or_as_people_see_it() {
    let server = Server::start().await;
    let mut tx = begin(&server).await;
    let diagram = diagram_for(&mut tx, "issue").await.unwrap();
    let wont_fix = stage(&mut tx, "wont_fix").await;
    assert_eq!(named(&mut tx, &diagram, "wont_fix").await.unwrap(), wont_fix);
    assert_eq!(named(&mut tx, &diagram, "won't FIX").await.unwrap(), wont_fix);
    // Stages of other kinds are not found.
    let refused = refusal(named(&mut tx, &diagram, "queued").await);
    assert_eq!(refused["type"], "value_not_permitted");
    assert_eq!(refused["field_name"], "name");
    assert_eq!(refused["allowed_values"].as_array().unwrap().len(), 10);
    assert_eq!(refused["allowed_values"][0], "triage");
}

#[tokio::test]
async fn a_stock_diagram_restricts_nothing_within_it() {
    let server = Server::start().await;
    let mut tx = begin(&server).await;
    let diagram = diagram_for(&mut tx, "ticket").await.unwrap();
    let start = start_stage(&diagram);
    assert_eq!(start, stage(&mut tx, "queued").await);
    let resolved = stage(&mut tx, "resolved").await;
    check_entry(&diagram, &start, false).unwrap();
    check_entry(&diagram, &resolved, false).unwrap();
    check_move(&mut tx, &diagram, &start, &resolved, false).await.unwrap();
    check_move(&mut tx, &diagram, &resolved, &start, false).await.unwrap();
    let triage = stage(&mut tx, "triage").await;
    assert_eq!(refusal(check_entry(&diagram, &triage, true))["field_name"], "stage");
    for outside in [triage, Id::nowhere(Kind::CustomStage)] {
        let refused = refusal(check_move(&mut tx, &diagram, &start, &outside, true).await);
        assert_eq!(refused["type"], "value_not_permitted");
        assert_eq!(refused["field_name"], "stage");
        // Every other stage of the diagram.
        let allowed = json!([
            "work_in_progress",
            "awaiting_product_assist",
            "awaiting_development",
            "in_development",
            "awaiting_customer_response",
            "resolved",
            "canceled",
            "accepted",
        ]);
        assert_eq!(refused["allowed_values"], allowed);
    }
}

#[tokio::test]
async fn a_diagram_whose_stages_the_org_replaced_binds() {
    let server = Server::start().await;
    let (mut tx, diagram) = restricted(&server).await;
    let open = stage(&mut tx, "open").await;
    let in_development = stage(&mut tx, "in_development").await;
    let resolved = stage(&mut tx, "resolved").await;
    let canceled = stage(&mut tx, "canceled").await;
    // An object whose stage was removed from the diagram may return to the start stage.
    let backlog = stage(&mut tx, "backlog").await;

    check_entry(&diagram, &open, false).unwrap();
    check_entry(&diagram, &resolved, true).unwrap();
    assert_eq!(refusal(check_entry(&diagram, &resolved, false))["type"], "bad_request");
    // A deprecated stage can be left but not entered, whatever the options.
    assert_eq!(refusal(check_entry(&diagram, &canceled, true))["type"], "bad_request");

    for (from, to, options) in [
        (&open, &in_development, false),
        (&open, &open, false),
        (&open, &resolved, true),
        (&canceled, &canceled, false),
        (&canceled, &open, false),
        (&backlog, &backlog, false),
        (&backlog, &open, false),
        (&backlog, &resolved, true),
    ] {
        check_move(&mut tx, &diagram, from, to, options).await.unwrap();
    }
    for (from, to, options, allowed) in [
        (&open, &resolved, false, json!(["in_development"])),
        (&resolved, &canceled, true, json!([])),
        (&canceled, &resolved, false, json!(["open"])),
        (&backlog, &resolved, false, json!(["open"])),
    ] {
        let refused = refusal(check_move(&mut tx, &diagram, from, to, options).await);
        assert_eq!(refused["type"], "bad_request", "{from} to {to}");
        assert_eq!(refused["allowed_values"], allowed, "{from} to {to}");
    }
}

#[tokio::test]
async fn a_new_name_leaves_a_stock_diagram_as_free_as_it_was() {
    let server = Server::start().await;
    let patch = json!({"id": "DIAGRAM-1", "name": "ours"});
    server.call("stage-diagrams.update", patch).await.ok();
    let mut tx = begin(&server).await;
    let diagram = diagram_for(&mut tx, "issue").await.unwrap();
    assert!(diagram.doc.stock);
}

#[tokio::test]
async fn filters_find_stages_by_state_and_by_name() {
    let server = Server::start().await;
    server.call("states.custom.create", json!({"name": "parked", "ordinal": 7})).await.ok();
    new_stage(&server, "on_ice", "STATE-4").await;
    let mut tx = begin(&server).await;
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let on_ice = stage(&mut tx, "on_ice").await;
    let parked = stages_in_states(&mut tx, &names(&["parked", "nobody"])).await.unwrap();
    assert_eq!(parked, std::slice::from_ref(&on_ice));
    let open = stages_in_states(&mut tx, &names(&["open"])).await.unwrap();
    assert_eq!(open.len(), 8);
    let both = stages_in_states(&mut tx, &names(&["open", "parked"])).await.unwrap();
    assert_eq!(both.len(), 9);
    for nothing in [&["nobody"][..], &[]] {
        assert!(stages_in_states(&mut tx, &names(nothing)).await.unwrap().is_empty());
        assert!(stages_named(&mut tx, &names(nothing)).await.unwrap().is_empty());
    }
    // Display names are ignored, because the filters of lists are exact.
    assert!(stages_named(&mut tx, &names(&["On Ice"])).await.unwrap().is_empty());
    assert_eq!(state_of(&mut tx, &on_ice).await.unwrap().doc.name, "parked");
}

#[tokio::test]
async fn moves_set_and_clear_the_dates_of_an_object() {
    let server = Server::start().await;
    server.call("states.custom.create", json!({"name": "parked", "ordinal": 7})).await.ok();
    new_stage(&server, "on_ice", "STATE-4").await;
    let mut tx = begin(&server).await;
    let (mut start, mut close) = (None, None);
    let mut old = None;
    for (now, name, expected) in [
        (1, "triage", (None, None)),
        (2, "in_development", (Some(2), None)),
        (3, "in_review", (Some(2), None)),
        (4, "completed", (Some(2), Some(4))),
        (5, "duplicate", (Some(2), Some(4))),
        (6, "in_testing", (Some(2), None)),
        (7, "on_ice", (Some(2), None)),
        (8, "backlog", (None, None)),
        (9, "on_ice", (None, None)),
        (10, "completed", (None, Some(10))),
        (11, "in_review", (Some(11), None)),
        (12, "completed", (Some(11), Some(12))),
        (13, "backlog", (None, None)),
    ] {
        let stage = stage(&mut tx, name).await;
        let state = state_of(&mut tx, &stage).await.unwrap();
        dates_after_move(old.as_ref(), &state, Timestamp(now), &mut start, &mut close);
        let expected = (expected.0.map(Timestamp), expected.1.map(Timestamp));
        assert_eq!((start, close), expected, "after {name}");
        old = Some(state);
    }
}
