//! Threads, as two kinds of mail clients show them: those that follow `References`, as Thunderbird
//! and RFC 5256 do, and those that take messages apart whose subjects differ, as Gmail does.

use std::collections::HashMap;

use serde_json::json;
use worksmith_tests::ADMIN;
use worksmith_tests::smtp::Mail;

use super::Office;

/// What each message is an answer to, by `References` alone: the last one that is there. The
/// algorithm of RFC 5256 and of Thunderbird comes to this where all messages have them.
fn parents(mail: &[Mail]) -> Vec<Option<usize>> {
    let places: HashMap<&str, usize> =
        mail.iter().enumerate().map(|(place, one)| (one.message_id.as_str(), place)).collect();
    let parent = |one: &Mail| one.references.iter().rev().find_map(|id| places.get(id.as_str()));
    mail.iter().map(|one| parent(one).copied()).collect()
}

/// The conversations of a client that follows references.
fn by_references(mail: &[Mail]) -> Vec<Vec<usize>> {
    let parents = parents(mail);
    let root = |mut place: usize| {
        while let Some(above) = parents[place] {
            place = above;
        }
        place
    };
    grouped((0..mail.len()).map(|place| root(place).to_string()))
}

/// The conversations of a client that wants the same subject besides, ignoring `Re:`, and a common
/// message that one refers to and that the other is or refers to.
fn by_subject_and_references(mail: &[Mail]) -> Vec<Vec<usize>> {
    let subject = |one: &Mail| one.subject.trim_start_matches("Re: ").to_owned();
    let first = |one: &Mail| one.references.first().unwrap_or(&one.message_id).clone();
    grouped(mail.iter().map(|one| format!("{} {}", subject(one), first(one))))
}

fn grouped(keys: impl Iterator<Item = String>) -> Vec<Vec<usize>> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, key) in keys.enumerate() {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(place),
            None => groups.push((key, vec![place])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[tokio::test]
async fn what_is_said_of_a_work_is_one_thread_and_of_another_another() {
    let Some(office) = Office::open(&[]).await else { return };
    // Another work of the same title.
    let issue = json!({
        "type": "issue", "title": "Slow", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    office.server.call_as(&office.bob, "works.create", issue).await.ok();
    office.sent().await;
    for round in 0..3 {
        for id in ["ISS-1", "ISS-2"] {
            office.comment(&office.bob, id, &format!("Round {round}")).await;
        }
        // The title changes, the subject does not.
        let title = json!({"title": format!("Slow {round}")});
        office.change(&office.bob, "ISS-1", title).await;
        office.sent().await;
    }
    let mail = office.mail.mail();
    let admins: Vec<Mail> =
        mail.iter().filter(|one| one.to == "ada@example.org").cloned().collect();
    let subjects: Vec<_> = admins.iter().map(|one| one.subject.as_str()).collect();
    let expected = [
        "ISS-2: Slow",
        "ISS-1: Slow 0",
        "Re: ISS-2: Slow",
        "Re: ISS-2: Slow",
        "Re: ISS-1: Slow 0",
        "Re: ISS-2: Slow",
        "Re: ISS-1: Slow 0",
    ];
    let mut sorted = (subjects.clone(), expected);
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1);
    let threads = by_references(&admins);
    assert_eq!(by_subject_and_references(&admins), threads);
    let sizes: Vec<_> = threads.iter().map(Vec::len).collect();
    assert_eq!(sizes, [4, 3]);
    // Each answers the one before it in its thread.
    let parents = parents(&admins);
    for thread in &threads {
        for pair in thread.windows(2) {
            assert_eq!(parents[pair[1]], Some(pair[0]));
            assert_eq!(admins[pair[1]].in_reply_to, [admins[pair[0]].message_id.as_str()]);
        }
    }
    assert!(admins[0].references.is_empty() && admins[0].in_reply_to.is_empty());
}

#[tokio::test]
async fn a_thread_holds_together_when_messages_are_lost() {
    let Some(office) = Office::open(&[]).await else { return };
    for round in 0..14 {
        office.comment(&office.bob, "ISS-1", &format!("Round {round}")).await;
        office.sent().await;
    }
    let mail = office.mail.mail();
    assert_eq!(mail.len(), 14);
    let most = mail.iter().map(|one| one.references.len()).max();
    assert_eq!(most, Some(11));
    // All but the first one name it, whatever lies between.
    assert!(mail[1..].iter().all(|one| one.references[0] == mail[0].message_id));
    let kept: Vec<_> = mail.iter().step_by(5).cloned().collect();
    assert_eq!(by_references(&kept), [[0, 1, 2]]);
    // The first one is lost, too.
    assert_eq!(by_subject_and_references(&mail[1..]).len(), 1);
}

#[tokio::test]
async fn a_message_has_everything_that_it_needs() {
    let Some(office) = Office::open(&[]).await else { return };
    let body = "Since *when*, DEVU-1?\n\nÄ <script>alert(1)</script>\n.\n-- \nBob";
    office.comment(&office.bob, "ISS-1", body).await;
    let stage = json!({"stage": {"name": "in_development"}, "title": "Slower", "priority": "p0"});
    office.change(&office.bob, "ISS-1", stage).await;
    let mail = office.sent().await;
    assert_eq!(mail.len(), 1);
    let one = &mail[0];
    let link = one.header("List-Unsubscribe").expect("a link").trim_matches(['<', '>']);
    let text = one.text.replace(link, "LINK");
    let html = one.html.replace(link, "LINK");
    let headers = ["From", "To", "Subject", "List-Id", "List-Unsubscribe-Post", "Auto-Submitted"];
    let headers: Vec<_> = headers.iter().map(|name| (*name, one.header(name))).collect();
    insta::assert_json_snapshot!(json!({"headers": headers, "text": text, "html": html}));
    assert!(link.starts_with("http://worksmith.test/unsubscribe?token="), "{link}");
    assert_eq!(one.header("X-Worksmith-Reason"), Some("mention"));
    // It reads well on the admin's own side, too.
    assert_eq!(office.told().await, [body]);
    let read = office.server.call_as(ADMIN, "notifications.list", json!({})).await.ok();
    assert_eq!(read["notifications"][0]["state"], "unread");
}
