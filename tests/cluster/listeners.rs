//! Many clients of the feed of three servers on one database, beside many who write through all of
//! them: `tests/binary/listeners.rs` says what can be set.

use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::listening::Listening;

use crate::servers::{Addresses, Servers};

const SERVERS: usize = 3;

#[test]
fn every_listener_of_three_servers_has_every_change_beside_many_writers() {
    if !available() {
        return;
    }
    let cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let servers = Servers::start(&database, &addresses);
    let listen: Vec<_> = (0..SERVERS).filter_map(|server| addresses.of(server)).collect();
    Listening::default().run(&listen, &servers.ids());
    print!("{}", servers.logs());
}
