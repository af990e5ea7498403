//! Works led back to earlier revisions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use worksmith_tests::client::Chance;
use worksmith_tests::{ADMIN, Server};

use super::{member, read, started, told, work};

async fn revert(server: &Server, token: &str, id: &str, revision: u64) -> (u16, Value) {
    let request = json!({"id": id, "revision": revision});
    let answer = server.call_as(token, "works.revert", request).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn a_work_is_led_back_as_a_change_of_its_own() {
    let server = started().await;
    server.call("tags.create", json!({"name": "a", "allowed_values": ["x"]})).await.ok();
    let tags = json!([{"id": "TAG-1", "value": "x"}]);
    let members = json!({"body": "one", "tags": tags, "priority": "p1"});
    let first = work(&server, "issue", members).await;
    let update = async |members: Value| {
        let mut request = members;
        request["id"] = "ISS-1".into();
        server.call("works.update", request).await.ok()["work"].clone()
    };
    update(json!({
        "title": "Other", "body": "two", "tags": {"set": []}, "priority": "p3",
        "target_close_date": "2026-03-01T00:00:00Z", "stage": {"name": "triage"},
    }))
    .await;
    update(json!({"stage": {"name": "triage"}, "title": "Third"})).await;
    let back = server.call("works.revert", json!({"id": "ISS-1", "revision": 1})).await;
    assert_eq!(back.headers["x-worksmith-revision"], "4");
    let back = back.ok()["work"].clone();
    let without_dates = |mut work: Value| {
        work.as_object_mut().expect("an object").remove("modified_date");
        work
    };
    assert_eq!(without_dates(back.clone()), without_dates(first.clone()));
    let events = read(&server, None).await;
    assert_eq!(told(events.last().expect("events")), ("updated", "ISS-1", 4));
    // And forth again; the present revision changes nothing.
    server.call("works.revert", json!({"id": "ISS-1", "revision": 3})).await.ok();
    let same = server.call("works.revert", json!({"id": "ISS-1", "revision": 5})).await;
    assert_eq!(same.headers["x-worksmith-revision"], "5");
    assert_eq!(same.ok()["work"]["title"], "Third");
}

#[tokio::test]
async fn what_others_have_changed_since_is_not_overwritten() {
    let server = started().await;
    let ben = member(&server, "ben").await;
    work(&server, "issue", json!({"title": "0", "body": "0"})).await;
    let update = async |token: &str, members: Value| {
        let mut request = members;
        request["id"] = "ISS-1".into();
        server.call_as(token, "works.update", request).await.ok();
    };
    update(ADMIN, json!({"title": "1"})).await;
    update(&ben, json!({"body": "2", "priority": "p0"})).await;
    update(ADMIN, json!({"title": "3"})).await;
    let (status, refused) = revert(&server, ADMIN, "ISS-1", 1).await;
    assert_eq!((status, &refused["type"]), (409, &json!("conflict")), "{refused}");
    assert_eq!(refused["fields"], json!(["body", "priority"]));
    // The other one has changed neither.
    let (status, refused) = revert(&server, &ben, "ISS-1", 1).await;
    assert_eq!((status, &refused["fields"]), (409, &json!(["title"])));
    // Nothing of it is done, and what nobody else has touched can be led back.
    let now = server.call("works.get", json!({"id": "ISS-1"})).await.ok();
    assert_eq!((&now["work"]["title"], &now["work"]["body"]), (&json!("3"), &json!("2")));
    let (status, back) = revert(&server, ADMIN, "ISS-1", 3).await;
    assert_eq!((status, &back["work"]["title"]), (200, &json!("1")), "{back}");
    // What was changed and changed back is overwritten by nobody.
    update(&ben, json!({"title": "x"})).await;
    update(&ben, json!({"title": "1"})).await;
    assert_eq!(revert(&server, ADMIN, "ISS-1", 3).await.0, 200);
}

#[tokio::test]
async fn the_rules_of_an_update_hold() {
    let server = started().await;
    member(&server, "ben").await;
    server.call("tags.create", json!({"name": "a", "allowed_values": ["x"]})).await.ok();
    let tags = json!([{"id": "TAG-1", "value": "x"}]);
    work(&server, "issue", json!({"owned_by": ["DEVU-2"], "tags": tags})).await;
    let update = json!({"id": "ISS-1", "owned_by": ["DEVU-1"], "tags": {"set": []}});
    server.call("works.update", update).await.ok();
    // Its owner can't act any more.
    server.call("dev-users.deactivate", json!({"id": "DEVU-2"})).await.ok();
    let (status, refused) = revert(&server, ADMIN, "ISS-1", 1).await;
    assert_eq!((status, &refused["field_name"]), (400, &json!("owned_by")), "{refused}");
    server.call("dev-users.activate", json!({"id": "DEVU-2"})).await.ok();
    server.call("tags.update", json!({"id": "TAG-1", "allowed_values": {"set": ["y"]}})).await.ok();
    let (status, refused) = revert(&server, ADMIN, "ISS-1", 1).await;
    assert_eq!((status, &refused["field_name"]), (400, &json!("value")), "{refused}");
    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    let (status, refused) = revert(&server, ADMIN, "ISS-1", 1).await;
    assert_eq!((status, &refused["field_name"]), (400, &json!("tags")), "{refused}");
    // No stage leads back from where the work went.
    work(&server, "issue", json!({})).await;
    let stage = async |name: &str| {
        let found = server.call("stages.custom.list", json!({"name": [name]})).await.ok();
        found["result"][0]["id"].clone()
    };
    let (triage, completed) = (stage("triage").await, stage("completed").await);
    let one_way = json!([
        {"stage_id": triage, "is_start": true, "transitions": [{"target_stage_id": completed}]},
        {"stage_id": completed, "transitions": []},
    ]);
    let diagram = server.call("stage-diagrams.get", json!({"leaf_type": "issue"})).await.ok();
    let one_way = json!({"id": diagram["stage_diagram"]["id"], "stages": one_way});
    server.call("stage-diagrams.update", one_way).await.ok();
    let closed = json!({"id": "ISS-2", "stage": {"name": "completed"}});
    server.call("works.update", closed).await.ok();
    let (status, refused) = revert(&server, ADMIN, "ISS-2", 1).await;
    assert_eq!((status, refused["type"].as_str()), (400, Some("bad_request")), "{refused}");
    let now = server.call("works.get", json!({"id": "ISS-2"})).await.ok();
    assert_eq!(now["work"]["stage"]["name"], "completed");
    for (request, status, kind) in [
        (json!({"id": "ISS-1", "revision": 0}), 400, "value_not_permitted"),
        (json!({"id": "ISS-1", "revision": 99}), 400, "value_not_permitted"),
        (json!({"id": "ISS-1"}), 400, "missing_required_field"),
        (json!({"id": "ISS-1", "revision": "one"}), 400, "unexpected_json_type"),
        (json!({"id": "ISS-77", "revision": 1}), 404, "not_found"),
        (json!({"id": "TAG-1", "revision": 1}), 400, "unexpected_id_type"),
    ] {
        server.call("works.revert", request).await.error(status, kind);
    }
}

#[tokio::test]
async fn custom_fields_and_subtypes_are_led_back() {
    let server = started().await;
    for fragment in [
        json!({"type": "tenant_fragment", "leaf_type": "issue", "description": "",
            "fields": [{"name": "cost", "field_type": "int"}, {"name": "part", "field_type": "id",
                "id_type": ["product"]}]}),
        json!({"type": "custom_type_fragment", "leaf_type": "issue", "subtype": "bug",
            "description": "", "fields": [{"name": "found", "field_type": "tokens"}]}),
    ] {
        server.call("schemas.custom.set", fragment).await.ok();
    }
    let spec = json!({"tenant_fragment": true, "subtype": "bug"});
    let fields = json!({"tnt__cost": 3, "tnt__part": "PROD-1", "ctype__found": "late"});
    let members = json!({"custom_schema_spec": spec, "custom_fields": fields});
    let first = work(&server, "issue", members).await;
    let request = json!({"id": "ISS-1", "custom_schema_spec": {"drop": {"subtype": true}},
        "custom_fields": {"tnt__cost": 4, "tnt__part": null}});
    let second = server.call("works.update", request).await.ok()["work"].clone();
    assert!(second.get("subtype").is_none(), "{second}");
    for (revision, wanted) in [(1, &first), (2, &second)] {
        let (status, back) = revert(&server, ADMIN, "ISS-1", revision).await;
        assert_eq!(status, 200, "{back}");
        for member in ["custom_fields", "subtype"] {
            assert_eq!(back["work"].get(member), wanted.get(member), "{revision} {member}");
        }
    }
}

/// The members that the model changes.
const MEMBERS: [&str; 3] = ["title", "body", "priority"];

type State = BTreeMap<&'static str, String>;

#[tokio::test]
async fn random_reverts_do_what_a_model_does() {
    let server = started().await;
    let tokens = [ADMIN.to_owned(), member(&server, "ben").await, member(&server, "cid").await];
    let mut chance = Chance(11);
    let (mut reverted, mut refused, mut round) = (0, 0, 0);
    // More can be asked for.
    let wanted = std::env::var("WORKSMITH_HISTORY_REVERTS");
    let wanted = wanted.map_or(60, |text| text.parse().expect("a number"));
    while reverted < wanted || refused < wanted {
        round += 1;
        let id = format!("ISS-{round}");
        let made = work(&server, "issue", json!({"title": "0", "body": "0"})).await;
        let state = |work: &Value| -> State {
            MEMBERS.iter().map(|name| (*name, work[name].as_str().unwrap_or("").into())).collect()
        };
        // The states by revision, from 1, and who made them.
        let mut states = vec![(0_usize, state(&made))];
        for step in 0..16 {
            let actor = usize::try_from(chance.below(3)).unwrap();
            if chance.below(2) == 0 {
                let mut request = json!({"id": id});
                let member = MEMBERS[usize::try_from(chance.below(3)).unwrap()];
                request[member] = match member {
                    "priority" => format!("p{}", chance.below(4)).into(),
                    _ => format!("{}", chance.below(3) + step % 2).into(),
                };
                let answer = server.call_as(&tokens[actor], "works.update", request).await.ok();
                let now = state(&answer["work"]);
                if now != states.last().expect("a state").1 {
                    states.push((actor, now));
                }
                continue;
            }
            let target = usize::try_from(chance.below(states.len() as u64)).unwrap();
            let (then, now) = (&states[target].1, &states.last().expect("a state").1);
            let mut conflicts = BTreeSet::new();
            for (at, (by, after)) in states.iter().enumerate().skip(target + 1) {
                let before = &states[at - 1].1;
                let changed = MEMBERS.iter().filter(|name| before[*name] != after[*name]);
                let others = changed.filter(|name| *by != actor && then[*name] != now[*name]);
                conflicts.extend(others.copied());
            }
            let revision = target as u64 + 1;
            let (status, body) = revert(&server, &tokens[actor], &id, revision).await;
            if conflicts.is_empty() {
                assert_eq!((status, state(&body["work"])), (200, then.clone()), "{body}");
                if then != now {
                    let then = then.clone();
                    states.push((actor, then));
                }
                reverted += 1;
            } else {
                let wanted: Vec<_> = conflicts.into_iter().collect();
                assert_eq!((status, &body["fields"]), (409, &json!(wanted)), "{body}");
                refused += 1;
            }
            let got = server.call("works.get", json!({"id": id})).await;
            let revision = got.headers["x-worksmith-revision"].to_str().unwrap().to_owned();
            assert_eq!(revision, states.len().to_string());
            assert_eq!(state(&got.body["work"]), states.last().expect("a state").1);
        }
    }
    println!("{reverted} reverted, {refused} refused");
}
