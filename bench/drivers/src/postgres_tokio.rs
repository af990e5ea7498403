//! tokio-postgres with the pool deadpool-postgres: a transaction of four round trips, of one that
//! sends everything at once, and of one statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::{Client, Config, NoTls, Statement};

use crate::Result;
use crate::data::{ACTOR, Job, ORG};
use crate::measure::Store;
use crate::postgres::{BOTH, CONNECTIONS, INSERT, INSERT_GUARDED, SELECT, UPDATE, connect, folder};

#[derive(Clone)]
pub(crate) struct Tokio(Pool);

impl Tokio {
    pub(crate) async fn open() -> Result<Self> {
        let mut config = Config::new();
        config.host_path(folder()).user("postgres").dbname("turn");
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, manager);
        let pool = Pool::builder(manager).max_size(usize::try_from(CONNECTIONS)?).build()?;
        drop(pool.get().await?);
        Ok(Self(pool))
    }
}

impl Store for Tokio {
    async fn write(&self, job: Job) -> Result<()> {
        let mut client = self.0.get().await?;
        let update = client.prepare_cached(UPDATE).await?;
        let insert = client.prepare_cached(INSERT).await?;
        let tx = client.transaction().await?;
        let Job { id, revision, at, doc, old } = &job;
        let next = revision + 1;
        if tx.execute(&update, &[&ORG, id, revision, &next, at, doc]).await? != 1 {
            tx.rollback().await?;
            return Err("stale".into());
        }
        tx.execute(&insert, &[&ORG, at, &ACTOR, id, &next, old]).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn read(&self, id: String) -> Result<String> {
        let client = self.0.get().await?;
        let select = client.prepare_cached(SELECT).await?;
        Ok(client.query_one(&select, &[&ORG, &id]).await?.get(0))
    }
}

/// Sends a transaction as a whole, and reads on few connections that all tasks share.
#[derive(Clone)]
pub(crate) struct TokioPipelined {
    writers: Pool,
    readers: Arc<[(Client, Statement); 2]>,
    turn: Arc<AtomicUsize>,
}

impl TokioPipelined {
    pub(crate) async fn open() -> Result<Self> {
        let reader = async || {
            let client = connect("turn").await?;
            let select = client.prepare(SELECT).await?;
            Result::Ok((client, select))
        };
        let readers = Arc::new([reader().await?, reader().await?]);
        Ok(Self { writers: Tokio::open().await?.0, readers, turn: Arc::default() })
    }
}

impl Store for TokioPipelined {
    async fn write(&self, job: Job) -> Result<()> {
        let client = self.writers.get().await?;
        let update = client.prepare_cached(UPDATE).await?;
        let insert = client.prepare_cached(INSERT_GUARDED).await?;
        let Job { id, revision, at, doc, old } = &job;
        let next = revision + 1;
        let changes: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
            [&ORG, id, revision, &next, at, doc];
        let event: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
            [&ORG, at, &ACTOR, id, &next, old];
        // They are sent in this order. If one fails, the commit rolls everything back.
        let (begun, updated, told, committed) = futures_util::join!(
            client.batch_execute("BEGIN"),
            client.execute(&update, &changes),
            client.execute(&insert, &event),
            client.batch_execute("COMMIT"),
        );
        begun?;
        told?;
        committed?;
        if updated? == 1 { Ok(()) } else { Err("stale".into()) }
    }

    async fn read(&self, id: String) -> Result<String> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let (client, select) = &self.readers[turn % self.readers.len()];
        Ok(client.query_one(select, &[&ORG, &id]).await?.get(0))
    }
}

#[derive(Clone)]
pub(crate) struct TokioOne(Tokio);

impl TokioOne {
    pub(crate) async fn open() -> Result<Self> {
        Ok(Self(Tokio::open().await?))
    }
}

impl Store for TokioOne {
    async fn write(&self, job: Job) -> Result<()> {
        let client = self.0.0.get().await?;
        let both = client.prepare_cached(BOTH).await?;
        let Job { id, revision, at, doc, old } = &job;
        let next = revision + 1;
        let told =
            client.execute(&both, &[&ORG, id, revision, &next, at, doc, &ACTOR, old]).await?;
        if told == 1 { Ok(()) } else { Err("stale".into()) }
    }

    async fn read(&self, id: String) -> Result<String> {
        self.0.read(id).await
    }
}
