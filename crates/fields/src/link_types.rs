//! Types of links that an org defines: what may be linked to what, and what each end calls it.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{Column, Cond, Expander, Name, Query, Resource, Result, Stored, Value};
use worksmith_wire::link_types::{
    self, CreateRequest, CustomLinkTypeSummary, GetRequest, LinkEndId, LinkTargetDescriptor,
    LinkTargetFilter, LinkTargets, ListRequest, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Kind};

use crate::schemas::leaf;

/// The document of a type of links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomLinkType {
    /// The name, unique in the org.
    pub name: String,
    /// What the source calls it.
    pub forward_name: String,
    /// What the target calls it.
    pub backward_name: String,
    /// Where links of the type may begin.
    pub source_types: Vec<LinkTargetDescriptor>,
    /// Where links of the type may end.
    pub target_types: Vec<LinkTargetDescriptor>,
    /// What it is for.
    pub tooltip: Option<String>,
    /// How many links of the type may follow one another; any number if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_hops: Option<i32>,
    /// Whether it takes no new links.
    pub is_deprecated: bool,
}

const NAME: Column<CustomLinkType> =
    Column::text("name", |link_type: &CustomLinkType| link_type.name.as_str().into()).sorted();
const IS_DEPRECATED: Column<CustomLinkType> =
    Column::integer("is_deprecated", |link_type| link_type.is_deprecated.into());

/// A bound for queries: more types than any org has.
const ALL: usize = 10_000;

/// The most links of a type that may be made to follow one another.
const MAX_HOPS: i32 = 100;

/// What can be an end of a link, besides the objects of the org's own leaf types.
fn ends_of_all_orgs() -> impl Iterator<Item = &'static str> {
    let kinds = LinkEndId::KINDS.iter().filter(|kind| **kind != Kind::CustomObject);
    kinds.map(|kind| kind.noun())
}

