//! What became of an object, read from the log of events.
//!
//! An event has the old values of the members that changed. The new ones are the old values of
//! later events, or those of the object as it is now. So a part of the history is read together
//! with as many later events as it takes to know its new values, and no others.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use worksmith_kernel::{DOC_VERSION, Error, Expander, Family, Meta, RawRow, Result};
use worksmith_store::{Event, Verb};
use worksmith_wire::{Id, Span};

use super::Tx;

/// How many later events are read at once.
const LATER: usize = 200;

/// Members of a document.
type Members = Map<String, Json>;

/// A change of an object.
#[derive(Clone, Debug)]
pub struct Change {
    /// The event that tells of it.
    pub event: Event,
    /// The object before and after it, as answers show the object; the members that it did not
    /// change may have later values. `None` for the creation of the object, and if an older version
    /// wrote what can no longer be read.
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
        let mut events = self.events_within(id, stretch, backwards, limit + 1).await?;
        let more = events.len() > limit;
        if more {
            let surplus = if backwards { 0 } else { limit };
            events.remove(surplus);
        }
        let mut state = members(&row.doc)?;
        self.rewind(id, &events, &mut state).await?;
        let changes = self.shown_changes(&family, &row, events, state).await?;
        Ok(Some((row.meta.clone(), changes, more)))
    }

    async fn events_within(
        &mut self,
        id: &Id,
        stretch: Stretch,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<Event>> {
        let org = self.cx.org.org.clone();
        let Stretch { revisions, time } = stretch;
        let snapshot = self.snapshot()?;
        snapshot.events_between((&org, id), revisions, time, backwards, limit).await
    }

    /// Gives the members that these events change the values that they had after the last of them.
    async fn rewind(&mut self, id: &Id, events: &[Event], state: &mut Members) -> Result<()> {
        let Some(last) = events.last() else { return Ok(()) };
        let mut wanted = HashSet::new();
        for event in events {
            wanted.extend(old(event)?.into_iter().map(|(name, _)| name));
        }
        let mut next = last.revision + 1;
        while !wanted.is_empty() {
            let time = Span::default();
            let stretch = Stretch { revisions: (next, u64::MAX), time };
            let later = self.events_within(id, stretch, false, LATER).await?;
            for event in &later {
                for (name, value) in old(event)? {
                    if wanted.remove(&name) {
                        put(state, name, value);
                    }
                }
            }
            match later.last() {
                Some(last) if later.len() == LATER => next = last.revision + 1,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Renders the object before and after each of these events, of which `state` is left by the
    /// last one.
    async fn shown_changes(
        &mut self,
        family: &Family,
        row: &RawRow,
        events: Vec<Event>,
        mut state: Members,
    ) -> Result<Vec<Change>> {
        let mut read = Vec::with_capacity(events.len());
        for event in events.into_iter().rev() {
            if event.verb == Verb::Created {
                read.push((event, None));
                continue;
            }
            let after = past(family, row, &state);
            for (name, value) in old(&event)? {
                put(&mut state, name, value);
            }
            read.push((event, past(family, row, &state).zip(after)));
        }
        let mut ids = Vec::new();
        for (before, after) in read.iter().filter_map(|(_, both)| both.as_ref()) {
            (family.embedded)(before.as_ref(), &mut ids);
            (family.embedded)(after.as_ref(), &mut ids);
        }
        let x = self.expand(ids).await?;
        let change = |(event, both): (Event, Option<(Past, Past)>)| -> Result<Change> {
            let objects = both.map(|both| shown(family, &both, &x)).transpose()?;
            Ok(Change { event, objects })
        };
        read.into_iter().rev().map(change).collect()
    }
}

/// A `Stored` document as it was.
type Past = Arc<dyn Any + Send + Sync>;

fn past(family: &Family, row: &RawRow, state: &Members) -> Option<Past> {
    let doc = Json::Object(state.clone()).to_string();
    let row = RawRow { meta: row.meta.clone(), doc_version: DOC_VERSION, doc };
    (family.read)(&row).ok()
}

fn shown(family: &Family, (before, after): &(Past, Past), x: &Expander) -> Result<(Json, Json)> {
    let shown = |past: &Past| {
        let object = (family.object)(past.as_ref(), x)?;
        serde_json::from_str(&object).map_err(Error::internal)
    };
    Ok((shown(before)?, shown(after)?))
}

fn members(doc: &str) -> Result<Members> {
    serde_json::from_str(doc).map_err(Error::internal)
}

/// The old values of the members that an event changed.
fn old(event: &Event) -> Result<Members> {
    let mut old = event.old.as_deref().map_or_else(|| Ok(Members::new()), members)?;
    old.remove(Event::META);
    Ok(old)
}

/// Null stands for a member that did not exist, or for one without a value.
fn put(state: &mut Members, name: String, value: Json) {
    if value.is_null() {
        state.remove(&name);
    } else {
        state.insert(name, value);
    }
}
