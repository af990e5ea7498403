//! `works.list` and `works.export`: the same filters, and every sort exact.

use worksmith_engine::{PageOf, Parts, Tx};
use worksmith_kernel::{Column, Query, Result};
use worksmith_wire::SortBy;
use worksmith_wire::works::{ExportRequest, ListRequest};

use super::doc::Work;
use super::{columns, fields, filter};

/// What works can be sorted by, besides the dates of creation and change.
const SORTABLE: &[(&str, Column<Work>)] = &[
    ("title", columns::TITLE),
    ("display_id", Column::SEQ),
    ("target_close_date", columns::TARGET_CLOSE),
    ("actual_close_date", columns::ACTUAL_CLOSE),
    ("target_start_date", columns::TARGET_START),
    ("actual_start_date", columns::ACTUAL_START),
    ("priority", columns::PRIORITY_ORDINAL),
    ("priority_v2", columns::PRIORITY_ORDINAL),
    ("priority_v2.ordinal", columns::PRIORITY_ORDINAL),
    ("severity", columns::SEVERITY),
    ("severity_v2.ordinal", columns::SEVERITY),
    ("sla_summary.target_time", columns::SLA_TARGET),
    ("stage", columns::STAGE_ORDINAL),
    ("stage.ordinal", columns::STAGE_ORDINAL),
];

/// How many works `works.export` returns if `first` is absent, and at most.
const EXPORT_DEFAULT: usize = 50;
const EXPORT_MAX: usize = 5_000;

async fn query(
    tx: &mut Tx,
    filter: worksmith_wire::works::WorkFilter,
    sort_by: &[SortBy],
) -> Result<Query<Work>> {
    let mut fields = None;
    if sort_by.iter().any(|key| key.field.starts_with(fields::CUSTOM)) {
        fields = Some(fields::of_types(tx, &filter.r#type).await?);
    }
    let mut query = filter::query(tx, filter).await?;
    query.sort_by_or(sort_by, SORTABLE, |key| fields.as_ref()?.sortable(key))?;
    Ok(query)
}

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Work>> {
    let ListRequest { as_of, sort_by, filter, page } = request;
    let query = query(tx, filter, &sort_by).await?;
    match as_of {
        Some(at) => Box::pin(tx.list_as_of(query, &page, at)).await,
        None => tx.list(query, &page).await,
    }
}

pub(super) async fn export(tx: &mut Tx, request: ExportRequest) -> Result<Parts> {
    let ExportRequest { first, sort_by, filter } = request;
    let query = query(tx, filter, &sort_by).await?;
    let query = tx.visible::<Work>(query);
    let first = match first {
        None | Some(i64::MIN..=0) => EXPORT_DEFAULT,
        Some(first) => usize::try_from(first).unwrap_or(EXPORT_MAX).min(EXPORT_MAX),
    };
    tx.stream::<Work>(&query, first).await
}
