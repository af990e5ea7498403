//! The policies of an SLA: their documents, their rules, and how they are shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use worksmith_engine::Tx;
use worksmith_kernel::{Expander, Reference, Result};
use worksmith_wire::metric_definitions::{AppliesTo, MetricStatus};
use worksmith_wire::slas::{
    self, SelectorPriority, SetIssueSelector, SetMetricTarget, SetPolicy, SetSelector,
};
use worksmith_wire::works::Severity;
use worksmith_wire::{ApiError, Id, distinct};

use super::Sla;
use crate::metric_definitions::MetricDefinition;
use crate::schedules;

/// What an SLA promises for some objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The name, unique in the SLA.
    pub name: String,
    /// Which objects it is for.
    pub selector: Selector,
    /// The targets that it promises.
    pub metrics: Vec<MetricTarget>,
}

/// A target: how soon something must be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricTarget {
    /// The metric definition that is measured.
    pub metric: Id,
    /// The target in minutes, at least one.
    pub target: i32,
    /// The minutes after which it is at risk, fewer than the target.
    pub warning_target: Option<i32>,
    /// The schedule outside of which no time counts; if there is none, time always counts.
    pub org_schedule: Option<Id>,
    /// The percentage of cases in which the target must be kept.
    pub performance: Option<f64>,
}

/// The objects that a policy is for: all members must match, each with one of its values. An empty
/// member matches everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selector {
    /// The type of object.
    pub applies_to: AppliesTo,
    /// Exact values of custom fields; null for a field that must not be set.
    pub custom_fields: Map<String, Json>,
    /// The groups that are responsible for it.
    pub groups: Vec<Id>,
    /// Additional conditions for issues.
    pub issue_selector: Option<IssueSelector>,
    /// Who owns it.
    pub owners: Vec<Id>,
    /// The parts that the object applies to.
    pub parts: Vec<Id>,
    /// How urgent a conversation is.
    pub priority: Vec<SelectorPriority>,
    /// How badly the customer of a ticket is affected.
    pub severity: Vec<Severity>,
    /// The channel that a conversation came from.
    pub source_channel: Vec<String>,
    /// The subtypes.
    pub subtype: Vec<String>,
    /// The tags.
    pub tags: Vec<Id>,
    /// The channel that a ticket came from.
    pub ticket_source_channel: Vec<String>,
}

/// Which issues a policy is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IssueSelector {
    /// Exact values of custom fields; null for a field that must not be set.
    pub custom_fields: Map<String, Json>,
    /// Who owns it.
    pub owners: Vec<Id>,
    /// The parts that the object applies to.
    pub parts: Vec<Id>,
    /// The workspaces of the customers.
    pub rev_orgs: Vec<Id>,
    /// The names of the stages that it is in.
    pub stage_name: Vec<String>,
    /// The subtypes.
    pub subtype: Vec<String>,
    /// The tags.
    pub tags: Vec<Id>,
}

/// The metrics that an SLA promises.
pub(super) const METRIC: Reference<Sla> =
    Reference::new("metric", |sla, visit| metrics(sla).for_each(|target| visit(&target.metric)));
/// What SLAs refer to in their policies.
pub(super) const REFS: &[Reference<Sla>] = &[
    METRIC,
    Reference::new("org_schedule_id", |sla, visit| {
        metrics(sla).filter_map(|target| target.org_schedule.as_ref()).for_each(visit);
    }),
    Reference::new("groups", |sla, visit| {
        selectors(sla).flat_map(|selector| &selector.groups).for_each(visit);
    }),
    Reference::new("owners", |sla, visit| {
        selectors(sla)
            .flat_map(|selector| of_both(selector, &selector.owners, |issues| &issues.owners))
            .for_each(visit);
    }),
    Reference::new("parts", |sla, visit| {
        selectors(sla)
            .flat_map(|selector| of_both(selector, &selector.parts, |issues| &issues.parts))
            .for_each(visit);
    }),
    Reference::new("tags", |sla, visit| {
        selectors(sla)
            .flat_map(|selector| of_both(selector, &selector.tags, |issues| &issues.tags))
            .for_each(visit);
    }),
    Reference::new("rev_orgs", |sla, visit| {
        let of_issues = selectors(sla).filter_map(|selector| selector.issue_selector.as_ref());
        of_issues.flat_map(|issues| &issues.rev_orgs).for_each(visit);
    }),
];

