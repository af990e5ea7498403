//! Walks a body along its schema and notes every place where the two disagree.

use std::fmt;

use serde_json::{Map, Number, Value};

use crate::extras::Extras;
use crate::flatten::{Pick, View, flatten};
use crate::formats;
use crate::model::{Facts, Kind, Limits, Schema, Tier};

/// One disagreement between a body and the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the place; empty for the body itself.
    pub pointer: String,
    /// What sort of disagreement it is.
    pub fault: Fault,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// The sort of a disagreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The contract has no such operation.
    Operation,
    /// The operation does not answer with this status.
    Status,
    /// The wrong JSON type.
    Type,
    /// A required member is absent.
    Missing,
    /// An unknown member.
    Unknown,
    /// A text outside its enumeration.
    Enum,
    /// A text not in its format.
    Format,
    /// Too long, too short, too many, too few, too large, too small.
    Limit,
    /// A `null` where none is allowed.
    Null,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "(body)" } else { &self.pointer };
        write!(out, "{place}: {}", self.message)
    }
}

/// Whether a body is a request or a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

/// The walk through one body.
pub(crate) struct Checker {
    facts: &'static Facts,
    extras: &'static Extras,
    tier: Tier,
    side: Side,
    pointer: String,
    found: Vec<Violation>,
}

impl Checker {
    pub(crate) fn new(side: Side, tier: Tier) -> Self {
        let (facts, extras) = (Facts::get(), Extras::get());
        Self { facts, extras, tier, side, pointer: String::new(), found: Vec::new() }
    }

    pub(crate) fn finish(self) -> Vec<Violation> {
        self.found
    }

    pub(crate) fn note(&mut self, fault: Fault, message: impl Into<String>) {
        let pointer = self.pointer.clone();
        self.found.push(Violation { pointer, fault, message: message.into() });
    }

    /// Checks `value` against the schema of that name.
    pub(crate) fn named(&mut self, name: &str, value: &Value) {
        match self.facts.schemas.get(name) {
            Some(_) => self.value(&Schema::named(name), value),
            None => self.note(Fault::Operation, format!("there is no schema {name}")),
        }
    }

    /// Checks `value` against `schema`.
    pub(crate) fn value(&mut self, schema: &Schema, value: &Value) {
        let facts = self.facts;
        let (name, resolved) = facts.resolve(schema);
        let kind = resolved.kind.or_else(|| resolved.is_object().then_some(Kind::Object));
        let clears = self.side == Side::Request && (schema.nullable || kind.is_none());
        if value.is_null() && !clears {
            self.note(Fault::Null, "must not be null");
            return;
        }
        match (kind, value) {
            (None, free) => self.no_nulls(free),
            (Some(_), Value::Null) | (Some(Kind::Boolean), Value::Bool(_)) => {}
            (Some(Kind::Object), Value::Object(map)) => self.object(schema, map),
            (Some(Kind::Array), Value::Array(items)) => self.array(resolved, items),
            (Some(Kind::String), Value::String(text)) => self.text(name, resolved, text),
            (Some(Kind::Integer | Kind::Number), Value::Number(_)) => self.number(resolved, value),
            (Some(kind), _) => {
                let (want, got) = (kind.name(), json_type(value));
                self.note(Fault::Type, format!("must be of type {want}, not {got}"));
            }
        }
    }

    fn within(&mut self, segment: &str, run: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
        run(self);
        self.pointer.truncate(length);
    }

    fn object(&mut self, schema: &Schema, map: &Map<String, Value>) {
        let facts = self.facts;
        let mut untold = false;
        let view = flatten(facts, schema, &mut |node| {
            let tag = node.tag.as_deref().unwrap_or_default();
            let value = map.get(tag).and_then(Value::as_str);
            // A union whose tag may be omitted says what applies then.
            let value = value.or_else(|| (!map.contains_key(tag)).then_some("none"));
            let found = value.and_then(|value| node.variants.get_key_value(value));
            // The check of the tag itself reports what is wrong with it; what depends on it is
            // unknown.
            untold |= found.is_none();
            found.map_or(Pick::Nothing, |(known, _)| Pick::One(known))
        });
        if view.is_free() {
            map.iter().for_each(|(key, value)| self.within(key, |at| at.no_nulls(value)));
            return;
        }
        self.demands(&view, map);
        for (key, value) in map {
            self.within(key, |at| at.member(&view, key, value, untold));
        }
    }

    fn demands(&mut self, view: &View<'_>, map: &Map<String, Value>) {
        let mut told: Vec<&str> = Vec::new();
        for demand in &view.demands {
            let holds = demand.tier <= self.tier;
            if holds && !map.contains_key(demand.name) && !told.contains(&demand.name) {
                told.push(demand.name);
                self.note(Fault::Missing, format!("{} is missing", demand.name));
            }
        }
    }

