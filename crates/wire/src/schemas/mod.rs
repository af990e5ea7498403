//! Schemas: the fields of objects, from stock schemas and from the org's own fragments.
//!
//! `field.rs` describes a field, `set.rs` how fragments are defined.

mod field;
mod set;

pub use field::*;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
pub use set::*;

use crate::common::{AtomBase, AtomSummary};
use crate::embed::Embedded;
use crate::stages::diagrams::StageDiagramSummary;
use crate::{PageRequest, SortBy};

crate::id_types! {
    /// The id of a fragment that an org defined.
    FragmentId [TenantFragment, CustomTypeFragment, AppFragment];
    /// The id of a stock fragment.
    StockFragmentId [StockFragment];
    /// The id of an object that can have a subtype.
    CustomizableId [Issue, Ticket, Task, Opportunity];
}

crate::wire_enum! {
    /// The type of a fragment.
    pub enum FragmentType = "custom-schema-fragment-type" {
        /// The fields that an app adds.
        AppFragment = "app_fragment",
        /// The fields of a subtype.
        CustomTypeFragment = "custom_type_fragment",
        /// The fields of all objects of a leaf type.
        TenantFragment = "tenant_fragment",
    }
}

crate::wire_enum! {
    /// What is left out of listed fragments.
    pub enum Prune = "custom-schema-fragments-list-request-prune" {
        /// The fields.
        Fields = "fields",
    }
}

crate::wire_enum! {
    /// What is left out of listed stock fragments.
    pub enum StockPrune = "stock-schema-fragments-list-request-prune" {
        /// The composite schemas.
        CompositeSchemas = "composite_schemas",
        /// The fields.
        Fields = "fields",
    }
}

crate::wire_enum! {
    /// Which stock fragments are listed.
    pub enum StockFilterPreset = "stock-schema-fragments-list-request-filter-preset" {
        /// Those of leaf types that orgs can customise.
        CustomizableTypesPreset = "customizable_types_preset",
        /// All.
        NoPreset = "no_preset",
    }
}

crate::request! {
    /// The fragment to get.
    read struct GetRequest = "custom-schema-fragments-get-request" {
        /// The fragment.
        id: FragmentId,
        /// Whether to include the origin; fragments have none.
        include_sync_metadata: Option<bool>,
    }
}

