//! `worksmith demo`: a server with a small sample org, and calls to try.
//!
//! The sample org is created by calls of the API, which are listed in `demo.json`: to extend it,
//! add calls there. In a body, a text `{name}` stands for the object that an earlier call kept `as`
//! that name, and `{now+3d}` or `{now-3d}` for an instant that many days from now.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use worksmith_engine::Request;
use worksmith_http::App;
use worksmith_kernel::{Actor, OpCtx};
use worksmith_wire::Timestamp;

use crate::cli::{FirstOptions, ServeOptions};
use crate::control::Run;
use crate::failure::Failure;
use crate::home::{self, Home};
use crate::output::Output;
use crate::serve::{self, Prepared};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The file with the token of the sample org. If it exists, the org is complete.
const TOKEN_FILE: &str = "demo-token";

/// The contents of `demo.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// The calls that create the org, in their order.
    calls: Vec<Call>,
    /// The calls that are shown for trying out.
    examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    op: String,
    body: Value,
    /// The name under which later calls find the object.
    #[serde(rename = "as")]
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// What it shows.
    title: String,
    op: String,
    body: Value,
}

/// Runs the command.
pub(crate) async fn run(
    mut options: ServeOptions,
    output: &Output,
    run: Run,
) -> Result<(), Failure> {
    let dir = options.data_dir.clone().unwrap_or_else(|| "./data/demo".into());
    let kept = std::fs::read_to_string(dir.join(TOKEN_FILE)).ok();
    if kept.is_none() && options.database.database.is_none() && Home::exists(&dir) {
        return Err(no_demo(&dir));
    }
    // The sample org has its own people; the options for the first user are for `serve`.
    options.first = FirstOptions {
        org_name: "Tidewater Instruments".to_owned(),
        admin_email: "mei.tanaka@tidewater.example".to_owned(),
        admin_name: "Mei Tanaka".to_owned(),
    };
    let given = home::admin_token()?;
    let prepared = serve::prepare(&options, &dir, given.as_deref(), output).await?;
    let token = match given.or_else(|| prepared.started.new_token.clone()).or(kept) {
        Some(token) => token.trim().to_owned(),
        None => return Err(no_demo(&dir)),
    };
    let script = script()?;
    let is_new = prepared.started.is_new;
    let mut names = Names::new(&prepared.started.cx);
    let cx = admin(&prepared);
    for call in script.calls.iter().filter(|_| is_new) {
        let answer = execute(&prepared.home, &cx, &call.op, names.fill(&call.body)?).await?;
        if let Some(name) = &call.name {
            names.keep(name, &answer);
        }
    }
    keep(&dir, &token)?;
    let said = welcome(&options, &prepared, &script.examples, &token, &dir);
    let greet = |app: &App| {
        output.line(said);
        if app.has_pages() {
            output.line(format_args!("To look at it (the link signs in once):\n"));
            output.line(app.sign_in_address(&token));
        }
    };
    prepared.serve(&options.limits, &dir, run, greet).await
}

fn no_demo(dir: &Path) -> Failure {
    format!(
        "{} holds an org that is no complete sample org; serve it with `worksmith serve`, or give \
         the demo another --data-dir",
        dir.display()
    )
    .into()
}

fn script() -> Result<Script, Failure> {
    let script = serde_json::from_str(include_str!("demo.json"));
    script.map_err(|cause| format!("a defect of worksmith: demo.json: {cause}").into())
}

fn admin(prepared: &Prepared) -> OpCtx {
    let actor = Actor { id: prepared.started.admin.clone(), ..Actor::system() };
    OpCtx { actor, ..prepared.started.cx.clone() }
}

async fn execute(home: &Home, cx: &OpCtx, op: &str, members: Value) -> Result<Value, Failure> {
    let operation = home.table.get(op).ok_or_else(|| format!("there is no operation {op}"))?;
    let cx = OpCtx { now: home.environment.clock.now(), ..cx.clone() };
    let request = Request { members, query: Vec::new() };
    let outcome = home.engine.execute(operation, &cx, &request).await;
    let outcome = outcome.map_err(|cause| format!("{op}: {}", Failure::from(cause)))?;
    serde_json::from_slice(&outcome.reply.body).map_err(|cause| format!("{op}: {cause}").into())
}

