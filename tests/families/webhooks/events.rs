//! What is told of which change, in whole bodies.

use serde_json::{Value, json};

use super::{URL, World, kinds};

/// The types of everything that objects here can tell.
const ALL: [&str; 44] = [
    "account_created",
    "account_updated",
    "account_deleted",
    "artifact_created",
    "artifact_updated",
    "artifact_deleted",
    "dev_user_created",
    "dev_user_updated",
    "dev_user_deleted",
    "group_created",
    "group_updated",
    "group_deleted",
    "group_member_added",
    "group_member_removed",
    "link_created",
    "link_updated",
    "link_deleted",
    "part_created",
    "part_updated",
    "part_deleted",
    "rev_org_created",
    "rev_org_updated",
    "rev_org_deleted",
    "rev_user_created",
    "rev_user_updated",
    "rev_user_deleted",
    "sla_tracker_created",
    "sla_tracker_updated",
    "sla_tracker_deleted",
    "sla_tracker_fetched",
    "tag_created",
    "tag_updated",
    "tag_deleted",
    "timeline_entry_created",
    "timeline_entry_updated",
    "timeline_entry_deleted",
    "webhook_created",
    "webhook_updated",
    "webhook_deleted",
    "work_created",
    "work_updated",
    "work_deleted",
    "work_fetched",
    "verify",
];

/// Calls an operation, and returns the types and payloads that a webhook is told.
async fn told(world: &World, op: &str, body: Value) -> (Value, Vec<(String, Value)>) {
    let answer = world.server.call(op, body).await.ok();
    let received = world.work().await;
    let all = received.iter().map(|one| (one.kind().to_owned(), one.payload().clone()));
    (answer, all.collect())
}

fn one(kind: &str, payload: Value) -> Vec<(String, Value)> {
    vec![(kind.to_owned(), payload)]
}

#[tokio::test]
async fn an_object_is_told_as_answers_show_it_before_and_after() {
    let world = World::start().await;
    world.active(URL, &ALL).await;
    let work = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    for (noun, create, update) in [
        ("tag", json!({"name": "a"}), json!({"name": "b"})),
        ("work", work, json!({"title": "U"})),
        (
            "part",
            json!({"type": "product", "name": "P", "owned_by": ["DEVU-1"]}),
            json!({"name": "Q"}),
        ),
        ("group", json!({"name": "G", "description": "d"}), json!({"name": "H"})),
    ] {
        let (made, events) = told(&world, &format!("{noun}s.create"), create).await;
        assert_eq!(events, one(&format!("{noun}_created"), json!({noun: made[noun]})));
        let mut update = update;
        update["id"] = made[noun]["id"].clone();
        let (changed, events) = told(&world, &format!("{noun}s.update"), update.clone()).await;
        let (new, old) = (&changed[noun], &made[noun]);
        let payload = json!({noun: new, format!("old_{noun}"): old});
        assert_eq!(events, one(&format!("{noun}_updated"), payload));
        // What changes nothing is not told.
        assert!(told(&world, &format!("{noun}s.update"), update).await.1.is_empty());
        let id = json!({"id": made[noun]["id"]});
        if noun == "group" {
            continue;
        }
        let (_, events) = told(&world, &format!("{noun}s.delete"), id).await;
        let payload = json!({"id": made[noun]["id"], format!("old_{noun}"): new});
        assert_eq!(events, one(&format!("{noun}_deleted"), payload));
    }
}

#[tokio::test]
async fn customers_and_members_are_told() {
    let world = World::start().await;
    world.active(URL, &ALL).await;
    let (made, events) = told(&world, "accounts.create", json!({"display_name": "Acme"})).await;
    let account = &made["account"];
    let mut types: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    types.sort_unstable();
    assert_eq!(types, ["account_created", "rev_org_created"]);
    assert!(events.contains(&("account_created".to_owned(), json!({"account": account}))));
    let (made, events) =
        told(&world, "rev-orgs.create", json!({"display_name": "EU", "account": account["id"]}))
            .await;
    assert_eq!(events, one("rev_org_created", json!({"rev_org": made["rev_org"]})));
    let user = json!({"email": "eve@acme.example", "rev_org": made["rev_org"]["id"]});
    let (made, events) = told(&world, "rev-users.create", user).await;
    assert_eq!(events, one("rev_user_created", json!({"rev_user": made["rev_user"]})));
    let update = json!({"id": made["rev_user"]["id"], "display_name": "Eve"});
    let (changed, events) = told(&world, "rev-users.update", update).await;
    let payload = json!({"rev_user": changed["rev_user"], "old_rev_user": made["rev_user"]});
    assert_eq!(events, one("rev_user_updated", payload));
    let user = json!({"email": "ben@example.org", "state": "shadow"});
    let (made, events) = told(&world, "dev-users.create", user).await;
    assert_eq!(events, one("dev_user_created", json!({"dev_user": made["dev_user"]})));
}

