//! Snap widgets: what comments show besides their text.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{ArtifactId, ArtifactSummary, AtomBase, UserId, UserSummary};
use crate::{AtMost, DateTime, Embedded, Text, Timestamp};

crate::wire_enum! {
    /// What a widget shows.
    pub enum WidgetType = "snap-widgets-create-request-type" {
        /// An email.
        EmailPreview = "email_preview",
    }
}

crate::wire_enum! {
    /// What a widget is for.
    pub enum Namespace = "snap-widget-namespace" {
        /// A message of an assistant.
        AiAssistantMessage = "ai_assistant_message",
        /// Replies that are suggested.
        CommentSuggestionReplies = "comment_suggestion_replies",
        /// An email.
        EmailPreview = "email_preview",
        /// What a link leads to.
        LinkPreview = "link_preview",
        /// A meeting.
        MeetingPreview = "meeting_preview",
        /// A nudge to visitors of a page.
        PlugNudge = "plug_nudge",
        /// A thread beside another one.
        SideThread = "side_thread",
    }
}

crate::wire_enum! {
    /// Whether a widget is ready to be shown.
    pub enum WidgetStatus = "snap-widget-status" {
        /// It is being worked on.
        Draft = "draft",
        /// It is ready.
        Published = "published",
    }
}

crate::request! {
    /// Somebody who sent or received an email.
    create struct CreateEmailInfo = "create-email-info" {
        /// The address.
        address: Text<1, 512>,
        /// The name.
        name: Option<Text<0, 256>>,
        /// The user with this address.
        user: Option<UserId>,
    }
}

crate::request! {
    /// A file within the text of an email.
    create struct CreateInline = "create-email-inline-attachment" {
        /// The file.
        artifact: Option<ArtifactId>,
        /// The id by which the text names it.
        content_id: Option<Text<1, 512>>,
    }
}

crate::request! {
    /// Creates a widget.
    create struct CreateRequest = "snap-widgets-create-request" {
        /// What it shows.
        r#type: WidgetType,
        /// The name.
        name: Text<1, 256>,
        /// What it is for.
        namespace: Option<Namespace>,
        /// Whether it is ready to be shown: `published` when absent.
        status: Option<WidgetStatus>,
        /// Who received a copy of the email without the others knowing.
        bcc: AtMost<CreateEmailInfo, 100>,
        /// Who received a copy of the email.
        cc: AtMost<CreateEmailInfo, 100>,
        /// Who sent the email.
        from: AtMost<CreateEmailInfo, 100>,
        /// The text of the email, in HTML.
        html_body: Option<Text<0, 65_536>>,
        /// The id of the email that this one answers.
        in_reply_to: Option<Text<0, 1_024>>,
        /// The files within the text.
        inlines: AtMost<CreateInline, 50>,
        /// Whether the email is junk.
        is_spam: Option<bool>,
        /// The id of the email.
        message_id: Option<Text<0, 1_024>>,
        /// The email as it was received, as a file.
        raw_email_artifact: Option<ArtifactId>,
        /// The ids of the emails that came before.
        references: AtMost<Text<1, 1_024>, 100>,
        /// Who gets the answer.
        reply_to: AtMost<CreateEmailInfo, 100>,
        /// When the email was sent.
        sent_timestamp: Option<Timestamp>,
        /// What the email is about.
        subject: Option<Text<0, 1_024>>,
        /// The text of the email, without formats.
        text_body: Option<Text<0, 65_536>>,
        /// Who received the email.
        to: AtMost<CreateEmailInfo, 100>,
    }
}

/// A widget.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "snap-widget")]
pub enum SnapWidget {
    /// An email.
    EmailPreview(Box<EmailPreview>),
}

/// A widget that shows an email.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "email-preview-widget")]
pub struct EmailPreview {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name.
    pub name: String,
    /// What it is for.
    pub namespace: Option<Namespace>,
    /// Whether it is ready to be shown.
    pub status: WidgetStatus,
    /// Who received a copy of the email without the others knowing.
    pub bcc: Vec<EmailInfo>,
    /// Who received a copy of the email.
    pub cc: Vec<EmailInfo>,
    /// Who sent the email.
    pub from: Vec<EmailInfo>,
    /// The text of the email, in HTML.
    pub html_body: Option<String>,
    /// The id of the email that this one answers.
    pub in_reply_to: Option<String>,
    /// The files within the text.
    pub inlines: Vec<EmailInline>,
    /// Whether the email is junk.
    pub is_spam: Option<bool>,
    /// The id of the email.
    pub message_id: Option<String>,
    /// The email as it was received, as a file.
    pub raw_email_artifact: Option<Embedded<ArtifactSummary>>,
    /// The ids of the emails that came before.
    pub references: Vec<String>,
    /// Who gets the answer.
    pub reply_to: Vec<EmailInfo>,
    /// When the email was sent.
    pub sent_timestamp: Option<DateTime>,
    /// What the email is about.
    pub subject: Option<String>,
    /// The text of the email, without formats.
    pub text_body: Option<String>,
    /// Who received the email.
    pub to: Vec<EmailInfo>,
}

/// Somebody who sent or received an email.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "email-info")]
pub struct EmailInfo {
    /// The address.
    pub address: String,
    /// The name.
    pub name: Option<String>,
    /// The user with this address.
    pub user: Option<Embedded<UserSummary>>,
}

/// A file within the text of an email.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "email-inline-attachment")]
pub struct EmailInline {
    /// The file.
    pub artifact: Option<Embedded<ArtifactSummary>>,
    /// The id by which the text names it.
    pub content_id: Option<String>,
}
