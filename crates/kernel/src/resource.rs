//! A kind of object that is stored: a document, the columns by which it is found, what it refers
//! to, which names it claims, and how others show it.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worksmith_wire::{Id, Timestamp};

use crate::context::OpCtx;
use crate::error::{Error, Result};
use crate::expand::Expander;
use crate::query::Cond;
use crate::references::Keeps;
use crate::row::{RawRow, Stored, Table, Value};

impl RawRow {
    /// Parses the document, after bringing an older shape up to date.
    pub fn read<R: Resource>(&self) -> Result<Stored<R>> {
        let broken = |cause: &dyn fmt::Display| {
            Error::Internal(format!("the document of {} can't be read: {cause}", self.meta.id))
        };
        let doc = if self.doc_version == R::DOC_VERSION {
            Cow::Borrowed(&self.doc)
        } else {
            let old = serde_json::from_str(&self.doc).map_err(|cause| broken(&cause))?;
            Cow::Owned(R::upcast(self.doc_version, old)?.to_string())
        };
        let doc = serde_json::from_str(&doc).map_err(|cause| broken(&cause))?;
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
