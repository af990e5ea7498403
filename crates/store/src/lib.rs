//! The only crate with SQL. It keeps documents, one table for each list, with columns for what is
//! filtered or sorted; derived tables for references, unique names and custom fields; and an event
//! for each change. Whoever reads opens a [`Snapshot`]; whoever writes hands over a [`Batch`].
//!
//! - `layout/` says which tables and indexes there are, and describes the rows that are written.
//! - `sqlite/` and `postgres/` are the two databases, for one server and for several. They share
//!   all statements, except for the few words in `layout/dialect.rs`.
//! - `texts.rs` keeps long texts apart from their documents.
//! - `list/` finds the objects of lists.
//! - `search.rs` keeps the search index, whose entries `entries.rs` describes.
//! - `store.rs` is what the rest of the program holds; `changes.rs` tells it what has changed.
//! - `events.rs`, `readers.rs`, `deliveries.rs` and `leases.rs` serve the server's own workers.
//! - `dump/`, `relocate/`, `backup/` and `check.rs` read and write everything that is kept.
//! - `files/` keeps the bytes of artifacts.
//!
//! To add a database, add a variant to `Backend` in `store.rs`, to `Snapshot` and to
//! `relocate::Target`, and run the conformance suite on it (`tests/conformance`).

mod backup;
mod batch;
mod changes;
mod check;
mod deliveries;
mod dump;
mod entries;
mod events;
mod files;
mod folders;
mod layout;
mod leases;
mod list;
mod moment;
mod postgres;
mod readers;
mod relocate;
mod rows;
mod search;
mod snapshot;
mod sqlite;
mod still;
mod store;
mod texts;

pub use backup::{
    Backup, BackupError, BackupStep, BackupSteps, EventFacts, ExportFacts, FileFacts, Hold,
    Manifest, Named, NamedFile, OrgFacts, RestoreError, RestoreTarget,
};
pub use batch::{Assert, Batch, Change, ChangeOp, RefEntry, Row, StoredAnswer, Tally, Verb};
pub use changes::{Changes, Dated, Source, Sources, sources};
pub use deliveries::{Delivery, DeliveryPlace, DeliveryQuery, DeliveryStatus, Redelivery};
pub use dump::compare::{CounterReport, OrgReport, Report, Side, TableReport};
pub use dump::export::{ExportError, Exported};
pub use entries::{EntryHit, Found, Looking};
pub use events::{Backwards, Event};
pub use files::{Files, FilesError, FilesPlace, Shown, Writing};
pub use layout::{Progress, UpgradePart, Upgrades, Upgrading, Written, row_by_id, written};
pub use leases::{Held, Lease, Turn};
pub use list::{Costs, Edge, Hit, PageQuery};
pub use moment::Moment;
pub use postgres::{CONNECTIONS, PostgresError};
pub use relocate::{MoveError, Place, ROWS_MAX, Step, Steps, compare, relocate};
pub use search::{Behind, IndexSize};
pub use snapshot::{RefPlace, Snapshot};
pub use sqlite::SqliteError;
pub use still::Still;
pub use store::Store;
pub use texts::Apart;
