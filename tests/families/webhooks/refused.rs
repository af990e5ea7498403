//! What webhooks refuse.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{URL, World};

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_said_with_the_field() {
    let server = Server::start().await;
    let header = |name: &str, value: &str| json!({"headers": [{"name": name, "value": value}]});
    let nine: Vec<Value> = (0..9).map(|n| json!({"name": format!("X-{n}"), "value": ""})).collect();
    for (members, kind, field) in [
        (json!({"url": null}), "unexpected_json_type", "url"),
        (json!({"url": ""}), "value_not_permitted", "url"),
        (json!({"url": "ftp://a.example"}), "value_not_permitted", "url"),
        (json!({"url": "https://u:p@a.example"}), "value_not_permitted", "url"),
        (json!({"url": "a.example"}), "value_not_permitted", "url"),
        (
            json!({"url": format!("https://a.example/{}", "x".repeat(2_048))}),
            "value_not_permitted",
            "url",
        ),
        (json!({"secret": "c2hvcnQ="}), "value_not_permitted", "secret"),
        (json!({"secret": "not base64!!"}), "value_not_permitted", "secret"),
        (
            json!({"secret": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"}),
            "value_not_permitted",
            "secret",
        ),
        (json!({"event_types": ["work_exploded"]}), "invalid_enum_value", "event_types"),
        (header("Host", "a"), "value_not_permitted", "name"),
        (header("webhook-signature", "a"), "value_not_permitted", "name"),
        (header("X-DevRev-Signature", "a"), "value_not_permitted", "name"),
        (header("a b", "a"), "value_not_permitted", "name"),
        (header("X-A", "a\r\nHost: b"), "value_not_permitted", "value"),
        (json!({"headers": nine}), "value_not_permitted", "headers"),
        (json!({"status": "active"}), "invalid_field", "status"),
    ] {
        let mut request = json!({"url": URL});
        request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let said = server.call("webhooks.create", request.clone()).await.error(400, kind);
        assert_eq!(said["field_name"], field, "{request}: {said}");
    }
    assert_eq!(server.call("webhooks.list", json!({})).await.ok(), json!({"webhooks": []}));
}

#[tokio::test]
async fn what_is_wrong_with_an_update_changes_nothing() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    for (members, kind) in [
        (json!({"action": "activate", "status": "active"}), "invalid_field"),
        (json!({"status": "unverified"}), "value_not_permitted"),
        (json!({"action": "explode"}), "invalid_enum_value"),
        (json!({"url": "x", "event_types": ["tag_deleted"]}), "value_not_permitted"),
        (json!({"secret": "x", "event_types": ["tag_deleted"]}), "value_not_permitted"),
        (json!({"event_types": {"set": [], "add": []}}), "bad_request"),
        (json!({"url": null}), "unexpected_json_type"),
    ] {
        let mut request = members;
        request["id"] = webhook["id"].clone();
        world.server.call("webhooks.update", request).await.error(400, kind);
    }
    let got = world.server.call("webhooks.get", json!({"id": webhook["id"]})).await.ok();
    assert_eq!(got["webhook"], webhook);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::start().await;
    let nobody = json!({"id": "don:integration:dvrv-us-1:devo/worksmith:webhook/none"});
    for op in ["webhooks.get", "webhooks.update", "webhooks.delete"] {
        world.server.call(op, nobody.clone()).await.error(404, "not_found");
    }
    let event = "don:integration:dvrv-us-1:devo/worksmith:webhook/none:webhook_event/1";
    for op in ["webhooks.deliveries.get", "webhooks.deliveries.redeliver"] {
        world.server.call(op, json!({"id": event})).await.error(404, "not_found");
    }
    let webhook = world.active(URL, &[]).await;
    let event = format!("{}:webhook_event/1", webhook["id"].as_str().unwrap());
    let get = world.server.call("webhooks.deliveries.get", json!({"id": event})).await;
    get.error(404, "not_found");
    let other = world.server.call("webhooks.get", json!({"id": "ISS-1"})).await;
    other.error(400, "unexpected_id_type");
}
