//! `worksmith export`: everything that is kept, as lines of JSON.

use std::io::{self, Write};
use std::time::Instant;

use worksmith_store::{ExportError, Exported};

use crate::cli::ExportOptions;
use crate::control::{self, Data, Job, Place, Run, Session};
use crate::destination::Destination;
use crate::failure::Failure;
use crate::output::Output;

/// How much is written at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Runs the command.
pub(crate) async fn run(options: ExportOptions, output: &Output, run: Run) -> Result<(), Failure> {
    let ExportOptions { file, data_dir, database } = options;
    let place = Place { dir: &data_dir, database: &database, is_made: false, files: None };
    let destination = Destination::open(&file, "export", output);
    let done = control::run(Job::Export, &place, &destination.output(), None, run).await;
    destination.finish(done)
}

/// Runs the job where the data is.
pub(crate) async fn job(data: &Data, session: &Session) -> Result<(), Failure> {
    let begin = Instant::now();
    let output = &session.output;
    let still = data.still(output)?;
    let mut lines = io::BufWriter::with_capacity(BUFFER_BYTES, Bytes(output));
    let exported = still.store().export(&mut lines, &mut output.progress("rows")).await;
    let Exported { orgs, objects, events, lines } = match exported {
        Ok(exported) => exported,
        Err(ExportError::Output(cause)) => return Err(cause.to_string().into()),
        Err(other) => return Err(other.into()),
    };
    output.settle();
    let seconds = begin.elapsed().as_secs_f64();
    output.note(format_args!(
        "Exported {objects} objects and {events} events of {orgs} orgs in {lines} lines, in \
         {seconds:.1} s. Files are not in it: they are in the folder artifacts of the data dir."
    ));
    Ok(())
}

/// The standard output of a job as a writer of bytes.
pub(crate) struct Bytes<'a>(pub(crate) &'a Output);

impl Write for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.bytes(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
