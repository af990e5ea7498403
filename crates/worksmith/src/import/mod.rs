//! `worksmith import`: from a file to works, a transaction at a time.
//!
//! The tracker maps items to works and comments; this reads the file, keeps memory bounded, shows
//! the progress, and reports the result.

mod read;
mod text;

use std::fmt::Write as _;

use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use worksmith_engine::Engine;
use worksmith_kernel::{Error, OpCtx};
use worksmith_tracker::bootstrap::{self, FirstUser};
use worksmith_tracker::import::Report;
use worksmith_tracker::import::github::{self, Earlier, Options, Record};
use worksmith_wire::common::PartId;
use worksmith_wire::{At, FromWire, Id, OrgName, Source};
use worksmith_work::parts::Part;

use self::read::{Input, Read, Share};
use crate::cli::{GithubOptions, ImportOptions, ImportSource};
use crate::control::{self, Data, Import, Job, Place, Run, Session};
use crate::failure::Failure;
use crate::home;
use crate::output::{Output, Progress};

/// Without a terminal, a line shows the progress after this many items.
const LINE_EVERY: u64 = 1000;
/// How many items are imported in one transaction ..
const BATCH: usize = 2000;
/// .. and how many if calls wait for the end of a transaction.
const BATCH_BESIDE_CALLS: usize = 50;

/// Runs the command.
pub(crate) async fn run(options: ImportOptions, output: &Output, run: Run) -> Result<(), Failure> {
    let ImportOptions { data_dir, database, source: ImportSource::Github(options) } = options;
    // A file that can't be read must not leave a new org behind.
    let input = Input::open(&options.file)?;
    let Input { name, bytes, reader } = input;
    let job = Job::Import(Import { options, name, bytes, token: home::admin_token()? });
    let place = Place { dir: &data_dir, database: &database, is_made: true, files: None };
    control::run(job, &place, output, Some(reader), run).await
}

/// Runs the job where the data is.
pub(crate) async fn job(import: Import, data: &Data, session: Session) -> Result<(), Failure> {
    let Import { options, name, bytes, token } = import;
    let GithubOptions { part, pull_requests, batch, first, file: _ } = options;
    let Session { output, input, .. } = session;
    let reader = input.ok_or("an import without a file")?;
    let (email, display_name) = (first.admin_email.clone(), first.admin_name);
    let first = FirstUser { email: first.admin_email, display_name, org_name: first.org_name };
    let started =
        bootstrap::start(&data.engine, &data.environment, &first, token.as_deref()).await?;
    if let Some(token) = &started.new_token {
        output.line(format_args!("Token of {email}, shown this once: {token}"));
    }
    let part = match part {
        Some(text) => Some(find_part(&data.engine, &started.cx, &text).await?),
        None => None,
    };
    let earlier = Earlier::read(&mut data.engine.begin(&started.cx)).await?;
    let options = Options { part, pull_requests, earlier };
    let (mut items, reading, read) = Input { name: name.clone(), bytes, reader }.read();
    let batch = batch.unwrap_or(if data.is_served { BATCH_BESIDE_CALLS } else { BATCH });
    let (report, failed) = (Report::default(), 0);
    let mut importing =
        Importing { data, cx: &started.cx, options, output: &output, read, report, failed };
    let done = importing.all(&mut items, batch).await;
    let Importing { report, failed, .. } = importing;
    drop(items);
    output.settle();
    output.line(describe(&report, &name));
    done?;
    reading.await.map_err(|cause| format!("a defect of worksmith: {cause}"))??;
    match failed {
        0 => Ok(()),
        failed => Err(format!(
            "{failed} items were not imported, as said above; mend them and import again: what is \
             here already stays as it is"
        )
        .into()),
    }
}

async fn find_part(engine: &Engine, cx: &OpCtx, text: &str) -> Result<Id, Failure> {
    let org: &OrgName = &cx.org;
    let source = Source { org, query: &[] };
    let root = At::root(&source);
    let read = PartId::from_value(Value::from(text), &root.child("--part"));
    let PartId(id) = read.map_err(|error| error.message)?;
    match engine.begin(cx).find::<Part>(&id).await? {
        Some(_) => Ok(id),
        None => Err(format!("--part: there is no part {text} in this org").into()),
    }
}

struct Importing<'a> {
    data: &'a Data,
    cx: &'a OpCtx,
    options: Options,
    output: &'a Output,
    read: Share,
    report: Report,
    failed: u64,
}

impl Importing<'_> {
    async fn all(&mut self, items: &mut Receiver<Read>, batch: usize) -> Result<(), Failure> {
        let mut waiting = Vec::with_capacity(batch);
        while let Some(Read { name, item }) = items.recv().await {
            match item {
                Ok(item) => waiting.push((name, item)),
                Err(wrong) => self.failed(&name, &wrong),
            }
            if waiting.len() >= batch {
                self.together(&waiting).await?;
                waiting.clear();
            }
        }
        self.together(&waiting).await
    }

    /// Imports items in one transaction. If one of them is refused, each is imported in one of its
    /// own, so that all others are imported, and nothing of the refused one.
    async fn together(&mut self, items: &[(String, Record)]) -> Result<(), Failure> {
        if items.is_empty() {
            return Ok(());
        }
        match Box::pin(self.transaction(items)).await {
            Ok(report) => self.done(report),
            Err(Error::Api(_)) => {
                for item in items {
                    match Box::pin(self.transaction(std::slice::from_ref(item))).await {
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

    async fn transaction(&self, items: &[(String, Record)]) -> Result<Report, Error> {
        let now = self.data.environment.clock.now();
        let mut tx = self.data.engine.begin(&OpCtx { now, ..self.cx.clone() });
        let items: Vec<&Record> = items.iter().map(|(_, item)| item).collect();
        let report = github::import(&mut tx, &self.options, &items).await?;
        tx.finish().await?;
        Ok(report)
    }

    fn done(&mut self, report: Report) {
        self.report.add(report);
        self.output.show(&Progress {
            what: "items".to_owned(),
            done: self.report.read,
            all: None,
            share: self.read.so_far(),
            at: None,
            earlier: 0,
            every: LINE_EVERY,
        });
    }

    fn failed(&mut self, name: &str, why: &str) {
        self.failed += 1;
        self.report.read += 1;
        self.output.note(format_args!("{name}: {why}"));
    }
}

/// The report for people.
fn describe(report: &Report, file: &str) -> String {
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
