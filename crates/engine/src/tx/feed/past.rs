//! Earlier states of objects, reconstructed from the present ones and the old values in the log.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::value::RawValue;
use worksmith_kernel::{DOC_VERSION, Error, LongText, Meta, RawRow, Result};
use worksmith_store::{Backwards, Event, Verb};
use worksmith_wire::{Id, Timestamp};

use super::super::Tx;
use super::super::pending::OtherMeta;

/// How many events are read at a time.
const CHUNK: usize = 1_000;

/// The members of a document, each as text.
type Members = IndexMap<String, Box<RawValue>>;

/// What becomes of the state after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It is not wanted.
    Skip,
    /// It is wanted.
    Take,
    /// It is wanted, and nothing before it.
    Last,
}

/// An object as it was after one of its changes.
#[derive(Clone, Debug)]
pub struct Past {
    /// The change.
    pub event: Event,
    /// The object after it; `None` if it was deleted.
    pub row: Option<Arc<RawRow>>,
}

/// Earlier states of some objects.
#[derive(Default)]
pub(super) struct Pasts {
    /// The wanted states of each object, the latest first.
    pub(super) states: FxHashMap<Id, Vec<Past>>,
    /// The object as it is stored; if it is deleted, as it was last.
    pub(super) last: FxHashMap<Id, Arc<RawRow>>,
    /// Those that are deleted.
    pub(super) gone: FxHashSet<Id>,
}

/// The members of a state that is not complete yet: who created a deleted object is known only once
/// its first event was read.
struct Draft {
    event: Event,
    members: Option<Members>,
    modified: (Timestamp, Id),
}

/// An object on its way back.
struct Walk {
    /// The row that is stored.
    present: Option<Arc<RawRow>>,
    doc_version: u16,
    /// The members after the next event that is read.
    members: Option<Members>,
    /// The deletion, and the members before it.
    end: Option<(Event, Members)>,
    created: Option<(Timestamp, Id)>,
    drafts: Vec<Draft>,
    /// Whether nothing more is wanted.
    has_all: bool,
}

fn members(doc: &str) -> Result<Members> {
    serde_json::from_str(doc).map_err(Error::internal)
}

impl Walk {
    fn new(present: Option<Arc<RawRow>>) -> Result<Self> {
        let created = present.as_ref().map(|row| {
            let Meta { created_at, created_by, .. } = &row.meta;
            (*created_at, created_by.clone())
        });
        Ok(Self {
            doc_version: present.as_ref().map_or(DOC_VERSION, |row| row.doc_version),
            members: present.as_ref().map(|row| members(&row.doc)).transpose()?,
            end: None,
            created,
            drafts: Vec::new(),
            has_all: false,
            present,
        })
    }

    /// Goes back over an event.
    fn back(&mut self, event: &Event, keep: Keep) -> Result<()> {
        self.has_all |= keep == Keep::Last;
        let old = event.old.as_deref().map(members).transpose()?;
        let other = old.as_ref().and_then(|old| old.get(Event::META));
        let other: Option<OtherMeta> = other
            .map(|other| serde_json::from_str(other.get()).map_err(Error::internal))
            .transpose()?;
        let (modified, created) = match other {
            Some(OtherMeta { created, modified }) => (modified, created),
            None => ((event.at, event.actor.clone()), None),
        };
        let verb = event.verb;
        if verb == Verb::Created && self.created.is_none() {
            self.created = Some(created.unwrap_or_else(|| (event.at, event.actor.clone())));
        }
        if keep != Keep::Skip {
            let members = if verb == Verb::Deleted { None } else { self.members.clone() };
            self.drafts.push(Draft { event: event.mark(), members, modified });
        }
        match (verb, old) {
            (Verb::Created, _) => self.members = None,
            (Verb::Deleted, old) => {
                self.end = old.clone().map(|members| (event.mark(), members));
                self.members = old;
            }
            (Verb::Updated, old) => {
                let Some(members) = &mut self.members else {
                    return Err(Error::internal("a change of an object that is not there"));
                };
                for (name, value) in old.into_iter().flatten() {
                    // Null stands for a member that did not exist.
                    if name == Event::META || value.get() == "null" {
                        members.swap_remove(&name);
                    } else {
                        members.insert(name, value);
                    }
                }
            }
        }
        Ok(())
    }

