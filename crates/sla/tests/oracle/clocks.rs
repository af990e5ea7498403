//! SLA clocks compared to an oracle that counts minute by minute: lives of objects with pauses,
//! reopenings and changing promises, in schedules with odd zones, daylight saving, fragments and
//! holidays. The clock is read at every event and at moments between.

use std::sync::Arc;

use worksmith_sla::metric_definitions::StockMetric;
use worksmith_sla::sla_trackers::clock::{self, Phase, Signal, What};
use worksmith_sla::sla_trackers::settle::{Calendars, Promised};
use worksmith_sla::sla_trackers::{Clock, SlaTracker, Terms};
use worksmith_wire::metric_trackers::MetricAction;
use worksmith_wire::{Id, Kind, Timestamp};

use crate::hours::{Case, Dice, MINUTE, PLACES, case};

/// How many lives there are, each read at every event.
const LIVES: usize = 6_000;
/// How many schedules they share.
const SCHEDULES: usize = 120;

fn metric() -> Id {
    Id::numbered(Kind::MetricDefinition, 3)
}

impl Dice {
    fn index(&mut self, below: usize) -> usize {
        let below = i64::try_from(below).expect("small");
        usize::try_from(self.roll(below)).expect("small")
    }
}

/// A step of a life: at a minute, something happens or is promised.
#[derive(Clone, Debug)]
enum Turn {
    Happens(What),
    Promises(Option<Terms>),
    /// Nothing happens, and the clock is read.
    Read,
}

struct Life {
    rule: Option<StockMetric>,
    turns: Vec<(usize, Turn)>,
}

fn stage(dice: &mut Dice) -> What {
    let (is_final, is_waiting) = match dice.roll(6) {
        0 | 1 => (true, false),
        2 | 3 => (false, true),
        _ => (false, false),
    };
    What::Stage { stage: Id::numbered(Kind::CustomStage, 1), is_final, is_waiting }
}

fn terms(dice: &mut Dice) -> Terms {
    let target = 1 + dice.roll(3_000);
    let is_warned = dice.roll(2) == 0 && target > 1;
    Terms {
        target,
        warning_target: is_warned.then(|| 1 + (target - 1) / 2),
        org_schedule: (dice.roll(5) > 0)
            .then(|| Id::numbered(Kind::OrgSchedule, if dice.roll(2) == 0 { 1 } else { 2 })),
        org_schedule_version: None,
    }
}

fn action(dice: &mut Dice) -> What {
    let action = MetricAction::ALL[dice.index(MetricAction::ALL.len())];
    What::Acted { metric: metric(), action }
}

fn life(dice: &mut Dice, minutes: usize) -> Life {
    let rules = [
        Some(StockMetric::Resolution),
        Some(StockMetric::Resolution),
        Some(StockMetric::FirstResponse),
        Some(StockMetric::NextResponse),
        Some(StockMetric::Acknowledge),
        None,
    ];
    let rule = rules[dice.index(rules.len())];
    let made = dice.index(minutes / 3);
    let mut turns =
        vec![(made, Turn::Promises(Some(terms(dice)))), (made, Turn::Happens(stage(dice)))];
    let mut at = made;
    for _ in 0..2 + dice.roll(12) {
        at += 1 + dice.index(minutes / 8);
        let turn = match dice.roll(12) {
            0..=4 => Turn::Happens(stage(dice)),
            5 => Turn::Happens(What::Asked),
            6 => Turn::Happens(What::Answered),
            7 | 8 => Turn::Happens(action(dice)),
            9 if dice.roll(5) > 0 => Turn::Promises(Some(terms(dice))),
            9 => Turn::Promises(None),
            _ => Turn::Read,
        };
        if at + 1 < minutes {
            turns.push((at, turn));
        }
    }
    Life { rule, turns }
}

/// The oracle of a metric, which goes minute by minute, without intervals.
#[derive(Default)]
struct Oracle {
    terms: Option<Terms>,
    /// The terms that apply once it is reopened.
    next: Option<Terms>,
    stages: u32,
    /// Whether the customer is not waiting for a first response.
    first_is_over: bool,
    is_started: bool,
    is_running: bool,
    is_completed: bool,
    /// The minutes of this cycle in which it was running.
    ran: Vec<usize>,
    /// How many of them count.
    elapsed: i64,
    is_warned: bool,
    breached_at: Option<usize>,
    is_missed: bool,
}

