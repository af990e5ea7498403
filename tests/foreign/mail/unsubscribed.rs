//! The links in letters by which people get no more of it.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::Office;

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

#[tokio::test]
async fn one_click_ends_the_mail_about_a_work() {
    let Some(office) = Office::open(&[]).await else { return };
    let issue = json!({
        "type": "issue", "title": "Other", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    office.server.call("works.create", issue).await.ok();
    office.comment(&office.bob, "ISS-1", "One").await;
    let mail = office.sent().await;
    assert_eq!(mail[0].header("List-Unsubscribe-Post"), Some(ONE_CLICK));
    let path = mail[0].unsubscribe();
    // Looking at the page changes nothing.
    let (status, page) = office.page(Method::GET, &path, "").await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_snapshot!(page);
    office.comment(&office.bob, "ISS-1", "Two").await;
    assert_eq!(office.sent().await.len(), 2);

    for _ in 0..2 {
        let (status, page) = office.page(Method::POST, &path, ONE_CLICK).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("no more mail about ISS-1."), "{page}");
    }
    office.comment(&office.bob, "ISS-1", "Three").await;
    office.comment(&office.bob, "ISS-1", "Four, DEVU-1").await;
    office.comment(&office.bob, "ISS-2", "Five").await;
    let mail = office.sent().await;
    let subjects: Vec<_> = mail.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects, ["ISS-1: Slow", "Re: ISS-1: Slow", "ISS-2: Other"]);
    // The inbox has what is directed at the person.
    let told = office.told().await;
    assert!(told.contains(&"Four, DEVU-1".to_owned()) && !told.contains(&"Three".to_owned()));
    let got = office.server.call("subscribers.get", json!({"id": "ISS-1"})).await.ok();
    assert_eq!(got, json!({"is_subscribed": false}));
    // Whoever wants it again follows it again.
    let add = json!({"id": "ISS-1", "subscribers": {"add": ["DEVU-1"]}});
    office.server.call("subscribers.update", add).await.ok();
    office.comment(&office.bob, "ISS-1", "Six").await;
    assert_eq!(office.sent().await.len(), 4);
}

#[tokio::test]
async fn a_button_ends_all_mail() {
    let Some(office) = Office::open(&[]).await else { return };
    office.comment(&office.bob, "ISS-1", "One").await;
    let path = office.sent().await[0].unsubscribe();
    let (status, page) = office.page(Method::POST, &path, "scope=everything").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("You get no more mail."), "{page}");
    office.comment(&office.bob, "ISS-1", "Two, DEVU-1").await;
    assert_eq!(office.sent().await.len(), 1);
    let preferences = office.server.call("preferences.get", json!({})).await.ok();
    assert_eq!(preferences["preference"]["notification_preferences"]["email"], false);
}

#[tokio::test]
async fn what_programs_send_is_sent_by_mail_until_there_is_none() {
    let Some(office) = Office::open(&[]).await else { return };
    let template = json!({
        "type": "notification_content_template", "name": "builds",
        "defaults": [{"title": "{build} failed", "body": "Look at it."}],
        "input_fields_schema": [{"name": "build", "field_type": "text"}],
    });
    let template = office.server.call("content-template.create", template).await.ok();
    let template = &template["content_template"]["id"];
    let send = async |build: &str| {
        let url = json!({"type": "url", "url": "https://ci.example.org/7"});
        let one = json!({
            "type": "generic_notification", "receiver": "DEVU-2", "event_type": "alert",
            "metadata": [{
                "content_template": template, "inputs": {"build": build},
                "action": {"type": "clickable_action", "clickable_action": url},
            }],
        });
        office.server.call("notifications.send", json!({"notifications": [one]})).await.ok();
    };
    send("B7").await;
    let mail = office.sent().await;
    let link = mail[0].header("List-Unsubscribe").expect("a link").trim_matches(['<', '>']);
    let seen = (mail[0].subject.as_str(), mail[0].text.replace(link, "LINK"));
    let expected = "Ada: B7 failed\r\n\r\n> Look at it.\r\n* https://ci.example.org/7\r\n\r\n\
                    -- \r\nInbox: http://worksmith.test/inbox\r\n\
                    You get this because it needs attention.\r\nNo more mail about Inbox: LINK\r\n";
    assert_eq!(seen, ("B7 failed", expected.to_owned()));
    send("B8").await;
    assert_eq!(office.sent().await[1].subject, "Re: B7 failed");
    let path = mail[0].unsubscribe();
    let (_, page) = office.page(Method::GET, &path, "").await;
    assert_eq!(page.matches("<button").count(), 1, "{page}");
    office.page(Method::POST, &path, ONE_CLICK).await;
    send("B9").await;
    assert_eq!(office.sent().await.len(), 2);
}

#[tokio::test]
async fn a_link_that_was_changed_does_nothing() {
    let Some(office) = Office::open(&[]).await else { return };
    office.comment(&office.bob, "ISS-1", "One").await;
    let path = office.sent().await[0].unsubscribe();
    let (head, signature) = path.split_once('.').expect("a signature");
    let (start, payload) = head.split_once("token=").expect("a token");
    let other = {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let text = URL_SAFE_NO_PAD.decode(payload).expect("a payload");
        let text = String::from_utf8(text).expect("a text").replace("dev_user/1", "dev_user/2");
        URL_SAFE_NO_PAD.encode(text)
    };
    let last = if signature.starts_with('A') { "B" } else { "A" };
    for changed in [
        format!("{start}token={other}.{signature}"),
        format!("{start}token={payload}.{last}{}", &signature[1..]),
        format!("{start}token={payload}."),
        format!("{start}token={payload}"),
    ] {
        let (status, _) = office.page(Method::POST, &changed, ONE_CLICK).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{changed}");
    }
    for id in ["DEVU-1", "DEVU-2"] {
        let request = json!({"object": id});
        let preferences = office.server.call("preferences.get", request).await.ok();
        assert_eq!(preferences["preference"].get("modified_date"), None);
    }
    let listed = office.server.call("subscribers.list", json!({"id": "ISS-1"})).await.ok();
    assert_eq!(listed["users"].as_array().map(Vec::len), Some(2));
}
