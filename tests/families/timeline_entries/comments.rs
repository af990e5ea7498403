//! Comments: written, read, changed, deleted.

use serde_json::{Value, json};
use worksmith_kernel::Actor;
use worksmith_talk::timeline_entries::{self, Comment};
use worksmith_tests::{ADMIN, Server};
use worksmith_wire::{Id, Kind};

use super::{Talk, bodies, on};
use crate::artifacts::{prepare, upload};

#[tokio::test]
async fn a_comment_is_made_read_listed_changed_and_deleted() {
    let talk = Talk::new().await;
    let request = on("ISS-1", json!({"body": "Why is it slow?"}));
    let made = talk.server.call("timeline-entries.create", request).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["x-worksmith-revision"], "1");
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    let entry = &made["timeline_entry"];
    let id = entry["id"].as_str().expect("an id");
    assert!(id.ends_with(":issue/1:comment/1"), "{id}");
    assert_eq!(talk.get(&entry["id"]).await, *entry);
    let query = format!("id={}", id.replace(':', "%3A").replace('/', "%2F"));
    assert_eq!(talk.server.get("timeline-entries.get", &query).await.ok(), made);
    let listed = talk.call("timeline-entries.list", json!({"object": "ISS-1"})).await;
    assert_eq!(listed, json!({"timeline_entries": [entry]}));

    let work = talk.call("works.get", json!({"id": "ISS-1"})).await;
    assert_ne!(work["work"]["modified_date"], entry["created_date"]);

    // The vendor's Python client leaves the type out.
    let patch = json!({"id": id, "body": "It is slow."});
    let changed =
        talk.call("timeline-entries.update", patch.clone()).await["timeline_entry"].clone();
    let mut expected = entry.clone();
    expected["body"] = json!("It is slow.");
    expected["modified_date"] = changed["modified_date"].clone();
    assert_eq!(changed, expected);
    assert_ne!(changed["modified_date"], entry["modified_date"]);
    let same = talk.server.call("timeline-entries.update", patch).await;
    assert_eq!(same.headers["x-worksmith-revision"], "2");
    assert_eq!(same.ok()["timeline_entry"], changed);

    assert_eq!(talk.call("timeline-entries.delete", json!({"id": id})).await, json!({}));
    for op in ["timeline-entries.get", "timeline-entries.update", "timeline-entries.delete"] {
        talk.server.call(op, json!({"id": id})).await.error(404, "not_found");
    }
    let listed = talk.list(&json!("ISS-1"), json!({})).await;
    let mut expected = changed;
    expected.as_object_mut().expect("an entry").remove("body");
    expected["modified_date"] = listed[0]["modified_date"].clone();
    assert_eq!(listed, [expected]);
}

#[tokio::test]
async fn every_member_is_kept() {
    let talk = Talk::new().await;
    let file = prepare(&talk.server, "a.txt", "text/plain").await;
    assert_eq!(upload(&talk.server, &file, b"mine").await.status, 204);
    let entry = talk.comment(
        "ISS-1",
        json!({
            "artifacts": ["ARTIFACT-1"], "body": "See it.", "body_type": "text",
            "collections": ["events", "discussions"], "expires_at": "2026-01-02T00:00:00+01:00",
            "external_ref": "chat-7", "labels": ["display:customer-chat", "x", "x"],
            "link_previews": ["don:core:dvrv-us-1:devo/h7fWBz:snap_widget/w1"],
            "private_to": ["DEVU-1"], "visibility": "private",
        }),
    );
    let entry = entry.await;
    insta::assert_json_snapshot!(entry);
    assert_eq!(talk.get(&entry["id"]).await, entry);

    let kit = json!({
        "body": {"snaps": [{"type": "card", "text": null}]}, "snap_in_id": "snap-1",
        "snap_in_action_name": "vote",
    });
    let shown = talk.comment("ISS-1", json!({"snap_kit_body": kit})).await;
    assert_eq!((&shown["body_type"], &shown["snap_kit_body"]), (&json!("snap_kit"), &kit));
    let with_text = json!({"snap_kit_body": kit, "body_type": "snap_kit", "body": "Vote!"});
    let shown = talk.comment("ISS-1", with_text).await;
    assert_eq!((&shown["body"], &shown["snap_kit_body"]), (&json!("Vote!"), &kit));
    let text = json!({"id": shown["id"], "body_type": "text"});
    let text = talk.call("timeline-entries.update", text).await["timeline_entry"].clone();
    assert_eq!(text.get("snap_kit_body"), None);
    let back = json!({"id": shown["id"], "snap_kit_body": kit});
    let back = talk.call("timeline-entries.update", back).await["timeline_entry"].clone();
    assert_eq!((&back["body_type"], &back["snap_kit_body"]), (&json!("snap_kit"), &kit));

    let data = talk.comment("ISS-1", json!({"body": "{\"a\":1}", "body_type": "data"})).await;
    assert_eq!((&data["body_type"], &data["body"]), (&json!("data"), &json!("{\"a\":1}")));
}

