//! A server that is killed while many clients write: what it has acknowledged is there when it
//! starts again, and nothing is half done.
//!
//! A kill ends the process, but does not affect what the kernel has yet to write to the disk; this
//! test does not cover a power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::{Running, command, run};

const KILLS: u64 = 100;
const WRITERS: u64 = 64;
const WORKS: u64 = 200;
/// Besides the first one. A set of them encodes the lowest byte of a stamp.
const USERS: u64 = 8;

#[test]
fn every_acknowledged_update_survives_100_kills_and_none_is_half_there() {
    let seed = std::env::var("WORKSMITH_CRASH_SEED").map_or(11, |seed| seed.parse().unwrap());
    // Shown when the test fails.
    println!("WORKSMITH_CRASH_SEED={seed}");
    let dir = TempDir::new().unwrap();
    let mut server = start(dir.path());
    let trial = Trial::begin(&server);
    let mut chance = Chance(seed);
    for kill in 1..=KILLS {
        let pause = Duration::from_millis(20 + chance.below(281));
        trial.write_until_killed(server, pause, &mut chance);
        server = start(dir.path());
        let mut client = Client::connect(server.address()).unwrap();
        for work in &trial.works {
            work.is_whole_and_no_older_than_told(&mut client, kill);
        }
    }
    drop(server);
    let checked = run(command(&["check", "--data-dir"]).arg(dir.path()));
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let database = dir.path().join("worksmith.db");
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let (mut told, mut cut_off) = (0, 0);
    for work in &trial.works {
        let known = work.known.lock().unwrap();
        work.has_one_event_for_each_revision(&known, &database);
        told += known.told.len() - 1 - known.unanswered;
        cut_off += known.cut_off.len();
    }
    println!("{told} updates acknowledged, {cut_off} cut off");
    assert!(told > 0 && cut_off > 0, "nothing was tried");
}

fn start(data: &Path) -> Running {
    Running::serve(data, &["--log-level", "warn"])
}

/// The members that an update sets: each of them encodes the stamp of the update.
fn members(stamp: u64) -> Value {
    let second = i64::try_from(stamp).unwrap() + 1_800_000_000;
    let mut owners = vec!["DEVU-1".to_owned()];
    owners.extend((0..USERS).filter(|n| stamp >> n & 1 == 1).map(|n| format!("DEVU-{}", n + 2)));
    json!({
        "title": title(stamp),
        "body": format!("{stamp} ").repeat(50),
        "target_close_date": jiff::Timestamp::from_second(second).unwrap().to_string(),
        "owned_by": owners,
    })
}

fn title(stamp: u64) -> String {
    format!("Update {stamp}")
}

fn stamp_of(title: &Value) -> u64 {
    let stamp = title.as_str().and_then(|title| title.strip_prefix("Update "));
    stamp.and_then(|stamp| stamp.parse().ok()).expect("a title with a stamp")
}

/// What the clients know about a work.
#[derive(Default)]
struct Known {
    /// The stamps of the revisions that were acknowledged, or read after a start.
    told: BTreeMap<u64, u64>,
    /// The stamps of the updates in progress.
    open: BTreeSet<u64>,
    /// The stamps of the updates that a kill left without an answer.
    cut_off: BTreeSet<u64>,
    /// How many of the revisions in `told` were only read.
    unanswered: usize,
}

struct Work {
    id: String,
    known: Mutex<Known>,
}

struct Trial {
    works: Vec<Work>,
    /// The next stamp: every update has its own.
    stamps: AtomicU64,
}

impl Trial {
    fn begin(server: &Running) -> Self {
        let mut client = Client::connect(server.address()).unwrap();
        let mut make = |op: &str, body: &Value| {
            let answer = client.call(op, body).unwrap();
            assert_eq!(answer.status, 201, "{}", answer.body);
            answer
        };
        for n in 0..USERS {
            let email = format!("user{n}@example.org");
            make("dev-users.create", &json!({"email": email, "state": "shadow"}));
        }
        let part = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        make("parts.create", &part);
        let works = (1..=WORKS).map(|stamp| {
            let mut body = members(stamp);
            body["type"] = "issue".into();
            body["applies_to_part"] = "PROD-1".into();
            let answer = make("works.create", &body);
            assert_eq!(answer.revision, Some(1));
            let work: Value = serde_json::from_str(&answer.body).unwrap();
            let id = work["work"]["display_id"].as_str().unwrap().to_owned();
            let known = Known { told: [(1, stamp)].into(), ..Known::default() };
            Work { id, known: Mutex::new(known) }
        });
        Self { works: works.collect(), stamps: AtomicU64::new(WORKS + 1) }
    }

