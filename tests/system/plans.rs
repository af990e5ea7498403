//! How lists are found: `works.list` according to SQLite's plans of the statements that it runs,
//! and `links.list` according to the store.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use worksmith_tests::Server;

/// More than the store gathers without counting costs.
const WORKS: u64 = 700;

/// A statement that found a page, as the store reports it.
#[derive(Clone, Debug, Default)]
struct Statement {
    plan: String,
    sql: String,
    /// How many rows were gathered.
    rows: u64,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "plan" => value.clone_into(&mut self.plan),
            "sql" => value.clone_into(&mut self.sql),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows" {
            self.rows = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Records every statement.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Statement>>>);

impl<S: Subscriber> Layer<S> for Notes {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "worksmith_store::list::plan" {
            let mut statement = Statement::default();
            event.record(&mut statement);
            self.0.lock().unwrap().push(statement);
        }
    }
}

/// The objects that the filters name.
struct Org {
    server: Server,
    part: String,
    tag: String,
    owner: String,
    account: String,
    sprint: String,
}

async fn id(server: &Server, op: &str, body: Value, one: &str) -> String {
    server.call(op, body).await.ok()[one]["id"].as_str().unwrap().to_owned()
}

/// Creates works, with some values on few and some on many of them.
async fn org() -> Org {
    org_on(Server::start_on_sqlite().await).await
}

async fn org_on(server: Server) -> Org {
    let product = json!({ "type": "product", "name": "All", "owned_by": ["DEVU-1"] });
    let all = id(&server, "parts.create", product, "part").await;
    let feature = json!({
        "type": "capability", "name": "One", "owned_by": ["DEVU-1"], "parent_part": [all],
    });
    let part = id(&server, "parts.create", feature, "part").await;
    let tag = id(&server, "tags.create", json!({ "name": "red" }), "tag").await;
    let user = json!({ "email": "bo@example.org", "full_name": "Bo", "state": "shadow" });
    let owner = id(&server, "dev-users.create", user, "dev_user").await;
    let account = json!({ "display_name": "Acme", "owned_by": ["DEVU-1"] });
    let account = id(&server, "accounts.create", account, "account").await;
    let board = json!({
        "type": "grouped", "name": "Sprints", "flavor": "sprint_board",
        "filter_type": "works",
    });
    let board = id(&server, "vistas.create", board, "vista").await;
    let sprint = json!({
        "type": "curated", "parent_id": board, "name": "S", "state": "active",
        "start_date": "2024-01-01T00:00:00Z", "end_date": "2024-02-01T00:00:00Z",
    });
    let sprint = id(&server, "vistas.groups.create", sprint, "vista_group").await;
    for n in 0..WORKS {
        let is_ticket = n % 4 == 3;
        let mut work = json!({
            "type": if is_ticket { "ticket" } else { "issue" },
            "title": format!("Work {n}"),
            "applies_to_part": if n % 20 == 0 { &part } else { &all },
            "owned_by": [if n % 10 == 1 { owner.as_str() } else { "DEVU-1" }],
            "external_ref": format!("ref-{n}"),
        });
        if n % 40 < 2 {
            work["tags"] = json!([{ "id": tag }]);
        }
        if n % 2 == 0 {
            work["target_close_date"] = json!(format!("2024-03-{:02}T00:00:00Z", n % 28 + 1));
        }
        if is_ticket {
            work["severity"] = json!(if n % 8 == 3 { "blocker" } else { "low" });
            if n % 12 == 3 {
                work["account"] = json!(account);
            }
        } else {
            work["priority"] = json!(if n % 7 == 0 { "p0" } else { "p2" });
            if n % 16 == 0 {
                work["sprint"] = json!(sprint);
            }
        }
        server.call("works.create", work).await.ok();
        server.clock.advance_ms(60_000);
    }
    Org { server, part, tag, owner, account, sprint }
}