fn metrics(sla: &Sla) -> impl Iterator<Item = &MetricTarget> {
    sla.policies.iter().flat_map(|policy| &policy.metrics)
}

fn selectors(sla: &Sla) -> impl Iterator<Item = &Selector> {
    sla.policies.iter().map(|policy| &policy.selector)
}

/// What a selector names, together with what its part for issues names.
fn of_both<'a>(
    selector: &'a Selector,
    own: &'a [Id],
    of_issues: fn(&IssueSelector) -> &Vec<Id>,
) -> impl Iterator<Item = &'a Id> {
    own.iter().chain(selector.issue_selector.iter().flat_map(of_issues))
}

impl Policy {
    /// The policy as an answer shows it.
    pub(super) fn show(&self, x: &Expander) -> slas::Policy {
        let target = |target: &MetricTarget| slas::MetricTarget {
            metric: x.embed(&target.metric),
            target: target.target,
            warning_target: target.warning_target,
            org_schedule: x.embed_opt(target.org_schedule.as_ref()),
            performance: target.performance,
        };
        slas::Policy {
            name: self.name.clone(),
            selector: self.selector.show(x),
            metrics: self.metrics.iter().map(target).collect(),
        }
    }
}

impl Selector {
    fn show(&self, x: &Expander) -> slas::Selector {
        let issue = |issue: &IssueSelector| slas::IssueSelector {
            custom_fields: issue.custom_fields.clone(),
            owners: x.embed_all(&issue.owners),
            parts: x.embed_all(&issue.parts),
            rev_orgs: x.embed_all(&issue.rev_orgs),
            stage_name: issue.stage_name.clone(),
            subtype: issue.subtype.clone(),
            tags: x.embed_all(&issue.tags),
        };
        slas::Selector {
            applies_to: self.applies_to,
            custom_fields: self.custom_fields.clone(),
            groups: x.embed_all(&self.groups),
            issue_selector: self.issue_selector.as_ref().map(issue),
            owners: x.embed_all(&self.owners),
            parts: x.embed_all(&self.parts),
            priority: self.priority.clone(),
            severity: self.severity.clone(),
            source_channel: self.source_channel.clone(),
            subtype: self.subtype.clone(),
            tags: x.embed_all(&self.tags),
            ticket_source_channel: self.ticket_source_channel.clone(),
        }
    }
}

/// Resolves the policies of a request, for an SLA that is for these types of object.
pub(super) async fn resolve(
    tx: &mut Tx,
    request: Vec<SetPolicy>,
    applies_to: &[AppliesTo],
    before: &[Policy],
) -> Result<Vec<Policy>> {
    let mut policies: Vec<Policy> = Vec::with_capacity(request.len());
    for SetPolicy { name, selector, metrics } in request {
        let name = String::from(name);
        if policies.iter().any(|policy| policy.name == name) {
            let message = format!("two policies have the name {name:?}");
            return Err(ApiError::not_permitted("policies.name", message).into());
        }
        let selector = resolve_selector(selector, applies_to)?;
        let is_same =
            |old: &&Policy| old.name == name && old.selector.applies_to == selector.applies_to;
        let before = before.iter().find(is_same);
        let had = before.map(|policy| policy.metrics.as_slice()).unwrap_or_default();
        let metrics = resolve_targets(tx, metrics, selector.applies_to, had).await?;
        policies.push(Policy { name, selector, metrics });
    }
    Ok(policies)
}

