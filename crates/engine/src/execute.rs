//! Running an operation: again if it lost a race, but not if its answer is known already.

use std::borrow::Cow;

use worksmith_kernel::{Error, OpCtx, Result};
use worksmith_store::StoredAnswer;
use worksmith_wire::{ApiError, ErrorType};

use crate::engine::Engine;
use crate::ops::{Access, Op, Request};
use crate::reply::Reply;
use crate::tx::Tx;

/// An operation that loses this many races in a row gives up with a temporary fault.
const TRIES_MAX: usize = 50;
/// How long an answer is kept for its idempotency key, in milliseconds.
const ANSWER_MS: i64 = 24 * 60 * 60 * 1000;

/// The outcome of an operation.
#[derive(Debug)]
pub struct Outcome {
    /// The answer.
    pub reply: Reply,
    /// The revision of the object in the answer, if it shows a single one.
    pub revision: Option<u64>,
    /// Whether this is the answer to an earlier request with the same idempotency key.
    pub replayed: bool,
}

impl Outcome {
    const fn of(reply: Reply, revision: Option<u64>) -> Self {
        Self { reply, revision, replayed: false }
    }
}

impl Engine {
    /// Runs an operation in a transaction of its own. The answer is rendered before the commit, so
    /// that an idempotency key and its answer are stored together with the change; nobody gets it
    /// before the commit is on the disk.
    pub async fn execute(&self, op: &Op, cx: &OpCtx, request: &Request) -> Result<Outcome> {
        op.authorize(&cx.actor)?;
        let mut cx = Cow::Borrowed(cx);
        if let Some(preparation) = op.preparation() {
            preparation.prepare(op.access, cx.to_mut(), request).await?;
        }
        let cx = &*cx;
        let mut spare = Vec::new();
        let mut turn = None;
        for attempt in 0..TRIES_MAX {
            let mut tx = self.begin(cx).with_spare(std::mem::take(&mut spare));
            // After a lost race, rows are read rather than assumed.
            tx.may_assume = attempt == 0 && op.access == Access::Write;
            if op.access == Access::Write
                && let Some(outcome) = tx.answered().await?
            {
                self.inner.store.until_durable(None).await?;
                return Ok(outcome);
            }
            let (outcome, failure) = match op.run(&mut tx, cx, request.clone()).await {
                Ok(reply) => (Outcome::of(reply, tx.revision), None),
                // Assumed rows may be newer than what was read beside them. A write asserts that
                // they fit together; before a refusal, they are read again.
                Err(Error::Api(_)) if !tx.assumed.is_empty() => continue,
                Err(Error::Api(error)) if op.access == Access::Read => {
                    self.inner.store.until_durable(tx.read_at()).await?;
                    return Err(Error::Api(error));
                }
                // A refusal is an answer too, and kept for the key; what the operation would have
                // written is not.
                Err(Error::Api(error)) if op.access == Access::Write && is_final(&error) => {
                    let body = serde_json::to_vec(&error).map_err(Error::internal)?;
                    let reply = Reply::whole(error.kind.status(), body);
                    tx = self.begin(cx);
                    (Outcome::of(reply, None), Some(error))
                }
                Err(Error::Stale) => continue,
                Err(other) => return Err(other),
            };
            let answer = (op.access == Access::Write && !tx.is_secret)
                .then(|| tx.stored_answer(&outcome))
                .flatten();
            let lane = tx.lane();
            match tx.commit(answer).await {
                Ok(()) => return failure.map_or(Ok(outcome), |error| Err(Error::Api(error))),
                Err((Error::Stale, numbers)) => {
                    spare = numbers;
                    if turn.is_none() {
                        turn = Some(self.inner.lanes.turn(lane).await);
                    }
                }
                Err((other, _)) => return Err(other),
            }
        }
        Err(Error::unavailable(format!("{} lost {TRIES_MAX} races", op.name)))
    }
}

/// Whether a retry with the same key must get the same refusal.
fn is_final(error: &ApiError) -> bool {
    matches!(error.kind.status(), 400 | 403 | 404 | 409 | 412)
}

impl Tx {
    /// The answer to an earlier request with the same idempotency key.
    async fn answered(&mut self) -> Result<Option<Outcome>> {
        let Some((key, request)) = self.cx.preconditions.idempotency.clone() else {
            return Ok(None);
        };
        let (org, actor) = (self.cx.org.org.clone(), self.cx.actor.id.clone());
        let now = self.cx.now;
        let answer = self.snapshot()?.stored_answer(&org, &actor, &key).await?;
        let Some(answer) = answer.filter(|answer| answer.expires_at > now) else {
            return Ok(None);
        };
        if answer.request != request {
            let message = format!("the idempotency key {key:?} was used for another request");
            return Err(ApiError::new(ErrorType::Conflict, message).into());
        }
        let reply = Reply::whole(answer.status, answer.body.into_bytes());
        Ok(Some(Outcome { replayed: true, ..Outcome::of(reply, answer.revision) }))
    }

    fn stored_answer(&self, outcome: &Outcome) -> Option<StoredAnswer> {
        let (key, request) = self.cx.preconditions.idempotency.clone()?;
        Some(StoredAnswer {
            key,
            request,
            status: outcome.reply.status,
            body: String::from_utf8_lossy(&outcome.reply.body).into_owned(),
            revision: outcome.revision,
            expires_at: self.cx.now.plus_ms(ANSWER_MS),
        })
    }
}
