//! The rows: what is measured, in which order, against which limit.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::catalog::Catalog;
use crate::data::{self, Pristine, said};
use crate::limits::{self, Sizes};
use crate::load::{self, Load, Outcome, Pace};
use crate::machine::machine;
use crate::numbers::{float, grouped, whole};
use crate::postgres::{self, Postgres};
use crate::process::{Running, Usage, free_address};
use crate::requests::{self, FILTERS, SORTS};
use crate::results::{Facts, Results, Row};
use crate::scale::Scale;
use crate::{github, report};

/// How long the beginning of a row is not counted.
const WARM_UP: Duration = Duration::from_secs(2);
/// The same for the many short rows of lists.
const QUERY_WARM_UP: Duration = Duration::from_millis(500);
/// How long a list is measured, or longer, until there are this many answers.
const QUERY: Duration = Duration::from_secs(2);
const QUERY_ANSWERS: u64 = 300;
/// A slow list ends after this time with fewer answers.
const QUERY_MAX: Duration = Duration::from_secs(20);
/// How long after its start the memory of an idle server is measured.
const IDLE: Duration = Duration::from_secs(2);
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
    /// Where data and logs are.
    pub(crate) folder: PathBuf,
}

/// The bodies of a row's requests.
#[derive(Clone, Copy, Debug)]
enum Body {
    Get,
    List,
    Query(&'static str, &'static str),
    Update,
    Create,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Limits,
    /// The product on SQLite.
    Product,
    /// The product on PostgreSQL.
    OnPostgres,
    /// PostgreSQL by itself.
    Pgbench,
}

/// A row before it is measured.
struct Plan {
    name: String,
    limit: Option<String>,
    who: Who,
    path: &'static str,
    body: Body,
    connections: usize,
    /// At half the rate of the limit.
    at_half: bool,
}

impl Plan {
    fn limit(name: &str, path: &'static str, body: Body, connections: usize) -> Self {
        let (limit, who, at_half) = (None, Who::Limits, false);
        Self { name: name.to_owned(), limit, who, path, body, connections, at_half }
    }

    fn row(name: &str, limit: &str, path: &'static str, body: Body, connections: usize) -> Self {
        let limit = (!limit.is_empty()).then(|| limit.to_owned());
        let (who, at_half) = (Who::Product, false);
        Self { name: name.to_owned(), limit, who, path, body, connections, at_half }
    }

    fn on_postgres(self) -> Self {
        Self { who: Who::OnPostgres, ..self }
    }

    const fn is_query(&self) -> bool {
        matches!(self.body, Body::Query(..))
    }
}

/// All rows. A row comes right after its limit, so that both find the machine in the same
/// condition; and rows that read come before those that write.
fn plans() -> Vec<Plan> {
    let mut plans = vec![
        Plan::limit("static/get", "/static/get", Body::Get, 16),
        Plan::row("get", "static/get", "/works.get", Body::Get, 16),
        Plan::limit("static/list", "/static/list", Body::List, 16),
        Plan::row("list", "static/list", "/works.list", Body::List, 16),
    ];
    for filter in FILTERS {
        for sort in SORTS {
            let name = query_name(filter, sort);
            plans.push(Plan::row(&name, "", "/works.list", Body::Query(filter, sort), 1));
        }
    }
    for connections in [16, 64, 256] {
        let limit = format!("commit/{connections}");
        plans.push(Plan::limit(&limit, "/commit", Body::Update, connections));
        let name = format!("update/{connections}");
        plans.push(Plan::row(&name, &limit, "/works.update", Body::Update, connections));
        if connections == 16 {
            let half = Plan::row("update/half", &limit, "/works.update", Body::Update, 16);
            plans.push(Plan { at_half: true, ..half });
        }
    }
    plans.push(Plan::limit("insert/16", "/insert", Body::Create, 16));
    plans.push(Plan::row("create", "insert/16", "/works.create", Body::Create, 16));
    plans.extend(on_postgres());
    plans
}

