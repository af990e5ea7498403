//! What a call names of a timeline (BEHAVIOUR 20.2): a comment is there for those who see its
//! object and whom `Comment::visibility` lets see it. A reply has a comment as its object.

use worksmith_engine::Tx;
use worksmith_fields::schemas::leaf;
use worksmith_kernel::{Result, Stored};
use worksmith_wire::{ApiError, Id};

use super::comment::Comment;

/// The object whose timeline a call names. If it was merged, that is its primary object. To whom it
/// is not visible, it does not exist.
pub(super) async fn object(tx: &mut Tx, named: Id) -> Result<Id> {
    let named = leaf::resolve(tx, named).await?;
    if !tx.is_visible(&named).await? {
        return Err(tx.not_found(&named));
    }
    tx.primary(&named).await
}

/// The comment of the call. To whom it is not visible, it does not exist; nor does a deleted one,
/// of which lists show the place.
pub async fn find(tx: &mut Tx, id: &Id) -> Result<Stored<Comment>> {
    let stored = tx.target::<Comment>(id).await?;
    if stored.doc.is_deleted { Err(tx.not_found(id)) } else { Ok(stored) }
}

/// Those of these objects that the caller sees.
pub(super) async fn seen(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Id>> {
    let mut seen = Vec::new();
    for id in ids {
        if tx.is_visible(id).await? {
            seen.push(id.clone());
        }
    }
    Ok(seen)
}

/// The refusal of a change of a comment by somebody who may only read it.
pub(super) fn must_be_author(tx: &Tx, stored: &Stored<Comment>) -> Result<()> {
    let actor = &tx.cx().actor;
    if actor.is_admin || actor.id == stored.meta.created_by {
        return Ok(());
    }
    let message = "only its author and admins can change a comment";
    Err(ApiError::forbidden(message).into())
}
