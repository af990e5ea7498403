//! What the objects of all families share: common members, and ids by the kinds that they may name.
//!
//! A summary is in the file of its family unless files would then import each other in a circle.
//! Those here are of users, which every object names, and of what they embed; of accounts, because
//! workspaces embed them and new accounts come with a workspace; and of groups, because works embed
//! them and lists of groups take a filter of works.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::embed::Embedded;
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
