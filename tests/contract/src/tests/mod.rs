//! The checks at work on bodies of our own: right ones pass, and each way of being wrong is seen.

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
