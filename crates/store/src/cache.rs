//! What the store knows without asking the database: summaries, rendered objects, and what callers
//! put there, such as the holder of a token.
//!
//! Each value is kept with the rows that it was read from and the moment of the reading. It is
//! valid until one of them changes. The rows of each table share a fixed number of slots, and a
//! change invalidates everything in its slot, so nothing has to be looked up when something
//! changes. What was read from a whole table, such as the stages of an org, is valid until anything
//! in that table changes in that org.
//!
//! The writer tells [`Changes`] what it has committed before it answers anybody, so a read after an
//! acknowledged write never gets a value from before it.

use std::any::Any;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use compact_str::CompactString;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;
use rustc_hash::FxBuildHasher;
use serde_json::value::RawValue;
use worksmith_kernel::{Entry, RawRow};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::batch::{Batch, Change, ChangeOp, Row};
use crate::store::Registry;

/// The total weight of all rendered objects, in bytes: about 11,000 works of 6 KB.
const OBJECTS_WEIGHT: u64 = 72 << 20;
/// The total weight of all summaries and everything else, in bytes.
const ENTRIES_WEIGHT: u64 = 16 << 20;
/// The total weight of all rows, in bytes. Rows are kept only where reading one is a query to
/// another machine.
const ROWS_WEIGHT: u64 = 48 << 20;
/// How many slots the rows of a table share, and how many its orgs share.
const ROWS: usize = 1 << 18;
const ORGS: usize = 1 << 10;
/// What a value weighs besides its text: keys, counters, and the document behind a summary.
const OVERHEAD: u64 = 256;

// A source is a number of 32 bits: there is room for thousands of tables.
const _: () = assert!(u32::MAX as usize / (ROWS + ORGS) > 10_000);

/// What a value was read from: a row, or all rows of a table in an org. Different sources may
/// collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source(u32);

/// Everything that a value was read from, in order and each once.
pub(crate) type Sources = Arc<[Source]>;

/// Combines sources.
pub(crate) fn sources(parts: impl IntoIterator<Item = Source>) -> Sources {
    let mut all: Vec<Source> = parts.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// A moment in the history of the database, counted in commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// How many commits lie between an earlier moment and this one.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// When the rows of one table last changed.
struct Slots {
    /// The commit that last changed a row of each slot. Memory is taken only for what changes.
    rows: Box<[AtomicU64]>,
    /// The commit that last changed anything in the orgs of each slot.
    orgs: Box<[AtomicU64]>,
}

/// When everything last changed.
pub(crate) struct Changes {
    /// The index of each kind's table.
    places: Vec<Option<usize>>,
    /// By the indexes of the tables. Tables in which nothing has changed have none.
    tables: Vec<OnceLock<Slots>>,
    commits: AtomicU64,
    /// The last commit at which anything may have changed.
    everything: AtomicU64,
    /// Held while a change is noted.
    turn: Mutex<()>,
}

impl Changes {
    fn new(registry: &Registry) -> Self {
        Self {
            places: Kind::ALL.iter().map(|kind| registry.place(*kind)).collect(),
            tables: registry.families().iter().map(|_| OnceLock::new()).collect(),
            commits: AtomicU64::new(0),
            everything: AtomicU64::new(0),
            turn: Mutex::new(()),
        }
    }

    /// The present moment. A snapshot that is opened after it contains all that was committed by
    /// then.
    pub(crate) fn now(&self) -> Moment {
        Moment(self.commits.load(Ordering::Acquire))
    }

    fn place(&self, kind: Kind) -> usize {
        let place = self.places.get(kind as usize).copied().flatten();
        // What is kept nowhere never changes.
        place.unwrap_or(self.tables.len())
    }

    pub(crate) fn row(&self, org: &str, id: &Id) -> Source {
        let hash = FxBuildHasher.hash_one((org, id));
        // The upper bits are better mixed.
        self.source(id.kind(), usize::try_from(hash >> 40).unwrap_or(0) % ROWS)
    }

    /// All rows of a kind's table in an org.
    pub(crate) fn table(&self, org: &str, kind: Kind) -> Source {
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
        Moment(commit)
    }

    /// Notes that anything may have changed.
    pub(crate) fn everything(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let commit = self.commits.load(Ordering::Relaxed) + 1;
        self.everything.store(commit, Ordering::Release);
        self.commits.store(commit, Ordering::Release);
    }

    /// Whether a source is unchanged since a moment.
    fn is_since(&self, Source(source): Source, moment: Moment) -> bool {
        let (place, slot) = split(source);
        let Some(Slots { rows, orgs }) = self.tables.get(place).and_then(OnceLock::get) else {
            return true;
        };
        let last = if slot < ROWS { &rows[slot] } else { &orgs[slot - ROWS] };
        last.load(Ordering::Acquire) <= moment.0
    }

    /// Whether all sources are unchanged since a moment.
    fn are_since(&self, sources: &[Source], moment: Moment) -> bool {
        self.everything.load(Ordering::Acquire) <= moment.0
            && sources.iter().all(|source| self.is_since(*source, moment))
    }
}

/// The index of the table, and the slot.
const fn split(source: u32) -> (usize, usize) {
    let source = source as usize;
    (source / (ROWS + ORGS), source % (ROWS + ORGS))
}

/// A value, and what it was read from.
#[derive(Clone)]
struct Kept<T> {
    value: T,
    sources: Sources,
    at: Moment,
}

/// An object that others embed, with the ids of those that its summary needs.
#[derive(Clone)]
pub(crate) struct Summary {
    pub(crate) entry: Entry,
    pub(crate) needs: Arc<[Id]>,
}

/// An object as answers show it.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) revision: u64,
    pub(crate) rendered: Arc<RawValue>,
    /// Until when it may be shown.
    pub(crate) until: Option<Timestamp>,
}

