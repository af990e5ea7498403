//! Tables: on the terminal while it runs, and in `bench/RESULTS.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::browser::Browser;
use crate::data::said;
use crate::numbers::{float, grouped, ratio, shown, whole};
use crate::requests::FILTERS;
use crate::results::{Facts, Figures, Indexing, Results, Row, shares};
use crate::rows::bytes_per_work;
use crate::scale::Scale;
use crate::targets::{self, Target};

/// Adds a line of text, which never fails.
macro_rules! line {
    ($out:expr, $($text:tt)*) => {{
        let _ = writeln!($out, $($text)*);
    }};
}

/// The heading above the lines of a run, in which another build may be measured, too.
pub(crate) fn heading(beside: bool) -> String {
    let heading = format!(
        "{:<40} {:>5} {:>10} {:>9} {:>9} {:>8} {:>9} {:>9} {:>7}",
        "row", "conns", "requests/s", "p50 ms", "p99 ms", "cpu us", "of limit", "of next", "errors"
    );
    if beside { heading + "  before" } else { heading }
}

/// The line of a row, with its shares of those limits that were measured.
pub(crate) fn line(row: &Row, measured: &[Row]) -> String {
    let share = |at: usize| {
        let limit = row.limits.get(at)?;
        shares(measured, row).find(|(name, _)| name == limit).map(|(_, share)| percent(share))
    };
    let figures = &row.figures;
    let mut text = format!(
        "{:<40} {:>5} {:>10} {:>9} {:>9} {:>8} {:>9} {:>9} {:>7}",
        row.name,
        row.connections,
        shown(figures.per_second),
        shown(figures.p50_ms),
        shown(figures.p99_ms),
        figures.cpu_us.map_or_else(String::new, shown),
        share(0).unwrap_or_default(),
        share(1).unwrap_or_default(),
        grouped(figures.errors),
    );
    if let Some(before) = &row.before {
        let _ = write!(text, "  {}", before_cell(before));
    }
    let example = |figures: &Figures| figures.example.clone();
    if let Some(example) = example(figures).or_else(|| row.before.as_ref().and_then(example)) {
        let _ = write!(text, "\n    error: {example}");
    }
    text
}

/// What matters of the figures of the other build.
fn before_cell(before: &Figures) -> String {
    let Figures { per_second, p50_ms, p99_ms, cpu_us, errors, .. } = before;
    let mut text =
        format!("{}/s, p50 {} ms, p99 {} ms", shown(*per_second), shown(*p50_ms), shown(*p99_ms));
    if let Some(cpu) = cpu_us {
        let _ = write!(text, ", CPU {} µs", shown(*cpu));
    }
    if *errors > 0 {
        let _ = write!(text, ", {} errors", grouped(*errors));
    }
    text
}

fn percent(share: f64) -> String {
    format!("{} %", shown(share * 100.0))
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", shown(float(bytes) / 1_000_000.0))
}

/// The summary below the lines of a run: the facts.
pub(crate) fn summary(results: &Results) -> String {
    let mut text = String::from("\n");
    for flush in &results.machine.flushes {
        let (bytes, p50, p99) = (grouped(flush.bytes), shown(flush.p50_ms), shown(flush.p99_ms));
        let what = format!("fdatasync, {bytes} bytes");
        let rate = shown(flush.per_second);
        line!(text, "{what:<40} p50 {p50} ms, p99 {p99} ms, {rate} per second");
    }
    let before = results.before.as_ref().map(|before| facts(before, results.works));
    for (at, (what, fact)) in facts(&results.facts, results.works).into_iter().enumerate() {
        let before = before.as_ref().and_then(|before| before.get(at));
        let before = before.map_or_else(String::new, |(_, fact)| format!("  before: {fact}"));
        line!(text, "{what:<40} {fact}{before}");
    }
    text
}

/// What a search index takes: room, and what each object costs it.
pub(crate) fn indexing(indexing: &Indexing) -> String {
    let Indexing { entries, bytes, seconds } = indexing;
    let each = ratio(seconds * 1_000_000.0, float(*entries)).unwrap_or(0.0);
    let (bytes, entries, each) = (megabytes(*bytes), grouped(*entries), shown(each));
    format!("{bytes} for {entries} objects, {each} µs each")
}

