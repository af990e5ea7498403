//! The document of a work, and how it is found.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use worksmith_kernel::{
    Column, ColumnType, Cond, Expander, OpCtx, Resource, Stored, Table, Value, column,
};
use worksmith_wire::works::{
    self, ForecastCategory, Money, Priority, Severity, SyncMetadata, TicketChannel,
};
use worksmith_wire::{Id, Kind, Timestamp};

use super::custom::Extended;
use super::object;
use crate::schemas::{self, Custom};
use crate::sla_trackers::{self, SlaOnWork, SlaTracker};
use crate::tagging::{self, TagOn};

/// The document of a work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// The title, in one line.
    pub title: String,
    /// The body, in Markdown; may be empty.
    pub body: String,
    /// The part that it applies to.
    pub applies_to_part: Option<Id>,
    /// Who owns it; at least one user.
    pub owned_by: Vec<Id>,
    /// Who reported it.
    pub reported_by: Vec<Id>,
    /// Its files.
    pub artifacts: Vec<Id>,
    /// Its tags.
    pub tags: Vec<TagOn>,
    /// The stage that it is in.
    pub stage: Id,
    /// The ordinal of that stage, kept for sorting.
    pub stage_ordinal: i64,
    /// When it is due.
    pub target_close_date: Option<Timestamp>,
    /// When it was done.
    pub actual_close_date: Option<Timestamp>,
    /// Its id in another system.
    pub external_ref: Option<String>,
    /// What an import could not resolve.
    pub staged_info: Option<StagedInfo>,
    /// Its origin.
    pub sync_metadata: Option<SyncMetadata>,
    /// How its SLA stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaOnWork>,
    /// The name by which an importer finds it: the host and its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_as: Option<String>,
    /// Its custom fields.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    pub custom: Custom,
    /// The members of its type.
    pub variant: Variant,
}

/// The members of one type of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// An issue.
    Issue(Issue),
    /// A ticket.
    Ticket(Ticket),
    /// A task.
    Task(Task),
    /// An opportunity.
    Opportunity(Opportunity),
}

/// The members of an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// How urgent it is.
    pub priority: Extended<Priority>,
    /// The parts that are changed for it.
    pub developed_with: Vec<Id>,
    /// The sprint that it belongs to.
    pub sprint: Option<Id>,
    /// When work on it should begin.
    pub target_start_date: Option<Timestamp>,
    /// When work on it began.
    pub actual_start_date: Option<Timestamp>,
}

/// The members of a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// How badly the customer is affected.
    pub severity: Severity,
    /// The customer.
    pub account: Option<Id>,
    /// The workspace of the customer.
    pub rev_org: Option<Id>,
    /// The group that is responsible for it.
    pub group: Option<Id>,
    /// The channels that it came from, in the old spelling.
    pub channels: Vec<TicketChannel>,
    /// The channels that it came from.
    pub channels_v2: Vec<Id>,
    /// The channel that it first came from, as free text.
    pub source_channel: Option<String>,
    /// The channel that it first came from.
    pub source_channel_v2: Option<Id>,
    /// Whether it is archived.
    pub is_archived: Option<bool>,
    /// Whether it is marked as frozen.
    pub is_frozen: Option<bool>,
    /// Whether it is junk.
    pub is_spam: Option<bool>,
    /// Whether the customer is waiting for an answer.
    pub needs_response: Option<bool>,
    /// How the customer feels: 1 delighted to 5 frustrated.
    pub sentiment: Option<i64>,
    /// When the sentiment was determined.
    pub sentiment_modified_date: Option<Timestamp>,
    /// Why this sentiment is assumed.
    pub sentiment_summary: Option<String>,
    /// Who may see it: 1 internal, 2 external, 3 private.
    pub visibility: i64,
}

/// The members of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Whether it is embedded in another work.
    pub embedded: Option<bool>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// When work on it begins.
    pub start_date: Option<Timestamp>,
}

/// The members of an opportunity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opportunity {
    /// The customer.
    pub account: Id,
    /// The people on the customer's side.
    pub contacts: Vec<Id>,
    /// Its value.
    pub amount: Option<f64>,
    /// Its value.
    pub value: Option<Money>,
    /// Its annual contract value.
    pub annual_contract_value: Option<Money>,
    /// What the customer can spend.
    pub customer_budget: Option<f64>,
    /// How likely it is.
    pub forecast_category: Option<Extended<ForecastCategory>>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// How likely it is, from 0 to 1.
    pub probability: Option<f64>,
}