/// The rows on PostgreSQL. Rows that read are compared with the same on SQLite, in the same run.
fn on_postgres() -> Vec<Plan> {
    let mut plans = vec![
        Plan::row("pg/get", "get", "/works.get", Body::Get, 16),
        Plan::row("pg/list", "list", "/works.list", Body::List, 16),
    ];
    for filter in FILTERS {
        for sort in SORTS {
            let name = format!("pg/{}", query_name(filter, sort));
            plans.push(Plan::row(&name, "", "/works.list", Body::Query(filter, sort), 1));
        }
    }
    let bench = Plan::limit("pg/bench/16", "", Body::Update, 16);
    plans.push(Plan { who: Who::Pgbench, ..bench });
    plans.push(Plan::row("pg/update/16", "pg/bench/16", "/works.update", Body::Update, 16));
    plans.push(Plan::row("pg/create", "insert/16", "/works.create", Body::Create, 16));
    let who = |plan: Plan| if plan.who == Who::Product { plan.on_postgres() } else { plan };
    plans.into_iter().map(who).collect()
}

/// The name of the row for a filter and a sort.
pub(crate) fn query_name(filter: &str, sort: &str) -> String {
    format!("query/{filter} {sort}")
}

/// Whether a row is requested.
fn is_asked(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|start| name.starts_with(start))
}

/// The requested rows, and their limits.
fn chosen(plans: Vec<Plan>, only: &[String]) -> Result<Vec<Plan>, String> {
    let others = ["fdatasync", "import"];
    let all: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).chain(others).collect();
    if let Some(odd) = only.iter().find(|start| !all.iter().any(|name| name.starts_with(*start))) {
        let names =
            "fdatasync, static, get, list, query, commit, update, insert, create, pg, import";
        return Err(format!("--only {odd}: no row begins so; there are {names}"));
    }
    let asked = plans.iter().filter(|plan| is_asked(only, &plan.name));
    let names: Vec<String> =
        asked.flat_map(|plan| [Some(plan.name.clone()), plan.limit.clone()]).flatten().collect();
    Ok(plans.into_iter().filter(|plan| names.contains(&plan.name)).collect())
}

/// The servers under load.
struct Bench<'a> {
    options: &'a Options,
    catalog: &'a Catalog,
    product: Running,
    limits: Running,
    /// The product on PostgreSQL, and PostgreSQL itself; started for the first row that needs it.
    on_postgres: Option<(Running, Postgres)>,
    pristine: &'a Pristine,
    sizes: Sizes,
    rows: Vec<Row>,
    rss_load_bytes: u64,
}

/// Runs everything that is requested, and reports the progress.
pub(crate) fn run(options: &Options) -> Result<Results, String> {
    let Options { scale, folder, only, .. } = options;
    let plans = chosen(plans(), only)?;
    let pristine = data::pristine(folder, *scale)?;
    let date = worksmith_kernel::Clock::now(&worksmith_kernel::SystemClock).to_string();
    let mut machine = machine(folder);
    if is_asked(only, "fdatasync") {
        for bytes in [4 << 10, 64 << 10] {
            let time = Duration::from_secs_f64(options.seconds.min(2.0));
            machine.flushes.push(limits::flushes(folder, bytes, time)?);
        }
    }
    let mut facts = facts(options, pristine.database_bytes()?)?;
    let rows = if plans.is_empty() {
        Vec::new()
    } else {
        under_load(options, &pristine, &plans, &mut facts)?
    };
    if is_asked(only, "import") {
        eprintln!("importing issues as GitHub answers them");
        facts.import = Some(github::import(&options.server, folder)?);
    }
    Ok(Results {
        scale: scale.to_string(),
        works: pristine.catalog.works,
        date,
        seconds: options.seconds,
        machine,
        facts,
        rows,
    })
}

/// Measures the rows, on a copy of the data.
fn under_load(
    options: &Options,
    pristine: &Pristine,
    plans: &[Plan],
    facts: &mut Facts,
) -> Result<Vec<Row>, String> {
    let (catalog, folder) = (&pristine.catalog, &options.folder);
    let (home, limits_home) = (folder.join("home"), folder.join("limits"));
    eprintln!("copying the data of {} works", grouped(catalog.works));
    pristine.copy(&home)?;
    let product = start_product(options, catalog, &home, None)?;
    std::thread::sleep(IDLE);
    facts.start_ms = product.start.as_secs_f64() * 1000.0;
    facts.rss_idle_bytes = Usage::of(product.id())?.rss_bytes;
    let sizes = sizes(catalog, &product)?;
    (facts.get_bytes, facts.list_bytes) = (sizes.get, sizes.list);
    let limits = start_limits(folder, &limits_home, sizes)?;
    let (rows, rss_load_bytes) = (Vec::new(), 0);
    let on_postgres = None;
    let mut bench = Bench {
        options,
        catalog,
        product,
        limits,
        on_postgres,
        pristine,
        sizes,
        rows,
        rss_load_bytes,
    };
    println!("{}", report::heading());
    let may = postgres::is_there();
    for plan in plans.iter().filter(|plan| may || !plan.name.starts_with("pg/")) {
        bench.measure(plan)?;
    }
    facts.rss_load_bytes = bench.rss_load_bytes;
    facts.rss_peak_bytes = Usage::of(bench.product.id())?.rss_peak_bytes;
    let Bench { product, limits, on_postgres, rows, .. } = bench;
    // They must end before their files are deleted.
    drop((product, limits, on_postgres));
    for dir in [home, limits_home] {
        std::fs::remove_dir_all(&dir).map_err(|cause| said(&dir, &cause))?;
    }
    Ok(rows)
}

