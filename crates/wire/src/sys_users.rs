//! The server's own bots, which act where no user does.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{ArtifactId, ArtifactSummary, AtomBase, SysUserId, UserState};
use crate::{Embedded, PageRequest, Patch, SortBy, Text};

crate::request! {
    /// Which bots to list.
    read struct ListRequest = "sys-users-list-request" {
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a bot.
    update struct UpdateRequest = "sys-users-update-request" {
        /// The bot.
        id: SysUserId,
        /// The name that others see.
        display_name: Option<Text<1, 256>>,
        /// The profile picture.
        display_picture: Patch<ArtifactId>,
        /// The full name.
        full_name: Option<Text<0, 256>>,
    }
}

/// A bot of the server.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "sys-user")]
pub struct SysUser {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name that others see.
    pub display_name: String,
    /// The profile picture.
    pub display_picture: Option<Embedded<ArtifactSummary>>,
    /// The full name.
    pub full_name: Option<String>,
    /// Whether it can act: always.
    pub state: UserState,
}
