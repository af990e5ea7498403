//! `parts.create`: a part, and links that begin or end at it.

use worksmith_engine::{One, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::Result;
use worksmith_wire::common::PartId;
use worksmith_wire::link_types::{EmbedLink, LinkEndId, LinkType};
use worksmith_wire::parts::CreateRequest;
use worksmith_wire::{ApiError, Id};

use super::{Link, create};
use crate::parts::{self, Part};

pub(super) async fn create(tx: &mut Tx, mut request: CreateRequest) -> Result<One<Part>> {
    let mut links = std::mem::take(&mut request.links.0);
    take_parent(&mut request.parent_part, &mut links)?;
    let part = parts::create(tx, request).await?;
    for EmbedLink { link_type, source, target } in links {
        let own = part.id();
        let (source, target) = match (source, target) {
            (None, Some(target)) => (own.clone(), end(tx, target).await?),
            (Some(source), None) => (end(tx, source).await?, own.clone()),
            _ => {
                let message = "links: each names its source or its target; the part is the other";
                return Err(ApiError::bad_request(message).at("links").into());
            }
        };
        create::make(tx, Link::new(link_type, None, source, target)).await?;
    }
    tx.one(&part).await
}

async fn end(tx: &mut Tx, id: LinkEndId) -> Result<Id> {
    leaf::resolve(tx, id.into()).await
}

/// Takes the link to the parent out of the links. It says what `parent_part` says.
fn take_parent(parent_part: &mut Vec<PartId>, links: &mut Vec<EmbedLink>) -> Result<()> {
    let mut named = Vec::new();
    links.retain(|link| match (link.link_type, &link.source, &link.target) {
        (LinkType::IsPartOf, None, Some(parent)) => {
            named.push(PartId(parent.0.clone()));
            false
        }
        _ => true,
    });
    if named.is_empty() || named == *parent_part {
        return Ok(());
    }
    if !parent_part.is_empty() {
        let message = "links and parent_part name different parents; a part has one";
        return Err(ApiError::bad_request(message).at("links").into());
    }
    *parent_part = named;
    Ok(())
}
