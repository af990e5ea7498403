//! What works are found by, what they refer to, and which names they claim.

use worksmith_fields::schemas;
use worksmith_fields::stages::IN_STAGE;
use worksmith_kernel::search::Facet;
use worksmith_kernel::{Column, Name, Reference, Value};
use worksmith_org::rev_orgs::WITH_ACCOUNT;
use worksmith_org::tagging;
use worksmith_sla::sla_trackers::{self, Standing};
use worksmith_wire::common::{
    AccountId, GroupId, PartId, RevOrgId, SprintId, StageId, TagId, UserId,
};
use worksmith_wire::works::{
    ForecastCategory, Priority, Severity, Sync, SyncMetadata, SyncStatus, TicketChannel,
};
use worksmith_wire::{Id, Timestamp};

use super::doc::{Issue, Opportunity, StagedInfo, Ticket, Variant, Work};

/// Every column, in the order of the table.
pub(super) const COLUMNS: &[Column<Work>] = &[
    Column::KIND.digested(),
    Column::CREATED_BY.filter().digested(),
    TITLE,
    PART,
    STAGE,
    STAGE_ORDINAL,
    TARGET_CLOSE,
    ACTUAL_CLOSE,
    EXTERNAL_REF,
    IS_STAGED,
    SYNC_REFERENCE,
    SYNC_ORIGIN,
    SYNC_IN_STATUS,
    SYNC_IN_AT,
    SYNC_OUT_STATUS,
    SYNC_OUT_AT,
    TARGET_START,
    ACTUAL_START,
    PRIORITY,
    SPRINT,
    SEVERITY,
    ACCOUNT,
    REV_ORG,
    TEAM,
    CHANNELS,
    SOURCE_CHANNEL,
    IS_SPAM,
    IS_FROZEN,
    NEEDS_RESPONSE,
    VISIBILITY,
    FORECAST,
    SLA_PHASE,
    SLA_TARGET,
    SLA_WARNING,
    SUBTYPE,
    PRIORITY_ORDINAL,
];

pub(super) const TITLE: Column<Work> = Column::text("title", |work| work.title.as_str().into());
pub(super) const PART: Column<Work> =
    Column::text("part", |work: &Work| work.applies_to_part.as_ref().into())
        .filter()
        .digested()
        .tallied();
pub(super) const STAGE: Column<Work> =
    Column::text(IN_STAGE.field, |work: &Work| (&work.stage).into())
        .filter()
        .digested()
        .carried()
        .tallied();
pub(super) const STAGE_ORDINAL: Column<Work> =
    Column::integer(IN_STAGE.member, |work: &Work| work.stage_ordinal.into()).filter();
pub(super) const TARGET_CLOSE: Column<Work> =
    Column::integer("target_close", |work: &Work| work.target_close_date.into()).sorted();
/// When it was done.
pub const ACTUAL_CLOSE: Column<Work> =
    Column::integer("actual_close", |work: &Work| work.actual_close_date.into()).filter();
pub(super) const EXTERNAL_REF: Column<Work> =
    Column::text("external_ref", |work: &Work| work.external_ref.as_deref().into()).filter();
pub(super) const IS_STAGED: Column<Work> = Column::integer("is_staged", |work| {
    work.staged_info.as_ref().is_some_and(StagedInfo::is_staged).into()
});
pub(super) const SYNC_REFERENCE: Column<Work> =
    Column::text("sync_reference", |work| sync(work, |sync| sync.external_reference.as_deref()));
/// The system that it was imported from.
pub const SYNC_ORIGIN: Column<Work> =
    Column::text("sync_origin", |work| sync(work, |sync| sync.origin_system.as_deref()));
pub(super) const SYNC_IN_STATUS: Column<Work> =
    Column::text("sync_in_status", |work| sync(work, |sync| status(sync.last_sync_in.as_ref())));
pub(super) const SYNC_IN_AT: Column<Work> =
    Column::integer("sync_in_at", |work| sync(work, |sync| date(sync.last_sync_in.as_ref())));
pub(super) const SYNC_OUT_STATUS: Column<Work> =
    Column::text("sync_out_status", |work| sync(work, |sync| status(sync.last_sync_out.as_ref())));
