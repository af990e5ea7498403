//! SLAs: promises of how soon works and conversations are dealt with. [`sla_for`] and
//! [`Sla::policy_for`] determine which one applies to an object.

mod assign;
mod choose;
mod policies;

pub use choose::{Subject, any_published, any_selects_accounts, sla_for};
pub use policies::{IssueSelector, MetricTarget, Policy, Selector};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use worksmith_engine::{Changed, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{
    Column, Expander, Keeps, Name, Query, Reference, Resource, Result, Stored, lines,
};
use worksmith_wire::metric_definitions::AppliesTo;
use worksmith_wire::slas::{
    self, AppliesToOperator, CreateRequest, EvaluationPeriod, GetRequest, ListRequest, SlaStatus,
    SlaSummary, SlaType, TransitionRequest, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Kind, distinct};

use crate::metric_definitions::{MetricDefinition, texts};

/// The document of an SLA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sla {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whom it is promised to.
    pub sla_type: SlaType,
    /// Where it is in its life cycle.
    pub status: SlaStatus,
    /// The types of object that it is for, at least one.
    pub applies_to: Vec<AppliesTo>,
    /// The accounts that it is for: the filters of a list of accounts, as they were received.
    pub account_selector: Option<Map<String, Json>>,
    /// How often it is evaluated whether it was kept.
    pub evaluation_period: Option<EvaluationPeriod>,
    /// Its policies; the first one that matches an object applies.
    pub policies: Vec<Policy>,
}

const NAME: Column<Sla> = Column::text("name", |sla: &Sla| sla.name.as_str().into()).sorted();
const TYPE: Column<Sla> = Column::text("sla_type", |sla| sla.sla_type.as_str().into());
const STATUS: Column<Sla> = Column::text("status", |sla: &Sla| sla.status.as_str().into()).filter();
const APPLIES_TO: Column<Sla> = Column::text("applies_to", |sla| lines(&texts(&sla.applies_to)));

/// The most SLAs that are looked at before a metric is deleted.
const SLAS_MAX: usize = 10_000;

/// A single name that a published internal SLA claims, so that there is only one.
const PUBLISHED: Name<Sla> = Name::new("sla.published", "status", |sla, claim| {
    if sla.sla_type == SlaType::Internal && sla.status == SlaStatus::Published {
        claim(SlaType::Internal.as_str());
    }
});

