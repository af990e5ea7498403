//! An open data dir: the start of every command that touches the data.

use std::path::Path;
use std::sync::Arc;

use worksmith_engine::{Engine, OpTable};
use worksmith_kernel::{SystemClock, SystemEntropy};
use worksmith_org::Environment;
use worksmith_store::{Files, FilesPlace, Store};
use worksmith_tracker::bootstrap;

use crate::cli::{DEFAULT_BASE_URL, DatabaseOptions};
use crate::failure::Failure;
use crate::output::Output;
use crate::upgrade;

/// The variable that sets the token of the first user.
const ADMIN_TOKEN: &str = "WORKSMITH_ADMIN_TOKEN";

/// An open data dir.
pub(crate) struct Home {
    /// Every operation.
    pub(crate) table: OpTable,
    /// The data, and what runs on it.
    pub(crate) engine: Engine,
    /// Time, randomness and address.
    pub(crate) environment: Environment,
}

impl Home {
    /// Opens the data dir, or a database elsewhere, and creates it if needed.
    pub(crate) async fn open(
        dir: &Path,
        database: &DatabaseOptions,
        output: &Output,
    ) -> Result<Self, Failure> {
        let table = worksmith_tracker::table();
        let registry = table.registry().clone();
        let mut progress = upgrade::shown(output);
        let store = match &database.database {
            Some(url) => {
                let (url, connections) = (postgres(url)?, connections(database));
                Store::open_postgres(url, connections, registry, &mut progress).await?
            }
            None => Store::open_sqlite(dir, registry, &mut progress)?,
        };
        let engine = Engine::new(store, table.followers().clone());
        let environment = Environment {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            base_url: DEFAULT_BASE_URL.into(),
        };
        Ok(Self { table, engine, environment })
    }

    /// The same, but the data must exist already.
    pub(crate) async fn open_existing(
        dir: &Path,
        database: &DatabaseOptions,
        output: &Output,
    ) -> Result<Self, Failure> {
        if database.database.is_none() && !Self::exists(dir) {
            return Err(Self::missing(&place(dir, database)));
        }
        let home = Self::open(dir, database, output).await?;
        match &database.database {
            Some(_) if !bootstrap::is_there(&home.engine).await? => {
                Err(Self::missing(&place(dir, database)))
            }
            _ => Ok(home),
        }
    }

    /// Whether there is a database in the data dir.
    pub(crate) fn exists(dir: &Path) -> bool {
        dir.join("worksmith.db").exists()
    }

    /// The failure if there is none.
    pub(crate) fn missing(place: &str) -> Failure {
        format!("there is no data in {place}; start `worksmith serve` there once").into()
    }
}

/// Checks the URL of a PostgreSQL database.
pub(crate) fn postgres(url: &str) -> Result<&str, Failure> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(url);
    }
    // It may contain a password, so it is not shown.
    Err("--database takes a URL as in postgres://user@host:5432/database; for SQLite, leave it out \
         and name a --data-dir"
        .into())
}

/// How many connections read.
pub(crate) fn connections(database: &DatabaseOptions) -> usize {
    usize::from(database.database_connections)
}

/// The place of the data, in words.
pub(crate) fn place(dir: &Path, database: &DatabaseOptions) -> String {
    if database.database.is_some() { "the database".to_owned() } else { dir.display().to_string() }
}

/// The token that `WORKSMITH_ADMIN_TOKEN` sets.
pub(crate) fn admin_token() -> Result<Option<String>, Failure> {
    match std::env::var(ADMIN_TOKEN) {
        Err(std::env::VarError::NotPresent) => Ok(None),
        Ok(token) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(token))
        }
        _ => Err(format!("{ADMIN_TOKEN} must be letters, digits and signs without blanks").into()),
    }
}

/// Opens the place where the bytes of artifacts are.
pub(crate) async fn open_files(place: &FilesPlace) -> Result<Files, Failure> {
    // Access to buckets uses the default TLS provider. If one is installed already, it is this one.
    drop(rustls::crypto::ring::default_provider().install_default());
    // Variables that are not text can't be settings of a bucket.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Files::open(place, variables).await.map_err(|cause| cause.to_string())?)
}
