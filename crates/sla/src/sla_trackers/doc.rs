//! The document of an SLA tracker, and how it is found.

use serde::{Deserialize, Serialize};
use worksmith_kernel::{Column, Cond, Expander, Name, OpCtx, Reference, Resource, Stored, Value};
use worksmith_wire::sla_trackers::{self, SlaTrackerAppliesTo, SlaTrackerSummary};
use worksmith_wire::{Id, Kind, Timestamp};

use super::clock::{Phase, Signal, What};
use super::object;
use crate::metric_definitions::StockMetric;

/// The document of a tracker: the signals of its object, and the state of its clocks after the last
/// one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlaTracker {
    /// The object that is tracked.
    pub applies_to: Id,
    /// The SLA that applies to it; it stays when another one is published.
    pub sla: Option<Id>,
    /// The name of the policy that applies to the object.
    pub policy: Option<String>,
    /// What happened to the object, oldest first. Clocks are recalculated from it after each
    /// change, so no time is lost when another policy begins to apply.
    pub signals: Vec<Signal>,
    /// A clock for each metric.
    pub clocks: Vec<Clock>,
    /// The metrics that were removed.
    pub removed: Vec<Removed>,
}

/// A metric of the object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// The metric.
    pub metric: Id,
    /// The rule by which it reacts to signals; without one, only actions drive it.
    pub rule: Option<StockMetric>,
    /// What the policy promises; absent if it does not contain this metric.
    pub terms: Option<Terms>,
    /// The number of its current cycle, counted from 1; 0 before its start.
    pub cycle: usize,
    /// Its phase after the last signal; absent before its start.
    pub phase: Option<Phase>,
    /// The counted time up to its last stop or, while it is running, its last start, in
    /// milliseconds.
    pub elapsed_ms: i64,
    /// When it reached its target, or will unless something happens.
    pub target_time: Option<Timestamp>,
    /// The same for the warning.
    pub warning_time: Option<Timestamp>,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// Whether its warning was noted.
    pub is_warned: bool,
    /// When it missed its target.
    pub breached_at: Option<Timestamp>,
    /// Whether it ever missed a target, in this cycle or an earlier one.
    pub is_missed: bool,
}

/// What a policy promises for a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The target, in minutes.
    pub target: i64,
    /// The time after which a warning is due, in minutes.
    pub warning_target: Option<i64>,
    /// The schedule within which time counts.
    pub org_schedule: Option<Id>,
    /// The version of the schedule when it began to apply.
    pub org_schedule_version: Option<i64>,
}

/// A metric that was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The metric.
    pub metric: Id,
    /// The instant.
    pub at: Timestamp,
    /// Who removed it.
    pub by: Id,
    /// Whether somebody requested it. If so, it does not come back with another policy.
    pub for_good: bool,
}

const APPLIES_TO: Column<SlaTracker> =
    Column::text("applies_to", |tracker| (&tracker.applies_to).into());
const SLA: Column<SlaTracker> = Column::text("sla", |tracker| tracker.sla.as_ref().into());
/// The phase of the metric that is closest to its target.
pub const PHASE: Column<SlaTracker> =
    Column::integer("phase", |tracker| tracker.standing().phase.into());
pub(super) const TARGET: Column<SlaTracker> =
    Column::integer("target", |tracker| tracker.standing().target.into());
pub(super) const WARNING: Column<SlaTracker> =
    Column::integer("warning", |tracker| tracker.standing().warning.into());
pub(super) const IS_MISSED: Column<SlaTracker> = Column::integer("is_missed", |tracker| {
    tracker.clocks.iter().any(|clock| clock.is_missed).into()
});
pub(super) const DUE: Column<SlaTracker> =
    Column::integer("due", |tracker: &SlaTracker| tracker.due().into()).filter();

/// The business hours by which its clocks run.
pub const ORG_SCHEDULE: Reference<SlaTracker> = Reference::new("org_schedule", |tracker, visit| {
    let terms = tracker.clocks.iter().filter_map(|clock| clock.terms.as_ref());
    terms.filter_map(|terms| terms.org_schedule.as_ref()).for_each(visit);
});

/// The objects that are tracked, each by one tracker.
pub(super) const OF_OBJECT: Name<SlaTracker> =
    Name::new("sla_tracker.applies_to", "object", |tracker, claim| {
        claim(&tracker.applies_to.to_string());
    });

/// The combined state of the clocks of an object, by which works and trackers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The phase of the metric that is closest to its target.
    pub phase: Option<Phase>,
    /// When that metric will reach its target, while it is running.
    pub target: Option<Timestamp>,
    /// When its warning is due, while it is running.
    pub warning: Option<Timestamp>,
}

/// What a work stores of its tracker, so that lists can filter by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaOnWork {
    /// The tracker.
    pub tracker: Id,
    /// The combined state of its clocks.
    #[serde(flatten)]
    pub standing: Standing,
}

