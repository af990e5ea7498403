//! From a tracker to its form in answers: its state at the instant of the call.

use worksmith_kernel::{Expander, Stored};
use worksmith_wire::sla_trackers::{
    self, MetricTarget, RemovedMetric, SlaStage, SlaStanding, SlaTrackerStatus,
};
use worksmith_wire::{Id, Timestamp};

use super::clock::Phase;
use super::doc::{Clock, MINUTE_MS, Removed, SlaTracker, Terms};
use crate::metric_definitions::MetricDefinition;
use crate::schedules::{self, Calendar};
use crate::slas::Sla;

/// A second, the other unit of times in answers.
const SECOND_MS: i64 = 1000;

impl Clock {
    /// Its stage at an instant; absent before its start. Nothing warns of a target that is never
    /// reached.
    pub fn stage(&self, now: Timestamp) -> Option<SlaStage> {
        let is_past = |time: Option<Timestamp>| time.is_some_and(|time| time <= now);
        Some(match self.phase? {
            Phase::Completed => SlaStage::Completed,
            Phase::Paused => SlaStage::Paused,
            Phase::Running if is_past(self.target_time) => SlaStage::Breached,
            Phase::Running if self.target_time.is_some() && is_past(self.warning_time) => {
                SlaStage::Warning
            }
            Phase::Running => SlaStage::Running,
        })
    }

    /// When it missed its target, if it did so by an instant.
    fn breached_by(&self, now: Timestamp) -> Option<Timestamp> {
        let runs = self.phase == Some(Phase::Running);
        self.breached_at.or(self.target_time.filter(|target| runs && *target <= now))
    }

    /// Whether the promise is kept at an instant; absent if there is none.
    fn status(&self, now: Timestamp) -> Option<SlaTrackerStatus> {
        if self.is_missed || self.breached_by(now).is_some() {
            return Some(SlaTrackerStatus::Miss);
        }
        self.terms.as_ref()?;
        Some(match self.phase? {
            Phase::Completed => SlaTrackerStatus::Hit,
            Phase::Running | Phase::Paused => SlaTrackerStatus::InProgress,
        })
    }

    /// The instants at which its form changes although nothing happens.
    fn turns(&self) -> impl Iterator<Item = Timestamp> {
        let runs = self.phase == Some(Phase::Running);
        [self.warning_time, self.target_time].into_iter().flatten().filter(move |_| runs)
    }
}

impl Terms {
    /// The hours within which time counts, if the expander has them.
    fn calendar(&self, x: &Expander) -> Option<Calendar> {
        schedules::calendar_at_hand(self.org_schedule.as_ref()?, x)
    }
}

/// Whole units of time, rounded down.
const fn whole(ms: i64, unit_ms: i64) -> i64 {
    ms.div_euclid(unit_ms)
}

pub(super) fn render(stored: &Stored<SlaTracker>, x: &Expander) -> sla_trackers::SlaTracker {
    let SlaTracker { applies_to, sla, policy, signals: _, clocks, removed } = &stored.doc;
    let started = clocks.iter().filter_map(|clock| metric(clock, x));
    let removed = removed.iter().filter_map(|Removed { metric, at, by, for_good: _ }| {
        Some(RemovedMetric {
            metric_definition: x.embed(metric)?,
            removed_at: (*at).into(),
            removed_by: x.embed(by)?,
        })
    });
    let policy = sla.as_ref().zip(policy.as_ref());
    sla_trackers::SlaTracker {
        head: x.base(&stored.meta),
        applies_to_id: x.don(applies_to),
        applies_to_type: stored.doc.applies_to_type(),
        metric_target_summaries: started.collect(),
        removed_sla_metric_history: removed.collect(),
        sla: x.embed_opt(sla.as_ref()),
        sla_policy_id: policy.and_then(|(sla, name)| policy_id(sla, name, x)),
        stage: stored.doc.closest().and_then(|clock| clock.stage(x.now())),
        status: status(&stored.doc, x.now()),
    }
}

