//! Creating a part.

use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_org::tagging;
use worksmith_wire::common::PartId;
use worksmith_wire::parts::{CreateEnhancement, CreateRequest, PartType};
use worksmith_wire::{ApiError, ErrorType, Id, Kind, Many, distinct};

use super::{Code, Part, stage};
use crate::types::refuse_foreign;

/// The member of a request that names the part above.
const PARENT: &str = super::PARENT.field();

/// Creates a part.
pub(crate) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<Stored<Part>> {
    let CreateRequest {
        r#type,
        name,
        description,
        owned_by,
        parent_part,
        tags,
        artifacts: given_files,
        // They are made once the part is there.
        links: _,
        stage_validation_options,
        enhancement,
        code: set_code,
        customization,
    } = request;
    customization.refuse()?;
    let kind = r#type.kind();
    if kind != Kind::Enhancement {
        refuse_foreign(kind.noun(), &enhancement.given())?;
    }
    if !has_code(kind) {
        refuse_foreign(kind.noun(), &set_code.given())?;
    }
    let parent_part = parent(tx, r#type, parent_part)?;
    let mut owned_by = distinct(owned_by);
    if owned_by.is_empty() {
        owned_by.push(tx.cx().actor.id.clone());
    }
    let tags = tagging::resolve(tx, tags, &[]).await?;
    let files = distinct(given_files.map_or_else(Vec::new, |Many(files)| files));
    let CreateEnhancement { target_start_date, target_close_date, stage_v2 } = enhancement;
    let mut code = Code::default();
    code.set(set_code);
    let mut part = Part {
        name: name.into(),
        description: description.map(Into::into),
        owned_by,
        parent_part,
        tags,
        artifacts: files,
        stage_v2: None,
        target_start_date,
        target_close_date,
        actual_start_date: None,
        actual_close_date: None,
        release_notes: None,
        code,
    };
    if kind == Kind::Enhancement {
        let allow_non_start = !stage_validation_options.is_empty();
        stage::enter(tx, &mut part, stage_v2.map(Into::into), allow_non_start).await?;
    }
    tx.insert(kind, part).await
}

/// Whether parts of this kind have code.
pub(super) fn has_code(kind: Kind) -> bool {
    matches!(kind, Kind::Runnable | Kind::Linkable)
}

/// The kinds of part that one of this type may belong to. The contract gives runnables and
/// linkables no parent; here they may have one, so that they can be found below their product.
fn parents_of(part: PartType) -> &'static [Kind] {
    match part {
        PartType::Product => &[],
        PartType::Capability => &[Kind::Product],
        PartType::Feature => &[Kind::Capability, Kind::Feature],
        PartType::Enhancement | PartType::Runnable | PartType::Linkable => PartId::KINDS,
    }
}

/// Whether a part of one kind may belong to one of another kind.
pub(crate) fn may_be_below(part: Kind, parent: Kind) -> bool {
    parents_of(PartType::of(part)).contains(&parent)
}

/// The parent of a new part, if it may have that.
fn parent(tx: &Tx, part: PartType, given: Vec<PartId>) -> Result<Option<Id>> {
    let count = given.len();
    let Some(PartId(parent)) = given.into_iter().next() else {
        return match part {
            PartType::Product | PartType::Runnable | PartType::Linkable => Ok(None),
            _ => Err(ApiError::missing(PARENT).into()),
        };
    };
    if part == PartType::Product {
        refuse_foreign(part.as_str(), &[(PARENT, true)])?;
    }
    if count > 1 {
        let message = format!("{PARENT} has {count} elements; a part belongs to exactly one");
        return Err(ApiError::not_permitted(PARENT, message).with("reason", "max_items 1").into());
    }
    let allowed = parents_of(part);
    if allowed.contains(&parent.kind()) {
        return Ok(Some(parent));
    }
    let nouns: Vec<_> = allowed.iter().map(|kind| kind.noun()).collect();
    let message = format!("a {} belongs to a {}", part.as_str(), nouns.join(" or a "));
    Err(ApiError::field(ErrorType::UnexpectedIdType, PARENT, message)
        .with("value", tx.cx().don(&parent))
        .with("allowed_types", nouns)
        .into())
}
