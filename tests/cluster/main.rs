//! Several servers on one PostgreSQL: what clients see, and what is stored, while servers or the
//! database are killed.
//!
//! `WORKSMITH_CLUSTER_SECONDS` sets how long clients run; 20 if absent.

mod feed;
mod found;
mod histories;
mod kills;
mod linearizable;
mod listeners;
mod load;
mod mail;
mod outages;
mod search;
mod servers;
mod verdict;
mod webhooks;

use std::time::Duration;

/// How long clients run.
fn duration() -> Duration {
    let seconds = std::env::var("WORKSMITH_CLUSTER_SECONDS");
    Duration::from_secs(seconds.map_or(20, |seconds| seconds.parse().expect("seconds")))
}

/// The seed of the random generators; shown when the test fails.
fn seed() -> u64 {
    let seed = std::env::var("WORKSMITH_CLUSTER_SEED");
    let seed = seed.map_or(17, |seed| seed.parse().expect("a number"));
    println!("WORKSMITH_CLUSTER_SEED={seed}");
    seed
}
