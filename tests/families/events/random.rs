//! Random changes by several writers, while a reader is killed and resumed.

use std::sync::Arc;

use serde_json::{Value, json};
use worksmith_tests::client::Chance;
use worksmith_tests::copy::Copy;
use worksmith_tests::{ADMIN, Server};

use super::{member, product, work};

const WRITERS: u64 = 6;
const CHANGES: u64 = 60;
const WORKS: u64 = 12;

/// Works, parts and tags that are changed at random.
pub(super) struct Org {
    pub(super) server: Server,
    pub(super) tokens: Vec<String>,
}

impl Org {
    pub(super) async fn start() -> Self {
        let server = Server::start().await;
        let mut tokens = vec![ADMIN.to_owned()];
        for name in ["ben", "cid"] {
            tokens.push(member(&server, name).await);
        }
        product(&server).await;
        for number in 1..=5 {
            let tag = json!({"name": format!("t{number}"), "allowed_values": ["x", "y"]});
            server.call("tags.create", tag).await.ok();
        }
        for number in 0..WORKS {
            let kind = ["issue", "ticket", "task"][usize::try_from(number % 3).unwrap()];
            work(&server, kind, json!({})).await;
        }
        Self { server, tokens }
    }

    fn token(&self, chance: &mut Chance) -> &str {
        &self.tokens[usize::try_from(chance.below(3)).unwrap()]
    }

    /// The display id of a work that may be deleted.
    pub(super) fn some_work(chance: &mut Chance) -> String {
        let prefix = ["ISS", "TKT", "TASK"][usize::try_from(chance.below(3)).unwrap()];
        format!("{prefix}-{}", chance.below(WORKS / 3 + 1) + 1)
    }

    /// Makes a change, which may be refused: others delete what it names.
    pub(super) async fn change(&self, chance: &mut Chance, stamp: &str) {
        let id = Self::some_work(chance);
        let tag = format!("TAG-{}", chance.below(6) + 1);
        let user = format!("DEVU-{}", chance.below(3) + 1);
        let (op, request) = match chance.below(20) {
            0 => ("tags.update", json!({"id": tag, "name": format!("tag {stamp}")})),
            1 => ("tags.create", json!({"name": format!("new {stamp}")})),
            2 => ("parts.update", json!({"id": "PROD-1", "name": format!("part {stamp}")})),
            3 => ("dev-users.self.update", json!({"full_name": format!("user {stamp}")})),
            4 if chance.below(3) == 0 => ("tags.delete", json!({"id": tag})),
            5 if chance.below(3) == 0 => ("works.delete", json!({"id": id})),
            6 => (
                "works.create",
                json!({"type": "issue", "title": stamp, "applies_to_part": "PROD-1",
                    "owned_by": [user], "tags": [{"id": "TAG-1"}]}),
            ),
            7 | 8 => ("works.update", json!({"id": id, "owned_by": [user]})),
            9 | 10 => ("works.update", json!({"id": id, "tags": {"set": [{"id": tag}]}})),
            11 => {
                let value = ["x", "y"][usize::try_from(chance.below(2)).unwrap()];
                let tags = json!({"add": [{"id": tag, "value": value}]});
                ("works.update", json!({"id": id, "tags": tags}))
            }
            12 => ("works.update", json!({"id": id, "target_close_date": null})),
            13 => {
                let date = format!("2026-02-{:02}T00:00:00Z", chance.below(28) + 1);
                ("works.update", json!({"id": id, "target_close_date": date}))
            }
            14 | 15 => {
                let stage = ["in_development", "completed", "in_progress", "resolved"];
                let stage = stage[usize::try_from(chance.below(4)).unwrap()];
                let options = json!(["allow_invalid_transition"]);
                let stage = json!({"name": stage});
                let request =
                    json!({"id": id, "stage": stage, "stage_validation_options": options});
                ("works.update", request)
            }
            16 => ("works.update", json!({"id": id, "body": format!("a \"body\" of {stamp}\n")})),
            _ => ("works.update", json!({"id": id, "title": stamp})),
        };
        let answer = self.server.call_as(self.token(chance), op, request.clone()).await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 200 | 201 | 400 | 404 | 409), "{op} {request}: {}", answer.body);
    }
}

