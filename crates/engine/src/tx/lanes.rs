//! Calls that lost a race run again one at a time, so that each of them succeeds. They wait in
//! lanes: those that change the same object are in the same one, and the others go on.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;
use tokio::sync::{Mutex, MutexGuard};
use worksmith_wire::Id;

/// How many lanes there are. Objects share them, so with more of them fewer calls wait in vain.
const LANES: usize = 512;

/// The lanes.
pub(crate) struct Lanes(Box<[Mutex<()>]>);

impl Default for Lanes {
    fn default() -> Self {
        Self((0..LANES).map(|_| Mutex::default()).collect())
    }
}

impl Lanes {
    /// The lane of an object.
    pub(crate) fn of(org: &str, id: &Id) -> usize {
        // The upper bits are better mixed.
        usize::try_from(FxBuildHasher.hash_one((org, id)) >> 40).unwrap_or(0) % LANES
    }

    /// Waits for a turn in a lane, which lasts until the guard is dropped.
    pub(crate) async fn turn(&self, lane: usize) -> MutexGuard<'_, ()> {
        self.0[lane % LANES].lock().await
    }
}
