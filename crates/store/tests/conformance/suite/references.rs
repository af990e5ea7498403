//! References, what a transaction may rely on, and the walls between orgs.

use worksmith_kernel::{Column, Error, Group, Query, Value};
use worksmith_wire::{Id, Kind, ListMode};

use crate::bed::{Bed, CODE, LABEL, OWNERS, Owner, PARENT, Thing, page, status, thing, titles};

fn child(title: &str, parent: &Id) -> Thing {
    Thing { parent: Some(parent.clone()), ..thing(title) }
}

pub(crate) async fn a_reference_must_lead_somewhere(bed: Bed) {
    let mut tx = bed.tx();
    let nowhere = Id::numbered(Kind::Issue, 99);
    assert_eq!(status(tx.insert(Kind::Issue, child("lost", &nowhere)).await), 400);
    let of_unknown_kind = Id::numbered(Kind::Conversation, 1);
    assert_eq!(status(tx.insert(Kind::Issue, child("lost", &of_unknown_kind)).await), 400);
    let parent = tx.insert(Kind::Issue, thing("parent")).await.unwrap();
    tx.insert(Kind::Issue, child("child", parent.id())).await.unwrap();
    tx.finish().await.unwrap();
    bed.is_consistent().await;
}

pub(crate) async fn references_are_found_from_their_target(bed: Bed) {
    let (a, b) = (bed.insert(thing("a")).await, bed.insert(thing("b")).await);
    let owners = vec![a.id().clone(), b.id().clone(), a.id().clone()];
    let x = bed.insert(Thing { owners, ..child("x", a.id()) }).await;
    let y = bed.insert(child("y", a.id())).await;
    let refs = async |to: &Id| {
        let mut refs = bed.tx().refs_to(to).await.unwrap();
        refs.sort();
        refs
    };
    let of = |field: &str, id: &Id| (field.to_owned(), id.clone());
    let expected = [of("owners", x.id()), of("parent", x.id()), of("parent", y.id())];
    assert_eq!(refs(a.id()).await, expected);
    assert_eq!(refs(b.id()).await, [of("owners", x.id())]);

    bed.update(x.id(), |thing| thing.owners.retain(|id| id == b.id())).await;
    bed.delete(y.id()).await;
    assert_eq!(refs(a.id()).await, [of("parent", x.id())]);
    let mut query = Query::new();
    query.refers_to(OWNERS, [b.id().clone(), a.id().clone()]);
    let found = bed.tx().list::<Thing>(query, &page(None, 10, ListMode::After)).await.unwrap();
    assert_eq!(titles(&found), ["x"]);
    bed.is_consistent().await;
}

pub(crate) async fn referrers_are_counted_by_what_their_references_carry(bed: Bed) {
    let mut tx = bed.tx();
    let mut owners = Vec::new();
    for name in ["a", "b"] {
        let owner = tx.insert(Kind::Account, Owner { name: name.to_owned() }).await.unwrap();
        owners.push(owner.id().clone());
    }
    tx.finish().await.unwrap();
    let held = [vec![owners[0].clone()], vec![owners[1].clone()], owners.clone()];
    for n in 0..18 {
        let label = [Some("x"), Some("y"), None][n % 3].map(str::to_owned);
        bed.insert(Thing { label, owners: held[n / 3 % 3].clone(), ..thing("owned") }).await;
    }
    let sorted = |mut counted: Vec<(Vec<Value>, u64)>| {
        counted.sort_by_key(|(values, _)| format!("{values:?}"));
        counted
    };
    // First all have owners, then one has none.
    for has_lonely in [false, true] {
        if has_lonely {
            bed.insert(Thing { label: Some("x".to_owned()), ..thing("lonely") }).await;
        }
        for wanted in [None, Some(vec!["x"]), Some(vec!["x", "y"]), Some(vec!["z"])] {
            let mut query = Query::new();
            query.one_of(Column::KIND, ["issue"]);
            if let Some(labels) = &wanted {
                query.one_of(LABEL, labels.iter().copied());
            }
            let labels = wanted.unwrap_or(vec!["x", "y", ""]);
            let labels: Vec<_> = labels.into_iter().filter(|label| *label != "z").collect();
            let among = labels.len() as u64;
            let is_lonely = has_lonely && labels.contains(&"x");
            let by_owner = || Group::refs(OWNERS, &[Kind::Account]);

            let of_owner = |id: &Id| (vec![Value::from(id)], 4 * among);
            let mut expected: Vec<_> = owners.iter().map(of_owner).collect();
            expected.retain(|(_, count)| *count > 0);
            expected.extend(is_lonely.then(|| (vec![Value::Null], 1)));
            let real = bed.tx().count_by::<Thing>(&query, &[by_owner()]).await.unwrap();
            assert_eq!(sorted(real), sorted(expected), "{query:?}");

            let mut expected = Vec::new();
            for label in labels {
                let label = if label.is_empty() { Value::Null } else { label.into() };
                expected.extend(owners.iter().map(|id| (vec![label.clone(), id.into()], 4)));
            }
            expected.extend(is_lonely.then(|| (vec!["x".into(), Value::Null], 1)));
            let groups = [Group::column(LABEL), by_owner()];
            let real = bed.tx().count_by::<Thing>(&query, &groups).await.unwrap();
            assert_eq!(sorted(real), sorted(expected), "{query:?}");
        }
    }
    bed.is_consistent().await;
}

