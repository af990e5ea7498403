//! Exports, moves and comparisons, with everything that a store can hold.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use worksmith_kernel::Registry;
use worksmith_store::{CONNECTIONS, MoveError, Place, Report, Step, Store, compare, relocate};
use worksmith_test_postgres::{Database, shared};
use worksmith_wire::{Id, Kind};

use crate::bed::{Backend, Bed, Opening, Owner, Thing, registry, thing};

/// A number of rows in a transaction that makes a move take many.
const FEW: usize = 7;

/// A folder with two orgs, objects that were changed and deleted, texts of all letters, floats
/// without a finite decimal form, and answers that are kept.
async fn written() -> TempDir {
    let dir = TempDir::new().unwrap();
    let bed = Bed::new(folder(dir.path())).await;
    let mut tx = bed.tx();
    tx.insert(Kind::Account, Owner { name: "Größe \"1\" \\ 🛠 \u{1}".to_owned() }).await.unwrap();
    tx.finish().await.unwrap();
    let parent = bed.insert(thing("parent")).await.id().clone();
    for n in 0..60_i32 {
        let code = (n % 3 == 0).then(|| format!("Äpfel {n}"));
        let label = (n % 2 == 0).then(|| "\u{10FFFF} line\nbreak".to_owned());
        let weight = (n % 4 != 0).then(|| f64::from(n) / 3.0 * 1e-300);
        let parent = (n % 5 == 0).then(|| parent.clone());
        let rank = (n % 7 == 0).then_some(i64::MIN + i64::from(n));
        let aliases = vec![format!("alias {n}"), format!("Alias {n}")];
        let long = thing(&"long ".repeat(50));
        let costs = vec![i64::from(n % 9).into(), "\u{10FFFF} \"x\"".into(), 0.1.into()];
        let custom = [("tnt__cost".to_owned(), costs)].into();
        let body = "at \"length\"\n \u{10FFFF}".repeat(usize::try_from(n).unwrap());
        let thing = Thing { rank, weight, label, code, aliases, parent, body, custom, ..long };
        bed.insert(thing).await;
    }
    for n in 10..30 {
        bed.update(&Id::numbered(Kind::Issue, n), |thing| thing.done = true).await;
    }
    for n in 20..25 {
        bed.delete(&Id::numbered(Kind::Issue, n)).await;
    }
    for n in 0..20 {
        let cx = bed.cx_in("away");
        let mut tx = bed.engine().begin(&cx);
        let code = Some(format!("Äpfel {}", 3 * n));
        tx.insert(Kind::Ticket, Thing { code, ..thing("elsewhere") }).await.unwrap();
        tx.finish().await.unwrap();
        // This mixes the events of both.
        bed.insert(thing("in between")).await;
    }
    drop(bed);
    let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
    for (org, key) in [("away", "k"), ("home", "k"), ("home", "ü")] {
        let sql = "INSERT INTO idempotency VALUES (?1, 'sysu/1', ?2, 'hash', 204, '', NULL, 7)";
        database.execute(sql, [org, key]).unwrap();
    }
    dir
}

fn folder(dir: &Path) -> Place {
    Place::parse(&format!("sqlite:{}", dir.display())).unwrap()
}

fn url(database: &Database) -> Place {
    Place::parse(&database.url()).unwrap()
}

impl Backend for Place {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async move { opened(self, registry).await.unwrap() })
    }
}

async fn opened(place: &Place, registry: Registry) -> Result<Store, String> {
    match place {
        Place::Sqlite(dir) => {
            let opened = Store::open_sqlite(dir, registry, &mut |_| {});
            opened.map_err(|error| error.to_string())
        }
        Place::Postgres(url) => {
            let opened = Store::open_postgres(url, CONNECTIONS, registry, &mut |_| {}).await;
            opened.map_err(|error| error.to_string())
        }
    }
}

async fn open(place: &Place) -> Store {
    place.open(registry()).await
}

async fn moved(from: &Place, to: &Place) -> Result<Report, MoveError> {
    relocate(from, to, &registry(), FEW, &mut |_, _, _| {}).await
}

async fn compared(from: &Place, to: &Place) -> Vec<String> {
    compare(from, to, &registry(), &mut |_, _, _| {}).await.unwrap().differences
}

