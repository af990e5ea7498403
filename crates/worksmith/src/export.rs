//! `worksmith export`: everything that is kept, as lines of JSON.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use worksmith_store::{ExportError, Exported};

use crate::cli::ExportOptions;
use crate::failure::Failure;
use crate::home::Home;
use crate::reindex;

/// So much is written at once.
const BUFFER_BYTES: usize = 1 << 20;

/// Runs the command.
pub(crate) async fn run(options: ExportOptions) -> Result<(), Failure> {
    let ExportOptions { file, data_dir, database } = options;
    let home = Home::open_existing(&data_dir, &database).await?;
    let begin = Instant::now();
    let mut output = Output::open(&file).map_err(|cause| unwritten(&file, &cause))?;
    let exported = home.store.export(output.writer(), &mut reindex::progress("rows")).await;
    let Exported { orgs, objects, events, lines } = match exported {
        Ok(exported) => exported,
        Err(ExportError::Output(cause)) => return Err(unwritten(&file, &cause)),
        Err(other) => return Err(other.into()),
    };
    output.finish().map_err(|cause| unwritten(&file, &cause))?;
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!(
        "Exported {objects} objects and {events} events of {orgs} orgs in {lines} lines, in \
         {seconds:.1} s. Files are not in it: they are in the folder artifacts of the data dir."
    );
    Ok(())
}

fn unwritten(file: &Path, cause: &io::Error) -> Failure {
    format!("{} can't be written: {cause}", file.display()).into()
}

/// Where the lines go. A file has its name only once it is whole.
enum Output {
    Whole(BufWriter<Box<dyn Write>>),
    Named { part: PathBuf, file: PathBuf, writer: BufWriter<File> },
}

impl Output {
    fn open(file: &Path) -> io::Result<Self> {
        let whole = |to: Box<dyn Write>| Self::Whole(BufWriter::with_capacity(BUFFER_BYTES, to));
        if file == Path::new("-") {
            return Ok(whole(Box::new(io::stdout())));
        }
        // A device or a pipe must not be replaced by a file.
        if fs::metadata(file).is_ok_and(|there| !there.is_file()) {
            return Ok(whole(Box::new(File::options().write(true).open(file)?)));
        }
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = file.with_file_name(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // It holds what people wrote.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let writer = BufWriter::with_capacity(BUFFER_BYTES, options.open(&part)?);
        Ok(Self::Named { part, file: file.to_owned(), writer })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Whole(writer) => writer,
            Self::Named { writer, .. } => writer,
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Whole(mut writer) => writer.flush(),
            Self::Named { part, file, writer } => {
                writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                fs::rename(part, file)
            }
        }
    }
}
