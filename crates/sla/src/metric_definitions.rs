//! Metric definitions: what an SLA can set a time limit for. Every org has the stock ones, which
//! run by themselves; those that the org defines are driven by clients.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{Column, Expander, Name, Query, Resource, Result, Stored, lines};
use worksmith_wire::common::Empty;
use worksmith_wire::metric_definitions::{
    self, AppliesTo, CreateRequest, DeleteRequest, GetRequest, ListRequest,
    MetricDefinitionSummary, MetricStatus, MetricType, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Id, Kind, Many, distinct};

/// The document of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricDefinition {
    /// The name, unique in the org.
    pub name: String,
    /// What it measures.
    pub description: Option<String>,
    /// The types of object that it can be measured on.
    pub applies_to: Vec<AppliesTo>,
    /// Whether new SLAs can use it.
    pub status: MetricStatus,
    /// Whether it measures a time or a value.
    pub metric_type: MetricType,
    /// The rule of its clock; none for a metric that the org defined.
    pub stock: Option<StockMetric>,
}

/// The rule by which the clock of a stock metric runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockMetric {
    /// Until the customer gets a first answer.
    FirstResponse,
    /// From each unanswered message of the customer until the next answer.
    NextResponse,
    /// Until the object is done.
    Resolution,
    /// Until somebody has acknowledged it.
    Acknowledge,
}

/// The stock metrics in the order of their numbers (BEHAVIOUR 16.3).
const STOCK: [(&str, StockMetric, &[AppliesTo]); 5] = [
    (
        "First response time",
        StockMetric::FirstResponse,
        &[AppliesTo::Conversation, AppliesTo::Ticket],
    ),
    (
        "Next response time",
        StockMetric::NextResponse,
        &[AppliesTo::Conversation, AppliesTo::Ticket],
    ),
    (
        "Resolution time",
        StockMetric::Resolution,
        &[AppliesTo::Conversation, AppliesTo::Incident, AppliesTo::Ticket],
    ),
    ("Issue resolution time", StockMetric::Resolution, &[AppliesTo::Issue]),
    ("Acknowledge time", StockMetric::Acknowledge, &[AppliesTo::Incident]),
];

const NAME: Column<MetricDefinition> =
    Column::text("name", |metric: &MetricDefinition| metric.name.as_str().into()).sorted();
const STATUS: Column<MetricDefinition> =
    Column::text("status", |metric| metric.status.as_str().into());
const TYPE: Column<MetricDefinition> =
    Column::text("type", |metric| metric.metric_type.as_str().into());
const IS_STOCK: Column<MetricDefinition> =
    Column::integer("is_stock", |metric| metric.stock.is_some().into());
const APPLIES_TO: Column<MetricDefinition> =
    Column::text("applies_to", |metric| lines(&texts(&metric.applies_to)));

/// The names of metrics.
const NAMES: Name<MetricDefinition> =
    Name::new("metric_definition.name", "name", |metric, claim| claim(&metric.name));

impl MetricDefinition {
    /// Whether it can be measured on objects of a kind.
    pub fn is_of(&self, kind: Kind) -> bool {
        self.applies_to.iter().any(|each| each.as_str() == kind.noun())
    }
}

