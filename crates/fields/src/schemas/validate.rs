//! Checking that a fragment makes sense, before any object has it.

use std::collections::HashSet;

use serde_json::Value;
use worksmith_kernel::Result;
use worksmith_wire::custom::customization_error;
use worksmith_wire::schemas::{
    AllowedValues, CompositeSchema, Condition, Field, FieldType, StockFieldOverride, UenumValue,
};
use worksmith_wire::{ApiError, OrgName};

use super::conditions::Expr;
use super::fragment::Fragment;
use super::stock;
use super::value::{self, Rules};

/// The error for a member of a field.
fn invalid(path: &str, reason: impl Into<String>) -> ApiError {
    let reason = reason.into();
    ApiError::not_permitted(path, format!("{path}: {reason}")).with("reason", reason)
}

/// Whether a name can be that of a field or an app: letters, digits and single underscores.
pub(super) fn is_name(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_word)
        && !name.contains("__")
        && !name.ends_with('_')
}

/// Refuses a fragment that makes no sense.
pub(super) fn check(fragment: &Fragment, org: &OrgName) -> Result<()> {
    let mut names = HashSet::new();
    for composite in &fragment.composite_schemas {
        let name = &*composite.name;
        if !is_name(name) || !names.insert(name) {
            let reason = "is no name of letters, digits and underscores that is there once";
            return Err(invalid("composite_schemas.name", format!("{name:?} {reason}")).into());
        }
        let path = format!("composite_schemas.{name}.fields");
        check_fields(&composite.fields, &path, &fragment.composite_schemas, org)?;
    }
    check_fields(&fragment.fields, "fields", &fragment.composite_schemas, org)?;
    fragment.conditions.iter().try_for_each(|condition| check_condition(condition, fragment))?;
    check_overrides(fragment)
}

fn check_fields(
    fields: &[Field],
    path: &str,
    composites: &[CompositeSchema],
    org: &OrgName,
) -> Result<()> {
    let mut names = HashSet::new();
    for field in fields {
        let name = &*field.name;
        if !is_name(name) {
            let reason = format!("{name:?} is no name of letters, digits and single underscores");
            return Err(invalid(&format!("{path}.name"), reason).into());
        }
        if !names.insert(name) {
            return Err(invalid(&format!("{path}.name"), format!("{name:?} is there twice")).into());
        }
        check_field(field, &format!("{path}.{name}"), composites, org)?;
    }
    Ok(())
}

fn check_field(
    field: &Field,
    path: &str,
    composites: &[CompositeSchema],
    org: &OrgName,
) -> Result<()> {
    check_type(field, path)?;
    check_members(field, path)?;
    check_choices(field, path)?;
    check_bounds(field, path)?;
    if let Some(pattern) = &field.pattern {
        value::pattern(pattern).map_err(|why| invalid(&format!("{path}.pattern"), why))?;
    }
    for id_type in field.id_type.iter().flatten() {
        if !value::is_id_type(id_type) {
            let path = format!("{path}.id_type");
            let reason = format!("{path}: {:?} is no leaf type", &**id_type);
            return Err(customization_error(&path, "bad_id_type", reason).into());
        }
    }
    let by_name: Vec<_> = composites.iter().map(|c| (c.name.0.clone(), c.clone())).collect();
    let rules = Rules { org, composites: &by_name, old: None };
    match (field.element_type() == FieldType::Composite, field.composite_type.as_deref()) {
        (true, None) => return Err(ApiError::missing(&format!("{path}.composite_type")).into()),
        (true, Some(of)) if rules.composite(of).is_none() => {
            let reason = format!("composite_schemas has no {of:?}");
            return Err(invalid(&format!("{path}.composite_type"), reason).into());
        }
        _ => {}
    }
    if let Some(default) = &field.default_value {
        value::read(field, &format!("{path}.default_value"), default, rules)?;
    }
    Ok(())
}

fn check_type(field: &Field, path: &str) -> Result<()> {
    let is_list = field.field_type == FieldType::Array;
    match (is_list, field.base_type) {
        (true, None) => return Err(ApiError::missing(&format!("{path}.base_type")).into()),
        (false, Some(_)) => {
            let path = format!("{path}.base_type");
            return Err(ApiError::invalid_field(&path, format!("{path} is for lists")).into());
        }
        _ => {}
    }
    if field.element_type() == FieldType::Unknown {
        let path = format!("{path}.field_type");
        let reason = format!("{path}: there are no fields of this type");
        return Err(customization_error(&path, "unsupported_type", reason).into());
    }
    Ok(())
}

