//! Artifacts and the objects that they belong to: an artifact has one parent, for ever.

use serde_json::{Value, json};
use worksmith_tests::Server;

use crate::artifacts::prepare;

#[tokio::test]
async fn an_artifact_has_one_parent_for_ever() {
    let server = Server::start().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        prepare(&server, name, "text/plain").await;
    }
    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    for (kind, files) in [("issue", json!(["ARTIFACT-1", "ARTIFACT-2"])), ("ticket", json!([]))] {
        let work = json!({
            "type": kind, "title": "Holds files", "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"], "artifacts": files,
        });
        server.call("works.create", work).await.ok();
    }
    let set = |id: &str, files: Value| {
        server.call("works.update", json!({"id": id, "artifacts": {"set": files}}))
    };
    let names = |parent: &str| {
        let request = json!({"parent_id": parent});
        let server = &server;
        async move {
            let listed = server.call("artifacts.list", request).await.ok();
            let listed = listed["artifacts"].as_array().expect("artifacts").clone();
            listed.iter().map(|file| file["file"]["name"].clone()).collect::<Vec<_>>()
        }
    };
    set("ISS-1", json!(["ARTIFACT-2", "ARTIFACT-1"])).await.ok();
    assert_eq!(names("ISS-1").await, ["b.txt", "a.txt"]);
    set("ISS-1", json!(["ARTIFACT-2"])).await.ok();
    assert_eq!(names("ISS-1").await, ["b.txt"]);
    assert_eq!(names("TKT-1").await, Vec::<Value>::new());

    let issue = server.call("works.get", json!({"id": "ISS-1"})).await.ok()["work"]["id"].clone();
    for taken in ["ARTIFACT-1", "ARTIFACT-2"] {
        let refused = set("TKT-1", json!(["ARTIFACT-3", taken])).await;
        assert_eq!(
            refused.error(400, "artifact_already_attached_to_a_parent"),
            json!({
                "type": "artifact_already_attached_to_a_parent",
                "message": format!("{taken} belongs to ISS-1"),
                "existing_parent": issue,
                "is_same": false,
            })
        );
    }
    assert_eq!(names("TKT-1").await, Vec::<Value>::new(), "nothing by half");
    let nobody = set("ISS-1", json!(["ARTIFACT-9"])).await.error(400, "invalid_id");
    assert_eq!(nobody["field_name"], "artifacts");
    set("ISS-1", json!(["ARTIFACT-1", "ARTIFACT-2"])).await.ok();
    assert_eq!(names("ISS-1").await, ["b.txt", "a.txt"]);
}

/// Creates objects that can have artifacts: each create or update, with a way to give it a file.
async fn holders(server: &Server) -> Vec<(&'static str, Value, fn(&str) -> Value)> {
    let made = server.call("accounts.create", json!({"display_name": "Acme"})).await.ok();
    let (account, workspace) = (&made["account"]["id"], &made["default_rev_org"]["id"]);
    server.call("rev-users.create", json!({})).await.ok();
    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    let set = |id: &str| json!({"artifacts": {"set": [id]}});
    let list = |id: &str| json!({"artifacts": [id]});
    let picture = |id: &str| json!({"display_picture": id});
    let named = json!({"display_name": "New"});
    vec![
        ("accounts.create", named.clone(), list),
        ("accounts.update", json!({"id": account}), set),
        ("rev-orgs.create", json!({"account": account, "display_name": "New"}), list),
        ("rev-orgs.update", json!({"id": workspace}), set),
        ("rev-users.create", named.clone(), list),
        ("rev-users.create", named, picture),
        ("rev-users.update", json!({"id": "REVU-1"}), set),
        ("rev-users.update", json!({"id": "REVU-1"}), picture),
        ("dev-users.update", json!({"id": "DEVU-1"}), picture),
        ("dev-users.self.update", json!({}), picture),
        ("sys-users.update", json!({"id": "SYSU-1"}), picture),
        ("parts.update", json!({"id": "PROD-1"}), set),
    ]
}

fn with(mut request: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("members: {members}") };
    request.as_object_mut().expect("a request").extend(members);
    request
}

