//! `worksmith reindex`, and what people see while that or other long work goes on.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use worksmith_store::Store;

use crate::cli::ReindexOptions;
use crate::failure::Failure;
use crate::home::{self, Home};

/// Elsewhere than on a terminal, a line is written every so many documents.
const LINE_EVERY: u64 = 100_000;

/// Tells how far it is: a bar on a terminal, lines elsewhere.
pub(crate) fn progress(what: &'static str) -> impl FnMut(u64, u64) + Send {
    let bar = ProgressBar::hidden();
    let template =
        format!("{{bar:40}} {{percent:>3}}%  {{human_pos}} {what}  {{elapsed}}, {{eta}} to go");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    let mut told = 0;
    move |done, all| {
        if std::io::stderr().is_terminal() {
            if bar.is_hidden() {
                bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            }
            bar.set_length(all);
            bar.set_position(done);
            if done >= all {
                bar.finish_and_clear();
            }
        } else if done / LINE_EVERY > told / LINE_EVERY {
            eprintln!("{done} of {all} {what}");
            told = done;
        }
    }
}

/// Runs the command.
pub(crate) async fn run(options: &ReindexOptions) -> Result<(), Failure> {
    let ReindexOptions { data_dir, database } = options;
    let table = worksmith_tracker::table();
    let mut progress = progress("documents");
    let (begin, mut documents) = (Instant::now(), 0);
    let mut told = |done, all| {
        documents = all;
        progress(done, all);
    };
    match &database.database {
        Some(url) => {
            let url = home::postgres(url)?;
            Store::rebuild_postgres(url, table.registry(), &mut told).await?;
        }
        None if Home::exists(data_dir) => {
            Store::rebuild_sqlite(data_dir, table.registry(), &mut told)?;
        }
        None => return Err(Home::missing(&home::place(data_dir, database))),
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("Derived everything anew from {documents} documents in {seconds:.1} s");
    Ok(())
}
