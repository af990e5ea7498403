//! `worksmith import`: from a file to works, a transaction at a time.
//!
//! What an item means here is for the tracker to say; this reads the file, keeps memory bounded,
//! shows how far it is, and tells what came of it.

mod read;

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use worksmith_kernel::{Error, OpCtx};
use worksmith_store::Store;
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_tracker::import::Report;
use worksmith_tracker::import::github::{self, Earlier, Item, Options};
use worksmith_tracker::parts::Part;
use worksmith_wire::common::PartId;
use worksmith_wire::{At, FromWire, Id, OrgName, Source};

use self::read::{Input, Read};
use crate::cli::{GithubOptions, ImportOptions, ImportSource};
use crate::failure::Failure;
use crate::home::Home;
use crate::serve;

/// Without a terminal, a line says how far it is after so many items.
const LINE_EVERY: u64 = 1000;

/// Runs the command.
pub(crate) async fn run(options: ImportOptions) -> Result<(), Failure> {
    let ImportOptions { data_dir, database, source: ImportSource::Github(github) } = options;
    let GithubOptions { file, part, pull_requests, batch, first } = github;
    // A file that can't be read must not leave an org behind.
    let input = Input::open(&file)?;
    let given = serve::admin_token()?;
    let home = Home::open(&data_dir, &database).await?;
    let (email, name) = (first.admin_email.clone(), first.admin_name);
    let first =
        FirstUser { email: first.admin_email, display_name: name, org_name: first.org_name };
    let started =
        bootstrap::start(&home.store, &home.environment, &first, given.as_deref()).await?;
    if let Some(token) = &started.new_token {
        println!("Token of {email}, shown this once: {token}");
    }
    let part = match part {
        Some(text) => Some(find_part(&home.store, &started.cx, &text).await?),
        None => None,
    };
    let earlier = Earlier::read(&mut home.store.begin(&started.cx)).await?;
    let options = Options { part, pull_requests, earlier };
    let progress = Progress::new(input.bytes());
    let name = input.name();
    let (items, reading) = input.read(progress.bar.clone());
    let cx = &started.cx;
    let mut import =
        Import { home: &home, cx, options, progress, report: Report::default(), failed: 0 };
    let done = import.all(items, batch).await;
    import.progress.bar.finish_and_clear();
    println!("{}", told(&import.report, &name));
    done?;
    reading.await.map_err(|cause| format!("a defect of worksmith: {cause}"))??;
    match import.failed {
        0 => Ok(()),
        failed => Err(format!(
            "{failed} items were not imported, as said above; mend them and import again: what is \
             here already stays as it is"
        )
        .into()),
    }
}

async fn find_part(store: &Store, cx: &OpCtx, text: &str) -> Result<Id, Failure> {
    let org: &OrgName = &cx.org;
    let source = Source { org, query: &[] };
    let root = At::root(&source);
    let read = PartId::from_value(Value::from(text), &root.child("--part"));
    let PartId(id) = read.map_err(|error| error.message)?;
    match store.begin(cx).find::<Part>(&id).await? {
        Some(_) => Ok(id),
        None => Err(format!("--part: there is no part {text} in this org").into()),
    }
}

struct Import<'a> {
    home: &'a Home,
    cx: &'a OpCtx,
    options: Options,
    progress: Progress,
    report: Report,
    failed: u64,
}

impl Import<'_> {
    async fn all(&mut self, mut items: Receiver<Read>, batch: usize) -> Result<(), Failure> {
        let mut waiting = Vec::with_capacity(batch);
        while let Some(Read { name, item }) = items.recv().await {
            match item {
                Ok(item) => waiting.push((name, item)),
                Err(cause) => self.failed(
                    &name,
                    &format!(
                        "{cause}; the file must hold issues as GitHub's REST API answers them"
                    ),
                ),
            }
            if waiting.len() >= batch {
                self.together(&waiting).await?;
                waiting.clear();
            }
        }
        self.together(&waiting).await
    }

    /// Imports items in one transaction. When one of them is refused, each has one of its own, so
    /// that all others come in, and nothing of the one that is refused.
    async fn together(&mut self, items: &[(String, Item)]) -> Result<(), Failure> {
        if items.is_empty() {
            return Ok(());
        }
        match self.transaction(items).await {
            Ok(report) => self.done(report),
            Err(Error::Api(_)) => {
                for item in items {
                    match self.transaction(std::slice::from_ref(item)).await {
                        Ok(report) => self.done(report),
                        Err(Error::Api(error)) => self.failed(&item.0, &error.message),
                        Err(other) => return Err(other.into()),
                    }
                }
            }
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    async fn transaction(&self, items: &[(String, Item)]) -> Result<Report, Error> {
        let now = self.home.environment.clock.now();
        let mut tx = self.home.store.begin(&OpCtx { now, ..self.cx.clone() });
        let items: Vec<&Item> = items.iter().map(|(_, item)| item).collect();
        let report = github::import(&mut tx, &self.options, &items).await?;
        tx.finish().await?;
        Ok(report)
    }

    fn done(&mut self, report: Report) {
        self.report.add(report);
        self.progress.at(self.report.read);
    }

    fn failed(&mut self, name: &str, why: &str) {
        self.failed += 1;
        self.report.read += 1;
        self.progress.bar.suspend(|| eprintln!("{name}: {why}"));
    }
}

/// How far it is, for people: a bar on a terminal, lines elsewhere.
struct Progress {
    bar: ProgressBar,
    lines: bool,
    told: u64,
}

impl Progress {
    fn new(bytes: Option<u64>) -> Self {
        let lines = !std::io::stderr().is_terminal();
        let bar = match bytes {
            _ if lines => ProgressBar::hidden(),
            Some(bytes) => ProgressBar::new(bytes),
            None => ProgressBar::new_spinner(),
        };
        let template = if bytes.is_some() {
            "{bar:40} {percent:>3}%  {msg}  {elapsed}, {eta} to go"
        } else {
            "{spinner} {msg}  {elapsed}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message("0 items");
        if !lines {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar, lines, told: 0 }
    }

    fn at(&mut self, items: u64) {
        self.bar.set_message(format!("{items} items"));
        if self.lines && items / LINE_EVERY > self.told / LINE_EVERY {
            eprintln!("{items} items");
        }
        self.told = items;
    }
}

/// The report for people.
fn told(report: &Report, file: &str) -> String {
    let Report { read, created, updated, unchanged, skipped, not_carried, beside } = report;
    let mut text = format!("Read {read} items of {file}\n");
    let mut line = |count: u64, what: &str| {
        let _ = writeln!(text, "{count:>9}  {what}");
    };
    line(*created, "created");
    line(*updated, "updated");
    line(*unchanged, "unchanged");
    for (what, count) in beside {
        line(*count, what);
    }
    for (title, lines) in [("Left out", skipped), ("Not carried over", not_carried)] {
        if !lines.is_empty() {
            let _ = writeln!(text, "{title}");
        }
        for (why, count) in lines {
            let _ = writeln!(text, "{count:>9}  {why}");
        }
    }
    text.truncate(text.trim_end().len());
    text
}
