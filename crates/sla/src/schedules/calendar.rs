//! The arithmetic of business hours.
//!
//! A calendar consists of the hours of local weeks, the local days that deviate from them, and a
//! time zone. It tells which instants are open, and how much open time lies between two of them.
//!
//! The minutes of a week are those of a wall clock. An hour that the clock skips does not exist;
//! one that it shows twice counts twice. Between two changes of the clock, local time is UTC plus a
//! constant. All arithmetic is done in such segments, day by day.

use std::collections::HashMap;
use std::iter;

use jiff::tz::TimeZone;
use worksmith_wire::Timestamp;
use worksmith_wire::org_schedules::WeeklyOrgSchedule;

use super::{OrgSchedule, OrgScheduleFragment};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// How many minutes a week has.
pub const WEEK_MINUTES: i64 = 7 * 24 * 60;

/// The day of the week, counted from Sunday, of 1970-01-01. Minute 0 of a week is Sunday 00:00
/// (BEHAVIOUR 17.2).
const EPOCH_WEEKDAY: i64 = 4;

/// How far a calendar looks ahead: ten years.
const HORIZON_MS: i64 = 3653 * DAY_MS;

/// Business hours, in a form for calculations.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    zone: TimeZone,
    default: Week,
    periods: HashMap<String, Week>,
    /// In their order; without any, the default week always applies.
    fragments: Vec<Fragment>,
}

/// The open intervals of each day of a week, in milliseconds of the day.
#[derive(Clone, Debug, Default, PartialEq)]
struct Week([Vec<Span>; 7]);

/// From inclusive, to exclusive.
type Span = (i64, i64);

/// Days are counted from 1970-01-01.
#[derive(Clone, Debug, PartialEq)]
struct Fragment {
    days: Span,
    excluded: Vec<Span>,
    named: Vec<(Span, String)>,
}

/// A span of UTC in which local time is UTC plus a constant.
#[derive(Clone, Copy)]
struct Segment {
    utc: Span,
    offset: i64,
}

