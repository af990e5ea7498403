//! The custom fields of one object of any family.
//!
//! A family keeps a [`Custom`] in its document. A write opens a [`Customizing`], which knows the
//! subtype and the stages that the object will have, and completes it with [`Customizing::finish`]
//! once the rest of the object is final. A read calls [`render`].

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use worksmith_engine::Tx;
use worksmith_kernel::{Error, Expander, Result, Stored};
use worksmith_wire::custom::{
    CustomSchemaSpec, Customization, Customized, DropSpec, customization_error,
};
use worksmith_wire::schemas::{FragmentId, FragmentType};
use worksmith_wire::{ApiError, ErrorType, Id, Kind};

use super::check::{Schema, Wanted, each_id, new_ids};
use super::fragment::Fragment;
use super::leaf::{self, LeafSchema};
use super::{check, validate, value};
use crate::stages::{self, StageDiagram};

/// The custom fields of an object, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Custom {
    /// The values by the full names of their fields; numbered values as ids, ids as documents spell
    /// them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// The fragments that the object has, in the versions that it was written with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fragments: Vec<Id>,
    /// The subtype.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
}

/// The field by which documents refer to the fragments of their custom fields.
pub const FRAGMENTS: &str = "custom_schema_fragments";

impl Custom {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Visits the fragments as references of the document.
    pub fn fragments<'a>(&'a self, visit: &mut dyn FnMut(&'a Id)) {
        self.fragments.iter().for_each(visit);
    }

    /// Visits the values by which lists find objects. All fields are included, because any field
    /// may become filterable later. The values of composite fields are left out.
    pub fn props(&self, visit: &mut dyn FnMut(&str, worksmith_kernel::Value)) {
        for (name, value) in &self.fields {
            let alone = std::slice::from_ref(value);
            for item in value.as_array().map_or(alone, Vec::as_slice) {
                match item {
                    Value::Bool(flag) => visit(name, (*flag).into()),
                    Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                        (Some(integer), _) => visit(name, integer.into()),
                        (None, real) => visit(name, real.into()),
                    },
                    Value::String(text) => visit(name, text.as_str().into()),
                    Value::Null | Value::Array(_) | Value::Object(_) => {}
                }
            }
        }
    }
}

/// A document with custom fields.
pub trait Customizable: Serialize {
    /// Its custom fields.
    fn custom(&self) -> &Custom;

    /// Its custom fields, to be changed.
    fn custom_mut(&mut self) -> &mut Custom;
}

/// A document with custom fields that always is in a stage.
pub trait Staged: Customizable {
    /// The stage that it is in.
    fn stage(&self) -> &Id;
}

/// Writes the custom fields of an object whose other members are final: for families that need
/// neither the subtype nor the stages of their objects.
pub async fn write<D: Customizable>(
    tx: &mut Tx,
    kind: Kind,
    before: Option<&D>,
    doc: &mut D,
    request: Customization,
) -> Result<()> {
    let leaf = leaf::of_kind(tx, kind).await?;
    let customizing = begin(tx, leaf, doc.custom().clone(), request).await?;
    let (mut old, mut new) = (Map::new(), Map::new());
    if customizing.looks_at_stock_fields() {
        old = before.map(stock_view).transpose()?.unwrap_or_default();
        new = stock_view(doc)?;
    }
    *doc.custom_mut() = customizing.finish(tx, &old, &new).await?;
    Ok(())
}

/// The stock fields of an object by name, as they are stored, without those that are empty: the
/// input of [`Customizing::finish`].
pub fn stock_view<D: Customizable>(doc: &D) -> Result<Map<String, Value>> {
    let Value::Object(mut view) = serde_json::to_value(doc).map_err(Error::internal)? else {
        return Err(Error::internal("a document is no object"));
    };
    view.remove("custom");
    if let Some(subtype) = &doc.custom().subtype {
        view.insert("subtype".to_owned(), subtype.as_str().into());
    }
    view.retain(|_, value| !check::is_empty(Some(value)));
    Ok(view)
}

