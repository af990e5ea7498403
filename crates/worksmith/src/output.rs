//! The output of a command: to the terminal, a file, or a client of the running server. If the
//! reader is gone, that must not end a command in the middle of its work.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Without a terminal, a line shows the progress after this many rows or documents.
const LINE_EVERY: u64 = 100_000;
/// The same, in bytes.
const LINE_EVERY_BYTES: u64 = 1 << 30;

/// The progress of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// What is counted.
    pub(crate) what: String,
    /// How many of them are done.
    pub(crate) done: u64,
    /// How many there are, if that is known.
    pub(crate) all: Option<u64>,
    /// If it is not, how much of the whole is done, from 0 to 1.
    pub(crate) share: Option<f64>,
    /// What is being worked on, if that is shown, too.
    pub(crate) at: Option<String>,
    /// How many were done before it began, which says nothing of its pace.
    pub(crate) earlier: u64,
    /// Without a terminal, a line shows the progress each time this many are done.
    pub(crate) every: u64,
}

/// Where output is sent.
pub(crate) trait Sink: Send + Sync {
    /// Writes to standard output.
    fn out(&self, bytes: &[u8]) -> io::Result<()>;
    /// A line to standard error.
    fn note(&self, line: &str);
    /// Shows the progress.
    fn progress(&self, at: &Progress);
    /// Removes the display of the progress.
    fn settle(&self);
}

/// The output of a command; cheap to clone.
#[derive(Clone)]
pub(crate) struct Output {
    sink: Arc<dyn Sink>,
    /// The error of the first line that did not reach standard output.
    fault: Arc<Mutex<Option<io::Error>>>,
}

impl Output {
    /// Sends the output to a sink.
    pub(crate) fn new(sink: impl Sink + 'static) -> Self {
        Self { sink: Arc::new(sink), fault: Arc::default() }
    }

    /// The terminal, or whatever standard output and standard error are.
    pub(crate) fn terminal() -> Self {
        Self::new(Terminal { shown: Mutex::new(None) })
    }

    /// A line to standard output. If it can't be written, the command goes on; [`Output::end`]
    /// reports it.
    pub(crate) fn line(&self, line: impl Display) {
        self.text(format!("{line}\n").as_bytes());
    }

    /// The same for text, without adding a line break.
    pub(crate) fn text(&self, text: &[u8]) {
        if let Err(cause) = self.bytes(text) {
            let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
            fault.get_or_insert(cause);
        }
    }

    /// Bytes to standard output, for callers that must know whether they arrive.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        self.sink.out(bytes)
    }

    /// A line to standard error.
    pub(crate) fn note(&self, line: impl Display) {
        self.sink.note(&line.to_string());
    }

    /// Shows the progress of something of which the total is known.
    pub(crate) fn progress(&self, what: &str) -> impl FnMut(u64, u64) + Send + use<> {
        let (sink, what) = (Arc::clone(&self.sink), what.to_owned());
        let every = if what.starts_with("bytes") { LINE_EVERY_BYTES } else { LINE_EVERY };
        move |done, all| {
            let (what, all) = (what.clone(), Some(all));
            let (share, at, earlier) = (None, None, 0);
            sink.progress(&Progress { what, done, all, share, at, earlier, every });
        }
    }

    /// Shows the progress.
    pub(crate) fn show(&self, at: &Progress) {
        self.sink.progress(at);
    }

    /// Removes the display of the progress.
    pub(crate) fn settle(&self) {
        self.sink.settle();
    }

    /// The result of a finished command: it is fine if the reader has stopped reading, but any
    /// other reason that kept output from arriving is a failure.
    pub(crate) fn end(&self) -> Result<(), Failure> {
        self.settle();
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        match fault {
            Some(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
                Err(format!("standard output can't be written: {cause}").into())
            }
            _ => Ok(()),
        }
    }
}

/// The streams of this process.
struct Terminal {
    shown: Mutex<Option<Shown>>,
}

/// The display of the progress.
struct Shown {
    what: String,
    bar: ProgressBar,
    told: u64,
}

impl Terminal {
    /// Runs something while the bar is hidden.
    fn suspended<T>(&self, run: impl FnOnce() -> T) -> T {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match &*shown {
            Some(shown) => shown.bar.suspend(run),
            None => run(),
        }
    }
}

fn note(line: &str) {
    // There is nobody else to report an error to.
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

impl Sink for Terminal {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.suspended(|| {
            let mut out = io::stdout().lock();
            out.write_all(bytes)?;
            out.flush()
        })
    }

    fn note(&self, line: &str) {
        self.suspended(|| note(line));
    }

    fn progress(&self, at: &Progress) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = match &mut *shown {
            Some(shown) if shown.what == at.what => shown,
            other => other.insert(Shown { what: at.what.clone(), bar: bar(at), told: 0 }),
        };
        if shown.bar.is_hidden() {
            if at.done / at.every > shown.told / at.every {
                note(&match at.all {
                    Some(all) => format!("{} of {all} {}", at.done, at.what),
                    None => format!("{} {}", at.done, at.what),
                });
            }
            shown.told = at.done;
            return;
        }
        match (at.all, at.share) {
            (Some(all), _) => {
                if let Some(at) = &at.at {
                    shown.bar.set_message(at.clone());
                }
                shown.bar.set_length(all);
                shown.bar.set_position(at.done);
                if at.done >= all {
                    shown.bar.finish_and_clear();
                }
            }
            (None, share) => {
                shown.bar.set_message(format!("{} {}", at.done, at.what));
                if let Some(share) = share {
                    shown.bar.set_position(permille(share));
                }
            }
        }
    }

    fn settle(&self) {
        if let Some(shown) = self.shown.lock().unwrap_or_else(PoisonError::into_inner).take() {
            shown.bar.finish_and_clear();
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
fn permille(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 1000.0) as u64
}

/// A bar on a terminal; otherwise one that is not shown.
fn bar(at: &Progress) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let what = &at.what;
    let template = match (at.all, at.share) {
        (Some(_), _) if at.at.is_some() => format!(
            "{{bar:40}} {{percent:>3}}%  {{human_pos}} of {{human_len}} {what}  {{msg}}  \
             {{elapsed}}, {{eta}} to go"
        ),
        (Some(_), _) => {
            format!("{{bar:40}} {{percent:>3}}%  {{human_pos}} {what}  {{elapsed}}, {{eta}} to go")
        }
        (None, Some(_)) => "{bar:40} {percent:>3}%  {msg}  {elapsed}, {eta} to go".to_owned(),
        (None, None) => "{spinner} {msg}  {elapsed}".to_owned(),
    };
    let length = at.all.or(at.share.map(|_| 1000));
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    if at.earlier > 0 {
        bar.set_position(at.earlier);
        bar.reset_eta();
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
