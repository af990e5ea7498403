//! Writing everything that is kept as lines of JSON, the same for either database.

use std::fmt;
use std::io::{self, Write};

use serde_json::value::RawValue;
use worksmith_kernel::{Error, Registry, Result, Value};

use super::{Part, Shown, count, orgs, parts};
use crate::layout::Progress;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// The version of the export format.
const VERSION: u32 = 1;

/// What an export wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The number of orgs.
    pub orgs: u64,
    /// The number of objects of all orgs.
    pub objects: u64,
    /// The number of events.
    pub events: u64,
    /// The number of lines, including the first and the last one.
    pub lines: u64,
}

/// Why an export ended early.
#[derive(Debug)]
pub enum ExportError {
    /// The output takes no more.
    Output(io::Error),
    /// The database, or something in it, can't be read.
    Store(Error),
}

impl From<io::Error> for ExportError {
    fn from(cause: io::Error) -> Self {
        Self::Output(cause)
    }
}

impl From<Error> for ExportError {
    fn from(cause: Error) -> Self {
        Self::Store(cause)
    }
}

impl Store {
    /// Writes one state of everything that is kept and not derived: first a line with the version
    /// of the format; then, for each org in the order of their ids, the documents of each table,
    /// the counters, the tombstones, the answers kept for idempotency keys, and the events in the
    /// order in which they happened; last a line that marks the export as complete. Only a page of
    /// rows is in memory at a time.
    pub async fn export(
        &self,
        to: &mut dyn Write,
        progress: Progress<'_>,
    ) -> Result<Exported, ExportError> {
        let mut snapshot = self.inner.snapshot()?;
        snapshot.hold().await?;
        export(&mut snapshot, &self.inner.registry, to, progress).await
    }
}

/// Writes what a snapshot contains.
pub(crate) async fn export(
    snapshot: &mut Snapshot,
    registry: &Registry,
    to: &mut dyn Write,
    progress: Progress<'_>,
) -> Result<Exported, ExportError> {
    let parts = parts(registry);
    let mut all = 0;
    for part in &parts {
        all += count(snapshot, part).await?;
    }
    writeln!(to, "{{\"format\":\"worksmith-export\",\"version\":{VERSION}}}")?;
    let (mut done, mut exported) = (0, Exported::default());
    let mut line = Vec::new();
    for org in orgs(snapshot, &parts).await? {
        exported.orgs += 1;
        for part in &parts {
            let mut pages = part.pages(&org, None);
            loop {
                let rows = pages.next(snapshot).await?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    line.clear();
                    write_row(&mut line, part, row)?;
                    to.write_all(&line)?;
                }
                let rows = rows.len() as u64;
                exported.objects += if part.family.is_some() { rows } else { 0 };
                exported.events += if part.is_log() { rows } else { 0 };
                done += rows;
                progress(done, all);
            }
        }
    }
    exported.lines = done + 2;
    writeln!(to, "{{\"end\":true,\"lines\":{}}}", exported.lines)?;
    to.flush()?;
    Ok(exported)
}

fn write_row(line: &mut Vec<u8>, part: &Part, row: &[Value]) -> Result<()> {
    line.extend_from_slice(b"{\"table\":");
    write_json(line, part.table)?;
    for ((name, shown), value) in part.columns.iter().zip(row) {
        let (member, is_json) = match shown {
            Shown::As(member) => (member, false),
            Shown::Json(member) => (member, true),
            Shown::Not => continue,
        };
        line.push(b',');
        write_json(line, member)?;
        line.push(b':');
        match value {
            Value::Text(text) if is_json => {
                let json = verbatim(text).map_err(|cause| {
                    Error::Internal(format!("{name} of {} {cause}", describe(part, row)))
                })?;
                line.extend_from_slice(json);
            }
            value => write_json(line, value)?,
        }
    }
    line.extend_from_slice(b"}\n");
    Ok(())
}

fn write_json(line: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) -> Result<()> {
    serde_json::to_writer(line, value).map_err(Error::internal)
}

/// A stored text of JSON, which must be a single line.
fn verbatim(text: &str) -> Result<&[u8], String> {
    if text.contains(['\n', '\r']) {
        return Err("has several lines".to_owned());
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Ok(text.as_bytes()),
        Err(cause) => Err(format!("is no JSON: {cause}")),
    }
}

/// How a row is named in messages.
pub(crate) fn describe(part: &Part, row: &[Value]) -> impl fmt::Display {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(integer) => integer.to_string(),
        other => format!("{other:?}"),
    };
    let org = row.first().map(text).unwrap_or_default();
    let key: Vec<_> = part.key_of(row).iter().map(text).collect();
    format!("{} {} of org {org}", part.table, key.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_is_embedded_as_it_stands() {
        let parts = parts(&Registry::default());
        let tombstones = parts.iter().find(|part| part.table == "tombstones").unwrap();
        let row = |summary: &str| -> Vec<Value> {
            vec!["home".into(), "issue/1".into(), 7_i64.into(), summary.into()]
        };
        let mut line = Vec::new();
        write_row(&mut line, tombstones, &row("{ \"n\": 1.50, \"t\": \"\\u00fc\" }")).unwrap();
        let expected = "{\"table\":\"tombstones\",\"org\":\"home\",\"id\":\"issue/1\",\
                        \"deleted_at\":7,\"summary\":{ \"n\": 1.50, \"t\": \"\\u00fc\" }}\n";
        assert_eq!(String::from_utf8(line).unwrap(), expected);
        for broken in ["{", "", "{\n}", "1 2"] {
            let refused = write_row(&mut Vec::new(), tombstones, &row(broken)).unwrap_err();
            let refused = format!("{refused:?}");
            assert!(refused.contains("summary of tombstones issue/1 of org home"), "{refused}");
        }
    }

    #[test]
    fn events_are_shown_without_their_numbers() {
        let parts = parts(&Registry::default());
        let events = parts.iter().find(|part| part.is_log()).unwrap();
        let mut row: Vec<Value> = vec!["home".into(), 42_i64.into(), 7_i64.into()];
        row.extend(["sysu/1", "ü \"1\"", "issue", "issue/1", "created"].map(Value::from));
        row.extend([1_i64.into(), Value::Null]);
        let mut line = Vec::new();
        write_row(&mut line, events, &row).unwrap();
        let expected = "{\"table\":\"events\",\"org\":\"home\",\"at\":7,\"actor\":\"sysu/1\",\
                        \"request_id\":\"ü \\\"1\\\"\",\"kind\":\"issue\",\"id\":\"issue/1\",\
                        \"verb\":\"created\",\"revision\":1,\"old\":null}\n";
        assert_eq!(String::from_utf8(line).unwrap(), expected);
    }
}
