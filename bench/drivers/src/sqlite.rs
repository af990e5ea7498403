//! What both SQLite drivers have in common.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::data::{ACTOR, ORG, ROWS, World, id};
use crate::measure::{Figures, Measure, Store, run};
use crate::sqlite_rusqlite::Rusqlite;
use crate::sqlite_sqlx::Sqlx;
use crate::{Entry, Result, compare};

/// The most jobs that share a commit.
pub(crate) const JOBS_MAX: usize = 512;

pub(crate) const UPDATE: &str = "UPDATE works SET rev = ?4, modified_at = ?5, doc = ?6
    WHERE org = ?1 AND id = ?2 AND rev = ?3";
pub(crate) const INSERT: &str =
    "INSERT INTO events (org, at, actor, id, rev, old) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
pub(crate) const SELECT: &str = "SELECT doc FROM works WHERE org = ?1 AND id = ?2";

const SCHEMA: &str = "PRAGMA journal_mode = WAL;
    CREATE TABLE works (
        org TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, modified_at INTEGER NOT NULL,
        modified_by TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (org, id));
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, at INTEGER NOT NULL,
        actor TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, old TEXT);
    CREATE UNIQUE INDEX events_of_object ON events (org, id, rev);";

pub(crate) async fn all() -> Result<Vec<Entry>> {
    let version = rusqlite::version();
    eprintln!("SQLite {version} in both");
    let mut entries = Vec::new();
    for tasks in [1, 16, 64] {
        entries.extend(
            compare(
                Measure::Write(tasks),
                &[
                    ("rusqlite", |measure| Box::pin(rusqlite(measure))),
                    ("sqlx", |measure| Box::pin(sqlx(measure, 16, false))),
                    ("sqlx, statements joined", |measure| Box::pin(sqlx(measure, 16, true))),
                ],
            )
            .await?,
        );
    }
    entries.extend(
        compare(
            Measure::Read(16),
            &[
                ("rusqlite", |measure| Box::pin(rusqlite(measure))),
                ("sqlx, pool of 16", |measure| Box::pin(sqlx(measure, 16, false))),
                ("sqlx, pool of 2", |measure| Box::pin(sqlx(measure, 2, false))),
            ],
        )
        .await?,
    );
    Ok(entries)
}

async fn rusqlite(measure: Measure) -> Result<Figures> {
    let (_folder, path) = fresh()?;
    turn(Rusqlite::open(&path)?, measure, &path).await
}

async fn sqlx(measure: Measure, readers: u32, joined: bool) -> Result<Figures> {
    let (_folder, path) = fresh()?;
    turn(Sqlx::open(&path, readers, joined).await?, measure, &path).await
}

async fn turn<S: Store>(store: S, measure: Measure, path: &Path) -> Result<Figures> {
    let figures = run(store, measure).await?;
    let agree: bool = Connection::open(path)?.query_row(
        "SELECT (SELECT sum(rev - 1) FROM works) = (SELECT count(*) FROM events)",
        [],
        |row| row.get(0),
    )?;
    if agree { Ok(figures) } else { Err("revisions and events do not agree".into()) }
}

/// A database with all rows.
fn fresh() -> Result<(TempDir, PathBuf)> {
    let folder = TempDir::new()?;
    let path = folder.path().join("worksmith.db");
    let mut connection = Connection::open(&path)?;
    connection.execute_batch(SCHEMA)?;
    let world = World::new();
    let all = connection.transaction()?;
    for row in 0..ROWS {
        all.prepare_cached("INSERT INTO works VALUES (?1, ?2, 1, 0, ?3, ?4)")?.execute(params![
            ORG,
            id(row),
            ACTOR,
            world.doc(row)
        ])?;
    }
    all.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok((folder, path))
}
