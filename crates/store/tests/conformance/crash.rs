//! A writer that is killed loses nothing that it reported as written, and leaves nothing half done.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use worksmith_kernel::{Query, Registry};
use worksmith_store::Store;
use worksmith_wire::{Id, Kind};

use crate::bed::{Backend, Bed, CODE, Chance, LABEL, Opening, Thing, thing};

/// The folder of the child's store; without this variable the child's test does nothing.
const DIR: &str = "WORKSMITH_STORE_CRASH_DIR";
const ROUNDS: usize = 10;
const LANES: usize = 4;
/// The prefix of each line that the parent reads from the child.
const MARK: &str = "ack ";

struct Folder(std::path::PathBuf);

impl Backend for Folder {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async { Store::open_sqlite(&self.0, registry, &mut |_| {}).unwrap() })
    }
}

/// Each lane has one ledger, and writes as fast as it can: transactions that raise the ledger and
/// create two things which refer to each other, one of which replaces that of the previous round.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_child_that_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let bed = Arc::new(Bed::new(Folder(dir.into())).await);
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| {
            let bed = Arc::clone(&bed);
            tokio::spawn(async move {
                loop {
                    let raised = raise(&bed, lane).await;
                    println!("{MARK}{lane} {raised}");
                    std::io::stdout().flush().unwrap();
                }
            })
        })
        .collect();
    // None of them ends by itself.
    lanes.into_iter().next().unwrap().await.unwrap();
}

async fn raise(bed: &Bed, lane: usize) -> i64 {
    let mut tx = bed.tx();
    let name = format!("ledger {lane}");
    let raised = match tx.find_name(CODE, &name).await.unwrap() {
        None => {
            let (code, body) = (Some(name), body(1));
            let ledger = Thing { code, rank: Some(1), body, ..thing("ledger") };
            tx.insert(Kind::Ticket, ledger).await.unwrap();
            1
        }
        Some(id) => {
            let old = tx.find::<Thing>(&id).await.unwrap().unwrap();
            let raised = old.doc.rank.unwrap() + 1;
            let ledger = Thing { rank: Some(raised), body: body(raised), ..old.doc.clone() };
            tx.update(old, ledger).await.unwrap();
            raised
        }
    };
    let half = format!("half {lane}");
    if let Some(id) = tx.find_name(CODE, &half).await.unwrap() {
        let old = tx.find::<Thing>(&id).await.unwrap().unwrap();
        tx.delete(old).await.unwrap();
    }
    let first = Thing { rank: Some(raised), label: Some(format!("{lane}")), ..thing("first") };
    let first = tx.insert(Kind::Issue, first).await.unwrap();
    let second =
        Thing { code: Some(half), parent: Some(first.id().clone()), ..thing(&raised.to_string()) };
    tx.insert(Kind::Issue, second).await.unwrap();
    tx.finish().await.unwrap();
    raised
}

/// What a ledger says at length, two times of three: then it has a row of its own.
fn body(raised: i64) -> String {
    let times = if raised % 3 == 0 { 1 } else { 300 };
    format!("{raised} ").repeat(times)
}

#[tokio::test]
async fn a_killed_writer_loses_nothing_it_has_told() {
    let dir = TempDir::new().unwrap();
    let chance = Chance::new(11);
    let mut told = BTreeMap::new();
    for round in 0..ROUNDS {
        write_and_kill(dir.path(), &chance, &mut told).await;
        let bed = Bed::new(Folder(dir.path().to_owned())).await;
        bed.is_consistent().await;
        for lane in 0..LANES {
            let raised = is_whole(&bed, lane, told.get(&lane).copied().unwrap_or(0), round).await;
            // What is seen to be there is as good as told.
            told.insert(lane, raised);
        }
    }
    assert!(told.values().sum::<i64>() > 0, "the child wrote nothing");
}

/// Lets a child write for a moment, kills it, and collects what it reported.
async fn write_and_kill(dir: &Path, chance: &Chance, told: &mut BTreeMap<usize, i64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::the_child_that_is_killed", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let acks = lines.filter_map(|line| {
            // A line that was cut short does not count.
            let (lane, raised) = line.split_once(MARK)?.1.split_once(' ')?;
            Some((lane.parse::<usize>().ok()?, raised.parse::<i64>().ok()?))
        });
        acks.collect::<Vec<_>>()
    });
    let pause = 100 + chance.below(300) as u64;
    tokio::time::sleep(Duration::from_millis(pause)).await;
    // SIGKILL, where it exists.
    child.kill().unwrap();
    child.wait().unwrap();
    for (lane, raised) in reader.join().unwrap() {
        let highest = told.entry(lane).or_insert(0);
        *highest = raised.max(*highest);
    }
}

/// The ledger of a lane says no less than was reported, and agrees with what was created beside it.
/// Returns what it says.
async fn is_whole(bed: &Bed, lane: usize, told: i64, round: usize) -> i64 {
    let mut tx = bed.tx();
    let ledger = tx.find_name(CODE, &format!("ledger {lane}")).await.unwrap();
    let Some(ledger) = ledger else {
        assert_eq!(told, 0, "round {round}: the ledger of lane {lane} is lost");
        return 0;
    };
    let ledger = tx.find::<Thing>(&ledger).await.unwrap().unwrap();
    let raised = ledger.doc.rank.unwrap();
    // At most one more than was reported: the one whose report was cut off.
    assert!((told..=told + 1).contains(&raised), "round {round}: {told} told, {raised} there");
    assert_eq!(ledger.meta.revision, raised.unsigned_abs());
    assert_eq!(ledger.doc.body, body(raised), "round {round}");
    let mut firsts = Query::new();
    firsts.is(LABEL, Some(lane.to_string()));
    assert_eq!(tx.count::<Thing>(&firsts).await.unwrap(), raised.unsigned_abs());
    let half: Id = tx.find_name(CODE, &format!("half {lane}")).await.unwrap().unwrap();
    let half = tx.find::<Thing>(&half).await.unwrap().unwrap();
    assert_eq!(half.doc.title, raised.to_string(), "round {round}: half a transaction");
    let parent = tx.find::<Thing>(&half.doc.parent.unwrap()).await.unwrap().unwrap();
    assert_eq!(parent.doc.rank, Some(raised));
    raised
}
