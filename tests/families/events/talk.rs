//! Comments, reactions and links in the feed: each is told to whoever sees it, and a copy stays
//! right whatever becomes of who sees what.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use worksmith_tests::client::Chance;
use worksmith_tests::copy::Copy;
use worksmith_tests::{ADMIN, Server};

use super::streams::Stream;
use super::visibility::World;
use super::{end, read, read_as, started, work};

/// What an event is about, in short.
fn words(event: &Value) -> String {
    format!("{} {}", event["type"].as_str().unwrap(), event["object_type"].as_str().unwrap())
}

async fn comment(server: &Server, token: &str, object: &str, members: Value) -> Value {
    let mut request = json!({"type": "timeline_comment", "object": object});
    request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let made = server.call_as(token, "timeline-entries.create", request).await.ok();
    made["timeline_entry"].clone()
}

async fn link(server: &Server, source: &str, target: &str) -> Value {
    let link = json!({"link_type": "is_related_to", "source": source, "target": target});
    server.call("links.create", link).await.ok()["link"].clone()
}

#[tokio::test]
async fn comments_are_told_as_they_are_shown() {
    let server = started().await;
    work(&server, "issue", json!({})).await;
    let begin = end(&server).await;
    let made =
        comment(&server, ADMIN, "ISS-1", json!({"body": "See ISS-1", "labels": ["a"]})).await;
    let id = &made["id"];
    let update = json!({"id": id, "body": "Look"});
    let changed = server.call("timeline-entries.update", update).await.ok();
    let react = json!({"object": id, "emoji": "joy", "action": "add"});
    server.call("reactions.update", react).await.ok();
    let reacted = server.call("timeline-entries.get", json!({"id": id})).await.ok();
    server.call("timeline-entries.delete", json!({"id": id})).await.ok();
    let left = server.call("timeline-entries.list", json!({"object": "ISS-1"})).await.ok();
    let events = read(&server, Some(&begin)).await;
    let told: Vec<_> = events.iter().map(words).collect();
    let updated = "updated timeline_comment";
    assert_eq!(told, ["created timeline_comment", updated, updated, updated]);
    assert_eq!(events[0]["new"], made);
    assert_eq!(events[0]["object"], json!({"id": id}));
    let both =
        |event: usize, member: &str| (&events[event]["old"][member], &events[event]["new"][member]);
    assert_eq!(both(1, "body"), (&json!("See ISS-1"), &json!("Look")));
    assert_eq!(events[1]["old"]["references"], made["references"]);
    assert_eq!(both(1, "modified_date").1, &changed["timeline_entry"]["modified_date"]);
    let reaction = json!([{"emoji": "1f602", "reacted": true, "total_users": 1}]);
    assert_eq!(both(2, "reactions"), (&Value::Null, &reaction));
    assert_eq!(events[2]["old"], json!({}));
    // A deleted comment keeps its place in lists, and so it does in a copy.
    assert_eq!(both(3, "body"), (&json!("Look"), &Value::Null));
    let mut copy = Copy::default();
    for (number, event) in events.iter().enumerate() {
        copy.apply(event);
        if number == 2 {
            assert_eq!(
                copy.object(id.as_str().unwrap()).as_ref(),
                Some(&reacted["timeline_entry"])
            );
        }
    }
    assert_eq!(copy.object(id.as_str().unwrap()).as_ref(), Some(&left["timeline_entries"][0]));
}

#[tokio::test]
async fn whoever_has_reacted_is_told_so() {
    let world = World::start().await;
    world.ticket(2).await;
    let made = comment(&world.server, ADMIN, "TKT-1", json!({"body": "Hi"})).await;
    let since = world.now().await;
    let mut streams = Vec::new();
    for name in ["admin", "member", "eve"] {
        let mut stream = Stream::open(&world.server, world.token(name), "", &[]).await;
        stream.frame().await.expect("a beginning");
        streams.push(stream);
    }
    let react = json!({"object": made["id"], "emoji": "joy", "action": "add"});
    world.server.call_as(world.token("eve"), "reactions.update", react.clone()).await.ok();
    world.server.call_as(world.token("member"), "reactions.update", react).await.ok();
    for (at, name) in ["admin", "member", "eve"].into_iter().enumerate() {
        let cursor = Some(since[at].clone());
        let (events, _) = read_as(&world.server, world.token(name), json!({}), cursor).await;
        let reacted: Vec<_> =
            events.iter().map(|event| event["new"]["reactions"][0].clone()).collect();
        let is = |reacted: bool, total: u64| {
            let emoji = "1f602";
            json!({"emoji": emoji, "reacted": reacted, "total_users": total})
        };
        let expected = match name {
            "admin" => [is(false, 1), is(false, 2)],
            "member" => [is(false, 1), is(true, 2)],
            _ => [is(true, 1), is(true, 2)],
        };
        assert_eq!(reacted, expected, "{name}");
        assert_eq!(streams[at].events(2).await, events, "{name}");
    }
}

