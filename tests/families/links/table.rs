//! Every type of link between every two kinds of object, against a second statement of the rules.

use std::collections::BTreeMap;

use serde_json::json;

use super::World;

/// The types, except for those of the org's own.
const TYPES: [&str; 12] = [
    "developed_with",
    "imports",
    "is_analyzed_by",
    "is_converted_to",
    "is_dependent_on",
    "is_duplicate_of",
    "is_follow_up_of",
    "is_merged_into",
    "is_parent_of",
    "is_part_of",
    "is_related_to",
    "serves",
];

/// What can be an end, and whether there are such objects.
const KINDS: [(&str, bool); 19] = [
    ("account", true),
    ("article", false),
    ("capability", true),
    ("conversation", false),
    ("custom_object", true),
    ("dev_user", true),
    ("enhancement", true),
    ("feature", true),
    ("incident", false),
    ("issue", true),
    ("linkable", true),
    ("meeting", false),
    ("opportunity", true),
    ("product", true),
    ("rev_org", true),
    ("rev_user", true),
    ("runnable", true),
    ("task", true),
    ("ticket", true),
];

/// The pairs that a type joins, by letters: see [`letter`].
fn joined(link_type: &str) -> Vec<String> {
    let works = ["i", "t", "k", "o", "n"];
    let all: Vec<String> = works
        .iter()
        .flat_map(|one| works.iter().map(move |other| format!("{one}{other}")))
        .collect();
    let without = |pair: &str| all.iter().filter(|each| *each != pair).cloned().collect();
    let parts = ["P", "C", "F", "E", "R", "L"];
    let to_parts = |from: &[&str]| -> Vec<String> {
        from.iter().flat_map(|one| parts.iter().map(move |part| format!("{one}{part}"))).collect()
    };
    let few = |pairs: &[&str]| pairs.iter().map(|pair| (*pair).to_owned()).collect::<Vec<_>>();
    match link_type {
        "developed_with" => to_parts(&["i"]),
        "imports" => to_parts(&parts),
        "is_analyzed_by" => few(&["na"]),
        "is_converted_to" => few(&["ct"]),
        "is_dependent_on" => without("it"),
        "is_duplicate_of" | "is_parent_of" => all,
        "is_follow_up_of" | "is_merged_into" => few(&["tt"]),
        "is_part_of" => {
            let mut pairs = few(&["CP", "FC", "FF"]);
            pairs.extend(to_parts(&["E", "R", "L"]));
            pairs
        }
        "is_related_to" => {
            let mut pairs: Vec<String> = without("ti");
            pairs.extend(few(&["ta", "na"]));
            pairs
        }
        "serves" => few(&["RF"]),
        other => panic!("{other}"),
    }
}

fn letter(kind: &str) -> &'static str {
    match kind {
        "article" => "a",
        "conversation" => "c",
        "incident" => "n",
        "issue" => "i",
        "opportunity" => "o",
        "task" => "k",
        "ticket" => "t",
        "capability" => "C",
        "enhancement" => "E",
        "feature" => "F",
        "linkable" => "L",
        "product" => "P",
        "runnable" => "R",
        _ => "?",
    }
}

