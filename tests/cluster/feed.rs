//! Streams of the event feed through three servers, one of which is killed: every client has every
//! change once, and in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::client::Client;
use worksmith_tests::process::TOKEN;
use worksmith_tests::{Redirects, http_client};

use crate::servers::{Addresses, Servers};

const SERVERS: usize = 3;
const LISTENERS: usize = 9;
const WRITERS: usize = 6;
const CHANGES: usize = 60;
/// How long a client waits before it calls a server again that is down.
const PAUSE: Duration = Duration::from_millis(20);
/// The name of the tag after which nothing changes.
const END: &str = "the end";

/// Calls an operation until a server answers.
fn call(addresses: &Addresses, mut server: usize, op: &str, body: &Value) -> Value {
    loop {
        let address = addresses.of(server % addresses.count());
        let client = address.and_then(|address| Client::connect(address).ok());
        let answer = client.and_then(|mut client| client.call(op, body).ok());
        match answer {
            Some(answer) if answer.status < 300 => {
                return serde_json::from_str(&answer.body).expect("an object");
            }
            Some(answer) => assert_eq!(answer.status, 503, "{op}: {}", answer.body),
            None => {}
        }
        server += 1;
        std::thread::sleep(PAUSE);
    }
}

/// Listens from a cursor on, until the end. Whenever the stream breaks, another server continues.
async fn listen(addresses: &Addresses, mut server: usize, from: &str) -> Vec<Value> {
    let client = http_client(Redirects::Show);
    let (mut events, mut last): (Vec<Value>, String) = (Vec::new(), from.to_owned());
    loop {
        server += 1;
        let Some(address) = addresses.of(server % addresses.count()) else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let request = client.get(format!("http://{address}/events.stream"));
        let request = request.header("authorization", TOKEN).header("last-event-id", &last);
        let Ok(mut response) = request.send().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        if response.status() == 503 {
            continue;
        }
        assert_eq!(response.status(), 200);
        let mut text = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            text.extend_from_slice(&chunk);
            // A frame that is cut was not received.
            while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
                let frame: Vec<u8> = text.drain(..end + 2).collect();
                let frame = String::from_utf8(frame).expect("a text");
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                let data = line("data: ");
                events.extend(
                    data.map(|data| -> Value { serde_json::from_str(data).expect("an event") }),
                );
                if let Some(id) = line("id: ") {
                    id.clone_into(&mut last);
                }
                if events.last().is_some_and(|event| event["new"]["name"] == END) {
                    return events;
                }
            }
        }
    }
}

#[test]
fn every_listener_of_three_servers_has_every_change_once_and_in_order() {
    if !available() {
        return;
    }
    let cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let mut servers = Servers::start(&database, &addresses);
    let work = json!({"type": "task", "title": "0", "owned_by": ["DEVU-1"]});
    for server in 0..SERVERS {
        call(&addresses, server, "works.create", &work);
    }
    let now = call(&addresses, 0, "events.list", &json!({"from": "now"}));
    let from = now["next_cursor"].as_str().expect("a cursor").to_owned();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let done = AtomicUsize::new(0);
    let heard: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let (addresses, from, runtime, done) = (&addresses, &from, &runtime, &done);
        let listeners: Vec<_> = (0..LISTENERS)
            .map(|at| scope.spawn(move || runtime.block_on(listen(addresses, at, from))))
            .collect();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    for change in 0..CHANGES {
                        let id = format!("TASK-{}", (writer + change) % SERVERS + 1);
                        let body = json!({"id": id, "title": format!("{writer}.{change}")});
                        call(addresses, writer + change, "works.update", &body);
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        while done.load(Ordering::Relaxed) < WRITERS * CHANGES / 2 {
            std::thread::sleep(PAUSE);
        }
        servers.kill(1);
        servers.start_again(1);
        writers.into_iter().for_each(|writer| writer.join().expect("a writer"));
        call(addresses, 0, "tags.create", &json!({"name": END}));
        listeners.into_iter().map(|listener| listener.join().expect("a listener")).collect()
    });
    let mut all = Vec::new();
    let mut cursor = from;
    loop {
        let page = call(&addresses, 2, "events.list", &json!({"cursor": cursor, "limit": 100}));
        all.extend(page["events"].as_array().expect("events").iter().cloned());
        page["next_cursor"].as_str().expect("a cursor").clone_into(&mut cursor);
        if page["has_more"] == false {
            break;
        }
    }
    // A call that was repeated after its server was killed may have changed nothing.
    assert!(all.len() > WRITERS * CHANGES / 2, "{}", all.len());
    for (listener, events) in heard.iter().enumerate() {
        assert_eq!(events.len(), all.len(), "listener {listener}");
        assert_eq!(*events, all, "listener {listener}");
    }
    print!("{}", servers.logs());
}
