//! Reading one state of the database, of either kind. Slow paths are boxed, so that the futures of
//! operations stay small.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;
use worksmith_kernel::{Error, RawRow, Result, Table, Value};
use worksmith_wire::{Id, Series};

use crate::batch::StoredAnswer;
use crate::entries::{EntryHit, Looking};
use crate::layout::{Dialect, Sql};
use crate::postgres::PostgresSnapshot;
use crate::sqlite::SqliteSnapshot;
use crate::texts::{put_together, with_text};

/// Reading more rows than this takes longer than other calls should wait.
const MANY: u64 = 1_000;

/// One state of the database.
pub struct Snapshot(State);

/// The same, of either kind.
enum State {
    Sqlite(SqliteSnapshot),
    Postgres(PostgresSnapshot),
}

impl From<SqliteSnapshot> for Snapshot {
    fn from(snapshot: SqliteSnapshot) -> Self {
        Self(State::Sqlite(snapshot))
    }
}

impl From<PostgresSnapshot> for Snapshot {
    fn from(snapshot: PostgresSnapshot) -> Self {
        Self(State::Postgres(snapshot))
    }
}

/// A place among the references to an object; the default is before all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefPlace {
    field: String,
    made_at: i64,
    number: i64,
    from: String,
}

impl Default for RefPlace {
    fn default() -> Self {
        let (field, from) = (String::new(), String::new());
        Self { field, made_at: i64::MIN, number: i64::MIN, from }
    }
}

impl Snapshot {
    pub(crate) const fn dialect(&self) -> Dialect {
        match &self.0 {
            State::Sqlite(_) => Dialect::Sqlite,
            State::Postgres(_) => Dialect::Postgres,
        }
    }

