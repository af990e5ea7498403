//! Streams of the feed. The clients of an org share one reader of its log, the hub: it waits for
//! commits, reads what is new once, and hands it to all of them. A client that is too slow for that
//! reads the log by itself until it has caught up, so nobody waits for anybody, and only what is
//! new is kept in memory.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{MutexGuard, broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior};
use worksmith_kernel::{Actor, Error, Expander, OpCtx, Result};
use worksmith_store::Event;
use worksmith_wire::Kind;

use super::told::{Sight, Step};
use super::{CHUNK, Feed, Scanned, Start, position};
use crate::reply::Parts;
use crate::tx::{Inner, Tx};

/// How long a stream is silent before it beats.
const BEAT: Duration = Duration::from_secs(15);
/// How many batches wait for a slow client until it has to read by itself.
const BATCHES: usize = 16;
/// How long a hub rests at least between two looks at the log. Under load, it makes fewer and
/// larger batches of what it finds.
const REST: Duration = Duration::from_millis(10);
/// How often a hub looks for what other servers have written.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a hub waits after a failure.
const RETRY: Duration = Duration::from_secs(1);
/// How many events a client that has fallen behind reads at a time.
const PAGE: usize = 100;
/// What a stream begins with: how soon a client that lost it should come back.
const RETRY_AFTER: &str = "retry: 2000\n";
/// The kinds of object that decide who a caller is.
const CALLERS: [Kind; 5] =
    [Kind::Token, Kind::DevUser, Kind::RevUser, Kind::ServiceAccount, Kind::SysUser];

/// The streams of a server.
pub(crate) struct Streams {
    /// The hub of each org that somebody listens to.
    hubs: Mutex<HashMap<String, broadcast::WeakSender<Arc<Batch>>>>,
    /// Whether all streams end.
    ended: watch::Sender<bool>,
    beat: Duration,
    /// Held by the one call that looks for an event in the whole log.
    searching: tokio::sync::Mutex<()>,
}

impl Default for Streams {
    fn default() -> Self {
        let (hubs, ended) = (Mutex::default(), watch::Sender::new(false));
        Self { hubs, ended, beat: BEAT, searching: tokio::sync::Mutex::default() }
    }
}

