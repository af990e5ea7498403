//! Instants in the API: any RFC 3339 in requests, UTC with milliseconds in answers.

use std::borrow::Cow;
use std::fmt;

use jiff::fmt::temporal::Pieces;
use jiff::{SignedDuration, civil};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, Plus, text_with};

/// An instant in milliseconds since 1970 UTC. Documents store it as that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// The instant from which others are counted, in UTC.
const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// The number of digits of a fraction of a second.
const DIGITS: usize = 3;

impl Timestamp {
    /// The first instant that RFC 3339 can write in UTC: 0000-01-01T00:00:00.000Z.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The last instant that RFC 3339 can write in UTC: 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Parses RFC 3339 with any offset. Digits below the millisecond are dropped, and a leap second
    /// becomes the second before it. If the offset moves the time out of the representable years,
    /// the nearest representable instant is returned.
    pub fn parse(text: &str) -> Option<Self> {
        let text = cut(text);
        // jiff's own instants end a day before the year 9999 does, its dates do not.
        let pieces = Pieces::parse(text.as_ref()).ok()?;
        let local = pieces.date().to_datetime(pieces.time()?);
        let offset_s = i64::from(pieces.to_numeric_offset()?.seconds());
        let ms = i64::try_from(local.duration_since(EPOCH).as_millis()).ok()? - offset_s * 1000;
        (pieces.date().year() >= 0).then_some(Self(ms).within_bounds())
    }

    /// This instant plus `ms` milliseconds, clamped to `MIN` and `MAX`.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms)).within_bounds()
    }

    const fn within_bounds(self) -> Self {
        if self.0 < Self::MIN.0 {
            Self::MIN
        } else if self.0 > Self::MAX.0 {
            Self::MAX
        } else {
            self
        }
    }
}

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    /// From midnight to midnight.
    Day,
    /// Seven days from Monday on, as ISO 8601 counts weeks.
    Week,
    /// A month.
    Month,
}

impl CalendarUnit {
    /// Every unit, the shortest first.
    pub const ALL: &'static [Self] = &[Self::Day, Self::Week, Self::Month];

    /// Its name in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The beginning of the unit to which an instant belongs, in UTC.
    pub fn beginning(self, at: Timestamp) -> Timestamp {
        let since = SignedDuration::from_millis(at.within_bounds().0);
        let date = EPOCH.saturating_add(since).date();
        let first = match self {
            Self::Day => date,
            Self::Week => {
                let days = date.weekday().to_monday_zero_offset();
                date.saturating_sub(SignedDuration::from_hours(24 * i64::from(days)))
            }
            Self::Month => date.first_of_month(),
        };
        let since = first.at(0, 0, 0, 0).duration_since(EPOCH).as_millis();
        Timestamp(i64::try_from(since).unwrap_or(at.0))
    }
}

