//! The policies of an SLA: which objects they select, and what they promise for them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::common::{
    GroupId, GroupSummary, MetricDefinitionId, OrgScheduleId, OrgSummary, OwnerId, PartId,
    RevOrgId, Severity, TagId, UserSummary,
};
use crate::metric_definitions::{AppliesTo, MetricDefinitionSummary};
use crate::org_schedules::OrgScheduleSummary;
use crate::parts::PartSummary;
use crate::tags::TagSummary;
use crate::{Embedded, Text};

crate::wire_enum! {
    /// How urgent a conversation is.
    pub enum SelectorPriority = "sla-selector-priority" {
        /// At once.
        P0 = "p0",
        /// Soon.
        P1 = "p1",
        /// In turn.
        P2 = "p2",
    }
}

crate::request! {
    /// What an SLA promises for some objects.
    create struct SetPolicy = "set-sla-policy" {
        /// The name, unique in the SLA.
        name: Text<1, 256>,
        /// Which objects it is for.
        selector: SetSelector,
        /// The targets that it promises.
        metrics: Vec<SetMetricTarget>,
    }
}

crate::request! {
    /// A target: how soon something must be done.
    create struct SetMetricTarget = "set-support-metric-target" {
        /// The metric that is measured.
        metric: MetricDefinitionId,
        /// The target, in minutes.
        target: i32,
        /// The minutes after which it is at risk.
        warning_target: Option<i32>,
        /// The schedule outside of which no time counts.
        org_schedule_id: Option<OrgScheduleId>,
        /// The percentage of cases in which the target must be kept.
        performance: Option<f64>,
    }
}

crate::request! {
    /// The objects that a policy is for: all members must match, each with one of its values. An
    /// absent or empty member matches everything.
    create struct SetSelector = "set-sla-selector" {
        /// The type of object.
        applies_to: AppliesTo,
        /// Exact values of custom fields; null for a field that must not be set.
        custom_fields: Option<Map<String, Value>>,
        /// The groups that are responsible for it.
        groups: Vec<GroupId>,
        /// Additional conditions for issues.
        issue_selector: Option<SetIssueSelector>,
        /// Who owns it.
        owners: Vec<OwnerId>,
        /// The parts that the object applies to.
        parts: Vec<PartId>,
        /// How urgent a conversation is.
        priority: Vec<SelectorPriority>,
        /// How badly the customer of a ticket is affected.
        severity: Vec<Severity>,
        /// Where a conversation came from.
        source_channel: Vec<String>,
        /// The subtypes.
        subtype: Vec<String>,
        /// The tags.
        tags: Vec<TagId>,
        /// Where a ticket came from.
        ticket_source_channel: Vec<String>,
    }
}

crate::request! {
    /// Which issues a policy is for.
    create struct SetIssueSelector = "set-issue-selector" {
        /// Exact values of custom fields; null for a field that must not be set.
        custom_fields: Option<Map<String, Value>>,
        /// Who owns it.
        owners: Vec<OwnerId>,
        /// The parts that the object applies to.
        parts: Vec<PartId>,
        /// The workspaces of the customers.
        rev_orgs: Vec<RevOrgId>,
        /// The names of the stages that it is in.
        stage_name: Vec<String>,
        /// The subtypes.
        subtype: Vec<String>,
        /// The tags.
        tags: Vec<TagId>,
    }
}

/// What an SLA promises for some objects.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-policy")]
pub struct Policy {
    /// The name, unique in the SLA.
    pub name: String,
    /// Which objects it is for.
    pub selector: Selector,
    /// The targets that it promises.
    pub metrics: Vec<MetricTarget>,
}

/// A target: how soon something must be done.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "support-metric-target")]
pub struct MetricTarget {
    /// The metric that is measured.
    pub metric: Option<Embedded<MetricDefinitionSummary>>,
    /// The target, in minutes.
    pub target: i32,
    /// The minutes after which it is at risk.
    pub warning_target: Option<i32>,
    /// The schedule outside of which no time counts.
    pub org_schedule: Option<Embedded<OrgScheduleSummary>>,
    /// The percentage of cases in which the target must be kept.
    pub performance: Option<f64>,
}

/// Which objects a policy is for.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-selector")]
pub struct Selector {
    /// The type of object.
    pub applies_to: AppliesTo,
    /// Exact values of custom fields; null for a field that must not be set.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub custom_fields: Map<String, Value>,
    /// The groups that are responsible for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Embedded<GroupSummary>>,
    /// Additional conditions for issues.
    pub issue_selector: Option<IssueSelector>,
    /// Who owns it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Embedded<UserSummary>>,
    /// The parts that the object applies to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Embedded<PartSummary>>,
    /// How urgent a conversation is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub priority: Vec<SelectorPriority>,
    /// How badly the customer of a ticket is affected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Severity>,
    /// Where a conversation came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source_channel: Vec<String>,
    /// The subtypes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subtype: Vec<String>,
    /// The tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Embedded<TagSummary>>,
    /// Where a ticket came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ticket_source_channel: Vec<String>,
}

/// Which issues a policy is for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "issue-selector")]
pub struct IssueSelector {
    /// Exact values of custom fields; null for a field that must not be set.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub custom_fields: Map<String, Value>,
    /// Who owns it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Embedded<UserSummary>>,
    /// The parts that the object applies to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Embedded<PartSummary>>,
    /// The workspaces of the customers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rev_orgs: Vec<Embedded<OrgSummary>>,
    /// The names of the stages that it is in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stage_name: Vec<String>,
    /// The subtypes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subtype: Vec<String>,
    /// The tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Embedded<TagSummary>>,
}
