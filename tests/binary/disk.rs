//! A full disk and a read-only one: a small file system in a private namespace, so that nothing is
//! left behind whatever happens.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use worksmith_tests::process::{Running, binary, run};

/// Mounts, starts the server in `DATA`, and saves the results in `OUT`.
const SCRIPT: &str = r#"
set -e
out=$1 data=$1/data options=$2 program=$3
mkdir "$data"
mount -t tmpfs -o "$options" tmpfs "$data"
case $options in *ro*) ;; *) head -c 262144 /dev/zero > "$data/ballast" 2>/dev/null || true ;; esac
"$program" serve --listen 127.0.0.1:0 --data-dir "$data" &
server=$!
echo $server > "$out/pid"
( while kill -0 $server 2>/dev/null; do
    if [ -e "$out/free" ]; then rm -f "$data/ballast"; : > "$out/freed"; break; fi
    sleep 0.05
  done ) >/dev/null 2>&1 &
code=0; wait $server || code=$?
mkdir "$out/left"; cp "$data"/worksmith.db* "$out/left/" 2>/dev/null || true
exit $code
"#;

fn in_namespace(out: &Path, options: &str) -> Option<Command> {
    let unshare = ["--mount", "--map-root-user", "sh", "-c"];
    let probe = Command::new("unshare")
        .args(unshare)
        .args(["mkdir \"$1/probe\" && mount -t tmpfs tmpfs \"$1/probe\"", "sh"])
        .arg(out)
        .output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("skipped: no private file system can be mounted here");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(unshare).args([SCRIPT, "sh"]).arg(out).arg(options).arg(binary());
    Some(command)
}

fn start_on(options: &str) -> Option<worksmith_tests::process::Ended> {
    let out = TempDir::new().unwrap();
    let mut command = in_namespace(out.path(), options)?;
    Some(run(command.env_remove("WORKSMITH_ADMIN_TOKEN")))
}

#[test]
fn a_read_only_folder_is_named() {
    let Some(ended) = start_on("ro") else { return };
    assert!(ended.sentence().contains("can't be written: Read-only file system"), "{ended:?}");
}

#[test]
fn a_disk_that_is_full_at_the_start_is_named() {
    for size in ["size=16k", "size=256k", "size=272k", "size=320k", "size=512k"] {
        let Some(ended) = start_on(size) else { return };
        let sentence = ended.sentence();
        let named =
            ["full", "No space left", "disk I/O error"].iter().any(|t| sentence.contains(t));
        assert!(named, "{size}: {ended:?}");
    }
}

#[test]
fn a_disk_that_fills_up_refuses_writes_until_there_is_room_and_loses_nothing() {
    let out = TempDir::new().unwrap();
    let Some(command) = in_namespace(out.path(), "size=3m") else { return };
    let mut server = Running::start(command);
    let tag =
        |number: usize| json!({ "name": format!("{number:05}"), "description": "x".repeat(999) });
    let mut made = 0;
    loop {
        let (status, head, body) = server.call("tags.create", &tag(made));
        if status == 201 {
            made += 1;
            assert!(made < 5_000, "the disk does not fill up");
            continue;
        }
        assert_eq!((status, &body["type"]), (503, &json!("service_unavailable")), "{body}");
        assert!(head.contains("retry-after: "), "{head}");
        break;
    }
    assert!(made > 10, "{made}");
    // Again and again, and reads go on.
    for _ in 0..5 {
        assert_eq!(server.call("tags.create", &tag(made)).0, 503);
        assert_eq!(server.call("tags.get", &json!({ "id": format!("TAG-{made}") })).0, 200);
    }
    std::fs::write(out.path().join("free"), "").unwrap();
    let freed = out.path().join("freed");
    server.wait_for(|_| freed.exists().then_some(()));
    let (status, _, body) = server.call("tags.create", &tag(made));
    assert_eq!(status, 201, "{body}");
    made += 1;
    let pid = std::fs::read_to_string(out.path().join("pid")).unwrap();
    let told = Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap();
    assert!(told.success());
    assert!(server.wait().success(), "{}", server.stderr());
    let database = rusqlite::Connection::open(out.path().join("left/worksmith.db")).unwrap();
    let ask = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(ask("PRAGMA integrity_check"), "ok");
    assert_eq!(ask("SELECT CAST(count(*) AS TEXT) FROM tags"), made.to_string());
}
