//! What happens when a receiver does not take an event: the schedule of four days, and what a
//! receiver can ask for.

use serde_json::json;
use worksmith_hooks::Fault;
use worksmith_tests::receivers::{answer, answer_later, good};

use super::{URL, World, kinds};

const MIN: i64 = 60_000;
const HOUR: i64 = 60 * MIN;

#[tokio::test]
async fn an_event_is_tried_thirteen_times_in_four_days() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.receivers.at(URL, |_| answer(500));
    world.tag("a").await;
    let begin = world.server.clock_ms();
    let (mut tries, mut steps) = (Vec::new(), 0);
    while steps < 120 * 60 {
        let received = world.work().await;
        assert!(kinds(&received).iter().all(|kind| *kind == "tag_created"));
        tries.extend(received.iter().map(|one| (one.at - begin, one.body["id"].clone())));
        // To the minute at first, later to the hour.
        let step = if steps < 120 { 1 } else { 30 };
        (steps, _) = (steps + step, world.server.clock.advance_ms(step * MIN));
    }
    assert_eq!(tries.len(), 13, "{tries:?}");
    assert!(tries.iter().all(|(_, id)| *id == tries[0].1));
    let nominal =
        [0, 1, 4, 15, 60, 2 * 60, 4 * 60, 8 * 60, 16 * 60, 28 * 60, 44 * 60, 66 * 60, 96 * 60];
    for ((at, _), nominal) in tries.iter().zip(nominal) {
        let nominal = nominal * MIN;
        assert!((nominal - MIN..=nominal * 11 / 10 + 4 * HOUR).contains(at), "{at} {nominal}");
    }
    assert!(tries[12].0 >= 96 * HOUR - MIN, "{tries:?}");
    let request = json!({"webhook": webhook["id"], "status": ["failed"]});
    let listed = world.server.call("webhooks.deliveries.list", request).await.ok();
    let delivery = &listed["deliveries"][0];
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 13);
    assert_eq!(delivery["attempts"][12]["error"], "the receiver answered 500");
    assert_eq!((&delivery["status"], delivery.get("next_attempt_date")), (&json!("failed"), None));
}

#[tokio::test]
async fn every_attempt_is_signed_anew_and_says_when_it_was_made() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    let secret = webhook["secret"].as_str().unwrap();
    world.receivers.at(URL, |_| answer(500));
    world.tag("a").await;
    let first = world.work().await.remove(0);
    world.server.clock.advance_ms(40_000);
    let second = world.work().await.remove(0);
    assert!(first.is_signed_by(secret) && second.is_signed_by(secret));
    assert_eq!(first.payload(), second.payload());
    assert_ne!(first.body["timestamp"], second.body["timestamp"]);
    let stamp = |one: &worksmith_tests::receivers::Received| -> i64 {
        one.header("webhook-timestamp").parse().unwrap()
    };
    assert!((39..=41).contains(&(stamp(&second) - stamp(&first))));
}

#[tokio::test]
async fn the_events_of_an_object_wait_for_each_other_and_for_no_others() {
    let world = World::start().await;
    world.active(URL, &["tag_created", "tag_updated"]).await;
    world.tag("a").await;
    // The first event of this object is refused once.
    let mut refused = false;
    world.receivers.at(URL, move |one| {
        let is_first = one.kind() == "tag_created" && one.payload()["tag"]["name"] == "b";
        answer(if is_first && !std::mem::replace(&mut refused, true) { 500 } else { 200 })
    });
    world.tag("b").await;
    for (id, name) in [("TAG-2", "b1"), ("TAG-1", "a1"), ("TAG-2", "b2"), ("TAG-1", "a2")] {
        world.server.call("tags.update", json!({"id": id, "name": name})).await.ok();
    }
    let names = |received: &[worksmith_tests::receivers::Received], id: &str| -> Vec<String> {
        let of = received.iter().map(|one| &one.payload()["tag"]);
        let own = of.filter(|tag| tag["display_id"] == id);
        own.map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
    };
    let received = world.work().await;
    assert_eq!(names(&received, "TAG-1"), ["a", "a1", "a2"]);
    assert_eq!(names(&received, "TAG-2"), ["b"]);
    world.server.clock.advance_ms(40_000);
    let received = world.work().await;
    assert_eq!(names(&received, "TAG-2"), ["b", "b1", "b2"]);
    assert_eq!(received.len(), 3);
}

