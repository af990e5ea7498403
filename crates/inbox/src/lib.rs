//! Who is told of what: who made, owns or follows a work, or was mentioned, is told of what others
//! change, in an inbox and by mail (`docs/decisions/029-the-inbox.md`).
//!
//! `subscribers.rs` says who follows a work, `preferences.rs` what people want to be told, and
//! `notifications` is the inbox. `follow` reads the log and fills the inbox, `letters` writes and
//! sends what people get by mail, and `unsubscribe.rs` is behind the links in that.
//! `content_template.rs` has the texts that programs send. `people.rs` knows the people, `state.rs`
//! what is kept of each org, and `named.rs` refuses what is not there.

pub mod content_template;
pub mod follow;
pub mod letters;
mod named;
pub mod notifications;
mod people;
pub mod preferences;
pub mod state;
pub mod subscribers;
pub mod unsubscribe;

use worksmith_engine::OpTable;

/// Registers the families.
pub fn ops(table: &mut OpTable) {
    table.family::<state::Inbox>();
    subscribers::ops(table);
    preferences::ops(table);
    content_template::ops(table);
    notifications::ops(table);
    table.family::<letters::Letter>();
}
