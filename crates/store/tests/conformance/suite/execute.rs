//! Operations that lose races run again, and known answers are replayed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use worksmith_engine::{One, Op, OpTable, Outcome, Request, Tx};
use worksmith_kernel::{Cond, OpCtx, Query, Result};
use worksmith_wire::{Id, Kind};

use crate::bed::{Bed, LABEL, Thing, status, thing};

worksmith_wire::request! {
    /// Changes one field of a thing.
    update struct ChangeRequest = "change-request" {
        /// The number of the thing.
        number: i64,
        /// Adds one to the rank.
        bump: Option<bool>,
        /// The new label.
        label: Option<String>,
        /// The new code.
        code: Option<String>,
    }
}

async fn change(tx: &mut Tx, request: ChangeRequest) -> Result<One<Thing>> {
    let ChangeRequest { number, bump, label, code } = request;
    let id = Id::numbered(Kind::Issue, number.unsigned_abs());
    let old = tx.target::<Thing>(&id).await?;
    let mut doc = old.doc.clone();
    if bump == Some(true) {
        doc.rank = Some(doc.rank.unwrap_or_default() + 1);
    }
    doc.label = label.or(doc.label);
    doc.code = code.or(doc.code);
    let stored = tx.update(old, doc).await?;
    // Others get their turn between reading and writing.
    tokio::task::yield_now().await;
    let stored_again = tx.target::<Thing>(stored.id()).await?;
    tx.one(&stored_again).await
}

async fn create(tx: &mut Tx, request: ChangeRequest) -> Result<One<Thing>> {
    let stored = tx.insert(Kind::Issue, Thing { code: request.code, ..thing("made") }).await?;
    tx.one(&stored).await
}

/// The label of the thing whose rank the second one has.
const LEADER: &str = "leader";

/// Raises the rank of the first thing and that of the second one, which is the same.
async fn raise(tx: &mut Tx, _: ChangeRequest) -> Result<One<Thing>> {
    let mut stored = None;
    for number in [1, 2] {
        let old = tx.target::<Thing>(&Id::numbered(Kind::Issue, number)).await?;
        let mut doc = old.doc.clone();
        doc.rank = Some(doc.rank.unwrap_or_default() + 1);
        stored = Some(tx.update(old, doc).await?);
    }
    tx.one(&stored.unwrap()).await
}

/// Gives the second thing the rank of the first one, which it finds in a list.
async fn level(tx: &mut Tx, request: ChangeRequest) -> Result<One<Thing>> {
    let mut query = Query::new();
    query.with(Cond::is(LABEL, LEADER));
    let leaders = tx.first::<Thing>(&query, 1).await?;
    // Others change both meanwhile.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let old = tx.target::<Thing>(&Id::numbered(Kind::Issue, 2)).await?;
    let doc = Thing { rank: leaders[0].doc.rank, code: request.code, ..old.doc.clone() };
    let stored = tx.update(old, doc).await?;
    tx.one(&stored).await
}

fn table() -> OpTable {
    let mut table = OpTable::default();
    table.add(Op::write("things.raise", "thing"), raise);
    table.add(Op::write("things.level", "thing"), level);
    table.add(Op::write("things.change", "thing"), change);
    table.add(Op::create("things.create", "thing"), create);
    table
}

async fn run(bed: &Bed, op: &str, cx: &OpCtx, members: Json) -> Result<Outcome> {
    let table = table();
    let request = Request { members, query: Vec::new() };
    bed.engine().execute(table.get(op).unwrap(), cx, &request).await
}

/// A call with an idempotency key and the hash of its request.
fn keyed(bed: &Bed, key: &str, request: &str) -> OpCtx {
    let mut cx = bed.cx();
    cx.preconditions.idempotency = Some((key.to_owned(), request.to_owned()));
    cx
}

pub(crate) async fn two_updates_of_different_fields_both_survive(bed: Bed) {
    bed.insert(thing("shared")).await;
    let (one, two) = (bed.cx(), bed.cx());
    let (first, second) = tokio::join!(
        run(&bed, "things.change", &one, json!({"number": 1, "label": "x"})),
        run(&bed, "things.change", &two, json!({"number": 1, "code": "y"})),
    );
    let mut revisions = [first.unwrap().revision, second.unwrap().revision];
    revisions.sort_unstable();
    assert_eq!(revisions, [Some(2), Some(3)]);
    let doc = bed.find(&Id::numbered(Kind::Issue, 1)).await.unwrap().doc;
    assert_eq!((doc.label.as_deref(), doc.code.as_deref()), (Some("x"), Some("y")));
    bed.is_consistent().await;
}

