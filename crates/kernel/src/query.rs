//! Which objects of a family a list shows, and in which order. Conditions and queries take the
//! columns and references that the family declares; the store gets them [`erased`].

use std::marker::PhantomData;
use std::ops::Not;

use worksmith_wire::{Direction, Id, Kind, SortBy, Span};

use crate::columns::{Column, Reference};
use crate::erased::{self, By, Sort};
use crate::error::Result;
use crate::props::Has;
use crate::row::Value;

/// A condition on the objects of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Cond<R> {
    pub(crate) erased: erased::Cond,
    family: PhantomData<fn(R)>,
}

impl<R> Cond<R> {
    const fn of(erased: erased::Cond) -> Self {
        Self { erased, family: PhantomData }
    }

    /// A condition that holds for every object.
    pub const fn always() -> Self {
        Self::of(erased::Cond::always())
    }

    /// A condition that holds for no object.
    pub const fn never() -> Self {
        Self::of(erased::Cond::never())
    }

    /// All conditions hold.
    pub fn all(conds: impl IntoIterator<Item = Self>) -> Self {
        Self::of(erased::Cond::All(conds.into_iter().map(|cond| cond.erased).collect()))
    }

    /// At least one condition holds.
    pub fn any(conds: impl IntoIterator<Item = Self>) -> Self {
        Self::of(erased::Cond::Any(conds.into_iter().map(|cond| cond.erased).collect()))
    }

    /// The column has this value. No value matches nothing.
    pub fn is(column: Column<R>, value: impl Into<Value>) -> Self {
        Self::of(erased::Cond::is(column.name, value))
    }

    /// The column has one of the values; without values, that is so for no object.
    pub fn one_of<V: Into<Value>>(column: Column<R>, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::of(erased::Cond::OneOf(column.name, values))
    }

    /// The column lies between the bounds, both inclusive.
    pub const fn range(column: Column<R>, from: Option<Value>, to: Option<Value>) -> Self {
        Self::of(erased::Cond::Range(column.name, from, to))
    }

    /// The column has no value.
    pub const fn is_null(column: Column<R>) -> Self {
        Self::of(erased::Cond::IsNull(column.name))
    }

    /// The field refers to one of the objects.
    pub const fn refers_to(reference: Reference<R>, ids: Vec<Id>) -> Self {
        Self::of(erased::Cond::RefersTo(reference.field, ids))
    }

    /// The values of a custom field, given by its path, meet a condition.
    pub const fn prop(path: String, has: Has) -> Self {
        Self::of(erased::Cond::Prop(path, has))
    }
}

/// The condition that the other one does not hold.
impl<R> Not for Cond<R> {
    type Output = Self;

    fn not(self) -> Self {
        Self::of(erased::Cond::Not(Box::new(self.erased)))
    }
}

/// What objects of a family are grouped by when they are counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<R> {
    pub(crate) erased: erased::Group,
    family: PhantomData<fn(R)>,
}

impl<R> Group<R> {
    const fn of(erased: erased::Group) -> Self {
        Self { erased, family: PhantomData }
    }

    /// The values of a column.
    pub const fn column(column: Column<R>) -> Self {
        Self::of(erased::Group::Column(By::Column(column.name)))
    }

    /// The days (UTC) of a column of times, as the numbers of days since 1970.
    pub const fn day(column: Column<R>) -> Self {
        Self::of(erased::Group::Day(column.name))
    }

    /// The objects of some kinds that a field refers to; it refers to no others.
    pub const fn refs(reference: Reference<R>, kinds: &'static [Kind]) -> Self {
        let becomes = Vec::new();
        Self::of(erased::Group::Refs { field: reference.field, kinds, becomes })
    }

    /// The values of a custom field, given by its path, as their sort keys.
    pub const fn prop(path: String) -> Self {
        Self::of(erased::Group::Prop(path))
    }

    /// The group as the store works with it.
    pub const fn erased(&self) -> &erased::Group {
        &self.erased
    }
}

/// Which objects of a family a list shows, and in which order.
#[derive(Clone, Debug, PartialEq)]
pub struct Query<R> {
    pub(crate) erased: erased::Query,
    family: PhantomData<fn(R)>,
}

impl<R> Default for Query<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Query<R> {
    /// All objects, newest first.
    pub const fn new() -> Self {
        let erased = erased::Query { conds: Vec::new(), sort: Vec::new() };
        Self { erased, family: PhantomData }
    }

