//! Stage diagrams: which stages the objects of a leaf type go through, and how.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::{ForwardPage, StageRef};
use crate::common::{AtomBase, AtomSummary, StageDiagramId, StageId};
use crate::{Ignored, Many, SortBy, Text};

crate::request! {
    /// How a transition is shown to people.
    create struct SetTransitionUi = "create-stage-ui-metadata" {
        /// Whether it is hidden from people.
        is_hidden: Option<bool>,
    }
}

crate::request! {
    /// An allowed transition.
    create struct SetTransition = "create-stage-transition" {
        /// The stage that it leads to.
        target_stage_id: StageId,
        /// How it is shown to people.
        ui: Option<SetTransitionUi>,
    }
}

crate::request! {
    /// A stage of a diagram.
    create struct SetStageNode = "create-stage-node" {
        /// The stage.
        stage_id: StageId,
        /// Whether new objects begin here; true for exactly one stage of a diagram.
        is_start: Option<bool>,
        /// Whether the stage can only be left, and not entered any more.
        is_deprecated: Option<bool>,
        /// The transitions that are allowed from here.
        transitions: Vec<SetTransition>,
    }
}

/// The stages of a diagram, as a request gives them.
pub type SetStageNodes = Many<SetStageNode, 1, 200>;

crate::request! {
    /// Creates a stage diagram.
    create struct CreateRequest = "stage-diagrams-create-request" {
        /// The leaf type: `issue`, or one of the org's own.
        leaf_type: Text<1, 256>,
        /// The name.
        name: Text<1, 256>,
        /// The stages, with the transitions that are allowed from each.
        stages: SetStageNodes,
        /// Whether the leaf type is one of custom objects.
        is_custom_leaf_type: Option<bool>,
        /// Whether it applies to objects whose subtype has no diagram.
        is_default: Option<bool>,
        /// Sent by scripts that follow the vendor's guide; a subtype names its diagram itself.
        subtype: Ignored,
    }
}

crate::request! {
    /// The stage diagram to get, by its id or as the default of a leaf type.
    read struct GetRequest = "stage-diagrams-get-request" {
        /// The diagram; ignored when a leaf type is given.
        id: Option<StageDiagramId>,
        /// The leaf type whose default diagram is wanted.
        leaf_type: Option<String>,
        /// Whether the leaf type is one of custom objects.
        is_custom_leaf_type: Option<bool>,
    }
}

crate::request! {
    /// Which stage diagrams to list.
    read struct ListRequest = "stage-diagrams-list-request" {
        /// Diagrams of one of these leaf types.
        leaf_type: Vec<String>,
        /// Diagrams with one of these names.
        name: Vec<String>,
        /// Whether the leaf types are those of custom objects.
        is_custom_leaf_type: Option<bool>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: ForwardPage,
    }
}

crate::request! {
    /// Changes a stage diagram. Its leaf type can't change.
    update struct UpdateRequest = "stage-diagrams-update-request" {
        /// The diagram.
        id: StageDiagramId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// The stages; replaces the list.
        stages: Option<SetStageNodes>,
    }
}

/// A stage diagram.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage-diagram")]
pub struct StageDiagram {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name: `issue_transitions`.
    pub name: String,
    /// The leaf type: `issue`.
    pub leaf_type: String,
    /// Whether the leaf type is one of custom objects.
    pub is_custom_leaf_type: bool,
    /// Whether it applies to objects whose subtype has no diagram.
    pub is_default: bool,
    /// The stages, with the transitions that are allowed from each.
    pub stages: Vec<StageNode>,
}

/// A stage of a diagram.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage-node")]
pub struct StageNode {
    /// The stage.
    pub stage: StageRef,
    /// Whether new objects begin here.
    pub is_start: bool,
    /// Whether the stage can only be left, and not entered any more.
    pub is_deprecated: bool,
    /// The transitions that are allowed from here.
    pub transitions: Vec<StageTransition>,
}

/// An allowed transition.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage-transition")]
pub struct StageTransition {
    /// The stage that it leads to.
    pub target_stage: StageRef,
    /// How it is shown to people; absent if it is not specified.
    pub ui: Option<TransitionUi>,
}

/// How a transition is shown to people.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage-ui-metadata")]
pub struct TransitionUi {
    /// Whether it is hidden from people.
    pub is_hidden: bool,
}

/// A stage diagram, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage-diagram-summary")]
pub struct StageDiagramSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
}
