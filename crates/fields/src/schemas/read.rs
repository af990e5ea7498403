//! Reading schemas: single fragments, and the complete schema of a leaf type.

use worksmith_engine::{One, PageOf, Tx};
use worksmith_kernel::{Column, Query, Result, Stored};
use worksmith_wire::schemas::{
    AggregatedGetRequest, AggregatedGetResponse, AggregatedSchema, AllowedValues, Field, FieldUi,
    FragmentType, GetRequest, ListRequest, Prune, SpecForRead, StockFieldOverride,
    StockFilterPreset, StockGetRequest, StockGetResponse, StockListRequest, StockPrune, Subtype,
    SubtypesListRequest, SubtypesListResponse,
};
use worksmith_wire::{ApiError, Id, distinct};

use super::check::merged;
use super::custom::{self, by_name, diagram_of};
use super::fragment::{self, Fragment, kind};
use super::leaf::{self, LeafSchema};
use super::{schema_of, stock};

pub(super) async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Fragment>> {
    // Fragments have no origin, so there is nothing more to include.
    let GetRequest { id, include_sync_metadata: _ } = request;
    tx.show::<Fragment>(&id).await
}

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Fragment>> {
    let ListRequest {
        app,
        deprecated,
        include_sync_metadata: _,
        is_custom_leaf_type,
        is_deprecated,
        leaf_type,
        prune,
        sort_by,
        subtype,
        types,
        page,
    } = request;
    let mut query = Query::new();
    query
        .one_of(fragment::APP, app)
        .one_of(fragment::SUBTYPE, subtype)
        .one_of(fragment::LEAF_TYPE, leaf_type)
        .one_of(Column::KIND, types.into_iter().map(|of| kind(of).noun()))
        .is(fragment::IS_NEWEST, Some(true))
        .is(fragment::IS_CUSTOM, Some(is_custom_leaf_type.unwrap_or(false)))
        .is(fragment::IS_DEPRECATED, Some(is_deprecated.or(deprecated).unwrap_or(false)))
        .sort_by(&sort_by, &[("leaf_type", fragment::LEAF_TYPE)])?;
    if !prune.contains(&Prune::Fields) {
        return tx.list(query, &page).await;
    }
    tx.list_with::<Fragment>(query, &page, |fragment| fragment.base_mut().fields = None).await
}

pub(super) async fn stock_get(tx: &mut Tx, request: StockGetRequest) -> Result<StockGetResponse> {
    let StockGetRequest { id, leaf_type } = request;
    let id = match (leaf_type, id) {
        (Some(leaf_type), _) => leaf::stock_id(&leaf_type).ok_or_else(|| {
            ApiError::not_found(format!("there is no stock leaf type {leaf_type:?}"))
        })?,
        (None, Some(id)) => id.into(),
        (None, None) => return Err(ApiError::missing("leaf_type").into()),
    };
    let One(fragment) = tx.show::<LeafSchema>(&id).await?;
    Ok(StockGetResponse { fragment })
}

pub(super) async fn stock_list(
    tx: &mut Tx,
    request: StockListRequest,
) -> Result<PageOf<LeafSchema>> {
    let StockListRequest { filter_preset, leaf_type, prune, sort_by, page } = request;
    let mut query = Query::new();
    query
        .is(leaf::IS_CUSTOM, Some(false))
        .one_of(leaf::LEAF_TYPE, leaf_type)
        .sort_by(&sort_by, &[("leaf_type", leaf::LEAF_TYPE)])?;
    if filter_preset == Some(StockFilterPreset::CustomizableTypesPreset) {
        let takes_fields = stock::LEAVES.iter().filter(|(_, takes)| *takes);
        query.one_of(leaf::LEAF_TYPE, takes_fields.map(|(leaf_type, _)| *leaf_type));
    }
    // There are no stock composite schemas that could be left out as well.
    if !prune.contains(&StockPrune::Fields) {
        return tx.list(query, &page).await;
    }
    tx.list_with::<LeafSchema>(query, &page, |fragment| fragment.fields.clear()).await
}

pub(super) async fn aggregated(
    tx: &mut Tx,
    request: AggregatedGetRequest,
) -> Result<AggregatedGetResponse> {
    let AggregatedGetRequest {
        custom_schema_fragments,
        custom_schema_spec,
        is_custom_leaf_type,
        leaf_type,
        stock_schema_fragment,
    } = request;
    let ids = distinct::<Id, _>(custom_schema_fragments);
    let leaf = match (leaf_type, stock_schema_fragment, ids.first()) {
        (Some(leaf_type), ..) => {
            leaf::find(tx, &leaf_type, is_custom_leaf_type.unwrap_or(false)).await?
        }
        (None, Some(id), _) => Some(tx.target::<LeafSchema>(&id).await?),
        (None, None, Some(id)) => {
            let named = tx.target::<Fragment>(id).await?.doc;
            leaf::find(tx, &named.leaf_type, named.is_custom_leaf_type).await?
        }
        (None, None, None) => return Err(ApiError::missing("leaf_type").into()),
    };
    // An unknown leaf type has no fields, as on the hosted service.
    let schema = match leaf {
        Some(leaf) => {
            let fragments = fragments_of(tx, &leaf.doc, &ids, custom_schema_spec).await?;
            aggregate(tx, &leaf, &fragments).await?
        }
        None => AggregatedSchema::default(),
    };
    Ok(AggregatedGetResponse { schema })
}

