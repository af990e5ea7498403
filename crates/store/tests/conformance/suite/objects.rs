//! Objects, their revisions, numbers and events.

use serde_json::{Value as Json, json};
use worksmith_engine::Authorship;
use worksmith_kernel::Error;
use worksmith_store::{Event, Verb};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::bed::{Bed, Owner, Thing, status, thing};

pub(crate) async fn an_object_is_found_as_it_was_made(bed: Bed) {
    let doc = Thing {
        rank: Some(i64::MAX),
        weight: Some(-0.5),
        label: Some("é\u{1F600} '\" \\".to_owned()),
        done: true,
        ..thing("first")
    };
    let cx = bed.cx();
    let mut tx = bed.engine().begin(&cx);
    let made = tx.insert(Kind::Issue, doc.clone()).await.unwrap();
    assert_eq!(tx.find::<Thing>(made.id()).await.unwrap().as_ref(), Some(&made));
    assert_eq!(bed.find(made.id()).await, None, "nobody sees it before the commit");
    tx.finish().await.unwrap();

    let found = bed.find(made.id()).await.unwrap();
    assert_eq!(found, made);
    assert_eq!((found.doc, found.meta.revision), (doc, 1));
    assert_eq!(found.meta.id, Id::numbered(Kind::Issue, 1));
    assert_eq!((found.meta.created_at, found.meta.modified_at), (cx.now, cx.now));
    assert_eq!((found.meta.created_by, found.meta.modified_by), (cx.actor.id.clone(), cx.actor.id));
    assert_eq!(bed.tx().find::<Owner>(made.id()).await.unwrap(), None, "of another kind");
    bed.is_consistent().await;
}

pub(crate) async fn an_update_counts_the_revision_and_keeps_the_author(bed: Bed) {
    let made = bed.insert(thing("old")).await;
    let changed = bed.update(made.id(), |thing| "new".clone_into(&mut thing.title)).await;
    assert_eq!(bed.find(made.id()).await.as_ref(), Some(&changed));
    assert_eq!((changed.doc.title.as_str(), changed.meta.revision), ("new", 2));
    assert_eq!(changed.meta.created_at, made.meta.created_at);
    assert!(changed.meta.modified_at > made.meta.modified_at);
    bed.is_consistent().await;
}

pub(crate) async fn an_update_without_effect_changes_nothing(bed: Bed) {
    let made = bed.insert(thing("same")).await;
    assert_eq!(bed.update(made.id(), |_| {}).await, made);
    assert_eq!(bed.find(made.id()).await.as_ref(), Some(&made));
    assert_eq!(bed.tx().events_of(made.id()).await.unwrap().len(), 1);
}

pub(crate) async fn a_deleted_object_is_gone_and_leaves_its_summary(bed: Bed) {
    let mut tx = bed.tx();
    let owner = tx.insert(Kind::Account, Owner { name: "Ada".to_owned() }).await.unwrap();
    let owners = vec![owner.id().clone()];
    let owned = tx.insert(Kind::Issue, Thing { owners, ..thing("owned") }).await.unwrap();
    tx.finish().await.unwrap();
    let mut tx = bed.tx();
    tx.delete(owner.clone()).await.unwrap();
    assert_eq!(tx.find::<Owner>(owner.id()).await.unwrap(), None);
    tx.finish().await.unwrap();

    let mut tx = bed.tx();
    assert_eq!(tx.find::<Owner>(owner.id()).await.unwrap(), None);
    assert_eq!(status(tx.target::<Owner>(owner.id()).await), 404);
    let object = serde_json::to_value(tx.object(&owned).await.unwrap()).unwrap();
    assert_eq!(object["owners"][0]["id"], owner.id().don(&tx.cx().org));
    // An object that refers to it already may continue to, but no other may begin to.
    bed.update(owned.id(), |thing| thing.done = true).await;
    let owners = vec![owner.id().clone()];
    assert_eq!(status(tx.insert(Kind::Issue, Thing { owners, ..thing("late") }).await), 400);
    bed.is_consistent().await;
}

