//! Links in the timelines of what they join.

use serde_json::{Value, json};

use super::Talk;

/// What entries tell of links, in short: `linked ISS-1 is_dependent_on ISS-2`.
fn told(entries: &[Value]) -> Vec<String> {
    let links = entries.iter().filter_map(|entry| {
        let event = &entry["event"];
        let kind = event["type"].as_str()?;
        let link = &event[kind]["link"];
        let end = |end: &str| link[end]["display_id"].as_str();
        Some(format!(
            "{kind} {} {} {}",
            end("source")?,
            link["link_type"].as_str()?,
            end("target")?
        ))
    });
    links.collect()
}

impl Talk {
    async fn issues(&self, count: usize) {
        for number in 0..count {
            let issue = json!({
                "type": "issue", "title": format!("Issue {number}"), "applies_to_part": "PROD-1",
                "owned_by": ["DEVU-1"],
            });
            self.call("works.create", issue).await;
        }
    }

    async fn link(&self, link_type: &str, source: &str, target: &str) -> Value {
        let link = json!({"link_type": link_type, "source": source, "target": target});
        self.call("links.create", link).await["link"].clone()
    }

    async fn events(&self, object: &str) -> Vec<Value> {
        self.list(&json!(object), json!({"collections": ["events"], "limit": 100})).await
    }

    async fn told(&self, object: &str) -> Vec<String> {
        told(&self.events(object).await)
    }
}

#[tokio::test]
async fn a_link_is_told_of_at_both_ends() {
    let talk = Talk::new().await;
    talk.issues(2).await;
    let (_, bob) = talk.member("bob").await;
    let link = talk.link("is_dependent_on", "ISS-1", "ISS-2").await;
    let gone = json!({"id": link["id"]});
    talk.server.call_as(&bob, "links.delete", gone).await.ok();
    let entries = talk.events("ISS-1").await;
    insta::assert_json_snapshot!(&entries[1..], {
        "[].event.linked.link.id" => "[link]",
        "[].event.deleted.link.id" => "[link]",
        "[].event.deleted.object_id" => "[link]",
    });
    let made = "linked ISS-1 is_dependent_on ISS-2";
    let deleted = "deleted ISS-1 is_dependent_on ISS-2";
    for object in ["ISS-1", "ISS-2"] {
        assert_eq!(talk.told(object).await, [made, deleted], "{object}");
    }
    assert_eq!(talk.told("ISS-3").await, [""; 0]);
    for entry in &entries {
        assert_eq!(talk.get(&entry["id"]).await, *entry);
    }
    // They are events: neither comments nor anything to write to.
    assert_eq!(talk.list(&json!("ISS-1"), json!({})).await, Vec::<Value>::new());
    let id = json!({"id": entries[1]["id"]});
    for op in ["timeline-entries.update", "timeline-entries.delete"] {
        let refused = talk.server.call(op, id.clone()).await;
        assert_eq!(refused.error(400, "unexpected_id_type")["field_name"], "id");
    }
    for (members, expected) in [
        (json!({"collections": ["events", "discussions"], "panels": ["events"]}), 2),
        (json!({"collections": ["events"], "visibility": ["internal"]}), 2),
        (json!({"collections": ["events"], "visibility": ["external"]}), 0),
        (json!({"collections": ["events"], "labels": ["x"]}), 0),
        (json!({"collections": ["discussions"]}), 0),
    ] {
        let shown = talk.list(&json!("ISS-1"), members.clone()).await;
        assert_eq!(told(&shown).len(), expected, "{members}");
    }
    let work = talk.server.call("works.get", json!({"id": "ISS-1"})).await;
    assert_eq!(work.headers["x-worksmith-revision"], "1");
}

#[tokio::test]
async fn a_link_that_is_led_elsewhere_is_told_of_at_all_ends() {
    let talk = Talk::new().await;
    talk.issues(2).await;
    let link = talk.link("is_dependent_on", "ISS-1", "ISS-2").await;
    let replace = json!({
        "id": link["id"], "link_type": "is_dependent_on", "source": "ISS-1", "target": "ISS-3",
    });
    talk.call("links.replace", replace).await;
    let was = "ISS-1 is_dependent_on ISS-2";
    let is = "ISS-1 is_dependent_on ISS-3";
    let (linked, deleted) = (format!("linked {was}"), format!("deleted {was}"));
    let elsewhere = format!("linked {is}");
    assert_eq!(talk.told("ISS-1").await, [&*linked, &deleted, &elsewhere]);
    assert_eq!(talk.told("ISS-2").await, [&*linked, &deleted]);
    assert_eq!(talk.told("ISS-3").await, [&*elsewhere]);
}

