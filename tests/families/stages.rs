//! Stages, the states that group them, and the diagrams that order them.

mod diagrams;
mod moves;
mod states;

use serde_json::{Value, json};
use worksmith_fields::stages::CustomStage;
use worksmith_kernel::OpCtx;
use worksmith_org::dev_users::DevUser;
use worksmith_org::tokens::Token;
use worksmith_tests::{ADMIN, Server};
use worksmith_wire::common::UserState;
use worksmith_wire::{Id, Kind};

/// A context of the admin.
async fn context(server: &Server) -> OpCtx {
    worksmith_org::auth::authenticate(&server.environment, &server.engine, ADMIN)
        .await
        .expect("a context")
}

/// The token of a dev user who is not an admin.
pub(super) async fn member(server: &Server) -> &'static str {
    let cx = context(server).await;
    let mut tx = server.engine.begin(&cx);
    let user = DevUser::new("bob@example.org", UserState::Active);
    let user = tx.insert(Kind::DevUser, user).await.expect("a user");
    let token = Token::personal(&cx, user.meta.id, "member-token", "a token");
    tx.insert(Kind::Token, token).await.expect("a token");
    tx.finish().await.expect("a commit");
    "member-token"
}

/// The values of a member of each object of a list.
fn column<'a>(answer: &'a Value, member: &str) -> Vec<&'a Value> {
    answer["result"].as_array().expect("a result").iter().map(|each| &each[member]).collect()
}

/// A stage that the org adds.
async fn new_stage(server: &Server, name: &str, state: &str) -> Value {
    let stage = json!({"name": name, "ordinal": 10_000, "state": state});
    server.call("stages.custom.create", stage).await.ok()["custom_stage"].clone()
}

#[tokio::test]
async fn a_stage_is_made_read_listed_and_changed() {
    let server = Server::start().await;
    let request = json!({
        "name": "Needs RCA", "ordinal": 4700, "state": "in_progress", "marketplace_ref": "item-1",
    });
    let made = server.call("stages.custom.create", request).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["x-worksmith-revision"], "1");
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("stages.custom.get", "id=STAGE-43").await.ok(), made);

    let patch = json!({
        "id": "STAGE-43", "name": "has_rca", "ordinal": 4701, "state_id": "STATE-3",
    });
    let changed = server.call("stages.custom.update", patch).await.ok();
    let stage = &changed["custom_stage"];
    assert_eq!(stage["name"], "has_rca");
    assert_eq!(stage["display_name"], "Has Rca");
    assert_eq!(stage["ordinal"], 4701);
    assert_eq!(stage["state"]["name"], "closed");
    assert_eq!(stage["state"]["is_final"], true);
    let listed = server.get("stages.custom.list", "name=has_rca,nobody&ordinal=4701").await.ok();
    assert_eq!(listed, json!({"result": [stage]}));
    let none = server.call("stages.custom.list", json!({"name": "Needs RCA"})).await.ok();
    assert_eq!(none, json!({"result": []}));
}

/// Creates a stage with a name that is taken, as earlier versions allowed.
async fn double(server: &Server, name: &str) {
    let mut tx = server.engine.begin(&context(server).await);
    let stage = CustomStage {
        name: name.to_owned(),
        display_name: None,
        ordinal: 1,
        state: Id::numbered(Kind::CustomState, 1),
        marketplace_ref: None,
        has_own_name: false,
    };
    tx.insert(Kind::CustomStage, stage).await.expect("a stage");
    tx.finish().await.expect("a stage");
}

