//! The tables of databases as they are: what families declare must yield the same.

use std::fmt::Write as _;

use worksmith_kernel::Table;

fn described(table: &Table) -> String {
    let kinds: Vec<_> = table.kinds.iter().map(|kind| kind.noun()).collect();
    let mut text = format!("{}: {}\n", table.name, kinds.join(", "));
    for column in table.columns {
        writeln!(text, "    {} {:?}", column.name, column.kind).unwrap();
    }
    for (what, names) in [
        ("filters", table.filters),
        ("whole", table.whole),
        ("sorts", table.sorts),
        ("digest", table.digest),
        ("tallied", table.tallied),
    ] {
        if !names.is_empty() {
            writeln!(text, "  {what}: {}", names.join(", ")).unwrap();
        }
    }
    if let Some(carried) = table.carried {
        writeln!(text, "  carried: {carried}").unwrap();
    }
    if let Some(long) = table.long {
        writeln!(text, "  long: {long}").unwrap();
    }
    text
}

/// An order that changes, of columns or of the terms of a digest, makes every server rebuild its
/// tables when it starts.
#[test]
fn the_tables_are_those_of_present_databases() {
    let table = worksmith_tracker::table();
    let families = table.registry().families();
    let mut tables: Vec<_> = families.iter().map(|family| described(family.table)).collect();
    tables.sort_unstable();
    let tables = tables.join("\n");
    assert!(tables == include_str!("tables.txt"), "the tables are now\n\n{tables}");
}
