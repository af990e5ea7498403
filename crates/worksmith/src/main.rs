//! A self-hosted work tracker that speaks DevRev's REST API: the command line, start and stop.
//!
//! `cli.rs` says what can be asked for; each subcommand has a file of its name. To add one, add a
//! variant to [`cli::Command`] and a file.

mod check;
mod cli;
mod demo;
mod export;
mod failure;
mod home;
mod import;
mod log;
mod reindex;
mod relocate;
mod serve;
mod signals;
mod token;
mod workers;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("worksmith: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let _log = log::start(&cli.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| format!("the threads can't be started: {cause}"))?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => Box::pin(serve::run(options)).await,
            Command::Demo(options) => Box::pin(demo::run(options)).await,
            Command::Token(options) => token::run(options).await,
            Command::Import(options) => import::run(options).await,
            Command::Check(options) => check::run(options).await,
            Command::Reindex(options) => reindex::run(&options).await,
            Command::Export(options) => export::run(options).await,
            Command::Move(options) => relocate::run(&options).await,
        }
    });
    // Ends connections that outlived the grace, and with the last of them the store.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    done
}
