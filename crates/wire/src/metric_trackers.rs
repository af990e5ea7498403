//! Metric trackers: one metric of one object; and the actions that drive metrics from outside.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, MetricDefinitionId, WorkId};
use crate::org_schedules::OrgScheduleSummary;
use crate::{DateTime, Embedded, Timestamp};

crate::wire_enum! {
    /// What is done to a metric.
    pub enum MetricAction = "metric-action-execute-request-action" {
        /// It is over.
        Complete = "complete",
        /// Its time stops to count.
        Pause = "pause",
        /// It begins anew, at nothing.
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
        /// It is over.
        Completed = "completed",
        /// Its time does not count for now.
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
    /// Names a metric of an object.
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
    /// The head.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The stretches that are over, in or out of schedule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub active_intervals: Vec<TimeInterval>,
    /// When it was started last, while it runs.
    pub last_started_at: Option<DateTime>,
    /// The schedule in which its time counts.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// What it is doing.
    pub status: MetricTrackerStatus,
    /// The minutes of schedule that it took in stretches that are over.
    pub time_consumed: i64,
}

/// The time between two instants.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "time-interval")]
pub struct TimeInterval {
    /// The first instant.
    pub from: DateTime,
    /// The instant at which it is over.
    pub to: DateTime,
}
