//! Commands whose readers are gone: a quiet end or a sentence, but never a panic.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use worksmith_tests::process::{Running, command, run};

use crate::import::sample;

/// Runs a command whose standard output and, with `both`, standard error are read by nobody.
fn unread(command: &mut Command, both: bool) -> (Option<i32>, String) {
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let command = command.stdin(Stdio::null()).stdout(closed());
    if both {
        return (command.stderr(closed()).status().unwrap().code(), String::new());
    }
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

fn each_command_ends_well(data: &Path, file: &Path, is_served: bool) {
    let backup = data.with_extension(format!("tar{is_served}"));
    let issues = file.to_str().unwrap();
    let part = ["move", "--from", "sqlite:nowhere", "--to", "sqlite:nothing"];
    for (arguments, has_data, code) in [
        (&["--help"][..], false, 0),
        (&["serve", "--help"], false, 0),
        (&["--version"], false, 0),
        (&["nothing"], false, 2),
        (&["token", "create"], true, 0),
        (&["token", "list"], true, 0),
        (&["token", "revoke", "1"], true, 1),
        (&["check"], true, 0),
        (&["export"], true, 1),
        (&["backup", "-"], true, 1),
        (&["backup", backup.to_str().unwrap()], true, 0),
        (&["restore", "--verify-only", backup.to_str().unwrap()], false, 0),
        (&["import", "github", issues], true, 0),
        (&["reindex"], true, i32::from(is_served)),
        (&part, false, 1),
    ] {
        for both in [false, true] {
            let mut command = command(arguments);
            if has_data {
                command.arg("--data-dir").arg(data);
            }
            let (ended, said) = unread(&mut command, both);
            assert_eq!(ended, Some(code), "{arguments:?} {both}: {said}");
            assert!(!said.contains("panicked"), "{arguments:?}: {said}");
            if !both && code == 1 {
                let sentence = said.lines().last().unwrap_or_default();
                assert!(sentence.starts_with("worksmith: "), "{arguments:?}: {said}");
            }
        }
    }
}

#[test]
fn no_command_minds_that_nobody_reads_what_it_says() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("issues.json");
    fs::write(&file, sample::file()).unwrap();
    for is_served in [false, true] {
        let data = dir.path().join(format!("data-{is_served}"));
        let server = Running::serve(&data, &[]);
        let kept = is_served.then_some(server);
        each_command_ends_well(&data, &file, is_served);
        drop(kept);
        // The import was completed.
        let mut import = command(&["import", "github"]);
        let again = run(import.arg(&file).arg("--data-dir").arg(&data));
        assert!(again.stdout.contains("        0  created"), "{again:?}");
        assert!(again.stdout.contains("      262  unchanged"), "{again:?}");
    }
}

#[test]
fn a_server_whose_terminal_has_gone_serves() {
    let dir = TempDir::new().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    serve.arg(dir.path()).stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = serve.spawn().unwrap();
    let socket = dir.path().join("control/socket");
    for _ in 0..3000 {
        if socket.exists() || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let listed = run(command(&["token", "list", "--data-dir"]).arg(dir.path()));
    let still_there = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    let _ = child.wait();
    assert!(still_there && listed.code == Some(0), "{listed:?}");
}
