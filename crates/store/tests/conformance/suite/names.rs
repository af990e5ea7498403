//! Names that are unique in an org.

use worksmith_kernel::Error;
use worksmith_wire::Kind;

use crate::bed::{ALIAS, Bed, CODE, Thing, status, thing};

fn coded(title: &str, code: &str) -> Thing {
    Thing { code: Some(code.to_owned()), ..thing(title) }
}

pub(crate) async fn a_name_is_claimed_once_in_an_org(bed: Bed) {
    let holder = bed.insert(coded("holder", "x")).await;
    let mut tx = bed.tx();
    assert_eq!(status(tx.insert(Kind::Issue, coded("late", "x")).await), 409);
    let other = tx.insert(Kind::Issue, coded("other", "X")).await.unwrap();
    assert_eq!(status(tx.update(other, coded("other", "x")).await), 409);
    let aliases = vec!["x".to_owned()];
    tx.insert(Kind::Issue, Thing { aliases, ..thing("of another space") }).await.unwrap();
    assert_eq!(tx.find_name(CODE, "x").await.unwrap().as_ref(), Some(holder.id()));
    tx.finish().await.unwrap();
    // The holder may continue to use it.
    bed.update(holder.id(), |thing| thing.done = true).await;
    let home = ("home".to_owned(), holder.id().clone());
    assert_eq!(bed.store().locate(CODE, "x").await.unwrap(), Some(home));
    bed.is_consistent().await;
}

pub(crate) async fn a_name_that_was_given_up_is_free(bed: Bed) {
    let first = bed.insert(coded("first", "x")).await;
    bed.update(first.id(), |thing| thing.code = None).await;
    assert_eq!(bed.tx().find_name(CODE, "x").await.unwrap(), None);
    let second = bed.insert(coded("second", "x")).await;
    bed.delete(second.id()).await;
    let third = bed.insert(coded("third", "x")).await;
    assert_eq!(bed.tx().find_name(CODE, "x").await.unwrap().as_ref(), Some(third.id()));
    bed.is_consistent().await;
}

pub(crate) async fn a_name_changes_hands_in_one_transaction(bed: Bed) {
    let (from, to) = (bed.insert(coded("from", "x")).await, bed.insert(thing("to")).await);
    let mut tx = bed.tx();
    let from = tx.update(from, thing("from")).await.unwrap();
    assert_eq!(tx.find_name(CODE, "x").await.unwrap(), None);
    let to = tx.update(to, coded("to", "x")).await.unwrap();
    // Changing the first one again does not take the name away.
    tx.update(from, thing("from, again")).await.unwrap();
    assert_eq!(tx.find_name(CODE, "x").await.unwrap().as_ref(), Some(to.id()));
    assert_eq!(status(tx.insert(Kind::Issue, coded("third", "x")).await), 409);
    tx.finish().await.unwrap();
    assert_eq!(bed.tx().find_name(CODE, "x").await.unwrap().as_ref(), Some(to.id()));

    let mut tx = bed.tx();
    tx.delete(to).await.unwrap();
    let heir = tx.insert(Kind::Ticket, coded("heir", "x")).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(bed.tx().find_name(CODE, "x").await.unwrap().as_ref(), Some(heir.id()));
    bed.is_consistent().await;
}

pub(crate) async fn two_objects_swap_names_in_one_transaction(bed: Bed) {
    let (one, two) = (bed.insert(coded("1", "x")).await, bed.insert(coded("2", "y")).await);
    let mut tx = bed.tx();
    let bare = tx.update(one, thing("1")).await.unwrap();
    let two = tx.update(two, coded("2", "x")).await.unwrap();
    let one = tx.update(bare, coded("1", "y")).await.unwrap();
    tx.finish().await.unwrap();
    let mut tx = bed.tx();
    assert_eq!(tx.find_name(CODE, "x").await.unwrap().as_ref(), Some(two.id()));
    assert_eq!(tx.find_name(CODE, "y").await.unwrap().as_ref(), Some(one.id()));
    bed.is_consistent().await;
}

pub(crate) async fn a_name_claimed_twice_by_one_object_is_one_claim(bed: Bed) {
    let aliases = vec!["x".to_owned(), "y".to_owned(), "x".to_owned()];
    let made = bed.insert(Thing { aliases, ..thing("twice") }).await;
    bed.update(made.id(), |thing| drop(thing.aliases.pop())).await;
    assert_eq!(bed.tx().find_name(ALIAS, "x").await.unwrap().as_ref(), Some(made.id()));
    bed.is_consistent().await;
}

pub(crate) async fn of_two_claims_at_once_one_wins(bed: Bed) {
    let (mut first, mut second) = (bed.tx(), bed.tx());
    first.insert(Kind::Issue, coded("first", "x")).await.unwrap();
    second.insert(Kind::Issue, coded("second", "x")).await.unwrap();
    first.finish().await.unwrap();
    assert!(matches!(second.finish().await, Err(Error::Stale)));
    bed.is_consistent().await;
}
