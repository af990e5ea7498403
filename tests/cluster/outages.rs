//! A PostgreSQL that is killed under load and stays down for a while: clients are told that the
//! service is unavailable and when to try again, nothing that was acknowledged is lost, and
//! everything recovers by itself when the database is back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use worksmith_test_postgres::{Cluster, Options, available};
use worksmith_tests::client::Chance;

use crate::load::{End, Load, LoadClient, Record, WORKS};
use crate::servers::{Addresses, Servers};
use crate::{duration, seed, verdict};

const SERVERS: usize = 2;
const CLIENTS: u64 = 16;
/// Each client has works of its own, so that none is refused because of another one.
const WORKS_EACH: u64 = 6;
/// How long the database is down.
const AWAY: Duration = Duration::from_secs(2);
/// How long after its return there may be failures.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it is up after that, before it is killed again.
const LOADED: Duration = Duration::from_secs(2);

/// Ends the clients, even if this test fails while it waits for them.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn clients_of_a_killed_postgresql_hear_503_lose_nothing_and_go_on_by_themselves() {
    if !available() {
        return;
    }
    let mut cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    let addresses = Addresses::new(SERVERS);
    let servers = Servers::start(&database, &addresses);
    let load = Load::begin(&addresses);
    let mut chance = Chance(seed());
    let ended = AtomicBool::new(false);
    let round = AWAY + PATIENCE + LOADED;
    let rounds = (duration().as_secs() / round.as_secs()).max(2);
    let mut outages = Vec::new();
    let (mut history, failures) = std::thread::scope(|scope| {
        let ending = Ending(&ended);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|n| {
                let mut client = load.client(&addresses, Chance(chance.next()));
                let ended = &ended;
                scope.spawn(move || {
                    while !ended.load(Ordering::Relaxed) {
                        let end = client.call_any(n * WORKS_EACH..(n + 1) * WORKS_EACH);
                        assert!(matches!(end, End::Answered | End::Unavailable), "{end:?}");
                    }
                    (client.history, client.failures)
                })
            })
            .collect();
        let mut own = load.client(&addresses, Chance(chance.next()));
        for _ in 0..rounds {
            std::thread::sleep(LOADED);
            let killed_at = load.now();
            cluster.kill9();
            std::thread::sleep(AWAY);
            cluster.start_again();
            let back_at = load.now();
            outages.push((killed_at, back_at));
            writes_succeed_soon(&load, &mut own);
            std::thread::sleep(PATIENCE);
        }
        drop(ending);
        let told = clients.into_iter().map(|client| client.join().unwrap());
        let (mut history, mut failures): (Vec<Vec<Record>>, Vec<_>) = told.unzip();
        history.push(own.history);
        failures.push(own.failures);
        (history.concat(), failures.concat())
    });
    failures_are_of_outages(&failures, &outages);
    println!("{outages:?}");
    let mut reader = load.client(&addresses, Chance(chance.next()));
    for server in 0..SERVERS {
        for work in 0..load.works.len() {
            assert_eq!(reader.read(server, work), End::Answered);
        }
    }
    history.append(&mut reader.history);
    verdict::count(&history, SERVERS);
    verdict::pass(&load, &database, &history);
    let checked = servers.check();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

/// Each server accepts a write in time, on a work that nobody else writes.
fn writes_succeed_soon(load: &Load, client: &mut LoadClient<'_>) {
    let begin = load.now();
    let work = usize::try_from(WORKS - 1).unwrap();
    for server in 0..SERVERS {
        loop {
            let end = client.write(server, work);
            let waited = Duration::from_nanos(load.now() - begin);
            assert!(waited < PATIENCE, "server {server} takes no write after {waited:?}");
            if end == End::Answered {
                println!("server {server} takes writes again after {waited:?}");
                break;
            }
            assert_eq!(end, End::Unavailable);
        }
    }
}

/// Every call that failed was in progress while the database was down, or soon after.
fn failures_are_of_outages(failures: &[(u64, u64)], outages: &[(u64, u64)]) {
    let patience = u64::try_from(PATIENCE.as_nanos()).unwrap();
    let longest = failures.iter().map(|(begin, end)| end - begin).max().unwrap_or_default();
    println!("{} calls failed, after {:?} at most", failures.len(), Duration::from_nanos(longest));
    assert!(!failures.is_empty(), "nothing was tried");
    for &(begin, end) in failures {
        let is_of = |&(killed, back): &(u64, u64)| killed <= end && begin <= back + patience;
        assert!(outages.iter().any(is_of), "503 from {begin} to {end}: {outages:?}");
    }
}
