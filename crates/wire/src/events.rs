//! The event feed: every change of every object that the caller may see.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::common::{AtomSummary, UserSummary};
use crate::{ApiError, At, DateTime, Embedded, FromWire, Id, Kind, read_id};

crate::wire_enum! {
    /// What happened to an object, as far as the caller may know.
    pub enum EventType = "event-type" {
        /// It was created.
        Created = "created",
        /// It was changed.
        Updated = "updated",
        /// It was deleted.
        Deleted = "deleted",
        /// A change made it visible to the caller.
        Shown = "shown",
        /// A change hid it from the caller.
        Hidden = "hidden",
    }
}

crate::wire_enum! {
    /// Where the feed begins for whoever has no cursor.
    pub enum FeedStart = "feed-start" {
        /// With the first change of the org.
        Beginning = "beginning",
        /// With the next change to come.
        Now = "now",
    }
}

/// The id of an object of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyId(pub Id);

impl FromWire for AnyId {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        read_id(value, at, Kind::ALL).map(Self)
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "id" })
    }
}

crate::request! {
    /// Which changes the feed tells of, and from where on.
    read struct FeedRequest = "feed-request" {
        /// The cursor of an event or a page, after which to continue. It stays good when the server
        /// restarts, and when its data move to another database.
        cursor: Option<String>,
        /// Where to begin without a cursor.
        from: Option<FeedStart>,
        /// Only changes of this object.
        object: Option<AnyId>,
        /// Only changes of objects of these types, such as `issue` or `tag`.
        object_types: Vec<String>,
    }
}

crate::request! {
    /// Which events to list, oldest first.
    read struct ListRequest = "events-list-request" {
        /// How many events a page holds at most: 1 to 100, 50 when absent.
        limit: Option<i64>,
        .. feed: FeedRequest,
    }
}

crate::request! {
    /// Which events to stream.
    read struct StreamRequest = "events-stream-request" {
        /// After how many events the stream ends; when absent, it goes on.
        limit: Option<i64>,
        .. feed: FeedRequest,
    }
}

/// A change of an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "event")]
pub struct Event {
    /// The position right after this event, from which the feed can be continued.
    pub cursor: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When it happened.
    pub date: DateTime,
    /// Who did it.
    pub actor: Option<Embedded<UserSummary>>,
    /// The type of the object.
    pub object_type: &'static str,
    /// The ids of the object.
    pub object: AtomSummary,
    /// The object after the change, or before its deletion, as other objects show it.
    pub summary: Option<Embedded<Map<String, Value>>>,
    /// The revision of the object after the change; of a deleted one, the last.
    pub revision: u64,
    /// The members that changed, as they were before; of a deleted object, all members. What is
    /// absent was not set.
    pub old: Option<Embedded<Map<String, Value>>>,
    /// The members that changed, as they are after; of an object that was created or shown, all
    /// members. What is absent is not set any more.
    pub new: Option<Embedded<Map<String, Value>>>,
    /// What became visible to the caller together with the object: its comments and links, as they
    /// were then, those that others belong to first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_shown: Vec<AlsoShown>,
    /// Whether there is more of that than is shown. Lists have the rest.
    pub has_more_also_shown: Option<bool>,
}

/// An object that became visible together with another one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "event-also-shown")]
pub struct AlsoShown {
    /// The type of the object.
    pub object_type: &'static str,
    /// The ids of the object.
    pub object: AtomSummary,
    /// The object as other objects show it.
    pub summary: Embedded<Map<String, Value>>,
    /// The revision of the object.
    pub revision: u64,
    /// All members of the object.
    pub new: Embedded<Map<String, Value>>,
}

/// A page of the feed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "events-list-response")]
pub struct ListResponse {
    /// The events, in the order in which the changes were committed.
    pub events: Vec<Event>,
    /// Where the next page begins. It is there even if there are no more events yet.
    pub next_cursor: String,
    /// Whether there may be more events now. A page may be empty although there are, since the
    /// caller is not told of everything.
    pub has_more: bool,
}
