//! Texts and lists with limits. Limits of text count characters, not bytes.

use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, Plus, elements, text, text_with};

/// A text of `MIN` to `MAX` characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(pub String);

impl<const MIN: usize, const MAX: usize> FromWire for Text<MIN, MAX> {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = text(value, at)?;
        check_length(&text, MIN, MAX, at)?;
        Ok(Self(text))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX })
    }
}

fn check_length(text: &str, min: usize, max: usize, at: &At<'_>) -> Result<(), ApiError> {
    let length = text.chars().count();
    let (limit, reason) = match length {
        _ if length < min => (format!("at least {min}"), format!("min_length {min}")),
        _ if length > max => (format!("at most {max}"), format!("max_length {max}")),
        _ => return Ok(()),
    };
    let field = at.path();
    let message = format!("{field} is {length} characters, {limit}");
    Err(ApiError::not_permitted(&field, message).with("reason", reason))
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

/// So that a text can be the new value of a member that an object may lack.
impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for Option<String> {
    fn from(text: Text<MIN, MAX>) -> Self {
        Some(text.0)
    }
}

/// An email address of `MIN` to `MAX` characters, without surrounding spaces; in filters, of any
/// length. Plus signs are common in addresses, so a plus sign in a query string is not a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailAddress<const MIN: usize = 0, const MAX: usize = { usize::MAX }>(pub String);

impl<const MIN: usize, const MAX: usize> FromWire for MailAddress<MIN, MAX> {
    const PLUS: Plus = Plus::Itself;

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let address = text_with(value, Self::PLUS, at)?.trim().to_owned();
        check_length(&address, MIN, MAX, at)?;
        Ok(Self(address))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "string" });
        if (MIN, MAX) != (0, usize::MAX) {
            schema.insert("minLength".to_owned(), MIN.into());
            schema.insert("maxLength".to_owned(), MAX.into());
        }
        schema
    }
}

impl<const MIN: usize, const MAX: usize> Deref for MailAddress<MIN, MAX> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> From<MailAddress<MIN, MAX>> for String {
    fn from(address: MailAddress<MIN, MAX>) -> Self {
        address.0
    }
}

/// The same for an address.
impl<const MIN: usize, const MAX: usize> From<MailAddress<MIN, MAX>> for Option<String> {
    fn from(address: MailAddress<MIN, MAX>) -> Self {
        Some(address.0)
    }
}

/// A text in which a plus sign is literal, also in a query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlusText(pub String);

impl FromWire for PlusText {
    const PLUS: Plus = Plus::Itself;

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        text_with(value, Self::PLUS, at).map(Self)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

/// A required list of `MIN` to `MAX` elements.
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
        let elements = elements::<T>(value, at);
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

/// An optional list of at most `MAX` elements.
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

/// A colour of the form `#RRGGBB`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "color")]
pub struct Color(String);

impl Color {
    /// The colour, if the text is of the form `#RRGGBB`.
    pub fn parse(text: String) -> Option<Self> {
        let hex = text.strip_prefix('#')?;
        (hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then_some(Self(text))
    }
}

impl FromWire for Color {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        Self::parse(String::from_value(value, at)?).ok_or_else(|| {
            let field = at.path();
            ApiError::not_permitted(&field, format!("{field} must be of the form #RRGGBB"))
                .with("pattern", "^#[0-9A-Fa-f]{6}$")
        })
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" })
    }
}
