//! Reactions to comments: emojis, and who chose them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::UserSummary;
use crate::timeline_entries::CommentId;
use crate::{Embedded, PageCursor, PlusText};

crate::wire_enum! {
    /// What becomes of a reaction.
    pub enum Action = "reactions-update-request-action" {
        /// The caller reacts.
        Add = "add",
        /// The caller takes the reaction back.
        Remove = "remove",
    }
}

crate::request! {
    /// Reacts to a comment, or takes a reaction back.
    create struct UpdateRequest = "reactions-update-request" {
        /// What becomes of the reaction.
        action: Action,
        /// The emoji: its short name (`joy`), its code points (`1f602`), or itself.
        emoji: PlusText,
        /// The comment.
        object: CommentId,
    }
}

crate::request! {
    /// Whose reactions to list.
    read struct ListRequest = "reactions-list-request" {
        /// The cursor of an earlier page, from which to continue.
        cursor: Option<PageCursor>,
        /// The emoji: its short name (`joy`), its code points (`1f602`), or itself.
        emoji: PlusText,
        /// How many people a page holds: 1 to 100, 50 when absent.
        limit: Option<i64>,
        /// The comment.
        object: CommentId,
    }
}

/// Those who reacted to a comment with one emoji.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "reactions-list-response")]
pub struct ListResponse {
    /// The people, in the order in which they reacted.
    pub reactors: Vec<Embedded<UserSummary>>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}
