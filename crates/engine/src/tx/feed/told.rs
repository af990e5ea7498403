//! What is told of a change: to whom, and in which words.

use std::any::Any;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use worksmith_kernel::{Error, Expander, Family, OpCtx, RawRow, Result};
use worksmith_store::{Event, Verb};
use worksmith_wire::events::{self, EventType};
use worksmith_wire::{Embedded, Id};

use super::super::difference::difference;
use super::super::{Tx, settled};
use super::past::Keep;

/// A `Stored` document.
pub(crate) type Doc = Arc<dyn Any + Send + Sync>;

/// A change, with the object on both sides of it.
pub(super) struct Step {
    /// The change, without the old values.
    pub(super) event: Event,
    family: Family,
    before: Option<Doc>,
    after: Option<Doc>,
    /// The object as it is now; if it is deleted, as it was last.
    last: Option<Doc>,
}

/// What a caller may know of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// All of it.
    Plain,
    /// It made the object visible to the caller.
    Shown,
    /// It hid the object from the caller.
    Hidden,
}

impl Step {
    /// What a caller who has the rights may know of the change: what both sides of it show, if the
    /// object is still visible, or was when it was deleted.
    pub(super) fn sight(&self, cx: &OpCtx) -> Result<Option<Sight>> {
        if (self.family.sees_all)(cx) {
            return Ok(Some(Sight::Plain));
        }
        let sees = |side: &Option<Doc>| match side {
            Some(doc) => (self.family.sees)(doc.as_ref(), cx),
            None => Ok(false),
        };
        let (before, after) = (sees(&self.before)?, sees(&self.after)?);
        let is_now = sees(&self.last)?;
        Ok(match self.event.verb {
            Verb::Created => (after && is_now).then_some(Sight::Plain),
            Verb::Deleted => before.then_some(Sight::Plain),
            Verb::Updated if before && !after => Some(Sight::Hidden),
            Verb::Updated if !after || !is_now => None,
            Verb::Updated => Some(if before { Sight::Plain } else { Sight::Shown }),
        })
    }

    /// Collects what its rendering embeds.
    fn embedded(&self, ids: &mut Vec<Id>) {
        ids.push(self.event.actor.clone());
        for side in [&self.before, &self.after].into_iter().flatten() {
            (self.family.embedded)(side.as_ref(), ids);
        }
    }

    fn object(&self, side: Option<&Doc>, x: &Expander) -> Result<String> {
        let doc = side.ok_or_else(|| Error::internal("a change without the object"))?;
        (self.family.object)(doc.as_ref(), x)
    }

    /// The change in the words of the API.
    pub(super) fn render(&self, sight: Sight, cursor: &str, x: &Expander) -> Result<events::Event> {
        let Event { id, at, actor, revision, verb, .. } = &self.event;
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        let (kind, old, new) = match (sight, verb) {
            (Sight::Hidden, _) => (EventType::Hidden, None, None),
            (Sight::Shown, _) => (EventType::Shown, None, Some(self.object(after, x)?)),
            (Sight::Plain, Verb::Created) => {
                (EventType::Created, None, Some(self.object(after, x)?))
            }
            (Sight::Plain, Verb::Deleted) => {
                (EventType::Deleted, Some(self.object(before, x)?), None)
            }
            (Sight::Plain, Verb::Updated) => {
                let both = (self.object(before, x)?, self.object(after, x)?);
                let (old, new) = difference(&both.0, &both.1)?;
                (EventType::Updated, Some(old), Some(new))
            }
        };
        let is_hidden = sight == Sight::Hidden;
        let shown = after.or(before).map(|doc| (self.family.summary)(doc.as_ref(), x));
        let shown = shown.transpose()?;
        let mut object = x.atom(id);
        if object.display_id.is_none()
            && let Some(shown) = &shown
        {
            // That of a custom object is known from its document only.
            let Named { display_id } =
                serde_json::from_str(shown.get()).map_err(Error::internal)?;
            object.display_id = display_id;
        }
        Ok(events::Event {
            cursor: cursor.to_owned(),
            kind,
            date: (*at).into(),
            actor: x.embed(actor).filter(|_| !is_hidden),
            object_type: id.kind().noun(),
            object,
            summary: shown.filter(|_| !is_hidden).map(Embedded::new),
            revision: *revision,
            old: members(old)?,
            new: members(new)?,
        })
    }
}

