//! Histories that the checker must accept or reject, and random ones on which it must agree with
//! the search.

use worksmith_tests::client::Chance;

use crate::linearizable::{Call, NEVER, State, Violation, What, check};
use crate::search::is_linearizable;

const FIRST: State = State { revision: 1, stamp: 100 };

fn wrote(invoked: u64, returned: u64, revision: u64, stamp: u64) -> Call {
    Call { invoked, returned, what: What::Written { stamp, revision } }
}

fn read(invoked: u64, returned: u64, revision: u64, stamp: u64) -> Call {
    Call { invoked, returned, what: What::Read { stamp, revision } }
}

fn unknown(invoked: u64, stamp: u64) -> Call {
    Call { invoked, returned: NEVER, what: What::Unknown { stamp } }
}

fn refused(invoked: u64, returned: u64, stamp: u64) -> Call {
    Call { invoked, returned, what: What::Refused { stamp } }
}

#[track_caller]
fn taken(calls: &[Call]) {
    assert_eq!(check(FIRST, calls, &[]), Ok(()));
    assert!(is_linearizable(FIRST, calls));
}

#[track_caller]
fn violation(calls: &[Call]) -> Violation {
    assert!(!is_linearizable(FIRST, calls));
    check(FIRST, calls, &[]).expect_err("a violation")
}

#[test]
fn calls_one_after_the_other_are_taken() {
    taken(&[]);
    taken(&[
        read(0, 1, 1, 100),
        wrote(2, 3, 2, 7),
        read(4, 5, 2, 7),
        refused(6, 7, 8),
        wrote(8, 9, 3, 9),
        read(10, 11, 3, 9),
    ]);
}

#[test]
fn calls_at_once_may_take_effect_in_either_order() {
    taken(&[wrote(0, 10, 3, 7), wrote(0, 10, 2, 8), read(0, 10, 1, 100)]);
    taken(&[wrote(0, 10, 3, 7), wrote(0, 10, 2, 8), read(0, 10, 2, 8)]);
    // The read may see what is not acknowledged yet, and so may later ones.
    taken(&[wrote(0, 10, 2, 7), read(1, 2, 2, 7), read(3, 4, 2, 7)]);
}

#[test]
fn a_write_without_an_answer_may_take_effect_late_or_never() {
    taken(&[unknown(0, 7), read(5, 6, 1, 100)]);
    taken(&[unknown(0, 7), read(5, 6, 1, 100), read(7, 8, 2, 7)]);
    taken(&[unknown(0, 7), wrote(5, 6, 2, 8), read(7, 8, 3, 7)]);
    // Seen by nobody, but effective: the acknowledged write is the third revision.
    taken(&[unknown(0, 7), wrote(5, 6, 3, 8), read(7, 8, 3, 8)]);
}

#[test]
fn a_stale_read_after_an_acknowledged_write_is_refused() {
    let (write, stale) = (wrote(0, 1, 2, 7), read(2, 3, 1, 100));
    let found = violation(&[write, stale]);
    assert_eq!(found, Violation::AgainstTheClock { earlier: stale, later: write });
}

#[test]
fn a_lost_update_is_refused() {
    // Both writers saw revision 1, and one of the two writes is lost.
    let found = violation(&[wrote(0, 1, 2, 7), wrote(2, 3, 2, 8), read(4, 5, 2, 8)]);
    assert_eq!(found, Violation::TwoStamps { revision: 2, stamps: [7, 8] });
    // The same, but the later one does not know its revision.
    let found = violation(&[wrote(0, 1, 2, 7), unknown(2, 8), read(4, 5, 2, 8)]);
    assert_eq!(found, Violation::TwoStamps { revision: 2, stamps: [7, 8] });
}

#[test]
fn two_writes_of_one_revision_are_refused() {
    let found = violation(&[wrote(0, 9, 2, 7), wrote(0, 9, 2, 8)]);
    assert_eq!(found, Violation::TwoStamps { revision: 2, stamps: [7, 8] });
}

#[test]
fn one_write_of_two_revisions_is_refused() {
    let found = violation(&[unknown(0, 7), read(1, 2, 2, 7), read(3, 4, 3, 7)]);
    assert!(matches!(found, Violation::TwoRevisions { stamp: 7, .. }), "{found:?}");
}

#[test]
fn reads_that_go_backwards_between_two_clients_are_refused() {
    let (newer, older) = (read(2, 3, 2, 7), read(4, 5, 1, 100));
    // The write is in progress all the time.
    let found = violation(&[wrote(0, 9, 2, 7), newer, older]);
    assert_eq!(found, Violation::AgainstTheClock { earlier: older, later: newer });
    let found = violation(&[unknown(0, 7), newer, older]);
    assert_eq!(found, Violation::AgainstTheClock { earlier: older, later: newer });
}

#[test]
fn a_value_from_nowhere_is_refused() {
    let seen = State { revision: 2, stamp: 8 };
    let found = violation(&[wrote(0, 9, 3, 7), read(1, 2, 2, 8)]);
    assert_eq!(found, Violation::FromNowhere { seen });
    let found = violation(&[refused(0, 1, 8), read(2, 3, 2, 8)]);
    assert_eq!(found, Violation::FromNowhere { seen });
}

