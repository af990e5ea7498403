//! Reading a request: from a JSON value to a type, with the error that names the field.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::error::{ApiError, ErrorType};
use crate::id::{Id, OrgName};
use crate::kind::Kind;
pub use crate::query::Plus;
use crate::query::{decode, split_elements, unquote};

/// The origin of a request.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The caller's org, in which ids are read.
    pub org: &'a OrgName,
    /// The members that come from a query string; their leaves are lists of raw texts.
    pub query: &'a [String],
}

/// The place in a request that is being read.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    parent: Option<&'a At<'a>>,
    name: &'a str,
    source: &'a Source<'a>,
    in_query: bool,
    null_is_absent: bool,
    is_part: bool,
}

impl<'a> At<'a> {
    /// The request itself.
    pub const fn root(source: &'a Source<'a>) -> Self {
        let (name, in_query) = ("", false);
        Self { parent: None, name, source, in_query, null_is_absent: true, is_part: false }
    }

    /// A member of the value at this place.
    #[must_use]
    pub fn child<'b>(&'b self, name: &'b str) -> At<'b>
    where
        'a: 'b,
    {
        let Self { source, null_is_absent, .. } = *self;
        let is_first = self.parent.is_none();
        let in_query = self.in_query || (is_first && source.query.iter().any(|one| one == name));
        At { parent: Some(self), name, source, in_query, null_is_absent, is_part: false }
    }

    /// The same place, with null meaning absent (create, list) or being an error (update).
    #[must_use]
    pub const fn with_nulls(mut self, null_is_absent: bool) -> Self {
        // For a part, the meaning of null is that of the whole request.
        if !self.is_part {
            self.null_is_absent = null_is_absent;
        }
        self
    }

    /// The same place, for members that are part of a larger request.
    #[must_use]
    pub const fn part(mut self) -> Self {
        self.is_part = true;
        self
    }

    /// The dotted path from the top of the request.
    pub fn path(&self) -> String {
        match self.parent {
            Some(parent) if !parent.name.is_empty() => format!("{}.{}", parent.path(), self.name),
            _ => self.name.to_owned(),
        }
    }

    /// Whether the value comes from a query string.
    pub const fn in_query(&self) -> bool {
        self.in_query
    }

    /// The org in which ids are read.
    pub const fn org(&self) -> &OrgName {
        self.source.org
    }

    /// The error for a value of the wrong JSON type.
    pub fn wrong_type(&self, value: &Value, expected: &str) -> ApiError {
        let field = self.path();
        let article = if matches!(expected, "array" | "object") { "an" } else { "a" };
        let message = if field.is_empty() {
            format!("the request must be {article} {expected}")
        } else {
            format!("{field} must be {article} {expected}, not {}", json_type(value))
        };
        ApiError::field(ErrorType::UnexpectedJsonType, &field, message)
            .with("actual", json_type(value))
            .with("expected", expected)
    }
}

/// The contract's name for the JSON type of a value.
pub const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A type that a member of a request can have.
pub trait FromWire: Sized {
    /// Whether the member is required.
    const REQUIRED: bool = true;

    /// What a plus sign in a query string means in a text of this type.
    const PLUS: Plus = Plus::Space;

    /// Whether it is a [`PageCursor`](crate::PageCursor), or a request with one: the answer to such
    /// a request has pages.
    const HAS_CURSOR: bool = false;

    /// What an absent member means; an error for required ones.
    fn absent(at: &At<'_>) -> Result<Self, ApiError> {
        Err(ApiError::missing(&at.path()))
    }

    /// Reads a present member.
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError>;

    /// Reads a member that may be absent.
    fn read(member: Option<Value>, at: &At<'_>) -> Result<Self, ApiError> {
        match member {
            None => Self::absent(at),
            Some(Value::Null) if at.null_is_absent && !Self::REQUIRED => Self::absent(at),
            Some(value) => Self::from_value(value, at),
        }
    }

    /// The JSON schema of a present member.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// A type whose members can be part of a larger request.
pub trait WireObject: Sized {
    /// Whether one of its members is a [`PageCursor`](crate::PageCursor).
    const HAS_CURSOR: bool;

