//! The targets, and whether they were reached.

use crate::numbers::{float, ratio, shown};
use crate::plans::query_name;
use crate::requests::{FILTERS, SORTS};
use crate::results::{Results, Row};
use crate::scale::Scale;

/// The least share of a limit that a row must reach.
struct Share {
    row: &'static str,
    limit: &'static str,
    least: f64,
    /// At this scale only; at every scale if `None`.
    at: Option<Scale>,
}

const fn share(row: &'static str, limit: &'static str, least: f64, at: Option<Scale>) -> Share {
    Share { row, limit, least, at }
}

/// Bare commits and inserts write to a table of the small scale, whatever the scale of the run.
const SMALL: Option<Scale> = Some(Scale::SMALL);
const LARGE: Option<Scale> = Some(Scale::LARGE);
const SHARES: [Share; 12] = [
    share("get", "static/get", 0.7, SMALL),
    share("get", "one-row/get", 0.6, LARGE),
    share("list", "static/list", 0.35, None),
    share("update/16", "commit/16", 0.55, SMALL),
    share("update/64", "commit/64", 0.5, SMALL),
    share("update/256", "commit/256", 0.5, SMALL),
    share("update/16", "same/update/16", 0.75, None),
    share("update/64", "same/update/64", 0.75, None),
    share("update/256", "same/update/256", 0.75, None),
    share("create", "insert/16", 0.35, SMALL),
    share("create", "same/create/16", 0.75, None),
    share("pg/update/16", "pg/same/update/16", 0.7, None),
];
/// The longest p99 of a row, in milliseconds. Those of counts and searches hold for both
/// databases.
const P99S: [(&str, f64); 10] = [
    ("update/256", 120.0),
    ("count/stage", 5.0),
    ("count/state", 5.0),
    ("count/owner", 5.0),
    ("count/priority", 5.0),
    ("count/closed-week", 50.0),
    ("search/words", 50.0),
    ("search/type", 50.0),
    ("search/owner", 50.0),
    ("search/rare", 50.0),
];
/// How many times longer the p99 of a list may be at a million works than at 10,000, unless it is
/// short anyway.
const LIST_SLOWER_MAX: f64 = 2.0;
const LIST_SHORT_MS: f64 = 3.0;
const MB: f64 = 1_000_000.0;
const IDLE_MAX_MB: f64 = 40.0;
const LOAD_MAX_MB: f64 = 250.0;
const START_MAX_MS: f64 = 200.0;
const IMPORT_MIN: f64 = 15_000.0;
const BINARY_MAX_MB: f64 = 40.0;

/// A target, and how far it was reached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// What is measured.
    pub(crate) what: String,
    /// What it must be.
    pub(crate) wanted: String,
    /// What it is; `None` if it was not measured.
    is: Option<String>,
    /// Whether that is enough.
    is_reached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Percent,
    Plain(&'static str),
}

impl Unit {
    fn write(self, number: f64) -> String {
        match self {
            Self::Percent => format!("{} %", shown(number * 100.0)),
            Self::Plain(unit) => format!("{} {unit}", shown(number)),
        }
    }
}

impl Target {
    fn at_least(what: impl Into<String>, least: f64, is: Option<f64>, unit: Unit) -> Self {
        let is_reached = is.is_some_and(|is| is >= least);
        let (what, wanted) = (what.into(), format!("at least {}", unit.write(least)));
        Self { what, wanted, is: is.map(|is| unit.write(is)), is_reached }
    }

    fn at_most(what: impl Into<String>, most: f64, is: Option<f64>, unit: Unit) -> Self {
        let is_reached = is.is_some_and(|is| is <= most);
        let (what, wanted) = (what.into(), format!("at most {}", unit.write(most)));
        Self { what, wanted, is: is.map(|is| unit.write(is)), is_reached }
    }

    /// `reached: 72 %`, `not reached: 41 %` or `not measured`.
    pub(crate) fn verdict(&self) -> String {
        match &self.is {
            None => "not measured".to_owned(),
            Some(is) if self.is_reached => format!("reached: {is}"),
            Some(is) => format!("**not reached: {is}**"),
        }
    }
}

/// The targets of a row of a run: those for which everything was measured.
pub(crate) fn of_row(results: &Results, row: &Row) -> Vec<Target> {
    let is_judged = |target: &&Share| {
        let at = target.at.as_ref().map(Scale::to_string);
        target.row == row.name && at.is_none_or(|at| at == results.scale)
    };
    let shares = SHARES.iter().filter(is_judged).filter_map(|target| {
        let share = results.share(row, target.limit)?;
        let what = format!("{}, of {}", row.name, target.limit);
        Some(Target::at_least(what, target.least, Some(share), Unit::Percent))
    });
    let name = row.name.trim_start_matches("pg/");
    let p99s = P99S.iter().filter(|(of, _)| *of == name).map(|(_, most)| {
        let what = format!("{}, p99", row.name);
        Target::at_most(what, *most, Some(row.figures.p99_ms), Unit::Plain("ms"))
    });
    shares.chain(p99s).collect()
}