/// The facts about a build. Those of two builds in a run are the same ones, in the same order.
fn facts(facts: &Facts, works: u64) -> Vec<(&'static str, String)> {
    let a_work = bytes_per_work(facts.database_bytes, works);
    let mut lines = vec![
        ("program", megabytes(facts.binary_bytes)),
        ("database", megabytes(facts.database_bytes)),
        ("database, bytes a work", grouped(whole(a_work))),
    ];
    let indexes = [
        ("search index", &facts.indexing),
        ("search index on PostgreSQL", &facts.indexing_on_postgres),
    ];
    lines.extend(indexes.map(|(what, index)| {
        (what, index.as_ref().map_or_else(|| "not measured".to_owned(), indexing))
    }));
    if facts.get_bytes > 0 {
        lines.extend([
            ("start to the first answer", format!("{} ms", shown(facts.start_ms))),
            ("memory, idle", megabytes(facts.rss_idle_bytes)),
            ("memory under load", megabytes(facts.rss_load_bytes)),
            ("memory, the most at any time", megabytes(facts.rss_peak_bytes)),
            ("answer of works.get", format!("{} bytes", count(facts.get_bytes))),
            ("answer of works.list with 50", format!("{} bytes", count(facts.list_bytes))),
        ]);
    }
    if let Some(import) = &facts.import {
        let rate = format!(
            "{} works/s ({} in {} s)",
            shown(import.per_second),
            grouped(import.works),
            shown(import.seconds)
        );
        lines.push(("import", rate));
        lines.push(("memory of the import", megabytes(import.rss_peak_bytes)));
    }
    lines
}

fn count(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(0))
}

/// Where the results are kept.
fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn json_path(scale: &str) -> PathBuf {
    folder().join("results").join(format!("{scale}.json"))
}

/// Stores the results of a run, and renders all that are stored.
pub(crate) fn write(results: &Results) -> Result<(), String> {
    let path = json_path(&results.scale);
    let failed = |cause: &dyn std::fmt::Display| format!("{}: {cause}", path.display());
    fs::create_dir_all(folder().join("results")).map_err(|cause| failed(&cause))?;
    let text = serde_json::to_string_pretty(results).map_err(|cause| failed(&cause))?;
    fs::write(&path, text + "\n").map_err(|cause| failed(&cause))?;
    println!("\nwritten: {}", path.display());
    render()
}

fn read(scale: Scale) -> Result<Option<Results>, String> {
    let path = json_path(&scale.to_string());
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(|cause| said(&path, &cause))?;
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|cause| format!("{}: {cause}", path.display()))
}

/// Writes `bench/RESULTS.md` from the stored results.
pub(crate) fn render() -> Result<(), String> {
    let (small, large) = (read(Scale::SMALL)?, read(Scale::LARGE)?);
    if small.is_none() && large.is_none() {
        return Err("there are no results of 10k or 1m yet: say `bench run`".to_owned());
    }
    let path = folder().join("RESULTS.md");
    let mut text = page(small.as_ref(), large.as_ref());
    if let Some(browser) = Browser::read(&folder().join("results/browser.json"))? {
        browser.section(&mut text);
    }
    fs::write(&path, text).map_err(|cause| said(&path, &cause))?;
    println!("written: {}", path.display());
    Ok(())
}

/// The whole page.
fn page(small: Option<&Results>, large: Option<&Results>) -> String {
    let mut text = String::from(
        "# Results\n\n\
         Made by `make bench` from `bench/results`; do not edit. [README.md](README.md) explains \
         the rows. **Figures are comparable within a run only; what counts is the share of the \
         limit measured in the same run.**\n",
    );
    for results in [small, large].into_iter().flatten() {
        section(&mut text, results);
    }
    if let Some(large) = large {
        text.push_str("\n## Lists at 1m beside 10k\n\n| what | target | |\n|---|---|---|\n");
        for target in targets::of_lists(small, large) {
            target_line(&mut text, &target);
        }
    }
    text
}

fn target_line(text: &mut String, target: &Target) {
    line!(text, "| {} | {} | {} |", target.what, target.wanted, target.verdict());
}

