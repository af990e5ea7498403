//! Who may see what, by every way to learn of it: what `get` refuses is in no search, no webhook
//! and no notification, and what it shows is in all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use worksmith_tests::ADMIN;
use worksmith_tests::receivers::Receivers;
use worksmith_tracker::webhooks::Hooks;

use crate::timeline_entries::Talk;

/// Somebody who may see some things.
struct Reader {
    name: &'static str,
    token: String,
    /// Members have webhooks, customers have none.
    is_member: bool,
}

/// Something that is told by a word that nothing else has.
struct Thing {
    word: String,
    is_comment: bool,
    id: Value,
}

type Words = BTreeSet<String>;

struct Matrix {
    talk: Talk,
    hooks: Hooks,
    receivers: Arc<Receivers>,
    readers: Vec<Reader>,
    things: Vec<Thing>,
}

fn url(name: &str) -> String {
    format!("https://{name}.example/{name}")
}

impl Matrix {
    /// Readers of every sort, of whom the members have webhooks.
    async fn start() -> Self {
        let talk = Talk::new().await;
        let (hooks, receivers) = talk.server.hooks();
        let mut readers = vec![Reader { name: "ada", token: ADMIN.to_owned(), is_member: true }];
        for name in ["bob", "cyn"] {
            readers.push(Reader { name, token: talk.member(name).await.1, is_member: true });
        }
        for (name, workspace) in [("kim", "eu"), ("lou", "eu"), ("mia", "us")] {
            let token = talk.customer(name, workspace).await.1;
            readers.push(Reader { name, token, is_member: false });
        }
        for reader in readers.iter().filter(|reader| reader.is_member) {
            let types = [
                "work_created",
                "work_updated",
                "work_deleted",
                "timeline_entry_created",
                "timeline_entry_updated",
                "timeline_entry_deleted",
            ];
            let request = json!({"url": url(reader.name), "event_types": types});
            talk.server.call_as(&reader.token, "webhooks.create", request).await.ok();
        }
        hooks.work_off().await.expect("webhooks verified");
        receivers.take();
        Self { talk, hooks, receivers, readers, things: Vec::new() }
    }

    fn reader(&self, name: &str) -> &Reader {
        self.readers.iter().find(|reader| reader.name == name).expect("a reader")
    }

    /// The id of a reader.
    async fn user(&self, name: &str) -> Value {
        let info = json!({});
        let info = self.talk.server.call_as(&self.reader(name).token, "auth-tokens.info", info);
        info.await.ok()["user"]["id"].clone()
    }

    fn word(&self) -> String {
        format!("quokka{}x", self.things.len())
    }

    async fn work(&mut self, members: Value) -> String {
        let word = self.word();
        let mut request = members;
        request["title"] = json!(word);
        request["applies_to_part"] = json!("PROD-1");
        request["owned_by"] = json!(["DEVU-1"]);
        let work = self.talk.call("works.create", request).await["work"].clone();
        self.things.push(Thing { word, is_comment: false, id: work["id"].clone() });
        work["display_id"].as_str().expect("an id").to_owned()
    }

    async fn comment(&mut self, object: &str, members: Value) -> Value {
        let word = self.word();
        let mut members = members;
        members["body"] = json!(word);
        let id = self.talk.comment(object, members).await["id"].clone();
        self.things.push(Thing { word, is_comment: true, id: id.clone() });
        id
    }

    /// What a reader gets.
    async fn got(&self, reader: &Reader) -> Words {
        let mut words = Words::new();
        for thing in &self.things {
            let op = if thing.is_comment { "timeline-entries.get" } else { "works.get" };
            let got = self.talk.server.call_as(&reader.token, op, json!({"id": thing.id})).await;
            if got.status.is_success() {
                words.insert(thing.word.clone());
            }
        }
        words
    }

    /// What a reader finds.
    async fn found(&self, reader: &Reader) -> Words {
        let mut words = Words::new();
        for Thing { word, .. } in &self.things {
            let request = json!({"query": word});
            let found = self.talk.server.call_as(&reader.token, "search.core", request).await;
            if found.ok()["results"] != json!([]) {
                words.insert(word.clone());
            }
        }
        words
    }

    /// The words in a text.
    fn words(&self, text: &str) -> Words {
        let words = self.things.iter().map(|thing| &thing.word);
        words.filter(|word| text.contains(word.as_str())).cloned().collect()
    }

    fn of_comments(&self, words: &Words) -> Words {
        let comments = self.things.iter().filter(|thing| thing.is_comment);
        comments.map(|thing| thing.word.clone()).filter(|word| words.contains(word)).collect()
    }

    /// What a reader is told of in the inbox.
    async fn notified(&self, reader: &Reader) -> Words {
        self.talk.server.tell(None).await;
        let told = self.talk.server.call_as(&reader.token, "notifications.list", json!({})).await;
        self.words(&told.ok().to_string())
    }

    /// What the webhooks are told now: whose, and what.
    async fn sent(&self) -> Vec<(String, Words)> {
        self.hooks.work_off().await.expect("webhooks told");
        let told = self.receivers.take().into_iter().map(|one| {
            let words = self.words(&one.body.to_string());
            (one.url, words)
        });
        told.collect()
    }

