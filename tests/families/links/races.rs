//! Rules that two calls at once must not break together.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::World;

/// Calls several operations at once, and returns the statuses.
async fn at_once(world: &Arc<World>, calls: Vec<(&'static str, Value)>) -> Vec<u16> {
    let barrier = Arc::new(Barrier::new(calls.len()));
    let mut running = Vec::new();
    for (op, body) in calls {
        let (world, barrier) = (Arc::clone(world), Arc::clone(&barrier));
        running.push(tokio::spawn(async move {
            barrier.wait().await;
            world.server.call(op, body).await.status.as_u16()
        }));
    }
    let mut statuses = Vec::new();
    for call in running {
        statuses.push(call.await.expect("a call"));
    }
    statuses
}

fn link(link_type: &str, source: &str, target: &str) -> (&'static str, Value) {
    ("links.create", json!({"link_type": link_type, "source": source, "target": target}))
}

fn made(statuses: &[u16]) -> usize {
    assert!(statuses.iter().all(|status| matches!(status, 201 | 400 | 409)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 201).count()
}

const ROUNDS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_parents_at_once_one_wins() {
    let world = Arc::new(World::new().await);
    let parents = world.works("issue", 4).await;
    for _ in 0..ROUNDS {
        let child = world.work("issue").await;
        let calls = parents.iter().map(|parent| link("is_parent_of", parent, &child)).collect();
        assert_eq!(made(&at_once(&world, calls).await), 1);
        assert_eq!(world.of(&child).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_same_link_at_once_one_is_made() {
    let world = Arc::new(World::new().await);
    world.work("issue").await;
    for _ in 0..ROUNDS {
        let other = world.work("issue").await;
        let calls = (0..4).map(|_| link("is_related_to", "ISS-1", &other)).collect();
        let mut statuses = at_once(&world, calls).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_circle_is_not_closed_by_several_calls_at_once() {
    let world = Arc::new(World::new().await);
    for _ in 0..ROUNDS {
        let w = world.works("issue", 2).await;
        let calls = vec![link("is_parent_of", &w[0], &w[1]), link("is_parent_of", &w[1], &w[0])];
        assert_eq!(made(&at_once(&world, calls).await), 1);

        let t = world.works("ticket", 3).await;
        let calls = (0..3).map(|n| link("is_follow_up_of", &t[n], &t[(n + 1) % 3])).collect();
        assert_eq!(made(&at_once(&world, calls).await), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_does_not_become_too_deep_by_several_calls_at_once() {
    let world = Arc::new(World::new().await);
    for _ in 0..ROUNDS {
        // Each of the four links fits alone, three in a row do not.
        let w = world.works("issue", 5).await;
        let calls = (0..4).map(|n| link("is_parent_of", &w[n], &w[n + 1])).collect();
        made(&at_once(&world, calls).await);
        let mut links = Vec::new();
        for work in &w {
            let listed = json!({"object": work, "direction": "is_source"});
            links.push(world.listed(listed).await.len());
        }
        let deepest = links.split(|count| *count == 0).map(<[usize]>::len).max();
        assert!(deepest <= Some(2), "{links:?}");

        // A tree that is put below another one while it grows.
        let w = world.works("issue", 4).await;
        world.link("is_parent_of", &w[1], &w[2]).await;
        let calls = vec![link("is_parent_of", &w[0], &w[1]), link("is_parent_of", &w[2], &w[3])];
        assert_eq!(made(&at_once(&world, calls).await), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_are_moved_at_once_form_no_circle() {
    let world = Arc::new(World::new().await);
    let capability = world.part("capability", Some("PROD-1")).await;
    for _ in 0..ROUNDS {
        let one = world.part("feature", Some(&capability)).await;
        let other = world.part("feature", Some(&capability)).await;
        let mut calls = Vec::new();
        for (part, parent) in [(&one, &other), (&other, &one)] {
            let links = json!({"object": part, "direction": "is_source"});
            let links = world.call("links.list", links).await["links"].clone();
            let body = json!({"id": links[0]["id"], "link_type": "is_part_of", "source": part,
                "target": parent});
            calls.push(("links.replace", body));
        }
        assert_eq!(made(&at_once(&world, calls).await), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_is_not_moved_below_one_that_is_deleted() {
    let world = Arc::new(World::new().await);
    let capability = world.part("capability", Some("PROD-1")).await;
    for _ in 0..ROUNDS {
        let moved = world.part("feature", Some(&capability)).await;
        let deleted = world.part("feature", Some(&capability)).await;
        let links = json!({"object": moved, "direction": "is_source"});
        let links = world.call("links.list", links).await["links"].clone();
        let body = json!({"id": links[0]["id"], "link_type": "is_part_of", "source": moved,
            "target": deleted});
        let delete = ("parts.delete", json!({"id": deleted}));
        let statuses = at_once(&world, vec![("links.replace", body), delete]).await;
        assert!(matches!(statuses[..], [201, 400] | [400, 200]), "{statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_link_is_left_of_an_object_that_is_deleted_meanwhile() {
    let world = Arc::new(World::new().await);
    world.work("issue").await;
    for _ in 0..ROUNDS {
        let other = world.work("issue").await;
        let calls = vec![
            link("is_related_to", "ISS-1", &other),
            link("is_dependent_on", &other, "ISS-1"),
            ("works.delete", json!({"id": other})),
        ];
        let statuses = at_once(&world, calls).await;
        assert_eq!(statuses[2], 200);
        assert_eq!(world.of("ISS-1").await, Vec::<String>::new());
    }
    let found = world.server.engine.store().check(&mut |_, _| {}).await;
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_tickets_that_are_merged_into_each_other_at_once_one_is() {
    let world = Arc::new(World::new().await);
    for _ in 0..ROUNDS {
        let t = world.works("ticket", 2).await;
        let calls =
            vec![link("is_merged_into", &t[0], &t[1]), link("is_merged_into", &t[1], &t[0])];
        assert_eq!(made(&at_once(&world, calls).await), 1);
        assert_eq!(world.of(&t[0]).await.len(), 1);
    }
}
