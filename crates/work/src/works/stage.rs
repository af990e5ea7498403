//! The stage of a work: where it begins, where it may move, and which dates a move sets.

use std::sync::Arc;

use worksmith_engine::Tx;
use worksmith_fields::schemas::Customizing;
use worksmith_fields::stages::{self, CustomStage, StageDiagram};
use worksmith_kernel::{Error, Result, Stored};
use worksmith_wire::Id;
use worksmith_wire::stages::{StageOptionForCreate, StageOptionForUpdate};
use worksmith_wire::works::{StageInit, StageUpdate};

use super::doc::{Variant, Work};

/// The stages that a work goes through: those of the subtype that it will have.
pub(super) async fn diagram(
    tx: &mut Tx,
    work: &Work,
    customizing: &Customizing,
) -> Result<Arc<Stored<StageDiagram>>> {
    match customizing.stage_diagram(tx).await? {
        Some(diagram) => Ok(diagram),
        None => stages::diagram_for(tx, work.kind().noun()).await,
    }
}

/// The stage that a new work begins in.
pub(super) async fn entry(
    tx: &mut Tx,
    diagram: &Stored<StageDiagram>,
    wanted: Option<StageInit>,
    options: &[StageOptionForCreate],
) -> Result<Id> {
    let Some(StageInit { id, name }) = wanted else {
        return Ok(stages::start_stage(diagram));
    };
    let stage = match (id, name) {
        (Some(id), _) => id.into(),
        (None, Some(name)) => stages::named(tx, diagram, &name).await?,
        (None, None) => return Ok(stages::start_stage(diagram)),
    };
    let allow_non_start = options.contains(&StageOptionForCreate::AllowNonStart);
    stages::check_entry(diagram, &stage, allow_non_start)?;
    Ok(stage)
}

/// Moves a work, if the request asks for it and the diagram permits it.
pub(super) async fn go(
    tx: &mut Tx,
    work: &mut Work,
    diagram: &Stored<StageDiagram>,
    wanted: Option<StageUpdate>,
    options: &[StageOptionForUpdate],
) -> Result<()> {
    let Some(StageUpdate { name, stage }) = wanted else { return Ok(()) };
    let target = match (stage, name) {
        (Some(id), _) => id.into(),
        // Its present stage may have been removed from the diagram.
        (None, Some(name)) if stages::is_named(tx, &work.stage, &name).await? => return Ok(()),
        (None, Some(name)) => stages::named(tx, diagram, &name).await?,
        (None, None) => return Ok(()),
    };
    if target == work.stage {
        return Ok(());
    }
    let allow_invalid = options.contains(&StageOptionForUpdate::AllowInvalidTransition);
    stages::check_move(tx, diagram, &work.stage, &target, allow_invalid).await?;
    enter(tx, work, target).await
}

/// Moves a work to the start stage of its new subtype, if that does not have its present stage
/// (BEHAVIOUR 6.3).
pub(super) async fn restart(
    tx: &mut Tx,
    work: &mut Work,
    diagram: &Stored<StageDiagram>,
) -> Result<()> {
    if diagram.doc.node(&work.stage).is_some() {
        return Ok(());
    }
    enter(tx, work, stages::start_stage(diagram)).await
}

/// Puts a work into a stage, and sets its dates accordingly.
pub async fn enter(tx: &mut Tx, work: &mut Work, stage: Id) -> Result<()> {
    let now = tx.cx().now;
    let found = tx.find::<CustomStage>(&stage).await?;
    let found =
        found.ok_or_else(|| Error::internal("a diagram names a stage that is not there"))?;
    tx.rely_on(&found);
    let is_new = work.stage.local().is_empty();
    let old = if is_new { None } else { Some(stages::state_of(tx, &work.stage).await?) };
    let new = stages::state_of(tx, &stage).await?;
    let mut none = None;
    let start = match &mut work.variant {
        Variant::Issue(issue) => &mut issue.actual_start_date,
        _ => &mut none,
    };
    stages::dates_after_move(old.as_ref(), &new, now, start, &mut work.actual_close_date);
    work.stage = stage;
    work.stage_ordinal = found.doc.ordinal.into();
    Ok(())
}
