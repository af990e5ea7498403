//! What is told of a change: to whom, and in which words.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use worksmith_kernel::{Error, Expander, Family, OpCtx, Result};
use worksmith_store::{Event, Verb};
use worksmith_wire::events::{self, EventType};
use worksmith_wire::{Embedded, Id};

use super::super::Tx;
use super::super::difference::difference;
use super::Feed;
use super::past::Keep;
use super::scene::{Doc, Recent, Scene, Side, When};

/// How many objects are shown along with one that becomes visible.
const ALONG_MAX: usize = 500;

/// A change, with the object on both sides of it.
#[derive(Clone)]
pub(super) struct Step {
    /// The change, without the old values.
    pub(super) event: Event,
    pub(super) family: Family,
    pub(super) before: Option<Arc<Side>>,
    pub(super) after: Option<Arc<Side>>,
    /// What was there when it happened.
    scene: Arc<Scene>,
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

/// A change as one caller is told of it.
pub(super) struct Told {
    pub(super) step: Step,
    pub(super) sight: Sight,
    /// Those of the objects it depends on that the caller sees.
    seen: Vec<Id>,
    /// What became visible along with the object.
    pub(super) along: Vec<Along>,
    /// Whether there is more of that.
    has_more: bool,
}

/// An object that became visible along with another one, as it was then.
pub(super) struct Along {
    pub(super) id: Id,
    family: Family,
    pub(super) revision: u64,
    side: Arc<Side>,
    seen: Vec<Id>,
}

/// How both sides of a change are shown: as to anybody, or to a caller who sees these of the
/// objects that are in question.
pub(super) type For<'a> = Option<(&'a OpCtx, &'a [Id])>;

fn show(family: &Family, side: &Side, x: &Expander, to: For<'_>) -> Result<String> {
    match to {
        Some((cx, seen)) if (family.adapts_to)(side.doc.as_ref(), cx).is_some() => {
            (family.object_for)(side.doc.as_ref(), x, cx, seen)
        }
        _ => side.shown(family, x).map(str::to_owned),
    }
}

impl Step {
    /// What a caller who has the rights may know of the change: what both sides of it show, if the
    /// object is still visible, or was when it was deleted.
    pub(super) fn sight(&self, cx: &OpCtx) -> Result<Option<Sight>> {
        if self.family.is_open_to(cx) {
            return Ok(Some(Sight::Plain));
        }
        let Event { id, seq, verb, .. } = &self.event;
        let sees = |side: &Option<Arc<Side>>, when: When| match side {
            Some(side) => self.scene.sees_side(&self.family, side, when, cx),
            None => Ok(false),
        };
        // What is deleted together with another object was seen with it until then.
        let before = sees(&self.before, When::LastBy(*seq))?;
        let after = sees(&self.after, When::After(*seq))?;
        let is_now = || self.scene.sees(id, When::Now, cx);
        // What a customer sees with others comes with these, unless it is gone by now. So only its
        // end is told then: the rest may be of what the customer never had.
        let comes_with_others = cx.actor.is_customer() && !self.family.seen_with.is_empty();
        let is_left =
            || -> Result<bool> { Ok(!(comes_with_others && self.scene.is_gone(id)) && is_now()?) };
        Ok(match verb {
            Verb::Created => (after && is_left()?).then_some(Sight::Plain),
            Verb::Deleted => (before && is_now()?).then_some(Sight::Plain),
            Verb::Updated if before && !after => Some(Sight::Hidden),
            Verb::Updated if !after || !is_left()? => None,
            // For the same reason, what is led elsewhere is told whole.
            Verb::Updated if before && !(comes_with_others && self.is_led_elsewhere()) => {
                Some(Sight::Plain)
            }
            Verb::Updated => Some(Sight::Shown),
        })
    }

    /// Whether the object is seen with others after the change than before it.
    fn is_led_elsewhere(&self) -> bool {
        let above = |side: &Option<Arc<Side>>| {
            let mut ids = Vec::new();
            if let Some(side) = side {
                (self.family.above)(side.doc.as_ref(), &mut ids);
            }
            ids
        };
        above(&self.before) != above(&self.after)
    }

    /// Whether all members of the org are told the same, if one is all of it who has nothing to do
    /// with the object.
    pub(super) fn is_uniform(&self) -> bool {
        let mut sides = [&self.before, &self.after].into_iter().flatten();
        !sides.any(|side| (self.family.varies)(side.doc.as_ref()))
    }

