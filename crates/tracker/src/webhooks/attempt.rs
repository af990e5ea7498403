//! A single attempt to deliver an event, and what follows from the answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use worksmith_engine::Engine;
use worksmith_hooks::{
    Answer, Fault, Secrets, Sender, Sent, Signed, Target, retry_after, retry_in, verify_in,
};
use worksmith_kernel::{Actor, Error, Result, Stored};
use worksmith_org::environment::Environment;
use worksmith_store::{Delivery, DeliveryStatus};
use worksmith_wire::webhooks::AttemptHeader;
use worksmith_wire::{Id, Timestamp};

use super::doc::Webhook;
use super::{VERIFY, change, payload};

/// How many attempts of a delivery are kept.
const ATTEMPTS_KEPT: usize = 50;
/// How much of an answer is kept, in characters.
const ANSWER_KEPT: usize = 1_000;
/// How many races a change of a webhook may lose.
const TRIES_MAX: usize = 50;

/// An attempt, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// When it was sent.
    pub(super) at: Timestamp,
    /// How long it took, in milliseconds.
    pub(super) ms: u64,
    /// Where it was sent.
    pub(super) url: String,
    /// With which headers.
    pub(super) headers: Vec<AttemptHeader>,
    /// The status of the answer.
    pub(super) status: Option<u16>,
    /// The beginning of the answer.
    pub(super) body: Option<String>,
    /// Why it counts as failed.
    pub(super) error: Option<String>,
}

/// The attempts of a delivery.
pub(super) fn attempts(delivery: &Delivery) -> Result<Vec<Attempt>> {
    serde_json::from_str(&delivery.attempts).map_err(Error::internal)
}

/// What an attempt says of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    /// It has taken the event.
    Took,
    /// It has refused this event.
    Refused,
    /// It can't be reached.
    IsDown,
    /// It wants to be left alone until an instant.
    Waits(Timestamp),
    /// It is gone for good, so the webhook is inactive.
    IsGone,
    /// Nothing was sent.
    Unasked,
}

/// What attempts are made with.
pub(super) struct Desk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) environment: &'a Environment,
    pub(super) sender: &'a dyn Sender,
    pub(super) org: &'a str,
    /// How many times as fast as usual attempts follow each other.
    pub(super) pace: i64,
}

impl Desk<'_> {
    /// Makes an attempt, and notes what became of it.
    pub(super) async fn attempt(
        &self,
        webhook: &Stored<Webhook>,
        mut delivery: Delivery,
    ) -> Result<Receiver> {
        let now = self.environment.clock.now();
        if delivery.kind == VERIFY && !is_asked(&webhook.doc, &delivery, now) {
            // It is too late, or another challenge has taken its place.
            (delivery.status, delivery.due_at) = (DeliveryStatus::Failed, None);
            delivery.touched_at = now;
            self.engine.store().note_attempt(self.org, &delivery).await?;
            return Ok(Receiver::Unasked);
        }
        let signed = self.signed(webhook, &delivery, now)?;
        let Sent { outcome, ms } = self.sender.send(&signed).await;
        let after = self.environment.clock.now();
        let error = failure(&outcome, &delivery);
        let (status, body) = match &outcome {
            Ok(answer) => (Some(answer.status), Some(kept(&answer.body))),
            Err(_) => (None, None),
        };
        let mut all = attempts(&delivery)?;
        let (url, headers) = (webhook.doc.url.clone(), headers(&signed));
        all.push(Attempt { at: now, ms, url, headers, status, body, error: error.clone() });
        let gone = all.len().saturating_sub(ATTEMPTS_KEPT);
        delivery.attempts = serde_json::to_string(&all[gone..]).map_err(Error::internal)?;
        let receiver = receiver(&outcome, error.is_none(), after);
        self.follow(webhook, &mut delivery, receiver, waits(&outcome, after)).await?;
        delivery.touched_at = after;
        self.engine.store().note_attempt(self.org, &delivery).await?;
        Ok(receiver)
    }

    /// The request. Its signatures are made here, by the secrets of now.
    fn signed(
        &self,
        webhook: &Stored<Webhook>,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Signed> {
        let Webhook { url, secret, headers, .. } = &webhook.doc;
        let cx = self.environment.context(self.org, Actor::system());
        let (id, own) = (cx.don(&delivery.id), cx.don(webhook.id()));
        let body = payload::body((&id, &own), now, &delivery.kind, &delivery.payload)?;
        let target = Target::parse(url).map_err(Error::internal)?;
        let secrets = Secrets { current: secret, old: webhook.doc.old_secret(now) };
        let further: Vec<_> =
            headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
        Ok(Signed::new(target, secrets, (&id, now.0 / 1_000), body, &further))
    }

    /// What becomes of the delivery and of the webhook.
    async fn follow(
        &self,
        webhook: &Stored<Webhook>,
        delivery: &mut Delivery,
        receiver: Receiver,
        wait: Option<i64>,
    ) -> Result<()> {
        let is_verify = delivery.kind == VERIFY;
        let (store, now) = (self.engine.store(), self.environment.clock.now());
        match receiver {
            Receiver::Took => {
                if is_verify {
                    let text = payload::challenged(&delivery.payload);
                    self.activate(webhook.id(), text.as_deref()).await?;
                }
                delivery.tries += 1;
                (delivery.status, delivery.due_at) = (DeliveryStatus::Delivered, None);
                return Ok(());
            }
            Receiver::IsGone => {
                self.deactivate(webhook.id()).await?;
                if !is_verify {
                    // It waits for the webhook to be activated.
                    delivery.due_at = Some(now);
                    return Ok(());
                }
                delivery.tries += 1;
                (delivery.status, delivery.due_at) = (DeliveryStatus::Failed, None);
                return Ok(());
            }
            Receiver::Waits(until) => store.hold_deliveries(self.org, webhook.id(), until).await?,
            Receiver::Refused | Receiver::IsDown | Receiver::Unasked => {}
        }
        delivery.tries += 1;
        let mut bytes = [0; 4];
        self.environment.entropy.fill_openly(&mut bytes);
        let chance = u32::from_be_bytes(bytes);
        let next = if is_verify { verify_in } else { retry_in }(delivery.tries, chance);
        delivery.due_at = next.map(|ms| now.plus_ms((ms / self.pace).max(wait.unwrap_or(0))));
        if next.is_none() {
            delivery.status = DeliveryStatus::Failed;
        }
        Ok(())
    }

    /// Makes a webhook active whose receiver has answered a challenge.
    async fn activate(&self, id: &Id, text: Option<&str>) -> Result<()> {
        self.change(id, |webhook| {
            let challenge = webhook.challenge.as_ref();
            if challenge.map(|challenge| challenge.text.as_str()) == text {
                change::activate(webhook);
            }
        })
        .await
    }

    async fn deactivate(&self, id: &Id) -> Result<()> {
        tracing::info!(org = self.org, webhook = %id, "the receiver of a webhook is gone");
        self.change(id, change::deactivate).await
    }

    /// Changes a webhook on behalf of the server.
    async fn change(&self, id: &Id, change: impl Fn(&mut Webhook)) -> Result<()> {
        for _ in 0..TRIES_MAX {
            let cx = self.environment.context(self.org, Actor::system());
            let mut tx = self.engine.begin(&cx);
            let Some(old) = tx.find::<Webhook>(id).await? else { return Ok(()) };
            let mut webhook = old.doc.clone();
            change(&mut webhook);
            tx.update(old, webhook).await?;
            match tx.finish().await {
                Err(Error::Stale) => self.engine.store().catch_up(self.org).await?,
                done => return done,
            }
        }
        Err(Error::unavailable(format!("a change of {id} lost {TRIES_MAX} races")))
    }
}

