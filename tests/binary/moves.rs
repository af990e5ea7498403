//! `worksmith export` and `worksmith move`: there and back without a byte of difference, even if a
//! move is killed; and what they refuse. `WORKSMITH_REAL_DATA` names a file of GitHub issues to
//! move.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use worksmith_test_postgres::{Database, shared};
use worksmith_tests::process::{Ended, Running, command, run};

use crate::import::sample;

/// A data dir with imported issues.
fn imported() -> TempDir {
    let dir = TempDir::new().unwrap();
    let file = std::env::var_os("WORKSMITH_REAL_DATA").map_or_else(
        || {
            let file = dir.path().join("issues.json");
            std::fs::write(&file, sample::file()).unwrap();
            file
        },
        PathBuf::from,
    );
    let mut import = command(&["import", "github"]);
    let imported = run(import.arg(file).arg("--data-dir").arg(data(&dir)));
    assert_eq!(imported.code, Some(0), "{imported:?}");
    dir
}

fn data(dir: &TempDir) -> PathBuf {
    dir.path().join("data")
}

fn folder(dir: &Path) -> String {
    format!("sqlite:{}", dir.display())
}

fn moving(from: &str, to: &str, arguments: &[&str]) -> std::process::Command {
    let mut moving = command(&["move", "--from", from, "--to", to]);
    moving.args(arguments);
    moving
}

#[track_caller]
fn moved(from: &str, to: &str, arguments: &[&str]) -> Ended {
    let ended = run(&mut moving(from, to, arguments));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.ends_with("\nidentical\n"), "{ended:?}");
    ended
}

/// Runs a command on a place.
fn ask(name: &str, place: &str) -> Ended {
    let mut asking = command(&[name]);
    match place.strip_prefix("sqlite:") {
        Some(dir) => asking.args(["--data-dir", dir]),
        None => asking.args(["--database", place]),
    };
    run(&mut asking)
}

/// The export of a place, which must be consistent.
#[track_caller]
fn exported(place: &str) -> String {
    let checked = ask("check", place);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let exported = ask("export", place);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    exported.stdout
}

#[test]
fn there_and_back_without_a_byte_of_difference() {
    let Some(server) = shared() else { return };
    let (dir, back, database) = (imported(), TempDir::new().unwrap(), server.database());
    let (source, there, back) = (folder(&data(&dir)), database.url(), folder(&data(&back)));
    let first = moved(&source, &there, &[]);
    assert!(first.stdout.contains("  works  "), "{first:?}");
    assert!(first.stdout.contains("copy the folder artifacts of the data dir"), "{first:?}");
    moved(&there, &back, &[]);
    let expected = exported(&source);
    assert_eq!(expected.lines().next(), Some("{\"format\":\"worksmith-export\",\"version\":1}"));
    let end = format!("{{\"end\":true,\"lines\":{}}}", expected.lines().count());
    assert_eq!(expected.lines().last(), Some(end.as_str()));
    assert!(expected == exported(&there) && expected == exported(&back));
    moved(&source, &back, &["--verify-only"]);
    let server = Running::serve(Path::new(back.strip_prefix("sqlite:").unwrap()), &[]);
    assert_eq!(server.call("dev-users.self", &serde_json::json!({})).0, 200);
}

#[test]
fn an_export_to_a_file_is_whole_or_not_there() {
    let dir = imported();
    let file = dir.path().join("export.jsonl");
    let place = folder(&data(&dir));
    let expected = exported(&place);
    let mut export = command(&["export", "--data-dir"]);
    let done = run(export.arg(data(&dir)).arg(&file));
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done:?}");
    assert!(done.stderr.starts_with("Exported "), "{done:?}");
    assert!(expected == std::fs::read_to_string(&file).unwrap());
    assert!(!dir.path().join("export.jsonl.part").exists());
    let nowhere = dir.path().join("nothing").join("export.jsonl");
    let mut export = command(&["export", "--data-dir"]);
    let failed = run(export.arg(data(&dir)).arg(nowhere));
    assert!(failed.sentence().contains("export.jsonl can't be written: No such file"));
    let missing = ask("export", &folder(&dir.path().join("nothing")));
    assert!(missing.sentence().starts_with("there is no data in"), "{missing:?}");
}

#[test]
fn a_move_that_is_killed_is_finished_by_the_next_one() {
    const MOMENTS: u32 = 8;
    let Some(server) = shared() else { return };
    let dir = imported();
    let source = folder(&data(&dir));
    let expected = exported(&source);
    let few = ["--batch", "10"];
    for to_postgres in [true, false] {
        let whole = {
            let (database, folder) = (server.database(), TempDir::new().unwrap());
            let begin = Instant::now();
            moved(&source, &target(to_postgres, &database, &folder), &few);
            begin.elapsed()
        };
        let mut partial = 0;
        for moment in 0..MOMENTS {
            let (database, folder) = (server.database(), TempDir::new().unwrap());
            let target = target(to_postgres, &database, &folder);
            // Twice each, so that a continued move is killed, too.
            for _ in 0..2 {
                let mut moving = moving(&source, &target, &few);
                let mut child = moving.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                // At random, by the microseconds of the clock.
                let chance = Instant::now().elapsed().subsec_nanos() % 1000;
                let chance = Duration::from_micros(u64::from(chance) * 7);
                std::thread::sleep(whole * (moment + 1) / (2 * MOMENTS) + chance);
                let _ = child.kill();
                if child.wait().unwrap().success() {
                    break;
                }
                partial += u32::from(is_unfinished(&target));
            }
            let again = run(&mut moving(&source, &target, &few));
            // It may have been finished when it was killed.
            if again.code != Some(0) {
                assert!(again.sentence().contains("holds data already"), "{again:?}");
            }
            moved(&source, &target, &["--verify-only"]);
            assert!(expected == exported(&target), "moment {moment}");
        }
        eprintln!("{partial} of {} moves were killed half way, of {whole:?}", 2 * MOMENTS);
        assert!(partial > 0, "none of the moves was killed half way");
    }
}

