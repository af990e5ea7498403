//! `schemas.custom.set`: creates a fragment, or a new version of one.

use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_wire::common::StageDiagramId;
use worksmith_wire::schemas::{
    Field, FragmentType, SetAppFragment, SetCustomTypeFragment, SetFragment, SetRequest,
    SetResponse, SetTenantFragment, StockFieldOverride,
};
use worksmith_wire::{ApiError, AtMost, Id};

use super::custom::fragment;
use super::fragment::{Fragment, kind};
use super::leaf::{self, LeafSchema};
use super::{is_leaf_name, stock, validate};
use crate::stages::StageDiagram;

pub(super) async fn set(tx: &mut Tx, request: SetRequest) -> Result<SetResponse> {
    let (mut draft, deleted) = draft(request);
    let leaf = leaf_for(tx, &draft).await?;
    check_name(&draft)?;
    check_diagram(tx, &draft).await?;
    validate::check(&draft, &tx.cx().org)?;
    let old = match current(&leaf.doc, &draft) {
        Some(id) => Some(fragment(tx, id).await?),
        None => None,
    };
    check_beside_others(tx, &leaf.doc, &draft).await?;
    succeed(&mut draft, old.as_ref(), &deleted)?;
    let stored = tx.insert(kind(draft.kind), draft).await?;
    if let Some(old) = old {
        supersede(tx, old, stored.id()).await?;
    }
    point(tx, leaf, &stored).await?;
    Ok(SetResponse { id: tx.cx().don(stored.id()) })
}

/// The new version that a request describes, and the fields that it removes.
fn draft(request: SetRequest) -> (Fragment, Vec<String>) {
    match request {
        SetRequest::App(request) => {
            let SetAppFragment { app, app_display_name, common } = *request;
            let (draft, deleted) = common_draft(common);
            let display_name = app_display_name.map(Into::into);
            (Fragment { name: Some(app.into()), display_name, ..draft }, deleted)
        }
        SetRequest::CustomType(request) => {
            let SetCustomTypeFragment {
                subtype,
                subtype_display_name,
                path,
                stage_diagram,
                stage_diagram_id,
                stock_field_overrides: AtMost(stock_field_overrides),
                common,
            } = *request;
            let (draft, deleted) = common_draft(common);
            let draft = Fragment {
                name: Some(subtype.into()),
                display_name: subtype_display_name.map(Into::into),
                path,
                stage_diagram: either(stage_diagram, stage_diagram_id),
                stock_field_overrides,
                ..draft
            };
            (draft, deleted)
        }
        SetRequest::Tenant(request) => {
            let SetTenantFragment {
                id_prefix,
                leaf_type_display_name,
                stage_diagram,
                stage_diagram_id,
                stock_field_overrides: AtMost(stock_field_overrides),
                common,
            } = *request;
            let (draft, deleted) = common_draft(common);
            let draft = Fragment {
                display_name: leaf_type_display_name.map(Into::into),
                id_prefix,
                stage_diagram: either(stage_diagram, stage_diagram_id),
                stock_field_overrides,
                ..draft
            };
            (draft, deleted)
        }
    }
}

fn either(one: Option<StageDiagramId>, other: Option<StageDiagramId>) -> Option<Id> {
    one.or(other).map(Into::into)
}

fn common_draft(request: SetFragment) -> (Fragment, Vec<String>) {
    let SetFragment {
        r#type,
        leaf_type,
        description,
        fields: AtMost(fields),
        deleted_fields,
        is_custom_leaf_type,
        is_deprecated,
        deprecated,
        conditions: AtMost(conditions),
        composite_schemas: AtMost(composite_schemas),
    } = request;
    let draft = Fragment {
        kind: r#type,
        leaf_type: leaf_type.into(),
        is_custom_leaf_type: is_custom_leaf_type.unwrap_or(false),
        name: None,
        display_name: None,
        description: description.into(),
        is_deprecated: is_deprecated.or(deprecated).unwrap_or(false),
        fields,
        conditions,
        composite_schemas,
        stock_field_overrides: Vec::new(),
        stage_diagram: None,
        id_prefix: None,
        path: Vec::new(),
        dropped: Vec::new(),
        old_fragment: None,
        new_fragment: None,
        newest: None,
    };
    (draft, deleted_fields)
}