pub(crate) async fn one_may_rely_on_nothing_referring_to_an_object(bed: Bed) {
    let parent = bed.insert(thing("parent")).await;
    let delete = async || {
        let mut tx = bed.tx();
        let children = tx.rely_on_referrers(PARENT, parent.id(), 0).await.unwrap();
        assert_eq!(children, Some(Vec::new()));
        tx.delete(parent.clone()).await.unwrap();
        tx
    };
    let tx = delete().await;
    let child = bed.insert(child("child", parent.id())).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
    bed.delete(child.id()).await;
    delete().await.finish().await.unwrap();
    bed.is_consistent().await;
}

pub(crate) async fn one_may_rely_on_who_refers_to_an_object(bed: Bed) {
    let (parent, other) = (bed.insert(thing("parent")).await, bed.insert(thing("other")).await);
    let first = bed.insert(child("first", parent.id())).await;
    let decide = async |max: usize| {
        let mut tx = bed.tx();
        let found = tx.rely_on_referrers(PARENT, parent.id(), max).await.unwrap();
        tx.insert(Kind::Issue, thing("decided")).await.unwrap();
        (tx, found)
    };
    let (tx, found) = decide(0).await;
    assert!(found.is_none());
    tx.finish().await.unwrap();

    // What refers by another field, or to another object, makes no difference.
    let (tx, found) = decide(1).await;
    assert_eq!(found, Some(vec![first.clone()]));
    bed.insert(Thing { owners: vec![parent.id().clone()], ..thing("owned") }).await;
    bed.insert(child("elsewhere", other.id())).await;
    tx.finish().await.unwrap();

    // One more, and one that has changed.
    let (tx, _) = decide(1).await;
    let second = bed.insert(child("second", parent.id())).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
    let (tx, _) = decide(2).await;
    bed.update(second.id(), |thing| "changed".clone_into(&mut thing.title)).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));

    // One for another leaves as many as there were.
    let (tx, found) = decide(2).await;
    assert_eq!(found.map(|found| found.len()), Some(2));
    bed.delete(second.id()).await;
    bed.insert(child("third", parent.id())).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
    bed.is_consistent().await;
}

pub(crate) async fn referrers_are_counted_for_each_object(bed: Bed) {
    let mut parents = Vec::new();
    for title in ["none", "one", "three"] {
        parents.push(bed.insert(thing(title)).await.id().clone());
    }
    let other = bed.insert(thing("other")).await;
    for (parent, label) in [
        (&parents[1], "a"),
        (&parents[1], "b"),
        (&parents[2], "a"),
        (&parents[2], "a"),
        (&parents[2], "a"),
        (other.id(), "a"),
    ] {
        let owners = vec![parents[0].clone()];
        bed.insert(Thing { label: Some(label.to_owned()), owners, ..child("x", parent) }).await;
    }
    let count = async |query: &Query<Thing>| {
        let counts = bed.tx().count_referrers(query, PARENT, &parents).await.unwrap();
        parents.iter().map(|id| counts.get(id).copied()).collect::<Vec<_>>()
    };
    assert_eq!(count(&Query::new()).await, [None, Some(2), Some(3)]);
    let mut query = Query::new();
    query.one_of(LABEL, ["a"]);
    assert_eq!(count(&query).await, [None, Some(1), Some(3)]);
    query.one_of(LABEL, ["c"]);
    assert_eq!(count(&query).await, [None; 3]);
    let counts = bed.tx().count_referrers(&Query::new(), PARENT, &[]).await.unwrap();
    assert!(counts.is_empty());
}