pub(super) const SYNC_OUT_AT: Column<Work> =
    Column::integer("sync_out_at", |work| sync(work, |sync| date(sync.last_sync_out.as_ref())));
pub(super) const TARGET_START: Column<Work> =
    Column::integer("target_start", |work: &Work| issue(work, |issue| issue.target_start_date))
        .filter();
pub(super) const ACTUAL_START: Column<Work> =
    Column::integer("actual_start", |work: &Work| issue(work, |issue| issue.actual_start_date))
        .filter();
pub(super) const PRIORITY: Column<Work> = Column::integer("priority", |work: &Work| {
    let id = match &work.variant {
        Variant::Issue(issue) => Some(issue.priority.id(Priority::ALL)),
        other => rank(other),
    };
    id.into()
})
.filter()
.digested()
.tallied();
pub(super) const SPRINT: Column<Work> =
    Column::text("sprint", |work: &Work| issue(work, |issue| issue.sprint.as_ref()))
        .filter()
        .digested()
        .tallied();
pub(super) const SEVERITY: Column<Work> = Column::integer("severity", |work: &Work| {
    ticket(work, |ticket| Some(ordinal(Severity::ALL, &ticket.severity)))
})
.filter()
.digested()
.tallied();
pub(super) const ACCOUNT: Column<Work> =
    Column::text(WITH_ACCOUNT.member, |work: &Work| account(work).into())
        .filter()
        .digested()
        .tallied();
/// The workspace of the customer.
pub const REV_ORG: Column<Work> =
    Column::text(WITH_ACCOUNT.field, |work: &Work| ticket(work, |ticket| ticket.rev_org.as_ref()))
        .filter()
        .digested();
pub(super) const TEAM: Column<Work> =
    Column::text("team", |work: &Work| ticket(work, |ticket| ticket.group.as_ref()))
        .filter()
        .digested();
pub(super) const CHANNELS: Column<Work> =
    Column::integer("channels", |work| ticket(work, |ticket| Some(channel_bits(&ticket.channels))));
pub(super) const SOURCE_CHANNEL: Column<Work> =
    Column::text("source_channel", |work| ticket(work, |ticket| ticket.source_channel.as_deref()));
// In filters, a flag that was never set counts as false.
pub(super) const IS_SPAM: Column<Work> =
    Column::integer("is_spam", |work| ticket(work, |ticket| Some(ticket.is_spam.unwrap_or(false))));
pub(super) const IS_FROZEN: Column<Work> = Column::integer("is_frozen", |work| {
    ticket(work, |ticket| Some(ticket.is_frozen.unwrap_or(false)))
});
pub(super) const NEEDS_RESPONSE: Column<Work> = Column::integer("needs_response", |work| {
    ticket(work, |ticket| Some(ticket.needs_response.unwrap_or(false)))
});
pub(super) const VISIBILITY: Column<Work> =
    Column::integer("visibility", |work| ticket(work, |ticket| Some(ticket.visibility)));
pub(super) const FORECAST: Column<Work> = Column::integer("forecast", |work| {
    let category = opportunity(work).and_then(|deal| deal.forecast_category);
    category.map(|category| category.id(ForecastCategory::ALL)).into()
});
/// The phase of the metric that is closest to its target.
pub const SLA_PHASE: Column<Work> =
    Column::integer("sla_phase", |work| standing(work).phase.into());
pub(super) const SLA_TARGET: Column<Work> =
    Column::integer("sla_target", |work: &Work| standing(work).target.into()).whole();
pub(super) const SLA_WARNING: Column<Work> =
    Column::integer("sla_warning", |work| standing(work).warning.into());
pub(super) const SUBTYPE: Column<Work> =
    Column::text("subtype", |work: &Work| work.custom.subtype.as_deref().into())
        .filter()
        .digested();
pub(super) const PRIORITY_ORDINAL: Column<Work> = Column::integer("priority_ordinal", |work| {
    let ordinal = match &work.variant {
        Variant::Issue(issue) => Some(issue.priority.ordinal(Priority::ALL)),
        other => rank(other),
    };
    ordinal.into()
});

/// The columns that keep how the SLA of a work stands.
pub(super) const STANDING: sla_trackers::Columns<Work> =
    sla_trackers::Columns { phase: SLA_PHASE, target: SLA_TARGET, warning: SLA_WARNING };

