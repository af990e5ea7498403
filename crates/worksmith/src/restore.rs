//! `worksmith restore`: restores a backup to an empty place.

use std::path::Path;
use std::time::Instant;

use worksmith_org::artifacts;
use worksmith_store::{Backup, BackupStep, Manifest, RestoreError, RestoreTarget};

use crate::backup::describe;
use crate::cli::RestoreOptions;
use crate::failure::Failure;
use crate::home;
use crate::output::Output;

/// Runs the command.
pub(crate) async fn run(options: RestoreOptions, output: &Output) -> Result<(), Failure> {
    let RestoreOptions { file, verify_only, data_dir, database, files } = options;
    let begin = Instant::now();
    let registry = worksmith_tracker::table().registry().clone();
    let backup = Backup::open(&file, &registry, artifacts::NAMED);
    let backup = backup.map_err(|cause| failed(&file, cause))?;
    let verified = backup.verify(&mut output.progress("bytes checked"));
    let manifest = verified.map_err(|cause| failed(&file, cause))?;
    output.settle();
    let name = file.display();
    if verify_only {
        output.line(format_args!("{name} is whole: {}", describe(&manifest)));
        print_moment(&manifest, output);
        return Ok(());
    }
    let mut steps = |step: BackupStep, done, all| output.progress(step.counted())(done, all);
    let place = home::place(&data_dir, &database);
    let named = match files.named() {
        Some(named) => Some(home::open_files(&named).await?),
        None => None,
    };
    let target = match &database.database {
        None => {
            let target = RestoreTarget::data_dir(&data_dir, named);
            target.map_err(|cause| failed(&file, cause))?
        }
        Some(url) => {
            let files = match named {
                Some(named) => named,
                None => home::open_files(&files.or_in(&data_dir)).await?,
            };
            RestoreTarget::postgres(home::postgres(url)?, files)
        }
    };
    let restored = backup.restore(&manifest, target, &mut steps).await;
    restored.map_err(|cause| failed(&file, cause))?;
    output.settle();
    let seconds = begin.elapsed().as_secs_f64();
    output.line(format_args!("Restored {} into {place} in {seconds:.1} s", describe(&manifest)));
    print_moment(&manifest, output);
    Ok(())
}

fn failed(file: &Path, cause: RestoreError) -> Failure {
    match cause {
        RestoreError::Backup(what) => format!("{} {what}", file.display()).into(),
        RestoreError::Sqlite(cause) => cause.into(),
        RestoreError::Postgres(cause) => cause.into(),
        RestoreError::Refused(sentence) => sentence.into(),
        RestoreError::Store(cause) => cause.into(),
    }
}

fn print_moment(manifest: &Manifest, output: &Output) {
    output.line(format_args!(
        "Made at {} by worksmith {}; SHA-256 of its export: {}",
        manifest.made_at, manifest.program, manifest.export.sha256
    ));
}
