//! `works.count`: how many works match, together or in groups.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use super::{Priority, Severity, WorkFilter};
use crate::common::{AccountSummary, EnumValue, UserSummary};
use crate::parts::PartSummary;
use crate::stages::StageSummary;
use crate::tags::TagSummary;
use crate::time::CalendarUnit;
use crate::vistas::groups::VistaGroupItemSummary;
use crate::{ApiError, At, AtMost, DateTime, Embedded, FromWire};

crate::request! {
    /// How many works match.
    read struct CountRequest = "works-count-request" {
        /// What to group them by: one or two of `type`, `stage`, `state`, `owned_by`,
        /// `applies_to_part`, `priority`, `severity`, `account`, `sprint`, `tags`,
        /// `custom_fields.NAME`, and `created_date` or `actual_close_date` followed by `:day`,
        /// `:week` or `:month`.
        group_by: AtMost<GroupBy, 2>,
        .. filter: WorkFilter,
    }
}

/// One entry of `group_by`: `stage` or `created_date:week`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupBy {
    /// The field to group by.
    pub field: String,
    /// How long the groups of a date are.
    pub unit: Option<CalendarUnit>,
}

impl FromWire for GroupBy {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = String::from_value(value, at)?;
        let Some((field, unit)) = text.split_once(':') else {
            return Ok(Self { field: text, unit: None });
        };
        let unit = CalendarUnit::ALL.iter().copied().find(|one| one.as_str() == unit);
        if unit.is_some() {
            return Ok(Self { field: field.to_owned(), unit });
        }
        let place = at.path();
        let message = format!("{place}: {text:?} does not end in :day, :week or :month");
        Err(ApiError::invalid_field(&place, message))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^:]+(:(day|week|month))?$" })
    }
}

/// How many works match.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "works-count-response")]
pub struct CountResponse {
    /// The number of matching works.
    pub count: u64,
    /// Whether there are more than were counted: never.
    pub has_more: bool,
    /// The groups that have works, in the order of their values, if the request groups them. A work
    /// is in one group for each of its values.
    pub groups: Option<Vec<CountGroup>>,
}

/// Works that have the same values in what they are grouped by. A value that is absent, although
/// works are grouped by it, is one that these works don't have.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "works-count-group")]
pub struct CountGroup {
    /// The number of works.
    pub count: u64,
    /// The customer.
    pub account: Option<Embedded<AccountSummary>>,
    /// The beginning of the day, week (from Monday) or month in which they were done, in UTC.
    pub actual_close_date: Option<DateTime>,
    /// The part that they apply to.
    pub applies_to_part: Option<Embedded<PartSummary>>,
    /// The beginning of the day, week (from Monday) or month in which they were created, in UTC.
    pub created_date: Option<DateTime>,
    /// The value of a custom field, by its name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub custom_fields: Map<String, Value>,
    /// One of their owners.
    pub owned_by: Option<Embedded<UserSummary>>,
    /// How urgent they are.
    pub priority: Option<Priority>,
    /// How urgent they are.
    pub priority_v2: Option<EnumValue>,
    /// How badly the customer is affected.
    pub severity: Option<Severity>,
    /// The sprint that they belong to.
    pub sprint: Option<Embedded<VistaGroupItemSummary>>,
    /// The stage that they are in.
    pub stage: Option<Embedded<StageSummary>>,
    /// The name of the stage's state.
    pub state: Option<String>,
    /// The display name of the stage's state.
    pub state_display_name: Option<String>,
    /// One of their tags.
    pub tags: Option<Embedded<TagSummary>>,
    /// What kind of work.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}
