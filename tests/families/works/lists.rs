//! Lists, exports and counts: every filter and every sort, exactly.

use axum::http::Method;
use serde_json::{Value, json};
use worksmith_tests::ADMIN;

use super::{World, id, ids};

/// Works of every type that differ in everything that can be filtered.
struct Set {
    world: World,
    bob: String,
    tag: String,
    sprint: Value,
    acme: (String, String),
    group: String,
    contact: String,
}

async fn set() -> Set {
    let world = World::new().await;
    let bob = world.user("bob").await;
    let tag = world.tag("hot", &[]).await;
    let sprint = world.sprint("S1", "active").await;
    let acme = world.customer("Acme").await;
    let capability = json!({
        "type": "capability", "name": "SMTP", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
    });
    world.call("parts.create", capability).await;
    let group = id(&world.call("groups.create", json!({"name": "Support"})).await["group"]);
    let contact = json!({"email": "eve@acme.example"});
    let contact = id(&world.call("rev-users.create", contact).await["rev_user"]);
    let issue = json!({
        "title": "b", "owned_by": [bob], "tags": [{"id": tag}], "priority": "p0",
        "sprint": sprint["id"], "target_close_date": "2026-02-01T00:00:00Z",
        "target_start_date": "2026-01-10T00:00:00Z", "external_ref": "gh-1",
    });
    world.work("issue", issue).await;
    let issue = json!({"title": "a", "applies_to_part": "CAPL-1", "reported_by": [contact]});
    world.work("issue", issue).await;
    world.update("ISS-2", json!({"stage": {"name": "completed"}})).await;
    let ticket = json!({
        "title": "d", "severity": "blocker", "rev_org": acme.1, "group": group,
        "channels": ["email", "slack"], "is_spam": true, "visibility": 1,
        "channels_v2": ["CHANNEL-2"], "source_channel_v2": "CHANNEL-1", "source_channel": "phone",
        "target_close_date": "2026-03-01T00:00:00Z",
    });
    world.work("ticket", ticket).await;
    let ticket = json!({"title": "c", "severity": "low", "needs_response": true});
    world.work("ticket", ticket).await;
    world
        .update("TKT-2", json!({"stage": {"name": "awaiting_development"}, "is_frozen": true}))
        .await;
    world.work("task", json!({"title": "e", "priority": "p1"})).await;
    let deal = json!({
        "title": "f", "account": acme.0, "contacts": [contact], "forecast_category_v2": 2,
    });
    world.work("opportunity", deal).await;
    Set { world, bob, tag, sprint, acme, group, contact }
}

