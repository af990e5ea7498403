//! The groups of a vista. On a sprint board they are the sprints, which issues are put into.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{
    Column, Cond, Expander, Query, Reference, Resource, Result, Rewrite, Stored,
};
use worksmith_wire::common::Empty;
use worksmith_wire::vistas::groups::{
    AppliesToPartFilter, CreateRequest, DeleteRequest, GetRequest, ListRequest, SprintState,
    UpdateRequest, VistaGroup, VistaGroupItemSummary, VistaGroupItemType,
};
use worksmith_wire::vistas::{FilterType, VistaType};
use worksmith_wire::{ApiError, Apply, Id, Kind, Many, Timestamp, distinct};

use super::Vista;
use crate::parts::tree;

/// The most groups, or boards, that are read to answer a call.
pub(super) const GROUPS_MAX: usize = 10_000;

/// The document of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VistaGroupItem {
    /// Its vista.
    pub parent_id: Id,
    /// The type of its objects, which is that of its vista.
    pub object_type: FilterType,
    /// How its objects are selected.
    pub r#type: VistaGroupItemType,
    /// The name. Several groups may have the same.
    pub name: String,
    /// When it begins.
    pub start_date: Option<Timestamp>,
    /// When it ends.
    pub end_date: Option<Timestamp>,
    /// Where it is in its life cycle.
    pub state: SprintState,
    /// The parts that it applies to; those of its vista when empty.
    pub applies_to_part: Vec<Id>,
}

