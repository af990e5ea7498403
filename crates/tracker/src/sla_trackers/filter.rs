//! Conditions on the state of clocks. They are exact at the instant of the call, whether or not
//! timers have noted what is due.

use worksmith_kernel::{Cond, Query};
use worksmith_wire::Timestamp;
use worksmith_wire::sla_trackers::{SlaStage, SlaSummaryFilter, SlaTrackerStatus};

use super::clock::Phase;

/// The columns that keep a [`Standing`](super::Standing).
pub(crate) struct Columns {
    phase: &'static str,
    target: &'static str,
    warning: &'static str,
}

/// The columns of works.
pub(crate) const COLUMNS: Columns =
    Columns { phase: "sla_phase", target: "sla_target", warning: "sla_warning" };
/// The columns of trackers.
pub(super) const OWN: Columns = Columns { phase: "phase", target: "target", warning: "warning" };

/// The condition that the state of the clocks matches a filter.
pub(crate) fn standing_is(columns: &Columns, filter: SlaSummaryFilter, now: Timestamp) -> Cond {
    let SlaSummaryFilter { stage, target_time } = filter;
    let mut query = Query::new();
    if !stage.is_empty() {
        query.with(stage_is(columns, &stage, now));
    }
    query.within(columns.target, target_time.map(|date| date.span(now)));
    Cond::All(query.conds)
}

/// The condition that the stage is one of these.
pub(super) fn stage_is(columns: &Columns, stages: &[SlaStage], now: Timestamp) -> Cond {
    let is = |phase: Phase| Cond::is(columns.phase, phase);
    let past = |column| Cond::Range(column, None, Some(now.into()));
    let ahead = |column| Cond::Not(Box::new(past(column)));
    let runs = |rest: Vec<Cond>| Cond::All([is(Phase::Running)].into_iter().chain(rest).collect());
    let cond = |stage: &SlaStage| match stage {
        SlaStage::Paused => is(Phase::Paused),
        SlaStage::Completed => is(Phase::Completed),
        SlaStage::Breached => runs(vec![past(columns.target)]),
        SlaStage::Warning => runs(vec![ahead(columns.target), past(columns.warning)]),
        SlaStage::Running => runs(vec![ahead(columns.target), ahead(columns.warning)]),
    };
    Cond::Any(stages.iter().map(cond).collect())
}

/// The condition that the status is one of these.
pub(super) fn status_is(statuses: &[SlaTrackerStatus], now: Timestamp) -> Cond {
    let is = |phase: Phase| Cond::is(OWN.phase, phase);
    let missed = || {
        let passed = stage_is(&OWN, &[SlaStage::Breached], now);
        Cond::Any(vec![Cond::is("is_missed", true), passed])
    };
    let kept = |rest| Cond::All(vec![Cond::Not(Box::new(missed())), rest]);
    let open = || Cond::Any(vec![is(Phase::Running), is(Phase::Paused)]);
    let cond = |status: &SlaTrackerStatus| match status {
        SlaTrackerStatus::Miss => missed(),
        SlaTrackerStatus::InProgress => kept(open()),
        SlaTrackerStatus::Hit => kept(is(Phase::Completed)),
    };
    Cond::Any(statuses.iter().map(cond).collect())
}
