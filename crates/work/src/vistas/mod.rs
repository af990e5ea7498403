//! Vistas: saved views. The most important ones are sprint boards, whose groups are sprints.

pub mod groups;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{Column, Cond, Expander, Query, Reference, Resource, Result, Stored};
use worksmith_wire::common::{Empty, PartId};
use worksmith_wire::vistas::{
    self, CreateMembers, CreateRequest, DeleteRequest, FilterType, GetRequest, ListRequest,
    VistaFlavor, VistaSummary, VistaType,
};
use worksmith_wire::works::{self, WorkFilter};
use worksmith_wire::{ApiError, At, ErrorType, FromWire, Id, Kind, OrgName, Source, distinct};

use self::groups::{GROUPS_MAX, VistaGroupItem};
use crate::types::refuse_foreign;

/// The document of a vista.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vista {
    /// How its objects are selected.
    pub r#type: VistaType,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What a dynamic or grouped vista shows.
    pub filter_type: Option<FilterType>,
    /// Which objects a dynamic vista shows: the request of a list, as it was received.
    pub filter: Option<Map<String, Json>>,
    /// The objects of a curated vista.
    pub items: Vec<Id>,
    /// What a grouped vista is for.
    pub flavor: Option<VistaFlavor>,
    /// The parts that a grouped vista applies to.
    pub applies_to_part: Vec<Id>,
}

