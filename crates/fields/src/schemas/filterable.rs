//! Finding objects by their custom fields: by which fields, and to what their values are compared.

use std::collections::HashMap;

use serde_json::Value as Json;
use worksmith_kernel::Value;
use worksmith_wire::schemas::{Field, FieldType};
use worksmith_wire::{Id, OrgName, Timestamp, json_type};

use super::Schema;

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A boolean.
    Bool,
    /// A whole number, or the id of a value of an enum.
    Integer,
    /// Any number.
    Number,
    /// A text.
    Text,
    /// A time, stored as a number.
    Time,
    /// A time, stored as answers show it.
    TimeText,
    /// A reference.
    Id,
}

/// A field by which lists can be filtered and sorted, and the type of its values; otherwise the
/// reason why not.
pub fn field<'a>(schema: &'a Schema, name: &str) -> Result<(&'a Field, Shape), String> {
    let field = schema.field(name).ok_or_else(|| format!("{name} is not in the schema"))?;
    let shape = Shape::of(field).filter(|_| field.is_filterable == Some(true));
    let shape = shape.ok_or_else(|| format!("{name} is not is_filterable in the schema"))?;
    Ok((field, shape))
}

impl Shape {
    /// The type of a custom field's values; `None` if objects can't be found by it.
    fn of(field: &Field) -> Option<Self> {
        Some(match field.element_type() {
            FieldType::Bool => Self::Bool,
            FieldType::Int | FieldType::Uenum => Self::Integer,
            FieldType::Double => Self::Number,
            FieldType::Tokens
            | FieldType::Text
            | FieldType::RichText
            | FieldType::Enum
            | FieldType::Date => Self::Text,
            FieldType::Timestamp => Self::TimeText,
            FieldType::Id => Self::Id,
            FieldType::Composite
            | FieldType::Struct
            | FieldType::JsonValue
            | FieldType::Array
            | FieldType::Unknown => return None,
        })
    }

    /// A stored value as answers show it.
    pub fn shown(self, value: &Value, org: &OrgName) -> Json {
        match (self, value) {
            (_, Value::Null) => Json::Null,
            (Self::Bool, Value::Integer(flag)) => (*flag != 0).into(),
            (Self::Time, Value::Integer(at)) => Timestamp(*at).to_string().into(),
            (_, Value::Integer(integer)) => (*integer).into(),
            (_, Value::Real(real)) => (*real).into(),
            (Self::Id, Value::Text(text)) => {
                text.parse::<Id>().map_or_else(|_| text.as_str().into(), |id| id.don(org).into())
            }
            (_, Value::Text(text)) => text.as_str().into(),
        }
    }

    /// A value to compare to, in its stored form; otherwise the reason why it is invalid.
    /// `resolved` are the custom objects that display ids name.
    pub fn value(
        self,
        value: &Json,
        org: &OrgName,
        resolved: &HashMap<Id, Id>,
    ) -> Result<Value, String> {
        let wrong = |expected: &str| format!("takes {expected}, not {}", json_type(value));
        let text = || match value.as_str() {
            Some(text) if text.contains('\0') => Err("contains a NUL character".to_owned()),
            text => text.ok_or_else(|| wrong("a string")),
        };
        let time = || {
            let text = text()?;
            Timestamp::parse(text).ok_or_else(|| format!("takes RFC 3339 times, not {text:?}"))
        };
        Ok(match self {
            Self::Bool => value.as_bool().ok_or_else(|| wrong("a bool"))?.into(),
            Self::Integer => value.as_i64().ok_or_else(|| wrong("an integer"))?.into(),
            Self::Number => match (value.as_i64(), value.as_f64()) {
                (Some(integer), _) => integer.into(),
                (None, Some(number)) => number.into(),
                (None, None) => return Err(wrong("a number")),
            },
            Self::Text => text()?.into(),
            Self::Time => time()?.into(),
            Self::TimeText => time()?.to_string().into(),
            Self::Id => {
                let text = text()?;
                let id = Id::parse(text, org).map_err(|_| format!("takes ids, not {text:?}"))?;
                resolved.get(&id).unwrap_or(&id).into()
            }
        })
    }
}
