//! Searching the objects of all families.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::ser::{Serialize as SerializeTrait, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::common::{AccountSummary, AtomSummary, GroupSummary, OrgSummary, UserSummary};
use crate::custom_objects::CustomObjectSummary;
use crate::parts::PartSummary;
use crate::tags::TagSummary;
use crate::vistas::VistaSummary;
use crate::works::WorkSummary;
use crate::{DateTime, Embedded, Ignored, PageRequest, Text};

crate::wire_enum! {
    /// What to search: objects of a type, or of a family. Nothing is found of what is not served.
    pub enum SearchNamespace = "search-namespace" {
        /// Accounts.
        Account = "account",
        /// Articles.
        Article = "article",
        /// Capabilities.
        Capability = "capability",
        /// Components.
        Component = "component",
        /// Conversations.
        Conversation = "conversation",
        /// Custom objects.
        CustomObject = "custom_object",
        /// Parts of types of the org's own.
        CustomPart = "custom_part",
        /// Works of types of the org's own.
        CustomWork = "custom_work",
        /// Dashboards.
        Dashboard = "dashboard",
        /// Datasets.
        Dataset = "dataset",
        /// Dev users.
        DevUser = "dev_user",
        /// Directories.
        Directory = "directory",
        /// Enhancements.
        Enhancement = "enhancement",
        /// Features.
        Feature = "feature",
        /// Groups.
        Group = "group",
        /// Incidents.
        Incident = "incident",
        /// Issues.
        Issue = "issue",
        /// Linkables.
        Linkable = "linkable",
        /// Meetings.
        Meeting = "meeting",
        /// Microservices.
        Microservice = "microservice",
        /// Memberships.
        ObjectMember = "object_member",
        /// Operations.
        Operation = "operation",
        /// Opportunities.
        Opportunity = "opportunity",
        /// Parts of all types.
        Part = "part",
        /// Products.
        Product = "product",
        /// Projects.
        Project = "project",
        /// Questions with answers.
        QuestionAnswer = "question_answer",
        /// Workspaces.
        RevOrg = "rev_org",
        /// Contacts.
        RevUser = "rev_user",
        /// Runnables.
        Runnable = "runnable",
        /// Service accounts.
        ServiceAccount = "service_account",
        /// System users.
        SysUser = "sys_user",
        /// Tags.
        Tag = "tag",
        /// Tasks.
        Task = "task",
        /// Tickets.
        Ticket = "ticket",
        /// Vistas.
        Vista = "vista",
        /// Widgets.
        Widget = "widget",
        /// Works of all types.
        Work = "work",
        /// Workflows.
        Workflow = "workflow",
    }
}

crate::wire_enum! {
    /// What results are sorted by.
    pub enum SearchSortBy = "search-sort-by-param" {
        /// When they were created.
        CreatedDate = "created_date",
        /// When they were last changed.
        ModifiedDate = "modified_date",
        /// How well they fit, and how new they are.
        Relevance = "relevance",
    }
}

crate::wire_enum! {
    /// Which results come first.
    pub enum SearchSortOrder = "search-sort-order-param" {
        /// Those that are oldest, or fit least.
        Asc = "asc",
        /// Those that are newest, or fit best.
        Desc = "desc",
    }
}

