//! The command line, and the environment variables.

#![expect(clippy::doc_markdown, reason = "these comments are the help, shown as they stand")]

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

mod backup;
mod mail;
mod webhooks;

use serde::{Deserialize, Serialize};

pub(crate) use self::backup::{BackupOptions, FilesOptions, RestoreOptions};
pub(crate) use self::mail::MailOptions;
pub(crate) use self::webhooks::{HookOptions, WebhooksCommand, WebhooksOptions};

const EXAMPLES: &str = "\
Examples:
  worksmith demo                  a sample org to look at, on http://127.0.0.1:8080
  worksmith serve                 your own org, with its data in ./data
  worksmith serve --listen 0.0.0.0:8443 --tls-self-signed --tls-name tracker.example.org
                                  HTTPS, which the official SDKs insist on
  worksmith token create          another token
  worksmith webhooks tail         what webhooks are told, as it happens
  worksmith import github FILE    the issues of a GitHub repository
  worksmith check                 whether the data is sound
  worksmith reindex               mend what is kept beside the documents
  worksmith backup FILE           a copy of everything, files included
  worksmith restore FILE          everything as it was, into an empty data dir
  worksmith export FILE           everything that is kept, as lines of JSON
  worksmith move --from sqlite:./data --to postgres://worksmith@db.example.org/worksmith
                                  everything that is kept into another database

token, webhooks, import, check, export and backup work while the server runs, and while it is
stopped.
Each option can be given as an environment variable instead; the help of each command names them.
A failure ends with one sentence on standard error and the exit code 1.";

/// A self-hosted work tracker that speaks DevRev's REST API.
///
/// Any DevRev client works with it once its base URL is changed. One program, one folder with the
/// data, nothing else to install.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) log: LogOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API.
    ///
    /// In an empty data dir, the org and its first user are created, and a personal access token of
    /// that user is printed, once. To choose the token yourself, set WORKSMITH_ADMIN_TOKEN; it is
    /// only an environment variable, so that it does not show in the list of processes.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeOptions),
    /// Serve the API with a small sample org, and print calls to try.
    ///
    /// The sample org has a data dir of its own (./data/demo), so that it does not mix with yours.
    /// Delete that folder to start over.
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(ServeOptions),
    /// Create, list and revoke tokens.
    ///
    /// A server may run on the data meanwhile. Through the API it is auth-tokens.create, .list and
    /// .delete.
    #[command(after_help = TOKEN_EXAMPLES)]
    Token(TokenOptions),
    /// Show what webhooks were told, and tell it once more.
    ///
    /// A server may run on the data meanwhile. Through the API it is webhooks.list and
    /// webhooks.deliveries.
    #[command(after_help = webhooks::WEBHOOKS_EXAMPLES)]
    Webhooks(WebhooksOptions),
    /// Import from another tracker.
    ///
    /// A server may run on the data meanwhile: it then does the import itself. Importing again
    /// brings in what has changed there since, and nothing twice. In an empty data dir, the org and
    /// its first user are created, as by `worksmith serve`.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportOptions),
    /// Check that the database is intact and consistent.
    ///
    /// Reports each fault in a sentence, with the exit code 1. It changes nothing. A server may run
    /// on the data meanwhile: it then checks a copy of its present state, which takes as much room
    /// on the disk as the database until the check is done.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckOptions),
    /// Rebuild everything that is derived from the documents, while the server is stopped.
    ///
    /// That is columns, indexes, references and unique names, which lists and searches use. It
    /// repairs what `worksmith check` finds wrong with them. It happens completely or not at all;
    /// meanwhile it takes as much additional room on the disk as the database. An upgrade that
    /// needs it does so by itself at the next start.
    #[command(after_help = REINDEX_EXAMPLES)]
    Reindex(ReindexOptions),
    /// Write everything that is kept as lines of JSON.
    ///
    /// A server may run on the data meanwhile: what is written is one state of it.
    ///
    /// The same data gives the same lines, byte for byte, whichever database it is in. The first
    /// line has the version of the format, the last one marks a complete export. Between them are,
    /// for each org in the order of their ids: the documents of each table, the counters of
    /// numbers, the tombstones of deleted objects, the answers kept for idempotency keys, and the
    /// events in the order in which they happened, without their numbers, which each database
    /// assigns itself.
    ///
    /// What is derived from the documents (columns, references, unique names) is left out, because
    /// it can be derived again anywhere. The bytes of files are not in the database: they are in
    /// the folder artifacts of the data dir. Of tokens it contains only hashes.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportOptions),
    /// Write a copy of everything into one file: the database and the files of artifacts.
    ///
    /// A server may run on the data meanwhile, and answers calls as usual: the copy is of one
    /// moment. With SQLite, the server first makes a copy of the database, which takes as much room
    /// on the disk until the backup is done.
    ///
    /// The file is a tar archive, whichever the database: the lines of `worksmith export` in
    /// rows/*.jsonl.gz, the files of artifacts under files/, and manifest.json with the moment and
    /// the hashes. It gets its name only once it is complete.
    ///
    /// Certificates (the folder tls of the data dir) and the options of the server are not in it.
    #[command(after_help = backup::BACKUP_EXAMPLES)]
    Backup(BackupOptions),
    /// Restore a backup to an empty data dir or an empty database.
    ///
    /// The whole backup is read and checked before anything is written, and what was restored is
    /// read back and compared with the backup. Nothing that exists is overwritten. A restore that
    /// was interrupted leaves nothing that a server would open; run it again.
    ///
    /// A backup of SQLite may be restored into PostgreSQL, and the other way round.
    #[command(after_help = backup::RESTORE_EXAMPLES)]
    Restore(RestoreOptions),
    /// Move everything into another database: from SQLite to PostgreSQL, back, or to one of the
    /// same kind.
    ///
    /// The target must be an empty folder or an empty database. Stop the servers on the source
    /// first. A move that was interrupted continues when the same command is run again; until it is
    /// finished, no server opens the target. The source stays as it is.
    ///
    /// At the end, both sides are read and compared, object by object, and a report shows what each
    /// has. It ends with "identical", or with what differs and the exit code 1; then the move is
    /// not finished.
    ///
    /// Files are not in the database: copy the folder artifacts of the data dir, or let the new
    /// servers use the same one.
    #[command(after_help = MOVE_EXAMPLES)]
    Move(MoveOptions),
}