/// A write of the custom fields of an object, in progress.
pub struct Customizing {
    leaf: Stored<LeafSchema>,
    old: Custom,
    /// The previous values, without those that a change of subtype removes.
    values: Map<String, Value>,
    request: Customization,
    /// The fragments that the object will have, in their newest versions.
    fragments: Vec<Stored<Fragment>>,
    /// The prefixes of the fragments that are new to it.
    new_prefixes: Vec<String>,
    schema: Schema,
}

/// Begins a write: finds the fragments that the object will have. For a new object, `old` is empty.
pub async fn begin(
    tx: &mut Tx,
    leaf: Stored<LeafSchema>,
    old: Custom,
    request: Customization,
) -> Result<Customizing> {
    let had = newest_of(tx, &old.fragments).await?;
    let fragments = if request.is_empty() {
        had.clone()
    } else {
        // The fragments that the request names must still be current at the commit.
        tx.rely_on(&leaf);
        let named = named(tx, &leaf, &request).await?;
        attach(tx, &leaf, had.clone(), named, request.custom_schema_spec.as_ref())?
    };
    let changes_subtype = subtype_of(&fragments) != old.subtype.as_deref();
    let is_new = |prefix: &String| {
        !had.iter().any(|fragment| fragment.doc.prefix() == *prefix)
            || (changes_subtype && prefix == "ctype__")
    };
    let prefixes = fragments.iter().map(|fragment| fragment.doc.prefix());
    let new_prefixes = prefixes.filter(is_new).collect();
    let schema = schema_of(tx, &leaf, &fragments).await?;
    let mut values = old.fields.clone();
    if changes_subtype {
        let before = schema_of(tx, &leaf, &had).await?;
        values.retain(|name, value| match (before.field(name), schema.field(name)) {
            (Some(old), Some(new)) => validate::is_compatible(old, new, Some(value)),
            _ => false,
        });
    }
    Ok(Customizing { leaf, old, values, request, fragments, new_prefixes, schema })
}

impl Customizing {
    /// The subtype that the object will have.
    pub fn subtype(&self) -> Option<&str> {
        subtype_of(&self.fragments)
    }

    /// Whether the subtype changes.
    pub fn changes_subtype(&self) -> bool {
        self.subtype() != self.old.subtype.as_deref()
    }

    /// The schema of its fields.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether its schema has rules for stock fields, so that [`Self::finish`] needs them.
    pub fn looks_at_stock_fields(&self) -> bool {
        self.schema.looks_at_stock_fields()
    }

    /// The stages that it goes through, if its leaf type has any.
    pub async fn stage_diagram(&self, tx: &mut Tx) -> Result<Option<Arc<Stored<StageDiagram>>>> {
        diagram_of(tx, &self.leaf.doc, self.subtype()).await
    }

    /// Completes the write, and returns the custom fields to store. `before` and `after` are the
    /// stock fields of the object by name, for conditions and overrides: texts, numbers, booleans
    /// and lists of them, ids as documents spell them; absent if empty. For a new object, `before`
    /// is empty.
    pub async fn finish(
        self,
        tx: &mut Tx,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
    ) -> Result<Custom> {
        let Self { leaf: _, old, values, request, fragments, new_prefixes, schema } = self;
        let is_silent = request.is_empty();
        let spec = request.custom_schema_spec;
        let org = tx.cx().org.clone();
        let mut wanted_fields = request.custom_fields.unwrap_or_default();
        resolve_ids(tx, &schema, &mut wanted_fields).await?;
        let wanted = Wanted {
            old: &values,
            fields: wanted_fields,
            new_prefixes: &new_prefixes,
            validate_required: spec.and_then(|spec| spec.validate_required_fields) == Some(true),
            stock_before: before,
            stock_after: after,
        };
        let subtype = subtype_of(&fragments).map(ToOwned::to_owned);
        let fields = schema.check(wanted, &org)?;
        for (field, id) in new_ids(&schema, &old.fields, &fields) {
            if !tx.is_there(&id).await? {
                let name = tx.cx().name(&id);
                return Err(ApiError::invalid_id(&field, format!("there is no {name}")).into());
            }
        }
        if is_silent {
            // Only a request that mentions custom fields brings them to the newest schema.
            return Ok(old);
        }
        let fragments = fragments.into_iter().map(|fragment| fragment.meta.id).collect();
        Ok(Custom { fields, fragments, subtype })
    }
}

