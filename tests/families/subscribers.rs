//! Who follows a work.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use crate::timeline_entries::Talk;

async fn update(talk: &Talk, token: &str, id: &str, add: Value, remove: Value) {
    let request = json!({"id": id, "subscribers": {"add": add, "remove": remove}});
    let done = talk.server.call_as(token, "subscribers.update", request).await;
    assert_eq!((done.status.as_u16(), done.body), (200, json!({})));
}

async fn followers(talk: &Talk, id: &str) -> Vec<String> {
    let listed = talk.call("subscribers.list", json!({"id": id})).await;
    ids(&listed)
}

fn ids(page: &Value) -> Vec<String> {
    let users = page["users"].as_array().expect("users");
    users.iter().map(|user| user["display_id"].as_str().expect("an id").to_owned()).collect()
}

async fn follows(talk: &Talk, token: &str, id: &str) -> bool {
    let got = talk.server.call_as(token, "subscribers.get", json!({"id": id})).await.ok();
    assert_eq!(got.as_object().map(serde_json::Map::len), Some(1));
    got["is_subscribed"].as_bool().expect("a flag")
}

#[tokio::test]
async fn who_made_reported_or_owns_a_work_follows_it() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (cyn, cyns) = talk.member("cyn").await;
    let (kim, kims) = talk.customer("kim", "eu").await;
    let ticket = json!({
        "type": "ticket", "title": "Help", "applies_to_part": "PROD-1", "owned_by": [bob],
        "reported_by": [kim],
    });
    talk.call("works.create", ticket).await;
    let listed = talk.call("subscribers.list", json!({"id": "TKT-1"})).await;
    insta::assert_json_snapshot!(listed);
    for (token, expected) in [(ADMIN, true), (&bobs, true), (&kims, true), (&cyns, false)] {
        assert_eq!(follows(&talk, token, "TKT-1").await, expected, "{token}");
    }
    // Who owns it is read from the work.
    talk.call("works.update", json!({"id": "TKT-1", "owned_by": {"set": [cyn]}})).await;
    assert_eq!(followers(&talk, "TKT-1").await, ["DEVU-1", &kim, &cyn]);
    assert!(!follows(&talk, &bobs, "TKT-1").await);
}

#[tokio::test]
async fn people_begin_to_follow_and_no_longer_do() {
    let talk = Talk::new().await;
    let (bob, bobs) = talk.member("bob").await;
    let (cyn, cyns) = talk.member("cyn").await;
    update(&talk, &bobs, "ISS-1", json!([bob, cyn, bob]), json!([])).await;
    assert_eq!(followers(&talk, "ISS-1").await, ["DEVU-1", &bob, &cyn]);
    update(&talk, &bobs, "ISS-1", json!(bob), json!([])).await;
    update(&talk, &cyns, "ISS-1", json!([]), json!(cyn)).await;
    assert_eq!(followers(&talk, "ISS-1").await, ["DEVU-1", &bob]);
    assert!(!follows(&talk, &cyns, "ISS-1").await);
    // Who owns it may not want to be told either, and come back.
    update(&talk, ADMIN, "ISS-1", json!([]), json!(["DEVU-1"])).await;
    assert_eq!(followers(&talk, "ISS-1").await, [bob.as_str()]);
    assert!(!follows(&talk, ADMIN, "ISS-1").await);
    update(&talk, ADMIN, "ISS-1", json!(["DEVU-1"]), json!([])).await;
    assert_eq!(followers(&talk, "ISS-1").await, ["DEVU-1", &bob]);
    // Following is no change of the work.
    let work = talk.call("works.get", json!({"id": "ISS-1"})).await["work"].clone();
    assert_eq!(work["modified_date"], work["created_date"]);
    let nothing = talk.call("subscribers.update", json!({"id": "ISS-1"})).await;
    assert_eq!(nothing, json!({}));
    // What goes with a work goes when it is deleted.
    talk.call("works.delete", json!({"id": "ISS-1"})).await;
    talk.server.work().await;
    let gone = talk.server.call("subscribers.list", json!({"id": "ISS-1"})).await;
    gone.error(404, "not_found");
}

