//! What the server's own work relies on: leases, and the marks of unread events.

use std::collections::BTreeSet;
use std::sync::Arc;

use worksmith_store::{Event, Lease, Verb};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::bed::{Bed, Owner, READER, thing};

pub(crate) async fn a_lease_is_one_holders_until_it_ends(bed: Bed) {
    let lease = async |name, holder, now, until| {
        let (now, until) = (Timestamp(now), Timestamp(until));
        bed.store().lease(&Lease { name, holder, now, until }).await.unwrap()
    };
    assert!(lease("sweep", "a", 0, 10).await);
    assert!(!lease("sweep", "b", 9, 20).await, "it is a's");
    assert!(lease("sweep", "a", 9, 30).await, "a holds on to it");
    assert!(lease("other", "b", 9, 20).await, "each name is a lease of its own");
    assert!(!lease("sweep", "b", 29, 40).await);
    assert!(lease("sweep", "b", 30, 40).await, "it is over");
    assert!(!lease("sweep", "a", 31, 50).await);
    bed.store().release("sweep", "a").await.unwrap();
    assert!(!lease("sweep", "a", 31, 50).await, "only its holder gives it back");
    bed.store().release("sweep", "b").await.unwrap();
    assert!(lease("sweep", "a", 31, 50).await);
}

async fn owner(bed: &Bed, name: &str) -> Id {
    let mut tx = bed.tx();
    let made = tx.insert(Kind::Account, Owner { name: name.to_owned() }).await.unwrap();
    tx.finish().await.unwrap();
    made.id().clone()
}

async fn rename(bed: &Bed, id: &Id, name: &str) {
    let mut tx = bed.tx();
    let old = tx.find::<Owner>(id).await.unwrap().unwrap();
    tx.update(old, Owner { name: name.to_owned() }).await.unwrap();
    tx.finish().await.unwrap();
}

async fn claim(bed: &Bed, now: i64, until: i64) -> Vec<Event> {
    bed.store().claim(READER, 10, Timestamp(now), Timestamp(until)).await.unwrap()
}

fn told(events: &[Event]) -> Vec<(&Id, Verb, u64)> {
    events.iter().map(|event| (&event.id, event.verb, event.revision)).collect()
}

pub(crate) async fn events_are_claimed_once_and_those_of_an_object_in_order(bed: Bed) {
    bed.insert(thing("of no interest")).await;
    let (ada, bea) = (owner(&bed, "ada").await, owner(&bed, "bea").await);
    rename(&bed, &ada, "adele").await;
    let first = claim(&bed, 0, 100).await;
    let made = [(&ada, Verb::Created, 1), (&bea, Verb::Created, 1)];
    assert_eq!(told(&first), made, "the second event of an object waits for the first");
    assert_eq!(claim(&bed, 50, 100).await, [], "what is claimed is nobody else's");
    bed.store().have_read(READER, &first[0]).await.unwrap();
    let next = claim(&bed, 50, 100).await;
    assert_eq!(told(&next), [(&ada, Verb::Updated, 2)]);
    assert_eq!(next[0].old.as_deref(), Some(r#"{"name":"ada"}"#));
    bed.store().have_read(READER, &first[1]).await.unwrap();
    bed.store().have_read(READER, &next[0]).await.unwrap();
    assert_eq!(claim(&bed, 1_000, 2_000).await, [], "all is read");
    bed.is_consistent().await;
}

pub(crate) async fn what_a_dead_reader_has_claimed_is_given_out_again(mut bed: Bed) {
    let ada = owner(&bed, "ada").await;
    assert_eq!(told(&claim(&bed, 0, 100).await), [(&ada, Verb::Created, 1)]);
    bed.reopen().await;
    assert_eq!(claim(&bed, 99, 200).await, []);
    let again = claim(&bed, 100, 200).await;
    assert_eq!(told(&again), [(&ada, Verb::Created, 1)]);
}

pub(crate) async fn readers_at_the_same_time_get_different_events(bed: Bed) {
    for n in 0..40 {
        owner(&bed, &format!("owner {n}")).await;
    }
    let bed = Arc::new(bed);
    let readers = (0..4).map(|_| {
        let bed = Arc::clone(&bed);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let events = claim(&bed, 0, 1_000).await;
                if events.is_empty() {
                    return mine;
                }
                mine.extend(events.into_iter().map(|event| event.seq));
            }
        })
    });
    let mut seen = Vec::new();
    for reader in readers.collect::<Vec<_>>() {
        seen.extend(reader.await.unwrap());
    }
    assert_eq!(seen.len(), seen.iter().collect::<BTreeSet<_>>().len(), "one was given out twice");
    // A reader may skip what another one is just claiming, and end early.
    seen.extend(claim(&bed, 0, 1_000).await.into_iter().map(|event| event.seq));
    while seen.len() < 40 {
        let events = claim(&bed, 0, 1_000).await;
        assert!(!events.is_empty(), "only {} of 40 events were given out", seen.len());
        seen.extend(events.into_iter().map(|event| event.seq));
    }
}
