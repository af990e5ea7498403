//! The targets, and whether they were reached.

use crate::numbers::{float, ratio, shown};
use crate::requests::{FILTERS, SORTS};
use crate::results::{Results, Row};
use crate::rows::query_name;

/// The least share of its limit that a row must reach, by the beginning of its name.
const SHARES: [(&str, f64); 6] = [
    ("get", 0.6),
    ("list", 0.3),
    ("update/", 0.6),
    ("create", 0.5),
    ("pg/get", 0.5),
    ("pg/update/", 0.5),
];
/// How many times longer a query may take at a million works than at 10,000.
const QUERY_SLOWER_MAX: f64 = 2.0;
/// How much of their share get and update must keep at a million works.
const KEPT_MIN: f64 = 0.8;
const MB: f64 = 1_000_000.0;
const IDLE_MAX_MB: f64 = 40.0;
const LOAD_MAX_MB: f64 = 250.0;
const START_MAX_S: f64 = 1.0;
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
    pub(crate) is: Option<f64>,
    /// How that is formatted.
    unit: Unit,
    /// Whether that is enough.
    is_reached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Percent,
    Times,
    Plain(&'static str),
}

impl Unit {
    fn write(self, number: f64) -> String {
        match self {
            Self::Percent => format!("{} %", shown(number * 100.0)),
            Self::Times => format!("{} times", shown(number)),
            Self::Plain(unit) => format!("{} {unit}", shown(number)),
        }
    }
}

impl Target {
    fn at_least(what: impl Into<String>, least: f64, is: Option<f64>, unit: Unit) -> Self {
        let is_reached = is.is_some_and(|is| is >= least);
        let wanted = format!("at least {}", unit.write(least));
        Self { what: what.into(), wanted, is, unit, is_reached }
    }

    fn at_most(what: impl Into<String>, most: f64, is: Option<f64>, unit: Unit) -> Self {
        let is_reached = is.is_some_and(|is| is <= most);
        let wanted = format!("at most {}", unit.write(most));
        Self { what: what.into(), wanted, is, unit, is_reached }
    }

    /// `reached: 72 %`, `not reached: 41 %` or `not measured`.
    pub(crate) fn verdict(&self) -> String {
        match self.is {
            None => "not measured".to_owned(),
            Some(is) if self.is_reached => format!("reached: {}", self.unit.write(is)),
            Some(is) => format!("**not reached: {}**", self.unit.write(is)),
        }
    }
}

/// The target of a row of a run, if it has one.
pub(crate) fn of_row(results: &Results, row: &Row) -> Option<Target> {
    let share = results.share(row)?;
    // A row at a fixed rate is judged by its p99.
    let (_, least) =
        SHARES.iter().find(|(name, _)| row.rate.is_none() && row.name.starts_with(name))?;
    Some(Target::at_least(row.name.clone(), *least, Some(share), Unit::Percent))
}

/// The targets of one run.
pub(crate) fn of_run(results: &Results) -> Vec<Target> {
    let facts = &results.facts;
    let import = facts.import.as_ref().map(|import| import.per_second);
    let rows = results.rows.iter().filter_map(|row| of_row(results, row));
    let rows =
        rows.map(|target| Target { what: format!("{}, of its limit", target.what), ..target });
    let size = float(facts.binary_bytes) / MB;
    let mut targets: Vec<_> = rows.collect();
    targets.push(Target::at_least("import", IMPORT_MIN, import, Unit::Plain("works/s")));
    targets.push(Target::at_most("program", BINARY_MAX_MB, Some(size), Unit::Plain("MB")));
    targets
}

