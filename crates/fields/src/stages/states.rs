//! States: they group stages, and say whether objects are done.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, Tx};
use worksmith_kernel::{Column, Expander, Name, Query, Resource, Result, Stored};
use worksmith_wire::stages::states::{
    self, CreateRequest, GetRequest, ListRequest, StateSummary, UpdateRequest,
};
use worksmith_wire::stages::{Results, STOCK_STATES};
use worksmith_wire::{ApiError, Apply, Embedded, Id, Kind};

use super::{check_name, is_false, results};

/// The document of a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomState {
    /// The name: `in_progress`.
    pub name: String,
    /// Its position in the order, unique in the org.
    pub ordinal: i32,
    /// Whether objects in it are done.
    pub is_final: bool,
    /// Whether it holds its name, so that no other can take it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_own_name: bool,
}

impl CustomState {
    /// The display name: `in_progress` becomes `In Progress`.
    pub fn display_name(&self) -> String {
        super::title(&self.name)
    }
}

pub(super) const NAME: Column<CustomState> =
    Column::text("name", |state: &CustomState| state.name.as_str().into()).sorted();
const ORDINAL: Column<CustomState> =
    Column::integer("ordinal", |state| i64::from(state.ordinal).into());
const IS_FINAL: Column<CustomState> = Column::integer("is_final", |state| state.is_final.into());

/// As with stages.
const NAMES: Name<CustomState> = Name::new("custom_state.name", "name", |state, claim| {
    if state.has_own_name {
        claim(&state.name);
    }
});

impl Resource for CustomState {
    const TABLE_NAME: &'static str = "custom_states";
    const KINDS: &'static [Kind] = &[Kind::CustomState];
    const COLUMNS: &'static [Column<Self>] = &[NAME, ORDINAL, IS_FINAL];
    const NAMES: &'static [Name<Self>] = &[
        Name::new("custom_state.ordinal", "ordinal", |state, claim| {
            claim(&state.ordinal.to_string());
        }),
        NAMES,
    ];
    const ONE: &'static str = "custom_state";
    const MANY: &'static str = "result";
    type Object = states::CustomState;
    type Summary = StateSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> states::CustomState {
        let Self { name, ordinal, is_final, has_own_name: _ } = stored.doc.clone();
        states::CustomState { head: x.base(&stored.meta), name, ordinal, is_final }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> StateSummary {
        let Self { name, is_final, .. } = stored.doc.clone();
        StateSummary { id: x.don(stored.id()), name, is_final }
    }
}

/// The id of the state that every org has under this number: 1 is open, 2 in progress, 3 closed.
pub fn stock(number: u64) -> Id {
    Id::numbered(Kind::CustomState, number)
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<CustomState>();
    let admins = |op: Op| op.audience(Audience::Admins);
    table.add(admins(Op::create("states.custom.create", "custom_state")), create);
    table.add(Op::read("states.custom.get", ""), get);
    table.add(Op::read("states.custom.list", ""), list);
    table.add(admins(Op::write("states.custom.update", "custom_state")), update);
    table.feed::<CustomState>("states.custom.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<CustomState>> {
    let CreateRequest { name, ordinal, is_final } = request;
    let is_final = is_final.unwrap_or(false);
    check_name(tx, NAME, &name).await?;
    let state = CustomState { name: name.into(), ordinal, is_final, has_own_name: true };
    let stored = tx.insert(Kind::CustomState, state).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<CustomState>> {
    tx.show::<CustomState>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<Results<Embedded<states::CustomState>>> {
    let ListRequest { name, ordinal, is_final, sort_by, page } = request;
    let mut query = Query::new();
    query
        .one_of(NAME, name)
        .one_of(ORDINAL, ordinal.into_iter().map(i64::from))
        .is(IS_FINAL, is_final)
        .sort_by(&sort_by, &[("name", NAME), ("ordinal", ORDINAL)])?;
    tx.list::<CustomState>(query, &page.into()).await.map(results)
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<CustomState>> {
    let UpdateRequest { id, name, ordinal, is_final } = request;
    let old = tx.target::<CustomState>(&id).await?;
    let mut state = old.doc.clone();
    if let Some(name) = name.filter(|name| **name != *state.name) {
        check_name(tx, NAME, &name).await?;
        state.name = name.into();
        state.has_own_name = true;
    }
    ordinal.apply(&mut state.ordinal);
    is_final.apply(&mut state.is_final);
    check_stock(old.id(), &old.doc, &state)?;
    let stored = tx.update(old, state).await?;
    tx.one(&stored).await
}

/// The three stock states must keep their meaning: clients filter works by their names, and the
/// dates of works depend on them.
fn check_stock(id: &Id, old: &CustomState, new: &CustomState) -> Result<()> {
    if !(1..).zip(STOCK_STATES).any(|(number, _)| *id == stock(number)) {
        return Ok(());
    }
    let field = if old.name != new.name {
        "name"
    } else if old.is_final != new.is_final {
        "is_final"
    } else {
        return Ok(());
    };
    let message = format!("{field} of the state {:?} can't change", old.name);
    Err(ApiError::not_permitted(field, message).into())
}
