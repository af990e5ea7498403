//! The engine: where transactions begin.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use worksmith_kernel::{Family, OpCtx, Resource, Result, Stored};
use worksmith_store::{Moment, Store, sources};
use worksmith_wire::Id;

use crate::cache::{Cache, Tally};
use crate::tx::{Cascade, Followers, Inner, Lanes, Settled, Streams, Tx, settled};

/// A store, what is kept in memory of it, and what follows from changes.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

impl Engine {
    /// An engine on a store.
    pub fn new(store: Store, followers: Followers) -> Self {
        let cache = Cache::new(Arc::clone(store.changes()));
        let (lanes, streams) = (Lanes::default(), Streams::default());
        Self { inner: Arc::new(Inner { store, followers, cache, lanes, streams }) }
    }

    /// Sets how long a stream of events is silent before it beats. Call this before the engine is
    /// cloned.
    #[must_use]
    pub fn with_beat(mut self, beat: Duration) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.streams.set_beat(beat);
        }
        self
    }

    /// Ends all streams of events, present and future ones: the server stops.
    pub fn end_streams(&self) {
        self.inner.streams.end();
    }

    /// The same on another store, such as a copy of this one.
    #[must_use]
    pub fn on(&self, store: Store) -> Self {
        Self::new(store, self.inner.followers.clone())
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Opens a transaction. There is no other way to the data of an org.
    pub fn begin(&self, cx: &OpCtx) -> Tx {
        Tx::new(Arc::clone(&self.inner), cx.clone())
    }

    /// What [`Engine::remember`] was given for a key, unless something that it was read from has
    /// changed.
    pub fn recall<T: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<T>> {
        self.inner.cache.fact(key, &[])
    }

    /// Keeps what was read after `moment` from these objects of an org, and from nothing else.
    pub fn remember<T: Send + Sync + 'static>(
        &self,
        key: &str,
        fact: Arc<T>,
        (org, ids): (&str, &[&Id]),
        moment: Moment,
    ) {
        let changes = &self.inner.cache.changes;
        let read = sources(ids.iter().map(|id| changes.row(org, id)));
        self.inner.cache.put_fact(key, fact, read, moment);
    }

    /// The present moment.
    pub fn moment(&self) -> Moment {
        self.inner.cache.changes.now()
    }

    /// How often objects and summaries were looked up in the cache, and how often they were found:
    /// the name of each, and the two numbers.
    pub fn cache_use(&self) -> [(&'static str, u64, u64); 2] {
        let cache = &self.inner.cache;
        let of = |tally: &Tally| {
            (tally.asked.load(Ordering::Relaxed), tally.held.load(Ordering::Relaxed))
        };
        let (objects, summaries) = (of(&cache.objects_tally), of(&cache.summaries_tally));
        [("objects", objects.0, objects.1), ("summaries", summaries.0, summaries.1)]
    }

    /// Reads one object of a given org before there is a context: for authentication.
    pub async fn peek<R: Resource>(&self, org: &str, id: &Id) -> Result<Option<Stored<R>>> {
        let at = self.moment();
        let mut snapshot = self.inner.store.snapshot()?;
        let Some(row) = snapshot.get(R::TABLE, org, id).await? else { return Ok(None) };
        let cascades = self.inner.cascades(&mut snapshot, org, at).await?;
        match settled(&Family::of::<R>(), &cascades, &row)? {
            Settled::AsStored => row.read::<R>().map(Some),
            Settled::Rewritten(row) => row.read::<R>().map(Some),
            Settled::Gone => Ok(None),
        }
    }

    /// The orgs that have unfinished cascades.
    pub async fn orgs_with_cascades(&self) -> Result<Vec<String>> {
        self.inner.store.orgs_with(Cascade::TABLE).await
    }
}
