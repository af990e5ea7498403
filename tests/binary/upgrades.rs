//! This version opens databases of the first versions, and finds everything in them.
//! `tests/upgrades/README.md` says how they were made.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_test_postgres::{Database, shared};
use worksmith_tests::process::{Ended, Running, TOKEN, command, run};

/// A data dir as an earlier version left it, and its database if that is elsewhere.
struct Old {
    dir: TempDir,
    database: Option<Database>,
    /// What the server of that version created and answered.
    told: Value,
}

fn unpacked(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("upgrades").join(name);
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

impl Old {
    fn sqlite() -> Self {
        let old = Self::with_files("sqlite", None);
        let database = Connection::open(old.file()).unwrap();
        database.execute_batch(&unpacked("sqlite.sql.gz")).unwrap();
        old
    }

    /// `None` where there is no PostgreSQL.
    fn postgres() -> Option<Self> {
        let database = shared()?.database();
        database.ask(&unpacked("postgres.sql.gz"));
        Some(Self::with_files("postgres", Some(database)))
    }

    fn with_files(name: &str, database: Option<Database>) -> Self {
        let told: Value = serde_json::from_str(&unpacked(&format!("{name}.json.gz"))).unwrap();
        let dir = TempDir::new().unwrap();
        for (path, content) in told["files"].as_object().unwrap() {
            let file = dir.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, BASE64_STANDARD.decode(content.as_str().unwrap()).unwrap()).unwrap();
        }
        Self { dir, database, told }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("worksmith.db")
    }

    fn database(&self) -> Vec<String> {
        let url = self.database.as_ref().map(Database::url);
        url.into_iter().flat_map(|url| ["--database".to_owned(), url]).collect()
    }

    /// Serves it with the tokens that it has.
    fn serve(&self) -> Running {
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        serve.arg(self.dir.path()).args(self.database());
        Running::start_without_token(serve)
    }

    fn run(&self, name: &str) -> Ended {
        run(command(&[name, "--data-dir"]).arg(self.dir.path()).args(self.database()))
    }

    #[track_caller]
    fn is_sound(&self) {
        let checked = self.run("check");
        assert_eq!(checked.code, Some(0), "{checked:?}");
        assert!(checked.stdout.ends_with(": all is well\n"), "{checked:?}");
    }

    /// Detects whether anything was written: on SQLite by the file, on PostgreSQL by the position
    /// and the transaction of every row that is stored or derived.
    fn state(&self) -> Vec<u8> {
        let Some(database) = &self.database else {
            // The header counts transactions, even those that change nothing.
            return fs::read(self.file()).unwrap().split_off(100);
        };
        let tables = "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = \
                      relnamespace WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname";
        let mut state = String::new();
        for table in database.ask(tables) {
            let table = table[0].as_ref().unwrap();
            // Servers record here that they are running.
            if table != "leases" {
                let rows = database.ask(&format!("SELECT ctid, xmin FROM {table} ORDER BY ctid"));
                state += &format!("{table} {rows:?}\n");
            }
        }
        let indexes = "SELECT relname, relfilenode FROM pg_class WHERE relkind IN ('i', 'r')";
        let made = database.ask(&format!("{indexes} AND relname !~ '^pg_' ORDER BY relname"));
        format!("{state}{made:?}").into_bytes()
    }

    fn name(&self, object: &str) -> &str {
        self.told[object].as_str().unwrap()
    }
}

/// Stops it as an admin does, so that nothing is left for a later start.
fn stop(mut server: Running) {
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.stderr());
}

#[track_caller]
fn call(server: &Running, op: &str, body: &Value) -> Value {
    let (status, _, answer) = server.call_as(TOKEN, op, body);
    assert!(status < 300, "{op} {body}: {status} {answer}");
    answer
}

/// Where `found` lacks something of `told` or differs from it. Members may have been added since.
fn differs(told: &Value, found: &Value, at: &str) -> Vec<String> {
    match (told, found) {
        (Value::Object(told), Value::Object(found)) => told
            .iter()
            .flat_map(|(name, told)| {
                let found = found.get(name).unwrap_or(&Value::Null);
                differs(told, found, &format!("{at}.{name}"))
            })
            .collect(),
        (Value::Array(told), Value::Array(found)) if told.len() == found.len() => told
            .iter()
            .zip(found)
            .enumerate()
            .flat_map(|(n, (told, found))| differs(told, found, &format!("{at}[{n}]")))
            .collect(),
        _ if told == found || is_bot_left_out(told, found, at) => Vec::new(),
        _ => vec![format!("{at}: {told} is now {found}")],
    }
}

/// The first version omitted the bot from the owners of a part that works and boards show.
fn is_bot_left_out(told: &Value, found: &Value, at: &str) -> bool {
    let is_bot = |owner: &Value| owner["display_id"] == "SYSU-1";
    at.contains(".applies_to_part")
        && at.ends_with(".owned_by")
        && *told == json!([])
        && found.as_array().is_some_and(|owners| owners.iter().all(is_bot))
}

