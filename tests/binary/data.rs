//! Commands on a data dir.

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
