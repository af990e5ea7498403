//! Stage diagrams: which stages the objects of a leaf type go through, and how.
//!
//! Each leaf type has one default diagram from the start. The seeded ones restrict nothing (each
//! stage leads to every other) until an admin replaces their stages. From then on a diagram is the
//! org's own, and its transitions are binding.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, Tx};
use worksmith_kernel::{Column, Expander, Name, Query, Reference, Resource, Result, Stored};
use worksmith_wire::stages::Results;
use worksmith_wire::stages::diagrams::{
    self, CreateRequest, GetRequest, ListRequest, SetStageNode, SetTransition, StageDiagramSummary,
    TransitionUi, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Embedded, Id, Ignored, Kind};

use super::{CustomStage, results, stage_ref};

/// The document of a stage diagram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageDiagram {
    /// The name: `issue_transitions`.
    pub name: String,
    /// The leaf type: `issue`.
    pub leaf_type: String,
    /// Whether the leaf type is one of custom objects.
    pub is_custom_leaf_type: bool,
    /// Whether it applies to objects whose subtype has no diagram.
    pub is_default: bool,
    /// Whether its stages are still the seeded ones.
    pub stock: bool,
    /// The stages, without repetitions.
    pub stages: Vec<StageNode>,
}

/// A stage of a diagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageNode {
    /// The stage.
    pub stage: Id,
    /// Whether new objects begin here: true for exactly one stage of a diagram.
    pub is_start: bool,
    /// Whether the stage can only be left, and not entered any more.
    pub is_deprecated: bool,
    /// The transitions that are allowed from here; their targets are stages of the diagram.
    pub transitions: Vec<Transition>,
}

/// An allowed transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// The stage that it leads to.
    pub target: Id,
    /// Whether it is hidden from people.
    pub is_hidden: bool,
}

const NAME: Column<StageDiagram> =
    Column::text("name", |diagram: &StageDiagram| diagram.name.as_str().into()).sorted();
const LEAF_TYPE: Column<StageDiagram> =
    Column::text("leaf_type", |diagram: &StageDiagram| diagram.leaf_type.as_str().into()).filter();
const IS_CUSTOM_LEAF_TYPE: Column<StageDiagram> =
    Column::integer("is_custom_leaf_type", |diagram| diagram.is_custom_leaf_type.into());

/// The leaf types that have a default diagram.
const DEFAULTS: Name<StageDiagram> =
    Name::new("stage_diagram.default", "is_default", |diagram, claim| {
        if diagram.is_default {
            claim(&default_name(&diagram.leaf_type, diagram.is_custom_leaf_type));
        }
    });

/// The name of a leaf type in that space.
fn default_name(leaf_type: &str, is_custom: bool) -> String {
    format!("{} {leaf_type}", if is_custom { "custom" } else { "stock" })
}