#[tokio::test]
async fn the_name_of_a_stage_is_unique_but_for_those_of_before() {
    let server = Server::start().await;
    let taken = json!({
        "type": "value_not_permitted", "field_name": "name",
        "message": "name \"triage\" is taken by STAGE-1",
    });
    let stage = |name: &str| json!({"name": name, "ordinal": 1, "state": "open"});
    let clash = server.call("stages.custom.create", stage("triage")).await;
    assert_eq!(clash.error(400, "value_not_permitted"), taken);
    server.call("stages.custom.create", stage("sorting")).await.ok();
    let clash = json!({"id": "STAGE-43", "name": "triage"});
    let clash = server.call("stages.custom.update", clash).await;
    assert_eq!(clash.error(400, "value_not_permitted"), taken);
    // Of two at once, one gets the name.
    let (one, other) = tokio::join!(
        server.call("stages.custom.create", stage("sifting")),
        server.call("stages.custom.create", stage("sifting")),
    );
    let mut both = [one.status.as_u16(), other.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [201, 400]);

    double(&server, "sorting").await;
    let doubles = server.call("stages.custom.list", json!({"name": ["sorting"]})).await.ok();
    assert_eq!(doubles["result"].as_array().map(Vec::len), Some(2));
    for stage in doubles["result"].as_array().expect("stages") {
        let body = json!({"id": stage["id"], "name": "sorting", "ordinal": 7});
        server.call("stages.custom.update", body).await.ok();
    }
    assert!(server.engine.store().check(&mut |_, _| {}).await.is_empty());
    // One of them is renamed, and holds its new name.
    let body = json!({"id": doubles["result"][0]["id"], "name": "searching"});
    server.call("stages.custom.update", body).await.ok();
    server.call("stages.custom.create", stage("searching")).await.error(400, "value_not_permitted");
    assert!(server.engine.store().check(&mut |_, _| {}).await.is_empty());
}

#[tokio::test]
async fn an_update_without_effect_changes_nothing() {
    let server = Server::start().await;
    let before = server.call("stages.custom.get", json!({"id": "STAGE-1"})).await.ok();
    let stage = &before["custom_stage"];
    let same = json!({
        "id": stage["id"], "name": stage["name"], "ordinal": stage["ordinal"], "state_id": "open",
    });
    assert_eq!(server.call("stages.custom.update", same).await.ok(), before);
}

#[tokio::test]
async fn the_state_of_a_stage_must_be_there() {
    let server = Server::start().await;
    let with = |state: Value| json!({"name": "x", "ordinal": 1, "state": state});
    let refused = server.call("stages.custom.create", json!({"name": "x", "ordinal": 1})).await;
    assert_eq!(refused.error(400, "missing_required_field")["field_name"], "state");
    for (state, kind) in [
        (json!("no such state"), "invalid_id"),
        (json!("STATE-99"), "invalid_id"),
        (json!("don:core:dvrv-us-1:devo/other:custom_state/1"), "invalid_id"),
        (json!("TAG-1"), "unexpected_id_type"),
        (json!(2), "unexpected_json_type"),
    ] {
        let refused = server.call("stages.custom.create", with(state)).await.error(400, kind);
        assert_eq!(refused["field_name"], "state");
    }
    let update = json!({"id": "STAGE-1", "name": "renamed", "state_id": "STATE-99"});
    let refused = server.call("stages.custom.update", update).await.error(400, "invalid_id");
    assert_eq!(refused["field_name"], "state_id");
    let stage = server.call("stages.custom.get", json!({"id": "STAGE-1"})).await.ok();
    assert_eq!(stage["custom_stage"]["name"], "triage");
    let all = server.call("stages.custom.list", json!({"limit": 100})).await.ok();
    assert_eq!(column(&all, "name").len(), 42);
}

