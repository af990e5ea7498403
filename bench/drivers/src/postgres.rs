//! What the PostgreSQL drivers have in common.

use std::sync::OnceLock;

use tokio_postgres::{Client, NoTls};

use crate::data::{ACTOR, ORG, ROWS, World, id};
use crate::measure::{Figures, Measure, Store, run};
use crate::postgres_sqlx::{Sqlx, SqlxOne};
use crate::postgres_tokio::{Tokio, TokioOne, TokioPipelined};
use crate::{Entry, Result, compare};

pub(crate) const CONNECTIONS: u32 = 16;

pub(crate) const UPDATE: &str = "UPDATE works SET rev = $4, modified_at = $5, doc = $6
    WHERE org = $1 AND id = $2 AND rev = $3";
pub(crate) const INSERT: &str =
    "INSERT INTO events (org, at, actor, id, rev, old) VALUES ($1, $2, $3, $4, $5, $6)";
/// The same, but it fails, and the transaction with it, unless the row has the new revision and no
/// event records that yet: for drivers that send the commit before they know the result of the
/// update.
pub(crate) const INSERT_GUARDED: &str = "INSERT INTO events (org, at, actor, id, rev, old)
    VALUES ($1, $2, $3, $4, (SELECT rev FROM works WHERE org = $1 AND id = $4 AND rev = $5), $6)";
/// Both in one statement, which is a transaction of its own.
pub(crate) const BOTH: &str = "WITH changed AS (
        UPDATE works SET rev = $4, modified_at = $5, doc = $6
        WHERE org = $1 AND id = $2 AND rev = $3 RETURNING org, modified_at, id, rev)
    INSERT INTO events (org, at, actor, id, rev, old)
    SELECT org, modified_at, $7, id, rev, $8 FROM changed";
pub(crate) const SELECT: &str = "SELECT doc FROM works WHERE org = $1 AND id = $2";

const SCHEMA: &str = "
    CREATE TABLE works (
        org TEXT NOT NULL, id TEXT NOT NULL, rev BIGINT NOT NULL, modified_at BIGINT NOT NULL,
        modified_by TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (org, id));
    CREATE TABLE events (
        seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, org TEXT NOT NULL,
        at BIGINT NOT NULL, actor TEXT NOT NULL, id TEXT NOT NULL, rev BIGINT NOT NULL, old TEXT);
    CREATE UNIQUE INDEX events_of_object ON events (org, id, rev);";

/// The folder of the server's socket.
static FOLDER: OnceLock<String> = OnceLock::new();

pub(crate) fn folder() -> &'static str {
    FOLDER.get().map_or("", String::as_str)
}

pub(crate) async fn all(folder: String) -> Result<Vec<Entry>> {
    FOLDER.set(folder)?;
    make_template().await?;
    let mut entries = Vec::new();
    for tasks in [1, 16, 64] {
        entries.extend(
            compare(
                Measure::Write(tasks),
                &[
                    ("tokio-postgres", |m| Box::pin(async move { turn(Tokio::open, m).await })),
                    ("sqlx", |m| Box::pin(async move { turn(Sqlx::open, m).await })),
                    ("tokio-postgres, pipelined", |m| {
                        Box::pin(async move { turn(TokioPipelined::open, m).await })
                    }),
                    ("tokio-postgres, one statement", |m| {
                        Box::pin(async move { turn(TokioOne::open, m).await })
                    }),
                    ("sqlx, one statement", |m| {
                        Box::pin(async move { turn(SqlxOne::open, m).await })
                    }),
                ],
            )
            .await?,
        );
    }
    entries.extend(
        compare(
            Measure::Read(16),
            &[
                ("tokio-postgres", |m| Box::pin(async move { turn(Tokio::open, m).await })),
                ("sqlx", |m| Box::pin(async move { turn(Sqlx::open, m).await })),
                ("tokio-postgres, pipelined on 2", |m| {
                    Box::pin(async move { turn(TokioPipelined::open, m).await })
                }),
            ],
        )
        .await?,
    );
    Ok(entries)
}

async fn turn<S: Store>(
    open: impl AsyncFnOnce() -> Result<S>,
    measure: Measure,
) -> Result<Figures> {
    let server = connect("postgres").await?;
    server.batch_execute("DROP DATABASE IF EXISTS turn WITH (FORCE)").await?;
    server.batch_execute("CREATE DATABASE turn TEMPLATE seed").await?;
    server.batch_execute("CHECKPOINT").await?;
    let store = open().await?;
    let figures = run(store, measure).await?;
    let row = connect("turn")
        .await?
        .query_one("SELECT (SELECT sum(rev - 1) FROM works) = (SELECT count(*) FROM events)", &[])
        .await?;
    if row.get(0) { Ok(figures) } else { Err("revisions and events do not agree".into()) }
}

pub(crate) async fn connect(database: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::Config::new()
        .host_path(folder())
        .user("postgres")
        .dbname(database)
        .connect(NoTls)
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn make_template() -> Result<()> {
    let server = connect("postgres").await?;
    server.batch_execute("CREATE DATABASE seed").await?;
    let mut seed = connect("seed").await?;
    seed.batch_execute(SCHEMA).await?;
    let world = World::new();
    let all = seed.transaction().await?;
    let insert = all.prepare("INSERT INTO works VALUES ($1, $2, 1, 0, $3, $4)").await?;
    for row in 0..ROWS {
        all.execute(&insert, &[&ORG, &id(row), &ACTOR, &world.doc(row)]).await?;
    }
    all.commit().await?;
    seed.batch_execute("VACUUM ANALYZE").await?;
    let version = seed.query_one("SHOW server_version", &[]).await?;
    eprintln!("PostgreSQL {}", version.get::<_, String>(0));
    Ok(())
}
