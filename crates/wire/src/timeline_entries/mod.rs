//! Timeline entries: comments on an object, and what became of it.
//!
//! `object.rs` has entries as answers show them, `change.rs` the changes of fields.

mod change;
mod object;

pub use change::{Composite, FieldDelta, FieldValue, TagValue};
pub use object::{
    Atom, ChangeCreated, ChangeDeleted, ChangeEvent, ChangeLinked, ChangeUpdated, EntryBase,
    EntryResponse, ListResponse, Reaction, TimelineChangeEvent, TimelineComment, TimelineEntry,
    TimelineEntrySummary, TimelineThread,
};
use serde_json::{Map, Value};

use crate::common::{ArtifactId, UserId};
use crate::{AtMost, DateRange, ListPatch, PageRequest, Patch, Text, Timestamp};

crate::id_types! {
    /// The id of an object with a timeline.
    TimelineObjectId [
        Account, Capability, Comment, CustomObject, Enhancement, Feature, Group, Issue, Linkable,
        Opportunity, Product, RevOrg, RevUser, Runnable, Task, Ticket,
    ];
    /// The id of a timeline entry.
    TimelineEntryId [Comment, ChangeEvent, LinkEvent];
    /// The id of a comment.
    CommentId [Comment];
    /// The id of a widget that comments show.
    SnapWidgetId [SnapWidget];
}

crate::wire_enum! {
    /// What kind of entry can be written.
    pub enum WritableType = "timeline-entries-create-request-type" {
        /// A comment.
        TimelineComment = "timeline_comment",
    }
}

crate::wire_enum! {
    /// What the body of a comment is.
    pub enum CommentBodyType = "timeline-comment-body-type" {
        /// Data for programs, in `body`.
        Data = "data",
        /// A snap kit, in `snap_kit_body`.
        SnapKit = "snap_kit",
        /// Widgets, in `snap_widget_body`.
        SnapWidget = "snap_widget",
        /// Text for people, in `body`.
        Text = "text",
    }
}

crate::wire_enum! {
    /// Who sees an entry, among those who see its object.
    pub enum Visibility = "timeline-entry-visibility" {
        /// Members of the org, and customers.
        External = "external",
        /// Members of the org.
        Internal = "internal",
        /// Its author, and those it is private to.
        Private = "private",
        /// Everybody.
        Public = "public",
    }
}

crate::wire_enum! {
    /// A collection of entries.
    pub enum Collection = "timeline-entries-collection" {
        /// What people say.
        Discussions = "discussions",
        /// What happened.
        Events = "events",
    }
}

crate::wire_enum! {
    /// A panel that shows entries.
    pub enum Panel = "timeline-entry-panel" {
        /// Alerts.
        Alerts = "alerts",
        /// Broadcasts.
        Broadcasts = "broadcasts",
        /// The chat with a customer.
        CustomerChat = "customer_chat",
        /// What people say.
        Discussions = "discussions",
        /// What happened.
        Events = "events",
    }
}

crate::request! {
    /// A snap kit, stored and shown as it came.
    kept struct SnapKitBody = "timeline-snap-kit-body" {
        /// The snap kit.
        body: Option<Map<String, Value>>,
        /// The action of the snap-in that is called when somebody uses an element.
        snap_in_action_name: Option<Text<1, 256>>,
        /// The snap-in that made it.
        snap_in_id: Option<Text<1, 256>>,
    }
}

crate::request! {
    /// What a comment says.
    create struct CreateComment = "timeline-entries-create-request-timeline-comment" {
        /// Files that belong to the comment and to nothing else.
        artifacts: AtMost<ArtifactId, 50>,
        /// The text, in Markdown.
        body: Option<Text<0, 65_536>>,
        /// What the body is: `snap_kit` if there is a `snap_kit_body`, `snap_widget` if there is a
        /// `snap_widget_body`, and otherwise `text`.
        body_type: Option<CommentBodyType>,
        /// Its id in another system, unique in the timeline.
        external_ref: Option<Text<1, 512>>,
        /// Previews of the links in the text.
        link_previews: AtMost<SnapWidgetId, 50>,
        /// A snap kit.
        snap_kit_body: Option<SnapKitBody>,
        /// Widgets.
        snap_widget_body: AtMost<SnapWidgetId, 50>,
    }
}

crate::request! {
    /// Comments on an object.
    create struct CreateRequest = "timeline-entries-create-request" {
        /// What kind of entry.
        r#type: WritableType,
        /// The object. If it is a comment, the new one is a reply to it.
        object: TimelineObjectId,
        /// The collections that the entry is in: `discussions` when absent.
        collections: AtMost<Collection, 2>,
        /// When the entry disappears, at least a minute from now.
        expires_at: Option<Timestamp>,
        /// Labels, by which lists filter.
        labels: AtMost<Text<1, 64>, 16>,
        /// Who sees a private entry besides its author.
        private_to: AtMost<UserId, 100>,
        /// Who sees the entry: `external` when absent.
        visibility: Option<Visibility>,
        .. comment: CreateComment,
    }
}

crate::id_requests! {
    /// The entry to delete.
    DeleteRequest = "timeline-entries-delete-request" { id: CommentId }
}

crate::request! {
    /// The entry to get.
    read struct GetRequest = "timeline-entries-get-request" {
        /// The entry, or any entry of the timeline in which to look for `external_ref`.
        id: TimelineEntryId,
        /// The external reference of the entry.
        external_ref: Option<Text<1, 512>>,
    }
}

crate::request! {
    /// Which entries to list.
    read struct ListRequest = "timeline-entries-list-request" {
        /// The object whose timeline it is. That of a comment has the replies to it.
        object: TimelineObjectId,
        /// Entries in one of these collections. Changes of the object are shown with `events`.
        collections: Vec<Collection>,
        /// When the entries were created.
        created_date: Option<DateRange>,
        /// Entries with one of these labels.
        labels: Vec<Text<1, 64>>,
        /// Entries on one of these panels.
        panels: Vec<Panel>,
        /// Entries with exactly one of these visibilities.
        visibility: Vec<Visibility>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a comment.
    update struct UpdateRequest = "timeline-entries-update-request" {
        /// The comment.
        id: CommentId,
        /// What kind of entry; it can be left out, and never changes.
        r#type: Option<WritableType>,
        /// Files that belong to the comment and to nothing else.
        artifacts: ListPatch<ArtifactId, ArtifactId, 50, 10>,
        /// The text, in Markdown.
        body: Option<Text<0, 65_536>>,
        /// What the body is.
        body_type: Option<CommentBodyType>,
        /// Its id in another system, unique in the timeline.
        external_ref: Patch<Text<1, 512>>,
        /// Previews of the links in the text.
        link_previews: ListPatch<SnapWidgetId, SnapWidgetId, 50>,
        /// A snap kit.
        snap_kit_body: Option<SnapKitBody>,
    }
}
