//! What a transaction hands to the store, to be applied completely or not at all.

use worksmith_kernel::{Derived, Meta, Prop, Table, Value};
use worksmith_wire::{Id, Series, Timestamp};

use crate::moment::Moment;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
}

impl Verb {
    /// The spelling in the event log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the spelling of the event log.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted].into_iter().find(|verb| verb.as_str() == text)
    }
}

/// One object's change.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where the object is kept.
    pub table: &'static Table,
    /// The object's meta after the change.
    pub meta: Meta,
    /// What happens.
    pub op: ChangeOp,
    /// References that are added.
    pub refs_added: Vec<RefEntry>,
    /// References that are removed.
    pub refs_removed: Vec<RefEntry>,
    /// Names that are claimed: space and name.
    pub names_added: Vec<(&'static str, String)>,
    /// Names that are given up.
    pub names_removed: Vec<(&'static str, String)>,
    /// Values of custom fields that are added.
    pub props_added: Vec<Prop>,
    /// Values of custom fields that are removed.
    pub props_removed: Vec<Prop>,
    /// The previous values of the document's members that changed, as a JSON object; the whole
    /// document when it is deleted. Any earlier state can be reconstructed from these. See
    /// [`Event::old`](crate::Event).
    pub old: Option<String>,
    /// The readers of the log that subscribe to this kind of object.
    pub readers: Vec<&'static str>,
}

/// A reference as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefEntry {
    /// The field by which the object refers.
    pub field: &'static str,
    /// The object that it refers to.
    pub to: Id,
    /// The value of [`Table::carried`] of the object that refers; empty if that has none.
    pub carried: String,
}

impl RefEntry {
    /// The references of an object.
    pub fn all_of(table: &Table, derived: &Derived) -> Vec<Self> {
        let carried = table.carried_of(&derived.columns);
        let entry = |(field, to): &(&'static str, Id)| Self {
            field,
            to: to.clone(),
            carried: carried.to_owned(),
        };
        derived.refs.iter().map(entry).collect()
    }
}

/// What happens to an object.
#[derive(Clone, Debug)]
pub enum ChangeOp {
    /// It is created.
    Insert(Row),
    /// It is changed, if it still has the previous revision.
    Update {
        /// Its new contents.
        row: Row,
        /// The indexes of the promoted columns whose value changes. The others are not named:
        /// naming a column makes the database rewrite all of its indexes.
        changed: Vec<usize>,
    },
    /// It is deleted, if it still has this revision. Its last summary is kept for the objects that
    /// refer to it.
    Delete {
        /// The revision that it must have.
        revision: u64,
        /// The summary as JSON.
        summary: String,
    },
}

/// The contents of a row apart from its meta.
#[derive(Clone, Debug)]
pub struct Row {
    /// The version of the document's shape.
    pub doc_version: u16,
    /// The document as JSON.
    pub doc: String,
    /// The values of the promoted columns.
    pub columns: Vec<Value>,
}

/// A condition that must still hold when the batch is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assert {
    /// The object is still there.
    Exists(&'static Table, Id),
    /// The object still has this revision.
    Revision(&'static Table, Id, u64),
    /// Exactly this many references by one field still lead to the object.
    RefsBy(&'static str, Id, u64),
}

/// The answer to a request with an idempotency key, to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The key.
    pub key: String,
    /// The hash of the operation and its body.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The body, which is JSON or empty.
    pub body: String,
    /// The revision of the object in the answer.
    pub revision: Option<u64>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// Everything that one transaction changes.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The org in which all of it happens.
    pub org: String,
    /// Since when nothing that was read for it has changed, as far as this server knew.
    pub since: Moment,
    /// The instant of the change.
    pub at: Timestamp,
    /// The user who makes it.
    pub actor: Id,
    /// The id of the request.
    pub request_id: String,
    /// What must still hold.
    pub asserts: Vec<Assert>,
    /// What changes.
    pub changes: Vec<Change>,
    /// The highest numbers given out, which are never reused.
    pub counters: Vec<(Series, u64)>,
    /// The answer to keep for the request's idempotency key.
    pub answer: Option<StoredAnswer>,
}

impl Batch {
    /// Whether the batch changes nothing.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.answer.is_none()
    }
}
