//! Works as they were.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use worksmith_kernel::Clock as _;
use worksmith_tests::client::Chance;

use super::random::Org;
use super::{end, started, told, work};

#[tokio::test]
async fn a_work_as_of_a_time_is_what_works_get_said_then() {
    let org = Org::start().await;
    let server = &org.server;
    let mut chance = Chance(5);
    let mut said = Vec::new();
    for change in 0..200 {
        org.change(&mut chance, &format!("{change}")).await;
        if chance.below(25) == 0 {
            server.work().await;
        }
        let id = Org::some_work(&mut chance);
        let answer = server.call("works.get", json!({"id": id})).await;
        let revision = answer.headers.get("x-worksmith-revision").cloned();
        said.push((id, server.clock.now(), answer.status, answer.body, revision));
    }
    server.work().await;
    let (mut found, mut absent) = (0, 0);
    for (id, at, status, body, revision) in said {
        let request = json!({"id": id, "as_of": at.to_string()});
        let then = server.call("works.get", request).await;
        assert_eq!(then.status, status, "{id} at {at}: {}", then.body);
        if status == 200 {
            assert_eq!(then.body, body, "{id} at {at}");
            assert_eq!(then.headers.get("x-worksmith-revision"), revision.as_ref());
            found += 1;
        } else {
            absent += 1;
        }
    }
    assert!(found > 100 && absent > 3, "{found} found, {absent} absent");
}

#[tokio::test]
async fn a_work_at_a_revision_is_what_its_change_answered() {
    let server = started().await;
    let mut answers = BTreeMap::new();
    answers.insert(1, work(&server, "issue", json!({"body": "one"})).await);
    for revision in 2..6 {
        let request = json!({"id": "ISS-1", "title": format!("at {revision}")});
        let changed = server.call("works.update", request).await.ok();
        answers.insert(revision, changed["work"].clone());
    }
    for (revision, answer) in &answers {
        let request = json!({"id": "ISS-1", "as_of": revision});
        let then = server.call("works.get", request).await;
        assert_eq!(then.headers["x-worksmith-revision"], revision.to_string().as_str());
        assert_eq!(then.ok()["work"], *answer);
        let got = server.get("works.get", &format!("id=ISS-1&as_of={revision}")).await.ok();
        assert_eq!(got["work"], *answer);
    }
    let at = answers[&3]["modified_date"].as_str().expect("a time");
    let got = server.get("works.get", &format!("id=ISS-1&as_of={at}")).await.ok();
    assert_eq!(got["work"], answers[&3]);
    // A time to come is the present.
    let later = json!({"id": "ISS-1", "as_of": "2999-01-01T00:00:00Z"});
    assert_eq!(server.call("works.get", later).await.ok()["work"], answers[&5]);
}

#[tokio::test]
async fn what_is_deleted_is_shown_as_of_when_it_was_there() {
    let server = started().await;
    let before = server.clock.now();
    let made = work(&server, "issue", json!({})).await;
    let there = server.clock.now();
    server.call("works.delete", json!({"id": "ISS-1"})).await.ok();
    let gone = server.clock.now();
    for (as_of, wanted) in [
        (json!(before.to_string()), None),
        (json!(there.to_string()), Some(&made)),
        (json!(gone.to_string()), None),
        (json!(1), Some(&made)),
        (json!(2), None),
    ] {
        let request = json!({"id": "ISS-1", "as_of": as_of});
        let answer = server.call("works.get", request).await;
        match wanted {
            Some(work) => assert_eq!(answer.ok()["work"], *work, "{as_of}"),
            None => drop(answer.error(404, "not_found")),
        }
    }
    let nowhere = json!({"id": "ISS-77", "as_of": 1});
    server.call("works.get", nowhere).await.error(404, "not_found");
}

#[tokio::test]
async fn other_moments_are_refused() {
    let server = started().await;
    work(&server, "issue", json!({})).await;
    for (as_of, kind) in [
        (json!("yesterday"), "invalid_field"),
        (json!(0), "value_not_permitted"),
        (json!(-1), "value_not_permitted"),
        (json!(1.5), "value_not_permitted"),
        (json!(true), "unexpected_json_type"),
        (json!({}), "unexpected_json_type"),
    ] {
        let request = json!({"id": "ISS-1", "as_of": as_of});
        let refused = server.call("works.get", request).await.error(400, kind);
        assert_eq!(refused["field_name"], "as_of", "{as_of}");
    }
}

/// What the server does to a work by itself leaves its dates as they are.
#[tokio::test]
async fn a_change_that_follows_from_another_keeps_the_dates_of_the_work() {
    let server = started().await;
    server.call("tags.create", json!({"name": "a"})).await.ok();
    let made = work(&server, "issue", json!({"tags": [{"id": "TAG-1"}]})).await;
    let begin = end(&server).await;
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    let between = server.clock.now();
    let said = server.call("works.get", json!({"id": "ISS-1"})).await.ok();
    server.work().await;
    let events = super::read(&server, Some(&begin)).await;
    let all: Vec<_> = events.iter().map(told).collect();
    assert_eq!(all, [("deleted", "TAG-1", 1), ("updated", "ISS-1", 2)]);
    // Until the work is rewritten, it is told of as it is stored.
    assert_eq!(events[1]["old"], json!({"tags": made["tags"]}));
    assert_eq!(events[1]["new"], json!({}));
    let then = json!({"id": "ISS-1", "as_of": between.to_string()});
    let then: Value = server.call("works.get", then).await.ok();
    assert_eq!(then, said);
    assert_eq!(then["work"]["modified_date"], made["modified_date"]);
    assert!(then["work"].get("tags").is_none());
}
