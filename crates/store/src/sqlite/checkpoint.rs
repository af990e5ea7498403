//! Bringing the log into the database, beside the writer and not in its way.
//!
//! `SQLite` would do so within a commit, which then takes a hundred times as long as others. Here
//! a thread with a connection of its own copies what is committed while the writer goes on. A log
//! that is written all the time never comes to its end that way; once it is long, the writer is
//! asked to begin it anew, which is quick because little is left to copy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

/// So long the copying waits after it was done, so that pages that change often are copied once.
const PAUSE: Duration = Duration::from_millis(500);
/// A log of so many pages is begun anew: 64 MB.
const LOG_PAGES_MAX: i64 = 16_384;
/// How many pages may be left for the writer to copy when it begins the log anew.
const PAGES_LEFT: i64 = 500;
/// How many times that is tried.
const ROUNDS_MAX: usize = 8;

/// So long readers may hold up the writer when it begins the log anew.
const WAIT: Duration = Duration::from_millis(50);

/// What the writer and the thread tell each other.
#[derive(Default)]
pub(super) struct Log {
    /// Something was committed since the last copying.
    is_written: AtomicBool,
    /// The log is to be begun anew.
    is_long: AtomicBool,
    /// So many read one state of it for long.
    held: AtomicUsize,
}

/// Ends with the long reading of one state.
pub(super) struct Held(Arc<Log>);

impl Drop for Held {
    fn drop(&mut self) {
        // What was asked for before would have the writer copy all that has come together.
        self.0.is_long.store(false, Ordering::Relaxed);
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Log {
    /// Somebody reads one state for long. As long as that, asking for the log to be begun anew
    /// would only make the writer wait in vain.
    pub(super) fn hold(self: &Arc<Self>) -> Held {
        self.held.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(self))
    }

    fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed) > 0
    }

    /// The writer has committed. Begins the log anew if it is long.
    pub(super) fn committed(&self, connection: &Connection) {
        self.is_written.store(true, Ordering::Relaxed);
        if !self.is_held() && self.is_long.swap(false, Ordering::Relaxed) {
            // Readers of the log are waited for, but not for long: where one stays, this is asked
            // for again.
            let _ = connection.busy_timeout(WAIT);
            checkpoint(connection, "RESTART");
            let _ = connection.busy_timeout(super::BUSY);
        }
    }
}

/// The thread that copies.
pub(super) struct Checkpointer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(connection: Connection, log: Arc<Log>) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("store-log".to_owned())
            .spawn(move || run(&connection, &log, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, log: &Log, stopped: &Receiver<()>) {
    while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        if !log.is_written.swap(false, Ordering::Relaxed) {
            continue;
        }
        let Some(mut copied) = checkpoint(connection, "PASSIVE") else { continue };
        if copied.of <= LOG_PAGES_MAX || log.is_held() {
            continue;
        }
        // Each round has to copy what was committed during the one before. The last of it is left
        // to the writer, and everybody waits for the writer.
        for _ in 0..ROUNDS_MAX {
            let Some(next) = checkpoint(connection, "PASSIVE") else { break };
            let is_little = next.pages - copied.pages < PAGES_LEFT;
            copied = next;
            if is_little {
                break;
            }
        }
        log.is_long.store(true, Ordering::Relaxed);
    }
}

/// How much of the log is in the database.
struct Copied {
    pages: i64,
    of: i64,
}

/// Copies. A failure harms nothing: the log stays as it is.
fn checkpoint(connection: &Connection, how: &str) -> Option<Copied> {
    let sql = format!("PRAGMA wal_checkpoint({how})");
    let copied =
        connection.query_row(&sql, [], |row| Ok(Copied { pages: row.get(2)?, of: row.get(1)? }));
    copied.inspect_err(|cause| tracing::warn!(%cause, "the log can't be brought in")).ok()
}
