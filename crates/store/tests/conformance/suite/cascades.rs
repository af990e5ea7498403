//! Changes that others follow: in the transaction of the change, or bit by bit while readers see
//! the result already.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use worksmith_engine::{Cascade, Changed, Position, Tx};
use worksmith_kernel::{
    Beside, Column, Cond, Expander, Group, Query, Reference, Resource, Result, Rewrite, Stored,
    Value,
};
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Direction, Id, Kind};

use crate::bed::{Bed, Owner};

/// A document that refers to others in every way that a cascade rewrites.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// A text, which may happen to spell an id.
    pub(crate) title: String,
    /// `rank` changes along with it.
    pub(crate) place: Option<Id>,
    pub(crate) rank: Option<i64>,
    pub(crate) owner: Option<Id>,
    pub(crate) tags: Vec<Tagged>,
    /// The changes of tags of which [`follow`] was told.
    pub(crate) heard: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tagged {
    pub(crate) tag: Id,
    pub(crate) value: Option<String>,
}

const PLACE: Column<Step> =
    Column::text("place", |step: &Step| step.place.as_ref().into()).filter().digested();
const RANK: Column<Step> =
    Column::integer("rank", |step: &Step| step.rank.into()).filter().tallied();
const OWNER: Column<Step> =
    Column::text("owner", |step: &Step| step.owner.as_ref().into()).filter().digested().tallied();

const BY_OWNER: Reference<Step> =
    Reference::new("owner", |step, visit| step.owner.iter().for_each(visit));
const TAGS: Reference<Step> = Reference::new("tags", |step: &Step, visit| {
    step.tags.iter().for_each(|on| visit(&on.tag));
})
.digested()
.tallied();

#[derive(Serialize, JsonSchema)]
pub(crate) struct StepObject {
    title: String,
    tags: usize,
}

