//! The arithmetic of business hours against an oracle that looks at every minute.

#![expect(clippy::expect_used, reason = "a test that meets the unexpected fails")]

use jiff::tz::TimeZone;
use worksmith_tracker::schedules::{
    Calendar, FragmentOf, Interval, OrgSchedule, OrgScheduleFragment,
};
use worksmith_wire::org_schedule_fragments::OrgScheduleFragmentStatus;
use worksmith_wire::org_schedules::{OrgScheduleStatus, WeeklyInterval, WeeklyOrgSchedule};
use worksmith_wire::{Id, Kind, Timestamp};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn week(name: &str, intervals: &[(i32, i32)]) -> WeeklyOrgSchedule {
    let intervals = intervals.iter().map(|&(from, to)| WeeklyInterval { from, to }).collect();
    WeeklyOrgSchedule { intervals, period_name: name.to_owned() }
}

/// Monday to Friday, 09:00 to 17:00.
fn office() -> WeeklyOrgSchedule {
    let days = (1..=5).map(|day| (day * 1440 + 540, day * 1440 + 1020));
    week("", &days.collect::<Vec<_>>())
}

fn schedule(timezone: &str, default: WeeklyOrgSchedule) -> OrgSchedule {
    OrgSchedule {
        name: "Hours".to_owned(),
        status: OrgScheduleStatus::Published,
        timezone: timezone.to_owned(),
        default_weekly_org_schedule: Some(default),
        weekly_org_schedules: Vec::new(),
        fragments: Vec::new(),
        min_valid_days: 0,
        valid_until: None,
        version_number: 1,
    }
}

fn fragment(from: Timestamp, to: Timestamp, intervals: Vec<Interval>) -> OrgScheduleFragment {
    OrgScheduleFragment {
        name: "Fragment".to_owned(),
        from,
        to,
        intervals,
        region_codes: Vec::new(),
        status: OrgScheduleFragmentStatus::Published,
    }
}

fn days(from: Timestamp, to: Option<Timestamp>, name: &str, is_excluded: bool) -> Interval {
    Interval { from, to, name: name.to_owned(), is_excluded }
}

fn calendar(timezone: &str, default: WeeklyOrgSchedule) -> Calendar {
    Calendar::new(&schedule(timezone, default), []).expect("a zone")
}

/// Whether a minute is open, told from what the clock on the wall shows.
fn oracle(
    schedule: &OrgSchedule,
    zone: &TimeZone,
    fragments: &[OrgScheduleFragment],
    minute: Timestamp,
) -> bool {
    let instant = jiff::Timestamp::from_millisecond(minute.0).expect("in range");
    let local = zone.to_datetime(instant);
    let day = at(&format!("{}T00:00:00Z", local.date()));
    let weekday = i32::from(local.weekday().to_sunday_zero_offset());
    let minute = (weekday * 24 + i32::from(local.hour())) * 60 + i32::from(local.minute());
    let on = |week: &WeeklyOrgSchedule| {
        week.intervals.iter().any(|hours| hours.from <= minute && minute < hours.to)
    };
    let mut period = None;
    if !fragments.is_empty() {
        let covers = |from: Timestamp, to: Timestamp| from <= day && day < to;
        let Some(fragment) = fragments.iter().find(|one| covers(one.from, one.to)) else {
            return false;
        };
        for interval in &fragment.intervals {
            if covers(interval.from, interval.to.unwrap_or(Timestamp(interval.from.0 + DAY))) {
                if interval.is_excluded {
                    return false;
                }
                period = Some(interval.name.as_str());
            }
        }
    }
    match period {
        None => schedule.default_weekly_org_schedule.as_ref().is_some_and(on),
        Some(name) => schedule.weekly_org_schedules.iter().any(|w| w.period_name == name && on(w)),
    }
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below.unsigned_abs()).cast_signed()
    }

    fn minute(&mut self, below: i32) -> i32 {
        i32::try_from(self.roll(below.into())).expect("an i32")
    }

    fn week(&mut self, name: &str) -> WeeklyOrgSchedule {
        let mut minutes: Vec<i32> = (0..2 * self.roll(12)).map(|_| self.minute(10_081)).collect();
        if self.roll(3) == 0 {
            minutes.extend([0, 10_080]);
        }
        minutes.sort_unstable();
        minutes.dedup();
        let pairs: Vec<_> = minutes.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        week(name, &pairs)
    }

    /// Contiguous fragments around a day, with excluded days and named periods.
    fn fragments(&mut self, around: i64) -> Vec<OrgScheduleFragment> {
        let mut from = around - (1 + self.roll(4)) * DAY;
        let mut fragments = Vec::new();
        for _ in 0..self.roll(4) {
            let length = 1 + self.roll(4);
            let mut intervals = Vec::new();
            for day in 0..length {
                let start = Timestamp(from + day * DAY);
                match self.roll(5) {
                    0 => intervals.push(days(start, None, "Holiday", true)),
                    1 => intervals.push(days(start, Some(Timestamp(start.0 + DAY)), "A", false)),
                    2 => intervals.push(days(start, None, "B", false)),
                    _ => {}
                }
            }
            let to = from + length * DAY;
            fragments.push(fragment(Timestamp(from), Timestamp(to), intervals));
            from = to;
        }
        fragments
    }
}

