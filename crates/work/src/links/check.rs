//! Whether one more link fits those that are there.
//!
//! Two calls at once must not break a rule together that neither breaks alone. So whatever a rule
//! reads here, the transaction relies on: that these links, and no others, are at an object. A link
//! that another call makes, moves or deletes beside them in the meantime refuses the batch, and the
//! operation decides anew.

use std::collections::HashSet;

use worksmith_engine::Tx;
use worksmith_kernel::{Reference, Result, Stored};
use worksmith_wire::{ApiError, Id};

use super::rules::Tree;
use super::{CUSTOM_FROM, CUSTOM_TO, Link};

/// The most links that one rule looks at.
const LOOKED_AT_MAX: usize = 10_000;

fn too_many() -> ApiError {
    let message = format!("more than {LOOKED_AT_MAX} links would have to be looked at");
    ApiError::bad_request(message)
}

/// The links at an object, except for the one that is being replaced.
async fn at(
    tx: &mut Tx,
    by: Reference<Link>,
    object: &Id,
    except: Option<&Id>,
) -> Result<Vec<Stored<Link>>> {
    let found = tx.rely_on_referrers(by, object, LOOKED_AT_MAX).await?;
    let mut found = found.ok_or_else(too_many)?;
    found.retain(|link| Some(link.id()) != except);
    Ok(found)
}

/// The ticket that another one was merged into.
pub(super) async fn primary_of(tx: &mut Tx, ticket: &Id) -> Result<Option<Id>> {
    let links = at(tx, super::PRIMARIES, ticket, None).await?;
    Ok(links.into_iter().next().map(|link| link.doc.target))
}

/// Refuses a link that gives an object a second parent, makes it its own ancestor, or makes a tree
/// too deep. `except` is the link that it replaces.
pub(super) async fn tree(tx: &mut Tx, tree: &Tree, link: &Link, except: Option<&Id>) -> Result<()> {
    let link_type = link.link_type.as_str();
    let (parent, child) = tree.ends(link);
    if let Some(other) = at(tx, tree.up, child, except).await?.pop() {
        let (one, other) = (tx.cx().name(child), tx.cx().name(tree.ends(&other.doc).0));
        let message = format!("{one} has a link {link_type} with {other}; it can have only one");
        return Err(ApiError::bad_request(message).into());
    }
    let has_room = tree.has_many || at(tx, tree.down, parent, except).await?.is_empty();
    if !has_room {
        let one = tx.cx().name(parent);
        let message = format!("{one} has another link {link_type}; it can have only one");
        return Err(ApiError::bad_request(message).into());
    }
    // What has nothing below it can't be above anything.
    if tree.depth.is_none() && at(tx, tree.down, child, except).await?.is_empty() {
        return Ok(());
    }
    let above = above(tx, tree, link, except).await?;
    match tree.depth {
        Some(depth) => fits_below(tx, tree, link, depth.checked_sub(above + 1), except).await,
        None => Ok(()),
    }
}

/// How many links lead up from the parent. Refuses a link that would close a circle.
async fn above(tx: &mut Tx, tree: &Tree, link: &Link, except: Option<&Id>) -> Result<usize> {
    let (parent, child) = tree.ends(link);
    let mut node = parent.clone();
    for above in 0..LOOKED_AT_MAX {
        if node == *child {
            let (one, other) = (tx.cx().name(child), tx.cx().name(parent));
            let link_type = link.link_type.as_str();
            let message = format!("links {link_type} would go from {one} over {other} to itself");
            return Err(ApiError::bad_request(message).into());
        }
        match at(tx, tree.up, &node, except).await?.pop() {
            Some(link) => node = tree.ends(&link.doc).0.clone(),
            None => return Ok(above),
        }
    }
    Err(too_many().into())
}

/// Refuses a link whose child has more links below it than there is room for; without room, there
/// is no place even for the child.
async fn fits_below(
    tx: &mut Tx,
    tree: &Tree,
    link: &Link,
    room: Option<usize>,
    except: Option<&Id>,
) -> Result<()> {
    let mut level = vec![tree.ends(link).1.clone()];
    let (mut room, mut seen) = (room, 0);
    while !level.is_empty() {
        let Some(left) = room else {
            let (parent, child) = tree.ends(link);
            let (parent, child) = (tx.cx().name(parent), tx.cx().name(child));
            let message = format!(
                "{child} can't come below {parent}: more than {} links {} would follow one another",
                tree.depth.unwrap_or_default(),
                link.link_type.as_str()
            );
            return Err(ApiError::bad_request(message).into());
        };
        let mut below = Vec::new();
        for node in &level {
            let links = at(tx, tree.down, node, except).await?;
            below.extend(links.iter().map(|link| tree.ends(&link.doc).1.clone()));
            seen += links.len();
            if seen > LOOKED_AT_MAX {
                return Err(too_many().into());
            }
        }
        level = below;
        room = left.checked_sub(1);
    }
    Ok(())
}

/// Refuses a link of a type of the org's own if more than `max` of its links would follow one
/// another.
pub(super) async fn hops(tx: &mut Tx, link: &Link, max: usize, except: Option<&Id>) -> Result<()> {
    let before = chain(tx, link, Way::Back, max, except).await?;
    let after = chain(tx, link, Way::On, max, except).await?;
    if before + 1 + after <= max {
        return Ok(());
    }
    let (source, target) = (tx.cx().name(&link.source), tx.cx().name(&link.target));
    let message = format!(
        "from {source} to {target}: more than {max} links of the type would follow one another"
    );
    Err(ApiError::bad_request(message).into())
}

/// A direction along links.
#[derive(Clone, Copy)]
enum Way {
    Back,
    On,
}

/// How many links of the type follow one another from the end of a link, counted up to `max`.
async fn chain(
    tx: &mut Tx,
    link: &Link,
    way: Way,
    max: usize,
    except: Option<&Id>,
) -> Result<usize> {
    let (by, start) = match way {
        Way::Back => (CUSTOM_TO, &link.source),
        Way::On => (CUSTOM_FROM, &link.target),
    };
    let (mut level, mut seen) = (HashSet::from([start.clone()]), 0);
    for length in 0..max {
        let mut next = HashSet::new();
        for node in &level {
            let links = at(tx, by, node, except).await?;
            seen += links.len();
            let links = links.into_iter().map(|link| link.doc);
            let own = links.filter(|other| other.custom_link_type == link.custom_link_type);
            next.extend(own.map(|other| match way {
                Way::Back => other.source,
                Way::On => other.target,
            }));
            if seen > LOOKED_AT_MAX {
                return Err(too_many().into());
            }
        }
        if next.is_empty() {
            return Ok(length);
        }
        level = next;
    }
    Ok(max)
}