const SERVE_EXAMPLES: &str = "\
Examples:
  worksmith serve
  worksmith serve --data-dir /var/lib/worksmith --listen 0.0.0.0:8080 \\
      --base-url https://tracker.example.org          behind a proxy that ends TLS
  worksmith serve --listen 127.0.0.1:8443 --tls-self-signed
  worksmith serve --tls-cert fullchain.pem --tls-key privkey.pem
  WORKSMITH_DATABASE=postgres://worksmith:secret@db.example.org/worksmith worksmith serve
  AWS_REGION=eu-west-1 worksmith serve --artifacts s3://my-files/tracker
  WORKSMITH_LISTEN=127.0.0.1:9000 WORKSMITH_LOG_FORMAT=json worksmith serve

SIGTERM and SIGINT (Ctrl-C) stop it: calls under way are answered first. A second one stops at
once.";

const DEMO_EXAMPLES: &str = "\
Examples:
  worksmith demo
  worksmith demo --data-dir /tmp/sample --listen 127.0.0.1:9000
  worksmith demo --tls-self-signed";

const TOKEN_EXAMPLES: &str = "\
Examples:
  worksmith token create                              a token of the first user
  worksmith token create --user mei@example.org --name \"nightly export\" --expires-in-days 90
  worksmith token list
  worksmith token revoke 3";

const IMPORT_EXAMPLES: &str = "\
Examples:
  worksmith import github issues.json
  worksmith import github issues.json --data-dir /var/lib/worksmith";

const GITHUB_EXAMPLES: &str = "\
Examples:
  gh api --paginate 'repos/OWNER/NAME/issues?state=all&per_page=100' > issues.json
  worksmith import github issues.json

  curl 'https://api.github.com/repos/OWNER/NAME/issues?state=all&per_page=100' |
      worksmith import github -                       the newest 100, without an account
  worksmith import github issues.json --pull-requests --part PROD-1";

const CHECK_EXAMPLES: &str = "\
Examples:
  worksmith check
  worksmith check --data-dir /var/lib/worksmith";

const REINDEX_EXAMPLES: &str = "\
Examples:
  worksmith reindex
  worksmith reindex --data-dir /var/lib/worksmith";