impl SlaTracker {
    /// A tracker without any signals.
    pub fn of(object: &Id) -> Self {
        Self {
            applies_to: object.clone(),
            sla: None,
            policy: None,
            signals: Vec::new(),
            clocks: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// What its object stores of it.
    pub fn on_work(&self, id: &Id) -> SlaOnWork {
        SlaOnWork { tracker: id.clone(), standing: self.standing() }
    }

    /// The metrics that somebody drove manually.
    pub fn acted(&self) -> impl Iterator<Item = &Id> {
        self.signals.iter().filter_map(|signal| match &signal.what {
            What::Acted { metric, .. } => Some(metric),
            _ => None,
        })
    }

    /// The clock that is closest to its target: of the running ones, the one that is due first; a
    /// paused one only if none is running; a completed one if all are.
    pub fn closest(&self) -> Option<&Clock> {
        let of = |phase: Phase| {
            let promised = self.clocks.iter().filter(|clock| clock.terms.is_some());
            promised.filter(move |clock| clock.phase == Some(phase))
        };
        let first = |clock: &&Clock| clock.target_time.map_or(i64::MAX, |target| target.0);
        of(Phase::Running)
            .min_by_key(first)
            .or_else(|| of(Phase::Paused).min_by_key(|clock| clock.remaining_ms()))
            .or_else(|| of(Phase::Completed).max_by_key(|clock| clock.completed_at))
    }

    /// The combined state of the clocks.
    pub fn standing(&self) -> Standing {
        let Some(clock) = self.closest() else { return Standing::default() };
        let runs = clock.phase == Some(Phase::Running);
        Standing {
            phase: clock.phase,
            target: clock.target_time.filter(|_| runs),
            warning: clock.warning_time.filter(|_| runs),
        }
    }

    /// When a warning or a missed target must be noted next.
    pub fn due(&self) -> Option<Timestamp> {
        self.clocks.iter().filter_map(Clock::due).min()
    }

    /// What kind of object is tracked.
    pub fn applies_to_type(&self) -> SlaTrackerAppliesTo {
        match self.applies_to.kind() {
            Kind::Conversation => SlaTrackerAppliesTo::Conversation,
            Kind::Incident => SlaTrackerAppliesTo::Incident,
            Kind::Ticket => SlaTrackerAppliesTo::Ticket,
            _ => SlaTrackerAppliesTo::Issue,
        }
    }
}

impl Clock {
    /// The milliseconds that remain until the target; negative if it was missed.
    pub fn remaining_ms(&self) -> Option<i64> {
        self.terms.as_ref().map(|terms| terms.target * MINUTE_MS - self.elapsed_ms)
    }

    fn due(&self) -> Option<Timestamp> {
        if self.phase != Some(Phase::Running) {
            return None;
        }
        let warning = self.warning_time.filter(|_| !self.is_warned);
        let target = self.target_time.filter(|_| self.breached_at.is_none());
        // There is no warning of a target that was missed already.
        match (warning, target) {
            (Some(warning), Some(target)) => Some(warning.min(target)),
            (_, target) => target,
        }
    }
}

/// A minute, the unit of targets.
pub const MINUTE_MS: i64 = 60_000;

impl From<Phase> for Value {
    fn from(phase: Phase) -> Self {
        Self::Integer(match phase {
            Phase::Running => 1,
            Phase::Paused => 2,
            Phase::Completed => 3,
        })
    }
}

impl Resource for SlaTracker {
    const TABLE_NAME: &'static str = "sla_trackers";
    const KINDS: &'static [Kind] = &[Kind::SlaTracker];
    const COLUMNS: &'static [Column<Self>] =
        &[APPLIES_TO, SLA, PHASE, TARGET, WARNING, IS_MISSED, DUE];
    const REFS: &'static [Reference<Self>] = &[
        Reference::new("sla", |tracker, visit| tracker.sla.iter().for_each(visit)),
        Reference::new("metric", |tracker, visit| {
            tracker.clocks.iter().for_each(|clock| visit(&clock.metric));
        }),
        ORG_SCHEDULE,
        Reference::new("removed_metric", |tracker, visit| {
            tracker.removed.iter().for_each(|removed| visit(&removed.metric));
        }),
        Reference::new("removed_by", |tracker, visit| {
            tracker.removed.iter().for_each(|removed| visit(&removed.by));
        }),
    ];
    const NAMES: &'static [Name<Self>] = &[OF_OBJECT];
    const ONE: &'static str = "sla_tracker";
    const MANY: &'static str = "sla_trackers";
    type Object = sla_trackers::SlaTracker;
    type Summary = SlaTrackerSummary;

    /// Others embed it as a whole, with its authors.
    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.refs(&mut |_, id| visit(id));
        visit(&stored.meta.created_by);
        visit(&stored.meta.modified_by);
    }

    /// Customers see the state of their own works on these, and no trackers.
    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        cx.actor.is_customer().then(Cond::never)
    }

    fn holds_until(stored: &Stored<Self>, x: &Expander) -> Option<Timestamp> {
        object::holds_until(&stored.doc, x)
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> sla_trackers::SlaTracker {
        object::render(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> SlaTrackerSummary {
        let applies_to_type = stored.doc.applies_to_type();
        SlaTrackerSummary { head: x.atom(stored.id()), applies_to_type }
    }
}
