//! `docs/API-COMPAT.md`: every operation of the contract, and how this server implements it.
//! Generated from the table of operations, the contract's facts, and `docs/deviations.json`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use worksmith_contract::{Method, Operation, Tier};
use worksmith_engine::OpTable;

/// A deviation of this server from the contract or the hosted service.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The operation; `*` for all of them.
    pub operation: String,
    /// What is different.
    pub deviation: String,
    /// Why.
    pub reason: String,
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Where the document is committed.
pub fn path() -> PathBuf {
    docs().join("API-COMPAT.md")
}

/// The deviations that are recorded by hand, in their order.
pub fn deviations() -> Vec<Deviation> {
    let path = docs().join("deviations.json");
    let text = std::fs::read_to_string(path).expect("docs/deviations.json");
    let list: Vec<BTreeMap<String, String>> = serde_json::from_str(&text).expect("deviations");
    list.into_iter()
        .map(|mut entry| {
            let mut take = |name: &str| entry.remove(name).unwrap_or_else(|| panic!("no {name}"));
            let deviation = Deviation {
                operation: take("operation"),
                deviation: take("deviation"),
                reason: take("reason"),
            };
            assert!(entry.is_empty(), "deviations.json: nobody reads {entry:?}");
            deviation
        })
        .collect()
}

/// The document as it should be.
pub fn render() -> String {
    let table = worksmith_tracker::table();
    let deviations = deviations();
    let mut out = String::from(HEAD);
    counts(&mut out, &table, &deviations);
    out.push_str("\n## Everywhere\n\n| deviation | reason |\n|---|---|\n");
    for each in deviations.iter().filter(|each| each.operation == "*") {
        row(&mut out, &[&each.deviation, &each.reason]);
    }
    extensions(&mut out, &table, &deviations);
    families(&mut out, &table, &deviations);
    out
}

const HEAD: &str = "# How far the API is covered

Made by `cargo run -p worksmith-tests --bin api-compat -- --write`; a test fails when it is stale.
A path that answers GET and POST counts as two operations, as in the published contract.
What deviates is written down in `deviations.json`.

";

/// The status of an operation here.
fn standing(table: &OpTable, deviations: &[Deviation], id: &str) -> &'static str {
    if table.get(id).is_none() {
        "absent"
    } else if deviations.iter().any(|each| each.operation == id) {
        "deviates"
    } else {
        "works"
    }
}

fn counts(out: &mut String, table: &OpTable, deviations: &[Deviation]) {
    out.push_str("| | operations | work | deviate | absent |\n|---|--:|--:|--:|--:|\n");
    let tiers: [(&str, &[Tier]); 3] = [
        ("public contract", &[Tier::Public]),
        ("beta contract only", &[Tier::Beta]),
        ("together", &[Tier::Public, Tier::Beta]),
    ];
    for (name, tiers) in tiers {
        let mut counts = [0; 4];
        for operation in worksmith_contract::operations() {
            if tiers.contains(&operation.tier) {
                let weight = operation.methods.len();
                counts[0] += weight;
                match standing(table, deviations, &operation.id) {
                    "works" => counts[1] += weight,
                    "deviates" => counts[2] += weight,
                    _ => counts[3] += weight,
                }
            }
        }
        let [all, work, deviate, absent] = counts;
        writeln!(out, "| {name} | {all} | {work} | {deviate} | {absent} |").expect("a text");
    }
}

fn extensions(out: &mut String, table: &OpTable, deviations: &[Deviation]) {
    out.push_str("\n## Beyond the contract\n\n| operation | what it is for |\n|---|---|\n");
    for op in table.iter().filter(|op| worksmith_contract::operation(op.name).is_none()) {
        let known = deviations.iter().find(|each| each.operation == op.name);
        let what = known.map_or("", |each| each.deviation.as_str());
        row(out, &[&format!("`{}`", op.name), what]);
    }
}

fn families(out: &mut String, table: &OpTable, deviations: &[Deviation]) {
    let mut families: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in worksmith_contract::operations() {
        let family = operation.id.split('.').next().unwrap_or(&operation.id);
        families.entry(family).or_default().push(operation);
    }
    for (family, operations) in families {
        write!(
            out,
            "\n## {family}\n\n| operation | methods | contract | here |\n|---|---|---|---|\n"
        )
        .expect("a text");
        for operation in operations {
            let id = &operation.id;
            let methods =
                if operation.methods.contains(&Method::Get) { "GET, POST" } else { "POST" };
            let tier = if operation.tier == Tier::Public { "public" } else { "beta" };
            let mut here = standing(table, deviations, id).to_owned();
            for each in deviations.iter().filter(|each| each.operation == *id) {
                let Deviation { deviation, reason, .. } = each;
                write!(here, "<br>{deviation} ({reason})").expect("a text");
            }
            row(out, &[&format!("`{id}`"), methods, tier, &here]);
        }
    }
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(out, "| {} |", cells.join(" | ")).expect("a text");
}

/// What is wrong with the recorded deviations: unknown places, and undocumented extensions.
pub fn faults() -> Vec<String> {
    let table = worksmith_tracker::table();
    let deviations = deviations();
    let mut faults = Vec::new();
    for Deviation { operation, deviation, reason } in &deviations {
        if operation != "*" && table.get(operation).is_none() {
            faults.push(format!("{operation} is not served"));
        }
        if deviation.is_empty() || reason.is_empty() {
            faults.push(format!("{operation}: a deviation without a word or a reason"));
        }
    }
    for op in table.iter().filter(|op| worksmith_contract::operation(op.name).is_none()) {
        if !deviations.iter().any(|each| each.operation == op.name) {
            faults.push(format!("{} is beyond the contract: say what for", op.name));
        }
    }
    faults
}
