//! What a stretch of the log is about: the objects that it changes, and those with which these are
//! seen, each as it was at every place of the stretch, and as it is now.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use quick_cache::unsync::Cache;
use rustc_hash::FxHashMap;
use worksmith_kernel::{Expander, Family, OpCtx, RawRow, Result};
use worksmith_store::{Event, Verb};
use worksmith_wire::Id;

use super::super::{Cascade, Settled, Tx, settled};
use super::past::{self, Keep, Past};

/// A `Stored` document.
pub(crate) type Doc = Arc<dyn Any + Send + Sync>;

/// How many objects a hub remembers.
const REMEMBERED: usize = 1_024;

/// The objects that changed last, each with its revision: what the next change of one begins with.
pub(super) struct Recent(Cache<Id, (u64, Doc)>);

impl Default for Recent {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

/// An object at one moment.
pub(super) struct Side {
    pub(super) doc: Doc,
    /// The object as answers show it. All that is told together embeds the same summaries.
    shown: OnceLock<String>,
}

impl Side {
    fn new(doc: Doc) -> Arc<Self> {
        Arc::new(Self { doc, shown: OnceLock::new() })
    }

    fn read(family: &Family, row: &RawRow) -> Result<Arc<Self>> {
        (family.read)(row).map(Self::new)
    }

    /// The object as answers show it.
    pub(super) fn shown(&self, family: &Family, x: &Expander) -> Result<&str> {
        if let Some(known) = self.shown.get() {
            return Ok(known);
        }
        let shown = (family.object)(self.doc.as_ref(), x)?;
        Ok(self.shown.get_or_init(|| shown))
    }
}

/// What a change left of an object.
struct State {
    /// The number of the change.
    seq: u64,
    revision: u64,
    /// The object; `None` if it was deleted.
    side: Option<Arc<Side>>,
}

/// An object.
struct Item {
    family: Family,
    /// What its changes left, the latest first. The last one is that with which the stretch begins.
    states: Vec<State>,
    /// The object as it is now; if it is deleted, as it was last.
    last: Option<Arc<Side>>,
    /// Whether it is deleted by now.
    is_gone: bool,
}

/// When something is asked of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Right after the change of this number.
    After(u64),
    /// The same; if the object was deleted by then, as it was last.
    LastBy(u64),
    /// Now; if the object is deleted, as it was last.
    Now,
}

impl Item {
    fn new(
        family: Family,
        pasts: &[Past],
        last: Option<&Arc<RawRow>>,
        cascades: &[Cascade],
    ) -> Result<Self> {
        let mut states = Vec::with_capacity(pasts.len() + 1);
        for Past { event, row } in pasts {
            let side = row.as_deref().map(|row| Side::read(&family, row)).transpose()?;
            states.push(State { seq: event.seq, revision: event.revision, side });
        }
        let mut is_gone = false;
        let last = match last {
            None => None,
            Some(row) => {
                let present = settled(&family, cascades, row)?;
                is_gone = matches!(present, Settled::Gone);
                let present = present.of(row).unwrap_or(row);
                let known = pasts.iter().zip(&states);
                let mut known = known.filter(|(past, _)| {
                    past.row.as_deref().is_some_and(|row| std::ptr::eq(row, present))
                });
                let known = known.next().and_then(|(_, state)| state.side.clone());
                Some(known.map_or_else(|| Side::read(&family, present), Ok)?)
            }
        };
        Ok(Self { family, states, last, is_gone })
    }

    fn at(&self, when: When) -> Option<&Arc<Side>> {
        let by = |seq: u64| self.states.iter().filter(move |state| state.seq <= seq);
        match when {
            When::After(seq) => by(seq).next().and_then(|state| state.side.as_ref()),
            When::LastBy(seq) => by(seq).find_map(|state| state.side.as_ref()),
            When::Now => self.last.as_ref(),
        }
    }
}

/// A stretch of the log.
#[derive(Default)]
pub(super) struct Scene {
    items: FxHashMap<Id, Item>,
}

