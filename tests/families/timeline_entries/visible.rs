//! Who sees what: every caller with every entry, in every way in which one could learn of it.

use serde_json::{Value, json};
use worksmith_kernel::{Actor, Clock as _};
use worksmith_org::tokens::Token;
use worksmith_tests::{ADMIN, Server};
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_wire::Kind;

use super::{Talk, on};

/// Somebody with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Admin,
    /// A member who is the author of the entries.
    Author,
    /// A member to whom one private entry is private.
    Confidant,
    Member,
    /// A service account.
    Robot,
    /// The contact who reported the ticket.
    Reporter,
    /// A contact of the same workspace.
    Colleague,
    /// A contact to whom one private entry is private.
    Insider,
    /// A contact of another workspace.
    Foreigner,
    /// The admin of another org.
    Stranger,
}

use Caller::{
    Admin, Author, Colleague, Confidant, Foreigner, Insider, Member, Reporter, Robot, Stranger,
};

const CALLERS: [Caller; 10] =
    [Admin, Author, Confidant, Member, Robot, Reporter, Colleague, Insider, Foreigner, Stranger];

/// An entry: its body, its visibility, and whom it is private to.
const ENTRIES: [(&str, &str, Option<Caller>); 6] = [
    ("public", "public", None),
    ("external", "external", None),
    ("internal", "internal", None),
    ("own", "private", None),
    ("shared", "private", Some(Confidant)),
    ("with a customer", "private", Some(Insider)),
];

/// An object with entries, and who sees it.
const OBJECTS: [(&str, &[Caller]); 3] = [
    // The ticket of a customer.
    ("ticket", &[Admin, Author, Confidant, Member, Robot, Reporter, Colleague, Insider]),
    // An issue, which no customer has to do with.
    ("issue", &[Admin, Author, Confidant, Member, Robot]),
    // The workspace itself.
    ("workspace", &[Admin, Author, Confidant, Member, Robot, Reporter, Colleague, Insider]),
];

impl Caller {
    fn is_member(self) -> bool {
        matches!(self, Admin | Author | Confidant | Member | Robot)
    }

    /// The rule: who sees an entry, of those who see its object.
    fn sees(self, visibility: &str, private_to: Option<Self>) -> bool {
        match visibility {
            "public" | "external" => true,
            "internal" => self.is_member(),
            _ => self == Author || Some(self) == private_to,
        }
    }

    /// The same of one of the entries, and of the comment that it answers.
    fn sees_entry(self, entry: &Value, above: Option<&(String, Value)>) -> bool {
        let rule = |body: &Value| {
            let entry = ENTRIES.iter().find(|entry| entry.0 == *body).expect("an entry");
            self.sees(entry.1, entry.2)
        };
        rule(&entry["body"]) && above.is_none_or(|(_, body)| rule(body))
    }
}

/// The tokens and the ids of all callers.
struct People {
    talk: Talk,
    people: Vec<(Caller, String, String)>,
}

impl People {
    async fn new() -> Self {
        let talk = Talk::new().await;
        let mut people = vec![(Admin, "DEVU-1".to_owned(), ADMIN.to_owned())];
        for caller in [Author, Confidant, Member] {
            let (id, token) = talk.member(&format!("{caller:?}").to_lowercase()).await;
            people.push((caller, id, token));
        }
        talk.call("service-accounts.create", json!({"display_name": "Robot"})).await;
        let robot = json!({"act_as": "SVCACC-1",
            "requested_token_type": "urn:devrev:params:oauth:token-type:aat:act-as"});
        let robot = talk.call("auth-tokens.create", robot).await["access_token"].clone();
        people.push((Robot, "SVCACC-1".to_owned(), robot.as_str().expect("a token").to_owned()));
        for caller in [Reporter, Colleague, Insider, Foreigner] {
            let workspace = if caller == Foreigner { "us" } else { "eu" };
            let (id, token) = talk.customer(&format!("{caller:?}").to_lowercase(), workspace).await;
            people.push((caller, id, token));
        }
        let first = FirstUser {
            email: "eve@elsewhere.example".to_owned(),
            display_name: "Eve".to_owned(),
            org_name: "Elsewhere".to_owned(),
        };
        let Server { engine, environment, .. } = &talk.server;
        let made =
            bootstrap::create_org(engine, environment, "elsewhere", &first, Some("stranger"));
        made.await.expect("a second org");
        people.push((Stranger, "DEVU-1".to_owned(), "stranger".to_owned()));
        Self { talk, people }
    }

