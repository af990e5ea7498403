//! Who sees a link: whoever may see what is at both of its ends.

use worksmith_engine::Tx;
use worksmith_kernel::Result;
use worksmith_org::accounts::Account;
use worksmith_org::rev_orgs::RevOrg;
use worksmith_org::rev_users::RevUser;
use worksmith_wire::{Id, Kind};

use super::Link;
use crate::works::Work;

/// Whether the caller may see a link.
pub(super) async fn may_see(tx: &mut Tx, link: &Link) -> Result<bool> {
    Ok(may_see_end(tx, &link.source).await? && may_see_end(tx, &link.target).await?)
}

/// Whether the caller may see an object. Customers can call the operations of these families only.
pub(super) async fn may_see_end(tx: &mut Tx, id: &Id) -> Result<bool> {
    if !tx.cx().actor.is_customer() {
        return Ok(true);
    }
    Ok(match id.kind() {
        Kind::Issue | Kind::Ticket | Kind::Task | Kind::Opportunity => {
            tx.find_visible::<Work>(id).await?.is_some()
        }
        Kind::Account => tx.find_visible::<Account>(id).await?.is_some(),
        Kind::RevOrg => tx.find_visible::<RevOrg>(id).await?.is_some(),
        Kind::RevUser => tx.find_visible::<RevUser>(id).await?.is_some(),
        _ => false,
    })
}
