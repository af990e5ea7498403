//! Webhooks under load, told by processes that are killed meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Chance;
use crate::misbehaving::{Manner, Receiver};

/// How servers are started: receivers are on this machine, and attempts come sixty times as fast.
pub const OPTIONS: [&str; 4] = ["--webhook-allow", "127.0.0.1", "--webhook-pace", "60"];

/// How long everything may take to arrive, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(240);

/// The size of a run: `WORKSMITH_HOOKS_EVENTS`, `_RECEIVERS` and `_KILLS` set others.
#[derive(Clone, Copy, Debug)]
pub struct Delivering {
    /// How many events there are.
    pub events: u64,
    /// How many receivers.
    pub receivers: usize,
    /// How many kills.
    pub kills: u64,
}

impl Default for Delivering {
    fn default() -> Self {
        let setting = |name: &str, usual: u64| {
            std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
        };
        Self {
            events: setting("WORKSMITH_HOOKS_EVENTS", 60),
            receivers: usize::try_from(setting("WORKSMITH_HOOKS_RECEIVERS", 10)).expect("a count"),
            kills: setting("WORKSMITH_HOOKS_KILLS", 2),
        }
    }
}

/// What a run needs of the program, whatever it is made of.
pub trait Program {
    /// Calls an operation until a server answers with success.
    fn call(&mut self, op: &str, body: &Value) -> Value;
    /// Kills a server and starts it again.
    fn kill(&mut self);
}

impl Delivering {
    /// Has webhooks told of changes while the program is killed. Panics unless every receiver that
    /// takes events in the end has every one, and those of each object in order.
    pub fn run(&self, program: &mut impl Program) {
        let manners = Manner::ALL.iter().cycle().take(self.receivers);
        let receivers: Vec<_> = manners.map(|manner| Receiver::start(*manner)).collect();
        let mut webhooks = Vec::new();
        for receiver in &receivers {
            let types = ["work_created", "work_updated"];
            let request = json!({"url": receiver.url(), "event_types": types});
            let webhook = program.call("webhooks.create", &request)["webhook"].clone();
            receiver.set_secret(webhook["secret"].as_str().expect("a secret"));
            webhooks.push(webhook);
        }
        for webhook in &webhooks {
            wait(
                || "a webhook is verified".to_owned(),
                || {
                    let got = program.call("webhooks.get", &json!({"id": webhook["id"]}));
                    got["webhook"]["status"] == "active"
                },
            );
        }
        let begin = Instant::now();
        self.change(program);
        let is_told = |receiver: &Receiver| {
            receiver.taken() as u64 == self.events || !receiver.manner.takes_all()
        };
        for receiver in &receivers {
            let (manner, events) = (receiver.manner, self.events);
            let what = || format!("{manner:?} has {} of {events} events", receiver.taken());
            wait(what, || is_told(receiver));
        }
        for receiver in &receivers {
            let (manner, taken, requests) =
                (receiver.manner, receiver.taken(), receiver.requests());
            let took = receiver.last().map(|last| last.duration_since(begin).as_millis());
            println!("{manner:?}: {taken} events, {requests} requests, {took:?} ms");
        }
        // Whoever is good is not kept waiting by those who are not.
        let good = receivers.iter().filter(|receiver| receiver.manner == Manner::Good);
        let last = good.filter_map(Receiver::last).max().expect("an event");
        let slow = receivers.iter().filter(|receiver| receiver.manner == Manner::Slow);
        let slow = slow.filter_map(Receiver::last).max();
        assert!(slow.is_none_or(|slow| slow >= last), "the good one was kept waiting");
        let gone = receivers.iter().position(|receiver| receiver.manner == Manner::Gone);
        if let Some(gone) = gone {
            let id = &webhooks[gone]["id"];
            wait(
                || "what is gone is paused".to_owned(),
                || {
                    program.call("webhooks.get", &json!({"id": id}))["webhook"]["status"]
                        == "inactive"
                },
            );
        }
    }

    /// Makes the events: each object has the number of its change as its title.
    fn change(&self, program: &mut impl Program) {
        let mut chance = Chance(17);
        let objects = (self.events / 10).max(1);
        let mut numbers: Vec<(String, u64)> = Vec::new();
        for n in 0..self.events {
            if (numbers.len() as u64) < objects {
                let task = json!({"type": "task", "title": "1", "owned_by": ["DEVU-1"]});
                let made = program.call("works.create", &task);
                let id = made["work"]["display_id"].as_str().expect("an id").to_owned();
                numbers.push((id, 1));
            } else {
                let at = usize::try_from(chance.below(objects)).expect("an index");
                let (id, number) = &mut numbers[at];
                *number += 1;
                let update = json!({"id": id, "title": number.to_string()});
                program.call("works.update", &update);
            }
            if self.kills > 0 && (n + 1) % (self.events / (self.kills + 1)).max(1) == 0 {
                program.kill();
            }
        }
    }
}

/// Waits until something holds.
fn wait(what: impl Fn() -> String, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < LIMIT, "in vain: {}", what());
        std::thread::sleep(Duration::from_millis(50));
    }
}