type Key = (CompactString, Id);

#[derive(Clone)]
struct Weigh;

impl Weighter<Key, Kept<Summary>> for Weigh {
    fn weight(&self, _: &Key, kept: &Kept<Summary>) -> u64 {
        // The document is about as long as its summary.
        OVERHEAD + 2 * kept.value.entry.summary.get().len() as u64
    }
}

impl Weighter<Key, Kept<Object>> for Weigh {
    fn weight(&self, _: &Key, kept: &Kept<Object>) -> u64 {
        OVERHEAD + kept.value.rendered.get().len() as u64
    }
}

impl Weighter<Key, Kept<Arc<RawRow>>> for Weigh {
    fn weight(&self, _: &Key, kept: &Kept<Arc<RawRow>>) -> u64 {
        OVERHEAD + kept.value.doc.len() as u64
    }
}

/// How often something was looked up in the cache, and how often a valid value was there.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) asked: AtomicU64,
    pub(crate) held: AtomicU64,
}

impl Tally {
    fn count<T>(&self, outcome: Option<T>) -> Option<T> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if outcome.is_some() {
            self.held.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }
}

/// Everything that is kept.
pub(crate) struct Cache {
    pub(crate) changes: Changes,
    rows: Quick<Key, Kept<Arc<RawRow>>, Weigh>,
    summaries: Quick<Key, Kept<Summary>, Weigh>,
    objects: Quick<Key, Kept<Object>, Weigh>,
    facts: Quick<CompactString, Kept<Arc<dyn Any + Send + Sync>>>,
    pub(crate) summaries_tally: Tally,
    pub(crate) objects_tally: Tally,
}

impl Cache {
    pub(crate) fn new(registry: &Registry) -> Self {
        let items = |weight: u64, each: u64| usize::try_from(weight / each).unwrap_or(1024);
        Self {
            changes: Changes::new(registry),
            rows: Quick::with_weighter(items(ROWS_WEIGHT, 4096), ROWS_WEIGHT, Weigh),
            summaries: Quick::with_weighter(items(ENTRIES_WEIGHT, 1024), ENTRIES_WEIGHT, Weigh),
            objects: Quick::with_weighter(items(OBJECTS_WEIGHT, 6144), OBJECTS_WEIGHT, Weigh),
            facts: Quick::new(items(ENTRIES_WEIGHT, 4096)),
            summaries_tally: Tally::default(),
            objects_tally: Tally::default(),
        }
    }

