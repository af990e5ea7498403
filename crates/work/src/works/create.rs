//! `works.create`.

use worksmith_engine::{One, Tx};
use worksmith_fields::schemas::Custom;
use worksmith_kernel::{Actor, Column, Query, Result};
use worksmith_org::{dev_users, tagging};
use worksmith_wire::common::{OwnerId, PartId};
use worksmith_wire::works::{
    CreateIssue, CreateOpportunity, CreateRequest, CreateTask, CreateTicket, CreateWork, EnumId,
    Priority, Severity,
};
use worksmith_wire::{ApiError, Direction, Id, Kind, Required, SortBy, distinct};

use super::custom::{self, Extended};
use super::doc::{EXTERNAL, INTERNAL, Issue, Opportunity, Task, Ticket, Variant, Work};
use super::{stage, update};
use crate::parts::Part;

pub(super) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Work>> {
    let (beginning, common) = match request {
        CreateRequest::Issue(request) => issue(*request),
        CreateRequest::Ticket(request) => ticket(tx, *request).await?,
        CreateRequest::Task(request) => task(*request),
        CreateRequest::Opportunity(request) => opportunity(*request),
    };
    let work = common_members(tx, beginning, common).await?;
    if tx.cx().actor.is_customer() {
        check_customer(&tx.cx().actor, &work)?;
    }
    let kind = work.kind();
    let stored = tx.insert(kind, work).await?;
    tx.one(&stored).await
}

/// Customers may only create tickets, and only for themselves.
fn check_customer(actor: &Actor, work: &Work) -> Result<()> {
    let refuse = |why: &str| Err(ApiError::forbidden(format!("customers make {why}")).into());
    let Variant::Ticket(ticket) = &work.variant else { return refuse("tickets only") };
    if ticket.rev_org != actor.rev_org || ticket.account != actor.account {
        return refuse("tickets of their own workspace only");
    }
    if work.reported_by != [actor.id.clone()] {
        return refuse("tickets in their own name only");
    }
    if ticket.visibility == INTERNAL {
        return refuse("no internal tickets");
    }
    Ok(())
}

/// The initial values of members that not all types of work require.
struct Beginning {
    variant: Variant,
    part: Option<Id>,
    owners: Vec<OwnerId>,
}

async fn common_members(tx: &mut Tx, beginning: Beginning, request: CreateWork) -> Result<Work> {
    let Beginning { variant, part: applies_to_part, owners: owned_by } = beginning;
    let CreateWork {
        r#type: _,
        title,
        body,
        reported_by,
        artifacts,
        tags,
        stage: wanted,
        stage_validation_options,
        target_close_date,
        external_ref,
        customization,
    } = request;
    let mut work = Work {
        title: title.into(),
        body: body.map(Into::into).unwrap_or_default(),
        owned_by: owners(tx, owned_by, applies_to_part.as_ref()).await?,
        reported_by: distinct(reported_by),
        applies_to_part,
        artifacts: distinct(artifacts.0),
        tags: tagging::resolve(tx, tags, &[]).await?,
        // The stage is entered below, which also sets the dates.
        stage: Id::nowhere(Kind::CustomStage),
        stage_ordinal: 0,
        target_close_date,
        actual_close_date: None,
        external_ref: external_ref.map(Into::into),
        staged_info: None,
        sync_metadata: None,
        sla: None,
        imported_as: None,
        custom: Custom::default(),
        variant,
    };
    if work.reported_by.is_empty() {
        work.reported_by.push(tx.cx().actor.id.clone());
    }
    let customizing = custom::begin(tx, &work, customization).await?;
    let diagram = stage::diagram(tx, &work, &customizing).await?;
    let entry = stage::entry(tx, &diagram, wanted, &stage_validation_options).await?;
    stage::enter(tx, &mut work, entry).await?;
    custom::finish(tx, customizing, None, &mut work).await?;
    Ok(work)
}

