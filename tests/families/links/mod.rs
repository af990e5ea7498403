//! Links.

mod custom;
mod ends;
mod lists;
mod merging;
mod of_parts;
mod races;
mod refused;
mod seen;
mod table;
mod trees;

use serde_json::{Value, json};
use worksmith_tests::{Answer, Server};

/// A server with a product.
struct World {
    server: Server,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let world = Self { server };
        world.part("product", None).await;
        world
    }

    async fn call(&self, op: &str, body: Value) -> Value {
        self.server.call(op, body).await.ok()
    }

    /// A part: its display id.
    async fn part(&self, kind: &str, parent: Option<&str>) -> String {
        let parents: Vec<_> = parent.into_iter().collect();
        let mut body = json!({"type": kind, "name": format!("A {kind}"), "owned_by": ["DEVU-1"]});
        if kind != "product" {
            body["parent_part"] = json!(parents);
        }
        id(&self.call("parts.create", body).await["part"])
    }

    /// A work with further members: its display id.
    async fn work_with(&self, kind: &str, members: Value) -> String {
        let mut body = json!({"type": kind, "title": format!("A {kind}"), "owned_by": ["DEVU-1"],
            "applies_to_part": "PROD-1"});
        for (name, value) in members.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        id(&self.call("works.create", body).await["work"])
    }

    async fn work(&self, kind: &str) -> String {
        self.work_with(kind, json!({})).await
    }

    async fn works(&self, kind: &str, count: usize) -> Vec<String> {
        let mut works = Vec::with_capacity(count);
        for _ in 0..count {
            works.push(self.work(kind).await);
        }
        works
    }

    async fn try_link(&self, link_type: &str, source: &str, target: &str) -> Answer {
        let body = json!({"link_type": link_type, "source": source, "target": target});
        self.server.call("links.create", body).await
    }

    async fn link(&self, link_type: &str, source: &str, target: &str) -> Value {
        let made = self.try_link(link_type, source, target).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["link"].clone()
    }

    /// That this link is refused as no clients can tell why.
    #[track_caller]
    fn refused(answer: Answer, words: &str) {
        let error = answer.error(400, "bad_request");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(words), "{message}");
    }

    /// The links of an object, each as `source type target`, in the order of the list.
    async fn listed(&self, request: Value) -> Vec<String> {
        let page = self.call("links.list", request).await;
        page["links"].as_array().expect("links").iter().map(brief).collect()
    }

    async fn of(&self, object: &str) -> Vec<String> {
        self.listed(json!({"object": object})).await
    }
}

fn id(object: &Value) -> String {
    object["display_id"].as_str().expect("a display id").to_owned()
}

fn brief(link: &Value) -> String {
    let end = |end: &Value| match end["display_id"].as_str() {
        Some(id) => id.to_owned(),
        None => panic!("an end without a display id: {end}"),
    };
    let link_type = link["link_type"].as_str().expect("a type");
    format!("{} {link_type} {}", end(&link["source"]), end(&link["target"]))
}

#[tokio::test]
async fn a_link_is_made_read_listed_and_deleted() {
    let world = World::new().await;
    let (one, other) = (world.work("issue").await, world.work("issue").await);
    let made = world.link("is_related_to", &one, &other).await;
    let server = &world.server;
    let work = async |id: &str| {
        let work = server.call("works.get", json!({"id": id})).await.ok()["work"].clone();
        let mut summary = json!({});
        for member in
            ["type", "id", "display_id", "title", "state_display_name", "priority", "priority_v2"]
        {
            summary[member] = work[member].clone();
        }
        summary["owned_by"] = work["owned_by"].clone();
        summary["stage"] = json!({"name": work["stage"]["name"]});
        summary
    };
    let expected = json!({
        "id": made["id"],
        "created_by": made["created_by"],
        "created_date": made["created_date"],
        "modified_by": made["created_by"],
        "modified_date": made["created_date"],
        "link_type": "is_related_to",
        "source": work(&one).await,
        "target": work(&other).await,
    });
    assert_eq!(made, expected);
    assert!(made["id"].as_str().expect("an id").contains(":link/"));
    assert_eq!(made["created_by"]["display_id"], "DEVU-1");

    let got = server.call("links.get", json!({"id": made["id"]})).await.ok();
    assert_eq!(got, json!({"link": made}));
    let query = format!("id={}", made["id"].as_str().expect("an id"));
    assert_eq!(server.get("links.get", &query).await.ok(), got);
    for object in [&one, &other] {
        let listed = server.call("links.list", json!({"object": object})).await.ok();
        assert_eq!(listed, json!({"links": [made]}));
    }
    // An end is shown as it is now.
    server.call("works.update", json!({"id": one, "title": "Another title"})).await.ok();
    let got = server.call("links.get", json!({"id": made["id"]})).await.ok();
    assert_eq!(got["link"]["source"]["title"], "Another title");

    let gone = server.call("links.delete", json!({"id": made["id"]})).await;
    assert_eq!((gone.status.as_u16(), gone.body), (200, json!({})));
    server.call("links.get", json!({"id": made["id"]})).await.error(404, "not_found");
    server.call("links.delete", json!({"id": made["id"]})).await.error(404, "not_found");
    assert_eq!(world.of(&one).await, Vec::<String>::new());
    world.link("is_related_to", &one, &other).await;
}

