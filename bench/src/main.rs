//! How fast Worksmith is, compared to what the machine can do: data, load, limits, and a report.
//!
//! `plans.rs` says what is measured, and `rows.rs` measures it on one or two builds (`builds.rs`).
//! `data.rs` generates the data (`world.rs` the org, `works.rs` the works), `load.rs` the load;
//! `limits` and `postgres` measure the machine, with what `recorded.rs` has recorded of the
//! product; and `report.rs` compares the results with the targets.

mod browser;
mod builds;
mod catalog;
mod data;
mod github;
mod limits;
mod load;
mod machine;
mod numbers;
mod plans;
mod postgres;
mod process;
mod random;
mod recorded;
mod report;
mod requests;
mod response;
mod results;
mod rows;
mod scale;
mod targets;
mod works;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::limits::Sizes;
use crate::rows::Options;
use crate::scale::Scale;

/// The same as the product's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXAMPLES: &str = "\
Examples:
  bench run                             all rows at 10k works; writes bench/RESULTS.md
  bench run --scale 1m                  the same at a million works (about 25 GB of disk)
  bench run --only get,update           rows whose names begin so, with their limits; writes nothing
  bench run --only query/owner --seconds 2
  bench run --beside ../before/target/release/worksmith
                                        the same of two builds by turns; the other one's bench,
                                        beside it, makes its data
  bench seed --scale 1m                 only make the data that runs begin with
  bench report                          write bench/RESULTS.md again from bench/results

Rows: fdatasync, static, one-row, get, list, query, count, search, commit, same, update, insert,
create, pg, import. Of these, static, one-row, commit, same, insert, pg/one-row, pg/bench and
pg/same are limits: what this machine can do at best. The figures of one run mean little on another
machine or another day; what counts is the share of a limit, measured in the same run.

Build both programs first, or say `make bench`:
  cargo build --release -p worksmith -p worksmith-bench";

/// Measures how fast Worksmith is, compared to what the machine can do.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure, print a table, and write it to bench/results and bench/RESULTS.md.
    ///
    /// The data is created once and kept in target/bench; each run works on a copy. Servers are
    /// started on free ports of this machine and stopped at the end.
    Run {
        #[command(flatten)]
        place: Place,
        /// Only the rows whose names begin with one of these; nothing is written then.
        #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
        only: Vec<String>,
        /// How long each row is measured, after two seconds of warm-up [default: 8].
        #[arg(long, value_name = "SECONDS", default_value_t = 8.0, hide_default_value = true)]
        #[arg(value_parser = seconds)]
        seconds: f64,
        /// The program that is measured [default: worksmith, beside this program].
        #[arg(long, value_name = "FILE")]
        server: Option<PathBuf>,
        /// Another build of it that is measured in the same run, by turns, such as the state before
        /// a change. The `bench` beside it makes its data.
        #[arg(long, value_name = "FILE")]
        beside: Option<PathBuf>,
    },
    /// Create the data with which runs begin.
    Seed {
        #[command(flatten)]
        place: Place,
    },
    /// Write bench/RESULTS.md from bench/results.
    Report,
    /// Serve the limits of the machine; runs start this themselves.
    Limits {
        /// The address and port to listen on.
        #[arg(long, value_name = "ADDRESS")]
        listen: SocketAddr,
        /// The folder for the database.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The length of the answers of /static/get, /commit and /insert.
        #[arg(long, value_name = "BYTES", default_value_t = 6_000)]
        get_bytes: usize,
        /// The length of the answers of /static/list.
        #[arg(long, value_name = "BYTES", default_value_t = 300_000)]
        list_bytes: usize,
    },
    /// Serve the limits of the machine with a copy of the data; runs start this themselves.
    DataLimits {
        /// The address and port to listen on.
        #[arg(long, value_name = "ADDRESS")]
        listen: SocketAddr,
        /// The data dir, which is changed.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The catalog of the data.
        #[arg(long, value_name = "FILE")]
        catalog: PathBuf,
        /// The length of the answers of /same/update and /same/create.
        #[arg(long, value_name = "BYTES", default_value_t = 6_000)]
        get_bytes: usize,
        /// Record what the product writes, and serve /same/update and /same/create, too.
        #[arg(long)]
        writes: bool,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// How many works there are: 10k, 1m, or another number of that form.
    #[arg(long, value_name = "WORKS", default_value = "10k")]
    scale: Scale,
    /// Where data, copies and logs are [default: target/bench].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Place {
    fn folder(&self) -> Result<PathBuf, String> {
        // This program is in target/release.
        let own = own()?;
        let target = own.ancestors().nth(2).map(|target| target.join("bench"));
        self.folder.clone().or(target).ok_or_else(|| "name a folder with --folder".to_owned())
    }
}

fn own() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|cause| format!("this program is nowhere: {cause}"))
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("write a number from 0.1 to 600".to_owned()),
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Run { place, only, seconds, server, beside } => {
            let server = match server {
                Some(server) => server,
                None => own()?.with_file_name("worksmith"),
            };
            let is_whole = only.is_empty();
            let folder = place.folder()?;
            let scale = place.scale;
            let options = Options { scale, seconds, only, server, beside, folder };
            let results = rows::run(&options)?;
            print!("{}", report::summary(&results));
            if is_whole { report::write(&results) } else { Ok(()) }
        }
        Command::Seed { place } => {
            data::pristine(&place.folder()?, place.scale)?;
            Ok(())
        }
        Command::Report => report::render(),
        Command::Limits { listen, dir, get_bytes, list_bytes } => {
            limits::serve(listen, &dir, Sizes { get: get_bytes, list: list_bytes })
        }
        Command::DataLimits { listen, dir, catalog, get_bytes, writes } => {
            limits::serve_data(listen, &dir, &catalog, get_bytes, writes)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