const EXPORT_EXAMPLES: &str = "\
Examples:
  worksmith export everything.jsonl
  worksmith export --data-dir /var/lib/worksmith - | gzip > everything.jsonl.gz
  WORKSMITH_DATABASE=postgres://worksmith:secret@db.example.org/worksmith worksmith export";

const MOVE_EXAMPLES: &str = "\
Examples:
  worksmith move --from sqlite:./data --to postgres://worksmith@db.example.org/worksmith
  worksmith move --from postgres://worksmith@db.example.org/worksmith --to sqlite:./data
  worksmith move --from sqlite:./data --to sqlite:/var/lib/worksmith
  WORKSMITH_MOVE_TO=postgres://worksmith:secret@db.example.org/worksmith \\
      worksmith move --from sqlite:./data             keeps the password off the command line
  worksmith move --verify-only --from sqlite:./data --to sqlite:/var/lib/worksmith";

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The file to write, which replaces an existing one; - for standard output.
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// The folder with all data.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
}

// The command itself reports an invalid address: it may contain a password, which must not be shown
// in the error.
#[derive(Args)]
pub(crate) struct MoveOptions {
    /// The source: sqlite:DIR, where DIR is a data dir, or the URL of a PostgreSQL database, as in
    /// postgres://user@host:5432/database.
    #[arg(long, env = "WORKSMITH_MOVE_FROM", value_name = "DATABASE", hide_env_values = true)]
    pub(crate) from: String,
    /// The target, written in the same way.
    #[arg(long, env = "WORKSMITH_MOVE_TO", value_name = "DATABASE", hide_env_values = true)]
    pub(crate) to: String,
    /// Only compare both databases, and change nothing.
    #[arg(long, env = "WORKSMITH_MOVE_VERIFY_ONLY", value_parser = BoolishValueParser::new())]
    pub(crate) verify_only: bool,
    /// How many rows are written in one transaction.
    #[arg(long, env = "WORKSMITH_MOVE_BATCH", value_name = "ROWS", hide = true)]
    #[arg(default_value_t = worksmith_store::ROWS_MAX, value_parser = batch)]
    pub(crate) batch: usize,
}

impl std::fmt::Debug for MoveOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MoveOptions").finish_non_exhaustive()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The folder with all data, created if needed.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    #[arg(global = true)]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(subcommand)]
    pub(crate) source: ImportSource,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportSource {
    /// Import the issues of GitHub repositories.
    ///
    /// An issue becomes an issue with the address of its page as external_ref; a later import finds
    /// it again. GitHub's data replaces what is here: title, body, owners, tags, sprint, and
    /// whether it is closed. Everything else stays as it was changed here.
    ///
    /// Authors and assignees become shadow users (an admin activates them with dev-users.activate),
    /// labels become tags with their colours, milestones become sprints on a board named after the
    /// repository. Issues apply to a product of that name, keep their dates and author, and are in
    /// the first stage, or in completed, wont_fix or duplicate. Issues without an assignee are
    /// owned by the server's bot, SYSU-1.
    #[command(after_help = GITHUB_EXAMPLES)]
    Github(GithubOptions),
}

#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct GithubOptions {
    /// A file with issues as GitHub's REST API returns them; - for standard input. JSON in UTF-8 or
    /// UTF-16, optionally compressed by gzip.
    #[arg(value_name = "FILE")]
    #[serde(skip)]
    pub(crate) file: PathBuf,
    /// The part that new issues apply to [default: a product named after the repository].
    #[arg(long, env = "WORKSMITH_IMPORT_PART", value_name = "ID")]
    pub(crate) part: Option<String>,
    /// Import pull requests, too, as issues.
    #[arg(long, env = "WORKSMITH_IMPORT_PULL_REQUESTS", value_parser = BoolishValueParser::new())]
    pub(crate) pull_requests: bool,
    /// How many items are imported in one transaction.
    #[arg(long, env = "WORKSMITH_IMPORT_BATCH", value_name = "ITEMS")]
    #[arg(hide = true, value_parser = batch)]
    pub(crate) batch: Option<usize>,
    #[command(flatten)]
    pub(crate) first: FirstOptions,
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// The folder with all data.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ReindexOptions {
    /// The folder with all data.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
}

