//! Links of types that the org defined.

use worksmith_engine::Tx;
use worksmith_fields::custom_objects::CustomObject;
use worksmith_fields::link_types::CustomLinkType;
use worksmith_kernel::{Resource, Result, Stored};
use worksmith_wire::link_types::LinkTargetDescriptor;
use worksmith_wire::{ApiError, Id, Kind};

use super::{Link, check};
use crate::works::Work;

/// Refuses a link that its type does not allow. A deprecated type takes no new links, but those
/// that it has can be replaced.
pub(super) async fn check(tx: &mut Tx, link: &Link, except: Option<&Id>) -> Result<()> {
    let Some(id) = &link.custom_link_type else {
        return Err(ApiError::missing("custom_link_type").into());
    };
    let Some(link_type) = tx.find::<CustomLinkType>(id).await? else {
        let message = format!("custom_link_type: there is no {}", tx.cx().name(id));
        return Err(ApiError::invalid_id("custom_link_type", message).into());
    };
    tx.rely_on(&link_type);
    let CustomLinkType {
        name: called, source_types, target_types, max_hops, is_deprecated, ..
    } = link_type.doc;
    if is_deprecated && except.is_none() {
        let message = format!("the link type {called:?} is deprecated and takes no new links");
        return Err(ApiError::bad_request(message).into());
    }
    let ends = [("source", &link.source, source_types), ("target", &link.target, target_types)];
    for (end, id, allowed) in ends {
        let subtype = subtype(tx, id, end).await?;
        if !allowed.iter().any(|allowed| fits(allowed, id, subtype.as_deref())) {
            let one = tx.cx().name(id);
            let message = format!("{one} can't be the {end} of a link of the type {called:?}");
            return Err(ApiError::bad_request(message).into());
        }
    }
    match max_hops.and_then(|max| usize::try_from(max).ok()) {
        Some(max) => check::hops(tx, link, max, except).await,
        None => Ok(()),
    }
}

/// Whether a type allows an object at one of its ends.
fn fits(end: &LinkTargetDescriptor, id: &Id, subtype: Option<&str>) -> bool {
    let LinkTargetDescriptor { is_custom_leaf_type, leaf_only, leaf_type, subtype: wanted } = end;
    let own = match id.kind() {
        Kind::CustomObject => id.leaf_type(),
        kind => Some(kind.noun()),
    };
    is_custom_leaf_type.unwrap_or(false) == (id.kind() == Kind::CustomObject)
        && leaf_type.as_deref() == own
        && wanted.as_deref().is_none_or(|wanted| subtype == Some(wanted))
        && (*leaf_only != Some(true) || subtype.is_none())
}

/// The subtype of an object, which the transaction relies on.
async fn subtype(tx: &mut Tx, id: &Id, end: &str) -> Result<Option<String>> {
    match id.kind() {
        Kind::Issue | Kind::Ticket | Kind::Task | Kind::Opportunity => {
            let work: Stored<Work> = found(tx, id, end).await?;
            Ok(work.doc.custom.subtype)
        }
        Kind::CustomObject => {
            let object: Stored<CustomObject> = found(tx, id, end).await?;
            Ok(object.doc.custom.subtype)
        }
        // Others have none.
        _ => Ok(None),
    }
}

async fn found<R: Resource>(tx: &mut Tx, id: &Id, end: &str) -> Result<Stored<R>> {
    let Some(stored) = tx.find::<R>(id).await? else { return Err(nothing(tx, id, end)) };
    tx.rely_on(&stored);
    Ok(stored)
}

/// The error for an end that does not exist.
pub(super) fn nothing(tx: &Tx, id: &Id, end: &str) -> worksmith_kernel::Error {
    let message = if id.local().is_empty() {
        format!("{end}: there is no such object in this org")
    } else {
        format!("{end}: there is no {}", tx.cx().name(id))
    };
    ApiError::invalid_id(end, message).into()
}
