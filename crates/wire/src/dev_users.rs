//! Members of the org.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::common::{
    ArtifactId, ArtifactSummary, AtomBase, DevUserId, EnumValue, GroupId, UserState, UserSummary,
};
use crate::custom::{Customization, NoCustomFields};
use crate::{
    DateFilter, DateTime, Embedded, Ignored, MailAddress, PageRequest, Patch, PlusText, SortBy,
    Text, Timestamp,
};

crate::wire_enum! {
    /// What a dev user does in the org.
    pub enum JobTitle = "dev-user-job-title" {
        /// Looks after customers.
        CustomerSuccessManager = "customer_success_manager",
        /// Leads the company.
        Cxo = "cxo",
        /// Designs.
        Designer = "designer",
        /// Develops.
        Developer = "developer",
        /// Leads the support.
        HeadOfSupport = "head_of_support",
        /// Runs the operations.
        Operations = "operations",
        /// Something else.
        Others = "others",
        /// Manages products.
        ProductManager = "product_manager",
        /// Tests.
        Qa = "qa",
        /// Leads sales.
        RevenueLeader = "revenue_leader",
        /// Supports customers.
        Support = "support",
        /// Leads developers.
        TechLead = "tech_lead",
    }
}

crate::wire_enum! {
    /// The only state in which dev users are created.
    pub enum CreateState = "dev-users-create-request-state-enum-value" {
        /// Known, but not activated yet.
        Shadow = "shadow",
    }
}

crate::request! {
    /// Creates a dev user, who can't act until activated.
    create struct CreateRequest = "dev-users-create-request" {
        /// The email address, unique in the org.
        email: MailAddress<3, 320>,
        /// The full name.
        full_name: Option<Text<0, 256>>,
        /// The manager.
        reports_to: Option<DevUserId>,
        /// The state to start in.
        state: CreateState,
        .. customization: Customization,
    }
}

crate::request! {
    /// Asks for the caller.
    read struct SelfRequest = "dev-users-self-request" {}
}

crate::id_requests! {
    /// The dev user to get.
    GetRequest = "dev-users-get-request" { id: DevUserId }
    /// The dev user to deactivate.
    DeactivateRequest = "dev-users-deactivate-request" { id: DevUserId }
}

crate::request! {
    /// An identity of another system to find dev users by.
    read struct IdentityFilter = "dev-user-external-identity-filter" {
        /// The id there.
        id: Option<String>,
        /// The other system.
        issuer: Option<String>,
    }
}

