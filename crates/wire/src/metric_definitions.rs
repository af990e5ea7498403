//! Metric definitions: what an SLA can set a time limit for.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, MetricDefinitionId};
use crate::{Kind, Many, PageRequest, SortBy, Text};

crate::wire_enum! {
    /// The types of object that SLAs and metrics are for.
    pub enum AppliesTo = "sla-applies-to" {
        /// Conversations.
        Conversation = "conversation",
        /// Incidents.
        Incident = "incident",
        /// Issues.
        Issue = "issue",
        /// Tickets.
        Ticket = "ticket",
    }
}

impl AppliesTo {
    /// The type of the objects of a kind, if SLAs can be for it.
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Conversation => Some(Self::Conversation),
            Kind::Incident => Some(Self::Incident),
            Kind::Issue => Some(Self::Issue),
            Kind::Ticket => Some(Self::Ticket),
            _ => None,
        }
    }
}

crate::wire_enum! {
    /// Whether new SLAs can use a metric.
    pub enum MetricStatus = "metric-definition-status" {
        /// They can.
        Active = "active",
        /// They can't; SLAs that use it already continue to.
        Inactive = "inactive",
    }
}

crate::wire_enum! {
    /// What a metric measures.
    pub enum MetricType = "metric-definition-metric-type" {
        /// The time spent in some state.
        Time = "time",
        /// A value.
        Value = "value",
    }
}

crate::request! {
    /// Creates a metric.
    create struct CreateRequest = "metric-definitions-create-request" {
        /// The name, unique in the org.
        name: Text<1, 64>,
        /// What it measures.
        description: Option<Text<0, 1024>>,
        /// The types of object that it can be measured on.
        applies_to: Many<AppliesTo, 1, { usize::MAX }>,
    }
}

crate::request! {
    /// The metric to get, by its id or its name.
    read struct GetRequest = "metric-definitions-get-request" {
        /// The metric.
        id: Option<MetricDefinitionId>,
        /// Its name.
        name: Option<Text<1, 64>>,
    }
}

crate::request! {
    /// Which metrics to list.
    read struct ListRequest = "metric-definitions-list-request" {
        /// Metrics that measure one of these.
        r#type: Vec<MetricType>,
        /// Metrics of one of these types of object.
        applies_to_type: Vec<AppliesTo>,
        /// Whether to list the org's own metrics too; false when absent.
        include_custom_metrics: Option<bool>,
        /// Metrics in one of these states.
        status: Vec<MetricStatus>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a metric.
    update struct UpdateRequest = "metric-definitions-update-request" {
        /// The metric.
        id: MetricDefinitionId,
        /// The new name.
        name: Option<Text<1, 64>>,
        /// What it measures.
        description: Option<Text<0, 1024>>,
        /// Whether new SLAs can use it.
        status: Option<MetricStatus>,
    }
}

crate::id_requests! {
    /// The metric to delete.
    DeleteRequest = "metric-definitions-delete-request" { id: MetricDefinitionId }
}

/// A metric.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "metric-definition")]
pub struct MetricDefinition {
    /// What it measures.
    #[serde(rename = "type")]
    pub kind: MetricType,
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name, unique in the org.
    pub name: String,
    /// What it measures, in words.
    pub description: Option<String>,
    /// The types of object that it can be measured on.
    pub applies_to: Vec<AppliesTo>,
    /// Whether new SLAs can use it.
    pub status: MetricStatus,
}

/// A metric, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "metric-definition-summary")]
pub struct MetricDefinitionSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
}
