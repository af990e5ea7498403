//! SLA clocks beside an oracle that counts minute by minute: lives of objects with pauses, reopenings
//! and promises that change underway, in schedules with odd zones, daylight saving, fragments and
//! holidays. The clock is read at every event and at moments between.

mod hours;

use std::collections::HashMap;
use std::sync::Arc;

use hours::{Hours, MINUTE_MS, Rng};
use worksmith_tracker::metric_definitions::StockMetric;
use worksmith_tracker::sla_trackers::clock::{Phase, Signal, What};
use worksmith_tracker::sla_trackers::settle::{Calendars, Promised};
use worksmith_tracker::sla_trackers::{Clock, SlaTracker, Terms};
use worksmith_wire::metric_trackers::MetricAction;
use worksmith_wire::{Id, Kind, Timestamp};

/// So many lives, each read at every event.
const LIVES: u64 = 6_000;
/// So many schedules they share.
const SCHEDULES: u64 = 120;

fn metric() -> Id {
    Id::numbered(Kind::MetricDefinition, 3)
}

/// What a life is made of: at a minute, something happens, or is promised.
#[derive(Clone, Debug)]
enum Turn {
    Happens(What),
    Promises(Option<Terms>),
    /// Nothing does, and the clock is read.
    Read,
}

struct Life {
    rule: Option<StockMetric>,
    turns: Vec<(usize, Turn)>,
}

fn stage(rng: &mut Rng) -> What {
    let (is_final, is_waiting) = match rng.below(6) {
        0 | 1 => (true, false),
        2 | 3 => (false, true),
        _ => (false, false),
    };
    What::Stage { stage: Id::numbered(Kind::CustomStage, 1 + rng.below(9)), is_final, is_waiting }
}

fn terms(rng: &mut Rng) -> Terms {
    let target = 1 + i64::try_from(rng.below(3_000)).expect("small");
    let is_warned = rng.below(2) == 0 && target > 1;
    Terms {
        target,
        warning_target: is_warned.then(|| 1 + (target - 1) / 2),
        org_schedule: (rng.below(5) > 0).then(|| Id::numbered(Kind::OrgSchedule, 1 + rng.below(2))),
        org_schedule_version: None,
    }
}

fn action(rng: &mut Rng) -> What {
    let action = MetricAction::ALL[rng.index(MetricAction::ALL.len())];
    What::Acted { metric: metric(), action }
}

fn life(rng: &mut Rng, minutes: usize) -> Life {
    let rules = [
        Some(StockMetric::Resolution),
        Some(StockMetric::Resolution),
        Some(StockMetric::FirstResponse),
        Some(StockMetric::NextResponse),
        Some(StockMetric::Acknowledge),
        None,
    ];
    let rule = rules[rng.index(rules.len())];
    let made = rng.index(minutes / 3);
    let mut turns = vec![
        (made, Turn::Promises(Some(terms(rng)))),
        (made, Turn::Happens(stage(rng))),
    ];
    let mut at = made;
    for _ in 0..2 + rng.below(12) {
        at += rng.index(minutes / 8);
        let turn = match rng.below(12) {
            0..=4 => Turn::Happens(stage(rng)),
            5 => Turn::Happens(What::Asked),
            6 => Turn::Happens(What::Answered),
            7 | 8 => Turn::Happens(action(rng)),
            9 if rng.below(5) > 0 => Turn::Promises(Some(terms(rng))),
            9 => Turn::Promises(None),
            _ => Turn::Read,
        };
        if at + 1 < minutes {
            turns.push((at, turn));
        }
    }
    Life { rule, turns }
}

/// What the oracle knows of a metric: one minute after the other, without intervals.
#[derive(Default)]
struct Oracle {
    terms: Option<Terms>,
    stages: u32,
    is_started: bool,
    is_running: bool,
    is_completed: bool,
    /// For each minute of this cycle in which it ran.
    ran: Vec<usize>,
    breached_at: Option<usize>,
    is_missed: bool,
    /// Elapsed minutes at completion, which stay.
    closed: Option<i64>,
}

