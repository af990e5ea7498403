//! Running a driver for some seconds, and collecting the figures.

use std::fmt;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::Result;
use crate::data::{Chance, Job, ROWS, World, id};

/// A driver with an open database.
pub(crate) trait Store: Clone + Send + Sync + 'static {
    /// One durable transaction.
    fn write(&self, job: Job) -> impl Future<Output = Result<()>> + Send;
    /// The document of a row.
    fn read(&self, id: String) -> impl Future<Output = Result<String>> + Send;
}

#[derive(Clone, Copy)]
pub(crate) enum Measure {
    /// Writing from this many tasks.
    Write(usize),
    /// Reading from this many tasks.
    Read(usize),
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(1) => f.write_str("write, 1 task"),
            Self::Write(tasks) => write!(f, "write, {tasks} tasks"),
            Self::Read(tasks) => write!(f, "read, {tasks} tasks"),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// CPU time of this process for each operation.
    pub(crate) cpu_us: f64,
}

/// Warms the driver up, and measures it.
pub(crate) async fn run<S: Store>(store: S, measure: Measure) -> Result<Figures> {
    let world = World::new();
    once(&store, &world, measure, Duration::from_millis(500)).await?;
    let seconds = crate::number("SECONDS_EACH", 3)?;
    once(&store, &world, measure, Duration::from_secs(seconds.into())).await
}

async fn once<S: Store>(
    store: &S,
    world: &World,
    measure: Measure,
    time: Duration,
) -> Result<Figures> {
    let (Measure::Write(tasks) | Measure::Read(tasks)) = measure;
    let (cpu, begin) = (cpu()?, Instant::now());
    let lanes: Vec<_> = (0..tasks)
        .map(|task| {
            let (store, world) = (store.clone(), world.clone());
            tokio::spawn(async move {
                let mut chance = Chance(task as u64);
                let mut waits = Vec::new();
                while begin.elapsed() < time {
                    let wait = match measure {
                        Measure::Write(_) => {
                            let job = world.job(task, tasks, &mut chance);
                            let begin = Instant::now();
                            store.write(job).await?;
                            begin.elapsed()
                        }
                        Measure::Read(_) => {
                            let id = id(chance.below(ROWS));
                            let begin = Instant::now();
                            let doc = store.read(id).await?;
                            std::hint::black_box(doc);
                            begin.elapsed()
                        }
                    };
                    waits.push(wait);
                }
                Result::Ok(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for lane in lanes {
        waits.extend(lane.await??);
    }
    let (elapsed, cpu) = (begin.elapsed(), self::cpu()?.saturating_sub(cpu));
    waits.sort_unstable();
    let percentile = |part: usize| waits[(waits.len() - 1) * part / 100].as_secs_f64() * 1e6;
    let count = f64::from(u32::try_from(waits.len())?);
    Ok(Figures {
        per_second: count / elapsed.as_secs_f64(),
        p50_us: percentile(50),
        p99_us: percentile(99),
        cpu_us: cpu.as_secs_f64() * 1e6 / count,
    })
}

/// Waits, at most `QUIET_WAIT_S` seconds, until the machine has nothing else to do: with busy
/// cores, the scheduler would be measured, not the driver.
pub(crate) async fn quiet() -> Result<()> {
    let begin = Instant::now();
    let limit = Duration::from_secs(crate::number("QUIET_WAIT_S", 120)?.into());
    loop {
        let (busy, all) = ticks()?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (busy, all) = (ticks()?.0 - busy, ticks()?.1 - all);
        if busy * 10 < all {
            return Ok(());
        }
        if begin.elapsed() > limit {
            eprintln!("the machine is busy: {busy} of {all} ticks");
            return Ok(());
        }
    }
}

/// The ticks of all cores in which there was work since the machine started, and all of them.
fn ticks() -> Result<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().ok_or("no ticks")?;
    let ticks: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .take(8)
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    let all: u64 = ticks.iter().sum();
    // Neither idle nor waiting for a disk.
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    Ok((all - idle, all))
}

/// The CPU time that this process has used so far.
fn cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let time = usage.user_time() + usage.system_time();
    let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
    Ok(Duration::from_micros(micros.unsigned_abs()))
}
