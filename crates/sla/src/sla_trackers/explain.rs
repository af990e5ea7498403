//! `sla-trackers.explain`, an extension of Worksmith: the exact intervals that a metric counts,
//! with what began and what ended each of them, and the schedule that applied.

use worksmith_engine::Tx;
use worksmith_fields::stages::CustomStage;
use worksmith_kernel::{Expander, Result};
use worksmith_wire::sla_trackers::{
    Cause, CountedInterval, ExplainRequest, ExplainResponse, ExplainedMetric, ExplainedSpan,
    Explanation,
};
use worksmith_wire::{Id, Timestamp};

use super::clock::{self, Signal, What};
use super::doc::{Clock, SlaTracker};
use crate::schedules::{self, Calendar};

pub(super) async fn explain(tx: &mut Tx, request: ExplainRequest) -> Result<ExplainResponse> {
    let stored = tx.target::<SlaTracker>(&request.id).await?;
    let now = tx.cx().now;
    let mut wanted = vec![stored.id().clone()];
    wanted.extend(stored.doc.clocks.iter().flat_map(ids));
    wanted.extend(stored.doc.signals.iter().filter_map(|signal| match &signal.what {
        What::Stage { stage, .. } => Some(stage.clone()),
        _ => None,
    }));
    let x = tx.expand(wanted).await?;
    let mut metrics = Vec::new();
    for clock in stored.doc.clocks.iter().filter(|clock| clock.phase.is_some()) {
        let calendar = match schedule(clock) {
            Some(schedule) => schedules::calendar(tx, schedule).await?,
            None => None,
        };
        metrics.push(metric(&stored.doc, clock, calendar.as_deref(), &x));
    }
    let explanation = Explanation {
        sla_tracker: x.embed(stored.id()),
        at: now.into(),
        policy: stored.doc.policy.clone(),
        metrics,
    };
    Ok(ExplainResponse { explanation })
}

fn schedule(clock: &Clock) -> Option<&Id> {
    clock.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref())
}

fn ids(clock: &Clock) -> impl Iterator<Item = Id> {
    [&clock.metric].into_iter().chain(schedule(clock)).cloned()
}

#[expect(clippy::cast_precision_loss, reason = "2^53 ms are 285,000 years")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn metric(
    tracker: &SlaTracker,
    clock: &Clock,
    calendar: Option<&Calendar>,
    x: &Expander,
) -> ExplainedMetric {
    let now = x.now();
    let cycles = clock::cycles(&clock.metric, clock.rule, &tracker.signals);
    let spans = cycles.last().map(|cycle| cycle.spans.as_slice()).unwrap_or_default();
    let cause = |place: usize| tracker.signals.get(place).map(|signal| cause(signal, x));
    let mut elapsed_ms = 0;
    let mut explained = Vec::new();
    for span in spans {
        let (from, to) = (span.from, span.to.unwrap_or(now).max(span.from));
        let counted = match calendar {
            Some(calendar) => calendar.intervals(from, to),
            None if from < to => vec![(from, to)],
            None => Vec::new(),
        };
        elapsed_ms += counted.iter().map(|(from, to)| to.0 - from.0).sum::<i64>();
        explained.extend(cause(span.begun_by).map(|started_by| ExplainedSpan {
            started_by,
            stopped_by: span.ended_by.and_then(cause),
            intervals: counted.into_iter().map(interval).collect(),
        }));
    }
    let minutes = |minutes: i64| seconds(minutes * 60_000);
    let terms = clock.terms.as_ref();
    ExplainedMetric {
        metric_definition: x.embed(&clock.metric),
        org_schedule: x.embed_opt(schedule(clock)),
        target_seconds: terms.map(|terms| minutes(terms.target)),
        warning_seconds: terms.and_then(|terms| terms.warning_target).map(minutes),
        elapsed_seconds: seconds(elapsed_ms),
        spans: explained,
    }
}

fn interval((from, to): (Timestamp, Timestamp)) -> CountedInterval {
    CountedInterval { from: from.into(), to: to.into(), seconds: seconds(to.0 - from.0) }
}

/// What happened, in words.
fn cause(signal: &Signal, x: &Expander) -> Cause {
    let name = |stage: &Id| {
        let known = x.doc::<CustomStage>(stage).map(|stage| stage.doc.name.clone());
        known.or_else(|| stage.display_id()).unwrap_or_default()
    };
    let rule = match &signal.what {
        What::Stage { stage, is_final: true, .. } => format!("entered final stage {}", name(stage)),
        What::Stage { stage, is_waiting: true, .. } => {
            format!("entered stage {}, where the customer has the next word", name(stage))
        }
        What::Stage { stage, .. } => format!("entered stage {}", name(stage)),
        What::Asked => "needs_response was set".to_owned(),
        What::Answered => "needs_response was cleared".to_owned(),
        What::Acted { action, .. } => format!("metric-action.execute {}", action.as_str()),
    };
    Cause { at: signal.at.into(), rule, revision: signal.revision }
}