    fn token(&self, caller: Caller) -> &str {
        &self.of(caller).2
    }

    fn id(&self, caller: Caller) -> &str {
        &self.of(caller).1
    }

    fn of(&self, caller: Caller) -> &(Caller, String, String) {
        self.people.iter().find(|(each, ..)| *each == caller).expect("a caller")
    }

    /// A comment of the author on an object or on another comment.
    async fn entry(
        &self,
        object: &str,
        body: &str,
        visibility: &str,
        private_to: Option<Caller>,
    ) -> Value {
        let private_to: Vec<_> = private_to.map(|caller| self.id(caller)).into_iter().collect();
        let members = json!({"body": body, "visibility": visibility, "private_to": private_to});
        self.talk.comment_as(self.token(Author), object, members).await
    }

    async fn call(&self, caller: Caller, op: &str, body: Value) -> (u16, Value) {
        let answer = self.talk.server.call_as(self.token(caller), op, body).await;
        (answer.status.as_u16(), answer.body)
    }

    async fn object(&self, name: &str) -> String {
        match name {
            "ticket" => self.talk.ticket_of(self.token(Reporter)).await,
            "issue" => "ISS-1".to_owned(),
            _ => {
                let info = self.call(Reporter, "auth-tokens.info", json!({})).await.1;
                let user = self.talk.call("rev-users.get", json!({"id": info["user"]["id"]})).await;
                user["rev_user"]["rev_org"]["display_id"].as_str().expect("an id").to_owned()
            }
        }
    }
}

#[tokio::test]
async fn nobody_learns_of_an_entry_that_is_not_theirs_to_see() {
    let people = People::new().await;
    for (name, audience) in OBJECTS {
        let object = people.object(name).await;
        let begin = people.cursors().await;
        // Each entry has replies of every kind, so each thread shows a part of them.
        let mut made = Vec::new();
        for (body, visibility, private_to) in ENTRIES {
            let entry = people.entry(&object, body, visibility, private_to).await;
            let top = entry["id"].as_str().expect("an id").to_owned();
            for (body, visibility, private_to) in ENTRIES {
                let reply = people.entry(&top, body, visibility, private_to).await;
                made.push((reply, Some((top.clone(), entry["body"].clone()))));
            }
            made.push((entry, None));
        }
        for caller in CALLERS {
            let is_there = audience.contains(&caller);
            let seen: Vec<_> =
                ENTRIES.iter().filter(|entry| caller.sees(entry.1, entry.2)).collect();
            let at = format!("{caller:?} on {name}");

            let list = json!({"object": object, "collections": ["discussions"]});
            let (status, page) = people.call(caller, "timeline-entries.list", list).await;
            assert_eq!(status, if is_there { 200 } else { 404 }, "{at}");
            if is_there {
                let shown = page["timeline_entries"].as_array().expect("entries");
                let bodies: Vec<_> = shown.iter().filter_map(|one| one["body"].as_str()).collect();
                let expected: Vec<_> = seen.iter().map(|entry| entry.0).collect();
                assert_eq!(bodies, expected, "{at}");
                for entry in shown {
                    let total = &entry["thread"]["total_replies"];
                    assert_eq!(*total, seen.len(), "{at}: {entry}");
                }
            }
            for (entry, above) in &made {
                people.try_entry(caller, is_there, entry, above.as_ref(), &at).await;
            }
            let seen = made
                .iter()
                .filter(|(entry, above)| is_there && caller.sees_entry(entry, above.as_ref()));
            let seen: Vec<&Value> = seen.map(|(entry, _)| entry).collect();
            let from = &begin[CALLERS.iter().position(|each| *each == caller).unwrap()];
            people.try_feed(caller, from, &made, &seen, &at).await;
            if name != "workspace" {
                let then =
                    json!({"id": object, "as_of": people.talk.server.clock.now().to_string()});
                let (status, _) = people.call(caller, "works.get", then).await;
                assert_eq!(status, if is_there { 200 } else { 404 }, "{at}: as of now");
            }
        }
    }
}

/// An entry, and the comment that it answers: the id and the body.
type Made = (Value, Option<(String, Value)>);

impl People {
    /// The cursors of all callers at the present end of the feed.
    async fn cursors(&self) -> Vec<String> {
        let mut cursors = Vec::new();
        for caller in CALLERS {
            let (_, page) = self.call(caller, "events.list", json!({"from": "now"})).await;
            cursors.push(page["next_cursor"].as_str().expect("a cursor").to_owned());
        }
        cursors
    }

