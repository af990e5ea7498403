//! The works of a vista: those of its sprints, those picked by hand, or those that its filter
//! finds.

use serde_json::Value as Json;
use worksmith_kernel::{Column, Cond, Result, Stored};
use worksmith_store::Tx;
use worksmith_wire::vistas::{FilterType, VistaType};
use worksmith_wire::works::{ListRequest, WorkFilter};
use worksmith_wire::{ApiError, At, FromWire, Id, OrgName, Source};

use super::columns::SPRINT;
use super::doc::Work;
use super::filter;
use crate::vistas::{Vista, groups};

/// The filter of a dynamic vista, parsed as a request of `works.list`. It may not refer to another
/// vista, because that could lead to cycles.
pub(crate) fn read_filter(
    filter: serde_json::Map<String, Json>,
    org: &OrgName,
) -> Result<WorkFilter, ApiError> {
    let source = Source { org, query: &[] };
    let root = At::root(&source);
    let request = ListRequest::from_value(Json::Object(filter), &root.child("filter"))?;
    if request.filter.vista.is_some() {
        let message = "filter.vista: the filter of a vista names no other vista";
        return Err(ApiError::invalid_field("filter.vista", message));
    }
    Ok(request.filter)
}

/// The condition that holds for the works of a vista.
pub(super) async fn works_of(tx: &mut Tx, vista: &Id) -> Result<Cond<Work>> {
    let Some(vista) = tx.find::<Vista>(vista).await? else { return Ok(Cond::never()) };
    match (vista.doc.r#type, vista.doc.filter_type) {
        (VistaType::Curated, _) => Ok(Cond::one_of(Column::ID, &vista.doc.items)),
        (VistaType::Grouped, _) => {
            let groups = groups::of_vista(tx, vista.id()).await?;
            Ok(Cond::one_of(SPRINT, groups.iter().map(Stored::id)))
        }
        (VistaType::Dynamic, Some(FilterType::Works)) => {
            let filter = read_filter(vista.doc.filter.unwrap_or_default(), &tx.cx().org)?;
            Ok(Box::pin(filter::query(tx, filter)).await?.into_cond())
        }
        (VistaType::Dynamic, _) => Ok(Cond::never()),
    }
}