/// What is known before anything runs.
fn facts(options: &Options, database_bytes: u64) -> Result<Facts, String> {
    let server = &options.server;
    let file = std::fs::metadata(server).map_err(|cause| said(server, &cause))?;
    Ok(Facts {
        binary_bytes: file.len(),
        database_bytes,
        start_ms: 0.0,
        rss_idle_bytes: 0,
        rss_load_bytes: 0,
        rss_peak_bytes: 0,
        get_bytes: 0,
        list_bytes: 0,
        import: None,
    })
}

/// Starts the product, on a database of PostgreSQL if one is named.
fn start_product(
    options: &Options,
    catalog: &Catalog,
    home: &Path,
    database: Option<&str>,
) -> Result<Running, String> {
    let address = free_address()?;
    let mut command = Command::new(&options.server);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WORKSMITH_") {
            command.env_remove(name);
        }
    }
    command.arg("serve").arg("--data-dir").arg(home);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    command.args(["--listen", &address.to_string()]);
    let request = requests::whole("/works.get", &catalog.token, r#"{"id":"ISS-1"}"#);
    Running::start(command, address, &options.folder.join("product.log"), &request)
}

fn start_limits(folder: &Path, home: &Path, sizes: Sizes) -> Result<Running, String> {
    if home.exists() {
        std::fs::remove_dir_all(home).map_err(|cause| said(home, &cause))?;
    }
    std::fs::create_dir_all(home).map_err(|cause| said(home, &cause))?;
    let address = free_address()?;
    let own = std::env::current_exe().map_err(|cause| cause.to_string())?;
    let mut command = Command::new(own);
    command.args(["limits", "--listen", &address.to_string(), "--dir"]).arg(home);
    command.args(["--get-bytes", &sizes.get.to_string()]);
    command.args(["--list-bytes", &sizes.list.to_string()]);
    let request = requests::whole("/static/get", "none", "{}");
    Running::start(command, address, &folder.join("limits.log"), &request)
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
        match outcome.example {
            Some(example) => Err(format!("{path}: {example}")),
            None => usize::try_from(whole(outcome.bytes)).map_err(|cause| cause.to_string()),
        }
    };
    Ok(Sizes {
        get: sample("/works.get", requests::get(catalog, 1), GET_SAMPLES)?,
        list: sample("/works.list", requests::list(catalog, 1), LIST_SAMPLES)?,
    })
}

