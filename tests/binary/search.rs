//! The search of the program: what was written is found after a sudden end, and without an index.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use worksmith_tests::process::{Running, command, run};

/// How many tags a query finds.
fn found(server: &Running, query: &str) -> usize {
    let request = json!({"query": query, "namespaces": ["tag"], "limit": 100});
    let (status, _, found) = server.call("search.core", &request);
    assert_eq!(status, 200, "{found}");
    found["results"].as_array().unwrap().len()
}

/// The line of the metrics about the events that the index has yet to follow.
fn is_up_to_date(server: &Running) -> bool {
    let metrics = server.page("/metrics");
    metrics.lines().any(|line| line == "worksmith_search_behind_events 0")
}

fn delete_index(data: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(data.join(format!("search.db{ending}")));
    }
}

#[test]
fn what_was_acknowledged_is_found_after_a_sudden_end_and_without_an_index() {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &[]);
    // The index of a new server is being made.
    assert_eq!(server.call("tags.create", &json!({"name": "seal"})).0, 201);
    server.wait_for(|server| (found(server, "seal") == 1).then_some(()));
    for number in 0..40 {
        let tag = json!({"name": format!("walrus {number}")});
        assert_eq!(server.call("tags.create", &tag).0, 201);
        assert_eq!(found(&server, "walrus"), number + 1);
    }
    drop(server);
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(found(&server, "walrus"), 40);
    assert_eq!(found(&server, "\"walrus 7\""), 1);
    drop(server);
    delete_index(dir.path());
    let server = Running::serve(dir.path(), &[]);
    let begin = Instant::now();
    while found(&server, "walrus") < 40 {
        assert!(begin.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    while !is_up_to_date(&server) {
        assert!(begin.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_index_of_other_data_is_made_anew() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for (dir, name) in [(&dir, "walrus"), (&other, "narwhal")] {
        let server = Running::serve(dir.path(), &[]);
        assert_eq!(server.call("tags.create", &json!({"name": name})).0, 201);
        assert_eq!(found(&server, name), 1);
    }
    delete_index(dir.path());
    for ending in ["", "-wal"] {
        let file = format!("search.db{ending}");
        if other.path().join(&file).exists() {
            fs::copy(other.path().join(&file), dir.path().join(&file)).unwrap();
        }
    }
    let server = Running::serve(dir.path(), &[]);
    let begin = Instant::now();
    while found(&server, "walrus") == 0 {
        assert!(begin.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(found(&server, "narwhal"), 0);
}

#[test]
fn reindex_makes_the_search_index_and_says_how_large_it_is() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(server.call("tags.create", &json!({"name": "walrus"})).0, 201);
    drop(server);
    fs::write(dir.path().join("search.db"), "no database").unwrap();
    let done = run(command(&["reindex", "--data-dir"]).arg(dir.path()));
    assert_eq!(done.code, Some(0), "{done:?}");
    let last = done.stdout.lines().last().unwrap();
    assert!(last.starts_with("The search index has "), "{last}");
    assert!(last.ends_with(" MB"), "{last}");
    assert_eq!(found(&Running::serve(dir.path(), &[]), "walrus"), 1);
}
