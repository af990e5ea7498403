//! The suite on SQLite, and what only applies to SQLite.

use rusqlite::Connection;
use tempfile::TempDir;
use worksmith_kernel::Registry;
use worksmith_store::Store;

use crate::bed::{Backend, Bed, Opening, Thing, thing};

pub(crate) struct Sqlite(TempDir);

impl Sqlite {
    #[expect(clippy::unnecessary_wraps, reason = "other backends may be missing")]
    pub(crate) fn new() -> Option<Self> {
        Some(Self(TempDir::new().unwrap()))
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Backend for Sqlite {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async { Store::open_sqlite(self.0.path(), registry, &mut |_| {}).unwrap() })
    }
}

crate::suite::suite!(crate::sqlite::Sqlite);

/// The same with costs that make a few rows count as many: pages are walked, and walks give up.
mod walking {
    use worksmith_store::Costs;

    use super::{Backend, Opening, Registry};

    pub(crate) struct Walking(super::Sqlite);

    impl Walking {
        pub(crate) fn new() -> Option<Self> {
            super::Sqlite::new().map(Self)
        }
    }

    impl Backend for Walking {
        fn open(&self, registry: Registry) -> Opening<'_> {
            let costs = Costs { few: 0, digests_a_row: 1_000_000, patience: 2, longer: 1 };
            Box::pin(async move { self.0.open(registry).await.with_costs(costs) })
        }
    }

    crate::suite::suite!(crate::sqlite::walking::Walking);
}

/// What `check` reports after somebody has tampered with the file.
async fn findings_after(sql: &str) -> Vec<String> {
    let backend = Sqlite::new().unwrap();
    let path = backend.0.path().join("worksmith.db");
    let bed = Bed::new(backend).await;
    let parent = bed.insert(thing("parent")).await;
    let parent = Some(parent.id().clone());
    let code = Some("c".to_owned());
    let custom = [("tnt__cost".to_owned(), vec![5_i64.into(), 2_i64.into()])].into();
    let child = Thing { parent, code, custom, rank: Some(1), ..thing("child") };
    let child = bed.insert(child).await;
    bed.update(child.id(), |thing| thing.done = true).await;
    let gone = bed.insert(thing("gone")).await;
    bed.delete(gone.id()).await;
    bed.is_consistent().await;
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
    bed.store().check(&mut |_, _| {}).await
}

#[tokio::test]
async fn check_finds_whatever_does_not_agree() {
    for (sql, finding) in [
        ("DELETE FROM refs", "issue/2 of org home: its reference parent to issue/1 is not kept"),
        (
            "INSERT INTO refs VALUES ('home', 'issue/1', 'owners', 1, 2, 'issue/2', '')",
            "issue/2 of org home has no reference owners to issue/1, but one is kept",
        ),
        ("UPDATE names SET id = 'issue/1'", "issue/2 of org home: its name thing.code \"c\" is"),
        (
            "INSERT INTO names VALUES ('thing.code', 'd', 'home', 'issue/2')",
            "issue/2 of org home does not claim thing.code \"d\", but that is kept",
        ),
        ("DELETE FROM props", "issue/2 of org home: its value \"nc\" of tnt__cost is not kept"),
        (
            "UPDATE props SET is_least = 1 WHERE found_by = 'nc014'",
            "issue/2 of org home: its value \"nc014\" of tnt__cost is not kept",
        ),
        (
            "INSERT INTO props VALUES ('home', 'things', 'tnt__cost', 'n8', 7, 1, 'issue/1', 1)",
            "issue/1 of org home has no value \"n8\" of tnt__cost, but one is kept",
        ),
        (
            "DELETE FROM tallies WHERE field = ''",
            "things of org home: the kept number of issue is Integer(0), should be 2",
        ),
        (
            "DELETE FROM tallies WHERE field = 'owners'",
            "things of org home: the kept number of issue without owners is Integer(0)",
        ),
        (
            "UPDATE tallies SET number = 9 WHERE field = 'done' AND value = '=1'",
            "things of org home: the kept number of issue with done 1 is Integer(9)",
        ),
        ("UPDATE things SET rank = 2", "issue/2 of org home: column rank is Integer(2)"),
        ("UPDATE things SET seq = 7", "issue/1 of org home: kind or seq are not those of the id"),
        ("UPDATE things SET doc = '{' WHERE id = 'issue/1'", "things Text(\"issue/1\"): Internal"),
        ("UPDATE counters SET value = 2", "the counter of issue in org home is 2, but 3 was used"),
        ("DELETE FROM events WHERE rev = 2", "issue/2 of org home: no event tells of revision 2"),
        (
            "DELETE FROM events WHERE rev = 1 AND id = 'issue/2'",
            "issue/2 of org home: the event updated at revision 2 does not follow",
        ),
        ("DELETE FROM tombstones", "issue/3 of org home was deleted without a trace"),
        (
            "DELETE FROM things WHERE id = 'issue/1'",
            "issue/1 of org home is at revision None, its events end at Some(1)",
        ),
    ] {
        let found = findings_after(sql).await;
        assert!(found.iter().any(|line| line.starts_with(finding)), "{sql}: {found:#?}");
    }
}

#[tokio::test]
async fn a_snapshot_stays_while_the_log_is_written_back() {
    let backend = Sqlite::new().unwrap();
    let path = backend.0.path().join("worksmith.db");
    let bed = Bed::new(backend).await;
    let old = bed.insert(thing("before")).await;
    let mut reader = bed.tx();
    assert_eq!(reader.find::<Thing>(old.id()).await.unwrap(), Some(old.clone()));
    for round in 0..20 {
        let long = "x".repeat(100_000);
        bed.update(old.id(), |thing| thing.title = format!("{round} {long}")).await;
    }
    let other = Connection::open(path).unwrap();
    other.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    assert_eq!(reader.find::<Thing>(old.id()).await.unwrap(), Some(old.clone()));
    assert!(bed.find(old.id()).await.unwrap().doc.title.starts_with("19 "));
    drop(reader);
    bed.is_consistent().await;
}
