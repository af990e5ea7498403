//! Choosing the SLA, and its policy, that apply to an object.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use worksmith_engine::Tx;
use worksmith_kernel::{Column, Cond, Query, Result, Stored};
use worksmith_org::accounts::{self, Account};
use worksmith_org::rev_orgs::RevOrg;
use worksmith_wire::accounts::Filters;
use worksmith_wire::metric_definitions::AppliesTo;
use worksmith_wire::slas::{SelectorPriority, SlaStatus, SlaType};
use worksmith_wire::works::Severity;
use worksmith_wire::{At, Direction, FromWire, Id, Kind, Source};

use super::{IssueSelector, Policy, STATUS, Selector, Sla};

/// A bound for the query: more published SLAs than any org has.
const ALL: usize = 10_000;

/// The properties of an object on which selectors depend.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The type of the object.
    pub applies_to: AppliesTo,
    /// Who owns it.
    pub owners: &'a [Id],
    /// The part that it applies to.
    pub parts: Option<&'a Id>,
    /// Its tags.
    pub tags: Vec<Id>,
    /// How urgent a conversation is.
    pub priority: Option<SelectorPriority>,
    /// How badly the customer of a ticket is affected.
    pub severity: Option<Severity>,
    /// The group that is responsible for it.
    pub groups: Option<&'a Id>,
    /// The workspace of the customer.
    pub rev_org: Option<&'a Id>,
    /// The account of the customer.
    pub account: Option<&'a Id>,
    /// The name of the stage that it is in.
    pub stage_name: &'a str,
    /// Its subtype.
    pub subtype: Option<&'a str>,
    /// The channel that a conversation came from.
    pub source_channel: Option<&'a str>,
    /// The channel that a ticket came from.
    pub ticket_source_channel: Option<&'a str>,
    /// The values of its custom fields.
    pub custom_fields: &'a Map<String, Json>,
}

impl Sla {
    /// The policy that applies to an object: the first one that matches.
    pub fn policy_for(&self, subject: &Subject<'_>) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.selector.fits(subject))
    }
}

/// Whether a member of a selector matches: one of its values is present, or it is empty.
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

/// Whether custom fields have exactly these values; null stands for a field that is not set.
fn equal(wanted: &Map<String, Json>, there: &Map<String, Json>) -> bool {
    wanted.iter().all(|(name, value)| there.get(name).unwrap_or(&Json::Null) == value)
}

impl Selector {
    /// Whether it matches an object.
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
    /// Whether it matches an issue.
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

/// The SLA that applies to an object. Promises to customers take precedence; issues are never
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

/// The one of these SLAs that is promised to a customer: the one that is assigned to the workspace,
/// otherwise the first that selects the account, otherwise the first for everybody (BEHAVIOUR
/// 16.2).
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

/// Whether the filters of an SLA select an account.
async fn selects(tx: &mut Tx, selector: &Map<String, Json>, account: &Id) -> Result<bool> {
    let Some(account) = tx.find::<Account>(account).await? else { return Ok(false) };
    let source = Source { org: &tx.cx().org, query: &[] };
    let filters = Filters::from_value(Json::Object(selector.clone()), &At::root(&source))?;
    accounts::is_among(tx, &account, filters).await
}

/// Whether any SLA is published. Otherwise nothing is tracked.
pub async fn any_published(tx: &mut Tx) -> Result<bool> {
    Ok(!published(tx).await?.is_empty())
}

/// Whether any published SLA selects accounts.
pub async fn any_selects_accounts(tx: &mut Tx) -> Result<bool> {
    Ok(published(tx).await?.iter().any(|sla| sla.doc.account_selector.is_some()))
}

/// Every published SLA, in the order of their creation. The result is remembered, so that an org
/// without SLAs is queried only once.
async fn published(tx: &mut Tx) -> Result<Arc<Vec<Arc<Stored<Sla>>>>> {
    const KEY: &str = "slas.published";
    if let Some(slas) = tx.recall(KEY) {
        return Ok(slas);
    }
    let mut query = Query::new();
    query.with(Cond::is(STATUS, SlaStatus::Published.as_str()));
    query.order_by(Column::CREATED_AT, Direction::Asc);
    let found = tx.first::<Sla>(&query, ALL).await?;
    let slas: Arc<Vec<_>> = Arc::new(found.into_iter().map(Arc::new).collect());
    tx.remember(KEY, Arc::clone(&slas), &[Kind::Sla]);
    Ok(slas)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ticket(fields: &Map<String, Json>) -> Subject<'_> {
        Subject {
            applies_to: AppliesTo::Ticket,
            owners: &[],
            parts: None,
            tags: Vec::new(),
            priority: None,
            severity: None,
            groups: None,
            rev_org: None,
            account: None,
            stage_name: "queued",
            subtype: None,
            source_channel: None,
            ticket_source_channel: None,
            custom_fields: fields,
        }
    }

