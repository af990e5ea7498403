//! The macros that define requests, enums and typed ids.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value};

/// The name of a member in JSON: without the `r#` of a keyword.
pub fn member(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Whether a member has the value that it would have if it were absent.
pub fn is_default<T: Default + PartialEq>(member: &T) -> bool {
    *member == T::default()
}

/// The schema of an object.
pub fn describe_object(doc: &str, properties: &Map<String, Value>, required: Vec<Value>) -> Schema {
    let mut schema = json_schema!({
        "type": "object",
        "description": doc.trim(),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    schema
}

/// The schema of a union that is discriminated by the member `type`.
pub fn union_schema(doc: &str, variants: &[(&str, Schema)]) -> Schema {
    let mapping: serde_json::Map<String, Value> = variants
        .iter()
        .filter_map(|(kind, schema)| Some(((*kind).to_owned(), schema.get("$ref")?.clone())))
        .collect();
    let schemas: Vec<_> = variants.iter().map(|(_, schema)| schema).collect();
    json_schema!({
        "description": doc,
        "oneOf": schemas,
        "discriminator": { "propertyName": "type", "mapping": mapping },
    })
}

/// Defines a request: a struct, how it is read, and its schema.
///
/// `create` and `read` requests accept null as an absent member, `update` requests only if the type
/// is [`Patch`](crate::Patch). Members after `..` are those of another request. A `kept` object is
/// stored and shown as it was received: absent members stay absent.
#[macro_export]
macro_rules! request {
    (
        $(#[doc = $doc:literal])*
        kept struct $name:ident = $schema:literal {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[derive($crate::__private::serde::Serialize, $crate::__private::serde::Deserialize)]
        #[serde(crate = "::worksmith_wire::__private::serde", default)]
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                #[serde(skip_serializing_if = "::worksmith_wire::__private::is_default")]
                pub $field: $type,
            )*
        }

        $crate::request! {
            @wire create $name $schema ($($doc)*) { $($($field_doc)* $field: $type,)* } {}
        }
    };
    (
        $(#[doc = $doc:literal])*
        $mode:ident struct $name:ident = $schema:literal {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
            $(.. $part:ident: $part_type:ty,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
            $(
                #[doc = concat!("The members of [`", stringify!($part_type), "`].")]
                pub $part: $part_type,
            )*
        }

        $crate::request! {
            @wire $mode $name $schema ($($doc)*)
            { $($($field_doc)* $field: $type,)* }
            { $($part: $part_type,)* }
        }
    };
    (
        @wire $mode:ident $name:ident $schema:literal ($($doc:literal)*)
        { $($($field_doc:literal)* $field:ident: $type:ty,)* }
        { $($part:ident: $part_type:ty,)* }
    ) => {
        impl $crate::WireObject for $name {
            const HAS_CURSOR: bool = false
                $(|| <$type as $crate::FromWire>::HAS_CURSOR)*
                $(|| <$part_type as $crate::WireObject>::HAS_CURSOR)*;

            fn knows(name: &str) -> bool {
                let own: &[&'static str] = &[$($crate::__private::member(stringify!($field)),)*];
                own.contains(&name) $(|| <$part_type as $crate::WireObject>::knows(name))*
            }

            fn take(
                members: &mut $crate::__private::Map<String, $crate::__private::Value>,
                at: &$crate::At<'_>,
            ) -> Result<Self, $crate::ApiError> {
                // A request without members uses neither.
                let (_, at) = (&members, &at.with_nulls($crate::request!(@nulls $mode)));
                let _ = at;
                Ok(Self {
                    $($field: {
                        let name = $crate::__private::member(stringify!($field));
                        $crate::FromWire::read(members.remove(name), &at.child(name))?
                    },)*
                    $($part: <$part_type as $crate::WireObject>::take(members, &at.part())?,)*
                })
            }

            fn describe(
                generator: &mut $crate::__private::SchemaGenerator,
                properties: &mut $crate::__private::Map<String, $crate::__private::Value>,
                required: &mut Vec<$crate::__private::Value>,
            ) {
                let _ = (&generator, &properties, &required);
                $({
                    let name = $crate::__private::member(stringify!($field));
                    let mut schema = <$type as $crate::FromWire>::schema(generator);
                    let doc = concat!($($field_doc,)* "").trim();
                    if !doc.is_empty() {
                        schema.insert("description".to_owned(), doc.into());
                    }
                    properties.insert(name.to_owned(), schema.into());
                    if <$type as $crate::FromWire>::REQUIRED {
                        required.push(name.into());
                    }
                })*
                $(<$part_type as $crate::WireObject>::describe(generator, properties, required);)*
            }
        }

        $crate::wire_object!($name, $schema, concat!($($doc,)* ""));
    };
    (@nulls create) => { true };
    (@nulls read) => { true };
    (@nulls update) => { false };
}

/// Defines requests that hold an id and nothing else. What describes the request also describes
/// its member: it says which object the id names.
#[macro_export]
macro_rules! id_requests {
    ($(#[doc = $doc:literal] $name:ident = $schema:literal { $member:ident: $id:ty })*) => {$(
        $crate::request! {
            #[doc = $doc]
            read struct $name = $schema {
                #[doc = $doc]
                $member: $id,
            }
        }
    )*};
}

/// Makes a [`WireObject`](crate::WireObject) a request of its own: reading it refuses unknown
/// members.
#[macro_export]
macro_rules! wire_object {
    ($name:ident, $schema:literal, $doc:expr) => {
        impl $crate::FromWire for $name {
            const HAS_CURSOR: bool = <Self as $crate::WireObject>::HAS_CURSOR;

            fn from_value(
                value: $crate::__private::Value,
                at: &$crate::At<'_>,
            ) -> Result<Self, $crate::ApiError> {
                $crate::read_object(value, at)
            }

            fn schema(
                generator: &mut $crate::__private::SchemaGenerator,
            ) -> $crate::__private::Schema {
                generator.subschema_for::<Self>()
            }
        }

        impl $crate::__private::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $schema.into()
            }

            fn json_schema(
                generator: &mut $crate::__private::SchemaGenerator,
            ) -> $crate::__private::Schema {
                let mut properties = $crate::__private::Map::new();
                let mut required = Vec::new();
                <Self as $crate::WireObject>::describe(generator, &mut properties, &mut required);
                $crate::__private::describe_object($doc, &properties, required)
            }
        }
    };
}

/// Defines an enum of texts: how it is read, written and stored, and its schema.
#[macro_export]
macro_rules! wire_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident = $schema:literal {
            $($(#[doc = $variant_doc:literal])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive($crate::__private::serde::Serialize, $crate::__private::serde::Deserialize)]
        #[serde(crate = "::worksmith_wire::__private::serde")]
        pub enum $name {
            $($(#[doc = $variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl $crate::FromWire for $name {
            fn from_value(
                value: $crate::__private::Value,
                at: &$crate::At<'_>,
            ) -> Result<Self, $crate::ApiError> {
                $crate::read_enum(value, at, Self::ALL, Self::as_str)
            }

            fn schema(
                generator: &mut $crate::__private::SchemaGenerator,
            ) -> $crate::__private::Schema {
                generator.subschema_for::<Self>()
            }
        }

        impl $crate::__private::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $schema.into()
            }

            fn json_schema(
                _: &mut $crate::__private::SchemaGenerator,
            ) -> $crate::__private::Schema {
                $crate::__private::json_schema!({
                    "type": "string",
                    "description": concat!($($doc,)* "").trim(),
                    "enum": [$($text,)*],
                })
            }
        }
    };
}

/// Types of ids by the kinds that a member accepts; reading an id refuses other kinds.
#[macro_export]
macro_rules! id_types {
    ($($(#[doc = $doc:literal])* $name:ident [$($kind:ident),* $(,)?];)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub $crate::Id);

        impl $name {
            /// The kinds that it accepts.
            pub const KINDS: &'static [$crate::Kind] = &[$($crate::Kind::$kind,)*];
        }

        impl $crate::FromWire for $name {
            fn from_value(
                value: $crate::__private::Value,
                at: &$crate::At<'_>,
            ) -> Result<Self, $crate::ApiError> {
                $crate::read_id(value, at, Self::KINDS).map(Self)
            }

            fn schema(_: &mut $crate::__private::SchemaGenerator) -> $crate::__private::Schema {
                $crate::__private::json_schema!({ "type": "string", "format": "id" })
            }
        }

        impl std::ops::Deref for $name {
            type Target = $crate::Id;
            fn deref(&self) -> &$crate::Id {
                &self.0
            }
        }

        impl From<$name> for $crate::Id {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}
