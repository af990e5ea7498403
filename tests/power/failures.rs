//! A disk that once fails to sync. As with Linux, the next sync succeeds, although what the failed
//! one should have stored is lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::Running;
use worksmith_tests::updates::Trial;

use crate::cut::Cut;
use crate::machine::{Machine, seed};
use crate::made::Made;

/// How often, about, the log is copied into the database.
const COPIED: Duration = Duration::from_millis(500);
const CLIENTS: u64 = 8;
const ATTEMPTS: u64 = 20;

/// Lets clients create works: how many were acknowledged, and how many not.
fn attempts(server: &Running, trial: &Trial, made: &Made) -> (u64, u64) {
    let (told, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let attempts = || {
        // A server that has ended refuses, too.
        let mut client = Client::connect(server.address()).ok();
        for _ in 0..ATTEMPTS {
            let attempt = client.as_mut().map(|client| made.attempt(trial, client));
            match attempt {
                Some(Ok(true)) => told.fetch_add(1, Ordering::Relaxed),
                _ => refused.fetch_add(1, Ordering::Relaxed),
            };
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(attempts);
        }
    });
    (told.into_inner(), refused.into_inner())
}

/// All of them are there after a cut that loses whatever it may lose.
fn survive(machine: &mut Machine, server: Running, trial: &Trial, made: &mut Made) {
    machine.cut(server, &Cut::All);
    machine.check();
    let server = machine.start();
    let mut client = Client::connect(server.address()).unwrap();
    trial.check(&mut client, "after the cut");
    made.check(&mut client, &mut Chance(1));
    made.check_all(&mut client);
}

#[test]
fn after_the_log_failed_to_sync_nothing_is_acknowledged_and_nothing_is_lost() {
    let Some(mut machine) = Machine::new(seed()) else { return };
    let server = machine.start();
    let (trial, mut made) = (Trial::begin(&server), Made::default());
    machine.drive().disk().fail_next_sync_of("-wal");
    let (_, refused) = attempts(&server, &trial, &made);
    assert!(!machine.drive().disk().is_failure_to_come() && refused > 0, "{refused}");
    let (told, refused) = attempts(&server, &trial, &made);
    assert_eq!((told, refused), (0, CLIENTS * ATTEMPTS));
    survive(&mut machine, server, &trial, &mut made);
}

#[test]
fn what_a_restarted_server_acknowledges_after_the_log_failed_to_sync_survives_a_cut() {
    let Some(mut machine) = Machine::new(seed()) else { return };
    let server = machine.start();
    let (trial, mut made) = (Trial::begin(&server), Made::default());
    let mut client = Client::connect(server.address()).unwrap();
    assert!(made.attempt(&trial, &mut client).unwrap());
    machine.drive().disk().fail_next_sync_of("-wal");
    while machine.drive().disk().is_failure_to_come() {
        let _ = made.attempt(&trial, &mut client);
    }
    // The next server still sees in the log what is not on the disk.
    drop(server);
    let server = machine.start();
    assert_eq!(attempts(&server, &trial, &made), (CLIENTS * ATTEMPTS, 0));
    survive(&mut machine, server, &trial, &mut made);
}

/// A server whose database has failed to sync, when the log was copied into it.
fn with_a_failed_database(machine: &Machine) -> (Running, Trial, Made) {
    let mut server = machine.start();
    let (trial, made) = (Trial::begin(&server), Made::default());
    // Some of the log is copied, but not yet synced, because it is written to meanwhile.
    let begin = Instant::now();
    while begin.elapsed() < 2 * COPIED {
        assert_eq!(attempts(&server, &trial, &made).1, 0);
    }
    machine.drive().disk().fail_next_sync_of("worksmith.db");
    server.wait_for(|server| {
        attempts(server, &trial, &made);
        (!machine.drive().disk().is_failure_to_come()).then_some(())
    });
    // SQLite does not tell which file could not be synced. It may have been the log, so nothing is
    // acknowledged any more.
    server.wait_for(|server| (attempts(server, &trial, &made).0 == 0).then_some(()));
    (server, trial, made)
}

#[test]
fn what_was_acknowledged_before_the_database_failed_to_sync_survives_a_cut() {
    let Some(mut machine) = Machine::new(seed()) else { return };
    let (server, trial, mut made) = with_a_failed_database(&machine);
    survive(&mut machine, server, &trial, &mut made);
}

#[test]
fn what_was_acknowledged_before_the_database_failed_to_sync_survives_a_stop_and_a_cut() {
    let Some(mut machine) = Machine::new(seed()) else { return };
    let (mut server, trial, mut made) = with_a_failed_database(&machine);
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.stderr());
    survive(&mut machine, server, &trial, &mut made);
}
