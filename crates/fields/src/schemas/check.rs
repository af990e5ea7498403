//! The rules of custom fields, as a pure function: given the schema of an object's fields, the
//! present values and the requested ones, it returns the resulting values, or the rule that forbids
//! them.

use serde_json::{Map, Value};
use worksmith_wire::custom::customization_error;
use worksmith_wire::schemas::{
    CompositeSchema, Effect, Field, FieldType, StockFieldOverride, UenumValue,
};
use worksmith_wire::{ApiError, Id, OrgName};

use super::conditions::Expr;
use super::fragment::Fragment;
use super::value::{self, Rules};

/// The prefix of custom fields in conditions and errors.
const CUSTOM: &str = "custom_fields.";

/// The schema of the custom fields of one object: its fragments combined.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The fields, with the prefixes of their fragments.
    pub(super) fields: Vec<Field>,
    /// The names of former fields, with prefixes.
    dropped: Vec<String>,
    /// The composite schemas of fields, with prefixes.
    pub(super) composites: Vec<(String, CompositeSchema)>,
    /// The rules that depend on other fields.
    conditions: Vec<(Expr, Vec<Effect>)>,
    /// What differs from the stock schema; later entries take precedence.
    pub(super) overrides: Vec<StockFieldOverride>,
}

/// A write of the custom fields of an object.
pub struct Wanted<'a> {
    /// The previous values, as they are stored.
    pub old: &'a Map<String, Value>,
    /// The new values, as the request gives them; null clears one.
    pub fields: Map<String, Value>,
    /// The prefixes of fields that get their default if the request does not name them.
    pub new_prefixes: &'a [String],
    /// Whether all required fields must be set, including those that the request does not name.
    pub validate_required: bool,
    /// The previous stock fields, as [`super::stock_view`] returns them.
    pub stock_before: &'a Map<String, Value>,
    /// The stock fields after the write.
    pub stock_after: &'a Map<String, Value>,
}

impl Schema {
    /// Adds a fragment.
    pub(super) fn add(&mut self, fragment: &Fragment, prefix: &str) {
        let full = |name: &str| format!("{prefix}{name}");
        for field in &fragment.fields {
            self.fields.push(Field {
                name: worksmith_wire::Text(full(&field.name)),
                composite_type: field
                    .composite_type
                    .as_ref()
                    .map(|of| worksmith_wire::Text(full(of))),
                ..field.clone()
            });
        }
        self.dropped.extend(fragment.dropped.iter().map(|field| full(&field.name)));
        for composite in &fragment.composite_schemas {
            let mut schema = composite.clone();
            for inner in &mut schema.fields.0 {
                if let Some(of) = &mut inner.composite_type {
                    of.0 = full(of);
                }
            }
            self.composites.push((full(&composite.name), schema));
        }
        for condition in &fragment.conditions {
            // Fragments with an invalid expression are refused, so this can't happen.
            let Ok(expr) = Expr::parse(&condition.expression) else { continue };
            let named = |name: String| full_name(&name, prefix);
            let effects = condition.effects.iter().cloned().map(|mut effect| {
                for field in &mut effect.fields.0 {
                    field.0 = named(std::mem::take(&mut field.0));
                }
                effect
            });
            self.conditions.push((expr.renamed(&named), effects.collect()));
        }
        self.overrides.extend(fragment.stock_field_overrides.iter().cloned());
    }

    /// Whether it has rules for stock fields besides their labels.
    pub(super) fn looks_at_stock_fields(&self) -> bool {
        let is_required = |over: &StockFieldOverride| over.is_required == Some(true);
        !self.conditions.is_empty() || self.overrides.iter().any(is_required)
    }

