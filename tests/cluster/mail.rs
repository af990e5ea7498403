//! Mail of three servers that are killed now and then, also the one that sends.

use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::mailing::{FROM, Mailing, SLOW_MS};
use worksmith_tests::smtp::MailServer;

use crate::servers::{Addresses, ByTurns, Servers};

const SERVERS: usize = 3;
/// How often a server is killed. Another one goes on ten seconds after the one that sends.
const KILLS: usize = 3;

#[test]
fn three_servers_send_no_message_twice_while_they_are_killed() {
    if !available() {
        return;
    }
    let Some(mail) = MailServer::start(&["--slow", &SLOW_MS.to_string()]) else { return };
    let cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let options = ["--smtp", &mail.url, "--mail-from", FROM, "--mail-quiet-s", "0"];
    let servers = Servers::start_with(&database, &addresses, &options);
    let mut three = ByTurns::new(servers);
    Mailing(KILLS).run(&mut three, &mail);
    let checked = three.servers.check();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}
