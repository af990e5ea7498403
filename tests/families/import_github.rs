//! What becomes of issues of GitHub.

mod again;
mod comments;

use serde_json::{Value, json};
use worksmith_kernel::{Error, OpCtx};
use worksmith_tests::Server;
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_tracker::import::Report;
use worksmith_tracker::import::github::{self, Options, Record};

/// A server, and what importing needs.
struct World {
    server: Server,
    cx: OpCtx,
    options: Options,
}

impl World {
    async fn begin() -> Self {
        let server = Server::start().await;
        let nobody = FirstUser {
            email: String::new(),
            display_name: String::new(),
            org_name: String::new(),
        };
        let started = bootstrap::start(&server.engine, &server.environment, &nobody, None).await;
        let cx = started.expect("the org").cx;
        Self { server, cx, options: Options::default() }
    }

    /// Imports items in one transaction.
    async fn import(&self, items: &[Value]) -> Report {
        self.try_import(items).await.expect("an import")
    }

    async fn try_import(&self, items: &[Value]) -> Result<Report, Error> {
        let now = self.server.environment.clock.now();
        let mut tx = self.server.engine.begin(&OpCtx { now, ..self.cx.clone() });
        let read = |item: &Value| Record::read(item.clone()).expect("an item");
        let items: Vec<Record> = items.iter().map(read).collect();
        let items: Vec<&Record> = items.iter().collect();
        let report = github::import(&mut tx, &self.options, &items).await?;
        tx.finish().await?;
        Ok(report)
    }

    /// The work of an item.
    async fn work(&self, number: u64) -> Value {
        let filter = json!({ "external_ref": [url(number)] });
        let mut found = self.server.call("works.list", filter).await.ok();
        assert_eq!(found["works"].as_array().map(Vec::len), Some(1), "{found}");
        found["works"][0].take()
    }

    async fn call(&self, op: &str, body: Value) -> Value {
        self.server.call(op, body).await.ok()
    }
}

fn url(number: u64) -> String {
    format!("https://github.com/octo/engine/issues/{number}")
}

fn person(id: u64, login: &str) -> Value {
    json!({ "id": id, "login": login, "type": "User", "site_admin": false })
}

/// A minimal open issue.
fn issue(number: u64) -> Value {
    json!({
        "html_url": url(number),
        "id": 900 + number,
        "node_id": "I_x",
        "number": number,
        "title": format!("Issue {number}"),
        "user": person(11, "mona"),
        "labels": [],
        "state": "open",
        "locked": false,
        "assignee": null,
        "assignees": [],
        "milestone": null,
        "comments": 0,
        "created_at": "2024-02-01T10:00:00Z",
        "updated_at": "2024-02-01T10:00:00Z",
        "closed_at": null,
        "body": null,
    })
}

/// The item with other members.
fn with(mut item: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("no members") };
    item.as_object_mut().unwrap().extend(members);
    item
}

fn label(name: &str, color: &str) -> Value {
    json!({ "id": 1, "name": name, "color": color, "default": false })
}

fn milestone() -> Value {
    json!({
        "number": 1,
        "title": "First draft",
        "description": "What we want",
        "state": "open",
        "created_at": "2024-01-01T00:00:00Z",
        "due_on": "2024-03-01T08:00:00Z",
    })
}

/// An issue with everything that is imported.
fn whole(number: u64) -> Value {
    with(
        issue(number),
        json!({
            "title": "It stalls",
            "body": "At *every* start.\r\n",
            "assignees": [person(12, "hubot"), person(11, "mona")],
            "labels": [label("bug", "d73a4a"), label("engine room", "0E8A16")],
            "milestone": milestone(),
            "state": "closed",
            "closed_at": "2024-02-20T09:30:00Z",
            "updated_at": "2024-02-21T00:00:00Z",
        }),
    )
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.read, report.created, report.updated, report.unchanged)
}

fn names<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|each| each.pointer(pointer)?.as_str()).collect()
}