pub(crate) async fn one_refused_change_refuses_all(bed: Bed) {
    let (one, two) = (bed.insert(thing("one")).await, bed.insert(thing("two")).await);
    let mut tx = bed.tx();
    tx.update(one.clone(), thing("ONE")).await.unwrap();
    tx.insert(Kind::Issue, thing("three")).await.unwrap();
    tx.update(two.clone(), thing("TWO")).await.unwrap();
    bed.update(two.id(), |thing| thing.done = true).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
    assert_eq!(bed.find(one.id()).await, Some(one));
    assert_eq!(bed.find(&Id::numbered(Kind::Issue, 3)).await, None);
    bed.is_consistent().await;
}

pub(crate) async fn a_change_of_a_stale_copy_is_refused(bed: Bed) {
    let made = bed.insert(thing("made")).await;
    let (mut first, mut second) = (bed.tx(), bed.tx());
    first.update(made.clone(), thing("first")).await.unwrap();
    second.update(made.clone(), thing("second")).await.unwrap();
    first.finish().await.unwrap();
    assert!(matches!(second.finish().await, Err(Error::Stale)));
    let mut third = bed.tx();
    third.delete(made.clone()).await.unwrap();
    assert!(matches!(third.finish().await, Err(Error::Stale)));
    assert_eq!(bed.find(made.id()).await.unwrap().doc.title, "first");
    bed.is_consistent().await;
}

fn told(events: &[Event]) -> Vec<(Verb, u64, Option<Json>)> {
    let old = |event: &Event| event.old.as_deref().map(|old| serde_json::from_str(old).unwrap());
    events.iter().map(|event| (event.verb, event.revision, old(event))).collect()
}

pub(crate) async fn events_tell_every_change(bed: Bed) {
    let made = bed.insert(Thing { rank: Some(3), ..thing("a") }).await;
    bed.update(made.id(), |thing| (thing.title, thing.rank) = ("b".to_owned(), None)).await;
    let last = bed.update(made.id(), |thing| thing.label = Some("x".to_owned())).await;
    bed.delete(made.id()).await;

    let events = bed.tx().events_of(made.id()).await.unwrap();
    let expected = [
        (Verb::Created, 1, None),
        (Verb::Updated, 2, Some(json!({"title": "a", "rank": 3}))),
        (Verb::Updated, 3, Some(json!({"label": null}))),
        (Verb::Deleted, 3, Some(serde_json::to_value(&last.doc).unwrap())),
    ];
    assert_eq!(told(&events), expected);
    let first = &events[0];
    let by = bed.cx().actor.id;
    assert_eq!((first.at, &first.actor), (made.meta.created_at, &by));
    assert_eq!((first.org.as_str(), first.request_id.as_str()), ("home", "request"));
    let all = bed.store().events_after("home", 0, 10).await.unwrap();
    assert_eq!(all, events);
    assert_eq!(bed.store().events_after("home", events[1].seq, 1).await.unwrap(), events[2..3]);
    bed.is_consistent().await;
}

pub(crate) async fn an_object_changed_twice_in_one_transaction_is_one_change(bed: Bed) {
    let made = bed.insert(Thing { code: Some("a".to_owned()), ..thing("0") }).await;
    let mut tx = bed.tx();
    let code = Some("b".to_owned());
    let once = tx.update(made.clone(), Thing { code, ..thing("1") }).await.unwrap();
    assert_eq!(tx.find::<Thing>(made.id()).await.unwrap(), Some(once.clone()));
    let code = Some("c".to_owned());
    let twice = tx.update(once, Thing { code, ..thing("2") }).await.unwrap();
    assert_eq!(twice.meta.revision, 2);
    let new = tx.insert(Kind::Issue, thing("new")).await.unwrap();
    let new = tx.update(new, thing("newer")).await.unwrap();
    assert_eq!(new.meta.revision, 1);
    tx.finish().await.unwrap();

    assert_eq!(bed.find(made.id()).await, Some(twice));
    assert_eq!(bed.find(new.id()).await, Some(new.clone()));
    let events = bed.tx().events_of(made.id()).await.unwrap();
    let expected =
        [(Verb::Created, 1, None), (Verb::Updated, 2, Some(json!({"title": "0", "code": "a"})))];
    assert_eq!(told(&events), expected);
    assert_eq!(told(&bed.tx().events_of(new.id()).await.unwrap()), [(Verb::Created, 1, None)]);
    bed.is_consistent().await;
}

