//! What webhooks were told: lists, telling it once more, and what outlives restarts and moves.

use serde_json::{Value, json};
use worksmith_tests::receivers::{answer, good};
use worksmith_tests::{ADMIN, Server};

use super::{URL, World, kinds};

const MIN: i64 = 60_000;
const DAY: i64 = 24 * 60 * MIN;

#[tokio::test]
async fn every_attempt_is_shown_with_request_and_answer() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    let header = json!({"id": webhook["id"], "headers": [{"name": "X-Key", "value": "secret"}]});
    world.server.call("webhooks.update", header).await.ok();
    let mut tries = 0;
    world.receivers.at(URL, move |_| {
        tries += 1;
        answer(if tries == 1 { 500 } else { 200 })
    });
    world.tag("a").await;
    world.work().await;
    world.server.clock.advance_ms(MIN);
    let received = world.work().await;
    let listed = world.deliveries(&webhook).await;
    let (delivery, verify) = (&listed[0], &listed[1]);
    assert_eq!((&verify["type"], listed.len()), (&json!("verify"), 2));
    let request = json!({"id": delivery["id"]});
    let got = world.server.call("webhooks.deliveries.get", request).await.ok()["delivery"].clone();
    assert_eq!(got["payload"], *received[0].payload());
    let mut without = got.clone();
    without.as_object_mut().unwrap().remove("payload");
    assert_eq!(without, *delivery);
    insta::assert_json_snapshot!(got, {
        ".attempts[].headers[2].value" => "[signature]",
        ".attempts[].headers[5].value" => "[signature]",
        ".attempts[].headers[1].value" => "[agent]",
    });
}

#[tokio::test]
async fn deliveries_are_listed_by_pages_and_found_by_what_they_are() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created", "tag_deleted"]).await;
    for n in 0..5 {
        world.tag(&format!("t{n}")).await;
    }
    world.server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    world.work().await;
    let list = |members: Value| {
        let mut request = json!({"webhook": webhook["id"]});
        request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        world.server.call("webhooks.deliveries.list", request)
    };
    let all = list(json!({})).await.ok();
    assert_eq!((all["deliveries"].as_array().unwrap().len(), all.get("next_cursor")), (7, None));
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let page = list(json!({"limit": 3, "cursor": cursor})).await.ok();
        found.extend(page["deliveries"].as_array().unwrap().clone());
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(json!(found), all["deliveries"]);
    let count = |page: Value| page["deliveries"].as_array().unwrap().len();
    let deleted = json!({"event_types": ["tag_deleted"], "status": ["delivered"]});
    assert_eq!(count(list(deleted).await.ok()), 1);
    assert_eq!(count(list(json!({"status": ["failed", "pending"]})).await.ok()), 0);
    assert_eq!(count(list(json!({"to": "2025-01-01T00:00:00Z"})).await.ok()), 0);
    assert_eq!(count(list(json!({"from": "2025-01-01T00:00:00Z"})).await.ok()), 7);
    list(json!({"limit": 3, "cursor": "x"})).await.error(400, "invalid_field");
    let missing = world.server.call("webhooks.deliveries.list", json!({})).await;
    missing.error(400, "missing_required_field");
}

