//! Moving everything that is kept into another database, whichever kind either is.
//!
//! One state of the source is read in the order of [`dump`](crate::dump), a page of rows at a time.
//! Each page is written in a transaction of the target's, with what its documents say (columns,
//! references, names) and with a note of how far that is. So a move that ends early goes on where
//! the target says it was. Until both sides were compared and found the same, the layout of the
//! target is one that no server opens.

mod pages;
mod place;
mod target;

use crate::store::Registry;
use serde::{Deserialize, Serialize};
use worksmith_kernel::{Result, Value};

pub(crate) use self::pages::{Page, page_of};
pub use self::place::{MoveError, Place};
pub(crate) use self::target::{Found, Rows, Statement, Target};
use crate::dump::compare::Report;
use crate::dump::state::State;
use crate::dump::{self, Part};
use crate::snapshot::Snapshot;
use crate::store::Store;

/// The layout of a database that a move into it has not finished: higher than that of any version,
/// so that versions that know nothing of moves leave it alone too.
pub(crate) const UNFINISHED: i64 = 1_000_000;
/// What is said of such a database.
pub(crate) const UNFINISHED_SAID: &str =
    "is the target of a move or a restore that was not finished; run the same command again";

/// So many rows are written in a transaction, unless it is set otherwise.
pub const ROWS_MAX: usize = 2000;

/// What a move does, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows are copied.
    Rows,
    /// Indexes are made.
    Indexes,
    /// Both sides are compared.
    Comparing,
}

/// Told what is done at the moment, and how much of how much of it is done.
pub type Steps<'a> = &'a mut (dyn FnMut(Step, u64, u64) + Send);

/// How far a move is. It stands in the target, and changes with what is written there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The state that the source was in.
    pub(crate) state: String,
    /// The source, as people may see it.
    pub(crate) origin: String,
    /// The org, the table and the key of the last row that was written.
    org: String,
    table: String,
    after: Vec<Value>,
    /// How many events of that org were written.
    events: u64,
    /// How many rows were written in all.
    pub(crate) rows: u64,
}

/// Moves everything into an empty target, or goes on with doing so. The report tells what both
/// sides have, and what differs: only when nothing does is the move finished.
pub async fn relocate(
    from: &Place,
    to: &Place,
    registry: &Registry,
    rows_max: usize,
    steps: Steps<'_>,
) -> Result<Report, MoveError> {
    from.is_not(to)?;
    let source = from.open(registry).await?;
    let parts = dump::parts(registry);
    let mut snapshot = held(&source).await?;
    let state = State::read(&mut snapshot, &parts).await?;
    if dump::orgs(&mut snapshot, &parts).await?.is_empty() {
        return Err(MoveError::Refused(format!("there is no data in {from} to move")));
    }
    let target = Target::open(to).await?;
    let note = match target.found(registry, &parts).await? {
        Found::Unfinished(note) if note.state == state.hash => note,
        Found::Unfinished(note) => {
            return Err(MoveError::Refused(format!(
                "{to} holds an unfinished move from {}, which is another source or has changed \
                 since; to begin anew, delete that database",
                note.origin
            )));
        }
        Found::Other(what) => {
            return Err(MoveError::Refused(format!(
                "{to} {what}; a move needs an empty database as its target"
            )));
        }
        Found::Nothing => {
            let note = Note::begin(&state.hash, &from.to_string());
            target.begin(registry, &note).await?;
            note
        }
    };
    let copied = pages::copy(snapshot, &target, registry, note, rows_max, steps).await;
    let mut snapshot = copied?;
    target.complete(registry, &parts, &mut |done, all| steps(Step::Indexes, done, all)).await?;
    let mut report = compared(&mut snapshot, &mut target.snapshot()?, &parts, steps).await?;
    report.differences.extend(written_since(&source, &parts, &state, from).await?);
    if report.differences.is_empty() {
        target.finish().await?;
    }
    Ok(report)
}

/// Compares what two databases keep.
pub async fn compare(
    from: &Place,
    to: &Place,
    registry: &Registry,
    steps: Steps<'_>,
) -> Result<Report, MoveError> {
    from.is_not(to)?;
    let (source, target) = (from.open(registry).await?, to.open(registry).await?);
    let parts = dump::parts(registry);
    let mut snapshot = held(&source).await?;
    let state = State::read(&mut snapshot, &parts).await?;
    let mut beside = target.inner.snapshot()?;
    let mut report = compared(&mut snapshot, &mut beside, &parts, steps).await?;
    report.differences.extend(written_since(&source, &parts, &state, from).await?);
    Ok(report)
}

/// One state of a store, for as long as it may take.
async fn held(store: &Store) -> Result<Snapshot> {
    let mut snapshot = store.inner.snapshot()?;
    snapshot.hold().await?;
    Ok(snapshot)
}

async fn compared(
    source: &mut Snapshot,
    target: &mut Snapshot,
    parts: &[Part],
    steps: Steps<'_>,
) -> Result<Report> {
    target.hold().await?;
    let mut progress = |done, all| steps(Step::Comparing, done, all);
    dump::compare::compare(source, target, parts, &mut progress).await
}

/// What was written to the source while one state of it was read, in a sentence.
async fn written_since(
    source: &Store,
    parts: &[Part],
    state: &State,
    from: &Place,
) -> Result<Option<String>> {
    let now = State::read(&mut held(source).await?, parts).await?;
    let events = now.events_since(state);
    Ok((now != *state).then(|| {
        format!(
            "{from} was written to meanwhile, and {events} new events of it were not moved: stop \
             all servers on it, and move it into an empty database"
        )
    }))
}

impl Note {
    /// Nothing is written yet.
    pub(crate) fn begin(state: &str, origin: &str) -> Self {
        Self {
            state: state.to_owned(),
            origin: origin.to_owned(),
            org: String::new(),
            table: String::new(),
            after: Vec::new(),
            events: 0,
            rows: 0,
        }
    }
}
