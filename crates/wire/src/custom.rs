//! Custom fields: how requests for customisable objects set them, and how answers show them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::error::{ApiError, ErrorType};
use crate::parse::{At, FromWire, elements, members};
use crate::schemas::FragmentId;

/// The error for custom fields that do not fit their schema; `subtype` says which rule they break.
pub fn customization_error(field: &str, subtype: &str, reason: impl Into<String>) -> ApiError {
    let reason = reason.into();
    ApiError::field(ErrorType::CustomizationValidationError, field, reason.clone())
        .with("subtype", subtype)
        .with("reason", reason)
}

/// Custom fields where none can be named yet: in filters, and for users that tokens bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoCustomFields;

impl FromWire for NoCustomFields {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let fields = members(value, at)?;
        match fields.keys().next() {
            None => Ok(Self),
            Some(name) => {
                let reason = format!("{name}: custom fields can't be named here yet");
                Err(customization_error(name, "field_not_in_schema", reason))
            }
        }
    }
    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::schema(generator)
    }
}

/// Values to find objects by, such as those of custom fields: for each name a value or a list of
/// values. Their types are checked elsewhere. In a query string they are texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValuesByName(pub Map<String, Value>);

impl FromWire for ValuesByName {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let mut fields = members(value, at)?;
        if at.in_query() {
            for values in fields.values_mut() {
                *values = elements::<String>(values.take(), at).into();
            }
        }
        Ok(Self(fields))
    }
    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::schema(generator)
    }
}

crate::request! {
    /// Which schema fragments are removed from the object.
    create struct DropSpec = "custom-schema-spec-drop" {
        /// Apps and their fields.
        apps: Vec<String>,
        /// The subtype and its fields.
        subtype: Option<bool>,
    }
}

crate::request! {
    /// The schema fragments that a request refers to. An absent tenant fragment counts as an empty
    /// one, so naming it is not an error: the official MCP server does so on every change of
    /// subtype.
    create struct CustomSchemaSpec = "custom-schema-spec" {
        /// The fields of all objects of the kind.
        tenant_fragment: Option<bool>,
        /// The fields of a subtype.
        subtype: Option<String>,
        /// The fields of apps.
        apps: Vec<String>,
        /// Whether all required fields must be set, including those that the request does not name.
        validate_required_fields: Option<bool>,
        /// What is removed from the object.
        drop: Option<DropSpec>,
    }
}

crate::request! {
    /// The members that every request for a customisable object has.
    create struct Customization = "customization" {
        /// The values of custom fields; null clears one.
        custom_fields: Option<Map<String, Value>>,
        /// The schema fragments that the request refers to.
        custom_schema_spec: Option<CustomSchemaSpec>,
        /// Schema fragments by id.
        custom_schema_fragments: Vec<FragmentId>,
    }
}

impl Customization {
    /// Whether the request says nothing about custom fields.
    pub fn is_empty(&self) -> bool {
        let Self { custom_fields, custom_schema_spec, custom_schema_fragments } = self;
        custom_fields.as_ref().is_none_or(Map::is_empty)
            && custom_schema_spec.is_none()
            && custom_schema_fragments.is_empty()
    }
}

impl Customization {
    /// Refuses the custom fields of a request, for objects that have none yet.
    pub fn refuse(self) -> Result<(), ApiError> {
        let Self { custom_fields, custom_schema_spec, custom_schema_fragments } = self;
        if let Some(name) = custom_fields.iter().flat_map(Map::keys).next() {
            let reason = format!("{name} is not in the schema");
            return Err(customization_error(name, "field_not_in_schema", reason));
        }
        let refuse = |field: &str| {
            let reason = format!("{field}: there is no such schema fragment");
            Err(customization_error(field, "fragment_not_found", reason))
        };
        match custom_schema_spec {
            Some(spec) if spec.subtype.is_some() => refuse("custom_schema_spec.subtype"),
            Some(spec) if !spec.apps.is_empty() => refuse("custom_schema_spec.apps"),
            _ if !custom_schema_fragments.is_empty() => refuse("custom_schema_fragments"),
            _ => Ok(()),
        }
    }
}

/// The custom fields of an object in answers.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "customized")]
pub struct Customized {
    /// The values of custom fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub custom_fields: Map<String, Value>,
    /// The schema fragments that the object has, in their newest versions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_schema_fragments: Vec<String>,
    /// The fragment with the stock fields of the kind of object.
    pub stock_schema_fragment: Option<String>,
    /// The subtype.
    pub subtype: Option<String>,
}
