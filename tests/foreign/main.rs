//! Official clients, unmodified: each suite under `tests/clients` is run against the program. If it
//! fails, its output is shown.
//!
//! `scripts/test.sh` installs what the suites need, and names in `WORKSMITH_FOREIGN` those for
//! which it could. A suite that is not named there and lacks something is skipped with a message.
//!
//! Like the whole-system tests they run on the database that `WORKSMITH_TEST_DATABASE` names.

mod mail;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use worksmith_tests::database;
use worksmith_tests::delivering::OPTIONS;
use worksmith_tests::process::{Running, TOKEN, binary};

/// The exit code of a suite that can't run here; it prints why.
const SKIPPED: i32 = 77;

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Skips a suite that lacks something, unless it was promised.
fn skip(suite: &str, why: &str) {
    let promised = std::env::var("WORKSMITH_FOREIGN").unwrap_or_default();
    assert!(!promised.split_whitespace().any(|each| each == suite), "{suite}: {why}");
    eprintln!("skipped: {suite}: {why}");
}

fn report(suite: &str, output: &Output, server: &str) {
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    match output.status.code() {
        Some(0) => println!("{said}"),
        Some(SKIPPED) => {
            let word = said.trim().lines().last().unwrap_or_default();
            eprintln!("skipped: {suite}: {word}");
        }
        code => panic!("{suite} ended with {code:?}:\n{said}\n{server}"),
    }
}

#[test]
fn the_official_typescript_sdk() {
    let suite = "typescript";
    let folder = clients().join(suite);
    if !folder.join("node_modules/@devrev/typescript-sdk").is_dir() {
        return skip(suite, "its packages are not installed; run scripts/test.sh");
    }
    if Command::new("npm").arg("--version").output().is_err() {
        return skip(suite, "there is no Node.js with npm here");
    }
    let data = TempDir::new().expect("a data dir");
    let database = database::empty();
    let url = database.as_ref().map(|database| database.url());
    let mut arguments = vec!["--tls-self-signed", "--log-level", "warn"];
    arguments.extend(OPTIONS);
    arguments.extend(url.iter().flat_map(|url| ["--database", url]));
    let server = Running::serve(data.path(), &arguments);
    let output = Command::new("npm")
        .args(["test", "--silent"])
        .current_dir(folder)
        .env("WORKSMITH_URL", &server.url)
        .env("WORKSMITH_TOKEN", TOKEN)
        .env("NODE_EXTRA_CA_CERTS", data.path().join("tls/ca.pem"))
        .output()
        .expect("npm");
    let log = server.stderr();
    report(suite, &output, &format!("The server's log:\n{log}"));
}

#[test]
fn the_official_mcp_server() {
    let suite = "mcp";
    let python = std::env::var_os("WORKSMITH_MCP_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/mcp-venv/bin/python"),
        PathBuf::from,
    );
    let has_it = Command::new(&python).args(["-c", "import devrev_mcp, mcp, pytest"]).output();
    if !has_it.is_ok_and(|output| output.status.success()) {
        return skip(suite, "its Python environment is not there; run scripts/test.sh");
    }
    let database = database::empty();
    let output = Command::new(python)
        .arg("run.py")
        .envs(database.as_ref().map(|database| ("MCP_SUITE_DATABASE", database.url())))
        .current_dir(clients().join(suite))
        .env("WORKSMITH_BIN", binary())
        .output()
        .expect("python");
    report(suite, &output, "");
}
