//! From the filters of a request to conditions. All members must match, of a list at least one
//! value. The block of a type applies only to works of that type (BEHAVIOUR 3.4).

use worksmith_engine::Tx;
use worksmith_kernel::{Cond, Query, Result, Value};
use worksmith_wire::custom::ValuesByName;
use worksmith_wire::works::{
    IssueFilter, OpportunityFilter, Priority, Severity, StageFilter, SyncFilter,
    SyncMetadataFilter, TicketChannel, TicketFilter, WorkFilter, WorkType,
};
use worksmith_wire::{DateFilter, Id, Span, Timestamp};

use super::doc::{channel_bits, ordinal};
use super::{fields, vista};
use crate::sla_trackers::{COLUMNS, standing_is};
use crate::stages;
use crate::vistas::groups;

/// The query of a filter, without an order.
pub(super) async fn query(tx: &mut Tx, filter: WorkFilter) -> Result<Query> {
    let WorkFilter {
        r#type: types,
        actual_close_date,
        applies_to_part,
        created_by,
        created_date,
        custom_fields,
        external_ref,
        issue,
        modified_by,
        modified_date,
        opportunity,
        owned_by,
        reported_by,
        stage,
        stage_name,
        staged_info,
        state,
        sync_metadata,
        tags,
        target_close_date,
        ticket,
        vista,
    } = filter;
    let now = tx.cx().now;
    let mut query = Query::new();
    query
        .one_of_ids("part", applies_to_part)
        .one_of_ids("created_by", created_by)
        .one_of_ids("modified_by", modified_by)
        .refers_to("owned_by", owned_by)
        .refers_to("reported_by", reported_by)
        .refers_to("tags", tags)
        .one_of("external_ref", external_ref)
        .within("created_at", created_date.map(|date| date.span(now)))
        .within("modified_at", modified_date.map(|date| date.span(now)))
        .within("target_close", target_close_date.map(|date| date.span(now)))
        .within("actual_close", actual_close_date.map(|date| date.span(now)))
        .is("is_staged", staged_info.and_then(|info| info.is_staged));
    if let Some(ValuesByName(by)) =
        custom_fields.filter(|custom_fields| !custom_fields.0.is_empty())
    {
        let fields = fields::of_types(tx, &types).await?;
        for (name, values) in by {
            query.with(fields.has(&name, values, &tx.cx().org)?);
        }
    }
    stage_conditions(tx, &mut query, stage, stage_name, state).await?;
    if let Some(sync) = sync_metadata {
        sync_conditions(&mut query, sync, now);
    }
    if let Some(id) = vista {
        query.with(vista::works_of(tx, &id).await?);
    }
    let issue = match issue {
        Some(filter) => Some((WorkType::Issue, issue_condition(tx, filter, now).await?)),
        None => None,
    };
    let ticket = ticket.map(|filter| (WorkType::Ticket, ticket_condition(filter, now)));
    let opportunity =
        opportunity.map(|filter| (WorkType::Opportunity, opportunity_condition(filter)));
    let blocks: Vec<_> = issue.into_iter().chain(ticket).chain(opportunity).collect();
    type_conditions(&mut query, types, blocks);
    Ok(query)
}

/// A block does not affect works of other types. Without `type`, only types that have a block
/// match.
fn type_conditions(query: &mut Query, types: Vec<WorkType>, blocks: Vec<(WorkType, Cond)>) {
    let of_type = |kind: WorkType| Cond::is("kind", kind.as_str());
    let types =
        if types.is_empty() { blocks.iter().map(|(kind, _)| *kind).collect() } else { types };
    query.one_of("kind", types.iter().map(|kind| kind.as_str()));
    for (kind, block) in blocks {
        if types.as_slice() == [kind] {
            query.with(block);
        } else if types.contains(&kind) {
            query.with(Cond::Any(vec![Cond::Not(Box::new(of_type(kind))), block]));
        }
    }
}

async fn stage_conditions(
    tx: &mut Tx,
    query: &mut Query,
    stage: Option<StageFilter>,
    stage_name: Vec<String>,
    states: Vec<String>,
) -> Result<()> {
    let StageFilter { mut name, stages: ids } =
        stage.unwrap_or(StageFilter { name: Vec::new(), stages: Vec::new() });
    name.extend(stage_name);
    if !name.is_empty() || !ids.is_empty() {
        let mut stages: Vec<Id> = ids.into_iter().map(Into::into).collect();
        stages.extend(stages::stages_named(tx, &name).await?);
        query.with(in_stages(&stages));
    }
    if !states.is_empty() {
        let stages = stages::stages_in_states(tx, &states).await?;
        query.with(in_stages(&stages));
    }
    Ok(())
}