/// The 15 queries: the name of each, and its conditions one by one.
fn queries(org: &Org) -> Vec<(&'static str, Vec<Value>)> {
    let issue = |block: Value| json!({ "type": ["issue"], "issue": block });
    let ticket = |block: Value| json!({ "type": ["ticket"], "ticket": block });
    let span = json!({
        "type": "range", "after": "2026-01-01T12:10:00Z", "before": "2026-01-01T14:00:00Z",
    });
    vec![
        ("owner", vec![json!({ "owned_by": [org.owner] })]),
        ("part", vec![json!({ "applies_to_part": [org.part] })]),
        ("tag", vec![json!({ "tags": [org.tag] })]),
        ("stage", vec![json!({ "stage": { "name": ["triage"] } })]),
        ("state", vec![json!({ "state": ["open"] })]),
        ("priority", vec![issue(json!({ "priority": ["p0"] }))]),
        ("severity", vec![ticket(json!({ "severity": ["blocker"] }))]),
        ("account", vec![ticket(json!({ "account": [org.account] }))]),
        ("sprint", vec![issue(json!({ "sprint": [org.sprint] }))]),
        ("created range", vec![json!({ "created_date": span })]),
        ("external_ref", vec![json!({ "external_ref": ["ref-7"] })]),
        ("ids", vec![json!({ "ids": (1..500).map(|n| format!("ISS-{n}")).collect::<Vec<_>>() })]),
        ("owner + state", vec![json!({ "owned_by": [org.owner] }), json!({ "state": ["open"] })]),
        (
            "tag + part",
            vec![json!({ "tags": [org.tag] }), json!({ "applies_to_part": [org.part] })],
        ),
        ("all", vec![]),
    ]
}

const SORTS: [&str; 4] = [
    "modified_date:desc",
    "created_date:desc",
    "target_close_date:asc",
    "sla_summary.target_time:asc",
];

fn joined(conditions: &[Value]) -> Value {
    let mut body = json!({});
    for condition in conditions {
        for (name, value) in condition.as_object().unwrap() {
            body[name] = value.clone();
        }
    }
    body
}

/// The database's plan of a statement.
fn explained(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
    let lines = statement
        .query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3))
        .unwrap();
    lines.map(Result::unwrap).collect()
}

#[tokio::test]
async fn sqlite_finds_every_list_by_an_index_and_sorts_only_what_its_best_filter_leaves() {
    let org = org().await;
    let notes = Notes::default();
    let _noting =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(notes.clone()));
    let database = Connection::open(org.server.dir.path().join("worksmith.db")).unwrap();
    let mut plans = Vec::new();
    for (name, conditions) in queries(&org) {
        let mut fewest = WORKS;
        for condition in &conditions {
            let count = org.server.call("works.count", condition.clone()).await.ok();
            fewest = fewest.min(count["count"].as_u64().unwrap());
        }
        assert!(fewest > 0, "{name}: nothing matches");
        for sort in SORTS {
            let mut body = joined(&conditions);
            body["sort_by"] = json!([sort]);
            body["limit"] = json!(25);
            notes.0.lock().unwrap().clear();
            org.server.call("works.list", body).await.ok();
            let statements = std::mem::take(&mut *notes.0.lock().unwrap());
            assert!(!statements.is_empty(), "{name} by {sort}: no statement was seen");
            for Statement { plan, sql, rows } in statements {
                let lines = explained(&database, &sql);
                let what = format!("{name} by {sort}: {plan} of {rows}: {lines:#?}");
                let scans = lines
                    .iter()
                    .any(|line| line.starts_with("SCAN works") && !line.contains("USING"));
                let sorts = lines.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY"));
                let is_found =
                    |line: &String| line.contains("INDEX") || line.contains("PRIMARY KEY");
                assert!(lines.iter().any(is_found), "{what}");
                assert!(!scans, "{what}");
                assert!(!sorts || (plan == "gather" && rows <= fewest), "{fewest}: {what}");
                plans.push(plan);
            }
        }
    }
    for plan in ["gather", "references", "walk"] {
        assert!(plans.iter().any(|seen| seen == plan), "no list was found by a {plan}");
    }
}

