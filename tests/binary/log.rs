//! The log: a line for each call.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::client::Client;
use worksmith_tests::process::Running;

const CLIENTS: usize = 4;
const CALLS: usize = 500;

/// Calls operations that do not exist, and whose names say which call it is.
fn call_a_lot(address: SocketAddr, client: usize) {
    let mut connection = Client::connect(address).unwrap();
    for number in 0..CALLS {
        let answer = connection.call(&format!("none.{client}.{number}"), &json!({})).unwrap();
        assert_eq!(answer.status, 404);
    }
}

/// The operation in a line of the text format, whose other parts are checked.
fn operation_of_text(line: &str) -> Option<String> {
    let (time, rest) = line.split_once("  INFO access: request_id=\"")?;
    assert!(time.len() == 27 && time.ends_with('Z'), "{line}");
    let (request_id, rest) = rest.split_once("\" method=POST operation=\"").expect(line);
    assert_eq!(request_id.len(), 20, "{line}");
    let (operation, rest) = rest.split_once("\" status=404 elapsed_us=").expect(line);
    rest.parse::<u64>().expect(line);
    Some(operation.to_owned())
}

/// The same for a line of JSON.
fn operation_of_json(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).expect(line);
    if line["target"] != "access" {
        return None;
    }
    let names: Vec<&String> = line.as_object().unwrap().keys().collect();
    let wanted = ["timestamp", "level", "request_id", "method", "operation", "status"];
    assert_eq!(names, [&wanted[..], &["elapsed_us", "target"]].concat(), "{line}");
    let facts = json!([line["level"], line["method"], line["status"]]);
    assert_eq!(facts, json!(["INFO", "POST", 404]));
    assert_eq!(line["timestamp"].as_str().map(str::len), Some(27), "{line}");
    assert!(line["elapsed_us"].is_u64(), "{line}");
    Some(line["operation"].as_str().unwrap().to_owned())
}

/// Stops a server right after many calls, and looks for their lines.
fn each_call_is_a_line(format: &str, operation: fn(&str) -> Option<String>) {
    let dir = TempDir::new().unwrap();
    let mut server = Running::serve(dir.path(), &["--log-format", format]);
    let address = server.address();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || call_a_lot(address, client));
        }
    });
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.stderr());
    let log = server.stderr();
    let (calls, stop) = log.split_once("stopping").expect("a stop");
    assert!(stop.contains("stopped") && !stop.contains("none."), "{stop}");
    let mut next = [0; CLIENTS];
    for operation in calls.lines().take(calls.lines().count() - 1).filter_map(operation) {
        let parts: Vec<_> = operation.split('.').collect();
        let client: usize = parts[1].parse().unwrap();
        assert_eq!(parts, ["none", parts[1], &next[client].to_string()]);
        next[client] += 1;
    }
    assert_eq!(next, [CALLS; CLIENTS]);
}

#[test]
fn each_call_is_a_line_in_its_order_whenever_the_server_stops() {
    each_call_is_a_line("text", operation_of_text);
    each_call_is_a_line("json", operation_of_json);
}

#[test]
fn the_log_holds_what_the_level_says() {
    for (level, has_calls, has_others) in [
        ("info", true, true),
        ("warn", false, false),
        ("warn,access=info", true, false),
        ("info,access=off", false, true),
        ("access=info", true, false),
    ] {
        let dir = TempDir::new().unwrap();
        let mut server = Running::serve(dir.path(), &["--log-level", level]);
        server.call("dev-users.self", &json!({}));
        server.signal("TERM");
        assert!(server.wait().success(), "{}", server.stderr());
        let log = server.stderr();
        assert_eq!(log.contains("operation=\"dev-users.self\""), has_calls, "{level}: {log}");
        assert_eq!(log.contains("serving"), has_others, "{level}: {log}");
        assert_eq!(log.contains("stopped"), has_others, "{level}: {log}");
    }
}
