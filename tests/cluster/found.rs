//! The search of several servers: each finds what another has written, and nothing that another
//! has deleted.

use serde_json::{Value, json};
use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::client::Client;

use crate::servers::{Addresses, Servers};

const SERVERS: usize = 3;

fn call(addresses: &Addresses, server: usize, op: &str, body: &Value) -> Value {
    let address = addresses.of(server % SERVERS).expect("an address");
    let mut client = Client::connect(address).expect("a connection");
    let answer = client.call(op, body).expect("an answer");
    assert!(answer.status < 300, "{op}: {}", answer.body);
    serde_json::from_str(&answer.body).expect("an object")
}

#[test]
fn what_one_server_has_written_or_deleted_every_other_knows_at_once() {
    if !available() {
        return;
    }
    let cluster = Cluster::start_with(Options::default());
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let _servers = Servers::start(&database, &addresses);
    let found = |server: usize| {
        let request = json!({"query": "walrus", "namespaces": ["tag"], "limit": 100});
        let found = call(&addresses, server, "search.core", &request);
        found["results"].as_array().expect("results").len()
    };
    let mut ids = Vec::new();
    for n in 0..15 {
        let tag = json!({"name": format!("walrus {n}")});
        ids.push(call(&addresses, n, "tags.create", &tag)["tag"]["id"].clone());
        assert_eq!((found(n + 1), found(n + 2)), (n + 1, n + 1));
    }
    for (n, id) in ids.iter().enumerate() {
        call(&addresses, n, "tags.delete", &json!({"id": id}));
        assert_eq!((found(n + 1), found(n + 2)), (14 - n, 14 - n));
    }
}
