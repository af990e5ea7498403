//! Webhooks of the program: receivers that misbehave, while it is killed; and its commands.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::delivering::{Delivering, OPTIONS};
use worksmith_tests::misbehaving::{Manner, Receiver};
use worksmith_tests::process::{Running, command};
use worksmith_tests::program::{Alone, Program};

use crate::data::{fine, on};

/// Waits for a webhook to be active.
fn active(program: &mut Alone, receiver: &Receiver, types: &[&str]) -> Value {
    let request = json!({"url": receiver.url(), "event_types": types});
    let webhook = program.call("webhooks.create", &request)["webhook"].clone();
    let id = webhook["id"].clone();
    program.running().wait_for(|running| {
        let got = running.call("webhooks.get", &json!({"id": id})).2;
        (got["webhook"]["status"] == "active").then_some(())
    });
    webhook
}

#[test]
fn every_event_arrives_in_order_at_those_who_take_it_whoever_misbehaves_and_whatever_is_killed() {
    let dir = TempDir::new().unwrap();
    let mut one = Alone::start(dir.path(), &OPTIONS);
    Delivering::default().run(&mut one);
    drop(one);
    assert!(fine(on(dir.path(), &["check"])).stdout.ends_with(": all is well\n"));
}

#[test]
fn receivers_on_this_machine_are_refused_unless_they_are_allowed() {
    let dir = TempDir::new().unwrap();
    let receiver = Receiver::start(Manner::Good);
    let mut running = Running::serve(dir.path(), &[]);
    let url = receiver.url().replace("127.0.0.1", "localhost");
    for (url, said) in [
        (receiver.url(), "loopback addresses are not reached"),
        (url, "localhost has a loopback address, which is not reached"),
    ] {
        let (_, _, made) = running.call("webhooks.create", &json!({"url": url}));
        let list = json!({"webhook": made["webhook"]["id"]});
        running.wait_for(|running| {
            let listed = running.call("webhooks.deliveries.list", &list).2;
            let error = listed["deliveries"][0]["attempts"][0]["error"].clone();
            (error == said).then_some(())
        });
    }
    assert_eq!(receiver.requests(), 0);
}

#[test]
fn commands_show_what_webhooks_were_told_and_tell_it_once_more() {
    let dir = TempDir::new().unwrap();
    let receiver = Receiver::start(Manner::Good);
    let mut one = Alone::start(dir.path(), &OPTIONS);
    let webhook = active(&mut one, &receiver, &["tag_created"]);
    let id = webhook["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let listed = fine(on(dir.path(), &["webhooks", "list"])).stdout;
    let line = listed.lines().nth(1).unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words, [id.as_str(), "active", "DEVU-1", &receiver.url()]);

    let mut tail = command(&["webhooks", "tail", &id]);
    let tail = tail.arg("--data-dir").arg(dir.path()).stdout(Stdio::piped()).spawn();
    let mut tail = tail.unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut number = 0;
    // The command may need a moment to begin.
    let line = std::thread::scope(|scope| {
        let line = scope.spawn(|| {
            lines.by_ref().map(Result::unwrap).find(|line| line.contains("delivered")).unwrap()
        });
        while !line.is_finished() {
            number += 1;
            one.call("tags.create", &json!({"name": format!("t{number}")}));
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        line.join().unwrap()
    });
    tail.kill().unwrap();
    tail.wait().unwrap();
    let event = line.split_whitespace().nth(1).unwrap();
    assert!(event.starts_with(&format!("{id}/")) && line.contains("tag_created"), "{line}");
    assert!(line.contains("TAG-") && line.contains(" 200 ("), "{line}");

    let shown = fine(on(dir.path(), &["webhooks", "show", event])).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["status"], &shown["webhook_id"]), (&json!("delivered"), &webhook["id"]));
    assert!(shown["payload"]["tag"]["name"].as_str().unwrap().starts_with('t'));
    let told = fine(on(dir.path(), &["webhooks", "deliveries", &id, "--limit", "1000"])).stdout;
    assert!(told.contains(event) && told.contains("verify"), "{told}");
    let failed = on(dir.path(), &["webhooks", "deliveries", &id, "--status", "failed"]);
    assert_eq!(fine(failed).stdout, "");

    let before = receiver.requests();
    let again = fine(on(dir.path(), &["webhooks", "redeliver", event])).stdout;
    assert_eq!(again, "1 to be delivered once more.\n");
    let span = ["webhooks", "redeliver", &id, "--from", "2020-01-01T00:00:00Z"];
    one.running().wait_for(|_| (receiver.requests() > before).then_some(()));
    let all = fine(on(dir.path(), &span)).stdout;
    assert!(all.ends_with(" to be delivered once more.\n") && !all.starts_with('0'), "{all}");
    // Without a server the commands say the same.
    drop(one);
    let stopped = fine(on(dir.path(), &["webhooks", "list"])).stdout;
    assert_eq!(stopped, listed);
    let nothing = on(dir.path(), &["webhooks", "show", "nobody/1"]);
    assert!(nothing.sentence().starts_with("there is no event \"nobody/1\""), "{nothing:?}");
    let nobody = on(dir.path(), &["webhooks", "deliveries", "nobody"]);
    assert!(nobody.sentence().starts_with("there is no webhook \"nobody\""), "{nobody:?}");
}
