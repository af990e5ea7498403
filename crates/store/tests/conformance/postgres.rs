//! The suite on PostgreSQL, and what only applies to several servers on one database.

use std::collections::BTreeSet;
use std::sync::Arc;

use worksmith_engine::Engine;
use worksmith_kernel::{Error, Registry};
use worksmith_store::{CONNECTIONS, Store, UpgradePart, Upgrading};
use worksmith_test_postgres::{Database, shared};
use worksmith_wire::Kind;

use crate::bed::{Backend, Bed, Opening, Thing, registry, thing};

pub(crate) struct Postgres(Database);

impl Postgres {
    /// `None` where there is no PostgreSQL.
    pub(crate) fn new() -> Option<Self> {
        shared().map(|server| Self(server.database()))
    }
}

impl Backend for Postgres {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async move {
            Store::open_postgres(&self.0.url(), CONNECTIONS, registry, &mut |_| {}).await.unwrap()
        })
    }

    fn keeps_unused_numbers(&self) -> bool {
        true
    }
}

crate::suite::suite!(crate::postgres::Postgres);

/// The same with costs that make a few rows count as many: pages are walked, and walks give up.
mod walking {
    use worksmith_store::Costs;

    use super::{Backend, Opening, Registry};

    pub(crate) struct Walking(super::Postgres);

    impl Walking {
        pub(crate) fn new() -> Option<Self> {
            super::Postgres::new().map(Self)
        }
    }

    impl Backend for Walking {
        fn open(&self, registry: Registry) -> Opening<'_> {
            let costs = Costs { few: 0, digests_a_row: 1_000_000, patience: 2, longer: 1 };
            Box::pin(async move { self.0.open(registry).await.with_costs(costs) })
        }

        fn keeps_unused_numbers(&self) -> bool {
            true
        }
    }

    crate::suite::suite!(crate::postgres::walking::Walking);
}

