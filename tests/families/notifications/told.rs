//! Who is told of what, and why.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{change, inbox, lines};
use crate::timeline_entries::Talk;

#[tokio::test]
async fn an_owner_is_told_of_a_comment_and_a_change() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    assert_eq!(inbox(&talk, ADMIN).await, Vec::<Value>::new());
    talk.comment_as(&bobs, "ISS-1", json!({"body": "Since *when*?"})).await;
    change(&talk, &bobs, "ISS-1", json!({"title": "Slower", "priority": "p1"})).await;
    let told = inbox(&talk, ADMIN).await;
    insta::assert_json_snapshot!(told);
    let id = &told[0]["id"];
    let got = talk.call("notifications.get", json!({"id": id})).await;
    assert_eq!(got, json!({"notification": told[0]}));
    let got = talk.server.get("notifications.list", "states=unread&parents=ISS-1").await.ok();
    assert_eq!(got["notifications"], json!(told));
    // Nobody is told of what they did themselves, and nothing is told twice.
    assert_eq!(inbox(&talk, &bobs).await, Vec::<Value>::new());
    assert_eq!(talk.server.tell(None).await, 0);
}

#[tokio::test]
async fn whoever_becomes_an_owner_is_told_and_who_was_one() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (cyn, cyns) = talk.member("cyn").await;
    let issue = json!({
        "type": "issue", "title": "New", "applies_to_part": "PROD-1", "owned_by": [bob, "DEVU-1"],
    });
    talk.call("works.create", issue).await;
    assert_eq!(lines(&inbox(&talk, &bobs).await), ["ISS-2 unread assignment: assignment Ada "]);
    change(&talk, ADMIN, "ISS-2", json!({"owned_by": {"set": [cyn]}})).await;
    let (bobs, cyns) = (inbox(&talk, &bobs).await, inbox(&talk, &cyns).await);
    let expected = "ISS-2 unread assignment: assignment Ada , update Ada owned_by";
    assert_eq!(lines(&bobs), [expected]);
    assert_eq!(lines(&cyns), ["ISS-2 unread assignment: assignment Ada owned_by"]);
    assert_eq!(lines(&inbox(&talk, ADMIN).await), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_mentioned_is_told_and_follows_from_then_on() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (cyn, cyns) = talk.member("cyn").await;
    let comment = talk.comment("ISS-1", json!({"body": format!("Ask {bob}")})).await;
    let expected = format!("ISS-1 unread mention: mention Ada Ask {bob}");
    assert_eq!(lines(&inbox(&talk, &bobs).await), std::slice::from_ref(&expected));
    talk.comment("ISS-1", json!({"body": "Or not"})).await;
    assert_eq!(lines(&inbox(&talk, &bobs).await), [format!("{expected}, update Ada Or not")]);
    // Who is mentioned only later is told then, and nobody else is.
    let body =
        json!({"id": comment["id"], "type": "timeline_comment", "body": format!("{bob} {cyn}")});
    talk.call("timeline-entries.update", body).await;
    let told = lines(&inbox(&talk, &cyns).await);
    assert_eq!(told, [format!("ISS-1 unread mention: mention Ada {bob} {cyn}")]);
    let bobs = inbox(&talk, &bobs).await;
    assert_eq!(bobs[0]["total_events"], 2);

    let (dan, dans) = talk.member("dan").await;
    change(&talk, ADMIN, "ISS-1", json!({"body": format!("For {dan}")})).await;
    assert_eq!(lines(&inbox(&talk, &dans).await), ["ISS-1 unread mention: mention Ada body"]);
    change(&talk, ADMIN, "ISS-1", json!({"body": format!("For {dan} and others")})).await;
    let told = lines(&inbox(&talk, &dans).await);
    assert_eq!(told, ["ISS-1 unread mention: mention Ada body, update Ada body"]);
}

#[tokio::test]
async fn the_members_of_a_mentioned_group_are_told() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (_, cyns) = talk.member("cyn").await;
    let group = json!({"name": "Ops", "description": "", "member_type": "dev_user"});
    let group = talk.call("groups.create", group).await["group"]["id"].clone();
    for member in [&bob, "DEVU-1"] {
        talk.call("groups.members.add", json!({"group": group, "member": member})).await;
    }
    talk.comment("ISS-1", json!({"body": "GROUP-1: please"})).await;
    // They do not follow because of that.
    talk.comment("ISS-1", json!({"body": "More"})).await;
    let told = lines(&inbox(&talk, &bobs).await);
    assert_eq!(told, ["ISS-1 unread mention: mention Ada GROUP-1: please"]);
    assert_eq!(inbox(&talk, &cyns).await.len(), 0);
    assert_eq!(inbox(&talk, ADMIN).await.len(), 0);
}

