//! The product on PostgreSQL, and what PostgreSQL can do by itself: a server only for this run, in
//! a temporary folder, that is reached by a socket.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use worksmith_test_postgres::{Cluster, Database, Options};

use crate::load::Outcome;
use crate::numbers::float;
use crate::random::{Chance, prose};

/// As `docs/STORE.md` advises for a machine of this size.
const SETTINGS: &[&str] = &[
    "shared_buffers=2GB",
    "max_wal_size=16GB",
    "min_wal_size=2GB",
    "checkpoint_timeout=30min",
    "wal_compression=lz4",
];
/// How many rows pgbench may replace; as many as in the limits of SQLite.
const ROWS: u64 = 10_000;

/// A server of PostgreSQL with a database for the product and one for pgbench.
pub(crate) struct Postgres {
    database: Database,
    plain: Database,
    /// Dropped after its databases.
    _cluster: Cluster,
}

/// Whether there is a PostgreSQL.
pub(crate) fn is_there() -> bool {
    worksmith_test_postgres::available()
}

impl Postgres {
    pub(crate) fn start() -> Self {
        let cluster = Cluster::start_with(Options { fsync: true, settings: SETTINGS });
        let (database, plain) = (cluster.database(), cluster.database());
        Self { database, plain, _cluster: cluster }
    }

    /// How the product reaches its database.
    pub(crate) fn url(&self) -> String {
        self.database.url()
    }

    /// Moves the data of a data dir to the database.
    pub(crate) fn load(&self, server: &Path, home: &Path) -> Result<(), String> {
        let from = format!("sqlite:{}", home.display());
        let mut command = Command::new(server);
        command.args(["move", "--from", &from, "--to", &self.url()]);
        let output = command.output().map_err(|cause| format!("move does not start: {cause}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("move failed: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Has pgbench replace a row of this many bytes by its key, and return it, as fast as it can:
    /// the least that an update must do.
    pub(crate) fn replace(
        &self,
        folder: &Path,
        bytes: usize,
        connections: usize,
        measured: Duration,
    ) -> Result<Outcome, String> {
        let mut chance = Chance::new(11);
        let mut body = String::new();
        prose(&mut chance, u64::try_from(bytes).unwrap_or(0), &mut body);
        body.retain(|letter| letter.is_ascii());
        body.truncate(bytes);
        self.plain.ask("CREATE TABLE IF NOT EXISTS rows (id bigint PRIMARY KEY, doc text)");
        let fill = format!(
            "INSERT INTO rows SELECT n, repeat(md5(n::text), {}) FROM generate_series(1, {ROWS}) n
             ON CONFLICT DO NOTHING",
            bytes / 32
        );
        self.plain.ask(&fill);
        let script = folder.join("pgbench.sql");
        let file = std::fs::File::create(&script);
        let text = format!(
            "\\set n random(1, {ROWS})\n\
             UPDATE rows SET doc = :doc WHERE id = :n RETURNING doc;\n"
        );
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|cause| format!("{}: {cause}", script.display()))?;
        let log = folder.join("pgbench-log");
        let mut command = Command::new("pgbench");
        command.args(["--no-vacuum", "--protocol", "prepared", "--jobs", "1"]);
        command.args(["--client", &connections.to_string()]);
        command.args(["--time", &measured.as_secs().max(1).to_string()]);
        command.args(["--log", "--log-prefix"]).arg(&log);
        command.args(["--define", &format!("doc={body}"), "--file"]).arg(&script);
        command.arg(self.plain.url());
        let output = command.output().map_err(|cause| format!("pgbench: {cause}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)));
        }
        outcome(&said, folder, measured, bytes)
    }
}

/// Reads the output of pgbench, and the times that it has logged.
fn outcome(said: &str, folder: &Path, measured: Duration, bytes: usize) -> Result<Outcome, String> {
    let line = |start: &str| said.lines().find_map(|line| line.strip_prefix(start));
    let rate = line("tps = ").and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    let per_second = rate.ok_or_else(|| format!("pgbench says no rate: {said}"))?;
    let mut times = Vec::new();
    let files = std::fs::read_dir(folder).map_err(|cause| cause.to_string())?;
    for file in files.flatten() {
        if !file.file_name().to_string_lossy().starts_with("pgbench-log") {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).map_err(|cause| cause.to_string())?;
        let time = |line: &str| line.split(' ').nth(2)?.parse::<f64>().ok();
        times.extend(text.lines().filter_map(time));
        let _ = std::fs::remove_file(file.path());
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0) / 1000.0;
    Ok(Outcome {
        answers: u64::try_from(times.len()).unwrap_or(0),
        errors: 0,
        example: None,
        seconds: measured.as_secs_f64(),
        per_second,
        p50_ms: at(50),
        p99_ms: at(99),
        max_ms: times.last().copied().unwrap_or(0.0) / 1000.0,
        cpu_us: None,
        bytes: float(u64::try_from(bytes).unwrap_or(0)),
        rss_bytes: 0,
    })
}
