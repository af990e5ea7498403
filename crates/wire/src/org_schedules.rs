//! Schedules: the hours of the week in which an organisation works.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, OrgScheduleFragmentId, OrgScheduleId, UserId};
use crate::{AtMost, DateFilter, DateTime, Many, PageRequest, Text, Timestamp};

crate::wire_enum! {
    /// Whether a schedule can be used.
    pub enum OrgScheduleStatus = "org-schedule-status" {
        /// Was used, and is for reading only.
        Archived = "archived",
        /// Can be edited, and not yet used.
        Draft = "draft",
        /// Can be used, and no longer edited.
        Published = "published",
    }
}

crate::wire_enum! {
    /// Whether an evaluation can come out differently later.
    pub enum Definedness = "definedness" {
        /// It can't.
        Immutable = "immutable",
        /// It can.
        Mutable = "mutable",
        /// The schedule says nothing of the instant.
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

crate::request! {
    /// Names a fragment of a schedule.
    create struct SetFragment = "set-org-schedule-fragment-summary" {
        /// The fragment.
        id: OrgScheduleFragmentId,
    }
}

crate::request! {
    /// Makes a schedule, as a draft.
    create struct CreateRequest = "org-schedules-create-request" {
        /// The hours of weeks that belong to no named period.
        default_weekly_org_schedule: Option<SetWeeklyOrgSchedule>,
        /// How many days ahead the schedule must say something of when it is published; 0 when
        /// absent.
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
    /// Names a schedule.
    read struct GetRequest = "org-schedules-get-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The version that is wanted; the present one when absent.
        version_number: Option<i64>,
    }
}

crate::request! {
    /// Which schedules to list.
    read struct ListRequest = "org-schedules-list-request" {
        /// Schedules that one of these made.
        created_by_id: Vec<UserId>,
        /// Schedules in one of these statuses.
        status: Vec<OrgScheduleStatus>,
        /// When the schedules cease to say something.
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
        /// How many days ahead the schedule must say something of when it is published.
        min_valid_days: Option<i64>,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// Its fragments, in place of those before.
        org_schedule_fragments: Option<Many<SetFragment, 0, 1000>>,
        /// The time zone, by its IANA name.
        timezone: Option<String>,
        /// The hours of weeks in named periods, in place of those before.
        weekly_org_schedules: Option<Many<SetWeeklyOrgSchedule, 0, 1000>>,
    }
}

crate::request! {
    /// Moves a schedule from draft to published, and from there to archived.
    update struct TransitionRequest = "org-schedules-transition-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// Where to.
        status: OrgScheduleStatus,
    }
}

crate::request! {
    /// Adds a fragment at the end of a published schedule.
    update struct SetFutureRequest = "org-schedules-set-future-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The fragment.
        org_schedule_fragment_id: OrgScheduleFragmentId,
    }
}

crate::request! {
    /// Asks what a schedule says of instants.
    read struct EvaluateRequest = "org-schedules-evaluate-request" {
        /// The schedule.
        id: OrgScheduleId,
        /// The instants.
        instants: Many<Timestamp, 1, 1000>,
    }
}

/// What a schedule says of instants, in the order in which they were asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedules-evaluate-response")]
pub struct EvaluateResponse {
    /// The evaluations.
    pub instant_evaluations: Vec<InstantEvaluation>,
}

/// What a schedule says of an instant.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "instant-evaluation")]
pub struct InstantEvaluation {
    /// The instant.
    pub at: DateTime,
    /// Whether this can come out differently later.
    pub definedness: Definedness,
    /// Whether the schedule is on; absent where it says nothing.
    pub is_active: Option<bool>,
    /// When that changes next; absent where nothing is known of it.
    pub next_transition: Option<DateTime>,
}

/// A schedule.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-schedule")]
pub struct OrgSchedule {
    /// The head.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The hours of weeks that belong to no named period.
    pub default_weekly_org_schedule: Option<WeeklyOrgSchedule>,
    /// How many days ahead the schedule must say something of when it is published.
    pub min_valid_days: i32,
    /// The name.
    pub name: String,
    /// Its fragments, in their order.
    pub org_schedule_fragments: Vec<FragmentOverview>,
    /// Whether it can be used.
    pub status: OrgScheduleStatus,
    /// The time zone, by its IANA name.
    pub timezone: String,
    /// When it ceases to say something; absent without fragments, as it then never does.
    pub valid_until: Option<DateTime>,
    /// Counts its changes from 1.
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
    /// The head.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// Whether it can be used.
    pub status: OrgScheduleStatus,
    /// The time zone, by its IANA name.
    pub timezone: String,
    /// When it ceases to say something; absent without fragments, as it then never does.
    pub valid_until: Option<DateTime>,
    /// Counts its changes from 1.
    pub version_number: i64,
}