#[tokio::test]
async fn a_receiver_is_left_alone_for_as_long_as_it_asks() {
    let world = World::start().await;
    let other = "https://b.example/hook";
    world.active(URL, &["tag_created"]).await;
    world.active(other, &["tag_created"]).await;
    world.receivers.at(URL, |_| answer_later(429, "600"));
    world.tag("a").await;
    let received = world.work().await;
    assert_eq!(received.iter().filter(|one| one.url == URL).count(), 1);
    world.tag("b").await;
    world.server.clock.advance_ms(9 * MIN);
    // Nothing at all is sent to it, and others do not notice.
    let received = world.work().await;
    assert!(received.iter().all(|one| one.url == other) && received.len() == 1);
    world.receivers.at(URL, good);
    world.server.clock.advance_ms(2 * MIN);
    let received = world.work().await;
    assert_eq!(kinds(&received), ["tag_created", "tag_created"]);
}

#[tokio::test]
async fn an_answer_that_asks_to_wait_longer_than_the_schedule_is_heeded_whatever_its_status() {
    let world = World::start().await;
    world.active(URL, &["tag_created"]).await;
    let date = "Thu, 01 Jan 2026 12:30:00 GMT";
    world.receivers.at(URL, move |_| answer_later(500, date));
    world.tag("a").await;
    assert_eq!(world.work().await.len(), 1);
    world.server.clock.advance_ms(25 * MIN);
    assert!(world.work().await.is_empty());
    world.server.clock.advance_ms(6 * MIN);
    assert_eq!(world.work().await.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_pauses_its_webhook() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.receivers.at(URL, |_| answer(410));
    world.tag("a").await;
    world.tag("b").await;
    // Both were under way; there is no third.
    assert_eq!(world.work().await.len(), 2);
    assert_eq!(world.status(&webhook).await, "inactive");
    world.server.clock.advance_ms(2 * HOUR);
    world.tag("meanwhile").await;
    assert!(world.work().await.is_empty());
    world.receivers.at(URL, good);
    let on = json!({"id": webhook["id"], "action": "activate"});
    world.server.call("webhooks.update", on).await.ok();
    // What it was owed when it went away, it gets.
    let received = world.work().await;
    assert_eq!(kinds(&received), ["verify", "tag_created", "tag_created"]);
    let names: Vec<_> = received[1..].iter().map(|one| &one.payload()["tag"]["name"]).collect();
    assert_eq!(names, [&json!("a"), &json!("b")]);
}

#[tokio::test]
async fn when_a_receiver_is_there_again_nothing_waits_any_longer() {
    let world = World::start().await;
    world.active(URL, &["tag_created"]).await;
    world.receivers.at(URL, |_| Err(Fault::Failed("no connection".to_owned())));
    for name in ["a", "b", "c"] {
        world.tag(name).await;
    }
    let mut tries = 0;
    while tries < 12 {
        tries += world.work().await.len();
        world.server.clock.advance_ms(13 * MIN);
    }
    world.receivers.at(URL, good);
    world.tag("d").await;
    let received = world.work().await;
    assert_eq!(received.len(), 4, "{received:?}");
    // What a receiver refuses for itself comes back no sooner for that.
    world
        .receivers
        .at(URL, |one| answer(if one.payload()["tag"]["name"] == "e" { 500 } else { 200 }));
    for name in ["e", "f", "g", "h", "i", "j", "k"] {
        world.tag(name).await;
    }
    assert_eq!(world.work().await.len(), 7);
    world.tag("l").await;
    assert_eq!(world.work().await.len(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    world.receivers.at(URL, |_| {
        let location = Some("http://169.254.169.254/".to_owned());
        Ok(worksmith_hooks::Answer { location, ..answer(302).unwrap() })
    });
    world.tag("a").await;
    assert_eq!(world.work().await.len(), 1);
    let error = world.deliveries(&webhook).await[0]["attempts"][0]["error"].clone();
    let said = "the receiver answered 302: redirects, as to http://169.254.169.254/, are not \
                followed";
    assert_eq!(error, said);
}
