//! Workspaces of customers.

use serde_json::{Value, json};
use worksmith_tests::Server;

async fn account(server: &Server, name: &str) -> (Value, Value) {
    let made = server.call("accounts.create", json!({"display_name": name})).await.ok();
    (made["account"].clone(), made["default_rev_org"].clone())
}

async fn workspace(server: &Server, request: Value) -> Value {
    server.call("rev-orgs.create", request).await.ok()["rev_org"].clone()
}

fn ids(page: &Value) -> Vec<&Value> {
    page["rev_orgs"].as_array().expect("a list").iter().map(|object| &object["id"]).collect()
}

#[tokio::test]
async fn a_workspace_is_made_read_and_changed() {
    let server = Server::start().await;
    let (owner, _) = account(&server, "Acme").await;
    server.call("tags.create", json!({"name": "key"})).await.ok();
    let request = json!({
        "account": owner["display_id"], "display_name": "Acme Europe", "description": "East",
        "external_ref": "eu", "environment": "staging", "tier": "silver", "domain": "acme.example",
        "tags": [{"id": "TAG-1"}],
    });
    let made = server.call("rev-orgs.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    let made = made["rev_org"].clone();
    for id in [&made["id"], &made["display_id"]] {
        let read = server.call("rev-orgs.get", json!({"id": id})).await.ok();
        assert_eq!(read["rev_org"], made);
    }
    let patch = json!({
        "id": made["display_id"], "display_name": "Renamed", "external_ref": "new", "tags": [],
        "environment": "test", "tier": "gold", "domain": "new.example",
    });
    let mut wanted = made.clone();
    let changed = server.call("rev-orgs.update", patch).await.ok()["rev_org"].clone();
    for (member, value) in [
        ("display_name", "Renamed"),
        ("external_ref", "new"),
        ("environment", "test"),
        ("tier", "gold"),
        ("domain", "new.example"),
    ] {
        wanted[member] = json!(value);
    }
    wanted["modified_date"] = changed["modified_date"].clone();
    wanted.as_object_mut().expect("members").remove("tags");
    assert_eq!(changed, wanted);
}

#[tokio::test]
async fn a_reference_is_unique_and_made_up_when_absent() {
    let server = Server::start().await;
    let (owner, standard) = account(&server, "Acme").await;
    let request = json!({"account": owner["id"], "display_name": "W"});
    let (one, two) =
        (workspace(&server, request.clone()).await, workspace(&server, request.clone()).await);
    assert_eq!(one["external_ref"], one["id"]);
    assert_eq!(one["environment"], "production");
    for taken in [&two["external_ref"], &standard["external_ref"]] {
        let mut clash = request.clone();
        clash["external_ref"] = taken.clone();
        server.call("rev-orgs.create", clash).await.error(409, "conflict");
        let clash = json!({"id": one["id"], "external_ref": taken});
        server.call("rev-orgs.update", clash).await.error(409, "conflict");
    }
}

#[tokio::test]
async fn refusals_name_the_field() {
    let server = Server::start().await;
    let (owner, _) = account(&server, "Acme").await;
    for (request, kind, field) in [
        (json!({"display_name": "W"}), "missing_required_field", "account"),
        (json!({"account": owner["id"]}), "missing_required_field", "display_name"),
        (json!({"account": "ACC-nobody0", "display_name": "W"}), "invalid_id", "account"),
        (json!({"account": "REV-x", "display_name": "W"}), "unexpected_id_type", "account"),
        (
            json!({"account": owner["id"], "display_name": "W", "environment": "moon"}),
            "invalid_enum_value",
            "environment",
        ),
    ] {
        let refused = server.call("rev-orgs.create", request).await.error(400, kind);
        assert_eq!(refused["field_name"], field);
    }
    let none = server.call("rev-orgs.get", json!({})).await.error(400, "missing_required_field");
    assert_eq!(none["field_name"], "id");
    let both = json!({"id": "REV-x", "account": owner["id"]});
    server.call("rev-orgs.get", both).await.error(400, "bad_request");
    server.call("rev-orgs.get", json!({"account": "ACC-x"})).await.error(404, "not_found");
    let custom = json!({"custom_field_filter": ["tnt__x:1"]});
    server.call("rev-orgs.list", custom).await.error(400, "invalid_field");
}

#[tokio::test]
async fn every_filter_of_the_list_is_honoured() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "key"})).await.ok();
    let (owner, standard) = account(&server, "Acme").await;
    let (_, other) = account(&server, "Other").await;
    let east = json!({"account": owner["id"], "display_name": "East", "external_ref": "east"});
    let east = workspace(&server, east).await;
    let west = json!({
        "account": owner["id"], "display_name": "West", "external_ref": "west",
        "tags": [{"id": "TAG-1"}], "domain": "west.example",
    });
    let west = workspace(&server, west).await;
    let made = &east["created_date"];
    let (standard_id, other_id, east_id, west_id) =
        (&standard["id"], &other["id"], &east["id"], &west["id"]);
    for (filter, found) in [
        (json!({}), vec![west_id, east_id, other_id, standard_id]),
        (json!({"account": owner["id"]}), vec![west_id, east_id, standard_id]),
        (json!({"display_name": ["East", "West"]}), vec![west_id, east_id]),
        (json!({"external_ref": ["west", owner["id"]]}), vec![west_id, standard_id]),
        (json!({"external_refs": ["west"]}), vec![west_id]),
        (json!({"domains": ["west.example"]}), vec![west_id]),
        (json!({"owned_by": ["DEVU-1"]}), vec![]),
        (json!({"tags": ["TAG-1"]}), vec![west_id]),
        (json!({"created_by": ["SYSU-1"]}), vec![]),
        (json!({"created_date": {"after": made, "before": made}}), vec![east_id]),
        (json!({"modified_date": {"before": "2001-01-01T00:00:00Z"}}), vec![]),
        (json!({"sort_by": ["display_name:asc"]}), vec![standard_id, east_id, other_id, west_id]),
    ] {
        let page = server.call("rev-orgs.list", filter.clone()).await.ok();
        assert_eq!(ids(&page), found, "{filter}");
    }
    let by_get = server.get("rev-orgs.list", "external_ref=east,west&limit=1").await.ok();
    assert_eq!(ids(&by_get), [west_id]);
}

