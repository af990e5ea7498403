//! `worksmith import github` and `worksmith check`, end to end: the answers of the API after an
//! import agree with what another program counts in the file, even if the import was killed.
//! `WORKSMITH_REAL_DATA` names a file of GitHub issues for the same test.

pub(crate) mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::process::{Ended, Running, command, run};

type Pages = BTreeSet<String>;

/// A file, and what another program counts in it.
struct Known {
    file: PathBuf,
    figures: Value,
    _folder: TempDir,
}

impl Known {
    /// The files to test with; none without Python.
    fn all() -> Vec<Self> {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("issues.json");
        std::fs::write(&file, sample::file()).unwrap();
        let real = std::env::var_os("WORKSMITH_REAL_DATA").map(PathBuf::from);
        let real = real.map(|file| (file, TempDir::new().unwrap()));
        let files = std::iter::once((file, folder)).chain(real);
        files.filter_map(|(file, folder)| Self::count(file, folder)).collect()
    }

    fn count(file: PathBuf, folder: TempDir) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("binary/import/figures.py");
        let Ok(counted) = Command::new("python3").arg(script).arg(&file).output() else {
            eprintln!("skipped: there is no python3 here to count with");
            return None;
        };
        assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
        let figures = serde_json::from_slice(&counted.stdout).unwrap();
        Some(Self { file, figures, _folder: folder })
    }

    fn issues(&self) -> usize {
        self.figures["items"].as_object().unwrap().len()
    }

    fn import(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut import = command(&["import", "github"]);
        import.arg(&self.file).arg("--data-dir").arg(data).args(arguments);
        import
    }

    /// Compares the counts of the API with those of the other program.
    fn counts_agree<'a>(&self, server: &'a Running) -> Asked<'a> {
        let asked = Asked::new(server);
        for (name, pages) in self.figures["sets"].as_object().unwrap() {
            let pages = pages.as_array().unwrap().len();
            assert_eq!(asked.count(asked.filter(name)), pages, "{name}");
        }
        assert_eq!(asked.count(json!({})), self.issues());
        asked
    }

    /// Compares all answers of the API with the figures of the other program.
    fn agree(&self, server: &Running) {
        let asked = self.counts_agree(server);
        for (name, pages) in self.figures["sets"].as_object().unwrap() {
            let pages: Pages = serde_json::from_value(pages.clone()).unwrap();
            assert_eq!(asked.pages(asked.filter(name)), pages, "{name}");
        }
        let items = self.figures["items"].as_object().unwrap();
        assert_eq!(asked.works.len(), items.len());
        for (page, item) in items {
            assert_eq!(&told(&asked, &asked.works[page]), item, "{page}");
        }
    }
}

/// What the API says about a work, in the terms of the file.
fn told(asked: &Asked<'_>, work: &Value) -> Value {
    let sorted = |list: &Value, pointer: &str| -> Vec<String> {
        let all = list.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let texts = all.map(|each| each.pointer(pointer).unwrap().as_str().unwrap().to_owned());
        BTreeSet::from_iter(texts).into_iter().collect()
    };
    let time = |time: &Value| time.as_str().map(|text| text.replace(".000Z", "Z"));
    let mut owners: Vec<String> =
        sorted(&work["owned_by"], "/id").iter().map(|id| asked.person(id)).collect();
    owners.sort();
    owners.retain(|owner| owner != "nobody");
    json!({
        "title": work["title"],
        "body": work.get("body").cloned().unwrap_or_default().as_str().unwrap_or_default(),
        "author": asked.person(work["created_by"]["id"].as_str().unwrap()),
        "owners": owners,
        "tags": sorted(&work["tags"], "/tag/name"),
        "state": work["state"],
        "created": time(&work["created_date"]),
        "updated": time(&work["modified_date"]),
        "closed": time(&work["actual_close_date"]),
        "milestone": work["sprint"]["name"],
    })
}

/// A server, and what names mean on it.
struct Asked<'a> {
    server: &'a Running,
    tags: BTreeMap<String, String>,
    /// The ids of people here by their ids on GitHub.
    people: BTreeMap<String, String>,
    works: BTreeMap<String, Value>,
}

