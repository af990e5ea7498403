//! A database that a move fills. Until the move is finished, it has a layout that no server opens.

use std::pin::pin;

use tokio_postgres::Error as Fault;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use worksmith_kernel::{Error, Result};

use super::address::Address;
use super::reader::get;
use super::session::{Bound, Pool, Pooled, Purpose, bound, boxed};
use super::{PostgresError, PostgresSnapshot, describe, failed, layout, opened, pool};
use crate::layout::{Rows, Statement, UNFINISHED};

/// One that writes and one that reads; a spare one for a move that was interrupted.
const CONNECTIONS: usize = 3;

/// Only one move runs at a time; the previous one may be about to end. The number is "worksmith"
/// plus one.
const ALONE: &str = "SELECT pg_advisory_lock(8607061894537378825)";

/// Building an index may take any time. Transactions that a power cut takes back are repeated by
/// the next run, so nothing waits for the disk before the end.
const SETTINGS: &str = "SET statement_timeout = 0; SET lock_timeout = 0;
                        SET idle_in_transaction_session_timeout = 0;
                        SET synchronous_commit = off";

/// A PostgreSQL database that is being filled.
pub(crate) struct PostgresTarget {
    pool: Pool,
    session: Pooled,
}

impl PostgresTarget {
    pub(crate) async fn open(url: &str) -> Result<Self, PostgresError> {
        let address = Address::parse(url)?;
        let pool = pool(&address, CONNECTIONS, Purpose::Durable)?;
        let session = opened(&address, &pool).await?;
        let alone = session.client.batch_execute(ALONE).await;
        alone.map_err(|cause| match cause.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                PostgresError::Database("another move into it is under way".to_owned())
            }
            _ => cause.into(),
        })?;
        session.client.batch_execute(SETTINGS).await?;
        Ok(Self { pool, session })
    }

    /// The names of the tables that exist.
    pub(crate) async fn tables(&self) -> Result<Vec<String>> {
        let sql = "SELECT relname::text FROM pg_class
                   WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                   ORDER BY relname";
        let rows = self.session.ask(sql, &[]).await.map_err(|cause| failed(&cause))?;
        rows.iter().map(|row| get(row, 0)).collect()
    }

    /// Whether the tables are those that this program expects.
    pub(crate) async fn is_current(&self, wanted: &str) -> Result<bool> {
        let is_there = layout::is_there(&self.session.client, wanted).await;
        is_there.map_err(Error::internal)
    }

    pub(crate) fn snapshot(&self) -> PostgresSnapshot {
        PostgresSnapshot::new(self.pool.clone())
    }

    /// Creates tables, records the statements of the whole layout, and writes the first notes.
    pub(crate) async fn begin(
        &self,
        tables: &[String],
        wanted: &str,
        notes: &[Statement],
    ) -> Result<()> {
        let version = UNFINISHED;
        self.transaction(async {
            let client = &self.session.client;
            // A server that starts now comes either before or after.
            client.batch_execute(layout::LOCK).await?;
            client.batch_execute(layout::TABLE).await?;
            client.batch_execute(&tables.join(";\n")).await?;
            client.batch_execute("DELETE FROM layout").await?;
            let sql = "INSERT INTO layout (version, tables) VALUES ($1, $2)";
            client.execute(sql, &[&version, &wanted]).await?;
            for each in notes {
                self.write(each).await?;
            }
            Ok(())
        })
        .await
    }

    /// Adds rows, and runs statements, in one transaction.
    pub(crate) async fn add(&self, rows: &[Rows], writes: &[Statement]) -> Result<()> {
        self.transaction(async {
            for rows in rows.iter().filter(|rows| !rows.rows.is_empty()) {
                self.copy(rows).await?;
            }
            for each in writes {
                self.write(each).await?;
            }
            Ok(())
        })
        .await
    }

    async fn copy(&self, Rows { table, columns, rows }: &Rows) -> Result<(), Fault> {
        let names = columns.join(", ");
        let types = self.session.prepare(&format!("SELECT {names} FROM {table}")).await?;
        let types: Vec<Type> = types.columns().iter().map(|each| each.type_().clone()).collect();
        let sql = format!("COPY {table} ({names}) FROM STDIN (FORMAT binary)");
        let statement = self.session.prepare(&sql).await?;
        let sink = self.session.client.copy_in(&statement).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            writer.as_mut().write_raw(row.iter().map(Bound)).await?;
        }
        writer.finish().await.map(drop)
    }

    async fn write(&self, Statement { sql, values }: &Statement) -> Result<(), Fault> {
        let statement = self.session.prepare(sql).await?;
        self.session.client.execute(&statement, &bound(&boxed(values))).await.map(drop)
    }

    /// Runs the last statement, and sets the layout that servers open.
    pub(crate) async fn finish(&self, sql: &str) -> Result<()> {
        // This commit puts everything before it on the disk, too.
        self.run("SET synchronous_commit = on").await?;
        self.transaction(async {
            let client = &self.session.client;
            client.batch_execute(sql).await?;
            client.execute("UPDATE layout SET version = $1", &[&layout::VERSION]).await.map(drop)
        })
        .await
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        self.session.client.batch_execute(sql).await.map_err(|cause| explained(&cause))
    }

    async fn transaction(&self, run: impl Future<Output = Result<(), Fault>>) -> Result<()> {
        self.run("BEGIN").await?;
        match run.await {
            Ok(()) => self.run("COMMIT").await,
            Err(cause) => {
                let _ = self.session.client.batch_execute("ROLLBACK").await;
                Err(explained(&cause))
            }
        }
    }
}

/// A fault, with what the database adds to it: which row it rejects.
fn explained(cause: &Fault) -> Error {
    let detail = cause.as_db_error().and_then(|said| said.detail());
    match (failed(cause), detail) {
        (Error::Unavailable(cause), _) => Error::Unavailable(cause),
        (_, Some(detail)) => Error::Internal(format!("{}: {detail}", describe(cause))),
        (_, None) => Error::Internal(describe(cause)),
    }
}
