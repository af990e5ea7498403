//! `worksmith backup` and `worksmith restore`: under load, while servers are killed, and what they
//! refuse. `WORKSMITH_BACKUP_ROUNDS=10` runs more rounds than usual. The time of the longest update
//! is printed, but the result does not depend on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use worksmith_test_postgres::shared;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::{Running, TOKEN, command, run};

use crate::data::{fine, on, setting};
use crate::import::sample;
use crate::load::{Load, summary};

/// How many clients write meanwhile.
const WRITERS: u64 = 32;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The hash of the export according to a backup, which must be complete.
#[track_caller]
fn claimed(backup: &Path) -> String {
    let verified = fine(run(&mut command(&["restore", "--verify-only", text(backup)])));
    let (_, hash) = verified.stdout.trim_end().rsplit_once(' ').unwrap();
    hash.to_owned()
}

#[track_caller]
fn hash_of_export(data: &Path) -> String {
    hex::encode(Sha256::digest(fine(on(data, &["export"])).stdout))
}

/// Restores a backup, and checks that the result is what the backup says.
#[track_caller]
fn restored(backup: &Path, data: &Path) {
    fine(on(data, &["restore", text(backup)]));
    assert_eq!(hash_of_export(data), claimed(backup));
    fine(on(data, &["check"]));
    assert!(!data.join("restore.part").exists());
}

/// Uploads a file, and returns the id of its artifact.
fn upload(server: &Running, content: &str) -> String {
    let request = json!({"file_name": "a.txt", "file_type": "text/plain"});
    let (status, _, prepared) = server.call("artifacts.prepare", &request);
    assert_eq!(status, 200, "{prepared}");
    let mut client = Client::connect(server.address()).unwrap();
    let answer = client.upload(&prepared, content.as_bytes()).unwrap();
    assert!((200..210).contains(&answer.status), "{answer:?}");
    prepared["id"].as_str().unwrap().to_owned()
}

/// Every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The revision of each work in a data dir.
fn revisions(data: &Path, works: &[String]) -> Vec<u64> {
    let database = data.join("worksmith.db");
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut all = database.prepare("SELECT id, rev FROM works").unwrap();
    let all = all.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).unwrap();
    let all: BTreeMap<_, _> = all.map(Result::unwrap).collect();
    works.iter().map(|name| all[&name.replace("ISS-", "issue/")]).collect()
}