    /// A field by its full name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| *field.name == *name)
    }

    /// The fields in the values of a composite field.
    fn members(&self, field: &Field) -> impl Iterator<Item = &Field> {
        let of = field.composite_type.as_deref();
        let schema = of.and_then(|of| self.composites.iter().find(|(name, _)| name == of));
        schema.into_iter().flat_map(|(_, schema)| schema.fields.iter())
    }

    /// The numbered values of a stock field: those that every org has, with the overrides of
    /// fragments.
    pub fn stock_values(&self, name: &str, stock: &[UenumValue]) -> Vec<UenumValue> {
        let own = self.overrides.iter().filter(|over| *over.name == *name);
        merged(stock, own.filter_map(|over| over.uenum_values.as_deref()))
    }

    /// Checks a write, and returns the values to store.
    pub fn check(&self, wanted: Wanted<'_>, org: &OrgName) -> Result<Map<String, Value>, ApiError> {
        let mut values = self.kept(wanted.old);
        let asked: Vec<String> = wanted.fields.keys().cloned().collect();
        for (name, value) in wanted.fields {
            let field = self.known(&name)?;
            let old = wanted.old.get(&name);
            let path = format!("{CUSTOM}{name}");
            if value.is_null() {
                values.remove(&name);
            } else {
                let rules = Rules { org, composites: &self.composites, old };
                let stored = value::read(field, &path, &value, rules)?;
                values.insert(name.clone(), stored);
            }
            if old.is_some() && values.get(&name) == old {
                continue;
            }
            if field.is_immutable == Some(true) && old.is_some() {
                return Err(immutable(&path));
            }
            if field.is_required == Some(true) && is_empty(values.get(&name)) {
                return Err(required(&path));
            }
        }
        let comes = |field: &&Field| {
            wanted.new_prefixes.iter().any(|prefix| field.name.starts_with(prefix.as_str()))
                && !asked.iter().any(|name| **name == *field.name)
                && !values.contains_key(&*field.name)
        };
        let defaults: Vec<_> = self.fields.iter().filter(comes).collect();
        for field in defaults {
            if let Some(default) = &field.default_value {
                let rules = Rules { org, composites: &self.composites, old: None };
                let path = format!("{CUSTOM}{}", &*field.name);
                values.insert(field.name.0.clone(), value::read(field, &path, default, rules)?);
            }
        }
        let after = View { values: &values, stock: wanted.stock_after, schema: self };
        let before = View { values: wanted.old, stock: wanted.stock_before, schema: self };
        self.check_conditions(&before, &after, org)?;
        if wanted.validate_required {
            self.check_required(&after)?;
        }
        Ok(values)
    }

    /// The stored values whose fields still exist, which are those that answers show.
    pub(super) fn kept(&self, old: &Map<String, Value>) -> Map<String, Value> {
        let kept = old.iter().filter(|(name, _)| self.field(name).is_some());
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn known(&self, name: &str) -> Result<&Field, ApiError> {
        self.field(name).ok_or_else(|| {
            let path = format!("{CUSTOM}{name}");
            if self.dropped.iter().any(|dropped| dropped == name) {
                let reason = format!("{name} was dropped from the schema");
                customization_error(&path, "field_dropped", reason)
            } else {
                let reason = format!(
                    "{name} is in none of the fragments that the object has or custom_schema_spec \
                     names"
                );
                customization_error(&path, "field_not_in_schema", reason)
            }
        })
    }

    fn check_required(&self, after: &View<'_>) -> Result<(), ApiError> {
        let custom = self.fields.iter().filter(|field| field.is_required == Some(true));
        let missing = custom.map(|field| &*field.name).find(|name| after.lacks(name));
        if let Some(name) = missing {
            return Err(required(&format!("{CUSTOM}{name}")));
        }
        let stock = self.overrides.iter().filter(|over| over.is_required == Some(true));
        match stock.map(|over| &*over.name).find(|name| is_empty(after.stock.get(*name))) {
            Some(name) => {
                let reason = format!("{name} is required by the schema");
                Err(customization_error(name, "field_required", reason))
            }
            None => Ok(()),
        }
    }

    /// Conditions are evaluated on the object after the write, and apply to a write that changes
    /// the fields that they are about (BEHAVIOUR 14.4).
    fn check_conditions(
        &self,
        before: &View<'_>,
        after: &View<'_>,
        org: &OrgName,
    ) -> Result<(), ApiError> {
        let is_changed = |name: &str| before.get(name) != after.get(name);
        for (expr, effects) in &self.conditions {
            if !expr.holds(&|name| after.texts(name), org) {
                continue;
            }
            let mut has_new_cause = false;
            expr.fields(&mut |name| has_new_cause |= is_changed(name));
            for effect in effects {
                for name in effect.fields.iter().map(|name| &**name) {
                    if has_new_cause || is_changed(name) {
                        check_effect(effect, name, has_new_cause, before, after)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn check_effect(
    effect: &Effect,
    name: &str,
    has_new_cause: bool,
    before: &View<'_>,
    after: &View<'_>,
) -> Result<(), ApiError> {
    let (old, new) = (before.get(name), after.get(name));
    if effect.invalid == Some(true) {
        let reason = format!("{name} can't be so while a condition of the schema holds");
        return Err(customization_error(name, "invalid_argument", reason));
    }
    if effect.require == Some(true) && is_empty(new) {
        return Err(required(name));
    }
    if effect.immutable == Some(true) && !is_empty(old) && old != new {
        return Err(immutable(name));
    }
    if let Some(allowed) = &effect.allowed_values
        && !is_empty(new)
    {
        let texts = after.texts_of_each(name);
        // Elements that stay are allowed, unless the restriction itself has just begun to apply.
        let kept = if has_new_cause { Vec::new() } else { before.texts_of_each(name) };
        let fits = |texts: &Vec<String>| {
            kept.contains(texts)
                || texts.iter().any(|text| allowed.iter().any(|allowed| **allowed == **text))
        };
        if !texts.iter().all(fits) {
            let allowed: Vec<&str> = allowed.iter().map(|text| &**text).collect();
            let reason = format!("{name} must be one of {} here", allowed.join(", "));
            return Err(customization_error(name, "enum_out_of_range", reason));
        }
    }
    Ok(())
}

fn required(name: &str) -> ApiError {
    let reason = format!("{name} is required");
    customization_error(name, "field_required", reason)
}

fn immutable(name: &str) -> ApiError {
    customization_error(name, "field_immutable", format!("{name} can't change any more"))
}

/// The name of a field in conditions, with the prefix of its fragment added if it has none.
fn full_name(name: &str, prefix: &str) -> String {
    match name.strip_prefix(CUSTOM) {
        Some(own) if !own.contains("__") => format!("{CUSTOM}{prefix}{own}"),
        None if name.contains("__") => format!("{CUSTOM}{name}"),
        Some(_) | None => name.to_owned(),
    }
}

/// Whether a value counts as empty.
pub(super) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    }
}

/// Numbered values with those of overrides, in the order of their ordinals.
pub(super) fn merged<'a>(
    stock: &[UenumValue],
    overrides: impl Iterator<Item = &'a [UenumValue]>,
) -> Vec<UenumValue> {
    let mut values = stock.to_vec();
    for value in overrides.flatten() {
        match values.iter_mut().find(|known| known.id == value.id) {
            Some(known) => known.clone_from(value),
            None => values.push(value.clone()),
        }
    }
    values.sort_by_key(|value| value.ordinal);
    values
}

/// All fields of an object, as conditions see them.
struct View<'a> {
    values: &'a Map<String, Value>,
    stock: &'a Map<String, Value>,
    schema: &'a Schema,
}

impl View<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        match name.strip_prefix(CUSTOM) {
            Some(custom) => self.values.get(custom),
            None => self.stock.get(name),
        }
    }

    fn lacks(&self, custom: &str) -> bool {
        is_empty(self.values.get(custom))
    }

    /// Every text of a literal that equals the value.
    fn texts(&self, name: &str) -> Vec<String> {
        self.texts_of_each(name).into_iter().flatten().collect()
    }

    /// The same for each element of a list.
    fn texts_of_each(&self, name: &str) -> Vec<Vec<String>> {
        let items = match self.get(name) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items.as_slice(),
            Some(value) => std::slice::from_ref(value),
        };
        let field = name.strip_prefix(CUSTOM).and_then(|name| self.schema.field(name));
        let label = |item: &Value| {
            let values = field.map(Field::uenum_values).unwrap_or_default();
            let known = values.iter().find(|known| item.as_i64() == Some(known.id));
            known.map(|known| known.label.0.clone())
        };
        let text = |item: &Value| match item {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        items.iter().map(|item| std::iter::once(text(item)).chain(label(item)).collect()).collect()
    }
}

