//! Merging tickets.

use serde_json::{Value, json};

use super::World;

async fn work(world: &World, id: &str) -> Value {
    world.call("works.get", json!({"id": id})).await["work"].clone()
}

async fn change(world: &World, id: &str, members: Value) {
    let mut body = members;
    body["id"] = json!(id);
    world.call("works.update", body).await;
}

/// The errors of a merge that is refused.
async fn errors(world: &World, secondary: &str, primary: &str) -> Vec<Value> {
    let answer = world.try_link("is_merged_into", secondary, primary).await;
    let error = answer.error(400, "merge_works_error");
    error["errors"].as_array().expect("errors").clone()
}

#[tokio::test]
async fn the_merged_ticket_is_canceled_and_its_links_follow() {
    let world = World::new().await;
    world.works("ticket", 4).await;
    world.works("issue", 2).await;
    world.link("is_dependent_on", "TKT-1", "ISS-1").await;
    world.link("is_dependent_on", "TKT-1", "ISS-2").await;
    world.link("is_dependent_on", "TKT-2", "ISS-2").await;
    world.link("is_related_to", "TKT-3", "TKT-1").await;
    world.link("is_related_to", "TKT-1", "TKT-2").await;
    world.link("is_parent_of", "TKT-4", "TKT-1").await;
    let before = work(&world, "TKT-2").await;

    let link = world.link("is_merged_into", "TKT-1", "TKT-2").await;
    let merged = work(&world, "TKT-1").await;
    assert_eq!(merged["stage"]["name"], "canceled");
    assert_eq!(merged["state"], "closed");
    assert!(merged["actual_close_date"].is_string());
    assert_eq!(link["source"]["stage"]["name"], "canceled");
    assert_eq!(work(&world, "TKT-2").await, before);
    let mut links = world.of("TKT-2").await;
    links.sort();
    let expected = [
        "TKT-1 is_merged_into TKT-2",
        "TKT-1 is_related_to TKT-2",
        "TKT-2 is_dependent_on ISS-1",
        "TKT-2 is_dependent_on ISS-2",
        "TKT-3 is_related_to TKT-2",
    ];
    assert_eq!(links, expected);
    let mut left = world.of("TKT-1").await;
    left.sort();
    let expected = [
        "TKT-1 is_dependent_on ISS-2",
        "TKT-1 is_merged_into TKT-2",
        "TKT-1 is_related_to TKT-2",
        "TKT-4 is_parent_of TKT-1",
    ];
    assert_eq!(left, expected);
    world.try_link("is_merged_into", "TKT-1", "TKT-2").await.error(409, "conflict");
    let to = json!({"id": link["id"], "link_type": "is_merged_into", "source": "TKT-1",
        "target": "TKT-3"});
    World::refused(world.server.call("links.replace", to).await, "a merge can't be led elsewhere");

    // The primary ticket may be merged in turn; the link can be taken back.
    world.link("is_merged_into", "TKT-2", "TKT-3").await;
    world.call("links.delete", json!({"id": link["id"]})).await;
    change(&world, "TKT-1", json!({"stage": {"name": "queued"}})).await;
    world.link("is_merged_into", "TKT-1", "TKT-4").await;
}