#[tokio::test]
async fn the_links_of_a_deleted_object_are_told_of_at_the_other_ends() {
    let talk = Talk::new().await;
    talk.issues(61).await;
    talk.link("is_dependent_on", "ISS-1", "ISS-2").await;
    talk.call("works.delete", json!({"id": "ISS-2"})).await;
    let gone = ["linked ISS-1 is_dependent_on ISS-2", "deleted ISS-1 is_dependent_on ISS-2"];
    assert_eq!(talk.told("ISS-1").await, gone);
    // So many that they go bit by bit.
    for number in 4..=60 {
        talk.link("is_related_to", "ISS-3", &format!("ISS-{number}")).await;
    }
    talk.call("works.delete", json!({"id": "ISS-3"})).await;
    talk.server.work().await;
    for number in [4, 33, 60] {
        let link = format!("ISS-3 is_related_to ISS-{number}");
        let told = talk.told(&format!("ISS-{number}")).await;
        assert_eq!(told, [format!("linked {link}"), format!("deleted {link}")]);
    }
}

#[tokio::test]
async fn what_parts_and_issues_say_is_told_of_at_the_other_end() {
    let talk = Talk::new().await;
    let part = json!({
        "type": "capability", "name": "Inbox", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
    });
    talk.call("parts.create", part).await;
    talk.call("works.update", json!({"id": "ISS-1", "developed_with": {"set": ["CAPL-1"]}})).await;
    talk.link("developed_with", "ISS-1", "PROD-1").await;
    talk.call("works.update", json!({"id": "ISS-1", "developed_with": {"set": ["PROD-1"]}})).await;
    assert_eq!(
        talk.told("PROD-1").await,
        ["linked CAPL-1 is_part_of PROD-1", "linked ISS-1 developed_with PROD-1"]
    );
    assert_eq!(
        talk.told("CAPL-1").await,
        ["linked ISS-1 developed_with CAPL-1", "deleted ISS-1 developed_with CAPL-1"]
    );
    // The issue has the changes themselves.
    assert_eq!(talk.told("ISS-1").await, [""; 0]);
    let changes = talk.events("ISS-1").await;
    let named = |entry: &Value| entry["event"]["updated"]["field_deltas"][0]["name"].clone();
    let names: Vec<_> = changes[1..].iter().map(named).collect();
    assert_eq!(names, ["developed_with", "developed_with", "developed_with"]);
}

#[tokio::test]
async fn customers_learn_of_no_links() {
    let talk = Talk::new().await;
    let (_, ana) = talk.customer("ana", "eu").await;
    let (ticket, other) = (talk.ticket_of(&ana).await, talk.ticket_of(&ana).await);
    talk.link("is_dependent_on", &ticket, "ISS-1").await;
    talk.link("is_related_to", &ticket, &other).await;
    assert_eq!(talk.told(&ticket).await.len(), 2);
    let list = json!({"object": ticket, "collections": ["events", "discussions"]});
    let page = talk.server.call_as(&ana, "timeline-entries.list", list).await.ok();
    assert_eq!(page["timeline_entries"], json!([]));
    for entry in talk.events(&ticket).await {
        let id = json!({"id": entry["id"]});
        talk.server.call_as(&ana, "timeline-entries.get", id).await.error(404, "not_found");
    }
}

#[tokio::test]
async fn the_timelines_of_merged_objects_are_one() {
    let talk = Talk::new().await;
    let mut accounts = Vec::new();
    for name in ["Acme", "Emca"] {
        let made = talk.call("accounts.create", json!({"display_name": name})).await;
        accounts.push(made["account"]["id"].as_str().expect("an id").to_owned());
    }
    let link_type = json!({
        "name": "wants", "forward_name": "wants", "backward_name": "is wanted by",
        "source_types": [{"leaf_type": "account"}], "target_types": [{"leaf_type": "issue"}],
    });
    let link_type = talk.call("link-types.custom.create", link_type).await;
    let link_type = &link_type["custom_link_type"]["id"];
    let link = json!({"custom_link_type": link_type, "source": accounts[1], "target": "ISS-1"});
    talk.call("links.create", link).await;
    let merge = json!({"primary_account": accounts[0], "secondary_account": accounts[1]});
    talk.call("accounts.merge", merge).await;
    talk.server.work().await;
    let (primary, issue) = (talk.events(&accounts[0]).await, talk.events("ISS-1").await);
    let kinds = |entries: &[Value]| -> Vec<Value> {
        let kind = |entry: &Value| entry["event"]["type"].clone();
        entries.iter().map(kind).filter(|kind| kind != "created" && kind != "updated").collect()
    };
    assert_eq!((kinds(&primary), kinds(&issue)), (vec![json!("linked")], vec![json!("linked")]));
    let link = |entries: &[Value]| {
        let linked = entries.iter().find(|entry| entry["event"]["type"] == "linked");
        linked.expect("an entry")["event"]["linked"]["link"].clone()
    };
    assert_eq!(link(&primary)["source"]["id"], accounts[0]);
}
