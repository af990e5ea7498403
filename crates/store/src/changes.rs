//! When everything last changed, as far as this server knows: what decides whether a value that is
//! kept in memory still holds.
//!
//! Each value is kept with the rows that it was read from and the moment of the reading. It holds
//! until one of them changes. The rows of each table share a fixed number of slots, and a change
//! invalidates everything in its slot, so nothing has to be looked up when something changes. What
//! was read from a whole table, such as the stages of an org, holds until anything in that table
//! changes in that org.
//!
//! The writer tells [`Changes`] what it has committed before it answers anybody, so a read after an
//! acknowledged write never gets a value from before it.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustc_hash::FxBuildHasher;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use worksmith_kernel::Registry;
use worksmith_wire::{Id, Kind};

use crate::batch::{Batch, Change};
use crate::moment::Moment;

/// How many slots the rows of a table share, and how many its orgs share.
const ROWS: usize = 1 << 18;
const ORGS: usize = 1 << 10;

// A source is a number of 32 bits: there is room for thousands of tables.
const _: () = assert!(u32::MAX as usize / (ROWS + ORGS) > 10_000);

/// What a value was read from: a row, or all rows of a table in an org. Different sources may
/// collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(u32);

/// Everything that a value was read from, in order and each once.
pub type Sources = Arc<[Source]>;

