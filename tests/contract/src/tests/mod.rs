//! The checks applied to bodies of our own: correct ones pass, and every kind of mistake is
//! detected.

mod compare;
mod facts;
mod requests;
mod responses;

use crate::{Fault, Violation};

/// The disagreements as `pointer fault` lines, in order of place.
fn places(found: &[Violation]) -> Vec<(String, Fault)> {
    let mut places: Vec<_> = found.iter().map(|each| (each.pointer.clone(), each.fault)).collect();
    places.sort();
    places
}

/// Asserts that there is exactly this disagreement.
#[track_caller]
fn only(found: &[Violation], pointer: &str, fault: Fault) {
    assert_eq!(places(found), [(pointer.to_owned(), fault)], "{found:?}");
}
