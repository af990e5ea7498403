//! Merging tickets: what a link `is_merged_into` requires, and what follows from it (BEHAVIOUR
//! 10.7).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use worksmith_engine::Tx;
use worksmith_fields::schemas::{custom, leaf};
use worksmith_fields::stages;
use worksmith_kernel::{Error, Result, Stored};
use worksmith_wire::{ApiError, ErrorType, Id, Kind};

use super::check;
use super::{Link, SOURCE, TARGET, TRIPLES, rules};
use crate::works::{self, Ticket, Variant, Work};

/// The stage that a merged ticket is put into.
const CLOSED_AS: &str = "canceled";
/// The most links in each direction that a merge moves to the primary ticket.
const MOVED_MAX: usize = 100;

/// Why tickets can't be merged.
struct Fault<'a> {
    work: &'a Id,
    subtype: &'static str,
    details: String,
    /// The object of the subtype.
    more: Value,
}

/// Merges the source of a link into its target: closes it, and leads its other links to the target.
pub(super) async fn merge(tx: &mut Tx, link: &Link) -> Result<()> {
    let secondary = work(tx, &link.source, "source").await?;
    let primary = work(tx, &link.target, "target").await?;
    let (Variant::Ticket(from), Variant::Ticket(into)) =
        (&secondary.doc.variant, &primary.doc.variant)
    else {
        return Err(Error::internal("the type of a work is not that of its id"));
    };
    let mut faults = standing(tx, &secondary, from).await?;
    faults.extend(standing(tx, &primary, into).await?);
    faults.extend(customers(tx, (&secondary, from), (&primary, into)));
    let stage = match closing(tx, &secondary).await? {
        Ok(stage) => Some(stage),
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let Some(stage) = stage.filter(|_| faults.is_empty()) else {
        return Err(refusal(tx, link, faults));
    };
    tx.rely_on(&primary);
    let mut closed = secondary.doc.clone();
    works::enter_stage(tx, &mut closed, stage).await?;
    tx.update(secondary, closed).await?;
    move_links(tx, link).await
}

async fn work(tx: &mut Tx, id: &Id, end: &str) -> Result<Stored<Work>> {
    match tx.find::<Work>(id).await? {
        Some(work) => Ok(work),
        None => Err(super::custom::nothing(tx, id, end)),
    }
}

/// What keeps one of the tickets from being part of a merge.
async fn standing<'a>(
    tx: &mut Tx,
    work: &'a Stored<Work>,
    ticket: &Ticket,
) -> Result<Vec<Fault<'a>>> {
    let id = work.id();
    let called = tx.cx().name(id);
    let mut faults = Vec::new();
    if let Some(into) = check::primary_of(tx, id).await? {
        let details = format!("{called} was merged into {}", tx.cx().name(&into));
        let more = json!({ "merged_into": tx.cx().don(&into) });
        faults.push(Fault { work: id, subtype: "already_merged", details, more });
    } else if stages::state_of(tx, &work.doc.stage).await?.doc.is_final {
        let details = format!("{called} is closed");
        faults.push(Fault { work: id, subtype: "closed", details, more: json!({}) });
    }
    if ticket.is_frozen == Some(true) {
        let details = format!("{called} is frozen");
        faults.push(Fault { work: id, subtype: "locked", details, more: json!({}) });
    }
    Ok(faults)
}

/// Whether the tickets are those of the same customers.
fn customers<'a>(
    tx: &Tx,
    (secondary, from): (&'a Stored<Work>, &Ticket),
    (primary, into): (&Stored<Work>, &Ticket),
) -> Vec<Fault<'a>> {
    let don = |id: &Id| tx.cx().don(id);
    let mut faults = Vec::new();
    let mut differ = |subtype, details: &str, more| {
        let details = details.to_owned();
        faults.push(Fault { work: secondary.id(), subtype, details, more });
    };
    if from.rev_org != into.rev_org {
        let mut more = json!({});
        for (member, rev_org) in
            [("primary_workspace", &into.rev_org), ("secondary_workspace", &from.rev_org)]
        {
            if let Some(rev_org) = rev_org {
                more[member] = don(rev_org).into();
            }
        }
        differ("different_workspace", "the tickets are of different workspaces", more);
    }
    let reporters =
        |work: &Stored<Work>| -> BTreeSet<Id> { work.doc.reported_by.iter().cloned().collect() };
    if reporters(secondary) != reporters(primary) {
        let dons =
            |work: &Stored<Work>| -> Vec<String> { work.doc.reported_by.iter().map(don).collect() };
        let more = json!({
            "primary_reporters": dons(primary),
            "secondary_reporters": dons(secondary),
        });
        differ("different_reporters", "the tickets were reported by different people", more);
    }
    faults
}

