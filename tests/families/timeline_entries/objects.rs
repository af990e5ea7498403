//! The objects that have timelines, and what becomes of these with them.

use serde_json::{Value, json};

use super::{Talk, bodies, on};

impl Talk {
    /// An object of every kind with a timeline: its id, its display id, and its type.
    async fn objects(&self) -> Vec<(String, String, String)> {
        let mut made = Vec::new();
        let mut add = |kind: &str, object: &Value| {
            let text = |member: &str| object[member].as_str().map(ToOwned::to_owned);
            let id = text("id").expect("an id");
            made.push((id.clone(), text("display_id").unwrap_or(id), kind.to_owned()));
        };
        let customer = json!({"display_name": "Acme"});
        let account = self.call("accounts.create", customer).await;
        add("account", &account["account"]);
        add("rev_org", &account["default_rev_org"]);
        let workspace = json!({"rev_org": account["default_rev_org"]["id"]});
        add("rev_user", &self.call("rev-users.create", workspace).await["rev_user"]);
        let group = json!({"name": "Team", "description": "us"});
        add("group", &self.call("groups.create", group).await["group"]);
        for kind in ["issue", "ticket", "task", "opportunity"] {
            let mut work = json!({"type": kind, "title": "A work", "owned_by": ["DEVU-1"]});
            match kind {
                "issue" | "ticket" => work["applies_to_part"] = json!("PROD-1"),
                "opportunity" => work["account"] = account["account"]["id"].clone(),
                _ => {}
            }
            add(kind, &self.call("works.create", work).await["work"]);
        }
        for kind in ["product", "capability", "feature", "enhancement", "runnable", "linkable"] {
            let mut part = json!({"type": kind, "name": kind, "owned_by": ["DEVU-1"]});
            match kind {
                "product" => {}
                "feature" => part["parent_part"] = json!(["CAPL-1"]),
                _ => part["parent_part"] = json!(["PROD-1"]),
            }
            add(kind, &self.call("parts.create", part).await["part"]);
        }
        let schema = json!({
            "type": "tenant_fragment", "leaf_type": "campaign", "is_custom_leaf_type": true,
            "description": "What sells", "id_prefix": "CMP",
        });
        self.call("schemas.custom.set", schema).await;
        let campaign = json!({"leaf_type": "campaign", "title": "Spring"});
        let campaign = self.call("custom-objects.create", campaign).await;
        add("custom_object", &campaign["custom_object"]);
        let comment = self.comment("ISS-1", json!({"body": "top"})).await;
        add("timeline_comment", &comment);
        made
    }
}

#[tokio::test]
async fn objects_of_every_kind_have_a_timeline() {
    let talk = Talk::new().await;
    let objects = talk.objects().await;
    assert_eq!(objects.len(), 16);
    for (id, display_id, kind) in &objects {
        let entry = talk.comment(display_id, json!({"body": "Hm."})).await;
        let seen = (&entry["object"], &entry["object_display_id"], &entry["object_type"]);
        assert_eq!(seen, (&json!(id), &json!(display_id), &json!(kind)));
        let number =
            entry["id"].as_str().and_then(|own| own.strip_prefix(&format!("{id}:comment/")));
        assert!(number.is_some(), "{} on {id}", entry["id"]);
        assert_eq!(talk.get(&entry["id"]).await, entry);
        let only = std::slice::from_ref(&entry);
        assert_eq!(talk.list(&json!(id), json!({})).await, only);
        assert_eq!(talk.list(&json!(display_id), json!({})).await, only);

        let events = talk.list(&json!(id), json!({"collections": "events"})).await;
        if kind == "timeline_comment" {
            assert_eq!(events, Vec::<Value>::new());
            continue;
        }
        let created = &events[0];
        assert_eq!(created["event"]["type"], "created", "{kind}");
        let object = &created["event"]["created"]["object"];
        assert_eq!((&object["type"], &object["id"]), (&json!(kind), &json!(id)));
        assert_eq!(talk.get(&created["id"]).await, *created);
    }
}

#[tokio::test]
async fn a_timeline_goes_with_its_object() {
    let talk = Talk::new().await;
    let entry = talk.comment("ISS-1", json!({"body": "top"})).await;
    let reply = talk.comment(entry["id"].as_str().expect("an id"), json!({"body": "re"})).await;
    talk.call("works.delete", json!({"id": "ISS-1"})).await;
    for id in [&entry["id"], &reply["id"]] {
        for op in ["get", "update", "delete"] {
            let op = format!("timeline-entries.{op}");
            talk.server.call(&op, json!({"id": id})).await.error(404, "not_found");
        }
        let emoji = json!({"object": id, "emoji": "joy"});
        talk.server.call("reactions.list", emoji).await.error(404, "not_found");
    }
    for object in [&json!("ISS-1"), &entry["id"]] {
        let list = json!({"object": object});
        talk.server.call("timeline-entries.list", list).await.error(404, "not_found");
        let comment = on(object.as_str().expect("an id"), json!({"body": "late"}));
        talk.server.call("timeline-entries.create", comment).await.error(404, "not_found");
    }
    let change =
        entry["id"].as_str().expect("an id").replace(":comment/1", ":timeline_change_event/1");
    talk.server.call("timeline-entries.get", json!({"id": change})).await.error(404, "not_found");
    // It does not keep what it is on from being deleted, either.
    talk.comment("PROD-1", json!({"body": "part"})).await;
    talk.call("parts.delete", json!({"id": "PROD-1"})).await;
}

#[tokio::test]
async fn the_timelines_of_merged_objects_become_one() {
    let talk = Talk::new().await;
    let mut accounts = Vec::new();
    for name in ["Acme", "Acme Inc"] {
        let made = talk.call("accounts.create", json!({"display_name": name})).await;
        accounts.push(made["account"]["display_id"].as_str().expect("an id").to_owned());
    }
    for (account, body) in accounts.iter().zip(["first", "second"]) {
        talk.comment(account, json!({"body": body, "external_ref": "x"})).await;
    }
    let merge = json!({"primary_account": accounts[0], "secondary_account": accounts[1]});
    talk.call("accounts.merge", merge).await;
    for _ in 0..2 {
        for account in &accounts {
            let listed = talk.list(&json!(account), json!({})).await;
            assert_eq!(bodies(&listed), ["first", "second"]);
            for entry in &listed {
                assert_eq!(entry["object_display_id"], json!(accounts[0]));
                assert_eq!(talk.get(&entry["id"]).await, *entry);
            }
        }
        talk.server.work().await;
    }
    let late = talk.comment(&accounts[1], json!({"body": "third"})).await;
    assert_eq!(late["object_display_id"], json!(accounts[0]));
    assert_eq!(talk.list(&json!(accounts[0]), json!({})).await.len(), 3);
}

#[tokio::test]
async fn a_timeline_survives_what_happens_to_those_it_names() {
    let talk = Talk::new().await;
    talk.call("tags.create", json!({"name": "core"})).await;
    let (member, token) = talk.member("bob").await;
    let body = format!("TAG-1 for {member}");
    let entry = talk.comment_as(&token, "ISS-1", json!({"body": body})).await;
    assert_eq!(entry["references"].as_array().map(Vec::len), Some(2));
    talk.call("tags.delete", json!({"id": "TAG-1"})).await;
    for _ in 0..2 {
        let shown = talk.get(&entry["id"]).await;
        assert_eq!(shown["references"][0]["display_id"], json!(member));
        assert_eq!(shown["references"].as_array().map(Vec::len), Some(1));
        talk.server.work().await;
    }
}
