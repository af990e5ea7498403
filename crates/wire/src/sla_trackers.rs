//! SLA trackers: how the promise of an SLA stands for one object.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, MetricDefinitionId, SlaTrackerId, UserSummary, WorkId};
use crate::metric_definitions::MetricDefinitionSummary;
use crate::org_schedules::OrgScheduleSummary;
use crate::slas::SlaSummary;
use crate::{DateFilter, DateRange, DateTime, Embedded, PageRequest, SortBy};

crate::wire_enum! {
    /// The stage of a metric, or of the promise as a whole.
    pub enum SlaStage = "sla-summary-stage" {
        /// The target was missed.
        Breached = "breached",
        /// It is done.
        Completed = "completed",
        /// The clock is stopped.
        Paused = "paused",
        /// The clock is running.
        Running = "running",
        /// The target is near.
        Warning = "warning",
    }
}

crate::wire_enum! {
    /// Whether targets were met.
    pub enum SlaTrackerStatus = "sla-tracker-status" {
        /// Every metric was completed in time.
        Hit = "hit",
        /// No target has been missed so far.
        InProgress = "in_progress",
        /// A target was missed.
        Miss = "miss",
    }
}

crate::wire_enum! {
    /// What kind of object is tracked.
    pub enum SlaTrackerAppliesTo = "sla-tracker-applies-to-type" {
        /// A conversation.
        Conversation = "conversation",
        /// An incident.
        Incident = "incident",
        /// An issue.
        Issue = "issue",
        /// A ticket.
        Ticket = "ticket",
    }
}

crate::request! {
    /// Objects by the stage of their SLA.
    read struct SlaSummaryFilter = "sla-summary-filter" {
        /// The stage of the SLA.
        stage: Vec<SlaStage>,
        /// When its next target is.
        target_time: Option<DateFilter>,
    }
}

crate::id_requests! {
    /// The tracker to get.
    GetRequest = "sla-trackers-get-request" { id: SlaTrackerId }
    /// The tracker whose times are to be explained.
    ExplainRequest = "sla-trackers-explain-request" { id: SlaTrackerId }
}

crate::request! {
    /// Which trackers to list.
    read struct ListRequest = "sla-trackers-list-request" {
        /// When they were created.
        created_date: Option<DateRange>,
        /// When they were last changed.
        modified_date: Option<DateRange>,
        /// Their stages.
        stage: Vec<SlaStage>,
        /// Whether targets were met.
        status: Vec<SlaTrackerStatus>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Removes a metric from an object.
    create struct RemoveMetricRequest = "sla-trackers-remove-metric-request" {
        /// The metric.
        metric: MetricDefinitionId,
        /// The object.
        object: WorkId,
    }
}

/// The promise of an SLA for an object, and how it stands.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-tracker")]
pub struct SlaTracker {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The object that is tracked.
    pub applies_to_id: String,
    /// What kind of object that is.
    pub applies_to_type: SlaTrackerAppliesTo,
    /// Its metrics.
    pub metric_target_summaries: Vec<MetricTarget>,
    /// The metrics that were removed from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_sla_metric_history: Vec<RemovedMetric>,
    /// The SLA that applies to it.
    pub sla: Option<Embedded<SlaSummary>>,
    /// The policy of that SLA.
    pub sla_policy_id: Option<String>,
    /// The stage of the metric that is closest to its target.
    pub stage: Option<SlaStage>,
    /// Whether targets were met.
    pub status: Option<SlaTrackerStatus>,
}

/// A metric of an object, and its targets.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "archetype-metric-target")]
pub struct MetricTarget {
    /// When its target was missed.
    pub breached_at: Option<DateTime>,
    /// When it was completed.
    pub completed_at: Option<DateTime>,
    /// How long this took, in minutes within the schedule.
    pub completed_in: Option<i64>,
    /// How long this took, in seconds within the schedule.
    pub completed_in_seconds: Option<i64>,
    /// Whether the policy contains it.
    pub in_policy: bool,
    /// Whether the present time is outside its schedule.
    pub is_out_of_schedule: Option<bool>,
    /// The metric that is measured.
    pub metric_definition: Embedded<MetricDefinitionSummary>,
    /// When its schedule goes on or off next.
    pub next_schedule_transition: Option<DateTime>,
    /// The schedule within which its time counts.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// The version of the schedule when it began to apply.
    pub org_schedule_version: Option<i64>,
    /// The remaining minutes while it is paused; negative once they are used up.
    pub remaining_time: Option<i64>,
    /// Its stage.
    pub stage: SlaStage,
    /// Whether its target was met.
    pub status: Option<SlaTrackerStatus>,
    /// When it will miss its target unless something happens.
    pub target_time: Option<DateTime>,
    /// When a warning is due.
    pub warning_target_time: Option<DateTime>,
}

/// A metric that was removed from an object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "removed-sla-metric-history")]
pub struct RemovedMetric {
    /// The metric.
    pub metric_definition: Embedded<MetricDefinitionSummary>,
    /// The instant.
    pub removed_at: DateTime,
    /// Who removed it.
    pub removed_by: Embedded<UserSummary>,
}

/// A tracker, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-tracker-summary")]
pub struct SlaTrackerSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// What kind of object is tracked.
    pub applies_to_type: SlaTrackerAppliesTo,
}

