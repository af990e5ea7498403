//! Stages for other families: where an object begins, where it may move, and what a move does to
//! its dates.

use std::sync::Arc;

use worksmith_engine::Tx;
use worksmith_kernel::{Cond, Error, Query, Result, Stored};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use super::diagrams::{self, StageNode};
use super::states::stock;
use super::{CustomStage, CustomState, NAME, STATE, StageDiagram, states};

/// A bound for queries: more stages or states than any org has.
const ALL: usize = 10_000;

/// The default diagram of a leaf type, if it has one.
pub async fn default_diagram(
    tx: &mut Tx,
    leaf_type: &str,
    is_custom: bool,
) -> Result<Option<Arc<Stored<StageDiagram>>>> {
    let key = format!("stages.default_diagram:{is_custom}:{leaf_type}");
    if let Some(diagram) = tx.recall(&key) {
        return Ok(Some(diagram));
    }
    let Some(found) = diagrams::default_of(tx, leaf_type, is_custom).await? else {
        return Ok(None);
    };
    let diagram = Arc::new(found);
    tx.remember(&key, Arc::clone(&diagram), &[Kind::StageDiagram]);
    Ok(Some(diagram))
}

/// The default diagram of a stock leaf type. Every kind with stages has one from the start. The org
/// can replace its stages, but can't create a second default.
pub async fn diagram_for(tx: &mut Tx, leaf_type: &str) -> Result<Arc<Stored<StageDiagram>>> {
    let none = || Error::Internal(format!("{leaf_type} has no stage diagram"));
    default_diagram(tx, leaf_type, false).await?.ok_or_else(none)
}

/// The stage in which objects begin.
pub fn start_stage(diagram: &Stored<StageDiagram>) -> Id {
    let start = diagram.doc.stages.iter().find(|node| node.is_start);
    // Every diagram has a start stage. Otherwise this id of nothing is refused when it is used.
    start.map_or_else(|| Id::nowhere(Kind::CustomStage), |node| node.stage.clone())
}

/// Whether a stage has exactly this name.
pub async fn is_named(tx: &mut Tx, stage: &Id, name: &str) -> Result<bool> {
    Ok(tx.find::<CustomStage>(stage).await?.is_some_and(|stage| stage.doc.name == name))
}

/// The stage with a name in a diagram: by exact name, otherwise by display name, ignoring case.
pub async fn named(tx: &mut Tx, diagram: &Stored<StageDiagram>, name: &str) -> Result<Id> {
    let mut stages = Vec::with_capacity(diagram.doc.stages.len());
    for node in &diagram.doc.stages {
        stages.extend(tx.find::<CustomStage>(&node.stage).await?);
    }
    let spoken = name.to_lowercase();
    let exact = stages.iter().find(|stage| stage.doc.name == name);
    let found = exact
        .or_else(|| stages.iter().find(|stage| stage.doc.display_name().to_lowercase() == spoken));
    if let Some(stage) = found {
        return Ok(stage.id().clone());
    }
    let names: Vec<_> = stages.into_iter().map(|stage| stage.doc.name).collect();
    let message = format!(
        "there is no stage {name:?} for this {}; there are {}",
        diagram.doc.leaf_type,
        names.join(", ")
    );
    Err(ApiError::not_permitted("name", message).with("allowed_values", names).into())
}

/// The error for a stage outside the diagram.
fn outside(diagram: &Stored<StageDiagram>, stage: &Id) -> ApiError {
    let stage = stage.display_id().unwrap_or_default();
    let message = format!("{stage} is no stage of {}", diagram.doc.leaf_type);
    ApiError::not_permitted("stage", message)
}

/// The error for a stage that can't be entered any more.
fn deprecated(stage: &Id) -> ApiError {
    let stage = stage.display_id().unwrap_or_default();
    ApiError::bad_request(format!("{stage} is deprecated and can't be entered"))
}

/// Whether a new object may begin in a stage. Clients create objects directly in `resolved`, so a
/// stock diagram lets them begin anywhere; one that the org defined requires the option
/// `allow_non_start` (BEHAVIOUR 6.3).
pub fn check_entry(
    diagram: &Stored<StageDiagram>,
    stage: &Id,
    allow_non_start: bool,
) -> Result<()> {
    let Some(node) = diagram.doc.node(stage) else {
        return Err(outside(diagram, stage).into());
    };
    if node.is_deprecated {
        return Err(deprecated(stage).into());
    }
    if node.is_start || diagram.doc.stock || allow_non_start {
        return Ok(());
    }
    let name = stage.display_id().unwrap_or_default();
    let message = format!(
        "{name} is not the start stage of {}; give stage_validation_options allow_non_start",
        diagram.doc.leaf_type
    );
    Err(ApiError::bad_request(message).into())
}

