//! The works of a vista: those of its sprints, those picked by hand, or those that its filter
//! finds.

use worksmith_engine::Tx;
use worksmith_kernel::{Column, Cond, Result, Stored};
use worksmith_wire::Id;
use worksmith_wire::vistas::{FilterType, VistaType};

use super::columns::SPRINT;
use super::doc::Work;
use super::filter;
use crate::vistas::{Vista, groups, read_filter};

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
