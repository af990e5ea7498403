//! Bringing the log to the disk, beside the writer: a thread flushes it while the writer already
//! applies the next batches, and answers those whose commits are then on the disk.
//!
//! So for a moment there are commits that readers see and that a power cut would take back.
//! Writes that build on them are safe, since the log is kept in order: whatever is on the disk,
//! everything before it is, too. An answer that only reads waits until what it read is on the disk
//! ([`Durable::until`]), so nobody learns of what may still vanish.
//!
//! After a flush that failed, the kernel takes the pages for written, and a later flush would
//! succeed without them. So the first failure is final: nothing is acknowledged any more, and
//! nothing is copied from the log into the database, until the server is started again and reads
//! from the disk what is there.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC};
use tokio::sync::{oneshot, watch};
use worksmith_kernel::{Error, Result, Value};

use super::writer::Job;
use crate::moment::Moment;
use crate::rows::Rows;

/// How far the log is on the disk.
#[derive(Clone, Debug, Default)]
struct Reached {
    /// The last commit that is on the disk.
    commit: Moment,
    /// Why it goes no further.
    fault: Option<Arc<str>>,
}

/// Which commits are on the disk.
#[derive(Debug)]
pub(crate) struct Durable {
    /// The last commit that readers may see, which may still be on its way into the log.
    begun: AtomicU64,
    reached: watch::Sender<Reached>,
}

impl Default for Durable {
    fn default() -> Self {
        Self { begun: AtomicU64::new(0), reached: watch::Sender::new(Reached::default()) }
    }
}

impl Durable {
    /// Notes that readers may see a commit from now on.
    pub(super) fn begins(&self, commit: Moment) {
        self.begun.store(commit.number(), Ordering::Release);
    }

    /// Whether no commit is on its way that a snapshot may have although it is not noted yet.
    pub(crate) fn is_noted(&self, now: Moment) -> bool {
        self.begun.load(Ordering::Acquire) <= now.number()
    }

    /// Waits until everything that a reader has seen is on the disk. `read` is the moment at which
    /// all of it was read; `None` if that is now.
    pub(crate) async fn until(&self, read: Option<Moment>) -> Result<()> {
        let begun = self.begun.load(Ordering::Acquire);
        // A snapshot may have the commit that was noted right after its moment.
        let commit = Moment::of(read.map_or(begun, |read| begun.min(read.number() + 1)));
        if self.reached.borrow().commit >= commit {
            return Ok(());
        }
        let mut reached = self.reached.subscribe();
        let ended = |reached: &Reached| reached.commit >= commit || reached.fault.is_some();
        let reached = reached.wait_for(ended).await.map_err(Error::unavailable)?;
        match &reached.fault {
            Some(fault) if reached.commit < commit => Err(Error::unavailable(fault)),
            _ => Ok(()),
        }
    }

    /// Why nothing more reaches the disk, if that is so.
    pub(crate) fn fault(&self) -> Option<Arc<str>> {
        self.reached.borrow().fault.clone()
    }

    /// Ends all acknowledgement. The first cause is kept.
    pub(super) fn fail(&self, cause: &dyn std::fmt::Display) {
        let fault = format!(
            "a flush to the disk has failed ({cause}); mend the disk, then start the server again"
        );
        let is_first = self.reached.send_if_modified(|reached| {
            let is_first = reached.fault.is_none();
            if is_first {
                reached.fault = Some(fault.as_str().into());
            }
            is_first
        });
        if is_first {
            tracing::error!(%cause, "a flush to the disk has failed; nothing is written any more");
        }
    }

    /// Ends all acknowledgement if the cause of a failure is that a flush failed.
    pub(super) fn fail_if_unsynced(&self, cause: &rusqlite::Error) {
        if is_failed_flush(cause) {
            self.fail(cause);
        }
    }

    fn reaches(&self, commit: Moment) {
        self.reached.send_if_modified(|reached| {
            let is_further = reached.fault.is_none() && commit > reached.commit;
            if is_further {
                reached.commit = commit;
            }
            is_further
        });
    }
}

/// Whether a statement failed because a flush did.
pub(super) fn is_failed_flush(cause: &rusqlite::Error) -> bool {
    let code = cause.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC))
}

/// A statement's rows, for whom they are.
pub(super) struct Rowed {
    pub(super) rows: Result<Vec<Vec<Value>>>,
    pub(super) done: oneshot::Sender<Result<Vec<Vec<Value>>>>,
}

