//! `worksmith backup`: a copy of everything at one moment, in one file.

use std::io::BufWriter;
use std::time::Instant;

use worksmith_org::artifacts;
use worksmith_store::{BackupError, Manifest};

use crate::cli::BackupOptions;
use crate::control::{self, Data, Job, Place, Run, Session};
use crate::destination::Destination;
use crate::export::Bytes;
use crate::failure::Failure;
use crate::output::Output;

/// How much is passed on at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Runs the command.
pub(crate) async fn run(options: BackupOptions, output: &Output, run: Run) -> Result<(), Failure> {
    let BackupOptions { file, data_dir, database, files } = options;
    let files = Some(files.or_in(&data_dir));
    let place = Place { dir: &data_dir, database: &database, is_made: false, files };
    let destination = Destination::open(&file, "backup", output);
    let done = control::run(Job::Backup, &place, &destination.output(), None, run).await;
    destination.finish(done)
}

/// Runs the job where the data is.
pub(crate) async fn job(data: &Data, session: &Session) -> Result<(), Failure> {
    let begin = Instant::now();
    let output = &session.output;
    let files = data.files.as_ref().ok_or("a backup needs to know where the files are")?;
    let holder = data.environment.opaque(20);
    // No server deletes files from before the copy is made until the last one is in the backup.
    let hold = data.engine.store().hold_files(&holder, &data.environment.clock).await?;
    let still = data.still(output)?;
    let mut to = BufWriter::with_capacity(BUFFER_BYTES, Bytes(output));
    let made_at = data.environment.clock.now();
    let mut steps = |step: worksmith_store::BackupStep, done, all| {
        output.progress(step.counted())(done, all);
    };
    let made = still.store().back_up(files, artifacts::NAMED, made_at, &mut to, &mut steps).await;
    hold.release().await;
    let manifest = made.map_err(|error| match error {
        BackupError::Output(cause) => Failure::from(cause.to_string()),
        BackupError::Store(cause) => cause.into(),
        BackupError::Files(sentence) => sentence.into(),
    })?;
    output.settle();
    let seconds = begin.elapsed().as_secs_f64();
    output.note(format_args!("Backed up {}, in {seconds:.1} s", describe(&manifest)));
    Ok(())
}

/// The contents of a backup, for people.
pub(crate) fn describe(manifest: &Manifest) -> String {
    let objects: u64 = manifest.orgs.iter().map(|org| org.objects).sum();
    let events: u64 = manifest.orgs.iter().map(|org| org.events).sum();
    let (orgs, files) = (manifest.orgs.len(), &manifest.files);
    format!(
        "{objects} objects and {events} events of {orgs} orgs, and {} files of {} bytes",
        files.count, files.bytes
    )
}
