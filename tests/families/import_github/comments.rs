//! What becomes of comments of GitHub.

use serde_json::{Value, json};
use worksmith_kernel::Error;
use worksmith_tracker::import::github::Record;

use super::{World, counts, issue, person, url, with};

/// A comment on an issue.
fn comment(id: u64, number: u64, body: &str) -> Value {
    json!({
        "url": format!("https://api.github.com/repos/octo/engine/issues/comments/{id}"),
        "html_url": format!("{}#issuecomment-{id}", url(number)),
        "issue_url": format!("https://api.github.com/repos/octo/engine/issues/{number}"),
        "id": id, "node_id": "IC_x", "user": person(12, "hubot"), "body": body,
        "created_at": "2024-02-02T10:00:00Z", "updated_at": "2024-02-02T10:00:00Z",
        "author_association": "MEMBER", "reactions": {"total_count": 2}, "more": 1,
    })
}

impl World {
    async fn timeline(&self, number: u64) -> Vec<Value> {
        let object = self.work(number).await["id"].clone();
        let page = self.call("timeline-entries.list", json!({"object": object})).await;
        page["timeline_entries"].as_array().expect("entries").clone()
    }
}

#[tokio::test]
async fn comments_are_brought_with_their_authors_and_dates_and_only_once() {
    let world = World::begin().await;
    let nobody = with(comment(3, 1, "Ghost"), json!({"user": null}));
    let edited = with(comment(2, 1, "Same second"), json!({"updated_at": "2024-02-03T10:00:00Z"}));
    let file = [issue(1), comment(1, 1, "Mine, too: ISS-1"), edited, nobody];
    let report = world.import(&file).await;
    assert_eq!(counts(&report), (4, 1, 0, 0));
    assert_eq!(report.beside["comments created"], 3);
    assert_eq!(report.not_carried["reactions: the answer has only their number"], 6);
    let entries = world.timeline(1).await;
    let member = |name: &str| entries.iter().map(|entry| entry[name].clone()).collect::<Vec<_>>();
    assert_eq!(member("body"), ["Mine, too: ISS-1", "Same second", "Ghost"]);
    let at = "2024-02-02T10:00:00.000Z";
    assert_eq!(member("created_date"), [at, at, at]);
    assert_eq!(member("modified_date"), [at, "2024-02-03T10:00:00.000Z", at]);
    let authors: Vec<_> =
        entries.iter().map(|entry| entry["created_by"]["display_name"].clone()).collect();
    assert_eq!(authors, ["hubot", "hubot", "Worksmith Bot"]);
    assert_eq!(entries[0]["external_ref"], "github.com/comments/1");
    assert_eq!(entries[0]["references"][0]["display_id"], "ISS-1");
    let work = world.work(1).await;
    assert_eq!(work["modified_date"], "2024-02-01T10:00:00.000Z");

    let report = world.import(&file).await;
    assert_eq!(report.beside["comments unchanged"], 3);
    assert_eq!(world.timeline(1).await, entries);
    let later = json!({"body": "Mine!", "updated_at": "2024-02-05T10:00:00Z"});
    let report = world.import(&[with(comment(1, 1, ""), later)]).await;
    assert_eq!(report.beside["comments updated"], 1);
    let changed = &world.timeline(1).await[0];
    let mut expected = entries[0].clone();
    expected["body"] = json!("Mine!");
    expected["modified_date"] = json!("2024-02-05T10:00:00.000Z");
    expected.as_object_mut().expect("an entry").remove("references");
    assert_eq!(*changed, expected);
}

#[tokio::test]
async fn a_comment_needs_its_issue_and_a_text() {
    let world = World::begin().await;
    let file = [comment(1, 9, "Where?"), issue(1), comment(2, 1, ""), comment(3, 1, "Here")];
    let report = world.import(&file).await;
    assert_eq!(counts(&report), (4, 1, 0, 0));
    let skipped: Vec<_> = report.skipped.into_iter().collect();
    assert_eq!(
        skipped,
        [
            (
                "comments on what is not here: import its issue, or pull request, first".to_owned(),
                1
            ),
            ("comments without a text".to_owned(), 1),
        ]
    );
    assert_eq!(world.timeline(1).await.len(), 1);
    let lost = with(comment(4, 1, "x"), json!({"html_url": "https://github.com/octo/engine"}));
    let Err(Error::Api(error)) = world.try_import(&[lost]).await else {
        panic!("no page of a comment")
    };
    assert!(error.message.starts_with("html_url: "), "{}", error.message);
    for (member, value, wrong) in [
        ("id", json!("x"), "id is a text, and no whole number; "),
        ("body", json!(7), "body is a number, and no text; "),
        ("created_at", json!("then"), "created_at is \"then\", and no time as GitHub writes it; "),
        ("user", json!({"id": 1}), "user.login is missing; "),
        ("html_url", Value::Null, "html_url is null, and no text; "),
    ] {
        let mut broken = comment(5, 1, "x");
        broken[member] = value;
        let told = Record::read(broken).expect_err("a broken comment");
        assert!(told.starts_with(wrong), "{told}");
    }
}
