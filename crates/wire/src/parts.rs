//! Parts: what works and customers' requests apply to, as trees below products.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{
    AccountId, ArtifactId, ArtifactSummary, AtomBase, AtomSummary, OwnerId, PartId, StageId, TagId,
    UserId, UserSummary,
};
use crate::custom::{Customization, NoCustomFields};
use crate::link_types::EmbedLink;
use crate::stages::{StageOptionForCreate, StageOptionForUpdate, StageSummary};
use crate::tags::{SetTag, TagWithValue};
use crate::{
    AtMost, DateFilter, DateRange, DateTime, Embedded, Kind, Many, PageRequest, Patch, SetPatch,
    SortBy, Text, Timestamp,
};

crate::id_types! {
    /// The id of an opportunity.
    OpportunityId [Opportunity];
    /// The id of a ticket.
    TicketId [Ticket];
}

crate::wire_enum! {
    /// What kind of part.
    pub enum PartType = "part-type" {
        /// Something that the product can do.
        Capability = "capability",
        /// A planned change of a part.
        Enhancement = "enhancement",
        /// A piece of a capability, or of another feature.
        Feature = "feature",
        /// A piece of code that is linked into others.
        Linkable = "linkable",
        /// What is sold; the root of a tree of parts.
        Product = "product",
        /// A piece of code that runs.
        Runnable = "runnable",
    }
}

impl PartType {
    /// The kind of the ids of parts of this type.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Capability => Kind::Capability,
            Self::Enhancement => Kind::Enhancement,
            Self::Feature => Kind::Feature,
            Self::Linkable => Kind::Linkable,
            Self::Product => Kind::Product,
            Self::Runnable => Kind::Runnable,
        }
    }

    /// The type of the parts with this kind of id; products for ids of anything else.
    pub fn of(kind: Kind) -> Self {
        Self::ALL.iter().copied().find(|part| part.kind() == kind).unwrap_or(Self::Product)
    }
}

crate::wire_enum! {
    /// How likely an enhancement is to bring revenue.
    pub enum RevScoreTier = "enhancement-rev-score-tier" {
        /// Very likely.
        High = "high",
        /// Not very likely.
        Low = "low",
        /// Somewhat likely.
        Medium = "medium",
    }
}

crate::request! {
    /// The members that only enhancements have, when they are created.
    create struct CreateEnhancement = "parts-create-request-enhancement" {
        /// When the work on it should begin.
        target_start_date: Option<Timestamp>,
        /// When it should be done.
        target_close_date: Option<Timestamp>,
        /// The stage that it begins in; the start stage, when absent.
        stage_v2: Option<StageId>,
    }
}

