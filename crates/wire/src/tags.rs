//! Tags: labels, optionally with a value.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, TagId};
use crate::{ApiError, At, Color, Embedded, FromWire, PageRequest, SetPatch, SortBy, Text};

crate::request! {
    /// How a tag looks.
    create struct SetTagStyle = "set-tag-style" {
        /// The colour.
        color: Color,
    }
}

/// How a tag looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "tag-style")]
pub struct TagStyle {
    /// The colour.
    pub color: Color,
}

impl From<TagStyle> for TagStyleSummary {
    fn from(TagStyle { color }: TagStyle) -> Self {
        Self { color }
    }
}

impl From<SetTagStyle> for TagStyle {
    fn from(style: SetTagStyle) -> Self {
        Self { color: style.color }
    }
}

crate::request! {
    /// Creates a tag.
    create struct CreateRequest = "tags-create-request" {
        /// The name, unique in the org.
        name: Text<1, 256>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// The values that it can have on an object.
        allowed_values: Vec<Text<1, 256>>,
        /// How it looks.
        style_new: Option<SetTagStyle>,
    }
}

crate::id_requests! {
    /// The tag to get.
    GetRequest = "tags-get-request" { id: TagId }
    /// The tag to delete.
    DeleteRequest = "tags-delete-request" { id: TagId }
}

crate::request! {
    /// Which tags to list.
    read struct ListRequest = "tags-list-request" {
        /// Tags with one of these names.
        name: Vec<String>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a tag.
    update struct UpdateRequest = "tags-update-request" {
        /// The tag.
        id: TagId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// The values that it can have on an object.
        allowed_values: SetPatch<Text<1, 256>>,
        /// How it looks.
        style_new: Option<SetTagStyle>,
    }
}

/// A tag.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag")]
pub struct Tag {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name, unique in the org.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The values that it can have on an object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_values: Vec<String>,
    /// How it looks.
    pub style_new: Option<TagStyle>,
}

/// A tag, as other objects show one.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag-summary")]
pub struct TagSummary {
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// How it looks.
    pub style_new: Option<TagStyleSummary>,
}

/// How a tag looks, as other objects show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag-style-summary")]
pub struct TagStyleSummary {
    /// The colour.
    pub color: Color,
}

/// A tag on an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tag-with-value")]
pub struct TagWithValue {
    /// The tag.
    pub tag: Embedded<TagSummary>,
    /// The value that it has on this object.
    pub value: Option<String>,
}

crate::request! {
    /// A tag to put on an object.
    create struct SetTagWithValue = "set-tag-with-value" {
        /// The tag.
        id: TagId,
        /// Its value on this object, one of the tag's allowed values.
        value: Option<String>,
    }
}

/// A tag to put on an object: `{id, value?}`, or its bare id, as the Python SDK sends it to
/// `parts.create`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetTag {
    /// The tag.
    pub id: TagId,
    /// Its value on this object, one of the tag's allowed values.
    pub value: Option<String>,
}

impl FromWire for SetTag {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        if value.is_string() {
            return Ok(Self { id: TagId::from_value(value, at)?, value: None });
        }
        let SetTagWithValue { id, value } = SetTagWithValue::from_value(value, at)?;
        Ok(Self { id, value })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        SetTagWithValue::schema(generator)
    }
}

crate::id_requests! {
    /// A tag to take off an object.
    RemoveTag = "remove-tag-with-value" { id: TagId }
}
