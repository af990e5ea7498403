//! Notifications: what a person is told of, one for each object, in an inbox.
//!
//! `send.rs` has those that programs send.

mod send;

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

pub use self::send::{
    ActionType, ClickTarget, ClickableAction, Metadata, NotificationAction, NotificationPriority,
    SendNotification, SendRequest, SendResponse, SendType,
};
use crate::common::{AtomBase, AtomSummary, UserSummary};
use crate::timeline_entries::Atom;
use crate::{DateTime, Embedded, Many, PageRequest, Timestamp};

crate::id_types! {
    /// The id of a notification.
    NotificationId [Notification];
    /// The id of an object that notifications are about.
    ParentId [
        Account, Capability, CustomObject, Enhancement, Feature, Group, Issue, Linkable,
        Opportunity, Product, RevOrg, RevUser, Runnable, Task, Ticket,
    ];
}

crate::wire_enum! {
    /// Why somebody is told of something.
    pub enum NotificationEventType = "generic-notification-event-type" {
        /// Something needs attention.
        Alert = "alert",
        /// The person became the owner of a work.
        Assignment = "assignment",
        /// The person, or a group of theirs, was mentioned.
        Mention = "mention",
        /// It is time for something.
        Reminder = "reminder",
        /// A work that the person follows was changed or commented on.
        Update = "update",
    }
}

crate::wire_enum! {
    /// What has become of a notification.
    pub enum NotificationState = "notification-state" {
        /// It is dealt with.
        Done = "done",
        /// It is put off until an instant, when it becomes unread again.
        Later = "later",
        /// It was read.
        Read = "read",
        /// It was not read yet, or there is news since.
        Unread = "unread",
    }
}

crate::request! {
    /// Which notifications are meant.
    read struct Filters = "notifications-filters" {
        /// For these reasons.
        event_types: Vec<NotificationEventType>,
        /// About these objects.
        parents: Vec<ParentId>,
        /// In these states; when absent, `unread` and `read`, which is what an inbox shows.
        states: Vec<NotificationState>,
    }
}

crate::request! {
    /// Which of the caller's notifications to list.
    read struct ListRequest = "notifications-list-request" {
        .. filters: Filters,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Which of the caller's notifications to count.
    read struct CountRequest = "notifications-count-request" {
        .. filters: Filters,
    }
}

crate::id_requests! {
    /// The notification to get.
    GetRequest = "notifications-get-request" { id: NotificationId }
}

crate::request! {
    /// Says what becomes of notifications of the caller.
    update struct UpdateRequest = "notifications-update-request" {
        /// The notifications.
        ids: Many<NotificationId, 1, 100>,
        /// What becomes of them.
        state: NotificationState,
        /// With `later`, when they become unread again.
        remind_at: Option<Timestamp>,
    }
}

/// Something that a person is told of an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notification-event")]
pub struct NotificationEvent {
    /// Why the person is told of it.
    pub event_type: NotificationEventType,
    /// When it happened.
    pub date: DateTime,
    /// Who did it.
    pub actor: Option<Embedded<UserSummary>>,
    /// The entry of the object's timeline that tells of it: a comment, or a change.
    pub entry: Option<AtomSummary>,
    /// The text of the comment, or its beginning; of what a program sent, its text.
    pub body: Option<String>,
    /// The fields of the object that were changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The object that a program wants to be looked at.
    pub object: Option<AtomSummary>,
    /// How much it matters, as the program says that sent it.
    pub priority: Option<NotificationPriority>,
    /// The title of what a program sent.
    pub title: Option<String>,
    /// The address that a program wants to be looked at.
    pub url: Option<String>,
}

/// What a person is told of an object. There is one notification for each person and object; what
/// happens until it is read is told together.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notification")]
pub struct Notification {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The weightiest reason: a mention, then an assignment, an alert, a reminder, an update.
    pub event_type: NotificationEventType,
    /// What has happened since the person last read of it, or before it was read, the oldest
    /// first: the last ones, if there are many.
    pub events: Vec<NotificationEvent>,
    /// When the last of it happened, by which notifications are sorted.
    pub last_event_date: DateTime,
    /// What it is about; absent if a program that sent it did not say.
    pub parent: Option<Atom>,
    /// Who is told.
    pub receiver: Option<Embedded<UserSummary>>,
    /// With the state `later`, when it becomes unread again.
    pub remind_at: Option<DateTime>,
    /// What has become of it.
    pub state: NotificationState,
    /// How much has happened, of which `events` are the last.
    pub total_events: u64,
}

/// A notification, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notification-summary")]
pub struct NotificationSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}

/// A notification.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notifications-get-response")]
pub struct GetResponse {
    /// The notification.
    pub notification: Notification,
}

/// Notifications, those first of which something happened last.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notifications-list-response")]
pub struct ListResponse {
    /// The notifications.
    pub notifications: Vec<Notification>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}

/// The notifications as they are now.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notifications-update-response")]
pub struct UpdateResponse {
    /// The notifications, in the order of the request.
    pub notifications: Vec<Notification>,
}

/// How many notifications there are.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notifications-count-response")]
pub struct CountResponse {
    /// The number.
    pub count: u64,
}
