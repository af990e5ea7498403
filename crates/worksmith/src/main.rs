//! A self-hosted work tracker that speaks DevRev's REST API: the command line, start and stop.
//!
//! `cli.rs` is the command line; each subcommand has a file with its name. To add one, add a
//! variant to [`cli::Command`] and a file.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "what is said goes through Output")]

mod backup;
mod check;
mod cli;
mod control;
mod demo;
mod destination;
mod export;
mod failure;
mod home;
mod import;
mod jobs;
mod log;
mod output;
mod reindex;
mod relocate;
mod restore;
mod serve;
mod signals;
mod token;
mod upgrade;
mod webhooks;
mod workers;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::output::Output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A huge page is resident as a whole, however little of it is used. Without them, an idle
    // server takes 15 MB less, and calls take as long (decision 008). A kernel may refuse.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => {
            // The help, or what is wrong with the options. The reader may be gone.
            let _ = said.print();
            return ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(1));
        }
    };
    let output = Output::terminal();
    match run(cli, &output).and_then(|()| output.end()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.settle();
            output.note(format_args!("worksmith: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, output: &Output) -> Result<(), Failure> {
    let _log = log::start(&cli.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| format!("the threads can't be started: {cause}"))?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => Box::pin(serve::run(options, output, jobs::run)).await,
            Command::Demo(options) => Box::pin(demo::run(options, output, jobs::run)).await,
            Command::Token(options) => token::run(options, output, jobs::run).await,
            Command::Webhooks(options) => webhooks::run(options, output, jobs::run).await,
            Command::Import(options) => import::run(options, output, jobs::run).await,
            Command::Check(options) => check::run(options, output, jobs::run).await,
            Command::Reindex(options) => Box::pin(reindex::run(&options, output)).await,
            Command::Export(options) => export::run(options, output, jobs::run).await,
            Command::Backup(options) => backup::run(options, output, jobs::run).await,
            Command::Restore(options) => Box::pin(restore::run(options, output)).await,
            Command::Move(options) => Box::pin(relocate::run(&options, output)).await,
        }
    });
    // Ends connections that outlived the grace period, and with the last of them the store.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    done
}