    /// Whether `name` is one of its members.
    fn knows(name: &str) -> bool;

    /// Takes its members out of a request.
    fn take(members: &mut Map<String, Value>, at: &At<'_>) -> Result<Self, ApiError>;

    /// Adds its members to a schema: the properties and the names of the required ones.
    fn describe(
        generator: &mut SchemaGenerator,
        properties: &mut Map<String, Value>,
        required: &mut Vec<Value>,
    );
}

/// The members of an object, or the error for any other value.
pub(crate) fn members(value: Value, at: &At<'_>) -> Result<Map<String, Value>, ApiError> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(at.wrong_type(&other, "object")),
    }
}

/// The error for the first unknown member, if there is one.
pub(crate) fn refuse_unknown(
    members: &Map<String, Value>,
    at: &At<'_>,
    knows: impl Fn(&str) -> bool,
) -> Result<(), ApiError> {
    match members.keys().find(|name| !knows(name)) {
        None => Ok(()),
        Some(name) => {
            let field = at.child(name).path();
            Err(ApiError::invalid_field(&field, format!("{field} is not a field of this request")))
        }
    }
}

/// The text of a scalar, in a body or a query.
pub(crate) fn text(value: Value, at: &At<'_>) -> Result<String, ApiError> {
    text_with(value, Plus::Space, at)
}

/// The same for a type that says what a plus sign in a query string means.
pub(crate) fn text_with(value: Value, plus: Plus, at: &At<'_>) -> Result<String, ApiError> {
    match scalar_with(value, plus, at) {
        Value::String(text) if text.contains('\0') => {
            let field = at.path();
            Err(ApiError::not_permitted(&field, format!("{field} contains a NUL character"))
                .with("reason", "no NUL characters"))
        }
        Value::String(text) => Ok(text),
        other => Err(at.wrong_type(&other, "string")),
    }
}

/// A scalar. In a query string, it is the last of the raw texts, without its quotes.
pub(crate) fn scalar(value: Value, at: &At<'_>) -> Value {
    scalar_with(value, Plus::Space, at)
}

fn scalar_with(value: Value, plus: Plus, at: &At<'_>) -> Value {
    match value {
        Value::Array(mut raws) if at.in_query() => match raws.pop() {
            Some(Value::String(raw)) => Value::String(unquote(&decode(&raw, plus))),
            Some(other) => other,
            None => Value::Null,
        },
        other => other,
    }
}

/// The elements of a list. A single value counts as a list of one. In a query string, the elements
/// are decoded as texts of the type `T`.
pub(crate) fn elements<T: FromWire>(value: Value, at: &At<'_>) -> Vec<Value> {
    match value {
        Value::Array(raws) if at.in_query() => raws
            .iter()
            .filter_map(Value::as_str)
            .flat_map(|raw| split_elements(&decode(raw, T::PLUS)))
            .map(Value::String)
            .collect(),
        Value::Array(elements) => elements,
        one => vec![one],
    }
}

/// The error for untyped values in a query string, whose texts don't say what they are.
pub(crate) fn refuse_query(at: &At<'_>) -> Result<(), ApiError> {
    if !at.in_query() {
        return Ok(());
    }
    let field = at.path();
    let message = format!("{field} can't be in a query; send it in the body of a POST");
    Err(ApiError::invalid_field(&field, message))
}

/// Reads an id of one of the `allowed` kinds.
pub fn read_id(value: Value, at: &At<'_>, allowed: &[Kind]) -> Result<Id, ApiError> {
    let text = text(value, at)?;
    let field = at.path();
    let id = Id::parse(&text, at.org())
        .map_err(|_| ApiError::invalid_id(&field, format!("{field}: {text:?} is not an id")))?;
    if allowed.contains(&id.kind()) {
        return Ok(id);
    }
    let nouns: Vec<_> = allowed.iter().map(|kind| kind.noun()).collect();
    let message = format!("{field} takes the id of {}", nouns.join(", "));
    Err(ApiError::field(ErrorType::UnexpectedIdType, &field, message)
        .with("value", text)
        .with("allowed_types", nouns))
}

impl FromWire for String {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        text(value, at)
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl FromWire for bool {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        match scalar(value, at) {
            Value::Bool(flag) => Ok(flag),
            Value::String(text) if at.in_query() && text == "true" => Ok(true),
            Value::String(text) if at.in_query() && text == "false" => Ok(false),
            other => Err(at.wrong_type(&other, "bool")),
        }
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

/// A number in a query string or a body, as a JSON number.
fn number(value: Value, at: &At<'_>) -> Result<serde_json::Number, ApiError> {
    match scalar(value, at) {
        Value::Number(number) => Ok(number),
        Value::String(text) if at.in_query() => {
            text.parse().map_err(|_| at.wrong_type(&Value::String(text), "number"))
        }
        other => Err(at.wrong_type(&other, "number")),
    }
}

macro_rules! integers {
    ($($int:ident $format:literal;)*) => {$(
        impl FromWire for $int {
            fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
                let number = number(value, at)?;
                number.as_i64().and_then(|n| n.try_into().ok()).ok_or_else(|| {
                    let field = at.path();
                    let reason = format!("an integer from {} to {}", $int::MIN, $int::MAX);
                    ApiError::not_permitted(&field, format!("{field} must be {reason}"))
                        .with("reason", reason)
                })
            }
            fn schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "integer", "format": $format })
            }
        }
    )*};
}
integers! {
    i32 "int32";
    i64 "int64";
    u32 "int64";
}