/// All about one scale.
fn section(text: &mut String, results: &Results) {
    let Results { scale, works, date, seconds, machine, .. } = results;
    line!(text, "\n## {scale}: {} works\n", grouped(*works));
    line!(
        text,
        "{date}; {} s a row. {}, {} cores, {} of memory, Linux {}, {}, {}.",
        shown(*seconds),
        machine.cpu,
        machine.cores,
        megabytes(machine.memory_bytes),
        machine.kernel,
        machine.filesystem,
        machine.rustc,
    );
    for flush in &machine.flushes {
        line!(
            text,
            "A write of {} bytes is on the disk after {} ms (p50), {} ms (p99): `fdatasync`.",
            grouped(flush.bytes),
            shown(flush.p50_ms),
            shown(flush.p99_ms),
        );
    }
    rows(text, results);
    queries(text, results);
    fact_lines(text, results);
    text.push_str("\n| what | target | |\n|---|---|---|\n");
    for target in targets::of_run(results) {
        target_line(text, &target);
    }
    all_queries(text, results);
}

fn fact_lines(text: &mut String, results: &Results) {
    let now = facts(&results.facts, results.works);
    let Some(before) = &results.before else {
        text.push_str("\n| fact | |\n|---|---|\n");
        for (what, fact) in now {
            line!(text, "| {what} | {fact} |");
        }
        return;
    };
    text.push_str("\n| fact | | before |\n|---|---|---|\n");
    for ((what, fact), (_, before)) in now.into_iter().zip(facts(before, results.works)) {
        line!(text, "| {what} | {fact} | {before} |");
    }
}

/// The end of a table's heading and of its line below, with a column for the other build if there
/// is one.
fn columns(head: &str, results: &Results) -> String {
    let head = format!("{head} |{}", if results.before.is_some() { " before |" } else { "" });
    let bars = head.matches('|').count() - 1;
    format!("\n{head}\n|{}\n", "---|".repeat(bars))
}

/// The end of a row: the figures of the other build, if there is one.
fn before_end(row: &Row, results: &Results) -> String {
    match (&results.before, &row.before) {
        (None, _) => String::new(),
        (Some(_), None) => "  |".to_owned(),
        (Some(_), Some(before)) => format!(" {} |", before_cell(before)),
    }
}

/// The rows that are no lists, each with a line for each of its limits.
fn rows(text: &mut String, results: &Results) {
    let head = "| row | connections | requests/s | p50 ms | p99 ms | CPU µs a request \
                | of its limits | targets | errors";
    text.push_str(&columns(head, results));
    for row in results.rows.iter().filter(|row| !is_query(row)) {
        let of = shares(&results.rows, row);
        let of: Vec<_> = of.map(|(name, share)| format!("{} of {name}", percent(share))).collect();
        let targets = targets::of_row(results, row).into_iter();
        let targets = targets.map(|target| format!("{}: {}", target.wanted, target.verdict()));
        let figures = &row.figures;
        line!(
            text,
            "| {} | {} | {}{} | {} | {} | {} | {} | {} | {} |{}",
            row.name,
            row.connections,
            shown(figures.per_second),
            row.rate.map_or_else(String::new, |rate| format!(" of {} sent", shown(rate))),
            shown(figures.p50_ms),
            shown(figures.p99_ms),
            figures.cpu_us.map_or_else(String::new, shown),
            of.join("<br>"),
            targets.collect::<Vec<_>>().join("<br>"),
            grouped(figures.errors),
            before_end(row, results),
        );
    }
}

fn is_query(row: &Row) -> bool {
    row.name.trim_start_matches("pg/").starts_with("query/")
}

const QUERY_HEAD: &str = "requests/s | p50 ms | p99 ms | CPU µs a request | bytes | errors";

fn query_cells(row: &Row, results: &Results) -> String {
    let figures = &row.figures;
    format!(
        "{} | {} | {} | {} | {} | {} |{}",
        shown(figures.per_second),
        shown(figures.p50_ms),
        shown(figures.p99_ms),
        figures.cpu_us.map_or_else(String::new, shown),
        shown(figures.bytes),
        grouped(figures.errors),
        before_end(row, results),
    )
}

