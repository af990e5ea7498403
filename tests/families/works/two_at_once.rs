//! Simultaneous writers, required revisions, and writes that are sent twice.

use std::sync::Arc;

use axum::http::Method;
use serde_json::json;
use worksmith_tests::ADMIN;

use super::World;

const CLIENTS: usize = 32;
const ROUNDS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_of_32_clients_on_one_work_is_lost() {
    let world = Arc::new(World::new().await);
    world.work("issue", json!({})).await;
    let mut tags = Vec::new();
    for n in 0..CLIENTS * ROUNDS {
        tags.push(world.tag(&format!("t{n}"), &[]).await);
    }
    let tags = Arc::new(tags);
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let (world, tags) = (Arc::clone(&world), Arc::clone(&tags));
        clients.push(tokio::spawn(async move {
            for round in 0..ROUNDS {
                let tag = &tags[client * ROUNDS + round];
                world.update("ISS-1", json!({"tags": {"add": [{"id": tag}]}})).await;
            }
        }));
    }
    for client in clients {
        client.await.expect("a client");
    }
    let answer = world.server.call("works.get", json!({"id": "ISS-1"})).await;
    let revision = (CLIENTS * ROUNDS + 1).to_string();
    assert_eq!(answer.headers["x-worksmith-revision"], revision.as_str());
    assert_eq!(answer.body["work"]["tags"].as_array().map(Vec::len), Some(CLIENTS * ROUNDS));
}

#[tokio::test]
async fn if_match_refuses_a_stale_revision() {
    let world = World::new().await;
    world.work("issue", json!({})).await;
    let send = async |revision: &str, title: &str| {
        let headers = [
            ("authorization", ADMIN),
            ("content-type", "application/json"),
            ("if-match", revision),
        ];
        let body = json!({"id": "ISS-1", "title": title}).to_string();
        world.server.send(Method::POST, "works.update", &headers, body).await
    };
    assert_eq!(send("\"1\"", "one").await.ok()["work"]["title"], "one");
    send("1", "two").await.error(412, "precondition_failed");
    assert_eq!(send("2", "two").await.ok()["work"]["title"], "two");
    send("two", "three").await.error(400, "bad_request");
}

#[tokio::test]
async fn an_idempotency_key_replays_the_first_answer() {
    let world = World::new().await;
    let send = async |op: &str, key: &str, body: serde_json::Value| {
        let headers = [
            ("authorization", ADMIN),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        world.server.send(Method::POST, op, &headers, body.to_string()).await
    };
    let body = json!({
        "type": "issue", "title": "Once", "applies_to_part": "PROD-1", "owned_by": [],
    });
    let first = send("works.create", "k1", body.clone()).await;
    let again = send("works.create", "k1", body.clone()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(world.call("works.count", json!({})).await["count"], 1);

    let other = json!({"id": "ISS-1", "title": "Other"});
    send("works.update", "k1", other.clone()).await.error(409, "conflict");
    // A refusal is an answer, too.
    let wrong = json!({"id": "ISS-9"});
    send("works.delete", "k2", wrong.clone()).await.error(404, "not_found");
    send("works.delete", "k2", json!({"id": "ISS-1"})).await.error(409, "conflict");
    send("works.delete", "k2", wrong).await.error(404, "not_found");

    world.server.clock.advance_ms(24 * 60 * 60 * 1000);
    assert_eq!(send("works.create", "k1", body).await.ok()["work"]["display_id"], "ISS-2");
}
