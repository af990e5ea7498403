//! Clients that write all the time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::Running;

use crate::data::setting;

/// Works that clients update all the time.
pub(crate) struct Load {
    pub(crate) works: Vec<String>,
    /// The highest revision of each that was acknowledged.
    told: Vec<AtomicU64>,
    is_over: AtomicBool,
    took: Mutex<Vec<Duration>>,
}

impl Load {
    /// Creates a hundred issues, or as many as `WORKSMITH_LOAD_WORKS` says.
    pub(crate) fn new(server: &Running) -> Self {
        let part = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        assert_eq!(server.call("parts.create", &part).0, 201);
        let count = setting("WORKSMITH_LOAD_WORKS", 100);
        let mut client = Client::connect(server.address()).unwrap();
        for _ in 0..count {
            let body = json!({
                "type": "issue", "title": "x", "owned_by": ["DEVU-1"], "applies_to_part": "PROD-1",
                "body": "It takes a while. ".repeat(50),
            });
            assert_eq!(client.call("works.create", &body).unwrap().status, 201);
        }
        Self::of_issues(count)
    }

    /// A load on the first issues of an org, which exist already.
    pub(crate) fn of_issues(count: u64) -> Self {
        Self {
            works: (1..=count).map(|number| format!("ISS-{number}")).collect(),
            told: (0..count).map(|_| AtomicU64::new(1)).collect(),
            is_over: AtomicBool::new(false),
            took: Mutex::default(),
        }
    }

    /// Writes until it is over, or the server is gone.
    fn write(&self, server: &Running, seed: u64) {
        let Ok(mut client) = Client::connect(server.address()) else { return };
        let mut chance = Chance(seed);
        while !self.is_over.load(Ordering::Relaxed) {
            let place = usize::try_from(chance.below(self.works.len() as u64)).unwrap();
            let title = format!("{} {}", "y".repeat(200), chance.next());
            let body = json!({"id": self.works[place], "title": title});
            let begin = Instant::now();
            let Ok(answer) = client.call("works.update", &body) else { return };
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.took.lock().unwrap().push(begin.elapsed());
            if let Some(revision) = answer.revision {
                self.told[place].fetch_max(revision, Ordering::Relaxed);
            }
        }
    }

    /// Lets clients write while something is done. They also end when the server is gone.
    pub(crate) fn during<T>(&self, server: &Running, clients: u64, work: impl FnOnce() -> T) -> T {
        self.is_over.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for seed in 0..clients {
                scope.spawn(move || self.write(server, seed));
            }
            // The clients stop however the work ends.
            let _over = Over(&self.is_over);
            work()
        })
    }

    /// How long each update took that was answered since the last call, the quickest first.
    pub(crate) fn since(&self) -> Vec<Duration> {
        let mut took = std::mem::take(&mut *self.took.lock().unwrap());
        took.sort();
        took
    }

    pub(crate) fn told(&self) -> Vec<u64> {
        self.told.iter().map(|told| told.load(Ordering::Relaxed)).collect()
    }
}

/// Says that something is over when it is dropped, also by a panic.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many updates there were, and the 99th of a hundred and the longest of them, in words.
pub(crate) fn summary(took: &[Duration]) -> String {
    let ms = |took: Option<&Duration>| took.map_or(0.0, |took| took.as_secs_f64() * 1e3);
    let p99 = ms(took.get(took.len() * 99 / 100));
    format!("{} updates, p99 {p99:.1} ms, longest {:.1} ms", took.len(), ms(took.last()))
}
