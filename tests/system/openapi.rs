//! The server's own description against the contract: what differs is written down.

use std::path::Path;

use worksmith_contract::{Difference, Gap, compare_openapi, request_fields};
use worksmith_tests::Server;

use crate::world::raw;

const UPDATE: &str = "UPDATE_LEDGER";

/// The contract's GET twins leave out some members of the POST body, such as the filters of dates;
/// here every member can be a parameter.
fn is_of_the_body(difference: &Difference) -> bool {
    let Some((op, parameter)) = difference.at.split_once('?') else { return false };
    let fields = request_fields(op);
    let paths = fields.iter().flat_map(|field| field.walk());
    difference.gap == Gap::Unknown
        && paths.into_iter().any(|field| field.path.replace("[]", "") == parameter)
}

#[tokio::test]
async fn what_differs_from_the_contract_is_what_the_ledger_says() {
    let server = Server::start().await;
    let ours = raw(&server, "GET", "/openapi.json", &[], "").await.json();
    let differences = compare_openapi(&ours);
    let mut found: Vec<String> =
        differences.iter().filter(|each| !is_of_the_body(each)).map(ToString::to_string).collect();
    found.sort();
    found.dedup();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/ledger.txt");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, found.iter().map(|line| format!("{line}\n")).collect::<String>())
            .expect("the ledger is written");
    }
    let ledger = std::fs::read_to_string(&path).expect("tests/contract/ledger.txt");
    let known: Vec<&str> = ledger.lines().collect();
    let new: Vec<_> = found.iter().filter(|line| !known.contains(&line.as_str())).collect();
    let gone: Vec<_> =
        known.iter().filter(|line| !found.iter().any(|each| each == *line)).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "The description differs from the contract elsewhere than tests/contract/ledger.txt says.\n\
         New: {new:#?}\nGone: {gone:#?}\n\
         If each is meant: {UPDATE}=1 cargo test -p worksmith-tests --test system openapi"
    );
}