crate::request! {
    /// Which fragments to list.
    read struct ListRequest = "custom-schema-fragments-list-request" {
        /// Fragments of one of these apps.
        app: Vec<String>,
        /// The old spelling of `is_deprecated`.
        deprecated: Option<bool>,
        /// Whether to include the origins; fragments have none.
        include_sync_metadata: Option<bool>,
        /// Fragments of the org's own leaf types; when absent, of the stock ones.
        is_custom_leaf_type: Option<bool>,
        /// Fragments that are out of use; when absent, those in use.
        is_deprecated: Option<bool>,
        /// Fragments of one of these leaf types.
        leaf_type: Vec<String>,
        /// What to leave out.
        prune: Vec<Prune>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        /// Fragments of one of these subtypes.
        subtype: Vec<String>,
        /// Fragments of these types.
        types: Vec<FragmentType>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// The stock fragment to get, by its leaf type or its id.
    read struct StockGetRequest = "stock-schema-fragments-get-request" {
        /// The fragment.
        id: Option<StockFragmentId>,
        /// Its leaf type.
        leaf_type: Option<String>,
    }
}

crate::request! {
    /// Which stock fragments to list.
    read struct StockListRequest = "stock-schema-fragments-list-request" {
        /// A named selection.
        filter_preset: Option<StockFilterPreset>,
        /// Fragments of one of these leaf types.
        leaf_type: Vec<String>,
        /// What to leave out.
        prune: Vec<StockPrune>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// The fragments that a reader refers to. The fields of all objects of the leaf type are always
    /// included, so they can't be named.
    read struct SpecForRead = "custom-schema-spec-for-read" {
        /// Apps by name.
        apps: Vec<String>,
        /// A subtype by name.
        subtype: Option<String>,
    }
}

crate::request! {
    /// The complete schema to get: by leaf type, or by its fragments.
    read struct AggregatedGetRequest = "aggregated-schema-get-request" {
        /// The fragments to combine.
        custom_schema_fragments: Vec<FragmentId>,
        /// What to combine, by name.
        custom_schema_spec: Option<SpecForRead>,
        /// Whether the leaf type is one of the org's own.
        is_custom_leaf_type: Option<bool>,
        /// The leaf type.
        leaf_type: Option<String>,
        /// The stock fragment, in place of the leaf type.
        stock_schema_fragment: Option<StockFragmentId>,
    }
}

crate::request! {
    /// Which subtypes to list.
    read struct SubtypesListRequest = "subtypes-list-request" {
        /// The leaf type.
        leaf_type: Option<String>,
        /// The leaf types.
        leaf_types: Vec<String>,
    }
}

crate::request! {
    /// Asks what a change of the subtype would do, without making it.
    read struct PrepareUpdateRequest = "schemas-subtype-prepare-update-get-request" {
        /// Whether the leaf type is one of the org's own.
        is_custom_leaf_type: Option<bool>,
        /// The leaf type.
        leaf_type: String,
        /// The new subtype; none when absent.
        new_subtype: Option<String>,
        /// The object; a new one when absent.
        object: Option<CustomizableId>,
    }
}

/// A fragment of one of the types.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "custom-schema-fragment")]
pub enum Fragment {
    /// The fields that an app adds.
    AppFragment(Box<AppFragment>),
    /// The fields of a subtype.
    CustomTypeFragment(Box<CustomTypeFragment>),
    /// The fields of all objects of a leaf type.
    TenantFragment(Box<TenantFragment>),
}

impl Fragment {
    /// The members that fragments of all types share.
    pub fn base_mut(&mut self) -> &mut FragmentBase {
        match self {
            Self::AppFragment(fragment) => &mut fragment.base,
            Self::CustomTypeFragment(fragment) => &mut fragment.base,
            Self::TenantFragment(fragment) => &mut fragment.base,
        }
    }
}

/// The members that fragments of all types share.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-schema-fragment-base")]
pub struct FragmentBase {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The schemas of the values of composite fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub composite_schemas: Vec<CompositeSchema>,
    /// Rules for some fields that depend on the values of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The old spelling of `is_deprecated`.
    pub deprecated: bool,
    /// What it is for.
    pub description: String,
    /// The fields; absent when pruned.
    pub fields: Option<Vec<Field>>,
    /// Its type: `app`, `custom_type` or `tenant`.
    #[schemars(extend("enum" = ["app", "custom_type", "tenant"]))]
    pub fragment_type: &'static str,
    /// Whether the leaf type is one of the org's own.
    pub is_custom_leaf_type: bool,
    /// Whether it is out of use.
    pub is_deprecated: bool,
    /// The leaf type.
    pub leaf_type: String,
    /// The next version.
    pub new_fragment_ref: Option<Embedded<FragmentSummary>>,
    /// The previous version.
    pub old_fragment_ref: Option<Embedded<FragmentSummary>>,
}

/// The fields that an app adds.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "app-fragment")]
pub struct AppFragment {
    /// The members that fragments of all types share.
    #[serde(flatten)]
    pub base: FragmentBase,
    /// The app.
    pub app: String,
    /// The display name of the app.
    pub app_display_name: Option<String>,
}

/// The fields of a subtype.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-type-fragment")]
pub struct CustomTypeFragment {
    /// The members that fragments of all types share.
    #[serde(flatten)]
    pub base: FragmentBase,
    /// Its position in a tree of subtypes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Map<String, Value>>,
    /// The stages that objects of the subtype go through.
    pub stage_diagram: Option<Embedded<StageDiagramSummary>>,
    /// What differs from the stock schema.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock_field_overrides: Vec<StockFieldOverride>,
    /// The subtype.
    pub subtype: String,
    /// The display name of the subtype.
    pub subtype_display_name: Option<String>,
}

/// The fields of all objects of a leaf type.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tenant-fragment")]
pub struct TenantFragment {
    /// The members that fragments of all types share.
    #[serde(flatten)]
    pub base: FragmentBase,
    /// The prefix of the display ids of objects of the org's own leaf type.
    pub id_prefix: Option<String>,
    /// The display name of the leaf type.
    pub leaf_type_display_name: Option<String>,
    /// The stages that objects of the org's own leaf type go through.
    pub stage_diagram: Option<Embedded<StageDiagramSummary>>,
    /// What differs from the stock schema.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock_field_overrides: Vec<StockFieldOverride>,
}

/// A fragment, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-schema-fragment-summary")]
pub struct FragmentSummary {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: FragmentType,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}

/// The stock fields, which every object of a leaf type has.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stock-schema-fragment")]
pub struct StockFragment {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The schemas of the values of composite fields.
    pub composite_schemas: Vec<CompositeSchema>,
    /// The fields.
    pub fields: Vec<Field>,
    /// The leaf type.
    pub leaf_type: String,
}

/// The answer with a stock fragment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "stock-schema-fragments-get-response")]
pub struct StockGetResponse {
    /// The fragment.
    pub fragment: Embedded<StockFragment>,
}

/// The complete schema of an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "aggregated-schema")]
pub struct AggregatedSchema {
    /// The apps that add fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apps: Vec<String>,
    /// Rules for some fields that depend on the values of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The schemas of the values of composite custom fields.
    pub custom_composite_schemas: Vec<CompositeSchema>,
    /// The custom fields, with the prefixes of their fragments.
    pub custom_fields: Vec<Field>,
    /// Whether the leaf type is one of the org's own.
    pub is_custom_leaf_type: Option<bool>,
    /// The leaf type.
    pub leaf_type: Option<String>,
    /// The stages that objects go through: a whole summary, despite its name.
    pub stage_diagram_id: Option<Embedded<StageDiagramSummary>>,
    /// The schemas of the values of composite stock fields.
    pub stock_composite_schemas: Vec<CompositeSchema>,
    /// What differs from the stock schema.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock_field_overrides: Vec<StockFieldOverride>,
    /// The stock fields.
    pub stock_fields: Vec<Field>,
    /// The subtype.
    pub subtype: Option<String>,
    /// The display name of the subtype.
    pub subtype_display_name: Option<String>,
}

/// The answer with a complete schema.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "aggregated-schema-get-response")]
pub struct AggregatedGetResponse {
    /// The schema.
    pub schema: AggregatedSchema,
}

/// A subtype.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "subtype")]
pub struct Subtype {
    /// Its display name.
    pub display_name: Option<String>,
    /// The fragment that defines it.
    pub fragment_id: String,
    /// The leaf type.
    pub leaf_type: String,
    /// Its name.
    pub value: String,
}

/// The answer with subtypes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "subtypes-list-response")]
pub struct SubtypesListResponse {
    /// The subtypes.
    pub subtypes: Vec<Subtype>,
}

crate::wire_enum! {
    /// Why a field would be removed.
    pub enum ConflictType = "schemas-subtype-prepare-update-get-response-conflict-type" {
        /// The new subtype has no such field.
        AbsentInNew = "absent_in_new",
        /// The old subtype has no such field.
        AbsentInOld = "absent_in_old",
        /// The new subtype has a field of this name with values of another type.
        IncompatibleType = "incompatible_type",
    }
}

/// A field that would be added.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "schemas-subtype-prepare-update-get-response-added-field")]
pub struct AddedField {
    /// The value that it would have.
    pub default_value: Option<Value>,
    /// Its name.
    pub name: String,
}

/// A field that would be removed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "schemas-subtype-prepare-update-get-response-dropped-field")]
pub struct DroppedField {
    /// Why.
    pub conflict_type: ConflictType,
    /// Why, for people.
    pub message: String,
    /// Its name.
    pub name: String,
}

/// What a change of the subtype would do.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "schemas-subtype-prepare-update-get-response")]
pub struct PrepareUpdateResponse {
    /// The fields that would be added.
    pub added_fields: Vec<AddedField>,
    /// The fields that would be removed.
    pub dropped_fields: Vec<DroppedField>,
    /// The fragments that the object would have.
    pub new_custom_schema_fragments: Vec<String>,
    /// The stage that the object would move to, if it could not stay where it is.
    pub new_start_stage: Option<String>,
}
