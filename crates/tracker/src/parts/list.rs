//! Listing parts.

use worksmith_engine::{PageOf, Tx};
use worksmith_kernel::{Cond, Query, Result};
use worksmith_wire::parts::{EnhancementFilter, ListRequest, ParentPartFilter, PartType};
use worksmith_wire::{ApiError, DateFilter, DateRange, Id, Kind, Many};

use super::{Part, STAGE, tree};
use crate::stages;

/// What lists can be sorted by, besides the dates that all objects have.
const SORTABLE: [(&str, &str); 6] = [
    ("name", "name"),
    ("display_id", "seq"),
    ("target_start_date", "target_start_date"),
    ("target_close_date", "target_close_date"),
    ("actual_start_date", "actual_start_date"),
    ("actual_close_date", "actual_close_date"),
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
        .one_of("kind", r#type.iter().map(|part| part.as_str()))
        .one_of_ids("created_by", created_by)
        .within("created_at", created_date_v2.map(|date| date.span(now)))
        .one_of_ids("modified_by", modified_by)
        .within("modified_at", modified_date_v2.map(|date| date.span(now)))
        .one_of("name", name)
        .refers_to("owned_by", owned_by)
        .refers_to("tags", tags)
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
        if !block.conds.is_empty() {
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
fn bound(block: Query, types: &[PartType]) -> Cond {
    let own = Cond::is("kind", Kind::Enhancement.noun());
    let mut conds = block.conds;
    if types.is_empty() {
        conds.push(own);
        Cond::All(conds)
    } else {
        Cond::Any(vec![Cond::Not(Box::new(own)), Cond::All(conds)])
    }
}

async fn enhancements(tx: &mut Tx, filter: EnhancementFilter) -> Result<Query> {
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
    date("target_start_date", target_start_date, target_start_date_v2);
    date("target_close_date", target_close_date, target_close_date_v2);
    date("actual_start_date", actual_start_date, actual_start_date_v2);
    date("actual_close_date", actual_close_date, actual_close_date_v2);
    // Enhancements have none of these relations yet, so nothing matches.
    let related = accounts.len() + opportunities.len() + tickets.len() + rev_score_tier.len();
    if related > 0 {
        query.with(Cond::never());
    }
    query.refers_to(STAGE, stage_v2);
    if !state_v2.is_empty() {
        let stages = stages::stages_in_states(tx, &state_v2).await?;
        query.with(Cond::RefersTo(STAGE, stages));
    }
    Ok(query)
}
