//! `schemas.subtypes.prepare-update`: what a change of the subtype would do.

use worksmith_engine::Tx;
use worksmith_kernel::{Resource, Result, Stored};
use worksmith_wire::schemas::{
    AddedField, ConflictType, DroppedField, PrepareUpdateRequest, PrepareUpdateResponse,
};
use worksmith_wire::{ApiError, Id};

use super::check::Schema;
use super::custom::{Custom, Staged, by_name, diagram_of, fragment, newest_of};
use super::fragment::Fragment;
use super::leaf::{self, LeafSchema};
use super::{schema_of, validate};
use crate::stages;

pub(super) async fn prepare<R: Resource + Staged>(
    tx: &mut Tx,
    request: PrepareUpdateRequest,
) -> Result<PrepareUpdateResponse> {
    let PrepareUpdateRequest { is_custom_leaf_type, leaf_type, new_subtype, object } = request;
    let is_custom = is_custom_leaf_type.unwrap_or(false);
    let Some(leaf) = leaf::find(tx, &leaf_type, is_custom).await? else {
        let message = format!("there is no leaf_type {leaf_type:?}");
        return Err(ApiError::not_permitted("leaf_type", message).into());
    };
    let new = match &new_subtype {
        Some(subtype) => Some(named(tx, &leaf.doc, subtype).await?),
        None => None,
    };
    let (custom, stage) = match object {
        Some(id) if id.kind().noun() != leaf_type => {
            let message = format!("object is of type {}, not {leaf_type}", id.kind().noun());
            return Err(ApiError::not_permitted("object", message).into());
        }
        Some(id) => {
            let object = tx.target::<R>(&id).await?.doc;
            (object.custom().clone(), Some(object.stage().clone()))
        }
        None => (Custom::default(), None),
    };
    let before = newest_of(tx, &custom.fragments).await?;
    let mut after: Vec<_> =
        before.iter().filter(|fragment| fragment.doc.subtype().is_none()).cloned().collect();
    after.extend(new);
    let new_start_stage = new_stage(tx, &leaf.doc, new_subtype.as_deref(), stage).await?;
    let old_schema = schema_of(tx, &leaf, &before).await?;
    let new_schema = schema_of(tx, &leaf, &after).await?;
    Ok(PrepareUpdateResponse {
        added_fields: added(&old_schema, &new_schema),
        dropped_fields: dropped(&custom, &old_schema, &new_schema),
        new_custom_schema_fragments: after.iter().map(|f| tx.cx().don(f.id())).collect(),
        new_start_stage: new_start_stage.map(|stage| tx.cx().don(&stage)),
    })
}

async fn named(tx: &mut Tx, leaf: &LeafSchema, subtype: &str) -> Result<Stored<Fragment>> {
    let id = by_name(leaf, "subtype", subtype).map_err(|_| {
        let reason = format!("{} has no schema fragment {subtype:?}", leaf.leaf_type);
        worksmith_wire::custom::customization_error("new_subtype", "fragment_not_found", reason)
    })?;
    fragment(tx, id).await
}

/// The stage that the object would be moved to, if the new subtype does not have its own.
async fn new_stage(
    tx: &mut Tx,
    leaf: &LeafSchema,
    subtype: Option<&str>,
    stage: Option<Id>,
) -> Result<Option<Id>> {
    let diagram = diagram_of(tx, leaf, subtype).await?;
    let leaves = |diagram: &Stored<stages::StageDiagram>| match &stage {
        Some(stage) => diagram.doc.node(stage).is_none(),
        None => true,
    };
    Ok(diagram.filter(|diagram| leaves(diagram)).map(|diagram| stages::start_stage(&diagram)))
}

fn added(old: &Schema, new: &Schema) -> Vec<AddedField> {
    let comes = new.fields.iter().filter(|field| {
        let before = old.field(&field.name);
        before.is_none_or(|before| !validate::is_compatible(before, field, None))
    });
    let added = comes.map(|field| AddedField {
        default_value: field.default_value.clone(),
        name: field.name.0.clone(),
    });
    added.collect()
}

fn dropped(custom: &Custom, old: &Schema, new: &Schema) -> Vec<DroppedField> {
    let mut dropped = Vec::new();
    let mut names: Vec<&str> = old.fields.iter().map(|field| &*field.name).collect();
    names.extend(custom.fields.keys().map(|name| &**name).filter(|name| old.field(name).is_none()));
    for name in names {
        let value = custom.fields.get(name);
        let (conflict_type, why) = match (old.field(name), new.field(name)) {
            (None, _) => (ConflictType::AbsentInOld, "is no field of the schema any more"),
            (Some(_), None) => (ConflictType::AbsentInNew, "is no field of the new subtype"),
            (Some(old), Some(new)) if !validate::is_compatible(old, new, value) => {
                (ConflictType::IncompatibleType, "has other values in the new subtype")
            }
            _ => continue,
        };
        let message = format!("{name} {why}");
        dropped.push(DroppedField { conflict_type, message, name: name.to_owned() });
    }
    dropped
}
