//! The event feed: every change of every object that a caller may see, in the order of the commits.
//!
//! `past.rs` reconstructs earlier states of objects; everything that shows one is made of that:
//! `scene.rs` has the objects in a stretch of the log, `told.rs` says who is told what of each
//! change, `history.rs` shows the changes of one object, `as_of.rs` and `lists.rs` objects and
//! lists as they were.
//! `position.rs` has the cursors, and `live.rs` the streams, whose clients share one reader of the
//! log for each org, the hub of `hub.rs`. `log.rs` gives the server's own work the changes as they
//! are, and `listeners.rs` tells those whom the server itself tells.

mod as_of;
mod history;
mod hub;
mod listeners;
mod lists;
mod live;
mod log;
mod past;
mod position;
mod scene;
mod told;

use worksmith_kernel::{OpCtx, Registry, Result};
use worksmith_store::Event;
use worksmith_wire::{Id, Kind, events};

pub use self::as_of::AsOf;
pub use self::history::{Change, Stretch};
pub(crate) use self::hub::Streams;
pub use self::listeners::{Announced, Happened, Heard, Listener, OwnChange, Wants};
pub(crate) use self::lists::Replaced;
pub use self::past::Past;
use self::told::Told;
use super::Tx;

/// How many events are read at a time.
const CHUNK: usize = 200;
/// How many events a page looks through at most, for those that the caller wants and may see.
const LOOKED_THROUGH: usize = 1_000;

/// Which changes a caller wants to be told of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Those of objects of these kinds; if there are none, of all kinds.
    pub kinds: Vec<Kind>,
    /// Those of this object; `None` for all objects.
    pub object: Option<Id>,
}

/// Where a caller begins to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the first change of the org.
    Beginning,
    /// With the next change to come.
    Now,
    /// After the change that this cursor names.
    After(String),
}

/// A page of the feed.
#[derive(Debug)]
pub struct FeedPage {
    /// The changes, in the order of the commits.
    pub events: Vec<events::Event>,
    /// Where the next page begins.
    pub next_cursor: String,
    /// Whether there may be more now.
    pub has_more: bool,
}

impl Feed {
    /// Whether a caller wants to be told of an event, and may be unless its object forbids it.
    fn wants(&self, event: &Event, registry: &Registry, cx: &OpCtx) -> bool {
        self.object.as_ref().is_none_or(|object| *object == event.id)
            && self.tells(event.id.kind(), registry, cx)
    }

    /// Whether a caller wants to be told of objects of a kind, and may be unless these forbid it.
    fn tells(&self, kind: Kind, registry: &Registry, cx: &OpCtx) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && registry.told(kind).is_some_and(|rights| rights.allow(&cx.actor))
    }
}

/// A stretch of the log that was looked through.
struct Scanned {
    /// What the caller is told.
    told: Vec<Told>,
    /// The last event that was looked at.
    last: Option<Event>,
    /// Whether there may be more.
    more: bool,
}

impl Tx {
    /// The kinds of object whose changes this caller may be told of.
    pub fn told_kinds(&self) -> Vec<Kind> {
        let registry = self.inner.store.registry();
        let may = |kind: &Kind| registry.told(*kind).is_some_and(|to| to.allow(&self.cx.actor));
        Kind::ALL.iter().copied().filter(may).collect()
    }

    /// A page of the feed.
    pub async fn feed(&mut self, feed: &Feed, start: Start, limit: usize) -> Result<FeedPage> {
        let (after, cursor) = self.begin(start).await?;
        let Scanned { told, last, more } = self.scan(feed, after, limit).await?;
        let x = self.summaries_of_told(&told).await?;
        let org = self.org();
        let render =
            |told: &Told| told.render(&self.cx, &position::cursor(org, Some(&told.step.event)), &x);
        let events = told.iter().map(render).collect::<Result<_>>()?;
        let next_cursor = last.map_or(cursor, |last| position::cursor(org, Some(&last)));
        Ok(FeedPage { events, next_cursor, has_more: more })
    }

    /// The number after which a caller begins to read, and its cursor.
    async fn begin(&mut self, start: Start) -> Result<(u64, String)> {
        let org = self.cx.org.org.clone();
        let last = match start {
            Start::After(cursor) => return Ok((self.position(&cursor).await?, cursor)),
            Start::Beginning => None,
            Start::Now => self.snapshot()?.last_mark(&org).await?,
        };
        let cursor = position::cursor(&org, last.as_ref());
        Ok((last.map_or(0, |last| last.seq), cursor))
    }

    /// Looks through the log after a number, until enough was found.
    async fn scan(&mut self, feed: &Feed, mut after: u64, limit: usize) -> Result<Scanned> {
        let (cx, inner) = (self.cx.clone(), std::sync::Arc::clone(&self.inner));
        let mut scanned = Scanned { told: Vec::new(), last: None, more: true };
        let mut looked = 0;
        while scanned.more && scanned.told.len() < limit && looked < LOOKED_THROUGH {
            let events = self.chunk(feed, after).await?;
            looked += events.len();
            scanned.more = events.len() == CHUNK;
            let mut rest = events.into_iter();
            while rest.len() > 0 && scanned.told.len() < limit {
                let mut wanted = Vec::new();
                for event in rest.by_ref() {
                    scanned.last = Some(event.mark());
                    if feed.wants(&event, inner.store.registry(), &cx) {
                        wanted.push(event);
                    }
                    if wanted.len() + scanned.told.len() == limit {
                        break;
                    }
                }
                for step in self.steps(wanted, None).await? {
                    if let Some(sight) = step.sight(&cx)? {
                        scanned.told.push(self.tell(step, sight, feed).await?);
                    }
                }
            }
            scanned.more |= rest.len() > 0;
            after = scanned.last.as_ref().map_or(after, |last| last.seq);
            // Others have their turn.
            tokio::task::yield_now().await;
        }
        if feed.object.is_some() && !scanned.more {
            // What lies between its events and the end of the log is of no concern.
            let org = self.cx.org.org.clone();
            let end = self.snapshot()?.last_mark(&org).await?;
            scanned.last = end.filter(|end| end.seq > after).or(scanned.last);
        }
        Ok(scanned)
    }

    /// The next events after a number, among which are all that are wanted.
    async fn chunk(&mut self, feed: &Feed, after: u64) -> Result<Vec<Event>> {
        let org = self.cx.org.org.clone();
        match &feed.object {
            None => self.snapshot()?.events_after(&org, after, CHUNK).await,
            Some(id) => self.snapshot()?.events_of_after(&org, id, after, CHUNK).await,
        }
    }
}
