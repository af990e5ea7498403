//! Copying the database while it is written to.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use tempfile::TempDir;
use worksmith_kernel::{Error, Result};

use super::{FILE, READER_CACHE_KIB, Sqlite, connect, read_error};
use crate::layout::Progress;

/// The prefix of the names of folders with copies.
const PREFIX: &str = "still-";
/// How many pages are copied at a time and flushed to the disk: 4 MB. A commit meanwhile waits for
/// the disk too, and must not wait for more than this.
const PAGES: i32 = 1000;
/// The copy is deleted in pieces of this size, for the same reason.
const PIECE_BYTES: u64 = 4 << 20;
/// How much of the disk a copy leaves free.
const LEFT_FREE_BYTES: u64 = 64 << 20;
/// How long the copy waits if SQLite is busy.
const WAIT: Duration = Duration::from_millis(10);

/// A folder with a copy of the database, which is deleted when this is dropped.
pub(crate) struct Copied(TempDir);

impl Copied {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // Piece by piece: a commit meanwhile waits for the file system to finish one.
        let file = File::options().write(true).open(self.path().join(FILE));
        let Ok(file) = file else { return };
        let mut size = file.metadata().map_or(0, |file| file.len());
        while size > 0 {
            size = size.saturating_sub(PIECE_BYTES);
            if file.set_len(size).is_err() {
                return;
            }
        }
    }
}

impl Sqlite {
    /// Copies the present state into a folder in the data dir.
    ///
    /// Pages are copied as they are, from one snapshot, so this takes little longer than reading
    /// and writing them. The log can't be restarted meanwhile.
    pub(crate) fn copy(&self, progress: Progress<'_>) -> Result<Copied> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let failed = |cause: std::io::Error| Error::unavailable(cause);
        self.has_room(dir)?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(dir).map_err(failed)?;
        let path = folder.path().join(FILE);
        self.copy_pages(&path, progress).map_err(|cause| read_error(&cause))?;
        Ok(Copied(folder))
    }

    fn has_room(&self, dir: &Path) -> Result<()> {
        let log = self.path.with_extension("db-wal");
        let size = |path| fs::metadata(path).map_or(0, |file| file.len());
        let needed = size(&self.path) + size(&log) + LEFT_FREE_BYTES;
        let disk = rustix::fs::statvfs(dir).map_err(Error::unavailable)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < needed {
            return Err(Error::unavailable(format!(
                "reading all of it while a server runs takes a copy of it, and the disk has {} MB \
                 free where {} MB are needed",
                free >> 20,
                needed >> 20
            )));
        }
        Ok(())
    }

    fn copy_pages(&self, path: &Path, progress: Progress<'_>) -> rusqlite::Result<()> {
        let source = connect(&self.path, READER_CACHE_KIB)?;
        let _held = self.log.hold();
        source.execute_batch("BEGIN DEFERRED")?;
        // The first statement fixes the state that is read. As long as it is held, the copy need
        // not start over when somebody writes.
        source.query_row("SELECT count(*) FROM counters", [], |_| Ok(()))?;
        let mut target = Connection::open(path)?;
        // After a crash, nobody needs the copy.
        target.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE",
        )?;
        let file = File::open(path);
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES)?;
            if let Ok(file) = &file {
                // If it can't be synced now, the system does so later.
                let _ = file.sync_data();
            }
            let at = backup.progress();
            let (all, left) = (at.pagecount.unsigned_abs(), at.remaining.unsigned_abs());
            progress(u64::from(all - left.min(all)), u64::from(all));
            match step {
                StepResult::Done => return Ok(()),
                StepResult::Busy | StepResult::Locked => std::thread::sleep(WAIT),
                _ => {}
            }
        }
    }
}

/// Deletes the copies of a process that was killed. The caller has the data dir to itself.
pub(super) fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let is_copy = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_copy && let Err(cause) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%cause, path = %entry.path().display(), "a copy can't be deleted");
        }
    }
}
