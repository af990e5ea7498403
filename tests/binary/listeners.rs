//! Many clients of the feed beside many who write: `WORKSMITH_LISTENERS` says how many listen,
//! `WORKSMITH_LISTENERS_WRITERS` how many write, `WORKSMITH_LISTENERS_MS` for how long in each
//! turn, and `WORKSMITH_LISTENERS_TURNS` how many turns there are.

use tempfile::TempDir;
use worksmith_tests::listening::Listening;
use worksmith_tests::process::Running;

#[test]
fn every_listener_has_every_change_once_and_in_order() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &["--log-level", "warn"]);
    Listening::default().run(&[server.address()], &[server.id()]);
}
