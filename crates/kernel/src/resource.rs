//! A kind of object that is stored: a document, the columns by which it is found, what it refers
//! to, which names it claims, and how others show it.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::context::OpCtx;
use crate::error::{Error, Result};
use crate::expand::Expander;
use crate::query::Cond;
use crate::rewrite::Keeps;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A 64-bit integer; also times (milliseconds) and booleans (0 and 1).
    Integer,
    /// A double.
    Real,
    /// A text.
    Text,
}

/// A value to filter or sort by, kept beside the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the table.
    pub name: &'static str,
    /// The type of its values.
    pub kind: ColumnType,
}

/// Declares a column.
pub const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind }
}

/// A table of the database; there is one for each list of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The name in the database.
    pub name: &'static str,
    /// The kinds of object that it contains.
    pub kinds: &'static [Kind],
    /// The promoted columns.
    pub columns: &'static [Column],
    /// The columns by which lists are entered. Each has an index of the rows that have a value.
    pub filters: &'static [&'static str],
    /// The columns that lists are walked along, besides `created_at` and `modified_at`. Each has an
    /// index of all rows, which serves filters, too.
    pub sorts: &'static [&'static str],
    /// The columns and reference fields whose values are the terms of each row's digest: those that
    /// lists filter by equality. A digest discriminates well for fewer than 16 terms per row. If
    /// this is empty, there is no digest.
    pub digest: &'static [&'static str],
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

/// A stored object whose document has not been parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct RawRow {
    /// What the store knows of it.
    pub meta: Meta,
    /// The version of the document's shape.
    pub doc_version: u16,
    /// The document as JSON.
    pub doc: String,
}

impl RawRow {
    /// Parses the document, after bringing an older shape up to date.
    pub fn read<R: Resource>(&self) -> Result<Stored<R>> {
        let broken = |cause: &dyn fmt::Display| {
            Error::Internal(format!("the document of {} can't be read: {cause}", self.meta.id))
        };
        let doc = if self.doc_version == R::DOC_VERSION {
            serde_json::from_str(&self.doc).map_err(|cause| broken(&cause))?
        } else {
            let old = serde_json::from_str(&self.doc).map_err(|cause| broken(&cause))?;
            let upcast = R::upcast(self.doc_version, old)?;
            serde_json::from_value(upcast).map_err(|cause| broken(&cause))?
        };
        Ok(Stored { meta: self.meta.clone(), doc })
    }
}

/// A kind of object, or several kinds that are listed together.
pub trait Resource:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Where it is kept.
    const TABLE: &'static Table;
    /// The member that holds one object in an answer: `tag`.
    const ONE: &'static str;
    /// The member that holds many objects in an answer: `tags`.
    const MANY: &'static str;
    /// The version of the document's shape.
    const DOC_VERSION: u16 = 1;
    /// The version of the derivation from the document. Raise it if [`Self::columns`],
    /// [`Self::refs`], [`Self::names`] or [`Self::props`] return something else for the same
    /// document than before. New columns and changed digests are noticed without that.
    const DERIVED_VERSION: u32 = 1;
    /// Whether others embed it as a whole, which requires the summaries of its authors, too.
    const IS_SHOWN_WHOLE: bool = false;

    /// Whether an object can be merged into another; see [`Self::merged_into`].
    const CAN_MERGE: bool = false;
    /// Which of its references are never rewritten, whatever becomes of their targets.
    const KEEPS: Keeps = Keeps::None;

    /// The object as an answer shows it.
    type Object: Serialize + JsonSchema + Send;
    /// The object as others embed it.
    type Summary: Serialize + JsonSchema;

    /// Converts a document of an older shape to the present one.
    fn upcast(version: u16, _doc: serde_json::Value) -> Result<serde_json::Value> {
        Err(Error::Internal(format!("no way from version {version} of {}", Self::TABLE.name)))
    }

    /// The values of the promoted columns, in the order of [`Table::columns`].
    fn columns(&self) -> Vec<Value>;

    /// Visits every object that the document refers to, with the field of the reference.
    fn refs<'a>(&'a self, _visit: &mut dyn FnMut(&'static str, &'a Id)) {}

    /// Visits the objects whose summaries [`Self::object`] or [`Self::summary`] need although the
    /// document itself does not refer to them.
    fn summary_refs<'a>(&'a self, _visit: &mut dyn FnMut(&'a Id)) {}

    /// Visits the objects that [`Self::object`] shows and [`Self::summary`] does not, although the
    /// document itself does not refer to them.
    fn object_refs<'a>(&'a self, _visit: &mut dyn FnMut(&'a Id)) {}

    /// The object that this one was merged into. New references to this one lead there.
    fn merged_into(&self) -> Option<&Id> {
        None
    }

    /// Why nothing can be assigned to this object, if nothing can, as in `is deactivated`. It can't
    /// become the owner of anything, but keeps what it owns.
    fn unassignable(&self) -> Option<&'static str> {
        None
    }

    /// Until when [`Self::object`] is up to date if nothing is written; `None` for ever.
    fn holds_until(_stored: &Stored<Self>, _x: &Expander) -> Option<Timestamp> {
        None
    }

    /// Visits the names that must be unique in the org: the space in which the name is unique, the
    /// field that an error names, and the name.
    fn names(&self, _claim: &mut dyn FnMut(&'static str, &'static str, &str)) {}

    /// Visits the values of custom fields by which objects are found, with the path of the field,
    /// such as `tnt__cost`. Of a list, each element is visited, in any order.
    fn props(&self, _visit: &mut dyn FnMut(&str, Value)) {}

    /// The objects that the caller may see; `None` for all.
    fn visibility(_cx: &OpCtx) -> Option<Cond> {
        None
    }

    /// The object as an answer shows it.
    fn object(stored: &Stored<Self>, x: &Expander) -> Self::Object;

    /// The object as others embed it. Only the summaries that [`Self::summary_refs`] visits are
    /// available.
    fn summary(stored: &Stored<Self>, x: &Expander) -> Self::Summary;
}
