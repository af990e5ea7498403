//! Reading the summaries that an answer embeds: from the cache, and the rest from the database, one
//! level of ids after another, with one read for each kind.

use std::any::Any;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::value::RawValue;
use worksmith_kernel::{Entry, Error, Expander, Family, Result};
use worksmith_store::{Source, Sources, sources};
use worksmith_wire::Id;

use super::Tx;
use crate::cache::Summary;

/// An object that was read for its summary.
struct Loaded {
    family: Family,
    stored: Arc<dyn Any + Send + Sync>,
    needs: Arc<[Id]>,
}

/// The summaries of one answer while they are being collected.
struct Gathering {
    x: Expander,
    /// What each summary was read from.
    sources: FxHashMap<Id, Sources>,
    /// What was read and is not yet rendered.
    loaded: FxHashMap<Id, Loaded>,
}

/// The summaries of one answer.
pub(crate) struct Gathered {
    pub(crate) x: Expander,
    /// What each summary was read from.
    sources: FxHashMap<Id, Sources>,
}

impl Gathered {
    /// The sources of an answer that embeds the summaries of `ids`.
    pub(crate) fn sources<'a>(&self, own: Source, ids: impl Iterator<Item = &'a Id>) -> Sources {
        let embedded = ids.filter_map(|id| self.sources.get(id)).flat_map(|each| each.iter());
        sources(std::iter::once(own).chain(embedded.copied()))
    }
}

impl Tx {
    /// The summaries of `wanted`.
    pub async fn expand(&mut self, wanted: Vec<Id>) -> Result<Expander> {
        self.gather(wanted).await.map(|gathered| gathered.x)
    }

    /// The summaries of `wanted`, and what they were read from.
    pub(crate) async fn gather(&mut self, wanted: Vec<Id>) -> Result<Gathered> {
        let x = Expander::new(self.cx.org.clone(), self.past.unwrap_or(self.cx.now));
        let mut all = Gathering { x, sources: FxHashMap::default(), loaded: FxHashMap::default() };
        let mut seen = FxHashSet::default();
        let (mut next, mut read) = (wanted, Vec::new());
        while !next.is_empty() {
            next.retain(|id| seen.insert(id.clone()));
            let missing = self.take_known(&mut next, &mut all);
            self.load(&missing, &mut next, &mut all).await?;
            read.extend(missing);
        }
        for id in read {
            self.render(&id, &mut all)?;
        }
        let Gathering { x, sources, .. } = all;
        Ok(Gathered { x, sources })
    }

    /// Takes what the cache has, and returns the ids that it lacks. `ids` becomes what the taken
    /// summaries need.
    fn take_known(&self, ids: &mut Vec<Id>, all: &mut Gathering) -> Vec<Id> {
        if self.past.is_some() {
            return std::mem::take(ids);
        }
        let changed = self.changed_rows();
        let (mut missing, mut needed) = (Vec::new(), Vec::new());
        for id in ids.drain(..) {
            match self.inner.cache.summary(self.org(), &id, &changed) {
                Some((Summary { entry, needs }, sources)) => {
                    needed.extend(needs.iter().cloned());
                    all.sources.insert(id.clone(), sources);
                    all.x.put(id, entry);
                }
                None => missing.push(id),
            }
        }
        *ids = needed;
        missing
    }

    /// Reads objects, and adds what their summaries need to `next`. Deleted objects get their last
    /// summary.
    async fn load(&mut self, ids: &[Id], next: &mut Vec<Id>, all: &mut Gathering) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let inner = Arc::clone(&self.inner);
        for family in inner.store.registry().families() {
            let (mut rows, mut stored) = (Vec::new(), Vec::new());
            for id in ids.iter().filter(|id| family.table.kinds.contains(&id.kind())) {
                if self.changes(id) {
                    rows.extend(self.row(family.table, id).await?);
                } else {
                    stored.push(id);
                }
            }
            if let Some(at) = self.past {
                let stored = stored.into_iter().cloned().collect();
                rows.extend(Box::pin(self.rows_at(stored, at)).await?);
            } else if !stored.is_empty() {
                let org = self.cx.org.org.clone();
                for row in self.snapshot()?.get_many(family.table, &org, &stored).await? {
                    rows.extend(self.settled(family.table, Arc::new(row)).await?);
                }
            }
            for row in rows {
                let stored = (family.read)(&row)?;
                let mut needs = Vec::new();
                (family.summary_refs)(stored.as_ref(), &mut needs);
                next.extend(needs.iter().cloned());
                let loaded = Loaded { family: *family, stored, needs: needs.into() };
                all.loaded.insert(row.meta.id.clone(), loaded);
            }
        }
        let deleted: Vec<&Id> = ids.iter().filter(|id| !all.loaded.contains_key(id)).collect();
        let docs = if self.has_history && !deleted.is_empty() {
            Box::pin(self.last_docs(&deleted)).await?
        } else {
            FxHashMap::default()
        };
        for id in deleted {
            self.load_deleted(id, docs.get(id).cloned(), all).await?;
        }
        Ok(())
    }

    /// Makes the last summary of a deleted object available, and its document if that is wanted.
    async fn load_deleted(
        &mut self,
        id: &Id,
        stored: Option<Arc<dyn Any + Send + Sync>>,
        all: &mut Gathering,
    ) -> Result<()> {
        let org = self.cx.org.org.clone();
        let summary = match self.deleted_summary(id) {
            Some(summary) => Some(summary.to_owned()),
            None => self.snapshot()?.tombstone(&org, id).await?,
        };
        all.sources.insert(id.clone(), sources([self.inner.cache.changes.row(&org, id)]));
        if let Some(summary) = summary {
            let summary = RawValue::from_string(summary).map_err(Error::internal)?;
            all.x.put(id.clone(), Entry { stored, summary: Arc::from(summary) });
        }
        Ok(())
    }

    /// Renders a summary, after those that it needs.
    fn render(&self, id: &Id, all: &mut Gathering) -> Result<()> {
        // It is removed first, so that a cycle of summaries ends.
        let Some(Loaded { family, stored, needs }) = all.loaded.remove(id) else { return Ok(()) };
        let mut read = vec![self.inner.cache.changes.row(self.org(), id)];
        for need in needs.iter() {
            self.render(need, all)?;
            read.extend(all.sources.get(need).into_iter().flat_map(|sources| sources.iter()));
        }
        let sources = sources(read);
        let summary = (family.summary)(stored.as_ref(), &all.x)?;
        let entry = Entry { stored: Some(stored), summary };
        let is_present = self.past.is_none();
        if let Some(at) = self.moment.filter(|_| is_present && !self.changes_any(&sources)) {
            let summary = Summary { entry: entry.clone(), needs };
            let sources = Arc::clone(&sources);
            self.inner.cache.put_summary(self.org(), id.clone(), summary, sources, at);
        }
        all.sources.insert(id.clone(), sources);
        all.x.put(id.clone(), entry);
        Ok(())
    }
}
