//! Writing many rows at once: a statement for each shape of row, with an array for each column, so
//! that the cost of a statement is paid once for all rows that are written together.
//!
//! In a group of batches that may be written together, each row is written only once, but a name
//! may be claimed that another object gives up. So all deletions come first.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error as Fault, Statement};
use worksmith_kernel::{ColumnType, Value};

use super::session::Session;
use crate::layout::statements::{Shape, What, Write};

#[derive(Debug)]
enum Array {
    Integers(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

impl Array {
    const fn of(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Integer => Self::Integers(Vec::new()),
            ColumnType::Real => Self::Reals(Vec::new()),
            ColumnType::Text => Self::Texts(Vec::new()),
        }
    }

    /// A value whose type differs from that of the column becomes null. Families declare their
    /// types once, and `check` would report the difference.
    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Integers(all), Value::Integer(integer)) => all.push(Some(integer)),
            (Self::Integers(all), _) => all.push(None),
            (Self::Reals(all), Value::Real(real)) => all.push(Some(real)),
            #[expect(clippy::cast_precision_loss, reason = "as SQLite does it in such a column")]
            (Self::Reals(all), Value::Integer(integer)) => all.push(Some(integer as f64)),
            (Self::Reals(all), _) => all.push(None),
            (Self::Texts(all), Value::Text(text)) => all.push(Some(text)),
            (Self::Texts(all), _) => all.push(None),
        }
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Integers(all) => all,
            Self::Reals(all) => all,
            Self::Texts(all) => all,
        }
    }
}

struct Rows {
    shape: Shape,
    sql: String,
    columns: Vec<Array>,
    count: u64,
    must_be: bool,
}

/// Everything that is written at once.
pub(super) struct Bulk(Vec<Rows>);

impl Bulk {
    pub(super) fn of(writes: Vec<Write>) -> Self {
        let mut all: BTreeMap<(What, String), Rows> = BTreeMap::new();
        for Write { shape, values, must_be } in writes {
            let sql = shape.of_many();
            let rows = all.entry((shape.what, sql.clone())).or_insert_with(|| Rows {
                columns: shape.columns().map(Array::of).collect(),
                shape,
                sql,
                count: 0,
                must_be,
            });
            for (column, value) in rows.columns.iter_mut().zip(values) {
                column.push(value);
            }
            rows.count += 1;
        }
        Self(all.into_values().collect())
    }

    /// Prepares the statements, in the order in which they are to run.
    pub(super) async fn prepare(&self, session: &Session) -> Result<Vec<Statement>, Fault> {
        let mut prepared = Vec::with_capacity(self.0.len());
        for rows in &self.0 {
            prepared.push(session.prepare(&rows.sql).await?);
        }
        Ok(prepared)
    }

    /// The requests to be sent.
    pub(super) fn requests<'a>(
        &'a self,
        session: &'a Session,
        prepared: &'a [Statement],
    ) -> Vec<BoxFuture<'a, Result<u64, Fault>>> {
        let request = |(rows, statement): (&'a Rows, &'a Statement)| {
            let parameters: Vec<_> = rows.columns.iter().map(Array::parameter).collect();
            async move { session.client.execute(statement, &parameters).await }.boxed()
        };
        self.0.iter().zip(prepared).map(request).collect()
    }

    /// What is wrong with the numbers of changed rows, if anything.
    pub(super) fn fault(&self, changed: &[u64]) -> Option<String> {
        let mut both = self.0.iter().zip(changed);
        let (rows, changed) =
            both.find(|(rows, changed)| rows.must_be && rows.count != **changed)?;
        let Shape { what, table, .. } = &rows.shape;
        Some(format!("{what:?} of {} rows of {table} changed {changed}", rows.count))
    }

    /// Writes everything, within a transaction.
    pub(super) async fn write(&self, session: &Session) -> Result<(), Fault> {
        let prepared = self.prepare(session).await?;
        for answer in super::session::pipelined(self.requests(session, &prepared)).await {
            answer?;
        }
        Ok(())
    }
}
