//! Single metrics of an object: driving, showing and removing them.

use worksmith_engine::{One, Op, OpTable, Tx};
use worksmith_kernel::{Result, Stored};
use worksmith_sla::metric_definitions::MetricDefinition;
use worksmith_sla::schedules;
use worksmith_sla::sla_trackers::clock::{self, Phase, Signal, What};
use worksmith_sla::sla_trackers::{Clock, MINUTE_MS, Removed, SlaTracker};
use worksmith_wire::common::{AtomBase, Empty};
use worksmith_wire::metric_trackers::{
    ExecuteRequest, GetRequest, GetResponse, MetricTracker, MetricTrackerStatus, TimeInterval,
    TimeMetricTracker,
};
use worksmith_wire::sla_trackers::RemoveMetricRequest;
use worksmith_wire::{ApiError, Id, Kind};
use worksmith_work::works::Work;

use super::follow::{self, act};

/// Registers the operations.
pub(super) fn ops(table: &mut OpTable) {
    table.add(Op::write("sla-trackers.remove-metric", "sla_tracker"), remove);
    table.add(Op::write("metric-action.execute", "sla_tracker"), execute);
    table.add(Op::read("metric-trackers.get", "sla_tracker"), get);
}

/// The metric of a request, if the object can have it.
async fn metric(tx: &mut Tx, metric: &Id, object: &Id) -> Result<Stored<MetricDefinition>> {
    let name = metric.display_id().unwrap_or_default();
    let Some(stored) = tx.find::<MetricDefinition>(metric).await? else {
        let message = format!("metric: there is no {name}");
        return Err(ApiError::invalid_id("metric", message).into());
    };
    if !stored.doc.is_of(object.kind()) {
        let kind = object.kind().noun();
        let message = format!("metric: {:?} does not apply to {kind}s", stored.doc.name);
        return Err(ApiError::not_permitted("metric", message).into());
    }
    Ok(stored)
}

async fn execute(tx: &mut Tx, request: ExecuteRequest) -> Result<Empty> {
    let ExecuteRequest { action, event_date, metric: driven, object } = request;
    let work = tx.target::<Work>(&object).await?;
    let driven = metric(tx, &driven, &object).await?;
    let now = tx.cx().now;
    if event_date > now {
        let message = format!("event_date: {event_date} is yet to come");
        return Err(ApiError::not_permitted("event_date", message).into());
    }
    let what = What::Acted { metric: driven.meta.id, action };
    act(tx, work, Signal { at: event_date, revision: 0, what }).await?;
    Ok(Empty {})
}

/// The tracker of an object and one of its clocks that has started.
async fn started(
    tx: &mut Tx,
    object: &Id,
    metric: &Id,
) -> Result<Option<(Stored<SlaTracker>, Clock)>> {
    let work = tx.target::<Work>(object).await?;
    let Some(sla) = &work.doc.sla else { return Ok(None) };
    let Some(tracker) = tx.find::<SlaTracker>(&sla.tracker).await? else { return Ok(None) };
    let mut clocks = tracker.doc.clocks.iter();
    let clock = clocks.find(|clock| clock.metric == *metric && clock.phase.is_some()).cloned();
    Ok(clock.map(|clock| (tracker, clock)))
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<GetResponse> {
    let GetRequest { metric: wanted, object } = request;
    let found = started(tx, &object, &wanted).await?;
    let Some((tracker, clock)) = found else {
        let (metric, object) = (wanted.display_id(), object.display_id());
        let (metric, object) = (metric.unwrap_or_default(), object.unwrap_or_default());
        return Err(ApiError::not_found(format!("{metric} was not started for {object}")).into());
    };
    let schedule = clock.terms.as_ref().and_then(|terms| terms.org_schedule.clone());
    let calendar = match &schedule {
        Some(schedule) => schedules::calendar(tx, schedule).await?,
        None => None,
    };
    let cycles = clock::cycles(&clock.metric, clock.rule, &tracker.doc.signals);
    let spans = cycles.last().map(|cycle| cycle.spans.as_slice()).unwrap_or_default();
    let over = spans.iter().filter_map(|span| Some((span.from, span.to?)));
    let consumed_ms: i64 = over
        .clone()
        .map(|(from, to)| calendar.as_ref().map_or(to.0 - from.0, |c| c.elapsed_ms(from, to)))
        .sum();
    let meta = &tracker.meta;
    let wanted = [&meta.created_by, &meta.modified_by].into_iter().chain(&schedule);
    let x = tx.expand(wanted.cloned().collect()).await?;
    let own = format!("{}.{}", tracker.id().local(), clock.metric.local());
    let id = Id::new(Kind::MetricTracker, own);
    let shown = TimeMetricTracker {
        head: AtomBase { id: x.don(&id), display_id: None, ..x.base(meta) },
        active_intervals: over.map(|(from, to)| interval(from, to)).collect(),
        last_started_at: spans.last().filter(|span| span.to.is_none()).map(|s| s.from.into()),
        org_schedule: x.embed_opt(schedule.as_ref()),
        status: match clock.phase {
            Some(Phase::Running) | None => MetricTrackerStatus::Running,
            Some(Phase::Paused) => MetricTrackerStatus::Paused,
            Some(Phase::Completed) => MetricTrackerStatus::Completed,
        },
        time_consumed: consumed_ms.div_euclid(MINUTE_MS),
    };
    Ok(GetResponse { metric_tracker: MetricTracker::TimeMetricTracker(Box::new(shown)) })
}

fn interval(from: worksmith_wire::Timestamp, to: worksmith_wire::Timestamp) -> TimeInterval {
    TimeInterval { from: from.into(), to: to.into() }
}

/// Removes a metric from an object for good. Doing so again has no effect.
async fn remove(tx: &mut Tx, request: RemoveMetricRequest) -> Result<One<SlaTracker>> {
    let RemoveMetricRequest { metric: wanted, object } = request;
    let work = tx.target::<Work>(&object).await?;
    metric(tx, &wanted, &object).await?;
    let tracker = match &work.doc.sla {
        Some(sla) => tx.find::<SlaTracker>(&sla.tracker).await?,
        None => None,
    };
    let Some(tracker) = tracker else {
        let object = object.display_id().unwrap_or_default();
        return Err(ApiError::not_found(format!("{object} has no SLA tracker")).into());
    };
    let mut doc = tracker.doc.clone();
    let is_off = doc.removed.iter().any(|each| each.for_good && each.metric == *wanted);
    if !is_off {
        doc.clocks.retain(|clock| clock.metric != *wanted);
        let (metric, at, by) = (wanted.0, tx.cx().now, tx.cx().actor.id.clone());
        doc.removed.push(Removed { metric, at, by, for_good: true });
    }
    let tracker = follow::store(tx, work, tracker, doc).await?;
    tx.one(&tracker).await
}