/// If no owners are given, the caller is the owner. Customers can't own anything, so the owners of
/// the part are used or, if none of them can act any more, the server's bot.
async fn owners(tx: &mut Tx, given: Vec<OwnerId>, part: Option<&Id>) -> Result<Vec<Id>> {
    if !given.is_empty() {
        return Ok(distinct(given));
    }
    let caller = tx.cx().actor.id.clone();
    if !tx.cx().actor.is_customer() {
        return Ok(vec![caller]);
    }
    let part = match part {
        Some(part) => tx.find::<Part>(part).await?,
        None => None,
    };
    let mut owners = Vec::new();
    for owner in part.map_or_else(Vec::new, |part| part.doc.owned_by) {
        if dev_users::can_be_assigned(tx, &owner).await? {
            owners.push(owner);
        }
    }
    if owners.is_empty() {
        owners.push(Actor::system().id);
    }
    Ok(owners)
}

/// The part that a ticket applies to. Customers don't know the org's parts, so theirs may omit it:
/// it is the oldest product then.
async fn part_of_ticket(tx: &mut Tx, given: Option<PartId>) -> Result<Id> {
    if let Some(PartId(part)) = given {
        return Ok(part);
    }
    if tx.cx().actor.is_customer() {
        let mut query = Query::new();
        query.one_of(Column::KIND, [Kind::Product.noun()]).sort_by(&[oldest()], &[])?;
        if let Some(product) = tx.first::<Part>(&query, 1).await?.pop() {
            return Ok(product.meta.id);
        }
    }
    Err(ApiError::missing("applies_to_part").into())
}

fn oldest() -> SortBy {
    SortBy { field: "created_date".to_owned(), direction: Direction::Asc }
}

fn issue(request: CreateIssue) -> (Beginning, CreateWork) {
    let CreateIssue {
        applies_to_part,
        owned_by: Required(owners),
        developed_with,
        priority,
        priority_v2,
        sprint,
        target_start_date,
        common,
    } = request;
    let issue = Issue {
        priority: update::priority(priority, priority_v2).unwrap_or(Extended::Stock(Priority::P2)),
        developed_with: distinct(developed_with.0),
        sprint: sprint.map(Into::into),
        target_start_date,
        actual_start_date: None,
    };
    let variant = Variant::Issue(issue);
    (Beginning { variant, part: Some(applies_to_part.into()), owners }, common)
}

async fn ticket(tx: &mut Tx, request: CreateTicket) -> Result<(Beginning, CreateWork)> {
    let CreateTicket {
        applies_to_part,
        owned_by: owners,
        account,
        channels,
        channels_v2,
        group,
        is_spam,
        needs_response,
        rev_org,
        severity,
        source_channel,
        source_channel_v2,
        visibility,
        common,
    } = request;
    let mut ticket = Ticket {
        severity: severity.unwrap_or(Severity::Medium),
        account: account.map(Into::into).or_else(|| tx.cx().actor.account.clone()),
        rev_org: rev_org.map(Into::into).or_else(|| tx.cx().actor.rev_org.clone()),
        group: group.map(Into::into),
        channels: distinct(channels),
        channels_v2: distinct(channels_v2),
        source_channel: source_channel.map(Into::into),
        source_channel_v2: source_channel_v2.map(Into::into),
        is_archived: None,
        is_frozen: None,
        is_spam,
        needs_response,
        sentiment: None,
        sentiment_modified_date: None,
        sentiment_summary: None,
        visibility: visibility.map_or(EXTERNAL, |EnumId(id)| id),
    };
    update::settle_customer(tx, &mut ticket).await?;
    let part = Some(part_of_ticket(tx, applies_to_part).await?);
    Ok((Beginning { variant: Variant::Ticket(ticket), part, owners }, common))
}

fn task(request: CreateTask) -> (Beginning, CreateWork) {
    let CreateTask {
        applies_to_part,
        owned_by: Required(owners),
        embedded,
        priority,
        start_date,
        common,
    } = request;
    let variant = Variant::Task(Task { embedded, priority, start_date });
    (Beginning { variant, part: applies_to_part.map(Into::into), owners }, common)
}

fn opportunity(request: CreateOpportunity) -> (Beginning, CreateWork) {
    let CreateOpportunity {
        applies_to_part,
        owned_by: Required(owners),
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
    let deal = Opportunity {
        account: account.into(),
        contacts: distinct(contacts),
        amount,
        value: value.map(Into::into),
        annual_contract_value: annual_contract_value.map(Into::into),
        customer_budget,
        forecast_category: update::forecast(forecast_category, forecast_category_v2),
        priority,
        probability: probability.map(Into::into),
    };
    let variant = Variant::Opportunity(deal);
    (Beginning { variant, part: applies_to_part.map(Into::into), owners }, common)
}