impl Resource for StageDiagram {
    const TABLE_NAME: &'static str = "stage_diagrams";
    const KINDS: &'static [Kind] = &[Kind::StageDiagram];
    const COLUMNS: &'static [Column<Self>] = &[NAME, LEAF_TYPE, IS_CUSTOM_LEAF_TYPE];
    const REFS: &'static [Reference<Self>] = &[Reference::new("stage_id", |diagram, visit| {
        diagram.stages.iter().for_each(|node| visit(&node.stage));
    })];
    const NAMES: &'static [Name<Self>] = &[DEFAULTS];
    const ONE: &'static str = "stage_diagram";
    const MANY: &'static str = "result";
    type Object = diagrams::StageDiagram;
    type Summary = StageDiagramSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> diagrams::StageDiagram {
        let Self { name, leaf_type, is_custom_leaf_type, is_default, stock: _, stages } =
            stored.doc.clone();
        let stages = stages.iter().filter_map(|node| node.object(x)).collect();
        diagrams::StageDiagram {
            head: x.base(&stored.meta),
            name,
            leaf_type,
            is_custom_leaf_type,
            is_default,
            stages,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> StageDiagramSummary {
        StageDiagramSummary { head: x.atom(stored.id()), name: stored.doc.name.clone() }
    }
}

impl StageDiagram {
    /// The node of a stage; `None` if it is not in the diagram.
    pub fn node(&self, stage: &Id) -> Option<&StageNode> {
        self.stages.iter().find(|node| node.stage == *stage)
    }
}

impl StageNode {
    fn object(&self, x: &Expander) -> Option<diagrams::StageNode> {
        let reference = |id: &Id| x.doc::<CustomStage>(id).map(|stage| stage_ref(stage, x));
        let transitions = self.transitions.iter().filter_map(|transition| {
            let ui = transition.is_hidden.then_some(TransitionUi { is_hidden: true });
            let target_stage = reference(&transition.target)?;
            Some(diagrams::StageTransition { target_stage, ui })
        });
        Some(diagrams::StageNode {
            stage: reference(&self.stage)?,
            is_start: self.is_start,
            is_deprecated: self.is_deprecated,
            transitions: transitions.collect(),
        })
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<StageDiagram>();
    let admins = |op: Op| op.audience(Audience::Admins);
    table.add(admins(Op::create("stage-diagrams.create", "stage_diagram")), create);
    table.add(Op::read("stage-diagrams.get", ""), get);
    table.add(Op::read("stage-diagrams.list", ""), list);
    table.add(admins(Op::write("stage-diagrams.update", "stage_diagram")), update);
    table.feed::<StageDiagram>("stage-diagrams.get");
}

/// The default diagram of a leaf type.
pub(super) async fn default_of(
    tx: &mut Tx,
    leaf_type: &str,
    is_custom: bool,
) -> Result<Option<Stored<StageDiagram>>> {
    match tx.find_name(DEFAULTS, &default_name(leaf_type, is_custom)).await? {
        Some(id) => tx.find(&id).await,
        None => Ok(None),
    }
}

/// The error for stages that don't form a valid diagram.
fn invalid(reason: impl Into<String>) -> ApiError {
    let reason = reason.into();
    ApiError::not_permitted("stages", reason.clone()).with("reason", reason)
}

/// The stages of a diagram that a request describes: without repetitions, with exactly one start
/// stage, and without transitions out of the diagram.
fn nodes(set: Vec<SetStageNode>) -> Result<Vec<StageNode>> {
    let mut known = HashSet::with_capacity(set.len());
    for node in &set {
        if !known.insert(node.stage_id.0.clone()) {
            let stage = node.stage_id.display_id().unwrap_or_default();
            return Err(invalid(format!("{stage} is in the diagram twice")).into());
        }
    }
    let nodes: Vec<_> =
        set.into_iter().map(|node| self::node(node, &known)).collect::<Result<_, _>>()?;
    let mut starts = nodes.iter().filter(|node| node.is_start);
    match (starts.next(), starts.next()) {
        (Some(start), None) if start.is_deprecated => {
            Err(invalid("the start stage can't be deprecated, as new objects enter it").into())
        }
        (Some(_), None) => Ok(nodes),
        _ => Err(invalid("exactly one stage is the start stage").into()),
    }
}

fn node(set: SetStageNode, known: &HashSet<Id>) -> Result<StageNode> {
    let SetStageNode { stage_id, is_start, is_deprecated, transitions: moves } = set;
    let mut seen = HashSet::new();
    let mut transitions = Vec::new();
    for SetTransition { target_stage_id, ui } in moves {
        let target = Id::from(target_stage_id);
        if !known.contains(&target) {
            let name = target.display_id().unwrap_or_default();
            let reason = format!("{name} is no stage of the diagram");
            return Err(ApiError::not_permitted("stages.transitions.target_stage_id", &reason)
                .with("reason", reason)
                .into());
        }
        if seen.insert(target.clone()) {
            let is_hidden = ui.and_then(|ui| ui.is_hidden).unwrap_or(false);
            transitions.push(Transition { target, is_hidden });
        }
    }
    Ok(StageNode {
        stage: stage_id.into(),
        is_start: is_start.unwrap_or(false),
        is_deprecated: is_deprecated.unwrap_or(false),
        transitions,
    })
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<StageDiagram>> {
    let CreateRequest { leaf_type, name, stages, is_custom_leaf_type, is_default, subtype } =
        request;
    let Ignored = subtype;
    let diagram = StageDiagram {
        name: name.into(),
        leaf_type: leaf_type.into(),
        is_custom_leaf_type: is_custom_leaf_type.unwrap_or(false),
        is_default: is_default.unwrap_or(false),
        stock: false,
        stages: nodes(stages.0)?,
    };
    let StageDiagram { leaf_type, is_custom_leaf_type, .. } = &diagram;
    if !is_custom_leaf_type && Kind::from_noun(leaf_type).is_none() {
        let message = format!(
            "leaf_type {leaf_type:?} is no kind of object; one of custom objects needs \
             is_custom_leaf_type"
        );
        return Err(ApiError::not_permitted("leaf_type", message).into());
    }
    if diagram.is_default
        && let Some(holder) = default_of(tx, leaf_type, *is_custom_leaf_type).await?
    {
        let holder = holder.id().display_id().unwrap_or_default();
        let message = format!(
            "{holder} is the default diagram of {leaf_type}; to change it, replace its stages \
             with stage-diagrams.update"
        );
        return Err(ApiError::conflict(message).at("is_default").into());
    }
    let stored = tx.insert(Kind::StageDiagram, diagram).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<StageDiagram>> {
    let GetRequest { id, leaf_type, is_custom_leaf_type } = request;
    let stored = match (leaf_type, id) {
        (Some(leaf_type), _) => {
            let is_custom = is_custom_leaf_type.unwrap_or(false);
            default_of(tx, &leaf_type, is_custom).await?.ok_or_else(|| {
                ApiError::not_found(format!("there is no default stage diagram of {leaf_type}"))
            })?
        }
        (None, Some(id)) => tx.target::<StageDiagram>(&id).await?,
        (None, None) => return Err(ApiError::missing("id").into()),
    };
    tx.one(&stored).await
}

async fn list(
    tx: &mut Tx,
    request: ListRequest,
) -> Result<Results<Embedded<diagrams::StageDiagram>>> {
    let ListRequest { leaf_type, name, is_custom_leaf_type, sort_by, page } = request;
    // A leaf type is one of custom objects only if the request says so, as in `get`.
    let is_custom = is_custom_leaf_type.or((!leaf_type.is_empty()).then_some(false));
    let mut query = Query::new();
    query
        .one_of(LEAF_TYPE, leaf_type)
        .one_of(NAME, name)
        .is(IS_CUSTOM_LEAF_TYPE, is_custom)
        .sort_by(&sort_by, &[("name", NAME), ("leaf_type", LEAF_TYPE)])?;
    tx.list::<StageDiagram>(query, &page.into()).await.map(results)
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<StageDiagram>> {
    let UpdateRequest { id, name, stages } = request;
    let old = tx.target::<StageDiagram>(&id).await?;
    let mut diagram = old.doc.clone();
    name.apply(&mut diagram.name);
    if let Some(set) = stages {
        let nodes = nodes(set.0)?;
        // Objects in a stage that is removed here stay in it until they are moved.
        diagram.stock &= nodes == diagram.stages;
        diagram.stages = nodes;
    }
    let stored = tx.update(old, diagram).await?;
    tx.one(&stored).await
}
