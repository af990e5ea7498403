//! Vistas, sprint boards and sprints.

use serde_json::{Value, json};
use worksmith_tests::Server;

/// A sprint board with further members.
async fn board(server: &Server, members: Value) -> Value {
    let mut request = json!({
        "type": "grouped", "filter_type": "works", "flavor": "sprint_board", "name": "Board",
    });
    for (name, value) in members.as_object().expect("members") {
        request[name] = value.clone();
    }
    let answer = server.call("vistas.create", request).await;
    assert_eq!(answer.status, 201);
    answer.ok()["vista"].take()
}

/// A sprint of VISTA-1 with further members.
async fn sprint(server: &Server, members: Value) -> Value {
    let mut request = json!({
        "parent_id": "VISTA-1", "name": "Sprint",
        "start_date": "2031-01-06T00:00:00Z", "end_date": "2031-01-20T00:00:00Z",
    });
    for (name, value) in members.as_object().expect("members") {
        request[name] = value.clone();
    }
    let answer = server.call("vistas.groups.create", request).await;
    assert_eq!(answer.status, 201);
    answer.ok()["vista_group"].take()
}

/// The names of the sprints in a list, sorted.
async fn sprints(server: &Server, request: Value) -> Vec<String> {
    names(server.call("vistas.groups.list", request).await.ok(), "vista_group")
}

/// The names of the vistas in a list, sorted.
async fn vistas(server: &Server, request: Value) -> Vec<String> {
    names(server.call("vistas.list", request).await.ok(), "vistas")
}