impl Bench<'_> {
    /// Moves the data to PostgreSQL, and starts the product there.
    fn start_on_postgres(&mut self) -> Result<(), String> {
        if self.on_postgres.is_some() {
            return Ok(());
        }
        let Options { folder, server, .. } = self.options;
        eprintln!("moving the data to PostgreSQL");
        let (postgres, home) = (Postgres::start(), folder.join("home-pg"));
        self.pristine.copy(&home)?;
        postgres.load(server, &home)?;
        std::fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
        let product = start_product(self.options, self.catalog, &home, Some(&postgres.url()))?;
        self.on_postgres = Some((product, postgres));
        Ok(())
    }

    /// What PostgreSQL can do by itself.
    fn bench_postgres(&mut self, plan: &Plan) -> Result<(), String> {
        let Some((_, postgres)) = &self.on_postgres else { return Ok(()) };
        let time = Duration::from_secs_f64(self.options.seconds);
        let (folder, bytes) = (&self.options.folder, self.sizes.get);
        let outcome = postgres.replace(folder, bytes, plan.connections, time)?;
        let row = row(plan, None, outcome);
        println!("{}", report::line(&row, None));
        self.rows.push(row);
        Ok(())
    }

    fn measure(&mut self, plan: &Plan) -> Result<(), String> {
        if matches!(plan.who, Who::OnPostgres | Who::Pgbench) {
            self.start_on_postgres()?;
        }
        let server = match (plan.who, &self.on_postgres) {
            (Who::Pgbench, _) => return self.bench_postgres(plan),
            (Who::OnPostgres, Some((product, _))) => product,
            (Who::Product | Who::OnPostgres, _) => &self.product,
            (Who::Limits, _) => &self.limits,
        };
        let catalog = self.catalog;
        // Each row has a random generator of its own, so that none depends on which others are
        // measured.
        let seed =
            plan.name.bytes().fold(7, |seed: u64, byte| seed * 31 % 65_521 + u64::from(byte));
        let body = match plan.body {
            Body::Get => requests::get(catalog, seed),
            Body::List => requests::list(catalog, seed),
            Body::Query(filter, sort) => requests::query(catalog, filter, sort, seed),
            Body::Update => requests::update(catalog, seed),
            Body::Create => requests::create(catalog, self.sizes.get, seed),
        };
        let limit = plan.limit.as_deref();
        let limit = limit.and_then(|name| self.rows.iter().find(|row| row.name == name));
        let pace = match limit {
            Some(limit) if plan.at_half => Pace::Open(limit.per_second / 2.0),
            _ => Pace::Closed,
        };
        let measured = Duration::from_secs_f64(self.options.seconds);
        let is_query = plan.is_query();
        let load = Load {
            address: server.address,
            head: requests::head(plan.path, &catalog.token),
            body,
            connections: plan.connections,
            pace,
            warm_up: if is_query { QUERY_WARM_UP } else { WARM_UP },
            measured: if is_query { QUERY.min(measured) } else { measured },
            answers_min: if is_query { QUERY_ANSWERS } else { 1 },
            measured_max: QUERY_MAX.max(measured),
            server: server.id(),
        };
        let outcome = load::run(load).map_err(|cause| format!("{}: {cause}", plan.name))?;
        if plan.who == Who::Product {
            self.rss_load_bytes = self.rss_load_bytes.max(outcome.rss_bytes);
        }
        let rate = if let Pace::Open(rate) = pace { Some(rate) } else { None };
        let row = row(plan, rate, outcome);
        println!("{}", report::line(&row, limit));
        self.rows.push(row);
        Ok(())
    }
}

fn row(plan: &Plan, rate: Option<f64>, outcome: Outcome) -> Row {
    let Outcome { answers, errors, example, seconds, per_second, .. } = outcome;
    let Outcome { p50_ms, p99_ms, max_ms, cpu_us, bytes, .. } = outcome;
    Row {
        name: plan.name.clone(),
        limit: plan.limit.clone(),
        connections: plan.connections,
        rate,
        answers,
        seconds,
        per_second,
        p50_ms,
        p99_ms,
        max_ms,
        cpu_us,
        bytes,
        errors,
        example,
    }
}

/// Bytes of the database for each work.
pub(crate) fn bytes_per_work(results: &Results) -> f64 {
    float(results.facts.database_bytes) / float(results.works.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<String> {
        let only: Vec<_> = only.iter().map(|&start| start.to_owned()).collect();
        chosen(plans(), &only).unwrap().into_iter().map(|plan| plan.name).collect()
    }

    #[test]
    fn every_row_has_a_limit_that_comes_before_it() {
        let plans = plans();
        for (at, plan) in plans.iter().enumerate() {
            let is_there = |limit: &String| plans[..at].iter().any(|before| before.name == *limit);
            assert!(plan.limit.as_ref().is_none_or(is_there), "{}", plan.name);
        }
        assert_eq!(plans.iter().filter(|plan| plan.is_query()).count(), 90);
    }

    #[test]
    fn a_row_that_is_asked_for_brings_its_limit() {
        assert_eq!(names(&["get"]), ["static/get", "get"]);
        assert_eq!(names(&["update/half", "create"]).len(), 4);
        assert!(names(&["import"]).is_empty());
        assert_eq!(names(&[]).len(), plans().len());
        assert!(chosen(plans(), &["no".to_owned()]).is_err());
    }
}
