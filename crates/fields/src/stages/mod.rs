//! Stages: the steps that works, enhancements, conversations and incidents go through; the states
//! that group them; and the diagrams of the allowed transitions between them.
//!
//! [`moves`] is for other families: which diagram a leaf type has, which stage a name means in it,
//! whether a stage may be entered, and what a move does to the dates of an object.

pub mod diagrams;
pub mod moves;
pub mod seed;
pub mod states;

pub use diagrams::StageDiagram;
pub use moves::{
    check_entry, check_move, dates_after_move, default_diagram, diagram_for, is_named, named,
    stages_in_states, stages_named, start_stage, state_of,
};
use serde::{Deserialize, Serialize};
pub use states::CustomState;
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{
    Beside, Column, Expander, Name, Query, Reference, Resource, Result, Stored,
};
use worksmith_wire::stages::{
    self, CreateRequest, GetRequest, ListRequest, Results, StageRef, StageSummary, StateRef,
    UpdateRequest,
};
use worksmith_wire::{ApiError, Embedded, Id, Kind};

/// The document of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomStage {
    /// The name: `in_review`.
    pub name: String,
    /// The display name if it can't be derived from the name: `Won't Fix`.
    pub display_name: Option<String>,
    /// Its position in the order.
    pub ordinal: i32,
    /// The state that groups it.
    pub state: Id,
    /// The marketplace item that it came from.
    pub marketplace_ref: Option<String>,
    /// Whether it holds its name, so that no other can take it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_own_name: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Objects in a stage keep its ordinal beside it, by which lists are sorted.
pub const IN_STAGE: Beside = Beside { field: "stage", member: "stage_ordinal" };

const NAME: Column<CustomStage> =
    Column::text("name", |stage: &CustomStage| stage.name.as_str().into()).sorted();
const ORDINAL: Column<CustomStage> =
    Column::integer("ordinal", |stage: &CustomStage| i64::from(stage.ordinal).into()).sorted();
const STATE: Column<CustomStage> =
    Column::text("state", |stage: &CustomStage| (&stage.state).into()).filter();

/// Earlier versions allowed several stages of the same name, so only stages that were created
/// since then hold their names; see [`check_name`].
const NAMES: Name<CustomStage> = Name::new("custom_stage.name", "name", |stage, claim| {
    if stage.has_own_name {
        claim(&stage.name);
    }
});

impl Resource for CustomStage {
    const TABLE_NAME: &'static str = "custom_stages";
    const KINDS: &'static [Kind] = &[Kind::CustomStage];
    const COLUMNS: &'static [Column<Self>] = &[NAME, ORDINAL, STATE];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("state", |stage, visit| visit(&stage.state))];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const ONE: &'static str = "custom_stage";
    const MANY: &'static str = "result";
    type Object = stages::CustomStage;
    type Summary = StageSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        visit(&stored.doc.state);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> stages::CustomStage {
        let display_name = stored.doc.display_name();
        let Self { name, ordinal, state, marketplace_ref, .. } = stored.doc.clone();
        stages::CustomStage {
            head: x.base(&stored.meta),
            name,
            display_name,
            ordinal,
            state: x.embed(&state),
            marketplace_ref,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> StageSummary {
        let stage = stage_ref(stored, x);
        StageSummary {
            name: stage.name.clone(),
            display_name: stage.display_name.clone(),
            ordinal: stored.doc.ordinal.into(),
            stage,
            state: x.embed(&stored.doc.state),
        }
    }
}

impl CustomStage {
    /// The display name: `in_review` becomes `In Review`.
    pub fn display_name(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| title(&self.name))
    }
}

/// The words of a name, capitalised.
fn title(name: &str) -> String {
    let words = name.split(['_', ' ']).filter(|word| !word.is_empty()).map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A stage by id and name.
fn stage_ref(stored: &Stored<CustomStage>, x: &Expander) -> StageRef {
    StageRef {
        id: x.don(stored.id()),
        name: stored.doc.name.clone(),
        display_name: stored.doc.display_name(),
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<CustomStage>();
    let admins = |op: Op| op.audience(Audience::Admins);
    table.add(admins(Op::create("stages.custom.create", "custom_stage")), create);
    table.add(Op::read("stages.custom.get", ""), get);
    table.add(Op::read("stages.custom.list", ""), list);
    table.add(admins(Op::write("stages.custom.update", "custom_stage")), update);
    states::ops(table);
    diagrams::ops(table);
    table.feed::<CustomStage>("stages.custom.get");
}

/// The page of a list that only goes forward.
fn results<R: Resource>(page: PageOf<R>) -> Results<Embedded<R::Object>> {
    let PageOf { objects, revisions, next_cursor, prev_cursor: _ } = page;
    Results { result: objects, revisions, cursor: next_cursor.clone(), next_cursor }
}

/// Refuses a state that does not exist; the error names the member of the request.
async fn check_state(tx: &mut Tx, state: &Id, field: &str) -> Result<()> {
    match tx.find::<CustomState>(state).await? {
        Some(_) => Ok(()),
        None => Err(ApiError::invalid_id(field, format!("{field}: there is no such state")).into()),
    }
}

/// Refuses a name that another object of the list has, because clients filter and move by names.
/// The query finds objects that don't hold their names. If two with the same name are created at
/// once, the second finds the name held.
async fn check_name<R: Resource>(tx: &mut Tx, column: Column<R>, name: &str) -> Result<()> {
    let mut query = Query::new();
    query.one_of(column, [name]);
    let Some(holder) = tx.first(&query, 1).await?.pop() else { return Ok(()) };
    let holder = holder.id().display_id().unwrap_or_default();
    let message = format!("name {name:?} is taken by {holder}");
    Err(ApiError::not_permitted("name", message).into())
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<CustomStage>> {
    let CreateRequest { name, ordinal, state: StateRef(state), marketplace_ref } = request;
    check_state(tx, &state, "state").await?;
    check_name(tx, NAME, &name).await?;
    let doc = CustomStage {
        name: name.into(),
        display_name: None,
        ordinal,
        state,
        marketplace_ref: marketplace_ref.map(Into::into),
        has_own_name: true,
    };
    let stored = tx.insert(Kind::CustomStage, doc).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<CustomStage>> {
    tx.show::<CustomStage>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<Results<Embedded<stages::CustomStage>>> {
    let ListRequest { name, ordinal, sort_by, page } = request;
    let mut query = Query::new();
    query
        .one_of(NAME, name)
        .one_of(ORDINAL, ordinal.into_iter().map(i64::from))
        .sort_by(&sort_by, &[("name", NAME), ("ordinal", ORDINAL)])?;
    tx.list::<CustomStage>(query, &page.into()).await.map(results)
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<CustomStage>> {
    let UpdateRequest { id, name, ordinal, state_id } = request;
    let old = tx.target::<CustomStage>(&id).await?;
    let mut stage = old.doc.clone();
    if let Some(name) = name.map(String::from)
        && name != stage.name
    {
        check_name(tx, NAME, &name).await?;
        stage.name = name;
        stage.has_own_name = true;
        stage.display_name = None;
    }
    if let Some(ordinal) = ordinal
        && ordinal != stage.ordinal
    {
        stage.ordinal = ordinal;
        // Objects in the stage are sorted by its ordinal.
        tx.cascade(&id, IN_STAGE.becomes(ordinal)).await?;
    }
    if let Some(StateRef(state)) = state_id {
        check_state(tx, &state, "state_id").await?;
        stage.state = state;
    }
    let stored = tx.update(old, stage).await?;
    tx.one(&stored).await
}
