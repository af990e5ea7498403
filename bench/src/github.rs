//! The import: a large file in the form of GitHub's answers, and the time that the product takes
//! for it.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use worksmith_wire::Timestamp;

use crate::data::said;
use crate::numbers::float;
use crate::process;
use crate::random::{Chance, Weights, prose, title};
use crate::results::Import;
use crate::world::{DAY_MS, NOW, SPAN_MS};

/// How many issues the file holds.
const ISSUES: u64 = 100_000;
/// Raised when the generated file changes.
const GENERATOR: u32 = 1;
const SEED: u64 = 0x6174_6875;
const PEOPLE: u32 = 2_000;
const LABELS: u32 = 60;
const MILESTONES: u32 = 25;

/// Creates the file if needed, and imports it into an empty data dir.
pub(crate) fn import(server: &Path, folder: &Path) -> Result<Import, String> {
    let path = folder.join(format!("github-{ISSUES}-{GENERATOR}.json"));
    if !path.exists() {
        write(&path).map_err(|cause| said(&path, &cause))?;
    }
    let file_bytes = fs::metadata(&path).map_err(|cause| said(&path, &cause))?.len();
    let home = folder.join("import");
    if home.exists() {
        fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
    }
    let log = folder.join("import.log");
    let mut command = Command::new(server);
    command.args(["import", "github"]).arg(&path).arg("--data-dir").arg(&home);
    let ended = process::run(command, &log)?;
    if !ended.status.success() {
        return Err(format!("the import ended with {}; see {}", ended.status, log.display()));
    }
    fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
    Ok(Import {
        works: ISSUES,
        file_bytes,
        seconds: ended.seconds,
        per_second: float(ISSUES) / ended.seconds,
        rss_peak_bytes: ended.rss_peak_bytes,
    })
}

/// Writes the file, completely or not at all.
fn write(path: &Path) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
    let mut maker = Maker::new();
    for number in 1..=ISSUES {
        file.write_all(if number == 1 { b"[" } else { b"," })?;
        serde_json::to_writer(&mut file, &maker.issue(number))?;
    }
    file.write_all(b"]")?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    fs::rename(unfinished, path)
}

struct Maker {
    chance: Chance,
    people: Weights,
    labels: Weights,
}

impl Maker {
    fn new() -> Self {
        let (people, labels) = (Weights::zipf(PEOPLE, 0.9), Weights::zipf(LABELS, 0.7));
        Self { chance: Chance::new(SEED), people, labels }
    }

    fn person(&mut self) -> Value {
        let number = self.people.draw(&mut self.chance);
        json!({ "login": format!("octo-{number}"), "id": 1000 + number, "type": "User" })
    }

    /// Up to `max` different things, each generated from its number.
    fn some(&mut self, max: u64, make: impl Fn(&mut Self) -> Value) -> Vec<Value> {
        let mut some = Vec::new();
        for _ in 0..self.chance.below(max + 1) {
            let one = make(self);
            if !some.contains(&one) {
                some.push(one);
            }
        }
        some
    }

    fn label(&mut self) -> Value {
        let number = self.labels.draw(&mut self.chance);
        let (name, color) = (format!("label {number}"), format!("{:06x}", number * 4099));
        json!({ "id": number, "name": name, "color": color })
    }

    fn milestone(&mut self) -> Value {
        let number = self.chance.below(MILESTONES.into()) + 1;
        let days = i64::try_from(number).unwrap_or(0) * 40 - 1000;
        json!({
            "number": number,
            "title": format!("v{number}.0"),
            "state": if days < 0 { "closed" } else { "open" },
            "created_at": NOW.plus_ms((days - 60) * DAY_MS).to_string(),
            "due_on": NOW.plus_ms(days * DAY_MS).to_string(),
        })
    }

    fn issue(&mut self, number: u64) -> Value {
        let (mut heading, mut body) = (String::new(), String::new());
        title(&mut self.chance, &mut heading);
        let length = self.chance.length(1_200.0, 0.8, 200, 4_000);
        prose(&mut self.chance, length, &mut body);
        // Spread evenly over the years, in the order of their numbers.
        let share =
            i64::try_from(number).unwrap_or(0) * (SPAN_MS / i64::try_from(ISSUES).unwrap_or(1));
        let created = NOW.plus_ms(share - SPAN_MS);
        let days = i64::try_from(self.chance.below(60)).unwrap_or(0);
        let closed: Option<Timestamp> =
            self.chance.holds(0.6).then(|| created.plus_ms((1 + days) * DAY_MS));
        let assignees = self.some(2, Self::person);
        let milestone = self.chance.holds(0.3).then(|| self.milestone());
        json!({
            "html_url": format!("https://github.com/octo/engine/issues/{number}"),
            "id": 200_000_000 + number,
            "number": number,
            "title": heading,
            "user": self.person(),
            "labels": self.some(3, Self::label),
            "state": if closed.is_some() { "closed" } else { "open" },
            "locked": false,
            "assignee": assignees.first(),
            "assignees": assignees,
            "milestone": milestone,
            "comments": self.chance.below(12),
            "created_at": created.to_string(),
            "updated_at": closed.unwrap_or(created).plus_ms(DAY_MS).to_string(),
            "closed_at": closed.map(|at| at.to_string()),
            "body": body,
        })
    }
}
