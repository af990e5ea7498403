//! Which SLA and which of its policies count for an object.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use worksmith_kernel::{Cond, Query, Result, Sort, Stored};
use worksmith_store::Tx;
use worksmith_wire::accounts::Filters;
use worksmith_wire::slas::{AppliesTo, SelectorPriority, SlaStatus, SlaType};
use worksmith_wire::works::Severity;
use worksmith_wire::{At, Direction, FromWire, Id, Kind, Source};

use super::{IssueSelector, Policy, Selector, Sla};
use crate::accounts::{self, Account};
use crate::rev_orgs::RevOrg;

/// More published SLAs than any org has; a bound for the query.
const ALL: usize = 10_000;

/// What selectors ask of an object.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The type of the object.
    pub applies_to: AppliesTo,
    /// Who sees to it.
    pub owners: &'a [Id],
    /// The part that it is about.
    pub parts: Option<&'a Id>,
    /// Its tags.
    pub tags: Vec<Id>,
    /// How urgent a conversation is.
    pub priority: Option<SelectorPriority>,
    /// How badly the customer of a ticket is hit.
    pub severity: Option<Severity>,
    /// The team that sees to it.
    pub groups: Option<&'a Id>,
    /// The workspace of the customer.
    pub rev_org: Option<&'a Id>,
    /// The account of the customer.
    pub account: Option<&'a Id>,
    /// The name of the stage that it is in.
    pub stage_name: &'a str,
    /// Its subtype.
    pub subtype: Option<&'a str>,
    /// Where a conversation came from.
    pub source_channel: Option<&'a str>,
    /// Where a ticket came from.
    pub ticket_source_channel: Option<&'a str>,
    /// The values of its custom fields.
    pub custom_fields: &'a Map<String, Json>,
}

impl Sla {
    /// The policy that counts for an object: the first one that fits.
    pub fn policy_for(&self, subject: &Subject<'_>) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.selector.fits(subject))
    }
}

/// Whether a member of a selector fits: one of its values is there, or it asks nothing.
fn any<T: PartialEq>(
    wanted: &[T],
    there: impl IntoIterator<Item = impl std::borrow::Borrow<T>>,
) -> bool {
    wanted.is_empty() || there.into_iter().any(|value| wanted.contains(value.borrow()))
}

/// The same for texts.
fn any_text(wanted: &[String], there: Option<&str>) -> bool {
    wanted.is_empty() || there.is_some_and(|text| wanted.iter().any(|wanted| wanted == text))
}

/// Whether custom fields have exactly these values; null is that of a field that is not set.
fn equal(wanted: &Map<String, Json>, there: &Map<String, Json>) -> bool {
    wanted.iter().all(|(name, value)| there.get(name).unwrap_or(&Json::Null) == value)
}

impl Selector {
    /// Whether it chooses an object.
    fn fits(&self, subject: &Subject<'_>) -> bool {
        let Self {
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
        } = self;
        *applies_to == subject.applies_to
            && equal(custom_fields, subject.custom_fields)
            && any(groups, subject.groups)
            && issue_selector.as_ref().is_none_or(|issue| issue.fits(subject))
            && any(owners, subject.owners)
            && any(parts, subject.parts)
            && any(priority, subject.priority)
            && any(severity, subject.severity)
            && any_text(source_channel, subject.source_channel)
            && any_text(subtype, subject.subtype)
            && any(tags, &subject.tags)
            && any_text(ticket_source_channel, subject.ticket_source_channel)
    }
}

impl IssueSelector {
    /// Whether it chooses an issue.
    fn fits(&self, subject: &Subject<'_>) -> bool {
        let Self { custom_fields, owners, parts, rev_orgs, stage_name, subtype, tags } = self;
        equal(custom_fields, subject.custom_fields)
            && any(owners, subject.owners)
            && any(parts, subject.parts)
            && any(rev_orgs, subject.rev_org)
            && any_text(stage_name, Some(subject.stage_name))
            && any_text(subtype, subject.subtype)
            && any(tags, &subject.tags)
    }
}

/// The SLA that counts for an object. What customers are promised comes first; issues are never
/// promised to customers.
pub async fn sla_for(tx: &mut Tx, subject: &Subject<'_>) -> Result<Option<Arc<Stored<Sla>>>> {
    let published = published(tx).await?;
    let of_type = |wanted: SlaType| {
        let fits = move |sla: &&Arc<Stored<Sla>>| {
            sla.doc.sla_type == wanted && sla.doc.applies_to.contains(&subject.applies_to)
        };
        published.iter().filter(fits)
    };
    let external: Vec<_> = match subject.applies_to {
        AppliesTo::Issue => Vec::new(),
        _ => of_type(SlaType::External).collect(),
    };
    let chosen = match promised(tx, &external, subject).await? {
        Some(sla) => Some(sla),
        None => of_type(SlaType::Internal).next(),
    };
    Ok(chosen.cloned())
}

/// The SLA among these that a customer is promised: the one that the workspace was assigned, else
/// the first that selects the account, else the first for everybody (SEMANTICS 3.24).
async fn promised<'a>(
    tx: &mut Tx,
    slas: &[&'a Arc<Stored<Sla>>],
    subject: &Subject<'_>,
) -> Result<Option<&'a Arc<Stored<Sla>>>> {
    if slas.is_empty() {
        return Ok(None);
    }
    if let Some(workspace) = subject.rev_org
        && let Some(workspace) = tx.find::<RevOrg>(workspace).await?
        && let Some(sla) = slas.iter().find(|sla| Some(sla.id()) == workspace.doc.sla.as_ref())
    {
        return Ok(Some(*sla));
    }
    for sla in slas {
        if let Some(selector) = &sla.doc.account_selector
            && let Some(account) = subject.account
            && selects(tx, selector, account).await?
        {
            return Ok(Some(*sla));
        }
    }
    Ok(slas.iter().find(|sla| sla.doc.account_selector.is_none()).copied())
}

/// Whether the filters of an SLA choose an account.
async fn selects(tx: &mut Tx, selector: &Map<String, Json>, account: &Id) -> Result<bool> {
    let Some(account) = tx.find::<Account>(account).await? else { return Ok(false) };
    let source = Source { org: &tx.cx().org, query: false };
    let filters = Filters::from_value(Json::Object(selector.clone()), &At::root(&source))?;
    accounts::is_among(tx, &account, filters).await
}

/// Whether any SLA is published. Without one nothing is tracked.
pub async fn any_published(tx: &mut Tx) -> Result<bool> {
    Ok(!published(tx).await?.is_empty())
}

/// Every published SLA, in the order in which they were made. It is remembered, so that an org
/// without SLAs is asked once.
async fn published(tx: &mut Tx) -> Result<Arc<Vec<Arc<Stored<Sla>>>>> {
    const KEY: &str = "slas.published";
    if let Some(slas) = tx.recall(KEY) {
        return Ok(slas);
    }
    let mut query = Query::new();
    query.with(Cond::is("status", SlaStatus::Published.as_str()));
    query.sort.push(Sort { column: "created_at", direction: Direction::Asc });
    let found = tx.first::<Sla>(&query, ALL).await?;
    let slas: Arc<Vec<_>> = Arc::new(found.into_iter().map(Arc::new).collect());
    tx.remember(KEY, Arc::clone(&slas), &[Kind::Sla]);
    Ok(slas)
}