/// What works refer to.
pub(super) const REFS: &[Reference<Work>] = &[
    Reference::new("applies_to_part", |work, visit| work.applies_to_part.iter().for_each(visit)),
    OWNED_BY,
    REPORTED_BY,
    Reference::new("artifacts", |work, visit| work.artifacts.iter().for_each(visit)),
    TAGS,
    Reference::new("stage", |work, visit| visit(&work.stage)),
    Reference::new(schemas::FRAGMENTS, |work, visit| work.custom.fragments(visit)),
    DEVELOPED_WITH,
    Reference::new("sprint", |work, visit| {
        work.variant.issue().and_then(|issue| issue.sprint.as_ref()).into_iter().for_each(visit);
    }),
    Reference::new("account", |work, visit| account(work).into_iter().for_each(visit)),
    Reference::new("rev_org", |work, visit| {
        work.variant
            .ticket()
            .and_then(|ticket| ticket.rev_org.as_ref())
            .into_iter()
            .for_each(visit);
    }),
    Reference::new("group", |work, visit| {
        work.variant.ticket().and_then(|ticket| ticket.group.as_ref()).into_iter().for_each(visit);
    }),
    CHANNELS_V2,
    SOURCE_CHANNEL_V2,
    CONTACTS,
];

pub(super) const OWNED_BY: Reference<Work> =
    Reference::new("owned_by", |work: &Work, visit| work.owned_by.iter().for_each(visit))
        .digested()
        .tallied();
pub(super) const REPORTED_BY: Reference<Work> =
    Reference::new("reported_by", |work: &Work, visit| work.reported_by.iter().for_each(visit))
        .digested();
pub(super) const TAGS: Reference<Work> =
    Reference::new(tagging::TAGS, |work: &Work, visit| tagging::visit(&work.tags, visit))
        .digested()
        .tallied();
/// The parts that an issue is developed with.
pub const DEVELOPED_WITH: Reference<Work> = Reference::new("developed_with", |work, visit| {
    work.variant.issue().into_iter().flat_map(|issue| &issue.developed_with).for_each(visit);
});
pub(super) const CHANNELS_V2: Reference<Work> = Reference::new("channels_v2", |work, visit| {
    work.variant.ticket().into_iter().flat_map(|ticket| &ticket.channels_v2).for_each(visit);
});
pub(super) const SOURCE_CHANNEL_V2: Reference<Work> =
    Reference::new("source_channel_v2", |work, visit| {
        let channel = work.variant.ticket().and_then(|ticket| ticket.source_channel_v2.as_ref());
        channel.into_iter().for_each(visit);
    });
pub(super) const CONTACTS: Reference<Work> = Reference::new("contacts", |work, visit| {
    opportunity(work).into_iter().flat_map(|deal| &deal.contacts).for_each(visit);
});

/// The names of works. External references are unique within each type, as integrators observed on
/// the hosted service.
pub(super) const NAMES: &[Name<Work>] = &[
    ISSUE_REF,
    Name::new("ticket.external_ref", "external_ref", |work, claim| {
        external_ref(work, matches!(work.variant, Variant::Ticket(_)), claim);
    }),
    Name::new("task.external_ref", "external_ref", |work, claim| {
        external_ref(work, matches!(work.variant, Variant::Task(_)), claim);
    }),
    Name::new("opportunity.external_ref", "external_ref", |work, claim| {
        external_ref(work, matches!(work.variant, Variant::Opportunity(_)), claim);
    }),
    IMPORTED_AS,
];

