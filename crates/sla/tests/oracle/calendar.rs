//! The arithmetic of business hours against an oracle that looks at every minute.

use worksmith_sla::schedules::{Calendar, FragmentOf};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::hours::{
    Case, DAY, Dice, MINUTE, PLACES, at, calendar, case, fragment, office, schedule, week,
};

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
        // In Havana, the clock goes from 00:00 to 01:00.
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
