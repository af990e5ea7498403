//! From a document to its form in answers.

use worksmith_fields::schemas::{self, Schema, stock};
use worksmith_fields::stages::{CustomStage, CustomState};
use worksmith_kernel::{Expander, Stored};
use worksmith_org::tagging;
use worksmith_sla::sla_trackers::{self, SlaTracker};
use worksmith_wire::common::EnumValue;
use worksmith_wire::works::{
    self, ForecastCategory, Priority, Severity, SlaMembers, StageName, WorkBase, WorkSummary,
};

use super::columns::ordinal;
use super::doc::{Issue, Opportunity, Task, Ticket, Variant, Work};

/// The value of a stock field with an id, as the schema of the work labels it. An id that the
/// schema no longer has, after a change of subtype elsewhere, is its own label.
pub(super) fn enum_value(schema: &Schema, field: &str, id: i64) -> EnumValue {
    let values = schema.stock_values(field, &stock::values(field));
    match values.into_iter().find(|value| value.id == id) {
        Some(value) => EnumValue { id, label: value.label.into(), ordinal: value.ordinal },
        None => EnumValue { id, label: id.to_string(), ordinal: id },
    }
}

/// The org's schema of the stock fields of a work.
fn schema(work: &Work, x: &Expander) -> Schema {
    schemas::stock_overrides(&work.custom, work.leaf(), x)
}

fn state<'a>(work: &Work, x: &'a Expander) -> Option<&'a CustomState> {
    let stage = &x.doc::<CustomStage>(&work.stage)?.doc;
    Some(&x.doc::<CustomState>(&stage.state)?.doc)
}

pub(super) fn render(stored: &Stored<Work>, x: &Expander) -> works::Work {
    let base = base(stored, x);
    let schema = schema(&stored.doc, x);
    let sla = || sla(stored, x);
    match &stored.doc.variant {
        Variant::Issue(issue) => {
            works::Work::Issue(Box::new(render_issue(base, issue, sla(), &schema, x)))
        }
        Variant::Ticket(ticket) => {
            works::Work::Ticket(Box::new(render_ticket(base, ticket, sla(), &schema, x)))
        }
        Variant::Task(task) => {
            let Task { embedded, priority, start_date } = *task;
            let start_date = start_date.map(Into::into);
            works::Work::Task(Box::new(works::Task { base, embedded, priority, start_date }))
        }
        Variant::Opportunity(deal) => {
            works::Work::Opportunity(Box::new(render_opportunity(base, deal, &schema, x)))
        }
    }
}

fn base(stored: &Stored<Work>, x: &Expander) -> WorkBase {
    let work = &stored.doc;
    let state = state(work, x);
    WorkBase {
        head: x.base(&stored.meta),
        actual_close_date: work.actual_close_date.map(Into::into),
        applies_to_part: x.embed_opt(work.applies_to_part.as_ref()),
        artifacts: x.embed_all(&work.artifacts),
        body: (!work.body.is_empty()).then(|| work.body.clone()),
        customized: schemas::render(&work.custom, work.leaf(), x),
        external_ref: work.external_ref.clone(),
        owned_by: x.embed_all(&work.owned_by),
        reported_by: x.embed_all(&work.reported_by),
        stage: x.embed(&work.stage),
        state: state.map(|state| state.name.clone()),
        state_display_name: state.map(CustomState::display_name),
        sync_metadata: work.sync_metadata.clone(),
        tags: tagging::render(&work.tags, x),
        target_close_date: work.target_close_date.map(Into::into),
        title: work.title.clone(),
    }
}

/// How the SLA of a work stands.
fn sla(stored: &Stored<Work>, x: &Expander) -> SlaMembers {
    let tracker = stored.doc.sla.as_ref().map(|sla| &sla.tracker);
    let doc = tracker.and_then(|tracker| x.doc::<SlaTracker>(tracker));
    SlaMembers {
        sla_summary: doc.and_then(|tracker| sla_trackers::standing(tracker, x)),
        sla_tracker: x.embed_opt(tracker),
    }
}