/// The id of a policy: that of its SLA, and its position there. No operation accepts it.
fn policy_id(sla: &Id, name: &str, x: &Expander) -> Option<String> {
    let mut policies = x.doc::<Sla>(sla)?.doc.policies.iter();
    let place = policies.position(|policy| policy.name == name)?;
    Some(format!("{}:sla_policy/{}", x.don(sla), place + 1))
}

/// Missed if any target ever was, otherwise in progress while any metric is, otherwise hit.
fn status(tracker: &SlaTracker, now: Timestamp) -> Option<SlaTrackerStatus> {
    let all: Vec<_> = tracker.clocks.iter().filter_map(|clock| clock.status(now)).collect();
    let of = |status| all.contains(&status).then_some(status);
    of(SlaTrackerStatus::Miss)
        .or_else(|| of(SlaTrackerStatus::InProgress))
        .or_else(|| of(SlaTrackerStatus::Hit))
}

fn metric(clock: &Clock, x: &Expander) -> Option<MetricTarget> {
    let now = x.now();
    let (phase, stage) = (clock.phase?, clock.stage(now)?);
    let is_over = phase == Phase::Completed;
    let calendar = clock.terms.as_ref().filter(|_| !is_over).and_then(|terms| terms.calendar(x));
    let schedule = clock.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref());
    let left = clock.remaining_ms().filter(|_| phase == Phase::Paused);
    Some(MetricTarget {
        breached_at: clock.breached_by(now).map(Into::into),
        completed_at: clock.completed_at.map(Into::into),
        completed_in: is_over.then(|| whole(clock.elapsed_ms, MINUTE_MS)),
        completed_in_seconds: is_over.then(|| whole(clock.elapsed_ms, SECOND_MS)),
        in_policy: clock.terms.is_some(),
        is_out_of_schedule: calendar.as_ref().map(|calendar| !calendar.is_active(now)),
        metric_definition: x.embed(&clock.metric)?,
        next_schedule_transition: calendar
            .and_then(|calendar| calendar.next_transition(now))
            .map(Into::into),
        org_schedule: x.embed_opt(schedule),
        org_schedule_version: clock.terms.as_ref().and_then(|terms| terms.org_schedule_version),
        remaining_time: left.map(|left| whole(left, MINUTE_MS)),
        stage,
        status: clock.status(now),
        target_time: clock.target_time.map(Into::into),
        warning_target_time: clock.warning_time.map(Into::into),
    })
}

/// The state of the promise for an object, as the object itself shows it.
pub fn standing(tracker: &Stored<SlaTracker>, x: &Expander) -> Option<SlaStanding> {
    let clock = tracker.doc.closest()?;
    let schedule = clock.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref());
    let left = clock.remaining_ms().filter(|_| clock.phase == Some(Phase::Paused));
    let runs = clock.phase == Some(Phase::Running);
    let metric = x.doc::<MetricDefinition>(&clock.metric);
    Some(SlaStanding {
        closest_to_breach_metric: metric.map(|metric| metric.doc.name.clone()),
        org_schedule: x.embed_opt(schedule),
        remaining_time: left.map(|left| whole(left, MINUTE_MS)),
        sla_tracker: Some(render(tracker, x)),
        stage: clock.stage(x.now()),
        target_time: clock.target_time.filter(|_| runs).map(Into::into),
    })
}

/// Until when the form of a tracker is up to date: the next warning, missed target, or hour at
/// which a schedule goes on or off.
pub fn holds_until(tracker: &SlaTracker, x: &Expander) -> Option<Timestamp> {
    let now = x.now();
    let open = tracker.clocks.iter().filter(|clock| clock.phase != Some(Phase::Completed));
    let turns = open.flat_map(|clock| {
        let calendar = clock.terms.as_ref().and_then(|terms| terms.calendar(x));
        let hours = calendar.and_then(|calendar| calendar.next_transition(now));
        clock.turns().chain(hours)
    });
    turns.filter(|turn| *turn > now).min()
}
