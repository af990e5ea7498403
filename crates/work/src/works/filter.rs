//! From the filters of a request to conditions. All members must match, of a list at least one
//! value. The block of a type applies only to works of that type (BEHAVIOUR 3.4).

use worksmith_engine::Tx;
use worksmith_fields::stages;
use worksmith_kernel::{Column, Cond, Query, Result};
use worksmith_sla::sla_trackers::standing_is;
use worksmith_wire::custom::ValuesByName;
use worksmith_wire::works::{
    IssueFilter, OpportunityFilter, Priority, Severity, StageFilter, SyncFilter,
    SyncMetadataFilter, TicketChannel, TicketFilter, WorkFilter, WorkType,
};
use worksmith_wire::{DateFilter, Id, Span, Timestamp};

use super::columns::{self, channel_bits, ordinal};
use super::doc::Work;
use super::{fields, vista};
use crate::vistas::groups;

/// The query of a filter, without an order.
pub(super) async fn query(tx: &mut Tx, filter: WorkFilter) -> Result<Query<Work>> {
    let WorkFilter {
        r#type: types,
        actual_close_date,
        applies_to_part,
        created_by,
        created_date,
        custom_fields,
        external_ref,
        ids,
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
        .one_of_ids(Column::ID, ids.0)
        .one_of_ids(columns::PART, applies_to_part)
        .one_of_ids(Column::CREATED_BY, created_by)
        .one_of_ids(Column::MODIFIED_BY, modified_by)
        .refers_to(columns::OWNED_BY, owned_by)
        .refers_to(columns::REPORTED_BY, reported_by)
        .refers_to(columns::TAGS, tags)
        .one_of(columns::EXTERNAL_REF, external_ref)
        .within(Column::CREATED_AT, created_date.map(|date| date.span(now)))
        .within(Column::MODIFIED_AT, modified_date.map(|date| date.span(now)))
        .within(columns::TARGET_CLOSE, target_close_date.map(|date| date.span(now)))
        .within(columns::ACTUAL_CLOSE, actual_close_date.map(|date| date.span(now)))
        .is(columns::IS_STAGED, staged_info.and_then(|info| info.is_staged));
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
fn type_conditions(
    query: &mut Query<Work>,
    types: Vec<WorkType>,
    blocks: Vec<(WorkType, Cond<Work>)>,
) {
    let of_type = |kind: WorkType| Cond::is(Column::KIND, kind.as_str());
    let types =
        if types.is_empty() { blocks.iter().map(|(kind, _)| *kind).collect() } else { types };
    query.one_of(Column::KIND, types.iter().map(|kind| kind.as_str()));
    // If each type has conditions of its own, an index for them is a way to the works.
    if types.len() > 1 && types.iter().all(|of| blocks.iter().any(|(kind, _)| kind == of)) {
        let asked = blocks.into_iter().filter(|(kind, _)| types.contains(kind));
        query.with(Cond::any(asked.map(|(kind, block)| Cond::all([of_type(kind), block]))));
        return;
    }
    for (kind, block) in blocks {
        if types.as_slice() == [kind] {
            query.with(block);
        } else if types.contains(&kind) {
            query.with(Cond::any([!of_type(kind), block]));
        }
    }
}

async fn stage_conditions(
    tx: &mut Tx,
    query: &mut Query<Work>,
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

fn in_stages(stages: &[Id]) -> Cond<Work> {
    Cond::one_of(columns::STAGE, stages)
}

fn sync_conditions(query: &mut Query<Work>, filter: SyncMetadataFilter, now: Timestamp) {
    let SyncMetadataFilter { external_reference, origin_system, last_sync_in, last_sync_out } =
        filter;
    query
        .one_of(columns::SYNC_REFERENCE, external_reference)
        .one_of(columns::SYNC_ORIGIN, origin_system);
    let sides = [
        (last_sync_in, columns::SYNC_IN_STATUS, columns::SYNC_IN_AT),
        (last_sync_out, columns::SYNC_OUT_STATUS, columns::SYNC_OUT_AT),
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

async fn issue_condition(tx: &mut Tx, filter: IssueFilter, now: Timestamp) -> Result<Cond<Work>> {
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
        .within(columns::ACTUAL_START, actual_start_date.map(span))
        .within(columns::TARGET_START, target_start_date.map(span))
        .one_of(columns::PRIORITY, priority.iter().map(|value| ordinal(Priority::ALL, value)))
        .one_of(columns::PRIORITY, priority_v2)
        .one_of(columns::SUBTYPE, subtype)
        .one_of_ids(columns::SPRINT, sprint);
    if !sprint_state.is_empty() {
        let sprints = groups::in_states(tx, &sprint_state).await?;
        block.with(Cond::one_of(columns::SPRINT, &sprints));
    }
    if let Some(filter) = sla_summary {
        block.with(standing_is(&columns::STANDING, filter, now));
    }
    // Issues have no customers before links, and no group.
    let nothing_has = !accounts.is_empty() || !rev_orgs.is_empty() || !group.is_empty();
    if nothing_has {
        block.with(Cond::never());
    }
    Ok(block.into_cond())
}

fn ticket_condition(filter: TicketFilter, now: Timestamp) -> Cond<Work> {
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
        .one_of_ids(columns::ACCOUNT, account)
        .one_of_ids(columns::REV_ORG, rev_org)
        .one_of_ids(columns::TEAM, group)
        .refers_to(columns::CHANNELS_V2, channels_v2)
        .refers_to(columns::SOURCE_CHANNEL_V2, source_channel_v2)
        .one_of(columns::SOURCE_CHANNEL, source_channel)
        .is(columns::IS_FROZEN, is_frozen)
        .is(columns::IS_SPAM, is_spam)
        .is(columns::NEEDS_RESPONSE, needs_response)
        .one_of(columns::SEVERITY, severity.iter().map(|value| ordinal(Severity::ALL, value)))
        .one_of(columns::SUBTYPE, subtype)
        .one_of(columns::VISIBILITY, visibility);
    if !channels.is_empty() {
        block.with(on_channels(&channels));
    }
    if let Some(filter) = sla_summary {
        block.with(standing_is(&columns::STANDING, filter, now));
    }
    // Tickets have no brand and no survey yet.
    let nothing_has = !brand.is_empty() || surveys.is_some_and(|surveys| !surveys.0.is_empty());
    if nothing_has {
        block.with(Cond::never());
    }
    block.into_cond()
}

/// The sets of channels that intersect the given set. Each set is stored as one number.
fn on_channels(channels: &[TicketChannel]) -> Cond<Work> {
    let wanted = channel_bits(channels);
    let sets = 1_i64 << TicketChannel::ALL.len();
    let sharing = (1..sets).filter(|set| set & wanted != 0);
    Cond::one_of(columns::CHANNELS, sharing)
}

fn opportunity_condition(filter: OpportunityFilter) -> Cond<Work> {
    let OpportunityFilter { account, contacts, forecast_category_v2, subtype } = filter;
    let mut block = Query::new();
    block
        .one_of_ids(columns::ACCOUNT, account)
        .refers_to(columns::CONTACTS, contacts)
        .one_of(columns::FORECAST, forecast_category_v2)
        .one_of(columns::SUBTYPE, subtype);
    block.into_cond()
}
