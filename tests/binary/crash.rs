//! A server that is killed while many clients write: what it has acknowledged is there when it
//! starts again, and nothing is half done.
//!
//! A kill ends the process, but does not affect what the kernel has yet to write to the disk; the
//! suite `power` cuts the power.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::{Running, command, run};
use worksmith_tests::updates::{Trial, write_until};

const KILLS: u64 = 100;
const WRITERS: u64 = 64;

#[test]
fn every_acknowledged_update_survives_100_kills_and_none_is_half_there() {
    let seed = std::env::var("WORKSMITH_CRASH_SEED").map_or(11, |seed| seed.parse().unwrap());
    // Shown when the test fails.
    println!("WORKSMITH_CRASH_SEED={seed}");
    let dir = TempDir::new().unwrap();
    let mut server = start(dir.path());
    let trial = Trial::begin(&server);
    let mut chance = Chance(seed);
    for kill in 1..=KILLS {
        let pause = Duration::from_millis(20 + chance.below(281));
        let writers = (0..WRITERS).map(|_| trial.updates(Chance(chance.next()), || true));
        // SIGKILL, where it exists.
        write_until(server.address(), writers.collect(), pause, || drop(server));
        server = start(dir.path());
        // Otherwise a server that is killed again and again starts ever slower.
        let left = std::fs::metadata(dir.path().join("worksmith.db-wal")).unwrap().len();
        assert!(left < 1 << 20, "the log of killed servers has grown to {left} bytes");
        let mut client = Client::connect(server.address()).unwrap();
        trial.check(&mut client, &format!("after kill {kill}"));
    }
    drop(server);
    let checked = run(command(&["check", "--data-dir"]).arg(dir.path()));
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let (told, cut_off) = trial.check_events(dir.path());
    println!("{told} updates acknowledged, {cut_off} cut off");
    assert!(told > 0 && cut_off > 0, "nothing was tried");
}

fn start(data: &Path) -> Running {
    Running::serve(data, &["--log-level", "warn"])
}