/// The targets for a million works, some of which compare with 10,000.
pub(crate) fn of_large(small: Option<&Results>, large: &Results) -> Vec<Target> {
    let facts = &large.facts;
    let (idle, load) = (float(facts.rss_idle_bytes) / MB, float(facts.rss_load_bytes) / MB);
    let start = Some(facts.start_ms / 1000.0);
    let mut targets = vec![
        Target::at_most("memory, idle", IDLE_MAX_MB, Some(idle), Unit::Plain("MB")),
        Target::at_most("memory under load", LOAD_MAX_MB, Some(load), Unit::Plain("MB")),
        Target::at_most("start to the first answer", START_MAX_S, start, Unit::Plain("s")),
    ];
    for name in ["get", "update/16"] {
        let share = |results: &Results| results.share(results.row(name)?);
        let kept = small.and_then(|small| ratio(share(large)?, share(small)?));
        let what = format!("{name}: its share of the limit, beside the one at 10k");
        targets.push(Target::at_least(what, KEPT_MIN, kept, Unit::Percent));
    }
    for (on, title) in [("", "list by"), ("pg/", "on PostgreSQL, list by")] {
        for filter in FILTERS {
            let slower = small.and_then(|small| slower(small, large, on, filter));
            let what = format!("{title} {filter}: p99, beside the one at 10k");
            targets.push(Target::at_most(what, QUERY_SLOWER_MAX, slower, Unit::Times));
        }
    }
    targets
}

/// How many times longer the p99 of a list is at the larger scale: of its three sorts, the one that
/// loses most.
fn slower(small: &Results, large: &Results, on: &str, filter: &str) -> Option<f64> {
    let of_sort = |sort: &&str| {
        let name = format!("{on}{}", query_name(filter, sort));
        ratio(large.row(&name)?.p99_ms, small.row(&name)?.p99_ms)
    };
    let times = SORTS.iter().map(of_sort).collect::<Option<Vec<_>>>()?;
    times.into_iter().reduce(f64::max)
}

/// Of the sorts of a list, the row with the highest p99.
pub(crate) fn worst<'a>(results: &'a Results, on: &str, filter: &str) -> Option<&'a Row> {
    let name = |sort| format!("{on}{}", query_name(filter, sort));
    let rows = SORTS.iter().filter_map(|sort| results.row(&name(sort)));
    rows.max_by(|a, b| a.p99_ms.total_cmp(&b.p99_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{results, row};

    fn with(scale: &str, get: f64, p99_ms: f64) -> Results {
        let mut rows =
            vec![row("static/get", None, 100.0, 1.0), row("get", Some("static/get"), get, 1.0)];
        for (at, sort) in (1..).zip(SORTS) {
            rows.push(row(&query_name("tag", sort), None, 100.0, p99_ms * f64::from(at)));
        }
        results(scale, rows)
    }

    fn verdict(targets: &[Target], what: &str) -> String {
        targets.iter().find(|target| target.what.starts_with(what)).unwrap().verdict()
    }

    #[test]
    fn shares_are_judged() {
        assert_eq!(verdict(&of_run(&with("10k", 60.0, 1.0)), "get"), "reached: 60.0 %");
        let missed = of_run(&with("10k", 59.9, 1.0));
        assert_eq!(verdict(&missed, "get"), "**not reached: 59.9 %**");
        assert_eq!(verdict(&missed, "import"), "not measured");
        assert_eq!(verdict(&missed, "program"), "reached: 20.0 MB");
    }

    #[test]
    fn a_million_is_compared_with_ten_thousand() {
        let small = with("10k", 80.0, 1.0);
        let targets = of_large(Some(&small), &with("1m", 60.0, 2.5));
        assert_eq!(verdict(&targets, "get"), "**not reached: 75.0 %**");
        assert_eq!(verdict(&targets, "list by tag"), "**not reached: 2.50 times**");
        assert_eq!(verdict(&targets, "list by tag+part"), "not measured");
        assert_eq!(verdict(&targets, "memory under load"), "**not reached: 300 MB**");
        assert_eq!(verdict(&of_large(None, &small), "list by tag"), "not measured");
    }

    #[test]
    fn the_worst_sort_of_a_list_is_shown() {
        let results = with("10k", 1.0, 1.0);
        assert_eq!(worst(&results, "", "tag").unwrap().name, query_name("tag", SORTS[2]));
        assert!(worst(&results, "", "owner").is_none());
    }
}
