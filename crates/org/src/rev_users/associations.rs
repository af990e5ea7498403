//! What a contact belongs to: one workspace, its account, and any number of others.

use worksmith_engine::{One, Op, OpTable, Tx};
use worksmith_kernel::{Result, Stored};
use worksmith_wire::common::{AtomSummary, Empty};
use worksmith_wire::rev_users::{
    AddAssociationsRequest, AssociatedTo, LinkRequest, ListAssociationsRequest,
    ListAssociationsResponse, RemoveAssociationsRequest, RevUserAssociation,
};
use worksmith_wire::{ApiError, Id, Many};

use super::{RevUser, account_of};
use crate::accounts::Account;
use crate::rev_orgs::RevOrg;

pub(super) fn ops(table: &mut OpTable) {
    table.add(Op::write("rev-users.link", "rev_user"), link);
    table.add(Op::write("rev-users.unlink", "rev_user"), unlink);
    table.add(Op::create("rev-users.associations.add", "rev_user"), add);
    table.add(Op::read("rev-users.associations.list", "rev_user"), list);
    table.add(Op::write("rev-users.associations.remove", "rev_user").status(204), remove);
}

/// The contact and the workspace that a request names.
async fn ends(tx: &mut Tx, request: LinkRequest) -> Result<(Stored<RevUser>, Id)> {
    let LinkRequest { id, user_don, rev_org, rev_org_don } = request;
    let id = id.or(user_don).ok_or_else(|| ApiError::missing("id"))?;
    let rev_org = rev_org.or(rev_org_don).ok_or_else(|| ApiError::missing("rev_org"))?;
    let stored = tx.target::<RevUser>(&id).await?;
    Ok((stored, rev_org.into()))
}

/// Moves a contact into a workspace.
async fn link(tx: &mut Tx, request: LinkRequest) -> Result<One<RevUser>> {
    let (old, rev_org) = ends(tx, request).await?;
    let account = account_of(tx, Some(&rev_org), None).await?;
    let mut doc = RevUser { rev_org: Some(rev_org), account, ..old.doc.clone() };
    drop_doubles(&mut doc);
    let stored = tx.update(old, doc).await?;
    tx.one(&stored).await
}

/// Removes a contact from a workspace; it remains a contact of the account.
async fn unlink(tx: &mut Tx, request: LinkRequest) -> Result<One<RevUser>> {
    let (old, rev_org) = ends(tx, request).await?;
    if old.doc.rev_org.as_ref() != Some(&rev_org) {
        let message = "the contact is not linked to this workspace";
        return Err(ApiError::bad_request(message).into());
    }
    let doc = RevUser { rev_org: None, ..old.doc.clone() };
    let stored = tx.update(old, doc).await?;
    tx.one(&stored).await
}

async fn add(tx: &mut Tx, request: AddAssociationsRequest) -> Result<Empty> {
    let AddAssociationsRequest { rev_user_id, associations: Many(new) } = request;
    let old = tx.target::<RevUser>(&rev_user_id).await?;
    let mut doc = old.doc.clone();
    for association in new {
        let id: Id = association.associated_to.into();
        if !doc.associations.contains(&id) {
            doc.associations.push(id);
        }
    }
    drop_doubles(&mut doc);
    tx.update(old, doc).await?;
    Ok(Empty {})
}

/// The workspace and the account of a contact are not repeated as associations.
fn drop_doubles(doc: &mut RevUser) {
    let (rev_org, account) = (doc.rev_org.clone(), doc.account.clone());
    let own = |id: &Id| rev_org.as_ref() == Some(id) || account.as_ref() == Some(id);
    doc.associations.retain(|id| !own(id));
}

async fn remove(tx: &mut Tx, request: RemoveAssociationsRequest) -> Result<Empty> {
    let RemoveAssociationsRequest { rev_user_id, associations: Many(gone) } = request;
    let old = tx.target::<RevUser>(&rev_user_id).await?;
    let gone: Vec<Id> = gone.into_iter().map(Into::into).collect();
    let mut doc = old.doc.clone();
    doc.associations.retain(|id| !gone.contains(id));
    doc.rev_org = doc.rev_org.filter(|id| !gone.contains(id));
    if doc.account.as_ref().is_some_and(|id| gone.contains(id)) {
        if doc.rev_org.is_some() {
            let message = "associations: the account is that of the contact's workspace";
            return Err(ApiError::bad_request(message).at("associations").into());
        }
        doc.account = None;
    }
    tx.update(old, doc).await?;
    Ok(Empty {})
}

async fn list(tx: &mut Tx, request: ListAssociationsRequest) -> Result<ListAssociationsResponse> {
    // A contact has few associations, so they are a single page, whatever page is requested.
    let ListAssociationsRequest { rev_user_id, page: _ } = request;
    let RevUser { rev_org, account, associations, .. } =
        tx.target::<RevUser>(&rev_user_id).await?.doc;
    let all = account.into_iter().chain(rev_org).chain(associations);
    let mut shown = Vec::new();
    for id in all {
        let account = tx.find::<Account>(&id).await?.map(|found| found.doc.display_name);
        let rev_org = tx.find::<RevOrg>(&id).await?.map(|found| found.doc.display_name);
        // Associations with deleted objects are left out.
        let Some(display_name) = account.or(rev_org) else { continue };
        let head = AtomSummary { id: tx.cx().don(&id), display_id: id.display_id() };
        let kind = id.kind().noun();
        let associated_to = AssociatedTo { kind, head, display_name: Some(display_name) };
        shown.push(RevUserAssociation { associated_to });
    }
    Ok(ListAssociationsResponse { associations: shown })
}
