//! Random schedules, and an oracle that decides for each minute whether it is open from what a wall
//! clock shows.

use jiff::tz::TimeZone;
use worksmith_sla::schedules::{Calendar, Interval, OrgSchedule, OrgScheduleFragment};
use worksmith_wire::Timestamp;
use worksmith_wire::org_schedule_fragments::OrgScheduleFragmentStatus;
use worksmith_wire::org_schedules::{OrgScheduleStatus, WeeklyInterval, WeeklyOrgSchedule};

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub(crate) fn week(name: &str, intervals: &[(i32, i32)]) -> WeeklyOrgSchedule {
    let intervals = intervals.iter().map(|&(from, to)| WeeklyInterval { from, to }).collect();
    WeeklyOrgSchedule { intervals, period_name: name.to_owned() }
}

/// Monday to Friday, 09:00 to 17:00.
pub(crate) fn office() -> WeeklyOrgSchedule {
    let days = (1..=5).map(|day| (day * 1440 + 540, day * 1440 + 1020));
    week("", &days.collect::<Vec<_>>())
}

pub(crate) fn schedule(timezone: &str, default: WeeklyOrgSchedule) -> OrgSchedule {
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

pub(crate) fn fragment(
    from: Timestamp,
    to: Timestamp,
    intervals: Vec<Interval>,
) -> OrgScheduleFragment {
    OrgScheduleFragment {
        name: "Fragment".to_owned(),
        from,
        to,
        intervals,
        region_codes: Vec::new(),
        status: OrgScheduleFragmentStatus::Published,
    }
}

pub(crate) fn days(
    from: Timestamp,
    to: Option<Timestamp>,
    name: &str,
    is_excluded: bool,
) -> Interval {
    Interval { from, to, name: name.to_owned(), is_excluded }
}

pub(crate) fn calendar(timezone: &str, default: WeeklyOrgSchedule) -> Calendar {
    Calendar::new(&schedule(timezone, default), []).expect("a zone")
}

/// Whether a minute is open, judged by what a wall clock shows.
pub(crate) fn oracle(
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
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: i64) -> i64 {
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
pub(crate) const PLACES: [(&str, &[&str]); 11] = [
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

pub(crate) struct Case {
    pub(crate) calendar: Calendar,
    /// The first minute, and whether it and those after it are open.
    pub(crate) from: i64,
    pub(crate) open: Vec<bool>,
}

pub(crate) fn case(dice: &mut Dice, zone_name: &str, day: &str) -> Case {
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
