//! Types by which objects form trees.

use serde_json::json;

use super::World;

#[tokio::test]
async fn a_child_has_one_parent_and_a_parent_many_children() {
    let world = World::new().await;
    world.works("issue", 4).await;
    world.link("is_parent_of", "ISS-1", "ISS-3").await;
    world.link("is_parent_of", "ISS-1", "ISS-4").await;
    let second = world.try_link("is_parent_of", "ISS-2", "ISS-3").await;
    World::refused(second, "ISS-3 has a link is_parent_of with ISS-1; it can have only one");
    let again = world.try_link("is_parent_of", "ISS-1", "ISS-3").await;
    again.error(409, "conflict");
    assert_eq!(world.of("ISS-2").await, Vec::<String>::new());
}

#[tokio::test]
async fn nothing_is_its_own_ancestor() {
    let world = World::new().await;
    world.works("issue", 3).await;
    world.link("is_parent_of", "ISS-1", "ISS-2").await;
    let back = world.try_link("is_parent_of", "ISS-2", "ISS-1").await;
    World::refused(back, "links is_parent_of would go from ISS-1 over ISS-2 to itself");
    world.link("is_parent_of", "ISS-2", "ISS-3").await;
    let round = world.try_link("is_parent_of", "ISS-3", "ISS-1").await;
    World::refused(round, "ISS-1");
}

#[tokio::test]
async fn parents_and_children_have_three_levels() {
    let world = World::new().await;
    world.works("issue", 8).await;
    world.link("is_parent_of", "ISS-1", "ISS-2").await;
    world.link("is_parent_of", "ISS-2", "ISS-3").await;
    let fourth = world.try_link("is_parent_of", "ISS-3", "ISS-4").await;
    World::refused(fourth, "more than 2 links is_parent_of would follow one another");
    // Nor from above, nor in the middle.
    let above = world.try_link("is_parent_of", "ISS-4", "ISS-1").await;
    World::refused(above, "more than 2 links");
    world.link("is_parent_of", "ISS-5", "ISS-6").await;
    let middle = world.try_link("is_parent_of", "ISS-2", "ISS-5").await;
    World::refused(middle, "ISS-5 can't come below ISS-2");
    world.link("is_parent_of", "ISS-1", "ISS-5").await;
    world.link("is_parent_of", "ISS-7", "ISS-8").await;
    let below = world.try_link("is_parent_of", "ISS-8", "ISS-1").await;
    World::refused(below, "more than 2 links");
}

#[tokio::test]
async fn another_parent_is_given_by_replacing_the_link() {
    let world = World::new().await;
    world.works("issue", 6).await;
    let link = world.link("is_parent_of", "ISS-1", "ISS-3").await;
    world.link("is_parent_of", "ISS-3", "ISS-4").await;
    world.link("is_parent_of", "ISS-5", "ISS-2").await;
    let to = |parent: &str, child: &str| {
        let id = &link["id"];
        json!({"id": id, "link_type": "is_parent_of", "source": parent, "target": child})
    };
    let server = &world.server;
    // ISS-5 > ISS-2 > ISS-3 > ISS-4 would be too deep.
    World::refused(server.call("links.replace", to("ISS-2", "ISS-3")).await, "more than 2 links");
    World::refused(server.call("links.replace", to("ISS-4", "ISS-3")).await, "to itself");
    World::refused(server.call("links.replace", to("ISS-1", "ISS-2")).await, "only one");
    assert_eq!(world.of("ISS-1").await, ["ISS-1 is_parent_of ISS-3"]);
    world.call("links.replace", to("ISS-6", "ISS-3")).await;
    assert_eq!(world.of("ISS-1").await, Vec::<String>::new());
    assert_eq!(world.of("ISS-6").await, ["ISS-6 is_parent_of ISS-3"]);
    // The link itself is not in its own way.
    world.call("links.replace", to("ISS-6", "ISS-1")).await;
    world.link("is_parent_of", "ISS-6", "ISS-3").await;
}

#[tokio::test]
async fn a_ticket_follows_up_one_and_is_followed_up_by_one() {
    let world = World::new().await;
    world.works("ticket", 5).await;
    for (follower, followed) in [("TKT-2", "TKT-1"), ("TKT-3", "TKT-2"), ("TKT-4", "TKT-3")] {
        world.link("is_follow_up_of", follower, followed).await;
    }
    let second = world.try_link("is_follow_up_of", "TKT-5", "TKT-1").await;
    World::refused(second, "TKT-1 has another link is_follow_up_of");
    let two = world.try_link("is_follow_up_of", "TKT-2", "TKT-5").await;
    World::refused(two, "TKT-2 has a link is_follow_up_of with TKT-1");
    let round = world.try_link("is_follow_up_of", "TKT-1", "TKT-4").await;
    World::refused(round, "to itself");
    world.link("is_follow_up_of", "TKT-1", "TKT-5").await;
}

#[tokio::test]
async fn other_types_go_round_in_circles() {
    let world = World::new().await;
    world.works("issue", 3).await;
    for link_type in ["is_dependent_on", "is_related_to", "is_duplicate_of"] {
        for (one, other) in [("ISS-1", "ISS-2"), ("ISS-2", "ISS-3"), ("ISS-3", "ISS-1")] {
            world.link(link_type, one, other).await;
        }
    }
}
