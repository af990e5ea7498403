//! Generates `facts.json` from the published contract, or reports that it is stale.
//!
//! ```text
//! cargo run -p worksmith-contract --features generate --bin facts -- --contract DIR [--write]
//! ```

mod extract;
mod merge;
mod print;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(said) => {
            eprintln!("{said}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: impl Iterator<Item = String>) -> Result<String, String> {
    let (contract, write) = parse(arguments)?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("facts.json");
    let public = read(&contract, "openapi-public.yaml")?;
    let beta = read(&contract, "openapi-beta.yaml")?;
    let facts = merge::merge(extract::document(&public)?, extract::document(&beta)?)?;
    let text = print::print(&facts).map_err(|error| error.to_string())?;
    if write {
        std::fs::write(&file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
        return Ok(format!(
            "facts.json: {} operations, {} schemas, {} bytes.",
            facts.operations.len(),
            facts.schemas.len(),
            text.len()
        ));
    }
    match std::fs::read_to_string(&file) {
        Ok(there) if there == text => Ok("facts.json is up to date.".to_owned()),
        _ => Err("facts.json is stale: run the same command with --write.".to_owned()),
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<(PathBuf, bool), String> {
    let usage = "usage: facts --contract DIR [--write]";
    let (mut contract, mut write) = (None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--contract" => contract = arguments.next(),
            "--write" => write = true,
            _ => return Err(usage.to_owned()),
        }
    }
    let directory = PathBuf::from(contract.ok_or(usage)?);
    if directory.is_dir() {
        Ok((directory, write))
    } else {
        Err(format!("There is no directory {}.", directory.display()))
    }
}

fn read(directory: &Path, name: &str) -> Result<serde_json::Value, String> {
    let path = directory.join(name);
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    // The documents are trusted, and exceed the default budget of the reader.
    let options = serde_saphyr::options! { budget: None };
    serde_saphyr::from_str_with_options(&text, options)
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(arguments: &[&str]) -> String {
        run(arguments.iter().map(|&each| each.to_owned())).unwrap_err()
    }

    #[test]
    fn a_missing_directory_is_named() {
        assert_eq!(said(&["--contract", "no/such/place"]), "There is no directory no/such/place.");
    }

    #[test]
    fn bad_arguments_get_the_usage() {
        assert!(said(&[]).starts_with("usage:"));
        assert!(said(&["--fast"]).starts_with("usage:"));
    }
}
