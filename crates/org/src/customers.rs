//! Filters that the lists of accounts, workspaces, contacts and dev users share.

use worksmith_engine::Tx;
use worksmith_kernel::{Column, Cond, Name, Query, Result, Value};
use worksmith_wire::ApiError;

/// Narrows a query to the objects that have one of the names. An object that was merged counts as
/// its primary object. Without names, there is no constraint.
pub async fn one_of_names<R>(
    tx: &mut Tx,
    query: &mut Query<R>,
    space: Name<R>,
    names: Vec<String>,
) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut found: Vec<Value> = Vec::new();
    for name in names {
        found.extend(tx.find_name(space, &name).await?.as_ref().map(Into::into));
    }
    query.with(Cond::one_of(Column::ID, found));
    Ok(())
}

/// Refuses filters by custom fields, because these objects have none yet.
pub fn refuse_custom_fields(filters: &[String]) -> Result<()> {
    let Some(filter) = filters.first() else { return Ok(()) };
    let name = filter.split(':').next().unwrap_or(filter);
    let message = format!("there is no custom field {name:?}");
    Err(ApiError::invalid_field("custom_field_filter", message).into())
}
