//! Fragments of schedules: spans of time that say which days are off, and which belong to a named
//! period with a weekly schedule of its own.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, OrgScheduleFragmentId};
use crate::parse::{Plus, text_with};
use crate::{ApiError, At, AtMost, DateTime, FromWire, Many, Text, Timestamp};

/// A day, given as an instant: the date as written, whatever the time of day and the offset. It is
/// stored as midnight of that date in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Timestamp);

impl Day {
    /// The day that an RFC 3339 time names.
    fn parse(text: &str) -> Option<Self> {
        Timestamp::parse(text)?;
        let (date, _) = text.split_once(['T', 't', ' '])?;
        Timestamp::parse(&format!("{date}T00:00:00Z")).map(Self)
    }
}

impl FromWire for Day {
    const PLUS: Plus = Plus::Itself;

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = text_with(value, Self::PLUS, at)?;
        Self::parse(&text).ok_or_else(|| {
            let field = at.path();
            let message = format!("{field} is no RFC 3339 time such as 2026-01-31T00:00:00Z");
            ApiError::invalid_field(&field, message)
        })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

crate::wire_enum! {
    /// Whether a fragment can be used.
    pub enum OrgScheduleFragmentStatus = "org-schedule-fragment-status" {
        /// It was in use, and is read-only now.
        Archived = "archived",
        /// It can't be used yet.
        Draft = "draft",
        /// Schedules can use it.
        Published = "published",
    }
}

crate::request! {
    /// Days that are off or that belong to a named period.
    create struct SetInterval = "create-org-schedule-interval" {
        /// The first day.
        from: Day,
        /// The name of the period, which selects the weekly schedule of that name; for excluded
        /// days, what they are.
        name: Text<1, 256>,
        /// Whether the days are off as a whole; false when absent.
        is_excluded: Option<bool>,
        /// The day after the last one; one day when absent.
        to: Option<Day>,
    }
}

crate::request! {
    /// Creates a fragment of schedules as a draft.
    create struct CreateRequest = "org-schedule-fragments-create-request" {
        /// The first day.
        from: Day,
        /// Its days that differ from the default week.
        intervals: Many<SetInterval, 0, 1000>,
        /// The name.
        name: Text<1, 256>,
        /// The regions that it is meant for.
        region_codes: AtMost<Text<1, 32>, 500>,
        /// The day after the last one.
        to: Day,
    }
}

crate::id_requests! {
    /// The fragment to get.
    GetRequest = "org-schedule-fragments-get-request" { id: OrgScheduleFragmentId }
}

crate::request! {
    /// Moves a fragment from draft to published, and from there to archived.
    update struct TransitionRequest = "org-schedule-fragments-transition-request" {
        /// The fragment.
        id: OrgScheduleFragmentId,
        /// The new status.
        status: OrgScheduleFragmentStatus,
    }
}

/// A fragment of schedules.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule-fragment")]
pub struct OrgScheduleFragment {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The first day.
    pub from: DateTime,
    /// The day after the last one.
    pub to: DateTime,
    /// The name.
    pub name: String,
    /// Its days that differ from the default week.
    pub intervals: Vec<OrgScheduleInterval>,
    /// The regions that it is meant for.
    pub region_codes: Vec<String>,
    /// Whether it can be used.
    pub status: OrgScheduleFragmentStatus,
}

/// Days that are off or that belong to a named period.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule-interval")]
pub struct OrgScheduleInterval {
    /// The first day.
    pub from: DateTime,
    /// The day after the last one; one day when absent.
    pub to: Option<DateTime>,
    /// The name of the period.
    pub name: String,
    /// Whether the days are off as a whole.
    pub is_excluded: bool,
}

#[cfg(test)]
mod tests {
    use super::Day;
    use crate::Timestamp;

    #[test]
    fn a_day_is_the_date_as_written() {
        for text in [
            "2026-01-31T00:00:00Z",
            "2026-01-31T23:59:59.999Z",
            "2026-01-31T00:00:00+05:45",
            "2026-01-31t22:00:00-08:00",
        ] {
            let midnight = Timestamp::parse("2026-01-31T00:00:00Z").map(Day);
            assert_eq!(Day::parse(text), midnight, "{text}");
        }
        for text in ["", "2026-01-31", "2026-02-30T00:00:00Z", "tomorrow"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