#[tokio::test]
async fn what_keeps_tickets_from_being_merged_is_told() {
    let world = World::new().await;
    let mut workspaces = Vec::new();
    for name in ["Acme", "Umbrella"] {
        let made = world.call("accounts.create", json!({"display_name": name})).await;
        workspaces.push(made["default_rev_org"]["id"].clone());
    }
    let user = json!({"email": "ana@example.org", "rev_org": workspaces[0]});
    let user = world.call("rev-users.create", user).await["rev_user"]["id"].clone();
    world.works("ticket", 4).await;
    let (one, other) = (work(&world, "TKT-1").await, work(&world, "TKT-2").await);
    let me = one["reported_by"][0]["id"].clone();

    change(&world, "TKT-1", json!({"rev_org": workspaces[0]})).await;
    let expected = json!([{
        "work": one["id"], "details": "the tickets are of different workspaces",
        "subtype": "different_workspace",
        "different_workspace": {"secondary_workspace": workspaces[0]},
    }]);
    assert_eq!(json!(errors(&world, "TKT-1", "TKT-2").await), expected);

    change(&world, "TKT-2", json!({"rev_org": workspaces[1], "reported_by": {"set": [user]}}))
        .await;
    let expected = json!([
        {
            "work": one["id"], "details": "the tickets are of different workspaces",
            "subtype": "different_workspace",
            "different_workspace": {
                "primary_workspace": workspaces[1], "secondary_workspace": workspaces[0],
            },
        },
        {
            "work": one["id"], "details": "the tickets were reported by different people",
            "subtype": "different_reporters",
            "different_reporters": {"primary_reporters": [user], "secondary_reporters": [me]},
        },
    ]);
    assert_eq!(json!(errors(&world, "TKT-1", "TKT-2").await), expected);

    change(&world, "TKT-1", json!({"rev_org": null, "account": null, "is_frozen": true})).await;
    let back = json!({"rev_org": null, "account": null, "reported_by": {"set": [me]}});
    change(&world, "TKT-2", back).await;
    let expected = json!([{
        "work": one["id"], "details": "TKT-1 is frozen", "subtype": "locked", "locked": {},
    }]);
    assert_eq!(json!(errors(&world, "TKT-1", "TKT-2").await), expected);

    change(&world, "TKT-1", json!({"is_frozen": false})).await;
    change(&world, "TKT-2", json!({"stage": {"name": "resolved"}})).await;
    let expected = json!([{
        "work": other["id"], "details": "TKT-2 is closed", "subtype": "closed", "closed": {},
    }]);
    assert_eq!(json!(errors(&world, "TKT-1", "TKT-2").await), expected);
    assert_eq!(json!(errors(&world, "TKT-2", "TKT-1").await), expected);

    world.link("is_merged_into", "TKT-1", "TKT-3").await;
    let expected = json!([{
        "work": one["id"], "details": "TKT-1 was merged into TKT-3", "subtype": "already_merged",
        "already_merged": {"merged_into": work(&world, "TKT-3").await["id"]},
    }]);
    assert_eq!(json!(errors(&world, "TKT-1", "TKT-4").await), expected);
    // Nobody merges into what was merged.
    assert_eq!(json!(errors(&world, "TKT-4", "TKT-1").await), expected);
    assert_eq!(work(&world, "TKT-4").await["stage"]["name"], "queued");
}

#[tokio::test]
async fn the_stages_of_the_ticket_must_lead_to_canceled() {
    let world = World::new().await;
    let listed = world.call("stages.custom.list", json!({"limit": 100})).await;
    let stage = |name: &str| {
        let all = listed["result"].as_array().expect("stages");
        let found = all.iter().find(|stage| stage["name"] == name);
        found.unwrap_or_else(|| panic!("no stage {name}"))["id"].clone()
    };
    let (queued, canceled) = (stage("queued"), stage("canceled"));
    for (name, nodes) in [
        ("short", json!([{"stage_id": queued, "is_start": true}])),
        (
            "stuck",
            json!([
                {"stage_id": queued, "is_start": true},
                {"stage_id": canceled, "transitions": [{"target_stage_id": queued}]},
            ]),
        ),
    ] {
        let diagram = json!({"leaf_type": "ticket", "name": name, "stages": nodes});
        let diagram = world.call("stage-diagrams.create", diagram).await;
        let fragment = json!({"type": "custom_type_fragment", "leaf_type": "ticket",
            "subtype": name, "description": "", "fields": [],
            "stage_diagram": diagram["stage_diagram"]["id"]});
        world.call("schemas.custom.set", fragment).await;
        let members = json!({"custom_schema_spec": {"subtype": name}});
        world.work_with("ticket", members).await;
    }
    world.work("ticket").await;
    let short = work(&world, "TKT-1").await;
    let expected = json!([{
        "work": short["id"], "details": "its stages have no \"canceled\"",
        "subtype": "stage_not_found_for_subtype",
        "stage_not_found_for_subtype": {"subtype": "short"},
    }]);
    assert_eq!(json!(errors(&world, "TKT-1", "TKT-3").await), expected);
    let stuck = errors(&world, "TKT-2", "TKT-3").await;
    assert_eq!(stuck.len(), 1);
    assert_eq!(stuck[0]["subtype"], "invalid_stage_transition");
    let expected = json!({"current_stage": queued, "requested_stage": canceled});
    assert_eq!(stuck[0]["invalid_stage_transition"], expected);
}
