//! One value of one custom field: from a request to its stored form, and from there to the form in
//! answers.

use regex::RegexBuilder;
use serde_json::{Map, Value, json};
use worksmith_wire::custom::customization_error;
use worksmith_wire::schemas::{AllowedValues, CompositeSchema, Field, FieldType};
use worksmith_wire::{ApiError, DateTime, Id, Kind, OrgName, Timestamp, json_type};

/// The longest text of a custom field, in characters.
const LONGEST: usize = 65_536;
/// The longest text that lists can be filtered by, in characters.
const LONGEST_FILTERED: usize = 256;
/// The most elements of a list.
const MOST_ITEMS: usize = 1_000;
/// The most memory that a compiled pattern may take, in bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// What the validity of a value depends on, besides its field.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    /// The org in which ids are read.
    pub(super) org: &'a OrgName,
    /// The composite schemas, by the name that fields use.
    pub(super) composites: &'a [(String, CompositeSchema)],
    /// The previous value of the object. A value that does not change is not checked again,
    /// whatever the schema says now.
    pub(super) old: Option<&'a Value>,
}

impl<'a> Rules<'a> {
    /// The composite schema of a field.
    pub(super) fn composite(&self, name: &str) -> Option<&'a CompositeSchema> {
        self.composites.iter().find(|(of, _)| of == name).map(|(_, schema)| schema)
    }
}

/// A pattern, compiled.
pub(super) fn pattern(text: &str) -> Result<regex::Regex, String> {
    let compiled = RegexBuilder::new(text).size_limit(PATTERN_SIZE).build();
    compiled.map_err(|cause| format!("{text:?} is no regular expression: {cause}"))
}

fn wrong(name: &str, subtype: &str, reason: impl Into<String>) -> ApiError {
    customization_error(name, subtype, format!("{name}: {}", reason.into()))
}

fn wrong_type(name: &str, value: &Value, expected: &str) -> ApiError {
    wrong(name, "wrong_type", format!("takes {expected}, not {}", json_type(value)))
}

/// Checks a value, and returns its stored form. It must not be null.
pub(super) fn read(
    field: &Field,
    name: &str,
    value: &Value,
    rules: Rules<'_>,
) -> Result<Value, ApiError> {
    if field.field_type != FieldType::Array {
        return element(field, name, value, rules);
    }
    // A single value counts as a list of one.
    let alone = std::slice::from_ref(value);
    let items = value.as_array().map_or(alone, Vec::as_slice);
    let had = rules.old.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let repeats = |item: &Value, old: &Value| repeats(field, item, old, rules);
    let is_kept = rules.old.is_some_and(Value::is_array)
        && items.len() == had.len()
        && items.iter().zip(had).all(|(item, old)| repeats(item, old));
    if !is_kept {
        check_count(field, name, items.len())?;
    }
    let items = items.iter().enumerate().map(|(place, item)| {
        // An element may have moved. One that has changed is compared to the previous one at its
        // place.
        let old = had.iter().find(|old| repeats(item, old)).or_else(|| had.get(place));
        element(field, name, item, Rules { old, ..rules })
    });
    items.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Whether a value equals the stored one, in its stored form, in that of answers, or in that of
/// requests.
fn repeats(field: &Field, value: &Value, stored: &Value, rules: Rules<'_>) -> bool {
    if value == stored {
        return true;
    }
    match (field.element_type(), value, stored) {
        // Clients that send back what they read send the complete value.
        (FieldType::Uenum, Value::Object(members), _) => members.get("id") == Some(stored),
        (FieldType::Timestamp, Value::String(text), Value::String(stored)) => {
            Timestamp::parse(text).is_some_and(|time| Timestamp::parse(stored) == Some(time))
        }
        (FieldType::Id, Value::String(text), Value::String(stored)) => {
            Id::parse(text, rules.org).is_ok_and(|id| id.to_string() == *stored)
        }
        (FieldType::Composite, Value::Object(_), Value::Object(_)) => {
            *value == show_element(field, stored, rules.composites, rules.org)
        }
        _ => false,
    }
}

fn check_count(field: &Field, name: &str, count: usize) -> Result<(), ApiError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let most = i64::try_from(MOST_ITEMS).unwrap_or(i64::MAX);
    let refuse = |must: String| {
        Err(wrong(name, "invalid_argument", format!("has {count} elements, {must}")))
    };
    match (field.eq_items, field.min_items, field.max_items.unwrap_or(most).min(most)) {
        (Some(exactly), ..) if count != exactly => refuse(format!("not {exactly}")),
        (_, Some(least), _) if count < least => refuse(format!("at least {least}")),
        (.., most) if count > most => refuse(format!("at most {most}")),
        _ => Ok(()),
    }
}

