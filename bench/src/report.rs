//! Tables: on the terminal while it runs, and in `bench/RESULTS.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::data::said;
use crate::numbers::{float, grouped, ratio, shown};
use crate::requests::FILTERS;
use crate::results::{Results, Row};
use crate::rows::bytes_per_work;
use crate::scale::Scale;
use crate::targets::{self, Target};

/// Adds a line of text, which never fails.
macro_rules! line {
    ($out:expr, $($text:tt)*) => {{
        let _ = writeln!($out, $($text)*);
    }};
}

/// The heading above the lines of a run.
pub(crate) fn heading() -> String {
    format!(
        "{:<40} {:>5} {:>10} {:>9} {:>9} {:>8} {:>8} {:>7}",
        "row", "conns", "requests/s", "p50 ms", "p99 ms", "cpu us", "of limit", "errors"
    )
}

/// The line of a row, with its limit if that was measured.
pub(crate) fn line(row: &Row, limit: Option<&Row>) -> String {
    let share = limit.and_then(|limit| ratio(row.per_second, limit.per_second));
    let mut text = format!(
        "{:<40} {:>5} {:>10} {:>9} {:>9} {:>8} {:>8} {:>7}",
        row.name,
        row.connections,
        shown(row.per_second),
        shown(row.p50_ms),
        shown(row.p99_ms),
        row.cpu_us.map_or_else(String::new, shown),
        share.map_or_else(String::new, percent),
        grouped(row.errors),
    );
    if let Some(example) = &row.example {
        let _ = write!(text, "\n    error: {example}");
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
    for (what, fact) in facts(results) {
        line!(text, "{what:<40} {fact}");
    }
    text
}

fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let facts = &results.facts;
    let mut lines = vec![
        ("program", megabytes(facts.binary_bytes)),
        ("database", megabytes(facts.database_bytes)),
        ("database, bytes a work", grouped(crate::numbers::whole(bytes_per_work(results)))),
    ];
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
    let text = page(small.as_ref(), large.as_ref());
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
        text.push_str("\n## 1m beside 10k\n\n| what | target | |\n|---|---|---|\n");
        for target in targets::of_large(small, large) {
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
    text.push_str("\n| fact | |\n|---|---|\n");
    for (what, fact) in facts(results) {
        line!(text, "| {what} | {fact} |");
    }
    text.push_str("\n| what | target | |\n|---|---|---|\n");
    for target in targets::of_run(results) {
        target_line(text, &target);
    }
    all_queries(text, results);
}

fn rows(text: &mut String, results: &Results) {
    text.push_str(
        "\n| row | connections | requests/s | p50 ms | p99 ms | CPU µs a request | of its limit \
         | target | errors |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in results.rows.iter().filter(|row| !is_query(row)) {
        let share = results.share(row).map_or_else(String::new, percent);
        let target = targets::of_row(results, row);
        let target = target
            .map_or_else(String::new, |target| format!("{}: {}", target.wanted, target.verdict()));
        line!(
            text,
            "| {} | {} | {}{} | {} | {} | {} | {share} | {target} | {} |",
            row.name,
            row.connections,
            shown(row.per_second),
            row.rate.map_or_else(String::new, |rate| format!(" of {} sent", shown(rate))),
            shown(row.p50_ms),
            shown(row.p99_ms),
            row.cpu_us.map_or_else(String::new, shown),
            grouped(row.errors),
        );
    }
}

fn is_query(row: &Row) -> bool {
    row.name.trim_start_matches("pg/").starts_with("query/")
}

const QUERY_HEAD: &str = "requests/s | p50 ms | p99 ms | CPU µs a request | bytes | errors |\n";

fn query_cells(row: &Row) -> String {
    format!(
        "{} | {} | {} | {} | {} | {} |",
        shown(row.per_second),
        shown(row.p50_ms),
        shown(row.p99_ms),
        row.cpu_us.map_or_else(String::new, shown),
        shown(row.bytes),
        grouped(row.errors),
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
        line!(text, "\n| {title} | slowest sort | {QUERY_HEAD}|---|---|---|---|---|---|---|---|");
        for (filter, row) in rows {
            let sort = row.name.rsplit(' ').next().unwrap_or_default();
            line!(text, "| {filter} | {sort} | {}", query_cells(row));
        }
    }
}

/// The lists with every sort, folded away.
fn all_queries(text: &mut String, results: &Results) {
    if !results.rows.iter().any(is_query) {
        return;
    }
    text.push_str("\n<details><summary>All lists with each of their sorts</summary>\n\n");
    line!(text, "| list of 25 by | sort | {QUERY_HEAD}|---|---|---|---|---|---|---|---|");
    for row in results.rows.iter().filter(|row| is_query(row)) {
        let name = row.name.replace("query/", "");
        let (filter, sort) = name.split_once(' ').unwrap_or((&name, ""));
        line!(text, "| {filter} | {sort} | {}", query_cells(row));
    }
    text.push_str("\n</details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{results, row};

    #[test]
    fn a_row_stands_beside_its_limit_and_its_target() {
        let limit = row("commit/16", None, 1000.0, 1.0);
        let update = Row {
            errors: 2,
            example: Some("500 no".to_owned()),
            ..row("update/16", Some("commit/16"), 700.0, 2.0)
        };
        let said = line(&update, Some(&limit));
        assert!(said.contains(" 70.0 % ") && said.ends_with("error: 500 no"), "{said}");
        let text = page(Some(&results("10k", vec![limit, update])), None);
        let cells = "| update/16 | 16 | 700 | 1.00 | 2.00 |  | 70.0 % \
                     | at least 60.0 %: reached: 70.0 % | 2 |";
        assert!(text.contains(cells), "{text}");
        assert!(!text.contains("1m beside 10k") && !text.contains("list of 25"), "{text}");
    }
}
