//! Changing works.

use serde_json::json;

use super::{World, ids};

#[tokio::test]
async fn an_update_with_nothing_but_the_id_changes_nothing() {
    let world = World::new().await;
    let issue = world.work("issue", json!({"body": "b"})).await;
    assert_eq!(world.update("ISS-1", json!({})).await, issue);
    let same = json!({"title": "A issue", "body": "b", "stage": {"name": "triage"}});
    assert_eq!(world.update("iss-1", same).await, issue);
    let answer = world.server.call("works.update", json!({"id": "ISS-1", "type": "issue"})).await;
    assert_eq!(answer.headers["x-worksmith-revision"], "1");
}

#[tokio::test]
async fn a_work_changes_where_the_request_says_so_and_nowhere_else() {
    let world = World::new().await;
    let bob = world.user("bob").await;
    let before = world.work("issue", json!({"body": "b"})).await;
    let after = world
        .update(
            "ISS-1",
            json!({"title": "New", "owned_by": [bob], "priority": "p0", "modified_by": ["DEVU-9"]}),
        )
        .await;
    assert_eq!(after["title"], "New");
    assert_eq!(ids(&after["owned_by"]), [bob]);
    assert_eq!(after["priority_v2"], json!({"id": 1, "label": "P0", "ordinal": 1}));
    assert_ne!(after["modified_date"], before["modified_date"]);
    for member in ["body", "created_date", "created_by", "reported_by", "stage", "applies_to_part"]
    {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(world.get("ISS-1").await, after);
}

#[tokio::test]
async fn a_ticket_is_put_on_the_channels_that_every_org_has() {
    let world = World::new().await;
    let came = json!({
        "channels_v2": ["CHANNEL-1", "CHANNEL-3", "CHANNEL-1"], "source_channel_v2": "CHANNEL-2",
    });
    let ticket = world.work("ticket", came).await;
    assert_eq!(ids(&ticket["channels_v2"]), ["CHANNEL-1", "CHANNEL-3"]);
    assert_eq!(ticket["source_channel_v2"]["display_id"], "CHANNEL-2");
    assert_eq!(world.get("TKT-1").await, ticket);
    let bare = json!({"channels_v2": ["CHANNEL-6"]});
    let ticket = world.update("TKT-1", bare).await;
    assert_eq!(ids(&ticket["channels_v2"]), ["CHANNEL-6"]);
    for (member, value) in
        [("channels_v2", json!(["CHANNEL-9"])), ("source_channel_v2", json!("CHANNEL-9"))]
    {
        let request = json!({"id": "TKT-1", "title": "Changed", member: value});
        let error = world.refused("works.update", request, 400, "invalid_id").await;
        assert_eq!(error["field_name"], member);
    }
    assert_eq!(world.get("TKT-1").await, ticket);
    let emptied = json!({"channels_v2": [], "source_channel_v2": null});
    let ticket = world.update("TKT-1", emptied).await;
    for member in ["channels_v2", "source_channel_v2"] {
        assert!(ticket.get(member).is_none(), "{member}");
    }
}

#[tokio::test]
async fn null_clears_what_may_be_cleared_and_is_refused_elsewhere() {
    let world = World::new().await;
    let sprint = world.sprint("S", "active").await;
    let due = "2026-02-01T00:00:00Z";
    let full = json!({
        "sprint": sprint["id"], "target_close_date": due, "target_start_date": due,
    });
    world.work("issue", full).await;
    let cleared = json!({"sprint": null, "target_close_date": null, "target_start_date": null});
    let issue = world.update("ISS-1", cleared).await;
    for member in ["sprint", "target_close_date", "target_start_date"] {
        assert!(issue.get(member).is_none(), "{member}");
    }
    for member in ["title", "body", "owned_by", "applies_to_part", "priority", "stage", "tags"] {
        let body = json!({"id": "ISS-1", member: null});
        let error = world.refused("works.update", body, 400, "unexpected_json_type").await;
        assert_eq!((&error["field_name"], &error["actual"]), (&json!(member), &json!("null")));
    }
}

#[tokio::test]
async fn list_patches_set_add_and_remove() {
    let world = World::new().await;
    let (a, b) = (world.tag("a", &["x", "y"]).await, world.tag("b", &[]).await);
    world.work("issue", json!({"tags": [{"id": a, "value": "x"}]})).await;
    let tags = |issue: &serde_json::Value| issue["tags"].clone();
    let issue = world.update("ISS-1", json!({"tags": {"add": [{"id": b}]}})).await;
    assert_eq!(tags(&issue)[0]["value"], "x");
    assert_eq!(tags(&issue)[1]["tag"]["name"], "b");
    let patch = json!({"tags": {"add": [{"id": a, "value": "y"}], "remove": [{"id": b}]}});
    let issue = world.update("ISS-1", patch).await;
    assert_eq!(tags(&issue).as_array().expect("tags").len(), 1);
    assert_eq!(tags(&issue)[0]["value"], "y");
    for (value, why) in
        [(json!({"id": a, "value": "z"}), "a"), (json!({"id": b, "value": "x"}), "b")]
    {
        let body = json!({"id": "ISS-1", "tags": {"set": [value]}});
        let error = world.refused("works.update", body, 400, "value_not_permitted").await;
        assert_eq!(error["field_name"], "value", "{why}");
    }
    let both = json!({"id": "ISS-1", "tags": {"set": [], "add": [{"id": a}]}});
    world.refused("works.update", both, 400, "bad_request").await;
    let issue = world.update("ISS-1", json!({"tags": {"set": []}})).await;
    assert!(issue.get("tags").is_none());
    let none = json!({"id": "ISS-1", "owned_by": {"set": []}});
    let error = world.refused("works.update", none, 400, "value_not_permitted").await;
    assert_eq!(error["field_name"], "owned_by");
    let issue = world.update("ISS-1", json!({"reported_by": {"set": []}, "owned_by": {}})).await;
    assert!(issue.get("reported_by").is_none());
}

#[tokio::test]
async fn deleting_a_tag_takes_it_off_works() {
    let world = World::new().await;
    let tag = world.tag("gone", &[]).await;
    world.work("issue", json!({"tags": [{"id": tag}]})).await;
    world.call("tags.delete", json!({"id": tag})).await;
    assert!(world.get("ISS-1").await.get("tags").is_none());
}

#[tokio::test]
async fn one_wrong_member_leaves_everything_as_it_was() {
    let world = World::new().await;
    let before = world.work("issue", json!({})).await;
    for wrong in [
        json!({"owned_by": {"set": ["DEVU-9"]}}),
        json!({"applies_to_part": "CAPL-4"}),
        json!({"stage": {"name": "nowhere"}}),
        json!({"custom_fields": {"tnt__x": 1}}),
        json!({"severity": "high"}),
        json!({"type": "ticket"}),
        json!({"artifacts": {"add": ["ARTIFACT-9"]}}),
        json!({"external_ref": "new"}),
    ] {
        let body = super::with(json!({"id": "ISS-1", "title": "Changed"}), wrong.clone());
        let answer = world.server.call("works.update", body).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(world.get("ISS-1").await, before, "{wrong}");
    }
}

#[tokio::test]
async fn moves_set_and_clear_the_dates_that_go_with_them() {
    let world = World::new().await;
    world.work("issue", json!({})).await;
    let go = async |name: &str| world.update("ISS-1", json!({"stage": {"name": name}})).await;
    let started = go("in_development").await;
    let start = started["actual_start_date"].clone();
    assert_eq!(started["state"], "in_progress");
    assert_eq!(start, started["modified_date"]);
    assert_eq!(go("in_review").await["actual_start_date"], start);
    let done = go("completed").await;
    assert_eq!(done["actual_close_date"], done["modified_date"]);
    assert_eq!(done["actual_start_date"], start);
    assert_eq!(done["state_display_name"], "Closed");
    assert_eq!(go("duplicate").await["actual_close_date"], done["actual_close_date"]);
    let reopened = go("backlog").await;
    assert!(reopened.get("actual_close_date").is_none());
    assert!(reopened.get("actual_start_date").is_none());
}

#[tokio::test]
async fn a_stage_is_named_or_given_by_id_and_the_id_wins() {
    let world = World::new().await;
    let issue = world.work("issue", json!({"stage": {"name": "backlog"}})).await;
    let backlog = issue["stage"]["stage"]["id"].clone();
    world.update("ISS-1", json!({"stage": {"name": "completed"}})).await;
    let back =
        world.update("ISS-1", json!({"stage": {"name": "completed", "stage": backlog}})).await;
    assert_eq!(back["stage"]["name"], "backlog");
    let other = world.work("ticket", json!({})).await["stage"]["stage"]["id"].clone();
    let body = json!({"id": "ISS-1", "stage": {"stage": other}});
    assert_eq!(world.server.call("works.update", body).await.status, 400);
}

#[tokio::test]
async fn an_artifact_belongs_to_one_work_for_ever() {
    let world = World::new().await;
    let file = world.artifact().await;
    world.work("issue", json!({"artifacts": [file]})).await;
    let other = world.work("ticket", json!({})).await;
    let add = json!({"artifacts": {"add": [file]}});
    let same = world.update("ISS-1", add.clone()).await;
    assert_eq!(ids(&same["artifacts"]), [file.as_str()]);
    for _ in 0..2 {
        let body = super::with(json!({"id": other["id"]}), add.clone());
        let kind = "artifact_already_attached_to_a_parent";
        let error = world.refused("works.update", body, 400, kind).await;
        assert_eq!(error["existing_parent"], same["id"]);
        assert_eq!(error["is_same"], false);
        // A removed file does not become available for another work.
        world.update("ISS-1", json!({"artifacts": {"remove": [file]}})).await;
    }
    assert!(world.get("ISS-1").await.get("artifacts").is_none());
    assert_eq!(ids(&world.update("ISS-1", add).await["artifacts"]), [file]);
}

#[tokio::test]
async fn account_and_workspace_of_a_ticket_go_together() {
    let world = World::new().await;
    let (acme, acme_eu) = world.customer("Acme").await;
    let (bolt, bolt_eu) = world.customer("Bolt").await;
    world.work("ticket", json!({"rev_org": acme_eu})).await;
    let moved = world.update("TKT-1", json!({"rev_org": bolt_eu})).await;
    assert_eq!(moved["account"]["display_id"], bolt);
    let moved = world.update("TKT-1", json!({"account": acme})).await;
    assert!(moved.get("rev_org").is_none());
    let body = json!({"id": "TKT-1", "account": acme, "rev_org": bolt_eu});
    let error = world.refused("works.update", body, 400, "value_not_permitted").await;
    assert_eq!(error["field_name"], "rev_org");
    let cleared = world.update("TKT-1", json!({"account": null, "rev_org": null})).await;
    assert!(cleared.get("account").is_none() && cleared.get("rev_org").is_none());
}

#[tokio::test]
async fn tickets_follow_their_workspace_to_another_account() {
    let world = World::new().await;
    let (acme, _) = world.customer("Acme").await;
    let (bolt, _) = world.customer("Bolt").await;
    let branch = json!({"account": acme, "display_name": "Branch"});
    let branch = world.call("rev-orgs.create", branch).await["rev_org"].clone();
    world.work("ticket", json!({"rev_org": branch["id"]})).await;
    assert_eq!(world.get("TKT-1").await["account"]["display_id"], acme);
    world.call("rev-orgs.update", json!({"id": branch["id"], "account": bolt})).await;
    assert_eq!(world.get("TKT-1").await["account"]["display_id"], bolt);
}

#[tokio::test]
async fn sentiment_is_dated_when_it_changes() {
    let world = World::new().await;
    world.work("ticket", json!({})).await;
    let changed = world.update("TKT-1", json!({"sentiment": 2, "is_archived": true})).await;
    assert_eq!(changed["sentiment"], json!({"id": 2, "label": "Happy", "ordinal": 2}));
    assert_eq!(changed["sentiment_modified_date"], changed["modified_date"]);
    assert_eq!(changed["is_archived"], true);
    let given = json!({"sentiment": 5, "sentiment_modified_date": "2025-05-05T00:00:00Z"});
    let given = world.update("TKT-1", given).await;
    assert_eq!(given["sentiment_modified_date"], "2025-05-05T00:00:00.000Z");
}

#[tokio::test]
async fn staged_info_is_stored_and_filtered_by() {
    let world = World::new().await;
    world.work("issue", json!({})).await;
    world.work("issue", json!({})).await;
    world.update("ISS-2", json!({"staged_info": {"unresolved_fields": ["owner"]}})).await;
    let staged = json!({"staged_info": {"is_staged": true}});
    assert_eq!(ids(&world.call("works.list", staged).await["works"]), ["ISS-2"]);
    world.update("ISS-2", json!({"staged_info": {"unresolved_fields": []}})).await;
    let staged = json!({"staged_info": {"is_staged": true}});
    assert_eq!(world.call("works.count", staged).await["count"], 0);
}