fn target(is_postgres: bool, database: &Database, dir: &TempDir) -> String {
    if is_postgres { database.url() } else { folder(&data(dir)) }
}

/// Whether a target says that it is unfinished.
fn is_unfinished(target: &str) -> bool {
    ask("check", target)
        .stderr
        .contains("is the target of a move or a restore that was not finished")
}

#[test]
fn an_unfinished_target_is_not_served_and_a_source_is_not_moved_while_it_is_served() {
    let (dir, other) = (imported(), TempDir::new().unwrap());
    let (source, target) = (folder(&data(&dir)), folder(&data(&other)));
    moved(&source, &target, &[]);
    {
        let _server = Running::serve(&data(&dir), &[]);
        let third = folder(&other.path().join("third"));
        let busy = run(&mut moving(&source, &third, &[]));
        assert!(busy.sentence().contains("another worksmith uses the data dir"), "{busy:?}");
        assert!(!other.path().join("third").exists());
        let busy = run(&mut moving(&target, &source, &[]));
        assert!(busy.sentence().contains("another worksmith uses the data dir"), "{busy:?}");
    }
    // As it is during a move.
    let database = rusqlite::Connection::open(data(&other).join("worksmith.db")).unwrap();
    database.execute_batch("PRAGMA user_version = 1000000").unwrap();
    drop(database);
    for name in ["serve", "check", "export", "reindex"] {
        let refused = ask(name, &target);
        let unfinished = "is the target of a move or a restore that was not finished; run the same";
        assert!(refused.sentence().contains(unfinished), "{name}: {refused:?}");
    }
    let refused = run(&mut moving(&target, &folder(&other.path().join("third")), &[]));
    assert!(refused.sentence().contains("was not finished"), "{refused:?}");
}

#[test]
fn refused_moves_say_why_and_show_no_password() {
    let (dir, other) = (imported(), TempDir::new().unwrap());
    let source = folder(&data(&dir));
    let secret = "postgres://me:hush@127.0.0.1:1/x?password=hush";
    for (from, to, expected) in [
        (source.as_str(), source.as_str(), "is both the source and the target"),
        ("./data", source.as_str(), "--from takes sqlite:DIR or a URL as in postgres://"),
        (&source, "mysql://me:hush@db/x", "--to takes sqlite:DIR or a URL as in postgres://"),
        (&source, secret, "postgres://me@127.0.0.1:1/x error connecting to server"),
        (secret, "sqlite:y", "postgres://me@127.0.0.1:1/x error connecting to server"),
        ("sqlite:nothing", &source, "there is no data in sqlite:nothing"),
    ] {
        let refused = run(moving(from, to, &[]).current_dir(other.path()));
        assert!(refused.sentence().contains(expected), "{refused:?}");
        assert!(!refused.stderr.contains("hush"), "{refused:?}");
        let refused = run(command(&["move"])
            .env("WORKSMITH_MOVE_FROM", from)
            .env("WORKSMITH_MOVE_TO", to)
            .current_dir(other.path()));
        assert!(refused.sentence().contains(expected), "{refused:?}");
    }
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
    let bad = "postgres://me:hush@h:port/x";
    let refused = run(&mut moving(&source, bad, &[]));
    assert!(!refused.stderr.contains("hush") && refused.code == Some(1), "{refused:?}");
    let full = TempDir::new().unwrap();
    moved(&source, &folder(full.path()), &[]);
    let refused = run(&mut moving(&source, &folder(full.path()), &[]));
    assert!(refused.sentence().contains("holds data already; a move needs an empty"));
}

#[test]
fn a_difference_is_named_and_ends_with_the_exit_code_1() {
    let Some(server) = shared() else { return };
    let (dir, database) = (imported(), server.database());
    let (source, target) = (folder(&data(&dir)), database.url());
    moved(&source, &target, &[]);
    database.ask(
        "UPDATE works SET doc = replace(doc, '\"title\":\"', '\"title\":\"Changed: ')
         WHERE id = 'issue/3'",
    );
    let verified = run(&mut moving(&source, &target, &["--verify-only"]));
    assert!(verified.sentence().ends_with(", as said above"), "{verified:?}");
    let lines: Vec<_> = verified.stdout.lines().collect();
    let named = lines.last().is_some_and(|line| {
        line.starts_with("works issue/3 of org ") && line.ends_with(" differs in doc")
    });
    assert!(named && !verified.stdout.contains("identical"), "{verified:?}");
}
