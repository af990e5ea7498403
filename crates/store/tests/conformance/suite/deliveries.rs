//! What webhooks are told: which deliveries are due, in which order, and what becomes of them.

use worksmith_store::{Delivery, DeliveryPlace, DeliveryQuery, DeliveryStatus, Redelivery};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::bed::Bed;

const ORG: &str = "home";

fn webhook(name: &str) -> Id {
    Id::new(Kind::Webhook, name)
}

/// A delivery of an event of an object, due at an instant.
fn delivery(number: u64, object: &str, due: i64) -> Delivery {
    let webhook = webhook("a");
    Delivery {
        id: Id::of_object(Kind::WebhookEvent, &webhook, number),
        webhook,
        number,
        object: object.to_owned(),
        kind: "tag_created".to_owned(),
        made_at: Timestamp(due),
        due_at: Some(Timestamp(due)),
        status: DeliveryStatus::Pending,
        tries: 0,
        touched_at: Timestamp(due),
        attempts: "[]".to_owned(),
        payload: "{\"text\":\"it's \\\"é\\\"\"}".to_owned(),
    }
}

async fn add(bed: &Bed, deliveries: &[Delivery]) {
    bed.store().add_deliveries(ORG, deliveries).await.unwrap();
}

async fn due(bed: &Bed, now: i64) -> Vec<u64> {
    let due = bed.store().due_deliveries((ORG, &webhook("a")), None, Timestamp(now), 10).await;
    due.unwrap().iter().map(|delivery| delivery.number).collect()
}

/// Notes that a delivery is finished.
async fn finish(bed: &Bed, delivery: &Delivery, status: DeliveryStatus) {
    let done = Delivery { status, due_at: None, tries: 1, ..delivery.clone() };
    bed.store().note_attempt(ORG, &done).await.unwrap();
}

pub(crate) async fn of_each_object_the_first_unfinished_delivery_is_due(bed: Bed) {
    let all = [delivery(1, "x", 10), delivery(2, "y", 20), delivery(3, "x", 10)];
    add(&bed, &all).await;
    assert_eq!(due(&bed, 9).await, Vec::<u64>::new());
    assert_eq!(due(&bed, 10).await, [1]);
    assert_eq!(due(&bed, 20).await, [1, 2]);
    // One that waits for its next attempt holds up those after it.
    let later = Delivery { due_at: Some(Timestamp(30)), tries: 1, ..all[0].clone() };
    bed.store().note_attempt(ORG, &later).await.unwrap();
    assert_eq!(due(&bed, 20).await, [2]);
    finish(&bed, &all[0], DeliveryStatus::Failed).await;
    assert_eq!(due(&bed, 20).await, [2, 3]);
    let hook = webhook("a");
    let verify = bed.store().due_deliveries((ORG, &hook), Some("verify"), Timestamp(20), 10);
    assert_eq!(verify.await.unwrap(), []);
    assert_eq!(bed.store().due_webhooks(ORG, Timestamp(20)).await.unwrap(), [webhook("a")]);
    assert_eq!(bed.store().due_webhooks("other", Timestamp(20)).await.unwrap(), []);
    bed.is_consistent().await;
}

pub(crate) async fn a_delivery_is_added_once_and_comes_back_as_it_was(mut bed: Bed) {
    let one = delivery(1, "x", 10);
    add(&bed, std::slice::from_ref(&one)).await;
    finish(&bed, &one, DeliveryStatus::Delivered).await;
    add(&bed, &[one.clone(), delivery(2, "x", 10)]).await;
    bed.reopen().await;
    assert_eq!(due(&bed, 10).await, [2]);
    let mut snapshot = bed.store().snapshot().unwrap();
    let kept = snapshot.delivery(ORG, &webhook("a"), &one.id).await.unwrap().unwrap();
    let done = DeliveryStatus::Delivered;
    assert_eq!(kept, Delivery { status: done, due_at: None, tries: 1, ..one });
    let nobody = snapshot.delivery("other", &webhook("a"), &kept.id).await.unwrap();
    assert_eq!(nobody, None);
}

