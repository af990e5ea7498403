//! Reading the summaries that an answer embeds: each level of ids once, each kind once.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use serde_json::value::RawValue;
use worksmith_kernel::{Entry, Error, Expander, Family, Resource, Result, Stored};
use worksmith_wire::Id;

use crate::tx::Tx;

/// Summaries hold summaries at most so deep: a work's part holds its owners, who hold pictures.
const LEVELS_MAX: usize = 4;

type Loaded = (Id, Family, Arc<dyn Any + Send + Sync>);

impl Tx {
    /// The summaries of `wanted`, and of what these need.
    pub async fn expand(&mut self, wanted: Vec<Id>) -> Result<Expander> {
        let mut x = Expander::new(self.cx.org.clone());
        let mut seen = HashSet::new();
        let mut levels: Vec<Vec<Loaded>> = Vec::new();
        let mut next = wanted;
        while levels.len() < LEVELS_MAX {
            next.retain(|id| seen.insert(id.clone()));
            if next.is_empty() {
                break;
            }
            let level = self.load(&next, &mut x).await?;
            next = Vec::new();
            for (_, family, stored) in &level {
                (family.summary_refs)(stored.as_ref(), &mut next);
            }
            levels.push(level);
        }
        for (id, family, stored) in levels.into_iter().rev().flatten() {
            let summary = (family.summary)(stored.as_ref(), &x)?;
            x.put(id, Entry { stored: Some(stored), summary });
        }
        Ok(x)
    }

    /// Reads objects; those that were deleted are put at hand as they were last seen.
    async fn load(&mut self, ids: &[Id], x: &mut Expander) -> Result<Vec<Loaded>> {
        let mut loaded = Vec::with_capacity(ids.len());
        let families: Vec<Family> = self.inner.registry.families().to_vec();
        for family in families {
            let of_kind = || ids.iter().filter(|id| family.table.kinds.contains(&id.kind()));
            let mut rows = Vec::new();
            let mut stored = Vec::new();
            for id in of_kind() {
                if self.changes(id) {
                    rows.extend(self.row(family.table, id).await?);
                } else {
                    stored.push(id);
                }
            }
            if !stored.is_empty() {
                let org = self.cx.org.org.clone();
                rows.extend(self.snapshot()?.get_many(family.table, &org, &stored).await?);
            }
            for row in rows {
                loaded.push((row.meta.id.clone(), family, (family.read)(&row)?));
            }
        }
        let there: HashSet<&Id> = loaded.iter().map(|(id, ..)| id).collect();
        for id in ids.iter().filter(|id| !there.contains(id)) {
            self.load_deleted(id, x).await?;
        }
        Ok(loaded)
    }

    async fn load_deleted(&mut self, id: &Id, x: &mut Expander) -> Result<()> {
        let org = self.cx.org.org.clone();
        let summary = match self.deleted_summary(id) {
            Some(summary) => Some(summary.to_owned()),
            None => self.snapshot()?.tombstone(&org, id).await?,
        };
        if let Some(summary) = summary {
            let summary = RawValue::from_string(summary).map_err(Error::internal)?;
            x.put(id.clone(), Entry { stored: None, summary: Arc::from(summary) });
        }
        Ok(())
    }

    /// The ids of everything that the answer with these objects embeds.
    pub(crate) fn embedded_ids<'a, R: Resource>(
        objects: impl IntoIterator<Item = &'a Stored<R>>,
    ) -> Vec<Id> {
        let mut ids = Vec::new();
        for stored in objects {
            ids.push(stored.meta.created_by.clone());
            ids.push(stored.meta.modified_by.clone());
            stored.doc.refs(&mut |_, id| ids.push(id.clone()));
            stored.doc.summary_refs(&mut |id| ids.push(id.clone()));
        }
        ids
    }
}
