//! Several servers on one PostgreSQL: what clients see of them, and what is kept, while servers or
//! the database are killed.
//!
//! `WORKSMITH_CLUSTER_SECONDS` says how long clients keep on, 20 if absent.

mod histories;
mod kills;
mod linearizable;
mod load;
mod outages;
mod search;
mod servers;
mod verdict;

use std::time::Duration;

/// How long clients keep on.
fn duration() -> Duration {
    let seconds = std::env::var("WORKSMITH_CLUSTER_SECONDS");
    Duration::from_secs(seconds.map_or(20, |seconds| seconds.parse().expect("seconds")))
}

/// Where chance begins; shown when the test fails.
fn seed() -> u64 {
    let seed = std::env::var("WORKSMITH_CLUSTER_SEED");
    let seed = seed.map_or(17, |seed| seed.parse().expect("a number"));
    println!("WORKSMITH_CLUSTER_SEED={seed}");
    seed
}
