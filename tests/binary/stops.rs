//! Stops, logs, metrics and the demo.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::process::{Running, TOKEN, command};

#[test]
fn a_signal_stops_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let dir = TempDir::new().unwrap();
        let mut server = Running::serve(dir.path(), &[]);
        assert_eq!(server.call("tags.create", &json!({ "name": "kept" })).0, 201);
        server.signal(signal);
        assert!(server.wait().success(), "{}", server.stderr());
        assert!(server.stderr().contains("stopped"), "{}", server.stderr());
        // The log was copied into the database: one file contains everything.
        assert!(!dir.path().join("worksmith.db-wal").exists());
        let again = Running::serve(dir.path(), &[]);
        let (_, _, body) = again.call("tags.list", &json!({}));
        assert_eq!(body["tags"][0]["name"], "kept");
    }
}

#[test]
fn a_call_under_way_is_answered_before_the_stop() {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &[]);
    let body = json!({ "name": "late" }).to_string();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "POST /tags.create HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body.as_bytes()[..5]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    server.signal("TERM");
    server.wait_for(|server| server.stderr().contains("stopping").then_some(()));
    let address = server.address();
    server.wait_for(|_| TcpStream::connect(address).is_err().then_some(()));
    stream.write_all(&body.as_bytes()[5..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.wait().success());
}

#[test]
fn a_stream_of_events_ends_with_the_server() {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &["--stop-grace-s", "3600"]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!("GET /events.stream HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|four| four == b"id: ") {
        let mut byte = [0; 1];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    server.signal("TERM");
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(b"\r\n0\r\n\r\n"), "{}", String::from_utf8_lossy(&answer));
    assert!(server.wait().success(), "{}", server.stderr());
    assert!(!dir.path().join("worksmith.db-wal").exists());
}

/// A connection whose call never ends.
fn stuck(server: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "POST /tags.create HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn an_idle_or_stuck_connection_does_not_hold_the_stop_up() {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &["--stop-grace-s", "1"]);
    let _idle = TcpStream::connect(server.address()).unwrap();
    let _stuck = stuck(&server);
    std::thread::sleep(std::time::Duration::from_millis(300));
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.stderr());
}

#[test]
fn a_second_signal_stops_it_at_once() {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &["--stop-grace-s", "1000"]);
    let _stuck = stuck(&server);
    std::thread::sleep(std::time::Duration::from_millis(300));
    server.signal("TERM");
    std::thread::sleep(std::time::Duration::from_millis(1000));
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.stderr());
    assert!(server.stderr().contains("stopping at once"), "{}", server.stderr());
}

#[test]
fn the_log_is_json_when_asked() {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &["--log-format", "json"]);
    server.call("dev-users.self", &json!({}));
    let line = server.wait_for(|server| {
        let log = server.stderr();
        log.lines().find(|line| line.contains("\"access\"")).map(str::to_owned)
    });
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["operation"], "dev-users.self");
    assert_eq!(line["status"], 200);
    assert!(!server.stderr().contains(TOKEN));
}

#[test]
fn what_is_called_is_counted() {
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &["--log-level", "warn"]);
    server.call("dev-users.self", &json!({}));
    server.call("no-such.thing", &json!({}));
    let metrics = server.page("/metrics");
    let counted = r#"worksmith_requests_total{operation="dev-users.self",status="200"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains(r#"{operation="unknown",status="404"} 1"#), "{metrics}");
    assert!(metrics.contains("worksmith_request_seconds_bucket"), "{metrics}");
    assert_eq!(server.stderr(), "");
}

fn demo(dir: &TempDir) -> Running {
    let mut command = command(&["demo", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(dir.path());
    Running::start(command)
}

#[test]
fn the_calls_that_the_demo_prints_work_when_pasted() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl here");
        return;
    }
    let dir = TempDir::new().unwrap();
    for _start in 0..2 {
        let server = demo(&dir);
        let said = server.stdout();
        let calls: Vec<_> = said.lines().filter(|line| line.starts_with("curl ")).collect();
        assert!(calls.len() >= 3, "{said}");
        for call in calls {
            let pasted = Command::new("sh").args(["-c", call]).output().unwrap();
            let answer: Value = serde_json::from_slice(&pasted.stdout).expect(call);
            assert_eq!(answer.get("message"), None, "{call}\n{answer:#}");
        }
    }
}

#[test]
fn the_demo_leaves_another_org_alone() {
    let dir = TempDir::new().unwrap();
    drop(Running::serve(dir.path(), &[]));
    let mut demo = command(&["demo", "--listen", "127.0.0.1:0", "--data-dir"]);
    let ended = worksmith_tests::process::run(demo.arg(dir.path()));
    assert!(ended.sentence().contains("is no complete sample org"), "{ended:?}");
}
