//! The builds of the product that are measured: one, or two by turns, each with data of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::data::{Pristine, index, open_on_postgres, said};
use crate::github;
use crate::numbers::grouped;
use crate::plans::Who;
use crate::postgres::Postgres;
use crate::process::{Running, Usage, free_address};
use crate::requests;
use crate::results::Facts;

/// How long after its start the memory of an idle server is measured.
const IDLE: Duration = Duration::from_secs(2);

/// A build that is measured.
pub(crate) struct Build {
    /// The program.
    server: PathBuf,
    /// The data with which it begins.
    pub(crate) pristine: Pristine,
    /// Where copies and logs are.
    folder: PathBuf,
    /// What its copies and logs are called.
    name: &'static str,
    /// What is known of it so far.
    pub(crate) facts: Facts,
    on_sqlite: Option<Running>,
    /// The product, and the database.
    on_postgres: Option<(Running, Postgres)>,
}

/// The name of the build that belongs to this bench.
pub(crate) const NOW: &str = "now";

impl Build {
    pub(crate) fn new(
        server: &Path,
        pristine: Pristine,
        folder: &Path,
        name: &'static str,
    ) -> Result<Self, String> {
        let file = std::fs::metadata(server).map_err(|cause| said(server, &cause))?;
        let facts = Facts {
            binary_bytes: file.len(),
            database_bytes: pristine.database_bytes()?,
            indexing: pristine.indexing.clone(),
            indexing_on_postgres: None,
            start_ms: 0.0,
            rss_idle_bytes: 0,
            rss_load_bytes: 0,
            rss_peak_bytes: 0,
            get_bytes: 0,
            list_bytes: 0,
            import: None,
        };
        let (server, folder) = (server.to_owned(), folder.to_owned());
        let (on_sqlite, on_postgres) = (None, None);
        Ok(Self { server, pristine, folder, name, facts, on_sqlite, on_postgres })
    }

    fn home(&self) -> PathBuf {
        self.folder.join(format!("home-{}", self.name))
    }

    /// Starts it on a copy of its data.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        eprintln!("copying the data of {} works", grouped(self.pristine.catalog.works));
        self.pristine.copy(&self.home())?;
        let product = self.serve(None)?;
        std::thread::sleep(IDLE);
        self.facts.start_ms = product.start.as_secs_f64() * 1000.0;
        self.facts.rss_idle_bytes = Usage::of(product.id())?.rss_bytes;
        self.on_sqlite = Some(product);
        Ok(())
    }

    /// Ends what runs, and deletes its files.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        if let Some(product) = &self.on_sqlite {
            self.facts.rss_peak_bytes = Usage::of(product.id())?.rss_peak_bytes;
        }
        // They must end before their files are deleted.
        drop((self.on_sqlite.take(), self.on_postgres.take()));
        let home = self.home();
        if home.exists() {
            std::fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
        }
        Ok(())
    }

    /// Moves its data to PostgreSQL, and starts it there. With `limits`, there is a copy of the
    /// database for what PostgreSQL can do by itself.
    pub(crate) fn start_on_postgres(&mut self, limits: bool) -> Result<(), String> {
        eprintln!("moving the data to PostgreSQL");
        let (mut postgres, home) = (Postgres::start(), self.home());
        self.pristine.copy(&home)?;
        postgres.load(&self.server, &home)?;
        std::fs::remove_dir_all(&home).map_err(|cause| said(&home, &cause))?;
        if limits {
            // Nobody may be connected meanwhile.
            postgres.copy();
        }
        // Another build may have another layout, and makes its index itself.
        if self.name == NOW {
            let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
            let indexing = runtime
                .block_on(async { index(&open_on_postgres(&postgres.url()).await?).await })?;
            self.facts.indexing_on_postgres = Some(indexing);
        }
        let product = self.serve(Some(&postgres.url()))?;
        self.on_postgres = Some((product, postgres));
        Ok(())
    }

    /// The server that a row is asked of.
    pub(crate) fn running(&self, who: Who) -> Result<&Running, String> {
        let running = match who {
            Who::OnPostgres => self.on_postgres.as_ref().map(|(product, _)| product),
            _ => self.on_sqlite.as_ref(),
        };
        running.ok_or_else(|| "the product does not run".to_owned())
    }

    /// Its database on PostgreSQL.
    pub(crate) fn postgres(&mut self) -> Result<&mut Postgres, String> {
        let postgres = self.on_postgres.as_mut().map(|(_, postgres)| postgres);
        postgres.ok_or_else(|| "PostgreSQL does not run".to_owned())
    }

    /// Measures the import.
    pub(crate) fn import(&mut self) -> Result<(), String> {
        eprintln!("importing issues as GitHub answers them");
        self.facts.import = Some(github::import(&self.server, &self.folder)?);
        Ok(())
    }

    /// Starts the program, on a database of PostgreSQL if one is named.
    fn serve(&self, database: Option<&str>) -> Result<Running, String> {
        let address = free_address()?;
        let mut command = Command::new(&self.server);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WORKSMITH_") {
                command.env_remove(name);
            }
        }
        command.arg("serve").arg("--data-dir").arg(self.home());
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.args(["--listen", &address.to_string()]);
        let token = &self.pristine.catalog.token;
        let request = requests::whole("/works.get", token, r#"{"id":"ISS-1"}"#);
        let log = self.folder.join(format!("product-{}.log", self.name));
        Running::start(command, address, &log, &request)
    }
}