fn element(field: &Field, name: &str, value: &Value, rules: Rules<'_>) -> Result<Value, ApiError> {
    if let Some(old) = rules.old.filter(|old| repeats(field, value, old, rules)) {
        return Ok(old.clone());
    }
    match field.element_type() {
        FieldType::Int => int(field, name, value),
        FieldType::Double => match value.as_f64() {
            Some(_) => Ok(value.clone()),
            None => Err(wrong_type(name, value, "a number")),
        },
        FieldType::Bool if value.is_boolean() => Ok(value.clone()),
        FieldType::Bool => Err(wrong_type(name, value, "a bool")),
        FieldType::Tokens | FieldType::Text | FieldType::RichText => text(field, name, value),
        FieldType::Enum => choice(field, name, value),
        FieldType::Uenum => numbered(field, name, value),
        FieldType::Timestamp => {
            let text = plain(name, value)?;
            let time = Timestamp::parse(text).ok_or_else(|| {
                wrong(name, "timestamp_parse_error", format!("{text:?} is no RFC 3339 time"))
            })?;
            serde_json::to_value(DateTime::from(time))
                .map_err(|cause| wrong(name, "timestamp_parse_error", cause.to_string()))
        }
        FieldType::Date => {
            let text = plain(name, value)?;
            if is_date(text) {
                return Ok(value.clone());
            }
            let reason = format!("{text:?} is no day of the form YYYY-MM-DD");
            Err(wrong(name, "date_parse_error", reason))
        }
        FieldType::Id => reference(field, name, value, rules.org),
        FieldType::Composite => composite(field, name, value, rules),
        FieldType::Struct if value.is_object() => Ok(value.clone()),
        FieldType::Struct => Err(wrong_type(name, value, "an object")),
        FieldType::JsonValue => Ok(value.clone()),
        FieldType::Array | FieldType::Unknown => {
            Err(wrong(name, "unsupported_type", "no value of such a field is known"))
        }
    }
}

fn plain<'a>(name: &str, value: &'a Value) -> Result<&'a str, ApiError> {
    let text = value.as_str().ok_or_else(|| wrong_type(name, value, "a string"))?;
    if text.contains('\0') {
        return Err(wrong(name, "invalid_argument", "contains a NUL character"));
    }
    Ok(text)
}

fn int(field: &Field, name: &str, value: &Value) -> Result<Value, ApiError> {
    let Some(number) = value.as_i64() else {
        return Err(wrong_type(name, value, "an integer of 64 bits"));
    };
    let Field { gt, gte, lt, lte, .. } = field;
    let broken = [
        (gt.is_none_or(|bound| number > bound), "greater than", gt),
        (gte.is_none_or(|bound| number >= bound), "at least", gte),
        (lt.is_none_or(|bound| number < bound), "less than", lt),
        (lte.is_none_or(|bound| number <= bound), "at most", lte),
    ];
    match broken.into_iter().find(|(holds, ..)| !holds) {
        Some((_, must, Some(bound))) => {
            let reason = format!("is {number}, but must be {must} {bound}");
            Err(wrong(name, "invalid_argument", reason))
        }
        _ => Ok(number.into()),
    }
}

/// The most characters that a text of a field may have, whatever the field says itself.
pub(super) fn longest(field: &Field) -> usize {
    let is_filtered = field.is_filterable == Some(true)
        && matches!(field.element_type(), FieldType::Tokens | FieldType::Enum);
    if is_filtered { LONGEST_FILTERED } else { LONGEST }
}

