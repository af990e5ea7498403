//! Links of types that the org defined.

use serde_json::{Value, json};
use worksmith_tests::Answer;

use super::World;

async fn link_type(world: &World, name: &str, members: Value) -> String {
    let mut body = json!({"name": name, "forward_name": "blocks", "backward_name": "is blocked by",
        "source_types": [{"leaf_type": "issue"}], "target_types": [{"leaf_type": "issue"}]});
    for (member, value) in members.as_object().into_iter().flatten() {
        body[member] = value.clone();
    }
    super::id(&world.call("link-types.custom.create", body).await["custom_link_type"])
}

async fn try_link(world: &World, link_type: &str, source: &str, target: &str) -> Answer {
    let body = json!({"link_type": "custom_link", "custom_link_type": link_type,
        "source": source, "target": target});
    world.server.call("links.create", body).await
}

async fn link(world: &World, link_type: &str, source: &str, target: &str) -> Value {
    try_link(world, link_type, source, target).await.ok()["link"].clone()
}

#[tokio::test]
async fn a_link_of_an_own_type_names_it() {
    let world = World::new().await;
    world.works("issue", 2).await;
    let own = link_type(&world, "blocks", json!({})).await;
    let made = link(&world, &own, "ISS-1", "ISS-2").await;
    let got = world.call("link-types.custom.get", json!({"id": own})).await;
    let summary = json!({"id": got["custom_link_type"]["id"], "display_id": own});
    assert_eq!(made["custom_link_type"], summary);
    assert_eq!(made["link_type"], "custom_link");
    assert_eq!(world.call("links.get", json!({"id": made["id"]})).await["link"], made);
    try_link(&world, &own, "ISS-1", "ISS-2").await.error(409, "conflict");
    // The id of the type says enough.
    let body = json!({"custom_link_type": own, "source": "ISS-2", "target": "ISS-1"});
    let back = world.call("links.create", body).await["link"].clone();
    assert_eq!((&back["link_type"], &back["custom_link_type"]), (&json!("custom_link"), &summary));

    let other = link_type(&world, "precedes", json!({})).await;
    link(&world, &other, "ISS-1", "ISS-2").await;
    for (filter, count) in [
        (json!({}), 3),
        (json!({"custom_link_type": [own]}), 2),
        (json!({"custom_link_type": own, "direction": "is_target"}), 1),
        (json!({"custom_link_type": ["LINKTYPE-9"]}), 0),
        (json!({"link_type": "custom_link"}), 3),
        (json!({"link_type": ["is_related_to"]}), 0),
    ] {
        let mut request = filter.clone();
        request["object"] = json!("ISS-1");
        assert_eq!(world.listed(request).await.len(), count, "{filter}");
    }
}

#[tokio::test]
async fn its_type_says_what_a_link_may_join() {
    let world = World::new().await;
    for (leaf_type, subtype) in [("issue", "bug"), ("issue", "story")] {
        let fragment = json!({"type": "custom_type_fragment", "leaf_type": leaf_type,
            "subtype": subtype, "description": "", "fields": []});
        world.call("schemas.custom.set", fragment).await;
    }
    let leaf = json!({"type": "tenant_fragment", "leaf_type": "deal", "is_custom_leaf_type": true,
        "id_prefix": "DEAL", "description": "", "fields": []});
    world.call("schemas.custom.set", leaf).await;
    world.call("custom-objects.create", json!({"leaf_type": "deal"})).await;
    let account = world.call("accounts.create", json!({"display_name": "Acme"})).await;
    let account = super::id(&account["account"]);
    world.work("issue").await;
    for subtype in ["bug", "story"] {
        let members = json!({"custom_schema_spec": {"subtype": subtype}});
        world.work_with("issue", members).await;
    }
    world.work("ticket").await;

    let deal = json!([{"leaf_type": "deal", "is_custom_leaf_type": true}]);
    let any = link_type(&world, "any", json!({"target_types": deal})).await;
    let bugs = json!([{"leaf_type": "issue", "subtype": "bug"}]);
    let bugs = link_type(&world, "bugs", json!({"source_types": bugs, "target_types": deal})).await;
    let plain = json!([{"leaf_type": "issue", "leaf_only": true}, {"leaf_type": "account"}]);
    let plain = json!({"source_types": plain, "target_types": deal});
    let plain = link_type(&world, "plain", plain).await;
    for (own, source, allowed) in [
        (&any, "ISS-1", true),
        (&any, "ISS-2", true),
        (&any, "TKT-1", false),
        (&bugs, "ISS-1", false),
        (&bugs, "ISS-2", true),
        (&bugs, "ISS-3", false),
        (&plain, "ISS-1", true),
        (&plain, "ISS-2", false),
        (&plain, account.as_str(), true),
        (&plain, "C-DEAL-1", false),
    ] {
        let answer = try_link(&world, own, source, "C-DEAL-1").await;
        if source == "C-DEAL-1" {
            World::refused(answer, "itself");
        } else if allowed {
            let made = answer.ok();
            assert_eq!(super::brief(&made["link"]), format!("{source} custom_link C-DEAL-1"));
            assert_eq!(made["link"]["target"]["type"], "custom_object");
        } else {
            World::refused(answer, &format!("{source} can't be the source"));
        }
    }
    World::refused(try_link(&world, &any, "ISS-1", "ISS-2").await, "can't be the target");
    let of_account =
        world.listed(json!({"object": account, "object_types": "custom_object"})).await;
    assert_eq!(of_account, [format!("{account} custom_link C-DEAL-1")]);
    let error = try_link(&world, &any, "ISS-1", "C-DEAL-9").await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "target");
    let error = try_link(&world, &any, "ISS-9", "C-DEAL-1").await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "source");
}