pub(crate) async fn finished_deliveries_are_found_and_made_once_more(bed: Bed) {
    let all: Vec<_> =
        (1..=6).map(|n| delivery(n, &format!("o{n}"), 10 * i64::try_from(n).unwrap())).collect();
    add(&bed, &all).await;
    for one in &all[..4] {
        let failed = one.number % 2 == 0;
        let status = if failed { DeliveryStatus::Failed } else { DeliveryStatus::Delivered };
        finish(&bed, one, status).await;
    }
    let hook = webhook("a");
    let list = async |query: &DeliveryQuery, before: Option<(u64, &Id)>| -> Vec<u64> {
        let mut snapshot = bed.store().snapshot().unwrap();
        let found = snapshot.deliveries((ORG, &hook), query, before, 3).await.unwrap();
        found.iter().map(|delivery| delivery.number).collect()
    };
    let every = DeliveryQuery::default();
    assert_eq!(list(&every, None).await, [6, 5, 4]);
    assert_eq!(list(&every, Some((4, &all[3].id))).await, [3, 2, 1]);
    let failed = DeliveryQuery { statuses: vec![DeliveryStatus::Failed], ..every.clone() };
    assert_eq!(list(&failed, None).await, [4, 2]);
    let kinds = vec!["tag_created".to_owned(), "x".to_owned()];
    let span = DeliveryQuery {
        kinds,
        from: Some(Timestamp(20)),
        to: Some(Timestamp(30)),
        ..DeliveryQuery::default()
    };
    assert_eq!(list(&span, None).await, [3, 2]);
    let redeliver = async |which: Redelivery| {
        bed.store().redeliver((ORG, &hook), &which, Timestamp(100)).await.unwrap()
    };
    assert_eq!(redeliver(Redelivery::All(span)).await, 2);
    assert_eq!(redeliver(Redelivery::One(all[0].id.clone())).await, 1);
    // What is pending is left as it is.
    assert_eq!(redeliver(Redelivery::All(every)).await, 1);
    assert_eq!(redeliver(Redelivery::One(all[0].id.clone())).await, 0);
    assert_eq!(due(&bed, 100).await, [1, 2, 3, 4, 5, 6]);
}

pub(crate) async fn receivers_are_held_and_hastened_and_old_deliveries_deleted(bed: Bed) {
    let (a, b) = (webhook("a"), webhook("b"));
    let tried = Delivery { tries: 2, due_at: Some(Timestamp(500)), ..delivery(1, "x", 10) };
    add(&bed, &[tried.clone(), delivery(2, "y", 500)]).await;
    bed.store().hold_deliveries(ORG, &a, Timestamp(50)).await.unwrap();
    bed.store().hold_deliveries(ORG, &b, Timestamp(20)).await.unwrap();
    bed.store().hold_deliveries(ORG, &a, Timestamp(60)).await.unwrap();
    let held = bed.store().held_deliveries(ORG, Timestamp(20)).await.unwrap();
    assert_eq!(held, [(a.clone(), Timestamp(60))]);
    // Only what was tried already has waited in vain.
    bed.store().hasten_deliveries(ORG, &a, Timestamp(100)).await.unwrap();
    assert_eq!(due(&bed, 100).await, [1]);
    assert_eq!(bed.store().delete_deliveries(Timestamp(10)).await.unwrap(), 0);
    assert_eq!(bed.store().delete_deliveries(Timestamp(11)).await.unwrap(), 1);
    assert_eq!(due(&bed, 500).await, [2]);
    bed.store().forget_webhook(ORG, &a).await.unwrap();
    assert_eq!(due(&bed, 500).await, Vec::<u64>::new());
    assert_eq!(bed.store().held_deliveries(ORG, Timestamp(20)).await.unwrap(), []);
}

pub(crate) async fn how_far_the_log_was_read_is_known(mut bed: Bed) {
    assert_eq!(bed.store().delivery_place(ORG, "webhooks").await.unwrap(), None);
    for number in [3, 5] {
        let place = DeliveryPlace { place: format!("p{number}"), number };
        bed.store().set_delivery_place(ORG, "webhooks", &place).await.unwrap();
    }
    bed.reopen().await;
    let known = async || bed.store().delivery_place(ORG, "webhooks").await.unwrap().unwrap();
    assert_eq!(known().await, DeliveryPlace { place: "p5".to_owned(), number: 5 });
    // One that was added right before a crash is not followed by a lower number.
    add(&bed, &[delivery(9, "x", 10)]).await;
    assert_eq!(known().await.number, 9);
}
