//! `works.count`: how many works match, together and in groups (BEHAVIOUR 5.8).

use std::cmp::Ordering;
use std::collections::HashMap;

use worksmith_engine::Tx;
use worksmith_fields::schemas::filterable::Shape;
use worksmith_fields::schemas::{self, Schema};
use worksmith_fields::stages::{CustomStage, CustomState};
use worksmith_kernel::{Column, Expander, Group, Result, Value};
use worksmith_wire::common::UserId;
use worksmith_wire::works::{
    CountGroup, CountRequest, CountResponse, GroupBy, Priority, Severity, WorkType,
};
use worksmith_wire::{ApiError, CalendarUnit, Id, Kind, Timestamp};

use super::doc::Work;
use super::{columns, fields, filter, object};

/// The member of the request.
const GROUP_BY: &str = "group_by";
/// How many groups an answer has at most.
const GROUPS_MAX: usize = 10_000;
/// The milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What works are grouped by.
#[derive(Clone, Debug, PartialEq)]
enum Facet {
    Type,
    Stage,
    State,
    Owner,
    Part,
    Priority,
    Severity,
    Account,
    Sprint,
    Tag,
    Created(CalendarUnit),
    Closed(CalendarUnit),
    Custom(String, Shape),
}

pub(super) async fn count(tx: &mut Tx, request: CountRequest) -> Result<CountResponse> {
    let CountRequest { group_by, filter } = request;
    let facets = facets(tx, group_by.0, &filter.r#type).await?;
    let query = filter::query(tx, filter).await?;
    let query = tx.visible::<Work>(query);
    if facets.is_empty() {
        let count = tx.count::<Work>(&query).await?;
        return Ok(CountResponse { count, has_more: false, groups: None });
    }
    let by: Vec<_> = facets.iter().map(Facet::group).collect();
    let counted = tx.count_by::<Work>(&query, &by).await?;
    let count: u64 = if facets.iter().all(Facet::is_single) {
        counted.iter().map(|(_, count)| count).sum()
    } else {
        tx.count::<Work>(&query).await?
    };
    let sums = sums(tx, &facets, counted).await?;
    if sums.len() > GROUPS_MAX {
        let reason = format!("at most {GROUPS_MAX} groups");
        let message = format!("{GROUP_BY} makes {} groups of these works, {reason}", sums.len());
        return Err(ApiError::not_permitted(GROUP_BY, message).with("reason", reason).into());
    }
    let groups = Some(shown(tx, &facets, sums).await?);
    Ok(CountResponse { count, has_more: false, groups })
}

/// What the request names, each field once.
async fn facets(tx: &mut Tx, names: Vec<GroupBy>, types: &[WorkType]) -> Result<Vec<Facet>> {
    let mut facets: Vec<(String, Facet)> = Vec::with_capacity(names.len());
    for GroupBy { field, unit } in names {
        if facets.iter().any(|(other, _)| *other == field) {
            let message = format!("{GROUP_BY} names {field} twice");
            return Err(ApiError::invalid_field(GROUP_BY, message).into());
        }
        let facet = if let Some(facet) = Facet::stock(&field, unit) {
            facet.map_err(|reason| refused(&field, reason))?
        } else {
            let custom = fields::of_types(tx, types).await?.groupable(&field);
            let (name, shape) = custom.map_err(|reason| refused(&field, &reason))?;
            if unit.is_some() {
                return Err(refused(&field, "has no days, weeks or months").into());
            }
            Facet::Custom(name, shape)
        };
        facets.push((field, facet));
    }
    Ok(facets.into_iter().map(|(_, facet)| facet).collect())
}

fn refused(field: &str, reason: &str) -> ApiError {
    ApiError::invalid_field(GROUP_BY, format!("{GROUP_BY}: {field}: {reason}"))
}

impl Facet {
    /// A field that all works of a type have; `None` if this is not one of them, otherwise perhaps
    /// the reason why it is not to be grouped by like this.
    fn stock(field: &str, unit: Option<CalendarUnit>) -> Option<Result<Self, &'static str>> {
        let dated = |of: fn(CalendarUnit) -> Self| {
            unit.map(of).ok_or("is a date: add :day, :week or :month")
        };
        let facet = match field {
            "created_date" => return Some(dated(Self::Created)),
            "actual_close_date" => return Some(dated(Self::Closed)),
            "type" => Self::Type,
            "stage" => Self::Stage,
            "state" => Self::State,
            "owned_by" => Self::Owner,
            "applies_to_part" => Self::Part,
            "priority" => Self::Priority,
            "severity" => Self::Severity,
            "account" => Self::Account,
            "sprint" => Self::Sprint,
            "tags" => Self::Tag,
            _ => return None,
        };
        Some(unit.map_or(Ok(facet), |_| Err("has no days, weeks or months")))
    }

    /// Whether a work has one value at most, so that it is in one group.
    const fn is_single(&self) -> bool {
        !matches!(self, Self::Owner | Self::Tag | Self::Custom(..))
    }

    /// What the store groups by.
    fn group(&self) -> Group<Work> {
        match self {
            Self::Type => Group::column(Column::KIND),
            Self::Stage | Self::State => Group::column(columns::STAGE),
            Self::Owner => Group::refs(columns::OWNED_BY, UserId::KINDS),
            Self::Part => Group::column(columns::PART),
            Self::Priority => Group::column(columns::PRIORITY),
            Self::Severity => Group::column(columns::SEVERITY),
            Self::Account => Group::column(columns::ACCOUNT),
            Self::Sprint => Group::column(columns::SPRINT),
            Self::Tag => Group::refs(columns::TAGS, &[Kind::Tag]),
            Self::Created(_) => Group::day(Column::CREATED_AT),
            Self::Closed(_) => Group::day(columns::ACTUAL_CLOSE),
            Self::Custom(name, _) => Group::prop(name.clone()),
        }
    }

    /// The value of a group of the answer, of which a group of the store is a part.
    fn whole(&self, value: Value, states: &HashMap<Id, Id>) -> Value {
        match (self, value) {
            (Self::State, value) => id_of(&value).and_then(|stage| states.get(&stage)).into(),
            (Self::Created(unit) | Self::Closed(unit), Value::Integer(day)) => {
                unit.beginning(Timestamp(day.saturating_mul(DAY_MS))).into()
            }
            (Self::Custom(..), Value::Text(key)) => Value::of_sort_key(&key).into(),
            (_, value) => value,
        }
    }
}

