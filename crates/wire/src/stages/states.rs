//! States: open, in progress, closed, and those that an org adds.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::ForwardPage;
use crate::common::{AtomBase, StateId};
use crate::{SortBy, Text};

crate::request! {
    /// Creates a state.
    create struct CreateRequest = "custom-states-create-request" {
        /// The name.
        name: Text<1, 256>,
        /// Its position in the order, unique in the org.
        ordinal: i32,
        /// Whether objects in it are done; false when absent.
        is_final: Option<bool>,
    }
}

crate::id_requests! {
    /// The state to get.
    GetRequest = "custom-states-get-request" { id: StateId }
}

crate::request! {
    /// Which states to list.
    read struct ListRequest = "custom-states-list-request" {
        /// States with one of these names.
        name: Vec<String>,
        /// States with one of these ordinals.
        ordinal: Vec<i32>,
        /// States in which objects are done, or those in which they are not.
        is_final: Option<bool>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: ForwardPage,
    }
}

crate::request! {
    /// Changes a state.
    update struct UpdateRequest = "custom-states-update-request" {
        /// The state.
        id: StateId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// Its position in the order, unique in the org.
        ordinal: Option<i32>,
        /// Whether objects in it are done.
        is_final: Option<bool>,
    }
}

/// A state.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-state")]
pub struct CustomState {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name: `in_progress`.
    pub name: String,
    /// Its position in the order, unique in the org.
    pub ordinal: i32,
    /// Whether objects in it are done.
    pub is_final: bool,
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
