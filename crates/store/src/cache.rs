//! What the store knows without asking the database: summaries, rendered objects, and what callers
//! put there, such as who holds a token.
//!
//! Each value is kept with the tables that it was read from and the moment of the reading. The
//! first change of any of these tables makes it worthless, whichever row was changed: coarse, and
//! so simple that it can't be wrong. Users, parts, tags and stages change seldom. Works do not, so
//! of the object that was rendered itself only its own row counts. That is just as coarse: rows
//! share a fixed number of slots, and a change makes everything in its slot worthless.
//!
//! The writer tells [`Changes`] what it has committed before it answers anybody, so whoever reads
//! after an acknowledged write never meets a value from before it.

use std::any::Any;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use compact_str::CompactString;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;
use rustc_hash::FxBuildHasher;
use serde_json::value::RawValue;
use worksmith_kernel::{Entry, RawRow, Registry};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::batch::{Batch, Change, ChangeOp, Row};

/// What all rendered objects may weigh, in bytes: about 11,000 works of 6 KB.
const OBJECTS_WEIGHT: u64 = 72 << 20;
/// What all summaries may weigh, in bytes, and everything else.
const ENTRIES_WEIGHT: u64 = 16 << 20;
/// What all rows may weigh, in bytes. Only where reading one is a question to another machine are
/// any kept.
const ROWS_WEIGHT: u64 = 48 << 20;
/// How many slots the rows share.
const SLOTS: usize = 1 << 18;
/// What a value weighs besides its text: keys, counters, and the document behind a summary.
const OVERHEAD: u64 = 256;

/// A set of tables: a bit for each place in the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tables(u128);

impl Tables {
    /// The tables of both sets.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether both sets have a table.
    pub(crate) const fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A moment in the history of the database: so many commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// How many commits there were since another moment.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// When each table, and each row, was changed last.
pub(crate) struct Changes {
    /// The place of each kind's table.
    places: Vec<Option<usize>>,
    /// The commit that changed each table last.
    last: Vec<AtomicU64>,
    /// The commit that changed a row of each slot last.
    rows: Vec<AtomicU64>,
    commits: AtomicU64,
    /// Held while something is noted.
    turn: Mutex<()>,
}

impl Changes {
    fn new(registry: &Registry) -> Self {
        Self {
            places: Kind::ALL.iter().map(|kind| registry.place(*kind)).collect(),
            last: registry.families().iter().map(|_| AtomicU64::new(0)).collect(),
            rows: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            commits: AtomicU64::new(0),
            turn: Mutex::new(()),
        }
    }

    /// The present moment. A snapshot that is opened after it holds all that was committed by then.
    pub(crate) fn now(&self) -> Moment {
        Moment(self.commits.load(Ordering::Acquire))
    }

    fn place(&self, kind: Kind) -> Option<usize> {
        self.places.get(kind as usize).copied().flatten()
    }

    /// The table of a kind, as a set.
    pub(crate) fn table(&self, kind: Kind) -> Tables {
        Tables(self.place(kind).map_or(0, |place| 1 << place))
    }

    /// Notes what was committed; before anybody hears of it.
    pub(crate) fn committed<'a>(&self, batches: impl Iterator<Item = &'a Batch>) -> Moment {
        self.note(batches.flat_map(|batch| {
            batch.changes.iter().map(|Change { meta, .. }| (batch.org.as_str(), &meta.id))
        }))
    }

    /// Notes which objects have changed, and tells the moment from which they are as they are now.
    pub(crate) fn note<'a>(&self, objects: impl Iterator<Item = (&'a str, &'a Id)>) -> Moment {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let commit = self.commits.load(Ordering::Relaxed) + 1;
        for (org, id) in objects {
            self.row(org, id).store(commit, Ordering::Release);
            if let Some(place) = self.place(id.kind()) {
                self.last[place].store(commit, Ordering::Release);
            }
        }
        self.commits.store(commit, Ordering::Release);
        Moment(commit)
    }

    /// Notes that anything may have changed.
    pub(crate) fn everything(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let commit = self.commits.load(Ordering::Relaxed) + 1;
        self.last.iter().chain(&self.rows).for_each(|last| last.store(commit, Ordering::Release));
        self.commits.store(commit, Ordering::Release);
    }

    fn row(&self, org: &str, id: &Id) -> &AtomicU64 {
        let hash = FxBuildHasher.hash_one((org, id));
        // The upper bits are the better mixed ones.
        &self.rows[usize::try_from(hash >> 40).unwrap_or(0) % SLOTS]
    }

    /// Whether a row is what it was at a moment.
    fn is_row_since(&self, org: &str, id: &Id, moment: Moment) -> bool {
        self.row(org, id).load(Ordering::Acquire) <= moment.0
    }

    /// Whether the tables are what they were at a moment.
    fn are_since(&self, tables: Tables, moment: Moment) -> bool {
        let mut left = tables.0;
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            if self.last[place].load(Ordering::Acquire) > moment.0 {
                return false;
            }
            left &= left - 1;
        }
        true
    }
}

