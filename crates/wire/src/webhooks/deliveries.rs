//! What webhooks were told of, and every attempt to do so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use super::{EventType, WebhookEventId, WebhookId};
use crate::{DateTime, Embedded, PageCursor, Timestamp};

crate::wire_enum! {
    /// How far the delivery of an event is.
    pub enum DeliveryStatus = "webhook-delivery-status" {
        /// It was not delivered yet, and will be tried again.
        Pending = "pending",
        /// The receiver has it.
        Delivered = "delivered",
        /// It was tried for the last time.
        Failed = "failed",
    }
}

crate::request! {
    /// Which deliveries of a webhook to list, newest first. They are kept for 30 days.
    read struct DeliveriesListRequest = "webhooks-deliveries-list-request" {
        /// The webhook.
        webhook: WebhookId,
        /// Those with one of these statuses.
        status: Vec<DeliveryStatus>,
        /// Those of one of these types.
        event_types: Vec<EventType>,
        /// Those of events from this instant on.
        from: Option<Timestamp>,
        /// Those of events up to this instant.
        to: Option<Timestamp>,
        /// The cursor of an earlier page, from which to continue.
        cursor: Option<PageCursor>,
        /// How many a page holds: 1 to 100, 50 when absent.
        limit: Option<i64>,
    }
}

crate::id_requests! {
    /// The event whose delivery to get.
    DeliveriesGetRequest = "webhooks-deliveries-get-request" { id: WebhookEventId }
}

crate::request! {
    /// Has a webhook told once more: of one event, or of all events within a span of time. What is
    /// still pending is left as it is.
    create struct DeliveriesRedeliverRequest = "webhooks-deliveries-redeliver-request" {
        /// The event. Either this is given, or a webhook and a span of time.
        id: Option<WebhookEventId>,
        /// The webhook.
        webhook: Option<WebhookId>,
        /// From which instant on its events are redelivered.
        from: Option<Timestamp>,
        /// Up to which instant; when absent, up to now.
        to: Option<Timestamp>,
        /// Those with one of these statuses only.
        status: Vec<DeliveryStatus>,
    }
}

/// How many events are redelivered.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhooks-deliveries-redeliver-response")]
pub struct DeliveriesRedeliverResponse {
    /// How many events the webhook will be told of once more.
    pub count: u64,
}

/// A header of a request to a receiver, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "webhook-delivery-header")]
pub struct AttemptHeader {
    /// The name.
    pub name: String,
    /// The value. Those of further headers, which may be secret, are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An attempt to deliver an event.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhook-delivery-attempt")]
pub struct DeliveryAttempt {
    /// When it was sent, which is the `timestamp` of its body.
    pub date: DateTime,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Where it was sent.
    pub url: String,
    /// With which headers.
    pub headers: Vec<AttemptHeader>,
    /// The status of the answer; absent if there was none.
    pub response_status: Option<u16>,
    /// The beginning of the answer.
    pub response_body: Option<String>,
    /// Why it counts as failed.
    pub error: Option<String>,
}

/// The delivery of an event to a webhook.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhook-delivery")]
pub struct Delivery {
    /// The event, whose id every attempt has.
    pub id: String,
    /// The webhook.
    pub webhook_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The object that it happened to.
    pub object: Option<String>,
    /// How far it is.
    pub status: DeliveryStatus,
    /// When the event was found.
    pub created_date: DateTime,
    /// When it is tried next, at the earliest: the events of an object are delivered in their
    /// order.
    pub next_attempt_date: Option<DateTime>,
    /// Every attempt, the oldest first. Of more than 50, the oldest are left out.
    pub attempts: Vec<DeliveryAttempt>,
    /// What there is to know of the event: the member of the body that is named like the type.
    /// Lists leave it out.
    pub payload: Option<Embedded<Map<String, Value>>>,
}

/// A page of deliveries.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhooks-deliveries-list-response")]
pub struct DeliveriesListResponse {
    /// The deliveries, newest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

/// The delivery of an event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhooks-deliveries-get-response")]
pub struct DeliveryResponse {
    /// The delivery.
    pub delivery: Delivery,
}
