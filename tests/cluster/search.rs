//! Linearizability by its definition: a search that tries every order of the calls. It takes too
//! long for more than a few calls, and serves to test `linearizable.rs`.

use crate::linearizable::{Call, State, What};

/// Whether there is an order that agrees with the clock, in which every write raises the revision
/// by one and every read sees the last write.
pub fn is_linearizable(first: State, calls: &[Call]) -> bool {
    let calls: Vec<_> =
        calls.iter().filter(|call| !matches!(call.what, What::Refused { .. })).copied().collect();
    assert!(calls.len() < 16, "too many calls to search");
    goes_on(first, &calls, 0)
}

/// Whether the calls that are not among `done` can follow in some order.
fn goes_on(state: State, calls: &[Call], done: u16) -> bool {
    let open = |at: usize| done >> at & 1 == 0;
    let is_answered = |call: &Call| !matches!(call.what, What::Unknown { .. });
    // A write without an answer may never take effect.
    if calls.iter().enumerate().all(|(at, call)| !open(at) || !is_answered(call)) {
        return true;
    }
    (0..calls.len()).filter(|at| open(*at)).any(|next| {
        let is_first = calls.iter().enumerate().all(|(at, other)| {
            !open(at) || !is_answered(other) || other.returned >= calls[next].invoked
        });
        let after = after(state, calls[next].what);
        is_first && after.is_some_and(|state| goes_on(state, calls, done | 1 << next))
    })
}

/// The state after a call that takes effect now; `None` if that contradicts its answer.
fn after(state: State, what: What) -> Option<State> {
    match what {
        What::Written { stamp, revision } => {
            (revision == state.revision + 1).then_some(State { revision, stamp })
        }
        What::Unknown { stamp } => Some(State { revision: state.revision + 1, stamp }),
        What::Read { stamp, revision } => (State { revision, stamp } == state).then_some(state),
        What::Refused { .. } => None,
    }
}