/// Resolves the display ids of custom objects, whose prefixes only the org knows.
async fn resolve_ids(tx: &mut Tx, schema: &Schema, fields: &mut Map<String, Value>) -> Result<()> {
    let org = tx.cx().org.clone();
    let unresolved = |text: &str| Id::parse(text, &org).ok().filter(|id| id.unresolved().is_some());
    let mut found = Vec::new();
    each_id(schema, fields, &mut |text| found.extend(unresolved(text)));
    let mut dons = HashMap::with_capacity(found.len());
    for id in found {
        let resolved = leaf::resolve(tx, id.clone()).await?;
        if resolved != id {
            dons.insert(id, tx.cx().don(&resolved));
        }
    }
    each_id(schema, fields, &mut |text| {
        if let Some(don) = unresolved(text).and_then(|id| dons.get(&id)) {
            text.clone_from(don);
        }
    });
    Ok(())
}

fn subtype_of(fragments: &[Stored<Fragment>]) -> Option<&str> {
    fragments.iter().find_map(|fragment| fragment.doc.subtype())
}

/// A fragment, which must exist.
pub(super) async fn fragment(tx: &mut Tx, id: &Id) -> Result<Stored<Fragment>> {
    let lost = || Error::Internal(format!("the fragment {id} is not there"));
    tx.find::<Fragment>(id).await?.ok_or_else(lost)
}

/// The newest versions of fragments.
pub(super) async fn newest_of(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Fragment>>> {
    let mut newest = Vec::with_capacity(ids.len());
    for id in ids {
        let found = fragment(tx, id).await?;
        newest.push(match &found.doc.newest {
            Some(id) => fragment(tx, id).await?,
            None => found,
        });
    }
    Ok(newest)
}

/// The fragments that a request names, by id, subtype or app.
async fn named(
    tx: &mut Tx,
    leaf: &Stored<LeafSchema>,
    request: &Customization,
) -> Result<Vec<Stored<Fragment>>> {
    let mut ids = Vec::new();
    if let Some(spec) = &request.custom_schema_spec {
        if spec.tenant_fragment == Some(true) {
            // If there is no fragment of all objects, none is attached; that is not an error.
            ids.extend(leaf.doc.tenant.clone());
        }
        if let Some(subtype) = &spec.subtype {
            ids.push(by_name(&leaf.doc, "subtype", subtype)?.clone());
        }
        for app in &spec.apps {
            ids.push(by_name(&leaf.doc, "apps", app)?.clone());
        }
    }
    let mut named = Vec::with_capacity(ids.len());
    for id in &ids {
        named.push(fragment(tx, id).await?);
    }
    for id in &request.custom_schema_fragments {
        named.push(by_id(tx, leaf, id).await?);
    }
    Ok(named)
}

/// The request that leads custom fields back to how they were. Fragments that came since stay.
pub async fn lead_back(
    tx: &mut Tx,
    leaf: &Stored<LeafSchema>,
    now: &Custom,
    then: &Custom,
) -> Result<Customization> {
    let fragments = newest_of(tx, &then.fragments).await?;
    let schema = schema_of(tx, leaf, &fragments).await?;
    let mut fields = Map::new();
    for (name, stored) in then.fields.iter().filter(|(name, on)| now.fields.get(*name) != Some(on))
    {
        let value = match schema.field(name) {
            Some(field) => value::show(field, stored, &schema.composites, &tx.cx().org),
            // It is refused, as the field is no more.
            None => stored.clone(),
        };
        fields.insert(name.clone(), value);
    }
    // A change of subtype drops what the other one does not have.
    let is_other = now.subtype != then.subtype;
    let is_dropped =
        |name: &String| is_other && name.starts_with("ctype__") && schema.field(name).is_none();
    let gone = now.fields.keys().filter(|name| !then.fields.contains_key(*name));
    let gone = gone.filter(|name| !is_dropped(name));
    fields.extend(gone.map(|name| (name.clone(), Value::Null)));
    let has = newest_of(tx, &now.fragments).await?;
    let is_missing = |fragment: &&Stored<Fragment>| !has.iter().any(|h| h.id() == fragment.id());
    let missing = fragments.iter().filter(is_missing).map(|f| FragmentId(f.id().clone()));
    let drop_subtype = now.subtype.is_some() && then.subtype.is_none();
    let custom_schema_spec = drop_subtype.then(|| CustomSchemaSpec {
        tenant_fragment: None,
        subtype: None,
        apps: Vec::new(),
        validate_required_fields: None,
        drop: Some(DropSpec { apps: Vec::new(), subtype: Some(true) }),
    });
    Ok(Customization {
        custom_fields: (!fields.is_empty()).then_some(fields),
        custom_schema_spec,
        custom_schema_fragments: missing.collect(),
    })
}

/// The fragment of a subtype or an app.
pub(super) fn by_name<'a>(leaf: &'a LeafSchema, member: &str, name: &str) -> Result<&'a Id> {
    let found = if member == "subtype" { leaf.subtypes.get(name) } else { leaf.apps.get(name) };
    found.ok_or_else(|| {
        let reason = format!("{} has no schema fragment {name:?}", leaf.leaf_type);
        let path = format!("custom_schema_spec.{member}");
        customization_error(&path, "fragment_not_found", reason).into()
    })
}