#[tokio::test]
async fn files_come_and_go_with_a_comment() {
    let talk = Talk::new().await;
    for name in ["a", "b", "c"] {
        prepare(&talk.server, name, "text/plain").await;
    }
    let entry = talk.comment("ISS-1", json!({"artifacts": ["ARTIFACT-1", "ARTIFACT-1"]})).await;
    let files = |entry: &Value| -> Vec<Value> {
        let files = entry["artifacts"].as_array().cloned().unwrap_or_default();
        files.iter().map(|file| file["display_id"].clone()).collect()
    };
    assert_eq!((files(&entry), entry.get("body")), (vec![json!("ARTIFACT-1")], None));
    let update = async |patch: Value| {
        let request = json!({"id": entry["id"], "type": "timeline_comment", "artifacts": patch});
        talk.server.call("timeline-entries.update", request).await
    };
    let changed = update(json!({"add": ["ARTIFACT-2", "ARTIFACT-1"]})).await.ok();
    assert_eq!(files(&changed["timeline_entry"]), ["ARTIFACT-1", "ARTIFACT-2"]);
    let changed = update(json!({"remove": ["ARTIFACT-1", "ARTIFACT-3"]})).await.ok();
    assert_eq!(files(&changed["timeline_entry"]), ["ARTIFACT-2"]);
    let changed = update(json!({"set": ["ARTIFACT-3", "ARTIFACT-2"]})).await.ok();
    assert_eq!(files(&changed["timeline_entry"]), ["ARTIFACT-3", "ARTIFACT-2"]);
    let of = |id: &Value| talk.call("artifacts.list", json!({"parent_id": id}));
    assert_eq!(of(&entry["id"]).await["artifacts"].as_array().map(Vec::len), Some(2));
    let empty = update(json!({"set": []})).await.error(400, "missing_required_field");
    assert_eq!(empty["field_name"], "body");

    let taken = on("ISS-1", json!({"artifacts": ["ARTIFACT-2"]}));
    let taken = talk.server.call("timeline-entries.create", taken).await;
    let taken = taken.error(400, "artifact_already_attached_to_a_parent");
    assert_eq!(taken["existing_parent"], entry["id"]);
    talk.call("timeline-entries.delete", json!({"id": entry["id"]})).await;
    assert_eq!(of(&entry["id"]).await["artifacts"], json!([]));
}

