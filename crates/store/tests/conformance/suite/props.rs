//! Filtering and sorting by custom fields.

use std::collections::BTreeMap;

use Direction::{Asc, Desc};
use worksmith_kernel::{Column, Cond, Cursor, Has, Query, Value};
use worksmith_wire::{Direction, Id, Kind, ListMode};

use super::paging::walk;
use crate::bed::{Bed, Thing, page, status, thing, titles};

const COST: &str = "tnt__cost";

fn custom(fields: &[(&str, &[Value])]) -> BTreeMap<String, Vec<Value>> {
    fields.iter().map(|(path, values)| ((*path).to_owned(), values.to_vec())).collect()
}

/// Creates things with these values of one field, titled by their position.
async fn costing(bed: &Bed, costs: &[&[Value]]) {
    let mut tx = bed.tx();
    for (place, values) in costs.iter().enumerate() {
        let doc = Thing { custom: custom(&[(COST, values)]), ..thing(&place.to_string()) };
        tx.insert(Kind::Issue, doc).await.unwrap();
    }
    tx.finish().await.unwrap();
}

fn that(cond: Cond<Thing>) -> Query<Thing> {
    let mut query = Query::new();
    query.with(cond).order_by(Column::SEQ, Asc);
    query
}

fn having(has: Has) -> Query<Thing> {
    that(Cond::prop(COST.to_owned(), has))
}

fn by_cost(direction: Direction) -> Query<Thing> {
    let mut query = Query::new();
    query.order_by_prop(COST, direction);
    query
}

/// The titles of all that match, and their number.
async fn found(bed: &Bed, query: Query<Thing>) -> String {
    let mut tx = bed.tx();
    let count = tx.count::<Thing>(&query).await.unwrap();
    let all = tx.list::<Thing>(query, &page(None, 50, ListMode::After)).await.unwrap();
    assert_eq!(count, all.objects.len() as u64);
    titles(&all).join(" ")
}

fn range(from: Option<Value>, to: Option<Value>) -> Has {
    Has::Range(from, to)
}

pub(crate) async fn objects_are_found_by_values_of_custom_fields(bed: Bed) {
    let one = || Value::from(1_i64);
    costing(&bed, &[&[one()], &[2_i64.into()], &[], &[2.5.into()], &[one(), 3_i64.into()]]).await;
    for (has, expected) in [
        (Has::OneOf(vec![one()]), "0 4"),
        (Has::OneOf(vec![1.0.into(), 2.5.into(), Value::Null]), "0 3 4"),
        (Has::OneOf(vec![7_i64.into()]), ""),
        (Has::OneOf(Vec::new()), ""),
        (range(Some(2_i64.into()), None), "1 3 4"),
        (range(None, Some(2_i64.into())), "0 1 4"),
        (range(Some(2_i64.into()), Some(2.5.into())), "1 3"),
        (range(Some(3_i64.into()), Some(2_i64.into())), ""),
        (range(None, None), "0 1 3 4"),
        (Has::Any, "0 1 3 4"),
        (Has::None, "2"),
    ] {
        assert_eq!(found(&bed, having(has.clone())).await, expected, "{has:?}");
        let other = that(!Cond::prop(COST.to_owned(), has.clone()));
        let rest: Vec<_> =
            "0 1 2 3 4".split(' ').filter(|title| !expected.contains(title)).collect();
        assert_eq!(found(&bed, other).await, rest.join(" "), "not {has:?}");
    }
    bed.is_consistent().await;
}

pub(crate) async fn numbers_and_texts_keep_to_themselves(bed: Bed) {
    let texts = ["10", "9", "é", "Z"].map(Value::from);
    let [ten, nine, accent, capital] = &texts;
    let number: Value = 10_i64.into();
    costing(
        &bed,
        &[
            std::slice::from_ref(ten),
            std::slice::from_ref(nine),
            std::slice::from_ref(accent),
            std::slice::from_ref(&number),
            std::slice::from_ref(capital),
        ],
    )
    .await;
    assert_eq!(found(&bed, having(Has::OneOf(vec![ten.clone()]))).await, "0");
    assert_eq!(found(&bed, having(Has::OneOf(vec![number.clone()]))).await, "3");
    assert_eq!(found(&bed, having(range(Some("9".into()), None))).await, "1 2 4");
    assert_eq!(found(&bed, having(range(Some(number.clone()), None))).await, "3");
    assert_eq!(found(&bed, having(range(Some(number), Some("a".into())))).await, "");
    // Numbers come first, then texts by their bytes.
    assert_eq!(walk(&bed, &by_cost(Asc), 2).await, ["3 0", "1 4", "2"]);
    assert_eq!(walk(&bed, &by_cost(Desc), 3).await, ["2 4 1", "0 3"]);
}

pub(crate) async fn a_list_is_sorted_by_a_custom_field_in_both_directions(bed: Bed) {
    let (low, high) = ([Value::from(-5_i64)], [Value::from(1e9)]);
    let middle = [Value::from(20_i64)];
    costing(&bed, &[&middle, &[], &low, &high, &[], &middle, &[]]).await;
    for limit in 1..8 {
        let up = walk(&bed, &by_cost(Asc), limit).await.join(" ");
        assert_eq!(up, "2 0 5 3 1 4 6", "{limit}");
        let down = walk(&bed, &by_cost(Desc), limit).await.join(" ");
        assert_eq!(down, "3 5 0 2 6 4 1", "{limit}");
        let mut several = by_cost(Asc);
        several.order_by(Column::SEQ, Desc);
        let pages = walk(&bed, &several, limit).await.join(" ");
        assert_eq!(pages, "2 5 0 3 6 4 1", "{limit}");
    }
}

