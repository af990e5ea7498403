//! `worksmith reindex`.

use tempfile::TempDir;
use worksmith_tests::process::{Running, command, run};

#[test]
fn reindex_says_what_it_did_and_leaves_a_sound_database() {
    let dir = TempDir::new().unwrap();
    drop(Running::serve(dir.path(), &[]));
    let done = run(command(&["reindex", "--data-dir"]).arg(dir.path()));
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.starts_with("Derived everything anew from "), "{done:?}");
    let check = run(command(&["check", "--data-dir"]).arg(dir.path()));
    assert_eq!(check.code, Some(0), "{check:?}");
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(server.call("dev-users.self", &serde_json::json!({})).0, 200);
}

#[test]
fn reindex_of_nothing_makes_nothing() {
    let dir = TempDir::new().unwrap();
    let failed = run(command(&["reindex", "--data-dir"]).arg(dir.path()));
    assert!(failed.sentence().starts_with("there is no data in "), "{failed:?}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