#[tokio::test]
async fn the_same_link_twice_is_a_conflict_and_the_other_way_round_another_link() {
    let world = World::new().await;
    world.works("issue", 2).await;
    world.link("is_related_to", "ISS-1", "ISS-2").await;
    let again = world.try_link("is_related_to", "ISS-1", "ISS-2").await;
    let error = again.error(409, "conflict");
    assert_eq!(error["message"], "ISS-1 has this link is_related_to with ISS-2");
    world.link("is_related_to", "ISS-2", "ISS-1").await;
    world.link("is_dependent_on", "ISS-1", "ISS-2").await;
    let links = ["ISS-1 is_dependent_on ISS-2", "ISS-2 is_related_to ISS-1"];
    assert_eq!(world.of("ISS-1").await[..2], links);
}

#[tokio::test]
async fn nothing_is_linked_with_itself() {
    let world = World::new().await;
    world.work("issue").await;
    for link_type in ["is_related_to", "is_dependent_on", "is_parent_of", "is_duplicate_of"] {
        let answer = world.try_link(link_type, "ISS-1", "iss-1").await;
        World::refused(answer, "ISS-1 can't be linked with itself");
    }
}

#[tokio::test]
async fn one_end_of_a_link_is_replaced() {
    let world = World::new().await;
    world.works("issue", 4).await;
    let made = world.link("is_dependent_on", "ISS-1", "ISS-2").await;
    world.link("is_dependent_on", "ISS-1", "ISS-4").await;
    let to = |source: &str, target: &str| {
        json!({"id": made["id"], "link_type": "is_dependent_on", "source": source,
            "target": target})
    };
    let server = &world.server;
    let replaced = server.call("links.replace", to("ISS-1", "ISS-3")).await;
    assert_eq!(replaced.status, 201);
    let replaced = replaced.body["link"].clone();
    assert_eq!(brief(&replaced), "ISS-1 is_dependent_on ISS-3");
    assert_eq!(replaced["id"], made["id"]);
    assert_eq!(replaced["created_date"], made["created_date"]);
    assert_ne!(replaced["modified_date"], made["modified_date"]);
    assert_eq!(world.of("ISS-2").await, Vec::<String>::new());
    let got = server.call("links.get", json!({"id": made["id"]})).await.ok();
    assert_eq!(got, json!({"link": replaced}));
    // The same ends change nothing.
    let same = server.call("links.replace", to("ISS-1", "ISS-3")).await.ok();
    assert_eq!(same["link"], replaced);

    World::refused(server.call("links.replace", to("ISS-2", "ISS-4")).await, "must stay");
    World::refused(server.call("links.replace", to("ISS-3", "ISS-3")).await, "with itself");
    server.call("links.replace", to("ISS-1", "ISS-4")).await.error(409, "conflict");
    let mut other = to("ISS-1", "ISS-2");
    other["link_type"] = json!("is_related_to");
    let error = server.call("links.replace", other).await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "link_type");
    assert_eq!(error["allowed_values"], json!(["is_dependent_on"]));
    let error = server.call("links.replace", to("ISS-1", "ISS-9")).await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "target");
    let mut gone = to("ISS-1", "ISS-2");
    gone["id"] = json!("don:core:dvrv-us-1:devo/x:link/Ab12Cd34");
    server.call("links.replace", gone).await.error(404, "not_found");
    assert_eq!(world.of("ISS-3").await, ["ISS-1 is_dependent_on ISS-3"]);
}
