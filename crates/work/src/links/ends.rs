//! What becomes of the links of an object that is deleted: they are deleted with it.

use worksmith_engine::{Changed, OpTable, Tx};
use worksmith_fields::custom_objects::CustomObject;
use worksmith_kernel::{Resource, Result, Rewrite};
use worksmith_org::accounts::Account;
use worksmith_org::dev_users::DevUser;
use worksmith_org::rev_orgs::RevOrg;
use worksmith_org::rev_users::RevUser;

use super::{Link, SOURCE, TARGET};
use crate::parts::Part;
use crate::works::Work;

/// Up to this many links in each direction are deleted together with the object. If there are more,
/// nobody sees them any more either, and they are deleted bit by bit.
const AT_ONCE: usize = 50;

/// Registers what follows the deletion of everything that links lead to.
pub(super) fn follow(table: &mut OpTable) {
    table.follow(deleted::<Account>);
    table.follow(deleted::<CustomObject>);
    table.follow(deleted::<DevUser>);
    table.follow(deleted::<Part>);
    table.follow(deleted::<RevOrg>);
    table.follow(deleted::<RevUser>);
    table.follow(deleted::<Work>);
}

async fn deleted<R: Resource>(tx: &mut Tx, changed: Changed<R>) -> Result<()> {
    let (Some(before), None) = (&changed.before, &changed.after) else { return Ok(()) };
    let id = before.id().clone();
    let mut links = Vec::new();
    for end in [SOURCE, TARGET] {
        match tx.rely_on_referrers::<Link>(end, &id, AT_ONCE).await? {
            Some(some) => links.extend(some),
            None => return tx.cascade(&id, Rewrite::Delete).await,
        }
    }
    for link in links {
        // A merge may have led both of its ends here.
        if tx.find::<Link>(link.id()).await?.is_some() {
            tx.delete(link).await?;
        }
    }
    Ok(())
}