impl Scene {
    /// An object at a moment.
    pub(super) fn at(&self, id: &Id, when: When) -> Option<&Arc<Side>> {
        self.items.get(id)?.at(when)
    }

    /// An object right before a change.
    pub(super) fn before(&self, id: &Id, seq: u64) -> Option<&Arc<Side>> {
        let states = &self.items.get(id)?.states;
        states.iter().find(|state| state.seq < seq)?.side.as_ref()
    }

    /// An object as each change of the stretch left it, and as it was before.
    pub(super) fn states(&self, id: &Id) -> impl Iterator<Item = &Doc> {
        let states = self.items.get(id).into_iter().flat_map(|item| &item.states);
        states.filter_map(|state| state.side.as_ref()).map(|side| &side.doc)
    }

    /// Whether an object is deleted by now.
    pub(super) fn is_gone(&self, id: &Id) -> bool {
        self.items.get(id).is_none_or(|item| item.is_gone)
    }

    /// The revision of an object at a place.
    pub(super) fn revision_at(&self, id: &Id, seq: u64) -> Option<u64> {
        let state = self.items.get(id)?.states.iter().find(|state| state.seq <= seq)?;
        Some(state.revision)
    }

    /// Whether a caller saw an object at a moment, together with all with which it is seen.
    pub(super) fn sees(&self, id: &Id, when: When, cx: &OpCtx) -> Result<bool> {
        match self.items.get(id).and_then(|item| item.at(when).map(|side| (item, side))) {
            Some((Item { family, .. }, side)) => self.sees_side(family, side, when, cx),
            None => Ok(false),
        }
    }

