//! Parts: products, and the tree of capabilities, features and enhancements under them. Works and
//! boards refer to them.

mod create;
mod list;
mod stage;
pub mod tree;
mod update;

pub(crate) use create::{create, may_be_below};
use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, Tx};
use worksmith_fields::stages::{CustomStage, CustomState};
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{Column, Expander, Reference, Resource, Result, Stored};
use worksmith_org::artifacts;
use worksmith_org::tagging::{self, TagOn};
use worksmith_wire::common::{Empty, PartId, StageId, TagId, UserId};
use worksmith_wire::parts::{self, DeleteRequest, GetRequest, PartSummary, PartType, SetCode};
use worksmith_wire::{ApiError, Apply, Id, Kind, Timestamp, each};

/// The document of a part of any type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Who owns it; at least one user.
    pub owned_by: Vec<Id>,
    /// The parent part. Answers don't show it, but lists can be filtered by it.
    pub parent_part: Option<Id>,
    /// The tags.
    pub tags: Vec<TagOn>,
    /// The files.
    pub artifacts: Vec<Id>,
    /// The stage that an enhancement is in; other parts have none.
    pub stage_v2: Option<Id>,
    /// When the work on an enhancement should begin.
    pub target_start_date: Option<Timestamp>,
    /// When an enhancement should be done.
    pub target_close_date: Option<Timestamp>,
    /// When the work on an enhancement began.
    pub actual_start_date: Option<Timestamp>,
    /// When an enhancement was done.
    pub actual_close_date: Option<Timestamp>,
    /// Notes for the users of an enhancement.
    pub release_notes: Option<String>,
    /// The code of a runnable or linkable.
    pub code: Code,
}

/// The code of a runnable or linkable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The parts of the code that it was found to affect.
    pub inferred_surface_area: Vec<String>,
    /// Its paths in the repository.
    pub repo_paths: Option<String>,
    /// The URL of the repository.
    pub repo_url: Option<String>,
}

impl Code {
    /// Takes over what a request says.
    fn set(&mut self, request: SetCode) {
        let SetCode { code_inferred_surface_area, code_repo_paths, code_repo_url } = request;
        code_inferred_surface_area.map(each).apply(&mut self.inferred_surface_area);
        code_repo_paths.apply(&mut self.repo_paths);
        code_repo_url.apply(&mut self.repo_url);
    }
}

/// The name.
pub const NAME: Column<Part> =
    Column::text("name", |part: &Part| part.name.as_str().into()).sorted();
const PARENT_ID: Column<Part> =
    Column::text("parent", |part: &Part| part.parent_part.as_ref().into()).filter();
const TARGET_START: Column<Part> =
    Column::integer("target_start_date", |part: &Part| part.target_start_date.into()).sorted();
const TARGET_CLOSE: Column<Part> =
    Column::integer("target_close_date", |part: &Part| part.target_close_date.into()).sorted();
const ACTUAL_START: Column<Part> =
    Column::integer("actual_start_date", |part: &Part| part.actual_start_date.into()).sorted();
const ACTUAL_CLOSE: Column<Part> =
    Column::integer("actual_close_date", |part: &Part| part.actual_close_date.into()).sorted();

const OWNED_BY: Reference<Part> =
    Reference::new("owned_by", |part, visit| part.owned_by.iter().for_each(visit));
/// The part above.
pub(crate) const PARENT: Reference<Part> =
    Reference::new("parent_part", |part, visit| part.parent_part.iter().for_each(visit));
const TAGS: Reference<Part> =
    Reference::new(tagging::TAGS, |part, visit| tagging::visit(&part.tags, visit));
/// The stage of an enhancement.
const STAGE: Reference<Part> =
    Reference::new("stage_v2", |part, visit| part.stage_v2.iter().for_each(visit));

