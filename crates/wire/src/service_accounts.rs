//! Programs with an identity of their own.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::Text;
use crate::common::{AtomBase, ServiceAccountId, UserState};

crate::request! {
    /// Creates a service account.
    create struct CreateRequest = "service-accounts-create-request" {
        /// The name, unique in the org.
        display_name: Text<1, 256>,
        /// Whether to create a keyring for it. It has no effect: keyrings hold the secrets of
        /// snap-ins, which this server does not run, and no operation shows one.
        gen_keyring: Option<bool>,
    }
}

crate::id_requests! {
    /// The service account to get.
    GetRequest = "service-accounts-get-request" { id: ServiceAccountId }
}

crate::request! {
    /// Changes a service account.
    update struct UpdateRequest = "service-accounts-update-request" {
        /// The service account.
        id: ServiceAccountId,
        /// The new name.
        display_name: Option<Text<1, 256>>,
    }
}

/// A program with an identity of its own.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "service-account")]
pub struct ServiceAccount {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name, unique in the org.
    pub display_name: String,
    /// Whether it can act.
    pub state: UserState,
}