fn render_issue(
    base: WorkBase,
    issue: &Issue,
    sla: SlaMembers,
    schema: &Schema,
    x: &Expander,
) -> works::Issue {
    works::Issue {
        base,
        actual_start_date: issue.actual_start_date.map(Into::into),
        developed_with: x.embed_all(&issue.developed_with),
        priority: issue.priority.stock(),
        priority_v2: Some(enum_value(schema, "priority_v2", issue.priority.id(Priority::ALL))),
        sla,
        sprint: x.embed_opt(issue.sprint.as_ref()),
        target_start_date: issue.target_start_date.map(Into::into),
    }
}

fn render_ticket(
    base: WorkBase,
    ticket: &Ticket,
    sla: SlaMembers,
    schema: &Schema,
    x: &Expander,
) -> works::Ticket {
    works::Ticket {
        base,
        account: x.embed_opt(ticket.account.as_ref()),
        channels: ticket.channels.clone(),
        channels_v2: x.embed_all(&ticket.channels_v2),
        group: x.embed_opt(ticket.group.as_ref()),
        is_archived: ticket.is_archived.filter(|archived| *archived),
        is_frozen: ticket.is_frozen,
        is_spam: ticket.is_spam,
        needs_response: ticket.needs_response,
        rev_org: x.embed_opt(ticket.rev_org.as_ref()),
        sentiment: ticket.sentiment.map(|id| enum_value(schema, "sentiment", id)),
        sentiment_modified_date: ticket.sentiment_modified_date.map(Into::into),
        sentiment_summary: ticket.sentiment_summary.clone(),
        severity: Some(ticket.severity),
        severity_v2: Some(enum_value(
            schema,
            "severity_v2",
            ordinal(Severity::ALL, &ticket.severity),
        )),
        sla,
        source_channel: ticket.source_channel.clone(),
        source_channel_v2: x.embed_opt(ticket.source_channel_v2.as_ref()),
        visibility: Some(enum_value(schema, "visibility", ticket.visibility)),
    }
}

fn render_opportunity(
    base: WorkBase,
    deal: &Opportunity,
    schema: &Schema,
    x: &Expander,
) -> works::Opportunity {
    let forecast = deal.forecast_category;
    let forecast_id = forecast.map(|forecast| forecast.id(ForecastCategory::ALL));
    works::Opportunity {
        base,
        account: x.embed(&deal.account),
        amount: deal.amount,
        annual_contract_value: deal.annual_contract_value.clone(),
        contacts: x.embed_all(&deal.contacts),
        customer_budget: deal.customer_budget,
        forecast_category: forecast.and_then(|forecast| forecast.stock()),
        forecast_category_v2: forecast_id.map(|id| enum_value(schema, "forecast_category_v2", id)),
        priority: deal.priority,
        probability: deal.probability,
        value: deal.value.clone(),
    }
}

pub(super) fn summary(stored: &Stored<Work>, x: &Expander) -> WorkSummary {
    let work = &stored.doc;
    let stage = x.doc::<CustomStage>(&work.stage);
    let mut summary = WorkSummary {
        kind: work.kind().noun(),
        head: x.atom(stored.id()),
        title: work.title.clone(),
        owned_by: x.embed_all(&work.owned_by),
        stage: stage.map(|stage| StageName { name: stage.doc.name.clone() }),
        state_display_name: state(work, x).map(CustomState::display_name),
        priority: None,
        priority_v2: None,
        sprint: None,
        severity: None,
        account: None,
        rev_org: None,
    };
    match &work.variant {
        Variant::Issue(issue) => {
            let id = issue.priority.id(Priority::ALL);
            summary.priority = issue.priority.stock();
            summary.priority_v2 = Some(enum_value(&schema(work, x), "priority_v2", id));
            summary.sprint = x.embed_opt(issue.sprint.as_ref());
        }
        Variant::Ticket(ticket) => {
            summary.severity = Some(ticket.severity);
            summary.account = x.embed_opt(ticket.account.as_ref());
            summary.rev_org = x.embed_opt(ticket.rev_org.as_ref());
        }
        Variant::Task(_) => {}
        Variant::Opportunity(deal) => summary.account = x.embed(&deal.account),
    }
    summary
}
