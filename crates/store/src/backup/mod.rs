//! Backups: everything of one moment in one file, the same from either database.
//!
//! The file is a tar archive. Its members, in this order: what it is; the lines of an export, in
//! pieces; the events that the server's own readers had not read; the bytes of artifacts; the
//! [`Manifest`]; and a SHA-256 of everything before it, which proves that a backup is complete.

mod hold;
mod lines;
mod members;
mod read;
mod restore;
mod write;

use serde::{Deserialize, Serialize};
use worksmith_kernel::Result;

pub use self::hold::Hold;
pub use self::read::Backup;
pub use self::restore::{RestoreError, RestoreTarget};
pub use self::write::BackupError;

/// The version of the format.
const VERSION: u32 = 1;
const FORMAT: &str = "worksmith-backup";

/// The members, in their order.
const BEGINNING: &str = "worksmith-backup.json";
const ROWS: &str = "rows/";
const UNREAD: &str = "unread.jsonl.gz";
const FILES: &str = "files/";
const MANIFEST: &str = "manifest.json";
const DIGEST: &str = "sha256";

/// A phase of making or restoring a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupStep {
    /// Rows are being written.
    Rows,
    /// Bytes of files are being copied.
    Files,
    /// Indexes are being built.
    Indexes,
    /// What was restored is being read back and compared.
    Comparing,
}

impl BackupStep {
    /// The unit in which the progress of this phase is counted.
    pub const fn counted(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Files => "bytes of files",
            Self::Indexes => "indexes made",
            Self::Comparing => "rows compared",
        }
    }
}

/// Called with the current phase, how much of it is done, and how much there is in all.
pub type BackupSteps<'a> = &'a mut (dyn FnMut(BackupStep, u64, u64) + Send);

/// A file that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The key under which its bytes are stored.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// How to find the files that the documents of a table name.
#[derive(Clone, Copy)]
pub struct Named {
    /// The table.
    pub table: &'static str,
    /// Reads the files from a document.
    pub of: fn(&str) -> Result<Vec<NamedFile>>,
}

/// The part of a backup that every version can read.
#[derive(Debug, Serialize, Deserialize)]
struct Beginning {
    format: String,
    version: u32,
    program: String,
}

impl Beginning {
    fn own() -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, program: program() }
    }
}

fn program() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What a backup says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the program that made it.
    pub program: String,
    /// When it was begun.
    pub made_at: String,
    /// The kind of the database.
    pub database: String,
    /// What `worksmith export` reports for the same state.
    pub export: ExportFacts,
    /// The orgs, and how far each one's log went.
    pub orgs: Vec<OrgFacts>,
    /// The files of artifacts.
    pub files: FileFacts,
}

/// The size and hash of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFacts {
    /// The SHA-256 of its lines.
    pub sha256: String,
    /// How many lines there are.
    pub lines: u64,
}

/// An org at the moment of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgFacts {
    /// Its id.
    pub org: String,
    /// How many objects it has.
    pub objects: u64,
    /// How many events it has.
    pub events: u64,
    /// The last of these events.
    pub last_event: Option<EventFacts>,
}

/// An event, named so that it can be recognised in another database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFacts {
    /// Its number in the database that was backed up.
    pub number: i64,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// The object that changed.
    pub id: String,
    /// The revision of the object after it.
    pub revision: i64,
}

/// How much the files amount to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// How many there are.
    pub count: u64,
    /// Their total size in bytes.
    pub bytes: u64,
}

/// An event that a reader of the log had not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Unread {
    reader: String,
    org: String,
    id: String,
    revision: i64,
}
