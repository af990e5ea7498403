//! The product on PostgreSQL, and what PostgreSQL can do by itself: a server only for this run, in
//! a temporary folder, that is reached by a socket.

mod pgbench;
mod same;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use worksmith_kernel::Resource;
use worksmith_store::row_by_id;
use worksmith_test_postgres::{Cluster, Database, Options};
use worksmith_wire::Id;
use worksmith_work::works::Work;

pub(crate) use self::pgbench::Run;
use self::pgbench::Script;
use self::same::{FUNCTION, Same};
use crate::catalog::Catalog;
use crate::load::Outcome;
use crate::random::{Chance, prose};
use crate::world::TYPES;
use crate::{data, recorded};

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
/// How long pgbench reads before it counts, so that what is read is in memory.
const WARM_UP: Duration = Duration::from_secs(2);

/// A server of PostgreSQL with a database for the product, and others for pgbench.
pub(crate) struct Postgres {
    database: Database,
    /// An empty one.
    plain: Database,
    /// A copy of the product's.
    copy: Option<Database>,
    /// What was recorded in the copy.
    same: Option<Same>,
    /// Dropped after its databases.
    cluster: Cluster,
}

/// Whether there is a PostgreSQL.
pub(crate) fn is_there() -> bool {
    worksmith_test_postgres::available()
}

impl Postgres {
    pub(crate) fn start() -> Self {
        let cluster = Cluster::start_with(Options { fsync: true, settings: SETTINGS });
        let (database, plain) = (cluster.database(), cluster.database());
        Self { database, plain, copy: None, same: None, cluster }
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

    /// Copies the product's database, to which nobody may be connected.
    pub(crate) fn copy(&mut self) {
        self.copy = Some(self.database.copy());
    }

    /// Has pgbench replace a row of an average length by its key, and return it, as fast as it can:
    /// the least that an update must do.
    pub(crate) fn replace(&self, run: &Run<'_>) -> Result<Outcome, String> {
        let mut chance = Chance::new(11);
        let mut body = String::new();
        prose(&mut chance, u64::try_from(run.bytes).unwrap_or(0), &mut body);
        body.retain(|letter| letter.is_ascii());
        body.truncate(run.bytes);
        self.plain.ask("CREATE TABLE IF NOT EXISTS rows (id bigint PRIMARY KEY, doc text)");
        let fill = format!(
            "INSERT INTO rows SELECT n, repeat(md5(n::text), {}) FROM generate_series(1, {ROWS}) n
             ON CONFLICT DO NOTHING",
            run.bytes / 32
        );
        self.plain.ask(&fill);
        let text = format!(
            "\\set n random(1, {ROWS})\n\
             UPDATE rows SET doc = :doc WHERE id = :n RETURNING doc;\n"
        );
        run.scripts(&self.plain.url(), &[Script { text, weight: 1 }], &[("doc", body)])
    }

    /// Has pgbench read the row of a work by its key: the least that a get must do.
    pub(crate) fn read(&self, run: &Run<'_>, catalog: &Arc<Catalog>) -> Result<Outcome, String> {
        let url = self.data()?.url();
        let org = org(&url, catalog)?;
        let script = |(kind, (_, count)): (_, &(String, u64))| {
            let one = Id::numbered(kind, 1).to_string();
            let id = format!("('{}' || :n::text)", one.trim_end_matches('1'));
            let sql = row_by_id(Work::TABLE).replace("$1", &literal(&org)).replace("$2", &id);
            Script { text: format!("\\set n random(1, {count})\n{sql};\n"), weight: *count }
        };
        let scripts = TYPES.into_iter().zip(&catalog.types).map(script);
        let scripts: Vec<_> = scripts.filter(|script| script.weight > 0).collect();
        Run { measured: WARM_UP, ..*run }.scripts(&url, &scripts, &[])?;
        run.scripts(&url, &scripts, &[])
    }

    /// Has pgbench run the statements of an update of a work.
    pub(crate) fn update(
        &mut self,
        run: &Run<'_>,
        catalog: &Arc<Catalog>,
    ) -> Result<Outcome, String> {
        let works = self.same(run, catalog)?.works;
        let clients = run.connections as u64;
        // Each client has works of its own, and changes all of them before it begins anew.
        let text = "\\set i :i + 1\n\
                    \\set place permute(:i % :share, :share, 7) * :clients + :client_id\n\
                    \\set pass :i / :share\n\
                    \\set turn :pass % 2\n\
                    \\set event 1099511627776 + :i * :clients + :client_id\n";
        let text = format!("{text}SELECT {FUNCTION}(:place, :turn, :pass, :event, 0);\n");
        self.run_same(run, text, ("share", works / clients))
    }

    /// Has pgbench run the statements of a creation of a work.
    pub(crate) fn create(
        &mut self,
        run: &Run<'_>,
        catalog: &Arc<Catalog>,
    ) -> Result<Outcome, String> {
        let Same { created, last, .. } = *self.same(run, catalog)?;
        let text = "\\set i :i + 1\n\
                    \\set more 1 + :i * :clients + :client_id\n\
                    \\set event 2199023255552 + :more\n";
        let text = format!(
            "{text}\\set place :more % {created}\n\\set number {last} + :more\n\
             SELECT {FUNCTION}(:place, {}, 0, :event, :number);\n",
            same::CREATE
        );
        self.run_same(run, text, ("last", last))
    }

    fn run_same(
        &self,
        run: &Run<'_>,
        text: String,
        (name, number): (&str, u64),
    ) -> Result<Outcome, String> {
        // As after a while of other work: the first change of each page takes the page to the log.
        self.cluster.checkpoint();
        let clients = run.connections.to_string();
        let defined = [("i", "-1".to_owned()), ("clients", clients), (name, number.to_string())];
        run.scripts(&self.data()?.url(), &[Script { text, weight: 1 }], &defined)
    }

    fn data(&self) -> Result<&Database, String> {
        self.copy.as_ref().ok_or_else(|| "there is no copy of the database".to_owned())
    }

    /// Records what the product writes, in the copy, unless that was done before.
    fn same(&mut self, run: &Run<'_>, catalog: &Arc<Catalog>) -> Result<&Same, String> {
        if self.same.is_none() {
            let database = self.data()?;
            eprintln!("recording what the product writes on PostgreSQL");
            let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
            let recorded = runtime.block_on(async {
                let engine = data::open_on_postgres(&database.url()).await?;
                recorded::record(&engine, catalog, run.bytes).await
            })?;
            // The connections are closed with it.
            drop(runtime);
            self.same = Some(same::prepare(database, &recorded)?);
        }
        self.same.as_ref().ok_or_else(|| "nothing was recorded".to_owned())
    }
}

/// The org of the data, as it is stored.
fn org(url: &str, catalog: &Catalog) -> Result<String, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
    runtime.block_on(async {
        let engine = data::open_on_postgres(url).await?;
        Ok(recorded::caller(&engine, catalog).await?.org.org.to_string())
    })
}

/// A text in a statement.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
