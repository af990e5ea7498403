//! `works.update`: an atomic patch. What the request does not name stays.

use worksmith_engine::{One, Tx};
use worksmith_kernel::{Error, Result};
use worksmith_org::rev_orgs::RevOrg;
use worksmith_org::tagging;
use worksmith_wire::custom::Customization;
use worksmith_wire::stages::StageOptionForUpdate;
use worksmith_wire::works::{
    EnumId, ForecastCategory, Money, Priority, SetStagedInfo, SetUnresolvedField, StageUpdate,
    UpdateIssue, UpdateOpportunity, UpdateRequest, UpdateTask, UpdateTicket, UpdateWork,
};
use worksmith_wire::{ApiError, Apply, Id, Patch, distinct, each};

use super::custom::{self, Extended};
use super::doc::{Issue, Opportunity, StagedInfo, Task, Ticket, UnresolvedField, Variant, Work};
use super::stage;

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
    applies_to_part.map(Id::from).apply(&mut work.applies_to_part);
    artifacts.apply(&mut work.artifacts);
    body.apply(&mut work.body);
    if owned_by.set.as_ref().is_some_and(Vec::is_empty) {
        let message = "owned_by can't become empty: somebody sees to every work";
        return Err(ApiError::not_permitted("owned_by", message).into());
    }
    owned_by.apply(&mut work.owned_by);
    reported_by.apply(&mut work.reported_by);
    if let Some(patch) = staged_info {
        update_staged_info(work.staged_info.get_or_insert_default(), patch);
    }
    tagging::patch(tx, &mut work.tags, tags).await?;
    target_close_date.apply(&mut work.target_close_date);
    title.apply(&mut work.title);
    let ending = Ending { wanted, options: stage_validation_options, customization };
    end(tx, before, work, ending).await
}

/// What depends on the other members of a work, and is decided last.
pub(super) struct Ending {
    /// The stage that it moves to.
    pub(super) wanted: Option<StageUpdate>,
    /// What stages would forbid, and it may do nonetheless.
    pub(super) options: Vec<StageOptionForUpdate>,
    /// What changes in its custom fields.
    pub(super) customization: Customization,
}

/// Ends a change of a work: its stage and its custom fields.
pub(super) async fn end(tx: &mut Tx, before: &Work, work: &mut Work, ending: Ending) -> Result<()> {
    let Ending { wanted, options, customization } = ending;
    let customizing = custom::begin(tx, work, customization).await?;
    if customizing.changes_subtype() || wanted.is_some() {
        let diagram = stage::diagram(tx, work, &customizing).await?;
        if customizing.changes_subtype() {
            stage::restart(tx, work, &diagram).await?;
        }
        stage::go(tx, work, &diagram, wanted, &options).await?;
    }
    custom::finish(tx, customizing, Some(before), work).await
}

fn update_staged_info(info: &mut StagedInfo, patch: SetStagedInfo) {
    let SetStagedInfo { unresolved_fields, sync_in_unresolved_fields, sync_out_unresolved_fields } =
        patch;
    unresolved_fields.apply(&mut info.unresolved_fields);
    sync_in_unresolved_fields.map(each).apply(&mut info.sync_in_unresolved_fields);
    sync_out_unresolved_fields.map(each).apply(&mut info.sync_out_unresolved_fields);
}

impl From<SetUnresolvedField> for UnresolvedField {
    fn from(field: SetUnresolvedField) -> Self {
        let SetUnresolvedField { devrev_field_name, external_display_name, external_field_name } =
            field;
        Self { devrev_field_name, external_display_name, external_field_name }
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
    developed_with.apply(&mut issue.developed_with);
    priority(named, priority_v2).apply(&mut issue.priority);
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
    channels.apply(&mut ticket.channels);
    channels_v2.map(distinct).apply(&mut ticket.channels_v2);
    group.apply(&mut ticket.group);
    is_archived.apply(&mut ticket.is_archived);
    is_frozen.apply(&mut ticket.is_frozen);
    is_spam.apply(&mut ticket.is_spam);
    needs_response.apply(&mut ticket.needs_response);
    if let Some(id) = sentiment
        && ticket.sentiment != Some(id)
    {
        ticket.sentiment = Some(id);
        ticket.sentiment_modified_date = Some(tx.cx().now);
    }
    sentiment_modified_date.apply(&mut ticket.sentiment_modified_date);
    sentiment_summary.apply(&mut ticket.sentiment_summary);
    severity.apply(&mut ticket.severity);
    source_channel_v2.apply(&mut ticket.source_channel_v2);
    visibility.map(|EnumId(id)| id).apply(&mut ticket.visibility);
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
    embedded.apply(&mut task.embedded);
    priority.apply(&mut task.priority);
    start_date.apply(&mut task.start_date);
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
    account.apply(&mut deal.account);
    amount.apply(&mut deal.amount);
    annual_contract_value.map(Money::from).apply(&mut deal.annual_contract_value);
    contacts.apply(&mut deal.contacts);
    customer_budget.apply(&mut deal.customer_budget);
    forecast(forecast_category, forecast_category_v2).apply(&mut deal.forecast_category);
    priority.apply(&mut deal.priority);
    probability.apply(&mut deal.probability);
    value.map(Money::from).apply(&mut deal.value);
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
