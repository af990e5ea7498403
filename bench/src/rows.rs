//! Measuring the rows.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::builds::{Build, NOW};
use crate::catalog::Catalog;
use crate::data::{self, Pristine, said};
use crate::limits::{self, Sizes};
use crate::load::{self, Load, Outcome, Pace};
use crate::machine::machine;
use crate::numbers::{float, whole};
use crate::plans::{Body, Plan, Who, chosen, is_asked, plans};
use crate::process::{Running, free_address};
use crate::results::{Results, Row};
use crate::scale::Scale;
use crate::{postgres, report, requests};

/// How long the beginning of a row is not counted.
const WARM_UP: Duration = Duration::from_secs(2);
/// The same for the many short rows of lists, and when a build gets another turn.
const SHORT_WARM_UP: Duration = Duration::from_millis(500);
/// How long a list is measured, or longer, until there are this many answers.
const QUERY: Duration = Duration::from_secs(2);
const QUERY_ANSWERS: u64 = 300;
/// A slow list ends after this time with fewer answers.
const QUERY_MAX: Duration = Duration::from_secs(20);
/// How many turns each of two builds gets in a row.
const TURNS: u32 = 2;
/// How many answers are averaged for the length of one, because the lengths of works differ widely.
const GET_SAMPLES: u64 = 3_000;
const LIST_SAMPLES: u64 = 100;

/// The options of a run.
#[derive(Debug)]
pub(crate) struct Options {
    /// How much data.
    pub(crate) scale: Scale,
    /// How long each row is measured.
    pub(crate) seconds: f64,
    /// The prefixes of the rows that are measured; all when empty.
    pub(crate) only: Vec<String>,
    /// The product.
    pub(crate) server: PathBuf,
    /// Another build of it, which is measured in the same run.
    pub(crate) beside: Option<PathBuf>,
    /// Where data and logs are.
    pub(crate) folder: PathBuf,
}

/// The servers under load.
struct Bench<'a> {
    options: &'a Options,
    /// The product, and the other build if there is one.
    builds: &'a mut [Build],
    limits: Limits,
    /// Whether there are rows that need a copy of the data for what PostgreSQL can do by itself.
    pgbench_on_data: bool,
    sizes: Sizes,
    rows: Vec<Row>,
}

/// What measures the machine, with its folders.
#[derive(Default)]
struct Limits {
    /// With no data.
    plain: Option<(Running, PathBuf)>,
    /// With a copy of the data.
    on_data: Option<(Running, PathBuf)>,
}

impl Limits {
    /// Ends them, and deletes their folders.
    fn end(&mut self) -> Result<(), String> {
        for (running, home) in [self.plain.take(), self.on_data.take()].into_iter().flatten() {
            // It must end before its files are deleted.
            drop(running);
            std::fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
        }
        Ok(())
    }
}

/// Runs everything that is requested, and reports the progress.
pub(crate) fn run(options: &Options) -> Result<Results, String> {
    let Options { scale, folder, only, server, beside, .. } = options;
    let plans = chosen(plans(), only)?;
    let pristine = data::pristine(folder, *scale)?;
    let works = pristine.catalog.works;
    let mut builds = vec![Build::new(server, pristine, folder, NOW)?];
    if let Some(other) = beside {
        let pristine = data::pristine_of(&other.with_file_name("bench"), folder, *scale)?;
        builds.push(Build::new(other, pristine, folder, "before")?);
    }
    let date = worksmith_kernel::Clock::now(&worksmith_kernel::SystemClock).to_string();
    let mut machine = machine(folder);
    if is_asked(only, "fdatasync") {
        for bytes in [4 << 10, 64 << 10] {
            let time = Duration::from_secs_f64(options.seconds.min(2.0));
            machine.flushes.push(limits::flushes(folder, bytes, time)?);
        }
    }
    let rows = match plans.as_slice() {
        [] => Vec::new(),
        plans => under_load(options, &mut builds, plans)?,
    };
    if is_asked(only, "import") {
        builds.iter_mut().try_for_each(Build::import)?;
    }
    let mut facts = builds.into_iter().map(|build| build.facts);
    Ok(Results {
        scale: scale.to_string(),
        works,
        date,
        seconds: options.seconds,
        machine,
        facts: facts.next().ok_or_else(|| "nothing was measured".to_owned())?,
        before: facts.next(),
        rows,
    })
}

/// Measures the rows, on copies of the data.
fn under_load(options: &Options, builds: &mut [Build], plans: &[Plan]) -> Result<Vec<Row>, String> {
    for build in &mut *builds {
        build.start()?;
        let product = build.running(Who::Product)?;
        let sizes = sizes(&build.pristine.catalog, product)?;
        (build.facts.get_bytes, build.facts.list_bytes) = (sizes.get, sizes.list);
    }
    let first = &builds[0];
    let sizes = Sizes { get: first.facts.get_bytes, list: first.facts.list_bytes };
    let needs = |who| plans.iter().any(|plan| plan.who == who);
    let on_data = needs(Who::DataLimits)
        .then(|| start_data_limits(&options.folder, &first.pristine, plans, sizes));
    let plain = Some(start_limits(&options.folder, sizes)?);
    let limits = Limits { plain, on_data: on_data.transpose()? };
    let pgbench_on_data = needs(Who::PgbenchOnData);
    let mut bench = Bench { options, builds, limits, pgbench_on_data, sizes, rows: Vec::new() };
    println!("{}", report::heading(options.beside.is_some()));
    let may = postgres::is_there();
    for plan in plans.iter().filter(|plan| may || !plan.is_on_postgres()) {
        bench.measure(plan)?;
    }
    bench.end()?;
    Ok(bench.rows)
}