/// Refuses members that the type of the field does not have.
fn check_members(field: &Field, path: &str) -> Result<()> {
    use FieldType::{Composite, Enum, Id, Int, RichText, Text, Tokens, Uenum};
    const TEXTS: &[FieldType] = &[Tokens, Text, RichText];
    let Field { gt, gte, lt, lte, eq_len, min_len, max_len, .. } = field;
    let members: [(&str, bool, &[FieldType]); 16] = [
        ("gt", gt.is_some(), &[Int]),
        ("gte", gte.is_some(), &[Int]),
        ("lt", lt.is_some(), &[Int]),
        ("lte", lte.is_some(), &[Int]),
        ("eq_len", eq_len.is_some(), TEXTS),
        ("min_len", min_len.is_some(), TEXTS),
        ("max_len", max_len.is_some(), TEXTS),
        ("pattern", field.pattern.is_some(), TEXTS),
        ("prefix", field.prefix.is_some(), TEXTS),
        ("suffix", field.suffix.is_some(), TEXTS),
        ("contains", field.contains.is_some(), TEXTS),
        ("allowed_values", field.allowed_values.is_some(), &[Enum, Uenum]),
        ("is_overridable", field.is_overridable.is_some(), &[Enum]),
        ("translated_values", field.translated_values.is_some(), &[Enum]),
        ("id_type", field.id_type.is_some(), &[Id]),
        ("composite_type", field.composite_type.is_some(), &[Composite]),
    ];
    let of = field.element_type();
    let stray = members.iter().find(|(_, there, types)| *there && !types.contains(&of));
    if let Some((member, ..)) = stray {
        let path = format!("{path}.{member}");
        let message = format!("{path} is no member of fields of type {}", of.as_str());
        return Err(ApiError::invalid_field(&path, message).into());
    }
    let items = [
        ("eq_items", field.eq_items),
        ("min_items", field.min_items),
        ("max_items", field.max_items),
    ];
    let is_list = field.field_type == FieldType::Array;
    if let Some((member, _)) = items.iter().find(|(_, bound)| bound.is_some() && !is_list) {
        let path = format!("{path}.{member}");
        return Err(ApiError::invalid_field(&path, format!("{path} is for lists")).into());
    }
    check_filtering(field, path)
}

fn check_filtering(field: &Field, path: &str) -> Result<()> {
    use FieldType::{Composite, JsonValue, RichText, Struct};
    let is_filterable = field.is_filterable == Some(true);
    let of = field.element_type();
    if is_filterable && matches!(of, Composite | JsonValue | RichText | Struct) {
        let reason = format!("lists can't be filtered by fields of type {}", of.as_str());
        return Err(invalid(&format!("{path}.is_filterable"), reason).into());
    }
    let ui = field.ui.as_ref();
    let needs = [
        ("is_sortable", ui.and_then(|ui| ui.is_sortable)),
        ("is_groupable", ui.and_then(|ui| ui.is_groupable)),
    ];
    match needs.iter().find(|(_, wanted)| *wanted == Some(true) && !is_filterable) {
        Some((member, _)) => {
            Err(invalid(&format!("{path}.ui.{member}"), "the field must be filterable").into())
        }
        None => Ok(()),
    }
}

fn check_choices(field: &Field, path: &str) -> Result<()> {
    let path = format!("{path}.allowed_values");
    match (field.element_type(), &field.allowed_values) {
        (FieldType::Enum | FieldType::Uenum, None) => Err(ApiError::missing(&path).into()),
        (FieldType::Enum, Some(AllowedValues::Texts(texts))) => {
            let mut seen = HashSet::new();
            if texts.is_empty() {
                return Err(invalid(&path, "a choice needs values").into());
            }
            if let Some(twice) = texts.iter().find(|text| !seen.insert(&***text)) {
                return Err(invalid(&path, format!("{:?} is there twice", &**twice)).into());
            }
            let longest = value::longest(field);
            match texts.iter().find(|text| text.chars().count() > longest) {
                Some(_) => {
                    let reason = format!("values of a filterable field have {longest} characters");
                    Err(invalid(&path, reason).into())
                }
                None => Ok(()),
            }
        }
        (FieldType::Uenum, Some(AllowedValues::Values(values))) => check_uenum(values, &path),
        (FieldType::Enum | FieldType::Uenum, Some(list)) => {
            let is_empty = match list {
                AllowedValues::Texts(texts) => texts.is_empty(),
                AllowedValues::Values(values) => values.is_empty(),
            };
            let reason = if is_empty {
                "a choice needs values"
            } else {
                "an enum has texts to choose from, a uenum objects {id, label, ordinal}"
            };
            Err(invalid(&path, reason).into())
        }
        _ => Ok(()),
    }
}

