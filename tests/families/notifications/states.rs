//! What becomes of notifications.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{become_, inbox, lines, list};
use crate::timeline_entries::Talk;

async fn count(talk: &Talk, request: Value) -> u64 {
    let counted = talk.call("notifications.count", request).await;
    counted["count"].as_u64().expect("a number")
}

/// The ids of the notifications of ISS-1 and ISS-2 of the admin, who was mentioned in the latter.
async fn two(talk: &Talk) -> (String, [Value; 2]) {
    let (bob, bobs) = talk.member("bob").await;
    let issue = json!({
        "type": "issue", "title": "B", "applies_to_part": "PROD-1", "owned_by": [bob],
    });
    talk.call("works.create", issue).await;
    talk.comment_as(&bobs, "ISS-2", json!({"body": "DEVU-1"})).await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "x"})).await;
    let told = inbox(talk, ADMIN).await;
    (bobs, [told[0]["id"].clone(), told[1]["id"].clone()])
}

#[tokio::test]
async fn notifications_are_read_done_and_unread_again() {
    let talk = Talk::new().await;
    let (_, [first, second]) = two(&talk).await;
    assert_eq!(count(&talk, json!({"states": ["unread"]})).await, 2);
    let read =
        become_(&talk, ADMIN, &[second.clone(), first.clone(), second.clone()], "read").await;
    let expected = ["ISS-2 read mention: mention bob DEVU-1", "ISS-1 read update: update bob x"];
    assert_eq!(lines(read["notifications"].as_array().expect("notifications")), expected);
    assert_eq!(read["notifications"][0]["modified_by"]["display_id"], "DEVU-1");
    assert_eq!(count(&talk, json!({"states": ["unread"]})).await, 0);
    assert_eq!(count(&talk, json!({})).await, 2);
    become_(&talk, ADMIN, std::slice::from_ref(&first), "done").await;
    let left = list(&talk, ADMIN, json!({})).await;
    assert_eq!(lines(&left), [expected[0]]);
    let done = list(&talk, ADMIN, json!({"states": "done"})).await;
    assert_eq!(lines(&done), ["ISS-1 done update: update bob x"]);
    become_(&talk, ADMIN, &[first], "unread").await;
    let unread = list(&talk, ADMIN, json!({"states": ["unread"]})).await;
    assert_eq!(lines(&unread), ["ISS-1 unread update: update bob x"]);
}

#[tokio::test]
async fn what_is_put_off_comes_back() {
    let talk = Talk::new().await;
    let (bobs, [first, second]) = two(&talk).await;
    let later = |id: &Value, at: &str| json!({"ids": [id], "state": "later", "remind_at": at});
    let put_off = later(&first, "2026-01-02T08:00:00Z");
    let put_off = talk.call("notifications.update", put_off).await["notifications"][0].clone();
    let seen = json!([put_off["state"], put_off["remind_at"]]);
    assert_eq!(seen, json!(["later", "2026-01-02T08:00:00.000Z"]));
    talk.call("notifications.update", later(&second, "2026-01-03T08:00:00Z")).await;
    assert_eq!(inbox(&talk, ADMIN).await.len(), 0);
    assert_eq!(list(&talk, ADMIN, json!({"states": ["later"]})).await.len(), 2);
    talk.server.clock.advance_ms(24 * 3_600_000);
    let back = inbox(&talk, ADMIN).await;
    assert_eq!(lines(&back), ["ISS-1 unread update: update bob x"]);
    assert_eq!(back[0].get("remind_at"), None);
    // News bring it back as well, together with what it was put off with.
    talk.comment_as(&bobs, "ISS-2", json!({"body": "y"})).await;
    let back = inbox(&talk, ADMIN).await;
    let expected = "ISS-2 unread mention: mention bob DEVU-1, update bob y";
    assert_eq!(lines(&back)[0], expected);
    talk.server.clock.advance_ms(48 * 3_600_000);
    assert_eq!(lines(&inbox(&talk, ADMIN).await)[0], expected);
}

#[tokio::test]
async fn notifications_are_found_by_reason_and_object() {
    let talk = Talk::new().await;
    let (_, [first, second]) = two(&talk).await;
    for (request, expected) in [
        (json!({"event_types": ["mention"]}), vec![&second]),
        (json!({"event_types": ["update", "mention"]}), vec![&first, &second]),
        (json!({"event_types": "assignment"}), vec![]),
        (json!({"parents": ["ISS-1"]}), vec![&first]),
        (json!({"parents": ["ISS-2", "PROD-1"], "states": ["unread"]}), vec![&second]),
        (json!({"parents": ["ISS-99"]}), vec![]),
    ] {
        let found = list(&talk, ADMIN, request.clone()).await;
        let ids: Vec<_> = found.iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, expected, "{request}");
        assert_eq!(count(&talk, request).await, expected.len() as u64);
    }
}

#[tokio::test]
async fn a_guarded_change_of_one_that_has_news_is_refused() {
    let talk = Talk::new().await;
    let (bobs, [first, _]) = two(&talk).await;
    let got = talk.server.call("notifications.get", json!({"id": first})).await;
    let revision = got.headers["x-worksmith-revision"].to_str().expect("a text").to_owned();
    talk.comment_as(&bobs, "ISS-1", json!({"body": "z"})).await;
    talk.server.tell(None).await;
    let headers = [
        ("authorization", ADMIN),
        ("content-type", "application/json"),
        ("if-match", revision.as_str()),
    ];
    let body = json!({"ids": [first], "state": "done"}).to_string();
    let post = axum::http::Method::POST;
    let refused = talk.server.send(post, "notifications.update", &headers, body).await;
    refused.error(412, "precondition_failed");
}