/// Two objects of each kind; of those that there are none of, two ids of nothing.
async fn objects(world: &World) -> BTreeMap<&'static str, [String; 2]> {
    let mut objects = BTreeMap::new();
    let two = |prefix: &str| [format!("{prefix}-1"), format!("{prefix}-2")];
    for (kind, prefix) in
        [("article", "ART"), ("conversation", "CONV"), ("incident", "INC"), ("meeting", "MEET")]
    {
        objects.insert(kind, two(prefix));
    }
    let product = world.part("product", None).await;
    let mut last = BTreeMap::from([("product", "PROD-1".to_owned())]);
    objects.insert("product", ["PROD-1".to_owned(), product.clone()]);
    for (kind, parent) in [
        ("capability", "product"),
        ("feature", "capability"),
        ("enhancement", "product"),
        ("runnable", "product"),
        ("linkable", "product"),
    ] {
        let parent =
            Some(last[parent].as_str()).filter(|_| !matches!(kind, "runnable" | "linkable"));
        let pair = [world.part(kind, parent).await, world.part(kind, parent).await];
        last.insert(kind, pair[0].clone());
        objects.insert(kind, pair);
    }
    let mut customers = Vec::new();
    for name in ["Acme", "Umbrella"] {
        let made = world.call("accounts.create", json!({"display_name": name})).await;
        customers.push((super::id(&made["account"]), super::id(&made["default_rev_org"])));
    }
    objects.insert("account", [customers[0].0.clone(), customers[1].0.clone()]);
    objects.insert("rev_org", [customers[0].1.clone(), customers[1].1.clone()]);
    for (n, op, noun) in [(1, "rev-users.create", "REVU"), (2, "dev-users.create", "DEVU")] {
        let mut pair = Vec::new();
        for name in ["ana", "bob"] {
            let email = format!("{name}{n}@example.org");
            let body = if n == 1 {
                json!({"email": email})
            } else {
                json!({"email": email, "state": "shadow"})
            };
            let made = world.call(op, body).await;
            pair.push(super::id(&made[if n == 1 { "rev_user" } else { "dev_user" }]));
        }
        assert!(pair[0].starts_with(noun));
        let kind = if n == 1 { "rev_user" } else { "dev_user" };
        objects.insert(kind, [pair[0].clone(), pair[1].clone()]);
    }
    let leaf = json!({"type": "tenant_fragment", "leaf_type": "deal", "is_custom_leaf_type": true,
        "id_prefix": "DEAL", "description": "", "fields": []});
    world.call("schemas.custom.set", leaf).await;
    for _ in 0..2 {
        world.call("custom-objects.create", json!({"leaf_type": "deal"})).await;
    }
    objects.insert("custom_object", two("C-DEAL"));
    for kind in ["issue", "task", "ticket"] {
        let works = world.works(kind, 2).await;
        objects.insert(kind, [works[0].clone(), works[1].clone()]);
    }
    let account = objects["account"][0].clone();
    let mut deals = Vec::new();
    for _ in 0..2 {
        deals.push(world.work_with("opportunity", json!({"account": account})).await);
    }
    objects.insert("opportunity", [deals[0].clone(), deals[1].clone()]);
    objects
}

/// Whether a part has its parent already when it is made.
fn has_parent(kind: &str) -> bool {
    matches!(kind, "capability" | "feature" | "enhancement")
}

#[tokio::test]
async fn every_type_joins_what_it_may_join_and_nothing_else() {
    let world = World::new().await;
    let objects = objects(&world).await;
    assert_eq!(objects.len(), KINDS.len());
    let (mut made, mut refused) = (0, 0);
    for link_type in TYPES {
        let joined = joined(link_type);
        for (from, from_is) in KINDS {
            for (to, to_is) in KINDS {
                let (source, target) = (&objects[from][0], &objects[to][1]);
                let called = format!("{source} {link_type} {target}");
                let answer = world.try_link(link_type, source, target).await;
                if !joined.contains(&format!("{}{}", letter(from), letter(to))) {
                    let error = answer.error(400, "bad_request");
                    let message = format!("no link {link_type} goes from {from} to {to}");
                    assert_eq!(error["message"], message);
                    refused += 1;
                    continue;
                }
                if !from_is || !to_is {
                    let error = answer.error(400, "invalid_id");
                    let field = if from_is { "target" } else { "source" };
                    assert_eq!(error["field_name"], field, "{called}");
                    continue;
                }
                if link_type == "is_part_of" && has_parent(from) {
                    World::refused(answer, "links.replace moves it");
                    continue;
                }
                assert_eq!(answer.status, 201, "{called}: {}", answer.body);
                let link = &answer.body["link"];
                assert_eq!(super::brief(link), called);
                let types = (&link["source"]["type"], &link["target"]["type"]);
                assert_eq!(types, (&json!(from), &json!(to)));
                let gone = world.server.call("links.delete", json!({"id": link["id"]})).await;
                gone.ok();
                made += 1;
                if link_type == "is_merged_into" {
                    let reopened = json!({"id": source, "stage": {"name": "queued"}});
                    world.call("works.update", reopened).await;
                }
            }
        }
    }
    assert_eq!((made, refused), (119, 4_164));
    for kind in objects.keys() {
        for object in &objects[kind] {
            let left = world.listed(json!({"object": object})).await;
            assert!(left.iter().all(|link| link.contains(" is_part_of ")), "{left:?}");
        }
    }
}
