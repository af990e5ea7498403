//! Texts that are long enough to have rows of their own.

use serde_json::Value as Json;
use worksmith_kernel::{Error, Query, Stored};
use worksmith_wire::{Direction, Id, Kind};

use crate::bed::{Bed, RANK, Thing, thing};

/// A thing with a body.
fn bodied(title: &str, body: &str) -> Thing {
    Thing { body: body.to_owned(), ..thing(title) }
}

/// Texts of all lengths, one after the other; those of more than about 512 bytes are long.
fn bodies() -> Vec<String> {
    let of = |letters: &str, times: usize| letters.repeat(times);
    vec![
        of("é\n", 300),
        of("x", 510),
        of("x", 511),
        of("x", 509),
        String::new(),
        of("{\"in\":\"texts\"}", 100),
        of("y", 9_000),
        of("y", 9_001),
        "short".to_owned(),
        "{\"in\":\"texts\"}".to_owned(),
        of("\u{1F6E0} \\\"", 1_000),
    ]
}

pub(crate) async fn a_text_comes_back_whatever_its_length(mut bed: Bed) {
    let bodies = bodies();
    let mut states: Vec<Stored<Thing>> = vec![bed.insert(bodied("0", &bodies[0])).await];
    let id = states[0].id().clone();
    for (round, body) in bodies.iter().enumerate().skip(1) {
        // The text alone changes, then something else.
        states.push(bed.update(&id, |thing| thing.body.clone_from(body)).await);
        if round % 2 == 0 {
            // What is read comes from the database.
            bed.reopen().await;
        }
        assert_eq!(bed.find(&id).await.as_ref(), states.last());
        states.push(bed.update(&id, |thing| thing.title = round.to_string()).await);
        assert_eq!(bed.find(&id).await.as_ref(), states.last());
        bed.is_consistent().await;
    }
    let events = bed.tx().events_of(&id).await.unwrap();
    let old =
        |at: usize| -> Json { serde_json::from_str(events[at].old.as_ref().unwrap()).unwrap() };
    for (at, body) in bodies[..bodies.len() - 1].iter().enumerate() {
        assert_eq!(old(2 * at + 1)["body"], *body);
        assert_eq!(old(2 * at + 2).get("body"), None, "the title alone has changed");
    }
    for is_deleted in [false, true] {
        if is_deleted {
            bed.delete(&id).await;
            assert_eq!(bed.find(&id).await, None);
        }
        let pasts = bed.tx().states_since(&id, 1).await.unwrap();
        let rows = pasts.iter().rev().filter_map(|past| past.row.as_deref());
        let read: Vec<_> = rows.map(|row| row.read::<Thing>().unwrap()).collect();
        assert_eq!(read, states, "deleted: {is_deleted}");
    }
    bed.is_consistent().await;
}

/// Things of a rank each, with texts of all lengths.
async fn written(bed: &Bed) -> Vec<Stored<Thing>> {
    let mut tx = bed.tx();
    let mut made = Vec::new();
    for (body, rank) in bodies().into_iter().zip(0..) {
        let doc = Thing { body, rank: Some(rank), ..thing(&rank.to_string()) };
        made.push(tx.insert(Kind::Issue, doc).await.unwrap());
    }
    tx.finish().await.unwrap();
    made
}

fn by_rank() -> Query<Thing> {
    let mut query = Query::new();
    query.order_by(RANK, Direction::Asc);
    query
}

pub(crate) async fn whoever_reads_gets_whole_documents(mut bed: Bed) {
    let made = written(&bed).await;
    for is_restarted in [false, true] {
        if is_restarted {
            bed.reopen().await;
        }
        assert_eq!(bed.tx().first::<Thing>(&by_rank(), 100).await.unwrap(), made);
        let (first, place) = bed.tx().first_after::<Thing>(&by_rank(), None, 4).await.unwrap();
        let (rest, _) = bed.tx().first_after::<Thing>(&by_rank(), place, 100).await.unwrap();
        assert_eq!([first, rest].concat(), made);
        for each in &made {
            let peeked = bed.engine().peek::<Thing>("home", each.id()).await.unwrap();
            assert_eq!(peeked.as_ref(), Some(each));
            assert_eq!(bed.find(each.id()).await.as_ref(), Some(each));
        }
    }
}

pub(crate) async fn an_object_that_was_only_listed_is_changed_and_deleted_with_its_text(bed: Bed) {
    let made = written(&bed).await;
    let mut tx = bed.tx();
    let mut left = Vec::new();
    for (listed, at) in tx.first::<Thing>(&by_rank(), 100).await.unwrap().into_iter().zip(0_usize..)
    {
        let body = listed.doc.body.clone();
        let changed = match at % 4 {
            0 => Thing { done: true, ..listed.doc.clone() },
            1 => Thing { body: format!("{body} {body}"), ..listed.doc.clone() },
            2 => Thing { body: "z".repeat(600 - 599 * (at % 8 / 4)), ..listed.doc.clone() },
            _ => {
                tx.delete(listed).await.unwrap();
                continue;
            }
        };
        left.push(tx.update(listed, changed).await.unwrap());
    }
    tx.finish().await.unwrap();
    assert!(left.len() < made.len());
    assert_eq!(bed.tx().first::<Thing>(&by_rank(), 100).await.unwrap(), left);
    bed.is_consistent().await;
}

pub(crate) async fn a_refused_change_leaves_the_text_as_it_is(mut bed: Bed) {
    let long = "long ".repeat(200);
    let (shrinks, grows) = (bed.insert(bodied("a", &long)).await, bed.insert(thing("b")).await);
    let (changes, goes) =
        (bed.insert(bodied("c", &long)).await, bed.insert(bodied("d", &long)).await);
    let stale = bed.insert(thing("e")).await;
    let mut tx = bed.tx();
    tx.update(shrinks.clone(), bodied("a", "short")).await.unwrap();
    tx.update(grows.clone(), bodied("b", &long)).await.unwrap();
    tx.update(changes.clone(), bodied("c", &long.replace('l', "L"))).await.unwrap();
    tx.delete(goes.clone()).await.unwrap();
    tx.insert(Kind::Issue, bodied("f", &long)).await.unwrap();
    tx.update(stale.clone(), thing("E")).await.unwrap();
    bed.update(stale.id(), |thing| thing.done = true).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
    bed.reopen().await;
    for kept in [shrinks, grows, changes, goes] {
        assert_eq!(bed.find(kept.id()).await, Some(kept));
    }
    assert_eq!(bed.find(&Id::numbered(Kind::Issue, 6)).await, None);
    bed.is_consistent().await;
}
