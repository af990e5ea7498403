//! What happens in a burst is told once.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{become_, change, inbox, lines, list};
use crate::timeline_entries::Talk;

#[tokio::test]
async fn there_is_one_line_for_each_object_the_newest_first() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    for title in ["B", "C"] {
        let issue = json!({
            "type": "issue", "title": title, "applies_to_part": "PROD-1", "owned_by": [bob],
        });
        talk.call("works.create", issue).await;
    }
    for body in ["1", "2", "3"] {
        for id in ["ISS-2", "ISS-3"] {
            talk.comment_as(&bobs, id, json!({"body": body})).await;
        }
    }
    talk.comment_as(&bobs, "ISS-1", json!({"body": "4"})).await;
    talk.comment_as(&bobs, "ISS-2", json!({"body": "5"})).await;
    let told = inbox(&talk, ADMIN).await;
    let three = "update bob 1, update bob 2, update bob 3";
    let expected = [
        format!("ISS-2 unread update: {three}, update bob 5"),
        "ISS-1 unread update: update bob 4".to_owned(),
        format!("ISS-3 unread update: {three}"),
    ];
    assert_eq!(lines(&told), expected);
    let page = async |cursor: &Value, mode: &str| {
        let request = json!({"limit": 2, "cursor": cursor, "mode": mode});
        talk.call("notifications.list", request).await
    };
    let first = page(&Value::Null, "after").await;
    assert_eq!(first["notifications"], json!(told[..2]));
    let second = page(&first["next_cursor"], "after").await;
    assert_eq!((&second["notifications"], second.get("next_cursor")), (&json!(told[2..]), None));
    let back = page(&second["prev_cursor"], "before").await;
    assert_eq!(back["notifications"], first["notifications"]);
}

#[tokio::test]
async fn changes_that_follow_closely_are_one_event() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    for (title, priority) in [("One", "p0"), ("Two", "p1"), ("Three", "p2")] {
        change(&talk, &bobs, "ISS-1", json!({"title": title})).await;
        change(&talk, &bobs, "ISS-1", json!({"priority": priority})).await;
    }
    let told = inbox(&talk, ADMIN).await;
    let notification = &told[0];
    assert_eq!(lines(&told), ["ISS-1 unread update: update bob title+priority"]);
    assert_eq!(notification["total_events"], 1);
    // It leads to the last of them.
    let entry = json!({"id": notification["events"][0]["entry"]["id"]});
    let entry = talk.call("timeline-entries.get", entry).await["timeline_entry"].clone();
    assert_eq!(entry["event"]["updated"]["field_deltas"][0]["name"], "priority");
    assert_eq!(entry["created_date"], notification["last_event_date"]);
    // Later ones are another one.
    talk.server.clock.advance_ms(11 * 60_000);
    change(&talk, &bobs, "ISS-1", json!({"title": "Four"})).await;
    let told = lines(&inbox(&talk, ADMIN).await);
    assert_eq!(told, ["ISS-1 unread update: update bob title+priority, update bob title"]);
}

#[tokio::test]
async fn what_was_read_is_not_told_again_with_what_is_new() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    talk.comment_as(&bobs, "ISS-1", json!({"body": "DEVU-1"})).await;
    let told = inbox(&talk, ADMIN).await;
    for state in ["read", "done"] {
        become_(&talk, ADMIN, &[told[0]["id"].clone()], state).await;
        talk.comment_as(&bobs, "ISS-1", json!({"body": state})).await;
        let now = inbox(&talk, ADMIN).await;
        assert_eq!(lines(&now), [format!("ISS-1 unread update: update bob {state}")]);
        assert_eq!((&now[0]["id"], &now[0]["total_events"]), (&told[0]["id"], &json!(1)));
    }
    assert_eq!(list(&talk, ADMIN, json!({"states": ["done", "read", "later"]})).await.len(), 0);
}

#[tokio::test]
async fn servers_that_tell_at_the_same_time_tell_once() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    for round in 0..5 {
        for n in 0..3 {
            talk.comment_as(&bobs, "ISS-1", json!({"body": format!("{round}.{n}")})).await;
        }
        let tell = || talk.server.tell(None);
        let (one, two, three) = tokio::join!(tell(), tell(), tell());
        assert_eq!(one + two + three, 3);
    }
    let told = list(&talk, ADMIN, json!({})).await;
    let events = told[0]["events"].as_array().expect("events");
    let bodies: Vec<_> = events.iter().map(|event| event["body"].as_str().unwrap()).collect();
    let expected: Vec<_> =
        (0..5).flat_map(|round| (0..3).map(move |n| format!("{round}.{n}"))).collect();
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn the_last_of_many_events_are_shown_and_all_counted() {
    let talk = Talk::new().await;
    let (_, bobs) = talk.member("bob").await;
    for n in 1..=25 {
        talk.comment_as(&bobs, "ISS-1", json!({"body": n.to_string()})).await;
    }
    let told = inbox(&talk, ADMIN).await;
    let events = told[0]["events"].as_array().expect("events");
    assert_eq!((events.len(), &told[0]["total_events"]), (20, &json!(25)));
    assert_eq!((&events[0]["body"], &events[19]["body"]), (&json!("6"), &json!("25")));
}