/// The fragments that a reader names, and the one of all objects of the leaf type.
async fn fragments_of(
    tx: &mut Tx,
    leaf: &LeafSchema,
    ids: &[Id],
    spec: Option<SpecForRead>,
) -> Result<Vec<Stored<Fragment>>> {
    let SpecForRead { apps, subtype } =
        spec.unwrap_or(SpecForRead { apps: Vec::new(), subtype: None });
    let mut fragments = Vec::new();
    for id in ids {
        let found = tx.target::<Fragment>(id).await?;
        if found.doc.leaf_type != leaf.leaf_type {
            let message = format!("{} is of another leaf type", tx.cx().don(id));
            return Err(ApiError::not_permitted("custom_schema_fragments", message).into());
        }
        fragments.push(found);
    }
    let mut named = Vec::new();
    named.extend(leaf.tenant.clone());
    if let Some(subtype) = subtype {
        named.push(by_name(leaf, "subtype", &subtype)?.clone());
    }
    for app in apps {
        named.push(by_name(leaf, "apps", &app)?.clone());
    }
    for id in named {
        let found = custom::fragment(tx, &id).await?;
        if !fragments.iter().any(|other| other.doc.prefix() == found.doc.prefix()) {
            fragments.push(found);
        }
    }
    Ok(fragments)
}

async fn aggregate(
    tx: &mut Tx,
    leaf: &Stored<LeafSchema>,
    fragments: &[Stored<Fragment>],
) -> Result<AggregatedSchema> {
    let schema = schema_of(tx, leaf, fragments).await?;
    let subtype = fragments.iter().find(|f| f.doc.kind == FragmentType::CustomTypeFragment);
    let subtype_name = subtype.and_then(|fragment| fragment.doc.name.clone());
    let diagram = diagram_of(tx, &leaf.doc, subtype_name.as_deref()).await?;
    let stage_diagram_id = match diagram {
        Some(diagram) => tx.expand(vec![diagram.id().clone()]).await?.embed(diagram.id()),
        None => None,
    };
    let mut stock_fields = stock::fields(&leaf.doc.leaf_type);
    for field in &mut stock_fields {
        let own: Vec<_> = schema.overrides.iter().filter(|over| over.name == field.name).collect();
        override_field(field, &own);
    }
    let apps = fragments.iter().filter_map(|fragment| fragment.doc.app().map(ToOwned::to_owned));
    let conditions = fragments.iter().flat_map(|fragment| fragment.doc.conditions.clone());
    let composites = schema.composites.iter().map(|(name, composite)| {
        let name = worksmith_wire::Text(name.clone());
        worksmith_wire::schemas::CompositeSchema { name, ..composite.clone() }
    });
    Ok(AggregatedSchema {
        apps: apps.collect(),
        conditions: conditions.collect(),
        custom_composite_schemas: composites.collect(),
        is_custom_leaf_type: Some(leaf.doc.is_custom_leaf_type),
        leaf_type: Some(leaf.doc.leaf_type.clone()),
        stage_diagram_id,
        stock_composite_schemas: Vec::new(),
        stock_fields,
        subtype_display_name: subtype.and_then(|fragment| fragment.doc.display_name.clone()),
        subtype: subtype_name,
        custom_fields: schema.fields,
        stock_field_overrides: schema.overrides,
    })
}

/// Applies overrides to a stock field.
fn override_field(field: &mut Field, overrides: &[&StockFieldOverride]) {
    for over in overrides {
        field.is_required = over.is_required.or(field.is_required);
        if let Some(ui) = &over.ui {
            let known = field.ui.as_ref().and_then(|ui| ui.display_name.clone());
            let display_name = ui.display_name.clone().or(known);
            field.ui = Some(FieldUi { display_name, ..ui.clone() });
        }
    }
    if let Some(AllowedValues::Values(values)) = &mut field.allowed_values {
        let own = overrides.iter().filter_map(|over| over.uenum_values.as_deref());
        *values = merged(values, own);
    }
}

pub(super) async fn subtypes(
    tx: &mut Tx,
    request: SubtypesListRequest,
) -> Result<SubtypesListResponse> {
    let SubtypesListRequest { leaf_type, mut leaf_types } = request;
    leaf_types.extend(leaf_type);
    let mut subtypes = Vec::new();
    for leaf_type in distinct::<String, _>(leaf_types) {
        for is_custom in [false, true] {
            let Some(leaf) = leaf::find(tx, &leaf_type, is_custom).await? else { continue };
            for (value, id) in leaf.doc.subtypes {
                let found = custom::fragment(tx, &id).await?.doc;
                if !found.is_deprecated {
                    subtypes.push(Subtype {
                        display_name: found.display_name,
                        fragment_id: tx.cx().don(&id),
                        leaf_type: leaf_type.clone(),
                        value,
                    });
                }
            }
        }
    }
    Ok(SubtypesListResponse { subtypes })
}