#[tokio::test]
async fn an_external_reference_is_unique_in_its_timeline() {
    let talk = Talk::new().await;
    let first = talk.comment("ISS-1", json!({"body": "a", "external_ref": "x 1"})).await;
    let second = talk.comment("ISS-1", json!({"body": "b"})).await;
    let elsewhere = talk.comment("PROD-1", json!({"body": "c", "external_ref": "x 1"})).await;
    let clash = on("ISS-1", json!({"body": "d", "external_ref": "x 1"}));
    let clash = talk.server.call("timeline-entries.create", clash).await.error(409, "conflict");
    assert_eq!(clash["message"], "external_ref \"x 1\" is taken in this timeline");
    assert_eq!(clash["detail"], "external_ref");
    let rename = json!({"id": second["id"], "external_ref": "x 1"});
    talk.server.call("timeline-entries.update", rename.clone()).await.error(409, "conflict");
    let own = json!({"id": first["id"], "external_ref": "x 1", "body": "a2"});
    talk.call("timeline-entries.update", own).await;

    let find = async |id: &Value, external_ref: &str| {
        let request = json!({"id": id, "external_ref": external_ref});
        talk.server.call("timeline-entries.get", request).await
    };
    for id in [&first["id"], &second["id"]] {
        assert_eq!(find(id, "x 1").await.ok()["timeline_entry"]["body"], "a2");
    }
    assert_eq!(find(&elsewhere["id"], "x 1").await.ok()["timeline_entry"]["body"], "c");
    let change =
        first["id"].as_str().expect("an id").replace(":comment/1", ":timeline_change_event/1");
    assert_eq!(find(&json!(change), "x 1").await.ok()["timeline_entry"]["body"], "a2");
    let none = find(&second["id"], "x 2").await.error(404, "not_found");
    assert_eq!(none["message"], "no entry of this timeline has external_ref \"x 2\"");

    let clear = json!({"id": first["id"], "external_ref": null});
    let cleared = talk.call("timeline-entries.update", clear).await;
    assert_eq!(cleared["timeline_entry"].get("external_ref"), None);
    talk.call("timeline-entries.update", rename).await;
    talk.call("timeline-entries.delete", json!({"id": second["id"]})).await;
    find(&first["id"], "x 1").await.error(404, "not_found");
    talk.comment("ISS-1", json!({"body": "e", "external_ref": "x 1"})).await;
}

#[tokio::test]
async fn a_comment_is_gone_when_its_time_is_over() {
    let talk = Talk::new().await;
    let end = json!("2026-01-01T12:05:00Z");
    let short = json!({"body": "soon gone", "expires_at": end, "external_ref": "x"});
    let entry = talk.comment("ISS-1", short).await;
    let reply = talk.comment(entry["id"].as_str().expect("an id"), json!({"body": "ok"})).await;
    talk.comment("ISS-1", json!({"body": "stays"})).await;
    assert_eq!(bodies(&talk.list(&json!("ISS-1"), json!({})).await), ["soon gone", "stays"]);
    talk.server.clock.advance_ms(300_000);
    assert_eq!(bodies(&talk.list(&json!("ISS-1"), json!({})).await), ["stays"]);
    for id in [&entry["id"], &reply["id"]] {
        for op in ["get", "update", "delete"] {
            let op = format!("timeline-entries.{op}");
            talk.server.call(&op, json!({"id": id})).await.error(404, "not_found");
        }
        let reaction = json!({"object": id, "emoji": "joy", "action": "add"});
        talk.server.call("reactions.update", reaction).await.error(404, "not_found");
    }
    let thread = json!({"object": entry["id"]});
    talk.server.call("timeline-entries.list", thread).await.error(404, "not_found");
    let again = talk.comment("ISS-1", json!({"body": "anew", "external_ref": "x"})).await;
    let found = json!({"id": again["id"], "external_ref": "x"});
    assert_eq!(talk.call("timeline-entries.get", found).await["timeline_entry"], again);
}

/// Whether an entry is stored, seen by somebody or not.
async fn is_stored(talk: &Talk, number: u64, object: &Id) -> bool {
    let id = Id::of_object(Kind::Comment, object, number);
    let cx = talk.server.environment.context("h7fWBz", Actor::system());
    let found = talk.server.engine.begin(&cx).find::<Comment>(&id).await;
    found.expect("an answer").is_some()
}