#[tokio::test]
async fn an_issue_keeps_what_it_says() {
    let world = World::begin().await;
    let report = world.import(&[whole(7)]).await;
    assert_eq!(counts(&report), (1, 1, 0, 0));
    let work = world.work(7).await;
    assert_eq!(work["type"], "issue");
    assert_eq!(work["title"], "It stalls");
    assert_eq!(work["body"], "At *every* start.\r\n");
    assert_eq!(work["created_date"], "2024-02-01T10:00:00.000Z");
    assert_eq!(work["modified_date"], "2024-02-21T00:00:00.000Z");
    assert_eq!(work["actual_close_date"], "2024-02-20T09:30:00.000Z");
    assert_eq!(work["created_by"]["display_name"], "mona");
    assert_eq!(names(&work["reported_by"], "/display_name"), ["mona"]);
    assert_eq!(names(&work["owned_by"], "/display_name"), ["hubot", "mona"]);
    assert_eq!(names(&work["tags"], "/tag/name"), ["bug", "engine room"]);
    assert_eq!(work["stage"]["name"], "completed");
    assert_eq!(work["state"], "closed");
    assert_eq!(work["applies_to_part"]["name"], "octo/engine");
    assert_eq!(work["applies_to_part"]["type"], "product");
    assert_eq!(work["sprint"]["name"], "First draft");
    assert_eq!(work["external_ref"], url(7));
    let sync = &work["sync_metadata"];
    assert_eq!(sync["origin_system"], "github");
    assert_eq!(sync["external_record_id"], "7");
    assert_eq!(sync["external_record_type"], "issue");
    assert_eq!(sync["external_reference"], url(7));
    assert_eq!(sync["last_sync_in"]["status"], "succeeded");
    assert!(world.server.engine.store().check(&mut |_, _| {}).await.is_empty());
}

#[tokio::test]
async fn a_second_import_changes_nothing_even_in_another_order() {
    let world = World::begin().await;
    world.import(&[whole(7), issue(8), with(issue(9), json!({ "user": null }))]).await;
    let before = world.call("works.list", json!({})).await;
    world.server.clock.advance_ms(60_000);
    let mut again = whole(7);
    again["assignees"].as_array_mut().unwrap().reverse();
    again["labels"].as_array_mut().unwrap().reverse();
    // Comments alone change nothing here.
    again["updated_at"] = json!("2024-05-05T00:00:00Z");
    again["comments"] = json!(3);
    let report = world.import(&[again, issue(8), with(issue(9), json!({ "user": null }))]).await;
    assert_eq!(counts(&report), (3, 0, 0, 3));
    assert!(report.beside.is_empty(), "{report:?}");
    assert_eq!(world.call("works.list", json!({})).await, before);
}

#[tokio::test]
async fn people_are_shadow_users_found_again_when_renamed() {
    let world = World::begin().await;
    world.import(&[issue(1)]).await;
    let filter = json!({ "external_identity": [{ "issuer": "github.com", "id": "11" }] });
    let found = world.call("dev-users.list", filter.clone()).await;
    let user = &found["dev_users"][0];
    assert_eq!(user["email"], "11+mona@users.noreply.github.com");
    assert_eq!(user["display_name"], "mona");
    assert_eq!(user["state"], "shadow");

    let renamed = with(issue(2), json!({ "user": person(11, "mona-lisa") }));
    let report = world.import(&[renamed.clone(), renamed]).await;
    assert_eq!(report.beside["users updated"], 1);
    let found = world.call("dev-users.list", filter).await;
    assert_eq!(found["dev_users"].as_array().unwrap().len(), 1);
    assert_eq!(found["dev_users"][0]["display_name"], "mona-lisa");
    assert_eq!(found["dev_users"][0]["external_identities"][0]["display_name"], "mona-lisa");
    assert_eq!(world.work(1).await["created_by"], world.work(2).await["created_by"]);
}

