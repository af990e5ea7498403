//! A connection with its prepared statements, and the pool of connections.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use bytes::BytesMut;
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use futures_util::future::poll_fn;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error as Fault, Row, Statement};
use worksmith_kernel::{Error, Result, Value};

use super::address::Address;
use super::failed;

/// With more statements than this, a connection discards them and prepares afresh.
const STATEMENTS_MAX: usize = 512;

/// The settings of every connection, where the database knows the setting. Each statement is
/// planned once, for all values: statements leave the planner little choice, and it should decide
/// the same way every time.
const SETTINGS: [&str; 9] = [
    "SET statement_timeout = '60s'",
    "SET lock_timeout = '20s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET jit = off",
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET enable_seqscan = off",
    // Documents are compressed; this takes a tenth of the time of the default method.
    "SET default_toast_compression = lz4",
];

/// What is acknowledged is on the disk, however the database is set for others.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
                       WHERE current_setting('synchronous_commit') = 'off'";
const RELAXED: &str = "SET synchronous_commit = off";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// What it writes is on the disk before it is acknowledged.
    Durable,
    /// What it writes may be lost as long as nothing that builds on it is written.
    Numbers,
}

pub(super) struct Session {
    pub(super) client: Client,
    statements: Mutex<HashMap<String, Statement>>,
}

impl Session {
    async fn open(address: &Address, purpose: Purpose) -> Result<Self, Fault> {
        let client = address.connect().await?;
        let settings = SETTINGS.iter().map(|sql| client.batch_execute(sql)).collect();
        for (outcome, sql) in pipelined(settings).await.into_iter().zip(SETTINGS) {
            if let Err(cause) = outcome {
                tracing::debug!(sql, %cause, "the database does not know a setting");
            }
        }
        let commits = if purpose == Purpose::Durable { DURABLE } else { RELAXED };
        client.batch_execute(commits).await?;
        Ok(Self { client, statements: Mutex::default() })
    }

    /// A statement, which is prepared if it was not before.
    pub(super) async fn prepare(&self, sql: &str) -> Result<Statement, Fault> {
        let known = self.statements().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        let mut statements = self.statements();
        if statements.len() >= STATEMENTS_MAX {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn statements(&self) -> std::sync::MutexGuard<'_, HashMap<String, Statement>> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of a statement outside of any transaction.
    pub(super) async fn ask(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let statement = self.prepare(sql).await?;
        self.client.query(&statement, &bound(&boxed(values))).await
    }
}

/// Opens connections for the pool.
pub(super) struct Manager(pub(super) Address, pub(super) Purpose);

/// A connection of the pool.
pub(super) type Pooled = managed::Object<Manager>;
pub(super) type Pool = managed::Pool<Manager>;

impl managed::Manager for Manager {
    type Type = Session;
    type Error = Fault;

    async fn create(&self) -> Result<Session, Fault> {
        Session::open(&self.0, self.1).await
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<Fault> {
        if session.client.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

/// A connection from the pool. If none is free in time, that is a temporary fault.
pub(super) async fn take(pool: &Pool) -> Result<Pooled> {
    pool.get().await.map_err(|cause| match cause {
        managed::PoolError::Backend(cause) => failed(&cause),
        other => Error::unavailable(format!("no connection to the database: {other}")),
    })
}

/// Sends everything at once, in this order, and waits for all answers: a request is sent as soon as
/// its future is polled, and answers come in the order of the requests.
///
/// Each future must be a single request, of a prepared statement. One that sends more after its
/// first answer would queue behind all the others, and wait for ever, since the driver holds back
/// their answers until they are taken.
pub(super) async fn pipelined<F: Future>(requests: Vec<F>) -> Vec<F::Output> {
    let mut requests: Vec<Pin<Box<F>>> = requests.into_iter().map(Box::pin).collect();
    let mut answers: Vec<Option<F::Output>> = Vec::with_capacity(requests.len());
    poll_fn(|cx| {
        answers.extend(requests.iter_mut().map(|request| match request.as_mut().poll(cx) {
            std::task::Poll::Ready(answer) => Some(answer),
            std::task::Poll::Pending => None,
        }));
        std::task::Poll::Ready(())
    })
    .await;
    let mut all = Vec::with_capacity(answers.len());
    for (request, answer) in requests.into_iter().zip(answers) {
        all.push(match answer {
            Some(answer) => answer,
            None => request.await,
        });
    }
    all
}

/// A value to be bound to a statement.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        #[expect(clippy::cast_precision_loss, reason = "as SQLite does it in such a column")]
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Integer(integer), &Type::FLOAT8) => (*integer as f64).to_sql(ty, out),
            (Value::Integer(integer), &Type::INT8) => integer.to_sql(ty, out),
            (Value::Real(real), &Type::FLOAT8) => real.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT) => text.to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} is no {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Wraps values for the driver.
pub(super) fn boxed(values: &[Value]) -> Vec<Bound<'_>> {
    values.iter().map(Bound).collect()
}

/// Parameters in the form that the driver expects.
pub(super) fn bound<'a>(values: &'a [Bound<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Reads a value of a row.
pub(super) fn value(row: &Row, at: usize) -> Result<Value> {
    let ty = row.columns().get(at).map_or(&Type::UNKNOWN, tokio_postgres::Column::type_);
    let read = match *ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(at).map(Value::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(at).map(|found| found.map(i64::from).into()),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(at).map(Value::from),
        Type::TEXT => row.try_get::<_, Option<String>>(at).map(Value::from),
        ref other => return Err(Error::internal(format!("a column of the type {other}"))),
    };
    read.map_err(Error::internal)
}

/// Reads the values of rows.
pub(super) fn values(rows: &[Row]) -> Result<Vec<Vec<Value>>> {
    rows.iter().map(|row| (0..row.len()).map(|at| value(row, at)).collect()).collect()
}
