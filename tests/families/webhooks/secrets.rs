//! How requests are signed, and how a secret is replaced.

use serde_json::json;

use super::{URL, World, kinds};

const DAY: i64 = 24 * 3_600_000;

#[tokio::test]
async fn a_secret_of_ones_own_signs() {
    let world = World::start().await;
    let secret = "bXkgb3duIHNlY3JldA==";
    let request = json!({"url": URL, "secret": secret, "event_types": ["tag_created"]});
    let made = world.server.call("webhooks.create", request).await.ok();
    assert_eq!(made["webhook"]["secret"], secret);
    world.tag("a").await;
    for received in world.work().await {
        assert!(received.is_signed_by(secret), "{received:?}");
        assert!(!received.is_signed_by("b3RoZXIgc2VjcmV0"));
    }
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_are_good_for_a_day() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    let old = webhook["secret"].as_str().unwrap();
    let request = json!({"id": webhook["id"], "secret": ""});
    let changed = world.server.call("webhooks.update", request).await.ok()["webhook"].clone();
    let new = changed["secret"].as_str().unwrap();
    assert_ne!(old, new);
    assert_eq!(changed["status"], "unverified");
    let until = changed["old_secret_expires_date"].as_str().unwrap();
    assert!(until.starts_with("2026-01-02T12:00:"), "{until}");
    // Nothing is lost meanwhile.
    world.tag("a").await;
    let received = world.work().await;
    assert_eq!(kinds(&received), ["verify", "tag_created"]);
    for received in &received {
        assert!(received.is_signed_by(new) && received.is_signed_in_standard_by(old));
    }
    world.server.clock.advance_ms(DAY + 60_000);
    world.tag("b").await;
    let received = world.work().await.remove(0);
    assert!(received.is_signed_by(new) && !received.is_signed_in_standard_by(old));
    let got = world.server.call("webhooks.get", json!({"id": webhook["id"]})).await.ok();
    assert!(got["webhook"].get("old_secret_expires_date").is_none());
}

#[tokio::test]
async fn of_three_secrets_the_last_two_are_good() {
    let world = World::start().await;
    let webhook = world.active(URL, &["tag_created"]).await;
    let mut secrets = vec![webhook["secret"].as_str().unwrap().to_owned()];
    for _ in 0..2 {
        let request = json!({"id": webhook["id"], "secret": ""});
        let changed = world.server.call("webhooks.update", request).await.ok();
        secrets.push(changed["webhook"]["secret"].as_str().unwrap().to_owned());
    }
    let verify = world.work().await.remove(0);
    let good: Vec<_> = secrets.iter().map(|one| verify.is_signed_in_standard_by(one)).collect();
    assert_eq!(good, [false, true, true]);
    // The same secret once more replaces nothing.
    let request = json!({"id": webhook["id"], "secret": secrets[2]});
    let same = world.server.call("webhooks.update", request).await.ok();
    assert_eq!(same["webhook"]["status"], "active");
}