    /// Tries to learn of entries by the feed.
    async fn try_feed(&self, caller: Caller, from: &str, made: &[Made], seen: &[&Value], at: &str) {
        let (mut told, mut text, mut cursor) = (Vec::new(), String::new(), from.to_owned());
        loop {
            let request = json!({"cursor": cursor, "limit": 100});
            let (status, page) = self.call(caller, "events.list", request).await;
            assert_eq!(status, 200, "{at}: {page}");
            text += &page["events"].to_string();
            for event in page["events"].as_array().expect("events") {
                if event["object_type"] == "timeline_comment" && event["type"] == "created" {
                    told.push(event["new"]["id"].clone());
                }
            }
            page["next_cursor"].as_str().expect("a cursor").clone_into(&mut cursor);
            if page["has_more"] == false {
                break;
            }
        }
        let mut expected: Vec<&Value> = seen.iter().map(|entry| &entry["id"]).collect();
        let number = |id: &Value| {
            let id = id.as_str().expect("an id");
            id.rsplit('/').next().and_then(|last| last.parse::<u64>().ok()).expect("a number")
        };
        // In the order in which they were made.
        expected.sort_by_key(|id| number(id));
        assert_eq!(told.iter().collect::<Vec<_>>(), expected, "{at}: the feed");
        for (entry, _) in made {
            if !seen.contains(&entry) {
                assert!(!text.contains(&entry["id"].to_string()), "{at}: {}", entry["id"]);
            }
        }
    }

    /// Tries an entry in every way in which a caller could learn of it, or change it.
    async fn try_entry(
        &self,
        caller: Caller,
        is_there: bool,
        entry: &Value,
        above: Option<&(String, Value)>,
        at: &str,
    ) {
        let is_seen = is_there && caller.sees_entry(entry, above);
        let at = format!("{at}: {} of {above:?}", entry["body"]);
        let id = &entry["id"];
        let read = if is_seen { 200 } else { 404 };
        let may_write = caller == Author || caller == Admin;
        let write = match (is_seen, may_write) {
            (false, _) => 404,
            (true, false) => 403,
            (true, true) => 200,
        };
        let emoji = json!({"object": id, "emoji": "joy"});
        let react = |action: &str| {
            let mut request = emoji.clone();
            request["action"] = json!(action);
            request
        };
        for (op, request, expected) in [
            ("timeline-entries.get", json!({"id": id}), read),
            ("reactions.list", emoji.clone(), read),
            ("reactions.update", react("add"), read),
            ("reactions.update", react("remove"), read),
            ("timeline-entries.update", json!({"id": id}), write),
        ] {
            let (status, body) = self.call(caller, op, request).await;
            assert_eq!(status, expected, "{at}: {op}: {body}");
            // What is not to be seen is refused as what does not exist.
            if status == 404 {
                let told = body["message"].as_str().expect("a message");
                let message = if caller == Stranger {
                    "no such timeline comment in this org".to_owned()
                } else {
                    format!("there is no timeline comment {}", id.as_str().expect("an id"))
                };
                assert_eq!(told, message, "{at}: {op}");
            }
        }
        if !is_seen || !may_write {
            let (status, _) = self.call(caller, "timeline-entries.delete", json!({"id": id})).await;
            assert_eq!(status, write, "{at}: delete");
        }
        if above.is_none() {
            let list = json!({"object": id});
            let (status, page) = self.call(caller, "timeline-entries.list", list).await;
            assert_eq!(status, read, "{at}");
            if is_seen {
                let shown = page["timeline_entries"].as_array().expect("entries");
                let expected = ENTRIES.iter().filter(|entry| caller.sees(entry.1, entry.2));
                let expected: Vec<_> = expected.map(|entry| json!(entry.0)).collect();
                let bodies: Vec<_> = shown.iter().map(|one| one["body"].clone()).collect();
                assert_eq!(bodies, expected, "{at}");
            }
        }
    }
}

