//! Webhooks: addresses that are told of changes.
//!
//! What follows from the log goes two steps. `tell.rs` reads the log of an org once for all of its
//! webhooks, and makes a delivery of each event for each webhook that is told of it, as
//! `payload.rs` words it. `queue.rs` makes the deliveries to one webhook, and `attempt.rs` a
//! single attempt. `work.rs` runs both: for each webhook by itself, so that none waits for another.

mod attempt;
mod change;
mod deliveries;
mod doc;
mod fetch;
mod kinds;
mod owner;
mod payload;
mod queue;
mod tell;
mod work;

use worksmith_engine::{One, Op, OpTable, Tx};
use worksmith_kernel::{Query, Resource, Result, Stored};
use worksmith_wire::common::Empty;
use worksmith_wire::webhooks::{
    Action, CreateRequest, DeleteRequest, EventRequest, EventResponse, EventType, GetRequest,
    ListRequest, ListResponse, Status, UpdateRequest, WebhookId,
};
use worksmith_wire::{ApiError, Kind, ListPatch};

pub use self::deliveries::shown as shown_delivery;
use self::doc::Owned;
pub use self::doc::{Challenge, OldSecret, Webhook};
pub use self::work::Hooks;

/// The most webhooks of an org.
const WEBHOOKS_MAX: usize = 1_000;
/// The type of the event by which a receiver is verified.
const VERIFY: &str = EventType::Verify.as_str();

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Webhook>();
    table.add(Op::create("webhooks.create", "webhook"), create);
    table.add(Op::read("webhooks.get", "webhook"), get);
    table.add(Op::read("webhooks.list", "webhook"), list);
    table.add(Op::write("webhooks.update", "webhook"), update);
    table.add(Op::write("webhooks.delete", "webhook"), delete);
    table.add(Op::write("webhooks.event", "webhook"), event);
    table.add(Op::write("webhooks.fetch", "webhook"), fetch::fetch);
    table.feed::<Webhook>("webhooks.get");
    deliveries::ops(table);
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Webhook>> {
    let webhook = change::made(tx.cx(), request)?;
    if tx.first::<Webhook>(&Query::new(), WEBHOOKS_MAX).await?.len() == WEBHOOKS_MAX {
        let message = format!("an org has at most {WEBHOOKS_MAX} webhooks");
        return Err(ApiError::bad_request(message).into());
    }
    let stored = tx.insert(Kind::Webhook, webhook).await?;
    shown(tx, &stored).await
}

/// The answer that shows a webhook: to whom it belongs, with its secrets.
async fn shown(tx: &mut Tx, stored: &Stored<Webhook>) -> Result<One<Webhook>> {
    let cx = tx.cx().clone();
    tx.one_with(stored, |object| Webhook::adapt(object, stored, &cx, &[])).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Webhook>> {
    let stored = tx.target::<Webhook>(&request.id).await?;
    shown(tx, &stored).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { status, limit: _, cursor: _ } = request;
    let mut query = Query::new();
    if !status.is_empty() {
        query.one_of(doc::STATUS, status.into_iter().map(Status::as_str));
    }
    let query = tx.visible(query);
    let all = tx.first::<Webhook>(&query, WEBHOOKS_MAX).await?;
    let cx = tx.cx().clone();
    let mut webhooks = tx.objects(&all).await?;
    for (object, stored) in webhooks.iter_mut().zip(&all) {
        Webhook::adapt(object, stored, &cx, &[]);
    }
    Ok(ListResponse { webhooks })
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Webhook>> {
    let old = tx.target::<Webhook>(&request.id).await?;
    let webhook = if old.is_own(tx.cx()) {
        change::changed(&old.doc, tx.cx(), request)?
    } else {
        switched_off(&old.doc, request)?
    };
    let stored = tx.update(old, webhook).await?;
    shown(tx, &stored).await
}

/// What an admin may do with the webhook of somebody else. Anything else would tell the admin what
/// only the other one may know.
fn switched_off(old: &Webhook, request: UpdateRequest) -> Result<Webhook> {
    let UpdateRequest { id: _, action, status, event_types, headers, secret, url } = request;
    let is_switch = (action, status) == (Some(Action::Deactivate), None)
        || (action, status) == (None, Some(Status::Inactive));
    let is_left = secret.is_none() && url.is_none() && is_empty(&event_types) && is_empty(&headers);
    if !is_switch || !is_left {
        return Err(ApiError::forbidden(
            "a webhook is changed by whom it belongs to; others who are admins can deactivate or \
             delete it",
        )
        .into());
    }
    let mut webhook = old.clone();
    change::deactivate(&mut webhook);
    Ok(webhook)
}

/// Whether a change of a list changes nothing.
fn is_empty<T, R, const MAX: usize>(patch: &ListPatch<T, R, MAX>) -> bool {
    patch.set.is_none() && patch.add.is_empty() && patch.remove.is_empty()
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Webhook>(&request.id).await?;
    tx.delete(stored).await?;
    Ok(Empty {})
}

/// Takes an event as any receiver does, so that one can be tried out with the server itself.
async fn event(_: &mut Tx, request: EventRequest) -> Result<EventResponse> {
    let EventRequest { id: _, webhook_id: _, timestamp: _, kind, payload } = request;
    if kind != Some(EventType::Verify) {
        return Ok(EventResponse { challenge: None });
    }
    match payload.get("challenge").and_then(|challenge| challenge.as_str()) {
        Some(challenge) => Ok(EventResponse { challenge: Some(challenge.to_owned()) }),
        None => Err(ApiError::missing("verify.challenge").into()),
    }
}

/// A webhook of the caller.
async fn own(tx: &mut Tx, id: &WebhookId) -> Result<Stored<Webhook>> {
    let stored = tx.target::<Webhook>(id).await?;
    if stored.is_own(tx.cx()) {
        return Ok(stored);
    }
    let message = "what a webhook is told is for whom it belongs to";
    Err(ApiError::forbidden(message).into())
}