#[tokio::test]
async fn followers_are_listed_in_pages() {
    let talk = Talk::new().await;
    let mut people = vec!["DEVU-1".to_owned()];
    for name in ["ann", "ben", "cyn", "dan"] {
        people.push(talk.member(name).await.0);
    }
    update(&talk, ADMIN, "ISS-1", json!(people), json!([])).await;
    let page = async |cursor: Option<&Value>| {
        let mut request = json!({"id": "ISS-1", "limit": 2});
        if let Some(cursor) = cursor {
            request["cursor"] = cursor.clone();
        }
        talk.server.call("subscribers.list", request).await
    };
    let first = page(None).await.ok();
    assert_eq!(ids(&first), people[..2]);
    // The last one of the first page goes in between.
    update(&talk, ADMIN, "ISS-1", json!([]), json!([people[1]])).await;
    let second = page(first.get("next_cursor")).await.ok();
    assert_eq!(ids(&second), people[2..4]);
    let third = page(second.get("next_cursor")).await.ok();
    assert_eq!((ids(&third), third.get("next_cursor")), (people[4..].to_vec(), None));
    let got = talk.server.get("subscribers.list", "id=ISS-1&limit=1").await.ok();
    assert_eq!(ids(&got), people[..1]);
    let refused = page(Some(&json!("x"))).await;
    assert_eq!(refused.error(400, "invalid_field")["field_name"], "cursor");
}

#[tokio::test]
async fn customers_follow_what_they_see_themselves() {
    let talk = Talk::new().await;
    let (kim, kims) = talk.customer("kim", "eu").await;
    let (lou, lous) = talk.customer("lou", "eu").await;
    let (_, mias) = talk.customer("mia", "us").await;
    let ticket = talk.ticket_of(&kims).await;
    update(&talk, &lous, &ticket, json!([lou]), json!([])).await;
    assert!(follows(&talk, &kims, &ticket).await && follows(&talk, &lous, &ticket).await);
    update(&talk, &lous, &ticket, json!([]), json!([lou])).await;
    assert!(!follows(&talk, &lous, &ticket).await);
    for (token, body, status, kind) in [
        (&lous, json!({"id": ticket, "subscribers": {"add": [kim]}}), 403, "forbidden"),
        (&lous, json!({"id": ticket, "subscribers": {"remove": [kim]}}), 403, "forbidden"),
        (&mias, json!({"id": ticket, "subscribers": {"add": []}}), 404, "not_found"),
        (&mias, json!({"id": "ISS-1", "subscribers": {"add": []}}), 404, "not_found"),
    ] {
        talk.server.call_as(token, "subscribers.update", body).await.error(status, kind);
    }
    let hidden = talk.server.call_as(&mias, "subscribers.get", json!({"id": ticket})).await;
    hidden.error(404, "not_found");
    let listed = talk.server.call_as(&kims, "subscribers.list", json!({"id": ticket})).await;
    listed.error(403, "forbidden");
}

#[tokio::test]
async fn bad_subscribers_are_refused_by_name() {
    let talk = Talk::new().await;
    for (subscribers, kind, field) in [
        (json!({"add": ["DEVU-99"]}), "invalid_id", "add"),
        (json!({"remove": ["REVU-99"]}), "invalid_id", "remove"),
        (json!({"add": ["ISS-1"]}), "unexpected_id_type", "add"),
        (json!({"add": ["SYSU-1"]}), "unexpected_id_type", "add"),
        (json!({"add": ["x"]}), "invalid_id", "add"),
        (json!({"add": ["DEVU-1"], "remove": ["DEVU-1"]}), "value_not_permitted", "remove"),
        (json!({"set": ["DEVU-1"]}), "invalid_field", "set"),
        (json!("DEVU-1"), "unexpected_json_type", "subscribers"),
    ] {
        let request = json!({"id": "ISS-1", "subscribers": subscribers});
        let refused = talk.server.call("subscribers.update", request.clone()).await;
        assert_eq!(refused.error(400, kind)["field_name"], field, "{request}");
    }
    assert_eq!(followers(&talk, "ISS-1").await, ["DEVU-1"]);
    for op in ["subscribers.get", "subscribers.list", "subscribers.update"] {
        let gone = talk.server.call(op, json!({"id": "ISS-99"})).await;
        gone.error(404, "not_found");
        let other = talk.server.call(op, json!({"id": "PROD-1"})).await;
        assert_eq!(other.error(400, "unexpected_id_type")["field_name"], "id");
    }
}
