//! Pages and filters of timelines.

use axum::http::Method;
use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{Talk, bodies};

/// What a page shows, in short: the bodies of comments, and the revisions of changes.
fn short(page: &Value) -> Vec<String> {
    let entries = page["timeline_entries"].as_array().expect("entries");
    let one = |entry: &Value| match entry["body"].as_str() {
        Some(body) => body.to_owned(),
        None => entry["id"].as_str().and_then(|id| id.rsplit('/').next()).unwrap_or("?").to_owned(),
    };
    entries.iter().map(one).collect()
}

impl Talk {
    /// Six comments, with a change of the issue after every second one: revisions 2 to 4.
    async fn busy() -> Self {
        let talk = Self::new().await;
        for number in 0..6 {
            talk.comment("ISS-1", json!({"body": format!("c{number}")})).await;
            if number % 2 == 1 {
                let title = json!({"id": "ISS-1", "title": format!("Slow {number}")});
                talk.call("works.update", title).await;
            }
        }
        talk
    }
}

const WHOLE: [&str; 10] = ["1", "c0", "c1", "2", "c2", "c3", "3", "c4", "c5", "4"];

#[tokio::test]
async fn changes_are_shown_to_those_who_ask_for_them() {
    let talk = Talk::busy().await;
    let comments = ["c0", "c1", "c2", "c3", "c4", "c5"];
    let events = ["discussions", "events"];
    for (members, expected) in [
        (json!({}), &comments[..]),
        (json!({"collections": "discussions"}), &comments[..]),
        (json!({"collections": events}), &WHOLE[..]),
        (json!({"collections": ["events"]}), &["1", "2", "3", "4"][..]),
        (json!({"collections": events, "visibility": ["external"]}), &comments[..]),
        (json!({"collections": events, "visibility": ["internal"]}), &["1", "2", "3", "4"][..]),
        (json!({"collections": events, "panels": ["events"]}), &["1", "2", "3", "4"][..]),
        (json!({"collections": events, "panels": ["discussions"]}), &comments[..]),
        (json!({"collections": events, "labels": ["x"]}), &[][..]),
        (json!({"collections": events, "limit": 3}), &WHOLE[..3]),
        (json!({"collections": events, "limit": 3, "mode": "before"}), &WHOLE[7..]),
    ] {
        let mut request = members.clone();
        request["object"] = json!("ISS-1");
        let page = talk.call("timeline-entries.list", request).await;
        assert_eq!(short(&page), expected, "{members}");
    }
    for (scope, expected) in [("beta", &WHOLE[..]), ("BETA", &WHOLE[..]), ("public", &comments[..])]
    {
        let headers = [("authorization", ADMIN), ("x-devrev-scope", scope)];
        let path = "timeline-entries.list?object=ISS-1";
        let page = talk.server.send(Method::GET, path, &headers, "").await.ok();
        assert_eq!(short(&page), expected, "{scope}");
    }
}

#[tokio::test]
async fn pages_of_any_size_lead_through_a_timeline_in_both_directions() {
    let talk = Talk::busy().await;
    for limit in 1..=11 {
        let page = async |cursor: Option<&Value>, mode: &str| {
            let mut request = json!({
                "object": "ISS-1", "collections": ["events", "discussions"], "limit": limit,
                "mode": mode,
            });
            if let Some(cursor) = cursor {
                request["cursor"] = cursor.clone();
            }
            talk.call("timeline-entries.list", request).await
        };
        let mut forth = vec![page(None, "after").await];
        assert_eq!(forth[0].get("prev_cursor"), None);
        while let Some(next) = forth[forth.len() - 1].get("next_cursor").cloned() {
            forth.push(page(Some(&next), "after").await);
        }
        let seen: Vec<_> = forth.iter().flat_map(short).collect();
        assert_eq!(seen, WHOLE, "forth by {limit}");
        // Each page is reached from the one after it, too.
        for pair in forth.windows(2) {
            let back = page(pair[1].get("prev_cursor"), "before").await;
            assert_eq!(short(&back), short(&pair[0]), "back by {limit}");
            assert_eq!(back.get("prev_cursor").is_some(), pair[0].get("prev_cursor").is_some());
        }
        let mut back = vec![page(None, "before").await];
        assert_eq!(back[0].get("next_cursor"), None);
        while let Some(before) = back[back.len() - 1].get("prev_cursor").cloned() {
            back.push(page(Some(&before), "before").await);
        }
        let seen: Vec<_> = back.iter().rev().flat_map(short).collect();
        assert_eq!(seen, WHOLE, "back by {limit}");
    }
}

