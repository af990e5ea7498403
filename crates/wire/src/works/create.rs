//! `works.create`: a request per type of work.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{
    EnumId, ForecastCategory, Priority, Probability, SetMoney, Severity, TicketChannel, WorkType,
};
use crate::common::{
    AccountId, ArtifactId, ChannelId, GroupId, OwnerId, PartId, RevOrgId, RevUserId, SprintId,
    StageId, UserId,
};
use crate::custom::Customization;
use crate::stages::StageOptionForCreate;
use crate::tags::SetTag;
use crate::{ApiError, At, AtMost, FromWire, Required, Text, Timestamp};

crate::request! {
    /// The initial stage of an object, by id or by name; the id takes precedence.
    create struct StageInit = "stage-init" {
        /// The stage by id.
        id: Option<StageId>,
        /// The stage by name.
        name: Option<String>,
    }
}

crate::request! {
    /// The members that works of all types share.
    create struct CreateWork = "works-create-request-common" {
        /// What kind of work.
        r#type: WorkType,
        /// The title, in one line.
        title: Text<1, 256>,
        /// The body, in Markdown.
        body: Option<Text<0, 65_536>>,
        /// Who reported it; the caller when absent.
        reported_by: Vec<UserId>,
        /// Files that belong to it and to nothing else.
        artifacts: AtMost<ArtifactId, 50>,
        /// Its tags.
        tags: Vec<SetTag>,
        /// The stage that it begins in; the start stage of its diagram when absent.
        stage: Option<StageInit>,
        /// What stages would forbid, and it may do nonetheless.
        stage_validation_options: Vec<StageOptionForCreate>,
        /// When it is due.
        target_close_date: Option<Timestamp>,
        /// Its id in another system, unique among works of its type.
        external_ref: Option<Text<1, 512>>,
        .. customization: Customization,
    }
}

crate::request! {
    /// Creates an issue.
    create struct CreateIssue = "works-create-request-issue" {
        /// The part that it applies to.
        applies_to_part: PartId,
        /// Who owns it; an empty list stands for the caller.
        owned_by: Required<Vec<OwnerId>>,
        /// The parts that are changed for it.
        developed_with: AtMost<PartId, 8>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// How urgent it is, by id: 1 to 4 stand for p0 to p3. It takes precedence over `priority`.
        priority_v2: Option<i64>,
        /// The sprint that it belongs to.
        sprint: Option<SprintId>,
        /// When work on it should begin.
        target_start_date: Option<Timestamp>,
        .. common: CreateWork,
    }
}

crate::request! {
    /// Creates a ticket.
    create struct CreateTicket = "works-create-request-ticket" {
        /// The part that it applies to. Only a customer can omit it; it is the oldest product then.
        applies_to_part: Option<PartId>,
        /// Who owns it; when empty or absent, the caller, or for a customer the owners of the part.
        /// The contract requires it; contact forms omit it.
        owned_by: Vec<OwnerId>,
        /// The customer; that of the workspace when absent.
        account: Option<AccountId>,
        /// The channels that it came from, in the old spelling.
        channels: Vec<TicketChannel>,
        /// The channels that it came from.
        channels_v2: Vec<ChannelId>,
        /// The group that is responsible for it.
        group: Option<GroupId>,
        /// Whether it is junk.
        is_spam: Option<bool>,
        /// Whether the customer is waiting for an answer.
        needs_response: Option<bool>,
        /// The workspace of the customer.
        rev_org: Option<RevOrgId>,
        /// How badly the customer is affected.
        severity: Option<Severity>,
        /// The channel that it first came from, as free text.
        source_channel: Option<Text<0, 512>>,
        /// The channel that it first came from.
        source_channel_v2: Option<ChannelId>,
        /// Who may see it: 1 internal, 2 external, 3 private.
        visibility: Option<EnumId<3>>,
        .. common: CreateWork,
    }
}

crate::request! {
    /// Creates a task.
    create struct CreateTask = "works-create-request-task" {
        /// The part that it applies to.
        applies_to_part: Option<PartId>,
        /// Who owns it; an empty list stands for the caller.
        owned_by: Required<Vec<OwnerId>>,
        /// Whether it is embedded in another work.
        embedded: Option<bool>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// When work on it begins.
        start_date: Option<Timestamp>,
        .. common: CreateWork,
    }
}

crate::request! {
    /// Creates an opportunity.
    create struct CreateOpportunity = "works-create-request-opportunity" {
        /// The part that it applies to.
        applies_to_part: Option<PartId>,
        /// Who owns it; an empty list stands for the caller.
        owned_by: Required<Vec<OwnerId>>,
        /// The customer.
        account: AccountId,
        /// Its value.
        amount: Option<f64>,
        /// Its annual contract value.
        annual_contract_value: Option<SetMoney>,
        /// The people on the customer's side.
        contacts: Vec<RevUserId>,
        /// What the customer can spend.
        customer_budget: Option<f64>,
        /// How likely it is, in the old spelling.
        forecast_category: Option<ForecastCategory>,
        /// How likely it is: 1 (omitted) to 6 (won). It takes precedence over `forecast_category`.
        forecast_category_v2: Option<i64>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// How likely it is, from 0 to 1.
        probability: Option<Probability>,
        /// Its value.
        value: Option<SetMoney>,
        .. common: CreateWork,
    }
}

/// Creates a work of one of the types.
#[derive(Clone, Debug)]
pub enum CreateRequest {
    /// An issue.
    Issue(Box<CreateIssue>),
    /// A ticket.
    Ticket(Box<CreateTicket>),
    /// A task.
    Task(Box<CreateTask>),
    /// An opportunity.
    Opportunity(Box<CreateOpportunity>),
}

impl FromWire for CreateRequest {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let kind = value.get("type").filter(|kind| !kind.is_null()).cloned();
        if !value.is_object() {
            return Err(at.wrong_type(&value, "object"));
        }
        Ok(match WorkType::read(kind, &at.child("type"))? {
            WorkType::Issue => Self::Issue(Box::from_value(value, at)?),
            WorkType::Ticket => Self::Ticket(Box::from_value(value, at)?),
            WorkType::Task => Self::Task(Box::from_value(value, at)?),
            WorkType::Opportunity => Self::Opportunity(Box::from_value(value, at)?),
        })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Self>()
    }
}

impl JsonSchema for CreateRequest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "works-create-request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        crate::union_schema(
            "Makes a work.",
            &[
                ("issue", CreateIssue::schema(generator)),
                ("opportunity", CreateOpportunity::schema(generator)),
                ("task", CreateTask::schema(generator)),
                ("ticket", CreateTicket::schema(generator)),
            ],
        )
    }
}