fn check_uenum(values: &[UenumValue], path: &str) -> Result<()> {
    let mut seen = HashSet::new();
    if values.is_empty() {
        return Err(invalid(path, "a choice needs values").into());
    }
    match values.iter().find(|value| !seen.insert(value.id)) {
        Some(twice) => {
            Err(invalid(&format!("{path}.id"), format!("{} is there twice", twice.id)).into())
        }
        None => Ok(()),
    }
}

/// Refuses bounds that no value can satisfy.
fn check_bounds(field: &Field, path: &str) -> Result<()> {
    let Field { gt, gte, lt, lte, eq_len, min_len, max_len, .. } = field;
    let low = gt.map_or(i128::MIN, |gt| i128::from(gt) + 1);
    let low = low.max(gte.map_or(i128::MIN, i128::from));
    let high = lt.map_or(i128::MAX, |lt| i128::from(lt) - 1);
    if low > high.min(lte.map_or(i128::MAX, i128::from)) {
        let member = if lte.is_some() { "lte" } else { "lt" };
        return Err(invalid(&format!("{path}.{member}"), "no number is between the bounds").into());
    }
    let Field { eq_items, min_items, max_items, .. } = field;
    let counts = [
        (["eq_len", "min_len", "max_len"], [*eq_len, *min_len, *max_len]),
        (["eq_items", "min_items", "max_items"], [*eq_items, *min_items, *max_items]),
    ];
    for (names, [exactly, least, most]) in counts {
        for (member, bound) in names.iter().zip([exactly, least, most]) {
            if bound.is_some_and(|bound| bound < 0) {
                return Err(invalid(&format!("{path}.{member}"), "is negative").into());
            }
        }
        let (least, most) = (least.unwrap_or(0), most.unwrap_or(i64::MAX));
        if least > most {
            let reason = "is less than the least";
            return Err(invalid(&format!("{path}.{}", names[2]), reason).into());
        }
        if exactly.is_some_and(|exactly| !(least..=most).contains(&exactly)) {
            let reason = "is not between the other bounds";
            return Err(invalid(&format!("{path}.{}", names[0]), reason).into());
        }
    }
    Ok(())
}

fn check_condition(condition: &Condition, fragment: &Fragment) -> Result<()> {
    const EXPRESSION: &str = "conditions.expression";
    const FIELDS: &str = "conditions.effects.fields";
    let text = &*condition.expression;
    let refuse = |path: &str, reason: String| {
        let reason = format!("{path} {text:?}: {reason}");
        customization_error(path, "expression_parse_error", reason)
    };
    let expr = Expr::parse(text).map_err(|reason| refuse(EXPRESSION, reason))?;
    let mut unknown = None;
    expr.fields(&mut |name| {
        if !is_known(name, fragment) {
            unknown = Some(name.to_owned());
        }
    });
    if let Some(name) = unknown {
        return Err(refuse(EXPRESSION, format!("there is no field {name:?}")).into());
    }
    if condition.effects.is_empty() {
        return Err(ApiError::missing("conditions.effects").into());
    }
    for effect in &condition.effects {
        if let Some(name) = effect.fields.iter().find(|name| !is_known(name, fragment)) {
            return Err(refuse(FIELDS, format!("there is no field {:?}", &**name)).into());
        }
    }
    Ok(())
}

/// Whether a condition may refer to a field: one of the fragment, one of another fragment by its
/// full name, or a stock field.
fn is_known(name: &str, fragment: &Fragment) -> bool {
    let (is_custom, own) = match name.strip_prefix("custom_fields.") {
        Some(own) => (true, own),
        None => (name.contains("__"), name),
    };
    if !is_custom {
        return stock::fields(&fragment.leaf_type).iter().any(|field| *field.name == *own);
    }
    let prefix = fragment.prefix();
    let bare = own.strip_prefix(prefix.as_str()).unwrap_or(own);
    bare.contains("__") || fragment.fields.iter().any(|field| *field.name == *bare)
}