impl Resource for Step {
    const TABLE_NAME: &'static str = "steps";
    const KINDS: &'static [Kind] = &[Kind::Task];
    const COLUMNS: &'static [Column<Self>] = &[PLACE, RANK, OWNER];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("place", |step, visit| step.place.iter().for_each(visit)), BY_OWNER, TAGS];
    const GOES_WITH: &'static [&'static str] = &[BY_OWNER.field()];
    const ONE: &'static str = "step";
    const MANY: &'static str = "steps";
    type Object = StepObject;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, _: &Expander) -> StepObject {
        StepObject { title: stored.doc.title.clone(), tags: stored.doc.tags.len() }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

/// Records in the step itself which tags were added and removed.
pub(crate) async fn follow(tx: &mut Tx, changed: Changed<Step>) -> Result<()> {
    let (came, went) = changed.refs(|field, _| field == TAGS.field());
    let (Some(after), true) = (&changed.after, came.len() + went.len() > 0) else { return Ok(()) };
    let stored = tx.find::<Step>(after.id()).await?.expect("a step");
    let mut doc = stored.doc.clone();
    doc.heard
        .extend(came.iter().map(|_| "+".to_owned()).chain(went.iter().map(|_| "-".to_owned())));
    let modified = (stored.meta.modified_at, stored.meta.modified_by.clone());
    tx.update_as(stored, doc, Some(modified)).await.map(drop)
}

async fn owner(bed: &Bed, name: &str) -> Id {
    let mut tx = bed.tx();
    let made = tx.insert(Kind::Account, Owner { name: name.to_owned() }).await.unwrap();
    tx.finish().await.unwrap();
    made.id().clone()
}

async fn steps(bed: &Bed, count: usize, make: impl Fn(usize) -> Step) -> Vec<Id> {
    let mut ids = Vec::new();
    for at in 0..count {
        let mut tx = bed.tx();
        ids.push(tx.insert(Kind::Task, make(at)).await.unwrap().id().clone());
        tx.finish().await.unwrap();
    }
    ids
}

fn tagged(tag: &Id) -> Vec<Tagged> {
    vec![Tagged { tag: tag.clone(), value: Some("high".to_owned()) }]
}

async fn find(bed: &Bed, id: &Id) -> Stored<Step> {
    bed.tx().find::<Step>(id).await.unwrap().expect("a step")
}

/// How many steps match, by counting and by listing.
async fn matching(bed: &Bed, cond: Cond<Step>) -> usize {
    let mut query = Query::new();
    query.with(cond);
    let listed = bed.tx().first::<Step>(&query, 1000).await.unwrap().len();
    let counted = bed.tx().count::<Step>(&query).await.unwrap();
    assert_eq!(counted, listed as u64, "{query:?}");
    listed
}

async fn cascade(bed: &Bed, subject: &Id, rewrite: Rewrite) {
    let mut tx = bed.tx();
    tx.cascade(subject, rewrite).await.unwrap();
    tx.finish().await.unwrap();
}

/// Rewrites a page of the oldest cascade, and returns whether there was one.
async fn page(bed: &Bed, position: &mut Position) -> bool {
    let mut oldest = Query::new();
    oldest.order_by(Column::SEQ, Direction::Asc);
    let Some(cascade) = bed.tx().first::<Cascade>(&oldest, 1).await.unwrap().pop() else {
        return false;
    };
    let mut tx = bed.tx();
    if let Some(next) = tx.settle_some(&cascade, position, 3).await.unwrap() {
        *position = next;
    } else if std::mem::take(position).rewritten == 0 {
        tx.delete(cascade).await.unwrap();
    }
    tx.finish().await.unwrap();
    true
}

async fn work_off(bed: &Bed) {
    let mut position = Position::default();
    while page(bed, &mut position).await {}
}

pub(crate) async fn whoever_changes_an_object_its_followers_hear_of_it(bed: Bed) {
    let tag = owner(&bed, "tag").await;
    let made = steps(&bed, 1, |_| Step { tags: tagged(&tag), ..Step::default() }).await.remove(0);
    let stored = find(&bed, &made).await;
    assert_eq!((stored.doc.heard, stored.meta.revision), (vec!["+".to_owned()], 1));

    let mut tx = bed.tx();
    let old = tx.find::<Step>(&made).await.unwrap().unwrap();
    let doc = Step { tags: Vec::new(), ..old.doc.clone() };
    let left = tx.update(old, doc).await.unwrap();
    assert_eq!(left.doc.heard, ["+", "-"], "who updates it is given what the followers leave");
    tx.finish().await.unwrap();
    let stored = find(&bed, &made).await;
    assert_eq!((&stored, stored.meta.revision), (&left, 2), "one change, one revision");
    bed.is_consistent().await;
}

pub(crate) async fn references_to_what_is_gone_are_dropped_at_once_for_readers(bed: Bed) {
    let (tag, other) = (owner(&bed, "tag").await, owner(&bed, "other").await);
    let made = steps(&bed, 10, |at| Step {
        title: tag.to_string(),
        place: Some(if at < 7 { tag.clone() } else { other.clone() }),
        tags: tagged(&tag).into_iter().chain(tagged(&other)).collect(),
        ..Step::default()
    });
    let made = made.await;
    let before = find(&bed, &made[0]).await;
    let mut tx = bed.tx();
    let gone = tx.find::<Owner>(&tag).await.unwrap().unwrap();
    tx.delete(gone).await.unwrap();
    tx.cascade(&tag, Rewrite::Drop).await.unwrap();
    tx.finish().await.unwrap();

    for worked_off in [false, true] {
        if worked_off {
            work_off(&bed).await;
        }
        for (at, id) in made.iter().enumerate() {
            let step = find(&bed, id).await;
            assert_eq!(step.doc.tags, tagged(&other), "{worked_off}");
            assert_eq!(step.doc.place, (at >= 7).then(|| other.clone()));
            assert_eq!(step.doc.title, tag.to_string(), "a text is no reference");
            assert_eq!(step.meta.modified_at, step.meta.created_at, "nobody changed the step");
        }
        let tags = |id: &Id| Cond::refers_to(TAGS, vec![id.clone()]);
        assert_eq!(matching(&bed, tags(&tag)).await, 0, "{worked_off}");
        assert_eq!(matching(&bed, !tags(&tag)).await, 10);
        assert_eq!(matching(&bed, tags(&other)).await, 10);
        assert_eq!(matching(&bed, Cond::is(PLACE, &tag)).await, 0);
        assert_eq!(matching(&bed, Cond::is_null(PLACE)).await, 7);
        assert_eq!(matching(&bed, Cond::is_null(RANK)).await, 10, "a column of numbers");
    }
    let after = find(&bed, &made[0]).await;
    assert_eq!((before.meta.revision, after.meta.revision), (1, 2));
    assert_eq!(after.doc.heard, ["+", "+", "-"], "the follower hears of it, and once");
    assert_eq!(bed.tx().refs_to(&tag).await.unwrap(), [], "nothing refers to it");
    bed.is_consistent().await;
}

pub(crate) async fn references_lead_to_what_an_object_was_merged_into(bed: Bed) {
    let names = ["a", "b", "c"];
    let mut owners = Vec::new();
    for name in names {
        owners.push(owner(&bed, name).await);
    }
    let [a, b, c] = [&owners[0], &owners[1], &owners[2]];
    let made = steps(&bed, 9, |at| Step {
        owner: Some(owners[at % 3].clone()),
        tags: owners.iter().flat_map(tagged).collect(),
        ..Step::default()
    });
    let made = made.await;
    // One after the other, the second of them before the first is finished.
    cascade(&bed, a, Rewrite::Lead(b.clone())).await;
    cascade(&bed, b, Rewrite::Lead(c.clone())).await;
    for worked_off in [false, true] {
        if worked_off {
            work_off(&bed).await;
        }
        assert_eq!(matching(&bed, Cond::is(OWNER, c)).await, 9, "{worked_off}");
        assert_eq!(matching(&bed, Cond::refers_to(BY_OWNER, vec![c.clone()])).await, 9);
        for id in &made {
            assert_eq!(find(&bed, id).await.doc.owner.as_ref(), Some(c));
        }
    }
    assert_eq!(bed.tx().refs_to(a).await.unwrap(), []);
    bed.is_consistent().await;
}

pub(crate) async fn what_is_nothing_without_its_owner_is_gone_at_once(mut bed: Bed) {
    let (owner_id, other) = (owner(&bed, "owner").await, owner(&bed, "other").await);
    let made = steps(&bed, 10, |at| Step {
        title: owner_id.to_string(),
        owner: Some(if at < 8 { owner_id.clone() } else { other.clone() }),
        tags: tagged(&owner_id),
        ..Step::default()
    });
    let made = made.await;
    let mut tx = bed.tx();
    let gone = tx.find::<Owner>(&owner_id).await.unwrap().unwrap();
    tx.delete(gone).await.unwrap();
    tx.cascade(&owner_id, Rewrite::Delete).await.unwrap();
    tx.finish().await.unwrap();

    for rounds in 0..3 {
        for (at, id) in made.iter().enumerate() {
            let step = bed.tx().find::<Step>(id).await.unwrap();
            assert_eq!(step.is_some(), at >= 8, "{rounds}");
            assert_eq!(bed.tx().is_there(id).await.unwrap(), at >= 8);
            // What refers to the owner otherwise stays as it is.
            assert!(step.is_none_or(|step| step.doc.tags == tagged(&owner_id)));
        }
        assert_eq!(matching(&bed, Cond::always()).await, 2, "{rounds}");
        assert_eq!(matching(&bed, Cond::refers_to(TAGS, vec![owner_id.clone()])).await, 2);
        assert_eq!(matching(&bed, Cond::refers_to(BY_OWNER, vec![owner_id.clone()])).await, 0);
        assert_eq!(matching(&bed, Cond::is(OWNER, &other)).await, 2);
        bed.is_consistent().await;
        match rounds {
            0 => drop(page(&bed, &mut Position::default()).await),
            1 => {
                bed.reopen().await;
                work_off(&bed).await;
            }
            _ => {}
        }
    }
    let left = bed.tx().refs_to(&owner_id).await.unwrap();
    assert!(left.iter().all(|(field, _)| field == TAGS.field()), "{left:?}");
    assert_eq!(bed.tx().count::<Cascade>(&Query::new()).await.unwrap(), 0);
}

pub(crate) async fn what_goes_with_a_reference_counts_at_once(bed: Bed) {
    let (first, last) = (owner(&bed, "first").await, owner(&bed, "last").await);
    let made = steps(&bed, 8, |at| {
        let (place, rank) = if at % 2 == 0 { (&first, 1) } else { (&last, 9) };
        Step { place: Some(place.clone()), rank: Some(rank), ..Step::default() }
    });
    let made = made.await;
    let ranked = Beside { field: PLACE.name(), member: RANK.name() };
    let beside = |value: i64| ranked.becomes(value);
    cascade(&bed, &first, beside(5)).await;
    cascade(&bed, &first, beside(20)).await;
    for worked_off in [false, true] {
        if worked_off {
            work_off(&bed).await;
        }
        assert_eq!(matching(&bed, Cond::is(RANK, 20_i64)).await, 4, "{worked_off}");
        assert_eq!(matching(&bed, Cond::one_of(RANK, [1_i64, 5])).await, 0);
        let high = Cond::range(RANK, Some(10_i64.into()), None);
        assert_eq!(matching(&bed, high).await, 4);
        let mut query = Query::new();
        query.order_by(RANK, Direction::Asc);
        let mut seen = Vec::new();
        let mut place = None;
        loop {
            let (found, next) = bed.tx().first_after::<Step>(&query, place, 3).await.unwrap();
            seen.extend(found.into_iter().map(|step| (step.doc.rank, step.meta.id)));
            place = next;
            if place.is_none() {
                break;
            }
        }
        let ranks: Vec<_> = seen.iter().map(|(rank, _)| rank.unwrap()).collect();
        assert_eq!(ranks, [9, 9, 9, 9, 20, 20, 20, 20], "{worked_off}");
        assert_eq!(seen.len(), made.len());
    }
    bed.is_consistent().await;
}

/// How many steps each group has: its values and the number, in their order.
async fn grouped<const N: usize>(bed: &Bed, groups: [Group<Step>; N]) -> Vec<String> {
    let counted = bed.tx().count_by::<Step>(&Query::new(), &groups).await.unwrap();
    let text = |value: Value| match value {
        Value::Null => "none".to_owned(),
        Value::Integer(integer) => integer.to_string(),
        Value::Text(text) => text,
        Value::Real(real) => real.to_string(),
    };
    let mut lines: Vec<_> = counted
        .into_iter()
        .map(|(values, count)| {
            let values: Vec<_> = values.into_iter().map(text).collect();
            format!("{}: {count}", values.join(" "))
        })
        .collect();
    lines.sort();
    lines
}

pub(crate) async fn groups_are_counted_as_they_are_going_to_be(bed: Bed) {
    let mut owners = Vec::new();
    for name in ["a", "b", "c", "d"] {
        owners.push(owner(&bed, name).await);
    }
    let [a, b, c, d] = [&owners[0], &owners[1], &owners[2], &owners[3]];
    // Each has two tags of the four, an owner and a place, of which the rank follows.
    steps(&bed, 8, |at| Step {
        place: Some(owners[at % 4].clone()),
        rank: Some(1),
        owner: Some(owners[at % 4].clone()),
        tags: [at % 4, (at + 1) % 4].iter().flat_map(|tag| tagged(&owners[*tag])).collect(),
        ..Step::default()
    })
    .await;
    let tags = || Group::refs(TAGS, &[Kind::Account]);
    let each = |id: &dyn std::fmt::Display, count: u64| format!("{id}: {count}");
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let before = sorted(owners.iter().map(|id| each(id, 4)).collect());
    assert_eq!(grouped(&bed, [tags()]).await, before);

    // `a` becomes `b`, and `b` becomes `c`; `d` is gone; the rank beside `d` was to become 7.
    cascade(&bed, a, Rewrite::Lead(b.clone())).await;
    cascade(&bed, b, Rewrite::Lead(c.clone())).await;
    let ranked = Beside { field: PLACE.name(), member: RANK.name() };
    cascade(&bed, d, ranked.becomes(7)).await;
    let mut tx = bed.tx();
    let gone = tx.find::<Owner>(d).await.unwrap().unwrap();
    tx.delete(gone).await.unwrap();
    tx.cascade(d, Rewrite::Drop).await.unwrap();
    tx.finish().await.unwrap();

    let mut position = Position::default();
    loop {
        // Two of each eight had `a` and `b`, which is `c` once.
        assert_eq!(grouped(&bed, [tags()]).await, [each(c, 8)]);
        assert_eq!(grouped(&bed, [Group::column(OWNER)]).await, [each(c, 6), each(&"none", 2)]);
        let pairs = grouped(&bed, [Group::column(OWNER), tags()]).await;
        assert_eq!(pairs, [format!("{c} {c}: 6"), format!("none {c}: 2")]);
        let ranks = grouped(&bed, [Group::column(RANK), Group::column(PLACE)]).await;
        assert_eq!(ranks, [format!("1 {c}: 6"), "7 none: 2".to_owned()]);
        if !page(&bed, &mut position).await {
            break;
        }
    }
    bed.is_consistent().await;
}

pub(crate) async fn a_change_within_a_cascade_takes_it_along(mut bed: Bed) {
    let tag = owner(&bed, "tag").await;
    let made = steps(&bed, 9, |_| Step { tags: tagged(&tag), ..Step::default() }).await;
    let mut tx = bed.tx();
    let gone = tx.find::<Owner>(&tag).await.unwrap().unwrap();
    tx.delete(gone).await.unwrap();
    tx.cascade(&tag, Rewrite::Drop).await.unwrap();
    tx.finish().await.unwrap();
    let mut position = Position::default();
    page(&bed, &mut position).await;
    bed.is_consistent().await;

    // One that is found by its id, one that is found in a list, and one that is deleted.
    let mut query = Query::new();
    query.with(Cond::is(Column::ID, &made[7]));
    let mut tx = bed.tx();
    let listed = tx.first::<Step>(&query, 1).await.unwrap().remove(0);
    let found = tx.find::<Step>(&made[8]).await.unwrap().unwrap();
    for step in [listed, found] {
        let doc = Step { title: "changed".to_owned(), ..step.doc.clone() };
        let step = tx.update(step, doc).await.unwrap();
        assert_eq!(step.doc.tags, []);
        assert_eq!(step.meta.revision, 2);
    }
    let end = tx.find::<Step>(&made[6]).await.unwrap().unwrap();
    tx.delete(end).await.unwrap();
    tx.finish().await.unwrap();
    bed.is_consistent().await;

    // After a restart, everything is where it was.
    bed.reopen().await;
    for id in &made[..6] {
        assert_eq!(find(&bed, id).await.doc.tags, []);
    }
    work_off(&bed).await;
    assert_eq!(find(&bed, &made[8]).await.doc.heard, ["+", "-"]);
    assert_eq!(bed.tx().refs_to(&tag).await.unwrap(), []);
    assert_eq!(bed.tx().count::<Cascade>(&Query::new()).await.unwrap(), 0);
    bed.is_consistent().await;
}
