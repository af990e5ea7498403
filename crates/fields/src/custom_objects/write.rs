//! Creating and changing custom objects.

use serde_json::Map;
use worksmith_engine::{One, Tx};
use worksmith_kernel::{Error, Result};
use worksmith_wire::custom::Customization;
use worksmith_wire::custom_objects::{CreateRequest, UpdateRequest};
use worksmith_wire::stages::{StageOptionForCreate, StageOptionForUpdate};
use worksmith_wire::{ApiError, Apply, Id, Patch, Series};

use super::{CustomObject, KEYS, key_name, schema};
use crate::schemas::{self, Custom, Customizing, LeafSchema, leaf};
use crate::stages::{self, CustomStage};

pub(super) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<CustomObject>> {
    let CreateRequest {
        leaf_type,
        custom_fields,
        custom_schema_spec,
        title,
        description,
        stage,
        stage_validation_options,
        unique_key,
    } = request;
    let leaf = schema(tx, &leaf_type).await?;
    let prefix = leaf.doc.id_prefix.clone();
    let prefix = prefix.ok_or_else(|| Error::internal("an own leaf type without an id_prefix"))?;
    if custom_schema_spec.is_none() && custom_fields.as_ref().is_some_and(|f| !f.is_empty()) {
        // A new object has no fragments yet to which the fields could belong.
        return Err(ApiError::missing("custom_schema_spec").into());
    }
    let leaf_id = leaf.id().clone();
    let customization =
        Customization { custom_fields, custom_schema_spec, custom_schema_fragments: Vec::new() };
    let customizing = schemas::begin(tx, leaf, Custom::default(), customization).await?;
    let allow_non_start = stage_validation_options.contains(&StageOptionForCreate::AllowNonStart);
    let stage = entry(tx, &customizing, stage.map(Into::into), allow_non_start).await?;
    let mut object = CustomObject {
        leaf_type,
        leaf: leaf_id,
        id_prefix: prefix,
        title: title.map(Into::into),
        description: description.map(Into::into),
        stage,
        stage_ordinal: None,
        unique_key: unique_key.map(Into::into),
        custom: Custom::default(),
    };
    finish(tx, customizing, None, &mut object).await?;
    check_key(tx, &object).await?;
    let stored = tx.insert(Series::of_leaf_type(&object.leaf_type), object).await?;
    tx.one(&stored).await
}

/// Refuses a key that another object of the leaf type has.
async fn check_key(tx: &mut Tx, object: &CustomObject) -> Result<()> {
    let Some(key) = &object.unique_key else { return Ok(()) };
    let Some(holder) = tx.find_name(KEYS, &key_name(&object.leaf_type, key)).await? else {
        return Ok(());
    };
    let holder = object.display_id(&holder);
    let message = format!("unique_key {key:?} is taken by {holder}");
    Err(ApiError::conflict(message).at("unique_key").into())
}

pub(super) async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<CustomObject>> {
    let UpdateRequest {
        id,
        custom_fields,
        custom_schema_spec,
        title,
        description,
        stage,
        stage_validation_options,
    } = request;
    let id = leaf::resolve(tx, id.into()).await?;
    let old = tx.target::<CustomObject>(&id).await?;
    let leaf = tx.find::<LeafSchema>(&old.doc.leaf).await?;
    let leaf = leaf.ok_or_else(|| Error::internal("a leaf type without a schema"))?;
    let customization =
        Customization { custom_fields, custom_schema_spec, custom_schema_fragments: Vec::new() };
    let customizing = schemas::begin(tx, leaf, old.doc.custom.clone(), customization).await?;
    let mut object = old.doc.clone();
    title.apply(&mut object.title);
    description.apply(&mut object.description);
    let allow_invalid =
        stage_validation_options.contains(&StageOptionForUpdate::AllowInvalidTransition);
    go(tx, &customizing, &mut object.stage, stage.into_id(), allow_invalid).await?;
    finish(tx, customizing, Some(&old.doc), &mut object).await?;
    let stored = tx.update(old, object).await?;
    tx.one(&stored).await
}

/// Completes the write, once everything but the custom fields of the object is final.
async fn finish(
    tx: &mut Tx,
    customizing: Customizing,
    before: Option<&CustomObject>,
    object: &mut CustomObject,
) -> Result<()> {
    object.stage_ordinal = match &object.stage {
        Some(stage) => tx.find::<CustomStage>(stage).await?.map(|stage| stage.doc.ordinal.into()),
        None => None,
    };
    object.custom.subtype = customizing.subtype().map(ToOwned::to_owned);
    let (mut old, mut new) = (Map::new(), Map::new());
    if customizing.looks_at_stock_fields() {
        old = before.map(schemas::stock_view).transpose()?.unwrap_or_default();
        new = schemas::stock_view(object)?;
    }
    object.custom = customizing.finish(tx, &old, &new).await?;
    Ok(())
}

/// The error for a stage if the leaf type has none.
fn stageless() -> ApiError {
    ApiError::not_permitted("stage", "stage: the leaf type has no stage diagram")
}

/// The stage that a new object begins in.
async fn entry(
    tx: &mut Tx,
    customizing: &Customizing,
    wanted: Option<Id>,
    allow_non_start: bool,
) -> Result<Option<Id>> {
    match (customizing.stage_diagram(tx).await?, wanted) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(stageless().into()),
        (Some(diagram), None) => Ok(Some(stages::start_stage(&diagram))),
        (Some(diagram), Some(stage)) => {
            stages::check_entry(&diagram, &stage, allow_non_start)?;
            Ok(Some(stage))
        }
    }
}

/// Moves an object, if the request asks for it and the diagram permits it. A change to a subtype
/// with other stages moves the object to their start stage.
async fn go(
    tx: &mut Tx,
    customizing: &Customizing,
    stage: &mut Option<Id>,
    wanted: Patch<Id>,
    allow_invalid_transition: bool,
) -> Result<()> {
    let stays = match &wanted {
        Patch::Absent => true,
        Patch::Null => stage.is_none(),
        Patch::Value(to) => stage.as_ref() == Some(to),
    };
    if stays && !customizing.changes_subtype() {
        return Ok(());
    }
    let diagram = customizing.stage_diagram(tx).await?;
    *stage = match (diagram, wanted) {
        (_, Patch::Null) | (None, Patch::Absent) => None,
        (None, Patch::Value(_)) => return Err(stageless().into()),
        (Some(diagram), Patch::Absent) => {
            let stays = stage.take().filter(|stage| diagram.doc.node(stage).is_some());
            Some(stays.unwrap_or_else(|| stages::start_stage(&diagram)))
        }
        (Some(diagram), Patch::Value(to)) => {
            match stage {
                Some(from) => {
                    let may_jump = allow_invalid_transition;
                    stages::check_move(tx, &diagram, from, &to, may_jump).await?;
                }
                None => stages::check_entry(&diagram, &to, allow_invalid_transition)?,
            }
            Some(to)
        }
    };
    Ok(())
}