#[tokio::test]
async fn links_are_told_to_those_who_see_both_ends() {
    let world = World::start().await;
    world.ticket(2).await;
    world.ticket(2).await;
    work(&world.server, "issue", json!({})).await;
    let since = world.now().await;
    let made = link(&world.server, "TKT-1", "TKT-2").await;
    link(&world.server, "ISS-1", "TKT-1").await;
    let to_issue = json!({"id": made["id"], "link_type": "is_related_to", "source": "ISS-1",
        "target": "TKT-2"});
    let replaced = world.server.call("links.replace", to_issue).await.ok()["link"].clone();
    world.server.call("links.delete", json!({"id": made["id"]})).await.ok();
    let of = async |name: &str, at: usize| {
        let cursor = Some(since[at].clone());
        let links = json!({"object_types": ["link"]});
        read_as(&world.server, world.token(name), links, cursor).await.0
    };
    let all = of("admin", 0).await;
    let told: Vec<_> = all.iter().map(words).collect();
    assert_eq!(told, ["created link", "created link", "updated link", "deleted link"]);
    assert_eq!(all[0]["new"], made);
    assert_eq!(all[2]["old"]["source"], made["source"]);
    assert_eq!(all[2]["new"]["source"], replaced["source"]);
    assert_eq!(all[3]["old"], replaced);
    assert_eq!(of("member", 1).await, all);
    // By now the link is gone, and it was visible when it was made.
    for (name, at) in [("eve", 2), ("max", 3)] {
        let told: Vec<_> = of(name, at).await.iter().map(words).collect();
        assert_eq!(told, ["hidden link"], "{name}");
    }
    for (name, at) in [("zoe", 4), ("stranger", 5)] {
        assert_eq!(of(name, at).await, Vec::<Value>::new(), "{name}");
    }
}

#[tokio::test]
async fn what_goes_with_a_deleted_object_is_told_to_those_who_saw_it() {
    let world = World::start().await;
    world.ticket(2).await;
    world.ticket(2).await;
    link(&world.server, "TKT-1", "TKT-2").await;
    comment(&world.server, ADMIN, "TKT-1", json!({"body": "Hi"})).await;
    let since = world.now().await;
    world.server.call("works.delete", json!({"id": "TKT-1"})).await.ok();
    for (at, (name, token)) in world.callers.iter().enumerate() {
        let (events, _) = read_as(&world.server, token, json!({}), Some(since[at].clone())).await;
        let told: Vec<_> = events.iter().map(words).collect();
        // The timeline of the other ticket says to members that the link is gone.
        let all = ["deleted ticket", "deleted link", "created timeline_link_event"];
        let expected = match *name {
            "zoe" | "stranger" => &[],
            "eve" | "max" => &all[..2],
            _ => &all[..],
        };
        assert_eq!(told, expected, "{name}");
    }
}

