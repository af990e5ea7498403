//! Links that are not kept as such: what a part belongs to, which the part says, and the parts that
//! an issue is developed with, which the issue says. Making, leading elsewhere or deleting such a
//! link changes the part or the issue. Its id spells what it joins, its authors and dates are those
//! of the part or the issue.

use worksmith_engine::Tx;
use worksmith_kernel::{Error, Meta, Result, Stored};
use worksmith_wire::common::PartId;
use worksmith_wire::link_types::LinkType;
use worksmith_wire::{ApiError, Id, Kind};

use super::custom::nothing;
use super::{Link, create};
use crate::parts::Part;
use crate::works::{Variant, Work};

/// What such a link is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// A part that belongs to another one.
    PartOf(Id),
    /// An issue, and a part that it is developed with.
    DevelopedWith(Id, Id),
}

/// How the ids begin. They are longer than those of links that are kept.
const PART_OF: &str = "partof";
const DEVELOPED: &str = "developed";
const WITH: &str = "with";

/// The most parts that an issue is developed with.
const DEVELOPED_WITH_MAX: usize = 8;
/// Further up than this there are no parts.
const DEPTH_MAX: usize = 10_000;

impl View {
    /// What the id of a link spells; `None` for links that are kept.
    pub(super) fn of(link: &Id) -> Option<Self> {
        let local = link.local();
        let view = if let Some(part) = local.strip_prefix(PART_OF) {
            Self::PartOf(read_part(part)?)
        } else {
            let (issue, part) = local.strip_prefix(DEVELOPED)?.split_once(WITH)?;
            Self::DevelopedWith(Id::new(Kind::Issue, issue), read_part(part)?)
        };
        (view.id() == *link).then_some(view)
    }

    /// The id of the link.
    fn id(&self) -> Id {
        let local = match self {
            Self::PartOf(part) => format!("{PART_OF}{}{}", part.kind().noun(), part.local()),
            Self::DevelopedWith(issue, part) => {
                let (issue, noun, part) = (issue.local(), part.kind().noun(), part.local());
                format!("{DEVELOPED}{issue}{WITH}{noun}{part}")
            }
        };
        Id::new(Kind::Link, local)
    }
}

fn read_part(text: &str) -> Option<Id> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (noun, number) = text.split_at(digits);
    let kind = PartId::KINDS.iter().find(|kind| kind.noun() == noun)?;
    Some(Id::new(*kind, number))
}

/// The link from a part to the one that it belongs to.
pub fn of_part(part: &Stored<Part>) -> Option<Stored<Link>> {
    let parent = part.doc.parent_part.clone()?;
    let id = View::PartOf(part.id().clone()).id();
    let doc = Link::new(LinkType::IsPartOf, None, part.id().clone(), parent);
    Some(Stored { meta: Meta { id, ..part.meta.clone() }, doc })
}

/// The links from an issue to the parts that it is developed with.
pub fn of_issue(work: &Stored<Work>) -> Vec<Stored<Link>> {
    let parts = work.doc.variant.issue().map_or(&[][..], |issue| &issue.developed_with);
    let link = |part: &Id| {
        let id = View::DevelopedWith(work.id().clone(), part.clone()).id();
        let doc = Link::new(LinkType::DevelopedWith, None, work.id().clone(), part.clone());
        Stored { meta: Meta { id, ..work.meta.clone() }, doc }
    };
    parts.iter().map(link).collect()
}

/// The link, if it is there. An issue keeps showing parts that are deleted, but is not linked with
/// them any more.
pub(super) async fn find(tx: &mut Tx, view: &View) -> Result<Option<Stored<Link>>> {
    let found = match view {
        View::PartOf(part) => tx.find::<Part>(part).await?.as_ref().and_then(of_part),
        View::DevelopedWith(issue, part) => {
            let links = tx.find::<Work>(issue).await?.as_ref().map_or_else(Vec::new, of_issue);
            links.into_iter().find(|link| link.doc.target == *part)
        }
    };
    match found {
        Some(link) if tx.is_there(&link.doc.target).await? => Ok(Some(link)),
        _ => Ok(None),
    }
}

/// The error for a link that is not there.
pub(super) fn none(tx: &Tx, id: &Id) -> Error {
    let message = if id.local().is_empty() {
        "no such link in this org".to_owned()
    } else {
        format!("there is no link {}", tx.cx().don(id))
    };
    ApiError::not_found(message).into()
}

/// Puts a part that belongs to nothing below another one.
pub(super) async fn put_below(tx: &mut Tx, part: &Id, parent: &Id) -> Result<Stored<Link>> {
    let Some(found) = tx.find::<Part>(part).await? else { return Err(nothing(tx, part, "source")) };
    match &found.doc.parent_part {
        None => move_below(tx, found, parent).await,
        Some(present) if present == parent => {
            let (part, parent) = (part.clone(), parent.clone());
            Err(create::taken(tx, &Link::new(LinkType::IsPartOf, None, part, parent)))
        }
        Some(present) => {
            let (part, present) = (tx.cx().name(part), tx.cx().name(present));
            let message = format!("{part} belongs to {present}; links.replace moves it");
            Err(ApiError::bad_request(message).into())
        }
    }
}

