//! Notifications that programs send.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{NotificationEventType, ParentId};
use crate::content_template::ContentTemplateId;
use crate::subscribers::PersonId;
use crate::{Many, Text, Timestamp};

crate::wire_enum! {
    /// What is sent.
    pub enum SendType = "send-notification-type" {
        /// A notification.
        GenericNotification = "generic_notification",
    }
}

crate::wire_enum! {
    /// How much a notification matters.
    pub enum NotificationPriority = "notification-priority" {
        /// Much.
        High = "high",
        /// Little.
        Low = "low",
        /// As usual.
        Medium = "medium",
    }
}

crate::wire_enum! {
    /// What can be done with a notification.
    pub enum ActionType =
        "send-notification-generic-notification-entry-notification-action-type" {
        /// It can be clicked.
        ClickableAction = "clickable_action",
    }
}

crate::wire_enum! {
    /// Where a click leads to.
    pub enum ClickTarget =
        "send-notification-generic-notification-entry-notification-action-clickable-action-type" {
        /// To an object.
        Object = "object",
        /// To an address.
        Url = "url",
    }
}

crate::request! {
    /// Where a click leads to.
    create struct ClickableAction =
        "send-notification-generic-notification-entry-notification-action-clickable-action" {
        /// Which of the two.
        r#type: Option<ClickTarget>,
        /// The object.
        object: Option<ParentId>,
        /// The address, which begins with `https://` or `http://`.
        url: Option<Text<1, 2048>>,
    }
}

crate::request! {
    /// What can be done with a notification.
    create struct NotificationAction =
        "send-notification-generic-notification-entry-notification-action" {
        /// What it is.
        r#type: Option<ActionType>,
        /// Where a click leads to.
        clickable_action: Option<ClickableAction>,
    }
}

crate::request! {
    /// What a notification says.
    create struct Metadata = "send-notification-generic-notification-entry-metadata" {
        /// What can be done with it.
        action: Option<NotificationAction>,
        /// Its text.
        content_template: ContentTemplateId,
        /// The inputs that stand in the text, by their names: texts, numbers and truth values.
        inputs: Option<Map<String, Value>>,
    }
}

crate::request! {
    /// A notification to be sent.
    create struct SendNotification = "send-notification" {
        /// What is sent.
        r#type: SendType,
        /// A name of what it is about: those of the same name, about the same object, are told
        /// together.
        event_id: Option<Text<1, 256>>,
        /// Why the person is told.
        event_type: NotificationEventType,
        /// What it says: each is an event of the notification.
        metadata: Many<Metadata, 1, 10>,
        /// The object that it is about.
        parent: Option<ParentId>,
        /// How much it matters.
        priority: Option<NotificationPriority>,
        /// Who is told.
        receiver: PersonId,
        /// When it happened: now when absent.
        timestamp: Option<Timestamp>,
    }
}

crate::request! {
    /// Tells people of something.
    create struct SendRequest = "notifications-send-request" {
        /// What they are told.
        notifications: Many<SendNotification, 1, 10>,
    }
}

/// The notifications are in the inboxes.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notifications-send-response")]
pub struct SendResponse {
    /// Always true.
    pub success: bool,
}
