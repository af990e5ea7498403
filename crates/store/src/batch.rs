//! What a transaction hands to the store, to be applied completely or not at all.

use worksmith_kernel::{Derived, Meta, Prop, Table, Value};
use worksmith_wire::{Id, Series, Timestamp};

use crate::moment::Moment;
use crate::texts::Apart;

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
    /// What the object counts for from now on.
    pub tallies_added: Vec<Tally>,
    /// What it counts for no more.
    pub tallies_removed: Vec<Tally>,
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

/// What an object counts for: the store keeps the number of such objects of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The column or the field; empty for all objects of the kind.
    pub field: &'static str,
    /// The value, as [`Self::spelled`] writes it; empty for a field that refers to nothing.
    pub value: String,
}

impl Tally {
    /// What an object begins to count for, and what it ceases to count for.
    pub fn differences(
        table: &Table,
        old: Option<&Derived>,
        new: Option<&Derived>,
    ) -> [Vec<Self>; 2] {
        let mut differences = [Vec::new(), Vec::new()];
        let [added, removed] = &mut differences;
        for field in Self::fields(table) {
            if let (Some(old), Some(new)) = (old, new)
                && field.is_same(old, new)
            {
                continue;
            }
            let all = |of: Option<&Derived>| of.map(|of| field.all_of(of)).unwrap_or_default();
            let (old, new) = (all(old), all(new));
            added.extend(new.iter().filter(|tally| !old.contains(tally)).cloned());
            removed.extend(old.into_iter().filter(|tally| !new.contains(tally)));
        }
        differences
    }

    /// What an object counts for.
    pub(crate) fn all_of(table: &Table, derived: &Derived) -> Vec<Self> {
        Self::fields(table).flat_map(|field| field.all_of(derived)).collect()
    }

    fn fields(table: &Table) -> impl Iterator<Item = TalliedBy> + use<> {
        let (columns, tallied) = (table.columns, table.tallied);
        let of = move |&field: &&'static str| {
            let place = columns.iter().position(|column| column.name == field);
            place.map_or(TalliedBy::Refs(field), |place| TalliedBy::Column(field, place))
        };
        let whole = (!tallied.is_empty()).then_some(TalliedBy::Whole);
        whole.into_iter().chain(tallied.iter().map(of))
    }

    /// A value as it is kept; `None` if there is none.
    pub(crate) fn spelled(value: &Value) -> Option<String> {
        match value {
            Value::Text(text) => Some(format!("={text}")),
            Value::Integer(integer) => Some(format!("={integer}")),
            Value::Real(_) | Value::Null => None,
        }
    }
}

/// What objects are tallied by.
#[derive(Clone, Copy)]
enum TalliedBy {
    /// That they are there.
    Whole,
    /// A column, and its place in the table.
    Column(&'static str, usize),
    /// A field that refers to objects.
    Refs(&'static str),
}

impl TalliedBy {
    fn is_same(self, old: &Derived, new: &Derived) -> bool {
        match self {
            Self::Whole => true,
            Self::Column(_, place) => old.columns.get(place) == new.columns.get(place),
            Self::Refs(field) => refs(field, old).eq(refs(field, new)),
        }
    }

    fn all_of(self, derived: &Derived) -> Vec<Tally> {
        match self {
            Self::Whole => vec![Tally { field: "", value: String::new() }],
            Self::Column(field, place) => {
                let value = derived.columns.get(place).and_then(Tally::spelled);
                value.into_iter().map(|value| Tally { field, value }).collect()
            }
            Self::Refs(field) => {
                let to = refs(field, derived).filter_map(|to| Tally::spelled(&to.into()));
                let all: Vec<_> = to.map(|value| Tally { field, value }).collect();
                if all.is_empty() { vec![Tally { field, value: String::new() }] } else { all }
            }
        }
    }
}

fn refs<'d>(field: &'static str, derived: &'d Derived) -> impl Iterator<Item = &'d Id> {
    derived.refs.iter().filter(move |(of, _)| *of == field).map(|(_, to)| to)
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
        /// Whether its long text may have a row of its own, which goes with it.
        has_text: bool,
    },
}

/// The contents of a row apart from its meta.
#[derive(Clone, Debug)]
pub struct Row {
    /// The version of the document's shape.
    pub doc_version: u16,
    /// The document as JSON, with all of its members.
    pub doc: String,
    /// What of the document has a row of its own.
    pub apart: Apart,
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