/// A commit in the log, and those who wait for it to be on the disk.
pub(super) struct Written {
    pub(super) commit: Moment,
    pub(super) jobs: Vec<Job>,
    pub(super) rowed: Option<Rowed>,
}

impl Written {
    /// Answers those who wait. The documents are kept, where the next change of them is likely.
    fn answer(self, fault: Option<&str>, rows: &Rows) {
        for Job { batch, done } in self.jobs {
            let outcome = match fault {
                None => {
                    rows.keep(batch, self.commit);
                    Ok(())
                }
                Some(fault) => Err(Error::unavailable(fault)),
            };
            // The receiver is gone if the client went away.
            let _ = done.send(outcome);
        }
        if let Some(Rowed { rows, done }) = self.rowed {
            let _ = done.send(fault.map_or(rows, |fault| Err(Error::unavailable(fault))));
        }
    }
}

/// The log of a database.
pub(super) fn log_of(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// The thread that flushes the log.
pub(super) struct Syncer {
    written: Option<Sender<Written>>,
    thread: Option<JoinHandle<()>>,
}

impl Syncer {
    /// Starts it for the log of a database, which must exist.
    pub(super) fn start(
        database: &Path,
        durable: Arc<Durable>,
        rows: Arc<Rows>,
    ) -> std::io::Result<Self> {
        // It stays open, so the kernel reports to it whatever fails to be written.
        let log = File::open(log_of(database))?;
        let (written, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("store-sync".to_owned())
            .spawn(move || run(&log, &waiting, &durable, &rows))?;
        Ok(Self { written: Some(written), thread: Some(thread) })
    }

    /// Leaves it to the thread to answer those who wait for a commit. If the thread is gone, they
    /// find that nobody answers.
    pub(super) fn hand_over(&self, written: Written) {
        if let Some(to) = &self.written {
            let _ = to.send(written);
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        drop(self.written.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(log: &File, waiting: &Receiver<Written>, durable: &Durable, rows: &Rows) {
    while let Ok(first) = waiting.recv() {
        let all: Vec<_> = std::iter::once(first).chain(waiting.try_iter()).collect();
        match log.sync_data() {
            Ok(()) => {
                if let Some(last) = all.last() {
                    durable.reaches(last.commit);
                }
            }
            Err(cause) => durable.fail(&cause),
        }
        // Another flush, such as that of the checkpointer, may have failed.
        let fault = durable.fault();
        for written in all {
            written.answer(fault.as_deref(), rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// What has become of a wait by now.
    fn now<T>(wait: impl Future<Output = T>) -> Option<T> {
        let mut wait = std::pin::pin!(wait);
        match wait.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_reader_waits_for_the_last_commit_that_it_may_have_seen() {
        let durable = Durable::default();
        assert!(now(durable.until(None)).is_some(), "nothing was written");
        durable.begins(Moment::of(5));
        durable.reaches(Moment::of(4));
        assert!(now(durable.until(None)).is_none());
        assert!(now(durable.until(Some(Moment::of(3)))).is_some());
        // The fifth commit may be in a snapshot before it is noted.
        assert!(now(durable.until(Some(Moment::of(4)))).is_none());
        durable.reaches(Moment::of(5));
        assert!(now(durable.until(None)).is_some_and(|outcome| outcome.is_ok()));
        assert!(now(durable.until(Some(Moment::of(5)))).is_some_and(|outcome| outcome.is_ok()));
    }

    #[test]
    fn after_a_failed_flush_nothing_more_is_durable() {
        let durable = Durable::default();
        durable.begins(Moment::of(2));
        durable.reaches(Moment::of(1));
        durable.fail(&"no such disk");
        // A later flush succeeds although it left something out.
        durable.reaches(Moment::of(2));
        assert!(now(durable.until(Some(Moment::default()))).is_some_and(|outcome| outcome.is_ok()));
        let Some(Err(Error::Unavailable(fault))) = now(durable.until(None)) else {
            panic!("what is not on the disk was told");
        };
        assert!(fault.contains("no such disk"), "{fault}");
        assert_eq!(durable.fault().as_deref(), Some(fault.as_str()));
    }

    #[test]
    fn only_a_failed_flush_ends_everything() {
        let failure = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        let durable = Durable::default();
        durable.fail_if_unsynced(&failure(rusqlite::ffi::SQLITE_FULL));
        durable.fail_if_unsynced(&failure(rusqlite::ffi::SQLITE_IOERR_WRITE));
        assert!(durable.fault().is_none());
        durable.fail_if_unsynced(&failure(SQLITE_IOERR_FSYNC));
        assert!(durable.fault().is_some());
    }
}