/// What an import could not resolve.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedInfo {
    /// Names of fields.
    pub unresolved_fields: Vec<String>,
    /// Fields that came in.
    pub sync_in_unresolved_fields: Vec<UnresolvedField>,
    /// Fields that go out.
    pub sync_out_unresolved_fields: Vec<UnresolvedField>,
}

/// A field of an imported work whose counterpart is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnresolvedField {
    /// The name here.
    pub devrev_field_name: Option<String>,
    /// The display name there.
    pub external_display_name: Option<String>,
    /// The name there.
    pub external_field_name: Option<String>,
}

impl StagedInfo {
    /// Whether anything is unresolved.
    pub fn is_staged(&self) -> bool {
        !self.unresolved_fields.is_empty()
            || !self.sync_in_unresolved_fields.is_empty()
            || !self.sync_out_unresolved_fields.is_empty()
    }
}

impl Work {
    /// The kind of its id.
    pub const fn kind(&self) -> Kind {
        match self.variant {
            Variant::Issue(_) => Kind::Issue,
            Variant::Ticket(_) => Kind::Ticket,
            Variant::Task(_) => Kind::Task,
            Variant::Opportunity(_) => Kind::Opportunity,
        }
    }

    /// The schema of its leaf type.
    pub fn leaf(&self) -> &'static Id {
        static LEAVES: LazyLock<[Id; 4]> = LazyLock::new(|| {
            [Kind::Issue, Kind::Ticket, Kind::Task, Kind::Opportunity].map(schemas::leaf::of)
        });
        match self.variant {
            Variant::Issue(_) => &LEAVES[0],
            Variant::Ticket(_) => &LEAVES[1],
            Variant::Task(_) => &LEAVES[2],
            Variant::Opportunity(_) => &LEAVES[3],
        }
    }
}

static TABLE: Table = Table {
    name: "works",
    kinds: &[Kind::Issue, Kind::Ticket, Kind::Task, Kind::Opportunity],
    columns: &[
        text("title"),
        text("part"),
        text("stage"),
        int("stage_ordinal"),
        int("target_close"),
        int("actual_close"),
        text("external_ref"),
        int("is_staged"),
        text("sync_reference"),
        text("sync_origin"),
        text("sync_in_status"),
        int("sync_in_at"),
        text("sync_out_status"),
        int("sync_out_at"),
        int("target_start"),
        int("actual_start"),
        int("priority"),
        text("sprint"),
        int("severity"),
        text("account"),
        text("rev_org"),
        text("team"),
        int("channels"),
        text("source_channel"),
        int("is_spam"),
        int("is_frozen"),
        int("needs_response"),
        int("visibility"),
        int("forecast"),
        int("sla_phase"),
        int("sla_target"),
        int("sla_warning"),
        text("subtype"),
        int("priority_ordinal"),
    ],
    filters: &[
        "created_by",
        "part",
        "stage",
        "stage_ordinal",
        "actual_close",
        "external_ref",
        "target_start",
        "actual_start",
        "priority",
        "sprint",
        "severity",
        "account",
        "rev_org",
        "team",
        "sla_target",
        "subtype",
    ],
    sorts: &["target_close"],
    digest: &[
        "kind",
        "created_by",
        "part",
        "stage",
        "priority",
        "sprint",
        "severity",
        "account",
        "rev_org",
        "team",
        "subtype",
        "owned_by",
        "reported_by",
        "tags",
    ],
};

const fn text(name: &'static str) -> Column {
    column(name, ColumnType::Text)
}
const fn int(name: &'static str) -> Column {
    column(name, ColumnType::Integer)
}

/// A ticket that only users of the org itself see.
pub(super) const INTERNAL: i64 = 1;
/// A ticket that the customer's workspace sees, too. This is the default.
pub(super) const EXTERNAL: i64 = 2;

/// The position of a value in its enum, counted from 1.
pub(super) fn ordinal<T: PartialEq>(all: &[T], value: &T) -> i64 {
    let place = all.iter().position(|other| other == value).unwrap_or(0);
    i64::try_from(place).unwrap_or(0) + 1
}

/// A set of channels as a number: one bit each.
pub(super) fn channel_bits(channels: &[TicketChannel]) -> i64 {
    channels.iter().fold(0, |bits, channel| bits | 1 << (ordinal(TicketChannel::ALL, channel) - 1))
}

