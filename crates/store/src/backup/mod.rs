//! Backups: everything of one moment in one file, the same from either database.
//!
//! The file is a tar archive. Its members, in this order: what it is; the lines of an export, in
//! pieces; which events the server's own readers had not read; the bytes of artifacts; the
//! [`Manifest`]; and a SHA-256 of all bytes before it, by which a whole backup is known.

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

/// What is done at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupStep {
    /// Rows are written.
    Rows,
    /// Bytes of files are copied.
    Files,
    /// Indexes are made.
    Indexes,
    /// What was restored is read again.
    Comparing,
}

impl BackupStep {
    /// What is counted.
    pub const fn counted(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Files => "bytes of files",
            Self::Indexes => "indexes made",
            Self::Comparing => "rows compared",
        }
    }
}

/// Told what is done at the moment, and how much of how much of it is done.
pub type BackupSteps<'a> = &'a mut (dyn FnMut(BackupStep, u64, u64) + Send);

/// A file that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub size: u64,
}

/// How the documents of a table name files.
#[derive(Clone, Copy)]
pub struct Named {
    /// The table.
    pub table: &'static str,
    /// The files that a document names.
    pub of: fn(&str) -> Result<Vec<NamedFile>>,
}

/// What every version can read of a backup.
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

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the program that made it.
    pub program: String,
    /// When it was begun.
    pub made_at: String,
    /// The kind of the database.
    pub database: String,
    /// What `worksmith export` says of the same state.
    pub export: ExportFacts,
    /// The orgs, and how far each was.
    pub orgs: Vec<OrgFacts>,
    /// The files of artifacts.
    pub files: FileFacts,
}

/// What an export says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFacts {
    /// The SHA-256 of its lines.
    pub sha256: String,
    /// How many there are.
    pub lines: u64,
}

/// An org at the moment of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgFacts {
    /// Its id.
    pub org: String,
    /// How many objects it has.
    pub objects: u64,
    /// How many events.
    pub events: u64,
    /// The last one of them.
    pub last_event: Option<EventFacts>,
}

/// An event.
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

/// The files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// How many.
    pub count: u64,
    /// How many bytes all of them have.
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