crate::request! {
    /// What to search for.
    read struct CoreRequest = "search-core-request" {
        /// Words, all of which must be in an object or in one of its comments. `"side by side"` is
        /// a phrase, `wav*` the beginning of a word, and `-word` must not be there. `title:word`
        /// and `body:word` say where. `type:ticket`, `state:open`, `stage:triage`, `owner:DEVU-3`,
        /// `tag:urgent` and the like are filters: they take ids, names, `me`, and several values
        /// with commas between them. The id of an object finds the object.
        query: Text<1, 400>,
        /// Where to search; everywhere, when absent.
        namespaces: Vec<SearchNamespace>,
        /// The name of `namespaces` in `search.hybrid`.
        namespace: Option<SearchNamespace>,
        /// What to sort by; relevance, when absent.
        sort_by: Option<SearchSortBy>,
        /// Which results come first; the best or newest, when absent.
        sort_order: Option<SearchSortOrder>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// What to search for.
    read struct HybridRequest = "search-hybrid-request" {
        /// The query, as in `search.core`; when absent, the objects that were changed last.
        query: Option<Text<1, 400>>,
        /// Where to search.
        namespace: Option<SearchNamespace>,
        /// The name of `namespace` in `search.core`.
        namespaces: Vec<SearchNamespace>,
        /// How many results there are at most: 1 to 50, 10 when absent.
        limit: Option<i64>,
        /// How much the meaning of a text counts, from 0 to 1. No model is configured that knows
        /// meanings, so results are ranked by words, as `ranked_by` says.
        semantic_weight: Option<f64>,
        /// Sent by the vendor's Python client; there is one page.
        cursor: Ignored,
    }
}

crate::wire_enum! {
    /// What results were ranked by.
    pub enum RankedBy = "search-ranked-by" {
        /// By the words that they have in common with the query.
        Words = "words",
    }
}

/// The objects that were found.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "search-core-response")]
pub struct CoreResponse {
    /// The objects, in their order.
    pub results: Vec<SearchResult>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}

/// The objects that were found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "search-hybrid-response")]
pub struct HybridResponse {
    /// The objects, in their order.
    pub results: Vec<SearchResult>,
    /// What they were ranked by.
    pub ranked_by: RankedBy,
}

/// An object that was found: `{"type": "work", "work": {..}, ..}`.
#[derive(Clone, Debug)]
pub struct SearchResult {
    /// What the object is; the name of the member that holds it.
    pub kind: &'static str,
    /// The object as others embed it.
    pub summary: Embedded<Map<String, Value>>,
    /// The pieces of the object that were hit, with the hits marked.
    pub snippet: Option<String>,
    /// When the object was last changed.
    pub modified_date: DateTime,
    /// The comments that were hit, the newest first; at most five.
    pub comments: Vec<CommentResult>,
}

/// A comment that was found.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "comment-search-summary")]
pub struct CommentResult {
    /// The ids of the comment.
    pub comment: AtomSummary,
    /// Who wrote it.
    pub created_by: Option<Embedded<UserSummary>>,
    /// When it was written.
    pub created_date: DateTime,
    /// The object that it is about.
    pub object: String,
    /// The pieces of the comment that were hit, with the hits marked.
    pub snippet: String,
}

impl SerializeTrait for SearchResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.kind)?;
        map.serialize_entry(self.kind, &self.summary)?;
        if let Some(snippet) = &self.snippet {
            map.serialize_entry("snippet", snippet)?;
        }
        map.serialize_entry("modified_date", &self.modified_date)?;
        if !self.comments.is_empty() && has_comments(self.kind) {
            map.serialize_entry("comments", &self.comments)?;
        }
        map.end()
    }
}

/// Whether results of a type show the comments that were hit.
fn has_comments(kind: &str) -> bool {
    ["account", "conversation", "part", "user", "work"].contains(&kind)
}

impl JsonSchema for SearchResult {
    fn schema_name() -> Cow<'static, str> {
        "search-result".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let summaries = [
            ("account", generator.subschema_for::<AccountSummary>()),
            ("custom_object", generator.subschema_for::<CustomObjectSummary>()),
            ("group", generator.subschema_for::<GroupSummary>()),
            ("org", generator.subschema_for::<OrgSummary>()),
            ("part", generator.subschema_for::<PartSummary>()),
            ("tag", generator.subschema_for::<TagSummary>()),
            ("user", generator.subschema_for::<UserSummary>()),
            ("vista", generator.subschema_for::<VistaSummary>()),
            ("work", generator.subschema_for::<WorkSummary>()),
        ];
        let comment = generator.subschema_for::<CommentResult>();
        let date = generator.subschema_for::<DateTime>();
        let results = summaries.into_iter().map(|(kind, summary)| {
            let mut members = Map::new();
            members.insert("type".to_owned(), json_schema!({ "enum": [kind] }).into());
            members.insert(kind.to_owned(), summary.into());
            members.insert("snippet".to_owned(), json_schema!({ "type": "string" }).into());
            members.insert("modified_date".to_owned(), date.clone().into());
            if has_comments(kind) {
                let comments =
                    json_schema!({ "type": "array", "items": comment.clone(), "maxItems": 5 });
                members.insert("comments".to_owned(), comments.into());
            }
            json_schema!({ "type": "object", "properties": members, "required": ["type", kind] })
        });
        let results: Vec<Schema> = results.collect();
        json_schema!({ "description": "An object that was found.", "oneOf": results })
    }
}
