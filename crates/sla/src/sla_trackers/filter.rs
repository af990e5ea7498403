//! Conditions on the state of clocks. They are exact at the instant of the call, whether or not
//! timers have noted what is due.

use worksmith_kernel::{Column, Cond, Query};
use worksmith_wire::Timestamp;
use worksmith_wire::sla_trackers::{SlaStage, SlaSummaryFilter, SlaTrackerStatus};

use super::clock::Phase;
use super::doc::{IS_MISSED, PHASE, SlaTracker, TARGET, WARNING};

/// The columns that keep a [`Standing`](super::Standing).
pub struct Columns<R> {
    /// The phase of the metric that is closest to its target.
    pub phase: Column<R>,
    /// When it reaches its target.
    pub target: Column<R>,
    /// When it begins to warn.
    pub warning: Column<R>,
}

/// The columns of trackers.
pub(super) const OWN: Columns<SlaTracker> =
    Columns { phase: PHASE, target: TARGET, warning: WARNING };

/// The condition that the state of the clocks matches a filter.
pub fn standing_is<R>(columns: &Columns<R>, filter: SlaSummaryFilter, now: Timestamp) -> Cond<R> {
    let SlaSummaryFilter { stage, target_time } = filter;
    let mut query = Query::new();
    if !stage.is_empty() {
        query.with(stage_is(columns, &stage, now));
    }
    query.within(columns.target, target_time.map(|date| date.span(now)));
    query.into_cond()
}

/// The condition that the stage is one of these.
pub(super) fn stage_is<R>(columns: &Columns<R>, stages: &[SlaStage], now: Timestamp) -> Cond<R> {
    let is = |phase: Phase| Cond::is(columns.phase, phase);
    let past = |column| Cond::range(column, None, Some(now.into()));
    let ahead = |column| Cond::range(column, Some(now.plus_ms(1).into()), None);
    let runs = |rest: Vec<Cond<R>>| Cond::all([is(Phase::Running)].into_iter().chain(rest));
    let cond = |stage: &SlaStage| match stage {
        SlaStage::Paused => is(Phase::Paused),
        SlaStage::Completed => is(Phase::Completed),
        SlaStage::Breached => runs(vec![past(columns.target)]),
        SlaStage::Warning => runs(vec![ahead(columns.target), past(columns.warning)]),
        SlaStage::Running => {
            let warns = Cond::all([ahead(columns.target), past(columns.warning)]);
            runs(vec![!past(columns.target), !warns])
        }
    };
    Cond::any(stages.iter().map(cond))
}

/// The condition that the status is one of these.
pub(super) fn status_is(statuses: &[SlaTrackerStatus], now: Timestamp) -> Cond<SlaTracker> {
    let is = |phase: Phase| Cond::is(OWN.phase, phase);
    let missed = || {
        let passed = stage_is(&OWN, &[SlaStage::Breached], now);
        Cond::any([Cond::is(IS_MISSED, true), passed])
    };
    let kept = |rest| Cond::all([!missed(), rest]);
    let open = || Cond::any([is(Phase::Running), is(Phase::Paused)]);
    let cond = |status: &SlaTrackerStatus| match status {
        SlaTrackerStatus::Miss => missed(),
        SlaTrackerStatus::InProgress => kept(open()),
        SlaTrackerStatus::Hit => kept(is(Phase::Completed)),
    };
    Cond::any(statuses.iter().map(cond))
}