impl Resource for CustomLinkType {
    const TABLE_NAME: &'static str = "custom_link_types";
    const KINDS: &'static [Kind] = &[Kind::CustomLinkType];
    const COLUMNS: &'static [Column<Self>] = &[NAME, IS_DEPRECATED];
    const NAMES: &'static [Name<Self>] =
        &[Name::new("custom_link_type.name", "name", |link_type, claim| claim(&link_type.name))];
    const ONE: &'static str = "custom_link_type";
    const MANY: &'static str = "result";
    type Object = link_types::CustomLinkType;
    type Summary = CustomLinkTypeSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> link_types::CustomLinkType {
        let Self {
            name,
            forward_name,
            backward_name,
            source_types,
            target_types,
            tooltip,
            max_hops,
            is_deprecated,
        } = stored.doc.clone();
        link_types::CustomLinkType {
            head: x.base(&stored.meta),
            name,
            forward_name,
            backward_name,
            source_types,
            target_types,
            tooltip,
            max_hops,
            is_deprecated,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> CustomLinkTypeSummary {
        CustomLinkTypeSummary { head: x.atom(stored.id()) }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<CustomLinkType>();
    let admins = |op: Op| op.audience(Audience::Admins);
    let scope = "custom_link_type";
    table.add(admins(Op::create("link-types.custom.create", scope)), create);
    table.add(Op::read("link-types.custom.get", scope), get);
    table.add(Op::read("link-types.custom.list", scope), list);
    table.add(admins(Op::write("link-types.custom.update", scope)), update);
    table.feed::<CustomLinkType>("link-types.custom.get");
}

/// The ends of a request, if each of them describes objects that can exist.
async fn ends(tx: &mut Tx, field: &str, given: LinkTargets) -> Result<Vec<LinkTargetDescriptor>> {
    let mut ends = Vec::new();
    for end in given.0 {
        check_end(tx, field, &end).await?;
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    Ok(ends)
}

async fn check_end(tx: &mut Tx, field: &str, end: &LinkTargetDescriptor) -> Result<()> {
    let leaf_type_at = format!("{field}.leaf_type");
    let Some(leaf_type) = end.leaf_type.as_deref().filter(|leaf_type| !leaf_type.is_empty()) else {
        return Err(ApiError::missing(&leaf_type_at).into());
    };
    let is_custom = end.is_custom_leaf_type.unwrap_or(false);
    if !is_custom && ends_of_all_orgs().all(|noun| noun != leaf_type) {
        let message = format!(
            "{leaf_type_at}: {leaf_type:?} can't be linked; an own leaf type needs \
             is_custom_leaf_type"
        );
        let nouns: Vec<_> = ends_of_all_orgs().collect();
        let error = ApiError::not_permitted(&leaf_type_at, message);
        return Err(error.with("allowed_values", nouns).into());
    }
    let leaf = leaf::find(tx, leaf_type, is_custom).await?;
    if is_custom && leaf.is_none() {
        let message = format!("{leaf_type_at}: {leaf_type:?} is none of the org's own leaf types");
        return Err(ApiError::not_permitted(&leaf_type_at, message).into());
    }
    let Some(subtype) = &end.subtype else { return Ok(()) };
    if end.leaf_only == Some(true) {
        let message = format!("{field}.leaf_only leaves objects of subtypes out; drop subtype");
        return Err(ApiError::bad_request(message).at(format!("{field}.leaf_only")).into());
    }
    if leaf.is_some_and(|leaf| leaf.doc.subtypes.contains_key(subtype)) {
        return Ok(());
    }
    let message = format!("{field}.subtype: {leaf_type} has no subtype {subtype:?}");
    Err(ApiError::not_permitted(&format!("{field}.subtype"), message).into())
}

fn check_max_hops(max_hops: Option<i32>) -> Result<()> {
    match max_hops {
        None | Some(1..=MAX_HOPS) => Ok(()),
        Some(other) => {
            let reason = format!("from 1 to {MAX_HOPS}");
            let message = format!("max_hops is {other}; it must be {reason}");
            Err(ApiError::not_permitted("max_hops", message).with("reason", reason).into())
        }
    }
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<CustomLinkType>> {
    let CreateRequest {
        name,
        forward_name,
        backward_name,
        source_types,
        target_types,
        tooltip,
        max_hops,
        is_deprecated,
        deprecated,
    } = request;
    check_max_hops(max_hops)?;
    let link_type = CustomLinkType {
        name: name.into(),
        forward_name: forward_name.into(),
        backward_name: backward_name.into(),
        source_types: ends(tx, "source_types", source_types).await?,
        target_types: ends(tx, "target_types", target_types).await?,
        tooltip: tooltip.map(Into::into),
        max_hops,
        is_deprecated: is_deprecated.or(deprecated).unwrap_or(false),
    };
    let stored = tx.insert(Kind::CustomLinkType, link_type).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<CustomLinkType>> {
    tx.show::<CustomLinkType>(&request.id).await
}

/// Whether a type has an end that matches a filter, or there is no filter.
fn fits(filters: &[LinkTargetFilter], ends: &[LinkTargetDescriptor]) -> bool {
    let is = |wanted: &LinkTargetFilter, end: &LinkTargetDescriptor| {
        let LinkTargetFilter { is_custom_leaf_type, leaf_only, leaf_type, subtype } = wanted;
        let flag = |wanted: Option<bool>, flag: Option<bool>| {
            wanted.is_none_or(|wanted| wanted == flag.unwrap_or(false))
        };
        flag(*is_custom_leaf_type, end.is_custom_leaf_type)
            && flag(*leaf_only, end.leaf_only)
            && (leaf_type.is_none() || *leaf_type == end.leaf_type)
            && (subtype.is_none() || *subtype == end.subtype)
    };
    filters.is_empty() || filters.iter().any(|wanted| ends.iter().any(|end| is(wanted, end)))
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<CustomLinkType>> {
    let ListRequest {
        name,
        is_deprecated,
        deprecated,
        source_types_v2,
        target_types_v2,
        sort_by,
        page,
    } = request;
    let mut query = Query::new();
    query
        .one_of(NAME, name)
        .is(IS_DEPRECATED, is_deprecated.or(deprecated))
        .sort_by(&sort_by, &[("name", NAME)])?;
    if !source_types_v2.is_empty() || !target_types_v2.is_empty() {
        let mut all = tx.first::<CustomLinkType>(&query, ALL).await?;
        all.retain(|Stored { doc, .. }| {
            fits(&source_types_v2, &doc.source_types) && fits(&target_types_v2, &doc.target_types)
        });
        let ids: Vec<Value> = all.iter().map(|fitting| fitting.id().into()).collect();
        query.with(if ids.is_empty() { Cond::never() } else { Cond::one_of(Column::ID, ids) });
    }
    tx.list(query, &page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<CustomLinkType>> {
    let UpdateRequest {
        id,
        name,
        forward_name,
        backward_name,
        source_types_v2,
        target_types_v2,
        tooltip,
        max_hops,
        is_deprecated,
        deprecated,
    } = request;
    let old = tx.target::<CustomLinkType>(&id).await?;
    let mut link_type = old.doc.clone();
    name.apply(&mut link_type.name);
    forward_name.apply(&mut link_type.forward_name);
    backward_name.apply(&mut link_type.backward_name);
    if let Some(given) = source_types_v2 {
        link_type.source_types = ends(tx, "source_types_v2", given).await?;
    }
    if let Some(given) = target_types_v2 {
        link_type.target_types = ends(tx, "target_types_v2", given).await?;
    }
    tooltip.apply(&mut link_type.tooltip);
    max_hops.apply(&mut link_type.max_hops);
    check_max_hops(link_type.max_hops)?;
    is_deprecated.or(deprecated).apply(&mut link_type.is_deprecated);
    let stored = tx.update(old, link_type).await?;
    tx.one(&stored).await
}
