//! The custom fields of works, their stock fields as schemas see them, and the enums that orgs can
//! extend.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use worksmith_engine::Tx;
use worksmith_fields::schemas::{self, Custom, Customizable, Customizing, Schema, Staged, stock};
use worksmith_kernel::Result;
use worksmith_wire::custom::Customization;
use worksmith_wire::{ApiError, Id};

use super::columns::ordinal;
use super::doc::{Variant, Work};

/// A value of an enum that orgs can extend. The values that every org has are stored by name, as
/// they were before extensions existed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Extended<T> {
    /// A value that every org has. Its id and its ordinal are its position, counted from 1.
    Stock(T),
    /// A value of the org's own.
    Own {
        /// The number that stands for it.
        id: i64,
        /// Its ordinal, kept for sorting.
        ordinal: i64,
    },
}

impl<T: Copy + PartialEq> Extended<T> {
    /// The value with an id, whose ordinal is not known yet.
    pub(super) fn of_id(all: &[T], id: i64) -> Self {
        let stock = usize::try_from(id - 1).ok().and_then(|place| all.get(place).copied());
        stock.map_or(Self::Own { id, ordinal: id }, Self::Stock)
    }

    pub(super) fn id(&self, all: &[T]) -> i64 {
        match self {
            Self::Stock(value) => ordinal(all, value),
            Self::Own { id, .. } => *id,
        }
    }

    /// Its position in the order.
    pub(super) fn ordinal(&self, all: &[T]) -> i64 {
        match self {
            Self::Stock(value) => ordinal(all, value),
            Self::Own { ordinal, .. } => *ordinal,
        }
    }

    /// The value, if every org has it.
    pub(super) const fn stock(&self) -> Option<T> {
        match self {
            Self::Stock(value) => Some(*value),
            Self::Own { .. } => None,
        }
    }
}

/// Begins a write of the custom fields of a work.
pub(super) async fn begin(tx: &mut Tx, work: &Work, request: Customization) -> Result<Customizing> {
    let leaf = schemas::leaf::of_kind(tx, work.kind()).await?;
    schemas::begin(tx, leaf, work.custom.clone(), request).await
}

/// Completes the write, once the rest of the work is final.
pub(super) async fn finish(
    tx: &mut Tx,
    customizing: Customizing,
    before: Option<&Work>,
    work: &mut Work,
) -> Result<()> {
    settle(work, before, customizing.schema())?;
    let (mut old, mut new) = (Map::new(), Map::new());
    if customizing.looks_at_stock_fields() {
        old = before.map(stock_view).transpose()?.unwrap_or_default();
        new = stock_view(work)?;
    }
    work.custom = customizing.finish(tx, &old, &new).await?;
    Ok(())
}

/// Refuses numbered values that the schema of the work does not have, and records the ordinals of
/// those that are the org's own.
fn settle(work: &mut Work, before: Option<&Work>, schema: &Schema) -> Result<()> {
    let had = |field: &str| before.and_then(|before| numbered(before, field));
    for field in ["priority_v2", "sentiment", "forecast_category_v2"] {
        let Some(id) = numbered(work, field) else { continue };
        let values = schema.stock_values(field, &stock::values(field));
        let found = values.iter().find(|value| value.id == id);
        let is_free = |value: &&worksmith_wire::schemas::UenumValue| {
            value.is_deprecated != Some(true) || had(field) == Some(id)
        };
        let Some(value) = found.filter(is_free) else {
            let ids: Vec<String> = values.iter().map(|value| value.id.to_string()).collect();
            let message = format!("{field}: {id} is not one of {}", ids.join(", "));
            return Err(ApiError::not_permitted(field, message).with("allowed_values", ids).into());
        };
        match &mut work.variant {
            Variant::Issue(issue) => place(&mut issue.priority, value.ordinal),
            Variant::Opportunity(deal) => {
                deal.forecast_category.iter_mut().for_each(|of| place(of, value.ordinal));
            }
            Variant::Ticket(_) | Variant::Task(_) => {}
        }
    }
    Ok(())
}

fn place<T>(value: &mut Extended<T>, at: i64) {
    if let Extended::Own { ordinal, .. } = value {
        *ordinal = at;
    }
}

/// The id of the value of an enum that orgs can extend.
fn numbered(work: &Work, field: &str) -> Option<i64> {
    use worksmith_wire::works::{ForecastCategory, Priority};
    match (&work.variant, field) {
        (Variant::Issue(issue), "priority_v2") => Some(issue.priority.id(Priority::ALL)),
        (Variant::Ticket(ticket), "sentiment") => ticket.sentiment,
        (Variant::Opportunity(deal), "forecast_category_v2") => {
            deal.forecast_category.map(|forecast| forecast.id(ForecastCategory::ALL))
        }
        _ => None,
    }
}

/// The stock fields of a work by name, with those of its type at the same level as the others.
fn stock_view(work: &Work) -> Result<Map<String, Value>> {
    let mut view = schemas::stock_view(work)?;
    if let Some(Value::Object(variant)) = view.remove("variant") {
        for (_, own) in variant {
            let own = own.as_object().cloned().unwrap_or_default();
            view.extend(own.into_iter().filter(|(_, value)| !value.is_null()));
        }
    }
    for field in ["priority_v2", "forecast_category_v2"] {
        if let Some(id) = numbered(work, field) {
            view.insert(field.to_owned(), id.into());
        }
    }
    Ok(view)
}

impl Customizable for Work {
    fn custom(&self) -> &Custom {
        &self.custom
    }

    fn custom_mut(&mut self) -> &mut Custom {
        &mut self.custom
    }
}

impl Staged for Work {
    fn stage(&self) -> &Id {
        &self.stage
    }
}

#[cfg(test)]
mod tests {
    use worksmith_wire::works::Priority;

    use super::*;

    #[test]
    fn a_value_that_every_org_has_is_stored_by_name_as_ever() {
        let json = |priority: Extended<Priority>| serde_json::to_string(&priority).expect("JSON");
        let stock = Extended::Stock(Priority::P1);
        assert_eq!(json(stock), "\"p1\"");
        let own = Extended::<Priority>::Own { id: 5, ordinal: 9 };
        assert_eq!(json(own), r#"{"id":5,"ordinal":9}"#);
        for priority in [stock, own] {
            assert_eq!(
                serde_json::from_str::<Extended<Priority>>(&json(priority)).ok(),
                Some(priority)
            );
        }
        assert_eq!(Extended::of_id(Priority::ALL, 2), stock);
        assert_eq!(own.id(Priority::ALL), 5);
    }
}
