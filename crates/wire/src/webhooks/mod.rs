//! Webhooks: addresses that are told of changes.

mod deliveries;
mod event;
mod types;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

pub use self::deliveries::{
    AttemptHeader, DeliveriesGetRequest, DeliveriesListRequest, DeliveriesListResponse,
    DeliveriesRedeliverRequest, DeliveriesRedeliverResponse, Delivery, DeliveryAttempt,
    DeliveryResponse, DeliveryStatus,
};
pub use self::event::{EventRequest, EventResponse};
pub use self::types::EventType;
use crate::common::{AtomBase, AtomSummary};
use crate::events::AnyId;
use crate::{AtMost, DateTime, Ignored, ListPatch, Text};

crate::id_types! {
    /// The id of a webhook.
    WebhookId [Webhook];
    /// The id of an event that a webhook is told of.
    WebhookEventId [WebhookEvent];
}

crate::wire_enum! {
    /// Whether a webhook is told of anything.
    pub enum Status = "webhook-status" {
        /// It is told of what happens.
        Active = "active",
        /// It was switched off, or its receiver answered that it is gone.
        Inactive = "inactive",
        /// Its receiver has not proved yet that it is one.
        Unverified = "unverified",
    }
}

crate::wire_enum! {
    /// What becomes of a webhook.
    pub enum Action = "webhooks-update-action" {
        /// Its receiver is asked to prove that it is one; then it is told of what happens.
        Activate = "activate",
        /// It is told of nothing more.
        Deactivate = "deactivate",
    }
}

/// How many headers a webhook may have.
pub const HEADERS_MAX: usize = 8;

crate::request! {
    /// A header of every request to a receiver.
    create struct SetHeader = "set-webhook-header" {
        /// The name: letters, digits, hyphens and underscores.
        name: Text<1, 128>,
        /// The value: printable characters of ASCII.
        value: Text<0, 4096>,
    }
}

/// A header of every request to a receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "webhook-header")]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value. It is empty for those whom the webhook does not belong to.
    pub value: String,
}

crate::request! {
    /// Creates a webhook. Its receiver is asked at once to prove that it is one: it is sent an
    /// event of the type `verify`, and has to answer `{"challenge": ".."}` with the challenge of
    /// the event within three minutes.
    create struct CreateRequest = "webhooks-create-request" {
        /// The address of the receiver, with https:// or http://.
        url: Text<1, 2048>,
        /// What it is told of.
        event_types: Vec<EventType>,
        /// The secret by which requests are signed: 8 to 32 bytes in base64. When absent, the
        /// server makes one.
        secret: Option<String>,
        /// Further headers of every request, such as `Authorization`.
        headers: AtMost<SetHeader, HEADERS_MAX>,
    }
}

crate::id_requests! {
    /// The webhook to get.
    GetRequest = "webhooks-get-request" { id: WebhookId }
    /// The webhook to delete, with what it has not been told of yet.
    DeleteRequest = "webhooks-delete-request" { id: WebhookId }
}

crate::request! {
    /// Which webhooks to list.
    read struct ListRequest = "webhooks-list-request" {
        /// Those with one of these statuses.
        status: Vec<Status>,
        /// Accepted and ignored: all webhooks are listed.
        limit: Ignored,
        /// Accepted and ignored.
        cursor: Ignored,
    }
}

crate::request! {
    /// Changes a webhook. With another address or another secret, an active webhook is verified
    /// anew; what happens meanwhile it is told of afterwards.
    update struct UpdateRequest = "webhooks-update-request" {
        /// The webhook.
        id: WebhookId,
        /// Whether it is to be told of anything.
        action: Option<Action>,
        /// The same in the words of the vendor's Python client: `active` or `inactive`.
        status: Option<Status>,
        /// What it is told of.
        event_types: ListPatch<EventType>,
        /// Further headers of every request. One that is added replaces one of the same name.
        headers: ListPatch<SetHeader, String, HEADERS_MAX>,
        /// The new secret: 8 to 32 bytes in base64, or an empty text for one that the server makes.
        /// For 24 hours requests are signed by the old one, too.
        secret: Option<String>,
        /// The new address.
        url: Option<Text<1, 2048>>,
    }
}

crate::request! {
    /// Has a webhook told of an object as it is now, by an event of the type `work_fetched` or
    /// `sla_tracker_fetched`.
    create struct FetchRequest = "webhooks-fetch-request" {
        /// The webhook.
        id: WebhookId,
        /// The work or the SLA tracker.
        object: AnyId,
    }
}

/// Nothing; the vendor's Python client reads the member.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhooks-fetch-response")]
pub struct FetchResponse {
    /// Always empty.
    pub data: crate::common::Empty,
}

/// A webhook.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhook")]
pub struct Webhook {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// What it is told of.
    pub event_types: Vec<EventType>,
    /// Further headers of every request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// Until when requests are signed by the secret before, too.
    pub old_secret_expires_date: Option<DateTime>,
    /// The secret by which requests are signed, in base64. It is empty for those whom the webhook
    /// does not belong to.
    pub secret: String,
    /// Whether it is told of anything.
    pub status: Status,
    /// The address of the receiver.
    pub url: String,
}

/// A webhook, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhook-summary")]
pub struct WebhookSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}

/// All webhooks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhooks-list-response")]
pub struct ListResponse {
    /// The webhooks, newest first.
    pub webhooks: Vec<Webhook>,
}
