//! Works: issues, tickets, tasks and opportunities.
//!
//! `doc.rs` is what is stored of one, `object.rs` what answers show; each operation has a file.

mod create;
mod custom;
mod delete;
mod doc;
mod fields;
mod filter;
mod list;
mod object;
mod stage;
mod update;
mod vista;

pub use custom::Extended;
pub(crate) use doc::{IMPORTED_AS, ISSUE_REF};
pub use doc::{Issue, Opportunity, StagedInfo, Task, Ticket, UnresolvedField, Variant, Work};

pub(crate) use stage::enter as enter_stage;
pub(crate) use vista::read_filter;
use worksmith_kernel::{Audience, Op, OpTable, Result, Stored};
use worksmith_store::{One, PageOf, Tx};
use worksmith_wire::Id;
use worksmith_wire::works::GetRequest;

use crate::rev_orgs::RevOrg;
use crate::schemas::Custom;

/// Registers the family.
pub fn ops(table: &mut OpTable<Tx>) {
    table.family::<Work>();
    let everyone = Audience::Everyone;
    table.add(Op::create("works.create", "work").audience(everyone), create::create);
    table.add(Op::read("works.get", "work").audience(everyone), get);
    table.add(Op::write("works.update", "work"), update::update);
    table.add(Op::read("works.list", "work").audience(everyone), list::list);
    let export = Op::read("works.export", "work").audience(everyone);
    table.add_long::<_, PageOf<Work>, _>(export, list::export);
    table.add(Op::read("works.count", "work").audience(everyone), list::count);
    table.add(Op::write("works.delete", "work"), delete::delete);
}

/// Sorts the works of a stage by its new ordinal. They are not changed otherwise, so neither is
/// when and by whom they were changed last.
pub(crate) async fn stage_reordered(tx: &mut Tx, stage: &Id, ordinal: i64) -> Result<()> {
    let refs = tx.refs_to(stage).await?;
    tx.rely_on_refs_to(stage, refs.len());
    for (_, id) in refs.into_iter().filter(|(field, _)| field == "stage") {
        let Some(stored) = tx.find::<Work>(&id).await? else { continue };
        let modified = (stored.meta.modified_at, stored.meta.modified_by.clone());
        let work = Work { stage_ordinal: ordinal, ..stored.doc.clone() };
        tx.update_as(stored, work, Some(modified)).await?;
    }
    Ok(())
}

/// Gives the tickets of a workspace the account that it belongs to now.
pub(crate) async fn follow(tx: &mut Tx, workspace: &Stored<RevOrg>) -> Result<()> {
    let refs = tx.refs_to(workspace.id()).await?;
    tx.rely_on_refs_to(workspace.id(), refs.len());
    for (_, id) in refs.into_iter().filter(|(field, _)| field == "rev_org") {
        let Some(stored) = tx.find::<Work>(&id).await? else { continue };
        let mut work = stored.doc.clone();
        if let Variant::Ticket(ticket) = &mut work.variant {
            ticket.account = Some(workspace.doc.account.clone());
        }
        tx.update(stored, work).await?;
    }
    Ok(())
}

/// Takes an issue out of its sprint.
pub(crate) async fn leave_sprint(tx: &mut Tx, id: &Id) -> Result<()> {
    let Some(stored) = tx.find::<Work>(id).await? else { return Ok(()) };
    let mut work = stored.doc.clone();
    if let Variant::Issue(issue) = &mut work.variant {
        issue.sprint = None;
    }
    tx.update(stored, work).await?;
    Ok(())
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Work>> {
    tx.show::<Work>(&request.id).await
}

/// The custom fields of a work of the call, and the stage that it is in.
pub(crate) async fn customized(tx: &mut Tx, id: &Id) -> Result<(Custom, Id)> {
    let Work { custom, stage, .. } = tx.target::<Work>(id).await?.doc;
    Ok((custom, stage))
}
