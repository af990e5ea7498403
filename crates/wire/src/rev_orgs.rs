//! Rev orgs: the workspaces of customers.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{
    AccountId, AccountSummary, ArtifactId, ArtifactSummary, AtomBase, OwnerId, RevOrgId, TagId,
    UserId,
};
use crate::custom::{Customization, NoCustomFields};
use crate::tags::{SetTag, TagWithValue};
use crate::{DateRange, Embedded, PageRequest, SetPatch, SortBy, Text};

crate::wire_enum! {
    /// What a workspace is for.
    pub enum OrgEnvironment = "org-environment" {
        /// Real work.
        Production = "production",
        /// Rehearsals.
        Staging = "staging",
        /// Tests.
        Test = "test",
    }
}

crate::request! {
    /// Creates a workspace.
    create struct CreateRequest = "rev-orgs-create-request" {
        /// The account that it belongs to.
        account: AccountId,
        /// The name.
        display_name: Text<1, 256>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// The domain of the company.
        domain: Option<Text<0, 256>>,
        /// What it is for; `production` when absent.
        environment: Option<OrgEnvironment>,
        /// Its id in another system, unique among workspaces; generated when absent.
        external_ref: Option<Text<1, 512>>,
        /// How important it is, in the org's own words.
        tier: Option<Text<0, 256>>,
        /// Its tags.
        tags: Vec<SetTag>,
        /// Its files.
        artifacts: Vec<ArtifactId>,
        .. customization: Customization,
    }
}

crate::request! {
    /// The workspace to get, by its id or as the default workspace of an account.
    read struct GetRequest = "rev-orgs-get-request" {
        /// The workspace.
        id: Option<RevOrgId>,
        /// The account.
        account: Option<AccountId>,
    }
}

crate::request! {
    /// Which workspaces to list.
    read struct ListRequest = "rev-orgs-list-request" {
        /// Of one of these accounts.
        account: Vec<AccountId>,
        /// Created by one of these users.
        created_by: Vec<UserId>,
        /// Created within this span of time.
        created_date: Option<DateRange>,
        /// Last changed within this span of time.
        modified_date: Option<DateRange>,
        /// With these custom fields, as `name:value,value`.
        custom_field_filter: Vec<String>,
        /// With these custom fields.
        custom_fields: Option<NoCustomFields>,
        /// With one of these names.
        display_name: Vec<String>,
        /// With one of these external references.
        external_ref: Vec<String>,
        /// The same, under the Python SDK's name.
        external_refs: Vec<String>,
        /// With one of these domains; sent by the Python SDK.
        domains: Vec<String>,
        /// Owned by one of these users; sent by the Python SDK. Workspaces have no owners.
        owned_by: Vec<OwnerId>,
        /// With one of these tags.
        tags: Vec<TagId>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a workspace.
    update struct UpdateRequest = "rev-orgs-update-request" {
        /// The workspace.
        id: RevOrgId,
        /// The account that it moves to, with its contacts.
        account: Option<AccountId>,
        /// The new name.
        display_name: Option<Text<1, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// The domain of the company.
        domain: Option<Text<0, 256>>,
        /// What it is for.
        environment: Option<OrgEnvironment>,
        /// Its id in another system.
        external_ref: Option<Text<1, 512>>,
        /// How important it is.
        tier: Option<Text<0, 256>>,
        /// Its tags; replaces the list.
        tags: Option<Vec<SetTag>>,
        /// Its files.
        artifacts: SetPatch<ArtifactId>,
        .. customization: Customization,
    }
}

crate::id_requests! {
    /// The workspace to delete.
    DeleteRequest = "rev-orgs-delete-request" { id: RevOrgId }
}

/// A workspace of a customer.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rev-org")]
pub struct RevOrg {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub display_name: String,
    /// The account that it belongs to.
    pub account: Option<Embedded<AccountSummary>>,
    /// A description.
    pub description: Option<String>,
    /// The domain of the company.
    pub domain: Option<String>,
    /// What it is for.
    pub environment: OrgEnvironment,
    /// Its id in another system.
    pub external_ref: String,
    /// How important it is.
    pub tier: Option<String>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagWithValue>,
    /// Its files. The vendor's Python client expects texts here, so an empty list is omitted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Embedded<ArtifactSummary>>,
}