impl Resource for Part {
    const TABLE_NAME: &'static str = "parts";
    const KINDS: &'static [Kind] = &[
        Kind::Product,
        Kind::Capability,
        Kind::Feature,
        Kind::Enhancement,
        Kind::Runnable,
        Kind::Linkable,
    ];
    const COLUMNS: &'static [Column<Self>] =
        &[NAME, PARENT_ID, TARGET_START, TARGET_CLOSE, ACTUAL_START, ACTUAL_CLOSE];
    const REFS: &'static [Reference<Self>] = &[
        OWNED_BY,
        PARENT,
        TAGS,
        Reference::new("artifacts", |part, visit| part.artifacts.iter().for_each(visit)),
        STAGE,
    ];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("part", |part: &Self, say| say(&part.name))
            .texts(|part, say| {
                let texts = part.description.iter().chain(&part.release_notes);
                texts.chain(&part.code.repo_url).for_each(|text| say(text));
            })
            .by(&[
                Facet::refs(&["owner", "owned_by"], OWNED_BY).to(UserId::KINDS),
                Facet::refs(&["tag", "tags"], TAGS).to(TagId::KINDS),
                Facet::refs(&["parent", "parent_part"], PARENT).to(PartId::KINDS),
                Facet::refs(&["stage"], STAGE).to(StageId::KINDS),
            ]),
    );
    const ONE: &'static str = "part";
    const MANY: &'static str = "parts";
    type Object = parts::Part;
    type Summary = PartSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.owned_by.iter().for_each(visit);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> parts::Part {
        let Self {
            name,
            description,
            owned_by,
            parent_part: _,
            tags,
            artifacts,
            stage_v2,
            target_start_date,
            target_close_date,
            actual_start_date,
            actual_close_date,
            release_notes,
            code: Code { inferred_surface_area, repo_paths, repo_url },
        } = stored.doc.clone();
        parts::Part {
            kind: PartType::of(stored.id().kind()),
            head: x.base(&stored.meta),
            name,
            description,
            owned_by: x.embed_all(&owned_by),
            tags: tagging::render(&tags, x),
            artifacts: x.embed_all(&artifacts),
            stage_v2: x.embed_opt(stage_v2.as_ref()),
            state_v2: stage_v2.and_then(|stage| state_name(&stage, x)),
            target_start_date: target_start_date.map(Into::into),
            target_close_date: target_close_date.map(Into::into),
            actual_start_date: actual_start_date.map(Into::into),
            actual_close_date: actual_close_date.map(Into::into),
            release_notes,
            code_inferred_surface_area: inferred_surface_area,
            code_repo_paths: repo_paths,
            code_repo_url: repo_url,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> PartSummary {
        PartSummary {
            kind: stored.id().kind().noun(),
            head: x.atom(stored.id()),
            name: stored.doc.name.clone(),
            owned_by: x.embed_all(&stored.doc.owned_by),
        }
    }
}

fn state_name(stage: &Id, x: &Expander) -> Option<String> {
    let found = x.doc::<CustomStage>(stage)?;
    Some(x.doc::<CustomState>(&found.doc.state)?.doc.name.clone())
}

/// Registers the family, but for `parts.create`, which is with the links that it makes.
pub fn ops(table: &mut OpTable) {
    table.family::<Part>();
    table.follow(artifacts::follow::<Part>);
    table.add(Op::read("parts.get", "part"), get);
    table.add(Op::read("parts.list", "part"), list::list);
    table.add(Op::write("parts.update", "part"), update::update);
    table.add(Op::write("parts.delete", "part"), delete);
    table.feed::<Part>("parts.get");
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Part>> {
    tx.show::<Part>(&request.id).await
}

/// Works and boards don't prevent the deletion of a part; parts below it do (BEHAVIOUR 7.2).
async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Part>(&request.id).await?;
    // If a part comes below this one at the same time, the store refuses the batch.
    if tx.rely_on_referrers(PARENT, stored.id(), 0).await?.is_none() {
        let refs = tx.refs_to(stored.id()).await?;
        let children = refs.iter().filter(|(field, _)| field == PARENT.field()).count();
        let message = format!("{children} parts belong to this part; delete or move them first");
        return Err(ApiError::bad_request(message).into());
    }
    tx.delete(stored).await?;
    Ok(Empty {})
}