/// Every list has the objects that it had, in their order, and every object its members.
fn all_is_answered(server: &Running, old: &Old) {
    let mut faults = Vec::new();
    for asked in old.told["asked"].as_array().unwrap() {
        let (op, body) = (asked["op"].as_str().unwrap(), &asked["body"]);
        let answer = call(server, op, body);
        faults.extend(differs(&asked["answer"], &answer, &format!("{op} {body} ")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The issue, the ticket, what was merged and what was deleted.
fn single_objects_are_there(server: &Running, old: &Old) {
    let issue = &call(server, "works.get", &json!({"id": old.name("issue")}))["work"];
    assert_eq!(issue["title"], "An issue of old, renamed");
    assert_eq!(issue["body"], "With 'quotes', \"more quotes\", a \\ and ünïcode: ☂");
    let tags = issue["tags"].as_array().unwrap();
    assert_eq!(tags.len(), 1, "the other one was deleted: {tags:?}");
    assert_eq!((&tags[0]["tag"]["id"], &tags[0]["value"]), (&old.told["tag"], &json!("high")));
    assert_eq!(issue["artifacts"][0]["id"], old.told["notes"]);
    let ticket = &call(server, "works.get", &json!({"id": old.name("ticket")}))["work"];
    assert_eq!(ticket["reported_by"][0]["id"], old.told["contacts"][0], "the other was merged");
    let gone = server.call("works.get", &json!({"id": old.name("deleted")}));
    assert_eq!(gone.0, 404, "{gone:?}");
}

fn files_are_there(server: &Running, old: &Old) {
    let content = |body: Value| {
        let located = call(server, "artifacts.locate", &body);
        let path = located["url"].as_str().unwrap().splitn(4, '/').nth(3).unwrap();
        server.page(&format!("/{path}"))
    };
    assert_eq!(content(json!({"id": old.name("notes")})), "Kept since the first version.\n");
    let drafts = old.name("drafts");
    assert_eq!(content(json!({"id": drafts})), "A second draft.\n");
    assert_eq!(content(json!({"id": drafts, "version": "1"})), "A first draft.\n");
}

/// Columns and indexes of lists that were added later.
fn lists_go_by_what_came_later(server: &Running, old: &Old) {
    let of = |body: Value| {
        let answer = call(server, "works.list", &body);
        let works = answer["works"].as_array().unwrap();
        works.iter().map(|work| work["display_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(json!({"tags": [old.name("tag")]})), [old.name("issue")]);
    assert_eq!(of(json!({"issue": {"subtype": ["bug"]}, "type": ["issue"]})), [""; 0]);
    let of_workspace = json!({"ticket": {"rev_org": [old.name("workspace")]}, "type": ["ticket"]});
    assert_eq!(of(of_workspace), [old.name("ticket")]);
    assert_eq!(of(json!({"reported_by": [old.told["contacts"][0]]})), [old.name("ticket")]);
    let running = json!({"issue": {"sla_summary": {"stage": ["running"]}}, "type": ["issue"]});
    assert_eq!(of(running), [""; 0]);
    let due = json!({"target_close_date": {"after": "2031-01-01T00:00:00Z"}});
    assert_eq!(of(due), [old.name("issue")]);
    assert_eq!(of(json!({"sort_by": ["target_close_date:asc"], "limit": 100})).len(), 42);
    let trackers = call(server, "sla-trackers.list", &json!({}));
    assert_eq!(trackers["sla_trackers"], json!([]));
}

/// A token of that time is valid; an invented one is not.
fn tokens_are_good(server: &Running, old: &Old) {
    let (status, _, answer) = server.call_as(old.name("token"), "dev-users.self", &json!({}));
    assert_eq!((status, &answer["dev_user"]["full_name"]), (200, &json!("Jonas Okafor")));
    assert_eq!(server.call_as("another", "dev-users.self", &json!({})).0, 401);
}

fn writes_work(server: &Running, old: &Old) {
    let id = old.name("issue");
    let update = json!({"id": id, "title": "Changed by a later version", "tags": {"set": []}});
    call(server, "works.update", &update);
    let got = &call(server, "works.get", &json!({"id": id}))["work"];
    assert_eq!(got["title"], "Changed by a later version");
    assert!(got.get("tags").is_none_or(|tags| *tags == json!([])), "{got}");
    let part = got["applies_to_part"]["id"].clone();
    let issue = json!({
        "type": "issue", "title": "New", "applies_to_part": part, "owned_by": ["DEVU-1"],
    });
    let made = &call(server, "works.create", &issue)["work"];
    assert_eq!(made["display_id"], "ISS-38", "a number that was used is never used again");
    let target = json!([{"metric": "METRIC-4", "target": 60}]);
    let sla = json!({
        "name": "Later", "sla_type": "internal", "applies_to": ["issue"],
        "policies": [
            {"name": "All", "selector": {"applies_to": "issue"}, "metrics": target},
        ],
    });
    let sla = &call(server, "slas.create", &sla)["sla"]["id"];
    call(server, "slas.transition", &json!({"id": sla, "status": "published"}));
    let tracked = &call(server, "works.create", &issue)["work"]["id"];
    let listed = call(server, "sla-trackers.list", &json!({"limit": 100}));
    let trackers = listed["sla_trackers"].as_array().unwrap();
    assert!(trackers.iter().any(|tracker| tracker["applies_to_id"] == *tracked));
    let taken = server.call("tags.create", &json!({"name": "priority-of-old"}));
    assert_eq!(taken.0, 409, "{taken:?}");
    let listed = call(server, "works.list", &json!({"limit": 1}));
    assert_eq!(listed["works"][0]["display_id"], "ISS-39");
}

fn is_upgraded(old: &Old) {
    let server = old.serve();
    all_is_answered(&server, old);
    single_objects_are_there(&server, old);
    files_are_there(&server, old);
    lists_go_by_what_came_later(&server, old);
    tokens_are_good(&server, old);
    stop(server);
    old.is_sound();
    let before = old.state();
    stop(old.serve());
    assert!(before == old.state(), "the second start wrote something anew");
    let server = old.serve();
    writes_work(&server, old);
    stop(server);
    old.is_sound();
}

#[test]
fn a_database_of_sqlite_from_the_first_version_has_everything_after_an_upgrade() {
    is_upgraded(&Old::sqlite());
}

#[test]
fn a_database_of_postgresql_from_the_first_version_has_everything_after_an_upgrade() {
    let Some(old) = Old::postgres() else { return };
    is_upgraded(&old);
}
