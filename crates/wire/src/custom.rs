//! Custom fields. There are no schemas of custom fields yet, so a request that writes one gets the
//! contract's error for it rather than silence.

use serde_json::{Map, Value};

use crate::error::{ApiError, ErrorType};
use crate::parse::{At, FromWire};

/// The error for custom fields that do not fit their schema.
pub fn customization_error(field: &str, subtype: &str, reason: String) -> ApiError {
    ApiError::field(ErrorType::CustomizationValidationError, field, reason.clone())
        .with("subtype", subtype)
        .with("reason", reason)
}

/// `custom_fields` of a request: empty, as no field is in any schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CustomFields;

impl FromWire for CustomFields {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let fields = Map::from_value(value, at)?;
        match fields.keys().next() {
            None => Ok(Self),
            Some(name) => {
                let reason = format!("{name} is not in the schema");
                Err(customization_error(name, "field_not_in_schema", reason))
            }
        }
    }
    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::schema(generator)
    }
}

/// The name of a subtype or an app that has no fragment, as none has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFragment;

impl FromWire for NoFragment {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let name = String::from_value(value, at)?;
        let field = at.path();
        let reason = format!("{field}: there is no schema fragment {name:?}");
        Err(customization_error(&field, "fragment_not_found", reason))
    }
    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::schema(generator)
    }
}

crate::request! {
    /// Which schema fragments leave the object.
    create struct DropSpec = "custom-schema-spec-drop" {
        /// The subtype and its fields.
        subtype: Option<bool>,
    }
}

crate::request! {
    /// Which schema fragments a request speaks of. An absent tenant fragment is an empty one, so
    /// naming it is no mistake: the official MCP server does so on every change of subtype.
    create struct CustomSchemaSpec = "custom-schema-spec" {
        /// The fields of all objects of the kind.
        tenant_fragment: Option<bool>,
        /// The fields of a subtype.
        subtype: Option<NoFragment>,
        /// The fields of apps.
        apps: Vec<NoFragment>,
        /// Whether required custom fields must be there; there are none.
        validate_required_fields: Option<bool>,
        /// What leaves the object.
        drop: Option<DropSpec>,
    }
}

crate::request! {
    /// The members that every request for a customisable object has.
    create struct Customization = "customization" {
        /// The values of custom fields.
        custom_fields: Option<CustomFields>,
        /// Which schema fragments the request speaks of.
        custom_schema_spec: Option<CustomSchemaSpec>,
        /// Schema fragments by id.
        custom_schema_fragments: Vec<FragmentId>,
    }
}

/// The id of a schema fragment, of which there are none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentId;

impl FromWire for FragmentId {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let kinds = [
            crate::Kind::TenantFragment,
            crate::Kind::CustomTypeFragment,
            crate::Kind::AppFragment,
        ];
        crate::parse::read_id(value, at, &kinds)?;
        let field = at.path();
        let reason = format!("{field}: there is no such schema fragment");
        Err(customization_error(&field, "fragment_not_found", reason))
    }
    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "id" })
    }
}