const TYPE: Column<Vista> =
    Column::text("type", |vista: &Vista| vista.r#type.as_str().into()).filter();
/// The name.
pub const NAME: Column<Vista> =
    Column::text("name", |vista: &Vista| vista.name.as_str().into()).sorted();
const FILTER_TYPE: Column<Vista> =
    Column::text("filter_type", |vista| vista.filter_type.map(FilterType::as_str).into());
/// What kind of board it is.
pub const FLAVOR: Column<Vista> =
    Column::text("flavor", |vista| vista.flavor.map(VistaFlavor::as_str).into());

/// The parts that a board applies to.
const APPLIES_TO: Reference<Vista> =
    Reference::new("applies_to_part", |vista, visit| vista.applies_to_part.iter().for_each(visit));

impl Resource for Vista {
    const TABLE_NAME: &'static str = "vistas";
    const KINDS: &'static [Kind] = &[Kind::Vista];
    const COLUMNS: &'static [Column<Self>] = &[TYPE, NAME, FILTER_TYPE, FLAVOR];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("items", |vista, visit| vista.items.iter().for_each(visit)), APPLIES_TO];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("vista", |vista: &Self, say| say(&vista.name))
            .texts(|vista, say| vista.description.iter().for_each(|text| say(text)))
            .by(&[Facet::refs(&["part", "applies_to_part"], APPLIES_TO).to(PartId::KINDS)]),
    );
    const ONE: &'static str = "vista";
    const MANY: &'static str = "vistas";
    type Object = vistas::Vista;
    type Summary = VistaSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> vistas::Vista {
        let Self { r#type, name, description, filter_type, filter, .. } = stored.doc.clone();
        let Self { items, flavor, applies_to_part, .. } = &stored.doc;
        vistas::Vista {
            kind: r#type,
            head: x.base(&stored.meta),
            name,
            description,
            is_default: false,
            filter_type,
            filter,
            flavor: *flavor,
            applies_to_part: x.embed_all(applies_to_part),
            items: x.embed_all(items),
            groups: Vec::new(),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> VistaSummary {
        VistaSummary {
            kind: stored.doc.r#type,
            head: x.atom(stored.id()),
            name: stored.doc.name.clone(),
            flavor: stored.doc.flavor,
        }
    }
}

/// Registers the families of vistas and of their groups.
pub fn ops(table: &mut OpTable) {
    table.family::<Vista>();
    table.add(Op::create("vistas.create", "vista"), create);
    table.add(Op::read("vistas.get", "vista"), get);
    table.add(Op::read("vistas.list", "vista"), list);
    table.add(Op::write("vistas.delete", "vista"), delete);
    groups::ops(table);
    table.feed::<Vista>("vistas.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Vista>> {
    let CreateRequest { r#type, name, description, members } = request;
    let r#type = r#type.unwrap_or_else(|| members.vista_type());
    refuse_foreign(r#type.as_str(), &members.foreign(r#type))?;
    check(tx, r#type, &members)?;
    let CreateMembers { filter_type, filter, items, flavor, applies_to_part } = members;
    let vista = Vista {
        r#type,
        name: name.into(),
        description: description.map(Into::into),
        filter_type,
        filter,
        items: distinct(items.unwrap_or_default().into_iter().map(|item| item.id)),
        flavor,
        applies_to_part: distinct(applies_to_part.unwrap_or_default()),
    };
    let stored = tx.insert(Kind::Vista, vista).await?;
    tx.one(&stored).await
}

/// What a vista of its type must have.
fn check(tx: &Tx, vista: VistaType, members: &CreateMembers) -> Result<()> {
    if vista == VistaType::Curated {
        return Ok(());
    }
    let filter_type = members.filter_type.ok_or_else(|| ApiError::missing("filter_type"))?;
    if vista == VistaType::Grouped {
        let allowed = FilterType::GROUPED;
        if allowed.contains(&filter_type) {
            return Ok(());
        }
        let allowed: Vec<_> = allowed.into_iter().map(FilterType::as_str).collect();
        let value = filter_type.as_str();
        let message = format!("filter_type: a grouped vista shows {}", allowed.join(", "));
        return Err(ApiError::field(ErrorType::InvalidEnumValue, "filter_type", message)
            .with("value", value)
            .with("allowed_values", allowed)
            .into());
    }
    let filter = members.filter.clone().ok_or_else(|| ApiError::missing("filter"))?;
    // The filter is a request of the family's own list. Filters of other families are stored
    // unchecked.
    if filter_type == FilterType::Works {
        read_filter(filter, &tx.cx().org)?;
    } else if filter_type == FilterType::Parts {
        let source = Source { org: &tx.cx().org, query: &[] };
        let root = At::root(&source);
        let at = root.child("filter");
        worksmith_wire::parts::ListRequest::from_value(Json::Object(filter), &at)?;
    }
    Ok(())
}

/// The filter of a dynamic vista, parsed as a request of `works.list`. It may not refer to another
/// vista, because that could lead to cycles.
pub fn read_filter(filter: Map<String, Json>, org: &OrgName) -> Result<WorkFilter, ApiError> {
    let source = Source { org, query: &[] };
    let root = At::root(&source);
    let request = works::ListRequest::from_value(Json::Object(filter), &root.child("filter"))?;
    if request.filter.vista.is_some() {
        let message = "filter.vista: the filter of a vista names no other vista";
        return Err(ApiError::invalid_field("filter.vista", message));
    }
    Ok(request.filter)
}

/// Returns a board with its groups, because the vendor's MCP server promises agents the ids of a
/// board's sprints.
async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Vista>> {
    let stored = tx.target::<Vista>(&request.id).await?;
    let groups = match stored.doc.r#type {
        VistaType::Grouped => groups::of_vista(tx, stored.id()).await?,
        _ => Vec::new(),
    };
    let groups = tx.objects(&groups).await?;
    tx.one_with(&stored, |vista| vista.groups = groups).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Vista>> {
    let ListRequest {
        r#type,
        created_by,
        flavor,
        is_default,
        // Every member of the org has access to every vista.
        members: _,
        object_type,
        shared_with,
        skip_items,
        state,
        sort_by,
        page,
    } = request;
    let mut query = Query::new();
    query
        .one_of(TYPE, r#type.iter().map(|vista| vista.as_str()))
        .one_of_ids(Column::CREATED_BY, created_by)
        .one_of(FLAVOR, flavor.iter().map(|flavor| flavor.as_str()))
        .one_of(FILTER_TYPE, object_type.iter().map(|object| object.as_str()))
        .sort_by(&sort_by, &[("name", NAME), ("display_id", Column::SEQ)])?;
    // No vista is a default, and none is shared with anybody in particular.
    if is_default == Some(true) || !shared_with.is_empty() {
        query.with(Cond::never());
    }
    if !state.is_empty() {
        let mut with_state = Query::new();
        with_state.one_of(groups::STATE, state.iter().map(|state| state.as_str()));
        let items = tx.first::<VistaGroupItem>(&with_state, GROUPS_MAX).await?;
        let boards = items.iter().map(|item| &item.doc.parent_id);
        query.with(Cond::one_of(Column::ID, boards));
    }
    match skip_items {
        Some(true) => tx.list_with::<Vista>(query, &page, |vista| vista.items.clear()).await,
        _ => tx.list::<Vista>(query, &page).await,
    }
}

/// Deletes a vista together with its groups.
async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Vista>(&request.id).await?;
    // If a group is added at the same time, the store refuses the batch.
    let Some(items) = tx.rely_on_referrers(groups::PARENT, stored.id(), GROUPS_MAX).await? else {
        let message = format!("the vista has more than {GROUPS_MAX} groups; delete some first");
        return Err(ApiError::bad_request(message).into());
    };
    for item in items {
        groups::remove(tx, item).await?;
    }
    tx.delete(stored).await?;
    Ok(Empty {})
}
