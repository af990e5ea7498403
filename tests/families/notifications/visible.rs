//! Nobody is told of what they may not see.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{change, inbox, lines, list};
use crate::timeline_entries::Talk;

#[tokio::test]
async fn each_is_told_of_the_comments_that_they_see() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (cyn, cyns) = talk.member("cyn").await;
    let (_, kims) = talk.customer("kim", "eu").await;
    let (lou, lous) = talk.customer("lou", "eu").await;
    let (mia, mias) = talk.customer("mia", "us").await;
    let ticket = talk.ticket_of(&kims).await;
    let add = json!({"id": ticket, "subscribers": {"add": ["DEVU-1", bob, lou, mia]}});
    talk.call("subscribers.update", add).await;
    for (visibility, members) in [
        ("external", json!({})),
        ("internal", json!({})),
        ("public", json!({})),
        ("private", json!({"private_to": [bob]})),
    ] {
        let mut members = members;
        members["visibility"] = json!(visibility);
        // A mention is no reason to be told of more.
        members["body"] = json!(format!("{visibility} {cyn} {lou} {mia}"));
        talk.comment_as(ADMIN, &ticket, members).await;
    }
    let mut seen = Vec::new();
    for token in [ADMIN, &bobs, &cyns, &kims, &lous, &mias] {
        let told = inbox(&talk, token).await;
        let events = told.iter().flat_map(|one| one["events"].as_array().expect("events").clone());
        let bodies =
            events.filter_map(|event| Some(event["body"].as_str()?.split(' ').next()?.to_owned()));
        seen.push(bodies.collect::<Vec<_>>());
    }
    let (everything, outside) =
        (["external", "internal", "public", "private"], ["external", "public"]);
    let expected: [&[&str]; 6] = [&[], &everything, &everything[..3], &outside, &outside, &[]];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn customers_are_told_of_comments_and_not_of_changes() {
    let talk = Talk::new().await;
    let (_, kims) = talk.customer("kim", "eu").await;
    let ticket = talk.ticket_of(&kims).await;
    change(&talk, ADMIN, &ticket, json!({"title": "Other", "severity": "high"})).await;
    assert_eq!(inbox(&talk, &kims).await, Vec::<Value>::new());
    talk.comment(&ticket, json!({"body": "Which one?"})).await;
    let expected = format!("{ticket} unread update: update Ada Which one?");
    assert_eq!(lines(&inbox(&talk, &kims).await), [expected]);
}

#[tokio::test]
async fn what_is_hidden_later_is_no_longer_told() {
    let talk = Talk::new().await;
    let (_, kims) = talk.customer("kim", "eu").await;
    let (lou, lous) = talk.customer("lou", "eu").await;
    let ticket = talk.ticket_of(&kims).await;
    let add = json!({"id": ticket, "subscribers": {"add": [lou]}});
    talk.call("subscribers.update", add).await;
    let comment = talk.comment(&ticket, json!({"body": "A secret"})).await;
    talk.comment(&ticket, json!({"body": "News"})).await;
    let both = [format!("{ticket} unread update: update Ada A secret, update Ada News")];
    for token in [&kims, &lous] {
        assert_eq!(lines(&inbox(&talk, token).await), both);
    }
    talk.call("timeline-entries.delete", json!({"id": comment["id"]})).await;
    let left = list(&talk, &lous, json!({})).await;
    assert!(!json!(left).to_string().contains("secret"), "{left:?}");
    // The workspace no longer sees the ticket, but who reported it does.
    change(&talk, ADMIN, &ticket, json!({"visibility": 3})).await;
    change(&talk, ADMIN, &ticket, json!({"rev_org": Value::Null})).await;
    assert_eq!(list(&talk, &lous, json!({})).await.len(), 0);
    let counted = talk.server.call_as(&lous, "notifications.count", json!({})).await.ok();
    assert_eq!(counted, json!({"count": 0}));
    assert_eq!(list(&talk, &kims, json!({})).await.len(), 1);
}

#[tokio::test]
async fn an_inbox_is_for_its_owner_alone() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    let (_, kims) = talk.customer("kim", "eu").await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "x"})).await;
    let told = inbox(&talk, ADMIN).await;
    let id = &told[0]["id"];
    for token in [&bobs, &kims] {
        assert_eq!(list(&talk, token, json!({"parents": ["ISS-1"]})).await.len(), 0);
        let got = talk.server.call_as(token, "notifications.get", json!({"id": id})).await;
        got.error(404, "not_found");
        let request = json!({"ids": [id], "state": "done"});
        let changed = talk.server.call_as(token, "notifications.update", request).await;
        changed.error(404, "not_found");
    }
    assert_eq!(list(&talk, ADMIN, json!({})).await, told);
}

#[tokio::test]
async fn who_can_not_act_is_not_told() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let add = json!({"id": "ISS-1", "subscribers": {"add": [bob]}});
    talk.call("subscribers.update", add).await;
    talk.call("dev-users.deactivate", json!({"id": bob})).await;
    talk.comment("ISS-1", json!({"body": "x"})).await;
    talk.server.tell(None).await;
    talk.call("dev-users.activate", json!({"id": bob})).await;
    assert_eq!(inbox(&talk, &bobs).await.len(), 0);
}