pub(crate) async fn a_target_deleted_meanwhile_refuses_the_reference(bed: Bed) {
    let parent = bed.insert(thing("parent")).await;
    let mut tx = bed.tx();
    tx.insert(Kind::Issue, child("child", parent.id())).await.unwrap();
    bed.delete(parent.id()).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
    bed.is_consistent().await;
}

pub(crate) async fn one_may_rely_on_an_object(bed: Bed) {
    let gate = bed.insert(thing("open")).await;
    let mut tx = bed.tx();
    let seen = tx.find::<Thing>(gate.id()).await.unwrap().unwrap();
    tx.rely_on(&seen);
    tx.insert(Kind::Issue, thing("through")).await.unwrap();
    bed.update(gate.id(), |thing| "closed".clone_into(&mut thing.title)).await;
    assert!(matches!(tx.finish().await, Err(Error::Stale)));
}

pub(crate) async fn relying_on_what_one_changes_is_no_obstacle(bed: Bed) {
    let made = bed.insert(thing("0")).await;
    let mut tx = bed.tx();
    tx.rely_on(&made);
    let changed = tx.update(made, thing("1")).await.unwrap();
    tx.rely_on(&changed);
    let new = tx.insert(Kind::Issue, thing("new")).await.unwrap();
    tx.rely_on(&new);
    tx.finish().await.unwrap();
    bed.is_consistent().await;
}

pub(crate) async fn a_transaction_shows_what_it_deletes_itself(bed: Bed) {
    let mut tx = bed.tx();
    let owner = tx.insert(Kind::Account, Owner { name: "Ada".to_owned() }).await.unwrap();
    let owners = vec![owner.id().clone()];
    let owned = tx.insert(Kind::Issue, Thing { owners, ..thing("owned") }).await.unwrap();
    tx.finish().await.unwrap();
    let mut tx = bed.tx();
    tx.delete(owner).await.unwrap();
    assert_eq!(tx.object(&owned).await.unwrap().owners.len(), 1);
}

pub(crate) async fn orgs_never_see_each_other(bed: Bed) {
    let mut made = Vec::new();
    for org in ["one", "two"] {
        let mut tx = bed.engine().begin(&bed.cx_in(org));
        let owner = Owner { name: "same".to_owned() };
        let owner = tx.insert_with_id(Id::new(Kind::Account, "same"), owner).await.unwrap();
        let doc =
            Thing { code: Some("same".to_owned()), owners: vec![owner.id().clone()], ..thing(org) };
        let stored = tx.insert(Kind::Issue, doc).await.unwrap();
        assert_eq!(stored.id(), &Id::numbered(Kind::Issue, 1));
        tx.finish().await.unwrap();
        made.push((org, stored));
    }
    let mut third = bed.engine().begin(&bed.cx_in("one"));
    let only_in_one = third.insert(Kind::Issue, thing("only in one")).await.unwrap();
    third.finish().await.unwrap();

    for (org, stored) in &made {
        let mut tx = bed.engine().begin(&bed.cx_in(org));
        assert_eq!(tx.find::<Thing>(stored.id()).await.unwrap().as_ref(), Some(stored));
        assert_eq!(tx.find_name(CODE, "same").await.unwrap().as_ref(), Some(stored.id()));
        assert_eq!(tx.refs_to(&Id::new(Kind::Account, "same")).await.unwrap().len(), 1);
        assert_eq!(tx.events_of(stored.id()).await.unwrap().len(), 1);
        let all = tx.list::<Thing>(Query::new(), &page(None, 9, ListMode::After)).await.unwrap();
        assert_eq!(all.objects.len(), if *org == "one" { 2 } else { 1 });
        let peeked = bed.engine().peek::<Thing>(org, stored.id()).await.unwrap();
        assert_eq!(peeked.as_ref(), Some(stored));
    }
    let mut two = bed.engine().begin(&bed.cx_in("two"));
    assert_eq!(status(two.target::<Thing>(only_in_one.id()).await), 404);
    assert_eq!(status(two.insert(Kind::Issue, child("thief", only_in_one.id())).await), 400);
    let stored = two.find::<Thing>(made[1].1.id()).await.unwrap().unwrap();
    two.delete(stored).await.unwrap();
    two.finish().await.unwrap();
    let mut one = bed.engine().begin(&bed.cx_in("one"));
    assert_eq!(one.find::<Thing>(made[0].1.id()).await.unwrap().as_ref(), Some(&made[0].1));
    assert_eq!(one.find_name(CODE, "same").await.unwrap().as_ref(), Some(made[0].1.id()));
    bed.is_consistent().await;
}