pub(crate) async fn many_writers_on_one_object_lose_nothing(bed: Bed) {
    const WRITERS: usize = 32;
    const EACH: usize = 5;
    bed.insert(thing("shared")).await;
    let bed = Arc::new(bed);
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let bed = Arc::clone(&bed);
            tokio::spawn(async move {
                for round in 0..EACH {
                    let cx = bed.cx();
                    let bump = json!({"number": 1, "bump": true});
                    run(&bed, "things.change", &cx, bump).await.unwrap();
                    let code = format!("{writer} {round}");
                    run(&bed, "things.create", &cx, json!({"number": 0, "code": code}))
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let total = i64::try_from(WRITERS * EACH).unwrap();
    let shared = bed.find(&Id::numbered(Kind::Issue, 1)).await.unwrap();
    assert_eq!(shared.doc.rank, Some(total));
    assert_eq!(shared.meta.revision, total.unsigned_abs() + 1);
    let all = bed.tx().count::<Thing>(&worksmith_kernel::Query::new()).await.unwrap();
    assert_eq!(all, total.unsigned_abs() + 1);
    bed.is_consistent().await;
}

pub(crate) async fn what_comes_from_memory_fits_what_was_read_before(bed: Bed) {
    const ROUNDS: i64 = 40;
    bed.insert(Thing { label: Some(LEADER.to_owned()), ..thing("first") }).await;
    bed.insert(thing("second")).await;
    for round in 1..=ROUNDS {
        let (one, two) = (bed.cx(), bed.cx());
        let (levelled, raised) = tokio::join!(
            run(&bed, "things.level", &one, json!({"number": 2, "code": format!("{round}")})),
            run(&bed, "things.raise", &two, json!({"number": 1})),
        );
        assert!(levelled.is_ok() && raised.is_ok(), "{levelled:?} {raised:?}");
        let first = bed.find(&Id::numbered(Kind::Issue, 1)).await.unwrap().doc;
        let second = bed.find(&Id::numbered(Kind::Issue, 2)).await.unwrap().doc;
        assert_eq!((first.rank, second.rank), (Some(round), Some(round)));
    }
    bed.is_consistent().await;
}

pub(crate) async fn an_answer_is_remembered_for_its_key(mut bed: Bed) {
    let make = json!({"number": 0, "code": "c"});
    let first = run(&bed, "things.create", &keyed(&bed, "k", "r"), make.clone()).await.unwrap();
    assert!(!first.replayed);
    // A server that was started since replays it, too.
    bed.reopen().await;
    let again = run(&bed, "things.create", &keyed(&bed, "k", "r"), make.clone()).await.unwrap();
    assert!(again.replayed);
    assert_eq!((again.reply.status, again.revision), (201, Some(1)));
    assert_eq!(again.reply.body, first.reply.body);
    let other = run(&bed, "things.create", &keyed(&bed, "k", "other"), make.clone()).await;
    assert_eq!(status(other), 409);
    let mut of_another = keyed(&bed, "k", "r");
    of_another.actor.id = Id::numbered(Kind::DevUser, 5);
    assert_eq!(status(run(&bed, "things.create", &of_another, make.clone()).await), 409);
    let mut elsewhere = bed.cx_in("elsewhere");
    elsewhere.preconditions = keyed(&bed, "k", "r").preconditions;
    assert!(!run(&bed, "things.create", &elsewhere, make.clone()).await.unwrap().replayed);
    // A day later the key is free.
    let mut late = keyed(&bed, "k", "later");
    late.now = late.now.plus_ms(24 * 60 * 60 * 1000);
    let free = json!({"number": 0, "code": "d"});
    assert!(!run(&bed, "things.create", &late, free).await.unwrap().replayed);
    bed.is_consistent().await;
}

pub(crate) async fn a_refusal_is_remembered_for_its_key(bed: Bed) {
    let ask = json!({"number": 1, "label": "x"});
    let refused = run(&bed, "things.change", &keyed(&bed, "k", "r"), ask.clone()).await;
    assert_eq!(status(refused), 404);
    bed.insert(thing("now it is there")).await;
    let again = run(&bed, "things.change", &keyed(&bed, "k", "r"), ask.clone()).await.unwrap();
    assert_eq!((again.replayed, again.reply.status), (true, 404));
    let fresh = run(&bed, "things.change", &keyed(&bed, "k2", "r"), ask).await.unwrap();
    assert_eq!((fresh.replayed, fresh.reply.status), (false, 200));
}

pub(crate) async fn of_two_requests_with_one_key_at_once_one_happens(bed: Bed) {
    bed.insert(thing("shared")).await;
    let bump = json!({"number": 1, "bump": true});
    let (one, two) = (keyed(&bed, "k", "r"), keyed(&bed, "k", "r"));
    let (first, second) = tokio::join!(
        run(&bed, "things.change", &one, bump.clone()),
        run(&bed, "things.change", &two, bump),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first.replayed, second.replayed);
    assert_eq!(first.reply.body, second.reply.body);
    assert_eq!(bed.find(&Id::numbered(Kind::Issue, 1)).await.unwrap().doc.rank, Some(1));
}

pub(crate) async fn if_match_demands_a_revision(bed: Bed) {
    bed.insert(thing("shared")).await;
    let matching = |revision| {
        let mut cx = bed.cx();
        cx.preconditions.revision = Some(revision);
        cx
    };
    let bump = json!({"number": 1, "bump": true});
    let done = run(&bed, "things.change", &matching(1), bump.clone()).await.unwrap();
    assert_eq!(done.revision, Some(2));
    assert_eq!(status(run(&bed, "things.change", &matching(1), bump.clone()).await), 412);
    // Of two that demand the same revision, one is refused.
    let (one, two) = (matching(2), matching(2));
    let both = tokio::join!(
        run(&bed, "things.change", &one, bump.clone()),
        run(&bed, "things.change", &two, bump),
    );
    let (won, lost) = if both.0.is_ok() { both } else { (both.1, both.0) };
    assert_eq!(won.unwrap().revision, Some(3));
    assert_eq!(status(lost), 412);
}

pub(crate) async fn if_match_is_about_the_object_as_it_was_before(bed: Bed) {
    let made = bed.insert(thing("0")).await;
    let mut cx = bed.cx();
    cx.preconditions.revision = Some(1);
    let mut tx = bed.engine().begin(&cx);
    let old = tx.target::<Thing>(made.id()).await.unwrap();
    tx.update(old, thing("1")).await.unwrap();
    assert_eq!(tx.target::<Thing>(made.id()).await.unwrap().doc.title, "1");
}
