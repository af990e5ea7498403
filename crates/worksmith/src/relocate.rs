//! `worksmith move`: moves everything that is kept into another database, and compares both sides.

use std::time::Instant;

use worksmith_store::{
    CounterReport, OrgReport, Place, Report, Step, TableReport, compare, relocate,
};

use crate::cli::MoveOptions;
use crate::failure::Failure;
use crate::output::Output;

/// How many digits of a hash are shown.
const DIGITS: usize = 16;

/// Runs the command.
pub(crate) async fn run(options: &MoveOptions, output: &Output) -> Result<(), Failure> {
    let from = place(&options.from, "--from")?;
    let to = place(&options.to, "--to")?;
    let registry = worksmith_tracker::table().registry().clone();
    let begin = Instant::now();
    let mut steps = steps(output.clone());
    let report = if options.verify_only {
        compare(&from, &to, &registry, &mut steps).await?
    } else {
        relocate(&from, &to, &registry, options.batch, &mut steps).await?
    };
    let rows: u64 = rows(&report);
    let done = if options.verify_only { "Compared" } else { "Moved and compared" };
    let seconds = begin.elapsed().as_secs_f64();
    output.settle();
    output.line(format_args!("{done} {rows} rows of {from} and {to} in {seconds:.1} s"));
    report.orgs.iter().for_each(|org| print_org(org, output));
    output.line(
        "Files are not in the database: copy the folder artifacts of the data dir, or let the new \
         servers use the same one.",
    );
    if report.differences.is_empty() {
        output.line("identical");
        return Ok(());
    }
    for difference in &report.differences {
        output.line(difference);
    }
    let what = if options.verify_only { "" } else { "; the move is not finished" };
    Err(format!("{to} is not the same as {from}, as said above{what}").into())
}

fn place(text: &str, option: &str) -> Result<Place, Failure> {
    // It may contain a password, so it is not shown.
    Place::parse(text).ok_or_else(|| {
        format!("{option} takes sqlite:DIR or a URL as in postgres://user@host:5432/database")
            .into()
    })
}

/// Shows the progress of each step.
fn steps(output: Output) -> impl FnMut(Step, u64, u64) {
    let counted = |step| match step {
        Step::Rows => "rows copied",
        Step::Indexes => "indexes made",
        Step::Comparing => "rows compared",
    };
    let mut at = Step::Rows;
    let mut tell: Box<dyn FnMut(u64, u64) + Send> = Box::new(output.progress(counted(at)));
    move |step, done, all| {
        if step != at {
            (at, tell) = (step, Box::new(output.progress(counted(step))));
        }
        tell(done, all);
    }
}

fn rows(report: &Report) -> u64 {
    let tables = report.orgs.iter().flat_map(|org| &org.tables);
    tables.map(|table| table.source.rows).sum()
}

fn print_org(report: &OrgReport, output: &Output) {
    output.line(format_args!("Org {}", report.org));
    output.line(format_args!("  {:<24}{:>12}{:>12}  hash", "", "source", "target"));
    for TableReport { table, source, target } in &report.tables {
        let (one, other) = (&source.hash[..DIGITS], &target.hash[..DIGITS]);
        let hashes =
            if source.hash == target.hash { one.to_owned() } else { format!("{one} / {other}") };
        let (source, target) = (source.rows, target.rows);
        output.line(format_args!("  {table:<24}{source:>12}{target:>12}  {hashes}"));
    }
    let shown = |value: Option<i64>| value.map_or("-".to_owned(), |value| value.to_string());
    for CounterReport { kind, source, target } in &report.counters {
        let (last, source, target) = (format!("last {kind}"), shown(*source), shown(*target));
        output.line(format_args!("  {last:<24}{source:>12}{target:>12}"));
    }
}