impl FromWire for f64 {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let number = number(value, at)?;
        number.as_f64().filter(|n| n.is_finite()).ok_or_else(|| {
            let field = at.path();
            ApiError::not_permitted(&field, format!("{field} is out of range"))
        })
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "format": "double" })
    }
}

/// Any JSON object, kept as it is.
impl FromWire for Map<String, Value> {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        refuse_query(at)?;
        members(value, at)
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// Any JSON, kept as it is.
impl FromWire for Value {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        refuse_query(at)?;
        Ok(value)
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

impl<T: FromWire> FromWire for Option<T> {
    const REQUIRED: bool = false;
    const HAS_CURSOR: bool = T::HAS_CURSOR;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(None)
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        T::from_value(value, at).map(Some)
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

impl<T: FromWire> FromWire for Vec<T> {
    const REQUIRED: bool = false;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self::new())
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        elements::<T>(value, at).into_iter().map(|element| T::from_value(element, at)).collect()
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": T::schema(generator) })
    }
}

impl<T: FromWire> FromWire for Box<T> {
    const REQUIRED: bool = T::REQUIRED;
    fn absent(at: &At<'_>) -> Result<Self, ApiError> {
        T::absent(at).map(Self::new)
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        T::from_value(value, at).map(Self::new)
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

/// A required member of a type that may otherwise be absent, such as a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Required<T>(pub T);

impl<T: FromWire> FromWire for Required<T> {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        T::from_value(value, at).map(Self)
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

/// A member that a real client sends and that has no meaning here. Each use names the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored;

impl FromWire for Ignored {
    const REQUIRED: bool = false;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
    fn from_value(_: Value, _: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

/// Reads an object and refuses unknown members.
pub fn read_object<T: WireObject>(value: Value, at: &At<'_>) -> Result<T, ApiError> {
    let mut members = members(value, at)?;
    refuse_unknown(&members, at, T::knows)?;
    T::take(&mut members, at)
}

/// Reads a text of an enum.
pub fn read_enum<T: Copy>(
    value: Value,
    at: &At<'_>,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<T, ApiError> {
    let text = text(value, at)?;
    all.iter().copied().find(|value| as_str(*value) == text).ok_or_else(|| {
        let allowed: Vec<_> = all.iter().map(|value| as_str(*value)).collect();
        one_of(at, &text, &allowed)
    })
}

/// The error for a text that is not in an enum.
pub(crate) fn one_of(at: &At<'_>, value: &str, allowed: &[&str]) -> ApiError {
    let field = at.path();
    let message = format!("{field}: {value:?} is not one of {}", allowed.join(", "));
    ApiError::field(ErrorType::InvalidEnumValue, &field, message)
        .with("value", value)
        .with("allowed_values", allowed.to_vec())
}
