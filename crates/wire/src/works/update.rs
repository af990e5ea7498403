//! `works.update`: a request per type of work. The id determines the type.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{
    EnumId, ForecastCategory, PatchTime, Priority, Probability, SetMoney, SetStagedInfo, Severity,
    TicketChannel, WorkType,
};
use crate::common::{
    AccountId, ArtifactId, ChannelId, GroupId, OwnerId, PartId, RevOrgId, RevUserId, SprintId,
    StageId, UserId, WorkId,
};
use crate::custom::Customization;
use crate::stages::StageOptionForUpdate;
use crate::tags::{RemoveTag, SetTag};
use crate::{ApiError, At, FromWire, Ignored, Kind, ListPatch, Patch, SetPatch, Text, Timestamp};

crate::request! {
    /// The stage that an object moves to, by id or by name; the id takes precedence.
    update struct StageUpdate = "stage-update" {
        /// The stage by name.
        name: Option<String>,
        /// The stage by id.
        stage: Option<StageId>,
    }
}

crate::request! {
    /// What can be changed in works of all types.
    update struct UpdateWork = "works-update-request-common" {
        /// The work.
        id: WorkId,
        /// What kind of work; it can be left out, and never changes.
        r#type: Option<WorkType>,
        /// The part that it applies to.
        applies_to_part: Option<PartId>,
        /// Files that belong to it and to nothing else.
        artifacts: ListPatch<ArtifactId, ArtifactId, 50>,
        /// The body, in Markdown.
        body: Option<Text<0, 65_536>>,
        /// The official MCP server sends the user on whose behalf it acts; only the caller counts.
        modified_by: Ignored,
        /// Who owns it; at least one user.
        owned_by: SetPatch<OwnerId>,
        /// Who reported it.
        reported_by: SetPatch<UserId>,
        /// The stage to move it to.
        stage: Option<StageUpdate>,
        /// What stages would forbid, and it may do nonetheless.
        stage_validation_options: Vec<StageOptionForUpdate>,
        /// What an import could not resolve.
        staged_info: Option<SetStagedInfo>,
        /// Its tags.
        tags: ListPatch<SetTag, RemoveTag>,
        /// When it is due.
        target_close_date: PatchTime,
        /// The title, in one line.
        title: Option<Text<1, 256>>,
        .. customization: Customization,
    }
}

crate::request! {
    /// Changes an issue.
    update struct UpdateIssue = "works-update-request-issue" {
        /// The parts that are changed for it.
        developed_with: SetPatch<PartId, 8>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// How urgent it is, by id: 1 to 4 stand for p0 to p3. It takes precedence over `priority`.
        priority_v2: Option<i64>,
        /// The sprint that it belongs to.
        sprint: Patch<SprintId>,
        /// When work on it should begin.
        target_start_date: PatchTime,
        .. common: UpdateWork,
    }
}

crate::request! {
    /// Changes a ticket.
    update struct UpdateTicket = "works-update-request-ticket" {
        /// The customer.
        account: Patch<AccountId>,
        /// The channels that it came from, in the old spelling.
        channels: SetPatch<TicketChannel>,
        /// The channels that it came from; replaces the list.
        channels_v2: Option<Vec<ChannelId>>,
        /// The group that is responsible for it.
        group: Patch<GroupId>,
        /// Whether it is archived.
        is_archived: Option<bool>,
        /// Whether it is marked as frozen.
        is_frozen: Option<bool>,
        /// Whether it is junk.
        is_spam: Option<bool>,
        /// Whether the customer is waiting for an answer.
        needs_response: Option<bool>,
        /// The workspace of the customer.
        rev_org: Patch<RevOrgId>,
        /// How the customer feels: 1 delighted to 5 frustrated.
        sentiment: Option<i64>,
        /// When the sentiment was determined; now when absent.
        sentiment_modified_date: Option<Timestamp>,
        /// Why this sentiment is assumed.
        sentiment_summary: Option<Text<0, 65_536>>,
        /// How badly the customer is affected.
        severity: Option<Severity>,
        /// The channel that it first came from.
        source_channel_v2: Patch<ChannelId>,
        /// Who may see it: 1 internal, 2 external, 3 private.
        visibility: Option<EnumId<3>>,
        .. common: UpdateWork,
    }
}

crate::request! {
    /// Changes a task.
    update struct UpdateTask = "works-update-request-task" {
        /// Whether it is embedded in another work.
        embedded: Option<bool>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// When work on it begins.
        start_date: Option<Timestamp>,
        .. common: UpdateWork,
    }
}

crate::request! {
    /// Changes an opportunity.
    update struct UpdateOpportunity = "works-update-request-opportunity" {
        /// The customer.
        account: Option<AccountId>,
        /// Its value.
        amount: Patch<f64>,
        /// Its annual contract value.
        annual_contract_value: Option<SetMoney>,
        /// The people on the customer's side.
        contacts: SetPatch<RevUserId>,
        /// What the customer can spend.
        customer_budget: Patch<f64>,
        /// How likely it is, in the old spelling.
        forecast_category: Option<ForecastCategory>,
        /// How likely it is: 1 (omitted) to 6 (won). It takes precedence over `forecast_category`.
        forecast_category_v2: Option<i64>,
        /// How urgent it is.
        priority: Option<Priority>,
        /// How likely it is, from 0 to 1.
        probability: Patch<Probability>,
        /// Its value.
        value: Option<SetMoney>,
        .. common: UpdateWork,
    }
}

/// Changes a work of one of the types.
#[derive(Clone, Debug)]
pub enum UpdateRequest {
    /// An issue.
    Issue(Box<UpdateIssue>),
    /// A ticket.
    Ticket(Box<UpdateTicket>),
    /// A task.
    Task(Box<UpdateTask>),
    /// An opportunity.
    Opportunity(Box<UpdateOpportunity>),
}

impl UpdateRequest {
    /// What can be changed in works of all types.
    pub fn common(&self) -> &UpdateWork {
        match self {
            Self::Issue(request) => &request.common,
            Self::Ticket(request) => &request.common,
            Self::Task(request) => &request.common,
            Self::Opportunity(request) => &request.common,
        }
    }
}

/// The id determines the type: the Python SDK never sends `type`, although the contract requires it
/// beside the members of a type (BEHAVIOUR 5.2).
impl FromWire for UpdateRequest {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        if !value.is_object() {
            return Err(at.wrong_type(&value, "object"));
        }
        let id = WorkId::read(value.get("id").cloned(), &at.child("id"))?;
        let actual = match id.kind() {
            Kind::Ticket => WorkType::Ticket,
            Kind::Task => WorkType::Task,
            Kind::Opportunity => WorkType::Opportunity,
            _ => WorkType::Issue,
        };
        let given =
            value.get("type").cloned().map(|kind| WorkType::from_value(kind, &at.child("type")));
        if given.transpose()?.is_some_and(|given| given != actual) {
            let message = format!("the work is of type {}, and stays so", actual.as_str());
            return Err(ApiError::not_permitted("type", message)
                .with("allowed_values", vec![actual.as_str()]));
        }
        Ok(match actual {
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

impl JsonSchema for UpdateRequest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "works-update-request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        crate::union_schema(
            "Changes a work.",
            &[
                ("issue", UpdateIssue::schema(generator)),
                ("opportunity", UpdateOpportunity::schema(generator)),
                ("task", UpdateTask::schema(generator)),
                ("ticket", UpdateTicket::schema(generator)),
            ],
        )
    }
}
