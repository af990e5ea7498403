//! The works of a vista: those of its sprints, those picked by hand, or those that its filter
//! finds.

use worksmith_engine::Tx;
use worksmith_kernel::{Cond, Result, Value};
use worksmith_wire::Id;
use worksmith_wire::vistas::{FilterType, VistaType};

use super::filter;
use crate::vistas::{Vista, groups, read_filter};

/// The condition that holds for the works of a vista.
pub(super) async fn works_of(tx: &mut Tx, vista: &Id) -> Result<Cond> {
    let Some(vista) = tx.find::<Vista>(vista).await? else { return Ok(Cond::never()) };
    let among = |column, ids: &[Id]| Cond::OneOf(column, ids.iter().map(Value::from).collect());
    match (vista.doc.r#type, vista.doc.filter_type) {
        (VistaType::Curated, _) => Ok(among("id", &vista.doc.items)),
        (VistaType::Grouped, _) => {
            let groups = groups::of_vista(tx, vista.id()).await?;
            let ids: Vec<Id> = groups.into_iter().map(|group| group.meta.id).collect();
            Ok(among("sprint", &ids))
        }
        (VistaType::Dynamic, Some(FilterType::Works)) => {
            let filter = read_filter(vista.doc.filter.unwrap_or_default(), &tx.cx().org)?;
            let query = Box::pin(filter::query(tx, filter)).await?;
            Ok(Cond::All(query.conds))
        }
        (VistaType::Dynamic, _) => Ok(Cond::never()),
    }
}