/// The targets of one run.
pub(crate) fn of_run(results: &Results) -> Vec<Target> {
    let facts = &results.facts;
    let import = facts.import.as_ref().map(|import| import.per_second);
    let megabytes = |bytes: u64| (bytes > 0).then(|| float(bytes) / MB);
    let (mb, ms) = (Unit::Plain("MB"), Unit::Plain("ms"));
    let mut targets: Vec<_> = results.rows.iter().flat_map(|row| of_row(results, row)).collect();
    let idle = megabytes(facts.rss_idle_bytes);
    targets.push(Target::at_most("memory, idle", IDLE_MAX_MB, idle, mb));
    if results.scale == Scale::LARGE.to_string() {
        let load = megabytes(facts.rss_load_bytes);
        targets.push(Target::at_most("memory under load", LOAD_MAX_MB, load, mb));
    }
    let start = (facts.start_ms > 0.0).then_some(facts.start_ms);
    targets.push(Target::at_most("start to the first answer", START_MAX_MS, start, ms));
    targets.push(Target::at_least("import", IMPORT_MIN, import, Unit::Plain("works/s")));
    let size = megabytes(facts.binary_bytes);
    targets.push(Target::at_most("program", BINARY_MAX_MB, size, mb));
    targets
}

/// The targets of lists of a million works, which are compared with 10,000.
pub(crate) fn of_lists(small: Option<&Results>, large: &Results) -> Vec<Target> {
    let wanted = format!(
        "p99 at most {} times that at 10k, or {} ms",
        shown(LIST_SLOWER_MAX),
        shown(LIST_SHORT_MS)
    );
    let mut targets = Vec::new();
    for (on, title) in [("", "list by"), ("pg/", "on PostgreSQL, list by")] {
        for filter in FILTERS {
            let slowed = small.and_then(|small| slowed(small, large, on, filter));
            targets.push(Target {
                what: format!("{title} {filter}"),
                wanted: wanted.clone(),
                is_reached: slowed.as_ref().is_some_and(Slowed::is_reached),
                is: slowed.map(|slowed| slowed.to_string()),
            });
        }
    }
    targets
}

/// A list with one of its sorts at the large scale.
struct Slowed {
    sort: &'static str,
    p99_ms: f64,
    /// How many times longer that is than at the small scale.
    times: f64,
}

impl Slowed {
    /// How far it is from what it may be: above 1 it is missed.
    fn excess(&self) -> f64 {
        (self.times / LIST_SLOWER_MAX).min(self.p99_ms / LIST_SHORT_MS)
    }

    fn is_reached(&self) -> bool {
        self.excess() <= 1.0
    }
}

impl std::fmt::Display for Slowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sort, p99_ms, times } = self;
        write!(f, "{} ms, {} times ({sort})", shown(*p99_ms), shown(*times))
    }
}

/// Of the sorts of a list, the one that comes closest to missing the target, or misses it most.
fn slowed(small: &Results, large: &Results, on: &str, filter: &str) -> Option<Slowed> {
    let of_sort = |sort: &&'static str| {
        let name = format!("{on}{}", query_name(filter, sort));
        let p99_ms = large.row(&name)?.figures.p99_ms;
        let times = ratio(p99_ms, small.row(&name)?.figures.p99_ms)?;
        Some(Slowed { sort, p99_ms, times })
    };
    let all = SORTS.iter().map(of_sort).collect::<Option<Vec<_>>>()?;
    all.into_iter().max_by(|a, b| a.excess().total_cmp(&b.excess()))
}

