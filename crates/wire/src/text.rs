//! Texts and lists with limits. Limits of text count characters, not bytes.

use std::ops::Deref;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, elements, text};

/// A text of `MIN` to `MAX` characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(pub String);

impl<const MIN: usize, const MAX: usize> FromWire for Text<MIN, MAX> {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = text(value, at)?;
        let length = text.chars().count();
        let field = at.path();
        if length < MIN {
            let message = format!("{field} is {length} characters, at least {MIN}");
            return Err(ApiError::not_permitted(&field, message)
                .with("reason", format!("min_length {MIN}")));
        }
        if length > MAX {
            let message = format!("{field} is {length} characters, at most {MAX}");
            return Err(ApiError::not_permitted(&field, message)
                .with("reason", format!("max_length {MAX}")));
        }
        Ok(Self(text))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX })
    }
}

impl<const MIN: usize, const MAX: usize> Deref for Text<MIN, MAX> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> Self {
        text.0
    }
}

/// A list of `MIN` to `MAX` elements, which must be there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Many<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

impl<T, const MIN: usize, const MAX: usize> Default for Many<T, MIN, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for Many<T, MIN, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: FromWire, const MIN: usize, const MAX: usize> FromWire for Many<T, MIN, MAX> {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let elements = elements(value, at);
        let count = elements.len();
        if count < MIN || count > MAX {
            let field = at.path();
            let reason =
                if count < MIN { format!("at least {MIN}") } else { format!("at most {MAX}") };
            let message = format!("{field} has {count} elements, {reason}");
            return Err(ApiError::not_permitted(&field, message).with("reason", reason));
        }
        let read = elements.into_iter().map(|element| T::from_value(element, at));
        read.collect::<Result<_, _>>().map(Self)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let items = T::schema(generator);
        json_schema!({ "type": "array", "items": items, "minItems": MIN, "maxItems": MAX })
    }
}

/// A list of at most `MAX` elements, which may be absent.
#[derive(Clone, Debug, PartialEq)]
pub struct AtMost<T, const MAX: usize>(pub Vec<T>);

impl<T: FromWire, const MAX: usize> FromWire for AtMost<T, MAX> {
    const REQUIRED: bool = false;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self(Vec::new()))
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        Many::<T, 0, MAX>::from_value(value, at).map(|Many(list)| Self(list))
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Many::<T, 0, MAX>::schema(generator)
    }
}