/// A bed on a database that can be queried directly; `None` where there is no PostgreSQL.
async fn bed() -> Option<(Bed, Arc<Database>)> {
    struct Kept(Arc<Database>);
    impl Backend for Kept {
        fn open(&self, registry: Registry) -> Opening<'_> {
            Box::pin(async move {
                Store::open_postgres(&self.0.url(), CONNECTIONS, registry, &mut |_| {})
                    .await
                    .unwrap()
            })
        }
    }
    let database = Arc::new(shared()?.database());
    Some((Bed::new(Kept(Arc::clone(&database))).await, database))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_has_written_another_shows_at_its_next_call() {
    let Some((bed, _)) = bed().await else { return };
    let other = bed.another_engine().await;
    let made = bed.insert(thing("0")).await;
    let shown = async |engine: &Engine| {
        engine.store().catch_up("home").await.unwrap();
        let shown = engine.begin(&bed.cx()).show::<Thing>(made.id()).await.unwrap();
        shown.0.rendered().get().to_owned()
    };
    for round in 1..50 {
        // Both have it in their caches.
        let before = format!("\"title\":\"{}\"", round - 1);
        assert!(shown(&other).await.contains(&before), "round {round}");
        assert!(shown(bed.engine()).await.contains(&before), "round {round}");
        let (writer, reader) =
            if round % 2 == 0 { (&other, bed.engine()) } else { (bed.engine(), &other) };
        let mut tx = writer.begin(&bed.cx());
        let old = tx.find::<Thing>(made.id()).await.unwrap().unwrap();
        tx.update(old, thing(&round.to_string())).await.unwrap();
        tx.finish().await.unwrap();
        let after = format!("\"title\":\"{round}\"");
        assert!(shown(reader).await.contains(&after), "round {round}");
    }
    bed.is_consistent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_of_many_events_is_given_up_as_a_whole() {
    let Some((bed, _)) = bed().await else { return };
    let other = bed.another_engine().await;
    let made = bed.insert(thing("0")).await;
    other.store().catch_up("home").await.unwrap();
    let mut tx = other.begin(&bed.cx());
    tx.show::<Thing>(made.id()).await.unwrap();
    drop(tx);
    let mut tx = bed.tx();
    for n in 0..2_500 {
        tx.insert(Kind::Issue, thing(&n.to_string())).await.unwrap();
    }
    tx.finish().await.unwrap();
    bed.update(made.id(), |thing| "1".clone_into(&mut thing.title)).await;
    other.store().catch_up("home").await.unwrap();
    let shown = other.begin(&bed.cx()).show::<Thing>(made.id()).await.unwrap();
    assert!(shown.0.rendered().get().contains("\"title\":\"1\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_the_same_time_make_the_tables_once() {
    let Some(server) = shared() else { return };
    let database = Arc::new(server.database());
    let starts = (0..8).map(|_| {
        let database = Arc::clone(&database);
        tokio::spawn(async move {
            Store::open_postgres(&database.url(), 2, registry(), &mut |_| {}).await.map(drop)
        })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap().unwrap();
    }
    assert_eq!(database.ask("SELECT count(*) FROM layout"), [[Some("1".to_owned())]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_give_no_number_twice_and_events_have_no_gaps() {
    let Some((bed, database)) = bed().await else { return };
    let other = bed.another_engine().await;
    let bed = Arc::new(bed);
    let writers = (0..8).map(|writer| {
        let (bed, engine) = (Arc::clone(&bed), other.clone());
        tokio::spawn(async move {
            let engine = if writer % 2 == 0 { bed.engine() } else { &engine };
            let mut ids = Vec::new();
            for n in 0..25 {
                let mut tx = engine.begin(&bed.cx());
                let made = tx.insert(Kind::Issue, thing(&n.to_string())).await.unwrap();
                tx.finish().await.unwrap();
                ids.push(made.id().to_string());
            }
            ids
        })
    });
    let mut ids = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        ids.extend(writer.await.unwrap());
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 200);
    let seqs =
        database.ask("SELECT min(seq), max(seq), count(*), (SELECT seq FROM logs) FROM events");
    assert_eq!(seqs, [["1", "200", "200", "200"].map(|text| Some(text.to_owned()))]);
    bed.is_consistent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_were_cut_are_replaced() {
    let Some((bed, database)) = bed().await else { return };
    let made = bed.insert(thing("0")).await;
    for round in 1..5 {
        bed.store().catch_up("home").await.unwrap();
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        assert_ne!(database.ask(cut), [[Some("0".to_owned())]]);
        if round % 2 == 0 {
            bed.update(made.id(), |thing| thing.title = round.to_string()).await;
        } else {
            assert!(bed.find(made.id()).await.is_some());
        }
    }
    bed.store().catch_up("home").await.unwrap();
    bed.store().is_ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_takes_no_writes_is_a_passing_fault() {
    let Some((bed, database)) = bed().await else { return };
    let made = bed.insert(thing("0")).await;
    database.ask(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',
         current_database()); END $$",
    );
    let engine = bed.another_engine().await;
    let mut tx = engine.begin(&bed.cx());
    let old = tx.find::<Thing>(made.id()).await.unwrap().unwrap();
    assert_eq!(old, made);
    tx.update(old, thing("1")).await.unwrap();
    let refused = tx.finish().await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn an_address_where_nobody_answers_ends_the_start_with_a_sentence() {
    let url = "postgres://worksmith:secret@127.0.0.1:1/worksmith";
    let refused =
        Store::open_postgres(url, 2, registry(), &mut |_| {}).await.err().unwrap().to_string();
    assert!(refused.contains("postgres://worksmith@127.0.0.1:1/worksmith"), "{refused}");
    assert!(!refused.contains("secret"), "{refused}");
}

/// Tampering is detected, here as with SQLite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_finds_what_does_not_agree_and_a_rebuild_mends_it() {
    let Some((bed, database)) = bed().await else { return };
    let parent = bed.insert(thing("parent")).await;
    let code = Some("c".to_owned());
    let parent = Some(parent.id().clone());
    let custom = [("tnt__cost".to_owned(), vec![5_i64.into(), 2_i64.into()])].into();
    bed.insert(Thing { parent, code, custom, rank: Some(1), ..thing("child") }).await;
    bed.is_consistent().await;
    database.ask(
        "UPDATE props SET found_by = found_by || 'x'; DELETE FROM refs;
         UPDATE names SET id = 'issue/1'; UPDATE things SET rank = 7, seq = 9;
         UPDATE tallies SET number = number + 1;
         DROP INDEX things_by_rank",
    );
    let found = bed.store().check(&mut |_, _| {}).await;
    assert!(found.len() >= 8, "{found:#?}");
    let mut told = Vec::new();
    let mut progress = |at: Upgrading<'_>| {
        if at.part == UpgradePart::Rows {
            told.push((at.done, at.all));
        }
    };
    Store::rebuild_postgres(&database.url(), &registry(), &mut progress).await.unwrap();
    bed.is_consistent().await;
    assert_eq!(told.last(), Some(&(2, 2)));
    let indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'things_by_rank'";
    assert_eq!(database.ask(indexes), [[Some("1".to_owned())]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_lacks_a_column_gets_it_and_its_values_when_it_is_opened() {
    let Some((bed, database)) = bed().await else { return };
    for label in ["a", "b", "b"] {
        bed.insert(Thing { label: Some(label.to_owned()), ..thing("a thing") }).await;
    }
    drop(bed);
    database.ask("ALTER TABLE things DROP COLUMN label; UPDATE layout SET version = 1");
    let store = Store::open_postgres(&database.url(), 2, registry(), &mut |_| {}).await.unwrap();
    assert_eq!(store.check(&mut |_, _| {}).await, Vec::<String>::new());
    let labelled = "SELECT count(*) FROM things WHERE label = 'b'";
    assert_eq!(database.ask(labelled), [[Some("2".to_owned())]]);
}
