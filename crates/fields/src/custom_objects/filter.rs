//! The filters and orders of custom objects: prefix expressions converted to conditions of the
//! store.

use std::collections::HashMap;

use serde_json::Value as Json;
use worksmith_engine::Tx;
use worksmith_kernel::{Column, Cond, Has, Query, Result, Value};
use worksmith_wire::custom_objects::filter::{Comparison, Filter, Operand};
use worksmith_wire::schemas::FieldType;
use worksmith_wire::{ApiError, Id, OrgName, SortBy};

use super::{CustomObject, LEAF_TYPE, STAGE, STAGE_ORDINAL, SUBTYPE, TITLE, UNIQUE_KEY, schema};
use crate::schemas::filterable::{self, Shape};
use crate::schemas::{self, Schema, leaf};

/// The stock fields of custom objects, and their columns.
const STOCK: [(&str, Column<CustomObject>, Shape); 8] = [
    ("title", TITLE, Shape::Text),
    ("unique_key", UNIQUE_KEY, Shape::Text),
    ("subtype", SUBTYPE, Shape::Text),
    ("stage", STAGE, Shape::Id),
    ("created_by", Column::CREATED_BY, Shape::Id),
    ("modified_by", Column::MODIFIED_BY, Shape::Id),
    ("created_date", Column::CREATED_AT, Shape::Time),
    ("modified_date", Column::MODIFIED_AT, Shape::Time),
];

/// The columns by which lists can be sorted, besides the dates of creation and change.
const SORTS: [(&str, Column<CustomObject>); 4] =
    [("title", TITLE), ("unique_key", UNIQUE_KEY), ("subtype", SUBTYPE), ("stage", STAGE_ORDINAL)];

/// What requests call custom fields.
const CUSTOM: &str = "custom_fields.";

/// Where the values of a field are.
enum Place {
    Column(Column<CustomObject>),
    Prop(String),
}

/// The list of a leaf type's objects that meet all filters.
pub(super) async fn query(
    tx: &mut Tx,
    leaf_type: &str,
    filters: &[Filter],
    sort_by: &[SortBy],
) -> Result<Query<CustomObject>> {
    let leaf = schema(tx, leaf_type).await?;
    let schema = schemas::whole(tx, &leaf).await?;
    let resolved = resolve_ids(tx, filters).await?;
    let reader = Reader { schema: &schema, org: &tx.cx().org, resolved };
    let mut query = Query::new();
    query.is(LEAF_TYPE, Some(leaf_type));
    for filter in filters {
        query.with(reader.cond(filter)?);
    }
    query.sort_by_or(sort_by, &SORTS, |name| {
        let name = name.strip_prefix(CUSTOM)?;
        filterable::field(&schema, name).ok().map(|_| name.to_owned())
    })?;
    Ok(query)
}

/// The custom objects that filters name by their display ids.
async fn resolve_ids(tx: &mut Tx, filters: &[Filter]) -> Result<HashMap<Id, Id>> {
    let mut operands = Vec::new();
    for filter in filters {
        gather(filter, &mut operands);
    }
    let mut resolved = HashMap::new();
    for text in operands.iter().flat_map(|operand| &operand.values).filter_map(Json::as_str) {
        let id = Id::parse(text, &tx.cx().org).ok();
        if let Some(id) = id.filter(|id| id.unresolved().is_some()) {
            resolved.insert(id.clone(), leaf::resolve(tx, id).await?);
        }
    }
    Ok(resolved)
}

fn gather<'a>(filter: &'a Filter, operands: &mut Vec<&'a Operand>) {
    match filter {
        Filter::And(inner) | Filter::Or(inner) => {
            for filter in inner {
                gather(filter, operands);
            }
        }
        Filter::Not(inner) => gather(inner, operands),
        Filter::Compare(_, operand) => operands.push(operand),
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    org: &'a OrgName,
    resolved: HashMap<Id, Id>,
}

