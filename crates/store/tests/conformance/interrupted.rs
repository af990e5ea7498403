//! An upgrade that is interrupted after each of its steps continues there, unless somebody wrote to
//! the database in between. On SQLite, and on PostgreSQL where there is one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use worksmith_kernel::Registry;
use worksmith_store::{CONNECTIONS, Store, UpgradePart, Upgrading};

use crate::bed::{Bed, registry};
use crate::texts::{as_before, kept, without_long_texts};
use crate::upgrades::{Place, all_is_there, fill_with, places, without_parents, without_weight};

/// With these, each table takes several steps.
const THINGS: i64 = 2_300;

/// What a start said of an upgrade before it was interrupted, if it was.
#[derive(Debug)]
struct Start {
    is_interrupted: bool,
    /// The part, how much was done, and how much of it by earlier starts.
    told: Vec<(UpgradePart, u64, u64)>,
}

impl Start {
    fn rows(&self) -> Vec<u64> {
        let rows = self.told.iter().filter(|(part, ..)| *part == UpgradePart::Rows);
        rows.map(|(_, done, _)| *done).collect()
    }
}

/// Opens the database, and panics after the first step that gets further than earlier starts. What
/// has not been committed by then is lost, as with a process that is killed.
async fn interrupted(place: &Place, registry: Registry) -> Start {
    let (tell, said) = std::sync::mpsc::channel();
    let progress = move |at: Upgrading<'_>| {
        tell.send((at.part, at.done, at.earlier)).unwrap();
        assert!(at.done <= at.earlier, "interrupted");
    };
    let is_interrupted = match place {
        Place::Sqlite(dir) => {
            let mut progress = progress;
            let open = || Store::open_sqlite(dir.path(), registry, &mut progress).map(drop);
            catch_unwind(AssertUnwindSafe(open)).map(Result::unwrap).is_err()
        }
        Place::Postgres(database) => {
            let (url, mut progress) = (database.url(), progress);
            let opening = tokio::spawn(async move {
                Store::open_postgres(&url, CONNECTIONS, registry, &mut progress).await.map(drop)
            });
            opening.await.map(Result::unwrap).is_err()
        }
    };
    Start { is_interrupted, told: said.into_iter().collect() }
}

/// Everything that is stored of the families, and what is derived from it.
fn content(place: &Place) -> Vec<Vec<String>> {
    let tables = [
        "SELECT id, rev, rank, weight, label, done, digest_1, digest_2, doc FROM things
         ORDER BY org, id",
        "SELECT id, rev, doc FROM owners ORDER BY org, id",
        "SELECT * FROM texts ORDER BY org, id",
        "SELECT * FROM tallies WHERE number <> 0 ORDER BY org, kept_in, field, kind, value",
        "SELECT * FROM refs ORDER BY org, to_id, field, made_at, number, from_id",
        "SELECT * FROM names ORDER BY space, name, org",
        "SELECT * FROM props ORDER BY org, kept_in, path, found_by, made_at, number, of_id",
        "SELECT * FROM shapes ORDER BY name",
    ];
    tables.iter().map(|sql| place.ask(sql)).collect()
}

/// Continues an upgrade that is interrupted again and again. Returns how many starts it took.
async fn is_continued(place: &Place) -> usize {
    let mut done = 0;
    for starts in 1..200 {
        let start = interrupted(place, registry()).await;
        if let Some((UpgradePart::Rows, at, earlier)) = start.told.first().copied() {
            assert_eq!(earlier, done, "{start:?}");
            assert!(at >= done, "{start:?}");
        }
        let rows = start.rows();
        assert!(rows.is_sorted(), "{start:?}");
        done = rows.last().copied().unwrap_or(done);
        if !start.is_interrupted {
            return starts;
        }
    }
    panic!("the upgrade does not end");
}

/// Makes a database one of an older version.
type Older = fn(&Place) -> Option<Registry>;

const OLDER: [Older; 4] = [
    |_| Some(without_weight()),
    |_| Some(without_parents()),
    |place| {
        place.ask("DROP TABLE shapes");
        match place {
            Place::Sqlite(_) => place.ask("PRAGMA user_version = 3"),
            Place::Postgres(_) => place.ask("UPDATE layout SET version = 2"),
        };
        None
    },
    |place| {
        with_refs_of_before(place);
        None
    },
];

