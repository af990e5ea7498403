//! Timeline entries as answers show them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use super::change::FieldDelta;
use super::{CommentBodyType, Panel, SnapKitBody, Visibility};
use crate::common::{ArtifactSummary, AtomBase, AtomSummary};
use crate::links::LinkSummary;
use crate::snap_widgets::SnapWidget;
use crate::{DateTime, Embedded, Id};

/// An entry of a timeline.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "timeline-entry")]
pub enum TimelineEntry {
    /// A change of the object.
    TimelineChangeEvent(Box<TimelineChangeEvent>),
    /// A comment.
    TimelineComment(Box<TimelineComment>),
}

/// The members that entries of all types share.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-entry-base")]
pub struct EntryBase {
    /// The ids of the entry, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// Its id in another system, unique in the timeline.
    pub external_ref: Option<String>,
    /// Its labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The object whose timeline it is in.
    pub object: String,
    /// The display id of the object; its id if it has none.
    pub object_display_id: String,
    /// What kind of object: `ticket`, `timeline_comment`.
    pub object_type: &'static str,
    /// The panels that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub panels: Vec<Panel>,
    /// How people reacted to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// The replies to it.
    pub thread: Option<TimelineThread>,
    /// Who sees it.
    pub visibility: Visibility,
}

/// How people reacted to an entry with one emoji.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-reaction")]
pub struct Reaction {
    /// The code points of the emoji: `1f44d`.
    pub emoji: String,
    /// Whether the caller is among them.
    pub reacted: bool,
    /// How many people reacted with it.
    pub total_users: usize,
}

/// The replies to an entry.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-thread")]
pub struct TimelineThread {
    /// How many of them the caller may see.
    pub total_replies: u64,
}

/// A comment.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-comment")]
pub struct TimelineComment {
    /// The members that entries of all types share.
    #[serde(flatten)]
    pub base: EntryBase,
    /// Its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Embedded<ArtifactSummary>>,
    /// The text, in Markdown; absent if the comment was deleted.
    pub body: Option<String>,
    /// What the body is.
    pub body_type: CommentBodyType,
    /// When it disappears.
    pub expires_at: Option<DateTime>,
    /// Previews of the links in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_previews: Vec<String>,
    /// The objects that the text mentions, as far as the caller may see them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Atom>,
    /// A snap kit.
    pub snap_kit_body: Option<SnapKitBody>,
    /// Widgets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snap_widget_body: Vec<SnapWidget>,
}

/// A change of an object, in its timeline.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-change-event")]
pub struct TimelineChangeEvent {
    /// The members that entries of all types share.
    #[serde(flatten)]
    pub base: EntryBase,
    /// What happened.
    pub event: ChangeEvent,
}

/// What happened to an object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "timeline-change-event-event")]
pub enum ChangeEvent {
    /// It was created.
    Created {
        /// Always `created`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The object.
        created: ChangeCreated,
    },
    /// A link with it was deleted.
    Deleted {
        /// Always `deleted`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The link.
        deleted: ChangeDeleted,
    },
    /// It was linked with another object.
    Linked {
        /// Always `linked`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The link.
        linked: ChangeLinked,
    },
    /// It was changed.
    Updated {
        /// Always `updated`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// What has changed.
        updated: ChangeUpdated,
    },
}

/// The creation of an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-change-event-created")]
pub struct ChangeCreated {
    /// The object.
    pub object: Option<Atom>,
}

/// The deletion of a link.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-change-event-deleted")]
pub struct ChangeDeleted {
    /// The id of the link.
    pub object_id: String,
    /// The link as it was.
    pub link: Box<LinkSummary>,
}

/// The making of a link.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-change-event-linked")]
pub struct ChangeLinked {
    /// The link as it was made.
    pub link: Box<LinkSummary>,
}

/// A change of an object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-change-event-updated")]
pub struct ChangeUpdated {
    /// What kind of object: `ticket`.
    pub object_type: &'static str,
    /// The fields that have changed.
    pub field_deltas: Vec<FieldDelta>,
}

/// An entry, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-entry-base-summary")]
pub struct TimelineEntrySummary {
    /// The ids of the entry.
    #[serde(flatten)]
    pub head: AtomSummary,
}

/// The summary of an object of any kind, and what kind of object it is.
#[derive(Clone, Debug)]
pub struct Atom {
    /// The object.
    pub id: Id,
    /// Its summary.
    pub summary: Embedded<Value>,
}

impl Serialize for Atom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let summary = self.summary.rendered().get();
        let members: Map<String, Value> =
            serde_json::from_str(summary).map_err(S::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.id.kind().noun())?;
        // Some summaries say it themselves.
        for (name, value) in members.iter().filter(|(name, _)| *name != "type") {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl JsonSchema for Atom {
    fn schema_name() -> Cow<'static, str> {
        "atom-summary".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "The summary of an object of any kind.",
            "properties": {
                "type": { "type": "string" },
                "id": { "type": "string" },
                "display_id": { "type": "string" },
            },
            "required": ["type", "id"],
        })
    }
}

/// One entry.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-entry-response")]
pub struct EntryResponse {
    /// The entry.
    pub timeline_entry: TimelineEntry,
}

/// A page of a timeline.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "timeline-entries-list-response")]
pub struct ListResponse {
    /// The entries, oldest first.
    pub timeline_entries: Vec<TimelineEntry>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}