/// Zones, each with days on which its clock changes, and one plain day.
const PLACES: [(&str, &[&str]); 11] = [
    ("UTC", &["2026-01-04"]),
    ("Asia/Kolkata", &["2026-03-08"]),
    ("Asia/Kathmandu", &["2026-10-25", "1985-12-31"]),
    ("Australia/Lord_Howe", &["2026-04-04", "2026-10-03"]),
    ("America/St_Johns", &["2026-03-08", "2026-11-01", "2006-10-29"]),
    ("Europe/Berlin", &["2026-03-29", "2026-10-25", "2027-03-28"]),
    ("America/New_York", &["2026-03-08", "2026-11-01"]),
    ("Africa/Casablanca", &["2026-02-15", "2026-03-22"]),
    ("Pacific/Apia", &["2011-12-30"]),
    ("Pacific/Chatham", &["2026-04-04", "2026-09-26"]),
    ("America/Havana", &["2026-03-08", "2026-11-01"]),
];

struct Case {
    calendar: Calendar,
    /// The first minute, and whether it and those after it are open.
    from: i64,
    open: Vec<bool>,
}

fn case(dice: &mut Dice, zone_name: &str, day: &str) -> Case {
    let around = at(&format!("{day}T00:00:00Z")).0;
    let mut doc = schedule(zone_name, dice.week(""));
    doc.weekly_org_schedules = vec![dice.week("A"), dice.week("B")];
    let fragments = dice.fragments(around);
    let zone = TimeZone::get(zone_name).expect("a zone");
    let from = around - 2 * DAY;
    let minutes = (0..4 * 1440).map(|minute| Timestamp(from + minute * MINUTE));
    let open = minutes.map(|minute| oracle(&doc, &zone, &fragments, minute)).collect();
    Case { calendar: Calendar::new(&doc, &fragments).expect("a zone"), from, open }
}

impl Case {
    fn at(&self, minute: usize) -> Timestamp {
        Timestamp(self.from + i64::try_from(minute).expect("small") * MINUTE)
    }

    fn random(&self, dice: &mut Dice) -> usize {
        usize::try_from(dice.roll(i64::try_from(self.open.len()).expect("small"))).expect("small")
    }

