//! The changes of one object, with the object on both sides of each.

use serde_json::Value as Json;
use worksmith_kernel::{Error, Expander, Family, Meta, Result};
use worksmith_store::{Event, Verb};
use worksmith_wire::{Id, Span};

use super::super::Tx;
use super::past::Keep;
use super::scene::Doc;

/// A change of an object.
#[derive(Clone, Debug)]
pub struct Change {
    /// The event that tells of it.
    pub event: Event,
    /// The object before and after it, as answers show the object. `None` for the creation of the
    /// object, and if an older version wrote what can no longer be read.
    pub objects: Option<(Json, Json)>,
}

/// A part of an object's history.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The first revision and the last one.
    pub revisions: (u64, u64),
    /// From when to when. The creation of the object is not left out.
    pub time: Span,
}

impl Tx {
    /// What is known of an object, and its changes within a stretch, whether the caller may see it
    /// or not, oldest first: at most `limit`, from the first one on or, `backwards`, up to the last
    /// one. And whether there are more.
    pub async fn history(
        &mut self,
        id: &Id,
        stretch: Stretch,
        backwards: bool,
        limit: usize,
    ) -> Result<Option<(Meta, Vec<Change>, bool)>> {
        let Some(family) = self.inner.store.registry().family(id.kind()).copied() else {
            return Ok(None);
        };
        let Some(row) = self.row(family.table, id).await? else { return Ok(None) };
        let org = self.cx.org.org.clone();
        let Stretch { revisions, time } = stretch;
        let snapshot = self.snapshot()?;
        let mut events =
            snapshot.events_between((&org, id), revisions, time, backwards, limit + 1).await?;
        let more = events.len() > limit;
        if more {
            events.remove(if backwards { 0 } else { limit });
        }
        let changes = self.shown_changes(&family, id, events).await?;
        Ok(Some((row.meta.clone(), changes, more)))
    }

    /// Renders the object before and after each of these changes of it, the oldest first.
    async fn shown_changes(
        &mut self,
        family: &Family,
        id: &Id,
        events: Vec<Event>,
    ) -> Result<Vec<Change>> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Ok(Vec::new());
        };
        // With the one before the first change, which says what that began with.
        let (from, to) = (first.revision.saturating_sub(1), last.revision);
        let keep = |event: &Event| if event.revision > to { Keep::Skip } else { Keep::Take };
        let mut pasts = self.pasts(vec![(id.clone(), from)], keep).await?;
        let states = pasts.states.remove(id).unwrap_or_default();
        let at = |revision: u64| -> Option<Doc> {
            let past = states.iter().find(|past| past.event.revision == revision)?;
            past.row.as_deref().and_then(|row| (family.read)(row).ok())
        };
        let (mut read, mut ids) = (Vec::with_capacity(events.len()), Vec::new());
        let mut known: Option<(u64, Option<Doc>)> = None;
        for event in events {
            let (before, after) = (event.revision.saturating_sub(1), at(event.revision));
            let then = match known.replace((event.revision, after.clone())) {
                _ if event.verb == Verb::Created => None,
                Some((revision, doc)) if revision == before => doc,
                _ => at(before),
            };
            let both = then.zip(after);
            for doc in both.iter().flat_map(|(before, after)| [before, after]) {
                (family.embedded)(doc.as_ref(), &mut ids);
            }
            read.push((event, both));
        }
        let x = self.expand(ids).await?;
        let change = |(event, both): (Event, Option<(Doc, Doc)>)| -> Result<Change> {
            let objects = both.map(|both| shown(family, &both, &x)).transpose()?;
            Ok(Change { event, objects })
        };
        read.into_iter().map(change).collect()
    }
}

fn shown(family: &Family, (before, after): &(Doc, Doc), x: &Expander) -> Result<(Json, Json)> {
    let shown = |doc: &Doc| {
        let object = (family.object)(doc.as_ref(), x)?;
        serde_json::from_str(&object).map_err(Error::internal)
    };
    Ok((shown(before)?, shown(after)?))
}
