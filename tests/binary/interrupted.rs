//! A start that upgrades a database, killed again and again: each start continues what the one
//! before has done, and in the end everything is as it was. If another version wrote to the
//! database in between, the upgrade begins again. `WORKSMITH_UPGRADE_SEED` sets the moments.

use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;
use worksmith_test_postgres::{Database, shared};
use worksmith_tests::client::Chance;
use worksmith_tests::process::{Ended, command, run};

use crate::data::{fine, setting};
use crate::import::sample;

/// How many works there are.
const WORKS: u64 = 2_500;
/// How many starts of an upgrade are killed.
const KILLS: usize = 4;
/// How long a start may take, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// Reads the note of an upgrade, which may end at any moment.
const NOTE: &str = "
    CREATE FUNCTION note_of_upgrade() RETURNS text LANGUAGE plpgsql AS $$
    DECLARE found text;
    BEGIN
        EXECUTE 'SELECT note FROM upgrade' INTO found;
        RETURN found;
    EXCEPTION WHEN undefined_table THEN
        RETURN NULL;
    END $$";

/// A database that an older version has left.
struct Old {
    dir: TempDir,
    database: Option<Database>,
}

impl Old {
    /// With imported works.
    fn with(database: Option<Database>) -> Self {
        let old = Self { dir: TempDir::new().unwrap(), database };
        let file = old.dir.path().join("issues.json");
        fs::write(&file, sample::file_of(WORKS)).unwrap();
        let mut import = command(&["import", "github"]);
        fine(run(old.on(import.arg(file))));
        if let Some(database) = &old.database {
            database.ask(NOTE);
        }
        old.come_to_rest();
        old
    }

    /// Has a server do what follows from the import, so that later ones write nothing.
    fn come_to_rest(&self) {
        let start = self.start();
        while !start.serves() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut before = self.run("export").stdout;
        loop {
            std::thread::sleep(Duration::from_secs(2));
            let now = self.run("export").stdout;
            if now == before {
                return;
            }
            before = now;
        }
    }