#[tokio::test]
async fn every_filter_gives_exactly_the_works_that_match() {
    let Set { world, bob, tag, sprint, acme, group, contact } = set().await;
    let all = ["OPP-1", "TASK-1", "TKT-2", "TKT-1", "ISS-2", "ISS-1"];
    let tickets = ["TKT-2", "TKT-1"];
    let cases: Vec<(Value, Vec<&str>)> = vec![
        (json!({}), all.to_vec()),
        (json!({"type": "ticket"}), tickets.to_vec()),
        (json!({"type": ["issue", "task"]}), vec!["TASK-1", "ISS-2", "ISS-1"]),
        (json!({"applies_to_part": ["CAPL-1"]}), vec!["ISS-2"]),
        (json!({"owned_by": [bob]}), vec!["ISS-1"]),
        (json!({"owned_by": ["DEVU-99"]}), vec![]),
        (json!({"reported_by": [contact]}), vec!["ISS-2"]),
        (json!({"created_by": ["DEVU-1"], "tags": [tag]}), vec!["ISS-1"]),
        (json!({"modified_by": ["SYSU-1"]}), vec![]),
        (json!({"external_ref": ["gh-1", "gh-2"]}), vec!["ISS-1"]),
        (json!({"state": ["closed"]}), vec!["ISS-2"]),
        (json!({"state": ["in_progress"]}), vec!["TKT-2"]),
        (json!({"state": ["nope"]}), vec![]),
        (json!({"stage": {"name": ["queued", "triage"]}}), vec!["TKT-1", "ISS-1"]),
        (json!({"stage_name": ["completed"]}), vec!["ISS-2"]),
        (
            json!({"target_close_date": {"type": "range", "before": "2026-02-01T00:00:00Z"}}),
            vec!["ISS-1"],
        ),
        (json!({"target_close_date": {"after": "2026-02-01T00:00:00.001Z"}}), vec!["TKT-1"]),
        (
            json!({"created_date": {"type": "preset", "preset_type": "last_n_days", "days": 1}}),
            all.to_vec(),
        ),
        (
            json!({"actual_close_date": {
                "type": "preset", "preset_type": "next_n_days", "days": 9,
            }}),
            vec![],
        ),
        (json!({"issue": {"priority": ["p0"]}}), vec!["ISS-1"]),
        (json!({"issue": {"priority_v2": [3]}}), vec!["ISS-2"]),
        (json!({"issue": {"sprint": [sprint["id"]]}}), vec!["ISS-1"]),
        (json!({"issue": {"sprint_state": ["active"]}}), vec!["ISS-1"]),
        (json!({"issue": {"sprint_state": ["completed"]}}), vec![]),
        (
            json!({"issue": {
                "target_start_date": {"type": "range", "after": "2026-01-01T00:00:00Z"},
            }}),
            vec!["ISS-1"],
        ),
        (json!({"issue": {"subtype": ["bug"]}}), vec![]),
        (json!({"issue": {"sla_summary": {"stage": ["breached"]}}}), vec![]),
        (json!({"ticket": {"severity": ["blocker", "high"]}}), vec!["TKT-1"]),
        (json!({"ticket": {"rev_org": [acme.1]}}), vec!["TKT-1"]),
        (json!({"ticket": {"account": [acme.0]}}), vec!["TKT-1"]),
        (json!({"ticket": {"group": [group]}}), vec!["TKT-1"]),
        (json!({"ticket": {"channels": ["slack", "plug"]}}), vec!["TKT-1"]),
        (json!({"ticket": {"channels": ["plug"]}}), vec![]),
        (json!({"ticket": {"channels_v2": ["CHANNEL-2", "CHANNEL-5"]}}), vec!["TKT-1"]),
        (json!({"ticket": {"channels_v2": ["CHANNEL-1"]}}), vec![]),
        (json!({"ticket": {"source_channel_v2": ["CHANNEL-1"]}}), vec!["TKT-1"]),
        (json!({"ticket": {"source_channel_v2": ["CHANNEL-2"]}}), vec![]),
        (json!({"ticket": {"is_spam": true}}), vec!["TKT-1"]),
        (json!({"ticket": {"is_spam": false}}), vec!["TKT-2"]),
        (json!({"ticket": {"is_frozen": true}}), vec!["TKT-2"]),
        (json!({"ticket": {"needs_response": true}}), vec!["TKT-2"]),
        (json!({"ticket": {"source_channel": ["phone"]}}), vec!["TKT-1"]),
        (json!({"ticket": {"visibility": [2]}}), vec!["TKT-2"]),
        (json!({"opportunity": {"account": [acme.0]}}), vec!["OPP-1"]),
        (
            json!({"opportunity": {"contacts": [contact], "forecast_category_v2": [2]}}),
            vec!["OPP-1"],
        ),
        (json!({"vista": sprint["parent"]["id"]}), vec!["ISS-1"]),
        // A block applies only to works of its own type.
        (
            json!({"type": ["issue", "ticket"], "issue": {"priority": ["p0"]}}),
            vec!["TKT-2", "TKT-1", "ISS-1"],
        ),
        (
            json!({"issue": {"priority": ["p0"]}, "ticket": {"severity": ["low"]}}),
            vec!["TKT-2", "ISS-1"],
        ),
        (json!({"type": ["ticket"], "issue": {"sprint": [sprint["id"]]}}), tickets.to_vec()),
        (json!({"type": ["task"], "issue": {}}), vec!["TASK-1"]),
    ];
    for (filter, expected) in cases {
        let list = world.call("works.list", filter.clone()).await;
        assert_eq!(ids(&list["works"]), expected, "{filter}");
        let export = world.call("works.export", filter.clone()).await;
        assert_eq!(export["works"], list["works"], "{filter}");
        let count = world.call("works.count", filter.clone()).await;
        assert_eq!(count, json!({"count": expected.len(), "has_more": false}), "{filter}");
    }
}