impl Oracle {
    fn counts(&self, minute: usize, hours: &[Case; 2]) -> bool {
        let schedule = self.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref());
        schedule.is_none_or(|id| hours[usize::from(id.local() == "2")].open[minute])
    }

    /// Lets a minute pass.
    fn pass(&mut self, minute: usize, hours: &[Case; 2]) {
        if self.is_running {
            self.ran.push(minute);
            if self.counts(minute, hours) {
                self.elapsed += 1;
                self.look(minute + 1);
            }
        }
    }

    fn look(&mut self, now: usize) {
        let Some(terms) = &self.terms else { return };
        self.is_warned |= terms.warning_target.is_some_and(|warning| self.elapsed >= warning);
        if self.elapsed >= terms.target {
            self.breached_at.get_or_insert(now);
            self.is_missed = true;
        }
    }

    /// Applies other terms from a minute on.
    fn hold(&mut self, now: usize, hours: &[Case; 2]) {
        if self.terms == self.next {
            return;
        }
        self.terms = self.next.clone();
        let counted = self.ran.iter().filter(|minute| self.counts(**minute, hours)).count();
        self.elapsed = i64::try_from(counted).expect("small");
        if self.is_started {
            self.look(now);
        }
    }

    fn begin(&mut self) {
        (self.is_started, self.is_running, self.is_completed) = (true, true, false);
        (self.breached_at, self.is_warned, self.elapsed) = (None, false, 0);
        self.ran.clear();
    }

    fn complete(&mut self) {
        if self.is_started {
            (self.is_running, self.is_completed) = (false, true);
        }
    }

    fn run(&mut self, runs: bool) {
        self.is_running = runs && self.is_started && !self.is_completed;
    }

    fn happens(&mut self, rule: Option<StockMetric>, what: &What) {
        match (what, rule) {
            (What::Stage { is_final, is_waiting, .. }, rule) => {
                self.stages += 1;
                self.first_is_over |= *is_final;
                self.enters(rule, *is_final, *is_waiting);
            }
            // Questions before the first response are answered by it.
            (What::Asked, Some(StockMetric::NextResponse)) if self.first_is_over => self.begin(),
            (What::Asked, _) => {}
            (What::Answered, rule) => {
                self.first_is_over = true;
                let is_response = [StockMetric::NextResponse, StockMetric::FirstResponse];
                if rule.is_some_and(|rule| is_response.contains(&rule)) {
                    self.complete();
                }
            }
            (What::Acted { action, .. }, _) => match action {
                MetricAction::Start if self.is_started => {}
                MetricAction::Start | MetricAction::Restart => self.begin(),
                MetricAction::Pause => self.run(false),
                MetricAction::Resume => self.run(true),
                MetricAction::Complete => self.complete(),
            },
        }
    }

    fn enters(&mut self, rule: Option<StockMetric>, is_final: bool, is_waiting: bool) {
        let is_first = self.stages == 1;
        let starts = matches!(
            rule,
            Some(StockMetric::Resolution | StockMetric::FirstResponse | StockMetric::Acknowledge)
        );
        if starts && is_first && !self.is_started {
            self.begin();
        }
        match rule {
            Some(StockMetric::Acknowledge) if !is_first => self.complete(),
            Some(StockMetric::Acknowledge) | None => {}
            Some(_) if is_final => self.complete(),
            Some(StockMetric::Resolution) => {
                self.is_completed &= is_first;
                if is_waiting || !is_first {
                    self.run(!is_waiting);
                }
            }
            Some(StockMetric::FirstResponse | StockMetric::NextResponse) => {}
        }
    }
}

/// The tracker, and its signals at each minute.
struct Told {
    doc: SlaTracker,
    rule: Option<StockMetric>,
    terms: Option<Terms>,
    calendars: Calendars,
    start: Timestamp,
}

impl Told {
    fn at(&self, minute: usize) -> Timestamp {
        self.start.plus_ms(i64::try_from(minute).expect("small") * MINUTE)
    }

