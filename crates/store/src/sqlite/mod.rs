//! The backend for one server: a writer thread that commits all waiting batches together, and a
//! pool of connections that read snapshots.

mod apply;
mod checkpoint;
mod copy;
mod reader;
mod rebuild;
mod search;
mod sync;
mod target;
mod writer;

use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use checkpoint::{Checkpointer, Log};
pub(crate) use copy::Copied;
pub(crate) use reader::SqliteSnapshot;
use rebuild::{Fault, Rebuild};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
pub(crate) use target::SqliteTarget;
use worksmith_kernel::{Error, Registry};
use writer::{Writer, Writing};

use self::sync::{Durable, Syncer};
use crate::layout::Upgrades;
use crate::rows::Rows;

/// Why the database of a data dir can't be used. Each reason ends the start with its sentence.
#[derive(Debug)]
pub enum SqliteError {
    /// The folder can't be created or written to.
    Folder(PathBuf, std::io::Error),
    /// Another process uses the data dir.
    InUse(PathBuf),
    /// The file is damaged, or not a database.
    Corrupt(PathBuf, String),
    /// A newer version of this program created it; the number is its layout.
    Newer(PathBuf, i64),
    /// A move into it is not finished.
    Unfinished(PathBuf),
    /// Anything else, such as a full disk.
    Database(PathBuf, String),
}

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path, cause) => {
                write!(f, "the data dir {} can't be written: {cause}", path.display())
            }
            Self::InUse(path) => write!(
                f,
                "another worksmith uses the data dir {}; stop it or name another --data-dir",
                path.display()
            ),
            Self::Corrupt(path, cause) => write!(
                f,
                "the database {} is damaged ({cause}); restore it from a backup",
                path.display()
            ),
            Self::Newer(path, version) => write!(
                f,
                "the database {} was made by a newer worksmith (schema {version}, this one knows \
                 {SCHEMA_VERSION}); run that version",
                path.display()
            ),
            Self::Unfinished(path) => {
                write!(f, "the database {} {}", path.display(), crate::layout::UNFINISHED_SAID)
            }
            Self::Database(path, cause) => {
                write!(f, "the database {} can't be used: {cause}", path.display())
            }
        }
    }
}

impl std::error::Error for SqliteError {}

/// How long a connection waits for another one.
const BUSY: Duration = Duration::from_secs(5);
/// The writer keeps the pages that it changes again and again.
const WRITER_CACHE_KIB: u32 = 32 << 10;
/// The pages that a reader keeps are worthless after the next commit.
const READER_CACHE_KIB: u32 = 12 << 10;
/// The file name of the database in a data dir.
pub(crate) const FILE: &str = "worksmith.db";
/// The layout that this program knows. The database records what each table keeps; changes of that
/// need no new number. Since 6, documents may have their long text apart.
const SCHEMA_VERSION: i64 = 6;
/// A database up to this size is verified at each start, which takes a fraction of a second. A
/// larger one would make everybody wait: `worksmith check` verifies it.
const LOOKED_THROUGH_BYTES: u64 = 64 << 20;

/// The database of a data dir.
pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    pub(crate) writer: Writer,
    pub(crate) durable: Arc<Durable>,
    log: Arc<Log>,
    search: search::SearchFile,
    /// Dropped after the writer.
    _checkpointer: Checkpointer,
    /// Held as long as the store is open.
    _lock: File,
}

impl Sqlite {
    pub(crate) fn open(
        dir: &Path,
        registry: &Registry,
        rows: Arc<Rows>,
        progress: Upgrades<'_>,
    ) -> Result<Self, SqliteError> {
        let folder = |cause| SqliteError::Folder(dir.to_owned(), cause);
        let lock = lock(dir)?;
        copy::sweep(dir);
        let path = dir.join(FILE);
        let failed = |cause: rusqlite::Error| open_error(&path, &cause);
        let connection = connect(&path, WRITER_CACHE_KIB).map_err(failed)?;
        layout(&connection, &path)?;
        take_over_log(&connection, &path)?;
        migrate(&connection, registry, &path, progress)?;
        // The syncer flushes what is committed. Copying the log still begins with a flush of it.
        connection.execute_batch("PRAGMA synchronous = NORMAL").map_err(failed)?;
        let durable = Arc::new(Durable::default());
        let log = Arc::new(Log::new(Arc::clone(&durable)));
        let copying = connect(&path, READER_CACHE_KIB).map_err(failed)?;
        let checkpointer = Checkpointer::start(copying, Arc::clone(&log)).map_err(folder)?;
        let changes = Arc::clone(&rows.changes);
        let syncer = Syncer::start(&path, Arc::clone(&durable), rows).map_err(folder)?;
        let writing =
            Writing { changes, log: Arc::clone(&log), durable: Arc::clone(&durable), syncer };
        let writer = Writer::start(connection, writing).map_err(folder)?;
        Ok(Self {
            path,
            readers: Mutex::default(),
            writer,
            durable,
            log,
            search: search::SearchFile::default(),
            _checkpointer: checkpointer,
            _lock: lock,
        })
    }