/// The stage in which the secondary ticket is closed.
async fn closing<'a>(
    tx: &mut Tx,
    secondary: &'a Stored<Work>,
) -> Result<std::result::Result<Id, Fault<'a>>> {
    let (work, stage) = (secondary.id(), &secondary.doc.stage);
    let subtype = secondary.doc.custom.subtype.as_deref();
    let leaf = leaf::of_kind(tx, Kind::Ticket).await?;
    let diagram = match custom::diagram_of(tx, &leaf.doc, subtype).await? {
        Some(diagram) => diagram,
        None => stages::diagram_for(tx, Kind::Ticket.noun()).await?,
    };
    tx.rely_on(&diagram);
    let target = match stages::named(tx, &diagram, CLOSED_AS).await {
        Ok(target) => target,
        Err(Error::Api(_)) => {
            let details = format!("its stages have no {CLOSED_AS:?}");
            let more = subtype.map_or_else(|| json!({}), |subtype| json!({ "subtype": subtype }));
            return Ok(Err(Fault { work, subtype: "stage_not_found_for_subtype", details, more }));
        }
        Err(other) => return Err(other),
    };
    match stages::check_move(tx, &diagram, stage, &target, false).await {
        Ok(()) => Ok(Ok(target)),
        Err(Error::Api(refused)) => {
            let don = |id: &Id| tx.cx().don(id);
            let more = json!({ "current_stage": don(stage), "requested_stage": don(&target) });
            let details = refused.message;
            Ok(Err(Fault { work, subtype: "invalid_stage_transition", details, more }))
        }
        Err(other) => Err(other),
    }
}

fn refusal(tx: &Tx, link: &Link, faults: Vec<Fault<'_>>) -> Error {
    let (source, target) = (tx.cx().name(&link.source), tx.cx().name(&link.target));
    let details: Vec<_> = faults.iter().map(|fault| fault.details.as_str()).collect();
    let details = details.join("; ");
    let message = format!("{source} can't be merged into {target}: {details}");
    let error = |Fault { work, subtype, details, more }: Fault<'_>| {
        let mut error =
            json!({ "work": tx.cx().don(work), "details": details, "subtype": subtype });
        error[subtype] = more;
        error
    };
    let errors: Vec<Value> = faults.into_iter().map(error).collect();
    ApiError::new(ErrorType::MergeWorksError, message).with("errors", errors).into()
}

/// Leads the links of the secondary ticket to the primary one. What the primary one has already, or
/// can't have, stays where it is, and so does what is part of a tree.
async fn move_links(tx: &mut Tx, merge: &Link) -> Result<()> {
    let (secondary, primary) = (&merge.source, &merge.target);
    for end in [SOURCE, TARGET] {
        let links = tx.rely_on_referrers::<Link>(end, secondary, MOVED_MAX).await?;
        let Some(links) = links else {
            let one = tx.cx().name(secondary);
            let message = format!("{one} has more than {MOVED_MAX} links, too many to be moved");
            return Err(ApiError::bad_request(message).into());
        };
        for old in links {
            let lead = |id: &Id| if id == secondary { primary.clone() } else { id.clone() };
            let link = old.doc.between(lead(&old.doc.source), lead(&old.doc.target));
            if may_move(tx, &old, &link).await? {
                tx.update(old, link).await?;
            }
        }
    }
    Ok(())
}

async fn may_move(tx: &mut Tx, old: &Stored<Link>, link: &Link) -> Result<bool> {
    if link.source == link.target || rules::tree(link.link_type).is_some() {
        return Ok(false);
    }
    if tx.find_name(TRIPLES, &link.triple).await?.is_some() {
        return Ok(false);
    }
    if link.custom_link_type.is_none() {
        return Ok(true);
    }
    match super::custom::check(tx, link, Some(old.id())).await {
        Ok(()) => Ok(true),
        Err(Error::Api(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