#[tokio::test]
async fn what_has_expired_is_deleted_and_nothing_else() {
    let talk = Talk::new().await;
    let file = prepare(&talk.server, "a.txt", "text/plain").await;
    let end = json!("2026-01-01T12:05:00Z");
    let short = json!({
        "body": "soon gone", "expires_at": end, "external_ref": "x", "artifacts": [file["id"]],
    });
    let short = talk.comment("ISS-1", short).await;
    talk.comment("ISS-1", json!({"body": "later", "expires_at": "2026-01-01T13:00:00Z"})).await;
    let stays = talk.comment("ISS-1", json!({"body": "stays"})).await;
    // More than are deleted at once.
    for number in 0..70 {
        let reply = json!({"body": format!("reply {number}")});
        talk.comment(short["id"].as_str().expect("an id"), reply).await;
    }
    let passing = json!({"body": "passing", "expires_at": end});
    talk.comment(stays["id"].as_str().expect("an id"), passing).await;
    let expire = async || {
        let Server { engine, environment, .. } = &talk.server;
        timeline_entries::expire(engine, environment).await.expect("expired")
    };
    assert_eq!(expire().await, 0);
    assert_eq!(talk.get(&stays["id"]).await["thread"], json!({"total_replies": 1}));

    talk.server.clock.advance_ms(300_000);
    let before = talk.list(&json!("ISS-1"), json!({})).await;
    assert_eq!(bodies(&before), ["later", "stays"]);
    assert_eq!(before[1].get("thread"), None);
    let issue = Id::numbered(Kind::Issue, 1);
    let top = Id::of_object(Kind::Comment, &issue, 1);
    // Its external reference is free at once, without the worker.
    let anew = talk.comment("ISS-1", json!({"body": "anew", "external_ref": "x"})).await;
    assert!(is_stored(&talk, 1, &issue).await && is_stored(&talk, 4, &top).await);

    assert_eq!(expire().await, 72);
    assert_eq!(expire().await, 0);
    assert!(!is_stored(&talk, 1, &issue).await && is_stored(&talk, 2, &issue).await);
    for number in 4..74 {
        assert!(!is_stored(&talk, number, &top).await, "{number}");
    }
    let after = talk.list(&json!("ISS-1"), json!({})).await;
    assert_eq!(after, [&before[..], &[anew]].concat());
    let files = talk.call("artifacts.list", json!({"parent_id": short["id"]})).await;
    assert_eq!(files["artifacts"], json!([]));
}

#[tokio::test]
async fn the_replies_of_a_page_are_counted_for_each_comment() {
    let talk = Talk::new().await;
    let (bob, token) = talk.member("bob").await;
    let mut tops = Vec::new();
    for body in ["none", "two", "three", "hidden"] {
        tops.push(talk.comment("ISS-1", json!({"body": body})).await["id"].clone());
    }
    let private = json!({"body": "x", "visibility": "private"});
    for (top, members, count) in [
        (1, json!({"body": "x"}), 2),
        (2, json!({"body": "x", "visibility": "internal"}), 3),
        (2, private.clone(), 1),
        (3, private, 2),
    ] {
        for _ in 0..count {
            talk.comment_as(&token, tops[top].as_str().expect("an id"), members.clone()).await;
        }
    }
    let totals = async |token: &str| -> Vec<Value> {
        let list = json!({"object": "ISS-1"});
        let page = talk.server.call_as(token, "timeline-entries.list", list).await.ok();
        let entries = page["timeline_entries"].as_array().expect("entries");
        entries.iter().map(|entry| entry["thread"]["total_replies"].clone()).collect()
    };
    let none = Value::Null;
    assert_eq!(totals(ADMIN).await, [none.clone(), json!(2), json!(3), none.clone()]);
    assert_eq!(totals(&token).await, [none, json!(2), json!(4), json!(2)], "{bob}");
}