/// The leaf type of a fragment. A fragment of all objects of a leaf type that does not exist
/// creates one of the org's own.
async fn leaf_for(tx: &mut Tx, draft: &Fragment) -> Result<Stored<LeafSchema>> {
    let Fragment { leaf_type, is_custom_leaf_type: is_custom, id_prefix, .. } = draft;
    let refuse = |message: String| Err(ApiError::not_permitted("leaf_type", message).into());
    if *is_custom && !is_leaf_name(leaf_type) {
        return refuse(format!(
            "leaf_type {leaf_type:?} is not of lower-case letters and underscores"
        ));
    }
    if !*is_custom && !stock::LEAVES.iter().any(|(of, takes)| *takes && of == leaf_type) {
        return refuse(format!(
            "leaf_type {leaf_type:?} takes no fields; one of the org's own needs \
             is_custom_leaf_type"
        ));
    }
    if let Some(prefix) = id_prefix {
        check_prefix(prefix, *is_custom)?;
    }
    match leaf::find(tx, leaf_type, *is_custom).await? {
        Some(leaf) => {
            if id_prefix.is_some() && *id_prefix != leaf.doc.id_prefix {
                let message = "id_prefix is in the ids of objects, and can't change";
                return Err(ApiError::not_permitted("id_prefix", message).into());
            }
            Ok(leaf)
        }
        None if draft.kind != FragmentType::TenantFragment => {
            refuse(format!("there is no leaf_type {leaf_type:?}; its tenant fragment makes it"))
        }
        None if id_prefix.is_none() => Err(ApiError::missing("id_prefix").into()),
        None => {
            let mut made = LeafSchema::new(leaf_type, true);
            made.id_prefix.clone_from(id_prefix);
            leaf::make(tx, made).await
        }
    }
}

fn check_prefix(prefix: &str, is_custom: bool) -> Result<()> {
    const PATTERN: &str = "^[A-Z]{2,10}$";
    if !is_custom {
        let message = "id_prefix is for leaf types of the org's own";
        return Err(ApiError::invalid_field("id_prefix", message).into());
    }
    if (2..=10).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(());
    }
    let message = format!("id_prefix {prefix:?} is not of 2 to 10 capital letters");
    Err(ApiError::not_permitted("id_prefix", message).with("pattern", PATTERN).into())
}

fn check_name(draft: &Fragment) -> Result<()> {
    if let Some(app) = draft.app()
        && (!validate::is_name(app) || matches!(app, "tnt" | "ctype"))
    {
        let message = format!("app {app:?} is no name of letters, digits and single underscores");
        return Err(ApiError::not_permitted("app", message).into());
    }
    if draft.subtype().is_some_and(|subtype| subtype.trim().is_empty()) {
        return Err(ApiError::not_permitted("subtype", "subtype is blank").into());
    }
    Ok(())
}

/// The diagram must be one of the leaf type. Whether it exists is checked together with all
/// references.
async fn check_diagram(tx: &mut Tx, draft: &Fragment) -> Result<()> {
    let Some(id) = &draft.stage_diagram else { return Ok(()) };
    if draft.kind == FragmentType::TenantFragment && !draft.is_custom_leaf_type {
        let message = "the stages of a stock leaf type are those of its default stage diagram";
        return Err(ApiError::invalid_field("stage_diagram", message).into());
    }
    let Some(diagram) = tx.find::<StageDiagram>(id).await? else { return Ok(()) };
    let StageDiagram { leaf_type, is_custom_leaf_type, .. } = &diagram.doc;
    if (leaf_type, is_custom_leaf_type) != (&draft.leaf_type, &draft.is_custom_leaf_type) {
        let name = id.display_id().unwrap_or_default();
        let message = format!("{name} is a diagram of {leaf_type}, not of {}", draft.leaf_type);
        return Err(ApiError::not_permitted("stage_diagram", message).into());
    }
    Ok(())
}

/// The newest version of the same fragment.
fn current<'a>(leaf: &'a LeafSchema, draft: &Fragment) -> Option<&'a Id> {
    match (draft.kind, &draft.name) {
        (FragmentType::CustomTypeFragment, Some(subtype)) => leaf.subtypes.get(subtype),
        (FragmentType::AppFragment, Some(app)) => leaf.apps.get(app),
        _ => leaf.tenant.as_ref(),
    }
}

/// The overrides of subtypes may only add to those of all objects, whichever is set last.
async fn check_beside_others(tx: &mut Tx, leaf: &LeafSchema, draft: &Fragment) -> Result<()> {
    let own = &draft.stock_field_overrides;
    match draft.kind {
        FragmentType::AppFragment => {}
        FragmentType::CustomTypeFragment => {
            if let Some(id) = &leaf.tenant {
                let above = fragment(tx, id).await?.doc.stock_field_overrides;
                validate::check_stronger(own, &above)?;
            }
        }
        FragmentType::TenantFragment => {
            for id in leaf.subtypes.values() {
                let below = fragment(tx, id).await?.doc.stock_field_overrides;
                validate::check_stronger(&below, own)?;
            }
        }
    }
    Ok(())
}

