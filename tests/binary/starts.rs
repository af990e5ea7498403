//! Starts: the first, the next, and those that fail, each with one sentence and the code 1.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::json;
use tempfile::TempDir;
use worksmith_tests::process::{Ended, Running, command, run};

fn start(data: &Path, arguments: &[&str]) -> Ended {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0"]);
    run(command.arg("--data-dir").arg(data).args(arguments))
}

#[test]
fn the_first_start_prints_a_token_once() {
    let dir = TempDir::new().unwrap();
    let serve = || {
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(dir.path());
        Running::start_without_token(command).stdout()
    };
    let first = serve();
    assert!(first.contains("Token of admin@localhost, shown this once: eyJ"), "{first}");
    let second = serve();
    assert!(!second.contains("Token"), "{second}");
}

#[test]
fn the_variable_sets_the_token_at_any_start() {
    let dir = TempDir::new().unwrap();
    for _ in 0..2 {
        let server = Running::serve(dir.path(), &["--admin-email", "ada@example.org"]);
        assert!(!server.stdout().contains("Token"), "{}", server.stdout());
        let (status, _, body) = server.call("dev-users.self", &json!({}));
        assert_eq!((status, &body["dev_user"]["email"]), (200, &json!("ada@example.org")));
    }
}

#[test]
fn a_start_sweeps_up_old_files_that_nothing_names_and_leaves_the_others() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("artifacts/org/7");
    fs::create_dir_all(&folder).unwrap();
    let (old, new, other) =
        (folder.join("old"), folder.join("new"), dir.path().join("artifacts/x"));
    for (file, age_h) in [(&old, 25), (&new, 1), (&other, 25)] {
        let written_at = SystemTime::UNIX_EPOCH.elapsed().unwrap() - Duration::from_hours(age_h);
        let file = File::create(file).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + written_at).unwrap();
    }
    let mut server = Running::serve(dir.path(), &[]);
    server.wait_for(|_| (!old.exists()).then_some(()));
    assert!(new.exists(), "an upload may still be on its way");
    assert!(other.exists(), "what is no upload is not the server's");
}

#[test]
fn a_second_server_on_one_data_dir_is_refused() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &[]);
    let ended = start(dir.path(), &[]);
    let wanted = format!(
        "another worksmith uses the data dir {}; stop it or name another --data-dir",
        dir.path().display()
    );
    assert_eq!(ended.sentence(), wanted);
    assert_eq!(server.call("dev-users.self", &json!({})).0, 200);
}

#[test]
fn a_busy_port_is_named() {
    let dir = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = command(&["serve", "--listen", &address, "--data-dir"]);
    let ended = run(command.arg(dir.path()));
    let wanted = format!(
        "another program listens on {address}; stop it or name another address with --listen"
    );
    assert_eq!(ended.sentence(), wanted);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let data = dir.path().join("file").join("data");
    let ended = start(&data, &[]);
    let wanted = format!("the data dir {} can't be written: ", data.display());
    assert!(ended.sentence().starts_with(&wanted), "{ended:?}");
}

/// A data dir with an org and some tags, whose server has stopped in an orderly way.
fn used_data_dir() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &[]);
    for number in 0..50 {
        let body = json!({ "name": format!("tag {number}"), "description": "x".repeat(1000) });
        assert_eq!(server.call("tags.create", &body).0, 201);
    }
    server.signal("TERM");
    assert!(server.wait().success());
    dir
}

fn overwrite(path: &Path, at: u64, length: usize) {
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&vec![0xA5; length]).unwrap();
}

#[test]
fn a_damaged_database_is_not_served() {
    let dir = used_data_dir();
    let path = dir.path().join("worksmith.db");
    let whole = std::fs::read(&path).unwrap();
    let length = u64::try_from(whole.len()).unwrap();
    let middle = length / 2 / 4096 * 4096;
    let damages: [(&str, &dyn Fn()); 4] = [
        ("header", &|| overwrite(&path, 0, 100)),
        ("middle page", &|| overwrite(&path, middle, 4096)),
        ("truncated", &|| {
            std::fs::File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
        }),
        ("other file", &|| std::fs::write(&path, "no database at all, but long enough").unwrap()),
    ];
    let start_of = format!("the database {} is damaged (", path.display());
    for (name, damage) in damages {
        damage();
        let ended = start(dir.path(), &[]);
        assert!(ended.sentence().starts_with(&start_of), "{name}: {ended:?}");
        assert!(ended.sentence().ends_with("); restore it from a backup"), "{name}: {ended:?}");
        std::fs::write(&path, &whole).unwrap();
    }
    let server = Running::serve(dir.path(), &[]);
    assert_eq!(server.call("tags.list", &json!({ "limit": 1 })).0, 200);
}

#[test]
fn a_database_of_a_newer_version_is_not_touched() {
    let dir = used_data_dir();
    let path = dir.path().join("worksmith.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA user_version = 4711").unwrap();
    drop(database);
    let ended = start(dir.path(), &[]);
    assert!(ended.sentence().contains("newer worksmith (schema 4711"), "{ended:?}");
}

#[test]
fn an_admin_token_with_blanks_is_refused() {
    let dir = TempDir::new().unwrap();
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let ended = run(command.arg(dir.path()).env("WORKSMITH_ADMIN_TOKEN", "two words"));
    assert!(ended.sentence().starts_with("WORKSMITH_ADMIN_TOKEN must be"), "{ended:?}");
}
