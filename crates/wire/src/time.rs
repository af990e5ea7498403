//! Instants as the API writes them: RFC 3339 in, UTC with three digits of a second out.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, text};

/// An instant in milliseconds since 1970 UTC. Documents keep it as that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads RFC 3339 with any offset; digits below the millisecond are cut.
    pub fn parse(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        Some(Self(instant.as_millisecond()))
    }

    /// This instant, later by `ms`; stops at the ends of time.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{instant:.3}")
    }
}

/// An instant as responses write it: RFC 3339, UTC, three digits of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn date_time_schema() -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}

impl JsonSchema for DateTime {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "date-time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        date_time_schema()
    }
}

impl FromWire for Timestamp {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = text(value, at)?;
        Self::parse(&text)
            // A `+` that was not percent-encoded arrives in a query as a space.
            .or_else(|| at.in_query().then(|| Self::parse(&text.replace(' ', "+"))).flatten())
            .ok_or_else(|| {
                let field = at.path();
                ApiError::invalid_field(
                    &field,
                    format!("{field} is no RFC 3339 time such as 2026-01-31T12:00:00Z"),
                )
            })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        date_time_schema()
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn any_offset_reads_and_utc_milliseconds_are_written() {
        for (text, written) in [
            ("2023-01-01T12:00:00.000Z", "2023-01-01T12:00:00.000Z"),
            ("2023-01-01t12:00:00z", "2023-01-01T12:00:00.000Z"),
            ("2023-01-01T14:00:00.123456+02:00", "2023-01-01T12:00:00.123Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(|at| at.to_string()).as_deref(), Some(written));
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in ["", "yesterday", "2023-01-01", "2023-13-01T00:00:00Z", "1672574400"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
