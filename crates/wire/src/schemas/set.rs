//! `schemas.custom.set`: a request per type of fragment.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{CompositeSchema, Condition, Field, FragmentType, StockFieldOverride};
use crate::common::StageDiagramId;
use crate::{ApiError, At, AtMost, FromWire, Text};

crate::request! {
    /// The members that fragments of all types share; together they are the whole new state.
    create struct SetFragment = "custom-schema-fragments-set-request-common" {
        /// What it is about.
        r#type: FragmentType,
        /// The leaf type: `issue`, or one of the org's own.
        leaf_type: Text<1, 64>,
        /// What it is for.
        description: Text<0, 65_536>,
        /// All fields.
        fields: AtMost<Field, 1000>,
        /// The previous fields that are to be removed.
        deleted_fields: Vec<String>,
        /// Whether the leaf type is one of the org's own.
        is_custom_leaf_type: Option<bool>,
        /// Whether it is out of use.
        is_deprecated: Option<bool>,
        /// The hosted service's spelling of `is_deprecated`.
        deprecated: Option<bool>,
        /// Rules for some fields that depend on the values of others.
        conditions: AtMost<Condition, 1000>,
        /// The schemas of the values of composite fields.
        composite_schemas: AtMost<CompositeSchema, 1000>,
    }
}

crate::request! {
    /// Creates or changes the fields of all objects of a leaf type.
    create struct SetTenantFragment = "custom-schema-fragments-set-request-tenant-fragment" {
        /// The prefix of the display ids of objects of the org's own leaf type.
        id_prefix: Option<String>,
        /// The display name of the leaf type.
        leaf_type_display_name: Option<Text<0, 256>>,
        /// The stages that objects of the org's own leaf type go through.
        stage_diagram: Option<StageDiagramId>,
        /// The guide's spelling of `stage_diagram`.
        stage_diagram_id: Option<StageDiagramId>,
        /// What differs from the stock schema.
        stock_field_overrides: AtMost<StockFieldOverride, 1000>,
        .. common: SetFragment,
    }
}

crate::request! {
    /// Creates or changes the fields of a subtype.
    create struct SetCustomTypeFragment =
        "custom-schema-fragments-set-request-custom-type-fragment"
    {
        /// The subtype.
        subtype: Text<1, 64>,
        /// The display name of the subtype.
        subtype_display_name: Option<Text<0, 256>>,
        /// Its position in a tree of subtypes.
        path: Vec<Map<String, Value>>,
        /// The stages that objects of the subtype go through.
        stage_diagram: Option<StageDiagramId>,
        /// The guide's spelling of `stage_diagram`.
        stage_diagram_id: Option<StageDiagramId>,
        /// What differs from the stock schema.
        stock_field_overrides: AtMost<StockFieldOverride, 1000>,
        .. common: SetFragment,
    }
}

crate::request! {
    /// Creates or changes the fields that an app adds.
    create struct SetAppFragment = "custom-schema-fragments-set-request-app-fragment" {
        /// The app.
        app: Text<1, 64>,
        /// The display name of the app.
        app_display_name: Option<Text<0, 256>>,
        .. common: SetFragment,
    }
}

/// Creates or changes a fragment of one of the types.
#[derive(Clone, Debug)]
pub enum SetRequest {
    /// The fields that an app adds.
    App(Box<SetAppFragment>),
    /// The fields of a subtype.
    CustomType(Box<SetCustomTypeFragment>),
    /// The fields of all objects of a leaf type.
    Tenant(Box<SetTenantFragment>),
}

impl FromWire for SetRequest {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        if !value.is_object() {
            return Err(at.wrong_type(&value, "object"));
        }
        Ok(match FragmentType::read(value.get("type").cloned(), &at.child("type"))? {
            FragmentType::AppFragment => Self::App(Box::from_value(value, at)?),
            FragmentType::CustomTypeFragment => Self::CustomType(Box::from_value(value, at)?),
            FragmentType::TenantFragment => Self::Tenant(Box::from_value(value, at)?),
        })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Self>()
    }
}

impl JsonSchema for SetRequest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "custom-schema-fragments-set-request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        crate::union_schema(
            "Makes or changes a fragment.",
            &[
                ("app_fragment", SetAppFragment::schema(generator)),
                ("custom_type_fragment", SetCustomTypeFragment::schema(generator)),
                ("tenant_fragment", SetTenantFragment::schema(generator)),
            ],
        )
    }
}

/// The answer with the new version of a fragment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "custom-schema-fragments-set-response")]
pub struct SetResponse {
    /// The new version.
    pub id: String,
}
