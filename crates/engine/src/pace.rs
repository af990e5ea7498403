//! How work that may wait gives way to calls. What follows the log (the search index, the inbox,
//! streams of events) does more for each change than the call that made it. So between its steps it
//! rests: it takes at most half of what the processors have left, and next to nothing where nothing
//! is left. If it writes, it takes less the more the thread is at work that writes to the database.
//! What it has not done by then, it does afterwards.

use std::fs;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use worksmith_store::Store;

/// The share of the processors that is taken to be free where the system does not tell.
const UNKNOWN: f64 = 0.5;
/// How long the processors are watched before the pace changes.
const WATCHED: Duration = Duration::from_millis(200);

/// The pace of a worker.
#[derive(Debug)]
pub struct Pace {
    processors: f64,
    /// How many processors the worker takes if there are none to spare.
    least: f64,
    /// Whether the worker writes to the database.
    writes: bool,
    /// The share of the processors that calls and everybody else leave.
    free: f64,
    /// The share of its time in which nothing is to be written.
    unwritten: f64,
    since: Instant,
    writing: Duration,
    counted: Option<Counted>,
    /// How long the worker has worked since then.
    worked: Duration,
}

/// How the processors have spent their time since the start of the machine, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counted {
    all: u64,
    idle: u64,
}

impl Pace {
    /// A worker that writes, and takes `least` of a processor even if there is none to spare.
    pub fn of_writer(least: f64) -> Self {
        Self::new(least, true)
    }

    /// The same of one that only reads.
    pub fn of_reader(least: f64) -> Self {
        Self::new(least, false)
    }

    fn new(least: f64, writes: bool) -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        #[expect(clippy::cast_precision_loss, reason = "there are few processors")]
        let processors = processors as f64;
        let (since, worked) = (Instant::now(), Duration::ZERO);
        let (counted, writing) = (Counted::now(), Duration::ZERO);
        let (free, unwritten) = (UNKNOWN, 1.0);
        Self { processors, least, writes, free, unwritten, since, writing, counted, worked }
    }

    /// Rests after a step that took so long, and for which others work `beside` from now on.
    pub async fn rest(&mut self, store: &Store, step: Duration, mut beside: Duration) {
        self.worked += step;
        self.watch(store);
        let mut owed = step.mul_f64(1.0 - self.taken()) + beside;
        while !owed.is_zero() {
            let taken = self.taken();
            let nap = owed.div_f64(taken).min(WATCHED);
            tokio::time::sleep(nap).await;
            let paid = nap.mul_f64(taken).max(Duration::from_nanos(1)).min(owed);
            owed -= paid;
            // What others do for the worker goes on meanwhile.
            let others = paid.min(beside);
            beside -= others;
            self.worked += others;
            self.watch(store);
        }
    }

    /// Looks at what there is to spare, if the last look was long ago.
    fn watch(&mut self, store: &Store) {
        let passed = self.since.elapsed();
        if passed < WATCHED {
            return;
        }
        let now = Counted::now();
        let idle = now.zip(self.counted).and_then(|(now, then)| now.idle_since(then));
        let own = self.worked.as_secs_f64() / passed.as_secs_f64() / self.processors;
        self.free = idle.map_or(UNKNOWN, |idle| (idle + own).min(1.0));
        let writing = store.changes().writing_time();
        let wrote = writing.saturating_sub(self.writing).as_secs_f64() / passed.as_secs_f64();
        self.unwritten = (1.0 - wrote).max(0.0);
        (self.since, self.counted, self.worked) = (Instant::now(), now, Duration::ZERO);
        self.writing = writing;
    }

    /// How many processors the worker takes.
    fn taken(&self) -> f64 {
        let spare = self.free * self.processors;
        // Writers wait for the one thread that writes even where processors are idle.
        let spare = if self.writes { spare * self.unwritten.powi(2) } else { spare };
        share(spare, self.least)
    }
}

/// How many processors a worker takes where so many are spare.
fn share(spare: f64, least: f64) -> f64 {
    (spare / 2.0).clamp(least, 1.0)
}

impl Counted {
    /// As Linux counts it; other systems don't tell.
    fn now() -> Option<Self> {
        Self::read(&fs::read_to_string("/proc/stat").ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        // User, nice, system, idle, waiting for disks; then what is stolen. Guests count as users.
        let ticks: Vec<u64> = words.by_ref().take(8).map_while(|word| word.parse().ok()).collect();
        Some(Self { all: ticks.iter().sum(), idle: ticks.get(3)? + ticks.get(4)? })
    }

    /// The share of the time since then in which processors had nothing to do.
    fn idle_since(self, then: Self) -> Option<f64> {
        let all = self.all.checked_sub(then.all).filter(|ticks| *ticks > 0)?;
        let idle = self.idle.checked_sub(then.idle)?;
        #[expect(clippy::cast_precision_loss, reason = "ticks of a second")]
        let share = idle as f64 / all as f64;
        Some(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_processors_did_is_read_as_linux_says_it() {
        let text = "cpu  100 5 45 800 40 3 7 0 60 0\ncpu0 50 2 22 400 20 1 3 0 30 0\n";
        let then = Counted::read(text).unwrap();
        assert_eq!(then, Counted { all: 1000, idle: 840 });
        let now = Counted::read("cpu  160 5 85 880 60 3 7 0 60 0\n").unwrap();
        assert_eq!(now.idle_since(then), Some(0.5));
        assert_eq!(then.idle_since(then), None);
        assert_eq!(Counted::read("intr 1 2 3\n"), None);
    }

    #[test]
    fn a_worker_takes_half_of_what_is_left_and_never_nothing() {
        for (spare, taken) in [(3.0, 1.0), (2.0, 1.0), (1.0, 0.5), (0.2, 0.1), (0.0, 0.03)] {
            assert!((share(spare, 0.03) - taken).abs() < 1e-9, "{spare}");
        }
    }
}