#[track_caller]
fn refused(outcome: Result<Report, MoveError>) -> String {
    match outcome {
        Err(MoveError::Refused(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

/// Everything in it as text, once it has been checked.
async fn exported(place: &Place) -> String {
    let store = open(place).await;
    assert_eq!(store.check(&mut |_, _| {}).await, Vec::<String>::new(), "{place}");
    let mut text = Vec::new();
    let exported = store.export(&mut text, &mut |_, _| {}).await.unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count() as u64, exported.lines);
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_the_same_there_and_back() {
    let Some(server) = shared() else { return };
    let (dir, database, back) = (written().await, server.database(), TempDir::new().unwrap());
    let (source, there, back) = (folder(dir.path()), url(&database), folder(back.path()));
    for (from, to) in [(&source, &there), (&there, &back)] {
        let report = moved(from, to).await.unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
        let orgs: Vec<_> = report.orgs.iter().map(|org| org.org.as_str()).collect();
        assert_eq!(orgs, ["away", "home"]);
        for table in report.orgs.iter().flat_map(|org| &org.tables) {
            assert_eq!(table.source, table.target, "{}", table.table);
        }
        assert_eq!(compared(from, to).await, Vec::<String>::new());
    }
    let first = exported(&source).await;
    assert_eq!(first, exported(&there).await);
    assert_eq!(first, exported(&back).await);
    // The events of an org are numbered from one, and its log knows the last number.
    let sql = "SELECT e.org FROM events e JOIN logs l ON l.org = e.org GROUP BY e.org, l.seq
               HAVING count(*) = max(e.seq) AND min(e.seq) = 1 AND max(e.seq) = l.seq ORDER BY 1";
    let dense: Vec<_> = database.ask(sql).into_iter().flatten().flatten().collect();
    assert_eq!(dense, ["away", "home"]);
    let texts = database.ask("SELECT count(*) FROM texts WHERE org = 'home'");
    assert!(texts[0][0].as_deref().is_some_and(|count| count != "0"), "{texts:?}");
    for place in [&source, &there, &back] {
        // Numbers continue where they were.
        let next = Bed::new(place.clone()).await.insert(thing("next")).await;
        assert_eq!(next.id(), &Id::numbered(Kind::Issue, 82), "{place}");
        assert_eq!(open(place).await.check(&mut |_, _| {}).await, Vec::<String>::new(), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_are_named() {
    let Some(server) = shared() else { return };
    let (dir, database) = (written().await, server.database());
    let (source, target) = (folder(dir.path()), url(&database));
    moved(&source, &target).await.unwrap();
    for (sql, undo, expected) in [
        (
            "UPDATE things SET doc = replace(doc, 'parent', 'Parent') WHERE id = 'issue/1'",
            "UPDATE things SET doc = replace(doc, 'Parent', 'parent') WHERE id = 'issue/1'",
            "things issue/1 of org home differs in doc",
        ),
        (
            "UPDATE texts SET text = replace(text, 'length', 'Length') WHERE id = 'issue/60'",
            "UPDATE texts SET text = replace(text, 'Length', 'length') WHERE id = 'issue/60'",
            "things issue/60 of org home differs in doc",
        ),
        (
            "UPDATE tombstones SET org = 'away' WHERE id = 'issue/22'",
            "UPDATE tombstones SET org = 'home' WHERE id = 'issue/22'",
            "tombstones issue/22 of org home is in the source only",
        ),
        (
            "INSERT INTO idempotency VALUES ('home', 'sysu/1', 'x', '', 1, '', NULL, 1)",
            "DELETE FROM idempotency WHERE key = 'x'",
            "idempotency sysu/1 x of org home is in the target only",
        ),
        (
            "UPDATE counters SET value = value + 1 WHERE org = 'away'",
            "UPDATE counters SET value = value - 1 WHERE org = 'away'",
            "counters ticket of org away differs in value",
        ),
        (
            "UPDATE events SET old = '{}' WHERE id = 'issue/10' AND rev = 2",
            "UPDATE events SET old = '{\"done\":false}' WHERE id = 'issue/10' AND rev = 2",
            "the event updated of issue/10 at revision 2 of org home differs in old",
        ),
        (
            "INSERT INTO events SELECT 'new', seq, at, actor, request_id, kind, id, verb, rev, old
             FROM events WHERE org = 'home' AND seq = 1",
            "DELETE FROM events WHERE org = 'new'",
            "the event created of account/",
        ),
    ] {
        database.ask(sql);
        let found = compared(&source, &target).await;
        assert!(found.iter().any(|line| line.starts_with(expected)), "{sql}: {found:#?}");
        database.ask(undo);
        assert_eq!(compared(&source, &target).await, Vec::<String>::new(), "{undo}");
    }
    database.ask("DELETE FROM things WHERE org = 'home'");
    let found = compared(&source, &target).await;
    assert_eq!((found.len(), found[10].as_str()), (11, "and 66 more of things"), "{found:#?}");
}

/// Begins a move, and ends it like a power cut when `is_enough` says so.
fn cut_off(from: &Place, to: &Place, is_enough: fn(Step, u64) -> bool) {
    let (from, to) = (from.clone(), to.clone());
    let moving = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let mut steps = |step, done, _| assert!(!is_enough(step, done), "cut off, as is intended");
        runtime.block_on(relocate(&from, &to, &registry(), FEW, &mut steps)).unwrap();
    };
    std::thread::spawn(moving).join().unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_cut_off_is_finished_by_the_next_one() {
    let Some(server) = shared() else { return };
    let dir = written().await;
    let source = folder(dir.path());
    let expected = exported(&source).await;
    let moments: [fn(Step, u64) -> bool; 5] = [
        |_, rows| rows >= 1,
        |_, rows| rows >= 40,
        |_, rows| rows >= 150,
        |step, done| step == Step::Indexes && done > 1,
        |step, done| step == Step::Comparing && done > 100,
    ];
    for kind in 0..2 {
        let (database, back) = (server.database(), TempDir::new().unwrap());
        let target = if kind == 0 { url(&database) } else { folder(back.path()) };
        for moment in moments {
            cut_off(&source, &target, moment);
            let unfinished = "is the target of a move or a restore that was not finished";
            let said = opened(&target, registry()).await.err();
            assert!(said.as_ref().is_some_and(|said| said.contains(unfinished)), "{said:?}");
        }
        assert_eq!(moved(&source, &target).await.unwrap().differences, Vec::<String>::new());
        assert_eq!(exported(&target).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_do_harm_is_refused() {
    let Some(server) = shared() else { return };
    let (dir, database) = (written().await, server.database());
    let (source, target) = (folder(dir.path()), url(&database));
    assert!(refused(moved(&source, &source).await).ends_with("is both the source and the target"));
    database.ask("CREATE TABLE theirs (a TEXT)");
    let said = refused(moved(&source, &target).await);
    assert!(said.contains("has a table \"theirs\" that is not Worksmith's"), "{said}");
    database.ask("DROP TABLE theirs");
    cut_off(&source, &target, |_, rows| rows >= 40);
    // Another source, and then the same one with something new in it.
    let other = written().await;
    Bed::new(folder(other.path())).await.insert(thing("more")).await;
    let said = refused(moved(&folder(other.path()), &target).await);
    assert!(said.contains("holds an unfinished move from sqlite:"), "{said}");
    moved(&source, &target).await.unwrap();
    let said = refused(moved(&source, &target).await);
    assert!(said.ends_with("holds data already; a move needs an empty database as its target"));
    // An empty database that a server has opened is as good as one without tables.
    let opened = server.database();
    drop(open(&url(&opened)).await);
    assert_eq!(moved(&source, &url(&opened)).await.unwrap().differences, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_to_the_source_meanwhile_is_noticed() {
    let Some(server) = shared() else { return };
    let (dir, database, back) = (written().await, server.database(), TempDir::new().unwrap());
    let (there, back) = (url(&database), folder(back.path()));
    moved(&folder(dir.path()), &there).await.unwrap();
    let mut is_written = false;
    let mut steps = |step, _, _| {
        if step == Step::Indexes && !std::mem::replace(&mut is_written, true) {
            database.ask(
                "INSERT INTO events SELECT org, seq + 1, at, actor, request_id, kind, id, verb, rev
                 + 1, old FROM events WHERE org = 'home' ORDER BY seq DESC LIMIT 1",
            );
        }
    };
    let report = relocate(&there, &back, &registry(), FEW, &mut steps).await.unwrap();
    let [said] = report.differences.as_slice() else { panic!("{:?}", report.differences) };
    assert!(said.contains("was written to meanwhile, and 1 new events of it"), "{said}");
    let said = refused(moved(&there, &back).await);
    assert!(said.contains("which is another source or has changed since"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_cannot_be_read_is_named_and_the_move_goes_on_when_it_is_mended() {
    let (dir, back) = (written().await, TempDir::new().unwrap());
    let (source, target) = (folder(dir.path()), folder(back.path()));
    let expected = exported(&source).await;
    let meddle = |sql: &str| {
        let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
        assert_eq!(database.execute(sql, []).unwrap(), 1);
    };
    let doc = "UPDATE things SET doc";
    let of = "WHERE org = 'home' AND id = 'issue/30'";
    meddle(&format!("{doc} = '[' || doc {of}"));
    let broken = moved(&source, &target).await.unwrap_err();
    let said = format!("{broken:?}");
    assert!(said.contains("things issue/30 of org home can't be read"), "{said}");
    let store = open(&source).await;
    let broken = store.export(&mut Vec::new(), &mut |_, _| {}).await.unwrap_err();
    let said = format!("{broken:?}");
    assert!(said.contains("doc of things issue/30 of org home is no JSON"), "{said}");
    drop(store);
    meddle(&format!("{doc} = substr(doc, 2) {of}"));
    assert_eq!(moved(&source, &target).await.unwrap().differences, Vec::<String>::new());
    assert_eq!(exported(&target).await, expected);
}