/// Moves a part with everything below it. What is above the new parent must stay as it is until
/// then: another call at the same time could make a circle with this one.
async fn move_below(tx: &mut Tx, part: Stored<Part>, parent: &Id) -> Result<Stored<Link>> {
    let mut next = Some(parent.clone());
    for _ in 0..DEPTH_MAX {
        let Some(id) = next.take() else { break };
        if id == *part.id() {
            let (part, parent) = (tx.cx().name(part.id()), tx.cx().name(parent));
            let message = format!("{parent} is below {part}, so {part} can't belong to it");
            return Err(ApiError::bad_request(message).into());
        }
        match tx.find::<Part>(&id).await? {
            Some(above) => {
                tx.rely_on(&above);
                next = above.doc.parent_part;
            }
            None if id == *parent => return Err(nothing(tx, parent, "target")),
            None => {}
        }
    }
    let mut doc = part.doc.clone();
    doc.parent_part = Some(parent.clone());
    let moved = tx.update(part, doc).await?;
    of_part(&moved).ok_or_else(|| Error::internal("a part was moved below nothing"))
}

/// Has an issue be developed with one more part.
pub(super) async fn develop(tx: &mut Tx, issue: &Id, part: &Id) -> Result<Stored<Link>> {
    let Some(work) = tx.find::<Work>(issue).await? else {
        return Err(nothing(tx, issue, "source"));
    };
    if tx.find::<Part>(part).await?.is_none() {
        return Err(nothing(tx, part, "target"));
    }
    let mut doc = work.doc.clone();
    let Variant::Issue(members) = &mut doc.variant else {
        return Err(Error::internal("the type of a work is not that of its id"));
    };
    if members.developed_with.contains(part) {
        let link = Link::new(LinkType::DevelopedWith, None, issue.clone(), part.clone());
        return Err(create::taken(tx, &link));
    }
    if members.developed_with.len() >= DEVELOPED_WITH_MAX {
        let issue = tx.cx().name(issue);
        let message = format!("{issue} is developed with {DEVELOPED_WITH_MAX} parts, the most");
        let reason = format!("max_items {DEVELOPED_WITH_MAX}");
        return Err(ApiError::not_permitted("target", message).with("reason", reason).into());
    }
    members.developed_with.push(part.clone());
    let changed = tx.update(work, doc).await?;
    let links = of_issue(&changed);
    let made = links.into_iter().find(|link| link.doc.target == *part);
    made.ok_or_else(|| Error::internal("an issue is not developed with the part"))
}

/// Leads a link elsewhere; `link` is what it becomes.
pub(super) async fn replace(tx: &mut Tx, view: &View, link: &Link) -> Result<Stored<Link>> {
    match view {
        View::PartOf(part) if link.source == *part => {
            let found = tx.target::<Part>(part).await?;
            move_below(tx, found, &link.target).await
        }
        View::PartOf(part) => {
            let message = format!("the link is that of {}, which stays", tx.cx().name(part));
            Err(ApiError::bad_request(message).into())
        }
        View::DevelopedWith(..) => {
            remove(tx, view).await?;
            develop(tx, &link.source, &link.target).await
        }
    }
}

/// Deletes a link.
pub(super) async fn remove(tx: &mut Tx, view: &View) -> Result<()> {
    let Some(link) = find(tx, view).await? else { return Err(none(tx, &view.id())) };
    match view {
        View::PartOf(part) => {
            if !matches!(part.kind(), Kind::Runnable | Kind::Linkable) {
                let (part, parent) = (tx.cx().name(part), tx.cx().name(&link.doc.target));
                let message =
                    format!("{part} must belong to a part; links.replace moves it from {parent}");
                return Err(ApiError::bad_request(message).into());
            }
            let part = tx.target::<Part>(part).await?;
            let mut doc = part.doc.clone();
            doc.parent_part = None;
            tx.update(part, doc).await?;
        }
        View::DevelopedWith(issue, part) => {
            let work = tx.target::<Work>(issue).await?;
            let mut doc = work.doc.clone();
            if let Variant::Issue(members) = &mut doc.variant {
                members.developed_with.retain(|present| present != part);
            }
            tx.update(work, doc).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_view_spells_what_it_joins() {
        let part = Id::numbered(Kind::Capability, 7);
        let issue = Id::numbered(Kind::Issue, 42);
        for (view, local) in [
            (View::PartOf(part.clone()), "partofcapability7"),
            (View::DevelopedWith(issue, part), "developed42withcapability7"),
        ] {
            assert_eq!(view.id(), Id::new(Kind::Link, local));
            assert_eq!(View::of(&view.id()), Some(view));
        }
        for local in
            ["k3Jx81Qa", "partof", "partofissue7", "partof7", "developed1", "developed1with"]
        {
            assert_eq!(View::of(&Id::new(Kind::Link, local)), None, "{local}");
        }
    }
}
