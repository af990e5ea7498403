//! `worksmith check`: whether everything that is kept agrees with everything else.

use worksmith_tracker::sla_trackers;

use crate::cli::CheckOptions;
use crate::failure::Failure;
use crate::home::{Home, place};

/// Runs the command.
pub(crate) async fn run(options: CheckOptions) -> Result<(), Failure> {
    let dir = &options.data_dir;
    let home = Home::open_existing(dir, &options.database).await?;
    let place = place(dir, &options.database);
    let mut findings = home.store.check().await;
    // Documents that can't be read are told of already.
    if findings.is_empty() {
        let found = sla_trackers::check(&home.store, &home.environment).await?;
        findings.extend(found.faults);
        if found.waiting > 0 {
            println!(
                "{place}: changes of SLAs, workspaces and schedules that a server has yet to \
                 follow up: {}; what they explain is no fault",
                found.waiting
            );
        }
    }
    if findings.is_empty() {
        println!("{place}: all is well");
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    let count = findings.len();
    Err(format!("{place} has {count} faults; restore it from a backup").into())
}
