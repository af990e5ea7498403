//! Commands on a data dir while a server has it: they are sent to the server by a socket that only
//! the owner may use, and print the same as when it is stopped.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use worksmith_tests::process::{Ended, Running, command, run};

use crate::data::{fine, on};
use crate::import::sample;
use crate::load::{Load, summary};

fn socket(data: &Path) -> PathBuf {
    data.join("control").join("socket")
}

fn issues(dir: &TempDir) -> PathBuf {
    let file = dir.path().join("issues.json");
    fs::write(&file, sample::file()).unwrap();
    file
}

/// The output of an import, without how long it took.
fn imported(data: &Path, file: &Path) -> Ended {
    let mut import = command(&["import", "github"]);
    fine(run(import.arg(file).arg("--data-dir").arg(data)))
}

#[test]
fn each_command_says_the_same_whether_a_server_runs_or_not() {
    let (dir, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (data, stopped) = (dir.path().join("served"), dir.path().join("stopped"));
    let file = issues(&files);
    let server = Running::serve(&data, &[]);
    drop(Running::serve(&stopped, &[]));
    assert_eq!(imported(&data, &file).stdout, imported(&stopped, &file).stdout);
    assert_eq!(imported(&data, &file).stdout, imported(&stopped, &file).stdout);
    let (_, _, counted) = server.call("works.count", &json!({}));
    assert_eq!(counted["count"], sample::ITEMS - sample::PULL_REQUESTS);

    let made = fine(on(&data, &["token", "create", "--name", "nightly"]));
    let text = made.stdout.trim().to_owned();
    assert_eq!(server.call_as(&text, "dev-users.self", &json!({})).0, 200);
    let listed = fine(on(&data, &["token", "list"])).stdout;
    let line = listed.lines().find(|line| line.contains("nightly")).unwrap();
    let id = line.split_whitespace().next().unwrap();
    assert_eq!(on(&data, &["token", "revoke", id]).stdout, format!("Token {id} is revoked.\n"));
    assert_eq!(server.call_as(&text, "dev-users.self", &json!({})).2["type"], "token_revoked");
    let unknown = on(&data, &["token", "revoke", "4711"]);
    assert!(unknown.sentence().starts_with("there is no token \"4711\""), "{unknown:?}");

    let well = format!("{}: all is well\n", data.display());
    assert_eq!(fine(on(&data, &["check"])).stdout, well);
    let while_served = fine(on(&data, &["export"]));
    assert!(while_served.stderr.starts_with("Exported "), "{}", while_served.stderr);
    let whole = dir.path().join("export.jsonl");
    fine(on(&data, &["export", whole.to_str().unwrap()]));
    assert_eq!(fs::metadata(&whole).unwrap().permissions().mode() & 0o777, 0o600);
    drop(server);
    assert_eq!(fine(on(&data, &["check"])).stdout, well);
    let afterwards = fine(on(&data, &["export"])).stdout;
    assert!(afterwards == while_served.stdout && afterwards == fs::read_to_string(whole).unwrap());
    assert!(
        fs::read_dir(&data)
            .unwrap()
            .flatten()
            .all(|entry| { !entry.file_name().to_string_lossy().starts_with("still-") })
    );
}

#[test]
fn clients_go_on_writing_beside_each_command() {
    let (dir, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let server = Running::serve(dir.path(), &["--log-level", "warn"]);
    let load = Load::new(&server);
    let file = std::env::var_os("WORKSMITH_REAL_DATA").map_or_else(|| issues(&files), Into::into);
    load.during(&server, 32, || {
        std::thread::sleep(Duration::from_secs(1));
        let meanwhile = |what: &str| {
            let took = load.since();
            eprintln!("beside {what}: {}", summary(&took));
            took.len()
        };
        assert!(meanwhile("nothing") > 0, "nobody writes");
        let made = fine(on(dir.path(), &["token", "create", "--name", "nightly"]));
        meanwhile("token create");
        assert_eq!(server.call_as(made.stdout.trim(), "dev-users.self", &json!({})).0, 200);
        imported(dir.path(), &file);
        meanwhile("import");
        let again = imported(dir.path(), &file).stdout;
        assert!(again.contains("        0  created\n        0  updated\n"), "{again}");
        meanwhile("the same import");
        let well = format!("{}: all is well\n", dir.path().display());
        load.since();
        assert_eq!(fine(on(dir.path(), &["check"])).stdout, well);
        meanwhile("check");
        fine(on(dir.path(), &["export", files.path().join("export").to_str().unwrap()]));
        meanwhile("export");
    });
    drop(server);
    fine(on(dir.path(), &["check"]));
}

#[test]
fn the_socket_is_its_owners_alone_and_goes_with_the_server() {
    let dir = TempDir::new().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut server = Running::serve(dir.path(), &[]);
    let path = socket(dir.path());
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    server.signal("KILL");
    server.wait();
    assert!(path.exists());
    // The remains of a killed server are in nobody's way.
    fine(on(dir.path(), &["token", "list"]));
    let mut server = Running::serve(dir.path(), &[]);
    fine(on(dir.path(), &["token", "list"]));
    server.signal("TERM");
    server.wait();
    assert!(!path.exists());
}

#[test]
fn two_data_dirs_and_a_long_path_are_told_apart() {
    let dir = TempDir::new().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("d".repeat(200)).join("two"));
    let _servers = [Running::serve(&one, &[]), Running::serve(&two, &[])];
    fine(on(&one, &["token", "create", "--name", "only here"]));
    assert!(fine(on(&one, &["token", "list"])).stdout.contains("only here"));
    assert!(!fine(on(&two, &["token", "list"])).stdout.contains("only here"));
    assert_eq!(fine(on(&two, &["check"])).stdout, format!("{}: all is well\n", two.display()));
}

#[test]
fn what_fails_on_the_server_is_said_as_here() {
    let dir = TempDir::new().unwrap();
    let _server = Running::serve(dir.path(), &[]);
    let file = dir.path().join("issues.json");
    fs::write(&file, "{\"message\":\"Not Found\",\"documentation_url\":\"x\"}").unwrap();
    let refused = on(dir.path(), &["import", "github", file.to_str().unwrap()]);
    assert!(refused.stderr.contains("what GitHub answered: \"Not Found\""), "{refused:?}");
    assert_eq!(refused.code, Some(1));
    fs::write(&file, "[{\"number\": 6}]").unwrap();
    let refused = on(dir.path(), &["import", "github", file.to_str().unwrap()]);
    assert!(refused.stderr.starts_with("item 1 (#6): html_url is missing"), "{refused:?}");
    let nowhere = on(dir.path(), &["export", dir.path().join("no/where").to_str().unwrap()]);
    assert!(nowhere.sentence().contains("no/where can't be written: No such file"));
    let busy = on(dir.path(), &["reindex"]);
    assert!(busy.sentence().contains("another worksmith uses the data dir"), "{busy:?}");
}

/// A frame of the socket.
fn frame(kind: u8, json: &serde_json::Value) -> Vec<u8> {
    let text = json.to_string();
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&[kind][..], &length, text.as_bytes()].concat()
}

