//! What the objects of all families share: common members, the summaries that others embed, and ids
//! by the kinds that they may name.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::embed::Embedded;
use crate::error::ApiError;
use crate::parse::{At, FromWire};
use crate::text::Color;
use crate::time::DateTime;

crate::id_types! {
    /// The id of any kind of user.
    UserId [DevUser, RevUser, ServiceAccount, SysUser];
    /// The id of a user that can own things: one of the org itself.
    OwnerId [DevUser, ServiceAccount, SysUser];
    /// The id of a dev user.
    DevUserId [DevUser];
    /// The id of a rev user.
    RevUserId [RevUser];
    /// The id of a system user.
    SysUserId [SysUser];
    /// The id of a service account.
    ServiceAccountId [ServiceAccount];
    /// The id of an account.
    AccountId [Account];
    /// The id of a rev org.
    RevOrgId [RevOrg];
    /// The id of a group.
    GroupId [Group];
    /// The id of a tag.
    TagId [Tag];
    /// The id of a part of any type.
    PartId [Product, Capability, Feature, Enhancement, Runnable, Linkable];
    /// The id of a work of any type.
    WorkId [Issue, Ticket, Task, Opportunity];
    /// The id of an artifact.
    ArtifactId [Artifact];
    /// The id of a vista.
    VistaId [Vista];
    /// The id of a vista group item; on a sprint board, a sprint.
    SprintId [VistaGroupItem];
    /// The id of a channel.
    ChannelId [Channel];
    /// The id of a stage.
    StageId [CustomStage];
    /// The id of a state.
    StateId [CustomState];
    /// The id of a stage diagram.
    StageDiagramId [StageDiagram];
    /// The id of a token.
    TokenId [Token];
    /// The id of a custom object.
    CustomObjectId [CustomObject];
    /// The id of a type of link.
    CustomLinkTypeId [CustomLinkType];
    /// The id of a schedule.
    OrgScheduleId [OrgSchedule];
    /// The id of a fragment of a schedule.
    OrgScheduleFragmentId [OrgScheduleFragment];
    /// The id of an SLA.
    SlaId [Sla];
    /// The id of an SLA tracker.
    SlaTrackerId [SlaTracker];
    /// The id of a metric definition.
    MetricDefinitionId [MetricDefinition];
}

/// The members that all objects share.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "atom-base")]
pub struct AtomBase {
    /// The unique id, which never changes.
    pub id: String,
    /// The short id for people, such as `ISS-42`.
    pub display_id: Option<String>,
    /// Who created it.
    pub created_by: Option<Embedded<UserSummary>>,
    /// When it was created.
    pub created_date: Option<DateTime>,
    /// Who last changed it.
    pub modified_by: Option<Embedded<UserSummary>>,
    /// When it was last changed.
    pub modified_date: Option<DateTime>,
}

/// The members that all summaries share.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "atom-base-summary")]
pub struct AtomSummary {
    /// The unique id, which never changes.
    pub id: String,
    /// The short id for people, such as `ISS-42`.
    pub display_id: Option<String>,
}

/// An empty answer.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "empty")]
pub struct Empty {}

crate::wire_enum! {
    /// What kind of user.
    pub enum UserType = "user-type" {
        /// A member of the org.
        DevUser = "dev_user",
        /// A contact at a customer.
        RevUser = "rev_user",
        /// A program with an identity of its own.
        ServiceAccount = "service_account",
        /// A bot of the server.
        SysUser = "sys_user",
    }
}

crate::wire_enum! {
    /// Whether a user can act.
    pub enum UserState = "user-state" {
        /// Can act.
        Active = "active",
        /// Was switched off.
        Deactivated = "deactivated",
        /// Is gone; only summaries are left.
        Deleted = "deleted",
        /// Is locked out for now.
        Locked = "locked",
        /// Is known but was never activated.
        Shadow = "shadow",
        /// Has no seat.
        Unassigned = "unassigned",
    }
}

/// A user, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "user-summary")]
pub struct UserSummary {
    /// What kind of user.
    #[serde(rename = "type")]
    pub kind: UserType,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The profile picture.
    pub display_picture: Option<Embedded<ArtifactSummary>>,
    /// The name that others see.
    pub display_name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The external reference of a contact.
    pub external_ref: Option<String>,
    /// The full name.
    pub full_name: Option<String>,
    /// The workspace of a contact.
    pub rev_org: Option<Embedded<OrgSummary>>,
    /// Whether the user can act.
    pub state: Option<UserState>,
}

/// A file, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifact-summary")]
pub struct ArtifactSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// What the file is.
    pub file: ArtifactFile,
}

/// What a file is.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifact-file")]
pub struct ArtifactFile {
    /// The media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The name.
    pub name: String,
    /// The size in bytes; absent until the file is uploaded.
    pub size: Option<i64>,
}

/// A workspace, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "org-summary")]
pub struct OrgSummary {
    /// Always `rev_org`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["rev_org"]))]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub display_name: Option<String>,
}