#[tokio::test]
async fn replies_are_a_thread_of_one_level() {
    let talk = Talk::new().await;
    let top = talk.comment("ISS-1", json!({"body": "top"})).await;
    assert_eq!(top.get("thread"), None);
    let id = top["id"].as_str().expect("an id");
    let reply = talk.comment(id, json!({"body": "first"})).await;
    talk.comment(id, json!({"body": "second"})).await;
    assert_eq!(reply["object"], top["id"]);
    assert_eq!(reply["object_display_id"], top["id"]);
    assert_eq!(reply["object_type"], "timeline_comment");
    assert_eq!(reply["id"], format!("{id}:comment/2"));
    assert_eq!(talk.get(&reply["id"]).await, reply);
    let thread = json!({"total_replies": 2});
    assert_eq!(talk.get(&top["id"]).await["thread"], thread);
    let listed = talk.list(&json!("ISS-1"), json!({})).await;
    assert_eq!((bodies(&listed), &listed[0]["thread"]), (vec!["top"], &thread));
    assert_eq!(bodies(&talk.list(&top["id"], json!({})).await), ["first", "second"]);

    let deeper = on(reply["id"].as_str().expect("an id"), json!({"body": "third"}));
    let deeper = talk.server.call("timeline-entries.create", deeper).await;
    assert_eq!(deeper.error(400, "value_not_permitted")["field_name"], "object");

    // Deleted entries keep their places.
    talk.call("timeline-entries.delete", json!({"id": reply["id"]})).await;
    talk.call("timeline-entries.delete", json!({"id": top["id"]})).await;
    let listed = talk.list(&json!("ISS-1"), json!({})).await;
    assert_eq!((bodies(&listed), &listed[0]["thread"]), (vec!["-"], &thread));
    assert_eq!(bodies(&talk.list(&top["id"], json!({})).await), ["-", "second"]);
    let late = on(id, json!({"body": "late"}));
    talk.server.call("timeline-entries.create", late).await.error(404, "not_found");
}

#[tokio::test]
async fn a_text_mentions_what_is_there() {
    let talk = Talk::new().await;
    let first = talk.comment("ISS-1", json!({"body": "first"})).await;
    let body = format!(
        "[ISS-1](don:core:dvrv-us-1:devo/h7fWBz:issue/1), PROD-1 and DEVU-1, see {}; not ISS-9, \
         nor don:core:dvrv-us-1:devo/other:issue/1, nor iss-1, nor PROD-1 again",
        first["id"].as_str().expect("an id")
    );
    let entry = talk.comment("ISS-1", json!({"body": body})).await;
    let mentioned = |entry: &Value| -> Vec<(Value, Value)> {
        let references = entry["references"].as_array().cloned().unwrap_or_default();
        references.iter().map(|one| (one["type"].clone(), one["id"].clone())).collect()
    };
    let don =
        |service: &str, tail: &str| json!(format!("don:{service}:dvrv-us-1:devo/h7fWBz:{tail}"));
    assert_eq!(
        mentioned(&entry),
        [
            (json!("issue"), don("core", "issue/1")),
            (json!("product"), don("core", "product/1")),
            (json!("dev_user"), don("identity", "devu/1")),
            (json!("timeline_comment"), first["id"].clone()),
        ]
    );
    assert_eq!(entry["references"][0]["title"], "Slow");
    let patch = json!({"id": entry["id"], "body": "only PROD-1"});
    let changed = talk.call("timeline-entries.update", patch).await["timeline_entry"].clone();
    assert_eq!(mentioned(&changed), [(json!("product"), don("core", "product/1"))]);
    let patch = json!({"id": entry["id"], "external_ref": "x"});
    let changed = talk.call("timeline-entries.update", patch).await["timeline_entry"].clone();
    assert_eq!(mentioned(&changed), [(json!("product"), don("core", "product/1"))]);
}

#[tokio::test]
async fn a_retry_with_the_same_key_comments_once() {
    let talk = Talk::new().await;
    let headers = [
        ("authorization", worksmith_tests::ADMIN),
        ("content-type", "application/json"),
        ("idempotency-key", "k1"),
    ];
    let send = || {
        let body = on("ISS-1", json!({"body": "once"})).to_string();
        talk.server.send(axum::http::Method::POST, "timeline-entries.create", &headers, body)
    };
    let first = send().await.ok();
    assert_eq!(send().await.ok(), first);
    assert_eq!(talk.list(&json!("ISS-1"), json!({})).await.len(), 1);
    let stale = [
        ("authorization", worksmith_tests::ADMIN),
        ("content-type", "application/json"),
        ("if-match", "7"),
    ];
    let body = json!({"id": first["timeline_entry"]["id"], "body": "x"}).to_string();
    let op = "timeline-entries.update";
    let refused = talk.server.send(axum::http::Method::POST, op, &stale, body).await;
    refused.error(412, "precondition_failed");
}
