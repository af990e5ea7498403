//! The reader of an org's log that all streams of the org share. It waits for commits, reads what
//! is new once, and hands it to all clients, rendered once for all who are told the same.
//!
//! Its work is kept small, since it takes what is left to those who write: it takes its time, so
//! that under load there are few large batches; an object that changes again is not read again; the
//! state between two changes is read and rendered once. What it costs to send all of it to
//! everybody is more than that. So where no processor is to spare, streams fall behind calls, and
//! catch up afterwards.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{MutexGuard, broadcast, watch};
use tokio::time::MissedTickBehavior;
use worksmith_kernel::{Actor, Error, Expander, OpCtx, Result};
use worksmith_store::Event;
use worksmith_wire::{Id, Kind, events};

use super::position;
use super::scene::Recent;
use super::told::{Sight, Step};
use crate::pace::Pace;
use crate::tx::{Inner, Tx};

/// How long a stream is silent before it beats.
const BEAT: Duration = Duration::from_secs(15);
/// How many batches wait for a slow client until it has to read by itself.
const BATCHES: usize = 16;
/// How many events a hub reads at a time.
const BATCH: usize = 500;
/// How long a hub rests at least between two looks at the log, unless it finds more than fits into
/// a batch. Under load, it makes fewer and larger ones, so that less is sent to each client.
const REST: Duration = Duration::from_millis(50);
/// How many processors the streams of an org take if there are none to spare.
const LEAST: f64 = 0.02;
/// What it takes of a processor to wake a client's task and to write to its connection.
const A_WRITE: Duration = Duration::from_micros(20);
/// How many bytes a processor writes to connections in a second.
const BYTES_PER_SECOND: f64 = 4e8;
/// How often a hub looks for what other servers have written.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a hub waits after a failure.
const RETRY: Duration = Duration::from_secs(1);
/// The kinds of object that decide who a caller is.
const CALLERS: [Kind; 5] =
    [Kind::Token, Kind::DevUser, Kind::RevUser, Kind::ServiceAccount, Kind::SysUser];

