//! Who sees a link: whoever may see what is at both of its ends.

use worksmith_engine::Tx;
use worksmith_kernel::Result;
use worksmith_wire::Id;

use super::Link;

/// Whether the caller may see a link.
pub(super) async fn may_see(tx: &mut Tx, link: &Link) -> Result<bool> {
    Ok(may_see_end(tx, &link.source).await? && may_see_end(tx, &link.target).await?)
}

/// Whether the caller may see an object at the end of a link. Members see all of them, so nothing
/// is read for them.
pub(super) async fn may_see_end(tx: &mut Tx, id: &Id) -> Result<bool> {
    Ok(!tx.cx().actor.is_customer() || tx.is_visible(id).await?)
}