fn resolve_selector(request: SetSelector, types: &[AppliesTo]) -> Result<Selector> {
    let SetSelector {
        applies_to,
        custom_fields,
        groups,
        issue_selector,
        owners,
        parts,
        priority,
        severity,
        source_channel,
        subtype,
        tags,
        ticket_source_channel,
    } = request;
    if !types.contains(&applies_to) {
        let allowed: Vec<_> = types.iter().map(|each| each.as_str()).collect();
        let message = format!("the SLA is for {}", allowed.join(", "));
        let error = ApiError::not_permitted("policies.selector.applies_to", message);
        return Err(error.with("allowed_values", allowed).into());
    }
    for (is_there, member, of) in [
        (issue_selector.is_some(), "issue_selector", AppliesTo::Issue),
        (!priority.is_empty(), "priority", AppliesTo::Conversation),
        (!severity.is_empty(), "severity", AppliesTo::Ticket),
        (!source_channel.is_empty(), "source_channel", AppliesTo::Conversation),
        (!ticket_source_channel.is_empty(), "ticket_source_channel", AppliesTo::Ticket),
    ] {
        if is_there && applies_to != of {
            let (of, ours) = (of.as_str(), applies_to.as_str());
            let message = format!("{member} chooses a {of}, and the policy is for a {ours}");
            let field = format!("policies.selector.{member}");
            return Err(ApiError::invalid_field(&field, message).into());
        }
    }
    let issue = |issue: SetIssueSelector| IssueSelector {
        custom_fields: issue.custom_fields.unwrap_or_default(),
        owners: distinct(issue.owners),
        parts: distinct(issue.parts),
        rev_orgs: distinct(issue.rev_orgs),
        stage_name: distinct(issue.stage_name),
        subtype: distinct(issue.subtype),
        tags: distinct(issue.tags),
    };
    Ok(Selector {
        applies_to,
        custom_fields: custom_fields.unwrap_or_default(),
        groups: distinct(groups),
        issue_selector: issue_selector.map(issue),
        owners: distinct(owners),
        parts: distinct(parts),
        priority: distinct(priority),
        severity: distinct(severity),
        source_channel: distinct(source_channel),
        subtype: distinct(subtype),
        tags: distinct(tags),
        ticket_source_channel: distinct(ticket_source_channel),
    })
}

async fn resolve_targets(
    tx: &mut Tx,
    request: Vec<SetMetricTarget>,
    applies_to: AppliesTo,
    had: &[MetricTarget],
) -> Result<Vec<MetricTarget>> {
    let mut targets: Vec<MetricTarget> = Vec::with_capacity(request.len());
    for target in request {
        let SetMetricTarget { metric, target, warning_target, org_schedule_id, performance } =
            target;
        let target = MetricTarget {
            metric: metric.into(),
            target,
            warning_target,
            org_schedule: org_schedule_id.map(Into::into),
            performance,
        };
        target.check_numbers()?;
        let known = targets.iter().any(|other| other.metric == target.metric);
        let kept = had.iter().find(|old| old.metric == target.metric);
        if known || kept.is_none() {
            check_metric(tx, &target.metric, applies_to, known).await?;
        }
        if let Some(schedule) = &target.org_schedule
            && kept.is_none_or(|old| old.org_schedule.as_ref() != Some(schedule))
        {
            schedules::published(tx, schedule, "policies.metrics.org_schedule_id").await?;
        }
        targets.push(target);
    }
    Ok(targets)
}

impl MetricTarget {
    fn check_numbers(&self) -> Result<()> {
        let refuse = |member: &str, reason: &str| {
            let field = format!("policies.metrics.{member}");
            let error = ApiError::not_permitted(&field, format!("{field} must be {reason}"));
            Err(error.with("reason", reason).into())
        };
        if self.target <= 0 {
            return refuse("target", "at least 1");
        }
        if self.warning_target.is_some_and(|warning| warning <= 0) {
            return refuse("warning_target", "at least 1");
        }
        if self.warning_target.is_some_and(|warning| warning >= self.target) {
            return refuse("warning_target", "less than target");
        }
        if self.performance.is_some_and(|percent| percent <= 0.0 || percent > 100.0) {
            return refuse("performance", "more than 0 and at most 100");
        }
        Ok(())
    }
}

/// A metric must exist, be active, apply to the type of object, and not be promised twice.
async fn check_metric(tx: &mut Tx, id: &Id, applies_to: AppliesTo, is_known: bool) -> Result<()> {
    const FIELD: &str = "policies.metrics.metric";
    let Some(metric) = tx.find::<MetricDefinition>(id).await? else {
        let name = id.display_id().unwrap_or_default();
        return Err(ApiError::invalid_id(FIELD, format!("there is no metric {name}")).into());
    };
    let MetricDefinition { name, status, applies_to: types, .. } = &metric.doc;
    let reason = if is_known {
        format!("{name:?} is in the policy twice")
    } else if *status == MetricStatus::Inactive {
        format!("{name:?} is inactive")
    } else if !types.contains(&applies_to) {
        format!("{name:?} can't be measured on a {}", applies_to.as_str())
    } else {
        tx.rely_on(&metric);
        return Ok(());
    };
    Err(ApiError::not_permitted(FIELD, reason).into())
}
