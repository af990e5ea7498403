//! A kind of object that is stored: a document, the columns by which it is found, what it refers
//! to, which names it claims, and how others show it.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worksmith_wire::{Id, Kind, Timestamp};

use crate::columns::{Column, Name, Reference};
use crate::context::OpCtx;
use crate::error::{Error, Result};
use crate::expand::Expander;
use crate::query::Cond;
use crate::references::Keeps;
use crate::row::{DOC_VERSION, RawRow, Stored, Table, Value};
use crate::search::Search;
use crate::table::Lists;

impl RawRow {
    /// Parses the document.
    pub fn read<R: Resource>(&self) -> Result<Stored<R>> {
        let broken = |cause: &dyn fmt::Display| {
            Error::Internal(format!("the document of {} can't be read: {cause}", self.meta.id))
        };
        if self.doc_version != DOC_VERSION {
            return Err(broken(&format!("it has the shape {}", self.doc_version)));
        }
        let doc = serde_json::from_str(&self.doc).map_err(|cause| broken(&cause))?;
        Ok(Stored { meta: self.meta.clone(), doc })
    }
}

/// A kind of object, or several kinds that are listed together.
pub trait Resource:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The name of its table in the database.
    const TABLE_NAME: &'static str;
    /// The kinds of object that it contains.
    const KINDS: &'static [Kind];
    /// What lists filter and sort by, in the order of the table. A column that every table has is
    /// listed if it has an index or is a term of the digest.
    const COLUMNS: &'static [Column<Self>] = &[];
    /// What documents refer to.
    const REFS: &'static [Reference<Self>] = &[];
    /// The names that must be unique in the org.
    const NAMES: &'static [Name<Self>] = &[];
    /// The member of the document that may be long and that most changes leave as it is: a text, as
    /// in `body`. The store keeps long ones in rows of their own, which are written only when the
    /// text changes. Families may declare it later, but neither take it back nor name another.
    const LONG: Option<&'static str> = None;
    /// What the search finds objects by; `None` if it does not find them. The event feed must tell
    /// of the family, too: whoever may be told of an object finds it.
    const SEARCH: Option<Search<Self>> = None;
    /// Where it is kept, which follows from the above.
    const TABLE: &'static Table = {
        let Lists { columns, filters, whole, sorts, digest, carried, tallied } =
            const { &Lists::of(Self::COLUMNS, Self::REFS) };
        &Table {
            name: Self::TABLE_NAME,
            kinds: Self::KINDS,
            columns: columns.filled(),
            filters: filters.filled(),
            whole: whole.filled(),
            sorts: sorts.filled(),
            digest: digest.filled(),
            carried: *carried,
            long: Self::LONG,
            tallied: tallied.filled(),
        }
    };
    /// The member that holds one object in an answer: `tag`.
    const ONE: &'static str;
    /// The member that holds many objects in an answer: `tags`.
    const MANY: &'static str;
    /// The version of the derivation from the document. Raise it if columns, references, names or
    /// [`Self::props`] have other values for the same document than before. New columns and changed
    /// digests are noticed without that.
    const DERIVED_VERSION: u32 = 1;
    /// The object that a document was merged into, if objects can be merged. New references to the
    /// merged one lead there.
    const MERGED_INTO: Option<fn(&Self) -> Option<&Id>> = None;
    /// Which of its references are never rewritten, whatever becomes of their targets.
    const KEEPS: Keeps = Keeps::None;
    /// The fields of references without whose targets the object is nothing. When a target is
    /// deleted, the family's follower deletes the object, or a cascade does.
    const GOES_WITH: &'static [&'static str] = &[];
    /// The fields of references to objects that a caller has to see to see this one.
    const SEEN_WITH: &'static [&'static str] = &[];

    /// The object as an answer shows it.
    type Object: Serialize + JsonSchema + Send;
    /// The object as others embed it.
    type Summary: Serialize + JsonSchema;

    /// The values of the promoted columns, in the order of [`Table::columns`].
    fn columns(&self) -> Vec<Value> {
        let own = Self::COLUMNS.iter().filter_map(|column| column.value);
        own.map(|value| value(self)).collect()
    }

    /// Visits every object that the document refers to, with the field of the reference.
    fn refs<'a>(&'a self, visit: &mut dyn FnMut(&'static str, &'a Id)) {
        for &Reference { field, visit: own, .. } in Self::REFS {
            own(self, &mut |id| visit(field, id));
        }
    }

    /// Visits the names that the document claims, with the space of each and the field that an
    /// error names.
    fn names(&self, claim: &mut dyn FnMut(&'static str, &'static str, &str)) {
        for &Name { space, field, claim: own } in Self::NAMES {
            own(self, &mut |name| claim(space, field, name));
        }
    }

    /// Visits the objects whose summaries [`Self::object`] or [`Self::summary`] need although the
    /// document itself does not refer to them. The authors of the object are among them if its
    /// summary shows them.
    fn summary_refs<'a>(_stored: &'a Stored<Self>, _visit: &mut dyn FnMut(&'a Id)) {}

    /// Visits the objects that [`Self::object`] shows and [`Self::summary`] does not, although the
    /// document itself does not refer to them.
    fn object_refs<'a>(&'a self, _visit: &mut dyn FnMut(&'a Id)) {}

    /// Why nothing can be assigned to this object, if nothing can, as in `is deactivated`. It can't
    /// become the owner of anything, but keeps what it owns.
    fn unassignable(&self) -> Option<&'static str> {
        None
    }

    /// Until when [`Self::object`] is up to date if nothing is written; `None` for ever.
    fn holds_until(_stored: &Stored<Self>, _x: &Expander) -> Option<Timestamp> {
        None
    }

    /// Visits the values of custom fields by which objects are found, with the path of the field,
    /// such as `tnt__cost`. Of a list, each element is visited, in any order.
    fn props(&self, _visit: &mut dyn FnMut(&str, Value)) {}

    /// The objects that the caller may see; `None` for all. What [`Self::SEEN_WITH`] names must be
    /// visible besides. Whatever a member of the org sees who has nothing to do with it, all
    /// members see.
    fn visibility(_cx: &OpCtx) -> Option<Cond<Self>> {
        None
    }

    /// The object as an answer shows it.
    fn object(stored: &Stored<Self>, x: &Expander) -> Self::Object;

    /// Whether some members of the org are shown the object differently than others.
    fn varies(&self) -> bool {
        false
    }

    /// Whether [`Self::adapt`] does anything to the object for this caller: if it does, the objects
    /// of which it has to know whether the caller sees them.
    fn adapts_to(_stored: &Stored<Self>, _cx: &OpCtx) -> Option<Vec<Id>> {
        None
    }

    /// Changes what [`Self::object`] made into what the caller is shown; `seen` are those of the
    /// objects of [`Self::adapts_to`] that the caller sees.
    fn adapt(_object: &mut Self::Object, _stored: &Stored<Self>, _cx: &OpCtx, _seen: &[Id]) {}

    /// The object as others embed it. Only the summaries that [`Self::summary_refs`] visits are
    /// available.
    fn summary(stored: &Stored<Self>, x: &Expander) -> Self::Summary;
}