crate::request! {
    /// Which dev users to list.
    read struct ListRequest = "dev-users-list-request" {
        /// Created within this span of time.
        created_date: Option<DateFilter>,
        /// By custom fields.
        custom_fields: Option<NoCustomFields>,
        /// With one of these email addresses.
        email: Vec<MailAddress>,
        /// With one of these identities of other systems.
        external_identity: Vec<IdentityFilter>,
        /// Last changed within this span of time.
        modified_date: Option<DateFilter>,
        /// With one of these phone numbers.
        phone_numbers: Vec<PlusText>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        /// In one of these states.
        state: Vec<UserState>,
        /// In one of these time zones.
        timezone: Vec<String>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// An entry of a job history.
    create struct SetJob = "dev-users-update-job-history-item" {
        /// How the user was employed, as a number.
        employment_status: Option<i64>,
        /// The last day.
        end_date: Option<Timestamp>,
        /// Whether it is the current job.
        is_current: Option<bool>,
        /// The location.
        location: Option<Text<0, 256>>,
        /// The first day.
        start_date: Option<Timestamp>,
        /// The title.
        title: Option<Text<0, 256>>,
    }
}

crate::request! {
    /// A skill of a user.
    create struct SetSkill = "dev-users-update-skill" {
        /// The name of the skill.
        name: Text<1, 256>,
    }
}

crate::request! {
    /// What dev users and admins can change of a dev user.
    update struct Profile = "dev-users-profile" {
        /// The name that others see.
        display_name: Option<Text<1, 256>>,
        /// The profile picture; sent by the Python SDK.
        display_picture: Patch<ArtifactId>,
        /// When the user began to work professionally.
        experience_start_date: Option<Timestamp>,
        /// The full name.
        full_name: Option<Text<0, 256>>,
        /// The job history; replaces the list.
        job_history: Option<Vec<SetJob>>,
        /// What the user does in the org.
        job_title: Option<JobTitle>,
        /// The phone numbers; replaces the list. An extension: nothing else writes them.
        phone_numbers: Option<Vec<Text<1, 64>>>,
        /// The manager.
        reports_to: Option<DevUserId>,
        /// The skills; replaces the list. An extension: nothing else writes them.
        skills: Option<Vec<SetSkill>>,
        /// The time zone by its IANA name. An extension: nothing else writes it.
        timezone: Option<Text<1, 64>>,
    }
}

crate::request! {
    /// Changes a dev user.
    update struct UpdateRequest = "dev-users-update-request" {
        /// The dev user.
        id: DevUserId,
        .. profile: Profile,
        .. customization: Customization,
    }
}

crate::request! {
    /// Changes the caller.
    update struct SelfUpdateRequest = "dev-users-self-update-request" {
        .. profile: Profile,
        .. customization: Customization,
    }
}

crate::request! {
    /// Activates a dev user.
    create struct ActivateRequest = "dev-users-activate-request" {
        /// The dev user.
        id: DevUserId,
        /// The groups to become a member of.
        groups: Vec<GroupId>,
    }
}

crate::request! {
    /// Merges a dev user into another one.
    create struct MergeRequest = "dev-users-merge-request" {
        /// The dev user that remains.
        primary_user: DevUserId,
        /// The dev user that is merged into the other one.
        secondary_user: DevUserId,
    }
}

crate::request! {
    /// Links a dev user to an identity in another system.
    create struct LinkRequest = "dev-users-identities-link-request" {
        /// The dev user.
        dev_user: DevUserId,
        /// The name there.
        display_name: Option<Text<0, 256>>,
        /// The id there.
        id: Text<1, 512>,
        /// The other system.
        issuer: Text<1, 512>,
    }
}

crate::request! {
    /// Unlinks a dev user from an identity in another system.
    create struct UnlinkRequest = "dev-users-identities-unlink-request" {
        /// The dev user.
        dev_user: DevUserId,
        /// The other system.
        issuer: String,
        /// The Python SDK names the identity too, though there is one for each issuer.
        id: Ignored,
    }
}

/// The identity of a dev user in another system.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "external-identity")]
pub struct ExternalIdentity {
    /// The name there.
    pub display_name: Option<String>,
    /// The id there.
    pub id: String,
    /// Whether the other system has confirmed it.
    pub is_verified: bool,
    /// The other system.
    pub issuer: String,
}

/// A skill of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "user-skill")]
pub struct Skill {
    /// The name of the skill.
    pub name: String,
}

impl From<SetSkill> for Skill {
    fn from(SetSkill { name }: SetSkill) -> Self {
        Self { name: name.into() }
    }
}

/// An entry of a job history.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "job-history-item")]
pub struct Job {
    /// How the user was employed.
    pub employment_status: Option<EnumValue>,
    /// The last day.
    pub end_date: Option<DateTime>,
    /// Whether it is the current job.
    pub is_current: Option<bool>,
    /// The location.
    pub location: Option<String>,
    /// The first day.
    pub start_date: Option<DateTime>,
    /// The title.
    pub title: Option<String>,
}

/// A member of the org.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "dev-user")]
pub struct DevUser {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name that others see.
    pub display_name: String,
    /// The profile picture.
    pub display_picture: Option<Embedded<ArtifactSummary>>,
    /// The email address.
    pub email: String,
    /// When the user began to work professionally.
    pub experience_start_date: Option<DateTime>,
    /// The identities of the user in other systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_identities: Vec<ExternalIdentity>,
    /// The full name.
    pub full_name: Option<String>,
    /// The job history.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub job_history: Vec<Job>,
    /// What the user does in the org.
    pub job_title: Option<JobTitle>,
    /// The phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<String>,
    /// The user that this one was merged into.
    pub primary_identity: Option<Embedded<UserSummary>>,
    /// The manager.
    pub reports_to: Option<Embedded<UserSummary>>,
    /// The skills.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Skill>,
    /// Whether the user can act.
    pub state: UserState,
    /// The time zone by its IANA name.
    pub timezone: Option<String>,
}

/// The answer to an activation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "dev-users-activate-response")]
pub struct ActivateResponse {
    /// The dev user; the Python SDK expects it.
    pub dev_user: Embedded<DevUser>,
    /// Whether an invitation was sent: never, as this server sends no mail.
    pub invite_sent: bool,
}