#[tokio::test]
async fn what_comes_later_is_on_later_pages() {
    let talk = Talk::busy().await;
    let events = json!(["events", "discussions"]);
    let request = json!({"object": "ISS-1", "collections": events, "limit": 4});
    let first = talk.call("timeline-entries.list", request.clone()).await;
    talk.call("works.update", json!({"id": "ISS-1", "title": "Fast"})).await;
    talk.comment("ISS-1", json!({"body": "late"})).await;
    let mut rest = request;
    rest["cursor"] = first["next_cursor"].clone();
    rest["limit"] = json!(50);
    let rest = talk.call("timeline-entries.list", rest).await;
    let mut expected: Vec<&str> = WHOLE[4..].to_vec();
    expected.extend(["5", "late"]);
    assert_eq!(short(&rest), expected);
    assert!(rest.get("next_cursor").is_none());
}

#[tokio::test]
async fn comments_are_found_by_labels_dates_panels_and_collections() {
    let talk = Talk::new().await;
    for (body, members) in [
        ("plain", json!({})),
        ("a", json!({"labels": ["a"], "visibility": "internal"})),
        ("ab", json!({"labels": ["a", "b"], "collections": ["events"]})),
        ("chat", json!({"labels": ["display:customer-chat"], "visibility": "public"})),
    ] {
        let mut members = members;
        members["body"] = json!(body);
        talk.comment("ISS-1", members).await;
        talk.server.clock.advance_ms(3_600_000);
    }
    for (filter, expected) in [
        (json!({"labels": ["a"]}), vec!["a", "ab"]),
        (json!({"labels": "b"}), vec!["ab"]),
        (json!({"labels": ["b", "display:customer-chat"]}), vec!["ab", "chat"]),
        (json!({"labels": ["A"]}), vec![]),
        (json!({"visibility": ["internal", "public"]}), vec!["a", "chat"]),
        (json!({"panels": ["discussions"]}), vec!["plain", "a"]),
        (json!({"panels": ["customer_chat", "events"], "visibility": "public"}), vec!["chat"]),
        (json!({"collections": ["discussions"], "labels": ["a"]}), vec!["a"]),
        (json!({"created_date": {"after": "2026-01-01T12:30:00Z"}}), vec!["a", "ab", "chat"]),
        (json!({"created_date": {"before": "2026-01-01T13:30:00Z"}}), vec!["plain", "a"]),
        (
            json!({"created_date": {"after": "2026-01-01T12:30:00Z",
            "before": "2026-01-01T13:30:00Z"}}),
            vec!["a"],
        ),
    ] {
        assert_eq!(bodies(&talk.list(&json!("ISS-1"), filter.clone()).await), expected, "{filter}");
    }
    let query = "object=ISS-1&labels=a,b&created_date.before=2026-01-01T13:30:00Z";
    let page = talk.server.get("timeline-entries.list", query).await.ok();
    assert_eq!(short(&page), ["a"]);
    // The creation of the issue and its changes are dated, too.
    let range = json!({"object": "ISS-1", "collections": ["events"],
        "created_date": {"after": "2026-01-01T12:30:00Z"}});
    talk.call("works.update", json!({"id": "ISS-1", "title": "Fast"})).await;
    let page = talk.call("timeline-entries.list", range).await;
    assert_eq!(short(&page), ["ab", "2"]);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let talk = Talk::busy().await;
    let request = json!({"object": "ISS-1", "limit": 2});
    let first = talk.call("timeline-entries.list", request).await;
    for (object, cursor) in [
        ("PROD-1", first["next_cursor"].clone()),
        ("ISS-1", json!("x")),
        ("ISS-1", json!("e30")),
        ("ISS-1", json!("")),
    ] {
        let request = json!({"object": object, "limit": 2, "cursor": cursor});
        let refused = talk.server.call("timeline-entries.list", request).await;
        assert_eq!(refused.error(400, "invalid_field")["field_name"], "cursor");
    }
}