/// Whether a receiver is still asked for the answer to this challenge.
fn is_asked(webhook: &Webhook, delivery: &Delivery, now: Timestamp) -> bool {
    let text = payload::challenged(&delivery.payload);
    webhook.challenge.as_ref().is_some_and(|challenge| {
        Some(challenge.text.as_str()) == text.as_deref() && challenge.until >= now
    })
}

/// Why an attempt has failed, if it has.
fn failure(outcome: &Result<Answer, Fault>, delivery: &Delivery) -> Option<String> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(fault) => return Some(fault.to_string()),
    };
    if !(200..300).contains(&answer.status) {
        return Some(match &answer.location {
            Some(to) if (300..400).contains(&answer.status) => {
                format!(
                    "the receiver answered {}: redirects, as to {to}, are not followed",
                    answer.status
                )
            }
            _ => format!("the receiver answered {}", answer.status),
        });
    }
    if delivery.kind != VERIFY {
        return None;
    }
    let wanted = payload::challenged(&delivery.payload);
    let answered: Option<Value> = serde_json::from_str(&answer.body).ok();
    let answered = answered.as_ref().and_then(|answered| answered.get("challenge"));
    let is_right = answered.and_then(Value::as_str) == wanted.as_deref();
    (!is_right).then(|| "the answer does not have the challenge".to_owned())
}

fn receiver(outcome: &Result<Answer, Fault>, took: bool, now: Timestamp) -> Receiver {
    match outcome {
        _ if took => Receiver::Took,
        Ok(Answer { status: 410, .. }) => Receiver::IsGone,
        Ok(Answer { status: 429 | 503, .. }) => match waits(outcome, now) {
            Some(ms) => Receiver::Waits(now.plus_ms(ms)),
            None => Receiver::IsDown,
        },
        Err(_) | Ok(Answer { status: 502 | 504, .. }) => Receiver::IsDown,
        Ok(_) => Receiver::Refused,
    }
}

/// How long the receiver wants to be left alone, in milliseconds.
fn waits(outcome: &Result<Answer, Fault>, now: Timestamp) -> Option<i64> {
    let answer = outcome.as_ref().ok()?;
    retry_after(answer.retry_after.as_deref()?, now.0)
}

fn kept(body: &str) -> String {
    body.chars().take(ANSWER_KEPT).collect()
}

/// The headers as they are kept: without the values that may be secret.
fn headers(signed: &Signed) -> Vec<AttemptHeader> {
    let (own, further) = signed.headers();
    let own = own.iter().map(|(name, value)| (name, Some(value.clone())));
    let further = further.iter().map(|(name, _)| (name, None));
    own.chain(further).map(|(name, value)| AttemptHeader { name: name.clone(), value }).collect()
}
