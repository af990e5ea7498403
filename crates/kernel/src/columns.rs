//! What a family declares of its documents, each once, as a value: columns, references and unique
//! names.
//!
//! ```
//! use worksmith_kernel::{Column, Query};
//!
//! struct Tag {
//!     name: String,
//! }
//! const NAME: Column<Tag> = Column::text("name", |tag: &Tag| tag.name.as_str().into()).sorted();
//!
//! let mut query = Query::new();
//! query.one_of(NAME, ["urgent"]).is(Column::SEQ, Some(7_i64));
//! ```
//!
//! Queries and conditions take these values alone, so a name that the family does not declare does
//! not compile (`refused.rs`).

use std::fmt;

use worksmith_wire::Id;

use crate::row::{ColumnType, Value};

/// A value of each document by which lists filter and sort. The store keeps it beside the document.
/// What it keeps of every object is here, too: [`Self::ID`] and the others fit every family.
pub struct Column<R> {
    pub(crate) name: &'static str,
    pub(crate) kind: ColumnType,
    /// `None` for a column that every table has.
    pub(crate) value: Option<fn(&R) -> Value>,
    pub(crate) is_filter: bool,
    pub(crate) is_sorted: bool,
    pub(crate) is_whole: bool,
    pub(crate) is_term: bool,
    pub(crate) is_carried: bool,
    pub(crate) is_tallied: bool,
}

impl<R> Column<R> {
    /// The id.
    pub const ID: Self = Self::common("id", ColumnType::Text);
    /// The noun of the id's kind.
    pub const KIND: Self = Self::common("kind", ColumnType::Text);
    /// The number of the id.
    pub const SEQ: Self = Self::common("seq", ColumnType::Integer);
    /// When the object was created.
    pub const CREATED_AT: Self = Self::common("created_at", ColumnType::Integer);
    /// Who created it.
    pub const CREATED_BY: Self = Self::common("created_by", ColumnType::Text);
    /// When it was last changed.
    pub const MODIFIED_AT: Self = Self::common("modified_at", ColumnType::Integer);
    /// Who last changed it.
    pub const MODIFIED_BY: Self = Self::common("modified_by", ColumnType::Text);

    /// A column of texts.
    pub const fn text(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { value: Some(value), ..Self::common(name, ColumnType::Text) }
    }

    /// A column of integers, of times (milliseconds), or of booleans (0 and 1).
    pub const fn integer(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { value: Some(value), ..Self::common(name, ColumnType::Integer) }
    }

    /// A column of doubles.
    pub const fn real(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { value: Some(value), ..Self::common(name, ColumnType::Real) }
    }

    const fn common(name: &'static str, kind: ColumnType) -> Self {
        Self {
            name,
            kind,
            value: None,
            is_filter: false,
            is_sorted: false,
            is_whole: false,
            is_term: false,
            is_carried: false,
            is_tallied: false,
        }
    }

    /// Lists are entered by this column: it has an index of the rows that have a value.
    #[must_use]
    pub const fn filter(mut self) -> Self {
        self.is_filter = true;
        self
    }

    /// Lists are entered by this column, and now and then sorted by it: its index has the rows
    /// without a value, too, so that such a list ends with them. It costs less than an index with
    /// digests, and skips nothing.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        (self.is_filter, self.is_whole) = (true, true);
        self
    }

    /// Lists are walked along this column: it has an index of all rows, which serves filters, too.
    /// The two times that every table has are sorted without saying so.
    #[must_use]
    pub const fn sorted(mut self) -> Self {
        self.is_sorted = true;
        self
    }

    /// Its values are terms of each row's digest, which is for what lists filter by equality. A
    /// digest discriminates well for fewer than 16 terms per row.
    #[must_use]
    pub const fn digested(mut self) -> Self {
        self.is_term = true;
        self
    }

    /// The store keeps the number of objects with each value, so that they are counted without
    /// looking at them. A change of the value is two more small writes.
    #[must_use]
    pub const fn tallied(mut self) -> Self {
        self.is_tallied = true;
        self
    }

    /// Every reference of the object carries its value, so that a list of those that refer to an
    /// object, with certain values of this column, in the order of their creation, reads the
    /// references alone. For one column of texts that changes seldom: a change of it rewrites all
    /// references of the object.
    #[must_use]
    pub const fn carried(mut self) -> Self {
        self.is_carried = true;
        self
    }

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<R> Clone for Column<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Column<R> {}

impl<R> fmt::Debug for Column<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Column").field(&self.name).finish()
    }
}

/// Visits the ids of one field of a document.
type Visit<R> = for<'a> fn(&'a R, &mut dyn FnMut(&'a Id));

/// A field by which documents refer to other objects, which must exist.
pub struct Reference<R> {
    pub(crate) field: &'static str,
    pub(crate) visit: Visit<R>,
    pub(crate) is_term: bool,
    pub(crate) is_tallied: bool,
}

impl<R> Reference<R> {
    /// A field that refers to the objects that `visit` visits.
    pub const fn new(field: &'static str, visit: Visit<R>) -> Self {
        Self { field, visit, is_term: false, is_tallied: false }
    }

    /// Its values are terms of each row's digest; see [`Column::digested`].
    #[must_use]
    pub const fn digested(mut self) -> Self {
        self.is_term = true;
        self
    }

    /// The store keeps the number of objects that refer to each target, and of those that refer to
    /// none; see [`Column::tallied`].
    #[must_use]
    pub const fn tallied(mut self) -> Self {
        self.is_tallied = true;
        self
    }

    /// The name of the field.
    pub const fn field(self) -> &'static str {
        self.field
    }
}

impl<R> Clone for Reference<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Reference<R> {}

impl<R> fmt::Debug for Reference<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reference").field(&self.field).finish()
    }
}

/// Visits the names that a document claims.
type Claim<R> = fn(&R, &mut dyn FnMut(&str));

/// A kind of names that are unique in the org, each of which leads to one object.
pub struct Name<R> {
    pub(crate) space: &'static str,
    pub(crate) field: &'static str,
    pub(crate) claim: Claim<R>,
}

impl<R> Name<R> {
    /// Names that are unique in a space, the field that an error names if one is taken, and those
    /// that a document claims.
    pub const fn new(space: &'static str, field: &'static str, claim: Claim<R>) -> Self {
        Self { space, field, claim }
    }

    /// The space in which they are unique.
    pub const fn space(self) -> &'static str {
        self.space
    }
}

impl<R> Clone for Name<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Name<R> {}

impl<R> fmt::Debug for Name<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Name").field(&self.space).finish()
    }
}
