//! Schedules: the hours of the week in which an organisation works.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, OrgScheduleFragmentId, OrgScheduleId, UserId};
use crate::{AtMost, DateFilter, DateTime, Many, PageRequest, Text, Timestamp};

crate::wire_enum! {
    /// Whether a schedule can be used.
    pub enum OrgScheduleStatus = "org-schedule-status" {
        /// It was in use, and is read-only now.
        Archived = "archived",
        /// It can be edited, but not used yet.
        Draft = "draft",
        /// It can be used, but not edited any more.
        Published = "published",
    }
}

crate::wire_enum! {
    /// Whether an evaluation can change later.
    pub enum Definedness = "definedness" {
        /// It can't change.
        Immutable = "immutable",
        /// It can change.
        Mutable = "mutable",
        /// The schedule does not cover the instant.
        Undefined = "undefined",
    }
}

crate::request! {
    /// Minutes of the week, counted from Sunday 00:00.
    create struct SetWeeklyInterval = "create-weekly-org-schedule-interval" {
        /// The first minute.
        from: i64,
        /// The minute after the last one.
        to: i64,
    }
}

crate::request! {
    /// The hours of a week.
    create struct SetWeeklyOrgSchedule = "set-weekly-org-schedule" {
        /// When it is on.
        intervals: Many<SetWeeklyInterval, 0, 1000>,
        /// The named period that it applies in.
        period_name: Text<0, 256>,
    }
}

crate::id_requests! {
    /// A fragment of a schedule.
    SetFragment = "set-org-schedule-fragment-summary" { id: OrgScheduleFragmentId }
}

crate::request! {
    /// Creates a schedule as a draft.
    create struct CreateRequest = "org-schedules-create-request" {
        /// The hours of weeks that belong to no named period.
        default_weekly_org_schedule: Option<SetWeeklyOrgSchedule>,
        /// How many days ahead the schedule must cover when it is published; 0 when absent.
        min_valid_days: Option<i64>,
        /// The name.
        name: Text<1, 256>,
        /// Its fragments; each begins where the one before it ends.
        org_schedule_fragments: AtMost<SetFragment, 1000>,
        /// The time zone, by its IANA name.
        timezone: String,
        /// The hours of weeks in named periods.
        weekly_org_schedules: AtMost<SetWeeklyOrgSchedule, 1000>,
    }
}

crate::request! {
    /// The schedule to get.
    read struct GetRequest = "org-schedules-get-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The version; the current one when absent.
        version_number: Option<i64>,
    }
}

crate::request! {
    /// Which schedules to list.
    read struct ListRequest = "org-schedules-list-request" {
        /// Schedules that one of these users created.
        created_by_id: Vec<UserId>,
        /// Schedules in one of these statuses.
        status: Vec<OrgScheduleStatus>,
        /// When the coverage of the schedules ends.
        valid_until: Option<DateFilter>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a schedule that is a draft.
    update struct UpdateRequest = "org-schedules-update-request" {
        /// The hours of weeks that belong to no named period.
        default_weekly_org_schedule: Option<SetWeeklyOrgSchedule>,
        /// The schedule.
        id: OrgScheduleId,
        /// How many days ahead the schedule must cover when it is published.
        min_valid_days: Option<i64>,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// Its fragments; replaces the list.
        org_schedule_fragments: Option<Many<SetFragment, 0, 1000>>,
        /// The time zone, by its IANA name.
        timezone: Option<String>,
        /// The hours of weeks in named periods; replaces the list.
        weekly_org_schedules: Option<Many<SetWeeklyOrgSchedule, 0, 1000>>,
    }
}

crate::request! {
    /// Moves a schedule from draft to published, and from there to archived.
    update struct TransitionRequest = "org-schedules-transition-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The new status.
        status: OrgScheduleStatus,
    }
}

crate::request! {
    /// Appends a fragment to a published schedule.
    update struct SetFutureRequest = "org-schedules-set-future-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The fragment.
        org_schedule_fragment_id: OrgScheduleFragmentId,
    }
}

crate::request! {
    /// Asks whether a schedule is on at some instants.
    read struct EvaluateRequest = "org-schedules-evaluate-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The instants.
        instants: Many<Timestamp, 1, 1000>,
    }
}

/// Whether a schedule is on at some instants, in the order of the request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedules-evaluate-response")]
pub struct EvaluateResponse {
    /// The evaluations.
    pub instant_evaluations: Vec<InstantEvaluation>,
}

/// Whether a schedule is on at an instant.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "instant-evaluation")]
pub struct InstantEvaluation {
    /// The instant.
    pub at: DateTime,
    /// Whether this evaluation can change later.
    pub definedness: Definedness,
    /// Whether the schedule is on; absent if it does not cover the instant.
    pub is_active: Option<bool>,
    /// When that changes next; absent if it is not known.
    pub next_transition: Option<DateTime>,
}

/// A schedule.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule")]
pub struct OrgSchedule {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The hours of weeks that belong to no named period.
    pub default_weekly_org_schedule: Option<WeeklyOrgSchedule>,
    /// How many days ahead the schedule must cover when it is published.
    pub min_valid_days: i32,
    /// The name.
    pub name: String,
    /// Its fragments, in their order.
    pub org_schedule_fragments: Vec<FragmentOverview>,
    /// Whether it can be used.
    pub status: OrgScheduleStatus,
    /// The time zone, by its IANA name.
    pub timezone: String,
    /// When its coverage ends; absent without fragments, because it then never does.
    pub valid_until: Option<DateTime>,
    /// Its version, counted from 1.
    pub version_number: i64,
    /// The hours of weeks in named periods.
    pub weekly_org_schedules: Vec<WeeklyOrgSchedule>,
}

/// A fragment, as its schedule shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule-fragment-overview")]
pub struct FragmentOverview {
    /// The fragment.
    pub id: String,
    /// Its first day.
    pub from: DateTime,
    /// The day after its last one.
    pub to: DateTime,
}

/// The hours of a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "weekly-org-schedule")]
pub struct WeeklyOrgSchedule {
    /// When it is on.
    pub intervals: Vec<WeeklyInterval>,
    /// The named period that it applies in.
    pub period_name: String,
}

/// Minutes of the week, counted from Sunday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "weekly-org-schedule-interval")]
pub struct WeeklyInterval {
    /// The first minute.
    pub from: i32,
    /// The minute after the last one.
    pub to: i32,
}

/// A schedule, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule-summary")]
pub struct OrgScheduleSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// Whether it can be used.
    pub status: OrgScheduleStatus,
    /// The time zone, by its IANA name.
    pub timezone: String,
    /// When its coverage ends; absent without fragments, because it then never does.
    pub valid_until: Option<DateTime>,
    /// Its version, counted from 1.
    pub version_number: i64,
}