#[tokio::test]
async fn what_becomes_visible_brings_what_is_seen_with_it() {
    let world = World::start().await;
    world.ticket(1).await;
    world.ticket(2).await;
    work(&world.server, "issue", json!({})).await;
    let begin = world.now().await;
    let mut live = Stream::open(&world.server, world.token("eve"), "", &[]).await;
    live.frame().await.expect("a beginning");
    let server = &world.server;
    let open = comment(server, ADMIN, "TKT-1", json!({"body": "a secret for now"})).await;
    let id = open["id"].as_str().unwrap();
    let update = json!({"id": id, "body": "open, like TKT-2, not like ISS-1"});
    server.call("timeline-entries.update", update).await.ok();
    comment(server, ADMIN, id, json!({"body": "a reply"})).await;
    comment(server, ADMIN, id, json!({"body": "no reply", "visibility": "internal"})).await;
    comment(server, ADMIN, "TKT-1", json!({"body": "ours", "visibility": "internal"})).await;
    comment(server, ADMIN, "TKT-1", json!({"body": "mine", "visibility": "private"})).await;
    link(server, "TKT-1", "TKT-2").await;
    link(server, "ISS-1", "TKT-1").await;
    world.update("TKT-1", json!({"visibility": 2})).await;
    server.call("timeline-entries.update", json!({"id": id, "body": "changed"})).await.ok();
    let token = world.token("eve");
    let (events, _) = read_as(server, token, json!({}), Some(begin[2].clone())).await;
    let told: Vec<_> = events.iter().map(words).collect();
    assert_eq!(told, ["shown ticket", "updated timeline_comment"], "{events:#?}");
    let also = events[0]["also_shown"].as_array().expect("objects");
    let texts: Vec<_> = also.iter().map(|also| also["new"]["body"].as_str()).collect();
    let seen = Some("open, like TKT-2, not like ISS-1");
    assert_eq!(texts.iter().flatten().count(), 2, "{texts:?}");
    assert!(texts.contains(&seen) && texts.contains(&Some("a reply")), "{texts:?}");
    let links: Vec<_> = also.iter().filter(|also| also["object_type"] == "link").collect();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0]["new"]["target"]["display_id"], "TKT-2");
    let first = also.iter().find(|also| also["object"]["id"] == id).expect("the comment");
    let mentions = first["new"]["references"].as_array().expect("references");
    assert_eq!(mentions.len(), 1, "{first}");
    assert_eq!(live.events(2).await, events);

    world.update("TKT-1", json!({"visibility": 1})).await;
    server.call("timeline-entries.update", json!({"id": id, "body": "hidden"})).await.ok();
    let hidden = live.event().await.expect("an event");
    assert_eq!(words(&hidden), "hidden ticket");
    world.ticket(2).await;
    // Nothing was told of the comment meanwhile.
    assert_eq!(words(&live.event().await.expect("an event")), "created ticket");
    // Who asks for comments alone is told of those alone, and who asks for one object of that.
    let comments = json!({"object_types": ["timeline_comment"]});
    let (events, _) = read_as(server, ADMIN, comments, Some(begin[0].clone())).await;
    assert!(events.iter().all(|event| event["object_type"] == "timeline_comment"));
    let (events, _) = read_as(server, ADMIN, json!({"object": id}), None).await;
    assert_eq!(events.len(), 4);
}

/// Comments, links and visibilities that change at random, and the copies of all callers.
struct Random {
    world: World,
    comments: Vec<String>,
    links: Vec<String>,
    /// Of each caller a copy that follows all the time, and a cursor.
    copies: Vec<(Copy, String)>,
}

const WORKS: [&str; 5] = ["TKT-1", "TKT-2", "TKT-3", "TKT-4", "ISS-1"];

impl Random {
    async fn start() -> Self {
        let world = World::start().await;
        for visibility in [1, 2, 3, 2] {
            world.ticket(visibility).await;
        }
        work(&world.server, "issue", json!({})).await;
        let mut copies = Vec::new();
        for (_, token) in &world.callers {
            let mut copy = Copy::default();
            let (events, cursor) = read_as(&world.server, token, json!({}), None).await;
            events.iter().for_each(|event| copy.apply(event));
            copies.push((copy, cursor));
        }
        Self { world, comments: Vec::new(), links: Vec::new(), copies }
    }

    async fn change(&mut self, chance: &mut Chance) {
        let one = |chance: &mut Chance, of: &[String]| {
            let at = usize::try_from(chance.below(of.len().max(1) as u64)).unwrap();
            of.get(at).cloned().unwrap_or_else(|| "ISS-1".to_owned())
        };
        let work = WORKS[usize::try_from(chance.below(5)).unwrap()];
        let comment = one(chance, &self.comments);
        let link = one(chance, &self.links);
        let caller = usize::try_from(chance.below(4)).unwrap();
        let (op, request) = match chance.below(16) {
            // Of TKT-4, which comments mention, everybody sees the same all the time.
            0..3 if work != "TKT-4" => {
                ("works.update", json!({"id": work, "visibility": chance.below(3) + 1}))
            }
            0..3 => ("works.update", json!({"id": work, "body": format!("{}", chance.next())})),
            3 => ("works.update", json!({"id": work, "title": format!("{}", chance.next())})),
            4..7 => {
                let visibility = ["external", "internal", "private", "public"];
                let visibility = visibility[usize::try_from(chance.below(4)).unwrap()];
                let mut request = json!({"type": "timeline_comment", "object": work,
                    "body": format!("TKT-4 and ISS-1, {}", chance.next())});
                if caller < 2 {
                    request["visibility"] = visibility.into();
                }
                if caller < 2 && visibility == "private" && chance.below(2) == 0 {
                    request["private_to"] = json!(["REVU-1", "DEVU-2"]);
                }
                ("timeline-entries.create", request)
            }
            7 | 8 => {
                let request = json!({"type": "timeline_comment", "object": comment, "body": "Yes"});
                ("timeline-entries.create", request)
            }
            9 => ("timeline-entries.update", json!({"id": comment, "body": "Changed"})),
            10 if chance.below(2) == 0 => ("timeline-entries.delete", json!({"id": comment})),
            10 | 11 => {
                let action = ["add", "remove"][usize::try_from(chance.below(2)).unwrap()];
                let request = json!({"object": comment, "emoji": "joy", "action": action});
                ("reactions.update", request)
            }
            12 | 13 => {
                let target = WORKS[usize::try_from(chance.below(5)).unwrap()];
                let kind = ["is_dependent_on", "is_parent_of"];
                let kind = kind[usize::try_from(chance.below(2)).unwrap()];
                ("links.create", json!({"link_type": kind, "source": work, "target": target}))
            }
            14 => ("links.delete", json!({"id": link})),
            _ => {
                let request = json!({"id": link, "link_type": "is_dependent_on", "source": work,
                    "target": "TKT-2"});
                ("links.replace", request)
            }
        };
        let token = self.world.callers[if op.starts_with("works") { 0 } else { caller }].1.clone();
        let answer = self.world.server.call_as(&token, op, request.clone()).await;
        let status = answer.status.as_u16();
        assert!(
            matches!(status, 200 | 201 | 400 | 403 | 404 | 409),
            "{op} {request}: {}",
            answer.body
        );
        if status == 201 && op != "links.replace" {
            let made = &answer.body;
            let entry = made["timeline_entry"]["id"].as_str().map(str::to_owned);
            self.comments.extend(entry);
            self.links.extend(made["link"]["id"].as_str().map(str::to_owned));
        }
    }