#[tokio::test]
async fn a_deprecated_type_takes_no_new_links() {
    let world = World::new().await;
    world.works("issue", 3).await;
    let own = link_type(&world, "blocks", json!({})).await;
    let made = link(&world, &own, "ISS-1", "ISS-2").await;
    let off = json!({"id": own, "is_deprecated": true});
    world.call("link-types.custom.update", off).await;
    World::refused(try_link(&world, &own, "ISS-2", "ISS-3").await, "is deprecated");
    assert_eq!(world.of("ISS-1").await, ["ISS-1 custom_link ISS-2"]);
    let to = json!({"id": made["id"], "link_type": "custom_link", "source": "ISS-1",
        "target": "ISS-3"});
    world.call("links.replace", to).await;
    world.call("links.delete", json!({"id": made["id"]})).await;
}

#[tokio::test]
async fn only_as_many_links_follow_one_another_as_the_type_says() {
    let world = World::new().await;
    world.works("issue", 6).await;
    let one = link_type(&world, "one", json!({"max_hops": 1})).await;
    let two = link_type(&world, "two", json!({"max_hops": 2})).await;
    let any = link_type(&world, "any", json!({})).await;
    link(&world, &one, "ISS-1", "ISS-2").await;
    let words = "more than 1 links of the type would follow one another";
    World::refused(try_link(&world, &one, "ISS-2", "ISS-3").await, words);
    World::refused(try_link(&world, &one, "ISS-3", "ISS-1").await, words);
    World::refused(try_link(&world, &one, "ISS-2", "ISS-1").await, words);
    link(&world, &one, "ISS-1", "ISS-3").await;
    link(&world, &one, "ISS-4", "ISS-2").await;

    link(&world, &two, "ISS-1", "ISS-2").await;
    link(&world, &two, "ISS-2", "ISS-3").await;
    World::refused(try_link(&world, &two, "ISS-3", "ISS-4").await, "more than 2");
    World::refused(try_link(&world, &two, "ISS-2", "ISS-1").await, "more than 2");
    let last = link(&world, &two, "ISS-4", "ISS-5").await;
    World::refused(try_link(&world, &two, "ISS-2", "ISS-4").await, "more than 2");
    // The link itself is not in its own way.
    let to = json!({"id": last["id"], "link_type": "custom_link", "source": "ISS-2",
        "target": "ISS-5"});
    world.call("links.replace", to).await;
    for (source, target) in [("ISS-1", "ISS-2"), ("ISS-2", "ISS-1"), ("ISS-2", "ISS-3")] {
        link(&world, &any, source, target).await;
    }
}

#[tokio::test]
async fn links_follow_a_merged_account() {
    let world = World::new().await;
    let ends = json!([{"leaf_type": "account"}, {"leaf_type": "issue"}]);
    let own = json!({"source_types": ends, "target_types": ends});
    let own = link_type(&world, "knows", own).await;
    world.works("issue", 2).await;
    let mut accounts = Vec::new();
    for name in ["Acme", "Umbrella"] {
        let made = world.call("accounts.create", json!({"display_name": name})).await;
        accounts.push(super::id(&made["account"]));
    }
    let (primary, secondary) = (accounts[0].as_str(), accounts[1].as_str());
    link(&world, &own, secondary, "ISS-1").await;
    link(&world, &own, primary, "ISS-1").await;
    link(&world, &own, primary, secondary).await;
    let merge = json!({"primary_account": primary, "secondary_account": secondary});
    world.call("accounts.merge", merge).await;
    let to_issue = format!("{primary} custom_link ISS-1");
    let expected = [format!("{primary} custom_link {primary}"), to_issue.clone(), to_issue];
    assert_eq!(world.of(primary).await, expected);
    world.server.work().await;
    assert_eq!(world.of(primary).await, expected);
    link(&world, &own, primary, "ISS-2").await;
    let found = world.server.engine.store().check(&mut |_, _| {}).await;
    assert_eq!(found, Vec::<String>::new());
}
