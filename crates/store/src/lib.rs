//! The only crate with SQL. Documents in one table a list, with promoted columns for what is
//! filtered or sorted; derived tables for references and unique names; an event for each change;
//! and transactions that read a snapshot, decide in memory and hand over one [`Batch`].
//!
//! Where things are: [`Tx`] is what operations see; `select.rs` builds the SQL of lists; `ddl.rs`
//! the tables; `sqlite/` is the backend; `files/` keeps the bytes of artifacts. To add a backend,
//! add a variant to [`Store`] and to `Snapshot` that does the same dozen functions, and let the
//! conformance suite run on it.

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
