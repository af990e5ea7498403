//! The clock: from what happened to an object, it derives how long each metric ran and when it is
//! due. It is pure: its inputs are the signals, the promises and the present instant, its output is
//! a reading.
//!
//! A metric runs in **cycles**: a question that is answered and asked again is two of them. A cycle
//! is a sequence of **spans** in which time counts, each begun and ended by a [`Signal`]. If there
//! is a schedule, only its hours count.

use serde::{Deserialize, Serialize};
use worksmith_wire::metric_trackers::MetricAction;
use worksmith_wire::{Id, Timestamp};

use crate::metric_definitions::StockMetric;
use crate::schedules::Calendar;

/// An event of an object that matters to clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The instant.
    pub at: Timestamp,
    /// The revision that the object had then: with its id, the event in the log.
    pub revision: u64,
    /// What happened.
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was created in a stage, or moved to one.
    Stage {
        /// The stage.
        stage: Id,
        /// Whether the object is done in that stage.
        is_final: bool,
        /// Whether it is the customer's turn in that stage.
        is_waiting: bool,
    },
    /// The customer asked for an answer.
    Asked,
    /// The customer got the answer.
    Answered,
    /// Somebody drove a metric manually.
    Acted {
        /// The metric.
        metric: Id,
        /// The action.
        action: MetricAction,
    },
}

/// The effect of a signal on a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Begins the first cycle.
    Start,
    /// Begins another cycle.
    Restart,
    Pause,
    Resume,
    Complete,
    /// Continues a completed cycle, with the time that it took so far.
    Reopen,
}

/// A span of time that counts, except for the hours outside the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; absent while it lasts.
    pub to: Option<Timestamp>,
    /// The index of the signal that began it.
    pub begun_by: usize,
    /// The index of the signal that ended it.
    pub ended_by: Option<usize>,
}

/// One run of a metric, from its start to its completion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cycle {
    /// When time counted, in order.
    pub spans: Vec<Span>,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
}

/// What a metric is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Time counts.
    Running,
    /// Time does not count at the moment.
    Paused,
    /// It is completed.
    Completed,
}

impl Cycle {
    /// Its phase.
    pub fn phase(&self) -> Phase {
        match (self.completed_at, self.spans.last()) {
            (Some(_), _) => Phase::Completed,
            (None, Some(Span { to: None, .. })) => Phase::Running,
            (None, _) => Phase::Paused,
        }
    }

    fn open(&mut self, at: Timestamp, begun_by: usize) {
        self.completed_at = None;
        self.spans.push(Span { from: at, to: None, begun_by, ended_by: None });
    }

    fn close(&mut self, at: Timestamp, ended_by: usize) {
        if let Some(span) = self.spans.last_mut().filter(|span| span.to.is_none()) {
            (span.to, span.ended_by) = (Some(at), Some(ended_by));
        }
    }
}

/// The cycles of a metric that follow from what happened.
pub fn cycles(metric: &Id, rule: Option<StockMetric>, signals: &[Signal]) -> Vec<Cycle> {
    let mut cycles: Vec<Cycle> = Vec::new();
    let mut past = Past::default();
    for (place, signal) in signals.iter().enumerate() {
        for effect in effects(metric, rule, &signal.what, past) {
            apply(&mut cycles, *effect, signal.at, place);
        }
        past.hear(&signal.what);
    }
    cycles
}

/// What happened before a signal, as far as rules depend on it.
#[derive(Clone, Copy, Default)]
struct Past {
    /// It was in a stage.
    has_stage: bool,
    /// The customer got a first answer, or the object was done without one.
    is_answered: bool,
}

impl Past {
    const fn hear(&mut self, what: &What) {
        match what {
            What::Stage { is_final, .. } => {
                self.has_stage = true;
                self.is_answered |= *is_final;
            }
            What::Answered => self.is_answered = true,
            What::Asked | What::Acted { .. } => {}
        }
    }
}

