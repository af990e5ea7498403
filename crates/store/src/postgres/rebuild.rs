//! Making everything that is derived from the documents anew, in one transaction, in which nobody
//! else writes. In memory are only a few rows at a time.

use crate::store::Registry;
use worksmith_kernel::{Error, Family, RawRow, Result};
use worksmith_wire::Id;

use super::bulk::Bulk;
use super::failed;
use super::reader::{get, raw_row};
use super::session::Session;
use crate::ddl;
use crate::select::ROW_COLUMNS;
use crate::sqlite::Progress;
use crate::statements::{insert_name, insert_prop, insert_ref, set_columns};

/// So many rows are in memory at once.
const ROWS: usize = 250;

/// Makes everything derived anew.
pub(super) async fn rebuild(
    session: &Session,
    registry: &Registry,
    progress: Progress<'_>,
) -> Result<()> {
    run(session, "BEGIN; SET LOCAL statement_timeout = 0").await?;
    let done = within(session, registry, progress).await;
    run(session, if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    done
}

async fn run(session: &Session, sql: &str) -> Result<()> {
    session.client.batch_execute(sql).await.map_err(|cause| failed(&cause))
}

/// The same within a transaction that has begun.
pub(super) async fn within(
    session: &Session,
    registry: &Registry,
    progress: Progress<'_>,
) -> Result<()> {
    // Whoever writes holds a row of `logs`.
    run(session, "LOCK TABLE logs IN EXCLUSIVE MODE").await?;
    run(session, "DELETE FROM refs; DELETE FROM names; DELETE FROM props").await?;
    let (mut done, mut all) = (0, 0);
    for family in registry.families() {
        let sql = format!("SELECT count(*) FROM {}", family.table.name);
        let rows = session.ask(&sql, &[]).await.map_err(|cause| failed(&cause))?;
        all += rows.first().map_or(Ok(0), |row| super::number(row, 0))?;
    }
    for family in registry.families() {
        for index in ddl::indexes(family.table) {
            run(session, &format!("DROP INDEX IF EXISTS {}", index.name)).await?;
        }
        let mut after = (String::new(), String::new());
        loop {
            let rows = rows_after(session, family, &after).await?;
            let Some((org, row)) = rows.last() else { break };
            after = (org.clone(), row.meta.id.to_string());
            put(session, family, &rows).await?;
            done += rows.len() as u64;
            progress(done, all);
        }
        for sql in ddl::create_indexes(family.table) {
            run(session, &sql).await?;
        }
    }
    Ok(())
}

/// The next documents of a table, each with its org.
async fn rows_after(
    session: &Session,
    family: &Family,
    (org, id): &(String, String),
) -> Result<Vec<(String, RawRow)>> {
    let sql = format!(
        "SELECT {}, org FROM {} WHERE (org, id) > ($1, $2) ORDER BY org, id LIMIT {ROWS}",
        ROW_COLUMNS.join(", "),
        family.table.name
    );
    let asked = [org.as_str().into(), id.as_str().into()];
    let rows = session.ask(&sql, &asked).await.map_err(|cause| failed(&cause))?;
    rows.iter().map(|row| Ok((get(row, ROW_COLUMNS.len())?, raw_row(row)?))).collect()
}

/// Derives what belongs to some documents.
async fn put(session: &Session, family: &Family, rows: &[(String, RawRow)]) -> Result<()> {
    let mut writes = Vec::new();
    for (org, raw) in rows {
        let derived = (family.derive)(raw)?;
        let id: &Id = &raw.meta.id;
        let columns = derived.kept(family.table, &raw.meta);
        writes.push(set_columns(org, family.table, &raw.meta, columns));
        writes.extend(derived.refs.iter().map(|(field, to)| insert_ref(org, id, field, to)));
        let props = derived.props.iter();
        writes.extend(props.map(|prop| insert_prop(org, family.table, &raw.meta, prop)));
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
