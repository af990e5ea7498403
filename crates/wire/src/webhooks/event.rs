//! What a receiver is sent: `webhooks.event` takes it, as any receiver does.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::{EventType, WebhookEventId, WebhookId};
use crate::parse::{members, refuse_unknown};
use crate::{ApiError, At, DateTime, FromWire, Timestamp};

/// Payloads of types that no webhook can ask for.
const OTHERS: [&str; 8] = [
    "ai_agent_created",
    "ai_agent_deleted",
    "ai_agent_updated",
    "service_plan_created",
    "service_plan_updated",
    "workflow_created",
    "workflow_deleted",
    "workflow_updated",
];

fn is_known(name: &str) -> bool {
    let own = ["id", "webhook_id", "timestamp", "type", "challenge"];
    let mut types = EventType::ALL.iter().map(|kind| kind.as_str()).chain(OTHERS).chain(own);
    types.any(|known| known == name)
}

/// What the payload of a type must have: the object, or the id of one that is gone.
fn required(kind: &str) -> &str {
    let (noun, verb) = kind.rsplit_once('_').unwrap_or((kind, ""));
    match (noun, verb) {
        ("verify", _) => "challenge",
        ("ai_agent", "response") => "agent",
        ("group_member", _) => "group",
        (_, "deleted" | "fetched") => "id",
        ("timeline_entry", _) => "entry",
        _ => noun,
    }
}

/// Refuses a payload that can't be one.
fn check_payload(kind: &str, payload: &Value, at: &At<'_>) -> Result<(), ApiError> {
    let at = at.child(kind);
    let Value::Object(members) = payload else { return Err(at.wrong_type(payload, "object")) };
    match required(kind) {
        name if members.get(name).is_some_and(|value| !value.is_null()) => Ok(()),
        name => Err(ApiError::missing(&at.child(name).path())),
    }
}

/// An event, as a receiver is sent it.
#[derive(Clone, Debug)]
pub struct EventRequest {
    /// The event.
    pub id: WebhookEventId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// When it was sent.
    pub timestamp: Option<Timestamp>,
    /// What happened.
    pub kind: Option<EventType>,
    /// What there is to know of it: the member that is named like the type.
    pub payload: Value,
}

impl FromWire for EventRequest {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let mut members = members(value, at)?;
        refuse_unknown(&members, at, is_known)?;
        let mut take = |name: &str| members.swap_remove(name);
        take("challenge");
        let id = WebhookEventId::read(take("id"), &at.child("id"))?;
        let webhook_id = WebhookId::read(take("webhook_id"), &at.child("webhook_id"))?;
        let timestamp = Option::<Timestamp>::read(take("timestamp"), &at.child("timestamp"))?;
        let kind = Option::<EventType>::read(take("type"), &at.child("type"))?;
        for (name, payload) in &members {
            check_payload(name, payload, at)?;
        }
        let payload = kind.and_then(|kind| members.swap_remove(kind.as_str())).unwrap_or_default();
        Ok(Self { id, webhook_id, timestamp, kind, payload })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Self>()
    }
}

impl JsonSchema for EventRequest {
    fn schema_name() -> Cow<'static, str> {
        "webhook-event-request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let time = generator.subschema_for::<DateTime>();
        let kind = generator.subschema_for::<EventType>();
        json_schema!({
            "type": "object",
            "description": "An event, as a receiver is sent it. The member that is named like the \
                            type has what there is to know of it.",
            "properties": {
                "id": { "type": "string", "format": "id" },
                "webhook_id": { "type": "string", "format": "id" },
                "timestamp": time,
                "type": kind,
                "verify": {
                    "type": "object",
                    "properties": { "challenge": { "type": "string", "format": "byte" } },
                    "required": ["challenge"],
                },
            },
            "required": ["id", "webhook_id"],
            "additionalProperties": true,
        })
    }
}

/// The answer of a receiver.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "webhook-event-response")]
pub struct EventResponse {
    /// The challenge of an event of the type `verify`.
    pub challenge: Option<String>,
}