#[tokio::test]
async fn comments_reactions_and_links_are_told() {
    let world = World::start().await;
    let issue = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    world.server.call("works.create", issue.clone()).await.ok();
    world.server.call("works.create", issue).await.ok();
    world.active(URL, &ALL).await;
    let comment = json!({"object": "ISS-1", "type": "timeline_comment", "body": "Hello"});
    let (made, events) = told(&world, "timeline-entries.create", comment).await;
    let entry = &made["timeline_entry"];
    assert_eq!(events, one("timeline_entry_created", json!({"entry": entry})));
    let react = |action: &str| json!({"action": action, "emoji": "joy", "object": entry["id"]});
    for (action, done) in [("add", "added"), ("remove", "removed")] {
        let (_, events) = told(&world, "reactions.update", react(action)).await;
        let [(kind, payload)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(kind, "timeline_entry_updated");
        let reactor = &entry["created_by"];
        let reaction = json!({"action": done, "emoji": "1f602", "reactor": reactor});
        assert_eq!(payload["reactions"], json!([reaction]));
        assert_eq!(
            (&payload["entry"]["id"], &payload["old_entry"]["body"]),
            (&entry["id"], &json!("Hello"))
        );
    }
    let link = json!({"link_type": "is_related_to", "source": "ISS-1", "target": "ISS-2"});
    let (made, events) = told(&world, "links.create", link).await;
    let tells = |kind: &str| events.iter().filter(|(told, _)| told == kind).count();
    // The timelines of both tell of it, too, and webhooks are told once.
    assert_eq!((tells("link_created"), events.len()), (1, 1));
    assert!(events.contains(&("link_created".to_owned(), json!({"link": made["link"]}))));
    let (_, events) = told(&world, "links.delete", json!({"id": made["link"]["id"]})).await;
    let gone = json!({"id": made["link"]["id"], "old_link": made["link"]});
    assert!(events.contains(&("link_deleted".to_owned(), gone)), "{events:?}");
}

#[tokio::test]
async fn who_comes_into_a_group_and_leaves_it_is_told() {
    let world = World::start().await;
    let group = json!({"name": "G", "description": "d"});
    world.server.call("groups.create", group).await.ok();
    world.active(URL, &["group_member_added", "group_member_removed"]).await;
    let ends = json!({"group": "GROUP-1", "member": "DEVU-1"});
    let (_, events) = told(&world, "groups.members.add", ends.clone()).await;
    let [(kind, payload)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(kind, "group_member_added");
    let shown = (&payload["group"]["display_id"], &payload["member"]["display_id"]);
    assert_eq!(shown, (&json!("GROUP-1"), &json!("DEVU-1")));
    assert_eq!(payload["member"]["type"], "dev_user");
    let (_, events) = told(&world, "groups.members.remove", ends).await;
    assert_eq!(events, one("group_member_removed", payload.clone()));
}

#[tokio::test]
async fn webhooks_are_told_of_webhooks_without_what_they_were() {
    let world = World::start().await;
    let own = world.active(URL, &["webhook_created", "webhook_updated", "webhook_deleted"]).await;
    let other = json!({"url": "https://b.example/", "event_types": ["tag_created"]});
    let made = world.server.call("webhooks.create", other).await.ok()["webhook"].clone();
    let received = world.work().await;
    let own_events: Vec<_> = received.iter().filter(|one| one.url == URL).collect();
    let [created, updated] = &own_events[..] else { panic!("{own_events:?}") };
    assert_eq!(created.body["webhook_created"], json!({"webhook": made}));
    assert_eq!(updated.body["webhook_updated"]["webhook"]["status"], "active");
    assert_eq!(updated.body["webhook_updated"].as_object().expect("one").len(), 1);
    world.server.call("webhooks.delete", json!({"id": made["id"]})).await.ok();
    let received = world.work().await;
    assert_eq!(received[0].body["webhook_deleted"], json!({"id": made["id"]}));
    assert_eq!((received.len(), &received[0].body["webhook_id"]), (1, &own["id"]));
}

#[tokio::test]
async fn an_object_is_told_when_it_is_asked_for() {
    let world = World::start().await;
    let webhook = world.active(URL, &[]).await;
    let issue = json!({
        "type": "issue", "title": "T", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    let made = world.server.call("works.create", issue).await.ok()["work"].clone();
    let fetch = |object: &str| json!({"id": webhook["id"], "object": object});
    let (answered, events) = told(&world, "webhooks.fetch", fetch("ISS-1")).await;
    assert_eq!(answered, json!({"data": {}}));
    let payload = json!({"id": made["id"], "result": "ok", "work": made});
    assert_eq!(events, one("work_fetched", payload));
    let (_, events) = told(&world, "webhooks.fetch", fetch("ISS-9")).await;
    assert_eq!(events[0].1["result"], "not_found");
    assert!(events[0].1.get("work").is_none());
    let wrong = world.server.call("webhooks.fetch", fetch("TAG-1")).await;
    assert_eq!(wrong.error(400, "unexpected_id_type")["field_name"], "object");
    let off = json!({"id": webhook["id"], "action": "deactivate"});
    world.server.call("webhooks.update", off).await.ok();
    world.server.call("webhooks.fetch", fetch("ISS-1")).await.error(400, "bad_request");
}

#[tokio::test]
async fn a_webhook_is_told_only_what_it_wants_and_only_from_when_it_was_active() {
    let world = World::start().await;
    world.tag("before").await;
    let webhook = world.active(URL, &["tag_updated"]).await;
    world.tag("a").await;
    let rename = |name: &str| json!({"id": "TAG-2", "name": name});
    world.server.call("tags.update", rename("b")).await.ok();
    let other = json!({"id": webhook["id"], "event_types": ["tag_deleted"]});
    world.server.call("webhooks.update", other).await.ok();
    // What it wanted when something happened counts, and not what it wants by now.
    world.server.call("tags.update", rename("c")).await.ok();
    world.server.call("tags.delete", json!({"id": "TAG-2"})).await.ok();
    let received = world.work().await;
    assert_eq!(kinds(&received), ["tag_updated", "tag_deleted"]);
    assert_eq!(received[0].payload()["tag"]["name"], "b");
    assert_eq!(received[1].payload()["old_tag"]["name"], "c");
}