#[tokio::test]
async fn whatever_holds_an_artifact_takes_none_of_another_object() {
    let server = Server::start().await;
    let group = json!({"type": "issue", "title": "Holds a file", "owned_by": ["DEVU-1"]});
    let holders = holders(&server).await;
    prepare(&server, "taken.txt", "text/plain").await;
    let issue = with(group, json!({"applies_to_part": "PROD-1", "artifacts": ["ARTIFACT-1"]}));
    let issue = server.call("works.create", issue).await.ok();
    let accounts = server.call("accounts.list", json!({})).await.ok();
    for (op, request, file) in &holders {
        let taken = with(request.clone(), file("ARTIFACT-1"));
        let refused = server.call(op, taken).await;
        let error = refused.error(400, "artifact_already_attached_to_a_parent");
        assert_eq!(error["existing_parent"], issue["work"]["id"], "{op}");
        assert_eq!(error["is_same"], false, "{op}");
        let absent = with(request.clone(), file("ARTIFACT-99"));
        let refused = server.call(op, absent).await;
        let field = file("").as_object().expect("members").keys().next().cloned();
        assert_eq!(refused.error(400, "invalid_id")["field_name"], json!(field), "{op}");
    }
    assert_eq!(server.call("accounts.list", json!({})).await.ok(), accounts);
}

#[tokio::test]
async fn an_object_shows_its_artifacts_until_it_gives_them_up_and_keeps_them_for_ever() {
    let server = Server::start().await;
    for (number, (op, request, file)) in (1..).zip(holders(&server).await) {
        prepare(&server, op, "text/plain").await;
        let artifact = format!("ARTIFACT-{number}");
        let request = with(request, file(&artifact));
        let made = server.call(op, request.clone()).await.ok();
        let member = match op {
            _ if op.starts_with("accounts") => "account",
            _ if op.starts_with("rev-orgs") => "rev_org",
            _ if op.starts_with("rev-users") => "rev_user",
            _ if op.starts_with("dev-users") => "dev_user",
            _ if op.starts_with("sys-users") => "sys_user",
            _ => "part",
        };
        let object = &made[member];
        let shown = object["artifacts"].as_array().and_then(|files| files.first());
        let shown = shown.filter(|_| file("").get("artifacts").is_some());
        let shown = shown.unwrap_or(&object["display_picture"]);
        assert_eq!(shown["display_id"], json!(artifact), "{op}");
        let of_parent = json!({"parent_id": object["id"]});
        let listed = server.call("artifacts.list", of_parent.clone()).await.ok();
        let listed = listed["artifacts"].as_array().expect("artifacts").clone();
        assert!(listed.iter().any(|file| file["display_id"] == json!(artifact)), "{op}");
        if op.ends_with(".update") {
            // A file that the object has already can be named again.
            assert_eq!(server.call(op, request).await.ok()[member], *object, "{op}");
        }
        let stolen = json!({"display_name": "Thief", "artifacts": [artifact]});
        let refused = server.call("accounts.create", stolen).await;
        let error = refused.error(400, "artifact_already_attached_to_a_parent");
        assert_eq!(error["existing_parent"], object["id"], "{op}");
    }
}

#[tokio::test]
async fn a_picture_that_is_a_file_too_stays_while_it_is_either() {
    let server = Server::start().await;
    prepare(&server, "face.png", "image/png").await;
    let both = json!({"artifacts": ["ARTIFACT-1"], "display_picture": "ARTIFACT-1"});
    server.call("rev-users.create", both).await.ok();
    let files = async || {
        let listed = server.call("artifacts.list", json!({"parent_id": "REVU-1"})).await.ok();
        listed["artifacts"].as_array().map(Vec::len)
    };
    let hidden = json!({"id": "REVU-1", "display_picture": null});
    server.call("rev-users.update", hidden).await.ok();
    assert_eq!(files().await, Some(1));
    let emptied = json!({"id": "REVU-1", "artifacts": {"set": []}});
    server.call("rev-users.update", emptied).await.ok();
    assert_eq!(files().await, Some(0));
    let again = json!({"id": "REVU-1", "display_picture": "ARTIFACT-1"});
    server.call("rev-users.update", again).await.ok();
    assert_eq!(files().await, Some(1));
    server.call("rev-users.delete", json!({"id": "REVU-1"})).await.ok();
    let stolen = json!({"display_picture": "ARTIFACT-1"});
    let refused = server.call("rev-users.create", stolen).await;
    refused.error(400, "artifact_already_attached_to_a_parent");
}
