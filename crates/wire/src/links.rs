//! Links: what two objects have to do with each other.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{
    AccountSummary, AtomBase, AtomSummary, CustomLinkTypeId, OrgSummary, UserSummary,
};
use crate::custom_objects::CustomObjectSummary;
use crate::link_types::{CustomLinkTypeSummary, LinkEndId, LinkEndType, LinkType};
use crate::parts::PartSummary;
use crate::works::WorkSummary;
use crate::{Embedded, PageRequest};

crate::id_types! {
    /// The id of a link.
    LinkId [Link];
}

crate::wire_enum! {
    /// Which end of its links an object is.
    pub enum LinksDirection = "links-direction" {
        /// They begin at it.
        IsSource = "is_source",
        /// They end at it.
        IsTarget = "is_target",
    }
}

crate::request! {
    /// Links two objects.
    create struct CreateRequest = "links-create-request" {
        /// What the link says. It may be left out beside `custom_link_type`.
        link_type: Option<LinkType>,
        /// The type of the org's own that says what the link says.
        custom_link_type: Option<CustomLinkTypeId>,
        /// Where the link begins.
        source: LinkEndId,
        /// Where the link ends.
        target: LinkEndId,
    }
}

crate::id_requests! {
    /// The link to get.
    GetRequest = "links-get-request" { id: LinkId }
    /// The link to delete.
    DeleteRequest = "links-delete-request" { id: LinkId }
}

crate::request! {
    /// Which links to list: those of one object.
    read struct ListRequest = "links-list-request" {
        /// The object.
        object: LinkEndId,
        /// Which end of the links the object is; either one, when absent.
        direction: Option<LinksDirection>,
        /// Links of one of these types.
        link_type: Vec<LinkType>,
        /// The old spelling of `link_type`.
        types: Vec<LinkType>,
        /// Links whose other end is one of these.
        object_types: Vec<LinkEndType>,
        /// Links of one of these types of the org's own.
        custom_link_type: Vec<CustomLinkTypeId>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Leads one end of a link to another object.
    create struct ReplaceRequest = "links-replace-request" {
        /// The link.
        id: LinkId,
        /// What the link says, which does not change.
        link_type: LinkType,
        /// Where the link begins from now on.
        source: LinkEndId,
        /// Where the link ends from now on. One of the two ends stays as it is.
        target: LinkEndId,
    }
}

/// A link.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "link")]
pub struct Link {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// What the link says.
    pub link_type: LinkType,
    /// The type of the org's own that says what the link says.
    pub custom_link_type: Option<Embedded<CustomLinkTypeSummary>>,
    /// Where the link begins.
    pub source: LinkEnd,
    /// Where the link ends.
    pub target: LinkEnd,
}

/// A link, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "link-summary")]
pub struct LinkSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// What the link says.
    pub link_type: LinkType,
    /// Where the link begins.
    pub source: LinkEnd,
    /// Where the link ends.
    pub target: LinkEnd,
}

/// An end of a link: its summary, with its type.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "link-endpoint-summary")]
pub enum LinkEnd {
    /// A work.
    Work(Embedded<WorkSummary>),
    /// A part.
    Part(Embedded<PartSummary>),
    /// A user.
    User(Embedded<UserSummary>),
    /// A workspace.
    RevOrg(Embedded<OrgSummary>),
    /// An account.
    Account(Box<AccountEnd>),
    /// A custom object.
    CustomObject(Box<CustomObjectEnd>),
    /// An object of which nothing else is known.
    Bare(Box<BareEnd>),
}

/// An account at an end of a link.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "link-endpoint-account")]
pub struct AccountEnd {
    /// Always `account`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["account"]))]
    pub kind: &'static str,
    /// Its summary.
    #[serde(flatten)]
    pub summary: AccountSummary,
}

/// A custom object at an end of a link.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "link-endpoint-custom-object")]
pub struct CustomObjectEnd {
    /// Always `custom_object`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["custom_object"]))]
    pub kind: &'static str,
    /// Its summary.
    #[serde(flatten)]
    pub summary: CustomObjectSummary,
}

/// An end of a link of which only the id is known.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "link-endpoint-bare")]
pub struct BareEnd {
    /// What it is.
    #[serde(rename = "type")]
    #[schemars(with = "LinkEndType")]
    pub kind: &'static str,
    /// Its ids.
    #[serde(flatten)]
    pub head: AtomSummary,
}
