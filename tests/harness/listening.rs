//! Many clients of the feed, while others write: whether each has every change once and in order,
//! and what that costs those who write. Figures are printed; they decide nothing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Chance, Client};
use crate::listener::Listener;

/// How many works are changed.
const WORKS: u64 = 100;

/// How many clients there are, and for how long they write.
#[derive(Clone, Copy, Debug)]
pub struct Listening {
    /// How many clients listen.
    pub listeners: usize,
    /// How many clients write.
    pub writers: usize,
    /// How long they write in each turn.
    pub turn: Duration,
    /// How many pairs of turns there are: one without streams, and one with them.
    pub turns: usize,
}

impl Default for Listening {
    fn default() -> Self {
        let setting = |name: &str, usual: u64| {
            std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
        };
        let count = |name: &str, usual| usize::try_from(setting(name, usual)).expect("a number");
        Self {
            listeners: count("WORKSMITH_LISTENERS", 20),
            writers: count("WORKSMITH_LISTENERS_WRITERS", 64),
            turn: Duration::from_millis(setting("WORKSMITH_LISTENERS_MS", 500)),
            turns: count("WORKSMITH_LISTENERS_TURNS", 1),
        }
    }
}

/// How many events there were, and what distinguishes them and their order from any others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Heard {
    events: u64,
    order: u64,
}

impl Heard {
    fn add(&mut self, cursor: &str) {
        let mut hash = DefaultHasher::new();
        (self.order, cursor).hash(&mut hash);
        *self = Self { events: self.events + 1, order: hash.finish() };
    }
}

/// The memory that processes take, in KB.
fn memory(processes: &[u32]) -> u64 {
    let of = |process: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kb.unwrap_or(0)
    };
    processes.iter().map(of).sum()
}

impl Listening {
    /// Has clients listen to servers on one database while others write through all of them, by
    /// turns with nobody listening. Panics unless each has heard every change once and in order.
    pub fn run(&self, servers: &[SocketAddr], processes: &[u32]) {
        let mut client = Client::connect(servers[0]).expect("a connection");
        for _ in 0..WORKS {
            let work = json!({"type": "task", "title": "0", "owned_by": ["DEVU-1"]});
            let answer = client.call("works.create", &work).expect("an answer");
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        let mut rates = Vec::new();
        for turn in 1..=self.turns {
            let alone = self.write(servers);
            let from = now(&mut client);
            let before = memory(processes);
            let end = format!("the end of turn {turn}");
            let beside = std::thread::scope(|scope| {
                let listeners: Vec<_> = (0..self.listeners)
                    .map(|at| {
                        let address = servers[at % servers.len()];
                        let mut listener = Listener::open(address, None).expect("a stream");
                        // Whoever has the first frame misses nothing.
                        let begin = listener.frame().expect("a beginning").id;
                        assert_eq!(begin, from, "listener {at}");
                        listener
                    })
                    .collect();
                if self.listeners > 0 {
                    let grown = memory(processes).saturating_sub(before);
                    let each = grown / self.listeners as u64;
                    println!("{} idle streams take {each} KB each", self.listeners);
                }
                let listeners: Vec<_> = listeners
                    .into_iter()
                    .map(|listener| scope.spawn(|| hear(listener, &end)))
                    .collect();
                let beside = self.write(servers);
                let tag = json!({"name": end});
                assert_eq!(client.call("tags.create", &tag).expect("an answer").status, 201);
                let wanted = read(&mut client, &from);
                for (at, listener) in listeners.into_iter().enumerate() {
                    assert_eq!(listener.join().expect("a listener"), wanted, "listener {at}");
                }
                println!("each listener had {} events", wanted.events);
                beside
            });
            println!("turn {turn}: {alone:.0} updates/s without streams, {beside:.0} with them");
            rates.push(beside / alone);
        }
        rates.sort_by(f64::total_cmp);
        println!("with streams: {:.3} of the rate without, median", rates[rates.len() / 2]);
    }

    /// Has clients write for a turn, and returns how many updates there were in a second.
    fn write(&self, servers: &[SocketAddr]) -> f64 {
        let (is_over, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for writer in 0..self.writers {
                let (is_over, done) = (&is_over, &done);
                let address = servers[writer % servers.len()];
                scope.spawn(move || {
                    let mut client = Client::connect(address).expect("a connection");
                    let mut chance = Chance(writer as u64);
                    while !is_over.load(Ordering::Relaxed) {
                        let id = format!("TASK-{}", chance.below(WORKS) + 1);
                        let update = json!({"id": id, "title": format!("{}", chance.next())});
                        let answer = client.call("works.update", &update).expect("an answer");
                        // Others may be faster too often.
                        assert!(matches!(answer.status, 200 | 503), "{}", answer.body);
                        done.fetch_add(u64::from(answer.status == 200), Ordering::Relaxed);
                    }
                });
            }
            std::thread::sleep(self.turn);
            is_over.store(true, Ordering::Relaxed);
        });
        #[expect(clippy::cast_precision_loss, reason = "a figure to be printed")]
        let done = done.load(Ordering::Relaxed) as f64;
        assert!(done > 0.0, "nobody writes");
        done / begin.elapsed().as_secs_f64()
    }
}

/// The cursor at the end of the feed.
fn now(client: &mut Client) -> String {
    let page = page(client, &json!({"from": "now"}));
    page["next_cursor"].as_str().expect("a cursor").to_owned()
}

fn page(client: &mut Client, request: &Value) -> Value {
    let answer = client.call("events.list", request).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).expect("an object")
}

/// What a stream brings until a tag of this name is made.
fn hear(mut listener: Listener, end: &str) -> Heard {
    let mut heard = Heard::default();
    loop {
        let event = listener.event().expect("an event");
        heard.add(&event.id);
        if event.data.contains(end) {
            return heard;
        }
    }
}

/// What the list has after a cursor, in which each object has one revision after the other.
fn read(client: &mut Client, from: &str) -> Heard {
    let (mut heard, mut cursor) = (Heard::default(), from.to_owned());
    let mut revisions: HashMap<String, u64> = HashMap::new();
    loop {
        let page = page(client, &json!({"cursor": cursor, "limit": 100}));
        for event in page["events"].as_array().expect("events") {
            heard.add(event["cursor"].as_str().expect("a cursor"));
            let id = event["object"]["id"].as_str().expect("an id").to_owned();
            let revision = event["revision"].as_u64().expect("a revision");
            let before = revisions.insert(id, revision);
            assert!(before.is_none_or(|before| before + 1 == revision), "{event}");
        }
        page["next_cursor"].as_str().expect("a cursor").clone_into(&mut cursor);
        if page["has_more"] == false {
            return heard;
        }
    }
}