/// The fragment with an id, which must belong to the leaf type and must not be superseded.
pub(super) async fn by_id(
    tx: &mut Tx,
    leaf: &Stored<LeafSchema>,
    id: &Id,
) -> Result<Stored<Fragment>> {
    const MEMBER: &str = FRAGMENTS;
    let found = tx.find::<Fragment>(id).await?.filter(|fragment| {
        fragment.doc.leaf_type == leaf.doc.leaf_type
            && fragment.doc.is_custom_leaf_type == leaf.doc.is_custom_leaf_type
    });
    let name = tx.cx().don(id);
    let Some(found) = found else {
        let reason = format!("{} has no schema fragment {name}", leaf.doc.leaf_type);
        return Err(customization_error(MEMBER, "fragment_not_found", reason).into());
    };
    match &found.doc.newest {
        None => Ok(found),
        Some(newest) => {
            let message = format!("{name} is superseded by {}", tx.cx().don(newest));
            Err(ApiError::new(ErrorType::StaleSchemaFragments, message).at(MEMBER).into())
        }
    }
}

/// The fragments of the object after those of the request are added and dropped.
fn attach(
    tx: &Tx,
    leaf: &Stored<LeafSchema>,
    mut have: Vec<Stored<Fragment>>,
    named: Vec<Stored<Fragment>>,
    spec: Option<&CustomSchemaSpec>,
) -> Result<Vec<Stored<Fragment>>> {
    let none = DropSpec { apps: Vec::new(), subtype: None };
    let leaves = spec.and_then(|spec| spec.drop.as_ref()).unwrap_or(&none);
    let names_subtype = named.iter().any(|fragment| fragment.doc.subtype().is_some());
    if leaves.subtype == Some(true) && names_subtype {
        let message = "drop.subtype goes with no subtype";
        return Err(ApiError::invalid_field("custom_schema_spec.drop.subtype", message).into());
    }
    for app in &leaves.apps {
        by_name(&leaf.doc, "drop.apps", app)?;
        if named.iter().any(|fragment| fragment.doc.app() == Some(app)) {
            let message = format!("the app {app:?} can't be named and dropped at once");
            return Err(ApiError::invalid_field("custom_schema_spec.drop.apps", message).into());
        }
    }
    have.retain(|fragment| match fragment.doc.kind {
        FragmentType::AppFragment => !leaves.apps.iter().any(|app| fragment.doc.app() == Some(app)),
        FragmentType::CustomTypeFragment => leaves.subtype != Some(true),
        FragmentType::TenantFragment => true,
    });
    for fragment in named {
        let prefix = fragment.doc.prefix();
        let had = have.iter().position(|other| other.doc.prefix() == prefix);
        if had.is_some_and(|at| have[at].id() == fragment.id()) {
            continue;
        }
        if fragment.doc.is_deprecated {
            let name = tx.cx().don(fragment.id());
            let reason = format!("{name} is deprecated, and no object gets it any more");
            return Err(
                customization_error("custom_schema_spec", "fragment_not_found", reason).into()
            );
        }
        match had {
            Some(at) => have[at] = fragment,
            None => have.push(fragment),
        }
    }
    Ok(have)
}

