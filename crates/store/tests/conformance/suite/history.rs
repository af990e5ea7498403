//! The log of events, read in both directions, and states that are reconstructed from it.

use std::collections::HashMap;

use worksmith_engine::Authorship;
use worksmith_kernel::RawRow;
use worksmith_store::{Backwards, Event};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::bed::{Bed, Thing, thing};

const ORG: &str = "home";

/// Some objects with as many revisions each; the last of them is deleted.
async fn changed(bed: &Bed, revisions: &[usize]) -> Vec<Id> {
    let mut ids = Vec::new();
    for _ in revisions {
        ids.push(bed.insert(thing("1")).await.id().clone());
    }
    for round in 2..=revisions.iter().copied().max().unwrap_or(0) {
        for (id, _) in ids.iter().zip(revisions).filter(|(_, revisions)| round <= **revisions) {
            bed.update(id, |thing| thing.title = round.to_string()).await;
        }
    }
    bed.delete(ids.last().unwrap()).await;
    ids
}

/// What is told of some events: the object, the revision, and the number.
fn told(events: &[Event]) -> Vec<(String, u64, u64)> {
    events.iter().map(|event| (event.id.to_string(), event.revision, event.seq)).collect()
}

pub(crate) async fn the_log_is_read_backwards_in_pieces_of_any_size(bed: Bed) {
    let ids = changed(&bed, &[1, 5, 2, 4]).await;
    let all = bed.store().events_after(ORG, 0, 1_000).await.unwrap();
    for from in [0, 1, 3, 9] {
        let mut expected: Vec<Event> =
            all.iter().filter(|event| event.revision >= from).cloned().collect();
        expected.sort_by_key(|event| (event.id.to_string(), u64::MAX - event.seq));
        for limit in 1..=expected.len() + 1 {
            let mut snapshot = bed.store().snapshot().unwrap();
            let mut back = Backwards::new(ids.iter().map(|id| (id.clone(), from)));
            let mut found = Vec::new();
            loop {
                let events = snapshot.events_back(ORG, &mut back, limit).await.unwrap();
                assert!(events.len() <= limit);
                if events.is_empty() {
                    break;
                }
                found.extend(events);
            }
            assert_eq!(told(&found), told(&expected), "from {from} by {limit}");
            assert_eq!(found, expected);
        }
    }
    // Nothing more is read of an object that is done.
    let mut snapshot = bed.store().snapshot().unwrap();
    let mut back = Backwards::new(ids.iter().map(|id| (id.clone(), 1)));
    let mut found = Vec::new();
    loop {
        let events = snapshot.events_back(ORG, &mut back, 1).await.unwrap();
        let Some(event) = events.into_iter().next() else { break };
        back.stop(&event.id);
        found.push((event.id, event.revision));
    }
    let wanted = ids.iter().cloned().zip([1, 5, 2, 4]);
    assert_eq!(found, wanted.collect::<Vec<_>>());
    let elsewhere = snapshot.events_back("elsewhere", &mut Backwards::default(), 9).await.unwrap();
    assert_eq!(elsewhere, []);
}

pub(crate) async fn the_revisions_at_a_place_of_the_log_are_known(bed: Bed) {
    let ids = changed(&bed, &[1, 5, 2, 4]).await;
    let all = bed.store().events_after(ORG, 0, 1_000).await.unwrap();
    let last = all.last().unwrap().seq;
    for seq in 0..=last + 1 {
        let mut expected = HashMap::new();
        for event in all.iter().filter(|event| event.seq <= seq && ids.contains(&event.id)) {
            expected.insert(event.id.clone(), event.revision);
        }
        let mut snapshot = bed.store().snapshot().unwrap();
        let found = snapshot.revisions_by(ORG, &ids, seq).await.unwrap();
        assert_eq!(found, expected, "by {seq}");
        assert!(snapshot.revisions_by("elsewhere", &ids, seq).await.unwrap().is_empty());
        assert!(snapshot.revisions_by(ORG, &[], seq).await.unwrap().is_empty());
    }
}

pub(crate) async fn every_state_is_reconstructed_as_it_was(bed: Bed) {
    let by = bed.cx().actor.id;
    let ada = Id::numbered(Kind::DevUser, 1);
    let authorship = Authorship {
        created_at: Timestamp(1),
        created_by: ada.clone(),
        modified_at: Timestamp(2),
        modified_by: ada.clone(),
    };
    let mut tx = bed.tx();
    let made = tx.insert_as(Kind::Issue, thing("a"), Some(authorship)).await.unwrap();
    tx.finish().await.unwrap();
    let mut states = vec![made.clone()];
    let label = Some("x".to_owned());
    states.push(bed.update(made.id(), |thing| thing.label.clone_from(&label)).await);
    let mut tx = bed.tx();
    let found = tx.find::<Thing>(made.id()).await.unwrap().unwrap();
    let doc = Thing { title: "b".to_owned(), label: None, ..found.doc.clone() };
    // The server's own change, which leaves the dates as they are.
    let modified = (found.meta.modified_at, found.meta.modified_by.clone());
    states.push(tx.update_as(found, doc, Some(modified)).await.unwrap());
    tx.finish().await.unwrap();
    states.push(bed.update(made.id(), |thing| thing.rank = Some(7)).await);
    assert_eq!((&states[2].meta.modified_by, &states[0].meta.modified_by), (&by, &ada));
    for is_deleted in [false, true] {
        if is_deleted {
            bed.delete(made.id()).await;
        }
        let pasts = bed.tx().states_since(made.id(), 1).await.unwrap();
        let rows: Vec<&RawRow> = pasts.iter().filter_map(|past| past.row.as_deref()).collect();
        let read: Vec<_> = rows.iter().rev().map(|row| row.read::<Thing>().unwrap()).collect();
        assert_eq!(read, states, "deleted: {is_deleted}");
        assert_eq!(pasts.len(), states.len() + usize::from(is_deleted));
    }
    bed.is_consistent().await;
}