/// Visits the texts in values that must be ids.
pub(super) fn each_id(
    schema: &Schema,
    values: &mut Map<String, Value>,
    visit: &mut dyn FnMut(&mut String),
) {
    for (name, value) in values {
        if let Some(field) = schema.field(name) {
            each_id_of(schema, field, value, visit);
        }
    }
}

fn each_id_of(
    schema: &Schema,
    field: &Field,
    value: &mut Value,
    visit: &mut dyn FnMut(&mut String),
) {
    let items = match value {
        Value::Array(items) => items.as_mut_slice(),
        alone => std::slice::from_mut(alone),
    };
    for item in items {
        match (field.element_type(), item) {
            (FieldType::Id, Value::String(text)) => visit(text),
            (FieldType::Composite, Value::Object(members)) => {
                for inner in schema.members(field) {
                    if let Some(value) = members.get_mut(&*inner.name) {
                        each_id_of(schema, inner, value, visit);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The ids in stored values that were not there before: their objects must exist.
pub(super) fn new_ids(
    schema: &Schema,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Vec<(String, Id)> {
    let mut ids = Vec::new();
    for (name, value) in new {
        if old.get(name) == Some(value) {
            continue;
        }
        if let Some(field) = schema.field(name) {
            gather(schema, field, value, &mut |id| {
                ids.push((format!("{CUSTOM}{name}"), id));
            });
        }
    }
    ids
}

fn gather(schema: &Schema, field: &Field, value: &Value, found: &mut dyn FnMut(Id)) {
    let alone = std::slice::from_ref(value);
    for item in value.as_array().map_or(alone, Vec::as_slice) {
        match (field.element_type(), item) {
            (FieldType::Id, Value::String(text)) => text.parse().into_iter().for_each(&mut *found),
            (FieldType::Composite, Value::Object(members)) => {
                for inner in schema.members(field) {
                    if let Some(value) = members.get(&*inner.name) {
                        gather(schema, inner, value, found);
                    }
                }
            }
            _ => {}
        }
    }
}