/// Makes a draft the successor of a version: fields are removed only if the request says so, and
/// keep their types.
fn succeed(draft: &mut Fragment, old: Option<&Stored<Fragment>>, deleted: &[String]) -> Result<()> {
    const DELETED: &str = "deleted_fields";
    let none: &[Field] = &[];
    let before = old.map_or(none, |old| &old.doc.fields);
    let dropped = old.map_or(none, |old| &old.doc.dropped);
    let find = |fields: &[Field], name: &str| fields.iter().any(|field| *field.name == *name);
    for name in deleted {
        if find(&draft.fields, name) {
            let message = format!("{name} is deleted, and among the fields");
            return Err(ApiError::not_permitted(DELETED, message).into());
        }
        if !find(before, name) && !find(dropped, name) {
            let message = format!("there is no field {name} to delete");
            return Err(ApiError::not_permitted(DELETED, message).into());
        }
    }
    let is_gone = |field: &&Field| !find(&draft.fields, &field.name);
    let gone: Vec<Field> = before.iter().filter(is_gone).cloned().collect();
    if let Some(lost) = gone.iter().find(|field| !deleted.contains(&field.name.0)) {
        let message = format!(
            "the field {} is not there any more; a request holds the whole new state, and lists \
             in deleted_fields what goes",
            &*lost.name
        );
        return Err(ApiError::not_permitted(DELETED, message).into());
    }
    for field in &draft.fields {
        if let Some(old) = before.iter().chain(dropped).find(|old| old.name == field.name) {
            validate::check_successor(old, field)?;
        }
    }
    let Some(old) = old else { return Ok(()) };
    check_added_values(&draft.stock_field_overrides, &old.doc.stock_field_overrides)?;
    let is_still_gone = |field: &&Field| !find(&draft.fields, &field.name);
    draft.dropped = dropped.iter().filter(is_still_gone).cloned().collect();
    draft.dropped.extend(gone);
    draft.old_fragment = Some(old.id().clone());
    if draft.id_prefix.is_none() {
        draft.id_prefix.clone_from(&old.doc.id_prefix);
    }
    Ok(())
}

/// Values that an override has added to a stock field must stay, because objects may have them.
fn check_added_values(new: &[StockFieldOverride], old: &[StockFieldOverride]) -> Result<()> {
    for over in old {
        let stock = stock::values(&over.name);
        let mut added = over.uenum_values.clone().unwrap_or_default();
        added.retain(|value| !stock.iter().any(|stock| stock.id == value.id));
        let still = new.iter().find(|new| new.name == over.name);
        let still = still.and_then(|new| new.uenum_values.as_deref()).unwrap_or_default();
        validate::check_values_stay(&added, still, "stock_field_overrides.uenum_values")?;
        validate::check_order_stays(&added, still)?;
    }
    Ok(())
}

/// Tells every earlier version which one is the newest.
async fn supersede(tx: &mut Tx, old: Stored<Fragment>, newest: &Id) -> Result<()> {
    let mut doc = old.doc.clone();
    doc.new_fragment = Some(newest.clone());
    doc.newest = Some(newest.clone());
    let mut before = doc.old_fragment.clone();
    tx.update(old, doc).await?;
    while let Some(id) = before.take() {
        let old = fragment(tx, &id).await?;
        let doc = Fragment { newest: Some(newest.clone()), ..old.doc.clone() };
        before.clone_from(&doc.old_fragment);
        tx.update(old, doc).await?;
    }
    Ok(())
}

/// Makes a version the current one.
async fn point(tx: &mut Tx, leaf: Stored<LeafSchema>, new: &Stored<Fragment>) -> Result<()> {
    let mut doc = leaf.doc.clone();
    let id = new.id().clone();
    match (new.doc.kind, new.doc.name.clone()) {
        (FragmentType::CustomTypeFragment, Some(subtype)) => {
            doc.subtypes.insert(subtype, id);
        }
        (FragmentType::AppFragment, Some(app)) => {
            doc.apps.insert(app, id);
        }
        _ => doc.tenant = Some(id),
    }
    tx.update(leaf, doc).await?;
    Ok(())
}