/// What is read of a summary.
#[derive(Deserialize)]
struct Named {
    display_id: Option<String>,
}

fn members<T>(text: Option<String>) -> Result<Option<Embedded<T>>> {
    let raw = text.map(RawValue::from_string).transpose().map_err(Error::internal)?;
    Ok(raw.map(|raw| Embedded::new(Arc::from(raw))))
}

impl Tx {
    /// The object on both sides of each of these changes, which are in the order of the log.
    pub(super) async fn steps(&mut self, events: Vec<Event>) -> Result<Vec<Step>> {
        // For each object, the first revision and the last event.
        let mut spans: FxHashMap<Id, (u64, u64)> = FxHashMap::default();
        for Event { id, revision, seq, .. } in &events {
            let span = spans.entry(id.clone()).or_insert((*revision, *seq));
            *span = (span.0.min(*revision), span.1.max(*seq));
        }
        // With the change before the first one, which says what that began with.
        let wanted = spans.iter().map(|(id, (from, _))| (id.clone(), from.saturating_sub(1)));
        let keep = |event: &Event| match spans.get(&event.id) {
            Some((_, last)) if event.seq <= *last => Keep::Take,
            _ => Keep::Skip,
        };
        let pasts = self.pasts(wanted.collect(), keep).await?;
        let cascades = self.cascades().await?;
        let registry = self.inner.store.registry();
        let mut steps = Vec::with_capacity(events.len());
        for mut event in events {
            event.old = None;
            let Some(family) = registry.family(event.id.kind()).copied() else { continue };
            let states = pasts.states.get(&event.id).map_or(&[][..], Vec::as_slice);
            let lost = || Error::internal(format!("an event of {} is lost", event.id));
            let at = states.iter().position(|past| past.event.seq == event.seq);
            let at = at.ok_or_else(lost)?;
            let read = |row: &Option<Arc<RawRow>>| {
                row.as_deref().map(|row| (family.read)(row)).transpose()
            };
            let before = match event.verb {
                Verb::Created => None,
                _ => read(&states.get(at + 1).ok_or_else(lost)?.row)?,
            };
            let last = match pasts.last.get(&event.id) {
                Some(row) => {
                    let present = settled(&family, &cascades, row)?;
                    Some((family.read)(present.of(row).unwrap_or(row))?)
                }
                None => None,
            };
            let after = read(&states[at].row)?;
            steps.push(Step { event, family, before, after, last });
        }
        Ok(steps)
    }

    /// The summaries that the rendering of these changes embeds.
    pub(super) async fn summaries_of<'a>(
        &mut self,
        steps: impl Iterator<Item = &'a Step>,
    ) -> Result<Expander> {
        let mut ids = Vec::new();
        steps.for_each(|step| step.embedded(&mut ids));
        self.has_history = true;
        self.expand(ids).await
    }

    /// The documents of deleted objects as they were last.
    pub(crate) async fn last_docs(&mut self, ids: &[&Id]) -> Result<FxHashMap<Id, Doc>> {
        let wanted = ids.iter().map(|id| ((*id).clone(), 1)).collect();
        let pasts = self.pasts(wanted, |_| Keep::Skip).await?;
        let mut docs = FxHashMap::default();
        for (id, row) in pasts.last {
            if let Some(family) = self.inner.store.registry().family(id.kind()) {
                docs.insert(id, (family.read)(&row)?);
            }
        }
        Ok(docs)
    }
}