    fn runs(&self) -> Vec<(Timestamp, Timestamp)> {
        let mut runs: Vec<(Timestamp, Timestamp)> = Vec::new();
        for minute in (0..self.open.len()).filter(|minute| self.open[*minute]) {
            let (from, to) = (self.at(minute), self.at(minute + 1));
            match runs.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => runs.push((from, to)),
            }
        }
        runs
    }

    fn check(&self, dice: &mut Dice) {
        let (calendar, end) = (&self.calendar, self.at(self.open.len()));
        for (minute, open) in self.open.iter().enumerate() {
            let middle = Timestamp(self.at(minute).0 + 17_123);
            assert_eq!(calendar.is_active(self.at(minute)), *open, "{}", self.at(minute));
            assert_eq!(calendar.is_active(middle), *open, "{middle}");
        }
        assert_eq!(calendar.intervals(self.at(0), end), self.runs());
        for _ in 0..40 {
            let (one, other) = (self.random(dice), self.random(dice));
            let (from, to) = (one.min(other), one.max(other));
            let open = self.open[from..to].iter().filter(|open| **open).count();
            let elapsed = i64::try_from(open).expect("small") * MINUTE;
            assert_eq!(calendar.elapsed_ms(self.at(from), self.at(to)), elapsed);
            assert_eq!(calendar.elapsed_ms(self.at(to), self.at(from)), 0);

            let changed = (from + 1..self.open.len()).find(|m| self.open[*m] != self.open[from]);
            let next = calendar.next_transition(self.at(from)).filter(|next| *next < end);
            assert_eq!(next, changed.map(|minute| self.at(minute)), "{}", self.at(from));

            self.check_add(from, dice);
            self.check_properties(self.at(from), self.at(to), dice);
        }
    }

    fn check_add(&self, from: usize, dice: &mut Dice) {
        let wanted = 1 + dice.roll(3000);
        let mut opens = (from..self.open.len()).filter(|minute| self.open[*minute]);
        let reached = opens.nth(usize::try_from(wanted - 1).expect("small"));
        let added = self.calendar.add_ms(self.at(from), wanted * MINUTE);
        let end = self.at(self.open.len());
        assert_eq!(added.filter(|at| *at <= end), reached.map(|minute| self.at(minute + 1)));
    }

    /// Elapsed time is additive, and adding time is the inverse of measuring it.
    fn check_properties(&self, from: Timestamp, to: Timestamp, dice: &mut Dice) {
        let calendar = &self.calendar;
        let (from, to) = (Timestamp(from.0 + dice.roll(MINUTE)), Timestamp(to.0 + MINUTE));
        let between = Timestamp(from.0 + dice.roll(to.0 - from.0));
        let whole = calendar.elapsed_ms(from, to);
        let sum = calendar.elapsed_ms(from, between) + calendar.elapsed_ms(between, to);
        assert_eq!(whole, sum);
        let reached = calendar.add_ms(from, whole).expect("within the horizon");
        assert!(reached <= to);
        assert_eq!(calendar.elapsed_ms(from, reached), whole);
        if whole > 0 {
            assert_eq!(calendar.elapsed_ms(from, Timestamp(reached.0 - 1)), whole - 1);
        }
    }
}

#[test]
fn the_calendar_agrees_with_an_oracle_that_looks_at_every_minute() {
    let mut dice = Dice(5);
    for (zone, days) in PLACES {
        for day in days {
            for _ in 0..8 {
                case(&mut dice, zone, day).check(&mut dice);
            }
        }
    }
}

#[test]
fn an_hour_that_is_skipped_does_not_exist_and_one_that_repeats_counts_twice() {
    let berlin = calendar("Europe/Berlin", week("", &[(60, 240)]));
    // Sundays from 01:00 to 04:00.
    let hours = |day: &str| {
        let noon = at(&format!("{day}T12:00:00Z"));
        berlin.elapsed_ms(Timestamp(noon.0 - DAY), noon) / MINUTE
    };
    assert_eq!(hours("2026-03-22"), 180);
    assert_eq!(hours("2026-03-29"), 120);
    assert_eq!(hours("2026-10-25"), 240);

    let lord_howe = calendar("Australia/Lord_Howe", week("", &[(60, 240)]));
    let noon = at("2026-04-05T01:00:00Z");
    assert_eq!(lord_howe.elapsed_ms(Timestamp(noon.0 - DAY), noon) / MINUTE, 210);
    let noon = at("2026-10-04T01:00:00Z");
    assert_eq!(lord_howe.elapsed_ms(Timestamp(noon.0 - DAY), noon) / MINUTE, 150);
}