/// Of the sorts of a list, the row with the highest p99.
pub(crate) fn worst<'a>(results: &'a Results, on: &str, filter: &str) -> Option<&'a Row> {
    let name = |sort| format!("{on}{}", query_name(filter, sort));
    let rows = SORTS.iter().filter_map(|sort| results.row(&name(sort)));
    rows.max_by(|a, b| a.figures.p99_ms.total_cmp(&b.figures.p99_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::plans;
    use crate::results::tests::{results, row};

    /// A run with a share of both limits of `get`, and with lists by tag of these p99s.
    fn with(scale: &str, get: f64, p99s: [f64; 3]) -> Results {
        let mut rows = vec![
            row("static/get", &[], 100.0, 1.0),
            row("one-row/get", &[], 80.0, 1.0),
            row("get", &["static/get", "one-row/get"], get, 1.0),
        ];
        for (sort, p99_ms) in SORTS.into_iter().zip(p99s) {
            rows.push(row(&query_name("tag", sort), &[], 100.0, p99_ms));
        }
        results(scale, rows)
    }

    fn verdict(targets: &[Target], what: &str) -> String {
        targets.iter().find(|target| target.what == what).unwrap().verdict()
    }

    #[test]
    fn every_share_is_of_a_limit_of_its_row() {
        let plans = plans();
        for target in SHARES {
            let plan = plans.iter().find(|plan| plan.name == target.row).unwrap();
            assert!(plan.limits.iter().any(|limit| limit == target.limit), "{}", target.row);
        }
        for (name, _) in P99S {
            assert!(plans.iter().any(|plan| plan.name == name), "{name}");
        }
    }

    #[test]
    fn a_share_is_judged_at_its_scale_only() {
        let small = of_run(&with("10k", 70.0, [1.0; 3]));
        assert_eq!(verdict(&small, "get, of static/get"), "reached: 70.0 %");
        assert!(!small.iter().any(|target| target.what.contains("one-row")));
        let missed = of_run(&with("10k", 69.9, [1.0; 3]));
        assert_eq!(verdict(&missed, "get, of static/get"), "**not reached: 69.9 %**");
        let large = of_run(&with("1m", 48.0, [1.0; 3]));
        assert_eq!(verdict(&large, "get, of one-row/get"), "reached: 60.0 %");
        assert!(!large.iter().any(|target| target.what.contains("static")));
    }

    #[test]
    fn a_row_without_its_limit_has_no_target() {
        let limits = ["commit/16", "same/update/16"];
        let rows = vec![row("commit/16", &[], 100.0, 1.0), row("update/16", &limits, 55.0, 1.0)];
        let targets = of_run(&results("10k", rows));
        assert_eq!(verdict(&targets, "update/16, of commit/16"), "reached: 55.0 %");
        assert!(!targets.iter().any(|target| target.what.contains("same")));
    }

    #[test]
    fn facts_and_times_are_judged() {
        let rows = vec![row("update/256", &[], 1.0, 120.5)];
        let targets = of_run(&results("10k", rows));
        assert_eq!(verdict(&targets, "update/256, p99"), "**not reached: 120 ms**");
        assert_eq!(verdict(&targets, "import"), "not measured");
        assert_eq!(verdict(&targets, "program"), "reached: 20.0 MB");
        assert_eq!(verdict(&targets, "memory, idle"), "reached: 20.0 MB");
        assert_eq!(verdict(&targets, "start to the first answer"), "reached: 20.0 ms");
        assert!(!targets.iter().any(|target| target.what == "memory under load"));
        let large = of_run(&results("1m", Vec::new()));
        assert_eq!(verdict(&large, "memory under load"), "**not reached: 300 MB**");
    }

    #[test]
    fn a_list_may_be_twice_as_slow_or_short() {
        let small = with("10k", 1.0, [1.0, 2.0, 4.0]);
        let judged = |p99s| {
            let targets = of_lists(Some(&small), &with("1m", 1.0, p99s));
            assert_eq!(targets.len(), 2 * FILTERS.len());
            assert_eq!(verdict(&targets, "list by tag+part"), "not measured");
            assert_eq!(verdict(&targets, "on PostgreSQL, list by tag"), "not measured");
            verdict(&targets, "list by tag")
        };
        // Three times as long, but short; long, but not twice as long.
        assert_eq!(judged([3.0, 2.0, 6.0]), format!("reached: 3.00 ms, 3.00 times ({})", SORTS[0]));
        assert_eq!(judged([1.0, 2.0, 8.0]), format!("reached: 8.00 ms, 2.00 times ({})", SORTS[2]));
        // One that is both is enough.
        let missed = format!("**not reached: 5.00 ms, 2.50 times ({})**", SORTS[1]);
        assert_eq!(judged([1.0, 5.0, 4.0]), missed);
        assert_eq!(verdict(&of_lists(None, &small), "list by tag"), "not measured");
    }

    #[test]
    fn the_worst_sort_of_a_list_is_shown() {
        let results = with("10k", 1.0, [1.0, 2.0, 3.0]);
        assert_eq!(worst(&results, "", "tag").unwrap().name, query_name("tag", SORTS[2]));
        assert!(worst(&results, "", "owner").is_none());
    }
}
