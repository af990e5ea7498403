//! Tags: labels, optionally with a value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, TagId, TagStyleSummary};
use crate::{Color, PageRequest, SetPatch, SortBy, Text};

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

crate::request! {
    /// The tag to get.
    read struct GetRequest = "tags-get-request" {
        /// The tag.
        id: TagId,
    }
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
        allowed_values: Option<SetPatch<Text<1, 256>>>,
        /// How it looks.
        style_new: Option<SetTagStyle>,
    }
}

crate::request! {
    /// The tag to delete.
    read struct DeleteRequest = "tags-delete-request" {
        /// The tag.
        id: TagId,
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