/// A server of limits, and its folder, which is empty before.
fn start_limits(folder: &Path, sizes: Sizes) -> Result<(Running, PathBuf), String> {
    let home = folder.join("limits");
    if home.exists() {
        std::fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
    }
    std::fs::create_dir_all(&home).map_err(|cause| said(&home, &cause))?;
    let arguments =
        ["--get-bytes", &sizes.get.to_string(), "--list-bytes", &sizes.list.to_string()]
            .map(ToOwned::to_owned);
    let log = folder.join("limits.log");
    let request = requests::whole("/static/get", "none", "{}");
    let running = start_own("limits", &home, &arguments, &log, &request)?;
    Ok((running, home))
}

/// The same with a copy of the data.
fn start_data_limits(
    folder: &Path,
    pristine: &Pristine,
    plans: &[Plan],
    sizes: Sizes,
) -> Result<(Running, PathBuf), String> {
    let home = folder.join("limits-data");
    pristine.copy(&home)?;
    let catalog = pristine.catalog_path().display().to_string();
    let mut arguments = vec!["--catalog".to_owned(), catalog];
    arguments.extend(["--get-bytes".to_owned(), sizes.get.to_string()]);
    if plans.iter().any(|plan| plan.who == Who::DataLimits && plan.is_same()) {
        eprintln!("recording what the product writes");
        arguments.push("--writes".to_owned());
    }
    let log = folder.join("limits-data.log");
    let request = requests::whole("/one-row/get", "none", r#"{"id":"ISS-1"}"#);
    let running = start_own("data-limits", &home, &arguments, &log, &request)?;
    Ok((running, home))
}

/// Starts this program with another command.
fn start_own(
    command: &str,
    home: &Path,
    arguments: &[String],
    log: &Path,
    request: &str,
) -> Result<Running, String> {
    let address = free_address()?;
    let own = std::env::current_exe().map_err(|cause| cause.to_string())?;
    let mut line = Command::new(own);
    line.args([command, "--listen", &address.to_string(), "--dir"]).arg(home).args(arguments);
    Running::start(line, address, log, request)
}

/// The average lengths of answers, from a sample.
fn sizes(catalog: &Catalog, product: &Running) -> Result<Sizes, String> {
    let sample = |path: &str, body, answers_min| -> Result<usize, String> {
        let outcome = load::run(Load {
            address: product.address,
            head: requests::head(path, &catalog.token),
            body,
            connections: 1,
            pace: Pace::Closed,
            warm_up: Duration::ZERO,
            measured: Duration::ZERO,
            answers_min,
            measured_max: QUERY_MAX,
            server: product.id(),
        })?;
        let figures = outcome.figures();
        match figures.example {
            Some(example) => Err(format!("{path}: {example}")),
            None => usize::try_from(whole(figures.bytes)).map_err(|cause| cause.to_string()),
        }
    };
    Ok(Sizes {
        get: sample("/works.get", requests::get(catalog, 1), GET_SAMPLES)?,
        list: sample("/works.list", requests::list(catalog, 1), LIST_SAMPLES)?,
    })
}

/// A turn of a row.
#[derive(Clone, Copy)]
struct Turn {
    /// How many turns the row has on all builds.
    of: u32,
    /// How many turns there were before on the same build.
    after: u32,
}

impl Bench<'_> {
    fn measure(&mut self, plan: &Plan) -> Result<(), String> {
        if plan.is_on_postgres() {
            self.begin_postgres()?;
        }
        let whole = Turn { of: 1, after: 0 };
        let (mut outcomes, catalog) = (Vec::new(), &self.builds[0].pristine.catalog);
        match plan.who {
            Who::Product | Who::OnPostgres => outcomes = self.by_turns(plan)?,
            Who::Limits => {
                outcomes.push(self.load(
                    plan,
                    running(self.limits.plain.as_ref())?,
                    catalog,
                    whole,
                )?);
            }
            Who::DataLimits => {
                outcomes.push(self.load(
                    plan,
                    running(self.limits.on_data.as_ref())?,
                    catalog,
                    whole,
                )?);
            }
            Who::Pgbench | Who::PgbenchOnData => outcomes.push(self.bench_postgres(plan)?),
        }
        if plan.who == Who::Product {
            for (build, outcome) in self.builds.iter_mut().zip(&outcomes) {
                let facts = &mut build.facts;
                facts.rss_load_bytes = facts.rss_load_bytes.max(outcome.rss_bytes);
            }
        }
        let mut figures = outcomes.into_iter().map(Outcome::figures);
        let row = Row {
            name: plan.name.clone(),
            limits: plan.limits.clone(),
            connections: plan.connections,
            rate: self.rate(plan),
            figures: figures.next().ok_or_else(|| format!("{}: nothing", plan.name))?,
            before: figures.next(),
        };
        println!("{}", report::line(&row, &self.rows));
        self.rows.push(row);
        Ok(())
    }

    /// The fixed rate of a row, if it has one.
    fn rate(&self, plan: &Plan) -> Option<f64> {
        let limit = plan.limits.first().filter(|_| plan.at_half)?;
        let limit = self.rows.iter().find(|row| row.name == *limit)?;
        Some(limit.figures.per_second / 2.0)
    }

    /// Loads the builds by turns: the other one, the product, the other one, the product. Each gets
    /// the same part of the row's time.
    fn by_turns(&self, plan: &Plan) -> Result<Vec<Outcome>, String> {
        let turns = if self.builds.len() > 1 { TURNS } else { 1 };
        let of = self.builds.iter().map(|_| turns).sum();
        let mut sums: Vec<Option<Outcome>> = self.builds.iter().map(|_| None).collect();
        for after in 0..turns {
            for (build, sum) in self.builds.iter().zip(&mut sums).rev() {
                let (server, catalog) = (build.running(plan.who)?, &build.pristine.catalog);
                let outcome = self.load(plan, server, catalog, Turn { of, after })?;
                *sum = Some(match sum.take() {
                    Some(before) => before.and(outcome)?,
                    None => outcome,
                });
            }
        }
        Ok(sums.into_iter().flatten().collect())
    }

    fn load(
        &self,
        plan: &Plan,
        server: &Running,
        catalog: &Catalog,
        turn: Turn,
    ) -> Result<Outcome, String> {
        // Each row has a random generator of its own, so that none depends on which others are
        // measured.
        let seed =
            plan.name.bytes().fold(7, |seed: u64, byte| seed * 31 % 65_521 + u64::from(byte));
        let seed = seed + (u64::from(turn.after) << 32);
        let body = match plan.body {
            Body::Get => requests::get(catalog, seed),
            Body::List => requests::list(catalog, seed),
            Body::Query(filter, sort) => requests::query(catalog, filter, sort, seed),
            Body::Count(group) => requests::count(catalog, group, seed),
            Body::Search(of) => requests::search(catalog, of, seed),
            Body::Update => requests::update(catalog, seed),
            Body::Create => requests::create(catalog, self.sizes.get, seed),
        };
        let measured = Duration::from_secs_f64(self.options.seconds);
        let is_query = plan.is_query();
        let load = Load {
            address: server.address,
            head: requests::head(plan.path, &catalog.token),
            body,
            connections: plan.connections,
            pace: self.rate(plan).map_or(Pace::Closed, Pace::Open),
            warm_up: if is_query || turn.after > 0 { SHORT_WARM_UP } else { WARM_UP },
            measured: if is_query { QUERY.min(measured) } else { measured } / turn.of,
            answers_min: if is_query { QUERY_ANSWERS / u64::from(turn.of) } else { 1 },
            measured_max: QUERY_MAX.max(measured) / turn.of,
            server: server.id(),
        };
        load::run(load).map_err(|cause| format!("{}: {cause}", plan.name))
    }

    /// Ends everything that runs, and deletes its copies.
    fn end(&mut self) -> Result<(), String> {
        self.limits.end()?;
        self.builds.iter_mut().try_for_each(Build::end)
    }

    /// Moves the data to PostgreSQL, and starts the builds there, unless that was done before.
    fn begin_postgres(&mut self) -> Result<(), String> {
        if self.builds[0].running(Who::OnPostgres).is_ok() {
            return Ok(());
        }
        self.end()?;
        for (at, build) in self.builds.iter_mut().enumerate() {
            build.start_on_postgres(at == 0 && self.pgbench_on_data)?;
        }
        Ok(())
    }

    /// What PostgreSQL can do by itself.
    fn bench_postgres(&mut self, plan: &Plan) -> Result<Outcome, String> {
        let time = Duration::from_secs_f64(self.options.seconds);
        let (folder, bytes) = (&self.options.folder, self.sizes.get);
        let build = &mut self.builds[0];
        let catalog = std::sync::Arc::new(build.pristine.catalog.clone());
        let postgres = build.postgres()?;
        let run = postgres::Run { folder, bytes, connections: plan.connections, measured: time };
        let outcome = match (plan.who, plan.body) {
            (Who::Pgbench, _) => postgres.replace(&run),
            (_, Body::Get) => postgres.read(&run, &catalog),
            (_, Body::Create) => postgres.create(&run, &catalog),
            _ => postgres.update(&run, &catalog),
        };
        outcome.map_err(|cause| format!("{}: {cause}", plan.name))
    }
}

fn running(server: Option<&(Running, PathBuf)>) -> Result<&Running, String> {
    let running = server.map(|(running, _)| running);
    running.ok_or_else(|| "the limits do not run".to_owned())
}

/// Bytes of the database for each work.
pub(crate) fn bytes_per_work(bytes: u64, works: u64) -> f64 {
    float(bytes) / float(works.max(1))
}
