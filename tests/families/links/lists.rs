//! `links.list`.

use serde_json::{Value, json};

use super::World;

#[tokio::test]
async fn the_links_of_an_object_are_filtered() {
    let world = World::new().await;
    world.works("issue", 3).await;
    world.works("ticket", 2).await;
    world.work("task").await;
    world.link("is_dependent_on", "TKT-1", "ISS-1").await;
    world.link("is_related_to", "ISS-1", "ISS-2").await;
    world.link("is_related_to", "ISS-3", "ISS-1").await;
    world.link("is_parent_of", "ISS-1", "TASK-1").await;
    world.link("developed_with", "ISS-1", "PROD-1").await;
    let all = [
        "ISS-1 is_parent_of TASK-1",
        "ISS-3 is_related_to ISS-1",
        "ISS-1 is_related_to ISS-2",
        "TKT-1 is_dependent_on ISS-1",
        "ISS-1 developed_with PROD-1",
    ];
    assert_eq!(world.of("ISS-1").await, all);
    for (filter, expected) in [
        (json!({"direction": "is_source"}), vec![0, 2, 4]),
        (json!({"direction": "is_target"}), vec![1, 3]),
        (json!({"link_type": ["is_related_to"]}), vec![1, 2]),
        (json!({"types": ["is_related_to"]}), vec![1, 2]),
        (json!({"types": "is_parent_of", "link_type": ["developed_with"]}), vec![0, 4]),
        (json!({"object_types": ["issue"]}), vec![1, 2]),
        (json!({"object_types": ["ticket", "product"]}), vec![3, 4]),
        (json!({"object_types": ["issue"], "direction": "is_source"}), vec![2]),
        (json!({"object_types": ["widget"]}), vec![]),
        (json!({"link_type": ["serves"]}), vec![]),
        (json!({"link_type": [], "object_types": []}), vec![0, 1, 2, 3, 4]),
    ] {
        let mut request = filter.clone();
        request["object"] = json!("ISS-1");
        let expected: Vec<_> = expected.into_iter().map(|place: usize| all[place]).collect();
        assert_eq!(world.listed(request).await, expected, "{filter}");
    }
    let query = "object=ISS-1&link_type=is_related_to,is_parent_of&direction=is_source&limit=1";
    let page = world.server.get("links.list", query).await.ok();
    assert_eq!(super::brief(&page["links"][0]), all[0]);
    assert!(page["next_cursor"].is_string());
    assert_eq!(world.of("ISS-9").await, Vec::<String>::new());
}

/// All pages of a list, in one direction.
async fn pages(world: &World, request: &Value, mode: &str, limit: usize) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut request = request.clone();
        request["mode"] = json!(mode);
        request["limit"] = json!(limit);
        request["cursor"] = cursor;
        let page = world.call("links.list", request).await;
        pages.push(page["links"].as_array().expect("links").iter().map(super::brief).collect());
        let (on, back) = if mode == "after" {
            ("next_cursor", "prev_cursor")
        } else {
            ("prev_cursor", "next_cursor")
        };
        assert_eq!(page[back].is_string(), pages.len() > 1);
        cursor = page[on].clone();
        if cursor.is_null() {
            return pages;
        }
    }
}

#[tokio::test]
async fn pages_go_through_all_lists_in_both_directions() {
    let world = World::new().await;
    let part = world.part("capability", Some("PROD-1")).await;
    let mut expected = vec![format!("{part} is_part_of PROD-1")];
    for n in 0..4 {
        let feature = world.part("feature", Some(&part)).await;
        expected.push(format!("{feature} is_part_of {part}"));
        let issue = world.work_with("issue", json!({"developed_with": [part]})).await;
        expected.push(format!("{issue} developed_with {part}"));
        world.link("imports", &part, &feature).await;
        expected.push(format!("{part} imports {feature}"));
        if n % 2 == 0 {
            world.link("imports", &feature, &part).await;
            expected.push(format!("{feature} imports {part}"));
        }
    }
    expected.reverse();
    assert_eq!(world.of(&part).await, expected);
    let request = json!({"object": part});
    for limit in [1, 2, 3, 5, 14, 15, 16] {
        let forward = pages(&world, &request, "after", limit).await;
        assert_eq!(forward.concat(), expected, "{limit}");
        assert!(forward.iter().rev().skip(1).all(|page| page.len() == limit));
        let mut backward = pages(&world, &request, "before", limit).await;
        backward.reverse();
        assert_eq!(backward.concat(), expected, "{limit}");
    }
}

#[tokio::test]
async fn links_that_are_as_old_as_each_other_are_paged_through() {
    let world = World::new().await;
    let mut parts = Vec::new();
    for _ in 0..8 {
        parts.push(world.part("capability", Some("PROD-1")).await);
    }
    let issue = world.work_with("issue", json!({"developed_with": parts})).await;
    let all = world.of(&issue).await;
    assert_eq!(all.len(), 8);
    let request = json!({"object": issue});
    for limit in [1, 3, 7, 8] {
        assert_eq!(pages(&world, &request, "after", limit).await.concat(), all);
        let mut backward = pages(&world, &request, "before", limit).await;
        backward.reverse();
        assert_eq!(backward.concat(), all);
    }
}

#[tokio::test]
async fn a_page_that_has_become_empty_leads_back() {
    let world = World::new().await;
    world.works("issue", 4).await;
    let first = world.link("is_related_to", "ISS-1", "ISS-2").await;
    world.link("is_related_to", "ISS-1", "ISS-3").await;
    world.link("is_related_to", "ISS-1", "ISS-4").await;
    let page = world.call("links.list", json!({"object": "ISS-1", "limit": 2})).await;
    world.call("links.delete", json!({"id": first["id"]})).await;
    let next = json!({"object": "ISS-1", "limit": 2, "cursor": page["next_cursor"]});
    let next = world.call("links.list", next).await;
    assert_eq!((&next["links"], &next["next_cursor"]), (&json!([]), &Value::Null));
    let back = json!({"object": "ISS-1", "limit": 2, "mode": "before",
        "cursor": next["prev_cursor"]});
    let back = world.call("links.list", back).await;
    assert_eq!(back["links"], page["links"]);
    assert_eq!((&back["prev_cursor"], &back["next_cursor"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let world = World::new().await;
    world.works("issue", 3).await;
    world.link("is_related_to", "ISS-1", "ISS-2").await;
    world.link("is_related_to", "ISS-1", "ISS-3").await;
    let page = world.call("links.list", json!({"object": "ISS-1", "limit": 1})).await;
    for (object, cursor) in
        [("ISS-2", page["next_cursor"].clone()), ("ISS-1", json!("x")), ("ISS-1", json!("e30"))]
    {
        let request = json!({"object": object, "cursor": cursor});
        let error = world.server.call("links.list", request).await.error(400, "invalid_field");
        assert_eq!(error["field_name"], "cursor");
    }
}