/// The columns that belong to a type, in the order of the table from `target_start` on.
#[derive(Default)]
struct Typed<'a> {
    target_start: Option<Timestamp>,
    actual_start: Option<Timestamp>,
    priority: Option<i64>,
    sprint: Option<&'a Id>,
    severity: Option<i64>,
    account: Option<&'a Id>,
    rev_org: Option<&'a Id>,
    team: Option<&'a Id>,
    channels: Option<i64>,
    source_channel: Option<&'a str>,
    is_spam: Option<bool>,
    is_frozen: Option<bool>,
    needs_response: Option<bool>,
    visibility: Option<i64>,
    forecast: Option<i64>,
    priority_ordinal: Option<i64>,
}

impl Variant {
    fn columns(&self) -> Typed<'_> {
        let rank = |priority: &Priority| ordinal(Priority::ALL, priority);
        let forecast = |category: Extended<ForecastCategory>| category.id(ForecastCategory::ALL);
        match self {
            Self::Issue(issue) => Typed {
                target_start: issue.target_start_date,
                actual_start: issue.actual_start_date,
                priority: Some(issue.priority.id(Priority::ALL)),
                priority_ordinal: Some(issue.priority.ordinal(Priority::ALL)),
                sprint: issue.sprint.as_ref(),
                ..Typed::default()
            },
            Self::Ticket(ticket) => Typed {
                severity: Some(ordinal(Severity::ALL, &ticket.severity)),
                account: ticket.account.as_ref(),
                rev_org: ticket.rev_org.as_ref(),
                team: ticket.group.as_ref(),
                channels: Some(channel_bits(&ticket.channels)),
                source_channel: ticket.source_channel.as_deref(),
                // In filters, a flag that was never set counts as false.
                is_spam: Some(ticket.is_spam.unwrap_or(false)),
                is_frozen: Some(ticket.is_frozen.unwrap_or(false)),
                needs_response: Some(ticket.needs_response.unwrap_or(false)),
                visibility: Some(ticket.visibility),
                ..Typed::default()
            },
            Self::Task(task) => {
                let priority = task.priority.as_ref().map(rank);
                Typed { priority, priority_ordinal: priority, ..Typed::default() }
            }
            Self::Opportunity(deal) => Typed {
                priority: deal.priority.as_ref().map(rank),
                priority_ordinal: deal.priority.as_ref().map(rank),
                account: Some(&deal.account),
                forecast: deal.forecast_category.map(forecast),
                ..Typed::default()
            },
        }
    }

    fn refs<'a>(&'a self, visit: &mut dyn FnMut(&'static str, &'a Id)) {
        match self {
            Self::Issue(issue) => {
                issue.developed_with.iter().for_each(|id| visit("developed_with", id));
                issue.sprint.iter().for_each(|id| visit("sprint", id));
            }
            Self::Ticket(ticket) => {
                ticket.account.iter().for_each(|id| visit("account", id));
                ticket.rev_org.iter().for_each(|id| visit("rev_org", id));
                ticket.group.iter().for_each(|id| visit("group", id));
                ticket.channels_v2.iter().for_each(|id| visit("channels_v2", id));
                ticket.source_channel_v2.iter().for_each(|id| visit("source_channel_v2", id));
            }
            Self::Task(_) => {}
            Self::Opportunity(deal) => {
                visit("account", &deal.account);
                deal.contacts.iter().for_each(|id| visit("contacts", id));
            }
        }
    }
}

impl Resource for Work {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "work";
    const MANY: &'static str = "works";
    type Object = works::Work;
    type Summary = works::WorkSummary;

