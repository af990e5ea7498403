//! What the database keeps of an object: the document, what the store knows of it, and the columns
//! by which it is found.

use serde::{Deserialize, Serialize};
use worksmith_wire::{Id, Kind, Timestamp};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// A 64-bit integer; also times (milliseconds) and booleans (0 and 1).
    Integer,
    /// A double.
    Real,
    /// A text.
    Text,
}

/// A column as the table has it, whatever the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name in the table.
    pub name: &'static str,
    /// The type of its values.
    pub kind: ColumnType,
}

impl TableColumn {
    /// A column of this name and type.
    pub const fn new(name: &'static str, kind: ColumnType) -> Self {
        Self { name, kind }
    }
}

/// A table of the database; there is one for each list of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The name in the database.
    pub name: &'static str,
    /// The kinds of object that it contains.
    pub kinds: &'static [Kind],
    /// The promoted columns.
    pub columns: &'static [TableColumn],
    /// The columns by which lists are entered. Each has an index of the rows that have a value.
    pub filters: &'static [&'static str],
    /// Those of them whose index has the rows without a value, too.
    pub whole: &'static [&'static str],
    /// The columns that lists are walked along, besides `created_at` and `modified_at`. Each has an
    /// index of all rows, which serves filters, too.
    pub sorts: &'static [&'static str],
    /// The columns and reference fields whose values are the terms of each row's digest: those that
    /// lists filter by equality. A digest discriminates well for fewer than 16 terms per row. If
    /// this is empty, there is no digest.
    pub digest: &'static [&'static str],
    /// The promoted column, one of texts, whose value every reference of an object carries.
    pub carried: Option<&'static str>,
    /// The member of the documents that may be long, a text: see
    /// [`Resource::LONG`](crate::Resource::LONG).
    pub long: Option<&'static str>,
    /// The promoted columns and reference fields for whose values the store keeps the number of
    /// objects.
    pub tallied: &'static [&'static str],
}

impl Table {
    /// What the references of an object carry, of which these are the promoted columns; empty if
    /// that has no value.
    pub fn carried_of<'v>(&self, columns: &'v [Value]) -> &'v str {
        let place = self.carried.and_then(|name| self.columns.iter().position(|c| c.name == name));
        match place.and_then(|place| columns.get(place)) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }
}

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// No value.
    Null,
    /// An integer, a time in milliseconds, or a boolean as 0 or 1.
    Integer(i64),
    /// A double.
    Real(f64),
    /// A text.
    Text(String),
}

macro_rules! values {
    ($($type:ty => |$value:ident| $make:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $make
            }
        }
    )*};
}
values! {
    i64 => |value| Self::Integer(value);
    u64 => |value| i64::try_from(value).map_or(Self::Null, Self::Integer);
    bool => |value| Self::Integer(value.into());
    f64 => |value| Self::Real(value);
    String => |value| Self::Text(value);
    &str => |value| Self::Text(value.to_owned());
    Timestamp => |value| Self::Integer(value.0);
    &Id => |value| Self::Text(value.to_string());
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What the store knows of every object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its id.
    pub id: Id,
    /// The number of its changes, counted from 1.
    pub revision: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: Id,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Who last changed it.
    pub modified_by: Id,
}

/// A stored object.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<R> {
    /// What the store knows of it.
    pub meta: Meta,
    /// The document.
    pub doc: R,
}

impl<R> Stored<R> {
    /// Its id.
    pub const fn id(&self) -> &Id {
        &self.meta.id
    }
}

/// The version of the shape of every document, which is stored beside it.
pub const DOC_VERSION: u16 = 1;

/// Where the database has the long text of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LongText {
    /// That is not known: the row was not read from the database, or has a text too many.
    #[default]
    Unknown,
    /// In the document, or it has none.
    Inside,
    /// In a row of its own.
    Apart,
}

/// A stored object whose document has not been parsed.
#[derive(Clone, Debug)]
pub struct RawRow {
    /// What the store knows of it.
    pub meta: Meta,
    /// The version of the document's shape.
    pub doc_version: u16,
    /// The document as JSON, with all of its members.
    pub doc: String,
    /// Where the database has its long text.
    pub long: LongText,
}

/// Rows are equal if they say the same, wherever the database has it.
impl PartialEq for RawRow {
    fn eq(&self, other: &Self) -> bool {
        let Self { meta, doc_version, doc, long: _ } = self;
        *meta == other.meta && *doc_version == other.doc_version && *doc == other.doc
    }
}
