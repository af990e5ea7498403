//! Changes that thousands of objects follow: a deleted tag, a merged account, a stage with a new
//! ordinal. Readers see them at once, writers go on meanwhile, and a server that is killed in the
//! middle continues where it was.
//!
//! `WORKSMITH_CASCADE_WORKS=20000` runs it with more works than the usual few hundred, and
//! `WORKSMITH_CASCADE_KILLS=20` with more kills. Latencies are printed, but the result does not
//! depend on them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::{Running, command, run};

use crate::data::setting;
use crate::load::{Load, Over, summary};

const WRITERS: u64 = 16;
/// How many issues there are for each ticket of the account.
const ISSUES_A_TICKET: u64 = 4;

/// What is being changed.
#[derive(Clone, Debug)]
enum Act {
    /// This tag, which every issue has, is deleted.
    DeleteTag(String),
    /// This account, which has all tickets, is merged into the primary one.
    Merge { primary: String, secondary: String, primary_don: String },
    /// The stage of all issues gets this ordinal.
    Reorder { stage: String, ordinal: u64 },
}

struct World {
    dir: TempDir,
    issues: u64,
    tickets: u64,
}

impl World {
    fn new() -> Self {
        let issues = setting("WORKSMITH_CASCADE_WORKS", 400);
        Self { dir: TempDir::new().unwrap(), issues, tickets: issues / ISSUES_A_TICKET }
    }

    fn start(&self) -> Running {
        Running::serve(self.dir.path(), &["--log-level", "warn"])
    }

    fn fill(&self, server: &Running) {
        let part = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        call(server, "parts.create", &part);
        let work = |kind: &str| {
            json!({
                "type": kind, "title": "Slow", "applies_to_part": "PROD-1",
                "owned_by": ["DEVU-1"], "body": "It takes a while. ".repeat(50),
            })
        };
        for_each(server, self.issues, |client, _| answer(client, "works.create", &work("issue")));
        for_each(server, self.tickets, |client, _| answer(client, "works.create", &work("ticket")));
    }

    /// Prepares everything so that an act has something to do.
    fn prepare(&self, server: &Running, kind: u64, round: u64) -> Act {
        match kind {
            0 => {
                let tag = json!({"name": format!("tag of round {round}")});
                let tag = call(server, "tags.create", &tag)["tag"]["display_id"].clone();
                for_each(server, self.issues, |client, at| {
                    let id = format!("ISS-{}", at + 1);
                    let tags = json!({"id": id, "tags": {"add": [{"id": tag}]}});
                    answer(client, "works.update", &tags)
                });
                Act::DeleteTag(text(&tag))
            }
            1 => {
                let made = |name: &str| {
                    let account = json!({"display_name": format!("{name} of round {round}")});
                    call(server, "accounts.create", &account)["account"].clone()
                };
                let (primary, secondary) = (made("Primary"), made("Secondary"));
                for_each(server, self.tickets, |client, at| {
                    let id = format!("TKT-{}", at + 1);
                    let account = json!({"id": id, "account": secondary["id"]});
                    answer(client, "works.update", &account)
                });
                Act::Merge {
                    primary: text(&primary["display_id"]),
                    secondary: text(&secondary["display_id"]),
                    primary_don: text(&primary["id"]),
                }
            }
            _ => {
                let work = call(server, "works.get", &json!({"id": "ISS-1"}));
                let stage = text(&work["work"]["stage"]["stage"]["id"]);
                Act::Reorder { stage, ordinal: 1_000 + round }
            }
        }
    }

    /// The questions of readers about an act.
    fn questions(&self, act: &Act, chance: &mut Chance) -> Vec<(&'static str, Value)> {
        match act {
            Act::DeleteTag(tag) => vec![
                ("works.get", json!({"id": format!("ISS-{}", chance.below(self.issues) + 1)})),
                ("works.list", json!({"tags": [tag]})),
                ("works.count", json!({"tags": [tag]})),
                ("works.list", json!({"type": ["issue"], "limit": 20})),
            ],
            Act::Merge { primary, secondary, .. } => vec![
                ("works.get", json!({"id": format!("TKT-{}", chance.below(self.tickets) + 1)})),
                ("works.count", json!({"type": ["ticket"]})),
                ("works.list", json!({"ticket": {"account": [primary]}})),
                ("works.list", json!({"ticket": {"account": [secondary]}})),
            ],
            Act::Reorder { stage, .. } => vec![
                ("stages.custom.get", json!({"id": stage})),
                ("works.list", json!({"sort_by": ["stage:desc"], "limit": 20})),
            ],
        }
    }

    fn ask(
        &self,
        act: &Act,
        client: &mut Client,
        chance: &mut Chance,
    ) -> std::io::Result<Vec<Value>> {
        let ask = |(op, body)| -> std::io::Result<Value> {
            let answer = client.call(op, &body)?;
            assert_eq!(answer.status, 200, "{op}: {}", answer.body);
            Ok(serde_json::from_str(&answer.body).expect("JSON"))
        };
        self.questions(act, chance).into_iter().map(ask).collect()
    }

