//! `works.revert`: back to an earlier revision, as a change like any other.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use worksmith_engine::{One, Past, Tx};
use worksmith_fields::schemas;
use worksmith_kernel::{Error, Result, Stored};
use worksmith_org::tagging;
use worksmith_wire::common::{StageId, TagId};
use worksmith_wire::tags::SetTag;
use worksmith_wire::works::{RevertRequest, StageUpdate};
use worksmith_wire::{ApiError, Id};

use super::doc::{Issue, Ticket, Variant, Work};
use super::update::{self, Ending};

/// What follows from other members, or is not for users to change.
const KEPT: [&str; 9] = [
    "actual_close_date",
    "actual_start_date",
    "custom",
    "external_ref",
    "imported_as",
    "sla",
    "stage_ordinal",
    "sync_metadata",
    "variant",
];

pub(super) async fn revert(tx: &mut Tx, request: RevertRequest) -> Result<One<Work>> {
    let RevertRequest { id, revision } = request;
    let revision = u64::try_from(revision).unwrap_or(0);
    // What is taken from memory later is no older than the log.
    let states = tx.states_since(&id, revision).await?;
    let old = tx.target::<Work>(&id).await?;
    if revision == 0 || revision > old.meta.revision {
        let last = old.meta.revision;
        let message = format!("revision: there are the revisions 1 to {last}, and no {revision}");
        let reason = format!("from 1 to {last}");
        return Err(ApiError::not_permitted("revision", message).with("reason", reason).into());
    }
    let latest = states.first().map(|past| past.event.revision);
    if latest != Some(old.meta.revision) {
        return Err(Error::Stale);
    }
    let then = states.iter().rfind(|past| past.event.revision == revision);
    let then = then.and_then(|past| past.row.as_ref());
    let then = then.ok_or_else(|| Error::internal("a revision without a state"))?;
    let then = then.read::<Work>()?.doc;
    refuse_overwriting(tx, &states, &old, &then)?;
    let mut work = old.doc.clone();
    lead_back(tx, &old.doc, &mut work, then).await?;
    let stored = tx.update(old, work).await?;
    tx.one(&stored).await
}

/// The members of a work that can be led back, by the names of requests; those that are not set are
/// left out.
fn members(work: &Work) -> Result<Map<String, Value>> {
    let Value::Object(mut all) = serde_json::to_value(work).map_err(Error::internal)? else {
        return Err(Error::internal("a document is no object"));
    };
    if let Some(Value::Object(variants)) = all.remove("variant") {
        for (_, own) in variants {
            all.extend(own.as_object().cloned().unwrap_or_default());
        }
    }
    all.retain(|name, value| !KEPT.contains(&name.as_str()) && !value.is_null());
    let schemas::Custom { fields, subtype, fragments: _ } = &work.custom;
    let fields = fields.iter();
    all.extend(fields.map(|(name, value)| (format!("custom_fields.{name}"), value.clone())));
    all.extend(subtype.iter().map(|subtype| ("subtype".to_owned(), subtype.as_str().into())));
    Ok(all)
}

/// The names of the members that differ.
fn differing(one: &Map<String, Value>, other: &Map<String, Value>) -> BTreeSet<String> {
    let names = one.keys().chain(other.keys());
    names.filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

/// Refuses to overwrite what others have changed since.
fn refuse_overwriting(tx: &Tx, states: &[Past], old: &Stored<Work>, then: &Work) -> Result<()> {
    let overwritten = differing(&members(&old.doc)?, &members(then)?);
    let mut fields = BTreeSet::new();
    let mut later: Option<Map<String, Value>> = None;
    let mut by_others = false;
    for Past { event, row } in states {
        let row = row.as_ref().ok_or_else(|| Error::internal("a state of a deleted work"))?;
        let here = members(&row.read::<Work>()?.doc)?;
        if let Some(later) = later.filter(|_| by_others) {
            fields.extend(differing(&here, &later).intersection(&overwritten).cloned());
        }
        (by_others, later) = (event.actor != tx.cx().actor.id, Some(here));
    }
    if fields.is_empty() {
        return Ok(());
    }
    let fields: Vec<String> = fields.into_iter().collect();
    let message = format!("others have changed since then: {}", fields.join(", "));
    Err(ApiError::conflict(message).with("fields", fields).into())
}

/// Sets the members as they were, under the rules of an update.
async fn lead_back(tx: &mut Tx, before: &Work, work: &mut Work, then: Work) -> Result<()> {
    let Work {
        title,
        body,
        applies_to_part,
        owned_by,
        reported_by,
        artifacts,
        tags,
        stage,
        stage_ordinal: _,
        target_close_date,
        actual_close_date: _,
        external_ref: _,
        staged_info,
        sync_metadata: _,
        sla: _,
        imported_as: _,
        custom,
        variant,
    } = then;
    (work.title, work.body, work.applies_to_part) = (title, body, applies_to_part);
    (work.owned_by, work.reported_by, work.artifacts) = (owned_by, reported_by, artifacts);
    (work.target_close_date, work.staged_info) = (target_close_date, staged_info);
    let tags = tags.into_iter().map(|on| SetTag { id: TagId(on.tag), value: on.value }).collect();
    tagging::replace(tx, &mut work.tags, Some(tags)).await?;
    match (&mut work.variant, variant) {
        (Variant::Issue(issue), Variant::Issue(then)) => lead_issue_back(issue, then),
        (Variant::Ticket(ticket), Variant::Ticket(then)) => {
            lead_ticket_back(tx, ticket, then).await?;
        }
        (Variant::Task(task), Variant::Task(then)) => *task = then,
        (Variant::Opportunity(deal), Variant::Opportunity(then)) => *deal = then,
        _ => return Err(Error::internal("a work was of another type")),
    }
    let leaf = schemas::leaf::of_kind(tx, work.kind()).await?;
    let customization = schemas::lead_back(tx, &leaf, &work.custom, &custom).await?;
    let wanted = (work.stage != stage).then(|| to(stage));
    let ending = Ending { wanted, options: Vec::new(), customization };
    update::end(tx, before, work, ending).await
}

fn to(stage: Id) -> StageUpdate {
    StageUpdate { name: None, stage: Some(StageId(stage)) }
}

fn lead_issue_back(issue: &mut Issue, then: Issue) {
    let actual_start_date = issue.actual_start_date;
    *issue = Issue { actual_start_date, ..then };
}

async fn lead_ticket_back(tx: &mut Tx, ticket: &mut Ticket, then: Ticket) -> Result<()> {
    let customer = |of: &Ticket| (of.account.clone(), of.rev_org.clone());
    let is_other = customer(ticket) != customer(&then);
    *ticket = then;
    if is_other { update::settle_customer(tx, ticket).await } else { Ok(()) }
}
