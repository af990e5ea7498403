//! Whether a history of calls could have happened if every call had taken effect at one instant
//! between its invocation and its return: whether it is linearizable.
//!
//! In general, that takes a search. Here, every object is a register with two properties that
//! reduce the problem to sorting:
//!
//! - every write writes a stamp of its own, so that a read tells which write it saw;
//! - every write raises the revision by one, and acknowledged writes and reads tell the revision.
//!
//! So there is only one order in which the calls can have taken effect: by revision, the write of a
//! revision before its reads, reads of one revision in any order. The history is linearizable if
//! and only if
//!
//! 1. revisions and stamps belong together one to one, and every stamp that was seen was written;
//! 2. that order agrees with the clock: no call returned before another one was invoked that
//!    stands before it. (A longer cycle has such a pair in it, since the order by revision is total
//!    but for the reads of one revision, and these go wherever the clock puts them.)
//! 3. what nobody knows can be made up for. A write without an answer took effect at any time after
//!    its invocation, or not at all. One that was seen has its revision by that. For each revision
//!    below the last which nobody saw there must be another one, invoked before any call returned
//!    that stands behind that revision. These limits rise with the revisions, so counting is
//!    enough.
//!
//! `search.rs` does search, and the two agree on random histories.

use std::collections::HashMap;

/// Nanoseconds of one clock.
pub type Instant = u64;

/// A call of a client, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A write that was acknowledged.
    Written { stamp: u64, revision: u64 },
    /// A write whose fate its client does not know.
    Unknown { stamp: u64 },
    /// A write that was refused, and must not have taken effect.
    Refused { stamp: u64 },
    /// A read.
    Read { stamp: u64, revision: u64 },
}

/// A call on one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// When it was sent.
    pub invoked: Instant,
    /// When its answer had arrived; [`NEVER`] if there is none.
    pub returned: Instant,
    /// What it did.
    pub what: What,
}

/// After everything.
pub const NEVER: Instant = Instant::MAX;

/// A state of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub revision: u64,
    pub stamp: u64,
}

/// Why a history is not linearizable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A revision was seen with two stamps.
    TwoStamps { revision: u64, stamps: [u64; 2] },
    /// A write took effect twice.
    TwoRevisions { stamp: u64, revisions: [u64; 2] },
    /// Nobody wrote this stamp, or the write was refused.
    FromNowhere { seen: State },
    /// A revision before the first one, or the first one written again.
    BeforeTheBeginning { seen: State },
    /// `later` had returned before `earlier` was invoked, and yet took effect after it.
    AgainstTheClock { earlier: Call, later: Call },
    /// No write in progress can have written this revision.
    NoWriter { revision: u64 },
}

/// Checks a history that began with a state.
///
/// `known` are states that are known from another source, such as a log, without a time at which
/// they were seen; it may be empty.
pub fn check(first: State, calls: &[Call], known: &[State]) -> Result<(), Violation> {
    let stamps = stamps_by_revision(first, calls, known)?;
    let revisions = revisions_by_stamp(&stamps)?;
    every_stamp_was_written(first, calls, &revisions)?;
    let mut placed: Vec<_> = calls.iter().filter_map(|call| place(call, &revisions)).collect();
    placed.sort_unstable_by_key(|(place, call)| (*place, call.invoked));
    agrees_with_the_clock(&placed)?;
    unseen_revisions_have_writers(first, calls, &placed, &stamps, &revisions)
}

fn stamps_by_revision(
    first: State,
    calls: &[Call],
    known: &[State],
) -> Result<HashMap<u64, u64>, Violation> {
    let seen = calls.iter().filter_map(|call| match call.what {
        What::Written { stamp, revision } => Some((State { revision, stamp }, true)),
        What::Read { stamp, revision } => Some((State { revision, stamp }, false)),
        What::Unknown { .. } | What::Refused { .. } => None,
    });
    let known = known.iter().map(|state| (*state, false));
    let mut stamps = HashMap::from([(first.revision, first.stamp)]);
    for (seen, is_write) in seen.chain(known) {
        let State { revision, stamp } = seen;
        if revision < first.revision || (is_write && revision == first.revision) {
            return Err(Violation::BeforeTheBeginning { seen });
        }
        let other = *stamps.entry(revision).or_insert(stamp);
        if other != stamp {
            return Err(Violation::TwoStamps { revision, stamps: [other, stamp] });
        }
    }
    Ok(stamps)
}