/// Whether an object may move from one stage to another. An object whose stage was removed from the
/// diagram may move to the start stage, as it would on a change of its subtype. A refusal names the
/// stages that the object may move to.
pub async fn check_move(
    tx: &mut Tx,
    diagram: &Stored<StageDiagram>,
    from: &Id,
    to: &Id,
    allow_invalid_transition: bool,
) -> Result<()> {
    let Err(refusal) = permit_move(diagram, from, to, allow_invalid_transition) else {
        return Ok(());
    };
    let mut names = Vec::new();
    for stage in targets(diagram, from) {
        names.extend(tx.find::<CustomStage>(stage).await?.map(|stage| stage.doc.name));
    }
    Err(refusal.with("allowed_values", names).into())
}

fn permit_move(
    diagram: &Stored<StageDiagram>,
    from: &Id,
    to: &Id,
    allow_invalid_transition: bool,
) -> Result<(), ApiError> {
    if from == to {
        return Ok(());
    }
    let Some(target) = diagram.doc.node(to) else {
        return Err(outside(diagram, to));
    };
    if target.is_deprecated {
        return Err(deprecated(to));
    }
    if allow_invalid_transition || targets(diagram, from).any(|stage| stage == to) {
        return Ok(());
    }
    let name = |stage: &Id| stage.display_id().unwrap_or_default();
    let message = format!(
        "the diagram {:?} has no move from {} to {}; stage_validation_options \
         allow_invalid_transition moves all the same",
        diagram.doc.name,
        name(from),
        name(to)
    );
    Err(ApiError::bad_request(message))
}

/// The stages that an object may move to from a stage, in the order of the diagram.
fn targets<'a>(
    diagram: &'a Stored<StageDiagram>,
    from: &'a Id,
) -> impl Iterator<Item = &'a Id> + use<'a> {
    let StageDiagram { stages, stock, .. } = &diagram.doc;
    let present = diagram.doc.node(from);
    let is_target = move |node: &&'a StageNode| match present {
        _ if *stock => true,
        Some(present) => present.transitions.iter().any(|edge| edge.target == node.stage),
        None => node.is_start,
    };
    let open = stages.iter().filter(move |node| !node.is_deprecated && node.stage != *from);
    open.filter(is_target).map(|node| &node.stage)
}

/// The state of a stage.
pub async fn state_of(tx: &mut Tx, stage: &Id) -> Result<Stored<CustomState>> {
    let lost = || Error::Internal(format!("the state of {stage} is not there"));
    let stage = tx.find::<CustomStage>(stage).await?.ok_or_else(lost)?;
    tx.find(&stage.doc.state).await?.ok_or_else(lost)
}

async fn ids(tx: &mut Tx, cond: Cond<CustomStage>) -> Result<Vec<Id>> {
    let mut query = Query::new();
    query.with(cond);
    let stages = tx.first::<CustomStage>(&query, ALL).await?;
    Ok(stages.into_iter().map(|stage| stage.meta.id).collect())
}

/// The stages in the states with these names; none without names. Unknown names are ignored.
pub async fn stages_in_states(tx: &mut Tx, names: &[String]) -> Result<Vec<Id>> {
    let key = format!("stages.in_states:{names:?}");
    if let Some(stages) = tx.recall::<Vec<Id>>(&key) {
        return Ok(stages.to_vec());
    }
    let mut query = Query::new();
    query.with(Cond::one_of(states::NAME, names.iter().map(String::as_str)));
    let states = tx.first::<CustomState>(&query, ALL).await?;
    let stages = ids(tx, Cond::one_of(STATE, states.iter().map(Stored::id))).await?;
    tx.remember(&key, Arc::new(stages.clone()), &[Kind::CustomState, Kind::CustomStage]);
    Ok(stages)
}

/// The stages with these names; none without names. Unknown names are ignored.
pub async fn stages_named(tx: &mut Tx, names: &[String]) -> Result<Vec<Id>> {
    let key = format!("stages.named:{names:?}");
    if let Some(stages) = tx.recall::<Vec<Id>>(&key) {
        return Ok(stages.to_vec());
    }
    let stages = ids(tx, Cond::one_of(NAME, names.iter().map(String::as_str))).await?;
    tx.remember(&key, Arc::new(stages.clone()), &[Kind::CustomStage]);
    Ok(stages)
}

/// What entering a stage does to the dates of an object (BEHAVIOUR 6.4): the first stage in
/// progress sets the start date, and a return to an open one clears it; a final stage sets the
/// close date, and leaving the final ones clears it. `old_state` is `None` for a new object.
pub fn dates_after_move(
    old_state: Option<&Stored<CustomState>>,
    new_state: &Stored<CustomState>,
    now: Timestamp,
    actual_start: &mut Option<Timestamp>,
    actual_close: &mut Option<Timestamp>,
) {
    if *new_state.id() == stock(1) {
        *actual_start = None;
    } else if *new_state.id() == stock(2) {
        actual_start.get_or_insert(now);
    }
    if !new_state.doc.is_final {
        *actual_close = None;
    } else if !old_state.is_some_and(|old| old.doc.is_final) {
        *actual_close = Some(now);
    }
}
