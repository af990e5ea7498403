//! sqlx on PostgreSQL with its own pool: a transaction of several round trips, and of one
//! statement.

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, query, query_scalar};

use crate::Result;
use crate::data::{ACTOR, Job, ORG};
use crate::measure::Store;
use crate::postgres::{BOTH, CONNECTIONS, INSERT, SELECT, UPDATE, folder};

#[derive(Clone)]
pub(crate) struct Sqlx(PgPool);

impl Sqlx {
    pub(crate) async fn open() -> Result<Self> {
        let options = PgConnectOptions::new()
            .socket(folder())
            .username("postgres")
            .database("turn")
            .disable_statement_logging();
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
        Ok(Self(pool.connect_with(options).await?))
    }
}

impl Store for Sqlx {
    async fn write(&self, job: Job) -> Result<()> {
        let mut tx = self.0.begin().await?;
        let update = query(UPDATE)
            .bind(ORG)
            .bind(&job.id)
            .bind(job.revision)
            .bind(job.revision + 1)
            .bind(job.at)
            .bind(&job.doc);
        if update.execute(&mut *tx).await?.rows_affected() != 1 {
            tx.rollback().await?;
            return Err("stale".into());
        }
        let insert = query(INSERT)
            .bind(ORG)
            .bind(job.at)
            .bind(ACTOR)
            .bind(&job.id)
            .bind(job.revision + 1)
            .bind(&job.old);
        insert.execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn read(&self, id: String) -> Result<String> {
        Ok(query_scalar(SELECT).bind(ORG).bind(id).fetch_one(&self.0).await?)
    }
}

#[derive(Clone)]
pub(crate) struct SqlxOne(Sqlx);

impl SqlxOne {
    pub(crate) async fn open() -> Result<Self> {
        Ok(Self(Sqlx::open().await?))
    }
}

impl Store for SqlxOne {
    async fn write(&self, job: Job) -> Result<()> {
        let both = query(BOTH)
            .bind(ORG)
            .bind(&job.id)
            .bind(job.revision)
            .bind(job.revision + 1)
            .bind(job.at)
            .bind(&job.doc)
            .bind(ACTOR)
            .bind(&job.old);
        let told = both.execute(&self.0.0).await?.rows_affected();
        if told == 1 { Ok(()) } else { Err("stale".into()) }
    }

    async fn read(&self, id: String) -> Result<String> {
        self.0.read(id).await
    }
}
