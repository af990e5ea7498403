//! Content templates: the texts of notifications that programs send.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, UserId};
use crate::schemas::Field;
use crate::{AtMost, Many, PageRequest, SortBy, Text};

crate::id_types! {
    /// The id of a content template.
    ContentTemplateId [ContentTemplate];
}

crate::wire_enum! {
    /// What a template is for.
    pub enum ContentTemplateType = "content-template-type" {
        /// Notifications.
        NotificationContentTemplate = "notification_content_template",
    }
}

crate::request! {
    /// The text of a notification. `{name}` stands for the input of that name.
    create struct SetContent = "set-notification-content" {
        /// The text.
        body: Text<1, 65_536>,
        /// The title, in one line.
        title: Text<1, 256>,
    }
}

crate::request! {
    /// Creates a content template.
    create struct CreateRequest = "content-template-create-request" {
        /// What it is for.
        r#type: ContentTemplateType,
        /// The text, in the one language that there is.
        defaults: Many<SetContent, 1, 1>,
        /// The inputs that stand in the text.
        input_fields_schema: AtMost<Field, 50>,
        /// The name, unique among those of its author.
        name: Text<1, 256>,
    }
}

crate::id_requests! {
    /// The template to get.
    GetRequest = "content-template-get-request" { id: ContentTemplateId }
}

crate::request! {
    /// Which templates to list.
    read struct ListRequest = "content-template-list-request" {
        /// Of these types.
        r#type: Vec<ContentTemplateType>,
        /// Created by one of these users.
        created_by: Vec<UserId>,
        /// With one of these names.
        name: Vec<String>,
        /// The order: `created_date`, `modified_date` or `name`, each with `:asc` or `:desc`.
        sort_by: Vec<SortBy>,
        .. page: PageRequest,
    }
}

/// The text of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "notification-content")]
pub struct Content {
    /// The text. `{name}` stands for the input of that name.
    pub body: String,
    /// The title, in one line.
    pub title: String,
}

impl From<SetContent> for Content {
    fn from(SetContent { body, title }: SetContent) -> Self {
        Self { body: body.into(), title: title.into() }
    }
}

/// A content template.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notification-content-template")]
pub struct ContentTemplate {
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: ContentTemplateType,
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The text.
    pub defaults: Vec<Content>,
    /// The inputs that stand in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input_fields_schema: Vec<Field>,
    /// The name.
    pub name: String,
}

/// A content template, as other objects show one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "notification-content-template-summary")]
pub struct ContentTemplateSummary {
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: ContentTemplateType,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
}
