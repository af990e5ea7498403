//! Listeners: objects of a family, such as webhooks, that the server itself tells of changes. The
//! log is read once for all of an org. Each is told what a caller in its place would be told, if it
//! wanted that as it was right after the change.

use std::any::Any;
use std::sync::Arc;

use worksmith_kernel::{OpCtx, Resource, Result, Stored};
use worksmith_store::{Event, Verb};
use worksmith_wire::Id;

use super::scene::{Doc, Scene, When};
use super::told::{Sight, Step, Told};
use super::{Feed, position};
use crate::tx::Tx;

/// A listener, and in whose place it listens.
#[derive(Clone)]
pub struct Listener {
    /// The object that says what is wanted.
    pub id: Id,
    /// The context of the caller in whose place it is told.
    pub cx: OpCtx,
}

/// What happened to an object, as far as a listener may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
    /// A change made it visible.
    Shown,
    /// A change hid it.
    Hidden,
}

impl Happened {
    fn of(sight: Sight, verb: Verb) -> Self {
        match (sight, verb) {
            (Sight::Shown, _) => Self::Shown,
            (Sight::Hidden, _) => Self::Hidden,
            (Sight::Plain, Verb::Created) => Self::Created,
            (Sight::Plain, Verb::Updated) => Self::Updated,
            (Sight::Plain, Verb::Deleted) => Self::Deleted,
        }
    }

    /// What an event may turn out to be.
    const fn possible(verb: Verb) -> &'static [Self] {
        match verb {
            Verb::Created => &[Self::Created],
            Verb::Updated => &[Self::Updated, Self::Shown, Self::Hidden],
            Verb::Deleted => &[Self::Deleted],
        }
    }
}

/// What one listener is told of one object.
pub struct Heard {
    /// The index of the listener.
    pub listener: usize,
    /// The change.
    pub event: Event,
    /// The object: that of the change, or one that became visible along with it.
    pub id: Id,
    /// Its revision after the change.
    pub revision: u64,
    /// What happened to it.
    pub what: Happened,
    /// The whole object before and after the change, as far as the listener may know it.
    pub objects: [Option<String>; 2],
    /// The documents of the same.
    docs: [Option<Doc>; 2],
    /// The document of the listener.
    ear: Doc,
}

impl Heard {
    /// The document of the object before the change.
    pub fn before<R: Resource>(&self) -> Option<&Stored<R>> {
        self.docs[0].as_ref()?.downcast_ref()
    }

    /// The document of the object after the change.
    pub fn after<R: Resource>(&self) -> Option<&Stored<R>> {
        self.docs[1].as_ref()?.downcast_ref()
    }

    /// The document of the listener, as it was right after the change.
    pub fn ear<R: Resource>(&self) -> Option<&Stored<R>> {
        self.ear.downcast_ref()
    }
}

/// A change of an object of the listeners' own family.
pub struct OwnChange<R: Resource> {
    /// The change.
    pub event: Event,
    /// The object before and after it.
    pub docs: [Option<Stored<R>>; 2],
}

/// What a stretch of the log says.
pub struct Announced<R: Resource> {
    /// The number of its last event, and the cursor after it; `None` if there are no more.
    pub last: Option<(u64, String)>,
    /// Whether there may be more now.
    pub more: bool,
    /// What the listeners are told, in the order of the commits.
    pub heard: Vec<Heard>,
    /// The changes of the listeners' own family.
    pub own: Vec<OwnChange<R>>,
}

/// What a listener wants to be told: by its document, of which object, what happened to it. Of
/// kinds that the feed does not tell of, it also says what the caller may be told.
pub type Wants<'a, R> = &'a (dyn Fn(&R, &OpCtx, &Id, Happened) -> bool + Send + Sync);

fn stored<R: Resource>(doc: &Doc) -> Option<&Stored<R>> {
    let doc: &(dyn Any + Send + Sync) = doc.as_ref();
    doc.downcast_ref()
}

impl Tx {
    /// The number right before the first of some objects of one kind was created.
    pub async fn place_before(&mut self, ids: &[Id]) -> Result<Option<u64>> {
        let org = self.cx.org.org.clone();
        let Some(kind) = ids.first().map(Id::kind) else { return Ok(None) };
        let marks = self.snapshot()?.marks_of_kind(&org, kind).await?;
        let made = marks.iter().filter(|mark| mark.verb == Verb::Created && ids.contains(&mark.id));
        Ok(made.map(|mark| mark.seq - 1).min())
    }

