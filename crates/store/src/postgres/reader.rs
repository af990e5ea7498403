//! Reading a snapshot.

use futures_util::FutureExt;
use futures_util::future::join;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error as Fault, Row};
use worksmith_kernel::{Error, Meta, RawRow, Result, Table, Value};
use worksmith_wire::{Id, Series, Timestamp};

use super::session::{Pool, Pooled, bound, boxed, take, values};
use super::{CONNECTIONS_MAX, failed, is_lost};
use crate::batch::StoredAnswer;
use crate::layout::{ROW_COLUMNS, row_by_id, row_columns};
use crate::texts::whole;

/// All statements of the transaction see the state at the first of them.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// One state of the database, kept while a transaction decides.
pub(crate) struct PostgresSnapshot {
    readers: Pool,
    /// Set once something was read.
    session: Option<Pooled>,
}

impl Drop for PostgresSnapshot {
    fn drop(&mut self) {
        // The end is sent ahead of the next request on this connection; nobody waits for it.
        if let Some(session) = &self.session {
            let _ = session.client.batch_execute("COMMIT").now_or_never();
        }
    }
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl PostgresSnapshot {
    pub(super) const fn new(readers: Pool) -> Self {
        Self { readers, session: None }
    }

    /// The rows of a statement.
    async fn rows(&mut self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>> {
        if let Some(session) = &self.session {
            let statement = session.prepare(sql).await.map_err(|cause| failed(&cause))?;
            let rows = session.client.query(&statement, parameters).await;
            return rows.map_err(|cause| failed(&cause));
        }
        for _ in 1..CONNECTIONS_MAX {
            match self.begin(sql, parameters).await? {
                Err(cause) if is_lost(&cause) => self.session = None,
                rows => return rows.map_err(|cause| failed(&cause)),
            }
        }
        self.begin(sql, parameters).await?.map_err(|cause| failed(&cause))
    }

    /// Sends the first statement of the transaction together with its beginning.
    async fn begin(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Result<Vec<Row>, Fault>> {
        let session = self.session.insert(take(&self.readers).await?);
        let statement = match session.prepare(sql).await {
            Ok(statement) => statement,
            Err(cause) => return Ok(Err(cause)),
        };
        let client = &session.client;
        let both = join(client.batch_execute(BEGIN), client.query(&statement, parameters)).await;
        Ok(both.0.and(both.1))
    }

    async fn row(&mut self, sql: &str, parameters: Parameters<'_>) -> Result<Option<Row>> {
        Ok(self.rows(sql, parameters).await?.into_iter().next())
    }

    pub(crate) async fn get(
        &mut self,
        table: &Table,
        org: &str,
        id: &Id,
    ) -> Result<Option<RawRow>> {
        let row = self.row(&row_by_id(table), &[&org, &id.to_string()]).await?;
        row.map(|row| raw_row(table, &row)).transpose()
    }

    /// The rows of many ids, in no particular order.
    pub(crate) async fn get_many(
        &mut self,
        table: &Table,
        org: &str,
        ids: &[&Id],
    ) -> Result<Vec<RawRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (name, columns) = (table.name, row_columns(table, table.name));
        let sql = format!("SELECT {columns} FROM {name} WHERE org = $1 AND id = ANY($2)");
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let rows = self.rows(&sql, &[&org, &ids]).await?;
        rows.iter().map(|row| raw_row(table, row)).collect()
    }

    /// The references to an object: the field and the id of each referrer.
    pub(crate) async fn refs_to(&mut self, org: &str, id: &Id) -> Result<Vec<(String, Id)>> {
        let sql = "SELECT field, from_id FROM refs WHERE org = $1 AND to_id = $2";
        let rows = self.rows(sql, &[&org, &id.to_string()]).await?;
        rows.iter().map(|row| Ok((get(row, 0)?, stored_id(row, 1)?))).collect()
    }

    /// The object that has a name, and its org; if `org` is `None`, in any org.
    pub(crate) async fn find_name(
        &mut self,
        org: Option<&str>,
        space: &str,
        name: &str,
    ) -> Result<Option<(String, Id)>> {
        let mut sql = "SELECT org, id FROM names WHERE space = $1 AND name = $2".to_owned();
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&space, &name];
        if let Some(org) = &org {
            sql += " AND org = $3";
            parameters.push(org);
        }
        let row = self.row(&sql, &parameters).await?;
        row.map(|row| Ok((get(&row, 0)?, stored_id(&row, 1)?))).transpose()
    }

    /// The last summary of a deleted object.
    pub(crate) async fn tombstone(&mut self, org: &str, id: &Id) -> Result<Option<String>> {
        let sql = "SELECT summary FROM tombstones WHERE org = $1 AND id = $2";
        let row = self.row(sql, &[&org, &id.to_string()]).await?;
        row.map(|row| get(&row, 0)).transpose()
    }

    /// The highest number given out in a series.
    pub(crate) async fn counter(&mut self, org: &str, series: &Series) -> Result<u64> {
        let sql = "SELECT value FROM counters WHERE org = $1 AND kind = $2";
        let row = self.row(sql, &[&org, &series.to_string()]).await?;
        row.map_or(Ok(0), |row| number(&row, 0))
    }

    /// The rows of a statement, whose parameters are `$1`, `$2`, .. in the order of their use.
    pub(crate) async fn ask(&mut self, sql: &str, asked: &[Value]) -> Result<Vec<Vec<Value>>> {
        values(&self.rows(sql, &bound(&boxed(asked))).await?)
    }

    /// The answer kept under an idempotency key.
    pub(crate) async fn stored_answer(
        &mut self,
        org: &str,
        actor: &Id,
        key: &str,
    ) -> Result<Option<StoredAnswer>> {
        let sql = "SELECT request, status, body, revision, expires_at FROM idempotency
                   WHERE org = $1 AND actor = $2 AND key = $3";
        let Some(row) = self.row(sql, &[&org, &actor.to_string(), &key]).await? else {
            return Ok(None);
        };
        let revision: Option<i64> = row.try_get(3).map_err(Error::internal)?;
        Ok(Some(StoredAnswer {
            key: key.to_owned(),
            request: get(&row, 0)?,
            status: u16::try_from(number(&row, 1)?).map_err(Error::internal)?,
            body: get(&row, 2)?,
            revision: revision.map(i64::unsigned_abs),
            expires_at: Timestamp(get(&row, 4)?),
        }))
    }
}

/// Reads a row whose columns are those of [`row_columns`].
pub(super) fn raw_row(table: &Table, row: &Row) -> Result<RawRow> {
    let text = if table.long.is_some() { get(row, ROW_COLUMNS.len())? } else { None };
    let (doc, long) = whole(table, get(row, 7)?, text);
    Ok(RawRow {
        meta: Meta {
            id: stored_id(row, 0)?,
            revision: number(row, 1)?,
            created_at: Timestamp(get(row, 2)?),
            created_by: stored_id(row, 3)?,
            modified_at: Timestamp(get(row, 4)?),
            modified_by: stored_id(row, 5)?,
        },
        doc_version: u16::try_from(number(row, 6)?).map_err(Error::internal)?,
        doc,
        long,
    })
}

pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, at: usize) -> Result<T> {
    row.try_get(at).map_err(Error::internal)
}

pub(super) fn number(row: &Row, at: usize) -> Result<u64> {
    u64::try_from(get::<i64>(row, at)?).map_err(Error::internal)
}

pub(super) fn stored_id(row: &Row, at: usize) -> Result<Id> {
    let text: &str = get(row, at)?;
    text.parse().map_err(|_| Error::Internal(format!("{text:?} is no stored id")))
}