#[tokio::test]
async fn works_are_found_by_their_ids() {
    let Set { world, tag, .. } = set().await;
    let don = world.get("ISS-1").await["id"].clone();
    for (filter, expected) in [
        (json!({"ids": ["ISS-2", "TKT-1"]}), vec!["TKT-1", "ISS-2"]),
        (json!({"ids": [don, "ISS-1", "TASK-1"]}), vec!["TASK-1", "ISS-1"]),
        (json!({"ids": "OPP-1"}), vec!["OPP-1"]),
        // Unknown ones match nothing, nor do those of another org.
        (json!({"ids": ["ISS-99", "TKT-1"]}), vec!["TKT-1"]),
        (json!({"ids": ["don:core:dvrv-us-1:devo/elsewhere:issue/1"]}), vec![]),
        (json!({"ids": ["ISS-1", "TKT-1"], "type": ["ticket"]}), vec!["TKT-1"]),
        (json!({"ids": ["ISS-1", "ISS-2"], "tags": [tag]}), vec!["ISS-1"]),
        (
            json!({"ids": ["ISS-1", "ISS-2", "TKT-2"], "sort_by": ["title:asc"]}),
            vec!["ISS-2", "ISS-1", "TKT-2"],
        ),
        (json!({"ids": []}), vec!["OPP-1", "TASK-1", "TKT-2", "TKT-1", "ISS-2", "ISS-1"]),
    ] {
        let list = world.call("works.list", filter.clone()).await;
        assert_eq!(ids(&list["works"]), expected, "{filter}");
        let export = world.call("works.export", filter.clone()).await;
        assert_eq!(export["works"], list["works"], "{filter}");
        let mut filter = filter;
        filter.as_object_mut().expect("an object").remove("sort_by");
        let count = world.call("works.count", filter.clone()).await;
        assert_eq!(count, json!({"count": expected.len(), "has_more": false}), "{filter}");
    }
    let got = world.server.get("works.list", "ids=ISS-1,TKT-1&limit=1").await.ok();
    assert_eq!(ids(&got["works"]), ["TKT-1"]);
    let next = format!("ids=ISS-1,TKT-1&limit=1&cursor={}", got["next_cursor"].as_str().unwrap());
    assert_eq!(ids(&world.server.get("works.list", &next).await.ok()["works"]), ["ISS-1"]);
    let many: Vec<_> = (1..=1001).map(|n| format!("ISS-{n}")).collect();
    assert_eq!(
        ids(&world.call("works.list", json!({"ids": many[..1000]})).await["works"]).len(),
        2
    );
    for (wrong, kind) in [
        (json!(["nonsense"]), "invalid_id"),
        (json!([""]), "invalid_id"),
        (json!(["ISS-1", "TAG-1"]), "unexpected_id_type"),
        (json!([1]), "unexpected_json_type"),
        (json!({"id": "ISS-1"}), "unexpected_json_type"),
        (json!(many), "value_not_permitted"),
    ] {
        for op in ["works.list", "works.export", "works.count"] {
            let error = world.refused(op, json!({"ids": wrong}), 400, kind).await;
            assert_eq!(error["field_name"], "ids", "{op} {wrong}");
        }
    }
}