#[tokio::test]
async fn one_event_or_all_of_a_span_are_told_once_more() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    let mut times = Vec::new();
    for name in ["a", "b", "c"] {
        world.server.clock.advance_ms(MIN);
        times.push(worksmith_wire::Timestamp(world.server.clock_ms()).to_string());
        world.tag(name).await;
        world.work().await;
    }
    let redeliver = |request: Value| world.server.call("webhooks.deliveries.redeliver", request);
    let names = |received: &[worksmith_tests::receivers::Received]| -> Vec<String> {
        let names = received.iter().map(|one| one.payload()["tag"]["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    let first = world.deliveries(&webhook).await[2].clone();
    assert_eq!(redeliver(json!({"id": first["id"]})).await.ok(), json!({"count": 1}));
    // One that is pending is left as it is.
    assert_eq!(redeliver(json!({"id": first["id"]})).await.ok(), json!({"count": 0}));
    let received = world.work().await;
    assert_eq!(names(&received), ["a"]);
    assert_eq!(received[0].body["id"], first["id"]);
    let span = json!({"webhook": webhook["id"], "from": times[1]});
    assert_eq!(redeliver(span).await.ok(), json!({"count": 2}));
    assert_eq!(names(&world.work().await), ["b", "c"]);
    let span = json!({"webhook": webhook["id"], "from": times[0], "to": times[1],
                      "status": ["delivered"]});
    assert_eq!(redeliver(span).await.ok(), json!({"count": 1}));
    assert_eq!(names(&world.work().await), ["a"]);
    let failed = json!({"webhook": webhook["id"], "from": times[0], "status": ["failed"]});
    assert_eq!(redeliver(failed).await.ok(), json!({"count": 0}));
    for (request, kind, field) in [
        (json!({}), "missing_required_field", "id"),
        (json!({"webhook": webhook["id"]}), "missing_required_field", "from"),
        (json!({"id": first["id"], "webhook": webhook["id"]}), "invalid_field", "id"),
    ] {
        assert_eq!(redeliver(request).await.error(400, kind)["field_name"], field);
    }
}

#[tokio::test]
async fn what_failed_for_good_has_all_its_attempts_again() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.receivers.at(URL, |_| answer(500));
    world.tag("a").await;
    for _ in 0..14 {
        world.work().await;
        world.server.clock.advance_ms(2 * DAY);
    }
    let failed = world.deliveries(&webhook).await[0].clone();
    assert_eq!(failed["status"], "failed");
    let request = json!({"id": failed["id"]});
    world.server.call("webhooks.deliveries.redeliver", request).await.ok();
    assert_eq!(world.work().await.len(), 1);
    let again = world.deliveries(&webhook).await[0].clone();
    assert_eq!(
        (&again["status"], again["attempts"].as_array().unwrap().len()),
        (&json!("pending"), 14)
    );
    world.receivers.at(URL, good);
    world.server.clock.advance_ms(MIN);
    assert_eq!(world.work().await.len(), 1);
}

#[tokio::test]
async fn deliveries_are_kept_for_a_month() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.tag("a").await;
    world.work().await;
    world.server.clock.advance_ms(29 * DAY);
    world.tag("b").await;
    world.work().await;
    assert_eq!(world.hooks.clear().await.unwrap(), 0);
    world.server.clock.advance_ms(2 * DAY);
    assert_eq!(world.hooks.clear().await.unwrap(), 2);
    assert_eq!(world.deliveries(&webhook).await.len(), 1);
}

#[tokio::test]
async fn whoever_goes_on_tells_what_is_not_told_and_nothing_twice() {
    let world = World::start().await;
    world.active(URL, &["tag_created"]).await;
    world.tag("a").await;
    world.work().await;
    world.tag("b").await;
    // Another process, which knows nothing but what is stored.
    let (hooks, receivers) = world.server.hooks();
    hooks.work_off().await.unwrap();
    let received = receivers.take();
    assert_eq!(kinds(&received), ["tag_created"]);
    assert_eq!(received[0].payload()["tag"]["name"], "b");
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn what_is_owed_moves_to_another_database() {
    let World { server, hooks, receivers } = World::start().await;
    let world = World { server, hooks, receivers };
    let webhook = world.active(URL, &["tag_created"]).await;
    world.receivers.at(URL, |_| answer(500));
    world.tag("a").await;
    world.work().await;
    // This one was not even looked at.
    world.tag("b").await;
    let World { server, hooks, receivers } = world;
    drop((hooks, receivers));
    let server: Server = server.moved(None).await;
    let (hooks, receivers) = server.hooks();
    server.clock.advance_ms(MIN);
    hooks.work_off().await.unwrap();
    let received = receivers.take();
    let names: Vec<_> = received.iter().map(|one| &one.payload()["tag"]["name"]).collect();
    assert_eq!(names, [&json!("a"), &json!("b")]);
    let request = json!({"webhook": webhook["id"]});
    let listed = server.call_as(ADMIN, "webhooks.deliveries.list", request).await.ok();
    assert_eq!(listed["deliveries"][1]["attempts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn when_all_webhooks_are_deleted_nothing_is_caught_up_later() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.server.call("webhooks.delete", json!({"id": webhook["id"]})).await.ok();
    world.tag("a").await;
    world.work().await;
    world.active(URL, &["tag_created"]).await;
    world.tag("b").await;
    let received = world.work().await;
    assert_eq!(kinds(&received), ["tag_created"]);
    assert_eq!(received[0].payload()["tag"]["name"], "b");
}
