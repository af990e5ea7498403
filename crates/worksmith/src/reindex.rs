//! `worksmith reindex`.

use std::time::Instant;

use worksmith_store::{Store, UpgradePart, Upgrading};

use crate::cli::ReindexOptions;
use crate::failure::Failure;
use crate::home::{self, Home};
use crate::output::Output;

/// Runs the command.
pub(crate) async fn run(options: &ReindexOptions, output: &Output) -> Result<(), Failure> {
    let ReindexOptions { data_dir, database } = options;
    let table = worksmith_tracker::table();
    let mut progress = output.progress("documents");
    let (begin, mut documents) = (Instant::now(), 0);
    let mut told = |at: Upgrading<'_>| {
        if at.part == UpgradePart::Rows {
            documents = at.all;
            progress(at.done, at.all);
        }
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
    output.settle();
    output
        .line(format_args!("Derived everything anew from {documents} documents in {seconds:.1} s"));
    Ok(())
}