/// Brings the references to the layout before, and derives one of the tables differently.
fn with_refs_of_before(place: &Place) {
    place.ask("ALTER TABLE refs RENAME TO carried");
    let refs = "CREATE TABLE refs (org TEXT NOT NULL, to_id TEXT NOT NULL, field TEXT NOT NULL,
                from_id TEXT NOT NULL,
                CONSTRAINT refs_key PRIMARY KEY (org, to_id, field, from_id))";
    place.ask(&match place {
        Place::Sqlite(_) => refs.to_owned(),
        Place::Postgres(_) => refs.replace("TEXT", "TEXT COLLATE \"C\""),
    });
    place.ask("INSERT INTO refs SELECT org, to_id, field, from_id FROM carried");
    place.ask("DROP TABLE carried");
    if let Place::Postgres(_) = place {
        place.ask("ALTER INDEX refs_key RENAME TO refs_pkey");
    }
    for carried in ["label", ""] {
        let noted = format!(",\"carried\":\"{carried}\"");
        place.ask(&format!("UPDATE shapes SET shape = replace(shape, '{noted}', '')"));
    }
    place.ask("UPDATE shapes SET shape = '{}' WHERE name = 'owners'");
    match place {
        Place::Sqlite(_) => place.ask("PRAGMA user_version = 4"),
        Place::Postgres(_) => place.ask("UPDATE layout SET version = 3"),
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_that_is_interrupted_after_each_step_continues_there() {
    for place in places() {
        fill_with(&place, THINGS).await;
        let before = content(&place);
        for older in OLDER {
            if let Some(version) = older(&place) {
                place.pass(version).await;
            }
            let starts = is_continued(&place).await;
            assert!(starts > 3, "{starts} starts");
            assert!(content(&place) == before, "something is not as it was");
            assert_eq!(place.pass(registry()).await, [], "there is something left to be done");
            let bed = Bed::new(place.clone()).await;
            bed.is_consistent().await;
        }
        let tables = match place {
            Place::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Place::Postgres(_) => "SELECT relname FROM pg_class WHERE relkind = 'r'",
        };
        let left = place.ask(tables).into_iter();
        let left: Vec<_> = left
            .filter(|name| name == "upgrade" || name.ends_with("_next") || name.ends_with("_gone"))
            .collect();
        assert_eq!(left, [""; 0]);
    }
}

/// Changes a thing and records that, as another version does that knows nothing of the upgrade.
fn write_as_another_version(place: &Place) {
    place.ask(
        "UPDATE things SET rev = 2, doc = replace(doc, '\"title\":\"thing 7\"', \
         '\"title\":\"changed\"') WHERE id = 'issue/9'",
    );
    let next = match place {
        Place::Sqlite(_) => "SELECT max(seq) + 1 FROM events",
        Place::Postgres(_) => "SELECT seq + 1 FROM logs WHERE logs.org = events.org",
    };
    place.ask(&format!(
        "INSERT INTO events (org, seq, at, actor, request_id, kind, id, verb, rev, old)
         SELECT org, ({next}), at, actor, request_id, kind, id, 'updated', 2, '{{}}' FROM events
         WHERE id = 'issue/9'"
    ));
    if let Place::Postgres(_) = place {
        place.ask("UPDATE logs SET seq = seq + 1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_begins_again_if_somebody_wrote_in_between() {
    for version in [without_weight, without_parents] {
        for place in places() {
            fill_with(&place, THINGS).await;
            place.pass(version()).await;
            let shapes = place.ask("SELECT shape FROM shapes WHERE name = 'things'");
            let first = interrupted(&place, registry()).await;
            assert!(first.is_interrupted && first.rows() == [1000], "{first:?}");
            write_as_another_version(&place);
            let second = interrupted(&place, registry()).await;
            assert_eq!(second.told.first(), Some(&(UpgradePart::Rows, 1000, 0)));
            // Goes on until the rows are being changed, where they are changed in place.
            for _ in 0..5 {
                if !interrupted(&place, registry()).await.is_interrupted {
                    break;
                }
            }
            let now = place.ask("SELECT shape FROM shapes WHERE name = 'things'");
            if now[0].contains("\"derived\":[0,0]") {
                // Another version has derived everything its own way.
                let shape = shapes[0].replace('\'', "''");
                place.ask(&format!("UPDATE shapes SET shape = '{shape}' WHERE name = 'things'"));
                let again = interrupted(&place, registry()).await;
                assert_eq!(again.told.first(), Some(&(UpgradePart::Rows, 1000, 0)));
            }
            is_continued_from_anywhere(&place).await;
            let changed = "SELECT count(*) FROM things WHERE doc LIKE '%\"title\":\"changed\"%'";
            assert_eq!(place.ask(changed), ["1"]);
            let bed = Bed::new(place.clone()).await;
            bed.is_consistent().await;
        }
    }
}

async fn is_continued_from_anywhere(place: &Place) {
    while interrupted(place, registry()).await.is_interrupted {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_servers_that_start_at_once_one_upgrades() {
    for place in places() {
        let Place::Postgres(_) = place else { continue };
        fill_with(&place, 300).await;
        place.pass(without_parents()).await;
        let starts = (0..4).map(|_| {
            let place = place.clone();
            tokio::spawn(async move { place.pass(registry()).await })
        });
        let mut at_work = 0;
        for start in starts.collect::<Vec<_>>() {
            at_work += usize::from(!start.await.unwrap().is_empty());
        }
        assert_eq!(at_work, 1);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_that_an_upgrade_moved_go_if_it_is_given_up() {
    for place in places() {
        fill_with(&place, THINGS).await;
        place.pass(without_weight()).await;
        as_before(&place);
        assert!(interrupted(&place, registry()).await.is_interrupted);
        // SQLite copies the table.
        let is_moved = matches!(place, Place::Sqlite(_));
        assert_eq!(!kept(&place).is_empty(), is_moved);
        place.pass(without_weight()).await;
        assert_eq!(kept(&place), [""; 0]);
        is_continued_from_anywhere(&place).await;
        let is_long =
            "SELECT id FROM things WHERE doc LIKE '%\"body\":{\"in\":\"texts\"}%' ORDER BY id";
        assert_eq!(kept(&place), place.ask(is_long));
        assert_eq!(kept(&place).is_empty(), !is_moved);
        let bed = Bed::new(place.clone()).await;
        bed.is_consistent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_without_long_texts_is_refused_during_an_upgrade_too() {
    for place in places() {
        fill_with(&place, THINGS).await;
        place.pass(without_parents()).await;
        let shape = "SELECT shape FROM shapes WHERE name = 'things'";
        while !place.ask(shape)[0].contains("\"derived\":[0,0]") {
            assert!(interrupted(&place, registry()).await.is_interrupted);
        }
        let refused = place.opened(without_long_texts()).await.err().unwrap();
        assert!(refused.contains("keeps the body of things apart"), "{refused}");
        is_continued_from_anywhere(&place).await;
        let bed = Bed::new(place.clone()).await;
        bed.is_consistent().await;
    }
}
