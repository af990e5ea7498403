//! The verdict on a history when everything has happened: by the event log, and by the checker.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use worksmith_test_postgres::Database;

use crate::linearizable::{NEVER, State, What, check};
use crate::load::{Load, Record, stamp_of};

/// Reads every work through every server, and checks everything that is known.
///
/// The events of an org are numbered without gaps, those of a work count its revisions without
/// gaps, and they agree with everything that clients were told.
pub fn pass(load: &Load, database: &Database, history: &[Record]) {
    events_are_numbered_without_a_gap(database);
    let mut logs = logs(load, database, history);
    for (work, id) in load.works.iter().enumerate() {
        let records: Vec<_> = history.iter().filter(|record| record.work == work).collect();
        let calls: Vec<_> = records.iter().map(|record| record.call).collect();
        let log = logs.remove(id).unwrap_or_default();
        let last = log.last().expect("an event").revision;
        for call in &calls {
            if let What::Written { revision, stamp } = call.what {
                assert!(revision <= last, "{id}: update {stamp} is lost, revision {revision}");
            }
        }
        if let Err(violation) = check(load.first[work], &calls, &log) {
            panic!("{id}: {violation:?}\n{}", told(&records));
        }
    }
}

fn events_are_numbered_without_a_gap(database: &Database) {
    let mut next = BTreeMap::new();
    for event in database.ask("SELECT org, seq FROM events ORDER BY org, seq") {
        let [Some(org), Some(seq)] = &event[..] else { panic!("an event without a number") };
        let next = next.entry(org.clone()).or_insert(1_u64);
        assert_eq!(seq, &next.to_string(), "the events of {org} have a gap");
        *next += 1;
    }
    println!("events: {:?}", next.values().map(|next| next - 1).collect::<Vec<_>>());
}

/// The states of each work according to its events, each of which contains the title that it
/// replaced. The last state is the one that was read at the end.
fn logs(load: &Load, database: &Database, history: &[Record]) -> BTreeMap<String, Vec<State>> {
    let mut logs: BTreeMap<String, Vec<State>> = BTreeMap::new();
    let mut last = BTreeMap::new();
    let events = "SELECT id, rev, old FROM events WHERE id LIKE 'issue/%' ORDER BY org, seq";
    for event in database.ask(events) {
        let [Some(id), Some(revision), old] = &event[..] else { panic!("{event:?}") };
        let id = format!("ISS-{}", id.strip_prefix("issue/").expect("an issue"));
        let revision: u64 = revision.parse().expect("a revision");
        let before = last.insert(id.clone(), revision).unwrap_or_default();
        assert_eq!(revision, before + 1, "{id}: its events don't count its revisions");
        let Some(old) = old else { continue };
        let old: Value = serde_json::from_str(old).expect("an object");
        let state = State { revision: before, stamp: stamp_of(&old["title"]) };
        logs.entry(id).or_default().push(state);
    }
    for (work, id) in load.works.iter().enumerate() {
        let reads = history.iter().filter(|record| record.work == work);
        let newest = reads.filter_map(|record| match record.call.what {
            What::Read { revision, stamp } => Some(State { revision, stamp }),
            _ => None,
        });
        let newest = newest.max_by_key(|state| state.revision).expect("a read");
        assert_eq!(last.get(id), Some(&newest.revision), "{id}: its last event, and the work");
        logs.entry(id.clone()).or_default().push(newest);
    }
    logs
}

/// The calls on a work, in the order in which they were made.
fn told(records: &[&Record]) -> String {
    let mut records = records.to_vec();
    records.sort_by_key(|record| record.call.invoked);
    let mut told = String::new();
    for Record { server, call, .. } in records {
        let _ = writeln!(told, "{call:?} through {server}");
    }
    told
}

/// Prints how many of each kind there were, and how long the longest took.
pub fn count(history: &[Record], servers: usize) {
    let answered = history.iter().filter(|record| record.call.returned != NEVER);
    let lasted = |record: &&Record| record.call.returned - record.call.invoked;
    if let Some(longest) = answered.max_by_key(lasted) {
        println!("the longest call took {:?}: {longest:?}", Duration::from_nanos(lasted(&longest)));
    }
    for server in 0..servers {
        let of = |is: fn(&What) -> bool| {
            history.iter().filter(|record| record.server == server && is(&record.call.what)).count()
        };
        println!(
            "server {server}: {} written, {} unknown, {} refused, {} read",
            of(|what| matches!(what, What::Written { .. })),
            of(|what| matches!(what, What::Unknown { .. })),
            of(|what| matches!(what, What::Refused { .. })),
            of(|what| matches!(what, What::Read { .. })),
        );
        assert!(of(|what| matches!(what, What::Written { .. })) > 0, "nothing was tried");
        assert!(of(|what| matches!(what, What::Read { .. })) > 0, "nothing was tried");
    }
}