impl CreateEnhancement {
    /// Which of the members the request contains, by name.
    pub const fn given(&self) -> [(&'static str, bool); 3] {
        [
            ("target_start_date", self.target_start_date.is_some()),
            ("target_close_date", self.target_close_date.is_some()),
            ("stage_v2", self.stage_v2.is_some()),
        ]
    }
}

crate::request! {
    /// The members that only runnables and linkables have, when they are created.
    create struct SetCode = "parts-create-request-runnable" {
        /// The parts of the code that it was found to affect.
        code_inferred_surface_area: Option<Vec<Text<1, 1024>>>,
        /// Its paths in the repository.
        code_repo_paths: Option<Text<0, 65_536>>,
        /// The URL of the repository.
        code_repo_url: Option<Text<0, 2048>>,
    }
}

impl SetCode {
    /// Which of the members the request contains, by name.
    pub const fn given(&self) -> [(&'static str, bool); 3] {
        [
            ("code_inferred_surface_area", self.code_inferred_surface_area.is_some()),
            ("code_repo_paths", self.code_repo_paths.is_some()),
            ("code_repo_url", self.code_repo_url.is_some()),
        ]
    }
}

crate::request! {
    /// Creates a part. Members of other types of part are refused as unknown.
    create struct CreateRequest = "parts-create-request" {
        /// What kind of part.
        r#type: PartType,
        /// The name.
        name: Text<1, 256>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// Who owns it; the caller, when empty or absent. The contract requires it; the vendor's
        /// Python client leaves it out.
        owned_by: Vec<OwnerId>,
        /// The parent part: exactly one, except for products.
        parent_part: Vec<PartId>,
        /// The tags; the Python SDK sends their bare ids.
        tags: Vec<SetTag>,
        /// The files.
        artifacts: Option<Many<ArtifactId, 0, 50>>,
        /// Links that begin or end at it.
        links: AtMost<EmbedLink, 100>,
        /// What stages would forbid, and it may do nonetheless. Only enhancements have stages.
        stage_validation_options: Vec<StageOptionForCreate>,
        .. enhancement: CreateEnhancement,
        .. code: SetCode,
        .. customization: Customization,
    }
}

crate::id_requests! {
    /// The part to get.
    GetRequest = "parts-get-request" { id: PartId }
    /// The part to delete, which has no parts below it.
    DeleteRequest = "parts-delete-request" { id: PartId }
}

crate::request! {
    /// Parts below other parts.
    read struct ParentPartFilter = "parent-part-filter" {
        /// The parts below which to look; they themselves are left out.
        parts: Many<PartId, 1, 1000>,
        /// How deep to look, from 1 for their children; to any depth when absent.
        level: Option<i32>,
    }
}

crate::request! {
    /// Which enhancements to list. The dates come in two shapes, of which the second is newer.
    read struct EnhancementFilter = "parts-filter-enhancement" {
        /// Enhancements of these accounts; there are no such relations yet.
        accounts: Vec<AccountId>,
        /// Enhancements of these opportunities; there are no such relations yet.
        opportunities: Vec<OpportunityId>,
        /// Enhancements of these tickets; there are no such relations yet.
        tickets: Vec<TicketId>,
        /// Enhancements of these tiers; nothing has a tier yet.
        rev_score_tier: Vec<RevScoreTier>,
        /// Enhancements in one of these stages.
        stage_v2: Vec<StageId>,
        /// Enhancements in one of these states, by name.
        state_v2: Vec<String>,
        /// When the work should have begun.
        target_start_date: Option<DateRange>,
        /// When the work should have begun.
        target_start_date_v2: Option<DateFilter>,
        /// When it should have been done.
        target_close_date: Option<DateRange>,
        /// When it should have been done.
        target_close_date_v2: Option<DateFilter>,
        /// When the work began.
        actual_start_date: Option<DateRange>,
        /// When the work began.
        actual_start_date_v2: Option<DateFilter>,
        /// When it was done.
        actual_close_date: Option<DateRange>,
        /// When it was done.
        actual_close_date_v2: Option<DateFilter>,
    }
}

crate::request! {
    /// Which parts to list.
    read struct ListRequest = "parts-list-request" {
        /// Parts of these types.
        r#type: Vec<PartType>,
        /// Parts that one of these users created.
        created_by: Vec<UserId>,
        /// When the part was created.
        created_date_v2: Option<DateFilter>,
        /// Values of custom fields.
        custom_fields: Option<NoCustomFields>,
        /// Which enhancements.
        enhancement: Option<EnhancementFilter>,
        /// Parts that one of these users last changed.
        modified_by: Vec<UserId>,
        /// When the part was last changed.
        modified_date_v2: Option<DateFilter>,
        /// Parts with one of these names.
        name: Vec<String>,
        /// Parts owned by one of these users.
        owned_by: Vec<UserId>,
        /// Parts below these.
        parent_part: Option<ParentPartFilter>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        /// Parts of these subtypes; no part has one yet.
        subtype: Vec<String>,
        /// Parts with one of these tags.
        tags: Vec<TagId>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// The members that only enhancements have, when they are changed.
    update struct UpdateEnhancement = "parts-update-request-enhancement" {
        /// Notes for its users.
        release_notes: Option<Text<0, 32_768>>,
        /// When the work on it should begin.
        target_start_date: Patch<Timestamp>,
        /// When it should be done.
        target_close_date: Patch<Timestamp>,
        /// The stage to move it to, as a bare id, which is how the MCP server sends it.
        stage_v2: Option<StageId>,
    }
}

impl UpdateEnhancement {
    /// Which of the members the request contains, by name.
    pub fn given(&self) -> [(&'static str, bool); 4] {
        [
            ("release_notes", self.release_notes.is_some()),
            ("target_start_date", self.target_start_date != Patch::Absent),
            ("target_close_date", self.target_close_date != Patch::Absent),
            ("stage_v2", self.stage_v2.is_some()),
        ]
    }
}

crate::request! {
    /// The members that only runnables and linkables have, when they are changed.
    update struct UpdateCode = "parts-update-request-runnable" {
        /// The parts of the code that it was found to affect.
        code_inferred_surface_area: Option<Vec<Text<1, 1024>>>,
        /// Its paths in the repository.
        code_repo_paths: Option<Text<0, 65_536>>,
        /// The URL of the repository.
        code_repo_url: Option<Text<0, 2048>>,
    }
}

impl From<UpdateCode> for SetCode {
    fn from(update: UpdateCode) -> Self {
        let UpdateCode { code_inferred_surface_area, code_repo_paths, code_repo_url } = update;
        Self { code_inferred_surface_area, code_repo_paths, code_repo_url }
    }
}

crate::request! {
    /// Changes a part. Members of other types of part are refused as unknown.
    update struct UpdateRequest = "parts-update-request" {
        /// The part.
        id: PartId,
        /// What kind of part it is; derived from the id when absent, because the Python SDK omits
        /// it.
        r#type: Option<PartType>,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// Who owns it; at least one user.
        owned_by: SetPatch<OwnerId>,
        /// The tags.
        tags: SetPatch<SetTag>,
        /// The files.
        artifacts: SetPatch<ArtifactId, 50>,
        /// What stages would forbid, and the change may do nonetheless. Only enhancements have
        /// stages.
        stage_validation_options: Vec<StageOptionForUpdate>,
        .. enhancement: UpdateEnhancement,
        .. code: UpdateCode,
        .. customization: Customization,
    }
}

/// A part.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "part")]
pub struct Part {
    /// What kind of part.
    #[serde(rename = "type")]
    pub kind: PartType,
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub name: String,
    /// A description.
    pub description: Option<String>,
    /// Who owns it.
    pub owned_by: Vec<Embedded<UserSummary>>,
    /// The tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagWithValue>,
    /// The files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Embedded<ArtifactSummary>>,
    /// The stage that an enhancement is in.
    pub stage_v2: Option<Embedded<StageSummary>>,
    /// The name of the state that an enhancement is in.
    pub state_v2: Option<String>,
    /// When the work on an enhancement should begin.
    pub target_start_date: Option<DateTime>,
    /// When an enhancement should be done.
    pub target_close_date: Option<DateTime>,
    /// When the work on an enhancement began.
    pub actual_start_date: Option<DateTime>,
    /// When an enhancement was done.
    pub actual_close_date: Option<DateTime>,
    /// Notes for the users of an enhancement.
    pub release_notes: Option<String>,
    /// The parts of the code that a runnable or linkable was found to affect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_inferred_surface_area: Vec<String>,
    /// The paths of a runnable or linkable in the repository.
    pub code_repo_paths: Option<String>,
    /// The URL of the repository of a runnable or linkable.
    pub code_repo_url: Option<String>,
}

/// A part, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "part-summary")]
pub struct PartSummary {
    /// What kind of part.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "capability", "enhancement", "feature", "linkable", "product", "runnable"
    ]))]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// Who owns it.
    pub owned_by: Vec<Embedded<UserSummary>>,
}