#[test]
fn what_was_there_before_the_first_call_stays_as_it_was() {
    let found = violation(&[wrote(0, 1, 1, 7)]);
    let seen = State { revision: 1, stamp: 7 };
    assert_eq!(found, Violation::BeforeTheBeginning { seen });
    let found = violation(&[read(0, 1, 1, 7)]);
    assert_eq!(found, Violation::TwoStamps { revision: 1, stamps: [100, 7] });
}

#[test]
fn a_read_of_what_is_written_later_is_refused() {
    let (early, write) = (read(0, 1, 2, 7), wrote(2, 3, 2, 7));
    let found = violation(&[early, write]);
    assert_eq!(found, Violation::AgainstTheClock { earlier: write, later: early });
    let write = unknown(2, 7);
    let found = violation(&[early, write]);
    assert_eq!(found, Violation::AgainstTheClock { earlier: write, later: early });
}

#[test]
fn a_revision_that_nobody_can_have_written_is_refused() {
    let found = violation(&[wrote(0, 1, 3, 7)]);
    assert_eq!(found, Violation::NoWriter { revision: 2 });
    let found = violation(&[wrote(0, 1, 3, 7), unknown(2, 8)]);
    assert_eq!(found, Violation::NoWriter { revision: 2 });
    let found = violation(&[unknown(0, 8), wrote(0, 1, 3, 7), wrote(2, 3, 5, 9)]);
    assert_eq!(found, Violation::NoWriter { revision: 4 });
    let endless = [wrote(0, 1, u64::MAX, 7), unknown(0, 8)];
    assert_eq!(check(FIRST, &endless, &[]), Err(Violation::NoWriter { revision: 3 }));
}

#[test]
fn what_is_known_from_a_log_counts_too() {
    let calls = [unknown(0, 7), wrote(5, 6, 3, 8), unknown(6, 9)];
    let known = |stamps: &[u64]| -> Vec<State> {
        (1..).zip(stamps).map(|(revision, &stamp)| State { revision, stamp }).collect()
    };
    assert_eq!(check(FIRST, &calls, &known(&[100, 7, 8])), Ok(()));
    assert_eq!(check(FIRST, &calls, &known(&[100, 7, 8, 9])), Ok(()));
    let late = check(FIRST, &[unknown(7, 9), calls[1]], &known(&[100, 9, 8]));
    assert!(matches!(late, Err(Violation::AgainstTheClock { .. })), "{late:?}");
    let lost = check(FIRST, &calls, &known(&[100, 7, 9]));
    assert_eq!(lost, Err(Violation::TwoStamps { revision: 3, stamps: [8, 9] }));
}

/// A history that can happen, in which something may have been altered.
fn random(chance: &mut Chance) -> Vec<Call> {
    let count = 1 + chance.below(7);
    let mut points: Vec<_> = (0..count)
        .map(|_| {
            let (kind, invoked, length) = (chance.below(20), chance.below(20), chance.below(9));
            // A write without an answer may take effect at any time.
            let longest = if kind < 3 { 20 } else { length };
            let point = invoked + chance.below(longest + 1);
            (point, kind, invoked, invoked + length)
        })
        .collect();
    points.sort_by_key(|(point, ..)| *point);
    let mut state = FIRST;
    let mut calls = Vec::new();
    for (stamp, (_, kind, invoked, returned)) in (200..).zip(points) {
        let revision = state.revision + 1;
        let what = match kind {
            0..5 => What::Unknown { stamp },
            5 => What::Refused { stamp },
            6..13 => What::Written { stamp, revision },
            _ => What::Read { stamp: state.stamp, revision: state.revision },
        };
        if matches!(kind, 0..3 | 6..13) {
            state = State { revision, stamp };
        }
        let returned = if matches!(what, What::Unknown { .. }) { NEVER } else { returned };
        calls.push(Call { invoked, returned, what });
    }
    for _ in 0..chance.below(3) {
        meddle(&mut calls, chance);
    }
    calls
}

fn meddle(calls: &mut [Call], chance: &mut Chance) {
    let count = calls.len() as u64;
    let at = usize::try_from(chance.below(count)).unwrap();
    let (other, by) = (200 + chance.below(count), chance.below(3));
    let call = &mut calls[at];
    match (chance.below(3), &mut call.what) {
        (0, What::Written { revision, .. } | What::Read { revision, .. }) => {
            *revision = (*revision + by).saturating_sub(1);
        }
        // Writes have unique stamps.
        (1, What::Read { stamp, .. }) => *stamp = other,
        (1, What::Written { stamp, .. }) => call.what = What::Unknown { stamp: *stamp },
        _ => {
            let earlier = chance.below(call.invoked + 1);
            if call.returned != NEVER {
                call.returned -= earlier;
            }
            call.invoked -= earlier;
        }
    }
}

#[test]
fn the_checker_agrees_with_the_search_on_random_histories() {
    let mut chance = Chance(5);
    let mut verdicts = [0, 0];
    for round in 0..100_000 {
        let calls = random(&mut chance);
        let (found, wanted) = (check(FIRST, &calls, &[]), is_linearizable(FIRST, &calls));
        assert_eq!(found.is_ok(), wanted, "round {round}: {found:?} of {calls:#?}");
        verdicts[usize::from(wanted)] += 1;
    }
    println!("{verdicts:?}");
    assert!(verdicts.iter().all(|count| *count > 10_000), "{verdicts:?}");
}
