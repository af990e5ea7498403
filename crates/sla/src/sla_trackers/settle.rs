//! Bringing the clocks of a tracker up to an instant: when something happened to the object, when
//! other promises begin to apply, when a schedule has changed, and when something falls due.
//!
//! Closed clocks stay as they were. Open ones are recalculated from everything that happened, so
//! that a new promise counts from the start, including pauses.

use std::collections::HashMap;
use std::sync::Arc;

use worksmith_wire::{Id, Timestamp};

use super::clock::{self, Phase, Promise, Signal, What};
use super::doc::{Clock, MINUTE_MS, Removed, SlaTracker, Terms};
use crate::metric_definitions::StockMetric;
use crate::schedules::Calendar;

/// A metric, the rule by which it reacts to signals, and what is promised for it.
#[derive(Clone, Debug)]
pub struct Promised {
    /// The metric.
    pub metric: Id,
    /// Its rule.
    pub rule: Option<StockMetric>,
    /// The promise; absent for a metric that is only measured.
    pub terms: Option<Terms>,
}

/// The hours of schedules.
pub type Calendars = HashMap<Id, Arc<Calendar>>;

impl SlaTracker {
    /// Adds a signal. Signals are ordered by time, whenever they are added; at the same instant,
    /// those of the object itself come before manual ones.
    pub fn hear(&mut self, signal: Signal) {
        let order = |signal: &Signal| (signal.at, matches!(signal.what, What::Acted { .. }));
        let place = self.signals.partition_point(|earlier| order(earlier) <= order(&signal));
        self.signals.insert(place, signal);
    }

    /// Notes which warnings and targets have been passed by an instant.
    pub fn note(&mut self, now: Timestamp) {
        for clock in self.clocks.iter_mut().filter(|clock| clock.phase == Some(Phase::Running)) {
            clock.is_warned |= clock.warning_time.is_some_and(|time| time <= now);
            clock.miss(clock.target_time.filter(|time| *time <= now));
        }
    }

    /// Brings every clock up to an instant. `promised` are the metrics of the policy that applies
    /// from then on, and those that are only measured; `by` is the user who changes the object.
    pub fn settle(
        &mut self,
        promised: &[Promised],
        calendars: &Calendars,
        now: Timestamp,
        by: &Id,
    ) {
        self.note(now);
        let mut old = std::mem::take(&mut self.clocks);
        for Promised { metric, rule, terms } in promised {
            if self.removed.iter().any(|removed| removed.for_good && removed.metric == *metric) {
                continue;
            }
            let known = old.iter().position(|clock| clock.metric == *metric);
            let mut clock = known.map_or_else(|| Clock::of(metric), |place| old.remove(place));
            clock.rule = *rule;
            clock.read(&self.signals, terms.clone(), calendars, now);
            self.clocks.push(clock);
        }
        for mut clock in old {
            match clock.phase {
                Some(Phase::Completed) => {
                    clock.read(&self.signals, clock.terms.clone(), calendars, now);
                    self.clocks.push(clock);
                }
                Some(_) => {
                    let (metric, by) = (clock.metric, by.clone());
                    self.removed.push(Removed { metric, at: now, by, for_good: false });
                }
                None => {}
            }
        }
    }
}

impl Clock {
    fn of(metric: &Id) -> Self {
        Self {
            metric: metric.clone(),
            rule: None,
            terms: None,
            cycle: 0,
            phase: None,
            elapsed_ms: 0,
            target_time: None,
            warning_time: None,
            completed_at: None,
            is_warned: false,
            breached_at: None,
            is_missed: false,
        }
    }

    /// Notes that the target was missed.
    fn miss(&mut self, at: Option<Timestamp>) {
        self.breached_at = self.breached_at.or(at);
        self.is_missed |= at.is_some();
    }

    /// Recalculates the clock from what happened, under the present terms. A closed clock keeps its
    /// own terms, so it does not change, unless an earlier signal was added late.
    fn read(
        &mut self,
        signals: &[Signal],
        mut terms: Option<Terms>,
        calendars: &Calendars,
        now: Timestamp,
    ) {
        let cycles = clock::cycles(&self.metric, self.rule, signals);
        let Some(cycle) = cycles.last() else {
            // An earlier version may have started it by a rule that no longer exists. A missed
            // target stays missed.
            let (rule, is_missed) = (self.rule, self.is_missed);
            *self = Self { rule, terms, is_missed, ..Self::of(&self.metric) };
            return;
        };
        let is_closed = self.phase == Some(Phase::Completed);
        if is_closed && (self.cycle, self.completed_at) == (cycles.len(), cycle.completed_at) {
            terms.clone_from(&self.terms);
        }
        if self.cycle != cycles.len() {
            (self.cycle, self.breached_at, self.is_warned) = (cycles.len(), None, false);
        }
        let is_new = self.terms != terms;
        self.terms = terms;
        let terms = self.terms.as_ref();
        let schedule = terms.and_then(|terms| terms.org_schedule.as_ref());
        let calendar = schedule.and_then(|id| calendars.get(id)).map(AsRef::as_ref);
        // Of a running clock, the time until the last start is stored: the rest grows by itself.
        let until = cycle.spans.last().filter(|span| span.to.is_none()).map_or(now, |s| s.from);
        self.phase = Some(cycle.phase());
        self.completed_at = cycle.completed_at;
        self.elapsed_ms = clock::elapsed_ms(cycle, calendar, until);
        let Some(terms) = terms else {
            (self.target_time, self.warning_time) = (None, None);
            return;
        };
        let promise = Promise {
            target_ms: terms.target * MINUTE_MS,
            warning_ms: terms.warning_target.map(|minutes| minutes * MINUTE_MS),
            calendar,
        };
        let reading = clock::read(cycle, &promise, now);
        (self.target_time, self.warning_time) = (reading.target_time, reading.warning_time);
        self.is_warned |= reading.warning_time.is_some_and(|time| time <= now);
        // A promise that begins to apply too late is missed when it begins to apply.
        let breached_at = reading.breached_at(now).map(|at| if is_new { now } else { at });
        self.miss(breached_at);
    }
}
