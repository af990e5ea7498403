//! Databases of an older layout, and derived rows that somebody has damaged.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tempfile::TempDir;
use worksmith_kernel::{Cond, Has, Query, Registry};
use worksmith_store::{Store, UpgradePart, Upgrading};

use crate::bed::{Backend, Bed, CODE, LABEL, Opening, Thing, registry, thing};

/// A folder that remains when the store is closed.
struct Kept(std::path::PathBuf);

impl Backend for Kept {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async { Store::open_sqlite(&self.0, registry, &mut |_| {}).unwrap() })
    }
}

/// A closed store that holds a few things.
async fn written() -> TempDir {
    let dir = TempDir::new().unwrap();
    let bed = Bed::new(Kept(dir.path().to_owned())).await;
    let parent = bed.insert(thing("parent")).await.id().clone();
    for n in 0..600 {
        let code = Some(format!("code {n}"));
        let label = Some(format!("label {}", n % 7));
        let title = format!("thing {n}");
        let parent = Some(parent.clone());
        let custom = [("tnt__cost".to_owned(), vec![(n % 5).into(), "x".into()])].into();
        let body = title.repeat(if n % 5 == 0 { 100 } else { 1 });
        let thing = Thing { parent, code, label, custom, body, rank: Some(n), ..thing(&title) };
        bed.insert(thing).await;
    }
    dir
}

async fn all_is_there(dir: &TempDir) {
    let bed = Bed::new(Kept(dir.path().to_owned())).await;
    bed.is_consistent().await;
    let mut tx = bed.tx();
    assert_eq!(tx.count::<Thing>(&Query::new()).await.unwrap(), 601);
    let mut labelled = Query::new();
    labelled.with(Cond::is(LABEL, "label 3"));
    assert_eq!(tx.count::<Thing>(&labelled).await.unwrap(), 86);
    let mut costing = Query::new();
    costing.prop("tnt__cost", Has::OneOf(vec![3_i64.into()]));
    assert_eq!(tx.count::<Thing>(&costing).await.unwrap(), 120);
    let first = tx.first::<Thing>(&labelled, 1).await.unwrap();
    assert_eq!(tx.refs_to(&first[0].doc.parent.clone().unwrap()).await.unwrap().len(), 600);
    let named = tx.find_name(CODE, "code 599").await.unwrap();
    assert_eq!(tx.find::<Thing>(&named.unwrap()).await.unwrap().unwrap().doc.title, "thing 599");
    let long = tx.find_name(CODE, "code 595").await.unwrap();
    let long = tx.find::<Thing>(&long.unwrap()).await.unwrap().unwrap();
    assert_eq!(long.doc.body, "thing 595".repeat(100));
}

#[tokio::test]
async fn a_database_of_the_first_layout_is_brought_to_this_one_when_it_is_opened() {
    let dir = written().await;
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    // In the first layout, the document came before the columns; it had no digests, and other
    // indexes.
    let meta = "org, id, kind, seq, rev, created_at, created_by, modified_at, modified_by, \
                doc_version, doc";
    for (table, columns) in [("things", ", rank, weight, label, done"), ("owners", "")] {
        let sql = format!(
            "CREATE TABLE old AS SELECT {meta}{columns} FROM {table}; DROP TABLE {table};
             ALTER TABLE old RENAME TO {table};
             CREATE INDEX {table}_by_created_at ON {table} (org, created_at, seq, id);"
        );
        database.execute_batch(&sql).unwrap();
    }
    database.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(database);
    let mut told = Vec::new();
    let progress = &mut |at: Upgrading<'_>| told.push((at.part, at.done, at.all));
    drop(Store::open_sqlite(dir.path(), registry(), progress).unwrap());
    let rows = told.iter().rfind(|(part, ..)| *part == UpgradePart::Rows);
    assert_eq!(rows, Some(&(UpgradePart::Rows, 601, 601)), "{told:?}");
    let made = told.iter().filter(|(part, ..)| *part == UpgradePart::Indexes).count() as u64;
    assert_eq!(told.last(), Some(&(UpgradePart::Indexes, made, made)), "{told:?}");
    all_is_there(&dir).await;
}

#[tokio::test]
async fn a_table_that_lacks_a_column_is_made_anew_when_it_is_opened() {
    let dir = written().await;
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    let lose = "DROP INDEX things_of_label; ALTER TABLE things DROP COLUMN label";
    database.execute_batch(lose).unwrap();
    drop(database);
    all_is_there(&dir).await;
}

#[tokio::test]
async fn a_database_from_before_custom_fields_gets_their_table_when_it_is_opened() {
    let dir = TempDir::new().unwrap();
    let bed = Bed::new(Kept(dir.path().to_owned())).await;
    let old = bed.insert(thing("old")).await;
    drop(bed);
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    database.execute_batch("DROP TABLE props; PRAGMA user_version = 2").unwrap();
    drop(database);
    let bed = Bed::new(Kept(dir.path().to_owned())).await;
    bed.is_consistent().await;
    let custom: BTreeMap<_, _> = [("tnt__cost".to_owned(), vec![1_i64.into()])].into();
    bed.update(old.id(), |thing| thing.custom = BTreeMap::clone(&custom)).await;
    let mut costing = Query::new();
    costing.prop("tnt__cost", Has::Any);
    assert_eq!(bed.tx().count::<Thing>(&costing).await.unwrap(), 1);
    bed.is_consistent().await;
}

#[tokio::test]
async fn a_rebuild_mends_what_is_derived() {
    let dir = written().await;
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    let spoil = "DELETE FROM refs; UPDATE things SET label = 'no', digest_1 = 0; DELETE FROM names;
                 UPDATE props SET found_by = found_by || 'x'; DELETE FROM tallies;
                 DROP INDEX things_by_created_at";
    database.execute_batch(spoil).unwrap();
    drop(database);
    Store::rebuild_sqlite(dir.path(), &registry(), &mut |_| {}).unwrap();
    all_is_there(&dir).await;
}

#[tokio::test]
async fn a_rebuild_that_fails_changes_nothing() {
    let dir = written().await;
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    database.execute_batch("UPDATE things SET doc = '{' WHERE id = 'issue/300'").unwrap();
    drop(database);
    let failed = Store::rebuild_sqlite(dir.path(), &registry(), &mut |_| {}).unwrap_err();
    assert!(failed.to_string().contains("issue/300 can't be read"), "{failed}");
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM things"), 601);
    assert_eq!(count("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%_next'"), 0);
    assert_eq!(count("SELECT count(*) FROM sqlite_schema WHERE name = 'upgrade'"), 0);
    assert_eq!(count("SELECT count(*) FROM refs WHERE field = 'parent'"), 600);
}