/// A value, and what it was read from.
#[derive(Clone)]
struct Kept<T> {
    value: T,
    tables: Tables,
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
    /// The objects that belong to it alone, whose rows count as its own.
    pub(crate) companions: Arc<[Id]>,
    /// Until when it shows what is true.
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

/// Everything that is kept.
pub(crate) struct Cache {
    pub(crate) changes: Changes,
    rows: Quick<Key, Kept<Arc<RawRow>>, Weigh>,
    summaries: Quick<Key, Kept<Summary>, Weigh>,
    objects: Quick<Key, Kept<Object>, Weigh>,
    facts: Quick<CompactString, Kept<Arc<dyn Any + Send + Sync>>>,
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
        }
    }

    /// The row of an object, as it was when nothing that is known of here had changed it since.
    pub(crate) fn row(&self, org: &str, id: &Id) -> Option<Arc<RawRow>> {
        let kept = self.rows.get(&(org.into(), id.clone()))?;
        self.changes.is_row_since(org, id, kept.at).then_some(kept.value)
    }

    pub(crate) fn put_row(&self, org: &str, row: Arc<RawRow>, at: Moment) {
        let key = (org.into(), row.meta.id.clone());
        self.rows.insert(key, Kept { value: row, tables: Tables::default(), at });
    }

    /// Notes what was committed, before anybody hears of it, and keeps the rows.
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

    /// The summary of an object, unless it was read from one of `without`.
    pub(crate) fn summary(&self, org: &str, id: &Id, without: Tables) -> Option<(Summary, Tables)> {
        let kept = self.summaries.get(&(org.into(), id.clone()))?;
        let holds = !kept.tables.meet(without) && self.changes.are_since(kept.tables, kept.at);
        holds.then_some((kept.value, kept.tables))
    }

    pub(crate) fn put_summary(
        &self,
        org: &str,
        id: Id,
        summary: Summary,
        tables: Tables,
        at: Moment,
    ) {
        self.summaries.insert((org.into(), id), Kept { value: summary, tables, at });
    }

    /// An object as answers show it now, with its revision.
    pub(crate) fn object(
        &self,
        org: &str,
        id: &Id,
        now: Timestamp,
    ) -> Option<(u64, Arc<RawValue>)> {
        let key = (CompactString::from(org), id.clone());
        let Kept { value, tables, at } = self.objects.get(&key)?;
        let Object { revision, rendered, companions, until } = value;
        let holds = until.is_none_or(|until| now < until)
            && self.changes.is_row_since(org, id, at)
            && companions.iter().all(|id| self.changes.is_row_since(org, id, at))
            && self.changes.are_since(tables, at);
        holds.then_some((revision, rendered))
    }

    pub(crate) fn put_object(&self, org: &str, id: Id, value: Object, tables: Tables, at: Moment) {
        self.objects.insert((org.into(), id), Kept { value, tables, at });
    }

    /// What was put under a key, unless it was read from one of `without`.
    pub(crate) fn fact<T: Send + Sync + 'static>(
        &self,
        key: &str,
        without: Tables,
    ) -> Option<Arc<T>> {
        let kept = self.facts.get(key)?;
        let holds = !kept.tables.meet(without) && self.changes.are_since(kept.tables, kept.at);
        holds.then(|| kept.value.downcast().ok()).flatten()
    }

    pub(crate) fn put_fact<T: Send + Sync + 'static>(
        &self,
        key: &str,
        fact: Arc<T>,
        kinds: &[Kind],
        at: Moment,
    ) {
        let tables = kinds
            .iter()
            .fold(Tables::default(), |tables, kind| tables.and(self.changes.table(*kind)));
        self.facts.insert(key.into(), Kept { value: fact, tables, at });
    }
}