    /// An object of an org.
    pub async fn get(&mut self, table: &Table, org: &str, id: &Id) -> Result<Option<RawRow>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.get(table, org, id),
            State::Postgres(snapshot) => Box::pin(snapshot.get(table, org, id)).await,
        }
    }

    /// Those of these objects that exist.
    pub async fn get_many(&mut self, table: &Table, org: &str, ids: &[&Id]) -> Result<Vec<RawRow>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.get_many(table, org, ids),
            State::Postgres(snapshot) => Box::pin(snapshot.get_many(table, org, ids)).await,
        }
    }

    /// The references to an object: the field and the id of each referrer.
    pub async fn refs_to(&mut self, org: &str, id: &Id) -> Result<Vec<(String, Id)>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.refs_to(org, id),
            State::Postgres(snapshot) => Box::pin(snapshot.refs_to(org, id)).await,
        }
    }

    /// The object that has a name, and its org; `None` looks in all orgs.
    pub async fn find_name(
        &mut self,
        org: Option<&str>,
        space: &str,
        name: &str,
    ) -> Result<Option<(String, Id)>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.find_name(org, space, name),
            State::Postgres(snapshot) => Box::pin(snapshot.find_name(org, space, name)).await,
        }
    }

    /// The last summary of a deleted object, as JSON.
    pub async fn tombstone(&mut self, org: &str, id: &Id) -> Result<Option<String>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.tombstone(org, id),
            State::Postgres(snapshot) => Box::pin(snapshot.tombstone(org, id)).await,
        }
    }

    pub(crate) async fn counter(&mut self, org: &str, series: &Series) -> Result<u64> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.counter(org, series),
            State::Postgres(snapshot) => Box::pin(snapshot.counter(org, series)).await,
        }
    }

    /// All documents of a table, in the order of their numbers: for tables that stay small.
    pub async fn documents(&mut self, table: &Table, org: &str) -> Result<Vec<String>> {
        let columns = with_text("doc".to_owned(), table, table.name);
        let sql = format!("SELECT {columns} FROM {} WHERE org = $1 ORDER BY seq", table.name);
        let rows = self.ask(&sql, &[org.into()]).await?;
        let text = |mut row: Vec<Value>| {
            put_together(table, &mut row, 0);
            match row.into_iter().next() {
                Some(Value::Text(doc)) => Ok(doc),
                _ => Err(Error::internal("a document can't be read")),
            }
        };
        rows.into_iter().map(text).collect()
    }

    /// The references to an object after a place, by their fields and the creation of those that
    /// refer: the place of each, and who refers.
    pub async fn refs_after(
        &mut self,
        (org, to): (&str, &Id),
        after: &RefPlace,
        limit: usize,
    ) -> Result<Vec<(RefPlace, Id)>> {
        let sql = "SELECT field, made_at, number, from_id FROM refs
                   WHERE org = $1 AND to_id = $2
                   AND (field, made_at, number, from_id) > ($3, $4, $5, $6)
                   ORDER BY field, made_at, number, from_id LIMIT $7";
        let RefPlace { field, made_at, number, from } = after;
        let place =
            [field.as_str().into(), (*made_at).into(), (*number).into(), from.as_str().into()];
        let mut values = vec![org.into(), to.into()];
        values.extend(place);
        values.push((limit as u64).into());
        let rows = self.ask(sql, &values).await?;
        let reference = |row: Vec<Value>| match <[Value; 4]>::try_from(row) {
            Ok(
                [
                    Value::Text(field),
                    Value::Integer(made_at),
                    Value::Integer(number),
                    Value::Text(from),
                ],
            ) => {
                let broken = |_| Error::internal("a reference of no object");
                let id = from.parse().map_err(broken)?;
                Ok((RefPlace { field, made_at, number, from }, id))
            }
            _ => Err(Error::internal("a reference can't be read")),
        };
        rows.into_iter().map(reference).collect()
    }

    /// The objects that refer to another one by a field, in the order of their creation.
    pub async fn refs_by(
        &mut self,
        (org, to): (&str, &Id),
        field: &str,
        limit: usize,
    ) -> Result<Vec<Id>> {
        let sql = "SELECT from_id FROM refs WHERE org = $1 AND to_id = $2 AND field = $3
                   ORDER BY made_at, number, from_id LIMIT $4";
        let values = [org.into(), to.into(), field.into(), (limit as u64).into()];
        let from = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(from)) => from.parse().ok(),
            _ => None,
        };
        let broken = || Error::internal("a reference of no object");
        let rows = self.ask(sql, &values).await?;
        rows.into_iter().map(|row| from(row).ok_or_else(broken)).collect()
    }

    /// Fixes the state as it is now, and allows reading all of it to take any length of time.
    pub(crate) async fn hold(&mut self) -> Result<()> {
        // The first statement decides which state is read.
        let sql = match &self.0 {
            State::Sqlite(_) => "SELECT count(*) FROM counters",
            State::Postgres(_) => {
                "SELECT set_config('statement_timeout', '0', true),
                 set_config('idle_in_transaction_session_timeout', '0', true)"
            }
        };
        self.ask(sql, &[]).await.map(drop)
    }

    /// The rows of one of the store's own statements, whose parameters are `$1`, `$2`, .. in order.
    pub(crate) async fn ask(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.ask(sql, values),
            State::Postgres(snapshot) => Box::pin(snapshot.ask(sql, values)).await,
        }
    }

    /// The same for a statement that reads about this many rows. If they are many, other calls go
    /// on meanwhile, although SQLite runs it on the calling thread.
    pub(crate) async fn ask_among(&mut self, sql: &Sql, rows: u64) -> Result<Vec<Vec<Value>>> {
        match &mut self.0 {
            State::Sqlite(snapshot) if rows > MANY => {
                aside(|| snapshot.ask(&sql.text, &sql.values))
            }
            _ => self.ask(&sql.text, &sql.values).await,
        }
    }

    /// The same, or `None` if the statement has read about `entries` entries of an index before it
    /// was done.
    pub(crate) async fn ask_within(
        &mut self,
        sql: &str,
        values: &[Value],
        entries: u64,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.ask_within(sql, values, entries),
            // There, the statement itself contains the budget.
            State::Postgres(snapshot) => Box::pin(snapshot.ask(sql, values)).await.map(Some),
        }
    }

    /// The entries of the search index that are looked for. With SQLite, the index is a file of its
    /// own, and shows what it has by now.
    pub async fn find(&mut self, looking: &Looking<'_>) -> Result<Vec<EntryHit>> {
        if !looking.is_sensible() {
            return Ok(Vec::new());
        }
        match &mut self.0 {
            State::Sqlite(snapshot) => aside(|| snapshot.find(looking)),
            State::Postgres(snapshot) => Box::pin(snapshot.find(looking)).await,
        }
    }

    /// What the database finds wrong with its own file.
    pub(crate) fn integrity(&mut self) -> Result<Vec<String>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.integrity(),
            // It has no such check that every user may run.
            State::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// The answer that is kept for an idempotency key of a user.
    pub async fn stored_answer(
        &mut self,
        org: &str,
        actor: &Id,
        key: &str,
    ) -> Result<Option<StoredAnswer>> {
        match &mut self.0 {
            State::Sqlite(snapshot) => snapshot.stored_answer(org, actor, key),
            State::Postgres(snapshot) => Box::pin(snapshot.stored_answer(org, actor, key)).await,
        }
    }
}

/// Runs slow work where it does not hold up the other tasks of this thread, if there are other
/// threads.
pub(crate) fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(work),
        _ => work(),
    }
}
