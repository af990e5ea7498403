//! The deliveries to one webhook: those of an object one after the other, those of several objects
//! beside each other.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream;
use worksmith_kernel::Result;
use worksmith_store::Delivery;
use worksmith_wire::webhooks::Status;
use worksmith_wire::{Id, Timestamp};

use super::attempt::{Desk, Receiver};
use super::doc::Webhook;
use super::{VERIFY, owner};

/// How many deliveries are read at a time.
const READ: usize = 32;
/// How many are made beside each other.
const BESIDE: usize = 8;
/// After this many attempts in a row that did not reach the receiver, it was down.
const DOWN: u32 = 5;
/// How often the return of a receiver is noticed at most, in milliseconds.
const HASTEN_EVERY_MS: i64 = 10 * 60 * 1000;

/// What is known of a webhook while the server runs.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Whether deliveries are being made.
    pub(super) is_running: AtomicBool,
    /// How many attempts in a row did not reach the receiver.
    down: AtomicU32,
    /// When its return was last noticed.
    hastened_at: AtomicI64,
}

impl Queue {
    /// Makes all deliveries to a webhook that are due, and returns how many attempts that were.
    /// `may_send` says whether this server still is the one that does so.
    pub(super) async fn run(
        &self,
        desk: &Desk<'_>,
        id: &Id,
        may_send: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<u64> {
        let attempts = AtomicU64::new(0);
        loop {
            let due = self.due(desk, id).await?;
            let Some((webhook, due)) = due else { break };
            // One that is gone, or wants to be left alone, is left alone at once.
            let is_over = AtomicBool::new(false);
            let attempt = |delivery: Delivery| {
                let (webhook, is_over, attempts) = (&webhook, &is_over, &attempts);
                async move {
                    if is_over.load(Ordering::Relaxed) || !may_send() {
                        return Ok(());
                    }
                    attempts.fetch_add(1, Ordering::Relaxed);
                    let receiver = desk.attempt(webhook, delivery).await?;
                    let ends = matches!(receiver, Receiver::IsGone | Receiver::Waits(_));
                    is_over.fetch_or(ends, Ordering::Relaxed);
                    self.note(desk, id, receiver).await
                }
            };
            let mut done = stream::iter(due).map(attempt).buffer_unordered(BESIDE);
            while let Some(done) = done.next().await {
                done?;
            }
            if !may_send() {
                break;
            }
        }
        Ok(attempts.into_inner())
    }

    /// The webhook, and what is due; `None` if nothing is.
    async fn due(
        &self,
        desk: &Desk<'_>,
        id: &Id,
    ) -> Result<Option<(worksmith_kernel::Stored<Webhook>, Vec<Delivery>)>> {
        let (store, now) = (desk.engine.store(), desk.environment.clock.now());
        store.catch_up(desk.org).await?;
        let Some(webhook) = desk.engine.peek::<Webhook>(desk.org, id).await? else {
            store.forget_webhook(desk.org, id).await?;
            return Ok(None);
        };
        let kind = match webhook.doc.status {
            Status::Inactive => return Ok(None),
            Status::Unverified => Some(VERIFY),
            Status::Active => None,
        };
        // What somebody might know who can't act any more is told to nobody.
        let listener = owner::listener(desk.engine, desk.environment, desk.org, &webhook).await?;
        let is_held =
            store.held_deliveries(desk.org, now).await?.iter().any(|(held, _)| held == id);
        if listener.is_none() || is_held {
            return Ok(None);
        }
        let due = store.due_deliveries((desk.org, id), kind, now, READ).await?;
        Ok((!due.is_empty()).then_some((webhook, due)))
    }

    /// Notes whether the receiver is there. If it was not, and is again, nothing has to wait any
    /// longer.
    async fn note(&self, desk: &Desk<'_>, id: &Id, receiver: Receiver) -> Result<()> {
        match receiver {
            Receiver::IsDown => drop(self.down.fetch_add(1, Ordering::Relaxed)),
            Receiver::Took => {
                let was_down = self.down.swap(0, Ordering::Relaxed) >= DOWN;
                let Timestamp(now) = desk.environment.clock.now();
                let last = self.hastened_at.load(Ordering::Relaxed);
                if was_down && now >= last.saturating_add(HASTEN_EVERY_MS) {
                    self.hastened_at.store(now, Ordering::Relaxed);
                    let now = Timestamp(now);
                    desk.engine.store().hasten_deliveries(desk.org, id, now).await?;
                }
            }
            Receiver::Refused | Receiver::Waits(_) | Receiver::IsGone | Receiver::Unasked => {}
        }
        Ok(())
    }
}