impl Reader<'_> {
    fn cond(&self, filter: &Filter) -> Result<Cond<CustomObject>, ApiError> {
        let all = |inner: &[Filter]| {
            inner.iter().map(|filter| self.cond(filter)).collect::<Result<Vec<_>, _>>()
        };
        match filter {
            Filter::And(inner) => all(inner).map(Cond::all),
            Filter::Or(inner) => all(inner).map(Cond::any),
            Filter::Not(inner) => Ok(!self.cond(inner)?),
            Filter::Compare(comparison, operand) => self.compare(*comparison, operand),
        }
    }

    fn compare(
        &self,
        comparison: Comparison,
        operand: &Operand,
    ) -> Result<Cond<CustomObject>, ApiError> {
        use Comparison::{Contains, Eq, Gt, Gte, In, Lt, Lte, Ne};
        let (place, shape, is_list) = self.field(operand)?;
        match comparison {
            Contains if !is_list => {
                return Err(refuse_field(operand, format!("{} is no list", operand.field)));
            }
            Lt | Lte | Gt | Gte if is_list || matches!(shape, Shape::Id | Shape::Bool) => {
                return Err(refuse_field(operand, format!("{} has no order", operand.field)));
            }
            _ => {}
        }
        let has_null = operand.values.contains(&Json::Null);
        if has_null && !matches!(comparison, Eq | Ne | In) {
            return Err(refuse_value(operand, "null is only for eq, ne and in"));
        }
        let values = operand.values.iter().filter(|value| !value.is_null());
        let values = values.map(|value| self.value(shape, value, operand));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let first = values.first().cloned();
        Ok(match comparison {
            Eq | In | Contains => place.one_of(values, has_null),
            Ne => !place.one_of(values, has_null),
            Lte => place.range(None, first),
            Gte => place.range(first, None),
            // Neither equal to the value nor greater; and not without a value.
            Lt => Cond::all([place.has_any(), !place.range(first, None)]),
            Gt => Cond::all([place.has_any(), !place.range(None, first)]),
        })
    }

    /// Where the values of a field are, their type, and whether there may be several.
    fn field(&self, operand: &Operand) -> Result<(Place, Shape, bool), ApiError> {
        let name = operand.field.as_str();
        if let Some((_, column, shape)) = STOCK.iter().find(|(of, ..)| *of == name) {
            return Ok((Place::Column(*column), *shape, false));
        }
        let Some(custom) = name.strip_prefix(CUSTOM) else {
            let names = STOCK.map(|(name, ..)| name).join(", ");
            let reason = format!("can't filter by {name:?}, but by {names} and custom_fields");
            return Err(refuse_field(operand, reason));
        };
        let found = filterable::field(self.schema, custom);
        let (field, shape) =
            found.map_err(|reason| refuse_field(operand, format!("{CUSTOM}{reason}")))?;
        Ok((Place::Prop(custom.to_owned()), shape, field.field_type == FieldType::Array))
    }

    /// A value to compare to, in its stored form.
    fn value(&self, shape: Shape, value: &Json, operand: &Operand) -> Result<Value, ApiError> {
        let kept = shape.value(value, self.org, &self.resolved);
        kept.map_err(|reason| refuse_value(operand, format!("{} {reason}", operand.field)))
    }
}

/// The error for a field that can't be compared, or not in this way.
fn refuse_field(operand: &Operand, reason: impl AsRef<str>) -> ApiError {
    refuse(operand, 1, reason.as_ref())
}

/// The error for a value that the field can't be compared to.
fn refuse_value(operand: &Operand, reason: impl AsRef<str>) -> ApiError {
    refuse(operand, 2, reason.as_ref())
}

fn refuse(Operand { place, .. }: &Operand, at: usize, reason: &str) -> ApiError {
    let member = place.split('[').next().unwrap_or(place);
    let place = format!("{place}[{at}]");
    ApiError::invalid_field(member, format!("{place}: {reason}")).at(place)
}

impl Place {
    /// One of the values is set or, with `or_none`, none at all.
    fn one_of(&self, values: Vec<Value>, or_none: bool) -> Cond<CustomObject> {
        let one_of = match self {
            _ if values.is_empty() => Cond::never(),
            Self::Column(column) => Cond::one_of(*column, values),
            Self::Prop(path) => Cond::prop(path.clone(), Has::OneOf(values)),
        };
        if or_none { Cond::any([one_of, self.has_none()]) } else { one_of }
    }

    fn range(&self, from: Option<Value>, to: Option<Value>) -> Cond<CustomObject> {
        match self {
            Self::Column(column) => Cond::range(*column, from, to),
            Self::Prop(path) => Cond::prop(path.clone(), Has::Range(from, to)),
        }
    }

    fn has_none(&self) -> Cond<CustomObject> {
        match self {
            Self::Column(column) => Cond::is_null(*column),
            Self::Prop(path) => Cond::prop(path.clone(), Has::None),
        }
    }

    fn has_any(&self) -> Cond<CustomObject> {
        match self {
            Self::Column(column) => !Cond::is_null(*column),
            Self::Prop(path) => Cond::prop(path.clone(), Has::Any),
        }
    }
}