    /// What listeners are told of the next events of the log.
    pub async fn announce<R: Resource>(
        &mut self,
        after: u64,
        limit: usize,
        listeners: &[Listener],
        wants: Wants<'_, R>,
    ) -> Result<Announced<R>> {
        let org = self.cx.org.org.clone();
        let events = self.snapshot()?.events_after(&org, after, limit).await?;
        let more = events.len() == limit;
        let (mut heard, mut own) = (Vec::new(), Vec::new());
        let Some(last) = events.last() else {
            return Ok(Announced { last: None, more, heard, own });
        };
        let (to, cursor) = (last.seq, position::cursor(&org, Some(last)));
        self.cx.now = last.at;
        let ids = listeners.iter().map(|listener| listener.id.clone()).collect();
        let ears = self.scene_with(ids, (after, to)).await?;
        let wanted = |event: &Event| {
            let may = |Listener { id, cx }: &Listener| {
                let mut states = ears.states(id).filter_map(stored::<R>);
                states.any(|state| {
                    let mut possible = Happened::possible(event.verb).iter();
                    possible.any(|what| wants(&state.doc, cx, &event.id, *what))
                })
            };
            R::KINDS.contains(&event.id.kind()) || listeners.iter().any(may)
        };
        let events: Vec<Event> = events.into_iter().filter(wanted).collect();
        let steps = self.steps(events, None).await?;
        let mut told = Vec::new();
        for step in &steps {
            own.extend(own_change(step));
            for (at, listener) in listeners.iter().enumerate() {
                if let Some(one) = self.tell_listener(step, listener, &ears, wants).await? {
                    told.push((at, one));
                }
            }
        }
        self.has_history = true;
        let mut ids = Vec::new();
        for (_, told) in &told {
            told.embedded(&mut ids);
        }
        let x = self.expand(ids).await?;
        for (at, told) in told {
            let Listener { id, cx } = &listeners[at];
            let seq = told.step.event.seq;
            let Some(side) = ears.at(id, When::After(seq)) else { continue };
            let Some(ear) = stored::<R>(&side.doc) else { continue };
            heard.extend(
                hear((at, &side.doc), &told, cx, &x)?
                    .into_iter()
                    .filter(|heard| wants(&ear.doc, cx, &heard.id, heard.what)),
            );
        }
        Ok(Announced { last: Some((to, cursor)), more, heard, own })
    }

    async fn tell_listener<R: Resource>(
        &mut self,
        step: &Step,
        Listener { id, cx }: &Listener,
        ears: &Scene,
        wants: Wants<'_, R>,
    ) -> Result<Option<Told>> {
        let Step { event, .. } = step;
        let ear = ears.at(id, When::After(event.seq)).and_then(|side| stored::<R>(&side.doc));
        let Some(ear) = ear else { return Ok(None) };
        let mut possible = Happened::possible(event.verb).iter();
        if !possible.any(|what| wants(&ear.doc, cx, &event.id, *what)) {
            return Ok(None);
        }
        let rights = self.inner.store.registry().told(event.id.kind());
        if rights.is_some_and(|rights| !rights.allow(&cx.actor)) {
            return Ok(None);
        }
        let cx = OpCtx { now: self.cx.now, ..cx.clone() };
        let Some(sight) = step.sight(&cx)? else { return Ok(None) };
        let own = std::mem::replace(&mut self.cx, cx);
        let told = self.tell(step.clone(), sight, &Feed::default()).await;
        self.cx = own;
        told.map(Some)
    }
}

fn own_change<R: Resource>(step: &Step) -> Option<OwnChange<R>> {
    let Step { event, before, after, .. } = step;
    if !R::KINDS.contains(&event.id.kind()) {
        return None;
    }
    let docs = [before, after].map(|side| stored(&side.as_ref()?.doc).cloned());
    Some(OwnChange { event: event.clone(), docs })
}

/// What a listener is told of a change: of its object, and of those that became visible with it.
fn hear(
    (listener, ear): (usize, &Doc),
    told: &Told,
    cx: &OpCtx,
    x: &worksmith_kernel::Expander,
) -> Result<Vec<Heard>> {
    let Step { event, before, after, .. } = &told.step;
    let doc = |side: &Option<Arc<super::scene::Side>>| side.as_ref().map(|side| side.doc.clone());
    let mut heard = vec![Heard {
        listener,
        event: event.clone(),
        id: event.id.clone(),
        revision: event.revision,
        what: Happened::of(told.sight, event.verb),
        objects: told.sides(cx, x)?,
        docs: [doc(before), doc(after)],
        ear: ear.clone(),
    }];
    for along in &told.along {
        heard.push(Heard {
            listener,
            event: event.clone(),
            id: along.id.clone(),
            revision: along.revision,
            what: Happened::Shown,
            objects: [None, Some(along.shown(cx, x)?)],
            docs: [None, None],
            ear: ear.clone(),
        });
    }
    Ok(heard)
}