    fn columns(&self) -> Vec<Value> {
        let sync = self.sync_metadata.as_ref();
        let sync_in = sync.and_then(|sync| sync.last_sync_in.as_ref());
        let sync_out = sync.and_then(|sync| sync.last_sync_out.as_ref());
        let status = |sync: &works::Sync| sync.status.map(works::SyncStatus::as_str);
        let at = |sync: &works::Sync| sync.sync_date.as_deref().and_then(Timestamp::parse);
        let staged = self.staged_info.as_ref().is_some_and(StagedInfo::is_staged);
        let own = self.variant.columns();
        let standing = self.sla.as_ref().map(|sla| sla.standing).unwrap_or_default();
        vec![
            self.title.as_str().into(),
            self.applies_to_part.as_ref().into(),
            (&self.stage).into(),
            self.stage_ordinal.into(),
            self.target_close_date.into(),
            self.actual_close_date.into(),
            self.external_ref.as_deref().into(),
            staged.into(),
            sync.and_then(|sync| sync.external_reference.as_deref()).into(),
            sync.and_then(|sync| sync.origin_system.as_deref()).into(),
            sync_in.and_then(status).into(),
            sync_in.and_then(at).into(),
            sync_out.and_then(status).into(),
            sync_out.and_then(at).into(),
            own.target_start.into(),
            own.actual_start.into(),
            own.priority.into(),
            own.sprint.into(),
            own.severity.into(),
            own.account.into(),
            own.rev_org.into(),
            own.team.into(),
            own.channels.into(),
            own.source_channel.into(),
            own.is_spam.into(),
            own.is_frozen.into(),
            own.needs_response.into(),
            own.visibility.into(),
            own.forecast.into(),
            standing.phase.into(),
            standing.target.into(),
            standing.warning.into(),
            self.custom.subtype.as_deref().into(),
            own.priority_ordinal.into(),
        ]
    }

    fn refs<'a>(&'a self, visit: &mut dyn FnMut(&'static str, &'a Id)) {
        self.applies_to_part.iter().for_each(|id| visit("applies_to_part", id));
        self.owned_by.iter().for_each(|id| visit("owned_by", id));
        self.reported_by.iter().for_each(|id| visit("reported_by", id));
        self.artifacts.iter().for_each(|id| visit("artifacts", id));
        tagging::visit(&self.tags, visit);
        visit("stage", &self.stage);
        self.custom.refs(visit);
        self.variant.refs(visit);
    }

    fn summary_refs<'a>(&'a self, visit: &mut dyn FnMut(&'a Id)) {
        self.owned_by.iter().for_each(&mut *visit);
        visit(&self.stage);
        visit(self.leaf());
        match &self.variant {
            Variant::Issue(issue) => issue.sprint.iter().for_each(visit),
            Variant::Ticket(ticket) => {
                ticket.account.iter().chain(&ticket.rev_org).for_each(visit);
            }
            Variant::Task(_) => {}
            Variant::Opportunity(deal) => visit(&deal.account),
        }
    }

    fn object_refs<'a>(&'a self, visit: &mut dyn FnMut(&'a Id)) {
        self.sla.iter().for_each(|sla| visit(&sla.tracker));
    }

    fn holds_until(stored: &Stored<Self>, x: &Expander) -> Option<Timestamp> {
        let tracker = x.doc::<SlaTracker>(&stored.doc.sla.as_ref()?.tracker)?;
        sla_trackers::holds_until(&tracker.doc, x)
    }

    fn props(&self, visit: &mut dyn FnMut(&str, Value)) {
        self.custom.props(visit);
    }

    fn names(&self, claim: &mut dyn FnMut(&'static str, &'static str, &str)) {
        // They are unique within each type, as integrators observed on the hosted service.
        let space = match self.variant {
            Variant::Issue(_) => ISSUE_REF,
            Variant::Ticket(_) => "ticket.external_ref",
            Variant::Task(_) => "task.external_ref",
            Variant::Opportunity(_) => "opportunity.external_ref",
        };
        if let Some(reference) = &self.external_ref {
            claim(space, "external_ref", reference);
        }
        if let Some(name) = &self.imported_as {
            claim(IMPORTED_AS, "imported_as", name);
        }
    }

    /// Customers see what they reported, and the external tickets of their workspace, but nothing
    /// that is internal.
    fn visibility(cx: &OpCtx) -> Option<Cond> {
        if !cx.actor.is_customer() {
            return None;
        }
        let own = &cx.actor.id;
        let mut any =
            vec![Cond::is("created_by", own), Cond::RefersTo("reported_by", vec![own.clone()])];
        any.extend(cx.actor.rev_org.as_ref().map(|rev_org| {
            Cond::All(vec![Cond::is("rev_org", rev_org), Cond::is("visibility", EXTERNAL)])
        }));
        let internal = Cond::is("visibility", INTERNAL);
        Some(Cond::All(vec![Cond::Any(any), Cond::Not(Box::new(internal))]))
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> works::Work {
        object::render(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> works::WorkSummary {
        object::summary(stored, x)
    }
}

/// The space in which the external references of issues are unique.
pub(crate) const ISSUE_REF: &str = "issue.external_ref";

/// The space of names by which importers find what they have imported.
pub(crate) const IMPORTED_AS: &str = "work.imported_as";
