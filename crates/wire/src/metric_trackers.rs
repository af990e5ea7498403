//! Metric trackers: one metric of one object; and the actions by which clients drive metrics.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, MetricDefinitionId, WorkId};
use crate::org_schedules::OrgScheduleSummary;
use crate::{DateTime, Embedded, Timestamp};

crate::wire_enum! {
    /// An action on a metric.
    pub enum MetricAction = "metric-action-execute-request-action" {
        /// It is completed.
        Complete = "complete",
        /// Its time stops counting.
        Pause = "pause",
        /// It starts again from zero.
        Restart = "restart",
        /// Its time counts again.
        Resume = "resume",
        /// It begins.
        Start = "start",
    }
}

crate::wire_enum! {
    /// What a metric is doing.
    pub enum MetricTrackerStatus = "time-metric-tracker-status" {
        /// It is completed.
        Completed = "completed",
        /// Its time does not count at the moment.
        Paused = "paused",
        /// Its time counts.
        Running = "running",
    }
}

crate::request! {
    /// Drives a metric of an object.
    create struct ExecuteRequest = "metric-action-execute-request" {
        /// What is done.
        action: MetricAction,
        /// When it was done.
        event_date: Timestamp,
        /// The metric.
        metric: MetricDefinitionId,
        /// The object.
        object: WorkId,
    }
}

crate::request! {
    /// The metric of an object to get.
    read struct GetRequest = "metric-trackers-get-request" {
        /// The metric.
        metric: MetricDefinitionId,
        /// The object.
        object: WorkId,
    }
}

/// The answer with one metric tracker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "metric-trackers-get-response")]
pub struct GetResponse {
    /// The metric tracker.
    pub metric_tracker: MetricTracker,
}

/// A metric of an object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "metric-tracker")]
pub enum MetricTracker {
    /// One that measures time.
    TimeMetricTracker(Box<TimeMetricTracker>),
}

/// A metric of an object that measures time.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "time-metric-tracker")]
pub struct TimeMetricTracker {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The completed stretches of time, within the schedule or not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub active_intervals: Vec<TimeInterval>,
    /// When it was last started, while it is running.
    pub last_started_at: Option<DateTime>,
    /// The schedule within which its time counts.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// What it is doing.
    pub status: MetricTrackerStatus,
    /// The minutes within the schedule that the completed stretches took.
    pub time_consumed: i64,
}

/// The time between two instants.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "time-interval")]
pub struct TimeInterval {
    /// The first instant.
    pub from: DateTime,
    /// The instant at which it ends, exclusive.
    pub to: DateTime,
}