#[test]
fn a_backup_under_load_is_of_the_moment_that_it_claims() {
    let rounds = setting("WORKSMITH_BACKUP_ROUNDS", 3);
    let (dir, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let server = Running::serve(&dir.path().join("data"), &["--log-level", "warn"]);
    let load = Load::new(&server);
    let artifact = upload(&server, "some text");
    upload(&server, &"more ".repeat(100_000));
    let before_any = contents(&dir.path().join("data/artifacts"));
    assert_eq!(before_any.len(), 2);
    let backups = load.during(&server, WRITERS, || {
        let take = |round: u64| {
            load.since();
            std::thread::sleep(Duration::from_secs(1));
            let quiet = load.since();
            assert!(!quiet.is_empty(), "nobody writes");
            let backup = files.path().join(format!("{round}.tar"));
            let before = load.told();
            fine(on(&dir.path().join("data"), &["backup", text(&backup)]));
            eprintln!("quiet {}; beside a backup {}", summary(&quiet), summary(&load.since()));
            (backup, before, load.told())
        };
        (0..rounds).map(take).collect::<Vec<_>>()
    });
    for (round, (backup, before, after)) in backups.iter().enumerate() {
        let copy = files.path().join(format!("copy-{round}"));
        restored(backup, &copy);
        let found = revisions(&copy, &load.works);
        for ((found, before), after) in found.iter().zip(before).zip(after) {
            // Updates in progress at the end of the backup may be in it.
            let possible = *before..=*after + WRITERS;
            assert!(possible.contains(found), "{found} is not in {possible:?}");
        }
        assert!(contents(&copy.join("artifacts")) == before_any);
    }
    drop(server);
    // A copy can be served like the original.
    let copy = Running::serve(&files.path().join("copy-0"), &[]);
    let located = copy.call("artifacts.locate", &json!({"id": artifact})).2;
    let url = located["url"].as_str().unwrap();
    assert_eq!(copy.page(&url[copy.url.len()..]), "some text");
    assert_eq!(copy.call_as(TOKEN, "dev-users.self", &json!({})).0, 200);
}

#[test]
fn a_backup_that_says_it_is_done_is_whole_though_servers_are_killed() {
    let (dir, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let data = dir.path().join("data");
    let issues = files.path().join("issues.json");
    fs::write(&issues, sample::file()).unwrap();
    fine(on(&data, &["import", "github", text(&issues)]));
    let mut chance = Chance(3);
    let (mut done, mut cut_off, mut whole) = (0, 0, Duration::ZERO);
    for round in 0..8_u32 {
        let mut server = Some(Running::serve(&data, &["--log-level", "warn"]));
        let backup = files.path().join(format!("{round}.tar"));
        let mut taking = command(&["backup", text(&backup), "--data-dir"]);
        let begin = Instant::now();
        let child = taking.arg(&data).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        if round > 0 {
            let moment = chance.below(u64::try_from(whole.as_micros()).unwrap() * 6 / 5);
            std::thread::sleep(Duration::from_micros(moment));
            drop(server.take());
        }
        let ended = child.wait_with_output().unwrap();
        drop(server);
        if round == 0 {
            whole = begin.elapsed();
        }
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        if ended.status.success() {
            done += 1;
            restored(&backup, &files.path().join(format!("copy-{round}")));
        } else {
            cut_off += 1;
            assert!(said.starts_with("worksmith: ") || said.contains("\nworksmith: "), "{said}");
            assert!(!said.contains("panicked"), "{said}");
            assert!(!backup.exists() && !backup.with_extension("tar.part").exists(), "{said}");
        }
        // The next server clears away what the killed one left.
        drop(Running::serve(&data, &["--log-level", "warn"]));
        let left: Vec<_> = fs::read_dir(&data).unwrap().flatten().map(|e| e.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("still-")), "{left:?}");
    }
    eprintln!("{done} backups were done, {cut_off} were cut off, of {whole:?}");
    assert!(done > 0 && cut_off > 0);
}

#[test]
fn a_restore_that_is_killed_is_done_by_the_next_one() {
    let dir = TempDir::new().unwrap();
    let (data, backup) = (dir.path().join("data"), dir.path().join("whole.tar"));
    let issues = dir.path().join("issues.json");
    fs::write(&issues, sample::file()).unwrap();
    let server = Running::serve(&data, &[]);
    upload(&server, &"some text ".repeat(100_000));
    drop(server);
    fine(on(&data, &["import", "github", text(&issues)]));
    fine(on(&data, &["backup", text(&backup)]));
    let begin = Instant::now();
    fine(on(&dir.path().join("quiet"), &["restore", text(&backup)]));
    let (whole, mut in_the_middle) = (begin.elapsed(), 0);
    for round in 0..10 {
        let copy = dir.path().join(format!("copy-{round}"));
        let mut restore = command(&["restore", text(&backup), "--data-dir"]);
        let restore = restore.arg(&copy).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = restore.spawn().unwrap();
        // From the moment that it has begun to write.
        while !copy.join("restore.part").exists() && child.try_wait().unwrap().is_none() {}
        let moment = round * u64::try_from(whole.as_micros()).unwrap() / 10;
        std::thread::sleep(Duration::from_micros(moment));
        let _ = child.kill();
        let _ = child.wait();
        if copy.join("worksmith.db").exists() {
            assert_eq!(hash_of_export(&copy), claimed(&backup));
        } else {
            in_the_middle += u32::from(copy.join("restore.part").exists());
            restored(&backup, &copy);
        }
        assert!(contents(&copy.join("artifacts")) == contents(&data.join("artifacts")));
    }
    eprintln!("{in_the_middle} of 10 restores were killed in the middle");
    assert!(in_the_middle > 0);
}

#[test]
fn what_is_no_whole_backup_is_refused_and_nothing_is_overwritten() {
    let dir = TempDir::new().unwrap();
    let (data, backup) = (dir.path().join("data"), dir.path().join("whole.tar"));
    let server = Running::serve(&data, &[]);
    upload(&server, "some text");
    drop(server);
    fine(on(&data, &["backup", text(&backup)]));
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&backup).unwrap().permissions())
            & 0o777,
        0o600
    );
    let bytes = fs::read(&backup).unwrap();
    let broken = dir.path().join("broken.tar");
    let refused = |bytes: &[u8]| {
        fs::write(&broken, bytes).unwrap();
        let into = dir.path().join("nowhere");
        let ended = on(&into, &["restore", text(&broken)]);
        assert!(!into.exists());
        ended.sentence().to_owned()
    };
    for part in [1, 600, 2000, bytes.len() / 2, bytes.len() - 2 * 512 - 600] {
        let said = refused(&bytes[..part]);
        assert!(said.contains("is not whole") || said.contains("is no backup"), "{part}: {said}");
    }
    let step = bytes.len() / 40;
    // After them come only the SHA-256 of everything before, and the end of the archive.
    for place in (0..bytes.len() - 4 * 512).step_by(step) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0x10;
        refused(&bytes);
    }
    assert!(refused(b"").contains("is no backup of worksmith"));
    assert!(refused("x".repeat(2000).as_bytes()).contains("is no backup of worksmith"));
    let missing = on(&data, &["restore", "nothing.tar"]);
    assert!(missing.sentence().starts_with("nothing.tar can't be read: No such"), "{missing:?}");
    let there = on(&data, &["restore", text(&backup)]);
    assert!(there.sentence().contains("worksmith.db is there already; restore into"), "{there:?}");
    let _server = Running::serve(&data, &[]);
    let served = on(&data, &["restore", text(&backup)]);
    assert!(served.sentence().contains("another worksmith uses the data dir"), "{served:?}");
    // A backup to standard output is the same, and a missing file of artifacts is reported.
    let piped = command(&["backup", "-", "--data-dir"]).arg(&data).output().unwrap();
    fs::write(&broken, piped.stdout).unwrap();
    assert_eq!(claimed(&broken), claimed(&backup));
    let folder = data.join("artifacts");
    let (name, _) = contents(&folder).pop_first().unwrap();
    fs::remove_file(folder.join(name)).unwrap();
    let lost = on(&data, &["backup", text(&broken)]);
    assert!(lost.sentence().contains("that an artifact names can't be copied"), "{lost:?}");
}

