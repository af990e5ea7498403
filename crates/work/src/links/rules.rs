//! Which types of link join what, and which of them form trees (BEHAVIOUR 10.5).

use worksmith_kernel::Reference;
use worksmith_wire::common::PartId;
use worksmith_wire::link_types::LinkType;
use worksmith_wire::{Id, Kind};

use super::{CHILDREN, FOLLOWED, FOLLOWERS, Link, PARENTS, PRIMARIES, SECONDARIES};
use crate::parts;

/// Whether a link of this type may begin and end at objects of these kinds. Types of the org's own
/// say so themselves.
pub(super) fn joins(link_type: LinkType, source: Kind, target: Kind) -> bool {
    let is_part = |kind| PartId::KINDS.contains(&kind);
    let both = (source, target);
    match link_type {
        LinkType::IsParentOf | LinkType::IsDuplicateOf => are_works(source, target),
        LinkType::IsRelatedTo => {
            let is_explained = target == Kind::Article;
            (are_works(source, target) && both != (Kind::Ticket, Kind::Issue))
                || (is_explained && matches!(source, Kind::Ticket | Kind::Incident))
        }
        LinkType::IsDependentOn => are_works(source, target) && both != (Kind::Issue, Kind::Ticket),
        LinkType::IsMergedInto | LinkType::IsFollowUpOf => both == (Kind::Ticket, Kind::Ticket),
        LinkType::IsPartOf => {
            is_part(source) && is_part(target) && parts::may_be_below(source, target)
        }
        LinkType::DevelopedWith => source == Kind::Issue && is_part(target),
        LinkType::Imports => is_part(source) && is_part(target),
        LinkType::Serves => both == (Kind::Runnable, Kind::Feature),
        LinkType::IsConvertedTo => both == (Kind::Conversation, Kind::Ticket),
        LinkType::IsAnalyzedBy => both == (Kind::Incident, Kind::Article),
        LinkType::CustomLink => false,
    }
}

fn are_works(source: Kind, target: Kind) -> bool {
    let is_work = |kind| {
        matches!(kind, Kind::Issue | Kind::Ticket | Kind::Task | Kind::Opportunity | Kind::Incident)
    };
    is_work(source) && is_work(target)
}

/// A type of link by which objects form trees: each has at most one parent, and nothing is above
/// itself.
pub(super) struct Tree {
    /// Which end is the child.
    child: End,
    /// The links to the parent of an object.
    pub(super) up: Reference<Link>,
    /// The links to the children of an object.
    pub(super) down: Reference<Link>,
    /// Whether an object may have several children.
    pub(super) has_many: bool,
    /// How many links may follow one another.
    pub(super) depth: Option<usize>,
}

enum End {
    Source,
    Target,
}

impl Tree {
    /// The parent and the child that a link joins.
    pub(super) const fn ends<'a>(&self, link: &'a Link) -> (&'a Id, &'a Id) {
        match self.child {
            End::Source => (&link.target, &link.source),
            End::Target => (&link.source, &link.target),
        }
    }
}

/// The trees of a type; `None` if its links form none.
pub(super) const fn tree(link_type: LinkType) -> Option<Tree> {
    match link_type {
        LinkType::IsParentOf => Some(Tree {
            child: End::Target,
            up: PARENTS,
            down: CHILDREN,
            has_many: true,
            depth: Some(2),
        }),
        LinkType::IsMergedInto => Some(Tree {
            child: End::Source,
            up: PRIMARIES,
            down: SECONDARIES,
            has_many: true,
            depth: Some(2),
        }),
        LinkType::IsFollowUpOf => Some(Tree {
            child: End::Source,
            up: FOLLOWED,
            down: FOLLOWERS,
            has_many: false,
            depth: None,
        }),
        _ => None,
    }
}
