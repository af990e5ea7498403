//! Conditions and queries as the store works with them, whatever the family: columns and fields are
//! names. They are made by [`Cond`](crate::Cond) and [`Query`](crate::Query), which take only what
//! the family declares.

use std::cmp::Ordering;

use worksmith_wire::{ApiError, Direction, Id, Kind, SortBy};

use crate::error::{Error, Result};
use crate::props::{Has, Prop};
use crate::row::Value;

/// A condition on columns and references. Every table has the columns `id`, `kind`, `seq`,
/// `created_at`, `created_by`, `modified_at` and `modified_by`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// All conditions hold.
    All(Vec<Cond>),
    /// At least one condition holds.
    Any(Vec<Cond>),
    /// The condition does not hold.
    Not(Box<Cond>),
    /// The column has one of the values; [`Value::Null`] matches nothing.
    OneOf(&'static str, Vec<Value>),
    /// The column lies between the bounds, both inclusive.
    Range(&'static str, Option<Value>, Option<Value>),
    /// The column has no value.
    IsNull(&'static str),
    /// The column, a list of texts made by [`lines`], contains one of the texts, ignoring case. No
    /// index serves this: it is for rare filters on members with many values.
    HasLine(&'static str, Vec<String>),
    /// The field refers to one of the objects.
    RefersTo(&'static str, Vec<Id>),
    /// The values of a custom field, given by its path, meet a condition.
    Prop(String, Has),
}

/// The value of a column that [`Cond::HasLine`] searches: each text in lower case between newlines.
pub fn lines<'a>(texts: impl IntoIterator<Item = &'a String>) -> Value {
    let joined: String = texts.into_iter().map(|text| line(text)).collect();
    if joined.is_empty() { Value::Null } else { Value::Text(joined) }
}

/// One text as it appears in [`lines`].
pub fn line(text: &str) -> String {
    format!("\n{}\n", text.to_lowercase().replace('\n', " "))
}

impl Cond {
    /// A condition that holds for every object.
    pub const fn always() -> Self {
        Self::All(Vec::new())
    }

    /// A condition that holds for no object.
    pub const fn never() -> Self {
        Self::Any(Vec::new())
    }

    /// The column has this value.
    pub fn is(column: &'static str, value: impl Into<Value>) -> Self {
        Self::OneOf(column, vec![value.into()])
    }

    /// Whether the condition holds for an object; an error if its family lacks a column or a field.
    pub(crate) fn holds(&self, facts: &Facts) -> Result<bool> {
        Ok(match self {
            Self::All(conds) => all_hold(conds, facts)?,
            Self::Any(conds) => {
                for cond in conds {
                    if cond.holds(facts)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Not(cond) => !cond.holds(facts)?,
            Self::OneOf(column, values) => {
                let value = facts.column(column)?;
                *value != Value::Null && values.contains(value)
            }
            Self::Range(column, from, to) => {
                facts.column(column)?.lies_within(from.as_ref(), to.as_ref())
            }
            Self::IsNull(column) => *facts.column(column)? == Value::Null,
            Self::HasLine(column, texts) => match facts.column(column)? {
                Value::Text(lines) => texts.iter().any(|text| lines.contains(&line(text))),
                _ => false,
            },
            Self::RefersTo(field, ids) => facts.refs(field)?.iter().any(|id| ids.contains(id)),
            Self::Prop(path, has) => {
                let own = facts.props.iter().filter(|prop| prop.path == *path);
                has.keys().allow(own.map(|prop| prop.key.as_str()))
            }
        })
    }
}

/// Whether all conditions hold for an object.
pub(crate) fn all_hold(conds: &[Cond], facts: &Facts) -> Result<bool> {
    for cond in conds {
        if !cond.holds(facts)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Value {
    /// Whether the value lies between bounds of its own type, both inclusive.
    pub fn lies_within(&self, from: Option<&Self>, to: Option<&Self>) -> bool {
        let ordered = |low: &Self, high: &Self| match (low, high) {
            (Self::Integer(low), Self::Integer(high)) => low <= high,
            (Self::Real(low), Self::Real(high)) => low <= high,
            (Self::Text(low), Self::Text(high)) => low <= high,
            _ => false,
        };
        *self != Self::Null
            && from.is_none_or(|from| ordered(from, self))
            && to.is_none_or(|to| ordered(self, to))
    }
}

/// What conditions can refer to of one object.
pub(crate) struct Facts {
    pub(crate) columns: Vec<(&'static str, Value)>,
    /// For each field that the family declares, what it refers to.
    pub(crate) refs: Vec<(&'static str, Vec<Id>)>,
    pub(crate) props: Vec<Prop>,
}

impl Facts {
    fn column(&self, name: &str) -> Result<&Value> {
        let found = self.columns.iter().find(|(column, _)| *column == name);
        let unknown = || Error::Internal(format!("a condition on {name:?}, which is no column"));
        found.map(|(_, value)| value).ok_or_else(unknown)
    }

    /// The key of an object in an order.
    pub(crate) fn key(&self, order: &[Sort]) -> Result<Vec<Value>> {
        let key = |sort: &Sort| match &sort.by {
            By::Column(column) | By::Overlaid { column, .. } => self.column(column).cloned(),
            By::Prop(path) => {
                let mut own = self.props.iter().filter(|prop| prop.path == *path && prop.is_least);
                Ok(own.next().map_or(Value::Null, |prop| Value::Text(prop.key.clone())))
            }
        };
        order.iter().map(key).collect()
    }

    fn refs(&self, name: &str) -> Result<&[Id]> {
        let found = self.refs.iter().find(|(field, _)| *field == name);
        let unknown =
            || Error::Internal(format!("a condition on {name:?}, which refers to nothing"));
        found.map(|(_, ids)| ids.as_slice()).ok_or_else(unknown)
    }
}

/// What a list is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// A column.
    Column(&'static str),
    /// A column, except in rows whose column `by` has one of these values: those sort by the value
    /// that is paired with it.
    Overlaid {
        /// The column.
        column: &'static str,
        /// The column that decides.
        by: &'static str,
        /// Its values, each with the value that replaces that of `column`.
        values: Vec<(Value, Value)>,
    },
    /// A custom field, by its path: numbers, then texts. An object with several values sorts by the
    /// smallest one, in either direction.
    Prop(String),
}

/// How two objects are ordered by their keys of an order. Those without a value come last, in
/// either direction.
pub fn compare_keys(order: &[Sort], one: &[Value], other: &[Value]) -> Ordering {
    let both = order.iter().zip(one.iter().zip(other));
    let mut differing = both.map(|(sort, (one, other))| {
        let ascending = match (one, other) {
            (Value::Null, Value::Null) => return Ordering::Equal,
            (Value::Null, _) => return Ordering::Greater,
            (_, Value::Null) => return Ordering::Less,
            (Value::Integer(one), Value::Integer(other)) => one.cmp(other),
            (Value::Real(one), Value::Real(other)) => one.total_cmp(other),
            (Value::Text(one), Value::Text(other)) => one.cmp(other),
            // A column has values of one type.
            _ => Ordering::Equal,
        };
        if sort.direction == Direction::Asc { ascending } else { ascending.reverse() }
    });
    differing.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl From<&'static str> for By {
    fn from(column: &'static str) -> Self {
        Self::Column(column)
    }
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// The sort criterion. Objects without a value come last, in either direction.
    pub by: By,
    /// Ascending or descending.
    pub direction: Direction,
}

/// What objects are grouped by when they are counted. An object without a value is counted with
/// [`Value::Null`]; one with several values, once for each.
#[derive(Clone, Debug, PartialEq)]
pub enum Group {
    /// A column, overlaid or not.
    Column(By),
    /// The day (UTC) of a column of times, as the number of days since 1970.
    Day(&'static str),
    /// A field that refers to objects.
    Refs {
        /// The field.
        field: &'static str,
        /// The kinds of objects that it refers to.
        kinds: &'static [Kind],
        /// Objects that count as another one, or as none.
        becomes: Vec<(Id, Option<Id>)>,
    },
    /// A custom field, by its path. Its values are their sort keys ([`Value::sort_key`]).
    Prop(String),
}

/// A group of objects: the values by which they are grouped, and how many they are.
pub type Counted = (Vec<Value>, u64);

/// Which objects a list shows, and in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The conditions, all of which must hold.
    pub conds: Vec<Cond>,
    /// The order; newest first if empty. Ties are broken by number and id; in an order by a custom
    /// field, first by the time of creation.
    pub sort: Vec<Sort>,
}

impl Query {
    pub(crate) fn one_of(&mut self, column: &'static str, values: Vec<Value>) {
        if !values.is_empty() {
            self.conds.push(Cond::OneOf(column, values));
        }
    }

    pub(crate) fn sort_by(
        &mut self,
        keys: &[SortBy],
        columns: &[(&str, &'static str)],
        prop: &dyn Fn(&str) -> Option<String>,
    ) -> Result<()> {
        const COMMON: [(&str, &str); 2] =
            [("created_date", "created_at"), ("modified_date", "modified_at")];
        for key in keys {
            let known = columns.iter().chain(&COMMON).find(|(name, _)| *name == key.field);
            let column = known.map(|(_, column)| By::Column(column));
            let Some(by) = column.or_else(|| prop(&key.field).map(By::Prop)) else {
                let names: Vec<_> = columns.iter().chain(&COMMON).map(|(name, _)| *name).collect();
                let message =
                    format!("can't sort by {:?}; sortable are {}", key.field, names.join(", "));
                return Err(ApiError::invalid_field("sort_by", message).into());
            };
            self.sort.push(Sort { by, direction: key.direction });
        }
        Ok(())
    }

    /// The order with its tie-breakers, which makes it total.
    pub fn total_order(&self) -> Vec<Sort> {
        let newest = [Sort { by: "created_at".into(), direction: Direction::Desc }];
        let keys = if self.sort.is_empty() { &newest } else { self.sort.as_slice() };
        let direction = keys.last().map_or(Direction::Desc, |key| key.direction);
        // By these, an index has the objects without a value, too.
        let ties = ["created_at", "seq", "id"].map(|by| Sort { by: by.into(), direction });
        let has_props = keys.iter().any(|key| matches!(key.by, By::Prop(_)));
        let ties = if has_props { &ties[..] } else { &ties[1..] };
        let mut order: Vec<Sort> = Vec::with_capacity(keys.len() + ties.len());
        for key in keys.iter().chain(ties) {
            // Sorting by the same key a second time has no effect.
            if order.iter().all(|earlier| earlier.by != key.by) {
                order.push(key.clone());
            }
        }
        order
    }
}