fn id_of(value: &Value) -> Option<Id> {
    match value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The groups of the answer, in the order of their values, and how many works each has.
async fn sums(
    tx: &mut Tx,
    facets: &[Facet],
    counted: Vec<(Vec<Value>, u64)>,
) -> Result<Vec<(Vec<Value>, u64)>> {
    let mut states = HashMap::new();
    if let Some(at) = facets.iter().position(|facet| *facet == Facet::State) {
        let stages: Vec<Id> = counted.iter().filter_map(|(values, _)| id_of(&values[at])).collect();
        let x = tx.expand(stages.clone()).await?;
        let state = |stage: &Id| x.doc::<CustomStage>(stage).map(|stage| stage.doc.state.clone());
        states =
            stages.into_iter().filter_map(|stage| Some((stage.clone(), state(&stage)?))).collect();
    }
    let whole = |values: Vec<Value>| -> Vec<Value> {
        facets.iter().zip(values).map(|(facet, value)| facet.whole(value, &states)).collect()
    };
    let mut sums: Vec<_> =
        counted.into_iter().map(|(values, count)| (whole(values), count)).collect();
    sums.sort_by(|(a, _), (b, _)| compared(a, b));
    sums.dedup_by(|(values, count), (kept, sum)| {
        let is_same = values == kept;
        *sum += if is_same { *count } else { 0 };
        is_same
    });
    Ok(sums)
}

/// The order of groups: by value, with ids by kind and number, and without a value last.
fn compared(a: &[Value], b: &[Value]) -> Ordering {
    let one = |(a, b): (&Value, &Value)| match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => {
            let place = |text: &str| text.parse::<Id>().ok().map(|id| (id.kind(), id.seq()));
            place(a).cmp(&place(b)).then_with(|| a.cmp(b))
        }
        (a, b) => a.sort_key().cmp(&b.sort_key()),
    };
    a.iter().zip(b).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The groups as the answer shows them.
async fn shown(
    tx: &mut Tx,
    facets: &[Facet],
    sums: Vec<(Vec<Value>, u64)>,
) -> Result<Vec<CountGroup>> {
    let of_ids = |(facet, value): (&Facet, &Value)| match facet {
        Facet::Custom(..) => None,
        _ => id_of(value),
    };
    let ids = sums.iter().flat_map(|(values, _)| facets.iter().zip(values).filter_map(of_ids));
    let x = tx.expand(ids.collect()).await?;
    let mut schema = Schema::default();
    if facets.contains(&Facet::Priority) {
        let leaf = schemas::leaf::of_kind(tx, Kind::Issue).await?;
        schema = schemas::whole(tx, &leaf).await?;
    }
    let group = |(values, count): (Vec<Value>, u64)| {
        let mut group = CountGroup { count, ..CountGroup::default() };
        for (facet, value) in facets.iter().zip(&values) {
            show(&mut group, facet, value, (&schema, &x));
        }
        group
    };
    Ok(sums.into_iter().map(group).collect())
}

fn show(group: &mut CountGroup, facet: &Facet, value: &Value, (schema, x): (&Schema, &Expander)) {
    let id = id_of(value);
    let id = id.as_ref();
    match (facet, value) {
        (_, Value::Null) => {}
        (Facet::Type, Value::Text(noun)) => group.kind = Some(noun.clone()),
        (Facet::Stage, _) => group.stage = x.embed_opt(id),
        (Facet::State, _) => {
            let state = id.and_then(|id| x.doc::<CustomState>(id));
            group.state = state.map(|state| state.doc.name.clone());
            group.state_display_name = state.map(|state| state.doc.display_name());
        }
        (Facet::Owner, _) => group.owned_by = x.embed_opt(id),
        (Facet::Part, _) => group.applies_to_part = x.embed_opt(id),
        (Facet::Account, _) => group.account = x.embed_opt(id),
        (Facet::Sprint, _) => group.sprint = x.embed_opt(id),
        (Facet::Tag, _) => group.tags = x.embed_opt(id),
        (Facet::Priority, Value::Integer(id)) => {
            group.priority = nth(Priority::ALL, *id);
            group.priority_v2 = Some(object::enum_value(schema, "priority_v2", *id));
        }
        (Facet::Severity, Value::Integer(place)) => group.severity = nth(Severity::ALL, *place),
        (Facet::Created(_), Value::Integer(at)) => {
            group.created_date = Some(Timestamp(*at).into());
        }
        (Facet::Closed(_), Value::Integer(at)) => {
            group.actual_close_date = Some(Timestamp(*at).into());
        }
        (Facet::Custom(name, shape), value) => {
            group.custom_fields.insert(name.clone(), shape.shown(value, x.org()));
        }
        _ => {}
    }
}

/// The value at a position of its enum, counted from 1.
fn nth<T: Copy>(all: &[T], place: i64) -> Option<T> {
    usize::try_from(place - 1).ok().and_then(|place| all.get(place).copied())
}
