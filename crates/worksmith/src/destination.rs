//! A file that a command writes. It gets its name only once it is complete and on the disk.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::failure::Failure;
use crate::output::{Output, Progress, Sink};

/// How much is written at a time.
const BUFFER_BYTES: usize = 1 << 20;
/// How much is flushed to the disk at a time. A server waits for the disk with each commit, and
/// must not have to wait for the whole file.
const SYNC_BYTES: u64 = 4 << 20;

/// The destination of a command's bytes.
pub(crate) struct Destination {
    file: PathBuf,
    /// What is being written, in a word.
    what: &'static str,
    state: Arc<Mutex<State>>,
    /// The messages to show once the file is complete.
    said: Arc<Mutex<Vec<String>>>,
    terminal: Output,
}

/// A file is opened when its first bytes arrive, so that a command that fails earlier leaves
/// nothing.
enum State {
    Unopened(PathBuf),
    Open(BufWriter<Place>),
    Failed(io::Error),
}

enum Place {
    /// A device, a pipe, standard output.
    Whole(Box<dyn Write + Send>),
    Named {
        part: PathBuf,
        file: PathBuf,
        writing: File,
        unsynced: u64,
    },
}

impl Destination {
    /// A file, or `-` for standard output. The messages of the command go to `terminal`.
    pub(crate) fn open(file: &Path, what: &'static str, terminal: &Output) -> Self {
        let state = Arc::new(Mutex::new(State::Unopened(file.to_owned())));
        let said = Arc::default();
        Self { file: file.to_owned(), what, state, said, terminal: terminal.clone() }
    }

    /// What the command writes to.
    pub(crate) fn output(&self) -> Output {
        let (state, said) = (Arc::clone(&self.state), Arc::clone(&self.said));
        Output::new(Filling { state, said, terminal: self.terminal.clone() })
    }

    /// Gives the file its name, if the command succeeded.
    pub(crate) fn finish(self, done: Result<(), Failure>) -> Result<(), Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let last = std::mem::replace(&mut *state, State::Unopened(PathBuf::new()));
        drop(state);
        let written = match (last, &done) {
            (State::Failed(cause), _) => Err(cause),
            (State::Open(writer), Ok(())) => finish(writer),
            (State::Open(writer), Err(_)) => {
                // Nothing is left of an incomplete file.
                if let Place::Named { part, .. } = writer.into_parts().0 {
                    let _ = fs::remove_file(part);
                }
                Ok(())
            }
            (State::Unopened(_), _) => Ok(()),
        };
        written.map_err(|cause| self.unwritten(&cause))?;
        done?;
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.iter().for_each(|line| self.terminal.note(line));
        Ok(())
    }

    fn unwritten(&self, cause: &io::Error) -> Failure {
        let what = self.what;
        if self.file == Path::new("-") && cause.kind() == io::ErrorKind::BrokenPipe {
            return format!("whoever reads the {what} stopped before its end").into();
        }
        let file = if self.file == Path::new("-") {
            "standard output".to_owned()
        } else {
            self.file.display().to_string()
        };
        format!("{file} can't be written: {cause}").into()
    }
}

impl Place {
    fn open(file: &Path) -> io::Result<Self> {
        if file == Path::new("-") {
            return Ok(Self::Whole(Box::new(io::stdout())));
        }
        // A device or a pipe must not be replaced by a file.
        if fs::metadata(file).is_ok_and(|there| !there.is_file()) {
            return Ok(Self::Whole(Box::new(File::options().write(true).open(file)?)));
        }
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = file.with_file_name(name);
        let mut options = File::options();
        // It contains what people wrote, so only its owner may read it.
        options.write(true).create(true).truncate(true).mode(0o600);
        let writing = options.open(&part)?;
        fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self::Named { part, file: file.to_owned(), writing, unsynced: 0 })
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Whole(writer) => writer.write(bytes),
            Self::Named { writing, unsynced, .. } => {
                let written = writing.write(bytes)?;
                *unsynced += written as u64;
                if *unsynced >= SYNC_BYTES {
                    writing.sync_data()?;
                    *unsynced = 0;
                }
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Whole(writer) => writer.flush(),
            Self::Named { .. } => Ok(()),
        }
    }
}

fn finish(mut writer: BufWriter<Place>) -> io::Result<()> {
    writer.flush()?;
    let Place::Named { part, file, writing, .. } = writer.get_ref() else { return Ok(()) };
    writing.sync_all()?;
    fs::rename(part, file)?;
    // The name must survive a power cut, too.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The sink that a command writes to.
struct Filling {
    state: Arc<Mutex<State>>,
    said: Arc<Mutex<Vec<String>>>,
    terminal: Output,
}

impl Sink for Filling {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match &mut *state {
            State::Unopened(file) => Place::open(file).and_then(|place| {
                let mut writer = BufWriter::with_capacity(BUFFER_BYTES, place);
                let written = writer.write_all(bytes);
                *state = State::Open(writer);
                written
            }),
            State::Open(writer) => writer.write_all(bytes),
            State::Failed(_) => Err(io::Error::other("it can't be written")),
        };
        written.inspect_err(|cause| {
            let told = io::Error::new(cause.kind(), cause.to_string());
            match std::mem::replace(&mut *state, State::Failed(told)) {
                State::Open(writer) => {
                    if let Place::Named { part, .. } = writer.into_parts().0 {
                        let _ = fs::remove_file(part);
                    }
                }
                // The first failure is the one to report.
                State::Failed(first) => *state = State::Failed(first),
                State::Unopened(_) => {}
            }
        })
    }

    fn note(&self, line: &str) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }

    fn progress(&self, at: &Progress) {
        self.terminal.show(at);
    }

    fn settle(&self) {
        self.terminal.settle();
    }
}