const TYPE: Column<VistaGroupItem> = Column::text("type", |item| item.r#type.as_str().into());
const NAME: Column<VistaGroupItem> = Column::text("name", |item| item.name.as_str().into());
const OBJECT_TYPE: Column<VistaGroupItem> =
    Column::text("object_type", |item| item.object_type.as_str().into());
pub(super) const STATE: Column<VistaGroupItem> =
    Column::text("state", |item: &VistaGroupItem| item.state.as_str().into()).filter();
const START_DATE: Column<VistaGroupItem> =
    Column::integer("start_date", |item: &VistaGroupItem| item.start_date.into()).sorted();
const END_DATE: Column<VistaGroupItem> =
    Column::integer("end_date", |item: &VistaGroupItem| item.end_date.into()).sorted();
const HAS_PARTS: Column<VistaGroupItem> =
    Column::integer("has_parts", |item| (!item.applies_to_part.is_empty()).into());

/// The vista of a group.
pub(super) const PARENT: Reference<VistaGroupItem> =
    Reference::new("parent_id", |item, visit| visit(&item.parent_id));
/// The parts that a group applies to.
const APPLIES_TO: Reference<VistaGroupItem> =
    Reference::new("applies_to_part", |item, visit| item.applies_to_part.iter().for_each(visit));

impl Resource for VistaGroupItem {
    const TABLE_NAME: &'static str = "vista_group_items";
    const KINDS: &'static [Kind] = &[Kind::VistaGroupItem];
    const COLUMNS: &'static [Column<Self>] =
        &[TYPE, NAME, OBJECT_TYPE, STATE, START_DATE, END_DATE, HAS_PARTS];
    const REFS: &'static [Reference<Self>] = &[PARENT, APPLIES_TO];
    const ONE: &'static str = "vista_group";
    // The contract's name for the list, which is singular.
    const MANY: &'static str = "vista_group";
    type Object = VistaGroup;
    type Summary = VistaGroupItemSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> VistaGroup {
        let Self {
            parent_id,
            object_type,
            r#type,
            name,
            start_date,
            end_date,
            state,
            applies_to_part,
        } = stored.doc.clone();
        VistaGroup {
            object_type,
            kind: r#type,
            id: x.don(stored.id()),
            name,
            start_date: start_date.map(Into::into),
            end_date: end_date.map(Into::into),
            state,
            parent: x.embed(&parent_id),
            applies_to_part: x.embed_all(&applies_to_part),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> VistaGroupItemSummary {
        VistaGroupItemSummary {
            kind: stored.doc.r#type,
            head: x.atom(stored.id()),
            name: stored.doc.name.clone(),
            start_date: stored.doc.start_date.map(Into::into),
            end_date: stored.doc.end_date.map(Into::into),
            state: Some(stored.doc.state),
        }
    }
}

/// Registers the family.
pub(super) fn ops(table: &mut OpTable) {
    table.family::<VistaGroupItem>();
    table.add(Op::create("vistas.groups.create", "vista"), create);
    table.add(Op::read("vistas.groups.get", "vista"), get);
    table.add(Op::read("vistas.groups.list", "vista"), list);
    table.add(Op::write("vistas.groups.update", "vista"), update);
    table.add(Op::write("vistas.groups.delete", "vista"), delete);
    table.feed::<VistaGroupItem>("vistas.groups.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<VistaGroupItem>> {
    let CreateRequest { parent_id, r#type, name, start_date, end_date, state, applies_to_part } =
        request;
    let member = PARENT.field();
    let Some(board) = tx.find::<Vista>(&parent_id).await? else {
        let message = format!("{member}: there is no such vista");
        return Err(ApiError::invalid_id(member, message).into());
    };
    let grouped = board.doc.r#type == VistaType::Grouped;
    let Some(object_type) = board.doc.filter_type.filter(|_| grouped) else {
        let message = format!("{member}: only grouped vistas have groups");
        return Err(ApiError::not_permitted(member, message).into());
    };
    let item = VistaGroupItem {
        parent_id: parent_id.into(),
        object_type,
        r#type: r#type.unwrap_or(VistaGroupItemType::Curated),
        name: name.into(),
        start_date,
        end_date,
        state: state.unwrap_or(SprintState::Planned),
        applies_to_part: distinct(applies_to_part),
    };
    check_dates(&item)?;
    let stored = insert(tx, item).await?;
    tx.one(&stored).await
}

/// Creates a group. Importers create sprints with it.
pub async fn insert(tx: &mut Tx, item: VistaGroupItem) -> Result<Stored<VistaGroupItem>> {
    let own = tx.number(Kind::VistaGroupItem).await?;
    let id = Id::new(Kind::VistaGroupItem, format!("{}.{own}", item.parent_id.local()));
    tx.insert_with_id(id, item).await
}

fn check_dates(item: &VistaGroupItem) -> Result<()> {
    match (item.start_date, item.end_date) {
        (Some(start), Some(end)) if end < start => {
            let message = format!("end_date {end} lies before start_date {start}");
            Err(ApiError::not_permitted("end_date", message).into())
        }
        _ => Ok(()),
    }
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<VistaGroupItem>> {
    tx.show::<VistaGroupItem>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<VistaGroupItem>> {
    let ListRequest {
        r#type,
        ancestor_part,
        applies_to_part,
        created_by,
        created_date,
        end_date,
        group_object_type,
        modified_date,
        parent_id,
        start_date,
        state,
        sort_by,
        page,
    } = request;
    let now = tx.cx().now;
    let span = |date: Option<worksmith_wire::DateFilter>| date.map(|date| date.span(now));
    let objects = group_object_type.iter().map(|object| object.filter_type().as_str());
    let mut query = Query::new();
    query
        .one_of(TYPE, r#type.iter().map(|item| item.as_str()))
        .one_of_ids(Column::CREATED_BY, created_by)
        .within(Column::CREATED_AT, span(created_date))
        .within(Column::MODIFIED_AT, span(modified_date))
        .within(START_DATE, span(start_date))
        .within(END_DATE, span(end_date))
        .one_of(OBJECT_TYPE, objects)
        .refers_to(PARENT, parent_id)
        .one_of(STATE, state.iter().map(|state| state.as_str()))
        .sort_by(&sort_by, &[("name", NAME), ("start_date", START_DATE), ("end_date", END_DATE)])?;
    if !ancestor_part.is_empty() {
        let parts = tree::with_ancestors(tx, &distinct(ancestor_part)).await?;
        query.with(bound_to(tx, parts).await?);
    }
    if let Some(AppliesToPartFilter { parts: Many(parts), include_child_parts }) = applies_to_part
        && !parts.is_empty()
    {
        let mut parts = distinct(parts);
        if include_child_parts == Some(true) {
            parts = tree::with_descendants(tx, &parts).await?;
        }
        query.with(bound_to(tx, parts).await?);
    }
    tx.list(query, &page).await
}

/// The condition that a group, or its board, applies to one of the parts.
async fn bound_to(tx: &mut Tx, parts: Vec<Id>) -> Result<Cond<VistaGroupItem>> {
    let mut boards = Query::new();
    boards.with(Cond::refers_to(super::APPLIES_TO, parts.clone()));
    let boards = tx.first::<Vista>(&boards, GROUPS_MAX).await?;
    let boards = boards.into_iter().map(|board| board.meta.id).collect();
    Ok(Cond::any([
        Cond::refers_to(APPLIES_TO, parts),
        Cond::all([Cond::is(HAS_PARTS, false), Cond::refers_to(PARENT, boards)]),
    ]))
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<VistaGroupItem>> {
    let UpdateRequest { id, name, start_date, end_date, state, applies_to_part } = request;
    let old = tx.target::<VistaGroupItem>(&id).await?;
    let mut item = old.doc.clone();
    name.apply(&mut item.name);
    start_date.apply(&mut item.start_date);
    end_date.apply(&mut item.end_date);
    state.apply(&mut item.state);
    applies_to_part.apply(&mut item.applies_to_part);
    check_dates(&item)?;
    let stored = tx.update(old, item).await?;
    tx.one(&stored).await
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<VistaGroupItem>(&request.id).await?;
    remove(tx, stored).await?;
    Ok(Empty {})
}

/// Deletes a group. Its issues are in no sprint afterwards.
pub(super) async fn remove(tx: &mut Tx, item: Stored<VistaGroupItem>) -> Result<()> {
    let id = item.id().clone();
    tx.delete(item).await?;
    tx.cascade(&id, Rewrite::Drop).await
}

/// The groups of a vista.
pub async fn of_vista(tx: &mut Tx, vista: &Id) -> Result<Vec<Stored<VistaGroupItem>>> {
    let mut query = Query::new();
    query.refers_to(PARENT, [vista.clone()]);
    tx.first(&query, GROUPS_MAX).await
}

/// The sprints in these states.
pub async fn in_states(tx: &mut Tx, states: &[SprintState]) -> Result<Vec<Id>> {
    let mut query = Query::new();
    query.one_of(STATE, states.iter().map(|state| state.as_str()));
    let groups = tx.first::<VistaGroupItem>(&query, GROUPS_MAX).await?;
    Ok(groups.into_iter().map(|group| group.meta.id).collect())
}