/// The effects of a signal on a metric: the rules of the stock metrics (BEHAVIOUR 16.4), and manual
/// actions.
fn effects(metric: &Id, rule: Option<StockMetric>, what: &What, past: Past) -> &'static [Effect] {
    use Effect::{Complete, Pause, Reopen, Restart, Resume, Start};
    if let What::Acted { metric: driven, action } = what {
        return match action {
            _ if driven != metric => &[],
            MetricAction::Start => &[Start],
            MetricAction::Pause => &[Pause],
            MetricAction::Resume => &[Resume],
            MetricAction::Complete => &[Complete],
            MetricAction::Restart => &[Restart],
        };
    }
    let Some(rule) = rule else { return &[] };
    match (rule, what) {
        (StockMetric::Resolution, What::Stage { is_final, is_waiting, .. }) => {
            match (past.has_stage, is_final, is_waiting) {
                (false, true, _) => &[Start, Complete],
                (false, false, true) => &[Start, Pause],
                (false, false, false) => &[Start],
                (true, true, _) => &[Complete],
                (true, false, true) => &[Reopen, Pause],
                (true, false, false) => &[Reopen, Resume],
            }
        }
        (StockMetric::FirstResponse, What::Stage { is_final, .. }) => {
            match (past.has_stage, is_final) {
                (false, true) => &[Start, Complete],
                (false, false) => &[Start],
                (true, true) => &[Complete],
                (true, false) => &[],
            }
        }
        (StockMetric::Acknowledge, What::Stage { .. }) if !past.has_stage => &[Start],
        // Until then the question waits for the first response, which has a promise of its own.
        (StockMetric::NextResponse, What::Asked) if !past.is_answered => &[],
        (StockMetric::NextResponse, What::Asked) => &[Restart],
        (StockMetric::FirstResponse | StockMetric::NextResponse, What::Answered)
        | (StockMetric::NextResponse, What::Stage { is_final: true, .. })
        | (StockMetric::Acknowledge, What::Stage { .. }) => &[Complete],
        _ => &[],
    }
}

/// Applies an effect. It does nothing if the effect is impossible: a running cycle can't be
/// resumed.
fn apply(cycles: &mut Vec<Cycle>, effect: Effect, at: Timestamp, place: usize) {
    let phase = cycles.last().map(Cycle::phase);
    let last = cycles.last_mut();
    match (effect, phase, last) {
        (Effect::Start, None, _) => {
            cycles.push(Cycle::default());
            apply(cycles, Effect::Resume, at, place);
        }
        (Effect::Restart, _, last) => {
            if let Some(last) = last {
                last.close(at, place);
            }
            cycles.push(Cycle::default());
            apply(cycles, Effect::Resume, at, place);
        }
        (Effect::Resume, Some(Phase::Paused), Some(last))
        | (Effect::Reopen, Some(Phase::Completed), Some(last)) => last.open(at, place),
        (Effect::Pause, Some(Phase::Running), Some(last)) => last.close(at, place),
        (Effect::Complete, Some(Phase::Running | Phase::Paused), Some(last)) => {
            last.close(at, place);
            last.completed_at = Some(at);
        }
        _ => {}
    }
}

/// The promise for a metric, with the hours that count.
#[derive(Clone, Copy, Debug)]
pub struct Promise<'a> {
    /// The target, in milliseconds.
    pub target_ms: i64,
    /// The time after which a warning is due, in milliseconds.
    pub warning_ms: Option<i64>,
    /// The hours that count; if absent, all do.
    pub calendar: Option<&'a Calendar>,
}

/// The state of a cycle at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its phase.
    pub phase: Phase,
    /// The counted time, in milliseconds.
    pub elapsed_ms: i64,
    /// When the target was reached, or will be if nothing else happens; absent if it will not be.
    pub target_time: Option<Timestamp>,
    /// The same for the warning.
    pub warning_time: Option<Timestamp>,
}

impl Reading {
    /// When the target was reached, if it was by `now`. A target that is reached is missed, to the
    /// millisecond.
    pub fn breached_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.target_time.filter(|target| *target <= now)
    }
}

/// How much time of a span counts until `now`.
fn counted(span: &Span, calendar: Option<&Calendar>, now: Timestamp) -> i64 {
    let to = span.to.unwrap_or(now);
    match calendar {
        Some(calendar) => calendar.elapsed_ms(span.from, to),
        None => (to.0 - span.from.0).max(0),
    }
}

/// The counted time of a cycle, in milliseconds.
pub fn elapsed_ms(cycle: &Cycle, calendar: Option<&Calendar>, now: Timestamp) -> i64 {
    cycle.spans.iter().map(|span| counted(span, calendar, now)).sum()
}

/// Evaluates a cycle at an instant.
pub fn read(cycle: &Cycle, promise: &Promise<'_>, now: Timestamp) -> Reading {
    Reading {
        phase: cycle.phase(),
        elapsed_ms: elapsed_ms(cycle, promise.calendar, now),
        target_time: reached(cycle, promise.target_ms, promise.calendar),
        warning_time: promise.warning_ms.and_then(|ms| reached(cycle, ms, promise.calendar)),
    }
}

/// The instant at which `ms` of time have counted.
fn reached(cycle: &Cycle, ms: i64, calendar: Option<&Calendar>) -> Option<Timestamp> {
    let mut before = 0;
    for span in &cycle.spans {
        // An open span counts until the time is reached.
        let left = ms - before;
        let here = span.to.map(|to| counted(span, calendar, to));
        match here {
            Some(here) if here < left => before += here,
            _ => return after(span.from, left, calendar),
        }
    }
    None
}

/// The instant at which `ms` of time have counted since `from`.
fn after(from: Timestamp, ms: i64, calendar: Option<&Calendar>) -> Option<Timestamp> {
    match calendar {
        Some(calendar) => calendar.add_ms(from, ms),
        None => Some(from.plus_ms(ms)),
    }
}
