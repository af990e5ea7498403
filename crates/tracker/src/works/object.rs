//! From a document to what answers show.

use worksmith_kernel::{Expander, Stored};
use worksmith_wire::common::EnumValue;
use worksmith_wire::works::{
    self, ForecastCategory, Priority, Severity, SlaMembers, StageName, WorkBase, WorkSummary,
};

use super::doc::{Issue, Opportunity, Task, Ticket, Variant, Work, ordinal};
use crate::sla_trackers::{self, SlaTracker};
use crate::stages::{CustomStage, CustomState};
use crate::tagging;

const PRIORITIES: [&str; 4] = ["P0", "P1", "P2", "P3"];
const SEVERITIES: [&str; 4] = ["Blocker", "High", "Medium", "Low"];
const SENTIMENTS: [&str; 5] = ["Delighted", "Happy", "Neutral", "Unhappy", "Frustrated"];
const VISIBILITIES: [&str; 3] = ["internal", "external", "private"];
const FORECASTS: [&str; 6] = ["Omitted", "Pipeline", "Upside", "Strong Upside", "Commit", "Won"];

/// A value of an enum whose ids and ordinals count from 1.
fn enum_value(labels: &[&str], id: i64) -> Option<EnumValue> {
    let place = usize::try_from(id - 1).ok()?;
    Some(EnumValue { id, label: (*labels.get(place)?).to_owned(), ordinal: id })
}

fn priority_v2(priority: Priority) -> Option<EnumValue> {
    enum_value(&PRIORITIES, ordinal(Priority::ALL, &priority))
}

fn state<'a>(work: &Work, x: &'a Expander) -> Option<&'a CustomState> {
    let stage = &x.doc::<CustomStage>(&work.stage)?.doc;
    Some(&x.doc::<CustomState>(&stage.state)?.doc)
}

pub(super) fn render(stored: &Stored<Work>, x: &Expander) -> works::Work {
    match &stored.doc.variant {
        Variant::Issue(issue) => works::Work::Issue(Box::new(render_issue(stored, issue, x))),
        Variant::Ticket(ticket) => works::Work::Ticket(Box::new(render_ticket(stored, ticket, x))),
        Variant::Task(task) => {
            let Task { embedded, priority, start_date } = *task;
            let start_date = start_date.map(Into::into);
            let base = base(stored, x);
            works::Work::Task(Box::new(works::Task { base, embedded, priority, start_date }))
        }
        Variant::Opportunity(deal) => {
            works::Work::Opportunity(Box::new(render_opportunity(base(stored, x), deal, x)))
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

/// What became of the promises about a work's time.
fn sla(stored: &Stored<Work>, x: &Expander) -> SlaMembers {
    let tracker = stored.doc.sla.as_ref().map(|sla| &sla.tracker);
    let doc = tracker.and_then(|tracker| x.doc::<SlaTracker>(tracker));
    SlaMembers {
        sla_summary: doc.and_then(|tracker| sla_trackers::standing(tracker, x)),
        sla_tracker: x.embed_opt(tracker),
    }
}

fn render_issue(stored: &Stored<Work>, issue: &Issue, x: &Expander) -> works::Issue {
    works::Issue {
        base: base(stored, x),
        actual_start_date: issue.actual_start_date.map(Into::into),
        developed_with: x.embed_all(&issue.developed_with),
        priority: Some(issue.priority),
        priority_v2: priority_v2(issue.priority),
        sla: sla(stored, x),
        sprint: x.embed_opt(issue.sprint.as_ref()),
        target_start_date: issue.target_start_date.map(Into::into),
    }
}

fn render_ticket(stored: &Stored<Work>, ticket: &Ticket, x: &Expander) -> works::Ticket {
    works::Ticket {
        base: base(stored, x),
        account: x.embed_opt(ticket.account.as_ref()),
        channels: ticket.channels.clone(),
        channels_v2: x.embed_all(&ticket.channels_v2),
        group: x.embed_opt(ticket.group.as_ref()),
        is_archived: ticket.is_archived.filter(|archived| *archived),
        is_frozen: ticket.is_frozen,
        is_spam: ticket.is_spam,
        needs_response: ticket.needs_response,
        rev_org: x.embed_opt(ticket.rev_org.as_ref()),
        sentiment: ticket.sentiment.and_then(|id| enum_value(&SENTIMENTS, id)),
        sentiment_modified_date: ticket.sentiment_modified_date.map(Into::into),
        sentiment_summary: ticket.sentiment_summary.clone(),
        severity: Some(ticket.severity),
        severity_v2: enum_value(&SEVERITIES, ordinal(Severity::ALL, &ticket.severity)),
        sla: sla(stored, x),
        source_channel: ticket.source_channel.clone(),
        source_channel_v2: x.embed_opt(ticket.source_channel_v2.as_ref()),
        visibility: enum_value(&VISIBILITIES, ticket.visibility),
    }
}

fn render_opportunity(base: WorkBase, deal: &Opportunity, x: &Expander) -> works::Opportunity {
    let forecast = deal.forecast_category;
    let forecast_id = forecast.map(|forecast| ordinal(ForecastCategory::ALL, &forecast));
    works::Opportunity {
        base,
        account: x.embed(&deal.account),
        amount: deal.amount,
        annual_contract_value: deal.annual_contract_value.clone(),
        contacts: x.embed_all(&deal.contacts),
        customer_budget: deal.customer_budget,
        forecast_category: forecast,
        forecast_category_v2: forecast_id.and_then(|id| enum_value(&FORECASTS, id)),
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
            summary.priority = Some(issue.priority);
            summary.priority_v2 = priority_v2(issue.priority);
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