    fn on<'c>(&self, command: &'c mut std::process::Command) -> &'c mut std::process::Command {
        command.arg("--data-dir").arg(self.dir.path().join("data"));
        if let Some(database) = &self.database {
            command.arg("--database").arg(database.url());
        }
        command
    }

    fn run(&self, name: &str) -> Ended {
        fine(run(self.on(&mut command(&[name]))))
    }

    /// Everything that it holds, which must be consistent.
    fn exported(&self) -> String {
        let checked = self.run("check");
        assert!(checked.stdout.ends_with(": all is well\n"), "{checked:?}");
        self.run("export").stdout
    }

    fn open(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
        Connection::open_with_flags(self.dir.path().join("data/worksmith.db"), flags)
    }

    fn ask(&self, sql: &str) {
        match &self.database {
            Some(database) => drop(database.ask(sql)),
            None => self.open(OpenFlags::default()).unwrap().execute_batch(sql).unwrap(),
        }
    }

    /// Has this version derive a table again, or all of them.
    fn make_older(&self, tables: &str) {
        let set = "shape = replace(shape, '\"derived\":[1,', '\"derived\":[0,')";
        self.ask(&format!("UPDATE shapes SET {set} WHERE name LIKE '{tables}'"));
        // An upgrade restores what is derived.
        self.ask("UPDATE works SET digest_1 = 1, modified_at = modified_at");
        self.ask("DELETE FROM refs WHERE field = 'owned_by' AND from_id LIKE 'issue/%'");
    }

    /// How many rows the upgrade that is under way has done; `None` if there is none.
    fn done(&self) -> Option<u64> {
        let note: String = match &self.database {
            Some(database) => database.ask("SELECT note_of_upgrade()").first()?[0].clone()?,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let note = self.open(flags).and_then(|database| {
                    database.query_row("SELECT note FROM upgrade", [], |row| row.get(0))
                });
                note.ok()?
            }
        };
        let note: Value = serde_json::from_str(&note).unwrap();
        note["done"].as_u64()
    }

    /// Changes a work and records that, as another version does.
    fn write_as_another_version(&self) {
        let found = "id = 'issue/1'";
        let (next, end) = match self.database {
            None => ("(SELECT max(seq) + 1 FROM events)", ""),
            Some(_) => (
                "(SELECT seq + 1 FROM logs WHERE logs.org = events.org)",
                "UPDATE logs SET seq = seq + 1",
            ),
        };
        self.ask(&format!(
            "UPDATE works SET rev = rev + 1, \
             doc = replace(doc, '\"title\":\"Item', '\"title\":\"Changed') WHERE {found};
             INSERT INTO events (org, seq, at, actor, request_id, kind, id, verb, rev, old)
             SELECT org, {next}, at, actor, request_id, kind, id, 'updated', rev + 1, '{{}}'
             FROM events WHERE {found} ORDER BY rev DESC LIMIT 1; {end}"
        ));
    }

    fn start(&self) -> Start {
        let folder = TempDir::new().unwrap();
        let file = |name: &str| File::create(folder.path().join(name)).unwrap();
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
        self.on(&mut serve).stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        Start { child: serve.spawn().unwrap(), folder }
    }

    /// Starts, and kills the start when it has got further than `done`, and a moment later. Returns
    /// how far it was, and what it said; `None` if it serves.
    fn killed(&self, done: u64, chance: &mut Chance) -> (Option<u64>, String) {
        let start = self.start();
        loop {
            if start.serves() {
                return (None, start.said());
            }
            // What it says is written a moment later than what it does.
            let is_said = start.said().contains("an upgrade of the database") || done == 0;
            if let Some(now) = self.done().filter(|now| *now > done && is_said) {
                std::thread::sleep(Duration::from_millis(chance.below(30)));
                return (Some(now), start.said());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// A server that starts; it is killed in the end.
struct Start {
    child: Child,
    folder: TempDir,
}

impl Drop for Start {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Start {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    fn serves(&self) -> bool {
        self.read("stdout").contains("serves http")
    }

    fn said(&self) -> String {
        self.read("stderr")
    }
}

/// How much was done already when a start said that it continues.
fn continued(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("continuing an upgrade"))?;
    let (_, rest) = line.split_once("done=").expect("how much is done");
    rest.split_whitespace().next()?.parse().ok()
}

/// Kills a start again and again, and lets the last one serve. Returns how many continued.
fn goes_on(old: &Old, chance: &mut Chance) -> usize {
    let (mut done, mut going_on, begin) = (0, 0, Instant::now());
    loop {
        assert!(begin.elapsed() < LIMIT * 4, "{done} rows are done");
        let (now, said) = old.killed(done, chance);
        if done > 0 {
            let from = continued(&said).unwrap_or_else(|| panic!("it begins again: {said}"));
            assert!(from >= done, "it continues at {from}, though {done} were done: {said}");
            going_on += 1;
        }
        match now {
            // It was over before the kill.
            Some(_) if old.done().is_none() => return going_on,
            Some(now) if going_on < KILLS => done = now,
            Some(now) => {
                done = now;
                let start = old.start();
                while !start.serves() {
                    assert!(begin.elapsed() < LIMIT * 4, "{}", start.said());
                    std::thread::sleep(Duration::from_millis(20));
                }
                assert!(continued(&start.said()).is_some_and(|from| from >= done));
                return going_on + 1;
            }
            None => return going_on,
        }
    }
}

fn survives_kills(old: &Old) {
    let seed = setting("WORKSMITH_UPGRADE_SEED", 7);
    // Shown when the test fails.
    println!("WORKSMITH_UPGRADE_SEED={seed}");
    let (mut chance, before) = (Chance(seed), old.exported());
    for tables in ["%", "works"] {
        let mut going_on = 0;
        // The last steps of an upgrade may be over before anybody sees them.
        for _ in 0..20 {
            if going_on < KILLS {
                old.make_older(tables);
                going_on += goes_on(old, &mut chance);
                assert!(old.exported() == before, "something is not as it was");
            }
        }
        assert!(going_on >= KILLS, "only {going_on} starts continued");
    }
    begins_again(old, &before, &mut chance);
}

/// Another version writes in between.
fn begins_again(old: &Old, before: &str, chance: &mut Chance) {
    let mut is_tried = false;
    for _ in 0..20 {
        old.make_older("works");
        if let (Some(_), _) = old.killed(0, chance)
            && old.done().is_some()
        {
            is_tried = true;
            break;
        }
    }
    assert!(is_tried, "no start could be killed in time");
    old.write_as_another_version();
    let start = old.start();
    let begin = Instant::now();
    while !start.serves() {
        assert!(begin.elapsed() < LIMIT, "{}", start.said());
        std::thread::sleep(Duration::from_millis(20));
    }
    let said = start.said();
    assert_eq!(continued(&said), None, "{said}");
    assert!(said.contains("upgrading the database"), "{said}");
    drop(start);
    let after = old.exported();
    assert!(after.contains("\"title\":\"Changed "), "the change is lost");
    // Besides, the inbox notes how far it has read.
    let count = |all: &str| all.lines().filter(|line| !line.contains("inbox")).count();
    assert_eq!(count(&after), count(before) + 1, "there is an event more");
}

#[test]
fn a_start_on_sqlite_that_is_killed_while_it_upgrades_is_continued() {
    survives_kills(&Old::with(None));
}

#[test]
fn a_start_on_postgresql_that_is_killed_while_it_upgrades_is_continued() {
    let Some(server) = shared() else { return };
    survives_kills(&Old::with(Some(server.database())));
}
