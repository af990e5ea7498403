//! What becomes of the links of an object that is deleted.

use serde_json::json;
use worksmith_engine::Cascade;
use worksmith_kernel::{Actor, Query, Resource};
use worksmith_work::links::Link;

use super::World;

async fn is_consistent(world: &World) {
    let found = world.server.engine.store().check(&mut |_, _| {}).await;
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn a_few_links_go_with_the_object() {
    let world = World::new().await;
    world.works("issue", 4).await;
    let kept = world.link("is_related_to", "ISS-1", "ISS-2").await;
    let mut gone = vec![
        world.link("is_related_to", "ISS-3", "ISS-1").await,
        world.link("is_dependent_on", "ISS-1", "ISS-3").await,
        world.link("is_parent_of", "ISS-3", "ISS-4").await,
        world.link("developed_with", "ISS-3", "PROD-1").await,
    ];
    world.call("works.delete", json!({"id": "ISS-3"})).await;
    for link in gone.drain(..) {
        world.server.call("links.get", json!({"id": link["id"]})).await.error(404, "not_found");
        world.server.call("links.delete", json!({"id": link["id"]})).await.error(404, "not_found");
    }
    assert_eq!(world.of("ISS-1").await, ["ISS-1 is_related_to ISS-2"]);
    assert_eq!(world.call("links.get", json!({"id": kept["id"]})).await["link"], kept);
    for object in ["ISS-3", "ISS-4", "PROD-1"] {
        assert_eq!(world.of(object).await, Vec::<String>::new());
    }
    world.link("is_parent_of", "ISS-1", "ISS-4").await;
    is_consistent(&world).await;
}

#[tokio::test]
async fn links_of_parts_accounts_people_and_custom_objects_go_with_them() {
    let world = World::new().await;
    let leaf = json!({"type": "tenant_fragment", "leaf_type": "deal", "is_custom_leaf_type": true,
        "id_prefix": "DEAL", "description": "", "fields": []});
    world.call("schemas.custom.set", leaf).await;
    world.call("custom-objects.create", json!({"leaf_type": "deal"})).await;
    let made = world.call("accounts.create", json!({"display_name": "Acme"})).await;
    let account = super::id(&made["account"]);
    let spare = json!({"account": account, "display_name": "Spare"});
    let rev_org = super::id(&world.call("rev-orgs.create", spare).await["rev_org"]);
    let user = json!({"email": "ana@example.org"});
    let rev_user = super::id(&world.call("rev-users.create", user).await["rev_user"]);
    let part = world.part("capability", Some("PROD-1")).await;
    world.work("issue").await;
    let types = ["account", "rev_org", "rev_user", "capability"]
        .map(|leaf_type| json!({"leaf_type": leaf_type}));
    let mut types = types.to_vec();
    types.push(json!({"leaf_type": "deal", "is_custom_leaf_type": true}));
    let own = json!({"name": "has to do with", "forward_name": "a", "backward_name": "b",
        "source_types": types, "target_types": [{"leaf_type": "issue"}]});
    world.call("link-types.custom.create", own).await;
    for (source, delete) in [
        ("C-DEAL-1", "custom-objects.delete"),
        (rev_org.as_str(), "rev-orgs.delete"),
        (rev_user.as_str(), "rev-users.delete"),
        (account.as_str(), "accounts.delete"),
        (part.as_str(), "parts.delete"),
    ] {
        let body = json!({"link_type": "custom_link", "custom_link_type": "LINKTYPE-1",
            "source": source, "target": "ISS-1"});
        world.call("links.create", body).await;
        assert_eq!(world.of("ISS-1").await, [format!("{source} custom_link ISS-1")]);
        world.server.call(delete, json!({"id": source})).await.ok();
        assert_eq!(world.of("ISS-1").await, Vec::<String>::new(), "{source}");
    }
    is_consistent(&world).await;
}

#[tokio::test]
async fn an_issue_is_not_linked_with_a_part_that_is_deleted() {
    let world = World::new().await;
    let part = world.part("capability", Some("PROD-1")).await;
    let issue = world.work_with("issue", json!({"developed_with": [part, "PROD-1"]})).await;
    let of_part = json!({"object": part, "direction": "is_target"});
    let link = world.call("links.list", of_part).await["links"][0].clone();
    world.call("parts.delete", json!({"id": part})).await;
    assert_eq!(world.of(&issue).await, ["ISS-1 developed_with PROD-1"]);
    assert_eq!(world.of(&part).await, Vec::<String>::new());
    assert_eq!(world.of("PROD-1").await, ["ISS-1 developed_with PROD-1"]);
    world.server.call("links.get", json!({"id": link["id"]})).await.error(404, "not_found");
    world.server.call("links.delete", json!({"id": link["id"]})).await.error(404, "not_found");
    // The issue itself keeps showing it.
    let work = world.call("works.get", json!({"id": issue})).await["work"].clone();
    assert_eq!(work["developed_with"][0]["display_id"], json!(part));
}

#[tokio::test]
async fn many_links_are_gone_at_once_and_deleted_bit_by_bit() {
    const MANY: usize = 70;
    let world = World::new().await;
    world.works("issue", 2).await;
    let mut ids = Vec::new();
    for n in 0..MANY {
        let issue = world.work("issue").await;
        let link_type = if n % 2 == 0 { "is_parent_of" } else { "is_related_to" };
        ids.push(world.link(link_type, "ISS-1", &issue).await["id"].clone());
    }
    let other = world.link("is_dependent_on", "ISS-3", "ISS-2").await;
    assert_eq!(count::<Link>(&world).await, MANY as u64 + 1);
    world.call("works.delete", json!({"id": "ISS-1"})).await;

    let is_gone = async || {
        for id in [&ids[0], &ids[MANY - 1]] {
            let server = &world.server;
            server.call("links.get", json!({"id": id})).await.error(404, "not_found");
            server.call("links.delete", json!({"id": id})).await.error(404, "not_found");
        }
        assert_eq!(world.of("ISS-1").await, Vec::<String>::new());
        assert_eq!(world.of("ISS-3").await, ["ISS-3 is_dependent_on ISS-2"]);
        assert_eq!(world.call("links.get", json!({"id": other["id"]})).await["link"], other);
        assert_eq!(count::<Link>(&world).await, 1);
    };
    is_gone().await;
    // What had a parent may have another one.
    world.link("is_parent_of", "ISS-2", "ISS-5").await;
    let links = json!({"object": "ISS-2", "link_type": "is_parent_of"});
    let link = world.call("links.list", links).await["links"][0].clone();
    world.call("links.delete", json!({"id": link["id"]})).await;
    // An object whose only link is gone is deleted in the meantime.
    world.call("works.delete", json!({"id": "ISS-6"})).await;

    world.server.work().await;
    is_gone().await;
    is_consistent(&world).await;
    assert_eq!(count::<Cascade>(&world).await, 0);
}

async fn count<R: Resource>(world: &World) -> u64 {
    let me = world.call("dev-users.self", json!({})).await;
    let don = me["dev_user"]["id"].as_str().expect("an id");
    let org = don.split("devo/").nth(1).and_then(|s| s.split(':').next()).expect("an org");
    let context = world.server.environment.context(org, Actor::system());
    let mut tx = world.server.engine.begin(&context);
    tx.count::<R>(&Query::new()).await.expect("a count")
}
