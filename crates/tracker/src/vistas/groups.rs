//! The groups of a vista. On a sprint board they are the sprints, which issues are put into.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, PageOf, Tx};
use worksmith_kernel::{
    Column, ColumnType, Cond, Expander, Op, OpTable, Query, Resource, Result, Rewrite, Stored,
    Table, Value, column,
};
use worksmith_wire::common::Empty;
use worksmith_wire::vistas::groups::{
    AppliesToPartFilter, CreateRequest, DeleteRequest, GetRequest, ListRequest, SprintState,
    UpdateRequest, VistaGroup, VistaGroupItemSummary, VistaGroupItemType,
};
use worksmith_wire::vistas::{FilterType, VistaType};
use worksmith_wire::{ApiError, Apply, Id, Kind, Many, Timestamp, distinct};

use super::{APPLIES_TO, Vista};
use crate::parts::tree;

/// The field by which a group refers to its vista.
pub(super) const PARENT: &str = "parent_id";

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

static TABLE: Table = Table {
    name: "vista_group_items",
    kinds: &[Kind::VistaGroupItem],
    columns: &[TYPE, NAME, OBJECT_TYPE, STATE, START_DATE, END_DATE, HAS_PARTS],
    filters: &["state"],
    sorts: &["start_date", "end_date"],
    digest: &[],
};
const TYPE: Column = column("type", ColumnType::Text);
const NAME: Column = column("name", ColumnType::Text);
const OBJECT_TYPE: Column = column("object_type", ColumnType::Text);
const STATE: Column = column("state", ColumnType::Text);
const START_DATE: Column = column("start_date", ColumnType::Integer);
const END_DATE: Column = column("end_date", ColumnType::Integer);
const HAS_PARTS: Column = column("has_parts", ColumnType::Integer);

impl Resource for VistaGroupItem {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "vista_group";
    // The contract's name for the list, which is singular.
    const MANY: &'static str = "vista_group";
    type Object = VistaGroup;
    type Summary = VistaGroupItemSummary;

    fn columns(&self) -> Vec<Value> {
        vec![
            self.r#type.as_str().into(),
            self.name.as_str().into(),
            self.object_type.as_str().into(),
            self.state.as_str().into(),
            self.start_date.into(),
            self.end_date.into(),
            (!self.applies_to_part.is_empty()).into(),
        ]
    }

    fn refs<'a>(&'a self, visit: &mut dyn FnMut(&'static str, &'a Id)) {
        visit(PARENT, &self.parent_id);
        self.applies_to_part.iter().for_each(|part| visit(APPLIES_TO, part));
    }

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
pub(super) fn ops(table: &mut OpTable<Tx>) {
    table.family::<VistaGroupItem>();
    table.add(Op::create("vistas.groups.create", "vista"), create);
    table.add(Op::read("vistas.groups.get", "vista"), get);
    table.add(Op::read("vistas.groups.list", "vista"), list);
    table.add(Op::write("vistas.groups.update", "vista"), update);
    table.add(Op::write("vistas.groups.delete", "vista"), delete);
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<VistaGroupItem>> {
    let CreateRequest { parent_id, r#type, name, start_date, end_date, state, applies_to_part } =
        request;
    let Some(board) = tx.find::<Vista>(&parent_id).await? else {
        let message = format!("{PARENT}: there is no such vista");
        return Err(ApiError::invalid_id(PARENT, message).into());
    };
    let grouped = board.doc.r#type == VistaType::Grouped;
    let Some(object_type) = board.doc.filter_type.filter(|_| grouped) else {
        let message = format!("{PARENT}: only grouped vistas have groups");
        return Err(ApiError::not_permitted(PARENT, message).into());
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
        .one_of("type", r#type.iter().map(|item| item.as_str()))
        .one_of_ids("created_by", created_by)
        .within("created_at", span(created_date))
        .within("modified_at", span(modified_date))
        .within("start_date", span(start_date))
        .within("end_date", span(end_date))
        .one_of("object_type", objects)
        .refers_to(PARENT, parent_id)
        .one_of("state", state.iter().map(|state| state.as_str()))
        .sort_by(
            &sort_by,
            &[("name", "name"), ("start_date", "start_date"), ("end_date", "end_date")],
        )?;
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
async fn bound_to(tx: &mut Tx, parts: Vec<Id>) -> Result<Cond> {
    let mut boards = Query::new();
    boards.with(Cond::RefersTo(APPLIES_TO, parts.clone()));
    let boards = tx.first::<Vista>(&boards, GROUPS_MAX).await?;
    let boards = boards.into_iter().map(|board| board.meta.id).collect();
    Ok(Cond::Any(vec![
        Cond::RefersTo(APPLIES_TO, parts),
        Cond::All(vec![Cond::is("has_parts", false), Cond::RefersTo(PARENT, boards)]),
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
pub(crate) async fn of_vista(tx: &mut Tx, vista: &Id) -> Result<Vec<Stored<VistaGroupItem>>> {
    let mut query = Query::new();
    query.refers_to(PARENT, [vista.clone()]);
    tx.first(&query, GROUPS_MAX).await
}

/// The sprints in these states.
pub(crate) async fn in_states(tx: &mut Tx, states: &[SprintState]) -> Result<Vec<Id>> {
    let mut query = Query::new();
    query.one_of("state", states.iter().map(|state| state.as_str()));
    let groups = tx.first::<VistaGroupItem>(&query, GROUPS_MAX).await?;
    Ok(groups.into_iter().map(|group| group.meta.id).collect())
}
