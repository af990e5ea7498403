//! The kinds of object that an id can name: their nouns, their display prefixes, and how they are
//! numbered (BEHAVIOUR 2.2 is the source of the spellings).
//!
//! To add a kind, add a line to the table at the end of this file.

/// How the local part of an id is formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// A decimal number, counted per org and kind from 1.
    Sequence,
    /// Random letters and digits.
    Opaque,
    /// A number within a parent: the local part is written `parent.own`.
    Within(&'static str),
    /// A decimal number, counted per org and leaf type from 1: the local part is written
    /// `leaf_type/number`. Display ids name the leaf type by a prefix that only the org knows.
    OfLeafType,
    /// A decimal number, counted per org and kind from 1, within another object of any kind: the
    /// local part is written `object:number`, with the object as documents spell it. The DON
    /// continues that of the object.
    OfObject,
}

/// The facts of one kind.
#[derive(Debug)]
pub struct KindFacts {
    /// The noun in `type` members and `allowed_types`: `dev_user`.
    pub noun: &'static str,
    /// The noun in a DON: `devu`.
    pub don: &'static str,
    /// `core`, `identity` or `integration`.
    pub service: &'static str,
    /// The prefix of the display id, empty for kinds without one: `DEVU`.
    pub prefix: &'static str,
    /// How the local part is formed.
    pub numbering: Numbering,
}

macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident: $noun:literal, $don:literal, $service:literal, $prefix:literal,
        $numbering:expr;
    )*) => {
        /// What an id names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The facts of this kind.
            pub const fn facts(self) -> &'static KindFacts {
                match self {
                    $(Self::$kind => &KindFacts {
                        noun: $noun,
                        don: $don,
                        service: $service,
                        prefix: $prefix,
                        numbering: $numbering,
                    },)*
                }
            }
        }
    };
}

impl Kind {
    /// The noun in `type` members: `issue`, `dev_user`.
    pub const fn noun(self) -> &'static str {
        self.facts().noun
    }

    /// The kind with this noun.
    pub fn from_noun(noun: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.noun() == noun)
    }

    /// The kind with this noun in a DON.
    pub(crate) fn from_don_noun(noun: &str) -> Option<Self> {
        let noun = match noun {
            // Guides spell these without `custom_` or in the plural.
            "stage" => "custom_stage",
            "stages_diagram" => "stage_diagram",
            other => other,
        };
        Self::ALL.iter().copied().find(|kind| kind.facts().don == noun)
    }

    /// The kind with this display prefix, ignoring case.
    pub(crate) fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| !prefix.is_empty() && kind.facts().prefix.eq_ignore_ascii_case(prefix))
    }
}

use Numbering::{OfLeafType, OfObject, Opaque, Sequence, Within};