fn revisions_by_stamp(stamps: &HashMap<u64, u64>) -> Result<HashMap<u64, u64>, Violation> {
    let mut revisions = HashMap::new();
    for (&revision, &stamp) in stamps {
        if let Some(other) = revisions.insert(stamp, revision) {
            return Err(Violation::TwoRevisions { stamp, revisions: [other, revision] });
        }
    }
    Ok(revisions)
}

fn every_stamp_was_written(
    first: State,
    calls: &[Call],
    revisions: &HashMap<u64, u64>,
) -> Result<(), Violation> {
    let mut unexplained = revisions.clone();
    unexplained.remove(&first.stamp);
    for call in calls {
        if let What::Written { stamp, .. } | What::Unknown { stamp } = call.what {
            unexplained.remove(&stamp);
        }
    }
    match unexplained.into_iter().min() {
        None => Ok(()),
        Some((stamp, revision)) => Err(Violation::FromNowhere { seen: State { revision, stamp } }),
    }
}

/// The place of a call in the order: its revision, and whether it is a read, as reads follow the
/// write. Calls with the same place are not ordered.
type Place = (u64, bool);

/// `None` if it had no effect, or one that nobody saw.
fn place(call: &Call, revisions: &HashMap<u64, u64>) -> Option<(Place, Call)> {
    match call.what {
        What::Written { revision, .. } => Some(((revision, false), *call)),
        What::Unknown { stamp } => {
            // When its client gave up says nothing about when it took effect.
            let place = (*revisions.get(&stamp)?, false);
            Some((place, Call { returned: NEVER, ..*call }))
        }
        What::Read { revision, .. } => Some(((revision, true), *call)),
        What::Refused { .. } => None,
    }
}

fn agrees_with_the_clock(placed: &[(Place, Call)]) -> Result<(), Violation> {
    // The first to return of those that come later in the order, and of those that may have the
    // same place.
    let (mut behind, mut here): (Option<Call>, Option<Call>) = (None, None);
    let first = |one: Option<Call>, other: Option<Call>| {
        one.into_iter().chain(other).min_by_key(|call| call.returned)
    };
    let mut last = None;
    for &(place, earlier) in placed.iter().rev() {
        if last.replace(place) != Some(place) {
            behind = first(behind, here.take());
        }
        if let Some(later) = behind.filter(|later| later.returned < earlier.invoked) {
            return Err(Violation::AgainstTheClock { earlier, later });
        }
        here = first(here, Some(earlier));
    }
    Ok(())
}

fn unseen_revisions_have_writers(
    first: State,
    calls: &[Call],
    placed: &[(Place, Call)],
    stamps: &HashMap<u64, u64>,
    revisions: &HashMap<u64, u64>,
) -> Result<(), Violation> {
    let mut writers: Vec<_> = calls
        .iter()
        .filter_map(|call| match call.what {
            What::Unknown { stamp } if !revisions.contains_key(&stamp) => Some(call.invoked),
            _ => None,
        })
        .collect();
    writers.sort_unstable();
    let last = stamps.keys().max().copied().unwrap_or(first.revision);
    let mut unseen = (first.revision..last).filter(|revision| !stamps.contains_key(revision));
    // There may be any number of them, but not of the writers.
    if let Some(revision) = unseen.nth(writers.len()) {
        return Err(Violation::NoWriter { revision });
    }
    // Until when each unseen revision must have been written, beginning with the last.
    let mut limits = Vec::new();
    let (mut limit, mut behind) = (NEVER, placed.iter().rev().peekable());
    for revision in (first.revision..last).rev() {
        while let Some((_, call)) = behind.next_if(|((at, _), _)| *at > revision) {
            limit = limit.min(call.returned);
        }
        if !stamps.contains_key(&revision) {
            limits.push((limit, revision));
        }
    }
    let mut writers = writers.into_iter();
    for (limit, revision) in limits.into_iter().rev() {
        if writers.next().is_none_or(|invoked| invoked > limit) {
            return Err(Violation::NoWriter { revision });
        }
    }
    Ok(())
}