/// The streams of a server.
pub(crate) struct Streams {
    /// The hub of each org that somebody listens to.
    hubs: Mutex<HashMap<String, broadcast::WeakSender<Arc<Batch>>>>,
    /// Whether all streams end.
    pub(super) ended: watch::Sender<bool>,
    pub(super) beat: Duration,
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
pub(super) async fn end_of(ended: &mut watch::Receiver<bool>) {
    // If nobody can say so any more, that is the end, too.
    let _ = ended.wait_for(|ended| *ended).await;
}

/// What a hub has read at once.
pub(super) struct Batch {
    /// The numbers of the event before it, and of its last one.
    pub(super) from: u64,
    pub(super) to: u64,
    /// The cursor after it.
    pub(super) cursor: String,
    /// Whether anything in it may change who some callers are.
    pub(super) touches_callers: bool,
    pub(super) changes: Vec<Change>,
    pub(super) x: Expander,
    /// The frames of all changes of which all members of the org are told the same.
    common: OnceLock<Bytes>,
}

/// A change, and its frame once somebody needs it.
pub(super) struct Change {
    pub(super) step: Step,
    pub(super) cursor: String,
    /// Whether all members of the org are told the same.
    pub(super) is_common: bool,
    frame: OnceLock<Bytes>,
}

/// A server-sent event.
pub(super) fn frame(to: &mut String, event: &events::Event) -> Result<()> {
    let data = serde_json::to_string(event).map_err(Error::internal)?;
    // JSON as it is written here has no line breaks.
    write!(to, "id: {}\ndata: {data}\n\n", event.cursor).map_err(Error::internal)
}

impl Change {
    /// The frame for whoever is told of all of it, in the words for anybody.
    pub(super) fn frame(&self, x: &Expander) -> Result<Bytes> {
        if let Some(known) = self.frame.get() {
            return Ok(known.clone());
        }
        let mut text = String::new();
        frame(&mut text, &self.step.render(Sight::Plain, &self.cursor, x, None)?)?;
        Ok(self.frame.get_or_init(|| text.into()).clone())
    }
}

impl Batch {
    /// The frames of what all members of the org are told.
    pub(super) fn common(&self) -> Result<Bytes> {
        if let Some(known) = self.common.get() {
            return Ok(known.clone());
        }
        let mut all = String::new();
        for Change { step, cursor, .. } in self.changes.iter().filter(|each| each.is_common) {
            frame(&mut all, &step.render(Sight::Plain, cursor, &self.x, None)?)?;
        }
        Ok(self.common.get_or_init(|| all.into()).clone())
    }
}

/// What a hub has found.
#[derive(Debug, Default)]
struct Read {
    events: usize,
    /// What it takes of a processor to send it to everybody.
    sending: Duration,
}

/// The reader of the log of an org.
pub(super) struct Hub {
    inner: Arc<Inner>,
    cx: OpCtx,
    sender: broadcast::Sender<Arc<Batch>>,
    /// The number of the last event that was read, once it is known.
    last: Option<u64>,
    recent: Recent,
}

impl Hub {
    /// Listens to the hub of an org, which is started if there is none.
    pub(super) fn listen(inner: &Arc<Inner>, cx: &OpCtx) -> broadcast::Receiver<Arc<Batch>> {
        let mut hubs = inner.streams.hubs();
        let there = hubs.get(cx.org.org.as_str()).and_then(broadcast::WeakSender::upgrade);
        if let Some(sender) = there {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BATCHES);
        hubs.insert(cx.org.org.to_string(), sender.downgrade());
        let cx = OpCtx { actor: Actor::system(), renewal: None, ..cx.clone() };
        let (inner, recent) = (Arc::clone(inner), Recent::default());
        tokio::spawn(Self { inner, cx, sender, last: None, recent }.run());
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
        let mut pace = Pace::of_reader(LEAST);
        while !self.leaves() {
            rest.tick().await;
            let commit = inner.cache.changes.next_commit();
            let begin = Instant::now();
            let wait = match self.read().await {
                Ok(Read { events: events @ 1.., sending }) => {
                    tokio::select! {
                        () = pace.rest(&inner.store, begin.elapsed(), sending) => {}
                        () = self.sender.closed() => {}
                        () = end_of(&mut ended) => {}
                    }
                    if events == BATCH {
                        rest.reset_immediately();
                    }
                    continue;
                }
                // Others don't tell when they write.
                Ok(_) if inner.store.is_shared() => LOOK_EVERY,
                Ok(_) => Duration::MAX,
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

    /// Reads what is new, and hands it over.
    async fn read(&mut self) -> Result<Read> {
        let org = self.cx.org.org.clone();
        self.inner.store.catch_up(&org).await?;
        let mut tx = Tx::new(Arc::clone(&self.inner), self.cx.clone());
        let Some(from) = self.last else {
            let last = tx.snapshot()?.last_mark(&org).await?;
            drop(tx);
            self.begin_after(last.as_ref());
            return Ok(Read::default());
        };
        let events = tx.snapshot()?.events_after(&org, from, BATCH).await?;
        let Some(last) = events.last() else { return Ok(Read::default()) };
        let count = events.len();
        tx.cx.now = last.at;
        let (to, cursor) = (last.seq, position::cursor(&org, Some(last)));
        let touches_callers = events.iter().any(|event| CALLERS.contains(&event.id.kind()));
        let registry = self.inner.store.registry();
        let is_told = |event: &Event| registry.told(event.id.kind()).is_some();
        let told: Vec<Event> = events.into_iter().filter(is_told).collect();
        let steps = tx.steps(told, Some(&mut self.recent)).await?;
        let x = tx.summaries_of(steps.iter()).await?;
        drop(tx);
        // Nobody is told of what a power cut could take back.
        self.inner.store.until_durable(None).await?;
        let anybody = self.anybody();
        let mut changes = Vec::with_capacity(steps.len());
        for step in steps {
            let cursor = position::cursor(&org, Some(&step.event));
            let is_common = step.is_uniform() && step.sight(&anybody)? == Some(Sight::Plain);
            changes.push(Change { step, cursor, is_common, frame: OnceLock::new() });
        }
        let common = OnceLock::new();
        let batch = Batch { from, to, cursor, touches_callers, changes, x, common };
        let read = Read { events: count, sending: self.sending(&batch)? };
        self.send(batch);
        Ok(read)
    }

    /// What it takes of a processor to send a batch to everybody, about.
    fn sending(&self, batch: &Batch) -> Result<Duration> {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let (clients, bytes) = (self.sender.receiver_count() as f64, batch.common()?.len() as f64);
        Ok(A_WRITE.mul_f64(clients) + Duration::from_secs_f64(clients * bytes / BYTES_PER_SECOND))
    }

    /// Begins with what comes after an event. Whoever listens may have looked at the log before it
    /// was written: an empty batch shows that.
    fn begin_after(&mut self, last: Option<&Event>) {
        let (org, seq) = (&self.cx.org, last.map_or(0, |last| last.seq));
        self.send(Batch {
            from: seq,
            to: seq,
            cursor: position::cursor(&org.org, last),
            touches_callers: false,
            changes: Vec::new(),
            x: Expander::new(org.clone(), self.cx.now),
            common: OnceLock::new(),
        });
    }

    fn send(&mut self, batch: Batch) {
        self.last = Some(batch.to);
        // Nobody may be listening any more.
        let _ = self.sender.send(Arc::new(batch));
    }

    /// A member of the org who has nothing to do with any object.
    fn anybody(&self) -> OpCtx {
        let actor =
            Actor { id: Id::numbered(Kind::DevUser, 0), is_admin: false, ..Actor::system() };
        OpCtx { actor, ..self.cx.clone() }
    }
}
