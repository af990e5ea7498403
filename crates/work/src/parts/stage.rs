//! The stage of an enhancement.

use std::sync::Arc;

use worksmith_engine::Tx;
use worksmith_fields::stages::{self, StageDiagram};
use worksmith_kernel::{Error, Result, Stored};
use worksmith_wire::{ApiError, Id, Kind};

use super::Part;

/// The member of a request that names the stage.
const STAGE: &str = super::STAGE.field();

/// Puts a new enhancement into a stage, by default the start stage.
pub(super) async fn enter(
    tx: &mut Tx,
    part: &mut Part,
    stage: Option<Id>,
    allow_non_start: bool,
) -> Result<()> {
    let diagram = diagram(tx).await?;
    let stage = match stage {
        None => stages::start_stage(&diagram),
        Some(stage) => {
            check_inside(&diagram, &stage)?;
            stages::check_entry(&diagram, &stage, allow_non_start)?;
            stage
        }
    };
    set(tx, part, None, stage).await
}

/// Moves an enhancement to a stage.
pub(super) async fn move_to(
    tx: &mut Tx,
    part: &mut Part,
    stage: Id,
    allow_invalid_transition: bool,
) -> Result<()> {
    let lost = || Error::internal("an enhancement without a stage");
    let from = part.stage_v2.clone().ok_or_else(lost)?;
    if from == stage {
        return Ok(());
    }
    let diagram = diagram(tx).await?;
    check_inside(&diagram, &stage)?;
    stages::check_move(tx, &diagram, &from, &stage, allow_invalid_transition).await?;
    set(tx, part, Some(from), stage).await
}

/// The stage diagram of enhancements. The transaction relies on its not changing.
async fn diagram(tx: &mut Tx) -> Result<Arc<Stored<StageDiagram>>> {
    let diagram = stages::diagram_for(tx, Kind::Enhancement.noun()).await?;
    tx.rely_on(&diagram);
    Ok(diagram)
}

fn check_inside(diagram: &Stored<StageDiagram>, stage: &Id) -> Result<()> {
    if diagram.doc.node(stage).is_some() {
        return Ok(());
    }
    let message = format!("{STAGE} is no stage of the diagram {:?}", diagram.doc.name);
    Err(ApiError::not_permitted(STAGE, message).into())
}

async fn set(tx: &mut Tx, part: &mut Part, from: Option<Id>, to: Id) -> Result<()> {
    let old_state = match from {
        Some(from) => Some(stages::state_of(tx, &from).await?),
        None => None,
    };
    let new_state = stages::state_of(tx, &to).await?;
    let now = tx.cx().now;
    let Part { actual_start_date, actual_close_date, .. } = part;
    stages::dates_after_move(
        old_state.as_ref(),
        &new_state,
        now,
        actual_start_date,
        actual_close_date,
    );
    part.stage_v2 = Some(to);
    Ok(())
}