pub(crate) async fn several_values_count_once_and_sort_by_the_smallest(bed: Bed) {
    let values = |values: &[i64]| values.iter().copied().map(Value::from).collect::<Vec<_>>();
    let (wide, narrow, twice) = (values(&[9, 1, 5]), values(&[2, 3]), values(&[4, 4]));
    costing(&bed, &[&wide, &narrow, &twice]).await;
    assert_eq!(walk(&bed, &by_cost(Asc), 2).await, ["0 1", "2"]);
    assert_eq!(walk(&bed, &by_cost(Desc), 2).await, ["2 1", "0"]);
    assert_eq!(found(&bed, having(range(Some(1_i64.into()), Some(9_i64.into())))).await, "0 1 2");
    // An object that has other values besides the requested one is sorted by the smallest of all.
    let mut query = by_cost(Asc);
    query.prop(COST, range(Some(3_i64.into()), None));
    assert_eq!(walk(&bed, &query, 2).await, ["0 1", "2"]);
}

pub(crate) async fn a_filter_on_the_field_of_the_order_leaves_out_those_without_a_value(bed: Bed) {
    let (one, two) = ([Value::from("a")], [Value::from("b")]);
    costing(&bed, &[&one, &[], &two, &[], &one]).await;
    for limit in 1..4 {
        let mut query = by_cost(Desc);
        query.prop(COST, Has::Any);
        assert_eq!(walk(&bed, &query, limit).await.join(" "), "2 4 0");
        let mut query = by_cost(Asc);
        query.prop(COST, Has::None);
        assert_eq!(walk(&bed, &query, limit).await.join(" "), "1 3");
        let mut query = by_cost(Asc);
        query.prop(COST, Has::OneOf(vec!["a".into()]));
        assert_eq!(walk(&bed, &query, limit).await.join(" "), "0 4");
    }
}

pub(crate) async fn an_update_changes_what_an_object_is_found_by(bed: Bed) {
    costing(&bed, &[&[1_i64.into(), 2_i64.into()], &[5_i64.into()]]).await;
    let id = Id::numbered(Kind::Issue, 1);
    let steps: [(&[i64], &str, &str); 4] =
        [(&[2, 7], "", "0 1"), (&[7], "", "1 0"), (&[], "", "1 0"), (&[1], "0", "0 1")];
    for (values, ones, order) in steps {
        let values: Vec<_> = values.iter().copied().map(Value::from).collect();
        bed.update(&id, |thing| thing.custom = custom(&[(COST, &values)])).await;
        assert_eq!(found(&bed, having(Has::OneOf(vec![1_i64.into()]))).await, ones, "{values:?}");
        assert_eq!(found(&bed, by_cost(Asc)).await, order, "{values:?}");
        bed.is_consistent().await;
    }
    bed.update(&id, |thing| "new".clone_into(&mut thing.title)).await;
    assert_eq!(found(&bed, having(Has::Any)).await, "new 1");
    bed.delete(&id).await;
    assert_eq!(found(&bed, having(Has::Any)).await, "1");
    bed.is_consistent().await;
}

pub(crate) async fn fields_of_another_org_or_path_are_others(bed: Bed) {
    costing(&bed, &[&["a".into()]]).await;
    let other = Thing { custom: custom(&[("tnt__other", &["a".into()])]), ..thing("other") };
    bed.insert(other.clone()).await;
    let mut tx = bed.engine().begin(&bed.cx_in("away"));
    tx.insert(Kind::Issue, other).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(found(&bed, having(Has::OneOf(vec!["a".into()]))).await, "0");
    assert_eq!(found(&bed, by_cost(Asc)).await, "0 other");
    let mut tx = bed.engine().begin(&bed.cx_in("away"));
    assert_eq!(tx.count::<Thing>(&having(Has::Any)).await.unwrap(), 0);
    assert_eq!(tx.count::<Thing>(&having(Has::None)).await.unwrap(), 1);
}

pub(crate) async fn a_forged_key_of_a_custom_field_is_the_clients_mistake(bed: Bed) {
    costing(&bed, &[&["a".into()], &[]]).await;
    let rest = [Value::from(1_000_000_i64), 1_i64.into(), "issue/1".into()];
    for (first, fits) in [
        (Value::Null, true),
        ("".into(), true),
        ("no key".into(), true),
        ("\0".into(), false),
        (1_i64.into(), false),
    ] {
        let key = [std::slice::from_ref(&first), &rest].concat();
        let cursor = Cursor::new("query", key).encode();
        let request = page(Some(&cursor), 5, ListMode::After);
        let listed = bed.tx().list::<Thing>(by_cost(Asc), &request).await;
        if fits {
            listed.unwrap();
        } else {
            assert_eq!(status(listed.map(|_| ())), 400, "{first:?}");
        }
    }
}
