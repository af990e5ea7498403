//! Listing parts.

use worksmith_engine::{PageOf, Tx};
use worksmith_fields::stages;
use worksmith_kernel::{Column, Cond, Query, Result};
use worksmith_wire::parts::{EnhancementFilter, ListRequest, ParentPartFilter, PartType};
use worksmith_wire::{ApiError, DateFilter, DateRange, Id, Kind, Many};

use super::{
    ACTUAL_CLOSE, ACTUAL_START, NAME, OWNED_BY, Part, STAGE, TAGS, TARGET_CLOSE, TARGET_START, tree,
};

/// What lists can be sorted by, besides the dates that all objects have.
const SORTABLE: [(&str, Column<Part>); 6] = [
    ("name", NAME),
    ("display_id", Column::SEQ),
    ("target_start_date", TARGET_START),
    ("target_close_date", TARGET_CLOSE),
    ("actual_start_date", ACTUAL_START),
    ("actual_close_date", ACTUAL_CLOSE),
];

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Part>> {
    let ListRequest {
        r#type,
        created_by,
        created_date_v2,
        // No custom field is in a schema, so a filter for one is refused while it is read.
        custom_fields: _,
        enhancement,
        modified_by,
        modified_date_v2,
        name,
        owned_by,
        parent_part,
        sort_by,
        subtype,
        tags,
        page,
    } = request;
    let now = tx.cx().now;
    let mut query = Query::new();
    query
        .one_of(Column::KIND, r#type.iter().map(|part| part.as_str()))
        .one_of_ids(Column::CREATED_BY, created_by)
        .within(Column::CREATED_AT, created_date_v2.map(|date| date.span(now)))
        .one_of_ids(Column::MODIFIED_BY, modified_by)
        .within(Column::MODIFIED_AT, modified_date_v2.map(|date| date.span(now)))
        .one_of(NAME, name)
        .refers_to(OWNED_BY, owned_by)
        .refers_to(TAGS, tags)
        .sort_by(&sort_by, &SORTABLE)?;
    if !subtype.is_empty() {
        query.with(Cond::never());
    }
    if let Some(ParentPartFilter { parts: Many(parts), level }) = parent_part {
        let level = level.map(depth).transpose()?;
        let parts: Vec<Id> = parts.into_iter().map(Into::into).collect();
        query.with(tree::below(tx, &parts, level).await?);
    }
    if let Some(filter) = enhancement {
        let block = enhancements(tx, filter).await?;
        if !block.is_of_all() {
            query.with(bound(block, &r#type));
        }
    }
    tx.list(query, &page).await
}

fn depth(level: i32) -> Result<usize> {
    if let Ok(level @ 1..) = usize::try_from(level) {
        return Ok(level);
    }
    let message = format!("parent_part.level is {level}, at least 1");
    let error = ApiError::not_permitted("parent_part.level", message);
    Err(error.with("reason", "minimum 1").into())
}

/// A block applies only to its own kind; without `type`, it excludes all others (BEHAVIOUR 3.4).
fn bound(mut block: Query<Part>, types: &[PartType]) -> Cond<Part> {
    let own = Cond::is(Column::KIND, Kind::Enhancement.noun());
    if types.is_empty() {
        block.with(own);
        block.into_cond()
    } else {
        Cond::any([!own, block.into_cond()])
    }
}

async fn enhancements(tx: &mut Tx, filter: EnhancementFilter) -> Result<Query<Part>> {
    let EnhancementFilter {
        accounts,
        opportunities,
        tickets,
        rev_score_tier,
        stage_v2,
        state_v2,
        target_start_date,
        target_start_date_v2,
        target_close_date,
        target_close_date_v2,
        actual_start_date,
        actual_start_date_v2,
        actual_close_date,
        actual_close_date_v2,
    } = filter;
    let now = tx.cx().now;
    let mut query = Query::new();
    let mut date = |column, range: Option<DateRange>, typed: Option<DateFilter>| {
        query.within(column, range).within(column, typed.map(|date| date.span(now)));
    };
    date(TARGET_START, target_start_date, target_start_date_v2);
    date(TARGET_CLOSE, target_close_date, target_close_date_v2);
    date(ACTUAL_START, actual_start_date, actual_start_date_v2);
    date(ACTUAL_CLOSE, actual_close_date, actual_close_date_v2);
    // Enhancements have none of these relations yet, so nothing matches.
    let related = accounts.len() + opportunities.len() + tickets.len() + rev_score_tier.len();
    if related > 0 {
        query.with(Cond::never());
    }
    query.refers_to(STAGE, stage_v2);
    if !state_v2.is_empty() {
        let stages = stages::stages_in_states(tx, &state_v2).await?;
        query.with(Cond::refers_to(STAGE, stages));
    }
    Ok(query)
}
