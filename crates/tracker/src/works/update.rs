//! `works.update`: an atomic patch. What the request does not name stays.

use worksmith_engine::{One, Tx};
use worksmith_kernel::{Error, Result};
use worksmith_wire::works::{
    EnumId, ForecastCategory, Priority, SetStagedInfo, SetUnresolvedField, UpdateIssue,
    UpdateOpportunity, UpdateRequest, UpdateTask, UpdateTicket, UpdateWork,
};
use worksmith_wire::{ApiError, Id, ListPatch, Patch, SetPatch, distinct};

use super::custom::{self, Extended};
use super::doc::{Issue, Opportunity, StagedInfo, Task, Ticket, UnresolvedField, Variant, Work};
use super::stage;
use crate::rev_orgs::RevOrg;
use crate::tagging;

pub(super) async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Work>> {
    let old = tx.target::<Work>(&request.common().id).await?;
    let mut work = old.doc.clone();
    let common = match (request, &mut work.variant) {
        (UpdateRequest::Issue(request), Variant::Issue(issue)) => update_issue(issue, *request),
        (UpdateRequest::Ticket(request), Variant::Ticket(ticket)) => {
            update_ticket(tx, ticket, *request).await?
        }
        (UpdateRequest::Task(request), Variant::Task(task)) => update_task(task, *request),
        (UpdateRequest::Opportunity(request), Variant::Opportunity(deal)) => {
            update_opportunity(deal, *request)
        }
        _ => return Err(Error::internal("the type of a work is not that of its id")),
    };
    update_common(tx, &old.doc, &mut work, common).await?;
    let stored = tx.update(old, work).await?;
    tx.one(&stored).await
}

async fn update_common(
    tx: &mut Tx,
    before: &Work,
    work: &mut Work,
    request: UpdateWork,
) -> Result<()> {
    let UpdateWork {
        id: _,
        r#type: _,
        applies_to_part,
        artifacts,
        body,
        modified_by: _,
        owned_by,
        reported_by,
        stage: wanted,
        stage_validation_options,
        staged_info,
        tags,
        target_close_date,
        title,
        customization,
    } = request;
    if let Some(part) = applies_to_part {
        work.applies_to_part = Some(part.into());
    }
    if let Some(ListPatch { add, remove, set }) = artifacts {
        let patch = ListPatch::<Id> { add: ids(add), remove: ids(remove), set: set.map(ids) };
        patch.apply(&mut work.artifacts);
    }
    if let Some(body) = body {
        work.body = body.into();
    }
    if let Some(SetPatch { set: Some(owners) }) = owned_by {
        if owners.is_empty() {
            let message = "owned_by can't become empty: somebody sees to every work";
            return Err(ApiError::not_permitted("owned_by", message).into());
        }
        work.owned_by = distinct(owners);
    }
    if let Some(SetPatch { set: Some(reporters) }) = reported_by {
        work.reported_by = distinct(reporters);
    }
    if let Some(patch) = staged_info {
        update_staged_info(work.staged_info.get_or_insert_default(), patch);
    }
    if let Some(ListPatch { add, remove, set }) = tags {
        let remove = remove.into_iter().map(|tag| tag.id.into()).collect();
        tagging::patch(tx, &mut work.tags, add, remove, set).await?;
    }
    target_close_date.apply(&mut work.target_close_date);
    if let Some(title) = title {
        work.title = title.into();
    }
    let customizing = custom::begin(tx, work, customization).await?;
    if customizing.changes_subtype() || wanted.is_some() {
        let diagram = stage::diagram(tx, work, &customizing).await?;
        if customizing.changes_subtype() {
            stage::restart(tx, work, &diagram).await?;
        }
        stage::go(tx, work, &diagram, wanted, &stage_validation_options).await?;
    }
    custom::finish(tx, customizing, Some(before), work).await
}

fn update_staged_info(info: &mut StagedInfo, patch: SetStagedInfo) {
    let SetStagedInfo { unresolved_fields, sync_in_unresolved_fields, sync_out_unresolved_fields } =
        patch;
    let fields = |fields: Vec<SetUnresolvedField>| -> Vec<UnresolvedField> {
        let field = |field: SetUnresolvedField| UnresolvedField {
            devrev_field_name: field.devrev_field_name,
            external_display_name: field.external_display_name,
            external_field_name: field.external_field_name,
        };
        fields.into_iter().map(field).collect()
    };
    if let Some(names) = unresolved_fields {
        info.unresolved_fields = names;
    }
    if let Some(list) = sync_in_unresolved_fields {
        info.sync_in_unresolved_fields = fields(list);
    }
    if let Some(list) = sync_out_unresolved_fields {
        info.sync_out_unresolved_fields = fields(list);
    }
}

fn update_issue(issue: &mut Issue, request: UpdateIssue) -> UpdateWork {
    let UpdateIssue {
        developed_with,
        priority: named,
        priority_v2,
        sprint,
        target_start_date,
        common,
    } = request;
    if let Some(SetPatch { set: Some(parts) }) = developed_with {
        issue.developed_with = distinct(parts);
    }
    if let Some(priority) = priority(named, priority_v2) {
        issue.priority = priority;
    }
    sprint.apply(&mut issue.sprint);
    target_start_date.apply(&mut issue.target_start_date);
    common
}

