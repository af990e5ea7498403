//! The clock: from what happened to an object to how long each metric ran, and when it is due.
//! Pure: what happened, what is promised and the present instant go in, a reading comes out.
//!
//! A metric runs in **cycles**: a question that is answered and asked again is two of them. A cycle
//! is a row of **spans** in which time counts, each begun and ended by a [`Signal`]. Of a span only
//! the hours of the schedule count, where there is one.

use serde::{Deserialize, Serialize};
use worksmith_wire::metric_trackers::MetricAction;
use worksmith_wire::{Id, Timestamp};

use crate::metric_definitions::StockMetric;
use crate::schedules::Calendar;

/// Something that happened to an object, of which clocks hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// When.
    pub at: Timestamp,
    /// The revision that the object had then: with its id, the event in the log.
    pub revision: u64,
    /// What.
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was made in a stage, or went to one.
    Stage {
        /// The stage.
        stage: Id,
        /// Whether it is one of those in which everything is done.
        is_final: bool,
        /// Whether the customer has the next word there.
        is_waiting: bool,
    },
    /// The customer wants an answer.
    Asked,
    /// The customer has the answer.
    Answered,
    /// Somebody drove a metric by hand.
    Acted {
        /// The metric.
        metric: Id,
        /// How.
        action: MetricAction,
    },
}

/// What a signal does to a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Begins the first cycle.
    Start,
    /// Begins another cycle.
    Restart,
    Pause,
    Resume,
    Complete,
    /// Goes on with a cycle that was over, with the time that it took so far.
    Reopen,
}

/// Time that counts, but for the hours out of schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; absent while it lasts.
    pub to: Option<Timestamp>,
    /// The place of the signal that began it.
    pub begun_by: usize,
    /// The place of the signal that ended it.
    pub ended_by: Option<usize>,
}

/// One run of a metric, from its start to its completion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cycle {
    /// When time counted, in order.
    pub spans: Vec<Span>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
}

/// What a metric is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Time counts.
    Running,
    /// Time does not count for now.
    Paused,
    /// It is over.
    Completed,
}

impl Cycle {
    /// What it is doing.
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

/// The cycles of a metric, by what happened.
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

/// What has happened before a signal, as far as rules ask.
#[derive(Clone, Copy, Default)]
struct Past {
    /// It was in a stage.
    has_stage: bool,
    /// The customer has had a first answer, or it was done without one.
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

/// What a signal does to a metric: the rules of the stock metrics (BEHAVIOUR 16.4), and whatever
/// somebody does by hand.
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
        // Until then the question waits for the first response, which is promised by itself.
        (StockMetric::NextResponse, What::Asked) if !past.is_answered => &[],
        (StockMetric::NextResponse, What::Asked) => &[Restart],
        (StockMetric::FirstResponse | StockMetric::NextResponse, What::Answered)
        | (StockMetric::NextResponse, What::Stage { is_final: true, .. })
        | (StockMetric::Acknowledge, What::Stage { .. }) => &[Complete],
        _ => &[],
    }
}

/// Does nothing where the order is none that could be: what runs can't be resumed.
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

/// What is promised of a metric, with the hours that count.
#[derive(Clone, Copy, Debug)]
pub struct Promise<'a> {
    /// The time that it may take, in milliseconds.
    pub target_ms: i64,
    /// The time after which it is warned, in milliseconds.
    pub warning_ms: Option<i64>,
    /// The hours that count; absent when all do.
    pub calendar: Option<&'a Calendar>,
}

/// How a cycle stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it is doing.
    pub phase: Phase,
    /// The time that has counted, in milliseconds.
    pub elapsed_ms: i64,
    /// When the target is reached if nothing else happens, or was; absent when it is not going to
    /// be.
    pub target_time: Option<Timestamp>,
    /// The same for the warning.
    pub warning_time: Option<Timestamp>,
}

impl Reading {
    /// When the target was reached, if it was by `now`. What is reached is missed, to the
    /// millisecond.
    pub fn breached_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.target_time.filter(|target| *target <= now)
    }
}

/// How long of a span counts until `now`.
fn counted(span: &Span, calendar: Option<&Calendar>, now: Timestamp) -> i64 {
    let to = span.to.unwrap_or(now);
    match calendar {
        Some(calendar) => calendar.elapsed_ms(span.from, to),
        None => (to.0 - span.from.0).max(0),
    }
}

/// The time that has counted in a cycle, in milliseconds.
pub fn elapsed_ms(cycle: &Cycle, calendar: Option<&Calendar>, now: Timestamp) -> i64 {
    cycle.spans.iter().map(|span| counted(span, calendar, now)).sum()
}

/// Reads a cycle.
pub fn read(cycle: &Cycle, promise: &Promise<'_>, now: Timestamp) -> Reading {
    Reading {
        phase: cycle.phase(),
        elapsed_ms: elapsed_ms(cycle, promise.calendar, now),
        target_time: reached(cycle, promise.target_ms, promise.calendar),
        warning_time: promise.warning_ms.and_then(|ms| reached(cycle, ms, promise.calendar)),
    }
}

/// When so much time has counted.
fn reached(cycle: &Cycle, ms: i64, calendar: Option<&Calendar>) -> Option<Timestamp> {
    let mut before = 0;
    for span in &cycle.spans {
        // A span that lasts counts on until the time has come.
        let left = ms - before;
        let here = span.to.map(|to| counted(span, calendar, to));
        match here {
            Some(here) if here < left => before += here,
            _ => return after(span.from, left, calendar),
        }
    }
    None
}

/// The instant at which so much time has counted since another one.
fn after(from: Timestamp, ms: i64, calendar: Option<&Calendar>) -> Option<Timestamp> {
    match calendar {
        Some(calendar) => calendar.add_ms(from, ms),
        None => Some(from.plus_ms(ms)),
    }
}