impl Oracle {
    /// The minutes that count under the terms.
    fn counted<'a>(&'a self, hours: &'a [Hours; 2]) -> impl Iterator<Item = usize> + 'a {
        let schedule = self.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref());
        let hours = schedule.map(|id| &hours[usize::from(id.local() == "2")]);
        self.ran.iter().copied().filter(move |minute| hours.is_none_or(|h| h.is_open[*minute]))
    }

    fn elapsed(&self, hours: &[Hours; 2]) -> i64 {
        i64::try_from(self.counted(hours).count()).expect("small")
    }

    /// The minute at whose beginning so much had counted.
    fn reached(&self, minutes: i64, hours: &[Hours; 2]) -> Option<usize> {
        let place = usize::try_from(minutes - 1).expect("a target");
        self.counted(hours).nth(place).map(|minute| minute + 1)
    }

    /// A minute goes by.
    fn pass(&mut self, minute: usize, hours: &[Hours; 2]) {
        if self.is_running {
            self.ran.push(minute);
            self.look(hours, None);
        }
    }

    /// Looks whether the target is missed; `now` is when other terms begin to hold.
    fn look(&mut self, hours: &[Hours; 2], now: Option<usize>) {
        let Some(terms) = &self.terms else { return };
        if let Some(at) = self.reached(terms.target, hours) {
            self.breached_at.get_or_insert(now.unwrap_or(at));
            self.is_missed = true;
        }
    }

    fn begin(&mut self) {
        (self.is_started, self.is_running, self.is_completed) = (true, true, false);
        (self.breached_at, self.closed) = (None, None);
        self.ran.clear();
    }

    fn complete(&mut self, hours: &[Hours; 2]) {
        if self.is_started && !self.is_completed {
            (self.is_running, self.is_completed) = (false, true);
            self.closed = Some(self.elapsed(hours));
        }
    }

    fn set_running(&mut self, runs: bool) {
        if self.is_started && !self.is_completed {
            self.is_running = runs;
        }
    }

    fn happens(&mut self, rule: Option<StockMetric>, what: &What, hours: &[Hours; 2]) {
        match what {
            What::Stage { is_final, is_waiting, .. } => {
                self.stages += 1;
                self.stage(rule, *is_final, *is_waiting, hours);
            }
            What::Asked if rule == Some(StockMetric::NextResponse) => self.begin(),
            What::Answered => match rule {
                Some(StockMetric::NextResponse | StockMetric::FirstResponse) => {
                    self.complete(hours);
                }
                _ => {}
            },
            What::Asked => {}
            What::Acted { action, .. } => match action {
                MetricAction::Start if !self.is_started => self.begin(),
                MetricAction::Start => {}
                MetricAction::Restart => self.begin(),
                MetricAction::Pause => self.set_running(false),
                MetricAction::Resume => self.set_running(true),
                MetricAction::Complete => self.complete(hours),
            },
        }
    }

    fn stage(
        &mut self,
        rule: Option<StockMetric>,
        is_final: bool,
        is_waiting: bool,
        hours: &[Hours; 2],
    ) {
        let is_first = self.stages == 1;
        match rule {
            None => {}
            Some(StockMetric::Resolution) => {
                if is_first && !self.is_started {
                    self.begin();
                }
                if is_final {
                    self.complete(hours);
                } else {
                    if self.is_completed && !is_first {
                        (self.is_completed, self.closed) = (false, None);
                        self.is_running = true;
                    }
                    if is_waiting {
                        self.set_running(false);
                    } else if !is_first {
                        self.set_running(true);
                    }
                }
            }
            Some(StockMetric::FirstResponse) => {
                if is_first && !self.is_started {
                    self.begin();
                }
                if is_final {
                    self.complete(hours);
                }
            }
            Some(StockMetric::NextResponse) if is_final => self.complete(hours),
            Some(StockMetric::NextResponse) => {}
            Some(StockMetric::Acknowledge) if is_first && !self.is_started => self.begin(),
            Some(StockMetric::Acknowledge) if is_first => {}
            Some(StockMetric::Acknowledge) => self.complete(hours),
        }
    }

    /// Other terms hold from this minute on, for what is open.
    fn promises(&mut self, terms: Option<Terms>, now: usize, hours: &[Hours; 2]) {
        if self.is_completed {
            // Told apart from what a completed metric keeps, in case it is opened again.
            self.next = Some(terms);
            return;
        }
        let is_new = self.terms != terms;
        self.terms = terms;
        self.look(hours, is_new.then_some(now));
    }
}
