//! The document of a letter.

use serde::{Deserialize, Serialize};
use worksmith_kernel::{Column, Expander, Keeps, Reference, Resource, Stored};
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Id, Kind, Timestamp};

use crate::notifications::Item;

/// The document of a letter: what it tells of, but not its text, which is made when it is sent, so
/// that nothing is sent that its reader may no longer see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Who gets it.
    pub(super) receiver: Id,
    /// What it is about; `None` if a program that sent it did not say.
    pub(super) parent: Option<Id>,
    /// What it tells of.
    pub(super) items: Vec<Item>,
    /// The subject.
    pub(super) subject: String,
    /// The id of the message, the same however often it has to be sent.
    pub(super) message_id: String,
    /// The ids of the messages before it in its thread.
    pub(super) references: Vec<String>,
    /// What has become of it.
    pub(super) state: LetterState,
    /// When something is to be done with it again; what that is depends on the state.
    pub(super) due_at: Timestamp,
    /// How often it could not be handed over.
    pub(super) failures: u32,
    /// Why it was not handed over.
    pub(super) why: Option<String>,
}

/// What has become of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LetterState {
    /// It is to be handed over.
    Waiting,
    /// It is on its way to the server, or was when the process died.
    Sending,
    /// The server has taken it.
    Sent,
    /// Nobody knows whether the server has taken it. It is not sent again.
    InDoubt,
    /// The server does not take it.
    Refused,
    /// Its reader may see nothing of it any more.
    Withdrawn,
}

/// When something is to be done with it.
pub(super) const DUE_AT: Column<Letter> =
    Column::integer("due_at", |letter: &Letter| letter.due_at.into()).filter();

impl Resource for Letter {
    /// A letter is to whom it was written.
    const KEEPS: Keeps = Keeps::All;
    const TABLE_NAME: &'static str = "letters";
    const KINDS: &'static [Kind] = &[Kind::Letter];
    const COLUMNS: &'static [Column<Self>] = &[DUE_AT];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("receiver", |letter, visit| visit(&letter.receiver))];
    const ONE: &'static str = "letter";
    const MANY: &'static str = "letters";
    type Object = AtomSummary;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}