fn names(page: Value, member: &str) -> Vec<String> {
    let objects = page[member].as_array().expect("objects");
    let mut names: Vec<_> =
        objects.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

/// PROD-1 > CAPL-1 > FEAT-1, and PROD-2.
async fn parts(server: &Server) {
    for (kind, parent) in [
        ("product", json!([])),
        ("capability", json!(["PROD-1"])),
        ("feature", json!(["CAPL-1"])),
        ("product", json!([])),
    ] {
        let body = json!({"type": kind, "name": "part", "owned_by": [], "parent_part": parent});
        server.call("parts.create", body).await.ok();
    }
}

#[tokio::test]
async fn a_sprint_board_is_made_read_and_deleted_with_its_sprints() {
    let server = Server::start().await;
    let made = board(&server, json!({})).await;
    assert_eq!(server.get("vistas.get", "id=VISTA-1").await.ok()["vista"], made);
    let item = sprint(&server, json!({"state": "active"})).await;
    insta::assert_json_snapshot!(item);
    assert_eq!(item["id"], format!("{}:vista_group_item/1", made["id"].as_str().expect("an id")));
    let query = format!("id={}", item["id"].as_str().expect("an id"));
    assert_eq!(server.get("vistas.groups.get", &query).await.ok()["vista_group"], item);

    // A board shows its sprints if it is read alone, but not in a list.
    let read = server.call("internal/vistas.get", json!({"id": "VISTA-1"})).await.ok();
    insta::assert_json_snapshot!(read);
    assert_eq!(read["vista"]["groups"], json!([item]));
    let listed = server.call("vistas.list", json!({})).await.ok();
    assert_eq!(listed["vistas"], json!([made]));

    board(&server, json!({"name": "Other"})).await;
    let kept = sprint(&server, json!({"parent_id": "VISTA-2"})).await;
    assert_eq!(server.call("vistas.delete", json!({"id": "VISTA-1"})).await.ok(), json!({}));
    server.call("vistas.get", json!({"id": "VISTA-1"})).await.error(404, "not_found");
    server.call("vistas.delete", json!({"id": "VISTA-1"})).await.error(404, "not_found");
    server.call("vistas.groups.get", json!({"id": item["id"]})).await.error(404, "not_found");
    let left = server.call("vistas.groups.list", json!({})).await.ok();
    assert_eq!(left, json!({"vista_group": [kept]}));
}

#[tokio::test]
async fn a_sprint_is_changed_and_deleted() {
    let server = Server::start().await;
    parts(&server).await;
    board(&server, json!({})).await;
    let item = sprint(&server, json!({})).await;
    assert_eq!((&item["type"], &item["state"]), (&json!("curated"), &json!("planned")));
    let id = &item["id"];
    let body = json!({
        "id": id, "name": "Later", "state": "completed", "start_date": null,
        "end_date": "2031-02-01T00:00:00Z", "applies_to_part": ["PROD-1"],
    });
    let changed = server.call("vistas.groups.update", body).await.ok()["vista_group"].take();
    let mut expected = item.clone();
    expected["name"] = "Later".into();
    expected["state"] = "completed".into();
    expected["end_date"] = "2031-02-01T00:00:00.000Z".into();
    expected["applies_to_part"] = changed["applies_to_part"].clone();
    expected.as_object_mut().expect("a sprint").remove("start_date");
    assert_eq!(changed, expected);
    assert_eq!(changed["applies_to_part"][0]["display_id"], "PROD-1");

    for (member, value, error) in [
        ("start_date", json!("2032-01-01T00:00:00Z"), "value_not_permitted"),
        ("state", json!("open"), "invalid_enum_value"),
        ("state", json!(null), "unexpected_json_type"),
        ("parent_id", json!("VISTA-1"), "invalid_field"),
        ("applies_to_part", json!(["PROD-9"]), "invalid_id"),
    ] {
        let body = json!({"id": id, "name": "Wrong", member: value});
        server.call("vistas.groups.update", body).await.error(400, error);
    }
    let read = server.call("vistas.groups.get", json!({"id": id})).await.ok();
    assert_eq!(read["vista_group"], changed);
    server.call("vistas.groups.delete", json!({"id": id})).await.ok();
    server.call("vistas.groups.delete", json!({"id": id})).await.error(404, "not_found");
    server.call("vistas.groups.update", json!({"id": id})).await.error(404, "not_found");
}

#[tokio::test]
async fn groups_are_refused_outside_grouped_vistas_and_in_the_wrong_order() {
    let server = Server::start().await;
    board(&server, json!({})).await;
    let curated = json!({"type": "curated", "name": "Picked"});
    server.call("vistas.create", curated).await.ok();
    for (members, kind, field) in [
        (json!({"parent_id": "VISTA-2", "name": "x"}), "value_not_permitted", "parent_id"),
        (json!({"parent_id": "VISTA-9", "name": "x"}), "invalid_id", "parent_id"),
        (json!({"parent_id": "PROD-1", "name": "x"}), "unexpected_id_type", "parent_id"),
        (json!({"name": "x"}), "missing_required_field", "parent_id"),
        (json!({"parent_id": "VISTA-1"}), "missing_required_field", "name"),
        (
            json!({
                "parent_id": "VISTA-1", "name": "x",
                "start_date": "2031-02-01T00:00:00Z", "end_date": "2031-01-01T00:00:00Z",
            }),
            "value_not_permitted",
            "end_date",
        ),
    ] {
        let error = server.call("vistas.groups.create", members).await.error(400, kind);
        assert_eq!(error["field_name"], field);
    }
    assert!(sprints(&server, json!({})).await.is_empty());
}

#[tokio::test]
async fn vistas_of_every_type_are_made_and_found() {
    let server = Server::start().await;
    parts(&server).await;
    board(&server, json!({"applies_to_part": ["PROD-1", "PROD-1"], "description": "Ours"})).await;
    sprint(&server, json!({"state": "active"})).await;
    board(&server, json!({"name": "Inbox", "filter_type": "conversations", "flavor": null})).await;
    let body = json!({"type": "curated", "name": "Picked", "items": [{"id": "FEAT-1"}]});
    let picked = server.call("vistas.create", body).await.ok()["vista"].take();
    assert_eq!(picked["items"][0]["display_id"], "FEAT-1");

    let read = server.get("vistas.get", "id=VISTA-1").await.ok();
    assert_eq!(read["vista"]["applies_to_part"].as_array().map(Vec::len), Some(1));
    assert_eq!(vistas(&server, json!({"type": ["grouped"]})).await, ["Board", "Inbox"]);
    assert_eq!(vistas(&server, json!({"flavor": ["nnl", "sprint_board"]})).await, ["Board"]);
    assert_eq!(vistas(&server, json!({"object_type": ["conversations"]})).await, ["Inbox"]);
    assert_eq!(vistas(&server, json!({"state": ["active"]})).await, ["Board"]);
    assert!(vistas(&server, json!({"state": ["planned"]})).await.is_empty());
    assert!(vistas(&server, json!({"is_default": true})).await.is_empty());
    assert_eq!(vistas(&server, json!({"is_default": false})).await.len(), 3);
    assert!(vistas(&server, json!({"created_by": ["SYSU-1"]})).await.is_empty());
    assert_eq!(vistas(&server, json!({"members": ["DEVU-1"]})).await.len(), 3);
    assert!(vistas(&server, json!({"shared_with": [{"member": "DEVU-1"}]})).await.is_empty());
    let bare = server.call("vistas.list", json!({"type": "curated", "skip_items": true})).await;
    assert!(bare.ok()["vistas"][0].get("items").is_none());

    for (body, kind, field) in [
        (json!({"type": "grouped", "name": "x"}), "missing_required_field", "filter_type"),
        (
            json!({"type": "grouped", "name": "x", "filter_type": "meetings"}),
            "invalid_enum_value",
            "filter_type",
        ),
        (
            json!({"type": "grouped", "name": "x", "filter_type": "works", "items": []}),
            "invalid_field",
            "items",
        ),
        (json!({"type": "curated", "name": "x", "flavor": "nnl"}), "invalid_field", "flavor"),
        (
            json!({"type": "curated", "name": "x", "items": [{"id": "FEAT-9"}]}),
            "invalid_id",
            "items",
        ),
        (
            json!({"type": "dynamic", "name": "x", "filter_type": "works"}),
            "missing_required_field",
            "filter",
        ),
        (
            json!({"type": "dynamic", "name": "x", "filter_type": "parts", "filter": {"a": 1}}),
            "invalid_field",
            "a",
        ),
    ] {
        let error = server.call("vistas.create", body).await.error(400, kind);
        assert_eq!(error["field_name"], field);
    }
    assert_eq!(vistas(&server, json!({})).await.len(), 3);

    // A vista with only a name is a curated one; otherwise its members determine its type.
    let bare = server.call("vistas.create", json!({"name": "Bare"})).await.ok();
    insta::assert_json_snapshot!(bare);
    for (members, is) in [
        (json!({"items": [{"id": "PROD-1"}]}), "curated"),
        (json!({"filter_type": "works", "filter": {"type": ["issue"]}}), "dynamic"),
        (json!({"filter_type": "works", "flavor": "sprint_board"}), "grouped"),
        (json!({"filter_type": "works"}), "grouped"),
    ] {
        let mut body = json!({"name": "Typeless"});
        body.as_object_mut().expect("members").extend(members.as_object().expect("some").clone());
        let made = server.call("vistas.create", body).await.ok();
        assert_eq!(made["vista"]["type"], is);
    }

    let filter = json!({"type": ["feature"], "name": ["part"]});
    let body = json!({
        "type": "dynamic", "name": "Features", "filter_type": "parts", "filter": filter,
    });
    let made = server.call("vistas.create", body).await.ok();
    assert_eq!(made["vista"]["filter"], filter);
}

#[tokio::test]
async fn sprints_are_found_by_every_filter() {
    let server = Server::start().await;
    board(&server, json!({})).await;
    board(&server, json!({"name": "Parts", "filter_type": "parts", "flavor": "nnl"})).await;
    let early = json!({
        "name": "past", "state": "completed",
        "start_date": "2030-01-01T00:00:00Z", "end_date": "2030-01-15T00:00:00Z",
    });
    sprint(&server, early).await;
    sprint(&server, json!({"name": "now", "state": "active"})).await;
    sprint(&server, json!({"name": "next", "type": "dynamic"})).await;
    sprint(&server, json!({"name": "later", "parent_id": "VISTA-2"})).await;
    let found = async |request: Value| sprints(&server, request).await;

    assert_eq!(found(json!({"parent_id": ["VISTA-1"]})).await, ["next", "now", "past"]);
    assert_eq!(found(json!({"state": ["active", "completed"]})).await, ["now", "past"]);
    assert_eq!(found(json!({"type": "dynamic"})).await, ["next"]);
    assert_eq!(found(json!({"group_object_type": ["part"]})).await, ["later"]);
    assert!(found(json!({"group_object_type": ["conversation"]})).await.is_empty());
    assert_eq!(found(json!({"created_by": ["DEVU-1"]})).await.len(), 4);
    assert!(found(json!({"created_by": ["SYSU-1"]})).await.is_empty());
    let on = |at: &str| json!({"type": "range", "after": at, "before": at});
    assert_eq!(found(json!({"start_date": on("2030-01-01T00:00:00Z")})).await, ["past"]);
    assert_eq!(found(json!({"end_date": on("2031-01-20T00:00:00Z")})).await.len(), 3);
    let today = json!({"type": "preset", "preset_type": "last_n_days", "days": 1});
    assert_eq!(found(json!({"created_date": today, "modified_date": today})).await.len(), 4);
    let query = "parent_id=VISTA-1&sort_by=start_date:asc&limit=1";
    let page = server.get("vistas.groups.list", query).await.ok();
    assert_eq!(page["vista_group"][0]["name"], "past");
    assert!(page["next_cursor"].is_string());
    server
        .call("vistas.groups.list", json!({"state": "open"}))
        .await
        .error(400, "invalid_enum_value");
    server
        .call("vistas.groups.list", json!({"ancestor_part": ["VISTA-1"]}))
        .await
        .error(400, "unexpected_id_type");
}

#[tokio::test]
async fn a_part_has_the_sprints_of_its_ancestors_boards() {
    let server = Server::start().await;
    parts(&server).await;
    board(&server, json!({"applies_to_part": ["PROD-1"]})).await;
    board(&server, json!({"name": "Theirs", "applies_to_part": ["PROD-2"]})).await;
    sprint(&server, json!({"name": "ours"})).await;
    sprint(&server, json!({"name": "theirs", "parent_id": "VISTA-2"})).await;
    sprint(&server, json!({"name": "lent", "parent_id": "VISTA-2", "applies_to_part": ["CAPL-1"]}))
        .await;
    let above = async |part: &str| sprints(&server, json!({"ancestor_part": [part]})).await;
    assert_eq!(above("FEAT-1").await, ["lent", "ours"]);
    assert_eq!(above("PROD-1").await, ["ours"]);
    assert_eq!(above("PROD-2").await, ["theirs"]);
    assert!(above("PROD-9").await.is_empty());
    // As the MCP server requests it.
    let asked = json!({
        "group_object_type": ["work"], "ancestor_part": ["FEAT-1"], "state": ["planned"],
    });
    assert_eq!(sprints(&server, asked).await, ["lent", "ours"]);

    let of = async |filter: Value| sprints(&server, json!({"applies_to_part": filter})).await;
    assert_eq!(of(json!({"parts": ["PROD-1"]})).await, ["ours"]);
    assert_eq!(
        of(json!({"parts": ["PROD-1"], "include_child_parts": true})).await,
        ["lent", "ours"]
    );
    assert!(of(json!({"parts": ["FEAT-1"]})).await.is_empty());
}

#[tokio::test]
async fn an_org_starts_with_its_channels() {
    use worksmith_wire::{Id, Kind};
    use worksmith_work::channels::{Channel, NAMES};

    let server = Server::start().await;
    let admin = worksmith_org::auth::authenticate(
        &server.environment,
        &server.engine,
        worksmith_tests::ADMIN,
    )
    .await;
    let mut tx = server.engine.begin(&admin.expect("the admin"));
    for (number, name) in (1..).zip(["email", "plug", "slack", "twilio", "twilio_sms", "other"]) {
        let id = tx.find_name(NAMES, name).await.expect("a search");
        assert_eq!(id, Some(Id::numbered(Kind::Channel, number)));
    }
    let last = tx.find::<Channel>(&Id::numbered(Kind::Channel, 6)).await.expect("a search");
    assert_eq!(last.expect("a channel").doc.name, "other");
}

#[tokio::test]
async fn a_board_and_its_sprint_to_be_never_miss_each_other() {
    let server = Server::start().await;
    for _ in 0..20 {
        let made = board(&server, json!({})).await;
        let body = json!({"parent_id": made["id"], "name": "x"});
        let (sprint, deleted) = tokio::join!(
            server.call("vistas.groups.create", body),
            server.call("vistas.delete", json!({"id": made["id"]})),
        );
        deleted.ok();
        if sprint.status != 201 {
            sprint.error(400, "invalid_id");
        }
        assert!(sprints(&server, json!({})).await.is_empty());
    }
}