pub(crate) async fn a_change_taken_back_in_one_transaction_is_no_change(bed: Bed) {
    let made = bed.insert(thing("0")).await;
    let mut tx = bed.tx();
    let once = tx.update(made.clone(), thing("1")).await.unwrap();
    let back = tx.update(once, thing("0")).await.unwrap();
    assert_eq!(back, made);
    tx.finish().await.unwrap();
    assert_eq!(bed.find(made.id()).await, Some(made));
    bed.is_consistent().await;
}

pub(crate) async fn a_copy_from_before_an_own_change_is_a_defect(bed: Bed) {
    let made = bed.insert(thing("0")).await;
    let mut tx = bed.tx();
    tx.update(made.clone(), thing("1")).await.unwrap();
    let lost = Thing { done: true, ..thing("0") };
    assert!(matches!(tx.update(made.clone(), lost.clone()).await, Err(Error::Internal(_))));
    let mut tx = bed.tx();
    tx.delete(made.clone()).await.unwrap();
    assert!(matches!(tx.update(made.clone(), lost).await, Err(Error::Internal(_))));
    assert!(matches!(tx.delete(made).await, Err(Error::Internal(_))));
}

pub(crate) async fn an_object_can_be_changed_and_deleted_in_one_transaction(bed: Bed) {
    let made = bed.insert(Thing { code: Some("a".to_owned()), ..thing("0") }).await;
    let mut tx = bed.tx();
    let code = Some("b".to_owned());
    let changed = tx.update(made.clone(), Thing { code, ..thing("1") }).await.unwrap();
    tx.delete(changed).await.unwrap();
    let code = Some("a".to_owned());
    let heir = tx.insert(Kind::Issue, Thing { code, ..thing("heir") }).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(bed.find(made.id()).await, None);
    assert_eq!(bed.find(heir.id()).await, Some(heir));
    let events = bed.tx().events_of(made.id()).await.unwrap();
    let whole = serde_json::to_value(&made.doc).unwrap();
    assert_eq!(told(&events)[1..], [(Verb::Deleted, 1, Some(whole))]);
    bed.is_consistent().await;
}

pub(crate) async fn an_object_made_and_deleted_in_one_transaction_never_was(bed: Bed) {
    let mut tx = bed.tx();
    let code = Some("a".to_owned());
    let made = tx.insert(Kind::Issue, Thing { code, ..thing("0") }).await.unwrap();
    tx.delete(made.clone()).await.unwrap();
    let code = Some("a".to_owned());
    let other = tx.insert(Kind::Issue, Thing { code, ..thing("1") }).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(bed.find(made.id()).await, None);
    assert_eq!(bed.find(other.id()).await, Some(other));
    assert_eq!(bed.tx().events_of(made.id()).await.unwrap(), []);
    bed.is_consistent().await;
}

pub(crate) async fn numbers_are_never_given_again(mut bed: Bed) {
    let first = bed.insert(thing("1")).await;
    let second = bed.insert(thing("2")).await;
    bed.delete(second.id()).await;
    bed.reopen().await;
    assert_eq!(bed.insert(thing("3")).await.id().local(), "3");
    assert_eq!(first.id().local(), "1");
    let mut tx = bed.tx();
    let ticket = tx.insert(Kind::Ticket, thing("t")).await.unwrap();
    assert_eq!(ticket.id().local(), "1", "each kind counts for itself");
    drop(tx);
    let mut tx = bed.tx();
    let ticket = tx.insert(Kind::Ticket, thing("t")).await.unwrap();
    assert_eq!(ticket.id().local(), "2", "what was not committed leaves a gap");
    tx.finish().await.unwrap();
    bed.is_consistent().await;
}

