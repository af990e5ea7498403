//! Moving everything that is kept into another database, of either kind.
//!
//! One state of the source is read in the order of [`dump`](crate::dump), a page of rows at a time.
//! Each page is written to the target in one transaction, together with what its documents imply
//! (columns, references, names) and a note of how far the move is. So a move that was interrupted
//! continues where the target says. Until both sides have been compared and found equal, the target
//! has a layout that no server opens.

mod pages;
mod place;
mod target;

use serde::{Deserialize, Serialize};
use worksmith_kernel::{Registry, Result, Value};

pub(crate) use self::pages::{Page, page_of};
pub use self::place::{MoveError, Place};
pub(crate) use self::target::{Found, Target};
use crate::dump::compare::Report;
use crate::dump::state::State;
use crate::dump::{self, Part};
use crate::snapshot::Snapshot;
use crate::store::Store;

/// How many rows are written in a transaction, by default.
pub const ROWS_MAX: usize = 2000;

/// The phases of a move, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows are being copied.
    Rows,
    /// Indexes are being built.
    Indexes,
    /// Both sides are being compared.
    Comparing,
}

/// Called with the current phase, how much of it is done, and how much there is in all.
pub type Steps<'a> = &'a mut (dyn FnMut(Step, u64, u64) + Send);

/// How far a move is. The note is kept in the target, and changes with what is written there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The fingerprint of the source's state.
    pub(crate) state: String,
    /// The source, as messages name it.
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

/// Moves everything into an empty target, or continues such a move. The report says what both sides
/// have, and what differs: the move is finished only if nothing does.
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

/// A state of a store that may be read for any length of time.
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

/// A sentence on what was written to the source while one state of it was read.
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
    /// The note of a move that has not written anything.
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