#[test]
fn another_version_is_said_in_a_sentence_on_both_sides() {
    let dir = TempDir::new().unwrap();
    let other = json!({"version": "9.9.9", "protocol": 999});
    let server = Running::serve(dir.path(), &[]);
    let mut stream = UnixStream::connect(socket(dir.path())).unwrap();
    stream.write_all(&frame(b'H', &other)).unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("and this command is worksmith 9.9.9: run the command of"), "{said}");
    // Something that is not a command does no harm.
    let mut stream = UnixStream::connect(socket(dir.path())).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    drop(stream);
    fine(on(dir.path(), &["token", "list"]));
    drop(server);

    let lock = fs::File::options().write(true).open(dir.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    let _ = fs::remove_file(socket(dir.path()));
    let listener = UnixListener::bind(socket(dir.path())).unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(&frame(b'H', &other)).unwrap();
    });
    let refused = on(dir.path(), &["token", "list"]);
    assert!(
        refused.sentence().starts_with("the server is worksmith 9.9.9 and this"),
        "{refused:?}"
    );
    answering.join().unwrap();
}

#[test]
fn an_import_goes_on_when_whoever_asked_for_it_has_gone() {
    let (dir, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let file = issues(&files);
    let mut server = Running::serve(dir.path(), &[]);
    let mut import = command(&["import", "github", "--batch", "5"]);
    import.arg(&file).arg("--data-dir").arg(dir.path());
    let mut child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // When the first items have arrived, the whole file was sent long ago.
    let count = |server: &Running| server.call("works.count", &json!({})).2["count"].as_u64();
    server.wait_for(|server| count(server).filter(|count| *count > 0));
    std::thread::sleep(Duration::from_millis(100));
    let _ = child.kill();
    let _ = child.wait();
    let all = sample::ITEMS - sample::PULL_REQUESTS;
    server.wait_for(|server| count(server).filter(|count| *count == all));
    // If the input breaks off in the middle, the complete items are imported.
    let text = fs::read_to_string(&file).unwrap();
    let mut import = command(&["import", "github", "-", "--data-dir"]);
    let import = import.arg(dir.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = import.stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&text.as_bytes()[..text.len() / 2]).unwrap();
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("standard input ends at line "), "{said}");
    fine(on(dir.path(), &["check"]));
}
