//! Servers that are killed in turns, while many clients write the same works through all of them.

use std::time::Duration;

use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::client::Chance;

use crate::load::{End, Load, Record, WORKS};
use crate::servers::{Addresses, Servers};
use crate::{duration, seed, verdict};

const SERVERS: usize = 3;
const CLIENTS: u64 = 32;
/// One server is killed this many times, less one, while the clients are running.
const PERIODS: u32 = 12;

#[test]
fn three_servers_that_are_killed_in_turns_are_as_one_to_their_clients() {
    if !available() {
        return;
    }
    let cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let mut servers = Servers::start(&database, &addresses);
    let load = Load::begin(&addresses);
    let mut chance = Chance(seed());
    let (begin, duration) = (load.now(), duration());
    let end = begin + u64::try_from(duration.as_nanos()).unwrap();
    let (mut history, failures) = std::thread::scope(|scope| {
        let (load, addresses) = (&load, &addresses);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let mut client = load.client(addresses, Chance(chance.next()));
                scope.spawn(move || {
                    while load.now() < end {
                        client.call_any(0..WORKS);
                    }
                    (client.history, client.failures)
                })
            })
            .collect();
        for kill in 1..PERIODS {
            let at = begin + u64::try_from((duration / PERIODS * kill).as_nanos()).unwrap();
            // It is late if starts take longer than a period.
            std::thread::sleep(Duration::from_nanos(at.saturating_sub(load.now())));
            let server = usize::try_from(kill).unwrap() % SERVERS;
            servers.kill(server);
            servers.start_again(server);
        }
        let told = clients.into_iter().map(|client| client.join().unwrap());
        let (history, failures): (Vec<Vec<Record>>, Vec<_>) = told.unzip();
        (history.concat(), failures.concat())
    });
    println!("{} calls ended with 503", failures.len());
    let mut reader = load.client(&addresses, Chance(chance.next()));
    for server in 0..SERVERS {
        for work in 0..load.works.len() {
            assert_eq!(reader.read(server, work), End::Answered);
        }
    }
    history.append(&mut reader.history);
    verdict::count(&history, SERVERS);
    verdict::pass(&load, &database, &history);
    print!("{}", servers.logs());
    let checked = servers.check();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}