#[tokio::test]
async fn malformed_stages_are_refused_by_field() {
    let server = Server::start().await;
    for (member, value, kind) in [
        ("name", json!(""), "value_not_permitted"),
        ("name", json!("x".repeat(257)), "value_not_permitted"),
        ("ordinal", json!(2_147_483_648_u64), "value_not_permitted"),
        ("ordinal", json!("1"), "unexpected_json_type"),
        ("display_name", json!("X"), "invalid_field"),
    ] {
        let mut request = json!({"name": "x", "ordinal": 1, "state": "open"});
        request[member] = value;
        let refused = server.call("stages.custom.create", request).await.error(400, kind);
        assert_eq!(refused["field_name"], member);
    }
    let nulled = json!({"id": "STAGE-1", "name": null});
    server.call("stages.custom.update", nulled).await.error(400, "unexpected_json_type");
    let absent = json!({"id": "STAGE-99", "name": "x"});
    server.call("stages.custom.update", absent).await.error(404, "not_found");
    server.call("stages.custom.get", json!({"id": "STAGE-99"})).await.error(404, "not_found");
    let other = json!({"id": "STATE-1"});
    server.call("stages.custom.get", other).await.error(400, "unexpected_id_type");
}

#[tokio::test]
async fn pages_lead_forward_under_two_names() {
    let server = Server::start().await;
    let mut query = json!({"sort_by": ["ordinal:asc"], "limit": 20});
    let mut seen = Vec::new();
    loop {
        let page = server.call("stages.custom.list", query.clone()).await.ok();
        assert_eq!(page.get("cursor"), page.get("next_cursor"));
        assert!(page.get("prev_cursor").is_none());
        seen.extend(column(&page, "ordinal").into_iter().cloned());
        let Some(cursor) = page.get("cursor") else { break };
        query["cursor"] = cursor.clone();
    }
    assert_eq!(seen.len(), 42);
    assert!(seen.is_sorted_by_key(|ordinal| ordinal.as_i64()));
    query["mode"] = "before".into();
    let refused = server.call("stages.custom.list", query).await.error(400, "invalid_field");
    assert_eq!(refused["field_name"], "mode");
    let unsortable = json!({"sort_by": ["state:asc"]});
    server.call("stages.custom.list", unsortable).await.error(400, "invalid_field");
}

#[tokio::test]
async fn only_admins_change_stages_and_every_member_reads_them() {
    let server = Server::start().await;
    let member = member(&server).await;
    let node = json!([{"stage_id": "STAGE-1", "is_start": true}]);
    for (op, request) in [
        ("states.custom.create", json!({"name": "x", "ordinal": 1})),
        ("states.custom.update", json!({"id": "STATE-1", "ordinal": 1})),
        ("stages.custom.create", json!({"name": "x", "ordinal": 1, "state": "open"})),
        ("stages.custom.update", json!({"id": "STAGE-1", "name": "x"})),
        ("stage-diagrams.create", json!({"name": "x", "leaf_type": "issue", "stages": node})),
        ("stage-diagrams.update", json!({"id": "DIAGRAM-1", "name": "x"})),
    ] {
        server.call_as(member, op, request).await.error(403, "forbidden");
    }
    for (op, request) in [
        ("states.custom.get", json!({"id": "STATE-1"})),
        ("states.custom.list", json!({})),
        ("stages.custom.get", json!({"id": "STAGE-1"})),
        ("stages.custom.list", json!({})),
        ("stage-diagrams.get", json!({"leaf_type": "issue"})),
        ("stage-diagrams.list", json!({})),
    ] {
        server.call_as(member, op, request).await.ok();
    }
}

#[tokio::test]
async fn a_token_for_works_alone_reads_their_stages_and_changes_none() {
    let server = Server::start().await;
    let cx = context(&server).await;
    let mut tx = server.engine.begin(&cx);
    let admin = cx.actor.id.clone();
    let mut token = Token::personal(&cx, admin, "works-only", "a token");
    token.scopes = vec!["work:all".to_owned()];
    tx.insert(Kind::Token, token).await.expect("a token");
    tx.finish().await.expect("a commit");
    for op in ["states.custom.list", "stages.custom.list", "stage-diagrams.list"] {
        server.call_as("works-only", op, json!({})).await.ok();
    }
    let patch = json!({"id": "STAGE-1", "name": "x"});
    server.call_as("works-only", "stages.custom.update", patch).await.error(403, "forbidden");
}
