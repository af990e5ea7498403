//! The groups of a vista: the columns of a board, and on a sprint board the sprints.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::{FilterType, VistaSummary};
use crate::common::{AtomSummary, PartId, SprintId, UserId, VistaId};
use crate::parts::PartSummary;
use crate::{
    DateFilter, DateTime, Embedded, Many, PageRequest, Patch, SetPatch, SortBy, Text, Timestamp,
};

crate::wire_enum! {
    /// The type of a group's objects, as filters spell it.
    pub enum GroupObjectType = "vista-group-item-group-object-type" {
        /// Conversations.
        Conversation = "conversation",
        /// Parts.
        Part = "part",
        /// Works.
        Work = "work",
    }
}

impl GroupObjectType {
    /// The same type, as objects spell it.
    pub const fn filter_type(self) -> FilterType {
        match self {
            Self::Conversation => FilterType::Conversations,
            Self::Part => FilterType::Parts,
            Self::Work => FilterType::Works,
        }
    }
}

crate::request! {
    /// Creates a group; on a sprint board, a sprint. Not part of the published API.
    create struct CreateRequest = "vistas-groups-create-request" {
        /// The board.
        parent_id: VistaId,
        /// How its objects are selected; by hand when absent.
        r#type: Option<VistaGroupItemType>,
        /// The name.
        name: Text<1, 256>,
        /// When it begins.
        start_date: Option<Timestamp>,
        /// When it ends.
        end_date: Option<Timestamp>,
        /// Where it is in its life cycle; planned when absent.
        state: Option<SprintState>,
        /// The parts that it applies to; those of its board when empty.
        applies_to_part: Vec<PartId>,
    }
}

crate::request! {
    /// Changes a group. Not part of the published API.
    update struct UpdateRequest = "vistas-groups-update-request" {
        /// The group.
        id: SprintId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// When it begins.
        start_date: Patch<Timestamp>,
        /// When it ends.
        end_date: Patch<Timestamp>,
        /// Where it is in its life cycle.
        state: Option<SprintState>,
        /// The parts that it applies to; those of its board when empty.
        applies_to_part: SetPatch<PartId>,
    }
}

crate::id_requests! {
    /// The group to get.
    GetRequest = "vistas-groups-get-request" { id: SprintId }
    /// The group to delete.
    DeleteRequest = "vistas-groups-delete-request" { id: SprintId }
}

crate::request! {
    /// Groups for parts.
    read struct AppliesToPartFilter = "applies-to-part-filter" {
        /// The parts.
        parts: Many<PartId, 0, 1000>,
        /// Whether to include the parts below them.
        include_child_parts: Option<bool>,
    }
}

crate::request! {
    /// Which groups to list.
    read struct ListRequest = "vistas-groups-list-request" {
        /// Groups of these types.
        r#type: Vec<VistaGroupItemType>,
        /// Groups for one of these parts, or for a part above one.
        ancestor_part: Vec<PartId>,
        /// Groups for parts.
        applies_to_part: Option<AppliesToPartFilter>,
        /// Groups that one of these users created.
        created_by: Vec<UserId>,
        /// When the group was created.
        created_date: Option<DateFilter>,
        /// When the group ends.
        end_date: Option<DateFilter>,
        /// Groups that contain objects of these types.
        group_object_type: Vec<GroupObjectType>,
        /// When the group was last changed.
        modified_date: Option<DateFilter>,
        /// Groups of one of these boards.
        parent_id: Vec<VistaId>,
        /// When the group begins.
        start_date: Option<DateFilter>,
        /// Groups in one of these states.
        state: Vec<SprintState>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

/// A group; on a sprint board, a sprint.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "vista-group")]
pub struct VistaGroup {
    /// The type of its objects.
    pub object_type: FilterType,
    /// How its objects are selected.
    #[serde(rename = "type")]
    pub kind: VistaGroupItemType,
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// When it begins.
    pub start_date: Option<DateTime>,
    /// When it ends.
    pub end_date: Option<DateTime>,
    /// Where it is in its life cycle.
    pub state: SprintState,
    /// Its board.
    pub parent: Option<Embedded<VistaSummary>>,
    /// The parts that it applies to, if they differ from those of its board.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applies_to_part: Vec<Embedded<PartSummary>>,
}

crate::wire_enum! {
    /// Where a sprint is in its life cycle.
    pub enum SprintState = "vista-group-item-state" {
        /// It is on.
        Active = "active",
        /// It is over.
        Completed = "completed",
        /// It has not begun.
        Planned = "planned",
    }
}

crate::wire_enum! {
    /// How the objects of a vista or of a vista group item are selected.
    pub enum VistaGroupItemType = "vista-group-item-type" {
        /// By hand, or between fixed dates.
        Curated = "curated",
        /// By a filter.
        Dynamic = "dynamic",
    }
}

/// A vista group item, as other objects show one; on a sprint board, a sprint.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "vista-group-item-summary")]
pub struct VistaGroupItemSummary {
    /// How its objects are selected.
    #[serde(rename = "type")]
    pub kind: VistaGroupItemType,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// When it begins.
    pub start_date: Option<DateTime>,
    /// When it ends.
    pub end_date: Option<DateTime>,
    /// Where it is in its life cycle.
    pub state: Option<SprintState>,
}
