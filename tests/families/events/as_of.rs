//! Works as they were.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use worksmith_kernel::Clock as _;
use worksmith_tests::Server;
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

/// Requests of `works.list` with filters and orders of all kinds.
fn lists() -> Vec<Value> {
    let mut lists = vec![
        json!({}),
        json!({"sort_by": ["title:asc"]}),
        json!({"sort_by": ["modified_date:desc"], "limit": 3}),
        json!({"sort_by": ["target_close_date:asc", "title:desc"], "limit": 4}),
        json!({"owned_by": ["DEVU-2"], "limit": 2}),
        json!({"stage": {"name": ["completed", "resolved"]}}),
        json!({"type": ["ticket"], "tags": ["TAG-1", "TAG-2"]}),
        json!({"tags": ["TAG-3"], "sort_by": ["stage:desc"]}),
    ];
    for number in 1..6 {
        lists.push(json!({"tags": [format!("TAG-{number}")], "sort_by": ["display_id:asc"]}));
    }
    lists
}

/// All pages of a list, from its beginning or, backwards, from its end.
async fn pages(server: &Server, request: &Value, backwards: bool) -> Vec<Value> {
    let (mut all, mut request) = (Vec::new(), request.clone());
    if backwards {
        request["mode"] = "before".into();
    }
    let next = if backwards { "prev_cursor" } else { "next_cursor" };
    loop {
        let page = server.call("works.list", request.clone()).await.ok();
        let works = page["works"].as_array().expect("works").iter().cloned();
        let at = if backwards { 0 } else { all.len() };
        all.splice(at..at, works);
        match page[next].as_str() {
            Some(cursor) => request["cursor"] = cursor.into(),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_list_as_of_a_time_is_what_the_list_said_then() {
    let org = Org::start().await;
    let server = &org.server;
    let mut chance = Chance(8);
    let mut said = Vec::new();
    for change in 0..240 {
        org.change(&mut chance, &format!("{change}")).await;
        if chance.below(25) == 0 {
            server.work().await;
        }
        if chance.below(6) == 0 {
            let all = lists();
            let list = all[usize::try_from(chance.below(all.len() as u64)).unwrap()].clone();
            let works = pages(server, &list, false).await;
            said.push((list, server.clock.now(), works));
        }
    }
    let mut found = 0;
    for (mut list, at, works) in said {
        list["as_of"] = at.to_string().into();
        for backwards in [false, true] {
            assert_eq!(pages(server, &list, backwards).await, works, "{list} {backwards}");
        }
        found += works.len();
    }
    assert!(found > 100, "{found} works");
    // A time to come is the present, and a cursor belongs to its time.
    let later = json!({"as_of": "2999-01-01T00:00:00Z", "limit": 2});
    let page = server.call("works.list", later).await.ok();
    let now = server.call("works.list", json!({"limit": 2})).await.ok();
    assert_eq!(page["works"], now["works"]);
    let other = json!({"as_of": "2998-01-01T00:00:00Z", "limit": 2, "cursor": page["next_cursor"]});
    server.call("works.list", other).await.error(400, "invalid_field");
    let got = server.get("works.list", "as_of=2020-01-01T00:00:00Z").await.ok();
    assert_eq!(got["works"], json!([]));
    for (as_of, kind) in [(json!("then"), "invalid_field"), (json!(1), "unexpected_json_type")] {
        let refused = server.call("works.list", json!({"as_of": as_of})).await.error(400, kind);
        assert_eq!(refused["field_name"], "as_of");
    }
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