/// The combined fragments of an object. The overrides of the leaf type's stock fields apply to
/// every object, whatever fragments it has.
pub(super) async fn schema_of(
    tx: &mut Tx,
    leaf: &Stored<LeafSchema>,
    fragments: &[Stored<Fragment>],
) -> Result<Schema> {
    let mut schema = Schema::default();
    if let Some(id) = &leaf.doc.tenant
        && !fragments.iter().any(|fragment| fragment.id() == id)
    {
        schema.overrides.extend(fragment(tx, id).await?.doc.stock_field_overrides);
    }
    // That of all objects comes first, because a subtype's is more specific.
    let mut ordered: Vec<_> = fragments.iter().map(|fragment| &fragment.doc).collect();
    ordered.sort_by_key(|fragment| fragment.kind == FragmentType::CustomTypeFragment);
    for fragment in ordered {
        schema.add(fragment, &fragment.prefix());
    }
    Ok(schema)
}

/// All fields that objects of a leaf type may have, for lists that are filtered or sorted by them.
pub async fn whole(tx: &mut Tx, leaf: &Stored<LeafSchema>) -> Result<Schema> {
    let mut fragments = Vec::new();
    for id in leaf.doc.current() {
        fragments.push(fragment(tx, id).await?);
    }
    schema_of(tx, leaf, &fragments).await
}

/// The stages that objects of a subtype go through: those that its fragment names, else those of
/// the fragment of all objects, else the default of the leaf type.
pub async fn diagram_of(
    tx: &mut Tx,
    leaf: &LeafSchema,
    subtype: Option<&str>,
) -> Result<Option<Arc<Stored<StageDiagram>>>> {
    let own = subtype.and_then(|subtype| leaf.subtypes.get(subtype));
    for id in own.into_iter().chain(&leaf.tenant) {
        let named = fragment(tx, id).await?.doc.stage_diagram;
        if let Some(id) = named
            && let Some(diagram) = tx.find::<StageDiagram>(&id).await?
        {
            return Ok(Some(Arc::new(diagram)));
        }
    }
    stages::default_diagram(tx, &leaf.leaf_type, leaf.is_custom_leaf_type).await
}

/// The fragments that an object has, in their newest versions, for rendering it.
fn shown_fragments<'x>(custom: &Custom, x: &'x Expander) -> Vec<&'x Stored<Fragment>> {
    let newest = custom.fragments.iter().filter_map(|id| {
        let found = x.doc::<Fragment>(id)?;
        Some(found.doc.newest.as_ref().and_then(|id| x.doc(id)).unwrap_or(found))
    });
    newest.collect()
}

/// The custom fields of an object as answers show them. `leaf` is its [`LeafSchema`], which must be
/// among the document's `summary_refs`.
pub fn render(custom: &Custom, leaf: &Id, x: &Expander) -> Customized {
    let fragments = shown_fragments(custom, x);
    let mut schema = Schema::default();
    for fragment in &fragments {
        schema.add(&fragment.doc, &fragment.doc.prefix());
    }
    let shown = custom.fields.iter().filter_map(|(name, stored)| {
        let field = schema.field(name)?;
        Some((name.clone(), value::show(field, stored, &schema.composites, x.org())))
    });
    Customized {
        custom_fields: shown.collect(),
        custom_schema_fragments: fragments.iter().map(|f| x.don(f.id())).collect(),
        stock_schema_fragment: Some(x.don(leaf)),
        subtype: custom.subtype.clone(),
    }
}

/// The schema of the stock fields of an object, for the labels of its numbered values.
pub fn stock_overrides(custom: &Custom, leaf: &Id, x: &Expander) -> Schema {
    let mut schema = Schema::default();
    let Some(leaf) = x.doc::<LeafSchema>(leaf) else { return schema };
    let subtype = custom.subtype.as_ref().and_then(|subtype| leaf.doc.subtypes.get(subtype));
    for id in leaf.doc.tenant.iter().chain(subtype) {
        if let Some(fragment) = x.doc::<Fragment>(id) {
            schema.overrides.extend(fragment.doc.stock_field_overrides.iter().cloned());
        }
    }
    schema
}
