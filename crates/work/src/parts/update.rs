//! Changing a part.

use worksmith_engine::{One, Tx};
use worksmith_kernel::Result;
use worksmith_org::tagging;
use worksmith_wire::common::StageId;
use worksmith_wire::parts::{PartType, SetCode, UpdateEnhancement, UpdateRequest};
use worksmith_wire::{ApiError, Apply, Kind};

use super::create::has_code;
use super::{Part, stage};
use crate::types::{refuse_foreign, refuse_other_type};

pub(super) async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Part>> {
    let UpdateRequest {
        id,
        r#type,
        name,
        description,
        owned_by,
        tags,
        artifacts: files,
        stage_validation_options,
        enhancement,
        code,
        customization,
    } = request;
    customization.refuse()?;
    let kind = id.kind();
    refuse_other_type(kind, r#type.map(PartType::as_str))?;
    if kind != Kind::Enhancement {
        refuse_foreign(kind.noun(), &enhancement.given())?;
    }
    let code = code.into();
    if !has_code(kind) {
        refuse_foreign(kind.noun(), &SetCode::given(&code))?;
    }

    let old = tx.target::<Part>(&id).await?;
    let mut part = old.doc.clone();
    name.apply(&mut part.name);
    description.apply(&mut part.description);
    if owned_by.set.as_ref().is_some_and(Vec::is_empty) {
        let message = "owned_by must not become empty";
        return Err(ApiError::not_permitted("owned_by", message).into());
    }
    owned_by.apply(&mut part.owned_by);
    tagging::replace(tx, &mut part.tags, tags.set).await?;
    files.apply(&mut part.artifacts);
    let to = enhancement.stage_v2.clone();
    plan(&mut part, enhancement);
    if let Some(StageId(to)) = to {
        let allow_invalid_transition = !stage_validation_options.is_empty();
        stage::move_to(tx, &mut part, to, allow_invalid_transition).await?;
    }
    part.code.set(code);
    let stored = tx.update(old, part).await?;
    tx.one(&stored).await
}

fn plan(part: &mut Part, request: UpdateEnhancement) {
    let UpdateEnhancement { release_notes, target_start_date, target_close_date, stage_v2: _ } =
        request;
    release_notes.apply(&mut part.release_notes);
    target_start_date.apply(&mut part.target_start_date);
    target_close_date.apply(&mut part.target_close_date);
}