fn text(field: &Field, name: &str, value: &Value) -> Result<Value, ApiError> {
    let text = plain(name, value)?;
    let refuse = |reason: String| Err(wrong(name, "invalid_argument", reason));
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let longest = i64::try_from(longest(field)).unwrap_or(i64::MAX);
    let most = field.max_len.unwrap_or(longest).min(longest);
    match (field.eq_len, field.min_len) {
        (Some(exactly), _) if length != exactly => {
            return refuse(format!("has {length} characters, not {exactly}"));
        }
        (_, Some(least)) if length < least => {
            return refuse(format!("has {length} characters, at least {least}"));
        }
        _ if length > most => return refuse(format!("has {length} characters, at most {most}")),
        _ => {}
    }
    let Field { prefix, suffix, contains, .. } = field;
    if let Some(prefix) = prefix.as_deref().filter(|prefix| !text.starts_with(*prefix)) {
        return refuse(format!("does not begin with {prefix:?}"));
    }
    if let Some(suffix) = suffix.as_deref().filter(|suffix| !text.ends_with(*suffix)) {
        return refuse(format!("does not end with {suffix:?}"));
    }
    if let Some(part) = contains.as_deref().filter(|part| !text.contains(*part)) {
        return refuse(format!("does not contain {part:?}"));
    }
    if let Some(form) = &field.pattern {
        let compiled = pattern(form).map_err(|reason| wrong(name, "invalid_argument", reason))?;
        if !compiled.is_match(text) {
            return refuse(format!("does not match {:?}", &**form));
        }
    }
    Ok(value.clone())
}

fn choice(field: &Field, name: &str, value: &Value) -> Result<Value, ApiError> {
    let text = plain(name, value)?;
    let Some(AllowedValues::Texts(allowed)) = &field.allowed_values else {
        return Err(wrong(name, "enum_out_of_range", "has no values to choose from"));
    };
    if allowed.iter().any(|allowed| **allowed == *text) {
        return Ok(value.clone());
    }
    let allowed: Vec<&str> = allowed.iter().map(|text| &**text).collect();
    let reason = format!("{text:?} is not one of {}", allowed.join(", "));
    Err(wrong(name, "enum_out_of_range", reason))
}

fn numbered(field: &Field, name: &str, value: &Value) -> Result<Value, ApiError> {
    let id = value.get("id").unwrap_or(value);
    let Some(id) = id.as_i64() else {
        return Err(wrong_type(name, value, "the integer id of a value"));
    };
    let found = field.uenum_values().iter().find(|value| value.id == id);
    match found {
        Some(value) if value.is_deprecated != Some(true) => Ok(id.into()),
        Some(value) => {
            let reason = format!("{:?} is deprecated and can't be chosen", &*value.label);
            Err(wrong(name, "enum_out_of_range", reason))
        }
        None => {
            let ids: Vec<_> = field.uenum_values().iter().map(|v| v.id.to_string()).collect();
            let reason = format!("{id} is not one of {}", ids.join(", "));
            Err(wrong(name, "enum_out_of_range", reason))
        }
    }
}

/// Whether a text is `YYYY-MM-DD`, and a day that exists.
fn is_date(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
}

fn reference(field: &Field, name: &str, value: &Value, org: &OrgName) -> Result<Value, ApiError> {
    let text = plain(name, value)?;
    let id = Id::parse(text, org)
        .map_err(|_| wrong(name, "id_parse_error", format!("{text:?} is not an id")))?;
    let allowed = field.id_type.as_deref().unwrap_or_default();
    if !allowed.is_empty() && !allowed.iter().any(|id_type| is_of_type(&id, id_type)) {
        let allowed: Vec<&str> = allowed.iter().map(|id_type| &**id_type).collect();
        let reason = format!("takes the id of {}", allowed.join(", "));
        return Err(wrong(name, "id_type_not_allowed", reason));
    }
    Ok(id.to_string().into())
}

