//! How long texts are kept: on SQLite, and on PostgreSQL where there is one.

use worksmith_kernel::{ColumnType, Family, Registry, Table, TableColumn, Value};
use worksmith_store::{Store, written};
use worksmith_wire::Kind;

use crate::bed::{Bed, Thing, registry, thing};
use crate::upgrades::{Place, drop_triggers, places, version};

/// A thing with a long body, in which each letter is escaped.
fn long(title: &str) -> Thing {
    Thing { body: "\"\n".repeat(400), ..thing(title) }
}

/// The objects with texts that have rows of their own.
pub(crate) fn kept(place: &Place) -> Vec<String> {
    place.ask("SELECT id FROM texts ORDER BY id")
}

async fn exported(bed: &Bed) -> String {
    let mut text = Vec::new();
    bed.store().export(&mut text, &mut |_, _| {}).await.unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_has_a_row_of_its_own_while_it_is_long() {
    for place in places() {
        let bed = Bed::new(place.clone()).await;
        let made = bed.insert(long("a")).await;
        bed.insert(Thing { body: "short".to_owned(), ..thing("b") }).await;
        assert_eq!(kept(&place), ["issue/1"]);
        let doc = place.ask("SELECT doc FROM things WHERE id = 'issue/1'");
        assert!(doc[0].contains(r#""body":{"in":"texts"}"#) && doc[0].len() < 300, "{doc:?}");
        for (letters, is_long) in [(510, false), (511, true), (0, false), (5000, true)] {
            bed.update(made.id(), |thing| thing.body = "x".repeat(letters)).await;
            assert_eq!(kept(&place).len(), usize::from(is_long), "{letters}");
            bed.is_consistent().await;
        }
        bed.delete(made.id()).await;
        assert_eq!(kept(&place), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_something_else_does_not_write_the_text() {
    for place in places() {
        let mut bed = Bed::new(place.clone()).await;
        let made = bed.insert(long("a")).await;
        let traces = place.traces("texts", "");
        bed.update(made.id(), |thing| "b".clone_into(&mut thing.title)).await;
        // This one reads the row from the database.
        bed.reopen().await;
        let mut tx = bed.tx();
        let old = tx.find::<Thing>(made.id()).await.unwrap().unwrap();
        let again = Thing { rank: Some(1), ..old.doc.clone() };
        tx.update(old, again).await.unwrap();
        for statement in written(&tx.into_batch().unwrap(), 1) {
            let binds = |value: &Value| matches!(value, Value::Text(text) if text.len() > 500);
            assert!(!statement.values.iter().any(binds), "{statement:?}");
        }
        let last = bed.update(made.id(), |thing| thing.done = true).await;
        assert_eq!(place.traces("texts", ""), traces);
        drop_triggers(&place);
        assert_eq!(bed.find(made.id()).await, Some(last));
        bed.is_consistent().await;
    }
}

/// Gives every document its text, as the layout before had it.
pub(crate) fn as_before(place: &Place) {
    place.ask(
        "UPDATE things SET doc = replace(doc, '{\"in\":\"texts\"}', (SELECT text FROM texts
         WHERE texts.org = things.org AND texts.id = things.id))
         WHERE id IN (SELECT id FROM texts)",
    );
    place.ask("DELETE FROM texts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_of_the_layout_before_is_read_and_its_text_moves_with_a_change() {
    for place in places() {
        let mut bed = Bed::new(place.clone()).await;
        let mut tx = bed.tx();
        let mut made = Vec::new();
        for title in ["a", "b", "c", "d", "e"] {
            made.push(tx.insert(Kind::Issue, long(title)).await.unwrap());
        }
        tx.finish().await.unwrap();
        let before = exported(&bed).await;
        as_before(&place);
        bed.reopen().await;
        assert_eq!(exported(&bed).await, before);
        bed.is_consistent().await;
        for each in &made {
            assert_eq!(bed.find(each.id()).await.as_ref(), Some(each));
        }
        let [touched, changed, shrunk, gone, untouched] =
            [0, 1, 2, 3, 4].map(|at: usize| made[at].id());
        bed.update(touched, |thing| thing.done = true).await;
        bed.update(changed, |thing| thing.body.push('x')).await;
        bed.update(shrunk, |thing| thing.body.clear()).await;
        bed.delete(gone).await;
        assert_eq!(kept(&place), [touched.to_string(), changed.to_string()]);
        bed.is_consistent().await;
        let after = exported(&bed).await;
        let doc = bed.find(touched).await;
        bed.reopen().await;
        assert_eq!(bed.find(touched).await, doc);
        assert_eq!(bed.find(untouched).await.as_ref(), made.last());
        assert_eq!(exported(&bed).await, after);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_keeps_texts_apart() {
    for place in places() {
        let bed = Bed::new(place.clone()).await;
        bed.insert(long("a")).await;
        let before = exported(&bed).await;
        let rebuild = async |bed: Bed| {
            drop(bed);
            match &place {
                Place::Sqlite(dir) => {
                    Store::rebuild_sqlite(dir.path(), &registry(), &mut |_| {}).unwrap();
                }
                Place::Postgres(database) => {
                    let url = database.url();
                    Store::rebuild_postgres(&url, &registry(), &mut |_| {}).await.unwrap();
                }
            }
            let bed = Bed::new(place.clone()).await;
            assert_eq!(exported(&bed).await, before);
            bed.is_consistent().await;
            bed
        };
        let bed = rebuild(bed).await;
        assert_eq!(kept(&place), ["issue/1"]);
        as_before(&place);
        drop(rebuild(bed).await);
        // SQLite writes the rows anew.
        let is_moved = matches!(place, Place::Sqlite(_));
        assert_eq!(kept(&place).len(), usize::from(is_moved));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_finds_a_text_without_a_document_and_a_document_without_its_text() {
    let stray = |id: &str| format!("{id} of org home has no long text apart, but one is kept");
    let marked = r#"'{"in":"texts"}'"#;
    for (spoil, expected) in [
        (
            "DELETE FROM texts WHERE id = 'issue/1'".to_owned(),
            "issue/1 of org home: its long text is not kept".to_owned(),
        ),
        (
            r#"INSERT INTO texts (org, id, text) VALUES ('home', 'issue/2', '"x"')"#.to_owned(),
            stray("issue/2"),
        ),
        (
            r#"INSERT INTO texts (org, id, text) VALUES ('home', 'issue/9', '"x"')"#.to_owned(),
            stray("issue/9"),
        ),
        (format!("UPDATE things SET doc = replace(doc, {marked}, '\"x\"')"), stray("issue/1")),
    ] {
        for place in places() {
            let mut bed = Bed::new(place.clone()).await;
            let made = bed.insert(long("a")).await;
            let parent = Some(made.id().clone());
            bed.insert(Thing { parent, ..thing("b") }).await;
            bed.is_consistent().await;
            place.ask(&spoil);
            // What can't be read is not counted either.
            let found = bed.store().check(&mut |_, _| {}).await;
            let is_counted = |finding: &&String| !finding.contains("the kept number of issue");
            let found: Vec<_> = found.iter().filter(is_counted).collect();
            assert_eq!(found, [&expected], "{spoil}");
            if spoil.starts_with("DELETE") {
                let failed = bed.store().export(&mut Vec::new(), &mut |_, _| {}).await;
                let said = format!("{:?}", failed.unwrap_err());
                let named = "the long text of things issue/1 of org home is missing";
                assert!(said.contains(named), "{said}");
            } else if spoil.starts_with("UPDATE") {
                // A change of the object mends it.
                bed.reopen().await;
                bed.update(made.id(), |thing| thing.done = true).await;
                bed.is_consistent().await;
            }
        }
    }
}

/// The table of things of a version that has no long texts.
static WHOLE: Table = Table {
    name: "things",
    kinds: &[Kind::Issue, Kind::Ticket],
    columns: &[
        TableColumn::new("rank", ColumnType::Integer),
        TableColumn::new("weight", ColumnType::Real),
        TableColumn::new("label", ColumnType::Text),
        TableColumn::new("done", ColumnType::Integer),
    ],
    filters: &["label"],
    whole: &[],
    sorts: &["rank"],
    digest: &["kind", "label", "done", "owners", "parent"],
    carried: Some("label"),
    long: None,
    tallied: &["label", "done", "owners"],
};

pub(crate) fn without_long_texts() -> Registry {
    version(Family { table: &WHOLE, ..Family::of::<Thing>() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_may_begin_to_have_texts_apart_and_a_version_without_is_refused() {
    for place in places() {
        drop(place.opened(without_long_texts()).await.unwrap());
        let bed = Bed::new(place.clone()).await;
        let made = bed.insert(long("a")).await;
        drop(bed);
        let refused = place.opened(without_long_texts()).await.err().unwrap();
        let said =
            "another version keeps the body of things apart from them, and this one does not";
        assert!(refused.contains(said), "{refused}");
        let bed = Bed::new(place.clone()).await;
        assert_eq!(bed.find(made.id()).await, Some(made));
        bed.is_consistent().await;
        // Programs that know nothing of texts refuse this layout by its number.
        match place {
            Place::Sqlite(_) => assert_eq!(place.ask("PRAGMA user_version"), ["6"]),
            Place::Postgres(_) => assert_eq!(place.ask("SELECT version FROM layout"), ["5"]),
        }
    }
}
