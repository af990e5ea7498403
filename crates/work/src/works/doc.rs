//! The document of a work, and how it is found.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use worksmith_fields::schemas::{self, Custom};
use worksmith_kernel::search::Search;
use worksmith_kernel::{Column, Cond, Expander, Name, OpCtx, Reference, Resource, Stored, Value};
use worksmith_org::tagging::TagOn;
use worksmith_sla::sla_trackers::{self, SlaOnWork, SlaTracker};
use worksmith_wire::works::{
    self, ForecastCategory, Money, Priority, Severity, SyncMetadata, TicketChannel,
};
use worksmith_wire::{Id, Kind, Timestamp};

use super::columns::{self, REPORTED_BY, REV_ORG, VISIBILITY};
use super::custom::Extended;
use super::object;

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

impl Variant {
    /// The members of an issue, if it is one.
    pub(crate) const fn issue(&self) -> Option<&Issue> {
        match self {
            Self::Issue(issue) => Some(issue),
            _ => None,
        }
    }

    /// The members of a ticket, if it is one.
    pub(super) const fn ticket(&self) -> Option<&Ticket> {
        match self {
            Self::Ticket(ticket) => Some(ticket),
            _ => None,
        }
    }
}

/// A ticket that only users of the org itself see.
pub(super) const INTERNAL: i64 = 1;
/// A ticket that the customer's workspace sees, too. This is the default.
pub(super) const EXTERNAL: i64 = 2;

impl Resource for Work {
    const TABLE_NAME: &'static str = "works";
    const KINDS: &'static [Kind] = &[Kind::Issue, Kind::Ticket, Kind::Task, Kind::Opportunity];
    const COLUMNS: &'static [Column<Self>] = columns::COLUMNS;
    const REFS: &'static [Reference<Self>] = columns::REFS;
    const NAMES: &'static [Name<Self>] = columns::NAMES;
    const LONG: Option<&'static str> = Some("body");
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("work", |work: &Self, say| say(&work.title))
            .texts(|work, say| {
                say(&work.body);
                work.external_ref.iter().for_each(|external_ref| say(external_ref));
            })
            .by(columns::FACETS),
    );
    const ONE: &'static str = "work";
    const MANY: &'static str = "works";
    type Object = works::Work;
    type Summary = works::WorkSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        let work = &stored.doc;
        work.owned_by.iter().for_each(&mut *visit);
        visit(&work.stage);
        visit(work.leaf());
        match &work.variant {
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

    /// Customers see what they reported, and the external tickets of their workspace, but nothing
    /// that is internal.
    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        if !cx.actor.is_customer() {
            return None;
        }
        let own = &cx.actor.id;
        let mut any = vec![
            Cond::is(Column::CREATED_BY, own),
            Cond::refers_to(REPORTED_BY, vec![own.clone()]),
        ];
        any.extend(cx.actor.rev_org.as_ref().map(|rev_org| {
            Cond::all([Cond::is(REV_ORG, rev_org), Cond::is(VISIBILITY, EXTERNAL)])
        }));
        let internal = Cond::is(VISIBILITY, INTERNAL);
        Some(Cond::all([Cond::any(any), !internal]))
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> works::Work {
        object::render(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> works::WorkSummary {
        object::summary(stored, x)
    }
}
