//! Filters of time, in the contract's two shapes.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, members, one_of, refuse_unknown};
use crate::time::Timestamp;

/// An inclusive span of time, open where a bound is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first instant that matches.
    pub from: Option<Timestamp>,
    /// The last instant that matches.
    pub to: Option<Timestamp>,
}

/// `{after?, before?}` without a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first instant that matches.
    pub after: Option<Timestamp>,
    /// The last instant that matches.
    pub before: Option<Timestamp>,
}

/// A span named by its bounds, or by a number of days around now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFilter {
    /// Between two instants.
    Range(DateRange),
    /// From now minus this many days until now.
    LastDays(u32),
    /// From now until now plus this many days.
    NextDays(u32),
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl From<DateRange> for Span {
    fn from(range: DateRange) -> Self {
        Self { from: range.after, to: range.before }
    }
}

impl DateFilter {
    /// The span that this filter denotes at the instant `now`.
    pub fn span(self, now: Timestamp) -> Span {
        match self {
            Self::Range(range) => range.into(),
            Self::LastDays(days) => {
                Span { from: Some(now.plus_ms(-i64::from(days) * DAY_MS)), to: Some(now) }
            }
            Self::NextDays(days) => {
                Span { from: Some(now), to: Some(now.plus_ms(i64::from(days) * DAY_MS)) }
            }
        }
    }
}

impl DateRange {
    fn take(object: &mut serde_json::Map<String, Value>, at: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            after: Option::read(object.remove("after"), &at.child("after"))?,
            before: Option::read(object.remove("before"), &at.child("before"))?,
        })
    }
}

impl FromWire for DateRange {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let mut object = members(value, at)?;
        refuse_unknown(&object, at, |name| matches!(name, "after" | "before"))?;
        Self::take(&mut object, at)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "after": { "type": "string", "format": "date-time" },
                "before": { "type": "string", "format": "date-time" },
            },
            "additionalProperties": false,
        })
    }
}

impl FromWire for DateFilter {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let mut object = members(value, at)?;
        let kind = object.remove("type").map(|kind| String::from_value(kind, &at.child("type")));
        match kind.transpose()?.as_deref() {
            // The Python SDK leaves the type of a range out.
            None if object.contains_key("after") || object.contains_key("before") => {
                DateRange::from_value(Value::Object(object), at).map(Self::Range)
            }
            None => Err(ApiError::missing(&at.child("type").path())),
            Some("range") => DateRange::from_value(Value::Object(object), at).map(Self::Range),
            Some("preset") => preset(object, at),
            Some(other) => Err(one_of(&at.child("type"), other, &["range", "preset"])),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = DateRange::schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.insert("type".into(), serde_json::json!({ "enum": ["range", "preset"] }));
            let presets = serde_json::json!({ "enum": ["last_n_days", "next_n_days"] });
            properties.insert("preset_type".into(), presets);
            let days = serde_json::json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX });
            properties.insert("days".into(), days);
        }
        schema
    }
}

fn preset(mut object: serde_json::Map<String, Value>, at: &At<'_>) -> Result<DateFilter, ApiError> {
    refuse_unknown(&object, at, |name| matches!(name, "preset_type" | "days"))?;
    let preset_at = at.child("preset_type");
    let preset = String::read(object.remove("preset_type"), &preset_at)?;
    let days = u32::read(object.remove("days"), &at.child("days"))?;
    match preset.as_str() {
        "last_n_days" => Ok(DateFilter::LastDays(days)),
        "next_n_days" => Ok(DateFilter::NextDays(days)),
        other => Err(one_of(&preset_at, other, &["last_n_days", "next_n_days"])),
    }
}
