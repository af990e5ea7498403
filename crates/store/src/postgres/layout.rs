//! The layout of the tables: created once, even if several servers start at the same time, and
//! brought up to date by this version.

use tokio_postgres::Client;
use worksmith_kernel::Registry;

use super::session::Session;
use super::{PostgresError, is_lost, rebuild};
use crate::layout::shape::REFS_BEFORE;
use crate::layout::{Dialect, Progress, ddl, shape};

/// The layout that this program knows. The database records what each table keeps; changes of that
/// need no new number. Since 5, documents may have their long text apart.
pub(super) const VERSION: i64 = 5;

/// The lock by which starting servers wait for each other; its number spells "worksmith".
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(8607061894537378824)";

/// Holds the layout, and the statements that created it.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS layout (version BIGINT NOT NULL, tables TEXT NOT NULL)";

/// Brings the tables up to date. With `anew`, everything is derived again as well.
pub(super) async fn migrate(
    session: &Session,
    registry: &Registry,
    anew: bool,
    progress: Progress<'_>,
) -> Result<(), PostgresError> {
    let wanted = ddl::statements(Dialect::Postgres, registry).join(";\n");
    let client = &session.client;
    if is_current(client, registry, &wanted).await? && !anew {
        return Ok(());
    }
    client.batch_execute(&format!("BEGIN; SET LOCAL statement_timeout = 0; {LOCK}")).await?;
    let made = make(session, registry, &wanted, anew, progress).await;
    client.batch_execute(if made.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    made
}

async fn make(
    session: &Session,
    registry: &Registry,
    wanted: &str,
    anew: bool,
    progress: Progress<'_>,
) -> Result<(), PostgresError> {
    let client = &session.client;
    client.batch_execute(TABLE).await?;
    if is_current(client, registry, wanted).await? && !anew {
        return Ok(());
    }
    let refs_before = set_refs_aside(client).await?;
    let others = ddl::statements_of(Dialect::Postgres, &[]).join(";\n");
    client.batch_execute(&others).await?;
    rebuild::bring_up(session, registry, anew, refs_before, progress)
        .await
        .map_err(|cause| PostgresError::Database(format!("{cause:?}")))?;
    client.execute("DELETE FROM layout", &[]).await?;
    let sql = "INSERT INTO layout (version, tables) VALUES ($1, $2)";
    client.execute(sql, &[&VERSION, &wanted]).await?;
    Ok(())
}

/// Sets the references aside if they are in the layout before, and returns how many they are.
async fn set_refs_aside(client: &Client) -> Result<Option<u64>, PostgresError> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE column_name = 'carried')
               FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name = 'refs'";
    let row = client.query_one(sql, &[]).await?;
    let (columns, carried): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    if columns == 0 || carried > 0 {
        return Ok(None);
    }
    let aside = format!(
        "LOCK TABLE logs IN EXCLUSIVE MODE; ALTER TABLE refs RENAME TO {REFS_BEFORE};
         ALTER INDEX refs_pkey RENAME TO {REFS_BEFORE}_pkey"
    );
    client.batch_execute(&aside).await?;
    let count = format!("SELECT count(*) FROM {REFS_BEFORE}");
    let count: i64 = client.query_one(&count, &[]).await?.try_get(0)?;
    Ok(Some(count.unsigned_abs()))
}

/// Whether the tables are up to date already.
async fn is_current(
    client: &Client,
    registry: &Registry,
    wanted: &str,
) -> Result<bool, PostgresError> {
    if !is_there(client, wanted).await? {
        return Ok(false);
    }
    let noted = client.query(shape::NOTED, &[]).await?;
    let noted = noted.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let noted = noted.collect::<Result<Vec<(String, String)>, tokio_postgres::Error>>()?;
    let shapes = shape::wanted(registry);
    Ok(noted == shapes.map_err(|cause| PostgresError::Database(format!("{cause:?}")))?)
}

/// Whether the tables are those that this program expects.
pub(super) async fn is_there(client: &Client, wanted: &str) -> Result<bool, PostgresError> {
    match client.query_opt("SELECT version, tables FROM layout", &[]).await {
        Ok(Some(row)) => {
            let (version, tables): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            if version == crate::layout::UNFINISHED {
                return Err(PostgresError::Unfinished);
            }
            if version > VERSION {
                return Err(PostgresError::Newer(version));
            }
            Ok(version == VERSION && tables == wanted)
        }
        Ok(None) => Ok(false),
        // An empty database has no such table.
        Err(cause) if cause.as_db_error().is_some() && !is_lost(&cause) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}
