//! Cuts under a load, during the first start, and of a disk that lies about what it has stored.

use std::fs::{self, File};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::{Running, TOKEN, command};
use worksmith_tests::updates::{Trial, write_until};

use crate::cut::{Cut, Lost};
use crate::machine::{Machine, cuts, seed};
use crate::made::Made;

/// Many, who share each sync with others; in one of four rounds few, who have one to themselves.
const UPDATERS: u64 = 64;
const UPDATERS_FEW: u64 = 2;
const CREATORS: u64 = 3;
const UPLOADERS: u64 = 6;
/// How often `worksmith check` looks at what a cut has left.
const CHECKED: u64 = 10;
/// How long it may take until something is acknowledged, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// How many first starts are cut short.
const FIRST_STARTS: u64 = 10;

/// Lets all clients write until the power is off. What they were told before that, counts. It
/// happens some time after the first answer; in the first round, after an artifact was created.
fn write_until_cut(
    machine: &Machine,
    server: &Running,
    (trial, made): (&Trial, &Made),
    chance: &mut Chance,
) {
    let answers = AtomicU64::new(0);
    let counts = || {
        answers.fetch_add(1, Ordering::Relaxed);
        machine.is_on()
    };
    let updaters = if chance.below(4) == 0 { UPDATERS_FEW } else { UPDATERS };
    let mut writers = Vec::new();
    writers.extend((0..updaters).map(|_| trial.updates(Chance(chance.next()), counts)));
    writers.extend((0..CREATORS).map(|_| made.creations(trial, counts)));
    writers.extend((0..UPLOADERS).map(|_| made.uploads(trial, Chance(chance.next()), counts)));
    let pause = Duration::from_millis(20 + chance.below(281));
    write_until(server.address(), writers, Duration::ZERO, || {
        let (begin, is_answered) = (Instant::now(), || answers.load(Ordering::Relaxed) > 0);
        while !(is_answered() && made.artifacts() > 0) && begin.elapsed() < LIMIT {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(pause);
        machine.power_off();
    });
}

#[test]
fn whatever_was_acknowledged_survives_power_cuts_and_nothing_is_half_there() {
    let (cuts, seed) = (cuts(), seed());
    let Some(mut machine) = Machine::new(seed) else { return };
    let mut chance = Chance(seed);
    let mut server = machine.start();
    let trial = Trial::begin(&server);
    let (mut made, mut lost) = (Made::default(), Lost::default());
    for number in 1..=cuts {
        write_until_cut(&machine, &server, (&trial, &made), &mut chance);
        let cut = Cut::any(&mut chance);
        // Shown when the test fails.
        println!("cut {number}: {cut:?}");
        lost += machine.cut(server, &cut);
        if number % CHECKED == 0 {
            machine.check();
        }
        server = machine.start();
        let mut client = Client::connect(server.address()).unwrap();
        trial.check(&mut client, &format!("after cut {number}"));
        made.check(&mut client, &mut chance);
    }
    let mut client = Client::connect(server.address()).unwrap();
    let (works, artifacts) = made.check_all(&mut client);
    drop(server);
    machine.check();
    let (told, cut_off) = trial.check_events(&machine.data());
    println!("{told} updates, {works} works and {artifacts} artifacts acknowledged");
    println!("{cut_off} updates cut off; {} changes, {} entries lost", lost.changes, lost.entries);
    assert!(told > 0 && cut_off > 0 && works > 0 && artifacts > 0, "nothing was tried");
    assert!(lost.changes > 0 && lost.entries > 0, "the disk lost nothing");
}

/// Starts a server that need not get anywhere, and cuts the power after a while.
fn cut_a_first_start(machine: &mut Machine, pause: Duration, cut: &Cut) -> Lost {
    let mut starting = command(&["serve", "--listen", "127.0.0.1:0", "--log-level", "off"]);
    starting.arg("--data-dir").arg(machine.data()).env("WORKSMITH_ADMIN_TOKEN", TOKEN);
    let mut starting = starting.stdout(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(pause);
    machine.power_off();
    let _ = starting.kill();
    starting.wait().unwrap();
    machine.power_on(cut)
}

#[test]
fn a_first_start_that_is_cut_short_succeeds_the_next_time() {
    let seed = seed();
    let mut chance = Chance(seed);
    let mut whole = Duration::ZERO;
    for number in 0..FIRST_STARTS {
        let Some(mut machine) = Machine::new(seed + number) else { return };
        if number > 0 {
            let micros = u64::try_from(whole.as_micros()).unwrap();
            let pause = Duration::from_micros(chance.below(micros));
            let cut = Cut::any(&mut chance);
            println!("first start {number}: {cut:?} after {pause:?} of {whole:?}");
            cut_a_first_start(&mut machine, pause, &cut);
        }
        let begin = Instant::now();
        let server = machine.start();
        whole = whole.max(begin.elapsed());
        assert_eq!(server.call("dev-users.self", &json!({})).0, 200);
        let tag = json!({"name": "kept"});
        assert_eq!(server.call("tags.create", &tag).0, 201);
        machine.cut(server, &Cut::All);
        let server = machine.start();
        assert_eq!(server.call("tags.get", &json!({"id": "TAG-1"})).0, 200);
    }
}

#[test]
fn a_disk_that_only_claims_to_store_is_found_out() {
    let seed = seed();
    let Some(mut machine) = Machine::new(seed) else { return };
    let mut chance = Chance(seed);
    let server = machine.start();
    let trial = Trial::begin(&server);
    let mut made = Made::default();
    machine.drive().disk().lie();
    let mut client = Client::connect(server.address()).unwrap();
    for _ in 0..20 {
        trial.updates(Chance(chance.next()), || true)(&mut client).unwrap();
        made.creations(&trial, || true)(&mut client).unwrap();
    }
    machine.cut(server, &Cut::All);
    let server = machine.start();
    let mut client = Client::connect(server.address()).unwrap();
    println!("two panics are expected:");
    let mut found = |check: &mut dyn FnMut(&mut Client)| {
        let panic = catch_unwind(AssertUnwindSafe(|| check(&mut client))).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    let updates = found(&mut |client| trial.check(client, "after the cut"));
    assert!(updates.contains("1 found, ") && updates.ends_with(" told"), "{updates}");
    let works = found(&mut |client| made.check(client, &mut Chance(seed)));
    assert!(works.contains("is lost"), "{works}");
}

#[test]
fn the_mounted_disk_keeps_what_was_synced_and_nothing_else() {
    let Some(mut machine) = Machine::new(seed()) else { return };
    let root = machine.root();
    let write = |name: &str, text: &str| {
        let mut file = File::options().create(true).append(true).open(root.join(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    let read = |name: &str| fs::read_to_string(root.join(name)).ok();
    let sync = || File::open(&root).unwrap().sync_all().unwrap();
    write("kept", "synced").sync_all().unwrap();
    write("a-wal", "synced").sync_data().unwrap();
    write("old", "synced").sync_all().unwrap();
    write("emptied", "synced").sync_all().unwrap();
    sync();
    write("unnamed", "synced").sync_all().unwrap();
    write("kept", ", and not synced");
    // A sync by whoever has opened the log is one of what others have written.
    let log = write("a-wal", ", and again");
    File::open(root.join("a-wal")).unwrap().sync_data().unwrap();
    drop(log);
    write("a-wal", ", and not synced");
    File::create(root.join("emptied")).unwrap();
    fs::rename(root.join("old"), root.join("new")).unwrap();
    fs::create_dir(root.join("folder")).unwrap();
    assert_eq!(read("kept").unwrap(), "synced, and not synced");
    assert_eq!(read("a-wal").unwrap(), "synced, and again, and not synced");
    assert_eq!((read("emptied").unwrap().as_str(), read("old")), ("", None));

    machine.power_off();
    assert!(fs::read_dir(&root).is_err() && File::create(root.join("late")).is_err());
    let lost = machine.power_on(&Cut::All);
    assert!(lost.changes >= 3 && lost.entries == 3, "{lost:?}");
    assert_eq!(read("kept").unwrap(), "synced");
    assert_eq!(read("a-wal").unwrap(), "synced, and again");
    assert_eq!(read("emptied").unwrap(), "synced");
    let mut names: Vec<_> =
        fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a-wal", "emptied", "kept", "old"]);
}
