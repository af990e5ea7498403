//! The tenant.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::AtomBase;

crate::request! {
    /// Asks for the caller's org.
    read struct GetRequest = "dev-orgs-get-request" {}
}

/// The tenant.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "dev-org")]
pub struct DevOrg {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub display_name: String,
    /// The short name in addresses.
    pub dev_slug: String,
}

/// The tenant, as other objects show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "dev-org-summary")]
pub struct DevOrgSummary {
    /// Always `dev_org`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: crate::common::AtomSummary,
    /// The name.
    pub display_name: String,
    /// The short name in addresses.
    pub dev_slug: String,
}
