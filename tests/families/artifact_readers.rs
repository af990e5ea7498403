//! Who may read an artifact.

use serde_json::{Value, json};
use worksmith_kernel::Actor;
use worksmith_tests::Server;
use worksmith_wire::{Id, Kind};

use crate::artifacts::{prepare, upload};

#[tokio::test]
async fn customers_see_the_files_that_they_made_and_no_others() {
    let server = Server::start().await;
    let of_a_member = prepare(&server, "internal.txt", "text/plain").await;
    let don = of_a_member["id"].as_str().expect("an id");
    let org = don.split("devo/").nth(1).and_then(|s| s.split(':').next()).expect("an org");
    let customer = Actor { id: Id::numbered(Kind::RevUser, 1), is_admin: false, ..Actor::system() };
    let cx = server.environment.context(org, customer);
    let table = worksmith_tracker::table();
    let call = async |op: &str, members: Value| {
        let request = worksmith_engine::Request { members, query: Vec::new() };
        let op = table.get(op).expect("an operation");
        match server.engine.execute(op, &cx, &request).await {
            Ok(outcome) => serde_json::from_slice::<Value>(&outcome.reply.body).expect("JSON"),
            Err(worksmith_kernel::Error::Api(error)) => json!(error.kind.as_str()),
            Err(other) => panic!("{other:?}"),
        }
    };
    let own = call("artifacts.prepare", json!({"file_name": "mine.txt"})).await;
    assert_eq!(upload(&server, &own, b"mine").await.status, 204);
    let own = call("artifacts.get", json!({"id": "ARTIFACT-2"})).await;
    assert_eq!(own["file_size"], 4);
    let listed = call("artifacts.list", json!({})).await;
    assert_eq!(listed["artifacts"], json!([own["artifact"]]));
    for op in ["artifacts.get", "artifacts.locate", "artifacts.versions.prepare"] {
        assert_eq!(call(op, json!({"id": "ARTIFACT-1"})).await, "not_found");
    }
    assert_eq!(call("artifacts.versions.delete", json!({"id": "ARTIFACT-2"})).await, "forbidden");
    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    server.call("rev-users.create", json!({})).await.ok();
    let ticket = |file: &str| {
        json!({
            "type": "ticket", "title": "Mine", "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"], "artifacts": [file],
        })
    };
    assert_eq!(call("works.create", ticket("ARTIFACT-1")).await, "invalid_id");
    let made = call("works.create", ticket("ARTIFACT-2")).await;
    assert_eq!(made["work"]["artifacts"][0]["display_id"], "ARTIFACT-2");
}
