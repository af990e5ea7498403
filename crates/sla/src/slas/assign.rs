//! Assigning SLAs to workspaces.

use worksmith_engine::Tx;
use worksmith_kernel::Result;
use worksmith_org::rev_orgs::RevOrg;
use worksmith_wire::common::AtomSummary;
use worksmith_wire::slas::{
    AssignError, AssignRequest, AssignResponse, AssignResult, RevOrgSummary, SlaStatus, SlaType,
};
use worksmith_wire::{ApiError, ErrorType, Id, Required, distinct};

use super::Sla;

/// Assigns an SLA to workspaces. A draft may be assigned; it applies once it is published.
pub(super) async fn assign(tx: &mut Tx, request: AssignRequest) -> Result<AssignResponse> {
    let AssignRequest { id, rev_orgs: Required(rev_orgs) } = request;
    let sla: Option<Id> = id.map(Into::into);
    if let Some(id) = &sla {
        let stored = tx.target::<Sla>(id).await?;
        check(&stored.doc)?;
        tx.rely_on(&stored);
    }
    let workspaces: Vec<Id> = distinct(rev_orgs);
    let mut results = Vec::with_capacity(workspaces.len());
    for workspace in workspaces {
        results.push(assign_one(tx, workspace, sla.as_ref()).await?);
    }
    Ok(AssignResponse { results })
}

/// Only an SLA for customers that is not archived can be assigned.
fn check(sla: &Sla) -> Result<()> {
    let reason = if sla.sla_type == SlaType::Internal {
        "an internal SLA is for no workspace"
    } else if sla.status == SlaStatus::Archived {
        "the SLA is archived"
    } else {
        return Ok(());
    };
    Err(ApiError::bad_request(reason).at("id").into())
}

async fn assign_one(tx: &mut Tx, workspace: Id, sla: Option<&Id>) -> Result<AssignResult> {
    let found = tx.find::<RevOrg>(&workspace).await?;
    let display_id = workspace.display_id();
    let error = found.is_none().then(|| {
        let name = display_id.as_deref().unwrap_or_default();
        let kind = ErrorType::NotFound;
        let message = format!("there is no workspace {name}");
        AssignError { kind, message, status: kind.status() }
    });
    let display_name = found.as_ref().map(|stored| stored.doc.display_name.clone());
    if let Some(old) = found {
        let doc = RevOrg { sla: sla.cloned(), ..old.doc.clone() };
        tx.update(old, doc).await?;
    }
    let head = AtomSummary { id: tx.cx().don(&workspace), display_id };
    Ok(AssignResult { rev_org: RevOrgSummary { head, display_name }, error })
}
