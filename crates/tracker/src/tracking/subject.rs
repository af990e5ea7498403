//! The properties of a work on which selectors of policies depend.

use std::sync::Arc;

use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_sla::slas::{self, Policy, Sla, Subject};
use worksmith_wire::Id;
use worksmith_wire::metric_definitions::AppliesTo;
use worksmith_work::works::{Variant, Work};

use super::follow;

/// The SLA that applies to a work.
pub(super) async fn sla_for(tx: &mut Tx, id: &Id, work: &Work) -> Result<Option<Arc<Stored<Sla>>>> {
    let stage_name = stage_name(tx, work).await?;
    slas::sla_for(tx, &subject(id, work, &stage_name)).await
}

/// The policy of an SLA that applies to a work.
pub(super) async fn policy_for(
    tx: &mut Tx,
    sla: &Stored<Sla>,
    id: &Id,
    work: &Work,
) -> Result<Option<Policy>> {
    let stage_name = stage_name(tx, work).await?;
    Ok(sla.doc.policy_for(&subject(id, work, &stage_name)).cloned())
}

async fn stage_name(tx: &mut Tx, work: &Work) -> Result<String> {
    let stages = follow::stages(tx).await?;
    let stage = stages.iter().find(|stage| stage.id == work.stage);
    Ok(stage.map(|stage| stage.name.clone()).unwrap_or_default())
}

fn subject<'a>(id: &Id, work: &'a Work, stage_name: &'a str) -> Subject<'a> {
    let ticket = match &work.variant {
        Variant::Ticket(ticket) => Some(ticket),
        _ => None,
    };
    Subject {
        applies_to: AppliesTo::of(id.kind()).unwrap_or(AppliesTo::Issue),
        owners: &work.owned_by,
        parts: work.applies_to_part.as_ref(),
        tags: work.tags.iter().map(|tag| tag.tag.clone()).collect(),
        priority: None,
        severity: ticket.map(|ticket| ticket.severity),
        groups: ticket.and_then(|ticket| ticket.group.as_ref()),
        rev_org: ticket.and_then(|ticket| ticket.rev_org.as_ref()),
        account: ticket.and_then(|ticket| ticket.account.as_ref()),
        stage_name,
        subtype: work.custom.subtype.as_deref(),
        source_channel: None,
        ticket_source_channel: ticket.and_then(|ticket| ticket.source_channel.as_deref()),
        custom_fields: &work.custom.fields,
    }
}