    /// Has searches and notifications agree with `get`, of what each was told before, if that is
    /// known. Returns what each gets, and what each was told of. The admin, who does everything, is
    /// told of nothing.
    async fn check(&self, what: &str, before: Option<&[Words]>) -> (Vec<Words>, Vec<Words>) {
        let (mut all_got, mut all_told) = (Vec::new(), Vec::new());
        for (at, reader) in self.readers.iter().enumerate() {
            let got = self.got(reader).await;
            assert_eq!(self.found(reader).await, got, "{what}: what {} finds", reader.name);
            let notified = self.notified(reader).await;
            assert!(notified.is_subset(&got), "{what}: {} gets {notified:?}", reader.name);
            let told = self.of_comments(&notified);
            let mut expected = self.of_comments(&got);
            match before {
                Some(before) => expected.retain(|word| before[at].contains(word)),
                None if reader.name == "ada" => expected.clear(),
                None => {}
            }
            assert_eq!(told, expected, "{what}: what {} is told", reader.name);
            all_got.push(got);
            all_told.push(told);
        }
        (all_got, all_told)
    }

    /// What the webhooks of each are told now.
    async fn told_by_webhooks(&self) -> Vec<Words> {
        let mut told: Vec<Words> = vec![Words::new(); self.readers.len()];
        for (to, words) in self.sent().await {
            let at = self.readers.iter().position(|reader| url(reader.name) == to);
            told[at.expect("a reader")].extend(words);
        }
        told
    }
}

#[tokio::test]
async fn searches_webhooks_and_notifications_show_what_get_shows_and_nothing_else() {
    let mut matrix = Matrix::start().await;
    let (bob, cyn) = (matrix.user("bob").await, matrix.user("cyn").await);
    let (kim, lou, mia) =
        (matrix.user("kim").await, matrix.user("lou").await, matrix.user("mia").await);
    let user = matrix.talk.call("rev-users.get", json!({"id": kim})).await;
    let eu = user["rev_user"]["rev_org"]["id"].clone();
    let ticket = |visibility: u8| {
        let reported_by = [&kim];
        json!({
            "type": "ticket", "rev_org": eu, "visibility": visibility, "reported_by": reported_by,
        })
    };
    let open = matrix.work(ticket(2)).await;
    let inner = matrix.work(ticket(1)).await;
    let private = matrix.work(ticket(3)).await;
    let issue = matrix.work(json!({"type": "issue"})).await;
    for object in [&open, &inner, &private] {
        let add = json!({"id": object, "subscribers": {"add": [bob, cyn, kim, lou, mia]}});
        matrix.talk.call("subscribers.update", add).await;
    }
    let add = json!({"id": issue, "subscribers": {"add": [bob, cyn]}});
    matrix.talk.call("subscribers.update", add).await;
    let mut comments = Vec::new();
    for object in [&open, &inner, &private] {
        for visibility in ["external", "internal", "public"] {
            let members = json!({"visibility": visibility});
            comments.push(matrix.comment(object, members).await);
        }
        let members = json!({"visibility": "private", "private_to": [bob]});
        comments.push(matrix.comment(object, members).await);
    }
    matrix.comment(&issue, json!({"visibility": "internal"})).await;
    matrix.comment(&issue, json!({"visibility": "private", "private_to": [cyn]})).await;
    let (got, told) = matrix.check("at first", None).await;
    let by_webhooks = matrix.told_by_webhooks().await;
    for ((reader, got), sent) in matrix.readers.iter().zip(&got).zip(&by_webhooks) {
        let expected = if reader.is_member { got.clone() } else { Words::new() };
        assert_eq!(*sent, expected, "what the webhook of {} is told", reader.name);
    }
    // The readers differ, or this would say little.
    let counts: Vec<_> =
        matrix.readers.iter().zip(&got).map(|(reader, got)| (reader.name, got.len())).collect();
    let expected = [("ada", 18), ("bob", 17), ("cyn", 15), ("kim", 6), ("lou", 3), ("mia", 0)];
    assert_eq!(counts, expected);

    let gone = comments.remove(0);
    matrix.talk.call("timeline-entries.delete", json!({"id": gone})).await;
    matrix.check("after a comment is deleted", Some(&told)).await;
    for (id, members) in [
        (&open, json!({"visibility": 1})),
        (&private, json!({"rev_org": null})),
        (&inner, json!({"visibility": 2})),
    ] {
        let mut request = members;
        request["id"] = json!(id);
        matrix.talk.call("works.update", request).await;
        matrix.check(&format!("after a change of {id}"), Some(&told)).await;
    }
    matrix.talk.call("works.delete", json!({"id": inner})).await;
    matrix.check("after a work is deleted", Some(&told)).await;
    // Webhooks are told of nothing but what their owners have seen before.
    for (sent, before) in matrix.told_by_webhooks().await.iter().zip(&by_webhooks) {
        assert!(sent.is_subset(before), "{sent:?}");
    }
}
