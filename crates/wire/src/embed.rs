//! A summary of an object inside another one.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A `T` that was rendered before; it is written as it is into each body that embeds it.
#[derive(Clone, Debug)]
pub struct Embedded<T> {
    rendered: Arc<RawValue>,
    shape: PhantomData<fn() -> T>,
}

impl<T> Embedded<T> {
    /// Embeds a rendered `T`.
    pub const fn new(rendered: Arc<RawValue>) -> Self {
        Self { rendered, shape: PhantomData }
    }

    /// The rendered text.
    pub fn rendered(&self) -> &Arc<RawValue> {
        &self.rendered
    }
}

impl<T> Serialize for Embedded<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rendered.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Embedded<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
