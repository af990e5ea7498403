//! Commands on data that a server may be using. Each is written once, as a [`Job`] on open data;
//! see `jobs.rs`. If no server has the data open, the command line opens it itself. Otherwise it
//! hands the job to the server at a socket in the data dir, and passes on the output.

mod client;
mod frame;
mod server;
mod socket;
mod spool;

use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use worksmith_engine::Engine;
use worksmith_org::Environment;
use worksmith_store::{Files, FilesPlace, Still};

pub(crate) use self::server::Control;
use crate::cli::{DatabaseOptions, GithubOptions, TokenCommand, WebhooksCommand};
use crate::failure::Failure;
use crate::home::{self, Home};
use crate::output::Output;

/// How long to wait for a server that has the data dir and does not listen: it may be starting or
/// stopping.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often to look while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What can be done beside a running server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Job {
    /// `worksmith token`.
    Token(TokenCommand),
    /// `worksmith webhooks`.
    Webhooks(WebhooksCommand),
    /// `worksmith import`.
    Import(Import),
    /// `worksmith check`.
    Check,
    /// `worksmith export`.
    Export,
    /// `worksmith backup`.
    Backup,
}

/// What to import.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    /// What of the input, and how.
    pub(crate) options: GithubOptions,
    /// The name of the input.
    pub(crate) name: String,
    /// Its length in bytes, if known.
    pub(crate) bytes: Option<u64>,
    /// The token of the first user, if the org is created.
    pub(crate) token: Option<String>,
}

/// Open data, and what a job needs of it.
pub(crate) struct Data {
    /// The database.
    pub(crate) engine: Engine,
    /// Time, randomness and address.
    pub(crate) environment: Environment,
    /// The bytes of artifacts, if the server or the command line has opened them.
    pub(crate) files: Option<Files>,
    /// Whether the process is the server, which answers calls meanwhile.
    pub(crate) is_served: bool,
}

impl Data {
    /// A fixed state of the database, for reading all of it.
    pub(crate) fn still(&self, output: &Output) -> Result<Still, Failure> {
        if !self.is_served {
            return Ok(Still::alone(self.engine.store().clone()));
        }
        let still = self.engine.store().still(&mut output.progress("pages copied"))?;
        output.settle();
        Ok(still)
    }
}

/// What a job reads and writes.
pub(crate) struct Session {
    /// Where its output goes.
    pub(crate) output: Output,
    /// Its input.
    pub(crate) input: Option<Box<dyn Read + Send>>,
    /// The data, as the user who gave the command calls it.
    pub(crate) place: String,
}

/// Runs a job on open data. It is given to commands, so that they need not know each other.
pub(crate) type Run = for<'a> fn(Job, &'a Data, Session) -> Done<'a>;
/// A job that is being run.
pub(crate) type Done<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// The data of a command.
pub(crate) struct Place<'a> {
    /// The data dir.
    pub(crate) dir: &'a Path,
    /// The options of a database outside the data dir.
    pub(crate) database: &'a DatabaseOptions,
    /// Whether to create the data if there is none.
    pub(crate) is_made: bool,
    /// Where the files are, for commands that need them.
    pub(crate) files: Option<FilesPlace>,
}

impl Job {
    /// Its name in the log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Webhooks(_) => "webhooks",
            Self::Import(_) => "import",
            Self::Check => "check",
            Self::Export => "export",
            Self::Backup => "backup",
        }
    }

    /// Whether it only reads, or writes at once or not at all. If so, it can be cancelled when the
    /// client is gone.
    const fn only_reads(&self) -> bool {
        matches!(self, Self::Check | Self::Export | Self::Backup | Self::Webhooks(_))
    }

    /// Whether its output is worthless if the end is missing.
    const fn must_arrive(&self) -> bool {
        matches!(self, Self::Export | Self::Backup)
    }
}

impl Place<'_> {
    async fn open(&self, output: &Output) -> Result<Data, Failure> {
        let Self { dir, database, is_made, .. } = *self;
        let home = if is_made {
            Home::open(dir, database, output).await?
        } else {
            Home::open_existing(dir, database, output).await?
        };
        let files = match &self.files {
            Some(place) => Some(home::open_files(place).await?),
            None => None,
        };
        let Home { engine, environment, .. } = home;
        Ok(Data { engine, environment, files, is_served: false })
    }
}

/// Has a job done where the data is: by `run` in this process, or by the server that has it open.
pub(crate) async fn run(
    job: Job,
    place: &Place<'_>,
    output: &Output,
    input: Option<Box<dyn Read + Send>>,
    run: Run,
) -> Result<(), Failure> {
    let said = home::place(place.dir, place.database);
    let begin = Instant::now();
    loop {
        let in_use = match Box::pin(place.open(output)).await {
            Ok(data) => {
                let session = Session { output: output.clone(), input, place: said };
                return run(job, &data, session).await;
            }
            Err(failure) if failure.is_in_use() => failure,
            Err(failure) => return Err(failure),
        };
        if let Some(server) = client::Server::connect(place.dir)? {
            // This process has nothing else to do meanwhile.
            return tokio::task::block_in_place(|| server.run(job, &said, output, input));
        }
        if begin.elapsed() > PATIENCE {
            return Err(in_use);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