    /// Lets all writers write for a while, and then kills the server under them.
    fn write_until_killed(&self, server: Running, pause: Duration, chance: &mut Chance) {
        let address = server.address();
        let ready = Barrier::new(usize::try_from(WRITERS).unwrap() + 1);
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                let (ready, mut chance) = (&ready, Chance(chance.next()));
                scope.spawn(move || {
                    let client = Client::connect(address);
                    ready.wait();
                    let mut client = client.unwrap();
                    while self.update_one(&mut client, &mut chance).is_ok() {}
                });
            }
            ready.wait();
            std::thread::sleep(pause);
            // SIGKILL, where it exists.
            drop(server);
        });
    }

    /// Sends one update; an error means that the server is gone.
    fn update_one(&self, client: &mut Client, chance: &mut Chance) -> io::Result<()> {
        let work = &self.works[usize::try_from(chance.below(WORKS)).unwrap()];
        let stamp = self.stamps.fetch_add(1, Ordering::Relaxed);
        let mut body = members(stamp);
        body["id"] = work.id.as_str().into();
        body["owned_by"] = json!({"set": body["owned_by"]});
        work.known.lock().unwrap().open.insert(stamp);
        let answer = client.call("works.update", &body)?;
        let mut known = work.known.lock().unwrap();
        known.open.remove(&stamp);
        // An update that loses too many races is refused, and changes nothing.
        if answer.status == 409 {
            return Ok(());
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains(&title(stamp)), "{}", answer.body);
        let revision = answer.revision.expect("a revision");
        let other = known.told.insert(revision, stamp);
        assert_eq!(other, None, "{} has revision {revision} twice", work.id);
        Ok(())
    }
}

impl Work {
    fn is_whole_and_no_older_than_told(&self, client: &mut Client, kill: u64) {
        let answer = client.call("works.get", &json!({"id": self.id})).unwrap();
        assert_eq!(answer.status, 200, "{} after kill {kill}: {}", self.id, answer.body);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let work = &body["work"];
        let stamp = stamp_of(&work["title"]);
        let owners = work["owned_by"].as_array().expect("owners");
        let owners: Vec<_> = owners.iter().map(|owner| &owner["display_id"]).collect();
        let due = work["target_close_date"].as_str().and_then(|due| due.parse().ok());
        let due: jiff::Timestamp = due.expect("an instant");
        let found = json!({
            "title": work["title"], "body": work["body"], "target_close_date": due.to_string(),
            "owned_by": owners,
        });
        assert_eq!(found, members(stamp), "{} after kill {kill} is there by half", self.id);

        let mut known = self.known.lock().unwrap();
        let revision = answer.revision.expect("a revision");
        let (&last, _) = known.told.last_key_value().expect("the first revision");
        let lost = format!("{} after kill {kill}: {revision} found, {last} told", self.id);
        assert!(revision >= last, "{lost}");
        let whose = || format!("{} after kill {kill}: revision {revision}", self.id);
        if revision == last {
            assert_eq!(known.told[&last], stamp, "{}", whose());
        } else {
            assert!(known.open.contains(&stamp), "{} is of no open update: {stamp}", whose());
            let most = last + known.open.len() as u64;
            assert!(revision <= most, "{}, at most {most} was sent", whose());
            known.told.insert(revision, stamp);
            known.unanswered += 1;
        }
        let Known { open, cut_off, .. } = &mut *known;
        cut_off.append(open);
    }

    /// The events count the revisions without a gap. Each contains the title that it replaced, so
    /// they prove that every acknowledged update took place, not only the last one.
    fn has_one_event_for_each_revision(&self, known: &Known, database: &Connection) {
        let number = self.id.strip_prefix("ISS-").expect("an issue");
        let mut statement = database
            .prepare_cached("SELECT rev, old FROM events WHERE id = ?1 ORDER BY seq")
            .unwrap();
        let events = statement
            .query_map([format!("issue/{number}")], |row| {
                Ok((row.get::<_, u64>(0)?, row.get::<_, Option<String>>(1)?))
            })
            .unwrap();
        let mut revisions = Vec::new();
        for event in events {
            let (revision, old) = event.unwrap();
            revisions.push(revision);
            let Some(old) = old else { continue };
            let old: Value = serde_json::from_str(&old).unwrap();
            let stamp = stamp_of(&old["title"]);
            match known.told.get(&(revision - 1)) {
                Some(told) => assert_eq!(*told, stamp, "{} before {revision}", self.id),
                None => assert!(known.cut_off.contains(&stamp), "{}: {stamp}", self.id),
            }
        }
        let (&last, _) = known.told.last_key_value().expect("the first revision");
        assert_eq!(revisions, (1..=last).collect::<Vec<_>>(), "{}", self.id);
    }
}
