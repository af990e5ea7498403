//! Types of links that an org defines: what may be linked to what, and what each end calls it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, CustomLinkTypeId};
use crate::{Many, PageRequest, Patch, SortBy, Text};

crate::id_types! {
    /// The id of an object that a link may begin or end at.
    LinkEndId [
        Account, Article, Capability, Conversation, CustomObject, DevUser, Enhancement, Feature,
        Incident, Issue, Linkable, Meeting, Opportunity, Product, RevOrg, RevUser, Runnable, Task,
        Ticket,
    ];
}

crate::wire_enum! {
    /// What a link says of its ends.
    pub enum LinkType = "link-type" {
        /// What a type of the org's own says.
        CustomLink = "custom_link",
        /// An issue changes a part.
        DevelopedWith = "developed_with",
        /// A part uses another one.
        Imports = "imports",
        /// An incident is looked at in an article.
        IsAnalyzedBy = "is_analyzed_by",
        /// A conversation became a ticket.
        IsConvertedTo = "is_converted_to",
        /// The source waits for the target.
        IsDependentOn = "is_dependent_on",
        /// The source says the same as the target.
        IsDuplicateOf = "is_duplicate_of",
        /// The source takes up the target again.
        IsFollowUpOf = "is_follow_up_of",
        /// The source was merged into the target.
        IsMergedInto = "is_merged_into",
        /// The target is a piece of the source.
        IsParentOf = "is_parent_of",
        /// The source is a part below the target.
        IsPartOf = "is_part_of",
        /// The two have to do with each other.
        IsRelatedTo = "is_related_to",
        /// A runnable provides a feature.
        Serves = "serves",
    }
}

crate::wire_enum! {
    /// What an end of a link is.
    pub enum LinkEndType = "link-endpoint-type" {
        /// A customer company.
        Account = "account",
        /// A text of the knowledge base.
        Article = "article",
        /// A part under a product.
        Capability = "capability",
        /// A change of code.
        CodeChange = "code_change",
        /// A chat with a customer.
        Conversation = "conversation",
        /// A record of one of the org's own leaf types.
        CustomObject = "custom_object",
        /// A member of the org.
        DevUser = "dev_user",
        /// A planned change of a part.
        Enhancement = "enhancement",
        /// A part under a capability or a feature.
        Feature = "feature",
        /// An outage.
        Incident = "incident",
        /// A build-side job on a part.
        Issue = "issue",
        /// A part that is linked into others.
        Linkable = "linkable",
        /// A meeting.
        Meeting = "meeting",
        /// A sales deal.
        Opportunity = "opportunity",
        /// The root of a part tree.
        Product = "product",
        /// A workspace of a customer.
        RevOrg = "rev_org",
        /// A contact at a customer.
        RevUser = "rev_user",
        /// A part that runs.
        Runnable = "runnable",
        /// A small step.
        Task = "task",
        /// A customer's request.
        Ticket = "ticket",
        /// A chart of a dashboard.
        Widget = "widget",
    }
}

crate::request! {
    /// A link to make together with one of its ends, which is left out.
    create struct EmbedLink = "embed-links-create-request" {
        /// What the link says.
        link_type: LinkType,
        /// Where it begins; the new object, when absent.
        source: Option<LinkEndId>,
        /// Where it ends; the new object, when absent.
        target: Option<LinkEndId>,
    }
}

crate::request! {
    /// Objects that a link of a type may begin or end at.
    kept struct LinkTargetDescriptor = "link-target-descriptor" {
        /// Whether the leaf type is one of the org's own.
        is_custom_leaf_type: Option<bool>,
        /// Whether objects of a subtype are left out.
        leaf_only: Option<bool>,
        /// The leaf type: `issue`, or one of the org's own.
        leaf_type: Option<String>,
        /// The subtype; objects of other subtypes, or without one, are left out.
        subtype: Option<String>,
    }
}

/// The ends of links of a type, as a request gives them.
pub type LinkTargets = Many<LinkTargetDescriptor, 1, 100>;

crate::request! {
    /// The ends that types of links must have to be listed; an absent member matches anything.
    read struct LinkTargetFilter = "link-target-descriptor-filter" {
        /// Whether the leaf type is one of the org's own.
        is_custom_leaf_type: Option<bool>,
        /// Whether objects of a subtype are left out.
        leaf_only: Option<bool>,
        /// The leaf type.
        leaf_type: Option<String>,
        /// The subtype.
        subtype: Option<String>,
    }
}

crate::request! {
    /// Creates a type of links.
    create struct CreateRequest = "custom-link-type-create-request" {
        /// The name, unique in the org.
        name: Text<1, 256>,
        /// What the source calls it: `blocks`.
        forward_name: Text<1, 256>,
        /// What the target calls it: `is blocked by`.
        backward_name: Text<1, 256>,
        /// Where links of the type may begin.
        source_types: LinkTargets,
        /// Where links of the type may end.
        target_types: LinkTargets,
        /// What it is for.
        tooltip: Option<Text<0, 1024>>,
        /// How many links of the type may follow one another, from 1 to 100; any number, when
        /// absent.
        max_hops: Option<i32>,
        /// Whether it takes no new links.
        is_deprecated: Option<bool>,
        /// The old spelling of `is_deprecated`.
        deprecated: Option<bool>,
    }
}

crate::id_requests! {
    /// The type of links to get.
    GetRequest = "custom-link-type-get-request" { id: CustomLinkTypeId }
}

crate::request! {
    /// Which types of links to list.
    read struct ListRequest = "custom-link-type-list-request" {
        /// Types with one of these names.
        name: Vec<String>,
        /// Types that take no new links, or those that do.
        is_deprecated: Option<bool>,
        /// The old spelling of `is_deprecated`.
        deprecated: Option<bool>,
        /// Types whose links may begin at one of these.
        source_types_v2: Vec<LinkTargetFilter>,
        /// Types whose links may end at one of these.
        target_types_v2: Vec<LinkTargetFilter>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a type of links. Types are never deleted.
    update struct UpdateRequest = "custom-link-type-update-request" {
        /// The type.
        id: CustomLinkTypeId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// What the source calls it.
        forward_name: Option<Text<1, 256>>,
        /// What the target calls it.
        backward_name: Option<Text<1, 256>>,
        /// Where links of the type may begin; replaces the list.
        source_types_v2: Option<LinkTargets>,
        /// Where links of the type may end; replaces the list.
        target_types_v2: Option<LinkTargets>,
        /// What it is for.
        tooltip: Option<Text<0, 1024>>,
        /// How many new links of the type may follow one another, from 1 to 100; null for any
        /// number.
        max_hops: Patch<i32>,
        /// Whether it takes no new links.
        is_deprecated: Option<bool>,
        /// The old spelling of `is_deprecated`.
        deprecated: Option<bool>,
    }
}

/// A type of links.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-link-type")]
pub struct CustomLinkType {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name, unique in the org.
    pub name: String,
    /// What the source calls it.
    pub forward_name: String,
    /// What the target calls it.
    pub backward_name: String,
    /// Where links of the type may begin.
    pub source_types: Vec<LinkTargetDescriptor>,
    /// Where links of the type may end.
    pub target_types: Vec<LinkTargetDescriptor>,
    /// What it is for.
    pub tooltip: Option<String>,
    /// How many links of the type may follow one another.
    pub max_hops: Option<i32>,
    /// Whether it takes no new links.
    pub is_deprecated: bool,
}

/// A type of links, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-link-type-summary")]
pub struct CustomLinkTypeSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}
