//! Copying the write-ahead log into the database, beside the writer and out of its way.
//!
//! `SQLite` would do so within a commit, which then takes a hundred times as long as others. Here,
//! a thread with a connection of its own copies what is committed while the writer goes on. A log
//! that is written to all the time never ends that way. So once it is long, the writer is asked to
//! restart it, which is quick because little is left to copy.
//!
//! `SQLite` flushes the log before it copies from it. It counts as copied what it has written to
//! the database, though the next flush may fail, and then the kernel drops it. So after such a
//! failure nothing is copied any more, and the log keeps everything until the next start, which
//! copies all of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::sync::{Durable, is_failed_flush, log_of};

/// The pause between two copies, so that pages that change often are copied once.
const PAUSE: Duration = Duration::from_millis(500);
/// A log with more pages than this is restarted: 64 MB.
const LOG_PAGES_MAX: i64 = 16_384;
/// How much of the log is stored again at once.
const STORED_BYTES: usize = 1 << 20;
/// How long readers may hold up the writer when it restarts the log.
const WAIT: Duration = Duration::from_millis(50);

/// What the writer and the thread tell each other.
pub(super) struct Log {
    /// Something was committed since the last copy.
    is_written: AtomicBool,
    /// The writer is to restart the log.
    is_long: AtomicBool,
    /// How many read one state of it for a long time.
    held: AtomicUsize,
    /// Locked while it is copied.
    copying: Mutex<()>,
    durable: Arc<Durable>,
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
    pub(super) fn new(durable: Arc<Durable>) -> Self {
        let (is_written, is_long) = (AtomicBool::new(false), AtomicBool::new(false));
        let (held, copying) = (AtomicUsize::new(0), Mutex::default());
        Self { is_written, is_long, held, copying, durable }
    }

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
    pub(super) fn committed(&self, connection: &Connection) {
        self.is_written.store(true, Ordering::Relaxed);
        if !self.is_held() && self.is_long.swap(false, Ordering::Relaxed) {
            // Waits for readers of the log, but not for long: if one stays, the restart is asked
            // for again.
            let _ = connection.busy_timeout(WAIT);
            self.copy(connection, "RESTART");
            let _ = connection.busy_timeout(super::BUSY);
        }
    }

    /// Called after the last commit of the writer, so that an orderly stop leaves no log behind.
    pub(super) fn finish(&self, connection: &Connection) {
        self.copy(connection, "TRUNCATE");
    }

    /// Copies, and returns how many pages the log has; `None` if it can't be copied, or another
    /// thread does so. Unless a flush fails, that does no harm: the log stays as it is.
    fn copy(&self, connection: &Connection, how: &str) -> Option<i64> {
        let _copying = match self.copying.try_lock() {
            Ok(free) => free,
            Err(TryLockError::WouldBlock) => return None,
            Err(TryLockError::Poisoned(left)) => left.into_inner(),
        };
        if self.durable.fault().is_some() {
            return None;
        }
        let sql = format!("PRAGMA wal_checkpoint({how})");
        let pages = connection.query_row(&sql, [], |row| row.get(1));
        let failed = |cause: &rusqlite::Error| {
            tracing::warn!(%cause, "the log can't be brought in");
            self.durable.fail_if_unsynced(cause);
        };
        pages.inspect_err(failed).ok()
    }
}

/// Brings the log that an earlier process left into the database, so that a start has the less to
/// do the sooner it follows another. A log that can't be brought in, for lack of space, stays.
pub(super) fn bring_in(connection: &Connection) -> rusqlite::Result<()> {
    match connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        Err(cause) if !is_failed_flush(&cause) => {
            tracing::warn!(%cause, "the log of an earlier process can't be brought in");
            Ok(())
        }
        copied => copied,
    }
}

/// Stores once more what the log of a database has. Nobody may write to it meanwhile.
///
/// An earlier process may have ended because the log could not be synced. What it wrote can still
/// be read, but no sync stores it: the kernel takes it for stored. A power cut would lose it, with
/// all that is written after it. Written again, the same bytes are stored by the next sync. That
/// has to happen before the log is copied, too: half of a copy is repaired from the log.
pub(super) fn store_again(database: &Path) -> io::Result<()> {
    let mut log = match File::options().read(true).write(true).open(log_of(database)) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        log => log?,
    };
    let mut bytes = vec![0; STORED_BYTES];
    loop {
        let at = log.stream_position()?;
        let count = log.read(&mut bytes)?;
        if count == 0 {
            return log.sync_all();
        }
        log.seek(SeekFrom::Start(at))?;
        match log.write_all(&bytes[..count]) {
            // A file system that copies on writing; it can still be read from.
            Err(cause) if cause.kind() == io::ErrorKind::StorageFull => return log.sync_all(),
            written => written?,
        }
    }
}

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
        if log.is_written.swap(false, Ordering::Relaxed)
            && log.copy(connection, "PASSIVE").is_some_and(|pages| pages > LOG_PAGES_MAX)
            && !log.is_held()
        {
            log.is_long.store(true, Ordering::Relaxed);
        }
    }
    // The last connection copies the log when it is closed. This one is closed after all others.
    if log.durable.fault().is_some() {
        let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }
}