fn batch(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(items @ 1..=10_000) => Ok(items),
        _ => Err("write a number from 1 to 10000".to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Logging")]
pub(crate) struct LogOptions {
    /// How the log on standard error is written.
    #[arg(long, env = "WORKSMITH_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    #[arg(global = true)]
    pub(crate) log_format: LogFormat,
    /// What is logged: error, warn, info, debug or trace; also by target, as in "warn,access=info".
    /// Each call is a line of the target "access".
    #[arg(long, env = "WORKSMITH_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    #[arg(global = true)]
    pub(crate) log_level: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object per line, for programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct DatabaseOptions {
    /// A database of PostgreSQL (15 or newer), which several servers may use at the same time:
    /// postgres://user@host:5432/database [default: SQLite in the data dir].
    ///
    /// A password is safer in the environment variable than on the command line. Besides the usual
    /// settings (sslmode, sslrootcert, host, connect_timeout, ..) it may name several hosts, of
    /// which the first that answers is used. Certificates are verified whenever TLS is used.
    #[arg(long, env = "WORKSMITH_DATABASE", value_name = "URL", hide_env_values = true)]
    #[arg(global = true)]
    pub(crate) database: Option<String>,
    /// How many connections to PostgreSQL read at the same time; up to eight more write and follow
    /// other servers.
    #[arg(long, env = "WORKSMITH_DATABASE_CONNECTIONS", value_name = "COUNT", global = true)]
    #[arg(default_value_t = worksmith_store::CONNECTIONS as u16)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) database_connections: u16,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The folder with all data, created if needed [default: ./data, for the demo ./data/demo].
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    /// The address and port to listen on; port 0 chooses a free one.
    #[arg(long, env = "WORKSMITH_LISTEN", value_name = "ADDRESS")]
    #[arg(default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// The address under which clients reach this server, for the links in its answers [default:
    /// derived from --listen].
    #[arg(long, env = "WORKSMITH_BASE_URL", value_name = "URL", value_parser = base_url)]
    pub(crate) base_url: Option<String>,
    #[command(flatten)]
    pub(crate) artifacts: ArtifactOptions,
    #[command(flatten)]
    pub(crate) tls: TlsOptions,
    #[command(flatten)]
    pub(crate) mail: MailOptions,
    #[command(flatten)]
    pub(crate) hooks: HookOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    #[command(flatten)]
    pub(crate) first: FirstOptions,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Files of artifacts")]
pub(crate) struct ArtifactOptions {
    #[command(flatten)]
    pub(crate) files: FilesOptions,
    /// Pass files of a bucket through this server, for clients that can't reach the bucket.
    /// Otherwise they go to it directly, by addresses that this server signs.
    #[arg(long = "artifacts-through-server", env = "WORKSMITH_ARTIFACTS_THROUGH_SERVER")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub(crate) through_server: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS")]
pub(crate) struct TlsOptions {
    /// Serve HTTPS with this certificate, a PEM file with its chain.
    #[arg(long, env = "WORKSMITH_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the certificate, a PEM file.
    #[arg(long, env = "WORKSMITH_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve HTTPS with a certificate that the server makes itself, for this machine and the
    /// address it listens on. Clients must trust tls/ca.pem in the data dir, which stays the same.
    #[arg(long, env = "WORKSMITH_TLS_SELF_SIGNED", value_parser = BoolishValueParser::new())]
    #[arg(conflicts_with_all = ["tls_cert", "tls_key"])]
    pub(crate) tls_self_signed: bool,
    /// A further DNS name or IP address for the certificate that the server makes itself; may be
    /// given several times (in the variable: separated by commas).
    #[arg(long, env = "WORKSMITH_TLS_NAME", value_name = "NAME", value_delimiter = ',')]
    #[arg(requires = "tls_self_signed")]
    pub(crate) tls_name: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// How many calls a user may make in a window; 0 for any number.
    #[arg(long, env = "WORKSMITH_RATE_LIMIT", value_name = "CALLS", default_value_t = 1000)]
    pub(crate) rate_limit: u32,
    /// The length of a window in seconds.
    #[arg(long, env = "WORKSMITH_RATE_WINDOW_S", value_name = "SECONDS", default_value_t = 300)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate_window_s: u32,
    /// Limit clients on this machine, too. Behind a proxy on this machine, all clients are local.
    #[arg(long, env = "WORKSMITH_RATE_LIMIT_LOOPBACK", value_parser = BoolishValueParser::new())]
    pub(crate) rate_limit_loopback: bool,
    /// The largest body of a call in bytes.
    #[arg(long, env = "WORKSMITH_BODY_BYTES_MAX", value_name = "BYTES", default_value_t = 1 << 20)]
    pub(crate) body_bytes_max: usize,
    /// The largest file in bytes that can be uploaded.
    #[arg(long, env = "WORKSMITH_UPLOAD_BYTES_MAX", value_name = "BYTES")]
    #[arg(default_value_t = 100 << 20)]
    pub(crate) upload_bytes_max: usize,
    /// How long calls in progress may take when the server is told to stop, in seconds.
    #[arg(long, env = "WORKSMITH_STOP_GRACE_S", value_name = "SECONDS", default_value_t = 10)]
    pub(crate) stop_grace_s: u64,
}

#[derive(Debug, Args, Serialize, Deserialize)]
#[command(next_help_heading = "First start on an empty data dir")]
pub(crate) struct FirstOptions {
    /// The name of the org.
    #[arg(long, env = "WORKSMITH_ORG_NAME", value_name = "NAME", default_value = "Worksmith")]
    pub(crate) org_name: String,
    /// The email address of the first user, who is an admin.
    #[arg(long, env = "WORKSMITH_ADMIN_EMAIL", value_name = "EMAIL")]
    #[arg(default_value = "admin@localhost")]
    pub(crate) admin_email: String,
    /// The name of the first user.
    #[arg(long, env = "WORKSMITH_ADMIN_NAME", value_name = "NAME", default_value = "Admin")]
    pub(crate) admin_name: String,
}

#[derive(Debug, Args)]
pub(crate) struct TokenOptions {
    /// The folder with all data.
    #[arg(long, env = "WORKSMITH_DATA_DIR", value_name = "DIR", default_value = "./data")]
    #[arg(global = true)]
    pub(crate) data_dir: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum TokenCommand {
    /// Create a personal access token, and print it: it is shown only this once.
    Create {
        /// The email address of the member who acts with it [default: the first user].
        #[arg(long, env = "WORKSMITH_TOKEN_USER", value_name = "EMAIL")]
        user: Option<String>,
        /// What the token is called in lists.
        #[arg(long, env = "WORKSMITH_TOKEN_NAME", value_name = "NAME")]
        #[arg(default_value = "made on the command line")]
        name: String,
        /// How many days it lasts [default: until it is revoked].
        #[arg(long, env = "WORKSMITH_TOKEN_EXPIRES_IN_DAYS", value_name = "DAYS")]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=36_500))]
        expires_in_days: Option<u32>,
        /// The address of the server, for clients that read it from the token.
        #[arg(long, env = "WORKSMITH_BASE_URL", value_name = "URL", value_parser = base_url)]
        #[arg(default_value = DEFAULT_BASE_URL)]
        base_url: String,
    },
    /// List all tokens, without their texts, which are not stored.
    List,
    /// Revoke a token. It is refused from then on.
    Revoke {
        /// The id, as `token list` shows it.
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// The address of a server that is started without options.
pub(crate) const DEFAULT_BASE_URL: &str = "http://127.0.0.1:8080";

fn base_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest.map(|rest| rest.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains([' ', '?', '#']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("write it as in https://tracker.example.org".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_has_an_environment_variable() {
        fn look(command: &clap::Command) {
            for argument in command.get_arguments().filter(|each| each.get_long().is_some()) {
                let name = argument.get_id().as_str();
                if matches!(name, "help" | "version") {
                    continue;
                }
                let variable = argument.get_env().and_then(|text| text.to_str()).unwrap_or("");
                assert!(variable.starts_with("WORKSMITH_"), "{} {name}", command.get_name());
            }
            command.get_subcommands().for_each(look);
        }
        look(&Cli::command());
    }

    #[test]
    fn a_base_url_is_an_address_without_a_slash_at_its_end() {
        assert_eq!(base_url("https://a.example/").unwrap(), "https://a.example");
        for bad in ["a.example", "https://", "ftp://a.example", "https://a.example?x"] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }
}