    fn holds<T>(&self, kept: &Kept<T>, without: &[Source]) -> bool {
        !without.iter().any(|source| kept.sources.binary_search(source).is_ok())
            && self.changes.are_since(&kept.sources, kept.at)
    }

    /// The row of an object, as long as no change since is known here.
    pub(crate) fn row(&self, org: &str, id: &Id) -> Option<Arc<RawRow>> {
        let kept = self.rows.get(&(org.into(), id.clone()))?;
        self.holds(&kept, &[]).then_some(kept.value)
    }

    pub(crate) fn put_row(&self, org: &str, row: Arc<RawRow>, at: Moment) {
        let sources = sources([self.changes.row(org, &row.meta.id)]);
        let key = (org.into(), row.meta.id.clone());
        self.rows.insert(key, Kept { value: row, sources, at });
    }

    /// Notes what was committed, before anybody is told of it, and keeps the rows.
    pub(crate) fn committed<'a>(&self, batches: impl Iterator<Item = &'a Batch> + Clone) {
        let at = self.changes.committed(batches.clone());
        for batch in batches {
            for Change { meta, op, .. } in &batch.changes {
                if let ChangeOp::Insert(row) | ChangeOp::Update { row, .. } = op {
                    let Row { doc_version, doc, .. } = row.clone();
                    let row = RawRow { meta: meta.clone(), doc_version, doc };
                    self.put_row(&batch.org, Arc::new(row), at);
                }
            }
        }
    }

    /// The summary of an object and what it was read from, unless that includes one of `without`.
    pub(crate) fn summary(
        &self,
        org: &str,
        id: &Id,
        without: &[Source],
    ) -> Option<(Summary, Sources)> {
        let kept = self.summaries.get(&(org.into(), id.clone()));
        let kept = self.summaries_tally.count(kept.filter(|kept| self.holds(kept, without)))?;
        Some((kept.value, kept.sources))
    }

    pub(crate) fn put_summary(
        &self,
        org: &str,
        id: Id,
        summary: Summary,
        sources: Sources,
        at: Moment,
    ) {
        self.summaries.insert((org.into(), id), Kept { value: summary, sources, at });
    }

    /// An object as answers show it now, with its revision.
    pub(crate) fn object(
        &self,
        org: &str,
        id: &Id,
        now: Timestamp,
    ) -> Option<(u64, Arc<RawValue>)> {
        let kept = self.objects.get(&(org.into(), id.clone()));
        let holds = |kept: &Kept<Object>| {
            kept.value.until.is_none_or(|until| now < until) && self.holds(kept, &[])
        };
        let kept = self.objects_tally.count(kept.filter(holds))?;
        Some((kept.value.revision, kept.value.rendered))
    }

    pub(crate) fn put_object(
        &self,
        org: &str,
        id: Id,
        object: Object,
        sources: Sources,
        at: Moment,
    ) {
        self.objects.insert((org.into(), id), Kept { value: object, sources, at });
    }

    /// What was put under a key, unless it was read from one of `without`.
    pub(crate) fn fact<T: Send + Sync + 'static>(
        &self,
        key: &str,
        without: &[Source],
    ) -> Option<Arc<T>> {
        let kept = self.facts.get(key)?;
        self.holds(&kept, without).then(|| kept.value.downcast().ok()).flatten()
    }

    pub(crate) fn put_fact<T: Send + Sync + 'static>(
        &self,
        key: &str,
        fact: Arc<T>,
        sources: Sources,
        at: Moment,
    ) {
        self.facts.insert(key.into(), Kept { value: fact, sources, at });
    }
}