#[tokio::test]
async fn a_span_of_creation_in_the_order_of_the_due_dates_is_sorted_without_its_rows() {
    let org = org().await;
    let notes = Notes::default();
    let _noting =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(notes.clone()));
    let database = Connection::open(org.server.dir.path().join("worksmith.db")).unwrap();
    let span = json!({
        "type": "range", "after": "2026-01-01T12:10:00Z", "before": "2026-01-01T22:00:00Z",
    });
    let mut body = json!({
        "created_date": span, "sort_by": ["target_close_date:asc"], "limit": 25,
    });
    let mut due = Vec::new();
    for _ in 0..2 {
        let page = org.server.call("works.list", body.clone()).await.ok();
        for work in page["works"].as_array().unwrap() {
            due.push(work["target_close_date"].as_str().unwrap().to_owned());
        }
        body["cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(due.len(), 50);
    assert!(due.is_sorted());
    for Statement { plan, sql, rows } in std::mem::take(&mut *notes.0.lock().unwrap()) {
        assert_eq!((plan.as_str(), rows > 500), ("gather", true), "{rows}");
        let lines = explained(&database, &sql);
        let by =
            "USING COVERING INDEX works_by_created_at (org=? AND created_at>? AND created_at<?)";
        assert!(lines.iter().any(|line| line.ends_with(by)), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("USING INTEGER PRIMARY KEY")), "{lines:#?}");
    }
}

#[tokio::test]
async fn works_in_the_order_of_a_target_that_none_of_them_has_are_walked_along() {
    let org = org_on(Server::start().await).await;
    let notes = Notes::default();
    let _noting =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(notes.clone()));
    let sorted = json!({
        "state": ["open"], "sort_by": ["sla_summary.target_time:asc"], "limit": 25,
    });
    let page = org.server.call("works.list", sorted).await.ok();
    assert_eq!(page["works"].as_array().unwrap().len(), 25);
    let statements = std::mem::take(&mut *notes.0.lock().unwrap());
    // Before them, the names of stages are looked up.
    let of_works = statements.into_iter().filter(|each| each.sql.contains(" works"));
    let plans: Vec<_> = of_works.map(|each| each.plan).collect();
    assert_eq!(plans, ["walk", "walk"], "those with a target, and those without");
}