impl Resource for Sla {
    /// A selector for a deleted tag must select nothing rather than everything.
    const KEEPS: Keeps = Keeps::Deleted;
    const TABLE_NAME: &'static str = "slas";
    const KINDS: &'static [Kind] = &[Kind::Sla];
    const COLUMNS: &'static [Column<Self>] = &[NAME, TYPE, STATUS, APPLIES_TO];
    const REFS: &'static [Reference<Self>] = policies::REFS;
    const NAMES: &'static [Name<Self>] = &[PUBLISHED];
    const ONE: &'static str = "sla";
    const MANY: &'static str = "slas";
    type Object = slas::Sla;
    type Summary = SlaSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> slas::Sla {
        let policies = stored.doc.policies.iter().map(|policy| policy.show(x)).collect();
        let Self {
            name,
            description,
            sla_type,
            status,
            applies_to,
            account_selector,
            evaluation_period,
            policies: _,
        } = stored.doc.clone();
        slas::Sla {
            head: x.base(&stored.meta),
            name,
            description,
            sla_type,
            status,
            applies_to,
            account_filter: account_selector,
            evaluation_period,
            policies,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> SlaSummary {
        let Self { name, sla_type, status, .. } = stored.doc.clone();
        SlaSummary { head: x.atom(stored.id()), name, sla_type, status }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Sla>();
    table.follow(refuse_promised);
    table.add(Op::create("slas.create", "sla"), create);
    table.add(Op::read("slas.get", "sla"), get);
    table.add(Op::read("slas.list", "sla"), list);
    table.add(Op::write("slas.update", "sla").status(201), update);
    table.add(Op::write("slas.transition", "sla"), transition);
    table.add(Op::write("slas.assign", "sla"), assign::assign);
    table.feed::<Sla>("slas.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Sla>> {
    let CreateRequest {
        name,
        description,
        sla_type,
        applies_to,
        account_selector,
        evaluation_period,
        policies,
        target_time: _,
    } = request;
    let sla_type = sla_type.unwrap_or(SlaType::External);
    let applies_to = types_of(sla_type, distinct(applies_to))?;
    let mut sla = Sla {
        name: name.into(),
        description: description.map(Into::into),
        sla_type,
        status: SlaStatus::Draft,
        applies_to,
        account_selector: None,
        evaluation_period,
        policies: Vec::new(),
    };
    if let Some(selector) = account_selector {
        sla.select_accounts(selector)?;
    }
    sla.policies = policies::resolve(tx, policies, &sla.applies_to, &[]).await?;
    let stored = tx.insert(Kind::Sla, sla).await?;
    tx.one(&stored).await
}

/// The types of object that an SLA is for. An SLA for customers may be for any types, by default
/// for all; an internal one is for exactly one.
fn types_of(sla_type: SlaType, applies_to: Vec<AppliesTo>) -> Result<Vec<AppliesTo>> {
    match (sla_type, applies_to.len()) {
        (SlaType::External, 0) => Ok(AppliesTo::ALL.to_vec()),
        (SlaType::External, _) | (SlaType::Internal, 1) => Ok(applies_to),
        (SlaType::Internal, 0) => Err(ApiError::missing("applies_to").into()),
        (SlaType::Internal, _) => {
            let message = "an internal SLA is for one type of object";
            Err(ApiError::not_permitted("applies_to", message).into())
        }
    }
}

impl Sla {
    fn select_accounts(&mut self, selector: slas::AccountSelector) -> Result<()> {
        if self.sla_type == SlaType::Internal {
            let message = "an internal SLA is for the org itself, not for accounts";
            return Err(ApiError::invalid_field("account_selector", message).into());
        }
        // Filters that select every account are not a selector.
        self.account_selector = Some(selector.0).filter(|members| !members.is_empty());
        Ok(())
    }
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Sla>> {
    tx.show::<Sla>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Sla>> {
    let ListRequest { applies_to, applies_to_op, sla_type, status, sort_by, page } = request;
    let mut query = Query::new();
    query
        .one_of(TYPE, sla_type.into_iter().map(SlaType::as_str))
        .one_of(STATUS, status.into_iter().map(SlaStatus::as_str))
        .sort_by(&sort_by, &[("name", NAME)])?;
    match applies_to_op {
        None | Some(AppliesToOperator::Any) => {
            query.has_line(APPLIES_TO, texts(&applies_to));
        }
        Some(AppliesToOperator::All) => {
            for one in texts(&applies_to) {
                query.has_line(APPLIES_TO, vec![one]);
            }
        }
    }
    tx.list(query, &page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Sla>> {
    let UpdateRequest { id, name, description, account_selector, evaluation_period, policies } =
        request;
    let old = tx.target::<Sla>(&id).await?;
    let mut sla = old.doc.clone();
    if sla.status != SlaStatus::Draft {
        let message = format!("the SLA is {}; only a draft can be changed", sla.status.as_str());
        return Err(ApiError::bad_request(message).into());
    }
    name.apply(&mut sla.name);
    description.apply(&mut sla.description);
    if let Some(selector) = account_selector {
        sla.select_accounts(selector)?;
    }
    evaluation_period.apply(&mut sla.evaluation_period);
    if let Some(policies) = policies {
        sla.policies = policies::resolve(tx, policies, &sla.applies_to, &old.doc.policies).await?;
    }
    let stored = tx.update(old, sla).await?;
    tx.one(&stored).await
}

async fn transition(tx: &mut Tx, request: TransitionRequest) -> Result<One<Sla>> {
    let TransitionRequest { id, status } = request;
    let old = tx.target::<Sla>(&id).await?;
    match (old.doc.status, status) {
        (SlaStatus::Draft, SlaStatus::Published) | (SlaStatus::Published, SlaStatus::Archived) => {}
        (from, to) => {
            let message = format!("an SLA can't go from {} to {}", from.as_str(), to.as_str());
            return Err(ApiError::bad_request(message).at("status").into());
        }
    }
    if status == SlaStatus::Published && old.doc.sla_type == SlaType::Internal {
        archive_internal(tx).await?;
    }
    let sla = Sla { status, ..old.doc.clone() };
    let stored = tx.update(old, sla).await?;
    tx.one(&stored).await
}

/// Archives the published internal SLA, because only one may be published at a time.
async fn archive_internal(tx: &mut Tx) -> Result<()> {
    let Some(id) = tx.find_name(PUBLISHED, SlaType::Internal.as_str()).await? else {
        return Ok(());
    };
    let Some(former) = tx.find::<Sla>(&id).await? else { return Ok(()) };
    let archived = Sla { status: SlaStatus::Archived, ..former.doc.clone() };
    tx.update(former, archived).await?;
    Ok(())
}

/// Refuses to delete a metric that an SLA promises, unless the SLA is archived.
async fn refuse_promised(tx: &mut Tx, changed: Changed<MetricDefinition>) -> Result<()> {
    let (Some(metric), None) = (changed.before, changed.after) else { return Ok(()) };
    let name = &metric.doc.name;
    let Some(slas) = tx.rely_on_referrers(policies::METRIC, metric.id(), SLAS_MAX).await? else {
        let message = format!("more than {SLAS_MAX} SLAs promise {name:?}");
        return Err(ApiError::bad_request(message).into());
    };
    match slas.iter().find(|sla| sla.doc.status != SlaStatus::Archived) {
        Some(sla) => {
            let message = format!("the SLA {:?} promises {name:?}", sla.doc.name);
            Err(ApiError::bad_request(message).into())
        }
        None => Ok(()),
    }
}
