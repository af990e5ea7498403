//! `links.replace`: one end of a link leads elsewhere from now on.

use worksmith_engine::{One, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::Result;
use worksmith_wire::ApiError;
use worksmith_wire::link_types::LinkType;
use worksmith_wire::links::ReplaceRequest;

use super::views::{self, View};
use super::{Link, create};

pub(super) async fn replace(tx: &mut Tx, request: ReplaceRequest) -> Result<One<Link>> {
    let ReplaceRequest { id, link_type, source, target } = request;
    let view = View::of(&id);
    let old = match &view {
        Some(view) => {
            let found = views::find(tx, view).await?;
            found.ok_or_else(|| views::none(tx, &id))?
        }
        None => tx.target::<Link>(&id).await?,
    };
    let present = old.doc.link_type;
    if link_type != present {
        let message = format!("link_type stays {}; make another link", present.as_str());
        let error = ApiError::not_permitted("link_type", message);
        return Err(error.with("allowed_values", vec![present.as_str()]).into());
    }
    let source = leaf::resolve(tx, source.into()).await?;
    let target = leaf::resolve(tx, target.into()).await?;
    let link = old.doc.between(source, target);
    let (keeps_source, keeps_target) =
        (link.source == old.doc.source, link.target == old.doc.target);
    if keeps_source && keeps_target {
        return tx.one(&old).await;
    }
    if !keeps_source && !keeps_target {
        let message = "one end of the link must stay; make another link instead";
        return Err(ApiError::bad_request(message).into());
    }
    if present == LinkType::IsMergedInto {
        let message = "a merge can't be led elsewhere; delete the link and merge anew";
        return Err(ApiError::bad_request(message).into());
    }
    create::check_ends(tx, &link)?;
    let replaced = if let Some(view) = view {
        views::replace(tx, &view, &link).await?
    } else {
        create::check_new(tx, &link).await?;
        create::check_fits(tx, &link, Some(old.id())).await?;
        tx.update(old, link).await?
    };
    tx.one(&replaced).await
}
