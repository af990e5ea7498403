//! What is sent, when, and what is not.

use serde_json::{Value, json};
use worksmith_inbox::letters;
use worksmith_tests::ADMIN;

use super::Office;

#[tokio::test]
async fn a_burst_is_one_message() {
    let Some(office) = Office::open(&[]).await else { return };
    for n in 0..5 {
        office.comment(&office.bob, "ISS-1", &format!("Number {n}")).await;
        office.pass(30).await;
        assert_eq!(office.post().await.expect("sent"), 0);
    }
    office.pass(31).await;
    assert_eq!(office.post().await.expect("sent"), 1);
    let mail = office.mail.mail();
    assert_eq!(mail.len(), 1);
    assert!((0..5).all(|n| mail[0].text.contains(&format!("Number {n}"))), "{}", mail[0].text);
    // One that does not end is told of after ten minutes.
    let mut sent = 0;
    for n in 0..30 {
        office.comment(&office.bob, "ISS-1", &format!("Then {n}")).await;
        office.pass(30).await;
        sent += office.post().await.expect("sent");
    }
    assert_eq!(sent, 1);
    assert!(office.mail.mail()[1].text.contains("Then 19"));
    // Nothing is sent twice.
    office.sent().await;
    assert_eq!(office.post().await.expect("sent"), 0);
    let all: String = office.mail.mail().iter().map(|one| one.text.clone()).collect();
    let times = |n| all.lines().filter(|line| *line == format!("> Then {n}")).count();
    assert!((0..30).all(|n| times(n) == 1), "{all}");
}

#[tokio::test]
async fn what_was_read_or_is_not_wanted_is_not_sent() {
    let Some(office) = Office::open(&[]).await else { return };
    office.comment(&office.bob, "ISS-1", "Read").await;
    office.tell().await;
    let told = office.server.call("notifications.list", json!({})).await.ok();
    let read = json!({"ids": [told["notifications"][0]["id"]], "state": "read"});
    office.server.call("notifications.update", read).await.ok();
    assert_eq!(office.sent().await.len(), 0);

    let wants = async |wants: Value| {
        let request = json!({"notification_preferences": wants});
        office.server.call("preferences.update", request).await.ok();
    };
    wants(json!({"comment": "inbox"})).await;
    office.comment(&office.bob, "ISS-1", "Inbox").await;
    assert_eq!(office.sent().await.len(), 0);
    wants(json!({"comment": "email"})).await;
    office.comment(&office.bob, "ISS-1", "Changed my mind").await;
    office.pass(120).await;
    wants(json!({"email": false})).await;
    office.post().await.expect("sent");
    assert_eq!(office.mail.mail().len(), 0);
    assert_eq!(office.told().await, ["Inbox", "Changed my mind"]);
}

#[tokio::test]
async fn nothing_is_sent_that_its_reader_may_no_longer_see() {
    let Some(office) = Office::open(&[]).await else { return };
    let first = office.comment(&office.bob, "ISS-1", "A secret").await;
    office.pass(120).await;
    let letters = letters::write(&office.server.engine, &office.server.environment, "x").await;
    assert_eq!(letters.expect("written"), 1);
    let delete = json!({"id": first});
    office.server.call_as(&office.bob, "timeline-entries.delete", delete).await.ok();
    office.post().await.expect("sent");
    assert_eq!(office.mail.mail().len(), 0);

    let secret = office.comment(&office.bob, "ISS-1", "Another secret").await;
    office.comment(&office.bob, "ISS-1", "News").await;
    office.pass(120).await;
    let delete = json!({"id": secret});
    office.server.call_as(&office.bob, "timeline-entries.delete", delete).await.ok();
    office.post().await.expect("sent");
    let mail = office.mail.mail();
    assert_eq!(mail.len(), 1);
    assert!(mail[0].text.contains("News") && !mail[0].raw.contains("secret"), "{}", mail[0].text);
    office.comment(&office.bob, "ISS-1", "Of something gone").await;
    office.pass(120).await;
    office.server.call("works.delete", json!({"id": "ISS-1"})).await.ok();
    office.post().await.expect("sent");
    assert_eq!(office.mail.mail().len(), 1);
}

#[tokio::test]
async fn servers_that_send_at_the_same_time_send_each_letter_once() {
    let Some(office) = Office::open(&["--slow", "30"]).await else { return };
    let issue = json!({
        "type": "issue", "title": "Next", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    for _ in 2..=10 {
        office.server.call("works.create", issue.clone()).await.ok();
    }
    for n in 1..=10 {
        office.comment(&office.bob, &format!("ISS-{n}"), "x").await;
    }
    office.pass(120).await;
    let (one, two, three) = tokio::join!(office.post(), office.post(), office.post());
    let sent = one.expect("sent") + two.expect("sent") + three.expect("sent");
    let mail = office.mail.mail();
    let mut ids: Vec<_> = mail.iter().map(|one| one.message_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((sent, mail.len(), ids.len()), (10, 10, 10));
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_a_refusal_is_final() {
    let Some(office) = Office::open(&["--busy", "2", "--refuse", "bob@"]).await else { return };
    office.comment(&office.bob, "ISS-1", "x").await;
    office.pass(120).await;
    assert_eq!(office.post().await.expect("the letter waits"), 0);
    assert_eq!(office.post().await.expect("the letter waits"), 0);
    office.pass(61).await;
    assert_eq!(office.post().await.expect("the letter waits"), 0);
    office.pass(61).await;
    assert_eq!(office.post().await.expect("the letter waits"), 0);
    office.pass(5 * 60).await;
    assert_eq!(office.post().await.expect("sent"), 1);
    assert_eq!(office.mail.mail().len(), 1);

    office.comment(ADMIN, "ISS-1", "DEVU-2").await;
    for _ in 0..3 {
        office.pass(24 * 3600).await;
        assert_eq!(office.post().await.expect("refused"), 0);
    }
    let events = office.mail.events();
    let refused: Vec<_> = events.iter().filter(|event| event["event"] == "refused").collect();
    assert_eq!(refused, [&json!({"event": "refused", "address": "bob@example.org"})]);
}

#[tokio::test]
async fn a_server_that_is_not_there_takes_nothing_and_loses_nothing() {
    let Some(mut office) = Office::open(&["--login"]).await else { return };
    office.comment(&office.bob, "ISS-1", "x").await;
    office.pass(120).await;
    let there = office.mail.url.clone();
    // Nobody listens on port 1.
    for wrong in [
        "smtp://127.0.0.1:1?tls=never".to_owned(),
        there.replace("smtp://", "smtp://tracker:wrong@"),
        there.replace("never", "required"),
    ] {
        office.mailer = Office::mailer(&wrong);
        assert!(office.post().await.is_err(), "{wrong}");
    }
    // One that is there, but wants to know who we are, is asked again as well.
    office.mailer = Office::mailer(&there);
    assert_eq!(office.post().await.expect("the letter waits"), 0);
    office.mailer = Office::mailer(&there.replace("smtp://", "smtp://tracker:p%3Aw%40rd@"));
    office.pass(3600).await;
    assert_eq!(office.post().await.expect("sent"), 1);
    assert_eq!(office.mail.mail()[0].to, "ada@example.org");
}
