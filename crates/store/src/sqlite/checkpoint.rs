//! Copying the write-ahead log into the database, beside the writer and out of its way.
//!
//! `SQLite` would do so within a commit, which then takes a hundred times as long as others. Here,
//! a thread with a connection of its own copies what is committed while the writer goes on. A log
//! that is written to all the time never ends that way. So once it is long, the writer is asked to
//! restart it, which is quick because little is left to copy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::sync::Durable;

/// The pause between two copies, so that pages that change often are copied once.
const PAUSE: Duration = Duration::from_millis(500);
/// A log with more pages than this is restarted: 64 MB.
const LOG_PAGES_MAX: i64 = 16_384;
/// How long readers may hold up the writer when it restarts the log.
const WAIT: Duration = Duration::from_millis(50);

/// What the writer and the thread tell each other.
#[derive(Default)]
pub(super) struct Log {
    /// Something was committed since the last copy.
    is_written: AtomicBool,
    /// The writer is to restart the log.
    is_long: AtomicBool,
    /// How many read one state of it for a long time.
    held: AtomicUsize,
}

/// Held while one state is read for a long time.
pub(super) struct Held(Arc<Log>);

impl Drop for Held {
    fn drop(&mut self) {
        // An earlier request would make the writer copy everything that has accumulated.
        self.0.is_long.store(false, Ordering::Relaxed);
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Log {
    /// Marks that one state is read for a long time. As long as that lasts, asking the writer to
    /// restart the log would only make it wait in vain.
    pub(super) fn hold(self: &Arc<Self>) -> Held {
        self.held.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(self))
    }

    fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed) > 0
    }

    /// Called after each commit of the writer. Restarts the log if that was asked for.
    pub(super) fn committed(&self, connection: &Connection, durable: &Durable) {
        self.is_written.store(true, Ordering::Relaxed);
        if !self.is_held() && self.is_long.swap(false, Ordering::Relaxed) {
            // Waits for readers of the log, but not for long: if one stays, the restart is asked
            // for again.
            let _ = connection.busy_timeout(WAIT);
            checkpoint(connection, "RESTART", durable);
            let _ = connection.busy_timeout(super::BUSY);
        }
    }
}

pub(super) struct Checkpointer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(
        connection: Connection,
        log: Arc<Log>,
        durable: Arc<Durable>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("store-log".to_owned())
            .spawn(move || run(&connection, &log, &durable, &stopped))?;
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

fn run(connection: &Connection, log: &Log, durable: &Durable, stopped: &Receiver<()>) {
    while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        if log.is_written.swap(false, Ordering::Relaxed)
            && checkpoint(connection, "PASSIVE", durable).is_some_and(|pages| pages > LOG_PAGES_MAX)
            && !log.is_held()
        {
            log.is_long.store(true, Ordering::Relaxed);
        }
    }
}

/// Copies, and returns how many pages the log has. `SQLite` flushes the log first, so that nothing
/// reaches the database that a power cut would take back. A failure does no harm, as the log stays
/// as it is, unless that flush has failed.
fn checkpoint(connection: &Connection, how: &str, durable: &Durable) -> Option<i64> {
    if durable.fault().is_some() {
        return None;
    }
    let sql = format!("PRAGMA wal_checkpoint({how})");
    let pages = connection.query_row(&sql, [], |row| row.get(1));
    let failed = |cause: &rusqlite::Error| {
        tracing::warn!(%cause, "the log can't be brought in");
        durable.fail_if_unsynced(cause);
    };
    pages.inspect_err(failed).ok()
}
