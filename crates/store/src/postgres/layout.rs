//! The layout of the tables: created once, even if several servers start at the same time, and
//! brought up to date by this version.

use tokio_postgres::Client;
use worksmith_kernel::{Error, Registry};

use super::rebuild::Rebuild;
use super::session::{Pool, Session, take};
use super::{PostgresError, is_lost};
use crate::layout::{Dialect, Upgrades, ddl, shape, upgrade};

/// The layout that this program knows. The database records what each table keeps; changes of that
/// need no new number. Since 5, documents may have their long text apart.
pub(super) const VERSION: i64 = 5;

/// The lock by which starting servers wait for each other; its number spells "worksmith".
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(8607061894537378824)";

/// The same, unless another server has it.
const TRY_LOCK: &str = "SELECT pg_try_advisory_xact_lock(8607061894537378824)";

/// Holds the layout, and the statements that created it.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS layout (version BIGINT NOT NULL, tables TEXT NOT NULL)";

/// The transaction that has the locks may wait for long, while another connection works.
const HOLD: &str = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
                    SET LOCAL idle_in_transaction_session_timeout = 0";
/// Statements that can't be served while the work goes on are not waited for without end.
const PATIENCE: &str = "SET LOCAL lock_timeout = '20s'";

/// Brings the tables up to date in steps, with two connections of a pool.
pub(super) async fn migrate(
    holder: &Session,
    pool: &Pool,
    registry: &Registry,
    progress: Upgrades<'_>,
) -> Result<(), PostgresError> {
    let wanted = ddl::statements(Dialect::Postgres, registry).join(";\n");
    if is_current(&holder.client, registry, &wanted).await? {
        return Ok(());
    }
    let worker = take(pool).await.map_err(|cause| internal(&cause))?;
    let on = Rebuild { session: &worker, holder: Some(holder), registry };
    in_turn(&on, &wanted, progress).await
}

/// Derives everything again, in one transaction.
pub(super) async fn derive_all(
    session: &Session,
    registry: &Registry,
    progress: Upgrades<'_>,
) -> Result<(), PostgresError> {
    let wanted = ddl::statements(Dialect::Postgres, registry).join(";\n");
    in_turn(&Rebuild { session, holder: None, registry }, &wanted, progress).await
}

/// Runs it while other starting servers wait.
async fn in_turn(
    on: &Rebuild<'_>,
    wanted: &str,
    progress: Upgrades<'_>,
) -> Result<(), PostgresError> {
    let client = &on.holder.unwrap_or(on.session).client;
    client.batch_execute(HOLD).await?;
    let made = make(on, client, wanted, progress).await;
    client.batch_execute(if made.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    made
}

async fn make(
    on: &Rebuild<'_>,
    holder: &Client,
    wanted: &str,
    progress: Upgrades<'_>,
) -> Result<(), PostgresError> {
    if !holder.query_one(TRY_LOCK, &[]).await?.try_get::<_, bool>(0)? {
        tracing::info!("another server brings the database up to date; waiting for it");
        holder.batch_execute(LOCK).await?;
    }
    holder.batch_execute(PATIENCE).await?;
    let client = &on.session.client;
    client.batch_execute(TABLE).await?;
    if on.holder.is_some() && is_current(client, on.registry, wanted).await? {
        return Ok(());
    }
    // Refuses layouts that it does not know.
    is_there(client, wanted).await?;
    on.run(progress).await.map_err(|cause| internal(&cause))?;
    // The end, and that of the locks, is one transaction.
    holder.execute("DELETE FROM layout", &[]).await?;
    let sql = "INSERT INTO layout (version, tables) VALUES ($1, $2)";
    holder.execute(sql, &[&VERSION, &wanted]).await?;
    Ok(holder.batch_execute(upgrade::DROP).await?)
}

fn internal(cause: &Error) -> PostgresError {
    PostgresError::Database(format!("{cause:?}"))
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
    Ok(noted == shapes.map_err(|cause| internal(&cause))?)
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
