//! The database that a move fills, of either kind.

use worksmith_kernel::{Error, Registry, Result, Value};

use super::{MoveError, Note, Place};
use crate::dump::{self, Part};
use crate::layout::{Dialect, Rows, Statement, ddl, shape, tallies};
use crate::postgres::PostgresTarget;
use crate::snapshot::Snapshot;
use crate::sqlite::SqliteTarget;
use crate::texts::TEXTS;

/// The table with the note of the move, which exists until the move is finished.
const NOTES: &str = "moving";

pub(crate) enum Target {
    Sqlite(SqliteTarget),
    Postgres(PostgresTarget),
}

/// What a target contains.
pub(crate) enum Found {
    Nothing,
    /// An unfinished move, and how far it is.
    Unfinished(Note),
    /// Something else; worded to follow the name of the target.
    Other(String),
}

impl Target {
    /// Opens the place for this move alone.
    pub(crate) async fn open(place: &Place) -> Result<Self, MoveError> {
        Ok(match place {
            Place::Sqlite(dir) => Self::Sqlite(SqliteTarget::open(dir)?),
            Place::Postgres(url) => Self::Postgres(PostgresTarget::open(url).await?),
        })
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Ok(match self {
            Self::Sqlite(target) => target.snapshot()?.into(),
            Self::Postgres(target) => target.snapshot().into(),
        })
    }

    /// What it contains now.
    pub(crate) async fn found(&self, registry: &Registry, parts: &[Part]) -> Result<Found> {
        let tables = match self {
            Self::Sqlite(target) => target.tables()?,
            Self::Postgres(target) => target.tables().await?,
        };
        let mut snapshot = self.snapshot()?;
        if tables.iter().any(|table| table == NOTES) {
            let rows = snapshot.ask(&format!("SELECT note FROM {NOTES}"), &[]).await?;
            if let Some([Value::Text(note)]) = rows.first().map(Vec::as_slice) {
                let read = serde_json::from_str(note);
                return read.map(Found::Unfinished).map_err(Error::internal);
            }
        }
        let ours = ddl::statements(self.dialect(), registry);
        let is_ours = |table: &str| {
            let create = format!("CREATE TABLE IF NOT EXISTS {table} (");
            table == "layout" || ours.iter().any(|sql| sql.starts_with(&create))
        };
        if let Some(table) = tables.iter().find(|table| !is_ours(table)) {
            return Ok(Found::Other(format!("has a table {table:?} that is not Worksmith's")));
        }
        for part in parts.iter().filter(|part| tables.iter().any(|table| table == part.table)) {
            if dump::count(&mut snapshot, part).await? > 0 {
                return Ok(Found::Other("holds data already".to_owned()));
            }
        }
        let is_current = match self {
            _ if tables.is_empty() => true,
            Self::Sqlite(target) => target.is_current(),
            Self::Postgres(target) => target.is_current(&ours.join(";\n")).await?,
        };
        let is_current =
            is_current && (tables.is_empty() || is_noted(&mut snapshot, registry).await?);
        if !is_current {
            return Ok(Found::Other("has tables of another version of Worksmith".to_owned()));
        }
        Ok(Found::Nothing)
    }

    /// Creates the tables, without indexes, and records that a move has begun, in one transaction.
    pub(crate) async fn begin(&self, registry: &Registry, note: &Note) -> Result<()> {
        let all = ddl::statements(self.dialect(), registry);
        let mut tables: Vec<_> = all.iter().filter(|sql| !is_index(sql)).cloned().collect();
        let notes = format!("CREATE TABLE {NOTES} (note TEXT NOT NULL)");
        tables.push(self.dialect().ddl(&notes));
        let insert = format!("INSERT INTO {NOTES} (note) VALUES ($1)");
        let mut writes = vec![Statement { sql: insert, values: vec![text(note)?] }];
        let shapes = shape::note(registry)?.into_iter();
        writes.extend(shapes.map(|(sql, values)| Statement { sql: sql.to_owned(), values }));
        match self {
            Self::Sqlite(target) => target.begin(&tables, &writes),
            Self::Postgres(target) => target.begin(&tables, &all.join(";\n"), &writes).await,
        }
    }

    /// Adds rows, runs statements, and records how far the move is, in one transaction.
    pub(crate) async fn add(
        &self,
        rows: &[Rows],
        mut writes: Vec<Statement>,
        note: &Note,
    ) -> Result<()> {
        writes.push(Statement {
            sql: format!("UPDATE {NOTES} SET note = $1"),
            values: vec![text(note)?],
        });
        match self {
            Self::Sqlite(target) => target.add(rows, &writes),
            Self::Postgres(target) => target.add(rows, &writes).await,
        }
    }

    /// Builds the missing indexes, and does what else a filled database needs.
    pub(crate) async fn complete(
        &self,
        registry: &Registry,
        parts: &[Part],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<()> {
        let mut sql = ddl::statements(self.dialect(), registry);
        sql.retain(|sql| is_index(sql));
        let tallied = registry.families().iter().flat_map(|family| tallies::refill(family.table));
        match self {
            Self::Sqlite(_) => sql.extend(tallied),
            Self::Postgres(_) => {
                // Its statistics decide how rows are found, also those that are counted next; its
                // visibility map, whether reading an index is enough.
                let vacuum = |table: &str| format!("VACUUM (ANALYZE) {table}");
                let others = [TEXTS, "refs", "names", "props", "logs"];
                sql.extend(parts.iter().map(|part| part.table).chain(others).map(vacuum));
                sql.extend(tallied);
                sql.push(vacuum("tallies"));
            }
        }
        let all = sql.len() as u64;
        for (sql, done) in sql.iter().zip(1..) {
            match self {
                Self::Sqlite(target) => target.run(sql)?,
                Self::Postgres(target) => target.run(sql).await?,
            }
            progress(done, all);
        }
        Ok(())
    }

    /// Finishes the move: from now on, it is a database like any other.
    pub(crate) async fn finish(&self) -> Result<()> {
        let sql = format!("DROP TABLE {NOTES}");
        match self {
            Self::Sqlite(target) => target.finish(&sql),
            Self::Postgres(target) => target.finish(&sql).await,
        }
    }
}

/// Whether the tables keep what those of this version do.
async fn is_noted(snapshot: &mut Snapshot, registry: &Registry) -> Result<bool> {
    let noted = snapshot.ask(shape::NOTED, &[]).await?;
    let wanted = shape::wanted(registry)?.into_iter();
    Ok(wanted.map(|(name, shape)| vec![Value::from(name), shape.into()]).eq(noted))
}

fn is_index(sql: &str) -> bool {
    sql.starts_with("CREATE INDEX")
}

fn text(note: &Note) -> Result<Value> {
    serde_json::to_string(note).map(Value::from).map_err(Error::internal)
}