/// A tag, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag-summary")]
pub struct TagSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// How it looks.
    pub style_new: Option<TagStyleSummary>,
}

/// How a tag looks, as other objects show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag-style-summary")]
pub struct TagStyleSummary {
    /// The colour.
    pub color: Color,
}

/// A tag on an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag-with-value")]
pub struct TagWithValue {
    /// The tag.
    pub tag: Embedded<TagSummary>,
    /// The value that it has on this object.
    pub value: Option<String>,
}

/// A part, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "part-summary")]
pub struct PartSummary {
    /// What kind of part.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "capability", "enhancement", "feature", "linkable", "product", "runnable"
    ]))]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// Who owns it.
    pub owned_by: Vec<Embedded<UserSummary>>,
}

/// An account, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "account-summary")]
pub struct AccountSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub display_name: Option<String>,
}

/// A group, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "group-summary")]
pub struct GroupSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: Option<String>,
    /// What kind of users its members are: `dev_user` or `rev_user`.
    #[schemars(extend("enum" = ["dev_user", "rev_user"]))]
    pub member_type: Option<&'static str>,
}

/// A channel, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "channel-summary")]
pub struct ChannelSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}

crate::wire_enum! {
    /// Where a sprint is in its life cycle.
    pub enum SprintState = "vista-group-item-state" {
        /// It is on.
        Active = "active",
        /// It is over.
        Completed = "completed",
        /// It has not begun.
        Planned = "planned",
    }
}

crate::wire_enum! {
    /// How the objects of a vista or of a vista group item are selected.
    pub enum VistaGroupItemType = "vista-group-item-type" {
        /// By hand, or between fixed dates.
        Curated = "curated",
        /// By a filter.
        Dynamic = "dynamic",
    }
}

/// A vista group item, as other objects show one; on a sprint board, a sprint.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "vista-group-item-summary")]
pub struct VistaGroupItemSummary {
    /// How its objects are selected.
    #[serde(rename = "type")]
    pub kind: VistaGroupItemType,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// When it begins.
    pub start_date: Option<DateTime>,
    /// When it ends.
    pub end_date: Option<DateTime>,
    /// Where it is in its life cycle.
    pub state: Option<SprintState>,
}

/// One value of an enum that orgs can relabel.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "enum-value")]
pub struct EnumValue {
    /// The number that stands for it.
    pub id: i64,
    /// Its name.
    pub label: String,
    /// Its position in the order.
    pub ordinal: i64,
}

/// A state by id and name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-state-summary")]
pub struct StateSummary {
    /// The id.
    pub id: String,
    /// The name: `open`, `in_progress`, `closed`, or one of the org's own.
    pub name: String,
    /// Whether objects in it are done.
    pub is_final: bool,
}

/// A stage by id and name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-stage-summary")]
pub struct StageRef {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The display name.
    pub display_name: String,
}

/// The stage that an object is in: the summary that `CustomStage` renders.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage")]
pub struct StageSummary {
    /// The name: `in_review`.
    pub name: String,
    /// The display name: `In Review`.
    pub display_name: String,
    /// Its position in the order.
    pub ordinal: i64,
    /// The stage by id.
    pub stage: StageRef,
    /// The state that groups it.
    pub state: Option<Embedded<StateSummary>>,
}

crate::request! {
    /// A tag to put on an object.
    create struct SetTagWithValue = "set-tag-with-value" {
        /// The tag.
        id: TagId,
        /// Its value on this object, one of the tag's allowed values.
        value: Option<String>,
    }
}

/// A tag to put on an object: `{id, value?}`, or its bare id, as the Python SDK sends it to
/// `parts.create`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetTag {
    /// The tag.
    pub id: TagId,
    /// Its value on this object, one of the tag's allowed values.
    pub value: Option<String>,
}

impl FromWire for SetTag {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        if value.is_string() {
            return Ok(Self { id: TagId::from_value(value, at)?, value: None });
        }
        let SetTagWithValue { id, value } = SetTagWithValue::from_value(value, at)?;
        Ok(Self { id, value })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        SetTagWithValue::schema(generator)
    }
}

crate::wire_enum! {
    /// What stages would forbid, and the creation of an object may do nonetheless.
    pub enum StageOptionForCreate = "stage-validation-option-for-create" {
        /// Begin in a stage other than the start stage.
        AllowNonStart = "allow_non_start",
    }
}

crate::wire_enum! {
    /// What stages would forbid, and a change may do nonetheless.
    pub enum StageOptionForUpdate = "stage-validation-option-for-update" {
        /// Move to a stage to which no transition leads.
        AllowInvalidTransition = "allow_invalid_transition",
    }
}

crate::wire_enum! {
    /// How badly a customer is affected, from the worst.
    pub enum Severity = "ticket-severity" {
        /// Nothing works any more.
        Blocker = "blocker",
        /// Severely.
        High = "high",
        /// Noticeably.
        Medium = "medium",
        /// Slightly.
        Low = "low",
    }
}