fn in_stages(stages: &[Id]) -> Cond {
    Cond::OneOf("stage", stages.iter().map(Value::from).collect())
}

fn sync_conditions(query: &mut Query, filter: SyncMetadataFilter, now: Timestamp) {
    let SyncMetadataFilter { external_reference, origin_system, last_sync_in, last_sync_out } =
        filter;
    query.one_of("sync_reference", external_reference).one_of("sync_origin", origin_system);
    let sides = [
        (last_sync_in, "sync_in_status", "sync_in_at"),
        (last_sync_out, "sync_out_status", "sync_out_at"),
    ];
    for (side, status_column, at_column) in sides {
        let Some(SyncFilter { status, sync_date, sync_history, sync_unit }) = side else {
            continue;
        };
        query
            .one_of(status_column, status.iter().map(|status| status.as_str()))
            .within(at_column, sync_date.map(|date| date.span(now)));
        if !sync_history.is_empty() || !sync_unit.is_empty() {
            query.with(Cond::never());
        }
    }
}

async fn issue_condition(tx: &mut Tx, filter: IssueFilter, now: Timestamp) -> Result<Cond> {
    let IssueFilter {
        accounts,
        actual_start_date,
        group,
        priority,
        priority_v2,
        rev_orgs,
        sla_summary,
        sprint,
        sprint_state,
        subtype,
        target_start_date,
    } = filter;
    let span = |date: DateFilter| -> Span { date.span(now) };
    let mut block = Query::new();
    block
        .within("actual_start", actual_start_date.map(span))
        .within("target_start", target_start_date.map(span))
        .one_of("priority", priority.iter().map(|value| ordinal(Priority::ALL, value)))
        .one_of("priority", priority_v2)
        .one_of("subtype", subtype)
        .one_of_ids("sprint", sprint);
    if !sprint_state.is_empty() {
        let sprints = groups::in_states(tx, &sprint_state).await?;
        block.with(Cond::OneOf("sprint", sprints.iter().map(Value::from).collect()));
    }
    block.conds.extend(sla_summary.map(|filter| standing_is(&COLUMNS, filter, now)));
    // Issues have no customers before links, and no group.
    let nothing_has = !accounts.is_empty() || !rev_orgs.is_empty() || !group.is_empty();
    if nothing_has {
        block.with(Cond::never());
    }
    Ok(Cond::All(block.conds))
}

fn ticket_condition(filter: TicketFilter, now: Timestamp) -> Cond {
    let TicketFilter {
        account,
        brand,
        channels,
        channels_v2,
        group,
        is_frozen,
        is_spam,
        needs_response,
        rev_org,
        severity,
        sla_summary,
        source_channel,
        source_channel_v2,
        subtype,
        surveys,
        visibility,
    } = filter;
    let mut block = Query::new();
    block
        .one_of_ids("account", account)
        .one_of_ids("rev_org", rev_org)
        .one_of_ids("team", group)
        .refers_to("channels_v2", channels_v2)
        .refers_to("source_channel_v2", source_channel_v2)
        .one_of("source_channel", source_channel)
        .is("is_frozen", is_frozen)
        .is("is_spam", is_spam)
        .is("needs_response", needs_response)
        .one_of("severity", severity.iter().map(|value| ordinal(Severity::ALL, value)))
        .one_of("subtype", subtype)
        .one_of("visibility", visibility);
    if !channels.is_empty() {
        block.with(on_channels(&channels));
    }
    block.conds.extend(sla_summary.map(|filter| standing_is(&COLUMNS, filter, now)));
    // Tickets have no brand and no survey yet.
    let nothing_has = !brand.is_empty() || surveys.is_some_and(|surveys| !surveys.0.is_empty());
    if nothing_has {
        block.with(Cond::never());
    }
    Cond::All(block.conds)
}

/// The sets of channels that intersect the given set. Each set is stored as one number.
fn on_channels(channels: &[TicketChannel]) -> Cond {
    let wanted = channel_bits(channels);
    let sets = 1_i64 << TicketChannel::ALL.len();
    let sharing = (1..sets).filter(|set| set & wanted != 0).map(Value::Integer);
    Cond::OneOf("channels", sharing.collect())
}

fn opportunity_condition(filter: OpportunityFilter) -> Cond {
    let OpportunityFilter { account, contacts, forecast_category_v2, subtype } = filter;
    let mut block = Query::new();
    block
        .one_of_ids("account", account)
        .refers_to("contacts", contacts)
        .one_of("forecast", forecast_category_v2)
        .one_of("subtype", subtype);
    Cond::All(block.conds)
}
