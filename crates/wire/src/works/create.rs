//! `works.create`: a request per type of work.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{
    EnumId, ForecastCategory, Priority, Probability, SetMoney, Severity, TicketChannel, WorkType,
};
use crate::common::{
    AccountId, ArtifactId, ChannelId, GroupId, OwnerId, PartId, RevOrgId, RevUserId, SetTag,
    SprintId, StageId, StageOptionForCreate, UserId,
};
use crate::custom::Customization;
use crate::{ApiError, At, AtMost, FromWire, Required, Text, Timestamp};

crate::request! {
    /// The stage that an object begins in, by id or by name; the id wins.
    create struct StageInit = "stage-init" {
        /// The stage by id.
        id: Option<StageId>,
        /// The stage by name.
        name: Option<String>,
    }
}

crate::request! {
    /// What works of every type are made of.
    create struct CreateWork = "works-create-request-common" {
        /// What kind of work.
        r#type: WorkType,
        /// What it is about, in one line.
        title: Text<1, 256>,
        /// What it is about, in Markdown.
        body: Option<Text<0, 65_536>>,
        /// Who told of it; the caller when absent.
        reported_by: Vec<UserId>,
        /// Files that belong to it and to nothing else.
        artifacts: AtMost<ArtifactId, 50>,
        /// Its tags.
        tags: Vec<SetTag>,
        /// The stage that it begins in; the start of its diagram when absent.
        stage: Option<StageInit>,
        /// What it may do with the stage.
        stage_validation_options: Vec<StageOptionForCreate>,
        /// When it is due.
        target_close_date: Option<Timestamp>,
        /// The id that another system knows it by, unique among works of its type.
        external_ref: Option<Text<1, 512>>,
        .. customization: Customization,
    }
}

crate::request! {
    /// Makes an issue.
    create struct CreateIssue = "works-create-request-issue" {
        /// The part that it is about.
        applies_to_part: PartId,
        /// Who sees to it; an empty list stands for the caller.
        owned_by: Required<Vec<OwnerId>>,
        /// Parts that are changed for it.
        developed_with: AtMost<PartId, 8>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// How urgent it is, by id: 1 to 4 stand for p0 to p3. It wins over `priority`.
        priority_v2: Option<i64>,
        /// The sprint that it is done in.
        sprint: Option<SprintId>,
        /// When work on it is to begin.
        target_start_date: Option<Timestamp>,
        .. common: CreateWork,
    }
}

crate::request! {
    /// Makes a ticket.
    create struct CreateTicket = "works-create-request-ticket" {
        /// The part that it is about. Only a customer can leave it out: the oldest product then.
        applies_to_part: Option<PartId>,
        /// Who sees to it; when it is empty or absent, the caller, or for a customer the owners of
        /// the part. The contract requires it; contact forms leave it out.
        owned_by: Vec<OwnerId>,
        /// The customer; that of the workspace when absent.
        account: Option<AccountId>,
        /// Where it came from, in the old spelling.
        channels: Vec<TicketChannel>,
        /// Where it came from.
        channels_v2: Vec<ChannelId>,
        /// The team that sees to it.
        group: Option<GroupId>,
        /// Whether it is junk.
        is_spam: Option<bool>,
        /// Whether the customer waits for an answer.
        needs_response: Option<bool>,
        /// The workspace of the customer.
        rev_org: Option<RevOrgId>,
        /// How badly the customer is hit.
        severity: Option<Severity>,
        /// Where it came from first, in any words.
        source_channel: Option<Text<0, 512>>,
        /// Where it came from first.
        source_channel_v2: Option<ChannelId>,
        /// Who may see it: 1 internal, 2 external, 3 private.
        visibility: Option<EnumId<3>>,
        .. common: CreateWork,
    }
}

crate::request! {
    /// Makes a task.
    create struct CreateTask = "works-create-request-task" {
        /// The part that it is about.
        applies_to_part: Option<PartId>,
        /// Who sees to it; an empty list stands for the caller.
        owned_by: Required<Vec<OwnerId>>,
        /// Whether it lives inside another work.
        embedded: Option<bool>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// When work on it begins.
        start_date: Option<Timestamp>,
        .. common: CreateWork,
    }
}

crate::request! {
    /// Makes an opportunity.
    create struct CreateOpportunity = "works-create-request-opportunity" {
        /// The part that it is about.
        applies_to_part: Option<PartId>,
        /// Who sees to it; an empty list stands for the caller.
        owned_by: Required<Vec<OwnerId>>,
        /// The customer.
        account: AccountId,
        /// What it is worth.
        amount: Option<f64>,
        /// What it is worth in a year.
        annual_contract_value: Option<SetMoney>,
        /// The people on the customer's side.
        contacts: Vec<RevUserId>,
        /// What the customer can spend.
        customer_budget: Option<f64>,
        /// How likely it is, in the old spelling.
        forecast_category: Option<ForecastCategory>,
        /// How likely it is: 1 omitted to 6 won. It wins over `forecast_category`.
        forecast_category_v2: Option<i64>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// How likely it is, from 0 to 1.
        probability: Option<Probability>,
        /// What it is worth.
        value: Option<SetMoney>,
        .. common: CreateWork,
    }
}

/// Makes a work of one of the types.
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
