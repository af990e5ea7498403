//! Webhooks: what they are told, and how.

mod deliveries;
mod events;
mod refused;
mod retries;
mod secrets;
mod visible;

use std::sync::Arc;

use serde_json::{Value, json};
use worksmith_tests::receivers::{Received, Receivers, answer, good};
use worksmith_tests::{ADMIN, Server};
use worksmith_tracker::webhooks::Hooks;

/// A server whose webhooks are told in this process.
pub(super) struct World {
    pub(super) server: Server,
    pub(super) hooks: Hooks,
    pub(super) receivers: Arc<Receivers>,
}

/// The address of most receivers here.
pub(super) const URL: &str = "https://a.example/hook";

impl World {
    pub(super) async fn start() -> Self {
        let server = Server::start().await;
        let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        server.call("parts.create", product).await.ok();
        let (hooks, receivers) = server.hooks();
        Self { server, hooks, receivers }
    }

    /// Does what is to be done now, and returns what was received.
    pub(super) async fn work(&self) -> Vec<Received> {
        self.hooks.work_off().await.expect("webhooks told");
        self.receivers.take()
    }

    /// A webhook that is active.
    pub(super) async fn active(&self, url: &str, types: &[&str]) -> Value {
        self.active_as(ADMIN, url, types).await
    }

    /// The same of another user.
    pub(super) async fn active_as(&self, token: &str, url: &str, types: &[&str]) -> Value {
        let body = json!({"url": url, "event_types": types});
        let made = self.server.call_as(token, "webhooks.create", body).await.ok();
        self.work().await;
        let request = json!({"id": made["webhook"]["id"]});
        let webhook = self.server.call_as(token, "webhooks.get", request).await.ok();
        assert_eq!(webhook["webhook"]["status"], "active");
        webhook["webhook"].clone()
    }

    pub(super) async fn status(&self, webhook: &Value) -> String {
        let got = self.server.call("webhooks.get", json!({"id": webhook["id"]})).await.ok();
        got["webhook"]["status"].as_str().expect("a status").to_owned()
    }

    pub(super) async fn tag(&self, name: &str) {
        self.server.call("tags.create", json!({"name": name})).await.ok();
    }

    /// The deliveries of a webhook, newest first.
    pub(super) async fn deliveries(&self, webhook: &Value) -> Vec<Value> {
        let request = json!({"webhook": webhook["id"], "limit": 100});
        let page = self.server.call("webhooks.deliveries.list", request).await.ok();
        page["deliveries"].as_array().expect("deliveries").clone()
    }
}

/// The types of what was received.
pub(super) fn kinds(received: &[Received]) -> Vec<&str> {
    received.iter().map(Received::kind).collect()
}