pub(crate) async fn an_id_is_never_given_again(bed: Bed) {
    let id = Id::new(Kind::Account, "own");
    let owner = |name: &str| Owner { name: name.to_owned() };
    let mut tx = bed.tx();
    let made = tx.insert_with_id(id.clone(), owner("a")).await.unwrap();
    assert_eq!(status(tx.insert_with_id(id.clone(), owner("b")).await), 409);
    tx.finish().await.unwrap();
    let mut tx = bed.tx();
    assert_eq!(status(tx.insert_with_id(id.clone(), owner("b")).await), 409);
    tx.delete(made).await.unwrap();
    assert_eq!(status(tx.insert_with_id(id.clone(), owner("b")).await), 409);
    tx.finish().await.unwrap();
    let mut tx = bed.tx();
    assert_eq!(status(tx.insert_with_id(id.clone(), owner("b")).await), 409);
    let mut elsewhere = bed.engine().begin(&bed.cx_in("elsewhere"));
    elsewhere.insert_with_id(id, owner("a")).await.unwrap();
    elsewhere.finish().await.unwrap();
    bed.is_consistent().await;
}

pub(crate) async fn an_id_of_the_callers_making_moves_the_counter(mut bed: Bed) {
    let mut tx = bed.tx();
    tx.insert_with_id(Id::numbered(Kind::Issue, 5), thing("5")).await.unwrap();
    assert_eq!(tx.insert(Kind::Issue, thing("6")).await.unwrap().id().local(), "6");
    tx.finish().await.unwrap();
    bed.reopen().await;
    assert_eq!(bed.insert(thing("7")).await.id().local(), "7");
    bed.is_consistent().await;
}

pub(crate) async fn doubles_come_back_exactly(bed: Bed) {
    let mut bits = 0x0123_4567_89AB_CDEF_u64;
    for _ in 0..300 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let weight = f64::from_bits(bits);
        if weight.is_finite() {
            let made = bed.insert(Thing { weight: Some(weight), ..thing("w") }).await;
            assert_eq!(bed.find(made.id()).await, Some(made));
        }
    }
    bed.is_consistent().await;
}

pub(crate) async fn many_changes_fit_in_one_transaction(bed: Bed) {
    let mut tx = bed.tx();
    let mut before = None;
    for number in 0..3000 {
        let code = Some(format!("code {number}"));
        let doc = Thing { code, parent: before, ..thing(&number.to_string()) };
        before = Some(tx.insert(Kind::Issue, doc).await.unwrap().meta.id);
    }
    tx.finish().await.unwrap();
    assert_eq!(bed.tx().count::<Thing>(&worksmith_kernel::Query::new()).await.unwrap(), 3000);
    bed.is_consistent().await;
}

pub(crate) async fn importers_name_authors_and_dates(bed: Bed) {
    let (ada, ben) = (Id::numbered(Kind::DevUser, 1), Id::numbered(Kind::DevUser, 2));
    let authorship = Authorship {
        created_at: Timestamp(1),
        created_by: ada.clone(),
        modified_at: Timestamp(2),
        modified_by: ben.clone(),
    };
    let mut tx = bed.tx();
    let made = tx.insert_as(Kind::Issue, thing("old"), Some(authorship)).await.unwrap();
    tx.finish().await.unwrap();
    let found = bed.find(made.id()).await.unwrap();
    assert_eq!((found.meta.created_at, found.meta.modified_at), (Timestamp(1), Timestamp(2)));
    assert_eq!((&found.meta.created_by, &found.meta.modified_by), (&ada, &ben));
    let mut tx = bed.tx();
    let as_ada = Some((Timestamp(3), ada.clone()));
    tx.update_as(found, thing("newer"), as_ada).await.unwrap();
    tx.finish().await.unwrap();
    let meta = bed.find(made.id()).await.unwrap().meta;
    assert_eq!(
        (meta.created_at, meta.modified_at, meta.modified_by),
        (Timestamp(1), Timestamp(3), ada)
    );
    let events = bed.tx().events_of(made.id()).await.unwrap();
    assert_eq!(events[1].actor, bed.cx().actor.id, "the log says who really did it");
    bed.is_consistent().await;
}
