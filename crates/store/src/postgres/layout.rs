//! The tables: made once, however many servers start at the same time, and brought to the present
//! layout.

use crate::store::Registry;
use tokio_postgres::Client;

use super::session::Session;
use super::{PostgresError, is_lost, rebuild};
use crate::ddl;
use crate::dialect::Dialect;

/// The layout that this program knows.
pub(super) const VERSION: i64 = 2;

/// Servers that start wait here for each other: "worksmith", as a number.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(8607061894537378824)";

/// The layout, and the statements that made it.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS layout (version BIGINT NOT NULL, tables TEXT NOT NULL)";

/// Makes the tables that are not there.
pub(super) async fn migrate(session: &Session, registry: &Registry) -> Result<(), PostgresError> {
    let wanted = ddl::statements(Dialect::Postgres, registry).join(";\n");
    let client = &session.client;
    if is_there(client, &wanted).await? {
        return Ok(());
    }
    client.batch_execute(&format!("BEGIN; SET LOCAL statement_timeout = 0; {LOCK}")).await?;
    let made = make(session, registry, &wanted).await;
    client.batch_execute(if made.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    made
}

async fn make(session: &Session, registry: &Registry, wanted: &str) -> Result<(), PostgresError> {
    let client = &session.client;
    client.batch_execute(TABLE).await?;
    if is_there(client, wanted).await? {
        return Ok(());
    }
    let has_grown = grow(client, registry).await?;
    client.batch_execute(wanted).await?;
    if has_grown {
        rebuild::within(session, registry, &mut |_, _| {})
            .await
            .map_err(|cause| PostgresError::Database(format!("{cause:?}")))?;
    }
    client.execute("DELETE FROM layout", &[]).await?;
    let sql = "INSERT INTO layout (version, tables) VALUES ($1, $2)";
    client.execute(sql, &[&VERSION, &wanted]).await?;
    Ok(())
}

/// Adds the columns that tables of an earlier version lack, and tells whether there were any.
async fn grow(client: &Client, registry: &Registry) -> Result<bool, PostgresError> {
    let sql = "SELECT column_name::text FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name = $1";
    let mut has_grown = false;
    for table in registry.families().iter().map(|family| family.table) {
        let has = client.query(sql, &[&table.name]).await?;
        let has: Vec<String> = has.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        for column in ddl::lacking(table, &has) {
            let sql = format!("ALTER TABLE {} ADD COLUMN {}", table.name, ddl::declared(column));
            client.batch_execute(&Dialect::Postgres.ddl(&sql)).await?;
            has_grown = true;
        }
    }
    Ok(has_grown)
}

/// Whether the tables are those that this program wants.
pub(super) async fn is_there(client: &Client, wanted: &str) -> Result<bool, PostgresError> {
    match client.query_opt("SELECT version, tables FROM layout", &[]).await {
        Ok(Some(row)) => {
            let (version, tables): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            if version == crate::relocate::UNFINISHED {
                return Err(PostgresError::Unfinished);
            }
            if version > VERSION {
                return Err(PostgresError::Newer(version));
            }
            Ok(version == VERSION && tables == wanted)
        }
        Ok(None) => Ok(false),
        // There is no such table in an empty database.
        Err(cause) if cause.as_db_error().is_some() && !is_lost(&cause) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}