    fn turn(&mut self, minute: usize, turn: &Turn) {
        let now = self.at(minute);
        self.doc.note(now);
        match turn {
            Turn::Read => return,
            Turn::Promises(terms) => self.terms.clone_from(terms),
            Turn::Happens(what) => {
                self.doc.hear(Signal { at: now, revision: 1, what: what.clone() });
            }
        }
        let promised = [Promised { metric: metric(), rule: self.rule, terms: self.terms.clone() }];
        let by = Id::numbered(Kind::SysUser, 1);
        self.doc.settle(&promised, &self.calendars, now, &by);
    }

    fn clock(&self) -> &Clock {
        self.doc.clocks.first().expect("a clock")
    }

    /// How many minutes have counted until a minute.
    fn elapsed(&self, minute: usize) -> i64 {
        let clock = self.clock();
        if clock.phase == Some(Phase::Completed) {
            return clock.elapsed_ms / MINUTE;
        }
        let cycles = clock::cycles(&metric(), self.rule, &self.doc.signals);
        let schedule = clock.terms.as_ref().and_then(|terms| terms.org_schedule.as_ref());
        let calendar = schedule.map(|id| self.calendars[id].as_ref());
        cycles.last().map_or(0, |cycle| clock::elapsed_ms(cycle, calendar, self.at(minute)))
            / MINUTE
    }
}

fn compare(told: &Told, oracle: &Oracle, minute: usize, life: &Life) {
    let clock = told.clock();
    let phase = match (oracle.is_started, oracle.is_completed, oracle.is_running) {
        (false, ..) => None,
        (_, true, _) => Some(Phase::Completed),
        (_, _, true) => Some(Phase::Running),
        (_, _, false) => Some(Phase::Paused),
    };
    let breached_at = oracle.breached_at.map(|minute| told.at(minute));
    let seen = (clock.phase, told.elapsed(minute), clock.breached_at);
    let flags = (clock.is_missed, clock.is_warned);
    let wanted = (phase, oracle.elapsed, breached_at);
    assert_eq!(
        (seen, flags),
        (wanted, (oracle.is_missed, oracle.is_warned)),
        "at minute {minute} of {:?} {:#?}\n{:#?}",
        life.rule,
        life.turns,
        told.doc,
    );
}

fn live(life: &Life, hours: &[Case; 2]) -> usize {
    let calendars: Calendars = (1..)
        .map(|n| Id::numbered(Kind::OrgSchedule, n))
        .zip(hours.iter().map(|hours| Arc::new(hours.calendar.clone())))
        .collect();
    let doc = SlaTracker {
        applies_to: Id::numbered(Kind::Ticket, 1),
        sla: None,
        policy: None,
        signals: Vec::new(),
        clocks: Vec::new(),
        removed: Vec::new(),
    };
    let start = Timestamp(hours[0].from);
    let mut told = Told { doc, rule: life.rule, terms: None, calendars, start };
    let mut oracle = Oracle::default();
    let mut reads = 0;
    let mut turns = life.turns.iter().peekable();
    for minute in 0..hours[0].open.len() {
        while let Some((_, turn)) = turns.next_if(|(at, _)| *at == minute) {
            told.turn(minute, turn);
            match turn {
                Turn::Read => {}
                Turn::Promises(terms) => oracle.next.clone_from(terms),
                Turn::Happens(what) => oracle.happens(life.rule, what),
            }
            if !oracle.is_completed {
                oracle.hold(minute, hours);
            }
            compare(&told, &oracle, minute, life);
            reads += 1;
        }
        oracle.pass(minute, hours);
    }
    reads
}

#[test]
fn clocks_agree_with_an_oracle_that_counts_every_minute() {
    let mut dice = Dice(20_261_125);
    let days = PLACES.iter().flat_map(|(zone, days)| days.iter().map(move |day| (zone, day)));
    let days: Vec<_> = days.collect();
    let mut reads = 0;
    for turn in 0..SCHEDULES {
        // The second schedule is in another zone, over the same days.
        let (zone, day) = days[turn % days.len()];
        let (other, _) = PLACES[dice.index(PLACES.len())];
        let hours = [case(&mut dice, zone, day), case(&mut dice, other, day)];
        for _ in 0..LIVES / SCHEDULES {
            let life = life(&mut dice, hours[0].open.len());
            reads += live(&life, &hours);
        }
    }
    assert!(reads > 30_000, "{reads} reads");
}
