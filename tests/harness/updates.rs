//! Works that many clients update while the server goes down, and what these clients know of them:
//! what they were told is there when the server runs again, and nothing is half done.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::client::{Chance, Client};
use crate::process::Running;

const WORKS: u64 = 200;
/// Besides the first one. A set of them encodes the lowest byte of a stamp.
const USERS: u64 = 8;

/// A client that does one thing after another, until one fails.
pub type Writer<'a> = Box<dyn FnMut(&mut Client) -> io::Result<()> + Send + 'a>;

/// Connects all writers, lets them write for a while, and then makes all of them fail by `end`.
pub fn write_until(
    address: SocketAddr,
    writers: Vec<Writer<'_>>,
    pause: Duration,
    end: impl FnOnce(),
) {
    let ready = Barrier::new(writers.len() + 1);
    std::thread::scope(|scope| {
        for mut write in writers {
            let ready = &ready;
            scope.spawn(move || {
                let client = Client::connect(address);
                ready.wait();
                let mut client = client.unwrap();
                while write(&mut client).is_ok() {}
            });
        }
        ready.wait();
        std::thread::sleep(pause);
        end();
    });
}

/// The members that an update sets: each of them encodes the stamp of the update.
pub fn members(stamp: u64) -> Value {
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

/// The body of `works.create` for an issue with these members.
pub fn issue(stamp: u64) -> Value {
    let mut body = members(stamp);
    body["type"] = "issue".into();
    body["applies_to_part"] = "PROD-1".into();
    body
}

fn title(stamp: u64) -> String {
    format!("Update {stamp}")
}

fn stamp_of(title: &Value) -> u64 {
    let stamp = title.as_str().and_then(|title| title.strip_prefix("Update "));
    stamp.and_then(|stamp| stamp.parse().ok()).expect("a title with a stamp")
}

/// The stamp of a work as the server shows it; all its members must be of the same update.
#[track_caller]
pub fn stamp_of_whole(work: &Value) -> u64 {
    let stamp = stamp_of(&work["title"]);
    let owners = work["owned_by"].as_array().expect("owners");
    let owners: Vec<_> = owners.iter().map(|owner| &owner["display_id"]).collect();
    let due = work["target_close_date"].as_str().and_then(|due| due.parse().ok());
    let due: jiff::Timestamp = due.expect("an instant");
    let found = json!({
        "title": work["title"], "body": work["body"], "target_close_date": due.to_string(),
        "owned_by": owners,
    });
    assert_eq!(found, members(stamp), "{} is there by half", work["display_id"]);
    stamp
}

/// What the clients know about a work.
#[derive(Default)]
struct Known {
    /// The stamps of the revisions that were acknowledged, or read after a start.
    told: BTreeMap<u64, u64>,
    /// The stamps of the updates in progress.
    open: BTreeSet<u64>,
    /// The stamps of the updates that an end of the server left without an answer.
    cut_off: BTreeSet<u64>,
    /// How many of the revisions in `told` were only read.
    unanswered: usize,
}

struct Work {
    id: String,
    known: Mutex<Known>,
}

/// The works.
pub struct Trial {
    works: Vec<Work>,
    /// The next stamp: every update has its own.
    stamps: AtomicU64,
}

impl Trial {
    /// Creates the works on a new server.
    pub fn begin(server: &Running) -> Self {
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
            let answer = make("works.create", &issue(stamp));
            assert_eq!(answer.revision, Some(1));
            let work: Value = serde_json::from_str(&answer.body).unwrap();
            let id = work["work"]["display_id"].as_str().unwrap().to_owned();
            let known = Known { told: [(1, stamp)].into(), ..Known::default() };
            Work { id, known: Mutex::new(known) }
        });
        Self { works: works.collect(), stamps: AtomicU64::new(WORKS + 1) }
    }

    /// A stamp that nothing else has.
    pub fn stamp(&self) -> u64 {
        self.stamps.fetch_add(1, Ordering::Relaxed)
    }

    /// A client that updates works. Its answers count only while `counts` is true; it ends when
    /// they do not, or the server is gone.
    pub fn updates<'a>(
        &'a self,
        mut chance: Chance,
        counts: impl Fn() -> bool + Send + 'a,
    ) -> Writer<'a> {
        Box::new(move |client| self.update_one(client, &mut chance, &counts))
    }

    fn update_one(
        &self,
        client: &mut Client,
        chance: &mut Chance,
        counts: impl Fn() -> bool,
    ) -> io::Result<()> {
        let work = &self.works[usize::try_from(chance.below(WORKS)).unwrap()];
        let stamp = self.stamp();
        let mut body = members(stamp);
        body["id"] = work.id.as_str().into();
        body["owned_by"] = json!({"set": body["owned_by"]});
        work.known.lock().unwrap().open.insert(stamp);
        let answer = client.call("works.update", &body)?;
        if !counts() {
            return Err(io::ErrorKind::NotConnected.into());
        }
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

    /// After a start: every work is whole, and no older than the clients were told.
    pub fn check(&self, client: &mut Client, when: &str) {
        for work in &self.works {
            work.is_whole_and_no_older_than_told(client, when);
        }
    }

    /// When the server is stopped for good: how many updates were acknowledged and how many cut
    /// off. Every acknowledged one must have taken place.
    pub fn check_events(&self, data: &Path) -> (usize, usize) {
        let database = data.join("worksmith.db");
        let database =
            Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let (mut told, mut cut_off) = (0, 0);
        for work in &self.works {
            let known = work.known.lock().unwrap();
            work.has_one_event_for_each_revision(&known, &database);
            told += known.told.len() - 1 - known.unanswered;
            cut_off += known.cut_off.len();
        }
        (told, cut_off)
    }
}

impl Work {
    fn is_whole_and_no_older_than_told(&self, client: &mut Client, when: &str) {
        let answer = client.call("works.get", &json!({"id": self.id})).unwrap();
        assert_eq!(answer.status, 200, "{} {when}: {}", self.id, answer.body);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let stamp = stamp_of_whole(&body["work"]);

        let mut known = self.known.lock().unwrap();
        let revision = answer.revision.expect("a revision");
        let (&last, _) = known.told.last_key_value().expect("the first revision");
        assert!(revision >= last, "{} {when}: {revision} found, {last} told", self.id);
        let whose = || format!("{} {when}: revision {revision}", self.id);
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