async fn update_ticket(
    tx: &mut Tx,
    ticket: &mut Ticket,
    request: UpdateTicket,
) -> Result<UpdateWork> {
    let UpdateTicket {
        account,
        channels,
        channels_v2,
        group,
        is_archived,
        is_frozen,
        is_spam,
        needs_response,
        rev_org,
        sentiment,
        sentiment_modified_date,
        sentiment_summary,
        severity,
        source_channel_v2,
        visibility,
        common,
    } = request;
    update_customer(tx, ticket, account.into_id(), rev_org.into_id()).await?;
    if let Some(SetPatch { set: Some(list) }) = channels {
        ticket.channels = distinct(list);
    }
    if let Some(list) = channels_v2 {
        ticket.channels_v2 = distinct(list);
    }
    group.apply(&mut ticket.group);
    ticket.is_archived = is_archived.or(ticket.is_archived);
    ticket.is_frozen = is_frozen.or(ticket.is_frozen);
    ticket.is_spam = is_spam.or(ticket.is_spam);
    ticket.needs_response = needs_response.or(ticket.needs_response);
    if let Some(id) = sentiment
        && ticket.sentiment != Some(id)
    {
        ticket.sentiment = Some(id);
        ticket.sentiment_modified_date = Some(tx.cx().now);
    }
    ticket.sentiment_modified_date = sentiment_modified_date.or(ticket.sentiment_modified_date);
    if let Some(why) = sentiment_summary {
        ticket.sentiment_summary = Some(why.into());
    }
    ticket.severity = severity.unwrap_or(ticket.severity);
    source_channel_v2.apply(&mut ticket.source_channel_v2);
    ticket.visibility = visibility.map_or(ticket.visibility, |EnumId(id)| id);
    Ok(common)
}

/// Account and workspace belong together: if only one is given, it determines the other.
async fn update_customer(
    tx: &mut Tx,
    ticket: &mut Ticket,
    account: Patch<Id>,
    rev_org: Patch<Id>,
) -> Result<()> {
    let names_account = account != Patch::Absent;
    let names_rev_org = rev_org != Patch::Absent;
    let before = (ticket.account.clone(), ticket.rev_org.clone());
    account.apply(&mut ticket.account);
    rev_org.apply(&mut ticket.rev_org);
    if (&ticket.account, &ticket.rev_org) == (&before.0, &before.1) {
        return Ok(());
    }
    if names_account && !names_rev_org && ticket.account != before.0 {
        // The workspace belonged to the previous customer.
        ticket.rev_org = None;
    }
    if names_rev_org && !names_account && ticket.rev_org.is_some() {
        ticket.account = None;
    }
    settle_customer(tx, ticket).await
}

/// The account must be that of the workspace: it is filled in if absent, and refused if different.
pub(super) async fn settle_customer(tx: &mut Tx, ticket: &mut Ticket) -> Result<()> {
    let Some(rev_org) = &ticket.rev_org else { return Ok(()) };
    // A workspace that does not exist is refused together with all other references.
    let Some(rev_org) = tx.find::<RevOrg>(rev_org).await? else { return Ok(()) };
    tx.rely_on(&rev_org);
    if let Some(account) = &mut ticket.account {
        *account = tx.primary(account).await?;
    }
    match (&ticket.account, rev_org.doc.account) {
        (None, account) => ticket.account = Some(account),
        (Some(given), account) if *given == account => {}
        (Some(_), _) => {
            let message = "rev_org belongs to another account than the given one";
            return Err(ApiError::not_permitted("rev_org", message).into());
        }
    }
    Ok(())
}

fn update_task(task: &mut Task, request: UpdateTask) -> UpdateWork {
    let UpdateTask { embedded, priority, start_date, common } = request;
    task.embedded = embedded.or(task.embedded);
    task.priority = priority.or(task.priority);
    task.start_date = start_date.or(task.start_date);
    common
}

fn update_opportunity(deal: &mut Opportunity, request: UpdateOpportunity) -> UpdateWork {
    let UpdateOpportunity {
        account,
        amount,
        annual_contract_value,
        contacts,
        customer_budget,
        forecast_category,
        forecast_category_v2,
        priority,
        probability,
        value,
        common,
    } = request;
    if let Some(account) = account {
        deal.account = account.into();
    }
    amount.apply(&mut deal.amount);
    if let Some(money) = annual_contract_value {
        deal.annual_contract_value = Some(money.into());
    }
    if let Some(SetPatch { set: Some(people) }) = contacts {
        deal.contacts = distinct(people);
    }
    customer_budget.apply(&mut deal.customer_budget);
    deal.forecast_category =
        forecast(forecast_category, forecast_category_v2).or(deal.forecast_category);
    deal.priority = priority.or(deal.priority);
    probability.apply(&mut deal.probability);
    if let Some(money) = value {
        deal.value = Some(money.into());
    }
    common
}

/// The priority in a request: `priority_v2` takes precedence (BEHAVIOUR 5.4).
pub(super) fn priority(named: Option<Priority>, id: Option<i64>) -> Option<Extended<Priority>> {
    id.map(|id| Extended::of_id(Priority::ALL, id)).or(named.map(Extended::Stock))
}

/// The forecast in a request: `forecast_category_v2` takes precedence.
pub(super) fn forecast(
    named: Option<ForecastCategory>,
    id: Option<i64>,
) -> Option<Extended<ForecastCategory>> {
    id.map(|id| Extended::of_id(ForecastCategory::ALL, id)).or(named.map(Extended::Stock))
}

fn ids<I: Into<Id>>(list: Vec<I>) -> Vec<Id> {
    list.into_iter().map(Into::into).collect()
}
