//! The feed as the whole truth: works with their links and comments are rebuilt from it alone,
//! after random changes by many writers, by readers that are killed and resumed; and works as of
//! random moments are what `works.get` said then.
//!
//! `WORKSMITH_HISTORY_WORKS`, `WORKSMITH_HISTORY_CHANGES` and `WORKSMITH_HISTORY_MOMENTS` set how
//! many works, changes and moments there are. Reverts are checked against a model in
//! `families/events/revert.rs`, as many as `WORKSMITH_HISTORY_REVERTS` says.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_kernel::{Clock as _, SystemClock};
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::copy::Copy;
use worksmith_tests::listener::Listener;
use worksmith_tests::process::Running;

use crate::cascades::wait_for_the_end;
use crate::data::setting;
use crate::load::Over;

const WRITERS: u64 = 16;
/// What the ids of links in timelines contain.
const LINK_EVENT: &str = ":timeline_link_event/";
/// How many tags there are at the beginning.
const TAGS: u64 = 8;

/// What the writers share.
struct Org {
    address: SocketAddr,
    works: u64,
    changes: AtomicU64,
    /// Comments and links that somebody has made.
    comments: Mutex<Vec<String>>,
    links: Mutex<Vec<String>>,
    /// Held by everybody who makes a change; whoever wants to know a moment takes it alone.
    quiet: RwLock<()>,
    is_over: AtomicBool,
}

/// What `works.get` said of a work at a moment.
struct Said {
    id: String,
    at: String,
    status: u16,
    body: Value,
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn ok(client: &mut Client, op: &str, request: &Value) -> Value {
    let answer = client.call(op, request).expect("an answer");
    assert!(answer.status < 300, "{op} {request}: {}", answer.body);
    parsed(&answer.body)
}

fn one(chance: &mut Chance, of: &Mutex<Vec<String>>) -> String {
    let of = of.lock().unwrap();
    let at = usize::try_from(chance.below(of.len().max(1) as u64)).unwrap();
    of.get(at).cloned().unwrap_or_else(|| "ISS-1".to_owned())
}

fn word<'a>(chance: &mut Chance, of: &[&'a str]) -> &'a str {
    of[usize::try_from(chance.below(of.len() as u64)).unwrap()]
}

impl Org {
    fn start(address: SocketAddr) -> Self {
        let mut client = Client::connect(address).unwrap();
        let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        ok(&mut client, "parts.create", &product);
        for number in 1..=TAGS {
            ok(&mut client, "tags.create", &json!({"name": format!("t{number}")}));
        }
        let works = setting("WORKSMITH_HISTORY_WORKS", 60);
        for number in 0..works {
            let kind = ["issue", "task"][usize::try_from(number % 2).unwrap()];
            let request = json!({"type": kind, "title": "0", "applies_to_part": "PROD-1",
                "owned_by": ["DEVU-1"]});
            ok(&mut client, "works.create", &request);
        }
        Self {
            address,
            works,
            changes: AtomicU64::new(0),
            comments: Mutex::default(),
            links: Mutex::default(),
            quiet: RwLock::new(()),
            is_over: AtomicBool::new(false),
        }
    }

    fn work(&self, chance: &mut Chance) -> String {
        format!("{}-{}", word(chance, &["ISS", "TASK"]), chance.below(self.works / 2) + 1)
    }