impl<'a> Asked<'a> {
    fn new(server: &'a Running) -> Self {
        let mut new = Self {
            server,
            tags: BTreeMap::new(),
            people: BTreeMap::from([("nobody".to_owned(), "SYSU-1".to_owned())]),
            works: BTreeMap::new(),
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for tag in new.all("tags", json!({})) {
            new.tags.insert(text(&tag["name"]), text(&tag["id"]));
        }
        for user in new.all("dev-users", json!({})) {
            if let Some(identity) = user["external_identities"].get(0) {
                new.people.insert(text(&identity["id"]), text(&user["id"]));
            }
        }
        let works = new.all("works", json!({}));
        new.works = works.into_iter().map(|work| (text(&work["external_ref"]), work)).collect();
        new
    }

    fn call(&self, op: &str, body: &Value) -> Value {
        let (status, _, answer) = self.server.call(op, body);
        assert_eq!(status, 200, "{op} {body}: {answer}");
        answer
    }

    /// All pages of a list.
    fn all(&self, family: &str, mut body: Value) -> Vec<Value> {
        let mut all = Vec::new();
        body["limit"] = json!(100);
        loop {
            let mut answer = self.call(&format!("{family}.list"), &body);
            let list = answer[family.replace('-', "_")].take();
            all.extend(list.as_array().unwrap().iter().cloned());
            match answer.get("next_cursor") {
                Some(cursor) => body["cursor"] = cursor.clone(),
                None => return all,
            }
        }
    }

    /// Who a user is on GitHub.
    fn person(&self, id: &str) -> String {
        let found = self.people.iter().find(|(_, here)| *here == id);
        found.map_or_else(|| "nobody".to_owned(), |(there, _)| there.clone())
    }

    /// The filter for a set of the figures.
    fn filter(&self, name: &str) -> Value {
        let (what, which) = name.split_once(' ').unwrap();
        let month = || {
            let begin: jiff::civil::Date = format!("{which}-01").parse().unwrap();
            let end = begin.last_of_month();
            json!({
                "type": "range",
                "after": format!("{begin}T00:00:00Z"),
                "before": format!("{end}T23:59:59.999Z"),
            })
        };
        match what {
            "tag" => json!({ "tags": [self.tags[which]] }),
            "owner" => json!({ "owned_by": [self.people[which]] }),
            "author" => json!({ "created_by": [self.people[which]] }),
            "state" => json!({ "state": [which] }),
            "created" => json!({ "created_date": month() }),
            "closed" => json!({ "actual_close_date": month() }),
            other => panic!("{other}"),
        }
    }

    fn pages(&self, filter: Value) -> Pages {
        let works = self.all("works", filter);
        works.iter().map(|work| work["external_ref"].as_str().unwrap().to_owned()).collect()
    }

    fn count(&self, filter: Value) -> usize {
        self.call("works.count", &filter)["count"].as_u64().unwrap().try_into().unwrap()
    }
}

/// A line of the report.
#[track_caller]
fn reported(ended: &Ended, what: &str) -> usize {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let line = ended.stdout.lines().find(|line| line.ends_with(&format!("  {what}")));
    let count = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    count.unwrap_or_else(|| panic!("no line {what:?}: {}", ended.stdout))
}

fn check(data: &Path) -> Ended {
    run(command(&["check", "--data-dir"]).arg(data))
}

#[track_caller]
fn is_sound(data: &Path) {
    let checked = check(data);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.stdout.ends_with(": all is well\n"), "{checked:?}");
}

#[test]
fn the_sample_is_as_large_as_a_real_file() {
    let items: Vec<Value> = serde_json::from_str(&sample::file()).unwrap();
    let pulls = items.iter().filter(|item| item.get("pull_request").is_some()).count();
    assert_eq!((items.len() as u64, pulls as u64), (sample::ITEMS, sample::PULL_REQUESTS));
}

#[test]
fn an_import_agrees_with_its_file_and_a_second_one_changes_nothing() {
    for known in Known::all() {
        let dir = TempDir::new().unwrap();
        let first = run(&mut known.import(dir.path(), &[]));
        assert_eq!(reported(&first, "created"), known.issues());
        assert_eq!(reported(&first, "updated"), 0);
        is_sound(dir.path());
        {
            let server = Running::serve(dir.path(), &[]);
            known.agree(&server);
        }
        let second = run(&mut known.import(dir.path(), &[]));
        assert_eq!(reported(&second, "created"), 0);
        assert_eq!(reported(&second, "updated"), 0);
        assert_eq!(reported(&second, "unchanged"), known.issues());
        known.agree(&Running::serve(dir.path(), &[]));
    }
}