/// Whether an id names an object of a leaf type.
pub(super) fn is_of_type(id: &Id, id_type: &str) -> bool {
    let kind = id.kind();
    match id_type {
        "user" => {
            matches!(kind, Kind::DevUser | Kind::RevUser | Kind::ServiceAccount | Kind::SysUser)
        }
        "work" => matches!(kind, Kind::Issue | Kind::Ticket | Kind::Task | Kind::Opportunity),
        "part" => matches!(
            kind,
            Kind::Product
                | Kind::Capability
                | Kind::Feature
                | Kind::Enhancement
                | Kind::Runnable
                | Kind::Linkable
        ),
        noun => match noun.strip_prefix("custom_object.") {
            Some(leaf) => id.leaf_type() == Some(leaf),
            None => noun == kind.noun() || noun == kind.facts().don,
        },
    }
}

/// Whether there are ids of a leaf type.
pub(super) fn is_id_type(id_type: &str) -> bool {
    let is_group = matches!(id_type, "user" | "work" | "part");
    let is_kind = |kind: &Kind| id_type == kind.noun() || id_type == kind.facts().don;
    let custom = id_type.strip_prefix("custom_object.");
    is_group || custom.is_some_and(super::is_leaf_name) || Kind::ALL.iter().any(is_kind)
}

fn composite(
    field: &Field,
    name: &str,
    value: &Value,
    rules: Rules<'_>,
) -> Result<Value, ApiError> {
    let Some(members) = value.as_object() else {
        return Err(wrong_type(name, value, "an object"));
    };
    let schema = field.composite_type.as_deref().and_then(|of| rules.composite(of));
    let Some(schema) = schema else {
        return Err(wrong(name, "unsupported_type", "its composite schema is not there"));
    };
    let mut read_members = Map::new();
    for (member, value) in members {
        let Some(inner) = schema.fields.iter().find(|inner| *inner.name == **member) else {
            return Err(wrong(name, "field_not_in_schema", format!("has no member {member:?}")));
        };
        if !value.is_null() {
            let old = rules.old.and_then(|old| old.get(member));
            let read = read(inner, name, value, Rules { old, ..rules })?;
            read_members.insert(member.clone(), read);
        }
    }
    let missing = schema
        .fields
        .iter()
        .find(|inner| inner.is_required == Some(true) && !read_members.contains_key(&*inner.name));
    match missing {
        Some(missing) => {
            let reason = format!("its member {:?} is required", &*missing.name);
            Err(wrong(name, "field_required", reason))
        }
        None => Ok(Value::Object(read_members)),
    }
}

/// A stored value as answers show it: numbered values with their ordinal, ids as DONs.
pub(super) fn show(
    field: &Field,
    value: &Value,
    composites: &[(String, CompositeSchema)],
    org: &OrgName,
) -> Value {
    if let Value::Array(items) = value
        && field.field_type == FieldType::Array
    {
        return items.iter().map(|item| show_element(field, item, composites, org)).collect();
    }
    show_element(field, value, composites, org)
}

fn show_element(
    field: &Field,
    value: &Value,
    composites: &[(String, CompositeSchema)],
    org: &OrgName,
) -> Value {
    match (field.element_type(), value) {
        (FieldType::Uenum, Value::Number(id)) => {
            let known = field.uenum_values().iter().find(|known| id.as_i64() == Some(known.id));
            // A value can't be removed from its field, so its ordinal is always known.
            json!({ "id": id, "ordinal": known.map_or(0, |known| known.ordinal) })
        }
        (FieldType::Id, Value::String(text)) => match text.parse::<Id>() {
            Ok(id) => id.don(org).into(),
            Err(_) => value.clone(),
        },
        (FieldType::Composite, Value::Object(members)) => {
            let schema = field.composite_type.as_deref();
            let schema = schema.and_then(|of| composites.iter().find(|(name, _)| name == of));
            let Some((_, schema)) = schema else { return value.clone() };
            let show = |(name, value): (&String, &Value)| {
                let inner = schema.fields.iter().find(|inner| *inner.name == **name)?;
                Some((name.clone(), show(inner, value, composites, org)))
            };
            members.iter().filter_map(show).collect::<Map<_, _>>().into()
        }
        _ => value.clone(),
    }
}
