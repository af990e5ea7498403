//! States.

use serde_json::json;
use worksmith_tests::Server;

use super::column;

#[tokio::test]
async fn every_org_has_three_states_under_fixed_numbers() {
    let server = Server::start().await;
    for (id, name, is_final) in
        [("STATE-1", "open", false), ("STATE-2", "in_progress", false), ("STATE-3", "closed", true)]
    {
        let state = server.call("states.custom.get", json!({"id": id})).await.ok();
        assert_eq!(state["custom_state"]["name"], name);
        assert_eq!(state["custom_state"]["is_final"], is_final);
    }
    let sorted = server.get("states.custom.list", "sort_by=ordinal:asc").await.ok();
    assert_eq!(column(&sorted, "name"), ["open", "in_progress", "closed"]);
}

#[tokio::test]
async fn a_state_is_made_read_listed_and_changed() {
    let server = Server::start().await;
    let request = json!({"name": "parked", "ordinal": 2500, "is_final": true});
    let made = server.call("states.custom.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("states.custom.get", "id=state-4").await.ok(), made);

    let patch = json!({"id": "STATE-4", "name": "shelved", "ordinal": 2600, "is_final": false});
    let changed = server.call("states.custom.update", patch).await.ok();
    assert_eq!(changed["custom_state"]["name"], "shelved");
    assert_eq!(changed["custom_state"]["ordinal"], 2600);
    assert_eq!(changed["custom_state"]["is_final"], false);
    let listed = server.get("states.custom.list", "name=shelved,nobody&ordinal=2600,1").await.ok();
    assert_eq!(listed, json!({"result": [changed["custom_state"]]}));
    let finals = server.get("states.custom.list", "is_final=true").await.ok();
    assert_eq!(column(&finals, "name"), ["closed"]);
    let others = json!({"is_final": false, "sort_by": ["name:asc"]});
    let others = server.call("states.custom.list", others).await.ok();
    assert_eq!(column(&others, "name"), ["in_progress", "open", "shelved"]);

    let plain = server.call("states.custom.create", json!({"name": "x", "ordinal": 1})).await.ok();
    assert_eq!(plain["custom_state"]["is_final"], false);
}

#[tokio::test]
async fn the_ordinal_of_a_state_is_unique() {
    let server = Server::start().await;
    let taken = json!({"name": "late", "ordinal": 1000});
    let clash = server.call("states.custom.create", taken).await.error(409, "conflict");
    assert_eq!(clash["message"], "ordinal \"1000\" is taken by STATE-1");
    server.call("states.custom.create", json!({"name": "late", "ordinal": 1001})).await.ok();
    let taken = json!({"id": "STATE-4", "ordinal": 3000});
    server.call("states.custom.update", taken).await.error(409, "conflict");
    let kept = json!({"id": "STATE-4", "ordinal": 1001, "name": "later"});
    server.call("states.custom.update", kept).await.ok();
}

#[tokio::test]
async fn the_name_of_a_state_is_unique() {
    let server = Server::start().await;
    let taken = json!({
        "type": "value_not_permitted", "field_name": "name",
        "message": "name \"open\" is taken by STATE-1",
    });
    let clash = json!({"name": "open", "ordinal": 1});
    let clash = server.call("states.custom.create", clash).await;
    assert_eq!(clash.error(400, "value_not_permitted"), taken);
    server.call("states.custom.create", json!({"name": "late", "ordinal": 1})).await.ok();
    let clash = json!({"id": "STATE-4", "name": "open"});
    let clash = server.call("states.custom.update", clash).await;
    assert_eq!(clash.error(400, "value_not_permitted"), taken);
    let same = json!({"id": "STATE-4", "name": "late", "ordinal": 2});
    server.call("states.custom.update", same).await.ok();
}

#[tokio::test]
async fn the_stock_states_keep_what_they_mean() {
    let server = Server::start().await;
    for (patch, field) in [
        (json!({"id": "STATE-1", "name": "todo", "ordinal": 5}), "name"),
        (json!({"id": "STATE-3", "is_final": false, "ordinal": 5}), "is_final"),
    ] {
        let refused = server.call("states.custom.update", patch).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], field);
    }
    let states = server.call("states.custom.list", json!({"ordinal": [5]})).await.ok();
    assert_eq!(states, json!({"result": []}));
    let patch = json!({"id": "STATE-1", "name": "open", "ordinal": 5});
    let moved = server.call("states.custom.update", patch).await.ok();
    assert_eq!(moved["custom_state"]["ordinal"], 5);
}

#[tokio::test]
async fn what_is_no_state_is_refused() {
    let server = Server::start().await;
    let missing = server.call("states.custom.create", json!({"ordinal": 7})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "name");
    let missing = server.call("states.custom.create", json!({"name": "x"})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "ordinal");
    server.call("states.custom.get", json!({"id": "STATE-9"})).await.error(404, "not_found");
    let absent = json!({"id": "STATE-9", "ordinal": 9});
    server.call("states.custom.update", absent).await.error(404, "not_found");
    server.call("states.custom.get", json!({"id": "nine"})).await.error(400, "invalid_id");
}
