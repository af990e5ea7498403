//! SLA trackers: what became of a promise about time for one object.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, MetricDefinitionId, SlaTrackerId, UserSummary, WorkId};
use crate::metric_definitions::MetricDefinitionSummary;
use crate::org_schedules::OrgScheduleSummary;
use crate::slas::SlaSummary;
use crate::{DateFilter, DateRange, DateTime, Embedded, PageRequest, SortBy};

crate::wire_enum! {
    /// Where a metric, or the promise as a whole, stands.
    pub enum SlaStage = "sla-summary-stage" {
        /// The target was missed.
        Breached = "breached",
        /// It is done.
        Completed = "completed",
        /// The clock stands.
        Paused = "paused",
        /// The clock runs.
        Running = "running",
        /// The target is near.
        Warning = "warning",
    }
}

crate::wire_enum! {
    /// Whether promises were kept.
    pub enum SlaTrackerStatus = "sla-tracker-status" {
        /// Every metric was completed in time.
        Hit = "hit",
        /// No target was missed so far.
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
    /// Objects with an SLA that stands so.
    read struct SlaSummaryFilter = "sla-summary-filter" {
        /// Where the SLA stands.
        stage: Vec<SlaStage>,
        /// When its next target is.
        target_time: Option<DateFilter>,
    }
}

crate::request! {
    /// Names a tracker.
    read struct GetRequest = "sla-trackers-get-request" {
        /// The tracker.
        id: SlaTrackerId,
    }
}

crate::request! {
    /// Which trackers to list.
    read struct ListRequest = "sla-trackers-list-request" {
        /// When they were made.
        created_date: Option<DateRange>,
        /// When they were changed last.
        modified_date: Option<DateRange>,
        /// Where they stand.
        stage: Vec<SlaStage>,
        /// Whether promises were kept.
        status: Vec<SlaTrackerStatus>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Takes a metric off an object.
    create struct RemoveMetricRequest = "sla-trackers-remove-metric-request" {
        /// The metric.
        metric: MetricDefinitionId,
        /// The object.
        object: WorkId,
    }
}

crate::request! {
    /// Asks how the times of an object's metrics come about.
    read struct ExplainRequest = "sla-trackers-explain-request" {
        /// The tracker.
        id: SlaTrackerId,
    }
}

/// A promise about time, and what became of it.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-tracker")]
pub struct SlaTracker {
    /// The head.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The object that is tracked.
    pub applies_to_id: String,
    /// What kind of object that is.
    pub applies_to_type: SlaTrackerAppliesTo,
    /// Its metrics.
    pub metric_target_summaries: Vec<MetricTarget>,
    /// The metrics that were taken off it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_sla_metric_history: Vec<RemovedMetric>,
    /// The SLA that holds for it.
    pub sla: Option<Embedded<SlaSummary>>,
    /// The policy of that SLA.
    pub sla_policy_id: Option<String>,
    /// Where the metric stands that is closest to its target.
    pub stage: Option<SlaStage>,
    /// Whether promises were kept.
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
    /// The minutes of schedule that this took.
    pub completed_in: Option<i64>,
    /// The seconds of schedule that this took.
    pub completed_in_seconds: Option<i64>,
    /// Whether the policy has it.
    pub in_policy: bool,
    /// Whether its schedule is off now.
    pub is_out_of_schedule: Option<bool>,
    /// What is measured.
    pub metric_definition: Embedded<MetricDefinitionSummary>,
    /// When its schedule goes on or off next.
    pub next_schedule_transition: Option<DateTime>,
    /// The schedule in which its time counts.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// The version that the schedule had when it began to hold.
    pub org_schedule_version: Option<i64>,
    /// The minutes that are left while it is paused; below zero once they are used up.
    pub remaining_time: Option<i64>,
    /// Where it stands.
    pub stage: SlaStage,
    /// Whether the promise was kept.
    pub status: Option<SlaTrackerStatus>,
    /// When it misses its target unless something happens.
    pub target_time: Option<DateTime>,
    /// When it is warned of that.
    pub warning_target_time: Option<DateTime>,
}

/// A metric that was taken off an object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "removed-sla-metric-history")]
pub struct RemovedMetric {
    /// The metric.
    pub metric_definition: Embedded<MetricDefinitionSummary>,
    /// When.
    pub removed_at: DateTime,
    /// By whom.
    pub removed_by: Embedded<UserSummary>,
}

/// A tracker, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-tracker-summary")]
pub struct SlaTrackerSummary {
    /// The head.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// What kind of object is tracked.
    pub applies_to_type: SlaTrackerAppliesTo,
}

/// How the promise for an object stands.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "archetype-sla-summary")]
pub struct SlaStanding {
    /// The name of the metric that is closest to its target.
    pub closest_to_breach_metric: Option<String>,
    /// The schedule of that metric.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// The minutes that are left to it while it is paused.
    pub remaining_time: Option<i64>,
    /// The whole tracker.
    pub sla_tracker: Option<SlaTracker>,
    /// Where that metric stands.
    pub stage: Option<SlaStage>,
    /// When it misses its target.
    pub target_time: Option<DateTime>,
}

/// The answer with one tracker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-trackers-explain-response")]
pub struct ExplainResponse {
    /// How the times come about.
    pub explanation: Explanation,
}

/// How the times of an object's metrics come about.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-tracker-explanation")]
pub struct Explanation {
    /// The tracker.
    pub sla_tracker: Option<Embedded<SlaTrackerSummary>>,
    /// The instant to which it counts.
    pub at: DateTime,
    /// The name of the policy.
    pub policy: Option<String>,
    /// Each metric.
    pub metrics: Vec<ExplainedMetric>,
}

/// How the time of a metric comes about.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-explained-metric")]
pub struct ExplainedMetric {
    /// The metric.
    pub metric_definition: Option<Embedded<MetricDefinitionSummary>>,
    /// The schedule in which its time counts; all hours do when absent.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// The time that it may take, in seconds.
    pub target_seconds: Option<f64>,
    /// The time that counts, in seconds: the sum of all intervals.
    pub elapsed_seconds: f64,
    /// The stretches in which the metric ran, in order.
    pub spans: Vec<ExplainedSpan>,
}

/// A stretch in which a metric ran.
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

/// What began or ended a stretch.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-explained-cause")]
pub struct Cause {
    /// When.
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
    /// The instant at which it is over.
    pub to: DateTime,
    /// How long it is, in seconds.
    pub seconds: f64,
}
