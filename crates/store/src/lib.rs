//! The only crate with SQL: documents, one table for each list, with promoted columns for what is
//! filtered or sorted; derived tables for references, unique names and custom fields; an event for
//! each change; and transactions that read a snapshot, decide in memory and hand over one
//! [`Batch`].
//!
//! - [`Tx`] is what operations see. `execute.rs` runs them, `following.rs` and `cascades.rs` see to
//!   what follows from a change, `cache.rs` remembers what was read.
//! - `plan.rs`, `select.rs`, `walk.rs` and `masks.rs` find the rows of lists; `ddl.rs` and
//!   `shape.rs` say which tables there are; `statements.rs` says what a batch writes.
//! - `sqlite/` and `postgres/` are the two backends, for one server and for several. They share the
//!   statements, except for the few words in `dialect.rs`.
//! - `files/` keeps the bytes of artifacts; `readers.rs` and `leases.rs` serve the server's own
//!   workers.
//! - `dump/`, `relocate/` and `backup/` read and write everything that is kept.
//!
//! To add a backend, add a variant to `Backend` in `store.rs`, to `Snapshot` and to
//! `relocate::Target`, and run the conformance suite on it (`tests/conformance`).

mod answer;
mod backup;
mod batch;
mod cache;
mod cascades;
mod check;
mod commit;
mod ddl;
mod dialect;
mod dump;
mod events;
mod execute;
mod expand;
mod files;
mod following;
mod leases;
mod masks;
mod pending;
mod plan;
mod postgres;
mod readers;
mod references;
mod relocate;
mod select;
mod shape;
mod snapshot;
mod sqlite;
mod statements;
mod still;
mod store;
mod stream;
mod tx;
mod walk;

pub use answer::{One, PageOf};
pub use backup::{
    Backup, BackupError, BackupStep, BackupSteps, EventFacts, ExportFacts, FileFacts, Hold,
    Manifest, Named, NamedFile, OrgFacts, RestoreError, RestoreTarget,
};
pub use batch::{Assert, Batch, Change, ChangeOp, Memory, Verb};
pub use cache::Moment;
pub use cascades::{Cascade, Position};
pub use dump::compare::{CounterReport, OrgReport, Report, Side, TableReport};
pub use dump::export::{ExportError, Exported};
pub use events::Event;
pub use execute::Outcome;
pub use files::{Files, FilesError, FilesPlace, Shown, Writing};
pub use leases::Lease;
pub use plan::Costs;
pub use postgres::{CONNECTIONS, PostgresError};
pub use relocate::{MoveError, Place, ROWS_MAX, Step, Steps, compare, relocate};
pub use sqlite::{Progress, SqliteError};
pub use still::Still;
pub use store::{Registry, Store};
pub use tx::{Authorship, Tx};
