//! What is known without asking the store: summaries, rendered objects, and what callers put there,
//! such as the holder of a token. `worksmith_store::Changes` decides how long a value holds.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use compact_str::CompactString;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;
use serde_json::value::RawValue;
use worksmith_kernel::Entry;
use worksmith_store::{Changes, Dated, Moment, Source, Sources};
use worksmith_wire::{Id, Timestamp};

/// The total weight of all rendered objects, in bytes: about 11,000 works of 6 KB.
const OBJECTS_WEIGHT: u64 = 72 << 20;
/// The total weight of all summaries and everything else, in bytes.
const ENTRIES_WEIGHT: u64 = 16 << 20;
/// What a value weighs besides its text: keys, counters, and the document behind a summary.
const OVERHEAD: u64 = 256;

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

impl Weighter<Key, Dated<Summary>> for Weigh {
    fn weight(&self, _: &Key, kept: &Dated<Summary>) -> u64 {
        // The document is about as long as its summary.
        OVERHEAD + 2 * kept.value.entry.summary.get().len() as u64
    }
}

impl Weighter<Key, Dated<Object>> for Weigh {
    fn weight(&self, _: &Key, kept: &Dated<Object>) -> u64 {
        OVERHEAD + kept.value.rendered.get().len() as u64
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
    pub(crate) changes: Arc<Changes>,
    summaries: Quick<Key, Dated<Summary>, Weigh>,
    objects: Quick<Key, Dated<Object>, Weigh>,
    facts: Quick<CompactString, Dated<Arc<dyn Any + Send + Sync>>>,
    pub(crate) summaries_tally: Tally,
    pub(crate) objects_tally: Tally,
}

impl Cache {
    pub(crate) fn new(changes: Arc<Changes>) -> Self {
        let items = |weight: u64, each: u64| usize::try_from(weight / each).unwrap_or(1024);
        Self {
            changes,
            summaries: Quick::with_weighter(items(ENTRIES_WEIGHT, 1024), ENTRIES_WEIGHT, Weigh),
            objects: Quick::with_weighter(items(OBJECTS_WEIGHT, 6144), OBJECTS_WEIGHT, Weigh),
            facts: Quick::new(items(ENTRIES_WEIGHT, 4096)),
            summaries_tally: Tally::default(),
            objects_tally: Tally::default(),
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
        let kept =
            self.summaries_tally.count(kept.filter(|kept| kept.holds(&self.changes, without)))?;
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
        self.summaries.insert((org.into(), id), Dated { value: summary, sources, at });
    }

    /// An object as answers show it now, and when it was read.
    pub(crate) fn object(&self, org: &str, id: &Id, now: Timestamp) -> Option<(Object, Moment)> {
        let kept = self.objects.get(&(org.into(), id.clone()));
        let holds = |kept: &Dated<Object>| {
            kept.value.until.is_none_or(|until| now < until) && kept.holds(&self.changes, &[])
        };
        let kept = self.objects_tally.count(kept.filter(holds))?;
        Some((kept.value, kept.at))
    }

    pub(crate) fn put_object(
        &self,
        org: &str,
        id: Id,
        object: Object,
        sources: Sources,
        at: Moment,
    ) {
        self.objects.insert((org.into(), id), Dated { value: object, sources, at });
    }

    /// What was put under a key, unless it was read from one of `without`.
    pub(crate) fn fact<T: Send + Sync + 'static>(
        &self,
        key: &str,
        without: &[Source],
    ) -> Option<Arc<T>> {
        let kept = self.facts.get(key)?;
        kept.holds(&self.changes, without).then(|| kept.value.downcast().ok()).flatten()
    }

    pub(crate) fn put_fact<T: Send + Sync + 'static>(
        &self,
        key: &str,
        fact: Arc<T>,
        sources: Sources,
        at: Moment,
    ) {
        self.facts.insert(key.into(), Dated { value: fact, sources, at });
    }
}
