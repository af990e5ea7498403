//! Copying what is kept, a page at a time: one task reads and derives, another one writes.

use std::sync::Arc;

use tokio::sync::mpsc;
use worksmith_kernel::{Error, Family, Registry, Result, Value};

use super::target::Target;
use super::{MoveError, Note, Step, Steps};
use crate::batch::RefEntry;
use crate::dump::export::describe;
use crate::dump::{self, Part};
use crate::layout::statements::{
    prop_columns, prop_row, ref_columns, ref_row, text_columns, text_row,
};
use crate::layout::{Dialect, Rows, Statement, raw_row};
use crate::snapshot::Snapshot;
use crate::texts::{Apart, TEXTS};

/// How many pages may wait to be written.
const WAITING: usize = 2;

/// What is written in one transaction.
pub(crate) struct Page {
    pub(crate) rows: Vec<Rows>,
    pub(crate) writes: Vec<Statement>,
    pub(crate) note: Note,
}

/// Copies what the note says is not yet copied. Returns the snapshot that was read.
pub(super) async fn copy(
    source: Snapshot,
    target: &Target,
    registry: &Registry,
    note: Note,
    rows_max: usize,
    steps: Steps<'_>,
) -> Result<Snapshot, MoveError> {
    let (pages, mut waiting) = mpsc::channel(WAITING);
    let (sized, size) = tokio::sync::oneshot::channel();
    let parts = Arc::new(dump::parts(registry));
    let mut reading = Reading { source, parts, dialect: target.dialect(), note, rows_max, pages };
    let reader = tokio::spawn(async move {
        let all = reading.count().await?;
        let _ = sized.send(all);
        reading.everything().await
    });
    let all = size.await.unwrap_or(0);
    while let Some(Page { rows, writes, note }) = waiting.recv().await {
        target.add(&rows, writes, &note).await?;
        steps(Step::Rows, note.rows, all.max(note.rows));
    }
    let read = reader.await.map_err(Error::internal)?;
    Ok(read?)
}

struct Reading {
    source: Snapshot,
    parts: Arc<Vec<Part>>,
    dialect: Dialect,
    note: Note,
    rows_max: usize,
    pages: mpsc::Sender<Page>,
}

impl Reading {
    async fn count(&mut self) -> Result<u64> {
        let mut all = 0;
        for part in self.parts.iter() {
            all += dump::count(&mut self.source, part).await?;
        }
        Ok(all)
    }

    async fn everything(mut self) -> Result<Snapshot> {
        let parts = Arc::clone(&self.parts);
        let begun = self.note.clone();
        let at = parts.iter().position(|part| part.table == begun.table).unwrap_or(0);
        for org in dump::orgs(&mut self.source, &parts).await? {
            // Everything before the note is written.
            if org < begun.org {
                continue;
            }
            for (place, part) in parts.iter().enumerate() {
                let after = match org == begun.org {
                    true if place < at => continue,
                    true if place == at => Some(begun.after.clone()),
                    _ => None,
                };
                if !self.part(&org, part, after).await? {
                    return Ok(self.source);
                }
            }
        }
        Ok(self.source)
    }

    /// Reads a part of an org. Returns false if the writer takes no more pages.
    async fn part(&mut self, org: &str, part: &Part, after: Option<Vec<Value>>) -> Result<bool> {
        let mut pages = part.pages(org, after).of(self.rows_max);
        loop {
            let rows = pages.next(&mut self.source).await?;
            if rows.is_empty() {
                return Ok(true);
            }
            let page = page_of(part, self.dialect, &mut self.note, rows)?;
            if self.pages.send(page).await.is_err() {
                return Ok(false);
            }
        }
    }
}