#[test]
fn a_week_begins_on_sunday_at_midnight_and_an_interval_is_half_open() {
    let utc = calendar("UTC", week("", &[(0, 1), (10_079, 10_080)]));
    assert!(utc.is_active(at("2026-01-04T00:00:00Z")));
    assert!(!utc.is_active(at("2026-01-04T00:01:00Z")));
    assert!(!utc.is_active(at("2026-01-10T23:58:59.999Z")));
    assert!(utc.is_active(at("2026-01-10T23:59:00Z")));
    let midnight = at("2026-01-10T23:59:00Z");
    assert_eq!(utc.next_transition(midnight), Some(at("2026-01-11T00:01:00Z")));
}

#[test]
fn half_hour_and_quarter_hour_offsets_are_kept() {
    let kolkata = calendar("Asia/Kolkata", office());
    assert!(!kolkata.is_active(at("2026-01-05T03:29:59.999Z")));
    assert!(kolkata.is_active(at("2026-01-05T03:30:00Z")));
    let kathmandu = calendar("Asia/Kathmandu", office());
    assert_eq!(
        kathmandu.next_transition(at("2026-01-05T00:00:00Z")),
        Some(at("2026-01-05T03:15:00Z"))
    );
}

#[test]
fn what_never_comes_is_none() {
    let never = calendar("UTC", week("", &[]));
    let always = calendar("UTC", week("", &[(0, 10_080)]));
    let now = at("2026-01-05T00:00:00Z");
    assert_eq!(never.next_transition(now), None);
    assert_eq!(never.add_ms(now, 1), None);
    assert_eq!(never.add_ms(now, 0), Some(now));
    assert_eq!(always.next_transition(now), None);
    assert_eq!(always.add_ms(now, 3 * DAY), Some(Timestamp(now.0 + 3 * DAY)));
    assert_eq!(always.add_ms(now, 4000 * DAY), None);

    let doc = schedule("UTC", week("", &[(0, 10_080)]));
    let end = at("2026-01-10T00:00:00Z");
    let ending = Calendar::new(&doc, &[fragment(now, end, Vec::new())]).expect("a zone");
    assert_eq!(ending.next_transition(now), Some(end));
    assert_eq!(ending.add_ms(now, 5 * DAY), Some(end));
    assert_eq!(ending.add_ms(now, 5 * DAY + 1), None);
    assert!(ending.is_defined(now) && !ending.is_defined(end));
    assert!(!ending.is_defined(Timestamp(now.0 - 1)));
    let ends_of_time = [Timestamp(i64::MIN), Timestamp(i64::MAX)];
    for instant in ends_of_time {
        assert!(!ending.is_defined(instant) && !ending.is_active(instant));
        assert_eq!(ending.add_ms(Timestamp(i64::MAX), 1), None);
    }
}

#[test]
fn a_year_is_reckoned_day_by_day() {
    let berlin = calendar("Europe/Berlin", office());
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    // 2026 has 261 days from Monday to Friday.
    assert_eq!(berlin.elapsed_ms(from, to), 261 * 8 * 60 * MINUTE);
    assert_eq!(berlin.intervals(from, to).len(), 261);
    assert_eq!(berlin.add_ms(from, 261 * 8 * 60 * MINUTE), Some(at("2026-12-31T16:00:00Z")));
}

#[test]
fn a_day_begins_where_the_clock_first_shows_it() {
    let starts = [
        ("Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z"),
        ("America/New_York", "2026-01-01", "2026-01-01T05:00:00Z"),
        // Havana goes from 00:00 to 01:00.
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"),
        // Apia had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ];
    for (zone, day, start) in starts {
        let day = at(&format!("{day}T00:00:00Z"));
        assert_eq!(calendar(zone, office()).start_of_day(day), at(start), "{zone}");
    }
}

#[test]
fn an_unknown_zone_makes_no_calendar() {
    let mut doc = schedule("Mars/Olympus", office());
    assert_eq!(Calendar::new(&doc, []), None);
    doc.timezone = "Europe/Berlin".to_owned();
    let id = Id::numbered(Kind::OrgScheduleFragment, 1);
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    // The fragments themselves decide, not what the schedule keeps of them.
    doc.fragments = vec![FragmentOf { id, from, to }];
    let calendar = Calendar::new(&doc, &[fragment(from, to, Vec::new())]).expect("a zone");
    assert!(calendar.is_active(at("2026-01-05T09:00:00Z")));
}
