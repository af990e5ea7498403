//! Works as answers show them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{ForecastCategory, Money, Priority, Severity, SyncStatus, TicketChannel};
use crate::channels::ChannelSummary;
use crate::common::{
    AccountSummary, ArtifactSummary, AtomBase, AtomSummary, EnumValue, GroupSummary, OrgSummary,
    UserSummary,
};
use crate::custom::Customized;
use crate::parts::PartSummary;
use crate::sla_trackers::{SlaStanding, SlaTrackerSummary};
use crate::stages::StageSummary;
use crate::tags::TagWithValue;
use crate::vistas::groups::VistaGroupItemSummary;
use crate::{DateTime, Embedded};

/// A work of one of the types.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "work")]
pub enum Work {
    /// A build-side job on a part.
    Issue(Box<Issue>),
    /// A customer's request.
    Ticket(Box<Ticket>),
    /// A small step.
    Task(Box<Task>),
    /// A sales deal.
    Opportunity(Box<Opportunity>),
}

/// The members that works of all types share.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "work-base")]
pub struct WorkBase {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// When it was done.
    pub actual_close_date: Option<DateTime>,
    /// The part that it applies to.
    pub applies_to_part: Option<Embedded<PartSummary>>,
    /// Its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Embedded<ArtifactSummary>>,
    /// The body, in Markdown.
    pub body: Option<String>,
    /// Its custom fields, and the schemas that it follows.
    #[serde(flatten)]
    pub customized: Customized,
    /// Its id in another system.
    pub external_ref: Option<String>,
    /// Who owns it.
    pub owned_by: Vec<Embedded<UserSummary>>,
    /// Who reported it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reported_by: Vec<Embedded<UserSummary>>,
    /// The stage that it is in.
    pub stage: Option<Embedded<StageSummary>>,
    /// The name of the stage's state.
    pub state: Option<String>,
    /// The display name of the stage's state.
    pub state_display_name: Option<String>,
    /// Where it was imported from.
    pub sync_metadata: Option<SyncMetadata>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagWithValue>,
    /// When it is due.
    pub target_close_date: Option<DateTime>,
    /// The title, in one line.
    pub title: String,
}

/// The members of works to which SLAs can apply.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sla-members")]
pub struct SlaMembers {
    /// How the SLA stands for it.
    pub sla_summary: Option<SlaStanding>,
    /// The SLA tracker.
    pub sla_tracker: Option<Embedded<SlaTrackerSummary>>,
}

/// An issue.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "issue")]
pub struct Issue {
    /// The members that works of all types share.
    #[serde(flatten)]
    pub base: WorkBase,
    /// When work on it began.
    pub actual_start_date: Option<DateTime>,
    /// The parts that are changed for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub developed_with: Vec<Embedded<PartSummary>>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// How urgent it is.
    pub priority_v2: Option<EnumValue>,
    /// How its SLA stands.
    #[serde(flatten)]
    pub sla: SlaMembers,
    /// The sprint that it belongs to.
    pub sprint: Option<Embedded<VistaGroupItemSummary>>,
    /// When work on it should begin.
    pub target_start_date: Option<DateTime>,
}

/// A ticket.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ticket")]
pub struct Ticket {
    /// The members that works of all types share.
    #[serde(flatten)]
    pub base: WorkBase,
    /// The customer.
    pub account: Option<Embedded<AccountSummary>>,
    /// The channels that it came from, in the old spelling.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<TicketChannel>,
    /// The channels that it came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels_v2: Vec<Embedded<ChannelSummary>>,
    /// The group that is responsible for it.
    pub group: Option<Embedded<GroupSummary>>,
    /// Whether it is archived.
    pub is_archived: Option<bool>,
    /// Whether it is marked as frozen.
    pub is_frozen: Option<bool>,
    /// Whether it is junk.
    pub is_spam: Option<bool>,
    /// Whether the customer is waiting for an answer.
    pub needs_response: Option<bool>,
    /// The workspace of the customer.
    pub rev_org: Option<Embedded<OrgSummary>>,
    /// How the customer feels.
    pub sentiment: Option<EnumValue>,
    /// When the sentiment was determined.
    pub sentiment_modified_date: Option<DateTime>,
    /// Why this sentiment is assumed.
    pub sentiment_summary: Option<String>,
    /// How badly the customer is affected.
    pub severity: Option<Severity>,
    /// How badly the customer is affected.
    pub severity_v2: Option<EnumValue>,
    /// How its SLA stands.
    #[serde(flatten)]
    pub sla: SlaMembers,
    /// The channel that it first came from, as free text.
    pub source_channel: Option<String>,
    /// The channel that it first came from.
    pub source_channel_v2: Option<Embedded<ChannelSummary>>,
    /// Who may see it.
    pub visibility: Option<EnumValue>,
}

/// A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "task")]
pub struct Task {
    /// The members that works of all types share.
    #[serde(flatten)]
    pub base: WorkBase,
    /// Whether it is embedded in another work.
    pub embedded: Option<bool>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// When work on it begins.
    pub start_date: Option<DateTime>,
}

/// An opportunity.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "opportunity")]
pub struct Opportunity {
    /// The members that works of all types share.
    #[serde(flatten)]
    pub base: WorkBase,
    /// The customer.
    pub account: Option<Embedded<AccountSummary>>,
    /// Its value.
    pub amount: Option<f64>,
    /// Its annual contract value.
    pub annual_contract_value: Option<Money>,
    /// The people on the customer's side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Embedded<UserSummary>>,
    /// What the customer can spend.
    pub customer_budget: Option<f64>,
    /// How likely it is, in the old spelling.
    pub forecast_category: Option<ForecastCategory>,
    /// How likely it is.
    pub forecast_category_v2: Option<EnumValue>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// How likely it is, from 0 to 1.
    pub probability: Option<f64>,
    /// Its value.
    pub value: Option<Money>,
}

/// Where an imported work came from. Only importers write it; there is no operation for that.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "sync-metadata")]
pub struct SyncMetadata {
    /// Its id there.
    pub external_record_id: Option<String>,
    /// Its type there.
    pub external_record_type: Option<String>,
    /// Its address there.
    pub external_reference: Option<String>,
    /// The last sync from there.
    pub last_sync_in: Option<Sync>,
    /// The last sync to there.
    pub last_sync_out: Option<Sync>,
    /// The system.
    pub origin_system: Option<String>,
}

/// One sync of an object.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "sync")]
pub struct Sync {
    /// The result.
    pub status: Option<SyncStatus>,
    /// When it was, as RFC 3339.
    pub sync_date: Option<String>,
}

/// A work, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "work-summary")]
pub struct WorkSummary {
    /// What kind of work.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The title, in one line.
    pub title: String,
    /// Who owns it.
    pub owned_by: Vec<Embedded<UserSummary>>,
    /// The name of its stage.
    pub stage: Option<StageName>,
    /// The display name of the stage's state.
    pub state_display_name: Option<String>,
    /// How urgent an issue is.
    pub priority: Option<Priority>,
    /// How urgent an issue is.
    pub priority_v2: Option<EnumValue>,
    /// The sprint of an issue.
    pub sprint: Option<Embedded<VistaGroupItemSummary>>,
    /// How badly the customer of a ticket is affected.
    pub severity: Option<Severity>,
    /// The customer of a ticket or an opportunity.
    pub account: Option<Embedded<AccountSummary>>,
    /// The workspace of the customer of a ticket.
    pub rev_org: Option<Embedded<OrgSummary>>,
}

/// A stage by its name alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "legacy-stage-summary")]
pub struct StageName {
    /// The name.
    pub name: String,
}