/// Combines sources.
pub fn sources(parts: impl IntoIterator<Item = Source>) -> Sources {
    let mut all: Vec<Source> = parts.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// When the rows of one table last changed.
struct Slots {
    /// The commit that last changed a row of each slot. Memory is taken only for what changes.
    rows: Box<[AtomicU64]>,
    /// The commit that last changed anything in the orgs of each slot.
    orgs: Box<[AtomicU64]>,
}

/// When everything last changed.
pub struct Changes {
    /// The index of each kind's table.
    places: Vec<Option<usize>>,
    /// By the indexes of the tables. Tables in which nothing has changed have none.
    tables: Vec<OnceLock<Slots>>,
    commits: AtomicU64,
    /// The last commit at which anything may have changed.
    everything: AtomicU64,
    /// How long the one thread that writes to SQLite has worked, in microseconds.
    writing_us: AtomicU64,
    /// Held while a change is noted.
    turn: Mutex<()>,
    /// Wakes those who wait for a commit.
    awaited: Notify,
}

impl Changes {
    pub(crate) fn new(registry: &Registry) -> Self {
        Self {
            places: Kind::ALL.iter().map(|kind| registry.place(*kind)).collect(),
            tables: registry.families().iter().map(|_| OnceLock::new()).collect(),
            commits: AtomicU64::new(0),
            everything: AtomicU64::new(0),
            writing_us: AtomicU64::new(0),
            turn: Mutex::new(()),
            awaited: Notify::new(),
        }
    }

    /// The present moment. A snapshot that is opened after it contains all that was committed by
    /// then.
    pub fn now(&self) -> Moment {
        Moment::of(self.commits.load(Ordering::Acquire))
    }

    /// The moment right after the next commit, if nobody else commits.
    pub(crate) fn next(&self) -> Moment {
        Moment::of(self.commits.load(Ordering::Relaxed) + 1)
    }

    fn place(&self, kind: Kind) -> usize {
        let place = self.places.get(kind as usize).copied().flatten();
        // What is kept nowhere never changes.
        place.unwrap_or(self.tables.len())
    }

    /// One row.
    pub fn row(&self, org: &str, id: &Id) -> Source {
        let hash = FxBuildHasher.hash_one((org, id));
        // The upper bits are better mixed.
        self.source(id.kind(), usize::try_from(hash >> 40).unwrap_or(0) % ROWS)
    }

    /// All rows of a kind's table in an org.
    pub fn table(&self, org: &str, kind: Kind) -> Source {
        let hash = FxBuildHasher.hash_one(org);
        self.source(kind, ROWS + usize::try_from(hash >> 40).unwrap_or(0) % ORGS)
    }

    fn source(&self, kind: Kind, slot: usize) -> Source {
        let source = self.place(kind) * (ROWS + ORGS) + slot;
        Source(u32::try_from(source).unwrap_or(u32::MAX))
    }

    fn slots(&self, place: usize) -> Option<&Slots> {
        let table = self.tables.get(place)?;
        Some(table.get_or_init(|| Slots {
            rows: bytemuck::zeroed_slice_box(ROWS),
            orgs: bytemuck::zeroed_slice_box(ORGS),
        }))
    }

    /// Notes what was committed, before anybody is told of it.
    pub(crate) fn committed<'a>(&self, batches: impl Iterator<Item = &'a Batch>) -> Moment {
        self.note(batches.flat_map(|batch| {
            batch.changes.iter().map(|Change { meta, .. }| (batch.org.as_str(), &meta.id))
        }))
    }

    /// Notes which objects have changed. Returns the moment from which their present state holds.
    pub(crate) fn note<'a>(&self, objects: impl Iterator<Item = (&'a str, &'a Id)>) -> Moment {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let commit = self.commits.load(Ordering::Relaxed) + 1;
        for (org, id) in objects {
            for Source(source) in [self.row(org, id), self.table(org, id.kind())] {
                let (place, slot) = split(source);
                if let Some(Slots { rows, orgs }) = self.slots(place) {
                    let last = if slot < ROWS { &rows[slot] } else { &orgs[slot - ROWS] };
                    last.store(commit, Ordering::Release);
                }
            }
        }
        self.commits.store(commit, Ordering::Release);
        self.awaited.notify_waiters();
        Moment::of(commit)
    }

    /// How long the one thread that writes to the database has worked since the start. PostgreSQL,
    /// which has many, counts as idle.
    pub fn writing_time(&self) -> Duration {
        Duration::from_micros(self.writing_us.load(Ordering::Relaxed))
    }

    pub(crate) fn wrote_for(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(0);
        self.writing_us.fetch_add(us, Ordering::Relaxed);
    }

    /// Waits for the next commit that becomes known here, counted from this call.
    pub fn next_commit(&self) -> Notified<'_> {
        self.awaited.notified()
    }

    /// Notes that anything may have changed.
    pub(crate) fn everything(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let commit = self.commits.load(Ordering::Relaxed) + 1;
        self.everything.store(commit, Ordering::Release);
        self.commits.store(commit, Ordering::Release);
        self.awaited.notify_waiters();
    }

    /// Whether a row is unchanged since a moment, as far as this server knows.
    pub(crate) fn is_row_since(&self, row: Source, moment: Moment) -> bool {
        self.are_since(&[row], moment)
    }

    /// Whether a source is unchanged since a moment.
    fn is_since(&self, Source(source): Source, moment: Moment) -> bool {
        let (place, slot) = split(source);
        let Some(Slots { rows, orgs }) = self.tables.get(place).and_then(OnceLock::get) else {
            return true;
        };
        let last = if slot < ROWS { &rows[slot] } else { &orgs[slot - ROWS] };
        last.load(Ordering::Acquire) <= moment.number()
    }

    /// Whether all sources are unchanged since a moment.
    fn are_since(&self, sources: &[Source], moment: Moment) -> bool {
        self.everything.load(Ordering::Acquire) <= moment.number()
            && sources.iter().all(|source| self.is_since(*source, moment))
    }
}

/// The index of the table, and the slot.
const fn split(source: u32) -> (usize, usize) {
    let source = source as usize;
    (source / (ROWS + ORGS), source % (ROWS + ORGS))
}

/// A value that was read, what it was read from, and when.
#[derive(Clone, Debug)]
pub struct Dated<T> {
    /// The value.
    pub value: T,
    /// What it was read from.
    pub sources: Sources,
    /// The moment of the reading.
    pub at: Moment,
}

impl<T> Dated<T> {
    /// Whether it still holds, and was read from none of `without`.
    pub fn holds(&self, changes: &Changes, without: &[Source]) -> bool {
        !without.iter().any(|source| self.sources.binary_search(source).is_ok())
            && changes.are_since(&self.sources, self.at)
    }
}