    fn issue(fields: &Map<String, Json>) -> Subject<'_> {
        Subject { applies_to: AppliesTo::Issue, ..ticket(fields) }
    }

    fn selector(applies_to: AppliesTo) -> Selector {
        Selector {
            applies_to,
            custom_fields: Map::new(),
            groups: Vec::new(),
            issue_selector: None,
            owners: Vec::new(),
            parts: Vec::new(),
            priority: Vec::new(),
            severity: Vec::new(),
            source_channel: Vec::new(),
            subtype: Vec::new(),
            tags: Vec::new(),
            ticket_source_channel: Vec::new(),
        }
    }

    fn of_ticket(change: impl FnOnce(&mut Selector)) -> Selector {
        let mut selector = selector(AppliesTo::Ticket);
        change(&mut selector);
        selector
    }

    fn of_issue(change: impl FnOnce(&mut IssueSelector)) -> Selector {
        let mut issue = IssueSelector::default();
        change(&mut issue);
        Selector { issue_selector: Some(issue), ..selector(AppliesTo::Issue) }
    }

    fn sla(selectors: impl IntoIterator<Item = (&'static str, Selector)>) -> Sla {
        let policy = |(name, selector): (&str, Selector)| {
            let name = name.to_owned();
            Policy { name, selector, metrics: Vec::new() }
        };
        Sla {
            name: "SLA".to_owned(),
            description: None,
            sla_type: SlaType::External,
            status: SlaStatus::Published,
            applies_to: AppliesTo::ALL.to_vec(),
            account_selector: None,
            evaluation_period: None,
            policies: selectors.into_iter().map(policy).collect(),
        }
    }

    fn fields(json: Json) -> Map<String, Json> {
        serde_json::from_value(json).expect("an object")
    }

    fn id(kind: Kind, number: u64) -> Id {
        Id::numbered(kind, number)
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn an_empty_selector_fits_every_object_of_its_type() {
        let none = Map::new();
        for applies_to in AppliesTo::ALL {
            let subject = Subject { applies_to: *applies_to, ..ticket(&none) };
            for of in AppliesTo::ALL {
                assert_eq!(selector(*of).fits(&subject), of == applies_to, "{of:?}");
            }
        }
        assert!(of_issue(|_| {}).fits(&issue(&none)));
    }

    #[test]
    fn each_member_fits_one_of_its_values_and_neither_another_nor_none() {
        let none = Map::new();
        let owners = [id(Kind::DevUser, 1), id(Kind::DevUser, 9)];
        let (part, group) = (id(Kind::Product, 1), id(Kind::Group, 1));
        let full = Subject {
            owners: &owners,
            parts: Some(&part),
            tags: vec![id(Kind::Tag, 9), id(Kind::Tag, 1)],
            severity: Some(Severity::High),
            groups: Some(&group),
            subtype: Some("bug"),
            ticket_source_channel: Some("email"),
            ..ticket(&none)
        };
        let cases: [(&str, Selector, Selector); 7] = [
            (
                "owners",
                of_ticket(|s| s.owners = vec![id(Kind::DevUser, 5), id(Kind::DevUser, 1)]),
                of_ticket(|s| s.owners = vec![id(Kind::DevUser, 5)]),
            ),
            (
                "parts",
                of_ticket(|s| s.parts = vec![id(Kind::Product, 5), id(Kind::Product, 1)]),
                of_ticket(|s| s.parts = vec![id(Kind::Product, 5)]),
            ),
            (
                "tags",
                of_ticket(|s| s.tags = vec![id(Kind::Tag, 5), id(Kind::Tag, 1)]),
                of_ticket(|s| s.tags = vec![id(Kind::Tag, 5)]),
            ),
            (
                "severity",
                of_ticket(|s| s.severity = vec![Severity::Blocker, Severity::High]),
                of_ticket(|s| s.severity = vec![Severity::Low]),
            ),
            (
                "groups",
                of_ticket(|s| s.groups = vec![id(Kind::Group, 5), id(Kind::Group, 1)]),
                of_ticket(|s| s.groups = vec![id(Kind::Group, 5)]),
            ),
            (
                "subtype",
                of_ticket(|s| s.subtype = texts(&["question", "bug"])),
                of_ticket(|s| s.subtype = texts(&["question"])),
            ),
            (
                "ticket_source_channel",
                of_ticket(|s| s.ticket_source_channel = texts(&["slack", "email"])),
                of_ticket(|s| s.ticket_source_channel = texts(&["slack"])),
            ),
        ];
        for (member, fits, fits_not) in cases {
            assert!(fits.fits(&full), "{member}");
            assert!(!fits_not.fits(&full), "{member}");
            assert!(!fits.fits(&ticket(&none)), "{member}");
        }
    }

    #[test]
    fn conversations_are_chosen_by_priority_and_source() {
        let none = Map::new();
        let bare = Subject { applies_to: AppliesTo::Conversation, ..ticket(&none) };
        let urgent = Subject {
            priority: Some(SelectorPriority::P0),
            source_channel: Some("plug"),
            ..bare.clone()
        };
        let mut chosen = selector(AppliesTo::Conversation);
        chosen.priority = vec![SelectorPriority::P1, SelectorPriority::P0];
        assert!(chosen.fits(&urgent) && !chosen.fits(&bare));
        chosen.source_channel = texts(&["slack"]);
        assert!(!chosen.fits(&urgent));
        chosen.source_channel = texts(&["slack", "plug"]);
        assert!(chosen.fits(&urgent));
    }

    #[test]
    fn each_member_of_an_issue_selector_fits_one_of_its_values_and_neither_another_nor_none() {
        let none = Map::new();
        let owners = [id(Kind::DevUser, 1)];
        let (part, workspace) = (id(Kind::Product, 1), id(Kind::RevOrg, 1));
        let full = Subject {
            owners: &owners,
            parts: Some(&part),
            tags: vec![id(Kind::Tag, 1)],
            rev_org: Some(&workspace),
            stage_name: "triage",
            subtype: Some("bug"),
            ..issue(&none)
        };
        let cases: [(&str, Selector, Selector); 6] = [
            (
                "owners",
                of_issue(|s| s.owners = vec![id(Kind::DevUser, 5), id(Kind::DevUser, 1)]),
                of_issue(|s| s.owners = vec![id(Kind::DevUser, 5)]),
            ),
            (
                "parts",
                of_issue(|s| s.parts = vec![id(Kind::Product, 5), id(Kind::Product, 1)]),
                of_issue(|s| s.parts = vec![id(Kind::Product, 5)]),
            ),
            (
                "rev_orgs",
                of_issue(|s| s.rev_orgs = vec![id(Kind::RevOrg, 5), id(Kind::RevOrg, 1)]),
                of_issue(|s| s.rev_orgs = vec![id(Kind::RevOrg, 5)]),
            ),
            (
                "stage_name",
                of_issue(|s| s.stage_name = texts(&["backlog", "triage"])),
                of_issue(|s| s.stage_name = texts(&["backlog"])),
            ),
            (
                "subtype",
                of_issue(|s| s.subtype = texts(&["task", "bug"])),
                of_issue(|s| s.subtype = texts(&["task"])),
            ),
            (
                "tags",
                of_issue(|s| s.tags = vec![id(Kind::Tag, 5), id(Kind::Tag, 1)]),
                of_issue(|s| s.tags = vec![id(Kind::Tag, 5)]),
            ),
        ];
        for (member, fits, fits_not) in cases {
            assert!(fits.fits(&full), "{member}");
            assert!(!fits_not.fits(&full), "{member}");
            assert!(!fits.fits(&issue(&none)), "{member}");
        }
    }

    #[test]
    fn custom_fields_must_be_exactly_as_named_and_null_means_not_set() {
        let wanted = fields(json!({"tnt__tier": "gold", "tnt__spare": null}));
        for (there, fits) in [
            (json!({"tnt__tier": "gold"}), true),
            (json!({"tnt__tier": "gold", "tnt__spare": null, "tnt__other": 1}), true),
            (json!({"tnt__tier": "gold", "tnt__spare": 0}), false),
            (json!({"tnt__tier": "Gold"}), false),
            (json!({"tnt__tier": ["gold"]}), false),
            (json!({"tnt__tier": null}), false),
            (json!({}), false),
        ] {
            let there = fields(there);
            let chosen = of_ticket(|s| s.custom_fields = wanted.clone());
            assert_eq!(chosen.fits(&ticket(&there)), fits, "{there:?}");
            let chosen = of_issue(|s| s.custom_fields = wanted.clone());
            assert_eq!(chosen.fits(&issue(&there)), fits, "{there:?}");
        }
        let lists = of_ticket(|s| s.custom_fields = fields(json!({"tnt__all": ["a", "b"]})));
        assert!(lists.fits(&ticket(&fields(json!({"tnt__all": ["a", "b"]})))));
        assert!(!lists.fits(&ticket(&fields(json!({"tnt__all": ["b", "a"]})))));
    }

    #[test]
    fn all_members_must_fit() {
        let none = Map::new();
        let group = id(Kind::Group, 1);
        let both = of_ticket(|s| {
            s.severity = vec![Severity::High];
            s.groups = vec![id(Kind::Group, 1)];
        });
        let high = Subject { severity: Some(Severity::High), ..ticket(&none) };
        let of_group = Subject { groups: Some(&group), ..ticket(&none) };
        assert!(!both.fits(&high));
        assert!(!both.fits(&of_group));
        assert!(both.fits(&Subject { groups: Some(&group), ..high }));
        // The conditions for issues are additional.
        let mut both = of_issue(|s| s.stage_name = texts(&["triage"]));
        both.subtype = texts(&["bug"]);
        let triaged = Subject { stage_name: "triage", ..issue(&none) };
        assert!(!both.fits(&triaged));
        assert!(both.fits(&Subject { subtype: Some("bug"), ..triaged }));
    }

    #[test]
    fn the_first_policy_that_fits_counts() {
        let none = Map::new();
        let high = of_ticket(|s| s.severity = vec![Severity::High]);
        let sla = sla([
            ("issues", selector(AppliesTo::Issue)),
            ("high", high.clone()),
            ("all", selector(AppliesTo::Ticket)),
            ("never", high),
        ]);
        let name = |subject: &Subject<'_>| sla.policy_for(subject).map(|policy| &*policy.name);
        assert_eq!(name(&ticket(&none)), Some("all"));
        let high = Subject { severity: Some(Severity::High), ..ticket(&none) };
        assert_eq!(name(&high), Some("high"));
        assert_eq!(name(&issue(&none)), Some("issues"));
        let other = Subject { applies_to: AppliesTo::Incident, ..ticket(&none) };
        assert_eq!(name(&other), None);
    }

    #[test]
    fn an_sla_without_policies_promises_nothing() {
        assert_eq!(sla([]).policy_for(&ticket(&Map::new())), None);
    }
}
