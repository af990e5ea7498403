//! Commands on a data dir, and settings of tests.

use std::path::Path;

use worksmith_tests::process::{Ended, command, run};

/// Runs a command on a data dir.
pub(crate) fn on(data: &Path, arguments: &[&str]) -> Ended {
    run(command(arguments).arg("--data-dir").arg(data))
}

/// Asserts that a command has succeeded.
#[track_caller]
pub(crate) fn fine(ended: Ended) -> Ended {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended
}

/// The number that a variable of the environment sets, or the usual one.
pub(crate) fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}
