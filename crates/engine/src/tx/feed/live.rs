//! The clients of streams. One that is too slow for the hub, resumes, or is told of a change in
//! words of its own reads the log by itself until it has caught up. So nobody waits for anybody,
//! and only what is new is kept in memory.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior};
use worksmith_kernel::{OpCtx, Result};
use worksmith_wire::Kind;

use super::hub::{Batch, Hub, end_of, frame};
use super::told::Sight;
use super::{Feed, Scanned, Start, position};
use crate::reply::Parts;
use crate::tx::{Inner, Tx};

/// How many events a client that has fallen behind reads at a time.
const PAGE: usize = 100;
/// What a stream begins with: how soon a client that lost it should come back.
const RETRY_AFTER: &str = "retry: 2000\n";

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
    /// Whether the client is told of whatever all members of the org are told.
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

    /// Whether the caller is told of whatever all members of the org are told.
    fn may_all(&self) -> bool {
        let registry = self.inner.store.registry();
        let may =
            |kind: &Kind| registry.told(*kind).is_none_or(|rights| rights.allow(&self.cx.actor));
        let is_member = !self.cx.actor.is_customer();
        is_member && self.feed == Feed::default() && Kind::ALL.iter().all(may)
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
        let x = tx.summaries_of_told(&told).await?;
        drop(tx);
        self.inner.store.until_durable(None).await?;
        let mut frames = String::new();
        for told in &told {
            let cursor = position::cursor(&org, Some(&told.step.event));
            frame(&mut frames, &told.render(&self.cx, &cursor, &x)?)?;
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
        let is_whole = batch.from == self.last && self.left.is_none();
        let frames = if is_whole && self.is_told_all && self.sees_the_common(batch)? {
            Some(batch.common()?)
        } else {
            self.frames(batch)?
        };
        let Some(frames) = frames else {
            self.is_behind = true;
            return Ok(None);
        };
        if self.left != Some(0) {
            (self.last, self.cursor) = (batch.to, batch.cursor.clone());
        }
        Ok((!frames.is_empty()).then_some(frames))
    }

    /// Whether the caller sees nothing of a batch but what all members of the org see.
    fn sees_the_common(&self, batch: &Batch) -> Result<bool> {
        for change in batch.changes.iter().filter(|change| !change.is_common) {
            if change.step.sight(&self.cx)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The frames of a batch for this caller; `None` if it takes a look at other objects to find
    /// the words, or what else to tell.
    fn frames(&mut self, batch: &Batch) -> Result<Option<Bytes>> {
        let (mut frames, mut left) = (Vec::new(), self.left);
        let registry = self.inner.store.registry();
        for change in &batch.changes {
            if left == Some(0) {
                break;
            }
            let event = &change.step.event;
            if event.seq <= self.last || !self.feed.wants(event, registry, &self.cx) {
                continue;
            }
            let Some(sight) = change.step.sight(&self.cx)? else { continue };
            match (sight, change.step.is_adapted(sight, &self.cx)) {
                (_, Some(true)) => return Ok(None),
                (Sight::Plain, None) => frames.extend_from_slice(&change.frame(&batch.x)?),
                (sight, _) => {
                    let (cursor, to) = (&change.cursor, Some((&self.cx, &[][..])));
                    let mut text = String::new();
                    frame(&mut text, &change.step.render(sight, cursor, &batch.x, to)?)?;
                    frames.extend_from_slice(text.as_bytes());
                }
            }
            left = left.map(|left| left - 1);
        }
        self.left = left;
        Ok(Some(frames.into()))
    }
}