    /// Has all copies follow.
    async fn follow(&mut self) {
        for ((_, token), (copy, cursor)) in self.world.callers.iter().zip(&mut self.copies) {
            let (events, next) =
                read_as(&self.world.server, token, json!({}), Some(cursor.clone())).await;
            events.iter().for_each(|event| copy.apply(event));
            *cursor = next;
        }
    }

    /// Compares a copy with what the API shows the caller.
    async fn compare(&self, name: &str, token: &str, copy: &Copy) -> usize {
        let server = &self.world.server;
        let mut shown: BTreeSet<String> = BTreeSet::new();
        let mut compare = |object: &Value| {
            let id = object["id"].as_str().expect("an id").to_owned();
            assert_eq!(copy.object(&id).as_ref(), Some(object), "{name}: {id}");
            shown.insert(id);
        };
        let mut objects: Vec<String> = WORKS.iter().map(|&id| id.to_owned()).collect();
        objects.extend(self.comments.iter().cloned());
        for object in objects {
            let list = json!({"object": object, "collections": ["discussions"], "limit": 100});
            let answer = server.call_as(token, "timeline-entries.list", list).await;
            if answer.status == 200 {
                answer.body["timeline_entries"].as_array().unwrap().iter().for_each(&mut compare);
            }
            let list = json!({"object": object, "collections": ["events"], "limit": 100});
            let answer = server.call_as(token, "timeline-entries.list", list).await;
            if answer.status == 200 {
                let changes = answer.body["timeline_entries"].as_array().unwrap();
                // Other changes are events of the object itself.
                let is_of_link = |entry: &&Value| {
                    entry["id"].as_str().is_some_and(|id| id.contains(":timeline_link_event/"))
                };
                changes.iter().filter(is_of_link).for_each(&mut compare);
            }
            if object.starts_with("don") {
                continue;
            }
            let answer = server.call_as(token, "works.get", json!({"id": object})).await;
            if answer.status == 200 {
                compare(&answer.body["work"]);
            }
            let list = json!({"object": object, "limit": 100});
            let links = server.call_as(token, "links.list", list).await.ok();
            links["links"].as_array().unwrap().iter().for_each(&mut compare);
        }
        let kinds = [":comment/", ":link/", ":ticket/", ":issue/"];
        let own = copy.ids().filter(|id| kinds.iter().any(|kind| id.contains(kind)));
        for id in own {
            assert!(shown.contains(id), "{name} has {id}: {:?}", copy.object(id));
        }
        shown.len()
    }
}

#[tokio::test]
async fn the_copy_of_every_caller_is_what_the_api_shows_them() {
    let mut random = Random::start().await;
    let mut chance = Chance(3);
    for round in 0..12 {
        for _ in 0..25 {
            random.change(&mut chance).await;
        }
        random.follow().await;
        for (at, (name, token)) in random.world.callers.iter().enumerate() {
            let seen = random.compare(name, token, &random.copies[at].0).await;
            assert!(at > 1 || round < 3 || seen > 15, "{name} sees {seen} objects");
        }
    }
    // Whoever begins only now has the same.
    for (at, (name, token)) in random.world.callers.iter().enumerate() {
        let mut copy = Copy::default();
        let (events, _) = read_as(&random.world.server, token, json!({}), None).await;
        events.iter().for_each(|event| copy.apply(event));
        random.compare(name, token, &copy).await;
        let ids = |copy: &Copy| copy.ids().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&copy), ids(&random.copies[at].0), "{name}");
    }
}