    /// Derives everything again.
    pub(crate) fn rebuild(
        dir: &Path,
        registry: &Registry,
        progress: Upgrades<'_>,
    ) -> Result<(), SqliteError> {
        let _lock = lock(dir)?;
        let path = dir.join(FILE);
        let connection =
            connect(&path, WRITER_CACHE_KIB).map_err(|cause| open_error(&path, &cause))?;
        if layout(&connection, &path)? == 0 {
            return Err(SqliteError::Database(path, "it is empty".to_owned()));
        }
        take_over_log(&connection, &path)?;
        let rebuild =
            Rebuild { connection: &connection, path: &path, registry, version: SCHEMA_VERSION };
        rebuild.derive_all(progress).map_err(|fault| rebuild_error(&path, fault))?;
        search::discard(dir);
        Ok(())
    }

    /// A snapshot of the present state.
    pub(crate) fn snapshot(self: &Arc<Self>) -> Result<SqliteSnapshot, Error> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, READER_CACHE_KIB).map_err(|cause| read_error(&cause))?,
        };
        SqliteSnapshot::begin(connection, Some(Arc::clone(self)))
    }

    fn take_back(&self, connection: Connection) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// Locks the data dir for this process.
pub(crate) fn lock(dir: &Path) -> Result<File, SqliteError> {
    let folder = |cause| SqliteError::Folder(dir.to_owned(), cause);
    make_private(dir).map_err(folder)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("lock"))
        .map_err(folder)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(SqliteError::InUse(dir.to_owned())),
        Err(TryLockError::Error(cause)) => Err(folder(cause)),
    }
}

/// Creates the folder if needed, accessible only to its owner: it will hold what people wrote.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut how = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    crate::folders::create(dir, &how)
}

/// Opens a connection with a page cache of `cache_kib` KiB.
fn connect(path: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(256);
    // Statements keep their plan, whatever values are bound to them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;
         PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -{cache_kib};
         PRAGMA temp_store = MEMORY;",
    ))?;
    Ok(connection)
}

/// The version of the layout; 0 for an empty database.
fn layout(connection: &Connection, path: &Path) -> Result<i64, SqliteError> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    let version = version.map_err(|cause| open_error(path, &cause))?;
    if version == crate::layout::UNFINISHED {
        return Err(SqliteError::Unfinished(path.to_owned()));
    }
    if version > SCHEMA_VERSION {
        return Err(SqliteError::Newer(path.to_owned(), version));
    }
    Ok(version)
}

/// Takes over the log that an earlier process left.
fn take_over_log(connection: &Connection, path: &Path) -> Result<(), SqliteError> {
    let failed = |cause: rusqlite::Error| open_error(path, &cause);
    // Nobody else may write to the log meanwhile.
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    let stored = checkpoint::store_again(path);
    connection.execute_batch("ROLLBACK").map_err(failed)?;
    let dir = path.parent().unwrap_or(path);
    stored.map_err(|cause| SqliteError::Folder(dir.to_owned(), cause))?;
    checkpoint::bring_in(connection).map_err(failed)
}

fn migrate(
    connection: &Connection,
    registry: &Registry,
    path: &Path,
    progress: Upgrades<'_>,
) -> Result<(), SqliteError> {
    let failed = |cause: rusqlite::Error| open_error(path, &cause);
    // The schema is read in any case.
    if std::fs::metadata(path).is_ok_and(|file| file.len() <= LOOKED_THROUGH_BYTES) {
        // The pages that it reads are not worth keeping.
        let reader = connect(path, READER_CACHE_KIB).map_err(failed)?;
        let health = reader.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        let health: String = health.map_err(failed)?;
        if health != "ok" {
            let health = health.trim_start_matches("*** in database main ***").trim();
            return Err(SqliteError::Corrupt(path.to_owned(), health.replace('\n', "; ")));
        }
    }
    let rebuild = Rebuild { connection, path, registry, version: SCHEMA_VERSION };
    rebuild.bring_up(progress).map_err(|fault| rebuild_error(path, fault))
}

fn rebuild_error(path: &Path, fault: Fault) -> SqliteError {
    match fault {
        Fault::Database(cause) => open_error(path, &cause),
        Fault::Store(cause) => SqliteError::Database(path.to_owned(), format!("{cause:?}")),
    }
}

fn open_error(path: &Path, cause: &rusqlite::Error) -> SqliteError {
    match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            SqliteError::Corrupt(path.to_owned(), cause.to_string())
        }
        Some(ErrorCode::DiskFull) => {
            SqliteError::Database(path.to_owned(), "the disk is full".to_owned())
        }
        // A full disk may show as this, too, if a file is extended without being written.
        Some(ErrorCode::SystemIoFailure) => {
            SqliteError::Database(path.to_owned(), format!("the disk is full or fails ({cause})"))
        }
        _ => SqliteError::Database(path.to_owned(), cause.to_string()),
    }
}

/// A fault of the database is temporary or internal, never the client's mistake.
fn read_error(cause: &rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory,
        ) => Error::unavailable(cause),
        _ => Error::internal(cause),
    }
}
