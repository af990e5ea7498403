//! `worksmith reindex`.

use std::time::Instant;

use worksmith_store::{IndexSize, Store, UpgradePart, Upgrading};

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
    let registry = table.registry();
    let store = match &database.database {
        Some(url) => {
            let url = home::postgres(url)?;
            Store::rebuild_postgres(url, registry, &mut told).await?;
            Store::open_postgres(url, 1, registry.clone(), &mut |_| {}).await?
        }
        None if Home::exists(data_dir) => {
            Store::rebuild_sqlite(data_dir, registry, &mut told)?;
            Store::open_sqlite(data_dir, registry.clone(), &mut |_| {})?
        }
        None => return Err(Home::missing(&home::place(data_dir, database))),
    };
    let mut progress = output.progress("objects of the search index");
    store.index_anew(&mut |done| progress(done, documents.max(done))).await?;
    let IndexSize { entries, bytes } = store.index_size().await?;
    let seconds = begin.elapsed().as_secs_f64();
    output.settle();
    output
        .line(format_args!("Derived everything anew from {documents} documents in {seconds:.1} s"));
    #[expect(clippy::cast_precision_loss, reason = "a number for people")]
    let megabytes = bytes as f64 / f64::from(1 << 20);
    output
        .line(format_args!("The search index has {entries} objects, and takes {megabytes:.1} MB"));
    Ok(())
}