#[test]
fn an_import_that_is_killed_is_finished_by_the_next_one() {
    const MOMENTS: u32 = 20;
    for known in Known::all() {
        // Small transactions, so that there are many points at which to kill it.
        let small = ["--batch", "5"];
        let dir = TempDir::new().unwrap();
        let begin = Instant::now();
        assert_eq!(run(&mut known.import(dir.path(), &small)).code, Some(0));
        let whole = begin.elapsed();
        let mut partial = 0;
        for moment in 0..MOMENTS {
            let dir = TempDir::new().unwrap();
            let mut import = known.import(dir.path(), &small);
            let mut child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Spread over the whole time, at random by the microseconds of the clock.
            let chance = Duration::from_micros(u64::from(begin.elapsed().subsec_micros() % 7000));
            std::thread::sleep(whole * moment / MOMENTS + chance);
            let _ = child.kill();
            let killed = child.wait().unwrap().code().is_none();
            if dir.path().join("worksmith.db").exists() {
                is_sound(dir.path());
            }
            let again = run(&mut known.import(dir.path(), &small));
            let created = reported(&again, "created");
            let unchanged = reported(&again, "unchanged");
            assert_eq!(created + unchanged, known.issues());
            assert_eq!(reported(&again, "updated"), 0);
            partial += u32::from(killed && created > 0 && unchanged > 0);
            is_sound(dir.path());
            let server = Running::serve(dir.path(), &[]);
            if moment % 5 == 0 {
                known.agree(&server);
            } else {
                known.counts_agree(&server);
            }
        }
        eprintln!("{partial} of {MOMENTS} imports were killed half way, of {whole:?}");
        assert!(partial > 0, "none of the imports was killed half way");
    }
}

/// Writes a file of its own, and imports it.
fn import_text(dir: &TempDir, text: &str, arguments: &[&str]) -> Ended {
    let file = dir.path().join("issues.json");
    std::fs::write(&file, text).unwrap();
    let mut import = command(&["import", "github"]);
    run(import.arg(&file).arg("--data-dir").arg(dir.path().join("data")).args(arguments))
}

fn plain(number: u64) -> Value {
    json!({
        "html_url": format!("https://github.com/octo/engine/issues/{number}"), "number": number,
        "title": "x", "state": "open", "user": { "id": 1, "login": "mona" },
        "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
    })
}

#[test]
fn a_broken_item_is_named_and_the_others_come_in() {
    let dir = TempDir::new().unwrap();
    let (mut late, mut nowhere) = (plain(2), plain(4));
    late["created_at"] = json!("yesterday");
    nowhere["html_url"] = json!("https://example.org/4");
    let items = json!([plain(1), late, plain(3), nowhere, 5, { "number": 6 }, plain(7)]);
    let ended = import_text(&dir, &items.to_string(), &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("Read 7 items"), "{ended:?}");
    assert!(ended.stdout.contains("        3  created"), "{ended:?}");
    let told: Vec<_> = ended.stderr.lines().collect();
    let begins = [
        "item 2 (https://github.com/octo/engine/issues/2): created_at is \"yesterday\", and no",
        "item 5: is a number, and no issue",
        "item 6 (#6): html_url is missing",
        "item 4 (https://example.org/4): html_url: ",
        "worksmith: 4 items were not imported",
    ];
    assert_eq!(told.len(), begins.len(), "{ended:?}");
    for (line, begin) in told.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    is_sound(&dir.path().join("data"));
}

#[test]
fn files_of_several_arrays_and_of_lines_are_read() {
    let dir = TempDir::new().unwrap();
    let pages = format!("[{}]\n[{}]", plain(1), plain(2));
    assert_eq!(reported(&import_text(&dir, &pages, &[]), "created"), 2);
    let slurped = format!("[[{}],[{}]]", plain(2), plain(3));
    assert_eq!(reported(&import_text(&dir, &slurped, &[]), "created"), 1);
    let lines = format!("{}\n{}\n", plain(3), plain(4));
    assert_eq!(reported(&import_text(&dir, &lines, &[]), "created"), 1);
    assert_eq!(reported(&import_text(&dir, "[]", &[]), "created"), 0);
}

