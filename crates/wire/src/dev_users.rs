//! Members of the org.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, DevUserId, UserState};

crate::request! {
    /// Asks for the caller.
    read struct SelfRequest = "dev-users-self-request" {}
}

crate::request! {
    /// Names a dev user.
    read struct GetRequest = "dev-users-get-request" {
        /// The dev user.
        id: DevUserId,
    }
}

/// A member of the org.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "dev-user")]
pub struct DevUser {
    /// The head.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name that others see.
    pub display_name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The whole name.
    pub full_name: Option<String>,
    /// Whether the user can act.
    pub state: UserState,
}
