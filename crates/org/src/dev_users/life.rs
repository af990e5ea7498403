//! The life cycle of a dev user: activation, deactivation, identities in other systems, merging.

use worksmith_engine::{One, Tx};
use worksmith_kernel::{Cond, Query, Result, Rewrite, Stored};
use worksmith_wire::common::{Empty, UserState};
use worksmith_wire::dev_users::{
    ActivateRequest, ActivateResponse, DeactivateRequest, ExternalIdentity, LinkRequest,
    MergeRequest, UnlinkRequest,
};
use worksmith_wire::{ApiError, Id};

use super::profile::may_change;
use super::{DevUser, IS_ADMIN, STATE};
use crate::groups::{Group, add_member, merge_members};
use crate::tokens::revoke_all;

pub(super) async fn activate(tx: &mut Tx, request: ActivateRequest) -> Result<ActivateResponse> {
    let ActivateRequest { id, groups } = request;
    let old = tx.target::<DevUser>(&id).await?;
    refuse_merged(&old)?;
    let user = DevUser { state: UserState::Active, ..old.doc.clone() };
    let stored = tx.update(old, user).await?;
    for group in groups {
        let Some(found) = tx.find::<Group>(&group).await? else {
            let name = group.display_id().unwrap_or_default();
            let message = format!("groups: there is no group {name}");
            return Err(ApiError::invalid_id("groups", message).into());
        };
        add_member(tx, &found, stored.id().clone(), None).await?;
    }
    let One(dev_user) = tx.one(&stored).await?;
    Ok(ActivateResponse { dev_user, invite_sent: false })
}

fn refuse_merged(user: &Stored<DevUser>) -> Result<()> {
    if user.doc.primary_identity.is_none() {
        return Ok(());
    }
    let name = user.id().display_id().unwrap_or_default();
    Err(ApiError::bad_request(format!("{name} was merged into another dev user")).into())
}

pub(super) async fn deactivate(tx: &mut Tx, request: DeactivateRequest) -> Result<Empty> {
    let DeactivateRequest { id } = request;
    let old = tx.target::<DevUser>(&id).await?;
    refuse_merged(&old)?;
    refuse_self(tx, old.id(), "deactivate")?;
    refuse_last_admin(tx, &old).await?;
    let user = DevUser { state: UserState::Deactivated, ..old.doc.clone() };
    tx.update(old, user).await?;
    Ok(Empty {})
}

fn refuse_self(tx: &Tx, id: &Id, verb: &str) -> Result<()> {
    if tx.cx().actor.id == *id {
        return Err(ApiError::bad_request(format!("nobody can {verb} themselves")).into());
    }
    Ok(())
}

/// Somebody must be left who can change the org.
async fn refuse_last_admin(tx: &mut Tx, user: &Stored<DevUser>) -> Result<()> {
    if !user.doc.is_admin || user.doc.state != UserState::Active {
        return Ok(());
    }
    let mut admins = Query::new();
    admins.with(Cond::is(IS_ADMIN, true)).with(Cond::is(STATE, UserState::Active.as_str()));
    let found = tx.first::<DevUser>(&admins, 2).await?;
    match found.iter().find(|other| other.id() != user.id()) {
        // Otherwise two admins could deactivate each other at the same time.
        Some(other) => {
            tx.rely_on(other);
            Ok(())
        }
        None => Err(ApiError::bad_request("the last admin can't be shut out").into()),
    }
}

/// Everything that belongs to the secondary user passes to the primary one, except authorship: who
/// created an object does not change.
pub(super) async fn merge(tx: &mut Tx, request: MergeRequest) -> Result<Empty> {
    let MergeRequest { primary_user, secondary_user } = request;
    let primary = tx.target::<DevUser>(&primary_user).await?;
    let secondary = tx.target::<DevUser>(&secondary_user).await?;
    if primary.id() == secondary.id() {
        return Err(ApiError::bad_request("a dev user can't be merged with itself").into());
    }
    refuse_merged(&primary)?;
    if secondary.doc.primary_identity.as_ref() == Some(primary.id()) {
        return Ok(Empty {});
    }
    refuse_merged(&secondary)?;
    refuse_self(tx, secondary.id(), "merge away")?;
    refuse_last_admin(tx, &secondary).await?;

    let (to, from) = (primary.id().clone(), secondary.id().clone());
    // Once they are merged, filters by the secondary user lead to the primary one.
    revoke_all(tx, &from, None).await?;
    merge_members(tx, &to, &from).await?;
    let identities = secondary.doc.external_identities.clone();
    let gone = DevUser {
        external_identities: Vec::new(),
        primary_identity: Some(to.clone()),
        reports_to: None,
        state: UserState::Deleted,
        ..secondary.doc.clone()
    };
    tx.update(secondary, gone).await?;
    tx.cascade(&from, Rewrite::Lead(to.clone())).await?;

    let Some(primary) = tx.find::<DevUser>(&to).await? else {
        return Err(worksmith_kernel::Error::internal("the primary user is gone"));
    };
    let mut user = primary.doc.clone();
    user.reports_to = user.reports_to.filter(|superior| *superior != to);
    for identity in identities {
        if user.external_identities.iter().all(|known| known.issuer != identity.issuer) {
            user.external_identities.push(identity);
        }
    }
    tx.update(primary, user).await?;
    Ok(Empty {})
}

pub(super) async fn link(tx: &mut Tx, request: LinkRequest) -> Result<One<DevUser>> {
    let LinkRequest { dev_user, display_name, id, issuer } = request;
    let old = tx.target::<DevUser>(&dev_user).await?;
    may_change(tx, old.id())?;
    refuse_merged(&old)?;
    let identity = ExternalIdentity {
        display_name: display_name.map(Into::into),
        id: id.into(),
        is_verified: false,
        issuer: issuer.into(),
    };
    let mut user = old.doc.clone();
    let known = user.external_identities.iter_mut().find(|known| known.issuer == identity.issuer);
    match known {
        Some(known) => *known = identity,
        None => user.external_identities.push(identity),
    }
    let stored = tx.update(old, user).await?;
    tx.one(&stored).await
}

pub(super) async fn unlink(tx: &mut Tx, request: UnlinkRequest) -> Result<One<DevUser>> {
    let UnlinkRequest { dev_user, issuer, id: _ } = request;
    let old = tx.target::<DevUser>(&dev_user).await?;
    may_change(tx, old.id())?;
    let mut user = old.doc.clone();
    user.external_identities.retain(|known| known.issuer != issuer);
    let stored = tx.update(old, user).await?;
    tx.one(&stored).await
}
