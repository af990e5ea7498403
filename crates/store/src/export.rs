//! Writing everything down as lines of JSON, the same whichever database it comes from.

use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use worksmith_kernel::{Error, Result, Value};

use crate::kept::{Kept, tables};
use crate::snapshot::Snapshot;
use crate::sqlite::Progress;
use crate::store::Store;

/// The version of the format.
const VERSION: u8 = 1;

impl Store {
    /// Gives `line` everything that is kept, one object a line: first the version of the format,
    /// then table by table in the order of the keys, last the log of events, org by org in the
    /// order of the commits. What is derived from documents is left out, and so are the numbers of
    /// events, which differ between databases. All of it is of one moment.
    pub async fn export(
        &self,
        line: &mut (dyn FnMut(&str) -> Result<()> + Send),
        progress: Progress<'_>,
    ) -> Result<()> {
        let mut snapshot = self.inner.snapshot()?;
        let tables = tables(&self.inner.registry);
        let tables: Vec<_> = tables.into_iter().filter(|table| !table.is_derived).collect();
        let mut all = 0;
        for table in &tables {
            all += count(&mut snapshot, table.name).await?;
        }
        line(&json!({ "worksmith_export": VERSION }).to_string())?;
        let mut done = 0;
        for table in &tables {
            let mut after = table.beginning();
            // The log is read for each org by itself.
            let orgs = if table.is_log() { orgs(&mut snapshot).await? } else { vec![None] };
            for org in orgs {
                if table.is_log() {
                    after = table.beginning();
                }
                loop {
                    let rows = match &org {
                        Some(org) => log_of(table, &mut snapshot, org, &after).await?,
                        None => table.rows(&mut snapshot, &after).await?,
                    };
                    let Some(last) = rows.last() else { break };
                    after = table.key_of(last);
                    for row in &rows {
                        line(&written(table, row)?)?;
                    }
                    done += rows.len() as u64;
                    progress(done, all);
                }
            }
        }
        Ok(())
    }
}

pub(crate) async fn count(snapshot: &mut Snapshot, table: &str) -> Result<u64> {
    let rows = snapshot.ask(&format!("SELECT count(*) FROM {table}"), &[]).await?;
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Integer(count)) => Ok(count.unsigned_abs()),
        other => Err(Error::internal(format!("{other:?} is no count"))),
    }
}

/// The orgs that have a log.
pub(crate) async fn orgs(snapshot: &mut Snapshot) -> Result<Vec<Option<String>>> {
    let rows = snapshot.ask("SELECT DISTINCT org FROM dev_orgs ORDER BY org", &[]).await?;
    let org = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(org)) => Ok(Some(org)),
        other => Err(Error::internal(format!("{other:?} is no org"))),
    };
    rows.into_iter().map(org).collect()
}

/// The events of an org after one of them.
pub(crate) async fn log_of(
    table: &Kept,
    snapshot: &mut Snapshot,
    org: &str,
    after: &[Value],
) -> Result<Vec<Vec<Value>>> {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let sql = format!(
        "SELECT {} FROM events WHERE org = $1 AND seq > $2 ORDER BY seq LIMIT {}",
        names.join(", "),
        table.page()
    );
    let values = [org.into(), after.get(1).cloned().unwrap_or(Value::Integer(0))];
    snapshot.ask(&sql, &values).await
}

/// A row as a line.
fn written(table: &Kept, row: &[Value]) -> Result<String> {
    let mut members = Map::new();
    members.insert("table".to_owned(), table.name.into());
    let mut doc = None;
    for ((name, _), value) in table.columns[..table.own].iter().zip(row) {
        match (*name, value) {
            ("seq", _) if table.is_log() => {}
            ("doc", Value::Text(text)) => doc = Some(text),
            (name, value) => {
                let value = serde_json::to_value(value).map_err(Error::internal)?;
                members.insert(name.to_owned(), value);
            }
        }
    }
    let line = Json::Object(members).to_string();
    let Some(doc) = doc else { return Ok(line) };
    // The document as it is kept, to the byte.
    let doc: &RawValue = serde_json::from_str(doc).map_err(Error::internal)?;
    Ok(format!("{},\"doc\":{}}}", &line[..line.len() - 1], doc.get()))
}
