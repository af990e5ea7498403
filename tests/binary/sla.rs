//! A server that is killed between a change of a work and its effects on the SLA: every tracker
//! agrees with the log of events, and clocks go on from there.

use std::sync::Barrier;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_kernel::{Clock, SystemClock};
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::process::{Running, command, run};

const KILLS: u64 = 200;
const WRITERS: u64 = 16;
const WORKS: u64 = 60;

#[test]
fn every_tracker_is_what_the_log_tells_after_each_of_200_kills() {
    let seed = std::env::var("WORKSMITH_CRASH_SEED").map_or(5, |seed| seed.parse().unwrap());
    // Shown when the test fails.
    println!("WORKSMITH_CRASH_SEED={seed}");
    let dir = TempDir::new().unwrap();
    let start = || Running::serve(dir.path(), &["--log-level", "warn"]);
    let mut server = start();
    begin(&server);
    let mut chance = Chance(seed);
    let mut written = 0;
    for kill in 1..=KILLS {
        let pause = Duration::from_millis(10 + chance.below(150));
        written += write_until_killed(server, pause, &mut chance);
        let checked = run(command(&["check", "--data-dir"]).arg(dir.path()));
        assert_eq!(checked.code, Some(0), "after kill {kill}: {checked:?}");
        server = start();
    }
    println!("{written} changes acknowledged");
    assert!(written > KILLS, "nothing was tried");
    let mut client = Client::connect(server.address()).unwrap();
    let trackers = client.call("sla-trackers.list", &json!({"limit": 100})).unwrap();
    let trackers: Value = serde_json::from_str(&trackers.body).unwrap();
    assert_eq!(trackers["sla_trackers"].as_array().map(Vec::len), Some(WORKS as usize));
}

/// Promises a solution, in more than one policy, and makes works that fall under them.
fn begin(server: &Running) {
    let mut client = Client::connect(server.address()).unwrap();
    let mut call = |op: &str, body: &Value| {
        let answer = client.call(op, body).unwrap();
        assert!(answer.status < 300, "{op}: {}", answer.body);
    };
    call("parts.create", &json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]}));
    let target = |target: i64| json!([{"metric": "METRIC-4", "target": target}]);
    let urgent = json!({"applies_to": "issue", "issue_selector": {"stage_name": ["in_review"]}});
    let sla = json!({
        "name": "Team", "sla_type": "internal", "applies_to": ["issue"],
        "policies": [
            {"name": "Urgent", "selector": urgent, "metrics": target(1)},
            {"name": "All", "selector": {"applies_to": "issue"}, "metrics": target(2)},
        ],
    });
    call("slas.create", &sla);
    call("slas.transition", &json!({"id": "SLA-1", "status": "published"}));
    for n in 0..WORKS {
        let issue = json!({
            "type": "issue", "title": format!("Issue {n}"), "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"],
        });
        call("works.create", &issue);
    }
}

/// Lets clients move works from stage to stage for a while, kills the server under them, and
/// returns how many changes it acknowledged.
fn write_until_killed(server: Running, pause: Duration, chance: &mut Chance) -> u64 {
    let address = server.address();
    let ready = Barrier::new(usize::try_from(WRITERS).unwrap() + 1);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (ready, mut chance) = (&ready, Chance(chance.next()));
                scope.spawn(move || {
                    let client = Client::connect(address);
                    ready.wait();
                    let mut client = client.unwrap();
                    let mut written = 0;
                    while change(&mut client, &mut chance).is_ok() {
                        written += 1;
                    }
                    written
                })
            })
            .collect();
        ready.wait();
        std::thread::sleep(pause);
        // SIGKILL, where it exists.
        drop(server);
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    })
}

fn change(client: &mut Client, chance: &mut Chance) -> std::io::Result<()> {
    const STAGES: [&str; 5] = ["triage", "in_development", "in_review", "completed", "backlog"];
    let stage = STAGES[usize::try_from(chance.below(STAGES.len() as u64)).unwrap()];
    let id = format!("ISS-{}", 1 + chance.below(WORKS));
    let answer = match chance.below(8) {
        0 => {
            let at = SystemClock.now().plus_ms(-1000);
            let action = ["pause", "resume"][usize::try_from(chance.below(2)).unwrap()];
            client.call(
                "metric-action.execute",
                &json!({
                    "action": action, "metric": "METRIC-4", "object": id,
                    "event_date": at.to_string(),
                }),
            )?
        }
        _ => client.call("works.update", &json!({"id": id, "stage": {"name": stage}}))?,
    };
    assert_eq!(answer.status, 200, "{}", answer.body);
    Ok(())
}