#[tokio::test]
async fn a_list_tells_the_revisions_of_its_objects_to_those_who_ask() {
    let Set { world, .. } = set().await;
    world.update("ISS-1", json!({"title": "another"})).await;
    let asked = async |op: &str, wants: &str, body: Value| {
        let headers = [
            ("authorization", ADMIN),
            ("content-type", "application/json"),
            ("x-worksmith-revisions", wants),
        ];
        world.server.send(Method::POST, op, &headers, body.to_string()).await
    };
    let plain = world.call("works.list", json!({"limit": 4, "sort_by": ["title:asc"]})).await;
    // The second answer is rendered from memory.
    for _ in 0..2 {
        let body = json!({"limit": 4, "sort_by": ["title:asc"]});
        let list = asked("works.list", "true", body).await.ok();
        assert_eq!(ids(&list["works"]), ["ISS-2", "ISS-1", "TKT-2", "TKT-1"]);
        assert_eq!(list["revisions"], json!([2, 2, 2, 1]));
        assert_eq!(super::with(plain.clone(), json!({"revisions": [2, 2, 2, 1]})), list);
        for (work, revision) in
            list["works"].as_array().unwrap().iter().zip(list["revisions"].as_array().unwrap())
        {
            let got = world.server.call("works.get", json!({"id": work["id"]})).await;
            assert_eq!(got.headers["x-worksmith-revision"], revision.to_string().as_str());
        }
    }
    let export = asked("works.export", "true", json!({"ids": ["ISS-1", "TASK-1"]})).await.ok();
    assert_eq!(export["revisions"], json!([1, 2]));
    let none = asked("works.export", "true", json!({"ids": ["ISS-99"]})).await.ok();
    assert_eq!(none, json!({"works": [], "revisions": []}));
    for (op, count) in [
        ("parts.list", 2),
        ("tags.list", 1),
        ("accounts.list", 1),
        ("accounts.export", 1),
        ("stages.custom.list", 0),
        ("vistas.list", 1),
        ("schemas.stock.list", 0),
    ] {
        let list = asked(op, "true", json!({})).await.ok();
        let revisions = list["revisions"].as_array().map(Vec::len);
        assert!(revisions.is_some_and(|told| told > 0 && (count == 0 || told == count)), "{list}");
        for wants in ["false", ""] {
            let answer = match wants {
                "" => world.server.call(op, json!({})).await,
                wants => asked(op, wants, json!({})).await,
            };
            assert!(answer.ok().get("revisions").is_none(), "{op}");
        }
    }
    // A page that is put together from several lists.
    let link = json!({"link_type": "is_dependent_on", "source": "TKT-1", "target": "ISS-1"});
    world.call("links.create", link).await;
    let links = asked("links.list", "true", json!({"object": "ISS-1"})).await.ok();
    assert_eq!(links["links"].as_array().map(Vec::len), Some(1), "{links}");
    assert_eq!(links["revisions"], json!([1]));
    let single = asked("works.get", "true", json!({"id": "ISS-1"})).await.ok();
    assert!(single.get("revisions").is_none());
    asked("works.list", "yes", json!({})).await.error(400, "bad_request");
}

#[tokio::test]
async fn every_sort_is_exact_and_works_without_a_value_come_last() {
    let Set { world, .. } = set().await;
    for (sort, expected) in [
        (["title:asc"].as_slice(), ["ISS-2", "ISS-1", "TKT-2", "TKT-1", "TASK-1", "OPP-1"]),
        (&["title:desc"], ["OPP-1", "TASK-1", "TKT-1", "TKT-2", "ISS-1", "ISS-2"]),
        (&["created_date:asc"], ["ISS-1", "ISS-2", "TKT-1", "TKT-2", "TASK-1", "OPP-1"]),
        (&["modified_date:desc"], ["OPP-1", "TASK-1", "TKT-2", "TKT-1", "ISS-2", "ISS-1"]),
        (
            &["target_close_date:asc", "title:asc"],
            ["ISS-1", "TKT-1", "ISS-2", "TKT-2", "TASK-1", "OPP-1"],
        ),
        (
            &["target_close_date:desc", "title:desc"],
            ["TKT-1", "ISS-1", "OPP-1", "TASK-1", "TKT-2", "ISS-2"],
        ),
    ] {
        let list = world.call("works.list", json!({"sort_by": sort})).await;
        assert_eq!(ids(&list["works"]), expected, "{sort:?}");
    }
    let by_priority = json!({"type": "issue", "sort_by": ["priority_v2.ordinal:desc"]});
    assert_eq!(ids(&world.call("works.list", by_priority).await["works"]), ["ISS-2", "ISS-1"]);
    for wrong in ["title", "-title", "title:up", "color:asc", "custom_fields.tnt__x:asc"] {
        let body = json!({"sort_by": [wrong]});
        let error = world.refused("works.list", body, 400, "invalid_field").await;
        assert_eq!(error["field_name"], "sort_by", "{wrong}");
    }
}