/// By what searches for works can be filtered.
pub(super) const FACETS: &[Facet<Work>] = &[
    Facet::refs(&["owner", "owned_by"], OWNED_BY).to(UserId::KINDS),
    Facet::refs(&["reporter", "reported_by"], REPORTED_BY).to(UserId::KINDS),
    Facet::refs(&["tag", "tags"], TAGS).to(TagId::KINDS),
    Facet::column(&["part", "applies_to_part"], PART).to(PartId::KINDS),
    Facet::column(&["stage"], STAGE).to(StageId::KINDS),
    Facet::column(&["sprint"], SPRINT).to(SprintId::KINDS),
    Facet::column(&["account"], ACCOUNT).to(AccountId::KINDS),
    Facet::column(&["rev_org", "workspace"], REV_ORG).to(RevOrgId::KINDS),
    Facet::column(&["group"], TEAM).to(GroupId::KINDS),
    Facet::column(&["subtype"], SUBTYPE),
    Facet::texts("priority_name", &["priority"], |work, say| {
        if let Some(priority) = priority(&work.variant) {
            say(priority.as_str());
        }
    }),
    Facet::texts("severity_name", &["severity"], |work, say| {
        if let Variant::Ticket(ticket) = &work.variant {
            say(ticket.severity.as_str());
        }
    }),
    Facet::column(&[], VISIBILITY),
];

/// The priority of a work, if it is one that every org has.
fn priority(variant: &Variant) -> Option<Priority> {
    match variant {
        Variant::Issue(issue) => issue.priority.stock(),
        Variant::Task(task) => task.priority,
        Variant::Opportunity(deal) => deal.priority,
        Variant::Ticket(_) => None,
    }
}

/// The external references of issues.
pub const ISSUE_REF: Name<Work> = Name::new("issue.external_ref", "external_ref", |work, claim| {
    external_ref(work, matches!(work.variant, Variant::Issue(_)), claim);
});
/// The names by which importers find what they have imported.
pub const IMPORTED_AS: Name<Work> = Name::new("work.imported_as", "imported_as", |work, claim| {
    work.imported_as.iter().for_each(|name| claim(name));
});

fn external_ref(work: &Work, is_of_type: bool, claim: &mut dyn FnMut(&str)) {
    work.external_ref.iter().filter(|_| is_of_type).for_each(|reference| claim(reference));
}

/// The position of a value in its enum, counted from 1.
pub(super) fn ordinal<T: PartialEq>(all: &[T], value: &T) -> i64 {
    let place = all.iter().position(|other| other == value).unwrap_or(0);
    i64::try_from(place).unwrap_or(0) + 1
}

/// A set of channels as a number: one bit each.
pub(super) fn channel_bits(channels: &[TicketChannel]) -> i64 {
    channels.iter().fold(0, |bits, channel| bits | 1 << (ordinal(TicketChannel::ALL, channel) - 1))
}

fn issue<'a, T: Into<Value>>(work: &'a Work, of: impl Fn(&'a Issue) -> Option<T>) -> Value {
    work.variant.issue().and_then(of).into()
}

fn ticket<'a, T: Into<Value>>(work: &'a Work, of: impl Fn(&'a Ticket) -> Option<T>) -> Value {
    work.variant.ticket().and_then(of).into()
}

const fn opportunity(work: &Work) -> Option<&Opportunity> {
    match &work.variant {
        Variant::Opportunity(deal) => Some(deal),
        _ => None,
    }
}

/// The priority of works whose priorities are those that every org has.
fn rank(variant: &Variant) -> Option<i64> {
    let priority = match variant {
        Variant::Task(task) => task.priority.as_ref(),
        Variant::Opportunity(deal) => deal.priority.as_ref(),
        Variant::Issue(_) | Variant::Ticket(_) => None,
    };
    priority.map(|priority| ordinal(Priority::ALL, priority))
}

const fn account(work: &Work) -> Option<&Id> {
    match &work.variant {
        Variant::Ticket(ticket) => ticket.account.as_ref(),
        Variant::Opportunity(deal) => Some(&deal.account),
        Variant::Issue(_) | Variant::Task(_) => None,
    }
}

fn sync<'a, T: Into<Value>>(work: &'a Work, of: impl Fn(&'a SyncMetadata) -> Option<T>) -> Value {
    work.sync_metadata.as_ref().and_then(of).into()
}

fn status(sync: Option<&Sync>) -> Option<&'static str> {
    sync.and_then(|sync| sync.status).map(SyncStatus::as_str)
}

fn date(sync: Option<&Sync>) -> Option<Timestamp> {
    sync.and_then(|sync| sync.sync_date.as_deref()).and_then(Timestamp::parse)
}

fn standing(work: &Work) -> Standing {
    work.sla.as_ref().map(|sla| sla.standing).unwrap_or_default()
}
