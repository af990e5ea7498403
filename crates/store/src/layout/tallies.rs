//! The kept numbers of objects by their values, as they follow from the tables: for filling them
//! anew. Batches keep them up to date (`statements.rs`).

use worksmith_kernel::Table;

use super::ddl::of_noun;

/// The statements that count everything of a table anew.
pub(crate) fn refill(table: &Table) -> Vec<String> {
    let forget = format!("DELETE FROM tallies WHERE kept_in = '{}'", table.name);
    std::iter::once(forget).chain(fill(table)).collect()
}

/// The statement that fills in all tallies of a table, as its rows and references give them. It
/// reads the rows once, since they are long, and counts what it has kept of them.
fn fill(table: &Table) -> Option<String> {
    if table.tallied.is_empty() {
        return None;
    }
    let name = table.name;
    let is_column = |field: &&str| table.columns.iter().any(|column| column.name == *field);
    let (columns, fields): (Vec<&str>, Vec<&str>) =
        table.tallied.iter().copied().partition(is_column);
    let kept = ["org", "id", "kind"].iter().chain(&columns).copied().collect::<Vec<_>>().join(", ");
    let mut all =
        vec![format!("SELECT org, '{name}', '', kind, '', count(*) FROM own GROUP BY org, kind")];
    all.extend(columns.iter().map(|column| {
        format!(
            "SELECT org, '{name}', '{column}', kind, '=' || CAST({column} AS TEXT), count(*)
             FROM own WHERE {column} IS NOT NULL GROUP BY org, kind, {column}"
        )
    }));
    for field in fields {
        all.extend(table.kinds.iter().map(|kind| {
            let (noun, of_kind) = (kind.noun(), of_noun("from_id", kind.noun()));
            format!(
                "SELECT org, '{name}', '{field}', '{noun}', '=' || to_id, count(*) FROM refs
                 WHERE field = '{field}' AND {of_kind} GROUP BY org, to_id"
            )
        }));
        all.push(format!(
            "SELECT own.org, '{name}', '{field}', own.kind, '', count(*) FROM own
             LEFT JOIN (SELECT DISTINCT org, from_id FROM refs WHERE field = '{field}') AS referring
             ON referring.org = own.org AND referring.from_id = own.id
             WHERE referring.from_id IS NULL GROUP BY own.org, own.kind"
        ));
    }
    Some(format!(
        "WITH own AS MATERIALIZED (SELECT {kept} FROM {name})
         INSERT INTO tallies (org, kept_in, field, kind, value, number) {}",
        all.join(" UNION ALL ")
    ))
}