    fn row(&self, members: &Members, event: &Event, modified: (Timestamp, Id)) -> Result<RawRow> {
        let (created_at, created_by) = self.created.clone().unwrap_or_else(|| modified.clone());
        let (modified_at, modified_by) = modified;
        let (id, revision) = (event.id.clone(), event.revision);
        let meta = Meta { id, revision, created_at, created_by, modified_at, modified_by };
        let doc = serde_json::to_string(members).map_err(Error::internal)?;
        Ok(RawRow { meta, doc_version: self.doc_version, doc, long: LongText::Unknown })
    }

    /// The states, and the last one of all.
    fn finish(mut self) -> Result<(Vec<Past>, Option<Arc<RawRow>>)> {
        let mut states = Vec::with_capacity(self.drafts.len());
        for Draft { event, members, modified } in std::mem::take(&mut self.drafts) {
            let row = match (&members, &self.present) {
                (None, _) => None,
                // Nobody knows better.
                (Some(_), Some(row)) if row.meta.revision == event.revision => {
                    Some(Arc::clone(row))
                }
                (Some(members), _) => Some(Arc::new(self.row(members, &event, modified)?)),
            };
            states.push(Past { event, row });
        }
        let last = match (&self.present, &self.end) {
            (None, Some((event, members))) => {
                let modified = (event.at, event.actor.clone());
                Some(Arc::new(self.row(members, event, modified)?))
            }
            (present, _) => present.clone(),
        };
        Ok((states, last))
    }
}

/// The states after each of these changes of an object, the latest first, of which `row` is left by
/// the last one. There was no other change between them.
pub(super) fn between(row: Arc<RawRow>, events: &[&Event]) -> Result<Vec<Past>> {
    let mut walk = Walk::new(Some(row))?;
    for event in events.iter().rev() {
        walk.back(event, Keep::Take)?;
    }
    walk.finish().map(|(states, _)| states)
}

impl Tx {
    /// Earlier states of objects, of each from about a revision on; those of deleted ones from
    /// their creation on. `keep` says which are wanted; it is asked about the latest first.
    pub(super) async fn pasts(
        &mut self,
        objects: Vec<(Id, u64)>,
        keep: impl Fn(&Event) -> Keep + Send,
    ) -> Result<Pasts> {
        let org = self.cx.org.org.clone();
        let ids: Vec<&Id> = objects.iter().map(|(id, _)| id).collect();
        let mut present = self.present_rows(&ids).await?;
        let mut walks = FxHashMap::default();
        let mut wanted = Vec::with_capacity(objects.len());
        for (id, from) in objects {
            let row = present.remove(&id).map(Arc::new);
            wanted.push((id.clone(), if row.is_some() { from } else { 1 }));
            walks.insert(id, Walk::new(row)?);
        }
        let mut back = Backwards::new(wanted);
        loop {
            let events = self.snapshot()?.events_back(&org, &mut back, CHUNK).await?;
            if events.is_empty() {
                break;
            }
            let mut over: Option<Id> = None;
            for event in events {
                if over.as_ref() == Some(&event.id) {
                    continue;
                }
                let Some(walk) = walks.get_mut(&event.id) else { continue };
                let keep = if walk.has_all { Keep::Skip } else { keep(&event) };
                walk.back(&event, keep)?;
                if walk.has_all && walk.created.is_some() {
                    back.stop(&event.id);
                    over = Some(event.id);
                }
            }
        }
        let mut pasts = Pasts::default();
        for (id, walk) in walks {
            if walk.present.is_none() {
                pasts.gone.insert(id.clone());
            }
            let (states, last) = walk.finish()?;
            pasts.last.extend(last.map(|last| (id.clone(), last)));
            pasts.states.insert(id, states);
        }
        Ok(pasts)
    }

    /// The objects as they are stored.
    async fn present_rows(&mut self, ids: &[&Id]) -> Result<FxHashMap<Id, RawRow>> {
        let (org, inner) = (self.cx.org.org.clone(), Arc::clone(&self.inner));
        let mut rows = FxHashMap::default();
        for family in inner.store.registry().families() {
            let own = ids.iter().copied().filter(|id| family.table.kinds.contains(&id.kind()));
            let own: Vec<&Id> = own.collect();
            if own.is_empty() {
                continue;
            }
            let found = self.snapshot()?.get_many(family.table, &org, &own).await?;
            rows.extend(found.into_iter().map(|row| (row.meta.id.clone(), row)));
        }
        Ok(rows)
    }
}