    /// Whether a caller is told of the change in words of their own: then, whether it takes a look
    /// at other objects to find these.
    pub(super) fn is_adapted(&self, sight: Sight, cx: &OpCtx) -> Option<bool> {
        match sight {
            Sight::Shown => return Some(true),
            Sight::Hidden => return None,
            Sight::Plain => {}
        }
        let sides = [&self.before, &self.after].into_iter().flatten();
        let adapted = sides.filter_map(|side| (self.family.adapts_to)(side.doc.as_ref(), cx));
        adapted.map(|asked| !asked.is_empty()).reduce(|one, other| one || other)
    }

    /// Collects what its rendering embeds.
    fn embedded(&self, ids: &mut Vec<Id>) {
        ids.push(self.event.actor.clone());
        for side in [&self.before, &self.after].into_iter().flatten() {
            (self.family.embedded)(side.doc.as_ref(), ids);
        }
    }

    /// The change in the words of the API.
    pub(super) fn render(
        &self,
        sight: Sight,
        cursor: &str,
        x: &Expander,
        to: For<'_>,
    ) -> Result<events::Event> {
        let Event { id, at, actor, revision, verb, .. } = &self.event;
        let show = |side: &Option<Arc<Side>>| match side {
            Some(side) => show(&self.family, side, x, to),
            None => Err(Error::internal("a change without the object")),
        };
        let (before, after) = (&self.before, &self.after);
        let (kind, old, new) = match (sight, verb) {
            (Sight::Hidden, _) => (EventType::Hidden, None, None),
            (Sight::Shown, _) => (EventType::Shown, None, Some(show(after)?)),
            (Sight::Plain, Verb::Created) => (EventType::Created, None, Some(show(after)?)),
            (Sight::Plain, Verb::Deleted) => (EventType::Deleted, Some(show(before)?), None),
            (Sight::Plain, Verb::Updated) => {
                let (old, new) = match (before, after, to) {
                    (Some(before), Some(after), None) => {
                        let (family, x) = (&self.family, x);
                        difference(before.shown(family, x)?, after.shown(family, x)?)?
                    }
                    _ => difference(&show(before)?, &show(after)?)?,
                };
                (EventType::Updated, Some(old), Some(new))
            }
        };
        let is_hidden = sight == Sight::Hidden;
        let shown = after.as_ref().or(before.as_ref());
        let shown = shown.map(|side| (self.family.summary)(side.doc.as_ref(), x)).transpose()?;
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
            also_shown: Vec::new(),
            has_more_also_shown: None,
        })
    }
}

impl Told {
    /// Collects what its rendering embeds.
    pub(super) fn embedded(&self, ids: &mut Vec<Id>) {
        self.step.embedded(ids);
        for Along { family, side, .. } in &self.along {
            (family.embedded)(side.doc.as_ref(), ids);
        }
    }

    /// The whole object before and after the change, as far as the caller may know it.
    pub(super) fn sides(&self, cx: &OpCtx, x: &Expander) -> Result<[Option<String>; 2]> {
        let Step { family, before, after, .. } = &self.step;
        let (before, after) = match self.sight {
            Sight::Plain => (before.as_deref(), after.as_deref()),
            Sight::Shown => (None, after.as_deref()),
            Sight::Hidden => (None, None),
        };
        let to = Some((cx, self.seen.as_slice()));
        let shown = |side: Option<&Side>| side.map(|side| show(family, side, x, to)).transpose();
        Ok([shown(before)?, shown(after)?])
    }

    /// The change in the words of the API.
    pub(super) fn render(&self, cx: &OpCtx, cursor: &str, x: &Expander) -> Result<events::Event> {
        let to = Some((cx, self.seen.as_slice()));
        let mut event = self.step.render(self.sight, cursor, x, to)?;
        let along = self.along.iter().map(|along| along.render(cx, x));
        event.also_shown = along.collect::<Result<_>>()?;
        event.has_more_also_shown = self.has_more.then_some(true);
        Ok(event)
    }
}

impl Along {
    /// The whole object.
    pub(super) fn shown(&self, cx: &OpCtx, x: &Expander) -> Result<String> {
        show(&self.family, &self.side, x, Some((cx, &self.seen)))
    }