#[tokio::test]
async fn a_webhook_is_made_verified_read_listed_changed_and_deleted() {
    let world = World::start().await;
    let server = &world.server;
    let request = json!({
        "url": URL, "event_types": ["work_created", "ai_agent_response", "work_created"],
        "headers": [{"name": "Authorization", "value": "Bearer x"}],
    });
    let made = server.call("webhooks.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok()["webhook"].clone();
    insta::assert_json_snapshot!(made);
    let received = world.work().await;
    assert_eq!(kinds(&received), ["verify"]);
    let [verify] = &received[..] else { unreachable!() };
    assert!(verify.is_signed_by(made["secret"].as_str().expect("a secret")));
    assert_eq!((verify.url.as_str(), verify.header("authorization")), (URL, "Bearer x"));
    assert_eq!(verify.body["webhook_id"], made["id"]);
    assert_eq!(verify.header("webhook-id"), verify.body["id"]);
    let prefix = format!("{}:webhook_event/", made["id"].as_str().expect("an id"));
    assert!(verify.header("webhook-id").starts_with(&prefix), "{verify:?}");
    assert_eq!(verify.header("content-type"), "application/json");

    let got = server.get("webhooks.get", &format!("id={}", made["id"].as_str().unwrap())).await;
    let got = got.ok()["webhook"].clone();
    let mut expected = made.clone();
    expected["status"] = "active".into();
    for member in ["modified_by", "modified_date"] {
        expected[member] = got[member].clone();
    }
    assert_eq!(got, expected);
    assert_eq!(server.call("webhooks.list", json!({})).await.ok(), json!({"webhooks": [got]}));
    let listed = server.get("webhooks.list", "status=active&limit=10&cursor=x").await.ok();
    assert_eq!(listed, json!({"webhooks": [got]}));
    let none = server.call("webhooks.list", json!({"status": ["inactive"]})).await.ok();
    assert_eq!(none, json!({"webhooks": []}));

    let change = json!({
        "id": made["id"], "event_types": {"add": ["tag_created"], "remove": ["work_created"]},
        "headers": {"add": [{"name": "X-Team", "value": "a"}], "remove": ["authorization"]},
    });
    let changed = server.call("webhooks.update", change).await.ok()["webhook"].clone();
    assert_eq!(changed["event_types"], json!(["ai_agent_response", "tag_created", "verify"]));
    assert_eq!(changed["headers"], json!([{"name": "X-Team", "value": "a"}]));
    assert_eq!(changed["status"], "active");
    world.tag("a").await;
    let received = world.work().await;
    assert_eq!(kinds(&received), ["tag_created"]);
    assert_eq!(received[0].header("X-Team"), "a");

    assert_eq!(server.call("webhooks.delete", json!({"id": made["id"]})).await.ok(), json!({}));
    server.call("webhooks.get", json!({"id": made["id"]})).await.error(404, "not_found");
    world.tag("b").await;
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_the_challenge_stays_unverified_until_it_is_asked_anew() {
    let world = World::start().await;
    world.receivers.at(URL, |_| answer(200));
    let request = json!({"url": URL, "event_types": ["tag_created"]});
    let webhook = world.server.call("webhooks.create", request).await.ok()["webhook"].clone();
    let mut asked = 0;
    for _ in 0..40 {
        world.tag(&format!("t{asked}-{}", world.server.clock_ms())).await;
        let received = world.work().await;
        assert!(kinds(&received).iter().all(|kind| *kind == "verify"), "{received:?}");
        asked += received.len();
        world.server.clock.advance_ms(10_000);
    }
    assert!((6..=9).contains(&asked), "{asked}");
    assert_eq!(world.status(&webhook).await, "unverified");
    let deliveries = world.deliveries(&webhook).await;
    let (delivery, attempts) = (&deliveries[0], &deliveries[0]["attempts"]);
    assert_eq!((deliveries.len(), &delivery["status"]), (1, &json!("failed")));
    assert_eq!(attempts[0]["error"], "the answer does not have the challenge");
    assert_eq!(attempts[0]["response_status"], 200);

    world.receivers.at(URL, good);
    let activate = json!({"id": webhook["id"], "action": "activate"});
    let activated = world.server.call("webhooks.update", activate).await.ok();
    assert_eq!(activated["webhook"]["status"], "unverified");
    // What happened while nobody had proved to be a receiver is told to nobody.
    assert_eq!(kinds(&world.work().await), ["verify"]);
    assert_eq!(world.status(&webhook).await, "active");
    world.tag("z").await;
    assert_eq!(kinds(&world.work().await), ["tag_created"]);
}

#[tokio::test]
async fn the_answer_to_another_challenge_or_too_late_counts_for_nothing() {
    let world = World::start().await;
    world.receivers.at(URL, |_| answer(500));
    let webhook = json!({"url": URL});
    let webhook = world.server.call("webhooks.create", webhook).await.ok()["webhook"].clone();
    let first = world.work().await[0].payload()["challenge"].clone();
    // A new secret is a new challenge, and the old one is not sent any more.
    let request = json!({"id": webhook["id"], "secret": ""});
    world.server.call("webhooks.update", request).await.ok();
    world.server.clock.advance_ms(5_000);
    let received = world.work().await;
    assert_eq!(kinds(&received), ["verify"]);
    assert_ne!(received[0].payload()["challenge"], first);
    world.receivers.at(URL, good);
    world.server.clock.advance_ms(181_000);
    assert!(world.work().await.is_empty());
    assert_eq!(world.status(&webhook).await, "unverified");
}

#[tokio::test]
async fn a_webhook_is_switched_off_and_on() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    for off in [json!({"action": "deactivate"}), json!({"status": "inactive"})] {
        let mut request = off;
        request["id"] = webhook["id"].clone();
        let changed = world.server.call("webhooks.update", request).await.ok();
        assert_eq!(changed["webhook"]["status"], "inactive");
        world.tag(&format!("off {}", world.server.clock_ms())).await;
        assert!(world.work().await.is_empty());
        let on = json!({"id": webhook["id"], "status": "active"});
        world.server.call("webhooks.update", on).await.ok();
        assert_eq!(kinds(&world.work().await), ["verify"]);
        world.tag(&format!("on {}", world.server.clock_ms())).await;
        assert_eq!(kinds(&world.work().await), ["tag_created"]);
    }
    // An active one stays active.
    let on = json!({"id": webhook["id"], "action": "activate"});
    let same = world.server.call("webhooks.update", on).await.ok();
    assert_eq!(same["webhook"]["status"], "active");
}

#[tokio::test]
async fn with_another_address_a_webhook_is_verified_anew_and_misses_nothing() {
    const OTHER: &str = "https://b.example/hook";
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.receivers.at(OTHER, |_| answer(503));
    let change = json!({"id": webhook["id"], "url": OTHER});
    let changed = world.server.call("webhooks.update", change).await.ok();
    assert_eq!(changed["webhook"]["status"], "unverified");
    world.tag("a").await;
    assert_eq!(kinds(&world.work().await), ["verify"]);
    world.receivers.at(OTHER, good);
    world.server.clock.advance_ms(2_000);
    let received = world.work().await;
    assert_eq!(kinds(&received), ["verify", "tag_created"]);
    assert!(received.iter().all(|one| one.url == OTHER));
}

#[tokio::test]
async fn the_server_is_a_receiver_itself() {
    let server = Server::start().await;
    let id = "don:integration:dvrv-us-1:devo/worksmith:webhook/k:webhook_event/7";
    let webhook = "don:integration:dvrv-us-1:devo/worksmith:webhook/k";
    let verify = json!({
        "id": id, "webhook_id": webhook, "timestamp": "2026-01-01T00:00:00Z", "type": "verify",
        "verify": {"challenge": "eA=="}, "challenge": "eA==",
    });
    let answered = server.call("webhooks.event", verify).await.ok();
    assert_eq!(answered, json!({"challenge": "eA=="}));
    let other = json!({"id": id, "webhook_id": webhook, "type": "tag_deleted",
                       "tag_deleted": {"id": "TAG-1"}});
    assert_eq!(server.call("webhooks.event", other).await.ok(), json!({}));
    let missing = server.call("webhooks.event", json!({"id": id})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "webhook_id");
    let empty = json!({"id": id, "webhook_id": webhook, "type": "verify"});
    let empty = server.call("webhooks.event", empty).await.error(400, "missing_required_field");
    assert_eq!(empty["field_name"], "challenge");
}
