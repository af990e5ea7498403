//! `worksmith move`: everything from one database to another, and whether both are the same.

use std::path::{Path, PathBuf};
use std::time::Instant;

use worksmith_kernel::Registry;
use worksmith_store::{CONNECTIONS, Compared, CopyError, Store};

use crate::cli::MoveOptions;
use crate::failure::Failure;
use crate::home::{self, Home};
use crate::reindex;

/// A database, as it is named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// SQLite in a data dir.
    Folder(PathBuf),
    /// The URL of a database of PostgreSQL.
    Postgres(String),
}

impl Place {
    /// Reads `sqlite:DIR` or `postgres://..`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(folder) = text.strip_prefix("sqlite:").filter(|folder| !folder.is_empty()) {
            return Ok(Self::Folder(folder.into()));
        }
        match home::postgres(text) {
            Ok(url) => Ok(Self::Postgres(url.to_owned())),
            // It may hold a password, so it is not shown.
            Err(_) => {
                Err("write it as sqlite:DIR or postgres://user@host:5432/database".to_owned())
            }
        }
    }

    async fn open(&self, registry: Registry) -> Result<Store, Failure> {
        Ok(match self {
            Self::Folder(dir) => {
                Store::open_sqlite(dir, registry, &mut reindex::progress("documents"))?
            }
            Self::Postgres(url) => Store::open_postgres(url, CONNECTIONS, registry).await?,
        })
    }

    /// As people may see it.
    fn shown(&self) -> String {
        match self {
            Self::Folder(dir) => format!("sqlite:{}", dir.display()),
            Self::Postgres(url) => home::hidden(url),
        }
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(dir) => Some(dir),
            Self::Postgres(_) => None,
        }
    }
}

/// Runs the command.
pub(crate) async fn run(options: MoveOptions) -> Result<(), Failure> {
    let MoveOptions { from, to, verify_only } = options;
    if from == to {
        return Err("--from and --to are the same".into());
    }
    if let Some(dir) = from.folder().filter(|dir| !Home::exists(dir)) {
        return Err(Home::missing(&dir.display().to_string()));
    }
    let table = worksmith_tracker::table();
    let source = from.open(table.registry().clone()).await?;
    let target = to.open(table.registry().clone()).await?;
    if source.is_unfinished().await? {
        return Err(home::unfinished(&from.shown()));
    }
    if !verify_only {
        let begin = Instant::now();
        let (shown, mut progress) = (from.shown(), reindex::progress("rows"));
        let copied = source.copy_to(&target, &shown, &mut progress).await;
        copied.map_err(|error| refused(error, &to))?;
        println!("Copied in {:.1} s", begin.elapsed().as_secs_f64());
    }
    let compared = source.compare(&target, &mut reindex::progress("rows compared")).await?;
    report(&compared)?;
    println!("Files are not in the database: share or copy the folder artifacts, or the bucket.");
    Ok(())
}

fn refused(error: CopyError, to: &Place) -> Failure {
    let to = to.shown();
    match error {
        CopyError::NotEmpty => {
            format!("{to} has data already; name an empty folder or database").into()
        }
        CopyError::OfAnother(source) => {
            format!("{to} was begun to be moved from {source}; go on from there, or empty it")
                .into()
        }
        CopyError::Fault(error) => error.into(),
    }
}

/// Tells how both compare, table by table.
fn report(compared: &[Compared]) -> Result<(), Failure> {
    println!("{:<20} {:>10} {:>10}  {:<16}  {:<16}", "table", "source", "target", "hash", "hash");
    let mut different = 0;
    for table in compared {
        let ([source, target], [one, two]) = (table.rows, &table.hashes);
        let verdict = if table.is_same() { "" } else { "  DIFFERENT" };
        println!("{:<20} {source:>10} {target:>10}  {one}  {two}{verdict}", table.table);
        for what in &table.differences {
            println!("    {what}");
        }
        different += usize::from(!table.is_same());
    }
    if different > 0 {
        return Err(format!(
            "{different} tables differ; was something written meanwhile? Empty the target and move \
             again while no server runs"
        )
        .into());
    }
    println!("Both are identical");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_folders_or_urls() {
        assert_eq!(Place::parse("sqlite:./data"), Ok(Place::Folder("./data".into())));
        let url = "postgres://a:secret@b/c";
        let place = Place::parse(url).unwrap();
        assert_eq!(place, Place::Postgres(url.to_owned()));
        assert!(!place.shown().contains("secret"), "{}", place.shown());
        for bad in ["", "sqlite:", "./data", "mysql://a:secret@b/c"] {
            assert!(!Place::parse(bad).unwrap_err().contains("secret"), "{bad}");
        }
    }
}
