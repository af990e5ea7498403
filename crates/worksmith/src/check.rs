//! `worksmith check`: whether everything that is kept agrees with everything else.

use crate::cli::CheckOptions;
use crate::failure::Failure;
use crate::home::Home;

/// Runs the command.
pub(crate) async fn run(options: CheckOptions) -> Result<(), Failure> {
    let dir = &options.data_dir;
    if !Home::exists(dir) {
        return Err(Home::missing(dir));
    }
    let home = Home::open(dir)?;
    let findings = home.store.check().await;
    if findings.is_empty() {
        println!("{}: all is well", dir.display());
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    let count = findings.len();
    Err(format!("{} has {count} faults; restore it from a backup", dir.display()).into())
}
