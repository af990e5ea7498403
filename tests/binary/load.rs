//! Clients that write all the time, to a hundred works or to `WORKSMITH_LOAD_WORKS`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::Running;

/// Works that clients update all the time.
pub(crate) struct Load {
    pub(crate) works: Vec<String>,
    /// The highest revision of each that was acknowledged.
    told: Vec<AtomicU64>,
    is_over: AtomicBool,
    took: Mutex<Vec<Duration>>,
}

impl Load {
    pub(crate) fn new(server: &Running) -> Self {
        let part = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        assert_eq!(server.call("parts.create", &part).0, 201);
        let count = std::env::var("WORKSMITH_LOAD_WORKS").map_or(100, |n| n.parse().unwrap());
        let mut client = Client::connect(server.address()).unwrap();
        let works = (1..=count).map(|number: u64| {
            let body = json!({
                "type": "issue", "title": "x", "owned_by": ["DEVU-1"], "applies_to_part": "PROD-1",
                "body": "It takes a while. ".repeat(50),
            });
            assert_eq!(client.call("works.create", &body).unwrap().status, 201);
            format!("ISS-{number}")
        });
        Self {
            works: works.collect(),
            told: (0..count).map(|_| AtomicU64::new(1)).collect(),
            is_over: AtomicBool::new(false),
            took: Mutex::default(),
        }
    }

    /// Writes until it is over, or the server is gone.
    fn write(&self, server: &Running, seed: u64) {
        let (mut client, mut chance) = (Client::connect(server.address()).unwrap(), Chance(seed));
        while !self.is_over.load(Ordering::Relaxed) {
            let place = usize::try_from(chance.below(self.works.len() as u64)).unwrap();
            let (title, text) = ("y".repeat(200), chance.next().to_string());
            let body = json!({"id": self.works[place], "title": title, "body": text});
            let begin = Instant::now();
            let Ok(answer) = client.call("works.update", &body) else { return };
            self.took.lock().unwrap().push(begin.elapsed());
            if let Some(revision) = answer.revision {
                self.told[place].fetch_max(revision, Ordering::Relaxed);
            }
        }
    }

    /// Lets clients write while something is done.
    pub(crate) fn during<T>(&self, server: &Running, clients: u64, work: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            for seed in 0..clients {
                scope.spawn(move || self.write(server, seed));
            }
            // The clients stop however the work ends.
            let _over = Over(&self.is_over);
            work()
        })
    }

    /// How many updates were answered since the last call, and how long the longest of them took.
    pub(crate) fn since(&self) -> (usize, Duration) {
        let took = std::mem::take(&mut *self.took.lock().unwrap());
        (took.len(), took.into_iter().max().unwrap_or_default())
    }

    pub(crate) fn told(&self) -> Vec<u64> {
        self.told.iter().map(|told| told.load(Ordering::Relaxed)).collect()
    }
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
