//! Webhooks told by three servers, one of which is killed now and then, also the one that tells:
//! every receiver has every event, and those of each object in order.

use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::delivering::Delivering;

use crate::servers::{Addresses, ByTurns, Servers};

const SERVERS: usize = 3;

#[test]
fn three_servers_tell_everything_in_order_while_they_are_killed() {
    if !available() {
        return;
    }
    let cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let mut three = ByTurns::new(Servers::start(&database, &addresses));
    Delivering::default().run(&mut three);
    let checked = three.servers.check();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}