#[tokio::test]
async fn people_are_found_by_address_and_after_a_merge() {
    let world = World::begin().await;
    let email = "11+mona@users.noreply.github.com";
    let made = world.call("dev-users.create", json!({ "email": email, "state": "shadow" })).await;
    let report = world.import(&[issue(1)]).await;
    assert!(!report.beside.contains_key("users created"), "{report:?}");
    assert_eq!(world.work(1).await["created_by"]["id"], made["dev_user"]["id"]);

    let admin = world.call("dev-users.self", json!({})).await["dev_user"]["id"].clone();
    let merge = json!({ "primary_user": admin, "secondary_user": made["dev_user"]["id"] });
    world.call("dev-users.merge", merge).await;
    let report = world.import(&[issue(2)]).await;
    assert!(report.beside.is_empty(), "{report:?}");
    let work = world.work(2).await;
    assert_eq!(work["created_by"]["id"], admin);
    // The names of people here are their own choice.
    assert_eq!(work["created_by"]["display_name"], "Ada");
}

#[tokio::test]
async fn what_comes_in_is_promised_what_everything_is_promised() {
    let world = World::begin().await;
    let sla = json!({
        "name": "All", "sla_type": "internal", "applies_to": ["issue"],
        "policies": [{
            "name": "All", "selector": {"applies_to": "issue"},
            "metrics": [{"metric": "METRIC-4", "target": 60, "warning_target": 45}],
        }],
    });
    let made = world.call("slas.create", sla).await;
    let published = json!({"id": made["sla"]["id"], "status": "published"});
    world.call("slas.transition", published).await;
    world.import(&[issue(1)]).await;
    let work = world.work(1).await;
    world.server.work().await;
    let tracker = &work["sla_summary"]["sla_tracker"];
    let metric = &tracker["metric_target_summaries"][0];
    assert_eq!(metric["metric_definition"]["display_id"], "METRIC-4", "{work:#}");
    assert_eq!(work["sla_summary"]["stage"], "breached", "it is older than an hour");
    let findings =
        worksmith_tracker::tracking::check(&world.server.engine, &world.server.environment);
    let found = findings.await.expect("a check");
    assert_eq!((found.faults, found.waiting), (Vec::new(), 0));
}

