//! `worksmith check` finds works whose promises are not those that apply to them, on SQLite, and on
//! PostgreSQL where there is one.

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_test_postgres::{Database, shared};
use worksmith_tests::process::{Ended, Running, command, run};

/// A data dir, and the database if that is elsewhere.
struct Place {
    dir: TempDir,
    database: Option<Database>,
}

fn places() -> Vec<Place> {
    let place = |database| Place { dir: TempDir::new().unwrap(), database };
    let postgres = shared().map(|server| place(Some(server.database())));
    [place(None)].into_iter().chain(postgres).collect()
}

impl Place {
    fn serve(&self) -> Running {
        let url = self.database.as_ref().map(Database::url);
        let arguments = url.as_ref().map(|url| ["--database", url]);
        Running::serve(self.dir.path(), arguments.as_ref().map_or(&[], |all| all.as_slice()))
    }

    fn run(&self, name: &str) -> Ended {
        let mut command = command(&[name, "--data-dir"]);
        command.arg(self.dir.path());
        if let Some(database) = &self.database {
            command.args(["--database", &database.url()]);
        }
        run(&mut command)
    }

    /// Changes the database behind the program's back, with a statement for each kind, and has
    /// everything derived again from the documents.
    fn meddle(&self, sqlite: &str, postgres: &str) {
        match &self.database {
            None => {
                let database = Connection::open(self.dir.path().join("worksmith.db")).unwrap();
                database.execute_batch(sqlite).unwrap();
            }
            Some(database) => drop(database.ask(postgres)),
        }
        let done = self.run("reindex");
        assert_eq!(done.code, Some(0), "{done:?}");
    }

    /// Whether the server has followed up every change that promises depend on.
    fn is_followed_up(&self) -> bool {
        let sql = "SELECT count(*) FROM unread WHERE reader = 'sla'";
        match &self.database {
            None => {
                let database = Connection::open(self.dir.path().join("worksmith.db")).unwrap();
                database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() == 0
            }
            Some(database) => database.ask(sql) == [[Some("0".to_owned())]],
        }
    }

    #[track_caller]
    fn is_sound(&self) {
        let checked = self.run("check");
        assert_eq!(checked.code, Some(0), "{checked:?}");
    }

    /// The one fault that is found.
    #[track_caller]
    fn fault(&self) -> String {
        let checked = self.run("check");
        assert_eq!(checked.code, Some(1), "{checked:?}");
        let faults: Vec<_> = checked.stdout.lines().collect();
        assert_eq!(faults.len(), 1, "{checked:?}");
        faults[0].split_once(": ").map(|(_, fault)| fault.to_owned()).unwrap()
    }
}

fn call(server: &Running, op: &str, body: &Value) -> Value {
    let (status, head, answer) = server.call(op, body);
    assert!(status < 300, "{op}: {head} {answer}");
    answer
}

fn issue(server: &Running, title: &str, tags: &Value) {
    let issue = json!({
        "type": "issue", "title": title, "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
        "tags": tags,
    });
    call(server, "works.create", &issue);
}

/// Issue 1 was done before anything was promised; 2 has been open since then, 3 is urgent by its
/// tag, and 4 is urgent and done.
fn fill(place: &Place) {
    let mut server = place.serve();
    let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
    call(&server, "parts.create", &product);
    call(&server, "tags.create", &json!({"name": "urgent"}));
    issue(&server, "Done", &json!([]));
    let done = |id: &str| json!({"id": id, "stage": {"name": "completed"}});
    call(&server, "works.update", &done("ISS-1"));
    issue(&server, "Open", &json!([]));
    let target = |target: i64| json!([{"metric": "METRIC-4", "target": target}]);
    let urgent = json!({"applies_to": "issue", "issue_selector": {"tags": ["TAG-1"]}});
    let sla = json!({
        "name": "Team", "sla_type": "internal", "applies_to": ["issue"],
        "policies": [
            {"name": "Urgent", "selector": urgent, "metrics": target(60)},
            {"name": "All", "selector": {"applies_to": "issue"}, "metrics": target(600)},
        ],
    });
    call(&server, "slas.create", &sla);
    call(&server, "slas.transition", &json!({"id": "SLA-1", "status": "published"}));
    for title in ["Urgent", "Urgent and done"] {
        issue(&server, title, &json!([{"id": "TAG-1"}]));
    }
    call(&server, "works.update", &done("ISS-4"));
    // A published SLA begins to apply to open issues.
    server.wait_for(|_| place.is_followed_up().then_some(()));
    let open = call(&server, "works.get", &json!({"id": "ISS-2"}));
    assert!(open["work"].get("sla_tracker").is_some(), "{open}");
    drop(server);
    place.is_sound();
}

#[test]
fn a_work_whose_tag_was_taken_away_without_its_clocks_hearing_of_it_is_found() {
    for place in places() {
        fill(&place);
        place.meddle(
            "UPDATE works SET doc = json_set(doc, '$.tags', json('[]')) WHERE id = 'issue/3'",
            "UPDATE works SET doc = jsonb_set(doc::jsonb, '{tags}', '[]')::text
             WHERE id = 'issue/3'",
        );
        assert_eq!(place.fault(), "issue/3 falls under \"All\", not \"Urgent\"");
    }
}

#[test]
fn a_tracker_whose_target_is_not_that_of_its_policy_is_found() {
    for place in places() {
        fill(&place);
        place.meddle(
            "UPDATE slas SET doc = replace(doc, '\"target\":60,', '\"target\":61,')",
            "UPDATE slas SET doc = replace(doc, '\"target\":60,', '\"target\":61,')",
        );
        // Completed issues keep their terms.
        let fault = place.fault();
        assert!(fault.starts_with("what it promises of metric_definition/4 is not"), "{fault}");
    }
}

#[test]
fn a_work_that_a_published_policy_holds_for_and_that_has_no_tracker_is_found() {
    for place in places() {
        fill(&place);
        let forget = "DELETE FROM sla_trackers WHERE applies_to = 'issue/2';
            DELETE FROM events WHERE kind = 'sla_tracker' AND NOT EXISTS
            (SELECT 1 FROM sla_trackers WHERE sla_trackers.id = events.id);";
        place.meddle(
            &format!(
                "{forget} UPDATE works SET doc = json_remove(doc, '$.sla') WHERE id = 'issue/2'"
            ),
            &format!(
                "{forget} UPDATE works SET doc = (doc::jsonb - 'sla')::text WHERE id = 'issue/2'"
            ),
        );
        let expected = "nothing is promised of it, though \"All\" of sla/1 holds for it";
        assert_eq!(place.fault(), expected);
        // While a change of an SLA has yet to be followed up, it may explain the difference.
        let waiting = "INSERT INTO unread (reader, org, seq, id, claimed_until)
            SELECT 'sla', org, seq, id, 0 FROM events WHERE id = 'sla/1' AND rev = 2";
        place.meddle(waiting, waiting);
        let checked = place.run("check");
        assert_eq!(checked.code, Some(0), "{checked:?}");
        let said = "and schedules that a server has yet to follow up: 1; what";
        assert!(format!("{}{}", checked.stdout, checked.stderr).contains(said), "{checked:?}");
        let mut server = place.serve();
        server.wait_for(|_| place.is_followed_up().then_some(()));
        let open = call(&server, "works.get", &json!({"id": "ISS-2"}));
        assert!(open["work"].get("sla_tracker").is_some(), "{open}");
        drop(server);
        place.is_sound();
    }
}
