//! The server's own description compared with the contract: all differences are recorded.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use worksmith_contract::{Difference, Gap, compare_openapi, request_fields};
use worksmith_tests::{Server, openapi};

use crate::world::raw;

const UPDATE: &str = "UPDATE_LEDGER";

/// The contract's GET twins omit some members of the POST body, such as the filters of dates; here,
/// every member can be a parameter.
fn is_of_the_body(difference: &Difference) -> bool {
    let Some((op, parameter)) = difference.at.split_once('?') else { return false };
    let fields = request_fields(op);
    let paths = fields.iter().flat_map(|field| field.walk());
    difference.gap == Gap::Unknown
        && paths.into_iter().any(|field| field.path.replace("[]", "") == parameter)
}

#[test]
fn the_committed_document_is_fresh() {
    let committed = std::fs::read_to_string(openapi::path()).expect("crates/http/openapi.json");
    assert!(
        committed == openapi::render(),
        "crates/http/openapi.json is stale: cargo run -p worksmith-tests --bin openapi -- --write"
    );
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

/// Every pattern of a document.
fn patterns<'a>(value: &'a Value, found: &mut BTreeMap<&'a str, usize>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
        Value::Object(members) => {
            if let Some(pattern) = members.get("pattern").and_then(Value::as_str) {
                *found.entry(pattern).or_default() += 1;
            }
            members.values().for_each(|member| patterns(member, found));
        }
        _ => {}
    }
}

/// What matches each pattern, and what does not.
const SAMPLES: [(&str, &[&str], &[&str]); 7] = [
    (
        r"^[^/\\\x00-\x1f\x7f-\x9f]+$",
        &["a.txt", "Größe „–“ 🦀.pdf", " ", "p{Cc}", "\u{a0}"],
        &["", "a/b", r"a\b", "a\0b", "a\nb", "\u{1f}", "\u{7f}", "\u{85}", "\u{9f}"],
    ),
    ("^.+:(asc|desc)$", &["title:asc", "a:b:desc"], &["title", ":asc", "title:up", "title:asc "]),
    (
        "^[^:]+(:(day|week|month))?$",
        &["stage", "created_date:week", "custom_fields.tnt__cost"],
        &["", ":day", "created_date:", "created_date:year", "a:day:week"],
    ),
    ("^#[0-9A-Fa-f]{6}$", &["#00aaFF"], &["#00aaF", "00aaFF", "#00aaFG"]),
    (r"^\+[1-9][0-9]{1,14}$", &["+4930123456"], &["4930", "+0493", "+1", "+1234567890123456"]),
    (
        r"^-?[0-9]{1,30}(\.[0-9]{1,10})?$",
        &["0", "-12.50", "1.0123456789"],
        &["", ".5", "1.", "1.01234567890", "١"],
    ),
    ("^[A-Z]{3}$", &["EUR"], &["eur", "EURO", "ÄÖÜ"]),
];

/// Patterns in JSON Schema follow ECMA-262, and many tools compile them without the flag `u`.
#[tokio::test]
async fn every_pattern_is_read_by_the_tools_of_the_web_and_means_what_it_should() {
    let server = Server::start().await;
    let document = raw(&server, "GET", "/openapi.json", &[], "").await.json();
    let mut found = BTreeMap::new();
    patterns(&document, &mut found);
    let known: Vec<&str> = SAMPLES.iter().map(|(pattern, ..)| *pattern).collect();
    for pattern in found.keys() {
        assert!(known.contains(pattern), "{pattern} has no samples");
    }
    for (pattern, good, bad) in SAMPLES {
        assert!(found.contains_key(pattern), "{pattern} is gone");
        for flags in ["", "u"] {
            let compiled = regress::Regex::with_flags(pattern, flags);
            let compiled = compiled.unwrap_or_else(|cause| panic!("{pattern} {flags}: {cause}"));
            for text in good {
                assert!(compiled.find(text).is_some(), "{pattern} {flags}: {text:?}");
            }
            for text in bad {
                assert!(compiled.find(text).is_none(), "{pattern} {flags}: {text:?}");
            }
        }
    }
}
