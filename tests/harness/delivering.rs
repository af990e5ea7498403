//! Webhooks under load, told by processes that are killed meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Chance;
use crate::misbehaving::{Manner, Receiver};
use crate::program::Program;

/// How servers are started: receivers are on this machine, and attempts come sixty times as fast.
pub const OPTIONS: [&str; 4] = ["--webhook-allow", "127.0.0.1", "--webhook-pace", "60"];

/// How long nothing may arrive while something is missing, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(240);
/// How many events there are in a second while nobody is killed.
const CALM_RATE: u32 = 20;

/// The size of a run: `WORKSMITH_HOOKS_EVENTS`, `_RECEIVERS` and `_KILLS` set others. Half of the
/// receivers misbehave.
#[derive(Clone, Copy, Debug)]
pub struct Delivering {
    /// How many events there are while servers are killed; a tenth of that follow without.
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
            receivers: usize::try_from(setting("WORKSMITH_HOOKS_RECEIVERS", 20)).expect("a count"),
            kills: setting("WORKSMITH_HOOKS_KILLS", 2),
        }
    }
}

impl Delivering {
    /// Has webhooks told of changes while the program is killed, and then of some more. Panics
    /// unless every receiver that takes events in the end has every one, and those of each object
    /// in order. Says how long events were under way.
    pub fn run(&self, program: &mut impl Program) {
        let good = self.receivers.div_ceil(2);
        let bad = Manner::BAD.into_iter().cycle().take(self.receivers - good);
        let manners = std::iter::repeat_n(Manner::Good, good).chain(bad);
        let receivers: Vec<_> = manners.map(Receiver::start).collect();
        let webhooks = subscribe(program, &receivers);
        let mut changes = Changes::new((self.events / 10).max(1));
        let begin = Instant::now();
        let every = (self.events / (self.kills + 1)).max(1);
        let mut kills = 0;
        for n in 1..=self.events {
            changes.next(program);
            if n.is_multiple_of(every) && kills < self.kills {
                kills += 1;
                program.kill();
            }
        }
        println!("{} events and {kills} kills in {:?}", self.events, begin.elapsed());
        arrived(&receivers, changes.made);
        let last = |manner: Manner| {
            let of = receivers.iter().filter(|receiver| receiver.manner == manner);
            of.filter_map(Receiver::last).max()
        };
        let slow = last(Manner::Slow);
        assert!(slow.is_none_or(|slow| Some(slow) >= last(Manner::Good)), "good ones waited");
        tell("while servers were killed", &receivers);
        for receiver in &receivers {
            let (manner, taken, requests) =
                (receiver.manner, receiver.taken(), receiver.requests());
            let took = receiver.last().map(|last| last.duration_since(begin).as_millis());
            println!("{manner:?}: {taken} events, {requests} requests, {took:?} ms");
        }

        for _ in 0..(self.events / 10).max(u64::from(CALM_RATE)) {
            changes.next(program);
            std::thread::sleep(Duration::from_secs(1) / CALM_RATE);
        }
        arrived(&receivers, changes.made);
        tell("with nobody killed", &receivers);
        let gone = receivers.iter().position(|receiver| receiver.manner == Manner::Gone);
        if let Some(gone) = gone {
            let id = &webhooks[gone]["id"];
            wait(
                || "what is gone is paused".to_owned(),
                || {
                    let got = program.call("webhooks.get", &json!({"id": id}));
                    u64::from(got["webhook"]["status"] == "inactive")
                },
                1,
            );
        }
    }
}

/// Makes a webhook for each receiver, and waits until they are active.
fn subscribe(program: &mut impl Program, receivers: &[Receiver]) -> Vec<Value> {
    let mut webhooks = Vec::new();
    for receiver in receivers {
        let types = ["work_created", "work_updated"];
        let request =
            json!({"url": receiver.url(), "event_types": types, "secret": receiver.secret});
        webhooks.push(program.call("webhooks.create", &request)["webhook"].clone());
    }
    for webhook in &webhooks {
        wait(
            || "a webhook is verified".to_owned(),
            || {
                let got = program.call("webhooks.get", &json!({"id": webhook["id"]}));
                u64::from(got["webhook"]["status"] == "active")
            },
            1,
        );
    }
    webhooks
}

/// Waits until those have all events who take them in the end; whoever is good first.
fn arrived(receivers: &[Receiver], events: u64) {
    for receiver in receivers.iter().filter(|receiver| receiver.manner.takes_all()) {
        let what = || format!("{:?} has {} of {events}", receiver.manner, receiver.taken());
        wait(what, || receiver.taken() as u64, events);
    }
    // The others are sent nothing that is not signed, either.
    for receiver in receivers {
        receiver.taken();
    }
}

/// Says how long events were under way to those who are good.
fn tell(when: &str, receivers: &[Receiver]) {
    let all = |is_good: bool| {
        let of = receivers.iter().filter(|each| (each.manner == Manner::Good) == is_good);
        let mut delays: Vec<i64> = of.flat_map(Receiver::take_delays).collect();
        delays.sort_unstable();
        delays
    };
    let good = all(true);
    drop(all(false));
    let part = |share: usize| good[(good.len() * share / 100).min(good.len() - 1)];
    let (half, most, longest) = (part(50), part(99), part(100));
    println!("Good receivers, {when}: p50 {half} ms, p99 {most} ms, the longest {longest} ms");
}

/// Changes of tasks, each of which has the number of its change as its title.
struct Changes {
    chance: Chance,
    objects: u64,
    numbers: Vec<(String, u64)>,
    /// How many there were.
    made: u64,
}

impl Changes {
    fn new(objects: u64) -> Self {
        Self { chance: Chance(17), objects, numbers: Vec::new(), made: 0 }
    }

    fn next(&mut self, program: &mut impl Program) {
        self.made += 1;
        if (self.numbers.len() as u64) < self.objects {
            let task = json!({"type": "task", "title": "1", "owned_by": ["DEVU-1"]});
            let made = program.call("works.create", &task);
            let id = made["work"]["display_id"].as_str().expect("an id").to_owned();
            self.numbers.push((id, 1));
            return;
        }
        let at = usize::try_from(self.chance.below(self.objects)).expect("an index");
        let (id, number) = &mut self.numbers[at];
        *number += 1;
        let update = json!({"id": id, "title": number.to_string()});
        program.call("works.update", &update);
    }
}

/// Waits until a number is reached, as long as it rises now and then.
fn wait(what: impl Fn() -> String, mut reached: impl FnMut() -> u64, all: u64) {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let now = reached();
        if now >= all {
            return;
        }
        if now > last {
            (last, since) = (now, Instant::now());
        }
        assert!(since.elapsed() < LIMIT, "in vain: {}", what());
        std::thread::sleep(Duration::from_millis(50));
    }
}
