//! From the log of an org to the deliveries that its webhooks are owed.

use sha2::{Digest as _, Sha256};
use worksmith_engine::{Announced, Engine, Heard, OwnChange, Tx};
use worksmith_kernel::{Actor, Error, Query, Result, Stored};
use worksmith_org::environment::Environment;
use worksmith_store::{Delivery, DeliveryPlace, DeliveryStatus, Verb};
use worksmith_wire::{Id, Kind, Timestamp};

use super::doc::Webhook;
use super::{VERIFY, WEBHOOKS_MAX, owner, payload};

/// The name of what reads the log.
const READER: &str = "webhooks";
/// How many events are read at a time.
const EVENTS: usize = 200;
/// Event numbers are below this.
const NUMBERS: u64 = 100_000_000_000_000_000;

/// How far the log of an org was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// The number of the last event.
    seq: u64,
    /// The number of the last delivery.
    number: u64,
}

/// Reads on in the log of an org, and makes the deliveries that follow. Returns whether there may
/// be more. To read something twice makes nothing twice.
pub(super) async fn tell(
    engine: &Engine,
    environment: &Environment,
    org: &str,
    progress: &mut Option<Progress>,
) -> Result<bool> {
    engine.store().catch_up(org).await?;
    let mut tx = engine.begin(&environment.context(org, Actor::system()));
    if let Some(known) = *progress
        && tx.log_end().await?.0 == known.seq
    {
        return Ok(false);
    }
    let webhooks = tx.first::<Webhook>(&Query::new(), WEBHOOKS_MAX).await?;
    let known = match *progress {
        Some(known) => known,
        None => begin(engine, &mut tx, org, &webhooks).await?,
    };
    let mut listeners = Vec::with_capacity(webhooks.len());
    for webhook in &webhooks {
        listeners.extend(owner::listener(engine, environment, org, webhook).await?);
    }
    let wants = |webhook: &Webhook, cx: &_, id: &_, what| webhook.wants(cx, id, what);
    let announced = tx.announce::<Webhook>(known.seq, EVENTS, &listeners, &wants).await?;
    let Announced { last, more, heard, own } = announced;
    let Some((seq, place)) = last else {
        *progress = Some(known);
        return Ok(false);
    };
    let now = environment.clock.now();
    let mut making = Making { number: known.number, now, made: Vec::new() };
    for heard in &heard {
        let listener = &listeners[heard.listener];
        let wanted = |kind| {
            let ear = heard.ear::<Webhook>();
            ear.is_some_and(|webhook| webhook.doc.event_types.contains(&kind))
        };
        for (kind, payload) in payload::worded(&mut tx, &listener.cx, heard).await? {
            if wanted(kind) {
                making.event(&listener.id, heard, kind.as_str(), payload);
            }
        }
    }
    drop(tx);
    for change in &own {
        making.challenge(change);
        if change.event.verb == Verb::Deleted {
            engine.store().forget_webhook(org, &change.event.id).await?;
        }
    }
    let Making { number, made, .. } = making;
    engine.store().add_deliveries(org, &made).await?;
    if seq != known.seq {
        let place = DeliveryPlace { place, number };
        engine.store().set_delivery_place(org, READER, &place).await?;
    }
    *progress = Some(Progress { seq, number });
    Ok(more)
}

/// Where to begin: where it was left, or right before the first of the webhooks was created.
async fn begin(
    engine: &Engine,
    tx: &mut Tx,
    org: &str,
    webhooks: &[Stored<Webhook>],
) -> Result<Progress> {
    let ids: Vec<Id> = webhooks.iter().map(|webhook| webhook.id().clone()).collect();
    let first = tx.place_before(&ids).await?;
    let Some(left) = engine.store().delivery_place(org, READER).await? else {
        let seq = match first {
            Some(seq) => seq,
            None => tx.log_end().await?.0,
        };
        return Ok(Progress { seq, number: 0 });
    };
    let seq = match tx.log_number(&left.place).await {
        Ok(seq) => seq,
        Err(Error::Api(cause)) => {
            // The log was cut off, or is another one.
            tracing::warn!(?cause, %org, "webhooks begin anew at the end of the log");
            tx.log_end().await?.0
        }
        Err(other) => return Err(other),
    };
    // What happened while there were no webhooks is of no concern.
    Ok(Progress { seq: seq.max(first.unwrap_or(0)), number: left.number })
}

/// Deliveries that are being made.
struct Making {
    /// The number of the last one.
    number: u64,
    now: Timestamp,
    made: Vec<Delivery>,
}

impl Making {
    fn event(&mut self, webhook: &Id, heard: &Heard, kind: &str, payload: String) {
        let Heard { event, id, revision, .. } = heard;
        let change = format!("{} {} {}", event.id, event.revision, event.verb.as_str());
        let what = format!("{kind} {id} {revision} {change}");
        self.delivery(webhook, &what, id.to_string(), kind, payload);
    }

    /// The event by which a receiver is asked to prove that it is one.
    fn challenge(&mut self, change: &OwnChange<Webhook>) {
        let OwnChange { event, docs: [old, new] } = change;
        let challenge = |webhook: &Option<Stored<Webhook>>| {
            webhook.as_ref().and_then(|webhook| webhook.doc.challenge.clone())
        };
        let (old, Some(new)) = (challenge(old), challenge(new)) else { return };
        if old.as_ref() != Some(&new) {
            let what = format!("{VERIFY} {}", event.revision);
            let payload = payload::challenge(&new.text);
            self.delivery(&event.id, &what, what.clone(), VERIFY, payload);
        }
    }

    fn delivery(&mut self, webhook: &Id, what: &str, object: String, kind: &str, payload: String) {
        self.number += 1;
        let number = named(webhook, what);
        self.made.push(Delivery {
            webhook: webhook.clone(),
            id: Id::of_object(Kind::WebhookEvent, webhook, number),
            number: self.number,
            object,
            kind: kind.to_owned(),
            made_at: self.now,
            due_at: Some(self.now),
            status: DeliveryStatus::Pending,
            tries: 0,
            touched_at: self.now,
            attempts: "[]".to_owned(),
            payload,
        });
    }
}

/// The number of an event in its id: the same for the same event in any database.
fn named(webhook: &Id, what: &str) -> u64 {
    let hash = Sha256::digest(format!("{webhook}\n{what}"));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    number(bytes)
}

/// The number of an event that these bytes stand for.
pub(super) const fn number(bytes: [u8; 8]) -> u64 {
    u64::from_be_bytes(bytes) % NUMBERS + 1
}
