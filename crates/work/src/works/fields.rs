//! Filtering and sorting works by their custom fields.

use std::collections::HashMap;

use serde_json::Value as Json;
use worksmith_engine::Tx;
use worksmith_fields::schemas::filterable::{self, Shape};
use worksmith_fields::schemas::{self, Schema};
use worksmith_kernel::{Cond, Has, Result};
use worksmith_wire::custom::customization_error;
use worksmith_wire::works::WorkType;
use worksmith_wire::{ApiError, Kind, OrgName};

use super::doc::Work;

/// The prefix of custom fields in orders.
pub(super) const CUSTOM: &str = "custom_fields.";

/// The custom fields that works of some types have.
pub(super) struct Fields(Vec<Schema>);

/// The fields of works of these types; of all types when none is named.
pub(super) async fn of_types(tx: &mut Tx, types: &[WorkType]) -> Result<Fields> {
    let types = if types.is_empty() { WorkType::ALL } else { types };
    let mut fields = Vec::with_capacity(types.len());
    for kind in types.iter().filter_map(|kind| Kind::from_noun(kind.as_str())) {
        let leaf = schemas::leaf::of_kind(tx, kind).await?;
        fields.push(schemas::whole(tx, &leaf).await?);
    }
    Ok(Fields(fields))
}

impl Fields {
    /// The type of a field's values, in the first type of work that can be found by it.
    fn shape(&self, name: &str) -> Result<Shape, ApiError> {
        let mut refusal = None;
        for schema in self.0.iter().filter(|schema| schema.field(name).is_some()) {
            match filterable::field(schema, name) {
                Ok((_, shape)) => return Ok(shape),
                Err(reason) => refusal = Some(reason),
            }
        }
        if let Some(reason) = refusal {
            return Err(ApiError::invalid_field(name, format!("custom_fields: {reason}")));
        }
        let reason = format!("{name} is not in the schema");
        Err(customization_error(name, "field_not_in_schema", reason))
    }

    /// The condition that the field has one of these values; null stands for a field that is not
    /// set. Without values, there is no constraint.
    pub(super) fn has(
        &self,
        name: &str,
        values: Json,
        org: &OrgName,
    ) -> Result<Cond<Work>, ApiError> {
        let shape = self.shape(name)?;
        let values = match values {
            Json::Array(values) => values,
            value => vec![value],
        };
        let mut any = Vec::new();
        let (unset, set): (Vec<_>, Vec<_>) = values.iter().partition(|value| value.is_null());
        if !unset.is_empty() {
            any.push(Cond::prop(name.to_owned(), Has::None));
        }
        let refuse = |reason| ApiError::invalid_field(name, format!("{name} {reason}"));
        let set = set.into_iter().map(|value| shape.value(value, org, &HashMap::new()));
        let set = set.collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        if !set.is_empty() {
            any.push(Cond::prop(name.to_owned(), Has::OneOf(set)));
        }
        Ok(if any.is_empty() { Cond::always() } else { Cond::any(any) })
    }

    /// The field that a key of `group_by` names, and the type of its values; otherwise the reason
    /// why works can't be grouped by it.
    pub(super) fn groupable(&self, key: &str) -> Result<(String, Shape), String> {
        let name = key.strip_prefix(CUSTOM).ok_or_else(|| format!("no field {key:?}"))?;
        let shape = self.shape(name).map_err(|refusal| refusal.message)?;
        Ok((name.to_owned(), shape))
    }

    /// The field that a key of an order names, if works can be sorted by it.
    pub(super) fn sortable(&self, key: &str) -> Option<String> {
        let name = key.strip_prefix(CUSTOM)?;
        // Numbered values are stored by their numbers.
        let name = name.strip_suffix(".ordinal").unwrap_or(name);
        self.shape(name).ok().map(|_| name.to_owned())
    }
}