/// The values of the texts in braces.
struct Names {
    ids: HashMap<String, String>,
    now: Timestamp,
}

impl Names {
    fn new(cx: &OpCtx) -> Self {
        Self { ids: HashMap::new(), now: cx.now }
    }

    /// Keeps the single object of an answer.
    fn keep(&mut self, name: &str, answer: &Value) {
        let object = answer.as_object().and_then(|members| members.values().next());
        if let Some(id) = object.and_then(|object| object["id"].as_str()) {
            self.ids.insert(name.to_owned(), id.to_owned());
        }
    }

    fn fill(&self, value: &Value) -> Result<Value, Failure> {
        Ok(match value {
            Value::String(text) => self.text(text)?.into(),
            Value::Array(items) => {
                items.iter().map(|item| self.fill(item)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(members) => {
                let fill = |(name, value): (&String, &Value)| Ok((name.clone(), self.fill(value)?));
                Value::Object(members.iter().map(fill).collect::<Result<_, Failure>>()?)
            }
            other => other.clone(),
        })
    }

    fn text(&self, text: &str) -> Result<String, Failure> {
        let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return Ok(text.to_owned());
        };
        if let Some(days) = name.strip_prefix("now") {
            let days = days.trim_end_matches('d').parse::<i64>().unwrap_or(0);
            return Ok(self.now.plus_ms(days * DAY_MS).to_string());
        }
        let id = self.ids.get(name).cloned();
        id.ok_or_else(|| format!("demo.json names {name:?} before it is kept").into())
    }
}

fn keep(dir: &Path, token: &str) -> Result<(), Failure> {
    let path: PathBuf = dir.join(TOKEN_FILE);
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::File::options();
        options.create(true).write(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        writeln!(options.open(&path)?, "{token}")
    };
    write().map_err(|cause| format!("{} can't be written: {cause}", path.display()).into())
}

fn welcome(
    options: &ServeOptions,
    prepared: &Prepared,
    examples: &[Example],
    token: &str,
    dir: &Path,
) -> String {
    let base_url = &prepared.home.environment.base_url;
    let mut text = format!("Worksmith serves the sample org {}.\n\n", options.first.org_name);
    let _ = writeln!(text, "Address  {base_url}");
    let _ = writeln!(text, "Token    {token}");
    let _ = writeln!(text, "Data     {} (delete it to begin anew)", dir.display());
    let mut trust = String::new();
    if let Some(ca) = &prepared.ca {
        let _ = writeln!(text, "CA       {}", ca.display());
        trust = format!("--cacert {} ", quoted(&ca.display().to_string()));
    }
    let _ = writeln!(text, "\nTo try, in another terminal:");
    for Example { title, op, body } in examples {
        let _ = write!(
            text,
            "\n# {title}\ncurl -sS {trust}{base_url}/{op} -H {} \
             -H 'Content-Type: application/json' -d {}\n",
            quoted(&format!("Authorization: Bearer {token}")),
            quoted(&body.to_string()),
        );
    }
    text
}

/// A text, quoted so that a shell takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_script_calls_only_what_there_is() {
        let (script, table) = (script().unwrap(), worksmith_tracker::table());
        let calls = script.calls.iter().map(|call| &call.op);
        for op in calls.chain(script.examples.iter().map(|example| &example.op)) {
            assert!(table.get(op).is_some(), "{op}");
        }
    }

    #[test]
    fn braces_are_filled_in() {
        let mut names = Names { ids: HashMap::new(), now: Timestamp(0) };
        names.keep("bug", &json!({ "tag": { "id": "don:x" } }));
        let body = json!({ "tags": [{ "id": "{bug}" }], "due": "{now+2d}", "n": 1, "s": "a {b}" });
        let filled = names.fill(&body).unwrap();
        let wanted = json!({
            "tags": [{ "id": "don:x" }], "due": "1970-01-03T00:00:00.000Z", "n": 1, "s": "a {b}"
        });
        assert_eq!(filled, wanted);
        assert!(names.fill(&json!("{nobody}")).is_err());
    }

    #[test]
    fn a_quoted_text_survives_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