#[test]
fn what_stops_an_import_is_said_in_a_sentence() {
    let dir = TempDir::new().unwrap();
    let broken = import_text(&dir, &format!("[{},\n{{\"html_url\": ", plain(1)), &[]);
    let sentence = broken.sentence();
    assert!(sentence.contains("ends at line 2 in the middle of an issue; what came"), "{broken:?}");
    // What came before is there.
    assert!(broken.stdout.contains("        1  created"), "{broken:?}");
    let comma = import_text(&dir, &format!("[{}\n  {}]", plain(1), plain(2)), &[]);
    assert!(comma.sentence().contains("is no JSON at line 2, column 3: an answer of"), "{comma:?}");
    let page = import_text(&dir, "<!DOCTYPE html>", &[]);
    assert!(page.sentence().contains("is a web page or XML, and no answer"), "{page:?}");
    let empty = import_text(&dir, " \n", &[]);
    assert!(empty.sentence().ends_with("is empty; it must hold an array of issues"), "{empty:?}");
    for (message, then) in [
        ("Not Found", "check the owner and the name of the repository"),
        ("API rate limit exceeded for 192.0.2.1.", "sign in with `gh auth login`, or wait an hour"),
        ("Bad credentials", "sign in with `gh auth login`, and fetch"),
        ("Server Error", "fetch the issues again"),
    ] {
        let answer = json!({ "message": message, "documentation_url": "https://docs.github.com" });
        let refused = import_text(&dir, &answer.to_string(), &[]);
        let said = format!("issues.json holds no issues, but what GitHub answered: {message:?}; ");
        assert!(refused.sentence().contains(&(said + then)), "{refused:?}");
    }
    for ended in [&broken, &comma, &page, &empty] {
        let words = ["expected", "EOF", "missing field", "invalid type", "serde"];
        assert!(!words.iter().any(|word| ended.stderr.contains(word)), "{ended:?}");
    }
    let items = format!("[{}]", plain(1));
    let part = import_text(&dir, &items, &["--part", "PROD-9"]);
    assert_eq!(part.sentence(), "--part: there is no part PROD-9 in this org");
    assert!(import_text(&dir, &items, &["--part", "x"]).sentence().starts_with("--part"));
    let nothing = dir.path().join("nothing");
    let mut missing = command(&["import", "github"]);
    let missing = run(missing.arg(&nothing).arg("--data-dir").arg(dir.path().join("other")));
    assert!(missing.sentence().contains("can't be read: No such file"), "{missing:?}");
    assert!(!dir.path().join("other").exists());
}

#[test]
fn what_powershell_and_gzip_make_of_a_file_is_read() {
    let dir = TempDir::new().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("issues.json"));
    let mut wide = plain(1);
    wide["title"] = json!("größer");
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(json!([wide]).to_string().encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = format!("\u{feff}[{}]", plain(2)).into_bytes();
    for (bytes, name) in [(wide, "UTF-16"), (marked, "UTF-8 with a mark")] {
        std::fs::write(&file, bytes).unwrap();
        let mut import = command(&["import", "github"]);
        let ended = run(import.arg(&file).arg("--data-dir").arg(&data));
        assert_eq!(reported(&ended, "created"), 1, "{name}");
    }
    let server = Running::serve(&data, &[]);
    assert_eq!(server.call("works.get", &json!({"id": "ISS-1"})).2["work"]["title"], "größer");
}

#[test]
fn a_check_names_what_is_wrong() {
    let dir = TempDir::new().unwrap();
    assert!(check(dir.path()).sentence().starts_with("there is no data in"));
    drop(Running::serve(dir.path(), &[]));
    is_sound(dir.path());
    let database = rusqlite::Connection::open(dir.path().join("worksmith.db")).unwrap();
    let gone = database.execute("DELETE FROM names WHERE space = 'dev_user.email'", []).unwrap();
    assert_eq!(gone, 1);
    drop(database);
    let found = check(dir.path());
    assert!(found.sentence().contains("has 1 faults"), "{found:?}");
    assert!(found.stdout.contains("dev_user.email"), "{found:?}");
}
