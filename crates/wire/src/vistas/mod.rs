//! Vistas: saved views, by hand, by a filter, or as the columns of a board.

pub mod groups;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use self::groups::{SprintState, VistaGroup};
use crate::common::{AtomBase, AtomSummary, PartId, UserId, VistaId};
use crate::parts::PartSummary;
use crate::{Embedded, PageRequest, SortBy, Text};

crate::id_types! {
    /// The id of an object that can be pinned to a vista.
    VistaItemId [
        Issue, Ticket, Task, Opportunity,
        Product, Capability, Feature, Enhancement, Runnable, Linkable,
    ];
    /// The id of a user or group with whom a vista can be shared.
    MemberId [DevUser, RevUser, ServiceAccount, SysUser, Group];
}

crate::wire_enum! {
    /// How the objects of a vista are selected.
    pub enum VistaType = "vista-type" {
        /// By hand.
        Curated = "curated",
        /// By a filter.
        Dynamic = "dynamic",
        /// In groups, which are the columns of a board.
        Grouped = "grouped",
    }
}

crate::wire_enum! {
    /// What a grouped vista is for.
    pub enum VistaFlavor = "grouped-vista-flavor" {
        /// Now, next, later.
        Nnl = "nnl",
        /// Its groups are sprints.
        SprintBoard = "sprint_board",
        /// Its groups are queues of customers' requests.
        SupportInbox = "support_inbox",
    }
}

crate::wire_enum! {
    /// What a vista shows.
    pub enum FilterType = "dynamic-vista-filter-type" {
        /// Accounts.
        Accounts = "accounts",
        /// Articles.
        Articles = "articles",
        /// Conversations.
        Conversations = "conversations",
        /// Credits.
        Credits = "credits",
        /// Custom objects.
        CustomObjects = "custom_objects",
        /// Dev users.
        DevUsers = "dev_users",
        /// Incidents.
        Incidents = "incidents",
        /// Invoices.
        Invoices = "invoices",
        /// Meetings.
        Meetings = "meetings",
        /// Parts.
        Parts = "parts",
        /// Quotes.
        Quotes = "quotes",
        /// Rev orgs.
        RevOrgs = "rev_orgs",
        /// Rev users.
        RevUsers = "rev_users",
        /// Works.
        Works = "works",
    }
}

impl FilterType {
    /// What a grouped vista can show.
    pub const GROUPED: [Self; 3] = [Self::Conversations, Self::Parts, Self::Works];
}

crate::id_requests! {
    /// An object to pin to a vista.
    SetVistaItem = "vistas-create-request-item" { id: VistaItemId }
}

crate::request! {
    /// The members of a vista that depend on its type, when it is made.
    create struct CreateMembers = "vistas-create-request-members" {
        /// What a dynamic or grouped vista shows.
        filter_type: Option<FilterType>,
        /// Which objects a dynamic vista shows: the request of the list of what it shows.
        filter: Option<Map<String, Value>>,
        /// The objects of a curated vista.
        items: Option<Vec<SetVistaItem>>,
        /// What a grouped vista is for.
        flavor: Option<VistaFlavor>,
        /// The parts that a grouped vista applies to. An extension of Worksmith.
        applies_to_part: Option<Vec<PartId>>,
    }
}

impl CreateMembers {
    /// The type of vista that has these members.
    pub fn vista_type(&self) -> VistaType {
        if self.filter.is_some() {
            VistaType::Dynamic
        } else if self.filter_type.is_some()
            || self.flavor.is_some()
            || self.applies_to_part.is_some()
        {
            VistaType::Grouped
        } else {
            VistaType::Curated
        }
    }

    /// The given members that vistas of this type don't have.
    pub fn foreign(&self, vista: VistaType) -> Vec<(&'static str, bool)> {
        let is = |types: &[VistaType]| types.contains(&vista);
        let own = [
            (
                "filter_type",
                self.filter_type.is_some(),
                is(&[VistaType::Dynamic, VistaType::Grouped]),
            ),
            ("filter", self.filter.is_some(), is(&[VistaType::Dynamic])),
            ("items", self.items.is_some(), is(&[VistaType::Curated])),
            ("flavor", self.flavor.is_some(), is(&[VistaType::Grouped])),
            ("applies_to_part", self.applies_to_part.is_some(), is(&[VistaType::Grouped])),
        ];
        own.into_iter().map(|(name, given, own)| (name, given && !own)).collect()
    }
}

crate::request! {
    /// Creates a vista. The published API can only create dynamic vistas of meetings.
    create struct CreateRequest = "vistas-create-request" {
        /// How its objects are selected. When absent, the other members decide; without those, it
        /// is an empty curated vista.
        r#type: Option<VistaType>,
        /// The name.
        name: Text<1, 256>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        .. members: CreateMembers,
    }
}

crate::id_requests! {
    /// The vista to get.
    GetRequest = "vistas-get-request" { id: VistaId }
    /// The vista to delete, together with its groups.
    DeleteRequest = "vistas-delete-request" { id: VistaId }
}

crate::request! {
    /// Vistas by whom they are shared with.
    read struct SharedWithFilter = "shared-with-membership-filter" {
        /// The user or group.
        member: Option<MemberId>,
        /// The role of the member; there are no roles yet.
        role: Option<String>,
    }
}

crate::request! {
    /// Which vistas to list.
    read struct ListRequest = "vistas-list-request" {
        /// Vistas of these types.
        r#type: Vec<VistaType>,
        /// Vistas that one of these users created.
        created_by: Vec<UserId>,
        /// Grouped vistas of these flavors.
        flavor: Vec<VistaFlavor>,
        /// Default vistas, or the others.
        is_default: Option<bool>,
        /// Vistas that one of these has access to: all of them, as vistas are not restricted.
        members: Vec<MemberId>,
        /// Vistas of these objects.
        object_type: Vec<FilterType>,
        /// Vistas that are shared with these; no vista is shared with anybody in particular.
        shared_with: Vec<SharedWithFilter>,
        /// Whether to omit the pinned objects.
        skip_items: Option<bool>,
        /// Vistas with a group in one of these states.
        state: Vec<SprintState>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

/// A vista.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "vista")]
pub struct Vista {
    /// How its objects are selected.
    #[serde(rename = "type")]
    pub kind: VistaType,
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is a default for everybody.
    pub is_default: bool,
    /// What a dynamic or grouped vista shows.
    pub filter_type: Option<FilterType>,
    /// Which objects a dynamic vista shows.
    pub filter: Option<Map<String, Value>>,
    /// What a grouped vista is for.
    pub flavor: Option<VistaFlavor>,
    /// The parts that a grouped vista applies to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applies_to_part: Vec<Embedded<PartSummary>>,
    /// The objects of a curated vista.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Embedded<AtomSummary>>,
    /// The groups of a grouped vista; only in the answer of `vistas.get`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<VistaGroup>,
}

/// A vista, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "vista-summary")]
pub struct VistaSummary {
    /// How its objects are selected.
    #[serde(rename = "type")]
    pub kind: VistaType,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// What a grouped vista is for.
    pub flavor: Option<VistaFlavor>,
}