#[tokio::test]
async fn pages_of_any_size_give_every_work_once_in_both_directions() {
    let Set { world, .. } = set().await;
    let all = world.call("works.list", json!({"sort_by": ["target_close_date:desc"]})).await;
    let all = ids(&all["works"]);
    for limit in 1..=7 {
        for (mode, onward) in [("after", "next_cursor"), ("before", "prev_cursor")] {
            let mut seen: Vec<String> = Vec::new();
            let mut query =
                json!({"sort_by": ["target_close_date:desc"], "limit": limit, "mode": mode});
            loop {
                let page = world.call("works.list", query.clone()).await;
                let page_ids = ids(&page["works"]);
                seen = if mode == "after" {
                    [seen, page_ids].concat()
                } else {
                    [page_ids, seen].concat()
                };
                let Some(cursor) = page.get(onward) else { break };
                query["cursor"] = cursor.clone();
            }
            assert_eq!(seen, all, "{limit} {mode}");
        }
    }
}

#[tokio::test]
async fn the_get_twin_reads_every_encoding() {
    let Set { world, .. } = set().await;
    for query in [
        "type=issue,ticket&issue.priority=p0&ticket.severity=low",
        "type=%22issue%22,%22ticket%22&issue.priority=%22p0%22&ticket.severity=%22low%22",
        "type=issue&type=ticket&issue.priority_v2=%221%22&ticket.severity=low&limit=10&mode=after",
        "type=issue,ticket&issue.priority=p0&ticket.severity=low&state=open,in_progress&tags=",
    ] {
        let list = world.server.get("works.list", query).await.ok();
        assert_eq!(ids(&list["works"]), ["TKT-2", "ISS-1"], "{query}");
    }
    let dated = "created_date.type=range&created_date.after=2026-01-01T13:00:00+01:00";
    assert_eq!(ids(&world.server.get("works.list", dated).await.ok()["works"]).len(), 6);
    let spam = world.server.get("works.count", "ticket.is_spam=true").await.ok();
    assert_eq!(spam["count"], 1);
    world.server.get("works.list", "colour=red").await.error(400, "invalid_field");
    world.server.get("works.list", "issue%5Bpriority%5D=p0").await.error(400, "invalid_field");
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query_though_presets_move() {
    let Set { world, .. } = set().await;
    let recent = json!({"type": "preset", "preset_type": "last_n_days", "days": 3});
    let query = json!({"created_date": recent, "limit": 2});
    let first = world.call("works.list", query.clone()).await;
    world.server.clock.advance_ms(60_000);
    let mut next = query.clone();
    next["cursor"] = first["next_cursor"].clone();
    assert_eq!(ids(&world.call("works.list", next.clone()).await["works"]), ["TKT-2", "TKT-1"]);
    next["type"] = json!(["ticket"]);
    let error = world.refused("works.list", next, 400, "invalid_field").await;
    assert_eq!(error["field_name"], "cursor");
    let junk = json!({"cursor": "junk"});
    world.refused("works.list", junk, 400, "invalid_field").await;
}

#[tokio::test]
async fn limits_are_clamped_and_exports_bounded() {
    let Set { world, .. } = set().await;
    for limit in [json!(0), json!(-1), json!(10_000)] {
        let list = world.call("works.list", json!({"limit": limit})).await;
        assert_eq!(ids(&list["works"]).len(), 6);
    }
    let export = world.call("works.export", json!({"first": 2, "sort_by": ["title:asc"]})).await;
    assert_eq!(ids(&export["works"]), ["ISS-2", "ISS-1"]);
}

#[tokio::test]
async fn works_sort_by_the_present_ordinal_of_their_stage() {
    let world = World::new().await;
    world.work("issue", json!({"stage": {"name": "triage"}})).await;
    let backlog = world.work("issue", json!({"stage": {"name": "backlog"}})).await;
    let sorted = json!({"sort_by": ["stage.ordinal:asc"]});
    let list = world.call("works.list", sorted.clone()).await;
    assert_eq!(ids(&list["works"]), ["ISS-1", "ISS-2"]);
    let stage = backlog["stage"]["stage"]["id"].clone();
    world.call("stages.custom.update", json!({"id": stage, "ordinal": 1})).await;
    let list = world.call("works.list", sorted).await;
    assert_eq!(ids(&list["works"]), ["ISS-2", "ISS-1"]);
    assert_eq!(list["works"][0]["modified_date"], backlog["modified_date"]);
    assert_eq!(list["works"][0]["stage"]["ordinal"], 1);
}