    fn render(&self, cx: &OpCtx, x: &Expander) -> Result<events::AlsoShown> {
        let Self { id, family, revision, side, .. } = self;
        let summary = (family.summary)(side.doc.as_ref(), x)?;
        let new = RawValue::from_string(self.shown(cx, x)?).map_err(Error::internal)?;
        Ok(events::AlsoShown {
            object_type: id.kind().noun(),
            object: x.atom(id),
            summary: Embedded::new(summary),
            revision: *revision,
            new: Embedded::new(Arc::from(new)),
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
    /// The object on both sides of each of these changes, which are in the order of the log and all
    /// that a stretch of it has of their objects. `recent` is what was remembered of those before.
    pub(super) async fn steps(
        &mut self,
        events: Vec<Event>,
        recent: Option<&mut Recent>,
    ) -> Result<Vec<Step>> {
        let scene = Arc::new(self.scene_of(&events, recent).await?);
        let registry = self.inner.store.registry();
        let mut steps = Vec::with_capacity(events.len());
        for event in events {
            let Some(family) = registry.family(event.id.kind()).copied() else { continue };
            let Event { id, seq, verb, .. } = &event;
            let before = match verb {
                Verb::Created => None,
                _ => scene.before(id, *seq).cloned(),
            };
            let after = match verb {
                Verb::Deleted => None,
                _ => scene.at(id, When::After(*seq)).cloned(),
            };
            if (before.is_none() && *verb != Verb::Created)
                || (after.is_none() && *verb != Verb::Deleted)
            {
                return Err(Error::internal(format!("an event of {id} is lost")));
            }
            let (event, scene) = (Event { old: None, ..event }, Arc::clone(&scene));
            steps.push(Step { event, family, before, after, scene });
        }
        Ok(steps)
    }

    /// What the caller is told of a change, of which they may know this much.
    pub(super) async fn tell(&mut self, step: Step, sight: Sight, feed: &Feed) -> Result<Told> {
        let mut asked = Vec::new();
        for side in [&step.before, &step.after].into_iter().flatten() {
            asked
                .extend((step.family.adapts_to)(side.doc.as_ref(), &self.cx).into_iter().flatten());
        }
        let seen = self.seen_of(asked).await?;
        let (along, has_more) = if sight == Sight::Shown && feed.object.is_none() {
            self.shown_along(&step.event, feed).await?
        } else {
            (Vec::new(), false)
        };
        Ok(Told { step, sight, seen, along, has_more })
    }

    /// Those of these objects that the caller sees.
    async fn seen_of(&mut self, ids: Vec<Id>) -> Result<Vec<Id>> {
        let mut seen = Vec::new();
        for id in ids {
            if !seen.contains(&id) && self.is_visible(&id).await? {
                seen.push(id);
            }
        }
        Ok(seen)
    }

    /// What became visible together with an object, by the change that made that visible: what is
    /// seen with it, and with that in turn.
    async fn shown_along(&mut self, event: &Event, feed: &Feed) -> Result<(Vec<Along>, bool)> {
        let (ids, has_more) = self.seen_with(&event.id, feed).await?;
        let stretch = (event.seq, event.seq);
        let scene = self.scene_with(ids.clone(), stretch).await?;
        let mut along = Vec::new();
        for id in ids {
            let after = When::After(event.seq);
            let sees = scene.sees(&id, after, &self.cx)? && scene.sees(&id, When::Now, &self.cx)?;
            let family = self.inner.store.registry().family(id.kind()).copied();
            if let (true, Some(family), Some(side), Some(revision)) =
                (sees, family, scene.at(&id, after), scene.revision_at(&id, event.seq))
            {
                let asked = (family.adapts_to)(side.doc.as_ref(), &self.cx).unwrap_or_default();
                let (side, seen) = (Arc::clone(side), self.seen_of(asked).await?);
                along.push(Along { id, family, revision, side, seen });
            }
        }
        Ok((along, has_more))
    }

    /// The objects that are seen with another one now, of those that the caller wants to be told
    /// of, and whether there are more.
    async fn seen_with(&mut self, id: &Id, feed: &Feed) -> Result<(Vec<Id>, bool)> {
        let (inner, org) = (Arc::clone(&self.inner), self.cx.org.org.clone());
        let registry = inner.store.registry();
        let mut found: Vec<Id> = Vec::new();
        let mut next = vec![id.clone()];
        while let Some(above) = next.pop() {
            for family in registry.families() {
                let mut kinds = family.table.kinds.iter();
                if !kinds.any(|kind| feed.tells(*kind, registry, &self.cx)) {
                    continue;
                }
                for field in family.seen_with {
                    let of = (org.as_str(), &above);
                    for id in self.snapshot()?.refs_by(of, field, ALONG_MAX + 1).await? {
                        if !found.contains(&id) {
                            next.push(id.clone());
                            found.push(id);
                        }
                        if found.len() > ALONG_MAX {
                            found.truncate(ALONG_MAX);
                            return Ok((found, true));
                        }
                    }
                }
            }
        }
        Ok((found, false))
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

    /// The same for what one caller is told.
    pub(super) async fn summaries_of_told(&mut self, told: &[Told]) -> Result<Expander> {
        let mut ids = Vec::new();
        for told in told {
            told.embedded(&mut ids);
        }
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