/// The text without the digits below the millisecond.
fn cut(text: &str) -> Cow<'_, str> {
    let Some(point) = text.find(['.', ',']) else { return Cow::Borrowed(text) };
    let (kept, fraction) = text.split_at(point + 1);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    if digits <= DIGITS {
        return Cow::Borrowed(text);
    }
    Cow::Owned([kept, &fraction[..DIGITS], &fraction[digits..]].concat())
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = SignedDuration::from_millis(self.within_bounds().0);
        write!(f, "{:.3}Z", EPOCH.saturating_add(since))
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
    const PLUS: Plus = Plus::Itself;

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = text_with(value, Self::PLUS, at)?;
        Self::parse(&text)
            // In a query a plus can also be the space between date and time.
            .or_else(|| at.in_query().then(|| Self::parse(&text.replacen('+', " ", 1))).flatten())
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
    use super::{CalendarUnit, Timestamp};

    #[test]
    fn days_weeks_and_months_begin_at_midnight_in_utc() {
        for (text, [day, week, month]) in [
            ("2026-11-28T22:00:00Z", ["2026-11-28", "2026-11-23", "2026-11-01"]),
            ("2026-11-23T00:00:00Z", ["2026-11-23", "2026-11-23", "2026-11-01"]),
            ("2026-01-01T00:30:00+01:00", ["2025-12-31", "2025-12-29", "2025-12-01"]),
            ("2024-03-01T00:00:00Z", ["2024-03-01", "2024-02-26", "2024-03-01"]),
            ("1969-12-31T23:59:59.999Z", ["1969-12-31", "1969-12-29", "1969-12-01"]),
            ("1970-01-01T00:00:00Z", ["1970-01-01", "1969-12-29", "1970-01-01"]),
        ] {
            let at = Timestamp::parse(text).expect("a time");
            let begins = CalendarUnit::ALL.iter().map(|unit| unit.beginning(at).to_string());
            let expected = [day, week, month].map(|date| format!("{date}T00:00:00.000Z"));
            assert_eq!(begins.collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn any_offset_reads_and_utc_milliseconds_are_written() {
        for (text, written) in [
            ("2023-01-01T12:00:00.000Z", "2023-01-01T12:00:00.000Z"),
            ("2023-01-01t12:00:00z", "2023-01-01T12:00:00.000Z"),
            ("2023-01-01 12:00:00Z", "2023-01-01T12:00:00.000Z"),
            ("2023-01-01T14:00:00.123456+02:00", "2023-01-01T12:00:00.123Z"),
            ("2023-01-01T14:00:00-00:00", "2023-01-01T14:00:00.000Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            let read = Timestamp::parse(text).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn any_number_of_digits_reads_and_those_below_the_millisecond_are_cut() {
        let digits = "123987654321".repeat(20);
        for many in 1..digits.len() {
            let kept = format!("{:0<3}", &digits[..many.min(3)]);
            for (after, hour) in [("Z", 12), ("z", 12), ("+02:00", 10), ("-02:00", 14)] {
                let text = format!("2023-01-01T12:00:00.{}{after}", &digits[..many]);
                let written = format!("2023-01-01T{hour}:00:00.{kept}Z");
                assert_eq!(Timestamp::parse(&text).map(|at| at.to_string()), Some(written));
            }
        }
    }

    #[test]
    fn every_year_that_can_be_written_reads() {
        assert_eq!(Timestamp::parse("0000-01-01T00:00:00Z"), Some(Timestamp::MIN));
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59.999Z"), Some(Timestamp::MAX));
        for year in 0..=9999 {
            for day in ["01-01T00:00:00.000Z", "02-28T12:30:59.001Z", "12-31T23:59:59.999Z"] {
                let text = format!("{year:04}-{day}");
                assert_eq!(Timestamp::parse(&text).map(|at| at.to_string()), Some(text));
            }
        }
    }

    #[test]
    fn offsets_that_lead_out_of_these_years_stop_at_their_ends() {
        for (text, end) in [
            ("0000-01-01T00:00:00+23:59", Timestamp::MIN),
            ("9999-12-31T23:59:59-00:01", Timestamp::MAX),
        ] {
            assert_eq!(Timestamp::parse(text), Some(end), "{text}");
        }
        assert_eq!(Timestamp::MAX.plus_ms(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.plus_ms(i64::MIN), Timestamp::MIN);
        assert_eq!(Timestamp::MAX.plus_ms(1).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(i64::MIN).to_string(), "0000-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        for (text, written) in [
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
            ("2017-01-01T05:29:60.75+05:30", "2016-12-31T23:59:59.750Z"),
        ] {
            let read = Timestamp::parse(text).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "yesterday",
            "2023-01-01",
            "2023-01-01T00:00:00",
            "2023-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2023-01-01T24:00:01Z",
            "2023-01-01T00:00:61Z",
            "2023-01-01T00:00:00.Z",
            "10000-01-01T00:00:00Z",
            "-000001-01-01T00:00:00Z",
            "1672574400",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
