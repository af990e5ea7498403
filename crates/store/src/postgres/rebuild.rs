//! Bringing the tables up to date, within a transaction: only those that changed, and of them only
//! what changed. Only a few rows are in memory at a time.

use std::collections::BTreeMap;

use tokio_postgres::Row;
use worksmith_kernel::{Error, RawRow, Registry, Result, Value};
use worksmith_wire::Id;

use super::bulk::Bulk;
use super::failed;
use super::reader::{get, number, raw_row};
use super::session::{Session, value};
use crate::batch::RefEntry;
use crate::layout::shape::{self, Change, Derive, Found};
use crate::layout::statements::{Write, insert_name, insert_prop, insert_ref, set_columns};
use crate::layout::{Dialect, Progress, as_kept, ddl, row_columns, tallies};

/// How many rows are in memory at a time.
const ROWS: usize = 250;

/// Brings the tables of the families up to date. With `anew`, everything is derived again, whether
/// it changed or not. The tables that do not depend on the families must exist. `refs_before` is
/// how many references are set aside, if they are.
pub(super) async fn bring_up(
    session: &Session,
    registry: &Registry,
    anew: bool,
    refs_before: Option<u64>,
    progress: Progress<'_>,
) -> Result<()> {
    let found = found(session).await?;
    let mut changes = Vec::new();
    for family in registry.families() {
        let nothing = Found::default();
        let found = found.get(family.table.name).unwrap_or(&nothing);
        let change = Change::of(Dialect::Postgres, family, found);
        changes.push(if anew { change.anew() } else { change });
    }
    let mut all = refs_before.unwrap_or(0);
    if changes.iter().any(|change| change.derive != Derive::Nothing || change.is_tallied_anew) {
        // Every writer locks a row of `logs`.
        run(session, "LOCK TABLE logs IN EXCLUSIVE MODE").await?;
    }
    shape::have_readable_texts(&changes)?;
    for sql in shape::forget(&changes) {
        run(session, &sql).await?;
    }
    for change in &changes {
        all += begin(session, change).await?;
    }
    let mut done = 0;
    for change in &changes {
        let mut progressed = |rows| {
            done += rows;
            progress(done, all);
        };
        derive(session, change, &mut progressed).await?;
        let rows = if change.reindexed() > 0 { count(session, change).await? } else { 0 };
        let table = change.family.table;
        for (index, sql) in ddl::indexes(table).zip(ddl::create_indexes(table)) {
            run(session, &sql).await?;
            if rows > 0 && change.obsolete.contains(&index.name) {
                progressed(rows);
            }
        }
        if refs_before.is_some() && change.derive != Derive::Everything && !change.is_new {
            let taken = session.client.execute(&shape::take_over_refs(table), &[]).await;
            progressed(taken.map_err(|cause| failed(&cause))?);
        }
    }
    if refs_before.is_some() {
        run(session, &format!("DROP TABLE {}", shape::REFS_BEFORE)).await?;
    }
    for change in changes.iter().filter(|change| change.is_tallied_anew) {
        for sql in tallies::refill(change.family.table) {
            run(session, &sql).await?;
        }
    }
    for (sql, values) in shape::note(registry)? {
        ask(session, sql, &values).await?;
    }
    Ok(())
}

async fn run(session: &Session, sql: &str) -> Result<()> {
    session.client.batch_execute(sql).await.map_err(|cause| failed(&cause))
}

async fn ask(session: &Session, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
    session.ask(sql, values).await.map_err(|cause| failed(&cause))
}

/// The tables as they are in the database.
async fn found(session: &Session) -> Result<BTreeMap<String, Found>> {
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    let columns = "SELECT table_name::text, column_name::text, data_type::text
                   FROM information_schema.columns WHERE table_schema = current_schema()
                   ORDER BY table_name, ordinal_position";
    for row in ask(session, columns, &[]).await? {
        let table = all.entry(get(&row, 0)?).or_default();
        table.columns.push((get(&row, 1)?, get(&row, 2)?));
    }
    let indexes = "SELECT tablename::text, indexname::text FROM pg_indexes
                   WHERE schemaname = current_schema()";
    for row in ask(session, indexes, &[]).await? {
        all.entry(get(&row, 0)?).or_default().indexes.push(get(&row, 1)?);
    }
    for row in ask(session, shape::NOTED, &[]).await? {
        if let Some(found) = all.get_mut(get::<&str>(&row, 0)?) {
            found.noted = Some(get(&row, 1)?);
        }
    }
    Ok(all)
}

