//! Webhooks told by three servers, one of which is killed now and then, also the one that tells:
//! every receiver has every event, and those of each object in order.

use std::time::Duration;

use serde_json::Value;
use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::client::Client;
use worksmith_tests::delivering::{Delivering, Program};

use crate::servers::{Addresses, Servers};

const SERVERS: usize = 3;
/// How long a client waits before it calls a server again that is down.
const PAUSE: Duration = Duration::from_millis(20);

struct Three<'a> {
    servers: Servers<'a>,
    addresses: &'a Addresses,
    calls: usize,
    killed: usize,
}

impl Program for Three<'_> {
    fn call(&mut self, op: &str, body: &Value) -> Value {
        loop {
            self.calls += 1;
            let address = self.addresses.of(self.calls % SERVERS);
            let client = address.and_then(|address| Client::connect(address).ok());
            match client.and_then(|mut client| client.call(op, body).ok()) {
                Some(answer) if answer.status < 300 => {
                    return serde_json::from_str(&answer.body).expect("an object");
                }
                Some(answer) => assert_eq!(answer.status, 503, "{op}: {}", answer.body),
                None => std::thread::sleep(PAUSE),
            }
        }
    }

    fn kill(&mut self) {
        let server = self.killed % SERVERS;
        self.killed += 1;
        self.servers.kill(server);
        self.servers.start_again(server);
    }
}

#[test]
fn three_servers_tell_everything_in_order_while_they_are_killed() {
    if !available() {
        return;
    }
    let cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let servers = Servers::start(&database, &addresses);
    let mut three = Three { servers, addresses: &addresses, calls: 0, killed: 0 };
    Delivering::default().run(&mut three);
    let checked = three.servers.check();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}