/// How the promise of an SLA for an object stands.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "archetype-sla-summary")]
pub struct SlaStanding {
    /// The name of the metric that is closest to its target.
    pub closest_to_breach_metric: Option<String>,
    /// The schedule of that metric.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// Its remaining minutes while it is paused.
    pub remaining_time: Option<i64>,
    /// The whole tracker.
    pub sla_tracker: Option<SlaTracker>,
    /// The stage of that metric.
    pub stage: Option<SlaStage>,
    /// When it will miss its target.
    pub target_time: Option<DateTime>,
}

/// The answer with one tracker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-trackers-explain-response")]
pub struct ExplainResponse {
    /// How the times are calculated.
    pub explanation: Explanation,
}

/// How the times of an object's metrics are calculated.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-tracker-explanation")]
pub struct Explanation {
    /// The tracker.
    pub sla_tracker: Option<Embedded<SlaTrackerSummary>>,
    /// The instant up to which time is counted.
    pub at: DateTime,
    /// The name of the policy.
    pub policy: Option<String>,
    /// Each metric.
    pub metrics: Vec<ExplainedMetric>,
}

/// How the time of a metric is calculated.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-explained-metric")]
pub struct ExplainedMetric {
    /// The metric.
    pub metric_definition: Option<Embedded<MetricDefinitionSummary>>,
    /// The schedule within which its time counts; when absent, all hours count.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// The target, in seconds.
    pub target_seconds: Option<f64>,
    /// The counted time after which it warns, in seconds.
    pub warning_seconds: Option<f64>,
    /// The counted time, in seconds: the sum of all intervals.
    pub elapsed_seconds: f64,
    /// The spans in which the metric was running, in order.
    pub spans: Vec<ExplainedSpan>,
}

/// A span in which a metric was running.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-explained-span")]
pub struct ExplainedSpan {
    /// What began it.
    pub started_by: Cause,
    /// What ended it; absent while it lasts.
    pub stopped_by: Option<Cause>,
    /// When its time counted, within the schedule.
    pub intervals: Vec<CountedInterval>,
}

/// What began or ended a span.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-explained-cause")]
pub struct Cause {
    /// The instant.
    pub at: DateTime,
    /// The rule, in words.
    pub rule: String,
    /// The revision that the object had then.
    pub revision: u64,
}

/// Time that counted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-counted-interval")]
pub struct CountedInterval {
    /// Its first instant.
    pub from: DateTime,
    /// The instant at which it ends, exclusive.
    pub to: DateTime,
    /// How long it is, in seconds.
    pub seconds: f64,
}
