//! Changes of fields: their values before and after.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

/// The change of a field.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "field-delta")]
pub struct FieldDelta {
    /// The name of the field, as the object has it; of a custom field, `custom_fields.tnt__cost`.
    pub name: String,
    /// The value after the change; absent if the field has none.
    pub new_value: Option<FieldValue>,
    /// The value before the change; absent if the field had none.
    pub old_value: Option<FieldValue>,
}

/// The value of a field, by its type.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "field-value")]
pub enum FieldValue {
    /// A truth value.
    Bool {
        /// The value.
        value: bool,
    },
    /// Truth values.
    BoolList {
        /// The values.
        values: Vec<bool>,
    },
    /// A value with fields of its own.
    Composite(Composite),
    /// Values with fields of their own.
    CompositeList {
        /// The values.
        values: Vec<Composite>,
    },
    /// An instant.
    DateTime {
        /// The value, as RFC 3339.
        value: String,
    },
    /// A number.
    Double {
        /// The value.
        value: f64,
    },
    /// Numbers.
    DoubleList {
        /// The values.
        values: Vec<f64>,
    },
    /// An object.
    Id {
        /// Its id.
        value: String,
    },
    /// Objects.
    IdList {
        /// Their ids.
        values: Vec<String>,
    },
    /// An integer.
    Int {
        /// The value.
        value: i64,
    },
    /// Integers.
    IntList {
        /// The values.
        values: Vec<i64>,
    },
    /// A stage, by its name. Programs also read it as a composite value.
    Stage {
        /// The name.
        name: String,
        /// The name once more, as the field `name`.
        fields: BTreeMap<String, FieldValue>,
    },
    /// A text.
    String {
        /// The value.
        value: String,
    },
    /// Texts.
    StringList {
        /// The values.
        values: Vec<String>,
    },
    /// Tags.
    TagSummaryList {
        /// The tags.
        values: Vec<TagValue>,
    },
}

/// A value with fields of its own.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "field-value-composite")]
pub struct Composite {
    /// The fields.
    pub fields: BTreeMap<String, FieldValue>,
}

/// A tag on an object.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "field-value-tag-summary")]
pub struct TagValue {
    /// The name of the tag.
    pub name: Option<String>,
    /// The tag.
    pub tag_id: String,
    /// The value that the tag has on the object.
    pub value: Option<String>,
}
