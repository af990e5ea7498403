//! Merging: what refers to the secondary object refers to the primary one afterwards.
//!
//! A family whose objects can refer to an account, a workspace or a user implements [`Referent`]
//! and has a line in [`move_referents`].

use worksmith_kernel::{Resource, Result};
use worksmith_store::Tx;
use worksmith_wire::{ApiError, Id, Kind};

use crate::accounts::Account;
use crate::rev_orgs::RevOrg;
use crate::rev_users::RevUser;

/// A document that can refer to what is merged.
pub(crate) trait Referent: Resource {
    /// Refers to `to` wherever it referred to `from`.
    fn replace(&mut self, from: &Id, to: &Id);
}

/// Refuses to merge an object with itself, or one that was merged before. The `merged_into` are
/// where the two objects went already.
pub(crate) fn check(
    (primary, merged_into): (&Id, Option<&Id>),
    (secondary, secondary_merged_into): (&Id, Option<&Id>),
) -> Result<()> {
    let name = |id: &Id| id.display_id().unwrap_or_else(|| id.to_string());
    let refuse = |message| Err(ApiError::bad_request(message).into());
    if primary == secondary {
        return refuse(format!("{} can't be merged with itself", name(primary)));
    }
    for (id, into) in [(primary, merged_into), (secondary, secondary_merged_into)] {
        if let Some(into) = into {
            return refuse(format!("{} was merged into {} before", name(id), name(into)));
        }
    }
    Ok(())
}

/// Moves all that refers to `from` in the stored state to `to`.
pub(crate) async fn move_referents(tx: &mut Tx, from: &Id, to: &Id) -> Result<()> {
    let refs = tx.refs_to(from).await?;
    tx.rely_on_refs_to(from, refs.len());
    let mut referents: Vec<Id> = refs.into_iter().map(|(_, id)| id).collect();
    referents.sort();
    referents.dedup();
    for id in referents {
        match id.kind() {
            Kind::Account => replace::<Account>(tx, &id, from, to).await?,
            Kind::RevOrg => replace::<RevOrg>(tx, &id, from, to).await?,
            Kind::RevUser => replace::<RevUser>(tx, &id, from, to).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn replace<R: Referent>(tx: &mut Tx, id: &Id, from: &Id, to: &Id) -> Result<()> {
    let Some(stored) = tx.find::<R>(id).await? else { return Ok(()) };
    let mut doc = stored.doc.clone();
    doc.replace(from, to);
    tx.update(stored, doc).await?;
    Ok(())
}

/// Replaces one id, where a member is that id.
pub(crate) fn replace_opt(slot: &mut Option<Id>, from: &Id, to: &Id) {
    if slot.as_ref() == Some(from) {
        *slot = Some(to.clone());
    }
}

/// Replaces one id in a list, which names none twice.
pub(crate) fn replace_in(list: &mut Vec<Id>, from: &Id, to: &Id) {
    if list.contains(to) {
        list.retain(|id| id != from);
    }
    for id in list.iter_mut().filter(|id| *id == from) {
        *id = to.clone();
    }
}
