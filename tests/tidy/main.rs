//! The house rules that a program can check.

mod circles;
mod functions;

use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of a file; a longer one should be two.
const LINES_MAX: usize = 600;
/// The most columns of a line.
const COLUMNS_MAX: usize = 100;
/// The most lines of a function; a longer one does more than one thing.
const FUNCTION_LINES_MAX: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

/// Every source file below `folder` with one of the endings, and its text.
fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !matches!(name, "node_modules" | "target" | "__pycache__") {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let shown = path.strip_prefix(root()).expect("below the repository");
                let text = fs::read_to_string(&path).expect("a text");
                found.push((shown.display().to_string(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources below {folder}");
    found
}

fn all() -> Vec<(String, String)> {
    let endings = [".rs", ".mjs", ".py", ".sh"];
    ["crates", "tests", "scripts", "bench"]
        .iter()
        .flat_map(|folder| sources(folder, &endings))
        .collect()
}

#[test]
fn files_and_lines_are_short() {
    let mut long = Vec::new();
    for (name, text) in all() {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            long.push(format!("{name}: {lines} lines"));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > COLUMNS_MAX {
                long.push(format!("{name}:{}: more than {COLUMNS_MAX} columns", number + 1));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn functions_are_short() {
    let mut long = Vec::new();
    for (name, text) in sources("crates", &[".rs"]) {
        for (function, line, lines) in functions::long(&text, FUNCTION_LINES_MAX) {
            long.push(format!("{name}:{line}: {function} has {lines} lines"));
        }
    }
    long.sort();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_units_form_a_circle() {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("crates")).expect("the crates") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let folder = format!("crates/{name}/src");
        let files: Vec<_> = sources(&folder, &[".rs"])
            .into_iter()
            .map(|(file, text)| (file[folder.len() + 1..].to_owned(), text))
            .collect();
        all.extend(circles::circles(&folder, &files));
    }
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn nothing_is_left_to_be_done_later() {
    // Assembled at run time, so that this file does not match itself.
    let words = ["todo", "unimplemented", "dbg"].map(|word| format!("{word}!("));
    let marks: Vec<_> = all()
        .into_iter()
        .filter(|(_, text)| words.iter().any(|word| text.contains(word.as_str())))
        .map(|(name, _)| name)
        .collect();
    assert!(marks.is_empty(), "{marks:#?}");
}

#[test]
fn only_the_store_speaks_sql() {
    let words = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", "rusqlite"];
    // What the store is compared with is SQL, too.
    let exempt = [
        "crates/store/",
        "bench/src/limits/",
        "bench/src/postgres/",
        "bench/Cargo.toml",
        "bench/drivers/",
    ];
    let strays: Vec<_> = ["crates", "bench"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs", "Cargo.toml"]))
        .filter(|(name, _)| !exempt.iter().any(|start| name.starts_with(start)))
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(name, _)| name)
        .collect();
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn the_inner_crates_know_nothing_of_http() {
    for name in ["wire", "kernel", "store", "engine", "tracker"] {
        let manifest = root().join("crates").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("a manifest");
        for library in ["axum", "reqwest", "hyper", "tower"] {
            let named = manifest.lines().any(|line| line.starts_with(library));
            // The store only selects the TLS of its bucket client by this; its code does not use
            // it.
            let exempt = (name, library) == ("store", "reqwest");
            assert!(!named || exempt, "{name} depends on {library}");
            let path = format!("{library}::");
            for (file, text) in sources(&format!("crates/{name}"), &[".rs"]) {
                assert!(!text.contains(&path), "{file} uses {library}");
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = ["crates", "bench"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
