//! SLAs: promises of how soon works and conversations are dealt with.

mod policies;

pub use policies::{
    IssueSelector, MetricTarget, Policy, Selector, SelectorPriority, SetIssueSelector,
    SetMetricTarget, SetPolicy, SetSelector,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::accounts::Filters;
use crate::common::{AtomBase, AtomSummary, RevOrgId, SlaId};
use crate::metric_definitions::AppliesTo;
use crate::{ApiError, At, FromWire, Ignored, PageRequest, Required, SortBy, Text};

crate::wire_enum! {
    /// Whom an SLA is promised to.
    pub enum SlaType = "sla-type" {
        /// Customers.
        External = "external",
        /// The org itself.
        Internal = "internal",
    }
}

crate::wire_enum! {
    /// Where an SLA is in its life cycle.
    pub enum SlaStatus = "sla-status" {
        /// It was in use, and can no longer be used or changed.
        Archived = "archived",
        /// It can be changed, but is not in use yet.
        Draft = "draft",
        /// It is in use, and can no longer be changed.
        Published = "published",
    }
}

crate::wire_enum! {
    /// How often it is evaluated whether an SLA was kept.
    pub enum EvaluationPeriod = "sla-evaluation-period" {
        /// Every month.
        Monthly = "monthly",
        /// Every three months.
        Quarterly = "quarterly",
        /// Every week.
        Weekly = "weekly",
        /// Every year.
        Yearly = "yearly",
    }
}

crate::wire_enum! {
    /// How several types of object in a filter are combined.
    pub enum AppliesToOperator = "slas-filter-applies-to-operator-type" {
        /// All of them.
        All = "all",
        /// At least one of them.
        Any = "any",
    }
}

/// The accounts that an SLA is for: the filters of a list of accounts, kept as they were received.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountSelector(pub Map<String, Value>);

impl FromWire for AccountSelector {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let members = Map::from_value(value, at)?;
        Filters::from_value(Value::Object(members.clone()), at)?;
        Ok(Self(members))
    }
    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Filters::schema(generator)
    }
}

crate::request! {
    /// Creates an SLA as a draft.
    create struct CreateRequest = "slas-create-request" {
        /// The name.
        name: Text<1, 256>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// Whom it is promised to; customers when absent.
        sla_type: Option<SlaType>,
        /// The types of object that it is for; every type when absent. An internal SLA is for one.
        applies_to: Vec<AppliesTo>,
        /// Which accounts it is for, besides the workspaces that it is assigned to.
        account_selector: Option<AccountSelector>,
        /// How often it is evaluated whether it was kept.
        evaluation_period: Option<EvaluationPeriod>,
        /// Its policies: what it promises for which objects. The first one that matches an object
        /// applies.
        policies: Vec<SetPolicy>,
        /// The Python SDK sends a time for the whole SLA. It has no effect: each metric of a policy
        /// has its own.
        target_time: Ignored,
    }
}

crate::id_requests! {
    /// The SLA to get.
    GetRequest = "slas-get-request" { id: SlaId }
}

crate::request! {
    /// Which SLAs to list.
    read struct ListRequest = "slas-list-request" {
        /// SLAs for these types of object.
        applies_to: Vec<AppliesTo>,
        /// Whether SLAs must be for all of these types or for any of them; any when absent.
        applies_to_op: Option<AppliesToOperator>,
        /// SLAs of one of these types.
        sla_type: Vec<SlaType>,
        /// SLAs in one of these states.
        status: Vec<SlaStatus>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes an SLA that is a draft.
    update struct UpdateRequest = "slas-update-request" {
        /// The SLA.
        id: SlaId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// Which accounts it is for, besides the workspaces that it is assigned to.
        account_selector: Option<AccountSelector>,
        /// How often it is evaluated whether it was kept.
        evaluation_period: Option<EvaluationPeriod>,
        /// Its policies: what it promises for which objects; replaces the list.
        policies: Option<Vec<SetPolicy>>,
    }
}

crate::request! {
    /// Moves an SLA to the next status of its life cycle.
    update struct TransitionRequest = "slas-transition-request" {
        /// The SLA.
        id: SlaId,
        /// The new status.
        status: SlaStatus,
    }
}

crate::request! {
    /// Assigns an SLA to workspaces.
    create struct AssignRequest = "slas-assign-request" {
        /// The SLA; when absent, it is taken away from the workspaces.
        id: Option<SlaId>,
        /// The workspaces.
        rev_orgs: Required<Vec<RevOrgId>>,
    }
}

/// An SLA.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla")]
pub struct Sla {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whom it is promised to.
    pub sla_type: SlaType,
    /// Where it is in its life cycle.
    pub status: SlaStatus,
    /// The types of object that it is for.
    pub applies_to: Vec<AppliesTo>,
    /// Which accounts it is for, besides the workspaces that it is assigned to.
    pub account_filter: Option<Map<String, Value>>,
    /// How often it is evaluated whether it was kept.
    pub evaluation_period: Option<EvaluationPeriod>,
    /// Its policies: what it promises for which objects.
    pub policies: Vec<Policy>,
}

/// An SLA, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-summary")]
pub struct SlaSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// Whom it is promised to.
    pub sla_type: SlaType,
    /// Where it is in its life cycle.
    pub status: SlaStatus,
}

/// The result of assigning an SLA to each workspace, in the order of the request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "slas-assign-response")]
pub struct AssignResponse {
    /// One for each workspace.
    pub results: Vec<AssignResult>,
}

/// The result of assigning an SLA to a workspace.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-assign-result")]
pub struct AssignResult {
    /// The workspace.
    pub rev_org: RevOrgSummary,
    /// The error, if it failed.
    pub error: Option<AssignError>,
}

/// A workspace of the request, whether it exists or not.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rev-org-summary")]
pub struct RevOrgSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name, if it exists.
    pub display_name: Option<String>,
}

/// Why an SLA was not assigned to a workspace.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-assign-error")]
pub struct AssignError {
    /// The type of the error.
    #[serde(rename = "type")]
    pub kind: crate::ErrorType,
    /// What went wrong, for people.
    pub message: String,
    /// The HTTP status that an operation on this workspace alone would return.
    pub status: u16,
}