#[tokio::test]
async fn who_commented_is_told_of_answers_and_the_rest() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    let (_, cyns) = talk.member("cyn").await;
    let comment = talk.comment_as(&bobs, "ISS-1", json!({"body": "Why?"})).await;
    talk.server.tell(None).await;
    let parent = comment["id"].as_str().expect("an id");
    talk.comment_as(&cyns, parent, json!({"body": "Because"})).await;
    let told = lines(&inbox(&talk, &bobs).await);
    assert_eq!(told, ["ISS-1 unread update: update cyn Because"]);
    let admins = lines(&inbox(&talk, ADMIN).await);
    assert_eq!(admins, ["ISS-1 unread update: update bob Why?, update cyn Because"]);
    // On other objects, people are told of what is directed at them.
    let on_part = talk.comment_as(&bobs, "PROD-1", json!({"body": "Nice"})).await;
    let parent = on_part["id"].as_str().expect("an id");
    talk.comment_as(&cyns, parent, json!({"body": "Indeed, DEVU-1"})).await;
    let told = lines(&inbox(&talk, &bobs).await);
    assert_eq!(told[0], "PROD-1 unread update: update cyn Indeed, DEVU-1");
    let told = lines(&inbox(&talk, ADMIN).await);
    assert_eq!(told[0], "PROD-1 unread mention: mention cyn Indeed, DEVU-1");
}

#[tokio::test]
async fn who_does_not_follow_is_told_only_of_what_is_directed_at_them() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let remove = json!({"id": "ISS-1", "subscribers": {"remove": ["DEVU-1"]}});
    talk.call("subscribers.update", remove).await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "One"})).await;
    change(&talk, &bobs, "ISS-1", json!({"title": "Two"})).await;
    assert_eq!(inbox(&talk, ADMIN).await.len(), 0);
    talk.comment_as(&bobs, "ISS-1", json!({"body": "Three, DEVU-1"})).await;
    let told = lines(&inbox(&talk, ADMIN).await);
    assert_eq!(told, ["ISS-1 unread mention: mention bob Three, DEVU-1"]);
    // A mention does not make anybody follow who does not want to.
    talk.comment_as(&bobs, "ISS-1", json!({"body": "Four"})).await;
    assert_eq!(lines(&inbox(&talk, ADMIN).await), told);
    let add = json!({"id": "ISS-1", "subscribers": {"add": [bob, "DEVU-1"]}});
    talk.call("subscribers.update", add).await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "Five"})).await;
    let told = lines(&inbox(&talk, ADMIN).await);
    assert_eq!(told, ["ISS-1 unread mention: mention bob Three, DEVU-1, update bob Five"]);
}

#[tokio::test]
async fn people_are_told_what_they_want_to_be_told() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    for (wants, expected) in [
        (json!({"update": "none"}), vec!["comment"]),
        (json!({"update": "inbox", "comment": "none"}), vec!["title"]),
        (json!({"update": "none", "mention": "none"}), vec![]),
    ] {
        let request = json!({"notification_preferences": &wants});
        talk.call("preferences.update", request).await;
        let body = if expected.is_empty() { "DEVU-1" } else { "comment" };
        talk.comment_as(&bobs, "ISS-1", json!({"body": body})).await;
        let title = format!("Slow {wants}");
        change(&talk, &bobs, "ISS-1", json!({"title": title})).await;
        let told = inbox(&talk, ADMIN).await;
        let events = told.first().map(|one| one["events"].clone()).unwrap_or(json!([]));
        let what = events.as_array().expect("events").iter().map(|event| {
            event["body"].as_str().or(event["fields"][0].as_str()).expect("something").to_owned()
        });
        assert_eq!(what.collect::<Vec<_>>(), expected);
        let ids: Vec<_> = told.iter().map(|one| one["id"].clone()).collect();
        if !ids.is_empty() {
            super::become_(&talk, ADMIN, &ids, "done").await;
        }
    }
}

#[tokio::test]
async fn nobody_is_told_of_imports_reactions_or_what_programs_keep() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    let comment = talk.comment("ISS-1", json!({"body": "x"})).await;
    let reaction = json!({"object": comment["id"], "emoji": "joy", "action": "add"});
    talk.server.call_as(&bobs, "reactions.update", reaction).await.ok();
    let data = json!({"body": "{}", "body_type": "data"});
    talk.comment_as(&bobs, "ISS-1", data).await;
    let gone = talk.comment_as(&bobs, "ISS-1", json!({"body": "gone"})).await;
    let delete = json!({"id": gone["id"]});
    talk.server.call_as(&bobs, "timeline-entries.delete", delete).await.ok();
    assert_eq!(inbox(&talk, ADMIN).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_was_told_of_an_object_goes_with_it() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "x"})).await;
    let told = inbox(&talk, ADMIN).await;
    talk.call("works.delete", json!({"id": "ISS-1"})).await;
    let get = json!({"id": told[0]["id"]});
    talk.server.call("notifications.get", get.clone()).await.error(404, "not_found");
    assert_eq!(super::list(&talk, ADMIN, json!({})).await.len(), 0);
    assert_eq!(inbox(&talk, ADMIN).await.len(), 0);
    assert_eq!(talk.call("notifications.count", json!({})).await, json!({"count": 0}));
    talk.server.call("notifications.get", get).await.error(404, "not_found");
}

#[tokio::test]
async fn the_feed_tells_people_of_their_own_notifications() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "x"})).await;
    let told = inbox(&talk, ADMIN).await;
    let feed = async |token: &str| {
        let request = json!({"object_types": ["notification"]});
        let listed = talk.server.call_as(token, "events.list", request).await.ok();
        listed["events"].as_array().expect("events").clone()
    };
    let events = feed(ADMIN).await;
    let seen: Vec<_> = events.iter().map(|event| (&event["type"], &event["new"])).collect();
    assert_eq!(seen, [(&json!("created"), &told[0])]);
    assert_eq!(feed(&bobs).await, Vec::<Value>::new());
}