/// A reader whose state is what it has stored. It may be killed between receiving a page and
/// storing it, and begins again from what is stored.
#[derive(Default)]
struct Reader {
    stored: (Copy, Option<String>),
}

impl Reader {
    /// Reads a page, and returns whether there may be more.
    async fn page(&mut self, server: &Server, chance: &mut Chance) -> bool {
        let (mut copy, cursor) = self.stored.clone();
        let mut request = json!({"limit": chance.below(40) + 1});
        if let Some(cursor) = &cursor {
            request["cursor"] = cursor.as_str().into();
        }
        let page = server.call("events.list", request).await.ok();
        for event in page["events"].as_array().expect("events") {
            copy.apply(event);
        }
        if chance.below(3) > 0 {
            let next = page["next_cursor"].as_str().expect("a cursor").to_owned();
            self.stored = (copy, Some(next));
        }
        page["has_more"] == true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_alone_is_enough_to_keep_a_copy() {
    let org = Arc::new(Org::start().await);
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let org = Arc::clone(&org);
        writers.push(tokio::spawn(async move {
            let mut chance = Chance(writer + 1);
            for change in 0..CHANGES {
                org.change(&mut chance, &format!("{writer}.{change}")).await;
            }
        }));
    }
    let (mut reader, mut chance) = (Reader::default(), Chance(99));
    while writers.iter().any(|writer| !writer.is_finished()) {
        reader.page(&org.server, &mut chance).await;
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    // What deletions of tags have left to rewrite is rewritten.
    org.server.work().await;
    let mut still = 0;
    while still < 5 {
        let before = reader.stored.1.clone();
        reader.page(&org.server, &mut chance).await;
        still = if reader.stored.1 == before { still + 1 } else { 0 };
    }
    same(&org.server, &reader.stored.0).await;
}

/// Compares a copy with what the API answers.
async fn same(server: &Server, copy: &Copy) {
    let mut compared = 0;
    for (op, list, one, many) in [
        ("works.get", "works.list", "work", "works"),
        ("tags.get", "tags.list", "tag", "tags"),
        ("parts.get", "parts.list", "part", "parts"),
        ("dev-users.get", "dev-users.list", "dev_user", "dev_users"),
    ] {
        let all = server.call(list, json!({"limit": 100})).await.ok();
        assert!(all.get("next_cursor").is_none(), "{list} has more");
        for object in all[many].as_array().expect("objects") {
            let id = object["id"].as_str().expect("an id");
            let got = server.call(op, json!({"id": id})).await.ok();
            assert_eq!(copy.object(id).as_ref(), Some(&got[one]), "{id}");
            compared += 1;
        }
    }
    for id in copy.ids().filter(|id| id.contains(":issue/") || id.contains(":tag/")) {
        let op = if id.contains(":tag/") { "tags.get" } else { "works.get" };
        assert_eq!(server.call(op, json!({"id": id})).await.status, 200, "{id} is gone");
    }
    assert!(compared > 20, "only {compared} objects");
}

#[tokio::test]
async fn a_reader_that_begins_late_gets_the_same_copy() {
    let org = Org::start().await;
    let mut chance = Chance(7);
    for change in 0..150 {
        org.change(&mut chance, &format!("{change}")).await;
    }
    org.server.work().await;
    let mut copy = Copy::default();
    let events: Vec<Value> = super::read(&org.server, None).await;
    events.iter().for_each(|event| copy.apply(event));
    same(&org.server, &copy).await;
    // The same by the object.
    let ids: Vec<String> = copy.ids().filter(|id| id.contains(":issue/")).cloned().collect();
    for id in ids {
        let (own, _) = super::read_as(&org.server, ADMIN, json!({"object": id}), None).await;
        let expected = events.iter().filter(|event| event["object"]["id"] == id.as_str());
        assert_eq!(own.len(), expected.count(), "{id}");
    }
}