/// Rows of a part of an org, with what is written beside them, and the updated note.
pub(crate) fn page_of(
    part: &Part,
    dialect: Dialect,
    note: &mut Note,
    rows: Vec<Vec<Value>>,
) -> Result<Page> {
    if let Some(last) = rows.last() {
        if last.first() != Some(&note.org.as_str().into()) || note.table != part.table {
            note.events = 0;
        }
        if let Some(Value::Text(org)) = last.first() {
            note.org.clone_from(org);
        }
        note.after = part.key_of(last);
    }
    part.table.clone_into(&mut note.table);
    note.rows += rows.len() as u64;
    let first = note.events + 1;
    if part.is_log() {
        note.events += rows.len() as u64;
    }
    let (rows, writes) = match (&part.family, part.is_log()) {
        (Some(family), _) => (documents(part, family, rows)?, Vec::new()),
        (None, true) => events(part, dialect, note, rows, first),
        (None, false) => {
            let columns = part.names();
            (vec![Rows { table: part.table, columns, rows }], Vec::new())
        }
    };
    Ok(Page { rows, writes, note: note.clone() })
}

/// Events, numbered as the target does: PostgreSQL numbers those of each org without gaps and keeps
/// the number of the last one, SQLite numbers all events itself.
fn events(
    part: &Part,
    dialect: Dialect,
    note: &Note,
    mut rows: Vec<Vec<Value>>,
    first: u64,
) -> (Vec<Rows>, Vec<Statement>) {
    let (mut columns, number) = (part.names(), part.key.first().copied().unwrap_or(0));
    match dialect {
        Dialect::Sqlite => {
            columns.remove(number);
            for row in &mut rows {
                row.remove(number);
            }
            (vec![Rows { table: part.table, columns, rows }], Vec::new())
        }
        Dialect::Postgres => {
            for (row, seq) in rows.iter_mut().zip(first..) {
                row[number] = seq.into();
            }
            let sql = "INSERT INTO logs (org, seq) VALUES ($1, $2)
                       ON CONFLICT (org) DO UPDATE SET seq = excluded.seq";
            let values = vec![note.org.as_str().into(), note.events.into()];
            let last = Statement { sql: sql.to_owned(), values };
            (vec![Rows { table: part.table, columns, rows }], vec![last])
        }
    }
}

/// Documents with the texts that they have apart, and what they imply: columns, references, names,
/// values of custom fields.
fn documents(part: &Part, family: &Family, mut rows: Vec<Vec<Value>>) -> Result<Vec<Rows>> {
    let (mut refs, mut names, mut props) = (Vec::new(), Vec::new(), Vec::new());
    let (mut texts, doc) = (Vec::new(), part.columns.len() - 1);
    for row in &mut rows {
        let broken = |cause| match cause {
            Error::Internal(cause) => {
                Error::Internal(format!("{} can't be read: {cause}", describe(part, row)))
            }
            other => other,
        };
        let raw = raw_row(row).map_err(broken)?;
        let derived = (family.derive)(&raw).map_err(broken)?;
        let (org, id) = (row[0].clone(), &raw.meta.id);
        for (space, _, name) in &derived.names {
            names.push(vec![(*space).into(), name.as_str().into(), org.clone(), id.into()]);
        }
        if let Value::Text(org) = &org {
            let own = derived.props.iter();
            props.extend(own.map(|prop| prop_row(org, family.table, &raw.meta, prop)));
            let entries = RefEntry::all_of(family.table, &derived);
            refs.extend(entries.iter().map(|entry| ref_row(org, &raw.meta, entry)));
            let apart = Apart::of(family.table, None, &raw.doc);
            if let Apart::Text { at, .. } = &apart {
                texts.push(text_row(org, id, &raw.doc[at.clone()]));
                row[doc] = apart.kept(&raw.doc).into();
            }
        }
        row.extend(derived.stored_values(family.table, &raw.meta));
    }
    let mut columns = part.names();
    columns.extend(family.table.stored_columns().map(|column| column.name));
    Ok(vec![
        Rows { table: part.table, columns, rows },
        Rows { table: TEXTS, columns: text_columns(), rows: texts },
        Rows { table: "refs", columns: ref_columns(), rows: refs },
        Rows { table: "names", columns: vec!["space", "name", "org", "id"], rows: names },
        Rows { table: "props", columns: prop_columns(), rows: props },
    ])
}