    fn member(&mut self, view: &View<'_>, key: &str, value: &Value, untold: bool) {
        let extras = self.extras;
        let response = self.side == Side::Response;
        if response && extras.null(&view.names, key) {
            let known = view.members.iter().find(|each| each.name == key);
            let wants = known.and_then(|each| self.facts.resolve(each.schema).1.kind);
            let fits = wants != Some(Kind::Object) || value.is_object() || value.is_null();
            // The member itself is an object; only what it holds is free.
            let null = wants.is_some() && value.is_null();
            if !fits {
                self.note(Fault::Type, "must be of type object");
            } else if null {
                self.note(Fault::Null, "must not be null");
            }
            return;
        }
        let mut known = view.members.iter().filter(|each| each.name == key).peekable();
        if known.peek().is_some() {
            known.for_each(|each| self.value(each.schema, value));
        } else if let Some(free) = view.map {
            self.value(free, value);
        } else if let Some(extra) = extras.member(&view.names, key).filter(|_| response) {
            self.value(extra, value);
        } else if !untold {
            let of = view.names.last().map(|name| format!(" in {name}")).unwrap_or_default();
            self.note(Fault::Unknown, format!("nobody knows {key}{of}"));
        }
    }

    fn array(&mut self, schema: &Schema, items: &[Value]) {
        let Limits { min_items, max_items, .. } = &schema.limits;
        self.size(items.len(), *min_items, *max_items, "elements");
        for (index, value) in items.iter().enumerate() {
            self.within(&index.to_string(), |at| match &schema.items {
                Some(items) => at.value(items, value),
                None => at.no_nulls(value),
            });
        }
    }

    fn text(&mut self, name: Option<&str>, schema: &Schema, text: &str) {
        let listed = !schema.values.is_empty() || !schema.beta_values.is_empty();
        let extra =
            self.side == Side::Response && name.is_some_and(|name| self.extras.value(name, text));
        if listed && !extra && !schema.all_values().any(|known| known == text) {
            let of = name.unwrap_or("the enumeration");
            self.note(Fault::Enum, format!("{text:?} is not in {of}"));
        }
        let Limits { min_length, max_length, .. } = &schema.limits;
        self.size(text.chars().count(), *min_length, *max_length, "characters");
        let format = schema.format.as_deref().unwrap_or_default();
        let right = match format {
            "date" => formats::date(text),
            "byte" => formats::base64(text),
            "id" => !text.is_empty(),
            // Responses are in UTC; requests may have any offset.
            "date-time" => match formats::date_time(text) {
                Some(offset) => self.side == Side::Request || offset == "Z",
                None => false,
            },
            _ => true,
        };
        if !right {
            self.note(Fault::Format, format!("{text:?} is no {format}"));
        }
    }

    fn number(&mut self, schema: &Schema, value: &Value) {
        if schema.kind == Some(Kind::Integer) {
            let fits = match (value.as_i64(), schema.format.as_deref()) {
                (Some(number), Some("int32")) => i32::try_from(number).is_ok(),
                (number, _) => number.is_some(),
            };
            if !fits {
                let format = schema.format.as_deref().unwrap_or("integer");
                self.note(Fault::Format, format!("{value} is no {format}"));
            }
        }
        let number = value.as_f64().unwrap_or_default();
        let bound = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
        if bound(&schema.limits.minimum).is_some_and(|least| number < least) {
            self.note(Fault::Limit, format!("{value} is too small"));
        }
        if bound(&schema.limits.maximum).is_some_and(|most| number > most) {
            self.note(Fault::Limit, format!("{value} is too large"));
        }
    }

    fn size(&mut self, size: usize, least: Option<u64>, most: Option<u64>, what: &str) {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if let Some(least) = least.filter(|least| size < *least) {
            self.note(Fault::Limit, format!("has {size} {what}, fewer than {least}"));
        }
        if let Some(most) = most.filter(|most| size > *most) {
            self.note(Fault::Limit, format!("has {size} {what}, more than {most}"));
        }
    }

    /// Free content has no schema, but it must not contain `null` in answers either.
    fn no_nulls(&mut self, value: &Value) {
        if self.side == Side::Request {
            return;
        }
        match value {
            Value::Null => self.note(Fault::Null, "must not be null"),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(&index.to_string(), |at| at.no_nulls(item));
                }
            }
            Value::Object(map) => {
                for (key, item) in map {
                    if !self.extras.null(&[], key) {
                        self.within(key, |at| at.no_nulls(item));
                    }
                }
            }
            _ => {}
        }
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