impl Calendar {
    /// The calendar of a schedule with these fragments; `None` when its time zone is unknown.
    pub fn new<'a>(
        schedule: &OrgSchedule,
        fragments: impl IntoIterator<Item = &'a OrgScheduleFragment>,
    ) -> Option<Self> {
        let weeks = schedule.weekly_org_schedules.iter();
        let mut fragments: Vec<_> = fragments.into_iter().map(Fragment::of).collect();
        fragments.sort_by_key(|fragment| fragment.days);
        Some(Self {
            zone: TimeZone::get(&schedule.timezone).ok()?,
            default: schedule
                .default_weekly_org_schedule
                .as_ref()
                .map(Week::of)
                .unwrap_or_default(),
            periods: weeks.map(|week| (week.period_name.clone(), Week::of(week))).collect(),
            fragments,
        })
    }

    /// Whether the instant is open.
    pub fn is_active(&self, at: Timestamp) -> bool {
        let local = self.local(at);
        let time = local.rem_euclid(DAY_MS);
        self.hours(day_of(local)).iter().any(|hours| contains(hours, time))
    }

    /// Whether the calendar covers the instant: always without fragments, otherwise if one of them
    /// covers the local day.
    pub fn is_defined(&self, at: Timestamp) -> bool {
        self.fragments.is_empty() || self.fragment(day_of(self.local(at))).is_some()
    }

    /// The first instant after `at` at which [`is_active`](Self::is_active) changes; `None` if
    /// there is none within ten years.
    pub fn next_transition(&self, at: Timestamp) -> Option<Timestamp> {
        let horizon = horizon(at);
        let (start, end) = self.open(at.0, horizon).next()?;
        let change = if start > at.0 { start } else { end };
        (change < horizon).then_some(Timestamp(change))
    }

    /// The open intervals in `[from, to)`, merged, in their order.
    pub fn intervals(&self, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        self.open(from.0, to.0).map(|(from, to)| (Timestamp(from), Timestamp(to))).collect()
    }

    /// How much open time lies in `[from, to)`, in milliseconds; 0 if `to` is not after `from`.
    pub fn elapsed_ms(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.open(from.0, to.0).map(|(from, to)| to - from).sum()
    }

    /// The first instant at which `ms` of open time have passed since `from`: `from` itself if `ms`
    /// is not positive, `None` if that takes more than ten years.
    pub fn add_ms(&self, from: Timestamp, ms: i64) -> Option<Timestamp> {
        if ms <= 0 {
            return Some(from);
        }
        let mut left = ms;
        for (start, end) in self.open(from.0, horizon(from)) {
            if left <= end - start {
                return Some(Timestamp(start + left));
            }
            left -= end - start;
        }
        None
    }

    /// The instant at which the local day of a date begins: the first one at which the clock shows
    /// that date or a later one. The date is given as its midnight in UTC.
    pub fn start_of_day(&self, date: Timestamp) -> Timestamp {
        // No zone differs from UTC by a whole day.
        let mut segments = self.segments((date.0 - 2 * DAY_MS, date.0 + 2 * DAY_MS));
        let start = segments.find_map(|Segment { utc: (from, to), offset }| {
            let midnight = (date.0 - offset).max(from);
            (midnight < to).then_some(midnight)
        });
        Timestamp(start.unwrap_or(date.0))
    }

    /// The open intervals in `[from, to)`, merged, in their order.
    fn open(&self, from: i64, to: i64) -> impl Iterator<Item = Span> {
        let hours = self.segments((from, to)).flat_map(|segment| self.open_in(segment));
        let mut hours = hours.peekable();
        iter::from_fn(move || {
            let (start, mut end) = hours.next()?;
            while let Some((_, further)) = hours.next_if(|(next, _)| *next == end) {
                end = further;
            }
            Some((start, end))
        })
    }

    /// The open intervals in a segment, day by day.
    fn open_in(&self, segment: Segment) -> impl Iterator<Item = Span> {
        let Segment { utc: (from, to), offset } = segment;
        (day_of(from + offset)..=day_of(to - 1 + offset)).flat_map(move |day| {
            let midnight = day * DAY_MS - offset;
            let hours = self.hours(day).iter();
            let hours = hours.map(move |hours| (midnight + hours.0, midnight + hours.1));
            let clipped = hours.map(move |hours| (hours.0.max(from), hours.1.min(to)));
            clipped.filter(|(from, to)| from < to)
        })
    }

    /// The open hours of a local day.
    fn hours(&self, day: i64) -> &[Span] {
        match self.week(day) {
            Some(Week(days)) => {
                let weekday = (day + EPOCH_WEEKDAY).rem_euclid(7);
                usize::try_from(weekday)
                    .ok()
                    .and_then(|weekday| days.get(weekday))
                    .map_or(&[], |d| d)
            }
            None => &[],
        }
    }

    /// The week that applies to a local day; `None` if the day is off or no fragment covers it.
    fn week(&self, day: i64) -> Option<&Week> {
        if self.fragments.is_empty() {
            return Some(&self.default);
        }
        let fragment = self.fragment(day)?;
        if fragment.excluded.iter().any(|days| contains(days, day)) {
            return None;
        }
        match fragment.named.iter().find(|(days, _)| contains(days, day)) {
            Some((_, period)) => self.periods.get(period),
            None => Some(&self.default),
        }
    }

    /// The fragment that covers a local day.
    fn fragment(&self, day: i64) -> Option<&Fragment> {
        let after = self.fragments.partition_point(|fragment| fragment.days.0 <= day);
        let last = self.fragments.get(after.checked_sub(1)?)?;
        contains(&last.days, day).then_some(last)
    }

    /// The segments of a span of UTC, in their order.
    fn segments(&self, (from, to): Span) -> impl Iterator<Item = Segment> {
        let mut at = from;
        iter::from_fn(move || {
            if at >= to {
                return None;
            }
            let next = self.zone.following(instant(at)).next();
            let end = next.map_or(to, |next| next.timestamp().as_millisecond().min(to));
            let segment = Segment { utc: (at, end), offset: self.offset(at) };
            at = end;
            Some(segment)
        })
    }

    /// What a wall clock shows, in milliseconds as if it were UTC.
    fn local(&self, at: Timestamp) -> i64 {
        at.0 + self.offset(at.0)
    }

    /// The offset from UTC at an instant, in milliseconds.
    fn offset(&self, at: i64) -> i64 {
        i64::from(self.zone.to_offset(instant(at)).seconds()) * 1000
    }
}

impl Week {
    fn of(week: &WeeklyOrgSchedule) -> Self {
        let mut days: [Vec<Span>; 7] = Default::default();
        for (day, midnight) in days.iter_mut().zip((0..).step_by(24 * 60)) {
            for interval in &week.intervals {
                let minute = |minute: i32| (i64::from(minute) - midnight) * MINUTE_MS;
                let hours = (minute(interval.from).max(0), minute(interval.to).min(DAY_MS));
                if hours.0 < hours.1 {
                    day.push(hours);
                }
            }
            day.sort_unstable();
        }
        Self(days)
    }
}

impl Fragment {
    fn of(fragment: &OrgScheduleFragment) -> Self {
        let mut made = Self {
            days: (day_of(fragment.from.0), day_of(fragment.to.0)),
            excluded: Vec::new(),
            named: Vec::new(),
        };
        for interval in &fragment.intervals {
            let days = (day_of(interval.from.0), day_of(interval.end().0));
            if interval.is_excluded {
                made.excluded.push(days);
            } else {
                made.named.push((days, interval.name.clone()));
            }
        }
        made
    }
}

/// The day, counted from 1970-01-01, of a local time.
const fn day_of(local_ms: i64) -> i64 {
    local_ms.div_euclid(DAY_MS)
}

const fn contains((from, to): &Span, at: i64) -> bool {
    *from <= at && at < *to
}

fn horizon(at: Timestamp) -> i64 {
    at.plus_ms(HORIZON_MS).0
}

/// The nearest instant that jiff's time zones support: they end a day before the year 9999 does.
fn instant(ms: i64) -> jiff::Timestamp {
    let end = if ms < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(ms).unwrap_or(end)
}
