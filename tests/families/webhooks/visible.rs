//! Who sees webhooks, and what they are told: what their owner would be told.

use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{World, kinds};

impl World {
    /// A token of a further member, with scopes of its own.
    async fn member(&self, name: &str, scopes: &str) -> String {
        let email = format!("{name}@example.org");
        let found = self.server.call("dev-users.list", json!({"email": [email]})).await.ok();
        let user = if let Some(user) = found["dev_users"].get(0) {
            user["id"].clone()
        } else {
            let user = json!({"email": email, "state": "shadow"});
            let user = self.server.call("dev-users.create", user).await.ok();
            let id = user["dev_user"]["id"].clone();
            self.server.call("dev-users.activate", json!({"id": id})).await.ok();
            id
        };
        let kind = "urn:devrev:params:oauth:token-type:pat:act-as";
        let mut request = json!({"requested_token_type": kind, "act_as": user});
        if !scopes.is_empty() {
            request["scope"] = scopes.into();
        }
        let token = self.server.call("auth-tokens.create", request).await.ok();
        token["access_token"].as_str().expect("a token").to_owned()
    }

    async fn comment(&self, token: &str, members: Value) -> Value {
        let mut body = json!({"object": "ISS-1", "type": "timeline_comment", "body": "Hello"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let made = self.server.call_as(token, "timeline-entries.create", body).await.ok();
        made["timeline_entry"].clone()
    }

    /// The types that each receiver was sent, by the ends of their addresses.
    async fn sent(&self) -> Vec<String> {
        let received = self.work().await;
        let all = received.iter().map(|one| {
            let name = one.url.rsplit('/').next().unwrap();
            format!("{name} {}", one.kind())
        });
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        all
    }
}

fn url(name: &str) -> String {
    format!("https://{name}.example/{name}")
}

const ENTRIES: [&str; 3] =
    ["timeline_entry_created", "timeline_entry_updated", "timeline_entry_deleted"];

#[tokio::test]
async fn a_webhook_is_told_what_its_owner_may_see() {
    let world = World::start().await;
    let issue = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    world.server.call("works.create", issue).await.ok();
    let (ben, cy) = (world.member("ben", "").await, world.member("cy", "").await);
    world.active_as(ADMIN, &url("ada"), &ENTRIES).await;
    world.active_as(&ben, &url("ben"), &ENTRIES).await;
    world.active_as(&cy, &url("cy"), &ENTRIES).await;
    world.comment(&ben, json!({"visibility": "internal"})).await;
    let all =
        ["ada timeline_entry_created", "ben timeline_entry_created", "cy timeline_entry_created"];
    assert_eq!(world.sent().await, all);
    // A private comment is for its author and those whom it names.
    let cy_user = world.server.call_as(&cy, "dev-users.self", json!({})).await.ok();
    let members = json!({"visibility": "private", "private_to": [cy_user["dev_user"]["id"]]});
    let private = world.comment(&ben, members).await;
    let own = ["ben timeline_entry_created", "cy timeline_entry_created"];
    assert_eq!(world.sent().await, own);
    // Whoever wants to hear of deletions alone is told of these.
    world.active_as(&ben, &url("last"), &["timeline_entry_deleted"]).await;
    // Whatever becomes of it later, nobody else is told, not even that it is gone.
    for (op, kind, members) in [
        ("timeline-entries.update", "timeline_entry_updated", json!({"body": "Changed"})),
        ("timeline-entries.delete", "timeline_entry_deleted", json!({})),
    ] {
        let mut request = members;
        request["id"] = private["id"].clone();
        world.server.call_as(&ben, op, request).await.ok();
        let received = world.work().await;
        let mut to: Vec<_> = received.iter().map(|one| (one.url.clone(), one.kind())).collect();
        to.sort_unstable();
        let mut expected = vec![(url("ben"), kind), (url("cy"), kind)];
        if kind == "timeline_entry_deleted" {
            expected.push((url("last"), kind));
            for one in &received {
                assert_eq!(one.payload()["id"], private["id"]);
                assert_eq!(one.payload()["old_entry"]["body"], "Changed");
                assert!(one.payload().get("entry").is_none());
            }
        }
        assert_eq!(to, expected);
    }
}

#[tokio::test]
async fn the_scopes_of_the_token_that_made_a_webhook_limit_what_it_is_told() {
    let world = World::start().await;
    let narrow = world.member("ben", "webhook:all tag:read").await;
    world.active_as(&narrow, &url("narrow"), &["tag_created", "work_created"]).await;
    let issue = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    world.server.call("works.create", issue).await.ok();
    world.tag("a").await;
    assert_eq!(world.sent().await, ["narrow tag_created"]);
}

#[tokio::test]
async fn a_webhook_of_somebody_who_cant_act_any_more_is_told_nothing() {
    let world = World::start().await;
    let ben = world.member("ben", "").await;
    world.active_as(&ben, &url("ben"), &["tag_created"]).await;
    let user = world.server.call_as(&ben, "dev-users.self", json!({})).await.ok();
    let off = json!({"id": user["dev_user"]["id"]});
    world.server.call("dev-users.deactivate", off.clone()).await.ok();
    world.tag("a").await;
    assert!(world.sent().await.is_empty());
    world.server.call("dev-users.activate", off).await.ok();
    world.tag("b").await;
    assert_eq!(world.sent().await, ["ben tag_created"]);
}

#[tokio::test]
async fn only_its_owner_and_admins_see_a_webhook_and_only_the_owner_its_secrets() {
    let world = World::start().await;
    let (ben, cy) = (world.member("ben", "").await, world.member("cy", "").await);
    let request = json!({
        "url": url("ben"), "event_types": ["tag_created"],
        "headers": [{"name": "Authorization", "value": "x"}],
    });
    let made = world.server.call_as(&ben, "webhooks.create", request).await.ok();
    let webhook = made["webhook"].clone();
    world.work().await;
    let id = json!({"id": webhook["id"]});
    for op in ["webhooks.get", "webhooks.delete", "webhooks.update"] {
        world.server.call_as(&cy, op, id.clone()).await.error(404, "not_found");
    }
    let none = world.server.call_as(&cy, "webhooks.list", json!({})).await.ok();
    assert_eq!(none, json!({"webhooks": []}));
    let shown = world.server.call("webhooks.get", id.clone()).await.ok()["webhook"].clone();
    assert_eq!((&shown["secret"], &shown["headers"][0]["value"]), (&json!(""), &json!("")));
    let listed = world.server.call("webhooks.list", json!({})).await.ok();
    assert_eq!(listed["webhooks"][0]["secret"], "");
    let events = world.server.call("events.list", json!({"object_types": ["webhook"]})).await.ok();
    assert_eq!(events["events"][0]["new"]["secret"], "");
    let own = json!({"object_types": ["webhook"]});
    let own = world.server.call_as(&ben, "events.list", own).await.ok();
    assert_eq!(own["events"][0]["new"]["secret"], webhook["secret"]);
    let hidden = world.server.call_as(&cy, "events.list", json!({"object_types": ["webhook"]}));
    assert_eq!(hidden.await.ok()["events"], json!([]));

    let url = json!({"id": webhook["id"], "url": "https://evil.example/"});
    world.server.call("webhooks.update", url).await.error(403, "forbidden");
    let list = json!({"webhook": webhook["id"]});
    world.server.call("webhooks.deliveries.list", list).await.error(403, "forbidden");
    let fetch = json!({"id": webhook["id"], "object": "ISS-1"});
    world.server.call("webhooks.fetch", fetch).await.error(403, "forbidden");
    let off = json!({"id": webhook["id"], "action": "deactivate"});
    let off = world.server.call("webhooks.update", off).await.ok();
    assert_eq!(
        (&off["webhook"]["status"], &off["webhook"]["secret"]),
        (&json!("inactive"), &json!(""))
    );
    world.server.call("webhooks.delete", id).await.ok();
}

#[tokio::test]
async fn customers_have_no_webhooks() {
    let world = World::start().await;
    let eve = world.server.session("eve", "eu").await;
    let request = json!({"url": url("eve")});
    world.server.call_as(&eve, "webhooks.create", request).await.error(403, "forbidden");
    world.server.call_as(&eve, "webhooks.list", json!({})).await.error(403, "forbidden");
    assert!(kinds(&world.work().await).is_empty());
}
