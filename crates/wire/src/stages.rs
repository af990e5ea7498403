//! Stages: the steps that works, enhancements, conversations and incidents go through. The
//! submodules are the states that group stages, and the diagrams of the allowed transitions between
//! them.

pub mod diagrams;
pub mod states;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use self::states::StateSummary;
use crate::common::{AtomBase, StageId};
use crate::embed::Embedded;
use crate::{ApiError, At, FromWire, Id, Kind, PageCursor, PageRequest, SortBy, Text, read_id};

/// The names of the states that every org has, in the order of their numbers: `open` is
/// `custom_state/1`.
pub const STOCK_STATES: [&str; 3] = ["open", "in_progress", "closed"];

/// A state by id, or by the name of one that every org has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRef(pub Id);

impl FromWire for StateRef {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let name = String::from_value(value, at)?;
        match (1..).zip(STOCK_STATES).find(|(_, stock)| *stock == name) {
            Some((number, _)) => Ok(Self(Id::numbered(Kind::CustomState, number))),
            None => read_id(Value::String(name), at, &[Kind::CustomState]).map(Self),
        }
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "id" })
    }
}

crate::request! {
    /// The page of a list that only goes forward.
    read struct ForwardPage = "forward-page-request" {
        /// Where to continue; a text from an earlier page of the same query.
        cursor: Option<PageCursor>,
        /// How many objects a page holds: 1 to 100, 50 when absent.
        limit: Option<i64>,
    }
}

impl From<ForwardPage> for PageRequest {
    fn from(page: ForwardPage) -> Self {
        Self { cursor: page.cursor, limit: page.limit, mode: None }
    }
}

/// A page of a list that only goes forward. The contract calls the cursor of the next page `cursor`
/// here and `next_cursor` everywhere else, so it is sent under both names.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}-list-response")]
pub struct Results<T> {
    /// The objects, in the requested order.
    pub result: Vec<T>,
    /// The revision of each of them, if the client asks for that.
    pub revisions: Option<Vec<u64>>,
    /// Where the next page begins, if there is one.
    pub cursor: Option<String>,
    /// The same, under its other name.
    pub next_cursor: Option<String>,
}

crate::request! {
    /// Creates a stage.
    create struct CreateRequest = "custom-stages-create-request" {
        /// The name.
        name: Text<1, 256>,
        /// Its position in the order.
        ordinal: i32,
        /// The state that groups it: an id, or `open`, `in_progress` or `closed`.
        state: StateRef,
        /// The marketplace item that it came from, as free text: there are no such items here.
        marketplace_ref: Option<Text<1, 512>>,
    }
}

crate::id_requests! {
    /// The stage to get.
    GetRequest = "custom-stages-get-request" { id: StageId }
}

crate::request! {
    /// Which stages to list.
    read struct ListRequest = "custom-stages-list-request" {
        /// Stages with one of these names.
        name: Vec<String>,
        /// Stages with one of these ordinals.
        ordinal: Vec<i32>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: ForwardPage,
    }
}

crate::request! {
    /// Changes a stage.
    update struct UpdateRequest = "custom-stages-update-request" {
        /// The stage.
        id: StageId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// Its position in the order.
        ordinal: Option<i32>,
        /// The state that groups it: an id, or `open`, `in_progress` or `closed`.
        state_id: Option<StateRef>,
    }
}

/// A stage.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-stage")]
pub struct CustomStage {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name: `in_review`.
    pub name: String,
    /// The display name: `In Review`.
    pub display_name: String,
    /// Its position in the order.
    pub ordinal: i32,
    /// The state that groups it.
    pub state: Option<Embedded<StateSummary>>,
    /// The marketplace item that it came from.
    pub marketplace_ref: Option<String>,
}

/// A stage by id and name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-stage-summary")]
pub struct StageRef {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The display name.
    pub display_name: String,
}

/// The stage that an object is in: the summary that `CustomStage` renders.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stage")]
pub struct StageSummary {
    /// The name: `in_review`.
    pub name: String,
    /// The display name: `In Review`.
    pub display_name: String,
    /// Its position in the order.
    pub ordinal: i64,
    /// The stage by id.
    pub stage: StageRef,
    /// The state that groups it.
    pub state: Option<Embedded<StateSummary>>,
}

crate::wire_enum! {
    /// What stages would forbid, and the creation of an object may do nonetheless.
    pub enum StageOptionForCreate = "stage-validation-option-for-create" {
        /// Begin in a stage other than the start stage.
        AllowNonStart = "allow_non_start",
    }
}

crate::wire_enum! {
    /// What stages would forbid, and a change may do nonetheless.
    pub enum StageOptionForUpdate = "stage-validation-option-for-update" {
        /// Move to a stage to which no transition leads.
        AllowInvalidTransition = "allow_invalid_transition",
    }
}