#[tokio::test]
async fn customers_write_for_all_who_see_the_object() {
    let people = People::new().await;
    let ticket = people.object("ticket").await;
    let write = async |caller: Caller, visibility: Option<&str>| {
        let mut request = on(&ticket, json!({"body": "Hello"}));
        if let Some(visibility) = visibility {
            request["visibility"] = json!(visibility);
        }
        people.call(caller, "timeline-entries.create", request).await
    };
    for (visibility, expected) in [
        (None, 201),
        (Some("external"), 201),
        (Some("public"), 201),
        (Some("internal"), 400),
        (Some("private"), 400),
    ] {
        let (status, body) = write(Colleague, visibility).await;
        assert_eq!(status, expected, "{visibility:?}: {body}");
        match visibility {
            _ if status == 400 => {
                assert_eq!(body["type"], "value_not_permitted");
                assert_eq!(body["field_name"], "visibility");
            }
            visibility => {
                let expected = visibility.unwrap_or("external");
                assert_eq!(body["timeline_entry"]["visibility"], expected);
            }
        }
        assert_eq!(write(Foreigner, visibility).await.0, 404);
    }
    let (_, body) = write(Colleague, None).await;
    let id = &body["timeline_entry"]["id"];
    let patch = json!({"id": id, "body": "Changed"});
    for (caller, expected) in [(Reporter, 403), (Member, 403), (Colleague, 200), (Admin, 200)] {
        let (status, body) = people.call(caller, "timeline-entries.update", patch.clone()).await;
        assert_eq!(status, expected, "{caller:?}: {body}");
    }
    let (status, _) = people.call(Reporter, "timeline-entries.delete", json!({"id": id})).await;
    assert_eq!(status, 403);
    let (status, _) = people.call(Colleague, "timeline-entries.delete", json!({"id": id})).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn customers_see_neither_changes_nor_mentions_of_what_is_not_theirs() {
    let people = People::new().await;
    let ticket = people.object("ticket").await;
    people.talk.call("works.update", json!({"id": ticket, "title": "Help!"})).await;
    let body = format!("{ticket} waits for ISS-1");
    let entry = people.entry(&ticket, &body, "external", None).await;
    let kinds = |entry: &Value| -> Vec<Value> {
        let references = entry["references"].as_array().cloned().unwrap_or_default();
        references.iter().map(|one| one["type"].clone()).collect()
    };
    assert_eq!(kinds(&entry), ["ticket", "issue"]);
    let list = json!({"object": ticket, "collections": ["discussions", "events"]});
    let (_, page) = people.call(Reporter, "timeline-entries.list", list.clone()).await;
    let shown = page["timeline_entries"].as_array().expect("entries");
    assert_eq!(shown.len(), 1, "{page}");
    assert_eq!(kinds(&shown[0]), ["ticket"]);
    let (_, page) = people.call(Member, "timeline-entries.list", list).await;
    let shown = page["timeline_entries"].as_array().expect("entries");
    assert_eq!(shown.len(), 3, "{page}");
    let change = json!({"id": shown[1]["id"]});
    assert_eq!(people.call(Member, "timeline-entries.get", change.clone()).await.0, 200);
    assert_eq!(people.call(Reporter, "timeline-entries.get", change).await.0, 404);

    // Somebody else's private entry has the reference, and nobody is told whose it is.
    let request = json!({"body": "x", "visibility": "private", "external_ref": "r"});
    people.talk.comment_as(people.token(Author), &ticket, request).await;
    let request = on(&ticket, json!({"body": "y", "external_ref": "r"}));
    let (status, body) = people.call(Member, "timeline-entries.create", request).await;
    let message = "external_ref \"r\" is taken in this timeline";
    assert_eq!((status, &body["message"]), (409, &json!(message)));
    let find = json!({"id": entry["id"], "external_ref": "r"});
    assert_eq!(people.call(Author, "timeline-entries.get", find.clone()).await.0, 200);
    assert_eq!(people.call(Member, "timeline-entries.get", find).await.0, 404);
}

#[tokio::test]
async fn a_token_needs_the_scope_of_timelines() {
    let people = People::new().await;
    let Server { engine, environment, .. } = &people.talk.server;
    let org = "h7fWBz";
    let cx = environment.context(org, Actor::system());
    let mut tx = engine.begin(&cx);
    let me = worksmith_wire::Id::numbered(Kind::DevUser, 1);
    let mut token = Token::personal(&cx, me, "narrow", "test");
    token.scopes = vec!["timeline_entry:read".to_owned()];
    tx.insert(Kind::Token, token).await.expect("a token");
    tx.finish().await.expect("a commit");
    let server = &people.talk.server;
    server.call_as("narrow", "timeline-entries.list", json!({"object": "ISS-1"})).await.ok();
    let request = on("ISS-1", json!({"body": "x"}));
    server.call_as("narrow", "timeline-entries.create", request).await.error(403, "forbidden");
}
