//! What `web/test/scale.mjs` measured of the UI, in a browser beside the server.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::data::said;
use crate::numbers::{grouped, shown};

/// A run in a browser.
#[derive(Debug, Deserialize)]
pub(crate) struct Browser {
    /// When it was.
    date: String,
    /// How many works the org had.
    works: u64,
    /// The version of the browser.
    browser: String,
    rows: Vec<Timed>,
}

/// Something that a person does, again and again.
#[derive(Debug, Deserialize)]
struct Timed {
    what: String,
    count: u64,
    p50_ms: f64,
    p95_ms: f64,
    max_ms: f64,
    /// What it should reach, and what it does.
    target: Option<String>,
    reached: Option<bool>,
    figure: Option<String>,
}

impl Browser {
    /// The stored run, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, String> {
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(path).map_err(|cause| said(path, &cause))?;
        let read = serde_json::from_str(&text);
        read.map(Some).map_err(|cause| format!("{}: {cause}", path.display()))
    }

    /// Its tables.
    pub(crate) fn section(&self, text: &mut String) {
        let _ = writeln!(text, "\n## The web UI with {} works\n", grouped(self.works));
        let _ = writeln!(text, "{}; {}, on the machine of the server.", self.date, self.browser);
        text.push_str(
            "From the key to the first task after the frame that shows what it asked for.\n\n\
             | what | times | p50 ms | p95 ms | longest ms | target |\n|---|---|---|---|---|---|\n",
        );
        for row in &self.rows {
            let verdict = match (&row.target, row.reached, &row.figure) {
                (Some(target), Some(true), Some(figure)) => format!("{target}: reached: {figure}"),
                (Some(target), _, Some(figure)) => format!("{target}: **not reached: {figure}**"),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {verdict} |",
                row.what,
                grouped(row.count),
                shown(row.p50_ms),
                shown(row.p95_ms),
                shown(row.max_ms),
            );
        }
    }
}