#[test]
fn a_backup_goes_from_one_kind_of_database_to_the_other_and_back() {
    let Some(server) = shared() else { return };
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    let (data, first, second) = (path("data"), path("1.tar"), path("2.tar"));
    let issues = path("issues.json");
    fs::write(&issues, sample::file()).unwrap();
    {
        let server = Running::serve(&data, &[]);
        upload(&server, "some text");
        fine(on(&data, &["import", "github", text(&issues)]));
        // What follows from the import has to be done, so that nothing is written any more.
        loop {
            fine(on(&data, &["backup", text(&first)]));
            let before = claimed(&first);
            std::thread::sleep(Duration::from_secs(2));
            fs::remove_file(&first).unwrap();
            fine(on(&data, &["backup", text(&first)]));
            if claimed(&first) == before {
                break;
            }
            fs::remove_file(&first).unwrap();
        }
    }
    let expected = hash_of_export(&data);
    let (database, elsewhere) = (server.database(), path("elsewhere"));
    let url = database.url();
    let with = |arguments: &[&str]| {
        let mut command = command(arguments);
        run(command.arg("--data-dir").arg(&elsewhere).env("WORKSMITH_DATABASE", &url))
    };
    fine(with(&["restore", text(&first)]));
    fine(with(&["check"]));
    let again = with(&["restore", text(&first)]);
    assert!(again.sentence().contains("holds data already; a restore needs"), "{again:?}");
    {
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
        serve.arg("--data-dir").arg(&elsewhere).env("WORKSMITH_DATABASE", &url);
        // The token of the first user exists already, so nothing is written.
        let _server = Running::start(serve);
        fine(with(&["backup", text(&second)]));
        fine(with(&["token", "list"]));
    }
    assert_eq!((claimed(&first), claimed(&second)), (expected.clone(), expected));
    restored(&second, &path("back"));
    assert!(contents(&path("back/artifacts")) == contents(&data.join("artifacts")));
}