impl Resource for MetricDefinition {
    const TABLE_NAME: &'static str = "metric_definitions";
    const KINDS: &'static [Kind] = &[Kind::MetricDefinition];
    const COLUMNS: &'static [Column<Self>] = &[NAME, STATUS, TYPE, IS_STOCK, APPLIES_TO];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const ONE: &'static str = "metric_definition";
    const MANY: &'static str = "metric_definitions";
    type Object = metric_definitions::MetricDefinition;
    type Summary = MetricDefinitionSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> metric_definitions::MetricDefinition {
        let Self { name, description, applies_to, status, metric_type, stock: _ } =
            stored.doc.clone();
        metric_definitions::MetricDefinition {
            kind: metric_type,
            head: x.base(&stored.meta),
            name,
            description,
            applies_to,
            status,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> MetricDefinitionSummary {
        MetricDefinitionSummary { head: x.atom(stored.id()), name: stored.doc.name.clone() }
    }
}

/// Types of object, as they are stored in a column and compared with it.
pub fn texts(types: &[AppliesTo]) -> Vec<String> {
    types.iter().map(|applies_to| applies_to.as_str().to_owned()).collect()
}

/// Creates the stock metrics that an org lacks, `METRIC-1` to `METRIC-5`: all of them in a new org,
/// or in one that is older than metrics.
pub async fn seed(tx: &mut Tx) -> Result<()> {
    for (number, (name, stock, applies_to)) in (1..).zip(STOCK) {
        let id = Id::numbered(Kind::MetricDefinition, number);
        if tx.find::<MetricDefinition>(&id).await?.is_some() {
            continue;
        }
        let metric = MetricDefinition {
            name: name.to_owned(),
            description: None,
            applies_to: applies_to.to_vec(),
            status: MetricStatus::Active,
            metric_type: MetricType::Time,
            stock: Some(stock),
        };
        tx.insert_with_id(id, metric).await?;
    }
    Ok(())
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<MetricDefinition>();
    let scope = "metric_definition";
    table.add(Op::create("metric-definitions.create", scope), create);
    table.add(Op::read("metric-definitions.get", scope), get);
    table.add(Op::read("metric-definitions.list", scope), list);
    table.add(Op::write("metric-definitions.update", scope), update);
    table.add(Op::write("metric-definitions.delete", scope).status(204), delete);
    table.feed::<MetricDefinition>("metric-definitions.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<MetricDefinition>> {
    let CreateRequest { name, description, applies_to: Many(applies_to) } = request;
    let metric = MetricDefinition {
        name: name.into(),
        description: description.map(Into::into),
        applies_to: distinct(applies_to),
        status: MetricStatus::Active,
        metric_type: MetricType::Time,
        stock: None,
    };
    let stored = tx.insert(Kind::MetricDefinition, metric).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<MetricDefinition>> {
    let GetRequest { id, name } = request;
    let id = match (id, name) {
        (Some(id), None) => id.into(),
        (None, Some(name)) => {
            let found = tx.find_name(NAMES, &name).await?;
            found.ok_or_else(|| {
                ApiError::not_found(format!("there is no metric definition {:?}", &*name))
            })?
        }
        (None, None) => return Err(ApiError::missing("id").into()),
        (Some(_), Some(_)) => {
            let message = "metric-definitions.get takes either id or name";
            return Err(ApiError::bad_request(message).into());
        }
    };
    tx.show::<MetricDefinition>(&id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<MetricDefinition>> {
    let ListRequest { r#type, applies_to_type, include_custom_metrics, status, sort_by, page } =
        request;
    let only_stock = (include_custom_metrics != Some(true)).then_some(true);
    let mut query = Query::new();
    query
        .one_of(TYPE, r#type.into_iter().map(MetricType::as_str))
        .one_of(STATUS, status.into_iter().map(MetricStatus::as_str))
        .has_line(APPLIES_TO, texts(&applies_to_type))
        .is(IS_STOCK, only_stock)
        .sort_by(&sort_by, &[("name", NAME)])?;
    tx.list(query, &page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<MetricDefinition>> {
    let UpdateRequest { id, name, description, status } = request;
    let old = tx.target::<MetricDefinition>(&id).await?;
    let mut metric = old.doc.clone();
    name.apply(&mut metric.name);
    if metric.stock.is_some() && metric.name != old.doc.name {
        let message = format!("{:?} comes with every org and keeps its name", old.doc.name);
        return Err(ApiError::not_permitted("name", message).into());
    }
    description.apply(&mut metric.description);
    status.apply(&mut metric.status);
    let stored = tx.update(old, metric).await?;
    tx.one(&stored).await
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<MetricDefinition>(&request.id).await?;
    let name = &stored.doc.name;
    if stored.doc.stock.is_some() {
        let message = format!("{name:?} comes with every org and can't be deleted");
        return Err(ApiError::bad_request(message).into());
    }
    tx.delete(stored).await?;
    Ok(Empty {})
}