    fn write(&self, changes: u64, seed: u64) {
        let mut client = Client::connect(self.address).unwrap();
        let mut chance = Chance(seed);
        for change in 0..changes {
            let _noise = self.quiet.read().unwrap();
            self.change(&mut client, &mut chance, &format!("{seed}.{change}"));
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Makes a change, which may be refused: others delete what it names.
    fn change(&self, client: &mut Client, chance: &mut Chance, stamp: &str) {
        let (id, other) = (self.work(chance), self.work(chance));
        let (comment, link) = (one(chance, &self.comments), one(chance, &self.links));
        let tag = format!("TAG-{}", chance.below(TAGS) + 1);
        let (op, request) = match chance.below(40) {
            0 => ("tags.update", json!({"id": tag, "name": format!("tag {stamp}")})),
            1 => ("parts.update", json!({"id": "PROD-1", "name": format!("part {stamp}")})),
            2 if chance.below(20) == 0 => ("tags.delete", json!({"id": tag})),
            3 if chance.below(4) == 0 => ("works.delete", json!({"id": id})),
            4 => (
                "works.create",
                json!({"type": "issue", "title": stamp, "applies_to_part": "PROD-1",
                    "owned_by": ["DEVU-1"], "tags": [{"id": tag}]}),
            ),
            5..8 => ("works.update", json!({"id": id, "tags": {"set": [{"id": tag}]}})),
            8 | 9 => {
                let stage = word(chance, &["in_development", "completed", "in_progress"]);
                let options = json!(["allow_invalid_transition"]);
                let stage = json!({"name": stage});
                (
                    "works.update",
                    json!({"id": id, "stage": stage, "stage_validation_options": options}),
                )
            }
            10 | 11 => ("works.update", json!({"id": id, "body": format!("\"{stamp}\"\n")})),
            12 => {
                ("works.update", json!({"id": id, "priority": word(chance, &["p0", "p1", "p2"])}))
            }
            13..18 => {
                let kind = word(chance, &["is_related_to", "is_dependent_on", "is_parent_of"]);
                ("links.create", json!({"link_type": kind, "source": id, "target": other}))
            }
            18 | 19 => ("links.delete", json!({"id": link})),
            20 | 21 => {
                let kind = word(chance, &["is_related_to", "is_dependent_on"]);
                let request = json!({"id": link, "link_type": kind, "source": id, "target": other});
                ("links.replace", request)
            }
            22..27 => (
                "timeline-entries.create",
                json!({"type": "timeline_comment", "object": id, "body": stamp,
                    "visibility": word(chance, &["internal", "external", "private"])}),
            ),
            27 => (
                "timeline-entries.create",
                json!({"type": "timeline_comment", "object": comment, "body": stamp}),
            ),
            28 | 29 => ("timeline-entries.update", json!({"id": comment, "body": stamp})),
            30 => ("timeline-entries.delete", json!({"id": comment})),
            31 | 32 => {
                let action = word(chance, &["add", "remove"]);
                let emoji = word(chance, &["joy", "heart"]);
                ("reactions.update", json!({"object": comment, "emoji": emoji, "action": action}))
            }
            _ => ("works.update", json!({"id": id, "title": stamp})),
        };
        let answer = client.call(op, &request).expect("an answer");
        let is_expected = matches!(answer.status, 200 | 201 | 400 | 404 | 409);
        assert!(is_expected, "{op} {request}: {}", answer.body);
        if answer.status == 201 {
            let made = parsed(&answer.body);
            for (list, made) in [
                (&self.comments, &made["timeline_entry"]["id"]),
                (&self.links, &made["link"]["id"]),
            ] {
                list.lock().unwrap().extend(made.as_str().map(str::to_owned));
            }
        }
    }

    /// Asks for works at moments at which nobody writes, as often as moments are wanted.
    fn ask(&self, moments: u64, changes: u64) -> Vec<Said> {
        let mut client = Client::connect(self.address).unwrap();
        let mut chance = Chance(77);
        let mut said = Vec::new();
        while (said.len() as u64) < moments {
            // They are spread over all the changes.
            let due = changes * said.len() as u64 / moments;
            if self.changes.load(Ordering::Relaxed) < due && !self.is_over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            let _quiet = self.quiet.write().unwrap();
            let id = self.work(&mut chance);
            let at = SystemClock.now().to_string();
            let answer = client.call("works.get", &json!({"id": id})).expect("an answer");
            let (status, body) = (answer.status, parsed(&answer.body));
            said.push(Said { id, at, status, body });
            // Whatever is changed later has a later time.
            std::thread::sleep(Duration::from_millis(2));
        }
        said
    }

    /// Follows the list, killed at random between receiving a page and storing it.
    fn follow_pages(&self) -> Copy {
        let (mut chance, mut stored) = (Chance(99), (Copy::default(), None::<String>));
        let mut client = Client::connect(self.address).unwrap();
        loop {
            let was_over = self.is_over.load(Ordering::Relaxed);
            let (mut copy, cursor) = stored.clone();
            let mut request = json!({"limit": chance.below(100) + 1});
            if let Some(cursor) = &cursor {
                request["cursor"] = cursor.as_str().into();
            }
            let page = ok(&mut client, "events.list", &request);
            if chance.below(8) == 0 {
                client = Client::connect(self.address).unwrap();
                continue;
            }
            page["events"].as_array().unwrap().iter().for_each(|event| copy.apply(event));
            let next = page["next_cursor"].as_str().expect("a cursor").to_owned();
            stored = (copy, Some(next));
            if was_over && page["has_more"] == false {
                return stored.0;
            }
        }
    }

    /// Follows the stream to a change with this name, killed at random.
    fn follow_stream(&self, end: &str) -> Copy {
        let (mut chance, mut copy) = (Chance(98), Copy::default());
        let mut client = Client::connect(self.address).unwrap();
        // The beginning is before the first change.
        let mut last = {
            let first = ok(&mut client, "events.list", &json!({"limit": 1}));
            copy.apply(&first["events"][0]);
            first["next_cursor"].as_str().expect("a cursor").to_owned()
        };
        loop {
            let mut listener = Listener::open(self.address, Some(&last)).expect("a stream");
            for _ in 0..=chance.below(400) {
                let frame = listener.frame().expect("a frame");
                if frame.data.is_empty() {
                    assert!(!self.is_over.load(Ordering::Relaxed), "there is no end");
                    continue;
                }
                let event = parsed(&frame.data);
                copy.apply(&event);
                last = frame.id;
                if event["new"]["name"] == end {
                    return copy;
                }
            }
        }
    }

    /// Compares a copy with what the API answers, and returns how many works, links and comments
    /// there were.
    fn compare(&self, copy: &Copy) -> [usize; 3] {
        let mut client = Client::connect(self.address).unwrap();
        let mut shown = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        let mut compare = |kind: usize, object: &Value| {
            let id = object["id"].as_str().expect("an id").to_owned();
            assert_eq!(copy.object(&id).as_ref(), Some(object), "{id}");
            shown[kind].insert(id);
        };
        let mut entries = BTreeSet::new();
        let works = pages(&mut client, "works.list", &json!({}), "works");
        for work in &works {
            compare(0, work);
            let of = json!({"object": work["id"]});
            for link in pages(&mut client, "links.list", &of, "links") {
                compare(1, &link);
            }
            let changes = json!({"object": work["id"], "collections": ["events"]});
            for entry in pages(&mut client, "timeline-entries.list", &changes, "timeline_entries") {
                // Other changes are events of the work itself. An end that is deleted by now is in
                // the copy as it was last.
                let id = entry["id"].as_str().expect("an id");
                if id.contains(LINK_EVENT) {
                    assert!(copy.object(id).is_some(), "{id}");
                    entries.insert(id.to_owned());
                }
            }
            for entry in pages(&mut client, "timeline-entries.list", &of, "timeline_entries") {
                compare(2, &entry);
                if entry.get("thread").is_some() {
                    let of = json!({"object": entry["id"]});
                    let replies =
                        pages(&mut client, "timeline-entries.list", &of, "timeline_entries");
                    replies.iter().for_each(|reply| compare(2, reply));
                }
            }
        }
        shown[2].append(&mut entries);
        for id in copy.ids() {
            let kinds: [&[&str]; 3] =
                [&[":issue/", ":task/"], &[":link/"], &[":comment/", LINK_EVENT]];
            // The id of an entry has that of its object.
            let is = |kind: &usize| kinds[*kind].iter().any(|part| id.contains(part));
            if let Some(kind) = [2, 1, 0].iter().find(|kind| is(kind)) {
                assert!(shown[*kind].contains(id), "{id} is there no more");
            }
        }
        shown.map(|ids| ids.len())
    }
}

/// All objects of a list.
fn pages(client: &mut Client, op: &str, request: &Value, many: &str) -> Vec<Value> {
    let (mut all, mut request) = (Vec::new(), request.clone());
    request["limit"] = 100.into();
    loop {
        let mut page = ok(client, op, &request);
        all.append(page[many].as_array_mut().expect("objects"));
        match page["next_cursor"].as_str() {
            Some(next) => request["cursor"] = next.into(),
            None => return all,
        }
    }
}

#[test]
fn the_feed_alone_rebuilds_works_with_their_links_and_comments() {
    const END: &str = "the end";
    let dir = TempDir::new().unwrap();
    let each = setting("WORKSMITH_HISTORY_CHANGES", 1_200).div_ceil(WRITERS);
    let server = Running::serve(dir.path(), &["--log-level", "warn"]);
    let org = Org::start(server.address());
    let moments = setting("WORKSMITH_HISTORY_MOMENTS", 30);
    let (paged, streamed, said) = std::thread::scope(|scope| {
        let org = &org;
        let _over = Over(&org.is_over);
        let paged = scope.spawn(|| org.follow_pages());
        let streamed = scope.spawn(|| org.follow_stream(END));
        let said = scope.spawn(|| org.ask(moments, each * WRITERS));
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || org.write(each, writer))).collect();
        writers.into_iter().for_each(|writer| writer.join().expect("a writer"));
        let said = said.join().expect("all moments");
        // What deletions of tags have left to rewrite is rewritten by the server soon.
        wait_for_the_end(dir.path());
        let mut client = Client::connect(org.address).unwrap();
        ok(&mut client, "tags.create", &json!({"name": END}));
        let streamed = streamed.join().expect("a stream");
        org.is_over.store(true, Ordering::Relaxed);
        (paged.join().expect("pages"), streamed, said)
    });
    for copy in [&paged, &streamed] {
        let [works, links, comments] = org.compare(copy);
        println!("{works} works with {links} links and {comments} entries");
        assert!(works > 10 && links > 10 && comments > 10);
    }
    let mut client = Client::connect(org.address).unwrap();
    for Said { id, at, status, body } in &said {
        let then = client.call("works.get", &json!({"id": id, "as_of": at})).expect("an answer");
        assert_eq!(then.status, *status, "{id} at {at}: {}", then.body);
        if *status == 200 {
            assert_eq!(parsed(&then.body), *body, "{id} at {at}");
        }
    }
    let found = said.iter().filter(|said| said.status == 200).count();
    println!("{found} of {} moments found a work", said.len());
    assert!(found > 5);
}
