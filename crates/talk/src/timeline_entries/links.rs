//! Links in the timelines of what they join: each end has an entry when a link is made, led
//! elsewhere or deleted (BEHAVIOUR 20.4).

use worksmith_engine::{Changed, OpTable, Tx};
use worksmith_kernel::{Result, Stored};
use worksmith_wire::timeline_entries::{Collection, TimelineObjectId, Visibility};
use worksmith_wire::{Id, Kind};
use worksmith_work::links::{self, Link};
use worksmith_work::parts::Part;
use worksmith_work::works::Work;

use super::comment::{Comment, LinkChange};

/// Registers what follows changes of links, and of what says links.
pub(super) fn follow(table: &mut OpTable) {
    table.follow(of_link);
    table.follow(of_part);
    table.follow(of_work);
}

async fn of_link(tx: &mut Tx, changed: Changed<Link>) -> Result<()> {
    let (before, after) = (changed.before.as_deref(), changed.after.as_deref());
    if let (Some(before), Some(after)) = (before, after)
        && tx.primary(&before.doc.source).await? == after.doc.source
        && tx.primary(&before.doc.target).await? == after.doc.target
    {
        // At most, an end was merged into another object. So were the timelines.
        return Ok(());
    }
    for (link, is_made) in [(before, false), (after, true)] {
        let Some(link) = link else { continue };
        let Link { source, target, .. } = &link.doc;
        tell(tx, link, is_made, source).await?;
        // A merge may have led both ends to the same object.
        if target != source {
            tell(tx, link, is_made, target).await?;
        }
    }
    Ok(())
}

/// The part that another one belongs to is told of that. The other one has the change itself.
async fn of_part(tx: &mut Tx, changed: Changed<Part>) -> Result<()> {
    let said = |part: Option<&Stored<Part>>| part.and_then(links::of_part).into_iter().collect();
    of_said(tx, said(changed.before.as_deref()), said(changed.after.as_deref())).await
}

/// The parts that an issue is developed with are told of that. The issue has the change itself.
async fn of_work(tx: &mut Tx, changed: Changed<Work>) -> Result<()> {
    let said = |work: Option<&Stored<Work>>| work.map(links::of_issue).unwrap_or_default();
    of_said(tx, said(changed.before.as_deref()), said(changed.after.as_deref())).await
}

async fn of_said(tx: &mut Tx, before: Vec<Stored<Link>>, after: Vec<Stored<Link>>) -> Result<()> {
    let is_in =
        |links: &[Stored<Link>], target: &Id| links.iter().any(|link| link.doc.target == *target);
    for link in before.iter().filter(|link| !is_in(&after, &link.doc.target)) {
        tell(tx, link, false, &link.doc.target).await?;
    }
    for link in after.iter().filter(|link| !is_in(&before, &link.doc.target)) {
        tell(tx, link, true, &link.doc.target).await?;
    }
    Ok(())
}

/// Tells of a link in the timeline of an object, if that has one and is still there.
async fn tell(tx: &mut Tx, link: &Stored<Link>, is_made: bool, object: &Id) -> Result<()> {
    if !TimelineObjectId::KINDS.contains(&object.kind()) || !tx.is_there(object).await? {
        return Ok(());
    }
    let object = tx.primary(object).await?;
    let entry = Comment {
        visibility: Visibility::Internal,
        collections: vec![Collection::Events],
        link_change: Some(LinkChange { id: link.id().clone(), is_made, link: link.doc.clone() }),
        ..Comment::on(&object)
    };
    tx.insert_of(&object, Kind::LinkEvent, entry, None).await.map(drop)
}