#[tokio::test]
async fn a_workspace_moves_to_another_account_with_its_contacts() {
    let server = Server::start().await;
    let (old, standard) = account(&server, "Old").await;
    let (new, _) = account(&server, "New").await;
    let branch = json!({"account": old["id"], "display_name": "Branch"});
    let branch = workspace(&server, branch).await;
    server.call("rev-users.create", json!({"rev_org": branch["id"]})).await.ok();
    let moved = json!({"id": branch["id"], "account": new["id"]});
    let moved = server.call("rev-orgs.update", moved).await.ok();
    assert_eq!(moved["rev_org"]["account"]["id"], new["id"]);
    let contacts = server.call("rev-users.list", json!({"associations": [new["id"]]})).await.ok();
    assert_eq!(contacts["rev_users"][0]["display_id"], "REVU-1");
    let fixed = json!({"id": standard["id"], "account": new["id"]});
    server.call("rev-orgs.update", fixed).await.error(400, "bad_request");
}

#[tokio::test]
async fn all_but_the_default_workspace_can_be_deleted() {
    let server = Server::start().await;
    let (owner, standard) = account(&server, "Acme").await;
    let refused = server.call("rev-orgs.delete", json!({"id": standard["id"]})).await;
    refused.error(400, "bad_request");
    server.call("rev-orgs.get", json!({"id": standard["id"]})).await.ok();
    let branch = json!({"account": owner["id"], "display_name": "Branch"});
    let branch = workspace(&server, branch).await;
    let person = json!({"rev_org": branch["id"], "email": "ana@example.org"});
    let person = server.call("rev-users.create", person).await.ok();
    let id = json!({"id": branch["id"]});
    assert_eq!(server.call("rev-orgs.delete", id.clone()).await.ok(), json!({}));
    server.call("rev-orgs.get", id.clone()).await.error(404, "not_found");
    server.call("rev-orgs.delete", id).await.error(404, "not_found");
    let left = server.call("rev-users.get", json!({"id": "REVU-1"})).await.ok();
    assert_eq!(left, person);
}
