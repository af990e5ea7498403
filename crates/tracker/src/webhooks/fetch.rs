//! `webhooks.fetch`: a webhook is told of an object as it is now.

use worksmith_engine::Tx;
use worksmith_kernel::{Error, Resource, Result, Stored};
use worksmith_sla::sla_trackers::SlaTracker;
use worksmith_store::{Delivery, DeliveryQuery, DeliveryStatus};
use worksmith_wire::common::{Empty, SlaTrackerId, WorkId};
use worksmith_wire::events::AnyId;
use worksmith_wire::webhooks::{EventType, FetchRequest, FetchResponse, Status};
use worksmith_wire::{ApiError, ErrorType, Id, Kind};
use worksmith_work::works::Work;

use super::{own, payload, tell};

pub(super) async fn fetch(tx: &mut Tx, request: FetchRequest) -> Result<FetchResponse> {
    let FetchRequest { id, object: AnyId(object) } = request;
    let webhook = own(tx, &id).await?;
    if webhook.doc.status == Status::Inactive {
        let message = "the webhook is inactive, and is told of nothing";
        return Err(ApiError::bad_request(message).into());
    }
    let (kind, payload) = if WorkId::KINDS.contains(&object.kind()) {
        (EventType::WorkFetched, fetched::<Work>(tx, &object, "work").await?)
    } else if SlaTrackerId::KINDS.contains(&object.kind()) {
        let payload = fetched::<SlaTracker>(tx, &object, "sla_tracker").await?;
        (EventType::SlaTrackerFetched, payload)
    } else {
        let kinds = WorkId::KINDS.iter().chain(SlaTrackerId::KINDS);
        let message = "object: works and SLA trackers are fetched";
        let refused = ApiError::field(ErrorType::UnexpectedIdType, "object", message)
            .with("value", tx.cx().don(&object))
            .with("allowed_types", kinds.map(|kind| kind.noun()).collect::<Vec<_>>());
        return Err(refused.into());
    };
    add(tx, webhook.id(), kind, payload).await?;
    Ok(FetchResponse { data: Empty {} })
}

/// What a webhook is told of an object: of what the caller may not see, that it is not there.
async fn fetched<R: Resource>(tx: &mut Tx, id: &Id, member: &'static str) -> Result<String> {
    let don = tx.cx().don(id);
    if !tx.cx().actor.has_scope(member, "read") {
        return Ok(payload::fetched(&don, "forbidden", None));
    }
    let Some(stored) = tx.find_visible::<R>(id).await? else {
        return Ok(payload::fetched(&don, "not_found", None));
    };
    let object = shown(tx, &stored).await?;
    Ok(payload::fetched(&don, "ok", Some((member, object))))
}

async fn shown<R: Resource>(tx: &mut Tx, stored: &Stored<R>) -> Result<String> {
    let object = tx.shown(stored).await?;
    serde_json::to_string(&object).map_err(Error::internal)
}

async fn add(tx: &mut Tx, webhook: &Id, kind: EventType, payload: String) -> Result<()> {
    let mut bytes = [0; 8];
    tx.cx().entropy.fill(&mut bytes);
    let id = Id::of_object(Kind::WebhookEvent, webhook, tell::number(bytes));
    let newest = tx.deliveries(webhook, &DeliveryQuery::default(), None, 1).await?;
    let now = tx.cx().now;
    tx.add_delivery(Delivery {
        webhook: webhook.clone(),
        // It waits for no other.
        object: id.to_string(),
        id,
        number: newest.first().map_or(0, |newest| newest.number),
        kind: kind.as_str().to_owned(),
        made_at: now,
        due_at: Some(now),
        status: DeliveryStatus::Pending,
        tries: 0,
        touched_at: now,
        attempts: "[]".to_owned(),
        payload,
    })
    .await
}