    /// The same of an object that is known.
    pub(super) fn sees_side(
        &self,
        family: &Family,
        side: &Side,
        when: When,
        cx: &OpCtx,
    ) -> Result<bool> {
        if family.is_open_to(cx) {
            return Ok(true);
        }
        if !family.lets_see(side.doc.as_ref(), cx)? {
            return Ok(false);
        }
        let mut above = Vec::new();
        (family.above)(side.doc.as_ref(), &mut above);
        for (_, id) in above {
            if !self.sees(&id, when, cx)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is seen with others, and not yet known: those others.
    fn missing_above(&self) -> Vec<Id> {
        let mut missing = Vec::new();
        for Item { family, states, last, is_gone: _ } in self.items.values() {
            if family.seen_with.is_empty() {
                continue;
            }
            let mut above = Vec::new();
            for side in states.iter().filter_map(|state| state.side.as_ref()).chain(last) {
                (family.above)(side.doc.as_ref(), &mut above);
            }
            missing.extend(above.into_iter().map(|(_, id)| id));
        }
        missing.retain(|id| !self.items.contains_key(id));
        missing.sort_unstable_by_key(Id::to_string);
        missing.dedup();
        missing
    }
}

impl Tx {
    /// The stretch of the log from the first of these events to the last one, which are all that it
    /// has of their objects. `recent` is what was remembered of the events before.
    pub(super) async fn scene_of(
        &mut self,
        events: &[Event],
        mut recent: Option<&mut Recent>,
    ) -> Result<Scene> {
        let mut scene = Scene::default();
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(scene) };
        let stretch = (first.seq.saturating_sub(1), last.seq);
        let mut own: FxHashMap<&Id, Vec<&Event>> = FxHashMap::default();
        for event in events {
            own.entry(&event.id).or_default().push(event);
        }
        let cascades = self.cascades().await?;
        let mut unknown = Vec::new();
        for (id, events) in own {
            let known = match recent.as_deref() {
                Some(recent) => self.remembered(id, &events, recent, &cascades)?,
                None => None,
            };
            match known {
                Some(item) => drop(scene.items.insert(id.clone(), item)),
                // With the change before the first one, which says what that began with.
                None => unknown.push((id.clone(), events[0].revision.saturating_sub(1))),
            }
        }
        self.enter(&mut scene, unknown, stretch).await?;
        if let Some(recent) = &mut recent {
            for (id, item) in &scene.items {
                let Some(State { revision, side, .. }) = item.states.first() else { continue };
                match side {
                    Some(side) => recent.0.insert(id.clone(), (*revision, Arc::clone(&side.doc))),
                    None => drop(recent.0.remove(id)),
                }
            }
        }
        self.enter_above(&mut scene, stretch).await?;
        Ok(scene)
    }

    /// These objects in the stretch of the log between two numbers, and those with which they are
    /// seen.
    pub(super) async fn scene_with(&mut self, ids: Vec<Id>, stretch: (u64, u64)) -> Result<Scene> {
        let mut scene = Scene::default();
        let objects = self.with_revisions(ids, stretch.0).await?;
        self.enter(&mut scene, objects, stretch).await?;
        self.enter_above(&mut scene, stretch).await?;
        Ok(scene)
    }

    /// An object whose changes began with what is remembered, and ended with what is in memory.
    fn remembered(
        &self,
        id: &Id,
        events: &[&Event],
        recent: &Recent,
        cascades: &[Cascade],
    ) -> Result<Option<Item>> {
        let (first, last) = (events[0], events[events.len() - 1]);
        let before = match (first.verb, recent.0.get(id)) {
            (Verb::Created, _) => None,
            (_, Some((revision, doc))) if revision + 1 == first.revision => Some(doc.clone()),
            _ => return Ok(None),
        };
        let kept = self.inner.store.cached_row(self.org(), id).map(|(row, _)| row);
        let kept = kept.filter(|row| row.meta.revision == last.revision);
        let (Some(row), Some(family)) = (kept, self.inner.store.registry().family(id.kind()))
        else {
            return Ok(None);
        };
        if last.verb == Verb::Deleted {
            return Ok(None);
        }
        let pasts = past::between(Arc::clone(&row), events)?;
        let mut item = Item::new(*family, &pasts, Some(&row), cascades)?;
        // It was like that all the time until then: others may be asked about an earlier place.
        item.states.push(State {
            seq: 0,
            revision: first.revision.saturating_sub(1),
            side: before.map(Side::new),
        });
        Ok(Some(item))
    }

    /// Objects, with the revision that each had at a place of the log.
    async fn with_revisions(&mut self, ids: Vec<Id>, seq: u64) -> Result<Vec<(Id, u64)>> {
        let org = self.cx.org.org.clone();
        let mut revisions = self.snapshot()?.revisions_by(&org, &ids, seq).await?;
        let from = |id: Id| {
            let revision = revisions.remove(&id).unwrap_or(0);
            (id, revision)
        };
        Ok(ids.into_iter().map(from).collect())
    }

    /// Adds objects to a stretch, of each the states from about a revision on.
    async fn enter(
        &mut self,
        scene: &mut Scene,
        objects: Vec<(Id, u64)>,
        (after, upto): (u64, u64),
    ) -> Result<()> {
        if objects.is_empty() {
            return Ok(());
        }
        let keep = |event: &Event| match event.seq {
            seq if seq > upto => Keep::Skip,
            seq if seq > after => Keep::Take,
            _ => Keep::Last,
        };
        let mut pasts = self.pasts(objects, keep).await?;
        let cascades = self.cascades().await?;
        for (id, states) in pasts.states {
            let Some(family) = self.inner.store.registry().family(id.kind()) else { continue };
            let last = pasts.last.remove(&id);
            let mut item = Item::new(*family, &states, last.as_ref(), &cascades)?;
            item.is_gone |= pasts.gone.contains(&id);
            scene.items.insert(id, item);
        }
        Ok(())
    }

    /// Adds everything with which the objects of a stretch are seen.
    async fn enter_above(&mut self, scene: &mut Scene, stretch: (u64, u64)) -> Result<()> {
        loop {
            let mut missing = scene.missing_above();
            missing.retain(|id| self.table_of(id.kind()).is_some());
            if missing.is_empty() {
                return Ok(());
            }
            let objects = self.with_revisions(missing, stretch.0).await?;
            self.enter(scene, objects, stretch).await?;
        }
    }
}
