//! Accounts: customer companies.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{
    AccountId, AccountSummary, ArtifactId, ArtifactSummary, AtomBase, OwnerId, StageId, TagId,
    UserId, UserSummary,
};
use crate::custom::{Customization, NoCustomFields};
use crate::rev_orgs::RevOrg;
use crate::schemas::FragmentId;
use crate::tags::{SetTag, TagWithValue};
use crate::{DateRange, Embedded, PageRequest, Patch, SetPatch, SortBy, Text};

crate::request! {
    /// Creates an account together with its default workspace.
    create struct CreateRequest = "accounts-create-request" {
        /// The name.
        display_name: Text<1, 256>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// Its domains, which no other account may have: `acme.example`.
        domains: Vec<Text<1, 256>>,
        /// Its ids in other systems, which no other account may have.
        external_refs: Vec<Text<1, 512>>,
        /// The users who own it.
        owned_by: Vec<OwnerId>,
        /// How important it is, in the org's own words.
        tier: Option<Text<0, 256>>,
        /// Its web addresses, whose hosts are domains of the account too.
        websites: Vec<Text<1, 2048>>,
        /// Its tags.
        tags: Vec<SetTag>,
        /// Its files.
        artifacts: Vec<ArtifactId>,
        /// Schema fragments by id.
        schema_fragment_ids: Vec<FragmentId>,
        .. customization: Customization,
    }
}

crate::id_requests! {
    /// The account to get.
    GetRequest = "accounts-get-request" { id: AccountId }
    /// The account to delete.
    DeleteRequest = "accounts-delete-request" { id: AccountId }
}

crate::request! {
    /// Which accounts.
    read struct Filters = "accounts-filters" {
        /// Created by one of these users.
        created_by: Vec<UserId>,
        /// Created within this span of time.
        created_date: Option<DateRange>,
        /// Last changed within this span of time.
        modified_date: Option<DateRange>,
        /// With these custom fields.
        custom_fields: Option<NoCustomFields>,
        /// With one of these names.
        display_name: Vec<String>,
        /// With one of these domains.
        domains: Vec<String>,
        /// With one of these external references.
        external_refs: Vec<String>,
        /// Owned by one of these users.
        owned_by: Vec<OwnerId>,
        /// In one of these stages; accounts have none yet.
        stage: Vec<StageId>,
        /// In a stage of one of these names, as the Python SDK asks; accounts have none yet.
        stage_name: Vec<String>,
        /// Of one of these subtypes; accounts have none yet.
        subtype: Vec<String>,
        /// With one of these tags.
        tags: Vec<TagId>,
        /// Of one of these tiers.
        tier: Vec<String>,
        /// With one of these web addresses.
        websites: Vec<String>,
    }
}

crate::request! {
    /// Which accounts to list.
    read struct ListRequest = "accounts-list-request" {
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. filters: Filters,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Which accounts to export.
    read struct ExportRequest = "accounts-export-request" {
        /// How many, 1 to 500; 50 when absent.
        first: Option<i32>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. filters: Filters,
    }
}

crate::request! {
    /// Changes an account.
    update struct UpdateRequest = "accounts-update-request" {
        /// The account.
        id: AccountId,
        /// The new name.
        display_name: Option<Text<1, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// Its domains, besides the hosts of its web addresses; replaces the list.
        domains: Option<Vec<Text<1, 256>>>,
        /// Its ids in other systems; replaces the list.
        external_refs: Option<Vec<Text<1, 512>>>,
        /// The users who own it; replaces the list.
        owned_by: Option<Vec<OwnerId>>,
        /// How important it is.
        tier: Patch<Text<0, 256>>,
        /// Its web addresses.
        websites: SetPatch<Text<1, 2048>>,
        /// Its tags; replaces the list.
        tags: Option<Vec<SetTag>>,
        /// Its files.
        artifacts: SetPatch<ArtifactId>,
        /// Schema fragments by id.
        schema_fragment_ids: Vec<FragmentId>,
        .. customization: Customization,
    }
}

crate::request! {
    /// Merges an account into another one, which takes over everything.
    create struct MergeRequest = "accounts-merge-request" {
        /// The account that remains.
        primary_account: AccountId,
        /// The account that is merged into the other one.
        secondary_account: AccountId,
    }
}

/// A customer company.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "account")]
pub struct Account {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub display_name: String,
    /// A description.
    pub description: Option<String>,
    /// Its domains, those of its web addresses included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Its ids in other systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_refs: Vec<String>,
    /// The users who own it.
    pub owned_by: Vec<Embedded<UserSummary>>,
    /// The account that it was merged into.
    pub primary_account: Option<Embedded<AccountSummary>>,
    /// How important it is.
    pub tier: Option<String>,
    /// Its web addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub websites: Vec<String>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagWithValue>,
    /// Its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Embedded<ArtifactSummary>>,
}

/// A new account and the workspace that was created with it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "accounts-create-response")]
pub struct CreateResponse {
    /// The account.
    pub account: Embedded<Account>,
    /// Its default workspace.
    pub default_rev_org: Embedded<RevOrg>,
}