/// The lists, each with its slowest sort.
fn queries(text: &mut String, results: &Results) {
    if !results.rows.iter().any(is_query) {
        return;
    }
    for (on, title) in [("", "list of 25 by"), ("pg/", "on PostgreSQL: list of 25 by")] {
        let worst = |filter| targets::worst(results, on, filter).map(|row| (filter, row));
        let rows: Vec<_> = FILTERS.into_iter().filter_map(worst).collect();
        if rows.is_empty() {
            continue;
        }
        text.push_str(&columns(&format!("| {title} | slowest sort | {QUERY_HEAD}"), results));
        for (filter, row) in rows {
            let sort = row.name.rsplit(' ').next().unwrap_or_default();
            line!(text, "| {filter} | {sort} | {}", query_cells(row, results));
        }
    }
}

/// The lists with every sort, folded away.
fn all_queries(text: &mut String, results: &Results) {
    if !results.rows.iter().any(is_query) {
        return;
    }
    text.push_str("\n<details><summary>All lists with each of their sorts</summary>\n");
    text.push_str(&columns(&format!("| list of 25 by | sort | {QUERY_HEAD}"), results));
    for row in results.rows.iter().filter(|row| is_query(row)) {
        let name = row.name.replace("query/", "");
        let (filter, sort) = name.split_once(' ').unwrap_or((&name, ""));
        line!(text, "| {filter} | {sort} | {}", query_cells(row, results));
    }
    text.push_str("\n</details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::query_name;
    use crate::requests::SORTS;
    use crate::results::tests::{figures, results, row};

    /// A row with both of its limits.
    fn update() -> Vec<Row> {
        let mut update = row("update/16", &["commit/16", "same/update/16"], 700.0, 2.0);
        update.figures.errors = 2;
        update.figures.example = Some("500 no".to_owned());
        vec![row("commit/16", &[], 1000.0, 1.0), row("same/update/16", &[], 800.0, 1.0), update]
    }

    #[test]
    fn a_row_stands_beside_its_limits_and_its_targets() {
        let rows = update();
        let said = line(&rows[2], &rows[..2]);
        assert!(said.contains(" 70.0 %    87.5 % ") && said.ends_with("error: 500 no"), "{said}");
        assert!(!heading(false).contains("before"));
        let text = page(Some(&results("10k", rows)), None);
        let cells = "| update/16 | 16 | 700 | 1.00 | 2.00 |  \
                     | 70.0 % of commit/16<br>87.5 % of same/update/16 \
                     | at least 55.0 %: reached: 70.0 %<br>at least 75.0 %: reached: 87.5 % \
                     | 2 |\n";
        assert!(text.contains(cells), "{text}");
        assert!(!text.contains("1m beside 10k") && !text.contains("list of 25"), "{text}");
        assert!(!text.contains("before"), "{text}");
    }

    #[test]
    fn another_build_has_a_column() {
        let mut rows = update();
        rows.push(row(&query_name("tag", SORTS[0]), &[], 10.0, 3.0));
        for row in &mut rows[2..] {
            row.before = Some(figures(350.0, 4.0));
        }
        let said = line(&rows[2], &rows[..2]);
        assert!(said.contains("  350/s, p50 2.00 ms, p99 4.00 ms\n"), "{said}");
        assert!(heading(true).ends_with("  before"));
        let mut results = results("10k", rows);
        let mut before = results.facts.clone();
        before.start_ms = 90.0;
        results.before = Some(before);
        let summary = summary(&results);
        assert!(summary.contains("20.0 ms  before: 90.0 ms"), "{summary}");
        let text = page(Some(&results), None);
        assert!(text.contains("| errors | before |\n|---|---|---|---|---|---|---|---|---|---|\n"));
        // A limit is measured once.
        assert!(text.contains("| commit/16 | 16 | 1,000 | 0.500 | 1.00 |  |  |  | 0 |  |\n"));
        assert!(text.contains(" | 2 | 350/s, p50 2.00 ms, p99 4.00 ms |\n"), "{text}");
        let list = "| tag | modified_date:desc | 10.0 | 1.50 | 3.00 |  | 6,000 | 0 \
                    | 350/s, p50 2.00 ms, p99 4.00 ms |\n";
        assert!(text.matches(list).count() == 2, "{text}");
        assert!(text.contains("| start to the first answer | 20.0 ms | 90.0 ms |\n"), "{text}");
    }
}
