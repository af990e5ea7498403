//! What webhooks were told: lists, and telling it once more.

use std::sync::Arc;

use serde_json::value::RawValue;
use worksmith_engine::{Op, OpTable, Tx};
use worksmith_kernel::{Cursor, Error, OpCtx, Result, Value};
use worksmith_store::{Delivery, DeliveryQuery, DeliveryStatus as Stored, Redelivery};
use worksmith_wire::webhooks::{
    self, DeliveriesGetRequest, DeliveriesListRequest, DeliveriesListResponse,
    DeliveriesRedeliverRequest, DeliveriesRedeliverResponse, DeliveryAttempt, DeliveryResponse,
    DeliveryStatus, EventType, WebhookEventId, WebhookId,
};
use worksmith_wire::{ApiError, Embedded, Id, Kind, PageRequest};

use super::attempt::{self, Attempt};
use super::own;

/// Registers the operations.
pub(super) fn ops(table: &mut OpTable) {
    table.add(Op::read("webhooks.deliveries.list", "webhook"), list);
    table.add(Op::read("webhooks.deliveries.get", "webhook"), get);
    table.add(Op::write("webhooks.deliveries.redeliver", "webhook"), redeliver);
}

const fn stored(status: DeliveryStatus) -> Stored {
    match status {
        DeliveryStatus::Pending => Stored::Pending,
        DeliveryStatus::Delivered => Stored::Delivered,
        DeliveryStatus::Failed => Stored::Failed,
    }
}

async fn list(tx: &mut Tx, request: DeliveriesListRequest) -> Result<DeliveriesListResponse> {
    let DeliveriesListRequest { webhook, status, event_types, from, to, cursor, limit } = request;
    let webhook = own(tx, &webhook).await?;
    let query = DeliveryQuery {
        statuses: status.into_iter().map(stored).collect(),
        kinds: event_types.into_iter().map(|kind| kind.as_str().to_owned()).collect(),
        from,
        to,
    };
    let binding = tx.cx().binding.clone();
    let before = cursor.map(|cursor| place(&cursor, &binding)).transpose()?;
    let before = before.as_ref().map(|(number, id)| (*number, id));
    let limit = PageRequest { cursor: None, limit, mode: None }.limit();
    let mut found = tx.deliveries(webhook.id(), &query, before, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|last| {
        Cursor::new(&binding, vec![Value::from(last.number), (&last.id).into()]).encode()
    });
    let cx = tx.cx().clone();
    let deliveries =
        found.iter().map(|delivery| shown(&cx, delivery, false)).collect::<Result<_>>()?;
    Ok(DeliveriesListResponse { deliveries, next_cursor })
}

/// The place that a cursor names.
fn place(cursor: &str, binding: &str) -> Result<(u64, Id)> {
    let key = Cursor::decode(cursor, binding, 2)?.into_key();
    match key.as_slice() {
        [Value::Integer(number), Value::Text(id)] => {
            let id = id.parse().map_err(|_| Cursor::foreign())?;
            Ok((number.unsigned_abs(), id))
        }
        _ => Err(Cursor::foreign().into()),
    }
}

async fn get(tx: &mut Tx, request: DeliveriesGetRequest) -> Result<DeliveryResponse> {
    let delivery = find(tx, &request.id).await?;
    let cx = tx.cx().clone();
    Ok(DeliveryResponse { delivery: shown(&cx, &delivery, true)? })
}

/// The delivery of an event to a webhook of the caller.
async fn find(tx: &mut Tx, WebhookEventId(id): &WebhookEventId) -> Result<Delivery> {
    let webhook = id.object().filter(|webhook| webhook.kind() == Kind::Webhook);
    let webhook = webhook.ok_or_else(|| tx.not_found(id))?;
    let webhook = match own(tx, &WebhookId(webhook)).await {
        // The object of the call is the event.
        Err(Error::Api(error)) if error.kind.status() == 404 => return Err(tx.not_found(id)),
        other => other?,
    };
    tx.delivery(webhook.id(), id).await?.ok_or_else(|| tx.not_found(id))
}

async fn redeliver(
    tx: &mut Tx,
    request: DeliveriesRedeliverRequest,
) -> Result<DeliveriesRedeliverResponse> {
    let DeliveriesRedeliverRequest { id, webhook, from, to, status } = request;
    let (webhook, which) = match (id, webhook) {
        (Some(id), None) if from.is_none() && to.is_none() && status.is_empty() => {
            let delivery = find(tx, &id).await?;
            (delivery.webhook, Redelivery::One(id.0))
        }
        (Some(_), _) => {
            let message = "id names one event, so nothing else is given beside it";
            return Err(ApiError::invalid_field("id", message).into());
        }
        (None, None) => return Err(ApiError::missing("id").into()),
        (None, Some(webhook)) => {
            let Some(from) = from else { return Err(ApiError::missing("from").into()) };
            let webhook = own(tx, &webhook).await?;
            let to = Some(to.unwrap_or(tx.cx().now));
            let statuses = status.into_iter().map(stored).collect();
            let query = DeliveryQuery { statuses, kinds: Vec::new(), from: Some(from), to };
            (webhook.id().clone(), Redelivery::All(query))
        }
    };
    let count = tx.redeliver(&webhook, &which).await?;
    Ok(DeliveriesRedeliverResponse { count })
}

/// A delivery as answers show it, with what was told or without.
pub fn shown(cx: &OpCtx, delivery: &Delivery, is_whole: bool) -> Result<webhooks::Delivery> {
    let kind = EventType::ALL.iter().copied().find(|kind| kind.as_str() == delivery.kind);
    let kind = kind.ok_or_else(|| Error::internal("an event of no type"))?;
    let object = delivery.object.parse::<Id>().ok();
    let object = object.filter(|object| object.kind() != Kind::WebhookEvent);
    let payload = is_whole.then(|| RawValue::from_string(delivery.payload.clone()));
    let payload = payload.transpose().map_err(Error::internal)?;
    Ok(webhooks::Delivery {
        id: cx.don(&delivery.id),
        webhook_id: cx.don(&delivery.webhook),
        kind,
        object: object.map(|object| cx.don(&object)),
        status: match delivery.status {
            Stored::Pending => DeliveryStatus::Pending,
            Stored::Delivered => DeliveryStatus::Delivered,
            Stored::Failed => DeliveryStatus::Failed,
        },
        created_date: delivery.made_at.into(),
        next_attempt_date: delivery.due_at.map(Into::into),
        attempts: attempt::attempts(delivery)?.into_iter().map(attempted).collect(),
        payload: payload.map(|payload| Embedded::new(Arc::from(payload))),
    })
}

fn attempted(attempt: Attempt) -> DeliveryAttempt {
    let Attempt { at, ms, url, headers, status, body, error } = attempt;
    DeliveryAttempt {
        date: at.into(),
        duration_ms: ms,
        url,
        headers,
        response_status: status,
        response_body: body,
        error,
    }
}