/// Creates a table if it is new; otherwise removes and adds what differs, except for values.
/// Returns how many documents are to be read, and entries of changed indexes to be made.
async fn begin(session: &Session, change: &Change<'_>) -> Result<u64> {
    let (table, name) = (change.family.table, change.family.table.name);
    for index in &change.obsolete {
        run(session, &format!("DROP INDEX {index}")).await?;
    }
    for column in &change.lost {
        run(session, &format!("ALTER TABLE {name} DROP COLUMN {column}")).await?;
    }
    for column in &change.gained {
        let sql = format!("ALTER TABLE {name} ADD COLUMN {}", ddl::declared(*column));
        run(session, &Dialect::Postgres.ddl(&sql)).await?;
    }
    if change.is_new {
        run(session, &Dialect::Postgres.ddl(&ddl::create_table(table))).await?;
    }
    let entries = match change.reindexed() {
        0 => 0,
        indexes => indexes * count(session, change).await?,
    };
    if change.derive == Derive::Nothing {
        return Ok(entries);
    }
    if change.derive == Derive::Everything {
        // Building them once is cheaper than maintaining them for every row.
        for index in ddl::indexes(table) {
            run(session, &format!("DROP INDEX IF EXISTS {}", index.name)).await?;
        }
    }
    Ok(entries + count(session, change).await?)
}

async fn count(session: &Session, change: &Change<'_>) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM {}", change.family.table.name);
    ask(session, &sql, &[]).await?.first().map_or(Ok(0), |row| number(row, 0))
}

/// A document with its org, and the values of the columns beside it.
type Document = (String, RawRow, Vec<Value>);

async fn derive(
    session: &Session,
    change: &Change<'_>,
    derived: &mut (dyn FnMut(u64) + Send),
) -> Result<()> {
    if change.derive == Derive::Nothing {
        return Ok(());
    }
    let mut after = (String::new(), String::new());
    loop {
        let rows = rows_after(session, change, &after).await?;
        let Some((org, row, _)) = rows.last() else { return Ok(()) };
        after = (org.clone(), row.meta.id.to_string());
        put(session, change, &rows).await?;
        derived(rows.len() as u64);
    }
}

/// The next documents of a table.
async fn rows_after(
    session: &Session,
    change: &Change<'_>,
    (org, id): &(String, String),
) -> Result<Vec<Document>> {
    let table = change.family.table;
    let kept = table.stored_columns().map(|column| column.name);
    let columns: Vec<_> = ["org"].into_iter().chain(kept).collect();
    let sql = format!(
        "SELECT {}, {} FROM {} WHERE (org, id) > ($1, $2) ORDER BY org, id LIMIT {ROWS}",
        row_columns(table, table.name),
        columns.join(", "),
        table.name
    );
    let rows = ask(session, &sql, &[org.as_str().into(), id.as_str().into()]).await?;
    let document = |row: &Row| {
        let org = row.len() - columns.len();
        let kept = (org + 1..row.len()).map(|at| value(row, at));
        Ok((get(row, org)?, raw_row(table, row)?, kept.collect::<Result<_>>()?))
    };
    rows.iter().map(document).collect()
}

/// Writes what is derived from some documents. If only columns are derived again, rows whose values
/// are right already are not written.
async fn put(session: &Session, change: &Change<'_>, rows: &[Document]) -> Result<()> {
    let (family, is_whole) = (change.family, change.derive == Derive::Everything);
    let table = family.table;
    let mut writes: Vec<Write> = Vec::new();
    for (org, raw, kept) in rows {
        let derived = (family.derive)(raw)?;
        let id: &Id = &raw.meta.id;
        let columns = derived.stored_values(table, &raw.meta);
        let as_kept =
            table.stored_columns().zip(&columns).map(|(column, value)| as_kept(value, column.kind));
        if is_whole || !as_kept.eq(kept.iter().cloned()) {
            writes.push(set_columns(org, table, &raw.meta, columns));
        }
        if !is_whole {
            continue;
        }
        let refs = RefEntry::all_of(table, &derived);
        writes.extend(refs.iter().map(|entry| insert_ref(org, &raw.meta, entry)));
        let props = derived.props.iter();
        writes.extend(props.map(|prop| insert_prop(org, table, &raw.meta, prop)));
        for (space, _, name) in &derived.names {
            writes.push(insert_name(org, id, space, name));
        }
    }
    let rows = Bulk::of(writes);
    rows.write(session).await.map_err(|cause| match failed(&cause) {
        Error::Stale => Error::internal(format!("two objects claim one name: {cause:?}")),
        other => other,
    })
}