#[tokio::test]
async fn nobody_is_the_bot() {
    let world = World::begin().await;
    let report = world.import(&[with(issue(1), json!({ "user": null }))]).await;
    let work = world.work(1).await;
    assert_eq!(names(&work["owned_by"], "/display_id"), ["SYSU-1"]);
    assert_eq!(work["created_by"]["display_id"], "SYSU-1");
    assert_eq!(work.get("reported_by").map(|list| names(list, "/id").len()).unwrap_or(0), 0);
    assert!(report.not_carried.keys().any(|what| what.starts_with("authors")), "{report:?}");
    let mine = world.call("works.list", json!({ "owned_by": ["SYSU-1"] })).await;
    assert_eq!(mine["works"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_older_answer_names_one_assignee_and_bare_labels() {
    let world = World::begin().await;
    let mut old = with(issue(1), json!({ "assignee": person(12, "hubot"), "labels": ["bug"] }));
    old.as_object_mut().unwrap().remove("assignees");
    world.import(&[old]).await;
    let work = world.work(1).await;
    assert_eq!(names(&work["owned_by"], "/display_name"), ["hubot"]);
    assert_eq!(names(&work["tags"], "/tag/name"), ["bug"]);
}

#[tokio::test]
async fn labels_are_tags_with_colours() {
    let world = World::begin().await;
    world.call("tags.create", json!({ "name": "bug", "description": "ours" })).await;
    let labels = [label("bug", "d73a4a"), label("Bug", "ffffff"), label("odd", "no colour")];
    let report = world.import(&[with(issue(1), json!({ "labels": labels }))]).await;
    assert_eq!(report.beside["tags created"], 2);
    assert_eq!(report.beside["tags updated"], 1);
    let tags = world.call("tags.list", json!({ "sort_by": ["name:asc"] })).await;
    let shown: Vec<_> = tags["tags"].as_array().unwrap().iter().collect();
    assert_eq!(names(&tags["tags"], "/name"), ["Bug", "bug", "odd"]);
    assert_eq!(shown[1]["style_new"]["color"], "#d73a4a");
    assert_eq!(shown[1]["description"], "ours");
    assert_eq!(shown[2].get("style_new"), None);

    let repainted = [label("bug", "000000"), label("Bug", "ffffff"), label("odd", "no colour")];
    let report = world.import(&[with(issue(1), json!({ "labels": repainted }))]).await;
    assert_eq!(counts(&report), (1, 0, 0, 1));
    assert_eq!(report.beside["tags updated"], 1);
}

#[tokio::test]
async fn what_items_say_last_of_a_label_or_a_person_counts() {
    let world = World::begin().await;
    let told = |number, color, login| {
        let members = json!({ "labels": [label("bug", color)], "user": person(7, login) });
        with(issue(number), members)
    };
    let items = [told(1, "ff0000", "old"), told(2, "00ff00", "new"), told(3, "ff0000", "old")];
    world.import(&items).await;
    let tags = world.call("tags.list", json!({ "name": ["bug"] })).await;
    assert_eq!(tags["tags"][0]["style_new"]["color"], "#ff0000");
    assert_eq!(world.work(2).await["reported_by"][0]["display_name"], "old");
}

#[tokio::test]
async fn milestones_are_sprints_of_one_board() {
    let world = World::begin().await;
    let early = with(milestone(), json!({ "title": "Late", "due_on": "2023-12-31T00:00:00Z" }));
    let one = with(issue(1), json!({ "milestone": milestone() }));
    let two = with(issue(2), json!({ "milestone": early }));
    let three = with(issue(3), json!({ "milestone": milestone() }));
    let report = world.import(&[one.clone(), two, three]).await;
    assert_eq!(report.beside["sprint boards created"], 1);
    assert_eq!(report.beside["sprints created"], 2);
    let boards = world.call("vistas.list", json!({ "flavor": ["sprint_board"] })).await;
    assert_eq!(names(&boards["vistas"], "/name"), ["octo/engine"]);
    let board = boards["vistas"][0]["id"].clone();
    let board = world.call("vistas.get", json!({ "id": board })).await;
    let sprint = world.work(1).await["sprint"].clone();
    assert_eq!(sprint, world.work(3).await["sprint"]);
    assert_eq!(sprint["state"], "active");
    assert_eq!(sprint["start_date"], "2024-01-01T00:00:00.000Z");
    assert_eq!(sprint["end_date"], "2024-03-01T08:00:00.000Z");
    let late = world.work(2).await["sprint"].clone();
    assert_eq!(late.get("end_date"), None);
    assert_eq!(board["vista"]["groups"].as_array().unwrap().len(), 2);

    let done = with(milestone(), json!({ "state": "closed" }));
    let report = world.import(&[with(one, json!({ "milestone": done }))]).await;
    assert_eq!(counts(&report), (1, 0, 0, 1));
    assert_eq!(report.beside["sprints updated"], 1);
    assert_eq!(world.work(1).await["sprint"]["state"], "completed");
    let report = world.import(&[issue(1)]).await;
    assert_eq!(counts(&report), (1, 0, 1, 0));
    assert_eq!(world.work(1).await.get("sprint"), None);
}

#[tokio::test]
async fn the_part_can_be_chosen() {
    let mut world = World::begin().await;
    let owner = world.call("dev-users.self", json!({})).await["dev_user"]["id"].clone();
    let part = json!({ "type": "product", "name": "Engine", "owned_by": [owner] });
    world.call("parts.create", part).await;
    world.options.part = "product/1".parse().ok();
    let report = world.import(&[issue(1)]).await;
    assert!(!report.beside.contains_key("products created"), "{report:?}");
    assert_eq!(world.work(1).await["applies_to_part"]["name"], "Engine");
    // Without the option, existing issues stay, and new ones apply to the repository's product.
    world.options.part = None;
    let report = world.import(&[issue(1), issue(2)]).await;
    assert_eq!(counts(&report), (2, 1, 0, 1));
    assert_eq!(world.work(1).await["applies_to_part"]["name"], "Engine");
    assert_eq!(world.work(2).await["applies_to_part"]["name"], "octo/engine");
    world.import(&[issue(3)]).await;
    assert_eq!(world.work(3).await["applies_to_part"], world.work(2).await["applies_to_part"]);
}

#[tokio::test]
async fn why_it_was_closed_is_the_stage() {
    let world = World::begin().await;
    let reasons = [json!(null), json!("completed"), json!("not_planned"), json!("duplicate")];
    for (number, reason) in (1..).zip(reasons) {
        let closed = json!({
            "state": "closed", "state_reason": reason, "closed_at": "2024-02-20T09:30:00Z",
        });
        world.import(&[with(issue(number), closed)]).await;
    }
    world.import(&[with(issue(5), json!({ "state_reason": "reopened" }))]).await;
    let mut stages = Vec::new();
    for number in 1..=5 {
        stages.push(world.work(number).await["stage"]["name"].clone());
    }
    assert_eq!(stages, ["completed", "completed", "wont_fix", "duplicate", "triage"]);
}

#[tokio::test]
async fn a_stage_chosen_here_stays_until_the_issue_is_closed_or_reopened() {
    let world = World::begin().await;
    world.import(&[issue(1)]).await;
    let stage = |name: &str| json!({ "id": "ISS-1", "stage": { "name": name } });
    world.call("works.update", stage("in_review")).await;
    assert_eq!(counts(&world.import(&[issue(1)]).await), (1, 0, 0, 1));
    assert_eq!(world.work(1).await["stage"]["name"], "in_review");

    let closed = json!({ "state": "closed", "closed_at": "2024-02-20T09:30:00Z" });
    let closed = with(issue(1), closed);
    assert_eq!(counts(&world.import(std::slice::from_ref(&closed)).await), (1, 0, 1, 0));
    let work = world.work(1).await;
    assert_eq!(work["stage"]["name"], "completed");
    assert_eq!(work["actual_close_date"], "2024-02-20T09:30:00.000Z");
    world.call("works.update", stage("wont_fix")).await;
    assert_eq!(counts(&world.import(&[closed]).await), (1, 0, 0, 1));

    assert_eq!(counts(&world.import(&[issue(1)]).await), (1, 0, 1, 0));
    let work = world.work(1).await;
    assert_eq!(work["stage"]["name"], "triage");
    assert_eq!(work.get("actual_close_date"), None);
}

#[tokio::test]
async fn github_s_own_members_are_replaced_and_those_of_people_here_stay() {
    let world = World::begin().await;
    world.import(&[whole(7)]).await;
    let local = json!({
        "id": "ISS-1", "type": "issue", "title": "Renamed here", "priority": "p0",
        "target_close_date": "2030-01-01T00:00:00Z",
    });
    world.call("works.update", local).await;
    let before = world.work(7).await;
    world.server.clock.advance_ms(60_000);
    let changed = with(
        whole(7),
        json!({
            "title": "It stalls again",
            "body": null,
            "assignees": [],
            "labels": [label("bug", "d73a4a")],
            "updated_at": "2024-03-01T00:00:00Z",
        }),
    );
    assert_eq!(counts(&world.import(std::slice::from_ref(&changed)).await), (1, 0, 1, 0));
    let work = world.work(7).await;
    assert_eq!(work["title"], "It stalls again");
    assert_eq!(work.get("body"), None);
    assert_eq!(names(&work["owned_by"], "/display_id"), ["SYSU-1"]);
    assert_eq!(names(&work["tags"], "/tag/name"), ["bug"]);
    for kept in ["priority", "target_close_date", "created_date", "created_by", "reported_by"] {
        assert_eq!(work[kept], before[kept], "{kept}");
    }
    // The change here is later than that on GitHub, and remains the last one.
    assert_eq!(work["modified_date"], before["modified_date"]);
    let synced = |work: &Value| work["sync_metadata"]["last_sync_in"]["sync_date"].clone();
    assert!(synced(&work).as_str() > synced(&before).as_str());
    assert_eq!(counts(&world.import(&[changed]).await), (1, 0, 0, 1));
}

#[tokio::test]
async fn pull_requests_come_when_asked_for() {
    let mut world = World::begin().await;
    let page = "https://github.com/octo/engine/pull/1";
    let pull = with(
        issue(1),
        json!({
            "html_url": page, "draft": true,
            "pull_request": { "html_url": page, "merged_at": "2024-02-20T09:30:00Z" },
        }),
    );
    let report = world.import(&[pull.clone(), issue(2)]).await;
    assert_eq!(counts(&report), (2, 1, 0, 0));
    assert_eq!(report.skipped.values().sum::<u64>(), 1);
    world.options.pull_requests = true;
    let report = world.import(&[pull]).await;
    assert_eq!(counts(&report), (1, 1, 0, 0));
    for what in ["drafts", "merges"] {
        assert!(report.not_carried.keys().any(|key| key.starts_with(what)), "{report:?}");
    }
    let found = world.call("works.list", json!({ "external_ref": [page] })).await;
    let sync = &found["works"][0]["sync_metadata"];
    assert_eq!(sync["external_record_type"], "pull_request");
}

#[tokio::test]
async fn what_does_not_fit_is_cut_and_told() {
    let world = World::begin().await;
    let long = json!({ "title": "ä".repeat(300), "body": format!("a\0b{}", "ö".repeat(70_000)) });
    let report =
        world.import(&[with(issue(1), long), with(issue(2), json!({ "title": "" }))]).await;
    let work = world.work(1).await;
    assert_eq!(work["title"].as_str().unwrap(), "ä".repeat(256));
    assert_eq!(work["body"].as_str().unwrap(), format!("ab{}", "ö".repeat(65_534)));
    assert_eq!(world.work(2).await["title"], "#2");
    let told: Vec<_> = report.not_carried.iter().map(|(what, n)| format!("{n} {what}")).collect();
    insta::assert_json_snapshot!(told, @r#"
    [
      "1 NUL in bodies: no text can hold it; it was removed",
      "1 empty titles: works need one; the number stands for it",
      "1 the end of bodies: at most 65536 characters fit",
      "1 the end of titles: at most 256 characters fit"
    ]
    "#);
}

#[tokio::test]
async fn what_has_no_place_is_counted() {
    let world = World::begin().await;
    let rich = json!({
        "locked": true, "active_lock_reason": "spam", "comments": 4,
        "reactions": { "total_count": 2, "+1": 2 }, "type": { "name": "Bug" },
        "closed_by": person(12, "hubot"), "sub_issues_summary": { "total": 3, "completed": 1 },
        "updated_at": "2024-02-02T10:00:00Z", "milestone": milestone(),
    });
    let report = world.import(&[with(issue(1), rich.clone()), with(issue(2), rich)]).await;
    let told: Vec<_> = report.not_carried.iter().map(|(what, n)| format!("{n} {what}")).collect();
    insta::assert_json_snapshot!(told, @r#"
    [
      "8 comments: the answer has only their number; import them, too",
      "2 descriptions of their milestones: sprints have none",
      "6 links to sub-issues: the answer has only their number",
      "2 locks of conversations: works have none",
      "4 reactions: the answer has only their number",
      "2 types of issues: works have none but issue",
      "2 who changed it last: the answer doesn't say; the bot stands for them",
      "2 who closed it: works don't keep that"
    ]
    "#);
}

#[tokio::test]
async fn a_page_that_is_none_is_refused_and_nothing_is_written() {
    let world = World::begin().await;
    for page in ["", "https://github.com/octo/engine", "ftp://github.com/o/r/issues/1", "x"] {
        let broken = with(issue(2), json!({ "html_url": page }));
        let refused = world.try_import(&[issue(1), broken]).await;
        let worksmith_kernel::Error::Api(error) = refused.unwrap_err() else {
            panic!("{page:?} is no refusal")
        };
        assert!(error.message.starts_with("html_url: "), "{}", error.message);
    }
    assert_eq!(world.call("works.count", json!({})).await["count"], 0);
    assert_eq!(world.call("parts.list", json!({})).await["parts"], json!([]));
}

#[tokio::test]
async fn an_own_github_has_people_of_its_own() {
    let world = World::begin().await;
    let own = json!({ "html_url": "https://git.octo.example/octo/engine/issues/1" });
    let report = world.import(&[issue(1), with(issue(1), own)]).await;
    assert_eq!(report.beside["users created"], 2);
    let users = world.call("dev-users.list", json!({})).await;
    let emails = names(&users["dev_users"], "/email");
    assert!(emails.contains(&"11+mona@users.noreply.git.octo.example"), "{emails:?}");
}
