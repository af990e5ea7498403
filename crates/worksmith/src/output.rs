//! Where a command's words go: the terminal, a file, or whoever asked the running server for the
//! command. Whoever reads them may have gone: that ends no command in the middle of its work.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Elsewhere than on a terminal, a line is written every so many rows or documents.
const LINE_EVERY: u64 = 100_000;
/// And every so many bytes.
const LINE_EVERY_BYTES: u64 = 1 << 30;

/// How far a command is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// What is counted.
    pub(crate) what: String,
    /// How many of them are done.
    pub(crate) done: u64,
    /// How many there are, if that is known.
    pub(crate) all: Option<u64>,
    /// Where it is not, how much of the whole is done, from 0 to 1.
    pub(crate) share: Option<f64>,
    /// Without a terminal, a line says how far it is after every so many.
    pub(crate) every: u64,
}

/// What takes the words.
pub(crate) trait Sink: Send + Sync {
    /// Standard output, as it is.
    fn out(&self, bytes: &[u8]) -> io::Result<()>;
    /// A line of standard error.
    fn note(&self, line: &str);
    /// How far it is.
    fn progress(&self, at: &Progress);
    /// What is shown of the progress is taken away.
    fn settle(&self);
}

/// Where a command's words go; cheap to clone.
#[derive(Clone)]
pub(crate) struct Output {
    sink: Arc<dyn Sink>,
    /// Why the first line did not reach standard output that did not.
    fault: Arc<Mutex<Option<io::Error>>>,
}

impl Output {
    /// Lets the words go to a sink.
    pub(crate) fn new(sink: impl Sink + 'static) -> Self {
        Self { sink: Arc::new(sink), fault: Arc::default() }
    }

    /// The terminal, or whatever standard output and standard error are.
    pub(crate) fn terminal() -> Self {
        Self::new(Terminal { shown: Mutex::new(None) })
    }

    /// A line of standard output. One that can't be written changes nothing about what the command
    /// does; [`Output::end`] tells of it.
    pub(crate) fn line(&self, line: impl Display) {
        self.text(format!("{line}\n").as_bytes());
    }

    /// The same with text as it stands.
    pub(crate) fn text(&self, text: &[u8]) {
        if let Err(cause) = self.bytes(text) {
            let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
            fault.get_or_insert(cause);
        }
    }

    /// Bytes of standard output, for those who must know whether they arrive.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        self.sink.out(bytes)
    }

    /// A line of standard error.
    pub(crate) fn note(&self, line: impl Display) {
        self.sink.note(&line.to_string());
    }

    /// Tells how far something is of which it is known how much there is.
    pub(crate) fn progress(&self, what: &str) -> impl FnMut(u64, u64) + Send + use<> {
        let (sink, what) = (Arc::clone(&self.sink), what.to_owned());
        let every = if what.starts_with("bytes") { LINE_EVERY_BYTES } else { LINE_EVERY };
        move |done, all| {
            let (what, all) = (what.clone(), Some(all));
            sink.progress(&Progress { what, done, all, share: None, every });
        }
    }

    /// Shows how far it is.
    pub(crate) fn show(&self, at: &Progress) {
        self.sink.progress(at);
    }

    /// Takes away what is shown of the progress.
    pub(crate) fn settle(&self) {
        self.sink.settle();
    }

    /// What becomes of a command that is done: whoever stopped reading has had enough, but anything
    /// else that kept its words from arriving is a failure.
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

/// What is shown of the progress.
struct Shown {
    what: String,
    bar: ProgressBar,
    told: u64,
}

impl Terminal {
    /// Does something while no bar is in the way.
    fn suspended<T>(&self, run: impl FnOnce() -> T) -> T {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match &*shown {
            Some(shown) => shown.bar.suspend(run),
            None => run(),
        }
    }
}

fn note(line: &str) {
    // There is nobody else to tell.
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

/// A bar on a terminal; elsewhere one that is not shown.
fn bar(at: &Progress) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let what = &at.what;
    let template = match (at.all, at.share) {
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
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
