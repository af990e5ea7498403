//! SLAs: promises of how soon something is done about works and conversations.

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
use crate::{ApiError, At, FromWire, Ignored, Kind, PageRequest, Required, SortBy, Text};

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
    /// To whom an SLA is promised.
    pub enum SlaType = "sla-type" {
        /// To customers.
        External = "external",
        /// To the org itself.
        Internal = "internal",
    }
}

crate::wire_enum! {
    /// Where an SLA is in its life.
    pub enum SlaStatus = "sla-status" {
        /// It was in use, and can neither be used nor changed any more.
        Archived = "archived",
        /// It can be changed, and is not in use yet.
        Draft = "draft",
        /// It is in use, and can't be changed any more.
        Published = "published",
    }
}

crate::wire_enum! {
    /// How often it is judged whether an SLA was kept.
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
    /// How several types of object in a filter are meant.
    pub enum AppliesToOperator = "slas-filter-applies-to-operator-type" {
        /// All of them.
        All = "all",
        /// At least one of them.
        Any = "any",
    }
}

/// Which accounts an SLA is for: the filters of a list of accounts, kept as they came.
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
    /// Makes an SLA, a draft at first.
    create struct CreateRequest = "slas-create-request" {
        /// The name.
        name: Text<1, 256>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// To whom it is promised; to customers when absent.
        sla_type: Option<SlaType>,
        /// The types of object that it is for; every type when absent. An internal SLA is for one.
        applies_to: Vec<AppliesTo>,
        /// Which accounts it is for, besides the workspaces that it is assigned to.
        account_selector: Option<AccountSelector>,
        /// How often it is judged whether it was kept.
        evaluation_period: Option<EvaluationPeriod>,
        /// What it promises for which objects; the first policy that fits an object counts.
        policies: Vec<SetPolicy>,
        /// The Python SDK sends a time for the whole SLA, which has no meaning: each metric of a
        /// policy has its own.
        target_time: Ignored,
    }
}

crate::request! {
    /// Names an SLA.
    read struct GetRequest = "slas-get-request" {
        /// The SLA.
        id: SlaId,
    }
}

crate::request! {
    /// Which SLAs to list.
    read struct ListRequest = "slas-list-request" {
        /// SLAs for these types of object.
        applies_to: Vec<AppliesTo>,
        /// Whether for all of these types or for any; for any when absent.
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
    /// Changes an SLA, which is only possible while it is a draft.
    update struct UpdateRequest = "slas-update-request" {
        /// The SLA.
        id: SlaId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// Which accounts it is for, besides the workspaces that it is assigned to.
        account_selector: Option<AccountSelector>,
        /// How often it is judged whether it was kept.
        evaluation_period: Option<EvaluationPeriod>,
        /// What it promises for which objects, in place of all that it promised before.
        policies: Option<Vec<SetPolicy>>,
    }
}

crate::request! {
    /// Moves an SLA on in its life.
    update struct TransitionRequest = "slas-transition-request" {
        /// The SLA.
        id: SlaId,
        /// Where it is to be.
        status: SlaStatus,
    }
}

crate::request! {
    /// Assigns an SLA to workspaces.
    create struct AssignRequest = "slas-assign-request" {
        /// The SLA; when absent, the workspaces have none any more.
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
    /// The head.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// To whom it is promised.
    pub sla_type: SlaType,
    /// Where it is in its life.
    pub status: SlaStatus,
    /// The types of object that it is for.
    pub applies_to: Vec<AppliesTo>,
    /// Which accounts it is for, besides the workspaces that it is assigned to.
    pub account_filter: Option<Map<String, Value>>,
    /// How often it is judged whether it was kept.
    pub evaluation_period: Option<EvaluationPeriod>,
    /// What it promises for which objects.
    pub policies: Vec<Policy>,
}

/// An SLA, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-summary")]
pub struct SlaSummary {
    /// The head.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// To whom it is promised.
    pub sla_type: SlaType,
    /// Where it is in its life.
    pub status: SlaStatus,
}

/// What came of assigning an SLA to each workspace, in the order of the request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "slas-assign-response")]
pub struct AssignResponse {
    /// One for each workspace.
    pub results: Vec<AssignResult>,
}

/// What came of assigning an SLA to a workspace.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-assign-result")]
pub struct AssignResult {
    /// The workspace.
    pub rev_org: RevOrgSummary,
    /// Why it was not done.
    pub error: Option<AssignError>,
}

/// A workspace that was named, whether it is there or not.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rev-org-summary")]
pub struct RevOrgSummary {
    /// The head.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name, if it is there.
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
    /// The HTTP status that an operation on the workspace alone would have.
    pub status: u16,
}
