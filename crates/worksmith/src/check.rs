//! `worksmith check`: whether everything in the database is consistent.

use worksmith_tracker::tracking;

use crate::cli::CheckOptions;
use crate::control::{self, Data, Job, Place, Run, Session};
use crate::failure::Failure;
use crate::output::Output;

/// Runs the command.
pub(crate) async fn run(options: CheckOptions, output: &Output, run: Run) -> Result<(), Failure> {
    let CheckOptions { data_dir, database } = options;
    let place = Place { dir: &data_dir, database: &database, is_made: false, files: None };
    control::run(Job::Check, &place, output, None, run).await
}

/// Runs the job where the data is.
pub(crate) async fn job(data: &Data, session: &Session) -> Result<(), Failure> {
    let Session { output, place, .. } = session;
    let still = data.still(output)?;
    let mut findings = still.store().check(&mut output.progress("rows")).await;
    // Documents that can't be parsed are reported already.
    if findings.is_empty() {
        let found =
            tracking::check(&data.engine.on(still.store().clone()), &data.environment).await?;
        findings.extend(found.faults);
        if found.waiting > 0 {
            output.note(format_args!(
                "{place}: changes of SLAs, workspaces and schedules that a server has yet to \
                 follow up: {}; what they explain is no fault",
                found.waiting
            ));
        }
    }
    output.settle();
    if findings.is_empty() {
        output.line(format_args!("{place}: all is well"));
        return Ok(());
    }
    for finding in &findings {
        output.line(finding);
    }
    let count = findings.len();
    Err(format!("{place} has {count} faults; restore it from a backup").into())
}
