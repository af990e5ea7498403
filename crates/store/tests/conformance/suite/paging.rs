//! Lists, their order, their pages, and counts.

use Direction::{Asc, Desc};
use ListMode::{After, Before};
use worksmith_kernel::{Column, Cond, Cursor, Query, Value};
use worksmith_wire::{Direction, Id, Kind, ListMode};

use crate::bed::{Bed, LABEL, OWNERS, PARENT, RANK, Thing, WEIGHT, page, status, thing, titles};

fn sorted(keys: &[(Column<Thing>, Direction)]) -> Query<Thing> {
    let mut query = Query::new();
    for (column, direction) in keys {
        query.order_by(*column, *direction);
    }
    query
}

/// The titles page by page, and back again, which must give the same pages.
pub(super) async fn walk(bed: &Bed, query: &Query<Thing>, limit: i64) -> Vec<String> {
    let mut tx = bed.tx();
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let request = page(cursor.as_deref(), limit, After);
        let found = tx.list::<Thing>(query.clone(), &request).await.unwrap();
        assert_eq!(found.prev_cursor.is_some(), !seen.is_empty());
        seen.push(titles(&found).join(" "));
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut back = Vec::new();
    loop {
        let request = page(cursor.as_deref(), limit, Before);
        let found = tx.list::<Thing>(query.clone(), &request).await.unwrap();
        assert_eq!(found.next_cursor.is_some(), !back.is_empty());
        back.insert(0, titles(&found).join(" "));
        cursor = found.prev_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(back.join(" "), seen.join(" "));
    seen
}

pub(crate) async fn pages_follow_each_other_in_both_directions(bed: Bed) {
    assert_eq!(walk(&bed, &Query::new(), 3).await, [""]);
    for title in ["a", "b", "c", "d", "e", "f", "g"] {
        bed.insert(thing(title)).await;
    }
    assert_eq!(walk(&bed, &Query::new(), 3).await, ["g f e", "d c b", "a"]);
    assert_eq!(walk(&bed, &sorted(&[(Column::CREATED_AT, Asc)]), 4).await, ["a b c d", "e f g"]);
    assert_eq!(walk(&bed, &sorted(&[(Column::SEQ, Desc)]), 7).await, ["g f e d c b a"]);
}

/// Creates things with these ranks and labels, titled by both.
async fn ranked(bed: &Bed, things: &[(Option<i64>, Option<&str>)]) {
    let mut tx = bed.tx();
    for (number, (rank, label)) in things.iter().enumerate() {
        let rank_text = rank.map_or("-".to_owned(), |rank| rank.to_string());
        let title = format!("{rank_text}{}{number}", label.unwrap_or("-"));
        let label = label.map(Into::into);
        let doc = Thing { rank: *rank, label, ..thing(&title) };
        tx.insert(Kind::Issue, doc).await.unwrap();
    }
    tx.finish().await.unwrap();
}

pub(crate) async fn objects_without_a_value_come_last_in_both_orders(bed: Bed) {
    ranked(&bed, &[(None, None), (Some(2), None), (Some(1), None), (None, None), (Some(2), None)])
        .await;
    for limit in 1..6 {
        let up = walk(&bed, &sorted(&[(RANK, Asc)]), limit).await.join(" ");
        assert_eq!(up, "1-2 2-1 2-4 --0 --3", "{limit}");
        let down = walk(&bed, &sorted(&[(RANK, Desc)]), limit).await.join(" ");
        assert_eq!(down, "2-4 2-1 1-2 --3 --0", "{limit}");
    }
}

pub(crate) async fn several_keys_weigh_in_their_order(bed: Bed) {
    let things = [
        (Some(1), Some("b")),
        (Some(2), Some("a")),
        (None, Some("b")),
        (Some(1), None),
        (Some(3), Some("b")),
        (None, None),
        (Some(1), Some("b")),
    ];
    ranked(&bed, &things).await;
    for limit in 1..8 {
        let query = sorted(&[(LABEL, Desc), (RANK, Asc)]);
        let pages = walk(&bed, &query, limit).await.join(" ");
        assert_eq!(pages, "1b0 1b6 3b4 -b2 2a1 1-3 --5", "{limit}");
        let query = sorted(&[(RANK, Asc), (LABEL, Asc), (Column::CREATED_AT, Desc)]);
        let pages = walk(&bed, &query, limit).await.join(" ");
        assert_eq!(pages, "1b6 1b0 1-3 2a1 3b4 -b2 --5", "{limit}");
        let query = sorted(&[(RANK, Desc), (RANK, Asc), (Column::ID, Asc)]);
        let pages = walk(&bed, &query, limit).await.join(" ");
        assert_eq!(pages, "3b4 2a1 1b0 1-3 1b6 -b2 --5", "{limit}");
    }
}

pub(crate) async fn a_list_may_change_while_it_is_paged(bed: Bed) {
    for title in ["a", "b", "c", "d", "e"] {
        bed.insert(thing(title)).await;
    }
    let query = sorted(&[(Column::CREATED_AT, Asc)]);
    let first = bed.tx().list::<Thing>(query.clone(), &page(None, 2, After)).await.unwrap();
    assert_eq!(titles(&first), ["a", "b"]);
    // The object at the edge is deleted, and another one is created: nothing is repeated or
    // skipped.
    bed.delete(&Id::numbered(Kind::Issue, 2)).await;
    bed.insert(thing("f")).await;
    let next = page(first.next_cursor.as_deref(), 9, After);
    let rest = bed.tx().list::<Thing>(query, &next).await.unwrap();
    assert_eq!(titles(&rest), ["c", "d", "e", "f"]);
    assert!(rest.next_cursor.is_none() && rest.prev_cursor.is_some());
}

pub(crate) async fn the_way_back_from_an_empty_page_misses_nothing(bed: Bed) {
    for title in ["a", "b", "c"] {
        bed.insert(thing(title)).await;
    }
    let query = sorted(&[(Column::CREATED_AT, Asc)]);
    let ask = async |cursor: Option<&str>, limit, mode| {
        bed.tx().list::<Thing>(query.clone(), &page(cursor, limit, mode)).await.unwrap()
    };
    let two = ask(None, 2, After).await;
    bed.delete(&Id::numbered(Kind::Issue, 3)).await;
    let empty = ask(two.next_cursor.as_deref(), 2, After).await;
    assert!(empty.objects.is_empty() && empty.next_cursor.is_none());
    let back = ask(empty.prev_cursor.as_deref(), 2, Before).await;
    assert_eq!(titles(&back), ["a", "b"]);
    // The same at the other end.
    let one = ask(None, 1, Before).await;
    assert_eq!(titles(&one), ["b"]);
    bed.delete(&Id::numbered(Kind::Issue, 1)).await;
    let empty = ask(one.prev_cursor.as_deref(), 2, Before).await;
    assert!(empty.objects.is_empty() && empty.prev_cursor.is_none());
    let forth = ask(empty.next_cursor.as_deref(), 2, After).await;
    assert_eq!(titles(&forth), ["b"]);
    // With nothing on any side, no cursor leads anywhere.
    bed.delete(&Id::numbered(Kind::Issue, 2)).await;
    let nothing = ask(one.prev_cursor.as_deref(), 2, Before).await;
    assert!(nothing.next_cursor.is_none() && nothing.prev_cursor.is_none());
}

pub(crate) async fn a_forged_cursor_is_the_clients_mistake(bed: Bed) {
    bed.insert(thing("a")).await;
    let query = sorted(&[(LABEL, Asc), (WEIGHT, Desc)]);
    let text = |text: &str| Value::from(text);
    let good = vec![text("l"), Value::Real(0.5), Value::Integer(1), text("issue/1")];
    let ask = async |binding: &str, key: Vec<Value>| {
        let cursor = Cursor::new(binding, key).encode();
        let page = page(Some(&cursor), 9, After);
        bed.tx().list::<Thing>(query.clone(), &page).await.map(|page| page.objects.len())
    };
    assert_eq!(ask("query", good.clone()).await.unwrap(), 1);
    let no_label = vec![Value::Null, Value::Null, Value::Integer(9), text("")];
    assert_eq!(ask("query", no_label).await.unwrap(), 1);
    assert_eq!(status(ask("another", good.clone()).await), 400);
    assert_eq!(status(ask("query", good[1..].to_vec()).await), 400);
    for (at, wrong) in [
        (0, Value::Integer(1)),
        (0, text("a\0b")),
        (1, text("x")),
        (2, Value::Null),
        (2, text("1")),
        (2, Value::Real(1e300)),
        (3, Value::Null),
    ] {
        let mut key = good.clone();
        key[at] = wrong.clone();
        assert_eq!(status(ask("query", key).await), 400, "{at} {wrong:?}");
    }
}

/// The titles that meet a condition, in the order of their creation.
async fn found(bed: &Bed, cond: Cond<Thing>) -> String {
    let mut query = sorted(&[(Column::SEQ, Asc)]);
    query.with(cond);
    let page = bed.tx().list::<Thing>(query, &page(None, 100, After)).await.unwrap();
    titles(&page).join(" ")
}

pub(crate) async fn conditions_mean_what_they_say(bed: Bed) {
    ranked(&bed, &[(Some(1), Some("a")), (None, Some("b")), (Some(3), None), (None, None)]).await;
    let owner = vec![Id::numbered(Kind::Issue, 1)];
    let owned = Thing { owners: owner.clone(), rank: Some(9), ..thing("owned") };
    let owned = bed.insert(owned).await;
    assert!(Cond::is(RANK, 9_i64).holds(&owned).unwrap());
    let unlisted = Column::integer("unlisted", |_| 9_i64.into());
    assert!(Cond::is(unlisted, 9_i64).holds(&owned).is_err(), "it does not read as null");
    let rank = |values: &[i64]| Cond::one_of(RANK, values.iter().copied());
    let not = |cond: Cond<Thing>| !cond;
    assert_eq!(found(&bed, rank(&[1, 3])).await, "1a0 3-2");
    assert_eq!(found(&bed, not(rank(&[1, 3]))).await, "-b1 --3 owned");
    assert_eq!(found(&bed, rank(&[])).await, "");
    assert_eq!(found(&bed, not(rank(&[]))).await, "1a0 -b1 3-2 --3 owned");
    assert_eq!(found(&bed, Cond::is(RANK, None::<i64>)).await, "", "nothing is no value");
    assert_eq!(found(&bed, Cond::is_null(RANK)).await, "-b1 --3");
    assert_eq!(found(&bed, not(Cond::is_null(RANK))).await, "1a0 3-2 owned");
    let range = |from: Option<i64>, to: Option<i64>| {
        Cond::range(RANK, from.map(Into::into), to.map(Into::into))
    };
    assert_eq!(found(&bed, range(Some(1), Some(3))).await, "1a0 3-2");
    assert_eq!(found(&bed, range(Some(2), None)).await, "3-2 owned");
    assert_eq!(found(&bed, not(range(None, Some(2)))).await, "-b1 3-2 --3 owned");
    assert_eq!(found(&bed, range(None, None)).await, "1a0 3-2 owned");
    let any = |conds: &[Cond<Thing>]| Cond::any(conds.to_vec());
    let all = |conds: &[Cond<Thing>]| Cond::all(conds.to_vec());
    let (one, b) = (rank(&[1]), Cond::is(LABEL, "b"));
    assert_eq!(found(&bed, any(&[one.clone(), b.clone()])).await, "1a0 -b1");
    assert_eq!(found(&bed, not(any(&[one.clone(), b.clone()]))).await, "3-2 --3 owned");
    assert_eq!(found(&bed, all(&[one.clone(), not(b.clone())])).await, "1a0");
    assert_eq!(found(&bed, not(all(&[not(one), not(b)]))).await, "1a0 -b1");
    assert_eq!(found(&bed, Cond::never()).await, "");
    assert_eq!(found(&bed, not(Cond::never())).await, "1a0 -b1 3-2 --3 owned");
    assert_eq!(found(&bed, Cond::always()).await, "1a0 -b1 3-2 --3 owned");
    assert_eq!(found(&bed, not(all(&[Cond::always(), any(&[])]))).await, "1a0 -b1 3-2 --3 owned");
    assert_eq!(found(&bed, Cond::refers_to(OWNERS, owner.clone())).await, "owned");
    assert_eq!(found(&bed, Cond::refers_to(PARENT, owner.clone())).await, "");
    assert_eq!(found(&bed, not(Cond::refers_to(OWNERS, owner))).await, "1a0 -b1 3-2 --3");
    assert_eq!(found(&bed, Cond::refers_to(OWNERS, Vec::new())).await, "");
}

pub(crate) async fn counts_agree_with_lists(bed: Bed) {
    ranked(&bed, &[(Some(1), None), (None, None), (Some(3), None)]).await;
    let mut tx = bed.tx();
    assert_eq!(tx.count::<Thing>(&Query::new()).await.unwrap(), 3);
    let mut query = Query::new();
    query.with(!Cond::is(RANK, 1_i64));
    assert_eq!(tx.count::<Thing>(&query).await.unwrap(), 2);
    assert_eq!(tx.first::<Thing>(&query, 1).await.unwrap().len(), 1);
    assert_eq!(tx.first::<Thing>(&query, 9).await.unwrap().len(), 2);
}