kinds! {
    /// A build-side job on a part.
    Issue: "issue", "issue", "core", "ISS", Sequence;
    /// A customer's request.
    Ticket: "ticket", "ticket", "core", "TKT", Sequence;
    /// A small step.
    Task: "task", "task", "core", "TASK", Sequence;
    /// A sales deal.
    Opportunity: "opportunity", "opportunity", "core", "OPP", Sequence;
    /// An outage.
    Incident: "incident", "incident", "core", "INC", Sequence;
    /// The root of a part tree.
    Product: "product", "product", "core", "PROD", Sequence;
    /// A part under a product.
    Capability: "capability", "capability", "core", "CAPL", Sequence;
    /// A part under a capability or a feature.
    Feature: "feature", "feature", "core", "FEAT", Sequence;
    /// A planned change of a part.
    Enhancement: "enhancement", "enhancement", "core", "ENH", Sequence;
    /// A part that runs.
    Runnable: "runnable", "runnable", "core", "RUN", Sequence;
    /// A part that is linked into others, such as a library.
    Linkable: "linkable", "linkable", "core", "LINK", Sequence;
    /// A chat with a customer.
    Conversation: "conversation", "conversation", "core", "CONV", Sequence;
    /// A text of the knowledge base.
    Article: "article", "article", "core", "ART", Sequence;
    /// A folder of the knowledge base.
    Directory: "directory", "directory", "core", "DIR", Sequence;
    /// A file.
    Artifact: "artifact", "artifact", "core", "ARTIFACT", Sequence;
    /// A label.
    Tag: "tag", "tag", "core", "TAG", Sequence;
    /// A typed relation of two objects.
    Link: "link", "link", "core", "", Opaque;
    /// A saved view, or a board.
    Vista: "vista", "vista", "core", "VISTA", Sequence;
    /// A column of a board; on a sprint board, a sprint.
    VistaGroupItem: "vista_group_item", "vista_group_item", "core", "", Within("vista");
    /// A meeting.
    Meeting: "meeting", "meeting", "core", "MEET", Sequence;
    /// A stage that works go through.
    CustomStage: "custom_stage", "custom_stage", "core", "STAGE", Sequence;
    /// A group of stages.
    CustomState: "custom_state", "custom_state", "core", "STATE", Sequence;
    /// The allowed transitions between stages.
    StageDiagram: "stage_diagram", "stage_diagram", "core", "DIAGRAM", Sequence;
    /// Where a ticket came from.
    Channel: "channel", "channel", "core", "CHANNEL", Sequence;
    /// A comment on an object.
    Comment: "timeline_comment", "comment", "core", "", OfObject;
    /// A change of an object, as its timeline shows it, numbered by revisions; never stored.
    ChangeEvent: "timeline_change_event", "timeline_change_event", "core", "", OfObject;
    /// A link of an object that was made or deleted, in the timeline of the object.
    LinkEvent: "timeline_link_event", "timeline_link_event", "core", "", OfObject;
    /// A widget that comments show.
    SnapWidget: "snap_widget", "snap_widget", "core", "", Opaque;
    /// A record of a leaf type that the org defined.
    CustomObject: "custom_object", "custom_object", "core", "C", OfLeafType;
    /// The custom fields of all objects of a kind.
    TenantFragment: "tenant_fragment", "tenant_fragment", "core", "", Sequence;
    /// The custom fields of a subtype.
    CustomTypeFragment: "custom_type_fragment", "custom_type_fragment", "core", "", Sequence;
    /// The custom fields of an app.
    AppFragment: "app_fragment", "app_fragment", "core", "", Sequence;
    /// The stock fields, which every object of a kind has.
    StockFragment: "stock_schema_fragment", "stock_sf", "core", "", Sequence;
    /// A type of link that the org defined.
    CustomLinkType: "custom_link_type", "custom_link_type", "core", "LINKTYPE", Sequence;
    /// Business hours.
    OrgSchedule: "org_schedule", "org_schedule", "core", "SCHEDULE", Sequence;
    /// Days within a span of time to which other hours apply.
    OrgScheduleFragment: "org_schedule_fragment", "org_schedule_fragment", "core", "FRAGMENT",
        Sequence;
    /// A promise of response times.
    Sla: "sla", "sla", "core", "SLA", Sequence;
    /// How such a promise stands for one object.
    SlaTracker: "sla_tracker", "sla_tracker", "core", "SLATRACKER", Sequence;
    /// A metric that is measured.
    MetricDefinition: "metric_definition", "metric_definition", "core", "METRIC", Sequence;
    /// One metric of one object; shown, and never stored.
    MetricTracker: "time_metric_tracker", "time_metric_tracker", "core", "", Within("sla_tracker");
    /// The tenant.
    DevOrg: "dev_org", "devo", "identity", "DEV", Opaque;
    /// A member of the org.
    DevUser: "dev_user", "devu", "identity", "DEVU", Sequence;
    /// A contact at a customer.
    RevUser: "rev_user", "revu", "identity", "REVU", Sequence;
    /// A bot of the server itself.
    SysUser: "sys_user", "sysu", "identity", "SYSU", Sequence;
    /// A program that acts on its own behalf.
    ServiceAccount: "service_account", "svcacc", "identity", "SVCACC", Sequence;
    /// A workspace of a customer.
    RevOrg: "rev_org", "revo", "identity", "REV", Opaque;
    /// A customer company.
    Account: "account", "account", "identity", "ACC", Opaque;
    /// A team or queue.
    Group: "group", "group", "identity", "GROUP", Sequence;
    /// A membership in a group; its ids never appear in the API.
    GroupMember: "group_member", "group_member", "identity", "", Opaque;
    /// A security token.
    Token: "token", "token", "identity", "", Opaque;
    /// A change that many objects have to follow; its ids never appear in the API.
    Cascade: "cascade", "cascade", "core", "", Sequence;
    /// What a person is told of an object.
    Notification: "notification", "notification", "core", "", Opaque;
    /// What a person set for their own use.
    UserPreferences: "user_preferences", "user_preferences", "core", "", Opaque;
    /// The text of notifications that programs send.
    ContentTemplate: "content_template", "content_template", "core", "", Opaque;
    /// Who follows an object; its ids never appear in the API.
    Subscription: "subscription", "subscription", "core", "", Opaque;
    /// A message that is sent by mail; its ids never appear in the API.
    Letter: "letter", "letter", "core", "", Opaque;
    /// What telling people of changes needs to know of the org; its ids never appear in the API.
    Inbox: "inbox", "inbox", "core", "", Opaque;
    /// An address that is told of changes.
    Webhook: "webhook", "webhook", "integration", "", Opaque;
    /// What such an address is told.
    WebhookEvent: "webhook_event", "webhook_event", "integration", "", OfObject;
}