    /// Asserts what must be true of any issue and ticket once an act is acknowledged.
    fn is_done(&self, act: &Act, client: &mut Client, chance: &mut Chance) -> std::io::Result<()> {
        let answers = self.ask(act, client, chance)?;
        match (act, answers.as_slice()) {
            (Act::DeleteTag(_), [work, listed, counted, page]) => {
                assert_eq!(work["work"].get("tags"), None, "{work}");
                assert_eq!(*listed, json!({"works": []}));
                assert_eq!(counted["count"], 0);
                assert!(!page.to_string().contains("tag of round"));
            }
            (Act::Merge { primary_don, .. }, [work, counted, of_primary, of_secondary]) => {
                assert_eq!(work["work"]["account"]["id"], **primary_don, "{work}");
                assert_eq!(counted["count"], self.tickets);
                for found in [of_primary, of_secondary] {
                    let page = found["works"].as_array().expect("works").len() as u64;
                    assert_eq!(page, self.tickets.min(50));
                }
            }
            (Act::Reorder { ordinal, .. }, [stage, sorted]) => {
                assert_eq!(stage["custom_stage"]["ordinal"], *ordinal);
                // Tickets are in stages that come before.
                for work in sorted["works"].as_array().expect("works") {
                    assert_eq!(work["type"], "issue");
                }
            }
            (_, answers) => panic!("{act:?} and {} answers", answers.len()),
        }
        Ok(())
    }
}

impl Act {
    fn perform(&self, server: &Running) {
        match self {
            Self::DeleteTag(tag) => drop(call(server, "tags.delete", &json!({"id": tag}))),
            Self::Merge { primary, secondary, .. } => {
                let merge = json!({"primary_account": primary, "secondary_account": secondary});
                call(server, "accounts.merge", &merge);
            }
            Self::Reorder { stage, ordinal } => {
                let order = json!({"id": stage, "ordinal": ordinal});
                call(server, "stages.custom.update", &order);
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn answer(client: &mut Client, op: &str, body: &Value) {
    let answer = client.call(op, body).unwrap();
    assert!(matches!(answer.status, 200 | 201), "{op}: {}", answer.body);
}

fn call(server: &Running, op: &str, body: &Value) -> Value {
    let answer = Client::connect(server.address()).unwrap().call(op, body).unwrap();
    assert!(matches!(answer.status, 200 | 201), "{op}: {}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

/// Does something `count` times, on several connections.
fn for_each(server: &Running, count: u64, each: impl Fn(&mut Client, u64) + Sync) {
    std::thread::scope(|scope| {
        for first in 0..WRITERS {
            let each = &each;
            scope.spawn(move || {
                let mut client = Client::connect(server.address()).unwrap();
                let own = (first..count).step_by(usize::try_from(WRITERS).unwrap());
                own.for_each(|at| each(&mut client, at));
            });
        }
    });
}

/// How many cascades are unfinished.
fn left(dir: &Path) -> u64 {
    let path = dir.join("worksmith.db");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database.query_row("SELECT count(*) FROM cascades", [], |row| row.get(0)).unwrap()
}

pub(crate) fn wait_for_the_end(dir: &Path) {
    let begin = Instant::now();
    while left(dir) > 0 {
        assert!(begin.elapsed() < Duration::from_secs(120), "cascades do not come to their end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn readers_see_what_thousands_follow_at_once_while_writers_go_on() {
    let world = World::new();
    let server = world.start();
    world.fill(&server);
    let load = Load::of_issues(world.issues);
    for kind in 0..3 {
        let act = world.prepare(&server, kind, 0);
        // The same reader asks before and during the cascade.
        let read_until = |work: &dyn Fn(), asks: &(dyn Fn(&mut Client, &mut Chance) + Sync)| {
            let is_over = AtomicBool::new(false);
            let reads = std::thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    let mut client = Client::connect(server.address()).unwrap();
                    let (mut chance, mut reads) = (Chance(9), 0_u64);
                    while !is_over.load(Ordering::Relaxed) {
                        asks(&mut client, &mut chance);
                        reads += 1;
                    }
                    reads
                });
                {
                    let _over = Over(&is_over);
                    work();
                }
                reader.join().unwrap()
            });
            assert!(reads > 0, "nobody has looked");
        };
        load.during(&server, WRITERS, || {
            read_until(&|| std::thread::sleep(Duration::from_secs(2)), &|client, chance| {
                drop(world.ask(&act, client, chance).unwrap());
            });
        });
        let quiet = summary(&load.since());
        load.during(&server, WRITERS, || {
            act.perform(&server);
            read_until(&|| wait_for_the_end(world.dir.path()), &|client, chance| {
                world.is_done(&act, client, chance).unwrap();
            });
        });
        let busy = summary(&load.since());
        println!("{act:?}: quiet {quiet}; busy {busy}");
        world
            .is_done(&act, &mut Client::connect(server.address()).unwrap(), &mut Chance(1))
            .unwrap();
    }
    drop(server);
    let checked = run(command(&["check", "--data-dir"]).arg(world.dir.path()));
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

#[test]
fn a_server_killed_in_the_middle_leaves_nothing_half_done() {
    let kills = setting("WORKSMITH_CASCADE_KILLS", 6);
    let (world, mut chance, mut in_the_middle) = (World::new(), Chance(5), 0);
    let mut server = world.start();
    world.fill(&server);
    let load = Load::of_issues(world.issues);
    for kill in 1..=kills {
        let act = world.prepare(&server, kill % 3, kill);
        load.during(&server, WRITERS, || {
            act.perform(&server);
            // It begins within a second.
            std::thread::sleep(Duration::from_millis(300 + chance.below(1_000)));
            server.signal("KILL");
        });
        in_the_middle += u64::from(left(world.dir.path()) > 0);
        server = world.start();
        let mut client = Client::connect(server.address()).unwrap();
        for _ in 0..20 {
            world.is_done(&act, &mut client, &mut chance).unwrap();
        }
        wait_for_the_end(world.dir.path());
        world.is_done(&act, &mut client, &mut chance).unwrap();
    }
    drop(server);
    println!("{kills} kills, {in_the_middle} of them in the middle");
    let checked = run(command(&["check", "--data-dir"]).arg(world.dir.path()));
    assert_eq!(checked.code, Some(0), "{checked:?}");
}