#[tokio::test]
async fn sqlite_counts_groups_by_kept_numbers_or_an_index() {
    let org = org().await;
    let notes = Notes::default();
    let _noting =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(notes.clone()));
    let database = Connection::open(org.server.dir.path().join("worksmith.db")).unwrap();
    let issues = json!({ "type": ["issue"] });
    let open = json!({ "type": ["issue"], "state": ["open"] });
    let recent = json!({ "created_date": { "type": "range", "after": "2026-01-01T14:00:00Z" } });
    let tagged = json!({ "tags": [org.tag] });
    let clocks = |stages: &[&str]| {
        let block = json!({ "sla_summary": { "stage": stages } });
        json!({ "type": ["issue", "ticket"], "issue": block, "ticket": block })
    };
    let by_target = [&["breached"][..], &["warning"], &["breached", "warning"]].map(clocks);
    let [late, soon, either] = by_target.clone();
    for (field, filter, expected) in [
        ("stage", json!({}), "tallies"),
        ("stage", issues.clone(), "tallies"),
        ("state", open.clone(), "tallies"),
        ("priority", issues.clone(), "tallies"),
        ("severity", json!({}), "tallies"),
        ("applies_to_part", json!({}), "tallies"),
        ("account", json!({}), "tallies"),
        ("sprint", json!({}), "tallies"),
        ("owned_by", issues.clone(), "tallies"),
        ("tags", json!({}), "tallies"),
        ("created_date:day", recent, "days"),
        ("actual_close_date:week", issues, "days"),
        ("owned_by", open.clone(), "references"),
        ("priority", open, "groups"),
        ("owned_by", tagged.clone(), "groups"),
        ("created_date:month", tagged, "groups"),
        ("owned_by", late, "groups"),
        ("owned_by", soon, "groups"),
        ("owned_by", either, "groups"),
    ] {
        let mut body = filter.clone();
        body["group_by"] = json!([field]);
        notes.0.lock().unwrap().clear();
        org.server.call("works.count", body).await.ok();
        let statements = std::mem::take(&mut *notes.0.lock().unwrap());
        // Before it, the names of stages are looked up.
        let Some(Statement { plan, sql, .. }) = statements.last() else {
            panic!("{field}: no statement was seen")
        };
        let lines = explained(&database, sql);
        let what = format!("{field} of {filter}: {plan}: {lines:#?}");
        assert_eq!(plan, expected, "{what}");
        let is_read =
            |line: &&String| [" works", " tallies", " refs"].iter().any(|it| line.contains(it));
        let reads: Vec<_> = lines.iter().filter(is_read).collect();
        assert!(!reads.is_empty(), "{what}");
        for line in reads {
            let is_found = match expected {
                "tallies" | "references" => line.contains("SEARCH") && line.contains("PRIMARY KEY"),
                "days" => line.contains("SEARCH") && line.contains("COVERING INDEX"),
                _ => line.contains("SEARCH") || line.contains("INDEX"),
            };
            assert!(is_found, "{what}");
        }
        let sorts = lines.iter().any(|line| line.contains("TEMP B-TREE"));
        assert!(!sorts || expected != "days", "{what}");
        let is_by_target = lines.iter().any(|line| line.contains("works_of_sla_target"));
        assert_eq!(is_by_target, by_target.contains(&filter), "{what}");
    }
}

#[tokio::test]
async fn links_of_an_object_are_found_along_references() {
    let server = Server::start_on_sqlite().await;
    let create = async |op: &str, body: Value| server.call(op, body).await.ok();
    let product = json!({ "type": "product", "name": "All", "owned_by": ["DEVU-1"] });
    create("parts.create", product).await;
    for n in 1..=12 {
        let issue = json!({ "type": "issue", "title": "x", "owned_by": ["DEVU-1"],
            "applies_to_part": "PROD-1", "developed_with": ["PROD-1"] });
        create("works.create", issue).await;
        let feature = json!({ "type": "capability", "name": "y", "owned_by": ["DEVU-1"],
            "parent_part": ["PROD-1"] });
        create("parts.create", feature).await;
        for (link_type, source, target) in [
            ("imports", "PROD-1".to_owned(), format!("CAPL-{n}")),
            ("imports", format!("CAPL-{n}"), "PROD-1".to_owned()),
        ] {
            let link = json!({ "link_type": link_type, "source": source, "target": target });
            create("links.create", link).await;
        }
    }
    let notes = Notes::default();
    let subscriber = tracing_subscriber::registry().with(notes.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    for filter in [
        json!({}),
        json!({ "direction": "is_source" }),
        json!({ "link_type": ["imports"] }),
        json!({ "object_types": ["capability", "issue"], "mode": "before" }),
    ] {
        let mut request = filter.clone();
        request["object"] = json!("PROD-1");
        request["limit"] = json!(5);
        notes.0.lock().unwrap().clear();
        let page = server.call("links.list", request).await.ok();
        assert_eq!(page["links"].as_array().map(Vec::len), Some(5), "{filter}");
        let statements = notes.0.lock().unwrap().clone();
        assert!(!statements.is_empty(), "{filter}");
        for Statement { plan, sql, .. } in statements {
            assert_eq!(plan, "references", "{filter}: {sql}");
        }
    }
    drop(guard);
}