impl Streams {
    pub(crate) fn set_beat(&mut self, beat: Duration) {
        self.beat = beat;
    }

    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    pub(super) async fn searching(&self) -> MutexGuard<'_, ()> {
        self.searching.lock().await
    }

    fn hubs(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<String, broadcast::WeakSender<Arc<Batch>>>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until all streams end.
async fn end_of(ended: &mut watch::Receiver<bool>) {
    // If nobody can say so any more, that is the end, too.
    let _ = ended.wait_for(|ended| *ended).await;
}

/// What a hub has read at once.
pub(super) struct Batch {
    /// The numbers of the event before it, and of its last one.
    from: u64,
    to: u64,
    /// The cursor after it.
    cursor: String,
    /// Whether anything in it may change who some callers are.
    touches_callers: bool,
    changes: Vec<Change>,
    x: Expander,
    /// The frames of all changes.
    frames: OnceLock<Bytes>,
}

/// A change, and its frame once somebody needs it.
struct Change {
    step: Step,
    cursor: String,
    frame: OnceLock<Bytes>,
}

/// A server-sent event.
fn frame(to: &mut String, event: &worksmith_wire::events::Event) -> Result<()> {
    let data = serde_json::to_string(event).map_err(Error::internal)?;
    // JSON as it is written here has no line breaks.
    write!(to, "id: {}\ndata: {data}\n\n", event.cursor).map_err(Error::internal)
}

impl Change {
    fn frame(&self, x: &Expander) -> Result<Bytes> {
        if let Some(known) = self.frame.get() {
            return Ok(known.clone());
        }
        let mut text = String::new();
        frame(&mut text, &self.step.render(Sight::Plain, &self.cursor, x)?)?;
        Ok(self.frame.get_or_init(|| text.into()).clone())
    }
}

impl Batch {
    /// The frames for whoever is told of everything.
    fn frames(&self) -> Result<Bytes> {
        if let Some(known) = self.frames.get() {
            return Ok(known.clone());
        }
        let mut all = Vec::new();
        for change in &self.changes {
            all.extend_from_slice(&change.frame(&self.x)?);
        }
        Ok(self.frames.get_or_init(|| all.into()).clone())
    }
}

/// The reader of the log of an org.
struct Hub {
    inner: Arc<Inner>,
    cx: OpCtx,
    sender: broadcast::Sender<Arc<Batch>>,
    /// The number of the last event that was read, once it is known.
    last: Option<u64>,
}

impl Hub {
    /// Listens to the hub of an org, which is started if there is none.
    fn listen(inner: &Arc<Inner>, cx: &OpCtx) -> broadcast::Receiver<Arc<Batch>> {
        let mut hubs = inner.streams.hubs();
        let there = hubs.get(cx.org.org.as_str()).and_then(broadcast::WeakSender::upgrade);
        if let Some(sender) = there {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BATCHES);
        hubs.insert(cx.org.org.to_string(), sender.downgrade());
        let cx = OpCtx { actor: Actor::system(), renewal: None, ..cx.clone() };
        tokio::spawn(Self { inner: Arc::clone(inner), cx, sender, last: None }.run());
        receiver
    }

    /// Ends, unless somebody listens.
    fn leaves(&self) -> bool {
        let mut hubs = self.inner.streams.hubs();
        let leaves = self.sender.receiver_count() == 0 || *self.inner.streams.ended.borrow();
        if leaves {
            hubs.remove(self.cx.org.org.as_str());
        }
        leaves
    }

    async fn run(mut self) {
        let inner = Arc::clone(&self.inner);
        let mut ended = inner.streams.ended.subscribe();
        let mut rest = tokio::time::interval(REST);
        rest.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.leaves() {
            rest.tick().await;
            let commit = inner.cache.changes.next_commit();
            let wait = match self.read().await {
                Ok(true) => continue,
                // Others don't tell when they write.
                Ok(false) if inner.store.is_shared() => LOOK_EVERY,
                Ok(false) => Duration::MAX,
                Err(cause) => {
                    tracing::warn!(?cause, "the log of events can't be read for now");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            tokio::select! {
                () = commit => {}
                () = tokio::time::sleep(wait) => {}
                () = self.sender.closed() => {}
                () = end_of(&mut ended) => {}
            }
        }
    }

    /// Reads what is new, and hands it over. Returns whether there was anything.
    async fn read(&mut self) -> Result<bool> {
        let org = self.cx.org.org.clone();
        self.inner.store.catch_up(&org).await?;
        let mut tx = Tx::new(Arc::clone(&self.inner), self.cx.clone());
        let Some(from) = self.last else {
            let last = tx.snapshot()?.last_mark(&org).await?;
            self.last = Some(last.map_or(0, |last| last.seq));
            return Ok(false);
        };
        let events = tx.snapshot()?.events_after(&org, from, CHUNK).await?;
        let Some(last) = events.last() else { return Ok(false) };
        tx.cx.now = last.at;
        let (to, cursor) = (last.seq, position::cursor(&org, Some(last)));
        let touches_callers = events.iter().any(|event| CALLERS.contains(&event.id.kind()));
        let registry = self.inner.store.registry();
        let is_told = |event: &Event| registry.told(event.id.kind()).is_some();
        let steps = tx.steps(events.into_iter().filter(is_told).collect()).await?;
        let x = tx.summaries_of(steps.iter()).await?;
        drop(tx);
        // Nobody is told of what a power cut could take back.
        self.inner.store.until_durable(None).await?;
        let change = |step: Step| {
            let cursor = position::cursor(&org, Some(&step.event));
            Change { step, cursor, frame: OnceLock::new() }
        };
        let changes = steps.into_iter().map(change).collect();
        let frames = OnceLock::new();
        let batch = Batch { from, to, cursor, touches_callers, changes, x, frames };
        self.last = Some(to);
        // Nobody may be listening any more.
        let _ = self.sender.send(Arc::new(batch));
        Ok(true)
    }
}

/// A client of a stream.
struct Client {
    inner: Arc<Inner>,
    cx: OpCtx,
    feed: Feed,
    /// The number of the last event that was looked at, and the cursor after it.
    last: u64,
    cursor: String,
    /// How many events are still to be sent; `None` for any number.
    left: Option<usize>,
    batches: broadcast::Receiver<Arc<Batch>>,
    /// Whether there may be events in the log that no batch brings.
    is_behind: bool,
    has_begun: bool,
    /// Whether the client is told of everything in a batch.
    is_told_all: bool,
    beat: Interval,
    ended: watch::Receiver<bool>,
}

impl Tx {
    /// The feed as a stream of server-sent events. It ends after `limit` events, when the caller
    /// may not read any more, and when the server stops.
    pub async fn stream_feed(
        &mut self,
        feed: Feed,
        start: Start,
        limit: Option<usize>,
    ) -> Result<Parts> {
        // What is committed from here on, the hub hands over, or it is in the log.
        let batches = Hub::listen(&self.inner, &self.cx);
        let (last, cursor) = self.begin(start).await?;
        let mut beat = tokio::time::interval(self.inner.streams.beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let mut client = Client {
            inner: Arc::clone(&self.inner),
            cx: self.cx.clone(),
            feed,
            last,
            cursor,
            left: limit,
            batches,
            is_behind: true,
            has_begun: false,
            is_told_all: false,
            beat,
            ended: self.inner.streams.ended.subscribe(),
        };
        client.is_told_all = client.may_all();
        let rest = stream::unfold(client, |mut client| async move {
            match client.next().await {
                Ok(Some(frames)) => Some((Ok(frames), client)),
                Ok(None) => None,
                // The client comes back by itself, and is told what is wrong.
                Err(cause) => {
                    tracing::debug!(?cause, "a stream of events ends");
                    None
                }
            }
        });
        Ok(Parts { first: Vec::new(), rest: Some(Box::pin(rest)) })
    }
}

impl Client {
    /// The next frames; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if !std::mem::replace(&mut self.has_begun, true) {
            return Ok(Some(format!("{RETRY_AFTER}id: {}\n\n", self.cursor).into()));
        }
        loop {
            if self.left == Some(0) || *self.ended.borrow() {
                return Ok(None);
            }
            let frames = if self.is_behind {
                Box::pin(self.catch_up()).await?
            } else {
                tokio::select! {
                    batch = self.batches.recv() => match batch {
                        Ok(batch) => self.take(&batch).await?,
                        Err(RecvError::Lagged(_)) => {
                            self.is_behind = true;
                            None
                        }
                        Err(RecvError::Closed) => {
                            self.batches = Hub::listen(&self.inner, &self.cx);
                            self.is_behind = true;
                            None
                        }
                    },
                    _ = self.beat.tick() => {
                        self.renew().await?;
                        Some(format!(": beat\nid: {}\n\n", self.cursor).into())
                    }
                    () = end_of(&mut self.ended) => None,
                }
            };
            if frames.is_some() {
                self.beat.reset();
                return Ok(frames);
            }
        }
    }

    /// Whether the caller is told of everything that a hub reads.
    fn may_all(&self) -> bool {
        let registry = self.inner.store.registry();
        let may = |family: &worksmith_kernel::Family| {
            let rights = family.table.kinds.iter().filter_map(|kind| registry.told(*kind));
            let mut rights = rights.peekable();
            rights.peek().is_none()
                || (rights.all(|rights| rights.allow(&self.cx.actor))
                    && (family.sees_all)(&self.cx))
        };
        self.feed == Feed::default() && registry.families().iter().all(may)
    }

    /// Finds out who the caller is by now.
    async fn renew(&mut self) -> Result<()> {
        let Some(renewal) = self.cx.renewal.clone() else { return Ok(()) };
        let cx = renewal.renew().await?;
        self.cx = OpCtx { renewal: Some(renewal), ..cx };
        self.is_told_all = self.may_all();
        Ok(())
    }

    /// Reads a page of the log. While there are more, it is called again.
    async fn catch_up(&mut self) -> Result<Option<Bytes>> {
        let org = self.cx.org.org.clone();
        self.inner.store.catch_up(&org).await?;
        self.renew().await?;
        let mut tx = Tx::new(Arc::clone(&self.inner), self.cx.clone());
        let limit = self.left.unwrap_or(PAGE).min(PAGE);
        let Scanned { told, last, more } = tx.scan(&self.feed, self.last, limit).await?;
        let x = tx.summaries_of(told.iter().map(|(step, _)| step)).await?;
        drop(tx);
        self.inner.store.until_durable(None).await?;
        let mut frames = String::new();
        for (step, sight) in &told {
            let cursor = position::cursor(&org, Some(&step.event));
            frame(&mut frames, &step.render(*sight, &cursor, &x)?)?;
        }
        self.left = self.left.map(|left| left.saturating_sub(told.len()));
        if let Some(last) = last {
            (self.last, self.cursor) = (last.seq, position::cursor(&org, Some(&last)));
        }
        self.is_behind = more;
        if frames.is_empty() && more {
            // It is remembered how far the caller has come.
            frames = format!("id: {}\n\n", self.cursor);
        }
        Ok((!frames.is_empty()).then(|| frames.into()))
    }

    /// The frames of a batch that the caller is told.
    async fn take(&mut self, batch: &Batch) -> Result<Option<Bytes>> {
        if batch.touches_callers {
            self.renew().await?;
        }
        if batch.to <= self.last {
            return Ok(None);
        }
        if batch.from > self.last {
            self.is_behind = true;
            return Ok(None);
        }
        let frames = if self.is_told_all && batch.from == self.last && self.left.is_none() {
            batch.frames()?
        } else {
            self.frames(batch)?
        };
        if self.left != Some(0) {
            (self.last, self.cursor) = (batch.to, batch.cursor.clone());
        }
        Ok((!frames.is_empty()).then_some(frames))
    }

    fn frames(&mut self, batch: &Batch) -> Result<Bytes> {
        let mut frames = Vec::new();
        for change in &batch.changes {
            if self.left == Some(0) {
                break;
            }
            let event = &change.step.event;
            let registry = self.inner.store.registry();
            if event.seq <= self.last || !self.feed.wants(event, registry, &self.cx) {
                continue;
            }
            match change.step.sight(&self.cx)? {
                None => continue,
                Some(Sight::Plain) => frames.extend_from_slice(&change.frame(&batch.x)?),
                Some(sight) => {
                    let mut text = String::new();
                    frame(&mut text, &change.step.render(sight, &change.cursor, &batch.x)?)?;
                    frames.extend_from_slice(text.as_bytes());
                }
            }
            self.left = self.left.map(|left| left - 1);
        }
        Ok(frames.into())
    }
}
