//! Custom objects: records of the leaf types that an org defines.

pub mod filter;

use filter::{Filter, Filters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, CustomObjectId, StageId};
use crate::custom::{CustomSchemaSpec, Customized};
use crate::stages::{StageOptionForCreate, StageOptionForUpdate, StageSummary};
use crate::{Embedded, PageRequest, Patch, SortBy, Text};

crate::request! {
    /// Creates a custom object.
    create struct CreateRequest = "custom-objects-create-request" {
        /// The leaf type, one of the org's own.
        leaf_type: String,
        /// The values of custom fields.
        custom_fields: Option<Map<String, Value>>,
        /// The schema fragments that the request refers to.
        custom_schema_spec: Option<CustomSchemaSpec>,
        /// The title.
        title: Option<Text<0, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// The stage that it begins in; the start stage, when absent.
        stage: Option<StageId>,
        /// What stages would forbid, and it may do nonetheless.
        stage_validation_options: Vec<StageOptionForCreate>,
        /// A text that no other object of the leaf type has.
        unique_key: Option<Text<1, 512>>,
    }
}

crate::id_requests! {
    /// The custom object to get.
    GetRequest = "custom-objects-get-request" { id: CustomObjectId }
    /// The custom object to delete.
    DeleteRequest = "custom-objects-delete-request" { id: CustomObjectId }
}

crate::request! {
    /// Which custom objects to list.
    read struct ListRequest = "custom-objects-list-request" {
        /// The leaf type, one of the org's own.
        leaf_type: String,
        /// A condition that must hold for them.
        filter: Option<Filter>,
        /// Conditions, all of which must hold for them.
        filters: Filters,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Which custom objects to count.
    read struct CountRequest = "custom-objects-count-request" {
        /// The leaf type, one of the org's own.
        leaf_type: String,
        /// Conditions, all of which must hold for them.
        filters: Filters,
    }
}

crate::request! {
    /// Changes a custom object.
    update struct UpdateRequest = "custom-objects-update-request" {
        /// The object.
        id: CustomObjectId,
        /// The values of custom fields; null clears one.
        custom_fields: Option<Map<String, Value>>,
        /// The schema fragments that the request refers to.
        custom_schema_spec: Option<CustomSchemaSpec>,
        /// The title.
        title: Patch<Text<0, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// The stage to move it to.
        stage: Patch<StageId>,
        /// What stages would forbid, and the change may do nonetheless.
        stage_validation_options: Vec<StageOptionForUpdate>,
    }
}

/// A custom object.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-object")]
pub struct CustomObject {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The leaf type, one of the org's own.
    pub leaf_type: String,
    /// The title.
    pub title: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// The stage that it is in.
    pub stage: Option<Embedded<StageSummary>>,
    /// A text that no other object of the leaf type has.
    pub unique_key: Option<String>,
    /// Its custom fields.
    #[serde(flatten)]
    pub customized: Customized,
}

/// A custom object, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-object-summary")]
pub struct CustomObjectSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The leaf type, one of the org's own.
    pub leaf_type: String,
    /// The title.
    pub title: Option<String>,
}

/// How many custom objects there are.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-objects-count-response")]
pub struct CountResponse {
    /// The number.
    pub count: u64,
}
