//! How lists by custom fields are found, according to SQLite's plans of the statements.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use worksmith_kernel::{Column, Has, Query};
use worksmith_wire::{Direction, Kind};

use crate::bed::{Bed, Thing, thing};
use crate::sqlite::Sqlite;

/// More than the store gathers without counting costs.
const THINGS: i64 = 1_000;
const COST: &str = "tnt__cost";

/// Records the plan of every page, and its statement.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(String, String)>>>);

#[derive(Default)]
struct Told(String, String);

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "plan" => value.clone_into(&mut self.0),
            "sql" => value.clone_into(&mut self.1),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: Subscriber> Layer<S> for Notes {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "worksmith_store::list::plan" {
            let mut told = Told::default();
            event.record(&mut told);
            self.0.lock().unwrap().push((told.0, told.1));
        }
    }
}

fn explained(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
    let lines = statement
        .query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3))
        .unwrap();
    lines.map(Result::unwrap).collect()
}

/// Each has a cost of its own, every tenth has a tag, and the first ones have none of either.
async fn bed(backend: Sqlite) -> Bed {
    let bed = Bed::new(backend).await;
    let mut tx = bed.tx();
    for n in 0..THINGS {
        let mut doc = thing(&n.to_string());
        if n >= 100 {
            doc.custom.insert(COST.to_owned(), vec![n.into()]);
            doc.custom.insert("tnt__tag".to_owned(), vec![(n % 10).into()]);
        }
        tx.insert(Kind::Issue, doc).await.unwrap();
    }
    tx.finish().await.unwrap();
    bed
}

#[tokio::test]
async fn sqlite_finds_and_sorts_by_custom_fields_along_an_index() {
    let backend = Sqlite::new().unwrap();
    let path = backend.path().join("worksmith.db");
    let bed = bed(backend).await;
    let notes = Notes::default();
    let _noting =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(notes.clone()));
    let database = Connection::open(path).unwrap();
    let newest = || {
        let mut query = Query::new();
        query.order_by(Column::CREATED_AT, Direction::Desc);
        query
    };
    let by_cost = |direction| {
        let mut query = Query::new();
        query.order_by_prop(COST, direction);
        query
    };
    let few = Has::Range(Some(500_i64.into()), Some(520_i64.into()));
    let tagged = || Has::OneOf(vec![3_i64.into()]);
    for (plan, mut query, path, has, first) in [
        ("gather", newest(), COST, Some(few.clone()), "520"),
        ("gather", by_cost(Direction::Asc), COST, Some(few), "500"),
        ("gather", newest(), "tnt__tag", Some(tagged()), "993"),
        ("gather", by_cost(Direction::Asc), "tnt__tag", Some(tagged()), "103"),
        ("walk", by_cost(Direction::Asc), COST, None, "100"),
        ("walk", by_cost(Direction::Desc), COST, None, "999"),
        ("walk", by_cost(Direction::Desc), COST, Some(Has::Any), "999"),
        ("walk", by_cost(Direction::Asc), COST, Some(Has::None), "0"),
        ("walk", newest(), COST, Some(Has::Any), "999"),
    ] {
        if let Some(has) = has {
            query.prop(path, has);
        }
        notes.0.lock().unwrap().clear();
        let found = bed.tx().first::<Thing>(&query, 5).await.unwrap();
        assert_eq!(found[0].doc.title, first, "{query:?}");
        let statements = std::mem::take(&mut *notes.0.lock().unwrap());
        assert!(!statements.is_empty(), "{query:?}");
        for (told, sql) in statements {
            let lines = explained(&database, &sql);
            let what = format!("{query:?}: {told}: {sql}: {lines:#?}");
            assert_eq!(told, plan, "{what}");
            assert!(lines.iter().all(|line| !line.starts_with("SCAN")), "{what}");
            let sorts = lines.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY"));
            assert_eq!(sorts, plan == "gather", "{what}");
        }
    }
}
