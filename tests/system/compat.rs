//! The ledger of the contract's operations agrees with the code.

use worksmith_tests::compat;

#[test]
fn every_deviation_has_a_place_and_every_extension_a_word() {
    let faults = compat::faults();
    assert!(faults.is_empty(), "docs/deviations.json: {faults:#?}");
}

#[test]
fn the_committed_ledger_is_fresh() {
    let committed = std::fs::read_to_string(compat::path()).expect("docs/API-COMPAT.md");
    assert!(
        committed == compat::render(),
        "docs/API-COMPAT.md is stale: cargo run -p worksmith-tests --bin api-compat -- --write"
    );
}
