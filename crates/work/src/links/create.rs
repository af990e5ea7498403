//! `links.create`.

use worksmith_engine::{One, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::{Result, Stored};
use worksmith_wire::link_types::LinkType;
use worksmith_wire::links::CreateRequest;
use worksmith_wire::{ApiError, Id, Kind};

use super::{Link, TRIPLES, check, custom, merge, rules, views};

pub(super) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Link>> {
    let CreateRequest { link_type, custom_link_type, source, target } = request;
    let custom_link_type: Option<Id> = custom_link_type.map(Into::into);
    let link_type = match (link_type, &custom_link_type) {
        (None, None) => return Err(ApiError::missing("link_type").into()),
        (None | Some(LinkType::CustomLink), Some(_)) => LinkType::CustomLink,
        (Some(LinkType::CustomLink), None) => {
            return Err(ApiError::missing("custom_link_type").into());
        }
        (Some(stock), None) => stock,
        (Some(stock), Some(_)) => {
            let message = format!("custom_link_type goes with custom_link, not {}", stock.as_str());
            return Err(ApiError::invalid_field("custom_link_type", message).into());
        }
    };
    let source = leaf::resolve(tx, source.into()).await?;
    let target = leaf::resolve(tx, target.into()).await?;
    let made = make(tx, Link::new(link_type, custom_link_type, source, target)).await?;
    tx.one(&made).await
}

/// Makes a link, if it may be made.
pub(super) async fn make(tx: &mut Tx, link: Link) -> Result<Stored<Link>> {
    check_ends(tx, &link)?;
    match link.link_type {
        LinkType::IsPartOf => return views::put_below(tx, &link.source, &link.target).await,
        LinkType::DevelopedWith => return views::develop(tx, &link.source, &link.target).await,
        _ => {}
    }
    check_new(tx, &link).await?;
    if link.link_type == LinkType::IsMergedInto {
        merge::merge(tx, &link).await?;
    }
    check_fits(tx, &link, None).await?;
    tx.insert(Kind::Link, link).await
}

/// Refuses a link of an object with itself, and one of objects that its type does not join.
pub(super) fn check_ends(tx: &Tx, link: &Link) -> Result<()> {
    let Link { link_type, source, target, .. } = link;
    if source == target {
        let message = format!("{} can't be linked with itself", tx.cx().name(source));
        return Err(ApiError::bad_request(message).into());
    }
    let (from, to) = (source.kind(), target.kind());
    if *link_type == LinkType::CustomLink || rules::joins(*link_type, from, to) {
        return Ok(());
    }
    let (from, to) = (from.noun(), to.noun());
    let message = format!("no link {} goes from {from} to {to}", link_type.as_str());
    Err(ApiError::bad_request(message).into())
}

/// Refuses a link that is there already.
pub(super) async fn check_new(tx: &mut Tx, link: &Link) -> Result<()> {
    match tx.find_name(TRIPLES, &link.triple).await? {
        Some(_) => Err(taken(tx, link)),
        None => Ok(()),
    }
}

/// The error for a link that is there already.
pub(super) fn taken(tx: &Tx, link: &Link) -> worksmith_kernel::Error {
    let (source, target) = (tx.cx().name(&link.source), tx.cx().name(&link.target));
    let message = format!("{source} has this link {} with {target}", link.link_type.as_str());
    ApiError::conflict(message).at("target").into()
}

/// Refuses a link that does not fit the others. `except` is the link that it replaces.
pub(super) async fn check_fits(tx: &mut Tx, link: &Link, except: Option<&Id>) -> Result<()> {
    if link.link_type == LinkType::CustomLink {
        return custom::check(tx, link, except).await;
    }
    match rules::tree(link.link_type) {
        Some(tree) => check::tree(tx, &tree, link, except).await,
        None => Ok(()),
    }
}