fn check_overrides(fragment: &Fragment) -> Result<()> {
    const PATH: &str = "stock_field_overrides";
    let stock_fields = stock::fields(&fragment.leaf_type);
    let mut names = HashSet::new();
    for over in &fragment.stock_field_overrides {
        let StockFieldOverride { name, is_required, ui: _, uenum_values } = over;
        let name = &**name;
        let Some(field) = stock_fields.iter().find(|field| *field.name == *name) else {
            let reason = format!("{} has no stock field {name:?}", fragment.leaf_type);
            return Err(invalid(&format!("{PATH}.name"), reason).into());
        };
        if !names.insert(name) {
            return Err(invalid(&format!("{PATH}.name"), format!("{name:?} is there twice")).into());
        }
        if *is_required == Some(false) && field.is_required == Some(true) {
            let reason = format!("{name} is required and can't become optional");
            return Err(invalid(&format!("{PATH}.is_required"), reason).into());
        }
        if let Some(values) = uenum_values {
            let path = format!("{PATH}.uenum_values");
            if !stock::is_overridable(name) {
                let reason = format!("the values of {name} are the same in every org");
                return Err(invalid(&path, reason).into());
            }
            check_uenum(values, &path)?;
            let places = stock::values(name);
            let moved = values.iter().find(|value| {
                places.iter().any(|at| at.id == value.id && at.ordinal != value.ordinal)
            });
            if let Some(moved) = moved {
                let reason = format!("the value {} has its place in every org", moved.id);
                return Err(invalid(&format!("{path}.ordinal"), reason).into());
            }
            if let Some(value) = values.iter().find(|value| value.id < 1) {
                let reason = format!("{} is less than 1", value.id);
                return Err(invalid(&format!("{path}.id"), reason).into());
            }
        }
    }
    Ok(())
}

/// An override of a subtype can't undo one of the leaf type: required fields stay required, and
/// hidden ones stay hidden.
pub(super) fn check_stronger(
    own: &[StockFieldOverride],
    above: &[StockFieldOverride],
) -> Result<()> {
    let hidden = |over: &StockFieldOverride| over.ui.as_ref().and_then(|ui| ui.is_hidden);
    for over in own {
        let Some(base) = above.iter().find(|base| base.name == over.name) else { continue };
        let name = &*over.name;
        if base.is_required == Some(true) && over.is_required == Some(false) {
            let reason = format!("{name} is required by the tenant fragment");
            return Err(invalid("stock_field_overrides.is_required", reason).into());
        }
        if hidden(base) == Some(true) && hidden(over) == Some(false) {
            let reason = format!("{name} is hidden by the tenant fragment");
            return Err(invalid("stock_field_overrides.ui.is_hidden", reason).into());
        }
    }
    Ok(())
}

/// Refuses a new version of a field that could not show the values that objects have: another type,
/// or missing numbered values.
pub(super) fn check_successor(old: &Field, new: &Field) -> Result<()> {
    let path = format!("fields.{}", &*new.name);
    if (old.field_type, old.base_type) != (new.field_type, new.base_type) {
        let of = |field: &Field| match field.field_type {
            FieldType::Array => format!("array of {}", field.element_type().as_str()),
            other => other.as_str().to_owned(),
        };
        let reason = format!("the field is of type {}, and can't become {}", of(old), of(new));
        return Err(invalid(&format!("{path}.field_type"), reason).into());
    }
    check_values_stay(old.uenum_values(), new.uenum_values(), &format!("{path}.allowed_values"))
}

/// The ids of numbered values can't be removed: an obsolete value is deprecated instead.
pub(super) fn check_values_stay(old: &[UenumValue], new: &[UenumValue], path: &str) -> Result<()> {
    match old.iter().find(|old| !new.iter().any(|new| new.id == old.id)) {
        Some(gone) => {
            let reason = format!("the value {} is gone; is_deprecated puts it out of use", gone.id);
            Err(invalid(path, reason).into())
        }
        None => Ok(()),
    }
}

/// Objects are sorted by the ordinals of the values that an override has added, so these can't
/// change.
pub(super) fn check_order_stays(old: &[UenumValue], new: &[UenumValue]) -> Result<()> {
    let moved =
        |old: &UenumValue| new.iter().any(|new| new.id == old.id && new.ordinal != old.ordinal);
    match old.iter().find(|old| moved(old)) {
        Some(old) => {
            let reason = format!("the value {} keeps its place, {}", old.id, old.ordinal);
            Err(invalid("stock_field_overrides.uenum_values.ordinal", reason).into())
        }
        None => Ok(()),
    }
}

/// Whether the stored value of one field is valid for another, so that a change of subtype keeps
/// it.
pub(super) fn is_compatible(old: &Field, new: &Field, value: Option<&Value>) -> bool {
    let is_choice = matches!(old.element_type(), FieldType::Enum | FieldType::Uenum);
    let alone = |value| std::slice::from_ref(value);
    let items = value.map(|value: &Value| value.as_array().map_or(alone(value), Vec::as_slice));
    let can_be = |item: &Value| match &new.allowed_values {
        Some(AllowedValues::Texts(texts)) => {
            item.as_str().is_some_and(|item| texts.iter().any(|text| **text == *item))
        }
        Some(AllowedValues::Values(values)) => {
            values.iter().any(|value| item.as_i64() == Some(value.id))
        }
        None => false,
    };
    (old.field_type, old.base_type) == (new.field_type, new.base_type)
        && old.element_type() != FieldType::Composite
        && (!is_choice || items.unwrap_or_default().iter().all(can_be))
}