    /// The query as the store works with it.
    pub const fn erased(&self) -> &erased::Query {
        &self.erased
    }

    /// Adds a condition.
    pub fn with(&mut self, cond: Cond<R>) -> &mut Self {
        self.erased.conds.push(cond.erased);
        self
    }

    /// The condition that everything holds that this query requires.
    pub fn into_cond(self) -> Cond<R> {
        Cond::of(erased::Cond::All(self.erased.conds))
    }

    /// Whether this query requires anything.
    pub const fn is_of_all(&self) -> bool {
        self.erased.conds.is_empty()
    }

    /// Requires the column to have one of the values; without values, requires nothing.
    pub fn one_of<V: Into<Value>>(
        &mut self,
        column: Column<R>,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.erased.one_of(column.name, values.into_iter().map(Into::into).collect());
        self
    }

    /// Requires the column to name one of the objects; without objects, requires nothing.
    pub fn one_of_ids<I: Into<Id>>(
        &mut self,
        column: Column<R>,
        ids: impl IntoIterator<Item = I>,
    ) -> &mut Self {
        self.one_of(column, ids.into_iter().map(|id| Value::from(&id.into())))
    }

    /// Requires the field to refer to one of the objects; without objects, requires nothing.
    pub fn refers_to<I: Into<Id>>(
        &mut self,
        reference: Reference<R>,
        ids: impl IntoIterator<Item = I>,
    ) -> &mut Self {
        let ids: Vec<Id> = ids.into_iter().map(Into::into).collect();
        if ids.is_empty() { self } else { self.with(Cond::refers_to(reference, ids)) }
    }

    /// Requires the column, which has texts made by [`lines`](crate::lines), to contain one of the
    /// texts, ignoring case; without texts, requires nothing. No index serves this: it is for rare
    /// filters on members with many values.
    pub fn has_line(&mut self, column: Column<R>, texts: Vec<String>) -> &mut Self {
        let has = |texts| Cond::of(erased::Cond::HasLine(column.name, texts));
        if texts.is_empty() { self } else { self.with(has(texts)) }
    }

    /// Requires the column to have this value; without a value, requires nothing.
    pub fn is(&mut self, column: Column<R>, value: Option<impl Into<Value>>) -> &mut Self {
        self.one_of(column, value)
    }

    /// Requires the time to lie within the span; without a span, requires nothing.
    pub fn within(&mut self, column: Column<R>, span: Option<impl Into<Span>>) -> &mut Self {
        let Some(span) = span else { return self };
        let span: Span = span.into();
        self.with(Cond::range(column, span.from.map(Into::into), span.to.map(Into::into)))
    }

    /// Requires the values of a custom field to meet a condition.
    pub fn prop(&mut self, path: impl Into<String>, has: Has) -> &mut Self {
        self.with(Cond::prop(path.into(), has))
    }

    /// Sorts by a column, after what the query is sorted by already.
    pub fn order_by(&mut self, column: Column<R>, direction: Direction) -> &mut Self {
        self.erased.sort.push(Sort { by: column.name.into(), direction });
        self
    }

    /// Sorts by a custom field, after what the query is sorted by already.
    pub fn order_by_prop(&mut self, path: impl Into<String>, direction: Direction) -> &mut Self {
        self.erased.sort.push(Sort { by: By::Prop(path.into()), direction });
        self
    }

    /// Sorts by the fields that a request names; `columns` maps the API's names to columns.
    /// `created_date` and `modified_date` are known to every list.
    pub fn sort_by(&mut self, keys: &[SortBy], columns: &[(&str, Column<R>)]) -> Result<&mut Self> {
        self.sort_by_or(keys, columns, |_| None)
    }

    /// The same for a list with custom fields: `prop` maps a name in the request to the path of a
    /// field, and returns `None` if it is not a custom field that can be sorted by.
    pub fn sort_by_or(
        &mut self,
        keys: &[SortBy],
        columns: &[(&str, Column<R>)],
        prop: impl Fn(&str) -> Option<String>,
    ) -> Result<&mut Self> {
        let columns: Vec<_> = columns.iter().map(|(name, column)| (*name, column.name)).collect();
        self.erased.sort_by(keys, &columns, &prop)?;
        Ok(self)
    }
}
